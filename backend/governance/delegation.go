package governance

import (
	"slices"
	"strings"
	"time"
)

// actTime is the form of a time in an act: UTC, whole seconds.
const actTime = "2006-01-02T15:04:05Z"

// period is from when to when a delegation lasts; ok is false when it says
// nothing that can be understood.
func (d *Delegation) period() (since, until time.Time, ok bool) {
	since, a := time.Parse(actTime, d.Since)
	until, b := time.Parse(actTime, d.Until)
	return since, until, a == nil && b == nil && !until.Before(since)
}

// delegation returns what a member delegated with an act, and the act, nil if
// it is none that counts.
func (h *History) delegation(id string) (*Act, *Delegation) {
	a := h.acts[id]
	if a == nil || a.Broken != "" || a.Member == "" {
		return nil, nil
	}
	d, ok := a.Body.(Delegation)
	if !ok || d.To == a.Member {
		return nil, nil
	}
	return a, &d
}

// delegationOf is the delegation that a vote names, or "".
func delegationOf(v *Act) string {
	if b, ok := v.Body.(Vote); ok {
		return b.Delegation
	}
	return ""
}

// principal is the member whose word a vote is: the signer's, or that of the one
// who let him vote in his place.
func (h *History) principal(v *Act) string {
	if id := delegationOf(v); id != "" {
		if a, d := h.delegation(id); a != nil && d.To == v.Member {
			return a.Member
		}
	}
	return v.Member
}

// sharePerson reports whether somebody has a part in both votes.
func (h *History) sharePerson(a, b *Act) bool {
	people := []string{a.Member, h.principal(a)}
	return slices.Contains(people, b.Member) || slices.Contains(people, h.principal(b))
}

// stepOf is the step that a vote or a review is for.
func stepOf(v *Act) int64 {
	switch b := v.Body.(type) {
	case Vote:
		return b.Step
	case Review:
		return b.Step
	}
	return -1
}

// notDelegated says why a vote for somebody else does not count for him, or "".
func (b ballot) notDelegated(v *Act, p post) string {
	a, d := b.h.delegation(delegationOf(v))
	switch {
	case a == nil:
		return "the delegation that it names is not one that counts"
	case d.To != v.Member:
		return "the delegation is to somebody else"
	case !b.policy.Delegation:
		return "the policy lets nobody vote for somebody else"
	case !b.concerns(d):
		return "the delegation is for something else"
	case d.Role != "" && d.Role != p.role:
		return "the delegation is for another seat"
	case !b.h.givenInTime(v, d):
		return "it was not given in the time of the delegation"
	case b.h.endedBefore(a, v):
		return "the delegation had ended before it"
	}
	return ""
}

// concerns reports whether a delegation is for what the ballot is about.
func (b ballot) concerns(d *Delegation) bool {
	if d.Subject != "" && d.Subject != b.subject {
		return false
	}
	if b.target == nil {
		return d.Kind == "" && d.Organization == ""
	}
	return (d.Kind == "" || d.Kind == b.target.TargetKind) && (d.Organization == "" || d.Organization == b.target.Target)
}

// givenInTime: the signer dates his vote within the period, and had seen
// nothing that is dated after it. So a late vote is not dated back into it,
// unless everything that its signer saw is.
func (h *History) givenInTime(v *Act, d *Delegation) bool {
	since, until, ok := d.period()
	if !ok || v.At.Before(since) || v.At.After(until) {
		return false
	}
	end := until.Add(clockSlack)
	if g := h.acts[v.Governance]; g != nil && g.At.After(end) {
		return false
	}
	return !slices.ContainsFunc(h.good(v.Subject), func(a *Act) bool { return a.At.After(end) && h.before(a, v) })
}

// endedBefore reports whether somebody whom it concerns ended a delegation
// without naming the vote among those that he had seen.
func (h *History) endedBefore(delegation, v *Act) bool {
	return slices.ContainsFunc(h.endsOf(delegation), func(e *Act) bool {
		return !slices.Contains(e.Body.(DelegationEnd).Votes, v.ID)
	})
}

// endsOf are the ends of a delegation by the one who gave it or the one who has
// it.
func (h *History) endsOf(delegation *Act) []*Act {
	to := delegation.Body.(Delegation).To
	return filter(h.ends[delegation.ID], func(e *Act) bool { return e.Member == delegation.Member || e.Member == to })
}

