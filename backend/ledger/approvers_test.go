package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
)

// Who is asked by name approves as well, in a seat beside those of the policy.
func TestAdditionalApprovers(t *testing.T) {
	w := newWorld(t)
	w.request.AdditionalApprovers = []string{"olga", "cleo", "olga"}
	w.submitRequest()
	seats := w.history().RequestStanding(cr).Seating.Seats
	if len(seats) != 4 || seats[2].Role != "" || !slices.Equal(seats[2].May, []string{"cleo"}) || !slices.Equal(seats[3].May, []string{"olga"}) ||
		seats[3].Why.Code != "seat_additional" || seats[3].Why.Params["who"] != "olga" {
		t.Fatalf("%+v", seats)
	}
	if st := w.actionOf("cleo", cr, governance.Approve); st.Step != 2 {
		t.Errorf("cleo, who could take a role's seat too, is offered step %d", st.Step)
	}
	w.onRequest("olga", approve) // waits for nobody
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.wantStatus(cr, governance.Pending, "cleo has not approved")
	w.onRequest("cleo", approve)
	w.wantStatus(cr, governance.Approved, "all have")
	must(t, w.try("olga", cr, withdraw("Not this way.")))
	w.wantStatus(cr, governance.Pending, "olga took hers back")
	w.onRequest("olga", governance.Deed{Action: governance.Reject, Reason: "Not this way."})
	w.wantStatus(cr, governance.Rejected, "who has a seat rejects")
}

func TestWhoCannotBeAskedToApprove(t *testing.T) {
	for name, c := range map[string]struct{ who, code string }{
		"an author":             {"rita", "additional_author"},
		"nobody here":           {"mallory", "additional_unknown"},
		"the recovery key":      {"kit", "additional_unknown"},
		"an owner without seat": {"olga", ""},
	} {
		w := newWorld(t, func(ch *governance.Charter) {
			ch.Members = append(ch.Members, governance.Member{ID: "kit", Name: "Kit", Keys: []governance.Key{{Public: identity(t, "kit").Public()}}, Roles: []governance.Role{governance.Recovery}})
		})
		w.request.AdditionalApprovers = []string{c.who}
		if st := w.actionOf("rita", cr, governance.Submit); st.Code != c.code {
			t.Errorf("%s: %q, want %q", name, st.Code, c.code)
		}
	}
	w := newWorld(t)
	w.request.AdditionalApprovers = []string{"olga"}
	w.submitRequest()
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.vote(w.people["otto"], cr, 2)
	st := w.history().RequestStanding(cr)
	if st.Seating.Filled || !strings.Contains(strings.Join(st.Seating.Refused, " "), "for somebody else") {
		t.Errorf("otto sits in olga's seat: %+v", st.Seating)
	}
	w.vote(w.people["olga"], cr, 2)
	w.wantStatus(cr, governance.Approved, "olga approved")
}

// Additional approvers are part of what is approved.
func TestAdditionalApproversCannotBeDropped(t *testing.T) {
	w := newWorld(t)
	w.request.AdditionalApprovers = []string{"olga"}
	w.submitRequest()
	for i, who := range []string{"ann", "ben", "olga"} {
		w.vote(w.people[who], cr, int64(i))
	}
	w.cache()
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	w.wantOpen(governance.AttemptValidate)
	w.request.AdditionalApprovers = nil
	w.wantShut("request_content", governance.AttemptValidate)
}

func TestOwnersOfCustomizations(t *testing.T) {
	billing := governance.Ownership{Members: []string{"olga", "otto"}, Name: "Billing", Names: []string{"Bill*", "Invoice"}, Types: []string{"ApexClass", "Custom*"}}
	for _, c := range []struct {
		name  string
		edit  func(r *governance.ChangeRequest)
		owned bool
	}{
		{"a name that begins so", func(*governance.ChangeRequest) {}, true},
		{"in another case", func(r *governance.ChangeRequest) { r.Customizations[0].Name = "BILLING" }, true},
		{"the whole name", func(r *governance.ChangeRequest) { r.Customizations[0].Name = "Invoice" }, true},
		{"a longer name", func(r *governance.ChangeRequest) { r.Customizations[0].Name = "InvoiceLine" }, false},
		{"another name", func(r *governance.ChangeRequest) { r.Customizations[0].Name = "Orders" }, false},
		{"another type", func(r *governance.ChangeRequest) { r.Customizations[0].Type = "ApexTrigger" }, false},
		{"a type that begins so", func(r *governance.ChangeRequest) { r.Customizations[0].Type = "CustomField" }, true},
		{"one of a manifest", func(r *governance.ChangeRequest) {
			r.Customizations = nil
			r.Manifests = []governance.PackageManifest{{Members: []governance.ManifestMember{{Names: []string{"Orders", "Billing"}, Type: "ApexClass"}}}}
		}, true},
		{"a manifest with all of a type", func(r *governance.ChangeRequest) {
			r.Customizations = nil
			r.Manifests = []governance.PackageManifest{{Members: []governance.ManifestMember{{Names: []string{"*"}, Type: "ApexClass"}}}}
		}, true},
		{"a manifest with all of another type", func(r *governance.ChangeRequest) {
			r.Customizations = nil
			r.Manifests = []governance.PackageManifest{{Members: []governance.ManifestMember{{Names: []string{"*"}, Type: "Layout"}}}}
		}, false},
		{"a change set, of which nobody knows", func(r *governance.ChangeRequest) { r.Customizations, r.ChangeSets = nil, []string{"March"} }, true},
	} {
		w := newWorld(t, func(ch *governance.Charter) { ch.Requests.Owners = []governance.Ownership{billing} })
		w.request.Customizations = slices.Clone(w.request.Customizations)
		c.edit(&w.request)
		w.submitRequest()
		seats := w.history().RequestStanding(cr).Seating.Seats
		last := seats[len(seats)-1]
		if owned := last.Why.Code == "seat_owned"; owned != c.owned || owned && !slices.Equal(last.May, []string{"olga", "otto"}) {
			t.Errorf("%s: %+v", c.name, last)
		}
	}
	w := newWorld(t, func(ch *governance.Charter) { ch.Environments[0].Owners = []governance.Ownership{billing} }).approved()
	w.wantShut("record_status", governance.AttemptValidate)
	w.onRecord("otto", approve)
	w.wantOpen(governance.AttemptValidate)
}

func TestWhatIsRelaxedIsSaid(t *testing.T) {
	w := newWorld(t)
	if got := governance.Relaxations(w.history().Charter()); len(got) > 0 {
		t.Errorf("the defaults relax %+v", got)
	}
	w.change(func(c *governance.Charter) {
		c.OwnerThreshold = 1
		c.Requests.AuthorMayApprove, c.Requests.Delegation = true, true
		p := &c.Environments[0]
		p.ApproverMayDeploy, p.AuthorMayDeploy, p.SeveralSeatsEach, p.DeployerRole = true, true, true, ""
	})
	codes := []string{}
	for _, r := range governance.Relaxations(w.history().Charter()) {
		codes = append(codes, r.Code)
		if strings.Contains(r.Text, "{") {
			t.Errorf("%+v", r)
		}
	}
	if want := []string{"relaxed_one_owner", "relaxed_author_approves", "relaxed_delegation", "relaxed_several_seats", "relaxed_approver_deploys", "relaxed_author_deploys", "relaxed_deployer"}; !slices.Equal(codes, want) {
		t.Errorf("%v", codes)
	}
}
