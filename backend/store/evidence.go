package store

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// An EvidenceQuery says what an evidence file is about: one Change Request, or
// all that the audit trail holds of a time, of one environment or of every one.
type EvidenceQuery struct {
	Request     string    `json:"request"`               // id; empty for a period
	From        time.Time `json:"from" ts_type:"string"` // of a period
	To          time.Time `json:"to" ts_type:"string"`   // the first moment that does not belong to it
	Environment string    `json:"environment"`           // id, of a period; empty for every one
}

// Evidence gathers what an evidence file of this machine's audit trail holds,
// but for what needs metadata and words. Faults: not_found, no_key,
// evidence_empty, evidence_no_org, evidence_too_large, log_damaged.
func (s *Store) Evidence(ctx context.Context, by Author, q EvidenceQuery) (*ledger.EvidenceContents, error) {
	if by.Identity.IsZero() {
		return nil, governance.Faultf("no_key", "There is no unlocked signing key on this machine.").WithHint("Unlock your key and try again.")
	}
	if now := s.now().Truncate(time.Second).Add(time.Second); q.To.After(now) {
		q.To = now // nobody can prove what has not happened
	}
	note, err := s.Checkpoint(ctx, by.Identity)
	if err != nil {
		return nil, err
	}
	_, head, err := ledger.OpenCheckpoint(note, by.Identity.Public())
	if err != nil {
		return nil, err
	}
	sh := &shipment{s: s, sums: map[string]bool{}, Contents: ledger.Contents{Created: s.now(), Revisions: map[string][]byte{}}}
	out := &ledger.EvidenceContents{Checkpoint: note, Created: s.now()}
	err = s.read(ctx, func(tx *gorm.DB) error {
		sh.tx = tx
		return sh.evidence(q, head, out)
	})
	if err != nil {
		return nil, err
	}
	for _, r := range sh.Blobs {
		out.Results = append(out.Results, r)
	}
	return out, nil
}

func (sh *shipment) evidence(q EvidenceQuery, head ledger.Head, out *ledger.EvidenceContents) error {
	entries, first, last, err := sh.entriesOf(q, head)
	if err != nil {
		return err
	}
	if sh.h, _, err = sh.s.historyOf(sh.tx); err != nil {
		return err
	}
	requests := []string{q.Request}
	p := &out.Population
	p.Scope, p.Changes, p.Places, p.Findings = ledger.ScopeChange, []ledger.ChangeLine{}, []ledger.PlaceLine{}, []string{}
	if q.Request == "" {
		p.Scope, p.From, p.To = ledger.ScopePeriod, q.From.UTC().Format(time.RFC3339), q.To.UTC().Format(time.RFC3339)
		if p.Organization, err = organizationOf(sh.tx, q.Environment); err != nil {
			return err
		}
		if requests, err = sh.requestsIn(entries, p.Organization); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return governance.Faultf("evidence_empty", "The audit trail holds nothing of that time.").WithHint("Choose a longer period.")
	}
	p.First, p.Last = first, last
	if err := sh.gathered(requests, entries); err != nil {
		return err
	}
	out.Workspace, out.Acts, out.Revisions = sh.Workspace, sh.Acts, sh.Revisions
	if out.Log, err = ledger.ProveEntries(hashes{sh.tx}, head, entries); err != nil {
		return err
	}
	for _, id := range requests {
		c, err := sh.changeLine(id)
		if err != nil {
			return err
		}
		p.Changes = append(p.Changes, c)
	}
	p.Deployments = out.Deployments()
	return nil
}

// gathered takes the acts, contents and answers of requests, and every act that
// the entries name.
func (sh *shipment) gathered(requests []string, entries []ledger.Entry) error {
	var err error
	sh.Workspace, sh.requests = sh.h.Workspace(), requests
	if sh.subjects, err = subjectsOf(sh.tx, requests); err != nil {
		return err
	}
	if err := sh.acts(false); err != nil {
		return err
	}
	have := map[string]bool{}
	for _, a := range sh.Acts {
		have[a.ID] = true
	}
	more := []string{}
	for _, e := range entries {
		if id := actIn(e); id != "" && !have[id] {
			more = append(more, id)
		}
	}
	others, err := readActs(sh.tx.Where("id IN "+listed, asList(more)))
	if err != nil {
		return err
	}
	sh.Acts = append(sh.Acts, others...)
	if err := readRevisions(sh.tx.Where("subject IN "+listed, asList(sh.subjects)), sh.Revisions); err != nil {
		return fmt.Errorf("read the revisions: %w", err)
	}
	if err := sh.answers(); err != nil {
		return err
	}
	return sh.files()
}

