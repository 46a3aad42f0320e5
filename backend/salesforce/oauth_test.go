package salesforce_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

const consumerKey = "3MVG9countersign.test_key"

// visitor is a browser without a window: it follows redirects and reads pages.
func visitor(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// visits opens a page as a person's browser does, without making anybody wait.
func visits(t *testing.T, change func(*url.URL)) func(string) error {
	t.Helper()
	var busy sync.WaitGroup
	t.Cleanup(busy.Wait)
	browser := visitor(t)
	return func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		if change != nil {
			change(u)
		}
		busy.Go(func() {
			if resp, err := browser.Get(u.String()); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
		return nil
	}
}

func overHTTP(t *testing.T, org *demoorg.Org) salesforce.App {
	t.Helper()
	ways["over http"](t, org)
	return salesforce.App{LoginURL: org.Connection().URL, ConsumerKey: consumerKey}
}

// anyPort lets tests sign in beside each other: the system gives one.
var anyPort = []int{0}

func browserIn(t *testing.T) salesforce.Browser {
	return salesforce.Browser{Open: visits(t, nil), Ports: anyPort, Wait: 20 * time.Second}
}

// vault keeps a grant in memory and counts.
type vault struct {
	mu    sync.Mutex
	lock  sync.Mutex
	grant salesforce.Grant
	saves []salesforce.Grant
	fails func(g salesforce.Grant) error
}

func (v *vault) vault() salesforce.Vault {
	return salesforce.Vault{
		Lock: func(context.Context) (func(), error) { v.lock.Lock(); return v.lock.Unlock, nil },
		Load: func(context.Context) (salesforce.Grant, error) {
			v.mu.Lock()
			defer v.mu.Unlock()
			return v.grant, nil
		},
		Save: func(_ context.Context, g salesforce.Grant) error {
			v.mu.Lock()
			defer v.mu.Unlock()
			if v.fails != nil {
				if err := v.fails(g); err != nil {
					return err
				}
			}
			v.grant = g
			v.saves = append(v.saves, g)
			return nil
		},
	}
}

func TestSigningInWithTheBrowserAndStayingSignedIn(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	var log bytes.Buffer
	o := salesforce.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	var asked *url.URL
	b := browserIn(t)
	b.Hint = org.SecondUser().Username
	b.Open = visits(t, func(u *url.URL) { asked = u })
	s, g, err := salesforce.LoginBrowser(t.Context(), o, app, org.Connection().OrganizationID, b)
	if err != nil {
		t.Fatal(err)
	}
	q := asked.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("state")) != 43 || q.Get("scope") != "api refresh_token" || q.Has("code_verifier") || q.Has("client_secret") {
		t.Errorf("the sign-in page is asked for with %v", q)
	}
	if s.OrganizationID != org.Connection().OrganizationID || s.Username != org.SecondUser().Username || g.Username != s.Username || g.Refresh.IsEmpty() || s.APIVersion == "" {
		t.Errorf("got %+v and %+v", *s, g)
	}
	kept := &vault{grant: g}
	o.Renew = func(ctx context.Context) (*salesforce.Session, error) { return app.Renew(ctx, o, kept.vault()) }
	c := salesforce.NewClient(s, o)
	t.Cleanup(c.Close)
	for range 3 {
		org.ExpireSessions()
		if _, err := c.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if kept.grant.Refresh.Reveal() == g.Refresh.Reveal() || kept.grant.Asked || len(kept.saves) != 6 {
		t.Errorf("the refresh token did not rotate: %d saves", len(kept.saves))
	}
	for _, secret := range []string{s.AccessToken.Reveal(), g.Refresh.Reveal(), kept.grant.Refresh.Reveal(), "aPrx"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds a secret: %s", log.String())
		}
	}
	// What was signed in can be ended, and then is.
	if err := app.Revoke(t.Context(), o, kept.grant); err != nil {
		t.Fatal(err)
	}
	_, err = app.Renew(t.Context(), o, kept.vault())
	wantCode(t, err, salesforce.CodeSignInOver)
	if !kept.grant.Refresh.IsEmpty() {
		t.Error("a token that is over is kept")
	}
}

func wantCode(t *testing.T, err error, code string) *governance.Fault {
	t.Helper()
	var f *governance.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("got %v (%q), want %q", err, governance.FaultCode(err), code)
	}
	if f.Hint == "" || strings.Contains(f.Error(), "aPrx") || strings.Contains(f.Error(), "5Aep") {
		t.Errorf("the fault %q has no hint, or a secret", f.Error())
	}
	return f
}

