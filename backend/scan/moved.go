package scan

import (
	"bytes"
	"context"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"golang.org/x/sync/errgroup"
)

// A Movement is one component that means something else than when it was
// frozen. By and At are the last change as the org tells it; both are empty for
// a component that is gone, of which the org tells nothing.
type Movement struct {
	metadata.Key
	Kind    string            `json:"kind"` // metadata.ChangeAdded, ChangeRemoved or ChangeChanged
	By      string            `json:"by"`
	At      time.Time         `json:"at" ts_type:"string"`
	Changes []metadata.Change `json:"changes"`
}

// Moved lists the components that differ by meaning between two retrieves of
// one manifest, sorted; props are those of the second. A field that moved is
// listed as itself, and its object only if something else of it moved too.
func Moved(before, after *metadata.Tree, props []salesforce.FileProperties) []Movement {
	out := []Movement{}
	if before.NormalHash() == after.NormalHash() {
		return out
	}
	d := newDiffer(before, after)
	moved := map[metadata.Key]bool{}
	ownerOfMoved := map[metadata.Key]bool{}
	for k := range d.paths {
		if before.HashOf(k) == after.HashOf(k) {
			continue
		}
		moved[k] = true
		if owner := k.Owner(); owner != k {
			ownerOfMoved[owner] = true
		}
	}
	dropOwners(moved, ownerOfMoved, before, after)
	known := stampsOf(props)
	for _, k := range sortedKeys(moved) {
		m := Movement{Key: k, Kind: kindOf(before, after, k), Changes: d.changes(k)}
		if m.Kind != metadata.ChangeRemoved {
			m.By, m.At = known.of(k).By, known.of(k).At
		}
		out = append(out, m)
	}
	return out
}

func kindOf(before, after *metadata.Tree, k metadata.Key) string {
	switch {
	case before.HashOf(k) == "":
		return metadata.ChangeAdded
	case after.HashOf(k) == "":
		return metadata.ChangeRemoved
	}
	return metadata.ChangeChanged
}

// dropOwners takes out the owners of which only a child moved.
func dropOwners(moved, owners map[metadata.Key]bool, before, after *metadata.Tree) {
	if len(owners) == 0 {
		return
	}
	a, b := metadata.Split(before), metadata.Split(after)
	for owner := range owners {
		if moved[owner] && sameFiles(a[owner].Files, b[owner].Files) {
			delete(moved, owner)
		}
	}
}

func sameFiles(a, b map[string][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for p, x := range a {
		y, ok := b[p]
		if !ok {
			return false
		}
		nx, errX := metadata.Normal(p, x)
		ny, errY := metadata.Normal(p, y)
		if errX != nil || errY != nil || !bytes.Equal(nx, ny) {
			return false
		}
	}
	return true
}

// Current is what source and target hold now of what a record froze.
type Current struct {
	SourceNormal string         // to compare with the record's SourceNormal
	Base         string         // to compare with the record's Base
	Source       *metadata.Tree // component files
	Target       *metadata.Tree
	MovedSource  []Movement // since the scan
	MovedTarget  []Movement
	At           time.Time
}

// Moved says whether anything moved on either side.
func (c *Current) Moved() bool { return len(c.MovedSource)+len(c.MovedTarget) > 0 }

// Current retrieves both sides of a scanned record again and says which
// components moved since, by whom and when. The faults are those of
// FetchSource, FetchTarget and Frozen.
func (s *Scanner) Current(ctx context.Context, dr *governance.DeploymentRecord) (*Current, error) {
	pack, base, err := s.frozen(ctx, dr)
	if err != nil {
		return nil, err
	}
	now := &Current{}
	group, fetching := errgroup.WithContext(ctx)
	group.Go(func() error {
		tree, props, err := s.FetchSource(fetching, dr)
		if err == nil {
			now.Source, now.SourceNormal, now.MovedSource = tree, tree.NormalHash(), Moved(pack, tree, props)
		}
		return err
	})
	group.Go(func() error {
		tree, props, err := s.FetchTarget(fetching, dr)
		if err == nil {
			now.Target, now.Base, now.MovedTarget = tree, tree.NormalHash(), Moved(base, tree, props)
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	now.At = s.now()
	return now, nil
}
