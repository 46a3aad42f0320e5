package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// A RecordLine is a Deployment Record as lists show one, without its content.
type RecordLine struct {
	ID            string
	Number        int64
	Name          string
	RequestID     string
	Kind          governance.RecordKind
	Status        governance.Status // the column; the acts decide
	Revision      string
	Whole         bool
	SourceID      string
	SourceOrg     string // as submitted, like TargetOrg and TargetKind
	TargetID      string
	TargetOrg     string
	TargetKind    governance.EnvironmentKind
	Deployer      string
	AuthorList    string `gorm:"column:authors"` // as JSON; see Authors
	Count         int64  // customizations named in it
	UpdatedAt     time.Time
	RequestNumber int64
	RequestName   string
	RequestType   governance.ChangeType
	RequestCount  int64 // customizations named in the request itself
}

// Authors are the members whose edits are in the record.
func (l RecordLine) Authors() ([]string, error) {
	out := []string{}
	if err := json.Unmarshal([]byte(l.AuthorList), &out); err != nil {
		return nil, fmt.Errorf("read the authors of record %d: %w", l.Number, err)
	}
	return out, nil
}

// A LogLine is a Deployment Log as lists show one, without its outcome.
type LogLine struct {
	ID           string
	RecordID     string
	RequestID    string
	Kind         governance.AttemptKind
	Attempt      int64
	Progress     governance.Progress
	Result       governance.Result
	By           string
	Revision     string
	Status       string
	CancelWanted bool
	Message      string
	StartedAt    time.Time
	CompletedAt  time.Time

	ComponentsTotal int64
	ComponentsDone  int64
	ComponentErrors int64
	TestsTotal      int64
	TestErrors      int64
}

const (
	recordLineColumns = `r.id, r.number, r.name, r.request_id, r.kind, r.status, r.revision, r.whole, r.source_id, r.source_org, r.target_id, r.target_org, r.target_kind, r.deployer, r.authors,
		json_array_length(r.customizations) AS count, r.updated_at,
		c.number AS request_number, c.name AS request_name, c.type AS request_type, json_array_length(c.customizations) AS request_count
		FROM deployment_records r JOIN change_requests c ON c.id = r.request_id`
	logLineColumns = `id, record_id, request_id, kind, attempt, progress, result, "by", revision, status, cancel_wanted, message, started_at, completed_at,
		components_total, components_done, component_errors, tests_total, test_errors FROM deployment_logs`
)

// RecordLines reads records by their ids, in that order; those that are not
// there are left out.
func (s *Store) RecordLines(ctx context.Context, ids []string) ([]RecordLine, error) {
	out, err := recordLines(s.query(ctx), ids, "r.id IN "+listed, asList(ids))
	return out, s.explained(ctx, err)
}

// RecordLinesOf reads the records of some requests, by number.
func (s *Store) RecordLinesOf(ctx context.Context, requestIDs []string) ([]RecordLine, error) {
	out, err := recordLines(s.query(ctx), nil, "r.request_id IN "+listed, asList(requestIDs))
	return out, s.explained(ctx, err)
}

func recordLines(db *gorm.DB, order []string, where string, args ...any) ([]RecordLine, error) {
	found, err := scanRecordLines(db, where, args...)
	if err != nil {
		return nil, err
	}
	if order == nil {
		return found, nil
	}
	byID := map[string]RecordLine{}
	for _, r := range found {
		byID[r.ID] = r
	}
	out := make([]RecordLine, 0, len(order))
	for _, id := range order {
		if r, there := byID[id]; there {
			out = append(out, r)
		}
	}
	return out, nil
}

func scanRecordLines(db *gorm.DB, where string, args ...any) ([]RecordLine, error) {
	found := []RecordLine{}
	err := eachRow(db.Raw("SELECT "+recordLineColumns+" WHERE "+where+" ORDER BY r.number", args...), func(scan scanner) error {
		var r RecordLine
		err := scan(&r.ID, &r.Number, &r.Name, &r.RequestID, &r.Kind, &r.Status, &r.Revision, &r.Whole, &r.SourceID, &r.SourceOrg, &r.TargetID, &r.TargetOrg, &r.TargetKind, &r.Deployer, &r.AuthorList,
			&r.Count, &r.UpdatedAt, &r.RequestNumber, &r.RequestName, &r.RequestType, &r.RequestCount)
		r.UpdatedAt = r.UpdatedAt.UTC()
		found = append(found, r)
		return err
	})
	return found, err
}

