package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

const manifest = `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
	<types><members>Renewal_Stage</members><name>GlobalValueSet</name></types>
	<version>66.0</version>
</Package>
`

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFilesGoInAndOutThroughDialogs(t *testing.T) {
	s := opened(t)
	p := (&person{}).at(s)
	requests := &ChangeRequests{s}
	id := draft(t, s, "Stages").Request.ID

	for name, call := range map[string]func(string) (workspace.RequestView, error){"import": requests.Import, "attach": requests.Attach} {
		if v, err := call(id); err != nil || v.Request.ID != id || len(v.Request.Manifests)+len(v.Request.Attachments) != 0 {
			t.Errorf("%s, cancelled: %v", name, err)
		}
	}
	if name, err := requests.Export(id); name != "" || err != nil {
		t.Errorf("export, cancelled: %q, %v", name, err)
	}

	p.path = written(t, "package.xml", manifest)
	if v, err := requests.Import(id); err != nil || len(v.Request.Manifests) != 1 || v.Request.Manifests[0].Name != "package.xml" {
		t.Fatalf("import: %+v, %v", v.Request.Manifests, err)
	}
	p.path = written(t, "broken.xml", "<Package")
	if _, err := requests.Import(id); err == nil {
		t.Error("a broken manifest was imported")
	}
	p.path = written(t, "minutes.txt", "agreed")
	if v, err := requests.Attach(id); err != nil || len(v.Request.Attachments) != 1 || v.Request.Attachments[0].Name != "minutes.txt" {
		t.Fatalf("attach: %+v, %v", v.Request.Attachments, err)
	}
	p.path = t.TempDir()
	if _, err := requests.Attach(id); governance.FaultCode(err) != "no_file" {
		t.Errorf("a folder says %v", err)
	}
	p.path = filepath.Join(t.TempDir(), "gone.txt")
	if _, err := requests.Attach(id); governance.FaultCode(err) != "unreadable_file" {
		t.Errorf("a missing file says %v", err)
	}

	p.path = filepath.Join(t.TempDir(), "out.xml")
	if name, err := requests.Export(id); err != nil || name != "out.xml" {
		t.Errorf("export: %q, %v", name, err)
	}
	if b, err := os.ReadFile(p.path); err != nil || !strings.Contains(string(b), "<members>Renewal_Stage</members>") {
		t.Errorf("exported %s, %v", b, err)
	}
	p.path = filepath.Join(t.TempDir(), "saved.txt")
	if name, err := requests.SaveAttachment(id, "minutes.txt"); err != nil || name != "saved.txt" {
		t.Errorf("save: %q, %v", name, err)
	}
	if b, err := os.ReadFile(p.path); err != nil || string(b) != "agreed" {
		t.Errorf("saved %q, %v", b, err)
	}
	if _, err := requests.SaveAttachment(id, "../workspace.db"); governance.FaultCode(err) != "not_found" {
		t.Errorf("a file that is not attached says %v", err)
	}
	p.path = filepath.Join(t.TempDir(), "no", "folder", "x.txt")
	if _, err := requests.SaveAttachment(id, "minutes.txt"); governance.FaultCode(err) != "unwritable_file" {
		t.Errorf("a place that is not there says %v", err)
	}
}

