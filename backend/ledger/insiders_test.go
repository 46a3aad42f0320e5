package ledger_test

import (
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// What a member could sign with a changed application, who may not.

func (w *world) submission(who string, r governance.RequestRevision, seen []string, authors ...string) ledger.SignedAct {
	w.t.Helper()
	return w.raw(w.people[who], governance.Intent{Type: "cr.submit", Subject: cr,
		Body: governance.Submission{Authors: authors, Revision: w.digestOf(r), Round: r.Round}}, w.history().Head(), seen)
}

// open demands that the gate lets the record of an approved world through.
func (w *world) wantOpen(kind governance.AttemptKind) {
	w.t.Helper()
	w.cache()
	if d := governance.Gate(w.question(kind)); !d.Open {
		w.t.Errorf("the gate is closed: %v", d.Reasons())
	}
}

func (w *world) wantShut(code string, kind governance.AttemptKind) {
	w.t.Helper()
	w.cache()
	if d := governance.Gate(w.question(kind)); !slices.Contains(refusedBy(d), code) {
		w.t.Errorf("not refused by %s, but by %v: %v", code, refusedBy(d), d.Reasons())
	}
}

// A requester who wrote nothing of it cannot begin a new round of somebody
// else's approved request, and nobody can skip rounds: the next number would
// soon be none that an act can hold.
func TestNobodySubmitsOverARoundThatStands(t *testing.T) {
	for name, round := range map[string]int64{"the next round": 2, "the last round of all": 1<<53 - 1, "the same round": 1} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).approved()
			other := w.request.RevisionIn(w.ws, round)
			other.Overview = "Something else."
			w.submission("cleo", other, w.history().Heads(cr), "cleo")
			w.wantOpen(governance.AttemptValidate)
		})
	}
}

func TestARoundBeginsAfterAnAuthorEndedTheOneBefore(t *testing.T) {
	w := newWorld(t).approved()
	w.closing("cleo", "cr.reopen") // no author
	w.submission("cleo", w.request.RevisionIn(w.ws, 2), w.history().Heads(cr), "cleo")
	w.wantOpen(governance.AttemptValidate)
	w.onRequest("rita", governance.Deed{Action: governance.Reopen})
	w.submission("cleo", w.request.RevisionIn(w.ws, 2), w.history().Heads(cr), "cleo")
	if st := w.history().RequestStanding(cr); st.Round != 2 || st.Status != governance.Pending || !slices.Equal(st.Authors, []string{"cleo", "rita"}) {
		t.Errorf("round %d, %s, by %v", st.Round, st.Status, st.Authors)
	}
}

// Who lost a role and stays a member does not get it back by naming a charter
// from before.
func TestALostRoleDoesNotComeBackWithAnOldCharter(t *testing.T) {
	strip := func(c *governance.Charter) {
		c.OwnerThreshold = 1
		c.Members[2].Roles, c.Members[4].Roles, c.Members[6].Roles = []governance.Role{governance.Auditor}, []governance.Role{governance.Auditor}, []governance.Role{governance.Auditor}
	}
	for name, forge := range map[string]func(w *world, before string){
		"rejects": func(w *world, before string) {
			w.raw(w.people["ben"], governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "no", Revision: w.request.Revision, Round: 1}}, before, w.history().Heads(cr))
		},
		"rejects without having seen it": func(w *world, before string) {
			w.raw(w.people["ben"], governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "no", Revision: w.request.Revision, Round: 1}}, before, nil)
		},
		"cancels": func(w *world, before string) {
			w.raw(w.people["otto"], governance.Intent{Type: "cr.cancel", Subject: cr, Body: governance.Closing{Reason: "no", Revision: w.request.Revision, Round: 1}}, before, nil)
		},
		"approves": func(w *world, before string) {
			w.raw(w.people["ben"], governance.Intent{Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: w.request.Revision, Round: 1, Step: 0}}, before, w.history().Heads(cr))
			w.onRequest("ann", approve)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			before := w.history().Head()
			w.change(strip)
			w.submitRequest()
			forge(w, before)
			if st := w.history().RequestStanding(cr); st.Status != governance.Pending {
				t.Errorf("it is %s", st.Status)
			}
		})
	}
}

