package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// Of each reason for a backup the newest ones stay, and besides the newest one
// of each earlier day: many at once take nothing from the days before.
const (
	keptBackups = 10
	keptDays    = 30
)

// backupTime is how a backup's name tells when it was made.
const backupTime = "20060102T150405.000"

// Backup writes a whole copy of the database beside it and returns its path.
// Blobs are not copied: they never change. The last ten stay, and the newest one
// of each of the thirty days before that had any.
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
	path := filepath.Join(dir, fmt.Sprintf("workspace-%s-%s.db", s.now().Format(backupTime), why))
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
	of := map[string][]string{} // by reason, newest first
	for _, f := range slices.Backward(files) {
		if why, _, ok := backupNamed(f.Name()); ok {
			of[why] = append(of[why], f.Name())
		}
	}
	for _, names := range of {
		for _, old := range outdated(names) {
			if err := os.Remove(filepath.Join(dir, old)); err != nil {
				return err
			}
		}
	}
	return nil
}

// outdated are the backups of one reason that go, of all of them, newest first.
func outdated(names []string) []string {
	out, days, last := []string{}, 0, ""
	for i, name := range names {
		_, day, _ := backupNamed(name)
		first := day != last // the newest of its day
		last = day
		if i < keptBackups {
			continue
		}
		if first {
			days++
		}
		if !first || days > keptDays {
			out = append(out, name)
		}
	}
	return out
}

// backupNamed reads why and on which day a backup was made.
func backupNamed(name string) (why, day string, ok bool) {
	rest, isBackup := strings.CutPrefix(name, "workspace-")
	rest, isDatabase := strings.CutSuffix(rest, ".db")
	at, why, found := strings.Cut(rest, "-")
	made, err := time.Parse(backupTime, at)
	if !isBackup || !isDatabase || !found || why == "" || err != nil {
		return "", "", false
	}
	return why, made.Format(time.DateOnly), true
}

// Settle plays what the -wal file beside a closed database holds into it, so
// that the one file is whole by itself. A database that is not there is left
// alone. Faults: wal_left when another program has it open, database_corrupt,
// and those of the disk.
func Settle(ctx context.Context, path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := soundHeader(dir); err != nil {
		return err
	}
	db, err := connect(ctx, path, writing, 1)
	if err != nil {
		return explain(ctx, dir, err)
	}
	err = db.WithContext(ctx).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error
	if err = errors.Join(err, closeDB(db)); err != nil {
		return explain(ctx, dir, err)
	}
	if left, err := os.Stat(path + "-wal"); err == nil && left.Size() > 0 {
		return governance.Faultf("wal_left", "The last changes of %s are still in a file beside it.", path).WithHint("Close every program that has it open, and try again. Nothing was changed.")
	}
	return nil
}
