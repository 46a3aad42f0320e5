package ledger

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
	"unicode/utf8"
)

var rooms = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// decodeStatement is Strict for a statement.
func decodeStatement(payload []byte) (Statement, error) {
	room := rooms.Get().(*bytes.Buffer)
	defer rooms.Put(room)
	if st, ok := readStatement(payload, room); ok {
		return st, nil
	}
	var st Statement
	return st, Strict(payload, &st)
}

// readStatement reads a statement in canonical form, quickly. What it accepts,
// Strict accepts, and as the same statement; what it does not, such as any text
// with an escape outside the body, is for Strict to judge. The body is decoded
// where its type is known.
func readStatement(payload []byte, room *bytes.Buffer) (st Statement, ok bool) {
	if len(payload) > maxStatement || !utf8.Valid(payload) {
		return st, false
	}
	r := quickReader{rest: payload}
	st.At = r.text(`{"at":`)
	r.literal(`,"body":`)
	// Inside a text the quotes are escaped: only the field itself is found, unless
	// it is in the body, and then what follows is not the rest of a statement.
	end := bytes.LastIndex(r.rest, []byte(`,"gov":"`))
	if r.bad || end < 0 {
		return st, false
	}
	body := r.rest[:end]
	r.rest = r.rest[end:]
	st.Gov, st.Key, st.Log, st.Prev = r.text(`,"gov":`), r.text(`,"key":`), r.text(`,"log":`), r.text(`,"prev":`)
	st.Seen = r.texts(`,"seen":[`)
	st.Seq = r.number(`,"seq":`)
	st.Subj, st.Type, st.Ws = r.text(`,"subj":`), r.text(`,"type":`), r.text(`,"ws":`)
	r.literal("}")
	if r.bad || len(r.rest) > 0 {
		return st, false
	}
	room.Reset()
	if err := json.Compact(room, body); err != nil || !bytes.Equal(room.Bytes(), body) {
		return st, false
	}
	st.Body = json.RawMessage(bytes.Clone(body))
	return st, true
}

// A quickReader reads one known form from the front, and is bad once something
// else comes.
type quickReader struct {
	rest []byte
	bad  bool
}

func (r *quickReader) literal(s string) {
	if r.bad || len(r.rest) < len(s) || string(r.rest[:len(s)]) != s {
		r.bad = true
		return
	}
	r.rest = r.rest[len(s):]
}

// text reads a text after its name; only one that has no escapes.
func (r *quickReader) text(name string) string {
	r.literal(name)
	return r.quoted()
}

func (r *quickReader) quoted() string {
	r.literal(`"`)
	if r.bad {
		return ""
	}
	for i, c := range r.rest {
		switch {
		case c == '"':
			s := string(r.rest[:i])
			r.rest = r.rest[i+1:]
			return s
		case c == '\\' || c < ' ':
			r.bad = true
			return ""
		}
	}
	r.bad = true
	return ""
}

func (r *quickReader) texts(name string) []string {
	r.literal(name)
	out := []string{}
	for !r.bad {
		if len(r.rest) > 0 && r.rest[0] == ']' {
			r.rest = r.rest[1:]
			return out
		}
		if len(out) > 0 {
			r.literal(",")
		}
		out = append(out, r.quoted())
	}
	return out
}

// number reads a whole number in the one form that it has.
func (r *quickReader) number(name string) int64 {
	r.literal(name)
	n := 0
	for n < len(r.rest) && n < 16 && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	v, err := strconv.ParseInt(string(r.rest[:n]), 10, 64)
	if err != nil || v > maxInteger || n > 1 && r.rest[0] == '0' {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}
