package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/salesforce"
)

const testKey = "3MVG9countersign.test_key"

// visiting plays the browser: it follows the sign-in page back to the callback.
func visiting(t *testing.T) func(string) error {
	t.Helper()
	transport := &http.Transport{}
	var busy sync.WaitGroup
	t.Cleanup(func() { busy.Wait(); transport.CloseIdleConnections() })
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return func(address string) error {
		busy.Go(func() {
			if resp, err := client.Get(address); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
		return nil
	}
}

// signsIn signs in and, the first time, confirms what it led to.
func signsIn(t *testing.T, w *Workspace, env *governance.Environment) Connection {
	t.Helper()
	c, err := w.SignIn(t.Context(), env.ID, visiting(t))
	ok(t, err)
	if c.Offer == "" {
		return c
	}
	c, err = w.ConfirmSignIn(t.Context(), env.ID, c.Offer)
	ok(t, err)
	return c
}

func anyCallback(o *Options) { o.CallbackPorts = []int{0} }

// browsed is a solo workspace with an environment that is signed in to with the
// browser.
func browsed(t *testing.T, change ...func(*Options)) (w *Workspace, env *governance.Environment, org *demoorg.Org) {
	t.Helper()
	o := Options{Data: t.TempDir(), Chain: keychain.Memory()}
	for _, c := range append(change, anyCallback) {
		c(&o)
	}
	w, err := CreateOwn(t.Context(), "My orgs", "Kim Admin", o)
	ok(t, err)
	closing(t, w)
	served, org := serveOrg(t, demoorg.KindUAT, t.TempDir())
	env = &governance.Environment{Name: "UAT", URL: served.URL, SignIn: governance.SignInOAuth, ConsumerKey: " " + testKey + "\n"}
	ok(t, w.SaveEnvironment(t.Context(), me(t, w), env))
	return w, env, org
}

func TestSigningInWithTheBrowser(t *testing.T) {
	var log bytes.Buffer
	w, env, org := browsed(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	ctx := t.Context()
	v, err := w.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if v.HasCredentials || v.Environment.ConsumerKey != testKey {
		t.Errorf("%+v", v)
	}
	_, err = w.TestConnection(ctx, me(t, w), env.ID)
	wantFault(t, err, "no_credentials")

	c := signsIn(t, w, env)
	if c.Identity.OrganizationID != org.Connection().OrganizationID || !c.Changed || !strings.Contains(c.Sentence, "Connected to UAT as") {
		t.Errorf("%+v", c)
	}
	v, err = w.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if !v.HasCredentials || v.Environment.Username != c.Identity.Username || v.Environment.OrganizationID == "" || v.Environment.TestedAt.IsZero() {
		t.Errorf("%+v", v)
	}
	if _, err := w.SignInPage(env.ID); governance.FaultCode(err) != "no_signin" {
		t.Errorf("a page still waits: %v", err)
	}
	// It stays signed in: when the session ends, and at the next start.
	org.ExpireSessions()
	_, err = w.Scanner.Inventory(ctx, me(t, w), env.ID)
	ok(t, err)
	chain := w.chain
	ok(t, w.Close())
	again, err := OpenOwn(ctx, w.Dir(), Options{Chain: chain})
	ok(t, err)
	closing(t, again)
	_, err = again.TestConnection(ctx, me(t, again), env.ID)
	ok(t, err)

	g, name, err := again.grantOf(ctx, env)
	ok(t, err)
	secrets := []string{g.Refresh.Reveal(), "5Aep861", "aPrx", "!AQ"}
	nothingIn(t, again.Dir(), secrets)
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	// Signing out ends it at Salesforce too.
	ok(t, again.SignOut(ctx, env.ID))
	if _, err := again.chain.Get(ctx, name); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("the keychain still has it: %v", err)
	}
	_, err = again.TestConnection(ctx, me(t, again), env.ID)
	wantFault(t, err, "no_credentials")
	a, err := again.app(ctx, env)
	ok(t, err)
	kept := g
	_, err = a.Renew(ctx, salesforce.Options{}, salesforce.Vault{
		Lock: func(context.Context) (func(), error) { return func() {}, nil },
		Load: func(context.Context) (salesforce.Grant, error) { return kept, nil },
		Save: func(_ context.Context, g salesforce.Grant) error { kept = g; return nil },
	})
	wantFault(t, err, salesforce.CodeSignInOver)
}

// An administrator ends the sign-in at Salesforce: the next renewal learns it,
// and from then on the screen asks for a new one.
func TestASignInThatSalesforceEnded(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	signsIn(t, w, env)
	a, err := w.app(ctx, env)
	ok(t, err)
	g, _, err := w.grantOf(ctx, env)
	ok(t, err)
	ok(t, a.Revoke(ctx, salesforce.Options{}, g))
	_, err = w.TestConnection(ctx, me(t, w), env.ID)
	wantFault(t, err, salesforce.CodeSignInOver)
	v, err := w.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if v.HasCredentials {
		t.Error("it is shown as signed in")
	}
	signsIn(t, w, env)
	_, err = w.TestConnection(ctx, me(t, w), env.ID)
	ok(t, err)
}

// nothingIn looks for secrets in every file of a folder, the database's own
// included.
func nothingIn(t *testing.T, dir string, secrets []string) {
	t.Helper()
	files := 0
	ok(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		files++
		for _, secret := range secrets {
			if bytes.Contains(b, []byte(secret)) {
				t.Errorf("%s holds %.8q", filepath.Base(path), secret)
			}
		}
		return err
	}))
	if files == 0 {
		t.Error("there was nothing to look at")
	}
}

