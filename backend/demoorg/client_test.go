package demoorg

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"
)

// A clock that a test moves. It also moves a little by itself, as clocks do.
type testClock struct{ now time.Time }

func (c *testClock) read() time.Time { return c.now }

// A world is one org, reached over real HTTP by requests written by hand.
type world struct {
	t     *testing.T
	org   *Org
	url   string
	token string
}

func openOrg(t *testing.T, dir string, o Options) *Org {
	t.Helper()
	if o.Kind == "" {
		o.Kind = KindUAT
	}
	if o.Pace == 0 {
		o.Pace = -1
	}
	org, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = org.Close() })
	return org
}

func serve(t *testing.T, org *Org) *world {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = org.Handler(server.Listener.Addr().String())
	server.Start()
	t.Cleanup(server.Close)
	return &world{t: t, org: org, url: server.URL, token: org.Connection().AccessToken}
}

// seeded opens an org that begins with the files.
func seeded(t *testing.T, o Options, files map[string]string) *world {
	t.Helper()
	o.Seed = writeFolder(t, files)
	return serve(t, openOrg(t, filepath.Join(t.TempDir(), "org"), o))
}

func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		f, err := w.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[path]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func below(top string, files map[string]string) map[string]string {
	out := map[string]string{}
	for path, content := range files {
		out[top+"/"+path] = content
	}
	return out
}

// manifest writes a package.xml: "ApexClass A B", "CustomField Account.X__c".
func manifest(lines ...string) string {
	var out strings.Builder
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Package xmlns="http://soap.sforce.com/2006/04/metadata">`)
	for _, line := range lines {
		words := strings.Fields(line)
		out.WriteString("<types>")
		for _, name := range words[1:] {
			out.WriteString("<members>" + html.EscapeString(strings.ReplaceAll(name, "~", " ")) + "</members>")
		}
		out.WriteString("<name>" + words[0] + "</name></types>")
	}
	out.WriteString("<version>66.0</version></Package>")
	return out.String()
}

const classMeta = `<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>
`

func class(files map[string]string, name, body string) map[string]string {
	files["classes/"+name+".cls"] = body
	files["classes/"+name+".cls-meta.xml"] = classMeta
	return files
}

func object(children string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">` + children + "</CustomObject>\n"
}

func textField(name, label string) string {
	return "<fields><fullName>" + name + "</fullName><label>" + label + "</label><length>40</length><type>Text</type></fields>"
}

// soap sends one operation of the metadata service.
func (w *world) soap(body string) (status int, answer string) {
	w.t.Helper()
	return w.send("/services/Soap/m/66.0", `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">`+
		`<e:Header><m:SessionHeader xmlns:m="http://soap.sforce.com/2006/04/metadata"><m:sessionId>`+w.token+`</m:sessionId></m:SessionHeader></e:Header>`+
		`<e:Body xmlns="http://soap.sforce.com/2006/04/metadata">`+body+`</e:Body></e:Envelope>`)
}

func (w *world) send(path, message string) (status int, answer string) {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodPost, w.url+path, strings.NewReader(message))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml; charset=UTF-8")
	r.Header.Set("SOAPAction", `""`)
	status, answer = w.do(r)
	// The name holds a part of the content's hash, so that equal answers are kept once.
	name := fmt.Sprintf("%s-%s.xml", strings.ReplaceAll(w.t.Name(), "/", "-"), hashOf([]byte(answer))[:16])
	if err := os.WriteFile(filepath.Join(answersDir, name), []byte(answer), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return status, answer
}

func (w *world) do(r *http.Request) (int, string) {
	w.t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Date") == "" {
		w.t.Error("an answer without a Date header")
	}
	data, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

func (w *world) get(path string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	return w.do(r)
}

// query runs SOQL, on the tooling API when it must, and gives the records.
func (w *world) query(tooling bool, soql string) (status int, records []map[string]any, raw string) {
	w.t.Helper()
	path := "/services/data/v66.0/query?q="
	if tooling {
		path = "/services/data/v66.0/tooling/query?q="
	}
	status, raw = w.get(path + url.QueryEscape(soql))
	var answer struct{ Records []map[string]any }
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(raw), &answer); err != nil {
			w.t.Fatal(err)
		}
	}
	return status, answer.Records, raw
}

var elementText = map[string]*regexp.Regexp{}

// element gives the text of the first element of the name.
func element(answer, name string) string {
	if all := elements(answer, name); len(all) > 0 {
		return all[0]
	}
	return ""
}

