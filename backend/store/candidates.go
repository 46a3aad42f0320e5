package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
}

// Candidates lists the requests that could wait for a member by their status
// columns, last changed first: those that are pending, and the member's own
// ones that are approved or rejected.
func (s *Store) Candidates(ctx context.Context, member string) ([]Candidate, error) {
	quoted, err := json.Marshal(member)
	if err != nil {
		return nil, err
	}
	size := int64(0)
	err = s.query(ctx).Raw("SELECT coalesce(max(idx) + 1, 0) FROM log_entries").Scan(&size).Error
	if err != nil {
		return nil, s.explained(ctx, err)
	}
	if kept, there := s.narrowed.recall(member, size); there {
		return kept, nil
	}
	out, err := s.candidates(ctx, `r.status = 'Pending Approval' OR r.status IN ('Approved', 'Rejected') AND instr(r.authors, ?) > 0
		ORDER BY r.updated_at DESC, r.number DESC`, string(quoted))
	if err == nil {
		s.narrowed.keep(member, size, out)
	}
	return out, err
}

// narrowed remembers the candidates of one member for a size of the audit
// trail: every door leaves an entry, so as long as there is no new one nothing
// was said. The size is read before the candidates are: what came in between
// makes them newer than they are taken for, never older.
type narrowed struct {
	mu     sync.Mutex
	member string
	size   int64
	all    []Candidate
}

func (n *narrowed) recall(member string, size int64) ([]Candidate, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.size != size || n.member != member || size == 0 {
		return nil, false
	}
	return slices.Clone(n.all), true
}

func (n *narrowed) keep(member string, size int64, all []Candidate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if size >= n.size {
		n.member, n.size, n.all = member, size, slices.Clone(all)
	}
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
		// Past GORM: there can be thousands, and reflecting on each takes longer
		// than SQLite does.
		rows, err := tx.Raw(`SELECT r.id, r.number, r.status, r.authors,
				coalesce((SELECT max(a.rowid) FROM acts a WHERE a.subject = r.id), 0) || ' ' ||
				coalesce((SELECT group_concat(d.id || ' ' || d.status || ' ' || coalesce((SELECT max(a.rowid) FROM acts a WHERE a.subject = d.id), 0) || ' ' ||
					coalesce((SELECT group_concat(l.attempt || l.progress || l.result) FROM deployment_logs l WHERE l.record_id = d.id), '')) FROM deployment_records d WHERE d.request_id = r.id), '')
			FROM change_requests r WHERE `+where, args...).Rows()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c Candidate
			if err := rows.Scan(&c.ID, &c.Number, &c.Status, &c.AuthorList, &c.Version); err != nil {
				return fmt.Errorf("read a request: %w", err)
			}
			c.Version = general + string(c.Status) + c.AuthorList + c.Version
			out = append(out, c)
		}
		return rows.Err()
	})
	return out, err
}
