package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// ReadBundle reads and verifies a bundle that is not encrypted (see Unseal); r
// must stay readable while blobs are. Faults: bundle_not_one,
// bundle_other_version, bundle_too_large, bundle_sealed, bundle_damaged.
func ReadBundle(r io.ReaderAt, size int64) (*Bundle, error) {
	if IsSealed(r) {
		_, _, err := Unseal(r, size, "")
		return nil, err
	}
	a, err := readArchive(r, size, bundleKind, bundleMay)
	if err != nil {
		return nil, err
	}
	b := &Bundle{SHA256: a.sha256, Size: size, Workspace: a.Workspace, Exporter: a.Exporter, Created: a.Created, Head: a.Head, a: a, r: r, Acts: []SignedAct{},
		Revisions: map[string][]byte{}, Requests: map[string]*governance.RequestRevision{}, Records: map[string]*governance.RecordRevision{},
		Frozen: map[string]Frozen{}, Drafts: []Draft{}, Blobs: []BlobEntry{}, Heads: []PastHead{}, Numbers: map[string]int64{}}
	for _, check := range []func() error{b.checkpoint, b.past, b.acts, b.documents, b.frozen, b.numbers, b.named} {
		if err := check(); err != nil {
			var f *governance.Fault
			if !errors.As(err, &f) {
				err = bundleKind.damaged("it is not understood").Because(err)
			}
			return nil, err
		}
	}
	return b, nil
}

// checkpoint holds that the exporter signed the head of its trail by itself, so
// that who keeps the checkpoint needs no bundle to show it.
func (b *Bundle) checkpoint() error {
	note, err := b.a.read(checkpointName)
	if err != nil {
		return err
	}
	origin, head, err := OpenCheckpoint(string(note), b.Exporter)
	if err != nil || origin != Origin(b.Workspace) || head != b.Head {
		return b.a.kind.damaged("its checkpoint is not that of its audit trail").Because(err)
	}
	b.Checkpoint = string(note)
	return nil
}

// past verifies what the bundle says of earlier heads.
func (b *Bundle) past() error {
	wrong := func(n int, err error) error {
		return b.a.kind.damaged("line %d of its history proves nothing", n).Because(err)
	}
	return b.a.eachLine(historyName, 1<<16, func(n int, line []byte) error {
		h, err := b.onePast(line)
		if err != nil || n > maxHeads {
			return wrong(n, err)
		}
		if last := len(b.Heads) - 1; last >= 0 && b.Heads[last].Head.Size >= h.Head.Size {
			return wrong(n, errors.New("out of order"))
		}
		b.Heads = append(b.Heads, h)
		return nil
	})
}

func (b *Bundle) onePast(line []byte) (PastHead, error) {
	var l pastLine
	if err := Strict(line, &l); err != nil {
		return PastHead{}, err
	}
	old, err := ParseHead(l.Head)
	if err != nil {
		return PastHead{}, err
	}
	proof := make(tlog.TreeProof, len(l.Proof))
	for i, p := range l.Proof {
		if proof[i], err = tlog.ParseHash(p); err != nil || proof[i].String() != p {
			return PastHead{}, fmt.Errorf("%.60q is no hash", p)
		}
	}
	if old.Size < 1 || old.Size >= b.Head.Size {
		return PastHead{}, fmt.Errorf("%d entries are not earlier than %d", old.Size, b.Head.Size)
	}
	return PastHead{old, proof}, tlog.CheckTree(proof, b.Head.Size, b.Head.Root, old.Size, old.Root)
}

// maxActLine is the longest line of one act: its payload in base64 and its
// signature.
const maxActLine = maxStatement/3*4 + 1024

// acts opens every act: a signature by the key that the act names, over bytes
// in their one form, in this workspace, each once.
func (b *Bundle) acts() error {
	err := b.a.eachLine(actsName, maxActLine, func(n int, line []byte) error {
		payload, sig, err := openLine(line)
		if err != nil || n > maxActs {
			return b.a.kind.damaged("line %d of its acts is not understood", n).Because(err)
		}
		b.Acts = append(b.Acts, SignedAct{Payload: payload, Sig: sig})
		return nil
	})
	if err != nil {
		return err
	}
	errs := make([]error, len(b.Acts))
	InParallel(len(b.Acts), func(i int) { b.Acts[i], _, errs[i] = Open(b.Acts[i].Payload, b.Acts[i].Sig) })
	for i, err := range errs {
		switch {
		case err != nil:
			return b.a.kind.damaged("act %d of it is not what was signed", i+1).Because(err)
		case b.Acts[i].Workspace != b.Workspace:
			return b.a.kind.damaged("act %d of it belongs to another workspace", i+1)
		case i > 0 && b.Acts[i].ID <= b.Acts[i-1].ID:
			return b.a.kind.damaged("its acts are not in order")
		}
	}
	return nil
}

