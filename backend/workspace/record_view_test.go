package workspace

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"countersign/backend/demoorg/sample"
	"countersign/backend/governance"
	"countersign/backend/scan"
)

// ends waits until a work has ended.
func (w *Workspace) ends(t *testing.T, k Work) Work {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		for _, now := range w.Works() {
			if now.ID == k.ID && !now.Running() {
				return now
			}
		}
	}
	t.Fatalf("%s of %s does not end", k.Kind, k.Title)
	return k
}

// works lets a work end well and says how it ended.
func (w *Workspace) succeeds(t *testing.T, k Work, err error) Work {
	t.Helper()
	ok(t, err)
	k = w.ends(t, k)
	if !k.Succeeded || k.Sentence == "" || strings.Contains(k.Sentence, "{") {
		t.Fatalf("%s of %s: %q %+v", k.Kind, k.Title, k.Sentence, k.Problem)
	}
	return k
}

func (w *Workspace) record(t *testing.T, id string) RecordView {
	t.Helper()
	v, err := w.RecordView(t.Context(), id)
	ok(t, err)
	if b, err := json.Marshal(v); err != nil || strings.Contains(string(b), ":null") && strings.Contains(string(b), `"steps":null`) {
		t.Errorf("%v %s", err, b)
	}
	now := 0
	for _, s := range v.Steps {
		if s.Sentence == "" || strings.ContainsAny(s.Sentence, "{}") || s.Sentence != s.Said.Text || s.Said.Code == "" {
			t.Errorf("%s says %q (%+v)", s.Code, s.Sentence, s.Said)
		}
		if !s.Allowed && s.Why == "" {
			t.Errorf("%s cannot be done and does not say why", s.Code)
		}
		if s.Who == nil || s.Checks == nil || s.Said.Params == nil {
			t.Errorf("%s has a list that is nil", s.Code)
		}
		if s.State == StepNow {
			now++
		}
	}
	if now > 1 || len(v.Steps) != len(StepCodes()) {
		t.Errorf("it is the turn of %d steps of %d", now, len(v.Steps))
	}
	if v.Next.Sentence == "" || strings.ContainsAny(v.Next.Sentence, "{}") {
		t.Errorf("next: %+v", v.Next)
	}
	return v
}

func (v RecordView) step(code StepCode) Step {
	for _, s := range v.Steps {
		if s.Code == code {
			return s
		}
	}
	return Step{}
}

func wantNext(t *testing.T, v RecordView, code, action string) {
	t.Helper()
	if v.Next.Code != code || v.Next.Action != action {
		t.Fatalf("next is %+v, want %s with %q", v.Next, code, action)
	}
}

func wantStep(t *testing.T, v RecordView, code StepCode, state StepState, sentence string) {
	t.Helper()
	if s := v.step(code); s.State != state || !strings.Contains(s.Sentence, sentence) {
		t.Fatalf("%s is %s: %q (%s), want %s: %q", code, s.State, s.Sentence, s.Why, state, sentence)
	}
}

// approvedRequest is a request that three members took as far as approved.
func (w *Workspace) approvedRequest(t *testing.T, cs []governance.Customization) *governance.ChangeRequest {
	t.Helper()
	cr, err := w.NewChangeRequest(t.Context(), Ana, governance.ChangeRequest{Name: "Renewal stages", Overview: "Sales asks for them.", Customizations: cs})
	ok(t, err)
	cr = w.mustDo(t, Ana, cr.ID, governance.Submit)
	for _, m := range []string{Bo, Cy} {
		if cr.Status == governance.Pending {
			cr = w.mustDo(t, m, cr.ID, governance.Approve)
		}
	}
	return cr
}

func (w *Workspace) connectBoth(t *testing.T) {
	t.Helper()
	for _, env := range []string{DemoSource, DemoTarget} {
		c, err := w.Connect(t.Context(), env)
		ok(t, err)
		if !strings.HasPrefix(c.Sentence, "Connected to Demo ") || strings.ContainsAny(c.Sentence, "{}") || c.Changed {
			t.Errorf("%+v", c)
		}
	}
}

