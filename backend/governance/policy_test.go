package governance

import (
	"slices"
	"strings"
	"testing"
)

func TestEachTypeHasOneCategory(t *testing.T) {
	seen := map[string]Category{}
	for c, types := range typesOf {
		for _, typ := range types {
			if other, twice := seen[typ]; twice {
				t.Errorf("%s is in %s and in %s", typ, other, c)
			}
			seen[typ] = c
		}
	}
	if CategoryOf("NoSuchType") != Uncategorized {
		t.Error("a type that no table knows is Uncategorized")
	}
}

func TestLevels(t *testing.T) {
	p := DefaultRequestPolicy()
	for _, c := range []struct {
		name  string
		types []string
		want  ChangeLevel
	}{
		{"a report is only logged", []string{"Report"}, LogChangesOnly},
		{"a layout needs a request", []string{"Layout"}, ChangeRequestLevel},
		{"the strictest of several wins", []string{"Report", "CustomField", "Layout"}, SandboxTesting},
		{"code is strictest", []string{"ApexClass", "Report"}, FullLifecycle},
		{"a type that nobody knows gets the strictest", []string{"HologramType"}, FullLifecycle},
		{"a change set says nothing about its content", nil, FullLifecycle},
	} {
		if got := p.StrictestLevel(c.types); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	empty := Policy{}
	if got := empty.StrictestLevel([]string{"Report"}); got != FullLifecycle {
		t.Errorf("an empty policy is as strict as can be, not %s", got)
	}
}

func TestRules(t *testing.T) {
	p := DefaultRequestPolicy()
	if r := p.RuleFor(Minor, FullLifecycle); r == nil || !r.Ordered || len(r.Steps) != 2 {
		t.Errorf("two seats in order for the full lifecycle, got %+v", r)
	}
	p.Rules = append(p.Rules, SeatRule{ChangeType: Major, Level: LogChangesOnly, Steps: []ApprovalStep{{Quorum: 3, Role: Owner}}})
	if r := p.RuleFor(Major, LogChangesOnly); r == nil || r.Steps[0].Quorum != 3 {
		t.Error("the rule for the Change Type comes before the one for all")
	}
	if r := p.RuleFor(Minor, LogChangesOnly); r == nil || r.Steps[0].Quorum != 1 {
		t.Error("another Change Type keeps the rule for all")
	}
	p.Rules = []SeatRule{{Level: SandboxTesting, Steps: []ApprovalStep{{Quorum: 2, Role: Approver}}}}
	if r := p.RuleFor(Minor, LogChangesOnly); r == nil || r.Level != SandboxTesting {
		t.Error("without a rule of its own a level takes the next stricter")
	}
	if r := p.RuleFor(Minor, FullLifecycle); r != nil {
		t.Error("without any rule that is strict enough there is none")
	}
}

// An Emergency takes the rule that names it, whatever the level of the others;
// without one it takes the normal rule.
func TestRulesOfAnEmergency(t *testing.T) {
	p := DefaultRequestPolicy()
	for _, level := range ChangeLevels() {
		if r := p.RuleFor(Emergency, level); r == nil || r.ChangeType != Emergency || r.Steps[0] != (ApprovalStep{1, Owner}) {
			t.Errorf("%s: %+v", level, r)
		}
		if r := p.RuleFor(Standard, level); r == nil || r.ChangeType != "" {
			t.Errorf("a standard change with %s takes %+v", level, r)
		}
	}
	p.Rules = DefaultRules()
	if r := p.RuleFor(Emergency, FullLifecycle); r == nil || len(r.Steps) != 2 {
		t.Errorf("without a rule of its own: %+v", r)
	}
	mild := EmergencyRule()
	mild.Level = ChangeRequestLevel
	p.Rules = append(p.Rules, mild, EmergencyRule())
	for level, want := range map[ChangeLevel]ChangeLevel{LogChangesOnly: ChangeRequestLevel, ChangeRequestLevel: ChangeRequestLevel, SandboxTesting: FullLifecycle} {
		if r := p.RuleFor(Emergency, level); r.ChangeType != Emergency || r.Level != want {
			t.Errorf("%s takes the rule of %s", level, r.Level)
		}
	}
}

func TestPatternsOfNames(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"*", "Anything", true}, {"", "", true}, {"", "x", false}, {"Bill", "bill", true}, {"Bill", "Billing", false},
		{"Bill*", "Billing", true}, {"Bill*", "xBilling", false}, {"*ing", "Billing", true}, {"*ing", "Billings", false},
		{"B*g", "Billing", true}, {"B*g", "B", false}, {"a*a", "a", false}, {"a*a", "aa", true}, {"*a*b*", "xaxbx", true}, {"*a*b*", "xbxax", false},
		{"a**b", "ab", true}, {"*aab", "aaab", true}, {"Account.*__c", "Account.Tier__c", true}, {"Sales/*", "Sales/Q1/Report", true},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.text, got)
		}
	}
}

