package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"countersign/backend/governance"
)

// The media types that keep an act from being read as a revision and back:
// they are part of what is hashed and signed.
const (
	ActMedia     = "application/vnd.countersign.act+json;v=1"
	RequestMedia = "application/vnd.countersign.request-revision+json;v=1"
	RecordMedia  = "application/vnd.countersign.record-revision+json;v=1"
)

// Sizes that are read at most, in bytes.
const (
	maxStatement = 1 << 20
	maxRevision  = 16 << 20
)

// maxInteger is the largest whole number that every JSON reader keeps exactly
// (RFC 8785, section 3.2.2.3; RFC 7493, section 2.2).
const maxInteger = 1<<53 - 1

// ErrNotCanonical says that bytes are not the one form that a value has.
var ErrNotCanonical = errors.New("not in canonical form")

// Canonical returns the one JSON form of v, as RFC 8785 has it. It takes plain
// structs whose fields stand in alphabetical order, slices, strings, booleans
// and whole numbers; floats, maps, pointers and text that is not UTF-8 are
// refused. A nil slice has the form of an empty one. A field with the option
// omitempty is left out while it is empty, false or zero: a struct can get such
// a field later, and what was signed before keeps its bytes. Written empty it
// is not in canonical form.
func Canonical(v any) ([]byte, error) {
	return appendValue(make([]byte, 0, 512), reflect.ValueOf(v))
}

var rawType = reflect.TypeFor[json.RawMessage]()

func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return nil, errors.New("canonical form: there is no value")
	}
	if v.Type() == rawType {
		return appendRaw(b, v.Bytes())
	}
	switch v.Kind() {
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n > maxInteger || n < -maxInteger {
			return nil, fmt.Errorf("canonical form: the number %d is too large", n)
		}
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Slice:
		return appendSlice(b, v)
	case reflect.Struct:
		return appendStruct(b, v)
	default:
		return nil, fmt.Errorf("canonical form: a value of type %s has none", v.Type())
	}
}

func appendSlice(b []byte, v reflect.Value) ([]byte, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return nil, errors.New("canonical form: bytes have none")
	}
	var err error
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	heads, err := headsOf(v.Type())
	if err != nil {
		return nil, err
	}
	b = append(b, '{')
	for i, first := 0, true; i < len(heads); i++ {
		if heads[i].optional && isEmpty(v.Field(i)) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, heads[i].name...)
		if b, err = appendValue(b, v.Field(i)); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// isEmpty is what encoding/json means by omitempty, for the kinds of fields
// that headsOf lets have it.
func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}

// A fieldHead is what stands before a field's value: its name and the colon.
type fieldHead struct {
	name     string
	optional bool
}

// structHeads remembers the heads of a struct's fields by type.
var structHeads sync.Map

func headsOf(t reflect.Type) ([]fieldHead, error) {
	if known, ok := structHeads.Load(t); ok {
		return known.([]fieldHead), nil
	}
	heads, last := make([]fieldHead, t.NumField()), ""
	for i := range heads {
		f := t.Field(i)
		name, optional := strings.CutSuffix(f.Tag.Get("json"), ",omitempty")
		if !f.IsExported() || name == "" || strings.ContainsAny(name, ",-") || name <= last || optional && !mayBeLeftOut(f.Type) {
			return nil, fmt.Errorf("canonical form: field %s of %s is not a plain field in alphabetical order", f.Name, t)
		}
		last, heads[i] = name, fieldHead{`"` + name + `":`, optional}
	}
	structHeads.Store(t, heads)
	return heads, nil
}

// mayBeLeftOut reports whether a field of the type can have omitempty: of a
// struct nobody could say what empty is.
func mayBeLeftOut(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Slice, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return t != rawType
	default:
		return false
	}
}

// appendRaw takes a part that is canonical already, such as a statement's
// body. Who decodes the part checks it again with its type.
func appendRaw(b, raw []byte) ([]byte, error) {
	var tight bytes.Buffer
	if err := json.Compact(&tight, raw); err != nil || !utf8.Valid(raw) || !bytes.Equal(tight.Bytes(), raw) {
		return nil, ErrNotCanonical
	}
	return append(b, raw...), nil
}

const hexDigits = "0123456789abcdef"

// appendString writes a string as RFC 8785, section 3.2.2.2 says: only quote,
// backslash and the control characters below space are escaped.
func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("canonical form: text is not UTF-8")
	}
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\b':
			b = append(b, `\b`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\f':
			b = append(b, `\f`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c < ' ':
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"'), nil
}

// Strict decodes b into v, a pointer, and refuses bytes that are not exactly
// the canonical form of what they say: repeated or unknown or reordered keys,
// keys in another case, white space, other escapes, 1.0 for 1, null, text that
// is not UTF-8, anything after the end. It reads at most 1 MiB.
func Strict(b []byte, v any) error { return strict(b, v, maxStatement) }

// StrictRevision is Strict for revisions, which may be up to 16 MiB.
func StrictRevision(b []byte, v any) error { return strict(b, v, maxRevision) }

func strict(b []byte, v any, limit int) error {
	p := reflect.ValueOf(v)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return errors.New("strict decoding needs a pointer")
	}
	if len(b) > limit {
		return fmt.Errorf("%w: %d bytes are more than %d", ErrNotCanonical, len(b), limit)
	}
	if !utf8.Valid(b) {
		return fmt.Errorf("%w: text is not UTF-8", ErrNotCanonical)
	}
	// Decode leaves alone what the bytes do not mention; start from nothing.
	p.Elem().SetZero()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrNotCanonical, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: something follows the end", ErrNotCanonical)
	}
	again, err := Canonical(p.Elem().Interface())
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return ErrNotCanonical
	}
	return nil
}

// PAE is DSSE's pre-authentication encoding of a body with its media type: the
// bytes that are hashed and signed.
func PAE(mediaType string, body []byte) []byte {
	b := make([]byte, 0, len(mediaType)+len(body)+32)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(mediaType)), 10)
	b = append(b, ' ')
	b = append(b, mediaType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, ' ')
	return append(b, body...)
}

// Digest is the hexadecimal SHA-256 of the body's PAE: the name of an act or a
// revision.
func Digest(mediaType string, body []byte) string { return digestOf(PAE(mediaType, body)) }

func digestOf(pae []byte) string {
	h := sha256.Sum256(pae)
	return hex.EncodeToString(h[:])
}

// RequestRevision returns the digest and the canonical bytes of a Change
// Request's revision.
func RequestRevision(r governance.RequestRevision) (digest string, body []byte, err error) {
	return revision(RequestMedia, r)
}

// RecordRevision returns the digest and the canonical bytes of a Deployment
// Record's revision.
func RecordRevision(r governance.RecordRevision) (digest string, body []byte, err error) {
	return revision(RecordMedia, r)
}

func revision(media string, r any) (string, []byte, error) {
	b, err := Canonical(r)
	if err != nil {
		return "", nil, err
	}
	if len(b) > maxRevision {
		return "", nil, governance.Faultf("revision_too_large", "The content takes %d bytes; a revision has room for %d.", len(b), maxRevision).
			WithHint("Split the change, or attach large texts as files.")
	}
	return Digest(media, b), b, nil
}

// isDigest reports whether s is a SHA-256 in lower-case hexadecimal.
func isDigest(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for i := range len(s) {
		if !strings.ContainsRune(hexDigits, rune(s[i])) {
			return false
		}
	}
	return true
}
