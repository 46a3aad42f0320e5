package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A migration brings the schema from the version before to this one.
type migration struct {
	version int
	name    string
	sql     string
}

// released lists the embedded migrations: 1, 2, 3 without a gap, which a test
// holds.
func released() []migration {
	ms, err := migrationsIn(migrationFiles)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return ms
}

func migrationsIn(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	ms := []migration{}
	for i, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.Atoi(number)
		if err != nil || n != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		ms = append(ms, migration{n, path.Base(name), string(text)})
	}
	return ms, nil
}

// migrationEntry is the log entry "migrate": an older schema was brought up to
// date.
type migrationEntry struct {
	At   string `json:"at"`
	From int64  `json:"from"`
	To   int64  `json:"to"`
}

// migrate applies what is missing, each migration in a transaction of its own
// with the version, after a backup of what was there.
func (s *Store) migrate(ctx context.Context, ms []migration) error {
	have, err := versionOf(s.w.WithContext(ctx))
	if err != nil {
		return err
	}
	if have > len(ms) {
		return newer(s.dir, have, len(ms))
	}
	for _, m := range ms[have:] {
		if m.version > 1 {
			if _, err := s.backup(ctx, fmt.Sprintf("schema%d", m.version-1)); err != nil {
				return fmt.Errorf("back up before migration %s: %w", m.name, err)
			}
		}
		if err := s.apply(ctx, m); err != nil {
			return fmt.Errorf("apply migration %s: %w", m.name, err)
		}
	}
	return nil
}

func (s *Store) apply(ctx context.Context, m migration) error {
	return s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := run(tx, m); err != nil {
			return err
		}
		d := &door{db: tx, s: s, at: s.now()}
		var err error
		if d.head, err = headOf(tx); err != nil || d.head.Size == 0 {
			return err
		}
		return d.append("migrate", migrationEntry{At: stamp(d.at), From: int64(m.version - 1), To: int64(m.version)})
	})
}

func run(tx *gorm.DB, m migration) error {
	if err := tx.Exec(m.sql).Error; err != nil {
		return err
	}
	return tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", m.version)).Error
}

func versionOf(db *gorm.DB) (int, error) {
	var n int
	return n, db.Raw("PRAGMA user_version").Scan(&n).Error
}

// A schemaItem is one row of sqlite_schema: a table, index, trigger or view
// with the text that made it.
type schemaItem struct{ Type, Name, TblName, SQL string }

const schemaQuery = "SELECT type, name, tbl_name, coalesce(sql, '') AS sql FROM sqlite_schema ORDER BY type, name"

func readSchema(db *gorm.DB) ([]schemaItem, error) {
	items := []schemaItem{}
	return items, db.Raw(schemaQuery).Scan(&items).Error
}

// releasedSchema is made once: every Open needs it.
var releasedSchema = sync.OnceValues(func() ([]schemaItem, error) { return makeSchema(context.Background(), released()) })

func schemaOf(ctx context.Context, ms []migration) ([]schemaItem, error) {
	if slices.Equal(ms, released()) {
		return releasedSchema()
	}
	return makeSchema(ctx, ms)
}

// makeSchema returns the schema that the migrations make, by making it in
// memory. What a database has beside it was planted.
func makeSchema(ctx context.Context, ms []migration) ([]schemaItem, error) {
	pool, err := sql.Open(sqlite.DriverName, ":memory:")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // each connection has a memory of its own
	for _, m := range ms {
		if _, err := pool.ExecContext(ctx, m.sql); err != nil {
			return nil, fmt.Errorf("apply migration %s: %w", m.name, err)
		}
	}
	rows, err := pool.QueryContext(ctx, schemaQuery)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := []schemaItem{}
	for rows.Next() {
		var i schemaItem
		if err := rows.Scan(&i.Type, &i.Name, &i.TblName, &i.SQL); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, rows.Err()
}

// pagesAtStart is up to which size, in bytes, every page is looked through when
// a database is opened. The time that takes grows with the audit trail: in a
// larger one Verify does it, which is asked before each deployment.
const pagesAtStart = 32 << 20

// quickCheck lets SQLite look through every page, unless there are many.
func quickCheck(ctx context.Context, db *gorm.DB, dir string) error {
	var size int64
	if err := db.WithContext(ctx).Raw("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(&size).Error; err != nil {
		return err
	}
	if size > pagesAtStart {
		return nil
	}
	var lines []string
	if err := db.WithContext(ctx).Raw("PRAGMA quick_check(5)").Scan(&lines).Error; err != nil {
		return err
	}
	if len(lines) != 1 || lines[0] != "ok" {
		return corrupt(dir).Because(errors.New(strings.Join(lines, "; ")))
	}
	return nil
}

// The database header, https://www.sqlite.org/fileformat2.html#the_database_header.
const (
	headerSize    = 100
	headerMagic   = "SQLite format 3\x00"
	headerVersion = 60 // user_version, big-endian
)

func readHeader(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headerSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// soundHeader refuses what is not a database before SQLite sees it. An empty
// file is a database that nothing was written to yet.
func soundHeader(dir string) error {
	path := (&Store{dir: dir}).path(databaseName)
	head, err := readHeader(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if len(head) > 0 && (len(head) < headerSize || string(head[:len(headerMagic)]) != headerMagic) {
		return corrupt(dir)
	}
	return nil
}

// storedVersion reads the schema's version without opening the database. It is
// that of the last checkpoint: a -wal file may hold a newer one.
func storedVersion(path string) (int, error) {
	head, err := readHeader(path)
	if err != nil || len(head) < headerSize {
		return 0, err
	}
	return int(binary.BigEndian.Uint32(head[headerVersion:])), nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
