package workspace

import (
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// A SeatView is one seat with people's names. One whose Role is empty is for
// people who are asked by name; Why says then why they are.
type SeatView struct {
	Step   int64           `json:"step"`
	Role   governance.Role `json:"role"`
	Member *Person         `json:"member"` // who fills it
	By     *Person         `json:"by"`     // who voted for Member, if that was somebody else
	At     time.Time       `json:"at" ts_type:"string"`
	Reason string          `json:"reason"` // what the approver wrote
	May    []Person        `json:"may"`
	// Later: the seats before it are filled first.
	Later bool `json:"later"`
	Why   Said `json:"why"` // to be translated by the whole key
}

// A Seats is the state of an approval.
type Seats struct {
	Level   governance.ChangeLevel `json:"level"`
	Rule    string                 `json:"rule"` // the rule that chose the seats, quoted
	Seats   []SeatView             `json:"seats"`
	Filled  bool                   `json:"filled"`
	Refused []string               `json:"refused"`
	// RefusedSaid is the same, to be translated.
	RefusedSaid []Said `json:"refusedSaid"`

	Expires time.Time `json:"expires" ts_type:"string"`
	Expired bool      `json:"expired"`
	// Expected: the round has not begun, and these are the seats that Submit
	// would open.
	Expected bool `json:"expected"`
	// Said is the rule for translation; its code is empty when Rule is a
	// sentence of governance's own.
	Said Said `json:"said"`
}

// seatsOf is how the seats of a round stand.
func seatsOf(h *governance.History, st governance.Standing, now time.Time) Seats {
	people := rosterOf(h.Charter())
	s := Seats{Level: st.Seating.Level, Rule: st.Seating.Rule, Seats: []SeatView{}, Filled: st.Seating.Filled, Refused: append([]string{}, st.Seating.Refused...), RefusedSaid: allTold(st.Seating.Refused),
		Expires: st.Seating.Expires.UTC(), Said: Said{Text: st.Seating.Rule, Code: strings.ReplaceAll(st.Seating.Reason.Code, "_", "."), Params: st.Seating.Reason.Params}}
	s.Expired = !s.Expires.IsZero() && now.After(s.Expires)
	for _, seat := range st.Seating.Seats {
		v := SeatView{Step: seat.Step, Role: seat.Role, Member: people.person(seat.Member), By: people.person(seat.By), May: people.people(seat.May), Why: reasonSaid(seat.Why)}
		v.Later = v.Member == nil && v.Role != "" && len(v.May) == 0 && slices.ContainsFunc(s.Seats, func(before SeatView) bool { return before.Step < v.Step && before.Member == nil })
		if a := h.Act(seat.Act); a != nil {
			v.At = a.At.UTC()
			if vote, isVote := a.Body.(governance.Vote); isVote {
				v.Reason = vote.Reason
			}
		}
		s.Seats = append(s.Seats, v)
	}
	return s
}

// reasonSaid is a reason of governance, to be translated by the whole key.
func reasonSaid(r governance.Reason) Said {
	if r.None() {
		return quoted("", "")
	}
	return Said{Text: r.Text, Code: "why." + r.Code, Params: r.Params}
}

// voteSaid says why a vote is this person's to give: a seat of a role, a seat by
// name, or a delegation. Key is empty where it is not.
func voteSaid(h *governance.History, st governance.Standing, approve governance.ActionState) (key string, values []any) {
	if !approve.Allowed {
		who := []string{}
		for _, p := range approve.For {
			who = append(who, p.Member)
		}
		if len(who) == 0 {
			return "", nil
		}
		return "request.vote.for", []any{"who", names(rosterOf(h.Charter()).people(who))}
	}
	for _, seat := range st.Seating.Seats {
		if seat.Step == approve.Step && seat.Member == "" && seat.Role == "" {
			return "request.vote.named", []any{"why", reasonSaid(seat.Why)}
		}
		if seat.Step == approve.Step {
			return "request.vote", []any{"role", string(seat.Role)}
		}
	}
	return "request.vote", []any{"role", string(governance.Approver)}
}

// A prospect is content that nobody has submitted yet.
type prospect struct {
	policy   *governance.Policy
	kind     governance.ChangeType // of a request
	types    []string              // metadata types, nil when only the org knows them
	authors  []string
	deployer string
	asked    []string // additional approvers
	// touches says whether the content is what somebody owns.
	touches func(*governance.Ownership) bool
}

// expectedSeats are the seats that Submit would open, each with everybody who
// could fill it. Governance decides anew when votes are given.
func (w *Workspace) expectedSeats(c *governance.Charter, p prospect) Seats {
	s := Seats{Seats: []SeatView{}, Refused: []string{}, RefusedSaid: []Said{}, Expected: true}
	switch {
	case c == nil:
		return s.saying(w.said("seats.charter"))
	case p.policy == nil:
		return s.saying(w.said("seats.policy"))
	}
	s.Level = p.policy.StrictestLevel(p.types)
	rule := p.policy.RuleFor(p.kind, s.Level)
	if rule == nil {
		return s.saying(w.said("seats.rule", "policy", p.policy.Name, "level", string(s.Level)))
	}
	for i, step := range rule.Steps {
		for range step.Quorum {
			s.Seats = append(s.Seats, SeatView{Step: int64(i), Role: step.Role, May: candidates(c, p, step.Role)})
		}
	}
	touches := p.touches
	if touches == nil {
		touches = func(o *governance.Ownership) bool { return o.TouchedByTypes(p.types) }
	}
	for _, named := range p.policy.NamedSeats(c, rule, p.asked, touches) {
		may := slices.DeleteFunc(rosterOf(c).people(named.May), func(m Person) bool { return !c.Live(m.ID) || p.apart(m.ID) })
		s.Seats = append(s.Seats, SeatView{Step: named.Step, May: may, Why: reasonSaid(named.Why)})
	}
	return s.saying(w.ruleSaid(p.policy.Name, rule))
}

func (s Seats) saying(said Said) Seats {
	s.Rule, s.Said = said.Text, said
	return s
}

// candidates are the members who could fill a seat of a role.
func candidates(c *governance.Charter, p prospect, role governance.Role) []Person {
	return slices.DeleteFunc(rosterOf(c).holders(role), func(m Person) bool { return p.apart(m.ID) })
}

// apart reports whether another part keeps a member from approving.
func (p prospect) apart(member string) bool {
	author := slices.Contains(p.authors, member) && !p.policy.AuthorMayApprove
	deployer := member == p.deployer && !p.policy.ApproverMayDeploy
	return author || deployer
}

// open are the seats that nobody fills, and everybody who may.
func (s Seats) open() (seats []SeatView, who []Person) {
	seats, who = []SeatView{}, []Person{}
	seen := map[string]bool{}
	for _, seat := range s.Seats {
		if seat.Member != nil {
			continue
		}
		seats = append(seats, seat)
		for _, p := range seat.May {
			if !seen[p.ID] {
				seen[p.ID] = true
				who = append(who, p)
			}
		}
	}
	return seats, who
}
