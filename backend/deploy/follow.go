package deploy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// follow polls a deployment until the org says how it ended. An org that does
// not answer is asked again for as long as it takes: a time-out never means
// that the deployment failed.
func (r *Runner) follow(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	asked := false
	for wait := r.firstPoll(); ; wait = r.grow(wait) {
		res, err := b.target.DeployStatus(ctx, log.AsyncID, false)
		if ctx.Err() != nil {
			return log, ctx.Err()
		}
		switch {
		case err != nil && final(err):
			return log, err
		case err == nil && res.Done:
			return r.finish(ctx, b, log)
		case err == nil:
			if log, err = r.progress(ctx, log, res); err != nil {
				return log, err
			}
			asked = r.wishCancel(ctx, b, log, asked)
		}
		if err := sleep(ctx, wait); err != nil {
			return log, err
		}
	}
}

// final reports whether asking again cannot help: a person has to act first.
func final(err error) bool {
	switch governance.FaultCode(err) {
	case salesforce.CodeOrgUnreachable, salesforce.CodeUnavailable, salesforce.CodeBadAnswer, salesforce.CodeNotSalesforce,
		salesforce.CodeLocked, salesforce.CodeRequestLimit, salesforce.CodeTLS, salesforce.CodeSalesforce, "":
		return false
	}
	return true
}

// progress saves what the org told, if it is anything new.
func (r *Runner) progress(ctx context.Context, log *governance.DeploymentLog, res *salesforce.DeployResult) (*governance.DeploymentLog, error) {
	next := *log
	counters(&next, res)
	if next.Status == log.Status && next.StateDetail == log.StateDetail && next.ComponentsDone == log.ComponentsDone &&
		next.ComponentErrors == log.ComponentErrors && next.TestsDone == log.TestsDone && next.TestErrors == log.TestErrors && next.TestsTotal == log.TestsTotal {
		current, err := r.Store.DeploymentLog(ctx, log.ID) // a wish to cancel may have come
		if err != nil {
			return log, err
		}
		return current, nil
	}
	saved, err := r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		counters(l, res)
		l.LastContact = r.now()
	})
	if err != nil {
		return log, err
	}
	return saved, nil
}

func counters(l *governance.DeploymentLog, res *salesforce.DeployResult) {
	l.Status, l.StateDetail = string(res.Status), res.StateDetail
	l.ComponentsTotal, l.ComponentsDone, l.ComponentErrors = int64(res.NumberComponentsTotal), int64(res.NumberComponentsDeployed), int64(res.NumberComponentErrors)
	l.TestsTotal, l.TestsDone, l.TestErrors = int64(res.NumberTestsTotal), int64(res.NumberTestsCompleted), int64(res.NumberTestErrors)
}

// wishCancel passes the wish on, once it was accepted not again.
func (r *Runner) wishCancel(ctx context.Context, b *bench, log *governance.DeploymentLog, asked bool) bool {
	if !log.CancelWanted || asked {
		return asked
	}
	_, err := b.target.CancelDeploy(ctx, log.AsyncID)
	return err == nil || errors.Is(err, salesforce.ErrUnknownOutcome)
}

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
	out := outcome(res)
	result := resultOf(res.Status)
	if log.Kind.Real() && result == governance.ResultSucceeded {
		if out.Unchanged, err = r.prove(ctx, b); err != nil {
			return log, fmt.Errorf("read back what was deployed: %w", err)
		}
	}
	return r.end(ctx, log, func(l *governance.DeploymentLog) {
		counters(l, res)
		l.Result, l.Outcome, l.RawBlob, l.LastContact = result, out, raw, r.now()
		l.ServerCompleted = res.CompletedDate.UTC()
		l.Message = verdict(l, b.env.Name, res)
	})
}

// resultOf maps the org's last word. FinalizingFailed counts as partial: what
// it left behind is not known, so it is no conclusive failure.
func resultOf(s salesforce.DeployStatus) governance.Result {
	switch s {
	case salesforce.DeploySucceeded:
		return governance.ResultSucceeded
	case salesforce.DeploySucceededPartial, salesforce.DeployFinalizingFailed:
		return governance.ResultPartially
	case salesforce.DeployFailed:
		return governance.ResultFailed
	case salesforce.DeployCanceled:
		return governance.ResultCanceled
	case salesforce.DeployPending, salesforce.DeployInProgress, salesforce.DeployFinalizing, salesforce.DeployCanceling:
	}
	return governance.ResultPartially // done, but in a word that we do not know
}

