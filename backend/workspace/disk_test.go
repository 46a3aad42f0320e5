//go:build !windows

package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/store"
)

// readOnly makes a folder that cannot be written: by its mode, or for root, whom
// no mode stops, by a mount.
func readOnly(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() == 0 {
		mountReadOnly(t, dir)
		return
	}
	ok(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { ok(t, os.Chmod(dir, 0o700)) })
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	w.draftFor(t, Ana)
	ok(t, w.Close())
	readOnly(t, w.Dir())
	_, err := Open(t.Context(), Options{Data: data, Demo: true, Pace: -1})
	if code := governance.FaultCode(err); code != "database_readonly" && code != "data_folder" && code != "bad_folder" {
		t.Errorf("%v", err)
	}
	report, _, err := VerifyFolder(t.Context(), w.Dir(), nil, nil)
	ok(t, err)
	if len(report.Findings) > 0 || report.Requests != 1 {
		t.Errorf("verifying it: %d requests, %s", report.Requests, findings(report.Findings))
	}
	_, err = Open(t.Context(), Options{Data: filepath.Join(w.Dir(), "new"), Demo: true, Pace: -1})
	if code := governance.FaultCode(err); code != "database_readonly" && code != "data_folder" {
		t.Errorf("a new one in there: %v", err)
	}
}

func TestADatabaseThatCannotBeUsed(t *testing.T) {
	for _, c := range []struct {
		name, code string
		spoil      func(t *testing.T, file string)
	}{
		{"not a database", "database_corrupt", func(t *testing.T, file string) {
			ok(t, os.WriteFile(file, []byte(strings.Repeat("Dear diary. ", 1000)), 0o600))
		}},
		{"its first page overwritten", "database_corrupt", func(t *testing.T, file string) { overwrite(t, file, 100, 3900) }},
		{"cut in half", "database_corrupt", func(t *testing.T, file string) {
			info, err := os.Stat(file)
			ok(t, err)
			ok(t, os.Truncate(file, info.Size()/2))
		}},
		{"of a newer version", "database_newer", func(t *testing.T, file string) {
			ok(t, store.Forge(t.Context(), filepath.Dir(file), "PRAGMA user_version = 999"))
		}},
		{"a folder", "data_folder", func(t *testing.T, file string) {
			ok(t, os.Remove(file))
			ok(t, os.Mkdir(file, 0o700))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			chain := keychain.Memory()
			w := createSolo(t, t.TempDir(), chain)
			ok(t, w.Close())
			file := filepath.Join(w.Dir(), database)
			c.spoil(t, file)
			before, _ := os.ReadFile(file)
			_, err := OpenOwn(t.Context(), w.Dir(), Options{Chain: chain})
			if c.name == "a folder" {
				wantFault(t, err, "no_workspace")
				return
			}
			wantFault(t, err, c.code)
			if after, _ := os.ReadFile(file); string(after) != string(before) {
				t.Error("opening it changed it")
			}
			// The folder is free again: nothing holds its lock.
			_, err = OpenOwn(t.Context(), w.Dir(), Options{Chain: chain})
			wantFault(t, err, c.code)
		})
	}
}

func TestAnEmptiedDatabaseIsNotTakenForANewWorkspace(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	cr := w.draftFor(t, Ana)
	_, err := w.Attach(t.Context(), Ana, cr.ID, "plan.txt", strings.NewReader("The plan."))
	ok(t, err)
	ok(t, w.Close())
	ok(t, os.Truncate(filepath.Join(w.Dir(), database), 0))
	_, err = Open(t.Context(), Options{Data: w.Dir(), Demo: true, Pace: -1})
	f := wantFault(t, err, "database_empty")
	if !strings.Contains(f.Hint, "backups") {
		t.Error(f.Hint)
	}
	_, _, err = VerifyFolder(t.Context(), w.Dir(), nil, nil)
	wantFault(t, err, "database_empty")
}

func overwrite(t *testing.T, file string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	ok(t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("\xa5", n)), at)
	ok(t, errors.Join(err, f.Close()))
}

func TestAFullDiskLosesNothing(t *testing.T) {
	data := smallDisk(t, "3m")
	w := openTestDemo(t, data)
	first := w.draftFor(t, Ana)
	filler := fill(t, data)
	var err error
	for i := 0; i < 50 && err == nil; i++ { // what SQLite has set aside takes some
		_, err = w.NewChangeRequest(t.Context(), Ana, governance.ChangeRequest{Name: "Large", Overview: strings.Repeat("All that it says. ", 5_000)})
	}
	wantFault(t, err, "disk_full")
	_, err = w.Attach(t.Context(), Ana, first.ID, "large.bin", strings.NewReader(strings.Repeat("x", 1<<20)))
	wantFault(t, err, "disk_full")
	_, err = Open(t.Context(), Options{Data: filepath.Join(data, "another"), Demo: true, Pace: -1})
	wantFault(t, err, "disk_full")

	ok(t, os.Remove(filler))
	w.mustDo(t, Ana, first.ID, governance.Submit)
	ok(t, w.Close())
	again := openTestDemo(t, data)
	list, _, err := again.Store.ChangeRequests(t.Context(), store.Query{})
	ok(t, err)
	submitted := false
	for _, cr := range list {
		submitted = submitted || cr.ID == first.ID && cr.Status == governance.Pending
	}
	report, err := again.VerifyWhole(t.Context(), nil)
	ok(t, err)
	if !submitted || len(report.Findings) > 0 {
		t.Errorf("%+v %s", list, findings(report.Findings))
	}
}

// fill writes a file until the disk takes no more.
func fill(t *testing.T, dir string) string {
	t.Helper()
	f, err := os.CreateTemp(dir, "filler-*")
	ok(t, err)
	defer f.Close()
	for size := 1 << 16; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return f.Name()
}

func TestEverythingIsForItsOwnerAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data") // made by us, so it is private too
	w := openTestDemo(t, data)
	dr := w.approvedRecord(t)
	if _, err := w.Runner.Retrieve(t.Context(), w.deployer(t), dr.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.Backup(t.Context()); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(data, "copied")
	ok(t, w.CopyTo(t.Context(), copied))
	createSolo(t, data, keychain.Memory())
	seen := 0
	ok(t, filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has %o, not %o", path, got, want)
		}
		return nil
	}))
	if seen < 50 {
		t.Errorf("only %d files were there to look at", seen)
	}
}
