package workspace

import (
	"testing"

	"countersign/backend/governance"
)

// Closing keeps where the chains of all keys end, and the next start trusts it;
// what somebody writes in its place is not trusted, and nothing else is lost.
func TestTheEndsOfTheChainsAreKeptBesideTheHead(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	opened := func() *Workspace {
		t.Helper()
		w, err := Open(ctx, Options{Data: dir, Demo: true, Pace: -1})
		if err != nil {
			t.Fatal(err)
		}
		if d := w.Doubts(); len(d) > 0 {
			t.Fatal(d)
		}
		return w
	}
	submit := func(w *Workspace) {
		t.Helper()
		cr, err := w.NewChangeRequest(ctx, Ana, governance.ChangeRequest{Name: "Round amounts", Overview: "Half up.",
			Customizations: []governance.Customization{{Change: governance.Modify, Type: "ApexClass", Name: "Billing"}}})
		if err == nil {
			_, err = w.Do(ctx, Ana, cr.ID, governance.Deed{Action: governance.Submit})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	closed := func(w *Workspace) string {
		t.Helper()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		a, err := w.remembered(ctx)
		if err != nil || a == nil {
			t.Fatal(a, err)
		}
		return a.Chains
	}
	w := opened()
	submit(w)
	first := closed(w)
	if first == "" {
		w = opened() // only a start that found nothing wrong carries the head on
		submit(w)
		first = closed(w)
	}
	w = opened()
	if trusted, err := w.Store.TrustChains(ctx, first); err != nil || !trusted {
		t.Fatalf("what was kept is not what the database holds: %t, %v", trusted, err)
	}
	submit(w)
	second := closed(w)
	if second == "" || second == first {
		t.Fatalf("after another act %q is kept, and %q before", second, first)
	}
	if third := closed(opened()); third != second {
		t.Errorf("nothing was signed, and %q is kept after %q", third, second)
	}
}
