package demoorg

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"countersign/backend/demoorg/sample"
)

func sampleOrg(t *testing.T, kind Kind) *world {
	t.Helper()
	return serve(t, openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Kind: kind}))
}

func asText(files map[string][]byte) map[string]string {
	out := map[string]string{}
	for path, data := range files {
		out[path] = string(data)
	}
	return out
}

func lines(members []sample.Member) []string {
	byType := map[string][]string{}
	for _, m := range members {
		byType[m.Type] = append(byType[m.Type], strings.ReplaceAll(m.Name, " ", "~"))
	}
	var out []string
	for typeName, names := range byType {
		out = append(out, typeName+" "+strings.Join(names, " "))
	}
	sort.Strings(out)
	return out
}

func TestTheSampleOrgsKeepTheirIdentity(t *testing.T) {
	for kind, want := range map[Kind]string{KindUAT: UATOrganizationID, KindProduction: ProductionOrganizationID} {
		w := sampleOrg(t, kind)
		if got := w.org.Connection().OrganizationID; got != want || got != id18(got[:15]) {
			t.Errorf("%s: %s", kind, got)
		}
		if w.org.Connection().Username == w.org.SecondUser().Username {
			t.Error("the two users are one")
		}
	}
}

func TestTheSampleRefersToNothingThatIsMissing(t *testing.T) {
	for _, kind := range []Kind{KindUAT, KindProduction} {
		w := sampleOrg(t, kind)
		for _, r := range w.org.model.references() {
			if !w.org.model.has(r.To) && !standardThing(r.To) && len(w.org.model.childrenOf(r.To)) == 0 {
				t.Errorf("%s: %s needs %s (%s)", kind, r.From, r.To, r.Where)
			}
		}
		for word := range w.org.model.unexplained() {
			t.Errorf("%s: Apex uses %s, which nothing explains", kind, word)
		}
	}
}

func TestTheSamplePackagesTellTheirStory(t *testing.T) {
	packages, err := sample.Packages()
	if err != nil {
		t.Fatal(err)
	}
	uat := sampleOrg(t, KindUAT)
	for _, p := range packages {
		t.Run(p.Name, func(t *testing.T) {
			uat.t = t
			request := unpackaged(lines(p.Members)...)
			if p.ChangeSet != "" {
				request = "<packageNames>" + p.ChangeSet + "</packageNames><singlePackage>false</singlePackage>"
			}
			files, answer := uat.retrieve(request)
			if element(answer, "messages") != "" {
				t.Fatalf("UAT lacks something: %s", element(answer, "messages"))
			}
			production := sampleOrg(t, KindProduction)
			result := production.run(files, allOrNothing)
			problems := strings.Join(elements(result, "problem"), "\n")
			if len(p.Forgotten) == 0 {
				if statusOf(result) != "Succeeded" {
					t.Errorf("status = %s\n%s\n%s\n%s", statusOf(result), problems, elements(result, "failures"), elements(result, "codeCoverageWarnings"))
				}
				return
			}
			wantStatus(t, result, "Failed")
			for _, m := range p.Forgotten {
				if !strings.Contains(problems, fmt.Sprintf("no %s named %s found", m.Type, m.Name)) {
					t.Errorf("%s is not missed: %s", m.Name, problems)
				}
			}
			files, _ = uat.retrieve(unpackaged(lines(append(append([]sample.Member{}, p.Members...), p.Forgotten...))...))
			result = production.run(files, allOrNothing)
			if got := strings.Join(elements(result, "problem"), "\n"); got != "" {
				t.Errorf("with what was forgotten there is still: %s", got)
			}
			failures := elements(result, "failures")
			if len(failures) != 1 || statusOf(result) != "Failed" {
				t.Fatalf("one test should fail in production: %s %v", statusOf(result), failures)
			}
			mend(t, uat)
			files, _ = uat.retrieve(unpackaged(lines(append(append([]sample.Member{}, p.Members...), p.Forgotten...))...))
			result = production.run(files, allOrNothing)
			if statusOf(result) != "Succeeded" {
				t.Errorf("after the mend: %s %v %v", statusOf(result), elements(result, "failures"), elements(result, "codeCoverageWarnings"))
			}
		})
	}
}

func mend(t *testing.T, uat *world) {
	t.Helper()
	mine := uat.token
	uat.token = uat.org.SecondUser().AccessToken
	defer func() { uat.token = mine }()
	wantStatus(t, uat.run(asText(sample.Fix("mend")), allOrNothing), "Succeeded")
}

