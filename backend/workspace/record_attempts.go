package workspace

import (
	"slices"

	"countersign/backend/governance"
	"countersign/backend/scan"
)

// last is the newest attempt of the content as it is submitted now, nil if
// there is none.
func (l *recordLook) last(of func(governance.AttemptKind) bool) *governance.DeploymentLog {
	for i := range slices.Backward(l.logs) {
		if g := &l.logs[i]; of(g.Kind) && (g.Revision == l.standing.Revision && l.standing.Revision != "" || g.Active()) {
			return g
		}
	}
	return nil
}

func only(kind governance.AttemptKind) func(governance.AttemptKind) bool {
	return func(k governance.AttemptKind) bool { return k == kind }
}

func (l *recordLook) retrieveStep() Step {
	s := l.step(StepRetrieve, StepOpen, l.say("retrieve.none"))
	l.gate(&s, governance.AttemptRetrieve)
	g := l.last(only(governance.AttemptRetrieve))
	switch {
	case l.running(&s, WorkRetrieve) || g != nil && g.Active():
		s.State, s.Said = StepRunning, l.say("retrieve.running")
		l.hold(&s)
	case g == nil:
		l.lockedUnlessApproved(&s)
	case g.Result == governance.ResultSucceeded:
		s.State, s.Said = StepDone, l.say("retrieve.done", "at", g.CompletedAt)
		if len(g.Outcome.Warnings) > 0 {
			s.Warning, s.Said = true, l.say("retrieve.target", "at", g.CompletedAt)
		}
	default:
		s.State, s.Said = StepFailed, l.say("log.message", "message", g.Message)
	}
	l.about(&s, g)
	return s
}

// about names the attempt that a step shows.
func (l *recordLook) about(s *Step, g *governance.DeploymentLog) {
	s.Sentence = s.Said.Text
	if g == nil {
		return
	}
	s.LogID, s.At = g.ID, g.CompletedAt
	if g.Active() {
		s.At = g.StartedAt
	}
}

func (l *recordLook) lockedUnlessApproved(s *Step) {
	if l.standing.Status != governance.Approved {
		s.State = StepLocked
	}
}

// hold: what runs is not started a second time.
func (l *recordLook) hold(s *Step) {
	s.Allowed, s.Who = false, []Person{}
	s.stop("running", l.say("why.running"), l.say("why.running_remedy"))
}

func (l *recordLook) dependenciesStep() Step {
	s := l.step(StepDependencies, StepOpen, l.say("dependencies.none"))
	s.Allowed = l.dr.Package != "" && !l.final()
	switch {
	case l.final():
		s.stop("final", l.say("why.final", "status", string(l.standing.Status)), quoted("", ""))
	case !s.Allowed:
		s.stop(scan.CodeNotScanned, l.say("why.nothing"), l.say("why.nothing_remedy"))
	}
	switch a := l.depends; {
	case l.running(&s, WorkDependencies):
		s.Said = l.say("dependencies.running")
		l.hold(&s)
	case !a.Known && l.final():
		s.State, s.Said = StepSkipped, l.say("dependencies.skipped")
	case !a.Known && !s.Allowed:
		s.State = StepLocked
	case !a.Known:
	case !a.Current:
		s.At, s.Said = a.Answer.CheckedAt, l.say("dependencies.stale", "at", a.Answer.CheckedAt)
	default:
		n := a.counts()
		s.State, s.At, s.Warning = StepDone, a.Answer.CheckedAt, n[scan.Missing]+n[scan.Nowhere]+n[scan.Deleted] > 0
		s.Said = dependencySaid(a, l.say)
	}
	s.Sentence = s.Said.Text
	return s
}

func (l *recordLook) attemptStep(code StepCode, kind governance.AttemptKind) Step {
	s := l.step(code, StepOpen, l.say(string(code)+".none"))
	l.gate(&s, kind)
	of, kinds := only(kind), []WorkKind{WorkKind(kind)}
	if kind == governance.AttemptDeploy {
		of, kinds = governance.AttemptKind.Real, []WorkKind{WorkDeploy, WorkQuick}
	}
	g := l.last(of)
	runs := slices.ContainsFunc(kinds, func(k WorkKind) bool { return l.running(&s, k) })
	switch {
	case g != nil && g.Active():
		s.State, s.Said = StepRunning, l.progress(g)
		l.hold(&s)
	case runs:
		s.Said = l.say("attempt.send")
		l.hold(&s)
	case g == nil:
		l.lockedUnlessApproved(&s)
		l.skip(&s)
	case g.Result == governance.ResultSucceeded && kind == governance.AttemptValidate && l.failedCheck(governance.AttemptDeploy, "validation"):
		s.Said = l.say("validate.expired", "at", g.CompletedAt)
	case g.Result == governance.ResultSucceeded:
		s.State, s.Said, s.Warning = StepDone, l.verdict(g), len(g.Outcome.Unchanged) > 0
	default:
		s.State, s.Said = StepFailed, l.verdict(g)
	}
	l.about(&s, g)
	return s
}

// skip: a policy that asks for no validation lets a record be deployed without.
func (l *recordLook) skip(s *Step) {
	if s.Code != StepValidate || l.policy == nil || l.policy.ValidationFirst {
		return
	}
	if g := l.last(governance.AttemptKind.Real); g != nil && g.Result == governance.ResultSucceeded {
		s.State, s.Said = StepSkipped, l.say("validate.skipped")
	}
}

func (l *recordLook) verdict(g *governance.DeploymentLog) Said {
	return l.w.verdict(g, l.target.Environment.Name)
}

func (l *recordLook) progress(g *governance.DeploymentLog) Said {
	return l.w.progress(g, l.target.Environment.Name)
}

// deployed reports whether the content as it is approved is in the target.
func (l *recordLook) deployed() bool {
	g := l.last(governance.AttemptKind.Real)
	return g != nil && g.Result == governance.ResultSucceeded
}

func (l *recordLook) completeStep() Step {
	s := l.step(StepComplete, StepLocked, l.say("complete.open"))
	l.lifecycle(&s, governance.Complete)
	switch {
	case l.standing.Status == governance.Completed:
		s.State, s.Said = StepDone, l.say("complete.done")
	case l.standing.Status == governance.Cancelled:
		s.Said = l.say("complete.cancelled")
	case l.deployed():
		s.State, s.Said = StepOpen, l.say("complete.ready")
	case s.Allowed:
		s.State = StepOpen
	}
	s.Sentence = s.Said.Text
	for _, a := range l.situation.History.Thread(l.dr.ID) {
		if a.Type == "dr.complete" && s.State == StepDone {
			s.At = a.At
		}
	}
	return s
}
