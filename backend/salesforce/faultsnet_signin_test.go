package salesforce_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/salesforce/badnet"
)

// everySignInThereIs are the calls of OAuth: each sends a secret that is good
// once, so what is known of its outcome decides.
func everySignInThereIs() []call {
	return []call{
		{name: "browser", do: func(ctx context.Context, r *route, c *salesforce.Client, _ string) error {
			_, _, err := r.browse(ctx, limitOf(c), r.line.URL())
			return err
		}, says: browserSays},
		{name: "renewal", subject: func(r *route) string { return r.granted() }, do: func(ctx context.Context, r *route, c *salesforce.Client, _ string) error {
			_, err := r.app().Renew(ctx, salesforce.Options{Timeout: limitOf(c)}, r.kept.vault())
			return err
		}, says: renewalSays},
		{name: "revocation", subject: func(r *route) string { return r.granted() }, do: func(ctx context.Context, r *route, c *salesforce.Client, _ string) error {
			return r.app().Revoke(ctx, salesforce.Options{Timeout: limitOf(c)}, r.kept.grant)
		}, says: revocationSays},
	}
}

func (r *route) app() salesforce.App {
	return salesforce.App{LoginURL: r.line.URL(), ConsumerKey: consumerKey}
}

// browse signs in with the browser. The person's own page does not go over the
// line: what is broken is what the client sends.
func (r *route) browse(ctx context.Context, limit time.Duration, address string) (*salesforce.Session, salesforce.Grant, error) {
	back := make(chan struct{})
	open := func(page string) error {
		u, err := url.Parse(page)
		if err != nil {
			return err
		}
		go func() {
			defer close(back)
			r.visit(u)
		}()
		return nil
	}
	s, g, err := salesforce.LoginBrowser(ctx, salesforce.Options{Timeout: limit}, salesforce.App{LoginURL: address, ConsumerKey: consumerKey}, "",
		salesforce.Browser{Open: open, Ports: anyPort, Wait: 20 * time.Second})
	<-back
	return s, g, err
}

