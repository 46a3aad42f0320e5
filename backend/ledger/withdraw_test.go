package ledger_test

import (
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func (w *world) situation(who string) governance.Situation {
	w.t.Helper()
	return governance.Situation{History: w.history(), By: who, Records: []governance.DeploymentRecord{w.record}, Now: w.now}
}

// try does a lifecycle action as the application does it, now, or says why not.
func (w *world) try(who, subject string, d governance.Deed) error {
	w.t.Helper()
	in, err := w.request.Do(w.situation(who), d)
	if subject == dr {
		in, err = w.record.Do(w.situation(who), d)
	}
	if err == nil {
		w.sign(who, in)
		w.cache()
	}
	return err
}

func (w *world) actionOf(who, subject string, a governance.Action) governance.ActionState {
	w.t.Helper()
	states := w.request.Actions(w.situation(who))
	if subject == dr {
		states = w.record.Actions(w.situation(who))
	}
	return states[slices.IndexFunc(states, func(s governance.ActionState) bool { return s.Action == a })]
}

func (w *world) wantStatus(subject string, want governance.Status, when string) {
	w.t.Helper()
	st := w.history().RequestStanding(subject)
	if subject == dr {
		st = w.history().RecordStanding(subject)
	}
	if st.Status != want || len(st.Trouble) > 0 {
		w.t.Errorf("%s: %s is %s %v, want %s; %v", when, subject, st.Status, st.Trouble, want, st.Seating.Refused)
	}
}

func withdraw(reason string) governance.Deed {
	return governance.Deed{Action: governance.Withdraw, Reason: reason}
}

// rawWithdrawal is what somebody could sign with a changed application.
func (w *world) rawWithdrawal(who *person, subject, vote string, round int64, seen []string) ledger.SignedAct {
	w.t.Helper()
	typ, revision := "cr.withdraw", w.request.Revision
	if subject == dr {
		typ, revision = "dr.withdraw", w.record.Revision
	}
	a := w.raw(who, governance.Intent{Type: governance.ActType(typ), Subject: subject,
		Body: governance.Withdrawal{Act: vote, Reason: "no", Revision: revision, Round: round}}, w.history().Head(), seen)
	w.cache()
	return a
}

func TestAVoteIsTakenBackAndGivenAgain(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	must(t, w.try("ann", cr, withdraw("I looked at the wrong org.")))
	w.wantStatus(cr, governance.Pending, "the first vote was withdrawn")
	if seats := w.history().RequestStanding(cr).Seating.Seats; seats[0].Member != "" || !slices.Contains(seats[0].May, "ann") {
		t.Errorf("the seat is not free again: %+v", seats[0])
	}
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.wantStatus(cr, governance.Approved, "both voted")
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	w.wantOpen(governance.AttemptValidate)
	must(t, w.try("ben", dr, withdraw("The window is wrong.")))
	w.wantStatus(dr, governance.Pending, "an approved record lost a vote")
	w.wantShut("record_status", governance.AttemptValidate)
	w.onRecord("cleo", approve)
	w.wantOpen(governance.AttemptValidate)
	must(t, w.try("ben", cr, withdraw("Not sure any more.")))
	w.wantStatus(cr, governance.Pending, "an approved request lost a vote")
	w.wantShut("request_status", governance.AttemptValidate)
}

// A vote in order that had seen another one that was taken back is given again
// after it.
func TestAWithdrawnFirstStepTakesTheSecondWithIt(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	must(t, w.try("ann", cr, withdraw("Too early.")))
	w.onRequest("cleo", approve)
	w.wantStatus(cr, governance.Pending, "ben had not seen cleo's approval")
	w.onRequest("ben", approve)
	w.wantStatus(cr, governance.Approved, "ben approved again")
}

func TestARejectionIsTakenBack(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	w.onRequest("ben", governance.Deed{Action: governance.Reject, Reason: "Round down."})
	w.wantStatus(cr, governance.Rejected, "ben rejected")
	must(t, w.try("ben", cr, withdraw("Half up is right.")))
	w.wantStatus(cr, governance.Pending, "ben took it back")
	w.onRequest("ben", approve)
	w.wantStatus(cr, governance.Approved, "ben approved")
}

func TestWhoCannotWithdraw(t *testing.T) {
	w := newWorld(t).approved()
	for _, c := range []struct{ name, who, reason, code string }{
		{"who has not voted", "cleo", "because", "no_vote"},
		{"an author", "rita", "because", "no_vote"},
		{"an outsider", "mallory", "because", "not_member"},
		{"who gives no reason", "ben", " ", "reason_needed"},
	} {
		before := len(w.acts)
		err := w.try(c.who, dr, withdraw(c.reason))
		code := w.actionOf(c.who, dr, governance.Withdraw).Code
		if c.code == "reason_needed" {
			code = governance.FaultCode(err)
		}
		if err == nil || code != c.code || len(w.acts) != before {
			t.Errorf("%s: %v, %q", c.name, err, code)
		}
	}
	sit := w.situation("ben")
	sit.ActiveAttempt = true
	if _, err := w.record.Do(sit, withdraw("because")); governance.FaultCode(err) != "not_allowed" {
		t.Errorf("during a deployment: %v", err)
	}
	must(t, w.try("ben", dr, withdraw("because")))
	if err := w.try("ben", dr, withdraw("because")); err == nil {
		t.Error("one vote is withdrawn twice")
	}
	w.onRecord("ben", approve)
	w.onRecord("rita", governance.Deed{Action: governance.Complete, Reason: "Done by hand."})
	if err := w.try("ben", dr, withdraw("because")); err == nil {
		t.Error("a completed record is final")
	}
}

// What somebody signs past the application takes back nothing that it may not.
func TestAForgedWithdrawalTakesNothingBack(t *testing.T) {
	for name, forge := range map[string]func(w *world, seen []string){
		"of another member's vote": func(w *world, _ []string) {
			w.rawWithdrawal(w.people["cleo"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		},
		"of a vote of another round": func(w *world, _ []string) {
			w.rawWithdrawal(w.people["ben"], dr, w.people["ben"].prev, 2, w.history().Heads(dr))
		},
		"of no act": func(w *world, _ []string) {
			w.rawWithdrawal(w.people["ben"], dr, w.ws, 1, w.history().Heads(dr))
		},
		"of the vote about the request, on the record": func(w *world, _ []string) {
			h := w.history()
			for _, a := range h.Thread(cr) {
				if a.Member == "ben" {
					w.rawWithdrawal(w.people["ben"], dr, a.ID, 1, h.Heads(dr))
				}
			}
		},
		"by an outsider": func(w *world, _ []string) {
			w.rawWithdrawal(w.people["mallory"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		},
		"with another key that had not seen the vote": func(w *world, seen []string) {
			vote := w.people["ben"].prev
			second := &person{id: "ben", key: identity(w.t, "ben's second key")}
			w.change(func(c *governance.Charter) { must(w.t, ledger.AddKey(c, "ben", second.key.Public())) })
			w.rawWithdrawal(second, dr, vote, 1, seen)
		},
		"as the wrong type of act": func(w *world, _ []string) {
			w.raw(w.people["ben"], governance.Intent{Type: "cr.withdraw", Subject: dr,
				Body: governance.Withdrawal{Act: w.people["ben"].prev, Revision: w.record.Revision, Round: 1}}, w.history().Head(), w.history().Heads(dr))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.approvedRequest()
			w.submitRecord()
			w.onRecord("ann", approve)
			seen := w.history().Heads(dr)
			w.onRecord("ben", approve)
			forge(w, seen)
			w.wantOpen(governance.AttemptValidate)
		})
	}
}

// Ends of a round win over a withdrawal beside them, as they win over votes.
func TestAnEndOfTheRoundWinsOverAWithdrawal(t *testing.T) {
	for name, c := range map[string]struct {
		end  string
		want governance.Status
	}{
		"completed": {"dr.complete", governance.Completed}, "reopened": {"dr.reopen", governance.InProgress}, "cancelled": {"dr.cancel", governance.Cancelled},
	} {
		t.Run(name+" beside it", func(t *testing.T) {
			w := newWorld(t).approved()
			seen, vote := w.history().Heads(dr), w.people["ben"].prev
			w.rawWithdrawal(w.people["ben"], dr, vote, 1, seen)
			w.closing("rita", c.end, seen...)
			w.wantStatus(dr, c.want, name)
		})
	}
	w := newWorld(t).approved()
	w.rawWithdrawal(w.people["ben"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
	w.closing("rita", "dr.complete")
	w.wantStatus(dr, governance.Pending, "completed by who had seen the withdrawal")
}

// What is withdrawn is a person's word: an older approval does not come back
// from behind the one that renewed it.
func TestAWithdrawalTakesTheEarlierVotesToo(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	first := w.onRequest("ann", approve)
	again := w.vote(w.people["ann"], cr, 0)
	w.cache()
	in, err := w.request.Do(w.situation("ann"), withdraw("because"))
	must(t, err)
	if in.Body.(governance.Withdrawal).Act != again.ID {
		t.Errorf("it names %+v", in.Body)
	}
	w.sign("ann", in)
	w.cache()
	if seat := w.history().RequestStanding(cr).Seating.Seats[0]; seat.Member != "" || seat.Act == first.ID {
		t.Errorf("the earlier approval counts: %+v", seat)
	}
	// A vote that is given beside the withdrawal with the same person's other
	// key was not seen by it, and stands.
	second := &person{id: "ann", key: identity(t, "ann's second key")}
	w.change(func(c *governance.Charter) { must(t, ledger.AddKey(c, "ann", second.key.Public())) })
	w.onRequest("ann", approve)
	seen := w.history().Heads(cr)
	w.rawWithdrawal(w.people["ann"], cr, w.people["ann"].prev, 1, seen)
	w.vote(second, cr, 0, seen...)
	if seat := w.history().RequestStanding(cr).Seating.Seats[0]; seat.Member != "ann" {
		t.Errorf("a vote that nobody took back is gone: %+v", seat)
	}
}
