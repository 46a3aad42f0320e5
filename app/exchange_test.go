package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// In a workspace of one's own the system says what leaves the computer, and No
// writes nothing. A passphrase that is too short is refused without asking.
func TestWhatLeavesTheComputerIsAskedBySystem(t *testing.T) {
	s, p := own(t)
	e := &Exchange{s}
	v := draft(t, s, "Stages")
	one := store.Selection{Requests: []string{v.Request.ID}}
	p.path = filepath.Join(t.TempDir(), "out.csbundle")

	if _, err := e.Export(one, "short"); governance.FaultCode(err) != "weak_passphrase" || len(p.asked) > 0 {
		t.Errorf("a weak passphrase says %v, and asked %v", err, p.asked)
	}
	if _, err := e.Export(one, ""); governance.FaultCode(err) != "declined" {
		t.Errorf("No says %v", err)
	}
	if q := p.asked[0].Text; !strings.Contains(q, v.Label+"  Stages") || !strings.Contains(q, "Content: "+v.Digest[:16]) || !strings.Contains(q, "not encrypted") || !strings.Contains(q, "Kim Admin") {
		t.Errorf("asked %q", q)
	}
	if _, err := os.Stat(p.path); err == nil {
		t.Error("something was written all the same")
	}
	p.yes = true
	made, err := e.Export(one, "")
	if err != nil || made.Name != "out.csbundle" || made.Exported.Requests != 1 || made.Exported.Drafts != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	if sent, err := e.Sent(); err != nil || len(sent) != 1 || sent[0].Changed {
		t.Errorf("sent: %+v, %v", sent, err)
	}
	requests := &ChangeRequests{s}
	if _, err := requests.Save(v.Request.ID, workspace.RequestFields{Name: "Stages", Overview: "And a reminder.", Type: governance.Minor}); err != nil {
		t.Fatal(err)
	}
	if sent, err := e.Sent(); err != nil || len(sent) != 1 || !sent[0].Changed {
		t.Errorf("after an edit: %+v, %v", sent, err)
	}
	if made, err := e.Export(store.Selection{All: true}, "four words and a comma"); err != nil || made.Exported.Requests != 1 {
		t.Errorf("everything: %+v, %v", made, err)
	}
	if sent, err := e.Sent(); err != nil || len(sent) != 1 || sent[0].Changed {
		t.Errorf("after everything was sent: %+v, %v", sent, err)
	}
	if q := p.asked[len(p.asked)-1].Text; !strings.Contains(q, "The whole workspace") || !strings.Contains(q, "It is encrypted") {
		t.Errorf("asked %q", q)
	}
	p.path = ""
	if made, err := e.Export(one, ""); err != nil || made.Name != "" {
		t.Errorf("no place: %+v, %v", made, err)
	}
}

