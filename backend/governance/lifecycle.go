package governance

import (
	"fmt"
	"slices"
	"strconv"
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
// seat is filled.
func Lifecycle() []Transition {
	return []Transition{
		{InProgress, Submit, Pending},
		{Pending, Approve, Approved},
		{Pending, Reject, Rejected},
		{Pending, Recall, InProgress},
		{Approved, Complete, Completed},
		{Approved, Reopen, InProgress},
		{Rejected, Reopen, InProgress},
		{InProgress, Cancel, Cancelled},
		{Pending, Cancel, Cancelled},
		{Approved, Cancel, Cancelled},
		{Rejected, Cancel, Cancelled},
	}
}

// Actions lists every action in the order in which screens show them.
func Actions() []Action { return []Action{Submit, Approve, Reject, Recall, Complete, Reopen, Cancel} }

var verbs = map[Action]string{Submit: "submitted", Approve: "approved", Reject: "rejected", Recall: "recalled", Complete: "completed", Reopen: "reopened", Cancel: "cancelled"}

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
}

// Refusal says why an action with that reason would be refused, nil if it would
// not. Faults: not_allowed, reason_needed.
func (st ActionState) Refusal(reason string) error {
	if !st.Allowed {
		return Faultf("not_allowed", "%s", st.Why).WithHint("Choose another action, or ask someone who may do it.")
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
	if err := st.Refusal(d.Reason); err != nil {
		return Intent{}, err
	}
	in := Intent{Type: ActType(m.prefix + string(d.Action)), Subject: m.standing.Subject}
	switch d.Action {
	case Submit:
		in.Body = Submission{Authors: union(m.authors, []string{s.By}), Revision: d.Revision, Round: m.standing.Round + 1}
	case Approve, Reject:
		in.Body = Vote{Reason: d.Reason, Revision: m.standing.Revision, Round: m.standing.Round, Step: st.Step}
	case Recall, Complete, Reopen, Cancel:
		in.Body = Closing{Reason: d.Reason, Revision: m.standing.Revision, Round: m.standing.Round}
	default:
		return Intent{}, Faultf("unknown_action", "There is no action %q.", d.Action)
	}
	return in, nil
}

func (s Situation) state(m matter, a Action) ActionState {
	st := ActionState{Action: a}
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
		st.Step, why = s.approveBlocked(m)
	case Reject:
		st.NeedsReason = true
		return s.rejectBlocked(m)
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
	if trouble := s.History.Trouble(); trouble != "" {
		return because("charter_trouble", "{message}", "message", trouble)
	}
	if s.me() == nil || !s.History.Charter().Live(s.By) {
		return because("not_member", "You are not a member of this workspace.")
	}
	status := m.standing.Status
	if !slices.ContainsFunc(Lifecycle(), func(t Transition) bool { return t.From == status && t.Action == a }) {
		return because("status", "It is {status}; it cannot be {verb} now.", "status", string(status), "verb", verbs[a])
	}
	if column := m.column(); column != status {
		return because("altered", "Its status was changed outside Countersign: the database says {column}, the signed acts say {status}.", "column", string(column), "status", string(status))
	}
	if s.ActiveAttempt && slices.Contains([]Action{Recall, Reopen, Cancel, Complete}, a) {
		return because("attempt_running", "A deployment of it is under way. Wait until it has ended, or cancel it.")
	}
	if s.ResultWaits && a == Complete {
		return because("result_waits", "The result of its deployment is not signed yet. That happens by itself where the key of the person who deployed is unlocked.")
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

func (s Situation) submitBlocked(m matter) Reason {
	if !maySubmit(s.me()) {
		return because("submit_role", "Only a requester or a release manager can submit.")
	}
	if len(m.authors) > 0 && !slices.Contains(m.authors, s.By) {
		return because("submit_author", "Only an author of this {matter} can submit it. Edit it to become one.", "matter", m.word)
	}
	if m.request != nil {
		return m.request.incomplete()
	}
	return s.recordIncomplete(m.record)
}

func (cr *ChangeRequest) incomplete() Reason {
	switch {
	case strings.TrimSpace(cr.Name) == "":
		return because("no_name", "It has no name yet.")
	case strings.TrimSpace(cr.Overview) == "":
		return because("no_overview", "The Change Overview is empty; approvers need to know what changes and why.")
	case !slices.Contains(ChangeTypes(), cr.Type):
		return because("change_type", "{type} is not a Change Type. Choose Minor, Standard or Major.", "type", strconv.Quote(string(cr.Type)))
	case len(cr.Customizations) == 0 && len(cr.Manifests) == 0 && len(cr.ChangeSets) == 0:
		return because("no_content", "It names no customization, package manifest or change set yet.")
	}
	return Reason{}
}

func (s Situation) recordIncomplete(dr *DeploymentRecord) Reason {
	req := s.History.RequestStanding(dr.RequestID)
	c := s.History.Charter()
	switch {
	case strings.TrimSpace(dr.Name) == "":
		return because("no_name", "It has no name yet.")
	case req.Status != Approved:
		return because("request_status", "Its change request is {status}; a deployment needs an approved one.", "status", string(req.Status))
	case dr.SourceOrg == "" || dr.TargetOrg == "":
		return because("not_tested", "Test Connection has not succeeded for both environments yet.")
	case dr.SourceOrg == dr.TargetOrg:
		return because("same_org", "Source and target are the same org.")
	case dr.Package == "" || dr.Base == "" || dr.Reverse == "":
		return because("not_scanned", "Run Scan has not brought the content of both environments yet.")
	case dr.RequestDigest != req.Revision:
		return because("other_content", "Its change request was approved with other content. Run Scan again.")
	case dr.TargetKind == Production && !dr.Options.RollbackOnError:
		return because("rollback_on_error", "A deployment to production always rolls back on an error.")
	case dr.Options.TestLevel == RunSpecifiedTests && len(dr.Options.Tests) == 0:
		return because("no_tests", "The test level RunSpecifiedTests needs the names of tests.")
	case !c.Live(dr.Deployer):
		return because("no_deployer", "It does not name the person who will deploy it.")
	}
	if r := s.History.Request(req.Revision); r != nil {
		if why := r.unasked(dr.Customizations, dr.Kind, dr.Whole); !why.none() {
			return why
		}
	}
	return s.deployerUnfit(dr, req, c)
}

// deployerUnfit says why the person named cannot deploy a record.
func (s Situation) deployerUnfit(dr *DeploymentRecord, req Standing, c *Charter) Reason {
	p := c.PolicyFor(dr.TargetKind, dr.TargetOrg)
	if p == nil {
		return because("no_policy", "No policy rules deployments to this environment ({kind}), so nothing can be deployed there.", "kind", string(dr.TargetKind))
	}
	who := nameOf(c, dr.Deployer)
	if p.DeployerRole != "" && !c.Member(dr.Deployer).Has(p.DeployerRole) {
		return because("deployer_role", "{who} is named to deploy, but is not a {role}.", "who", who, "role", string(p.DeployerRole))
	}
	if !p.AuthorMayDeploy && slices.Contains(union(union(req.Authors, dr.Authors), []string{s.By}), dr.Deployer) {
		return because("author_deploys", "{who} is an author; authors do not deploy to this environment.", "who", who)
	}
	if slices.Contains(s.countedMembers(req), dr.Deployer) && !p.ApproverMayDeploy {
		return because("approver_deploys", "{who} approved the change request; approvers do not deploy.", "who", who)
	}
	return Reason{}
}

func (s Situation) countedMembers(st Standing) []string {
	out := []string{}
	for _, seat := range st.Seating.Seats {
		out = include(out, seat.Member)
	}
	return out
}

func (s Situation) approveBlocked(m matter) (int64, Reason) {
	for _, seat := range m.standing.Seating.Seats {
		if seat.Member == "" && slices.Contains(seat.May, s.By) {
			return seat.Step, Reason{}
		}
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
	case s.By == b.deployer && !b.policy.ApproverMayDeploy:
		return 0, because("deployer_approves", "You are named to deploy it; the person who deploys does not approve.")
	}
	return 0, because("no_seat", "You hold no seat that is open now. {rule}", "rule", rule)
}

func (s Situation) rejectBlocked(m matter) Reason {
	rule, me := m.standing.ballotUnder(s.History.Charter()).rule(), s.me()
	if rule == nil || !slices.ContainsFunc(rule.Steps, func(st ApprovalStep) bool { return me.Has(st.Role) }) {
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
