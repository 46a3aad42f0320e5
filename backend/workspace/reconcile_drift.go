package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// drift looks at an inventory that was not looked at yet: what was changed since
// the newest change of the one before, and what is gone since then, and by no
// deployment. The first inventory only says what the org is like. What the
// readings of the set-up trail and of the deployments have found by name is not
// found a second time.
func (r *reader) drift(ctx context.Context) error {
	if r.scan == nil {
		return nil
	}
	since := momentOf(r.last.Drift)
	newest := since
	h, err := r.w.Store.History(ctx, governance.OrganizationSubject(r.env.OrganizationID))
	if err != nil {
		return err
	}
	known := append(slices.Clone(r.found), findingsIn(h, r.env.OrganizationID)...)
	named := r.namedIn(known)
	days := byDay[store.ScanItem]{}
	err = r.eachItem(ctx, since, func(i store.ScanItem) {
		newest = latest(newest, i.LastModifiedAt)
		at, drifted := i.LastModifiedAt, i.LastModifiedAt.After(since) && !since.IsZero() && !i.LastModifiedAt.Before(r.start)
		if !drifted || installed(i) || slices.ContainsFunc(named[i.Type+":"+i.Name], func(f governance.Finding) bool { return tells(f, at) }) || r.byDeployment(i) {
			return
		}
		days.add(i.LastModifiedByName, at, i)
	})
	if err != nil {
		return err
	}
	for _, d := range days.groups {
		if err := r.findDrift(ctx, d); err != nil {
			return err
		}
	}
	if err := r.gone(ctx, known); err != nil {
		return err
	}
	r.next.Scan = r.scan.ID
	if !newest.IsZero() {
		r.next.Drift = rfc(newest)
	}
	return nil
}

func findingsIn(h *governance.History, organization string) []governance.Finding {
	out := []governance.Finding{}
	for _, s := range h.Findings(organization) {
		out = append(out, s.Finding)
	}
	return out
}

// installed are parts of managed packages, which their publisher changes.
func installed(i store.ScanItem) bool {
	return i.NamespacePrefix != "" && i.ManageableState != "" && i.ManageableState != "unmanaged"
}

// byDeployment reports whether a deployment changed an item. What its user
// changed in its time and its answer does not name is probably of it.
func (r *reader) byDeployment(i store.ScanItem) bool {
	c := i.Type + ":" + i.Name
	var probably *window
	for _, v := range r.windows {
		if !v.touches(i.LastModifiedAt, "", i.LastModifiedByName) {
			continue
		}
		if v.changed[c] {
			return true
		}
		probably = v
	}
	if probably == nil {
		return false
	}
	r.next.Lines.Unnamed++
	r.probable = append(r.probable, ProbableChange{Ref: c + "@" + rfc(i.LastModifiedAt), Kind: string(governance.FindingDrift), At: i.LastModifiedAt, By: i.LastModifiedByName,
		Component: c, Deployment: probably.id, DeployedAt: probably.to})
	return true
}

// tells reports whether a finding is about a change of that time: it names the
// end of a deployment, or the last of a day's changes.
func tells(f governance.Finding, at time.Time) bool {
	end := momentOf(f.At)
	return !at.After(end.Add(time.Minute)) && end.Sub(at) < 24*time.Hour
}

// namedIn are findings by what they name, without those of drift: an inventory
// may show a component as changed once more.
func (r *reader) namedIn(findings []governance.Finding) map[string][]governance.Finding {
	out := map[string][]governance.Finding{}
	for _, f := range findings {
		if f.Kind == governance.FindingDrift {
			continue
		}
		for _, c := range f.Components {
			out[c] = append(out[c], f)
		}
	}
	return out
}

// eachItem goes through the inventory from its newest change back to a time.
func (r *reader) eachItem(ctx context.Context, since time.Time, do func(store.ScanItem)) error {
	const at = 500
	for offset := 0; ; offset += at {
		items, _, err := r.w.Store.Inventory(ctx, r.scan.ID, store.InventoryQuery{Sort: "-lastModifiedAt", Limit: at, Offset: offset})
		if err != nil {
			return err
		}
		for _, i := range items {
			do(i)
		}
		if len(items) < at || since.IsZero() || !items[len(items)-1].LastModifiedAt.After(since) {
			return nil
		}
	}
}

