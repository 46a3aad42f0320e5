package workspace

import (
	"testing"
	"time"

	"countersign/backend/governance"
)

// attempts makes attempts of a record one after the other; each succeeds.
func (w *Workspace) attempts(t *testing.T, id string, kinds ...governance.AttemptKind) {
	t.Helper()
	for _, kind := range kinds {
		k, err := w.StartAttempt(t.Context(), id, kind, "Demo Production")
		w.succeeds(t, k, err)
	}
}

// What is deployed quickly was tested, is fresh, and nothing came between.
func TestWhenAQuickDeployIsPossible(t *testing.T) {
	now := time.Now().UTC()
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now = func() time.Time { return now } })
	ctx := t.Context()
	untested := w.scannedRecord(t, []governance.Customization{{Change: governance.Modify, Type: "CustomLabel", Name: "Renewal_Due_Soon"}})
	if untested.Count != 1 {
		t.Fatalf("%+v", untested)
	}
	tested := w.scannedRecord(t, oneValueSet)
	f := RecordFields{Name: "No tests", SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee, Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.NoTestRun}}
	_, err := w.SaveRecord(ctx, untested.Record.ID, f)
	ok(t, err)
	for _, id := range []string{untested.Record.ID, tested.Record.ID} {
		ok(t, w.ActAs(ctx, Ana))
		w.approve(t, id)
		w.attempts(t, id, governance.AttemptRetrieve, governance.AttemptValidate)
	}
	v := w.record(t, untested.Record.ID)
	if !v.QuickUntil.IsZero() || v.QuickCode != "no_tests" {
		t.Errorf("%s %s", v.QuickUntil, v.QuickWhy)
	}
	v = w.record(t, tested.Record.ID)
	if v.QuickCode != "" || v.QuickUntil.Before(now) {
		t.Fatalf("%s %s", v.QuickUntil, v.QuickWhy)
	}
	until := v.QuickUntil
	now = until.Add(time.Hour)
	v = w.record(t, tested.Record.ID)
	if !v.QuickUntil.IsZero() || v.QuickWhy == "" {
		t.Errorf("%s is past, and it is possible until %s", until, v.QuickUntil)
	}
	wantStep(t, v, StepApproval, StepFailed, "expired")
	wantNext(t, v, nextWait, "")
	if len(v.Next.Who) != 1 || v.Next.Who[0].ID != Ana {
		t.Errorf("who can reopen it: %+v", v.Next)
	}
	now = until.Add(-time.Hour)
	w.attempts(t, untested.Record.ID, governance.AttemptDeploy)
	v = w.record(t, tested.Record.ID)
	if !v.QuickUntil.IsZero() || v.QuickCode != "org_changed" {
		t.Errorf("%s %s", v.QuickUntil, v.QuickWhy)
	}
}

// An attempt whose request was lost waits for a person, who sends it again or
// gives it up.
func TestALostAttemptWaitsForAPerson(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	ctx := t.Context()
	id := w.scannedRecord(t, oneValueSet).Record.ID
	w.approve(t, id)
	w.attempts(t, id, governance.AttemptRetrieve)
	lose := func() string {
		log, err := w.Runner.Start(ctx, w.deployer(t), id, governance.AttemptValidate)
		ok(t, err)
		_, err = w.Store.UpdateDeploymentLog(ctx, log.ID, nil, func(l *governance.DeploymentLog) (governance.Intent, error) {
			l.Progress, l.SentAt = governance.ProgressSending, w.now() // and then the computer went off
			return governance.Intent{}, nil
		})
		ok(t, err)
		ok(t, w.Close())
		w = openTestDemo(t, data)
		w.Runner.Grace = func(governance.EnvironmentKind) time.Duration { return 0 }
		ok(t, w.ActAs(ctx, Dee))
		ok(t, w.TakeUp(ctx))
		k := w.ends(t, w.Works()[0])
		if k.Succeeded || k.Problem == nil || k.Problem.Code != "send_again" || k.LogID != log.ID {
			t.Fatalf("%+v", k)
		}
		return log.ID
	}
	log := lose()
	v, err := w.LogView(ctx, log)
	ok(t, err)
	if v.Waits == nil || v.Waits.Code != "send_again" || v.Waits.Hint == "" || !v.CanSend || !v.CanGiveUp || v.WorkID != "" || v.Word != "Pending" {
		t.Fatalf("%+v", v)
	}
	r := w.record(t, id)
	wantNext(t, r, "waits", actionOpenLog)
	_, err = w.StartAttempt(ctx, id, governance.AttemptValidate, "")
	wantFault(t, err, "target_busy")
	k, err := w.SendAgain(ctx, log)
	w.succeeds(t, k, err)
	if v, err = w.LogView(ctx, log); err != nil || v.Log.Result != governance.ResultSucceeded || v.CanSend || v.Waits != nil {
		t.Errorf("%+v %v", v, err)
	}

	log = lose()
	v, err = w.GiveUp(ctx, log)
	ok(t, err)
	if v.Log.Result != governance.ResultNotSent || v.CanGiveUp || v.Verdict == "" {
		t.Errorf("%+v", v)
	}
}
