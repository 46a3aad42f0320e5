package app

import (
	"context"

	"countersign/backend/workspace"
)

// Delegations is what the page can ask about who votes in whose place.
type Delegations struct{ shell *shell }

// List gives all delegations, and whether the person may make one.
func (d *Delegations) List() (workspace.Delegations, error) {
	return ask(d.shell, "list the delegations", func(ctx context.Context, w *workspace.Workspace) (workspace.Delegations, error) {
		return w.Delegations(ctx)
	})
}

// Give lets another member vote in the person's place; the system asks first
// outside the demo.
func (d *Delegations) Give(fields workspace.DelegationFields) (workspace.Delegations, error) {
	return ask(d.shell, "delegate", func(ctx context.Context, w *workspace.Workspace) (workspace.Delegations, error) {
		if err := d.shell.confirmDelegation(ctx, w, fields); err != nil {
			return workspace.Delegations{}, err
		}
		return w.GiveDelegation(ctx, fields)
	})
}

// End ends a delegation before its time; the system asks first outside the
// demo.
func (d *Delegations) End(act, reason string) (workspace.Delegations, error) {
	return ask(d.shell, "end the delegation", func(ctx context.Context, w *workspace.Workspace) (workspace.Delegations, error) {
		if err := d.shell.confirmEnd(ctx, w, act, reason); err != nil {
			return workspace.Delegations{}, err
		}
		return w.EndDelegation(ctx, act, reason)
	})
}
