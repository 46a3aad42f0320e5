package scan

import (
	"context"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// A State is how a customization in the source stands to the target.
type State string

// The states.
const (
	StateNew     State = "new"
	StateChanged State = "changed"
	StateSame    State = "same"
	StateMissing State = "missing in source"
	StateDelete  State = "delete"
)

// A Comparison says what a Deployment Record would bring to its target, as of
// its last scan.
type Comparison struct {
	Items           []Item                     `json:"items"`
	New             int                        `json:"new"`
	Changed         int                        `json:"changed"`
	Same            int                        `json:"same"`
	MissingInSource int                        `json:"missingInSource"`
	Deleted         int                        `json:"deleted"`
	Added           []governance.Customization `json:"added"` // by a wildcard or a change set
	APIVersion      string                     `json:"apiVersion"`
	Notes           []string                   `json:"notes"` // sentences for the person and the approvers
	SourceAt        time.Time                  `json:"sourceAt" ts_type:"string"`
	TargetAt        time.Time                  `json:"targetAt" ts_type:"string"`
}

// An Item is one customization of a Comparison. By and At are the last change
// as the org tells it, empty when it does not tell.
type Item struct {
	governance.Customization
	State    State     `json:"state"`
	SourceBy string    `json:"sourceBy"`
	SourceAt time.Time `json:"sourceAt" ts_type:"string"`
	TargetBy string    `json:"targetBy"`
	TargetAt time.Time `json:"targetAt" ts_type:"string"`
	// Changes is filled for a changed customization only.
	Changes []metadata.Change `json:"changes"`
}

// maxChanges bounds the differences of one Comparison; what is beyond it is
// counted in a note.
const maxChanges = 20_000

// A stamp is who changed a component last, and when.
type stamp struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

type stamps map[metadata.Key]stamp

// epochEnd is below every real date; Salesforce dates standard components 1970.
var epochEnd = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)

func stampsOf(props []salesforce.FileProperties) stamps {
	out := make(stamps, len(props))
	for _, p := range props {
		if p.LastModifiedDate.Before(epochEnd) {
			continue
		}
		out[metadata.Key{Type: p.Type, Name: p.FullName}] = stamp{By: p.LastModifiedByName, At: p.LastModifiedDate.UTC()}
	}
	return out
}

// of finds the stamp of a component, or that of the file that holds it.
func (s stamps) of(k metadata.Key) stamp {
	if own, ok := s[k]; ok {
		return own
	}
	return s[k.Owner()]
}

// facts are what a Comparison says beside the two trees; they are kept with
// the scan, so that it can be shown again without an org.
type facts struct {
	APIVersion string                     `json:"apiVersion"`
	Added      []governance.Customization `json:"added"`
	Notes      []string                   `json:"notes"`
	SourceAt   time.Time                  `json:"sourceAt"`
	TargetAt   time.Time                  `json:"targetAt"`
	Source     stamps                     `json:"source"`
	Target     stamps                     `json:"target"`
}

// compareTrees compares by meaning: reordered or reformatted XML is the same.
func compareTrees(cs []governance.Customization, source, target *metadata.Tree, f facts) *Comparison {
	c := &Comparison{Items: make([]Item, 0, len(cs)), Added: append([]governance.Customization{}, f.Added...),
		APIVersion: f.APIVersion, Notes: append([]string{}, f.Notes...), SourceAt: f.SourceAt, TargetAt: f.TargetAt}
	d := newDiffer(target, source)
	for _, customization := range cs {
		c.add(customization, d, f)
	}
	if d.cut > 0 {
		c.Notes = append(c.Notes, counted(d.cut, "changed customization is", "changed customizations are")+" listed without the differences: there are too many to show at once.")
	}
	return c
}

func (c *Comparison) add(customization governance.Customization, d *differ, f facts) {
	k := keyOf(customization)
	item := Item{Customization: customization, State: d.state(customization), Changes: []metadata.Change{}}
	if item.State != StateDelete && item.State != StateMissing {
		s := f.Source.of(k)
		item.SourceBy, item.SourceAt = s.By, s.At
	}
	if d.before.Meaning(k) != "" {
		t := f.Target.of(k)
		item.TargetBy, item.TargetAt = t.By, t.At
	}
	switch item.State {
	case StateNew:
		c.New++
	case StateChanged:
		c.Changed++
		item.Changes = d.changes(k)
	case StateSame:
		c.Same++
	case StateMissing:
		c.MissingInSource++
	case StateDelete:
		c.Deleted++
	}
	c.Items = append(c.Items, item)
}

