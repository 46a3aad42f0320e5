package salesforce_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/salesforce/badnet"
)

// A route is a bad line to a demo org, and a good one beside it.
type route struct {
	t    *testing.T
	org  *demoorg.Org
	line *badnet.Line
	good *salesforce.Client // past the line

	subjects map[string]string // of calls, by name
	kept     *vault            // what a renewal works on
}

func newRoute(t *testing.T, pace time.Duration) *route {
	t.Helper()
	org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: demoorg.KindUAT, Pace: pace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = org.Close() })
	r := &route{t: t, org: org, subjects: map[string]string{}}
	r.good = salesforce.NewClient(r.session(org.Connection().URL), salesforce.Options{Transport: org.Transport(), Demo: true})
	if r.line, err = badnet.Open(org.Handler); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.line.Close)
	return r
}

func (r *route) session(url string) *salesforce.Session {
	return &salesforce.Session{InstanceURL: url, AccessToken: salesforce.NewSecret(r.org.Connection().AccessToken), OrganizationID: r.org.Connection().OrganizationID, APIVersion: "66.0"}
}

func (r *route) client(limit time.Duration, by salesforce.DeployTransport, change ...func(*salesforce.Options)) *salesforce.Client {
	o := salesforce.Options{Timeout: limit, PollInterval: time.Millisecond, DeployBy: by}
	for _, f := range change {
		f(&o)
	}
	return salesforce.NewClient(r.session(r.line.URL()), o)
}

// deployed makes a deployment past the line and returns its id.
func (r *route) deployed(o salesforce.DeployOptions) string {
	r.t.Helper()
	zip := zipOf(r.t, map[string]string{"package.xml": emptyPackage})
	id, err := r.good.Deploy(r.t.Context(), bytes.NewReader(zip), int64(len(zip)), o)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

const emptyPackage = `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>66.0</version></Package>`

var validation = salesforce.DeployOptions{CheckOnly: true, RollbackOnError: true, SinglePackage: true, TestLevel: salesforce.RunLocalTests}

// A call is one way to use the client. subject makes what it works on.
type call struct {
	name    string
	by      salesforce.DeployTransport
	slow    bool // on an org that takes its time
	once    bool // never repeated, by ErrNotSent and ErrUnknownOutcome
	subject func(r *route) string
	do      func(ctx context.Context, r *route, c *salesforce.Client, subject string) error
	// says, if set, judges what came of it: most calls end in words and state.
	says func(r *route, row, op string, f badnet.Fault, err error)
}

func everyCallThereIs() []call {
	calls := []call{
		{name: "login", do: func(ctx context.Context, r *route, c *salesforce.Client, _ string) error {
			way := r.org.Connection()
			_, err := salesforce.LoginPassword(ctx, salesforce.Options{Timeout: limitOf(c)}, r.line.URL(), way.Username, salesforce.NewSecret(way.Password), salesforce.Secret{})
			return err
		}},
		{name: "identity", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Identity(ctx)
			return err
		}},
		{name: "describe", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Describe(ctx)
			return err
		}},
		{name: "list", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.List(ctx, []salesforce.ListQuery{{Type: "ApexClass"}})
			return err
		}},
		{name: "retrieve", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Retrieve(ctx, salesforce.RetrieveRequest{Members: []salesforce.TypeMembers{{Type: "ApexClass", Members: []string{"*"}}}}, io.Discard, nil)
			return err
		}},
		{name: "query", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Query(ctx, "SELECT Id FROM Organization")
			return err
		}},
		{name: "deployments", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.DeployRequests(ctx, time.Now().Add(-time.Hour))
			return err
		}},
		{name: "dependencies", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Dependencies(ctx, []string{"005000000000001AAA"})
			return err
		}},
		{name: "dependents", do: func(ctx context.Context, _ *route, c *salesforce.Client, _ string) error {
			_, err := c.Dependents(ctx, []string{"005000000000001AAA"})
			return err
		}},
	}
	for _, by := range []salesforce.DeployTransport{salesforce.DeployBySOAP, salesforce.DeployByREST} {
		calls = append(calls,
			call{name: "deploy", by: by, once: true, do: func(ctx context.Context, r *route, c *salesforce.Client, _ string) error {
				zip := zipOf(r.t, map[string]string{"package.xml": emptyPackage})
				_, err := c.Deploy(ctx, bytes.NewReader(zip), int64(len(zip)), validation)
				return err
			}},
			call{name: "status", by: by, subject: func(r *route) string { return r.deployed(validation) },
				do: func(ctx context.Context, _ *route, c *salesforce.Client, id string) error {
					_, err := c.DeployStatus(ctx, id, true)
					return err
				}},
			call{name: "quick deploy", by: by, once: true, subject: func(r *route) string { id := r.deployed(validation); follow(r.t, r.good, id); return id },
				do: func(ctx context.Context, _ *route, c *salesforce.Client, id string) error {
					_, err := c.DeployRecentValidation(ctx, id)
					return err
				}},
			call{name: "cancel", by: by, once: true, slow: true, subject: func(r *route) string { return r.deployed(validation) },
				do: func(ctx context.Context, _ *route, c *salesforce.Client, id string) error {
					_, err := c.CancelDeploy(ctx, id)
					return err
				}})
	}
	return calls
}

