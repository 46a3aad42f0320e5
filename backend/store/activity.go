package store

import (
	"context"
	"fmt"
	"time"

	"countersign/backend/ledger"
)

// aboutKinds are the kinds of log entries that name a record in "record" and
// are not about its row. The condition is that of the partial index
// log_entries_about. Which index serves is said in the queries, because SQLite
// does not know how long a list is that it reads from JSON, and would rather
// read every entry of a kind.
const aboutKinds = "kind IN ('gate', 'content', 'dependencies')"

// EntriesAbout lists the last entries of the audit trail that name one of some
// records, newest first: answers of the gate, scans and checks of dependencies,
// of those kinds.
func (s *Store) EntriesAbout(ctx context.Context, recordIDs, kinds []string, limit int) ([]ledger.Entry, error) {
	out := []ledger.Entry{}
	err := s.query(ctx).Raw("SELECT idx, kind, data FROM log_entries INDEXED BY log_entries_about WHERE "+aboutKinds+
		" AND json_extract(CAST(data AS TEXT), '$.record') IN "+listed+" AND +kind IN ? ORDER BY idx DESC LIMIT ?", asList(recordIDs), kinds, limit).Scan(&out).Error
	return out, s.explained(ctx, err)
}

// EntriesOfRows lists the last entries of the audit trail about the content of
// some rows, newest first: drafts saved, rows deleted or let stand.
func (s *Store) EntriesOfRows(ctx context.Context, ids []string, limit int) ([]ledger.Entry, error) {
	out := []ledger.Entry{}
	err := s.query(ctx).Raw("SELECT idx, kind, data FROM log_entries INDEXED BY log_entries_row WHERE "+rowKinds+" AND "+rowSubject+" IN "+listed+" ORDER BY idx DESC LIMIT ?", asList(ids), limit).Scan(&out).Error
	return out, s.explained(ctx, err)
}

// ReceivedAt says when this machine took in the acts about some subjects, to
// the millisecond; an act itself claims whole seconds.
func (s *Store) ReceivedAt(ctx context.Context, subjects []string) (map[string]time.Time, error) {
	var found []struct {
		ID         string
		ReceivedAt time.Time
	}
	if err := s.query(ctx).Raw("SELECT id, received_at FROM acts WHERE subject IN "+listed, asList(subjects)).Scan(&found).Error; err != nil {
		return nil, s.explained(ctx, fmt.Errorf("read when acts came: %w", err))
	}
	out := make(map[string]time.Time, len(found))
	for _, f := range found {
		out[f.ID] = f.ReceivedAt.UTC()
	}
	return out, nil
}

// EntriesForRequest lists the last entries that say what was added to a
// request by what a check of dependencies found, newest first.
func (s *Store) EntriesForRequest(ctx context.Context, requestID string, limit int) ([]ledger.Entry, error) {
	out := []ledger.Entry{}
	err := s.query(ctx).Raw(`SELECT idx, kind, data FROM log_entries WHERE kind = 'extend' AND json_extract(CAST(data AS TEXT), '$.request') = ?
		ORDER BY idx DESC LIMIT ?`, requestID, limit).Scan(&out).Error
	return out, s.explained(ctx, err)
}
