package workspace

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// A ContentItem is one customization of a request.
type ContentItem struct {
	governance.Customization
	Category governance.Category    `json:"category"`
	Level    governance.ChangeLevel `json:"level"`
	Exists   bool                   `json:"exists"`   // in the last inventory; never of a wildcard
	Manifest string                 `json:"manifest"` // it comes from this package manifest
	By       string                 `json:"by"`       // who changed it last, as the inventory tells
	At       time.Time              `json:"at" ts_type:"string"`
	Package  string                 `json:"package"` // namespace of a managed package
}

// A ContentQuery asks for customizations of a request.
type ContentQuery struct {
	Text   string `json:"text"`
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"` // at most 500; 0: 200
}

// A ContentPage is a part of a request's customizations.
type ContentPage struct {
	Items []ContentItem `json:"items"`
	Total int64         `json:"total"`
	Types []TypeCount   `json:"types"` // of the whole content
}

// A TypeCount counts customizations of a metadata type.
type TypeCount struct {
	Type  string `json:"type"`
	Count int64  `json:"count"`
}

// wildcard is the name that stands for all of a type in a package manifest.
const wildcard = "*"

// contentOf lists what a request names: its customizations and the members of
// its manifests, wildcards as they are, each once, by type and name.
func contentOf(cr *governance.ChangeRequest) []ContentItem {
	out := make([]ContentItem, 0, len(cr.Customizations))
	have := make(map[string]bool, len(cr.Customizations))
	for _, c := range cr.Customizations {
		have[c.String()] = true
		out = append(out, ContentItem{Customization: c})
	}
	for _, m := range cr.Manifests {
		for _, t := range m.Members {
			for _, n := range t.Names {
				c := governance.Customization{Change: governance.Modify, Type: t.Type, Name: n}
				if !have[c.String()] {
					have[c.String()] = true
					out = append(out, ContentItem{Customization: c, Manifest: m.Name})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b ContentItem) int {
		if n := strings.Compare(a.Type, b.Type); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}

// customizationsIn are the items that name one customization.
func customizationsIn(items []ContentItem) []governance.Customization {
	out := make([]governance.Customization, 0, len(items))
	for _, i := range items {
		if i.Name != wildcard {
			out = append(out, i.Customization)
		}
	}
	return out
}

// RequestContent pages the customizations of a request. Fault: not_found.
func (w *Workspace) RequestContent(ctx context.Context, id string, q ContentQuery) (ContentPage, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return ContentPage{}, err
	}
	return w.contentPage(ctx, id, contentOf(cr), q)
}

// contentPage is a part of some items with what the last inventory says of
// them. They are of one request, or of a record of it.
func (w *Workspace) contentPage(ctx context.Context, requestID string, items []ContentItem, q ContentQuery) (ContentPage, error) {
	p := ContentPage{Items: []ContentItem{}, Types: countTypes(items)}
	text := strings.ToLower(q.Text)
	matching := slices.DeleteFunc(slices.Clone(items), func(i ContentItem) bool {
		return q.Type != "" && i.Type != q.Type || !strings.Contains(strings.ToLower(i.Name), text) && !strings.Contains(strings.ToLower(i.Type), text)
	})
	p.Total = int64(len(matching))
	from := min(max(q.Offset, 0), len(matching))
	p.Items = matching[from:min(from+limited(q.Limit, usualItems, mostItems), len(matching))]
	return p, w.mark(ctx, requestID, p.Items)
}

func countTypes(items []ContentItem) []TypeCount {
	out := []TypeCount{}
	for _, i := range items { // sorted by type
		if n := len(out); n == 0 || out[n-1].Type != i.Type {
			out = append(out, TypeCount{Type: i.Type})
		}
		out[len(out)-1].Count++
	}
	return out
}

// mark fills in what policy and the last inventory say of some items.
func (w *Workspace) mark(ctx context.Context, requestID string, items []ContentItem) error {
	h, err := w.Store.History(ctx, requestID)
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Category = governance.CategoryOf(items[i].Type)
		if c := h.Charter(); c != nil {
			items[i].Level = c.Requests.LevelOf(items[i].Category)
		}
	}
	records, err := w.Store.RecordLinesOf(ctx, []string{requestID})
	if err != nil {
		return err
	}
	scan, _, err := w.inventoryFor(ctx, situated{h: h, records: records})
	if err != nil || scan == nil {
		return err
	}
	found, err := w.Store.ItemsNamed(ctx, scan.ID, customizationsIn(items))
	if err != nil {
		return err
	}
	for i := range items {
		if known, there := found[items[i].String()]; there {
			items[i].Exists, items[i].By, items[i].At, items[i].Package = true, known.LastModifiedByName, known.LastModifiedAt, known.NamespacePrefix
		}
	}
	return nil
}

// AddCustomizations adds customizations to a draft, or changes what is to
// happen to them. All names are looked at first; one that cannot be a name is
// refused and nothing is saved. What every scanned environment has is nothing
// to add: it is saved as changed, and a note of the view says so. Without an
// action it is added or changed by the same rule. Faults: bad_name,
// unknown_type, action, locked, not_found.
func (w *Workspace) AddCustomizations(ctx context.Context, id string, cs []governance.Customization) (RequestView, error) {
	for _, c := range cs {
		if err := metadata.CheckName(c.Type, c.Name); err != nil {
			return RequestView{}, badMetadata(err)
		}
	}
	everywhere, err := w.existEverywhere(ctx, cs)
	if err != nil {
		return RequestView{}, err
	}
	notes := []Said{}
	add := slices.Clone(cs)
	for i := range add {
		c := &add[i]
		switch {
		case c.Change == governance.Add && everywhere[c.String()]:
			c.Change = governance.Modify
			if len(notes) < maxNotes {
				notes = append(notes, w.said("note.exists", "name", c.String()))
			}
		case c.Change == "" && everywhere[c.String()]:
			c.Change = governance.Modify
		case c.Change == "":
			c.Change = governance.Add
		}
	}
	v, err := w.edited(ctx, id, func(cr *governance.ChangeRequest) error {
		cr.Customizations = append(cr.Customizations, add...) // Tidy keeps the last of two
		return nil
	})
	v.Notes = notes
	return v, err
}

const maxNotes = 20

// existEverywhere says which customizations are in the last inventory of every
// environment that was scanned.
func (w *Workspace) existEverywhere(ctx context.Context, cs []governance.Customization) (map[string]bool, error) {
	scans, err := w.Store.LastScans(ctx)
	if err != nil {
		return nil, err
	}
	times := map[string]int{}
	for _, sc := range scans {
		found, err := w.Store.ItemsNamed(ctx, sc.ID, cs)
		if err != nil {
			return nil, err
		}
		for key := range found {
			times[key]++
		}
	}
	out := map[string]bool{}
	for key, n := range times {
		out[key] = n == len(scans)
	}
	return out, nil
}

// RemoveCustomizations takes customizations out of a draft; the action of each
// does not matter. Faults: in_manifest for one that only a package manifest
// names, not_found for one that nothing names, locked.
func (w *Workspace) RemoveCustomizations(ctx context.Context, id string, cs []governance.Customization) (RequestView, error) {
	return w.edited(ctx, id, func(cr *governance.ChangeRequest) error {
		from := map[string]string{}
		for _, item := range contentOf(cr) {
			from[item.String()] = item.Manifest
		}
		gone := map[string]bool{}
		for _, c := range cs {
			manifest, there := from[c.String()]
			switch {
			case !there:
				return governance.Faultf("not_found", "%s does not name %s.", cr.Label(), c).WithHint("Look at the list again.")
			case manifest != "":
				return governance.Faultf("in_manifest", "%s comes from the package manifest %s.", c, manifest).WithHint("Remove the manifest, or import one without it.")
			}
			gone[c.String()] = true
		}
		cr.Customizations = slices.DeleteFunc(cr.Customizations, func(c governance.Customization) bool { return gone[c.String()] })
		return nil
	})
}

// A NameCheck says whether a proposed customization's name can be one.
type NameCheck struct {
	governance.Customization
	OK      bool   `json:"ok"`
	Problem string `json:"problem"`
	Example string `json:"example"`
}

// CheckNames checks the names of proposed customizations.
func (w *Workspace) CheckNames(cs []governance.Customization) []NameCheck {
	out := make([]NameCheck, len(cs))
	for i, c := range cs {
		out[i] = NameCheck{Customization: c, OK: true}
		if t, known := metadata.TypeOf(c.Type); known {
			out[i].Example = t.NameExample
		}
		if err := metadata.CheckName(c.Type, c.Name); err != nil {
			why, _ := faultSaid(badMetadata(err))
			out[i].OK, out[i].Problem = false, why.Text
		}
	}
	return out
}
