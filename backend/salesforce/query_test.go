package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

func TestTheOrgsListOfDeploymentsOnAllPages(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/services/data/v66.0/tooling/query" {
			sendJSON(w, 200, `{"size":1,"totalSize":2,"done":false,"queryLocator":"01g","nextRecordsUrl":"/services/data/v66.0/tooling/query/01g-1","entityTypeName":"DeployRequest","records":[
				{"attributes":{"type":"DeployRequest","url":"/x"},"Id":"0Af000000000001CAA","Status":"Succeeded","CheckOnly":true,"CreatedById":"005000000000001","CreatedDate":"2026-11-20T08:15:34.000+0000","StartDate":"2026-11-20T08:15:35.000+0000","CompletedDate":"2026-11-20T08:15:36.000+0000","NumberComponentsTotal":3,"NumberComponentsDeployed":2,"NumberComponentErrors":1,"NumberTestsTotal":6,"NumberTestsCompleted":5,"NumberTestErrors":1,"ErrorMessage":"Broke"}]}`)
			return
		}
		sendJSON(w, 200, `{"totalSize":2,"done":true,"records":[{"Id":"0Af000000000002","Status":"Pending","CheckOnly":false,"CreatedById":"005000000000001AAA","CreatedDate":"2026-11-20T08:16:00.000+0000","StartDate":null,"CompletedDate":null,"ErrorMessage":null}]}`)
	})
	since := time.Date(2026, 11, 20, 9, 15, 0, 0, time.FixedZone("CET", 3600))
	got, err := server.client(t).DeployRequests(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	at := func(minute, second int) time.Time { return time.Date(2026, 11, 20, 8, minute, second, 0, time.UTC) }
	want := []DeployRequest{
		{ID: "0Af000000000001CAA", Status: DeploySucceeded, CheckOnly: true, CreatedByID: testUser, CreatedDate: at(15, 34), StartDate: at(15, 35), CompletedDate: at(15, 36),
			NumberComponentsTotal: 3, NumberComponentsDeployed: 2, NumberComponentErrors: 1, NumberTestsTotal: 6, NumberTestsCompleted: 5, NumberTestErrors: 1, ErrorMessage: "Broke"},
		{ID: "0Af000000000002CAA", Status: DeployPending, CreatedByID: testUser, CreatedDate: at(16, 0)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	seen := server.seen()
	if !strings.Contains(seen[0].query, "WHERE CreatedDate >= 2026-11-20T08:15:00.000Z ORDER BY CreatedDate ASC") {
		t.Errorf("asked %s", seen[0].query)
	}
	if seen[0].header.Get("Authorization") != "Bearer "+testToken || seen[1].path != "/services/data/v66.0/tooling/query/01g-1" {
		t.Errorf("asked %+v", seen)
	}
}

// A row that cannot be read must not be passed over: the deployment that
// somebody looks for could be that one.
func TestAListOfDeploymentsWithAHoleIsNoList(t *testing.T) {
	for _, row := range []string{`{}`, `{"Id":"0Af000000000001CAA"}`, `{"Id":"x","CreatedDate":"2026-11-20T08:16:00.000+0000"}`, `"text"`, `{"Id":"0Af000000000001CAA","CreatedDate":"yesterday"}`} {
		c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
			sendJSON(w, 200, `{"done":true,"records":[`+row+`]}`)
		}).client(t)
		list, err := c.DeployRequests(t.Context(), time.Now())
		if list != nil || governance.FaultCode(err) != CodeBadAnswer {
			t.Errorf("%s: %v, %v", row, list, err)
		}
	}
}

func TestRecordedToolingQuery(t *testing.T) {
	if _, err := os.Stat(shared(t, "fixtures", "cumulusci__tooling_apex_tests.vcr.yaml")); err != nil {
		t.Fatal(err)
	}
	recording := fixture(t, "cumulusci__tooling_apex_tests.vcr.yaml")
	_, rest, _ := strings.Cut(recording, `"{\n  \"size\" : 3`)
	inside, _, _ := strings.Cut(rest, "]\\n}\"")
	folded := regexp.MustCompile(`\n\s+\\?`).ReplaceAllString(`"{\n  \"size\" : 3`+inside+`]\n}"`, " ")
	var body string
	if err := json.Unmarshal([]byte(folded), &body); err != nil {
		t.Fatal(err)
	}
	c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 200, body) }).client(t)
	records, err := c.ToolingQuery(t.Context(), "SELECT Id, Name FROM ApexClass")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, r := range records {
		var row struct{ Name string }
		if err := json.Unmarshal(r, &row); err != nil {
			t.Fatal(err)
		}
		names = append(names, row.Name)
	}
	if diff := cmp.Diff([]string{"SamplePage_CTRL_TEST", "SampleClass_TEST", "SampleClass2_TEST"}, names); diff != "" {
		t.Error(diff)
	}
}