// limits are the time limits of the clients in use: a login has none to ask.
var limits sync.Map

func limitOf(c *salesforce.Client) time.Duration {
	limit, _ := limits.Load(c)
	d, _ := limit.(time.Duration)
	return d
}

// What each fault must be called. hint: what to do is said, too.
var words = map[badnet.Fault]struct{ code, says string }{
	badnet.ResetAtOnce:       {salesforce.CodeOrgUnreachable, "127.0.0.1 closed the connection before it answered."},
	badnet.ResetBeforeAnswer: {salesforce.CodeOrgUnreachable, "127.0.0.1 closed the connection before it answered."},
	badnet.ResetInHeaders:    {salesforce.CodeOrgUnreachable, "127.0.0.1 "}, // which half arrived decides between two sentences
	badnet.ResetAfterHeaders: {salesforce.CodeBadAnswer, "The answer of 127.0.0.1 was cut off."},
	badnet.OtherProtocol:     {salesforce.CodeOrgUnreachable, "127.0.0.1 cannot be reached."},
	badnet.Truncate:          {salesforce.CodeBadAnswer, "The answer of 127.0.0.1 was cut off."},
	badnet.Stall:             {salesforce.CodeOrgUnreachable, "127.0.0.1 did not answer in time."},
	badnet.StallInBody:       {salesforce.CodeOrgUnreachable, "127.0.0.1 did not answer in time."},
	badnet.Drip:              {salesforce.CodeOrgUnreachable, "127.0.0.1 did not answer in time."},
	badnet.DripBody:          {salesforce.CodeOrgUnreachable, "127.0.0.1 did not answer in time."},
	badnet.Expired:           {salesforce.CodeSessionExpired, "The sign-in to 127.0.0.1 has expired."},
	badnet.Unauthorized:      {salesforce.CodeSessionExpired, "The sign-in to 127.0.0.1 has expired."},
	badnet.OverLimit:         {salesforce.CodeRequestLimit, "127.0.0.1 has no API calls left."},
	badnet.ServerError:       {salesforce.CodeBadAnswer, "127.0.0.1 answers with HTTP status 500 and nothing that can be understood."},
	badnet.Unavailable:       {salesforce.CodeUnavailable, "127.0.0.1 is not available at the moment."},
	badnet.Page:              {salesforce.CodeNotSalesforce, "127.0.0.1 answers with something that is not Salesforce's API."},
	badnet.BrokenGzip:        {salesforce.CodeBadAnswer, "its compression is broken."},
	badnet.WrongType:         {salesforce.CodeNotSalesforce, "127.0.0.1 answers with something that is not Salesforce's API."},
}

func standsStill(f badnet.Fault) bool {
	return slices.Contains([]badnet.Fault{badnet.Stall, badnet.StallInBody, badnet.Drip, badnet.DripBody}, f)
}