func TestPolicyForAnEnvironment(t *testing.T) {
	c := Charter{Environments: []Policy{{Name: "prod", Kind: Production}, {Name: "emea", Kind: Production, Organization: "00Dxx0000000001EAA"}}}
	for _, k := range []struct {
		kind EnvironmentKind
		org  string
		want string
	}{
		{Production, "00Dxx0000000002EAA", "prod"},
		{Production, "00Dxx0000000001EAA", "emea"},
		{Sandbox, "00Dxx0000000003EAA", ""},
	} {
		got := ""
		if p := c.PolicyFor(k.kind, k.org); p != nil {
			got = p.Name
		}
		if got != k.want {
			t.Errorf("%s %s: %q, want %q", k.kind, k.org, got, k.want)
		}
	}
}

func demoMembers() []Member {
	m := func(id string, roles ...Role) Member {
		return Member{ID: id, Name: strings.ToUpper(id[:1]) + id[1:], Keys: []Key{{Public: "ed25519:" + id}}, Roles: roles}
	}
	return []Member{m("ana", Requester), m("bo", Approver, Owner), m("cy", Approver, Owner), m("dee", ReleaseManager)}
}

func TestCharterIsChecked(t *testing.T) {
	good := func() Charter { return DemoCharter(demoMembers(), "00Dxx0000000001EAA", "00Dxx0000000002EAA", "n") }
	if c := good(); c.Check() != nil {
		t.Fatal(c.Check())
	}
	solo := SoloCharter("Mine", Member{ID: "me", Name: "Me", Keys: []Key{{Public: "ed25519:me"}}}, "n")
	if err := solo.Check(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		edit func(*Charter)
		want string
	}{
		{"nobody approves", func(c *Charter) { c.Requests.Rules[0].Steps = nil }, "at least one seat"},
		{"quorum of none", func(c *Charter) { c.Requests.Rules[0].Steps = []ApprovalStep{{Role: Approver}} }, "at least one person"},
		{"unknown role", func(c *Charter) { c.Members[0].Roles = []Role{"king"} }, "king"},
		{"one key, two members", func(c *Charter) { c.Members[1].Keys = c.Members[0].Keys }, "One key"},
		{"threshold out of reach", func(c *Charter) { c.OwnerThreshold = 3 }, "only 2 can"},
		{"threshold of none", func(c *Charter) { c.OwnerThreshold = 0 }, "must agree"},
		{"owner without a live key", func(c *Charter) { c.Members[1].Keys[0].Last = "none" }, "only 1 can"},
		{"demo without organisations", func(c *Charter) { c.Organizations = nil }, "demo"},
		{"two policies for one place", func(c *Charter) { c.Environments = append(c.Environments, c.Environments[0]) }, "Two policies"},
		{"approvals for ever", func(c *Charter) { c.Requests.ApprovalDays = 4000 }, "1 to 365"},
		{"validation older than Salesforce keeps it", func(c *Charter) { c.Environments[0].ValidationDays = 30 }, "10 days"},
		{"solo with four people", func(c *Charter) { c.Solo = true }, "one member"},
		{"a recovery key with a role", func(c *Charter) { c.Members[0].Roles = []Role{Recovery, Requester} }, "another role"},
		{"no owner but a recovery key", func(c *Charter) {
			c.Members[1].Roles, c.Members[2].Roles = []Role{Recovery}, []Role{Recovery}
		}, "no owner"},
		{"a recovery key approves", func(c *Charter) { c.Requests.Rules[0].Steps = []ApprovalStep{{Quorum: 1, Role: Recovery}} }, "recovery key approve"},
		{"a recovery key deploys", func(c *Charter) { c.Environments[0].DeployerRole = Recovery }, "recovery key deploy"},
		{"an emergency of a week", func(c *Charter) { c.Requests.EmergencyHours = 168 }, "168 hours"},
		{"an emergency of negative hours", func(c *Charter) { c.Requests.EmergencyHours = -1 }, "-1 hours"},
		{"a review in a year", func(c *Charter) { c.Requests.ReviewDays = 365 }, "365 days"},
		{"a review by an environment", func(c *Charter) { c.Environments[0].ReviewDays = 5 }, "only the policy for Change Requests"},
		{"overdue reviews of a request", func(c *Charter) { c.Requests.OverdueReviews = 1 }, "only policies for environments"},
		{"a thousand overdue reviews", func(c *Charter) { c.Environments[0].OverdueReviews = 1000 }, "1000 overdue"},
		{"findings of a request", func(c *Charter) { c.Requests.FindingsClose = true }, "only policies for environments"},
		{"a window of a request", func(c *Charter) { c.Requests.Windows = []Window{{Days: []int64{1}, From: "01:00", Until: "02:00"}} }, "windows or freezes"},
		{"a zone of a request", func(c *Charter) { c.Requests.Zone = "Europe/Berlin" }, "windows or freezes"},
		{"the zone of this machine", func(c *Charter) { c.Environments[0].Zone = "Local" }, "Europe/Berlin"},
		{"a zone that is a path", func(c *Charter) { c.Environments[0].Zone = "../../etc/passwd" }, "Europe/Berlin"},
		{"a window that is none", func(c *Charter) {
			c.Environments[0].Windows = []Window{{Days: []int64{1}, From: "22:00", Until: "22:00"}}
		}, "two different times"},
		{"a window at 25 o'clock", func(c *Charter) {
			c.Environments[0].Windows = []Window{{Days: []int64{1}, From: "22:00", Until: "25:00"}}
		}, "two different times"},
		{"a window at 9:00", func(c *Charter) {
			c.Environments[0].Windows = []Window{{Days: []int64{1}, From: "9:00", Until: "10:00"}}
		}, "two different times"},
		{"a window from midnight's end", func(c *Charter) {
			c.Environments[0].Windows = []Window{{Days: []int64{1}, From: "24:00", Until: "10:00"}}
		}, "two different times"},
		{"a window on no day", func(c *Charter) { c.Environments[0].Windows = []Window{{From: "22:00", Until: "23:00"}} }, "days from 1"},
		{"a window on the eighth day", func(c *Charter) {
			c.Environments[0].Windows = []Window{{Days: []int64{8}, From: "22:00", Until: "23:00"}}
		}, "days from 1"},
		{"a freeze that ends before it begins", func(c *Charter) {
			c.Environments[0].Freezes = []Freeze{{From: "2026-12-31", Name: "Year end", Until: "2026-12-20"}}
		}, "two dates in order"},
		{"a freeze on no date", func(c *Charter) {
			c.Environments[0].Freezes = []Freeze{{From: "2026-02-30", Name: "Year end", Until: "2026-03-20"}}
		}, "two dates in order"},
		{"a freeze without a name", func(c *Charter) { c.Environments[0].Freezes = []Freeze{{From: "2026-12-20", Until: "2026-12-31"}} }, "a name"},
		{"an owner who is nobody", func(c *Charter) {
			c.Requests.Owners = []Ownership{{Members: []string{"zoe"}, Name: "All", Names: []string{"*"}, Types: []string{"*"}}}
		}, "zoe"},
		{"customizations without an owner", func(c *Charter) {
			c.Requests.Owners = []Ownership{{Name: "All", Names: []string{"*"}, Types: []string{"*"}}}
		}, "no owner of"},
		{"owners of nothing", func(c *Charter) {
			c.Requests.Owners = []Ownership{{Members: []string{"bo"}, Name: "All", Types: []string{"*"}}}
		}, "types and names"},
		{"owners of an empty name", func(c *Charter) {
			c.Requests.Owners = []Ownership{{Members: []string{"bo"}, Name: "All", Names: []string{""}, Types: []string{"*"}}}
		}, "types and names"},
		{"owners of something without a name", func(c *Charter) {
			c.Requests.Owners = []Ownership{{Members: []string{"bo"}, Names: []string{"*"}, Types: []string{"*"}}}
		}, "without a name"},
		{"later format", func(c *Charter) { c.Format = 2 }, "format"},
	} {
		ch := good()
		ch.Requests.Rules, ch.Environments = slices.Clone(ch.Requests.Rules), slices.Clone(ch.Environments)
		c.edit(&ch)
		if err := ch.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a sentence with %q", c.name, err, c.want)
		}
	}
}

