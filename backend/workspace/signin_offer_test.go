package workspace

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/salesforce"
)

// offered signs in for the first time, and gives what a thief of the memory
// would have.
func offered(t *testing.T, w *Workspace, env *governance.Environment) (Connection, salesforce.Grant) {
	t.Helper()
	c, err := w.SignIn(t.Context(), env.ID, visiting(t))
	ok(t, err)
	if c.Offer == "" {
		t.Fatal("nobody is asked")
	}
	return c, w.offers[env.ID].grant
}

// nothingKept says that a sign-in left nothing: no token, no organisation.
func nothingKept(t *testing.T, w *Workspace, env *governance.Environment) {
	t.Helper()
	ctx := t.Context()
	name, err := w.ownGrantName(ctx, env.ID, me(t, w))
	ok(t, err)
	if _, err := w.chain.Get(ctx, name); !errors.Is(err, keychain.ErrNotFound) {
		t.Errorf("the keychain has a token: %v", err)
	}
	now, err := w.Store.Environment(ctx, env.ID)
	ok(t, err)
	if now.OrganizationID != "" || now.Username != "" || !now.TestedAt.IsZero() {
		t.Errorf("the environment knows %+v", now)
	}
	_, err = w.Session(ctx, now)
	wantFault(t, err, "no_credentials")
}

// revoked says that Salesforce takes a refresh token no more.
func revoked(t *testing.T, env *governance.Environment, g salesforce.Grant) {
	t.Helper()
	a := salesforce.App{LoginURL: env.URL, ConsumerKey: env.ConsumerKey}
	_, err := a.Renew(t.Context(), salesforce.Options{}, salesforce.Vault{
		Lock: func(context.Context) (func(), error) { return func() {}, nil },
		Load: func(context.Context) (salesforce.Grant, error) { return g, nil },
		Save: func(_ context.Context, after salesforce.Grant) error { g = after; return nil },
	})
	wantFault(t, err, salesforce.CodeSignInOver)
}

func TestTheFirstSignInIsConfirmed(t *testing.T) {
	w, env, org := browsed(t)
	ctx := t.Context()
	c, _ := offered(t, w, env)
	is := org.Connection()
	if c.Identity.OrganizationID != is.OrganizationID || c.Identity.Username != is.Username || c.Identity.OrganizationType == "" || c.Changed ||
		!strings.Contains(c.Sentence, c.Identity.OrganizationName) || !strings.Contains(c.Sentence, is.Username) || strings.ContainsAny(c.Sentence, "{}") {
		t.Errorf("%+v", c)
	}
	nothingKept(t, w, env)
	v, err := w.EnvironmentView(ctx, env.ID) // a page that is drawn anew asks again
	ok(t, err)
	if v.HasCredentials || v.Unconfirmed == nil || v.Unconfirmed.Offer != c.Offer || v.Unconfirmed.Sentence != c.Sentence {
		t.Errorf("%+v", v)
	}
	_, err = w.ConfirmSignIn(ctx, env.ID, "another")
	wantFault(t, err, "no_offer")

	done, err := w.ConfirmSignIn(ctx, env.ID, c.Offer)
	ok(t, err)
	if !done.Changed || done.Offer != "" || done.Identity.OrganizationID != is.OrganizationID {
		t.Errorf("%+v", done)
	}
	v, err = w.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if !v.HasCredentials || v.Unconfirmed != nil || v.Environment.OrganizationID != is.OrganizationID || v.Environment.Username != is.Username {
		t.Errorf("%+v", v)
	}
	org.ExpireSessions()
	_, err = w.Scanner.Inventory(ctx, me(t, w), env.ID)
	ok(t, err)
	_, err = w.ConfirmSignIn(ctx, env.ID, c.Offer)
	wantFault(t, err, "no_offer")
	again, err := w.SignIn(ctx, env.ID, visiting(t)) // the organisation is known now
	ok(t, err)
	if again.Offer != "" {
		t.Error("it is asked a second time")
	}
}

// Each way to leave a sign-in without confirming it leaves nothing, here and at
// Salesforce.
func TestASignInThatNobodyConfirms(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, w *Workspace, env *governance.Environment, c Connection){
		"no": func(t *testing.T, w *Workspace, env *governance.Environment, c Connection) {
			ok(t, w.DeclineSignIn(t.Context(), env.ID, c.Offer))
			wantFault(t, w.DeclineSignIn(t.Context(), env.ID, c.Offer), "no_offer")
		},
		"another sign-in": func(t *testing.T, w *Workspace, env *governance.Environment, _ Connection) {
			next, _ := offered(t, w, env)
			ok(t, w.DeclineSignIn(t.Context(), env.ID, next.Offer))
		},
		"another app": func(t *testing.T, w *Workspace, env *governance.Environment, c Connection) {
			_, err := w.EditEnvironment(t.Context(), env.ID, EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: "another.key"})
			ok(t, err)
			_, err = w.ConfirmSignIn(t.Context(), env.ID, c.Offer)
			wantFault(t, err, "no_offer")
		},
		"an edit by somebody else": func(t *testing.T, w *Workspace, env *governance.Environment, c Connection) {
			_, err := w.Store.UpdateEnvironment(t.Context(), me(t, w), env.ID, func(now *governance.Environment) error {
				now.ConsumerKey = "another.key"
				return nil
			})
			ok(t, err)
			_, err = w.ConfirmSignIn(t.Context(), env.ID, c.Offer)
			wantFault(t, err, "environment_changed")
		},
		"a long wait": func(t *testing.T, w *Workspace, env *governance.Environment, c Connection) {
			w.o.Now = func() time.Time { return time.Now().Add(offerLimit) }
			v, err := w.EnvironmentView(t.Context(), env.ID)
			ok(t, err)
			if v.Unconfirmed != nil {
				t.Error("it is still shown")
			}
			_, err = w.ConfirmSignIn(t.Context(), env.ID, c.Offer)
			wantFault(t, err, "offer_late")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, env, _ := browsed(t)
			c, g := offered(t, w, env)
			leave(t, w, env, c)
			nothingKept(t, w, env)
			revoked(t, env, g)
			nothingIn(t, w.Dir(), []string{g.Refresh.Reveal(), "5Aep861", "aPrx"})
		})
	}
}

