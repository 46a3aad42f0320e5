package demoorg

import (
	"fmt"
	"regexp"
	"strings"

	"countersign/backend/metadata"
)

// simulatedNote stands wherever an answer speaks of tests.
const simulatedNote = "Apex did not run: the demo org simulates tests and coverage."

// Salesforce's own limits for a deployment with tests
// (Metadata API Developer Guide, "Running Tests in a Deployment").
const (
	neededCoverage        = 75
	neededTriggerCoverage = 1
)

// A testPlan is the tests that a deployment will run.
type testPlan struct {
	level   string
	methods []plannedTest
	sources []*apexSource // every class and trigger, by name
}

type plannedTest struct {
	source *apexSource
	method apexMethod
}

// apexSources reads every class and trigger of a model.
func apexSources(m *model) []*apexSource {
	var sources []*apexSource
	for _, typeName := range []string{"ApexClass", "ApexTrigger"} {
		for _, key := range m.byType[typeName] {
			sources = append(sources, readApex(key.Name, typeName == "ApexTrigger", m.body(key)))
		}
	}
	return sources
}

// body gives the content file of a component, without its -meta.xml.
func (m *model) body(key metadata.Key) []byte {
	for _, path := range m.components[key].Paths {
		if !strings.HasSuffix(path, "-meta.xml") {
			data, _ := m.tree.File(path)
			return data
		}
	}
	return nil
}

// effectiveLevel is the test level that holds when the client named none.
// Production runs local tests when the package has Apex
// (DeployOptions, testLevel).
func effectiveLevel(o deployOptions, kind Kind, hasApex bool) string {
	switch {
	case o.TestLevel != "":
		return o.TestLevel
	case len(o.RunTests) > 0:
		return "RunSpecifiedTests"
	case kind == KindProduction && hasApex:
		return "RunLocalTests"
	default:
		return "NoTestRun"
	}
}

// planTests chooses the tests. An unknown test class is a sentence in missing.
func planTests(level string, named []string, after *model, deployed []metadata.Key) (plan testPlan, missing string) {
	plan = testPlan{level: level}
	if level == "NoTestRun" {
		return plan, ""
	}
	plan.sources = apexSources(after)
	byName := map[string]*apexSource{}
	for _, s := range plan.sources {
		byName[strings.ToLower(s.Name)] = s
	}
	var chosen []*apexSource
	switch level {
	case "RunSpecifiedTests":
		for _, name := range named {
			s := byName[strings.ToLower(strings.TrimSpace(name))]
			if s == nil || !s.Test {
				return plan, fmt.Sprintf("The test class %s is not in the org and not in the package.", name)
			}
			chosen = append(chosen, s)
		}
	case "RunRelevantTests":
		chosen = relevant(plan.sources, deployed)
	default:
		chosen = plan.sources
	}
	seen := map[*apexSource]bool{}
	for _, s := range chosen {
		if seen[s] || !s.Test {
			continue
		}
		seen[s] = true
		for _, m := range s.Methods {
			if m.Test {
				plan.methods = append(plan.methods, plannedTest{s, m})
			}
		}
	}
	return plan, ""
}

// relevant gives the tests in the package and those that name a class of it.
func relevant(sources []*apexSource, deployed []metadata.Key) []*apexSource {
	var chosen []*apexSource
	for _, s := range sources {
		for _, key := range deployed {
			if key.Type != "ApexClass" && key.Type != "ApexTrigger" {
				continue
			}
			if s.Name == key.Name || s.mentions(key.Name) {
				chosen = append(chosen, s)
				break
			}
		}
	}
	return chosen
}

var (
	failsIn     = regexp.MustCompile(`(?i)^\s*//\s*@fails-in:\s*([\w, ]+?)\s*$`)
	messageMark = regexp.MustCompile(`(?i)^\s*//\s*@message:\s*(.+?)\s*$`)
	assertFalse = regexp.MustCompile(`(?i)\bSystem\s*\.\s*assert\s*\(\s*false\b`)
)

// verdict decides one test by the marks in its body; line is where it failed.
func (t plannedTest) verdict(kind Kind) (failed bool, message string, line int) {
	const standard = "System.AssertException: Assertion Failed"
	body := t.source.text[t.method.Start:t.method.End]
	lines := strings.Split(body, "\n")
	first := t.source.lineAt(t.method.Start)
	for i, text := range lines {
		mark := failsIn.FindStringSubmatch(text)
		if mark == nil || !namesKind(mark[1], kind) {
			continue
		}
		message = standard
		if i+1 < len(lines) {
			if said := messageMark.FindStringSubmatch(lines[i+1]); said != nil {
				message = said[1]
			}
		}
		return true, message, first + i
	}
	if at := surelyFails(t.source.masked[t.method.Start:t.method.End]); at >= 0 {
		return true, standard, t.source.lineAt(t.method.Start + at)
	}
	return false, "", 0
}

var leaves = regexp.MustCompile(`(?i)\breturn\b`)

// surelyFails finds an assertion that cannot hold and that is always reached:
// not one in a try, an if or another inner block, or after a return, where real
// tests have them to say that something should have been thrown before. It
// gives -1 for none.
func surelyFails(body string) int {
	for _, at := range assertFalse.FindAllStringIndex(body, -1) {
		before := body[:at[0]]
		if strings.Count(before, "{") == strings.Count(before, "}") && !leaves.MatchString(before) {
			return at[0]
		}
	}
	return -1
}

func namesKind(list string, kind Kind) bool {
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if strings.EqualFold(word, string(kind)) || strings.EqualFold(word, "any") {
			return true
		}
	}
	return false
}

// run gives the result of the plan. The times are invented, and always the
// same for the same test.
func (p testPlan) run(kind Kind, idOf func(metadata.Key) string) *runTestResult {
	r := &runTestResult{}
	for _, t := range p.methods {
		key := metadata.Key{Type: "ApexClass", Name: t.source.Name}
		took := float64(20 + (len(t.method.Name)*13+t.method.Line*7)%180)
		r.NumTestsRun++
		r.TotalTime += took
		failed, message, line := t.verdict(kind)
		if !failed {
			r.Successes = append(r.Successes, testSuccess{ID: idOf(key), MethodName: t.method.Name, Name: t.source.Name, Time: took})
			continue
		}
		r.NumFailures++
		trace := fmt.Sprintf("Class.%s.%s: line %d, column 1\n(%s)", t.source.Name, t.method.Name, line, simulatedNote)
		r.Failures = append(r.Failures, testFailure{
			ID: idOf(key), Message: message, MethodName: nillable(t.method.Name), Name: t.source.Name,
			PackageName: t.source.Name, StackTrace: nillable(trace), Time: took, Type: "Class",
		})
	}
	r.CodeCoverage = p.coverage(idOf)
	return r
}
