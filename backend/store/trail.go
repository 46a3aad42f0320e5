package store

import (
	"context"
	"fmt"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"
)

// ownKinds are the log entries that doors write themselves; Note refuses them.
var ownKinds = []string{"act", "draft", "delete", "gate", "attempt", "environment", "scan", "rebuild", "migrate", "export", "import", "evidence", entryReading}

// actEntry is the log entry "act": the act is in the table of acts.
type actEntry struct {
	Act string `json:"act"`
}

// hashes reads stored hashes of the log, at most as many as a proof needs.
type hashes struct{ db *gorm.DB }

// ReadHashes is tlog.HashReader.
func (r hashes) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	if len(idx) == 0 {
		return out, nil
	}
	var rows []logHash
	if err := r.db.Where("idx IN ?", idx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read stored hashes: %w", err)
	}
	found := make(map[int64][]byte, len(rows))
	for _, h := range rows {
		found[h.Idx] = h.Hash
	}
	for i, x := range idx {
		if len(found[x]) != tlog.HashSize {
			return nil, governance.Faultf("log_damaged", "Stored hash %d of the audit trail is missing.", x).
				WithHint("Put the last good backup of the workspace back.")
		}
		copy(out[i][:], found[x])
	}
	return out, nil
}

func sizeOf(db *gorm.DB) (int64, error) {
	var n int64
	return n, db.Raw("SELECT coalesce(max(idx) + 1, 0) FROM log_entries").Scan(&n).Error
}

func headOf(db *gorm.DB) (ledger.Head, error) {
	n, err := sizeOf(db)
	if err != nil {
		return ledger.Head{}, fmt.Errorf("read the size of the log: %w", err)
	}
	return ledger.HeadAt(n, hashes{db})
}

// append adds an entry to the audit trail. Data is a struct for
// ledger.Canonical.
func (d *door) append(kind string, data any) error {
	body, err := ledger.Canonical(data)
	if err != nil {
		return fmt.Errorf("write the log entry %q: %w", kind, err)
	}
	n := d.head.Size
	first, hs, err := ledger.AppendHashes(n, kind, body, hashes{d.db})
	if err != nil {
		return err
	}
	var stored int64
	if err := d.db.Raw("SELECT coalesce(max(idx) + 1, 0) FROM log_hashes").Scan(&stored).Error; err != nil {
		return fmt.Errorf("count the stored hashes of the log: %w", err)
	}
	if stored != first {
		return governance.Faultf("log_damaged", "The audit trail has %d stored hashes; its %d entries need %d.", stored, n, first).
			WithHint("Put the last good backup of the workspace back.")
	}
	if err := d.db.Create(&ledger.Entry{Idx: n, Kind: kind, Data: body}).Error; err != nil {
		return fmt.Errorf("append entry %d to the log: %w", n, err)
	}
	rows := make([]logHash, len(hs))
	for i := range hs {
		rows[i] = logHash{Idx: first + int64(i), Hash: hs[i][:]}
	}
	if err := d.db.Create(&rows).Error; err != nil {
		return fmt.Errorf("append the hashes of entry %d to the log: %w", n, err)
	}
	d.appended = true
	d.head, err = ledger.HeadAt(n+1, hashes{d.db})
	return err
}

// rowsAtOnce is how many rows one statement saves: far below SQLite's limit of
// 32,766 variables for every table here.
const rowsAtOnce = 500