// A bundle is looked at before it is asked about, and only what was looked at
// goes in.
func TestABundleIsLookedAtBeforeItComesIn(t *testing.T) {
	s, p := own(t)
	e := &Exchange{s}
	v := draft(t, s, "Stages")
	bundle := filepath.Join(t.TempDir(), "out.csbundle")
	p.path, p.yes = bundle, true
	if _, err := e.Export(store.Selection{Requests: []string{v.Request.ID}}, ""); err != nil {
		t.Fatal(err)
	}
	file, err := e.Pick()
	if err != nil || file.Token == "" || file.Name != "out.csbundle" || file.Look.Sealed || file.Look.Evidence {
		t.Fatalf("%+v, %v", file, err)
	}
	d, err := e.Preview(file.Token, "")
	if err != nil || d.FromName != "Kim Admin" || !d.Nothing {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := e.Import(file.Token, "", ""); governance.FaultCode(err) != "not_looked" {
		t.Errorf("without a look: %v", err)
	}
	if _, err := e.Import(file.Token, "", strings.Repeat("0", 64)); governance.FaultCode(err) != "seen_other" {
		t.Errorf("another one than was looked at: %v", err)
	}
	p.yes, p.asked = false, nil
	if _, err := e.Import(file.Token, "", d.Bundle); governance.FaultCode(err) != "declined" || !strings.Contains(p.asked[0].Text, "From: Kim Admin") || !strings.Contains(p.asked[0].Text, d.Bundle[:16]) {
		t.Errorf("No says %v after %+v", err, p.asked)
	}
	if _, err := e.Preview("no token", ""); governance.FaultCode(err) != "file_gone" {
		t.Errorf("an unknown token says %v", err)
	}
	if r, err := e.Verify(file.Token, ""); err != nil || r.Kind != "bundle" || len(r.Doubts) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	shown := ""
	s.system.show = func(folder string) error { shown = folder; return nil }
	if err := e.ShowFile(file.Token); err != nil || shown != filepath.Dir(bundle) {
		t.Errorf("shown %q, %v", shown, err)
	}
}

func TestEvidenceIsWrittenWhereThePersonSays(t *testing.T) {
	s, p := own(t)
	e := &Exchange{s}
	v := draft(t, s, "Stages")
	p.path, p.yes = filepath.Join(t.TempDir(), "proof"), true // the end of the name is added
	made, err := e.Evidence(store.EvidenceQuery{Request: v.Request.ID})
	if err != nil || made.Name != "proof.evidence.zip" || made.Evidence.Changes != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	p.path = filepath.Join(filepath.Dir(p.path), made.Name)
	file, err := e.Pick()
	if err != nil || !file.Look.Evidence {
		t.Fatalf("%+v, %v", file, err)
	}
	if r, err := e.Verify(file.Token, ""); err != nil || r.Kind != workspace.KindEvidence || len(r.Doubts) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	now := time.Now()
	if _, err := e.Evidence(store.EvidenceQuery{From: now, To: now.Add(-time.Hour)}); governance.FaultCode(err) != "bad_period" {
		t.Errorf("a period that ends before it begins: %v", err)
	}
	p.yes = false
	if _, err := e.Evidence(store.EvidenceQuery{From: now.Add(-time.Hour), To: now.Add(time.Hour)}); governance.FaultCode(err) != "declined" || !strings.Contains(p.asked[len(p.asked)-1].Text, "Period: ") {
		t.Errorf("No says %v", err)
	}
	uat := &governance.Environment{Name: "Company UAT", Kind: governance.Sandbox, URL: "https://test.salesforce.com", SignIn: governance.SignInOAuth, OrganizationID: "00D000000000001AAA"}
	if err := s.open.Store.SaveEnvironment(t.Context(), s.open.Acting(), uat); err != nil {
		t.Fatal(err)
	}
	one := store.EvidenceQuery{From: now.Add(-time.Hour), To: now.Add(time.Hour), Environment: uat.ID}
	if _, err := e.Evidence(one); governance.FaultCode(err) != "declined" || !strings.Contains(p.asked[len(p.asked)-1].Text, "Target: Company UAT") {
		t.Errorf("No to one environment says %v", err)
	}
	one.Environment = "nowhere"
	if _, err := e.Evidence(one); governance.FaultCode(err) != "not_found" {
		t.Errorf("an environment that is not there: %v", err)
	}
}

// A path never reaches the page, and what is not named as ours opens nothing.
func TestADroppedOrOpenedFileIsKnownByATokenOnly(t *testing.T) {
	s, _ := own(t)
	e := &Exchange{s}
	var told []string
	s.system.emit = func(event string, _ any) { told = append(told, event) }
	path := written(t, "change.csbundle", "no bundle")

	s.openFile(filepath.Base(path), filepath.Dir(path))
	s.openFile(written(t, "notes.txt", "not ours"), "")
	file, err := e.Opened()
	if err != nil || file.Name != "change.csbundle" || len(told) != 1 || told[0] != eventOpen {
		t.Errorf("%+v, %v, told %v", file, err, told)
	}
	if again, err := e.Opened(); err != nil || again.Token != "" {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if _, err := e.Preview(file.Token, ""); governance.FaultCode(err) != "bundle_not_one" {
		t.Errorf("no bundle says %v", err)
	}
	drop := s.drops.put([]string{path})
	if file, err := e.PickDropped(drop.Token); err != nil || file.Token == "" {
		t.Errorf("dropped: %+v, %v", file, err)
	}
	if _, err := e.PickDropped(drop.Token); governance.FaultCode(err) != "drop_gone" {
		t.Errorf("dropped once, taken twice: %v", err)
	}
	for code, paths := range map[string][]string{"drop_one": {path, path}, "drop_network": {`\\host\share\a.csbundle`}, "file_missing": {filepath.Join(filepath.Dir(path), "gone.csbundle")}, "file_unreadable": {filepath.Dir(path)}} {
		if _, err := e.PickDropped(s.drops.put(paths).Token); governance.FaultCode(err) != code {
			t.Errorf("%v says %v", paths, err)
		}
	}
	if got := exchangedIn([]string{"--data", "/x", "A.CSBUNDLE"}); got != "A.CSBUNDLE" {
		t.Errorf("the argument is %q", got)
	}
}
