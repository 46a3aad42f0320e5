package governance

import (
	"fmt"
	"slices"
	"time"
)

// wasFilled reports whether the votes fill the seats under one of the charters
// that the voters had seen. An approved record keeps its word when the policy
// changes later; the gate looks at the charter in force.
func (s *Standing) wasFilled(votes []*Act) bool {
	tried := map[string]bool{}
	for _, v := range votes {
		if tried[v.Governance] {
			continue
		}
		tried[v.Governance] = true
		if s.seating(s.h.then(v), votes, func(*Act) string { return "" }).Filled {
			return true
		}
	}
	return false
}

// kept are the votes that nobody took back with one of some withdrawals.
func (s *Standing) kept(votes, withdrawals []*Act) []*Act {
	return filter(votes, func(v *Act) bool {
		return !slices.ContainsFunc(withdrawals, func(w *Act) bool { return s.takesBack(w, v) })
	})
}

// takesBack reports whether a withdrawal is of this vote: the one that it names,
// or an earlier one by the same member in that round. Who withdraws has seen
// what he takes back; a vote given beside it, or after it, stands.
func (s *Standing) takesBack(w, v *Act) bool {
	body := w.Body.(Withdrawal)
	ownVote := func(a *Act) bool {
		vote, is := a.Body.(Vote)
		return is && a.Subject == s.Subject && a.Member == w.Member && vote.Round == body.Round && vote.Revision == body.Revision && s.h.before(a, w)
	}
	named := s.h.acts[body.Act]
	return named != nil && ownVote(named) && ownVote(v)
}

// votesFor are the approvals of a revision in a round, by people who had seen
// its submission and who name the newest charter that they had seen.
func (s *Standing) votesFor(approvals []*Act, round int64, revision string) []*Act {
	return filter(approvals, func(a *Act) bool {
		v := a.Body.(Vote)
		return v.Round == round && v.Revision == revision && s.h.dated(a) && s.sawSubmission(a, round, revision)
	})
}

// mayReject reports whether the signer had seen the submission and could have
// had one of its seats, in his own right or in that of the one who let him vote.
func (s *Standing) mayReject(a *Act) bool {
	b := s.ballotUnder(s.h.then(a))
	rule := b.rule()
	if rule == nil || !s.sawSubmission(a, s.Round, "") {
		return false
	}
	member := s.h.principal(a)
	return slices.ContainsFunc(b.posts(rule), func(p post) bool {
		return p.takes(member, func(r Role) bool { return s.h.heldBy(a, member, r) }) && (delegationOf(a) == "" || b.notDelegated(a, p) == "")
	})
}

// ballotUnder is what a charter asks of this round, without votes or people.
func (s *Standing) ballotUnder(c *Charter) ballot {
	b := ballot{charter: c, subject: s.Subject, h: s.h}
	if c == nil {
		return b
	}
	if s.prefix == requestPrefix {
		r := s.h.requests[s.Revision]
		b.kind, b.types, b.asked, b.touches = r.ChangeType, r.Types(), r.AdditionalApprovers, r.Touches
		if slices.Contains(ChangeTypes(), r.ChangeType) { // another word is no way to a milder rule
			b.policy = &c.Requests
		}
		return b
	}
	r := s.h.records[s.Revision]
	b.kind, b.policy, b.types, b.target, b.touches = s.h.typeOf(r), c.PolicyFor(r.TargetKind, r.Target), r.Types(), r, r.Touches
	b.deployers = []string{r.Deployer}
	return b
}

// typeOf is the Change Type of the request that a record moves, empty when that
// is not known: then only the rules for all types are its.
func (h *History) typeOf(r *RecordRevision) ChangeType {
	req := h.requests[r.RequestDigest]
	if req == nil || req.ID != r.Request || !slices.Contains(ChangeTypes(), req.ChangeType) {
		return ""
	}
	return req.ChangeType
}

// ballot prepares counting under a charter.
func (s *Standing) ballot(c *Charter, votes []*Act) ballot {
	b := s.ballotUnder(c)
	b.votes, b.authors = votes, s.Authors
	if r := s.h.records[s.Revision]; s.prefix == recordPrefix && r != nil {
		if s.kin[r.Request] == nil {
			s.kin[r.Request] = s.h.RequestStanding(r.Request).Authors
		}
		b.authors = union(b.authors, s.kin[r.Request])
	}
	return b
}

// seating counts votes under a charter. A vote that was signed under another
// policy for this subject does not count.
func (s *Standing) seating(c *Charter, votes []*Act, counts func(*Act) string) Seating {
	b := s.ballot(c, votes)
	same := map[string]bool{} // by charter: many votes name one
	b.counts = func(a *Act) string {
		if _, known := same[a.Governance]; !known {
			same[a.Governance] = samePolicy(s.ballotUnder(s.h.then(a)).policy, b.policy)
		}
		if !same[a.Governance] {
			return "the policy was changed after it; it can be given again"
		}
		return counts(a)
	}
	return b.seat()
}

func (s *Standing) seatingUnder(c *Charter, counts func(*Act) string) Seating {
	if c == nil {
		return Seating{Seats: []SeatState{}, Refused: []string{}, Counted: []string{}, Rule: "The charter of this workspace cannot be trusted.", Reason: because("seats_charter", "The charter of this workspace cannot be trusted.")}
	}
	return s.seating(c, s.votes, counts)
}

// gone says why a signer's word no longer counts under a charter, or "".
func (s *Standing) gone(c *Charter, a *Act) string {
	if m, _ := c.MemberByKey(a.Key); m == nil || m.ID != a.Member {
		return noMember
	}
	return ""
}

// seatingAt counts as the gate does: under the charter in force, by members
// who are still there, with approvals that have not expired.
func (s *Standing) seatingAt(now time.Time) Seating {
	c := s.h.Charter()
	b := ballot{}
	if c != nil && s.Round > 0 {
		b = s.ballotUnder(c)
	}
	return s.seatingUnder(c, func(a *Act) string {
		if why := s.gone(c, a); why != "" {
			return why
		}
		if b.policy != nil && now.After(b.expires(a)) {
			return b.expired()
		}
		if a.At.After(now.Add(clockSlack)) {
			return "it is dated in the future, so nobody can say when it expires; it can be given again with the right time"
		}
		return ""
	})
}

func (b ballot) expired() string {
	if b.kind == Emergency {
		return fmt.Sprintf("approvals of an emergency count for %d hours, and this one is older", b.policy.EmergencyLife())
	}
	return fmt.Sprintf("approvals count for %d days, and this one is older", b.policy.ApprovalDays)
}

// lastVote is the last vote of a member in this round that was not taken back,
// in his own place or another's; nil if there is none.
func (s *Standing) lastVote(member string) *Act {
	var last *Act
	for _, v := range s.given {
		if v.Member == member && (last == nil || s.h.place[v.ID] > s.h.place[last.ID]) {
			last = v
		}
	}
	return last
}
