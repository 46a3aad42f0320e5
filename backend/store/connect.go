package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/schema"
)

// minimumSQLite is the first release without the WAL-reset bug, which can
// damage a database that has two connections
// (https://www.sqlite.org/releaselog/3_51_3.html).
var minimumSQLite = [3]int{3, 51, 3}

// A pragma is a setting of a connection and what it must read back as: SQLite
// is silent about a name it does not know.
type pragma struct{ name, set, want string }

var pragmas = []pragma{
	{"busy_timeout", "10000", "10000"}, // first, so that the others wait too
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"}, // NORMAL may lose the last commits when power fails
	{"foreign_keys", "ON", "1"},
	{"trusted_schema", "OFF", "0"},
	{"cell_size_check", "ON", "1"},
	{"recursive_triggers", "ON", "1"}, // INSERT OR REPLACE asks the delete triggers too
	{"mmap_size", "0", "0"},
	{"cache_size", "-8192", "-8192"}, // 8 MB: the usual two are less than one list of a large workspace reads
	{"fullfsync", "ON", "1"},         // macOS: fsync alone does not reach the disk
	{"checkpoint_fullfsync", "ON", "1"},
}

type access string

const (
	writing  access = "writing"
	reading  access = "reading"
	pristine access = "pristine" // immutable: nothing is written, created or locked
)

// dsn is the one place that knows how the driver wants to be asked. The path
// is escaped because '#' and '?' would cut a file: URI. Never add
// _time_format: the driver forgets _txlock when it sees one.
func dsn(path string, a access) string {
	q := url.Values{}
	for _, p := range pragmas {
		if a == pristine && p.name == "journal_mode" {
			continue
		}
		q.Add("_pragma", p.name+"("+p.set+")")
	}
	switch a {
	case writing:
		q.Set("_txlock", "immediate")
	case reading:
		q.Add("_pragma", "query_only(1)")
	case pristine:
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	opaque := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return (&url.URL{Scheme: "file", Opaque: opaque, RawQuery: q.Encode()}).String()
}

// connect opens a pool and asserts its version and settings.
func connect(ctx context.Context, path string, a access, size int) (*gorm.DB, error) {
	pool, err := sql.Open(sqlite.DriverName, dsn(path, a))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := assert(ctx, pool, a); err != nil {
		_ = pool.Close()
		return nil, err
	}
	db, err := gorm.Open(&sqlite.Dialector{Conn: pool}, &gorm.Config{
		SkipDefaultTransaction: true, // every door has its own
		TranslateError:         true,
		// Values of a person's records do not belong in a log.
		Logger:         logger.New(silent{}, logger.Config{ParameterizedQueries: true, LogLevel: logger.Silent}),
		NamingStrategy: naming{},
		NowFunc:        func() time.Time { return time.Now().UTC() },
	})
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	return db, nil
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// naming is GORM's own naming with the two tables whose names say more than
// their types.
type naming struct{ schema.NamingStrategy }

func (n naming) TableName(structName string) string {
	switch structName {
	case "SignedAct":
		return "acts"
	case "Entry":
		return "log_entries"
	}
	return n.NamingStrategy.TableName(structName)
}

func assert(ctx context.Context, pool *sql.DB, a access) error {
	var version string
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if !recent(version) {
		return fmt.Errorf("SQLite %s is older than %v: it can damage the database", version, minimumSQLite)
	}
	for _, p := range pragmas {
		if a == pristine && p.name == "journal_mode" {
			continue
		}
		var got string
		err := pool.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&got)
		if err == sql.ErrNoRows && p.name == "mmap_size" {
			continue // built without it
		}
		if err != nil {
			return fmt.Errorf("read the setting %s: %w", p.name, err)
		}
		if !strings.EqualFold(got, p.want) {
			return fmt.Errorf("the setting %s is %q, not %q", p.name, got, p.want)
		}
	}
	return nil
}

func recent(version string) bool {
	for i, part := range strings.SplitN(version, ".", 4) {
		n, err := strconv.Atoi(part)
		if err != nil || i >= len(minimumSQLite) {
			return err == nil
		}
		if n != minimumSQLite[i] {
			return n > minimumSQLite[i]
		}
	}
	return true
}

func closeDB(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}
