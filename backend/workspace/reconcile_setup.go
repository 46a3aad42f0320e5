package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// setup reads the Setup Audit Trail, from before the first deployment that was
// not over. A user who may not see it makes no difference to the deployments: the
// reading says so, and its place stays. Every line is counted as something.
func (r *reader) setup(ctx context.Context) error {
	list, err := r.client.SetupAuditTrail(ctx, r.from(r.last.Setup))
	if err != nil {
		if !slices.Contains(notForThisUser, governance.FaultCode(err)) {
			return err
		}
		r.setupUnread, r.next.SetupUnread = err, governance.FaultCode(err)
		return nil
	}
	until := r.client.LastServerTime()
	for _, l := range list {
		until = latest(until, l.CreatedDate)
	}
	// The lines of a deployment that is not over come when it is, with earlier times.
	until = earliest(until, momentOf(r.next.Deployments))
	known := map[string]bool{}
	for _, id := range r.last.Seen {
		known[id] = true
	}
	days, seen := byDay[salesforce.SetupChange]{}, []string{}
	for _, l := range list {
		if !l.CreatedDate.Before(until.Add(-overlap)) {
			seen = append(seen, l.ID)
		}
		verdict, v := r.judge(l)
		if known[l.ID] {
			continue
		}
		if l.CreatedDate.Before(r.start) {
			verdict = lineOther
		}
		known[l.ID] = true
		if r.count(verdict) == lineFound {
			days.add(whoOf(l), l.CreatedDate, l)
		}
		if verdict == lineProbable {
			r.probable = append(r.probable, ProbableChange{Ref: l.ID, Kind: string(governance.FindingSetup), At: l.CreatedDate, By: whoOf(l),
				Text: oneLine(firstOf(l.Display, l.Action)), Component: componentIn(l), Deployment: v.id, DeployedAt: v.to})
		}
	}
	for _, day := range days.groups {
		if err := r.findSetup(ctx, day); err != nil {
			return err
		}
	}
	r.next.Setup, r.next.Seen = rfc(until), seen
	return nil
}

// count counts a line that was not judged before.
func (r *reader) count(v lineVerdict) lineVerdict {
	n := &r.next.Lines
	n.Read++
	switch v {
	case lineDeployed:
		n.Deployed++
	case lineProbable:
		n.Probable++
	case lineOther:
		n.Other++
	case lineFound:
		n.Found++
	}
	return v
}

// notForThisUser are the faults of a user who may not see Setup: the object is
// not there for them.
var notForThisUser = []string{salesforce.CodeInsufficientAccess, salesforce.CodeInvalidType, salesforce.CodeInvalidQuery}

func whoOf(l salesforce.SetupChange) string {
	who := firstOf(l.CreatedBy, l.CreatedByID)
	if l.Delegate != "" {
		who = strings.TrimSpace(who + " (" + l.Delegate + ")")
	}
	return who
}

// A daywork is what one person did on one day by the org's clock in UTC, oldest
// first: an afternoon of clicking is one finding.
type daywork[T any] struct {
	who   string
	last  time.Time
	items []T
}

type byDay[T any] struct{ groups []*daywork[T] }

func (g *byDay[T]) add(who string, at time.Time, item T) {
	for _, d := range g.groups {
		if d.who == who && d.last.UTC().Format(time.DateOnly) == at.UTC().Format(time.DateOnly) {
			d.last, d.items = latest(d.last, at), append(d.items, item)
			return
		}
	}
	g.groups = append(g.groups, &daywork[T]{who: who, last: at, items: []T{item}})
}

// findSetup makes one finding of a day's lines. Its Ref is that of the last one:
// whoever reads the same lines later finds the same.
func (r *reader) findSetup(ctx context.Context, d *daywork[salesforce.SetupChange]) error {
	raw, err := json.Marshal(d.items)
	if err != nil {
		return err
	}
	f := governance.Finding{At: rfc(d.last), By: d.who, Components: []string{}, Kind: governance.FindingSetup, Organization: r.env.OrganizationID, Ref: d.items[len(d.items)-1].ID}
	if f.Detail, _, err = r.w.Store.PutBlob(ctx, bytes.NewReader(raw)); err != nil {
		return err
	}
	lines, hows, order := []string{}, map[string]governance.Change{}, []string{}
	for _, l := range d.items {
		lines = append(lines, oneLine(firstOf(l.Display, l.Action)))
		c := componentIn(l)
		if c == "" {
			continue
		}
		before, twice := hows[c]
		if !twice {
			order = append(order, c)
			before = howOf(l)
		}
		hows[c] = then(before, howOf(l))
	}
	named := changes{}
	for _, c := range order {
		named.add(c, hows[c])
	}
	named.into(&f)
	f.Summary = summed(lines)
	r.found = append(r.found, f)
	return nil
}

