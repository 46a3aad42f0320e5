package governance

import (
	"slices"
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// A FindingState is one finding about an organisation and what became of it.
type FindingState struct {
	Act     string  `json:"act"`
	By      string  `json:"by"` // the member whose app found it
	Finding Finding `json:"finding"`
	// Resolved is the act that resolved it, empty while it is open.
	Resolved string `json:"resolved"`
	Reason   string `json:"reason"`
	Request  string `json:"request"` // that takes the change over
}

// Change is what was done to one of the components that a finding names; one of
// which it says nothing more was changed.
func (f Finding) Change(component string) Change {
	switch {
	case slices.Contains(f.Deleted, component):
		return Delete
	case slices.Contains(f.Added, component):
		return Add
	}
	return Modify
}

// Findings lists what was found in an organisation, open and resolved, each
// after what its signer had seen. The History must hold the organisation.
func (h *History) Findings(organization string) []FindingState {
	out := []FindingState{}
	subject := OrganizationSubject(organization)
	acts := h.good(subject)
	for _, a := range acts {
		f, ok := a.Body.(Finding)
		if !ok {
			continue
		}
		s := FindingState{Act: a.ID, By: a.Member, Finding: f}
		for _, r := range acts {
			if body, ok := r.Body.(Resolution); ok && body.resolves(a.ID) && h.before(a, r) {
				s.Resolved, s.Reason, s.Request = r.ID, body.Reason, body.Request
				break
			}
		}
		out = append(out, s)
	}
	return out
}

// resolves reports whether a resolution is of a finding, and says anything.
func (r Resolution) resolves(finding string) bool {
	return slices.Contains(r.Findings, finding) && (strings.TrimSpace(r.Reason) != "" || r.Request != "")
}

// Find returns the act that records a finding. The fault not_allowed says why it
// cannot be recorded; one that is known already by its kind and Ref is.
func (s Situation) Find(f Finding) (Intent, error) {
	f.Components = present(f.Components)
	why := s.notMember()
	switch {
	case !why.none():
	case f.Organization == "" || f.Ref == "" || !slices.Contains([]FindingKind{FindingDeployment, FindingSetup, FindingDrift}, f.Kind),
		!within(f.Added, f.Components), !within(f.Deleted, f.Components):
		why = because("finding_form", "A finding names its organisation, its kind and the org's own id, and among its components those that are new or gone.")
	case slices.ContainsFunc(s.History.Findings(f.Organization), func(k FindingState) bool { return k.Finding.Kind == f.Kind && k.Finding.Ref == f.Ref }):
		why = because("finding_known", "It was found already.")
	}
	if !why.none() {
		return Intent{}, why.refusal()
	}
	return Intent{Type: ActFinding, Subject: OrganizationSubject(f.Organization), Body: f}, nil
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

// Resolve returns the act that resolves open findings about an organisation,
// with a reason or with the request that takes the change over. The fault
// not_allowed says why it cannot.
func (s Situation) Resolve(organization string, findings []string, reason, request string) (Intent, error) {
	open := []string{}
	for _, f := range s.History.Findings(organization) {
		if f.Resolved == "" {
			open = append(open, f.Act)
		}
	}
	findings = union([]string{}, findings)
	why := s.notMember()
	switch {
	case !why.none():
	case len(findings) == 0 || slices.ContainsFunc(findings, func(id string) bool { return !slices.Contains(open, id) }):
		why = because("finding_closed", "One of them is no open finding about this organisation.")
	case strings.TrimSpace(reason) == "":
		why = because("finding_reason", "A finding is resolved with a reason, which becomes part of the audit trail.")
	}
	if !why.none() {
		return Intent{}, why.refusal()
	}
	return Intent{Type: ActResolve, Subject: OrganizationSubject(organization), Body: Resolution{Findings: findings, Reason: reason, Request: request}}, nil
}

// findings: nothing is open about the target that nobody here signed for.
func (g *gate) findings() {
	if g.policy == nil || !g.policy.FindingsClose {
		return
	}
	open := int64(0)
	for _, f := range g.History.Findings(g.rev.Target) {
		if f.Resolved == "" {
			open++
		}
	}
	g.names("count", itoa(open), "target", g.rev.Target)
	g.check(open == 0, "findings_open", "Nothing was changed in the target outside the process that is not resolved.",
		"Changes in the target outside the process are not resolved: "+itoa(open)+".",
		"Resolve the findings about the target, with a reason or a change request.", g.members()...)
}

// members are those who can sign.
func (g *gate) members() []string {
	out := []string{}
	for _, m := range g.charter.Members {
		if g.charter.Live(m.ID) && !m.Has(Recovery) {
			out = append(out, m.ID)
		}
	}
	return out
}

// A JoinState is somebody who waits to be let in as a member.
type JoinState struct {
	Act  string `json:"act"`
	Join Join   `json:"join"`
}

// Joins lists those who wait to be let in: whose key no charter names. A join
// proves that its sender has the key that it names, which ledger has checked, and
// nothing about who that is.
func (h *History) Joins() []JoinState {
	out := []JoinState{}
	for _, a := range h.threads[GovernanceSubject] {
		j, ok := a.Body.(Join)
		if !ok || h.named(a.Key) {
			continue
		}
		out = append(out, JoinState{Act: a.ID, Join: j})
	}
	return out
}

func (h *History) named(key string) bool {
	for _, c := range h.charters {
		if m, _ := c.MemberByKey(key); m != nil {
			return true
		}
	}
	return false
}
