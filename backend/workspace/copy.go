package workspace

import (
	"context"
	"os"
	"path/filepath"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// throwAway marks a folder that was made to be forged in.
const throwAway = "THROW-AWAY-COPY"

// CopyTo makes a throw-away copy of a demo workspace, with its keys and orgs,
// for showing what a forger would find.
func (w *Workspace) CopyTo(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, throwAway), []byte("This copy may be forged; nothing in it is real.\n"), 0o600); err != nil {
		return err
	}
	if err := w.Store.CopyTo(ctx, dir); err != nil {
		return err
	}
	for _, sub := range []string{"keys", "orgs"} {
		from := filepath.Join(w.dir, sub)
		if !isFolder(from) {
			continue
		}
		if err := copyPrivate(from, filepath.Join(dir, sub)); err != nil {
			return err
		}
	}
	return nil
}

// copyPrivate copies a folder for its owner's eyes only.
func copyPrivate(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o600)
	})
}

// Forge changes the database of a throw-away copy past every door, as a forger
// would. Any other folder is refused.
func Forge(ctx context.Context, dir, statement string) error {
	if _, err := os.Stat(filepath.Join(dir, throwAway)); err != nil {
		return governance.Faultf("not_a_copy", "%s is not a throw-away copy.", dir)
	}
	return store.Forge(ctx, dir, statement)
}
