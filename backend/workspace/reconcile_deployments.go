package workspace

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// maxNamed is how many components a finding names; its detail has all.
const maxNamed = 1000

// deployments reads the org's list of deployments. Each that changed something
// is a window; those that no act accounts for are findings as well. One that is
// not over holds the reading back until it is. A user who may not see the list
// makes the reading say so, and nothing else is read: what the deployments of
// this workspace did would look like somebody's.
func (r *reader) deployments(ctx context.Context) error {
	judged := r.from(r.last.Deployments)
	from := judged
	if drift := momentOf(r.last.Drift); r.scan != nil && !drift.IsZero() && drift.Before(from) {
		from = drift // what the inventory shows may come from these
	}
	list, err := r.client.DeployRequests(ctx, from.Add(-overlap))
	if slices.Contains(notForThisUser, governance.FaultCode(err)) {
		r.unread, r.next.DeploymentsUnread = err, governance.FaultCode(err)
		return nil
	}
	if err != nil {
		return err
	}
	until := r.client.LastServerTime()
	if until.IsZero() { // a proxy took the org's time away: the rows have it
		until = momentOf(r.last.Deployments)
		for _, d := range list {
			until = latest(until, d.CreatedDate)
		}
	}
	var own ownDeployments
	for _, d := range list {
		if d.CheckOnly {
			continue
		}
		if !d.Status.Done() {
			if d.CreatedDate.Before(until) {
				until = d.CreatedDate
			}
			continue
		}
		res, changed, err := r.changedBy(ctx, d)
		if err != nil {
			return err
		}
		if !changed {
			continue
		}
		r.windows = append(r.windows, windowOf(d, res))
		if d.CreatedDate.Before(judged) {
			continue
		}
		if own.logs == nil {
			if own, err = r.w.ownDeployments(ctx, r.env.OrganizationID); err != nil {
				return err
			}
		}
		accounted, err := own.account(ctx, d.ID, res)
		if err != nil {
			return err
		}
		if !accounted {
			if err := r.findDeployment(ctx, d, res); err != nil {
				return err
			}
		}
	}
	r.next.Deployments = rfc(until)
	return nil
}

// changedBy reports whether a finished deployment changed anything, with the
// org's full answer, nil when the org has forgotten it.
func (r *reader) changedBy(ctx context.Context, d salesforce.DeployRequest) (*salesforce.DeployResult, bool, error) {
	kept := d.Status != salesforce.DeployFailed && d.Status != salesforce.DeployCanceled
	if !kept && d.NumberComponentsDeployed == 0 {
		return nil, false, nil
	}
	res, err := r.client.DeployStatus(ctx, d.ID, true)
	if governance.FaultCode(err) == salesforce.CodeNotFound {
		return nil, kept && d.NumberComponentsDeployed > 0, nil
	}
	if err != nil {
		return nil, false, err
	}
	if !kept && res.RollbackOnError {
		return res, false, nil
	}
	return res, len(changesIn(res).all) > 0, nil
}

// changes are the components that something made, changed or deleted, each once
// and in order, and those of them that are new or gone.
type changes struct{ all, added, deleted []string }

func (c *changes) add(component string, how governance.Change) {
	c.all = append(c.all, component)
	switch how {
	case governance.Add:
		c.added = append(c.added, component)
	case governance.Delete:
		c.deleted = append(c.deleted, component)
	}
}

// into names them in a finding, the first of them if they are very many.
func (c changes) into(f *governance.Finding) {
	kept := c.all[:min(len(c.all), maxNamed)]
	left := func(component string) bool { return !slices.Contains(kept, component) }
	f.Components = append([]string{}, kept...)
	f.Added, f.Deleted = slices.DeleteFunc(slices.Clone(c.added), left), slices.DeleteFunc(slices.Clone(c.deleted), left)
}

