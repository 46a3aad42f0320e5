package workspace

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// KeyEnd is how the names of key files end.
const KeyEnd = ".cskey"

// maxKeyFile is far more than a key file has, in bytes.
const maxKeyFile = 64 << 10

// A keyFile is what a key file holds, encrypted with a passphrase
// (https://age-encryption.org/v1).
type keyFile struct {
	Format int64 `json:"format"`
	// Last is the newest act that the key had signed, empty if none: who goes on
	// signing without it signs two acts in one place, and breaks the key's chain.
	Last      string `json:"last"`
	Public    string `json:"public"`
	Seed      string `json:"seed"`
	Workspace string `json:"workspace"`
}

// SaveKey writes the key of the person at this window to a file that only a
// passphrase opens. Faults: demo_stays, weak_passphrase, key_missing and those of
// the disk.
func (w *Workspace) SaveKey(ctx context.Context, path, passphrase string) error {
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if c.Demo {
		return demoStays()
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return err
	}
	acts, err := w.Store.KeyActs(ctx, author.Identity.Public(), 1)
	if err != nil {
		return err
	}
	last := ""
	if len(acts) > 0 {
		last = acts[0].ID
	}
	return w.writeKey(path, passphrase, author.Identity, last)
}

func (w *Workspace) writeKey(path, passphrase string, id ledger.Identity, last string) error {
	body, err := ledger.Canonical(keyFile{Format: 1, Last: last, Public: id.Public(), Seed: hex.EncodeToString(id.Seed()), Workspace: w.id})
	if err != nil {
		return err
	}
	var sealed bytes.Buffer // before the file is there: a passphrase that is refused leaves none
	to, err := ledger.Seal(&sealed, passphrase)
	if err != nil {
		return err
	}
	if _, err := to.Write(body); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return writeFile(path, func(out io.Writer) error { _, err := sealed.WriteTo(out); return err })
}

// readKey opens a key file of this workspace. Faults: key_file, key_file_other,
// bundle_sealed, bundle_passphrase, file_missing, file_unreadable.
func (w *Workspace) readKey(path, passphrase string) (id ledger.Identity, last string, err error) {
	none := ledger.Identity{}
	bad := governance.Faultf("key_file", "This file holds no signing key.").WithHint("Choose a file that was saved as a key, whose name ends with %s.", KeyEnd)
	f, r, size, err := openSealed(path, passphrase)
	if code := governance.FaultCode(err); code == "bundle_damaged" || code == "bundle_too_large" {
		return none, "", bad.Because(err)
	}
	if err != nil {
		return none, "", err
	}
	defer f.Close()
	if !ledger.IsSealed(f) || size > maxKeyFile {
		return none, "", bad
	}
	body, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return none, "", bad.Because(err)
	}
	var k keyFile
	if err := ledger.Strict(body, &k); err != nil || k.Format != 1 {
		return none, "", bad.Because(err)
	}
	seed, err := hex.DecodeString(k.Seed)
	if err != nil {
		return none, "", bad.Because(err)
	}
	id, err = ledger.IdentityFromSeed(seed)
	if err != nil || id.Public() != k.Public {
		return none, "", bad.Because(err)
	}
	if k.Workspace != w.id {
		return none, "", governance.Faultf("key_file_other", "This key belongs to another workspace.").WithHint("Open that workspace, or choose the file of this one.")
	}
	return id, k.Last, nil
}

// signedHere: this computer has what a key had signed when it was saved. Fault:
// key_behind.
func (w *Workspace) signedHere(ctx context.Context, id ledger.Identity, last string) error {
	if last == "" {
		return nil
	}
	acts, err := w.Store.KeyActs(ctx, id.Public(), everyAct)
	if err != nil || slices.ContainsFunc(acts, func(a store.KeyAct) bool { return a.ID == last }) {
		return err
	}
	return governance.Faultf("key_behind", "This computer lacks acts that the key has signed elsewhere; to sign without them would break its chain.").
		WithHint("Import a bundle of the whole workspace from the other computer first.")
}

// holderOf is the member whose key it is now. Fault: key_file_ended.
func holderOf(c *governance.Charter, id ledger.Identity) (*governance.Member, error) {
	m, k := c.MemberByKey(id.Public())
	if m == nil || k.Last != "" {
		return nil, governance.Faultf("key_file_ended", "The key in this file is not in use in this workspace.").WithHint("Ask to be let in with a new key.")
	}
	return m, nil
}

