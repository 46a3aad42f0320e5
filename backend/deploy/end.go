package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// finish reads the full answer, keeps it as evidence, proves what it claims
// and signs the result.
func (r *Runner) finish(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	res, err := b.target.DeployStatus(ctx, log.AsyncID, true)
	if err != nil {
		return log, fmt.Errorf("read the result from %s: %w", b.env.Name, err)
	}
	raw, _, err := r.Store.PutBlob(ctx, bytes.NewReader(res.Raw))
	if err != nil {
		return log, err
	}
	out, result, doubt := outcome(res), resultOf(res.Status), ""
	if log.Kind.Real() && result == governance.ResultSucceeded {
		if out.Unchanged, doubt, err = r.proved(ctx, b); err != nil {
			return log, err
		}
	}
	return r.end(ctx, log, func(l *governance.DeploymentLog) {
		count(l, res)
		l.Result, l.Outcome, l.RawBlob, l.LastContact = result, out, raw, r.now()
		l.ServerCompleted = res.CompletedDate.UTC()
		l.Message = verdict(l, b.env.Name, res)
		if doubt != "" {
			l.Message = fmt.Sprintf("%s accepted %s, but what is there now could not be compared with what was sent: %s", b.env.Name, every(l.ComponentsTotal, "component"), doubt)
			l.Outcome.Warnings = append(l.Outcome.Warnings, l.Message)
		}
	})
}

// proved compares what is in the org now with what was sent. An org out of reach
// is an error: it is asked again. When the comparison itself cannot be made the
// doubt says why; the org's word on the deployment still holds.
func (r *Runner) proved(ctx context.Context, b *bench) (unchanged []string, doubt string, err error) {
	for range 3 { // a broken answer is likely to be whole the next time
		unchanged, err = r.prove(ctx, b)
		if governance.FaultCode(err) != salesforce.CodeBadAnswer {
			break
		}
	}
	switch {
	case err == nil:
		return unchanged, "", nil
	case ctx.Err() != nil, outOfReach(err):
		return nil, "", fmt.Errorf("read back what was deployed to %s: %w", b.env.Name, err)
	}
	return []string{}, sentence(err), nil
}

// end closes an attempt and signs how it ended with the key that signed its
// start. If that key is locked, or no longer the member's, the row says how it
// ended all the same, and the signature follows when the key is there.
func (r *Runner) end(ctx context.Context, log *governance.DeploymentLog, edit func(*governance.DeploymentLog)) (*governance.DeploymentLog, error) {
	shut := func(l *governance.DeploymentLog) {
		edit(l)
		l.Progress, l.CompletedAt, l.CancelWanted = governance.ProgressDone, r.now(), false
	}
	by, err := r.Signer(ctx, log.By)
	if err != nil {
		return r.update(ctx, log.ID, shut)
	}
	done, err := r.Store.UpdateDeploymentLog(ctx, log.ID, &by, func(l *governance.DeploymentLog) (governance.Intent, error) {
		shut(l)
		return ending(l), nil
	})
	if err != nil {
		return r.update(ctx, log.ID, shut)
	}
	r.tell(done)
	return done, nil
}

// signWaiting signs the results whose key was locked when they came.
func (r *Runner) signWaiting(ctx context.Context) error {
	waiting, err := r.Store.DeploymentLogsAwaitingResult(ctx)
	if err != nil {
		return err
	}
	var all error
	for _, l := range waiting {
		by, err := r.Signer(ctx, l.By)
		if err != nil {
			continue // still locked; nothing is lost
		}
		all = errors.Join(all, r.sign(ctx, l.ID, by))
	}
	return all
}

func (r *Runner) sign(ctx context.Context, logID string, by store.Author) error {
	l, err := r.Store.UpdateDeploymentLog(ctx, logID, &by, func(l *governance.DeploymentLog) (governance.Intent, error) { return ending(l), nil })
	if err == nil {
		r.tell(l)
	}
	return err
}

// ending is the act about how an attempt ended.
func ending(l *governance.DeploymentLog) governance.Intent {
	typ := governance.ActResult
	if l.Kind == governance.AttemptValidate {
		typ = governance.ActValidated
	}
	completed := ""
	if !l.ServerCompleted.IsZero() {
		completed = l.ServerCompleted.UTC().Format(time.RFC3339)
	}
	return governance.Intent{Type: typ, Subject: l.RecordID, Body: governance.Ending{
		AsyncID: l.AsyncID, CompletedAt: completed, ComponentErrors: l.ComponentErrors, Components: l.ComponentsTotal, Detail: l.RawBlob,
		Kind: l.Kind, Package: l.Package, Result: l.Result, Revision: l.Revision, Start: l.StartAct, Status: l.Status,
		TestErrors: l.TestErrors, Tests: l.TestsTotal, Unchanged: int64(len(l.Outcome.Unchanged))}}
}