// A differ tells how components of two trees differ, up to maxChanges in all.
type differ struct {
	before, after *metadata.Tree
	paths         map[metadata.Key][]string // in either tree
	left          int
	cut           int // components whose differences were left out
}

func newDiffer(before, after *metadata.Tree) *differ {
	d := &differ{before: before, after: after, paths: map[metadata.Key][]string{}, left: maxChanges}
	for _, tree := range []*metadata.Tree{before, after} {
		for _, c := range tree.Components() {
			d.paths[c.Key] = union(d.paths[c.Key], c.Paths)
		}
	}
	return d
}

func (d *differ) state(c governance.Customization) State {
	k := keyOf(c)
	before, after := d.before.Meaning(k), d.after.Meaning(k)
	switch {
	case c.Change == governance.Delete:
		return StateDelete
	case after == "":
		return StateMissing
	case before == "":
		return StateNew
	case before == after:
		return StateSame
	}
	return StateChanged
}

// changes lists the differences of one component. Where it has several files,
// each path of a change begins with the file.
func (d *differ) changes(k metadata.Key) []metadata.Change {
	if d.left <= 0 {
		d.cut++
		return []metadata.Change{}
	}
	out := []metadata.Change{}
	paths := d.paths[k]
	if len(paths) == 0 && k.Type == "CustomObject" {
		paths = []string{"objects/" + k.Name + ".object"}
	}
	if t, known := metadata.TypeOf(k.Type); known && t.Parent != "" && len(paths) > 0 {
		out = append(out, metadata.Diff(paths[0], d.before.Extract(k), d.after.Extract(k))...)
	} else {
		for _, p := range paths {
			for _, change := range metadata.Diff(p, fileOf(d.before, p), fileOf(d.after, p)) {
				if len(paths) > 1 {
					change.Path = joinPath(p, change.Path)
				}
				out = append(out, change)
			}
		}
	}
	d.left -= len(out)
	return out
}

func joinPath(file, inside string) string {
	if inside == "" {
		return file
	}
	return file + ": " + inside
}

// fileOf gives the bytes at a path, nil only when the tree lacks it.
func fileOf(tree *metadata.Tree, path string) []byte {
	b, ok := tree.File(path)
	if ok && b == nil {
		return []byte{}
	}
	return b
}

func union(a, b []string) []string {
	have := make(map[string]bool, len(a))
	for _, s := range a {
		have[s] = true
	}
	for _, s := range b {
		if !have[s] {
			a = append(a, s)
		}
	}
	return a
}

// Compare compares again what the last Run froze, without asking an org. The
// faults are not_scanned, content_altered and those of Frozen.
func (s *Scanner) Compare(ctx context.Context, recordID string) (*Comparison, error) {
	dr, err := s.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	pack, base, err := s.frozen(ctx, dr)
	if err != nil {
		return nil, err
	}
	f, err := s.facts(ctx, dr)
	if err != nil {
		return nil, err
	}
	return compareTrees(dr.Customizations, pack, base, f), nil
}

// frozen reads the component files of the package and of the base that a
// record names, and holds them against its hashes and against what the record
// says that it brings: approvers see no less than what would be sent.
func (s *Scanner) frozen(ctx context.Context, dr *governance.DeploymentRecord) (pack, base *metadata.Tree, err error) {
	if dr.PackageBlob == "" || dr.BaseBlob == "" {
		return nil, nil, notScanned(dr)
	}
	plan := metadata.Plan{Version: dr.APIVersion, Bring: sourceKeys(dr.Customizations), Remove: deletedKeys(dr.Customizations)}
	// The package and the way back are one blob where both orgs have the same.
	for _, kept := range []struct {
		blob string
		tree **metadata.Tree
	}{{dr.PackageBlob, &plan.Package}, {dr.BaseBlob, &plan.Base}, {dr.ReverseBlob, &plan.Reverse}} {
		if *kept.tree, err = Frozen(ctx, s.Store, kept.blob); err != nil {
			return nil, nil, err
		}
	}
	pack, base = plan.Package.Content(), plan.Base.Content()
	same := plan.Package.Hash() == dr.Package && plan.Reverse.Hash() == dr.Reverse
	if dr.NormalForm == metadata.NormalForm {
		same = same && pack.NormalHash() == dr.SourceNormal && base.NormalHash() == dr.Base
	}
	if !same {
		return nil, nil, governance.Faultf(CodeAltered, "The content that is kept for %s is not what its hashes name.", dr.Label()).
			WithHint("Run countersign verify, then press Run Scan again.")
	}
	return pack, base, asFault(plan.Check())
}
