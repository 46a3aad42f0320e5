package ledger_test

import (
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// From a draft to a deployment in production, with real signatures.
func TestALifeOfARequestAndItsRecord(t *testing.T) {
	w := newWorld(t)
	status := func(wantRequest, wantRecord governance.Status) {
		t.Helper()
		h := w.history()
		if r, d := h.RequestStanding(cr), h.RecordStanding(dr); r.Status != wantRequest || d.Status != wantRecord || len(r.Trouble)+len(d.Trouble) > 0 {
			t.Fatalf("request %s %v, record %s %v; want %s, %s", r.Status, r.Trouble, d.Status, d.Trouble, wantRequest, wantRecord)
		}
	}
	status(governance.InProgress, governance.InProgress)
	w.submitRequest()
	status(governance.Pending, governance.InProgress)
	w.onRequest("ann", approve)
	status(governance.Pending, governance.InProgress)
	w.onRequest("ben", approve)
	status(governance.Approved, governance.InProgress)
	w.submitRecord()
	w.onRecord("ann", approve)
	status(governance.Approved, governance.Pending)
	w.onRecord("cleo", approve)
	status(governance.Approved, governance.Approved)

	if d := governance.Gate(w.question(governance.AttemptDeploy)); d.Open || refusedBy(d)[0] != "validation" {
		t.Fatalf("production without a validation: open %v, %v", d.Open, d.Reasons())
	}
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open || len(d.Counted) != 4 {
		t.Fatalf("validate: open %v, counted %d, %v", d.Open, len(d.Counted), d.Reasons())
	}
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	if d := governance.Gate(w.question(governance.AttemptDeploy)); !d.Open {
		t.Fatalf("deploy: %v", d.Reasons())
	}
	w.attempt(governance.AttemptDeploy, 2, governance.ResultSucceeded)
	if d := governance.Gate(w.question(governance.AttemptDeploy)); d.Open {
		t.Fatal("the same revision deploys twice")
	}
	w.onRecord("max", governance.Deed{Action: governance.Complete})
	status(governance.Approved, governance.Completed)
	w.onRequest("rita", governance.Deed{Action: governance.Complete})
	status(governance.Completed, governance.Completed)
}

func TestAnAttemptThatChangedNothingMayBeRepeated(t *testing.T) {
	w := newWorld(t).approved()
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	w.attempt(governance.AttemptDeploy, 2, governance.ResultFailed)
	if d := governance.Gate(w.question(governance.AttemptDeploy)); !d.Open {
		t.Error(d.Reasons())
	}
}

func TestQuickDeployOfARecordedValidation(t *testing.T) {
	w := newWorld(t).approved()
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	q := w.question(governance.AttemptQuick)
	q.Validation = "0Af000000000001AAA"
	if d := governance.Gate(q); !d.Open {
		t.Error(d.Reasons())
	}
}

// refusedBy lists the codes of the checks that do not hold.
func refusedBy(d governance.Decision) []string {
	out := []string{}
	for _, c := range d.Checks {
		if !c.OK {
			out = append(out, c.Code)
		}
	}
	return out
}

func TestASoloWorkspaceDecidesAlone(t *testing.T) {
	w := newWorld(t, func(c *governance.Charter) {
		*c = governance.SoloCharter("Mine", governance.Member{ID: "olga", Name: "Olga", Keys: c.Members[5].Keys}, "n-2")
	})
	w.request.Authors, w.record.Authors, w.record.Deployer = []string{"olga"}, []string{"olga"}, "olga"
	w.onRequest("olga", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
	w.onRequest("olga", approve)
	w.record.RequestDigest = w.request.Revision
	w.onRecord("olga", governance.Deed{Action: governance.Submit, Revision: w.recordDigest()})
	w.onRecord("olga", approve)
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Error(d.Reasons())
	}
}

func TestTheDemoWorkspace(t *testing.T) {
	demo := func(c *governance.Charter) {
		m := c.Members
		*c = governance.DemoCharter(m, uat, prod, "n-3")
	}
	w := newWorld(t, demo)
	w.record.TargetKind = governance.Demo
	w.approved()
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Error(d.Reasons())
	}
	if _, err := ledger.NextCharter(w.history(), func(c *governance.Charter) { c.Organizations = []string{uat, "00D000000000009AAA"} }); governance.FaultCode(err) != "charter_fixed" {
		t.Errorf("the demo takes in another organisation: %v", err)
	}
	if _, err := ledger.NextCharter(w.history(), func(c *governance.Charter) { c.Demo, c.Organizations = false, nil }); governance.FaultCode(err) != "charter_fixed" {
		t.Errorf("the demo becomes a workspace: %v", err)
	}
}
