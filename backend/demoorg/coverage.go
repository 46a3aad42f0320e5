package demoorg

import (
	"fmt"
	"regexp"
	"strings"

	"countersign/backend/metadata"
)

// coverage of a class is the share of its methods that the tests that ran
// reach by name, themselves or through methods that they reach; a trigger is
// covered by a test, or a method that one reaches, that fires it, or by a test
// that mentions it.
func (p testPlan) coverage(idOf func(metadata.Key) string) []codeCoverage {
	ran := p.ran()
	coverage := []codeCoverage{}
	if len(ran) == 0 {
		return coverage
	}
	reached := p.reach(ran)
	for _, s := range p.sources {
		if s.Test {
			continue
		}
		c := codeCoverage{ID: idOf(s.key()), Name: s.Name, Type: "Class"}
		if s.Trigger {
			c.Type = "Trigger"
		}
		for _, m := range s.Methods {
			c.NumLocations += len(m.Lines)
			if reached[block{s, m.Start}] {
				continue
			}
			c.NumLocationsNotCovered += len(m.Lines)
			for _, line := range m.Lines {
				c.LocationsNotCovered = append(c.LocationsNotCovered, codeLocation{Line: line, Time: -1})
			}
		}
		coverage = append(coverage, c)
	}
	return coverage
}

func (s *apexSource) key() metadata.Key {
	if s.Trigger {
		return metadata.Key{Type: "ApexTrigger", Name: s.Name}
	}
	return metadata.Key{Type: "ApexClass", Name: s.Name}
}

func (p testPlan) ran() []*apexSource {
	var ran []*apexSource
	seen := map[*apexSource]bool{}
	for _, t := range p.methods {
		if !seen[t.source] {
			seen[t.source] = true
			ran = append(ran, t.source)
		}
	}
	return ran
}

// A block is a method by where it begins.
type block struct {
	source *apexSource
	start  int
}

// reach follows the names from the tests that ran through the methods that they
// name, until nothing new is found.
func (p testPlan) reach(ran []*apexSource) map[block]bool {
	r := newReach(p.sources)
	for _, s := range ran {
		r.read(s.words)
		r.fire(s, s.masked)
		for trigger, t := range r.triggers {
			if s.mentions(trigger.Name) {
				r.enter(t)
			}
		}
	}
	for again := true; again; again = r.deliver() {
		r.follow()
	}
	return r.reached
}

// A reach is what is known so far of the code that tests get to.
type reach struct {
	byName    map[string][]plannedTest // methods, by name in lower case
	triggers  map[*apexSource]plannedTest
	reached   map[block]bool
	seen      map[string]bool // the words of the code that is reached
	work      []string        // those of them that are not followed yet
	publishes bool            // some of it publishes events that it does not name
}

func newReach(sources []*apexSource) *reach {
	r := &reach{byName: map[string][]plannedTest{}, triggers: map[*apexSource]plannedTest{}, reached: map[block]bool{}, seen: map[string]bool{}}
	for _, s := range sources {
		for _, m := range s.Methods {
			switch name := strings.ToLower(m.Name); {
			case s.Trigger:
				r.triggers[s] = plannedTest{s, m}
			case !s.Test:
				r.byName[name] = append(r.byName[name], plannedTest{s, m})
			}
		}
	}
	return r
}

func (r *reach) read(words map[string]bool) {
	for word := range words {
		if !r.seen[word] {
			r.seen[word] = true
			r.work = append(r.work, word)
		}
	}
}

func (r *reach) enter(t plannedTest) {
	b := block{t.source, t.method.Start}
	if r.reached[b] {
		return
	}
	r.reached[b] = true
	r.read(t.source.wordsIn(t.method))
	r.fire(t.source, t.source.masked[t.method.Start:t.method.End])
}

// follow enters the methods that are named, and those that they name.
func (r *reach) follow() {
	for len(r.work) > 0 {
		word := r.work[0]
		r.work = r.work[1:]
		for _, t := range r.byName[word] {
			r.enter(t)
		}
	}
}

