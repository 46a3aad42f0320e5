package demoorg

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRunRelevantTestsIsKnownSince66(t *testing.T) {
	w := seeded(t, Options{}, shop())
	message := envelopeFor(w.token, "<deploy><ZipFile>UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==</ZipFile><DeployOptions><testLevel>RunRelevantTests</testLevel></DeployOptions></deploy>")
	for path, want := range map[string]int{"/services/Soap/m/65.0": 500, "/services/Soap/m/66.0": 200} {
		if status, answer := w.send(path, message); status != want {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
}

func TestAFileOfManyPackagesComesBackAsEachWroteIt(t *testing.T) {
	w := seeded(t, Options{}, map[string]string{"objects/Account.object": object(textField("Old__c", "Old"))})
	mine := `<?xml version="1.0"?>` + "\n<CustomObject xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n<!-- ours -->\n" +
		strings.Replace(textField("Zebra__c", "Z"), "<label>", "\n  <label>", 1) + textField("Apple__c", "A") + "</CustomObject>"
	bring := map[string]string{"package.xml": manifest("CustomField Account.Zebra__c Account.Apple__c"), "objects/Account.object": mine}
	wantStatus(t, w.run(bring, allOrNothing), "Succeeded")
	own, _ := w.retrieve(unpackaged("CustomField Account.Zebra__c Account.Apple__c"))
	if own["objects/Account.object"] != mine {
		t.Errorf("what was deployed came back as\n%s", own["objects/Account.object"])
	}
	all, _ := w.retrieve(unpackaged("CustomObject Account"))
	if got := all["objects/Account.object"]; !strings.Contains(got, "Old__c") || !strings.Contains(got, "Zebra__c") {
		t.Errorf("the object has fields of both: %s", got)
	}
	change := map[string]string{"package.xml": manifest("CustomField Account.Apple__c"), "objects/Account.object": object(textField("Apple__c", "Pear"))}
	wantStatus(t, w.run(change, allOrNothing), "Succeeded")
	own, _ = w.retrieve(unpackaged("CustomField Account.Zebra__c Account.Apple__c"))
	if got := own["objects/Account.object"]; !strings.Contains(got, "Pear") || !strings.Contains(got, "Zebra__c") {
		t.Errorf("a form that is out of date must not come back: %s", got)
	}
}

func TestNamesAsTheSfCLIWritesThem(t *testing.T) {
	folder := `<?xml version="1.0" encoding="UTF-8"?><%sFolder xmlns="http://soap.sforce.com/2006/04/metadata"><name>Ours</name></%sFolder>`
	report := `<?xml version="1.0" encoding="UTF-8"?><Report xmlns="http://soap.sforce.com/2006/04/metadata"><name>Pipeline</name></Report>`
	document := `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="http://soap.sforce.com/2006/04/metadata"><name>Logo</name></Document>`
	files := map[string]string{
		"reports/Ours-meta.xml": fmt.Sprintf(folder, "Report", "Report"), "reports/Ours/Pipeline.report": report,
		"documents/Ours-meta.xml": fmt.Sprintf(folder, "Document", "Document"), "documents/Ours/Logo.png": "png", "documents/Ours/Logo.png-meta.xml": document,
	}
	own := manifest("Report Ours/ Ours/Pipeline", "Document Ours Ours/Logo")
	w := seeded(t, Options{}, withManifest(files, own))
	wantFiles(t, "the source", files, w.retrieveOwn(own))
	target := seeded(t, Options{Kind: KindProduction}, shop())
	wantStatus(t, target.run(withManifest(files, own), allOrNothing), "Succeeded")
	wantFiles(t, "the target", files, target.retrieveOwn(own))
}

func TestSetupAuditTrailTellsWhoChangedWhat(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Now: clock.read}, shop())
	wantStatus(t, w.run(class(map[string]string{"package.xml": manifest("ApexClass Hello")}, "Hello", "public class Hello {}"), allOrNothing), "Succeeded")
	clock.now = clock.now.Add(time.Hour)
	wantStatus(t, w.run(map[string]string{"package.xml": manifest(), "destructiveChanges.xml": manifest("ApexClass Hello")}, allOrNothing), "Succeeded")
	_, rows, raw := w.query(false, "SELECT Action, Section, Display, CreatedDate, CreatedBy.Name FROM SetupAuditTrail ORDER BY CreatedDate DESC LIMIT 10")
	if len(rows) != 2 || rows[0]["Action"] != "deletedApexClass" || rows[1]["Display"] != "Created apex class: Hello" {
		t.Fatalf("%s", raw)
	}
	by, _ := rows[0]["CreatedBy"].(map[string]any)
	if by["Name"] != "Integration User" {
		t.Errorf("CreatedBy = %v", rows[0]["CreatedBy"])
	}
}

func TestOnlyKnownTypesAreListedEmpty(t *testing.T) {
	w := seeded(t, Options{}, shop())
	for typeName, want := range map[string]int{"BotVersion": 200, "ExtlClntAppOauthSettings": 200, "StandardValueSet": 200, "NoSuchType": 500} {
		status, answer := w.soap("<listMetadata><queries><type>" + typeName + "</type></queries></listMetadata>")
		if status != want || want == 500 && element(answer, "faultcode") != "sf:INVALID_TYPE" {
			t.Errorf("%s: %d %s", typeName, status, answer)
		}
	}
}

