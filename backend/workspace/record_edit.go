package workspace

import (
	"context"
	"slices"
	"strings"

	"countersign/backend/governance"
)

// SaveRecord saves the fields of a draft; with an empty id it makes a new one
// of its approved request, and what is left empty gets its usual value: all of
// the request, to be rolled back on an error, tests by the target, and the first
// member who may deploy there. Faults: not_found, not_approved, locked,
// same_environment, test_level, not_member, environment_missing.
func (w *Workspace) SaveRecord(ctx context.Context, id string, f RecordFields) (RecordView, error) {
	if id == "" {
		return w.newRecord(ctx, f)
	}
	if err := w.checkDeployer(ctx, f.Deployer); err != nil {
		return RecordView{}, err
	}
	dr, err := w.EditDeploymentRecord(ctx, w.Acting(), id, func(dr *governance.DeploymentRecord) error {
		dr.Name, dr.SourceID, dr.TargetID, dr.Options, dr.Deployer = oneLine(f.Name), f.SourceID, f.TargetID, f.Options, f.Deployer
		if !f.Whole || !dr.Whole { // what Run Scan made of the whole stays
			dr.Customizations = slices.Clone(f.Customizations)
		}
		if dr.Whole = f.Whole; f.Whole && len(f.Customizations) == 0 && dr.Package == "" {
			dr.Customizations = nil
		}
		return nil
	})
	if err != nil {
		return RecordView{}, err
	}
	return w.RecordView(ctx, dr.ID)
}

func (w *Workspace) checkDeployer(ctx context.Context, member string) error {
	if member == "" {
		return nil
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if !c.Live(member) {
		return governance.Faultf("not_member", "%q is not a member of this workspace who can sign.", member).WithHint("Choose who deploys.")
	}
	return nil
}

func (w *Workspace) newRecord(ctx context.Context, f RecordFields) (RecordView, error) {
	if err := w.checkDeployer(ctx, f.Deployer); err != nil {
		return RecordView{}, err
	}
	dr := governance.DeploymentRecord{RequestID: f.RequestID, Name: oneLine(f.Name), SourceID: f.SourceID, TargetID: f.TargetID,
		Whole: f.Whole || len(f.Customizations) == 0, Options: f.Options, Deployer: f.Deployer}
	if !dr.Whole {
		dr.Customizations = slices.Clone(f.Customizations)
	}
	if err := w.usualEnvironments(ctx, &dr); err != nil {
		return RecordView{}, err
	}
	target, err := w.EnvironmentView(ctx, dr.TargetID)
	if err != nil {
		return RecordView{}, err
	}
	if o := &dr.Options; o.TestLevel == "" {
		o.TestLevel = governance.NoTestRun
		if target.Production { // also what a quick deploy needs
			o.TestLevel = governance.RunLocalTests
		}
		o.RollbackOnError = true
	}
	if dr.Deployer == "" {
		if dr.Deployer, err = w.usualDeployer(ctx, f.RequestID, target.Environment); err != nil {
			return RecordView{}, err
		}
	}
	made, err := w.NewDeploymentRecord(ctx, w.Acting(), dr)
	if err != nil {
		return RecordView{}, err
	}
	return w.RecordView(ctx, made.ID)
}

// usualEnvironments fills in what is left empty: the first environment that is
// not production is the source, the first that is the target.
func (w *Workspace) usualEnvironments(ctx context.Context, dr *governance.DeploymentRecord) error {
	if dr.SourceID != "" && dr.TargetID != "" {
		return nil
	}
	all, err := w.EnvironmentViews(ctx)
	if err != nil {
		return err
	}
	pick := func(production bool, not string) string {
		for _, e := range all {
			if e.Production == production && e.Environment.ID != not {
				return e.Environment.ID
			}
		}
		return ""
	}
	if dr.SourceID == "" {
		dr.SourceID = pick(false, dr.TargetID)
	}
	if dr.TargetID == "" {
		dr.TargetID = pick(true, dr.SourceID)
	}
	if dr.SourceID == "" || dr.TargetID == "" {
		return governance.Faultf("environment_missing", "A deployment needs a source and a target.").WithHint("Add both environments first.")
	}
	return nil
}

// usualDeployer is the first member whom the target's policy lets deploy a
// request; empty if there is none. Submit asks the rules themselves.
func (w *Workspace) usualDeployer(ctx context.Context, requestID string, target governance.Environment) (string, error) {
	h, err := w.Store.History(ctx, requestID)
	if err != nil {
		return "", err
	}
	c, st := h.Charter(), h.RequestStanding(requestID)
	if c == nil {
		return "", nil
	}
	p := c.PolicyFor(target.Kind, target.OrganizationID)
	if p == nil {
		return "", nil
	}
	for _, m := range c.Members {
		author := m.ID == w.Acting() || slices.Contains(st.Authors, m.ID)
		approver := slices.ContainsFunc(st.Seating.Seats, func(s governance.SeatState) bool { return s.Member == m.ID })
		fits := c.Live(m.ID) && (p.DeployerRole == "" || m.Has(p.DeployerRole)) && (!author || p.AuthorMayDeploy) && (!approver || p.ApproverMayDeploy)
		if fits {
			return m.ID, nil
		}
	}
	return "", nil
}

// DeleteRecord deletes a draft that was never submitted. Faults: not_found,
// not_allowed, locked.
func (w *Workspace) DeleteRecord(ctx context.Context, id string) error {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return err
	}
	if _, err := w.Store.DeploymentRecord(ctx, id); err != nil {
		return err // not a request by its id
	}
	return w.Store.DeleteDraft(ctx, id, author)
}

// DoOnRecord does what a person at this window wishes. Faults: seen_other and
// those of DoRecord.
func (w *Workspace) DoOnRecord(ctx context.Context, id string, wish Wish) (RecordView, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RecordView{}, err
	}
	_, err = w.Store.UpdateDeploymentRecord(ctx, id, author, func(dr *governance.DeploymentRecord, s governance.Situation) (governance.Intent, error) {
		in, err := dr.Do(s, governance.Deed{Action: wish.Action, Reason: strings.TrimSpace(wish.Reason), Delegation: wish.Delegation})
		if err != nil {
			return in, err
		}
		digest, err := w.recordDigest(s.History, dr, s.History.RecordStanding(dr.ID))
		if err != nil {
			return in, err
		}
		return in, wish.checkSeen(dr.Label(), digest)
	})
	if err != nil {
		return RecordView{}, err
	}
	return w.RecordView(ctx, id)
}
