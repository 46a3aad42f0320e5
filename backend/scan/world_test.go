package scan

import (
	"context"
	"slices"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// A world is a demo workspace with its four people and two orgs.
type world struct {
	*Scanner
	t               *testing.T
	uat, production *demoorg.Org
	people          map[string]store.Author
	signIns         map[string]*demoorg.Org // by environment
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, "")
}

// newWorldWith has a UAT org with another content.
func newWorldWith(t *testing.T, seed string) *world {
	t.Helper()
	w := &world{t: t, people: map[string]store.Author{}, uat: openOrg(t, demoorg.KindUAT, seed), production: openOrg(t, demoorg.KindProduction, "")}
	w.signIns = map[string]*demoorg.Org{"uat": w.uat, "production": w.production}
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Scanner = &Scanner{Store: st, Session: w.session}
	w.found()
	w.environment("uat", "Demo UAT", w.uat)
	w.environment("production", "Demo Production", w.production)
	return w
}

func (w *world) session(_ context.Context, env *governance.Environment) (*salesforce.Client, error) {
	org := w.signIns[env.ID]
	return clientOf(org, org.Connection()), nil
}

func (w *world) found() {
	w.t.Helper()
	members := []governance.Member{}
	for _, p := range []struct {
		id    string
		roles []governance.Role
	}{
		{"ana", []governance.Role{governance.Requester}},
		{"bo", []governance.Role{governance.Approver, governance.Owner}},
		{"cleo", []governance.Role{governance.Approver, governance.Owner}},
		{"dora", []governance.Role{governance.ReleaseManager}},
	} {
		identity, err := ledger.NewIdentity()
		w.ok(err)
		w.people[p.id] = store.Author{Member: p.id, Identity: identity}
		members = append(members, governance.Member{ID: p.id, Name: p.id, Roles: p.roles, Keys: []governance.Key{{Public: identity.Public()}}})
	}
	charter := governance.DemoCharter(members, w.uat.Connection().OrganizationID, w.production.Connection().OrganizationID, "nonce")
	genesis, err := ledger.Genesis(w.people["bo"].Identity, charter, time.Now())
	w.ok(err)
	w.ok(w.Store.Found(w.t.Context(), genesis))
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) environment(id, name string, org *demoorg.Org) {
	w.t.Helper()
	w.ok(w.Store.SaveEnvironment(w.t.Context(), "ana", &governance.Environment{ID: id, Name: name, Kind: governance.Demo, URL: "demo:" + id,
		SignIn: governance.SignInPassword, OrganizationID: org.Connection().OrganizationID}))
}

// request makes an approved Change Request of ana's.
func (w *world) request(cr governance.ChangeRequest) string {
	w.t.Helper()
	cr.Name, cr.Overview, cr.Type = "Renewals", "Renewal of service contracts.", governance.Minor
	w.ok(w.Store.CreateChangeRequest(w.t.Context(), w.people["ana"], &cr))
	w.approve(cr.ID)
	return cr.ID
}

// approve submits a request and fills its seats.
func (w *world) approve(id string) {
	w.t.Helper()
	w.act(id, "ana", governance.Submit)
	for _, who := range []string{"bo", "cleo"} {
		cr, err := w.Store.ChangeRequest(w.t.Context(), id)
		w.ok(err)
		if cr.Status != governance.Approved {
			w.act(id, who, governance.Approve)
		}
	}
	cr, err := w.Store.ChangeRequest(w.t.Context(), id)
	w.ok(err)
	if cr.Status != governance.Approved {
		w.t.Fatalf("the request is %s", cr.Status)
	}
}

func (w *world) act(id, who string, a governance.Action) {
	w.t.Helper()
	_, err := w.Store.UpdateChangeRequest(w.t.Context(), id, w.people[who], func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		return cr.Do(sit, governance.Deed{Action: a, Reason: "As agreed."})
	})
	w.ok(err)
}

// record makes a Deployment Record draft of ana's from UAT to production.
func (w *world) record(requestID string, selection ...governance.Customization) *governance.DeploymentRecord {
	w.t.Helper()
	dr := &governance.DeploymentRecord{RequestID: requestID, Kind: governance.Deployment, Name: "Renewals to production", SourceID: "uat", TargetID: "production",
		Whole: len(selection) == 0, Customizations: selection, Deployer: "dora", Options: governance.DeployOptions{RollbackOnError: true}}
	w.ok(w.Store.CreateDeploymentRecord(w.t.Context(), w.people["ana"], dr))
	return w.reload(dr.ID)
}

func (w *world) reload(id string) *governance.DeploymentRecord {
	w.t.Helper()
	dr, err := w.Store.DeploymentRecord(w.t.Context(), id)
	w.ok(err)
	return dr
}

func (w *world) run(id string) *Comparison {
	w.t.Helper()
	c, err := w.Run(w.t.Context(), w.people["ana"], id)
	w.ok(err)
	return c
}

// kinds lists the kinds of entries in the audit trail.
func (w *world) kinds() []string {
	w.t.Helper()
	entries, err := w.Store.Entries(w.t.Context(), 0, 10_000, "")
	w.ok(err)
	kinds := []string{}
	for _, e := range entries {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func (w *world) logged(kind string) bool { w.t.Helper(); return slices.Contains(w.kinds(), kind) }

// checkTrail verifies the whole workspace.
func (w *world) checkTrail() {
	w.t.Helper()
	report, err := w.Store.Verify(w.t.Context(), store.VerifyOptions{})
	w.ok(err)
	if len(report.Findings) > 0 || report.Entries == 0 {
		w.t.Errorf("the workspace does not verify: %+v", report)
	}
}
