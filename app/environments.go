package app

import (
	"context"

	"countersign/backend/salesforce"
	"countersign/backend/workspace"
)

// Environments is what the page can ask about orgs.
type Environments struct{ shell *shell }

// List gives the environments by name.
func (e *Environments) List() ([]workspace.EnvironmentView, error) {
	return ask(e.shell, "list the environments", func(ctx context.Context, w *workspace.Workspace) ([]workspace.EnvironmentView, error) {
		return w.EnvironmentViews(ctx)
	})
}

// Get gives one environment.
func (e *Environments) Get(id string) (workspace.EnvironmentView, error) {
	return ask(e.shell, "open the environment", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		return w.EnvironmentView(ctx, id)
	})
}

// Save saves an environment; an empty id makes a new one.
func (e *Environments) Save(id string, fields workspace.EnvironmentFields) (workspace.EnvironmentView, error) {
	return ask(e.shell, "save the environment", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		return w.EditEnvironment(ctx, id, fields)
	})
}

// SaveCredentials keeps credentials in the keychain.
func (e *Environments) SaveCredentials(id string, secrets workspace.Secrets) (workspace.EnvironmentView, error) {
	return ask(e.shell, "save the credentials", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		c := workspace.Credentials{Password: salesforce.NewSecret(secrets.Password), Token: salesforce.NewSecret(secrets.Token)}
		if err := w.SaveCredentials(ctx, w.Acting(), id, c); err != nil {
			return workspace.EnvironmentView{}, err
		}
		return w.EnvironmentView(ctx, id)
	})
}

// TestConnection signs in anew and says who we are where.
func (e *Environments) TestConnection(id string) (workspace.Connection, error) {
	return ask(e.shell, "test the connection", func(ctx context.Context, w *workspace.Workspace) (workspace.Connection, error) {
		return w.Connect(ctx, id)
	})
}

// RunScan begins an inventory.
func (e *Environments) RunScan(id string) (workspace.Work, error) {
	return ask(e.shell, "run the scan", func(ctx context.Context, w *workspace.Workspace) (workspace.Work, error) {
		return w.StartInventory(ctx, id)
	})
}

// Inventory pages the last inventory.
func (e *Environments) Inventory(id string, q workspace.InventoryQuery) (workspace.InventoryPage, error) {
	return ask(e.shell, "read the inventory", func(ctx context.Context, w *workspace.Workspace) (workspace.InventoryPage, error) {
		return w.Inventory(ctx, id, q)
	})
}

// Summary counts the last inventory.
func (e *Environments) Summary(id string) (workspace.InventorySummary, error) {
	return ask(e.shell, "count the inventory", func(ctx context.Context, w *workspace.Workspace) (workspace.InventorySummary, error) {
		return w.InventorySummary(ctx, id)
	})
}
