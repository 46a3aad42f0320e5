package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A Happening is one line of a record's activity.
type Happening struct {
	ID     string    `json:"id"`
	Code   string    `json:"code"` // act or entry kind: cr.submit, dr.approve, draft, scan, gate, deploy.start ...
	By     *Person   `json:"by"`
	At     time.Time `json:"at" ts_type:"string"`
	Text   string    `json:"text"`   // the sentence
	Reason string    `json:"reason"` // what the person wrote
	Signed bool      `json:"signed"` // it is a signed act
	Digest string    `json:"digest"` // of the content it is about, if of one
	Link   string    `json:"link"`   // id of the record or log it is about
	Round  int64     `json:"round"`
	// Said is the sentence for translation.
	Said Said `json:"said"`

	order int64 // among happenings of one time
}

const (
	maxHappenings = 500
	maxEntries    = 3000 // of one kind that are looked at
)

// Activity is what happened to a request or a record, newest first, with the
// deployments of a request: signed acts, and what the audit trail and the
// Deployment Logs say beside them. Savings of a draft by one person that follow
// each other are one line. Of a long history the last 500 lines. Fault:
// not_found.
func (w *Workspace) Activity(ctx context.Context, id string) ([]Happening, error) {
	t, err := w.chronicleOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context) error{t.acts, t.drafts, t.ofRecords, t.extensions, t.retrievals} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	t.straighten()
	slices.SortStableFunc(t.out, func(a, b Happening) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.order, a.order)) })
	out := t.coalesced()
	return out[:min(len(out), maxHappenings)], nil
}

// A chronicle tells what happened to a request and its records, or to one record.
type chronicle struct {
	w       *Workspace
	h       *governance.History
	people  roster
	request string
	label   map[string]string // by subject
	records []string
	signed  map[string]time.Time // act id -> when it came
	logs    map[string][]store.LogLine
	out     []Happening
}

