package salesforce_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// The ways to the demo org: a socket on loopback, and in process.
var ways = map[string]func(t *testing.T, org *demoorg.Org) salesforce.Options{
	"over http": func(t *testing.T, org *demoorg.Org) salesforce.Options {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: org.Handler(listener.Addr().String())}}
		server.Start()
		t.Cleanup(server.Close)
		return salesforce.Options{}
	},
	"in process": func(_ *testing.T, org *demoorg.Org) salesforce.Options {
		return salesforce.Options{Transport: org.Transport(), Demo: true}
	},
}

func openOrg(t *testing.T) *demoorg.Org {
	t.Helper()
	org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: demoorg.KindUAT, Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = org.Close() })
	return org
}

func TestADayWithTheDemoOrg(t *testing.T) {
	for name, way := range ways {
		for _, by := range []salesforce.DeployTransport{salesforce.DeployBySOAP, salesforce.DeployByREST} {
			if name == "in process" && by == salesforce.DeployByREST {
				continue // nothing of it that is not there over http
			}
			t.Run(name+" by "+string(by), func(t *testing.T) {
				t.Parallel() // most of it is waiting for a disk
				org := openOrg(t)
				o := way(t, org)
				o.DeployBy = by
				if o.Transport == nil {
					o.Transport = salesforce.HTTPTransport()
				}
				tape := &tape{to: o.Transport}
				o.Transport = tape
				c := signIn(t, org, o)
				lookAround(t, c, org)
				id := deployOneClass(t, c)
				quickDeploy(t, c, id)
				retrieveItBack(t, c)
				deleteBeforeAndAfter(t, c)
				everyTestLevel(t, c)
				whatIsRefused(t, c)
				sessionsEnd(t, c, org)
				tape.isValid(t, by)
			})
		}
	}
}

func signIn(t *testing.T, org *demoorg.Org, o salesforce.Options) *salesforce.Client {
	t.Helper()
	way := org.Connection()
	o.PollInterval, o.Timeout = 5*time.Millisecond, 20*time.Second
	login := func(ctx context.Context) (*salesforce.Session, error) {
		return salesforce.LoginPassword(ctx, o, way.URL, way.Username, salesforce.NewSecret(way.Password), salesforce.Secret{})
	}
	_, err := salesforce.LoginPassword(t.Context(), o, way.URL, way.Username, salesforce.NewSecret("wrong"), salesforce.Secret{})
	if governance.FaultCode(err) != salesforce.CodeInvalidLogin {
		t.Errorf("a wrong password: %v", err)
	}
	session, err := login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.Renew = login
	c := salesforce.NewClient(session, o)
	t.Cleanup(c.Close)
	return c
}

func lookAround(t *testing.T, c *salesforce.Client, org *demoorg.Org) {
	t.Helper()
	who, err := c.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if who.Kind != salesforce.Demo || who.OrganizationID != org.Connection().OrganizationID || who.Username != org.Connection().Username || who.UserID != c.Session().UserID {
		t.Errorf("got %+v", who)
	}
	types, err := c.Describe(t.Context())
	if err != nil || !slices.ContainsFunc(types, func(m salesforce.MetadataType) bool { return m.XMLName == "ApexClass" && m.MetaFile }) {
		t.Errorf("describe: %d types, %v", len(types), err)
	}
	found, err := c.List(t.Context(), []salesforce.ListQuery{{Type: "ApexClass"}, {Type: "CustomObject"}, {Type: "Layout"}, {Type: "Flow"}})
	if err != nil || len(found) == 0 {
		t.Fatalf("list: %d, %v", len(found), err)
	}
	ids := []string{}
	for _, f := range found {
		if f.ID != "" {
			ids = append(ids, f.ID)
		}
	}
	rows, err := c.Dependencies(t.Context(), ids)
	if err != nil || len(rows) == 0 {
		t.Errorf("dependencies: %d, %v", len(rows), err)
	}
	if _, err := c.List(t.Context(), []salesforce.ListQuery{{Type: "ApexKlass"}}); err != nil && governance.FaultCode(err) != salesforce.CodeInvalidType {
		t.Errorf("an unknown type: %v", err)
	}
	if c.LastServerTime().IsZero() {
		t.Error("the org's clock was not kept")
	}
}

const marker = "cs-0123456789abcdef"

func deployOneClass(t *testing.T, c *salesforce.Client) (validation string) {
	t.Helper()
	since := c.LastServerTime().Add(-time.Hour)
	zipped := zipOf(t, map[string]string{
		marker + "/package.xml":                       `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Greeting</members><members>GreetingTest</members><name>ApexClass</name></types><version>66.0</version></Package>`,
		marker + "/classes/Greeting.cls":              "public class Greeting {\n    public static String say() {\n        return 'hello';\n    }\n}\n",
		marker + "/classes/Greeting.cls-meta.xml":     classMeta,
		marker + "/classes/GreetingTest.cls":          "@isTest\nprivate class GreetingTest {\n    @isTest\n    static void says() {\n        System.assertEquals('hello', Greeting.say());\n    }\n}\n",
		marker + "/classes/GreetingTest.cls-meta.xml": classMeta,
	})
	id, err := c.Deploy(t.Context(), bytes.NewReader(zipped), int64(len(zipped)), salesforce.DeployOptions{
		CheckOnly: true, RollbackOnError: true, TestLevel: salesforce.RunSpecifiedTests, RunTests: []string{"GreetingTest"}})
	if err != nil {
		t.Fatal(err)
	}
	result := follow(t, c, id)
	if result.Status != salesforce.DeploySucceeded || !result.Success || !result.CheckOnly || result.NumberTestsCompleted == 0 {
		t.Fatalf("got %s", result.Raw)
	}
	if !slices.ContainsFunc(result.Details.ComponentSuccesses, func(m salesforce.DeployMessage) bool {
		return m.FullName == "Greeting" && m.FileName == marker+"/classes/Greeting.cls"
	}) {
		t.Errorf("the marker did not come back: %+v", result.Details.ComponentSuccesses)
	}
	list, err := c.DeployRequests(t.Context(), since)
	if err != nil || !slices.ContainsFunc(list, func(r salesforce.DeployRequest) bool {
		return r.ID == salesforce.ID18(id) && r.CheckOnly && r.Status == salesforce.DeploySucceeded && r.CreatedByID == c.Session().UserID
	}) {
		t.Errorf("the org's list: %+v, %v", list, err)
	}
	if _, err := c.CancelDeploy(t.Context(), id); err == nil {
		t.Error("a deployment that has ended was canceled")
	}
	return id
}

