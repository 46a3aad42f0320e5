package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm/clause"
)

// An IncomingDraft is somebody else's edit of a Change Request that was edited
// here as well; or one's own, when somebody else submitted meanwhile.
type IncomingDraft struct {
	Request   string                     `json:"request"`
	Digest    string                     `json:"digest"`
	Own       bool                       `json:"own"`     // it was made on this machine
	Authors   []string                   `json:"authors"` // members
	Content   governance.RequestRevision `json:"content"`
	At        time.Time                  `json:"at" ts_type:"string"`        // when it came
	UpdatedAt time.Time                  `json:"updatedAt" ts_type:"string"` // when it was edited last, as its machine says
}

// incomingDraft is its row.
type incomingDraft struct {
	Subject  string `gorm:"primaryKey"`
	Digest   string `gorm:"primaryKey"`
	State    string
	Exporter string
	Body     []byte
	At       time.Time
}

func (incomingDraft) TableName() string { return "incoming_drafts" }

const (
	draftWaiting = "waiting"
	draftKnown   = "known"
)

func mustDigest(d *ledger.Draft) string {
	digest, _, err := d.Digest()
	if err != nil {
		return "" // ReadBundle has read it from its one form
	}
	return digest
}

// knowDraft remembers a draft, and those that it was made from, so that a later
// edit of it is known to continue it.
func (d *door) knowDraft(draft ledger.Draft, exporter string) error {
	digest, _, err := draft.Digest()
	if err != nil {
		return err
	}
	for _, known := range append([]string{digest}, draft.After...) {
		row := incomingDraft{Subject: draft.Content.ID, Digest: known, State: draftKnown, Exporter: exporter, Body: []byte{}, At: d.at}
		if err := d.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return fmt.Errorf("remember a draft: %w", err)
		}
	}
	return nil
}

func (m *merge) waitDraft(draft ledger.Draft, digest, exporter string) error {
	body, err := ledger.Canonical(draft)
	if err != nil {
		return err
	}
	m.changed = true
	row := incomingDraft{Subject: draft.Content.ID, Digest: digest, State: draftWaiting, Exporter: exporter, Body: body, At: m.at}
	return m.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
}

func (m *merge) draftOf(id string) *ledger.Draft {
	for i := range m.b.Drafts {
		if m.b.Drafts[i].Content.ID == id {
			return &m.b.Drafts[i]
		}
	}
	return nil
}

