package workspace

import (
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

// allow changes the policies in force; Bo proposes and Cy signs.
func (w *Workspace) allow(t *testing.T, edit func(*governance.Charter)) {
	t.Helper()
	h, err := w.ChangePolicies(t.Context(), Bo, edit)
	ok(t, err)
	thread := h.Thread(governance.GovernanceSubject)
	_, err = w.EndorsePolicies(t.Context(), Cy, thread[len(thread)-1].ID)
	ok(t, err)
}

// An Emergency is written, says what it lacks, and can be taken back.
func TestAnEmergencyIsWritten(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	cr := w.draftFor(t, Ana)
	fields := RequestFields{Name: "Invoices", Overview: "They are wrong.", Type: governance.Emergency, ChangeSets: []string{}}
	v, err := w.SaveRequest(ctx, cr.ID, fields)
	ok(t, err)
	if v.Emergency == nil || v.Emergency.Hours != 4 || v.Emergency.ReviewDays != 5 || !strings.HasPrefix(v.Next.Sentence, "Say why it cannot wait") {
		t.Errorf("%+v, %+v", v.Emergency, v.Next)
	}
	fields.EmergencyReason = "Customers pay too much."
	v, err = w.SaveRequest(ctx, cr.ID, fields)
	ok(t, err)
	if !strings.HasPrefix(v.Next.Sentence, "Name its incident") {
		t.Errorf("%+v", v.Next)
	}
	fields.Incident, fields.AdditionalApprovers = "INC-7", []string{Dee}
	v, err = w.SaveRequest(ctx, cr.ID, fields)
	ok(t, err)
	last := v.Seats.Seats[len(v.Seats.Seats)-1]
	if v.Next.Code != nextSubmit || last.Role != "" || names(last.May) != w.view(t, cr.ID).Members[memberAt(v, Dee)].Name || last.Why.Text == "" {
		t.Errorf("%+v, %+v", v.Next, last)
	}
	fields.Type = governance.Minor
	v, err = w.SaveRequest(ctx, cr.ID, fields)
	ok(t, err)
	if v.Request.Incident != "" || v.Emergency != nil {
		t.Errorf("a Minor change keeps the incident %q", v.Request.Incident)
	}
	v, err = w.UndoRequest(ctx, cr.ID)
	ok(t, err)
	if v.Request.Incident != "INC-7" || v.Request.Type != governance.Emergency {
		t.Errorf("undone it is %+v", v.Request)
	}
	w.do(t, cr.ID, governance.Submit, "")
	if _, err := w.as(t, Dee).Today(ctx); err != nil {
		t.Error(err)
	}
	if n := w.view(t, cr.ID).Next; n.Said.Code != "request.vote.named" {
		t.Errorf("who is asked by name reads %+v", n)
	}
}

func memberAt(v RequestView, id string) int {
	for i, m := range v.Members {
		if m.ID == id {
			return i
		}
	}
	return -1
}

// Nobody votes for another before the policies allow it; then it counts for who
// gave it, until it is ended, and a vote can be taken back.
func TestAVoteInAnothersPlace(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	cr := w.draftFor(t, Ana)
	w.do(t, cr.ID, governance.Submit, "")
	give := DelegationFields{To: Dee, Subject: cr.ID, Until: time.Now().Add(time.Hour), Reason: "On leave."}
	d, err := w.as(t, Bo).Delegations(ctx)
	ok(t, err)
	if d.CanGive || d.WhySaid.Code != "why.delegate_policy" {
		t.Errorf("%+v", d)
	}
	_, err = w.GiveDelegation(ctx, give)
	wantFault(t, err, "not_allowed")
	w.allow(t, func(c *governance.Charter) { c.Requests.Delegation = true })
	w.as(t, Ana).do(t, cr.ID, governance.Recall, "")
	w.do(t, cr.ID, governance.Submit, "")
	d, err = w.as(t, Bo).GiveDelegation(ctx, give)
	ok(t, err)
	if len(d.Items) != 1 || d.Items[0].State != delegationRuns || d.Items[0].Label != cr.Label() || d.Items[0].LinkTo != "request" || !d.Items[0].CanEnd {
		t.Fatalf("%+v", d.Items)
	}
	v := w.as(t, Dee).view(t, cr.ID)
	approve := actionOf(v.Actions, governance.Approve)
	if v.Next.Said.Code != "request.vote.for" || approve.Allowed || len(approve.For) != 1 || approve.For[0].Member != Bo {
		t.Fatalf("%+v, %+v", v.Next, approve)
	}
	_, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Approve, Seen: v.Digest})
	wantFault(t, err, "not_allowed")
	v, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Approve, Seen: v.Digest, Delegation: approve.For[0].Delegation})
	ok(t, err)
	if s := v.Seats.Seats[0]; s.Member == nil || s.Member.ID != Bo || s.By == nil || s.By.ID != Dee {
		t.Errorf("%+v", s)
	}
	_, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Withdraw})
	wantFault(t, err, "reason_needed")
	v = w.do(t, cr.ID, governance.Withdraw, "It was too early.")
	if v.Request.Status != governance.Pending || v.Seats.Seats[0].Member != nil {
		t.Errorf("after the withdrawal: %s, %+v", v.Request.Status, v.Seats.Seats[0])
	}
	_, err = w.as(t, Ana).EndDelegation(ctx, d.Items[0].Act, "Mine?")
	wantFault(t, err, "not_allowed")
	d, err = w.as(t, Bo).EndDelegation(ctx, d.Items[0].Act, "Back again.")
	ok(t, err)
	if d.Items[0].State != delegationEnded || d.Items[0].CanEnd {
		t.Errorf("%+v", d.Items[0])
	}
	if n := w.as(t, Dee).view(t, cr.ID).Next; n.Code == nextVote {
		t.Errorf("the delegation ended, and still %+v", n)
	}
}

