package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/backend/store"
	"countersign/backend/workspace"
)

func TestVerifyABundle(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	mustRun(t, "demo", "--data", data, "--until", "approve")
	w, err := workspace.Open(t.Context(), workspace.Options{Data: data, Demo: true, Pace: -1})
	ok(t, err)
	path, sealed := filepath.Join(t.TempDir(), "change.csbundle"), filepath.Join(t.TempDir(), "sealed.csbundle")
	_, err = w.ExportBundle(t.Context(), workspace.Ana, path, store.Selection{All: true}, "")
	ok(t, err)
	_, err = w.ExportBundle(t.Context(), workspace.Ana, sealed, store.Selection{All: true}, "four words and a comma")
	ok(t, err)
	evidence := filepath.Join(t.TempDir(), "change.evidence.zip")
	_, err = w.WriteEvidence(t.Context(), workspace.Bo, evidence, store.EvidenceQuery{From: time.Now().AddDate(0, 0, -1), To: time.Now().AddDate(0, 0, 1)})
	ok(t, err)
	ok(t, w.Close())
	proof := mustRun(t, "verify", evidence)
	for _, says := range []string{"✓ change.evidence.zip", "a whole evidence file", "is left out", "it was made again from them, and is the same", "  Not proved\n", "    - That nothing was deployed past Countersign"} {
		if !strings.Contains(proof, says) {
			t.Errorf("it does not say %q:\n%s", says, proof)
		}
	}

	good := mustRun(t, "verify", path)
	for _, says := range []string{"✓ change.csbundle", "a whole bundle", "as Ana Requester signed it", "is Approved", "    - Which workspace this is"} {
		if !strings.Contains(good, says) {
			t.Errorf("it does not say %q:\n%s", says, good)
		}
	}
	secret := filepath.Join(t.TempDir(), "passphrase")
	ok(t, os.WriteFile(secret, []byte("four words and a comma\n"), 0o600))
	mustRun(t, "verify", sealed, "--passphrase-file", secret)

	whole, err := os.ReadFile(path)
	ok(t, err)
	changed := append([]byte{}, whole...)
	changed[len(changed)/2] ^= 1
	for _, c := range []struct {
		name, says string
		code       int
		args       []string
		body       []byte
	}{
		{"a changed bit", "was changed", exitWrong, nil, changed},
		{"cut off", "its end is missing", exitWrong, nil, whole[:len(whole)-9]},
		{"something else", "no bundle", exitWrong, nil, []byte("Dear diary.")},
		{"an argument too many", "does not understand", exitUsage, []string{"x"}, whole},
		{"no such passphrase", "cannot be read", exitWrong, []string{"--passphrase-file", "/nowhere"}, whole},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := filepath.Join(t.TempDir(), "x")
			ok(t, os.WriteFile(f, c.body, 0o600))
			code, out, errs := countersign(t, append([]string{"verify", f}, c.args...)...)
			if code != c.code || !strings.Contains(out+errs, c.says) || strings.Contains(out, "✓") {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
	if code, _, errs := countersign(t, "verify", sealed); code != exitWrong || !strings.Contains(errs, "encrypted with a passphrase") {
		t.Errorf("exit %d %s", code, errs)
	}
	if code, _, errs := countersign(t, "verify", filepath.Join(data, "nothing")); code != exitWrong || !strings.Contains(errs, "There is no file") {
		t.Errorf("exit %d %s", code, errs)
	}
}
