package workspace

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

const (
	backupsFolder  = "backups"
	replacedFolder = "replaced" // databases that a restored one took the place of
)

// backupName is how the store names its copies: by time and why.
var backupName = regexp.MustCompile(`^workspace-(\d{8}T\d{6}\.\d{3})-[a-z0-9-]+\.db$`)

// A BackupFile is a kept copy of the database.
type BackupFile struct {
	Name string    `json:"name"`
	At   time.Time `json:"at" ts_type:"string"`
	Size int64     `json:"size"`
	// Unreadable: it cannot be read as a copy of this workspace, so it cannot be
	// restored, and how far it is behind is not known.
	Unreadable bool `json:"unreadable"`
	// Behind is how many entries of the audit trail came after it. A copy can
	// have more than there are now, when an older one was restored since; then
	// it is less than 0.
	Behind int64 `json:"behind"`
	// Warning is what restoring it would mean; empty when nothing would be lost.
	Warning string `json:"warning"`
}

// Backups lists the kept copies of the database, newest first.
func (w *Workspace) Backups(ctx context.Context) ([]BackupFile, error) {
	head, err := w.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(w.dir, backupsFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, diskFault(w.dir, err)
	}
	out := []BackupFile{}
	for _, e := range entries {
		if b, ok := w.backupFile(ctx, e.Name(), head.Size); ok {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b BackupFile) int { return cmp.Compare(b.Name, a.Name) })
	return out, nil
}

func (w *Workspace) backupFile(ctx context.Context, name string, now int64) (BackupFile, bool) {
	m := backupName.FindStringSubmatch(name)
	if m == nil {
		return BackupFile{}, false
	}
	at, err := time.Parse("20060102T150405.000", m[1])
	path := filepath.Join(w.dir, backupsFolder, name)
	info, statErr := os.Lstat(path)
	if err != nil || statErr != nil || !info.Mode().IsRegular() {
		return BackupFile{}, false
	}
	b := BackupFile{Name: name, At: at, Size: info.Size()}
	id, entries, err := store.Peek(ctx, path)
	if err == nil && id == "" {
		return BackupFile{}, false // made before the workspace was founded: nothing is in it
	}
	if err != nil || id != w.id {
		b.Unreadable, b.Warning = true, "This copy cannot be read as one of this workspace, so it cannot be restored."
		return b, true
	}
	b.Behind = now - entries
	if b.Behind > 0 {
		b.Warning = RestoredOlder
	}
	return b, true
}

// RestoredOlder is the warning of a copy that the audit trail has outgrown.
const RestoredOlder = "The audit trail went on after this copy. Verification will find it older than what the keychain remembers: everything in it can then be read, but nothing can be deployed from this workspace again."

// BackUp writes a copy of the database now. The last ten stay, and the newest
// one of each earlier day for a month of them.
func (w *Workspace) BackUp(ctx context.Context) (BackupFile, error) {
	path, err := w.Store.Backup(ctx)
	if err != nil {
		return BackupFile{}, diskFault(w.dir, err)
	}
	head, err := w.Store.Head(ctx)
	if err != nil {
		return BackupFile{}, err
	}
	b, ok := w.backupFile(ctx, filepath.Base(path), head.Size)
	if !ok {
		return b, governance.Faultf("no_backup", "The copy %s is not there any more.", filepath.Base(path)).WithHint("Back up again.")
	}
	return b, nil
}

// BackUpTo writes the whole workspace, database and stored files, without its
// keys, into a new folder. Faults: folder_exists, and those of the disk.
func (w *Workspace) BackUpTo(ctx context.Context, folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return governance.Faultf("folder_exists", "There is a folder %s already.", folder).WithHint("Choose another place.")
		}
		return diskFault(folder, governance.Faultf("data_folder", "The folder %s cannot be made.", folder).WithHint("Choose a place where you may write.").Because(err))
	}
	if err := w.Store.CopyTo(ctx, folder); err != nil {
		return errors.Join(diskFault(folder, err), os.RemoveAll(folder)) // half a copy is none
	}
	return nil
}

