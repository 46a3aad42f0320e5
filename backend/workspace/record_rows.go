package workspace

import (
	"context"
	"fmt"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// The words that a list says of a record's last real attempt.
const (
	wordDeploying = "Deploying"
	wordDeployed  = "Deployed"
	wordFailed    = "Deployment failed"
)

// recordRows are the rows of Deployment Records by their ids, in that order.
// Their statuses are those of the signed acts.
func (w *Workspace) recordRows(ctx context.Context, ids []string) ([]RecordRow, error) {
	lines, err := w.Store.RecordLines(ctx, ids)
	if err != nil {
		return nil, err
	}
	h, err := w.Store.History(ctx, requestsOf(lines)...)
	if err != nil {
		return nil, err
	}
	return w.recordRowsOf(ctx, h, lines)
}

// recordRow is the row of one record; of one that is not here the zero row.
func (w *Workspace) recordRow(ctx context.Context, id string) (RecordRow, error) {
	rows, err := w.recordRows(ctx, []string{id})
	if err != nil || len(rows) == 0 {
		return RecordRow{}, err
	}
	return rows[0], nil
}

// requestsOf are the ids for a history of some records, or that of none.
func requestsOf(lines []store.RecordLine) []string {
	ids := []string{noRecords}
	for _, l := range lines {
		ids = append(ids, l.RequestID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// recordRowsOf builds rows of lines whose requests are in a history.
func (w *Workspace) recordRowsOf(ctx context.Context, h *governance.History, lines []store.RecordLine) ([]RecordRow, error) {
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	logs, err := w.Store.LogLinesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	envs, err := w.environmentsByID(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]RecordRow, len(lines))
	for i, l := range lines {
		status, source, target := h.RecordStanding(l.ID).Status, sourceIn(envs, l), targetIn(envs, l)
		out[i] = RecordRow{ID: l.ID, Label: labelOf("DR", l.Number), Name: l.Name, RequestID: l.RequestID,
			Request: labelOf("CR", l.RequestNumber) + " " + l.RequestName, Source: source.Name, Target: target.Name, TargetID: l.TargetID,
			Production: drawnAsProduction(h.Charter(), target), Status: status, Word: deploymentWord(status, l.Revision, logs[l.ID]),
			Kind: l.Kind, Emergency: l.RequestType == governance.Emergency, Count: l.Count, UpdatedAt: l.UpdatedAt}
		if l.Whole && l.Count == 0 {
			out[i].Count = l.RequestCount // Run Scan has not written them into it yet
		}
		if attempts := logs[l.ID]; len(attempts) > 0 {
			out[i].LastLog = attempts[0].ID
		}
	}
	return out, nil
}

// deploymentWord says how the last attempt that changes the target stands, of
// the content as it is approved now; an attempt that runs counts anyway. Empty
// if there is none, or if it changed nothing by a person's wish.
func deploymentWord(status governance.Status, revision string, newestFirst []store.LogLine) string {
	for _, l := range newestFirst {
		if !l.Kind.Real() {
			continue
		}
		if l.Progress != governance.ProgressDone {
			return wordDeploying
		}
		if l.Revision != revision || status != governance.Approved && status != governance.Completed {
			return ""
		}
		switch l.Result {
		case governance.ResultSucceeded:
			return wordDeployed
		case governance.ResultFailed, governance.ResultPartially:
			return wordFailed
		case governance.ResultNone, governance.ResultCanceled, governance.ResultNotSent:
		}
		return ""
	}
	return ""
}

func (w *Workspace) environmentsByID(ctx context.Context) (map[string]governance.Environment, error) {
	all, err := w.Store.Environments(ctx)
	out := map[string]governance.Environment{}
	for _, e := range all {
		out[e.ID] = e
	}
	return out, err
}

func sourceIn(envs map[string]governance.Environment, l store.RecordLine) governance.Environment {
	return known(envs, governance.Environment{ID: l.SourceID, OrganizationID: l.SourceOrg})
}

func targetIn(envs map[string]governance.Environment, l store.RecordLine) governance.Environment {
	return known(envs, governance.Environment{ID: l.TargetID, OrganizationID: l.TargetOrg, Kind: l.TargetKind})
}

// known is an environment of this machine, or what a record says of one that it
// has not connected, which is called by the id of its org.
func known(envs map[string]governance.Environment, e governance.Environment) governance.Environment {
	if here, ok := envs[e.ID]; ok {
		return here
	}
	e.Name = e.OrganizationID
	return e
}

// drawnAsProduction reports whether screens draw an environment as production:
// the demo's target is ruled like one.
func drawnAsProduction(c *governance.Charter, e governance.Environment) bool {
	demoTarget := c != nil && c.Demo && len(c.Organizations) == 2 && e.OrganizationID == c.Organizations[1]
	return e.Kind == governance.Production || demoTarget && e.OrganizationID != ""
}

// labelOf is a label made of a number alone, for lists that read no whole row.
func labelOf(prefix string, number int64) string { return fmt.Sprintf("%s-%04d", prefix, number) }