// outcome arranges the details: failures, tests, coverage worst first.
func outcome(res *salesforce.DeployResult) governance.Outcome {
	o := governance.Outcome{Failures: []governance.ComponentFailure{}, Tests: []governance.TestFailure{}, Coverage: []governance.Coverage{}, Warnings: []string{}, Unchanged: []string{}}
	for _, f := range res.Details.ComponentFailures {
		o.Failures = append(o.Failures, governance.ComponentFailure{Type: f.ComponentType, Name: f.FullName, Problem: f.Problem, Line: int64(f.LineNumber), Column: int64(f.ColumnNumber)})
	}
	t := res.Details.RunTestResult
	for _, f := range t.Failures {
		o.Tests = append(o.Tests, governance.TestFailure{Class: f.Name, Method: f.MethodName, Message: f.Message, Stack: f.StackTrace})
	}
	for _, c := range t.CodeCoverage {
		o.Coverage = append(o.Coverage, governance.Coverage{Name: c.Name, Type: c.Type, Locations: int64(c.NumLocations), Uncovered: int64(c.NumLocationsNotCovered)})
	}
	sort.SliceStable(o.Coverage, func(i, j int) bool { return share(o.Coverage[i]) < share(o.Coverage[j]) })
	for _, w := range t.CodeCoverageWarnings {
		o.Warnings = append(o.Warnings, strings.TrimPrefix(w.Name+": "+w.Message, ": "))
	}
	for _, s := range res.Details.ComponentSuccesses {
		if s.Problem != "" && s.ProblemType == "Warning" {
			o.Warnings = append(o.Warnings, s.FullName+": "+s.Problem)
		}
	}
	o.Simulated = strings.Contains(strings.ToLower(string(res.Raw)), "simulated")
	return o
}

func share(c governance.Coverage) float64 {
	if c.Locations == 0 {
		return 1
	}
	return float64(c.Locations-c.Uncovered) / float64(c.Locations)
}

// verdict is the result in one sentence that says what is now in the org.
func verdict(l *governance.DeploymentLog, env string, res *salesforce.DeployResult) string {
	would := l.Kind == governance.AttemptValidate || l.Kind == governance.AttemptReverseCheck
	switch l.Result {
	case governance.ResultSucceeded:
		if would {
			return fmt.Sprintf("%s would accept all %d components; %s passed. Nothing was changed.", env, l.ComponentsTotal, plural(l.TestsTotal, "test"))
		}
		if n := len(l.Outcome.Unchanged); n > 0 {
			return fmt.Sprintf("%s accepted all %d components, but %d are not as they were sent.", env, l.ComponentsTotal, n)
		}
		return fmt.Sprintf("All %d components are in %s as approved; %s passed.", l.ComponentsTotal, env, plural(l.TestsTotal, "test"))
	case governance.ResultPartially:
		return fmt.Sprintf("Only a part is in %s: %d of %d components, %d with errors.", env, l.ComponentsDone, l.ComponentsTotal, l.ComponentErrors)
	case governance.ResultCanceled:
		return fmt.Sprintf("Nothing was changed in %s: the deployment was canceled.", env)
	case governance.ResultFailed:
		return fmt.Sprintf("Nothing was changed in %s: %s.", env, cause(l, res))
	case governance.ResultNotSent, governance.ResultNone:
	}
	return ""
}

func cause(l *governance.DeploymentLog, res *salesforce.DeployResult) string {
	switch {
	case l.ComponentErrors > 0:
		return fmt.Sprintf("%d of %d components failed, all was rolled back", l.ComponentErrors, l.ComponentsTotal)
	case l.TestErrors > 0:
		return fmt.Sprintf("%s failed, all was rolled back", plural(l.TestErrors, "test"))
	case len(l.Outcome.Warnings) > 0:
		return strings.TrimSuffix(l.Outcome.Warnings[0], ".")
	case res.ErrorMessage != "":
		return strings.TrimSuffix(res.ErrorMessage, ".")
	}
	return "the org gave no reason"
}

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
