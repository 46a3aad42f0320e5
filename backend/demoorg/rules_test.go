package demoorg

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// shop is an org with one service that its tests cover wholly.
func shop() map[string]string {
	files := class(map[string]string{}, "Shop", `public class Shop {
  public static Integer price() {
    Integer p = 10;
    return p;
  }
}`)
	return class(files, "ShopTest", `@IsTest
private class ShopTest {
  @IsTest static void priceIsRight() {
    System.assertEquals(10, Shop.price());
  }
  static testMethod void oldStyle() { Shop.price(); }
  static void helper() { }
}`)
}

func testClassOf(name, body string) string {
	return "@IsTest\nprivate class " + name + " {\n  @IsTest static void runs() {\n" + body + "\n  }\n}"
}

func TestTestsRunByLevel(t *testing.T) {
	cases := []struct {
		name    string
		kind    Kind
		options string
		apex    bool
		tests   string
		enabled string
	}{
		{"production, Apex, no level", KindProduction, "", true, "3", "true"},
		{"production, no Apex, no level", KindProduction, "", false, "0", "false"},
		{"sandbox, Apex, no level", KindUAT, "", true, "0", "false"},
		{"sandbox, all local tests", KindUAT, "<testLevel>RunLocalTests</testLevel>", true, "3", "true"},
		{"all tests without Apex", KindProduction, "<testLevel>RunAllTestsInOrg</testLevel>", false, "2", "true"},
		{"named tests", KindUAT, "<testLevel>RunSpecifiedTests</testLevel><runTests>NewTest</runTests>", true, "1", "true"},
		{"relevant tests", KindUAT, "<testLevel>RunRelevantTests</testLevel>", true, "1", "true"},
		{"no tests", KindUAT, "<testLevel>NoTestRun</testLevel>", true, "0", "false"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := seeded(t, Options{Kind: c.kind}, shop())
			files := map[string]string{"package.xml": manifest("CustomField Account.A__c"), "objects/Account.object": object(textField("A__c", "A"))}
			if c.apex {
				files = class(map[string]string{"package.xml": manifest("ApexClass New NewTest")}, "New", "public class New { public static void go() { Integer i = 1; } }")
				class(files, "NewTest", testClassOf("NewTest", "New.go();"))
			}
			answer := w.run(files, allOrNothing+"<checkOnly>true</checkOnly>"+c.options)
			wantStatus(t, answer, "Succeeded")
			if got := element(answer, "numTestsRun"); got != c.tests {
				t.Errorf("%s tests ran, want %s", got, c.tests)
			}
			if got := element(answer, "runTestsEnabled"); got != c.enabled {
				t.Errorf("runTestsEnabled = %s", got)
			}
			if c.enabled == "true" && !strings.Contains(element(answer, "stateDetail"), "simulates tests") {
				t.Errorf("the answer does not say that tests are simulated: %q", element(answer, "stateDetail"))
			}
		})
	}
}

