package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
	"golang.org/x/mod/sumdb/tlog"
)

// full is a workspace with something of everything, closed. It is made once
// and copied for each forgery.
func full(t testing.TB) (dir string, anchor ledger.Anchor, ids map[string]string) {
	t.Helper()
	w := newWorld(t)
	ids = map[string]string{}
	env := w.environment("production", prod)
	must(t, w.s.SaveScan(w.ctx, "rita", &store.Scan{EnvironmentID: env.ID}, []store.ScanItem{{Type: "ApexClass", Name: "Billing"}}))
	cr := w.approved("Round amounts")
	dr := w.approvedRecord(cr)
	log := w.deployed(dr)
	draft := w.draft("Round dates")
	_, err := w.s.Checkpoint(w.ctx, w.by("max").Identity)
	must(t, err)
	must(t, w.s.Note(w.ctx, "verify", struct {
		At string `json:"at"`
		By string `json:"by"`
	}{"2026-03-02T10:00:00Z", "max"}))
	anchor = ledger.Anchor{Act: w.act0().ID, Head: w.head.String(), Seq: w.act0().Seq}
	ids["cr"], ids["dr"], ids["log"], ids["draft"], ids["env"], ids["blob"] = cr.ID, dr.ID, log.ID, draft.ID, env.ID, dr.PackageBlob
	w.sound()
	must(t, w.s.Close())
	return w.dir, anchor, ids
}

// act0 is ann's last act.
func (w *world) act0() ledger.SignedAct {
	w.t.Helper()
	h, err := w.s.History(w.ctx)
	must(w.t, err)
	var last ledger.SignedAct
	crs, _, err := w.s.ChangeRequests(w.ctx, store.Query{})
	must(w.t, err)
	for _, subject := range append([]string{governance.GovernanceSubject}, crs[0].ID, crs[len(crs)-1].ID) {
		for _, a := range h.Thread(subject) {
			if a.Member == "ann" && a.Seq >= last.Seq {
				last = ledger.SignedAct{ID: a.ID, Seq: a.Seq}
			}
		}
	}
	return last
}

func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

// verify looks at a copied folder as an auditor would: without touching it.
func verify(t testing.TB, dir string, anchor *ledger.Anchor) (store.Report, error) {
	t.Helper()
	s, err := store.Open(context.Background(), dir, store.Options{ReadOnly: true})
	if err != nil {
		return store.Report{}, err
	}
	defer s.Close()
	return s.Verify(context.Background(), store.VerifyOptions{Anchor: anchor})
}

