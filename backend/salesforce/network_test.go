package salesforce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

// everyCall are the calls that may be made at any time.
func everyCall(c *Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"identity": func(ctx context.Context) error { _, err := c.Identity(ctx); return err },
		"describe": func(ctx context.Context) error { _, err := c.Describe(ctx); return err },
		"list":     func(ctx context.Context) error { _, err := c.List(ctx, []ListQuery{{Type: "ApexClass"}}); return err },
		"retrieve": func(ctx context.Context) error {
			_, err := c.Retrieve(ctx, RetrieveRequest{PackageNames: []string{"A"}}, io.Discard, nil)
			return err
		},
		"deploy": func(ctx context.Context) error {
			_, err := c.Deploy(ctx, strings.NewReader("PK"), 2, DeployOptions{})
			return err
		},
		"status":       func(ctx context.Context) error { _, err := c.DeployStatus(ctx, deployID, true); return err },
		"cancel":       func(ctx context.Context) error { _, err := c.CancelDeploy(ctx, deployID); return err },
		"quick deploy": func(ctx context.Context) error { _, err := c.DeployRecentValidation(ctx, deployID); return err },
		"deployments":  func(ctx context.Context) error { _, err := c.DeployRequests(ctx, time.Now()); return err },
		"dependencies": func(ctx context.Context) error { _, err := c.Dependencies(ctx, []string{testUser}); return err },
		"login": func(ctx context.Context) error {
			_, err := LoginPassword(ctx, Options{Timeout: c.wire.o.Timeout}, c.Session().InstanceURL, "ana@example.com", NewSecret("pw"), Secret{})
			return err
		},
	}
}

// waitFor holds the connection until the other side closes it or the test ends.
func waitFor(conn net.Conn, end <-chan struct{}) {
	gone := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, conn); close(gone) }()
	select {
	case <-gone:
	case <-end:
		_ = conn.Close()
		<-gone
	}
}

func TestEveryCallObeysItsContext(t *testing.T) {
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	org := newRawOrg(t, func(c net.Conn) { waitFor(c, forever) })
	for name, call := range everyCall(clientOf(t, org.url, Options{})) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		err := call(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s with a deadline: %v", name, err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if err := call(ctx); !errors.Is(err, context.Canceled) || governance.FaultCode(err) != "" {
			t.Errorf("%s canceled: %v", name, err)
		}
	}
}

func TestHostsThatCannotBeReached(t *testing.T) {
	_, err := clientOf(t, "https://no-such-org.invalid", Options{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "no-such-org.invalid", IsNotFound: true}
		}}}).Describe(t.Context())
	checkFault(t, err, CodeOrgUnreachable, "The host name no-such-org.invalid cannot be found.")

	_, err = clientOf(t, nowhere(t), Options{}).Describe(t.Context())
	checkFault(t, err, CodeOrgUnreachable, "Nothing answers at 127.0.0.1.")

	_, err = clientOf(t, "ftp://acme.my.salesforce.com", Options{}).Describe(t.Context())
	checkFault(t, err, CodeInvalidURL, "acme.my.salesforce.com")
}

func TestCertificatesThatAreNotTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	c := clientOf(t, server.URL, Options{})
	_, err := c.Describe(t.Context())
	checkFault(t, err, CodeTLS, "The certificate of 127.0.0.1 is not trusted.")
	_, err = c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || governance.FaultCode(err) != CodeTLS {
		t.Errorf("got %v", err)
	}

	// the replay speaks plain http
	plain := newReplay(t, func(http.ResponseWriter, *http.Request, string) {})
	_, err = clientOf(t, strings.Replace(plain.URL, "http:", "https:", 1), Options{}).Describe(t.Context())
	checkFault(t, err, CodeTLS, "No encrypted connection to 127.0.0.1 is possible.")
}

func TestADeployOverTLSIsOneFreshConnection(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("the deployment came over %s", r.Proto)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		sendXML(w, 200, soapAnswer(deployAccepted))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := clientOf(t, server.URL, Options{Transport: server.Client().Transport})
	if id, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{}); err != nil || id != deployID {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestRedirects(t *testing.T) {
	var stranger *replay
	stranger = newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 200, soapAnswer(emptyList)) })
	for name, tc := range map[string]struct {
		status int
		to     string
		ok     bool
	}{
		"307 to the same host": {307, "/moved", true},
		"308 to the same host": {308, "/moved", true},
		"302 turns into a GET": {302, "/moved", false},
		"307 to a stranger":    {307, stranger.URL + "/x", false},
		"301 to a stranger":    {301, stranger.URL + "/x", false},
		"round and round":      {307, "/again", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
				if r.URL.Path == "/moved" {
					sendXML(w, 200, soapAnswer(emptyList))
					return
				}
				w.Header().Set("Location", tc.to)
				w.WriteHeader(tc.status)
			})
			_, err := server.client(t).List(t.Context(), []ListQuery{{Type: "ApexClass"}})
			if tc.ok && err != nil {
				t.Errorf("got %v", err)
			}
			if !tc.ok {
				checkFault(t, err, CodeRedirected, "127.0.0.1")
			}
		})
	}
	if n := len(stranger.seen()); n != 0 {
		t.Errorf("the stranger was called %d times", n)
	}
}

// A zip that keeps coming may take longer than the time limit; one that stands
// still may not.
func TestAStreamMayBeSlowButNotStandStill(t *testing.T) {
	t.Parallel()
	coded := strings.Repeat("UEsF", 12)
	slow := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if !strings.Contains(body, "<includeZip>true<") {
			answerRetrieve(w, body, "")
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		head, tail, _ := strings.Cut(soapAnswer(retrieved("ZIP")), "ZIP")
		for _, part := range append([]string{head}, strings.SplitAfter(coded, "UEsF")...) {
			_, _ = io.WriteString(w, part)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(200 * time.Millisecond)
		}
		_, _ = io.WriteString(w, tail)
	})
	const limit = 2 * time.Second // a busy machine may need a part of it between two pieces
	var got bytes.Buffer
	started := time.Now()
	_, err := slow.client(t, func(o *Options) { o.Timeout = limit }).Retrieve(t.Context(), RetrieveRequest{PackageNames: []string{"A"}}, &got, nil)
	if err != nil || got.Len() != 36 || time.Since(started) < limit {
		t.Errorf("got %d bytes after %v, %v", got.Len(), time.Since(started), err)
	}
}
