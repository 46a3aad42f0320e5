package salesforce

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"countersign/backend/governance"
)

// asXML writes recorded JSON as the elements that SOAP would send: a list as
// repeated elements, null as xsi:nil.
func asXML(t *testing.T, name string, value any) string {
	t.Helper()
	switch v := value.(type) {
	case nil:
		return "<" + name + ` xsi:nil="true"/>`
	case []any:
		out := ""
		for _, each := range v {
			out += asXML(t, name, each)
		}
		return out
	case map[string]any:
		out := "<" + name + ">"
		for _, key := range sortedKeys(v) {
			out += asXML(t, key, v[key])
		}
		return out + "</" + name + ">"
	}
	var text bytes.Buffer
	if err := xml.EscapeText(&text, []byte(fmt.Sprint(value))); err != nil {
		t.Fatal(err)
	}
	return "<" + name + ">" + text.String() + "</" + name + ">"
}

func sortedKeys(m map[string]any) []string {
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func readJSONFixture(t *testing.T, name string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(fixture(t, name)))
	decoder.UseNumber()
	var out map[string]any
	if err := decoder.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// What the sf CLI recorded of four validations, over both transports: component
// failures, failing tests, coverage warnings. What is expected is read from the
// recording by encoding/json, not by this package's readers.
func TestRecordedValidations(t *testing.T) {
	for name, tc := range map[string]struct {
		failures, successes, testFailures, testSuccesses, warnings int
		says                                                       func(*DeployResult) string
		want                                                       string
	}{
		"components_fail": {2, 2, 0, 0, 0, func(r *DeployResult) string {
			m := r.Details.ComponentFailures[0]
			return fmt.Sprintf("%s %s (%d:%d) %s", m.ComponentType, m.FullName, m.LineNumber, m.ColumnNumber, m.Problem)
		}, "ApexClass SomeClass (4:5) Missing ';' at '}'"},
		"fail": {0, 3, 2, 5, 0, func(r *DeployResult) string {
			f := r.Details.RunTestResult.Failures[0]
			return f.Message + " | " + f.StackTrace
		}, "System.AssertException: Assertion Failed | External entry point\nClass.SomeClassTest.methodName: line 7, column 1"},
		"fail_code_coverage": {0, 48, 0, 49, 3, func(r *DeployResult) string {
			w := r.Details.RunTestResult.CodeCoverageWarnings
			return w[0].Name + ": " + w[0].Message + " | " + w[2].Name + w[2].Message
		}, "AsyncJobRequestTrigger: Test coverage of selected Apex Trigger is 0%, at least 1% test coverage is required | Average test coverage across all Apex Classes and Triggers is 68%, at least 75% test coverage is required."},
		"success": {0, 3, 0, 5, 0, func(r *DeployResult) string { return string(r.Status) }, "Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			result := readJSONFixture(t, "libak-ci__validate_"+name+".json")["result"].(map[string]any)
			text, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			want := wanted(t, result)
			id := result["id"].(string)
			byREST, err := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				sendJSON(w, 200, `{"id":"`+id+`","url":"x","deployResult":`+string(text)+`}`)
			}).client(t, byREST).DeployStatus(t.Context(), id, true)
			if err != nil {
				t.Fatal(err)
			}
			bySOAP, err := answering(t, 200, soapAnswer(`<checkDeployStatusResponse>`+asXML(t, "result", result)+`</checkDeployStatusResponse>`)).DeployStatus(t.Context(), id, true)
			if err != nil {
				t.Fatal(err)
			}
			raw := cmpopts.IgnoreFields(DeployResult{}, "Raw")
			if diff := cmp.Diff(byREST, bySOAP, raw); diff != "" {
				t.Errorf("REST and SOAP differ: %s", diff)
			}
			if diff := cmp.Diff(want, byREST, raw, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("not what was recorded: %s", diff)
			}
			d := byREST.Details
			if got := []int{len(d.ComponentFailures), len(d.ComponentSuccesses), len(d.RunTestResult.Failures), len(d.RunTestResult.Successes), len(d.RunTestResult.CodeCoverageWarnings)}; !slices.Equal(got, []int{tc.failures, tc.successes, tc.testFailures, tc.testSuccesses, tc.warnings}) {
				t.Errorf("counted %v", got)
			}
			if got := tc.says(byREST); got != tc.want {
				t.Errorf("it says %q", got)
			}
		})
	}
}