func codes(r store.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

// unlocked drops the append-only triggers, does something, and puts the very
// same triggers back, as a careful forger would.
func unlocked(t testing.TB, db *sql.DB, do func()) {
	t.Helper()
	rows, err := db.Query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	must(t, err)
	triggers := map[string]string{}
	for rows.Next() {
		var name, text string
		must(t, rows.Scan(&name, &text))
		triggers[name] = text
	}
	must(t, rows.Close())
	for name := range triggers {
		sqlExec(t, db, "DROP TRIGGER "+name)
	}
	do()
	for _, text := range triggers {
		sqlExec(t, db, text)
	}
}

// Every kind of hand edit is found, with its code, and nothing else is.
func TestVerifyFindsWhatWasForged(t *testing.T) {
	original, anchor, ids := full(t)
	hand := func(q string, args ...any) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			byHand(t, dir, func(db *sql.DB) { unlocked(t, db, func() { sqlExec(t, db, q, args...) }) })
		}
	}
	both := func(fs ...func(*testing.T, string)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, f := range fs {
				f(t, dir)
			}
		}
	}
	blob := filepath.Join("blobs", ids["blob"][:2], ids["blob"])
	for _, tc := range []struct {
		name  string
		forge func(t *testing.T, dir string)
		want  string
	}{
		{"status of a request", hand("UPDATE change_requests SET status = 'Completed' WHERE id = ?", ids["cr"]), "status"},
		{"status of a draft", hand("UPDATE change_requests SET status = 'Approved' WHERE id = ?", ids["draft"]), "status"},
		{"status of a record", hand("UPDATE deployment_records SET status = 'In Progress' WHERE id = ?", ids["dr"]), "status"},
		{"round of a record", hand("UPDATE deployment_records SET round = 2 WHERE id = ?", ids["dr"]), "status"},
		{"name of a locked request", hand("UPDATE change_requests SET name = 'Other' WHERE id = ?", ids["cr"]), "content"},
		{"name of a draft", hand("UPDATE change_requests SET name = 'Other' WHERE id = ?", ids["draft"]), "row_altered"},
		{"author of a draft", hand(`UPDATE change_requests SET authors = '["max"]' WHERE id = ?`, ids["draft"]), "row_altered"},
		{"number of a request", hand("UPDATE change_requests SET number = 77 WHERE id = ?", ids["cr"]), "row_altered"},
		{"package of a record", hand("UPDATE deployment_records SET package = 'h1:evil' WHERE id = ?", ids["dr"]), "content"},
		{"source environment of a record", hand("UPDATE deployment_records SET source_id = 'x' WHERE id = ?", ids["dr"]), "row_altered"},
		{"result of a log", hand("UPDATE deployment_logs SET result = 'failed' WHERE id = ?", ids["log"]), "attempt"},
		{"message of a log", hand("UPDATE deployment_logs SET message = 'fine' WHERE id = ?", ids["log"]), "row_altered"},
		{"status of a log", hand("UPDATE deployment_logs SET status = 'Failed' WHERE id = ?", ids["log"]), "row_altered"},
		{"kind of an environment", hand("UPDATE environments SET kind = 'sandbox' WHERE id = ?", ids["env"]), "row_altered"},
		{"deleted draft", hand("DELETE FROM change_requests WHERE id = ?", ids["draft"]), "row_missing"},
		{"deleted log", hand("DELETE FROM deployment_logs WHERE id = ?", ids["log"]), "row_missing"},
		{"added request", hand(`INSERT INTO change_requests SELECT 'new', 99, name, overview, type, supporting_text, external_link, external_number, attachments,
			change_sets, manifests, customizations, authors, status, round, revision, parents, created_at, updated_at, emergency_reason, incident, additional_approvers FROM change_requests WHERE id = ?`, ids["draft"]), "row_added"},
		{"deleted act", hand("DELETE FROM acts WHERE type = 'cr.approve' AND rowid = (SELECT max(rowid) FROM acts WHERE type = 'cr.approve')"), "act_missing"},
		{"altered byte of an act", hand("UPDATE acts SET payload = CAST(replace(CAST(payload AS TEXT), '\"step\":1', '\"step\":2') AS BLOB) WHERE type = 'cr.approve'"), "act"},
		{"altered signature", hand("UPDATE acts SET sig = zeroblob(64) WHERE type = 'dr.submit'"), "act"},
		{"altered column of an act", hand("UPDATE acts SET subject = 'gov' WHERE type = 'cr.submit'"), "act"},
		{"act and its log entry deleted", both(
			hand("DELETE FROM log_entries WHERE kind = 'act' AND json_extract(CAST(data AS TEXT), '$.act') = (SELECT id FROM acts WHERE type = 'dr.submit')"),
			hand("DELETE FROM acts WHERE type = 'dr.submit'")), "log_damaged"},
		{"swapped log rows", both(hand("UPDATE log_entries SET idx = -1 WHERE idx = 4"), hand("UPDATE log_entries SET idx = 4 WHERE idx = 5"),
			hand("UPDATE log_entries SET idx = 5 WHERE idx = -1")), "log_damaged"},
		{"altered log entry", hand("UPDATE log_entries SET data = CAST(replace(CAST(data AS TEXT), 'rita', 'anna') AS BLOB) WHERE kind = 'draft'"), "log_damaged"},
		{"last log row deleted", hand("DELETE FROM log_entries WHERE idx = (SELECT max(idx) FROM log_entries)"), "log_damaged"},
		{"last log rows deleted with their hashes", cutLog, "log_rolled_back"},
		{"altered stored hash", hand("UPDATE log_hashes SET hash = zeroblob(32) WHERE idx = 3"), "log_damaged"},
		{"deleted stored hash", hand("DELETE FROM log_hashes WHERE idx = 3"), "log_damaged"},
		{"altered checkpoint", hand("UPDATE checkpoints SET note = replace(note, 'countersign/', 'countersign/a')"), "checkpoint"},
		{"altered revision", hand("UPDATE revisions SET body = CAST(replace(CAST(body AS TEXT), 'Round amounts', 'Round nothing') AS BLOB)"), "act"},
		{"deleted revision", hand("DELETE FROM revisions WHERE subject = ?", ids["cr"]), "status"},
		{"another workspace", hand("UPDATE meta SET value = 'x' WHERE key = 'workspace'"), "workspace"},
		{"planted trigger", hand("CREATE TRIGGER quiet AFTER UPDATE ON change_requests BEGIN SELECT 1; END"), "schema"},
		{"planted view", hand("CREATE VIEW quiet AS SELECT 1"), "schema"},
		{"planted table", hand("CREATE TABLE quiet (x)"), "schema"},
		{"dropped index", hand("DROP INDEX deployment_logs_one_active"), "schema"},
		{"dropped trigger", func(t *testing.T, dir string) {
			byHand(t, dir, func(db *sql.DB) { sqlExec(t, db, "DROP TRIGGER acts_stay") })
		}, "schema"},
		{"altered blob", func(t *testing.T, dir string) { must(t, os.WriteFile(filepath.Join(dir, blob), []byte("evil"), 0o600)) }, "blob_altered"},
		{"swapped blobs", swapBlobs, "blob_altered"},
		{"missing blob", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, blob))) }, "blob_missing"},
		{"missing blob without its row", both(func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, blob))) }, hand("DELETE FROM blobs")), "blob_missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, original)
			tc.forge(t, dir)
			r, err := verify(t, dir, &anchor)
			must(t, err)
			if !slices.Contains(codes(r), tc.want) {
				t.Fatalf("%q is not among %v", tc.want, r.Findings)
			}
			for _, f := range r.Findings {
				if f.Message == "" || !strings.HasSuffix(f.Message, ".") {
					t.Errorf("not a sentence: %+v", f)
				}
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		dir := copyFolder(t, original)
		r, err := verify(t, dir, &anchor)
		must(t, err)
		if len(r.Findings) != 0 || r.Acts == 0 || r.Entries == 0 || r.Blobs == 0 {
			t.Fatalf("%+v", r)
		}
	})
}

