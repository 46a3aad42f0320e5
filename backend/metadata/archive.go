package metadata

import (
	"io"
)

// An Archive holds a zip in memory, and holds it once: it grows by pages, where
// a bytes.Buffer copies all it has, and has it twice while it does. It takes at
// most Limit bytes; 0 is DefaultLimits' Archive. One goroutine writes; then any
// number may read.
type Archive struct {
	Limit int64

	pages [][]byte
	size  int64
}

const archivePage = 256 << 10

// Write appends p. The *Error too_large says that the zip is larger than the
// limit.
func (a *Archive) Write(p []byte) (int, error) {
	limit := a.Limit
	if limit == 0 {
		limit = DefaultLimits().Archive
	}
	if a.size+int64(len(p)) > limit {
		return 0, faultf(CodeTooLarge, "The zip has more than %s bytes.", thousands(limit)).withHint("Choose fewer customizations.")
	}
	written := len(p)
	for len(p) > 0 {
		used := int(a.size % archivePage)
		if used == 0 {
			a.pages = append(a.pages, make([]byte, archivePage))
		}
		n := copy(a.pages[len(a.pages)-1][used:], p)
		a.size += int64(n)
		p = p[n:]
	}
	return written, nil
}

// ReadAt is io.ReaderAt's.
func (a *Archive) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, faultf(CodeBadZip, "The zip cannot be read before its beginning.")
	}
	read := 0
	for read < len(p) && at < a.size {
		page := a.pages[at/archivePage]
		n := copy(p[read:], page[at%archivePage:min(archivePage, at%archivePage+a.size-at)])
		read, at = read+n, at+int64(n)
	}
	if read < len(p) {
		return read, io.EOF
	}
	return read, nil
}

// Size is how many bytes were written.
func (a *Archive) Size() int64 { return a.size }

// Reader reads all of it from the beginning.
func (a *Archive) Reader() io.Reader { return io.NewSectionReader(a, 0, a.size) }
