package deploy_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// The org is out of reach for a while: that is never a failure.
func TestTheOrgIsOutOfReachForAWhile(t *testing.T) {
	w := newWorld(t, outline{charter: noValidationFirst})
	l := w.start(w.retrieved(w.record()), deployment)
	var accident atomic.Int64
	w.edge.set(nil, func(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
		n := accident.Add(1)
		switch {
		case op != "checkDeployStatus" && op != "retrieve" && op != "checkRetrieveStatus" || n > 80:
			return deliver()
		case n%5 == 0:
			return answer(503, "text/html", "<html>down</html>"), nil
		case n%5 == 1:
			return answer(200, "text/html", "<html>Sign in to the hotel's network</html>"), nil
		case n%5 == 2:
			return answer(200, "text/xml", "<soapenv:Env"), nil
		case n%5 == 3:
			return deliver()
		}
		return nil, errLost
	})
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	if accident.Load() < 80 {
		t.Errorf("only %d requests", accident.Load())
	}
	w.sound()
}

func TestTheSessionExpiresWhileItRuns(t *testing.T) {
	w := newWorld(t, outline{pace: time.Millisecond})
	l := w.validating()
	r := w.runner()
	ended := false
	r.OnUpdate = func(l governance.DeploymentLog) {
		if l.Progress == running && !ended {
			ended = true
			w.orgs["production"].ExpireSessions()
		}
	}
	l, err := r.Run(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	if !ended {
		t.Error("no session was ended")
	}
}

// The sign-in is refused while it runs: the person signs in, and it goes on.
func TestNobodyIsSignedInAnyMore(t *testing.T) {
	w := newWorld(t, outline{pace: time.Millisecond})
	l := w.validating()
	w.edge.onOp("checkDeployStatus", -1, func(func() (*http.Response, error)) (*http.Response, error) {
		return soapFault("INVALID_SESSION_ID", "ended"), nil
	})
	l, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "session_expired")
	w.is(l, running, governance.ResultNone)
	w.edge.clear()
	w.is(w.runs(l.ID), done, governance.ResultSucceeded)
	w.onlyOne(w.log(l.ID))
}

// slow gives a busy machine the time to cancel what runs.
const slow = 400 * time.Millisecond

func TestCancel(t *testing.T) {
	wish := func(w *world, id string) {
		_, err := w.runner().Cancel(w.ctx, id)
		w.ok(err)
	}
	t.Run("before it is sent", func(t *testing.T) {
		w := newWorld(t, outline{})
		l := w.validating()
		wish(w, l.ID)
		w.is(w.runs(l.ID), done, governance.ResultNotSent)
		if len(w.sent()) != 0 {
			t.Errorf("%+v", w.sent())
		}
		w.sound()
	})
	t.Run("while it is pending", func(t *testing.T) {
		w := newWorld(t, outline{pace: slow})
		l := w.validating()
		w.deployAs(w.orgs["production"].SecondUser(), "", true, class("Other", ""))
		w.onUpdate = func(now governance.DeploymentLog) {
			if now.Progress == running && now.Status == "Pending" && !now.CancelWanted {
				wish(w, l.ID)
			}
		}
		l = w.runs(l.ID)
		w.is(l, done, governance.ResultCanceled)
		w.says(l.Message, "Nothing was changed in Demo Production: the validation was canceled.")
		w.sound()
	})
	t.Run("while it runs, and the wish is lost once", func(t *testing.T) {
		w := newWorld(t, outline{pace: slow, charter: noValidationFirst})
		l := w.start(w.retrieved(w.record()), deployment)
		w.edge.lose("cancelDeploy", 1)
		w.onUpdate = func(now governance.DeploymentLog) {
			if now.Status == "InProgress" && !now.CancelWanted && now.Active() {
				wish(w, l.ID)
			}
		}
		l = w.runs(l.ID)
		w.is(l, done, governance.ResultCanceled)
		w.says(l.Message, "the deployment was canceled")
		w.sound()
		// Nothing was changed, so the same revision may be deployed again.
		w.onUpdate = nil
		w.edge.clear()
		dr, err := w.store.DeploymentRecord(w.ctx, l.RecordID)
		w.ok(err)
		w.start(dr, deployment)
	})
	t.Run("too late", func(t *testing.T) {
		w := newWorld(t, outline{})
		l := w.validating()
		w.edge.onOp("checkDeployStatus", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
			w.settled("production")
			wish(w, l.ID)
			return deliver()
		})
		l = w.runs(l.ID)
		w.is(l, done, governance.ResultSucceeded)
		if l.CancelWanted {
			t.Error("the wish stayed")
		}
	})
	t.Run("the process dies with the wish", func(t *testing.T) {
		w := newWorld(t, outline{pace: slow})
		l := w.validating()
		dieOnUpdate(running)(w)
		dies(func() { _, _ = w.runner().Run(w.ctx, l.ID) })
		w.onUpdate = nil
		wish(w, l.ID)
		w.is(w.runs(l.ID), done, governance.ResultCanceled)
	})
}

