package governance

import (
	"fmt"
	"slices"
	"time"
)

// A Standing is where a request or record stands according to its acts.
type Standing struct {
	Subject  string   `json:"subject"`
	Status   Status   `json:"status"`
	Round    int64    `json:"round"`    // of the last submission; 0 before the first
	Revision string   `json:"revision"` // digest submitted in that round
	Authors  []string `json:"authors"`  // of every round, sorted
	Seating  Seating  `json:"seating"`  // under the charter in force
	// Trouble says what makes the thread doubtful, for the gate and the screen.
	Trouble []string `json:"trouble"`
	// Reason is what the last rejection, recall, cancellation or reopening said.
	Reason string `json:"reason"`

	prefix string
	rounds map[int64][]string // revisions submitted in each round, sorted
	votes  []*Act             // approvals of this round and revision
	h      *History
}

const (
	requestPrefix = "cr."
	recordPrefix  = "dr."
)

// RequestStanding folds the acts about a Change Request.
func (h *History) RequestStanding(id string) Standing { return h.standing(id, requestPrefix) }

// RecordStanding folds the acts about a Deployment Record.
func (h *History) RecordStanding(id string) Standing { return h.standing(id, recordPrefix) }

// roundActs are the acts of one thread, sorted by what they do.
type roundActs struct {
	submits, approvals, rejections, recalls, reopens, cancels, completes []*Act
}

func (h *History) standing(id, prefix string) Standing {
	s := Standing{Subject: id, Status: InProgress, Authors: []string{}, Trouble: []string{}, prefix: prefix, rounds: map[int64][]string{}, h: h}
	if h.missing[id] {
		s.Trouble = append(s.Trouble, "Part of its history is missing on this machine.")
	}
	all := h.sortActs(id, prefix)
	s.openRound(all.submits)
	inRound := func(acts []*Act) []*Act {
		return filter(acts, func(a *Act) bool { return roundOf(a) == s.Round })
	}
	if c := s.completed(all); c != nil { // final: a round that was submitted later is none
		s.Round, s.Revision = c.Body.(Closing).Round, c.Body.(Closing).Revision
	}
	if s.Round > 0 {
		s.votes = votesFor(all.approvals, s.Round, s.Revision)
		s.Seating = s.seatingUnder(h.Charter(), func(a *Act) string { return s.gone(h.Charter(), a) })
	}
	s.Status = s.fold(all, inRound)
	return s
}

func (h *History) sortActs(id, prefix string) roundActs {
	var r roundActs
	for _, a := range h.good(id) {
		switch a.Type {
		case ActType(prefix + string(Submit)):
			r.submits = append(r.submits, a)
		case ActType(prefix + string(Approve)):
			r.approvals = append(r.approvals, a)
		case ActType(prefix + string(Reject)):
			r.rejections = append(r.rejections, a)
		case ActType(prefix + string(Recall)):
			r.recalls = append(r.recalls, a)
		case ActType(prefix + string(Reopen)):
			r.reopens = append(r.reopens, a)
		case ActType(prefix + string(Cancel)):
			r.cancels = append(r.cancels, a)
		case ActType(prefix + string(Complete)):
			r.completes = append(r.completes, a)
		}
	}
	return r
}

// openRound finds the last round: the highest that an author submitted. What
// somebody submits who may not, or without naming himself an author, is not a
// submission; it neither opens a round nor spoils one.
func (s *Standing) openRound(submits []*Act) {
	for _, a := range submits {
		sub := a.Body.(Submission)
		if !slices.Contains(sub.Authors, a.Member) || !maySubmit(s.h.then(a).Member(a.Member)) {
			continue
		}
		if !s.knows(sub) {
			s.Trouble = append(s.Trouble, fmt.Sprintf("What %s submitted in round %d is missing on this machine.", nameOf(s.h.Charter(), a.Member), sub.Round))
			continue
		}
		for _, m := range sub.Authors {
			s.Authors = include(s.Authors, m)
		}
		s.rounds[sub.Round] = include(s.rounds[sub.Round], sub.Revision)
		s.Round = max(s.Round, sub.Round)
	}
	if contents := s.rounds[s.Round]; len(contents) > 0 {
		s.Revision = contents[len(contents)-1] // sorted: the same on every machine
		if len(contents) > 1 {
			s.Trouble = append(s.Trouble, fmt.Sprintf("Different contents were submitted in round %d.", s.Round))
		}
	}
}

// knows reports whether the submitted revision is here and speaks of this
// workspace, subject and round.
func (s *Standing) knows(sub Submission) bool {
	if s.prefix == requestPrefix {
		r := s.h.requests[sub.Revision]
		return r != nil && r.ID == s.Subject && r.Workspace == s.h.workspace && r.Round == sub.Round
	}
	r := s.h.records[sub.Revision]
	return r != nil && r.ID == s.Subject && r.Workspace == s.h.workspace && r.Round == sub.Round
}

func maySubmit(m *Member) bool { return m.Has(Requester) || m.Has(ReleaseManager) }