// Restore puts a kept copy in place of a closed workspace's database, which is
// kept aside in the folder "replaced", never deleted. The audit trail will say
// that it is older than the keychain's head when it is. Faults: no_backup,
// backup_damaged, other_workspace, second_instance, wal_left and those of the
// disk.
func Restore(ctx context.Context, folder, name string) (err error) {
	source := filepath.Join(folder, backupsFolder, name)
	info, statErr := os.Lstat(source)
	if !backupName.MatchString(name) || statErr != nil || !info.Mode().IsRegular() {
		return governance.Faultf("no_backup", "There is no copy %.80q of this workspace.", name).WithHint("Choose one of the list.")
	}
	lock, err := TakeFolder(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()

	room, err := os.MkdirTemp(folder, "restoring-*")
	if err != nil {
		return diskFault(folder, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(room)) }()
	if err := checkedCopy(ctx, folder, source, room); err != nil {
		return err
	}
	return diskFault(folder, putInPlace(ctx, folder, filepath.Join(room, database)))
}

// checkedCopy copies a backup and opens the copy once: it is whole, of this
// workspace, and of this program's schema then.
func checkedCopy(ctx context.Context, folder, source, room string) error {
	damaged := governance.Faultf("backup_damaged", "The copy %s cannot be read.", filepath.Base(source)).WithHint("Choose another one. Nothing was changed.")
	if err := copyFile(source, filepath.Join(room, database)); err != nil {
		return diskFault(folder, err)
	}
	st, err := store.Open(ctx, room, store.Options{})
	if err != nil {
		return damaged.Because(err)
	}
	id, err := st.WorkspaceID(ctx)
	if err = errors.Join(err, st.Close()); err != nil || id == "" {
		return damaged.Because(err)
	}
	if now, _, err := store.Peek(ctx, filepath.Join(folder, database)); err == nil && now != "" && now != id {
		return governance.Faultf("other_workspace", "The copy %s is of another workspace.", filepath.Base(source)).WithHint("Choose another one. Nothing was changed.")
	}
	return nil
}

// copyFile copies a file for its owner's eyes only, down to the disk.
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
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// putInPlace keeps what is there aside and renames the new database onto it: a
// kill in between leaves a whole one in place, with every commit. The last
// commits may still be in a -wal file, so they are played into the database
// first. Only a damaged one goes with its -wal file as it is, because SQLite
// would play that into the new one.
func putInPlace(ctx context.Context, folder, fresh string) error {
	current := filepath.Join(folder, database)
	if err := store.Settle(ctx, current); err != nil && governance.FaultCode(err) != "database_corrupt" {
		return err
	}
	kept, err := keepAside(folder, current)
	if err != nil {
		return err
	}
	if err := os.Rename(current+"-wal", kept+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(current + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syncFolder(filepath.Dir(kept)); err != nil {
		return err
	}
	if err := os.Rename(fresh, current); err != nil {
		return err
	}
	return syncFolder(folder)
}

// keepAside gives the database a second name in the folder "replaced", on the
// disk when it returns.
func keepAside(folder, current string) (kept string, err error) {
	aside := filepath.Join(folder, replacedFolder)
	if err := os.MkdirAll(aside, 0o700); err != nil {
		return "", err
	}
	kept = filepath.Join(aside, "workspace-"+time.Now().UTC().Format("20060102T150405.000")+".db")
	if os.Link(current, kept) != nil {
		if err := copyFile(current, kept); err != nil {
			return "", err
		}
	}
	return kept, errors.Join(syncFolder(aside), syncFolder(folder))
}

// syncFolder makes sure that the names in a folder are on the disk. Windows
// cannot, and refuses.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && runtime.GOOS != "windows" {
		return errors.Join(err, d.Close())
	}
	return d.Close()
}
