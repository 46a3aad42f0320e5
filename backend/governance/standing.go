package governance

import (
	"fmt"
	"slices"
	"strings"
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

	prefix  string
	rounds  map[int64][]string  // revisions submitted in each round, sorted
	submits []*Act              // the submissions that count
	votes   []*Act              // approvals of this round and revision
	given   []*Act              // these and its rejections: what can be withdrawn
	kin     map[string][]string // authors by request, of a record's requests
	h       *History
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
	submits, approvals, rejections, withdrawals, recalls, reopens, cancels, completes []*Act
}

func (h *History) standing(id, prefix string) Standing {
	s := Standing{Subject: id, Status: InProgress, Authors: []string{}, Trouble: []string{}, prefix: prefix, rounds: map[int64][]string{}, kin: map[string][]string{}, h: h}
	if h.missing[id] {
		s.Trouble = append(s.Trouble, "Part of its history is missing on this machine.")
	}
	all := h.sortActs(id, prefix)
	s.openRounds(all)
	inRound := func(acts []*Act) []*Act {
		return filter(acts, func(a *Act) bool { return roundOf(a) == s.Round })
	}
	if c := s.completed(all); c != nil { // final: a round that was submitted later is none
		s.Round, s.Revision = c.Body.(Closing).Round, c.Body.(Closing).Revision
	}
	if s.Round > 0 {
		s.votes = s.kept(s.votesFor(all.approvals, s.Round, s.Revision), all.withdrawals)
		s.given = slices.Concat(s.votes, filter(s.kept(inRound(all.rejections), all.withdrawals), s.mayReject))
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
		case ActType(prefix + string(Withdraw)):
			r.withdrawals = append(r.withdrawals, a)
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

// openRounds follows the rounds from the first on. What somebody submits who
// may not, without naming himself an author, or while the round before still
// stands, is not a submission; it neither opens a round nor spoils one.
func (s *Standing) openRounds(all roundActs) {
	for round := int64(1); ; round++ {
		opened := []*Act{}
		for _, a := range all.submits {
			sub := a.Body.(Submission)
			if sub.Round == round && slices.Contains(sub.Authors, a.Member) && s.h.maySubmit(a) && s.endedFor(a, all) && !s.sawAny(a, opened) {
				switch {
				case s.knows(sub) && s.agrees(sub):
					opened = append(opened, a)
				case !s.knows(sub):
					s.Trouble = append(s.Trouble, fmt.Sprintf("What %s submitted in round %d is missing on this machine.", nameOf(s.h.Charter(), a.Member), round))
				}
			}
		}
		if len(opened) == 0 {
			break
		}
		s.openRound(round, opened)
	}
	if contents := s.rounds[s.Round]; len(contents) > 0 {
		s.Revision = contents[len(contents)-1] // sorted: the same on every machine
		if len(contents) > 1 {
			s.Trouble = append(s.Trouble, fmt.Sprintf("Different contents were submitted in round %d.", s.Round))
		}
	}
}

func (s *Standing) openRound(round int64, opened []*Act) {
	s.Round = round
	s.submits = append(s.submits, opened...)
	for _, a := range opened {
		sub := a.Body.(Submission)
		s.rounds[round] = include(s.rounds[round], sub.Revision)
		for _, m := range sub.Authors {
			s.Authors = include(s.Authors, m)
		}
	}
}

// endedFor reports whether the signer of a submission had seen an author end
// the round that stands so far. The first round has none before it.
func (s *Standing) endedFor(submit *Act, all roundActs) bool {
	ends := func(a *Act) bool {
		return roundOf(a) == s.Round && slices.Contains(s.Authors, a.Member) && s.h.before(a, submit)
	}
	return s.Round == 0 || slices.ContainsFunc(all.recalls, ends) || slices.ContainsFunc(all.reopens, ends)
}

func (s *Standing) sawAny(a *Act, acts []*Act) bool {
	return slices.ContainsFunc(acts, func(b *Act) bool { return s.h.before(b, a) })
}

// sawSubmission reports whether an act's signer had seen a submission of a
// round, of one revision unless that is empty. Nobody decides about what he has
// not seen, and whoever has seen it cannot deny the charter that it names.
func (s *Standing) sawSubmission(a *Act, round int64, revision string) bool {
	return slices.ContainsFunc(s.submits, func(b *Act) bool {
		sub := b.Body.(Submission)
		return sub.Round == round && (revision == "" || sub.Revision == revision) && s.h.before(b, a)
	})
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

// agrees reports whether a submission says of its revision what that is: an
// Emergency, which gives its reason and its incident, or none. A record is as
// urgent as its request.
func (s *Standing) agrees(sub Submission) bool {
	r := s.h.requests[sub.Revision]
	if s.prefix == recordPrefix || r == nil {
		return !sub.Emergency
	}
	said := strings.TrimSpace(r.EmergencyReason) != "" && strings.TrimSpace(r.Incident) != ""
	if r.ChangeType == Emergency {
		return sub.Emergency && said
	}
	return !sub.Emergency && r.EmergencyReason == "" && r.Incident == ""
}

func maySubmit(m *Member) bool { return m.Has(Requester) || m.Has(ReleaseManager) }

func (h *History) maySubmit(a *Act) bool { return h.held(a, Requester) || h.held(a, ReleaseManager) }

// fold decides the status. An end of the round wins over votes, even
// concurrent ones, and Cancel wins over Complete. A rejection that was taken
// back has ended nothing.
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
	for _, a := range s.kept(inRound(all.rejections), all.withdrawals) {
		if s.mayReject(a) {
			s.Reason = a.Body.(Vote).Reason
			return Rejected
		}
	}
	if s.wasFilled(s.votes) {
		return Approved
	}
	return Pending
}

// validCloser reports whether the signer was an author, or held the role and
// had seen what he closes.
func (s *Standing) validCloser(a *Act, role Role) bool {
	switch {
	case slices.Contains(s.Authors, a.Member):
		return true
	case s.Round == 0: // a draft that was never submitted has no signed authors
		return s.h.maySubmit(a) || role != "" && s.h.held(a, role)
	}
	return role != "" && s.h.held(a, role) && s.sawSubmission(a, roundOf(a), "")
}

// completed is the first completion that counts: by an author or release
// manager, of a round that was approved in what its signer had seen and that
// nobody had ended there.
func (s *Standing) completed(all roundActs) *Act {
	for _, a := range all.completes {
		c := a.Body.(Closing)
		if !slices.Equal(s.rounds[c.Round], []string{c.Revision}) || !s.validCloser(a, ReleaseManager) {
			continue
		}
		then := *s
		then.Round, then.Revision = c.Round, c.Revision
		earlier := func(acts []*Act) []*Act {
			return filter(acts, func(b *Act) bool { return s.h.before(b, a) })
		}
		votes := then.kept(earlier(s.votesFor(all.approvals, c.Round, c.Revision)), earlier(all.withdrawals))
		if !then.ended(all, earlier) && then.wasFilled(votes) {
			return a
		}
	}
	return nil
}

// ended reports whether the round was recalled, reopened or rejected by one of
// the acts that count.
func (s *Standing) ended(all roundActs, counting func([]*Act) []*Act) bool {
	closes := func(a *Act) bool { return roundOf(a) == s.Round && s.validCloser(a, "") }
	rejects := func(a *Act) bool { return roundOf(a) == s.Round && s.mayReject(a) }
	return slices.ContainsFunc(counting(all.recalls), closes) || slices.ContainsFunc(counting(all.reopens), closes) ||
		slices.ContainsFunc(s.kept(counting(all.rejections), counting(all.withdrawals)), rejects)
}

// clockSlack is how far the clocks of two machines may differ.
const clockSlack = 24 * time.Hour

func roundOf(a *Act) int64 {
	switch b := a.Body.(type) {
	case Submission:
		return b.Round
	case Vote:
		return b.Round
	case Withdrawal:
		return b.Round
	case Review:
		return b.Round
	case Closing:
		return b.Round
	}
	return 0
}
