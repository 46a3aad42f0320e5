package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// A record is what has a lifecycle: a Change Request or a Deployment Record.
type record interface {
	governance.ChangeRequest | governance.DeploymentRecord
}

// columns are the parts of a record that the store keeps and a step cannot
// change.
type columns struct {
	ID        *string
	Number    *int64
	Authors   *[]string
	Status    *governance.Status
	Round     *int64
	Revision  *string
	Parents   *[]string
	CreatedAt *time.Time
	UpdatedAt *time.Time
	fixed     []*string // what is decided when it is made
}

// A book says what the one door needs to know about a kind of record.
type book[T record] struct {
	guarded
	prefix   string // of its act types
	columns  func(*T) columns
	tidy     func(*T)
	label    func(*T) string
	request  func(*T) string // id of the Change Request it belongs to
	blobs    func(*T) []string
	admit    func(d *door, h *governance.History, v *T) error // says why none can be made now
	revise   func(v *T, workspace string, round int64) (digest string, body []byte, err error)
	standing func(h *governance.History, id string) governance.Standing
	do       func(*T, governance.Situation, governance.Deed) (governance.Intent, error)
}

var requests = book[governance.ChangeRequest]{
	guarded: requestRows,
	prefix:  "cr.",
	columns: func(cr *governance.ChangeRequest) columns {
		return columns{&cr.ID, &cr.Number, &cr.Authors, &cr.Status, &cr.Round, &cr.Revision, &cr.Parents, &cr.CreatedAt, &cr.UpdatedAt, nil}
	},
	tidy:    (*governance.ChangeRequest).Tidy,
	label:   (*governance.ChangeRequest).Label,
	request: func(cr *governance.ChangeRequest) string { return cr.ID },
	blobs:   requestBlobs,
	admit:   func(*door, *governance.History, *governance.ChangeRequest) error { return nil },
	revise: func(cr *governance.ChangeRequest, workspace string, round int64) (string, []byte, error) {
		return ledger.RequestRevision(cr.RevisionIn(workspace, round))
	},
	standing: (*governance.History).RequestStanding,
	do:       (*governance.ChangeRequest).Do,
}

var records = book[governance.DeploymentRecord]{
	guarded: recordRows,
	prefix:  "dr.",
	columns: func(dr *governance.DeploymentRecord) columns {
		return columns{&dr.ID, &dr.Number, &dr.Authors, &dr.Status, &dr.Round, &dr.Revision, &dr.Parents, &dr.CreatedAt, &dr.UpdatedAt, []*string{&dr.RequestID}}
	},
	tidy:    (*governance.DeploymentRecord).Tidy,
	label:   (*governance.DeploymentRecord).Label,
	request: func(dr *governance.DeploymentRecord) string { return dr.RequestID },
	blobs:   recordBlobs,
	admit:   admitRecord,
	revise: func(dr *governance.DeploymentRecord, workspace string, round int64) (string, []byte, error) {
		return ledger.RecordRevision(dr.RevisionIn(workspace, round))
	},
	standing: (*governance.History).RecordStanding,
	do:       (*governance.DeploymentRecord).Do,
}

// admitRecord holds that only an approved request gets a Deployment Record.
func admitRecord(d *door, h *governance.History, dr *governance.DeploymentRecord) error {
	cr, err := load[governance.ChangeRequest](d.db, requestRows.word, dr.RequestID)
	if err != nil {
		return err
	}
	if st := h.RequestStanding(cr.ID).Status; st != governance.Approved {
		return governance.Faultf("request_not_approved", "%s is %s; a Deployment Record needs an approved one.", cr.Label(), st).
			WithHint("Wait for its approval.")
	}
	return nil
}

func requestBlobs(cr *governance.ChangeRequest) []string {
	out := []string{}
	for _, a := range cr.Attachments {
		out = append(out, a.SHA256)
	}
	return out
}

func recordBlobs(dr *governance.DeploymentRecord) []string {
	return []string{dr.PackageBlob, dr.BaseBlob, dr.ReverseBlob}
}

// draftEntry is the log entry "draft": content of a request or a record was
// saved, and what its digest is now.
type draftEntry struct {
	At      string `json:"at"`
	By      string `json:"by"`
	Digest  string `json:"digest"`
	Form    int64  `json:"form"`
	Subject string `json:"subject"`
	Table   string `json:"table"`
}

// create makes a draft. What it was given for the store's own columns is
// overwritten, except an id.
func (b book[T]) create(ctx context.Context, s *Store, by Author, v *T) error {
	c := b.columns(v)
	return s.write(ctx, func(d *door) error {
		h, _, err := s.historyOf(d.db, b.request(v))
		if err != nil {
			return err
		}
		if err := d.member(h, by.Member); err != nil {
			return err
		}
		if err := b.admit(d, h, v); err != nil {
			return err
		}
		if err := d.newName(c.ID); err != nil {
			return err
		}
		if *c.Number, err = d.next(b.table); err != nil {
			return err
		}
		*c.Authors, *c.Status, *c.Round, *c.Revision, *c.Parents = []string{by.Member}, governance.InProgress, 0, "", nil
		*c.CreatedAt, *c.UpdatedAt = d.at, d.at
		if err := b.check(d, v); err != nil {
			return err
		}
		if err := d.db.Create(v).Error; err != nil {
			return fmt.Errorf("save the %s %s: %w", b.word, b.label(v), err)
		}
		return b.logDraft(d, by, *c.ID)
	})
}

