package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"countersign/backend/workspace"
)

// largeDataEnv names a folder that is filled once and measured again; without
// it each run fills one of its own, which takes minutes.
const largeDataEnv = "COUNTERSIGN_BENCH_DATA"

// repeats is how often a call is measured after its first time.
const repeats = 11

// A screenCall is what a screen asks the backend for.
type screenCall struct {
	name string
	me   string
	do   func(ctx context.Context, w *workspace.Workspace, f largeFolder) (found int64, err error)
}

// onceOnly takes long: its first time is all there is.
const onceOnly = "AuditTrail.List, a word that is there once"

var screenCalls = []screenCall{
	{"Home.Today, requester", workspace.Ana, today},
	{"Home.Today, approver", workspace.Bo, today},
	{"ChangeRequests.List, all", workspace.Ana, requestRows(workspace.RequestQuery{})},
	{"ChangeRequests.List, all, row 9,900", workspace.Ana, requestRows(workspace.RequestQuery{Offset: 9900})},
	{"ChangeRequests.List, all, by name", workspace.Ana, requestRows(workspace.RequestQuery{Sort: "name"})},
	{"ChangeRequests.List, mine", workspace.Ana, requestRows(workspace.RequestQuery{View: "mine"})},
	{"ChangeRequests.List, waiting, requester", workspace.Ana, requestRows(workspace.RequestQuery{View: "waiting"})},
	{"ChangeRequests.List, waiting, approver", workspace.Bo, requestRows(workspace.RequestQuery{View: "waiting"})},
	{"ChangeRequests.List, search in names", workspace.Ana, requestRows(workspace.RequestQuery{Text: "change 99"})},
	{"ChangeRequests.List, search in texts", workspace.Ana, requestRows(workspace.RequestQuery{Text: "half up"})},
	{"ChangeRequests.Get", workspace.Ana, func(ctx context.Context, w *workspace.Workspace, f largeFolder) (int64, error) {
		_, err := w.RequestView(ctx, f.Request)
		return 1, err
	}},
	{"ChangeRequests.Impact", workspace.Ana, func(ctx context.Context, w *workspace.Workspace, f largeFolder) (int64, error) {
		_, err := w.RequestImpact(ctx, f.Request)
		return 1, err
	}},
	{"DeploymentRecords.List", workspace.Dee, recordRows(workspace.RecordQuery{})},
	{"DeploymentRecords.List, row 9,900", workspace.Dee, recordRows(workspace.RecordQuery{Offset: 9900})},
	{"DeploymentRecords.List, search", workspace.Dee, recordRows(workspace.RecordQuery{Text: "change 995"})},
	{"DeploymentRecords.Get", workspace.Dee, func(ctx context.Context, w *workspace.Workspace, f largeFolder) (int64, error) {
		_, err := w.RecordView(ctx, f.Record)
		return 1, err
	}},
	{"Environments.List", workspace.Dee, func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
		all, err := w.EnvironmentViews(ctx)
		return int64(len(all)), err
	}},
	{"Environments.Summary", workspace.Dee, func(ctx context.Context, w *workspace.Workspace, f largeFolder) (int64, error) {
		s, err := w.InventorySummary(ctx, f.Source)
		return s.Age.Count, err
	}},
	{"Environments.Inventory", workspace.Dee, inventory(workspace.InventoryQuery{})},
	{"Environments.Inventory, row 90,000", workspace.Dee, inventory(workspace.InventoryQuery{Offset: 90_000})},
	{"Environments.Inventory, newest", workspace.Dee, inventory(workspace.InventoryQuery{Sort: "-lastModifiedAt"})},
	{"Environments.Inventory, search", workspace.Dee, inventory(workspace.InventoryQuery{Text: "field_4242"})},
	{"Environments.Inventory, two words", workspace.Dee, inventory(workspace.InventoryQuery{Text: "flow renewal7__c"})},
	{"Environments.Inventory, two types", workspace.Dee, inventory(workspace.InventoryQuery{Types: []string{"Flow", "Report"}})},
	{"Environments.Inventory, by one person", workspace.Dee, inventory(workspace.InventoryQuery{By: "Max Muster"})},
	{"Policies.Get", workspace.Bo, func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
		_, err := w.PolicyView(ctx)
		return 1, err
	}},
	{"AuditTrail.List", workspace.Bo, trail(workspace.TrailQuery{})},
	{"AuditTrail.List, entry 50,000", workspace.Bo, trail(workspace.TrailQuery{Before: 50_000})},
	{"AuditTrail.List, of one kind", workspace.Bo, trail(workspace.TrailQuery{Kinds: []string{"cr.approve"}})},
	{"AuditTrail.List, a word that is often there", workspace.Bo, trail(workspace.TrailQuery{Text: "production"})},
	{onceOnly, workspace.Bo, trailToTheEnd(workspace.TrailQuery{Text: "CR-5006"})},
}