func TestASignInThatLeadsToAnotherOrganisation(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	_, g, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "00D000000000062EAA", browserIn(t))
	f := wantCode(t, err, salesforce.CodeWrongOrg)
	if !g.Refresh.IsEmpty() || !strings.Contains(f.Hint, "refreshed sandbox") {
		t.Errorf("got %+v, %v", g, f)
	}
}

// An authorization server that answers as it is told to, for what the demo org
// does not do.
type authority struct {
	*httptest.Server
	asked atomic.Int32
	forms chan url.Values
}

func newAuthority(t *testing.T, token http.HandlerFunc) *authority {
	a := &authority{forms: make(chan url.Values, 100)}
	mux := http.NewServeMux()
	mux.HandleFunc("/services/oauth2/authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		back := q.Get("redirect_uri") + "?state=" + url.QueryEscape(q.Get("state"))
		http.Redirect(w, r, back+"&code=aPrxTheCode", http.StatusFound)
	})
	mux.HandleFunc("/services/oauth2/token", func(w http.ResponseWriter, r *http.Request) {
		a.asked.Add(1)
		_ = r.ParseForm()
		a.forms <- r.PostForm
		token(w, r)
	})
	mux.HandleFunc("/services/oauth2/revoke", func(http.ResponseWriter, *http.Request) {})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) app() salesforce.App {
	return salesforce.App{LoginURL: a.URL, ConsumerKey: consumerKey, Secret: salesforce.NewSecret("5ECRET")}
}

func answerJSON(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// Errors of the sign-in page come back through the browser.
func TestWhatTheSignInPageRefuses(t *testing.T) {
	for said, code := range map[string]string{
		"error=access_denied&error_description=end-user denied authorization":                                      salesforce.CodeOAuthDenied,
		"error=OAUTH_APP_BLOCKED&error_description=this app is blocked by admin":                                   salesforce.CodeAppBlocked,
		"error=OAUTH_APP_ACCESS_DENIED&error_description=user is not admin approved to access this app":            salesforce.CodeAppNotAllowed,
		"error=invalid_app_access&error_description=user is not admin approved to access this app":                 salesforce.CodeAppNotAllowed,
		"error=OAUTH_EC_APP_NOT_FOUND&error_description=External client app is not installed in this org":          salesforce.CodeAppUnknown,
		"error=invalid_client_id&error_description=client identifier invalid":                                      salesforce.CodeAppUnknown,
		"error=redirect_uri_mismatch&error_description=redirect_uri must match configuration":                      salesforce.CodeCallback,
		"error=invalid_scope&error_description=the requested scope is not allowed":                                 salesforce.CodeScopeMissing,
		"error=invalid_request&error_description=missing required code challenge":                                  salesforce.CodeAppFlow,
		"error=unsupported_response_type&error_description=response type not supported":                            salesforce.CodeAppFlow,
		"error=server_error&error_description=try again":                                                           salesforce.CodeUnavailable,
		"error=something_new&error_description=the moon is in the wrong house":                                     salesforce.CodeSalesforce,
		"error=something_new&error_description=token 00D000000000062!AQ4CanaryTokenOf32Characters0000 was refused": salesforce.CodeSalesforce,
		"nothing=at all": salesforce.CodeBadAnswer,
	} {
		t.Run(said, func(t *testing.T) {
			a := newAuthority(t, func(http.ResponseWriter, *http.Request) { t.Error("the token endpoint was asked") })
			b := browserIn(t)
			b.Open = visits(t, func(u *url.URL) {
				q := u.Query()
				back, _ := url.Parse(q.Get("redirect_uri"))
				values, err := url.ParseQuery(strings.ReplaceAll(said, " ", "+"))
				if err != nil {
					t.Error(err)
				}
				values.Set("state", q.Get("state"))
				back.RawQuery = values.Encode()
				*u = *back
			})
			_, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, a.app(), "", b)
			f := wantCode(t, err, code)
			if strings.Contains(f.Error(), "Canary") || code == salesforce.CodeSalesforce && !strings.Contains(f.Error(), "moon") && !strings.Contains(f.Error(), "[secret]") {
				t.Errorf("says %q", f.Error())
			}
		})
	}
}

