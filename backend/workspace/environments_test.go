package workspace

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/salesforce"
)

func password(s string) Credentials { return Credentials{Password: salesforce.NewSecret(s)} }

// served is a solo workspace with one environment, which a served demo org is.
func served(t *testing.T, change ...func(*Options)) (w *Workspace, kim string, env *governance.Environment, org demoorg.Connection) {
	t.Helper()
	o := Options{Data: t.TempDir(), Chain: keychain.Memory()}
	for _, c := range change {
		c(&o)
	}
	w, err := CreateOwn(t.Context(), "My orgs", "Kim Admin", o)
	ok(t, err)
	closing(t, w)
	org, _ = serveOrg(t, demoorg.KindUAT, t.TempDir())
	env = &governance.Environment{Name: "UAT", Kind: governance.Production, URL: org.URL, SignIn: governance.SignInPassword, Username: org.Username}
	kim = me(t, w)
	ok(t, w.SaveEnvironment(t.Context(), kim, env))
	return w, kim, env, org
}

func TestCredentialsAreAskedForRefusedAndMended(t *testing.T) {
	w, kim, env, org := served(t)
	ctx := t.Context()
	test := func() error {
		_, err := w.TestConnection(ctx, kim, env.ID)
		return err
	}
	wantFault(t, test(), "no_credentials")
	wantFault(t, w.SaveCredentials(ctx, kim, env.ID, password("")), "invalid_login")
	wantFault(t, w.SaveCredentials(ctx, "stranger", env.ID, password("x")), "not_member")
	wantFault(t, w.SaveCredentials(ctx, kim, "no-such", password("x")), "not_found")
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password("wrong")))
	wantFault(t, test(), salesforce.CodeInvalidLogin)
	_, err := w.Scanner.Inventory(ctx, kim, env.ID)
	wantFault(t, err, "not_tested")
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	ok(t, test())
	saved, err := w.Store.Environment(ctx, env.ID)
	ok(t, err)
	if saved.OrganizationID != org.OrganizationID || saved.APIVersion == "" || saved.TestedAt.IsZero() || saved.Kind != governance.Demo {
		t.Errorf("%+v", saved)
	}
	// A password that is wrong from now on ends the session that it had.
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password("wrong again")))
	_, err = w.Scanner.Inventory(ctx, kim, env.ID)
	wantFault(t, err, salesforce.CodeInvalidLogin)
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err = w.Scanner.Inventory(ctx, kim, env.ID)
	ok(t, err)
	// Credentials outlive the workspace, in the keychain.
	ok(t, w.Close())
	again, err := OpenOwn(ctx, w.Dir(), Options{Chain: w.chain})
	ok(t, err)
	closing(t, again)
	_, err = again.TestConnection(ctx, kim, env.ID)
	ok(t, err)
}

func TestAnOrgOutOfReachIsNamedAndNothingElseHappens(t *testing.T) {
	w, kim, env, org := served(t)
	ctx := t.Context()
	env.URL = closedPort(t)
	ok(t, w.SaveEnvironment(ctx, kim, env))
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err := w.TestConnection(ctx, kim, env.ID)
	wantFault(t, err, salesforce.CodeOrgUnreachable)
	// Work that needs no org goes on, and the org's return is enough.
	w.draftFor(t, kim)
	env.URL = org.URL
	ok(t, w.SaveEnvironment(ctx, kim, env))
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err = w.TestConnection(ctx, kim, env.ID)
	ok(t, err)
}

