package salesforce

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken = "00D000000000062!AQ4CanaryTokenOf32Characters0000"
	testOrg   = "00D000000000062EAA"
	testUser  = "005000000000001AAA"
	deployID  = "0Af000000000001CAA"
)

// A replay is a server that answers with recorded shapes and remembers what it
// was asked.
type replay struct {
	*httptest.Server
	mu       sync.Mutex
	requests []recorded
}

type recorded struct {
	method, path, query, body string
	header                    http.Header
}

// newReplay serves answer; it gets the body read already.
func newReplay(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, body string)) *replay {
	t.Helper()
	s := &replay{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.requests = append(s.requests, recorded{r.Method, r.URL.Path, r.URL.Query().Get("q"), string(body), r.Header.Clone()})
		s.mu.Unlock()
		answer(w, r, string(body))
	}))
	t.Cleanup(s.Close)
	return s
}

// newQuietServer serves without keeping anything.
func newQuietServer(t *testing.T, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s
}

func (s *replay) seen() []recorded {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]recorded{}, s.requests...)
}

func (s *replay) client(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	o := Options{PollInterval: time.Millisecond, Timeout: 10 * time.Second}
	for _, f := range change {
		f(&o)
	}
	return clientOf(t, s.URL, o)
}

func clientOf(t *testing.T, address string, o Options) *Client {
	t.Helper()
	c := NewClient(&Session{InstanceURL: address, AccessToken: NewSecret(testToken), OrganizationID: testOrg, UserID: testUser, APIVersion: "66.0"}, o)
	t.Cleanup(c.Close)
	return c
}

func sendXML(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

func sendJSON(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// soapAnswer is an answer as the Metadata API words it.
func soapAnswer(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		inner + `</soapenv:Body></soapenv:Envelope>`
}

// metadataFault is a fault as the Metadata API words it: no detail.
func metadataFault(code, text string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault><faultcode>sf:%s</faultcode><faultstring>%s: %s</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, code, code, text)
}

// partnerFault is a fault as the partner API words it.
func partnerFault(code, text string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault><faultcode>sf:%s</faultcode><faultstring>%s: %s</faultstring><detail><sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>%s</sf:exceptionCode><sf:exceptionMessage>%s</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, code, code, text, code, text)
}

const (
	deployAccepted = `<deployResponse><result><done>false</done><id>` + deployID + `</id><state>Queued</state></result></deployResponse>`
	emptyList      = `<listMetadataResponse/>`
)

// shared returns a path in the reference material beside the repository, or
// skips the test.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	full := filepath.Join(append([]string{"..", "..", "..", "shared", "salesforce"}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Skip("the reference material is not beside the repository")
	}
	return full
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(shared(t, "fixtures", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// operation is the first element of a SOAP body.
func operation(body string) string {
	_, rest, _ := strings.Cut(body, "<soapenv:Body><")
	name, _, _ := strings.Cut(rest, ">")
	return name
}
