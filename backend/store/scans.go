package store

import (
	"context"
	"fmt"
	"slices"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// keptScans is how many scans of an environment stay, beside the one that the
// last reading looked at: the next one compares with it.
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
// last two of that environment and the one that was last looked at for changes
// outside. ID, if empty, and Count are filled in. Fault: not_found for the
// environment.
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
		sc.Listed = append([]string{}, sc.Listed...)
		sc.Count, sc.StartedAt, sc.CompletedAt = int64(len(items)), sc.StartedAt.UTC(), sc.CompletedAt.UTC()
		if err := d.db.Create(sc).Error; err != nil {
			return fmt.Errorf("save a scan: %w", err)
		}
		if err := d.saveItems(sc.ID, items); err != nil {
			return err
		}
		looked, _, err := lastReading(d.db, sc.EnvironmentID)
		if err != nil {
			return err
		}
		err = d.db.Exec(`DELETE FROM scans WHERE environment_id = ? AND id NOT IN
			(SELECT id FROM scans WHERE environment_id = ? ORDER BY completed_at DESC, rowid DESC LIMIT ?) AND id <> ?`,
			sc.EnvironmentID, sc.EnvironmentID, keptScans, looked.Scan).Error
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

// LookedAt returns the inventory that the last reading of an environment looked
// at, nil when it is not there.
func (s *Store) LookedAt(ctx context.Context, r Reading) (*Scan, error) {
	var found []Scan
	err := s.query(ctx).Where("id = ? AND environment_id = ?", r.Scan, r.Environment).Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, s.explained(ctx, err)
	}
	found[0].StartedAt, found[0].CompletedAt = found[0].StartedAt.UTC(), found[0].CompletedAt.UTC()
	return &found[0], nil
}

// MissingItems lists by type and name what one scan has and a later one of the
// same environment has not, of the types that were listed for both.
func (s *Store) MissingItems(ctx context.Context, before, after *Scan) ([]ScanItem, error) {
	types := []string{}
	for _, t := range after.Listed {
		if slices.Contains(before.Listed, t) {
			types = append(types, t)
		}
	}
	out := []ScanItem{}
	if len(types) == 0 {
		return out, nil
	}
	err := s.query(ctx).Raw(`SELECT * FROM scan_items AS was WHERE scan_id = ? AND type IN `+listed+` AND NOT EXISTS
		(SELECT 1 FROM scan_items AS now WHERE now.scan_id = ? AND now.type = was.type AND now.name = was.name) ORDER BY type, name`, before.ID, asList(types), after.ID).Scan(&out).Error
	for i := range out {
		out[i].LastModifiedAt = out[i].LastModifiedAt.UTC()
	}
	return out, s.explained(ctx, err)
}

// ItemsOf says which of some items a scan has, by type and name with a colon
// between them.
func (s *Store) ItemsOf(ctx context.Context, scanID string, items []ScanItem) (map[string]bool, error) {
	names := make([]string, len(items))
	for i := range items {
		names[i] = items[i].Name
	}
	var rows []struct{ Type, Name string }
	err := s.query(ctx).Raw("SELECT type, name FROM scan_items WHERE scan_id = ? AND name IN "+listed, scanID, asList(names)).Scan(&rows).Error
	out := map[string]bool{}
	for _, row := range rows {
		out[row.Type+":"+row.Name] = true
	}
	return out, s.explained(ctx, err)
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
