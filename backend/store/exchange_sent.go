package store

import (
	"context"
	"encoding/json"
	"time"

	"countersign/backend/ledger"
)

// A SentRequest says when a Change Request left this machine last.
type SentRequest struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at" ts_type:"string"`
	Changed bool      `json:"changed"` // something was written about it since
}

// Sent are the Change Requests that bundles carried away from this machine, as
// the audit trail remembers it.
func (s *Store) Sent(ctx context.Context) ([]SentRequest, error) {
	last, err := s.lastSent(ctx)
	if err != nil || len(last) == 0 {
		return []SentRequest{}, err
	}
	first := int64(-1)
	for _, at := range last {
		if first < 0 || at.idx < first {
			first = at.idx
		}
	}
	told, err := s.toldSince(ctx, first)
	if err != nil {
		return nil, err
	}
	out := []SentRequest{}
	var ids []string
	if err := s.query(ctx).Raw("SELECT id FROM change_requests ORDER BY number").Scan(&ids).Error; err != nil {
		return nil, s.explained(ctx, err)
	}
	for _, id := range ids {
		if at, sent := last[id]; sent {
			out = append(out, SentRequest{ID: id, At: at.at, Changed: told[id] > at.idx})
		}
	}
	return out, nil
}

type sentAt struct {
	idx int64
	at  time.Time
}

// lastSent is the newest export of each request. What was made after an export
// of everything did not travel with it.
func (s *Store) lastSent(ctx context.Context) (map[string]sentAt, error) {
	var exports []ledger.Entry
	if err := s.query(ctx).Raw("SELECT idx, kind, data FROM log_entries WHERE kind = 'export' ORDER BY idx").Scan(&exports).Error; err != nil {
		return nil, s.explained(ctx, err)
	}
	out := map[string]sentAt{}
	for _, e := range exports {
		var said exportEntry
		if json.Unmarshal(e.Data, &said) != nil {
			continue // verifying the trail finds it
		}
		at, _ := time.Parse(time.RFC3339, said.At)
		ids := said.Requests
		if said.All {
			if err := s.query(ctx).Raw("SELECT id FROM change_requests WHERE created_at <= ?", at).Scan(&ids).Error; err != nil {
				return nil, s.explained(ctx, err)
			}
		}
		for _, id := range ids {
			out[id] = sentAt{e.Idx, at}
		}
	}
	return out, nil
}

// toldSince gives the newest entry of the audit trail about each request or its
// records, of those from an entry on.
func (s *Store) toldSince(ctx context.Context, from int64) (map[string]int64, error) {
	out := map[string]int64{}
	err := eachRow(s.query(ctx).Raw(`SELECT coalesce(r.request_id, t.subject), max(t.idx) FROM (
			SELECT e.idx, coalesce(a.subject, json_extract(CAST(e.data AS TEXT), '$.subject')) AS subject FROM log_entries e
			LEFT JOIN acts a ON e.kind = 'act' AND a.id = json_extract(CAST(e.data AS TEXT), '$.act')
			WHERE e.idx > ? AND e.kind IN ('act', 'draft', 'attempt')) t
		LEFT JOIN deployment_records r ON r.id = t.subject WHERE t.subject IS NOT NULL GROUP BY 1`, from), func(scan scanner) error {
		var id string
		var idx int64
		err := scan(&id, &idx)
		out[id] = idx
		return err
	})
	return out, s.explained(ctx, err)
}
