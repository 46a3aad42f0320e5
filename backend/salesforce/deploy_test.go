package salesforce

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/governance"
)

// A rawOrg is a TCP server: each connection is handled by serve, one after the
// other.
type rawOrg struct {
	url   string
	calls atomic.Int32
}

func newRawOrg(t *testing.T, serve func(conn net.Conn)) *rawOrg {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	org := &rawOrg{url: "http://" + listener.Addr().String()}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			org.calls.Add(1)
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = listener.Close(); <-ended })
	return org
}

// readRequest reads one whole request off the wire.
func readRequest(conn net.Conn) string {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return ""
	}
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func respond(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

func headers(status, contentType string, length int) string {
	return "HTTP/1.1 " + status + "\r\nContent-Type: " + contentType + "\r\nContent-Length: " + strconv.Itoa(length) + "\r\n\r\n"
}

// The three outcomes of the one POST that must not be repeated.
func TestWhatIsKnownAfterADeploy(t *testing.T) {
	fault := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			readRequest(conn)
			respond(conn, headers("500 Internal Server Error", "text/xml", len(text))+text)
		}
	}
	whole := soapAnswer(deployAccepted)
	cases := map[string]struct {
		serve func(net.Conn)
		want  error
		code  string
	}{
		"the body is read, then the connection closes": {func(c net.Conn) { readRequest(c) }, ErrUnknownOutcome, CodeOrgUnreachable},
		"the body is read, then the connection resets": {func(c net.Conn) { readRequest(c); reset(c) }, ErrUnknownOutcome, CodeOrgUnreachable},
		"the answer is cut off in the headers":         {func(c net.Conn) { readRequest(c); respond(c, "HTTP/1.1 200 OK\r\nContent-") }, ErrUnknownOutcome, CodeOrgUnreachable},
		"the answer is cut off in the body": {func(c net.Conn) {
			readRequest(c)
			respond(c, headers("200 OK", "text/xml", len(whole))+whole[:len(whole)/2])
		}, ErrUnknownOutcome, CodeBadAnswer},
		"an answer without an id": {func(c net.Conn) {
			readRequest(c)
			s := soapAnswer("<deployResponse/>")
			respond(c, headers("200 OK", "text/xml", len(s))+s)
		}, ErrUnknownOutcome, CodeBadAnswer},
		"a web page with status 200": {func(c net.Conn) { readRequest(c); respond(c, headers("200 OK", "text/html", 6)+"<html>") }, ErrUnknownOutcome, CodeNotSalesforce},
		"503 without Salesforce's words": {func(c net.Conn) {
			readRequest(c)
			respond(c, headers("503 Service Unavailable", "text/plain", 4)+"busy")
		}, ErrUnknownOutcome, CodeUnavailable},
		"504 of a gateway":                       {func(c net.Conn) { readRequest(c); respond(c, headers("504 Gateway Timeout", "text/html", 6)+"<html>") }, ErrUnknownOutcome, CodeUnavailable},
		"a fault in the middle of the work":      {fault(metadataFault("UNKNOWN_EXCEPTION", "An unexpected error occurred.")), ErrUnknownOutcome, CodeSalesforce},
		"a fault: the session has expired":       {fault(metadataFault("INVALID_SESSION_ID", "Invalid Session ID found")), ErrNotSent, CodeSessionExpired},
		"a fault: no permission":                 {fault(metadataFault("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with Modify")), ErrNotSent, CodeInsufficientAccess},
		"a fault: another deployment is running": {fault(metadataFault("ALREADY_IN_PROCESS", "locked")), ErrNotSent, CodeLocked},
		"a fault: Salesforce says 503":           {fault(metadataFault("SERVER_UNAVAILABLE", "server busy")), ErrNotSent, CodeUnavailable},
		"413 of a proxy":                         {func(c net.Conn) { readRequest(c); respond(c, headers("413 Too Large", "text/html", 6)+"<html>") }, ErrNotSent, CodeNotSalesforce},
		"a redirect": {func(c net.Conn) {
			readRequest(c)
			respond(c, "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
		}, ErrNotSent, CodeRedirected},
		"the connection resets before anything is read": {reset, nil, CodeOrgUnreachable}, // how much got out is a race: either word is right
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			org := newRawOrg(t, tc.serve)
			c := clientOf(t, org.url, Options{Timeout: 5 * time.Second})
			id, err := c.Deploy(t.Context(), strings.NewReader("PK a zip"), 8, DeployOptions{})
			if id != "" || err == nil {
				t.Fatalf("got id %q and error %v", id, err)
			}
			if errors.Is(err, ErrNotSent) == errors.Is(err, ErrUnknownOutcome) {
				t.Errorf("%v must be one of the two outcomes", err)
			}
			if tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", errors.Unwrap(err), tc.want)
			}
			if code := governance.FaultCode(err); code != tc.code {
				t.Errorf("got fault %q (%v), want %q", code, err, tc.code)
			}
			if org.calls.Load() != 1 {
				t.Errorf("the org was called %d times", org.calls.Load())
			}
			if strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "/services/") {
				t.Errorf("the message gives away too much: %s", err)
			}
		})
	}
}

