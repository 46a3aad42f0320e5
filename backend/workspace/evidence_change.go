package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func (v *pageView) change(n int, line ledger.ChangeLine) changeView {
	out := changeView{ChangeLine: line, N: n, Name: "a draft that was never submitted", Class: classes[line.Status], Authors: []string{}}
	st := v.h.RequestStanding(line.ID)
	for _, a := range st.Authors {
		out.Authors = append(out.Authors, v.people.name(a))
	}
	if out.Rev = v.h.Request(st.Revision); out.Rev != nil {
		out.Name, out.Emergency = out.Rev.Name, string(out.Rev.ChangeType) == emergencyType
	}
	out.Approvals, out.Rule = v.approvals(line.ID, "cr.", st)
	for _, r := range line.Records {
		out.RecordList = append(out.RecordList, v.record(r, st))
	}
	subjects := []string{line.ID}
	for _, r := range line.Records {
		subjects = append(subjects, r.ID)
	}
	labels := map[string]string{line.ID: line.Label}
	for _, r := range line.Records {
		labels[r.ID] = r.Label
	}
	out.Timeline = v.timeline(subjects, labels)
	return out
}

// approvals are the votes of the round that stands.
func (v *pageView) approvals(subject, prefix string, st governance.Standing) ([]approvalRow, string) {
	out := []approvalRow{}
	seats := map[string]governance.SeatState{}
	for _, s := range st.Seating.Seats {
		if s.Act != "" {
			seats[s.Act] = s
		}
	}
	for _, a := range v.h.Thread(subject) {
		vote, is := a.Body.(governance.Vote)
		if !is || vote.Round != st.Round || vote.Revision != st.Revision {
			continue
		}
		row := approvalRow{Who: v.people.name(a.Member), When: clock(a.At), Act: a.ID, Digest: vote.Revision, Note: vote.Reason, Word: "Approved"}
		if a.Type == governance.ActType(prefix+string(governance.Reject)) {
			row.Word = "Rejected"
		}
		if c := v.h.CharterAt(a.Governance); c != nil {
			row.Roles = rolesText(c.Member(a.Member))
		}
		if d := v.h.Act(vote.Delegation); d != nil && vote.Delegation != "" {
			row.Proxy = v.people.name(d.Member)
		}
		if s, ok := seats[a.ID]; ok {
			row.Counts, row.Seat = true, fmt.Sprintf("Step %d: %s", s.Step+1, s.Role)
		}
		if a.Broken != "" {
			row.Note = strings.TrimSpace(row.Note + " Does not count: " + a.Broken + ".")
		}
		out = append(out, row)
	}
	return out, st.Seating.Rule
}

func rolesText(m *governance.Member) string {
	if m == nil {
		return ""
	}
	out := make([]string, len(m.Roles))
	for i, r := range m.Roles {
		out[i] = string(r)
	}
	return strings.Join(out, ", ")
}

func (v *pageView) record(line ledger.RecordLine, request governance.Standing) recordView {
	out := recordView{RecordLine: line, Name: "a record that was never submitted", Class: classes[line.Status]}
	st := v.h.RecordStanding(line.ID)
	out.Approvals, out.Rule = v.approvals(line.ID, "dr.", st)
	if rev := v.h.Record(st.Revision); rev != nil {
		out.Rev, out.Name = rev, rev.Name
		out.Source, out.Target, out.TargetID, out.TargetKind = v.place(rev.Source), v.place(rev.Target), rev.Target, string(rev.TargetKind)
		out.Deployer = v.people.name(rev.Deployer)
		out.Tests = string(rev.Options.TestLevel)
		if out.Tests == "" {
			out.Tests = "Salesforce's choice"
		}
		if len(rev.Options.Tests) > 0 {
			out.Tests += ": " + strings.Join(rev.Options.Tests, ", ")
		}
		out.Options = optionsText(rev.Options)
	}
	for _, d := range v.c.Differences {
		if d.Revision != line.Revision {
			continue
		}
		if d.State == "same" {
			out.Same++
			continue
		}
		out.Differences = append(out.Differences, d)
	}
	out.Attempts = v.attempts(line.ID)
	out.Duties = v.duties(out, request, st)
	return out
}

func optionsText(o governance.DeployOptions) string {
	out := []string{}
	for _, c := range []struct {
		on       bool
		yes, not string
	}{
		{o.RollbackOnError, "roll back on an error", "keep what succeeded when something fails"},
		{o.IgnoreWarnings, "ignore warnings", ""},
		{o.PurgeOnDelete, "delete past the recycle bin", ""},
	} {
		if c.on {
			out = append(out, c.yes)
		} else if c.not != "" {
			out = append(out, c.not)
		}
	}
	return strings.Join(out, ", ")
}