func TestAnotherUserMovesSourceAndTarget(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		fix  string
		key  string
	}{{KindUAT, "source-moved", "ApexClass RenewalService"}, {KindProduction, "target-moved", "ValidationRule Opportunity.Discount_Needs_Reason"}} {
		w := sampleOrg(t, c.kind)
		before, _ := w.retrieve(unpackaged(c.key))
		w.token = w.org.SecondUser().AccessToken
		wantStatus(t, w.run(asText(sample.Fix(c.fix)), allOrNothing), "Succeeded")
		after, answer := w.retrieve(unpackaged(c.key))
		moved := false
		for path := range before {
			moved = moved || before[path] != after[path]
		}
		if !moved || element(answer, "lastModifiedByName") != "Robin Admin" {
			t.Errorf("%s: nothing moved, or by nobody: %s", c.fix, element(answer, "lastModifiedByName"))
		}
	}
}

func TestDependenciesHaveTheirGaps(t *testing.T) {
	w := sampleOrg(t, KindUAT)
	_, classes, _ := w.query(true, "SELECT Id, Name FROM ApexClass WHERE Name = 'RenewalService'")
	if len(classes) != 1 {
		t.Fatalf("ApexClass: %v", classes)
	}
	_, users, raw := w.query(true, "SELECT MetadataComponentName, MetadataComponentType, RefMetadataComponentName FROM MetadataComponentDependency WHERE RefMetadataComponentId IN ('"+classes[0]["Id"].(string)+"')")
	if len(users) == 0 {
		t.Fatalf("nothing uses RenewalService: %s", raw)
	}
	_, all, _ := w.query(true, "SELECT MetadataComponentType, RefMetadataComponentType FROM MetadataComponentDependency")
	if len(all) == 0 {
		t.Fatal("there are no dependencies")
	}
	for _, row := range all {
		switch row["MetadataComponentType"] {
		case "PermissionSet", "Profile", "Report":
			t.Fatalf("the real object would not know this row: %v", row)
		}
	}
}

// Large orgs and large deployments stay quick.
func TestTenThousandCustomizations(t *testing.T) {
	objects, perObject, classes := 100, 90, 1000
	if raceDetector {
		objects, classes = 10, 100
	}
	files := map[string]string{}
	for i := range objects {
		var fields strings.Builder
		for j := range perObject {
			fields.WriteString(textField(fmt.Sprintf("F%02d__c", j), "Label"))
		}
		files[fmt.Sprintf("objects/Thing%02d__c.object", i)] = object("<label>Thing</label>" + fields.String())
	}
	counting := func(add int) map[string]string {
		some := map[string]string{}
		for i := range classes {
			class(some, fmt.Sprintf("C%04d", i), fmt.Sprintf("public class C%04d { public static void go() { Integer i = %d; } }", i, i+add))
		}
		return some
	}
	maps.Copy(files, counting(0))
	w := seeded(t, Options{}, files)
	start := time.Now()
	_, answer := w.soap("<listMetadata><queries><type>CustomField</type></queries><queries><type>ApexClass</type></queries><queries><type>CustomObject</type></queries></listMetadata>")
	if n, want := strings.Count(answer, "<fullName>"), objects*(perObject+1)+classes; n != want {
		t.Errorf("%d entries, want %d", n, want)
	}
	listed := time.Since(start)
	got, _ := w.retrieve(unpackaged("CustomObject *", "ApexClass *"))
	if len(got) != objects+2*classes+1 {
		t.Errorf("%d files came back", len(got))
	}
	retrieved := time.Since(start) - listed

	change := counting(1)
	change["package.xml"] = manifest("ApexClass *")
	start = time.Now()
	answer = w.run(change, allOrNothing)
	wantStatus(t, answer, "Succeeded")
	deployed := time.Since(start)
	if n := element(answer, "numberComponentsDeployed"); n != fmt.Sprint(classes) {
		t.Errorf("%s components were deployed", n)
	}
	t.Logf("list %v, retrieve %v, deploy %v", listed, retrieved, deployed)
}

func TestUnknownHostInProcessIsFine(t *testing.T) {
	org := openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Kind: KindProduction})
	r, err := http.NewRequest(http.MethodGet, "http://anything.example/services/data", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: org.Transport()}).Do(r)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	res.Body.Close()
}
