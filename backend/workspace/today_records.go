package workspace

import (
	"context"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// records adds what waits and expires of Deployment Records, and the person's
// drafts.
func (d *day) records(ctx context.Context) error {
	lines, err := d.w.Store.OpenRecordsFor(ctx, d.me)
	if err != nil {
		return err
	}
	// Of drafts there can be thousands, and nothing in the acts makes one wait:
	// only those that are shown are looked at.
	drafts, total, err := d.w.Store.DraftRecordsOf(ctx, d.me, mostTasks)
	if err != nil {
		return err
	}
	lines = append(lines, drafts...)
	d.today.Totals.Drafts += total - int64(len(drafts))
	for part := range slices.Chunk(lines, batch) {
		h, err := d.w.Store.History(ctx, requestsOf(part)...)
		if err != nil {
			return err
		}
		ids := make([]string, len(part))
		for i, l := range part {
			ids[i] = l.ID
		}
		logs, err := d.w.Store.LogLinesOf(ctx, ids)
		if err != nil {
			return err
		}
		for _, l := range part {
			if err := d.record(h, l, logs[l.ID]); err != nil {
				return err
			}
		}
	}
	return nil
}

// A recordState is what the task of one record depends on.
type recordState struct {
	h       *governance.History
	st      governance.Standing
	line    store.RecordLine
	logs    []store.LogLine // newest first
	authors []string
	task    Task
}

func (d *day) record(h *governance.History, l store.RecordLine, logs []store.LogLine) error {
	authors, err := l.Authors()
	if err != nil {
		return err
	}
	env := targetIn(d.envs, l)
	s := recordState{h: h, st: h.RecordStanding(l.ID), line: l, logs: logs, authors: authors, task: Task{Kind: taskRecord, ID: l.ID, RequestID: l.RequestID,
		Label: labelOf("DR", l.Number), Name: l.Name, Environment: env.Name, Production: drawnAsProduction(h.Charter(), env), At: l.UpdatedAt, Emergency: l.RequestType == governance.Emergency}}
	if len(authors) > 0 {
		s.task.By = d.people.person(authors[0])
	}
	if troubleOf(h, s.st, l.Status) != "" {
		return nil // its page says so; nothing can be done with it from here
	}
	mine := slices.Contains(authors, d.me)
	switch s.st.Status {
	case governance.Pending:
		d.pendingRecord(s)
	case governance.Rejected:
		if mine {
			d.wait(d.say(s.task, nextReopen, "request.reopen.rejected", "reason", s.st.Reason))
		}
	case governance.InProgress:
		if mine {
			d.add(&d.today.Drafts, &d.today.Totals.Drafts, d.say(s.task, nextEdit, "task.record.draft"))
		}
	case governance.Approved:
		d.approvedRecord(s, mine)
	case governance.Completed, governance.Cancelled:
	}
	return nil
}

func (d *day) wait(t Task) { d.add(&d.today.Waiting, &d.today.Totals.Waiting, t) }

func (d *day) pendingRecord(s recordState) {
	dr := governance.DeploymentRecord{ID: s.line.ID, RequestID: s.line.RequestID, Status: s.line.Status, Authors: s.authors, Deployer: s.line.Deployer}
	vote := actionOf(dr.Actions(governance.Situation{History: s.h, By: d.me, Now: d.now}), governance.Approve)
	d.until = soonest(turnAt(s.h, d.me, d.now), d.until)
	key, values := voteSaid(s.h, s.st, vote)
	if key == "" {
		return
	}
	t := s.task
	t.Digest, t.Expires = s.st.Revision, s.st.Seating.Expires.UTC()
	d.wait(d.say(t, nextVote, key, values...))
}

// approvedRecord waits for its deployer, or, once it is deployed, for an author
// to complete it.
func (d *day) approvedRecord(s recordState, mine bool) {
	word := deploymentWord(s.st.Status, s.line.Revision, s.logs)
	deployer := s.line.Deployer == d.me
	switch {
	case word == wordDeploying:
	case word == wordDeployed:
		if mine {
			d.wait(d.say(s.task, nextComplete, "task.record.complete", "target", s.task.Environment))
		}
	case s.st.Seating.Filled && !s.st.Seating.Expires.After(d.now):
		end := s.st.Seating.Expires.UTC()
		if mine {
			d.expire(d.say(s.task, nextReopen, "task.expired", "at", end))
		} else if deployer {
			who := d.people.people(s.authors)
			d.expire(d.say(s.task, nextWait, "task.expired.other", "at", end, "who", names(who)))
		}
	case !s.st.Seating.Filled:
		if mine {
			d.wait(d.say(s.task, nextReopen, "request.reopen.seats"))
		}
	case deployer || mine:
		if deployer {
			d.wait(d.say(s.task, nextDeploy, "task.record.deploy", "target", s.task.Environment))
			d.validation(s)
		}
		if end := s.st.Seating.Expires.UTC(); !end.After(d.now.Add(soon)) {
			d.expire(d.say(s.task, nextDeploy, "task.expiring", "hours", hoursTo(d.now, end)))
		}
	}
}

func (d *day) expire(t Task) { d.add(&d.today.Expiring, &d.today.Totals.Expiring, t) }

// validation tells when the last validation can be deployed no longer, or soon
// not any more, where the policy asks for one.
func (d *day) validation(s recordState) {
	rev := s.h.Record(s.st.Revision)
	if rev == nil || s.h.Charter() == nil {
		return
	}
	p := s.h.Charter().PolicyFor(rev.TargetKind, rev.Target)
	if p == nil || !p.ValidationFirst {
		return
	}
	i := slices.IndexFunc(s.logs, func(l store.LogLine) bool {
		return l.Kind == governance.AttemptValidate && l.Result == governance.ResultSucceeded && l.Revision == s.st.Revision
	})
	if i < 0 {
		return
	}
	end := s.logs[i].CompletedAt.AddDate(0, 0, int(p.ValidationDays))
	switch {
	case !end.After(d.now):
		d.expire(d.say(s.task, string(StepValidate), "task.validation.over", "at", end))
	case !end.After(d.now.Add(soon)):
		d.expire(d.say(s.task, string(StepDeploy), "task.validation", "hours", hoursTo(d.now, end)))
	}
}

func (p *Person) name() string {
	if p == nil {
		return "Somebody"
	}
	return p.Name
}