// What the org says at the end, and what is told about it.
func TestHowItEnds(t *testing.T) {
	failing := testClass("PriceTest", "    @IsTest\n    static void nets() {\n        // @fails-in: production\n        // @message: System.AssertException: Expected 1.\n        Price.net(1);\n    }")
	lacking := files(class("Price", price+"\n    {"), class("Lack", ""), class("Fresh", ""), class("PriceTest", ""))
	for _, tc := range []struct {
		name   string
		uat    map[string]string
		kind   governance.AttemptKind
		result governance.Result
		says   []string
		has    func(l *governance.DeploymentLog) bool
	}{
		{"a test fails", files(plainUAT(), failing), deployment, governance.ResultFailed, []string{"Nothing was changed in Demo Production: 1 test failed"},
			func(l *governance.DeploymentLog) bool {
				return len(l.Outcome.Tests) == 1 && l.Outcome.Tests[0].Class == "PriceTest" && l.Outcome.Tests[0].Method == "nets" && l.Outcome.Simulated
			}},
		{"a component fails", lacking, deployment, governance.ResultFailed, []string{"Nothing was changed", "1 of 3 components failed"},
			func(l *governance.DeploymentLog) bool {
				return len(l.Outcome.Failures) == 1 && l.Outcome.Failures[0].Name == "Price"
			}},
		{"a component fails in a validation", lacking, validate, governance.ResultFailed, []string{"Nothing was changed"},
			func(l *governance.DeploymentLog) bool { return l.ResultAct != "" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, outline{uat: tc.uat, charter: noValidationFirst})
			dr := w.retrieved(w.record())
			l := w.runs(w.start(dr, tc.kind).ID)
			w.is(l, done, tc.result)
			w.says(l.Message, tc.says...)
			if !tc.has(l) {
				t.Errorf("%+v", l.Outcome)
			}
			// A conclusive failure lets the same revision be tried again.
			w.start(dr, tc.kind)
			w.sound()
		})
	}
}

// An org may also end in words that the demo org never says.
func TestOtherLastWords(t *testing.T) {
	for _, tc := range []struct {
		status string
		kind   governance.AttemptKind
		result governance.Result
		says   string
	}{
		{"FinalizingFailed", deployment, governance.ResultPartially, "it is not known what is there now"},
		{"SomethingNew", deployment, governance.ResultPartially, "it is not known what is there now"},
		{"SucceededPartial", deployment, governance.ResultPartially, "Only a part is in Demo Production: 3 of 3 components"},
		{"SucceededPartial", validate, governance.ResultPartially, "would accept only a part"},
	} {
		t.Run(tc.status+" "+string(tc.kind), func(t *testing.T) {
			w := newWorld(t, outline{charter: noValidationFirst})
			dr := w.retrieved(w.record())
			l := w.start(dr, tc.kind)
			w.edge.rewrite("checkDeployStatus", "<status>Succeeded</status>", "<status>"+tc.status+"</status>")
			l = w.runs(l.ID)
			w.is(l, done, tc.result)
			w.says(l.Message, tc.says)
			_, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, deployment)
			if want := map[bool]string{true: "once", false: ""}[tc.kind.Real()]; governance.FaultCode(err) != want {
				t.Errorf("%v", err)
			}
			w.sound()
		})
	}
}

