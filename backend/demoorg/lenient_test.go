package demoorg

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// enveloped gives an operation of the metadata service with prefixes that no
// client of ours uses.
func enveloped(token, operation string) string {
	return `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:met="http://soap.sforce.com/2006/04/metadata"><S:Header><met:SessionHeader><met:sessionId>` +
		token + `</met:sessionId></met:SessionHeader></S:Header><S:Body>` + operation + `</S:Body></S:Envelope>`
}

// Real clients do not keep to the WSDL, each in its own way; what the sf CLI and
// jsforce were seen to send is taken.
func TestRequestsOfRealClientsAreTakenLeniently(t *testing.T) {
	w := seeded(t, Options{}, shop())
	zipped := func(files map[string]string) string { return base64.StdEncoding.EncodeToString(zipOf(t, files)) }
	hello := class(map[string]string{"package.xml": manifest("ApexClass Hello")}, "Hello", "public class Hello {}")
	helloTest := class(map[string]string{"package.xml": manifest("ApexClass Hello HelloTest OtherTest")}, "Hello", "public class Hello { public static void go() { Integer i = 1; } }")
	class(class(helloTest, "HelloTest", testClassOf("HelloTest", "Hello.go();")), "OtherTest", testClassOf("OtherTest", "Hello.go();"))
	const members = "<met:unpackaged><met:types><met:members>Shop</met:members><met:name>ApexClass</met:name></met:types><met:version>66.0</met:version></met:unpackaged>"
	cases := []struct {
		name, operation string
		done            func(id string) string // what is asked afterwards
		want            string
	}{
		{"a retrieve of sf", "<met:retrieve><met:retrieveRequest><met:apiVersion>66.0</met:apiVersion>" + members + "</met:retrieveRequest></met:retrieve>", nil, "<state>Queued</state>"},
		{"a retrieve of jsforce", "<met:retrieve><met:request><met:apiVersion>66.0</met:apiVersion>" + members + "</met:request></met:retrieve>", nil, "<state>Queued</state>"},
		{"options in another order, and few", "<met:deploy><met:ZipFile>" + zipped(hello) + "</met:ZipFile><met:DeployOptions><met:testLevel>NoTestRun</met:testLevel><met:checkOnly>true</met:checkOnly></met:DeployOptions></met:deploy>",
			w.finish, "<status>Succeeded</status>"},
		{"no options at all", "<met:deploy><met:ZipFile>" + zipped(hello) + "</met:ZipFile></met:deploy>", w.finish, "<status>Succeeded</status>"},
		{"a zip with everything one folder down, said to be a single package", "<met:deploy><met:ZipFile>" + zipped(below("zip", hello)) +
			"</met:ZipFile><met:DeployOptions><met:singlePackage>true</met:singlePackage></met:DeployOptions></met:deploy>", w.finish, "<fileName>zip/classes/Hello.cls</fileName>"},
		{"runTests again and again", "<met:deploy><met:ZipFile>" + zipped(helloTest) + "</met:ZipFile><met:DeployOptions><met:runTests>HelloTest</met:runTests><met:runTests>OtherTest</met:runTests>" +
			"<met:testLevel>RunSpecifiedTests</met:testLevel></met:DeployOptions></met:deploy>", w.finish, "<numTestsRun>2</numTestsRun>"},
	}
	for _, path := range []string{"/services/Soap/m/66.0", "//services/Soap/m/66.0/" + w.org.Connection().OrganizationID} {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				w.t = t
				status, answer := w.send(path, enveloped(w.token, c.operation))
				if status != http.StatusOK {
					t.Fatalf("%d %s", status, answer)
				}
				if c.done != nil {
					answer = c.done(element(answer, "id"))
				}
				if !strings.Contains(answer, c.want) {
					t.Errorf("no %s in %s", c.want, answer)
				}
			})
		}
	}
}

func TestAZipComesWithoutBeingAskedFor(t *testing.T) {
	w := seeded(t, Options{}, shop())
	_, started := w.soap("<retrieve><retrieveRequest><apiVersion>66.0</apiVersion>" + unpackaged("ApexClass Shop") + "</retrieveRequest></retrieve>")
	ask := "<checkRetrieveStatus><asyncProcessId>" + element(started, "id") + "</asyncProcessId></checkRetrieveStatus>"
	deadline := time.Now().Add(patience)
	_, answer := w.soap(ask)
	for element(answer, "done") != "true" && time.Now().Before(deadline) {
		_, answer = w.soap(ask)
	}
	if files := unzip(t, element(answer, "zipFile")); files["classes/Shop.cls"] != shop()["classes/Shop.cls"] {
		t.Errorf("%s", answer)
	}
}

