package store

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/glebarez/sqlite"
)

// Peek reads whose a closed and whole copy of a database is, and how long its
// audit trail, without changing anything beside it. Faults: those of reading.
func Peek(ctx context.Context, path string) (workspace string, entries int64, err error) {
	if _, err := os.Stat(path); err != nil {
		return "", 0, err
	}
	db, err := connect(ctx, path, pristine, 1)
	if err != nil {
		return "", 0, explain(ctx, path, err)
	}
	defer func() { err = errors.Join(err, closeDB(db)) }()
	if workspace, err = workspaceID(db.WithContext(ctx)); err != nil {
		return "", 0, explain(ctx, path, err)
	}
	entries, err = sizeOf(db.WithContext(ctx))
	return workspace, entries, explain(ctx, path, err)
}

// SQLiteVersion is the version of the database engine in this program.
func SQLiteVersion(ctx context.Context) (version string, err error) {
	db, err := sql.Open(sqlite.DriverName, ":memory:")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return version, err
}