// newName gives a record a random id, or refuses one that means something
// already.
func (d *door) newName(id *string) error {
	if *id == "" {
		*id = newID()
	}
	used := 0
	err := d.db.Raw(`SELECT (SELECT count(*) FROM change_requests WHERE id = @id) + (SELECT count(*) FROM deployment_records WHERE id = @id)
		+ (SELECT count(*) FROM acts WHERE subject = @id)`, map[string]any{"id": *id}).Scan(&used).Error
	if err == nil && (used > 0 || reserved(*id) || len(*id) > 200) {
		err = governance.Faultf("id_used", "The id %.80s is in use already.", *id).WithHint("Leave the id empty; one is made.")
	}
	return err
}

// reserved reports whether an id is a subject of acts that are about no record.
func reserved(id string) bool {
	return id == governance.GovernanceSubject || strings.HasPrefix(id, governance.OrganizationSubject(""))
}

// check tidies a record and refuses what the database could not keep or a row
// may not say.
func (b book[T]) check(d *door, v *T) error {
	b.tidy(v)
	for _, sum := range b.blobs(v) {
		if err := d.hasBlob(sum); err != nil {
			return err
		}
	}
	return nil
}

func (b book[T]) logDraft(d *door, by Author, id string) error {
	digest, err := b.digest(d.db, id, b.form())
	if err != nil {
		return err
	}
	return d.append("draft", draftEntry{At: stamp(d.at), By: by.Member, Digest: digest, Form: b.form(), Subject: id, Table: b.table})
}

