package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// urgent makes the request an emergency, as somebody writes it.
func (w *world) urgent() *world {
	w.request.Type, w.request.EmergencyReason, w.request.Incident = governance.Emergency, "Invoices are wrong.", "INC-7"
	return w
}

// letThrough brings an emergency to Approved, by one owner each.
func (w *world) letThrough() *world {
	w.t.Helper()
	w.submitRequest()
	w.onRequest("olga", approve)
	w.submitRecord()
	w.onRecord("otto", approve)
	return w
}

func TestAnEmergencyTakesOneOwner(t *testing.T) {
	w := newWorld(t).urgent()
	w.submitRequest()
	if st := w.actionOf("ann", cr, governance.Approve); st.Allowed {
		t.Error("an approver's word is enough for an emergency")
	}
	w.vote(w.people["ann"], cr, 0)
	w.wantStatus(cr, governance.Pending, "an approver voted")
	w.onRequest("olga", approve)
	w.wantStatus(cr, governance.Approved, "an owner voted")
	if rule := w.history().RequestStanding(cr).Seating.Rule; rule != "Change Requests: Emergency needs 1 owner." {
		t.Error(rule)
	}
	w.submitRecord()
	w.vote(w.people["ann"], dr, 0)
	w.wantStatus(dr, governance.Pending, "an approver voted for the record")
	w.onRecord("otto", approve)
	w.wantOpen(governance.AttemptValidate)
}

// Approvals of an emergency live for hours.
func TestAnEmergencyExpiresInHours(t *testing.T) {
	for _, c := range []struct {
		name  string
		hours int64
		after time.Duration
		open  bool
	}{
		{"four hours by default", 0, 3*time.Hour + 50*time.Minute, true},
		{"and not longer", 0, 4*time.Hour + time.Minute, false},
		{"or as the policy says", 12, 11 * time.Hour, true},
		{"and not longer than that", 12, 12*time.Hour + time.Minute, false},
	} {
		w := newWorld(t, func(ch *governance.Charter) {
			ch.Requests.EmergencyHours = c.hours
			for i := range ch.Environments {
				ch.Environments[i].EmergencyHours = c.hours
			}
		}).urgent().letThrough()
		q := w.question(governance.AttemptValidate)
		q.Now = q.Now.Add(c.after)
		if d := governance.Gate(q); d.Open != c.open || !c.open && !slices.Contains(refusedBy(d), "record_seats") {
			t.Errorf("%s: open %v, %v", c.name, d.Open, d.Reasons())
		}
	}
}

// Normal approvals never count for an emergency, nor an emergency's for
// anything else: the type is in what was approved.
func TestARelabelledEmergency(t *testing.T) {
	w := newWorld(t).approved()
	w.urgent()
	w.wantShut("request_content", governance.AttemptValidate)
	w = newWorld(t).urgent().letThrough()
	w.request.Type = governance.Standard
	w.wantShut("request_content", governance.AttemptValidate)
}

// The act says what the revision says, or it submits nothing.
func TestASubmissionThatSaysOtherwise(t *testing.T) {
	edit := func(f func(*governance.RequestRevision)) func(*world) (governance.RequestRevision, bool) {
		return func(w *world) (governance.RequestRevision, bool) {
			w.urgent()
			r := w.request.RevisionIn(w.ws, 1)
			f(&r)
			return r, true
		}
	}
	for name, make := range map[string]func(w *world) (governance.RequestRevision, bool){
		"an emergency that the act does not tell": func(w *world) (governance.RequestRevision, bool) {
			return w.urgent().request.RevisionIn(w.ws, 1), false
		},
		"the act alone is urgent": func(w *world) (governance.RequestRevision, bool) { return w.request.RevisionIn(w.ws, 1), true },
		"no reason":               edit(func(r *governance.RequestRevision) { r.EmergencyReason = " " }),
		"no incident":             edit(func(r *governance.RequestRevision) { r.Incident = "" }),
		"a reason without being one": func(w *world) (governance.RequestRevision, bool) {
			r := w.request.RevisionIn(w.ws, 1)
			r.EmergencyReason = "None."
			return r, false
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r, says := make(w)
			w.raw(w.people["rita"], governance.Intent{Type: "cr.submit", Subject: cr,
				Body: governance.Submission{Authors: []string{"rita"}, Emergency: says, Revision: w.digestOf(r), Round: 1}}, w.history().Head(), nil)
			w.wantStatus(cr, governance.InProgress, name)
		})
	}
	w := newWorld(t).approved()
	w.onRecord("rita", governance.Deed{Action: governance.Reopen})
	d, b, err := ledger.RecordRevision(w.record.RevisionIn(w.ws, 2))
	must(t, err)
	w.revs[d] = b
	w.sign("rita", governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: []string{"rita"}, Emergency: true, Revision: d, Round: 2}})
	w.wantStatus(dr, governance.InProgress, "a record is as urgent as its request, and does not say so itself")
}

