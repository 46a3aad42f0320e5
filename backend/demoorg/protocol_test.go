package demoorg

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func envelopeFor(token, body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader xmlns="http://soap.sforce.com/2006/04/metadata"><sessionId>` +
		token + `</sessionId></SessionHeader></e:Header><e:Body xmlns="http://soap.sforce.com/2006/04/metadata">` + body + `</e:Body></e:Envelope>`
}

func TestMetadataFaults(t *testing.T) {
	w := seeded(t, Options{}, shop())
	cases := []struct{ name, body, code, text string }{
		{"an unknown operation", "<readMetadata/>", "INVALID_OPERATION", "readMetadata"},
		{"an unknown type", "<listMetadata><queries><type>Widget</type></queries></listMetadata>", "INVALID_TYPE", "Widget"},
		{"four queries", "<listMetadata>" + strings.Repeat("<queries><type>ApexClass</type></queries>", 4) + "</listMetadata>", "LIMIT_EXCEEDED", "limit is: 3"},
		{"an unknown deployment", "<checkDeployStatus><asyncProcessId>0Af000000000000AAA</asyncProcessId></checkDeployStatus>", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"},
		{"an unknown retrieve", "<checkRetrieveStatus><asyncProcessId>09S000000000000AAA</asyncProcessId></checkRetrieveStatus>", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"},
		{"a deploy without a zip", "<deploy><DeployOptions/></deploy>", "INVALID_OPERATION", "ZipFile"},
		{"a zip that is no base64", "<deploy><ZipFile>$$$$</ZipFile><DeployOptions/></deploy>", "INVALID_OPERATION", "base64"},
		{"a message that ends early", "<deploy><ZipFile>AAAA", "UNKNOWN_EXCEPTION", "can't be read"},
		{"a doctype", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "UNKNOWN_EXCEPTION", "DOCTYPE"},
	}
	for _, c := range cases {
		status, answer := w.soap(c.body)
		if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:"+c.code || !strings.Contains(element(answer, "faultstring"), c.text) || strings.Contains(answer, "<detail>") {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(w.org.dir, "deployments", "*")); len(left) != 0 {
		t.Errorf("refused requests left files: %v", left)
	}
	w.token = "00D000000000000!nothing"
	if status, answer := w.soap("<describeMetadata/>"); status != http.StatusInternalServerError || !regexp.MustCompile(`<faultcode>[a-zA-Z]+:INVALID_SESSION_ID</faultcode>`).MatchString(answer) {
		t.Errorf("no session: %d %s", status, answer)
	}
}

func TestHostileZipsFailTheirDeployment(t *testing.T) {
	w := seeded(t, Options{}, shop())
	cases := []struct {
		name   string
		zipped []byte
		code   string
	}{
		{"not a zip", []byte("hello"), "UNKNOWN_EXCEPTION"},
		{"a path that leads out", zipOf(t, map[string]string{"package.xml": manifest(), "../evil.cls": "x"}), "UNKNOWN_EXCEPTION"},
		{"a bomb", zipOf(t, map[string]string{"package.xml": manifest(), "classes/A.cls": strings.Repeat("\x00", 12<<20)}), "LIMIT_EXCEEDED"},
	}
	for _, c := range cases {
		answer := w.finish(w.deploy(c.zipped, allOrNothing))
		wantStatus(t, answer, "Failed")
		if element(answer, "errorStatusCode") != c.code || element(answer, "errorMessage") == "" {
			t.Errorf("%s: %s", c.name, answer)
		}
	}
	wantStatus(t, w.run(map[string]string{"package.xml": manifest()}, allOrNothing), "Succeeded")
}

func TestAZipThatIsTooLargeIsRefused(t *testing.T) {
	if raceDetector {
		t.Skip("52 MB of base64 take long under the race detector, and nothing here is shared")
	}
	w := seeded(t, Options{}, shop())
	body := io.MultiReader(strings.NewReader(strings.TrimSuffix(envelopeFor(w.token, "<deploy><ZipFile>"), "</e:Body></e:Envelope>")), &endless{left: 60 << 20})
	r, err := http.NewRequest(http.MethodPost, w.url+"/services/Soap/m/66.0", body)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := w.do(r)
	if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:LIMIT_EXCEEDED" {
		t.Errorf("%d %s", status, answer)
	}
}

type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'A'
	}
	e.left -= n
	return n, nil
}

func TestListMetadata(t *testing.T) {
	files := shop()
	files["objects/Account.object"] = object(textField("A__c", "A"))
	files["objects/Pump__c.object"] = object("<label>Pump</label>" + textField("A__c", "A"))
	files["reports/Sales/Open.report"] = `<Report xmlns="http://soap.sforce.com/2006/04/metadata"><name>Open</name></Report>`
	files["reports/Sales-meta.xml"] = `<ReportFolder xmlns="http://soap.sforce.com/2006/04/metadata"><name>Sales</name></ReportFolder>`
	w := seeded(t, Options{}, files)
	list := func(query string) map[string]string {
		_, answer := w.soap("<listMetadata><queries>" + query + "</queries><asOfVersion>66.0</asOfVersion></listMetadata>")
		entries := map[string]string{}
		for _, e := range elements(answer, "result") {
			entries[element(e, "fullName")] = e
		}
		return entries
	}
	objects := list("<type>CustomObject</type>")
	if e := objects["Account"]; element(e, "lastModifiedDate") != "1970-01-01T00:00:00.000Z" || element(e, "id") != "" || strings.Contains(e, "manageableState") {
		t.Errorf("a standard object: %s", e)
	}
	if e := objects["Pump__c"]; strings.HasPrefix(element(e, "lastModifiedDate"), "1970") || len(element(e, "id")) != 18 || element(e, "fileName") != "objects/Pump__c.object" {
		t.Errorf("a custom object: %s", e)
	}
	if got := list("<type>CustomField</type>"); len(got) != 2 || got["Account.A__c"] == "" {
		t.Errorf("fields: %v", got)
	}
	if got := list("<type>Report</type>"); len(got) != 0 {
		t.Errorf("reports without a folder: %v", got)
	}
	if got := list("<type>ReportFolder</type>"); len(got) != 1 || element(got["Sales"], "type") != "ReportFolder" {
		t.Errorf("folders: %v", got)
	}
	if got := list("<folder>Sales</folder><type>Report</type>"); len(got) != 1 || got["Sales/Open"] == "" {
		t.Errorf("reports of a folder: %v", got)
	}
	if _, answer := w.soap("<listMetadata><queries><type>Flow</type></queries></listMetadata>"); !strings.Contains(answer, "<listMetadataResponse></listMetadataResponse>") {
		t.Errorf("an empty list: %s", answer)
	}
	_, described := w.soap("<describeMetadata><asOfVersion>66.0</asOfVersion></describeMetadata>")
	found := false
	for _, o := range elements(described, "metadataObjects") {
		if element(o, "xmlName") == "CustomObject" {
			found = strings.Contains(o, "<childXmlNames>CustomField</childXmlNames>") && element(o, "directoryName") == "objects"
		}
	}
	if !found {
		t.Error("describeMetadata does not describe CustomObject with its children")
	}
}

func TestTheSeedComesBackByteForByte(t *testing.T) {
	files := shop()
	files["objects/Account.object"] = "\ufeff" + object("\n    "+textField("A__c", "A")+"<!-- kept -->\n")
	files["labels/CustomLabels.labels"] = `<CustomLabels xmlns="http://soap.sforce.com/2006/04/metadata"><labels><fullName>B</fullName><language>en_US</language><protected>false</protected><shortDescription>B</shortDescription><value>B &amp; co</value></labels></CustomLabels>`
	files["lwc/panel/panel.js"] = "import x from 'y';\r\n"
	files["lwc/panel/panel.js-meta.xml"] = `<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata"/>`
	files["widgets/Clock.widget"] = "tick\x00tock"
	files["widgets/Clock.widget-meta.xml"] = "<Widget/>"
	files["widgets/deep/Two.widget"] = "two"
	names := []string{"ApexClass *", "CustomObject Account", "CustomField Account.A__c", "CustomLabels CustomLabels", "LightningComponentBundle panel", "Widget Clock deep"}
	files["package.xml"] = manifest(names...)
	for _, form := range []string{"folder", "zip"} {
		t.Run(form, func(t *testing.T) {
			seed := writeFolder(t, files)
			if form == "zip" {
				seed = filepath.Join(t.TempDir(), "seed.zip")
				if err := os.WriteFile(seed, zipOf(t, below("org", files)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w := serve(t, openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Seed: seed}))
			got, answer := w.retrieve(unpackaged(names...))
			for path, content := range files {
				if path != "package.xml" && got[path] != content {
					t.Errorf("%s came back as %q\n%s", path, got[path], element(answer, "messages"))
				}
			}
			if id := w.org.Connection().OrganizationID; id == UATOrganizationID || len(id) != 18 || id != id18(id[:15]) {
				t.Errorf("organization id of a seeded org: %s", id)
			}
			// A strange type can be deployed, too.
			change := map[string]string{"package.xml": manifest("Widget Clock"), "widgets/Clock.widget": "tock", "widgets/Clock.widget-meta.xml": "<Widget/>"}
			wantStatus(t, w.run(change, allOrNothing), "Succeeded")
			if got, _ := w.retrieve(unpackaged("Widget *")); got["widgets/Clock.widget"] != "tock" || got["widgets/deep/Two.widget"] != "two" {
				t.Errorf("widgets: %v", got)
			}
		})
	}
}

func TestRetrieveOfFolderAndUnknownPackage(t *testing.T) {
	w := seeded(t, Options{}, shop())
	inner := strings.TrimPrefix(unpackaged("ApexClass Shop Gone"), "<singlePackage>true</singlePackage>")
	got, answer := w.retrieve(inner)
	if got["unpackaged/classes/Shop.cls"] == "" || got["unpackaged/package.xml"] == "" {
		t.Errorf("files: %v", got)
	}
	if element(element(answer, "messages"), "fileName") != "unpackaged/package.xml" {
		t.Errorf("message: %s", answer)
	}
	_, answer = w.retrieve("<packageNames>Nowhere</packageNames><singlePackage>false</singlePackage>")
	if element(answer, "status") != "Failed" || !strings.Contains(element(answer, "errorMessage"), "No package named 'Nowhere' found") {
		t.Errorf("an unknown change set: %s", answer)
	}
}
