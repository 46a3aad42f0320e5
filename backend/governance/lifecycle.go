package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Status is where a Change Request or Deployment Record stands.
type Status string

// The statuses. Completed and Cancelled are final.
const (
	InProgress Status = "In Progress"
	Pending    Status = "Pending Approval"
	Approved   Status = "Approved"
	Rejected   Status = "Rejected"
	Completed  Status = "Completed"
	Cancelled  Status = "Cancelled"
)

// Statuses lists every status in the order of the path.
func Statuses() []Status {
	return []Status{InProgress, Pending, Approved, Rejected, Completed, Cancelled}
}

// An Action moves a record along its lifecycle. Its act type is "cr." or "dr."
// and the action.
type Action string

// The lifecycle actions.
const (
	Submit   Action = "submit"
	Approve  Action = "approve"
	Reject   Action = "reject"
	Withdraw Action = "withdraw"
	Recall   Action = "recall"
	Complete Action = "complete"
	Reopen   Action = "reopen"
	Cancel   Action = "cancel"
)

// A Transition is one row of the lifecycle.
type Transition struct {
	From   Status
	Action Action
	To     Status
}

// Lifecycle is the one table. Approve stays in Pending Approval until the last
// seat is filled. Withdraw leaves Approved only if the vote was needed, and
// Rejected for Approved if every seat was filled beside the rejection.
func Lifecycle() []Transition {
	return []Transition{
		{InProgress, Submit, Pending},
		{Pending, Approve, Approved},
		{Pending, Reject, Rejected},
		{Pending, Withdraw, Pending},
		{Pending, Recall, InProgress},
		{Approved, Complete, Completed},
		{Approved, Withdraw, Pending},
		{Approved, Reopen, InProgress},
		{Rejected, Withdraw, Pending},
		{Rejected, Reopen, InProgress},
		{InProgress, Cancel, Cancelled},
		{Pending, Cancel, Cancelled},
		{Approved, Cancel, Cancelled},
		{Rejected, Cancel, Cancelled},
	}
}

// Actions lists every action in the order in which screens show them.
func Actions() []Action {
	return []Action{Submit, Approve, Reject, Withdraw, Recall, Complete, Reopen, Cancel}
}

var verbs = map[Action]string{Submit: "submitted", Approve: "approved", Reject: "rejected", Withdraw: "withdrawn", Recall: "recalled", Complete: "completed", Reopen: "reopened", Cancel: "cancelled"}

