package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/governance"
)

const freshToken = "00D000000000062!AQ4TheTokenAfterRenewing000000"

// An expiring org accepts the fresh token only.
func expiring(w http.ResponseWriter, r *http.Request, body string) {
	fresh := strings.Contains(body, freshToken) || strings.Contains(r.Header.Get("Authorization"), freshToken)
	switch {
	case !fresh && strings.HasPrefix(r.URL.Path, "/services/Soap/"):
		sendXML(w, 500, metadataFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session"))
	case !fresh:
		sendJSON(w, 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
	case operation(body) == "deploy":
		sendXML(w, 200, soapAnswer(deployAccepted))
	case operation(body) != "":
		sendXML(w, 200, soapAnswer(emptyList))
	default:
		sendJSON(w, 200, `{"totalSize":0,"done":true,"records":[]}`)
	}
}

func renewing(address string, count *atomic.Int32) func(context.Context) (*Session, error) {
	return func(context.Context) (*Session, error) {
		count.Add(1)
		return &Session{InstanceURL: address, AccessToken: NewSecret(freshToken), OrganizationID: testOrg, APIVersion: "66.0"}, nil
	}
}

func TestManyCallsRenewAnExpiredSessionOnce(t *testing.T) {
	server := newReplay(t, expiring)
	var renewals atomic.Int32
	c := server.client(t, func(o *Options) { o.Renew = renewing(server.URL, &renewals) })
	var group sync.WaitGroup
	errs := make(chan error, 20)
	for i := range 20 {
		group.Go(func() {
			if i%2 == 0 {
				_, err := c.Query(t.Context(), "SELECT Id FROM User")
				errs <- err
				return
			}
			_, err := c.List(t.Context(), []ListQuery{{Type: "ApexClass"}})
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if renewals.Load() != 1 {
		t.Errorf("renewed %d times", renewals.Load())
	}
	if got := c.Session().AccessToken.Reveal(); got != freshToken {
		t.Error("the client did not keep the fresh session")
	}
}

func TestADeployIsNotRepeatedWithAFreshSession(t *testing.T) {
	server := newReplay(t, expiring)
	var renewals atomic.Int32
	c := server.client(t, func(o *Options) { o.Renew = renewing(server.URL, &renewals) })
	_, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrSessionExpired) {
		t.Fatalf("got %v", err)
	}
	if renewals.Load() != 0 || len(server.seen()) != 1 {
		t.Errorf("%d renewals, %d requests", renewals.Load(), len(server.seen()))
	}
	// A person presses Send again: the session is renewed before anything is sent.
	id, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
	if err != nil || id != deployID || renewals.Load() != 1 || len(server.seen()) != 2 {
		t.Errorf("got %q, %v after %d renewals and %d requests", id, err, renewals.Load(), len(server.seen()))
	}
}

func TestRenewingThatFails(t *testing.T) {
	server := newReplay(t, expiring)
	other := &Session{InstanceURL: server.URL, AccessToken: NewSecret(freshToken), OrganizationID: "00D000000000099EAA", APIVersion: "66.0"}
	for name, tc := range map[string]struct {
		session *Session
		err     error
		code    string
		times   int32 // for two calls: a refusal is final, the weather is not
	}{
		"a wrong password":    {nil, governance.Faultf(CodeInvalidLogin, "No."), CodeInvalidLogin, 1},
		"another org":         {other, nil, CodeWrongOrg, 1},
		"nothing at all":      {nil, nil, CodeSessionExpired, 1},
		"no network":          {nil, governance.Faultf(CodeOrgUnreachable, "No."), CodeOrgUnreachable, 2},
		"another bad session": {&Session{InstanceURL: server.URL, AccessToken: NewSecret("x"), APIVersion: "66.0"}, nil, CodeSessionExpired, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var times atomic.Int32
			c := server.client(t, func(o *Options) {
				o.Renew = func(context.Context) (*Session, error) { times.Add(1); return tc.session, tc.err }
			})
			for range 2 {
				_, err := c.Describe(t.Context())
				if governance.FaultCode(err) != tc.code {
					t.Errorf("got %v", err)
				}
			}
			if times.Load() != tc.times {
				t.Errorf("renewed %d times", times.Load())
			}
		})
	}
	_, err := server.client(t).Describe(t.Context())
	checkFault(t, err, CodeSessionExpired, "The sign-in to 127.0.0.1 has expired.")
}

func TestListsAreSplitInThrees(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		answer := ""
		for _, part := range strings.Split(body, "<type>")[1:] {
			name, _, _ := strings.Cut(part, "<")
			answer += "<result><type>" + name + "</type><fullName>Of" + name + "</fullName></result>"
		}
		sendXML(w, 200, soapAnswer("<listMetadataResponse>"+answer+"</listMetadataResponse>"))
	})
	queries, want := []ListQuery{}, ""
	for i := range 20 {
		queries = append(queries, ListQuery{Type: fmt.Sprintf("T%02d", i)})
		want += fmt.Sprintf("T%02d ", i)
	}
	found, err := server.client(t).List(t.Context(), queries)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range found {
		got += p.Type + " "
	}
	if got != want || len(server.seen()) != 7 {
		t.Errorf("got %s in %d calls", got, len(server.seen()))
	}
	for _, r := range server.seen() {
		if strings.Count(r.body, "<queries>") > 3 {
			t.Error("more than three queries in one call")
		}
	}
	if none, err := server.client(t).List(t.Context(), nil); err != nil || none == nil {
		t.Errorf("no queries: %v, %v", none, err)
	}
}

func TestTheOrgsClockIsKept(t *testing.T) {
	date, page := "Fri, 20 Nov 2026 08:15:34 GMT", false
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Date", date)
		if page {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>"))
			return
		}
		sendXML(w, 500, metadataFault("INVALID_TYPE", "no"))
	})
	c := server.client(t)
	if !c.LastServerTime().IsZero() {
		t.Error("a time before the first answer")
	}
	_, _ = c.Describe(t.Context())
	want := time.Date(2026, 11, 20, 8, 15, 34, 0, time.UTC)
	if got := c.LastServerTime(); !got.Equal(want) {
		t.Errorf("got %v", got)
	}
	date, page = "Sat, 21 Nov 2026 08:15:34 GMT", true
	_, _ = c.Describe(t.Context())
	if got := c.LastServerTime(); !got.Equal(want) {
		t.Errorf("the clock of a proxy was taken: %v", got)
	}
}

