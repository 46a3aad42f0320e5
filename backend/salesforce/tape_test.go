package salesforce_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// A tape keeps every SOAP message, both ways.
type tape struct {
	to http.RoundTripper

	mu       sync.Mutex
	messages []message
}

type message struct{ name, text string }

var operation = regexp.MustCompile(`Body[^>]*>\s*<(?:\w+:)?(\w+)`)

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := []byte{}
	if r.Body != nil {
		var err error
		if asked, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(asked))
	res, err := p.to.RoundTrip(again)
	if err != nil || !strings.HasPrefix(r.URL.Path, "/services/Soap") {
		return res, err
	}
	answered, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(answered))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range [][]byte{asked, answered} {
		if m := operation.FindSubmatch(text); m != nil {
			p.messages = append(p.messages, message{string(m[1]), string(text)})
		}
	}
	return res, err
}

// CloseIdleConnections is what a client's Close asks for.
func (p *tape) CloseIdleConnections() {
	if t, ok := p.to.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// isValid holds everything on the tape against Salesforce's own schema. A demo
// org's faults are among it.
func (p *tape) isValid(t *testing.T, by salesforce.DeployTransport) {
	t.Helper()
	want := []string{"login", "loginResponse", "describeMetadata", "describeMetadataResponse", "listMetadata", "listMetadataResponse",
		"retrieve", "retrieveResponse", "checkRetrieveStatus", "checkRetrieveStatusResponse", "Fault"}
	if by == salesforce.DeployBySOAP {
		want = append(want, "deploy", "deployResponse", "checkDeployStatus", "checkDeployStatusResponse", "cancelDeploy", "deployRecentValidation", "deployRecentValidationResponse")
	}
	seen := map[string]bool{}
	for _, m := range p.messages {
		seen[m.name] = true
	}
	for _, name := range want {
		if !seen[name] {
			t.Errorf("no %s on the tape", name)
		}
	}
	script := filepath.Join("..", "..", "..", "shared", "salesforce", "validate")
	if _, err := os.Stat(script); err != nil {
		t.Log("the schemas are not beside the repository: nothing was validated")
		return
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Log("xmllint is not installed: nothing was validated")
		return
	}
	folder := t.TempDir()
	for i, m := range p.messages {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%03d-%s.xml", i, m.name)), []byte(m.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(script, folder).CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d passed, 0 failed", len(p.messages))) {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%d messages are valid", len(p.messages))
}

// deployAll deploys files and wants them to end so.
func deployAll(t *testing.T, c *salesforce.Client, o salesforce.DeployOptions, want salesforce.DeployStatus, files map[string]string) *salesforce.DeployResult {
	t.Helper()
	zipped := zipOf(t, files)
	id, err := c.Deploy(t.Context(), bytes.NewReader(zipped), int64(len(zipped)), o)
	if err != nil {
		t.Fatal(err)
	}
	result := follow(t, c, id)
	if result.Status != want {
		t.Fatalf("ended as %s: %s", result.Status, result.Raw)
	}
	return result
}

func manifestOf(members map[string][]string) string {
	out := `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">`
	for _, typeName := range slices.Sorted(keysOf(members)) {
		out += "<types>"
		for _, m := range members[typeName] {
			out += "<members>" + m + "</members>"
		}
		out += "<name>" + typeName + "</name></types>"
	}
	return out + "<version>66.0</version></Package>"
}

func keysOf(m map[string][]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// Both destructive manifests in one package: what one deletes before, the other
// after.
func deleteBeforeAndAfter(t *testing.T, c *salesforce.Client) {
	t.Helper()
	options := salesforce.DeployOptions{RollbackOnError: true, SinglePackage: true, TestLevel: salesforce.NoTestRun}
	classes := map[string]string{"package.xml": manifestOf(map[string][]string{"ApexClass": {"FirstGone", "LastGone"}})}
	for _, name := range []string{"FirstGone", "LastGone"} {
		classes["classes/"+name+".cls"], classes["classes/"+name+".cls-meta.xml"] = "public class "+name+" {}\n", classMeta
	}
	deployAll(t, c, options, salesforce.DeploySucceeded, classes)
	result := deployAll(t, c, options, salesforce.DeploySucceeded, map[string]string{
		"package.xml":                manifestOf(nil),
		"destructiveChangesPre.xml":  manifestOf(map[string][]string{"ApexClass": {"FirstGone"}}),
		"destructiveChangesPost.xml": manifestOf(map[string][]string{"ApexClass": {"LastGone"}}),
	})
	gone := []string{}
	for _, m := range result.Details.ComponentSuccesses {
		if m.Deleted {
			gone = append(gone, m.FullName)
		}
	}
	slices.Sort(gone)
	if !slices.Equal(gone, []string{"FirstGone", "LastGone"}) {
		t.Errorf("deleted: %v", gone)
	}
	found, err := c.List(t.Context(), []salesforce.ListQuery{{Type: "ApexClass"}})
	if err != nil || slices.ContainsFunc(found, func(p salesforce.FileProperties) bool { return p.FullName == "FirstGone" || p.FullName == "LastGone" }) {
		t.Errorf("still there: %v", err)
	}
}

// All five test levels, and a part that gets in where nothing is rolled back.
func everyTestLevel(t *testing.T, c *salesforce.Client) {
	t.Helper()
	files := map[string]string{"package.xml": manifestOf(map[string][]string{"ApexClass": {"Greeting"}}),
		"classes/Greeting.cls": "public class Greeting {\n    public static String say() {\n        return 'hello';\n    }\n}\n", "classes/Greeting.cls-meta.xml": classMeta}
	for level, runs := range map[salesforce.TestLevel]bool{salesforce.NoTestRun: false, salesforce.RunSpecifiedTests: true, salesforce.RunLocalTests: true,
		salesforce.RunAllTestsInOrg: true, salesforce.RunRelevantTests: true} {
		o := salesforce.DeployOptions{CheckOnly: true, RollbackOnError: true, SinglePackage: true, TestLevel: level}
		if level == salesforce.RunSpecifiedTests {
			o.RunTests = []string{"GreetingTest"}
		}
		result := deployAll(t, c, o, salesforce.DeploySucceeded, files)
		if (result.Details.RunTestResult.NumTestsRun > 0) != runs {
			t.Errorf("%s ran %d tests", level, result.Details.RunTestResult.NumTestsRun)
		}
	}
	files["package.xml"] = manifestOf(map[string][]string{"ApexClass": {"Greeting", "Broken"}})
	files["classes/Broken.cls"], files["classes/Broken.cls-meta.xml"] = "public class Broken {\n", classMeta
	part := deployAll(t, c, salesforce.DeployOptions{SinglePackage: true, TestLevel: salesforce.NoTestRun}, salesforce.DeploySucceededPartial, files)
	if len(part.Details.ComponentFailures) != 1 || part.Details.ComponentFailures[0].FullName != "Broken" || part.NumberComponentErrors != 1 || part.Details.ComponentFailures[0].Problem == "" {
		t.Errorf("got %s", part.Raw)
	}
	deployAll(t, c, salesforce.DeployOptions{SinglePackage: true, RollbackOnError: true, TestLevel: salesforce.NoTestRun}, salesforce.DeployFailed, files)
}

func whatIsRefused(t *testing.T, c *salesforce.Client) {
	t.Helper()
	_, err := c.DeployStatus(t.Context(), "0Af000000000099AAA", true)
	if governance.FaultCode(err) != salesforce.CodeNotFound {
		t.Errorf("a deployment that is not there: %v", err)
	}
	_, err = c.Retrieve(t.Context(), salesforce.RetrieveRequest{PackageNames: []string{"No such change set"}}, io.Discard, nil)
	if governance.FaultCode(err) != salesforce.CodeRetrieveFailed {
		t.Errorf("a change set that is not there: %v", err)
	}
	folders, err := c.List(t.Context(), []salesforce.ListQuery{{Type: "ReportFolder"}, {Type: "EmailFolder"}, {Type: "CustomField"}})
	if err != nil {
		t.Fatal(err)
	}
	inside := []salesforce.ListQuery{}
	for _, f := range folders {
		switch f.Type {
		case "ReportFolder":
			inside = append(inside, salesforce.ListQuery{Type: "Report", Folder: f.FullName})
		case "EmailFolder":
			inside = append(inside, salesforce.ListQuery{Type: "EmailTemplate", Folder: f.FullName})
		}
	}
	if len(inside) == 0 || !slices.ContainsFunc(folders, func(p salesforce.FileProperties) bool { return p.Type == "CustomField" }) {
		t.Errorf("no folders, or no children, in %d rows", len(folders))
	}
	found, err := c.List(t.Context(), inside)
	if err != nil || len(found) == 0 {
		t.Errorf("nothing in %v: %v", inside, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.List(ctx, inside); err == nil {
		t.Error("a list after its end")
	}
}
