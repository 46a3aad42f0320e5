package demoorg

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

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