func TestATestFailsWhereItsMarkSays(t *testing.T) {
	cases := []struct {
		name, body string
		uat, prod  string // the message, or ""
		line       string
	}{
		{"an assertion of false", "    Integer i = 1;\n    System.assert(false, 'no');", "System.AssertException: Assertion Failed", "System.AssertException: Assertion Failed", "5"},
		{"an assertion in a comment", "    // System.assert(false)", "", "", ""},
		{"an assertion in a string", "    String s = 'System.assert(false';", "", "", ""},
		{"a mark for production", "    // @fails-in: production\n    // @message: System.DmlException: REQUIRED_FIELD_MISSING", "", "System.DmlException: REQUIRED_FIELD_MISSING", "4"},
		{"a mark for both", "    // @fails-in: uat, production", "System.AssertException: Assertion Failed", "System.AssertException: Assertion Failed", "4"},
		{"a mark for any", "    // @fails-in: any", "System.AssertException: Assertion Failed", "System.AssertException: Assertion Failed", "4"},
	}
	for _, kind := range []Kind{KindUAT, KindProduction} {
		w := seeded(t, Options{Kind: kind}, shop())
		for _, c := range cases {
			t.Run(string(kind)+" "+c.name, func(t *testing.T) {
				w.t = t
				want := c.uat
				if kind == KindProduction {
					want = c.prod
				}
				files := class(map[string]string{"package.xml": manifest("ApexClass MarkTest")}, "MarkTest", testClassOf("MarkTest", c.body))
				answer := w.run(files, allOrNothing+"<checkOnly>true</checkOnly><testLevel>RunSpecifiedTests</testLevel><runTests>MarkTest</runTests>")
				if want == "" {
					wantStatus(t, answer, "Succeeded")
					return
				}
				wantStatus(t, answer, "Failed")
				failure := element(answer, "failures")
				if got := element(failure, "message"); got != want {
					t.Errorf("message = %q", got)
				}
				trace := element(failure, "stackTrace")
				if !strings.HasPrefix(trace, "Class.MarkTest.runs: line "+c.line+", column 1") || !strings.Contains(trace, "Apex did not run") {
					t.Errorf("stackTrace = %q", trace)
				}
				if element(answer, "numberTestErrors") != "1" || element(answer, "numberComponentErrors") != "0" {
					t.Errorf("counters: %s", answer)
				}
			})
		}
	}
}

func TestAFailingTestRollsBack(t *testing.T) {
	w := seeded(t, Options{Kind: KindProduction}, shop())
	files := class(map[string]string{"package.xml": manifest("ApexClass New BadTest")}, "New", "public class New {}")
	class(files, "BadTest", testClassOf("BadTest", "    System.assert(false);"))
	answer := w.run(files, allOrNothing)
	wantStatus(t, answer, "Failed")
	if element(answer, "numTestsRun") != "3" || element(answer, "numberTestsCompleted") != "2" || element(answer, "numFailures") != "1" {
		t.Errorf("counters: %s", answer)
	}
	if got, _ := w.retrieve(unpackaged("ApexClass *")); got["classes/New.cls"] != "" {
		t.Error("New is there although a test failed")
	}
}

func TestCoverage(t *testing.T) {
	uncovered := `public class Dark {
  public static void one() {
    Integer a = 1;
    Integer b = 2;
    Integer c = 3;
    Integer d = 4;
  }
  // a comment is no location
  public static void two() {
    Integer e = 5;
  }
}`
	trigger := "trigger T on Account (before insert) {\n  Integer i = 1;\n}"
	triggerMeta := strings.ReplaceAll(classMeta, "ApexClass", "ApexTrigger")
	dark := func(test string) map[string]string {
		f := class(map[string]string{"package.xml": manifest("ApexClass Dark DarkTest")}, "Dark", uncovered)
		return class(f, "DarkTest", testClassOf("DarkTest", test))
	}
	withTrigger := class(map[string]string{"package.xml": manifest("ApexTrigger T", "ApexClass TTest"), "triggers/T.trigger": trigger, "triggers/T.trigger-meta.xml": triggerMeta},
		"TTest", testClassOf("TTest", "Shop.price();"))
	withDML := class(map[string]string{"package.xml": manifest("ApexTrigger T", "ApexClass TTest"), "triggers/T.trigger": trigger, "triggers/T.trigger-meta.xml": triggerMeta},
		"TTest", testClassOf("TTest", "insert new Account(Name = 'x');"))
	cases := []struct {
		name    string
		kind    Kind
		files   map[string]string
		options string
		status  string
		warning string
	}{
		{"too little on average", KindProduction, dark("Dark.two();"), "", "Failed",
			"Average test coverage across all Apex Classes and Triggers is 42%, at least 75% test coverage is required."},
		{"enough on average", KindProduction, dark("Dark.one();"), "", "Succeeded", ""},
		{"a sandbox does not ask", KindUAT, dark("Dark.two();"), "<testLevel>RunLocalTests</testLevel>", "Succeeded", ""},
		{"each class of named tests", KindUAT, dark("Dark.two();"), "<testLevel>RunSpecifiedTests</testLevel><runTests>DarkTest</runTests>", "Failed",
			"Test coverage of selected Apex Class is 20%, at least 75% test coverage is required"},
		{"a trigger that no test fires", KindProduction, withTrigger, "", "Failed",
			"Test coverage of selected Apex Trigger is 0%, at least 1% test coverage is required"},
		{"a trigger that a test fires", KindProduction, withDML, "", "Succeeded", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := seeded(t, Options{Kind: c.kind}, shop())
			answer := w.run(c.files, allOrNothing+c.options)
			wantStatus(t, answer, c.status)
			warning := element(answer, "codeCoverageWarnings")
			if got := element(warning, "message"); got != c.warning {
				t.Errorf("warning = %q, want %q", got, c.warning)
			}
			if c.status == "Failed" && (element(answer, "numberComponentErrors") != "0" || element(answer, "numberTestErrors") != "0") {
				t.Error("a shortfall is neither a component's nor a test's error")
			}
		})
	}
}

