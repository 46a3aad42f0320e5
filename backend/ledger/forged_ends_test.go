package ledger_test

import (
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
)

// A deployer who regrets a success signs that it failed after all: the first
// word still counts, and the revision is not deployed again.
func TestASecondEndingDoesNotTakeBackASuccess(t *testing.T) {
	w := newWorld(t).approved()
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	s := w.started(governance.AttemptDeploy, 2)
	w.ended(s, governance.AttemptDeploy, governance.ResultSucceeded, "0Af000000000002AAA")
	w.ended(s, governance.AttemptDeploy, governance.ResultFailed, "0Af000000000002AAA")
	if d := governance.Gate(w.question(governance.AttemptDeploy)); !slices.Contains(refusedBy(d), "once") {
		t.Errorf("the gate lets the revision through twice: %v", d.Reasons())
	}
}

// A validation counts only as the deployer's own signed start and its ending
// of the right type, with the id that the org gave.
func TestAForgedValidationDoesNotOpenTheGate(t *testing.T) {
	for name, forge := range map[string]func(w *world){
		"by an approver": func(w *world) {
			s := w.sign("ann", governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: 1, Base: w.record.Base, Kind: governance.AttemptValidate,
				Log: "log-1", Marker: "m", Package: w.record.Package, Revision: w.record.Revision, Target: w.record.TargetOrg}})
			w.sign("ann", governance.Intent{Type: governance.ActValidated, Subject: dr, Body: governance.Ending{AsyncID: "0Af", CompletedAt: w.now.Format(time.RFC3339),
				Kind: governance.AttemptValidate, Package: w.record.Package, Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: s.ID}})
		},
		"without the org's id": func(w *world) {
			w.ended(w.started(governance.AttemptValidate, 1), governance.AttemptValidate, governance.ResultSucceeded, "")
		},
		"as another type of act": func(w *world) {
			s := w.started(governance.AttemptValidate, 1)
			w.sign("max", governance.Intent{Type: governance.ActResult, Subject: dr, Body: governance.Ending{AsyncID: "0Af", CompletedAt: w.now.Format(time.RFC3339),
				Kind: governance.AttemptValidate, Package: w.record.Package, Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: s.ID}})
		},
		"of other bytes": func(w *world) {
			s := w.started(governance.AttemptValidate, 1)
			w.sign("max", governance.Intent{Type: governance.ActValidated, Subject: dr, Body: governance.Ending{AsyncID: "0Af", CompletedAt: w.now.Format(time.RFC3339),
				Kind: governance.AttemptValidate, Package: "h1:other", Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: s.ID}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).approved()
			forge(w)
			if d := governance.Gate(w.question(governance.AttemptDeploy)); !slices.Contains(refusedBy(d), "validation") {
				t.Errorf("the gate counts it: %v", d.Reasons())
			}
		})
	}
}

// An earlier round's validation of the same bytes counts only if it ran with
// the options that were approved now.
func TestAValidationWithOtherTestsDoesNotCount(t *testing.T) {
	again := func(edit func(*governance.DeploymentRecord)) governance.Decision {
		w := newWorld(t).approved()
		w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
		w.onRecord("rita", governance.Deed{Action: governance.Reopen, Reason: "Other tests."})
		edit(&w.record)
		w.submitRecord()
		w.onRecord("ann", approve)
		w.onRecord("ben", approve)
		return governance.Gate(w.question(governance.AttemptDeploy))
	}
	if d := again(func(*governance.DeploymentRecord) {}); !d.Open {
		t.Errorf("the same deed, approved again, needs no second validation: %v", d.Reasons())
	}
	if d := again(func(r *governance.DeploymentRecord) { r.Options.TestLevel = governance.RunAllTestsInOrg }); !slices.Contains(refusedBy(d), "validation") {
		t.Errorf("the validation ran other tests than the approved ones: %v", d.Reasons())
	}
}

// Anybody's bare claim of a success does not make a record complete.
func TestAResultWithoutItsStartProvesNothing(t *testing.T) {
	w := newWorld(t).approved()
	w.sign("ann", governance.Intent{Type: governance.ActResult, Subject: dr, Body: governance.Ending{AsyncID: "0Af", CompletedAt: w.now.Format(time.RFC3339),
		Kind: governance.AttemptDeploy, Package: w.record.Package, Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: "nowhere"}})
	for _, a := range w.record.Actions(governance.Situation{History: w.history(), By: "max"}) {
		if a.Action == governance.Complete && !a.NeedsReason {
			t.Error("Complete needs no reason although nothing was deployed")
		}
	}
}

// Completed is final: a later submission, signed past the application, changes
// neither status nor round.
func TestCompletedIsFinal(t *testing.T) {
	w := newWorld(t)
	w.approvedRequest()
	w.onRequest("rita", governance.Deed{Action: governance.Complete, Reason: "Not needed any more."})
	before := w.history().RequestStanding(cr)
	w.request.Round = 1
	d := w.request.RevisionIn(w.ws, 2)
	digest := w.digestOf(d)
	w.sign("rita", governance.Intent{Type: "cr.submit", Subject: cr, Body: governance.Submission{Authors: []string{"rita"}, Revision: digest, Round: 2}})
	after := w.history().RequestStanding(cr)
	if after.Status != governance.Completed || after.Round != before.Round || after.Revision != before.Revision {
		t.Errorf("a completed request became %s in round %d", after.Status, after.Round)
	}
}

// What somebody submits who may not neither opens a round nor closes the gate.
func TestAnOutsidersSubmissionIsIgnored(t *testing.T) {
	w := newWorld(t).approved()
	digest := w.digestOf(w.request.RevisionIn(w.ws, 2))
	w.sign("ann", governance.Intent{Type: "cr.submit", Subject: cr, Body: governance.Submission{Authors: []string{"ann"}, Revision: digest, Round: 2}})
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	if d := governance.Gate(w.question(governance.AttemptDeploy)); !d.Open {
		t.Errorf("an approver's submission closed the gate: %v", d.Reasons())
	}
}
