package workspace

import (
	"context"
	"strings"
	"time"

	"countersign/backend/governance"
)

// A Reminder is a text for those who keep something waiting. Countersign sends
// nothing: the person mails it.
type Reminder struct {
	To    []Person `json:"to"`
	Text  string   `json:"text"`
	Lines []Said   `json:"lines"` // of Text, to be said in another language
}

// remindEntry is the log entry "remind": somebody wrote a reminder about
// content that waits.
type remindEntry struct {
	At      string   `json:"at"`
	By      string   `json:"by"`
	Digest  string   `json:"digest"`
	Subject string   `json:"subject"`
	To      []string `json:"to"`
}

// RequestReminder writes a reminder about a request that waits for approval or
// for its review as an emergency, and notes in the audit trail that it did.
// Faults: not_found, nothing_waits.
func (w *Workspace) RequestReminder(ctx context.Context, id string) (Reminder, error) {
	v, err := w.RequestView(ctx, id)
	if err != nil {
		return Reminder{}, err
	}
	m := mail{what: v.Label + " " + v.Request.Name, digest: v.Digest, seats: v.Seats, emergency: v.Request.Type == governance.Emergency}
	for _, r := range v.Reviews {
		if !r.Done && v.Request.Status != governance.Pending {
			m.seats, m.digest, m.due = r.Seats, r.Revision, r.Due
		}
	}
	if v.Request.Status != governance.Pending && m.due.IsZero() {
		return Reminder{}, nothingWaits(v.Label)
	}
	return w.reminder(ctx, id, m)
}

// RecordReminder is RequestReminder of a Deployment Record.
func (w *Workspace) RecordReminder(ctx context.Context, id string) (Reminder, error) {
	v, err := w.RecordView(ctx, id)
	if err != nil {
		return Reminder{}, err
	}
	if v.Record.Status != governance.Pending {
		return Reminder{}, nothingWaits(v.Label)
	}
	return w.reminder(ctx, id, mail{what: v.Label + " " + v.Record.Name, digest: v.Digest, seats: v.Seats, target: v.Target.Environment.Name,
		emergency: v.Request.Type == governance.Emergency})
}

func nothingWaits(label string) error {
	return governance.Faultf("nothing_waits", "%s waits for nobody's approval or review.", label).WithHint("Look at it as it is now.")
}

// A mail is what a reminder says.
type mail struct {
	what, target, digest string
	seats                Seats
	due                  time.Time // of a review
	emergency            bool
}

func (w *Workspace) reminder(ctx context.Context, id string, m mail) (Reminder, error) {
	_, to := m.seats.open()
	c, err := w.Charter(ctx)
	if err != nil {
		return Reminder{}, err
	}
	r := Reminder{To: to, Lines: w.mailed(m, rosterOf(c).name(w.Acting()), c.Name, to)}
	texts, ids := []string{}, []string{}
	for _, line := range r.Lines {
		texts = append(texts, line.Text)
	}
	r.Text = strings.Join(texts, "\n")
	for _, p := range to {
		ids = append(ids, p.ID)
	}
	return r, w.Store.Note(ctx, "remind", remindEntry{At: w.stamp(), By: w.Acting(), Digest: m.digest, Subject: id, To: ids})
}

// mailed is a mail in plain text, line by line: what waits, for whom, until when,
// and the digest by which everybody sees the same content.
func (w *Workspace) mailed(m mail, from, workspace string, to []Person) []Said {
	lines, empty := []Said{}, quoted("", "")
	add := func(code string, values ...any) { lines = append(lines, w.said(code, values...)) }
	if len(to) > 0 {
		lines = append(lines, quoted("", names(to)+","), empty)
	}
	asks := "remind.approval"
	if !m.due.IsZero() {
		asks = "remind.review"
	}
	add(asks, "what", oneLine(m.what), "workspace", oneLine(workspace))
	if m.emergency && m.due.IsZero() {
		add("remind.emergency")
	}
	if m.target != "" {
		add("remind.target", "target", oneLine(m.target))
	}
	add("remind.digest", "digest", m.digest)
	const minute = "2006-01-02 15:04 UTC"
	switch {
	case !m.due.IsZero():
		add("remind.due", "time", m.due.UTC().Format(minute))
	case !m.seats.Expires.IsZero():
		add("remind.expires", "time", m.seats.Expires.UTC().Format(minute))
	default:
		add("remind.open")
	}
	lines = append(lines, empty)
	add("remind.compare")
	return append(lines, empty, quoted("", from))
}

// subjectOf is the label and name of a request or a record. Fault: not_found.
func (w *Workspace) subjectOf(ctx context.Context, id string) (label, name string, err error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err == nil {
		return cr.Label(), cr.Name, nil
	}
	if governance.FaultCode(err) != "not_found" {
		return "", "", err
	}
	dr, again := w.Store.DeploymentRecord(ctx, id)
	if again != nil {
		return "", "", again
	}
	return dr.Label(), dr.Name, nil
}
