package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// How much the large workspace holds. It is the size that every screen must
// stay quick at.
const (
	largeRequests  = 10_000
	largeRecords   = 10_000
	largeInventory = 100_000
	largeTrail     = 100_000
)

// A largeFolder says what the page is led to in the large workspace.
type largeFolder struct {
	Data     string `json:"data"`
	Requests int64  `json:"requests"`
	Records  int64  `json:"records"`
	Items    int64  `json:"items"`
	Entries  int64  `json:"entries"`
	Request  string `json:"request"` // one that is approved and has records
	Record   string `json:"record"`
	Source   string `json:"source"` // environment with the large inventory
}

// largeMark lies beside the data once everything is in it.
const largeMark = "large.json"

// fill makes a demo workspace of that size in dir, or finds the one that is
// there whole. Every row goes through a door: requests, acts and records through
// the workspace's own, the inventory through the store's SaveScan, since no org
// holds it, and the rest of the audit trail as notes through the store's Note.
// The whole is verified with every signature and every hash before it counts.
func fill(ctx context.Context, dir string) (largeFolder, error) {
	mark, data := filepath.Join(dir, largeMark), filepath.Join(dir, "data")
	f := largeFolder{}
	if b, err := os.ReadFile(mark); err == nil && json.Unmarshal(b, &f) == nil && f.Entries >= largeTrail {
		f.Data = data // the folder may have been moved
		return f, nil
	}
	if err := os.RemoveAll(data); err != nil {
		return f, err
	}
	f = largeFolder{Data: data}
	w, err := workspace.Open(ctx, workspace.Options{Data: f.Data, Demo: true, Pace: -1})
	if err != nil {
		return f, err
	}
	defer w.Close()
	for _, step := range []func(context.Context, *workspace.Workspace, *largeFolder) error{fillInventory, fillRequests, fillTrail, proveLarge} {
		if err := step(ctx, w, &f); err != nil {
			return f, err
		}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	return f, os.WriteFile(mark, b, 0o600)
}

// fillInventory scans both orgs, so that everything in them is known, and then
// saves the inventory of an org a thousand times as large in place of one.
func fillInventory(ctx context.Context, w *workspace.Workspace, f *largeFolder) error {
	for _, env := range []string{workspace.DemoSource, workspace.DemoTarget} {
		if _, err := w.TestConnection(ctx, workspace.Ana, env); err != nil {
			return err
		}
		if _, err := w.Scanner.Inventory(ctx, workspace.Ana, env); err != nil {
			return err
		}
	}
	env, err := w.Store.Environment(ctx, workspace.DemoSource)
	if err != nil {
		return err
	}
	types := []string{"ApexClass", "CustomField", "CustomObject", "Flow", "Layout", "PermissionSet", "Report", "ValidationRule"}
	people := []string{"Ana Requester", "Ines Integration", "Max Muster", "Uma User", "Vic Vendor"}
	now := time.Now().UTC()
	items := make([]store.ScanItem, largeInventory)
	for i := range items {
		items[i] = store.ScanItem{Type: types[i%len(types)], Name: fmt.Sprintf("Renewal%d__c.Field_%d__c", i%500, i), FileName: "objects/Renewal.object",
			MetadataID: fmt.Sprintf("00N%015d", i), CreatedByName: people[(i+1)%len(people)], LastModifiedByName: people[i%len(people)],
			LastModifiedAt: now.Add(-time.Duration(i*7919%100_000) * time.Minute)}
		if i%10 == 0 {
			items[i].NamespacePrefix = "vendor"
		}
	}
	sc := &store.Scan{EnvironmentID: env.ID, OrganizationID: env.OrganizationID, StartedAt: now}
	f.Source, f.Items = env.ID, largeInventory
	return w.Store.SaveScan(ctx, workspace.Ana, sc, items)
}

type largeAct struct {
	by     string
	action governance.Action
}

// largeActs is what happens to a request, by the last digit of its place: five
// of ten stay drafts, two wait, two are approved and one is rejected.
var largeActs = map[int][]largeAct{
	2: {{workspace.Ana, governance.Submit}}, 3: {{workspace.Ana, governance.Submit}},
	5: {{workspace.Ana, governance.Submit}, {workspace.Bo, governance.Approve}}, 6: {{workspace.Ana, governance.Submit}, {workspace.Bo, governance.Approve}},
	8: {{workspace.Ana, governance.Submit}, {workspace.Bo, governance.Reject}},
}

// fillRequests makes the drafts first, then signs: a door reads every act's
// place in its key's chain, so that it takes longer the more acts there are.
func fillRequests(ctx context.Context, w *workspace.Workspace, f *largeFolder) error {
	ids := make([]string, largeRequests)
	for i := range ids {
		cr, err := w.NewChangeRequest(ctx, workspace.Ana, governance.ChangeRequest{Name: fmt.Sprintf("Change %d of the renewal process", i),
			Overview: "Sales asks for it. Amounts are rounded half up, and the stages follow the contract.",
			Customizations: []governance.Customization{{Change: governance.Add, Type: "Report", Name: fmt.Sprintf("Sales/Report%d", i)},
				{Change: governance.Modify, Type: "Report", Name: fmt.Sprintf("Sales/Report%d", i%97)}}})
		if err != nil {
			return err
		}
		ids[i] = cr.ID
		f.Requests++
	}
	for i, id := range ids {
		for _, a := range largeActs[i%10] {
			cr, err := w.Do(ctx, a.by, id, governance.Deed{Action: a.action, Reason: "So it is."})
			if err != nil {
				return err
			}
			if cr.Status != governance.Approved {
				continue
			}
			if err := fillRecords(ctx, w, f, cr); err != nil {
				return err
			}
		}
	}
	return nil
}

// recordsEach is how many Deployment Records an approved request has.
const recordsEach = 5

func fillRecords(ctx context.Context, w *workspace.Workspace, f *largeFolder, cr *governance.ChangeRequest) error {
	for n := 0; n < recordsEach && f.Records < largeRecords; n++ {
		dr, err := w.NewDeploymentRecord(ctx, workspace.Ana, governance.DeploymentRecord{RequestID: cr.ID, Name: fmt.Sprintf("Release %d of %s", n+1, cr.Name),
			SourceID: workspace.DemoSource, TargetID: workspace.DemoTarget, Whole: true, Deployer: workspace.Dee,
			Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}})
		if err != nil {
			return err
		}
		f.Records, f.Request, f.Record = f.Records+1, cr.ID, dr.ID
	}
	return nil
}

// fillTrail adds notes of connection tests, as each real test leaves one.
func fillTrail(ctx context.Context, w *workspace.Workspace, f *largeFolder) error {
	type note struct {
		At           string `json:"at"`
		By           string `json:"by"`
		Environment  string `json:"environment"`
		Organization string `json:"organization"`
	}
	env, err := w.Store.Environment(ctx, workspace.DemoTarget)
	if err != nil {
		return err
	}
	head, err := w.Store.Head(ctx)
	if err != nil {
		return err
	}
	for i := head.Size; i < largeTrail; i++ {
		n := note{time.Now().UTC().Format(time.RFC3339), workspace.Dee, env.ID, env.OrganizationID}
		if err := w.Store.Note(ctx, "connection", n); err != nil {
			return err
		}
	}
	return nil
}

// proveLarge verifies everything: a figure of a workspace that is not sound
// would be a figure of nothing.
func proveLarge(ctx context.Context, w *workspace.Workspace, f *largeFolder) error {
	report, err := w.VerifyWhole(ctx, nil)
	if err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return fmt.Errorf("the large workspace: %s", report.Findings[0].Message)
	}
	f.Entries = report.Entries
	return nil
}
