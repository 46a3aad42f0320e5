package store_test

import (
	"strings"
	"testing"

	"countersign/backend/governance"
)

func TestTheGateDecidesAndLeavesATrace(t *testing.T) {
	w := newWorld(t)
	dr := w.approvedRecord(w.approved("Round amounts"))
	// Deploying before validating: closed, said, logged, nothing started.
	log := &governance.DeploymentLog{RecordID: dr.ID, Kind: governance.AttemptDeploy}
	dec, err := w.s.StartAttempt(w.ctx, w.by("max"), log, w.question)
	must(t, err)
	if dec.Open || governance.FaultCode(dec.Refusal()) != "validation" {
		t.Fatalf("%+v", dec)
	}
	gates, err := w.s.Entries(w.ctx, 0, 0, "gate")
	must(t, err)
	if len(gates) != 1 || !strings.Contains(string(gates[0].Data), "No validation of this package") {
		t.Fatalf("%v", gates)
	}
	logs, err := w.s.DeploymentLogs(w.ctx, dr.ID)
	must(t, err)
	if len(logs) != 0 {
		t.Fatalf("%v", logs)
	}
	// Another person, and another content: closed.
	for code, ask := range map[string]struct {
		who string
		q   governance.Question
	}{
		"deployer": {"ann", w.question(nil, nil, nil)},
		"package":  {"max", governance.Question{Package: "h1:other", Base: "h1:base", Target: prod, TargetKind: governance.Demo}},
	} {
		dec, err := w.s.StartAttempt(w.ctx, w.by(ask.who), &governance.DeploymentLog{RecordID: dr.ID, Kind: governance.AttemptValidate},
			func(*governance.History, *governance.ChangeRequest, *governance.DeploymentRecord) governance.Question {
				return ask.q
			})
		must(t, err)
		if governance.FaultCode(dec.Refusal()) != code {
			t.Errorf("%s: %v", code, dec.Reasons())
		}
	}
	// ask cannot bring rows of its own.
	dec, err = w.s.StartAttempt(w.ctx, w.by("max"), &governance.DeploymentLog{RecordID: dr.ID, Kind: governance.AttemptValidate},
		func(h *governance.History, cr *governance.ChangeRequest, r *governance.DeploymentRecord) governance.Question {
			r.Status, r.Package, cr.Name = governance.Completed, "h1:other", "Another"
			q := w.question(h, cr, r)
			q.Request, q.Record, q.RequestDigest, q.Deployer = cr, r, "x", "ann"
			return q
		})
	must(t, err)
	if !dec.Open {
		t.Fatalf("%v", dec.Reasons())
	}
	w.sound()
}

func TestOneAttemptAtATimeForATarget(t *testing.T) {
	w := newWorld(t)
	first := w.approvedRecord(w.approved("Round amounts"))
	second := w.approvedRecord(w.approved("Round dates"))
	log := w.start(first, governance.AttemptValidate)
	_, err := w.s.StartAttempt(w.ctx, w.by("max"), &governance.DeploymentLog{RecordID: second.ID, Kind: governance.AttemptValidate}, w.question)
	wantFault(t, err, "target_busy")
	if !strings.Contains(err.Error(), first.Label()) {
		t.Errorf("the fault does not name %s: %v", first.Label(), err)
	}
	// A retrieval is not in the way, and while the attempt is active nothing
	// ends the round.
	must(t, w.s.CreateDeploymentLog(w.ctx, w.by("max"), &governance.DeploymentLog{RecordID: second.ID, Kind: governance.AttemptRetrieve}))
	_, err = w.s.UpdateDeploymentRecord(w.ctx, first.ID, w.by("rita"), func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error) {
		return dr.Do(sit, governance.Deed{Action: governance.Reopen})
	})
	wantFault(t, err, "not_allowed")
	active, err := w.s.ActiveLogs(w.ctx)
	must(t, err)
	if len(active) != 2 {
		t.Fatalf("%d active", len(active))
	}
	w.finish(log.ID, "max", governance.ResultSucceeded)
	if other := w.start(second, governance.AttemptValidate); other.Attempt != 2 {
		t.Fatalf("attempt %d", other.Attempt)
	}
	w.sound()
}