// LogLinesOf reads the attempts of some records, last attempt first within each.
func (s *Store) LogLinesOf(ctx context.Context, recordIDs []string) (map[string][]LogLine, error) {
	found, err := logLines(s.query(ctx), "record_id IN "+listed+" ORDER BY record_id, attempt DESC", asList(recordIDs))
	out := map[string][]LogLine{}
	for _, l := range found {
		out[l.RecordID] = append(out[l.RecordID], l)
	}
	return out, s.explained(ctx, err)
}

// OpenRecordsFor reads the records that could wait for a member, by their
// status columns: every one that is pending, and of those that are approved or
// rejected the ones that the member wrote or is named to deploy. The last
// changed ones come first.
func (s *Store) OpenRecordsFor(ctx context.Context, member string) ([]RecordLine, error) {
	quoted, err := json.Marshal(member)
	if err != nil {
		return nil, err
	}
	out, err := recordLines(s.query(ctx), nil, `r.status = 'Pending Approval'
		OR r.status IN ('Approved', 'Rejected') AND (r.deployer = ? OR instr(r.authors, ?) > 0)`, member, string(quoted))
	slices.SortStableFunc(out, func(a, b RecordLine) int {
		return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.Number, a.Number))
	})
	return out, s.explained(ctx, err)
}

// DraftRecordsOf reads a member's own records that are in work, by their status
// columns, the last changed ones first, and how many there are without the
// limit.
func (s *Store) DraftRecordsOf(ctx context.Context, member string, limit int) (out []RecordLine, total int64, err error) {
	quoted, err := json.Marshal(member)
	if err != nil {
		return nil, 0, err
	}
	err = s.read(ctx, func(tx *gorm.DB) error {
		mine := func() *gorm.DB {
			return tx.Table("deployment_records").Where("status = ? AND instr(authors, ?) > 0", governance.InProgress, string(quoted))
		}
		if err := mine().Count(&total).Error; err != nil {
			return err
		}
		ids := []string{}
		if err := mine().Order("updated_at DESC, number DESC").Limit(limit).Pluck("id", &ids).Error; err != nil {
			return err
		}
		out, err = recordLines(tx, ids, "r.id IN "+listed, asList(ids))
		return err
	})
	return out, total, err
}

// FailedLogs reads the newest attempt of each approved record where that did
// not succeed, of the content as it is approved now, newest first, and how many
// there are without the limit.
func (s *Store) FailedLogs(ctx context.Context, limit int) (out []LogLine, total int64, err error) {
	const which = `id IN (SELECT l.id FROM deployment_records r JOIN deployment_logs l ON l.record_id = r.id
		WHERE r.status = 'Approved' AND l.revision = r.revision AND l.result IN ('failed', 'partially', 'not-sent')
		AND l.attempt = (SELECT max(attempt) FROM deployment_logs n WHERE n.record_id = r.id))`
	err = s.read(ctx, func(tx *gorm.DB) error {
		if err := tx.Raw("SELECT count(*) FROM deployment_logs WHERE " + which).Scan(&total).Error; err != nil {
			return err
		}
		out, err = logLines(tx, which+" ORDER BY started_at DESC, id LIMIT ?", limit)
		return err
	})
	return out, total, err
}

// ActiveLogLines reads the attempts that are not done, newest first.
func (s *Store) ActiveLogLines(ctx context.Context, limit int) ([]LogLine, error) {
	out, err := logLines(s.query(ctx), "progress <> 'done' ORDER BY started_at DESC, id LIMIT ?", limit)
	return out, s.explained(ctx, err)
}

func logLines(db *gorm.DB, where string, args ...any) ([]LogLine, error) {
	out := []LogLine{}
	err := db.Raw("SELECT "+logLineColumns+" WHERE "+where, args...).Scan(&out).Error
	for i := range out {
		out[i].StartedAt, out[i].CompletedAt = out[i].StartedAt.UTC(), out[i].CompletedAt.UTC()
	}
	return out, err
}