func elements(answer, name string) []string {
	re := elementText[name]
	if re == nil {
		re = regexp.MustCompile(`(?s)<` + name + `(?:\s[^>]*)?>(.*?)</` + name + `>`)
		elementText[name] = re
	}
	var all []string
	for _, found := range re.FindAllStringSubmatch(answer, -1) {
		all = append(all, html.UnescapeString(found[1]))
	}
	return all
}

// deploy sends a zip and gives the id.
func (w *world) deploy(zipped []byte, options string) string {
	w.t.Helper()
	status, answer := w.soap("<deploy><ZipFile>" + base64.StdEncoding.EncodeToString(zipped) + "</ZipFile><DeployOptions>" + options + "</DeployOptions></deploy>")
	if status != http.StatusOK {
		w.t.Fatalf("deploy: %d %s", status, answer)
	}
	return element(answer, "id")
}

func (w *world) check(id string) string {
	w.t.Helper()
	status, answer := w.soap("<checkDeployStatus><asyncProcessId>" + id + "</asyncProcessId><includeDetails>true</includeDetails></checkDeployStatus>")
	if status != http.StatusOK {
		w.t.Fatalf("checkDeployStatus: %d %s", status, answer)
	}
	return answer
}

// until asks again and again until the answer satisfies.
func (w *world) until(id string, good func(answer string) bool) string {
	w.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		answer := w.check(id)
		if good(answer) {
			return answer
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the deployment did not get there: %s", answer)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func isDone(answer string) bool {
	after := answer[strings.LastIndex(answer, "</details>"):]
	return element(after, "done") == "true"
}

func (w *world) finish(id string) string {
	w.t.Helper()
	return w.until(id, isDone)
}

// run deploys and waits.
func (w *world) run(files map[string]string, options string) string {
	w.t.Helper()
	return w.finish(w.deploy(zipOf(w.t, files), options))
}

const allOrNothing = "<rollbackOnError>true</rollbackOnError>"

func statusOf(answer string) string {
	return element(answer[strings.LastIndex(answer, "</details>"):], "status")
}

func wantStatus(t *testing.T, answer, want string) {
	t.Helper()
	if got := statusOf(answer); got != want {
		t.Fatalf("status = %s, want %s\n%s", got, want, answer)
	}
}

// retrieve gives the files of a retrieve, by path, and its messages.
func (w *world) retrieve(request string) (files map[string]string, answer string) {
	w.t.Helper()
	status, answer := w.soap("<retrieve><retrieveRequest><apiVersion>66.0</apiVersion>" + request + "</retrieveRequest></retrieve>")
	if status != http.StatusOK {
		w.t.Fatalf("retrieve: %d %s", status, answer)
	}
	id := element(answer, "id")
	for deadline := time.Now().Add(patience); ; {
		_, answer = w.soap("<checkRetrieveStatus><asyncProcessId>" + id + "</asyncProcessId><includeZip>true</includeZip></checkRetrieveStatus>")
		if element(answer, "done") == "true" {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the retrieve is not done: %s", answer)
		}
		time.Sleep(2 * time.Millisecond)
	}
	return unzip(w.t, element(answer, "zipFile")), answer
}

func unzip(t *testing.T, text string) map[string]string {
	t.Helper()
	files := map[string]string{}
	if text == "" {
		return files
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		if f.FileInfo().IsDir() {
			continue
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

func unpackaged(lines ...string) string {
	inner := manifest(lines...)
	inner = inner[strings.Index(inner, ">")+1:]
	inner = inner[strings.Index(inner, ">")+1:]
	return "<singlePackage>true</singlePackage><unpackaged>" + strings.TrimSuffix(inner, "</Package>") + "</unpackaged>"
}

// answersDir collects every SOAP answer of every test; at the end they are all
// checked against Salesforce's schema, in one run because it takes a second to
// load.
var answersDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "answers")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answersDir = dir
	code := m.Run()
	if code == 0 {
		code = validateAnswers(dir)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func validateAnswers(dir string) int {
	script, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "salesforce", "validate"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_, noSchema := os.Stat(script)
	_, noLint := exec.LookPath("xmllint")
	answers, _ := filepath.Glob(filepath.Join(dir, "*.xml"))
	if noSchema != nil || noLint != nil || len(answers) == 0 {
		fmt.Println("answers are not checked against the schema: it, or xmllint, is not here")
		return 0
	}
	out, err := exec.Command(script, dir).CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "FAIL: answers that Salesforce's schema refuses: %v\n%s", err, out)
		return 1
	}
	fmt.Printf("answers against the schema: %s", out)
	return 0
}

// patience is how long a test waits for what will surely come.
const patience = 60 * time.Second
