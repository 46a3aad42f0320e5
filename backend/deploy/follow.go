package deploy

import (
	"context"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// follow polls a deployment until the org says how it ended. An org that does
// not answer is asked again for as long as it takes: a time-out never means
// that the deployment failed.
func (r *Runner) follow(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	asked := false
	pace := salesforce.Pace{First: r.firstPoll(), Last: r.lastPoll()}
	for {
		next, err := r.poll(ctx, b, log, &asked)
		if next != nil {
			log = next
		}
		switch {
		case ctx.Err() != nil && log.Active():
			return log, ctx.Err()
		case err != nil && !retriable(err), !log.Active():
			return log, err
		}
		if err := sleep(ctx, pace.Next(int(log.ComponentsTotal), b.zipSize)); err != nil {
			return log, err
		}
	}
}

// poll asks once.
func (r *Runner) poll(ctx context.Context, b *bench, log *governance.DeploymentLog, asked *bool) (*governance.DeploymentLog, error) {
	if err := r.watch(ctx, b, log); err != nil {
		return log, err
	}
	res, err := b.target.DeployStatus(ctx, log.AsyncID, false)
	switch {
	case err != nil:
		return log, err
	case res.Done && len(b.unsure) == 0:
		return r.finish(ctx, b, log)
	}
	b.zipSize = res.ZipSize
	if log, err = r.progress(ctx, log, res); err != nil {
		return nil, err
	}
	if log.CancelWanted && !*asked {
		_, err := b.target.CancelDeploy(ctx, log.AsyncID)
		*asked = err == nil // a wish that was lost, or refused, is told again
	}
	return log, nil
}

// retriable reports whether asking the org again may help by itself; otherwise
// a person has to act first.
func retriable(err error) bool {
	return outOfReach(err) || governance.FaultCode(err) == salesforce.CodeBadAnswer || governance.FaultCode(err) == salesforce.CodeSalesforce
}

// outOfReach reports whether the org, or the way to it, was not available.
func outOfReach(err error) bool {
	switch governance.FaultCode(err) {
	case salesforce.CodeOrgUnreachable, salesforce.CodeUnavailable, salesforce.CodeNotSalesforce, salesforce.CodeLocked,
		salesforce.CodeRequestLimit, salesforce.CodeTooSlow, salesforce.CodeTLS:
		return true
	}
	return false
}

// tally is what the org counts while it works.
type tally struct {
	status, detail               string
	components, done, errors     int64
	tests, testsDone, testErrors int64
}

func tallyOf(l *governance.DeploymentLog) tally {
	return tally{l.Status, l.StateDetail, l.ComponentsTotal, l.ComponentsDone, l.ComponentErrors, l.TestsTotal, l.TestsDone, l.TestErrors}
}

func count(l *governance.DeploymentLog, res *salesforce.DeployResult) {
	l.Status, l.StateDetail = string(res.Status), res.StateDetail
	l.ComponentsTotal, l.ComponentsDone, l.ComponentErrors = int64(res.NumberComponentsTotal), int64(res.NumberComponentsDeployed), int64(res.NumberComponentErrors)
	l.TestsTotal, l.TestsDone, l.TestErrors = int64(res.NumberTestsTotal), int64(res.NumberTestsCompleted), int64(res.NumberTestErrors)
}

// progress saves what the org told, if it is anything new, and returns the log
// as it is now: a wish to cancel may have come.
func (r *Runner) progress(ctx context.Context, log *governance.DeploymentLog, res *salesforce.DeployResult) (*governance.DeploymentLog, error) {
	next := *log
	if count(&next, res); tallyOf(&next) == tallyOf(log) {
		return r.Store.DeploymentLog(ctx, log.ID)
	}
	return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		count(l, res)
		l.LastContact = r.now()
	})
}
