package store

import (
	"context"
	"fmt"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// keptScans is how many scans of an environment stay.
const keptScans = 2

// scanEntry is the log entry "scan": an inventory was taken.
type scanEntry struct {
	At           string `json:"at"`
	By           string `json:"by"`
	Count        int64  `json:"count"`
	Environment  string `json:"environment"`
	Organization string `json:"organization"`
	Scan         string `json:"scan"`
}

// SaveScan saves a finished inventory with its items and drops all but the
// last two of that environment. ID, if empty, and Count are filled in. Fault:
// not_found for the environment.
func (s *Store) SaveScan(ctx context.Context, by string, sc *Scan, items []ScanItem) error {
	return s.write(ctx, func(d *door) error {
		if _, err := load[governance.Environment](d.db, environmentRows.word, sc.EnvironmentID); err != nil {
			return err
		}
		if sc.ID == "" {
			sc.ID = newID()
		}
		if sc.CompletedAt.IsZero() {
			sc.CompletedAt = d.at
		}
		sc.Count, sc.StartedAt, sc.CompletedAt = int64(len(items)), sc.StartedAt.UTC(), sc.CompletedAt.UTC()
		if err := d.db.Create(sc).Error; err != nil {
			return fmt.Errorf("save a scan: %w", err)
		}
		if err := d.saveItems(sc.ID, items); err != nil {
			return err
		}
		err := d.db.Exec(`DELETE FROM scans WHERE environment_id = ? AND id NOT IN
			(SELECT id FROM scans WHERE environment_id = ? ORDER BY completed_at DESC, rowid DESC LIMIT ?)`, sc.EnvironmentID, sc.EnvironmentID, keptScans).Error
		if err != nil {
			return fmt.Errorf("drop old scans: %w", err)
		}
		return d.append("scan", scanEntry{At: stamp(d.at), By: by, Count: sc.Count, Environment: sc.EnvironmentID, Organization: sc.OrganizationID, Scan: sc.ID})
	})
}

// saveItems goes past GORM: an inventory has a hundred thousand items, and
// reflecting on each takes longer than SQLite does.
func (d *door) saveItems(scan string, items []ScanItem) error {
	ctx := d.db.Statement.Context
	insert, err := d.db.Statement.ConnPool.PrepareContext(ctx, `INSERT INTO scan_items (scan_id, type, name, file_name, metadata_id, namespace_prefix,
		created_by_name, last_modified_by_name, last_modified_at, manageable_state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return fmt.Errorf("save the items of a scan: %w", err)
	}
	defer insert.Close()
	for i := range items {
		it := &items[i]
		it.ScanID, it.LastModifiedAt = scan, it.LastModifiedAt.UTC()
		_, err := insert.ExecContext(ctx, it.ScanID, it.Type, it.Name, it.FileName, it.MetadataID, it.NamespacePrefix,
			it.CreatedByName, it.LastModifiedByName, it.LastModifiedAt, it.ManageableState)
		if err != nil {
			return fmt.Errorf("save the items of a scan: %w", err)
		}
	}
	return nil
}

// LastScan returns the last inventory of an environment, or the fault
// not_found.
func (s *Store) LastScan(ctx context.Context, environmentID string) (*Scan, error) {
	sc, err := lastScan(s.query(ctx), environmentID)
	return sc, s.explained(ctx, err)
}

func lastScan(db *gorm.DB, environmentID string) (*Scan, error) {
	var found []Scan
	err := db.Where("environment_id = ?", environmentID).Order("completed_at DESC, rowid DESC").Limit(1).Find(&found).Error
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, governance.Faultf("not_found", "This environment was not scanned yet.").WithHint("Press Run Scan.")
	}
	sc := &found[0]
	sc.StartedAt, sc.CompletedAt = sc.StartedAt.UTC(), sc.CompletedAt.UTC()
	return sc, nil
}

var sortableItems = map[string]string{"name": "type, name", "lastModifiedAt": "last_modified_at"}

// ScanItems lists items of a scan, and how many there are without the limit.
func (s *Store) ScanItems(ctx context.Context, scanID string, q ItemQuery) (out []ScanItem, total int64, err error) {
	out = []ScanItem{}
	sorted := order(sortableItems, q.Sort, "name")
	if q.Sort == "-name" {
		sorted = "type DESC, name DESC"
	}
	err = s.read(ctx, func(tx *gorm.DB) error {
		where := func() *gorm.DB {
			w := tx.Model(&ScanItem{}).Where("scan_id = ?", scanID)
			if q.Type != "" {
				w = w.Where("type = ?", q.Type)
			}
			if q.Text != "" {
				w = w.Where(`name LIKE ? ESCAPE '\'`, contains(q.Text))
			}
			return w
		}
		if err := where().Count(&total).Error; err != nil {
			return err
		}
		return page(where(), sorted, q.Limit, q.Offset).Find(&out).Error
	})
	for i := range out {
		out[i].LastModifiedAt = out[i].LastModifiedAt.UTC()
	}
	return out, total, err
}

// A TypeCount is how many items of a metadata type an inventory has.
type TypeCount struct {
	Type  string `json:"type"`
	Count int64  `json:"count"`
}

// ScanTypes counts the items of a scan by metadata type, in order of the type.
func (s *Store) ScanTypes(ctx context.Context, scanID string) ([]TypeCount, error) {
	out := []TypeCount{}
	err := s.query(ctx).Raw("SELECT type, count(*) AS count FROM scan_items WHERE scan_id = ? GROUP BY type ORDER BY type", scanID).Scan(&out).Error
	return out, s.explained(ctx, err)
}

// HasItem reports whether the last inventory of an environment names a
// customization. Fault: not_found when it was never scanned.
func (s *Store) HasItem(ctx context.Context, environmentID, typ, name string) (bool, error) {
	found, err := s.HasItems(ctx, environmentID, []governance.Customization{{Type: typ, Name: name}})
	return found[governance.Customization{Type: typ, Name: name}.String()], err
}

// HasItems reports which customizations the last inventory of an environment
// names, by their String. Fault: not_found when it was never scanned.
func (s *Store) HasItems(ctx context.Context, environmentID string, cs []governance.Customization) (map[string]bool, error) {
	out := make(map[string]bool, len(cs))
	err := s.read(ctx, func(tx *gorm.DB) error {
		sc, err := lastScan(tx, environmentID)
		if err != nil {
			return err
		}
		list, err := pairs(cs)
		if err != nil {
			return err
		}
		found := []governance.Customization{}
		if err := tx.Raw("SELECT i.type, i.name FROM "+pairedItems, list, sc.ID).Scan(&found).Error; err != nil {
			return err
		}
		for _, c := range cs {
			out[c.String()] = false
		}
		for _, c := range found {
			out[c.String()] = true
		}
		return nil
	})
	return out, err
}
