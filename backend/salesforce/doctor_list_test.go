package salesforce

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/demoorg"
)

// demoOrg serves a demo org on loopback.
func demoOrg(t *testing.T) demoorg.Connection {
	t.Helper()
	org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: demoorg.KindUAT, Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = org.Close() })
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = org.Handler(server.Listener.Addr().String())
	server.Start()
	t.Cleanup(server.Close)
	way := org.Connection()
	way.URL = server.URL
	return way
}

// A patient is a connection that the doctor looks at.
type patient struct {
	t       *testing.T
	org     demoorg.Connection
	o       Options
	address string
	now     func() time.Time
	signIn  func(context.Context) (*Session, error)
}

func (p *patient) examine() []Examined {
	p.t.Helper()
	return Examine(p.t.Context(), p.o, p.address, "", p.now, func(ctx context.Context) (*Client, error) {
		s, err := p.signIn(ctx)
		if err != nil {
			return nil, err
		}
		c := NewClient(s, p.o)
		p.t.Cleanup(c.Close)
		return c, nil
	})
}

// as signs in with the password of a user whose name has a word in it.
func (p *patient) as(word string) {
	name, host, _ := strings.Cut(p.org.Username, "@")
	p.signIn = func(ctx context.Context) (*Session, error) {
		return LoginPassword(ctx, p.o, p.org.URL, name+word+"@"+host, NewSecret(p.org.Password), Secret{})
	}
}

