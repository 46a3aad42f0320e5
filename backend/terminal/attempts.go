package terminal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func (pl *play) unvalidated(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "validation")
}

func (pl *play) validate(ctx context.Context) (string, error) {
	return pl.attempt(ctx, governance.AttemptValidate)
}

// deployScene deploys, unless an earlier run that was stopped already did.
func (pl *play) deployScene(ctx context.Context) (string, error) {
	return pl.attempt(ctx, governance.AttemptDeploy)
}

// attempt makes an attempt of the record's revision, or takes the one that an
// earlier run made.
func (pl *play) attempt(ctx context.Context, kind governance.AttemptKind) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.last(ctx, dr, kind)
	if err != nil {
		return "", err
	}
	if log == nil || log.Result != governance.ResultSucceeded {
		if log, err = pl.send(ctx, dr.ID, kind); err != nil {
			return "", err
		}
	}
	if log.Result != governance.ResultSucceeded {
		return "", governance.Faultf("attempt", "%s%s", log.Message, firstProblem(log.Outcome))
	}
	proof := log.Message
	if log.Outcome.Simulated {
		proof += " Tests and coverage are simulated by the demo org."
	}
	return proof, nil
}

// firstProblem is what to look at first of an attempt that did not succeed.
func firstProblem(o governance.Outcome) string {
	if len(o.Failures) > 0 {
		f := o.Failures[0]
		return fmt.Sprintf(" %s %s: %s", f.Type, f.Name, f.Problem)
	}
	if len(o.Tests) > 0 {
		t := o.Tests[0]
		return fmt.Sprintf(" %s.%s: %s", t.Class, t.Method, t.Message)
	}
	return ""
}

// send starts and follows an attempt; where a person would have to press Send
// Again, the demo does.
func (pl *play) send(ctx context.Context, recordID string, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	log, err := pl.Deploy(ctx, workspace.Dee, recordID, kind)
	for err != nil && log != nil && governance.FaultCode(err) == "send_again" {
		log, err = pl.Runner.SendAgain(ctx, log.ID)
	}
	return log, err
}

// last is the newest attempt of a kind of the record's revision, nil if none.
func (pl *play) last(ctx context.Context, dr *governance.DeploymentRecord, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	logs, err := pl.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return nil, err
	}
	var newest *governance.DeploymentLog
	for i := range logs {
		if l := &logs[i]; l.Kind == kind && l.Revision == dr.Revision && (newest == nil || l.StartedAt.After(newest.StartedAt)) {
			newest = l
		}
	}
	return newest, nil
}

func (pl *play) reverse(ctx context.Context) (string, error) {
	proof, err := pl.attempt(ctx, governance.AttemptReverseCheck)
	if err != nil {
		return "", err
	}
	return "the way back was approved too, and would work: " + proof, nil
}

func (pl *play) twice(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "once")
}

func (pl *play) readLog(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	logs, err := pl.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return "", err
	}
	counts := map[string]int{}
	for _, l := range logs {
		counts[l.StatusWord()]++
	}
	parts := []string{}
	for w, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, w))
	}
	slices.Sort(parts)
	l, err := pl.last(ctx, dr, governance.AttemptDeploy)
	if err != nil {
		return "", err
	}
	worst := ""
	if l != nil && len(l.Outcome.Coverage) > 0 {
		c := l.Outcome.Coverage[0]
		if c.Locations > 0 {
			worst = fmt.Sprintf("; least covered is %s with %d %%", c.Name, 100*(c.Locations-c.Uncovered)/c.Locations)
		}
	}
	return fmt.Sprintf("%d attempts: %s%s", len(logs), strings.Join(parts, ", "), worst), nil
}
