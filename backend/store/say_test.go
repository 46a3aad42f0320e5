package store_test

import (
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func (w *world) say(who string, step func(governance.Situation) (governance.Intent, error)) (*governance.History, error) {
	w.t.Helper()
	return w.s.Say(w.ctx, w.by(who), func(sit governance.Situation) ([]governance.Intent, error) {
		in, err := step(sit)
		return []governance.Intent{in}, err
	})
}

// charter changes the charter with both owners.
func (w *world) charter(edit func(*governance.Charter)) {
	w.t.Helper()
	act := ""
	_, err := w.s.UpdateCharter(w.ctx, w.by("ann"), func(h *governance.History) (governance.Intent, error) { return ledger.NextCharter(h, edit) })
	must(w.t, err)
	act = w.act.ID
	h, err := w.s.UpdateCharter(w.ctx, w.by("ben"), func(*governance.History) (governance.Intent, error) { return ledger.Endorse(act), nil })
	must(w.t, err)
	if h.Head() != act {
		w.t.Fatal("the charter is not in force")
	}
}

func TestAVoteIsWithdrawnThroughTheDoor(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	w.request(cr.ID, "ben", governance.Withdraw, "Looked at the wrong org.", governance.Pending)
	w.request(cr.ID, "ben", governance.Approve, "", governance.Approved)
	dr := w.approvedRecord(cr)
	log := w.start(dr, governance.AttemptValidate)
	_, err := w.s.UpdateDeploymentRecord(w.ctx, dr.ID, w.by("ben"), func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error) {
		return dr.Do(sit, governance.Deed{Action: governance.Withdraw, Reason: "Too late."})
	})
	wantFault(t, err, "not_allowed")
	w.finish(log.ID, "max", governance.ResultSucceeded)
	w.record(dr.ID, "ben", governance.Withdraw, "Not this week.", governance.Pending)
	w.sound()
}

func TestADelegateVotesThroughTheDoor(t *testing.T) {
	w := newWorld(t)
	w.charter(func(c *governance.Charter) {
		c.Requests.Delegation = true
		c.Members[3].Roles = append(c.Members[3].Roles, governance.Auditor)
	})
	d := governance.Delegation{To: "max", Reason: "On leave.", Since: begin.Format("2006-01-02T15:04:05Z"), Until: begin.AddDate(0, 0, 7).Format("2006-01-02T15:04:05Z")}
	h, err := w.say("ben", func(sit governance.Situation) (governance.Intent, error) { return sit.Delegate(d) })
	must(t, err)
	id := h.Delegations(w.now)[0].Act
	cr := w.draft("Round amounts")
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(cr.ID, "ann", governance.Approve, "", governance.Pending)
	got, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("max"), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		return cr.Do(sit, governance.Deed{Action: governance.Approve, Delegation: id})
	})
	must(t, err)
	if got.Status != governance.Approved {
		t.Fatalf("it is %s", got.Status)
	}
	_, err = w.say("ben", func(sit governance.Situation) (governance.Intent, error) { return sit.EndDelegation(id, "Back again.") })
	must(t, err)
	w.sound()
	if got, err = w.s.ChangeRequest(w.ctx, cr.ID); err != nil || got.Status != governance.Approved {
		t.Errorf("%v, %v", got, err)
	}
	_, err = w.say("ben", func(sit governance.Situation) (governance.Intent, error) { return sit.EndDelegation(id, "Again.") })
	wantFault(t, err, "not_allowed")
}

// What the step returns is held against the rules once more.
func TestNothingIsSaidThatTheRulesDoNotMake(t *testing.T) {
	w := newWorld(t)
	before, err := w.s.Head(w.ctx)
	must(t, err)
	for name, in := range map[string]governance.Intent{
		"a delegation against the policy": {Type: governance.ActDelegate, Subject: governance.GovernanceSubject, Body: governance.Delegation{To: "ben"}},
		"the end of nothing":              {Type: governance.ActEnd, Subject: governance.GovernanceSubject, Body: governance.DelegationEnd{Delegation: "x", Reason: "r"}},
		"a review that nobody owes":       {Type: governance.ActReview, Subject: "x", Body: governance.Review{Verdict: governance.Accepted, Reason: "r"}},
		"a finding of no kind":            {Type: governance.ActFinding, Subject: governance.OrganizationSubject(prod), Body: governance.Finding{Organization: prod, Ref: "1"}},
		"a finding about another subject": {Type: governance.ActFinding, Subject: governance.OrganizationSubject(uat), Body: governance.Finding{Organization: prod, Ref: "1", Kind: governance.FindingSetup, Components: []string{}}},
		"the resolution of nothing":       {Type: governance.ActResolve, Subject: "o", Body: governance.Resolution{Findings: []string{"x"}, Reason: "r"}},
		"a vote":                          {Type: "cr.approve", Subject: "x", Body: governance.Vote{}},
		"a charter":                       {Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: governance.Charter{}},
	} {
		if _, err := w.say("ann", func(governance.Situation) (governance.Intent, error) { return in, nil }); err == nil {
			t.Errorf("said: %s", name)
		}
	}
	if _, err := w.s.Say(w.ctx, w.by("mallory"), func(governance.Situation) ([]governance.Intent, error) { return nil, nil }); governance.FaultCode(err) != "not_member" {
		t.Errorf("an outsider says something: %v", err)
	}
	if after, err := w.s.Head(w.ctx); err != nil || after != before {
		t.Errorf("something was logged: %v", err)
	}
}

