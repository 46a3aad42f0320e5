package workspace

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
)

// TakeFolder makes a folder private and keeps a second Countersign out of it
// until the Closer is closed or the process ends, however it ends. Faults:
// data_folder, database_readonly, disk_full, second_instance.
func TakeFolder(dir string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, diskFault(dir, governance.Faultf("data_folder", "The folder %s cannot be made.", dir).WithHint("Choose another with --data DIR or COUNTERSIGN_DATA.").Because(err))
	}
	if err := os.Chmod(dir, 0o700); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, diskFault(dir, governance.Faultf("database_readonly", "The folder %s cannot be written.", dir).WithHint("Give yourself the right to write there, or choose another folder with --data DIR.").Because(err))
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, governance.Faultf("second_instance", "Countersign is already open on %s.", dir).WithHint("Use the one that is open, or close it first.").Because(err)
	}
	return &folderLock{f}, nil
}

type folderLock struct{ *os.File }

// Close unlocks before it closes: a program that is being started at this
// moment has a copy of the file until it runs, and would hold the lock on.
func (l *folderLock) Close() error { return errors.Join(unlockFile(l.File), l.File.Close()) }

// diskFault says what a person can do about a disk that takes nothing, which a
// keychain in a folder or a demo org does not say by itself, and hands every
// other error back.
func diskFault(dir string, err error) error {
	var own *demoorg.Error
	switch {
	case errors.Is(err, errDiskFull):
		return governance.Faultf("disk_full", "The disk that holds %s takes no more.", dir).WithHint("Nothing was lost: make room on it and try again.").Because(err)
	case errors.Is(err, syscall.EROFS):
		return governance.Faultf("database_readonly", "The folder %s cannot be written.", dir).WithHint("Give yourself the right to write there, or choose another folder with --data DIR.").Because(err)
	case errors.As(err, &own):
		return (&governance.Fault{Code: own.Code, Message: own.Message, Hint: own.Hint}).Because(err)
	}
	return err
}

// inUse reports whether a folder holds what only a workspace that was worked in
// has: stored files.
func inUse(dir string) bool {
	kept, err := os.ReadDir(filepath.Join(dir, "blobs"))
	return err == nil && len(kept) > 0
}

func emptied(dir string) error {
	return governance.Faultf("database_empty", "The database in %s is empty: it holds no workspace.", dir).
		WithHint("If there was one, put back the newest file from %s, or a copy of your own.", filepath.Join(dir, "backups"))
}