// dependencyOrg has so many dependencies for each id; it gives 2,000 rows at
// most and no next page, as Salesforce does.
func dependencyOrg(t *testing.T, rowsOf func(id string) int, longest int) *replay {
	return newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if longest > 0 && len(r.URL.RawQuery) > longest {
			w.WriteHeader(http.StatusRequestURITooLong)
			return
		}
		rows := []string{}
		for _, m := range regexp.MustCompile(`'(\w{18})'`).FindAllStringSubmatch(r.URL.Query().Get("q"), -1) {
			for i := range rowsOf(m[1]) {
				rows = append(rows, fmt.Sprintf(`{"MetadataComponentId":"%s","MetadataComponentName":"A","MetadataComponentNamespace":null,"MetadataComponentType":"ApexClass","RefMetadataComponentId":"01p00000000%04d","RefMetadataComponentName":"B%d","RefMetadataComponentNamespace":"ns","RefMetadataComponentType":"CustomField"}`, m[1], i, i))
			}
		}
		rows = rows[:min(len(rows), 2000)]
		sendJSON(w, 200, fmt.Sprintf(`{"size":%d,"totalSize":%d,"done":true,"records":[%s]}`, len(rows), len(rows), strings.Join(rows, ",")))
	})
}

func someIDs(n int) []string {
	ids := []string{}
	for i := range n {
		ids = append(ids, ID18(fmt.Sprintf("01p00000000%04d", i)))
	}
	return ids
}

func TestDependenciesAreComplete(t *testing.T) {
	for name, tc := range map[string]struct {
		ids, each, longest, rows int
	}{
		"few":                         {3, 2, 0, 6},
		"more ids than one query has": {250, 1, 0, 250},
		"exactly 2,000 rows":          {4, 500, 0, 2000},
		"more than 2,000 rows":        {100, 70, 0, 7000},
		"addresses that are too long": {100, 1, 900, 100},
		"none":                        {0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := dependencyOrg(t, func(string) int { return tc.each }, tc.longest)
			ids := someIDs(tc.ids)
			rows, err := server.client(t).Dependencies(t.Context(), append(ids, ids...)) // each id twice
			if err != nil || rows == nil || len(rows) != tc.rows {
				t.Fatalf("got %d rows, %v", len(rows), err)
			}
			of := map[string]int{}
			for _, r := range rows {
				of[r.ComponentID]++
			}
			for _, id := range ids {
				if of[id] != tc.each {
					t.Errorf("%s has %d rows", id, of[id])
				}
			}
		})
	}
}

func TestOneComponentWithTooManyDependencies(t *testing.T) {
	ids := someIDs(4)
	server := dependencyOrg(t, func(id string) int {
		if id == ids[1] {
			return 3000
		}
		return 1
	}, 0)
	rows, err := server.client(t).Dependencies(t.Context(), ids)
	checkFault(t, err, CodeTooManyDeps, ids[1])
	if len(rows) != 2003 {
		t.Errorf("got %d rows", len(rows))
	}
}

func TestDependencyRowsAndTheirDirection(t *testing.T) {
	server := dependencyOrg(t, func(string) int { return 1 }, 0)
	c := server.client(t)
	rows, err := c.Dependencies(t.Context(), []string{"01p000000000001"})
	want := []Dependency{{ComponentID: "01p000000000001AAA", ComponentName: "A", ComponentType: "ApexClass",
		RefComponentID: "01p000000000000AAA", RefComponentName: "B0", RefComponentNamespace: "ns", RefComponentType: "CustomField"}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if _, err := c.Dependents(t.Context(), []string{"01p000000000001"}); err != nil {
		t.Error(err)
	}
	seen := server.seen()
	if !strings.HasSuffix(seen[0].query, "WHERE MetadataComponentId IN ('01p000000000001AAA')") || !strings.HasSuffix(seen[1].query, "WHERE RefMetadataComponentId IN ('01p000000000001AAA')") {
		t.Errorf("asked %q and %q", seen[0].query, seen[1].query)
	}
	if _, err := c.Dependencies(t.Context(), []string{"x') OR Id != ('"}); governance.FaultCode(err) != CodeInvalidID {
		t.Errorf("got %v", err)
	}
}