// Errors of the token endpoint, after the browser came back.
func TestWhatTheTokenEndpointRefuses(t *testing.T) {
	type answer struct {
		status int
		body   string
	}
	for name, c := range map[string]struct {
		answer answer
		code   string
	}{
		"a code used before":      {answer{400, `{"error":"invalid_grant","error_description":"expired authorization code"}`}, salesforce.CodeSignInLate},
		"another verifier":        {answer{400, `{"error":"invalid_grant","error_description":"invalid code verifier"}`}, salesforce.CodePKCE},
		"another network":         {answer{400, `{"error":"invalid_grant","error_description":"ip restricted"}`}, salesforce.CodeLoginNetwork},
		"another hour":            {answer{400, `{"error":"invalid_grant","error_description":"invalid login hours"}`}, salesforce.CodeLoginHours},
		"an inactive user":        {answer{400, `{"error":"invalid_grant","error_description":"inactive user"}`}, salesforce.CodeUserInactive},
		"an inactive org":         {answer{400, `{"error":"invalid_grant","error_description":"inactive organization"}`}, salesforce.CodeOrgInactive},
		"an expired password":     {answer{400, `{"error":"invalid_grant","error_description":"password expired"}`}, salesforce.CodePasswordExpired},
		"a user not admitted":     {answer{400, `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`}, salesforce.CodeAppNotAllowed},
		"an app not admitted":     {answer{400, `{"error":"invalid_app_access","error_description":"user is not admin approved to access this app"}`}, salesforce.CodeAppNotAllowed},
		"no such app":             {answer{400, `{"error":"invalid_client_id","error_description":"client identifier invalid"}`}, salesforce.CodeAppUnknown},
		"a secret wanted":         {answer{400, `{"error":"invalid_client","error_description":"invalid client credentials"}`}, salesforce.CodeAppSecret},
		"another callback":        {answer{400, `{"error":"redirect_uri_mismatch","error_description":"redirect_uri must match configuration"}`}, salesforce.CodeCallback},
		"the edition has no API":  {answer{403, `{"error":"API_DISABLED_FOR_ORG","error_description":"API is not enabled for this Organization or Partner"}`}, salesforce.CodeAPIDisabled},
		"too often":               {answer{429, `{"error":"rate_limit_exceeded","error_description":"too many"}`}, salesforce.CodeRequestLimit},
		"a word of its own":       {answer{400, `{"error":"invalid_grant","error_description":"something else"}`}, salesforce.CodeSalesforce},
		"maintenance":             {answer{503, `busy`}, salesforce.CodeUnavailable},
		"a page of a proxy":       {answer{403, `<!doctype html><p>Blocked by policy`}, salesforce.CodeNotSalesforce},
		"no API scope":            {answer{200, `{"access_token":"00D000000000062!AQ","refresh_token":"5Aep861zzzzzzzzzzzzzzzzzzzz","scope":"refresh_token web","instance_url":"SELF","id":"SELF/id/00D000000000062EAA/005000000000001AAA"}`}, salesforce.CodeScopeMissing},
		"no refresh token":        {answer{200, `{"access_token":"00D000000000062!AQ","scope":"api","instance_url":"SELF","id":"SELF/id/00D000000000062EAA/005000000000001AAA"}`}, salesforce.CodeScopeMissing},
		"an instance elsewhere":   {answer{200, `{"access_token":"00D000000000062!AQ","refresh_token":"5Aep861zzzzzzzzzzzzzzzzzzzz","instance_url":"https://evil.example","id":"SELF/id/00D000000000062EAA/005000000000001AAA"}`}, salesforce.CodeRedirected},
		"an instance unencrypted": {answer{200, `{"access_token":"00D000000000062!AQ","refresh_token":"5Aep861zzzzzzzzzzzzzzzzzzzz","instance_url":"http://acme.my.salesforce.com","id":"SELF/id/00D000000000062EAA/005000000000001AAA"}`}, salesforce.CodeInvalidURL},
	} {
		t.Run(name, func(t *testing.T) {
			var self string
			a := newAuthority(t, func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, c.answer.status, strings.ReplaceAll(c.answer.body, "SELF", self))
			})
			self = a.URL
			_, g, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, a.app(), "", browserIn(t))
			wantCode(t, err, c.code)
			form := <-a.forms
			if n := len(form.Get("code_verifier")); n < 43 || n > 128 || form.Get("client_secret") != "5ECRET" || form.Get("code") != "aPrxTheCode" {
				t.Errorf("asked with a verifier of %d characters", n)
			}
			if !g.Refresh.IsEmpty() || a.asked.Load() != 1 {
				t.Errorf("asked %d times", a.asked.Load())
			}
		})
	}
	t.Run("a redirect is not followed", func(t *testing.T) {
		var stranger atomic.Int32
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stranger.Add(1) }))
		t.Cleanup(elsewhere.Close)
		for _, status := range []int{301, 302, 307, 308} {
			a := newAuthority(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
			_, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, a.app(), "", browserIn(t))
			wantCode(t, err, salesforce.CodeRedirected)
		}
		if stranger.Load() != 0 {
			t.Error("the code went to a stranger")
		}
	})
}