func TestWhatAnEmergencyNeedsToBeSubmitted(t *testing.T) {
	w := newWorld(t)
	w.request.Type = governance.Emergency
	if code := w.actionOf("rita", cr, governance.Submit).Code; code != "emergency_reason" {
		t.Errorf("without a reason: %q", code)
	}
	w.request.EmergencyReason = "Invoices are wrong."
	if code := w.actionOf("rita", cr, governance.Submit).Code; code != "no_incident" {
		t.Errorf("without an incident: %q", code)
	}
	w.request.Incident = "INC-7"
	if st := w.actionOf("rita", cr, governance.Submit); !st.Allowed {
		t.Error(st.Why)
	}
	w.request.Type = governance.Major
	w.request.Tidy()
	if w.request.EmergencyReason != "" || w.request.Incident != "" {
		t.Errorf("what is no emergency keeps the words of one: %+v", w.request)
	}
}

func TestSeatsOfAnEmergency(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*governance.Charter)
		who   []string
		types governance.ChangeType
		open  bool
	}{
		{"the author is an owner", func(c *governance.Charter) { c.Members[0].Roles = append(c.Members[0].Roles, governance.Owner) }, []string{"rita"}, governance.Emergency, false},
		{"without a rule of its own it takes the normal one", func(c *governance.Charter) { c.Requests.Rules = governance.DefaultRules() }, []string{"olga"}, governance.Emergency, false},
		{"the normal one, filled", func(c *governance.Charter) { c.Requests.Rules = governance.DefaultRules() }, []string{"ann", "ben"}, governance.Emergency, true},
		{"a rule of a milder level is not enough", func(c *governance.Charter) {
			mild := governance.EmergencyRule()
			mild.Level = governance.LogChangesOnly
			c.Requests.Rules = append(governance.DefaultRules(), mild)
		}, []string{"olga"}, governance.Emergency, false},
		{"the rule of an emergency is for nothing else", func(*governance.Charter) {}, []string{"olga"}, governance.Major, false},
	} {
		w := newWorld(t, c.edit)
		if c.types == governance.Emergency {
			w.urgent()
		} else {
			w.request.Type = c.types
		}
		w.submitRequest()
		for i, who := range c.who {
			w.vote(w.people[who], cr, int64(i))
		}
		if st := w.history().RequestStanding(cr); (st.Status == governance.Approved) != c.open {
			t.Errorf("%s: %s, %v", c.name, st.Status, st.Seating.Refused)
		}
	}
}

// A record takes the rule that names the type of its request, and else the one
// for all.
func TestARecordIsOfItsRequestsType(t *testing.T) {
	major := func(c *governance.Charter) {
		c.Environments[0].Rules = append(c.Environments[0].Rules, governance.SeatRule{ChangeType: governance.Major, Level: governance.FullLifecycle,
			Steps: []governance.ApprovalStep{{Quorum: 1, Role: governance.Owner}}})
	}
	for typ, want := range map[governance.ChangeType]governance.Role{governance.Major: governance.Owner, governance.Minor: governance.Approver} {
		w := newWorld(t, major)
		w.request.Type = typ
		w.approvedRequest()
		w.submitRecord()
		if seats := w.history().RecordStanding(dr).Seating.Seats; seats[0].Role != want {
			t.Errorf("%s: %+v", typ, seats)
		}
	}
}