func TestAddresses(t *testing.T) {
	for raw, want := range map[string]string{
		"https://acme.my.salesforce.com":                            "https://acme.my.salesforce.com",
		"  HTTPS://Acme.my.salesforce.com/lightning/page/home?x#y ": "https://acme.my.salesforce.com",
		"acme.my.salesforce.com":                                    "https://acme.my.salesforce.com",
		"https://acme.my.salesforce.com:8443/":                      "https://acme.my.salesforce.com:8443",
		"http://127.0.0.1:8080/":                                    "http://127.0.0.1:8080",
		"http://localhost:8080":                                     "http://localhost:8080",
		"":                                                          "",
		"https://":                                                  "",
		"https://:443":                                              "",
		"http://acme.my.salesforce.com":                             "",
		"http://127.0.0.1.evil.example":                             "",
		"http://localhost.evil.example":                             "",
		"http://127.0.0.1@evil.example":                             "",
		"https://ana:pw@acme.my.salesforce.com":                     "",
		"https://acme.lightning.force.com/lightning/setup":          "",
		"ftp://acme.my.salesforce.com":                              "",
		"file:///etc/passwd":                                        "",
		"javascript://x":                                            "",
		"https://a b.example":                                       "",
		"https://acme.my.salesforce.com:port":                       "",
	} {
		u, err := CheckURL(raw)
		if want == "" {
			if governance.FaultCode(err) != CodeInvalidURL || strings.Contains(fmt.Sprint(err), "pw") {
				t.Errorf("%q: got %v, %v", raw, u, err)
			}
			continue
		}
		if err != nil || u.String() != want {
			t.Errorf("%q: got %v, %v", raw, u, err)
		}
	}
}

func TestIDs(t *testing.T) {
	for short, long := range map[string]string{
		"00D000000000062":    "00D000000000062EAA",
		"0Af000000000001":    "0Af000000000001CAA",
		"01pU0000000pDrt":    "01pU0000000pDrtIAE", // as recorded
		"005U0000000EGpc":    "005U0000000EGpcIAG", // as recorded
		"00D000000000062EAA": "00D000000000062EAA",
		"Account":            "Account",
	} {
		if got := ID18(short); got != long {
			t.Errorf("%s: got %s, want %s", short, got, long)
		}
	}
}
