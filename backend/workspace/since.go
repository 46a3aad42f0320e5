package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"countersign/backend/governance"
)

// A Since is what of a request or a record is another than in a revision that a
// person looked at.
type Since struct {
	// Known: the revision that was looked at is here, so the rest says all.
	Known   bool                       `json:"known"`
	Fields  []FieldSince               `json:"fields"`
	Added   []governance.Customization `json:"added"`
	Removed []governance.Customization `json:"removed"`
	// Other are customizations to which something else is to happen now.
	Other []governance.Customization `json:"other"`
}

// A FieldSince is one field beside the customizations, by its name in the signed
// revision.
type FieldSince struct {
	What   string `json:"what"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// notContent are fields of a revision that say where it stands, not what it is.
var notContent = []string{"customizations", "format", "id", "parents", "round", "workspace"}

// ChangesSince compares what a request or a record submitted last with the
// revision of a digest. Fault: not_found.
func (w *Workspace) ChangesSince(ctx context.Context, id, seen string) (Since, error) {
	if _, _, err := w.subjectOf(ctx, id); err != nil {
		return Since{}, err
	}
	sit, err := w.Store.Situation(ctx, w.Acting(), id)
	if err != nil {
		return Since{}, err
	}
	h := sit.History
	if r := h.Request(h.RequestStanding(id).Revision); r != nil {
		if old := h.Request(seen); old != nil && old.ID == id {
			return since(old, r, old.Customizations, r.Customizations)
		}
	}
	if r := h.Record(h.RecordStanding(id).Revision); r != nil {
		if old := h.Record(seen); old != nil && old.ID == id {
			return since(old, r, old.Customizations, r.Customizations)
		}
	}
	return Since{Fields: []FieldSince{}, Added: []governance.Customization{}, Removed: []governance.Customization{}, Other: []governance.Customization{}}, nil
}

func since(before, after any, was, is []governance.Customization) (Since, error) {
	s := Since{Known: true, Fields: []FieldSince{}, Added: []governance.Customization{}, Removed: []governance.Customization{}, Other: []governance.Customization{}}
	old := map[string]governance.Customization{}
	for _, c := range was {
		old[c.String()] = c
	}
	for _, c := range is {
		before, there := old[c.String()]
		delete(old, c.String())
		switch {
		case !there:
			s.Added = append(s.Added, c)
		case before.Change != c.Change:
			s.Other = append(s.Other, c)
		}
	}
	for _, c := range was {
		if _, left := old[c.String()]; left {
			s.Removed = append(s.Removed, c)
		}
	}
	a, err := fieldsOf(before)
	if err != nil {
		return s, err
	}
	b, err := fieldsOf(after)
	if err != nil {
		return s, err
	}
	names := []string{}
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if !slices.Contains(notContent, name) && !reflect.DeepEqual(a[name], b[name]) {
			s.Fields = append(s.Fields, FieldSince{What: name, Before: written(a[name]), After: written(b[name])})
		}
	}
	return s, nil
}

// fieldsOf are the fields of a revision as it is signed.
func fieldsOf(revision any) (map[string]any, error) {
	b, err := json.Marshal(revision)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	return out, json.Unmarshal(b, &out)
}

// written is the value of a field in words as far as it has some.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, each := range v {
			parts[i] = written(each)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		if name, named := v["name"].(string); named {
			return name
		}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
