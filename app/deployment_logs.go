package app

import (
	"context"

	"countersign/backend/workspace"
)

// DeploymentLogs is what the page can ask about attempts.
type DeploymentLogs struct{ shell *shell }

// Get gives one Deployment Log.
func (d *DeploymentLogs) Get(id string) (workspace.LogView, error) {
	return ask(d.shell, "open the deployment log", func(ctx context.Context, w *workspace.Workspace) (workspace.LogView, error) {
		return w.LogView(ctx, id)
	})
}

// Raw is a part of Salesforce's last full answer.
func (d *DeploymentLogs) Raw(id string, offset int64) (workspace.TextPage, error) {
	return ask(d.shell, "read the raw answer", func(ctx context.Context, w *workspace.Workspace) (workspace.TextPage, error) {
		return w.RawAnswer(ctx, id, offset)
	})
}

// Cancel wishes an attempt to stop; the system asks first outside the demo.
func (d *DeploymentLogs) Cancel(id string) (workspace.LogView, error) {
	return ask(d.shell, "cancel", func(ctx context.Context, w *workspace.Workspace) (workspace.LogView, error) {
		if err := d.shell.confirmLog(ctx, w, id, "Cancel the Attempt"); err != nil {
			return workspace.LogView{}, err
		}
		return w.CancelAttempt(ctx, id)
	})
}

// SendAgain sends an attempt that the org does not show once more; the system
// asks first outside the demo.
func (d *DeploymentLogs) SendAgain(id string) (workspace.Work, error) {
	return ask(d.shell, "send again", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		if err := d.shell.confirmLog(ctx, w, id, "Send Again"); err != nil {
			return workspace.Work{}, err
		}
		return w.SendAgain(ctx, id)
	})
}

// GiveUp ends an attempt that was not sent, which signs its result; the system
// asks first outside the demo.
func (d *DeploymentLogs) GiveUp(id string) (workspace.LogView, error) {
	return ask(d.shell, "give up", func(ctx context.Context, w *workspace.Workspace) (workspace.LogView, error) {
		if err := d.shell.confirmLog(ctx, w, id, "Give Up"); err != nil {
			return workspace.LogView{}, err
		}
		return w.GiveUp(ctx, id)
	})
}

// OpenStatusPage opens Salesforce's own page about an attempt in the browser.
func (d *DeploymentLogs) OpenStatusPage(id string) error {
	return do(d.shell, "open Salesforce's page", func(ctx context.Context, w *workspace.Workspace) error {
		address, err := w.StatusPage(ctx, id)
		if err != nil {
			return err
		}
		return d.shell.browse(address)
	})
}