func TestCancelDeployKnowsItsIDByEachName(t *testing.T) {
	w := seeded(t, Options{Pace: 20 * time.Millisecond}, shop())
	first := w.deploy(zipOf(t, manyClasses(200)), allOrNothing) // longer than the others take to come
	for _, name := range []string{"id", "String", "asyncProcessId"} {
		waiting := w.deploy(zipOf(t, manyClasses(1)), allOrNothing)
		if status, answer := w.soap("<cancelDeploy><" + name + ">" + waiting + "</" + name + "></cancelDeploy>"); status != http.StatusOK || element(answer, "id") != waiting {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	w.soap("<cancelDeploy><String>" + first + "</String></cancelDeploy>")
	w.finish(first)
}

// jsforce sends login() in chunks, without an XML declaration and with a prefix
// of its own.
func TestABodyInChunks(t *testing.T) {
	w := seeded(t, Options{}, shop())
	me := w.org.Connection()
	message := `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>` +
		me.Username + `</username><password>` + me.Password + `</password></login></se:Body></se:Envelope>`
	r, err := http.NewRequest(http.MethodPost, w.url+"/services/Soap/u/64.0", io.MultiReader(strings.NewReader(message[:50]), strings.NewReader(message[50:])))
	if err != nil {
		t.Fatal(err)
	}
	if r.ContentLength != 0 {
		t.Fatal("the length is known, so nothing is sent in chunks")
	}
	status, answer := w.do(r)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	w.token = element(answer, "sessionId")
	status, answer = w.send("/services/Soap/u/66.0", `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>`+
		w.token+`</sessionId></SessionHeader></e:Header><e:Body><getUserInfo xmlns="urn:partner.soap.sforce.com"/></e:Body></e:Envelope>`)
	if status != http.StatusOK || element(answer, "userName") != me.Username || element(answer, "organizationId") != me.OrganizationID {
		t.Errorf("getUserInfo: %d %s", status, answer)
	}
}

func TestAnOperationNobodyKnowsIsAFault(t *testing.T) {
	w := seeded(t, Options{}, shop())
	for _, path := range []string{"/services/Soap/m/66.0", "/services/Soap/u/66.0"} {
		if status, answer := w.send(path, enveloped(w.token, "<met:renderMetadata/>")); status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:INVALID_OPERATION" {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
}

func TestToolingQueriesOfRealClients(t *testing.T) {
	files := shop()
	files["standardValueSets/Industry.standardValueSet"] = `<?xml version="1.0" encoding="UTF-8"?><StandardValueSet xmlns="http://soap.sforce.com/2006/04/metadata"><sorted>false</sorted>` +
		`<standardValue><fullName>Energy</fullName><default>false</default><label>Energy</label></standardValue></StandardValueSet>`
	w := seeded(t, Options{}, files)
	_, classes, _ := w.query(true, "SELECT Id, Name FROM ApexClass WHERE Name = 'ShopTest'")
	if len(classes) != 1 {
		t.Fatalf("%v", classes)
	}
	_, sets, raw := w.query(true, "SELECT Id, MasterLabel, Metadata FROM StandardValueSet WHERE MasterLabel = 'Industry'")
	if len(sets) != 1 || !strings.Contains(raw, `"Energy"`) {
		t.Errorf("StandardValueSet: %s", raw)
	}
	_, uses, raw := w.query(true, "SELECT RefMetadataComponentName FROM MetadataComponentDependency WHERE MetadataComponentId = '"+classes[0]["Id"].(string)+"'")
	if len(uses) != 1 || uses[0]["RefMetadataComponentName"] != "Shop" {
		t.Errorf("MetadataComponentDependency: %s", raw)
	}
	var envelope map[string]any
	if err := json.Unmarshal([]byte(raw), &envelope); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"size", "totalSize", "done", "queryLocator", "entityTypeName"} {
		if _, there := envelope[name]; !there {
			t.Errorf("no %s in %s", name, raw)
		}
	}
}

// The documentation writes the URI of a quick deployment with the name of its
// member behind it.
func TestAQuickDeploymentByEitherURI(t *testing.T) {
	for _, uri := range []string{"deployRequest", "deployRequest/validatedDeployRequestId"} {
		w := seeded(t, Options{}, shop())
		answer := w.run(manyClasses(1), allOrNothing+"<checkOnly>true</checkOnly><testLevel>RunLocalTests</testLevel>")
		wantStatus(t, answer, "Succeeded")
		body := `{"validatedDeployRequestId":"` + w.org.Deployments()[0].ID + `"}`
		r, err := http.NewRequest(http.MethodPost, w.url+"/services/data/v66.0/metadata/"+uri, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.token)
		r.Header.Set("Content-Type", "application/json")
		if status, raw := w.do(r); status != http.StatusCreated {
			t.Errorf("%s: %d %s", uri, status, raw)
		}
	}
}

func TestACallbackOrANetworkCanBeRefused(t *testing.T) {
	w := oauthWorld{seeded(t, Options{}, shop()), "a-verifier", "http://localhost:1717/OauthRedirect"}
	query := url.Values{"response_type": {"code"}, "client_id": {"demo-callback"}, "redirect_uri": {w.redirect}, "code_challenge": {"x"}}
	status, page := w.get("/services/oauth2/authorize?" + query.Encode())
	if status != http.StatusBadRequest || !strings.Contains(page, "redirect_uri_mismatch") {
		t.Errorf("a callback that is not registered: %d %s", status, page)
	}
	code := w.authorize(url.Values{"client_id": {"demo-network"}}).Get("code")
	if status, answer := w.redeem(code, "demo-network"); status != 400 || answer["error"] != "invalid_grant" || answer["error_description"] != "ip restricted" {
		t.Errorf("a network outside the ranges: %d %v", status, answer)
	}
}
