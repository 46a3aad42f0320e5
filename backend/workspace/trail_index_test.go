package workspace

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// searched asks for entries in many ways and holds the answers against a look at
// every entry.
func (w *Workspace) searched(t *testing.T, when string) {
	t.Helper()
	all := w.everything(t, TrailQuery{Limit: 50})
	for _, q := range []TrailQuery{
		{Text: "cr-0001"}, {Text: "CR-0002 saved"}, {Text: "demo production"}, {Text: "Renamed by hand"}, {Text: "renamed in time"}, {Text: "not here any more"},
		{Text: "ana"}, {Text: "Bo approver"}, {Text: "no such word"}, {Member: Ana}, {Member: Bo, Text: "approved"}, {Member: "nobody"},
		{Kinds: []string{"cr.submit"}}, {Kinds: []string{"cr.submit", "draft"}, Text: "0001"}, {Kinds: []string{"connection"}, Text: "demo"}, {Text: "forged"},
	} {
		want := []int64{}
		for _, e := range all {
			by := &Person{}
			if e.By != nil {
				by = e.By
			}
			if holdsWords(e.words()+" "+by.Name, q.Text) && (q.Member == "" || by.ID == q.Member) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) {
				want = append(want, e.Index)
			}
		}
		q.Limit = 3
		got := []int64{}
		for _, e := range w.everything(t, q) {
			got = append(got, e.Index)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %+v finds %v, want %v", when, q, got, want)
		}
	}
}

// TestASearchFindsWhatALookAtEveryEntryFinds holds the index of the trail: after
// each kind of write, also by somebody else and by hand.
func TestASearchFindsWhatALookAtEveryEntryFinds(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	first, second := w.draftFor(t, Ana), w.draftFor(t, Ana)
	w.searched(t, "drafts")
	w.mustDo(t, Ana, first.ID, governance.Submit)
	w.mustDo(t, Bo, first.ID, governance.Approve)
	_, err := w.TestConnection(ctx, Ana, DemoTarget)
	ok(t, err)
	w.searched(t, "acts")
	env, err := w.Store.Environment(ctx, DemoTarget)
	ok(t, err)
	env.Name = "Renamed in time"
	ok(t, w.Store.SaveEnvironment(ctx, Ana, env))
	w.searched(t, "an environment renamed")
	ok(t, w.DeleteRequest(ctx, second.ID))
	w.searched(t, "a draft deleted")
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE environments SET name = 'Renamed by hand' WHERE id = '"+DemoTarget+"'"))
	w.searched(t, "an environment renamed by hand")
	// The page shows the trail as it is; that it was altered is for verifying to say.
	ok(t, store.Forge(ctx, w.Dir(), "DROP TRIGGER log_entries_stay"))
	ok(t, store.Forge(ctx, w.Dir(), `UPDATE log_entries SET data = CAST('{"at":"2026-11-22T10:00:00Z","by":"ana","reason":"","request":"forged","what":"forged"}' AS BLOB), kind = 'rebuild' WHERE idx = 2`))
	w.searched(t, "an entry forged")
	ok(t, store.Forge(ctx, w.Dir(), "DROP TRIGGER log_entries_remain"))
	ok(t, store.Forge(ctx, w.Dir(), "DELETE FROM log_entries WHERE idx IN (0, 4)"))
	w.searched(t, "entries removed")
	report, err := w.VerifyWhole(ctx, nil)
	ok(t, err)
	if !hasCode(report.Findings, "log_damaged") || !hasCode(report.Findings, "schema") {
		t.Errorf("%s", findings(report.Findings))
	}
}

// TestASearchInALongTrail reads it beside, and answers meanwhile as far as it has
// looked.
func TestASearchInALongTrail(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	w.trail.soon = 10
	w.draftFor(t, Ana)
	for i := range 30 {
		ok(t, w.Store.Note(t.Context(), "demo", struct {
			At   string `json:"at"`
			Step string `json:"step"`
		}{w.now().Format(time.RFC3339), fmt.Sprintf("step %d", i)}))
	}
	w.searched(t, "while it is read")
	_, err := w.TrailPage(t.Context(), TrailQuery{})
	ok(t, err)
	w.chores.runs.Wait()
	if len(w.trail.of) < 30 {
		t.Errorf("%d entries were read", len(w.trail.of))
	}
	w.searched(t, "when it was read")
	if p, err := w.TrailPage(t.Context(), TrailQuery{Text: strings.ToUpper("step 29")}); err != nil || len(p.Items) != 1 || p.Next != 0 {
		t.Errorf("%+v %v", p, err)
	}
}

// TestASearchWhileSomethingLongIsSaved does not wait for it.
func TestASearchWhileSomethingLongIsSaved(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	cr := w.draftFor(t, Ana)
	w.searched(t, "before")
	ana, err := w.Author(t.Context(), Ana)
	ok(t, err)
	ok(t, w.Store.Note(t.Context(), "demo", struct {
		Step string `json:"step"`
	}{"one"}))
	inside, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		_, err := w.Store.UpdateChangeRequest(context.Background(), cr.ID, ana, func(*governance.ChangeRequest, governance.Situation) (governance.Intent, error) {
			close(inside)
			<-release
			return governance.Intent{}, nil
		})
		done <- err
	}()
	<-inside
	w.searched(t, "meanwhile")
	if _, err := w.Today(t.Context()); err != nil {
		t.Error(err)
	}
	close(release)
	ok(t, <-done)
	w.searched(t, "after")
}
