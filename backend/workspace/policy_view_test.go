package workspace

import (
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func (w *Workspace) policies(t *testing.T) Policies {
	t.Helper()
	v, err := w.PolicyView(t.Context())
	ok(t, err)
	for _, p := range append([]PolicyView{v.Requests}, v.Environments...) {
		for _, s := range p.Sentences {
			if s.Text == "" || strings.Contains(s.Text, "{") || !strings.HasSuffix(s.Text, ".") || s.Code == "" || s.Said.Text != s.Text {
				t.Errorf("%+v", s)
			}
		}
	}
	if v.Pending == nil || v.Versions == nil || v.Members == nil || v.Categories == nil {
		t.Errorf("a nil list: %+v", v)
	}
	return v
}

func texts(p PolicyView) string {
	out := []string{}
	for _, s := range p.Sentences {
		out = append(out, s.Text)
	}
	return strings.Join(out, "\n")
}

func TestPoliciesAreReadable(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	v := w.policies(t)
	want := `A change with Automation, Code, Integration, Uncategorized needs 2 approvals, one after the other: approver, approver.
A change with Data Model, Sharing and Visibility needs 2 approvals: approver, approver.
A change with Configuration, Display/UI needs 1 approval: approver.
A change with Analytics needs 1 approval: approver.
An Emergency needs 1 approval: owner.
An approval of an Emergency counts for 4 hours.
An approval counts for 30 days.
Authors do not approve their own change.
One person fills one seat.
A deployed Emergency is reviewed within 5 days, by as many as approve a Standard change.`
	if got := texts(v.Requests); got != want {
		t.Errorf("%s", got)
	}
	production := v.Environments[slices.IndexFunc(v.Environments, func(p PolicyView) bool { return p.Policy.Name == "Deployments to Demo Production" })]
	for _, s := range []string{"A release manager deploys.", "Approvers do not deploy what they approved.", "Authors do not deploy their own change.",
		"A validation that succeeded in the last 10 days comes before Deploy."} {
		if !strings.Contains(texts(production), s) {
			t.Errorf("%q is not in\n%s", s, texts(production))
		}
	}
	if v.CanPropose || v.Why != "Only an owner can change the policies." || v.Owners != 2 || v.Solo || len(v.Members) != 4 || len(v.Versions) != 1 || v.Version != 0 {
		t.Errorf("%+v", v)
	}
	if len(v.Categories) != 9 || !slices.Contains(v.Categories[2].Types, "ApexClass") || len(v.Vocabulary.Roles) != 5 {
		t.Errorf("%+v", v.Categories)
	}
}

func TestRelaxationsAreMarked(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	p := governance.DefaultPolicy(governance.Production)
	p.AuthorMayApprove, p.AuthorMayDeploy, p.ApproverMayDeploy, p.SeveralSeatsEach, p.DeployerRole, p.TestFirst = true, true, true, true, "", true
	relaxed := []string{}
	for _, s := range w.sentences(&p, roster{}, true) {
		if s.Relaxed {
			relaxed = append(relaxed, s.Text)
		}
	}
	want := []string{"Authors may approve their own change.", "One person may fill several seats.", "Every member may be named to deploy.",
		"Approvers may deploy what they approved.", "Authors may deploy their own change."}
	if !slices.Equal(relaxed, want) {
		t.Errorf("%q", relaxed)
	}
}

// A rule for one Change Type is said for that type, and what holds for the
// others is said for them.
func TestRulesForOneChangeType(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	p := governance.DefaultRequestPolicy()
	p.Levels = []governance.CategoryLevel{}
	for _, c := range governance.Categories() {
		p.Levels = append(p.Levels, governance.CategoryLevel{Category: c, Level: governance.SandboxTesting})
	}
	p.Levels[1].Level = governance.FullLifecycle
	p.Rules = []governance.SeatRule{
		{Level: governance.SandboxTesting, ChangeType: governance.Standard, Ordered: true, Steps: []governance.ApprovalStep{{Quorum: 1, Role: governance.Approver}, {Quorum: 1, Role: governance.ReleaseManager}}},
		{Level: governance.SandboxTesting, Steps: []governance.ApprovalStep{{Quorum: 1, Role: governance.Approver}}},
		{Level: governance.LogChangesOnly, Steps: []governance.ApprovalStep{{Quorum: 1, Role: governance.Approver}}},
	}
	v := w.policyView(p, roster{}, false)
	others := "Analytics, Code, Configuration, Data Model, Display/UI, Integration, Sharing and Visibility, Uncategorized"
	want := "A change with Automation cannot be approved: there is no rule for Full Software Development Lifecycle.\n" +
		"A Minor change with " + others + " needs 1 approval: approver.\n" +
		"A Standard change with " + others + " needs 2 approvals, one after the other: approver, release manager.\n" +
		"A Major change with " + others + " needs 1 approval: approver.\n" +
		"No category has the level Log Changes Only, so its rule is not used.\n"
	if got := texts(v); !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	if seats := w.expectedSeats(&governance.Charter{}, prospect{policy: &p, kind: governance.Minor, types: []string{"Flow"}}); len(seats.Seats) > 0 || !strings.Contains(seats.Rule, "no rule") {
		t.Errorf("%+v", seats)
	}
}

// A change of the policies is proposed by an owner, told with what it changes,
// signed by the other owner, and in force then.
func TestChangingThePolicies(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Bo)
	ctx := t.Context()
	v := w.policies(t)
	next := v.Requests.Policy
	environments := []governance.Policy{}
	for _, p := range v.Environments {
		environments = append(environments, p.Policy)
	}
	_, err := w.ProposePolicies(ctx, next, environments, "")
	wantFault(t, err, "nothing_changed")
	next.ApprovalDays = 0
	_, err = w.ProposePolicies(ctx, next, environments, "")
	wantFault(t, err, "bad_policy")
	next.ApprovalDays, next.Name = 14, " "
	_, err = w.ProposePolicies(ctx, next, environments, "")
	wantFault(t, err, "bad_policy")
	next.Name, next.AuthorMayApprove = "Change Requests", true
	_, err = w.as(t, Ana).ProposePolicies(ctx, next, environments, "")
	wantFault(t, err, "not_owner")
	_, err = w.ProposalOf(ctx, next, environments[:1])
	wantFault(t, err, "not_owner")
	proposal, err := w.as(t, Bo).ProposalOf(ctx, next, environments[:1])
	ok(t, err)
	_, err = w.ProposePolicies(ctx, next, environments, proposal.Digest) // another change than the one asked about
	wantFault(t, err, "seen_other")
	v, err = w.ProposePolicies(ctx, next, environments[:1], proposal.Digest)
	ok(t, err)
	if len(proposal.Diff) != len(v.Pending[0].Diff) {
		t.Errorf("asked about %+v, and %+v is proposed", proposal.Diff, v.Pending[0].Diff)
	}
	if len(v.Pending) != 1 || v.Version != 0 {
		t.Fatalf("%+v", v)
	}
	p := v.Pending[0]
	if p.By.Name != "Bo Approver" || p.Needed != 2 || names(p.Endorsed) != "Bo Approver" || p.CanSign || p.Why == "" || p.At.IsZero() {
		t.Errorf("%+v", p)
	}
	if len(p.Diff) < 3 || p.Diff[0].What != "approvalDays" || p.Diff[0].Before != "An approval counts for 30 days." || p.Diff[0].After != "An approval counts for 14 days." ||
		p.Diff[0].Policy != "Change Requests" || p.Diff[0].Come[0].Params["days"] != "14" ||
		p.Diff[1].After != "Authors may approve their own change." || p.Diff[2].Policy != "Deployments to Demo UAT" || p.Diff[2].After != "" {
		t.Errorf("%+v", p.Diff)
	}
	_, err = w.SignPolicies(ctx, p.Act)
	wantFault(t, err, "signed_already")
	_, err = w.SignPolicies(ctx, "nothing")
	wantFault(t, err, "not_found")
	_, err = w.as(t, Dee).SignPolicies(ctx, p.Act)
	wantFault(t, err, "not_owner")
	d, err := w.as(t, Cy).Today(ctx)
	ok(t, err)
	wantTask(t, d.Waiting, p.Act, "vote", "task.policy")

	v, err = w.SignPolicies(ctx, p.Act)
	ok(t, err)
	if v.Version != 1 || len(v.Pending) > 0 || len(v.Versions) != 2 || names(v.Versions[0].Endorsed) != "Bo Approver, Cy Approver" || v.Versions[1].By.Name != "Bo Approver" || len(v.Versions[0].Diff) != len(p.Diff) {
		t.Errorf("%+v", v)
	}
	if !strings.Contains(texts(v.Requests), "14 days") {
		t.Errorf("%s", texts(v.Requests))
	}
	_, err = w.SignPolicies(ctx, p.Act)
	wantFault(t, err, "not_found")
}

