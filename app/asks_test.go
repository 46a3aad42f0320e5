package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// A person stands for whoever sits before the window: they answer its dialogs.
type person struct {
	yes   bool
	asked []question
	path  string   // what they pick in a file dialog; empty: Cancel
	went  []string // addresses that the browser got
}

func (p *person) at(s *shell) *person {
	s.system.ask = func(q question) (bool, error) { p.asked = append(p.asked, q); return p.yes, nil }
	s.system.openFile = func(string, ...fileKind) (string, error) { return p.path, nil }
	s.system.saveFile = func(string, string, ...fileKind) (string, error) { return p.path, nil }
	s.system.pickFolder = func(string) (string, error) { return p.path, nil }
	s.system.browse = func(address string) error { p.went = append(p.went, address); return nil }
	s.system = oneDialog(s.system) // as the window's is
	return p
}

// own is a shell with a workspace of one's own, and the person before it.
func own(t *testing.T) (*shell, *person) {
	t.Helper()
	s := newShell(slog.New(slog.DiscardHandler))
	p := (&person{yes: true}).at(s)
	s.start(workspace.Options{Data: t.TempDir(), Chain: keychain.Memory()})
	t.Cleanup(s.close)
	if _, err := s.create("My orgs", "Kim Admin"); err != nil {
		t.Fatal(err)
	}
	p.yes, p.asked = false, nil
	return s, p
}

