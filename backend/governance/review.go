package governance

import (
	"slices"
	"strings"
	"time"
)

// A ReviewState is the review that an emergency owes after it was deployed.
type ReviewState struct {
	Subject  string `json:"subject"` // the request
	Round    int64  `json:"round"`
	Revision string `json:"revision"` // digest of the request's content
	Start    string `json:"start"`    // the first deploy.start of it
	// Deployed is when that start says it was; Due is ReviewDays later.
	Deployed time.Time `json:"deployed" ts_type:"string"`
	Due      time.Time `json:"due" ts_type:"string"`
	Done     bool      `json:"done"`
	Overdue  bool      `json:"overdue"`
	Objected []string  `json:"objected"` // reviews that count and object
	// Seating is the quorum that a Standard change would need: who reviewed it,
	// and who may.
	Seating Seating `json:"seating"`
}

// Reviews lists the reviews that emergencies owe or had, by what was deployed
// first. An emergency is deployed when its named deployer started a real
// attempt of it that is not known to have changed nothing.
func (h *History) Reviews(now time.Time) []ReviewState {
	out := []ReviewState{}
	starts := h.emergencyStarts()
	for subject, acts := range h.threads {
		if !slices.ContainsFunc(acts, isEmergency) {
			continue
		}
		st := h.RequestStanding(subject)
		for round, revisions := range st.rounds {
			for _, digest := range revisions {
				if first := starts[digest]; len(first) > 0 {
					out = append(out, st.review(round, digest, first, now))
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b ReviewState) int {
		if n := a.Deployed.Compare(b.Deployed); n != 0 {
			return n
		}
		return strings.Compare(a.Revision, b.Revision)
	})
	return out
}

func isEmergency(a *Act) bool {
	s, ok := a.Body.(Submission)
	return ok && s.Emergency && a.Broken == ""
}

// emergencyStarts are the starts that deployed an emergency, by the digest of
// its request, the first one first.
func (h *History) emergencyStarts() map[string][]*attempted {
	out := map[string][]*attempted{}
	records := map[string]bool{}
	for _, r := range h.records {
		if h.typeOf(r) == Emergency {
			records[r.ID] = true
		}
	}
	for id := range records {
		st := h.RecordStanding(id)
		for _, a := range h.attempts(id) {
			r := h.records[a.start.Revision]
			if r == nil || h.typeOf(r) != Emergency || !a.start.Kind.Real() || !a.as(a.start.Revision, r) || a.changedNothing() ||
				!slices.Contains(st.rounds[r.Round], a.start.Revision) {
				continue
			}
			out[r.RequestDigest] = append(out[r.RequestDigest], a)
		}
	}
	for _, starts := range out {
		slices.SortFunc(starts, func(a, b *attempted) int {
			if n := a.act.At.Compare(b.act.At); n != 0 {
				return n
			}
			return strings.Compare(a.act.ID, b.act.ID)
		})
	}
	return out
}

// review is the state of one, of a round of a request's standing. It is done
// when the quorum was complete under a charter that one of the reviewers had
// seen, and stays done when people leave or the policy changes later.
func (s *Standing) review(round int64, digest string, starts []*attempted, now time.Time) ReviewState {
	then := *s
	then.Round, then.Revision = round, digest
	c := s.h.Charter()
	r := ReviewState{Subject: s.Subject, Round: round, Revision: digest, Start: starts[0].act.ID, Deployed: starts[0].act.At, Objected: []string{}}
	reviews := then.reviews(starts)
	deployers := []string{}
	for _, a := range starts {
		deployers = include(deployers, a.member)
	}
	tried := map[string]bool{}
	for _, a := range reviews {
		if !tried[a.Governance] && !r.Done {
			r.Done = then.reviewedUnder(s.h.then(a), reviews, deployers).Filled
		}
		tried[a.Governance] = true
		if a.Body.(Review).Verdict == Objected {
			r.Objected = append(r.Objected, a.ID)
		}
	}
	days := int64(defaultReviewDays)
	if c != nil {
		r.Seating = then.reviewedUnder(c, reviews, deployers)
		days = c.Requests.DueAfterDays()
	}
	r.Due = r.Deployed.AddDate(0, 0, int(days))
	r.Overdue = !r.Done && now.After(r.Due)
	return r
}

// reviews are those of a deployed emergency by people who name the start that
// they looked at, and the newest charter that they had seen.
func (s *Standing) reviews(starts []*attempted) []*Act {
	return filter(s.h.good(s.Subject), func(a *Act) bool {
		r, ok := a.Body.(Review)
		return ok && r.Round == s.Round && r.Revision == s.Revision && (r.Verdict == Accepted || r.Verdict == Objected) &&
			s.h.dated(a) && s.sawSubmission(a, s.Round, s.Revision) && slices.ContainsFunc(starts, func(d *attempted) bool { return d.act.ID == r.Start })
	})
}

// reviewedUnder counts reviews as the approvals of a Standard change are
// counted under a charter. Authors and deployers do not review, whatever is
// relaxed for approvals: outside a solo workspace somebody else looks at an
// emergency at last.
func (s *Standing) reviewedUnder(c *Charter, reviews []*Act, deployers []string) Seating {
	b := s.ballot(c, reviews)
	b.kind, b.deployers = Standard, deployers
	// Who was asked by name has approved the emergency itself; an author's list
	// of them must not make a review that nobody can complete.
	b.asked, b.touches = nil, func(*Ownership) bool { return false }
	if b.policy != nil && !c.Solo {
		strict := *b.policy
		strict.AuthorMayApprove, strict.ApproverMayDeploy = false, false
		b.policy = &strict
	}
	b.counts = func(a *Act) string {
		if then := s.h.then(a); then == nil || !samePolicy(&then.Requests, &c.Requests) {
			return "the policy was changed after it; it can be given again"
		}
		return ""
	}
	return b.seat()
}

// Review returns the act by which a person reviews a deployed emergency. The
// fault not_allowed says why he cannot.
func (s Situation) Review(request string, verdict Verdict, reason string) (Intent, error) {
	owed, step, why := s.mayReview(request)
	switch {
	case owed == nil || !s.notMember().none():
	case verdict != Accepted && verdict != Objected:
		why = because("no_verdict", "A review accepts or objects.")
	case strings.TrimSpace(reason) == "":
		why = because("review_reason", "A review says what was looked at, which becomes part of the audit trail.")
	}
	if !why.none() {
		return Intent{}, why.refusal()
	}
	return Intent{Type: ActReview, Subject: request, Body: Review{Reason: reason, Revision: owed.Revision, Round: owed.Round,
		Start: owed.Start, Step: step, Verdict: verdict}}, nil
}

// MayReview says why a person cannot review a deployed emergency of a request
// now; the zero Reason if he can.
func (s Situation) MayReview(request string) Reason {
	_, _, why := s.mayReview(request)
	return why
}

// mayReview is the first review that a request owes and the seat of it that a
// person would fill, or why there is none.
func (s Situation) mayReview(request string) (owed *ReviewState, step int64, why Reason) {
	for _, r := range s.History.Reviews(s.Now) {
		if r.Subject == request && !r.Done {
			owed = &r
			break
		}
	}
	if why = s.notMember(); !why.none() {
		return owed, 0, why
	}
	if owed == nil {
		return nil, 0, because("no_review", "It owes no review.")
	}
	for _, seat := range owed.Seating.Seats {
		if seat.Member == "" && slices.Contains(seat.May, s.By) {
			return owed, seat.Step, Reason{}
		}
	}
	return owed, 0, because("review_seat", "You hold no seat of its review that is open now. {rule}", "rule", owed.Seating.Rule)
}

// emergency reports whether the approved request is one.
func (g *gate) emergency() bool { return g.req != nil && g.req.ChangeType == Emergency }

// reviews: what was deployed in an emergency was looked at afterwards. Only
// another emergency does not wait for that.
func (g *gate) reviews() {
	if g.policy == nil {
		return
	}
	overdue, who := []string{}, []string{}
	for _, r := range g.History.Reviews(g.now()) {
		if !r.Overdue {
			continue
		}
		overdue = append(overdue, r.Subject)
		for _, seat := range r.Seating.Seats {
			who = union(who, seat.May)
		}
	}
	n := int64(len(overdue))
	g.names("count", itoa(n), "subjects", strings.Join(overdue, ", "))
	g.check(n < g.policy.OverdueLimit() || g.emergency(), "reviews", "No review of an emergency keeps it back.",
		"Reviews of deployed emergencies are overdue: "+itoa(n)+". Until they are done, only another emergency is let through.",
		"Review the emergencies that were deployed.", who...)
}
