package workspace

import (
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// A window is when a deployment changed the org, who made it, and what its answer
// names.
type window struct {
	id         string
	from, to   time.Time
	user, name string // id of 18 characters, and what the org calls them
	changed    map[string]bool
	deleted    map[string]bool
	made       map[string]bool // objects that came or went, with all that is in them
	categories map[governance.Category]bool
	all        bool // what it changed is not known any more

	byName map[string][]string // components by what a line may call them
	spaced []string            // such names that have spaces
	told   map[string]bool     // components of which a line was read
}

func windowOf(d salesforce.DeployRequest, res *salesforce.DeployResult) *window {
	v := &window{id: d.ID, from: d.StartDate, to: d.CompletedDate, user: d.CreatedByID, all: res == nil, changed: map[string]bool{}, deleted: map[string]bool{},
		made: map[string]bool{}, categories: map[governance.Category]bool{}, byName: map[string][]string{}, told: map[string]bool{}}
	if v.from.IsZero() {
		v.from = d.CreatedDate
	}
	if v.to.IsZero() {
		v.to = v.from
	}
	if res != nil {
		v.name = res.CreatedByName
	}
	what := changesIn(res)
	for _, c := range what.all {
		metadataType, name, _ := strings.Cut(c, ":")
		v.changed[c] = true
		v.categories[governance.CategoryOf(metadataType)] = true
		v.call(c, name)
		if i := strings.LastIndexAny(name, "./"); i >= 0 {
			v.call(c, name[i+1:])
		}
	}
	for _, c := range what.deleted {
		v.deleted[c] = true
	}
	for _, c := range slices.Concat(what.added, what.deleted) {
		if metadataType, name, _ := strings.Cut(c, ":"); metadataType == "CustomObject" {
			v.made[name] = true
		}
	}
	return v
}

func (v *window) call(component, name string) {
	v.byName[name] = append(v.byName[name], component)
	if strings.ContainsFunc(name, func(r rune) bool { return !inName(r) }) {
		v.spaced = append(v.spaced, name)
	}
}

// inName reports whether a character can be in a name without spaces.
func inName(r rune) bool {
	return r == '_' || r == '.' || r == '/' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// touches reports whether a deployment can be what a line of somebody at some
// time tells of. An org stamps with its clock in seconds.
func (v *window) touches(at time.Time, user, name string) bool {
	const slack = 2 * time.Second
	return !at.Before(v.from.Add(-slack)) && !at.After(v.to.Add(slack)) && (user != "" && user == v.user || name != "" && name == v.name)
}

// about reports whether the deployment changed something of what a line is about,
// which may be nothing in particular.
func (v *window) about(types []string) bool {
	return v.all || len(types) == 0 || slices.ContainsFunc(types, func(t string) bool { return v.categories[governance.CategoryOf(t)] })
}

// names lists what the deployment changed and a line of some types calls by name.
func (v *window) names(display string, types []string) []string {
	out := []string{}
	fits := func(c string) bool {
		t, _, _ := strings.Cut(c, ":")
		return len(types) == 0 || slices.ContainsFunc(types, func(other string) bool { return governance.CategoryOf(other) == governance.CategoryOf(t) })
	}
	add := func(name string) {
		for _, c := range v.byName[name] {
			if fits(c) && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	for _, word := range strings.FieldsFunc(display, func(r rune) bool { return !inName(r) }) {
		add(strings.Trim(word, ".-/"))
	}
	for _, name := range v.spaced {
		if strings.Contains(display, name) {
			add(name)
		}
	}
	return out
}

// A verdict of the Setup Audit Trail on one of its lines.
type lineVerdict int

const (
	lineFound    lineVerdict = iota // nothing accounts for it
	lineDeployed                    // a deployment changed what it names
	lineProbable                    // of a deployment's user and time, whose answer does not name it
	lineOther                       // about people or data
)

// judge says what a line is. A deployment writes one line about each of its
// components; what else its user did in its time to the same is not known to be
// the deployment's, nor is a line that names nothing. One that names something
// else is not, nor one of a deletion that the deployment did not make. Lines are judged oldest first, those too that were before.
func (r *reader) judge(l salesforce.SetupChange) (lineVerdict, *window) {
	types, customizes := setupTypes(l)
	if !customizes {
		return lineOther, nil
	}
	var again, probably *window
	other := componentIn(l)
	for _, v := range r.windows {
		if !v.touches(l.CreatedDate, l.CreatedByID, "") {
			continue
		}
		for _, c := range v.names(l.Display, types) {
			if howOf(l) == governance.Delete && !v.deleted[c] {
				continue
			}
			if !v.told[c] {
				v.told[c] = true
				return lineDeployed, v
			}
			again = v
		}
		if v.about(types) && (v.all || other == "" || v.made[rootOf(other)]) {
			probably = v
		}
	}
	switch {
	case again != nil:
		return lineProbable, again
	case probably != nil:
		return lineProbable, probably
	}
	return lineFound, nil
}

// rootOf is the object that a component belongs to by its name.
func rootOf(component string) string {
	_, name, _ := strings.Cut(component, ":")
	root, _, _ := strings.Cut(name, ".")
	root, _, _ = strings.Cut(root, "-")
	return root
}
