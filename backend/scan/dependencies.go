package scan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// Where a dependency was found to be.
type Where string

// The places. A component that is neither in the package nor in the target is
// missing when the source has it, and nowhere when even the source lacks it.
const (
	InPackage Where = "package"
	InTarget  Where = "target"
	Missing   Where = "missing"
	Deleted   Where = "deleted" // the record itself deletes it
	Nowhere   Where = "nowhere"
)

// How a dependency was found.
const (
	FoundParsed = "parsed" // read from the files
	FoundByOrg  = "org"    // MetadataComponentDependency of the source
)

// Dependencies says what a package needs. No finding never means that
// something may safely be left out: neither files nor the org tell everything.
type Dependencies struct {
	Items []Dependency `json:"items"`
	// Missing is what to add so that the package is whole, with what that needs
	// in turn.
	Missing   []governance.Customization `json:"missing"`
	CheckedAt time.Time                  `json:"checkedAt" ts_type:"string"`
	// Truncated: an org or a limit cut the answer short; a note says which.
	Truncated bool `json:"truncated"`
	// NotCovered are the package's types of which the org's API tells nothing,
	// so that what they need was only read from their files.
	NotCovered []string `json:"notCovered"`
	Notes      []string `json:"notes"`
}

// A Dependency is one component that another needs.
type Dependency struct {
	From  metadata.Key `json:"from"`
	To    metadata.Key `json:"to"`
	In    Where        `json:"in"`
	Found []string     `json:"found"` // FoundParsed, FoundByOrg or both
	Where string       `json:"where"` // the place in From that refers, when it was parsed
	Kind  string       `json:"kind"`  // metadata's kind of reference, when it was parsed
}

// A dependencyNote is the log entry of one check. The fields are in the order
// of canonical JSON.
type dependencyNote struct {
	At      string   `json:"at"`
	By      string   `json:"by"`
	Found   int64    `json:"found"`
	Missing []string `json:"missing"`
	Package string   `json:"package"`
	Record  string   `json:"record"`
}

// maxNotedMissing bounds a log entry.
const maxNotedMissing = 200

// Dependencies checks what a record's frozen package needs: the button Check
// Dependencies. References read from its files are united with those that the
// source org tells; each is looked for in the package and in the target, and
// what is missing is followed to its end, so that all problems show at once.
// The faults are not_scanned and those of the two orgs.
func (s *Scanner) Dependencies(ctx context.Context, by string, recordID string) (*Dependencies, error) {
	dr, err := s.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	pack, _, err := s.frozen(ctx, dr)
	if err != nil {
		return nil, err
	}
	source, err := s.connect(ctx, dr.SourceID)
	if err != nil {
		return nil, err
	}
	target, err := s.connect(ctx, dr.TargetID)
	if err != nil {
		return nil, err
	}
	search := newSearch(s, dr, source, target)
	if err := search.run(ctx, pack); err != nil {
		return nil, fmt.Errorf("check dependencies of %s: %w", dr.Label(), err)
	}
	if err := search.stillUsed(ctx); err != nil {
		return nil, fmt.Errorf("check what uses the deletions of %s: %w", dr.Label(), err)
	}
	answer := search.answer()
	answer.CheckedAt = s.now()
	return answer, s.Store.Note(ctx, noteDependencies, dependencyNote{
		At: answer.CheckedAt.Format(time.RFC3339), By: by, Found: int64(len(answer.Items)), Missing: namesOf(answer.Missing), Package: dr.Package, Record: dr.ID,
	})
}

func namesOf(cs []governance.Customization) []string {
	names := []string{}
	for _, c := range cs[:min(len(cs), maxNotedMissing)] {
		names = append(names, c.String())
	}
	return names
}

// An edge is one dependency while it is being put together.
type edge struct{ from, to metadata.Key }