func quickDeploy(t *testing.T, c *salesforce.Client, validation string) {
	t.Helper()
	id, err := c.DeployRecentValidation(t.Context(), validation)
	if err != nil || id == validation {
		t.Fatalf("got %q, %v", id, err)
	}
	if result := follow(t, c, id); result.Status != salesforce.DeploySucceeded || result.CheckOnly {
		t.Errorf("got %s", result.Raw)
	}
	_, err = c.DeployRecentValidation(t.Context(), "0Af000000000099AAA")
	if !errors.Is(err, salesforce.ErrNotSent) {
		t.Errorf("a validation that is not there: %v", err)
	}
}

func retrieveItBack(t *testing.T, c *salesforce.Client) {
	t.Helper()
	var zipped bytes.Buffer
	result, err := c.Retrieve(t.Context(), salesforce.RetrieveRequest{SinglePackage: true, Members: []salesforce.TypeMembers{{Type: "ApexClass", Members: []string{"Greeting", "NotThere"}}}}, &zipped, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Messages) != 1 || !strings.Contains(result.Messages[0].Problem, "NotThere") || int64(zipped.Len()) != result.ZipSize {
		t.Errorf("got %+v", result)
	}
	archive, err := zip.NewReader(bytes.NewReader(zipped.Bytes()), int64(zipped.Len()))
	if err != nil {
		t.Fatal(err)
	}
	file, err := archive.Open("classes/Greeting.cls")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(file)
	if !strings.Contains(string(text), "return 'hello';") {
		t.Errorf("got %s", text)
	}
}

func sessionsEnd(t *testing.T, c *salesforce.Client, org *demoorg.Org) {
	t.Helper()
	before := c.Session().AccessToken.Reveal()
	org.ExpireSessions()
	if _, err := c.Describe(t.Context()); err != nil {
		t.Errorf("soap after the session ended: %v", err)
	}
	if c.Session().AccessToken.Reveal() == before {
		t.Error("the session was not renewed")
	}
	org.ExpireSessions()
	if _, err := c.Query(t.Context(), "SELECT Id FROM Organization"); err != nil {
		t.Errorf("rest after the session ended: %v", err)
	}
	org.ExpireSessions()
	_, err := c.DeployRecentValidation(t.Context(), "0Af000000000099AAA")
	if !errors.Is(err, salesforce.ErrNotSent) || !errors.Is(err, salesforce.ErrSessionExpired) {
		t.Errorf("a quick deploy after the session ended: %v", err)
	}
}

// A connection that dies after the org has the whole message: the outcome is
// unknown, and the org's list tells what became of it. net/http must not have
// sent it again.
func TestADeploymentWhoseAnswerIsLostIsFoundInTheList(t *testing.T) {
	org := openOrg(t)
	var deploys atomic.Int32
	lossy := lost{to: org.Transport(), deploys: &deploys}
	c := signIn(t, org, salesforce.Options{Transport: lossy})
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	zipped := zipOf(t, map[string]string{marker + "/package.xml": `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>66.0</version></Package>`})
	_, err := c.Deploy(t.Context(), bytes.NewReader(zipped), int64(len(zipped)), salesforce.DeployOptions{RollbackOnError: true, TestLevel: salesforce.NoTestRun})
	if !errors.Is(err, salesforce.ErrUnknownOutcome) {
		t.Fatalf("got %v", err)
	}
	list, err := c.DeployRequests(t.Context(), c.LastServerTime().Add(-time.Hour))
	if err != nil || len(list) != 1 || deploys.Load() != 1 {
		t.Errorf("got %+v, %v after %d deployments", list, err, deploys.Load())
	}
}

// lost carries requests and loses the answers to deployments.
type lost struct {
	to      http.RoundTripper
	deploys *atomic.Int32
}

func (l lost) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	copied := r.Clone(r.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := l.to.RoundTrip(copied)
	if err == nil && bytes.Contains(body, []byte("<deploy>")) {
		l.deploys.Add(1)
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

func follow(t *testing.T, c *salesforce.Client, id string) *salesforce.DeployResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	pace := salesforce.Pace{First: 3 * time.Millisecond}
	for {
		result, err := c.DeployStatus(ctx, id, true)
		if err != nil {
			t.Fatal(err)
		}
		if result.Done {
			return result
		}
		time.Sleep(pace.Next(result.NumberComponentsTotal, result.ZipSize))
	}
}

const classMeta = `<?xml version="1.0" encoding="UTF-8"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>`

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, text := range files {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
