package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// many makes so many drafts that their history is worth making ahead, and lists
// them with a request that is approved.
func (w *world) many() (approved *governance.ChangeRequest, ids []string) {
	w.t.Helper()
	approved = w.approved("Round amounts")
	ids = []string{approved.ID}
	for i := range 500 {
		ids = append(ids, w.draft(fmt.Sprint("Draft ", i)).ID)
	}
	return approved, ids
}

func history(t *testing.T, s *store.Store, ids []string) *governance.History {
	t.Helper()
	h, err := s.History(t.Context(), ids...)
	must(t, err)
	return h
}

// The history of the open requests that opening makes serves the first lists,
// until anybody writes: a door, or somebody by hand.
func TestTheHistoryMadeAheadIsNeverOld(t *testing.T) {
	w := newWorld(t)
	cr, ids := w.many()
	must(t, w.s.Close())
	o := w.options()
	o.Ahead = true
	s, err := store.Open(context.Background(), w.dir, o)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	w.s = s

	s.PromiseOpen()
	waiting := make(chan *governance.History)
	go func() {
		h, _ := s.History(context.Background(), ids...)
		waiting <- h
	}()
	r, err := s.VerifyOpen(t.Context())
	must(t, err)
	if len(r.Findings) > 0 || r.Requests != 501 {
		t.Fatalf("%+v", r)
	}
	first := <-waiting
	if first == nil || first != history(t, s, ids) || len(first.Thread(cr.ID)) != 3 {
		t.Fatal("the history made ahead is not the one that is given")
	}
	if history(t, s, append(slices.Clone(ids), "another")) == first {
		t.Error("it is given for a request that it does not hold")
	}

	w.request(cr.ID, "rita", governance.Reopen, "Once more.", governance.InProgress)
	second := history(t, s, ids)
	if second == first || len(second.Thread(cr.ID)) != 4 {
		t.Error("after an act it is as it was before")
	}

	if _, err := s.VerifyOpen(t.Context()); err != nil || history(t, s, ids) != history(t, s, ids) {
		t.Fatalf("it was not made again: %v", err)
	}
	byHand(t, w.dir, func(db *sql.DB) {
		unlocked(t, db, func() {
			sqlExec(t, db, "UPDATE acts SET sig = zeroblob(64) WHERE type = 'cr.reopen' AND subject = ?", cr.ID)
		})
	})
	if n := len(history(t, s, ids).Thread(cr.ID)); n != 3 {
		t.Errorf("an act that was forged by hand counts: %d acts", n)
	}
}

// A forged signature is not remembered by verifying ahead: every history leaves
// the act out, and the check of opening names it.
func TestAForgedSignatureIsFoundWhenItWasVerifiedAhead(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	must(t, w.s.Close())
	byHand(t, w.dir, func(db *sql.DB) {
		unlocked(t, db, func() {
			sqlExec(t, db, "UPDATE acts SET sig = zeroblob(64) WHERE type = 'cr.submit' AND subject = ?", cr.ID)
		})
	})
	o := w.options()
	o.Ahead = true
	s, err := store.Open(context.Background(), w.dir, o)
	must(t, err)
	defer s.Close()
	r, err := s.VerifyOpen(t.Context())
	must(t, err)
	if got := codes(r); !slices.Contains(got, "act") || !slices.Contains(got, "status") {
		t.Errorf("%+v", r.Findings)
	}
	if st := history(t, s, []string{cr.ID}).RequestStanding(cr.ID).Status; st == governance.Approved {
		t.Errorf("it is %s", st)
	}
}

// A Store that is closed while signatures are verified ahead lets go of
// everything.
func TestClosingWhileSignaturesAreVerifiedAhead(t *testing.T) {
	w := newWorld(t)
	w.approved("Round amounts")
	must(t, w.s.Close())
	for range 5 {
		o := w.options()
		o.Ahead = true
		s, err := store.Open(context.Background(), w.dir, o)
		must(t, err)
		must(t, s.Close())
	}
}

// The version is another one after every commit, whoever made it, and the same
// as long as there is none.
func TestTheVersionOfTheDatabase(t *testing.T) {
	w := newWorld(t)
	last, foreign := w.s.Version(t.Context()), w.s.Foreign(t.Context())
	if !last.Known() || last != w.s.Version(t.Context()) {
		t.Fatalf("%+v", last)
	}
	moved := func(by string) {
		t.Helper()
		now := w.s.Version(t.Context())
		if now == last || !now.Known() || now != w.s.Version(t.Context()) {
			t.Errorf("%s: %+v after %+v", by, now, last)
		}
		last = now
	}
	cr := w.draft("Round amounts")
	moved("a door")
	if w.s.Foreign(t.Context()) != foreign {
		t.Error("a door of its own is foreign")
	}
	byHand(t, w.dir, func(db *sql.DB) { sqlExec(t, db, "UPDATE change_requests SET overview = 'x' WHERE id = ?", cr.ID) })
	moved("somebody else")
	if w.s.Foreign(t.Context()) == foreign {
		t.Error("what somebody else wrote is not foreign")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if w.s.Version(ctx).Known() {
		t.Error("a call that was cancelled has a version")
	}
	if now := w.s.Version(t.Context()); now != last {
		t.Errorf("%+v after a call that was cancelled, not %+v", now, last)
	}
}

// The candidates that are carried on from entry to entry are those that reading
// all of them finds.
func TestCandidatesAreNeverOld(t *testing.T) {
	w := newWorld(t)
	same := func(when string) {
		t.Helper()
		got, err := w.s.Candidates(w.ctx, "rita")
		must(t, err)
		other, err := store.Open(w.ctx, copyFolder(t, w.dir), w.options()) // one that remembers nothing
		must(t, err)
		defer other.Close()
		want, err := other.Candidates(w.ctx, "rita")
		must(t, err)
		if len(got) != len(want) {
			t.Fatalf("%s: %d candidates, not %d", when, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: candidate %d is %+v, not %+v", when, i, got[i], want[i])
			}
		}
	}
	a, b := w.draft("Round amounts"), w.draft("Round dates")
	same("drafts")
	w.request(a.ID, "rita", governance.Submit, "", governance.Pending)
	same("one submitted")
	w.request(b.ID, "rita", governance.Submit, "", governance.Pending)
	same("both submitted")
	w.request(a.ID, "rita", governance.Recall, "Not yet.", governance.InProgress)
	same("one recalled")
	cr := w.approved("Round totals")
	same("one approved")
	dr := w.approvedRecord(cr)
	same("its record")
	must(t, w.s.DeleteDraft(w.ctx, w.draft("Gone").ID, w.by("rita")))
	same("a draft deleted")
	w.environment("production", prod)
	same("an environment")
	must(t, w.s.Note(w.ctx, "demo", struct {
		Step string `json:"step"`
	}{"one"}))
	same("a note")
	_ = dr
	byHand(t, w.dir, func(db *sql.DB) { sqlExec(t, db, "UPDATE change_requests SET status = 'Approved' WHERE id = ?", a.ID) })
	same("a status changed by hand")
}
