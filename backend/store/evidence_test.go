package store_test

import (
	"bytes"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// An evidence file of a day holds what was deployed on that day, and shows by
// its neighbours that nothing is left out.
func TestTheEvidenceOfADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	days := []time.Time{}
	for range 3 {
		w.now = w.now.AddDate(0, 0, 1).Truncate(24 * time.Hour).Add(9 * time.Hour)
		days = append(days, w.now.Truncate(24*time.Hour))
		cr := w.approved("Change of " + w.now.Format("2 January"))
		dr := w.realRecord(cr)
		w.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
		w.record(dr.ID, "ann", governance.Approve, "", governance.Pending)
		w.record(dr.ID, "ben", governance.Approve, "", governance.Approved)
		w.finish(w.realStart(dr, governance.AttemptValidate).ID, "max", governance.ResultSucceeded)
		w.finish(w.realStart(dr, governance.AttemptDeploy).ID, "max", governance.ResultSucceeded)
	}
	read := func(q store.EvidenceQuery) *ledger.EvidenceFile {
		t.Helper()
		c, err := w.s.Evidence(w.ctx, w.by("ann"), q)
		must(t, err)
		c.Page = []byte("page")
		var b bytes.Buffer
		_, err = w.s.WriteEvidence(w.ctx, w.by("ann"), c, &b)
		must(t, err)
		e, err := ledger.ReadEvidence(bytes.NewReader(b.Bytes()), int64(b.Len()))
		must(t, err)
		return e
	}
	for i, day := range days {
		e := read(store.EvidenceQuery{From: day, To: day.AddDate(0, 0, 1)})
		if len(e.Population.Deployments) != 1 || len(e.Population.Changes) != 1 || len(e.Results) != 2 {
			t.Fatalf("day %d: %+v", i, e.Population)
		}
		if want := "Change of " + day.Format("2 January"); e.Requests[e.Population.Changes[0].Revision].Name != want {
			t.Errorf("day %d: %+v", i, e.Population.Changes)
		}
	}
	if e := read(store.EvidenceQuery{From: days[0], To: days[2]}); len(e.Population.Deployments) != 2 || e.Population.Deployments[0].Entry >= e.Population.Deployments[1].Entry {
		t.Errorf("%+v", e.Population)
	}
	envs := []*governance.Environment{w.environment("UAT", uat), w.environment("Production", prod)}
	all := read(store.EvidenceQuery{From: begin.AddDate(-1, 0, 0), To: w.now.AddDate(9, 0, 0)})
	if len(all.Population.Deployments) != 3 || all.Population.First != 0 || all.Population.Last != all.Head.Size-1 || all.Population.To > w.now.AddDate(0, 0, 1).Format(time.RFC3339) {
		t.Errorf("%+v", all.Population)
	}
	one := read(store.EvidenceQuery{Request: all.Population.Changes[1].ID})
	if len(one.Population.Deployments) != 1 || one.Population.Changes[0].Label != "CR-0002" || len(one.Log) >= len(all.Log)/2 {
		t.Errorf("%+v", one.Population)
	}
	deployed := 0
	for _, env := range envs {
		e := read(store.EvidenceQuery{From: begin.AddDate(-1, 0, 0), To: w.now.AddDate(9, 0, 0), Environment: env.ID})
		p := e.Population
		if p.Organization != env.OrganizationID || len(e.Log) < len(all.Log) || len(p.Changes) != len(p.Deployments) {
			t.Errorf("%s: %+v", env.Name, p)
		}
		for _, c := range p.Changes {
			if r := e.Records[c.Records[0].Revision]; r.Target != env.OrganizationID {
				t.Errorf("%s: %s is for %s", env.Name, c.Label, r.Target)
			}
		}
		deployed += len(p.Deployments)
	}
	if deployed != 3 {
		t.Errorf("%d deployments", deployed)
	}
	never := &governance.Environment{Name: "Never connected", Kind: governance.Demo, URL: "demo:never", SignIn: governance.SignInPassword}
	must(t, w.s.SaveEnvironment(w.ctx, "rita", never))
	for id, code := range map[string]string{never.ID: "evidence_no_org", "nowhere": "not_found"} {
		_, err := w.s.Evidence(w.ctx, w.by("ann"), store.EvidenceQuery{From: days[0], To: days[2], Environment: id})
		wantFault(t, err, code)
	}
	_, err := w.s.Evidence(w.ctx, w.by("ann"), store.EvidenceQuery{From: begin.AddDate(-1, 0, 0), To: begin.AddDate(0, -1, 0)})
	wantFault(t, err, "evidence_empty")
	_, err = w.s.Evidence(w.ctx, store.Author{Member: "ann"}, store.EvidenceQuery{Request: "x"})
	wantFault(t, err, "no_key")
	w.sound()
}
