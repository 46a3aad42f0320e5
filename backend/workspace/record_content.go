package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/scan"
)

// RecordContent pages the customizations of a record. Fault: not_found.
func (w *Workspace) RecordContent(ctx context.Context, id string, q ContentQuery) (ContentPage, error) {
	dr, err := w.Store.DeploymentRecord(ctx, id)
	if err != nil {
		return ContentPage{}, err
	}
	cr, err := w.Store.ChangeRequest(ctx, dr.RequestID)
	if err != nil {
		return ContentPage{}, err
	}
	p, err := w.contentPage(ctx, dr.RequestID, recordContent(dr, cr), q)
	if err != nil {
		return ContentPage{}, err
	}
	return p, w.markForTarget(ctx, dr, p.Items)
}

// recordContent is what a record names; a whole one that was not scanned yet
// names what its request does.
func recordContent(dr *governance.DeploymentRecord, cr *governance.ChangeRequest) []ContentItem {
	asked := contentOf(cr)
	if dr.Whole && len(dr.Customizations) == 0 {
		return asked
	}
	manifest := make(map[string]string, len(asked))
	for _, i := range asked {
		manifest[i.String()] = i.Manifest
	}
	out := make([]ContentItem, 0, len(dr.Customizations))
	for _, c := range dr.Customizations {
		from, named := manifest[c.String()]
		if !named {
			from = manifest[c.Type+":"+wildcard]
		}
		out = append(out, ContentItem{Customization: c, Manifest: from})
	}
	return out
}

// markForTarget fills in the Change Levels of the policy that rules the target.
func (w *Workspace) markForTarget(ctx context.Context, dr *governance.DeploymentRecord, items []ContentItem) error {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil || h.Charter() == nil {
		return err
	}
	env, err := w.targetOf(ctx, dr)
	if err != nil {
		return err
	}
	policy := h.Charter().PolicyFor(env.Environment.Kind, env.Environment.OrganizationID)
	for i := range items {
		if items[i].Level = ""; policy != nil {
			items[i].Level = policy.LevelOf(items[i].Category)
		}
	}
	return nil
}

var contentEnglish = map[string]string{
	"comparison.items":   "{left:more customization is|more customizations are} not listed: there are too many for one list.",
	"comparison.changes": "{cut:changed customization is|changed customizations are} listed without the differences; open one to see them.",
}

// contentKey names what a record froze: the same key is the same content.
func contentKey(dr *governance.DeploymentRecord) string {
	return dr.PackageBlob + " " + dr.BaseBlob + " " + dr.Package + " " + dr.Base
}

// comparedCounts counts the comparison of a scanned record, once for a content.
func (w *Workspace) comparedCounts(ctx context.Context, dr *governance.DeploymentRecord) (comparedCounts, error) {
	w.views.mu.Lock()
	kept, there := w.views.compared[dr.ID]
	w.views.mu.Unlock()
	if there && kept.content == contentKey(dr) {
		return kept.counts, nil
	}
	c, err := w.Scanner.Compare(ctx, dr.ID)
	if err != nil {
		return comparedCounts{}, err
	}
	w.keepCounts(dr, c)
	return countsOf(c), nil
}

func (w *Workspace) keepCounts(dr *governance.DeploymentRecord, c *scan.Comparison) {
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	remember(&w.views.compared, dr.ID, comparedRecord{contentKey(dr), countsOf(c)})
}

const (
	mostAnswer = 900 << 10 // of one answer to the page, as JSON
	mostText   = 512 << 10 // of one text of a Side
)

// A Compared is what a scan found, with its notes to be translated.
type Compared struct {
	Found     scan.Comparison `json:"found"`
	NotesSaid []Said          `json:"notesSaid"`
}

// Comparison is what the last Run Scan of a record found. What does not fit
// into one answer is left out from the end, with a note: first the differences
// of changed customizations, which Sides shows one by one, then customizations
// that are the same. The counts are of all. Faults: not_scanned,
// content_altered.
func (w *Workspace) Comparison(ctx context.Context, recordID string) (Compared, error) {
	c, err := w.Scanner.Compare(ctx, recordID)
	if err != nil {
		return Compared{}, err
	}
	w.fit(c)
	return Compared{Found: *c, NotesSaid: allTold(c.Notes)}, nil
}

func (w *Workspace) fit(c *scan.Comparison) {
	slices.SortStableFunc(c.Items, func(a, b scan.Item) int { return showOrder[a.State] - showOrder[b.State] })
	room, cut := mostAnswer/2, 0
	for i := range c.Items {
		if room -= sizeOf(c.Items[i].Changes); room < 0 && len(c.Items[i].Changes) > 0 {
			c.Items[i].Changes = []metadata.Change{}
			cut++
		}
	}
	room = mostAnswer / 2
	for i := range c.Items {
		bare := c.Items[i]
		bare.Changes = nil
		if room -= sizeOf(bare); room < 0 {
			left := len(c.Items) - i
			c.Items = c.Items[:i:i]
			c.Notes = append(c.Notes, w.said("comparison.items", "left", left).Text)
			break
		}
	}
	if cut > 0 {
		c.Notes = append(c.Notes, w.said("comparison.changes", "cut", cut).Text)
	}
}