func TestARecordFromItsDraftToItsCompletion(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	cr := w.approvedRequest(t, oneValueSet)
	ok(t, w.ActAs(ctx, Ana))

	v, err := w.SaveRecord(ctx, "", RecordFields{RequestID: cr.ID})
	ok(t, err)
	id := v.Record.ID
	if r := v.Record; !r.Whole || !r.Options.RollbackOnError || r.Options.TestLevel != governance.RunLocalTests || r.SourceID != DemoSource || r.TargetID != DemoTarget {
		t.Errorf("the usual values are %+v", r)
	}
	if v.Deployer == nil || v.Deployer.ID != Dee || v.Count != 1 || !v.TypeName || !v.CanDelete || v.Locked || len(v.Record.Customizations) != 0 {
		t.Errorf("%+v", v)
	}
	wantNext(t, w.record(t, id), string(StepEnvironments), "environments")
	w.connectBoth(t)
	v = w.record(t, id)
	wantStep(t, v, StepEnvironments, StepDone, "Demo UAT answered just now")
	wantStep(t, v, StepScan, StepNow, "Run Scan has not brought")
	wantStep(t, v, StepApproval, StepLocked, "not submitted")
	wantNext(t, v, string(StepScan), "scan")

	k, err := w.StartScan(ctx, id)
	w.succeeds(t, k, err)
	v = w.record(t, id)
	wantStep(t, v, StepScan, StepDone, "1 customization: ")
	wantNext(t, v, string(StepDependencies), "dependencies")
	k, err = w.StartDependencies(ctx, id)
	k = w.succeeds(t, k, err)
	if !strings.Contains(k.Sentence, "0 missing") {
		t.Error(k.Sentence)
	}
	v = w.record(t, id)
	wantStep(t, v, StepDependencies, StepDone, "0 missing")
	if s := v.step(StepDependencies); s.Sentence != k.Sentence || s.Said.Code != k.Said.Code {
		t.Errorf("the step says %q, the work that ended %q", s.Sentence, k.Sentence)
	}
	wantStep(t, v, StepApproval, StepNow, "not submitted")
	wantStep(t, v, StepRetrieve, StepLocked, "not retrieved")
	if r := v.step(StepRetrieve); r.WhyCode != "record_status" || r.Remedy == "" || len(r.Checks) == 0 {
		t.Errorf("%+v", r)
	}
	wantNext(t, v, nextSubmit, "submit")
	if !v.Seats.Expected || len(v.Seats.Seats) == 0 {
		t.Errorf("%+v", v.Seats)
	}

	seen := v.Digest
	v, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Submit, Seen: seen})
	ok(t, err)
	if v.Digest != seen {
		t.Errorf("%s was looked at and %s submitted", seen, v.Digest)
	}
	wantNext(t, v, nextWait, "")
	if v.CanDelete || !v.Locked || len(v.Next.Who) == 0 {
		t.Errorf("%+v", v)
	}
	for _, m := range []string{Bo, Cy} {
		ok(t, w.ActAs(ctx, m))
		if v = w.record(t, id); v.Record.Status == governance.Pending {
			wantNext(t, v, nextVote, "approve")
			v, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Approve, Reason: "Looked at.", Seen: v.Digest})
			ok(t, err)
		}
	}
	v = w.record(t, id)
	wantStep(t, v, StepApproval, StepDone, "filled")
	wantNext(t, v, nextWait, "") // an approver does not deploy
	if len(v.Next.Who) != 1 || v.Next.Who[0].ID != Dee || v.step(StepRetrieve).WhyCode != "deployer" {
		t.Errorf("%+v", v.Next)
	}

	ok(t, w.ActAs(ctx, Dee))
	wantNext(t, w.record(t, id), string(StepRetrieve), "retrieve")
	k, err = w.StartAttempt(ctx, id, governance.AttemptRetrieve, "")
	w.succeeds(t, k, err)
	v = w.record(t, id)
	wantStep(t, v, StepRetrieve, StepDone, "The package was retrieved just now and is exactly what was approved.")
	wantNext(t, v, string(StepDependencies), "dependencies")
	k, err = w.StartDependencies(ctx, id)
	w.succeeds(t, k, err)
	v = w.record(t, id)
	wantNext(t, v, string(StepValidate), "validate")
	if !v.QuickUntil.IsZero() || v.QuickCode != "validation" || v.QuickWhy == "" {
		t.Errorf("%s %s", v.QuickUntil, v.QuickWhy)
	}
	_, err = w.StartAttempt(ctx, id, governance.AttemptDeploy, "Demo Production")
	wantFault(t, err, "validation")
	k, err = w.StartAttempt(ctx, id, governance.AttemptValidate, "")
	k = w.succeeds(t, k, err)
	if k.LogID == "" || !strings.Contains(k.Sentence, "would accept") {
		t.Errorf("%+v", k)
	}
	v = w.record(t, id)
	wantStep(t, v, StepValidate, StepDone, "Demo Production would accept")
	wantNext(t, v, string(StepDeploy), "deploy")
	if d := v.QuickUntil.Sub(w.now()); d < 6*24*time.Hour || d > 10*24*time.Hour+time.Minute {
		t.Errorf("a quick deploy is possible for %s (%s)", d, v.QuickWhy)
	}

	_, err = w.StartAttempt(ctx, id, governance.AttemptQuick, "Demo Producton")
	wantFault(t, err, "wrong_target_name")
	k, err = w.StartAttempt(ctx, id, governance.AttemptQuick, " Demo Production ")
	w.succeeds(t, k, err)
	v = w.record(t, id)
	wantStep(t, v, StepDeploy, StepDone, "What was approved is in Demo Production")
	if v.Word != wordDeployed {
		t.Errorf("%q", v.Word)
	}
	for _, now := range w.Works() {
		if now.Kind == WorkReverseCheck {
			w.succeeds(t, now, nil)
		}
	}
	v = w.record(t, id)
	if v.Logs[0].Kind != governance.AttemptReverseCheck || v.Logs[0].Result != governance.ResultSucceeded {
		t.Fatalf("the way back was not checked: %+v", v.Logs)
	}
	wantNext(t, v, nextComplete, "complete")
	_, err = w.StartAttempt(ctx, id, governance.AttemptDeploy, "Demo Production")
	wantFault(t, err, "once")
	v, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Complete})
	ok(t, err)
	wantStep(t, v, StepComplete, StepDone, "completed")
	wantNext(t, v, nextDone, "")

	page, err := w.RecordRows(ctx, RecordQuery{Text: "demo prod", Status: []governance.Status{governance.Completed}, Sort: "-number"})
	ok(t, err)
	if page.Total != 1 || page.Items[0].ID != id || page.Items[0].Word != wordDeployed || !page.Items[0].Production {
		t.Errorf("%+v", page)
	}
	none, err := w.RecordRows(ctx, RecordQuery{Text: "50%"})
	ok(t, err)
	if none.Total != 0 || none.Items == nil {
		t.Errorf("%+v", none)
	}
}

