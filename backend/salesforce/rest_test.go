package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

func byREST(o *Options) { o.DeployBy = DeployByREST }

// A part is one part of a form.
type part struct{ name, file, media, body string }

func partsOf(t *testing.T, contentType, body string) []part {
	t.Helper()
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" {
		t.Fatalf("content type %q: %v", contentType, err)
	}
	form := multipart.NewReader(strings.NewReader(body), parameters["boundary"])
	parts := []part{}
	for {
		p, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(text)})
	}
}

const restAccepted = `{"id":"` + deployID + `","url":"https://x/services/data/v66.0/metadata/deployRequest/` + deployID + `","deployOptions":{"checkOnly":false}}`

// The form is that of the sf CLI: the same parts in the same order, the options
// in the same words.
func TestADeployByREST(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 201, restAccepted) })
	zipped := strings.Repeat("PK\x00\r\n--countersign-", 5000)
	o := DeployOptions{AllowMissingFiles: true, CheckOnly: true, RollbackOnError: true, RunTests: []string{"ATest", "ns.BTest"}, SinglePackage: true, TestLevel: RunSpecifiedTests}
	id, err := server.client(t, byREST).Deploy(t.Context(), strings.NewReader(zipped), int64(len(zipped)), o)
	if err != nil || id != deployID {
		t.Fatalf("got %q, %v", id, err)
	}
	sent := server.seen()[0]
	if sent.method != "POST" || sent.path != "/services/data/v66.0/metadata/deployRequest" || sent.header.Get("Authorization") != "Bearer "+testToken {
		t.Errorf("got %s %s %v", sent.method, sent.path, sent.header)
	}
	parts := partsOf(t, sent.header.Get("Content-Type"), sent.body)
	if len(parts) != 2 || parts[0].body != zipped {
		t.Fatalf("%d parts, or another zip", len(parts))
	}
	parts[0].body = ""
	options := `{"deployOptions":{"allowMissingFiles":true,"autoUpdatePackage":false,"checkOnly":true,"ignoreWarnings":false,"performRetrieve":false,"purgeOnDelete":false,"rollbackOnError":true,"runTests":["ATest","ns.BTest"],"singlePackage":true,"testLevel":"RunSpecifiedTests"}}`
	if diff := cmp.Diff([]part{{"file", "deploy.zip", "application/zip", ""}, {"entity_content", "", "application/json", options}}, parts, cmp.AllowUnexported(part{})); diff != "" {
		t.Error(diff)
	}

	text, err := os.ReadFile(shared(t, "captured", "sf__POST_services_data_v67_0_metadata_deployRequest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var captured struct {
		Body    string
		Headers map[string]string
	}
	if err := json.Unmarshal(text, &captured); err != nil {
		t.Fatal(err)
	}
	theirs := partsOf(t, captured.Headers["content-type"], captured.Body)
	var asked struct{ DeployOptions map[string]any }
	if err := json.Unmarshal([]byte(theirs[1].body), &asked); err != nil || len(asked.DeployOptions) == 0 {
		t.Fatalf("%v in %s", err, theirs[1].body)
	}
	for i := range theirs {
		if theirs[i].name != parts[i].name || theirs[i].media != parts[i].media {
			t.Errorf("sf sends %+v", theirs[i])
		}
	}
	for name := range asked.DeployOptions {
		if !strings.Contains(options, `"`+name+`"`) {
			t.Errorf("sf sends an option %s", name)
		}
	}
}