// RestoreKey takes a key from a file into this computer's keychain; from then on
// its member acts here. It takes the place of a key that waited. Faults:
// demo_stays, key_here, key_behind and those of reading the file.
func (w *Workspace) RestoreKey(ctx context.Context, path, passphrase string) (Members, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return Members{}, err
	}
	if c.Demo {
		return Members{}, demoStays()
	}
	id, last, err := w.readKey(path, passphrase)
	if err != nil {
		return Members{}, err
	}
	m, err := holderOf(c, id)
	if err != nil {
		return Members{}, err
	}
	if mine, err := w.key(ctx, w.Acting()); err == nil && w.Acting() != m.ID && c.Live(w.Acting()) {
		if holder, k := c.MemberByKey(mine.Public()); holder != nil && k.Last == "" {
			return Members{}, governance.Faultf("key_here", "This computer signs for %s; one person is one member.", holder.Name).WithHint("Sign with the key's file instead, where a change waits for it.")
		}
	}
	if err := w.signedHere(ctx, id, last); err != nil {
		return Members{}, err
	}
	waiting, _, err := w.waitingKey(ctx)
	if err != nil {
		return Members{}, err
	}
	if m.Has(governance.Recovery) { // what waits is let in with it, so it stays
		waiting = ""
		err = w.keepKey(ctx, m.ID, id)
	} else {
		err = w.takeKey(ctx, m.ID, id, waiting)
	}
	if err != nil {
		return Members{}, err
	}
	w.act(m.ID)
	return w.MembersView(ctx)
}

// SignWithFile endorses a proposed change with the key of a file, such as a
// recovery kit, which is used once and not kept. Faults: not_found, not_owner,
// key_behind and those of reading the file.
func (w *Workspace) SignWithFile(ctx context.Context, change, path, passphrase string) (Members, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Members{}, err
	}
	if !slices.ContainsFunc(w.pendingPolicies(h), func(p PolicyChange) bool { return p.Act == change }) {
		return Members{}, governance.Faultf("not_found", "This change of the members does not wait for signatures.").WithHint("Look at the members as they are now.")
	}
	id, last, err := w.readKey(path, passphrase)
	if err != nil {
		return Members{}, err
	}
	m, err := holderOf(h.Charter(), id)
	if err == nil {
		err = w.signedHere(ctx, id, last)
	}
	if err != nil {
		return Members{}, err
	}
	if err := w.beside.wait(ctx); err != nil {
		return Members{}, err
	}
	if _, err := w.Store.UpdateCharter(ctx, authorOf(m.ID, id), func(*governance.History) (governance.Intent, error) { return ledger.Endorse(change), nil }); err != nil {
		return Members{}, err
	}
	return w.changedMembers(ctx)
}

// MakeKit writes a spare key to a passphrase file and proposes it as a recovery
// key, after ask was shown what that changes. The file comes first: a key in the
// roster that nobody has would be worse than a file of no use. Faults: demo_stays,
// not_owner, weak_passphrase, what ask returns, and those of ProposeRoster.
func (w *Workspace) MakeKit(ctx context.Context, path, passphrase string, ask func(Proposal) error) (Members, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Members{}, err
	}
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Members{}, err
	}
	c := h.Charter()
	if c != nil && c.Demo {
		return Members{}, demoStays()
	}
	if err := ownerOf(c, w.Acting()); err != nil {
		return Members{}, err
	}
	key, err := ledger.NewIdentity()
	if err != nil {
		return Members{}, err
	}
	next := func(h *governance.History) (governance.Intent, string, error) {
		var wrong error
		in, err := ledger.NextCharter(h, func(c *governance.Charter) {
			_, wrong = ledger.Admit(c, governance.Join{Key: key.Public(), Name: "Recovery kit"}, []governance.Role{governance.Recovery}, true)
		})
		if err = errors.Join(wrong, err); err != nil {
			return in, "", err
		}
		body, err := ledger.Canonical(in.Body)
		return in, ledger.Digest(string(in.Type), body), err
	}
	in, digest, err := next(h)
	if err != nil {
		return Members{}, err
	}
	if err := ask(w.proposalOf(h, in, digest)); err != nil {
		return Members{}, err
	}
	if err := w.writeKey(path, passphrase, key, ""); err != nil {
		return Members{}, err
	}
	_, err = w.Store.UpdateCharter(ctx, author, func(h *governance.History) (governance.Intent, error) {
		in, now, err := next(h)
		if err == nil && now != digest {
			err = governance.SeenOther("The charter")
		}
		return in, err
	})
	if err != nil {
		return Members{}, err
	}
	return w.changedMembers(ctx)
}
