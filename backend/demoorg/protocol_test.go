package demoorg

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func login(w *world, version, username, password string) (int, string) {
	w.t.Helper()
	return w.send("/services/Soap/u/"+version, `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>`+
		username+`</username><password>`+password+`</password></login></se:Body></se:Envelope>`)
}

func TestLogin(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Now: clock.read}, shop())
	me := w.org.SecondUser()

	status, answer := login(w, "64.0", me.Username, me.Password)
	if status != http.StatusOK {
		t.Fatalf("login: %d %s", status, answer)
	}
	token := element(answer, "sessionId")
	if !regexp.MustCompile(`^(00D\w{12,15})![.\w]*$`).MatchString(token) {
		t.Errorf("the sf CLI would refuse this token: %s", token)
	}
	server := element(answer, "metadataServerUrl")
	if element(answer, "userFullName") != "Robin Admin" || element(answer, "organizationId") != me.OrganizationID || element(answer, "sandbox") != "true" {
		t.Errorf("answer = %s", answer)
	}
	w.token = token
	if path := strings.TrimPrefix(server, w.url); path == server {
		t.Errorf("the server URL %s is elsewhere", server)
	} else if status, answer := w.send(path, envelopeFor(token, "<describeMetadata><asOfVersion>64.0</asOfVersion></describeMetadata>")); status != http.StatusOK {
		t.Errorf("describeMetadata at the login's address: %d %s", status, answer)
	}

	clock.now = clock.now.Add(3 * time.Hour)
	if status, _ := w.get("/services/data/v66.0"); status != http.StatusUnauthorized {
		t.Errorf("an old session gives %d", status)
	}
	cases := []struct{ name, version, username, password, code string }{
		{"too new", "65.0", me.Username, me.Password, "INVALID_OPERATION"},
		{"too old", "30.0", me.Username, me.Password, "UNSUPPORTED_API_VERSION"},
		{"wrong password", "64.0", me.Username, "wrong", "INVALID_LOGIN"},
		{"no such user", "64.0", "nobody@demo.example", me.Password, "INVALID_LOGIN"},
		{"a name without a password", "64.0", "", "", "INVALID_LOGIN"},
	}
	for _, c := range cases {
		status, answer := login(w, c.version, c.username, c.password)
		if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:"+c.code || element(answer, "sf:exceptionCode") != c.code {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	for range 5 {
		login(w, "64.0", me.Username, "wrong")
	}
	if _, answer := login(w, "64.0", me.Username, me.Password); element(answer, "faultcode") != "sf:PASSWORD_LOCKOUT" {
		t.Errorf("six wrong passwords do not lock: %s", answer)
	}
	clock.now = clock.now.Add(16 * time.Minute)
	if status, answer := login(w, "64.0", me.Username, me.Password); status != http.StatusOK {
		t.Errorf("the lock does not end: %s", answer)
	}
}

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