func TestClosingWhileASignInWaitsToBeConfirmed(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	_, g := offered(t, w, env)
	ok(t, w.Close())
	again, err := OpenOwn(ctx, w.Dir(), Options{Chain: w.chain})
	ok(t, err)
	closing(t, again)
	nothingKept(t, again, env)
	v, err := again.EnvironmentView(ctx, env.ID)
	ok(t, err)
	if v.Unconfirmed != nil {
		t.Errorf("%+v", v.Unconfirmed)
	}
	revoked(t, env, g)
}

// A keychain that keeps nothing: the organisation may be known then, the token
// is let go.
func TestAConfirmedSignInThatCannotBeKept(t *testing.T) {
	w, env, _ := browsed(t)
	c, g := offered(t, w, env)
	w.chain = fullChain{w.chain}
	_, err := w.ConfirmSignIn(t.Context(), env.ID, c.Offer)
	if !errors.Is(err, errFull) {
		t.Fatalf("got %v", err)
	}
	revoked(t, env, g)
	v, err := w.EnvironmentView(t.Context(), env.ID)
	ok(t, err)
	if v.HasCredentials || v.Unconfirmed != nil {
		t.Errorf("%+v", v)
	}
}

var errFull = errors.New("the keychain is full")

type fullChain struct{ keychain.Chain }

func (fullChain) Set(context.Context, string, []byte) error { return errFull }

// An org that gives a token and then does not say who it is: nothing to confirm.
func TestAFirstSignInWithoutAnIdentity(t *testing.T) {
	for word, code := range map[string]string{"quota": salesforce.CodeRequestLimit, "noapi": salesforce.CodeAPIDisabled} {
		w, env, _ := browsed(t)
		v, err := w.EditEnvironment(t.Context(), env.ID, EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: "demo-" + word})
		ok(t, err)
		_, err = w.SignIn(t.Context(), env.ID, visiting(t))
		wantFault(t, err, code)
		nothingKept(t, w, &v.Environment)
	}
}

func TestAConsumerSecretIsShownAsKeptAndRemoved(t *testing.T) {
	w, env, _ := browsed(t)
	ctx := t.Context()
	state := func() SecretState {
		t.Helper()
		v, err := w.EnvironmentView(ctx, env.ID)
		ok(t, err)
		return v.Secret
	}
	if s := state(); s != SecretNone {
		t.Errorf("at first %q", s)
	}
	ok(t, w.RemoveSecret(ctx, env.ID)) // there is none: nothing happens
	keep := func() {
		t.Helper()
		ok(t, w.SaveCredentials(ctx, me(t, w), env.ID, Credentials{ConsumerSecret: salesforce.NewSecret("C0nsumer5ecretCanary")}))
	}
	keep()
	if s := state(); s != SecretKept {
		t.Errorf("saved: %q", s)
	}
	signsIn(t, w, env)
	// of another app it is not sent, and that is said
	fields := EnvironmentFields{Name: "UAT", URL: env.URL, SignIn: governance.SignInOAuth, ConsumerKey: "another.key"}
	_, err := w.EditEnvironment(ctx, env.ID, fields)
	ok(t, err)
	if s := state(); s != SecretOther {
		t.Errorf("of another app: %q", s)
	}
	ok(t, w.RemoveSecret(ctx, env.ID))
	if s := state(); s != SecretNone {
		t.Errorf("removed: %q", s)
	}
	fields.ConsumerKey = testKey
	_, err = w.EditEnvironment(ctx, env.ID, fields)
	ok(t, err)
	if s := state(); s != SecretNone {
		t.Errorf("it came back: %q", s)
	}
	keep()
	ok(t, w.RemoveSecret(ctx, env.ID))
	a, err := w.app(ctx, env)
	ok(t, err)
	if !a.Secret.IsEmpty() || state() != SecretNone {
		t.Error("it is still sent")
	}
	_, err = w.TestConnection(ctx, me(t, w), env.ID) // the sign-in goes on
	ok(t, err)

	// A password is no consumer secret, and is not taken away by mistake.
	w2, kim, env2, first := served(t)
	ok(t, w2.SaveCredentials(ctx, kim, env2.ID, password(first.Password)))
	wantFault(t, w2.RemoveSecret(ctx, env2.ID), "sign_in")
	_, err = w2.TestConnection(ctx, kim, env2.ID)
	ok(t, err)
}
