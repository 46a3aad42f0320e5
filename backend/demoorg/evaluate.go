package demoorg

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
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
	p, problem := readPackage(tree)
	if problem != nil {
		return q.failed(p, []deployMessage{*problem})
	}
	hasApex := p.hasApex()
	level := effectiveLevel(q.options, q.kind, hasApex)
	if q.quick {
		level = "NoTestRun"
	}
	if refusal := q.refuse(level, hasApex); refusal != "" {
		return wholeFailure("INVALID_OPERATION", refusal)
	}
	c := newCheck(q, p)
	c.run()
	return q.decide(p, c, level)
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
func (q question) failed(p *packet, messages []deployMessage) outcome {
	for i := range messages {
		messages[i].CreatedDate = at(q.now)
	}
	out := outcome{messages: messages, verdict: verdict{Status: statusFailed}}
	out.verdict.Details.sort(messages)
	out.verdict.Progress = progress{Components: 0, ComponentErrors: len(messages), Files: p.files}
	return out
}

// decide weighs components and tests: what the deployment comes to, and the
// org after it.
func (q question) decide(p *packet, c *check, level string) outcome {
	out := outcome{messages: c.messages()}
	failures := c.failures()
	pr := progress{
		Components: len(c.ops), ComponentErrors: failures, ComponentsDone: c.alive(),
		Files: p.files, RunsTests: level != "NoTestRun",
	}
	out.verdict.Details.sort(out.messages)
	partial := failures > 0 && !q.options.RollbackOnError
	if failures > 0 && !partial || c.alive() == 0 && failures > 0 {
		out.verdict.Status, out.verdict.Progress = statusFailed, pr
		return out
	}
	after, err := c.apply()
	if err != nil {
		return wholeFailure("UNKNOWN_EXCEPTION", err.Error())
	}
	passed := true
	if level != "NoTestRun" {
		if passed, err = q.test(&out, &pr, level, after, c.deployed()); err != nil {
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
		out.after = after
	}
	return out
}

// test runs the tests on the org as it would be afterwards.
func (q question) test(out *outcome, pr *progress, level string, after *model, deployed []metadata.Key) (bool, error) {
	plan, missing := planTests(level, q.options.RunTests, after, deployed)
	if missing != "" {
		return false, errors.New(missing)
	}
	result := plan.run(q.kind, q.idOf)
	result.CodeCoverageWarnings = plan.warnings(q.kind, result.CodeCoverage, deployed)
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

// A packet is a package as it came: its files, and what its manifests say.
type packet struct {
	tree     *metadata.Tree // without the top folder
	top      string
	files    int
	manifest *metadata.Manifest
	content  *metadata.Tree // without manifests
	parts    map[metadata.Key][]string
	strange  map[metadata.Key][]string
	unknown  []string // files that belong to no component
	before   []metadata.Key
	after    []metadata.Key
}

// name is a path as it stood in the zip; what a client recognises its
// deployment by.
func (p *packet) name(path string) string {
	if p.top == "" {
		return path
	}
	return p.top + "/" + path
}

func (p *packet) problem(file, text string) *deployMessage {
	return &deployMessage{FileName: p.name(file), FullName: file, Problem: text, ProblemType: "Error"}
}

func readPackage(zipped *metadata.Tree) (*packet, *deployMessage) {
	p := &packet{files: zipped.Len()}
	p.tree, p.top = findPackage(zipped)
	data, ok := p.tree.File("package.xml")
	if !ok {
		return p, p.problem("package.xml", "No package.xml found")
	}
	manifest, err := metadata.ParseManifestLenient(data)
	if err != nil {
		return p, p.problem("package.xml", "Error parsing package.xml: "+err.Error())
	}
	p.manifest = manifest
	if problem := p.readDeletions(); problem != nil {
		return p, problem
	}
	p.content = p.tree.Content()
	p.parts = map[metadata.Key][]string{}
	claimed := map[string]bool{}
	for _, c := range p.content.Components() {
		if c.Type == "" { // a file that no type claims
			continue
		}
		p.parts[c.Key] = c.Paths
		for _, path := range c.Paths {
			claimed[path] = true
		}
	}
	p.strange, p.unknown = strangers(p.content, manifest, claimed)
	for key, paths := range p.strange {
		p.parts[key] = paths
	}
	return p, nil
}

// findPackage looks for package.xml at the root or one folder down.
func findPackage(zipped *metadata.Tree) (*metadata.Tree, string) {
	if _, ok := zipped.File("package.xml"); ok {
		return zipped, ""
	}
	if tree, top := zipped.StripTop(); top != "" {
		return tree, top
	}
	for _, top := range zipped.Tops() {
		if _, ok := zipped.File(top + "/package.xml"); ok {
			return zipped.Sub(top), top
		}
	}
	return zipped, ""
}

// readDeletions reads the destructive changes; destructiveChanges.xml comes
// before the additions ("Deleting Components from an Organization").
func (p *packet) readDeletions() *deployMessage {
	for _, file := range []string{"destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml"} {
		data, ok := p.tree.File(file)
		if !ok {
			continue
		}
		m, err := metadata.ParseManifestLenient(data)
		if err != nil {
			return p.problem(file, "Error parsing "+file+": "+err.Error())
		}
		if len(m.Wildcards()) > 0 {
			return p.problem(file, "Wildcards are not allowed in "+file)
		}
		if file == "destructiveChangesPost.xml" {
			p.after = append(p.after, m.Keys()...)
		} else {
			p.before = append(p.before, m.Keys()...)
		}
	}
	return nil
}

func (p *packet) hasApex() bool {
	for key := range p.parts {
		if key.Type == "ApexClass" || key.Type == "ApexTrigger" {
			return true
		}
	}
	return false
}

// strangers finds the files of types that package metadata does not know by
// the names that the manifest gives: "widgets/Clock.widget" for the member
// Clock. rest are the files that belong to nothing.
func strangers(tree *metadata.Tree, manifest *metadata.Manifest, claimed map[string]bool) (found map[metadata.Key][]string, rest []string) {
	found = map[metadata.Key][]string{}
	mine := map[string]bool{}
	dirs := map[string]string{} // type -> folder
	for _, typeName := range sortedTypes(manifest) {
		if _, known := metadata.TypeOf(typeName); known {
			continue
		}
		for _, member := range manifest.Members[typeName] {
			key := metadata.Key{Type: typeName, Name: member}
			for _, path := range tree.Paths() {
				dir, name := strangeName(path)
				if claimed[path] || mine[path] || name != member && !strings.HasPrefix(name, member+"/") {
					continue
				}
				if dirs[typeName] != "" && dirs[typeName] != dir {
					continue
				}
				dirs[typeName] = dir
				mine[path] = true
				found[key] = append(found[key], path)
			}
		}
		everyMember(tree, manifest, typeName, dirs[typeName], claimed, mine, found)
	}
	for _, path := range tree.Paths() {
		if !claimed[path] && !mine[path] && !strings.Contains("/"+path, "/.") {
			rest = append(rest, path)
		}
	}
	return found, rest
}

// everyMember heeds "*" for a strange type: its folder is the one its other
// members lie in, or the one of its own name.
func everyMember(tree *metadata.Tree, manifest *metadata.Manifest, typeName, dir string, claimed, mine map[string]bool, found map[metadata.Key][]string) {
	wild := false
	for _, member := range manifest.Members[typeName] {
		wild = wild || member == "*"
	}
	if !wild {
		return
	}
	for _, path := range tree.Paths() {
		in, name := strangeName(path)
		if claimed[path] || mine[path] || name == "" {
			continue
		}
		if in != dir && !(dir == "" && (strings.EqualFold(in, typeName) || strings.EqualFold(in, typeName+"s"))) {
			continue
		}
		member, _, _ := strings.Cut(name, "/")
		mine[path] = true
		key := metadata.Key{Type: typeName, Name: member}
		found[key] = append(found[key], path)
	}
}

// strangeName splits a path into its folder and the rest without extension.
func strangeName(path string) (dir, name string) {
	dir, name, ok := strings.Cut(path, "/")
	if !ok {
		return "", ""
	}
	name = strings.TrimSuffix(name, "-meta.xml")
	slash := strings.LastIndexByte(name, '/')
	if dot := strings.LastIndexByte(name, '.'); dot > slash+1 {
		name = name[:dot]
	}
	return dir, name
}

func sortedTypes(manifest *metadata.Manifest) []string {
	names := make([]string, 0, len(manifest.Members))
	for name := range manifest.Members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func notFound(key metadata.Key) string {
	return fmt.Sprintf("An object '%s' of type %s was named in package.xml, but was not found in zipped directory", key.Name, key.Type)
}