// A DelegationState is one delegation as it stands.
type DelegationState struct {
	Act        string     `json:"act"`
	By         string     `json:"by"` // the member for whom the votes count
	Delegation Delegation `json:"delegation"`
	// Ended is the act that ended it before its time; Running says that it lasts
	// at the moment that was asked for.
	Ended   string `json:"ended"`
	Running bool   `json:"running"`
}

// Delegations lists what members delegated, each after what its signer had
// seen, as it stands at a moment.
func (h *History) Delegations(now time.Time) []DelegationState {
	out := []DelegationState{}
	for _, t := range h.threads[GovernanceSubject] {
		a, d := h.delegation(t.ID)
		if a == nil {
			continue
		}
		s := DelegationState{Act: a.ID, By: a.Member, Delegation: *d}
		if ends := h.endsOf(a); len(ends) > 0 {
			s.Ended = ends[0].ID
		}
		since, until, ok := d.period()
		s.Running = ok && s.Ended == "" && !now.Before(since) && !now.After(until)
		out = append(out, s)
	}
	return out
}

// Delegate returns the act by which a member lets another one vote in his
// place. The fault not_allowed says why he cannot.
func (s Situation) Delegate(d Delegation) (Intent, error) {
	if why := s.delegateBlocked(&d); !why.none() {
		return Intent{}, why.refusal()
	}
	return Intent{Type: ActDelegate, Subject: GovernanceSubject, Body: d}, nil
}

// MayDelegate says why a person can let nobody vote in his place, whoever it
// were; the zero Reason if he can.
func (s Situation) MayDelegate() Reason {
	if why := s.notMember(); !why.none() {
		return why
	}
	if !s.History.Charter().delegates() {
		return because("delegate_policy", "No policy of this workspace lets somebody vote for somebody else.")
	}
	return Reason{}
}

func (s Situation) delegateBlocked(d *Delegation) Reason {
	if why := s.notMember(); !why.none() {
		return why
	}
	c := s.History.Charter()
	_, until, ok := d.period()
	switch {
	case d.To == s.By:
		return because("delegate_self", "You vote for yourself already.")
	case !c.Live(d.To) || c.Member(d.To).Has(Recovery):
		return because("delegate_to", "{who} cannot vote in this workspace.", "who", nameOf(c, d.To))
	case d.Role != "" && !s.me().Has(d.Role):
		return because("delegate_role", "You are no {role}, so you cannot let somebody vote as one.", "role", string(d.Role))
	case !ok || !s.Now.IsZero() && until.Before(s.Now):
		return because("delegate_period", "The delegation ends before it begins, or is over already.")
	case strings.TrimSpace(d.Reason) == "":
		return because("delegate_reason", "A delegation needs a reason, which becomes part of the audit trail.")
	}
	return s.MayDelegate()
}

// delegates reports whether any policy allows delegation.
func (c *Charter) delegates() bool {
	return c.Requests.Delegation || slices.ContainsFunc(c.Environments, func(p Policy) bool { return p.Delegation })
}

// EndDelegation returns the act that ends a delegation before its time. The
// votes that were given under it until now go on counting. The fault
// not_allowed says why it cannot be ended. The Situation's History holds
// everything: a vote that it lacks would not go on counting.
func (s Situation) EndDelegation(id, reason string) (Intent, error) {
	a, d := s.History.delegation(id)
	why := s.notMember()
	switch {
	case !why.none():
	case a == nil || len(s.History.endsOf(a)) > 0:
		why = because("delegation_over", "There is no such delegation, or it has ended already.")
	case s.By != a.Member && s.By != d.To:
		why = because("delegation_whose", "Only who gave a delegation, or has it, can end it.")
	case strings.TrimSpace(reason) == "":
		why = because("delegate_reason", "A delegation needs a reason, which becomes part of the audit trail.")
	}
	if !why.none() {
		return Intent{}, why.refusal()
	}
	votes := []string{}
	for _, v := range s.History.acts {
		if delegationOf(v) == id && v.Member == d.To && v.Broken == "" {
			votes = include(votes, v.ID)
		}
	}
	return Intent{Type: ActEnd, Subject: GovernanceSubject, Body: DelegationEnd{Delegation: id, Reason: reason, Votes: votes}}, nil
}
