package demoorg

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatIsDeployedIsThereAfterwards(t *testing.T) {
	w := seeded(t, Options{}, class(map[string]string{}, "Old", "public class Old { public void a() { Integer i = 1; } }"))
	files := class(map[string]string{"package.xml": manifest("ApexClass Hello", "CustomField Account.Tier__c")},
		"Hello", "public class Hello { public static String hi() { return 'hi'; } }")
	files["objects/Account.object"] = object(textField("Tier__c", "Tier"))

	answer := w.run(below("csr7f3a", files), allOrNothing)

	wantStatus(t, answer, "Succeeded")
	for _, message := range append(elements(answer, "componentSuccesses"), elements(answer, "componentFailures")...) {
		if name := element(message, "fileName"); !strings.HasPrefix(name, "csr7f3a/") {
			t.Errorf("fileName %s does not begin with the folder that was sent", name)
		}
	}
	got, _ := w.retrieve(unpackaged("ApexClass *", "CustomField Account.Tier__c"))
	for path, content := range files {
		if path != "package.xml" && got[path] != content {
			t.Errorf("%s came back as %q", path, got[path])
		}
	}
	if got["classes/Old.cls"] == "" {
		t.Error("the class that was there before is gone")
	}
	summary := w.org.Deployments()
	if len(summary) != 1 || summary[0].TopFolder != "csr7f3a" || summary[0].Status != "Succeeded" || len(summary[0].ZipHash) != 64 {
		t.Errorf("summary = %+v", summary)
	}
}

func TestAPackageThatIsNotWholeFails(t *testing.T) {
	broken := class(map[string]string{}, "Broken", "public class Broken { public void a() { ")
	base := func(files map[string]string, lines ...string) map[string]string {
		files["package.xml"] = manifest(lines...)
		return files
	}
	cases := []struct {
		name    string
		files   map[string]string
		problem string
	}{
		{"no manifest", class(map[string]string{}, "A", "public class A {}"), "No package.xml found"},
		{"a manifest that is no XML", map[string]string{"package.xml": "<Package"}, "Error parsing package.xml"},
		{"a member that is not in the zip", base(map[string]string{}, "ApexClass Gone"),
			"An object 'Gone' of type ApexClass was named in package.xml, but was not found in zipped directory"},
		{"a file that package.xml does not name", base(class(map[string]string{}, "A", "public class A {}"), "ApexClass"), "Not in package.xml"},
		{"a type nobody knows", base(map[string]string{}, "Widget Clock"), "Unknown type name 'Widget' specified in package.xml"},
		{"no meta file", base(map[string]string{"classes/A.cls": "public class A {}"}, "ApexClass A"), "Required meta file missing"},
		{"braces that do not match", base(broken, "ApexClass Broken"), "Missing '}' at"},
		{"XML that does not end", base(map[string]string{"objects/Account.object": "<CustomObject><fields>"}, "CustomObject Account"), "Error parsing file"},
		{"a class that is nowhere", base(class(map[string]string{}, "A", "public class A { void a() { RenewalService.renew(); } }"), "ApexClass A"),
			"Invalid type: RenewalService"},
		{"a value set that is nowhere", base(map[string]string{"objects/Account.object": object(
			"<fields><fullName>Stage__c</fullName><label>Stage</label><type>Picklist</type><valueSet><valueSetName>Renewal_Stage</valueSetName></valueSet></fields>")},
			"CustomField Account.Stage__c"), "no GlobalValueSet named Renewal_Stage found"},
		{"a field of an object that is nowhere", base(map[string]string{"objects/Gone__c.object": object(textField("A__c", "A"))}, "CustomField Gone__c.A__c"),
			"no CustomObject named Gone__c found"},
		{"a layout with a field that is nowhere", base(map[string]string{"layouts/Account-Main.layout": `<Layout xmlns="http://soap.sforce.com/2006/04/metadata"><layoutSections><layoutColumns><layoutItems><behavior>Edit</behavior><field>X__c</field></layoutItems></layoutColumns></layoutSections></Layout>`},
			"Layout Account-Main"), "In field: field - no CustomField named Account.X__c found"},
	}
	w := seeded(t, Options{}, class(map[string]string{}, "Old", "public class Old {}"))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			answer := w.run(below("m1", c.files), allOrNothing)
			wantStatus(t, answer, "Failed")
			if problems := strings.Join(elements(answer, "problem"), "\n"); !strings.Contains(problems, c.problem) {
				t.Errorf("problems = %q, want %q", problems, c.problem)
			}
			if element(answer, "numberComponentErrors") == "0" {
				t.Error("no error is counted")
			}
		})
	}
	w.t = t
	if got, _ := w.retrieve(unpackaged("ApexClass *", "CustomField Account.Stage__c")); len(got) != 3 {
		t.Errorf("failed deployments left something behind: %v", got)
	}
}

