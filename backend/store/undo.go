package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
)

const (
	keptEdits = 200 // of one draft
	// coalesced is how soon after the last edit of a text the next one by the
	// same person is taken for the same edit.
	coalesced = 5 * time.Second
)

// An edit is what one saving changed in a draft.
type edit struct {
	Subject string `gorm:"primaryKey"`
	Seq     int64  `gorm:"primaryKey;autoIncrement:false"`
	By      string
	At      time.Time `gorm:"autoCreateTime:false"`
	Change  string
	Undone  bool
}

// EditDraft changes the content of a Change Request as UpdateChangeRequest
// does, and keeps what was changed so that it can be taken back, also after a
// restart. Several quick edits of one text are one. Attachments are part of it:
// a file's bytes stay when it is taken out. Faults: as UpdateChangeRequest.
func (s *Store) EditDraft(ctx context.Context, id string, by Author, step func(*governance.ChangeRequest) error) (*governance.ChangeRequest, error) {
	var out *governance.ChangeRequest
	err := s.write(ctx, func(d *door) error {
		var before *governance.ChangeRequest
		var err error
		out, err = requests.pass(d, id, by, func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
			var err error
			if before, err = copyOf(cr); err != nil {
				return governance.Intent{}, err
			}
			return governance.Intent{}, step(cr)
		})
		if err != nil {
			return err
		}
		return d.keepEdit(by, before, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// keepEdit adds what was changed as the newest edit. What was undone before it
// cannot be done again.
func (d *door) keepEdit(by Author, before, after *governance.ChangeRequest) error {
	c, err := changeOf(before, after)
	if err != nil || len(c) == 0 {
		return err
	}
	undone := d.db.Exec("DELETE FROM edits WHERE subject = ? AND undone", after.ID)
	if undone.Error != nil {
		return undone.Error
	}
	last, err := d.lastEdit("subject = ? ORDER BY seq DESC", after.ID)
	if err != nil {
		return err
	}
	if last != nil && undone.RowsAffected == 0 && last.By == by.Member && d.at.Sub(last.At) <= coalesced && !d.at.Before(last.At) {
		old, err := readChange(last.Change)
		if err != nil {
			return err
		}
		if c, ok := old.joined(c); ok {
			return d.rejoin(last, c)
		}
	}
	e := edit{Subject: after.ID, Seq: 1, By: by.Member, At: d.at}
	if last != nil {
		e.Seq = last.Seq + 1
	}
	if e.Change, err = c.text(); err != nil {
		return err
	}
	if err := d.db.Create(&e).Error; err != nil {
		return fmt.Errorf("keep an edit: %w", err)
	}
	return d.db.Exec("DELETE FROM edits WHERE subject = ? AND seq <= ?", after.ID, e.Seq-keptEdits).Error
}

// rejoin saves an edit that grew by another; one that came back to where it
// began is none.
func (d *door) rejoin(e *edit, c change) error {
	if len(c) == 0 {
		return d.db.Exec("DELETE FROM edits WHERE subject = ? AND seq = ?", e.Subject, e.Seq).Error
	}
	text, err := c.text()
	if err != nil {
		return err
	}
	return d.db.Exec("UPDATE edits SET change = ?, at = ? WHERE subject = ? AND seq = ?", text, d.at, e.Subject, e.Seq).Error
}

func (d *door) lastEdit(where string, args ...any) (*edit, error) {
	found := []edit{}
	if err := d.db.Raw("SELECT * FROM edits WHERE "+where+" LIMIT 1", args...).Scan(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	found[0].At = found[0].At.UTC()
	return &found[0], nil
}

// UndoDraft takes the last edit of a draft back; check looks at what would be
// saved. Faults: nothing_to_undo, those of UpdateChangeRequest and of check.
func (s *Store) UndoDraft(ctx context.Context, id string, by Author, check func(*governance.ChangeRequest) error) (*governance.ChangeRequest, error) {
	return s.step(ctx, id, by, check, travel{where: "subject = ? AND NOT undone ORDER BY seq DESC", undone: true,
		none: governance.Faultf("nothing_to_undo", "There is no edit to undo.")})
}

// RedoDraft does the last edit that was undone again. Faults: nothing_to_redo,
// and as UndoDraft.
func (s *Store) RedoDraft(ctx context.Context, id string, by Author, check func(*governance.ChangeRequest) error) (*governance.ChangeRequest, error) {
	return s.step(ctx, id, by, check, travel{where: "subject = ? AND undone ORDER BY seq",
		none: governance.Faultf("nothing_to_redo", "There is no edit to redo.")})
}

// A travel is a direction through the edits of a draft.
type travel struct {
	where  string
	undone bool // what the edit is afterwards
	none   error
}

func (s *Store) step(ctx context.Context, id string, by Author, check func(*governance.ChangeRequest) error, t travel) (*governance.ChangeRequest, error) {
	var out *governance.ChangeRequest
	err := s.write(ctx, func(d *door) error {
		if _, err := load[governance.ChangeRequest](d.db, requestRows.word, id); err != nil {
			return err
		}
		e, err := d.lastEdit(t.where, id)
		if err != nil {
			return err
		}
		if e == nil {
			return t.none
		}
		c, err := readChange(e.Change)
		if err != nil {
			return err
		}
		out, err = requests.pass(d, id, by, func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
			if err := c.apply(cr, t.undone); err != nil {
				return governance.Intent{}, err
			}
			cr.Tidy()
			return governance.Intent{}, check(cr)
		})
		if err != nil {
			return err
		}
		return d.db.Exec("UPDATE edits SET undone = ? WHERE subject = ? AND seq = ?", t.undone, e.Subject, e.Seq).Error
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Undoable reports whether a draft has edits to undo and to redo.
func (s *Store) Undoable(ctx context.Context, id string) (undo, redo bool, err error) {
	var n struct{ Undo, Redo int64 }
	err = s.query(ctx).Raw("SELECT count(CASE WHEN NOT undone THEN 1 END) AS undo, count(CASE WHEN undone THEN 1 END) AS redo FROM edits WHERE subject = ?", id).Scan(&n).Error
	return n.Undo > 0, n.Redo > 0, s.explained(ctx, err)
}

// A change is what an edit changed, by field. Of customizations, which can be
// many, it holds those that differ only; of every other field all of it.
type change map[string]was

type was struct {
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

const customizationsField = "customizations"

// texts are the fields in which quick edits are one.
var texts = []string{"name", "overview", "supportingText", "externalLink", "externalNumber"}

// fields are those that a person edits as a whole.
func fields(cr *governance.ChangeRequest) map[string]any {
	return map[string]any{"name": &cr.Name, "overview": &cr.Overview, "type": &cr.Type, "supportingText": &cr.SupportingText,
		"externalLink": &cr.ExternalLink, "externalNumber": &cr.ExternalNumber, "attachments": &cr.Attachments, "changeSets": &cr.ChangeSets, "manifests": &cr.Manifests,
		"emergencyReason": &cr.EmergencyReason, "incident": &cr.Incident, "additionalApprovers": &cr.AdditionalApprovers}
}

func changeOf(before, after *governance.ChangeRequest) (change, error) {
	out, now := change{}, fields(after)
	for name, old := range fields(before) {
		if err := out.note(name, old, now[name]); err != nil {
			return nil, err
		}
	}
	return out, out.note(customizationsField, without(before.Customizations, after.Customizations), without(after.Customizations, before.Customizations))
}

func (c change) note(name string, before, after any) error {
	b, err := json.Marshal(before)
	if err != nil {
		return err
	}
	a, err := json.Marshal(after)
	if err == nil && string(a) != string(b) {
		c[name] = was{Before: b, After: a}
	}
	return err
}

// without are the customizations of one list that are not in another just so.
func without(list, other []governance.Customization) []governance.Customization {
	have := make(map[governance.Customization]bool, len(other))
	for _, c := range other {
		have[c] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(c governance.Customization) bool { return have[c] })
}

// joined is this change with a later one, if both are of the same one text.
func (c change) joined(later change) (change, bool) {
	if len(c) != 1 || len(later) != 1 {
		return nil, false
	}
	for name, first := range c {
		second, same := later[name]
		if !same || !slices.Contains(texts, name) || string(first.After) != string(second.Before) {
			return nil, false
		}
		if string(first.Before) == string(second.After) {
			return change{}, true
		}
		return change{name: {Before: first.Before, After: second.After}}, true
	}
	return nil, false
}

// apply puts a draft to before the change, or to after it.
func (c change) apply(cr *governance.ChangeRequest, before bool) error {
	into := fields(cr)
	for name, w := range c {
		from, to := w.Before, w.After
		if before {
			from, to = to, from
		}
		if name == customizationsField {
			if err := exchange(cr, from, to); err != nil {
				return err
			}
			continue
		}
		if into[name] == nil {
			return fmt.Errorf("an edit is of the field %q, which a request does not have", name)
		}
		if err := json.Unmarshal(to, into[name]); err != nil {
			return fmt.Errorf("read an edit of the field %q: %w", name, err)
		}
	}
	return nil
}

func exchange(cr *governance.ChangeRequest, from, to json.RawMessage) error {
	var out, in []governance.Customization
	if err := json.Unmarshal(from, &out); err != nil {
		return fmt.Errorf("read an edit of the customizations: %w", err)
	}
	if err := json.Unmarshal(to, &in); err != nil {
		return fmt.Errorf("read an edit of the customizations: %w", err)
	}
	cr.Customizations = append(without(cr.Customizations, out), in...)
	return nil
}

func (c change) text() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

func readChange(text string) (change, error) {
	c := change{}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, fmt.Errorf("read an edit: %w", err)
	}
	return c, nil
}
