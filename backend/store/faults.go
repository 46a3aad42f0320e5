package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"

	"countersign/backend/governance"
	gosqlite "github.com/glebarez/go-sqlite"
	"gorm.io/gorm"
)

// The SQLite result codes that a person can do something about
// (https://www.sqlite.org/rescode.html). The low byte is the primary code.
const (
	sqlitePerm      = 3
	sqliteReadonly  = 8
	sqliteInterrupt = 9
	sqliteCorrupt   = 11
	sqliteFull      = 13
	sqliteCantopen  = 14
	sqliteNotadb    = 26
	ioerrWrite      = 10 | 3<<8
	ioerrTruncate   = 10 | 6<<8
	ioerrShmsize    = 10 | 19<<8
)

func notFound(word, id string) error {
	return governance.Faultf("not_found", "There is no %s with the id %s in this workspace.", word, id).
		WithHint("It may be on a colleague's machine; import it from there.")
}

// explain turns what SQLite or the system says into a Fault where a person can
// act on it, and leaves everything else as it is.
func explain(ctx context.Context, dir string, err error) error {
	var f *governance.Fault
	if err == nil || errors.As(err, &f) {
		return err
	}
	if ctx.Err() != nil && errors.Is(err, sql.ErrTxDone) { // between two statements
		return ctx.Err()
	}
	var q *gosqlite.Error
	if errors.As(err, &q) {
		if ctx.Err() != nil && q.Code()&0xff == sqliteInterrupt {
			return ctx.Err()
		}
		if f := sqliteFault(dir, q.Code()); f != nil {
			return f.Because(err)
		}
		return err
	}
	if f := systemFault(dir, err); f != nil {
		return f.Because(err)
	}
	return err
}

func sqliteFault(dir string, code int) *governance.Fault {
	switch code {
	case ioerrWrite, ioerrTruncate, ioerrShmsize:
		return diskFull(dir)
	}
	switch code & 0xff {
	case sqliteFull:
		return diskFull(dir)
	case sqliteCorrupt, sqliteNotadb:
		return corrupt(dir)
	case sqliteReadonly:
		return readOnly(dir)
	case sqliteCantopen, sqlitePerm:
		return dataFolder(dir)
	}
	return nil
}

func systemFault(dir string, err error) *governance.Fault {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EDQUOT), windowsFull(err):
		return diskFull(dir)
	case errors.Is(err, syscall.EROFS):
		return readOnly(dir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return dataFolder(dir)
	}
	return nil
}

// windowsFull knows ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL
// (https://learn.microsoft.com/windows/win32/debug/system-error-codes).
func windowsFull(err error) bool {
	return runtime.GOOS == "windows" && (errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112)))
}

func diskFull(dir string) *governance.Fault {
	return governance.Faultf("disk_full", "The disk that holds %s takes no more.", dir).
		WithHint("Nothing was lost: make room on it and try again.")
}

func readOnly(dir string) *governance.Fault {
	return governance.Faultf("database_readonly", "The workspace in %s cannot be written.", dir).
		WithHint("Allow writing to the folder, or open a copy of it.")
}

func dataFolder(dir string) *governance.Fault {
	return governance.Faultf("data_folder", "The folder %s cannot be used for a workspace.", dir).
		WithHint("Choose a folder on this computer that you can write to.")
}

func corrupt(dir string) *governance.Fault {
	return governance.Faultf("database_corrupt", "The database %s is damaged or is not a database of Countersign.", filepath.Join(dir, databaseName)).
		WithHint("Put back the newest file from %s, or a copy of your own.", filepath.Join(dir, backupsName))
}

func newer(dir string, have, know int) *governance.Fault {
	return governance.Faultf("database_newer", "The database in %s has schema %d; this version of Countersign knows schemas up to %d.", dir, have, know).
		WithHint("Install the newer version of Countersign that wrote it.")
}

func isDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }
