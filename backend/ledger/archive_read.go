package ledger

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"countersign/backend/governance"
)

// An archive is one that was read and whose entries are all what the signed
// manifest says.
type archive struct {
	archiveHead
	kind   archiveKind
	sha256 string // of the file
	size   int64
	names  []string
	files  map[string]*zip.File
	sums   map[string]string
}

// The end of a ZIP's directory (APPNOTE.TXT 4.3.16), without a comment.
const (
	endOfDirectory     = "PK\x05\x06"
	endOfDirectorySize = 22
)

// readArchive verifies a whole archive before anything of it is used. May says
// which names there can be and how large an entry of that name is at most.
func readArchive(r io.ReaderAt, size int64, k archiveKind, may func(name string) (limit int64)) (*archive, error) {
	a := &archive{kind: k, size: size, files: map[string]*zip.File{}, sums: map[string]string{}}
	entries, err := a.directory(r)
	if err != nil {
		return nil, err
	}
	manifest, err := readEntry(entries[0], maxManifest)
	if err != nil {
		return nil, k.damaged("its manifest cannot be read").Because(err)
	}
	lines, err := a.open(string(manifest))
	if err != nil {
		return nil, err
	}
	if len(lines) != len(entries)-1 {
		return nil, k.damaged("it has %d entries, and its manifest names %d", len(entries)-1, len(lines))
	}
	for i, line := range lines {
		if err := a.entry(line, entries[i+1], may); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// directory reads the container and holds that it has its one form.
func (a *archive) directory(r io.ReaderAt) ([]*zip.File, error) {
	if a.size > maxArchive {
		return nil, a.kind.tooLarge("it has %d MB, and %d are the most", a.size>>20, maxArchive>>20)
	}
	end := make([]byte, endOfDirectorySize)
	if a.size < endOfDirectorySize {
		return nil, a.kind.notOne()
	}
	begin := make([]byte, 4)
	if !readAt(r, begin, 0) || string(begin) != "PK\x03\x04" {
		return nil, a.kind.notOne()
	}
	if !readAt(r, end, a.size-endOfDirectorySize) || string(end[:4]) != endOfDirectory {
		return nil, a.kind.damaged("its end is missing")
	}
	// Before archive/zip makes anything of what the directory claims.
	n, directory := binary.LittleEndian.Uint16(end[10:]), binary.LittleEndian.Uint32(end[12:])
	if n == 0 || n > maxEntries || directory > maxManifest {
		return nil, a.kind.tooLarge("it says that it has %d entries", n)
	}
	z, err := zip.NewReader(r, a.size)
	if err != nil {
		return nil, a.kind.damaged("its directory cannot be read").Because(err)
	}
	if len(z.File) != int(n) || z.File[0].Name != manifestName {
		return nil, a.kind.notOne()
	}
	return z.File, a.sameForm(r, z.File)
}

// readAt fills b. A reader may say that it is at its end even so.
func readAt(r io.ReaderAt, b []byte, at int64) bool {
	n, _ := r.ReadAt(b, at)
	return n == len(b)
}

// sameForm writes the container again, compares every byte and hashes it.
func (a *archive) sameForm(r io.ReaderAt, entries []*zip.File) error {
	against := &comparing{with: bufio.NewReaderSize(io.NewSectionReader(r, 0, a.size), 1<<16), sum: sha256.New()}
	z := zip.NewWriter(against)
	for _, f := range entries {
		if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 || f.UncompressedSize64 > maxArchive {
			return a.kind.damaged("an entry of it is not stored as it is")
		}
		into, err := z.CreateRaw(stored(f.Name, int64(f.UncompressedSize64), f.CRC32))
		if err != nil {
			return a.kind.damaged("an entry of it has no proper name").Because(err)
		}
		from, err := f.OpenRaw()
		if err == nil {
			var n int64
			if n, err = io.Copy(into, from); err == nil && n != int64(f.CompressedSize64) {
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			return a.kind.damaged("its entries do not lie where its directory says").Because(err)
		}
	}
	if err := z.Close(); err != nil || against.n != a.size {
		return a.kind.damaged("it holds something that belongs to no entry").Because(err)
	}
	a.sha256 = hex.EncodeToString(against.sum.Sum(nil))
	return nil
}

// comparing is a writer that refuses what differs from what it reads.
type comparing struct {
	with *bufio.Reader
	sum  hash.Hash
	n    int64
	buf  []byte
}

var errDiffers = errors.New("the bytes differ")

func (c *comparing) Write(p []byte) (int, error) {
	if len(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	there := c.buf[:len(p)]
	if _, err := io.ReadFull(c.with, there); err != nil {
		return 0, err
	}
	if !bytes.Equal(there, p) {
		return 0, errDiffers
	}
	_, _ = c.sum.Write(p)
	c.n += int64(len(p))
	return len(p), nil
}

// open verifies the manifest by the key that it names itself, and returns the
// lines that name entries. Whose key it is, the workspace's charters say.
func (a *archive) open(signed string) ([]string, error) {
	k := a.kind
	title, _, _ := strings.Cut(signed, "\n")
	family, _, _ := strings.Cut(k.title, " v")
	if title != k.title {
		if strings.HasPrefix(title, family+" v") {
			return nil, governance.Faultf(k.code+"_other_version", "This %s has the form %q; this version of Countersign reads %q.", k.word, title, k.title).
				WithHint("Install the version of Countersign that made it.")
		}
		return nil, k.notOne()
	}
	head := strings.SplitN(signed, "\n", 7)
	if len(head) < 7 {
		return nil, k.damaged("its manifest is cut off")
	}
	value := func(i int, name string) string {
		v, _ := strings.CutPrefix(head[i], name+" ")
		return v
	}
	a.Workspace, a.Exporter = value(1, "workspace"), value(2, "exporter")
	if !isDigest(a.Workspace) {
		return nil, k.damaged("it names no workspace")
	}
	text, err := OpenNote(signed, k.noteName(a.Workspace), a.Exporter)
	if err != nil {
		return nil, k.damaged("its signature does not fit").Because(err)
	}
	if err := oneSignature(signed, text); err != nil {
		return nil, k.damaged("its signature has not its one form").Because(err)
	}
	if a.Created, err = time.Parse(timeForm, value(3, "created")); err != nil {
		return nil, k.damaged("it does not say when it was made")
	}
	if a.Head, err = ParseHead(value(4, "log")); err != nil {
		return nil, k.damaged("it names no audit trail").Because(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")[6:]
	parts := make([]Part, len(lines))
	for i, l := range lines {
		if parts[i], err = partOf(l); err != nil {
			return nil, k.damaged("line %d of its manifest is not understood", i+7).Because(err)
		}
	}
	if k.manifest(a.archiveHead, parts) != text {
		return nil, k.damaged("its manifest has not its one form")
	}
	return lines, nil
}

// oneSignature holds that nothing follows the text but one signature in its one
// encoding: a note may carry others, which nobody here could judge.
func oneSignature(signed, text string) error {
	line, ok := strings.CutSuffix(strings.TrimPrefix(signed, text+"\n"), "\n")
	if !ok || strings.Contains(line, "\n") {
		return errors.New("it does not have exactly one signature")
	}
	b64 := line[strings.LastIndexByte(line, ' ')+1:]
	_, err := base64.StdEncoding.Strict().DecodeString(b64)
	return err
}

// partOf reads "sha256 size name".
func partOf(line string) (Part, error) {
	sum, rest, _ := strings.Cut(line, " ")
	digits, name, found := strings.Cut(rest, " ")
	size, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || size < 0 || strconv.FormatInt(size, 10) != digits || !isDigest(sum) || name == "" || name == manifestName {
		return Part{}, fmt.Errorf("%.120q names no entry", line)
	}
	return Part{Name: name, Size: size, SHA256: sum}, nil
}

// entry holds one entry against its line of the manifest.
func (a *archive) entry(line string, f *zip.File, may func(name string) int64) error {
	p, err := partOf(line)
	if err != nil {
		return err
	}
	if f.Name != p.Name || f.UncompressedSize64 != uint64(p.Size) {
		return a.kind.damaged("its entries are not those of its manifest")
	}
	if len(a.names) > 0 && p.Name <= a.names[len(a.names)-1] {
		return a.kind.damaged("its entries are not in order")
	}
	limit := may(p.Name)
	if limit <= 0 {
		return a.kind.damaged("%.80q does not belong in it", p.Name)
	}
	if p.Size > limit {
		return a.kind.tooLarge("%.80s has %d MB, and %d are the most", p.Name, p.Size>>20, limit>>20)
	}
	sum := sha256.New()
	r, err := f.Open()
	if err == nil {
		_, err = io.Copy(sum, io.LimitReader(r, limit+1))
		err = errors.Join(err, r.Close())
	}
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return a.kind.damaged("%.80s is not what its manifest says", p.Name).Because(err)
	}
	a.names, a.files[p.Name], a.sums[p.Name] = append(a.names, p.Name), f, p.SHA256
	return nil
}

// read returns an entry that was verified; nil if there is none of that name.
func (a *archive) read(name string) ([]byte, error) {
	f := a.files[name]
	if f == nil {
		return nil, a.kind.damaged("%s is missing in it", name)
	}
	return readEntry(f, maxArchive)
}

func readEntry(f *zip.File, limit int64) ([]byte, error) {
	if f.UncompressedSize64 > uint64(limit) {
		return nil, fmt.Errorf("%d bytes are too many", f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF { // where the checksum is compared
		return nil, fmt.Errorf("read %s: %w", f.Name, errors.Join(err, zip.ErrChecksum))
	}
	return b, nil
}

// eachLine gives the lines of an entry, without their ends. The last one ends
// with a new line as well.
func (a *archive) eachLine(name string, longest int, take func(n int, line []byte) error) error {
	f := a.files[name]
	if f == nil {
		return a.kind.damaged("%s is missing in it", name)
	}
	r, err := f.Open()
	if err != nil {
		return a.kind.damaged("%s cannot be read", name).Because(err)
	}
	defer r.Close()
	lines := bufio.NewReaderSize(r, longest+1)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return a.kind.damaged("line %d of %s is too long or cut off", n, name).Because(err)
		}
		if err := take(n, line[:len(line)-1]); err != nil {
			return err
		}
	}
}

// section reads an entry of large content at any place: it is stored as it is.
func (a *archive) section(r io.ReaderAt, name string) (*io.SectionReader, error) {
	f := a.files[name]
	if f == nil {
		return nil, a.kind.damaged("%s is missing in it", name)
	}
	offset, err := f.DataOffset()
	if err != nil {
		return nil, a.kind.damaged("%s cannot be read", name).Because(err)
	}
	return io.NewSectionReader(r, offset, int64(f.UncompressedSize64)), nil
}
