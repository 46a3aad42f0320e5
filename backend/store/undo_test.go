package store_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

func anything(*governance.ChangeRequest) error { return nil }

func (w *world) rename(id, name string) {
	w.t.Helper()
	_, err := w.s.EditDraft(w.ctx, id, w.by("rita"), func(cr *governance.ChangeRequest) error { cr.Name = name; return nil })
	must(w.t, err)
}

func (w *world) edits() (n int) {
	w.t.Helper()
	byHand(w.t, w.dir, func(db *sql.DB) { must(w.t, db.QueryRow("SELECT count(*) FROM edits").Scan(&n)) })
	return n
}

// The last two hundred edits of a draft are kept, and none of a deleted one.
func TestKeptEdits(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	for i := range 203 {
		w.now = w.now.Add(time.Minute)
		w.rename(cr.ID, fmt.Sprint("Name ", i))
	}
	if n := w.edits(); n != 200 {
		t.Errorf("%d edits", n)
	}
	for i := range 200 {
		got, err := w.s.UndoDraft(w.ctx, cr.ID, w.by("rita"), anything)
		must(t, err)
		if want := fmt.Sprint("Name ", 201-i); got.Name != want {
			t.Fatalf("%q, not %q", got.Name, want)
		}
	}
	_, err := w.s.UndoDraft(w.ctx, cr.ID, w.by("rita"), anything)
	wantFault(t, err, "nothing_to_undo")
	w.sound()
	must(t, w.s.DeleteDraft(w.ctx, cr.ID, w.by("rita")))
	if n := w.edits(); n != 0 {
		t.Errorf("%d edits of a draft that is gone", n)
	}
	w.sound()
}

// What a check refuses is not undone, and an edit that is refused is not kept.
func TestRefusedEdits(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	w.rename(cr.ID, "Round all amounts")
	no := governance.Faultf("no", "No.")
	_, err := w.s.UndoDraft(w.ctx, cr.ID, w.by("rita"), func(*governance.ChangeRequest) error { return no })
	wantFault(t, err, "no")
	_, err = w.s.EditDraft(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest) error { cr.Name = "x"; return no })
	wantFault(t, err, "no")
	_, err = w.s.UndoDraft(w.ctx, cr.ID, w.by("nobody"), anything)
	wantFault(t, err, "not_member")
	undo, redo, err := w.s.Undoable(w.ctx, cr.ID)
	must(t, err)
	if !undo || redo || w.edits() != 1 {
		t.Errorf("undo %v, redo %v, %d edits", undo, redo, w.edits())
	}
	got, err := w.s.UndoDraft(w.ctx, cr.ID, w.by("ann"), anything)
	must(t, err)
	if got.Name != "Round amounts" {
		t.Errorf("%q", got.Name)
	}
	w.sound()
}

// Taking back what was added leaves alone what came in by another way since.
func TestUndoOfCustomizationsBesideOthers(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	class := func(name string) governance.Customization {
		return governance.Customization{Change: governance.Modify, Name: name, Type: "ApexClass"}
	}
	_, err := w.s.EditDraft(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest) error {
		cr.Customizations = append(cr.Customizations, class("Added"))
		return nil
	})
	must(t, err)
	_, err = w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		cr.Customizations = append(cr.Customizations, class("Other"))
		return governance.Intent{}, nil
	})
	must(t, err)
	got, err := w.s.UndoDraft(w.ctx, cr.ID, w.by("rita"), anything)
	must(t, err)
	if len(got.Customizations) != 2 || got.Customizations[0].Name != "Billing" || got.Customizations[1].Name != "Other" {
		t.Errorf("%+v", got.Customizations)
	}
}

// The list counts a customization once, whoever names it.
func TestRequestLinesCount(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	_, err := w.s.EditDraft(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest) error {
		cr.Manifests = []governance.PackageManifest{{Name: "package.xml", Members: []governance.ManifestMember{{Type: "ApexClass", Names: []string{"Billing", "*", "Other"}}}}}
		return nil
	})
	must(t, err)
	lines, total, err := w.s.RequestLines(w.ctx, store.Query{Author: "rita"}, nil)
	must(t, err)
	if total != 1 || lines[0].Count != 3 {
		t.Errorf("%+v", lines)
	}
	for member, want := range map[string]int64{"rita": 1, "rit": 0, `r%`: 0, `"`: 0} {
		if _, n, err := w.s.RequestLines(w.ctx, store.Query{Author: member}, nil); err != nil || n != want {
			t.Errorf("%s: %d, %v", member, n, err)
		}
	}
	if _, n, err := w.s.RequestLines(w.ctx, store.Query{}, []string{}); err != nil || n != 0 {
		t.Errorf("among none: %d, %v", n, err)
	}
}