// gone looks for what the inventory before had and this one has not. An org says
// neither who deleted it nor when.
func (r *reader) gone(ctx context.Context, known []governance.Finding) error {
	if r.before == nil || r.before.OrganizationID != r.scan.OrganizationID {
		return nil
	}
	missing, err := r.w.Store.MissingItems(ctx, r.before, r.scan)
	if err != nil {
		return err
	}
	told := map[string]time.Time{} // what findings call deleted, and when at the latest
	for _, f := range known {
		for _, c := range f.Deleted {
			told[c] = latest(told[c], momentOf(f.At))
		}
	}
	unaccounted := slices.DeleteFunc(missing, func(i store.ScanItem) bool {
		return installed(i) || slices.ContainsFunc(goneWith(i), func(c string) bool {
			return !told[c].IsZero() && !told[c].Before(i.LastModifiedAt) || r.deleted(c, i.LastModifiedAt)
		})
	})
	if len(unaccounted) == 0 {
		return nil
	}
	first := unaccounted[0]
	f := governance.Finding{At: rfc(r.scan.CompletedAt), Kind: governance.FindingDrift, Organization: r.env.OrganizationID,
		Ref: "gone:" + first.Type + ":" + first.Name + "@" + rfc(first.LastModifiedAt)}
	return r.findItems(ctx, f, unaccounted, governance.Delete)
}

// deleted reports whether a deployment deleted a component after a time.
func (r *reader) deleted(component string, after time.Time) bool {
	return slices.ContainsFunc(r.windows, func(v *window) bool { return v.deleted[component] && !v.to.Before(after) })
}

// goneWith are an item and all whose deletion takes it away: its object, the type
// of its record, its folder.
func goneWith(i store.ScanItem) []string {
	self := i.Type + ":" + i.Name
	root := rootOf(self)
	out := []string{self, "CustomObject:" + root, "CustomObject:" + i.Name, "CustomObject:" + root + "__mdt"}
	if folder, _, inside := strings.Cut(i.Name, "/"); inside {
		out = append(out, i.Type+":"+folder)
	}
	return out
}

// findDrift makes one finding of what a person changed on a day. Its Ref is the
// last change, which every inventory shows alike.
func (r *reader) findDrift(ctx context.Context, d *daywork[store.ScanItem]) error {
	slices.SortFunc(d.items, func(a, b store.ScanItem) int { return a.LastModifiedAt.Compare(b.LastModifiedAt) })
	last := d.items[len(d.items)-1]
	f := governance.Finding{At: rfc(d.last), By: d.who, Kind: governance.FindingDrift, Organization: r.env.OrganizationID, Ref: last.Type + ":" + last.Name + "@" + rfc(last.LastModifiedAt)}
	return r.findItems(ctx, f, d.items, governance.Modify)
}

// findItems finishes a finding about items of an inventory. One that the
// inventory before had not is new.
func (r *reader) findItems(ctx context.Context, f governance.Finding, items []store.ScanItem, how governance.Change) error {
	type change struct {
		At     string            `json:"at"`
		By     string            `json:"by"`
		Change governance.Change `json:"change"`
		Name   string            `json:"name"`
		Type   string            `json:"type"`
	}
	had, err := r.had(ctx, items)
	if err != nil {
		return err
	}
	all, named := []change{}, changes{}
	for _, i := range items {
		c, done := i.Type+":"+i.Name, how
		if had != nil && !had[c] {
			done = governance.Add
		}
		named.add(c, done)
		all = append(all, change{rfc(i.LastModifiedAt), i.LastModifiedByName, done, i.Name, i.Type})
	}
	named.into(&f)
	f.Summary = summed(named.all)
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if f.Detail, _, err = r.w.Store.PutBlob(ctx, bytes.NewReader(raw)); err != nil {
		return err
	}
	r.found = append(r.found, f)
	return nil
}

// had says which items the inventory before had, nil if there is none.
func (r *reader) had(ctx context.Context, items []store.ScanItem) (map[string]bool, error) {
	if r.before == nil {
		return nil, nil
	}
	return r.w.Store.ItemsOf(ctx, r.before.ID, items)
}