func TestDeployRequestIsListedBeforeDeployAnswers(t *testing.T) {
	w := seeded(t, Options{Pace: 20 * time.Millisecond}, shop())
	id := w.deploy(zipOf(t, below("mark", manyClasses(5))), allOrNothing)
	status, rows, raw := w.query(true, "SELECT Id, Status, CheckOnly, CreatedDate, CreatedById FROM DeployRequest WHERE CreatedDate >= 2020-01-01T00:00:00Z AND Status IN ('Pending','InProgress') ORDER BY CreatedDate DESC LIMIT 5")
	if status != http.StatusOK || len(rows) != 1 || rows[0]["Id"] != id || rows[0]["CheckOnly"] != false {
		t.Fatalf("%d %s", status, raw)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000+0000", rows[0]["CreatedDate"].(string)); err != nil {
		t.Error(err)
	}
	wantStatus(t, w.finish(id), "Succeeded")
	_, rows, _ = w.query(true, "SELECT NumberComponentsTotal, CompletedDate FROM DeployRequest WHERE Id = '"+id[:15]+"' AND (CheckOnly = false OR NumberComponentErrors > 0)")
	if len(rows) != 1 || rows[0]["NumberComponentsTotal"] != float64(5) || rows[0]["CompletedDate"] == nil {
		t.Errorf("rows = %v", rows)
	}
	if _, rows, _ = w.query(true, "SELECT Id FROM DeployRequest WHERE CompletedDate = null OR CreatedDate < 2020-01-01T00:00:00.000+0000"); len(rows) != 0 {
		t.Errorf("rows = %v", rows)
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	w := seeded(t, Options{}, shop())
	dependency := "SELECT MetadataComponentId FROM MetadataComponentDependency "
	cases := []struct {
		tooling     bool
		soql, error string
	}{
		{false, "SELECT Id FROM ScratchOrgInfo limit 1", "INVALID_TYPE"},
		{false, "SELECT Id, Colour FROM Organization", "INVALID_FIELD"},
		{false, "SELECT Id FROM Organization WHERE Name LIKE 'D%'", "MALFORMED_QUERY"},
		{false, "SELECT count() FROM Organization", "MALFORMED_QUERY"},
		{false, "SELECT Id FROM Organization OFFSET 2", "MALFORMED_QUERY"},
		{false, "SELECT Id FROM Organization WHERE Name = 'x' AND Id = 'y' OR Id = 'z'", "MALFORMED_QUERY"},
		{false, "SELECT Id FROM Organization WHERE Name = 'x", "MALFORMED_QUERY"},
		{false, "SELECT Id FROM Organization WHERE Name = 4", "INVALID_FIELD"},
		{false, "SELECT FROM", "MALFORMED_QUERY"},
		{false, "", "MALFORMED_QUERY"},
		{false, "SELECT Id FROM Organization WHERE " + strings.Repeat("(", 200) + "Id = 'x'", "MALFORMED_QUERY"},
		{true, dependency + "ORDER BY MetadataComponentType", "MALFORMED_QUERY"},
		{true, dependency + "WHERE RefMetadataComponentName = 'X'", "MALFORMED_QUERY"},
		{true, dependency + "WHERE MetadataComponentId > 'X'", "MALFORMED_QUERY"},
		{true, dependency + "WHERE RefMetadataComponentType = 'StandardEntity'", "MALFORMED_QUERY"},
		{true, "SELECT Id FROM DeployRequest GROUP BY Id", "MALFORMED_QUERY"},
	}
	for _, c := range cases {
		status, _, raw := w.query(c.tooling, c.soql)
		var errors []struct{ Message, ErrorCode string }
		if err := json.Unmarshal([]byte(raw), &errors); err != nil || status != http.StatusBadRequest || len(errors) != 1 || errors[0].ErrorCode != c.error || errors[0].Message == "" {
			t.Errorf("%q: %d %s, want %s", c.soql, status, raw, c.error)
		}
	}
}

func TestRESTResources(t *testing.T) {
	w := seeded(t, Options{}, shop())
	_, raw := w.get("/services/data")
	var versions []struct{ Label, Version string }
	if err := json.Unmarshal([]byte(raw), &versions); err != nil {
		t.Fatal(err)
	}
	if last := versions[len(versions)-1]; last.Version != "68.0" || last.Label != "Winter '27" {
		t.Errorf("the newest version is %+v", last)
	}
	for _, v := range versions {
		if v.Version == "66.0" && v.Label != "Spring '26" {
			t.Errorf("66.0 is called %s", v.Label)
		}
	}
	_, raw = w.get("/services/oauth2/userinfo")
	var me map[string]any
	if err := json.Unmarshal([]byte(raw), &me); err != nil {
		t.Fatal(err)
	}
	status, raw := w.get("/services/data/v51.0/sobjects/User/" + me["user_id"].(string))
	if status != http.StatusOK || !strings.Contains(raw, w.org.Connection().Username) {
		t.Errorf("User: %d %s", status, raw)
	}
	_, rows, _ := w.query(false, "SELECT Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization")
	if len(rows) != 1 || rows[0]["IsSandbox"] != true || rows[0]["TrialExpirationDate"] != nil || rows[0]["Name"] != "Demo UAT" {
		t.Errorf("Organization: %v", rows)
	}
	for path, want := range map[string]int{
		"/services/data/v66.0/limits": 200, "/services/data/v66.0": 200, "/services/data/v69.0": 404,
		"/services/data/v66.0/tooling/sobjects/SourceMember/describe": 404, "/nothing": 404,
	} {
		if status, raw := w.get(path); status != want {
			t.Errorf("%s: %d %s", path, status, raw)
		}
	}
	w.token = "wrong"
	if status, raw := w.get("/services/data/v66.0/limits"); status != http.StatusUnauthorized || raw != `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]` {
		t.Errorf("%d %s", status, raw)
	}
}

func TestRESTDeploy(t *testing.T) {
	w := seeded(t, Options{}, shop())
	send := func(jsonName string, jsonFirst bool) string {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part := func(name, file, kind string, data []byte) {
			h := textproto.MIMEHeader{"Content-Type": {kind}, "Content-Disposition": {`form-data; name="` + name + `"`}}
			if file != "" {
				h.Set("Content-Disposition", `form-data; name="`+name+`"; filename="`+file+`"`)
			}
			to, err := form.CreatePart(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := to.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		options := func() {
			part(jsonName, "", "application/json", []byte(`{"deployOptions":{"checkOnly":true,"testLevel":"RunLocalTests"}}`))
		}
		if jsonFirst {
			options()
		}
		part("file", "package.xml", "application/zip", zipOf(t, below("rest", manyClasses(1))))
		if !jsonFirst {
			options()
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, w.url+"/services/data/v66.0/metadata/deployRequest", &body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Authorization", "Bearer "+w.token)
		status, raw := w.do(r)
		var answer struct{ ID string }
		if err := json.Unmarshal([]byte(raw), &answer); err != nil || status != http.StatusCreated {
			t.Fatalf("%d %s", status, raw)
		}
		return answer.ID
	}
	for _, c := range []struct {
		name  string
		first bool
	}{{"json", true}, {"entity_content", false}} {
		id := send(c.name, c.first)
		wantStatus(t, w.finish(id), "Succeeded")
		status, raw := w.get("/services/data/v66.0/metadata/deployRequest/" + id + "?includeDetails=true")
		var answer struct {
			DeployResult struct {
				CheckOnly bool
				Status    string
				Details   struct {
					ComponentFailures  []any
					ComponentSuccesses []struct{ FileName string }
				}
			}
		}
		if err := json.Unmarshal([]byte(raw), &answer); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s", status, raw)
		}
		r := answer.DeployResult
		if r.Status != "Succeeded" || !r.CheckOnly || r.Details.ComponentFailures == nil || len(r.Details.ComponentSuccesses) != 2 {
			t.Errorf("%s", raw)
		}
	}
	last := w.org.Deployments()
	r, err := http.NewRequest(http.MethodPost, w.url+"/services/data/v66.0/metadata/deployRequest", strings.NewReader(`{"validatedDeployRequestId":"`+last[0].ID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	r.Header.Set("Content-Type", "application/json")
	if status, raw := w.do(r); status != http.StatusCreated {
		t.Errorf("quick deploy over REST: %d %s", status, raw)
	}
}

func TestWebPagesAreRefused(t *testing.T) {
	w := seeded(t, Options{}, shop())
	cases := []struct {
		name, header, value, path string
		want                      int
	}{
		{"a plain client", "", "", "/services/data", 200},
		{"Node's fetch, as in the sf CLI", "Sec-Fetch-Mode", "cors", "/services/data", 200},
		{"a page's script", "Origin", "http://evil.example", "/services/data", 403},
		{"a sandboxed frame", "Origin", "null", "/services/data", 403},
		{"a link", "Sec-Fetch-Site", "cross-site", "/services/data", 403},
		{"an image", "Sec-Fetch-Dest", "image", "/services/data", 403},
		{"a navigation", "Sec-Fetch-Mode", "navigate", "/services/data", 403},
		{"another host", "Host", "evil.example", "/services/data", 403},
		{"another host at the sign-in page", "Host", "evil.example", "/services/oauth2/authorize", 403},
		{"a browser at the sign-in page", "Sec-Fetch-Site", "none", "/services/oauth2/authorize?response_type=code&client_id=a&code_challenge=b&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2Fx", 302},
		{"a callback elsewhere", "", "", "/services/oauth2/authorize?response_type=code&client_id=a&code_challenge=b&redirect_uri=http%3A%2F%2Fevil.example%2Fx", 403},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, c := range cases {
		r, err := http.NewRequest(http.MethodGet, w.url+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header == "Host" {
			r.Host = c.value
		} else if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
}

func TestOAuthWithPKCEAndRotation(t *testing.T) {
	w := seeded(t, Options{}, shop())
	verifier := strings.Repeat("v", 171) // as long as the sf CLI's
	sum := sha256.Sum256([]byte(verifier))
	redirect := "http://localhost:1717/OauthRedirect"
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	authorize := func() string {
		q := url.Values{"state": {"s1"}, "response_type": {"code"}, "client_id": {"PlatformCLI"}, "redirect_uri": {redirect},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "login_hint": {w.org.SecondUser().Username}}
		res, err := client.Get(w.url + "/services/oauth2/authorize?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		back, err := res.Location()
		if err != nil || back.Query().Get("state") != "s1" || back.Host != "localhost:1717" {
			t.Fatalf("redirect to %v, %v", back, err)
		}
		return back.Query().Get("code")
	}
	post := func(form url.Values) (int, map[string]string) {
		res, err := http.PostForm(w.url+"/services/oauth2/token", form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer := map[string]string{}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, answer
	}
	redeem := func(code, verifier string) (int, map[string]string) {
		return post(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"PlatformCLI"}, "redirect_uri": {redirect}, "code_verifier": {verifier}})
	}
	refresh := func(token string) (int, map[string]string) {
		return post(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"PlatformCLI"}})
	}
	if status, answer := redeem(authorize(), "wrong"); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("a wrong verifier: %d %v", status, answer)
	}
	code := authorize()
	status, first := redeem(code, verifier)
	if status != http.StatusOK || first["instance_url"] != w.url {
		t.Fatalf("%d %v", status, first)
	}
	if status, answer := redeem(code, verifier); status != 400 || answer["error_description"] != "expired authorization code" {
		t.Errorf("a code used twice: %d %v", status, answer)
	}
	w.token = first["access_token"]
	if _, raw := w.get("/services/oauth2/userinfo"); !strings.Contains(raw, "Robin Admin") {
		t.Errorf("userinfo: %s", raw)
	}
	status, second := refresh(first["refresh_token"])
	if status != http.StatusOK || second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("the refresh token does not rotate: %d %v", status, second)
	}
	if status, answer := refresh(first["refresh_token"]); status != 400 || answer["error_description"] != "expired access/refresh token" {
		t.Errorf("an old refresh token: %d %v", status, answer)
	}
	if status, _ := refresh(second["refresh_token"]); status != 400 {
		t.Error("the use of an old refresh token must end its family")
	}
	w.token = second["access_token"]
	if status, _ := w.get("/services/data/v66.0"); status != http.StatusUnauthorized {
		t.Error("the sessions of the family must end with it")
	}
}

func TestTransportInProcess(t *testing.T) {
	org := openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Seed: writeFolder(t, shop())})
	client := &http.Client{Transport: org.Transport()}
	me := org.Connection()
	if me.URL != "http://localhost" {
		t.Errorf("URL = %s", me.URL)
	}
	// A body that is written while it is read, as a streamed deployment is.
	reader, writer := io.Pipe()
	go func() {
		io.WriteString(writer, strings.TrimSuffix(envelopeFor(me.AccessToken, "<deploy><ZipFile>"), "</e:Body></e:Envelope>"))
		encoder := base64.NewEncoder(base64.StdEncoding, writer)
		encoder.Write(zipOf(t, below("stream", manyClasses(3))))
		encoder.Close()
		io.WriteString(writer, "</ZipFile><DeployOptions>"+allOrNothing+"</DeployOptions></deploy></e:Body></e:Envelope>")
		writer.Close()
	}()
	res, err := client.Post(me.URL+"/services/Soap/m/66.0", "text/xml", reader)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Date") == "" || element(string(answer), "state") != "Queued" {
		t.Fatalf("%v %d %s", err, res.StatusCode, answer)
	}
	res.Body.Close()

	ctx, cancel := context.WithCancel(t.Context())
	blocked, hold := io.Pipe()
	defer hold.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, me.URL+"/services/Soap/m/66.0", blocked)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := client.Do(r); err == nil || ctx.Err() == nil {
		t.Errorf("a canceled call came back with %v", err)
	}
}

