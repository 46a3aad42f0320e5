package metadata

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
)

// Limits bound what ReadZip takes. All count what is really read, never what
// the zip says of itself.
type Limits struct {
	Files      int   // files and folders
	Total      int64 // bytes of all files
	Archive    int64 // bytes of the zip
	Ratio      int64 // bytes of all files to bytes of the zip
	RatioFloor int64 // bytes of all files below which Ratio does not count
}

// DefaultLimits are Salesforce's own for one retrieve or deploy (10,000 files,
// 600 MiB unzipped; "Metadata Limits" in the app limits reference), a zip twice
// as large as the 39 MB it takes, and 200:1, which real metadata never reaches.
func DefaultLimits() Limits {
	return Limits{Files: 10_000, Total: 600 << 20, Archive: 80 << 20, Ratio: 200, RatioFloor: 10 << 20}
}

// directoryPerFile bounds how much of the zip's directory is read for each
// file that is allowed: names and extra fields of real ones are shorter.
const directoryPerFile = 1 << 10

var errDirectoryTooLarge = errors.New("directory too large")

// ReadZip reads a zip into a tree. Nothing is written to disk. It refuses with
// an *Error what archive/zip lets through: paths that lead out, duplicates,
// links, encrypted files, folders with content, bombs. Codes: bad_zip,
// too_large, bad_path, duplicate_path.
func ReadZip(r io.ReaderAt, size int64, lim Limits) (*Tree, error) {
	if size > lim.Archive {
		return nil, faultf(CodeTooLarge, "The zip has %s bytes; the limit is %s.", thousands(size), thousands(lim.Archive))
	}
	guarded := &guardedReader{ReaderAt: r, left: int64(lim.Files)*directoryPerFile + 1<<20, opening: true}
	archive, err := zip.NewReader(guarded, size)
	if guarded.tripped {
		return nil, tooManyFiles(lim)
	}
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, faultf(CodeBadZip, "This is not a zip file that can be read.")
	}
	guarded.opening = false
	if len(archive.File) > lim.Files {
		return nil, tooManyFiles(lim)
	}
	return unzip(archive, size, lim)
}

func tooManyFiles(lim Limits) *Error {
	return faultf(CodeTooLarge, "The zip holds more than %s files.", thousands(lim.Files)).
		withHint("Split the package into smaller ones.")
}

// A guardedReader stops archive/zip from filling memory with the directory of
// a zip that lists millions of files.
type guardedReader struct {
	io.ReaderAt
	left             int64
	opening, tripped bool
}

func (g *guardedReader) ReadAt(p []byte, at int64) (int, error) {
	if g.opening {
		if g.left -= int64(len(p)); g.left < 0 {
			g.tripped = true
			return 0, errDirectoryTooLarge
		}
	}
	return g.ReaderAt.ReadAt(p, at)
}

func unzip(archive *zip.Reader, size int64, lim Limits) (*Tree, error) {
	files := make(map[string]*file, len(archive.File))
	left := min(lim.Total, max(lim.RatioFloor, lim.Ratio*size))
	for _, entry := range archive.File {
		if fault := checkEntry(entry); fault != nil {
			return nil, fault
		}
		name, isFolder := strings.CutSuffix(entry.Name, "/")
		if fault := checkPath(name); fault != nil {
			return nil, fault
		}
		if isFolder { // archive/zip reads nothing of one, whatever the zip holds there
			if entry.UncompressedSize64 > 0 {
				return nil, faultf(CodeBadZip, "The folder %s in the zip holds data.", quoted(entry.Name))
			}
			continue
		}
		b, fault := readEntry(entry, left)
		if fault != nil {
			return nil, fault
		}
		if files[name] != nil {
			return nil, faultf(CodeDuplicatePath, "The file %s is twice in the zip.", quoted(name))
		}
		left -= int64(len(b))
		files[name] = &file{path: name, bytes: b}
	}
	return treeOf(files)
}

func checkEntry(entry *zip.File) *Error {
	const encrypted, strongEncryption = 0x1, 0x40 // APPNOTE.TXT 4.4.4
	kind := entry.Mode() & fs.ModeType
	switch {
	case entry.Flags&(encrypted|strongEncryption) != 0:
		return faultf(CodeBadZip, "The file %s in the zip is encrypted.", quoted(entry.Name))
	case kind&fs.ModeSymlink != 0:
		return faultf(CodeBadZip, "%s in the zip is a link.", quoted(entry.Name))
	case kind != 0 && kind != fs.ModeDir:
		return faultf(CodeBadZip, "%s in the zip is not a plain file.", quoted(entry.Name))
	case kind == fs.ModeDir && !strings.HasSuffix(entry.Name, "/"):
		return faultf(CodeBadZip, "%s in the zip is a folder named like a file.", quoted(entry.Name))
	case entry.Method != zip.Store && entry.Method != zip.Deflate:
		return faultf(CodeBadZip, "The file %s in the zip is packed in a way Salesforce does not use.", quoted(entry.Name))
	}
	return nil
}

// readEntry reads at most left bytes.
func readEntry(entry *zip.File, left int64) ([]byte, *Error) {
	damaged := faultf(CodeBadZip, "The file %s in the zip is damaged.", quoted(entry.Name))
	r, err := entry.Open()
	if err != nil {
		return nil, damaged
	}
	defer r.Close()
	var b bytes.Buffer
	const trusted = 1 << 20 // what the zip may make us set aside before it delivers
	b.Grow(int(min(entry.UncompressedSize64, trusted)) + bytes.MinRead)
	n, err := io.Copy(&b, io.LimitReader(r, left+1))
	if n > left {
		return nil, faultf(CodeTooLarge, "The zip unpacks to more than it may: it is too large, or made to fill the memory.")
	}
	if err != nil {
		return nil, damaged
	}
	return b.Bytes(), nil
}

// dosEpoch is 1 January 1980, the first date a zip can hold. A constant date
// makes the same tree give the same zip.
const dosEpoch = 1<<5 | 1

// WriteZip writes the tree as a zip, sorted, deflated and with one constant
// date, below topFolder; "" means at the root. It gives a bad_path *Error for
// a topFolder that is no plain path, and otherwise only the writer's errors.
func (t *Tree) WriteZip(w io.Writer, topFolder string) error {
	if topFolder != "" {
		if fault := checkPath(topFolder); fault != nil {
			return fault
		}
		topFolder += "/"
	}
	out := zip.NewWriter(w)
	for _, p := range t.Paths() {
		// Modified would add an extra field; the two old fields do not.
		entry, err := out.CreateHeader(&zip.FileHeader{Name: topFolder + p, Method: zip.Deflate, ModifiedDate: dosEpoch}) //nolint:staticcheck // see above
		if err != nil {
			return err
		}
		if _, err := entry.Write(t.files[p].bytes); err != nil {
			return err
		}
	}
	return out.Close()
}