// Only the one right answer ends the wait; what other programs and pages send
// to the port does not.
func TestTheCallbackTakesOneAnswerAndNothingElse(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	browser := visitor(t)
	get := func(address string, change func(*http.Request)) int {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		resp, err := browser.Do(r)
		if err != nil {
			return 0
		}
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusOK && (resp.Header.Get("Cache-Control") != "no-store" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") || resp.Header.Get("Referrer-Policy") != "no-referrer") {
			t.Errorf("the page has the headers %v", resp.Header)
		}
		return resp.StatusCode
	}
	var callback, right string
	open := func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		q := u.Query()
		callback = q.Get("redirect_uri")
		right = callback + "?code=aPrxNotOfThisOrg&state=" + q.Get("state")
		host := strings.TrimPrefix(strings.TrimSuffix(callback, "/oauth/callback"), "http://")
		port := host[strings.LastIndex(host, ":"):]
		for name, refused := range map[string]int{
			"no state":      get(callback+"?code=x", nil),
			"another state": get(callback+"?code=x&state=guess", nil),
			"another path":  get(strings.Replace(right, "/oauth/callback", "/oauth/callback/", 1), nil),
			"the root":      get("http://"+host+"/", nil),
			"a rebound name": get(right, func(r *http.Request) {
				r.Host = "attacker.example" + port
			}),
			"the address for the name": get(right, func(r *http.Request) { r.Host = "127.0.0.1" + port }),
			"no port in the name":      get(right, func(r *http.Request) { r.Host = "localhost" }),
			"a page's script":          get(right, func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }),
			"a form":                   get(right, func(r *http.Request) { r.Method = http.MethodPost }),
			"a question only":          get(right, func(r *http.Request) { r.Method = http.MethodHead }),
			"a broken query":           get(callback+"?%zz", nil),
		} {
			if refused != http.StatusNotFound {
				t.Errorf("%s: %d", name, refused)
			}
		}
		go func() { // the person, at last
			resp, err := browser.Get(address)
			if err == nil {
				_ = resp.Body.Close()
			}
		}()
		return nil
	}
	s, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", salesforce.Browser{Open: open, Ports: anyPort})
	if err != nil || s.AccessToken.IsEmpty() {
		t.Fatal(err)
	}
	if status := get(right, nil); status != 0 {
		t.Errorf("something still listens: %d", status)
	}
}

