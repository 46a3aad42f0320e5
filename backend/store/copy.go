package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"countersign/backend/ledger"
)

// CopyTo writes a whole copy of the workspace's database and blobs into an
// empty folder. Backups stay behind.
func (s *Store) CopyTo(ctx context.Context, dir string) error {
	path := filepath.Join(dir, databaseName)
	if err := touch(path); err != nil { // VACUUM INTO takes an empty file; made here, it is private
		return err
	}
	if err := s.w.WithContext(ctx).Exec("VACUUM INTO ?", path).Error; err != nil {
		return s.explained(ctx, fmt.Errorf("copy the database: %w", err))
	}
	return filepath.WalkDir(s.path(blobsName), func(from string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.dir, from)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		return copyFile(from, to)
	})
}

// Forge runs a statement on a workspace's database past every door and every
// trigger, as somebody with the file in hand would. It is for showing on
// throw-away copies that this is found out; package workspace sees to that.
func Forge(ctx context.Context, dir, statement string) error {
	db, err := connect(ctx, filepath.Join(dir, databaseName), writing, 1)
	if err != nil {
		return err
	}
	return errors.Join(db.WithContext(ctx).Exec(statement).Error, closeDB(db))
}

// Acts are all signed acts, in the order in which they were stored.
func (s *Store) Acts(ctx context.Context) ([]ledger.SignedAct, error) {
	acts := []ledger.SignedAct{}
	return acts, s.explained(ctx, s.query(ctx).Order("rowid").Find(&acts).Error)
}