// appendAll adds many entries of one kind at once.
func (d *door) appendAll(kind string, data []any) error {
	over := &overlay{below: hashes{d.db}, fresh: map[int64]tlog.Hash{}}
	entries, rows := make([]ledger.Entry, 0, len(data)), make([]logHash, 0, 2*len(data))
	var stored int64
	if err := d.db.Raw("SELECT coalesce(max(idx) + 1, 0) FROM log_hashes").Scan(&stored).Error; err != nil {
		return fmt.Errorf("count the stored hashes of the log: %w", err)
	}
	if want := tlog.StoredHashCount(d.head.Size); stored != want {
		return governance.Faultf("log_damaged", "The audit trail has %d stored hashes; its %d entries need %d.", stored, d.head.Size, want).
			WithHint("Put the last good backup of the workspace back.")
	}
	for i := range data {
		body, err := ledger.Canonical(data[i])
		if err != nil {
			return fmt.Errorf("write the log entry %q: %w", kind, err)
		}
		n := d.head.Size + int64(i)
		first, hs, err := ledger.AppendHashes(n, kind, body, over)
		if err != nil {
			return err
		}
		entries = append(entries, ledger.Entry{Idx: n, Kind: kind, Data: body})
		for j, h := range hs {
			over.fresh[first+int64(j)] = h
			rows = append(rows, logHash{Idx: first + int64(j), Hash: h[:]})
		}
	}
	if err := d.db.CreateInBatches(entries, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("append %d entries to the log: %w", len(entries), err)
	}
	if err := d.db.CreateInBatches(rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("append the hashes of %d entries to the log: %w", len(entries), err)
	}
	d.appended = true
	var err error
	d.head, err = ledger.HeadAt(d.head.Size+int64(len(data)), over)
	return err
}

// An overlay reads hashes that are not saved yet, and the others from below.
type overlay struct {
	below tlog.HashReader
	fresh map[int64]tlog.Hash
}

// ReadHashes is tlog.HashReader.
func (o *overlay) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out, ask, where := make([]tlog.Hash, len(idx)), []int64{}, []int{}
	for i, x := range idx {
		h, ok := o.fresh[x]
		if !ok {
			ask, where = append(ask, x), append(where, i)
			continue
		}
		out[i] = h
	}
	if len(ask) == 0 {
		return out, nil
	}
	got, err := o.below.ReadHashes(ask)
	if err != nil {
		return nil, err
	}
	for i, h := range got {
		o.fresh[ask[i]] = h // what was saved stays
		out[where[i]] = h
	}
	return out, nil
}

// Note appends a log entry of a kind that no door writes itself (connection,
// credentials, retrieve, dependencies, verify and the like). Data is a
// struct for ledger.Canonical, by convention with the fields at and by; it
// must hold no secret.
func (s *Store) Note(ctx context.Context, kind string, data any) error {
	if kind == "" || slices.Contains(ownKinds, kind) {
		return fmt.Errorf("the log entry %q is not for Note", kind)
	}
	return s.write(ctx, func(d *door) error { return d.append(kind, data) })
}

// Head is the size and the root of the audit trail.
func (s *Store) Head(ctx context.Context) (h ledger.Head, err error) {
	err = s.read(ctx, func(tx *gorm.DB) error {
		h, err = headOf(tx)
		return err
	})
	return h, err
}

// HashReader reads the audit trail's stored hashes, for proofs. It works as
// long as ctx and the Store do.
func (s *Store) HashReader(ctx context.Context) tlog.HashReader { return hashes{s.query(ctx)} }

// Checkpoint signs the audit trail's head and keeps the signed note, which it
// returns.
func (s *Store) Checkpoint(ctx context.Context, id ledger.Identity) (string, error) {
	signed := ""
	err := s.write(ctx, func(d *door) error {
		if err := d.founded(); err != nil {
			return err
		}
		var kept checkpoint
		err := d.db.Where(&checkpoint{By: id.Public()}).Where("size = ?", d.head.Size).Limit(1).Find(&kept).Error
		if err != nil {
			return err
		}
		if signed = kept.Note; signed != "" {
			return nil
		}
		if signed, err = ledger.SignCheckpoint(id, ledger.Origin(d.workspace), d.head); err != nil {
			return err
		}
		return d.db.Create(&checkpoint{Size: d.head.Size, By: id.Public(), Note: signed, At: d.at}).Error
	})
	return signed, err
}

// Entries lists entries of the audit trail from an index on, oldest first; of
// one kind, or of all if kind is empty. A limit of 0 or more than 10,000 means
// 10,000.
func (s *Store) Entries(ctx context.Context, from, limit int64, kind string) ([]ledger.Entry, error) {
	const most = 10_000
	if limit <= 0 || limit > most {
		limit = most
	}
	q := s.query(ctx).Where("idx >= ?", from).Order("idx").Limit(int(limit))
	if kind != "" {
		q = q.Where("kind = ?", kind)
	}
	out := []ledger.Entry{}
	return out, s.explained(ctx, q.Find(&out).Error)
}
