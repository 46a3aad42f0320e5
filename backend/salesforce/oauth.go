package salesforce

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// Where OAuth is asked (help article "OAuth Endpoints").
const (
	authorizePath = "/services/oauth2/authorize"
	tokenPath     = "/services/oauth2/token"
	revokePath    = "/services/oauth2/revoke"
)

// Scopes are what a sign-in asks for, and nothing more: the API, and to stay
// signed in.
const Scopes = "api refresh_token"

// MetadataPermission is the user permission that work with metadata needs.
const MetadataPermission = "Modify Metadata Through Metadata API Functions"

// An App is a customer's own External Client App, and where one signs in to it.
type App struct {
	LoginURL    string // a My Domain, login.salesforce.com or test.salesforce.com
	ConsumerKey string
	Secret      Secret // consumer secret; empty for an app that asks for none
}

// A Grant is what a sign-in with the browser leaves behind: the refresh token,
// and what it is for.
type Grant struct {
	Refresh        Secret
	InstanceURL    string
	OrganizationID string // 18 characters
	UserID         string // 18 characters
	Username       string
	// Asked says that the token was sent to be renewed and that no answer is
	// known. It may be spent, and using a spent one ends every session of the
	// app for this user, so it is never sent again.
	Asked bool
}

// A Browser shows a person the sign-in page, and says how long to wait.
type Browser struct {
	Open  func(address string) error
	Hint  string        // user name to begin with
	Ports []int         // of the callback, the first free one is taken; nil: CallbackPorts
	Wait  time.Duration // zero is three minutes
}

const browserWait = 3 * time.Minute

// errBrowser is a sign-in page that could not be opened.
var errBrowser = governance.Faultf(CodeNoBrowser, "The browser could not be opened.").WithHint("Copy the address of the sign-in page and open it yourself.")

// LoginBrowser signs in through the system's browser: authorization code with
// PKCE (RFC 7636) and a callback on this machine (RFC 8252). It returns when
// the person came back, ctx ended or the wait is over; nothing listens then.
// Known is the organisation that it must be, "" for any. Faults: no_browser,
// ports_taken, signin_timeout, wrong_org, oauth_denied, app_blocked and the
// others of OAuth, and those of the network.
func LoginBrowser(ctx context.Context, o Options, app App, known string, b Browser) (*Session, Grant, error) {
	login, err := app.check()
	if err != nil {
		return nil, Grant{}, err
	}
	state, verifier := randomText(), randomText()
	back, err := listenForCallback(b.Ports, state)
	if err != nil {
		return nil, Grant{}, err
	}
	defer back.close()
	if err := b.Open(app.authorizeURL(login, back.address(), state, verifier, b.Hint)); err != nil {
		if governance.FaultCode(err) != "" { // the person said no
			return nil, Grant{}, err
		}
		return nil, Grant{}, errBrowser.Because(err)
	}
	code, err := back.wait(ctx, login, b.Wait)
	back.close() // before the code is used: nothing can answer a second time
	if err != nil {
		return nil, Grant{}, err
	}
	return app.redeem(ctx, o, login, known, url.Values{
		"grant_type": {"authorization_code"}, "code": {code.Reveal()}, "redirect_uri": {back.address()}, "code_verifier": {verifier},
	})
}

func (a App) check() (*url.URL, error) {
	login, err := CheckURL(a.LoginURL)
	if err != nil {
		return nil, err
	}
	if err := CheckConsumerKey(a.ConsumerKey); err != nil {
		return nil, err
	}
	return login, nil
}

// CheckConsumerKey refuses what cannot be a consumer key, such as one with a
// line of the page that it was copied from. The fault is consumer_key.
func CheckConsumerKey(key string) error {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	}
	if key == "" {
		return governance.Faultf(CodeConsumerKey, "The consumer key of the External Client App is missing.").
			WithHint("Copy it from the app's OAuth settings.")
	}
	if len(key) > 256 || strings.ContainsFunc(key, odd) {
		return governance.Faultf(CodeConsumerKey, "This is no consumer key.").WithHint("Copy it from the app's OAuth settings, and nothing else.")
	}
	return nil
}

// randomText is 32 random bytes as 43 characters: a state, or a verifier of
// PKCE, which takes 43 to 128.
func randomText() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// challenge is S256 of RFC 7636, 4.2.
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (a App) authorizeURL(login *url.URL, callback, state, verifier, hint string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {a.ConsumerKey}, "redirect_uri": {callback}, "scope": {Scopes}, "state": {state},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"},
		"prompt": {"login"}, // the browser may be signed in to another org, or as somebody else
	}
	if hint != "" {
		q.Set("login_hint", hint)
	}
	return login.String() + authorizePath + "?" + q.Encode()
}

// redeem trades a code for a session and looks at whose it is.
func (a App) redeem(ctx context.Context, o Options, login *url.URL, known string, form url.Values) (*Session, Grant, error) {
	w, done := newLoginWire(o)
	defer done()
	answer, err := w.token(ctx, login, a.form(form))
	if err != nil {
		return nil, Grant{}, plainReason(err)
	}
	s, g, err := a.accept(ctx, w, login, known, answer)
	if err != nil {
		a.letGo(ctx, w, login, answer.RefreshToken)
		return nil, Grant{}, err
	}
	return s, g, nil
}

