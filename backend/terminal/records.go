package terminal

import (
	"context"
	"fmt"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/scan"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

func (pl *play) makeRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr == nil {
		cr, err := pl.request(ctx)
		if err != nil {
			return "", err
		}
		if dr, err = pl.NewDeploymentRecord(ctx, workspace.Ana, governance.DeploymentRecord{RequestID: cr.ID, SourceID: workspace.DemoSource, TargetID: workspace.DemoTarget,
			Whole: true, Deployer: workspace.Dee, Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}}); err != nil {
			return "", err
		}
	}
	return dr.Label() + " from Demo UAT to Demo Production, all of the request, local tests, Dee will deploy", nil
}

func (pl *play) scanRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	return pl.scan(ctx, dr)
}

func (pl *play) scan(ctx context.Context, dr *governance.DeploymentRecord) (string, error) {
	ana, err := pl.Author(ctx, workspace.Ana)
	if err != nil {
		return "", err
	}
	c, err := pl.Scanner.Run(ctx, ana, dr.ID)
	if err != nil {
		return "", err
	}
	parts := []string{fmt.Sprintf("%d new, %d changed", c.New, c.Changed)}
	for _, p := range []struct {
		n    int
		what string
	}{{c.Same, "the same by meaning"}, {c.Deleted, "to be deleted"}, {c.MissingInSource, "missing in the source"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", "), nil
}

func (pl *play) dependencies(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	deps, err := pl.Scanner.Dependencies(ctx, workspace.Ana, dr.ID)
	if err != nil {
		return "", err
	}
	return describe(deps), nil
}

func describe(deps *scan.Dependencies) string {
	in, found := map[scan.Where]int{}, map[string]int{}
	for _, d := range deps.Items {
		in[d.In]++
		for _, f := range d.Found {
			found[f]++
		}
	}
	s := fmt.Sprintf("%s: %d in the package, %d in the target, %d missing", count(int64(len(deps.Items)), "reference", "references"), in[scan.InPackage], in[scan.InTarget], in[scan.Missing])
	if in[scan.Nowhere] > 0 {
		s += fmt.Sprintf(", %d in neither org", in[scan.Nowhere])
	}
	if in[scan.Deleted] > 0 {
		s += fmt.Sprintf(", %d to what is deleted", in[scan.Deleted])
	}
	s += fmt.Sprintf("; %d read from the files, %d told by the org", found[scan.FoundParsed], found[scan.FoundByOrg])
	names := []string{}
	for _, m := range deps.Missing {
		names = append(names, m.String())
	}
	if len(names) > 0 {
		s += ". Missing: " + strings.Join(names, ", ")
	}
	return s
}

func (pl *play) submitRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status == governance.InProgress {
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s binds package %.14s, base %.14s, target %s, tests %s and the way back %.14s in revision %.12s", dr.Label(), dr.Package, dr.Base, dr.TargetOrg, dr.Options.TestLevel, dr.Reverse, dr.Revision), nil
}

func (pl *play) unapproved(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status != governance.Pending {
		return "", governance.Faultf("demo_order", "%s is %s; this step comes while it waits for approval.", dr.Label(), dr.Status)
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "record_status")
}

func (pl *play) approveRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr, err = pl.approvals(ctx, dr); err != nil {
		return "", err
	}
	h, err := pl.Store.History(ctx, dr.RequestID)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s signed revision %.12s: these bytes, this target, this deployer", signers(h, h.RecordStanding(dr.ID)), dr.Revision), nil
}

func (pl *play) approvals(ctx context.Context, dr *governance.DeploymentRecord) (*governance.DeploymentRecord, error) {
	var err error
	for _, m := range []string{workspace.Bo, workspace.Cy} {
		if dr.Status != governance.Pending {
			break
		}
		if voted, err := pl.voted(ctx, m, dr.RequestID, dr.ID); err != nil {
			return nil, err
		} else if voted {
			continue
		}
		if dr, err = pl.DoRecord(ctx, m, dr.ID, governance.Deed{Action: governance.Approve, Reason: "Difference and dependencies reviewed."}); err != nil {
			return nil, err
		}
	}
	if dr.Status != governance.Approved {
		return nil, governance.Faultf("not_approved", "%s is %s.", dr.Label(), dr.Status)
	}
	return dr, nil
}

// again reopens the record, scans, submits and collects the approvals anew. It
// goes on from wherever an earlier try has stopped.
func (pl *play) again(ctx context.Context, reason string) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status == governance.Approved {
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Reopen, Reason: reason}); err != nil {
			return "", err
		}
	}
	compared := "scanned before"
	if dr.Status == governance.InProgress {
		if compared, err = pl.scan(ctx, dr); err != nil {
			return "", err
		}
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	if dr, err = pl.approvals(ctx, dr); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, approved in round %d as revision %.12s", compared, dr.Round, dr.Revision), nil
}

func (pl *play) retrieve(ctx context.Context) (string, error) {
	dee, dr, err := pl.deployer(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.Runner.Retrieve(ctx, dee, dr.ID)
	if err != nil {
		return "", err
	}
	if log.Result != governance.ResultSucceeded {
		return "", governance.Faultf("retrieve", "%s", log.Message)
	}
	return fmt.Sprintf("%s: %.14s", strings.TrimSuffix(log.Message, "."), log.Package), nil
}

func (pl *play) deployer(ctx context.Context) (store.Author, *governance.DeploymentRecord, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return store.Author{}, nil, err
	}
	dee, err := pl.Author(ctx, workspace.Dee)
	return dee, dr, err
}

func (pl *play) dependenciesAgain(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	deps, err := pl.Scanner.Dependencies(ctx, workspace.Dee, dr.ID)
	if err != nil {
		return "", err
	}
	if len(deps.Missing) > 0 && pl.sample {
		return "", governance.Faultf("still_missing", "%s", describe(deps))
	}
	return describe(deps), nil
}
