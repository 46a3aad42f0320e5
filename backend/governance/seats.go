package governance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A SeatState is one place in an approval step: who fills it, or who may. Role
// is empty where one of some members is asked for by name; Why says then why.
type SeatState struct {
	Step   int64    `json:"step"`
	Role   Role     `json:"role"`
	Member string   `json:"member"` // who fills it; empty while it is free
	Act    string   `json:"act"`
	May    []string `json:"may"` // members who may still fill it
	// By is who voted for Member, if that was somebody else.
	By  string `json:"by,omitempty"`
	Why Reason `json:"why,omitzero"`
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
	charter *Charter
	policy  *Policy
	kind    ChangeType // of the request, also for its records; empty when it is not known
	types   []string
	subject string
	target  *RecordRevision // of a record: where it goes
	asked   []string        // members whom a request asks to approve as well
	touches func(*Ownership) bool
	votes   []*Act
	authors []string
	// deployers are the person named to deploy, or those who did.
	deployers []string
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
	used map[string]bool // members who fill a seat, or voted for one who does
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
	posts := b.posts(rule)
	for i := range posts {
		t.last, t.here = t.here, nil
		for _, v := range b.seated(posts, i, &t) {
			b.take(posts[i], v, &t)
		}
	}
	b.addCandidates(posts, t.used, &t.Seating)
	return t.Seating
}

// ruled notes the rule that chose the seats, or why there are none.
func (t *tally) ruled(r Reason) Seating {
	t.Rule, t.Reason = r.Text, r
	return t.Seating
}

// take adds one seat of a step, free if there is no vote for it.
func (b ballot) take(p post, v *Act, t *tally) {
	seat := SeatState{Step: p.step, Role: p.role, May: []string{}, Why: p.why}
	if v == nil {
		t.Filled = false
		t.Seats = append(t.Seats, seat)
		return
	}
	seat.Member, seat.Act = b.h.principal(v), v.ID
	if seat.Member != v.Member {
		seat.By = v.Member
	}
	t.used[seat.Member], t.used[v.Member] = true, true
	t.Seats, t.Counted = append(t.Seats, seat), append(t.Counted, v.ID)
	if end := b.expires(v); t.Expires.IsZero() || end.Before(t.Expires) {
		t.Expires = end
	}
}

// expires is when an approval runs out: an emergency's in hours.
func (b ballot) expires(v *Act) time.Time {
	if b.kind == Emergency {
		return v.At.Add(time.Duration(b.policy.EmergencyLife()) * time.Hour)
	}
	return v.At.AddDate(0, 0, int(b.policy.ApprovalDays))
}

// seated are the votes that fill the seats of one step, nil for a free seat:
// one for each member, the last, and nobody in two of them. Who also voted for
// a later step gives way here, so that an approval too many never empties a
// seat behind it; and people's own votes come before those given for others.
func (b ballot) seated(posts []post, i int, t *tally) []*Act {
	t.here = b.stepVotes(posts, i, t)
	members, voteOf := b.oneEach(t.here)
	later := map[string]bool{}
	for _, v := range b.votes {
		if stepOf(v) > posts[i].step {
			later[v.Member], later[b.h.principal(v)] = true, true
		}
	}
	rank := func(member string) (n int) {
		v := voteOf[member]
		if later[member] || later[v.Member] {
			n += 2
		}
		if v.Member != member {
			n++
		}
		return n
	}
	slices.SortStableFunc(members, func(x, y string) int { return rank(x) - rank(y) })
	out, sits, n := make([]*Act, posts[i].quorum), map[string]bool{}, 0
	for _, m := range members {
		v := voteOf[m]
		if n == len(out) {
			break
		}
		if sits[m] || sits[v.Member] {
			t.refuse(b.name(v.Member), oneSeat)
			continue
		}
		sits[m], sits[v.Member] = true, true
		out[n] = v
		n++
	}
	return out
}

// oneEach are the members for whom votes count, in order of their first vote,
// and the vote of each: the last, but never another's instead of one's own.
func (b ballot) oneEach(votes []*Act) (members []string, voteOf map[string]*Act) {
	voteOf = map[string]*Act{}
	for _, v := range votes {
		m := b.h.principal(v)
		old := voteOf[m]
		if old == nil {
			members = append(members, m)
		}
		if old == nil || v.Member == m || old.Member != m {
			voteOf[m] = v
		}
	}
	return members, voteOf
}

const oneSeat = "one person fills one seat"

func (t *tally) refuse(who, why string) {
	t.Refused = append(t.Refused, fmt.Sprintf("The approval by %s is not counted: %s.", who, why))
}