func TestCoverageCountsLines(t *testing.T) {
	w := seeded(t, Options{}, shop())
	files := class(map[string]string{"package.xml": manifest("ApexClass Two TwoTest")}, "Two",
		"public class Two {\n  public void a() {\n    Integer i = 1;\n\n    // nothing\n    i++;\n  }\n  public void b() {\n    Integer j = 1;\n  }\n}")
	class(files, "TwoTest", testClassOf("TwoTest", "new Two().a();"))
	answer := w.run(files, allOrNothing+"<testLevel>RunLocalTests</testLevel>")
	for _, c := range elements(answer, "codeCoverage") {
		if element(c, "name") != "Two" {
			continue
		}
		if element(c, "numLocations") != "3" || element(c, "numLocationsNotCovered") != "1" || element(c, "line") != "9" {
			t.Errorf("coverage = %s", c)
		}
		return
	}
	t.Errorf("no coverage of Two: %s", answer)
}

func TestProductionRefusesWhatSalesforceRefuses(t *testing.T) {
	apex := class(map[string]string{"package.xml": manifest("ApexClass New")}, "New", "public class New {}")
	cases := []struct{ name, options, message string }{
		{"no tests with Apex", allOrNothing + "<testLevel>NoTestRun</testLevel>", "testLevel of NoTestRun cannot be used in production organizations"},
		{"no rollback", "<rollbackOnError>false</rollbackOnError>", "rollbackOnError must be true in production organizations"},
		{"named tests without a name", allOrNothing + "<testLevel>RunSpecifiedTests</testLevel>", "RunSpecifiedTests needs the names of tests"},
		{"a test that is nowhere", allOrNothing + "<testLevel>RunSpecifiedTests</testLevel><runTests>Gone</runTests>", "The test class Gone is not in the org"},
	}
	w := seeded(t, Options{Kind: KindProduction}, shop())
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			answer := w.run(apex, c.options)
			wantStatus(t, answer, "Failed")
			if got := element(answer, "errorMessage"); !strings.Contains(got, c.message) || element(answer, "errorStatusCode") != "INVALID_OPERATION" {
				t.Errorf("errorMessage = %q", got)
			}
		})
	}
	if status, answer := w.soap("<deploy><ZipFile>UEs=</ZipFile><DeployOptions><testLevel>Sometimes</testLevel></DeployOptions></deploy>"); status != http.StatusInternalServerError || !strings.Contains(answer, "not a valid value") {
		t.Errorf("an unknown level: %d %s", status, answer)
	}
}