func draft(t *testing.T, s *shell, name string) workspace.RequestView {
	t.Helper()
	requests := &ChangeRequests{s}
	v, err := requests.Save("", workspace.RequestFields{Name: name, Overview: "Sales asks for it.", Type: governance.Minor})
	if err != nil {
		t.Fatal(err)
	}
	v, err = requests.Add(v.Request.ID, []governance.Customization{{Change: governance.Modify, Type: "GlobalValueSet", Name: "Renewal_Stage"}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOutsideTheDemoTheSystemAsksBeforeSigning(t *testing.T) {
	s, p := own(t)
	v := draft(t, s, "Stages\nSigned by: somebody else")
	wish := workspace.Wish{Action: governance.Submit, Seen: v.Digest}
	requests := &ChangeRequests{s}

	if _, err := requests.Do(v.Request.ID, wish); governance.FaultCode(err) != "declined" {
		t.Fatalf("No says %v", err)
	}
	if got, err := requests.Get(v.Request.ID); err != nil || got.Request.Status != governance.InProgress {
		t.Fatalf("after No the request is %s, %v", got.Request.Status, err)
	}
	if len(p.asked) != 1 {
		t.Fatalf("asked %d times", len(p.asked))
	}
	for _, word := range []string{"Submit for Approval?", v.Label, "Stages", v.Digest[:16], "Signed by: Kim Admin"} {
		if !strings.Contains(p.asked[0].Text, word) {
			t.Errorf("the question lacks %q: %s", word, p.asked[0].Text)
		}
	}
	if strings.Count(p.asked[0].Text, "\nSigned by:") != 1 {
		t.Errorf("a name drew a line of its own: %q", p.asked[0].Text)
	}

	p.yes = true
	if got, err := requests.Do(v.Request.ID, wish); err != nil || got.Request.Status != governance.Pending {
		t.Fatalf("Yes says %v", err)
	}
	p.asked = nil
	if _, err := requests.Do(v.Request.ID, workspace.Wish{Action: governance.Submit, Seen: v.Digest}); err == nil || len(p.asked) != 0 {
		t.Errorf("what is refused anyway was asked %d times and says %v", len(p.asked), err)
	}
	if _, err := requests.Do(v.Request.ID, workspace.Wish{Action: governance.Approve, Seen: "h1:something-else"}); governance.FaultCode(err) != "seen_other" || len(p.asked) != 0 {
		t.Errorf("what was not looked at was asked %d times and says %v", len(p.asked), err)
	}
}

// The page lives on behind a question: what it changes meanwhile is not signed.
func TestExactlyWhatWasAskedIsDone(t *testing.T) {
	s, p := own(t)
	requests := &ChangeRequests{s}
	for _, wish := range []workspace.Wish{{Action: governance.Submit}, {Action: governance.Cancel, Reason: "Not now."}} {
		v := draft(t, s, "Stages")
		wish.Seen = v.Digest
		if wish.Action == governance.Cancel {
			wish.Seen = "" // what the page says it saw is not what binds it
		}
		s.system.ask = func(question) (bool, error) {
			_, err := requests.Save(v.Request.ID, workspace.RequestFields{Name: "Something else", Overview: "Somebody asks for it.", Type: governance.Minor})
			return true, err
		}
		if _, err := requests.Do(v.Request.ID, wish); governance.FaultCode(err) != "seen_other" {
			t.Errorf("%s of what was changed behind the question says %v", wish.Action, err)
		}
		if now, err := requests.Get(v.Request.ID); err != nil || now.Request.Status != governance.InProgress || now.Request.Name != "Something else" {
			t.Errorf("after that it is %s, %v", now.Request.Status, err)
		}
	}
	p.at(s)
	v := draft(t, s, "Stages")
	for code, wish := range map[string]workspace.Wish{
		"not_allowed": {Action: governance.Approve, Seen: v.Digest}, "reason_needed": {Action: governance.Cancel}, "seen_other": {Action: governance.Submit},
	} {
		if _, err := requests.Do(v.Request.ID, wish); governance.FaultCode(err) != code || len(p.asked) != 0 {
			t.Errorf("%s says %v after %d questions", wish.Action, err, len(p.asked))
		}
	}
	if _, err := requests.Do(v.Request.ID, workspace.Wish{Action: "dance"}); governance.FaultCode(err) != "not_allowed" || len(p.asked) != 0 {
		t.Errorf("an action that is none says %v", err)
	}
}

func TestMakingAWorkspaceIsAskedFor(t *testing.T) {
	s := newShell(slog.New(slog.DiscardHandler))
	p := (&person{}).at(s)
	s.start(workspace.Options{Data: t.TempDir(), Chain: keychain.Memory()})
	t.Cleanup(s.close)
	for _, names := range [][2]string{{" ", "Kim"}, {"Acme", "\n"}, {strings.Repeat("x", 300), "Kim"}} {
		if _, err := s.create(names[0], names[1]); governance.FaultCode(err) == "" || len(p.asked) != 0 {
			t.Errorf("%.20q and %.20q say %v after %d questions", names[0], names[1], err, len(p.asked))
		}
	}
	if _, err := s.create("Acme", "Kim Admin"); governance.FaultCode(err) != "declined" || len(p.asked) != 1 || !strings.Contains(p.asked[0].Text, "Workspace: Acme\nSigned by: Kim Admin") {
		t.Errorf("No says %v after %+v", err, p.asked)
	}
	if state, err := s.state(); err != nil || state.Open || len(state.Choices) != 0 {
		t.Errorf("after No there is %+v, %v", state.Choices, err)
	}
}

func TestRebuildingIsAskedForWithWhatItSetsRight(t *testing.T) {
	s, p := own(t)
	trail := &AuditTrail{s}
	if said, err := trail.Rebuild(); err != nil || len(said) != 0 || len(p.asked) != 0 {
		t.Errorf("nothing to do says %q, %v after %d questions", said, err, len(p.asked))
	}
	state, err := s.state()
	if err != nil {
		t.Fatal(err)
	}
	for range mostLines + 2 {
		draft(t, s, "Stages")
	}
	if err := store.Forge(t.Context(), state.Folder, "UPDATE change_requests SET status = 'Approved'"); err != nil {
		t.Fatal(err)
	}
	if _, err := trail.Rebuild(); governance.FaultCode(err) != "declined" || len(p.asked) != 1 {
		t.Fatalf("No says %v after %d questions", err, len(p.asked))
	}
	if text := p.asked[0].Text; !strings.Contains(text, "Changed by hand: 14\nCR-0001 was Approved and is In Progress") || !strings.HasSuffix(text, "and 2 more") {
		t.Errorf("the question is %s", text)
	}
	s.system.ask = func(question) (bool, error) {
		return true, store.Forge(t.Context(), state.Folder, "UPDATE change_requests SET status = 'Completed' WHERE number = 1")
	}
	if _, err := trail.Rebuild(); governance.FaultCode(err) != "seen_other" {
		t.Errorf("what was forged behind the question says %v", err)
	}
	p.at(s)
	p.yes = true
	if said, err := trail.Rebuild(); err != nil || len(said) != mostLines+2 {
		t.Errorf("Yes says %q, %v", said, err)
	}
}

func TestACopyThatCannotBeReadIsRefusedWithoutAQuestion(t *testing.T) {
	s, p := own(t)
	state, err := s.state()
	if err != nil {
		t.Fatal(err)
	}
	const broken = "workspace-20260101T000000.000-copy.db"
	if err := os.WriteFile(filepath.Join(state.Folder, "backups", broken), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Settings{s}).Restore(broken); governance.FaultCode(err) != "backup_damaged" || len(p.asked) != 0 {
		t.Errorf("it says %v after %d questions", err, len(p.asked))
	}
	if after, err := s.state(); err != nil || !after.Open {
		t.Errorf("the workspace is not open any more, %v", err)
	}
}

func TestInTheDemoThePageAsks(t *testing.T) {
	s := opened(t)
	p := (&person{}).at(s)
	v := draft(t, s, "Stages")
	if got, err := (&ChangeRequests{s}).Do(v.Request.ID, workspace.Wish{Action: governance.Submit, Seen: v.Digest}); err != nil || got.Request.Status != governance.Pending {
		t.Errorf("submitting says %v", err)
	}
	if len(p.asked) != 0 {
		t.Errorf("the system asked %+v", p.asked)
	}
}

func TestTheQuestionForNewPoliciesNamesWhatIsSigned(t *testing.T) {
	s, p := own(t)
	policies := &Policies{s}
	now, err := policies.Get()
	if err != nil {
		t.Fatal(err)
	}
	next, environments := now.Requests.Policy, []governance.Policy{}
	for _, e := range now.Environments {
		environments = append(environments, e.Policy)
	}
	if _, err := policies.Propose(next, environments); governance.FaultCode(err) != "nothing_changed" || len(p.asked) != 0 {
		t.Errorf("no change says %v after %d questions", err, len(p.asked))
	}
	next.Name, next.ApprovalDays = "Requests", 14
	for i := range environments {
		environments[i].ApprovalDays, environments[i].ValidationFirst, environments[i].TestFirst = 7, !environments[i].ValidationFirst, !environments[i].TestFirst
		environments[i].Name += " anew"
	}
	environments[len(environments)-1].SeveralSeatsEach = !environments[len(environments)-1].SeveralSeatsEach
	if _, err := policies.Propose(next, environments); governance.FaultCode(err) != "declined" || len(p.asked) != 1 {
		t.Fatalf("No says %v after %d questions", err, len(p.asked))
	}
	text := p.asked[0].Text
	for _, word := range []string{"Content: ", "Signed by: Kim Admin", "Changes: ", "− ", "+ ", "person", "seat", "more"} {
		if !strings.Contains(text, word) {
			t.Errorf("the question lacks %q: %s", word, text)
		}
	}
	if strings.Contains(text, "anew\"") || strings.Count(text, "\n") > 25 {
		t.Errorf("what matters least is named, or too much: %s", text)
	}
	if _, err := policies.Sign("0123456789abcdef0123456789abcdef"); governance.FaultCode(err) != "not_found" || len(p.asked) != 1 {
		t.Errorf("signing nothing says %v after %d questions", err, len(p.asked))
	}
	p.yes = true
	if after, err := policies.Propose(next, environments); err != nil || after.Version != now.Version+1 || after.Requests.Policy.Name != "Requests" {
		t.Errorf("Yes says %v", err)
	}
}

func TestSigningPoliciesShowsThePendingChange(t *testing.T) {
	s, p := own(t)
	const change = "7c0ffee0123456789abcdef"
	about := policySubject(change, []workspace.PolicyDiff{
		{Policy: "Change Requests", What: "name", Before: "Old", After: "New"},
		{Policy: "Change Requests", What: "authorMayApprove", Before: "Authors do not approve their own change.", After: "Authors may approve their own change."},
	})
	text := s.question(about, "Sign New Policies", "Kim Admin").Text
	first, second := strings.Index(text, "+ Change Requests: Authors may approve"), strings.Index(text, "+ Change Requests: New")
	if first < 0 || second < first || !strings.Contains(text, "Content: 7c0ffee012345678") || !strings.Contains(text, "Changes: 4") {
		t.Errorf("the question is %s", text)
	}
	if len(p.asked) != 0 {
		t.Error("somebody was asked")
	}
}

func TestWithoutAWindowNothingIsSigned(t *testing.T) {
	s, _ := own(t)
	v := draft(t, s, "Stages")
	s.system = noWindow()
	if _, err := (&ChangeRequests{s}).Do(v.Request.ID, workspace.Wish{Action: governance.Submit, Seen: v.Digest}); governance.FaultCode(err) != "no_window" {
		t.Errorf("it says %v", err)
	}
}

func TestANameIsOneShortLine(t *testing.T) {
	for text, want := range map[string]string{
		"Stages":                         "Stages",
		"a\nb\tc\u2028d":                 "a b c d",
		"right\u202eleft":                "right left",
		strings.Repeat("ä", 200):         strings.Repeat("ä", 119) + "…",
		"100 % of \"quotes\" & <markup>": "100 % of \"quotes\" & <markup>",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestAddressesOfOthersAreAskedForAndOnlyHTTPSOpens(t *testing.T) {
	s, p := own(t)
	settings := &Settings{s}
	for _, refused := range []string{
		"", "jira", "http://example.com", "javascript:alert(1)", "file:///etc/passwd", "https://", "https://help.salesforce.com@evil.example/",
		"https://user:secret@example.com/", "https://exаmple.com/", "https://example.com/\nX", "data:text/html,x", "https://example.com/" + strings.Repeat("a", 2000),
	} {
		if err := settings.OpenAddress(refused); governance.FaultCode(err) != "link" {
			t.Errorf("%.60q says %v", refused, err)
		}
	}
	if len(p.asked) != 0 || len(p.went) != 0 {
		t.Fatalf("refused addresses were asked for: %v, or opened: %v", p.asked, p.went)
	}
	const address = "https://example.com/a(b)?c=$(d);e~f#g"
	if err := settings.OpenAddress(address); governance.FaultCode(err) != "declined" || len(p.went) != 0 {
		t.Errorf("No says %v, and %v was opened", err, p.went)
	}
	p.yes = true
	if err := settings.OpenAddress(address); err != nil || len(p.went) != 1 {
		t.Fatalf("Yes says %v, and %v was opened", err, p.went)
	}
	if strings.ContainsAny(p.went[0], "()$;~ `|") {
		t.Errorf("the browser got %s", p.went[0])
	}
	if !strings.Contains(p.asked[0].Text, "Host: example.com\n") {
		t.Errorf("the question is %q", p.asked[0].Text)
	}
}

// A sign-in page is where an environment says. Salesforce's own hosts and demo
// orgs on this computer open at once; of any other the person is asked first.
func TestSignInPagesOfStrangersAreAskedFor(t *testing.T) {
	s, p := own(t)
	for i, address := range []string{
		"https://acme.my.salesforce.com/services/oauth2/authorize?client_id=a&scope=api+refresh_token",
		"https://login.salesforce.com/services/oauth2/authorize?x=1", "http://127.0.0.1:8080/services/oauth2/authorize?x=1",
	} {
		if err := s.openSignIn(address); err != nil || len(p.asked) != 0 || len(p.went) != i+1 {
			t.Errorf("%s: %v, asked %v, opened %v", address, err, p.asked, p.went)
		}
	}
	went := len(p.went)
	for address, code := range map[string]string{
		"https://my.salesforce.com.evil.example/services/oauth2/authorize": "declined",
		"https://salesforce.com.evil/x":                                    "declined",
		"http://acme.my.salesforce.com/x":                                  "invalid_url",
		"http://10.0.0.1/x":                                                "invalid_url",
		"file:///etc/passwd":                                               "invalid_url",
		"javascript:alert(1)":                                              "invalid_url",
	} {
		if err := s.openSignIn(address); governance.FaultCode(err) != code {
			t.Errorf("%s says %v", address, err)
		}
	}
	if len(p.went) != went {
		t.Errorf("opened %v", p.went[went:])
	}
}

func TestLinksLeadToSalesforceOnly(t *testing.T) {
	s, p := own(t)
	for word, address := range links {
		u, err := webAddress(address)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		switch u.Host {
		case "help.salesforce.com", "developer.salesforce.com", "trust.salesforce.com":
		default:
			t.Errorf("%s leads to %s", word, u.Host)
		}
		if err := (&Settings{s}).OpenLink(word); err != nil {
			t.Errorf("%s: %v", word, err)
		}
	}
	if len(p.went) != len(links) {
		t.Errorf("%d of %d pages were opened", len(p.went), len(links))
	}
	if err := (&Settings{s}).OpenLink("https://example.com"); governance.FaultCode(err) != "unknown_link" {
		t.Errorf("a word that is none says %v", err)
	}
}

// phrases are the words that the shell hands to say, as they stand in the code.
var phrases = regexp.MustCompile(`\bsay\("([^"]+)"\)|\badd\("([^"]+)"|what: "([^"]+)"|confirm\(ctx, w, "([^"]+)"|confirmLog\(ctx, w, [^"]+, "([^"]+)"|count(?:: |, about.lines = )"([^"]+)"|\}, "([^"]+)", person\)`)

func TestEveryPhraseOfADialogIsTranslated(t *testing.T) {
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range phrases.FindAllStringSubmatch(string(b), -1) {
			used[strings.Join(m[1:], "")] = true
		}
	}
	for _, word := range actionWords {
		used[word] = true
	}
	for _, word := range attemptWords {
		used[word] = true
	}
	for _, word := range actPhrases {
		used[word] = true
	}
	used[workspace.RestoredOlder] = true
	used["production"] = true
	for phrase := range used {
		if german[phrase] == "" {
			t.Errorf("%q has no German", phrase)
		}
	}
	for phrase := range german {
		if !used[phrase] {
			t.Errorf("%q is translated and not used", phrase)
		}
		if strings.Count(phrase, "%") != strings.Count(german[phrase], "%") {
			t.Errorf("%q has other blanks in German", phrase)
		}
	}
}

func TestDialogsSpeakThePersonsLanguage(t *testing.T) {
	s, p := own(t)
	if err := (&Settings{s}).Prefer("language", "de"); err != nil {
		t.Fatal(err)
	}
	v := draft(t, s, "Phasen")
	if _, err := (&ChangeRequests{s}).Do(v.Request.ID, workspace.Wish{Action: governance.Submit, Seen: v.Digest}); governance.FaultCode(err) != "declined" {
		t.Errorf("No says %v", err)
	}
	if text := p.asked[0].Text; !strings.HasPrefix(text, "Zur Genehmigung einreichen?") || !strings.Contains(text, "Unterschrieben von: Kim Admin") {
		t.Errorf("the question is %q", text)
	}
}
