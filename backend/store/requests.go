package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// CreateChangeRequest saves a new draft by a member and fills in its id (if it
// has none), number, status, authors and times. Faults: not_member,
// not_founded, id_used, blob_missing.
func (s *Store) CreateChangeRequest(ctx context.Context, by Author, cr *governance.ChangeRequest) error {
	return requests.create(ctx, s, by, cr)
}

// UpdateChangeRequest is the only way to change a Change Request. The step gets
// the request and edits it, returning an Intent without a type, or returns the
// Intent that Do made; a Submit may follow an edit in one step. The request
// comes back as it is then. The step runs inside the transaction: it must be
// quick and open no other door. Faults: not_found, locked, row_altered,
// not_member, wrong_key, no_key, what Do says, and what the step returns.
func (s *Store) UpdateChangeRequest(ctx context.Context, id string, by Author, step func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error)) (*governance.ChangeRequest, error) {
	return requests.update(ctx, s, id, by, step)
}

// ChangeRequest returns a Change Request, or the fault not_found.
func (s *Store) ChangeRequest(ctx context.Context, id string) (*governance.ChangeRequest, error) {
	cr, err := load[governance.ChangeRequest](s.query(ctx), requestRows.word, id)
	if err != nil {
		return nil, s.explained(ctx, err)
	}
	cr.Tidy()
	return cr, nil
}

// CreateDeploymentRecord saves a new draft of a record for a Change Request
// that is Approved by its acts. Faults: as CreateChangeRequest, not_found and
// request_not_approved.
func (s *Store) CreateDeploymentRecord(ctx context.Context, by Author, dr *governance.DeploymentRecord) error {
	return records.create(ctx, s, by, dr)
}

// UpdateDeploymentRecord is the only way to change a Deployment Record; see
// UpdateChangeRequest.
func (s *Store) UpdateDeploymentRecord(ctx context.Context, id string, by Author, step func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error)) (*governance.DeploymentRecord, error) {
	return records.update(ctx, s, id, by, step)
}

// DeploymentRecord returns a Deployment Record, or the fault not_found.
func (s *Store) DeploymentRecord(ctx context.Context, id string) (*governance.DeploymentRecord, error) {
	dr, err := load[governance.DeploymentRecord](s.query(ctx), recordRows.word, id)
	if err != nil {
		return nil, s.explained(ctx, err)
	}
	dr.Tidy()
	return dr, nil
}

// CheckDeploymentRecord refuses a record whose content was changed by hand
// (row_altered): nothing else said about it would name the true cause.
func (s *Store) CheckDeploymentRecord(ctx context.Context, dr *governance.DeploymentRecord) error {
	why, err := recordRows.altered(s.query(ctx), dr.ID, dr.Label())
	if err != nil || why == "" {
		return s.explained(ctx, err)
	}
	return governance.Faultf("row_altered", "%s", why).WithHint("Run countersign verify, then rebuild the workspace from its acts.")
}

// DeploymentRecords lists the records of a request by number, or all of them,
// newest first, if the id is empty.
func (s *Store) DeploymentRecords(ctx context.Context, requestID string) ([]governance.DeploymentRecord, error) {
	out, err := recordsOf(s.query(ctx), requestID)
	return out, s.explained(ctx, err)
}

func recordsOf(db *gorm.DB, requestID string) ([]governance.DeploymentRecord, error) {
	out := []governance.DeploymentRecord{}
	q := db.Order("number DESC")
	if requestID != "" {
		q = db.Where("request_id = ?", requestID).Order("number")
	}
	err := q.Find(&out).Error
	for i := range out {
		out[i].Tidy()
	}
	return out, err
}

// DeleteDraft removes a request or a record that was never submitted and has
// no records or logs; the audit trail keeps that it was there. Only an author
// or an owner can. Faults: not_found, not_allowed, locked.
func (s *Store) DeleteDraft(ctx context.Context, id string, by Author) error {
	return s.write(ctx, func(d *door) error {
		cr, err := load[governance.ChangeRequest](d.db, requestRows.word, id)
		if err == nil {
			return d.remove(requestRows, "SELECT count(*) FROM deployment_records WHERE request_id = ?", id, cr.ID, cr.Label(), cr.Authors, by)
		}
		if governance.FaultCode(err) != "not_found" {
			return err
		}
		dr, err := load[governance.DeploymentRecord](d.db, recordRows.word, id)
		if err != nil {
			return err
		}
		return d.remove(recordRows, "SELECT count(*) FROM deployment_logs WHERE record_id = ?", id, dr.RequestID, dr.Label(), dr.Authors, by)
	})
}

func (d *door) remove(g guarded, children, id, request, label string, authors []string, by Author) error {
	h, _, err := d.s.historyOf(d.db, request)
	if err != nil {
		return err
	}
	if err := d.member(h, by.Member); err != nil {
		return err
	}
	if !slices.Contains(authors, by.Member) && !h.Charter().Member(by.Member).Has(governance.Owner) {
		return governance.Faultf("not_allowed", "Only an author or an owner can delete %s.", label).WithHint("Ask one of them.")
	}
	n := 0
	if err := d.db.Raw(children, id).Scan(&n).Error; err != nil {
		return err
	}
	if n > 0 || len(h.Thread(id)) > 0 {
		return governance.Faultf("locked", "%s was submitted or has records, so it stays.", label).WithHint("Cancel it instead.")
	}
	if err := d.db.Exec("DELETE FROM "+g.table+" WHERE id = ?", id).Error; err != nil {
		return err
	}
	return d.append("delete", draftEntry{At: stamp(d.at), By: by.Member, Form: g.form(), Subject: id, Table: g.table})
}