// refuses are the faults after which it is sure that the org did nothing.
func refuses(f badnet.Fault) bool {
	return slices.Contains([]badnet.Fault{badnet.Expired, badnet.Unauthorized, badnet.OverLimit}, f)
}

// Every call, broken at each of its requests by each fault: it ends in bounded
// time, says what happened and what to do, leaves no goroutine behind and the
// org as it was or as it was asked to be, and works again on a good line.
func TestEveryCallOnABadNetwork(t *testing.T) {
	t.Parallel()
	var rows atomic.Int64
	t.Run("calls", func(t *testing.T) {
		for _, c := range append(everyCallThereIs(), everySignInThereIs()...) {
			t.Run(strings.TrimSpace(c.name+" "+string(c.by)), func(t *testing.T) {
				t.Parallel() // most of it waits, and each has a line of its own
				pace := time.Duration(-1)
				if c.slow {
					pace = time.Hour
				}
				r := newRoute(t, pace)
				ops := r.requests(c)
				for _, fault := range badnet.All {
					for i := range ops {
						r.breaks(c, fault, ops, i)
						rows.Add(1)
					}
				}
			})
		}
	})
	if n := rows.Load(); n < int64(28*len(badnet.All)) {
		t.Errorf("only %d rows", n)
	}
	t.Logf("%d rows", rows.Load())
}

// requests are the different requests that a call makes on a good line, in
// their order.
func (r *route) requests(c call) []string {
	r.t.Helper()
	client := r.client(10*time.Second, c.by)
	defer client.Close()
	limits.Store(client, 10*time.Second)
	defer limits.Delete(client)
	subject := r.subject(c)
	r.line.Break(nil)
	if err := c.do(r.t.Context(), r, client, subject); err != nil {
		r.t.Fatalf("%s on a good line: %v", c.name, err)
	}
	r.used(c)
	ops := []string{}
	for _, seen := range r.line.Seen() {
		if !slices.Contains(ops, seen.Op) {
			ops = append(ops, seen.Op)
		}
	}
	return ops
}

// subject is what a call works on; it serves until it is used up.
func (r *route) subject(c call) string {
	r.t.Helper()
	if c.subject == nil {
		return ""
	}
	if r.subjects[c.name] == "" {
		r.subjects[c.name] = c.subject(r)
	}
	return r.subjects[c.name]
}

// used says that the subject of a call cannot serve again.
func (r *route) used(c call) {
	if c.once || c.says != nil {
		delete(r.subjects, c.name)
	}
}

// breaks makes the call while the line spoils one of its requests, each time.
func (r *route) breaks(c call, fault badnet.Fault, ops []string, at int) {
	r.t.Helper()
	row := fmt.Sprintf("%s %s, %s: the line %s", c.name, c.by, ops[at], fault)
	limit := 10 * time.Second
	if standsStill(fault) {
		limit = 30 * time.Millisecond
	}
	subject := r.subject(c)
	deployments := len(r.org.Deployments())
	client := r.client(limit, c.by)
	limits.Store(client, limit)
	defer limits.Delete(client)
	r.line.Break(func(req badnet.Request) badnet.Fault {
		if fault == badnet.ResetAtOnce && req.Number > at || fault != badnet.ResetAtOnce && req.Op == ops[at] {
			return fault
		}
		return badnet.None
	})
	began := time.Now()
	var err error
	// What is begun on the way has the label, also what nobody waits for.
	pprof.Do(r.t.Context(), pprof.Labels("row", row), func(ctx context.Context) { err = c.do(ctx, r, client, subject) })
	took := time.Since(began)
	client.Close()
	r.line.HangUp()
	r.line.Settle()

	r.noneLeft(row)
	if c.says != nil {
		c.says(r, row, ops[at], fault, err)
		return
	}
	want := words[fault]
	var said *governance.Fault
	switch {
	case !errors.As(err, &said):
		r.t.Errorf("%s: got %v", row, err)
		return
	case said.Code != want.code || !strings.Contains(said.Message, want.says):
		if c.once && fault == badnet.ResetAtOnce && said.Code == salesforce.CodeOrgUnreachable {
			break // where the reset met the request is a race of the operating system's
		}
		r.t.Errorf("%s: got %s %q because of %v", row, said.Code, said.Message, errors.Unwrap(said))
	case said.Hint == "":
		r.t.Errorf("%s: nobody is told what to do", row)
	}
	if took > 8*time.Second {
		r.t.Errorf("%s: took %v", row, took)
	}
	r.state(row, ops[at], c, fault, err, deployments, subject)
}

