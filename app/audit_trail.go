package app

import (
	"context"

	"countersign/backend/workspace"
)

// AuditTrail is what the page can ask about the audit trail.
type AuditTrail struct{ shell *shell }

// List gives a part of the audit trail, newest first.
func (a *AuditTrail) List(q workspace.TrailQuery) (workspace.TrailPage, error) {
	return ask(a.shell, "list the audit trail", func(ctx context.Context, w *workspace.Workspace) (workspace.TrailPage, error) {
		return w.TrailPage(ctx, q)
	})
}

// Entry is an entry as it was logged, as JSON.
func (a *AuditTrail) Entry(index int64) (string, error) {
	return ask(a.shell, "read the entry", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		return w.TrailEntryJSON(ctx, index)
	})
}

// Proof is what the last verification proved.
func (a *AuditTrail) Proof() (workspace.TrailProof, error) {
	return ask(a.shell, "read the proof", func(_ context.Context, w *workspace.Workspace) (workspace.TrailProof, error) {
		return w.TrailProof(), nil
	})
}

// Verify begins to verify everything.
func (a *AuditTrail) Verify() (workspace.Work, error) {
	return ask(a.shell, "verify", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		return w.StartVerify(ctx)
	})
}

// Rebuild sets what was changed by hand to what the signed acts say; the system
// asks first outside the demo.
func (a *AuditTrail) Rebuild() ([]workspace.Said, error) {
	return ask(a.shell, "rebuild", func(ctx context.Context, w *workspace.Workspace) ([]workspace.Said, error) {
		asked, err := a.shell.confirmRebuild(ctx, w)
		if err != nil {
			return nil, err
		}
		return w.RebuildRows(ctx, asked...)
	})
}
