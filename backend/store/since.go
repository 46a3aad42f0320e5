package store

import (
	"context"
	"encoding/json"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

func newAudit(s *Store) *audit {
	return &audit{s: s, logged: map[string]int64{}, last: map[string]rowEntry{}, own: map[shownHead]bool{}, progress: func(int64, int64) {}, report: Report{Findings: []Finding{}},
		verifier: ledger.NewVerifier(), said: map[string]bool{}}
}

// VerifyEnd checks what happened since an anchor, quickly enough for every
// start: the schema, that the log continues what the keychain remembers, and
// the entries, hashes and acts after it. What lies before the anchor is
// Verify's to check. The Report counts what was looked at.
func (s *Store) VerifyEnd(ctx context.Context, anchor ledger.Anchor) (Report, error) {
	a := newAudit(s)
	err := s.read(ctx, func(tx *gorm.DB) error {
		a.tx = tx
		for _, check := range []func() error{a.schema, func() error { return a.newEntries(anchor) }, a.newActs} {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	})
	return a.report, err
}

// VerifyOpen checks the rows that are not final: the acts about them, their
// status and their content.
func (s *Store) VerifyOpen(ctx context.Context) (Report, error) {
	s.ahead.promise()
	defer s.ahead.keep(nil, nil, Version{}) // whatever happens, nobody waits for ever
	a := newAudit(s)
	if err := s.ahead.wait(ctx); err != nil {
		return a.report, s.explained(ctx, err)
	}
	if err := s.refreshChains(ctx); err != nil {
		return a.report, s.explained(ctx, err)
	}
	a.version = s.Version(ctx)
	err := s.read(ctx, func(tx *gorm.DB) error {
		a.tx = tx
		var err error
		if a.workspace, err = workspaceID(tx); err != nil {
			return err
		}
		return a.openRows()
	})
	return a.report, err
}

// PromiseOpen says that VerifyOpen is about to be called: who needs the history
// of many requests waits for it.
func (s *Store) PromiseOpen() { s.ahead.promise() }

func (a *audit) newEntries(anchor ledger.Anchor) error {
	trusted, err := ledger.ParseHead(anchor.Head)
	if err != nil {
		return err
	}
	now, err := headOf(a.tx)
	if err != nil {
		return a.fault(err)
	}
	a.report.Head = now
	found := len(a.report.Findings)
	if err := a.checkAnchor(anchor, hashes{a.tx}, now); err != nil || len(a.report.Findings) > found {
		return err
	}
	if a.log, err = ledger.ResumeLogVerifier(trusted, hashes{a.tx}); err != nil {
		return a.fault(err)
	}
	var es []ledger.Entry
	if err := a.tx.Where("idx >= ?", trusted.Size).Order("idx").Find(&es).Error; err != nil {
		return err
	}
	for _, e := range es {
		a.report.Entries++
		if err := a.log.Add(e); err != nil {
			return a.fault(err)
		}
		a.note(e)
	}
	return a.newHashes(tlog.StoredHashCount(trusted.Size))
}

func (a *audit) newHashes(from int64) error {
	var hs []logHash
	if err := a.tx.Where("idx >= ?", from).Order("idx").Find(&hs).Error; err != nil {
		return err
	}
	for _, row := range hs {
		var h tlog.Hash
		copy(h[:], row.Hash)
		if err := a.log.AddStored(row.Idx, h); err != nil {
			return a.fault(err)
		}
	}
	return a.fault(a.log.Done())
}

// newActs checks the acts that the new entries name.
func (a *audit) newActs() error {
	var err error
	if a.workspace, err = workspaceID(a.tx); err != nil {
		return err
	}
	for id, idx := range a.logged {
		var acts []ledger.SignedAct
		if err := a.tx.Where("id = ?", id).Find(&acts).Error; err != nil {
			return err
		}
		if len(acts) == 0 {
			a.find("act_missing", "Entry %d of the audit trail names the act %s, which is not there.", idx, short(id))
			continue
		}
		a.report.Acts++
		if _, err := acts[0].Verify(); err != nil {
			a.find("act", "The act %s is not what was signed.", short(id))
		}
	}
	return nil
}

// openRows are those that something can still happen to.
func (a *audit) openRows() error {
	if a.workspace == "" {
		return nil
	}
	if founded, err := a.founded(); err != nil || !founded {
		return err
	}
	ids, err := openRequests(a.tx)
	if err != nil || len(ids) == 0 {
		return err
	}
	h, findings, err := a.s.historyOf(a.tx, ids...)
	if err != nil {
		return a.fault(err)
	}
	a.s.ahead.keep(h, ids, a.version)
	for _, f := range findings {
		a.find("act", "%s", f)
	}
	if h.Trouble() != "" || h.Charter() == nil {
		a.find("charter", "The charter cannot be trusted. %s", h.Trouble())
	}
	if err := compareRows(a, requests, h, notFinal(requestRows.table)); err != nil {
		return err
	}
	if err := compareRows(a, records, h, notFinal(recordRows.table)); err != nil {
		return err
	}
	return a.openContent()
}

func (a *audit) openContent() error {
	n, err := a.contents(requestRows, "CR", notFinal(requestRows.table))
	if err != nil {
		return err
	}
	a.report.Requests += n
	if n, err = a.contents(recordRows, "DR", notFinal(recordRows.table)); err != nil {
		return err
	}
	a.report.Records += n
	var ls []governance.DeploymentLog
	if err := a.tx.Where("progress <> 'done'").Find(&ls).Error; err != nil {
		return err
	}
	for i := range ls {
		if err := a.content(logRows, ls[i].ID, logName(&ls[i])); err != nil {
			return err
		}
	}
	return nil
}

// contents checks many rows and returns how many. All of them are read at once,
// in each form that their last entries are of; of those whose digest is not that
// of their last entry, content says why.
func (a *audit) contents(g guarded, prefix, where string) (n int64, err error) {
	type line struct {
		id, label string
		last      rowEntry
	}
	lines, forms := []line{}, map[int64]map[string]string{}
	// The plus takes the affinity away, with which the index is of no use.
	found := a.tx.Raw("SELECT r.id, r.number, e.data FROM " + g.table + " r LEFT JOIN log_entries e ON e.idx = (SELECT idx FROM log_entries WHERE " +
		rowKinds + " AND " + rowSubject + " = +r.id ORDER BY idx DESC LIMIT 1) WHERE " + where + " ORDER BY +r.number")
	err = eachRow(found, func(scan scanner) error {
		l, number, data := line{}, int64(0), []byte(nil)
		if err := scan(&l.id, &number, &data); err != nil {
			return err
		}
		l.label = fmt.Sprintf("%s-%04d", prefix, number)
		if json.Unmarshal(data, &l.last) == nil && l.last.Form >= 1 && l.last.Form <= g.form() {
			forms[l.last.Form] = map[string]string{}
		}
		lines = append(lines, l)
		return nil
	})
	if err != nil {
		return 0, err
	}
	for form, digests := range forms {
		selection, err := g.selection(form)
		if err != nil {
			return 0, err
		}
		if err := g.each(a.tx, selection+" WHERE "+where, form, func(id, digest string) { digests[id] = digest }); err != nil {
			return 0, err
		}
	}
	for _, l := range lines {
		n++
		if l.last.Digest != "" && forms[l.last.Form][l.id] == l.last.Digest {
			continue
		}
		if err := a.content(g, l.id, l.label); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (a *audit) content(g guarded, id, label string) error {
	why, err := g.altered(a.tx, id, label)
	if why != "" {
		a.find("row_altered", "%s", why)
	}
	return err
}
