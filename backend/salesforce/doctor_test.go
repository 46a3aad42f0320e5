package salesforce

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

// said is one line of an examination: "name ok", "proxy -", "encryption
// tls_intercepted".
func said(found []Examined) string {
	lines := []string{}
	for _, e := range found {
		word := "ok"
		switch {
		case e.Fault != nil:
			word = e.Fault.Code
		case e.Skipped:
			word = "-"
		}
		lines = append(lines, string(e.Stage)+" "+word)
	}
	return strings.Join(lines, ", ")
}

func examine(t *testing.T, o Options, address string) []Examined {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	found := ExamineNetwork(t.Context(), o, address, time.Now)
	for _, e := range found {
		if e.Fault != nil && (e.Fault.Hint == "" || e.Fault.Message == "") {
			t.Errorf("%s says %q and nothing to do", e.Stage, e.Fault.Error())
		}
	}
	return found
}

func wantSaid(t *testing.T, found []Examined, want string) {
	t.Helper()
	if got := said(found); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func faultAt(found []Examined, s Stage) *governance.Fault {
	for _, e := range found {
		if e.Stage == s && e.Fault != nil {
			return e.Fault
		}
	}
	return &governance.Fault{}
}

// nameServer answers every question with a code of DNS (RFC 1035, 4.1.1), or
// not at all.
func nameServer(t *testing.T, code uint16, silent bool) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if silent || n < 12 {
				continue
			}
			// the question as it came, without what came after it
			end := 12
			for end < n && buffer[end] != 0 {
				end += int(buffer[end]) + 1
			}
			answer := append([]byte{}, buffer[:min(end+5, n)]...)
			binary.BigEndian.PutUint16(answer[2:], 0x8180|code)
			copy(answer[4:12], []byte{0, 1, 0, 0, 0, 0, 0, 0})
			_, _ = conn.WriteTo(answer, from)
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// by is the usual transport, changed.
func by(t *testing.T, change func(*http.Transport)) Options {
	t.Helper()
	transport := HTTPTransport()
	transport.Proxy = nil
	change(transport)
	t.Cleanup(transport.CloseIdleConnections)
	return Options{Transport: transport}
}

const (
	allHolds    = "address ok, proxy -, name -, connection ok, encryption -, answer ok, clock ok, version ok"
	behindProxy = "address ok, proxy %s, name -, connection -, encryption -, answer -, clock -, version -"
)

func versions(w http.ResponseWriter, _ *http.Request, _ string) {
	sendJSON(w, 200, `[{"version":"60.0"},{"version":"68.0"}]`)
}

func TestANetworkThatHolds(t *testing.T) {
	server := newReplay(t, versions)
	found := examine(t, Options{}, server.URL+"/some/page")
	wantSaid(t, found, allHolds)
	if found[7].Facts["version"] != "68.0" || found[0].Facts["host"] != "127.0.0.1" {
		t.Errorf("got %v", found)
	}
	for _, r := range server.seen() {
		if r.header.Get("Authorization") != "" {
			t.Error("an examination sends no secret")
		}
	}
	wantSaid(t, examine(t, Options{}, "ftp://acme"), "address invalid_url, proxy -, name -, connection -, encryption -, answer -, clock -, version -")
}

func TestWhatStopsAConnection(t *testing.T) {
	lookUp := func(r *net.Resolver) Options {
		return by(t, func(h *http.Transport) { h.DialContext = (&net.Dialer{Resolver: r}).DialContext })
	}
	t.Run("a name that does not exist", func(t *testing.T) {
		found := examine(t, lookUp(nameServer(t, 3, false)), "https://gone.my.salesforce.com")
		wantSaid(t, found, "address ok, proxy -, name name_not_found, connection -, encryption -, answer -, clock -, version -")
	})
	t.Run("a name server in trouble", func(t *testing.T) {
		found := examine(t, lookUp(nameServer(t, 2, false)), "https://gone.my.salesforce.com")
		wantSaid(t, found, "address ok, proxy -, name name_failed, connection -, encryption -, answer -, clock -, version -")
	})
	t.Run("a port where nothing is", func(t *testing.T) {
		wantSaid(t, examine(t, Options{}, nowhere(t)), "address ok, proxy -, name -, connection connect_refused, encryption -, answer -, clock -, version -")
	})
	t.Run("a host that says nothing", func(t *testing.T) {
		o := by(t, func(h *http.Transport) {
			h.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		})
		o.Timeout = 30 * time.Millisecond
		wantSaid(t, examine(t, o, "https://acme.my.salesforce.com"), "address ok, proxy -, name -, connection connect_timeout, encryption -, answer -, clock -, version -")
	})
	t.Run("an org that never answers", func(t *testing.T) {
		forever := make(chan struct{})
		org := newRawOrg(t, func(c net.Conn) { waitFor(c, forever) })
		defer close(forever)
		wantSaid(t, examine(t, Options{Timeout: 100 * time.Millisecond}, org.url), "address ok, proxy -, name -, connection ok, encryption -, answer org_unreachable, clock -, version -")
	})
	for name, c := range map[string]struct {
		status     int
		kind, body string
		want       string
	}{
		"a page of the network":  {200, "text/html", "<!doctype html><title>Sign in to the Wi-Fi", "answer not_salesforce, clock -, version -"},
		"a refusal as a page":    {403, "text/html", "<html>Blocked", "answer not_salesforce, clock -, version -"},
		"maintenance":            {503, "text/plain", "busy", "answer service_unavailable, clock -, version -"},
		"an edition without API": {403, "application/json", `[{"errorCode":"API_DISABLED_FOR_ORG","message":"API is not enabled"}]`, "answer api_disabled, clock -, version -"},
		"half an answer":         {200, "application/json", `[{"version":`, "answer bad_answer, clock -, version -"},
		"old versions only":      {200, "application/json", `[{"version":"20.0"}]`, "answer ok, clock ok, version unsupported_api_version"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			wantSaid(t, examine(t, Options{}, server.URL), "address ok, proxy -, name -, connection ok, encryption -, "+c.want)
		})
	}
	t.Run("a redirect elsewhere", func(t *testing.T) {
		server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
			http.Redirect(w, r, "https://captive.example/login", http.StatusFound)
		})
		wantSaid(t, examine(t, Options{}, server.URL), "address ok, proxy -, name -, connection ok, encryption -, answer redirected, clock -, version -")
	})
}