func TestProgressOnlyMovesAsItMay(t *testing.T) {
	const (
		intent, sending, unknown = governance.ProgressIntent, governance.ProgressSending, governance.ProgressUnknown
		running, done            = governance.ProgressRunning, governance.ProgressDone
	)
	to := func(p governance.Progress, edit ...func(*governance.DeploymentLog)) func(*governance.DeploymentLog) (governance.Intent, error) {
		return func(l *governance.DeploymentLog) (governance.Intent, error) {
			l.Progress = p
			for _, e := range edit {
				e(l)
			}
			return governance.Intent{}, nil
		}
	}
	failed := func(l *governance.DeploymentLog) { l.Result = governance.ResultFailed }
	for _, tc := range []struct {
		name string
		path []governance.Progress
		step func(*governance.DeploymentLog) (governance.Intent, error)
		ok   bool
	}{
		{"intent to running", nil, to(running), false},
		{"intent to unknown", nil, to(unknown), false},
		{"a refused sending returns", []governance.Progress{sending}, to(intent), true},
		{"no answer", []governance.Progress{sending}, to(unknown), true},
		{"sent again", []governance.Progress{sending, unknown}, to(sending), true},
		{"unknown is not unsent", []governance.Progress{sending, unknown}, to(intent), false},
		{"running is not unknown", []governance.Progress{sending, running}, to(unknown), false},
		{"running is not unsent", []governance.Progress{sending, running}, to(sending), false},
		{"done without a result", []governance.Progress{sending, running}, to(done), false},
		{"a result before the end", []governance.Progress{sending, running}, to(running, failed), false},
		{"done", []governance.Progress{sending, running}, to(done, failed), true},
		{"another package", []governance.Progress{sending}, to(sending, func(l *governance.DeploymentLog) { l.Package = "h1:other" }), false},
		{"another org", []governance.Progress{sending}, to(sending, func(l *governance.DeploymentLog) { l.TargetOrg = uat }), false},
		{"a result act of one's own", []governance.Progress{sending}, to(sending, func(l *governance.DeploymentLog) { l.ResultAct = "x" }), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			log := w.start(w.approvedRecord(w.approved("Round amounts")), governance.AttemptValidate)
			for _, p := range tc.path {
				w.move(log.ID, p, nil)
			}
			_, err := w.s.UpdateDeploymentLog(w.ctx, log.ID, nil, tc.step)
			if tc.ok {
				must(t, err)
			} else {
				wantFault(t, err, "attempt_order")
			}
			w.sound()
		})
	}
}

// completes says whether Max may complete a record now. While a result waits
// for its signature, nobody may: not even with a reason.
func (w *world) completes(recordID string, want bool) {
	w.t.Helper()
	dr, err := w.s.DeploymentRecord(w.ctx, recordID)
	must(w.t, err)
	sit, err := w.s.Situation(w.ctx, w.by("max").Member, recordID)
	must(w.t, err)
	for _, a := range dr.Actions(sit) {
		if a.Action == governance.Complete && (a.Allowed != want || strings.Contains(a.Why, "not signed yet") == want) {
			w.t.Errorf("%+v", a)
		}
	}
}

func TestAResultIsSignedOnceByTheKeyOfItsStart(t *testing.T) {
	w := newWorld(t)
	log := w.start(w.approvedRecord(w.approved("Round amounts")), governance.AttemptValidate)
	w.move(log.ID, governance.ProgressSending, nil)
	w.move(log.ID, governance.ProgressRunning, func(l *governance.DeploymentLog) { l.AsyncID = "0Af1" })
	sign := func(who string) error {
		by := w.by(who)
		_, err := w.s.UpdateDeploymentLog(w.ctx, log.ID, &by, ending(w.now))
		return err
	}
	wantFault(t, sign("max"), "attempt_order") // not done yet
	w.move(log.ID, governance.ProgressDone, func(l *governance.DeploymentLog) { l.Result = governance.ResultSucceeded })
	waiting, err := w.s.DeploymentLogsAwaitingResult(w.ctx)
	must(t, err)
	if len(waiting) != 1 || waiting[0].ID != log.ID {
		t.Fatalf("%v", waiting)
	}
	w.completes(log.RecordID, false)
	wantFault(t, sign("ann"), "wrong_key")
	by := w.by("max")
	_, err = w.s.UpdateDeploymentLog(w.ctx, log.ID, &by, func(l *governance.DeploymentLog) (governance.Intent, error) {
		in, err := ending(w.now)(l)
		e := in.Body.(governance.Ending)
		e.Result = governance.ResultFailed // not what the log says
		in.Body = e
		return in, err
	})
	if err == nil {
		t.Fatal("a result that is not the log's was signed")
	}
	must(t, sign("max"))
	wantFault(t, sign("max"), "attempt_order")
	if waiting, err = w.s.DeploymentLogsAwaitingResult(w.ctx); err != nil || len(waiting) != 0 {
		t.Fatalf("%v, %v", waiting, err)
	}
	w.completes(log.RecordID, true)
	// The rest of the log still follows what the org says; the result stays.
	w.move(log.ID, governance.ProgressDone, func(l *governance.DeploymentLog) { l.Outcome.Unchanged = []string{"ApexClass:Billing"} })
	_, err = w.s.UpdateDeploymentLog(w.ctx, log.ID, nil, func(l *governance.DeploymentLog) (governance.Intent, error) {
		l.Result = governance.ResultFailed
		return governance.Intent{}, nil
	})
	wantFault(t, err, "attempt_order")
	w.sound()
}

func TestARowNamesOnlyBlobsThatAreThere(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	attach := func(sum string) error {
		_, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
			cr.Attachments = []governance.Attachment{{Name: "law.pdf", SHA256: sum, Size: 7}}
			return governance.Intent{}, nil
		})
		return err
	}
	wantFault(t, attach(strings.Repeat("a", 64)), "blob_missing")
	must(t, attach(w.blob("the law")))
	w.sound()
}