func TestALineNumberPointsAtTheMissingClass(t *testing.T) {
	w := seeded(t, Options{}, class(map[string]string{}, "Old", "public class Old {}"))
	files := class(map[string]string{"package.xml": manifest("ApexClass A")}, "A", "public class A {\n  void a() {\n    RenewalService.renew();\n  }\n}")
	answer := w.run(files, allOrNothing)
	failure := element(answer, "componentFailures")
	if element(failure, "lineNumber") != "3" || element(failure, "componentType") != "ApexClass" {
		t.Errorf("failure = %s", failure)
	}
}

func TestRollbackLeavesNothingAndPartialKeepsTheGood(t *testing.T) {
	files := func() map[string]string {
		f := class(map[string]string{"package.xml": manifest("ApexClass Good Bad Caller")}, "Good", "public class Good {}")
		class(f, "Bad", "public class Bad { void a() { Nowhere.call(); } }")
		return class(f, "Caller", "public class Caller { void a() { new Bad(); } }")
	}
	w := seeded(t, Options{}, class(map[string]string{}, "Old", "public class Old {}"))

	wantStatus(t, w.run(files(), allOrNothing), "Failed")
	if got, _ := w.retrieve(unpackaged("ApexClass *")); got["classes/Good.cls"] != "" {
		t.Error("a rolled back deployment left Good behind")
	}

	answer := w.run(files(), "<rollbackOnError>false</rollbackOnError>")
	wantStatus(t, answer, "SucceededPartial")
	if element(answer, "numberComponentErrors") != "2" || element(answer, "numberComponentsDeployed") != "1" {
		t.Errorf("a class that calls a failed one must fail too: %s", answer)
	}
	got, _ := w.retrieve(unpackaged("ApexClass *"))
	if got["classes/Good.cls"] == "" || got["classes/Bad.cls"] != "" || got["classes/Caller.cls"] != "" {
		t.Errorf("after a partial deployment: %v", got)
	}
}

func TestCheckOnlyChangesNothing(t *testing.T) {
	w := seeded(t, Options{}, class(map[string]string{}, "Old", "public class Old {}"))
	answer := w.run(class(map[string]string{"package.xml": manifest("ApexClass New")}, "New", "public class New {}"), allOrNothing+"<checkOnly>true</checkOnly>")
	wantStatus(t, answer, "Succeeded")
	if element(answer[strings.LastIndex(answer, "</details>"):], "id") == "" || element(answer, "checkOnly") != "true" {
		t.Error("the answer does not say that it was a validation")
	}
	_, retrieved := w.retrieve(unpackaged("ApexClass New"))
	if got := element(retrieved, "problem"); got != "Entity of type 'ApexClass' named 'New' cannot be found" {
		t.Errorf("message = %q", got)
	}
	if element(retrieved, "status") != "Succeeded" {
		t.Error("a missing member must not fail the retrieve")
	}
}

func TestDeletions(t *testing.T) {
	seed := class(map[string]string{}, "Service", "public class Service { public static void go() {} }")
	class(seed, "Caller", "public class Caller { void a() { Service.go(); } }")
	class(seed, "Alone", "public class Alone {}")
	seed["objects/Account.object"] = object(textField("A__c", "A") + textField("B__c", "B"))
	w := seeded(t, Options{}, seed)
	destroy := func(file string, lines ...string) map[string]string {
		return map[string]string{"package.xml": manifest(), file: manifest(lines...)}
	}

	answer := w.run(destroy("destructiveChanges.xml", "ApexClass Service"), allOrNothing)
	wantStatus(t, answer, "Failed")
	if !strings.Contains(answer, "apex class - Caller") {
		t.Errorf("the failure does not name what still uses it: %s", answer)
	}

	answer = w.run(destroy("destructiveChanges.xml", "ApexClass Gone"), allOrNothing+"<ignoreWarnings>true</ignoreWarnings>")
	wantStatus(t, answer, "Succeeded")
	if element(answer, "problemType") != "Warning" {
		t.Errorf("deleting what is not there must warn: %s", answer)
	}
	wantStatus(t, w.run(destroy("destructiveChanges.xml", "ApexClass Gone"), allOrNothing), "Failed")

	// The update frees Service, and the late deletion may take it.
	files := class(destroy("destructiveChangesPost.xml", "ApexClass Service"), "Caller", "public class Caller {}")
	files["package.xml"] = manifest("ApexClass Caller")
	files["destructiveChangesPre.xml"] = manifest("ApexClass Alone", "CustomField Account.A__c")
	answer = w.run(below("top", files), allOrNothing)
	wantStatus(t, answer, "Succeeded")
	deleted := 0
	for _, message := range elements(answer, "componentSuccesses") {
		if element(message, "deleted") == "true" {
			deleted++
		}
	}
	if deleted != 3 {
		t.Errorf("%d deletions are reported, want 3: %s", deleted, answer)
	}
	got, _ := w.retrieve(unpackaged("ApexClass *", "CustomField Account.A__c Account.B__c"))
	if got["classes/Service.cls"] != "" || got["classes/Alone.cls"] != "" || got["classes/Caller.cls"] != "public class Caller {}" {
		t.Errorf("after the deletion: %v", got)
	}
	if !strings.Contains(got["objects/Account.object"], "B__c") || strings.Contains(got["objects/Account.object"], "A__c") {
		t.Errorf("Account.object = %s", got["objects/Account.object"])
	}
}