// noneLeft waits for the goroutines of a call to end.
func (r *route) noneLeft(row string) {
	r.t.Helper()
	label := fmt.Sprintf("%q:%q", "row", row)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		var running bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&running, 1); err != nil {
			r.t.Fatal(err)
		}
		if !strings.Contains(running.String(), label) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s: goroutines are left\n%s", row, running.String())
		}
	}
}

// The search for goroutines that are left finds them.
func TestAGoroutineThatIsLeftIsFound(t *testing.T) {
	leave := make(chan struct{})
	pprof.Do(t.Context(), pprof.Labels("row", "a leak"), func(context.Context) {
		go func() { go func() { <-leave }() }() // as far away as a connection's
	})
	found := func() bool {
		var running bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&running, 1); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(running.String(), `"row":"a leak"`)
	}
	for limit := time.Now().Add(5 * time.Second); !found(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("it is not found")
		}
	}
	close(leave)
}

// state looks at the org: nothing was done twice, and what the error says about
// it is true.
func (r *route) state(row, op string, c call, fault badnet.Fault, err error, before int, subject string) {
	r.t.Helper()
	made := len(r.org.Deployments()) - before
	if fault.Delivers() {
		r.used(c)
	}
	if !c.once {
		if made != 0 {
			r.t.Errorf("%s: %d deployments", row, made)
		}
		return
	}
	notSent, unknown := errors.Is(err, salesforce.ErrNotSent), errors.Is(err, salesforce.ErrUnknownOutcome)
	switch {
	case notSent == unknown:
		r.t.Errorf("%s: must be one of the two outcomes: %v", row, err)
	case notSent && standsStill(fault) && made == 0:
		return // a busy machine: the time was up before the request was out
	case fault != badnet.ResetAtOnce && notSent != refuses(fault):
		r.t.Errorf("%s: not sent %v", row, notSent)
	}
	arrived := 0
	switch came := slices.ContainsFunc(r.line.Seen(), func(req badnet.Request) bool { return req.Op == op }); {
	case !fault.Delivers():
	case came:
		arrived = 1
	case !standsStill(fault): // those leave so little time that a busy machine does not get it out
		r.t.Errorf("%s: it never came to the line", row)
	}
	if c.name == "cancel" {
		status, failure := r.good.DeployStatus(r.t.Context(), subject, false)
		if failure != nil {
			r.t.Fatal(failure)
		}
		ended := status.Status == salesforce.DeployCanceled || status.Status == salesforce.DeployCanceling
		if made != 0 || ended != (arrived == 1) {
			r.t.Errorf("%s: the deployment is %s", row, status.Status)
		}
		return
	}
	if made != arrived || notSent && made != 0 {
		r.t.Errorf("%s: %d deployments in the org, want %d", row, made, arrived)
	}
}

