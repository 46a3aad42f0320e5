package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

func dirs(t *testing.T, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(filepath.Join(dir, backupsName))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// The next migration, as it will be: a backup first, then all or nothing.
func TestMigratingAnOlderSchema(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.CopyFS(dir, os.DirFS("testdata/version1")),
		os.Rename(filepath.Join(dir, "workspace.sqlite"), filepath.Join(dir, databaseName))); err != nil {
		t.Fatal(err)
	}
	next := append(released(), migration{len(released()) + 1, "test.sql", "ALTER TABLE environments ADD COLUMN region TEXT NOT NULL DEFAULT ''; CREATE INDEX environments_region ON environments (region);"})
	broken := append(released(), migration{len(released()) + 1, "test.sql", "ALTER TABLE environments ADD COLUMN region TEXT NOT NULL DEFAULT ''; INSERT INTO nowhere VALUES (1);"})

	if _, err := open(t.Context(), dir, Options{}, broken); err == nil {
		t.Fatal("a migration that fails was taken")
	}
	s, err := open(t.Context(), dir, Options{}, released())
	if err != nil {
		t.Fatalf("a migration that failed left something: %v", err)
	}
	r, err := s.Verify(t.Context(), VerifyOptions{})
	if err != nil || len(r.Findings) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// To look at an older folder without touching it, the copy is migrated.
	ro, err := open(t.Context(), dir, Options{ReadOnly: true}, next)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := ro.Verify(t.Context(), VerifyOptions{}); err != nil || len(r.Findings) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	scratch := ro.scratch
	if err := ro.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(scratch); scratch == "" || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the private copy %q stayed: %v", scratch, err)
	}

	had := len(dirs(t, dir))
	if s, err = open(t.Context(), dir, Options{}, next); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after, err := s.Verify(t.Context(), VerifyOptions{})
	if err != nil || len(after.Findings) > 0 || after.Entries != r.Entries+1 || after.Acts != r.Acts {
		t.Fatalf("%+v, before %+v, %v", after, r, err)
	}
	backups := dirs(t, dir)
	if len(backups) != had+1 || !strings.Contains(backups[len(backups)-1], fmt.Sprintf("schema%d", len(released()))) {
		t.Fatalf("%v", backups)
	}
	// The backup is a whole workspace of the older schema.
	old := t.TempDir()
	if err := errors.Join(os.CopyFS(old, os.DirFS(dir)), os.Remove(filepath.Join(old, databaseName)),
		copyFile(filepath.Join(dir, backupsName, backups[len(backups)-1]), filepath.Join(old, databaseName))); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(filepath.Join(old, databaseName+"-wal"))
	_ = os.Remove(filepath.Join(old, databaseName+"-shm"))
	back, err := open(t.Context(), old, Options{ReadOnly: true}, released())
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	if b, err := back.Verify(t.Context(), VerifyOptions{}); err != nil || len(b.Findings) > 0 || b.Head != r.Head {
		t.Fatalf("%+v, %v", b, err)
	}
}

// Pressing Back Up again and again takes nothing from the days before, nor from
// backups that were made for another reason.
func TestManyBackupsTakeNothingFromEarlierDaysAndOtherReasons(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	s, err := Open(t.Context(), t.TempDir(), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := len(dirs(t, s.dir)) // that of the migrations
	for range 13 {
		now = now.Add(time.Minute)
		if _, err := s.backup(t.Context(), "copy"); err != nil {
			t.Fatal(err)
		}
	}
	last := now
	now = now.AddDate(0, 0, 1)
	for range 13 {
		now = now.Add(time.Minute)
		if _, err := s.backup(t.Context(), "copy"); err != nil {
			t.Fatal(err)
		}
	}
	got := dirs(t, s.dir)
	if before == 0 || len(got) != before+1+keptBackups {
		t.Fatalf("%d stayed: %v", len(got), got)
	}
	for _, name := range []string{"workspace-20260101T090000.000-schema1.db", "workspace-" + last.Format(backupTime) + "-copy.db", "workspace-" + now.Format(backupTime) + "-copy.db"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s is gone: %v", name, got)
		}
	}
}

func TestEarlierDaysAreKeptForAMonthOfThem(t *testing.T) {
	names, day := []string{}, time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	for d := range 50 {
		for hour := range 3 {
			names = append(names, "workspace-"+day.AddDate(0, 0, -d).Add(-time.Duration(hour)*time.Hour).Format(backupTime)+"-copy.db")
		}
	}
	gone := outdated(names)
	// Ten, and after the three days and the one copy that these are, 30 days more.
	if want := len(names) - keptBackups - keptDays; len(gone) != want {
		t.Errorf("%d go, want %d", len(gone), want)
	}
	for _, name := range append(names[:keptBackups:keptBackups], names[12], names[15]) {
		if slices.Contains(gone, name) {
			t.Errorf("%s goes", name)
		}
	}
	for _, other := range []string{"workspace-.db", "workspace-20260101T090000.000.db", "workspace-20260101T090000.000-.db", "workspace-2026-copy.db", "other.db", "unfinished-1"} {
		if _, _, ok := backupNamed(other); ok {
			t.Errorf("%s passes for a backup", other)
		}
	}
}

// Every connection of both pools has every setting, and readers cannot write.
func TestSettingsOfEveryConnection(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, db := range []*gorm.DB{s.w, s.r} {
		pool, err := db.DB()
		if err != nil {
			t.Fatal(err)
		}
		for range pool.Stats().MaxOpenConnections {
			c, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for _, p := range pragmas {
				var got string
				if err := c.QueryRowContext(t.Context(), "PRAGMA "+p.name).Scan(&got); err != nil || !strings.EqualFold(got, p.want) {
					t.Errorf("%s is %q: %v", p.name, got, err)
				}
			}
			if db == s.r {
				if _, err := c.ExecContext(t.Context(), "INSERT INTO meta VALUES ('x', 'y')"); err == nil {
					t.Error("a reader wrote")
				}
			}
		}
	}
}

func TestRecentSQLite(t *testing.T) {
	for version, want := range map[string]bool{"3.51.3": true, "3.51.2": false, "3.53.0": true, "3.41.2": false, "4.0": true, "3.52": true, "three": false} {
		if recent(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}

// Each row of a guarded table is covered by the digest of its newest form,
// except for what the acts decide and updated_at.
func TestDigestsCoverEveryColumn(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	free := map[string]bool{"change_requests.status": true, "change_requests.round": true, "change_requests.revision": true, "change_requests.updated_at": true,
		"deployment_records.status": true, "deployment_records.round": true, "deployment_records.revision": true, "deployment_records.updated_at": true}
	for _, g := range guardedTables() {
		var names []string
		if err := s.r.Raw("SELECT name FROM pragma_table_info(?)", g.table).Scan(&names).Error; err != nil {
			t.Fatal(err)
		}
		covered := map[string]bool{}
		for _, c := range g.forms[len(g.forms)-1] {
			covered[c] = true
		}
		for _, n := range names {
			if covered[n] == free[g.table+"."+n] {
				t.Errorf("%s.%s: covered %v", g.table, n, covered[n])
			}
		}
	}
}
