package demoorg

import (
	"errors"
	"io"
	"slices"
	"time"

	"countersign/backend/metadata"
)

// A question is everything that decides what a deployment does. Only one runs
// at a time, so that the org of the question is still the org at the end.
type question struct {
	org     *model
	kind    Kind
	options deployOptions
	quick   bool // the tests have run in the validation
	zip     io.ReaderAt
	zipSize int64
	user    string
	now     time.Time
	idOf    func(metadata.Key) string
}

// An outcome is what a deployment will come to. It is worked out at once and
// then played out over time.
type outcome struct {
	verdict  verdict
	messages []deployMessage // in the order in which they appear
	tests    []playedTest
	after    *model // nil when the org stays as it is
}

type playedTest struct {
	class, method string
	failed        bool
}

// zipLimit is Salesforce's: 39 MB compressed ("Metadata Limits").
const zipLimit = 39 << 20

func zipLimits() metadata.Limits {
	limits := metadata.DefaultLimits()
	limits.Archive = zipLimit
	return limits
}

// wholeFailure is a deployment that fails as a whole, before any component.
func wholeFailure(code, message string) outcome {
	return outcome{verdict: verdict{
		Status:   statusFailed,
		Progress: progress{ErrorStatusCode: code, ErrorMessage: code + ": " + message},
	}}
}

func evaluate(q question) outcome {
	tree, err := metadata.ReadZip(q.zip, q.zipSize, zipLimits())
	if err != nil {
		return badZip(err)
	}
	packets, problems := readPackages(tree, q.options.SinglePackage)
	if len(problems) > 0 {
		return q.failed(tree.Len(), problems)
	}
	hasApex := slices.ContainsFunc(packets, (*packet).hasApex)
	level := effectiveLevel(q.options, q.kind, hasApex)
	if q.quick {
		level = "NoTestRun"
	}
	if refusal := q.refuse(level, hasApex); refusal != "" {
		return wholeFailure("INVALID_OPERATION", refusal)
	}
	d := &delivery{files: tree.Len(), after: q.org}
	for _, p := range packets {
		if err := d.check(q, p); err != nil {
			return wholeFailure("UNKNOWN_EXCEPTION", err.Error())
		}
	}
	return q.decide(d, level)
}

// A delivery is what a zip does to the org: its packages one after the other,
// by name, each checked against the org that the ones before it leave.
type delivery struct {
	files    int
	messages []deployMessage
	total    int // components
	failures int
	deployed []metadata.Key
	after    *model // the org with every package but the last
	last     *check
}

func (d *delivery) check(q question, p *packet) error {
	if err := d.land(); err != nil {
		return err
	}
	q.org = d.after
	d.last = newCheck(q, p)
	d.last.run()
	d.messages = append(d.messages, d.last.messages()...)
	d.deployed = append(d.deployed, d.last.deployed()...)
	d.total += len(d.last.ops)
	d.failures += d.last.failures()
	return nil
}

// land puts what is alive of the last package into the org.
func (d *delivery) land() error {
	if d.last == nil || d.last.alive() == 0 && len(d.last.ops) > 0 {
		return nil
	}
	after, err := d.last.apply()
	if err == nil {
		d.after, d.last = after, nil
	}
	return err
}

func badZip(err error) outcome {
	code := "UNKNOWN_EXCEPTION"
	var e *metadata.Error
	if errors.As(err, &e) && e.Code == metadata.CodeTooLarge {
		code = "LIMIT_EXCEEDED"
	}
	return wholeFailure(code, err.Error())
}

// refuse gives why production does not take these options. The second text is
// Salesforce's own.
func (q question) refuse(level string, hasApex bool) string {
	switch {
	case level == "RunSpecifiedTests" && len(q.options.RunTests) == 0:
		return "RunSpecifiedTests needs the names of tests in runTests."
	case q.kind != KindProduction || q.quick:
		return ""
	case level == "NoTestRun" && hasApex && !q.options.CheckOnly:
		return "testLevel of NoTestRun cannot be used in production organizations"
	case !q.options.RollbackOnError:
		return "rollbackOnError must be true in production organizations"
	}
	return ""
}

// failed is the outcome of a package that could not be read.
func (q question) failed(files int, messages []deployMessage) outcome {
	for i := range messages {
		messages[i].CreatedDate = at(q.now)
	}
	out := outcome{messages: messages, verdict: verdict{Status: statusFailed}}
	out.verdict.Details.sort(messages)
	out.verdict.Progress = progress{Components: 0, ComponentErrors: len(messages), Files: files}
	return out
}

// decide weighs components and tests: what the deployment comes to, and the
// org after it.
func (q question) decide(d *delivery, level string) outcome {
	out := outcome{messages: d.messages}
	pr := progress{
		Components: d.total, ComponentErrors: d.failures, ComponentsDone: d.total - d.failures,
		Files: d.files, RunsTests: level != "NoTestRun",
	}
	out.verdict.Details.sort(out.messages)
	partial := d.failures > 0 && !q.options.RollbackOnError
	if d.failures > 0 && (!partial || d.failures == d.total) {
		out.verdict.Status, out.verdict.Progress = statusFailed, pr
		return out
	}
	err := d.land()
	if err != nil {
		return wholeFailure("UNKNOWN_EXCEPTION", err.Error())
	}
	passed := true
	if level != "NoTestRun" {
		if passed, err = q.test(&out, &pr, level, d); err != nil {
			return wholeFailure("INVALID_OPERATION", err.Error())
		}
	}
	out.verdict.Progress = pr
	switch {
	case !passed:
		out.verdict.Status = statusFailed
		return out
	case partial:
		out.verdict.Status = statusPartial
	default:
		out.verdict.Status = statusSucceeded
	}
	out.verdict.Tested = pr.RunsTests
	if !q.options.CheckOnly {
		out.after = d.after
	}
	return out
}

// test runs the tests on the org as it would be afterwards.
func (q question) test(out *outcome, pr *progress, level string, d *delivery) (bool, error) {
	plan, missing := planTests(level, q.options.RunTests, d.after, d.deployed)
	if missing != "" {
		return false, errors.New(missing)
	}
	result := plan.run(q.kind, q.idOf)
	result.CodeCoverageWarnings = plan.warnings(q.kind, result.CodeCoverage, d.deployed)
	out.verdict.Details.RunTestResult = result
	failed := map[string]bool{}
	for _, f := range result.Failures {
		failed[f.Name+"."+string(f.MethodName)] = true
	}
	for _, t := range plan.methods {
		out.tests = append(out.tests, playedTest{t.source.Name, t.method.Name, failed[t.source.Name+"."+t.method.Name]})
	}
	pr.Tests, pr.TestErrors = result.NumTestsRun, result.NumFailures
	pr.TestsDone = result.NumTestsRun - result.NumFailures
	pr.StateDetail = simulatedNote
	return result.NumFailures == 0 && len(result.CodeCoverageWarnings) == 0, nil
}
