package workspace

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/store"
)

// formsOf are the ways in which a secret may have been written.
func formsOf(secret []byte) [][]byte {
	h := hex.EncodeToString(secret)
	forms := [][]byte{secret, []byte(h), []byte(strings.ToUpper(h))}
	// Inside a longer text base64 begins at one of three places; of each, what
	// does not depend on the neighbours.
	for skip := range 3 {
		if len(secret) < skip+6 {
			continue
		}
		part := secret[skip : skip+(len(secret)-skip)/3*3]
		forms = append(forms, []byte(base64.StdEncoding.EncodeToString(part)), []byte(base64.URLEncoding.EncodeToString(part)))
	}
	return forms
}

func TestTheSearchForSecretsFindsThem(t *testing.T) {
	secret := []byte("\x00\xffcanary+/seed-of-32-bytes-or-so")
	for i, text := range []string{string(secret), hex.EncodeToString(secret), base64.StdEncoding.EncodeToString(secret),
		base64.RawURLEncoding.EncodeToString([]byte("x" + string(secret))), base64.StdEncoding.EncodeToString([]byte("xy" + string(secret) + "z"))} {
		dir := t.TempDir()
		ok(t, os.WriteFile(filepath.Join(dir, "file"), []byte("before "+text+" after"), 0o600))
		if len(holding(t, dir, "", formsOf(secret))) == 0 {
			t.Errorf("form %d of the secret is not found", i)
		}
	}
}

func TestWithoutAKeychainASoloWorkspaceWorksForTheSession(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux can a process be without a keychain")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	data := t.TempDir()
	w, err := CreateOwn(t.Context(), "My orgs", "Kim Admin", Options{Data: data})
	ok(t, err)
	closing(t, w)
	for _, word := range []string{"no keychain", "signing key", "credentials", "until you close"} {
		if !strings.Contains(w.Warning(), word) {
			t.Errorf("the warning %q does not say %q", w.Warning(), word)
		}
	}
	kim := me(t, w)
	cr := w.draftFor(t, kim)
	w.mustDo(t, kim, cr.ID, governance.Submit)
	w.mustDo(t, kim, cr.ID, governance.Approve)
	author, err := w.Author(t.Context(), kim)
	ok(t, err)
	seed := author.Identity.Seed()
	for _, when := range []string{"while it is open", "after closing"} {
		if found := holding(t, data, "", formsOf(seed)); len(found) > 0 {
			t.Errorf("%s the signing key is in %v", when, found)
		}
		if when == "while it is open" {
			ok(t, w.Close())
		}
	}

	again, err := Open(t.Context(), Options{Data: data})
	ok(t, err)
	closing(t, again)
	if !strings.Contains(again.Warning(), "can be read, but nothing signed") {
		t.Errorf("warning after reopening: %q", again.Warning())
	}
	list, _, err := again.Store.ChangeRequests(t.Context(), store.Query{})
	ok(t, err)
	if len(list) != 1 || list[0].Status != governance.Approved || list[0].Overview != "Sales asks for them." {
		t.Errorf("after reopening: %+v", list)
	}
	if _, err := again.ExportManifest(t.Context(), cr.ID, "66.0"); err != nil {
		t.Error(err)
	}
	_, err = again.NewChangeRequest(t.Context(), kim, governance.ChangeRequest{Name: "More"})
	wantFault(t, err, "key_missing")
	_, err = again.Do(t.Context(), kim, cr.ID, governance.Deed{Action: governance.Reopen, Reason: "More."})
	wantFault(t, err, "key_missing")
	report, err := again.VerifyWhole(t.Context(), nil)
	ok(t, err)
	if len(report.Findings) > 0 || report.Acts != 3 {
		t.Errorf("%d acts, %s", report.Acts, findings(report.Findings))
	}
}

func TestASoloRequestIsSelfAuthorised(t *testing.T) {
	data, chain := t.TempDir(), keychain.Memory()
	w := createSolo(t, data, chain)
	if w.Warning() != "" {
		t.Errorf("warning: %s", w.Warning())
	}
	kim := me(t, w)
	cr := w.draftFor(t, kim)
	allowed := func(action governance.Action) bool {
		for _, s := range w.view(t, cr.ID).Actions {
			if s.Action == action {
				return s.Allowed
			}
		}
		t.Fatalf("no action %s", action)
		return false
	}
	if !allowed(governance.Submit) || allowed(governance.Approve) {
		t.Error("a draft is to be submitted, and nothing else")
	}
	if cr = w.mustDo(t, kim, cr.ID, governance.Submit); cr.Status != governance.Pending {
		t.Fatalf("submitting made it %s: approving is an act of its own", cr.Status)
	}
	if cr = w.mustDo(t, kim, cr.ID, governance.Approve); cr.Status != governance.Approved {
		t.Fatalf("it is %s", cr.Status)
	}
	c, err := w.Charter(t.Context())
	ok(t, err)
	if !c.Solo || !c.Requests.AuthorMayApprove {
		t.Error("the charter does not say that there is no separation of duties")
	}
	_, err = w.Do(t.Context(), kim, cr.ID, governance.Deed{Action: governance.Complete})
	if governance.FaultCode(err) == "" {
		t.Errorf("completing without a record and a reason: %v", err)
	}
	done, err := w.Do(t.Context(), kim, cr.ID, governance.Deed{Action: governance.Complete, Reason: "Done by hand."})
	ok(t, err)
	if done.Status != governance.Completed {
		t.Errorf("it is %s", done.Status)
	}
	ok(t, w.Close())
	again, err := Open(t.Context(), Options{Data: data, Chain: chain})
	ok(t, err)
	closing(t, again)
	if again.Warning() != "" || len(again.Doubts()) > 0 {
		t.Errorf("%q %s", again.Warning(), findings(again.Doubts()))
	}
	again.draftFor(t, kim)
}