func TestDroppedFilesAreTakenOnceAndOnlyByTheirToken(t *testing.T) {
	s := opened(t)
	p := (&person{yes: true}).at(s)
	requests := &ChangeRequests{s}
	id := draft(t, s, "Stages").Request.ID
	var told dropped
	s.system.emit = func(event string, data any) {
		if d, ok := data.(dropped); ok && event == eventDrop {
			told = d
		}
	}
	s.drop([]string{written(t, "package.xml", manifest), written(t, "notes.xml", "<notes/>"), written(t, "plan.pdf", "%PDF")})
	if len(told.Token) < 20 || len(told.Names) != 3 || strings.ContainsAny(strings.Join(told.Names, ""), `/\`) {
		t.Fatalf("the page was told %+v", told)
	}
	if _, err := requests.AttachDropped(id, "/etc/passwd"); governance.FaultCode(err) != "drop_gone" {
		t.Errorf("a path for a token says %v", err)
	}
	v, err := requests.AttachDropped(id, told.Token)
	if err != nil || len(v.Request.Manifests) != 1 || len(v.Request.Attachments) != 2 {
		t.Errorf("%d manifests, %d files, %v", len(v.Request.Manifests), len(v.Request.Attachments), err)
	}
	if _, err := requests.AttachDropped(id, told.Token); governance.FaultCode(err) != "drop_gone" {
		t.Errorf("a second time says %v", err)
	}
	if len(p.asked) != 1 {
		t.Errorf("asked %d times", len(p.asked))
	}
}

// Wails takes the message of a drop from any script in the page.
func TestAScriptThatNamesAFileAsDroppedGetsNothingWithoutAYes(t *testing.T) {
	s := opened(t)
	p := (&person{}).at(s)
	requests := &ChangeRequests{s}
	id := draft(t, s, "Stages").Request.ID
	var told dropped
	s.system.emit = func(event string, data any) {
		if d, ok := data.(dropped); ok && event == eventDrop {
			told = d
		}
	}
	secret := written(t, "id_ed25519", "secret")
	s.drop([]string{secret})
	if _, err := requests.AttachDropped(id, told.Token); governance.FaultCode(err) != "declined" || len(p.asked) != 1 || !strings.Contains(p.asked[0].Text, secret) {
		t.Errorf("No says %v after %+v", err, p.asked)
	}
	p.yes = true
	for path, code := range map[string]string{
		`\\evil.example\share\x`: "drop_network", `//evil.example/share/x`: "drop_network", `\\?\UNC\evil.example\share`: "drop_network",
		"etc/passwd": "unreadable_file", filepath.Dir(secret) + "/../x": "unreadable_file", "/" + strings.Repeat("x", maxPath): "unreadable_file",
	} {
		p.asked = nil
		s.drop([]string{secret, path})
		if _, err := requests.AttachDropped(id, told.Token); governance.FaultCode(err) != code || len(p.asked) != 0 {
			t.Errorf("%.80q says %v after %d questions", path, err, len(p.asked))
		}
	}
	if v, err := requests.Get(id); err != nil || len(v.Request.Attachments) != 0 {
		t.Errorf("%d files are attached, %v", len(v.Request.Attachments), err)
	}
}

func TestAnEventThatOnlyLooksLikeADropIsNone(t *testing.T) {
	for _, data := range [][]any{nil, {}, {1}, {1, 2}, {1, 2, nil}, {1, 2, "/etc/passwd"}, {1.0, 2.0, []any{"/etc/passwd"}}, {1, 2, []string{"/a"}, 4}, {1, 2, []string{""}}} {
		if paths := droppedPaths(data); len(paths) != 0 {
			t.Errorf("%v is a drop of %q", data, paths)
		}
	}
	if paths := droppedPaths([]any{1, 2, []string{"/a", "", "/b"}}); len(paths) != 2 {
		t.Errorf("a drop is %q", paths)
	}
}

func TestALongPathIsShownWithBothItsEnds(t *testing.T) {
	long := "/home/" + strings.Repeat("x", 1000) + "/.ssh/id_ed25519"
	if got := middle(long, longestPath); len([]rune(got)) != longestPath || !strings.HasPrefix(got, "/home/") || !strings.HasSuffix(got, "/.ssh/id_ed25519") {
		t.Errorf("it is shown as %q", got)
	}
	if got := middle("/home/x", longestPath); got != "/home/x" {
		t.Errorf("a short one is shown as %q", got)
	}
}

func TestDroppedFilesAreForgottenAfterAWhile(t *testing.T) {
	now := time.Now()
	d := drops{now: func() time.Time { return now }}
	many := make([]string, 50)
	for i := range many {
		many[i] = "/a/file"
	}
	first := d.put(many)
	if len(first.Names) != maxDropped {
		t.Errorf("%d files were taken at once", len(first.Names))
	}
	now = now.Add(dropLife + time.Second)
	if _, err := d.take(first.Token); governance.FaultCode(err) != "drop_gone" {
		t.Errorf("after six minutes it says %v", err)
	}
	d.put([]string{"/b"})
	if len(d.kept) != 1 {
		t.Errorf("%d drops are kept", len(d.kept))
	}
}

func TestTheWholeWorkspaceIsCopiedWithoutItsKeys(t *testing.T) {
	s := opened(t)
	p := (&person{}).at(s)
	draft(t, s, "Stages")
	if name, err := (&Settings{s}).BackUpTo(); name != "" || err != nil {
		t.Errorf("cancelled: %q, %v", name, err)
	}
	p.path = t.TempDir()
	folder, err := (&Settings{s}).BackUpTo()
	if err != nil || filepath.Dir(folder) != p.path {
		t.Fatalf("%q, %v", folder, err)
	}
	for name, wanted := range map[string]bool{"workspace.db": true, "keys": false, "lock": false} {
		if _, err := os.Stat(filepath.Join(folder, name)); (err == nil) != wanted {
			t.Errorf("%s in the copy: %v", name, err)
		}
	}
	report, _, err := workspace.VerifyFolder(t.Context(), folder, nil, nil)
	if err != nil || len(report.Findings) != 0 || report.Entries == 0 {
		t.Errorf("the copy verifies as %+v, %v", report, err)
	}
}
