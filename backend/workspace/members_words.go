package workspace

import (
	"slices"
	"strings"

	"countersign/backend/governance"
)

// membersEnglish are what the members may do and why not, and who waits.
var membersEnglish = map[string]string{
	"members.read":        "Reads and verifies everything, and writes evidence of it.",
	"members.submit":      "Drafts change requests and submits them for approval.",
	"members.submit_not":  "Submits nothing: that takes a requester or a release manager.",
	"members.approve":     "Fills approval seats for: {roles}.",
	"members.approve_not": "Fills no approval seat: none asks for a role of this member.",
	"members.deploy":      "Can be named to deploy.",
	"members.deploy_not":  "Cannot be named to deploy: that takes a {role}.",
	"members.govern":      "Signs changes of members and policies; {count:owner has|owners have} to.",
	"members.govern_not":  "Does not decide about members and policies: only owners do.",
	"members.recovery":    "Signs changes of members and policies in the place of a lost owner's key, and can do nothing else.",
	"members.without_key": "Signs nothing: no key of this member is in use.",
	"trail.member.join":   "Asked to be let in.",
	"task.join":           "{name} asks to be let in. Compare the 20 digits by voice, then decide.",
	"why.roster_owner":    "Only owners change the members.",
	"members.left":        "Has no role any more. What was signed before stays what it was.",
}

// A Capability is one thing that a member may do, or may not and why.
type Capability struct {
	Allowed bool `json:"allowed"`
	Said    Said `json:"said"`
}

// capabilities say what a member may do under a charter.
func (w *Workspace) capabilities(c *governance.Charter, m *governance.Member) []Capability {
	out := []Capability{}
	add := func(allowed bool, yes, no string, values ...any) {
		code := yes
		if !allowed {
			code = no
		}
		out = append(out, Capability{Allowed: allowed, Said: w.said(code, values...)})
	}
	switch {
	case !c.Live(m.ID):
		add(false, "", "members.without_key")
		return out
	case len(m.Roles) == 0:
		add(false, "", "members.left")
		return out
	case m.Has(governance.Recovery):
		add(true, "members.recovery", "")
		return out
	}
	seats := seatRolesOf(c, m)
	add(true, "members.read", "")
	add(m.Has(governance.Requester) || m.Has(governance.ReleaseManager), "members.submit", "members.submit_not")
	add(len(seats) > 0, "members.approve", "members.approve_not", "roles", strings.Join(seats, ", "))
	may, role := deploys(c, m)
	add(may, "members.deploy", "members.deploy_not", "role", string(role))
	add(m.Has(governance.Owner), "members.govern", "members.govern_not", "count", c.OwnerThreshold)
	return out
}

// seatRolesOf are the roles of a member that a seat of any policy asks for.
func seatRolesOf(c *governance.Charter, m *governance.Member) []string {
	out := []string{}
	for _, p := range append([]governance.Policy{c.Requests}, c.Environments...) {
		for _, rule := range p.Rules {
			for _, step := range rule.Steps {
				if m.Has(step.Role) && !slices.Contains(out, string(step.Role)) {
					out = append(out, string(step.Role))
				}
			}
		}
	}
	return out
}

// deploys reports whether a policy lets a member be named to deploy, and
// otherwise which role one asks for.
func deploys(c *governance.Charter, m *governance.Member) (bool, governance.Role) {
	role := governance.ReleaseManager
	for _, p := range c.Environments {
		if p.DeployerRole == "" || m.Has(p.DeployerRole) {
			return true, p.DeployerRole
		}
		role = p.DeployerRole
	}
	return false, role
}
