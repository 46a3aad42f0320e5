package workspace

import (
	"maps"
	"slices"
	"strings"

	"countersign/backend/governance"
)

func init() {
	maps.Copy(english, map[string]string{
		"policy.rule":               "A change with {categories} needs {seats:approval|approvals}: {roles}.",
		"policy.rule.ordered":       "A change with {categories} needs {seats:approval|approvals}, one after the other: {roles}.",
		"policy.rule.typed":         "A {type} change with {categories} needs {seats:approval|approvals}: {roles}.",
		"policy.rule.typed.ordered": "A {type} change with {categories} needs {seats:approval|approvals}, one after the other: {roles}.",
		"policy.rule.none":          "A change with {categories} cannot be approved: there is no rule for {level}.",
		"policy.rule.none.typed":    "A {type} change with {categories} cannot be approved: there is no rule for {level}.",
		"policy.rule.unused":        "No category has the level {level}, so its rule is not used.",
		"policy.days":               "An approval counts for {days:day|days}.",
		"policy.authors":            "Authors do not approve their own change.",
		"policy.authors.may":        "Authors may approve their own change.",
		"policy.seats":              "One person fills one seat.",
		"policy.seats.several":      "One person may fill several seats.",
		"policy.deployer":           "A {role} deploys.",
		"policy.deployer.any":       "Every member may be named to deploy.",
		"policy.approvers":          "Approvers do not deploy what they approved.",
		"policy.approvers.may":      "Approvers may deploy what they approved.",
		"policy.own":                "Authors do not deploy their own change.",
		"policy.own.may":            "Authors may deploy their own change.",
		"policy.validation":         "A validation that succeeded in the last {days:day|days} comes before Deploy.",
		"policy.validation.none":    "Deploy needs no validation before it.",
		"policy.test":               "A completed deployment to a test environment comes first.",
		"policy.test.none":          "No test environment has to come first.",
		"policy.member":             "{who}: {roles}",
		"policy.why":                "{category} ({types}) has the level {level}, the strictest in it.",
		"policy.why.unknown":        "Nothing is known of what it holds, so the strictest level counts: {level}.",
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
	if r.ChangeType != "" {
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
func (w *Workspace) sentences(p *governance.Policy, deployments bool) []PolicySentence {
	s := &speaker{w: w, out: []PolicySentence{}}
	s.rules(p, deployments)
	s.say("approvalDays", false, "policy.days", "days", p.ApprovalDays)
	s.choice("authorMayApprove", p.AuthorMayApprove, "policy.authors.may", "policy.authors")
	s.choice("severalSeatsEach", p.SeveralSeatsEach, "policy.seats.several", "policy.seats")
	if !deployments {
		return s.out
	}
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

// rules says for the categories of each level what a change with them needs, as
// governance finds the rule of each Change Type.
func (s *speaker) rules(p *governance.Policy, deployments bool) {
	levels := governance.ChangeLevels()
	slices.Reverse(levels)
	for _, level := range levels {
		categories := []string{}
		for _, c := range governance.Categories() {
			if p.LevelOf(c) == level {
				categories = append(categories, string(c))
			}
		}
		ruled := slices.ContainsFunc(p.Rules, func(r governance.SeatRule) bool { return r.Level == level })
		switch {
		case len(categories) > 0:
			s.rulesFor(p, level, strings.Join(categories, ", "), deployments)
		case ruled:
			s.say("rules", false, "policy.rule.unused", "level", string(level))
		}
	}
}

func (s *speaker) rulesFor(p *governance.Policy, level governance.ChangeLevel, categories string, deployments bool) {
	kinds := governance.ChangeTypes()
	if deployments {
		kinds = []governance.ChangeType{""}
	}
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
