package store_test

import (
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

func TestInventoriesAreSearchedAndSorted(t *testing.T) {
	w := newWorld(t)
	env := w.environment("production", prod)
	scan := func(items ...store.ScanItem) string {
		sc := &store.Scan{EnvironmentID: env.ID}
		must(t, w.s.SaveScan(w.ctx, "rita", sc, items))
		return sc.ID
	}
	item := func(typ, name, by, space string, day int) store.ScanItem {
		i := store.ScanItem{Type: typ, Name: name, LastModifiedByName: by, NamespacePrefix: space}
		if day > 0 {
			i.LastModifiedAt = begin.AddDate(0, 0, day)
		}
		return i
	}
	id := scan(item("Flow", "Ärger", "Rita", "", 3), item("ApexClass", "Billing", "Ann", "", 1), item("ApexClass", "Billing_100%", "", "", 0),
		item("CustomField", "Account.Billing__c", "Rita", "none_of_it", 2))
	names := func(items []store.ScanItem) string {
		out := []string{}
		for _, i := range items {
			out = append(out, i.Name)
		}
		return strings.Join(out, " ")
	}
	for name, c := range map[string]struct {
		q     store.InventoryQuery
		want  string
		total int64
	}{
		"all":             {store.InventoryQuery{}, "Billing Billing_100% Account.Billing__c Ärger", 4},
		"turned round":    {store.InventoryQuery{Sort: "-name"}, "Ärger Account.Billing__c Billing_100% Billing", 4},
		"newest":          {store.InventoryQuery{Sort: "-lastModifiedAt"}, "Ärger Account.Billing__c Billing Billing_100%", 4},
		"oldest":          {store.InventoryQuery{Sort: "lastModifiedAt"}, "Billing_100% Billing Account.Billing__c Ärger", 4},
		"a page":          {store.InventoryQuery{Limit: 2, Offset: 1}, "Billing_100% Account.Billing__c", 4},
		"past the end":    {store.InventoryQuery{Limit: 2, Offset: 9}, "", 4},
		"text":            {store.InventoryQuery{Text: "BILLING"}, "Billing Billing_100% Account.Billing__c", 3},
		"other letters":   {store.InventoryQuery{Text: "ÄRG"}, "Ärger", 1},
		"no pattern":      {store.InventoryQuery{Text: "100%"}, "Billing_100%", 1},
		"type and name":   {store.InventoryQuery{Text: "field bill"}, "Account.Billing__c", 1},
		"types":           {store.InventoryQuery{Types: []string{"Flow", "CustomField", "Nothing"}}, "Account.Billing__c Ärger", 2},
		"an unknown type": {store.InventoryQuery{Types: []string{"Nothing"}}, "", 0},
		"a package":       {store.InventoryQuery{Package: "none_of_it"}, "Account.Billing__c", 1},
		"no package":      {store.InventoryQuery{Package: store.NoPackage, Text: "b"}, "Billing Billing_100%", 2},
		"a person":        {store.InventoryQuery{By: "Rita"}, "Account.Billing__c Ärger", 2},
	} {
		items, total, err := w.s.Inventory(w.ctx, id, c.q)
		must(t, err)
		if got := names(items); got != c.want || total != c.total || items == nil {
			t.Errorf("%s: %q of %d, want %q of %d", name, got, total, c.want, c.total)
		}
	}
	count, err := w.s.CountInventory(w.ctx, id)
	must(t, err)
	if len(count.Types) != 3 || count.Types[0] != (store.TypeCount{Type: "ApexClass", Count: 2}) || count.Packages[0] != (store.NameCount{Count: 3}) ||
		len(count.People) != 2 || count.People[0] != (store.NameCount{Name: "Rita", Count: 2}) || !count.Since.Equal(begin.AddDate(0, 0, 1)) {
		t.Errorf("%+v", count)
	}
	known, err := w.s.ItemsNamed(w.ctx, id, []governance.Customization{{Type: "Flow", Name: "Ärger"}, {Type: "Flow", Name: "Billing"}})
	must(t, err)
	if len(known) != 1 || known["Flow:Ärger"].LastModifiedByName != "Rita" {
		t.Errorf("%+v", known)
	}

	for range 3 { // newer ones take its place
		id = scan(item("Flow", "New", "Rita", "", 1))
	}
	last, err := w.s.LastScans(w.ctx)
	must(t, err)
	items, total, err := w.s.Inventory(w.ctx, last[env.ID].ID, store.InventoryQuery{})
	must(t, err)
	if last[env.ID].ID != id || total != 1 || names(items) != "New" {
		t.Errorf("%+v %q", last, names(items))
	}
	empty := scan()
	items, total, err = w.s.Inventory(w.ctx, empty, store.InventoryQuery{Text: "x", Sort: "lastModifiedAt"})
	must(t, err)
	count, err = w.s.CountInventory(w.ctx, empty)
	must(t, err)
	if total != 0 || items == nil || count.Types == nil || count.Packages == nil || count.People == nil || !count.Since.Equal(time.Time{}) {
		t.Errorf("%+v %+v", items, count)
	}
}

// What an inventory says about some customizations was once asked name by name.
func TestWhatAnInventorySaysAboutNames(t *testing.T) {
	w := newWorld(t)
	env := w.environment("production", prod)
	names := []string{"Plain", `Back\\slash`, `Quo"ted`, "It's", "A & <B>", "Ärger", "100%", "a,b", "case", "Case", ""}
	items, asked := []store.ScanItem{}, []governance.Customization{{Type: "Flow", Name: "Nowhere"}}
	for i, n := range names {
		items = append(items, store.ScanItem{Type: "Flow", Name: n, LastModifiedByName: n, LastModifiedAt: begin.AddDate(0, 0, i)}, store.ScanItem{Type: "Layout", Name: n})
		asked = append(asked, governance.Customization{Type: "Flow", Name: n}, governance.Customization{Type: "Flow", Name: n})
	}
	sc := &store.Scan{EnvironmentID: env.ID}
	must(t, w.s.SaveScan(w.ctx, "rita", sc, items))
	known, err := w.s.ItemsNamed(w.ctx, sc.ID, asked)
	must(t, err)
	has, err := w.s.HasItems(w.ctx, env.ID, asked)
	must(t, err)
	if len(known) != len(names) || len(has) != len(names)+1 || has["Flow:Nowhere"] {
		t.Errorf("%d known, %v", len(known), has)
	}
	for i, n := range names {
		if got := known["Flow:"+n]; got.Type != "Flow" || got.LastModifiedByName != n || !got.LastModifiedAt.Equal(begin.AddDate(0, 0, i)) || !has["Flow:"+n] {
			t.Errorf("%q: %+v, %v", n, got, has["Flow:"+n])
		}
	}
	for _, none := range [][]governance.Customization{nil, {}} {
		if known, err := w.s.ItemsNamed(w.ctx, sc.ID, none); err != nil || known == nil || len(known) != 0 {
			t.Errorf("%v, %v", known, err)
		}
	}
}
