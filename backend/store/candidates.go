package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// A Candidate is a request as far as its next step depends on it. Version differs when
// anything was said about the request since: a signed act, a Deployment Record
// or an attempt of one, a change of the charter or of an environment.
type Candidate struct {
	ID         string
	Number     int64
	Status     governance.Status // the column
	AuthorList string            // as JSON
	Version    string

	updated string // as it is stored
}

// couldWait selects the requests that could wait for a member by their status
// columns. Its only variable is the member as JSON.
const couldWait = `(r.status = 'Pending Approval' OR r.status IN ('Approved', 'Rejected') AND instr(r.authors, ?) > 0)`

// Candidates lists the requests that could wait for a member by their status
// columns, last changed first: those that are pending, and the member's own
// ones that are approved or rejected.
func (s *Store) Candidates(ctx context.Context, member string) ([]Candidate, error) {
	quoted, err := json.Marshal(member)
	if err != nil {
		return nil, err
	}
	now := narrowedAt{member: member, version: s.Version(ctx)} // before they are read: what comes in between makes them newer than they are taken for
	before := s.narrowed.recall()
	if before.member == member && now.version.Known() && now.version == before.version {
		return slices.Clone(before.all), nil
	}
	now.foreign = s.Foreign(ctx)
	if err := s.query(ctx).Raw("SELECT coalesce(max(idx) + 1, 0) FROM log_entries").Row().Scan(&now.size); err != nil {
		return nil, s.explained(ctx, err)
	}
	changed := []string(nil)
	known := before.member == member && now.foreign != 0 && now.foreign == before.foreign
	if known {
		changed, known, err = s.touched(ctx, before.size, now.size)
	}
	switch {
	case err != nil:
		return nil, s.explained(ctx, err)
	case known && len(changed) == 0:
		now.all = before.all
	case known:
		fresh, err := s.candidates(ctx, couldWait+" AND r.id IN "+listed, string(quoted), asList(changed))
		if err != nil {
			return nil, err
		}
		now.all = merged(before.all, changed, fresh)
	default:
		if now.all, err = s.candidates(ctx, couldWait, string(quoted)); err != nil {
			return nil, err
		}
		slices.SortStableFunc(now.all, lastChanged)
	}
	s.narrowed.keep(now)
	return slices.Clone(now.all), nil
}

// merged are candidates of which some were read again.
func merged(all []Candidate, changed []string, fresh []Candidate) []Candidate {
	again := make(map[string]bool, len(changed))
	for _, id := range changed {
		again[id] = true
	}
	out := make([]Candidate, 0, len(all)+len(fresh))
	for _, c := range all {
		if !again[c.ID] {
			out = append(out, c)
		}
	}
	out = append(out, fresh...)
	slices.SortStableFunc(out, lastChanged)
	return out
}

func lastChanged(a, b Candidate) int {
	return cmp.Or(strings.Compare(b.updated, a.updated), cmp.Compare(b.Number, a.Number))
}

// mostTouched bounds how many requests are read again one by one.
const mostTouched = 500

// touched are the requests of which entries of the audit trail say something, by
// the acts, rows and attempts that they name: every door leaves an entry. It is
// not known when any request may have changed.
func (s *Store) touched(ctx context.Context, from, to int64) (ids []string, known bool, err error) {
	if to < from || to-from > mostTouched {
		return nil, false, nil
	}
	ids = []string{}
	found := s.query(ctx).Raw(`SELECT e.kind, coalesce(a.subject, json_extract(CAST(e.data AS TEXT), '$.subject'), '') FROM log_entries e
		LEFT JOIN acts a ON e.kind = 'act' AND a.id = json_extract(CAST(e.data AS TEXT), '$.act') WHERE e.idx >= ? AND e.idx < ?`, from, to)
	all := false // any request may have changed
	err = eachRow(found, func(scan scanner) error {
		var kind, subject string
		err := scan(&kind, &subject)
		switch kind {
		case "delete", "environment", "rebuild", "migrate":
			all = true
		case "act", "draft", "attempt":
			all = all || subject == "" || subject == governance.GovernanceSubject
			ids = append(ids, subject)
		}
		return err
	})
	if err != nil || all {
		return nil, false, err
	}
	if len(ids) == 0 {
		return ids, true, nil
	}
	requests := []string{}
	err = s.query(ctx).Raw("SELECT id FROM change_requests WHERE id IN "+listed+" UNION SELECT request_id FROM deployment_records WHERE id IN "+listed+
		" UNION SELECT request_id FROM deployment_logs WHERE id IN "+listed, asList(ids), asList(ids), asList(ids)).Scan(&requests).Error
	return requests, err == nil, err
}

// narrowed remembers the candidates of one member.
type narrowed struct {
	mu   sync.Mutex
	last narrowedAt
}

// narrowedAt are the candidates at a state of the database.
type narrowedAt struct {
	member  string
	version Version
	foreign int64 // the last commit that was not this Store's own
	size    int64 // of the audit trail, before they were read
	all     []Candidate
}

func (n *narrowed) recall() narrowedAt {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last
}

func (n *narrowed) keep(now narrowedAt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = now
}

// CandidatesByID reads requests by their ids, in no order.
func (s *Store) CandidatesByID(ctx context.Context, ids []string) ([]Candidate, error) {
	return s.candidates(ctx, "r.id IN "+listed, asList(ids))
}

func (s *Store) candidates(ctx context.Context, where string, args ...any) ([]Candidate, error) {
	out := []Candidate{}
	err := s.read(ctx, func(tx *gorm.DB) error {
		general := ""
		err := tx.Raw(`SELECT coalesce((SELECT max(rowid) FROM acts WHERE subject = 'gov'), 0) || ' ' || coalesce((SELECT max(updated_at) FROM environments), '') || ' '`).Scan(&general).Error
		if err != nil {
			return err
		}
		found := tx.Raw(`SELECT r.id, r.number, r.status, r.authors, CAST(r.updated_at AS TEXT),
				coalesce((SELECT max(a.rowid) FROM acts a WHERE a.subject = r.id), 0) || ' ' ||
				coalesce((SELECT group_concat(d.id || ' ' || d.status || ' ' || coalesce((SELECT max(a.rowid) FROM acts a WHERE a.subject = d.id), 0) || ' ' ||
					coalesce((SELECT group_concat(l.attempt || l.progress || l.result) FROM deployment_logs l WHERE l.record_id = d.id), '')) FROM deployment_records d WHERE d.request_id = r.id), '')
			FROM change_requests r WHERE `+where, args...)
		return eachRow(found, func(scan scanner) error {
			var c Candidate
			if err := scan(&c.ID, &c.Number, &c.Status, &c.AuthorList, &c.updated, &c.Version); err != nil {
				return fmt.Errorf("read a request: %w", err)
			}
			c.Version = general + string(c.Status) + c.AuthorList + c.Version
			out = append(out, c)
			return nil
		})
	})
	return out, err
}
