package demoorg

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

func TestAZipOfSeveralPackages(t *testing.T) {
	folders := func(parts map[string]map[string]string) map[string]string {
		all := map[string]string{}
		for top, files := range parts {
			for path, content := range below(top, files) {
				all[path] = content
			}
		}
		return all
	}
	field := func(name string) map[string]string {
		return map[string]string{"package.xml": manifest("CustomField Account." + name), "objects/Account.object": object(textField(name, name))}
	}
	user := class(map[string]string{"package.xml": manifest("ApexClass Uses")}, "Uses", "public class Uses { Account a = new Account(A__c = 'x', B__c = 'y'); }")
	torn := class(map[string]string{"package.xml": manifest("ApexClass Torn")}, "Torn", "public class Torn {")
	stray := class(map[string]string{}, "Stray", "public class Stray {}")
	three := folders(map[string]map[string]string{"one": field("A__c"), "the second": field("B__c"), "uses both": user})
	cases := []struct {
		name, options string
		files         map[string]string
		status        string
		total, failed string
		problem       string
		fields        int
	}{
		{"each is deployed", allOrNothing, three, "Succeeded", "3", "0", "", 2},
		{"singlePackage is for one", allOrNothing + "<singlePackage>true</singlePackage>", three, "Failed", "0", "1", "No package.xml found", 0},
		{"all or nothing", allOrNothing, folders(map[string]map[string]string{"one": field("A__c"), "two": torn}), "Failed", "2", "1", "Missing '}'", 0},
		{"what is good goes in", "<rollbackOnError>false</rollbackOnError>", folders(map[string]map[string]string{"1": torn, "2": field("A__c")}), "SucceededPartial", "2", "1", "Missing '}'", 1},
		{"a folder that is no package", allOrNothing, folders(map[string]map[string]string{"one": field("A__c"), "stray": stray}), "Failed", "0", "1", "No package.xml found", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := seeded(t, Options{}, shop())
			answer := w.run(c.files, c.options)
			wantStatus(t, answer, c.status)
			if element(answer, "numberComponentsTotal") != c.total || element(answer, "numberComponentErrors") != c.failed || !strings.HasPrefix(element(answer, "problem"), c.problem) {
				t.Errorf("%s", answer)
			}
			files, _ := w.retrieve(unpackaged("CustomField Account.A__c Account.B__c"))
			if n := strings.Count(files["objects/Account.object"], "<fields>"); n != c.fields {
				t.Errorf("%d fields: %v", n, files)
			}
		})
	}
	w := seeded(t, Options{}, shop())
	answer := w.run(three, allOrNothing)
	names := strings.Join(elements(answer, "fileName"), "\n")
	for _, path := range []string{"one/package.xml", "one/objects/Account.object", "the second/objects/Account.object", "uses both/classes/Uses.cls"} {
		if !strings.Contains(names, path) {
			t.Errorf("%s is in none of\n%s", path, names)
		}
	}
}

func TestPurgingIsForSandboxes(t *testing.T) {
	gone := map[string]string{"package.xml": manifest(), "destructiveChanges.xml": manifest("ApexClass ShopTest")}
	const purge = allOrNothing + "<purgeOnDelete>true</purgeOnDelete>"
	uat := seeded(t, Options{}, shop())
	wantStatus(t, uat.run(gone, purge), "Succeeded")
	if files, _ := uat.retrieve(unpackaged("ApexClass *")); files["classes/ShopTest.cls"] != "" || files["classes/Shop.cls"] == "" {
		t.Errorf("files = %v", files)
	}
	production := seeded(t, Options{Kind: KindProduction}, shop())
	zipped := base64.StdEncoding.EncodeToString(zipOf(t, gone))
	status, answer := production.soap("<deploy><ZipFile>" + zipped + "</ZipFile><DeployOptions>" + purge + "</DeployOptions></deploy>")
	if status != http.StatusInternalServerError || element(answer, "faultstring") != "INVALID_OPERATION: purgeOnDelete option can only be used on a non-active org" {
		t.Errorf("%d %s", status, answer)
	}
	if n := len(production.org.Deployments()); n != 0 {
		t.Errorf("%d deployments were accepted", n)
	}
}