// draftAuthors are the members whom a draft names; without any, its sender.
func (m *merge) draftAuthors(d *ledger.Draft) []string {
	out := []string{}
	for _, a := range d.Authors {
		if c := m.after.Charter(); c != nil && c.Member(a) != nil {
			out = append(out, a)
		}
	}
	if len(out) == 0 {
		out = append(out, m.out.From)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// drafts puts those that continue what is here in its place, and lets the
// others wait. Only a member's count: nobody signed a draft but its sender.
func (m *merge) drafts() error {
	for i := range m.b.Drafts {
		d := &m.b.Drafts[i]
		if m.out.From == "" {
			m.find("draft_stranger", "The draft “{name}” was left out: its sender is no member.", "name", d.Content.Name)
			continue
		}
		if err := m.draft(d); err != nil {
			return err
		}
	}
	return nil
}

func (m *merge) draft(d *ledger.Draft) error {
	row, err := load[governance.ChangeRequest](m.db, requestRows.word, d.Content.ID)
	if err != nil {
		if governance.FaultCode(err) == "not_found" {
			return nil
		}
		return err
	}
	row.Tidy()
	st := m.after.RequestStanding(row.ID)
	theirs := mustDigest(d)
	mine, _, err := ledger.RequestRevision(row.RevisionIn(m.workspace, st.Round))
	if err != nil || theirs == mine || st.Status != governance.InProgress {
		return err
	}
	var known int64
	if err := m.db.Raw("SELECT count(*) FROM incoming_drafts WHERE subject = ? AND digest = ?", row.ID, theirs).Scan(&known).Error; err != nil || known > 0 {
		return err
	}
	told := DeliveredDraft{Request: row.ID, Digest: theirs, Name: d.Content.Name, How: DraftWaits}
	// Unedited since it was submitted: whoever edits it elsewhere edits this.
	if slices.Contains(d.After, mine) || mine == st.Revision && d.Content.Round == st.Round {
		told.How = DraftContinues
		if err := m.continueDraft(row, d); err != nil {
			return err
		}
	} else if err := m.waitDraft(*d, theirs, m.b.Exporter); err != nil {
		return err
	}
	m.out.Drafts = append(m.out.Drafts, told)
	return nil
}

func (m *merge) continueDraft(row *governance.ChangeRequest, d *ledger.Draft) error {
	if err := m.unaltered(requestRows, row.ID, row.Label()); err != nil {
		return err
	}
	putBackRequest(row, &d.Content)
	row.Authors = union(row.Authors, m.draftAuthors(d))
	if err := saveChecked(m, requests, row); err != nil {
		return err
	}
	m.changed = true
	if err := m.logRow(requestRows, m.out.From, row.ID); err != nil {
		return err
	}
	// An edit that was kept to be taken back is of another content now.
	if err := m.db.Exec("DELETE FROM edits WHERE subject = ?", row.ID).Error; err != nil {
		return err
	}
	return m.knowDraft(*d, m.b.Exporter)
}

// IncomingDrafts are the edits of others that wait beside a request, oldest
// first; of all requests if the id is empty.
func (s *Store) IncomingDrafts(ctx context.Context, requestID string) ([]IncomingDraft, error) {
	var rows []incomingDraft
	q := s.query(ctx).Where("state = ?", draftWaiting).Order("at, digest")
	if requestID != "" {
		q = q.Where("subject = ?", requestID)
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, s.explained(ctx, err)
	}
	out := make([]IncomingDraft, 0, len(rows))
	for _, r := range rows {
		d, err := r.read()
		if err != nil {
			return nil, err
		}
		at, _ := time.Parse(time.RFC3339, d.UpdatedAt)
		out = append(out, IncomingDraft{Request: r.Subject, Digest: r.Digest, Own: r.Exporter == "", Authors: d.Authors, Content: d.Content, At: r.At.UTC(), UpdatedAt: at})
	}
	return out, nil
}

func (r *incomingDraft) read() (*ledger.Draft, error) {
	var d ledger.Draft
	err := ledger.StrictRevision(r.Body, &d)
	if digest, _, e := d.Digest(); err != nil || e != nil || digest != r.Digest || d.Content.ID != r.Subject {
		return nil, governance.Faultf("row_altered", "An edit that waits beside the request %s was changed outside Countersign.", short(r.Subject)).
			WithHint("Ask for the bundle again.").Because(err)
	}
	return &d, nil
}

// SettleDraft ends the choice between one's own draft and one that waits: merge
// changes mine into what it shall be, which is what came, something of both, or
// nothing new. What comes of it has both as parents and, where anything was
// taken, the authors of both. Faults: not_found, locked, row_altered,
// not_member, and what merge returns.
func (s *Store) SettleDraft(ctx context.Context, requestID, digest string, by Author, merge func(mine *governance.ChangeRequest, theirs governance.RequestRevision) error) (*governance.ChangeRequest, error) {
	var out *governance.ChangeRequest
	err := s.write(ctx, func(d *door) error {
		var err error
		out, err = d.settle(requestID, digest, by, merge)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d *door) settle(id, digest string, by Author, merge func(*governance.ChangeRequest, governance.RequestRevision) error) (*governance.ChangeRequest, error) {
	cr, err := load[governance.ChangeRequest](d.db, requestRows.word, id)
	if err != nil {
		return nil, err
	}
	cr.Tidy()
	var rows []incomingDraft
	if err := d.db.Where("subject = ? AND digest = ? AND state = ?", id, digest, draftWaiting).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, governance.Faultf("not_found", "There is no edit by somebody else that waits beside %s.", cr.Label()).WithHint("It was settled already.")
	}
	theirs, err := rows[0].read()
	if err != nil {
		return nil, err
	}
	if err := d.unaltered(requestRows, id, cr.Label()); err != nil {
		return nil, err
	}
	h, _, err := d.s.historyOf(d.db, id)
	if err != nil {
		return nil, err
	}
	if err := d.member(h, by.Member); err != nil {
		return nil, err
	}
	st := h.RequestStanding(id)
	if st.Status != governance.InProgress || cr.Status != governance.InProgress {
		return nil, governance.Faultf("locked", "%s is %s, so its content is locked.", cr.Label(), cr.Status).WithHint("Recall or reopen it to change it.")
	}
	return d.merged(cr, st, theirs, by, merge)
}

func (d *door) merged(cr *governance.ChangeRequest, st governance.Standing, theirs *ledger.Draft, by Author, merge func(*governance.ChangeRequest, governance.RequestRevision) error) (*governance.ChangeRequest, error) {
	before, err := copyOf(cr)
	if err != nil {
		return nil, err
	}
	mine := ledger.Draft{After: []string{}, Content: cr.RevisionIn(d.workspace, st.Round)}
	parents := []string{}
	for _, draft := range []*ledger.Draft{&mine, theirs} {
		digest, body, err := draft.Digest()
		if err != nil {
			return nil, err
		}
		if err := d.saveRevision(digest, cr.ID, body); err != nil {
			return nil, err
		}
		if err := d.knowDraft(*draft, by.Identity.Public()); err != nil {
			return nil, err
		}
		parents = append(parents, digest)
	}
	if err := merge(cr, theirs.Content); err != nil {
		return nil, err
	}
	requests.restore(cr, before)
	if err := requests.check(d, cr); err != nil {
		return nil, err
	}
	same, err := sameContent(cr, before)
	if err != nil {
		return nil, err
	}
	cr.Authors = union(cr.Authors, []string{by.Member})
	if !same {
		cr.Authors = union(cr.Authors, theirs.Authors)
	}
	cr.Parents, cr.UpdatedAt = union(cr.Parents, parents), d.at
	if err := d.save(cr, requestRows.word, cr.Label()); err != nil {
		return nil, err
	}
	if err := d.db.Exec("UPDATE incoming_drafts SET state = ?, body = x'' WHERE subject = ? AND digest = ?", draftKnown, cr.ID, parents[1]).Error; err != nil {
		return nil, err
	}
	if err := d.db.Exec("DELETE FROM edits WHERE subject = ?", cr.ID).Error; err != nil {
		return nil, err
	}
	return cr, requests.logDraft(d, by, cr.ID)
}

// TakeTheirs puts the content of a draft in the place of one's own; for
// SettleDraft.
func TakeTheirs(mine *governance.ChangeRequest, theirs governance.RequestRevision) error {
	putBackRequest(mine, &theirs)
	return nil
}

// KeepMine leaves one's own draft as it is; for SettleDraft.
func KeepMine(*governance.ChangeRequest, governance.RequestRevision) error { return nil }