func TestAClockThatIsOff(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, body string) {
		w.Header().Set("Date", time.Now().Add(-47*time.Minute).UTC().Format(http.TimeFormat))
		versions(w, r, body)
	})
	found := examine(t, Options{}, server.URL)
	wantSaid(t, found, "address ok, proxy -, name -, connection ok, encryption -, answer ok, clock clock_wrong, version -")
	if f := faultAt(found, StageClock); f.Message != "The clock of this computer is 47 minutes fast." {
		t.Errorf("says %q", f.Message)
	}
}

// A proxy on loopback that lets through, wants a sign-in or refuses.
func newProxy(t *testing.T, status int) *url.URL {
	t.Helper()
	server := newRawOrg(t, func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil || r.Method != http.MethodConnect {
			return
		}
		if status != http.StatusOK {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 %d No\r\nProxy-Authenticate: Basic realm=\"corp\"\r\nContent-Length: 0\r\n\r\n", status)
			return
		}
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			return
		}
		defer there.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\n")
		back := make(chan struct{})
		go func() { _, _ = io.Copy(c, there); _ = c.Close(); close(back) }()
		_, _ = io.Copy(there, c)
		_ = there.Close()
		<-back
	})
	u, err := url.Parse(server.url)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newTLSOrg(t *testing.T) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { versions(w, r, "") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestProxies(t *testing.T) {
	org := newTLSOrg(t)
	through := func(p *url.URL) Options {
		return by(t, func(h *http.Transport) {
			h.Proxy = http.ProxyURL(p)
			h.TLSClientConfig.RootCAs = org.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		})
	}
	wantSaid(t, examine(t, through(newProxy(t, 200)), org.URL), "address ok, proxy ok, name -, connection -, encryption ok, answer ok, clock ok, version ok")
	wantSaid(t, examine(t, through(newProxy(t, 407)), org.URL), fmt.Sprintf(behindProxy, CodeProxyAuth))
	wantSaid(t, examine(t, through(newProxy(t, 403)), org.URL), fmt.Sprintf(behindProxy, CodeProxyRefused))
	dead, err := url.Parse(nowhere(t))
	if err != nil {
		t.Fatal(err)
	}
	dead.User = url.UserPassword("ana", "pr0xyPassword")
	found := examine(t, through(dead), org.URL)
	wantSaid(t, found, fmt.Sprintf(behindProxy, CodeProxyUnreachable))
	if text := fmt.Sprintf("%+v %v", found, faultAt(found, StageProxy)); strings.Contains(text, "pr0xyPassword") || !strings.Contains(text, dead.Host) {
		t.Errorf("says %s", text)
	}
	// a demo org on plain http behind one that wants a sign-in
	plain := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { w.WriteHeader(http.StatusProxyAuthRequired) })
	p, _ := url.Parse(plain.URL)
	wantSaid(t, examine(t, through(p), "http://127.0.0.1:1"), fmt.Sprintf(behindProxy, CodeProxyAuth))
}

