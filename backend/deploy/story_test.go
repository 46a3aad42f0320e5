package deploy_test

import (
	"testing"

	"countersign/backend/deploy"
	"countersign/backend/governance"
)

// From the approval to the proof, over a real socket: retrieve, validate,
// deploy, check the way back, complete.
func TestFromApprovalToProof(t *testing.T) {
	w := newWorld(t, outline{url: true})
	dr := w.recordOf(w.request(modify("Price"), modify("Fresh"), modify("PriceTest"), remove("Old")))
	w.retrieved(dr)

	v := w.runs(w.start(dr, validate).ID)
	w.is(v, done, governance.ResultSucceeded)
	w.onlyOne(v)
	w.says(v.Message, "Demo Production would accept all 4 components", "Nothing was changed")
	if v.Marker != deploy.Marker(dr.Revision, v.TargetOrg, v.Attempt) || !v.Outcome.Simulated || v.TestsTotal == 0 || len(v.Outcome.Coverage) == 0 {
		t.Errorf("%+v", v)
	}

	l := w.runs(w.start(dr, deployment).ID)
	w.is(l, done, governance.ResultSucceeded)
	w.says(l.Message, "What was approved is in Demo Production", "all 4 components")
	sent := w.sent()
	if len(sent) != 2 || sent[1].CheckOnly || sent[1].TopFolder != l.Marker || sent[1].ZipHash != l.ZipSHA256 || len(l.Outcome.Unchanged) != 0 {
		t.Fatalf("%+v, %+v", sent, l)
	}
	if l.ResultAct == "" || l.RawBlob == "" || l.ServerCompleted.IsZero() || l.Marker == v.Marker {
		t.Errorf("%+v", l)
	}

	back := w.runs(w.start(dr, reverseCheck).ID)
	w.is(back, done, governance.ResultSucceeded)
	if back.Package != dr.Reverse || !w.sent()[2].CheckOnly {
		t.Errorf("%+v", back)
	}
	_, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, deployment)
	w.fault(err, "once")
	if dr := w.act(dr.ID, "dora", governance.Complete); dr.Status != governance.Completed {
		t.Errorf("%s", dr.Status)
	}
	w.sound()
}

// A record can take a part of its request.
func TestASelection(t *testing.T) {
	w := newWorld(t, outline{charter: noValidationFirst})
	dr := w.recordOf(w.request(modify("Price"), modify("Fresh"), modify("PriceTest")), func(dr *governance.DeploymentRecord) {
		dr.Whole, dr.Customizations = false, []governance.Customization{modify("Fresh")}
		dr.Options.TestLevel = governance.RunSpecifiedTests
		dr.Options.Tests = []string{"None"}
	})
	// No test of that name is in the package or the org: the org refuses it.
	w.retrieved(dr)
	l := w.runs(w.start(dr, deployment).ID)
	w.is(l, done, governance.ResultFailed)
	w.act(dr.ID, "ana", governance.Reopen)
	_, err := w.store.UpdateDeploymentRecord(w.ctx, dr.ID, w.people["ana"], func(dr *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
		dr.Options.TestLevel = governance.RunLocalTests // the names stay and are not sent
		return governance.Intent{}, nil
	})
	w.ok(err)
	dr = w.retrieved(w.submit(dr.ID))
	l = w.runs(w.start(dr, deployment).ID)
	w.is(l, done, governance.ResultSucceeded)
	w.says(l.Message, "the 1 component")
	w.sound()
}

func TestQuickDeploy(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	d, err := w.runner().Ask(w.ctx, "dora", dr.ID, quick, identityOf(w))
	w.ok(err)
	w.fault(d.Refusal(), "retrieved") // nothing to deploy from
	_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, quick)
	w.fault(err, "retrieved")

	v := w.runs(w.start(dr, validate).ID)
	if d, err = w.runner().Ask(w.ctx, "dora", dr.ID, quick, identityOf(w)); err != nil || !d.Open {
		t.Fatalf("%v, %v", d.Reasons(), err)
	}
	l := w.start(dr, quick)
	if l.ValidationID != v.AsyncID || l.Marker != v.Marker {
		t.Errorf("%+v", l)
	}
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	if sent := w.sent(); len(sent) != 2 || sent[1].Validation != v.AsyncID || sent[1].ID != l.AsyncID || l.ZipSHA256 != "" {
		t.Errorf("%+v", sent)
	}
	w.sound()
}

// The answer to a quick deploy is lost: it is found by its validation's marker,
// and the validation itself is not taken for it.
func TestQuickDeployWithoutAnAnswer(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	w.runs(w.start(dr, validate).ID)
	l := w.start(dr, quick)
	w.edge.lose("deployRecentValidation", 1)
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	w.edge.loseAnswer("deployRecentValidation", 1)
	l, err = w.runner().SendAgain(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	if sent := w.sent(); len(sent) != 2 || sent[1].ID != l.AsyncID || sent[1].CheckOnly {
		t.Errorf("%+v", sent)
	}
	w.sound()
}

func TestAValidationGetsTooOldForAQuickDeploy(t *testing.T) {
	w := newWorld(t, outline{charter: func(c *governance.Charter) { c.Environments[0].ApprovalDays, c.Requests.ApprovalDays = 60, 60 }})
	dr := w.retrieved(w.record())
	w.runs(w.start(dr, validate).ID)
	w.late += 11 * 24 * 60 * 60 * 1e9
	for _, kind := range []governance.AttemptKind{quick, deployment} {
		_, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, kind)
		w.fault(err, "validation")
	}
}

// Another deployment voids the validation: the org says no, the attempt was
// certainly not sent, and a full deployment follows.
func TestAVoidedQuickDeploy(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	w.runs(w.start(dr, validate).ID)
	w.deployAs(w.orgs["production"].SecondUser(), "", false, class("Other", "    // by somebody else"))
	w.settled("production")
	l := w.start(dr, quick)
	l, err := w.runner().Run(w.ctx, l.ID)
	if err == nil {
		t.Fatal("no error")
	}
	w.is(l, intent, governance.ResultNone)
	w.says(l.Message, "Nothing was deployed.", "void")
	if l, err = w.runner().GiveUp(w.ctx, l.ID); err != nil {
		t.Fatal(err)
	}
	w.is(l, done, governance.ResultNotSent)
	w.is(w.runs(w.start(dr, deployment).ID), done, governance.ResultSucceeded)
	w.sound()
}
