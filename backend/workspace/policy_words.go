package workspace

import (
	"maps"
	"slices"
	"strings"

	"countersign/backend/governance"
)

func init() {
	maps.Copy(english, map[string]string{
		"policy.rule":                   "A change with {categories} needs {seats:approval|approvals}: {roles}.",
		"policy.rule.ordered":           "A change with {categories} needs {seats:approval|approvals}, one after the other: {roles}.",
		"policy.rule.typed":             "A {type} change with {categories} needs {seats:approval|approvals}: {roles}.",
		"policy.rule.typed.ordered":     "A {type} change with {categories} needs {seats:approval|approvals}, one after the other: {roles}.",
		"policy.rule.none":              "A change with {categories} cannot be approved: there is no rule for {level}.",
		"policy.rule.none.typed":        "A {type} change with {categories} cannot be approved: there is no rule for {level}.",
		"policy.rule.unused":            "No category has the level {level}, so its rule is not used.",
		"policy.rule.emergency":         "An Emergency needs {seats:approval|approvals}: {roles}.",
		"policy.rule.emergency.ordered": "An Emergency needs {seats:approval|approvals}, one after the other: {roles}.",
		"policy.emergency.hours":        "An approval of an Emergency counts for {hours:hour|hours}.",
		"policy.emergency.freeze":       "An Emergency is let through in a freeze and outside the windows.",
		"policy.review":                 "A deployed Emergency is reviewed within {days:day|days}, by as many as approve a Standard change.",
		"policy.review.overdue":         "From {count:overdue review|overdue reviews} of emergencies on, only an Emergency is let through.",
		"policy.delegation":             "A member may let another vote in the own place.",
		"policy.findings":               "An open finding about the target closes the gate.",
		"policy.freeze":                 "Nothing is deployed from {from} until {until}: {name}.",
		"policy.window":                 "Deployments start from {from} until {until} on {days}.",
		"policy.zone":                   "Freezes and windows are in the time zone {zone}.",
		"policy.owners":                 "A change of {name} ({types}: {names}) needs the approval of one of its owners: {who}.",
		"policy.days":                   "An approval counts for {days:day|days}.",
		"policy.authors":                "Authors do not approve their own change.",
		"policy.authors.may":            "Authors may approve their own change.",
		"policy.seats":                  "One person fills one seat.",
		"policy.seats.several":          "One person may fill several seats.",
		"policy.deployer":               "A {role} deploys.",
		"policy.deployer.any":           "Every member may be named to deploy.",
		"policy.approvers":              "Approvers do not deploy what they approved.",
		"policy.approvers.may":          "Approvers may deploy what they approved.",
		"policy.own":                    "Authors do not deploy their own change.",
		"policy.own.may":                "Authors may deploy their own change.",
		"policy.validation":             "A validation that succeeded in the last {days:day|days} comes before Deploy.",
		"policy.validation.none":        "Deploy needs no validation before it.",
		"policy.test":                   "A completed deployment to a test environment comes first.",
		"policy.test.none":              "No test environment has to come first.",
		"policy.member":                 "{who}: {roles}",
		"policy.compared":               "The key of {who} was compared by voice.",
		"policy.key":                    "{who} signs with the key {key}.",
		"policy.key.ended":              "The key {key} of {who} is trusted up to its act {act}.",
		"policy.threshold":              "{count:owner has|owners have} to agree to a change.",
		"policy.why":                    "{category} ({types}) has the level {level}, the strictest in it.",
		"policy.why.unknown":            "Nothing is known of what it holds, so the strictest level counts: {level}.",
	})
}

// rolesOf names the role of each seat of a rule, in order.
func rolesOf(r *governance.SeatRule) (roles string, seats int) {
	out := []string{}
	for _, step := range r.Steps {
		for range step.Quorum {
			out = append(out, string(step.Role))
		}
	}
	return strings.Join(out, ", "), len(out)
}

// ruleSaid is the rule that chooses the seats of a change.
func (w *Workspace) ruleSaid(policy string, r *governance.SeatRule) Said {
	roles, seats := rolesOf(r)
	key := "seats.needs"
	switch r.ChangeType {
	case "":
	case governance.Emergency:
		key += ".emergency"
	default:
		key += ".type"
	}
	if r.Ordered {
		key += ".ordered"
	}
	return w.said(key, "policy", policy, "level", string(r.Level), "seats", seats, "roles", roles, "type", string(r.ChangeType))
}

// A PolicySentence is one rule in words.
type PolicySentence struct {
	Code    string `json:"code"` // what it edits: rules, or the JSON name of a field of the policy
	Text    string `json:"text"`
	Relaxed bool   `json:"relaxed"` // weaker than separation of duties asks
	// Said is the sentence for translation.
	Said Said `json:"said"`
}