// A part of the history holds what can close the gate for it: every emergency
// and what was found in the target.
func TestAHistoryHoldsWhatCanCloseTheGate(t *testing.T) {
	w := newWorld(t)
	w.charter(func(c *governance.Charter) {
		for i := range c.Environments {
			c.Environments[i].FindingsClose, c.Environments[i].AuthorMayDeploy = true, true
		}
	})
	urgent := &governance.ChangeRequest{Name: "Stop wrong invoices", Overview: "Amounts are wrong.", Type: governance.Emergency, EmergencyReason: "Invoices go out tonight.", Incident: "INC-7",
		AdditionalApprovers: []string{"ben"}, Customizations: []governance.Customization{{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}}}
	must(t, w.s.CreateChangeRequest(w.ctx, w.by("rita"), urgent))
	w.request(urgent.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(urgent.ID, "ann", governance.Approve, "", governance.Pending)
	urgent = w.request(urgent.ID, "ben", governance.Approve, "", governance.Approved)
	if kept, err := w.s.ChangeRequest(w.ctx, urgent.ID); err != nil || kept.Incident != "INC-7" || kept.EmergencyReason == "" || !slices.Equal(kept.AdditionalApprovers, []string{"ben"}) {
		t.Fatalf("%+v, %v", kept, err)
	}
	record := w.recordDraft(urgent, prod)
	w.record(record.ID, "rita", governance.Submit, "", governance.Pending)
	w.record(record.ID, "ann", governance.Approve, "", governance.Approved)
	w.deployed(record)
	w.sound()

	other := w.approved("Round amounts")
	dr := w.approvedRecord(other)
	w.start(dr, governance.AttemptValidate)
	h, err := w.s.History(w.ctx, other.ID)
	must(t, err)
	if got := h.Reviews(w.now); len(got) != 1 || got[0].Subject != urgent.ID || got[0].Done {
		t.Fatalf("the emergency is missing: %+v", got)
	}
	finding := func(ref string) governance.Finding {
		return governance.Finding{Kind: governance.FindingDeployment, Organization: prod, Ref: ref, Summary: "Not ours.", Components: []string{}}
	}
	_, err = w.s.Say(w.ctx, w.by("rita"), func(sit governance.Situation) ([]governance.Intent, error) {
		one, err := sit.Find(finding("0Af1"))
		must(t, err)
		two, err := sit.Find(finding("0Af2"))
		return []governance.Intent{one, two}, err
	})
	must(t, err)
	if h, err = w.s.History(w.ctx, other.ID); err != nil || len(h.Findings(prod)) != 2 {
		t.Fatalf("the findings are missing: %+v, %v", h.Findings(prod), err)
	}
	refused := func(kind governance.AttemptKind, code string) {
		t.Helper()
		log := &governance.DeploymentLog{RecordID: dr.ID, Kind: kind}
		dec, err := w.s.StartAttempt(w.ctx, w.by("max"), log, w.question)
		must(t, err)
		if dec.Open || !slices.ContainsFunc(dec.Checks, func(c governance.Check) bool { return c.Code == code && !c.OK }) {
			t.Errorf("not refused by %s: %v", code, dec.Reasons())
		}
	}
	refused(governance.AttemptReverseCheck, "findings_open")
	_, err = w.say("max", func(sit governance.Situation) (governance.Intent, error) {
		ids := []string{}
		for _, f := range sit.History.Findings(prod) {
			ids = append(ids, f.Act)
		}
		return sit.Resolve(prod, ids, "The vendor's hotfix.", "")
	})
	must(t, err)
	w.now = begin.AddDate(0, 0, 6)
	refused(governance.AttemptReverseCheck, "reviews")
	for _, who := range []string{"ann", "ben"} {
		_, err = w.say(who, func(sit governance.Situation) (governance.Intent, error) {
			return sit.Review(urgent.ID, governance.Accepted, "The fix holds.")
		})
		must(t, err)
	}
	if h, err = w.s.History(w.ctx, other.ID); err != nil || !h.Reviews(w.now)[0].Done {
		t.Errorf("the reviews do not count: %v", err)
	}
	w.sound()
	if got := h.Reviews(w.now)[0].Deployed; got.Before(begin) || got.After(begin.Add(time.Hour)) {
		t.Errorf("deployed at %s", got)
	}
}
