package workspace

import (
	"strings"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

var logEnglish = map[string]string{
	"log.message":            "{message}",
	"log.canceled":           "Nothing was changed in {target}: the attempt was canceled.",
	"log.components":         "Nothing was changed in {target}: {failed} of {total:component|components} failed and all were rolled back.",
	"log.components.check":   "{target} would refuse it: {failed} of {total:component|components} failed. Nothing was changed.",
	"log.tests":              "Nothing was changed in {target}: {failed:test|tests} failed and everything was rolled back.",
	"log.tests.check":        "{target} would refuse it: {failed:test|tests} failed. Nothing was changed.",
	"log.validated":          "{target} would accept {total:component|components}; {tests:test|tests} passed. Nothing was changed.",
	"log.validated.untested": "{target} would accept {total:component|components}; no tests ran. Nothing was changed.",
	"log.deployed":           "What was approved is in {target}: {total:component|components}; {tests:test|tests} passed.",
	"log.deployed.untested":  "What was approved is in {target}: {total:component|components}; no tests ran.",
	"log.unchanged":          "{target} accepted {total:component|components}, but {unchanged:of them is not there as it was sent|of them are not there as they were sent}.",
	"log.partly":             "Only a part is in {target}: {done} of {total:component|components}, {failed} with errors.",
	"log.retrieved":          "The package is exactly what was approved.",
	"log.retrieving":         "The customizations are being retrieved and compared with what was approved.",
	"log.canceling":          "{target} was asked to cancel it and has not answered yet.",
}

// messageOf is an attempt's own word about its end, to be translated by the
// whole key.
func (w *Workspace) messageOf(l *governance.DeploymentLog, target string) Said {
	return inLog(w.verdict(l, target), l.Message)
}

// inLog is a sentence of the log's page within another sentence.
func inLog(said Said, text string) Said {
	said.Text, said.Code = text, "logs.said."+strings.ReplaceAll(said.Code, ".", "-")
	return said
}

// verdict says how an attempt ended, or how far it is.
func (w *Workspace) verdict(l *governance.DeploymentLog, target string) Said {
	if l.Active() {
		return w.progress(l, target)
	}
	values := []any{"target", target, "total", l.ComponentsTotal, "done", l.ComponentsDone, "failed", l.ComponentErrors, "tests", l.TestsTotal,
		"unchanged", len(l.Outcome.Unchanged), "message", l.Message}
	code := verdictCode(l)
	if strings.HasPrefix(code, "log.tests") {
		values = append(values, "failed", l.TestErrors)
	}
	return w.said(code, values...)
}

// verdictCode is the sentence that fits; where none says as much, the log's
// own message.
func verdictCode(l *governance.DeploymentLog) string {
	check := l.Kind == governance.AttemptValidate || l.Kind == governance.AttemptReverseCheck
	if l.Kind == governance.AttemptRetrieve {
		if l.Result == governance.ResultSucceeded && len(l.Outcome.Warnings) == 0 {
			return "log.retrieved"
		}
		return "log.message"
	}
	switch l.Result {
	case governance.ResultCanceled:
		return "log.canceled"
	case governance.ResultFailed:
		return failureCode(l, check)
	case governance.ResultPartially:
		if !check && l.Status == string(salesforce.DeploySucceededPartial) {
			return "log.partly"
		}
	case governance.ResultSucceeded:
		return successCode(l, check)
	case governance.ResultNotSent, governance.ResultNone:
	}
	return "log.message"
}

func failureCode(l *governance.DeploymentLog, check bool) string {
	code := ""
	switch {
	case l.ComponentErrors > 0:
		code = "log.components"
	case l.TestErrors > 0:
		code = "log.tests"
	default:
		return "log.message"
	}
	if check {
		return code + ".check"
	}
	return code
}

func successCode(l *governance.DeploymentLog, check bool) string {
	code := "log.deployed"
	switch {
	case check:
		code = "log.validated"
	case len(l.Outcome.Warnings) > 0 && strings.Contains(l.Message, "could not be compared"):
		return "log.message" // what is there now is not known
	case len(l.Outcome.Unchanged) > 0:
		return "log.unchanged"
	}
	if l.TestsTotal == 0 {
		return code + ".untested"
	}
	return code
}

// progress says how far an attempt is.
func (w *Workspace) progress(l *governance.DeploymentLog, target string) Said {
	values := []any{"target", target, "done", l.ComponentsDone, "total", l.ComponentsTotal, "testsDone", l.TestsDone, "tests", l.TestsTotal, "message", l.Message}
	return w.said(progressCode(l), values...)
}

func progressCode(l *governance.DeploymentLog) string {
	switch {
	case wasSearched(l):
		return "log.message"
	case l.Kind == governance.AttemptRetrieve:
		return "log.retrieving"
	case l.CancelWanted:
		return "log.canceling"
	case l.Progress == governance.ProgressUnknown:
		return "attempt.unknown"
	case l.Progress != governance.ProgressRunning:
		return "attempt.send"
	case l.Status == string(salesforce.DeployPending) || l.ComponentsTotal == 0:
		return "attempt.queue"
	case l.TestsTotal > 0:
		return "attempt.tests"
	}
	return "attempt.components"
}
