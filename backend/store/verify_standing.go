package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// standings compares the status columns, and the content that is locked, with
// what the acts say.
func (a *audit) standings() error {
	if a.workspace == "" {
		if a.report.Acts > 0 || a.report.Requests > 0 {
			a.find("workspace", "The workspace does not say which one it is.")
		}
		return nil
	}
	if founded, err := a.founded(); err != nil || !founded {
		return err
	}
	h, findings, err := a.s.historyOf(a.tx)
	if err != nil {
		return a.fault(err)
	}
	for _, f := range findings {
		a.find("act", "%s", f)
	}
	if h.Trouble() != "" || h.Charter() == nil {
		a.find("charter", "The charter cannot be trusted. %s", h.Trouble())
	}
	return a.compare(h, "")
}

// founded reports whether the workspace is that of its founding act, which is
// the first entry of the audit trail.
func (a *audit) founded() (bool, error) {
	var n int64
	err := a.tx.Model(&ledger.SignedAct{}).Where("id = ? AND type = ?", a.workspace, governance.ActGenesis).Count(&n).Error
	if err == nil && n == 0 {
		a.find("workspace", "The workspace says that it is %s, but no act founded that.", short(a.workspace))
	}
	return n > 0, err
}

// compare looks at the rows that a condition selects.
func (a *audit) compare(h *governance.History, where string) error {
	if err := compareRows(a, requests, h, where); err != nil {
		return err
	}
	return compareRows(a, records, h, where)
}

// A statusLine is a row's columns that the acts decide.
type statusLine struct {
	id, label, revision string
	status              governance.Status
	round               int64
}

// compareRows reads the content of locked rows only.
func compareRows[T record](a *audit, b book[T], h *governance.History, where string) error {
	lines, err := statusLines(a.tx, b.guarded, strings.ToUpper(strings.TrimSuffix(b.prefix, ".")), where)
	if err != nil {
		return err
	}
	held := []heldRow{}
	for _, l := range lines {
		a.tick()
		st := b.standing(h, l.id)
		a.standing(l, st)
		if locked(st) {
			held = append(held, heldRow{l, st})
		}
	}
	for some := range slices.Chunk(held, every) {
		if err := compareContents(a, b, some); err != nil {
			return err
		}
	}
	return nil
}

func statusLines(tx *gorm.DB, g guarded, prefix, where string) ([]statusLine, error) {
	if where != "" {
		where = " WHERE " + where
	}
	out := []statusLine{}
	err := eachRow(tx.Raw("SELECT id, number, status, round, revision FROM "+g.table+where+" ORDER BY number"), func(scan scanner) error {
		var l statusLine
		number := int64(0)
		err := scan(&l.id, &number, &l.status, &l.round, &l.revision)
		l.label = fmt.Sprintf("%s-%04d", prefix, number)
		out = append(out, l)
		return err
	})
	return out, err
}

func (a *audit) standing(l statusLine, st governance.Standing) {
	if l.status != st.Status {
		a.find("status", "The status of %s was changed outside Countersign: the database says %s, the signed acts say %s.", l.label, l.status, st.Status)
	}
	if l.round != st.Round || l.revision != st.Revision {
		a.find("status", "The round or the revision of %s is not that of its acts.", l.label)
	}
	for _, t := range st.Trouble {
		a.find("act", "%s: %s", l.label, t)
	}
}

// A heldRow is one whose content must be that of its last submission.
type heldRow struct {
	statusLine
	st governance.Standing
}

func compareContents[T record](a *audit, b book[T], held []heldRow) error {
	ids := make([]string, len(held))
	for i, r := range held {
		ids[i] = r.id
	}
	var found []T
	if err := a.tx.Where("id IN "+listed, asList(ids)).Find(&found).Error; err != nil {
		return err
	}
	byID := make(map[string]*T, len(found))
	for i := range found {
		byID[*b.columns(&found[i]).ID] = &found[i]
	}
	digests, errs := make([]string, len(held)), make([]error, len(held))
	ledger.InParallel(len(held), func(i int) {
		if v := byID[held[i].id]; v != nil {
			b.tidy(v)
			digests[i], _, errs[i] = b.revise(v, a.workspace, held[i].st.Round)
		}
	})
	for i, r := range held {
		if errs[i] != nil {
			return errs[i]
		}
		if digests[i] != r.st.Revision {
			a.find("content", "The content of %s is not what was submitted.", r.label)
		}
	}
	return nil
}

// locked reports whether the content must be that of the last submission. A
// draft may differ from it, also one that was cancelled.
func locked(st governance.Standing) bool {
	return st.Status != governance.InProgress && st.Status != governance.Cancelled
}

// attempts compares Deployment Logs with the acts that began and ended them.
func (a *audit) attempts() error {
	var ls []governance.DeploymentLog
	if err := a.tx.Where("start_act <> ''").Order("record_id, attempt").Find(&ls).Error; err != nil {
		return err
	}
	for i := range ls {
		if err := a.attempt(&ls[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) attempt(l *governance.DeploymentLog) error {
	var begin governance.Start
	if ok, err := a.body(l.StartAct, l.RecordID, &begin); err != nil {
		return err
	} else if !ok || begin.Log != l.ID || begin.Kind != l.Kind || begin.Attempt != l.Attempt || begin.Target != l.TargetOrg ||
		begin.Revision != l.Revision || begin.Package != l.Package || begin.Marker != l.Marker {
		a.find("attempt", "Attempt %d (%s) is not what its start was signed for.", l.Attempt, short(l.ID))
	}
	if l.ResultAct == "" {
		return nil
	}
	var end governance.Ending
	if ok, err := a.body(l.ResultAct, l.RecordID, &end); err != nil {
		return err
	} else if !ok || end.Start != l.StartAct || end.Result != l.Result || end.AsyncID != l.AsyncID {
		a.find("attempt", "Attempt %d (%s) did not end as its signed result says.", l.Attempt, short(l.ID))
	}
	return nil
}

// body decodes an act about a subject. The act itself was checked before.
func (a *audit) body(id, subject string, into any) (bool, error) {
	var acts []ledger.SignedAct
	if err := a.tx.Where("id = ?", id).Find(&acts).Error; err != nil || len(acts) == 0 {
		return false, err
	}
	st, err := acts[0].Verify()
	if err != nil || st.Subj != subject {
		return false, nil
	}
	return json.Unmarshal(st.Body, into) == nil, nil
}
