package store_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

var update = flag.Bool("update", false, "write the fixture of the newest schema")

func TestFoldersAndFilesAreForTheirOwnerAlone(t *testing.T) {
	w := newWorld(t)
	w.blob("content")
	must(t, filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	}))
}

// The database keeps its own promises, against whoever uses SQL on it.
func TestAppendOnlyTablesRefuse(t *testing.T) {
	w := newWorld(t)
	w.approved("Round amounts")
	_, err := w.s.Checkpoint(w.ctx, w.by("max").Identity)
	must(t, err)
	must(t, w.s.Close())
	columns := map[string]string{"acts": "source = 'x'", "revisions": "subject = 'x'", "log_entries": "kind = 'x'", "log_hashes": "hash = zeroblob(32)", "checkpoints": "note = 'x'"}
	byHand(t, w.dir, func(db *sql.DB) {
		for table, set := range columns {
			for _, q := range []string{
				"UPDATE " + table + " SET " + set,
				"DELETE FROM " + table,
				"INSERT OR REPLACE INTO " + table + " SELECT * FROM " + table + " LIMIT 1",
				"REPLACE INTO " + table + " SELECT * FROM " + table + " LIMIT 1",
			} {
				_, err := db.Exec(q)
				if err == nil || !strings.Contains(err.Error(), "append-only") {
					t.Errorf("%s: %v", q, err)
				}
			}
		}
		// A log entry cannot be left out either.
		_, err := db.Exec("INSERT INTO log_entries (idx, kind, data) SELECT max(idx) + 2, 'x', CAST('{}' AS BLOB) FROM log_entries")
		if err == nil {
			t.Error("a log entry was left out")
		}
	})
	w.open()
	w.sound()
}

func TestTheDatabaseKeepsOneActiveAttemptPerTarget(t *testing.T) {
	w := newWorld(t)
	dr := w.approvedRecord(w.approved("Round amounts"))
	w.start(dr, governance.AttemptValidate)
	must(t, w.s.Close())
	byHand(t, w.dir, func(db *sql.DB) {
		columns := map[string]bool{}
		rows, err := db.Query("SELECT name FROM pragma_table_info('deployment_logs')")
		must(t, err)
		names := []string{}
		for rows.Next() {
			var n string
			must(t, rows.Scan(&n))
			names = append(names, `"`+n+`"`)
			columns[n] = true
		}
		must(t, rows.Close())
		again := func(kind, progress, result string) error {
			values := slices.Clone(names)
			for i, n := range names {
				switch n {
				case `"id"`:
					values[i] = "lower(hex(randomblob(16)))"
				case `"attempt"`:
					values[i] = "attempt + 1 + abs(random() % 1000000)"
				case `"kind"`:
					values[i] = "'" + kind + "'"
				case `"progress"`:
					values[i] = "'" + progress + "'"
				case `"result"`:
					values[i] = "'" + result + "'"
				}
			}
			_, err := db.Exec("INSERT INTO deployment_logs (" + strings.Join(names, ",") + ") SELECT " + strings.Join(values, ",") + " FROM deployment_logs LIMIT 1")
			return err
		}
		for _, kind := range []string{"validate", "deploy", "quick", "rollback", "reverse-check"} {
			if err := again(kind, "intent", ""); err == nil || !strings.Contains(err.Error(), "UNIQUE") {
				t.Errorf("%s: %v", kind, err)
			}
		}
		must(t, again("retrieve", "running", ""))
		must(t, again("deploy", "done", "failed"))
		if err := again("deploy", "done", ""); err == nil {
			t.Error("done without a result")
		}
	})
}

func TestWhatIsNotADatabaseIsRefused(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		w.draft("Round amounts")
	}
	must(t, w.s.Close())
	path := func(dir string) string { return filepath.Join(dir, "workspace.db") }
	for _, tc := range []struct {
		name  string
		spoil func(dir string)
	}{
		{"text", func(dir string) {
			must(t, os.WriteFile(path(dir), []byte(strings.Repeat("not a database ", 100)), 0o600))
		}},
		{"short", func(dir string) { must(t, os.WriteFile(path(dir), []byte("SQLite format 3\x00"), 0o600)) }},
		{"truncated", func(dir string) {
			info, err := os.Stat(path(dir))
			must(t, err)
			must(t, os.Truncate(path(dir), info.Size()/2))
		}},
		{"overwritten pages", func(dir string) {
			b, err := os.ReadFile(path(dir))
			must(t, err)
			for i := 4096; i < len(b)-4096; i += 3 {
				b[i] ^= 0x5a
			}
			must(t, os.WriteFile(path(dir), b, 0o600))
		}},
	} {
		for _, ro := range []bool{false, true} {
			dir := copyFolder(t, w.dir)
			tc.spoil(dir)
			s, err := store.Open(t.Context(), dir, store.Options{ReadOnly: ro})
			if err == nil {
				_ = s.Close()
			}
			if governance.FaultCode(err) != "database_corrupt" || !strings.Contains(err.Error(), "backups") {
				t.Errorf("%s, read only %v: %v", tc.name, ro, err)
			}
		}
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	w := newWorld(t)
	must(t, w.s.Close())
	byHand(t, w.dir, func(db *sql.DB) { sqlExec(t, db, "PRAGMA user_version = 99") })
	for _, ro := range []bool{false, true} {
		_, err := store.Open(t.Context(), w.dir, store.Options{ReadOnly: ro})
		wantFault(t, err, "database_newer")
	}
}

func TestAFolderThatIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err := store.Open(t.Context(), file, store.Options{})
	wantFault(t, err, "data_folder")
	_, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "nothing"), store.Options{ReadOnly: true})
	wantFault(t, err, "data_folder")
}

