package workspace

import (
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// While an attempt is under way, its own step and those of every other record to
// the same org say what they wait for.
func TestWhyAStepWaitsForAnAttempt(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	one := w.scannedRecord(t, oneValueSet).Record.ID
	w.approve(t, one)
	other := w.scannedRecord(t, []governance.Customization{{Change: governance.Modify, Type: "CustomLabel", Name: "Renewal_Due_Soon"}}).Record.ID
	w.approve(t, other)
	for _, id := range []string{one, other} {
		w.attempts(t, id, governance.AttemptRetrieve)
	}
	log, err := w.Runner.Start(ctx, w.deployer(t), one, governance.AttemptValidate)
	ok(t, err)
	own := w.record(t, one).step(StepValidate)
	if own.Allowed || own.State != StepRunning || own.WhySaid.Code != "why.running" || own.RemedySaid.Code != "why.running_remedy" {
		t.Errorf("its own step: %+v", own)
	}
	s := w.record(t, other).step(StepValidate)
	if s.Allowed || s.WhyCode != "target_busy" || s.WhySaid.Code != "why.busy" || s.WhySaid.Params["target"] != "Demo Production" || s.WhySaid.Params["record"] == "" {
		t.Errorf("another record's: %+v", s)
	}
	_, err = w.StartAttempt(ctx, other, governance.AttemptValidate, "")
	wantFault(t, err, "target_busy")
	if cancel := actionOf(w.record(t, one).Actions, governance.Cancel); cancel.Allowed {
		t.Errorf("%+v", cancel)
	}
	// A target of Salesforce's own has a page about it, once it gave an id.
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE environments SET kind = 'production' WHERE id = '"+DemoTarget+"'"))
	_, err = w.StatusPage(ctx, log.ID)
	wantFault(t, err, "not_sent")
}

// What salesforce keeps for ten days is not deployed quickly after them, also
// where no policy asks for a validation.
func TestAQuickDeployExpires(t *testing.T) {
	now := time.Now().UTC()
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now = func() time.Time { return now } })
	w.allow(t, func(c *governance.Charter) {
		c.Requests.ApprovalDays = 30
		for i := range c.Environments {
			p := &c.Environments[i]
			p.ValidationFirst, p.ValidationDays, p.ApprovalDays = false, 0, 30
		}
	})
	id := w.scannedRecord(t, oneValueSet).Record.ID
	w.approve(t, id)
	w.attempts(t, id, governance.AttemptRetrieve, governance.AttemptValidate)
	if v := w.record(t, id); v.QuickCode != "" {
		t.Fatalf("%s: %s", v.QuickCode, v.QuickWhy)
	}
	now = now.AddDate(0, 0, salesforceDays).Add(time.Hour)
	if v := w.record(t, id); v.QuickCode != "validation" || v.QuickSaid.Code != "gate.validation_not" || v.QuickSaid.Params["days"] != "10" {
		t.Errorf("%s: %+v", v.QuickCode, v.QuickSaid)
	}
}

// A retrieve changes nothing, so nobody needs to stop it.
func TestARetrieveIsNotCanceled(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	ctx := t.Context()
	id := w.scannedRecord(t, oneValueSet).Record.ID
	w.approve(t, id)
	ok(t, w.Close())
	w = openTestDemo(t, data, func(o *Options) { o.Pace = 150 * time.Millisecond })
	ok(t, w.ActAs(ctx, Dee))
	k, err := w.StartAttempt(ctx, id, governance.AttemptRetrieve, "")
	ok(t, err)
	for log := ""; log == ""; time.Sleep(time.Millisecond) {
		logs, err := w.Store.DeploymentLogs(ctx, id)
		ok(t, err)
		if len(logs) == 0 {
			continue
		}
		log = logs[0].ID
		_, err = w.CancelAttempt(ctx, log)
		wantFault(t, err, "retrieve_runs")
	}
	w.succeeds(t, w.ends(t, k), nil)
}

// Content that somebody swapped on the disk is shown to nobody.
func TestContentThatWasSwappedIsNotShown(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	v := w.scannedRecord(t, oneValueSet)
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE deployment_records SET package_blob = base_blob WHERE id = '"+v.Record.ID+"'"))
	_, err := w.Sides(ctx, v.Record.ID, oneValueSet[0])
	if wantFault(t, err, "content_altered"); scan.CodeAltered != "content_altered" {
		t.Errorf("scan calls it %q", scan.CodeAltered)
	}
}

func TestADeploymentNeedsTwoEnvironmentsAndOnePerson(t *testing.T) {
	ctx := t.Context()
	w := createSolo(t, t.TempDir(), keychain.Memory())
	kim := me(t, w)
	cr := w.draftFor(t, kim)
	w.mustDo(t, kim, cr.ID, governance.Submit)
	w.mustDo(t, kim, cr.ID, governance.Approve)
	_, err := w.SaveRecord(ctx, "", RecordFields{RequestID: cr.ID})
	wantFault(t, err, "environment_missing")
	_, err = openTestDemo(t, t.TempDir()).Me(ctx)
	wantFault(t, err, "not_solo")
}

// A demo whose founding act was changed by hand is not opened.
func TestABrokenCharterIsNotOpened(t *testing.T) {
	ctx := t.Context()
	data := t.TempDir()
	w := openTestDemo(t, data)
	dir := w.Dir()
	ok(t, w.Close())
	for _, statement := range []string{"DROP TRIGGER acts_stay", "UPDATE acts SET sig = zeroblob(64) WHERE type = 'gov.genesis'"} {
		ok(t, store.Forge(ctx, dir, statement))
	}
	w, err := Open(ctx, Options{Data: data, Demo: true, Pace: -1})
	if err == nil {
		ok(t, w.Close())
	}
	wantFault(t, err, "charter")
}
