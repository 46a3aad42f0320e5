package store

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
)

// NoPackage asks an InventoryQuery for what is in no managed package.
const NoPackage = "none"

// An InventoryQuery asks for items of a scan. The zero value asks for all of
// them, by type and name.
type InventoryQuery struct {
	Types   []string // empty: all
	Text    string   // words that are all in the name or the type, whatever the case
	Package string   // namespace of a managed package, NoPackage, or empty for all
	By      string   // last modified by
	Sort    string   // name (the default: type, then name), lastModifiedAt; "-" before it turns it round
	Limit   int      // 0: no limit
	Offset  int
}

// Inventory lists items of a scan, and how many there are without the limit.
func (s *Store) Inventory(ctx context.Context, scanID string, q InventoryQuery) (out []ScanItem, total int64, err error) {
	c, err := s.catalogue(ctx, scanID)
	if err != nil {
		return nil, 0, err
	}
	rows := c.find(q)
	total = int64(len(rows))
	rows = rows[min(max(q.Offset, 0), len(rows)):]
	if q.Limit > 0 {
		rows = rows[:min(q.Limit, len(rows))]
	}
	out, err = s.itemsAt(ctx, rows)
	return out, total, err
}

// itemsAt reads items by their rows, in that order.
func (s *Store) itemsAt(ctx context.Context, rows []int64) ([]ScanItem, error) {
	type numbered struct {
		Row      int64
		ScanItem `gorm:"embedded"`
	}
	at := make(map[int64]ScanItem, len(rows))
	for _, some := range slices.Collect(slices.Chunk(rows, 1000)) {
		found := []numbered{}
		if err := s.query(ctx).Raw("SELECT rowid AS row, * FROM scan_items WHERE rowid IN ?", some).Scan(&found).Error; err != nil {
			return nil, s.explained(ctx, err)
		}
		for _, i := range found {
			i.LastModifiedAt = i.LastModifiedAt.UTC()
			at[i.Row] = i.ScanItem
		}
	}
	out := make([]ScanItem, 0, len(rows))
	for _, row := range rows {
		if i, there := at[row]; there { // a newer scan may have taken its place just now
			out = append(out, i)
		}
	}
	return out, nil
}

// A NameCount is how many items of an inventory have something by a name.
type NameCount struct {
	Name  string
	Count int64
}

// An InventoryCount is what the items of a scan are, counted.
type InventoryCount struct {
	Types    []TypeCount // in order of the type
	Packages []NameCount // largest first; the empty name is no package
	People   []NameCount // largest first, without the unknown
	Since    time.Time   // of the oldest change, zero if none is known
}

// CountInventory counts the items of a scan.
func (s *Store) CountInventory(ctx context.Context, scanID string) (InventoryCount, error) {
	c, err := s.catalogue(ctx, scanID)
	if err != nil {
		return InventoryCount{}, err
	}
	return c.count(), nil
}

// ItemsNamed reads of a scan what it says about some customizations, by their
// String.
func (s *Store) ItemsNamed(ctx context.Context, scanID string, cs []governance.Customization) (map[string]ScanItem, error) {
	list, err := pairs(cs)
	if err != nil {
		return nil, err
	}
	found := []ScanItem{}
	err = s.query(ctx).Raw("SELECT i.* FROM "+pairedItems, list, scanID).Scan(&found).Error
	out := make(map[string]ScanItem, len(found))
	for _, i := range found {
		i.LastModifiedAt = i.LastModifiedAt.UTC()
		out[governance.Customization{Type: i.Type, Name: i.Name}.String()] = i
	}
	return out, s.explained(ctx, err)
}

// LastScans are the last inventories of all environments, by environment.
func (s *Store) LastScans(ctx context.Context) (map[string]Scan, error) {
	var all []Scan
	err := s.query(ctx).Order("completed_at, rowid").Find(&all).Error
	out := map[string]Scan{}
	for _, sc := range all {
		sc.StartedAt, sc.CompletedAt = sc.StartedAt.UTC(), sc.CompletedAt.UTC()
		out[sc.EnvironmentID] = sc
	}
	return out, s.explained(ctx, err)
}

// RecordsByEnvironment counts the Deployment Records that read from or change
// each environment.
func (s *Store) RecordsByEnvironment(ctx context.Context) (map[string]int64, error) {
	var pairs []struct {
		Source, Target string
		Count          int64
	}
	err := s.query(ctx).Raw("SELECT source_id AS source, target_id AS target, count(*) AS count FROM deployment_records GROUP BY source_id, target_id").Scan(&pairs).Error
	out := map[string]int64{}
	for _, p := range pairs {
		out[p.Source] += p.Count
		if p.Target != p.Source {
			out[p.Target] += p.Count
		}
	}
	return out, s.explained(ctx, err)
}
