package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// A RecordQuery asks for Deployment Records. The zero value asks for all of
// them, last changed first.
type RecordQuery struct {
	RequestID string
	Text      string // in the name or label of the record or its request, or the name of an environment
	Status    []governance.Status
	Sort      string // number, name, status, updatedAt; "-" before it turns it round
	Limit     int    // 0: no limit
	Offset    int
}

var sortableRecords = map[string]string{"number": "r.number", "name": "r.name COLLATE NOCASE", "status": "r.status", "updatedAt": "r.updated_at"}

// RecordIDs lists the ids of the records that a query asks for, and how many
// there are without its limit.
func (s *Store) RecordIDs(ctx context.Context, q RecordQuery) (ids []string, total int64, err error) {
	ids = []string{}
	err = s.read(ctx, func(tx *gorm.DB) error {
		sorted := order(sortableRecords, q.Sort, "-updatedAt") + ", r.number DESC"
		if q.Text != "" {
			ids, total, err = searched(q.where(tx).Select("r.id").Order(unindexed(sorted)), q.Limit, q.Offset)
			return err
		}
		if err := q.where(tx).Count(&total).Error; err != nil {
			return err
		}
		return page(q.where(tx), sorted, q.Limit, q.Offset).Pluck("r.id", &ids).Error
	})
	return ids, total, err
}

// unindexed keeps SQLite from walking along an index to save the sorting, which
// would look each row up by itself: a search reads them all.
func unindexed(sorted string) string { return "+" + strings.ReplaceAll(sorted, ", ", ", +") }

// searched reads the ids of all that a search finds, which costs no more than
// counting them, and gives a part of them.
func searched(q *gorm.DB, limit, offset int) (ids []string, total int64, err error) {
	ids = []string{}
	id := sql.RawBytes(nil)
	err = eachRow(q, func(scan scanner) error {
		if err := scan(&id); err != nil {
			return err
		}
		if total >= int64(offset) && (limit <= 0 || len(ids) < limit) {
			ids = append(ids, string(id))
		}
		total++
		return nil
	})
	return ids, total, err
}

func (q RecordQuery) where(db *gorm.DB) *gorm.DB {
	db = db.Table("deployment_records AS r")
	if q.RequestID != "" {
		db = db.Where("r.request_id = ?", q.RequestID)
	}
	if len(q.Status) > 0 {
		db = db.Where("r.status IN ?", q.Status)
	}
	if q.Text != "" {
		// Requests and environments are searched once, not once for each record.
		db = db.Where(`(r.name LIKE @t ESCAPE '\'`+orLabel("DR", "r.number", q.Text)+`
			OR r.request_id IN (SELECT id FROM change_requests WHERE name LIKE @t ESCAPE '\'`+orLabel("CR", "number", q.Text)+`)
			OR r.source_id IN (SELECT id FROM environments WHERE name LIKE @t ESCAPE '\')
			OR r.target_id IN (SELECT id FROM environments WHERE name LIKE @t ESCAPE '\'))`, map[string]any{"t": contains(q.Text)})
	}
	return db
}

// OrgChangedSince reports whether an attempt of this workspace has changed an
// org, or may have, after a time.
func (s *Store) OrgChangedSince(ctx context.Context, org string, since time.Time) (bool, error) {
	changed := false
	err := s.query(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM deployment_logs WHERE target_org = ? AND kind IN ('deploy', 'quick', 'rollback')
		AND result IN ('succeeded', 'partially') AND started_at > ?)`, org, since).Scan(&changed).Error
	return changed, s.explained(ctx, err)
}