// Whatever a script writes into an environment, its password goes nowhere but
// where it was saved for.
func TestStoredCredentialsAreSentNowhereElse(t *testing.T) {
	w, kim, env, org := served(t)
	ctx := t.Context()
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err := w.TestConnection(ctx, kim, env.ID)
	ok(t, err)
	var mu sync.Mutex
	asked := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { mu.Lock(); asked++; mu.Unlock() }))
	t.Cleanup(thief.Close)
	for name, change := range map[string]func(*EnvironmentFields){
		"address":   func(f *EnvironmentFields) { f.URL = thief.URL },
		"user name": func(f *EnvironmentFields) { f.Username = "somebody.else@example.com" },
	} {
		f := EnvironmentFields{Name: "UAT", URL: org.URL, SignIn: governance.SignInPassword, Username: org.Username}
		change(&f)
		v, err := w.EditEnvironment(ctx, env.ID, f)
		ok(t, err)
		if v.HasCredentials || !v.Environment.TestedAt.IsZero() || v.Environment.OrganizationID != org.OrganizationID {
			t.Errorf("another %s: %+v", name, v)
		}
		for _, try := range []func() error{
			func() error { _, err := w.TestConnection(ctx, kim, env.ID); return err },
			func() error { _, err := w.Scanner.Inventory(ctx, kim, env.ID); return err },
		} {
			if f := wantFault(t, try(), "no_credentials"); !strings.Contains(f.Message, "changed after its credentials were saved") {
				t.Errorf("another %s says %q", name, f.Message)
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if asked != 0 {
		t.Errorf("the other address was asked %d times", asked)
	}
	// Back where they were saved for, they are good again, but not yet tested.
	v, err := w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", URL: org.URL, SignIn: governance.SignInPassword, Username: org.Username})
	ok(t, err)
	if !v.HasCredentials || !v.Environment.TestedAt.IsZero() {
		t.Errorf("%+v", v)
	}
	_, err = w.TestConnection(ctx, kim, env.ID)
	ok(t, err)
	// Those that say nothing of where they are for are sent nowhere.
	ok(t, w.chain.Set(ctx, w.credentialsName(env.ID, kim), []byte(`{"password":"x","token":""}`)))
	w.forgetSession(env.ID)
	_, err = w.TestConnection(ctx, kim, env.ID)
	wantFault(t, err, "no_credentials")
}

// An org answers slowly, and somebody edits the environment meanwhile.
func TestTestConnectionAndEditDoNotOverwriteEachOther(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*EnvironmentFields)
		code string
	}{
		"its name":    {func(f *EnvironmentFields) { f.Name = "Partner UAT" }, ""},
		"its address": {func(f *EnvironmentFields) { f.URL = "http://127.0.0.1:9" }, "environment_changed"},
		"its user":    {func(f *EnvironmentFields) { f.Username = "else@example.com" }, "environment_changed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := createSolo(t, t.TempDir(), keychain.Memory())
			ctx, kim := t.Context(), me(t, w)
			org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: demoorg.KindUAT, Pace: -1})
			ok(t, err)
			arrived, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var answers http.Handler
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				once.Do(func() { close(arrived); <-goOn })
				answers.ServeHTTP(rw, r)
			}))
			answers = org.Handler(server.Listener.Addr().String())
			t.Cleanup(func() { server.Close(); ok(t, org.Close()) })
			conn := org.Connection()
			f := EnvironmentFields{Name: "UAT", URL: server.URL, SignIn: governance.SignInPassword, Username: conn.Username}
			v, err := w.EditEnvironment(ctx, "", f)
			ok(t, err)
			id := v.Environment.ID
			ok(t, w.SaveCredentials(ctx, kim, id, password(conn.Password)))
			tested := make(chan error, 1)
			go func() { _, err := w.TestConnection(ctx, kim, id); tested <- err }()
			<-arrived
			c.edit(&f)
			_, err = w.EditEnvironment(ctx, id, f)
			ok(t, err)
			close(goOn)
			err = <-tested
			now, errNow := w.Store.Environment(ctx, id)
			ok(t, errNow)
			if now.Name != f.Name || now.URL != f.URL || now.Username != f.Username {
				t.Errorf("the edit was overwritten: %+v", now)
			}
			if c.code != "" {
				wantFault(t, err, c.code)
				if !now.TestedAt.IsZero() || now.OrganizationID != "" {
					t.Errorf("what was tested is not what is there: %+v", now)
				}
				return
			}
			ok(t, err)
			if now.TestedAt.IsZero() || now.OrganizationID != conn.OrganizationID {
				t.Errorf("the test was lost: %+v", now)
			}
		})
	}
}

