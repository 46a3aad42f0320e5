package ledger

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// A bundle carries acts and what they are about from one machine to another.
// It is an archive with these entries and no other:
//
//	manifest.note         signed by the exporter: version, workspace, exporter's
//	                      key, time, head of its audit trail, every entry
//	acts.jsonl            {"payload":base64,"sig":base64} a line, sorted by id
//	blobs/<sha256>        attachments, packages, answers of Salesforce
//	checkpoint.note       the exporter's signed checkpoint of that head
//	contents.jsonl        which blobs hold the trees that a record's revision names
//	drafts/<id>.json      a Change Request's content that was not submitted
//	history.jsonl         earlier heads of the same trail with consistency proofs
//	numbers.jsonl         what the exporter's machine numbers requests and records
//	revisions/<digest>.json  canonical bytes
//
// Every entry is named by another one: nothing travels that nobody asked for.
const (
	actsName       = "acts.jsonl"
	checkpointName = "checkpoint.note"
	contentsName   = "contents.jsonl"
	historyName    = "history.jsonl"
	numbersName    = "numbers.jsonl"
	blobsFolder    = "blobs/"
	draftsFolder   = "drafts/"
	revisionFolder = "revisions/"
	jsonEnd        = ".json"

	maxHeads  = 1000 // earlier heads that a bundle proves
	maxNumber = 999_999
)

// A PastHead is an earlier head of the exporter's audit trail, with the proof
// that the trail of now continues it.
type PastHead struct {
	Head  Head
	Proof tlog.TreeProof
}

// Frozen says which blobs hold the trees that a Deployment Record's revision
// names by their hashes. Each is a SHA-256, or empty.
type Frozen struct {
	Base     string `json:"base"`
	Package  string `json:"package"`
	Reverse  string `json:"reverse"`
	Revision string `json:"revision"`
}

// A Draft is a Change Request's content that was not submitted. Nobody signed
// it but the exporter, by listing it.
type Draft struct {
	After     []string                   `json:"after"` // digests of drafts that this one was made from on another machine
	Authors   []string                   `json:"authors"`
	Content   governance.RequestRevision `json:"content"`
	CreatedAt string                     `json:"createdAt"`
	UpdatedAt string                     `json:"updatedAt"`
}

// Digest names a draft as its content would be named when it is submitted.
func (d Draft) Digest() (string, []byte, error) { return RequestRevision(d.Content) }

// A Numbered is the number that a request or record has on the exporter's
// machine, from 1: what people call it. Numbers are no evidence of anything.
type Numbered struct {
	ID     string `json:"id"`
	Number int64  `json:"number"`
}

// Contents are what a bundle is made of.
type Contents struct {
	Workspace  string
	Created    time.Time
	Checkpoint string // signed by the exporter
	Heads      []PastHead
	Acts       []SignedAct
	Revisions  map[string][]byte
	Frozen     []Frozen
	Drafts     []Draft
	Numbers    []Numbered
	Blobs      []Part // named by their hashes
}

// A Bundle was verified wholly when it was read: the manifest's signature,
// every entry, every act's signature, every digest, every proof. What the acts
// count for is not for a bundle to say.
type Bundle struct {
	SHA256     string // of the file, before it was encrypted
	Size       int64
	Workspace  string
	Exporter   string // public key; whose it is, the charters say
	Created    time.Time
	Head       Head
	Checkpoint string
	Heads      []PastHead
	Acts       []SignedAct
	Revisions  map[string][]byte
	Requests   map[string]*governance.RequestRevision
	Records    map[string]*governance.RecordRevision
	Frozen     map[string]Frozen // by digest of a record's revision
	Drafts     []Draft
	Numbers    map[string]int64 // by the id of a request or record
	Blobs      []BlobEntry

	a *archive
	r io.ReaderAt
}

// A BlobEntry is large content in a bundle.
type BlobEntry struct {
	SHA256 string
	Size   int64
}

// OpenBlob reads large content of a bundle. Its hash was compared when the
// bundle was read; who keeps it compares it again.
func (b *Bundle) OpenBlob(sha256 string) (io.Reader, error) {
	return b.a.section(b.r, blobsFolder+sha256)
}

// signedLine is one act on the way.
type signedLine struct {
	Payload string `json:"payload"`
	Sig     string `json:"sig"`
}

