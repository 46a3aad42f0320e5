package workspace

import (
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
)

// noIdentity asks the gate without asking the target who it is.
var noIdentity salesforce.Identity

var stepEnglish = map[string]string{
	"environments.done":        "{source} answered {sourceAt ago} and {target} {targetAt ago}.",
	"environments.untested":    "Test Connection has not succeeded for {environment} yet.",
	"environments.credentials": "There are no credentials for {environment} on this computer.",
	"scan.none":                "Run Scan has not brought the content of {source} and {target} yet.",
	"scan.stale":               "The change request was approved with other content since then.",
	"scan.running":             "{source} and {target} are being scanned.",
	"scan.done":                "{total:customization|customizations}: {new} new, {changed} changed, {same} same.",
	"scan.deletes":             "{total:customization|customizations}: {new} new, {changed} changed, {same} same, {deleted} to be deleted.",
	"approval.none":            "It was not submitted for approval yet.",
	"approval.waiting":         "{filled} of {seats:seat is|seats are} filled.",
	"approval.done":            "{seats:seat is|seats are} filled, for the content {digest}.",
	"approval.expired":         "An approval has expired or no longer counts.",
	"approval.rejected":        "It was rejected: {reason}",
	"approval.cancelled":       "It was cancelled: {reason}",
	"retrieve.none":            "The package was not retrieved yet.",
	"retrieve.running":         "The package is being retrieved.",
	"retrieve.done":            "The package was retrieved {at ago} and is exactly what was approved.",
	"retrieve.target":          "The package was retrieved {at ago} and is exactly what was approved, but {target} was changed after the approval.",
	"dependencies.none":        "Dependencies were not checked yet.",
	"dependencies.skipped":     "It ended without a check of its dependencies.",
	"dependencies.running":     "Dependencies are being checked.",
	"dependencies.stale":       "Dependencies were checked {at ago}, for other content.",
	"dependencies.done":        "{total:reference|references}: {inTarget} in the target, {inPackage} in the package, {missing} missing.",
	"dependencies.problems":    "{total:reference|references}: {inTarget} in the target, {inPackage} in the package, {missing} missing, {nowhere} in neither org, {deleted} to what is deleted.",
	"attempt.queue":            "{target} has it in its queue.",
	"attempt.send":             "It is on its way to {target}.",
	"attempt.unknown":          "{target} did not answer, and its own list of deployments is being read.",
	"attempt.components":       "{done} of {total:component|components}.",
	"attempt.tests":            "{done} of {total:component|components}, {testsDone} of {tests:test|tests}.",
	"validate.none":            "The package was not validated yet.",
	"validate.expired":         "The validation was {at ago}, which is too long ago to count.",
	"validate.skipped":         "It was deployed without a validation, which the policy does not ask for.",
	"deploy.none":              "Nothing was deployed yet.",
	"complete.open":            "It is completed when what was approved is in {target}.",
	"complete.ready":           "What was approved is in {target}.",
	"complete.done":            "It is completed.",
	"complete.cancelled":       "It was cancelled.",
}

// step fills what every step has.
func (l *recordLook) step(code StepCode, state StepState, s Said) Step {
	return Step{Code: code, State: state, Sentence: s.Text, Said: s, Who: []Person{}, Checks: []governance.Check{}}
}

// say is a sentence about this record; source and target are always known.
func (l *recordLook) say(code string, values ...any) Said {
	return l.w.said(code, append(values, "source", l.source.Environment.Name, "target", l.target.Environment.Name)...)
}

// steps are all steps in order. The first that is to be done is the one whose
// turn it is.
func (l *recordLook) steps() []Step {
	out := []Step{l.environmentsStep(), l.scanStep(), l.approvalStep(), l.retrieveStep(), l.dependenciesStep(),
		l.attemptStep(StepValidate, governance.AttemptValidate), l.attemptStep(StepDeploy, governance.AttemptDeploy), l.completeStep()}
	if now := l.turn(out); now >= 0 && out[now].State != StepFailed {
		out[now].State = StepNow
	}
	return out
}

func (l *recordLook) final() bool {
	return l.standing.Status == governance.Completed || l.standing.Status == governance.Cancelled
}

func (l *recordLook) running(s *Step, kind WorkKind) bool {
	k := l.w.works.running(kind, l.dr.ID)
	if k != nil {
		s.State, s.WorkID, s.LogID = StepRunning, k.ID, k.LogID
	}
	return k != nil
}

func (l *recordLook) environmentsStep() Step {
	s := l.step(StepEnvironments, StepDone, Said{Params: map[string]string{}})
	s.Allowed = true
	for _, e := range []EnvironmentView{l.source, l.target} {
		code := ""
		switch {
		case e.Environment.TestedAt.IsZero() || e.Environment.OrganizationID == "":
			code = "environments.untested"
		case !e.HasCredentials:
			code = "environments.credentials"
		}
		if code != "" && !l.final() {
			s.State, s.Said = StepOpen, l.say(code, "environment", e.Environment.Name)
			s.Sentence = s.Said.Text
			return s
		}
	}
	s.At = l.source.Environment.TestedAt
	if l.target.Environment.TestedAt.Before(s.At) {
		s.At = l.target.Environment.TestedAt
	}
	s.Said = l.say("environments.done", "sourceAt", l.source.Environment.TestedAt, "targetAt", l.target.Environment.TestedAt)
	s.Sentence = s.Said.Text
	return s
}

