package workspace

import (
	"cmp"
	"context"
	"slices"

	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A recordLook is everything that a Deployment Record's page is made of.
type recordLook struct {
	w         *Workspace
	dr        *governance.DeploymentRecord
	cr        *governance.ChangeRequest
	situation governance.Situation
	standing  governance.Standing // of the record
	request   governance.Standing
	charter   *governance.Charter
	policy    *governance.Policy // that rules the target, nil if none
	people    roster
	actions   []governance.ActionState
	source    EnvironmentView
	target    EnvironmentView
	logs      []governance.DeploymentLog // first one first
	decisions map[governance.AttemptKind]deploy.Answer
	counts    *comparedCounts // nil while nothing was scanned
	countsErr error
	depends   DependencyAnswer
	busy      string // what holds the target, if not this record
}

func (w *Workspace) look(ctx context.Context, id string) (*recordLook, error) {
	dr, err := w.Store.DeploymentRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	l := &recordLook{w: w, dr: dr, decisions: map[governance.AttemptKind]deploy.Answer{}}
	if l.cr, err = w.Store.ChangeRequest(ctx, dr.RequestID); err != nil {
		return nil, err
	}
	if l.situation, err = w.Store.Situation(ctx, w.Acting(), id); err != nil {
		return nil, err
	}
	h := l.situation.History
	l.standing, l.request, l.charter = h.RecordStanding(id), h.RequestStanding(dr.RequestID), h.Charter()
	l.people, l.actions = rosterOf(l.charter), dr.Actions(l.situation)
	if l.source, err = w.sourceOf(ctx, dr); err != nil {
		return nil, err
	}
	if l.target, err = w.targetOf(ctx, dr); err != nil {
		return nil, err
	}
	if l.charter != nil {
		kind, org := dr.TargetKind, dr.TargetOrg
		if org == "" { // not scanned yet
			kind, org = l.target.Environment.Kind, l.target.Environment.OrganizationID
		}
		l.policy = l.charter.PolicyFor(kind, org)
	}
	if l.logs, err = w.Store.DeploymentLogs(ctx, id); err != nil {
		return nil, err
	}
	if dr.Package != "" {
		counts, err := w.comparedCounts(ctx, dr)
		l.counts, l.countsErr = &counts, err
	}
	if l.depends, err = w.lastDependencies(ctx, dr); err != nil {
		return nil, err
	}
	return l, l.askGate(ctx)
}

// sourceOf is the environment that a record takes from.
func (w *Workspace) sourceOf(ctx context.Context, dr *governance.DeploymentRecord) (EnvironmentView, error) {
	return w.environmentOf(ctx, governance.Environment{ID: dr.SourceID, OrganizationID: dr.SourceOrg})
}

// targetOf is the environment that a record deploys to.
func (w *Workspace) targetOf(ctx context.Context, dr *governance.DeploymentRecord) (EnvironmentView, error) {
	return w.environmentOf(ctx, governance.Environment{ID: dr.TargetID, OrganizationID: dr.TargetOrg, Kind: dr.TargetKind})
}

// environmentOf is an environment of a record. One that this machine has not
// connected is called by the id of its org, and has the kind that was submitted:
// who approves must see where to, also without a sign-in of his own there.
func (w *Workspace) environmentOf(ctx context.Context, e governance.Environment) (EnvironmentView, error) {
	v, err := w.EnvironmentView(ctx, e.ID)
	if governance.FaultCode(err) != "not_found" {
		return v, err
	}
	if e.Name = e.OrganizationID; e.Name == "" {
		e.Name = "an environment that is not here"
	}
	c, err := w.Charter(ctx)
	return EnvironmentView{Environment: e, Production: drawnAsProduction(c, e)}, err
}

// asked are the kinds of attempt that a page asks the gate about, a retrieve
// first.
var asked = []governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate, governance.AttemptDeploy, governance.AttemptQuick}