func actLines(acts []SignedAct) ([]byte, error) {
	sorted := slices.Clone(acts)
	slices.SortFunc(sorted, func(a, b SignedAct) int { return strings.Compare(a.ID, b.ID) })
	var out bytes.Buffer
	for _, a := range sorted {
		if err := appendLine(&out, signedLine{base64.StdEncoding.EncodeToString(a.Payload), base64.StdEncoding.EncodeToString(a.Sig)}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func appendLine(out *bytes.Buffer, v any) error {
	line, err := Canonical(v)
	if err != nil {
		return err
	}
	out.Write(line)
	out.WriteByte('\n')
	return nil
}

// pastLine is an earlier head on the way.
type pastLine struct {
	Head  string   `json:"head"`
	Proof []string `json:"proof"`
}

func jsonLines[T any](of []T) ([]byte, error) {
	var out bytes.Buffer
	for _, v := range of {
		if err := appendLine(&out, v); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func pastLines(heads []PastHead) ([]byte, error) {
	lines := make([]pastLine, len(heads))
	for i, h := range heads {
		lines[i] = pastLine{h.Head.String(), make([]string, len(h.Proof))}
		for j, p := range h.Proof {
			lines[i].Proof[j] = p.String()
		}
	}
	return jsonLines(lines)
}

// WriteBundle writes a bundle signed by its exporter and returns the SHA-256 of
// the file. Faults: no_key, bundle_too_large.
func WriteBundle(w io.Writer, by Identity, c Contents) (string, error) {
	_, head, err := OpenCheckpoint(c.Checkpoint, by.Public())
	if err != nil {
		return "", err
	}
	if len(c.Acts) > maxActs {
		return "", bundleKind.tooLarge("it would have %d acts", len(c.Acts))
	}
	heads := c.Heads[max(0, len(c.Heads)-maxHeads):]
	frozen := slices.SortedFunc(slices.Values(c.Frozen), func(a, b Frozen) int { return strings.Compare(a.Revision, b.Revision) })
	numbers := slices.SortedFunc(slices.Values(c.Numbers), func(a, b Numbered) int { return strings.Compare(a.ID, b.ID) })
	parts := []Part{BytesPart(checkpointName, []byte(c.Checkpoint))}
	for _, made := range []struct {
		name  string
		lines func() ([]byte, error)
	}{
		{actsName, func() ([]byte, error) { return actLines(c.Acts) }},
		{contentsName, func() ([]byte, error) { return jsonLines(frozen) }},
		{historyName, func() ([]byte, error) { return pastLines(heads) }},
		{numbersName, func() ([]byte, error) { return jsonLines(numbers) }},
	} {
		b, err := made.lines()
		if err != nil {
			return "", fmt.Errorf("write %s: %w", made.name, err)
		}
		parts = append(parts, BytesPart(made.name, b))
	}
	for digest, body := range namedOnly(c.Acts, c.Drafts, c.Revisions) {
		parts = append(parts, BytesPart(revisionFolder+digest+jsonEnd, body))
	}
	for _, d := range c.Drafts {
		b, err := Canonical(d)
		if err != nil {
			return "", fmt.Errorf("write the draft %s: %w", d.Content.ID, err)
		}
		parts = append(parts, BytesPart(draftsFolder+d.Content.ID+jsonEnd, b))
	}
	for _, b := range c.Blobs {
		b.Name = blobsFolder + b.SHA256
		parts = append(parts, b)
	}
	for _, p := range parts {
		limit := bundleMay(p.Name)
		if limit == 0 {
			return "", fmt.Errorf("%q has no place in a bundle", p.Name)
		}
		if p.Size > limit {
			return "", bundleKind.tooLarge("%s would have %d MB", p.Name, p.Size>>20)
		}
	}
	return writeArchive(w, by, bundleKind, archiveHead{Workspace: c.Workspace, Created: c.Created, Head: head}, parts)
}

var (
	blobEntry     = regexp.MustCompile(`^blobs/[0-9a-f]{64}$`)
	revisionEntry = regexp.MustCompile(`^revisions/[0-9a-f]{64}\.json$`)
	draftEntry    = regexp.MustCompile(`^drafts/[0-9A-Za-z_-]{1,100}\.json$`)
)

// bundleMay is how large an entry of a name may be, 0 if it has no place.
func bundleMay(name string) int64 {
	switch {
	case name == actsName:
		return maxArchive
	case name == checkpointName, name == historyName, name == contentsName, name == numbersName:
		return maxManifest
	case blobEntry.MatchString(name):
		return maxBlob
	case revisionEntry.MatchString(name), draftEntry.MatchString(name):
		return maxRevision
	}
	return 0
}

const draftTime = "2006-01-02T15:04:05.000Z"

// DraftTime writes a time as drafts carry it.
func DraftTime(t time.Time) string { return t.UTC().Format(draftTime) }

// names are the digests that an act, a revision or a draft names.
type names struct{ revisions, blobs map[string]bool }

// follow adds what revisions that are named name themselves: parents name
// parents.
func (n names) follow(requests map[string]*governance.RequestRevision, records map[string]*governance.RecordRevision) {
	for again := true; again; {
		before := len(n.revisions)
		for digest, r := range requests {
			if n.revisions[digest] {
				n.request(r)
			}
		}
		for digest, r := range records {
			if n.revisions[digest] {
				n.record(r)
			}
		}
		again = len(n.revisions) > before
	}
}

// namedOnly leaves contents out that nothing names any more, such as a draft
// that was merged into another which then gave way itself.
func namedOnly(acts []SignedAct, drafts []Draft, revisions map[string][]byte) map[string][]byte {
	n := names{map[string]bool{}, map[string]bool{}}
	requests, records := map[string]*governance.RequestRevision{}, map[string]*governance.RecordRevision{}
	for digest, body := range revisions {
		switch digest {
		case Digest(RequestMedia, body):
			if r := new(governance.RequestRevision); StrictRevision(body, r) == nil {
				requests[digest] = r
			}
		case Digest(RecordMedia, body):
			if r := new(governance.RecordRevision); StrictRevision(body, r) == nil {
				records[digest] = r
			}
		}
	}
	for _, a := range acts {
		n.act(a)
	}
	for _, d := range drafts {
		n.request(&d.Content)
	}
	n.follow(requests, records)
	out := map[string][]byte{}
	for digest, body := range revisions {
		if n.revisions[digest] {
			out[digest] = body
		}
	}
	return out
}

func (n names) act(a SignedAct) {
	revision, answer := NamedBy(a)
	n.revisions[revision], n.blobs[answer] = true, true
}

func (n names) request(r *governance.RequestRevision) {
	for _, p := range r.Parents {
		n.revisions[p] = true
	}
	for _, a := range r.Attachments {
		n.blobs[a.SHA256] = true
	}
}

func (n names) record(r *governance.RecordRevision) {
	n.revisions[r.RequestDigest] = true
	for _, p := range r.Parents {
		n.revisions[p] = true
	}
}