func TestEncryptionThatIsOpened(t *testing.T) {
	org := newTLSOrg(t)
	trusts := func(change func(*http.Transport)) Options {
		return by(t, func(h *http.Transport) {
			h.TLSClientConfig.RootCAs = org.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			change(h)
		})
	}
	before := "address ok, proxy -, name -, connection ok, encryption %s, answer -, clock -, version -"
	t.Run("by somebody unknown", func(t *testing.T) {
		found := examine(t, by(t, func(h *http.Transport) { h.TLSClientConfig.RootCAs = x509.NewCertPool() }), org.URL)
		wantSaid(t, found, fmt.Sprintf(before, CodeTLSIntercepted))
		f := faultAt(found, StageEncryption)
		if !strings.Contains(f.Message, "issued by Acme Co") || !strings.Contains(f.Hint, "trust store") {
			t.Errorf("says %q", f.Error())
		}
	})
	t.Run("by the operating system's own judgement", func(t *testing.T) {
		wantSaid(t, examine(t, by(t, func(*http.Transport) {}), org.URL), fmt.Sprintf(before, CodeTLSIntercepted))
	})
	t.Run("for another host", func(t *testing.T) {
		o := trusts(func(h *http.Transport) {
			h.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, org.Listener.Addr().String())
			}
		})
		wantSaid(t, examine(t, o, "https://acme.my.salesforce.com"), fmt.Sprintf(before, CodeTLSName))
	})
	t.Run("in another year", func(t *testing.T) {
		later := func() time.Time { return time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) }
		o := trusts(func(h *http.Transport) { h.TLSClientConfig.Time = later })
		found := ExamineNetwork(t.Context(), o, org.URL, later)
		wantSaid(t, found, fmt.Sprintf(before, CodeTLSDates))
		if !strings.Contains(faultAt(found, StageEncryption).Message, "2099") {
			t.Errorf("says %q", faultAt(found, StageEncryption).Message)
		}
	})
	t.Run("not at all", func(t *testing.T) {
		plain := newReplay(t, versions)
		wantSaid(t, examine(t, Options{}, strings.Replace(plain.URL, "http:", "https:", 1)), fmt.Sprintf(before, CodeTLSFailed))
	})
	t.Run("broken off", func(t *testing.T) {
		raw := newRawOrg(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 64)); reset(c) })
		wantSaid(t, examine(t, Options{}, strings.Replace(raw.url, "http:", "https:", 1)), fmt.Sprintf(before, CodeTLSFailed))
	})
}

// What a session may do, on orgs that take something away from it.
func TestWhatASessionMayDo(t *testing.T) {
	for name, c := range map[string]struct {
		path, answer string
		status       int
		known, want  string
	}{
		"all of it":          {"", "", 0, testOrg, "org ok, api ok, metadata ok"},
		"another org":        {"", "", 0, "00D000000000099EAA", "org wrong_org, api -, metadata -"},
		"no API":             {"/query", `[{"errorCode":"API_DISABLED_FOR_ORG","message":"no"}]`, 403, "", "org -, api api_disabled, metadata -"},
		"no calls left":      {"/query", `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`, 403, "", "org -, api request_limit, metadata -"},
		"the last call":      {"/limits", `{"DailyApiRequests":{"Max":15000,"Remaining":0}}`, 200, "", "org ok, api request_limit, metadata -"},
		"no metadata":        {"/Soap/", metadataFault("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"), 500, "", "org ok, api ok, metadata insufficient_access"},
		"an expired session": {"/query", `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`, 401, "", "org session_expired, api -, metadata -"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
				soap := strings.Contains(r.URL.Path, "/Soap/")
				switch {
				case c.path != "" && strings.Contains(r.URL.Path, c.path) && soap:
					sendXML(w, c.status, c.answer)
				case c.path != "" && strings.Contains(r.URL.Path, c.path):
					sendJSON(w, c.status, c.answer)
				case soap:
					sendXML(w, 200, soapAnswer(`<describeMetadataResponse><result><metadataObjects><directoryName>classes</directoryName><inFolder>false</inFolder><metaFile>true</metaFile><suffix>cls</suffix><xmlName>ApexClass</xmlName></metadataObjects><organizationNamespace/><partialSaveAllowed>true</partialSaveAllowed><testRequired>false</testRequired></result></describeMetadataResponse>`))
				case strings.HasSuffix(r.URL.Path, "/limits"):
					sendJSON(w, 200, `{"DailyApiRequests":{"Max":15000,"Remaining":14998}}`)
				case strings.HasSuffix(r.URL.Path, "/query"):
					sendJSON(w, 200, `{"totalSize":1,"done":true,"records":[{"Id":"`+testOrg+`","Name":"Acme","OrganizationType":"Enterprise Edition"}]}`)
				default:
					sendJSON(w, 200, someone)
				}
			})
			found := ExamineSession(t.Context(), server.client(t), c.known)
			wantSaid(t, found, c.want)
			if c.want == "org ok, api ok, metadata ok" && (found[1].Facts["left"] != "14998" || found[0].Facts["organization"] != "Acme") {
				t.Errorf("got %v", found)
			}
		})
	}
}