// openLine reads {"payload":"...","sig":"..."} and no other form of it.
func openLine(line []byte) (payload, sig []byte, err error) {
	rest, found := bytes.CutPrefix(line, []byte(`{"payload":"`))
	first, second, both := bytes.Cut(rest, []byte(`","sig":"`))
	second, closed := bytes.CutSuffix(second, []byte(`"}`))
	if !found || !both || !closed {
		return nil, nil, ErrNotCanonical
	}
	strict := base64.StdEncoding.Strict()
	for _, part := range []struct {
		from []byte
		into *[]byte
	}{{first, &payload}, {second, &sig}} {
		if bytes.ContainsAny(part.from, "\r\n") { // which the decoder would skip
			return nil, nil, ErrNotCanonical
		}
		if *part.into, err = strict.AppendDecode(nil, part.from); err != nil {
			return nil, nil, err
		}
	}
	return payload, sig, nil
}

// documents reads revisions and drafts, and lists blobs.
func (b *Bundle) documents() error {
	for _, name := range b.a.names {
		var err error
		switch {
		case blobEntry.MatchString(name):
			sum := strings.TrimPrefix(name, blobsFolder)
			if err = b.a.named(name, sum); err == nil {
				b.Blobs = append(b.Blobs, BlobEntry{sum, int64(b.a.files[name].UncompressedSize64)})
			}
		case revisionEntry.MatchString(name):
			err = b.revision(name)
		case draftEntry.MatchString(name):
			err = b.draft(name)
		}
		if err != nil {
			return b.a.kind.damaged("%s is not what its name says", name).Because(err)
		}
	}
	return nil
}

// named holds that large content has the hash that it is named by. The
// manifest's hash was compared already.
func (a *archive) named(name, sum string) error {
	if a.sums[name] != sum {
		return errors.New("its hash is another one")
	}
	return nil
}

func (b *Bundle) revision(name string) error {
	body, err := b.a.read(name)
	if err != nil {
		return err
	}
	digest := strings.TrimSuffix(strings.TrimPrefix(name, revisionFolder), jsonEnd)
	switch digest {
	case Digest(RequestMedia, body):
		r := new(governance.RequestRevision)
		if err := b.fits(body, r, &r.Format, &r.Workspace); err != nil {
			return err
		}
		b.Requests[digest] = r
	case Digest(RecordMedia, body):
		r := new(governance.RecordRevision)
		if err := b.fits(body, r, &r.Format, &r.Workspace); err != nil {
			return err
		}
		b.Records[digest] = r
	default:
		return errors.New("its digest is another one")
	}
	b.Revisions[digest] = body
	return nil
}

func (b *Bundle) fits(body []byte, into any, format *int64, workspace *string) error {
	if err := StrictRevision(body, into); err != nil {
		return err
	}
	if *format != governance.RevisionFormat || *workspace != b.Workspace {
		return fmt.Errorf("it has format %d and belongs to %.80q", *format, *workspace)
	}
	return nil
}

func (b *Bundle) draft(name string) error {
	body, err := b.a.read(name)
	if err != nil {
		return err
	}
	var d Draft
	if err := StrictRevision(body, &d); err != nil {
		return err
	}
	for _, t := range []string{d.CreatedAt, d.UpdatedAt} {
		if at, err := time.Parse(time.RFC3339Nano, t); err != nil || at.UTC().Format(draftTime) != t {
			return fmt.Errorf("%.40q is not the time of a draft", t)
		}
	}
	c := &d.Content
	if c.Format != governance.RevisionFormat || c.Workspace != b.Workspace || draftsFolder+c.ID+jsonEnd != name || c.Round < 0 || len(d.Authors) == 0 {
		return errors.New("it is of something else")
	}
	if !slices.IsSorted(d.After) || slices.ContainsFunc(d.After, func(s string) bool { return !isDigest(s) }) {
		return errors.New("it does not say what it was made from")
	}
	b.Drafts = append(b.Drafts, d)
	return nil
}

// named holds that every revision and every blob is named by an act, by
// another revision or by a draft of the bundle.
func (b *Bundle) named() error {
	n := names{map[string]bool{}, map[string]bool{}}
	for _, a := range b.Acts {
		n.act(a)
	}
	for _, d := range b.Drafts {
		n.request(&d.Content)
	}
	n.follow(b.Requests, b.Records)
	for digest, f := range b.Frozen {
		if !n.revisions[digest] {
			return b.a.kind.damaged("nothing in it names the content %s", digest[:12])
		}
		n.blobs[f.Base], n.blobs[f.Package], n.blobs[f.Reverse] = true, true, true
	}
	for _, digest := range slices.Sorted(maps.Keys(b.Revisions)) {
		if !n.revisions[digest] {
			return b.a.kind.damaged("nothing in it names the content %s", digest[:12])
		}
	}
	for _, blob := range b.Blobs {
		if !n.blobs[blob.SHA256] {
			return b.a.kind.damaged("nothing in it names the file %s", blob.SHA256[:12])
		}
	}
	return nil
}