// past is an emergency about other records that was deployed on the first day,
// signed as the application would have.
func (w *world) past(result governance.Result) (request, startAct string) {
	w.t.Helper()
	keep, record := w.request, w.record
	defer func() { w.request, w.record = keep, record; w.cache() }()
	w.urgent()
	w.request.ID, w.record.ID, w.record.RequestID = "request-e", "record-e", "request-e"
	digest := w.digestOf(w.request.RevisionIn(w.ws, 1))
	w.sign("rita", governance.Intent{Type: "cr.submit", Subject: "request-e", Body: governance.Submission{Authors: []string{"rita"}, Emergency: true, Revision: digest, Round: 1}})
	w.sign("olga", governance.Intent{Type: "cr.approve", Subject: "request-e", Body: governance.Vote{Revision: digest, Round: 1}})
	w.record.RequestDigest = digest
	rd, b, err := ledger.RecordRevision(w.record.RevisionIn(w.ws, 1))
	must(w.t, err)
	w.revs[rd] = b
	w.sign("rita", governance.Intent{Type: "dr.submit", Subject: "record-e", Body: governance.Submission{Authors: []string{"rita"}, Revision: rd, Round: 1}})
	w.sign("otto", governance.Intent{Type: "dr.approve", Subject: "record-e", Body: governance.Vote{Revision: rd, Round: 1}})
	s := w.sign("max", governance.Intent{Type: governance.ActStart, Subject: "record-e", Body: governance.Start{Attempt: 1, Base: w.record.Base, Kind: governance.AttemptDeploy,
		Log: "log-e", Marker: "m", Package: w.record.Package, Revision: rd, Target: w.record.TargetOrg}})
	if result != governance.ResultNone {
		w.sign("max", governance.Intent{Type: governance.ActResult, Subject: "record-e", Body: governance.Ending{AsyncID: "0Af000000000009AAA", Kind: governance.AttemptDeploy,
			Package: w.record.Package, Result: result, Revision: rd, Start: s.ID, Status: "Succeeded"}})
	}
	return "request-e", s.ID
}

func (w *world) reviewed(who, request string) error {
	w.t.Helper()
	in, err := w.situation(who).Review(request, governance.Accepted, "The fix holds.")
	if err == nil {
		w.sign(who, in)
	}
	return err
}

func TestADeployedEmergencyIsReviewed(t *testing.T) {
	w := newWorld(t)
	request, s := w.past(governance.ResultSucceeded)
	reviews := func(days int) governance.ReviewState {
		t.Helper()
		got := w.history().Reviews(start.AddDate(0, 0, days))
		if len(got) != 1 || got[0].Subject != request || got[0].Start != s {
			t.Fatalf("%+v", got)
		}
		return got[0]
	}
	if r := reviews(1); r.Done || r.Overdue || len(r.Seating.Seats) != 2 || !slices.Equal(r.Seating.Seats[0].May, []string{"ann", "ben", "cleo"}) {
		t.Errorf("it owes a review by the quorum of a standard change: %+v", r)
	}
	if r := reviews(6); !r.Overdue || !r.Due.Equal(r.Deployed.AddDate(0, 0, 5)) {
		t.Errorf("after five days it is overdue: %+v", r)
	}
	must(t, w.reviewed("ann", request))
	if err := w.reviewed("ann", request); err == nil {
		t.Error("one person reviews twice")
	}
	for _, who := range []string{"rita", "max", "olga", "mallory"} {
		if err := w.reviewed(who, request); err == nil {
			t.Errorf("%s reviews it", who)
		}
	}
	if r := reviews(6); r.Done || !r.Overdue {
		t.Errorf("one of two has reviewed it: %+v", r)
	}
	in, err := w.situation("ben").Review(request, governance.Objected, "It needs a test.")
	must(t, err)
	w.sign("ben", in)
	if r := reviews(6); !r.Done || r.Overdue || len(r.Objected) != 1 {
		t.Errorf("both have reviewed it, and one objects: %+v", r)
	}
	if err := w.reviewed("cleo", request); err == nil {
		t.Error("what is reviewed is reviewed again")
	}
	// What was done stays done.
	w.change(func(c *governance.Charter) {
		c.Requests.ApprovalDays = 20
		ledger.Retire(c, "ben", func(string) string { return w.people["ben"].prev })
	})
	if r := reviews(6); !r.Done {
		t.Error("a later charter undoes a review")
	}
}

