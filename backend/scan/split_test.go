package scan

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// A miser is an org that retrieves few members at a time. It refuses more with
// the fault, or with the failed result that was recorded of a real org.
type miser struct {
	to       http.RoundTripper
	most     int
	byResult bool
	refused  atomic.Int32
	given    atomic.Int32
}

const tooMany = "LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000"

func (m *miser) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close()
	text := string(body)
	switch {
	case strings.Contains(text, "<retrieve>") && strings.Count(text, "<members>") > m.most:
		m.refused.Add(1)
		if m.byResult {
			return m.says(200, `<retrieveResponse><result><done>false</done><id>09S000000000TOOMUC</id><state>Queued</state></result></retrieveResponse>`), nil
		}
		return m.says(500, `<soapenv:Fault><faultcode>sf:LIMIT_EXCEEDED</faultcode><faultstring>`+tooMany+`</faultstring></soapenv:Fault>`), nil
	case strings.Contains(text, "09S000000000TOOMUC"):
		return m.says(200, `<checkRetrieveStatusResponse><result><done>true</done><errorMessage>`+tooMany+`</errorMessage><errorStatusCode>LIMIT_EXCEEDED</errorStatusCode><id>09S000000000TOOMUC</id><status>Failed</status><success>false</success><zipFile xsi:nil="true"/></result></checkRetrieveStatusResponse>`), nil
	case strings.Contains(text, "<retrieve>"):
		m.given.Add(1)
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return m.to.RoundTrip(again)
}

func (m *miser) says(status int, inner string) *http.Response {
	text := `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:sf="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` + inner + `</soapenv:Body></soapenv:Envelope>`
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}

// LIMIT_EXCEEDED is taken apart again and again, and comes back as one result
// with every file as it is in the org.
func TestARetrieveIsSplitUntilTheOrgIsContent(t *testing.T) {
	files, keys := map[string][]byte{}, []metadata.Key{}
	for i := range 11 {
		name := "Class" + fiveDigits(i)
		files["classes/"+name+".cls"] = []byte("public class " + name + " {}")
		files["classes/"+name+".cls-meta.xml"] = []byte("<ApexClass" + xmlns + "><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>")
		keys = append(keys, metadata.Key{Type: "ApexClass", Name: name})
	}
	org := openOrg(t, demoorg.KindUAT, seedOf(t, files))
	want, err := metadata.NewTree(files)
	if err != nil {
		t.Fatal(err)
	}
	for name, byResult := range map[string]bool{"as a fault": false, "as a failed result": true} {
		m := &miser{to: org.Transport(), most: 3, byResult: byResult}
		c := org.Connection()
		client := salesforce.NewClient(&salesforce.Session{InstanceURL: c.URL, AccessToken: salesforce.NewSecret(c.AccessToken), OrganizationID: c.OrganizationID, APIVersion: "66.0"},
			salesforce.Options{Transport: m, Demo: true, PollInterval: time.Millisecond})
		tree, props, err := Fetch(t.Context(), client, metadata.ManifestOf("66.0", keys))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if tree.Hash() != want.Hash() || len(props) < len(keys) || m.refused.Load() != 3 || m.given.Load() != 4 {
			t.Errorf("%s: %d files, %d properties after %d refusals and %d retrieves", name, tree.Len(), len(props), m.refused.Load(), m.given.Load())
		}
		m.most = 0 // what cannot be split is the org's word
		_, _, err = Fetch(t.Context(), client, metadata.ManifestOf("66.0", keys[:1]))
		if governance.FaultCode(err) != salesforce.CodeLimitExceeded || !strings.Contains(err.Error(), "limit is: 10000") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