// A reminder names what waits, its digest and whom it waits for, and the audit
// trail keeps it.
func TestAReminder(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	cr := w.draftFor(t, Ana)
	_, err := w.RequestReminder(ctx, cr.ID)
	wantFault(t, err, "nothing_waits")
	v := w.do(t, cr.ID, governance.Submit, "")
	r, err := w.RequestReminder(ctx, cr.ID)
	ok(t, err)
	if len(r.To) == 0 || !strings.Contains(r.Text, cr.Label()) || !strings.Contains(r.Text, v.Digest) || !strings.Contains(r.Text, "no deadline yet") {
		t.Errorf("%+v", r)
	}
	p, err := w.TrailPage(ctx, TrailQuery{Kinds: []string{"remind"}})
	ok(t, err)
	if len(p.Items) != 1 || p.Items[0].Text != "Wrote a reminder about "+cr.Label()+"." || p.Items[0].By.ID != Ana {
		t.Errorf("%+v", p.Items)
	}
}

// What changed since somebody looked is told name by name.
func TestWhatChangedSinceALook(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	cr := w.draftFor(t, Ana)
	seen := w.do(t, cr.ID, governance.Submit, "").Digest
	w.do(t, cr.ID, governance.Recall, "")
	_, err := w.AddCustomizations(ctx, cr.ID, []governance.Customization{{Change: governance.Add, Type: "ApexClass", Name: "Renewals"}})
	ok(t, err)
	_, err = w.SaveRequest(ctx, cr.ID, RequestFields{Name: "Other stages", Overview: "Sales asks for them.", Type: governance.Minor})
	ok(t, err)
	w.do(t, cr.ID, governance.Submit, "")
	s, err := w.ChangesSince(ctx, cr.ID, seen)
	ok(t, err)
	if !s.Known || len(s.Added) != 1 || s.Added[0].Name != "Renewals" || len(s.Removed) != 0 || len(s.Fields) != 1 ||
		s.Fields[0] != (FieldSince{What: "name", Before: "Renewal stages", After: "Other stages"}) {
		t.Errorf("%+v", s)
	}
	if s, err := w.ChangesSince(ctx, cr.ID, strings.Repeat("0", 64)); err != nil || s.Known {
		t.Errorf("%+v, %v", s, err)
	}
}

// A freeze and owners are in the answer of what a change would need.
func TestTheCalendarAndNamedSeatsInAnAnswer(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Bo)
	p := w.policies(t)
	draft := PolicyDraft{Requests: p.Requests.Policy}
	draft.Requests.Owners = []governance.Ownership{{Name: "Billing", Members: []string{Cy}, Names: []string{"Invoice*"}, Types: []string{"ApexClass"}}}
	for _, e := range p.Environments {
		e.Policy.Freezes = []governance.Freeze{{Name: "Year end", From: "2000-01-01", Until: "2999-12-31"}}
		draft.Environments = append(draft.Environments, e.Policy)
	}
	_, err := w.TestConnection(ctx, Bo, DemoTarget)
	ok(t, err)
	a, err := w.WouldNeed(ctx, PolicyQuestion{Type: governance.Minor, Types: []string{"ApexClass"}, EnvironmentID: DemoTarget, Draft: &draft})
	ok(t, err)
	last := a.Request.Seats[len(a.Request.Seats)-1]
	if last.Role != "" || len(last.May) != 1 || last.May[0].ID != Cy || a.Calendar == nil || a.Calendar.Open || !strings.Contains(a.Calendar.Said.Text, "Year end") || a.Reviewed != nil {
		t.Errorf("%+v, %+v", last, a.Calendar)
	}
	a, err = w.WouldNeed(ctx, PolicyQuestion{Type: governance.Emergency, Types: []string{"CustomField"}})
	ok(t, err)
	if a.Reviewed == nil || len(a.Request.Seats) != 1 || a.Request.Seats[0].Role != governance.Owner {
		t.Errorf("%+v", a)
	}
}

// Without a deployed emergency there is nothing to review.
func TestAReviewOfNothing(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir()).as(t, Bo)
	cr := w.draftFor(t, Ana)
	_, err := w.ReviewRequest(ctx, cr.ID, governance.Accepted, "Looked at it.", "")
	wantFault(t, err, "not_allowed")
}