func TestAFieldIsAddedToItsObjectAndOnlyItIsModified(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Now: clock.read}, map[string]string{"objects/Pump__c.object": object("<label>Pump</label>" + textField("A__c", "A") + textField("B__c", "B"))})
	clock.now = clock.now.Add(48 * time.Hour)
	w.token = w.org.SecondUser().AccessToken

	files := map[string]string{"package.xml": manifest("CustomField Pump__c.B__c Pump__c.C__c Pump__c.A__c"),
		"objects/Pump__c.object": object(textField("C__c", "C") + textField("B__c", "Better") + "<fields><label>A</label><fullName>A__c</fullName>\n<type>Text</type><length>40</length></fields>")}
	answer := w.run(files, allOrNothing)
	wantStatus(t, answer, "Succeeded")

	_, listed := w.soap("<listMetadata><queries><type>CustomField</type></queries><queries><type>CustomObject</type></queries><asOfVersion>66.0</asOfVersion></listMetadata>")
	want := map[string]string{"Pump__c.A__c": "Integration User", "Pump__c.B__c": "Robin Admin", "Pump__c.C__c": "Robin Admin", "Pump__c": "Integration User"}
	seen := 0
	for _, entry := range elements(listed, "result") {
		name := element(entry, "fullName")
		if by := element(entry, "lastModifiedByName"); by != want[name] {
			t.Errorf("%s was last modified by %q, want %q", name, by, want[name])
		}
		if changed := strings.HasPrefix(element(entry, "lastModifiedDate"), "2026-03-03"); changed != (want[name] == "Robin Admin") {
			t.Errorf("%s has the date %s", name, element(entry, "lastModifiedDate"))
		}
		seen++
	}
	if seen != 4 {
		t.Errorf("%d entries: %s", seen, listed)
	}
	got, _ := w.retrieve(unpackaged("CustomObject Pump__c"))
	for _, part := range []string{"<label>Pump</label>", "A__c", "Better", "C__c"} {
		if !strings.Contains(got["objects/Pump__c.object"], part) {
			t.Errorf("%s is missing in %s", part, got["objects/Pump__c.object"])
		}
	}
}

func TestASessionThatEndsInTheMiddleOfADeployment(t *testing.T) {
	w := seeded(t, Options{Pace: 30 * time.Millisecond}, class(map[string]string{}, "Old", "public class Old {}"))
	files := map[string]string{"package.xml": manifest("ApexClass *")}
	for _, name := range []string{"A", "B", "C", "D", "E"} {
		class(files, name, "public class "+name+" {}")
	}
	id := w.deploy(zipOf(t, files), allOrNothing)
	w.org.ExpireSessions()
	status, answer := w.soap("<checkDeployStatus><asyncProcessId>" + id + "</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>")
	if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:INVALID_SESSION_ID" {
		t.Fatalf("%d %s", status, answer)
	}
	if status, _ := w.get("/services/data/v66.0"); status != http.StatusUnauthorized {
		t.Errorf("REST answers %d to a dead session", status)
	}
	w.token = w.org.Connection().AccessToken
	wantStatus(t, w.finish(id), "Succeeded")
}

func TestWordsThatAreNoClassesOfTheOrg(t *testing.T) {
	files := class(class(shop(), "Before", "public class Before {}"), "After", "public class After { public static void go() { Integer i = 1; } }")
	files["triggers/T.trigger"], files["triggers/T.trigger-meta.xml"] = "trigger T on Account (before insert, after update) {\n  After.go();\n}", strings.ReplaceAll(classMeta, "ApexClass", "ApexTrigger")
	w := seeded(t, Options{}, files)
	gone := func(name string) string {
		return w.run(map[string]string{"package.xml": manifest(), "destructiveChanges.xml": manifest("ApexClass " + name)}, allOrNothing)
	}
	wantStatus(t, gone("Before"), "Succeeded")
	wantStatus(t, gone("After"), "Failed") // its body uses it
	weave := class(map[string]string{"package.xml": manifest("ApexClass Weave")}, "Weave",
		"public class Weave {\n  DataWeave.Script s = new DataWeaveScriptResource.Orders();\n  Object o = DataWeaveScriptResource.Orders.execute(null);\n}")
	wantStatus(t, w.run(weave, allOrNothing), "Succeeded")
	label := class(map[string]string{"package.xml": manifest("ApexClass Says")}, "Says", "public class Says { String s = Label.ns.Hello; }")
	wantStatus(t, w.run(label, allOrNothing), "Succeeded")
	label = class(map[string]string{"package.xml": manifest("ApexClass Says")}, "Says", "public class Says { String s = Label.Hello; }")
	wantStatus(t, w.run(label, allOrNothing), "Failed")
}
