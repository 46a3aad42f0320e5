package store

import (
	"encoding/json"

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
func (a *audit) compare(h *governance.History, where string, args ...any) error {
	crs, drs, err := a.load(where, args...)
	if err != nil {
		return err
	}
	for i := range crs {
		a.tick()
		if err := standing(a, requests, h, &crs[i]); err != nil {
			return err
		}
	}
	for i := range drs {
		a.tick()
		if err := standing(a, records, h, &drs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *audit) load(where string, args ...any) (crs []governance.ChangeRequest, drs []governance.DeploymentRecord, err error) {
	q := func() *gorm.DB {
		if where == "" {
			return a.tx.Order("number")
		}
		return a.tx.Order("number").Where(where, args...)
	}
	if err := q().Find(&crs).Error; err != nil {
		return nil, nil, err
	}
	return crs, drs, q().Find(&drs).Error
}

func standing[T record](a *audit, b book[T], h *governance.History, v *T) error {
	b.tidy(v)
	c, st := b.columns(v), b.standing(h, *b.columns(v).ID)
	label := b.label(v)
	if *c.Status != st.Status {
		a.find("status", "The status of %s was changed outside Countersign: the database says %s, the signed acts say %s.", label, *c.Status, st.Status)
	}
	if *c.Round != st.Round || *c.Revision != st.Revision {
		a.find("status", "The round or the revision of %s is not that of its acts.", label)
	}
	for _, t := range st.Trouble {
		a.find("act", "%s: %s", label, t)
	}
	if !locked(st) {
		return nil
	}
	digest, _, err := b.revise(v, a.workspace, st.Round)
	if err != nil {
		return err
	}
	if digest != st.Revision {
		a.find("content", "The content of %s is not what was submitted.", label)
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