// A search follows dependencies from the package outwards.
type search struct {
	scanner        *Scanner
	record         *governance.DeploymentRecord
	source, target *catalogue

	inPackage map[metadata.Key]bool
	deleted   map[metadata.Key]bool
	missing   map[metadata.Key]bool
	edges     map[edge]*Dependency
	managed   map[string]bool // namespaces of packages that the target lacks
	uncovered map[string]bool
	notes     []string
	truncated bool
}

func newSearch(s *Scanner, dr *governance.DeploymentRecord, source, target *side) *search {
	q := &search{scanner: s, record: dr, source: newCatalogue(s, source), target: newCatalogue(s, target),
		inPackage: map[metadata.Key]bool{}, deleted: map[metadata.Key]bool{}, missing: map[metadata.Key]bool{},
		edges: map[edge]*Dependency{}, managed: map[string]bool{}, uncovered: map[string]bool{}}
	for _, k := range deletedKeys(dr.Customizations) {
		q.deleted[k] = true
	}
	for _, k := range sourceKeys(dr.Customizations) {
		q.inPackage[k] = true
	}
	return q
}

// maxRounds bounds how far what is missing is followed; real packages end
// after three or four.
const maxRounds = 25

func (q *search) run(ctx context.Context, pack *metadata.Tree) error {
	keys := sourceKeys(q.record.Customizations)
	for _, c := range pack.Components() {
		q.inPackage[c.Key] = true
		keys = append(keys, c.Key)
	}
	if err := q.learn(ctx); err != nil {
		return err
	}
	tree := pack
	for round := 1; len(keys) > 0; round++ {
		if round > maxRounds {
			q.cut("What is missing was followed for %d steps and not further.", maxRounds)
			return nil
		}
		q.scanner.report(Progress{Environment: q.source.side.env.ID, Phase: PhaseDependencies, Done: round - 1, Detail: counted(len(q.missing), "customization missing", "customizations missing")})
		found := q.parsed(tree)
		told, err := q.told(ctx, keys)
		if err != nil {
			return err
		}
		next, err := q.place(ctx, append(found, told...))
		if err != nil || len(next) == 0 {
			return err
		}
		// What is missing needs things of its own.
		tree, _, err = q.scanner.fetch(ctx, q.source.side, metadata.ManifestOf(q.record.APIVersion, next))
		if err != nil {
			return err
		}
		keys = append(next, q.brought(tree)...)
	}
	return nil
}

