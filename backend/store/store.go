package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// What a workspace's folder holds.
const (
	databaseName = "workspace.db"
	blobsName    = "blobs"
	backupsName  = "backups"
)

// readers is how many reads may run beside the one writer; one connection more
// tells the versions.
const readers = 4 + 1

// A Store is one open workspace: a database, its blobs and its backups. It is
// safe for use by several goroutines.
type Store struct {
	dir      string
	o        Options
	schema   []schemaItem // what sqlite_schema must hold
	w        *gorm.DB     // one connection; nil when read-only
	r        *gorm.DB     // a few connections that cannot write
	verifier *ledger.Verifier
	chains   chains
	ahead    ahead
	versions versions
	narrowed narrowed
	scratch  string // a private copy that a read-only Store reads, or empty

	catalogues catalogues
}

// Open opens the workspace in dir, making folder (0700) and database (0600) if
// they are not there, and brings an older schema up to date after a backup.
// The caller holds the folder's lock. Faults: database_newer, database_corrupt,
// database_readonly, disk_full, data_folder.
func Open(ctx context.Context, dir string, o Options) (*Store, error) {
	return open(ctx, dir, o, released())
}

func open(ctx context.Context, dir string, o Options, ms []migration) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.AfterCommit == nil {
		o.AfterCommit = func(ledger.Head, *ledger.SignedAct) {}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, dataFolder(dir).Because(err)
	}
	s := &Store{dir: dir, o: o, verifier: ledger.NewVerifier()}
	if s.schema, err = schemaOf(ctx, ms); err != nil {
		return nil, err
	}
	start := s.openToWrite
	if o.ReadOnly {
		start = s.openToRead
	}
	if err := start(ctx, ms); err != nil {
		_ = s.Close()
		return nil, explain(ctx, dir, err)
	}
	return s, nil
}

func (s *Store) openToWrite(ctx context.Context, ms []migration) error {
	for _, d := range []string{s.dir, s.path(blobsName), s.path(backupsName)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("make the folder %s: %w", d, err)
		}
	}
	if err := touch(s.path(databaseName)); err != nil {
		return err
	}
	if err := soundHeader(s.dir); err != nil {
		return err
	}
	var err error
	if s.w, err = connect(ctx, s.path(databaseName), writing, 1); err != nil {
		return err
	}
	if err := s.readAhead(ctx, ms); err != nil {
		return err
	}
	if err := quickCheck(ctx, s.w, s.dir); err != nil {
		return err
	}
	if err := s.migrate(ctx, ms); err != nil {
		return err
	}
	if err := s.writable(ctx); err != nil {
		return err
	}
	return s.openReaders(ctx)
}

func (s *Store) openReaders(ctx context.Context) (err error) {
	if s.r == nil {
		s.r, err = connect(ctx, s.path(databaseName), reading, readers)
	}
	return err
}

// readAhead uses the time that looking through every page takes. A database
// whose schema is older is left alone until it was migrated.
func (s *Store) readAhead(ctx context.Context, ms []migration) error {
	if !s.o.Ahead {
		return nil
	}
	// What cannot be read here is damaged, and the look through every page says so.
	if version, err := versionOf(s.w.WithContext(ctx)); err != nil || version != len(ms) {
		return nil
	}
	if err := s.openReaders(ctx); err != nil {
		return err
	}
	s.verifyAhead(ctx)
	return nil
}

// touch makes the database's file before SQLite does, so that it, and with it
// the -wal and -shm files that copy its mode, are for their owner alone.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		return readOnly(filepath.Dir(path)).Because(err)
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return f.Close()
}

// writable takes the write lock once, so that a database that cannot be
// written is found now and not when somebody submits.
func (s *Store) writable(ctx context.Context) error {
	return s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO meta (key, value) VALUES ('opened', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
			s.now().Format(time.RFC3339)).Error
	})
}