func TestAnotherOrgBehindAnEnvironmentIsRefused(t *testing.T) {
	w, kim, env, org := served(t)
	ctx := t.Context()
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err := w.TestConnection(ctx, kim, env.ID)
	ok(t, err)
	other, _ := serveOrg(t, demoorg.KindProduction, t.TempDir())
	saved, err := w.Store.Environment(ctx, env.ID)
	ok(t, err)
	saved.URL, saved.Username = other.URL, other.Username
	ok(t, w.SaveEnvironment(ctx, kim, saved))
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(other.Password)))
	_, err = w.TestConnection(ctx, kim, env.ID)
	wantFault(t, err, "wrong_org")
	_, err = w.Scanner.Inventory(ctx, kim, env.ID)
	wantFault(t, err, "wrong_org")
	kept, err := w.Store.Environment(ctx, env.ID)
	ok(t, err)
	if kept.OrganizationID != org.OrganizationID {
		t.Errorf("the environment became %s", kept.OrganizationID)
	}
}

func TestAddresses(t *testing.T) {
	solo := createSolo(t, t.TempDir(), keychain.Memory())
	demo := openTestDemo(t, t.TempDir())
	for _, c := range []struct {
		in     *Workspace
		url    string
		signIn governance.SignInMethod
		kind   governance.EnvironmentKind
		code   string
		saved  governance.EnvironmentKind
		savedU string
	}{
		{solo, "https://acme.my.salesforce.com", governance.SignInPassword, governance.Sandbox, "", governance.Sandbox, "https://acme.my.salesforce.com"},
		{solo, "ACME.my.salesforce.com/home?x=1", governance.SignInPassword, governance.Sandbox, "", governance.Sandbox, "https://acme.my.salesforce.com"},
		{solo, "https://acme.my.salesforce.com", governance.SignInPassword, governance.Demo, "", governance.Production, "https://acme.my.salesforce.com"},
		{solo, "https://acme.my.salesforce.com", governance.SignInPassword, "", "", governance.Production, "https://acme.my.salesforce.com"},
		{solo, "http://127.0.0.1:8080", governance.SignInPassword, governance.Production, "", governance.Demo, "http://127.0.0.1:8080"},
		{solo, "HTTP://localhost:8080", governance.SignInPassword, governance.Sandbox, "", governance.Demo, "http://localhost:8080"},
		{solo, "http://192.168.1.7:8080", governance.SignInPassword, governance.Demo, "invalid_url", "", ""},
		{solo, "http://acme.my.salesforce.com", governance.SignInPassword, governance.Production, "invalid_url", "", ""},
		{solo, "http://127.0.0.1.evil.example", governance.SignInPassword, governance.Demo, "invalid_url", "", ""},
		{solo, "https://user:secret@acme.my.salesforce.com", governance.SignInPassword, governance.Sandbox, "invalid_url", "", ""},
		{solo, "demo:uat", governance.SignInPassword, governance.Demo, "invalid_url", "", ""},
		{solo, "file:///etc/passwd", governance.SignInPassword, governance.Sandbox, "invalid_url", "", ""},
		{solo, "", governance.SignInPassword, governance.Sandbox, "invalid_url", "", ""},
		{solo, "https://acme.my.salesforce.com", "carrier pigeon", governance.Sandbox, "sign_in", "", ""},
		{solo, "", governance.SignInCLI, governance.Demo, "", governance.Production, ""},
		{demo, "demo:uat", governance.SignInPassword, governance.Production, "", governance.Demo, "demo:uat"},
		{demo, "demo:else", governance.SignInPassword, governance.Demo, "invalid_url", "", ""},
	} {
		t.Run(fmt.Sprint(c.url, " ", c.signIn, " ", c.kind), func(t *testing.T) {
			env := &governance.Environment{Name: "An org", URL: c.url, SignIn: c.signIn, Kind: c.kind}
			err := c.in.SaveEnvironment(t.Context(), "", env)
			if c.code != "" {
				f := wantFault(t, err, c.code)
				if strings.Contains(f.Error(), "secret") {
					t.Errorf("the fault repeats the password: %s", f.Error())
				}
				return
			}
			ok(t, err)
			saved, err := c.in.Store.Environment(t.Context(), env.ID)
			ok(t, err)
			if saved.Kind != c.saved || saved.URL != c.savedU {
				t.Errorf("saved as %s at %q", saved.Kind, saved.URL)
			}
		})
	}
	wantFault(t, solo.SaveEnvironment(t.Context(), "", &governance.Environment{URL: "https://acme.my.salesforce.com", SignIn: governance.SignInPassword}), "name_needed")
}