// swapBlobs puts the content of one stored file in the place of another's.
func swapBlobs(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
	must(t, err)
	if len(files) < 2 {
		t.Fatalf("there are %d stored files to swap", len(files))
	}
	one, err := os.ReadFile(files[0])
	must(t, err)
	two, err := os.ReadFile(files[1])
	must(t, err)
	must(t, os.WriteFile(files[0], two, 0o600))
	must(t, os.WriteFile(files[1], one, 0o600))
}

// cutLog takes the last entries away, hashes and all, so that the log is whole
// again by itself: only the anchor knows better.
func cutLog(t *testing.T, dir string) {
	byHand(t, dir, func(db *sql.DB) {
		unlocked(t, db, func() {
			var n int64
			must(t, db.QueryRow("SELECT max(idx) FROM log_entries").Scan(&n)) // keep n entries
			sqlExec(t, db, "DELETE FROM log_entries WHERE idx >= ?", n)
			sqlExec(t, db, "DELETE FROM log_hashes WHERE idx >= ?", tlog.StoredHashCount(n))
		})
	})
}

// An older database put back is sound by itself; the anchor tells.
func TestAnOlderDatabasePutBackIsFound(t *testing.T) {
	w := newWorld(t)
	w.draft("Round amounts")
	must(t, w.s.Close())
	old := copyFolder(t, w.dir)
	w.open()
	cr := w.draft("Round dates")
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	anchor := ledger.Anchor{Act: w.act.ID, Head: w.head.String(), Seq: w.act.Seq}
	must(t, w.s.Close())

	r, err := verify(t, old, nil)
	must(t, err)
	if len(r.Findings) != 0 {
		t.Fatalf("by itself: %v", r.Findings)
	}
	r, err = verify(t, old, &anchor)
	must(t, err)
	if !slices.Contains(codes(r), "log_rolled_back") {
		t.Fatalf("with the anchor: %v", r.Findings)
	}
	s, err := store.Open(w.ctx, old, store.Options{})
	must(t, err)
	defer s.Close()
	r = verifySince(t, s, anchor)
	if !slices.Contains(codes(r), "log_rolled_back") {
		t.Fatalf("since the anchor: %v", r.Findings)
	}
}