// Situation is what an action on one of those requests or records depends on,
// for a member.
func (s *Store) Situation(ctx context.Context, member string, ids ...string) (sit governance.Situation, err error) {
	if err := s.refreshChains(ctx); err != nil {
		return sit, s.explained(ctx, err)
	}
	err = s.read(ctx, func(tx *gorm.DB) error {
		sit, err = s.situationOf(tx, member, ids)
		return err
	})
	return sit, err
}

func (s *Store) situationOf(tx *gorm.DB, member string, ids []string) (governance.Situation, error) {
	requestIDs := []string{}
	for _, id := range ids {
		request := id
		err := tx.Raw("SELECT request_id FROM deployment_records WHERE id = ?", id).Scan(&request).Error
		if err != nil {
			return governance.Situation{}, err
		}
		requestIDs = append(requestIDs, request)
	}
	sit := governance.Situation{By: member, Now: s.now(), Records: []governance.DeploymentRecord{}}
	var err error
	if sit.History, _, err = s.historyOf(tx, requestIDs...); err != nil {
		return sit, err
	}
	slices.Sort(requestIDs)
	for _, id := range slices.Compact(requestIDs) {
		rs, err := recordsOf(tx, id)
		if err != nil {
			return sit, err
		}
		sit.Records = append(sit.Records, rs...)
	}
	attempts := struct{ Active, Waiting int }{}
	err = tx.Raw(`SELECT count(CASE WHEN progress <> 'done' AND kind <> 'retrieve' THEN 1 END) AS active,
			count(CASE WHEN progress = 'done' AND start_act <> '' AND result_act = '' THEN 1 END) AS waiting
		FROM deployment_logs WHERE record_id IN `+listed+` OR request_id IN `+listed, asList(ids), asList(ids)).Scan(&attempts).Error
	sit.ActiveAttempt, sit.ResultWaits = attempts.Active > 0, attempts.Waiting > 0
	return sit, err
}

// sortable are the columns that ChangeRequests sorts by.
var sortable = map[string]string{"number": "number", "name": "name COLLATE NOCASE", "status": "status", "type": "type", "createdAt": "created_at", "updatedAt": "updated_at"}

// ChangeRequests lists the requests that a query asks for, and how many there
// are without its limit.
func (s *Store) ChangeRequests(ctx context.Context, q Query) (out []governance.ChangeRequest, total int64, err error) {
	out = []governance.ChangeRequest{}
	err = s.read(ctx, func(tx *gorm.DB) error {
		where := func() *gorm.DB { return q.where(tx.Model(&governance.ChangeRequest{})) }
		if err := where().Count(&total).Error; err != nil {
			return err
		}
		return page(where(), order(sortable, q.Sort, "-updatedAt")+", number DESC", q.Limit, q.Offset).Find(&out).Error
	})
	for i := range out {
		out[i].Tidy()
	}
	return out, total, err
}

func (q Query) where(db *gorm.DB) *gorm.DB {
	if q.Text != "" {
		t := contains(q.Text)
		db = db.Where(`(name LIKE @t ESCAPE '\' OR overview LIKE @t ESCAPE '\' OR external_number LIKE @t ESCAPE '\'`+orLabel("CR", "number", q.Text)+`)`, map[string]any{"t": t})
	}
	if len(q.Status) > 0 {
		db = db.Where("status IN ?", q.Status)
	}
	if q.Author != "" {
		db = db.Where("EXISTS (SELECT 1 FROM json_each(authors) WHERE value = ?)", q.Author)
	}
	return db
}

// listed is where a condition looks for a column in a list, whose only variable
// asList makes: a variable for each text would fail past 32,766 of them.
const listed = "(SELECT value FROM json_each(?))"

func asList(texts []string) string {
	b, _ := json.Marshal(texts) // texts always have a form
	return string(b)
}

// contains is the LIKE pattern of a text that is meant literally.
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// orLabel adds that a label holds the text @t, if any label could: making ten
// thousand of them takes longer than looking into as many names.
func orLabel(prefix, number, text string) string {
	if strings.Trim(strings.ToUpper(text), prefix+"-0123456789") != "" {
		return ""
	}
	return ` OR printf('` + prefix + `-%04d', ` + number + `) LIKE @t ESCAPE '\'`
}

// order turns a sort word into SQL; a word that is not in the table is the
// usual one.
func order(sortable map[string]string, word, usual string) string {
	name, down := strings.CutPrefix(word, "-")
	column, ok := sortable[name]
	if !ok {
		return order(sortable, usual, usual)
	}
	if down {
		return column + " DESC"
	}
	return column
}

func page(db *gorm.DB, order string, limit, offset int) *gorm.DB {
	db = db.Order(order)
	if limit > 0 {
		db = db.Limit(limit)
	}
	if offset > 0 {
		db = db.Offset(offset)
		if limit <= 0 {
			db = db.Limit(1 << 31) // SQLite has no OFFSET without LIMIT
		}
	}
	return db
}
