package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	mustRun(t, "demo", "--data", data, "--until", "approve")
	dir := filepath.Join(data, "demo")
	copied := func(t *testing.T) string {
		to := filepath.Join(t.TempDir(), "demo")
		ok(t, os.CopyFS(to, os.DirFS(dir)))
		return to
	}
	good := mustRun(t, "verify", "--data", data)
	for _, says := range []string{"✓ demo", "1 change request, 0 deployment records", "Proved: each act was signed", "no older copy was put back", "Not provable by any file"} {
		if !strings.Contains(good, says) {
			t.Errorf("it does not say %q:\n%s", says, good)
		}
	}
	mustRun(t, "verify", "--data", dir) // the folder of one workspace
	for _, c := range []struct {
		name, says string
		spoil      func(t *testing.T, dir string)
	}{
		{"a name was changed", "CR-0001", func(t *testing.T, dir string) { forgeCopy(t, dir, "UPDATE change_requests SET name = 'Else'") }},
		{"a status was changed", "the signed acts say Approved", func(t *testing.T, dir string) { forgeCopy(t, dir, "UPDATE change_requests SET status = 'Completed'") }},
		{"a trigger was dropped", "acts_stay", func(t *testing.T, dir string) { forgeCopy(t, dir, "DROP TRIGGER acts_stay") }},
		{"the end was cut off", "audit trail", func(t *testing.T, dir string) {
			forgeCopy(t, dir, "DROP TRIGGER log_entries_remain; DELETE FROM log_entries WHERE idx = (SELECT max(idx) FROM log_entries)")
		}},
		{"not a database", "is damaged or is not a database", func(t *testing.T, dir string) {
			ok(t, os.WriteFile(filepath.Join(dir, "workspace.db"), []byte(strings.Repeat("Dear diary. ", 999)), 0o600))
		}},
		{"an empty database", "is empty", func(t *testing.T, dir string) { ok(t, os.WriteFile(filepath.Join(dir, "workspace.db"), nil, 0o600)) }},
		{"no database", "There is no workspace", func(t *testing.T, dir string) { ok(t, os.Remove(filepath.Join(dir, "workspace.db"))) }},
		{"an older copy was put back", "an old copy was put in its place", func(t *testing.T, dir string) { putOlderBack(t, dir) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := copied(t)
			c.spoil(t, dir)
			code, out, errs := countersign(t, "verify", "--data", dir)
			if code != exitWrong || !strings.Contains(out+errs, c.says) || strings.Contains(out, "✓") || strings.Contains(out+errs, "went wrong") {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
	t.Run("without what the keychain remembers", func(t *testing.T) {
		dir := copied(t)
		ok(t, os.RemoveAll(filepath.Join(dir, "keys")))
		if out := mustRun(t, "verify", "--data", dir); !strings.Contains(out, "Not proved: that this is the newest copy.") {
			t.Error(out)
		}
	})
	t.Run("an empty folder", func(t *testing.T) {
		code, out, errs := countersign(t, "verify", "--data", t.TempDir())
		if code != exitWrong || !strings.Contains(errs, "There is no workspace in") || out != "" {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	})
	if again := mustRun(t, "verify", "--data", data); again != good {
		t.Errorf("verifying changed the workspace:\n%s", again)
	}
}

func forgeCopy(t *testing.T, dir, statement string) {
	t.Helper()
	ok(t, os.WriteFile(filepath.Join(dir, "THROW-AWAY-COPY"), nil, 0o600))
	ok(t, workspace.Forge(t.Context(), dir, statement))
}

// putOlderBack goes on in a workspace and then puts its database back.
func putOlderBack(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, "workspace.db")
	older, err := os.ReadFile(file)
	ok(t, err)
	w, err := workspace.Open(t.Context(), workspace.Options{Data: dir, Demo: true, Pace: -1})
	ok(t, err)
	_, err = w.NewChangeRequest(t.Context(), workspace.Ana, governance.ChangeRequest{Name: "Later"})
	ok(t, err)
	ok(t, w.Close())
	ok(t, os.WriteFile(file, older, 0o600))
}
