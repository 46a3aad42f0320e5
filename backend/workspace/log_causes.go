package workspace

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// lacks are the ways in which Salesforce says that something is not there, with
// the type and the name of it. A field's object is before the dot.
var lacks = []struct {
	says *regexp.Regexp
	of   func(m []string) (typ, name string)
}{
	{regexp.MustCompile(`no (\w+) named ([^\s,;]+) found`), func(m []string) (string, string) { return m[1], m[2] }},
	{regexp.MustCompile(`Field does not exist: (\S+) on (\S+)`), func(m []string) (string, string) { return "CustomField", m[2] + "." + m[1] }},
	{regexp.MustCompile(`Unable to find Apex action class referenced as '([^']+)'`), func(m []string) (string, string) { return "ApexClass", m[1] }},
	{regexp.MustCompile(`External string does not exist: (\S+)`), func(m []string) (string, string) { return "CustomLabel", m[1] }},
	{regexp.MustCompile(`Invalid type: (\S+)`), func(m []string) (string, string) {
		if strings.HasSuffix(m[1], "__c") || strings.HasSuffix(m[1], "__mdt") || strings.HasSuffix(m[1], "__e") {
			return "CustomObject", m[1]
		}
		return "ApexClass", m[1]
	}},
	{regexp.MustCompile(`Field (\S+) does not exist\. Check spelling`), func(m []string) (string, string) { return "CustomField", m[1] }},
}

// lacking is what a problem says is not there, if it says so.
func lacking(problem string) (governance.Customization, bool) {
	for _, l := range lacks {
		if m := l.says.FindStringSubmatch(problem); m != nil {
			typ, name := l.of(m)
			return governance.Customization{Change: governance.Add, Type: typ, Name: strings.TrimRight(name, ".'\"")}, true
		}
	}
	return governance.Customization{}, false
}

// causes groups an attempt's failures: those that lack the same thing, and
// those of which the org says the same. A cause whose components other failures
// name comes first: mending it may mend them.
func (w *Workspace) causes(ctx context.Context, dr *governance.DeploymentRecord, log *governance.DeploymentLog) ([]Cause, error) {
	groups, order := map[string]*causeGroup{}, []string{}
	for _, f := range log.Outcome.Failures {
		key := f.Problem
		missing, lacks := lacking(f.Problem)
		if lacks {
			key = missing.String()
		}
		if groups[key] == nil {
			groups[key] = &causeGroup{Cause: Cause{Problem: f.Problem, Failures: []governance.ComponentFailure{}, Missing: []governance.Customization{}}}
			if lacks {
				groups[key].lacks = &missing
			}
			order = append(order, key)
		}
		groups[key].Failures = append(groups[key].Failures, f)
	}
	all := make([]*causeGroup, 0, len(order))
	for _, key := range order {
		all = append(all, groups[key])
	}
	rankCauses(all)
	if err := w.mending(ctx, dr, all); err != nil {
		return nil, err
	}
	return w.fitCauses(all), nil
}

type causeGroup struct {
	Cause
	lacks  *governance.Customization
	blamed int // failures of other causes that name one of this one's components
}

// mostRanked bounds what is compared with each other; beyond it the number of
// failures alone decides the order.
const mostRanked = 300