// verifySince is what a start verifies.
func verifySince(t *testing.T, s *store.Store, anchor ledger.Anchor) store.Report {
	t.Helper()
	end, err := s.VerifyEnd(t.Context(), anchor)
	must(t, err)
	open, err := s.VerifyOpen(t.Context())
	must(t, err)
	end.Requests, end.Records = end.Requests+open.Requests, end.Records+open.Records
	end.Findings = append(end.Findings, open.Findings...)
	return end
}

// What happened since the anchor is checked at start, without the rest.
func TestVerifySince(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	anchor := ledger.Anchor{Act: w.act.ID, Head: w.head.String(), Seq: w.act.Seq}
	dr := w.approvedRecord(cr)
	draft := w.draft("Round dates")
	r := verifySince(t, w.s, anchor)
	if len(r.Findings) != 0 || r.Entries == 0 || r.Acts != 3 || r.Requests != 2 || r.Records != 1 {
		t.Fatalf("%+v", r)
	}
	must(t, w.s.Close())
	for _, tc := range []struct{ name, q, id, want string }{
		{"status", "UPDATE deployment_records SET status = 'Rejected' WHERE id = ?", dr.ID, "status"},
		{"draft", "UPDATE change_requests SET overview = 'x' WHERE id = ?", draft.ID, "row_altered"},
		{"act", "UPDATE acts SET sig = zeroblob(64) WHERE type = 'dr.submit' AND subject = ?", dr.ID, "act"},
		{"entry", "UPDATE log_entries SET data = CAST('{}' AS BLOB) WHERE idx = (SELECT max(idx) FROM log_entries) AND ? <> ''", dr.ID, "log_damaged"},
		{"trigger", "CREATE TRIGGER quiet AFTER UPDATE ON change_requests BEGIN SELECT 1; END", "", "schema"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := copyFolder(t, w.dir)
			byHand(t, dir, func(db *sql.DB) {
				unlocked(t, db, func() {
					if tc.id == "" {
						sqlExec(t, db, tc.q)
						return
					}
					sqlExec(t, db, tc.q, tc.id)
				})
			})
			s, err := store.Open(t.Context(), dir, store.Options{})
			must(t, err)
			defer s.Close()
			r := verifySince(t, s, anchor)
			if !slices.Contains(codes(r), tc.want) {
				t.Fatalf("%q is not among %v", tc.want, r.Findings)
			}
		})
	}
}

