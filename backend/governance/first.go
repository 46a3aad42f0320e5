package governance

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// before: what policy wants first has happened.
func (g *gate) before() {
	if g.policy == nil {
		return
	}
	if g.policy.ValidationFirst && g.Kind == AttemptDeploy || g.Kind == AttemptQuick {
		v, ok := g.freshValidation()
		g.names("days", fmt.Sprint(g.days()))
		g.check(ok, "validation", "A validation of this package succeeded"+at(v.CompletedAt)+".",
			fmt.Sprintf("No validation of this package has succeeded in the last %d days.", g.days()), "Press Validate Customizations first.", g.rev.Deployer)
	}
	if g.policy.TestFirst && g.Kind.Real() {
		g.check(g.testedElsewhere(), "test_first", "It was completed in a test environment.",
			"Not all of it was completed in a test environment yet.", "Deploy it to a sandbox first and complete that record.", g.request.Authors...)
	}
}

func at(t string) string {
	if t == "" {
		return ""
	}
	return " at " + t
}

func (g *gate) days() int64 {
	if g.policy.ValidationDays > 0 {
		return g.policy.ValidationDays
	}
	return 10
}

// freshValidation finds a validation of this very deed by the named deployer:
// the same bytes with the same options into the same org, not too old.
func (g *gate) freshValidation() (Ending, bool) {
	for _, a := range g.History.attempts(g.Record.ID) {
		if a.start.Kind != AttemptValidate || a.member != g.rev.Deployer || !g.sameDeed(a.start) || !a.succeeded() {
			continue
		}
		e := a.ends[0]
		done, err := time.Parse(time.RFC3339, e.CompletedAt)
		if err != nil || e.AsyncID == "" || g.Kind == AttemptQuick && e.AsyncID != g.Validation {
			continue
		}
		if !g.now().After(done.AddDate(0, 0, int(g.days()))) {
			return e, true
		}
	}
	return Ending{}, false
}

// sameDeed: a start was of the same package, options and target, perhaps in an
// earlier round.
func (g *gate) sameDeed(s Start) bool {
	r := g.History.Record(s.Revision)
	return r != nil && s.Package == g.rev.Package && r.Package == g.rev.Package && s.Target == g.rev.Target && r.Target == g.rev.Target &&
		r.APIVersion == g.rev.APIVersion && reflect.DeepEqual(r.Options, g.rev.Options)
}

// testedElsewhere: another deployment of this content of the request, with
// everything that this record carries, is completed to an environment that is
// not production.
func (g *gate) testedElsewhere() bool {
	for digest, r := range g.History.records {
		if r.Kind == Rollback || r.Request != g.Request.ID || r.RequestDigest != g.request.Revision ||
			r.TargetKind == Production || r.Target == g.rev.Target || !r.covers(g.rev) {
			continue
		}
		if st := g.History.RecordStanding(r.ID); st.Status == Completed && st.Revision == digest && g.History.deployed(r.ID, digest) {
			return true
		}
	}
	return false
}

// covers reports whether r does everything that another record does.
func (r *RecordRevision) covers(other *RecordRevision) bool {
	mine := map[string]Change{}
	for _, c := range r.Customizations {
		mine[c.String()] = c.Change
	}
	return !slices.ContainsFunc(other.Customizations, func(c Customization) bool {
		change, ok := mine[c.String()]
		return !ok || (change == Delete) != (c.Change == Delete)
	})
}
