package workspace

import (
	"context"
	"maps"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/scan"
	"countersign/backend/store"
)

var environmentEnglish = map[string]string{
	"environment.offered":   "The sign-in leads to {organization}, a {kind} org with API version {version}, as {user}.",
	"environment.connected": "Connected to {environment} as {user}. It is {organization}, a {kind} org with API version {version}.",
	"inventory.done":        "{environment} has {items:customization|customizations} of {types:type|types}.",
}

// StartInventory begins Run Scan of an environment. Faults: not_found,
// not_tested.
func (w *Workspace) StartInventory(ctx context.Context, environmentID string) (Work, error) {
	v, err := w.EnvironmentView(ctx, environmentID)
	if err != nil {
		return Work{}, err
	}
	env, by := v.Environment, w.Acting()
	if env.OrganizationID == "" {
		return Work{}, governance.Faultf(scan.CodeNotTested, "It is not known yet which org %s is.", env.Name).WithHint("Press Test Connection first.")
	}
	return w.begin(Work{Kind: WorkInventory, Subject: env.ID, Title: env.Name, Environment: env.Name, Production: v.Production, Phase: scan.PhaseConnect},
		func(ctx context.Context, report func(func(*Work))) error {
			sc, err := w.scanning(report).Inventory(ctx, by, env.ID)
			if err != nil {
				return err
			}
			w.checkInventory(ctx, env.ID)
			counted, err := w.InventorySummary(ctx, env.ID) // it is looked at next
			if err != nil {
				return err
			}
			done := w.said("inventory.done", "environment", env.Name, "items", sc.Count, "types", len(counted.Types))
			report(func(k *Work) { k.Sentence, k.Said = done.Text, done })
			return nil
		})
}

const (
	usualItems = 200
	mostItems  = 500
)

// limited is how many rows a page may have.
func limited(wanted, usual, most int) int {
	if wanted <= 0 {
		return usual
	}
	return min(wanted, most)
}

// lastScan is an environment's last inventory. Faults: not_found, not_scanned.
func (w *Workspace) lastScan(ctx context.Context, environmentID string) (*governance.Environment, *store.Scan, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return nil, nil, err
	}
	sc, err := w.Store.LastScan(ctx, environmentID)
	if governance.FaultCode(err) == "not_found" {
		return env, nil, governance.Faultf(scan.CodeNotScanned, "%s was not scanned yet.", env.Name).WithHint("Press Run Scan.")
	}
	return env, sc, err
}

// Inventory pages an environment's last inventory. Faults: not_found,
// not_scanned.
func (w *Workspace) Inventory(ctx context.Context, environmentID string, q InventoryQuery) (InventoryPage, error) {
	_, sc, err := w.lastScan(ctx, environmentID)
	if err != nil {
		return InventoryPage{}, err
	}
	items, total, err := w.Store.Inventory(ctx, sc.ID, store.InventoryQuery{Types: q.Types, Text: q.Text, Package: q.Package, By: q.By, Sort: q.Sort,
		Limit: limited(q.Limit, usualItems, mostItems), Offset: max(q.Offset, 0)})
	return InventoryPage{Items: items, Total: total}, err
}

// InventorySummary counts an environment's last inventory. Faults: not_found,
// not_scanned.
func (w *Workspace) InventorySummary(ctx context.Context, environmentID string) (InventorySummary, error) {
	env, sc, err := w.lastScan(ctx, environmentID)
	if err != nil {
		return InventorySummary{}, err
	}
	w.views.mu.Lock()
	known, counted := w.views.counted[sc.ID]
	w.views.mu.Unlock()
	if counted {
		known.Age.Name = env.Name
		return known, nil
	}
	c, err := w.Store.CountInventory(ctx, sc.ID)
	if err != nil {
		return InventorySummary{}, err
	}
	s := InventorySummary{Age: InventoryAge{EnvironmentID: env.ID, Name: env.Name, At: sc.CompletedAt, Count: sc.Count}, Types: []TypeCount{},
		Packages: []NameCount{}, People: []NameCount{}, Since: c.Since}
	for _, t := range c.Types {
		s.Types = append(s.Types, TypeCount(t))
	}
	for _, p := range c.Packages {
		if p.Name == "" {
			p.Name = store.NoPackage
		}
		s.Packages = append(s.Packages, NameCount(p))
	}
	for _, p := range c.People {
		s.People = append(s.People, NameCount(p))
	}
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	remember(&w.views.counted, sc.ID, s)
	return s, nil
}

// mostAhead is how many inventories are read before anybody asks for them.
const mostAhead = 2

// readInventoriesAhead begins to read the newest inventories, whose pages are
// likely to be looked at next: a large one takes a second. Each is read ahead
// once. What goes wrong is met again by the page.
func (w *Workspace) readInventoriesAhead(scans map[string]store.Scan) {
	if !w.o.Beside {
		return
	}
	newest := slices.SortedFunc(maps.Values(scans), func(a, b store.Scan) int { return b.CompletedAt.Compare(a.CompletedAt) })
	for _, sc := range newest[:min(len(newest), mostAhead)] {
		w.views.mu.Lock()
		before := w.views.ahead[sc.ID]
		remember(&w.views.ahead, sc.ID, true)
		w.views.mu.Unlock()
		if before {
			continue
		}
		w.chores.run(func(ctx context.Context) {
			if err := w.Store.ReadInventory(ctx, sc.ID); err != nil && ctx.Err() == nil {
				w.o.Log.Warn("an inventory was not read ahead", "err", err)
			}
		})
	}
}