// howOf is what a line says was done, as far as its action does.
func howOf(l salesforce.SetupChange) governance.Change {
	action := strings.ToLower(l.Action)
	switch {
	case strings.HasPrefix(action, "created"):
		return governance.Add
	case strings.HasPrefix(action, "deleted"):
		return governance.Delete
	}
	return governance.Modify
}

// then is what two changes of one component come to, the first one first.
func then(first, second governance.Change) governance.Change {
	switch {
	case second == governance.Delete:
		return governance.Delete
	case first == governance.Add:
		return governance.Add
	}
	return governance.Modify
}

// summed says the first few of many lines.
func summed(lines []string) string {
	const shown, longest = 4, 160
	out := []string{}
	for _, line := range lines[:min(len(lines), shown)] {
		if cut := []rune(line); len(cut) > longest {
			line = string(cut[:longest-1]) + "…"
		}
		out = append(out, line)
	}
	s := strings.Join(out, "; ")
	if more := len(lines) - shown; more > 0 {
		s += fmt.Sprintf("; and %d more", more)
	}
	return s
}

// setupSections are the sections of Setup whose names are not those of metadata
// types. Salesforce documents neither sections nor actions, so a line that fits
// none of them is a change all the same, about no type in particular.
var setupSections = map[string][]string{
	"custom objects": {"CustomObject", "CustomField"}, "custom fields": {"CustomField"}, "validation rules": {"ValidationRule"},
	"page layouts": {"Layout"}, "workflow rules": {"WorkflowRule"}, "flows": {"Flow"}, "processes": {"Flow"}, "approval processes": {"ApprovalProcess"},
	"visualforce pages": {"ApexPage"}, "visualforce components": {"ApexComponent"}, "lightning pages": {"FlexiPage"}, "lightning components": {"LightningComponentBundle"},
	"custom apps": {"CustomApplication"}, "custom tabs": {"CustomTab"}, "custom labels": {"CustomLabel"}, "sharing rules": {"SharingRules"}, "sharing defaults": {"SharingRules", "CustomObject"},
	"manage profiles": {"Profile"}, "profiles": {"Profile"}, "permission sets": {"PermissionSet"}, "named credentials": {"NamedCredential"},
	"remote access": {"ConnectedApp"}, "connected apps": {"ConnectedApp"}, "email templates": {"EmailTemplate"},
}

// noCustomization are words of actions that change people and data and no
// customization: they are not what a policy governs.
var noCustomization = []string{"login", "logout", "password", "createduser", "changeduser", "deactivateduser", "activateduser", "frozeuser", "unfrozeuser",
	"changedemail", "changedusername", "verification", "dataexport", "weeklyexport", "permsetassign", "permsetunassign", "permsetlicense", "loginas"}

// setupTypes are the metadata types that a line is about, as far as it says, and
// whether it is about a customization at all.
func setupTypes(l salesforce.SetupChange) (types []string, customizes bool) {
	section, action := strings.ToLower(strings.TrimSpace(l.Section)), strings.ToLower(l.Action)
	if t, known := typesByLabel()[section]; known {
		return []string{t}, true
	}
	if ts, known := setupSections[section]; known {
		return ts, true
	}
	if strings.HasPrefix(section, "customize ") { // such as Customize Accounts
		return []string{"CustomField", "CustomObject", "Layout", "RecordType", "ValidationRule"}, true
	}
	for _, word := range noCustomization {
		if strings.Contains(action, word) {
			return nil, false
		}
	}
	switch {
	case strings.HasPrefix(action, "permset"):
		return []string{"PermissionSet"}, true
	case strings.Contains(action, "profile"):
		return []string{"Profile"}, true
	}
	return nil, true
}

// typesByLabel finds a type by its name in words: "apex class".
var typesByLabel = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, t := range metadata.Types() {
		out[strings.ToLower(strings.Join(wordsOf(t.Name), " "))] = t.Name
	}
	return out
})

// wordsOf splits ApexClass in two.
func wordsOf(name string) []string {
	words, from := []string{}, 0
	for i, c := range name {
		if i > from && c >= 'A' && c <= 'Z' {
			words, from = append(words, name[from:i]), i
		}
	}
	return append(words, name[from:])
}

// componentIn is the customization that a line names, if its section is of one
// type and its text ends with a name of it.
func componentIn(l salesforce.SetupChange) string {
	types, _ := setupTypes(l)
	_, name, named := strings.Cut(l.Display, ": ")
	if name = strings.TrimSpace(name); len(types) != 1 || !named || metadata.CheckName(types[0], name) != nil {
		return ""
	}
	return types[0] + ":" + name
}