// stepVotes are the votes that count for one step.
func (b ballot) stepVotes(posts []post, i int, t *tally) []*Act {
	out := []*Act{}
	for _, v := range b.votes {
		if stepOf(v) != posts[i].step {
			continue
		}
		why := b.refuse(v, posts[i])
		switch {
		case why != "":
		case (t.used[v.Member] || t.used[b.h.principal(v)]) && !b.policy.SeveralSeatsEach:
			why = oneSeat
		case posts[i].after && !b.afterStep(posts[i-1], v, t.last):
			why = "it came before the step in front of it was complete"
		}
		if why != "" {
			t.refuse(b.name(v.Member), why)
			continue
		}
		out = append(out, v)
	}
	return out
}

// afterStep reports whether the signer of a vote had seen enough votes of
// other people for the step before.
func (b ballot) afterStep(p post, v *Act, last []*Act) bool {
	members := map[string]bool{}
	for _, l := range last {
		m := b.h.principal(l)
		if !members[m] && (b.policy.SeveralSeatsEach || !b.h.sharePerson(l, v)) && b.h.before(l, v) {
			members[m] = true
		}
	}
	return int64(len(members)) >= p.quorum
}

// refuse says why a vote cannot fill a seat, or "".
func (b ballot) refuse(v *Act, p post) string {
	if why := b.counts(v); why != "" {
		return why
	}
	member := b.h.principal(v)
	if delegationOf(v) != "" {
		if why := b.notDelegated(v, p); why != "" {
			return why
		}
		if b.left(v.Member) {
			return noMember
		}
		if why := b.partOf(v.Member); why != "" {
			return why
		}
	}
	if why := b.unfit(member, p); why != "" {
		return why
	}
	if p.role != "" && !b.h.heldBy(v, member, p.role) {
		return fmt.Sprintf("the signer was no %s then", p.role)
	}
	return ""
}

// unfit says why a member cannot fill a seat, or "".
func (b ballot) unfit(member string, p post) string {
	m := b.charter.Member(member)
	switch {
	case b.left(member):
		return noMember
	case p.role != "" && !m.Has(p.role):
		return fmt.Sprintf("the seat is for the role %s", p.role)
	case p.role == "" && !slices.Contains(p.members, member):
		return "the seat is for somebody else"
	}
	return b.partOf(member)
}

const noMember = "the signer is not a member any more"

// left reports whether a member is gone, or stays in the roster only for what
// was signed before.
func (b ballot) left(member string) bool {
	m := b.charter.Member(member)
	return m == nil || len(m.Roles) == 0 && !b.charter.Live(member)
}

// partOf says which other part keeps a member from approving, or "".
func (b ballot) partOf(member string) string {
	switch {
	case slices.Contains(b.authors, member) && !b.policy.AuthorMayApprove:
		return "authors do not approve their own change"
	case slices.Contains(b.deployers, member) && !b.policy.ApproverMayDeploy:
		return "the person who deploys does not approve"
	}
	return ""
}

func (b ballot) addCandidates(posts []post, used map[string]bool, s *Seating) {
	open := int64(-1) // in an ordered rule only the first open step takes votes
	at := map[int64]post{}
	for _, p := range posts {
		at[p.step] = p
	}
	for i := range s.Seats {
		seat := &s.Seats[i]
		if seat.Member != "" {
			continue
		}
		p := at[seat.Step]
		if p.role != "" && open < 0 {
			open = seat.Step
		}
		if p.after && seat.Step != open {
			continue
		}
		for _, m := range b.charter.Members {
			if b.charter.Live(m.ID) && b.unfit(m.ID, p) == "" && (!used[m.ID] || b.policy.SeveralSeatsEach) {
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
	what := string(r.Level)
	if r.ChangeType == Emergency {
		what = string(Emergency)
	}
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
	return fmt.Sprintf("%s: %s needs %s.", policy, what, strings.Join(steps, joint))
}

// reason is the rule as a sentence with the role of each seat in order.
func (r *SeatRule) reason(policy string) Reason {
	code, roles := "seats_needs", []string{}
	if r.ChangeType == Emergency {
		code += "_emergency"
	}
	if r.Ordered {
		code += "_ordered"
	}
	for _, s := range r.Steps {
		for range s.Quorum {
			roles = append(roles, string(s.Role))
		}
	}
	return Reason{Code: code, Text: r.words(policy), Params: map[string]string{
		"policy": policy, "level": string(r.Level), "seats": strconv.Itoa(len(roles)), "roles": strings.Join(roles, ", ")}}
}