// An ActionState says whether a person may do something now, and otherwise
// why not. Screens draw their buttons from it and never decide again.
type ActionState struct {
	Action  Action `json:"action"`
	Allowed bool   `json:"allowed"`
	Why     string `json:"why"`
	// Code and Params are what a translation of Why is made of.
	Code   string            `json:"code,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// NeedsReason asks for a sentence that becomes part of the act.
	NeedsReason bool `json:"needsReason"`
	// Step is the approval step that an Approve would fill.
	Step int64 `json:"step"`
	// For are those in whose place the person may approve or reject, also where
	// he may not in his own.
	For []Proxy `json:"for,omitempty"`
}

// A Proxy is somebody in whose place a person may vote.
type Proxy struct {
	Delegation string `json:"delegation"` // the act that allows it
	Member     string `json:"member"`
	Step       int64  `json:"step"`
}

// Refusal says why an action with that reason would be refused, nil if it would
// not. Faults: not_allowed, reason_needed.
func (st ActionState) Refusal(reason string) error {
	if !st.Allowed {
		return Reason{Code: st.Code, Text: st.Why, Params: st.Params}.refusal()
	}
	if st.NeedsReason && strings.TrimSpace(reason) == "" {
		return Faultf("reason_needed", "This needs a reason, which becomes part of the audit trail.").WithHint("Write one sentence and try again.")
	}
	return nil
}

// SeenOther is the fault seen_other: a person decides about content that is not
// the one they looked at.
func SeenOther(what string) *Fault {
	return Faultf("seen_other", "%s is not what you looked at any more.", what).WithHint("Look at it as it is now, then decide.")
}

// A Situation is what an action depends on beside the record itself.
type Situation struct {
	History *History
	By      string // member id
	// ActiveAttempt: an attempt of the record, or of one of the request's
	// records, is under way (intent to unknown).
	ActiveAttempt bool
	// ResultWaits: an attempt has ended, and its deployer's key was not there to
	// sign the result.
	ResultWaits bool
	// Records are the request's records, for Complete on a request.
	Records []DeploymentRecord
	// Now lets whose approval expired while others were missing approve again;
	// the zero time looks at no expiry.
	Now time.Time
}

// A Deed is an action as a person asks for it.
type Deed struct {
	Action Action
	Reason string
	// Revision is the digest of what is submitted; only for Submit.
	Revision string
	// Delegation is the act that lets the person approve or reject in another's
	// place, or empty.
	Delegation string
}

// Actions returns every action on the request with allowed, and otherwise why.
func (cr *ChangeRequest) Actions(s Situation) []ActionState {
	return s.actions(cr.matter(s))
}

// Do returns the act that an action makes of the request, or a Fault that says
// why it cannot be done.
func (cr *ChangeRequest) Do(s Situation, d Deed) (Intent, error) {
	return s.do(cr.matter(s), d)
}

// Locked reports whether the content can be edited by nobody now.
func (cr *ChangeRequest) Locked() bool { return cr.Status != InProgress }

// Actions returns every action on the record with allowed, and otherwise why.
func (dr *DeploymentRecord) Actions(s Situation) []ActionState {
	return s.actions(dr.matter(s))
}

// Do returns the act that an action makes of the record, or a Fault that says
// why it cannot be done.
func (dr *DeploymentRecord) Do(s Situation, d Deed) (Intent, error) {
	return s.do(dr.matter(s), d)
}

// Locked reports whether the content can be edited by nobody now.
func (dr *DeploymentRecord) Locked() bool { return dr.Status != InProgress }

// A matter is a request or a record as the lifecycle sees it.
type matter struct {
	word     string // "change request"
	prefix   string
	standing Standing
	authors  []string
	request  *ChangeRequest
	record   *DeploymentRecord
}

func (cr *ChangeRequest) matter(s Situation) matter {
	st := s.seen(s.History.RequestStanding(cr.ID))
	return matter{word: "change request", prefix: requestPrefix, standing: st, authors: union(st.Authors, cr.Authors), request: cr}
}

func (dr *DeploymentRecord) matter(s Situation) matter {
	st := s.seen(s.History.RecordStanding(dr.ID))
	return matter{word: "deployment record", prefix: recordPrefix, standing: st, authors: union(st.Authors, dr.Authors), record: dr}
}

// seen is a standing without the approvals that have expired.
func (s Situation) seen(st Standing) Standing {
	if st.Status == Pending && !s.Now.IsZero() {
		st.Seating = st.seatingAt(s.Now)
	}
	return st
}

func union(a, b []string) []string {
	for _, s := range b {
		a = include(a, s)
	}
	return a
}

func (s Situation) actions(m matter) []ActionState {
	out := []ActionState{}
	for _, a := range Actions() {
		out = append(out, s.state(m, a))
	}
	return out
}

func (s Situation) do(m matter, d Deed) (Intent, error) {
	st := s.state(m, d.Action)
	if d.Delegation != "" {
		st = st.InPlace(d.Delegation)
	}
	if err := st.Refusal(d.Reason); err != nil {
		return Intent{}, err
	}
	in := Intent{Type: ActType(m.prefix + string(d.Action)), Subject: m.standing.Subject}
	switch d.Action {
	case Submit:
		in.Body = Submission{Authors: union(m.authors, []string{s.By}), Emergency: m.request != nil && m.request.Type == Emergency,
			Revision: d.Revision, Round: m.standing.Round + 1}
	case Approve, Reject:
		in.Body = Vote{Delegation: d.Delegation, Reason: d.Reason, Revision: m.standing.Revision, Round: m.standing.Round, Step: st.Step}
	case Withdraw:
		in.Body = Withdrawal{Act: m.standing.lastVote(s.By).ID, Reason: d.Reason, Revision: m.standing.Revision, Round: m.standing.Round}
	case Recall, Complete, Reopen, Cancel:
		in.Body = Closing{Reason: d.Reason, Revision: m.standing.Revision, Round: m.standing.Round}
	default:
		return Intent{}, Faultf("unknown_action", "There is no action %q.", d.Action)
	}
	return in, nil
}

func (s Situation) state(m matter, a Action) ActionState {
	st := ActionState{Action: a, For: []Proxy{}}
	why := s.blocked(m, a)
	if why.none() {
		why = s.stopped(m, a, &st)
	}
	st.Allowed = why.none()
	st.Why, st.Code, st.Params = why.Text, why.Code, why.Params
	if st.Params == nil {
		st.Params = map[string]string{}
	}
	return st
}

// stopped says what stands against an action by this person, and notes what the
// action needs.
func (s Situation) stopped(m matter, a Action, st *ActionState) (why Reason) {
	author := slices.Contains(m.authors, s.By)
	switch a {
	case Submit:
		return s.submitBlocked(m)
	case Approve:
		st.For = s.proxies(m, a)
		st.Step, why = s.approveBlocked(m)
	case Reject:
		st.NeedsReason = true
		st.For = s.proxies(m, a)
		return s.rejectBlocked(m)
	case Withdraw:
		st.NeedsReason = true
		if m.standing.lastVote(s.By) == nil {
			why = because("no_vote", "You have given no vote in this round that you could withdraw.")
		}
	case Recall, Reopen:
		if !author {
			why = because("author_only", "Only an author of this {matter} can do this.", "matter", m.word)
		}
	case Complete:
		st.NeedsReason = s.unfinished(m) != ""
		if !author && !s.me().Has(ReleaseManager) {
			why = because("complete_who", "Only an author or a release manager can complete this.")
		}
	case Cancel:
		st.NeedsReason = true
		if !author && !s.me().Has(Owner) {
			why = because("cancel_who", "Only an author or an owner can cancel this.")
		}
	default:
		why = because("unknown_action", "There is no action \"{action}\".", "action", string(a))
	}
	return why
}

// blocked says what stands against an action whoever does it.
func (s Situation) blocked(m matter, a Action) Reason {
	if why := s.notMember(); !why.none() {
		return why
	}
	status := m.standing.Status
	if !slices.ContainsFunc(Lifecycle(), func(t Transition) bool { return t.From == status && t.Action == a }) {
		return because("status", "It is {status}; it cannot be {verb} now.", "status", string(status), "verb", verbs[a])
	}
	if column := m.column(); column != status {
		return because("altered", "Its status was changed outside Countersign: the database says {column}, the signed acts say {status}.", "column", string(column), "status", string(status))
	}
	if s.ActiveAttempt && slices.Contains([]Action{Withdraw, Recall, Reopen, Cancel, Complete}, a) {
		return because("attempt_running", "A deployment of it is under way. Wait until it has ended, or cancel it.")
	}
	if s.ResultWaits && a == Complete {
		return because("result_waits", "The result of its deployment is not signed yet. That happens by itself where the key of the person who deployed is unlocked.")
	}
	return Reason{}
}

// notMember says why a person can sign nothing here but a change of the
// charter.
func (s Situation) notMember() Reason {
	if trouble := s.History.Trouble(); trouble != "" {
		return because("charter_trouble", "{message}", "message", trouble)
	}
	switch {
	case s.me() == nil || !s.History.Charter().Live(s.By):
		return because("not_member", "You are not a member of this workspace.")
	case s.me().Has(Recovery):
		return because("recovery_only", "This is a recovery key. It endorses changes of the charter and can do nothing else.")
	}
	return Reason{}
}

func (m matter) column() Status {
	if m.request != nil {
		return m.request.Status
	}
	return m.record.Status
}

func (s Situation) me() *Member {
	if c := s.History.Charter(); c != nil {
		return c.Member(s.By)
	}
	return nil
}

// approveBlocked is the seat that the person would fill, or why there is none.
// Of several it is the one that fewest others could fill, so that who is asked
// by name keeps the seat that nobody else can take.
func (s Situation) approveBlocked(m matter) (int64, Reason) {
	var best *SeatState
	for i := range m.standing.Seating.Seats {
		seat := &m.standing.Seating.Seats[i]
		if seat.Member != "" || !slices.Contains(seat.May, s.By) {
			continue
		}
		if best == nil || len(seat.May) < len(best.May) || len(seat.May) == len(best.May) && best.Role != "" && seat.Role == "" {
			best = seat
		}
	}
	if best != nil {
		return best.Step, Reason{}
	}
	b := m.standing.ballot(s.History.Charter(), nil)
	for _, seat := range m.standing.Seating.Seats {
		if seat.Member == s.By {
			return 0, because("approved_already", "You have approved it already.")
		}
	}
	rule := m.standing.Seating.Rule
	switch {
	case b.policy == nil:
		return 0, because("no_rule", "{rule}", "rule", rule)
	case slices.Contains(b.authors, s.By) && !b.policy.AuthorMayApprove:
		return 0, because("author_approves", "You are an author of this {matter}; authors do not approve their own change.", "matter", m.word)
	case slices.Contains(b.deployers, s.By) && !b.policy.ApproverMayDeploy:
		return 0, because("deployer_approves", "You are named to deploy it; the person who deploys does not approve.")
	}
	return 0, because("no_seat", "You hold no seat that is open now. {rule}", "rule", rule)
}

func (s Situation) rejectBlocked(m matter) Reason {
	b, me := m.standing.ballotUnder(s.History.Charter()), s.me()
	rule := b.rule()
	if rule == nil || !slices.ContainsFunc(b.posts(rule), func(p post) bool { return p.takes(s.By, me.Has) }) {
		return because("reject_role", "Only a holder of a seat's role can reject. {rule}", "rule", m.standing.Seating.Rule)
	}
	return Reason{}
}

// unfinished says why completing needs a reason, or "".
func (s Situation) unfinished(m matter) string {
	if m.record != nil {
		if !s.History.deployed(m.record.ID, m.standing.Revision) {
			return "Its last deployment did not succeed wholly."
		}
		return ""
	}
	done := false
	for _, r := range s.Records {
		st := s.History.RecordStanding(r.ID).Status
		if st != Completed && st != Cancelled {
			return fmt.Sprintf("%s is %s.", r.Label(), st)
		}
		done = done || st == Completed
	}
	if !done {
		return "None of its deployment records is completed."
	}
	return ""
}

// deployed reports whether the last real attempt of a revision succeeded
// wholly, by the start and the result that its deployer signed.
func (h *History) deployed(record, revision string) bool {
	ok := false
	for _, a := range h.attempts(record) {
		if a.start.Kind.Real() && a.as(revision, h.Record(revision)) {
			ok = a.succeeded()
		}
	}
	return ok
}
