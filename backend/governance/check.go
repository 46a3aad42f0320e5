package governance

import (
	"fmt"
	"slices"
	"strings"
)

// Check returns the first thing that makes a charter unusable, as a Fault, or
// nil. An approval never needs nobody outside a solo workspace.
func (c *Charter) Check() error {
	bad := func(format string, a ...any) error { return Faultf("bad_charter", format, a...) }
	if c.Format != CharterFormat {
		return bad("The charter has format %d; this version of Countersign reads format %d.", c.Format, CharterFormat)
	}
	ids, keys, owners := map[string]bool{}, map[string]bool{}, int64(0)
	for _, m := range c.Members {
		if m.ID == "" || ids[m.ID] {
			return bad("Two members have the id %q.", m.ID)
		}
		ids[m.ID] = true
		for _, k := range m.Keys {
			if keys[k.Public] {
				return bad("One key belongs to two members.")
			}
			keys[k.Public] = true
		}
		for _, r := range m.Roles {
			if !slices.Contains(Roles(), r) {
				return bad("%s has the role %q, which does not exist.", m.Name, r)
			}
		}
		if m.Has(Recovery) && len(m.Roles) > 1 {
			return bad("%s has a recovery key and another role; a recovery key can endorse the charter and nothing else.", m.Name)
		}
		if m.Endorses() && c.Live(m.ID) {
			owners++
		}
	}
	if !slices.ContainsFunc(c.Members, func(m Member) bool { return m.Has(Owner) }) {
		return bad("The workspace has no owner.")
	}
	if c.OwnerThreshold < 1 || owners < c.OwnerThreshold {
		return bad("%d owners must agree to a change of the charter, but only %d can.", c.OwnerThreshold, owners)
	}
	people := slices.DeleteFunc(slices.Clone(c.Members), func(m Member) bool { return m.Has(Recovery) })
	if c.Solo && len(people) != 1 {
		return bad("A solo workspace has one member, not %d.", len(people))
	}
	if len(c.Organizations) > 0 != c.Demo {
		return bad("A demo workspace names its organisations, and no other workspace does.")
	}
	if err := c.Requests.check(c); err != nil {
		return err
	}
	if err := c.Requests.checkOfRequests(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range c.Environments {
		p := &c.Environments[i]
		k := string(p.Kind) + "/" + p.Organization
		if seen[k] {
			return bad("Two policies rule the same environments (%s).", strings.TrimSuffix(k, "/"))
		}
		seen[k] = true
		if err := p.check(c); err != nil {
			return err
		}
		if p.ReviewDays != 0 {
			return p.bad("says when reviews are due; only the policy for Change Requests does.")
		}
	}
	return nil
}

// maxQuorum bounds how many people one step can ask for.
const maxQuorum = 100

func (p *Policy) bad(format string, a ...any) error {
	return Faultf("bad_policy", "The policy %q %s", p.Name, fmt.Sprintf(format, a...))
}

func (p *Policy) check(c *Charter) error {
	for _, check := range []func() error{p.checkApprovals, func() error { return p.checkRules(c.Solo) }, func() error { return p.checkOwners(c) }, p.checkEmergencies, p.checkCalendar} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) checkApprovals() error {
	bad := p.bad
	if p.ApprovalDays < 1 || p.ApprovalDays > 365 {
		return bad("lets approvals live for %d days; choose 1 to 365.", p.ApprovalDays)
	}
	if p.ValidationFirst && (p.ValidationDays < 1 || p.ValidationDays > 10) {
		return bad("accepts validations of %d days; Salesforce keeps them 10 days, so choose 1 to 10.", p.ValidationDays)
	}
	for _, l := range p.Levels {
		if !slices.Contains(Categories(), l.Category) || l.Level.rank() < 0 {
			return bad("gives the level %q to the category %q; one of them does not exist.", l.Level, l.Category)
		}
	}
	if p.DeployerRole != "" && !slices.Contains(Roles(), p.DeployerRole) {
		return bad("names the role %q, which does not exist.", p.DeployerRole)
	}
	if p.DeployerRole == Recovery {
		return bad("lets a recovery key deploy; it can endorse the charter and nothing else.")
	}
	return nil
}

func (p *Policy) checkRules(solo bool) error {
	bad := p.bad
	for _, r := range p.Rules {
		if r.Level.rank() < 0 {
			return bad("has a rule for the level %q, which does not exist.", r.Level)
		}
		if r.ChangeType != "" && !slices.Contains(ChangeTypes(), r.ChangeType) {
			return bad("has a rule for the Change Type %q, which does not exist.", r.ChangeType)
		}
		if len(r.Steps) == 0 {
			return bad("needs nobody's approval for %s; every level needs at least one seat.", r.Level)
		}
		for _, s := range r.Steps {
			if s.Role == Recovery {
				return bad("lets a recovery key approve; it can endorse the charter and nothing else.")
			}
			if s.Quorum < 1 || s.Quorum > maxQuorum || !slices.Contains(Roles(), s.Role) {
				return bad("has a step of %d times %q for %s; a step needs at least one person, at most %d, of a role that exists.", s.Quorum, s.Role, r.Level, maxQuorum)
			}
		}
		if solo && (len(r.Steps) != 1 || r.Steps[0].Quorum != 1) {
			return bad("needs several people, but a solo workspace has one member.")
		}
	}
	return nil
}

// checkOfRequests refuses in the request policy what only deployments have.
func (p *Policy) checkOfRequests() error {
	switch {
	case len(p.Windows) > 0 || len(p.Freezes) > 0 || p.Zone != "" || p.EmergencyInFreeze:
		return p.bad("has windows or freezes; only policies for environments do.")
	case p.FindingsClose || p.OverdueReviews != 0:
		return p.bad("closes the gate for findings or reviews; only policies for environments do.")
	}
	return nil
}

func (p *Policy) checkOwners(c *Charter) error {
	for i := range p.Owners {
		o := &p.Owners[i]
		empty := func(list []string) bool { return len(list) == 0 || slices.Contains(list, "") }
		switch {
		case o.Name == "":
			return p.bad("has owners of customizations without a name for these.")
		case empty(o.Types) || empty(o.Names):
			return p.bad("does not say which customizations %q are; name types and names, or *.", o.Name)
		case len(o.Members) == 0:
			return p.bad("names no owner of %q.", o.Name)
		}
		for _, id := range o.Members {
			if m := c.Member(id); m == nil || m.Has(Recovery) {
				return p.bad("names %q as an owner of %q, who is no member that can approve.", id, o.Name)
			}
		}
	}
	return nil
}

// Bounds of what an emergency can be given.
const (
	maxEmergencyHours = 72
	maxReviewDays     = 90
	maxOverdueReviews = 100
)

func (p *Policy) checkEmergencies() error {
	switch {
	case p.EmergencyHours < 0 || p.EmergencyHours > maxEmergencyHours:
		return p.bad("lets approvals of an emergency live for %d hours; choose 1 to %d.", p.EmergencyHours, maxEmergencyHours)
	case p.ReviewDays < 0 || p.ReviewDays > maxReviewDays:
		return p.bad("wants an emergency reviewed in %d days; choose 1 to %d.", p.ReviewDays, maxReviewDays)
	case p.OverdueReviews < 0 || p.OverdueReviews > maxOverdueReviews:
		return p.bad("waits for %d overdue reviews; choose 1 to %d.", p.OverdueReviews, maxOverdueReviews)
	}
	return nil
}
