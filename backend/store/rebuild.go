package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"countersign/backend/governance"
)

// rebuildEntry is the log entry "rebuild": a row that was changed outside
// Countersign was set right, or was let stand by a person, and what its digest
// is now.
type rebuildEntry struct {
	At      string `json:"at"`
	By      string `json:"by"`
	Digest  string `json:"digest"`
	Form    int64  `json:"form"`
	Subject string `json:"subject"`
	What    string `json:"what"`
}

// RebuildStatuses sets the status columns to what the acts say, puts back the
// submitted content of locked records, and lets other rows that were changed
// outside Countersign stand as they are now, by the name of a person. It
// returns a sentence for each change, and each is in the audit trail. With the
// sentences of WouldRebuild it is refused when it would do anything else: the
// fault seen_other. Faults: not_member, seen_other.
func (s *Store) RebuildStatuses(ctx context.Context, by Author, asked ...string) ([]string, error) {
	said := []string{}
	err := s.write(ctx, func(d *door) error {
		var err error
		if said, err = d.mend(by); err != nil {
			return err
		}
		if len(asked) > 0 && !slices.Equal(asked, said) {
			return governance.Faultf("seen_other", "What was changed by hand is not what you looked at any more.").WithHint("Look at it as it is now, then decide.")
		}
		return nil
	})
	return said, err
}

// errOnlyLooked takes everything back that a door did.
var errOnlyLooked = errors.New("this was only a look")

// WouldRebuild returns what RebuildStatuses would say now, and changes nothing.
func (s *Store) WouldRebuild(ctx context.Context, by Author) ([]string, error) {
	said := []string{}
	err := s.write(ctx, func(d *door) error {
		var err error
		if said, err = d.mend(by); err != nil {
			return err
		}
		return errOnlyLooked
	})
	if errors.Is(err, errOnlyLooked) {
		err = nil
	}
	return said, err
}

// mend lets a member mend every row, and says what was.
func (d *door) mend(by Author) ([]string, error) {
	h, _, err := d.s.historyOf(d.db)
	if err != nil {
		return nil, err
	}
	if err := d.member(h, by.Member); err != nil {
		return nil, err
	}
	m := &mender{door: d, h: h, by: by, said: []string{}}
	for _, mend := range []func() error{m.requests, m.records, m.logs, m.environments} {
		if err := mend(); err != nil {
			return nil, err
		}
	}
	return m.said, nil
}

type mender struct {
	*door
	h    *governance.History
	by   Author
	said []string
}

func (m *mender) requests() error {
	var all []governance.ChangeRequest
	if err := m.db.Order("number").Find(&all).Error; err != nil {
		return err
	}
	for i := range all {
		cr := &all[i]
		st := m.h.RequestStanding(cr.ID)
		if rev := m.h.Request(st.Revision); rev != nil && locked(st) {
			putBackRequest(cr, rev)
		}
		if err := mendRecord(m, requests, cr, st); err != nil {
			return err
		}
	}
	return nil
}

func (m *mender) records() error {
	var all []governance.DeploymentRecord
	if err := m.db.Order("number").Find(&all).Error; err != nil {
		return err
	}
	for i := range all {
		dr := &all[i]
		st := m.h.RecordStanding(dr.ID)
		if rev := m.h.Record(st.Revision); rev != nil && locked(st) {
			putBackRecord(dr, rev)
		}
		if err := mendRecord(m, records, dr, st); err != nil {
			return err
		}
	}
	return nil
}

func putBackRequest(cr *governance.ChangeRequest, r *governance.RequestRevision) {
	cr.Attachments, cr.ChangeSets, cr.Type, cr.Customizations = r.Attachments, r.ChangeSets, r.ChangeType, r.Customizations
	cr.ExternalLink, cr.ExternalNumber, cr.Manifests, cr.Name = r.ExternalLink, r.ExternalNumber, r.Manifests, r.Name
	cr.Overview, cr.Parents, cr.SupportingText = r.Overview, r.Parents, r.SupportingText
	cr.EmergencyReason, cr.Incident, cr.AdditionalApprovers = r.EmergencyReason, r.Incident, r.AdditionalApprovers
}

