package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

func hasCode(fs []store.Finding, code string) bool {
	for _, f := range fs {
		if f.Code == code {
			return true
		}
	}
	return false
}

// putBack replaces a workspace's database by an older copy of it.
func putBack(t *testing.T, dir string, older []byte) {
	t.Helper()
	for _, name := range []string{database, database + "-wal", database + "-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	ok(t, os.WriteFile(filepath.Join(dir, database), older, 0o600))
}

func TestAnOlderDatabasePutBackIsFoundAndNothingIsDeployed(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	dr := w.approvedRecord(t)
	_, err := w.Runner.Retrieve(t.Context(), w.deployer(t), dr.ID)
	ok(t, err)
	_, err = w.Deploy(t.Context(), Dee, dr.ID, governance.AttemptValidate)
	ok(t, err)
	dir := w.Dir()
	ok(t, w.Close())
	older, err := os.ReadFile(filepath.Join(dir, database))
	ok(t, err)

	w = openTestDemo(t, data)
	if len(w.Doubts()) > 0 {
		t.Fatal(findings(w.Doubts()))
	}
	_, err = w.DoRecord(t.Context(), Ana, dr.ID, governance.Deed{Action: governance.Reopen, Reason: "It was not to be deployed after all."})
	ok(t, err)
	ok(t, w.Close())

	putBack(t, dir, older)
	w = openTestDemo(t, data)
	if !hasCode(w.Doubts(), "log_rolled_back") {
		t.Errorf("opening did not notice: %s", findings(w.Doubts()))
	}
	_, err = w.Deploy(t.Context(), Dee, dr.ID, governance.AttemptDeploy)
	wantFault(t, err, "trail")
	// Going on in the older copy does not make the keychain forget.
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	ok(t, w.Close())
	w = openTestDemo(t, data)
	if len(w.Doubts()) == 0 {
		t.Error("after another act nobody would know that an older copy was put back")
	}
	_, err = w.Deploy(t.Context(), Dee, dr.ID, governance.AttemptDeploy)
	wantFault(t, err, "trail")
	ok(t, w.Close())
	if report, anchored, err := VerifyFolder(t.Context(), dir, nil, nil); err != nil || !anchored || len(report.Findings) == 0 {
		t.Errorf("verify: %v, anchored %v, %d findings", err, anchored, len(report.Findings))
	}
}

// Drafts and the results of attempts come after the last act; closing notes
// them too.
func TestAnOlderDraftPutBackIsFound(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	dir := w.Dir()
	ok(t, w.Close())
	older, err := os.ReadFile(filepath.Join(dir, database))
	ok(t, err)
	w = openTestDemo(t, data)
	w.draftFor(t, Ana)
	ok(t, w.Close())
	putBack(t, dir, older)
	if w = openTestDemo(t, data); !hasCode(w.Doubts(), "log_rolled_back") {
		t.Errorf("opening did not notice: %s", findings(w.Doubts()))
	}
}

func TestADamagedNoteInTheKeychainIsADoubt(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	ok(t, w.Close())
	ok(t, w.chain.Set(t.Context(), w.anchorName(), []byte(`{"head":"nonsense"}`)))
	w = openTestDemo(t, data)
	if !hasCode(w.Doubts(), "bad_anchor") {
		t.Errorf("%s", findings(w.Doubts()))
	}
	w.draftFor(t, Ana)
	_, err := w.VerifyWhole(t.Context(), nil)
	wantFault(t, err, "bad_anchor")
}

func TestOneOwnerDoesNotChangeAPolicy(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir())
	dr := w.approvedRecord(t)
	before, err := w.Charter(ctx)
	ok(t, err)
	stricter := func(c *governance.Charter) {
		for i := range c.Environments {
			c.Environments[i].ApprovalDays = 3
		}
	}
	_, err = w.ChangePolicies(ctx, Ana, stricter)
	if governance.FaultCode(err) == "" {
		t.Errorf("a requester proposed a policy: %v", err)
	}
	_, err = w.ChangePolicies(ctx, Bo, stricter)
	ok(t, err)
	now, err := w.Charter(ctx)
	ok(t, err)
	if now.Version != before.Version {
		t.Fatal("one of two owners changed a policy")
	}
	if _, err := w.Runner.Retrieve(ctx, w.deployer(t), dr.ID); err != nil {
		t.Errorf("a proposal alone closed the gate: %v", err)
	}
	h, err := w.Store.History(ctx, noRecords)
	ok(t, err)
	change := ""
	for _, a := range h.Thread(governance.GovernanceSubject) {
		if a.Type == governance.ActCharter {
			change = a.ID
		}
	}
	_, err = w.EndorsePolicies(ctx, Cy, strings.Repeat("0", 64))
	wantFault(t, err, "not_found")
	_, err = w.EndorsePolicies(ctx, Ana, change)
	if governance.FaultCode(err) == "" {
		t.Errorf("a requester endorsed a policy: %v", err)
	}
	_, err = w.EndorsePolicies(ctx, Cy, change)
	ok(t, err)
	now, err = w.Charter(ctx)
	ok(t, err)
	if now.Version != before.Version+1 || now.Environments[0].ApprovalDays != 3 {
		t.Fatalf("two owners did not change it: version %d", now.Version)
	}
	// What was approved under the old policy counts no longer.
	_, err = w.Runner.Retrieve(ctx, w.deployer(t), dr.ID)
	wantFault(t, err, "record_seats")
	_, err = w.Deploy(ctx, Dee, dr.ID, governance.AttemptValidate)
	if governance.FaultCode(err) == "" {
		t.Errorf("deploying on votes of another policy: %v", err)
	}
}