var (
	dmlWord     = regexp.MustCompile(`(?i)\b(insert|update|upsert|delete|undelete|merge)\b`) // also of Database.insert
	publishCall = regexp.MustCompile(`(?i)\bEventBus\s*\.\s*publish\s*\(`)
)

// fire enters the triggers that code in s makes run, if s names their object: a
// platform event's by EventBus.publish ("Publish Event Messages Using Apex",
// Platform Events Developer Guide), any other by DML.
func (r *reach) fire(s *apexSource, code string) {
	changes, publishes := dmlWord.MatchString(code), publishCall.MatchString(code)
	named := false
	for trigger, t := range r.triggers {
		if trigger.Object == "" || !s.mentions(trigger.Object) {
			continue
		}
		named = named || trigger.onEvent()
		if trigger.onEvent() && publishes || !trigger.onEvent() && changes {
			r.enter(t)
		}
	}
	r.publishes = r.publishes || publishes && !named
}

// deliver enters the triggers of the events that are named in one place and
// published in another, and tells whether it found any.
func (r *reach) deliver() bool {
	found := false
	for trigger, t := range r.triggers {
		if r.publishes && trigger.onEvent() && r.seen[strings.ToLower(trigger.Object)] && !r.reached[block{t.source, t.method.Start}] {
			r.enter(t)
			found = true
		}
	}
	return found
}

// onEvent tells whether the trigger is one of a platform event.
func (s *apexSource) onEvent() bool { return strings.HasSuffix(strings.ToLower(s.Object), "__e") }

// warnings gives what the coverage falls short of, in Salesforce's words.
// RunSpecifiedTests and RunRelevantTests ask for 75 % of each class and
// trigger in the package; all local tests ask for 75 % on average, and for
// something of each trigger, in production.
func (p testPlan) warnings(kind Kind, coverage []codeCoverage, deployed []metadata.Key) []coverageWarning {
	switch p.level {
	case "RunSpecifiedTests", "RunRelevantTests":
		return perClass(coverage, deployed)
	case "RunLocalTests", "RunAllTestsInOrg":
		if kind == KindProduction {
			return orgWide(coverage)
		}
	}
	return nil
}

func perClass(coverage []codeCoverage, deployed []metadata.Key) []coverageWarning {
	in := map[metadata.Key]bool{}
	for _, key := range deployed {
		in[key] = true
	}
	var warnings []coverageWarning
	for _, c := range coverage {
		if !in[metadata.Key{Type: "Apex" + c.Type, Name: c.Name}] || c.percent() >= neededCoverage {
			continue
		}
		warnings = append(warnings, coverageWarning{ID: c.ID, Name: nillable(c.Name), Message: fmt.Sprintf(
			"Test coverage of selected Apex %s is %d%%, at least %d%% test coverage is required", c.Type, c.percent(), neededCoverage)})
	}
	return warnings
}

func orgWide(coverage []codeCoverage) []coverageWarning {
	var warnings []coverageWarning
	locations, missed := 0, 0
	for _, c := range coverage {
		locations += c.NumLocations
		missed += c.NumLocationsNotCovered
		if c.Type == "Trigger" && c.NumLocations > 0 && c.percent() < neededTriggerCoverage {
			warnings = append(warnings, coverageWarning{ID: c.ID, Name: nillable(c.Name), Message: fmt.Sprintf(
				"Test coverage of selected Apex Trigger is %d%%, at least %d%% test coverage is required", c.percent(), neededTriggerCoverage)})
		}
	}
	if average := percent(locations, missed); locations > 0 && average < neededCoverage {
		warnings = append(warnings, coverageWarning{ID: coverage[0].ID, Message: fmt.Sprintf(
			"Average test coverage across all Apex Classes and Triggers is %d%%, at least %d%% test coverage is required.", average, neededCoverage)})
	}
	return warnings
}

func (c codeCoverage) percent() int { return percent(c.NumLocations, c.NumLocationsNotCovered) }

func percent(locations, missed int) int {
	if locations == 0 {
		return 100
	}
	return (locations - missed) * 100 / locations
}