func TestAValidationIsDeployedOnce(t *testing.T) {
	w := seeded(t, Options{Kind: KindProduction, Pace: 20 * time.Millisecond}, shop())
	answer := w.run(manyClasses(1), allOrNothing+"<checkOnly>true</checkOnly><testLevel>RunLocalTests</testLevel>")
	wantStatus(t, answer, "Succeeded")
	id := element(answer[strings.LastIndex(answer, "</details>"):], "id")
	quick := func() (int, string) {
		return w.soap("<deployRecentValidation><validationId>" + id + "</validationId></deployRecentValidation>")
	}
	status, first := quick()
	if status != http.StatusOK || element(first, "result") == id {
		t.Fatalf("%d %s", status, first)
	}
	if status, again := quick(); status != 500 {
		t.Errorf("while it runs: %d %s", status, again)
	}
	w.finish(element(first, "result"))
	if status, again := quick(); status != 500 {
		t.Errorf("afterwards: %d %s", status, again)
	}
}

func TestRetrieveHeedsSpecificFiles(t *testing.T) {
	w := seeded(t, Options{}, shop())
	files, answer := w.retrieve(strings.Replace(unpackaged("ApexClass *"), "</singlePackage>", "</singlePackage><specificFiles>classes/Shop.cls</specificFiles>", 1))
	if len(files) != 2 || files["classes/Shop.cls"] == "" || len(elements(answer, "fileProperties")) != 1 {
		t.Errorf("files = %v\n%s", files, answer)
	}
}

func TestARetrieveOverTheLimitFailsAsAResult(t *testing.T) {
	files := map[string]string{}
	for n := range retrieveLimit/2 + 1 {
		class(files, fmt.Sprintf("C%d", n), "public class C"+fmt.Sprint(n)+" {}")
	}
	w := seeded(t, Options{}, files)
	got, answer := w.retrieve(unpackaged("ApexClass *"))
	if len(got) != 0 || element(answer, "status") != "Failed" || element(answer, "success") != "false" || element(answer, "errorStatusCode") != "LIMIT_EXCEEDED" ||
		element(answer, "errorMessage") != "LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000" {
		t.Errorf("%s", answer)
	}
	zipped := zipOf(t, withManifest(files, manifest("ApexClass *")))
	failed := w.finish(w.deploy(zipped, allOrNothing))
	if statusOf(failed) != "Failed" || element(failed, "errorStatusCode") != "LIMIT_EXCEEDED" {
		t.Errorf("a deployment of %d files: %s", len(files), failed)
	}
}

func TestASeedBringsItsChangeSets(t *testing.T) {
	files := below("src", class(class(map[string]string{
		"package.xml": manifest("ApexClass *"), "changesets/First One.xml": manifest("ApexClass A"), "changesets/Second.xml": manifest("ApexClass *"),
	}, "A", "public class A {}"), "B", "public class B {}"))
	w := seeded(t, Options{}, files)
	got, answer := w.retrieve("<packageNames>First One</packageNames><packageNames>Second</packageNames>")
	for _, path := range []string{"First One/classes/A.cls", "First One/package.xml", "Second/classes/A.cls", "Second/classes/B.cls"} {
		if got[path] == "" {
			t.Errorf("%s is missing: %s", path, element(answer, "errorMessage"))
		}
	}
	if got["First One/classes/B.cls"] != "" || len(got) != 8 {
		t.Errorf("%d files", len(got))
	}
	both, _ := w.retrieve("<packageNames>First One</packageNames>" + strings.Replace(unpackaged("ApexClass B"), "<singlePackage>true</singlePackage>", "", 1))
	if len(both) != 6 || both["First One/classes/A.cls"] == "" || both["unpackaged/classes/B.cls"] == "" || both["unpackaged/package.xml"] == "" {
		t.Errorf("a package and more beside it: %v", both)
	}
	if one, _ := w.retrieve("<packageNames>First One</packageNames><singlePackage>true</singlePackage>"); len(one) != 3 || one["classes/A.cls"] == "" || one["package.xml"] == "" {
		t.Errorf("a single package: %v", one)
	}
	if _, answer := w.retrieve("<packageNames>Third</packageNames><packageNames>Fourth</packageNames>"); element(answer, "status") != "Failed" || strings.Contains(answer, "Fourth") {
		t.Errorf("an unknown change set: %s", answer)
	}
}

func TestNoQueryHasASecondPage(t *testing.T) {
	w := seeded(t, Options{}, shop())
	for _, path := range []string{"/services/data/v66.0/query/01g000000000001-2000", "/services/data/v66.0/tooling/query/01g000000000001-2000"} {
		if status, raw := w.get(path); status != 400 || !strings.Contains(raw, "INVALID_QUERY_LOCATOR") {
			t.Errorf("%s: %d %s", path, status, raw)
		}
	}
	for _, soql := range []string{"ORDER BY RefMetadataComponentName", "OFFSET 10", "WHERE MetadataComponentName = 'X'", "WHERE MetadataComponentType LIKE 'A%'", "WHERE RefMetadataComponentType > 'A'"} {
		status, raw := w.get("/services/data/v66.0/tooling/query?q=" + url.QueryEscape("SELECT MetadataComponentId FROM MetadataComponentDependency "+soql))
		var refused []struct{ ErrorCode string }
		if err := json.Unmarshal([]byte(raw), &refused); err != nil || status != 400 || len(refused) != 1 {
			t.Errorf("%s: %d %s", soql, status, raw)
		}
	}
}

func TestAnAssertionThatOnlyMayBeReachedFailsNothing(t *testing.T) {
	cases := map[string]int{
		"System.assert(false);": -1 + 1,
		"try { work(); System.assert(false, 'no'); } catch (Exception e) { }":   -1,
		"try { work(); } catch (Exception e) { return; } System.assert(false);": -1,
	}
	for body, want := range cases {
		if got := surelyFails(body); got != want {
			t.Errorf("%s: %d", body, got)
		}
	}
}
