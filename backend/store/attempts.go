package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// gateEntry is the log entry "gate": what the gate answered, and why.
type gateEntry struct {
	At      string   `json:"at"`
	By      string   `json:"by"`
	Checks  []string `json:"checks"` // codes of the checks that held
	Counted []string `json:"counted"`
	Kind    string   `json:"kind"` // of the attempt, empty when only asked
	Open    bool     `json:"open"`
	Reasons []string `json:"reasons"`
	Record  string   `json:"record"`
}

func (d *door) logDecision(by, record string, kind governance.AttemptKind, dec governance.Decision) error {
	e := gateEntry{At: stamp(d.at), By: by, Checks: []string{}, Counted: dec.Counted, Kind: string(kind), Open: dec.Open, Reasons: dec.Reasons(), Record: record}
	for _, c := range dec.Checks {
		if c.OK {
			e.Checks = append(e.Checks, c.Code)
		}
	}
	return d.append("gate", e)
}

// SaveDecision logs an answer of the gate that started nothing.
func (s *Store) SaveDecision(ctx context.Context, by string, recordID string, dec governance.Decision) error {
	return s.write(ctx, func(d *door) error { return d.logDecision(by, recordID, "", dec) })
}

// Digests are the digests of a record's and its request's content now, as the
// gate compares them with what was approved.
func (s *Store) Digests(ctx context.Context, recordID string) (request, record string, err error) {
	err = s.read(ctx, func(tx *gorm.DB) error {
		cr, dr, err := pair(tx, recordID)
		if err != nil {
			return err
		}
		workspace, err := workspaceID(tx)
		if err != nil {
			return err
		}
		request, record, err = digests(workspace, cr, dr)
		return err
	})
	return request, record, err
}

func pair(tx *gorm.DB, recordID string) (*governance.ChangeRequest, *governance.DeploymentRecord, error) {
	dr, err := load[governance.DeploymentRecord](tx, recordRows.word, recordID)
	if err != nil {
		return nil, nil, err
	}
	cr, err := load[governance.ChangeRequest](tx, requestRows.word, dr.RequestID)
	if err != nil {
		return nil, nil, err
	}
	cr.Tidy()
	dr.Tidy()
	return cr, dr, nil
}

func digests(workspace string, cr *governance.ChangeRequest, dr *governance.DeploymentRecord) (request, record string, err error) {
	if request, _, err = ledger.RequestRevision(cr.RevisionIn(workspace, cr.Round)); err != nil {
		return "", "", err
	}
	record, _, err = ledger.RecordRevision(dr.RevisionIn(workspace, dr.Round))
	return request, record, err
}

// StartAttempt asks the gate and, if it is open, signs deploy.start and saves
// the log in ProgressIntent, in one transaction; nothing was sent then. The
// caller sets RecordID and Kind. ID, RequestID, Revision, Attempt and By are
// filled in before ask is called, so that it can make the log's Marker; ask
// brings what was computed and what the org says (package, base, target, kind
// of target, validation, the clock), and the rows, their digests, the History
// and the deployer are the store's. TargetOrg, Package and ValidationID of the
// log are those of the question.
//
// The decision is logged either way. When the gate is closed it comes back
// without an error, and no log is saved. Faults: target_busy, row_altered,
// not_found, wrong_key.
func (s *Store) StartAttempt(ctx context.Context, by Author, log *governance.DeploymentLog, ask func(h *governance.History, cr *governance.ChangeRequest, dr *governance.DeploymentRecord) governance.Question) (governance.Decision, error) {
	var dec governance.Decision
	var busy error
	err := s.write(ctx, func(d *door) error {
		q, err := d.question(by, log, ask)
		if err != nil {
			return err
		}
		dec = governance.Gate(q)
		if err := d.logDecision(by.Member, log.RecordID, log.Kind, dec); err != nil || !dec.Open {
			return err
		}
		if busy, err = d.busy(log); busy != nil || err != nil {
			return err // the decision stays logged
		}
		return d.start(by, log, q, dec)
	})
	if err == nil {
		err = busy
	}
	return dec, err
}

func (d *door) question(by Author, log *governance.DeploymentLog, ask func(h *governance.History, cr *governance.ChangeRequest, dr *governance.DeploymentRecord) governance.Question) (governance.Question, error) {
	var q governance.Question
	if log.Kind == governance.AttemptRetrieve {
		return q, fmt.Errorf("a retrieval is not an attempt that the gate decides")
	}
	cr, dr, err := pair(d.db, log.RecordID)
	if err != nil {
		return q, err
	}
	if err := d.unaltered(requestRows, cr.ID, cr.Label()); err != nil {
		return q, err
	}
	if err := d.unaltered(recordRows, dr.ID, dr.Label()); err != nil {
		return q, err
	}
	h, findings, err := d.s.historyOf(d.db, cr.ID)
	if err != nil {
		return q, err
	}
	if err := d.number(log, dr, by); err != nil {
		return q, err
	}
	q = ask(h, cr, dr)
	// The rows are read again: what ask did to its copies does not count.
	if q.Request, q.Record, err = pair(d.db, log.RecordID); err != nil {
		return q, err
	}
	if q.RequestDigest, q.RecordDigest, err = digests(d.workspace, q.Request, q.Record); err != nil {
		return q, err
	}
	q.History, q.Kind, q.Deployer = h, log.Kind, by.Member
	q.Findings = append(append([]string{}, q.Findings...), findings...)
	if q.Now.Before(d.at) {
		q.Now = d.at
	}
	log.TargetOrg, log.Package, log.ValidationID = q.Target, q.Package, q.Validation
	return q, nil
}

