package workspace

import (
	"slices"
	"strings"

	"countersign/backend/governance"
)

// A checklist is what stands between a record and its next step, line by line.
type checklist struct {
	w      *Workspace
	checks []governance.Check
}

// add takes a line; remedy is the code of a sentence, empty where there is none.
func (l *checklist) add(ok bool, code string, said Said, remedy string, who []string) {
	c := governance.Check{Code: code, OK: ok, Message: said.Text, Params: said.Params, Who: append([]string{}, who...)}
	if !ok && remedy != "" {
		c.Remedy = l.w.said(remedy).Text
	}
	l.checks = append(l.checks, c)
}

func either(ok bool, good, bad Said) Said {
	if ok {
		return good
	}
	return bad
}

// requestChecks is the checklist of a request as it stands.
func (w *Workspace) requestChecks(s situated, cr *governance.ChangeRequest, submit governance.ActionState, seats Seats) []governance.Check {
	l := &checklist{w: w, checks: []governance.Check{}}
	if s.trouble != "" {
		l.add(false, "altered", quoted("", s.trouble), "request.remedy.verify", nil)
	}
	for _, t := range s.st.Trouble {
		l.add(false, "history", quoted("", t), "request.remedy.missing", nil)
	}
	switch s.st.Status {
	case governance.InProgress:
		l.draft(s, cr, submit)
	case governance.Pending:
		l.votes(seats)
	case governance.Approved:
		l.approved(s, seats)
	case governance.Rejected, governance.Completed, governance.Cancelled:
	}
	return l.checks
}

func (l *checklist) draft(s situated, cr *governance.ChangeRequest, submit governance.ActionState) {
	named := strings.TrimSpace(cr.Name) != ""
	l.add(named, "name", either(named, l.w.said("request.check.name"), l.w.said("request.check.name.no")), "request.remedy.name", s.authors)
	told := strings.TrimSpace(cr.Overview) != ""
	l.add(told, "overview", either(told, l.w.said("request.check.overview"), l.w.said("request.check.overview.no")), "request.remedy.overview", s.authors)
	if cr.Type == governance.Emergency {
		urgent := strings.TrimSpace(cr.EmergencyReason) != ""
		l.add(urgent, "urgent", either(urgent, l.w.said("request.check.urgent"), l.w.said("request.check.urgent.no")), "request.remedy.urgent", s.authors)
		known := strings.TrimSpace(cr.Incident) != ""
		l.add(known, "incident", either(known, l.w.said("request.check.incident"), l.w.said("request.check.incident.no")), "request.remedy.incident", s.authors)
	}
	filled := len(cr.Customizations)+len(cr.Manifests)+len(cr.ChangeSets) > 0
	l.add(filled, "content", either(filled, l.w.said("request.check.content"), l.w.said("request.check.content.no")), "request.remedy.content", s.authors)
	if gapOf(cr) == "" && s.trouble == "" { // the rest is governance's to say
		l.add(submit.Allowed, "submit", either(submit.Allowed, l.w.said("request.check.submit"), quoted("", submit.Why)), "", s.authors)
	}
}

func (l *checklist) votes(seats Seats) {
	remedy := "request.remedy.wait"
	if _, who := seats.open(); len(who) == 0 {
		remedy = "request.remedy.nobody"
	}
	for _, seat := range seats.Seats {
		if seat.Member != nil && seat.Role == "" {
			l.add(true, "seat_named", l.w.said("request.check.named", "who", seat.Member.Name, "why", seat.Why.Text), "", nil)
			continue
		}
		if seat.Member != nil {
			l.add(true, "seat", l.w.said("request.check.seat", "role", string(seat.Role), "who", seat.Member.Name), "", nil)
			continue
		}
		who := make([]string, len(seat.May))
		for i, p := range seat.May {
			who[i] = p.ID
		}
		if seat.Role == "" {
			l.add(false, "seat_named", l.w.said("request.check.named.no", "why", seat.Why.Text), remedy, who)
			continue
		}
		l.add(false, "seat", l.w.said("request.check.seat.no", "role", string(seat.Role)), remedy, who)
	}
	for _, why := range seats.Refused {
		l.add(false, "refused", quoted("", why), "", nil)
	}
}

func (l *checklist) approved(s situated, seats Seats) {
	switch {
	case seats.Filled && seats.Expired:
		l.add(false, "expired", l.w.said("request.check.expired.no", "at", seats.Expires), "request.remedy.reopen", s.authors)
	default:
		l.add(seats.Filled, "seats", either(seats.Filled, l.w.said("request.check.fresh"), l.w.said("request.check.fresh.no")), "request.remedy.reopen", s.authors)
	}
	live := 0
	for _, r := range s.records {
		status := s.h.RecordStanding(r.ID).Status
		if status == governance.Cancelled {
			continue
		}
		live++
		l.add(status == governance.Completed, "record", l.w.said("request.check.record", "record", labelOf("DR", r.Number), "target", s.targets[r.TargetID], "status", s.statusOf(r)), "request.remedy.open", s.authors)
	}
	if live == 0 {
		l.add(false, "records", l.w.said("request.check.records.no"), "request.remedy.record", s.authors)
	}
}

// actionOf finds an action in what governance says.
func actionOf(states []governance.ActionState, a governance.Action) governance.ActionState {
	i := slices.IndexFunc(states, func(s governance.ActionState) bool { return s.Action == a })
	if i < 0 {
		return governance.ActionState{Action: a}
	}
	return states[i]
}
