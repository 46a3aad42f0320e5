package app

import (
	"context"

	"countersign/backend/workspace"
)

// Settings is what the page can ask about the program itself.
type Settings struct{ shell *shell }

// An About says what this program is.
type About struct {
	Version string `json:"version"`
	Data    string `json:"data"` // the data folder
	SQLite  string `json:"sqlite"`
	System  string `json:"system"`
	License string `json:"license"`
}

// Preferences are how the person likes the window, by key.
func (s *Settings) Preferences() (map[string]string, error) { return s.shell.preferences() }

// Prefer keeps a preference; an empty value takes it away.
func (s *Settings) Prefer(key, value string) error { return s.shell.prefer(key, value) }

// About says what this program is.
func (s *Settings) About() (About, error) { return s.shell.about() }

// Backups lists the kept copies of the database, newest first.
func (s *Settings) Backups() ([]workspace.BackupFile, error) {
	return ask(s.shell, "list the backups", func(ctx context.Context, w *workspace.Workspace) ([]workspace.BackupFile, error) {
		return w.Backups(ctx)
	})
}

// BackUp writes a copy of the database now.
func (s *Settings) BackUp() (workspace.BackupFile, error) {
	return ask(s.shell, "back up", func(ctx context.Context, w *workspace.Workspace) (workspace.BackupFile, error) {
		return w.BackUp(ctx)
	})
}

// BackUpTo writes the whole workspace into a folder that the person picks, and
// gives its name; empty when nothing was picked.
func (s *Settings) BackUpTo() (string, error) {
	return ask(s.shell, "back up", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		return s.shell.backUpTo(ctx, w)
	})
}

// Restore puts a kept copy in place of the database and opens it.
func (s *Settings) Restore(name string) (workspace.State, error) { return s.shell.restore(name) }

// OpenFolder shows the workspace's folder in the system's file manager.
func (s *Settings) OpenFolder() error {
	return do(s.shell, "open the folder", func(_ context.Context, w *workspace.Workspace) error {
		return s.shell.system.show(w.Dir())
	})
}

// OpenLink opens one of Salesforce's own pages, which the program knows by a
// word.
func (s *Settings) OpenLink(word string) error { return s.shell.openLink(word) }

// OpenAddress opens an https address that a person wrote into a record, after
// asking; others are refused.
func (s *Settings) OpenAddress(address string) error { return s.shell.openAddress(address) }

// Copy puts a text on the clipboard.
func (s *Settings) Copy(text string) error { return s.shell.copyText(text) }

// Print opens the system's way to print the page.
func (s *Settings) Print() error { return s.shell.print() }