// nowhere is an address at which nothing listens.
func nowhere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

func TestNothingListens(t *testing.T) {
	c := clientOf(t, nowhere(t), Options{})
	_, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || errors.Is(err, ErrUnknownOutcome) || governance.FaultCode(err) != CodeOrgUnreachable {
		t.Errorf("deploy: %v", err)
	}
	if _, err = c.DeployRecentValidation(t.Context(), deployID); !errors.Is(err, ErrNotSent) {
		t.Errorf("quick deploy: %v", err)
	}
	if _, err = c.CancelDeploy(t.Context(), deployID); !errors.Is(err, ErrNotSent) {
		t.Errorf("cancel: %v", err)
	}
}

func TestSilenceAfterTheBodyIsUnknown(t *testing.T) {
	release := make(chan struct{})
	org := newRawOrg(t, func(conn net.Conn) { readRequest(conn); <-release })
	defer close(release)
	c := clientOf(t, org.url, Options{Timeout: 50 * time.Millisecond})
	for name, call := range map[string]func() error{
		"deploy":       func() error { _, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{}); return err },
		"quick deploy": func() error { _, err := c.DeployRecentValidation(t.Context(), deployID); return err },
		"cancel":       func() error { _, err := c.CancelDeploy(t.Context(), deployID); return err },
	} {
		if err := call(); !errors.Is(err, ErrUnknownOutcome) || governance.FaultCode(err) != CodeOrgUnreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACallerWhoGivesUpAfterTheBodyKnowsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	org := newRawOrg(t, func(conn net.Conn) { readRequest(conn); cancel(); <-release })
	defer close(release)
	_, err := clientOf(t, org.url, Options{}).Deploy(ctx, strings.NewReader("PK"), 2, DeployOptions{})
	if !errors.Is(err, ErrUnknownOutcome) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	gone, cancelFirst := context.WithCancel(t.Context())
	cancelFirst()
	_, err = clientOf(t, org.url, Options{}).Deploy(gone, strings.NewReader("PK"), 2, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who gave up before: %v", err)
	}
}

