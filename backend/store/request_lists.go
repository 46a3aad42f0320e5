package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// A RequestLine is a Change Request as lists show one, without its content.
type RequestLine struct {
	ID         string
	Number     int64
	Name       string
	Type       governance.ChangeType
	Status     governance.Status // the column; the acts decide
	AuthorList string            `gorm:"column:authors"` // as JSON; see Authors
	Count      int64             // customizations that it or its manifests name, wildcards too
	Attempts   int64             // attempts of its records
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Authors are the members whose edits are in the request.
func (l RequestLine) Authors() ([]string, error) {
	out := []string{}
	if err := json.Unmarshal([]byte(l.AuthorList), &out); err != nil {
		return nil, fmt.Errorf("read the authors of request %d: %w", l.Number, err)
	}
	return out, nil
}

// requestLineColumns counts a customization once, whether the request names it,
// a manifest does, or both.
const requestLineColumns = `id, number, name, type, status, authors, created_at, updated_at,
	CASE manifests WHEN '[]' THEN json_array_length(customizations) ELSE (SELECT count(*) FROM (
		SELECT json_extract(c.value, '$.type') AS type, json_extract(c.value, '$.name') AS name FROM json_each(r.customizations) c
		UNION SELECT json_extract(m.value, '$.type'), n.value FROM json_each(r.manifests) f, json_each(f.value, '$.members') m, json_each(m.value, '$.names') n)) END AS count,
	(SELECT count(*) FROM deployment_logs l WHERE l.request_id = r.id) AS attempts
	FROM change_requests r`

// RequestLines lists a part of the requests that a query asks for, and how many
// there are without its limit. With only, no other ids are looked at.
func (s *Store) RequestLines(ctx context.Context, q Query, only []string) (out []RequestLine, total int64, err error) {
	out = []RequestLine{}
	err = s.read(ctx, func(tx *gorm.DB) error {
		ids, n, err := requestIDsOf(tx, q, only)
		if total = n; err != nil || len(ids) == 0 {
			return err
		}
		out, err = requestLines(tx, ids)
		return err
	})
	return out, total, err
}

func requestIDsOf(tx *gorm.DB, q Query, only []string) (ids []string, total int64, err error) {
	where := func() *gorm.DB { return q.among(tx.Table("change_requests"), only) }
	sorted := order(sortable, q.Sort, "-updatedAt") + ", number DESC"
	if q.Text != "" {
		return searched(where().Select("id").Order(unindexed(sorted)), q.Limit, q.Offset)
	}
	if err := where().Count(&total).Error; err != nil {
		return nil, 0, err
	}
	ids = []string{}
	return ids, total, page(where().Select("id"), sorted, q.Limit, q.Offset).Scan(&ids).Error
}

// RequestLinesByID reads requests by their ids, in that order; those that are
// not there are left out.
func (s *Store) RequestLinesByID(ctx context.Context, ids []string) ([]RequestLine, error) {
	out, err := requestLines(s.query(ctx), ids)
	return out, s.explained(ctx, err)
}

func (q Query) among(db *gorm.DB, only []string) *gorm.DB {
	author := q.Author
	q.Author = ""
	db = q.where(db)
	if author != "" {
		// A list of authors is canonical JSON, and an index holds it: counting
		// does not read the rows.
		quoted, _ := json.Marshal(author) // a string always has a form
		db = db.Where("instr(authors, ?) > 0", string(quoted))
	}
	if only != nil {
		db = db.Where("id IN "+listed, asList(only))
	}
	return db
}

func requestLines(db *gorm.DB, ids []string) ([]RequestLine, error) {
	found := []RequestLine{}
	if err := db.Raw("SELECT "+requestLineColumns+" WHERE id IN "+listed, asList(ids)).Scan(&found).Error; err != nil {
		return nil, err
	}
	byID := make(map[string]RequestLine, len(found))
	for _, l := range found {
		l.CreatedAt, l.UpdatedAt = l.CreatedAt.UTC(), l.UpdatedAt.UTC()
		byID[l.ID] = l
	}
	out := make([]RequestLine, 0, len(ids))
	for _, id := range ids {
		if l, there := byID[id]; there {
			out = append(out, l)
		}
	}
	return out, nil
}

// A PlaceLine is one deployment of a request that succeeded wholly, or a
// rollback of one.
type PlaceLine struct {
	RequestID     string
	EnvironmentID string
	Kind          governance.AttemptKind
	CompletedAt   time.Time
}

// PlacesOf lists what was deployed of some requests, by request, in the order
// of time.
func (s *Store) PlacesOf(ctx context.Context, requestIDs []string) (map[string][]PlaceLine, error) {
	found := []PlaceLine{}
	err := s.query(ctx).Raw(`SELECT l.request_id, r.target_id AS environment_id, l.kind, l.completed_at
		FROM deployment_logs l JOIN deployment_records r ON r.id = l.record_id
		WHERE l.request_id IN `+listed+` AND l.kind IN ('deploy', 'quick', 'rollback') AND l.result = 'succeeded' ORDER BY l.completed_at, l.id`, asList(requestIDs)).Scan(&found).Error
	out := map[string][]PlaceLine{}
	for _, p := range found {
		p.CompletedAt = p.CompletedAt.UTC()
		out[p.RequestID] = append(out[p.RequestID], p)
	}
	return out, s.explained(ctx, err)
}

// An OverlapLine is another open request that names some of the same
// customizations.
type OverlapLine struct {
	RequestID string
	Count     int64
}

// Overlaps finds the other requests, neither completed nor cancelled, that name
// the same customizations as a request, those that share most first, at most
// limit of them. Wildcards and change sets are not looked into.
func (s *Store) Overlaps(ctx context.Context, requestID string, named []governance.Customization, limit int) ([]OverlapLine, error) {
	out := []OverlapLine{}
	if len(named) == 0 {
		return out, nil
	}
	keys := make([]string, len(named))
	for i, c := range named {
		keys[i] = c.String()
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	near, needles, err := nearby(named)
	if err != nil {
		return nil, err
	}
	err = s.query(ctx).Raw(`WITH mine AS MATERIALIZED (SELECT value AS key FROM json_each(@keys)), r AS MATERIALIZED (
			SELECT id, customizations, manifests FROM change_requests WHERE status IN ('In Progress', 'Pending Approval', 'Approved', 'Rejected') AND id <> @id`+near+`), theirs AS (
			SELECT r.id, json_extract(c.value, '$.type') || ':' || json_extract(c.value, '$.name') AS key FROM r, json_each(r.customizations) c
			UNION SELECT r.id, json_extract(m.value, '$.type') || ':' || n.value FROM r, json_each(r.manifests) f, json_each(f.value, '$.members') m, json_each(m.value, '$.names') n)
		SELECT id AS request_id, count(*) AS count FROM theirs WHERE key IN (SELECT key FROM mine) GROUP BY id ORDER BY count(*) DESC, id LIMIT @limit`,
		map[string]any{"keys": string(list), "id": requestID, "limit": limit, "needles": needles}).Scan(&out).Error
	return out, s.explained(ctx, err)
}

// fewNames is how many names are looked for as text first: reading the JSON of
// ten thousand requests takes longer than finding that it does not hold them.
const fewNames = 50

// nearby is a condition that every request with one of a few names meets.
func nearby(named []governance.Customization) (condition, needles string, err error) {
	if len(named) > fewNames {
		return "", "[]", nil
	}
	texts := make([]string, len(named))
	for i, c := range named {
		text, err := json.Marshal(c.Name) // as the rows hold it
		if err != nil {
			return "", "", err
		}
		texts[i] = string(text)
	}
	list, err := json.Marshal(texts)
	return ` AND EXISTS (SELECT 1 FROM json_each(@needles) n WHERE instr(customizations, n.value) > 0 OR instr(manifests, n.value) > 0)`, string(list), err
}