func TestASignInEndsWithoutAnAnswer(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	var callback string
	open := func(address string) error {
		u, err := url.Parse(address)
		callback = u.Query().Get("redirect_uri")
		return err
	}
	gone := func(why string) {
		t.Helper()
		u, _ := url.Parse(callback)
		if conn, err := net.Dial("tcp", "127.0.0.1:"+u.Port()); err == nil {
			_ = conn.Close()
			t.Errorf("%s: something still listens on %s", why, u.Port())
		}
	}
	_, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", salesforce.Browser{Open: open, Ports: anyPort, Wait: 20 * time.Millisecond})
	wantCode(t, err, salesforce.CodeSignInTimeout)
	gone("after the wait")

	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = salesforce.LoginBrowser(ctx, salesforce.Options{}, app, "", salesforce.Browser{Open: func(a string) error { cancel(); return open(a) }, Ports: anyPort})
	if !errors.Is(err, context.Canceled) || governance.FaultCode(err) != "" {
		t.Errorf("canceled: %v", err)
	}
	gone("after Cancel")

	_, _, err = salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", salesforce.Browser{Open: func(a string) error { _ = open(a); return errors.New("no browser") }, Ports: anyPort})
	wantCode(t, err, salesforce.CodeNoBrowser)
	gone("without a browser")

	for _, key := range []string{"", "with a space", "3MVG9\nConsumer Secret", "a&b=c", strings.Repeat("a", 300)} {
		_, _, err = salesforce.LoginBrowser(t.Context(), salesforce.Options{}, salesforce.App{LoginURL: app.LoginURL, ConsumerKey: key}, "", salesforce.Browser{})
		wantCode(t, err, salesforce.CodeConsumerKey)
	}
}

func TestTheFirstFreePortIsTaken(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	// two ports that were free a moment ago; the first is taken on IPv4 by the test
	first, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ports := []int{first.Addr().(*net.TCPAddr).Port, second.Addr().(*net.TCPAddr).Port}
	_, _, err = salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", salesforce.Browser{Open: visits(t, nil), Ports: ports})
	wantCode(t, err, salesforce.CodePortsTaken)
	_ = second.Close()
	var asked string
	b := salesforce.Browser{Open: visits(t, func(u *url.URL) { asked = u.Query().Get("redirect_uri") }), Ports: ports, Wait: 20 * time.Second}
	if _, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", b); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(asked, ":"+second.Addr().String()[strings.LastIndex(second.Addr().String(), ":")+1:]+"/oauth/callback") {
		t.Errorf("the callback is %s", asked)
	}
	if all := salesforce.CallbackAddresses(); len(all) != 5 || all[0] != "http://localhost:17170/oauth/callback" {
		t.Errorf("an app has to name %v", all) // people have pasted them: they never change
	}
}

