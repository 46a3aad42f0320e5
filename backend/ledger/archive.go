package ledger

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// Bundles and evidence files are archives: a ZIP whose first entry is a signed
// note that names every other entry by hash, size and name, in order. Nothing
// in one ever becomes a path.
//
// An archive of given content has exactly one form: entries are stored, not
// compressed, so nothing in one can unpack to more than it is, and who reads
// one writes the container anew in mind and compares every byte. So there is no
// room for a second directory, for names that only one of two readers sees, or
// for bytes that nobody looks at.
const (
	maxArchive  = 256 << 20 // bytes of the whole file
	maxBlob     = 64 << 20  // of one entry of large content
	maxEntries  = 20_000
	maxManifest = 8 << 20
	maxActs     = 200_000

	manifestName = "manifest.note"
)

// An archiveKind tells bundles from evidence files.
type archiveKind struct {
	code  string // of faults: <code>_damaged and so on
	word  string // in sentences
	title string // first line of the manifest, with the version
}

var (
	bundleKind   = archiveKind{"bundle", "bundle", "countersign bundle v1"}
	evidenceKind = archiveKind{"evidence", "evidence file", "countersign evidence v1"}
)

func (k archiveKind) damaged(format string, a ...any) *governance.Fault {
	return governance.Faultf(k.code+"_damaged", "This %s is damaged or was changed: %s.", k.word, fmt.Sprintf(format, a...)).
		WithHint("Nothing of it was used. Ask for it again.")
}

func (k archiveKind) tooLarge(format string, a ...any) *governance.Fault {
	return governance.Faultf(k.code+"_too_large", "This %s is larger than Countersign takes: %s.", k.word, fmt.Sprintf(format, a...)).
		WithHint("Export fewer change requests at a time.")
}

func (k archiveKind) notOne() *governance.Fault {
	return governance.Faultf(k.code+"_not_one", "This file is no %s of Countersign.", k.word).WithHint("Choose the file as it was sent.")
}

// An archiveHead is what the manifest says beside the list of entries.
type archiveHead struct {
	Workspace string
	Exporter  string // public key
	Created   time.Time
	Head      Head // of the exporter's audit trail
}

// A Part is an entry that is to be written: content that is known by its hash
// and size and can be read twice.
type Part struct {
	Name   string
	Size   int64
	SHA256 string
	Open   func() (io.ReadCloser, error)
}

// BytesPart is a part of content in memory.
func BytesPart(name string, b []byte) Part {
	sum := sha256.Sum256(b)
	return Part{Name: name, Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:]), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

// noteName is the name of the manifest's key line.
func (k archiveKind) noteName(workspace string) string { return Origin(workspace) + "/" + k.code }

func (k archiveKind) manifest(h archiveHead, parts []Part) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nworkspace %s\nexporter %s\ncreated %s\nlog %s\nentries %d\n", k.title, h.Workspace, h.Exporter, h.Created.UTC().Format(timeForm), h.Head, len(parts))
	for _, p := range parts {
		fmt.Fprintf(&b, "%s %d %s\n", p.SHA256, p.Size, p.Name)
	}
	return b.String()
}

// writeArchive writes parts, sorted by name, and returns the SHA-256 of the
// whole file. What a part reads must be what it says.
func writeArchive(w io.Writer, by Identity, k archiveKind, h archiveHead, parts []Part) (string, error) {
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
	total := int64(0)
	for i, p := range parts {
		if total += p.Size; p.Size > maxArchive || total > maxArchive {
			return "", k.tooLarge("it would take more than %d MB", maxArchive>>20)
		}
		if i > 0 && p.Name == parts[i-1].Name {
			return "", fmt.Errorf("write a %s: two entries have the name %q", k.word, p.Name)
		}
	}
	if len(parts) >= maxEntries {
		return "", k.tooLarge("it would have %d entries", len(parts))
	}
	h.Exporter = by.Public()
	signed, err := SignNote(by, k.noteName(h.Workspace), k.manifest(h, parts))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	z := zip.NewWriter(io.MultiWriter(w, sum))
	for _, p := range append([]Part{BytesPart(manifestName, []byte(signed))}, parts...) {
		if err := writePart(z, p); err != nil {
			return "", fmt.Errorf("write %s: %w", p.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return "", fmt.Errorf("write a %s: %w", k.word, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// stored is the header of an entry in its one form.
func stored(name string, size int64, crc uint32) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc, CompressedSize64: uint64(size), UncompressedSize64: uint64(size)}
}

// writePart reads a part twice: the checksum comes before the content, because
// one that came after would leave a second place that says the size.
func writePart(z *zip.Writer, p Part) error {
	crc, sum := crc32.NewIEEE(), sha256.New()
	if err := p.copyTo(io.MultiWriter(crc, sum)); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != p.SHA256 {
		return errors.New("the content is not what its hash says")
	}
	into, err := z.CreateRaw(stored(p.Name, p.Size, crc.Sum32()))
	if err != nil {
		return err
	}
	again := sha256.New()
	if err := p.copyTo(io.MultiWriter(into, again)); err != nil {
		return err
	}
	if !bytes.Equal(again.Sum(nil), sum.Sum(nil)) {
		return errors.New("the content changed while it was read")
	}
	return nil
}

func (p Part) copyTo(w io.Writer) error {
	r, err := p.Open()
	if err != nil {
		return err
	}
	n, err := io.Copy(w, io.LimitReader(r, p.Size+1))
	if err == nil && n != p.Size {
		err = fmt.Errorf("it has not the %d bytes that were announced", p.Size)
	}
	return errors.Join(err, r.Close())
}
