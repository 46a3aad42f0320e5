package store_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// largeInventory is a scan of an org with a hundred thousand customizations.
func (w *world) largeInventory(n int) string {
	w.t.Helper()
	env := w.environment("production", prod)
	types := []string{"ApexClass", "CustomField", "CustomObject", "Flow", "Layout", "PermissionSet", "Report", "ValidationRule"}
	people := []string{"Rita", "Ann", "Ben", "Max"}
	items := make([]store.ScanItem, n)
	for i := range items {
		items[i] = store.ScanItem{Type: types[i%len(types)], Name: fmt.Sprintf("Object%d__c.Field_%d__c", i%500, i), FileName: "objects/Object.object", MetadataID: fmt.Sprintf("00N%015d", i),
			LastModifiedByName: people[i%len(people)], CreatedByName: people[(i+1)%len(people)], LastModifiedAt: begin.Add(-time.Duration(i*7919%100_000) * time.Minute)}
		if i%10 == 0 {
			items[i].NamespacePrefix = "vendor"
		}
	}
	sc := &store.Scan{EnvironmentID: env.ID}
	must(w.t, w.s.SaveScan(w.ctx, "rita", sc, items))
	return sc.ID
}

// An inventory of a large org stays interactive: a page, a search as one types,
// and each filter.
func BenchmarkInventory(b *testing.B) {
	w := newWorld(b)
	scan := w.largeInventory(100_000)
	for _, c := range []struct {
		name string
		q    store.InventoryQuery
	}{
		{"page", store.InventoryQuery{}},
		{"deep", store.InventoryQuery{Offset: 90_000}},
		{"newest", store.InventoryQuery{Sort: "-lastModifiedAt"}},
		{"search", store.InventoryQuery{Text: "field_4242"}},
		{"words", store.InventoryQuery{Text: "flow object7__c"}},
		{"type", store.InventoryQuery{Types: []string{"Flow", "Report"}}},
		{"by", store.InventoryQuery{By: "Ann"}},
		{"package", store.InventoryQuery{Package: "vendor", Types: []string{"CustomObject"}}},
		{"newest by", store.InventoryQuery{By: "Ann", Sort: "-lastModifiedAt"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.q.Limit = 200
			for b.Loop() {
				_, total, err := w.s.Inventory(w.ctx, scan, c.q)
				must(b, err)
				if total == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s, err := store.Open(w.ctx, w.dir, store.Options{ReadOnly: true})
			must(b, err)
			_, _, err = s.Inventory(w.ctx, scan, store.InventoryQuery{Limit: 200})
			must(b, err)
			must(b, s.Close())
		}
	})
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			_, err := w.s.CountInventory(w.ctx, scan)
			must(b, err)
		}
	})
}

// A request of 5,000 customizations looks each up in the inventory.
func BenchmarkItemsNamed(b *testing.B) {
	w := newWorld(b)
	scan := w.largeInventory(100_000)
	all, _, err := w.s.Inventory(w.ctx, scan, store.InventoryQuery{Limit: 5000, Offset: 40_000})
	must(b, err)
	cs := []governance.Customization{}
	for _, i := range all {
		cs = append(cs, governance.Customization{Type: i.Type, Name: i.Name})
	}
	for b.Loop() {
		known, err := w.s.ItemsNamed(w.ctx, scan, cs)
		must(b, err)
		if len(known) != len(cs) {
			b.Fatalf("%d of %d", len(known), len(cs))
		}
	}
}
