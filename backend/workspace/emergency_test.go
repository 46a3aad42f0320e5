package workspace

import (
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

// urgentRecord is an emergency as Ana writes and scans it, approved by one owner
// each; Dee can deploy it.
func (w *Workspace) urgentRecord(t *testing.T) (request RequestView, record string) {
	t.Helper()
	ctx := t.Context()
	w.as(t, Ana).connectBoth(t)
	cr := w.draftFor(t, Ana)
	_, err := w.SaveRequest(ctx, cr.ID, RequestFields{Name: "Invoices", Overview: "They are wrong.", Type: governance.Emergency, ChangeSets: []string{},
		EmergencyReason: "Customers pay too much.", Incident: "INC-7"})
	ok(t, err)
	request = w.do(t, cr.ID, governance.Submit, "")
	if len(request.Seats.Seats) != 1 || request.Seats.Seats[0].Role != governance.Owner {
		t.Fatalf("an emergency has seats of its own, not %+v", request.Seats.Seats)
	}
	request = w.as(t, Bo).do(t, cr.ID, governance.Approve, "")
	if request.Request.Status != governance.Approved {
		t.Fatalf("with one owner's word it is %s", request.Request.Status)
	}
	v, err := w.as(t, Ana).SaveRecord(ctx, "", RecordFields{RequestID: cr.ID})
	ok(t, err)
	k, err := w.StartScan(ctx, v.Record.ID)
	w.succeeds(t, k, err)
	w.approve(t, v.Record.ID)
	return request, v.Record.ID
}

// An emergency goes to production with one owner's word, within its hours. It
// then owes a review, which closes every other deployment once it is overdue,
// until somebody who had no part in it has looked.
func TestAnEmergencyIsDeployedAndReviewed(t *testing.T) {
	ctx := t.Context()
	start := time.Now().UTC()
	now := start
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now = func() time.Time { return now } })
	request, record := w.urgentRecord(t)
	id := request.Request.ID
	w.attempts(t, record, governance.AttemptRetrieve, governance.AttemptValidate)
	if owed := w.view(t, id).Reviews; len(owed) > 0 {
		t.Fatalf("before it is deployed it owes %+v", owed)
	}
	deploy := func(id string) error {
		k, err := w.as(t, Dee).StartAttempt(ctx, id, governance.AttemptDeploy, "Demo Production")
		if err == nil {
			w.succeeds(t, k, nil)
		}
		return err
	}
	now = start.Add(4*time.Hour + time.Minute)
	f := wantFault(t, deploy(record), "request_seats")
	if f.Words != "gate.request_seats_not" || f.HintWords != "gate.request_seats_remedy" || f.Params["label"] == "" {
		t.Errorf("the refusal cannot be said in another language: %+v", f)
	}
	now = start.Add(3 * time.Hour)
	ok(t, deploy(record))
	v := w.as(t, Bo).view(t, id)
	if len(v.Reviews) != 1 {
		t.Fatalf("%+v", v.Reviews)
	}
	owed := v.Reviews[0]
	if owed.Done || owed.Overdue || !owed.Allowed || owed.Revision != request.Digest || owed.Due.Sub(owed.Deployed) != 5*24*time.Hour {
		t.Errorf("%+v", owed)
	}
	for member, why := range map[string]string{Ana: "why.review_seat", Dee: "why.review_seat"} { // the author and the deployer
		if r := w.as(t, member).view(t, id).Reviews[0]; r.Allowed || r.WhySaid.Code != why {
			t.Errorf("%s: %+v", member, r)
		}
		_, err := w.ReviewRequest(ctx, id, governance.Accepted, "I did it well.", owed.Revision)
		wantFault(t, err, "not_allowed")
	}
	mine, err := w.as(t, Cy).Today(ctx)
	ok(t, err)
	if len(mine.Waiting) == 0 || mine.Waiting[0].Kind != taskReview || mine.Waiting[0].ID != id {
		t.Errorf("what waits for Cy: %+v", mine.Waiting)
	}

	other := w.scannedRecord(t, []governance.Customization{{Change: governance.Modify, Type: "CustomLabel", Name: "Renewal_Due_Soon"}}).Record.ID
	w.approve(t, other)
	w.attempts(t, other, governance.AttemptRetrieve, governance.AttemptValidate)
	now = owed.Due.Add(-time.Hour)
	if s := w.record(t, other).step(StepDeploy); !s.Allowed {
		t.Fatalf("before the review is due: %s", s.Why)
	}
	now = owed.Due.Add(time.Hour)
	s := w.record(t, other).step(StepDeploy)
	if s.Allowed || s.WhyCode != "reviews" || !strings.Contains(names(s.Who), "Bo") {
		t.Fatalf("an overdue review stops nothing: %+v", s)
	}
	wantFault(t, deploy(other), "reviews")

	_, err = w.as(t, Bo).ReviewRequest(ctx, id, governance.Accepted, "The fix holds.", strings.Repeat("0", 64))
	wantFault(t, err, "seen_other")
	_, err = w.ReviewRequest(ctx, id, governance.Accepted, " ", owed.Revision)
	if f := wantFault(t, err, "not_allowed"); f.Words != "why.review_reason" {
		t.Errorf("%+v", f)
	}
	for _, member := range []string{Bo, Cy} {
		if r := w.as(t, member).view(t, id).Reviews[0]; !r.Done {
			_, err = w.ReviewRequest(ctx, id, governance.Accepted, "The fix holds.", owed.Revision)
			ok(t, err)
		}
	}
	v = w.view(t, id)
	if r := v.Reviews[0]; !r.Done || r.Overdue || len(r.Given) == 0 || r.Given[0].Reason != "The fix holds." {
		t.Fatalf("%+v", r)
	}
	_, err = w.ReviewRequest(ctx, id, governance.Objected, "Once more.", owed.Revision)
	if f := wantFault(t, err, "not_allowed"); f.Words != "why.no_review" {
		t.Errorf("%+v", f)
	}
	ok(t, deploy(other))
}
