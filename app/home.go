package app

import (
	"context"

	"countersign/backend/workspace"
)

// Home is what the page can ask for its first page and its tray.
type Home struct{ shell *shell }

// Today is what waits, runs, failed and expires.
func (h *Home) Today() (workspace.Today, error) {
	return ask(h.shell, "look at today", func(ctx context.Context, w *workspace.Workspace) (workspace.Today, error) {
		return w.Today(ctx)
	})
}

// Works lists what runs or ran in this window, newest first.
func (h *Home) Works() ([]workspace.Work, error) {
	return ask(h.shell, "list the work", func(_ context.Context, w *workspace.Workspace) ([]workspace.Work, error) {
		return w.Works(), nil
	})
}

// Dismiss takes an ended work off the list.
func (h *Home) Dismiss(id string) error {
	return do(h.shell, "dismiss", func(_ context.Context, w *workspace.Workspace) error {
		w.Dismiss(id)
		return nil
	})
}