// A completion does not count after the round has ended for its signer.
func TestNobodyCompletesWhatHeSawEnd(t *testing.T) {
	for name, end := range map[string]func(w *world) governance.Status{
		"reopened": func(w *world) governance.Status { w.closing("rita", "dr.reopen"); return governance.InProgress },
		"rejected": func(w *world) governance.Status {
			h := w.history()
			w.raw(w.people["cleo"], governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Reason: "no", Revision: w.record.Revision, Round: 1}}, h.Head(), h.Heads(dr))
			return governance.Rejected
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).approved()
			want := end(w)
			w.closing("max", "dr.complete")
			if st := w.history().RecordStanding(dr).Status; st != want {
				t.Errorf("it is %s, want %s", st, want)
			}
		})
	}
}

// Who reopened a record cannot say that he completed it without knowing.
func TestNobodyForgetsHisOwnWord(t *testing.T) {
	w := newWorld(t).approved()
	seen := w.history().Heads(dr)
	w.closing("rita", "dr.reopen", seen...)
	w.closing("rita", "dr.complete", seen...)
	if st := w.history().RecordStanding(dr).Status; st != governance.InProgress {
		t.Errorf("it is %s", st)
	}
}

// Only the named deployer's start can stand against a deployment, and only his
// success makes a record deployed.
func TestOnlyTheDeployersWordIsOfADeployment(t *testing.T) {
	forged := func(w *world, end bool) {
		s := w.sign("rita", governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: 1, Base: w.record.Base, Kind: governance.AttemptDeploy,
			Log: "log-1", Marker: "m", Package: w.record.Package, Revision: w.record.Revision, Target: w.record.TargetOrg}})
		if end {
			w.sign("rita", governance.Intent{Type: governance.ActResult, Subject: dr, Body: governance.Ending{AsyncID: "0Af", Kind: governance.AttemptDeploy,
				Package: w.record.Package, Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: s.ID}})
		}
	}
	t.Run("an open start", func(t *testing.T) {
		w := newWorld(t).approved()
		w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
		forged(w, false)
		w.wantOpen(governance.AttemptDeploy)
	})
	t.Run("a success", func(t *testing.T) {
		w := newWorld(t).approved()
		forged(w, true)
		for _, a := range w.record.Actions(governance.Situation{History: w.history(), By: "rita"}) {
			if a.Action == governance.Complete && !a.NeedsReason {
				t.Error("an author's claim makes the record deployed")
			}
		}
	})
}

func TestAnApprovalFromTheFutureDoesNotLastLonger(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	at := w.now
	w.now = w.now.AddDate(2, 0, 0)
	w.onRequest("ben", approve)
	w.now = at
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	w.wantShut("request_seats", governance.AttemptValidate)
}

// One member's wrong clock does not make everybody's approvals old; two are
// believed, and the deployer is held to his own.
func TestOneWrongClockClosesNothing(t *testing.T) {
	claim := func(w *world, who string) {
		at := w.now
		w.now = w.now.AddDate(1, 0, 0)
		w.sign(who, governance.Intent{Type: "dr.recall", Subject: dr, Body: governance.Closing{Revision: "none", Round: 9}})
		w.now = at
	}
	w := newWorld(t).approved()
	claim(w, "cleo")
	w.wantOpen(governance.AttemptValidate)
	claim(w, "olga")
	w.wantShut("record_seats", governance.AttemptValidate)
	w = newWorld(t).approved()
	claim(w, "max")
	w.wantShut("record_seats", governance.AttemptValidate)
}

