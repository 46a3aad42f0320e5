package governance

import (
	"slices"
	"strconv"
	"strings"
)

func (s Situation) submitBlocked(m matter) Reason {
	if !maySubmit(s.me()) {
		return because("submit_role", "Only a requester or a release manager can submit.")
	}
	if len(m.authors) > 0 && !slices.Contains(m.authors, s.By) {
		return because("submit_author", "Only an author of this {matter} can submit it. Edit it to become one.", "matter", m.word)
	}
	if m.request != nil {
		if why := m.request.incomplete(); !why.none() {
			return why
		}
		return s.additionalUnfit(m)
	}
	return s.recordIncomplete(m.record)
}

// additionalUnfit says which additional approver could never approve.
func (s Situation) additionalUnfit(m matter) Reason {
	c := s.History.Charter()
	for _, id := range m.request.AdditionalApprovers {
		switch {
		case !c.Live(id) || c.Member(id).Has(Recovery):
			return because("additional_unknown", "{who} is asked to approve it, but cannot approve in this workspace.", "who", nameOf(c, id))
		case slices.Contains(union(m.authors, []string{s.By}), id) && !c.Requests.AuthorMayApprove:
			return because("additional_author", "{who} is asked to approve it, but is one of its authors.", "who", nameOf(c, id))
		}
	}
	return Reason{}
}

func (cr *ChangeRequest) incomplete() Reason {
	switch {
	case strings.TrimSpace(cr.Name) == "":
		return because("no_name", "It has no name yet.")
	case strings.TrimSpace(cr.Overview) == "":
		return because("no_overview", "The Change Overview is empty; approvers need to know what changes and why.")
	case !slices.Contains(ChangeTypes(), cr.Type):
		return because("change_type", "{type} is not a Change Type. Choose Minor, Standard, Major or Emergency.", "type", strconv.Quote(string(cr.Type)))
	case cr.Type == Emergency && strings.TrimSpace(cr.EmergencyReason) == "":
		return because("emergency_reason", "An Emergency says why it cannot wait; that is empty.")
	case cr.Type == Emergency && strings.TrimSpace(cr.Incident) == "":
		return because("no_incident", "An Emergency names its incident; that is empty.")
	case len(cr.Customizations) == 0 && len(cr.Manifests) == 0 && len(cr.ChangeSets) == 0:
		return because("no_content", "It names no customization, package manifest or change set yet.")
	}
	return Reason{}
}

func (s Situation) recordIncomplete(dr *DeploymentRecord) Reason {
	req := s.History.RequestStanding(dr.RequestID)
	c := s.History.Charter()
	switch {
	case strings.TrimSpace(dr.Name) == "":
		return because("no_name", "It has no name yet.")
	case req.Status != Approved:
		return because("request_status", "Its change request is {status}; a deployment needs an approved one.", "status", string(req.Status))
	case dr.SourceOrg == "" || dr.TargetOrg == "":
		return because("not_tested", "Test Connection has not succeeded for both environments yet.")
	case dr.SourceOrg == dr.TargetOrg:
		return because("same_org", "Source and target are the same org.")
	case dr.Package == "" || dr.Base == "" || dr.Reverse == "":
		return because("not_scanned", "Run Scan has not brought the content of both environments yet.")
	case dr.RequestDigest != req.Revision:
		return because("other_content", "Its change request was approved with other content. Run Scan again.")
	case dr.TargetKind == Production && !dr.Options.RollbackOnError:
		return because("rollback_on_error", "A deployment to production always rolls back on an error.")
	case dr.Options.TestLevel == RunSpecifiedTests && len(dr.Options.Tests) == 0:
		return because("no_tests", "The test level RunSpecifiedTests needs the names of tests.")
	case !c.Live(dr.Deployer):
		return because("no_deployer", "It does not name the person who will deploy it.")
	}
	if r := s.History.Request(req.Revision); r != nil {
		if why := r.unasked(dr.Customizations, dr.Kind, dr.Whole); !why.none() {
			return why
		}
	}
	return s.deployerUnfit(dr, req, c)
}

// deployerUnfit says why the person named cannot deploy a record.
func (s Situation) deployerUnfit(dr *DeploymentRecord, req Standing, c *Charter) Reason {
	p := c.PolicyFor(dr.TargetKind, dr.TargetOrg)
	if p == nil {
		return because("no_policy", "No policy rules deployments to this environment ({kind}), so nothing can be deployed there.", "kind", string(dr.TargetKind))
	}
	who := nameOf(c, dr.Deployer)
	if c.Member(dr.Deployer).Has(Recovery) {
		return because("deployer_recovery", "{who} is named to deploy, but has only a recovery key.", "who", who)
	}
	if p.DeployerRole != "" && !c.Member(dr.Deployer).Has(p.DeployerRole) {
		return because("deployer_role", "{who} is named to deploy, but is not a {role}.", "who", who, "role", string(p.DeployerRole))
	}
	if !p.AuthorMayDeploy && slices.Contains(union(union(req.Authors, dr.Authors), []string{s.By}), dr.Deployer) {
		return because("author_deploys", "{who} is an author; authors do not deploy to this environment.", "who", who)
	}
	if slices.Contains(s.countedMembers(req), dr.Deployer) && !p.ApproverMayDeploy {
		return because("approver_deploys", "{who} approved the change request; approvers do not deploy.", "who", who)
	}
	return Reason{}
}

func (s Situation) countedMembers(st Standing) []string {
	out := []string{}
	for _, seat := range st.Seating.Seats {
		out = include(include(out, seat.Member), seat.By)
	}
	return out
}