// number gives a new log its names.
func (d *door) number(log *governance.DeploymentLog, dr *governance.DeploymentRecord, by Author) error {
	if log.ID == "" {
		log.ID = newID()
	}
	log.RequestID, log.Revision, log.By = dr.RequestID, dr.Revision, by.Member
	err := d.db.Raw("SELECT coalesce(max(attempt), 0) + 1 FROM deployment_logs WHERE record_id = ?", dr.ID).Scan(&log.Attempt).Error
	if err != nil {
		return fmt.Errorf("number the attempt: %w", err)
	}
	return nil
}

// busy says which record holds the target.
func (d *door) busy(log *governance.DeploymentLog) (busy, err error) {
	var other []governance.DeploymentRecord
	err = d.db.Raw(`SELECT r.* FROM deployment_records r JOIN deployment_logs l ON l.record_id = r.id
		WHERE l.target_org = ? AND l.progress <> 'done' AND l.kind <> 'retrieve' LIMIT 1`, log.TargetOrg).Scan(&other).Error
	if err != nil || len(other) == 0 {
		return nil, err
	}
	return governance.Faultf("target_busy", "%s (%s) has a deployment or validation to the same org under way.", other[0].Label(), other[0].Name).
		WithHint("Wait until it has ended, or cancel it."), nil
}

func (d *door) start(by Author, log *governance.DeploymentLog, q governance.Question, dec governance.Decision) error {
	if err := holder(q.History, by); err != nil {
		return err
	}
	a, err := d.sign(by, governance.Intent{Type: governance.ActStart, Subject: log.RecordID, Body: governance.Start{
		Approvals: dec.Counted, Attempt: log.Attempt, Base: q.Base, Kind: log.Kind, Log: log.ID, Marker: log.Marker,
		Package: q.Package, Revision: log.Revision, Target: q.Target, Validation: q.Validation,
	}}, q.History)
	if err != nil {
		return err
	}
	if _, err := d.counted(a, log.RequestID); err != nil {
		return err
	}
	log.Progress, log.Result, log.StartAct, log.ResultAct, log.StartedAt = governance.ProgressIntent, governance.ResultNone, a.ID, "", d.at
	if err := d.createLog(log); err != nil {
		return err
	}
	return d.logAttempt(by.Member, log)
}

func (d *door) createLog(log *governance.DeploymentLog) error {
	tidyLog(log)
	err := d.db.Create(log).Error
	if isDuplicate(err) {
		return governance.Faultf("target_busy", "Another deployment or validation to the same org is under way.").
			WithHint("Wait until it has ended, or cancel it.").Because(err)
	}
	if err != nil {
		return fmt.Errorf("save the log of attempt %d: %w", log.Attempt, err)
	}
	return nil
}

// CreateDeploymentLog saves the log of a retrieval, which changes nothing and
// is not signed. ID, RequestID, Revision, Attempt, By and StartedAt are filled
// in; an empty progress means running. Faults: not_found, not_member.
func (s *Store) CreateDeploymentLog(ctx context.Context, by Author, log *governance.DeploymentLog) error {
	if log.Kind != governance.AttemptRetrieve {
		return fmt.Errorf("an attempt of the kind %q begins with StartAttempt", log.Kind)
	}
	return s.write(ctx, func(d *door) error {
		dr, err := load[governance.DeploymentRecord](d.db, recordRows.word, log.RecordID)
		if err != nil {
			return err
		}
		h, _, err := s.historyOf(d.db, dr.RequestID)
		if err != nil {
			return err
		}
		if err := d.member(h, by.Member); err != nil {
			return err
		}
		if err := d.number(log, dr, by); err != nil {
			return err
		}
		if log.Progress == "" {
			log.Progress = governance.ProgressRunning
		}
		log.StartAct, log.ResultAct, log.StartedAt = "", "", d.at
		if err := d.createLog(log); err != nil {
			return err
		}
		return d.logAttempt(by.Member, log)
	})
}

// attemptEntry is the log entry "attempt": what a Deployment Log says now.
type attemptEntry struct {
	AsyncID         string `json:"asyncId"`
	At              string `json:"at"`
	By              string `json:"by"` // empty when the program followed the org
	ComponentErrors int64  `json:"componentErrors"`
	ComponentsDone  int64  `json:"componentsDone"`
	ComponentsTotal int64  `json:"componentsTotal"`
	Digest          string `json:"digest"`
	Form            int64  `json:"form"`
	Kind            string `json:"kind"`
	Message         string `json:"message"`
	Progress        string `json:"progress"`
	Record          string `json:"record"`
	Result          string `json:"result"`
	Status          string `json:"status"`
	Subject         string `json:"subject"`
	TestErrors      int64  `json:"testErrors"`
	TestsDone       int64  `json:"testsDone"`
	TestsTotal      int64  `json:"testsTotal"`
}

func (d *door) logAttempt(by string, l *governance.DeploymentLog) error {
	digest, err := logRows.digest(d.db, l.ID, logRows.form())
	if err != nil {
		return err
	}
	return d.append("attempt", attemptEntry{
		AsyncID: l.AsyncID, At: stamp(d.at), By: by, ComponentErrors: l.ComponentErrors, ComponentsDone: l.ComponentsDone, ComponentsTotal: l.ComponentsTotal,
		Digest: digest, Form: logRows.form(), Kind: string(l.Kind), Message: l.Message, Progress: string(l.Progress), Record: l.RecordID,
		Result: string(l.Result), Status: l.Status, Subject: l.ID, TestErrors: l.TestErrors, TestsDone: l.TestsDone, TestsTotal: l.TestsTotal,
	})
}
