package governance

import (
	"fmt"
	"slices"
	"strings"
)

// A scope is what an approved request lets a record carry.
type scope struct {
	named      map[string]Change // by type and name
	wild       map[string]bool   // types that a manifest names with "*"
	changeSets bool              // only the org knows what they hold
}

func (r *RequestRevision) scope() scope {
	s := scope{named: map[string]Change{}, wild: map[string]bool{}, changeSets: len(r.ChangeSets) > 0}
	for _, c := range r.content() {
		s.named[c.String()] = c.Change
	}
	for _, m := range r.Manifests {
		for _, t := range m.Members {
			if slices.Contains(t.Names, "*") {
				s.wild[t.Type] = true
			}
		}
	}
	return s
}

// content is what the request names one by one.
func (r *RequestRevision) content() []Customization {
	cr := ChangeRequest{Customizations: r.Customizations, Manifests: r.Manifests}
	return cr.Content()
}

// holds reports whether the request asks for this. What it names is deleted
// only if it asks for the deletion; wildcards and change sets never ask for
// one. A rollback deletes what was new, so there the names alone decide.
func (s scope) holds(c Customization, kind RecordKind) bool {
	asked, named := s.named[c.String()]
	switch {
	case !slices.Contains([]Change{Add, Modify, Delete}, c.Change):
		return false
	case kind == Rollback:
		return named || s.wild[c.Type] || s.changeSets
	case named:
		return (asked == Delete) == (c.Change == Delete)
	}
	return c.Change != Delete && (s.wild[c.Type] || s.changeSets)
}

// unasked says what is wrong with a selection of the request's customizations,
// or none.
func (r *RequestRevision) unasked(selection []Customization, kind RecordKind, whole bool) Reason {
	allowed, have, strange := r.scope(), map[string]bool{}, []string{}
	for _, c := range selection {
		have[c.String()] = true
		if !allowed.holds(c, kind) {
			strange = append(strange, fmt.Sprintf("%s (%s)", c, c.Change))
		}
	}
	switch {
	case len(selection) == 0:
		return because("names_nothing", "It names no customization.")
	case len(strange) > 0:
		return because("unasked", "The change request does not ask for {names}.", "names", listed(strange))
	case !whole:
		return Reason{}
	}
	left := []string{}
	for _, c := range r.content() {
		if !have[c.String()] {
			left = append(left, c.String())
		}
	}
	if len(left) > 0 {
		return because("left_out", "It says that it holds the whole change request, but leaves out {names}.", "names", listed(left))
	}
	return Reason{}
}

// listed names up to three things and counts the rest.
func listed(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