func (w *Workspace) chronicleOf(ctx context.Context, id string) (*chronicle, error) {
	t := &chronicle{w: w, label: map[string]string{}, out: []Happening{}}
	lines, err := w.Store.RecordLines(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	request := id
	if len(lines) == 0 {
		cr, err := w.Store.ChangeRequest(ctx, id)
		if err != nil {
			return nil, err
		}
		t.request, t.label[id] = id, cr.Label()
		if lines, err = w.Store.RecordLinesOf(ctx, []string{id}); err != nil {
			return nil, err
		}
	} else {
		request = lines[0].RequestID
	}
	for _, l := range lines {
		t.records = append(t.records, l.ID)
		t.label[l.ID] = labelOf("DR", l.Number)
	}
	if t.h, err = w.Store.History(ctx, request); err != nil {
		return nil, err
	}
	t.people = rosterOf(t.h.Charter())
	if t.logs, err = w.Store.LogLinesOf(ctx, t.records); err != nil {
		return nil, err
	}
	t.signed, err = w.Store.ReceivedAt(ctx, t.subjects())
	return t, err
}

func (t *chronicle) subjects() []string {
	out := []string{}
	for subject := range t.label {
		out = append(out, subject)
	}
	slices.Sort(out)
	return out
}

func (t *chronicle) add(h Happening, key string, values ...any) {
	h.Said = t.w.said(key, values...)
	h.Text = h.Said.Text
	t.out = append(t.out, h)
}

// acts tells the signed acts.
func (t *chronicle) acts(context.Context) error {
	for _, subject := range t.subjects() {
		for i, a := range t.h.Thread(subject) {
			at := t.signed[a.ID]
			if at.IsZero() {
				at = a.At
			}
			t.act(a, Happening{ID: a.ID, Code: string(a.Type), By: t.people.person(a.Member), At: at.UTC(), Signed: true, Link: subject, order: int64(i)})
		}
	}
	return nil
}

func (t *chronicle) act(a *governance.Act, h Happening) {
	record := t.label[a.Subject]
	who := t.people.name(a.Member)
	if a.Broken != "" {
		t.add(h, "activity.broken", "who", who, "record", record, "why", a.Broken)
		return
	}
	_, action, _ := strings.Cut(string(a.Type), ".")
	key := "activity." + action
	switch b := a.Body.(type) {
	case governance.Submission:
		h.Digest, h.Round = b.Revision, b.Round
	case governance.Vote:
		h.Digest, h.Round, h.Reason = b.Revision, b.Round, b.Reason
	case governance.Withdrawal:
		h.Digest, h.Round, h.Reason = b.Revision, b.Round, b.Reason
	case governance.Review:
		h.Digest, h.Round, h.Reason = b.Revision, b.Round, b.Reason
	case governance.Closing:
		h.Digest, h.Round, h.Reason = b.Revision, b.Round, b.Reason
	case governance.Start:
		h.Digest, h.Link = b.Revision, b.Log
		t.add(h, "activity.start."+attemptWord(b.Kind), "who", who, "record", record)
		return
	case governance.Ending:
		h.Digest = b.Revision
		if s := t.h.Act(b.Start); s != nil {
			if start, isStart := s.Body.(governance.Start); isStart {
				h.Link = start.Log
			}
		}
		t.add(h, "activity.end."+attemptWord(b.Kind), "record", record, "result", string(b.Result))
		return
	}
	if english[key] == "" {
		t.add(h, "activity.other", "who", who, "act", string(a.Type), "record", record)
		return
	}
	t.add(h, key, "who", who, "record", record)
}

func attemptWord(k governance.AttemptKind) string {
	if k == governance.AttemptReverseCheck {
		return "reverse"
	}
	return string(k)
}

// drafts tells the savings of content; the first of each is its making.
func (t *chronicle) drafts(ctx context.Context) error {
	entries, err := t.w.Store.EntriesOfRows(ctx, t.subjects(), maxEntries)
	if err != nil {
		return err
	}
	notes, first := make([]note, len(entries)), map[string]int64{}
	for i, e := range entries {
		if notes[i], err = readNote(e); err != nil {
			return err
		}
		if e.Kind == entryDraft {
			first[notes[i].Subject] = e.Idx // the entries come newest first
		}
	}
	whole := len(entries) < maxEntries
	for i, e := range entries {
		n := notes[i]
		h := Happening{ID: entryID(e), By: t.people.person(n.By), At: n.at(), Link: n.Subject, order: e.Idx}
		who, record := t.people.name(n.By), t.label[n.Subject]
		switch {
		case e.Kind == entryRebuild:
			h.Code = happenedRebuild
			t.add(h, "activity.rebuild", "who", who, "what", n.What)
		case e.Kind != entryDraft:
		case whole && first[n.Subject] == e.Idx:
			h.Code = happenedCreated
			t.add(h, "activity.created", "who", who, "record", record)
		case !t.withAnAct(n):
			h.Code = happenedDraft
			t.add(h, "activity.draft", "who", who, "record", record)
		}
	}
	return nil
}

// withAnAct reports whether content was saved by the door of an act, which is
// told anyway.
func (t *chronicle) withAnAct(n note) bool {
	for id, at := range t.signed {
		if a := t.h.Act(id); a != nil && a.Subject == n.Subject && at.Equal(n.at()) {
			return true
		}
	}
	return false
}

// ofRecords tells scans, checks of dependencies and refusals of the gate.
func (t *chronicle) ofRecords(ctx context.Context) error {
	if len(t.records) == 0 {
		return nil
	}
	entries, err := t.w.Store.EntriesAbout(ctx, t.records, []string{entryGate, entryContent, entryDependencies}, maxEntries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		n, err := readNote(e)
		if err != nil {
			return err
		}
		h := Happening{ID: entryID(e), Code: e.Kind, By: t.people.person(n.By), At: n.at(), Link: n.Record, order: e.Idx}
		who, record := t.people.name(n.By), t.label[n.Record]
		switch {
		case e.Kind == entryContent:
			h.Code = happenedScan
			t.add(h, "activity.scan", "who", who, "record", record, "items", n.Items)
		case e.Kind == entryDependencies:
			h.Code = happenedDependencies
			t.add(h, "activity.dependencies", "who", who, "record", record, "found", n.Found, "missing", len(n.Missing))
		case !n.Open: // that it was open says the attempt
			h.Code = happenedGate
			t.add(h, "activity.gate", "record", record, "why", strings.Join(n.Reasons, " "))
		}
	}
	return nil
}

// extensions tells what Check Dependencies let people add to the request.
func (t *chronicle) extensions(ctx context.Context) error {
	if t.request == "" {
		return nil
	}
	entries, err := t.w.Store.EntriesForRequest(ctx, t.request, maxHappenings)
	if err != nil {
		return err
	}
	for _, e := range entries {
		n, err := readNote(e)
		if err != nil {
			return err
		}
		shown := n.Added[:min(len(n.Added), 3)]
		names := strings.Join(shown, ", ")
		if more := len(n.Added) - len(shown); more > 0 {
			names += " + " + plural(int64(more), "more")
		}
		t.add(Happening{ID: entryID(e), Code: happenedExtend, By: t.people.person(n.By), At: n.at(), Link: t.request, Reason: n.Reason, order: e.Idx},
			"activity.extend", "who", t.people.name(n.By), "names", names)
	}
	return nil
}

// retrievals are attempts that no act starts.
func (t *chronicle) retrievals(context.Context) error {
	for record, lines := range t.logs {
		for _, l := range lines {
			if l.Kind != governance.AttemptRetrieve {
				continue
			}
			h := Happening{ID: l.ID, Code: happenedRetrieve, By: t.people.person(l.By), At: l.StartedAt, Link: l.ID, Digest: l.Revision}
			if l.Progress != governance.ProgressDone {
				t.add(h, "activity.retrieving", "who", t.people.name(l.By), "record", t.label[record])
				continue
			}
			h.At = l.CompletedAt
			said := inLog(t.w.said("log.message", "message", l.Message), l.Message)
			t.add(h, "activity.retrieve", "who", t.people.name(l.By), "record", t.label[record], "message", said)
		}
	}
	return nil
}
