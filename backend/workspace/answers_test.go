package workspace

import (
	"encoding/json"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A screen that is asked for again says the same without looking, and something
// else as soon as anybody wrote: a door, somebody by hand, or the clock.
func TestWhatIsAskedForAgainIsNeverOld(t *testing.T) {
	now := time.Now()
	data := t.TempDir()
	w := openTestDemo(t, data, func(o *Options) { o.Now = func() time.Time { return now } })
	ctx := t.Context()
	screens := func() string {
		t.Helper()
		today, err := w.Today(ctx)
		ok(t, err)
		requests, err := w.RequestRows(ctx, RequestQuery{})
		ok(t, err)
		waiting, err := w.RequestRows(ctx, RequestQuery{View: viewWaiting})
		ok(t, err)
		records, err := w.RecordRows(ctx, RecordQuery{})
		ok(t, err)
		b, err := json.Marshal([]any{today, requests, waiting, records})
		ok(t, err)
		return string(b)
	}
	last := ""
	moved := func(what string) {
		t.Helper()
		got := screens()
		if got == last {
			t.Errorf("%s: the screens say what they said before", what)
		}
		if screens() != got {
			t.Errorf("%s: asked again, the screens say something else", what)
		}
		w.answers, w.known = answers{}, verdicts{}
		if fresh := screens(); fresh != got {
			t.Errorf("%s: they say\n%s\nand asked anew\n%s", what, got, fresh)
		}
		last = got
	}
	ok(t, w.ActAs(ctx, Ana))
	moved("nothing yet")
	cr := w.draftFor(t, Ana)
	moved("a draft")
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	moved("submitted")
	ok(t, w.ActAs(ctx, Bo))
	moved("as another member")
	if cr = w.mustDo(t, Bo, cr.ID, governance.Approve); cr.Status != governance.Approved {
		cr = w.mustDo(t, Cy, cr.ID, governance.Approve)
	}
	ok(t, w.ActAs(ctx, Ana))
	moved("approved")
	if p, err := w.RequestRows(ctx, RequestQuery{View: viewWaiting}); err != nil || len(p.Items) != 1 {
		t.Fatalf("%+v %v", p, err)
	}
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE change_requests SET status = 'Pending Approval' WHERE id = '"+cr.ID+"'"))
	moved("a status changed by hand")
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE change_requests SET status = 'Approved' WHERE id = '"+cr.ID+"'"))
	moved("and back")
	now = now.AddDate(0, 0, 29)
	moved("nearly run out")
	now = now.AddDate(1, 0, 0)
	moved("run out")
}

func TestAnAnswerIsTheCallersToChange(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	w.draftFor(t, Ana)
	p, err := w.RequestRows(t.Context(), RequestQuery{})
	ok(t, err)
	p.Items[0] = RequestRow{}
	if p, err = w.RequestRows(t.Context(), RequestQuery{}); err != nil || p.Items[0].ID == "" {
		t.Errorf("%+v %v", p, err)
	}
}
