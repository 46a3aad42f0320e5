package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// reasonOf is the code of the reason for which a person was refused, or "".
func reasonOf(err error) string {
	var f *governance.Fault
	if !errors.As(err, &f) {
		return ""
	}
	return strings.TrimPrefix(f.Words, "why.")
}

// Whoever is refused something about delegations is told why by a code of its
// own, in every language.
func TestWhyADelegationIsRefused(t *testing.T) {
	with := func(edit func(*governance.Delegation)) governance.Delegation {
		d := delegated("olga")
		edit(&d)
		return d
	}
	for code, c := range map[string]struct {
		who string
		d   governance.Delegation
	}{
		"delegate_self":   {"ben", delegated("ben")},
		"delegate_to":     {"ben", delegated("mallory")},
		"delegate_role":   {"ben", with(func(d *governance.Delegation) { d.Role = governance.Owner })},
		"delegate_period": {"ben", with(func(d *governance.Delegation) { d.Since, d.Until = d.Until, d.Since })},
		"delegate_reason": {"ben", with(func(d *governance.Delegation) { d.Reason = " " })},
		"not_member":      {"mallory", delegated("olga")},
		"recovery_only":   {"kit", delegated("olga")},
	} {
		if _, err := newWorld(t, delegating, withKit(t)).situation(c.who).Delegate(c.d); reasonOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	sit := newWorld(t).situation("ben")
	if _, err := sit.Delegate(delegated("olga")); reasonOf(err) != "delegate_policy" || sit.MayDelegate().Code != "delegate_policy" {
		t.Errorf("against the policy: %v", err)
	}
	w := newWorld(t, delegating)
	id := w.delegates("ben", delegated("olga"))
	for _, c := range []struct{ who, act, reason, code string }{
		{"cleo", id, "No.", "delegation_whose"},
		{"ben", id, " ", "delegate_reason"},
		{"ben", w.ws, "No.", "delegation_over"},
	} {
		if _, err := w.situation(c.who).EndDelegation(c.act, c.reason); reasonOf(err) != c.code {
			t.Errorf("%s: %v", c.code, err)
		}
	}
	in, err := w.situation("ben").EndDelegation(id, "Back again.")
	must(t, err)
	w.sign("ben", in)
	if _, err := w.situation("ben").EndDelegation(id, "Again."); reasonOf(err) != "delegation_over" {
		t.Errorf("ended twice: %v", err)
	}
	w.submitRequest()
	if err := w.try("olga", cr, governance.Deed{Action: governance.Approve, Delegation: id}); reasonOf(err) != "no_proxy" {
		t.Errorf("by a delegation that ended: %v", err)
	}
}

func TestWhyAFindingIsRefused(t *testing.T) {
	w := newWorld(t)
	id := w.find("rita", found("0Af1"))
	rumour := found("0Af2")
	rumour.Kind = "rumour"
	for code, f := range map[string]governance.Finding{"finding_known": found("0Af1"), "finding_form": rumour} {
		if _, err := w.situation("ann").Find(f); reasonOf(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, c := range []struct{ code, reason, id string }{
		{"finding_reason", " ", id}, {"finding_closed", "Fine.", w.ws}, {"", "Fine.", id}, {"finding_closed", "Fine.", id},
	} {
		if err := w.resolve("ann", c.reason, c.id); reasonOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%q: %v", c.code, err)
		}
	}
}

func TestWhyAReviewIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.situation("ann").Review(cr, governance.Accepted, "Fine."); reasonOf(err) != "no_review" {
		t.Errorf("of nothing: %v", err)
	}
	request, _ := w.past(governance.ResultSucceeded)
	for _, c := range []struct {
		who, code, reason string
		verdict           governance.Verdict
	}{
		{"ann", "no_verdict", "Fine.", "maybe"},
		{"ann", "review_reason", " ", governance.Accepted},
		{"olga", "review_seat", "Fine.", governance.Accepted},
		{"rita", "review_seat", "Fine.", governance.Accepted},
		{"mallory", "not_member", "Fine.", governance.Accepted},
	} {
		if _, err := w.situation(c.who).Review(request, c.verdict, c.reason); reasonOf(err) != c.code {
			t.Errorf("%s by %s: %v", c.code, c.who, err)
		}
	}
}

// What only somebody past the screens meets: a draft that says nonsense, a
// charter without rules, an action that there is not.
func TestWhyARequestIsRefused(t *testing.T) {
	noRules := func(c *governance.Charter) { c.Requests.Rules = []governance.SeatRule{} }
	for _, c := range []struct {
		code, who string
		action    governance.Action
		edit      func(*governance.Charter)
		do        func(w *world)
	}{
		{"change_type", "rita", governance.Submit, nil, func(w *world) { w.request.Type = "Huge" }},
		{"not_member", "mallory", governance.Submit, nil, func(*world) {}},
		{"no_seat", "ann", governance.Approve, noRules, func(w *world) { w.submitRequest() }},
		{"attempt_running", "rita", governance.Recall, nil, func(w *world) { w.submitRequest() }},
	} {
		edits := []func(*governance.Charter){}
		if c.edit != nil {
			edits = append(edits, c.edit)
		}
		w := newWorld(t, edits...)
		c.do(w)
		sit := w.situation(c.who)
		sit.ActiveAttempt = c.code == "attempt_running"
		states := w.request.Actions(sit)
		if st := states[slices.IndexFunc(states, func(s governance.ActionState) bool { return s.Action == c.action })]; st.Code != c.code || st.Allowed {
			t.Errorf("%s: %+v", c.code, st)
		}
		if c.edit != nil {
			if got := w.history().RequestStanding(cr).Seating.Reason.Code; got != "seats_rule" {
				t.Errorf("the seats say %q", got)
			}
		}
	}
	w := newWorld(t)
	if err := w.try("rita", cr, governance.Deed{Action: "explode"}); reasonOf(err) != "status" {
		t.Errorf("an action that there is not: %v", err)
	}
	w = newWorld(t)
	w.fork()
	w.submission("rita", w.request.RevisionIn(w.ws, 1), nil, "rita")
	w.request.Status, w.request.Round = governance.Pending, 1
	sit := governance.Situation{History: first(w.assemble()), By: "ann", Now: w.now}
	if _, err := w.request.Do(sit, approve); reasonOf(err) != "charter_trouble" {
		t.Errorf("on a charter that is broken: %v", err)
	}
}

func first[T, U any](v T, _ U) T { return v }

func TestWhyARecordIsRefused(t *testing.T) {
	class := governance.Customization{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}
	other := governance.Customization{Change: governance.Modify, Name: "Other", Type: "ApexClass"}
	for _, c := range []struct {
		code string
		do   func(w *world)
	}{
		{"same_org", func(w *world) { w.record.SourceOrg = w.record.TargetOrg }},
		{"not_scanned", func(w *world) { w.record.Reverse = "" }},
		{"rollback_on_error", func(w *world) { w.record.Options.RollbackOnError = false }},
		{"names_nothing", func(w *world) { w.record.Customizations = nil }},
		{"unasked", func(w *world) { w.record.Customizations = []governance.Customization{class, other} }},
		{"left_out", func(w *world) { w.record.Customizations = []governance.Customization{class} }},
		{"no_policy", func(w *world) { w.record.TargetKind = governance.Demo }},
	} {
		w := newWorld(t)
		if c.code == "left_out" {
			w.request.Customizations = []governance.Customization{class, other}
		}
		w.approvedRequest()
		w.record.RequestDigest = w.request.Revision
		c.do(w)
		if st := w.actionOf("rita", dr, governance.Submit); st.Code != c.code || st.Allowed {
			t.Errorf("%s: %+v", c.code, st)
		}
	}
	// No policy rules its seats either.
	w := newWorld(t, func(c *governance.Charter) { c.Environments = c.Environments[:1] })
	w.approvedRequest()
	w.record.RequestDigest, w.record.TargetKind = w.request.Revision, governance.Sandbox
	d, b, err := ledger.RecordRevision(w.record.RevisionIn(w.ws, 1))
	must(t, err)
	w.revs[d] = b
	w.sign("rita", governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: []string{"rita"}, Revision: d, Round: 1}})
	if got := w.history().RecordStanding(dr).Seating.Reason.Code; got != "seats_policy" {
		t.Errorf("the seats say %q", got)
	}
	w.cache()
	if st := w.actionOf("ann", dr, governance.Approve); st.Code != "no_rule" || st.Allowed {
		t.Errorf("no_rule: %+v", st)
	}
	w = newWorld(t).approved()
	sit := w.situation("max")
	sit.ResultWaits = true
	if _, err := w.record.Do(sit, governance.Deed{Action: governance.Complete}); reasonOf(err) != "result_waits" {
		t.Errorf("while a result waits for its signature: %v", err)
	}
	// Content that was approved and is not on this machine is deployed by nobody.
	q := w.question(governance.AttemptValidate)
	delete(w.revs, w.record.Revision)
	q.History = first(w.assemble())
	if got := refusedBy(governance.Gate(q)); !slices.Contains(got, "record_history") {
		t.Errorf("without its content: %v", got)
	}
}
