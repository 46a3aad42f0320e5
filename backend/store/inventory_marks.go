package store

import (
	"context"
	"encoding/json"

	"countersign/backend/governance"
)

// pairs are customizations as JSON that SQLite can join with an inventory.
func pairs(cs []governance.Customization) (string, error) {
	out := make([][2]string, len(cs))
	for i, c := range cs {
		out[i] = [2]string{c.Type, c.Name}
	}
	b, err := json.Marshal(out)
	return string(b), err
}

// pairedItems are the items of a scan that are among pairs, in their order: one
// query however many there are. What comes first is said, or SQLite could read
// the whole scan and look each item up in the list.
const pairedItems = `json_each(?) k CROSS JOIN scan_items i
	ON i.scan_id = ? AND i.type = json_extract(k.value, '$[0]') AND i.name = json_extract(k.value, '$[1]')`

// CountItems counts which of some customizations a scan has.
func (s *Store) CountItems(ctx context.Context, scanID string, cs []governance.Customization) (int64, error) {
	list, err := pairs(cs)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	err = s.query(ctx).Raw(`SELECT count(*) FROM json_each(?) k WHERE EXISTS (SELECT 1 FROM scan_items
		WHERE scan_id = ? AND type = json_extract(k.value, '$[0]') AND name = json_extract(k.value, '$[1]'))`, list, scanID).Scan(&n).Error
	return n, s.explained(ctx, err)
}
