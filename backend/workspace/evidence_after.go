package workspace

import (
	"slices"

	"countersign/backend/governance"
)

type emergencyRow struct {
	Label, Name, Reason, Incident string
	N                             int
	Owed                          []owedRow
}

// An owedRow is the review that an emergency owes since it was deployed.
type owedRow struct {
	Deployed, Due, Class, Word string
	Given                      []timelineRow
}

// An outsideRow is something that was found in an organisation and that no act
// accounts for.
type outsideRow struct {
	Where, Organization, When, Who, Async, What, FoundBy string
	Class, Word, Reason, ResolvedBy                      string
	Components                                           []string
	More                                                 int
}

// emergencies lists changes of that type with the reviews that they owe or had.
func (v *pageView) emergencies() {
	reviews := v.h.Reviews(v.c.Created)
	for i := range v.Changes {
		c := &v.Changes[i]
		if !c.Emergency {
			continue
		}
		row := emergencyRow{Label: c.Label, Name: c.Name, N: c.N, Reason: c.Rev.EmergencyReason, Incident: c.Rev.Incident}
		for _, r := range reviews {
			if r.Subject == c.ID {
				row.Owed = append(row.Owed, v.owed(r, c.Label))
			}
		}
		v.Emergencies = append(v.Emergencies, row)
	}
}

func (v *pageView) owed(r governance.ReviewState, label string) owedRow {
	row := owedRow{Deployed: clock(r.Deployed), Due: clock(r.Due), Class: "wait", Word: "not reviewed yet"}
	switch {
	case r.Done && len(r.Objected) > 0:
		row.Class, row.Word = "bad", "reviewed, with an objection"
	case r.Done:
		row.Class, row.Word = "good", "reviewed"
	case r.Overdue:
		row.Class, row.Word = "bad", "overdue when this file was made"
	}
	for _, a := range v.h.Thread(r.Subject) {
		if b, is := a.Body.(governance.Review); is && b.Round == r.Round && b.Revision == r.Revision {
			row.Given = append(row.Given, v.timelineRow(a, label))
		}
	}
	return row
}

const mostComponents = 12 // that are named of one finding

// outside lists what was found in the organisations that the file speaks of.
func (v *pageView) outside() {
	for _, org := range v.organizations() {
		for _, f := range v.h.Findings(org) {
			row := outsideRow{Where: v.place(org), Organization: org, When: orgClock(f.Finding.At), Who: f.Finding.By, Async: f.Finding.Async,
				What: f.Finding.Summary, FoundBy: v.people.name(f.By), Class: "bad", Word: "open", Reason: f.Reason,
				Components: f.Finding.Components[:min(len(f.Finding.Components), mostComponents)], More: max(0, len(f.Finding.Components)-mostComponents)}
			if r := v.h.Act(f.Resolved); r != nil {
				row.Class, row.Word, row.ResolvedBy = "good", "resolved", v.people.name(r.Member)+", "+clock(r.At)
			}
			v.Outside = append(v.Outside, row)
		}
	}
}

// organizations are the targets of what is in the file, each once.
func (v *pageView) organizations() []string {
	out := []string{}
	add := func(org string) {
		if org != "" && !slices.Contains(out, org) {
			out = append(out, org)
		}
	}
	add(v.c.Population.Organization)
	for _, d := range v.Deployments {
		add(d.Organization)
	}
	for _, c := range v.Changes {
		for _, r := range c.RecordList {
			add(r.TargetID)
		}
	}
	return out
}
