package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// BundleEnd is how the names of bundles end, encrypted or not.
const BundleEnd = ".csbundle"

// ExportBundle writes a bundle of a selection to a file, signed by a member,
// encrypted if there is a passphrase. The file is whole or not there: it is
// read back and verified before it gets its name. Faults: those of
// store.Export, key_locked, weak_passphrase and those of the disk.
func (w *Workspace) ExportBundle(ctx context.Context, by, path string, sel store.Selection, passphrase string) (store.Exported, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return store.Exported{}, err
	}
	plain, err := os.CreateTemp(w.dir, "exporting-*") // private, and beside the database: what is not encrypted goes nowhere else
	if err != nil {
		return store.Exported{}, diskFault(w.dir, err)
	}
	defer func() { _ = errors.Join(plain.Close(), os.Remove(plain.Name())) }()
	out, err := w.Store.Export(ctx, author, sel, plain)
	if err != nil {
		return out, diskFault(w.dir, err)
	}
	if err := sameBundle(plain, out.SHA256); err != nil {
		return out, err
	}
	return out, writeFile(path, func(to io.Writer) error { return sealInto(to, plain, passphrase) })
}

// sameBundle reads back what was written.
func sameBundle(f *os.File, sha256 string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	b, err := ledger.ReadBundle(f, info.Size())
	if err != nil {
		return fmt.Errorf("read back the bundle that was written: %w", err)
	}
	if b.SHA256 != sha256 {
		return errors.New("the bundle that was written is another one on the disk")
	}
	return nil
}

func sealInto(to io.Writer, plain *os.File, passphrase string) error {
	if _, err := plain.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if passphrase == "" {
		_, err := io.Copy(to, plain)
		return err
	}
	sealed, err := ledger.Seal(to, passphrase)
	if err != nil {
		return err
	}
	_, err = io.Copy(sealed, plain)
	return errors.Join(err, sealed.Close())
}