// askGate asks the gate about each kind of attempt. Before the record is
// approved the answer is the same for all.
func (l *recordLook) askGate(ctx context.Context) error {
	active, err := l.w.Store.ActiveLogs(ctx)
	if err != nil {
		return err
	}
	for _, other := range active {
		if other.TargetOrg != "" && other.TargetOrg == l.dr.TargetOrg && other.Kind != governance.AttemptRetrieve && other.RecordID != l.dr.ID {
			row, err := l.w.recordRow(ctx, other.RecordID)
			if err != nil {
				return err
			}
			if row.ID != "" {
				l.busy = row.Label + " " + row.Name
			}
		}
	}
	kinds := asked
	if l.standing.Status != governance.Approved {
		kinds = asked[:1]
	}
	answers, err := l.w.ask(ctx, l.dr.ID, kinds)
	if err != nil && governance.FaultCode(err) == "" {
		return err
	}
	for _, kind := range asked {
		if !slices.Contains(kinds, kind) {
			l.decisions[kind] = l.decisions[asked[0]]
			continue
		}
		a := answers[kind]
		if a.Err != nil && governance.FaultCode(a.Err) == "" {
			return a.Err
		}
		a.Err = cmp.Or(err, a.Err)
		l.decisions[kind] = a
	}
	return nil
}

// ask is the gate's answer to the person at this window about some kinds of
// attempt. Of a retrieve, what it would mend does not stand against it.
func (w *Workspace) ask(ctx context.Context, recordID string, kinds []governance.AttemptKind) (map[governance.AttemptKind]deploy.Answer, error) {
	all, err := w.Runner.AskEach(ctx, w.Acting(), recordID, kinds, noIdentity)
	if a, there := all[governance.AttemptRetrieve]; there && a.Err == nil {
		a.Checks = slices.DeleteFunc(a.Checks, func(c governance.Check) bool { return c.Code == "retrieved" })
		a.Open = len(a.Reasons()) == 0
		all[governance.AttemptRetrieve] = a
	}
	return all, err
}

func (l *recordLook) authors() []string { return union(l.standing.Authors, l.dr.Authors) }

// count is how many customizations the record names; a whole one that was not
// scanned yet names those of its request.
func (l *recordLook) count() int64 { return int64(len(recordContent(l.dr, l.cr))) }

// seats are those of the round, or those that Submit would open.
func (l *recordLook) seats() Seats {
	if l.standing.Status != governance.InProgress && l.standing.Round > 0 {
		return seatsOf(l.situation.History, l.standing, l.w.now())
	}
	types, content := []string{}, []governance.Customization{}
	for _, i := range recordContent(l.dr, l.cr) {
		types, content = append(types, i.Type), append(content, i.Customization)
	}
	slices.Sort(types)
	return l.w.expectedSeats(l.charter, prospect{policy: l.policy, kind: l.cr.Type, types: slices.Compact(types), authors: union(l.authors(), l.request.Authors), deployer: l.dr.Deployer,
		touches: func(o *governance.Ownership) bool {
			return o.TouchedBy(content) || slices.ContainsFunc(content, func(c governance.Customization) bool {
				return c.Name == wildcard && o.TouchedByTypes([]string{c.Type})
			})
		}})
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// digest is that of the content as submitted, or as it would be submitted now.
func (l *recordLook) digest() (string, error) {
	return l.w.recordDigest(l.situation.History, l.dr, l.standing)
}

func (w *Workspace) recordDigest(h *governance.History, dr *governance.DeploymentRecord, st governance.Standing) (string, error) {
	if st.Status != governance.InProgress && st.Revision != "" {
		return st.Revision, nil
	}
	next := *dr
	next.Parents = h.ParentsAfter(st.Revision, dr.Parents) // as Submit will set them
	digest, _, err := ledger.RecordRevision(next.RevisionIn(w.id, st.Round+1))
	return digest, err
}

// deletable: a draft that was never submitted and has no attempts, for one of
// its authors or an owner.
func (l *recordLook) deletable() bool {
	may := slices.Contains(l.dr.Authors, l.w.Acting()) || l.people.member(l.w.Acting()).Has(governance.Owner)
	return may && len(l.logs) == 0 && len(l.situation.History.Thread(l.dr.ID)) == 0
}

func (l *recordLook) logRows() []LogRow {
	out := make([]LogRow, 0, len(l.logs))
	for _, g := range slices.Backward(l.logs) {
		out = append(out, LogRow{ID: g.ID, Attempt: g.Attempt, Kind: g.Kind, Word: g.StatusWord(), Active: g.Active(), Result: g.Result, Message: g.Message, Said: l.w.messageOf(&g, l.target.Environment.Name),
			By: l.people.person(g.By), StartedAt: g.StartedAt, CompletedAt: g.CompletedAt})
	}
	return out
}
