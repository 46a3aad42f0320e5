package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A coming is a request or record that the bundle says something about.
type coming struct {
	id    string
	first time.Time // when it was submitted first, as its signer says
	act   *governance.Act
}

// comings are subjects in the order in which they were submitted, so that
// numbers of this machine follow it.
func (m *merge) comings(prefix string, more ...string) []coming {
	ids := map[string]bool{}
	for _, id := range more {
		ids[id] = true
	}
	for _, a := range m.fresh {
		ids[a.Subject] = true
	}
	delete(ids, governance.GovernanceSubject)
	out := []coming{}
	for id := range ids {
		c := coming{id: id}
		for _, a := range m.after.Thread(id) {
			if a.Type == governance.ActType(prefix+string(governance.Submit)) && a.Broken == "" {
				c.act, c.first = a, a.At
				break
			}
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b coming) int { return cmp.Or(a.first.Compare(b.first), cmp.Compare(a.id, b.id)) })
	return out
}

// requests makes or moves the rows of Change Requests.
func (m *merge) requests() error {
	more := []string{}
	for _, r := range m.b.Requests {
		more = append(more, r.ID)
	}
	for _, d := range m.b.Drafts {
		more = append(more, d.Content.ID)
	}
	for _, c := range m.comings("cr.", more...) {
		if err := m.request(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *merge) request(c coming) error {
	row, err := load[governance.ChangeRequest](m.db, requestRows.word, c.id)
	if governance.FaultCode(err) == "not_found" {
		return m.newRequest(c)
	}
	if err != nil {
		return err
	}
	row.Tidy()
	was, is := m.before.RequestStanding(c.id), m.after.RequestStanding(c.id)
	if m.toldOf(c.id, was, is) {
		m.out.Requests = append(m.out.Requests, DeliveredRow{ID: c.id, Request: c.id, Label: row.Label(), Name: row.Name, Before: string(was.Status), After: string(is.Status)})
	}
	rev := m.after.Request(is.Revision)
	if rev == nil || is.Revision == was.Revision {
		return nil
	}
	if err := m.unaltered(requestRows, c.id, row.Label()); err != nil {
		return err
	}
	// What was edited here and not submitted gives way to what somebody has
	// submitted, and waits beside it.
	mine := row.RevisionIn(m.workspace, was.Round)
	digest, _, err := ledger.RequestRevision(mine)
	if err != nil {
		return err
	}
	if digest != was.Revision && !sameRequest(mine, *rev) {
		d := ledger.Draft{After: []string{}, Authors: row.Authors, Content: mine, CreatedAt: ledger.DraftTime(row.CreatedAt), UpdatedAt: ledger.DraftTime(row.UpdatedAt)}
		if err := m.waitDraft(d, digest, ""); err != nil {
			return err
		}
		m.find("edit_kept", "{label} was submitted elsewhere while it was edited here. Your edit is kept beside it.", "label", row.Label())
	}
	putBackRequest(row, rev)
	row.Authors = union(row.Authors, is.Authors)
	return m.putBack(requests.guarded, c, row.ID, row.Label(), func() error { return saveChecked(m, requests, row) })
}

// toldOf reports whether the bundle says something new of a subject. Content
// alone can: the acts about it may have come before, to keep a chain whole.
func (m *merge) toldOf(id string, was, is governance.Standing) bool {
	return was.Status != is.Status || was.Round != is.Round || was.Revision != is.Revision ||
		slices.ContainsFunc(m.fresh, func(a ledger.SignedAct) bool { return a.Subject == id })
}

// sameRequest compares contents whatever their round and parents.
func sameRequest(a, b governance.RequestRevision) bool {
	a.Round, a.Parents = b.Round, b.Parents
	x, _, errX := ledger.RequestRevision(a)
	y, _, errY := ledger.RequestRevision(b)
	return errX == nil && errY == nil && x == y
}

func saveChecked[T record](m *merge, b book[T], v *T) error {
	if err := m.complete(b.check(m.door, v)); err != nil {
		return err
	}
	*b.columns(v).UpdatedAt = m.at
	return m.save(v, b.word, b.label(v))
}

// complete says of a file that is missing that the bundle lacks it.
func (m *merge) complete(err error) error {
	if governance.FaultCode(err) != "blob_missing" {
		return err
	}
	return governance.Faultf("bundle_incomplete", "The bundle names a file that is neither in it nor here.").WithHint("Ask for it again.").Because(err)
}

// putBack saves a row and logs what its content is now, by who submitted it.
func (m *merge) putBack(g guarded, c coming, id, label string, save func() error) error {
	if err := save(); err != nil {
		return err
	}
	m.changed = true
	return m.logRow(g, m.submitter(c), id)
}

func (m *merge) submitter(c coming) string {
	if c.act != nil {
		return c.act.Member
	}
	return m.out.From
}

func (m *merge) logRow(g guarded, by, id string) error {
	digest, err := g.digest(m.db, id, g.form())
	if err != nil {
		return err
	}
	return m.append("draft", draftEntry{At: stamp(m.at), By: by, Digest: digest, Form: g.form(), Subject: id, Table: g.table})
}

// newRequest makes the row of a request from what was submitted, or from its
// draft.
func (m *merge) newRequest(c coming) error {
	is := m.after.RequestStanding(c.id)
	cr := &governance.ChangeRequest{ID: c.id, Status: is.Status, Round: is.Round, Revision: is.Revision, Authors: is.Authors, CreatedAt: c.first}
	draft := m.draftOf(c.id)
	switch rev := m.after.Request(is.Revision); {
	case rev != nil:
		putBackRequest(cr, rev)
	case draft != nil && m.out.From != "":
		putBackRequest(cr, &draft.Content)
		cr.Authors = m.draftAuthors(draft)
		cr.CreatedAt, _ = time.Parse(time.RFC3339, draft.CreatedAt) // ReadBundle has checked the form
		m.out.Drafts = append(m.out.Drafts, DeliveredDraft{Request: c.id, Digest: mustDigest(draft), Name: draft.Content.Name, How: DraftNew})
	default:
		return nil // known by acts alone, such as those that only keep a chain whole
	}
	if m.taken(c.id, requestRows.table) {
		m.find("id_taken", "{id} is the id of something else already, so it was left out.", "id", short(c.id))
		return nil
	}
	if err := m.create(requests.guarded, c, &cr.Number, cr, func() error { return m.complete(requests.check(m.door, cr)) }); err != nil {
		return err
	}
	m.renamed(c.id, cr.Label(), func(n int64) string { return (&governance.ChangeRequest{Number: n}).Label() })
	m.out.Requests = append(m.out.Requests, DeliveredRow{ID: c.id, Request: c.id, Label: cr.Label(), Name: cr.Name, New: true, After: string(cr.Status)})
	if draft != nil {
		return m.knowDraft(*draft, m.b.Exporter)
	}
	return nil
}

func (m *merge) create(g guarded, c coming, number *int64, row any, check func() error) error {
	var err error
	if *number, err = m.number(g.table, c.id); err != nil {
		return err
	}
	switch v := row.(type) {
	case *governance.ChangeRequest:
		v.UpdatedAt = m.at
	case *governance.DeploymentRecord:
		v.UpdatedAt = m.at
	}
	if err := check(); err != nil {
		return err
	}
	if err := m.db.Create(row).Error; err != nil {
		return fmt.Errorf("save the %s %s: %w", g.word, c.id, err)
	}
	m.changed = true
	return m.logRow(g, m.submitter(c), c.id)
}

// number is what a new row is called here: as on the sender's machine, so that
// people who talk about it mean the same, or the next one if something else is
// called so already. Who is no member numbers nothing here.
func (m *merge) number(table, id string) (int64, error) {
	theirs := m.b.Numbers[id]
	if theirs == 0 || m.out.From == "" {
		return m.next(table)
	}
	used := int64(0)
	if err := m.db.Raw("SELECT count(*) FROM "+table+" WHERE number = ?", theirs).Scan(&used).Error; err != nil || used == 0 {
		return theirs, errors.Join(err, m.upTo(table, theirs))
	}
	// What else of it comes with the bundle keeps its number.
	for _, also := range m.alike(table) {
		theirs = max(theirs, m.b.Numbers[also])
	}
	if err := m.upTo(table, theirs); err != nil {
		return 0, err
	}
	return m.next(table)
}

// alike are the ids of the bundle's requests or of its records.
func (m *merge) alike(table string) []string {
	ids := []string{}
	if table == recordRows.table {
		for _, r := range m.b.Records {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for _, r := range m.b.Requests {
		ids = append(ids, r.ID)
	}
	for _, d := range m.b.Drafts {
		ids = append(ids, d.Content.ID)
	}
	return ids
}

// renamed tells of a number that is another here.
func (m *merge) renamed(id, label string, labelled func(number int64) string) {
	if theirs := m.b.Numbers[id]; theirs > 0 && m.out.From != "" && labelled(theirs) != label {
		m.find("number_taken", "What {who} calls {theirs} is {label} here, because {theirs} is something else here.", "who", m.exporterName(), "theirs", labelled(theirs), "label", label)
	}
}

// taken says whether an id cannot be that of a row of a table: entries of the
// audit trail are told apart by it alone.
func (m *merge) taken(id, table string) bool {
	n := int64(0)
	for _, g := range guardedTables() {
		if g.table == table {
			continue
		}
		var here int64
		if m.db.Raw("SELECT count(*) FROM "+g.table+" WHERE id = ?", id).Scan(&here).Error != nil {
			here = 1
		}
		n += here
	}
	return n > 0 || id == governance.GovernanceSubject || id == "" || len(id) > 200
}

// records makes or moves the rows of Deployment Records whose request is here.
func (m *merge) records() error {
	more := []string{}
	for _, r := range m.b.Records {
		more = append(more, r.ID)
	}
	for _, c := range m.comings("dr.", more...) {
		if err := m.record(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *merge) record(c coming) error {
	row, err := load[governance.DeploymentRecord](m.db, recordRows.word, c.id)
	if governance.FaultCode(err) == "not_found" {
		return m.newRecord(c)
	}
	if err != nil {
		return err
	}
	row.Tidy()
	was, is := m.before.RecordStanding(c.id), m.after.RecordStanding(c.id)
	if m.toldOf(c.id, was, is) {
		m.out.Records = append(m.out.Records, DeliveredRow{ID: c.id, Request: row.RequestID, Label: row.Label(), Name: row.Name, Before: string(was.Status), After: string(is.Status)})
	}
	rev := m.after.Record(is.Revision)
	if rev == nil || is.Revision == was.Revision {
		return nil
	}
	if rev.Request != row.RequestID {
		m.find("other_request", "{label} was submitted for another change request, so its content stays as it was.", "label", row.Label())
		return nil
	}
	if err := m.unaltered(recordRows, c.id, row.Label()); err != nil {
		return err
	}
	mine, _, err := ledger.RecordRevision(row.RevisionIn(m.workspace, was.Round))
	if err != nil {
		return err
	}
	if mine != was.Revision {
		m.find("record_replaced", "{label} was submitted elsewhere while it was edited here, and is what was submitted.", "label", row.Label())
	}
	if err := m.fill(row, rev, is, c); err != nil {
		return err
	}
	row.Authors = union(row.Authors, is.Authors)
	return m.putBack(records.guarded, c, row.ID, row.Label(), func() error { return saveChecked(m, records, row) })
}

// fill puts a revision into a record, with the trees that the bundle brings and
// this machine's environments of the same organisations.
func (m *merge) fill(row *governance.DeploymentRecord, rev *governance.RecordRevision, is governance.Standing, c coming) error {
	putBackRecord(row, rev)
	f := m.b.Frozen[is.Revision]
	row.PackageBlob, row.BaseBlob, row.ReverseBlob = f.Package, f.Base, f.Reverse
	row.ScannedAt = c.first // no later than that; only the machine that scanned knows better
	for _, e := range []struct {
		org string
		id  *string
	}{{rev.Source, &row.SourceID}, {rev.Target, &row.TargetID}} {
		*e.id = ""
		err := m.db.Raw("SELECT id FROM environments WHERE organization_id = ? AND organization_id <> '' ORDER BY created_at, id LIMIT 1", e.org).Scan(e.id).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *merge) newRecord(c coming) error {
	is := m.after.RecordStanding(c.id)
	rev := m.after.Record(is.Revision)
	if rev == nil {
		return nil
	}
	n := int64(0)
	if err := m.db.Raw("SELECT count(*) FROM change_requests WHERE id = ?", rev.Request).Scan(&n).Error; err != nil || n == 0 {
		return err // its request does not travel with it
	}
	if m.taken(c.id, recordRows.table) {
		m.find("id_taken", "{id} is the id of something else already, so it was left out.", "id", short(c.id))
		return nil
	}
	dr := &governance.DeploymentRecord{ID: c.id, Status: is.Status, Round: is.Round, Revision: is.Revision, Authors: is.Authors, CreatedAt: c.first}
	if err := m.fill(dr, rev, is, c); err != nil {
		return err
	}
	if err := m.create(records.guarded, c, &dr.Number, dr, func() error { return m.complete(records.check(m.door, dr)) }); err != nil {
		return err
	}
	m.renamed(c.id, dr.Label(), func(n int64) string { return (&governance.DeploymentRecord{Number: n}).Label() })
	m.out.Records = append(m.out.Records, DeliveredRow{ID: c.id, Request: dr.RequestID, Label: dr.Label(), Name: dr.Name, New: true, After: string(dr.Status)})
	return nil
}

func union(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// joinRecords lets records from other machines name an environment of this one,
// now that there is one of the organisation that they were approved for.
func (d *door) joinRecords(by string, e *governance.Environment) error {
	if e.OrganizationID == "" {
		return nil
	}
	var rows []governance.DeploymentRecord
	err := d.db.Where("(source_id = '' AND source_org = ?) OR (target_id = '' AND target_org = ?)", e.OrganizationID, e.OrganizationID).Order("number").Find(&rows).Error
	if err != nil {
		return err
	}
	for i := range rows {
		dr := &rows[i]
		altered, err := recordRows.altered(d.db, dr.ID, dr.Label())
		if err != nil {
			return err
		}
		if altered != "" {
			continue // what was changed by hand is not made to look right
		}
		dr.Tidy()
		if dr.SourceID == "" && dr.SourceOrg == e.OrganizationID {
			dr.SourceID = e.ID
		}
		if dr.TargetID == "" && dr.TargetOrg == e.OrganizationID {
			dr.TargetID = e.ID
		}
		if err := d.save(dr, recordRows.word, dr.Label()); err != nil {
			return err
		}
		if err := records.logDraft(d, Author{Member: by}, dr.ID); err != nil {
			return err
		}
	}
	return nil
}