// In the demo one person is all four members: what one of them mends is mended.
func TestInTheDemoCredentialsAreEverybodys(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	source, err := w.Store.Environment(ctx, DemoSource)
	ok(t, err)
	right, err := w.loadCredentials(ctx, source, Ana)
	ok(t, err)
	for _, by := range []string{Dee, Ana, Cy} {
		ok(t, w.SaveCredentials(ctx, by, DemoSource, password("wrong")))
		_, err = w.TestConnection(ctx, Bo, DemoSource)
		wantFault(t, err, salesforce.CodeInvalidLogin)
		ok(t, w.SaveCredentials(ctx, by, DemoSource, right))
		_, err = w.TestConnection(ctx, Bo, DemoSource)
		ok(t, err)
	}
}

// Outside the demo nobody signs in to an org as somebody else.
func TestCredentialsOfTwoPeopleOnOneComputerAreNotMixedUp(t *testing.T) {
	w, kim, env, org := served(t)
	ctx := t.Context()
	other, err := ledger.NewIdentity()
	ok(t, err)
	_, err = w.ChangePolicies(ctx, kim, func(c *governance.Charter) {
		c.Solo = false
		c.Requests = governance.DefaultRequestPolicy()
		for i := range c.Environments {
			c.Environments[i] = governance.DefaultPolicy(c.Environments[i].Kind)
		}
		c.Members = append(c.Members, governance.Member{ID: "lee", Name: "Lee Colleague", Keys: []governance.Key{{Public: other.Public()}}, Roles: []governance.Role{governance.Approver}})
	})
	ok(t, err)
	ok(t, w.SaveCredentials(ctx, "lee", env.ID, password(org.Password)))
	_, err = w.TestConnection(ctx, "lee", env.ID)
	ok(t, err)
	ok(t, w.SaveCredentials(ctx, kim, env.ID, password(org.Password)))
	_, err = w.TestConnection(ctx, kim, env.ID)
	f := wantFault(t, err, "several_people")
	if !strings.Contains(f.Message, "Kim Admin and Lee Colleague") {
		t.Error(f.Message)
	}
}