// Read only: nothing in the folder changes, also when the last commits are
// still in the -wal file, and no door opens.
func TestReadOnlyTouchesNothing(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	live := copyFolder(t, w.dir) // with its -wal and -shm, as after a crash
	if info, err := os.Stat(filepath.Join(live, "workspace.db-wal")); err != nil || info.Size() == 0 {
		t.Fatalf("the test needs a -wal file: %v", err)
	}
	must(t, os.Remove(filepath.Join(live, "workspace.db-shm")))
	must(t, w.s.Close())
	for name, dir := range map[string]string{"closed": copyFolder(t, w.dir), "crashed": live} {
		before := snapshot(t, dir)
		s, err := store.Open(t.Context(), dir, store.Options{ReadOnly: true})
		must(t, err)
		got, err := s.ChangeRequest(t.Context(), cr.ID)
		must(t, err)
		if got.Status != governance.Approved {
			t.Errorf("%s: %s", name, got.Status)
		}
		r, err := s.Verify(t.Context(), store.VerifyOptions{})
		must(t, err)
		if len(r.Findings) > 0 || r.Acts == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		wantFault(t, s.CreateChangeRequest(t.Context(), w.by("rita"), &governance.ChangeRequest{}), "database_readonly")
		_, _, err = s.PutBlob(t.Context(), strings.NewReader("x"))
		wantFault(t, err, "database_readonly")
		must(t, s.Close())
		if after := snapshot(t, dir); after != before {
			t.Errorf("%s: the folder changed from\n%s\nto\n%s", name, before, after)
		}
	}
}

// snapshot lists names, sizes and times of a folder.
func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			fmt.Fprintln(&b, path, info.Size(), info.ModTime(), info.Mode())
		}
		return err
	}))
	return b.String()
}

// mounted makes a small file system of its own, where root may do that.
func mounted(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no file system can be mounted here: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	return dir
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	w := newWorld(t)
	w.approved("Round amounts")
	must(t, w.s.Close())
	dir := t.TempDir()
	if os.Getuid() == 0 { // root may write everywhere, except on what is mounted read-only
		dir = mounted(t, "8m")
	}
	must(t, os.CopyFS(filepath.Join(dir, "ws"), os.DirFS(w.dir)))
	if os.Getuid() == 0 {
		must(t, exec.Command("mount", "-o", "remount,ro", dir).Run())
	} else {
		must(t, os.Chmod(filepath.Join(dir, "ws", "workspace.db"), 0o400))
		must(t, os.Chmod(filepath.Join(dir, "ws"), 0o500))
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "ws"), 0o700) })
	}
	_, err := store.Open(t.Context(), filepath.Join(dir, "ws"), store.Options{})
	wantFault(t, err, "database_readonly")
	r, err := verify(t, filepath.Join(dir, "ws"), nil)
	must(t, err)
	if len(r.Findings) > 0 {
		t.Errorf("%v", r.Findings)
	}
}

// When the disk is full a door says so and changes nothing; when there is room
// again everything works.
func TestAFullDisk(t *testing.T) {
	w := &world{t: t, ctx: t.Context(), dir: filepath.Join(mounted(t, "6m"), "ws"), now: begin}
	w.open()
	must(t, w.s.Found(w.ctx, genesis(t)))
	cr := w.draft("Round amounts")
	filler := filepath.Join(filepath.Dir(w.dir), "filler")
	f, err := os.Create(filler)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	must(t, f.Close())
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	saved, full := 0, error(nil)
	for full == nil && saved < 1000 {
		big := strings.Repeat("text ", 5000)
		full = w.s.CreateChangeRequest(w.ctx, w.by("rita"), &governance.ChangeRequest{Name: "Another", Overview: big})
		saved++
	}
	wantFault(t, full, "disk_full")
	_, _, err = w.s.PutBlob(w.ctx, strings.NewReader(strings.Repeat("x", 1<<20)))
	wantFault(t, err, "disk_full")
	must(t, os.Remove(filler))
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	w.sound()
	if _, total, err := w.s.ChangeRequests(w.ctx, store.Query{}); err != nil || total != int64(saved) {
		t.Fatalf("%d requests, %d acknowledged: %v", total, saved, err)
	}
}

// The fixture of each released schema still opens, and all of it verifies.
func TestFixtureOfSchema1(t *testing.T) {
	const fixture = "testdata/version1"
	if *update {
		dir, _, _ := full(t)
		must(t, os.RemoveAll(fixture))
		must(t, os.CopyFS(fixture, os.DirFS(dir)))
		must(t, os.RemoveAll(filepath.Join(fixture, "backups")))
		must(t, os.Rename(filepath.Join(fixture, "workspace.db"), filepath.Join(fixture, "workspace.sqlite")))
	}
	dir := copyFolder(t, fixture)
	// Not workspace.db, which version control passes over.
	must(t, os.Rename(filepath.Join(dir, "workspace.sqlite"), filepath.Join(dir, "workspace.db")))
	w := &world{t: t, ctx: t.Context(), dir: dir, now: begin.AddDate(0, 0, 1)}
	w.open()
	r := w.sound()
	if r.Acts != 11 || r.Requests != 2 || r.Records != 1 {
		t.Fatalf("%+v", r)
	}
	crs, _, err := w.s.ChangeRequests(w.ctx, store.Query{Status: []governance.Status{governance.InProgress}})
	must(t, err)
	w.request(crs[0].ID, "rita", governance.Submit, "", governance.Pending)
	w.sound()
}