// Somebody can change a row in the bytes of the file, past SQLite, and leave the
// index over it as it was: the start reads the rows themselves.
func TestAStatusChangedInTheBytesOfTheFile(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	anchor := ledger.Anchor{Act: w.act.ID, Head: w.head.String(), Seq: w.act.Seq}
	must(t, w.s.Close())
	path := filepath.Join(w.dir, "workspace.db")
	b, err := os.ReadFile(path)
	must(t, err)
	changed := 0
	for at := 0; at < len(b); at++ {
		next := bytes.Index(b[at:], []byte(cr.ID))
		if next < 0 {
			break
		}
		at += next
		if word := bytes.Index(b[at:min(at+200, len(b))], []byte("Approved")); word >= 0 {
			changed += copy(b[at+word:], "Rejected")
		}
	}
	if changed == 0 {
		t.Fatal("the file holds no such row")
	}
	must(t, os.WriteFile(path, b, 0o600))
	w.open()
	if r := verifySince(t, w.s, anchor); !slices.Contains(codes(r), "status") {
		t.Errorf("%v", r.Findings)
	}
}

// A door refuses to build on a forged row until a person sets it right by
// name; afterwards all is sound, and the trail says what was done.
func TestRebuild(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	dr := w.approvedRecord(cr)
	draft := w.draft("Round dates")
	env := w.environment("production", prod)
	log := w.deployed(dr)
	byHand(t, w.dir, func(db *sql.DB) {
		sqlExec(t, db, "UPDATE change_requests SET name = 'Other', status = 'In Progress' WHERE id = ?", cr.ID)
		sqlExec(t, db, "UPDATE change_requests SET name = 'Other' WHERE id = ?", draft.ID)
		sqlExec(t, db, "UPDATE deployment_records SET package = 'h1:evil' WHERE id = ?", dr.ID)
		sqlExec(t, db, "UPDATE deployment_logs SET result = 'failed' WHERE id = ?", log.ID)
		sqlExec(t, db, "UPDATE environments SET name = 'Other' WHERE id = ?", env.ID)
	})
	edit := func(id string) error {
		_, err := w.s.UpdateChangeRequest(w.ctx, id, w.by("rita"), func(c *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
			c.Overview = "Something else."
			return governance.Intent{}, nil
		})
		return err
	}
	wantFault(t, edit(cr.ID), "row_altered")
	wantFault(t, edit(draft.ID), "row_altered")
	wantFault(t, w.s.SaveEnvironment(w.ctx, "rita", env), "row_altered")
	_, err := w.s.UpdateEnvironment(w.ctx, "rita", env.ID, func(*governance.Environment) error { return nil })
	wantFault(t, err, "row_altered")
	_, err = w.s.UpdateEnvironment(w.ctx, "rita", "none", func(*governance.Environment) error { return nil })
	wantFault(t, err, "not_found")
	_, err = w.s.StartAttempt(w.ctx, w.by("max"), &governance.DeploymentLog{RecordID: dr.ID, Kind: governance.AttemptValidate}, w.question)
	wantFault(t, err, "row_altered")

	said, err := w.s.RebuildStatuses(w.ctx, w.by("ann"))
	must(t, err)
	if len(said) != 5 {
		t.Fatalf("%q", said)
	}
	w.sound()
	got, err := w.s.ChangeRequest(w.ctx, cr.ID)
	must(t, err)
	if got.Name != "Round amounts" || got.Status != governance.Approved {
		t.Fatalf("%+v", got)
	}
	if l, err := w.s.DeploymentLog(w.ctx, log.ID); err != nil || l.Result != governance.ResultSucceeded {
		t.Fatalf("%+v, %v", l, err)
	}
	entries, err := w.s.Entries(w.ctx, 0, 0, "rebuild")
	must(t, err)
	if len(entries) != 5 {
		t.Fatalf("%d entries", len(entries))
	}
	must(t, edit(draft.ID))
	if again, err := w.s.RebuildStatuses(w.ctx, w.by("ann")); err != nil || len(again) != 0 {
		t.Fatalf("%q, %v", again, err)
	}
}