type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func TestAPasswordIsNowhereButInTheKeychain(t *testing.T) {
	const canary = "C4naryCanaryCanaryCanaryCanary99"
	log := &lockedLog{}
	data := t.TempDir()
	w, kim, env, org := served(t, func(o *Options) {
		o.Data, o.Log = data, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ctx := t.Context()
	said := ""
	ok(t, w.SaveCredentials(ctx, kim, env.ID, Credentials{Password: salesforce.NewSecret(canary), Token: salesforce.NewSecret(canary)}))
	_, err := w.TestConnection(ctx, kim, env.ID)
	said += fmt.Sprintf("%v %+v %#v", err, err, err)
	c, err := w.loadCredentials(ctx, env, kim)
	ok(t, err)
	if c.Password.Reveal() != canary {
		t.Fatal("the keychain does not have the password")
	}
	said += fmt.Sprintf("%v %+v %#v", c, c, c)
	env.URL = closedPort(t)
	ok(t, w.SaveEnvironment(ctx, kim, env))
	_, err = w.TestConnection(ctx, kim, env.ID)
	wantFault(t, err, "no_credentials")
	said += fmt.Sprintf("%v %+v", err, err)
	ok(t, w.SaveCredentials(ctx, kim, env.ID, Credentials{Password: salesforce.NewSecret(canary), Token: salesforce.NewSecret(canary)}))
	_, err = w.TestConnection(ctx, kim, env.ID)
	said += fmt.Sprintf("%v %+v", err, err)
	env.URL = org.URL
	ok(t, w.SaveEnvironment(ctx, kim, env))
	w.draftFor(t, kim)
	_, err = w.Store.Backup(ctx)
	ok(t, err)
	forms := formsOf([]byte(canary))
	look := func(when string) {
		if found := holding(t, data, "", forms); len(found) > 0 {
			t.Errorf("%s the password is in %v", when, found)
		}
	}
	look("while it is open")
	ok(t, w.Close())
	look("after closing")
	for _, f := range forms {
		if bytes.Contains(log.b.Bytes(), f) || strings.Contains(said, string(f)) {
			t.Errorf("the password was said: %s\n%s", said, log.b.String())
		}
	}
	if log.b.Len() == 0 {
		t.Error("nothing was logged, so nothing was tested")
	}
}

func TestTheDemosSecretsAreInItsFolderOfKeysAlone(t *testing.T) {
	data := t.TempDir()
	source, _ := serveOrg(t, demoorg.KindUAT, t.TempDir())
	target, _ := serveOrg(t, demoorg.KindProduction, t.TempDir())
	w := openTestDemo(t, data, func(o *Options) { o.Orgs = &DemoOrgs{source, target} })
	const canary = "C4naryCanaryCanaryCanaryCanary99"
	ok(t, w.SaveCredentials(t.Context(), Ana, DemoSource, password(canary)))
	secrets := [][]byte{[]byte(canary), []byte(source.Password), []byte(target.Password)}
	for _, m := range []string{Ana, Bo, Cy, Dee} {
		a, err := w.Author(t.Context(), m)
		ok(t, err)
		secrets = append(secrets, a.Identity.Seed())
	}
	keys := filepath.Join(w.Dir(), keysFolder)
	for i, s := range secrets {
		if found := holding(t, data, keys, formsOf(s)); len(found) > 0 {
			t.Errorf("secret %d is in %v", i, found)
		}
	}
	if found := holding(t, keys, "", formsOf([]byte(canary))); len(found) != 4 {
		t.Errorf("the canary is in %d files of the folder of keys", len(found))
	}
}

func TestASessionThatExpiresDuringADeployment(t *testing.T) {
	var expire func()
	var once sync.Once
	w := openTestDemo(t, t.TempDir(), func(o *Options) {
		o.Pace = 0
		o.OnUpdate = func(l governance.DeploymentLog) {
			if l.Progress == governance.ProgressRunning {
				once.Do(expire)
			}
		}
	})
	dr := w.approvedRecord(t)
	org, err := w.EmbeddedOrg(DemoTarget)
	ok(t, err)
	expired := false
	expire = func() { expired = true; org.ExpireSessions() }
	_, err = w.Runner.Retrieve(t.Context(), w.deployer(t), dr.ID)
	ok(t, err)
	log, err := w.Deploy(t.Context(), Dee, dr.ID, governance.AttemptValidate)
	ok(t, err)
	if !expired || log.Result != governance.ResultSucceeded {
		t.Errorf("expired %v, %s: %s", expired, log.Result, log.Message)
	}
	if log, err = w.Deploy(t.Context(), Dee, dr.ID, governance.AttemptDeploy); err != nil || log.Result != governance.ResultSucceeded {
		t.Errorf("%v %+v", err, log)
	}
	real := 0
	for _, d := range org.Deployments() {
		if !d.CheckOnly {
			real++
		}
	}
	if real != 1 {
		t.Errorf("%d deployments reached the org", real)
	}
}
