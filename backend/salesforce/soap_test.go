package salesforce

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every request that the client can send is valid against Salesforce's schema.
func TestRequestsAreValid(t *testing.T) {
	validate := shared(t, "validate")
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed")
	}
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		switch operation(body) {
		case "deploy":
			sendXML(w, 200, soapAnswer(deployAccepted))
		case "retrieve":
			sendXML(w, 200, soapAnswer(`<retrieveResponse><result><id>09S000000000001AAA</id></result></retrieveResponse>`))
		case "checkRetrieveStatus":
			sendXML(w, 200, soapAnswer(`<checkRetrieveStatusResponse><result><done>true</done><status>Succeeded</status><success>true</success><zipFile>UEsF</zipFile></result></checkRetrieveStatusResponse>`))
		default:
			sendXML(w, 500, metadataFault("UNKNOWN_EXCEPTION", "not this one"))
		}
	})
	sendEverything(t, server)
	folder := t.TempDir()
	seen := server.seen()
	for i, r := range seen {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d-%s.xml", i, operation(r.body))), []byte(r.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(validate, folder).CombinedOutput()
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("%d passed, 0 failed", len(seen))) {
		t.Errorf("%v\n%s", err, out)
	}
	operations := map[string]bool{}
	for _, r := range seen {
		operations[operation(r.body)] = true
	}
	if len(operations) != 9 {
		t.Errorf("only these were sent: %v", operations)
	}
}

// sendEverything sends each message in its smallest and in its largest form.
// What is answered does not matter here.
func sendEverything(t *testing.T, server *replay) {
	ctx, c := context.Background(), server.client(t)
	_, _ = c.Describe(ctx)
	_, _ = c.List(ctx, []ListQuery{{Type: "ApexClass"}, {Type: "Report", Folder: `R&D <"new">`}})
	packageXML := `<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>*</members><name>ApexClass</name></types><types><members>A &amp; B</members><members>C</members><name>Layout</name></types><version>64.0</version></Package>`
	for _, r := range []RetrieveRequest{
		{Manifest: []byte(packageXML), PackageNames: []string{"Change & Set"}},
		{Members: []TypeMembers{{"CustomObject", []string{"Account", "X__c"}}}, SinglePackage: true},
		{PackageNames: []string{"One", "Two"}},
	} {
		if _, err := c.Retrieve(ctx, r, &bytes.Buffer{}, nil); err != nil {
			t.Errorf("retrieve: %v", err)
		}
	}
	for _, o := range []DeployOptions{
		{TestLevel: NoTestRun},
		{AllowMissingFiles: true, AutoUpdatePackage: true, CheckOnly: true, IgnoreWarnings: true, PerformRetrieve: true, PurgeOnDelete: true,
			RollbackOnError: true, RunTests: []string{"ATest", "ns.BTest"}, SinglePackage: true, TestLevel: RunSpecifiedTests},
	} {
		if _, err := c.Deploy(ctx, strings.NewReader("PK zip"), 6, o); err != nil {
			t.Errorf("deploy: %v", err)
		}
	}
	_, _ = c.DeployStatus(ctx, deployID, true)
	_, _ = c.DeployStatus(ctx, deployID[:15], false)
	_, _ = c.CancelDeploy(ctx, deployID)
	_, _ = c.DeployRecentValidation(ctx, deployID)
	_, _ = LoginPassword(ctx, Options{}, server.URL, "ana@example.com", NewSecret("p<&>w"), NewSecret("tok"))
}

func TestTheSessionIsSentInTheHeaderOnly(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 200, soapAnswer(emptyList)) })
	if _, err := server.client(t).List(t.Context(), []ListQuery{{Type: "ApexClass"}}); err != nil {
		t.Fatal(err)
	}
	r := server.seen()[0]
	if r.header.Get("Authorization") != "" || strings.Count(r.body, testToken) != 1 || !strings.Contains(r.body, "<SessionHeader><sessionId>"+testToken+"</sessionId></SessionHeader>") {
		t.Errorf("got %v\n%s", r.header, r.body)
	}
	if r.header.Get("Soapaction") != `""` || !strings.HasPrefix(r.header.Get("Content-Type"), "text/xml") || r.path != "/services/Soap/m/66.0" {
		t.Errorf("got %v at %s", r.header, r.path)
	}
}

// Without a test level the element is left out, as the sf CLI does: no value of
// the enum stands for Salesforce's own default.
func TestNoTestLevelIsLeftOut(t *testing.T) {
	_, tail := deployMessage(&Session{}, DeployOptions{})
	if strings.Contains(string(tail), "testLevel") || !strings.Contains(string(tail), "<rollbackOnError>false</rollbackOnError>") {
		t.Errorf("got %s", tail)
	}
}
