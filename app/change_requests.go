package app

import (
	"context"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// ChangeRequests is what the page can ask about Change Requests.
type ChangeRequests struct{ shell *shell }

// List gives a page of the workspace's Change Requests.
func (c *ChangeRequests) List(q workspace.RequestQuery) (workspace.RequestPage, error) {
	return ask(c.shell, "list the change requests", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestPage, error) {
		return w.RequestRows(ctx, q)
	})
}

// Get gives one Change Request.
func (c *ChangeRequests) Get(id string) (workspace.RequestView, error) {
	return ask(c.shell, "open the change request", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.RequestView(ctx, id)
	})
}

// Save saves the fields of a draft; an empty id makes a new one.
func (c *ChangeRequests) Save(id string, fields workspace.RequestFields) (workspace.RequestView, error) {
	return ask(c.shell, "save the change request", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.SaveRequest(ctx, id, fields)
	})
}

// Undo takes the last edit of a draft back.
func (c *ChangeRequests) Undo(id string) (workspace.RequestView, error) {
	return ask(c.shell, "undo", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.UndoRequest(ctx, id)
	})
}

// Redo does again what was taken back.
func (c *ChangeRequests) Redo(id string) (workspace.RequestView, error) {
	return ask(c.shell, "redo", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.RedoRequest(ctx, id)
	})
}

// Duplicate makes a new draft with the content of a request.
func (c *ChangeRequests) Duplicate(id string) (workspace.RequestView, error) {
	return ask(c.shell, "duplicate the change request", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.DuplicateRequest(ctx, id)
	})
}

// Delete deletes a draft that was never submitted.
func (c *ChangeRequests) Delete(id string) error {
	return do(c.shell, "delete the change request", func(ctx context.Context, w *workspace.Workspace) error {
		return w.DeleteRequest(ctx, id)
	})
}

// Content pages the customizations of a request.
func (c *ChangeRequests) Content(id string, q workspace.ContentQuery) (workspace.ContentPage, error) {
	return ask(c.shell, "list the customizations", func(ctx context.Context, w *workspace.Workspace) (workspace.ContentPage, error) {
		return w.RequestContent(ctx, id, q)
	})
}

// Add adds customizations to a draft, or changes what is to happen to them.
func (c *ChangeRequests) Add(id string, customizations []governance.Customization) (workspace.RequestView, error) {
	return ask(c.shell, "add customizations", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.AddCustomizations(ctx, id, customizations)
	})
}

// Remove takes customizations out of a draft.
func (c *ChangeRequests) Remove(id string, customizations []governance.Customization) (workspace.RequestView, error) {
	return ask(c.shell, "remove customizations", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.RemoveCustomizations(ctx, id, customizations)
	})
}

// CheckNames checks the names of proposed customizations.
func (c *ChangeRequests) CheckNames(customizations []governance.Customization) ([]workspace.NameCheck, error) {
	return ask(c.shell, "check names", func(_ context.Context, w *workspace.Workspace) ([]workspace.NameCheck, error) {
		return w.CheckNames(customizations), nil
	})
}

// Impact says what a request touches beside itself.
func (c *ChangeRequests) Impact(id string) (workspace.Impact, error) {
	return ask(c.shell, "look at the impact", func(ctx context.Context, w *workspace.Workspace) (workspace.Impact, error) {
		return w.RequestImpact(ctx, id)
	})
}

// Activity is what happened to a request or a record, newest first.
func (c *ChangeRequests) Activity(id string) ([]workspace.Happening, error) {
	return ask(c.shell, "list what happened", func(ctx context.Context, w *workspace.Workspace) ([]workspace.Happening, error) {
		return w.Activity(ctx, id)
	})
}

// Do does a lifecycle action. In a workspace that is no demo the person is
// asked by the system first; the fault declined says that the answer was No.
func (c *ChangeRequests) Do(id string, wish workspace.Wish) (workspace.RequestView, error) {
	return ask(c.shell, "change the request", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		asked, err := c.shell.confirmRequest(ctx, w, id, wish)
		if err != nil {
			return workspace.RequestView{}, err
		}
		return w.DoRequest(ctx, id, asked)
	})
}