func TestWhatAChangeWouldNeed(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	for _, c := range []struct {
		name  string
		q     PolicyQuestion
		seats int
		level governance.ChangeLevel
		why   string
	}{
		{"nothing known", PolicyQuestion{}, 2, governance.FullLifecycle, "Nothing is known of what it holds, so the strictest level counts: Full Software Development Lifecycle."},
		{"a report", PolicyQuestion{Types: []string{"Report"}}, 1, governance.LogChangesOnly, "Analytics (Report) has the level Log Changes Only, the strictest in it."},
		{"code and a report", PolicyQuestion{Type: governance.Major, Types: []string{"Report", "ApexClass", "ApexTrigger"}}, 2, governance.FullLifecycle, "Code (ApexClass, ApexTrigger) has the level Full Software Development Lifecycle, the strictest in it."},
		{"a request", PolicyQuestion{RequestID: cr.ID}, 2, governance.SandboxTesting, "Data Model (GlobalValueSet) has the level Sandbox Development & Testing, the strictest in it."},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := c.q
			q.EnvironmentID = DemoTarget
			a, err := w.WouldNeed(ctx, q)
			ok(t, err)
			if len(a.Request.Seats) != c.seats || a.Request.Level != c.level || a.Why != c.why || a.Record == nil || len(a.Record.Seats) != c.seats || names(a.Request.Seats[0].May) != "Bo Approver, Cy Approver" {
				t.Errorf("%+v", a)
			}
		})
	}
	_, err := w.WouldNeed(ctx, PolicyQuestion{EnvironmentID: "nowhere"})
	wantFault(t, err, "not_found")
	_, err = w.WouldNeed(ctx, PolicyQuestion{Type: "Huge"})
	wantFault(t, err, "change_type")
	a, err := w.WouldNeed(ctx, PolicyQuestion{Types: []string{"Report"}})
	ok(t, err)
	if a.Record != nil {
		t.Errorf("%+v", a.Record)
	}
}