func putBackRecord(dr *governance.DeploymentRecord, r *governance.RecordRevision) {
	dr.APIVersion, dr.Base, dr.Customizations, dr.Deployer, dr.Kind, dr.Name = r.APIVersion, r.Base, r.Customizations, r.Deployer, r.Kind, r.Name
	dr.NormalForm, dr.Options, dr.Package, dr.Parents, dr.RequestID = r.NormalForm, r.Options, r.Package, r.Parents, r.Request
	dr.RequestDigest, dr.Reverse, dr.SourceOrg, dr.SourceNormal = r.RequestDigest, r.Reverse, r.Source, r.SourceNormal
	dr.TargetOrg, dr.TargetKind, dr.Whole = r.Target, r.TargetKind, r.Whole
}

// mendRecord saves a record as its acts want it. The content that its
// revision does not hold stays as it is.
func mendRecord[T record](m *mender, b book[T], v *T, st governance.Standing) error {
	c, label := b.columns(v), b.label(v)
	what := ""
	if *c.Status != st.Status || *c.Round != st.Round || *c.Revision != st.Revision {
		what = fmt.Sprintf("%s was %s and is %s, as its acts say.", label, *c.Status, st.Status)
		*c.Status, *c.Round, *c.Revision = st.Status, st.Round, st.Revision
	}
	altered, err := b.altered(m.db, *c.ID, label)
	if err != nil {
		return err
	}
	if altered == "" && what == "" {
		return nil
	}
	if altered != "" && what != "" {
		what += " "
	}
	what += altered
	b.tidy(v)
	if err := m.save(v, b.word, label); err != nil {
		return err
	}
	return m.mended(b.guarded, *c.ID, what)
}

func (m *mender) mended(g guarded, id, what string) error {
	digest, err := g.digest(m.db, id, g.form())
	if err != nil {
		return err
	}
	m.said = append(m.said, what)
	return m.append("rebuild", rebuildEntry{At: stamp(m.at), By: m.by.Member, Digest: digest, Form: g.form(), Subject: id, What: what})
}

// logs also puts back what the signed result of an attempt says.
func (m *mender) logs() error {
	var all []governance.DeploymentLog
	if err := m.db.Order("record_id, attempt").Find(&all).Error; err != nil {
		return err
	}
	for i := range all {
		l := &all[i]
		what, err := logRows.altered(m.db, l.ID, logName(l))
		if err != nil {
			return err
		}
		if what == "" {
			continue
		}
		if err := m.putBackLog(l); err != nil {
			return err
		}
		if err := m.mended(logRows, l.ID, what); err != nil {
			return err
		}
	}
	return nil
}

func (m *mender) putBackLog(l *governance.DeploymentLog) error {
	start, ended := m.attemptActs(l)
	if start == nil {
		return nil
	}
	b := start.Body.(governance.Start)
	l.Kind, l.Attempt, l.TargetOrg, l.Revision, l.Package, l.Marker = b.Kind, b.Attempt, b.Target, b.Revision, b.Package, b.Marker
	l.StartAct, l.RecordID, l.ValidationID = start.ID, start.Subject, b.Validation
	if ended != nil {
		e := ended.Body.(governance.Ending)
		l.ResultAct, l.Result, l.AsyncID, l.Progress = ended.ID, e.Result, e.AsyncID, governance.ProgressDone
	}
	tidyLog(l)
	return m.save(l, logRows.word, logName(l))
}

// attemptActs finds the start that names a log, and the result of that start.
func (m *mender) attemptActs(l *governance.DeploymentLog) (start, ended *governance.Act) {
	for _, a := range m.h.Thread(l.RecordID) {
		switch b := a.Body.(type) {
		case governance.Start:
			if b.Log == l.ID {
				start = a
			}
		case governance.Ending:
			if start != nil && b.Start == start.ID && a.Key == start.Key {
				ended = a
			}
		}
	}
	return start, ended
}

func (m *mender) environments() error {
	var all []governance.Environment
	if err := m.db.Find(&all).Error; err != nil {
		return err
	}
	for _, e := range all {
		what, err := environmentRows.altered(m.db, e.ID, e.Name)
		if err != nil {
			return err
		}
		if what != "" {
			if err := m.mended(environmentRows, e.ID, what); err != nil {
				return err
			}
		}
	}
	return nil
}
