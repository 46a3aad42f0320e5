package governance

import (
	"fmt"
	"slices"
	"strconv"
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
	Level ChangeLevel `json:"level"`
	Rule  string      `json:"rule"` // the rule that chose the seats, in words
	// Reason is Rule with the code and the values of a translation.
	Reason Reason      `json:"reason,omitempty"`
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
	authors  []string
	deployer string
	// counts says why a vote may not count under this charter, or "".
	counts func(*Act) string
	h      *History
}

// rule is the one that chooses the seats, or nil.
func (b ballot) rule() *SeatRule {
	if b.policy == nil {
		return nil
	}
	return b.policy.RuleFor(b.kind, b.policy.StrictestLevel(b.types))
}

// A tally is a seating while it is counted.
type tally struct {
	Seating
	used map[string]bool // members who fill a seat
	here []*Act          // votes that count for the step that is counted
	last []*Act          // those for the step before it
}

// seat counts the votes of a ballot. It is pure: the same votes give the same
// seating in any order.
func (b ballot) seat() Seating {
	t := tally{Seating: Seating{Seats: []SeatState{}, Refused: []string{}, Counted: []string{}}, used: map[string]bool{}}
	if b.policy == nil {
		return t.ruled(because("seats_policy", "No policy rules this, so nothing can be approved. Ask the owners for a policy."))
	}
	t.Level = b.policy.StrictestLevel(b.types)
	rule := b.rule()
	if rule == nil {
		return t.ruled(because("seats_rule", "The policy {policy} has no rule for {level}, so nothing can be approved. Ask the owners for a rule.",
			"policy", strconv.Quote(b.policy.Name), "level", string(t.Level)))
	}
	t.ruled(rule.reason(b.policy.Name))
	t.Filled = true
	for i := range rule.Steps {
		t.last, t.here = t.here, nil
		for _, v := range b.seated(rule, int64(i), &t) {
			b.take(rule.Steps[i], int64(i), v, &t)
		}
	}
	b.addCandidates(rule, t.used, &t.Seating)
	return t.Seating
}

// ruled notes the rule that chose the seats, or why there are none.
func (t *tally) ruled(r Reason) Seating {
	t.Rule, t.Reason = r.Text, r
	return t.Seating
}

// take adds one seat of a step, free if there is no vote for it.
func (b ballot) take(step ApprovalStep, n int64, v *Act, t *tally) {
	seat := SeatState{Step: n, Role: step.Role, May: []string{}}
	if v == nil {
		t.Filled = false
		t.Seats = append(t.Seats, seat)
		return
	}
	seat.Member, seat.Act = v.Member, v.ID
	t.Seats, t.Counted, t.used[v.Member] = append(t.Seats, seat), append(t.Counted, v.ID), true
	if end := v.At.AddDate(0, 0, int(b.policy.ApprovalDays)); t.Expires.IsZero() || end.Before(t.Expires) {
		t.Expires = end
	}
}

// seated are the votes that fill the seats of one step, nil for a free seat:
// one for each member, the last. Who also voted for a later step gives way
// here, so that an approval too many never empties a seat behind it.
func (b ballot) seated(rule *SeatRule, step int64, t *tally) []*Act {
	t.here = b.stepVotes(rule, step, t)
	byMember := map[string]*Act{}
	members := []string{}
	for _, v := range t.here {
		if byMember[v.Member] == nil {
			members = append(members, v.Member)
		}
		byMember[v.Member] = v
	}
	later := map[string]bool{}
	for _, v := range b.votes {
		later[v.Member] = later[v.Member] || v.Body.(Vote).Step > step
	}
	slices.SortStableFunc(members, func(x, y string) int {
		switch {
		case later[x] == later[y]:
			return 0
		case later[x]:
			return 1
		}
		return -1
	})
	out := make([]*Act, rule.Steps[step].Quorum)
	for i := range min(len(out), len(members)) {
		out[i] = byMember[members[i]]
	}
	return out
}

// stepVotes are the votes that count for one step.
func (b ballot) stepVotes(rule *SeatRule, step int64, t *tally) []*Act {
	out := []*Act{}
	for _, v := range b.votes {
		if v.Body.(Vote).Step != step {
			continue
		}
		why := b.refuse(v, rule.Steps[step].Role)
		switch {
		case why != "":
		case t.used[v.Member] && !b.policy.SeveralSeatsEach:
			why = "one person fills one seat"
		case rule.Ordered && step > 0 && !b.afterStep(rule.Steps[step-1], v, t.last):
			why = "it came before the step in front of it was complete"
		}
		if why != "" {
			t.Refused = append(t.Refused, fmt.Sprintf("The approval by %s is not counted: %s.", b.name(v.Member), why))
			continue
		}
		out = append(out, v)
	}
	return out
}

// afterStep reports whether the signer of a vote had seen enough votes of
// other people for the step before.
func (b ballot) afterStep(step ApprovalStep, v *Act, last []*Act) bool {
	members := map[string]bool{}
	for _, p := range last {
		if !members[p.Member] && (p.Member != v.Member || b.policy.SeveralSeatsEach) && b.h.before(p, v) {
			members[p.Member] = true
		}
	}
	return int64(len(members)) >= step.Quorum
}

// refuse says why a vote cannot fill a seat of a role, or "".
func (b ballot) refuse(v *Act, role Role) string {
	if why := b.counts(v); why != "" {
		return why
	}
	if why := b.unfit(v.Member, role); why != "" {
		return why
	}
	if !b.h.held(v, role) {
		return fmt.Sprintf("the signer was no %s then", role)
	}
	return ""
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

// reason is the rule as a sentence with the role of each seat in order.
func (r *SeatRule) reason(policy string) Reason {
	code, roles := "seats_needs", []string{}
	if r.Ordered {
		code = "seats_needs_ordered"
	}
	for _, s := range r.Steps {
		for range s.Quorum {
			roles = append(roles, string(s.Role))
		}
	}
	return Reason{Code: code, Text: r.words(policy), Params: map[string]string{
		"policy": policy, "level": string(r.Level), "seats": strconv.Itoa(len(roles)), "roles": strings.Join(roles, ", ")}}
}