func (v *pageView) attempts(record string) []attemptRow {
	out := []attemptRow{}
	thread := v.h.Thread(record)
	for _, s := range thread {
		b, is := s.Body.(governance.Start)
		if !is {
			continue
		}
		row := attemptRow{Kind: kindWords[b.Kind], By: v.people.name(s.Member), Started: clock(s.At), Act: s.ID, Entry: -1, Real: b.Kind.Real(), Result: "not known to have ended", Class: "wait",
			Completed: "–", Components: "–", Tests: "–", Coverage: "–"}
		if idx, ok := v.entries[s.ID]; ok {
			row.Entry = idx
		}
		for _, a := range thread {
			e, ends := a.Body.(governance.Ending)
			if !ends || e.Start != s.ID || a.Key != s.Key || a.Broken != "" {
				continue
			}
			row.Async, row.Completed, row.Result, row.Class, row.Answer = e.AsyncID, orgClock(e.CompletedAt), resultWords[e.Result], classes[string(e.Result)], e.Detail
			row.Components, row.Tests = counted(e.Components, e.ComponentErrors, "with errors"), "none ran"
			if e.Tests > 0 || e.TestErrors > 0 {
				row.Tests = counted(e.Tests, e.TestErrors, "failed")
			}
			if e.Unchanged > 0 {
				row.Warnings = append(row.Warnings, fmt.Sprintf("%d accepted, but not as sent", e.Unchanged))
			}
		}
		if a := v.answers[s.ID]; a != nil {
			row.Failures, row.Worst = a.Failures, a.Worst
			row.Warnings = append(row.Warnings, a.Warnings...)
			if a.Lines > 0 {
				row.Coverage = fmt.Sprintf("%d %% of %d lines", a.Covered*100/a.Lines, a.Lines)
			}
			if a.Simulated {
				row.Coverage += " (simulated)"
			}
		}
		out = append(out, row)
	}
	return out
}

func counted(all, wrong int64, word string) string {
	if wrong == 0 {
		return fmt.Sprint(all)
	}
	return fmt.Sprintf("%d, %d %s", all, wrong, word)
}

// duties says of each pair of duties whether the same person had both.
func (v *pageView) duties(r recordView, request, record governance.Standing) []dutyRow {
	authors := slices.Concat(request.Authors, record.Authors)
	approvers := []string{}
	for _, st := range []governance.Standing{request, record} {
		for _, s := range st.Seating.Seats {
			if s.Member != "" {
				approvers = append(approvers, s.Member)
			}
		}
	}
	deployers := []string{}
	for _, a := range v.h.Thread(r.ID) {
		if b, is := a.Body.(governance.Start); is && b.Kind.Real() && a.Member != "" {
			deployers = append(deployers, a.Member)
		}
	}
	out := []dutyRow{}
	for _, pair := range []struct {
		what string
		a, b []string
	}{
		{"Nobody approved their own change", authors, approvers},
		{"Nobody deployed what they approved", approvers, deployers},
		{"Nobody deployed their own change", authors, deployers},
	} {
		both := []string{}
		for _, m := range pair.a {
			if name := v.people.name(m); slices.Contains(pair.b, m) && !slices.Contains(both, name) {
				both = append(both, name)
			}
		}
		row := dutyRow{What: pair.what, Class: "good", Word: "held"}
		switch {
		case len(both) > 0:
			row.Class, row.Word = "bad", "not held: "+strings.Join(both, ", ")
		case len(pair.b) == 0:
			row.Class, row.Word = "wait", "nothing to say yet"
		}
		out = append(out, row)
	}
	return out
}

// said are the words for acts about a change.
var actWords = map[string]string{
	"submit": "submitted", "approve": "approved", "reject": "rejected", "recall": "recalled", "reopen": "reopened", "cancel": "cancelled", "complete": "completed",
	"review": "reviewed", "withdraw": "withdrew a vote on",
}

func (v *pageView) timeline(subjects []string, labels map[string]string) []timelineRow {
	out := []timelineRow{}
	for _, s := range subjects {
		last := int64(-1)
		for _, a := range v.h.Thread(s) {
			row := v.timelineRow(a, labels[s])
			last = max(last, row.Entry) // a thread is in its own order; between two the trail decides
			row.place = last
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b timelineRow) int { return cmp.Compare(a.place, b.place) })
	return out
}