func TestQuickDeploy(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Kind: KindProduction, Now: clock.read}, shop())
	pack := func(name string) map[string]string {
		return below("m-"+name, class(map[string]string{"package.xml": manifest("ApexClass " + name)}, name, "public class "+name+" {}"))
	}
	validate := func(name, options string) string {
		answer := w.run(pack(name), allOrNothing+"<checkOnly>true</checkOnly>"+options)
		return element(answer[strings.LastIndex(answer, "</details>"):], "id")
	}
	quick := func(id string) (int, string) {
		return w.soap("<deployRecentValidation><validationId>" + id + "</validationId></deployRecentValidation>")
	}
	refused := func(t *testing.T, id, why string) {
		t.Helper()
		status, answer := quick(id)
		if status != http.StatusInternalServerError || !strings.Contains(element(answer, "faultstring"), why) {
			t.Errorf("quick deploy of %s: %d %s, want %q", id, status, answer, why)
		}
	}

	noTests := validate("Plain", "<testLevel>NoTestRun</testLevel>")
	refused(t, noTests, "ran no Apex tests")
	first, second := validate("First", ""), validate("Second", "")

	clock.now = clock.now.Add(10*24*time.Hour + time.Minute)
	refused(t, first, "older than 10 days")
	clock.now = clock.now.Add(-24 * time.Hour)

	status, answer := quick(first)
	if status != http.StatusOK {
		t.Fatalf("quick deploy: %d %s", status, answer)
	}
	id := element(answer, "result")
	if id == first || len(id) != 18 {
		t.Errorf("a quick deploy has an id of its own: %s", id)
	}
	result := w.finish(id)
	wantStatus(t, result, "Succeeded")
	if element(result, "checkOnly") != "false" || element(result, "numTestsRun") != "0" {
		t.Errorf("result = %s", result)
	}
	if !strings.Contains(result, "m-First/classes/First.cls") {
		t.Error("the marker is lost")
	}
	if got, _ := w.retrieve(unpackaged("ApexClass First")); got["classes/First.cls"] == "" {
		t.Error("the quick deploy changed nothing")
	}
	refused(t, second, "is void")
	refused(t, id, "isn't a validation")
	refused(t, "0Af000000000000AAA", "invalid cross reference id")
	last := w.org.Deployments()
	if d := last[len(last)-1]; d.Validation != first {
		t.Errorf("the quick deploy does not name its validation: %+v", d)
	}
}

func TestOneDeploymentAtATimeAndCancel(t *testing.T) {
	w := seeded(t, Options{Pace: 20 * time.Millisecond}, shop())
	many := map[string]string{"package.xml": manifest("ApexClass *")}
	for i := range 30 {
		class(many, fmt.Sprintf("C%02d", i), fmt.Sprintf("public class C%02d {}", i))
	}
	first := w.deploy(zipOf(t, below("one", many)), allOrNothing)
	second := w.deploy(zipOf(t, below("two", many)), allOrNothing)

	running := w.until(first, func(a string) bool {
		n := element(a, "numberComponentsDeployed")
		return statusOf(a) == "InProgress" && n != "0"
	})
	if !strings.HasPrefix(element(running, "stateDetail"), "Processing Type: ") || !strings.Contains(running, "one/") || element(running, "numberComponentsTotal") != "30" {
		t.Errorf("running = %s", running)
	}
	if got := w.check(second); statusOf(got) != "Pending" {
		t.Errorf("the second is %s while the first runs", statusOf(got))
	}

	cancel := func(id string) (int, string) {
		return w.soap("<cancelDeploy><String>" + id + "</String></cancelDeploy>")
	}
	if status, answer := cancel(second); status != http.StatusOK || element(answer, "done") != "true" {
		t.Errorf("cancel of a waiting one: %d %s", status, answer)
	}
	wantStatus(t, w.check(second), "Canceled")
	if status, answer := cancel(first); status != http.StatusOK || element(answer, "done") != "false" {
		t.Errorf("cancel of a running one: %d %s", status, answer)
	}
	end := w.finish(first)
	wantStatus(t, end, "Canceled")
	if element(end, "canceledByName") != "Integration User" {
		t.Errorf("canceledByName = %q", element(end, "canceledByName"))
	}
	if status, answer := cancel(first); status != http.StatusInternalServerError || !strings.Contains(answer, "already completed") {
		t.Errorf("cancel of a finished one: %d %s", status, answer)
	}
	if got, _ := w.retrieve(unpackaged("ApexClass *")); len(got) != 5 {
		t.Errorf("a canceled deployment left something: %d files", len(got))
	}
}