// The grant is good for the address and the app that it was given for.
func TestAGrantIsSentNowhereElse(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	signsIn(t, w, env)
	for name, change := range map[string]func(*EnvironmentFields){
		"address":      func(f *EnvironmentFields) { f.URL = closedPort(t) },
		"consumer key": func(f *EnvironmentFields) { f.ConsumerKey = "another.key" },
	} {
		f := EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: testKey}
		change(&f)
		v, err := w.EditEnvironment(ctx, env.ID, f)
		ok(t, err)
		if v.HasCredentials || !v.Environment.TestedAt.IsZero() {
			t.Errorf("another %s: %+v", name, v)
		}
		_, err = w.TestConnection(ctx, me(t, w), env.ID)
		wantFault(t, err, "no_credentials")
	}
	v, err := w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: testKey})
	ok(t, err)
	if !v.HasCredentials {
		t.Error("back where it was given for, it is good again")
	}
	for _, key := range []string{"two words", "3MVG9\nSecret"} {
		_, err = w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: key})
		wantFault(t, err, salesforce.CodeConsumerKey)
	}
}

func TestACancelledSignIn(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	waiting := make(chan string, 1)
	ended := make(chan error, 1)
	begin := func() {
		go func() {
			_, err := w.SignIn(ctx, env.ID, func(address string) error { waiting <- address; return nil })
			ended <- err
		}()
	}
	begin()
	page := <-waiting
	if again, err := w.SignInPage(env.ID); err != nil || again != page {
		t.Errorf("the page is %q, %v", again, err)
	}
	w.CancelSignIn(env.ID)
	wantFault(t, <-ended, "signin_canceled")
	w.CancelSignIn(env.ID) // nobody waits: nothing happens

	// A second one ends the first, whose page leads nowhere then.
	begin()
	first := <-waiting
	signsIn(t, w, env)
	wantFault(t, <-ended, "signin_canceled")
	u, err := url.Parse(first)
	ok(t, err)
	if _, err := http.Get(u.Query().Get("redirect_uri") + "?code=x&state=" + u.Query().Get("state")); err == nil {
		t.Error("the first still listens")
	}
	// One that the workspace's end cuts off is no fault of anybody.
	short, cancel := context.WithCancel(ctx)
	_, err = w.SignIn(short, env.ID, func(string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || governance.FaultCode(err) != "" {
		t.Errorf("got %v", err)
	}
}

// Whoever signs in somewhere else leaves the old sign-in as it was.
func TestASignInMustLeadToTheKnownOrganisation(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	signsIn(t, w, env)
	other, _ := serveOrg(t, demoorg.KindProduction, t.TempDir())
	_, err := w.Store.UpdateEnvironment(ctx, me(t, w), env.ID, func(now *governance.Environment) error {
		now.URL = other.URL
		return nil
	})
	ok(t, err)
	_, err = w.SignIn(ctx, env.ID, visiting(t))
	wantFault(t, err, "wrong_org")
	_, err = w.Store.UpdateEnvironment(ctx, me(t, w), env.ID, func(now *governance.Environment) error {
		now.Kind = governance.Sandbox
		return nil
	})
	ok(t, err)
	_, err = w.SignIn(ctx, env.ID, visiting(t))
	f := wantFault(t, err, "sandbox_refreshed")
	if !strings.Contains(f.Hint, "new environment") || !strings.Contains(f.Message, other.OrganizationID) {
		t.Errorf("says %q", f.Error())
	}
	_, err = w.Store.UpdateEnvironment(ctx, me(t, w), env.ID, func(now *governance.Environment) error {
		now.URL = env.URL
		return nil
	})
	ok(t, err)
	_, err = w.TestConnection(ctx, me(t, w), env.ID)
	ok(t, err)
	// A password that leads elsewhere is refused at the first use, not only by
	// Test Connection.
	w2, kim, env2, first := served(t)
	ok(t, w2.SaveCredentials(ctx, kim, env2.ID, password(first.Password)))
	_, err = w2.TestConnection(ctx, kim, env2.ID)
	ok(t, err)
	_, err = w2.Store.UpdateEnvironment(ctx, kim, env2.ID, func(now *governance.Environment) error {
		now.URL, now.Username = other.URL, other.Username
		return nil
	})
	ok(t, err)
	ok(t, w2.SaveCredentials(ctx, kim, env2.ID, password(other.Password)))
	_, err = w2.Scanner.Inventory(ctx, kim, env2.ID)
	wantFault(t, err, "wrong_org")
}

// A consumer secret goes to the keychain, and from there into the one request
// that needs it.
func TestAConsumerSecretIsKeptInTheKeychain(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	secret := "C0nsumer5ecretCanary"
	ok(t, w.SaveCredentials(ctx, me(t, w), env.ID, Credentials{ConsumerSecret: salesforce.NewSecret(secret)}))
	a, err := w.app(ctx, env)
	ok(t, err)
	if a.Secret.Reveal() != secret {
		t.Error("it is not found again")
	}
	v, err := w.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if v.HasCredentials {
		t.Error("a secret alone signs nobody in")
	}
	signsIn(t, w, env)
	nothingIn(t, w.Dir(), []string{secret})
}

// Many goroutines at once are one sign-in: each renewal spends a token.
func TestOneRenewalForAll(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	signsIn(t, w, env)
	before, _, err := w.grantOf(ctx, env)
	ok(t, err)
	w.forgetSession(env.ID)
	saved, err := w.Store.Environment(ctx, env.ID)
	ok(t, err)
	var all sync.WaitGroup
	clients := make(chan *salesforce.Client, 20)
	for range cap(clients) {
		all.Go(func() {
			c, err := w.Session(ctx, saved)
			if err != nil {
				t.Error(err)
			}
			clients <- c
		})
	}
	all.Wait()
	first := <-clients
	for range cap(clients) - 1 {
		if c := <-clients; c != first {
			t.Error("two signed in")
		}
	}
	after, _, err := w.grantOf(ctx, env)
	ok(t, err)
	if after.Refresh.Reveal() == before.Refresh.Reveal() || after.Asked {
		t.Error("nobody renewed, or nobody kept what came")
	}
}

func init() { children["renewer"] = renewAgainAndAgain }

const renewals = "15"

// The demo org ends a whole sign-in when a refresh token comes twice, as
// Salesforce does. Two processes with one keychain renew again and again; if
// they ever used the same token, all of it would be over.
func TestTwoProcessesRenewOneSignIn(t *testing.T) {
	dir := t.TempDir()
	chain, err := keychain.Folder(dir)
	ok(t, err)
	w, env, _ := browsed(t, func(o *Options) { o.Chain = chain })
	signsIn(t, w, env)
	_, name, err := w.grantOf(t.Context(), env)
	ok(t, err)
	where := strings.Join([]string{dir, env.URL, env.ConsumerKey, name}, "\n")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			other := exec.CommandContext(t.Context(), os.Args[0])
			other.Env = append(os.Environ(), "COUNTERSIGN_TEST_CHILD=renewer", "COUNTERSIGN_TEST_GRANT="+where)
			if out, err := other.CombinedOutput(); err != nil || string(out) != "renewed "+renewals+" times\n" {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	both.Wait()
	_, err = w.TestConnection(t.Context(), me(t, w), env.ID)
	ok(t, err)
}

func renewAgainAndAgain() int {
	parts := strings.Split(os.Getenv("COUNTERSIGN_TEST_GRANT"), "\n")
	chain, err := keychain.Folder(parts[0])
	if err != nil {
		fmt.Println(err)
		return 1
	}
	env := &governance.Environment{Name: "UAT", URL: parts[1], ConsumerKey: parts[2], SignIn: governance.SignInOAuth}
	w := &Workspace{chain: chain}
	a := salesforce.App{LoginURL: env.URL, ConsumerKey: env.ConsumerKey}
	times := 0
	for fmt.Sprint(times) != renewals {
		if _, err := a.Renew(context.Background(), salesforce.Options{}, w.vault(env, parts[3])); err != nil {
			fmt.Println(err)
			return 1
		}
		times++
	}
	fmt.Println("renewed", times, "times")
	return 0
}

// The doctor goes from the address to metadata, and stops where it fails.
func TestTheConnectionDoctor(t *testing.T) {
	w, env, org := browsed(t)
	ctx := t.Context()
	line := func() string {
		t.Helper()
		d, err := w.Diagnose(ctx, env.ID)
		ok(t, err)
		words := []string{}
		for _, s := range d.Steps {
			word := string(s.State)
			if s.State == DiagnosisFailed {
				word = s.Fault
				if s.Remedy == "" || s.Sentence == "" {
					t.Errorf("%s says %q and %q", s.Code, s.Sentence, s.Remedy)
				}
			}
			if s.Sentence == "" || strings.ContainsAny(s.Sentence, "{}") {
				t.Errorf("%s says %q", s.Code, s.Sentence)
			}
			words = append(words, string(s.Code)+" "+word)
		}
		if d.Healthy != !strings.Contains(strings.Join(words, " "), "_") {
			t.Errorf("healthy: %t, %v", d.Healthy, words)
		}
		return strings.Join(words, ", ")
	}
	network := "address passed, proxy skipped, name skipped, connection passed, encryption skipped, answer passed, clock passed, version passed, "
	rest := "org skipped, api skipped, metadata skipped"
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	want(line(), network+"signin no_credentials, "+rest)
	// Why nobody is signed in, where the sign-in page said it.
	for key, code := range map[string]string{"demo-blocked": salesforce.CodeAppBlocked, "demo-noscope": salesforce.CodeScopeMissing, "demo-unapproved": salesforce.CodeAppNotAllowed} {
		fields := EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: key}
		_, err := w.EditEnvironment(ctx, env.ID, fields)
		ok(t, err)
		_, err = w.SignIn(ctx, env.ID, visiting(t))
		wantFault(t, err, code)
		want(line(), network+"signin "+code+", "+rest)
		fields.ConsumerKey = testKey
		_, err = w.EditEnvironment(ctx, env.ID, fields)
		ok(t, err)
		want(line(), network+"signin no_credentials, "+rest) // another app was refused
	}
	signsIn(t, w, env)
	want(line(), network+"signin passed, org passed, api passed, metadata passed")
	org.ExpireSessions()
	want(line(), network+"signin passed, org passed, api passed, metadata passed")
	_, err := w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", URL: closedPort(t), SignIn: governance.SignInOAuth, ConsumerKey: testKey})
	ok(t, err)
	want(line(), "address passed, proxy skipped, name skipped, connection connect_refused, encryption skipped, answer skipped, clock skipped, version skipped, signin skipped, "+rest)
	_, err = w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInPassword, Username: "robin"})
	ok(t, err)
	ok(t, w.SaveCredentials(ctx, me(t, w), env.ID, password("wrong")))
	want(line(), network+"signin invalid_login, "+rest)
	t.Setenv("PATH", t.TempDir())
	_, err = w.EditEnvironment(ctx, env.ID, EnvironmentFields{Name: "UAT", SignIn: governance.SignInCLI, Username: "robin"})
	ok(t, err)
	want(line(), "address skipped, proxy skipped, name skipped, connection skipped, encryption skipped, answer skipped, clock skipped, version skipped, signin sf_missing, "+rest)
	if _, err := w.Diagnose(ctx, "nothing"); governance.FaultCode(err) != "not_found" {
		t.Errorf("got %v", err)
	}
}
