package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
)

var nextEnglish = map[string]string{
	"next.running":      "It is under way, and this window may be closed.",
	"next.waits":        "{target} does not show the attempt. Look at its Deployment Log and decide.",
	"next.environments": "Test the connection to both environments.",
	"next.scan":         "Run the scan: it brings what {source} would change in {target}.",
	"next.dependencies": "Check the dependencies, so that nothing is missing in {target}.",
	"next.submit":       "Submit it for approval.",
	"next.submit.who":   "{who} can submit it for approval.",
	"next.submit.stuck": "It cannot be submitted yet: {why}",
	"next.vote":         "Review it, and approve or reject it.",
	"next.wait":         "It waits for {who}.",
	"next.reopen":       "Reopen it, change it and submit it again.",
	"next.reopen.who":   "{who} can reopen it, change it and submit it again.",
	"next.retrieve":     "Retrieve the customizations: they are compared with what was approved.",
	"next.validate":     "Validate the customizations in {target}.",
	"next.deploy":       "Deploy to {target}.",
	"next.other":        "{who} goes on: {step}.",
	"next.blocked":      "{why} {remedy}",
	"next.mend":         "{target} refused it. Look at the Deployment Log, mend what failed and repeat.",
	"next.wayback":      "It is deployed. The way back is being checked, which changes nothing; then it can be completed.",
	"next.complete":     "Look at the Deployment Log and complete it.",
	"next.complete.who": "{who} can complete it.",
	"next.done":         "It is completed.",
	"next.cancelled":    "It was cancelled.",
}

// turn is the step whose turn it is, -1 if none: something runs, or it is over.
func (l *recordLook) turn(steps []Step) int {
	if l.final() || l.standing.Status == governance.Rejected || slices.ContainsFunc(steps, func(s Step) bool { return s.State == StepRunning }) {
		return -1
	}
	at := func(code StepCode) int { return slices.Index(StepCodes(), code) }
	done := func(code StepCode) bool { return steps[at(code)].State == StepDone }
	if l.standing.Status == governance.InProgress || l.standing.Status == governance.Pending {
		for _, code := range []StepCode{StepEnvironments, StepScan, StepDependencies, StepApproval} {
			if l.standing.Status == governance.Pending && code != StepApproval {
				continue
			}
			if !done(code) {
				return at(code)
			}
		}
		return -1
	}
	order := []StepCode{StepRetrieve, StepDependencies, StepDeploy}
	if l.policy != nil && l.policy.ValidationFirst {
		order = []StepCode{StepRetrieve, StepDependencies, StepValidate, StepDeploy}
	}
	if !l.deployed() {
		for _, code := range []StepCode{StepApproval, StepDeploy, StepValidate, StepRetrieve} {
			if steps[at(code)].State == StepFailed {
				return at(code) // what failed is mended first
			}
		}
		for _, code := range order {
			if !done(code) || code == StepDependencies && l.uncheckedPackage() {
				return at(code)
			}
		}
	}
	return at(StepComplete)
}

// uncheckedPackage: the package was retrieved after the last check of its
// dependencies.
func (l *recordLook) uncheckedPackage() bool {
	g := l.last(only(governance.AttemptRetrieve))
	return g != nil && g.Result == governance.ResultSucceeded && l.depends.Answer.CheckedAt.Before(g.CompletedAt)
}

// next is the one thing that comes next.
func (l *recordLook) next(steps []Step) NextStep {
	if why := troubleOf(l.situation.History, l.standing, l.dr.Status); why != "" {
		return l.nextStep(nextTrouble, "next.blocked", "", nil, "why", why)
	}
	switch {
	case l.standing.Status == governance.Completed:
		return l.w.step(nextDone, "", nil, "next.done")
	case l.standing.Status == governance.Cancelled:
		return l.w.step(nextDone, "", nil, "next.cancelled")
	case slices.ContainsFunc(l.logs, func(g governance.DeploymentLog) bool { return l.w.waits(&g) != nil }):
		return l.nextStep("waits", "next.waits", actionOpenLog, nil)
	case slices.ContainsFunc(steps, func(s Step) bool { return s.State == StepRunning }):
		return l.nextStep("running", "next.running", "", nil)
	case slices.ContainsFunc(l.logs, func(g governance.DeploymentLog) bool { return g.Active() && g.Kind == governance.AttemptReverseCheck }):
		return l.nextStep("running", "next.wayback", "", nil)
	case l.standing.Status == governance.Rejected:
		return l.reopening()
	}
	turn := l.turn(steps)
	if turn < 0 {
		return l.nextStep("running", "next.running", "", nil)
	}
	s := steps[turn]
	switch s.Code {
	case StepEnvironments, StepScan, StepDependencies:
		if !s.Allowed {
			return l.nextStep(string(s.Code), "next.blocked", "", s.Who, "why", s.WhySaid, "remedy", s.RemedySaid)
		}
		return l.nextStep(string(s.Code), "next."+string(s.Code), string(s.Code), nil)
	case StepApproval:
		return l.nextApproval(s)
	case StepComplete:
		if !s.Allowed && len(s.Who) == 0 {
			return l.nextStep(nextWait, "next.blocked", "", nil, "why", s.WhySaid, "remedy", s.RemedySaid)
		}
		if !s.Allowed {
			return l.nextStep(nextWait, "next.complete.who", "", s.Who, "who", names(s.Who))
		}
		return l.nextStep(nextComplete, "next.complete", string(governance.Complete), nil)
	case StepRetrieve, StepValidate, StepDeploy:
	}
	return l.nextAttempt(s)
}