// forgetful is the request that forgets what it needs.
func forgetful(t *testing.T) []governance.Customization {
	t.Helper()
	packages, err := sample.Packages()
	ok(t, err)
	out := []governance.Customization{}
	for _, m := range packages[0].Members {
		out = append(out, governance.Customization{Change: governance.Modify, Type: m.Type, Name: m.Name})
	}
	return out
}

// scannedRecord is a record with content, as an author made it.
func (w *Workspace) scannedRecord(t *testing.T, cs []governance.Customization) RecordView {
	t.Helper()
	ok(t, w.ActAs(t.Context(), Ana))
	w.connectBoth(t)
	cr := w.approvedRequest(t, cs)
	v, err := w.SaveRecord(t.Context(), "", RecordFields{RequestID: cr.ID})
	ok(t, err)
	k, err := w.StartScan(t.Context(), v.Record.ID)
	w.succeeds(t, k, err)
	return w.record(t, v.Record.ID)
}

// approve takes a record through its approval and lets its deployer act.
func (w *Workspace) approve(t *testing.T, id string) {
	t.Helper()
	ctx := t.Context()
	_, err := w.DoOnRecord(ctx, id, Wish{Action: governance.Submit, Seen: w.record(t, id).Digest})
	ok(t, err)
	for _, m := range []string{Bo, Cy} {
		ok(t, w.ActAs(ctx, m))
		if v := w.record(t, id); v.Record.Status == governance.Pending {
			_, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Approve, Seen: v.Digest})
			ok(t, err)
		}
	}
	ok(t, w.ActAs(ctx, Dee))
}

