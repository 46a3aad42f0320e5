package governance

// Relaxations lists what the policies of a charter relax of the separation of
// duties: authors do not approve, approvers do not deploy, authors do not
// deploy to production, one person fills one seat, nobody votes for another,
// somebody with a role deploys, and more than one owner changes the charter.
// Evidence prints them.
func Relaxations(c *Charter) []Reason {
	out := []Reason{}
	if c.Solo {
		out = append(out, because("relaxed_solo", "This is a solo workspace: self-authorised, no separation of duties."))
	}
	owners := 0
	for _, m := range c.Members {
		if m.Has(Owner) && c.Live(m.ID) {
			owners++
		}
	}
	if owners > 1 && c.OwnerThreshold == 1 {
		out = append(out, because("relaxed_one_owner", "One owner alone can change the roster and the policies."))
	}
	out = append(out, c.Requests.relaxations(false)...)
	for i := range c.Environments {
		out = append(out, c.Environments[i].relaxations(true)...)
	}
	return out
}

func (p *Policy) relaxations(deployments bool) []Reason {
	out := []Reason{}
	note := func(relaxed bool, r Reason) {
		if relaxed {
			out = append(out, r)
		}
	}
	note(p.AuthorMayApprove, because("relaxed_author_approves", "{policy}: authors may approve their own change.", "policy", p.Name))
	note(p.SeveralSeatsEach, because("relaxed_several_seats", "{policy}: one person may fill several seats.", "policy", p.Name))
	note(p.Delegation, because("relaxed_delegation", "{policy}: a member may let another vote in the own place.", "policy", p.Name))
	note(deployments && p.ApproverMayDeploy, because("relaxed_approver_deploys", "{policy}: approvers may deploy what they approved.", "policy", p.Name))
	note(deployments && p.AuthorMayDeploy && p.Kind == Production, because("relaxed_author_deploys", "{policy}: authors may deploy their own change to production.", "policy", p.Name))
	note(deployments && p.DeployerRole == "", because("relaxed_deployer", "{policy}: every member may be named to deploy.", "policy", p.Name))
	return out
}
