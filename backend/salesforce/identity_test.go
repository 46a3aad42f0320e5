package salesforce

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

// org answers what Identity asks. organization is the record; limits may be "".
func identityOrg(t *testing.T, userinfo, organization, limits string) *replay {
	return newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		q := r.URL.Query().Get("q")
		switch {
		case r.URL.Path == "/services/oauth2/userinfo" && userinfo != "":
			sendJSON(w, 200, userinfo)
		case r.URL.Path == "/services/oauth2/userinfo":
			w.WriteHeader(403)
			_, _ = w.Write([]byte("Bad_OAuth_Token"))
		case strings.Contains(q, "FROM Organization"):
			sendJSON(w, 200, `{"totalSize":1,"done":true,"records":[`+organization+`]}`)
		case strings.Contains(q, "FROM User"):
			sendJSON(w, 200, `{"totalSize":1,"done":true,"records":[{"Id":"005000000000001AAA","Username":"ana@example.com","Name":"Ana"}]}`)
		case strings.HasSuffix(r.URL.Path, "/limits") && limits != "":
			sendJSON(w, 200, limits)
		default:
			sendJSON(w, 404, `[{"errorCode":"NOT_FOUND","message":"The requested resource does not exist"}]`)
		}
	})
}

const (
	someone  = `{"user_id":"005000000000001AAA","organization_id":"00D000000000062EAA","preferred_username":"ana@example.com","name":"Ana","extra":[1]}`
	someOrg  = `{"attributes":{"type":"Organization"},"Id":"00D000000000062","Name":"Acme","InstanceName":"NA135","IsSandbox":SANDBOX,"TrialExpirationDate":EXPIRES,"NamespacePrefix":null,"OrganizationType":"Enterprise Edition"}`
	someLeft = `{"DailyApiRequests":{"Max":15000,"Remaining":14998,"Other":{"Max":0,"Remaining":0}},"DailyBulkApiBatches":{"Max":1,"Remaining":1}}`
)

func TestIdentityTellsWhoAndWhere(t *testing.T) {
	org := strings.NewReplacer("SANDBOX", "false", "EXPIRES", "null").Replace(someOrg)
	server := identityOrg(t, someone, org, someLeft)
	got, err := server.client(t).Identity(t.Context())
	want := Identity{Username: "ana@example.com", UserID: testUser, UserName: "Ana", OrganizationName: "Acme", OrganizationID: testOrg,
		OrganizationType: "Enterprise Edition", Kind: Demo, APIVersion: "66.0", Instance: "NA135", InstanceURL: server.URL,
		DailyAPIRequests: &RequestLimit{Max: 15000, Remaining: 14998}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	// A session that did not come from OAuth, in an org that keeps its limits to itself.
	got, err = identityOrg(t, "", org, "").client(t).Identity(t.Context())
	if err != nil || got.Username != "ana@example.com" || got.UserID != testUser || got.DailyAPIRequests != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	// Another org answers than the one we signed in to.
	_, err = identityOrg(t, someone, strings.Replace(org, "062", "099", 1), someLeft).client(t).Identity(t.Context())
	if governance.FaultCode(err) != CodeWrongOrg {
		t.Errorf("got %v", err)
	}
	_, err = identityOrg(t, someone, "", someLeft).client(t).Identity(t.Context())
	if governance.FaultCode(err) != CodeBadAnswer {
		t.Errorf("no organization: %v", err)
	}
}

// The kind depends on the address too, so the org is reached through a transport
// that leads to the server whatever the address.
func TestKindsOfOrgs(t *testing.T) {
	for name, tc := range map[string]struct {
		sandbox, expires, address string
		demo                      bool
		want                      Kind
	}{
		"production":             {"false", "null", "https://acme.my.salesforce.com", false, Production},
		"a trial is production":  {"false", `"2026-12-24T00:00:00.000+0000"`, "https://acme.my.salesforce.com", false, Production},
		"sandbox":                {"true", "null", "https://acme--uat.sandbox.my.salesforce.com", false, Sandbox},
		"scratch":                {"true", `"2022-03-25T16:21:17.000+0000"`, "https://x.scratch.my.salesforce.com", false, Scratch},
		"demo by its word":       {"false", "null", "https://demo.example", true, Demo},
		"demo by its plain http": {"true", "null", "http://localhost:9", false, Demo},
	} {
		t.Run(name, func(t *testing.T) {
			server := identityOrg(t, someone, strings.NewReplacer("SANDBOX", tc.sandbox, "EXPIRES", tc.expires).Replace(someOrg), someLeft)
			got, err := clientOf(t, tc.address, Options{Demo: tc.demo, Transport: leadingTo(server)}).Identity(t.Context())
			if err != nil || got.Kind != tc.want {
				t.Errorf("got %q, %v", got.Kind, err)
			}
		})
	}
}

// leadingTo is a transport that carries every request to server.
func leadingTo(server *replay) http.RoundTripper { return led{server} }

type led struct{ server *replay }

func (l led) RoundTrip(r *http.Request) (*http.Response, error) {
	copied := r.Clone(r.Context())
	copied.URL.Scheme, copied.URL.Host = "http", strings.TrimPrefix(l.server.URL, "http://")
	return l.server.Client().Transport.RoundTrip(copied)
}

func TestTheNewestVersionIsTaken(t *testing.T) {
	all := `[{"label":"Winter '11","url":"/services/data/v20.0","version":"20.0"},{"version":"100.0"},{"version":"68.0"},{"version":"66.0"},{"version":"odd"},{"version":"../x"}]`
	for most, want := range map[string]string{"": "68.0", "100.0": "68.0", "68.0": "68.0", "67.0": "66.0", "30.0": "", "19.0": ""} {
		server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 200, all) })
		base, _ := CheckURL(server.URL)
		got, err := newWire(Options{}).newestVersion(t.Context(), base, most)
		if got != want || (want == "") != (governance.FaultCode(err) == CodeUnsupportedVersion) {
			t.Errorf("at most %q: got %q, %v", most, got, err)
		}
		if server.seen()[0].header.Get("Authorization") != "" {
			t.Error("the list of versions needs no session")
		}
	}
	recorded := fixture(t, "force-dev-tool__api-versions.json")
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 200, recorded) })
	base, _ := CheckURL(server.URL)
	if got, err := newWire(Options{}).newestVersion(t.Context(), base, ""); err != nil || got != "38.0" {
		t.Errorf("recorded: got %q, %v", got, err)
	}
}