// A renewal without an answer is not repeated, whatever cut it off.
func TestARenewalWithoutAnAnswerIsNeverRepeated(t *testing.T) {
	old := salesforce.Grant{Refresh: salesforce.NewSecret("5Aep861old"), OrganizationID: "00D000000000062EAA"}
	for name, answer := range map[string]http.HandlerFunc{
		"it never comes": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"it is cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			answerJSON(w, 200, `{"access_`)
		},
		"a gateway's page": func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 504, "<html>gateway time-out") },
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
		},
		"nothing in it": func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, `{}`) },
		"a reset":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthority(t, answer)
			kept := &vault{grant: old}
			o := salesforce.Options{Timeout: 300 * time.Millisecond}
			for range 3 {
				_, err := a.app().Renew(t.Context(), o, kept.vault())
				wantCode(t, err, salesforce.CodeSignInUnknown)
			}
			if a.asked.Load() != 1 || !kept.grant.Asked {
				t.Errorf("asked %d times, marked %t", a.asked.Load(), kept.grant.Asked)
			}
		})
	}
	// What certainly was not done leaves the token as good as it was.
	t.Run("nobody is there", func(t *testing.T) {
		a := newAuthority(t, func(http.ResponseWriter, *http.Request) {})
		app := a.app()
		a.Close()
		kept := &vault{grant: old}
		for range 2 {
			_, err := app.Renew(t.Context(), salesforce.Options{}, kept.vault())
			wantCode(t, err, salesforce.CodeOrgUnreachable)
		}
		if kept.grant.Asked || kept.grant.Refresh.IsEmpty() {
			t.Error("the token was given up")
		}
	})
	t.Run("it is refused for now", func(t *testing.T) {
		a := newAuthority(t, func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 400, `{"error":"invalid_grant","error_description":"ip restricted"}`)
		})
		kept := &vault{grant: old}
		_, err := a.app().Renew(t.Context(), salesforce.Options{}, kept.vault())
		wantCode(t, err, salesforce.CodeLoginNetwork)
		if kept.grant.Asked || kept.grant.Refresh.IsEmpty() {
			t.Error("the token was given up")
		}
	})
}

// Whoever gives up waiting does not cut off the renewal: its answer is kept.
func TestARenewalOutlivesItsCaller(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	_, g, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", browserIn(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	kept := &vault{grant: g, fails: func(salesforce.Grant) error { cancel(); return nil }}
	if _, err := app.Renew(ctx, salesforce.Options{}, kept.vault()); err != nil {
		t.Fatal(err)
	}
	if kept.grant.Asked || kept.grant.Refresh.Reveal() == g.Refresh.Reveal() {
		t.Error("the new token is not kept")
	}
}

// The new token is kept before the new session is used: where it cannot be,
// there is no session.
func TestANewTokenThatCannotBeKeptGivesNoSession(t *testing.T) {
	org := openOrg(t)
	app := overHTTP(t, org)
	_, g, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, app, "", browserIn(t))
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the keychain is locked")
	kept := &vault{grant: g, fails: func(g salesforce.Grant) error {
		if g.Asked {
			return nil
		}
		return full
	}}
	if s, err := app.Renew(t.Context(), salesforce.Options{}, kept.vault()); !errors.Is(err, full) || s != nil {
		t.Errorf("got %v, %v", s, err)
	}
	kept.fails = nil
	_, err = app.Renew(t.Context(), salesforce.Options{}, kept.vault())
	wantCode(t, err, salesforce.CodeSignInUnknown)
}

func TestARenewalThatLeadsElsewhere(t *testing.T) {
	var self string
	a := newAuthority(t, func(w http.ResponseWriter, _ *http.Request) {
		answerJSON(w, 200, `{"access_token":"00D000000000099!AQ","instance_url":"`+self+`","id":"`+self+`/id/00D000000000099EAA/005000000000001AAA"}`)
	})
	self = a.URL
	kept := &vault{grant: salesforce.Grant{Refresh: salesforce.NewSecret("5Aep861old"), OrganizationID: "00D000000000062EAA"}}
	_, err := a.app().Renew(t.Context(), salesforce.Options{}, kept.vault())
	wantCode(t, err, salesforce.CodeWrongOrg)
}

// Access tokens in JWT form are good for SOAP from version 68.0 on.
func TestAnAppThatIssuesJWTs(t *testing.T) {
	for version, code := range map[string]string{"67.0": salesforce.CodeJWTToken, "68.0": ""} {
		var self string
		a := newAuthority(t, func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 200, `{"access_token":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln","refresh_token":"5Aep861zzzzzzzzzzzzzzzzzzzz","scope":"api refresh_token","instance_url":"`+self+`","id":"`+self+`/id/00D000000000062EAA/005000000000001AAA"}`)
		})
		self = a.URL
		mux := a.Config.Handler.(*http.ServeMux)
		mux.HandleFunc("/services/data", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, `[{"version":"`+version+`"}]`) })
		mux.HandleFunc("/services/oauth2/userinfo", func(w http.ResponseWriter, _ *http.Request) {
			answerJSON(w, 200, `{"user_id":"005000000000001AAA","organization_id":"00D000000000062EAA","preferred_username":"ana@example.com"}`)
		})
		_, _, err := salesforce.LoginBrowser(t.Context(), salesforce.Options{}, a.app(), "", browserIn(t))
		if governance.FaultCode(err) != code || code == "" && err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}