// ImportText adds a package.xml that was pasted or dropped.
func (c *ChangeRequests) ImportText(id, name, xml string) (workspace.RequestView, error) {
	return ask(c.shell, "import the package manifest", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		if _, err := w.ImportManifest(ctx, w.Acting(), id, name, []byte(xml)); err != nil {
			return workspace.RequestView{}, err
		}
		return w.RequestView(ctx, id)
	})
}

// Import adds a package.xml that the person picks. Nothing picked changes
// nothing.
func (c *ChangeRequests) Import(id string) (workspace.RequestView, error) {
	return ask(c.shell, "import the package manifest", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return c.shell.importManifest(ctx, w, id)
	})
}

// RemoveManifest takes an imported package manifest out of a draft.
func (c *ChangeRequests) RemoveManifest(id, name string) (workspace.RequestView, error) {
	return ask(c.shell, "remove the package manifest", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.RemoveManifest(ctx, id, name)
	})
}

// Export saves the request as a package.xml where the person says, and gives
// the name of the file; empty when nothing was picked.
func (c *ChangeRequests) Export(id string) (string, error) {
	return ask(c.shell, "export the package manifest", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		return c.shell.exportManifest(ctx, w, id)
	})
}

// ExportText is the request as a package.xml.
func (c *ChangeRequests) ExportText(id string) (string, error) {
	return ask(c.shell, "export the package manifest", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		xml, err := w.ExportManifest(ctx, id, "")
		return string(xml), err
	})
}

// Attach adds a file that the person picks.
func (c *ChangeRequests) Attach(id string) (workspace.RequestView, error) {
	return ask(c.shell, "attach the file", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return c.shell.attach(ctx, w, id)
	})
}

// AttachDropped adds the files that were dropped on the window last, as the
// event "drop" told: package manifests are imported.
func (c *ChangeRequests) AttachDropped(id, drop string) (workspace.RequestView, error) {
	return ask(c.shell, "attach the files", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return c.shell.attachDropped(ctx, w, id, drop)
	})
}

// RemoveAttachment takes a file out of a draft.
func (c *ChangeRequests) RemoveAttachment(id, name string) (workspace.RequestView, error) {
	return ask(c.shell, "remove the file", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		return w.RemoveAttachment(ctx, id, name)
	})
}

// SaveAttachment saves an attached file where the person says, and gives the
// name of the file; empty when nothing was picked.
func (c *ChangeRequests) SaveAttachment(id, name string) (string, error) {
	return ask(c.shell, "save the file", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		return c.shell.saveAttachment(ctx, w, id, name)
	})
}

// Review reviews a deployed emergency; the system asks first outside the demo.
// Seen is the digest of the content that was looked at.
func (c *ChangeRequests) Review(id string, verdict governance.Verdict, reason, seen string) (workspace.RequestView, error) {
	return ask(c.shell, "review the emergency", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		if err := c.shell.confirmReview(ctx, w, id, verdict, reason); err != nil {
			return workspace.RequestView{}, err
		}
		return w.ReviewRequest(ctx, id, verdict, reason, seen)
	})
}

// Remind writes a reminder for the person to mail, and notes it in the audit
// trail.
func (c *ChangeRequests) Remind(id string) (workspace.Reminder, error) {
	return ask(c.shell, "write a reminder", func(ctx context.Context, w *workspace.Workspace) (workspace.Reminder, error) {
		return w.RequestReminder(ctx, id)
	})
}

// Since compares a request or a record with the revision that the person looked
// at last.
func (c *ChangeRequests) Since(id, seen string) (workspace.Since, error) {
	return ask(c.shell, "compare with what you looked at", func(ctx context.Context, w *workspace.Workspace) (workspace.Since, error) {
		return w.ChangesSince(ctx, id, seen)
	})
}