// A message whose end was never handed over cannot have been accepted.
func TestAZipThatEndsEarlyIsNotSent(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 200, soapAnswer(deployAccepted)) })
	_, err := server.client(t).Deploy(t.Context(), strings.NewReader("short"), 500_000, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || errors.Is(err, ErrUnknownOutcome) || !strings.Contains(err.Error(), "499995 bytes are missing") {
		t.Errorf("got %v", err)
	}
	for _, size := range []int64{0, -1, 45 << 20, 1 << 60} {
		if _, err := server.client(t).Deploy(t.Context(), strings.NewReader(""), size, DeployOptions{}); !errors.Is(err, ErrNotSent) {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

func TestTheOrgGetsTheZipByteForByte(t *testing.T) {
	zipped := bytes.Repeat([]byte("0123456789abcdef\x00\xff"), 100_001)
	var length atomic.Int64
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		length.Store(r.ContentLength)
		sendXML(w, 200, soapAnswer(deployAccepted))
	})
	for _, cut := range []int{0, 1, 2} { // each remainder of base64
		zipped := zipped[cut:]
		id, err := server.client(t).Deploy(t.Context(), bytes.NewReader(zipped), int64(len(zipped)), DeployOptions{TestLevel: NoTestRun})
		if err != nil || id != deployID {
			t.Fatalf("got %q, %v", id, err)
		}
		seen := server.seen()
		body := seen[len(seen)-1].body
		_, rest, _ := strings.Cut(body, "<ZipFile>")
		coded, _, _ := strings.Cut(rest, "</ZipFile>")
		decoded, err := base64.StdEncoding.DecodeString(coded)
		if err != nil || !bytes.Equal(decoded, zipped) || length.Load() != int64(len(body)) {
			t.Errorf("cut %d: %v, same %v, length %d of %d", cut, err, bytes.Equal(decoded, zipped), length.Load(), len(body))
		}
	}
}

// net/http may repeat a request on a connection that it kept open. A deployment
// must not ride on one.
func TestADeployNeverUsesAConnectionAgain(t *testing.T) {
	connections := map[string]int{}
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, body string) {
		connections[r.RemoteAddr+" "+operation(body)]++
		if operation(body) == "deploy" {
			sendXML(w, 200, soapAnswer(deployAccepted))
			return
		}
		sendXML(w, 200, soapAnswer(emptyList))
	})
	c := server.client(t)
	for range 3 {
		if _, err := c.List(t.Context(), []ListQuery{{Type: "ApexClass"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	deploys, lists := 0, 0
	for who, n := range connections {
		if strings.HasSuffix(who, "deploy") {
			deploys++
			if n != 1 {
				t.Errorf("%s: %d deployments on one connection", who, n)
			}
		} else {
			lists++
		}
	}
	if deploys != 3 || lists != 1 {
		t.Errorf("%d connections for 3 deployments, %d for 3 lists", deploys, lists)
	}
}

func TestQuickDeployAndCancel(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		switch {
		case operation(body) == "deployRecentValidation" && strings.Contains(body, "<validationId>"+deployID+"<"):
			sendXML(w, 200, soapAnswer(`<deployRecentValidationResponse><result>0Af000000000002CAA</result></deployRecentValidationResponse>`))
		case strings.Contains(body, "<cancelDeploy><String>0Af000000000002CAA</String>"):
			sendXML(w, 200, soapAnswer(`<cancelDeployResponse><result><done>true</done><id>0Af000000000002CAA</id></result></cancelDeployResponse>`))
		case operation(body) == "cancelDeploy":
			sendXML(w, 200, soapAnswer(`<cancelDeployResponse><result><done>false</done><id>`+deployID+`</id></result></cancelDeployResponse>`))
		}
	})
	c := server.client(t)
	id, err := c.DeployRecentValidation(t.Context(), deployID[:15])
	if err != nil || id != "0Af000000000002CAA" {
		t.Errorf("got %q, %v", id, err)
	}
	if done, err := c.CancelDeploy(t.Context(), id); !done || err != nil {
		t.Errorf("queued: %v, %v", done, err)
	}
	if done, err := c.CancelDeploy(t.Context(), deployID); done || err != nil {
		t.Errorf("running: %v, %v", done, err)
	}
	if _, err := c.DeployStatus(t.Context(), "' OR 1=1", true); governance.FaultCode(err) != CodeInvalidID {
		t.Errorf("got %v", err)
	}
}