func TestWhatADeploymentLacksIsNamedAndAdded(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	v := w.scannedRecord(t, forgetful(t))
	id := v.Record.ID
	for _, env := range []string{DemoSource, DemoTarget} {
		k, err := w.StartInventory(ctx, env)
		w.succeeds(t, k, err)
	}
	k, err := w.StartDependencies(ctx, id)
	w.succeeds(t, k, err)
	v = w.record(t, id)
	if s := v.step(StepDependencies); s.State != StepDone || !s.Warning {
		t.Errorf("%+v", s)
	}
	a, err := w.LastDependencies(ctx, id)
	ok(t, err)
	if !a.Known || !a.Current || len(a.Answer.Missing) == 0 || a.Total != int64(len(a.Answer.Items)) || a.Counts[0].In != scan.Missing || a.Counts[0].Count == 0 {
		t.Errorf("%+v", a.Counts)
	}
	w.approve(t, id)
	k, err = w.StartAttempt(ctx, id, governance.AttemptRetrieve, "")
	w.succeeds(t, k, err)
	k, err = w.StartAttempt(ctx, id, governance.AttemptValidate, "")
	ok(t, err)
	if k = w.ends(t, k); k.Succeeded || k.Problem != nil || k.LogID == "" {
		t.Fatalf("%+v", k)
	}
	log, err := w.LogView(ctx, k.LogID)
	ok(t, err)
	if !strings.HasPrefix(log.Verdict, "Demo Production would refuse it: ") || log.Word != "Validation Failed" || log.By.ID != Dee || log.CanCancel || log.CanSend {
		t.Errorf("%s %+v", log.Verdict, log)
	}
	if len(log.Content) != int(v.Count) || log.StatusPage || log.Record.ID != id {
		t.Errorf("%d of %d components are named", len(log.Content), v.Count)
	}
	missing, failures := []governance.Customization{}, 0
	for _, c := range log.Causes {
		failures += len(c.Failures)
		missing = append(missing, c.Missing...)
		if int(c.Count) != len(c.Failures) || c.Missing == nil {
			t.Errorf("%+v", c)
		}
	}
	if failures != int(log.Log.ComponentErrors) || len(missing) == 0 {
		t.Fatalf("%d failures in %d causes, %v missing", failures, len(log.Causes), missing)
	}
	raw, err := w.RawAnswer(ctx, k.LogID, 0)
	ok(t, err)
	if raw.Total == 0 || !strings.Contains(raw.Text, "componentFailures") {
		t.Errorf("%+v", raw)
	}
	v = w.record(t, id)
	wantStep(t, v, StepValidate, StepFailed, "would refuse it")
	wantNext(t, v, "mend", actionOpenLog)
	ok(t, w.ActAs(ctx, Ana))
	_, err = w.AddMissing(ctx, id, missing, "", "")
	wantFault(t, err, "reason_needed")
	r, err := w.AddMissing(ctx, id, missing, "The validation found them missing.", "")
	ok(t, err)
	if r.Request.Status != governance.InProgress || r.Count <= v.Count {
		t.Errorf("%s with %d customizations, of %d", r.Request.Status, r.Count, v.Count)
	}
	wantNext(t, w.record(t, id), nextReopen, "reopen")
}