func (l *recordLook) nextApproval(s Step) NextStep {
	switch l.standing.Status {
	case governance.InProgress:
		if s.Allowed {
			return l.nextStep(nextSubmit, "next.submit", string(governance.Submit), nil)
		}
		if len(s.Who) > 0 {
			return l.nextStep(nextWait, "next.submit.who", "", s.Who, "who", names(s.Who))
		}
		return l.nextStep(nextEdit, "next.submit.stuck", "", nil, "why", s.WhySaid)
	case governance.Pending:
		if s.Allowed {
			return l.nextStep(nextVote, "next.vote", string(governance.Approve), nil)
		}
		return l.nextStep(nextWait, "next.wait", "", s.Who, "who", names(s.Who))
	case governance.Approved, governance.Rejected, governance.Completed, governance.Cancelled:
	}
	return l.reopening()
}

func (l *recordLook) reopening() NextStep {
	if l.action(governance.Reopen).Allowed {
		return l.nextStep(nextReopen, "next.reopen", string(governance.Reopen), nil)
	}
	who := l.whoMay(governance.Reopen)
	return l.nextStep(nextWait, "next.reopen.who", "", who, "who", names(who))
}

// nextAttempt: retrieve, validate or deploy comes next.
func (l *recordLook) nextAttempt(s Step) NextStep {
	kind := governance.AttemptKind(s.Code)
	switch {
	case l.failedCheck(kind, "package", "base", "record_seats", "request_seats", "target", "record_content", "request_content", "request_status", "same_request", "selection"):
		return l.reopening() // nothing but a new approval mends it
	case s.State == StepFailed && s.Code == StepRetrieve:
		return l.reopening()
	case s.State == StepFailed:
		return l.nextStep("mend", "next.mend", actionOpenLog, nil)
	case s.Allowed:
		return l.nextStep(string(s.Code), "next."+string(s.Code), string(s.Code), nil)
	case s.WhyCode == "deployer" && len(s.Who) > 0:
		return l.nextStep(nextWait, "next.other", "", s.Who, "who", names(s.Who), "step", stepWords[s.Code])
	}
	return l.nextStep(string(s.Code), "next.blocked", "", s.Who, "why", s.WhySaid, "remedy", s.RemedySaid)
}

// stepWords are the steps in the words of their buttons.
var stepWords = map[StepCode]string{
	StepRetrieve: "Retrieve Selected Customizations", StepValidate: "Validate Customizations", StepDeploy: "Deploy Retrieved Customizations",
}

// actionOpenLog leads to the Deployment Log of the step that failed or waits.
const actionOpenLog = "open-log"

func (l *recordLook) nextStep(code, key, action string, who []Person, values ...any) NextStep {
	return l.w.step(code, action, who, key, append(values, "source", l.source.Environment.Name, "target", l.target.Environment.Name)...)
}

// salesforceDays is how long Salesforce keeps a validation for a quick deploy
// (Metadata API Developer Guide, deployRecentValidation).
const salesforceDays = 10

// quick is until when the last validation can be deployed quickly, or why it
// cannot: the gate's reasons, and Salesforce's own conditions.
func (l *recordLook) quick(ctx context.Context) (until time.Time, code string, why Said, err error) {
	g := l.last(only(governance.AttemptValidate))
	if g == nil || g.Result != governance.ResultSucceeded || g.AsyncID == "" {
		return until, "validation", l.say("why.quick_none"), nil
	}
	if d := l.decisions[governance.AttemptQuick]; d.Err != nil || !d.Open {
		if d.Err != nil {
			why, _ = faultSaid(d.Err)
			return until, governance.FaultCode(d.Err), why, nil
		}
		first := d.Checks[slices.IndexFunc(d.Checks, func(c governance.Check) bool { return !c.OK })]
		why, _ = checkSaid(first)
		return until, first.Code, why, nil
	}
	done := g.ServerCompleted
	if done.IsZero() {
		done = g.CompletedAt
	}
	days := salesforceDays
	if l.policy != nil && l.policy.ValidationDays > 0 {
		days = min(days, int(l.policy.ValidationDays))
	}
	end := done.AddDate(0, 0, days)
	for _, st := range []governance.Standing{l.standing, l.request} { // nor is it longer than the approvals count
		if expires := st.Seating.Expires; !expires.IsZero() && expires.Before(end) {
			end = expires
		}
	}
	changed, err := l.w.Store.OrgChangedSince(ctx, g.TargetOrg, g.StartedAt)
	switch {
	case err != nil:
		return until, "", why, err
	case g.TestsTotal == 0:
		return until, "no_tests", l.say("why.quick_untested"), nil
	case changed:
		return until, "org_changed", l.say("why.quick_changed"), nil
	case l.w.now().After(end):
		return until, "expired", l.say("why.quick_expired", "days", days), nil
	default:
		return end, "", quoted("", ""), nil
	}
}