// A single accident in the middle of a retrieve is survived where the org goes
// on by itself, and a sign-in that ends is renewed.
func TestARetrieveSurvivesOneAccident(t *testing.T) {
	t.Parallel()
	r := newRoute(t, -1)
	r.line.Interval = 50 * time.Millisecond
	survives := func(at string, f badnet.Fault) bool {
		switch f {
		case badnet.Expired, badnet.Unauthorized: // renewed, at any time
			return true
		case badnet.OverLimit:
			return false
		}
		return at == "checkRetrieveStatus"
	}
	for _, at := range []string{"retrieve", "checkRetrieveStatus", "fetch zip"} {
		for _, f := range badnet.All {
			if f == badnet.ResetAtOnce { // known by number only
				continue
			}
			limit := 10 * time.Second
			if standsStill(f) {
				limit = 250 * time.Millisecond // of every request, also on a busy machine
			}
			renewed := 0
			c := r.client(limit, "", func(o *salesforce.Options) {
				o.Renew = func(context.Context) (*salesforce.Session, error) { renewed++; return r.session(r.line.URL()), nil }
			})
			done := false
			r.line.Break(func(req badnet.Request) badnet.Fault {
				if req.Op != at || done {
					return badnet.None
				}
				done = true
				return f
			})
			var zip bytes.Buffer
			if f == badnet.DripBody && at == "fetch zip" {
				continue // it moves, so it is waited for: see TestAStreamMayBeSlowButNotStandStill
			}
			result, err := c.Retrieve(t.Context(), salesforce.RetrieveRequest{Members: []salesforce.TypeMembers{{Type: "ApexClass", Members: []string{"*"}}}}, &zip, nil)
			c.Close()
			r.line.HangUp()
			if survives(at, f) != (err == nil) || err == nil && (int64(zip.Len()) != result.ZipSize || zip.Len() < 1000) {
				t.Errorf("%s, the line %s: %v, %d bytes", at, f, err, zip.Len())
			}
			if wanted := f == badnet.Expired || f == badnet.Unauthorized; wanted != (renewed == 1) {
				t.Errorf("%s, the line %s: renewed %d times", at, f, renewed)
			}
		}
	}
}

// TLS that cannot be had, on every call.
func TestEveryCallWithoutTLS(t *testing.T) {
	t.Parallel()
	r := newRoute(t, -1)
	subject := "0Af000000000001CAA"
	strange := httptest.NewUnstartedServer(http.NotFoundHandler())
	strange.Config.ErrorLog = log.New(io.Discard, "", 0)
	strange.StartTLS()
	t.Cleanup(strange.Close)
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.Config.ErrorLog = log.New(io.Discard, "", 0)
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // what the client must refuse
	old.StartTLS()
	t.Cleanup(old.Close)
	cut, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := cut.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = cut.Close() })
	for name, tc := range map[string]struct{ host, code, says string }{
		"a certificate that nobody trusts": {strange.Listener.Addr().String(), salesforce.CodeTLS, "The certificate of 127.0.0.1 is not trusted."},
		"an old version":                   {old.Listener.Addr().String(), salesforce.CodeTLS, "No encrypted connection to 127.0.0.1 is possible."},
		"no TLS at all":                    {r.line.Host(), salesforce.CodeTLS, "No encrypted connection to 127.0.0.1 is possible."},
		"a handshake that is cut":          {cut.Addr().String(), salesforce.CodeOrgUnreachable, "127.0.0.1 closed the connection before it answered."},
	} {
		for _, c := range everyCallThereIs() {
			if c.name == "login" {
				continue // has an address of its own; it is the same wire
			}
			session := r.session("https://" + tc.host)
			client := salesforce.NewClient(session, salesforce.Options{Timeout: 5 * time.Second, PollInterval: time.Millisecond, DeployBy: c.by})
			err := c.do(t.Context(), r, client, subject)
			client.Close()
			if governance.FaultCode(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %s %s: got %v", name, c.name, c.by, err)
			}
			if c.once && !errors.Is(err, salesforce.ErrNotSent) {
				t.Errorf("%s: %s %s: must be known as not sent", name, c.name, c.by)
			}
		}
		_, err := salesforce.LoginPassword(t.Context(), salesforce.Options{Timeout: 5 * time.Second}, "https://"+tc.host, "ana", salesforce.NewSecret("pw"), salesforce.Secret{})
		if governance.FaultCode(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: login: got %v", name, err)
		}
		for call, err := range withoutTLS(t.Context(), "https://"+tc.host) {
			if governance.FaultCode(err) != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: %s: got %v", name, call, err)
			}
		}
	}
}
