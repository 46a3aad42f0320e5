package salesforce

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

var errBase64 = errors.New("the zip in the answer is not valid base64")

// writeError is a failure of the caller's own writer, such as a full disk: not
// the org's fault.
type writeError struct{ err error }

func (e *writeError) Error() string { return "write the retrieved zip: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// A base64Writer decodes base64 as it arrives, in any pieces and with any white
// space, into out.
type base64Writer struct {
	out     io.Writer // nil throws the zip away: some answers hold one unasked
	written int64
	clean   []byte // characters not decoded yet: less than four between calls
	decoded []byte
	entity  []byte // a character reference being read: some servers send &#13;
	inside  bool   // of a character reference
	ended   bool   // padding was seen: nothing may follow
}

// decode takes the next piece of text. It does not keep text.
func (w *base64Writer) decode(text []byte) error {
	const piece = 32 << 10
	for len(text) > 0 {
		n := min(len(text), piece)
		if err := w.collect(text[:n]); err != nil {
			return err
		}
		whole := len(w.clean) &^ 3
		if err := w.emit(w.clean[:whole]); err != nil {
			return err
		}
		w.clean = append(w.clean[:0], w.clean[whole:]...)
		text = text[n:]
	}
	return nil
}

// collect adds the characters that are not white space to clean.
func (w *base64Writer) collect(text []byte) error {
	for _, b := range text {
		switch {
		case w.inside:
			if err := w.reference(b); err != nil {
				return err
			}
		case b == '&':
			w.inside, w.entity = true, w.entity[:0]
		case b == ' ', b == '\t', b == '\r', b == '\n':
		default:
			w.clean = append(w.clean, b)
		}
	}
	return nil
}

// reference reads a character reference, which may only stand for white space.
func (w *base64Writer) reference(b byte) error {
	if b != ';' {
		if w.entity = append(w.entity, b); len(w.entity) > 4 {
			return errBase64
		}
		return nil
	}
	w.inside = false
	switch strings.ToLower(string(w.entity)) {
	case "#9", "#10", "#13", "#32", "#x9", "#xa", "#xd", "#x20":
		return nil
	}
	return errBase64
}

func (w *base64Writer) emit(clean []byte) error {
	if len(clean) == 0 {
		return nil
	}
	if w.ended {
		return errBase64
	}
	if need := base64.StdEncoding.DecodedLen(len(clean)); cap(w.decoded) < need {
		w.decoded = make([]byte, need)
	}
	n, err := base64.StdEncoding.Decode(w.decoded[:cap(w.decoded)], clean)
	if err != nil {
		return errBase64
	}
	w.ended = clean[len(clean)-1] == '='
	if w.written += int64(n); w.written > maxZipBytes {
		return errTooLarge
	}
	if w.out == nil {
		return nil
	}
	if _, err := w.out.Write(w.decoded[:n]); err != nil {
		return &writeError{err: err}
	}
	return nil
}

// finish says whether the text ended where base64 may end.
func (w *base64Writer) finish() error {
	if len(w.clean) > 0 || w.inside {
		return errBase64
	}
	return nil
}

// base64Reader encodes exactly size bytes of source as they are asked for.
type base64Reader struct {
	source io.Reader
	left   int64
	ready  []byte
	raw    []byte
	coded  []byte
}

func newBase64Reader(source io.Reader, size int64) *base64Reader {
	const chunk = 3 * 8 << 10
	return &base64Reader{
		source: source, left: size,
		raw: make([]byte, chunk), coded: make([]byte, base64.StdEncoding.EncodedLen(chunk)),
	}
}

func (r *base64Reader) Read(p []byte) (int, error) {
	if len(r.ready) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// An exactReader hands out exactly left bytes of source, or an error.
type exactReader struct {
	source io.Reader
	left   int64
}

func (r *exactReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.source.Read(p[:min(int64(len(p)), r.left)])
	r.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = nil
		if r.left > 0 {
			err = fmt.Errorf("read the zip to deploy: %d bytes are missing: %w", r.left, io.ErrUnexpectedEOF)
		}
	}
	return n, err
}

func (r *base64Reader) fill() error {
	raw := r.raw[:min(int64(len(r.raw)), r.left)]
	if n, err := io.ReadFull(r.source, raw); err != nil {
		return fmt.Errorf("read the zip to deploy: %d bytes are missing: %w", r.left-int64(n), err)
	}
	r.left -= int64(len(raw))
	r.ready = r.coded[:base64.StdEncoding.EncodedLen(len(raw))]
	base64.StdEncoding.Encode(r.ready, raw)
	return nil
}