// wanted reads a recorded result with encoding/json.
func wanted(t *testing.T, result map[string]any) *DeployResult {
	t.Helper()
	if text, isText := result["numberFiles"].(string); isText { // the CLI passes this one on as it came
		result["numberFiles"] = json.Number(text)
	}
	text, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	var want DeployResult
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	var lines struct {
		Details struct {
			RunTestResult struct {
				CodeCoverage []struct {
					LocationsNotCovered []struct{ Line int }
				}
			}
		}
	}
	if err := json.Unmarshal(text, &lines); err != nil {
		t.Fatal(err)
	}
	for i, c := range lines.Details.RunTestResult.CodeCoverage {
		for _, l := range c.LocationsNotCovered {
			want.Details.RunTestResult.CodeCoverage[i].LinesNotCovered = append(want.Details.RunTestResult.CodeCoverage[i].LinesNotCovered, l.Line)
		}
	}
	return &want
}

func TestRecordedDescribeOfALargerOrg(t *testing.T) {
	recorded := readJSONFixture(t, "force-dev-tool__describe-metadata-result.json")
	types, err := answering(t, 200, soapAnswer("<describeMetadataResponse>"+asXML(t, "result", recorded)+"</describeMetadataResponse>")).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objects := recorded["metadataObjects"].([]any)
	if len(types) != len(objects) || len(types) < 100 {
		t.Fatalf("%d types of %d", len(types), len(objects))
	}
	for i, each := range objects {
		o := each.(map[string]any)
		children := []string{}
		switch c := o["childXmlNames"].(type) {
		case string:
			children = append(children, c)
		case []any:
			for _, name := range c {
				children = append(children, name.(string))
			}
		}
		text := func(key string) string { s, _ := o[key].(string); return s }
		want := MetadataType{XMLName: text("xmlName"), DirectoryName: text("directoryName"), Suffix: text("suffix"), InFolder: fmt.Sprint(o["inFolder"]) == "true", MetaFile: fmt.Sprint(o["metaFile"]) == "true", ChildXMLNames: children}
		if diff := cmp.Diff(want, types[i]); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRecordedRetrieveOfTooMuch(t *testing.T) {
	recorded := readJSONFixture(t, "issue__retrieve_LIMIT_EXCEEDED.json")
	answer := soapAnswer("<checkRetrieveStatusResponse>" + asXML(t, "result", recorded) + "</checkRetrieveStatusResponse>")
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if operation(body) == "retrieve" {
			answerRetrieve(w, body, "")
			return
		}
		sendXML(w, 200, answer)
	})
	result, err := server.client(t).Retrieve(t.Context(), anything, io.Discard, nil)
	checkFault(t, err, CodeLimitExceeded, "Too many files in retrieve call, limit is: 10000")
	want := &RetrieveResult{ID: "09SKX000004H2n52AC", Status: RetrieveFailed, ErrorStatusCode: "LIMIT_EXCEEDED",
		ErrorMessage: "LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000", FileProperties: []FileProperties{}, Messages: []RetrieveMessage{}}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Error(diff)
	}
}