var showOrder = map[scan.State]int{scan.StateMissing: 0, scan.StateDelete: 1, scan.StateChanged: 2, scan.StateNew: 3, scan.StateSame: 4}

func sizeOf(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return mostAnswer
	}
	return len(b)
}

// Sides are the files of one scanned customization on both sides: XML in its
// normal form, so that only what means something differs, a child of an object
// as its own element, everything else as it is. Faults: not_found, not_scanned,
// content_altered, not_in_record.
func (w *Workspace) Sides(ctx context.Context, recordID string, c governance.Customization) ([]Side, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	t, err := w.frozenSides(ctx, dr)
	if err != nil {
		return nil, err
	}
	key := metadata.Key{Type: c.Type, Name: c.Name}
	sides := sidesOf(t, key)
	if len(sides) == 0 {
		return nil, governance.Faultf("not_in_record", "%s has no files in what was scanned for %s.", c, dr.Label()).WithHint("Run Scan again, or choose another customization.")
	}
	return sides, nil
}

// frozenSides reads what a record froze; the content looked at last is kept.
func (w *Workspace) frozenSides(ctx context.Context, dr *governance.DeploymentRecord) (*frozenTrees, error) {
	if dr.PackageBlob == "" || dr.BaseBlob == "" {
		return nil, governance.Faultf(scan.CodeNotScanned, "%s has no content yet.", dr.Label()).WithHint("Press Run Scan.")
	}
	w.views.mu.Lock()
	kept := w.views.trees
	w.views.mu.Unlock()
	if kept != nil && kept.content == contentKey(dr) {
		return kept, nil
	}
	pack, err := scan.Frozen(ctx, w.Store, dr.PackageBlob)
	if err != nil {
		return nil, err
	}
	base, err := scan.Frozen(ctx, w.Store, dr.BaseBlob)
	if err != nil {
		return nil, err
	}
	t := &frozenTrees{content: contentKey(dr), before: base.Content(), after: pack.Content()}
	if pack.Hash() != dr.Package || dr.NormalForm == metadata.NormalForm && t.before.NormalHash() != dr.Base {
		return nil, governance.Faultf(scan.CodeAltered, "The content that is kept for %s is not what its hashes name.", dr.Label()).
			WithHint("Run countersign verify, then press Run Scan again.")
	}
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	w.views.trees = t
	return t, nil
}

func sidesOf(t *frozenTrees, key metadata.Key) []Side {
	if typ, known := metadata.TypeOf(key.Type); known && typ.Parent != "" {
		before, after := t.before.Extract(key), t.after.Extract(key)
		if before == nil && after == nil {
			return nil
		}
		return []Side{sideOf(key.String(), before, after, new(int))}
	}
	out, used := []Side{}, 0
	for _, path := range pathsOf(t, key) {
		before, after := shownFile(t.before, path), shownFile(t.after, path)
		out = append(out, sideOf(path, before, after, &used))
	}
	return out
}

func pathsOf(t *frozenTrees, key metadata.Key) []string {
	paths := []string{}
	for _, tree := range []*metadata.Tree{t.before, t.after} {
		for _, c := range tree.Components() {
			if c.Key == key {
				paths = append(paths, c.Paths...)
			}
		}
	}
	if len(paths) == 0 && key.Type == "CustomObject" {
		path := "objects/" + key.Name + ".object"
		_, was := t.before.File(path)
		if _, is := t.after.File(path); is || was {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func shownFile(t *metadata.Tree, path string) []byte {
	b, ok := t.File(path)
	if !ok {
		return nil
	}
	if normal, err := metadata.Normal(path, b); err == nil {
		return normal
	}
	return b
}

// sideOf is one file on both sides; used is what the answer holds already.
func sideOf(path string, before, after []byte, used *int) Side {
	s := Side{Path: path, Binary: isBinary(before) || isBinary(after)}
	if s.Binary {
		return s
	}
	room := min(mostText, max(mostAnswer-*used, 0)/2)
	var cutBefore, cutAfter bool
	s.Before, cutBefore = cutText(before, room)
	s.After, cutAfter = cutText(after, room)
	s.Cut = cutBefore || cutAfter
	*used += len(s.Before) + len(s.After)
	return s
}

func isBinary(b []byte) bool { return bytes.IndexByte(b, 0) >= 0 || !utf8.Valid(b) }

// cutText is the text up to a number of bytes, without half a character.
func cutText(b []byte, room int) (string, bool) {
	if len(b) <= room {
		return string(b), false
	}
	for room > 0 && !utf8.RuneStart(b[room]) {
		room--
	}
	return string(b[:room]), true
}
