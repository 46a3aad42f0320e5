package ledger_test

import (
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func found(ref string) governance.Finding {
	return governance.Finding{Async: ref, At: "2026-03-01T23:10:00Z", By: "someone@example.com", Components: []string{"ApexClass:Billing"},
		Kind: governance.FindingDeployment, Organization: prod, Ref: ref, Summary: "A deployment that no act accounts for."}
}

func (w *world) find(who string, f governance.Finding) string {
	w.t.Helper()
	in, err := w.situation(who).Find(f)
	must(w.t, err)
	return w.sign(who, in).ID
}

func (w *world) resolve(who, reason string, ids ...string) error {
	w.t.Helper()
	in, err := w.situation(who).Resolve(prod, ids, reason, "")
	if err == nil {
		w.sign(who, in)
	}
	return err
}

func TestFindingsCloseTheGateUntilTheyAreResolved(t *testing.T) {
	closing := func(c *governance.Charter) { c.Environments[0].FindingsClose = true }
	w := newWorld(t, closing).approved()
	w.wantOpen(governance.AttemptValidate)
	one, two := w.find("rita", found("0Af1")), w.find("ann", found("0Af2"))
	w.wantShut("findings_open", governance.AttemptValidate)
	must(t, w.resolve("max", "Done by the vendor.", one))
	w.wantShut("findings_open", governance.AttemptValidate)
	must(t, w.resolve("max", "Done by the vendor.", two))
	w.wantOpen(governance.AttemptValidate)
	states := w.history().Findings(prod)
	if len(states) != 2 || states[0].Resolved == "" || states[0].Reason != "Done by the vendor." || len(w.history().Findings(uat)) > 0 {
		t.Errorf("%+v", states)
	}
	// Those of another org, and a policy that does not ask, close nothing.
	elsewhere := found("0Af3")
	elsewhere.Organization = uat
	w.find("rita", elsewhere)
	w.wantOpen(governance.AttemptValidate)
	w = newWorld(t).approved()
	w.find("rita", found("0Af1"))
	w.wantOpen(governance.AttemptValidate)
}

func TestAFindingIsFoundOnceAndResolvedWithAReason(t *testing.T) {
	w := newWorld(t)
	id := w.find("rita", found("0Af1"))
	if _, err := w.situation("ann").Find(found("0Af1")); err == nil {
		t.Error("it is found twice")
	}
	if _, err := w.situation("mallory").Find(found("0Af2")); err == nil {
		t.Error("an outsider finds something")
	}
	bad := found("0Af2")
	bad.Kind = "rumour"
	if _, err := w.situation("ann").Find(bad); err == nil {
		t.Error("a kind that does not exist")
	}
	for name, c := range map[string]struct{ who, reason, id string }{
		"without a reason": {"ann", " ", id}, "by an outsider": {"mallory", "Fine.", id}, "of nothing": {"ann", "Fine.", w.ws},
	} {
		if err := w.resolve(c.who, c.reason, c.id); err == nil {
			t.Errorf("resolved %s", name)
		}
	}
	// Past the application.
	open := func(when string) {
		t.Helper()
		if got := w.history().Findings(prod); len(got) != 1 || got[0].Resolved != "" {
			t.Errorf("%s: %+v", when, got)
		}
	}
	resolution := func(who string, subject string, body governance.Resolution, seen []string) {
		w.raw(w.people[who], governance.Intent{Type: governance.ActResolve, Subject: subject, Body: body}, w.history().Head(), seen)
	}
	org := governance.OrganizationSubject(prod)
	resolution("mallory", org, governance.Resolution{Findings: []string{id}, Reason: "Fine."}, w.history().Heads(org))
	open("by an outsider")
	resolution("ann", org, governance.Resolution{Findings: []string{id}}, w.history().Heads(org))
	open("without a word")
	resolution("ann", governance.OrganizationSubject(uat), governance.Resolution{Findings: []string{id}, Reason: "Fine."}, nil)
	open("about another org")
	resolution("cleo", org, governance.Resolution{Findings: []string{id}, Reason: "Fine."}, nil)
	open("without having seen it")
	resolution("ben", org, governance.Resolution{Findings: []string{id}, Request: cr}, w.history().Heads(org))
	if got := w.history().Findings(prod); got[0].Request != cr {
		t.Errorf("taken over by a request: %+v", got)
	}
}

// An act about an organisation speaks of that organisation, or is understood by
// nobody.
func TestAFindingIsAboutItsOrganisation(t *testing.T) {
	w := newWorld(t)
	p := ledger.Position{Workspace: w.ws, Governance: w.ws}
	for name, in := range map[string]governance.Intent{
		"of another org":                {Type: governance.ActFinding, Subject: governance.OrganizationSubject(uat), Body: found("0Af1")},
		"of a request":                  {Type: governance.ActFinding, Subject: cr, Body: found("0Af1")},
		"of the charter":                {Type: governance.ActFinding, Subject: governance.GovernanceSubject, Body: found("0Af1")},
		"resolved for no org":           {Type: governance.ActResolve, Subject: "org:", Body: governance.Resolution{}},
		"resolved for a request":        {Type: governance.ActResolve, Subject: cr, Body: governance.Resolution{}},
		"an approval of an org":         {Type: "cr.approve", Subject: governance.OrganizationSubject(prod), Body: governance.Vote{}},
		"a delegation about a request":  {Type: governance.ActDelegate, Subject: cr, Body: governance.Delegation{}},
		"its end about a request":       {Type: governance.ActEnd, Subject: cr, Body: governance.DelegationEnd{}},
		"a review of the charter":       {Type: governance.ActReview, Subject: governance.GovernanceSubject, Body: governance.Review{}},
		"a join about a request":        {Type: governance.ActJoin, Subject: cr, Body: governance.Join{Key: w.people["ann"].key.Public()}},
		"a join with another's key":     {Type: governance.ActJoin, Subject: governance.GovernanceSubject, Body: governance.Join{Key: w.people["ben"].key.Public()}},
		"a vote as the body of another": {Type: "cr.withdraw", Subject: cr, Body: governance.Vote{}},
	} {
		if _, err := w.people["ann"].key.Sign(in, p, start); err == nil {
			t.Errorf("signed: %s", name)
		}
	}
	if got := w.history().Heads(governance.OrganizationSubject(prod)); !slices.Equal(got, []string{}) {
		t.Errorf("%v", got)
	}
}
