package workspace

import (
	"context"
	"slices"
	"strings"

	"countersign/backend/governance"
)

// A PolicyQuestion asks what a change would need.
type PolicyQuestion struct {
	Type          governance.ChangeType `json:"type"`
	Types         []string              `json:"types"`         // metadata types
	RequestID     string                `json:"requestId"`     // instead: of this request
	EnvironmentID string                `json:"environmentId"` // also of a record into it; may be empty
	Draft         *PolicyDraft          `json:"draft,omitempty"`
}

// A PolicyDraft is policies that somebody writes; asked under it, the answer is
// what it would ask for if it were in force.
type PolicyDraft struct {
	Requests     governance.Policy   `json:"requests"`
	Environments []governance.Policy `json:"environments"`
}

// A PolicyAnswer says what a change would need.
type PolicyAnswer struct {
	Request Seats  `json:"request"`
	Record  *Seats `json:"record"`
	// Calendar says when the record may be deployed, and whether it may now.
	Calendar *Calendar `json:"calendar"`
	// Reviewed: it is an Emergency, which is reviewed after it was deployed.
	Reviewed *EmergencyTerms `json:"reviewed"`
	// Why says which category made it this strict.
	Why string `json:"why"`
	// Said is Why for translation.
	Said Said `json:"said"`
}

// WouldNeed says which seats a change would need under the policies in force,
// or under a draft of others with the members and environments of now.
// Without metadata types and without a request nothing is known of the content,
// and the strictest level counts. Faults: not_found, change_type.
func (w *Workspace) WouldNeed(ctx context.Context, q PolicyQuestion) (PolicyAnswer, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return PolicyAnswer{}, err
	}
	if c != nil && q.Draft != nil {
		drafted := *c
		drafted.Requests, drafted.Environments = q.Draft.Requests, q.Draft.Environments
		c = &drafted
	}
	p := prospect{policy: &c.Requests, kind: q.Type, types: q.Types, authors: []string{w.Acting()}}
	if q.RequestID != "" {
		cr, err := w.Store.ChangeRequest(ctx, q.RequestID)
		if err != nil {
			return PolicyAnswer{}, err
		}
		p = w.prospectOf(c, cr)
	}
	if p.kind == "" {
		p.kind = governance.Minor
	}
	if !slices.Contains(governance.ChangeTypes(), p.kind) {
		return PolicyAnswer{}, governance.Faultf("change_type", "%q is not a Change Type.", p.kind).WithHint("Choose Minor, Standard, Major or Emergency.")
	}
	why := w.strictness(p)
	answer := PolicyAnswer{Request: w.expectedSeats(c, p), Why: why.Text, Said: why}
	if p.kind == governance.Emergency {
		answer.Reviewed = termsOf(&c.Requests)
	}
	if q.EnvironmentID == "" {
		return answer, nil
	}
	env, err := w.Store.Environment(ctx, q.EnvironmentID)
	if err != nil {
		return PolicyAnswer{}, err
	}
	p.policy, p.asked = c.PolicyFor(env.Kind, env.OrganizationID), nil // a record asks nobody as well
	seats := w.expectedSeats(c, p)
	answer.Record = &seats
	if p.policy != nil {
		answer.Calendar = w.calendarOf(p.policy, p.kind)
	}
	return answer, nil
}

// strictness says which category makes a change as strict as it is.
func (w *Workspace) strictness(p prospect) Said {
	level := p.policy.StrictestLevel(p.types)
	if len(p.types) == 0 {
		return w.said("policy.why.unknown", "level", string(level))
	}
	by := map[governance.Category][]string{}
	for _, t := range p.types {
		if c := governance.CategoryOf(t); p.policy.LevelOf(c) == level {
			by[c] = append(by[c], t)
		}
	}
	for _, c := range governance.Categories() {
		if types := by[c]; len(types) > 0 {
			slices.Sort(types)
			return w.said("policy.why", "category", string(c), "types", strings.Join(slices.Compact(types), ", "), "level", string(level))
		}
	}
	return w.said("policy.why.unknown", "level", string(level))
}

// A Calendar is when a policy lets something be deployed.
type Calendar struct {
	Open      bool             `json:"open"`      // now
	Said      Said             `json:"said"`      // how it is now
	Sentences []PolicySentence `json:"sentences"` // the freezes and windows
}

// calendarOf is the calendar of a policy for a Change Type, as the gate reads it.
func (w *Workspace) calendarOf(p *governance.Policy, kind governance.ChangeType) *Calendar {
	s := &speaker{w: w, out: []PolicySentence{}}
	s.calendar(p)
	c := &Calendar{Sentences: slices.DeleteFunc(s.out, func(s PolicySentence) bool { return s.Code == "findingsClose" })}
	now := p.At(w.now(), kind)
	c.Open = now.Open()
	switch {
	case now.Unknown:
		c.Said = w.said("policy.answer.zone", "zone", p.Zone)
	case now.Freeze != nil:
		c.Said = w.said("policy.answer.frozen", "name", now.Freeze.Name, "until", now.Freeze.Until)
	case now.Outside:
		c.Said = w.said("policy.answer.outside", "now", now.Clock())
	case !p.Calendar():
		c.Said = w.said("policy.answer.always")
	default:
		c.Said = w.said("policy.answer.open", "now", now.Clock())
	}
	return c
}
