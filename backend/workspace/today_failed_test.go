package workspace

import (
	"fmt"
	"reflect"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// Today once read every failed Deployment Log whole, with its coverage and
// tests, for one sentence about each.
func TestTodaySaysOfAFailureWhatItsLogSays(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	dr := w.approvedRecord(t)
	_, err := w.Runner.Retrieve(ctx, w.deployer(t), dr.ID)
	ok(t, err)
	log, err := w.Runner.Start(ctx, w.deployer(t), dr.ID, governance.AttemptValidate)
	ok(t, err)
	for _, p := range []governance.Progress{governance.ProgressSending, governance.ProgressRunning, governance.ProgressDone} {
		log, err = w.Store.UpdateDeploymentLog(ctx, log.ID, nil, func(l *governance.DeploymentLog) (governance.Intent, error) {
			if l.Progress = p; p == governance.ProgressDone {
				l.Result, l.Status, l.Message = governance.ResultFailed, string(salesforce.DeployFailed), "Two components failed."
				l.ComponentsTotal, l.ComponentsDone, l.ComponentErrors, l.TestsTotal, l.TestErrors = 5, 3, 2, 7, 1
				l.Outcome.Coverage = []governance.Coverage{{Name: "Billing", Type: "ApexClass", Locations: 10, Uncovered: 9}}
			}
			return governance.Intent{}, nil
		})
		ok(t, err)
	}
	d, err := w.Today(ctx)
	ok(t, err)
	want := w.said("task.failed", "message", w.messageOf(log, "Demo Production"))
	if len(d.Failed) != 1 || !reflect.DeepEqual(d.Failed[0].Said, want) {
		t.Errorf("%+v, not %+v", d.Failed, want)
	}
	if got := w.verdict(log, "Demo Production"); got.Code != "log.components.check" || got.Params["failed"] != "2" {
		t.Errorf("%+v", got)
	}
}

func TestTheVerdictOnAFailureNeedsNoOutcome(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	outcome := governance.Outcome{Warnings: []string{"It could not be compared."}, Tests: []governance.TestFailure{{Class: "BillingTest"}},
		Failures: []governance.ComponentFailure{{Name: "Billing"}}, Coverage: []governance.Coverage{{Name: "Billing"}}, Unchanged: []string{}}
	for _, kind := range []governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate, governance.AttemptDeploy, governance.AttemptQuick, governance.AttemptRollback, governance.AttemptReverseCheck} {
		for _, result := range []governance.Result{governance.ResultFailed, governance.ResultPartially, governance.ResultNotSent} {
			for _, status := range []salesforce.DeployStatus{salesforce.DeployFailed, salesforce.DeploySucceededPartial} {
				for errors := range 4 {
					l := governance.DeploymentLog{ID: "a", Kind: kind, Progress: governance.ProgressDone, Result: result, Status: string(status), Message: "What the org said.", Outcome: outcome,
						ComponentsTotal: 9, ComponentsDone: 6, ComponentErrors: int64(errors % 2), TestsTotal: 4, TestErrors: int64(errors / 2)}
					line := store.LogLine{ID: l.ID, Kind: l.Kind, Progress: l.Progress, Result: l.Result, Status: l.Status, Message: l.Message,
						ComponentsTotal: 9, ComponentsDone: 6, ComponentErrors: l.ComponentErrors, TestsTotal: 4, TestErrors: l.TestErrors}
					if got, want := w.messageOf(failureOf(line), "UAT"), w.messageOf(&l, "UAT"); !reflect.DeepEqual(got, want) {
						t.Errorf("%s: %+v, not %+v", fmt.Sprint(kind, result, status, errors), got, want)
					}
				}
			}
		}
	}
}