// changesIn are what a deployment changed, by its answer. What it deleted and
// brought again is new.
func changesIn(res *salesforce.DeployResult) changes {
	out := changes{all: []string{}}
	if res == nil {
		return out
	}
	hows := map[string]governance.Change{}
	for _, m := range res.Details.ComponentSuccesses {
		if m.ComponentType == "" || !m.Changed && !m.Created && !m.Deleted {
			continue
		}
		c, how := m.ComponentType+":"+m.FullName, governance.Modify
		switch {
		case m.Created:
			how = governance.Add
		case m.Deleted:
			how = governance.Delete
		}
		if before, twice := hows[c]; !twice || before != governance.Add && how != governance.Modify {
			hows[c] = how
		}
	}
	for _, c := range slices.Sorted(maps.Keys(hows)) {
		out.add(c, hows[c])
	}
	return out
}

func (r *reader) findDeployment(ctx context.Context, d salesforce.DeployRequest, res *salesforce.DeployResult) error {
	f := governance.Finding{Async: d.ID, At: rfc(latest(d.CompletedDate, d.CreatedDate)), By: d.CreatedByID, Kind: governance.FindingDeployment, Organization: r.env.OrganizationID, Ref: d.ID}
	changed := changesIn(res)
	changed.into(&f)
	f.Summary = fmt.Sprintf("A deployment of %s.", plural(int64(len(changed.all)), "component"))
	if res == nil {
		f.Summary = fmt.Sprintf("A deployment of %s, whose details the org has forgotten.", plural(int64(d.NumberComponentsDeployed), "component"))
	} else {
		if res.CreatedByName != "" {
			f.By = res.CreatedByName
		}
		var err error
		if f.Detail, _, err = r.w.Store.PutBlob(ctx, bytes.NewReader(res.Raw)); err != nil {
			return err
		}
	}
	r.found = append(r.found, f)
	return nil
}

// ownDeployments are the attempts of this workspace in one org. Its rows only
// say where to look; what counts are the signed acts.
type ownDeployments struct {
	w            *Workspace
	organization string
	logs         []governance.DeploymentLog
}

func (w *Workspace) ownDeployments(ctx context.Context, organization string) (ownDeployments, error) {
	own := ownDeployments{w: w, organization: organization, logs: []governance.DeploymentLog{}}
	all, err := w.Store.DeploymentLogs(ctx, "")
	for _, l := range all {
		if l.TargetOrg == organization && l.StartAct != "" {
			own.logs = append(own.logs, l)
		}
	}
	return own, err
}

// account reports whether a signed start or result of this workspace is of a
// deployment: by the id that Salesforce gave it, or by the marker in it.
func (o ownDeployments) account(ctx context.Context, id string, res *salesforce.DeployResult) (bool, error) {
	for _, l := range o.logs {
		if salesforce.ID18(l.AsyncID) != id && !carries(res, l.Marker) {
			continue
		}
		h, err := o.w.Store.History(ctx, l.RequestID)
		if err != nil {
			return false, err
		}
		if o.signed(h.Thread(l.RecordID), id, res) {
			return true, nil
		}
	}
	return false, nil
}

// signed looks through the acts about a record. The zip of a quick deployment is
// that of the validation before it, and carries its marker.
func (o ownDeployments) signed(acts []*governance.Act, id string, res *salesforce.DeployResult) bool {
	starts, quick := map[string]governance.Start{}, false
	for _, a := range acts {
		if s, is := a.Body.(governance.Start); is && a.Broken == "" && s.Target == o.organization {
			starts[a.ID], quick = s, quick || s.Kind == governance.AttemptQuick
		}
	}
	for _, s := range starts {
		if (s.Kind.Real() || quick) && carries(res, s.Marker) {
			return true
		}
	}
	for _, a := range acts {
		e, is := a.Body.(governance.Ending)
		if !is || a.Broken != "" || salesforce.ID18(e.AsyncID) != id {
			continue
		}
		if s, known := starts[e.Start]; known && s.Kind.Real() {
			return true
		}
	}
	return false
}

// carries reports whether an answer names a file in the folder of a marker.
func carries(res *salesforce.DeployResult, marker string) bool {
	if res == nil || marker == "" {
		return false
	}
	in := func(m salesforce.DeployMessage) bool { return strings.HasPrefix(m.FileName, marker+"/") }
	return slices.ContainsFunc(res.Details.ComponentSuccesses, in) || slices.ContainsFunc(res.Details.ComponentFailures, in)
}
