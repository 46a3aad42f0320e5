package workspace

import (
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A NextStep is the one sentence that says what happens next with a record,
// and the one action that the screen fills.
type NextStep struct {
	// Code names the kind of step: edit, submit, wait, vote, deploy, reopen,
	// complete, done, trouble and the steps of a Deployment Record.
	Code     string   `json:"code"`
	Sentence string   `json:"sentence"`
	Action   string   `json:"action"` // a lifecycle action, "new-record", a step's button, or empty
	Who      []Person `json:"who"`    // whom it waits for, if not for the person at this window
	// Said is the sentence for translation.
	Said Said `json:"said"`
}

// What a next step is of; see NextStep.Code.
const (
	nextEdit     = "edit"
	nextSubmit   = "submit"
	nextWait     = "wait"
	nextVote     = "vote"
	nextDeploy   = "deploy"
	nextReopen   = "reopen"
	nextComplete = "complete"
	nextDone     = "done"
	nextTrouble  = "trouble"
)

const actionNewRecord = "new-record"

// A situated request is what its next step depends on. Records are those of
// the request, in any order.
type situated struct {
	h       *governance.History
	st      governance.Standing
	column  governance.Status
	id      string
	authors []string
	records []store.RecordLine
	targets map[string]string // names of environments by id
	words   map[string]string // deploymentWord by record
	approve governance.ActionState
	// trouble is why nothing can happen, or empty.
	trouble string
	me      string
	now     time.Time
}

func (s situated) people() roster { return rosterOf(s.h.Charter()) }

func (s situated) mine() bool { return slices.Contains(s.authors, s.me) }

// asked asks governance what it says of an approval by the person at this
// window, which also finds a status column that was changed by hand.
func (s *situated) asked() {
	cr := governance.ChangeRequest{ID: s.id, Status: s.column, Authors: s.authors}
	sit := governance.Situation{History: s.h, By: s.me, Now: s.now}
	s.approve = actionOf(cr.Actions(sit), governance.Approve)
	s.trouble = troubleOf(s.h, s.st, s.column)
}

func troubleOf(h *governance.History, st governance.Standing, column governance.Status) string {
	switch {
	case h.Trouble() != "":
		return h.Trouble()
	case h.Charter() == nil:
		return "The charter of this workspace cannot be trusted."
	case column != st.Status:
		return "Its status was changed outside Countersign: the database says " + string(column) + ", the signed acts say " + string(st.Status) + "."
	}
	return ""
}

// next is the next step of a request that was submitted at least once, and of
// one that is final. A draft's needs its content; see draftNext.
func (w *Workspace) next(s situated) NextStep {
	if s.trouble != "" {
		return w.step(nextTrouble, "", nil, "request.trouble", "why", s.trouble)
	}
	switch s.st.Status {
	case governance.Pending:
		return w.pendingNext(s)
	case governance.Rejected:
		return w.reopenNext(s, "request.reopen.rejected", "request.wait.rejected", "reason", s.st.Reason)
	case governance.Approved:
		return w.approvedNext(s)
	case governance.Completed:
		return w.step(nextDone, "", nil, "request.done.completed")
	case governance.Cancelled:
		return w.step(nextDone, "", nil, "request.done.cancelled", "reason", s.st.Reason)
	case governance.InProgress:
	}
	if s.mine() {
		return w.step(nextSubmit, "", nil, "task.draft")
	}
	who := s.people().people(s.authors)
	return w.step(nextWait, "", who, "request.wait.draft", "who", names(who))
}

func (w *Workspace) step(code, action string, who []Person, key string, values ...any) NextStep {
	said := w.said(key, values...)
	if who == nil {
		who = []Person{}
	}
	return NextStep{Code: code, Sentence: said.Text, Action: action, Who: who, Said: said}
}

func (w *Workspace) pendingNext(s situated) NextStep {
	seats := seatsOf(s.h, s.st, s.now)
	open, who := seats.open()
	if key, values := voteSaid(s.h, s.st, s.approve); key != "" {
		return w.step(nextVote, string(governance.Approve), nil, key, values...)
	}
	if len(who) == 0 && len(open) > 0 && open[0].Role == "" {
		return w.step(nextWait, "", nil, "request.wait.named", "why", open[0].Why)
	}
	if len(who) == 0 && len(open) > 0 {
		return w.step(nextWait, "", nil, "request.wait.nobody", "role", string(open[0].Role))
	}
	return w.step(nextWait, "", who, "request.wait.seats", "filled", len(seats.Seats)-len(open), "seats", len(seats.Seats), "who", names(who))
}

// reopenNext lets an author reopen, and others wait for one.
func (w *Workspace) reopenNext(s situated, mine, others string, values ...any) NextStep {
	if s.mine() {
		return w.step(nextReopen, string(governance.Reopen), nil, mine, values...)
	}
	who := s.people().people(s.authors)
	return w.step(nextWait, "", who, others, append(values, "who", names(who))...)
}

func (w *Workspace) approvedNext(s situated) NextStep {
	live := slices.DeleteFunc(slices.Clone(s.records), func(r store.RecordLine) bool { return s.h.RecordStanding(r.ID).Status == governance.Cancelled })
	open := slices.DeleteFunc(slices.Clone(live), func(r store.RecordLine) bool { return s.h.RecordStanding(r.ID).Status == governance.Completed })
	seats := seatsOf(s.h, s.st, s.now)
	switch {
	case len(live) > 0 && len(open) == 0:
		return w.completeNext(s)
	case seats.Filled && seats.Expired:
		return w.reopenNext(s, "request.reopen.expired", "request.wait.expired", "at", seats.Expires)
	case !seats.Filled:
		return w.reopenNext(s, "request.reopen.seats", "request.wait.uncounted")
	case len(open) > 0:
		last := open[len(open)-1]
		return w.step(nextDeploy, "", nil, "request.records", "record", labelOf("DR", last.Number), "recordId", last.ID, "target", s.targets[last.TargetID], "status", s.statusOf(last))
	}
	if me := s.people().member(s.me); s.mine() || me.Has(governance.Requester) || me.Has(governance.ReleaseManager) {
		return w.step(nextDeploy, actionNewRecord, nil, "request.record")
	}
	who := s.people().people(s.authors)
	return w.step(nextWait, "", who, "request.wait.record", "who", names(who))
}

// statusOf is the word of a record's last attempt, or its status.
func (s situated) statusOf(r store.RecordLine) string {
	if word := s.words[r.ID]; word != "" {
		return word
	}
	return string(s.h.RecordStanding(r.ID).Status)
}

func (w *Workspace) completeNext(s situated) NextStep {
	if s.mine() || s.people().member(s.me).Has(governance.ReleaseManager) {
		return w.step(nextComplete, string(governance.Complete), nil, "request.complete")
	}
	who := s.people().people(s.authors)
	return w.step(nextWait, "", who, "request.wait.complete", "who", names(who))
}

// waits reports whether a step is what the person at this window is to do: a
// vote, or an author's reopening, Deployment Record or completion. Drafts do
// not count; they are on the first page in a list of their own.
func (s situated) waits(n NextStep) bool {
	switch n.Code {
	case nextVote:
		return true
	case nextReopen, nextComplete:
		return s.mine()
	case nextDeploy:
		return s.mine() && n.Action == actionNewRecord
	}
	return false
}

// draftNext is the next step of a draft.
func (w *Workspace) draftNext(s situated, cr *governance.ChangeRequest, submit governance.ActionState, expected Seats) NextStep {
	if s.trouble != "" {
		return w.next(s)
	}
	if !s.mine() && len(s.authors) > 0 {
		who := s.people().people(s.authors)
		return w.step(nextWait, "", who, "request.wait.draft", "who", names(who))
	}
	if gap := gapOf(cr); gap != "" {
		return w.step(nextEdit, "", nil, "request.edit."+gap)
	}
	if !submit.Allowed {
		return w.step(nextEdit, "", nil, "request.edit.other", "why", whySaid(submit))
	}
	if len(expected.Seats) == 0 {
		return w.step(nextSubmit, string(governance.Submit), nil, "request.submit.closed", "why", expected.Rule)
	}
	roles := make([]string, len(expected.Seats))
	for i, seat := range expected.Seats {
		if roles[i] = string(seat.Role); seat.Role == "" { // asked by name, one of them
			roles[i] = strings.ReplaceAll(names(seat.May), ", ", " / ")
		}
	}
	return w.step(nextSubmit, string(governance.Submit), nil, "request.submit", "seats", len(roles), "roles", strings.Join(roles, ", "))
}

// gapOf names what a draft lacks first, or is empty. Governance has the last
// word; this only tells which field to lead a person to.
func gapOf(cr *governance.ChangeRequest) string {
	switch {
	case strings.TrimSpace(cr.Name) == "":
		return "name"
	case strings.TrimSpace(cr.Overview) == "":
		return "overview"
	case !slices.Contains(governance.ChangeTypes(), cr.Type):
		return "type"
	case cr.Type == governance.Emergency && strings.TrimSpace(cr.EmergencyReason) == "":
		return "emergency"
	case cr.Type == governance.Emergency && strings.TrimSpace(cr.Incident) == "":
		return "incident"
	case len(cr.Customizations) == 0 && len(cr.Manifests) == 0 && len(cr.ChangeSets) == 0:
		return "content"
	}
	return ""
}