func TestQuickDeployCancelAndStatusByREST(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, body string) {
		switch {
		case r.Method == "POST" && body == `{"validatedDeployRequestId":"`+deployID+`"}`:
			sendJSON(w, 201, `{"id":"0Af000000000002CAA"}`)
		case r.Method == "PATCH" && body == `{"deployResult":{"status":"Canceling"}}` && strings.HasSuffix(r.URL.Path, "/0Af000000000002CAA"):
			sendJSON(w, 202, `{"id":"0Af000000000002CAA","deployResult":{"id":"0Af000000000002CAA","status":"Canceled","done":true}}`)
		case r.Method == "PATCH":
			sendJSON(w, 202, `{"id":"`+deployID+`","deployResult":{"id":"`+deployID+`","status":"Canceling"}}`)
		case r.Method == "GET" && r.URL.RawQuery == "includeDetails=true":
			// one where there may be many, text for numbers and truth, words from the future
			sendJSON(w, 200, `{"id":"`+deployID+`","deployResult":{"id":"`+deployID+`","status":"SucceededPartial","done":"true","success":true,"numberComponentErrors":"1","completedDate":null,"new":[[1]],
				"details":{"componentFailures":{"fullName":"A","problem":"Bad","lineNumber":"7"},"componentSuccesses":[{"fullName":"B","success":true},{"fullName":"C","success":"true"}],"runTestResult":null}}}`)
		default:
			sendJSON(w, 404, `[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]`)
		}
	})
	c := server.client(t, byREST)
	id, err := c.DeployRecentValidation(t.Context(), deployID[:15])
	if err != nil || id != "0Af000000000002CAA" {
		t.Errorf("got %q, %v", id, err)
	}
	if done, err := c.CancelDeploy(t.Context(), id); !done || err != nil {
		t.Errorf("queued: %v, %v", done, err)
	}
	if done, err := c.CancelDeploy(t.Context(), deployID); done || err != nil {
		t.Errorf("running: %v, %v", done, err)
	}
	got, err := c.DeployStatus(t.Context(), deployID, true)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != DeploySucceededPartial || !got.Done || !got.Success || got.NumberComponentErrors != 1 || !got.CompletedDate.IsZero() || !bytes.HasPrefix(got.Raw, []byte(`{"id"`)) ||
		len(got.Details.ComponentFailures) != 1 || got.Details.ComponentFailures[0].LineNumber != 7 || len(got.Details.ComponentSuccesses) != 2 {
		t.Errorf("got %+v", got)
	}
	_, err = c.DeployStatus(t.Context(), deployID, false)
	checkFault(t, err, CodeNotFound, "30 days")
}

func TestAnswersByRESTThatAreNone(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for name, tc := range map[string]struct {
		body string
		code string
	}{
		"nothing":        {``, CodeBadAnswer},
		"a list":         {`[]`, CodeBadAnswer},
		"no id":          {`{"url":"x"}`, CodeBadAnswer},
		"cut off":        {`{"id":"` + deployID, CodeBadAnswer},
		"cut off later":  {`{"id":"` + deployID + `"`, CodeBadAnswer},
		"two":            {restAccepted + restAccepted, CodeBadAnswer},
		"not JSON":       {`{id:1}`, CodeBadAnswer},
		"deep":           {deep, CodeBadAnswer},
		"an id and more": {restAccepted + "\n x", CodeBadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 201, tc.body) }).client(t, byREST)
			_, err := c.Deploy(t.Context(), strings.NewReader("PK"), 2, DeployOptions{})
			checkFault(t, err, tc.code, "127.0.0.1")
			if !errors.Is(err, ErrUnknownOutcome) {
				t.Errorf("got %v", err)
			}
			_, err = c.DeployStatus(t.Context(), deployID, true)
			checkFault(t, err, tc.code, "127.0.0.1")
		})
	}
}

// Options that Salesforce would misread are not sent.
func TestDeployOptionsThatMakeNoSense(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 200, soapAnswer(deployAccepted)) })
	old := clientOf(t, server.URL, Options{})
	old.session.APIVersion = "65.0"
	for name, tc := range map[string]struct {
		o  DeployOptions
		c  *Client
		ok bool
	}{
		"specified tests":             {DeployOptions{TestLevel: RunSpecifiedTests, RunTests: []string{"A"}}, server.client(t), true},
		"specified tests, none named": {DeployOptions{TestLevel: RunSpecifiedTests}, server.client(t), false},
		"tests with another level":    {DeployOptions{TestLevel: RunLocalTests, RunTests: []string{"A"}}, server.client(t), false},
		"tests without a level":       {DeployOptions{RunTests: []string{"A"}}, server.client(t), false},
		"a level that is none":        {DeployOptions{TestLevel: "RunSomeTests"}, server.client(t), false},
		"relevant tests":              {DeployOptions{TestLevel: RunRelevantTests}, server.client(t), true},
		"relevant tests before 66.0":  {DeployOptions{TestLevel: RunRelevantTests}, old, false},
		"no tests":                    {DeployOptions{TestLevel: NoTestRun}, old, true},
		"local tests":                 {DeployOptions{TestLevel: RunLocalTests}, old, true},
		"all tests":                   {DeployOptions{TestLevel: RunAllTestsInOrg}, old, true},
		"the org's own choice":        {DeployOptions{}, old, true},
	} {
		before := len(server.seen())
		_, err := tc.c.Deploy(t.Context(), strings.NewReader("PK"), 2, tc.o)
		if tc.ok {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if governance.FaultCode(err) != CodeInvalidOptions || !errors.Is(err, ErrNotSent) || len(server.seen()) != before {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A zip that ends early, by REST.
func TestAFormThatEndsEarlyIsNotSent(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 201, restAccepted) })
	_, err := server.client(t, byREST).Deploy(t.Context(), strings.NewReader("short"), 500_000, DeployOptions{})
	if !errors.Is(err, ErrNotSent) || errors.Is(err, ErrUnknownOutcome) || !strings.Contains(err.Error(), "499995 bytes are missing") {
		t.Errorf("got %v", err)
	}
}

