package store

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"countersign/backend/governance"
)

// attempts makes the logs of attempts that ended elsewhere. One that is under
// way is its deployer's alone to follow: a row of it here would be resumed, and
// perhaps sent, by a machine that knows nothing of it.
func (m *merge) attempts() error {
	ids := []string{}
	for _, a := range m.fresh {
		if a.Type == string(governance.ActResult) || a.Type == string(governance.ActValidated) || a.Type == string(governance.ActStart) {
			ids = append(ids, a.Subject)
		}
	}
	for _, r := range m.out.Records { // whose acts may have come before
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		rows := []governance.DeploymentRecord{}
		if err := m.db.Where("id = ?", id).Find(&rows).Error; err != nil {
			return err
		}
		for i := range rows {
			if err := m.attemptsOf(&rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merge) attemptsOf(dr *governance.DeploymentRecord) error {
	thread := m.after.Thread(dr.ID)
	for _, s := range thread {
		start, ok := s.Body.(governance.Start)
		if !ok || s.Broken != "" || s.Member == "" {
			continue
		}
		var end *governance.Act
		for _, e := range thread {
			if b, ok := e.Body.(governance.Ending); ok && b.Start == s.ID && e.Key == s.Key && e.Broken == "" {
				end = e
			}
		}
		if end == nil {
			continue
		}
		if err := m.newAttempt(dr, s, start, end, end.Body.(governance.Ending)); err != nil {
			return err
		}
	}
	return nil
}

var madeElsewhere = []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy, governance.AttemptQuick, governance.AttemptRollback, governance.AttemptReverseCheck}

func (m *merge) newAttempt(dr *governance.DeploymentRecord, s *governance.Act, b governance.Start, end *governance.Act, e governance.Ending) error {
	known := int64(0)
	if err := m.db.Raw("SELECT count(*) FROM deployment_logs WHERE id = ? OR start_act = ?", b.Log, s.ID).Scan(&known).Error; err != nil || known > 0 {
		return err
	}
	if m.taken(b.Log, logRows.table) || b.Attempt < 1 || e.Result == governance.ResultNone || !slices.Contains(madeElsewhere, b.Kind) || !slices.Contains(results, e.Result) {
		m.find("attempt_unknown", "An attempt of {record} that {who} signed is not understood, so it has no Deployment Log here.", "record", dr.Label(), "who", m.person(s.Member))
		return nil
	}
	free, err := m.makeRoom(dr, b.Attempt)
	if err != nil {
		return err
	}
	if !free {
		m.find("attempt_twice", "Attempt {n} of {record} was begun on two machines; the other one has no Deployment Log here.", "n", strconv.FormatInt(b.Attempt, 10), "record", dr.Label())
		return nil
	}
	l := &governance.DeploymentLog{ID: b.Log, RecordID: dr.ID, RequestID: dr.RequestID, Kind: b.Kind, Attempt: b.Attempt, Progress: governance.ProgressDone, Result: e.Result,
		By: s.Member, TargetOrg: b.Target, Revision: b.Revision, Package: b.Package, Marker: b.Marker, AsyncID: e.AsyncID, ValidationID: b.Validation, StartAct: s.ID, ResultAct: end.ID,
		Status: e.Status, ComponentsTotal: e.Components, ComponentsDone: e.Components - min(e.ComponentErrors, e.Components), ComponentErrors: e.ComponentErrors,
		TestsTotal: e.Tests, TestsDone: e.Tests - min(e.TestErrors, e.Tests), TestErrors: e.TestErrors, StartedAt: s.At, CompletedAt: end.At}
	l.Message = fmt.Sprintf("%s, as %s signed.", l.StatusWord(), m.person(s.Member))
	l.ServerCompleted, _ = time.Parse(time.RFC3339, e.CompletedAt) // empty, or the signer's claim
	if m.hasBlob(e.Detail) == nil {
		l.RawBlob = e.Detail
	}
	if err := m.createLog(l); err != nil {
		return err
	}
	m.changed = true
	m.out.Attempts++
	return m.logAttempt(s.Member, l)
}

var results = []governance.Result{governance.ResultSucceeded, governance.ResultPartially, governance.ResultFailed, governance.ResultCanceled, governance.ResultNotSent}

// makeRoom gives a retrieval of this machine that has the number of a signed
// attempt the next free one: its number is in no act.
func (m *merge) makeRoom(dr *governance.DeploymentRecord, attempt int64) (free bool, err error) {
	var there []governance.DeploymentLog
	if err := m.db.Where("record_id = ? AND attempt = ?", dr.ID, attempt).Find(&there).Error; err != nil || len(there) == 0 {
		return true, err
	}
	l := &there[0]
	if l.Kind != governance.AttemptRetrieve || l.StartAct != "" {
		return false, nil
	}
	tidyLog(l)
	if err := m.unaltered(logRows, l.ID, logName(l)); err != nil {
		return false, err
	}
	if err := m.db.Raw("SELECT max(attempt) + 1 FROM deployment_logs WHERE record_id = ?", dr.ID).Scan(&l.Attempt).Error; err != nil {
		return false, err
	}
	if err := m.save(l, logRows.word, logName(l)); err != nil {
		return false, err
	}
	return true, m.logAttempt("", l)
}