func (l *recordLook) scanStep() Step {
	s := l.step(StepScan, StepOpen, l.say("scan.none"))
	l.editable(&s)
	switch {
	case l.running(&s, WorkScan):
		s.Said = l.say("scan.running")
	case l.dr.Package == "":
	case l.countsErr != nil:
		s.State, s.Said = StepFailed, faultMessage(l.countsErr)
	case l.dr.RequestDigest != l.request.Revision && !l.final():
		s.At, s.Said = l.dr.ScannedAt, l.say("scan.stale")
	default:
		s.State, s.At = StepDone, l.dr.ScannedAt
		s.Said = scanSaid(*l.counts, l.say)
	}
	s.Sentence = s.Said.Text
	return s
}

// scanSaid is what a scan came to in one sentence; say may know more values, as
// the step of a record knows its orgs.
func scanSaid(n comparedCounts, say func(code string, values ...any) Said) Said {
	code := "scan.done"
	if n.deleted > 0 {
		code = "scan.deletes"
	}
	return say(code, "total", n.total, "new", n.fresh, "changed", n.changed, "same", n.same, "deleted", n.deleted)
}

// editable: Run Scan writes into the draft.
func (l *recordLook) editable(s *Step) {
	s.Allowed = l.standing.Status == governance.InProgress && l.request.Status == governance.Approved
	switch {
	case s.Allowed:
	case l.final():
		s.stop("final", l.say("why.final", "status", string(l.standing.Status)), quoted("", ""))
	case l.standing.Status != governance.InProgress:
		s.stop(scan.CodeLocked, l.say("why.locked", "status", string(l.standing.Status)), l.say("why.locked_remedy"))
		s.Who = l.people.people(l.authors())
	default:
		s.stop(scan.CodeNotApproved, l.say("why.unapproved", "status", string(l.request.Status)), l.say("why.unapproved_remedy"))
	}
}

func (l *recordLook) approvalStep() Step {
	s := l.step(StepApproval, StepOpen, l.say("approval.none"))
	filled, total, last := 0, len(l.standing.Seating.Seats), time.Time{}
	for _, seat := range l.standing.Seating.Seats {
		if seat.Member != "" {
			filled++
			if a := l.situation.History.Act(seat.Act); a != nil && a.At.After(last) {
				last = a.At
			}
		}
	}
	action := governance.Submit
	switch l.standing.Status {
	case governance.InProgress:
		if l.dr.Package == "" {
			s.State = StepLocked
		}
	case governance.Pending:
		action = governance.Approve
		s.Said = l.say("approval.waiting", "filled", filled, "seats", total)
	case governance.Rejected:
		action = governance.Reopen
		s.State, s.Said = StepFailed, l.say("approval.rejected", "reason", l.standing.Reason)
	case governance.Cancelled:
		s.State, s.Said = StepLocked, l.say("approval.cancelled", "reason", l.standing.Reason)
	case governance.Approved, governance.Completed:
		s.State, s.At = StepDone, last
		s.Said = l.say("approval.done", "seats", total, "digest", shortDigest(l.standing.Revision))
		if l.failedCheck(governance.AttemptRetrieve, "record_seats", "request_seats") && l.standing.Status == governance.Approved {
			action, s.State, s.Said = governance.Reopen, StepFailed, l.say("approval.expired")
		}
	}
	s.Sentence = s.Said.Text
	l.lifecycle(&s, action)
	return s
}

// lifecycle takes over whether an action may be done, and by whom otherwise.
func (l *recordLook) lifecycle(s *Step, action governance.Action) {
	st := l.action(action)
	s.Allowed = st.Allowed
	if st.Allowed {
		return
	}
	s.stop("not_allowed", whySaid(st), quoted("", ""))
	s.Who = l.whoMay(action)
}

func (l *recordLook) action(a governance.Action) governance.ActionState {
	return actionOf(l.actions, a)
}

// whoMay are the people who could do an action where the person at this window
// cannot: the rules are asked in each one's name.
func (l *recordLook) whoMay(a governance.Action) []Person {
	out := []Person{}
	if l.charter == nil {
		return out
	}
	for i := range l.charter.Members {
		m := &l.charter.Members[i]
		situation := l.situation
		situation.By = m.ID
		if actionOf(l.dr.Actions(situation), a).Allowed {
			out = append(out, *l.people.person(m.ID))
		}
	}
	return out
}

func (l *recordLook) failedCheck(kind governance.AttemptKind, codes ...string) bool {
	return slices.ContainsFunc(l.decisions[kind].Checks, func(c governance.Check) bool { return !c.OK && slices.Contains(codes, c.Code) })
}

// gate takes over the gate's answer: the first reason against, and who can
// mend it.
func (l *recordLook) gate(s *Step, kind governance.AttemptKind) {
	d := l.decisions[kind]
	if d.Checks != nil {
		s.Checks = append(s.Checks, d.Checks...)
	}
	s.Allowed = d.Open && d.Err == nil
	if d.Err != nil {
		why, hint := faultSaid(d.Err)
		s.stop(governance.FaultCode(d.Err), why, hint)
		return
	}
	for _, c := range d.Checks {
		if !c.OK {
			why, remedy := checkSaid(c)
			s.stop(c.Code, why, remedy)
			s.Who = l.people.people(c.Who)
			return
		}
	}
	if l.busy != "" && kind != governance.AttemptRetrieve {
		s.Allowed = false
		s.stop("target_busy", l.say("why.busy", "record", l.busy), l.say("why.busy_remedy"))
	}
}

// shortDigest is what a person compares at a glance.
func shortDigest(digest string) string { return digest[:min(len(digest), 12)] }