// writeFile puts a file in place when it is whole and on the disk.
func writeFile(path string, write func(io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".countersign-*")
	if err != nil {
		return diskFault(dir, governance.Faultf("data_folder", "Nothing can be written in %s.", dir).WithHint("Choose a place where you may write.").Because(err))
	}
	defer func() {
		if err != nil {
			err = diskFault(dir, errors.Join(err, os.Remove(f.Name())))
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// openBundle reads and verifies a bundle file. Close it when its files were
// taken.
func openBundle(path, passphrase string) (*ledger.Bundle, io.Closer, error) {
	f, r, size, err := openSealed(path, passphrase)
	if err != nil {
		return nil, nil, err
	}
	b, err := ledger.ReadBundle(r, size)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return b, f, nil
}

// openRegular opens a file. Anything else is refused before it is opened: a
// pipe would never come back.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return f, nil
}

// openSealed opens a file, decrypted if it is encrypted.
func openSealed(path, passphrase string) (*os.File, io.ReaderAt, int64, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, 0, errors.Join(unreadable(path, err), f.Close())
	}
	var r io.ReaderAt = f
	size := info.Size()
	if ledger.IsSealed(f) {
		if r, size, err = ledger.Unseal(f, size, passphrase); err != nil {
			return nil, nil, 0, errors.Join(err, f.Close())
		}
	}
	return f, r, size, nil
}

func unreadable(path string, err error) error {
	f := governance.Faultf("file_unreadable", "The file %s cannot be read.", filepath.Base(path)).WithHint("Choose another file, or give yourself the right to read it.")
	if errors.Is(err, fs.ErrNotExist) {
		f = governance.Faultf("file_missing", "There is no file %s.", path).WithHint("Choose a file that is there.")
	}
	return f.Because(err)
}

// PreviewBundle says what a bundle file would bring, and takes nothing in.
// Faults: those of ledger.Unseal, ledger.ReadBundle and store.Preview,
// file_missing, file_unreadable.
func (w *Workspace) PreviewBundle(ctx context.Context, path, passphrase string) (*store.Delivery, error) {
	b, file, err := openBundle(path, passphrase)
	if err != nil {
		return nil, err
	}
	out, err := w.Store.Preview(ctx, w.Acting(), b)
	return out, errors.Join(err, file.Close())
}

// ImportBundle takes a bundle file in. With the SHA-256 of the bundle that was
// looked at, another one in its place is refused: the fault seen_other. Faults
// besides: as PreviewBundle, and those of the disk.
func (w *Workspace) ImportBundle(ctx context.Context, path, passphrase, seen string) (*store.Delivery, error) {
	b, file, err := openBundle(path, passphrase)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if seen != "" && seen != b.SHA256 {
		return nil, governance.Faultf("seen_other", "The file is not the one that you looked at.").WithHint("Look at it as it is now, then decide.")
	}
	out, err := w.Store.Import(ctx, w.Acting(), b)
	if err != nil {
		return nil, diskFault(w.dir, err)
	}
	w.anchorLast()
	return out, w.settleUnlessDemo(ctx)
}

// A Joining is a new member's key that waits for the owners.
type Joining struct {
	Member string `json:"member"` // its place in the keychain until it is let in
	Public string `json:"public"` // the key, as the roster names it
}

func (w *Workspace) joiningName() string { return w.id + "/joining" }

// Join makes a workspace's folder out of an invitation, which is a bundle with
// at least its charter, and a new key for the person who joins. The key counts
// for nothing until the owners put it into the roster, after they compared it
// by voice. Faults: those of ledger.ReadBundle and store.Join,
// workspace_exists, is_demo.
func Join(ctx context.Context, path, passphrase string, o Options) (*Workspace, *store.Delivery, error) {
	b, file, err := openBundle(path, passphrase)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	name, err := invitation(b)
	if err != nil {
		return nil, nil, err
	}
	data, err := DataDir(o.Data)
	if err != nil {
		return nil, nil, err
	}
	chain, warning, where := ownChain(ctx, o)
	dir := filepath.Join(data, ownFolder, folderName(name)+"-"+b.Workspace[:8])
	w, err := open(ctx, dir, o, given(chain))
	if err != nil {
		return nil, nil, err
	}
	w.warning, w.keychain = warning, where
	if w.id != "" {
		return nil, nil, errors.Join(governance.Faultf("workspace_exists", "The workspace %q is on this computer already.", name).WithHint("Open it and import the file there."), w.Close())
	}
	out, err := w.join(ctx, b)
	if err != nil {
		return nil, nil, errors.Join(diskFault(dir, err), w.Close())
	}
	return w, out, nil
}

// invitation is the name of the workspace that a bundle brings.
func invitation(b *ledger.Bundle) (string, error) {
	h, _, err := ledger.Assemble(ledger.Evidence{Workspace: b.Workspace, Acts: b.Acts, Revisions: b.Revisions})
	if err != nil {
		return "", err
	}
	c := h.Charter()
	if c == nil {
		return "", governance.Faultf("bad_genesis", "The bundle does not found the workspace that it names. %s", h.Trouble()).WithHint("Ask an owner for a bundle of the workspace.")
	}
	if c.Demo {
		return "", governance.Faultf("is_demo", "This is a bundle of a demo workspace, which stays on its computer.").WithHint("Make a demo workspace of your own.")
	}
	return c.Name, nil
}

// join stores the key before the acts: a kill in between leaves an unused key.
func (w *Workspace) join(ctx context.Context, b *ledger.Bundle) (*store.Delivery, error) {
	w.id = b.Workspace
	member, err := randomID()
	if err != nil {
		return nil, err
	}
	key, err := ledger.NewIdentity()
	if err != nil {
		return nil, err
	}
	if err := w.keepKey(ctx, member, key); err != nil {
		return nil, err
	}
	if err := w.chain.Set(ctx, w.joiningName(), []byte(member)); err != nil {
		return nil, err
	}
	out, err := w.Store.Join(ctx, b)
	if err != nil {
		return nil, err
	}
	return out, w.settle(ctx)
}

// Joining is the key that waits for the owners, nil when there is none or the
// charter names it already.
func (w *Workspace) Joining(ctx context.Context) (*Joining, error) {
	member, id, err := w.waitingKey(ctx)
	if err != nil || id.IsZero() {
		return nil, err
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return nil, err
	}
	if m, _ := c.MemberByKey(id.Public()); m != nil {
		return nil, nil
	}
	return &Joining{Member: member, Public: id.Public()}, nil
}

// settleUnlessDemo finds anew who acts after something was taken in: the key of
// this computer may have been let in.
func (w *Workspace) settleUnlessDemo(ctx context.Context) error {
	if w.Demo() {
		return nil
	}
	return w.settle(ctx)
}

// IncomingDrafts are edits by others that wait beside a request.
func (w *Workspace) IncomingDrafts(ctx context.Context, requestID string) ([]store.IncomingDraft, error) {
	return w.Store.IncomingDrafts(ctx, requestID)
}

// TakeDraft ends the choice between a member's draft and one that waits: with
// theirs its content takes the place of mine, else mine stays. Faults: those of
// store.SettleDraft.
func (w *Workspace) TakeDraft(ctx context.Context, by, requestID, digest string, theirs bool) (*governance.ChangeRequest, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	choose := store.KeepMine
	if theirs {
		choose = store.TakeTheirs
	}
	return w.Store.SettleDraft(ctx, requestID, digest, author, choose)
}
