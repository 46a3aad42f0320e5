package app

import (
	"context"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// DeploymentRecords is what the page can ask about Deployment Records.
type DeploymentRecords struct{ shell *shell }

// List gives a page of Deployment Records.
func (d *DeploymentRecords) List(q workspace.RecordQuery) (workspace.RecordPage, error) {
	return ask(d.shell, "list the deployment records", func(ctx context.Context, w *workspace.Workspace) (workspace.RecordPage, error) {
		return w.RecordRows(ctx, q)
	})
}

// Get gives one Deployment Record.
func (d *DeploymentRecords) Get(id string) (workspace.RecordView, error) {
	return ask(d.shell, "open the deployment record", func(ctx context.Context, w *workspace.Workspace) (workspace.RecordView, error) {
		return w.RecordView(ctx, id)
	})
}

// Save saves the fields of a draft; an empty id makes a new one.
func (d *DeploymentRecords) Save(id string, fields workspace.RecordFields) (workspace.RecordView, error) {
	return ask(d.shell, "save the deployment record", func(ctx context.Context, w *workspace.Workspace) (workspace.RecordView, error) {
		return w.SaveRecord(ctx, id, fields)
	})
}

// Delete deletes a draft that was never submitted.
func (d *DeploymentRecords) Delete(id string) error {
	return do(d.shell, "delete the deployment record", func(ctx context.Context, w *workspace.Workspace) error {
		return w.DeleteRecord(ctx, id)
	})
}

// Do does a lifecycle action; the system asks first outside the demo.
func (d *DeploymentRecords) Do(id string, wish workspace.Wish) (workspace.RecordView, error) {
	return ask(d.shell, "change the record", func(ctx context.Context, w *workspace.Workspace) (workspace.RecordView, error) {
		asked, err := d.shell.confirmRecord(ctx, w, id, wish)
		if err != nil {
			return workspace.RecordView{}, err
		}
		return w.DoOnRecord(ctx, id, asked)
	})
}

// Content pages the customizations of a record.
func (d *DeploymentRecords) Content(id string, q workspace.ContentQuery) (workspace.ContentPage, error) {
	return ask(d.shell, "list the customizations", func(ctx context.Context, w *workspace.Workspace) (workspace.ContentPage, error) {
		return w.RecordContent(ctx, id, q)
	})
}

// Compare is what the last Run Scan found.
func (d *DeploymentRecords) Compare(id string) (workspace.Compared, error) {
	return ask(d.shell, "compare", func(ctx context.Context, w *workspace.Workspace) (workspace.Compared, error) {
		return w.Comparison(ctx, id)
	})
}

// Sides are the files of one scanned customization on both sides.
func (d *DeploymentRecords) Sides(id string, c governance.Customization) ([]workspace.Side, error) {
	return ask(d.shell, "compare the files", func(ctx context.Context, w *workspace.Workspace) ([]workspace.Side, error) {
		return w.Sides(ctx, id, c)
	})
}

// Dependencies is the last answer of Check Dependencies.
func (d *DeploymentRecords) Dependencies(id string) (workspace.DependencyAnswer, error) {
	return ask(d.shell, "read the dependencies", func(ctx context.Context, w *workspace.Workspace) (workspace.DependencyAnswer, error) {
		return w.LastDependencies(ctx, id)
	})
}

// RunScan begins Run Scan.
func (d *DeploymentRecords) RunScan(id string) (workspace.Work, error) {
	return ask(d.shell, "run the scan", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		return w.StartScan(ctx, id)
	})
}

// CheckDependencies begins Check Dependencies.
func (d *DeploymentRecords) CheckDependencies(id string) (workspace.Work, error) {
	return ask(d.shell, "check the dependencies", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		return w.StartDependencies(ctx, id)
	})
}

// Start begins an attempt: retrieve, validate, deploy or quick. Before a
// production is changed its name has to be typed; outside the demo the system
// asks as well.
func (d *DeploymentRecords) Start(id string, kind governance.AttemptKind, typedName string) (workspace.Work, error) {
	return ask(d.shell, "start", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		if err := d.shell.confirmStart(ctx, w, id, kind); err != nil {
			return workspace.Work{}, err
		}
		return w.StartAttempt(ctx, id, kind, typedName)
	})
}

// AddMissing adds customizations to the record's request, which is reopened;
// the system asks first outside the demo.
func (d *DeploymentRecords) AddMissing(id string, customizations []governance.Customization, reason string) (workspace.RequestView, error) {
	return ask(d.shell, "extend the change request", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		seen, err := d.shell.confirmMissing(ctx, w, id, customizations, reason)
		if err != nil {
			return workspace.RequestView{}, err
		}
		return w.AddMissing(ctx, id, customizations, reason, seen)
	})
}

// Remind writes a reminder for the person to mail, and notes it in the audit
// trail.
func (d *DeploymentRecords) Remind(id string) (workspace.Reminder, error) {
	return ask(d.shell, "write a reminder", func(ctx context.Context, w *workspace.Workspace) (workspace.Reminder, error) {
		return w.RecordReminder(ctx, id)
	})
}
