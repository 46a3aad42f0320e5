package ledger_test

import (
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A record carries what its approved request asks for and nothing else, and
// approvals of the record do not change that.
func TestARecordStaysWithinItsRequest(t *testing.T) {
	type c = governance.Customization
	billing := c{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}
	reports := []governance.PackageManifest{{Name: "package.xml", APIVersion: "66.0", Members: []governance.ManifestMember{
		{Names: []string{"*"}, Type: "Report"}, {Names: []string{"OnAccount"}, Type: "ApexTrigger"}}}}
	for _, k := range []struct {
		name    string
		request func(*governance.ChangeRequest)
		record  []c
		whole   bool
		kind    governance.RecordKind
		ok      bool
	}{
		{"as asked", nil, []c{billing}, true, "", true},
		{"something else", nil, []c{{Change: governance.Modify, Name: "Payroll", Type: "ApexClass"}}, false, "", false},
		{"something more", nil, []c{billing, {Change: governance.Add, Name: "Backdoor", Type: "ApexClass"}}, false, "", false},
		{"nothing", nil, nil, false, "", false},
		{"added instead of changed", nil, []c{{Change: governance.Add, Name: "Billing", Type: "ApexClass"}}, true, "", true},
		{"deleted instead of changed", nil, []c{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}, true, "", false},
		{"an action that does not exist", nil, []c{{Change: "purge", Name: "Billing", Type: "ApexClass"}}, true, "", false},
		{"changed instead of deleted", func(r *governance.ChangeRequest) {
			r.Customizations = []c{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}
		}, []c{billing}, true, "", false},
		{"deleted as asked", func(r *governance.ChangeRequest) {
			r.Customizations = []c{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}
		},
			[]c{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}, true, "", true},
		{"under a wildcard", func(r *governance.ChangeRequest) { r.Manifests = reports }, []c{{Change: governance.Add, Name: "Sales/Won", Type: "Report"}}, false, "", true},
		{"deleted under a wildcard", func(r *governance.ChangeRequest) { r.Manifests = reports }, []c{{Change: governance.Delete, Name: "Sales/Won", Type: "Report"}}, false, "", false},
		{"another type than the wildcard's", func(r *governance.ChangeRequest) { r.Manifests = reports }, []c{{Change: governance.Modify, Name: "Sales", Type: "Dashboard"}}, false, "", false},
		{"a manifest's member", func(r *governance.ChangeRequest) { r.Manifests = reports }, []c{{Change: governance.Modify, Name: "OnAccount", Type: "ApexTrigger"}}, false, "", true},
		{"all but a manifest's member", func(r *governance.ChangeRequest) { r.Manifests = reports }, []c{billing}, true, "", false},
		{"from a change set", func(r *governance.ChangeRequest) { r.ChangeSets = []string{"March"} }, []c{billing, {Change: governance.Add, Name: "X", Type: "Flow"}}, true, "", true},
		{"deleted for a change set", func(r *governance.ChangeRequest) { r.ChangeSets = []string{"March"} }, []c{{Change: governance.Delete, Name: "X", Type: "Flow"}}, false, "", false},
		{"a rollback deletes what was new", nil, []c{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}, false, governance.Rollback, true},
		{"a rollback of something else", nil, []c{{Change: governance.Delete, Name: "Payroll", Type: "ApexClass"}}, false, governance.Rollback, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			w := newWorld(t)
			if k.request != nil {
				k.request(&w.request)
			}
			w.approvedRequest()
			w.record.Customizations, w.record.Whole = k.record, k.whole
			if k.kind != "" {
				w.record.Kind = k.kind
			}
			w.record.RequestDigest = w.request.Revision
			for _, a := range w.record.Actions(governance.Situation{History: w.history(), By: "rita"}) {
				if a.Action == governance.Submit && a.Allowed != k.ok {
					t.Errorf("submit allowed %v: %s", a.Allowed, a.Why)
				}
			}
			w.forceRecord("rita", "ann", "ben")
			if k.ok {
				w.wantOpen(governance.AttemptValidate)
				return
			}
			w.wantShut("selection", governance.AttemptValidate)
		})
	}
}

func TestAnAttemptFitsItsRecord(t *testing.T) {
	w := newWorld(t).approved()
	w.wantShut("kind", governance.AttemptRollback)
	w.wantShut("kind", "restore")
	w = newWorld(t)
	w.record.Options.RollbackOnError = false
	w.approvedRequest()
	w.forceRecord("rita", "ann", "ben")
	w.wantShut("rollback_on_error", governance.AttemptValidate)
}

// A harmless part that was tested in a sandbox opens production for nothing
// but itself, and only if it was deployed there.
func TestAPartThatWasTestedIsNotTheWhole(t *testing.T) {
	try := func(tested []governance.Customization, deployer string) *world {
		w := newWorld(t, func(c *governance.Charter) { c.Environments[0].TestFirst = true })
		w.request.Customizations = append(w.request.Customizations, governance.Customization{Change: governance.Modify, Name: "Harmless", Type: "Layout"})
		w.record.Customizations = w.request.Customizations
		w.approved()
		w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
		w.testedIn("00D000000000003AAA", tested, deployer)
		return w
	}
	all := []governance.Customization{{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}, {Change: governance.Modify, Name: "Harmless", Type: "Layout"}}
	try(all, "max").wantOpen(governance.AttemptDeploy)
	try(all[1:], "max").wantShut("test_first", governance.AttemptDeploy)
	try(all, "rita").wantShut("test_first", governance.AttemptDeploy)
}

// testedIn brings a second record of the request to Completed in a sandbox,
// with a deployment that somebody signs.
func (w *world) testedIn(org string, cs []governance.Customization, deployer string) {
	w.t.Helper()
	const subject = "record-2"
	r := w.record
	r.ID, r.TargetOrg, r.TargetKind, r.Customizations, r.Whole, r.Package = subject, org, governance.Sandbox, cs, false, "h1:sandbox"
	digest, body, err := ledger.RecordRevision(r.RevisionIn(w.ws, 1))
	must(w.t, err)
	w.revs[digest] = body
	sign := func(who string, typ governance.ActType, b governance.Body) string {
		return w.sign(who, governance.Intent{Type: typ, Subject: subject, Body: b}).ID
	}
	sign("rita", "dr.submit", governance.Submission{Authors: []string{"rita"}, Revision: digest, Round: 1})
	sign("ann", "dr.approve", governance.Vote{Revision: digest, Round: 1})
	sign("ben", "dr.approve", governance.Vote{Revision: digest, Round: 1, Step: 1})
	start := sign(deployer, governance.ActStart, governance.Start{Attempt: 1, Kind: governance.AttemptDeploy, Log: "log-2", Package: r.Package, Revision: digest, Target: org})
	sign(deployer, governance.ActResult, governance.Ending{AsyncID: "0Af2", Kind: governance.AttemptDeploy, Package: r.Package, Result: governance.ResultSucceeded, Revision: digest, Start: start})
	sign("max", "dr.complete", governance.Closing{Revision: digest, Round: 1})
	if st := w.history().RecordStanding(subject); st.Status != governance.Completed {
		w.t.Fatalf("the sandbox record is %s", st.Status)
	}
}
