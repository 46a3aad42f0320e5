package deploy

import (
	"fmt"
	"sort"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// resultOf maps the org's last word. FinalizingFailed counts as partial: what
// it left behind is not known, so it is no conclusive failure.
func resultOf(s salesforce.DeployStatus) governance.Result {
	switch s {
	case salesforce.DeploySucceeded:
		return governance.ResultSucceeded
	case salesforce.DeploySucceededPartial, salesforce.DeployFinalizingFailed:
		return governance.ResultPartially
	case salesforce.DeployFailed:
		return governance.ResultFailed
	case salesforce.DeployCanceled:
		return governance.ResultCanceled
	case salesforce.DeployPending, salesforce.DeployInProgress, salesforce.DeployFinalizing, salesforce.DeployCanceling:
	}
	return governance.ResultPartially // done, but in a word that we do not know
}

// outcome arranges the details: failures, tests, coverage worst first. A demo
// org says in stateDetail that it simulates tests and coverage.
func outcome(res *salesforce.DeployResult) governance.Outcome {
	o := governance.Outcome{Failures: []governance.ComponentFailure{}, Tests: []governance.TestFailure{}, Coverage: []governance.Coverage{}, Warnings: []string{}, Unchanged: []string{}}
	for _, f := range res.Details.ComponentFailures {
		o.Failures = append(o.Failures, governance.ComponentFailure{Type: f.ComponentType, Name: f.FullName, Problem: f.Problem, Line: int64(f.LineNumber), Column: int64(f.ColumnNumber)})
	}
	t := res.Details.RunTestResult
	for _, f := range t.Failures {
		o.Tests = append(o.Tests, governance.TestFailure{Class: f.Name, Method: f.MethodName, Message: f.Message, Stack: f.StackTrace})
	}
	for _, c := range t.CodeCoverage {
		o.Coverage = append(o.Coverage, governance.Coverage{Name: c.Name, Type: c.Type, Locations: int64(c.NumLocations), Uncovered: int64(c.NumLocationsNotCovered)})
	}
	sort.SliceStable(o.Coverage, func(i, j int) bool { return share(o.Coverage[i]) < share(o.Coverage[j]) })
	for _, w := range t.CodeCoverageWarnings {
		o.Warnings = append(o.Warnings, strings.TrimPrefix(w.Name+": "+w.Message, ": "))
	}
	for _, s := range res.Details.ComponentSuccesses {
		if s.Problem != "" && s.ProblemType == "Warning" {
			o.Warnings = append(o.Warnings, s.FullName+": "+s.Problem)
		}
	}
	o.Simulated = strings.Contains(res.StateDetail, "simulates tests")
	return o
}

func share(c governance.Coverage) float64 {
	if c.Locations == 0 {
		return 1
	}
	return float64(c.Locations-c.Uncovered) / float64(c.Locations)
}

// verdict is the result in one sentence that says what is now in the org.
func verdict(l *governance.DeploymentLog, env string, res *salesforce.DeployResult) string {
	switch l.Result {
	case governance.ResultSucceeded:
		return success(l, env)
	case governance.ResultPartially:
		return partly(l, env)
	case governance.ResultCanceled:
		return fmt.Sprintf("Nothing was changed in %s: the %s was canceled.", env, noun(l.Kind))
	case governance.ResultFailed:
		return fmt.Sprintf("Nothing was changed in %s: %s.", env, cause(l, res))
	case governance.ResultNotSent, governance.ResultNone:
	}
	panic(fmt.Sprintf("deploy: an org does not answer %q", l.Result))
}

func noun(k governance.AttemptKind) string {
	if checkOnly(k) {
		return "validation"
	}
	return "deployment"
}

func success(l *governance.DeploymentLog, env string) string {
	tests := "no tests ran"
	if l.TestsTotal > 0 {
		tests = plural(l.TestsTotal, "test") + " passed"
	}
	if checkOnly(l.Kind) {
		return fmt.Sprintf("%s would accept %s; %s. Nothing was changed.", env, every(l.ComponentsTotal, "component"), tests)
	}
	if n := len(l.Outcome.Unchanged); n > 0 {
		return fmt.Sprintf("%s accepted %s, but not everything is there as it was sent: %s.", env, every(l.ComponentsTotal, "component"), strings.Join(l.Outcome.Unchanged[:min(n, 5)], ", ")+more(n-5))
	}
	return fmt.Sprintf("What was approved is in %s: %s; %s.", env, every(l.ComponentsTotal, "component"), tests)
}

// partly is for results that leave a doubt about what is in the org.
func partly(l *governance.DeploymentLog, env string) string {
	counts := fmt.Sprintf("%d of %s, %d with errors", l.ComponentsDone, plural(l.ComponentsTotal, "component"), l.ComponentErrors)
	switch {
	case checkOnly(l.Kind):
		return fmt.Sprintf("%s would accept only a part: %s. Nothing was changed.", env, counts)
	case l.Status == string(salesforce.DeploySucceededPartial):
		return fmt.Sprintf("Only a part is in %s: %s.", env, counts)
	}
	return fmt.Sprintf("%s broke off (%s), so it is not known what is there now: look at it before anything else is deployed.", env, l.Status)
}

func cause(l *governance.DeploymentLog, res *salesforce.DeployResult) string {
	switch {
	case l.ComponentErrors > 0:
		return fmt.Sprintf("%d of %d components failed, all was rolled back", l.ComponentErrors, l.ComponentsTotal)
	case l.TestErrors > 0:
		return fmt.Sprintf("%s failed, all was rolled back", plural(l.TestErrors, "test"))
	case len(l.Outcome.Warnings) > 0:
		return strings.TrimSuffix(l.Outcome.Warnings[0], ".")
	case res.ErrorMessage != "":
		return strings.TrimSuffix(res.ErrorMessage, ".")
	}
	return "the org gave no reason"
}

func plural(n int64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func every(n int64, word string) string {
	if n == 1 {
		return "the 1 " + word
	}
	return "all " + plural(n, word)
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}