// A draft is asked as if it were in force, and puts nothing in force.
func TestWhatAChangeWouldNeedUnderADraft(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	c, err := w.Charter(ctx)
	ok(t, err)
	draft := PolicyDraft{Requests: c.Requests, Environments: slices.Clone(c.Environments)}
	draft.Requests.Rules = slices.Clone(draft.Requests.Rules)
	for i := range draft.Requests.Rules {
		draft.Requests.Rules[i].Steps = []governance.ApprovalStep{{Quorum: 3, Role: governance.Approver}}
	}
	q := PolicyQuestion{RequestID: cr.ID, EnvironmentID: DemoTarget}
	before, err := w.WouldNeed(ctx, q)
	ok(t, err)
	q.Draft = &draft
	a, err := w.WouldNeed(ctx, q)
	ok(t, err)
	if len(a.Request.Seats) != 3 || a.Record == nil || len(a.Record.Seats) != len(before.Record.Seats) {
		t.Errorf("under the draft: %+v", a)
	}
	q.Draft = nil
	after, err := w.WouldNeed(ctx, q)
	ok(t, err)
	if len(before.Request.Seats) == 3 || len(after.Request.Seats) != len(before.Request.Seats) {
		t.Errorf("before %+v, after %+v", before.Request, after.Request)
	}
}

// A proposal that changes only keys, or how many owners must agree, or a switch
// of a policy, does not look like one that changes nothing.
func TestEveryChangeOfTheCharterIsShown(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	h, err := w.Store.History(t.Context(), noRecords)
	if err != nil {
		t.Fatal(err)
	}
	spare, err := ledger.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*governance.Charter){
		"a key is added": func(c *governance.Charter) {
			c.Members[0].Keys = append(c.Members[0].Keys, governance.Key{Public: spare.Public()})
		},
		"a key is revoked":        func(c *governance.Charter) { c.Members[0].Keys[0].Last = "none" },
		"a key was compared":      func(c *governance.Charter) { c.Members[0].Compared = true },
		"fewer owners agree":      func(c *governance.Charter) { c.OwnerThreshold = 1 },
		"delegation":              func(c *governance.Charter) { c.Requests.Delegation = true },
		"hours of an emergency":   func(c *governance.Charter) { c.Requests.EmergencyHours = 12 },
		"emergencies in a freeze": func(c *governance.Charter) { c.Environments[0].EmergencyInFreeze = true },
		"findings close":          func(c *governance.Charter) { c.Environments[0].FindingsClose = true },
		"a freeze": func(c *governance.Charter) {
			c.Environments[0].Freezes = []governance.Freeze{{From: "2026-12-20", Name: "Year end", Until: "2026-12-31"}}
		},
		"a window": func(c *governance.Charter) {
			c.Environments[0].Windows = []governance.Window{{Days: []int64{1, 7}, From: "22:00", Until: "06:00"}}
		},
		"the zone":         func(c *governance.Charter) { c.Environments[0].Zone = "Europe/Berlin" },
		"overdue reviews":  func(c *governance.Charter) { c.Environments[0].OverdueReviews = 9 },
		"days of a review": func(c *governance.Charter) { c.Requests.ReviewDays = 9 },
		"owners of customizations": func(c *governance.Charter) {
			c.Requests.Owners = []governance.Ownership{{Members: []string{Bo}, Name: "Billing", Names: []string{"Bill*"}, Types: []string{"ApexClass"}}}
		},
		"the seats of an emergency": func(c *governance.Charter) {
			c.Requests.Rules[4].Steps = []governance.ApprovalStep{{Quorum: 2, Role: governance.Owner}}
		},
	} {
		in, err := ledger.NextCharter(h, edit)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		after, _ := in.Body.(governance.Charter)
		diff := w.policyDiff(h.Charter(), &after)
		if len(diff) != 1 || diff[0].Before == diff[0].After || strings.Contains(diff[0].After+diff[0].Before, "{") {
			t.Errorf("%s is shown as %+v", name, diff)
		}
	}
}
