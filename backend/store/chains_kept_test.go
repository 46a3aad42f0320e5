package store_test

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// A start that trusts where the chains ended says what one says that reads the
// place of every act, and so does all that is signed from then on.
func TestAStartFromTheEndsOfTheChains(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	digest, err := w.s.KeepChains(w.ctx, "")
	must(t, err)
	if digest == "" {
		t.Fatal("the chains are whole, and their ends were not kept")
	}
	later := w.approved("Round dates") // after what was kept
	must(t, w.s.Close())

	w.open()
	trusted, err := w.s.TrustChains(w.ctx, digest)
	must(t, err)
	if !trusted {
		t.Fatal("what was kept is not trusted")
	}
	w.request(later.ID, "rita", governance.Reopen, "Not yet.", governance.InProgress)
	for _, c := range []*governance.ChangeRequest{cr, later} {
		part, err := w.s.History(w.ctx, c.ID)
		must(t, err)
		whole, err := w.s.History(w.ctx)
		must(t, err)
		if p, q := part.RequestStanding(c.ID), whole.RequestStanding(c.ID); p.Status != q.Status || p.Revision != q.Revision || len(p.Trouble)+len(q.Trouble) > 0 {
			t.Errorf("%s: %v of a part and %v of everything", c.Name, p, q)
		}
	}
	w.sound()
	again, err := w.s.KeepChains(w.ctx, "")
	must(t, err)
	if again == "" || again == digest {
		t.Errorf("the ends moved on, and %q was kept after %q", again, digest)
	}
}

// Nothing but what had the digest in the keychain is trusted.
func TestEndsOfChainsThatSomebodyWrote(t *testing.T) {
	w := newWorld(t)
	w.approved("Round amounts")
	digest, err := w.s.KeepChains(w.ctx, "")
	must(t, err)
	must(t, w.s.Close())
	for _, forged := range []struct{ name, statement string }{
		{"another form", "UPDATE meta SET value = value || ' ' WHERE key = 'chains'"},
		{"an end", "UPDATE meta SET value = rtrim(replace(value, '\"next\":1', '\"next\":2')) WHERE key = 'chains'"},
		{"nothing left", "DELETE FROM meta WHERE key = 'chains'"},
	} {
		t.Run(forged.name, func(t *testing.T) {
			w.byHand(forged.statement)
			w.open()
			defer w.s.Close()
			trusted, err := w.s.TrustChains(w.ctx, digest)
			must(t, err)
			if trusted {
				t.Fatal("it is trusted")
			}
			if _, err := w.s.History(w.ctx, "-"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A key that forks after its end was kept is found, as one is that forked before.
func TestAForkAfterTheEndsWereKept(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	digest, err := w.s.KeepChains(w.ctx, "")
	must(t, err)
	must(t, w.s.Close())
	w.byHand(`INSERT INTO acts SELECT CASE substr(id, 1, 1) WHEN 'f' THEN 'e' ELSE 'f' END || substr(id, 2), workspace, subject, type, key, seq, prev, payload, sig, received_at, source
		FROM acts WHERE type = 'cr.approve' ORDER BY rowid DESC LIMIT 1`)
	standing := func(trust bool) governance.Status {
		w.open()
		defer w.s.Close()
		if trust {
			trusted, err := w.s.TrustChains(w.ctx, digest)
			must(t, err)
			if !trusted {
				t.Fatal("what was kept is not trusted")
			}
		}
		h, err := w.s.History(w.ctx, cr.ID)
		must(t, err)
		return h.RequestStanding(cr.ID).Status
	}
	if with, without := standing(true), standing(false); with != without {
		t.Errorf("the request is %s with the ends, and %s with all places", with, without)
	}
}

// byHand changes the closed database past every door.
func (w *world) byHand(statement string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(filepath.Join(w.dir, "workspace.db"))}).EscapedPath()}).String())
	must(w.t, err)
	defer db.Close()
	res, err := db.Exec(statement)
	must(w.t, err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		w.t.Fatalf("%s changed nothing: %v", statement, err)
	}
}

// A word that was deleted by hand is missed at the start, although the chains of
// all keys end where they ended.
func TestAWordDeletedBehindTheEnds(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(cr.ID, "ann", governance.Reject, "No.", governance.Rejected)
	done := w.approved("Round totals")
	w.request(done.ID, "ann", governance.Cancel, "No need.", governance.Cancelled)
	w.approved("Round dates") // all of them go on signing
	anchor := ledger.Anchor{Act: w.act.ID, Head: w.head.String(), Seq: w.act.Seq}
	digest, err := w.s.KeepChains(w.ctx, "")
	must(t, err)
	must(t, w.s.Close())
	for _, c := range []struct{ what, act, status, id string }{
		{"a rejection", "cr.reject", "Pending Approval", cr.ID},
		{"a cancellation", "cr.cancel", "Approved", done.ID},
		{"all words", "cr.%", "In Progress", cr.ID},
	} {
		dir := copyFolder(t, w.dir)
		byHand(t, dir, func(db *sql.DB) {
			unlocked(t, db, func() {
				sqlExec(t, db, "DELETE FROM acts WHERE type LIKE ? AND subject = ?", c.act, c.id)
				sqlExec(t, db, "UPDATE change_requests SET status = ? WHERE id = ?", c.status, c.id)
			})
		})
		s, err := store.Open(w.ctx, dir, store.Options{})
		must(t, err)
		trusted, err := s.TrustChains(w.ctx, digest)
		must(t, err)
		if r := verifySince(t, s, anchor); trusted || len(r.Findings) == 0 {
			t.Errorf("nobody missed %s: trusted %v, %v", c.what, trusted, r.Findings)
		}
		must(t, s.Close())
	}
}
