package app

import (
	"context"

	"countersign/backend/store"
	"countersign/backend/workspace"
)

// Exchange is what the page can ask about files that go to colleagues and
// auditors, and come from them. A file is picked, dropped or opened on this
// side; the page knows it by a token.
type Exchange struct{ shell *shell }

// Sent are the requests that went out before, and which changed since.
func (e *Exchange) Sent() ([]store.SentRequest, error) {
	return ask(e.shell, "list what was sent", func(ctx context.Context, w *workspace.Workspace) ([]store.SentRequest, error) {
		return w.Store.Sent(ctx)
	})
}

// Export writes a bundle where the person says, encrypted if there is a
// passphrase; the system asks first outside the demo. The answer has no name
// when nothing was picked.
func (e *Exchange) Export(what store.Selection, passphrase string) (SavedFile, error) {
	return ask(e.shell, "export a bundle", func(ctx context.Context, w *workspace.Workspace) (SavedFile, error) {
		return e.shell.exportBundle(ctx, w, what, passphrase)
	})
}

// Pick asks for a file by a dialog of the system.
func (e *Exchange) Pick() (PickedFile, error) {
	return ask(e.shell, "pick a file", func(context.Context, *workspace.Workspace) (PickedFile, error) {
		return e.shell.pickExchanged()
	})
}

// PickDropped takes the file that was dropped on the window last, as the event
// "drop" told.
func (e *Exchange) PickDropped(drop string) (PickedFile, error) {
	return ask(e.shell, "take the file", func(context.Context, *workspace.Workspace) (PickedFile, error) {
		return e.shell.pickDropped(drop)
	})
}

// Opened gives, once, the file that Countersign was opened with; without a
// token if there is none.
func (e *Exchange) Opened() (PickedFile, error) {
	return ask(e.shell, "take the file", func(context.Context, *workspace.Workspace) (PickedFile, error) {
		return e.shell.pickOpened()
	})
}

// Preview says what a bundle would bring, and takes nothing in.
func (e *Exchange) Preview(token, passphrase string) (store.Delivery, error) {
	return ask(e.shell, "look into the file", func(ctx context.Context, w *workspace.Workspace) (store.Delivery, error) {
		return e.shell.previewBundle(ctx, w, token, passphrase)
	})
}

// Import takes in the bundle that was looked at, known by its SHA-256; the
// system asks first outside the demo.
func (e *Exchange) Import(token, passphrase, seen string) (store.Delivery, error) {
	return ask(e.shell, "import the file", func(ctx context.Context, w *workspace.Workspace) (store.Delivery, error) {
		return e.shell.importBundle(ctx, w, token, passphrase, seen)
	})
}

// Drafts are the edits by others that wait for a choice, of a request or, with
// no id, of all.
func (e *Exchange) Drafts(request string) ([]workspace.DraftChoice, error) {
	return ask(e.shell, "list the drafts of others", func(ctx context.Context, w *workspace.Workspace) ([]workspace.DraftChoice, error) {
		return w.DraftChoices(ctx, request)
	})
}

// TakeDraft ends a choice: with theirs their draft takes the place of one's
// own, else one's own stays.
func (e *Exchange) TakeDraft(request, digest string, theirs bool) (workspace.RequestView, error) {
	return ask(e.shell, "choose a draft", func(ctx context.Context, w *workspace.Workspace) (workspace.RequestView, error) {
		if _, err := w.TakeDraft(ctx, w.Acting(), request, digest, theirs); err != nil {
			return workspace.RequestView{}, err
		}
		return w.RequestView(ctx, request)
	})
}

// Evidence writes an evidence file where the person says; the system asks first
// outside the demo. The answer has no name when nothing was picked.
func (e *Exchange) Evidence(q store.EvidenceQuery) (SavedFile, error) {
	return ask(e.shell, "write the evidence file", func(ctx context.Context, w *workspace.Workspace) (SavedFile, error) {
		return e.shell.saveEvidence(ctx, w, q)
	})
}

// Verify says what a bundle or an evidence file proves by itself.
func (e *Exchange) Verify(token, passphrase string) (workspace.FileReport, error) {
	return ask(e.shell, "verify the file", func(ctx context.Context, _ *workspace.Workspace) (workspace.FileReport, error) {
		return e.shell.verifyPicked(ctx, token, passphrase)
	})
}

// ShowFile shows a file that was saved or picked in its folder.
func (e *Exchange) ShowFile(token string) error {
	return do(e.shell, "show the folder", func(context.Context, *workspace.Workspace) error {
		return e.shell.showPicked(token)
	})
}