// fold decides the status. An end of the round wins over votes, even
// concurrent ones, and Cancel wins over Complete.
func (s *Standing) fold(all roundActs, inRound func([]*Act) []*Act) Status {
	completed := s.completed(all)
	for _, a := range all.cancels {
		if s.validCloser(a, Owner) && (completed == nil || !s.h.before(completed, a)) {
			s.Reason = a.Body.(Closing).Reason
			return Cancelled
		}
	}
	if completed != nil {
		s.Reason = completed.Body.(Closing).Reason
		return Completed
	}
	if s.Round == 0 {
		return InProgress
	}
	for _, a := range append(inRound(all.recalls), inRound(all.reopens)...) {
		if s.validCloser(a, "") {
			s.Reason = a.Body.(Closing).Reason
			return InProgress
		}
	}
	for _, a := range inRound(all.rejections) {
		if s.mayVote(a) {
			s.Reason = a.Body.(Vote).Reason
			return Rejected
		}
	}
	if s.wasFilled(s.votes) {
		return Approved
	}
	return Pending
}

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

// validCloser reports whether the signer was an author, or held the role.
func (s *Standing) validCloser(a *Act, role Role) bool {
	if slices.Contains(s.Authors, a.Member) {
		return true
	}
	m := s.h.then(a).Member(a.Member)
	if s.Round == 0 && maySubmit(m) {
		return true // a draft that was never submitted has no signed authors
	}
	return role != "" && m.Has(role)
}

// completed is the first completion that counts: by an author or release
// manager, of a round that was approved in what its signer had seen.
func (s *Standing) completed(all roundActs) *Act {
	for _, a := range all.completes {
		c := a.Body.(Closing)
		if !slices.Equal(s.rounds[c.Round], []string{c.Revision}) || !s.validCloser(a, ReleaseManager) {
			continue
		}
		then := *s
		then.Round, then.Revision = c.Round, c.Revision
		if then.wasFilled(filter(votesFor(all.approvals, c.Round, c.Revision), func(v *Act) bool { return s.h.before(v, a) })) {
			return a
		}
	}
	return nil
}

func votesFor(approvals []*Act, round int64, revision string) []*Act {
	return filter(approvals, func(a *Act) bool {
		v := a.Body.(Vote)
		return v.Round == round && v.Revision == revision
	})
}

// mayVote reports whether the signer held the role of a seat.
func (s *Standing) mayVote(a *Act) bool {
	c := s.h.then(a)
	b := s.ballot(c, nil)
	if b.policy == nil {
		return false
	}
	rule := b.policy.RuleFor(b.kind, b.policy.StrictestLevel(b.types))
	m := c.Member(a.Member)
	return rule != nil && slices.ContainsFunc(rule.Steps, func(st ApprovalStep) bool { return m.Has(st.Role) })
}

// ballot prepares counting under a charter.
func (s *Standing) ballot(c *Charter, votes []*Act) ballot {
	b := ballot{charter: c, votes: votes, revision: s.Revision, authors: s.Authors, before: s.h.before}
	if c == nil {
		return b
	}
	if s.prefix == requestPrefix {
		r := s.h.requests[s.Revision]
		b.policy, b.kind, b.types = &c.Requests, r.ChangeType, r.Types()
		return b
	}
	r := s.h.records[s.Revision]
	b.policy, b.types, b.deployer = c.PolicyFor(r.TargetKind, r.Target), r.Types(), r.Deployer
	for _, m := range s.h.RequestStanding(r.Request).Authors {
		b.authors = include(b.authors, m)
	}
	return b
}

// seating counts votes under a charter. A vote that was signed under another
// policy for this subject does not count.
func (s *Standing) seating(c *Charter, votes []*Act, counts func(*Act) string) Seating {
	b := s.ballot(c, votes)
	b.counts = func(a *Act) string {
		if !samePolicy(s.ballot(s.h.then(a), nil).policy, b.policy) {
			return "the policy was changed after it; it can be given again"
		}
		return counts(a)
	}
	return b.seat()
}

func (s *Standing) seatingUnder(c *Charter, counts func(*Act) string) Seating {
	if c == nil {
		return Seating{Seats: []SeatState{}, Refused: []string{}, Counted: []string{}, Rule: "The charter of this workspace cannot be trusted."}
	}
	return s.seating(c, s.votes, counts)
}

// gone says why a signer's word no longer counts under a charter, or "".
func (s *Standing) gone(c *Charter, a *Act) string {
	if m, _ := c.MemberByKey(a.Key); m == nil || m.ID != a.Member {
		return "the signer is not a member any more"
	}
	return ""
}

// seatingAt counts as the gate does: under the charter in force, by members
// who are still there, with approvals that have not expired.
func (s *Standing) seatingAt(now time.Time) Seating {
	c := s.h.Charter()
	days := int64(0)
	if c != nil && s.Round > 0 {
		if p := s.ballot(c, nil).policy; p != nil {
			days = p.ApprovalDays
		}
	}
	return s.seatingUnder(c, func(a *Act) string {
		if why := s.gone(c, a); why != "" {
			return why
		}
		if now.After(a.At.AddDate(0, 0, int(days))) {
			return fmt.Sprintf("approvals count for %d days, and this one is older", days)
		}
		return ""
	})
}

func roundOf(a *Act) int64 {
	switch b := a.Body.(type) {
	case Submission:
		return b.Round
	case Vote:
		return b.Round
	case Closing:
		return b.Round
	}
	return 0
}