func TestRecordedAcceptances(t *testing.T) {
	id, err := answering(t, 200, fixture(t, "metaforce__deploy_in_progress.xml")).Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
	if err != nil || id != "04sU0000000WNWoIAO" {
		t.Errorf("got %q, %v", id, err)
	}
	for name, want := range map[string]bool{"metaforce__check_status_done.xml": true, "metaforce__check_status_not_done.xml": false} {
		root, _, err := parseXML(strings.NewReader(fixture(t, name)), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := answering(t, 200, "").responseOf(root)
		if err != nil {
			t.Fatal(err)
		}
		var id string
		if err := resultID(response, &id); err != nil || !strings.EqualFold(id, "04sU0000000WNWoIAO") || response.child("result").bool("done") != want {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// bodies are the answers in a recording of vcrpy: the double-quoted scalars
// after "string:" (YAML 1.2, 7.3.1).
func bodies(t *testing.T, recording string) []string {
	t.Helper()
	found := []string{}
	for _, rest := range strings.Split(recording, "string:")[1:] {
		rest = strings.TrimLeft(rest, " \n")
		if !strings.HasPrefix(rest, `"`) {
			continue
		}
		found = append(found, unquoteYAML(t, rest[1:]))
	}
	if len(found) == 0 {
		t.Fatal("no answer in the recording")
	}
	return found
}

func unquoteYAML(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return out.String()
		case '\n': // folded into a space
			for i+1 < len(text) && text[i+1] == ' ' {
				i++
			}
			out.WriteByte(' ')
		case '\\':
			i++
			switch text[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			case '\n': // the line goes on
				for i+1 < len(text) && text[i+1] == ' ' {
					i++
				}
			default:
				out.WriteByte(text[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	t.Fatal("a scalar without an end")
	return ""
}

func TestRecordedToolingQueries(t *testing.T) {
	queries := 0
	for _, body := range bodies(t, fixture(t, "cumulusci__tooling_apex_tests.vcr.yaml")) {
		var envelope struct {
			Size    *int
			Records []json.RawMessage
		}
		if json.Unmarshal([]byte(body), &envelope) != nil || envelope.Size == nil {
			continue // the id of a test run, and the organisation
		}
		queries++
		records, err := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 200, body) }).client(t).ToolingQuery(t.Context(), "SELECT Id FROM ApexClass")
		if err != nil || len(records) != *envelope.Size || len(records) != len(envelope.Records) {
			t.Errorf("%d records of %d, %v", len(records), *envelope.Size, err)
		}
	}
	if queries < 15 {
		t.Errorf("only %d queries in the recording", queries)
	}
}

func TestRecordedOrganization(t *testing.T) {
	record := bodies(t, fixture(t, "cumulusci__sobject_Organization.vcr.yaml"))[0]
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/userinfo"):
			sendJSON(w, 200, `{"user_id":"`+testUser+`","organization_id":"00D0xORGID00000000","preferred_username":"ana@example.com","name":"Ana"}`)
		case strings.HasSuffix(r.URL.Path, "/limits"):
			sendJSON(w, 403, `[{"message":"no","errorCode":"INSUFFICIENT_ACCESS"}]`)
		default:
			sendJSON(w, 200, `{"totalSize":1,"done":true,"records":[`+record+`]}`)
		}
	})
	c := clientOf(t, "https://orgname.my.salesforce.com", Options{Transport: led{server}})
	c.session.OrganizationID = ""
	got, err := c.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := Identity{Username: "ana@example.com", UserID: testUser, UserName: "Ana", OrganizationName: "CumulusCI - Dev Workspace", OrganizationID: "00D0xORGID00000000",
		OrganizationType: "Developer Edition", Kind: Scratch, APIVersion: "66.0", Instance: "CS420", InstanceURL: "https://orgname.my.salesforce.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The errors inside composite answers, each as the answer that it would be
// alone.
func TestRecordedErrorsOfREST(t *testing.T) {
	seen := []string{}
	for name, says := range map[string]string{"cumulusci__composite_errors.vcr.yaml": "Object type 'XYZZY' is not supported", "cumulusci__composite_errors2.vcr.yaml": "The requested resource does not exist."} {
		for _, body := range bodies(t, fixture(t, name)) {
			var composite struct {
				CompositeResponse []struct {
					Body           json.RawMessage
					HTTPStatusCode int
				}
			}
			if err := json.Unmarshal([]byte(body), &composite); err != nil {
				t.Fatal(err)
			}
			for _, each := range composite.CompositeResponse {
				if each.HTTPStatusCode < 400 {
					continue
				}
				_, err := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
					sendJSON(w, each.HTTPStatusCode, string(each.Body))
				}).client(t).Query(t.Context(), "q")
				var fault *governance.Fault
				if !errors.As(err, &fault) || !strings.Contains(fault.Message, says) || fault.Hint == "" {
					t.Errorf("%s: got %v", name, err)
					continue
				}
				seen = append(seen, fault.Code)
			}
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{CodeInvalidType, CodeNotFound}) {
		t.Errorf("got %v", seen)
	}
}

func TestRecordedErrorsOfOAuth(t *testing.T) {
	var recorded map[string]struct {
		Status int
		Body   json.RawMessage
	}
	if err := json.Unmarshal([]byte(fixture(t, "docs__oauth_errors.json")), &recorded); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"jwt_bad_audience": "Audience validation failed", "refresh_expired": "expired access/refresh token", "code_reuse": "expired authorization code"} {
		got := readRefusal(recorded[name].Status, "application/json", recorded[name].Body)
		if diff := cmp.Diff(&APIError{Status: 400, Code: "invalid_grant", Message: want}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	expired := recorded["rest_401"]
	_, err := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		sendJSON(w, expired.Status, string(expired.Body))
	}).client(t).Query(t.Context(), "q")
	if !errors.Is(err, ErrSessionExpired) {
		t.Errorf("got %v", err)
	}
}

// Every recording beside the repository has its test, or a reason.
func TestEveryRecordingIsRead(t *testing.T) {
	entries, err := os.ReadDir(shared(t, "fixtures"))
	if err != nil {
		t.Fatal(err)
	}
	sources, noAnswers := "", []string{
		"force-dev-tool__custom-objects.json", "force-dev-tool__layouts.json", // answers of readMetadata(), which is never called
		"sdr__metadataRegistry.json", "sdr__stdValueSetRegistry.json", // tables of the CLI
	}
	for _, f := range []string{"recordings_test.go", "fixtures_test.go", "faults_test.go", "identity_test.go", "login_test.go", "query_test.go"} {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sources += string(text)
	}
	for _, e := range entries {
		name := e.Name()
		named := strings.Contains(sources, `"`+name+`"`) || strings.HasPrefix(name, "libak-ci__validate_") && strings.Contains(sources, `"`+strings.TrimSuffix(strings.TrimPrefix(name, "libak-ci__validate_"), ".json")+`": {`)
		if !named && !slices.Contains(noAnswers, name) {
			t.Errorf("%s is read by no test", name)
		}
	}
}