// update is the one door of a record: load, step, save, sign, log, in one
// transaction.
func (b book[T]) update(ctx context.Context, s *Store, id string, by Author, step func(*T, governance.Situation) (governance.Intent, error)) (*T, error) {
	var out *T
	err := s.write(ctx, func(d *door) error {
		var err error
		out, err = b.pass(d, id, by, step)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (b book[T]) pass(d *door, id string, by Author, step func(*T, governance.Situation) (governance.Intent, error)) (*T, error) {
	v, err := load[T](d.db, b.word, id)
	if err != nil {
		return nil, err
	}
	b.tidy(v)
	if err := d.unaltered(b.guarded, id, b.label(v)); err != nil {
		return nil, err
	}
	sit, err := d.s.situationOf(d.db, by.Member, []string{id})
	if err != nil {
		return nil, err
	}
	if err := d.member(sit.History, by.Member); err != nil {
		return nil, err
	}
	before, err := copyOf(v)
	if err != nil {
		return nil, err
	}
	in, err := step(v, sit)
	if err != nil {
		return nil, err
	}
	edited, err := b.edit(d, v, before, by, in, sit.History)
	if err != nil {
		return nil, err
	}
	if in.Type != "" {
		return b.act(d, v, by, in, sit)
	}
	if !edited {
		return before, nil
	}
	return v, b.logDraft(d, by, id)
}

// edit saves the content if the step changed it. Locked content is refused,
// and so is any edit together with an act, except Submit.
func (b book[T]) edit(d *door, v, before *T, by Author, in governance.Intent, h *governance.History) (bool, error) {
	b.restore(v, before)
	if err := b.check(d, v); err != nil {
		return false, err
	}
	same, err := sameContent(v, before)
	if err != nil || same {
		return false, err
	}
	c := b.columns(v)
	// The acts decide whether it is locked, and the column too: either could
	// have been changed by hand.
	if *c.Status != governance.InProgress || b.standing(h, *c.ID).Status != governance.InProgress {
		return false, governance.Faultf("locked", "%s is %s, so its content is locked.", b.label(v), *c.Status).
			WithHint("Recall or reopen it to change it.")
	}
	if in.Type != "" && in.Type != governance.ActType(b.prefix+string(governance.Submit)) {
		return false, fmt.Errorf("the content of %s was changed together with the act %s", b.label(v), in.Type)
	}
	if !slices.Contains(*c.Authors, by.Member) {
		*c.Authors = append(*c.Authors, by.Member)
		slices.Sort(*c.Authors)
	}
	*c.UpdatedAt = d.at
	return true, d.save(v, b.word, b.label(v))
}

func (d *door) save(v any, word, label string) error {
	if err := d.db.Select("*").Save(v).Error; err != nil {
		return fmt.Errorf("save the %s %s: %w", word, label, err)
	}
	return nil
}

// restore puts back what a step has no say in.
func (b book[T]) restore(v, before *T) {
	now, was := reflect.ValueOf(b.columns(v)), reflect.ValueOf(b.columns(before))
	for i := range now.NumField() {
		if now.Field(i).Kind() == reflect.Pointer {
			now.Field(i).Elem().Set(was.Field(i).Elem())
		}
	}
	for i, p := range b.columns(v).fixed {
		*p = *b.columns(before).fixed[i]
	}
}

// act signs what the step wants, after asking the rules once more, and lets
// the status columns follow.
func (b book[T]) act(d *door, v *T, by Author, in governance.Intent, sit governance.Situation) (*T, error) {
	if err := holder(sit.History, by); err != nil {
		return nil, err
	}
	c := b.columns(v)
	wanted, err := b.allowed(v, in, sit)
	if err != nil {
		return nil, err
	}
	if sub, ok := wanted.Body.(governance.Submission); ok {
		if sub.Revision, err = b.freeze(d, v, sub.Round, sit.History); err != nil {
			return nil, err
		}
		wanted.Body = sub
	}
	*c.UpdatedAt = d.at
	if err := d.save(v, b.word, b.label(v)); err != nil {
		return nil, err
	}
	if err := b.logContent(d, by, *c.ID); err != nil {
		return nil, err
	}
	a, err := d.sign(by, wanted, sit.History)
	if err != nil {
		return nil, err
	}
	after, err := d.counted(a, b.request(v))
	if err != nil {
		return nil, err
	}
	if err := d.follow(sit.History, after, b.request(v)); err != nil {
		return nil, err
	}
	out, err := load[T](d.db, b.word, *c.ID)
	if err == nil {
		b.tidy(out)
	}
	return out, err
}

// logContent logs a draft entry if the content is not that of the last one.
func (b book[T]) logContent(d *door, by Author, id string) error {
	now, err := b.digest(d.db, id, b.form())
	if err != nil {
		return err
	}
	last, err := lastRowEntry(d.db, id)
	if err != nil || last != nil && last.Form == b.form() && last.Digest == now {
		return err
	}
	return b.logDraft(d, by, id)
}

// allowed derives the act from the rules again, so that nothing is signed
// which they do not allow, whatever the step returned.
func (b book[T]) allowed(v *T, in governance.Intent, sit governance.Situation) (governance.Intent, error) {
	action, ok := strings.CutPrefix(string(in.Type), b.prefix)
	if !ok || in.Subject != *b.columns(v).ID {
		return in, fmt.Errorf("the act %s about %s is not one of the %s %s", in.Type, in.Subject, b.word, b.label(v))
	}
	deed := governance.Deed{Action: governance.Action(action)}
	switch body := in.Body.(type) {
	case governance.Submission:
		deed.Revision = body.Revision
	case governance.Vote:
		deed.Reason, deed.Delegation = body.Reason, body.Delegation
	case governance.Withdrawal:
		deed.Reason = body.Reason
	case governance.Closing:
		deed.Reason = body.Reason
	}
	wanted, err := b.do(v, sit, deed)
	if err != nil {
		return in, err
	}
	if !reflect.DeepEqual(wanted, in) && deed.Action != governance.Submit {
		return in, fmt.Errorf("the act %s about %s is not the one that the rules make", in.Type, b.label(v))
	}
	return wanted, nil
}

// freeze keeps the content as the revision of a round and returns its digest.
func (b book[T]) freeze(d *door, v *T, round int64, h *governance.History) (string, error) {
	c := b.columns(v)
	*c.Parents = h.ParentsAfter(b.standing(h, *c.ID).Revision, *c.Parents)
	digest, body, err := b.revise(v, d.workspace, round)
	if err != nil {
		return "", err
	}
	return digest, d.saveRevision(digest, *c.ID, body)
}

// follow sets the status columns of a request and its records where an act
// changed what the acts say. A column that differed before is left alone: it
// is a finding until a person rebuilds it.
func (d *door) follow(before, after *governance.History, request string) error {
	move := func(table string, was, is governance.Standing) error {
		if was.Status == is.Status && was.Round == is.Round && was.Revision == is.Revision {
			return nil
		}
		return d.db.Exec("UPDATE "+table+" SET status = ?, round = ?, revision = ? WHERE id = ? AND status = ?",
			is.Status, is.Round, is.Revision, is.Subject, was.Status).Error
	}
	if err := move(requestRows.table, before.RequestStanding(request), after.RequestStanding(request)); err != nil {
		return err
	}
	ids, err := recordIDs(d.db, request)
	for _, id := range ids {
		if err == nil {
			err = move(recordRows.table, before.RecordStanding(id), after.RecordStanding(id))
		}
	}
	return err
}

func recordIDs(db *gorm.DB, request string) ([]string, error) {
	ids := []string{}
	return ids, db.Raw("SELECT id FROM deployment_records WHERE request_id = ? ORDER BY number", request).Scan(&ids).Error
}