// form adds who asks. A secret goes into the body: it is in no log there.
func (a App) form(form url.Values) url.Values {
	form.Set("client_id", a.ConsumerKey)
	if !a.Secret.IsEmpty() {
		form.Set("client_secret", a.Secret.Reveal())
	}
	return form
}

// accept makes a session and a grant of what a first sign-in was answered.
func (a App) accept(ctx context.Context, w *wire, login *url.URL, known string, answer *tokenAnswer) (*Session, Grant, error) {
	if err := answer.checkScope(login.Hostname()); err != nil {
		return nil, Grant{}, err
	}
	s, err := answer.session(login)
	if err != nil {
		return nil, Grant{}, err
	}
	if err := CheckOrganization(known, s.OrganizationID); err != nil {
		return nil, Grant{}, err
	}
	if s, err = w.withVersion(ctx, s); err != nil {
		return nil, Grant{}, err
	}
	if err := checkTokenForm(login.Hostname(), s); err != nil {
		return nil, Grant{}, err
	}
	if s, err = withUser(ctx, s, w.o); err != nil {
		return nil, Grant{}, err
	}
	return s, Grant{
		Refresh: NewSecret(answer.RefreshToken), InstanceURL: s.InstanceURL,
		OrganizationID: s.OrganizationID, UserID: s.UserID, Username: s.Username,
	}, nil
}

// CheckOrganization refuses a sign-in that led to another organisation than the
// known one; an empty id is any. The fault is wrong_org.
func CheckOrganization(known, got string) error {
	if known == "" || got == "" || ID18(known) == ID18(got) {
		return nil
	}
	return governance.Faultf(CodeWrongOrg, "The sign-in leads to the organisation %s, and this environment is %s.", ID18(got), ID18(known)).
		WithHint("Sign in as a user of this environment. A refreshed sandbox has a new id: add it as a new environment.").
		Because(&OrganizationError{Known: ID18(known), Got: ID18(got)})
}

// An OrganizationError is the cause of a wrong_org: which it was.
type OrganizationError struct{ Known, Got string }

func (e *OrganizationError) Error() string {
	return "organisation " + e.Got + " instead of " + e.Known
}

// checkScope wants both scopes. Salesforce leaves scope out when it is what was
// asked for (RFC 6749, 5.1); "full" holds the API.
func (t *tokenAnswer) checkScope(host string) error {
	given := strings.Fields(t.Scope)
	api := t.Scope == "" || slices.Contains(given, "api") || slices.Contains(given, "full")
	if api && t.RefreshToken != "" {
		return nil
	}
	missing := "refresh_token"
	if !api {
		missing = "api"
	}
	return governance.Faultf(CodeScopeMissing, "The External Client App of %s does not grant the scope %s.", host, missing).
		WithHint("In the app's OAuth settings select the scopes %s, and sign in again.", Scopes)
}

// checkTokenForm refuses access tokens in JWT form where SOAP does not take
// them: it does from version 68.0 on.
func checkTokenForm(host string, s *Session) error {
	if !strings.HasPrefix(s.AccessToken.Reveal(), "eyJ") || versionNumber(s.APIVersion) >= 68 {
		return nil
	}
	return governance.Faultf(CodeJWTToken, "The External Client App of %s issues JWT-based access tokens, which the Metadata API takes from version 68.0 on.", host).
		WithHint("Switch off Issue JSON Web Token (JWT)-based access tokens in the app's OAuth settings, and sign in again.")
}

// Revoke ends a grant at Salesforce: its refresh token and the sessions made
// with it. What is already over is no fault.
func (a App) Revoke(ctx context.Context, o Options, g Grant) error {
	login, err := a.check()
	if err != nil || g.Refresh.IsEmpty() {
		return err
	}
	w, done := newLoginWire(o)
	defer done()
	err = w.revoke(ctx, login, g.Refresh.Reveal())
	if isRefusal(err) {
		return nil
	}
	return plainReason(err)
}

// letGo ends a sign-in that is not wanted. It is a courtesy: nobody has the
// token any more, and it ends by itself.
func (a App) letGo(ctx context.Context, w *wire, login *url.URL, refresh string) {
	if refresh == "" {
		return
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = w.revoke(limited, login, refresh)
}

// plainReason takes what is known of the outcome off an error that does not
// need it.
func plainReason(err error) error {
	var known *outcomeError
	if errors.As(err, &known) {
		return known.reason
	}
	return err
}

// idFromURL reads the organisation and the user out of an identity URL,
// https://login.salesforce.com/id/00D.../005...
func idFromURL(raw string) (organization, user string, err error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", "", fmt.Errorf("the identity in the answer: %w", errNotWellMade)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "id" || !isID(parts[1]) || !isID(parts[2]) {
		return "", "", fmt.Errorf("the identity in the answer: %w", errNotWellMade)
	}
	return ID18(parts[1]), ID18(parts[2]), nil
}