func actIn(e ledger.Entry) string {
	var named actEntry
	if e.Kind != "act" || json.Unmarshal(e.Data, &named) != nil {
		return ""
	}
	return named.Act
}

// entriesOf selects entries of the trail: of a period all from the first to the
// last of it; of a change those
// that name it; and which are the first and the last of the scope.
func (sh *shipment) entriesOf(q EvidenceQuery, head ledger.Head) (out []ledger.Entry, first, last int64, err error) {
	if q.Request != "" {
		if out, err = sh.entriesAbout(q.Request, head); err != nil || len(out) == 0 {
			return nil, 0, 0, err
		}
		return out, out[0].Idx, out[len(out)-1].Idx, nil
	}
	return sh.entriesIn(q, head)
}

// entriesIn are those of a period with the one before and the one after it. See
// ledger.EvidenceFile: entries that do not say when they were written belong to
// the period that they lie at the edge of.
func (sh *shipment) entriesIn(q EvidenceQuery, head ledger.Head) (out []ledger.Entry, first, last int64, err error) {
	const told = "SELECT %s FROM log_entries WHERE kind <> 'act' AND idx < ? AND json_extract(CAST(data AS TEXT), '$.at') IS NOT NULL AND "
	const at = "substr(json_extract(CAST(data AS TEXT), '$.at'), 1, 19)"
	second := func(t time.Time) string { return stamp(t)[:19] }
	one := func(what, where string, args ...any) (n int64, err error) {
		err = sh.tx.Raw(fmt.Sprintf(told, what)+where, append([]any{head.Size}, args...)...).Row().Scan(&n)
		return n, err
	}
	first, err = one("coalesce(min(idx), -1)", at+" >= ?", second(q.From))
	if err != nil || first < 0 {
		return nil, 0, 0, err
	}
	last, err = one("coalesce(max(idx), -1)", at+" < ?", second(q.To))
	if err != nil || last < first {
		return nil, 0, 0, err
	}
	before, err := one("coalesce(max(idx), -1)", "idx < ?", first)
	if err != nil {
		return nil, 0, 0, err
	}
	after, err := one(fmt.Sprintf("coalesce(min(idx), %d)", head.Size), "idx > ?", last)
	if err != nil {
		return nil, 0, 0, err
	}
	out = []ledger.Entry{}
	return out, before + 1, after - 1, sh.tx.Where("idx BETWEEN ? AND ?", before, after).Where("idx < ?", head.Size).Order("idx").Find(&out).Error
}

func (sh *shipment) entriesAbout(request string, head ledger.Head) ([]ledger.Entry, error) {
	if _, err := load[governance.ChangeRequest](sh.tx, requestRows.word, request); err != nil {
		return nil, err
	}
	subjects, err := subjectsOf(sh.tx, []string{request})
	if err != nil {
		return nil, err
	}
	logs := []string{}
	if err := sh.tx.Raw("SELECT id FROM deployment_logs WHERE request_id = ?", request).Scan(&logs).Error; err != nil {
		return nil, err
	}
	about := append(slices.Clone(subjects), logs...)
	out := []ledger.Entry{}
	err = eachRow(sh.tx.Raw(`SELECT e.idx, e.kind, e.data FROM log_entries e
			LEFT JOIN acts a ON e.kind = 'act' AND a.id = json_extract(CAST(e.data AS TEXT), '$.act')
			WHERE e.idx < ? AND (a.subject IN `+listed+` OR json_extract(CAST(e.data AS TEXT), '$.subject') IN `+listed+`
				OR json_extract(CAST(e.data AS TEXT), '$.record') IN `+listed+`) ORDER BY e.idx`, head.Size, asList(subjects), asList(about), asList(about)),
		func(scan scanner) error {
			var e ledger.Entry
			err := scan(&e.Idx, &e.Kind, &e.Data)
			e.Data = slices.Clone(e.Data)
			out = append(out, e)
			return err
		})
	return out, err
}