func TestSoloSaysThatItIsSelfAuthorised(t *testing.T) {
	c := SoloCharter("Mine", Member{ID: "me"}, "n")
	if p := c.Requests; !p.AuthorMayApprove || !p.ApproverMayDeploy || !p.AuthorMayDeploy || !p.SeveralSeatsEach {
		t.Errorf("a solo workspace relaxes everything and says so: %+v", p)
	}
	if p := DefaultPolicy(Production); p.AuthorMayApprove || p.ApproverMayDeploy || p.AuthorMayDeploy || p.SeveralSeatsEach {
		t.Errorf("production relaxes nothing: %+v", p)
	}
}

// All 17 words of the field and no others come out of the one table.
func TestStatusWords(t *testing.T) {
	words := map[string]bool{}
	for kind, results := range fieldStatus {
		for result := range results {
			for _, status := range []string{"", "Pending"} {
				for _, cancel := range []bool{false, true} {
					l := DeploymentLog{Kind: kind, Result: result, Progress: ProgressRunning, Status: status, CancelWanted: cancel}
					words[l.StatusWord()] = true
				}
			}
		}
	}
	want := []string{"Pending", "InProgress", "Succeeded", "SucceededPartial", "Failed", "Canceling", "Canceled",
		"Retrieve In Progress", "Retrieve Completed", "Retrieve Failed", "Validation In Progress", "Validation Completed", "Validation Failed",
		"Rollback In Progress", "Rollback Partial", "Rollback Completed", "Rollback Failed"}
	for _, w := range want {
		if !words[w] {
			t.Errorf("no attempt is ever %s", w)
		}
		delete(words, w)
	}
	for w := range words {
		t.Errorf("%q is not a word of the field", w)
	}
}
