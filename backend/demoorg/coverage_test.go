package demoorg

import (
	"fmt"
	"strings"
	"testing"
)

func TestCoverageFollowsTheCalls(t *testing.T) {
	w := seeded(t, Options{}, map[string]string{"settings/Account.settings": `<?xml version="1.0"?><AccountSettings xmlns="http://soap.sforce.com/2006/04/metadata"/>`})
	deep := "public class Deep {\n  public static void top() {\n    middle();\n  }\n  static void middle() {\n    Integer i = 1;\n  }\n  static void never() {\n    Integer i = 2;\n  }\n}"
	files := class(class(map[string]string{"package.xml": manifest("ApexClass Deep DeepTest")}, "Deep", deep), "DeepTest", testClassOf("DeepTest", "Deep.top();"))
	answer := w.run(files, allOrNothing+"<testLevel>RunLocalTests</testLevel>")
	wantStatus(t, answer, "Succeeded")
	coverage := element(answer, "codeCoverage")
	if element(coverage, "numLocations") != "3" || element(coverage, "numLocationsNotCovered") != "1" || element(coverage, "line") != "9" {
		t.Errorf("coverage = %s", coverage)
	}
}

func TestWhichLinesAreLocations(t *testing.T) {
	source := readApex("Lines", false, []byte(`public class Lines {
  public static List<Account> all(String name) {
    List<Account> found = [
      SELECT Id
      FROM Account
      WHERE Name = :name
    ];
    System.debug(
      'found ' + found
    );
    if (
      found.isEmpty()
    ) {
      found.add(new Account(
        Name = name
      ));
    } else {
      return found; // the other way
    }

    return null;
  }
}`))
	if got := fmt.Sprint(source.Methods[0].Lines); got != "[3 11 12 14 15 18 21]" {
		t.Errorf("lines %s", got)
	}
}

func TestAPlatformEventsTriggerIsFiredByPublishing(t *testing.T) {
	meta := strings.ReplaceAll(classMeta, "ApexClass", "ApexTrigger")
	event := object("<deploymentStatus>Deployed</deploymentStatus><label>Log</label>" + textField("Text__c", "Text"))
	cases := map[string]struct{ log, test, trigger, want string }{
		"published by the test":         {"", "EventBus.publish(new Log__e());", "Log__e", "0"},
		"published by what it calls":    {"Log__e e = new Log__e(); EventBus.publish(e);", "Log.write();", "Log__e", "0"},
		"made here, published there":    {"EventBus.publish(made());\n  }\n  static List<SObject> made() { return new Maker().events();", "Log.write();", "Log__e", "0"},
		"named and never published":     {"Log__e e = new Log__e();", "Log.write();", "Log__e", "1"},
		"DML reaches no platform event": {"Log__e e = new Log__e(); insert new Account();", "Log.write();", "Log__e", "1"},
		"a method of the same name":     {"Account a = new Account();", "Log.write(); Log.publish();", "Account", "1"},
		"DML reaches any other object":  {"insert new Account();", "Log.write();", "Account", "0"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			files := class(map[string]string{"package.xml": manifest("ApexClass Log LogTest Maker", "ApexTrigger Logged", "CustomObject Log__e"), "objects/Log__e.object": event},
				"Log", "public class Log {\n  public static void write() { "+c.log+" }\n  public static void publish() { }\n}")
			class(files, "LogTest", testClassOf("LogTest", c.test))
			class(files, "Maker", "public class Maker {\n  public List<SObject> events() { return new List<SObject>{ new Log__e() }; }\n}")
			files["triggers/Logged.trigger"], files["triggers/Logged.trigger-meta.xml"] = "trigger Logged on "+c.trigger+" (after insert) { Integer i = 1; }", meta
			answer := seeded(t, Options{}, shop()).run(files, allOrNothing+"<testLevel>RunLocalTests</testLevel>")
			wantStatus(t, answer, "Succeeded")
			for _, covered := range elements(answer, "codeCoverage") {
				if element(covered, "name") == "Logged" && element(covered, "numLocationsNotCovered") != c.want {
					t.Errorf("coverage = %s", covered)
				}
			}
		})
	}
}
