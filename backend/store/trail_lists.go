package store

import (
	"context"
	"encoding/json"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// A TrailLine is one entry of the audit trail with the act that it names, if
// it names one.
type TrailLine struct {
	Idx     int64
	Kind    string
	Data    []byte
	Act     string // the rest is the act's
	Type    string
	Subject string
	Key     string
	Payload []byte
}

// TrailBefore lists entries before an index, newest first, at most limit of
// them; of some kinds, or of all. Entries of the kind "act" come with the act.
func (s *Store) TrailBefore(ctx context.Context, before, limit int64, kinds []string) ([]TrailLine, error) {
	from, args := "SELECT idx, kind, data FROM log_entries WHERE idx < ? ORDER BY idx DESC LIMIT ?", []any{before, limit}
	if len(kinds) > 0 {
		// One search for each kind, each along its index and no further than
		// needed: a kind that is rare is found without reading the others.
		parts := make([]string, len(kinds))
		args = nil
		for i, k := range kinds {
			parts[i] = "SELECT * FROM (SELECT idx, kind, data FROM log_entries WHERE kind = ? AND idx < ? ORDER BY idx DESC LIMIT ?)"
			args = append(args, k, before, limit)
		}
		from, args = strings.Join(parts, " UNION ALL ")+" ORDER BY idx DESC LIMIT ?", append(args, limit)
	}
	out, err := trailLines(s.query(ctx), from, "DESC", args...)
	return out, s.explained(ctx, err)
}

// TrailAt lists entries by their indexes, newest first.
func (s *Store) TrailAt(ctx context.Context, idx []int64) ([]TrailLine, error) {
	list, err := json.Marshal(idx)
	if err != nil {
		return nil, err
	}
	out, err := trailLines(s.query(ctx), "SELECT idx, kind, data FROM log_entries WHERE idx IN "+listed, "DESC", string(list))
	return out, s.explained(ctx, err)
}

// TrailFrom lists entries from an index on, oldest first, at most limit of them.
func (s *Store) TrailFrom(ctx context.Context, idx, limit int64) ([]TrailLine, error) {
	out, err := trailLines(s.query(ctx), "SELECT idx, kind, data FROM log_entries WHERE idx >= ? ORDER BY idx LIMIT ?", "ASC", idx, limit)
	return out, s.explained(ctx, err)
}

func trailLines(db *gorm.DB, from, order string, args ...any) ([]TrailLine, error) {
	out := []TrailLine{}
	err := eachRow(db.Raw(`SELECT e.idx, e.kind, e.data, coalesce(a.id, ''), coalesce(a.type, ''), coalesce(a.subject, ''), coalesce(a.key, ''), a.payload
		FROM (`+from+`) e LEFT JOIN acts a ON e.kind = 'act' AND a.id = json_extract(CAST(e.data AS TEXT), '$.act') ORDER BY e.idx `+order, args...), func(scan scanner) error {
		var l TrailLine
		err := scan(&l.Idx, &l.Kind, &l.Data, &l.Act, &l.Type, &l.Subject, &l.Key, &l.Payload)
		out = append(out, l)
		return err
	})
	return out, err
}

// TrailEntry returns one entry with its act, and the signature of that, or the
// fault not_found.
func (s *Store) TrailEntry(ctx context.Context, idx int64) (TrailLine, []byte, error) {
	found, err := s.TrailBefore(ctx, idx+1, 1, nil)
	if err != nil {
		return TrailLine{}, nil, err
	}
	if len(found) == 0 || found[0].Idx != idx {
		return TrailLine{}, nil, governance.Faultf("not_found", "The audit trail has no entry %d.", idx).WithHint("Look at the list again.")
	}
	var sig []byte
	if found[0].Act != "" {
		err = s.query(ctx).Raw("SELECT sig FROM acts WHERE id = ?", found[0].Act).Row().Scan(&sig)
	}
	return found[0], sig, s.explained(ctx, err)
}

// TrailKinds counts the entries of the audit trail by kind; those of the kind
// "act" by the type of their acts.
func (s *Store) TrailKinds(ctx context.Context) ([]NameCount, error) {
	out := []NameCount{}
	err := s.query(ctx).Raw(`SELECT kind AS name, count(*) AS count FROM log_entries WHERE kind <> 'act' GROUP BY kind
		UNION ALL SELECT type, count(*) FROM acts GROUP BY type ORDER BY 1`).Scan(&out).Error
	return out, s.explained(ctx, err)
}

// LastEntryOf is the last entry of a kind whose data names a value in a field,
// nil if there is none. It looks from the newest on.
func (s *Store) LastEntryOf(ctx context.Context, kind, field, value string) (*ledger.Entry, error) {
	var found []ledger.Entry
	err := s.query(ctx).Raw("SELECT idx, kind, data FROM log_entries WHERE kind = ? AND json_extract(CAST(data AS TEXT), ?) = ? ORDER BY idx DESC LIMIT 1",
		kind, "$."+field, value).Scan(&found).Error
	if err != nil || len(found) == 0 {
		return nil, s.explained(ctx, err)
	}
	return &found[0], nil
}

// A TrailName is how a request, record, log or environment that the audit trail
// names is called now.
type TrailName struct {
	ID      string
	Table   string
	Number  int64
	Name    string
	Parent  string // of a log, its record
	Attempt int64
	Kind    string // of a log
	Org     string // of an environment
}

// TrailNames finds what some ids are called, by id. What was deleted, or is of
// another machine, is not in it.
func (s *Store) TrailNames(ctx context.Context, ids []string) (map[string]TrailName, error) {
	out := map[string]TrailName{}
	err := s.read(ctx, func(tx *gorm.DB) error {
		for len(ids) > 0 {
			some := ids[:min(len(ids), 2000)]
			ids = ids[len(some):]
			if err := trailNames(tx, asList(some), out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func trailNames(tx *gorm.DB, ids string, into map[string]TrailName) error {
	found := tx.Raw(`SELECT id, 'request', number, name, '', 0, '', '' FROM change_requests WHERE id IN `+listed+`
		UNION ALL SELECT id, 'record', number, name, request_id, 0, '', '' FROM deployment_records WHERE id IN `+listed+`
		UNION ALL SELECT l.id, 'log', r.number, r.name, l.record_id, l.attempt, l.kind, '' FROM deployment_logs l JOIN deployment_records r ON r.id = l.record_id WHERE l.id IN `+listed+`
		UNION ALL SELECT id, 'environment', 0, name, '', 0, '', organization_id FROM environments WHERE id IN `+listed, ids, ids, ids, ids)
	return eachRow(found, func(scan scanner) error {
		var n TrailName
		err := scan(&n.ID, &n.Table, &n.Number, &n.Name, &n.Parent, &n.Attempt, &n.Kind, &n.Org)
		into[n.ID] = n
		return err
	})
}