func TestAReviewThatDoesNotCount(t *testing.T) {
	review := func(w *world, who, start string, step int64, edit ...func(*governance.Review)) {
		h := w.history()
		st := h.RequestStanding("request-e")
		body := governance.Review{Reason: "Fine.", Revision: st.Revision, Round: 1, Start: start, Step: step, Verdict: governance.Accepted}
		for _, e := range edit {
			e(&body)
		}
		w.raw(w.people[who], governance.Intent{Type: governance.ActReview, Subject: "request-e", Body: body}, h.Head(), h.Heads("request-e"))
	}
	for name, do := range map[string]func(w *world, s string){
		"by an author":            func(w *world, s string) { review(w, "rita", s, 1) },
		"by the deployer":         func(w *world, s string) { review(w, "max", s, 1) },
		"by an outsider":          func(w *world, s string) { review(w, "mallory", s, 1) },
		"by one person twice":     func(w *world, s string) { review(w, "ann", s, 1) },
		"in advance, of no start": func(w *world, s string) { review(w, "ben", w.ws, 1) },
		"of another revision":     func(w *world, s string) { review(w, "ben", s, 1, func(r *governance.Review) { r.Revision = w.ws }) },
		"who had not seen the request": func(w *world, s string) {
			st := w.history().RequestStanding("request-e")
			w.raw(w.people["ben"], governance.Intent{Type: governance.ActReview, Subject: "request-e",
				Body: governance.Review{Reason: "Fine.", Revision: st.Revision, Round: 1, Start: s, Step: 1, Verdict: governance.Accepted}}, w.history().Head(), nil)
		},
		"under another policy": func(w *world, s string) {
			w.change(func(c *governance.Charter) { c.Requests.ApprovalDays = 20 })
			review(w, "ben", s, 1)
		},
		"of another round":            func(w *world, s string) { review(w, "ben", s, 1, func(r *governance.Review) { r.Round = 2 }) },
		"with a verdict that is none": func(w *world, s string) { review(w, "ben", s, 1, func(r *governance.Review) { r.Verdict = "maybe" }) },
		"by who was relaxed for approvals": func(w *world, s string) {
			w.change(func(c *governance.Charter) { c.Requests.AuthorMayApprove, c.Requests.ApproverMayDeploy = true, true })
			review(w, "ann", s, 0)
			review(w, "rita", s, 1)
			review(w, "max", s, 1)
		},
	} {
		w := newWorld(t, func(c *governance.Charter) { // only their part keeps the author and the deployer from it
			for _, i := range []int{0, 4} {
				c.Members[i].Roles = append(c.Members[i].Roles, governance.Approver)
			}
		})
		_, s := w.past(governance.ResultSucceeded)
		review(w, "ann", s, 0)
		do(w, s)
		if r := w.history().Reviews(w.now); len(r) != 1 || r[0].Done {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// The quorum of a review is that of the rule alone: an author cannot ask by name
// for a review that nobody can complete.
func TestAReviewAsksNobodyByName(t *testing.T) {
	w := newWorld(t, func(c *governance.Charter) {
		c.Requests.Owners = []governance.Ownership{{Members: []string{"olga"}, Name: "All", Names: []string{"*"}, Types: []string{"*"}}}
	})
	w.request.AdditionalApprovers = []string{"ann", "ben"}
	request, _ := w.past(governance.ResultSucceeded)
	must(t, w.reviewed("ann", request))
	must(t, w.reviewed("cleo", request))
	if r := w.history().Reviews(w.now); len(r) != 1 || !r[0].Done {
		t.Errorf("%+v", r)
	}
}

func TestWhatOwesNoReview(t *testing.T) {
	for name, do := range map[string]func(w *world){
		"what was not deployed": func(w *world) { w.urgent().letThrough() },
		"what changed nothing":  func(w *world) { w.past(governance.ResultFailed) },
		"what was no emergency": func(w *world) { w.approved().attempt(governance.AttemptDeploy, 1, governance.ResultSucceeded) },
		"what was never submitted": func(w *world) {
			w.urgent().submitRequest()
			w.onRequest("olga", approve)
			w.record.RequestDigest = w.request.Revision
			w.record.Revision = w.recordDigest()
			w.started(governance.AttemptDeploy, 1)
		},
		"what was validated only": func(w *world) {
			w.urgent().letThrough().attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
		},
		"what somebody else claims of": func(w *world) { w.urgent().letThrough(); w.foreignStart("cleo") },
	} {
		w := newWorld(t)
		do(w)
		if got := w.history().Reviews(start.AddDate(1, 0, 0)); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	w := newWorld(t)
	w.past(governance.ResultNone)
	if got := w.history().Reviews(start.AddDate(1, 0, 0)); len(got) != 1 || !got[0].Overdue {
		t.Errorf("a start that has not ended owes one: %+v", got)
	}
}

func (w *world) foreignStart(who string) {
	w.sign(who, governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: 1, Base: w.record.Base, Kind: governance.AttemptDeploy,
		Log: "log-1", Marker: "m", Package: w.record.Package, Revision: w.record.Revision, Target: w.record.TargetOrg}})
}

// An overdue review closes the gate for everything but another emergency.
func TestOverdueReviewsCloseTheGate(t *testing.T) {
	late := func(w *world) *world {
		w.past(governance.ResultSucceeded)
		w.now = start.AddDate(0, 0, 6)
		return w
	}
	w := late(newWorld(t)).approved()
	w.wantShut("reviews", governance.AttemptValidate)
	d := governance.Gate(w.question(governance.AttemptValidate))
	check := d.Checks[slices.IndexFunc(d.Checks, func(c governance.Check) bool { return c.Code == "reviews" })]
	if !slices.Equal(check.Who, []string{"ann", "ben", "cleo"}) || check.Params["count"] != "1" {
		t.Errorf("%+v", check)
	}
	must(t, w.reviewed("ann", "request-e"))
	must(t, w.reviewed("ben", "request-e"))
	w.wantOpen(governance.AttemptValidate)
	w = late(newWorld(t)).urgent().letThrough()
	w.wantOpen(governance.AttemptValidate)
	w = late(newWorld(t, func(c *governance.Charter) { c.Environments[0].OverdueReviews = 2 })).approved()
	w.wantOpen(governance.AttemptValidate)
	w = newWorld(t)
	w.past(governance.ResultSucceeded)
	w.now = start.AddDate(0, 0, 6)
	w.change(func(c *governance.Charter) { c.Requests.ReviewDays = 10 })
	w.approved().wantOpen(governance.AttemptValidate)
}

// In a solo workspace nobody else is there to review it.
func TestASoloWorkspaceReviewsItself(t *testing.T) {
	w := newWorld(t, func(c *governance.Charter) {
		*c = governance.SoloCharter("Mine", governance.Member{ID: "olga", Name: "Olga", Keys: c.Members[5].Keys}, "n-2")
	}).urgent()
	w.request.Authors, w.record.Authors, w.record.Deployer = []string{"olga"}, []string{"olga"}, "olga"
	w.onRequest("olga", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
	w.onRequest("olga", approve)
	w.record.RequestDigest = w.request.Revision
	w.onRecord("olga", governance.Deed{Action: governance.Submit, Revision: w.recordDigest()})
	w.onRecord("olga", approve)
	w.wantOpen(governance.AttemptValidate)
	w.foreignStart("olga")
	if r := w.history().Reviews(w.now); len(r) != 1 || r[0].Done {
		t.Fatalf("%+v", r)
	}
	must(t, w.reviewed("olga", cr))
	if r := w.history().Reviews(w.now); !r[0].Done {
		t.Errorf("%+v", r)
	}
	if got := governance.Relaxations(w.history().Charter()); len(got) == 0 || got[0].Code != "relaxed_solo" || !strings.Contains(got[0].Text, "self-authorised") {
		t.Errorf("%+v", got)
	}
}