func rankCauses(all []*causeGroup) {
	if len(all) <= mostRanked {
		for _, g := range all {
			for _, other := range all {
				if other != g && other.names(g) {
					g.blamed += len(other.Failures)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *causeGroup) int {
		return cmp.Or(cmp.Compare(b.blamed, a.blamed), cmp.Compare(len(b.Failures), len(a.Failures)))
	})
}

// names reports whether a problem of a cause names a component that failed for
// another.
func (g *causeGroup) names(other *causeGroup) bool {
	for _, f := range other.Failures {
		if g.lacks != nil && (g.lacks.Name == f.Name || strings.HasSuffix(f.Name, "."+g.lacks.Name)) {
			return true
		}
		if f.Name != "" && namesWord(g.Problem, f.Name) {
			return true
		}
	}
	return false
}

// namesWord reports whether a text names something as a whole word.
func namesWord(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(name)
		if (i == 0 || !isNameByte(text[i-1])) && (end == len(text) || !isNameByte(text[end])) {
			return true
		}
		from = i + 1
	}
}

func isNameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// mending finds what could be added to the request: what is lacking, is not in
// the record, and is in the source by its last inventory or by the last check
// of dependencies.
func (w *Workspace) mending(ctx context.Context, dr *governance.DeploymentRecord, all []*causeGroup) error {
	wanted := []governance.Customization{}
	for _, g := range all {
		if g.lacks != nil {
			wanted = append(wanted, *g.lacks)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	has, err := w.sourceHas(ctx, dr, wanted)
	if err != nil {
		return err
	}
	carried := map[string]bool{}
	for _, c := range dr.Customizations {
		carried[c.String()] = true
	}
	for _, g := range all {
		if g.lacks != nil && has[g.lacks.String()] && !carried[g.lacks.String()] {
			g.Missing = append(g.Missing, *g.lacks)
		}
	}
	return nil
}

func (w *Workspace) sourceHas(ctx context.Context, dr *governance.DeploymentRecord, cs []governance.Customization) (map[string]bool, error) {
	has, _, err := w.Scanner.Existing(ctx, dr.SourceID, cs)
	if err != nil {
		return nil, err
	}
	checked, err := w.lastDependencies(ctx, dr)
	if err != nil {
		return nil, err
	}
	for _, c := range checked.Answer.Missing {
		has[c.String()] = true
	}
	return has, nil
}

// fitCauses keeps what fits into one answer, the first causes whole.
func (w *Workspace) fitCauses(all []*causeGroup) []Cause {
	out, room := make([]Cause, 0, len(all)), mostAnswer/3
	for _, g := range all {
		g.Count = int64(len(g.Failures))
		for i := range g.Failures {
			if room -= sizeOf(g.Failures[i]); room < 0 && i > 0 {
				g.Failures = g.Failures[:i:i]
				break
			}
		}
		if room < 0 && len(out) > 0 && len(g.Failures) == 0 {
			break
		}
		out = append(out, g.Cause)
		if room < 0 {
			break
		}
	}
	return out
}

// neededPercent is the share of lines that Salesforce wants tests to run
// (Apex Developer Guide, code coverage).
const neededPercent = 75

// coverageOf is the coverage of each class, worst first, and of all together,
// -1 if nothing was measured.
func coverageOf(all []governance.Coverage) ([]ClassCoverage, int64) {
	out, lines, covered := make([]ClassCoverage, 0, len(all)), int64(0), int64(0)
	for _, c := range all {
		v := ClassCoverage{Coverage: c, Percent: 100}
		if c.Locations > 0 {
			ran := c.Locations - c.Uncovered
			v.Percent = ran * 100 / c.Locations
			v.Needed = max((c.Locations*neededPercent+99)/100-ran, 0)
			lines, covered = lines+c.Locations, covered+ran
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b ClassCoverage) int {
		return cmp.Or(cmp.Compare(a.Percent, b.Percent), cmp.Compare(b.Needed, a.Needed), strings.Compare(a.Name, b.Name))
	})
	percent := int64(-1)
	if lines > 0 {
		percent = covered * 100 / lines
	}
	const most = 5000 // classes that one answer holds
	return out[:min(len(out), most)], percent
}

// positionIn is the place of a deployment among those that an org has not
// ended, by the time at which they came; 0 if it does not show it as waiting.
func positionIn(all []salesforce.DeployRequest, asyncID string) int64 {
	mine := time.Time{}
	for _, d := range all {
		if salesforce.ID18(d.ID) == salesforce.ID18(asyncID) && d.Status == salesforce.DeployPending {
			mine = d.CreatedDate
		}
	}
	if mine.IsZero() {
		return 0
	}
	before := int64(0)
	for _, d := range all {
		if !d.Status.Done() && d.CreatedDate.Before(mine) {
			before++
		}
	}
	return before + 1
}