// What is allocated for sending the largest zip, in total, is a small part of
// it, whichever way it goes.
func TestALargeDeploymentIsNeverInMemory(t *testing.T) {
	const size = 39_000_000
	seed := [32]byte{2}
	for _, by := range []DeployTransport{DeployBySOAP, DeployByREST} {
		t.Run(string(by), func(t *testing.T) {
			got := make(chan int64, 1)
			server := newQuietServer(t, func(w http.ResponseWriter, r *http.Request) {
				n, _ := io.CopyBuffer(writerFunc(func(p []byte) (int, error) { return len(p), nil }), r.Body, make([]byte, 64<<10))
				got <- n
				if by == DeployByREST {
					sendJSON(w, 201, restAccepted)
					return
				}
				sendXML(w, 200, soapAnswer(deployAccepted))
			})
			c := clientOf(t, server.URL, Options{DeployBy: by})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			id, err := c.Deploy(t.Context(), io.LimitReader(rand.NewChaCha8(seed), size), size, DeployOptions{RollbackOnError: true})
			runtime.ReadMemStats(&after)
			if err != nil || id != deployID {
				t.Fatalf("got %q, %v", id, err)
			}
			least := int64(size)
			if by == DeployBySOAP {
				least = size / 3 * 4
			}
			if n := <-got; n < least || n > least+2000 {
				t.Errorf("%d bytes arrived of a zip of %d", n, size)
			}
			if total := after.TotalAlloc - before.TotalAlloc; total > 4<<20 {
				t.Errorf("%d bytes were allocated for a zip of %d", total, size)
			} else {
				t.Logf("%d KB allocated for %d MB", total>>10, size/1_000_000)
			}
		})
	}
}

func TestThePaceIsThatOfTheCLI(t *testing.T) {
	for _, tc := range []struct {
		components int
		zip        int64
		ms         int
	}{
		{0, 0, 1000}, {1, 1, 1000}, {1000, 1_000_000, 1000}, {1001, 0, 1001}, {4321, 900_000, 4321}, {10_000, 0, 10_000}, {25_000, 0, 10_000},
		{0, 1_000_001, 2000}, {0, 5_000_000, 2000}, {0, 5_000_001, 5000}, {0, 15_000_000, 5000}, {0, 15_000_001, 10_000}, {0, 39_000_000, 10_000},
		{3000, 6_000_000, 5000}, {7000, 6_000_000, 7000},
	} {
		var p Pace
		if got := p.Next(tc.components, tc.zip).Milliseconds(); got != int64(tc.ms) {
			t.Errorf("%d components, %d bytes: %d ms, want %d", tc.components, tc.zip, got, tc.ms)
		}
	}
	p, heard := Pace{}, []int64{}
	for i := range 200 {
		wait := p.Next(10, 0)
		if i%30 == 0 {
			heard = append(heard, wait.Milliseconds())
		}
	}
	if diff := cmp.Diff([]int64{1000, 2000, 4000, 8000, 10_000, 10_000, 10_000}, heard); diff != "" {
		t.Error(diff)
	}
	short := Pace{First: 20, Last: 50}
	if a, b := short.Next(0, 0), short.Next(9000, 0); a != 20 || b != 50 {
		t.Errorf("bounded: %d, %d", a, b)
	}
}
