package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keptBackups is how many backups stay.
const keptBackups = 10

// Backup writes a whole copy of the database beside it and returns its path.
// Blobs are not copied: they never change. The last ten backups are kept.
func (s *Store) Backup(ctx context.Context) (string, error) {
	if s.w == nil {
		return "", readOnly(s.dir)
	}
	path, err := s.backup(ctx, "copy")
	return path, s.explained(ctx, err)
}

// backup names its file by time and why, so that sorting by name is sorting by
// age.
func (s *Store) backup(ctx context.Context, why string) (string, error) {
	dir := s.path(backupsName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fmt.Sprintf("workspace-%s-%s.db", s.now().Format("20060102T150405.000"), why))
	// VACUUM INTO takes an empty file; made here, it is for its owner alone.
	tmp, err := os.CreateTemp(dir, "unfinished-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	if err := tmp.Close(); err != nil {
		return "", err
	}
	if err := s.w.WithContext(ctx).Exec("VACUUM INTO ?", tmp.Name()).Error; err != nil {
		return "", err
	}
	if err := errors.Join(syncFile(tmp.Name()), os.Rename(tmp.Name(), path), syncFile(dir)); err != nil {
		return "", err
	}
	return path, prune(dir)
}

func prune(dir string) error {
	files, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(f os.DirEntry) bool {
		return !strings.HasPrefix(f.Name(), "workspace-") || filepath.Ext(f.Name()) != ".db"
	})
	for _, old := range files[:max(0, len(files)-keptBackups)] {
		if err := os.Remove(filepath.Join(dir, old.Name())); err != nil {
			return err
		}
	}
	return nil
}