// sentences says a policy as an admin reads it, the strictest rules first.
func (w *Workspace) sentences(p *governance.Policy, people roster, deployments bool) []PolicySentence {
	s := &speaker{w: w, out: []PolicySentence{}}
	s.rules(p)
	s.owners(p, people)
	s.say("approvalDays", false, "policy.days", "days", p.ApprovalDays)
	s.choice("authorMayApprove", p.AuthorMayApprove, "policy.authors.may", "policy.authors")
	s.choice("severalSeatsEach", p.SeveralSeatsEach, "policy.seats.several", "policy.seats")
	if p.Delegation {
		s.say("delegation", true, "policy.delegation")
	}
	if !deployments {
		s.say("reviewDays", false, "policy.review", "days", p.DueAfterDays())
		return s.out
	}
	s.say("overdueReviews", false, "policy.review.overdue", "count", p.OverdueLimit())
	s.calendar(p)
	if p.DeployerRole == "" {
		s.say("deployerRole", true, "policy.deployer.any")
	} else {
		s.say("deployerRole", false, "policy.deployer", "role", string(p.DeployerRole))
	}
	s.choice("approverMayDeploy", p.ApproverMayDeploy, "policy.approvers.may", "policy.approvers")
	s.choice("authorMayDeploy", p.AuthorMayDeploy, "policy.own.may", "policy.own")
	if p.ValidationFirst {
		s.say("validationFirst", false, "policy.validation", "days", p.ValidationDays)
	} else {
		s.say("validationFirst", false, "policy.validation.none")
	}
	if p.TestFirst {
		s.say("testFirst", false, "policy.test")
	} else {
		s.say("testFirst", false, "policy.test.none")
	}
	return s.out
}

// A speaker collects the sentences of a policy.
type speaker struct {
	w   *Workspace
	out []PolicySentence
}

func (s *speaker) say(code string, relaxed bool, key string, values ...any) {
	said := s.w.said(key, values...)
	s.out = append(s.out, PolicySentence{Code: code, Text: said.Text, Relaxed: relaxed, Said: said})
}

func (s *speaker) choice(code string, relaxed bool, mild, strict string) {
	key := strict
	if relaxed {
		key = mild
	}
	s.say(code, relaxed, key)
}

// owners says who answers for which customizations.
func (s *speaker) owners(p *governance.Policy, people roster) {
	for _, o := range p.Owners {
		s.say("owners", false, "policy.owners", "name", o.Name, "types", strings.Join(o.Types, ", "), "names", strings.Join(o.Names, ", "), "who", names(people.people(o.Members)))
	}
}

var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// calendar says when something may be deployed, where that is not always.
func (s *speaker) calendar(p *governance.Policy) {
	if p.FindingsClose {
		s.say("findingsClose", false, "policy.findings")
	}
	for _, f := range p.Freezes {
		s.say("freezes", false, "policy.freeze", "from", f.From, "until", f.Until, "name", f.Name)
	}
	for _, w := range p.Windows {
		days := []string{}
		for _, d := range w.Days {
			if d >= 1 && d <= int64(len(weekdays)) {
				days = append(days, weekdays[d-1])
			}
		}
		s.say("windows", false, "policy.window", "from", w.From, "until", w.Until, "days", strings.Join(days, ", "))
	}
	if p.Zone != "" {
		s.say("zone", false, "policy.zone", "zone", p.Zone)
	}
	if p.EmergencyInFreeze {
		s.say("emergencyInFreeze", true, "policy.emergency.freeze")
	}
}

// rules says for the categories of each level what a change with them needs, as
// governance finds the rule of each Change Type.
func (s *speaker) rules(p *governance.Policy) {
	levels := governance.ChangeLevels()
	slices.Reverse(levels)
	for _, level := range levels {
		categories := []string{}
		for _, c := range governance.Categories() {
			if p.LevelOf(c) == level {
				categories = append(categories, string(c))
			}
		}
		ruled := slices.ContainsFunc(p.Rules, func(r governance.SeatRule) bool {
			return r.Level == level && r.ChangeType != governance.Emergency
		})
		switch {
		case len(categories) > 0:
			s.rulesFor(p, level, strings.Join(categories, ", "))
		case ruled:
			s.say("rules", false, "policy.rule.unused", "level", string(level))
		}
	}
	s.emergencies(p)
}

func (s *speaker) rulesFor(p *governance.Policy, level governance.ChangeLevel, categories string) {
	kinds := slices.DeleteFunc(governance.ChangeTypes(), func(t governance.ChangeType) bool { return t == governance.Emergency })
	first, same := p.RuleFor(kinds[0], level), true
	for _, t := range kinds {
		same = same && p.RuleFor(t, level) == first
	}
	if same {
		s.rule(first, "", level, categories)
		return
	}
	for _, t := range kinds {
		s.rule(p.RuleFor(t, level), t, level, categories)
	}
}

// emergencies says what an Emergency needs, if any rule is for it alone.
func (s *speaker) emergencies(p *governance.Policy) {
	found := []*governance.SeatRule{}
	for _, level := range governance.ChangeLevels() {
		r := p.RuleFor(governance.Emergency, level)
		if r == nil || slices.Contains(found, r) {
			continue
		}
		found = append(found, r)
		if r.ChangeType != governance.Emergency {
			continue
		}
		roles, seats := rolesOf(r)
		key := "policy.rule.emergency"
		if r.Ordered {
			key += ".ordered"
		}
		s.say("rules", false, key, "seats", seats, "roles", roles)
	}
	s.say("emergencyHours", false, "policy.emergency.hours", "hours", p.EmergencyLife())
}

// rule says one rule, for one Change Type or for all.
func (s *speaker) rule(r *governance.SeatRule, t governance.ChangeType, level governance.ChangeLevel, categories string) {
	if r == nil {
		key := "policy.rule.none"
		if t != "" {
			key += ".typed"
		}
		s.say("rules", false, key, "categories", categories, "level", string(level), "type", string(t))
		return
	}
	roles, seats := rolesOf(r)
	key := "policy.rule"
	if t != "" {
		key += ".typed"
	}
	if r.Ordered {
		key += ".ordered"
	}
	s.say("rules", false, key, "type", string(t), "categories", categories, "seats", seats, "roles", roles)
}