func today(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
	t, err := w.Today(ctx)
	return int64(len(t.Waiting) + len(t.Drafts)), err
}

func requestRows(q workspace.RequestQuery) func(context.Context, *workspace.Workspace, largeFolder) (int64, error) {
	return func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
		p, err := w.RequestRows(ctx, q)
		return int64(len(p.Items)), err
	}
}

func recordRows(q workspace.RecordQuery) func(context.Context, *workspace.Workspace, largeFolder) (int64, error) {
	return func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
		p, err := w.RecordRows(ctx, q)
		return int64(len(p.Items)), err
	}
}

func inventory(q workspace.InventoryQuery) func(context.Context, *workspace.Workspace, largeFolder) (int64, error) {
	return func(ctx context.Context, w *workspace.Workspace, f largeFolder) (int64, error) {
		p, err := w.Inventory(ctx, f.Source, q)
		return int64(len(p.Items)), err
	}
}

func trail(q workspace.TrailQuery) func(context.Context, *workspace.Workspace, largeFolder) (int64, error) {
	return func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (int64, error) {
		p, err := w.TrailPage(ctx, q)
		return int64(len(p.Items)), err
	}
}

// trailToTheEnd asks on until the whole trail was looked through: one answer
// looks back only so far.
func trailToTheEnd(q workspace.TrailQuery) func(context.Context, *workspace.Workspace, largeFolder) (int64, error) {
	return func(ctx context.Context, w *workspace.Workspace, _ largeFolder) (found int64, err error) {
		for {
			p, err := w.TrailPage(ctx, q)
			if err != nil {
				return 0, err
			}
			found += int64(len(p.Items))
			if q.Before = p.Next; q.Before == 0 {
				return found, nil
			}
		}
	}
}

// benchLarge measures what each screen asks the backend for on the large
// workspace: the first time after the start, and the median of the times after,
// each when a draft was saved meanwhile: without a write many are answered from
// memory.
func benchLarge(ctx context.Context, dir string) error {
	if kept := os.Getenv(largeDataEnv); kept != "" {
		dir = kept
	}
	m := start()
	f, err := fill(ctx, dir)
	if err != nil {
		return err
	}
	if r := m.stop(); r.wall > 5*time.Second {
		row("filling the large workspace through its doors", seconds(r.wall), r.String())
	}
	row("the large workspace", "", fmt.Sprintf("%d requests, %d records, %d customizations, %d log entries; verified: no finding", f.Requests, f.Records, f.Items, f.Entries))
	m = start()
	w, err := workspace.Open(ctx, workspace.Options{Data: f.Data, Demo: true, Pace: -1})
	if err != nil {
		return err
	}
	defer w.Close()
	r := m.stop()
	row("opening it", millis(r.wall), r.String())
	edit, err := drafted(ctx, w)
	if err != nil {
		return err
	}
	for _, c := range screenCalls {
		if err := measureCall(ctx, w, f, c, edit); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// drafted is a draft that can be saved again and again.
func drafted(ctx context.Context, w *workspace.Workspace) (edit func(i int) error, err error) {
	if err := w.ActAs(ctx, workspace.Ana); err != nil {
		return nil, err
	}
	v, err := w.SaveRequest(ctx, "", workspace.RequestFields{Name: "A draft"})
	return func(i int) error {
		if err := w.ActAs(ctx, workspace.Ana); err != nil {
			return err
		}
		_, err := w.SaveRequest(ctx, v.Request.ID, workspace.RequestFields{Name: fmt.Sprintf("A draft, %d", i)})
		return err
	}, err
}

func measureCall(ctx context.Context, w *workspace.Workspace, f largeFolder, c screenCall, edit func(i int) error) error {
	walls, cpus := make([]time.Duration, 0, repeats), make([]time.Duration, 0, repeats)
	first := reading{}
	for i := range 1 + repeats {
		if i > 0 {
			if err := edit(i); err != nil {
				return err
			}
		}
		if err := w.ActAs(ctx, c.me); err != nil {
			return err
		}
		m := start()
		found, err := c.do(ctx, w, f)
		r := m.stop()
		if err != nil {
			return err
		}
		if found == 0 {
			return fmt.Errorf("nothing was found")
		}
		if i == 0 {
			first = r
			if c.name == onceOnly {
				row(c.name, millis(r.wall), millis(r.cpu)+" CPU; once")
				return nil
			}
			continue
		}
		walls, cpus = append(walls, r.wall), append(cpus, r.cpu)
	}
	slices.Sort(walls)
	slices.Sort(cpus)
	row(c.name, millis(walls[repeats/2]), fmt.Sprintf("%s CPU; first %s, %s CPU", millis(cpus[repeats/2]), millis(first.wall), millis(first.cpu)))
	return nil
}