// openToRead opens without writing anything into the folder. Without a -wal
// file the database is whole by itself and is opened as immutable, which locks
// and creates nothing. With one, its last commits are in there, and SQLite
// would make a -shm file beside it to read them; so both are copied to a
// private folder first, and so is a database whose schema is older.
func (s *Store) openToRead(ctx context.Context, ms []migration) error {
	if err := soundHeader(s.dir); err != nil {
		return err
	}
	path := s.path(databaseName)
	version, err := storedVersion(path)
	if err != nil {
		return err
	}
	if version > len(ms) {
		return newer(s.dir, version, len(ms))
	}
	wal, err := os.Stat(path + "-wal")
	if (err == nil && wal.Size() > 0) || version < len(ms) {
		return s.readCopy(ctx, ms)
	}
	if s.r, err = connect(ctx, path, pristine, readers); err != nil {
		return err
	}
	return quickCheck(ctx, s.r, s.dir)
}

func (s *Store) readCopy(ctx context.Context, ms []migration) error {
	var err error
	if s.scratch, err = os.MkdirTemp("", "countersign-verify-*"); err != nil {
		return fmt.Errorf("make a private copy of the database: %w", err)
	}
	path := filepath.Join(s.scratch, databaseName)
	for _, end := range []string{"", "-wal"} {
		if err := copyFile(s.path(databaseName)+end, path+end); err != nil && !(end != "" && errors.Is(err, fs.ErrNotExist)) {
			return fmt.Errorf("make a private copy of the database: %w", err)
		}
	}
	w, err := connect(ctx, path, writing, 1)
	if err != nil {
		return err
	}
	copied := &Store{dir: s.scratch, o: s.o, w: w}
	err = errors.Join(quickCheck(ctx, w, s.dir), copied.migrate(ctx, ms))
	if err = errors.Join(err, closeDB(w)); err != nil {
		return err
	}
	s.r, err = connect(ctx, path, pristine, readers)
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Close closes the database; the last connection moves the -wal file's content
// into it. Further use of the Store is an error.
func (s *Store) Close() error {
	s.ahead.close()
	// The readers first: a connection that cannot write leaves the -wal file.
	err := errors.Join(s.versions.close(), closeDB(s.r), closeDB(s.w))
	if s.scratch != "" {
		err = errors.Join(err, os.RemoveAll(s.scratch))
	}
	return err
}

// Dir is the workspace's folder, as an absolute path.
func (s *Store) Dir() string { return s.dir }

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// now is the clock as rows keep it: UTC, to the millisecond.
func (s *Store) now() time.Time { return s.o.Now().UTC().Truncate(time.Millisecond) }

// A door is one write: everything in it is committed together or not at all.
type door struct {
	db        *gorm.DB
	s         *Store
	workspace string
	at        time.Time
	head      ledger.Head // of the log with what this door has appended
	appended  bool
	signed    *ledger.SignedAct
}

// write runs one door in one transaction that holds the only write lock from
// its beginning, and tells AfterCommit when it left a trace. A door inside
// another waits for ever; see doc.go.
func (s *Store) write(ctx context.Context, do func(d *door) error) error {
	if s.w == nil {
		return governance.Faultf("database_readonly", "The workspace in %s was opened for reading only.", s.dir).
			WithHint("Open it in Countersign to change something.")
	}
	if err := s.refreshChains(ctx); err != nil {
		return s.explained(ctx, err)
	}
	var d *door
	err := s.w.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		d = &door{db: tx, s: s, at: s.now()}
		var err error
		if d.workspace, err = workspaceID(tx); err != nil {
			return err
		}
		if d.head, err = headOf(tx); err != nil {
			return err
		}
		return do(d)
	})
	if err != nil {
		return explain(ctx, s.dir, err)
	}
	if d.appended {
		s.o.AfterCommit(d.head, d.signed)
	}
	return nil
}

// read runs several reads over one state of the database.
func (s *Store) read(ctx context.Context, do func(tx *gorm.DB) error) error {
	return explain(ctx, s.dir, s.r.WithContext(ctx).Transaction(do))
}

// query is a single read.
func (s *Store) query(ctx context.Context) *gorm.DB { return s.r.WithContext(ctx) }

func (s *Store) explained(ctx context.Context, err error) error { return explain(ctx, s.dir, err) }