// visit asks the org itself for the sign-in page, in process, and brings what it
// answers to the callback.
func (r *route) visit(page *url.URL) {
	there := *page
	there.Scheme, there.Host = "http", "localhost"
	transport := &http.Transport{DisableKeepAlives: true}
	follow := func(base http.RoundTripper, address string) string {
		client := &http.Client{Transport: base, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.Get(address)
		if err != nil {
			return ""
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Header.Get("Location")
	}
	if callback := follow(r.org.Transport(), there.String()); callback != "" {
		follow(transport, callback)
	}
}

// granted signs in over the good line and keeps the grant.
func (r *route) granted() string {
	r.t.Helper()
	r.line.Break(nil)
	_, g, err := r.browse(r.t.Context(), 10*time.Second, r.line.URL())
	if err != nil {
		r.t.Fatal(err)
	}
	r.kept = &vault{grant: g}
	return g.Refresh.Reveal()
}

// wantWords says that an error is called what its fault is called.
func (r *route) wantWords(row string, f badnet.Fault, err error) {
	r.t.Helper()
	var said *governance.Fault
	want := words[f]
	if !errors.As(err, &said) || said.Hint == "" || said.Code != want.code || !strings.Contains(said.Message, want.says) {
		r.t.Errorf("%s: got %v", row, err)
	}
}

// browserSays: a sign-in that does not come to its end leaves nothing, at
// Salesforce either.
func browserSays(r *route, row, op string, f badnet.Fault, err error) {
	r.t.Helper()
	if op == "GET /oauth2/userinfo" && refuses(f) {
		if err != nil { // who it is is looked up then, as where userinfo is refused
			r.t.Errorf("%s: got %v", row, err)
		}
		return
	}
	r.wantWords(row, f, err)
	asked := 0
	revoked := false
	for _, seen := range r.line.Seen() {
		if seen.Op == "POST /oauth2/token" {
			asked++
		}
		revoked = revoked || seen.Op == "POST /oauth2/revoke"
	}
	if asked > 1 {
		r.t.Errorf("%s: the code was sent %d times", row, asked)
	}
	had := op != "POST /oauth2/token" && f != badnet.ResetAtOnce
	if had && !revoked && !standsStill(f) { // there the limit is too short to be sure of anything more
		r.t.Errorf("%s: the token was not let go", row)
	}
}

// renewalSays: the token is either as good as before, or new and kept, or marked
// so that it is never sent again.
func renewalSays(r *route, row, op string, f badnet.Fault, err error) {
	r.t.Helper()
	before := r.subjects["renewal"]
	delete(r.subjects, "renewal")
	after := r.kept.grant
	atToken := op == "POST /oauth2/token"
	unknown := governance.FaultCode(err) == salesforce.CodeSignInUnknown
	busy := standsStill(f) // the time may be up at any request, on a busy machine
	if !unknown || !atToken && !busy {
		r.wantWords(row, f, err)
	}
	var said *governance.Fault
	if unknown && (!errors.As(err, &said) || !strings.Contains(said.Hint, "Sign in with Salesforce again")) {
		r.t.Errorf("%s: nobody is told what to do: %v", row, err)
	}
	refused := refuses(f) || f == badnet.Unavailable
	switch rotated := after.Refresh.Reveal() != before; {
	case after.Refresh.IsEmpty():
		r.t.Errorf("%s: the token was given up", row)
	case unknown != after.Asked:
		r.t.Errorf("%s: marked %v after %v", row, after.Asked, err)
	case busy && !(atToken && unknown):
	case f == badnet.ResetAtOnce: // which of the requests it met, and how far that was, is a race
	case atToken && unknown == refused:
		r.t.Errorf("%s: got %v", row, err)
	case !atToken && !rotated:
		r.t.Errorf("%s: the new token was not kept", row)
	}
	// On a good line it goes on, or refuses without a word to Salesforce.
	r.line.Break(nil)
	_, again := r.app().Renew(r.t.Context(), salesforce.Options{Timeout: 10 * time.Second}, r.kept.vault())
	switch {
	case unknown && (governance.FaultCode(again) != salesforce.CodeSignInUnknown || len(r.line.Seen()) != 0):
		r.t.Errorf("%s: asked again: %v, %v", row, again, r.line.Seen())
	case !unknown && again != nil:
		r.t.Errorf("%s: it does not go on: %v", row, again)
	}
}

// withoutTLS makes the calls of OAuth at an address where TLS cannot be had: the
// code and the token are certainly not sent, and a grant stays as good as it was.
func withoutTLS(ctx context.Context, address string) map[string]error {
	app, o := salesforce.App{LoginURL: address, ConsumerKey: consumerKey}, salesforce.Options{Timeout: 5 * time.Second}
	grant := salesforce.Grant{Refresh: salesforce.NewSecret("5Aep861old"), OrganizationID: "00D000000000062EAA"}
	kept := &vault{grant: grant}
	_, renewal := app.Renew(ctx, o, kept.vault())
	if kept.grant.Asked || kept.grant.Refresh.IsEmpty() {
		renewal = errors.New("the token was given up")
	}
	open := func(page string) error { // a browser that comes back all the same
		u, err := url.Parse(page)
		if err != nil {
			return err
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
		go func() {
			if resp, err := client.Get(u.Query().Get("redirect_uri") + "?code=aPrxAny&state=" + u.Query().Get("state")); err == nil {
				_ = resp.Body.Close()
			}
		}()
		return nil
	}
	_, _, browser := salesforce.LoginBrowser(ctx, o, app, "", salesforce.Browser{Open: open, Ports: anyPort, Wait: 20 * time.Second})
	return map[string]error{"renewal": renewal, "browser": browser, "revocation": app.Revoke(ctx, o, grant)}
}

// revocationSays: what is not known to be over can be ended again.
func revocationSays(r *route, row, _ string, f badnet.Fault, err error) {
	r.t.Helper()
	delete(r.subjects, "revocation")
	// A refusal says that there is nothing to end, and of a 200 nothing more is
	// read.
	enough := []badnet.Fault{badnet.Expired, badnet.Unauthorized, badnet.OverLimit, badnet.ResetAfterHeaders, badnet.Truncate, badnet.StallInBody, badnet.DripBody, badnet.BrokenGzip}
	if err != nil || !slices.Contains(enough, f) {
		r.wantWords(row, f, err)
	}
	r.line.Break(nil)
	if err := r.app().Revoke(r.t.Context(), salesforce.Options{Timeout: 10 * time.Second}, r.kept.grant); err != nil {
		r.t.Errorf("%s: a second time: %v", row, err)
	}
	if _, err := r.app().Renew(r.t.Context(), salesforce.Options{Timeout: 10 * time.Second}, r.kept.vault()); governance.FaultCode(err) != salesforce.CodeSignInOver {
		r.t.Errorf("%s: it is still good: %v", row, err)
	}
}
