package workspace

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// codeUnfounded is the fault of a folder whose workspace was never founded,
// because the program ended while it was made. CreateOwn makes it anew.
const codeUnfounded = "workspace_unfounded"

// CreateOwn makes a workspace of one person: a new key in the keychain and a
// first charter in which the person holds every role and every approval is
// shown as self-authorised. Without a keychain the workspace works until it is
// closed, and Warning says what is lost then.
func CreateOwn(ctx context.Context, name, person string, o Options) (*Workspace, error) {
	name, person, err := OwnNames(name, person)
	if err != nil {
		return nil, err
	}
	data, err := DataDir(o.Data)
	if err != nil {
		return nil, err
	}
	chain, warning, where := ownChain(ctx, o)
	w, err := open(ctx, filepath.Join(data, ownFolder, folderName(name)), o, given(chain))
	if err != nil {
		return nil, err
	}
	if w.id != "" {
		return nil, errors.Join(governance.Faultf("workspace_exists", "There is a workspace named %q already.", name).WithHint("Open it, or choose another name."), w.Close())
	}
	w.warning, w.keychain = warning, where
	member, err := randomID()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if err := w.foundOwn(ctx, name, member, person); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// OwnNames are the names for a workspace of one's own as they will stand in it.
// Faults: name_needed, too_long.
func OwnNames(name, person string) (string, string, error) {
	name, person = oneLine(name), oneLine(person)
	if name == "" || person == "" {
		return "", "", governance.Faultf("name_needed", "A workspace needs a name, and so do you.").WithHint("Enter both.")
	}
	return name, person, notLonger([]bounded{{"The name of the workspace", name, maxName}, {"Your name", person, maxName}})
}

func given(chain keychain.Chain) func() (keychain.Chain, error) {
	return func() (keychain.Chain, error) { return chain, nil }
}

// foundOwn stores the key before the act: a kill in between leaves an unused
// key, never an act whose key is lost.
func (w *Workspace) foundOwn(ctx context.Context, name, member, person string) error {
	key, err := ledger.NewIdentity()
	if err != nil {
		return err
	}
	nonce, err := randomID()
	if err != nil {
		return err
	}
	me := governance.Member{ID: member, Name: person, Keys: []governance.Key{{Public: key.Public()}}}
	genesis, err := ledger.Genesis(key, governance.SoloCharter(name, me, nonce), w.now())
	if err != nil {
		return err
	}
	w.id = genesis.ID
	if err := w.keepKey(ctx, member, key); err != nil {
		return err
	}
	if err := w.Store.Found(ctx, genesis); err != nil {
		return err
	}
	return w.settle(ctx)
}

const keychainGone = "This computer's keychain cannot be used now, so everything can be read, but nothing signed or deployed. Unlock it and open Countersign again."

// ownChain is the keychain for a person's own workspace: the operating
// system's, or memory with a warning.
func ownChain(ctx context.Context, o Options) (keychain.Chain, string, KeychainState) {
	chain := o.Chain
	if chain == nil {
		chain = keychain.System(Service)
	}
	st := chain.Status(ctx)
	if !st.Available {
		return keychain.Memory(), strings.TrimSpace(st.Message + " Your signing key and credentials live until you close Countersign; after that this workspace can be read, but nothing in it signed. " + st.Hint), keychainOf(st)
	}
	return chain, "", keychainOf(st)
}

// OpenOwn opens a person's own workspace by its folder. Faults: no_workspace,
// workspace_unfounded, is_demo, and those of opening.
func OpenOwn(ctx context.Context, dir string, o Options) (*Workspace, error) {
	if !isWorkspace(dir) {
		return nil, governance.Faultf("no_workspace", "There is no workspace in %s.", dir).WithHint("Make one, or open another folder.")
	}
	chain, warning, where := ownChain(ctx, o)
	w, err := open(ctx, dir, o, given(chain))
	if err != nil {
		return nil, err
	}
	w.keychain = where
	if warning != "" {
		w.warning = keychainGone
	}
	if err := w.checkOwn(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

func (w *Workspace) checkOwn(ctx context.Context) error {
	if w.id == "" {
		return governance.Faultf(codeUnfounded, "The workspace in %s was never finished.", w.dir).WithHint("Make it again under the same name.")
	}
	if err := w.verifyStart(ctx); err != nil {
		return err
	}
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return err
	}
	if c := h.Charter(); c != nil && c.Demo {
		return governance.Faultf("is_demo", "%s is a demo workspace.", w.dir).WithHint("Open it as one: its keys are no secrets, and nothing real may happen in it.")
	}
	return w.settle(ctx)
}

// Me is the one member of a solo workspace.
func (w *Workspace) Me(ctx context.Context) (store.Author, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return store.Author{}, err
	}
	people := slices.DeleteFunc(slices.Clone(c.Members), func(m governance.Member) bool { return m.Has(governance.Recovery) })
	if !c.Solo || len(people) != 1 {
		return store.Author{}, governance.Faultf("not_solo", "This workspace has several members.").WithHint("Say which one you are.")
	}
	return w.Author(ctx, people[0].ID)
}