func TestAWorkspaceThatWasNeverFinishedIsMadeAgain(t *testing.T) {
	data, chain := t.TempDir(), keychain.Memory()
	// What a kill between the database and the first act leaves behind.
	unfinished, err := open(t.Context(), filepath.Join(data, ownFolder, "my-orgs"), Options{}, given(chain))
	ok(t, err)
	ok(t, unfinished.Close())
	_, err = Open(t.Context(), Options{Data: data, Chain: chain})
	wantFault(t, err, "no_workspace")
	w := createSolo(t, data, chain)
	w.draftFor(t, me(t, w))
	ok(t, w.Close())
	_, err = CreateOwn(t.Context(), "My  Orgs", "Kim", Options{Data: data, Chain: chain})
	if code := governance.FaultCode(err); code != "" {
		t.Errorf("another name gave %v", err)
	}
	_, err = CreateOwn(t.Context(), "my orgs", "Kim", Options{Data: data, Chain: chain})
	wantFault(t, err, "workspace_exists")
	_, err = CreateOwn(t.Context(), " ", "Kim", Options{Data: data, Chain: chain})
	wantFault(t, err, "name_needed")
}

func TestFolderNames(t *testing.T) {
	if a, b := folderName("Продажи"), folderName("Маркетинг"); a == b || !strings.HasPrefix(a, "workspace-") {
		t.Errorf("%q and %q", a, b)
	}
	for name, want := range map[string]string{"My Orgs": "my-orgs", "../../etc": "etc", "A/B\\C": "a-b-c", "": "workspace", "...": "workspace"} {
		if got := folderName(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
	if long := folderName(strings.Repeat("x", 300)); len(long) > 60 {
		t.Errorf("%d characters", len(long))
	}
}

func TestDemoAndOwnWorkspacesAreNotMistakenForEachOther(t *testing.T) {
	data, chain := t.TempDir(), keychain.Memory()
	own := createSolo(t, data, chain)
	dir := own.Dir()
	ok(t, own.Close())
	_, err := Open(t.Context(), Options{Data: dir, Demo: true, Pace: -1})
	wantFault(t, err, "not_a_demo")
	if isFolder(filepath.Join(dir, keysFolder)) {
		t.Error("a folder for plain keys was made in a person's own workspace")
	}
	demo := openTestDemo(t, t.TempDir())
	ok(t, demo.Close())
	_, err = OpenOwn(t.Context(), demo.Dir(), Options{Chain: chain})
	wantFault(t, err, "is_demo")
	ok(t, os.RemoveAll(filepath.Join(demo.Dir(), keysFolder)))
	_, err = Open(t.Context(), Options{Data: demo.Dir(), Demo: true, Pace: -1})
	wantFault(t, err, "not_a_demo")
}

func TestTheKeyIsTheSameAfterReopening(t *testing.T) {
	chain := keychain.Memory()
	w := createSolo(t, t.TempDir(), chain)
	kim := me(t, w)
	ok(t, w.Close())
	again, err := OpenOwn(t.Context(), w.Dir(), Options{Chain: chain})
	ok(t, err)
	closing(t, again)
	author, err := again.Author(t.Context(), kim)
	ok(t, err)
	c, err := again.Charter(t.Context())
	ok(t, err)
	if m, _ := c.MemberByKey(author.Identity.Public()); m == nil || m.ID != kim || m.Name != "Kim Admin" {
		t.Errorf("the key in the keychain belongs to %+v", m)
	}
	seed := author.Identity.Seed()
	if !utf8.Valid(stored(t, chain, again.keyName(kim))) {
		t.Error("the key is not text, which is all that some keychains keep")
	}
	ok(t, chain.Set(t.Context(), again.keyName(kim), seed[:31]))
	ok(t, again.Close())
	damaged, err := OpenOwn(t.Context(), w.Dir(), Options{Chain: chain})
	ok(t, err)
	closing(t, damaged)
	_, err = damaged.Author(t.Context(), kim)
	wantFault(t, err, "key_missing")
}

func stored(t *testing.T, chain keychain.Chain, name string) []byte {
	t.Helper()
	b, err := chain.Get(t.Context(), name)
	ok(t, err)
	return b
}