// brought gives the children that a missing object brings with it.
func (q *search) brought(tree *metadata.Tree) []metadata.Key {
	keys := []metadata.Key{}
	for _, c := range tree.Components() {
		owner := c.Key.Owner()
		if owner != c.Key && owner.Type == "CustomObject" && q.missing[owner] && !q.missing[c.Key] {
			q.missing[c.Key] = true
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// learn lists what code can name without saying its kind.
func (q *search) learn(ctx context.Context) error {
	named := []metadata.Key{}
	for _, t := range []string{"ApexClass", "CustomField", "CustomObject"} {
		named = append(named, metadata.Key{Type: t})
	}
	return q.source.load(ctx, named)
}

func (q *search) parsed(tree *metadata.Tree) []Dependency {
	found := []Dependency{}
	for _, r := range metadata.References(tree, q.source.keys()) {
		if !r.To.IsStandard() {
			found = append(found, Dependency{From: r.From, To: r.To, Found: []string{FoundParsed}, Where: r.Where, Kind: r.Kind})
		}
	}
	return found
}

// place says where each dependency is, and gives what is newly found missing,
// sorted.
func (q *search) place(ctx context.Context, found []Dependency) ([]metadata.Key, error) {
	var elsewhere []metadata.Key
	for _, d := range found {
		if !q.inPackage[d.To] {
			elsewhere = append(elsewhere, d.To)
		}
	}
	if err := q.target.load(ctx, elsewhere); err != nil {
		return nil, err
	}
	if err := q.source.load(ctx, elsewhere); err != nil {
		return nil, err
	}
	fresh := map[metadata.Key]bool{}
	for _, d := range found {
		d.In = q.where(d.To)
		if d.In == Missing && !q.missing[d.To] && q.mayTravel(d.To) {
			fresh[d.To] = true
		}
		q.note(d)
	}
	for k := range fresh {
		q.missing[k] = true
	}
	return q.withoutOwned(fresh), nil
}

// withoutOwned leaves out the children of an object that is missing as a
// whole: the object brings them.
func (q *search) withoutOwned(fresh map[metadata.Key]bool) []metadata.Key {
	keys := []metadata.Key{}
	for _, k := range sortedKeys(fresh) {
		if owner := k.Owner(); owner == k || owner.Type != "CustomObject" || !q.missing[owner] {
			keys = append(keys, k)
		}
	}
	return keys
}

func (q *search) where(k metadata.Key) Where {
	switch {
	case q.deleted[k]:
		return Deleted
	case q.inPackage[k]:
		return InPackage
	case q.target.has(k):
		return InTarget
	case q.source.has(k):
		return Missing
	}
	return Nowhere
}

// mayTravel says whether a component can be put into a package: one of a
// managed package cannot, the package must be installed.
func (q *search) mayTravel(k metadata.Key) bool {
	namespace := q.source.namespace(k)
	if namespace == "" || namespace == q.source.side.identity.Namespace {
		return true
	}
	if !q.managed[namespace] {
		q.managed[namespace] = true
		q.notes = append(q.notes, fmt.Sprintf("%s lacks the managed package %s, which %s belongs to. Install it there.", q.target.side.name(), namespace, k))
	}
	return false
}

// note keeps one line for each pair of components.
func (q *search) note(d Dependency) {
	e := edge{d.From, d.To}
	known, ok := q.edges[e]
	if !ok {
		q.edges[e] = &d
		return
	}
	known.Found = slices.Compact(slices.Sorted(slices.Values(append(known.Found, d.Found...))))
	slices.Reverse(known.Found) // parsed before org
	if known.Where == "" {
		known.Where, known.Kind = d.Where, d.Kind
	}
}

func (q *search) cut(format string, args ...any) {
	q.truncated = true
	q.notes = append(q.notes, fmt.Sprintf(format, args...))
}

// answer puts problems first.
func (q *search) answer() *Dependencies {
	a := &Dependencies{Items: make([]Dependency, 0, len(q.edges)), Missing: []governance.Customization{}, Truncated: q.truncated, NotCovered: []string{}, Notes: append([]string{}, q.notes...)}
	for _, d := range q.edges {
		d.In = q.where(d.To)
		a.Items = append(a.Items, *d)
	}
	slices.SortFunc(a.Items, func(x, y Dependency) int {
		if n := urgency[x.In] - urgency[y.In]; n != 0 {
			return n
		}
		if n := compareKeys(x.To, y.To); n != 0 {
			return n
		}
		return compareKeys(x.From, y.From)
	})
	for _, k := range q.withoutOwned(q.missing) {
		a.Missing = append(a.Missing, customizationOf(k, governance.Add))
	}
	for t := range q.uncovered {
		a.NotCovered = append(a.NotCovered, t)
	}
	slices.Sort(a.NotCovered)
	if len(a.NotCovered) > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("Salesforce's dependency list leaves out %s; what they need was read from their files only.", listed(a.NotCovered)))
	}
	a.Notes = append(a.Notes, q.source.notes()...)
	a.Notes = append(a.Notes, q.target.notes()...)
	return a
}

var urgency = map[Where]int{Missing: 0, Deleted: 1, Nowhere: 2, InTarget: 3, InPackage: 4}

func compareKeys(a, b metadata.Key) int {
	switch {
	case a.Less(b):
		return -1
	case b.Less(a):
		return 1
	}
	return 0
}

func sortedKeys(set map[metadata.Key]bool) []metadata.Key {
	keys := make([]metadata.Key, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	return keys
}
