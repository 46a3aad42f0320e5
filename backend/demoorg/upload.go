package demoorg

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
)

// A zip comes as base64 inside XML, up to 52 MB of text. zipDiverter passes
// the XML on and leads the text of the element ZipFile into a file, so that
// neither the text nor the zip is ever whole in memory.
type zipDiverter struct {
	in   *bufio.Reader
	out  bytes.Buffer // XML that is ready to be read
	into func() (io.Writer, error)
	used bool
	err  error
}

// maxTag bounds a start tag; real ones are far shorter.
const maxTag = 64 << 10

func (d *zipDiverter) Read(p []byte) (int, error) {
	for d.out.Len() == 0 && d.err == nil {
		d.err = d.advance()
	}
	if d.out.Len() > 0 {
		return d.out.Read(p)
	}
	return 0, d.err
}

// advance moves one piece: text up to a tag, or a tag.
func (d *zipDiverter) advance() error {
	piece, err := d.in.ReadSlice('<')
	d.out.Write(piece)
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil
	}
	if err != nil {
		return err
	}
	tag, err := d.tag()
	d.out.Write(tag)
	if err != nil {
		return err
	}
	if d.used || !opensZip(tag) {
		return nil
	}
	d.used = true
	return d.divert()
}

// tag reads what stands between < and >, with the >.
func (d *zipDiverter) tag() ([]byte, error) {
	var tag []byte
	for {
		piece, err := d.in.ReadSlice('>')
		tag = append(tag, piece...)
		if err == nil {
			return tag, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return tag, err
		}
		if len(tag) > maxTag { // no tag of ours; the XML decoder shall judge it
			return tag, nil
		}
	}
}

// opensZip tells the start tag of ZipFile, with any prefix.
func opensZip(tag []byte) bool {
	if len(tag) == 0 || tag[0] == '/' || bytes.HasSuffix(tag, []byte("/>")) {
		return false
	}
	name := bytes.TrimSuffix(tag, []byte(">"))
	if i := bytes.IndexAny(name, " \t\r\n"); i >= 0 {
		name = name[:i]
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	return bytes.EqualFold(name, []byte("ZipFile"))
}

func (d *zipDiverter) divert() error {
	w, err := d.into()
	if err != nil {
		return err
	}
	_, err = io.Copy(w, base64.NewDecoder(base64.StdEncoding, &textReader{in: d.in}))
	return err
}

// textReader gives the text up to the next tag, without white space.
type textReader struct{ in *bufio.Reader }

func (t *textReader) Read(p []byte) (int, error) {
	for {
		buffered, err := t.in.Peek(1)
		if err != nil {
			return 0, err
		}
		if buffered[0] == '<' {
			return 0, io.EOF
		}
		buffered, _ = t.in.Peek(min(t.in.Buffered(), len(p)))
		if i := bytes.IndexByte(buffered, '<'); i >= 0 {
			buffered = buffered[:i]
		}
		n := 0
		for _, c := range buffered {
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				p[n] = c
				n++
			}
		}
		if _, err := t.in.Discard(len(buffered)); err != nil {
			return 0, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// An incoming is a zip that is being written.
type incoming struct {
	upload
	file *os.File
	sum  hash.Hash
}

func (o *Org) receive() (*incoming, error) {
	u := o.newUpload()
	f, err := os.OpenFile(u.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, err
	}
	return &incoming{upload: u, file: f, sum: sha256.New()}, nil
}

func (in *incoming) Write(p []byte) (int, error) {
	if in.size+int64(len(p)) > zipLimit {
		return 0, errTooLarge
	}
	n, err := in.file.Write(p)
	in.sum.Write(p[:n])
	in.size += int64(n)
	return n, err
}

// finish syncs the file, so that a rename is all that is left to do.
func (in *incoming) finish() (upload, error) {
	err := in.file.Sync()
	if err = errors.Join(err, in.file.Close()); err != nil {
		in.discard()
		return upload{}, err
	}
	in.hash = hex.EncodeToString(in.sum.Sum(nil))
	return in.upload, nil
}

func (in *incoming) abandon() {
	_ = in.file.Close()
	in.discard()
}