// through signs in with the browser and an app of this consumer key.
func (p *patient) through(key string) {
	transport := &http.Transport{}
	var busy sync.WaitGroup
	p.t.Cleanup(func() { busy.Wait(); transport.CloseIdleConnections() })
	browser := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	open := func(address string) error {
		busy.Go(func() {
			if resp, err := browser.Get(address); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
		return nil
	}
	p.signIn = func(ctx context.Context) (*Session, error) {
		s, _, err := LoginBrowser(ctx, p.o, App{LoginURL: p.org.URL, ConsumerKey: key}, "", Browser{Open: open, Ports: []int{0}, Wait: 20 * time.Second})
		return s, err
	}
}

// lockedOut is the user after too many wrong passwords, as a person does it.
func (p *patient) lockedOut() {
	for range 6 {
		_, _ = LoginPassword(p.t.Context(), p.o, p.org.URL, p.org.Username, NewSecret("wrong"), Secret{})
	}
	p.as("")
}

func (p *patient) at(address string, change func(*http.Transport)) {
	p.address, p.o = address, by(p.t, change)
}

// Each cause that the connection doctor must find, by its name in the list of
// what a connection can fail of: the stage that it stops at, the fault, and
// words of the cause and of the remedy. What comes before holds, and nothing
// after it is said to.
func TestTheDoctorFindsEachCause(t *testing.T) {
	t.Parallel()
	secure := newTLSOrg(t)
	trusted := func(h *http.Transport) {
		h.TLSClientConfig.RootCAs = secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	}
	proxied := func(status int) func(*patient) {
		return func(p *patient) {
			p.at(secure.URL, func(h *http.Transport) { trusted(h); h.Proxy = http.ProxyURL(newProxy(p.t, status)) })
		}
	}
	lookUp := func(code uint16) func(*patient) {
		return func(p *patient) {
			names := nameServer(p.t, code, false)
			p.at("https://gone.my.salesforce.com", func(h *http.Transport) { h.DialContext = (&net.Dialer{Resolver: names}).DialContext })
		}
	}
	as := func(word string) func(*patient) { return func(p *patient) { p.as(word) } }
	through := func(key string) func(*patient) { return func(p *patient) { p.through(key) } }
	off := func(by time.Duration) func(*patient) {
		return func(p *patient) { p.now = func() time.Time { return time.Now().Add(by) } }
	}
	for name, c := range map[string]struct {
		make          func(*patient)
		stage         Stage
		code          string
		cause, remedy string
	}{
		"DNS: no such name":                       {lookUp(3), StageName, CodeNameNotFound, "gone.my.salesforce.com does not exist", "My Domain"},
		"DNS: the name server is in trouble":      {lookUp(2), StageName, CodeNameFailed, "could not be looked up", "DNS settings"},
		"proxy: wants a sign-in":                  {proxied(407), StageProxy, CodeProxyAuth, "wants a sign-in of its own", "HTTPS_PROXY"},
		"proxy: refuses":                          {proxied(403), StageProxy, CodeProxyRefused, "HTTP status 403", "to be allowed there"},
		"proxy: is not there":                     {deadProxy(secure.URL), StageProxy, CodeProxyUnreachable, "does not answer", "NO_PROXY"},
		"TLS interception, by the system's trust": {func(p *patient) { p.at(secure.URL, func(*http.Transport) {}) }, StageEncryption, CodeTLSIntercepted, "Acme Co", "trust store"},
		"TLS interception, by another trust": {func(p *patient) {
			p.at(secure.URL, func(h *http.Transport) { h.TLSClientConfig.RootCAs = x509.NewCertPool() })
		}, StageEncryption, CodeTLSIntercepted, "does not trust", "root certificate"},
		"clock: slow":                {off(-47 * time.Minute), StageClock, CodeClockWrong, "47 minutes slow", "automatically"},
		"clock: fast":                {off(47 * time.Minute), StageClock, CodeClockWrong, "47 minutes fast", "automatically"},
		"blocked app":                {through("demo-blocked"), StageSignIn, CodeAppBlocked, "has blocked this External Client App", "Connected Apps OAuth Usage"},
		"blocked app: for this user": {through("demo-denied"), StageSignIn, CodeAppNotAllowed, "does not let this user use", "permission set"},
		"blocked app: waits for an administrator": {through("demo-unapproved"), StageSignIn, CodeAppNotAllowed, "does not let this user use", "permission set"},
		"unknown app":                               {through("demo-unknown"), StageSignIn, CodeAppUnknown, "does not know this consumer key", "ten minutes"},
		"missing scope":                             {through("demo-noscope"), StageSignIn, CodeScopeMissing, "does not grant the scope api", Scopes},
		"IP range":                                  {as("+network"), StageSignIn, CodeLoginNetwork, "from this network", "login IP ranges"},
		"IP range: no security token":               {as("+notoken"), StageSignIn, CodeTokenRequired, "wants a security token", "Reset My Security Token"},
		"login hours":                               {as("+hours"), StageSignIn, CodeLoginHours, "at this hour", "login hours"},
		"locked out":                                {as("+locked"), StageSignIn, CodeLockedOut, "locked this user out", "unlock"},
		"locked out, by six wrong passwords":        {(*patient).lockedOut, StageSignIn, CodeLockedOut, "after too many attempts", "Wait"},
		"expired password":                          {as("+expired"), StageSignIn, CodePasswordExpired, "has expired", "set a new one"},
		"inactive user":                             {as("+inactive"), StageSignIn, CodeInvalidLogin, "does not accept this user name", "Check them"},
		"SOAP login() switched off":                 {as("+nologin"), StageSignIn, CodeLoginDisabled, "does not allow signing in with a password", "in the browser"},
		"API disabled":                              {as("+offline"), StageSignIn, CodeAPIDisabled, "The API is not enabled for this user", "API Enabled"},
		"API disabled: in the session":              {as("+noapi"), StageAPI, CodeAPIDisabled, "or is no part of its edition", "Professional"},
		"API disabled: after a browser's sign-in":   {through("demo-noapi"), StageAPI, CodeAPIDisabled, "or is no part of its edition", "Professional"},
		"edition limits: no calls left":             {as("+quota"), StageAPI, CodeRequestLimit, "has no API calls left", "24 hours"},
		"edition limits: after a browser's sign-in": {through("demo-quota"), StageAPI, CodeRequestLimit, "has no API calls left", "24 hours"},
		"no permission for metadata":                {as("+noaccess"), StageMetadata, CodeInsufficientAccess, "may not do this", MetadataPermission},
		"maintenance":                               {as("+unavailable"), StageOrg, CodeUnavailable, "is not available at the moment", "status.salesforce.com"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &patient{t: t, org: demoOrg(t), o: by(t, func(*http.Transport) {}), now: time.Now}
			p.address = p.org.URL
			p.as("")
			c.make(p)
			found := p.examine()
			wantEnd(t, found, c.stage, c.code, c.cause, c.remedy)
		})
	}
	t.Run("nothing at all", func(t *testing.T) {
		p := &patient{t: t, org: demoOrg(t), o: by(t, func(*http.Transport) {}), now: time.Now}
		p.address = p.org.URL
		for _, sign := range []func(){func() { p.as("") }, func() { p.through("3MVG9any") }} {
			sign()
			for _, e := range p.examine() {
				if e.Fault != nil {
					t.Errorf("%s: %v", e.Stage, e.Fault)
				}
			}
		}
	})
}

func deadProxy(address string) func(*patient) {
	return func(p *patient) {
		dead, err := url.Parse(nowhere(p.t))
		if err != nil {
			p.t.Fatal(err)
		}
		p.at(address, func(h *http.Transport) { h.Proxy = http.ProxyURL(dead) })
	}
}

// wantEnd says that an examination ended at one stage, for one cause.
func wantEnd(t *testing.T, found []Examined, stage Stage, code, cause, remedy string) {
	t.Helper()
	ended := false
	for _, e := range found {
		switch {
		case e.Fault != nil && (ended || e.Stage != stage):
			t.Errorf("%s says %v", e.Stage, e.Fault)
		case e.Fault != nil:
			ended = true
			if e.Fault.Code != code || !strings.Contains(e.Fault.Message, cause) || !strings.Contains(e.Fault.Hint, remedy) {
				t.Errorf("says %s: %q, and to do: %q", e.Fault.Code, e.Fault.Message, e.Fault.Hint)
			}
			if !strings.HasSuffix(e.Fault.Message, ".") || !strings.HasSuffix(e.Fault.Hint, ".") {
				t.Errorf("no sentences: %q, %q", e.Fault.Message, e.Fault.Hint)
			}
		case ended && !e.Skipped:
			t.Errorf("%s is said to hold", e.Stage)
		}
	}
	if !ended {
		t.Errorf("found nothing: %s", said(found))
	}
}
