package app

import (
	"context"

	"countersign/backend/workspace"
)

// ChangeRequests is what the page can ask about Change Requests.
type ChangeRequests struct{ shell *shell }

// List gives a page of the workspace's Change Requests, last changed first.
func (c *ChangeRequests) List(offset int) (workspace.ChangeRequestPage, error) {
	return ask(c.shell, "list the change requests", func(ctx context.Context, w *workspace.Workspace) (workspace.ChangeRequestPage, error) {
		return w.ListChangeRequests(ctx, offset)
	})
}
