package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A SeatState is one place in an approval step: who fills it, or who may.
type SeatState struct {
	Step   int64    `json:"step"`
	Role   Role     `json:"role"`
	Member string   `json:"member"` // who fills it; empty while it is free
	Act    string   `json:"act"`
	May    []string `json:"may"` // members who may still fill it
}

// A Seating is the result of counting votes under one policy.
type Seating struct {
	Level  ChangeLevel `json:"level"`
	Rule   string      `json:"rule"` // the rule that chose the seats, in words
	Seats  []SeatState `json:"seats"`
	Filled bool        `json:"filled"`
	// Refused says of each vote that was not counted why.
	Refused []string `json:"refused"`
	Counted []string `json:"counted"` // ids of the approvals that fill the seats
	// Expires is when the first of the counted approvals runs out.
	Expires time.Time `json:"expires" ts_type:"string"`
}

// A ballot is one round of votes and the people whom separation of duties
// concerns.
type ballot struct {
	charter  *Charter
	policy   *Policy
	kind     ChangeType // of a request; empty for records
	types    []string
	votes    []*Act
	revision string
	authors  []string
	deployer string
	// counts says why a vote may not count under this charter, or "".
	counts func(*Act) string
	before func(b, a *Act) bool
}

// seat counts the votes of a ballot. It is pure: the same votes give the same
// seating in any order.
func (b ballot) seat() Seating {
	s := Seating{Seats: []SeatState{}, Refused: []string{}, Counted: []string{}}
	if b.policy == nil {
		s.Rule = "No policy rules this environment, so nothing can be approved for it."
		return s
	}
	s.Level = b.policy.StrictestLevel(b.types)
	rule := b.policy.RuleFor(b.kind, s.Level)
	if rule == nil {
		s.Rule = fmt.Sprintf("The policy %q has no rule for %s, so nothing can be approved.", b.policy.Name, s.Level)
		return s
	}
	s.Rule = rule.words(b.policy.Name)
	used := map[string]bool{}
	var previous []*Act
	s.Filled = true
	for i, step := range rule.Steps {
		votes := b.stepVotes(rule, int64(i), previous, used, &s)
		for n := range step.Quorum {
			seat := SeatState{Step: int64(i), Role: step.Role, May: []string{}}
			if int(n) < len(votes) {
				v := votes[n]
				seat.Member, seat.Act = v.Member, v.ID
				s.Counted = append(s.Counted, v.ID)
				used[v.Member] = true
				if end := v.At.AddDate(0, 0, int(b.policy.ApprovalDays)); s.Expires.IsZero() || end.Before(s.Expires) {
					s.Expires = end
				}
			} else {
				s.Filled = false
			}
			s.Seats = append(s.Seats, seat)
		}
		if len(votes) > int(step.Quorum) {
			votes = votes[:step.Quorum]
		}
		previous = votes
	}
	b.addCandidates(rule, used, &s)
	return s
}

// stepVotes are the votes that count for one step, at most one per member.
func (b ballot) stepVotes(rule *SeatRule, step int64, previous []*Act, used map[string]bool, s *Seating) []*Act {
	out, here := []*Act{}, map[string]bool{}
	for _, v := range b.votes {
		vote := v.Body.(Vote)
		if vote.Step != step {
			continue
		}
		why := b.refuse(v, rule.Steps[step].Role)
		switch {
		case why != "":
		case here[v.Member]:
			why = "a second vote of the same person"
		case used[v.Member] && !b.policy.SeveralSeatsEach:
			why = "one person fills one seat"
		case rule.Ordered && step > 0 && !b.allBefore(previous, v, rule.Steps[step-1].Quorum):
			why = "it came before the step in front of it was complete"
		}
		if why != "" {
			s.Refused = append(s.Refused, fmt.Sprintf("The approval by %s is not counted: %s.", b.name(v.Member), why))
			continue
		}
		here[v.Member] = true
		out = append(out, v)
	}
	return out
}

func (b ballot) allBefore(previous []*Act, v *Act, quorum int64) bool {
	n := int64(0)
	for _, p := range previous {
		if b.before(p, v) {
			n++
		}
	}
	return n >= quorum
}

// refuse says why a vote cannot fill a seat of a role, or "".
func (b ballot) refuse(v *Act, role Role) string {
	if why := b.counts(v); why != "" {
		return why
	}
	return b.unfit(v.Member, role)
}

// unfit says why a member cannot fill a seat of a role, or "".
func (b ballot) unfit(member string, role Role) string {
	m := b.charter.Member(member)
	switch {
	case m == nil:
		return "the signer is not a member any more"
	case !m.Has(role):
		return fmt.Sprintf("the seat is for the role %s", role)
	case slices.Contains(b.authors, member) && !b.policy.AuthorMayApprove:
		return "authors do not approve their own change"
	case member == b.deployer && !b.policy.ApproverMayDeploy:
		return "the person who deploys does not approve"
	}
	return ""
}

func (b ballot) addCandidates(rule *SeatRule, used map[string]bool, s *Seating) {
	open := int64(-1) // in an ordered rule only the first open step takes votes
	for i := range s.Seats {
		seat := &s.Seats[i]
		if seat.Member != "" {
			continue
		}
		if open < 0 {
			open = seat.Step
		}
		if rule.Ordered && seat.Step != open {
			continue
		}
		for _, m := range b.charter.Members {
			if b.charter.Live(m.ID) && b.unfit(m.ID, seat.Role) == "" && (!used[m.ID] || b.policy.SeveralSeatsEach) {
				seat.May = append(seat.May, m.ID)
			}
		}
	}
}

func (b ballot) name(member string) string { return nameOf(b.charter, member) }

func nameOf(c *Charter, member string) string {
	if c != nil {
		if m := c.Member(member); m != nil && m.Name != "" {
			return m.Name
		}
	}
	if member == "" {
		return "an unknown person"
	}
	return member
}

// words renders a rule as a sentence.
func (r *SeatRule) words(policy string) string {
	steps := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		who := string(s.Role)
		if s.Quorum > 1 {
			who += "s"
		}
		steps[i] = fmt.Sprintf("%d %s", s.Quorum, who)
	}
	joint := " and "
	if r.Ordered {
		joint = ", then "
	}
	return fmt.Sprintf("%s: %s needs %s.", policy, r.Level, strings.Join(steps, joint))
}
