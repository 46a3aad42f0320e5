package salesforce

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

func TestTheSetupAuditTrailOnAllPages(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/services/data/v66.0/query" {
			sendJSON(w, 200, `{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2000","records":[
				{"attributes":{"type":"SetupAuditTrail"},"Id":"0Ym000000000001","Action":"changedApexClass","Section":"Apex Class","Display":"Changed Billing Apex Class code","CreatedDate":"2026-11-20T08:15:34.000+0000","CreatedById":"005000000000001","CreatedBy":{"Name":"Robin"},"DelegateUser":"vendor@example.com"}]}`)
			return
		}
		sendJSON(w, 200, `{"totalSize":2,"done":true,"records":[{"Id":"0Ym000000000002AAA","Action":"x","Section":null,"Display":"By the org","CreatedDate":"2026-11-20T10:16:00.000+0200","CreatedById":null,"CreatedBy":null,"DelegateUser":null}]}`)
	})
	got, err := server.client(t).SetupAuditTrail(t.Context(), time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	want := []SetupChange{
		{ID: ID18("0Ym000000000001"), Action: "changedApexClass", Section: "Apex Class", Display: "Changed Billing Apex Class code",
			CreatedDate: time.Date(2026, 11, 20, 8, 15, 34, 0, time.UTC), CreatedByID: testUser, CreatedBy: "Robin", Delegate: "vendor@example.com"},
		{ID: "0Ym000000000002AAA", Action: "x", Display: "By the org", CreatedDate: time.Date(2026, 11, 20, 8, 16, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if seen := server.seen(); !strings.Contains(seen[0].query, "FROM SetupAuditTrail WHERE CreatedDate >= 2026-11-20T08:00:00.000Z ORDER BY CreatedDate ASC") {
		t.Errorf("asked %s", seen[0].query)
	}
}

// A line without an id or a time could be found twice or never.
func TestASetupAuditTrailWithAHoleIsNone(t *testing.T) {
	for _, row := range []string{`{}`, `{"Id":"0Ym000000000001"}`, `{"Id":"x","CreatedDate":"2026-11-20T08:16:00.000+0000"}`, `7`} {
		c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
			sendJSON(w, 200, `{"done":true,"records":[`+row+`]}`)
		}).client(t)
		if list, err := c.SetupAuditTrail(t.Context(), time.Now()); list != nil || governance.FaultCode(err) != CodeBadAnswer {
			t.Errorf("%s: %v, %v", row, list, err)
		}
	}
}
