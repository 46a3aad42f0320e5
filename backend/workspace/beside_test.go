package workspace

import (
	"context"
	"errors"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// besides opens the demo as a window does and gives what tells that the check
// beside is over.
func besides(t *testing.T, data string) (*Workspace, chan struct{}) {
	t.Helper()
	over := make(chan struct{})
	return openTestDemo(t, data, func(o *Options) { o.Beside, o.OnChecked = true, func() { close(over) } }), over
}

func TestWhatWasForgedIsFoundBesideTheFirstScreens(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	dir := w.Dir()
	ok(t, w.Close())

	w, over := besides(t, data)
	<-over
	s, err := w.State(t.Context())
	ok(t, err)
	if len(s.Doubts) > 0 || s.Checked.IsZero() {
		t.Errorf("%+v", s)
	}
	w.mustDo(t, Bo, cr.ID, governance.Approve)
	anchored, err := w.remembered(t.Context())
	ok(t, err)
	if h, err := w.Store.Head(t.Context()); err != nil || anchored.Head != h.String() {
		t.Errorf("the keychain holds %s, not %s: %v", anchored.Head, h, err)
	}
	ok(t, w.Close())

	ok(t, store.Forge(t.Context(), dir, "UPDATE change_requests SET status = 'Completed' WHERE id = '"+cr.ID+"'"))
	ok(t, store.Forge(t.Context(), dir, "UPDATE change_requests SET status = 'Rejected' WHERE id = '"+cr.ID+"'"))
	w, over = besides(t, data)
	<-over
	s, err = w.State(t.Context())
	ok(t, err)
	if !hasCode(s.Doubts, "status") || len(s.DoubtsSaid) != len(s.Doubts) || !hasCode(w.Doubts(), "status") {
		t.Errorf("%+v", s.Doubts)
	}
	before, err := w.remembered(t.Context())
	ok(t, err)
	w.draftFor(t, Ana)
	w.anchorLast()
	if after, err := w.remembered(t.Context()); err != nil || after.Head != before.Head {
		t.Errorf("the keychain's note moved although there are doubts: %v", err)
	}
}

// TestNothingIsSignedBeforeTheCheckIsOver holds what makes it safe to show
// screens before: no key, no word that anything was checked, and no note in the
// keychain.
func TestNothingIsSignedBeforeTheCheckIsOver(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	anchor, err := w.remembered(t.Context())
	ok(t, err)
	release, over := make(chan struct{}), make(chan struct{})
	w.checked = time.Time{}
	w.anchored.Act = ""
	w.beside.begin(func(ctx context.Context) error {
		select {
		case <-release:
		case <-ctx.Done():
			return ctx.Err()
		}
		return w.verifyOpen(ctx, *anchor)
	}, func(err error) { w.checkedBeside(err); close(over) })

	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := w.Author(soon, Bo); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a key was unlocked: %v", err)
	}
	if _, err := w.Do(soon, Bo, cr.ID, governance.Deed{Action: governance.Approve}); err == nil {
		t.Error("an approval was signed")
	}
	s, err := w.State(t.Context())
	ok(t, err)
	if !s.Checked.IsZero() {
		t.Error("it says that everything was checked")
	}
	close(release)
	<-over
	w.mustDo(t, Bo, cr.ID, governance.Approve)
	if s, err = w.State(t.Context()); err != nil || s.Checked.IsZero() {
		t.Errorf("%+v %v", s, err)
	}
}

func TestACheckThatCannotBeMadeLeavesTheKeysLocked(t *testing.T) {
	for name, check := range map[string]func(context.Context) error{
		"an error": func(context.Context) error { return errors.New("the disk is gone") },
		"a panic":  func(context.Context) error { panic("the disk is gone") },
	} {
		t.Run(name, func(t *testing.T) {
			w := openTestDemo(t, t.TempDir())
			over := make(chan struct{})
			w.beside.begin(check, func(err error) { w.checkedBeside(err); close(over) })
			<-over
			_, err := w.Author(t.Context(), Ana)
			wantFault(t, err, codeUnchecked)
			if !hasCode(w.Doubts(), codeUnchecked) {
				t.Errorf("%+v", w.Doubts())
			}
		})
	}
}

func TestClosingDoesNotWaitForTheCheck(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	w.beside.begin(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, func(error) { t.Error("it was told to the end") })
	ok(t, w.Close())
}