// Without rollback a part may get in: in a sandbox, from production to UAT.
func TestAPartGetsIn(t *testing.T) {
	w := newWorld(t, outline{uat: class("Base", ""), production: files(class("Good", ""), class("Bad", "    {"), class("Lack", ""))})
	dr := w.recordOf(w.request(modify("Good"), modify("Bad")), func(dr *governance.DeploymentRecord) {
		dr.SourceID, dr.TargetID = "production", "uat"
		dr.Options = governance.DeployOptions{TestLevel: governance.NoTestRun}
	})
	w.retrieved(dr)
	l := w.runs(w.start(dr, deployment).ID)
	w.is(l, done, governance.ResultPartially)
	w.says(l.Message, "Only a part is in Demo UAT: 1 of 2 components, 1 with errors.")
	_, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, deployment)
	w.fault(err, "once")
	w.sound()
}

// The org says Succeeded, and what it holds is not what was sent.
func TestAcceptedButUnchanged(t *testing.T) {
	w := newWorld(t, outline{charter: noValidationFirst})
	dr := w.retrieved(w.recordOf(w.request(modify("Price"), modify("Fresh"), modify("PriceTest"), remove("Old"))))
	l := w.start(dr, deployment)
	w.edge.onOp("retrieve", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		w.deployAs(w.orgs["production"].SecondUser(), "", false, files(class("Price", price), class("Old", "")))
		w.settled("production")
		return deliver()
	})
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	if got := strings.Join(l.Outcome.Unchanged, ", "); got != "ApexClass:Old is still there, ApexClass:Price" {
		t.Errorf("unchanged: %s", got)
	}
	w.says(l.Message, "not everything is there as it was sent", "ApexClass:Price")
	w.sound()
}

// What was deployed cannot be read back: the org's word holds, and the doubt is
// told; the target is free again.
func TestTheProofCannotBeMade(t *testing.T) {
	w := newWorld(t, outline{charter: noValidationFirst})
	l := w.start(w.retrieved(w.record()), deployment)
	w.edge.onOp("retrieve", -1, func(func() (*http.Response, error)) (*http.Response, error) {
		return soapFault("INSUFFICIENT_ACCESS", "no rights"), nil
	})
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.says(l.Message, "could not be compared")
	if len(l.Outcome.Warnings) != 1 {
		t.Errorf("%v", l.Outcome.Warnings)
	}
	w.sound()
}

// A component whose name speaks of simulating does not make the tests simulated.
func TestSimulatedIsTheOrgsOwnWord(t *testing.T) {
	w := newWorld(t, outline{uat: files(plainUAT(), class("Fresh", "    // a Simulated one"))})
	l := w.validating()
	w.edge.rewrite("checkDeployStatus", "Apex did not run: the demo org simulates tests and coverage.", "", "Fresh", "SimulatedPayment")
	if l = w.runs(l.ID); l.Outcome.Simulated {
		t.Error("a class's name was taken for the org's word")
	}
}

// Polling waits longer and longer, and a result survives the defaults.
func TestTheDefaults(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	r := w.runner()
	r.FirstPoll, r.LastPoll, r.Now, r.Grace = 0, 0, nil, nil
	w.edge.loseAnswer("deploy", 1)
	began := time.Now()
	l, err := r.Run(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	if took := time.Since(began); took > 3*salesforce.DefaultTimeout/100 {
		t.Errorf("it took %v", took)
	}
	w.sound()
}
