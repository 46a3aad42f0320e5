package app

import (
	"context"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// ChangeRequests is what the page can ask about Change Requests.
type ChangeRequests struct{ shell *shell }

// List gives every Change Request of the workspace.
func (c *ChangeRequests) List() ([]governance.ChangeRequest, error) {
	return list(c.shell, "list the change requests", func(ctx context.Context, w *workspace.Workspace) ([]governance.ChangeRequest, error) {
		return w.ListChangeRequests(ctx)
	})
}