// A Change Type that does not exist has no rule, not the one for all.
func TestAnInventedChangeTypeGetsNoMilderRule(t *testing.T) {
	w := newWorld(t, func(c *governance.Charter) {
		one := []governance.ApprovalStep{{Quorum: 1, Role: governance.Approver}}
		rules := []governance.SeatRule{{Level: governance.FullLifecycle, Steps: one}}
		for _, typ := range governance.ChangeTypes() {
			rules = append(rules, governance.SeatRule{ChangeType: typ, Level: governance.FullLifecycle, Steps: []governance.ApprovalStep{{Quorum: 2, Role: governance.Approver}}})
		}
		c.Requests.Rules = rules
	})
	for _, typ := range []governance.ChangeType{"Tiny", ""} {
		w := &world{t: t, ws: w.ws, people: w.people, acts: slices.Clone(w.acts), revs: map[string][]byte{}, v: w.v, now: w.now, request: w.request, record: w.record}
		w.request.Type = typ
		w.submission("rita", w.request.RevisionIn(w.ws, 1), nil, "rita")
		w.vote(w.people["ann"], cr, 0)
		if st := w.history().RequestStanding(cr); st.Status != governance.Pending || st.Seating.Filled {
			t.Errorf("%q: %s, %s", typ, st.Status, st.Seating.Rule)
		}
		w.people["rita"].seq, w.people["rita"].prev = 0, ""
		w.people["ann"].seq, w.people["ann"].prev = 0, ""
	}
}

// A role that a member got later does not make the vote good that he signed
// before.
func TestAVoteCountsWithTheRoleOfItsTime(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	w.vote(w.people["max"], cr, 1)
	w.change(func(c *governance.Charter) {
		c.Members[4].Roles = []governance.Role{governance.ReleaseManager, governance.Approver}
	})
	if st := w.history().RequestStanding(cr); st.Seating.Filled || st.Status != governance.Pending {
		t.Errorf("%s, %v", st.Status, st.Seating.Refused)
	}
}

// Two people approve the first step at the same time, and one of them the
// second: that is one approval too many, and takes none away.
func TestAnApprovalTooManyTakesNoneAway(t *testing.T) {
	for _, early := range []string{"ben", "cleo"} {
		w := newWorld(t)
		w.submitRequest()
		seen := w.history().Heads(cr)
		w.vote(w.people["ann"], cr, 0, seen...)
		w.vote(w.people[early], cr, 0, seen...)
		w.vote(w.people["ben"], cr, 1)
		if st := w.history().RequestStanding(cr); st.Status != governance.Approved {
			t.Errorf("with %s: %s, %v", early, st.Status, st.Seating.Refused)
		}
	}
	// The one whose vote was seen had it first, whatever the ids are.
	for i := range 8 {
		w := newWorld(t)
		w.submitRequest()
		seen := w.history().Heads(cr)
		first := w.vote(w.people["ann"], cr, 0, seen...)
		w.vote(w.people["ben"], cr, 1, first.ID)
		w.now = w.now.Add(time.Duration(i) * time.Minute)
		w.vote(w.people["cleo"], cr, 0, seen...)
		if st := w.history().RequestStanding(cr); st.Status != governance.Approved {
			t.Errorf("a late vote made it %s: %v", st.Status, st.Seating.Refused)
		}
	}
}

// While it is pending, an approval that ran out can be given again, and so can
// one that a change of the policy made void.
func TestWhoseApprovalIsVoidApprovesAgain(t *testing.T) {
	can := func(w *world, now time.Time) bool {
		for _, a := range w.request.Actions(governance.Situation{History: w.history(), By: "ann", Now: now}) {
			if a.Action == governance.Approve {
				return a.Allowed
			}
		}
		return false
	}
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	if can(w, w.now) {
		t.Error("ann approves twice")
	}
	if !can(w, w.now.AddDate(0, 0, 31)) {
		t.Error("ann cannot renew what ran out")
	}
	w.change(func(c *governance.Charter) { c.Requests.ApprovalDays = 20 })
	if !can(w, w.now) {
		t.Error("ann cannot approve under the new policy")
	}
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	w.wantOpen(governance.AttemptValidate)
}

func TestARenewedApprovalFillsItsSeat(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	w.now = w.now.AddDate(0, 0, 31)
	in, err := w.request.Do(governance.Situation{History: w.history(), By: "ann", Now: w.now}, approve)
	must(t, err)
	again := w.sign("ann", in)
	w.onRequest("ben", approve)
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	w.cache()
	d := governance.Gate(w.question(governance.AttemptValidate))
	if !d.Open || !slices.Contains(d.Counted, again.ID) {
		t.Errorf("open %v, %v", d.Open, d.Reasons())
	}
}