// organizationOf is the organisation of an environment, empty without one.
func organizationOf(tx *gorm.DB, environment string) (string, error) {
	if environment == "" {
		return "", nil
	}
	e, err := load[governance.Environment](tx, environmentRows.word, environment)
	if err != nil {
		return "", err
	}
	if e.OrganizationID == "" {
		return "", governance.Faultf("evidence_no_org", "%s was never connected, so nothing can have been deployed to it.", e.Name).
			WithHint("Choose another environment, or all of them.")
	}
	return e.OrganizationID, nil
}

// requestsIn are the Change Requests that acts of some entries are about, of
// one organisation those with a record or a deployment for it.
func (sh *shipment) requestsIn(entries []ledger.Entry, organization string) ([]string, error) {
	all, err := requestsNamed(sh.tx, entries)
	if err != nil || organization == "" {
		return all, err
	}
	out := []string{}
	for _, id := range all {
		records, err := recordsOf(sh.tx, id)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(records, func(dr governance.DeploymentRecord) bool { return sh.concerns(dr.ID, organization) }) {
			out = append(out, id)
		}
	}
	return out, nil
}

// concerns reports whether a record was submitted for an organisation, or
// started there.
func (sh *shipment) concerns(record, organization string) bool {
	for _, a := range sh.h.Thread(record) {
		switch b := a.Body.(type) {
		case governance.Submission:
			if r := sh.h.Record(b.Revision); r != nil && r.Target == organization {
				return true
			}
		case governance.Start:
			if b.Target == organization {
				return true
			}
		}
	}
	return false
}

func requestsNamed(tx *gorm.DB, entries []ledger.Entry) ([]string, error) {
	acts := []string{}
	for _, e := range entries {
		if id := actIn(e); id != "" {
			acts = append(acts, id)
		}
	}
	out := []string{}
	return out, tx.Raw(`SELECT DISTINCT r.id FROM change_requests r LEFT JOIN deployment_records d ON d.request_id = r.id
		WHERE r.id IN (SELECT subject FROM acts WHERE id IN `+listed+`) OR d.id IN (SELECT subject FROM acts WHERE id IN `+listed+`) ORDER BY r.number`,
		asList(acts), asList(acts)).Scan(&out).Error
}

func (sh *shipment) changeLine(id string) (ledger.ChangeLine, error) {
	cr, err := load[governance.ChangeRequest](sh.tx, requestRows.word, id)
	if err != nil {
		return ledger.ChangeLine{}, err
	}
	st := sh.h.RequestStanding(id)
	c := ledger.ChangeLine{ID: id, Label: cr.Label(), Records: []ledger.RecordLine{}, Revision: st.Revision, Status: string(st.Status)}
	records, err := recordsOf(sh.tx, id)
	for _, dr := range records {
		if st := sh.h.RecordStanding(dr.ID); st.Revision != "" || len(sh.h.Thread(dr.ID)) > 0 {
			c.Records = append(c.Records, ledger.RecordLine{ID: dr.ID, Label: dr.Label(), Revision: st.Revision, Status: string(st.Status)})
		}
	}
	return c, err
}

// WriteEvidence writes an evidence file and leaves an entry in the audit trail.
func (s *Store) WriteEvidence(ctx context.Context, by Author, c *ledger.EvidenceContents, w io.Writer) (string, error) {
	sum, err := ledger.WriteEvidence(w, by.Identity, *c)
	if err != nil {
		return "", s.explained(ctx, err)
	}
	entry := evidenceEntry{By: by.Member, Changes: int64(len(c.Population.Changes)), Deployments: int64(len(c.Population.Deployments)), File: sum,
		From: c.Population.From, Scope: c.Population.Scope, To: c.Population.To}
	return sum, s.write(ctx, func(d *door) error {
		entry.At = stamp(d.at)
		return d.append("evidence", entry)
	})
}

// evidenceEntry is the log entry "evidence": an evidence file left this machine.
type evidenceEntry struct {
	At          string `json:"at"`
	By          string `json:"by"`
	Changes     int64  `json:"changes"`
	Deployments int64  `json:"deployments"`
	File        string `json:"file"`
	From        string `json:"from"`
	Scope       string `json:"scope"`
	To          string `json:"to"`
}
