package workspace

import (
	"context"
	"errors"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// afterCommit keeps the head of the log beside the keys, so that an older
// database put back is noticed. It comes after the commit: a database that is
// ahead is accepted with a consistency proof, one behind is a rollback.
func (w *Workspace) afterCommit(head ledger.Head, act *ledger.SignedAct) {
	if w.id == "" {
		return
	}
	if w.o.OnCommit != nil {
		defer w.o.OnCommit()
	}
	w.anchorMu.Lock()
	defer w.anchorMu.Unlock()
	a := w.anchored
	if act != nil {
		a.Act, a.Seq = act.ID, act.Seq
	}
	if a.Act != "" {
		w.anchor(a, head)
	}
}

// anchorLast keeps the head as it is now: entries after the last act, such as
// drafts and what an attempt came to, are then missed too when they are gone.
func (w *Workspace) anchorLast() {
	w.anchorMu.Lock()
	defer w.anchorMu.Unlock()
	if w.anchored.Act == "" || w.Store == nil {
		return // the keychain holds no head of this workspace, or could not be asked
	}
	head, err := w.Store.Head(context.Background())
	if err != nil {
		w.o.Log.Warn("the head of the audit trail was not read", "err", err)
		return
	}
	w.anchor(w.anchored, head)
}

// keepChains keeps where the chains of all keys end, in the database and by its
// digest in the keychain, so that the next start need not read them all.
func (w *Workspace) keepChains() {
	w.anchorMu.Lock()
	defer w.anchorMu.Unlock()
	if w.anchored.Act == "" || w.Store == nil || len(w.Doubts()) > 0 {
		return
	}
	head, err := w.Store.Head(context.Background())
	a := w.anchored
	if err == nil {
		a.Chains, err = w.Store.KeepChains(context.Background(), a.Chains)
	}
	if err != nil {
		w.o.Log.Warn("the ends of the chains were not kept", "err", err)
		return
	}
	w.anchor(a, head)
}

// trustChains lets the store begin where the chains of all keys ended when the
// keychain's head was kept.
func (w *Workspace) trustChains(ctx context.Context, a *ledger.Anchor) {
	if a == nil {
		return
	}
	if _, err := w.Store.TrustChains(ctx, a.Chains); err != nil {
		w.o.Log.Warn("the ends of the chains were not read", "err", err)
	}
}

// anchor writes a head to the keychain unless it holds a newer one: doors are
// told in any order. While there are doubts the old note stays, because it is
// what shows that something is missing. The caller holds anchorMu.
func (w *Workspace) anchor(a ledger.Anchor, head ledger.Head) {
	if head.Size < w.size || head.Size == w.size && a.Chains == w.anchored.Chains || len(w.Doubts()) > 0 {
		return
	}
	a.Head = head.String()
	b, err := a.Marshal()
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = w.chain.Set(ctx, w.anchorName(), b)
	}
	if err != nil {
		w.o.Log.Warn("the head of the audit trail was not saved in the keychain", "err", err)
		return
	}
	w.anchored, w.size = a, head.Size
}

// remembered is the head that the keychain holds, nil if none.
func (w *Workspace) remembered(ctx context.Context) (*ledger.Anchor, error) {
	b, err := w.chain.Get(ctx, w.anchorName())
	if errors.Is(err, keychain.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a, err := ledger.ParseAnchor(b)
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// verifyStart checks what is new since the keychain's head. A note that cannot
// be read is a doubt, not a reason to keep a person from reading.
func (w *Workspace) verifyStart(ctx context.Context) error {
	a, err := w.remembered(ctx)
	switch governance.FaultCode(err) {
	case "bad_anchor":
		w.doubt(store.Finding{Code: "bad_anchor", Message: err.Error()})
		return nil
	case "keychain_unavailable":
		w.warning = keychainGone
		return nil
	}
	if err != nil || a == nil {
		return err
	}
	w.trustChains(ctx, a)
	report, err := w.Store.VerifyEnd(ctx, *a)
	if err != nil {
		return err
	}
	w.doubt(report.Findings...)
	if !w.o.Beside {
		return w.verifyOpen(ctx, *a)
	}
	w.Store.PromiseOpen()
	w.beside.begin(func(ctx context.Context) error { return w.verifyOpen(ctx, *a) }, w.checkedBeside)
	return nil
}

// verifyOpen checks the rows that are not final. Only when nothing is wrong
// there is the keychain's head carried on from now on.
func (w *Workspace) verifyOpen(ctx context.Context, a ledger.Anchor) error {
	report, err := w.Store.VerifyOpen(ctx)
	if err != nil {
		return err
	}
	w.doubt(report.Findings...)
	w.markChecked()
	if len(w.Doubts()) > 0 {
		return nil
	}
	head, err := ledger.ParseHead(a.Head)
	w.anchorMu.Lock()
	defer w.anchorMu.Unlock()
	w.anchored, w.size = a, head.Size
	return err
}

// checkedBeside tells what came of a check that ran beside.
func (w *Workspace) checkedBeside(err error) {
	if err != nil {
		w.o.Log.Error("the check of the open rows", "err", err)
		w.doubt(store.Finding{Code: codeUnchecked, Message: unchecked(err).Error()})
	}
	if w.o.OnChecked != nil {
		w.o.OnChecked()
	}
}
