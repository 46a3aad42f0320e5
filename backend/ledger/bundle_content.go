package ledger

import (
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// NamedBy is the revision that an act's body names, and the hash of
// Salesforce's full answer that it names, either empty if it names none. The
// act must have been opened.
func NamedBy(a SignedAct) (revision, answer string) {
	var st struct {
		Body struct {
			Detail   string `json:"detail"`
			Revision string `json:"revision"`
		} `json:"body"`
	}
	if json.Unmarshal(a.Payload, &st) != nil {
		return "", ""
	}
	if a.Type != string(governance.ActResult) && a.Type != string(governance.ActValidated) {
		st.Body.Detail = ""
	}
	return st.Body.Revision, st.Body.Detail
}

// frozen reads which blobs hold the trees of a record, and holds each against
// the hash that the record's revision names.
func (b *Bundle) frozen() error {
	last := ""
	return b.a.eachLine(contentsName, 4<<10, func(n int, line []byte) error {
		var f Frozen
		err := Strict(line, &f)
		if err == nil && f.Revision <= last {
			err = fmt.Errorf("%.80q is out of order", f.Revision)
		}
		r := b.Records[f.Revision]
		if err == nil && r == nil {
			err = fmt.Errorf("%.80q is no revision of a record in it", f.Revision)
		}
		if err == nil {
			err = b.trees(f, r)
		}
		if err != nil {
			return b.a.kind.damaged("line %d of its contents is not of a record in it", n).Because(err)
		}
		last, b.Frozen[f.Revision] = f.Revision, f
		return nil
	})
}

// numbers reads what the exporter's machine numbers the subjects of the bundle.
func (b *Bundle) numbers() error {
	subjects := map[string]bool{}
	for _, a := range b.Acts {
		subjects[a.Subject] = true
	}
	for _, d := range b.Drafts {
		subjects[d.Content.ID] = true
	}
	last := ""
	return b.a.eachLine(numbersName, 1<<10, func(n int, line []byte) error {
		var of Numbered
		err := Strict(line, &of)
		if err != nil || of.ID <= last || !subjects[of.ID] || of.Number < 1 || of.Number > maxNumber {
			return b.a.kind.damaged("line %d of its numbers is not of anything in it", n).Because(err)
		}
		last, b.Numbers[of.ID] = of.ID, of.Number
		return nil
	})
}

func (b *Bundle) trees(f Frozen, r *governance.RecordRevision) error {
	for _, t := range []struct {
		blob, want string
		hash       func(*metadata.Tree) string
		known      bool
	}{
		{f.Package, r.Package, (*metadata.Tree).Hash, true},
		// A base is named by its normal form; of another form nothing can be said
		// here, and the gate compares it again before anything is deployed.
		{f.Base, r.Base, func(t *metadata.Tree) string { return t.Content().NormalHash() }, r.NormalForm == metadata.NormalForm},
		{f.Reverse, r.Reverse, (*metadata.Tree).Hash, true},
	} {
		if t.blob == "" || !t.known {
			continue
		}
		got, err := b.treeHash(t.blob, t.hash)
		if err != nil {
			return err
		}
		if got != t.want {
			return fmt.Errorf("the tree %.12s has the hash %s, not %s", t.blob, got, t.want)
		}
	}
	return nil
}

func (b *Bundle) treeHash(blob string, hash func(*metadata.Tree) string) (string, error) {
	if b.a.files[blobsFolder+blob] == nil {
		return "", fmt.Errorf("the tree %.80q is not in it", blob)
	}
	zip, err := b.a.section(b.r, blobsFolder+blob)
	if err != nil {
		return "", err
	}
	return treeHash(zip, zip.Size(), hash)
}

func treeHash(zip io.ReaderAt, size int64, hash func(*metadata.Tree) string) (string, error) {
	t, err := metadata.ReadZip(zip, size, metadata.DefaultLimits())
	if err != nil {
		return "", err
	}
	return hash(t), nil
}

// ProvePast proves of earlier heads of a trail that it continues them.
func ProvePast(r tlog.HashReader, now Head, earlier []Head) ([]PastHead, error) {
	out := []PastHead{}
	for _, h := range earlier {
		if h.Size < 1 || h.Size >= now.Size {
			continue
		}
		proof, err := tlog.ProveTree(now.Size, h.Size, r)
		if err != nil {
			return nil, fmt.Errorf("prove the head at %d: %w", h.Size, err)
		}
		out = append(out, PastHead{h, proof})
	}
	return out, nil
}

// A Continuity is how a trail's head goes with what was known of the trail.
type Continuity string

// What a bundle's head says of its exporter's trail.
const (
	TrailFirst      Continuity = "first"       // nothing was known
	TrailContinues  Continuity = "continues"   // it continues the newest head that was known
	TrailOlder      Continuity = "older"       // an earlier state of what is known
	TrailUnproved   Continuity = "unproved"    // neither shown nor contradicted
	TrailContradict Continuity = "contradicts" // the trail was rewritten or put back
)

// Against compares a bundle's head with the heads of the same key that were
// known before.
func (b *Bundle) Against(known []Head) Continuity {
	told := map[int64]Head{b.Head.Size: b.Head}
	for _, p := range b.Heads {
		told[p.Head.Size] = p.Head
	}
	newest := Head{}
	met := false
	for _, k := range known {
		if t, ok := told[k.Size]; ok {
			if t != k {
				return TrailContradict
			}
			met = met || k.Size >= newest.Size
		} else if k.Size >= newest.Size {
			met = false
		}
		if k.Size > newest.Size {
			newest = k
		}
	}
	switch {
	case len(known) == 0:
		return TrailFirst
	case b.Head.Size < newest.Size:
		for _, k := range known {
			if k == b.Head {
				return TrailOlder
			}
		}
		return TrailUnproved
	case met:
		return TrailContinues
	}
	return TrailUnproved
}
