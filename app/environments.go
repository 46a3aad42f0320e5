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
		c := workspace.Credentials{Password: salesforce.NewSecret(secrets.Password), Token: salesforce.NewSecret(secrets.Token),
			ConsumerSecret: salesforce.NewSecret(secrets.ConsumerSecret)}
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

// SignInRecipe is what an External Client App needs.
func (e *Environments) SignInRecipe() workspace.SignInRecipe { return workspace.Recipe() }

// CLIOrgs lists the orgs that the sf CLI is signed in to.
func (e *Environments) CLIOrgs() ([]salesforce.CLIOrg, error) {
	return ask(e.shell, "list the orgs of the sf CLI", func(ctx context.Context, _ *workspace.Workspace) ([]salesforce.CLIOrg, error) {
		return salesforce.CLIOrgs(ctx)
	})
}

// SignIn signs in with the browser and says who we are where. It returns when
// the person came back, cancelled or let the time pass.
func (e *Environments) SignIn(id string) (workspace.Connection, error) {
	return ask(e.shell, "sign in", func(ctx context.Context, w *workspace.Workspace) (workspace.Connection, error) {
		return w.SignIn(ctx, id, e.shell.openSignIn)
	})
}

// ConfirmSignIn keeps the first sign-in of an environment, which the person saw.
func (e *Environments) ConfirmSignIn(id, offer string) (workspace.Connection, error) {
	return ask(e.shell, "confirm the sign-in", func(ctx context.Context, w *workspace.Workspace) (workspace.Connection, error) {
		return w.ConfirmSignIn(ctx, id, offer)
	})
}

// DeclineSignIn lets go of a first sign-in that is not the right one.
func (e *Environments) DeclineSignIn(id, offer string) (workspace.EnvironmentView, error) {
	return ask(e.shell, "let go of the sign-in", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		if err := w.DeclineSignIn(ctx, id, offer); err != nil {
			return workspace.EnvironmentView{}, err
		}
		return w.EnvironmentView(ctx, id)
	})
}

// RemoveSecret takes the consumer secret off this computer.
func (e *Environments) RemoveSecret(id string) (workspace.EnvironmentView, error) {
	return ask(e.shell, "remove the consumer secret", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		if err := w.RemoveSecret(ctx, id); err != nil {
			return workspace.EnvironmentView{}, err
		}
		return w.EnvironmentView(ctx, id)
	})
}

// CancelSignIn ends a sign-in that waits for the browser.
func (e *Environments) CancelSignIn(id string) error {
	return do(e.shell, "cancel the sign-in", func(_ context.Context, w *workspace.Workspace) error {
		w.CancelSignIn(id)
		return nil
	})
}

// ShowSignIn opens the page of a sign-in that waits once more.
func (e *Environments) ShowSignIn(id string) error {
	return do(e.shell, "open the sign-in page", func(_ context.Context, w *workspace.Workspace) error {
		address, err := w.SignInPage(id)
		if err != nil {
			return err
		}
		return e.shell.openSignIn(address)
	})
}

// CopySignIn copies the address of the page of a sign-in that waits.
func (e *Environments) CopySignIn(id string) error {
	return do(e.shell, "copy the address of the sign-in page", func(_ context.Context, w *workspace.Workspace) error {
		address, err := w.SignInPage(id)
		if err != nil {
			return err
		}
		return e.shell.copyText(address)
	})
}

// SignOut ends what this computer was granted, at Salesforce and here.
func (e *Environments) SignOut(id string) (workspace.EnvironmentView, error) {
	return ask(e.shell, "sign out", func(ctx context.Context, w *workspace.Workspace) (workspace.EnvironmentView, error) {
		if err := w.SignOut(ctx, id); err != nil {
			return workspace.EnvironmentView{}, err
		}
		return w.EnvironmentView(ctx, id)
	})
}

// Diagnose finds out what a connection lacks.
func (e *Environments) Diagnose(id string) (workspace.Diagnosis, error) {
	return ask(e.shell, "examine the connection", func(ctx context.Context, w *workspace.Workspace) (workspace.Diagnosis, error) {
		return w.Diagnose(ctx, id)
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

// Outside pages what was changed in an org outside the process.
func (e *Environments) Outside(id string, q workspace.OutsideQuery) (workspace.OutsidePage, error) {
	return ask(e.shell, "list what was changed outside", func(ctx context.Context, w *workspace.Workspace) (workspace.OutsidePage, error) {
		return w.Outside(ctx, id, q)
	})
}

// CheckOutside reads what was changed in an org since the last reading, or all
// that the org still knows.
func (e *Environments) CheckOutside(id string, everything bool) (workspace.Reconciled, error) {
	return ask(e.shell, "check for changes outside", func(ctx context.Context, w *workspace.Workspace) (workspace.Reconciled, error) {
		return w.CheckOutside(ctx, id, everything)
	})
}

// ResolveOutside signs what became of changes outside the process.
func (e *Environments) ResolveOutside(id string, wish workspace.OutsideWish) (workspace.OutsideAnswer, error) {
	return ask(e.shell, "resolve what was changed outside", func(ctx context.Context, w *workspace.Workspace) (workspace.OutsideAnswer, error) {
		if err := e.shell.confirmResolution(ctx, w, id, wish); err != nil {
			return workspace.OutsideAnswer{}, err
		}
		return w.ResolveOutside(ctx, id, wish)
	})
}

// ProbablyDeployed lists what is probably of a deployment and named by none.
func (e *Environments) ProbablyDeployed(id string) ([]workspace.ProbableChange, error) {
	return ask(e.shell, "list what is probably of a deployment", func(ctx context.Context, w *workspace.Workspace) ([]workspace.ProbableChange, error) {
		return w.ProbablyDeployed(ctx, id)
	})
}

// FindProbable signs what is not of a deployment as found outside the process.
func (e *Environments) FindProbable(id string, refs []string) (int64, error) {
	return ask(e.shell, "record a change outside", func(ctx context.Context, w *workspace.Workspace) (int64, error) {
		return w.FindProbable(ctx, id, refs)
	})
}

// OpenOutside opens Salesforce's own page about a change in the browser.
func (e *Environments) OpenOutside(id, act string) error {
	return do(e.shell, "open Salesforce's page", func(ctx context.Context, w *workspace.Workspace) error {
		address, err := w.OutsideAddress(ctx, id, act)
		if err != nil {
			return err
		}
		return e.shell.browse(address)
	})
}