// The requests that real clients were seen to send are understood.
func TestCapturedRequests(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "salesforce", "captured")
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) == 0 {
		t.Skip("the captured requests are not beside the repository")
	}
	w := serve(t, openOrg(t, filepath.Join(t.TempDir(), "org"), Options{Seed: writeFolder(t, class(map[string]string{}, "Hello", "public class Hello {}"))}))
	token := w.org.Connection().AccessToken
	oldToken := regexp.MustCompile(`00D000000000062![.\w]*`)
	oldDeployment := regexp.MustCompile(`0Af0000000000\d+AAA`)
	oldRetrieve := regexp.MustCompile(`09S0000000000\d+AAA`)
	oldUser := "005000000000001AAA"
	validation := w.run(manyClasses(1), allOrNothing+"<checkOnly>true</checkOnly><testLevel>RunLocalTests</testLevel>")
	validated := element(validation[strings.LastIndex(validation, "</details>"):], "id")
	_, started := w.soap("<retrieve><request><unpackaged><types><members>*</members><name>ApexClass</name></types></unpackaged></request></retrieve>")
	_, raw := w.get("/services/oauth2/userinfo")
	var me map[string]any
	if err := json.Unmarshal([]byte(raw), &me); err != nil {
		t.Fatal(err)
	}
	w.org.pace = time.Second // so that there is something to cancel
	cancelable := w.deploy(zipOf(t, manyClasses(2)), allOrNothing)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Method, Path, Body string
			Headers            map[string]string
			Status             int
		}
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "oauth2_token") || strings.Contains(name, "POST_services_data") {
			continue // codes and zips of another org; the tests above send their like
		}
		t.Run(name, func(t *testing.T) {
			deployment := validated
			if strings.Contains(name, "cancelDeploy") {
				deployment = cancelable
			}
			swap := func(s string) string {
				s = oldToken.ReplaceAllString(s, token)
				s = oldDeployment.ReplaceAllString(s, deployment)
				s = oldRetrieve.ReplaceAllString(s, element(started, "id"))
				s = strings.ReplaceAll(s, "demo@loopback.test", w.org.Connection().Username)
				s = strings.ReplaceAll(s, "pwTOKEN", w.org.Connection().Password)
				return strings.ReplaceAll(s, oldUser, me["user_id"].(string))
			}
			path := swap(c.Path)
			want := c.Status
			switch {
			case strings.Contains(name, "login"):
				path = "/services/Soap/u/64.0" // the client asked for 66.0, which has no login any more
			case strings.Contains(name, "deployRequest_ID"):
				path = strings.Replace(path, "0Af000000000001AAA", validated, 1)
			}
			r, err := http.NewRequest(c.Method, w.url+path, strings.NewReader(swap(c.Body)))
			if err != nil {
				t.Fatal(err)
			}
			for header, value := range c.Headers {
				if !strings.EqualFold(header, "host") && !strings.EqualFold(header, "content-length") && !strings.EqualFold(header, "connection") && !strings.EqualFold(header, "transfer-encoding") {
					r.Header.Set(header, swap(value))
				}
			}
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			answer, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != want {
				t.Errorf("%s %s: %d, want %d\n%s", c.Method, path, res.StatusCode, want, answer)
			}
			if strings.Contains(path, "/Soap/") {
				file := filepath.Join(answersDir, "captured-"+name+".xml")
				if err := os.WriteFile(file, answer, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
