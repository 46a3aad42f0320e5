package workspace

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// everything is the whole trail, asked for as a page does.
func (w *Workspace) everything(t *testing.T, q TrailQuery) []TrailEntry {
	t.Helper()
	all := []TrailEntry{}
	for {
		p, err := w.TrailPage(t.Context(), q)
		ok(t, err)
		all = append(all, p.Items...)
		if q.Before = p.Next; p.Next == 0 {
			return all
		}
	}
}

func TestTheAuditTrailInPeoplesWords(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	v := w.scannedRecord(t, oneValueSet)
	id := v.Record.ID
	k, err := w.StartInventory(ctx, DemoSource)
	w.succeeds(t, k, err)
	k, err = w.StartDependencies(ctx, id)
	w.succeeds(t, k, err)
	_, err = w.StartAttempt(ctx, id, governance.AttemptDeploy, "")
	wantFault(t, err, "record_status")
	w.approve(t, id)
	for _, kind := range []governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate} {
		k, err = w.StartAttempt(ctx, id, kind, "")
		w.succeeds(t, k, err)
	}
	k, err = w.StartVerify(ctx)
	w.succeeds(t, k, err)

	all := w.everything(t, TrailQuery{Limit: 7})
	head, err := w.Store.Head(ctx)
	ok(t, err)
	if int64(len(all)) != head.Size {
		t.Fatalf("%d of %d entries", len(all), head.Size)
	}
	told := map[string]string{}
	for i, e := range all {
		if e.Index != head.Size-1-int64(i) {
			t.Fatalf("entry %d is in place %d", e.Index, i)
		}
		if e.Text == "" || strings.ContainsAny(e.Text, "{}") || e.Said.Code == "trail.other" || e.At.IsZero() || e.Hash == "" || e.Text != e.Said.Text {
			t.Errorf("%s: %+v", e.Kind, e)
		}
		if (e.Link == "") != (e.LinkTo == "") || e.Act != "" && e.By == nil {
			t.Errorf("%s: %+v", e.Kind, e)
		}
		if told[e.Kind] == "" {
			told[e.Kind] = e.Text
		}
	}
	for kind, want := range map[string]string{
		"gov.genesis": "The workspace was founded.", "dr.submit": "Submitted DR-0001 for approval, round 1.", "dr.approve": "Approved DR-0001, round 1.",
		"deploy.start": "Signed the start of attempt 2 of DR-0001: validation.", "deploy.validated": "Signed how a validation of DR-0001 ended: succeeded.",
		"connection": "Tested the connection to Demo Production", "scan": "Scanned Demo UAT: ", "content": "Ran the scan of DR-0001: 1 customization frozen.",
		"dependencies": "Checked the dependencies of DR-0001: ", "attempt": "Attempt 2 of DR-0001 ended: ", "verify": "Verified the whole audit trail: ",
		"environment": "Saved the environment Demo ", "gate": "The gate was open for validation of DR-0001.", "draft": "Saved DR-0001.",
	} {
		if !strings.HasPrefix(told[kind], want) {
			t.Errorf("%s says %q, want %q", kind, told[kind], want)
		}
	}

	first, err := w.TrailPage(ctx, TrailQuery{})
	ok(t, err)
	sum := int64(0)
	for _, n := range first.Kinds {
		sum += n.Count
	}
	if sum != first.Total || first.Total != head.Size {
		t.Errorf("the kinds count %d of %d entries", sum, first.Total)
	}
	for name, c := range map[string]struct {
		q    TrailQuery
		keep func(TrailEntry) bool
	}{
		"a kind":          {TrailQuery{Kinds: []string{"connection"}}, func(e TrailEntry) bool { return e.Kind == "connection" }},
		"kinds of acts":   {TrailQuery{Kinds: []string{"cr.approve", "dr.approve", "scan"}}, func(e TrailEntry) bool { return strings.HasSuffix(e.Kind, "approve") || e.Kind == "scan" }},
		"every act":       {TrailQuery{Kinds: []string{"act"}}, func(e TrailEntry) bool { return e.Act != "" }},
		"a member":        {TrailQuery{Member: Bo}, func(e TrailEntry) bool { return e.By != nil && e.By.ID == Bo }},
		"words":           {TrailQuery{Text: "dr-0001 APPROVED round"}, func(e TrailEntry) bool { return strings.HasPrefix(e.Text, "Approved DR-0001") }},
		"a person's acts": {TrailQuery{Text: "dee release", Kinds: []string{"deploy.start"}}, func(e TrailEntry) bool { return e.Kind == "deploy.start" }},
		"nothing":         {TrailQuery{Text: "no such words"}, func(TrailEntry) bool { return false }},
		"an unknown kind": {TrailQuery{Kinds: []string{"no-such-kind"}}, func(TrailEntry) bool { return false }},
	} {
		c.q.Limit = 2
		got, want := w.everything(t, c.q), slices.DeleteFunc(slices.Clone(all), func(e TrailEntry) bool { return !c.keep(e) })
		if len(got) != len(want) || name != "nothing" && name != "an unknown kind" && len(got) == 0 {
			t.Errorf("%s: %d entries, want %d", name, len(got), len(want))
			continue
		}
		for i := range got {
			if got[i].Index != want[i].Index {
				t.Errorf("%s: entry %d, want %d", name, got[i].Index, want[i].Index)
			}
		}
	}

	act := all[slices.IndexFunc(all, func(e TrailEntry) bool { return e.Kind == "dr.submit" })]
	text, err := w.TrailEntryJSON(ctx, act.Index)
	ok(t, err)
	var entry struct {
		Hash string
		Act  struct {
			ID        string
			Payload   map[string]any
			Signature []byte
		}
	}
	if err := json.Unmarshal([]byte(text), &entry); err != nil || entry.Hash != act.Hash || entry.Act.ID != act.Act || len(entry.Act.Signature) != 64 || entry.Act.Payload["type"] != "dr.submit" {
		t.Errorf("%v %s", err, text)
	}
	_, err = w.TrailEntryJSON(ctx, head.Size+100)
	wantFault(t, err, "not_found")
	_, err = w.TrailEntryJSON(ctx, -1)
	wantFault(t, err, "not_found")

	p := w.TrailProof()
	if p.At.IsZero() || !p.Keychain || len(p.Proves) != 5 || len(p.Report.Findings) != 0 || p.Size == 0 || p.Root == "" || p.Work != "" || len(p.Said) != 5 {
		t.Errorf("%+v", p)
	}
}

func TestAVerificationThatFindsSomething(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	ctx := t.Context()
	before := w.TrailProof()
	if !before.At.IsZero() || before.Proves == nil || before.Since == nil || before.Report.Findings == nil {
		t.Errorf("%+v", before)
	}
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	ok(t, store.Forge(ctx, w.Dir(), "UPDATE change_requests SET status = 'Approved' WHERE id = '"+cr.ID+"'"))
	k, err := w.StartVerify(ctx)
	ok(t, err)
	if k = w.ends(t, k); k.Succeeded || k.Problem != nil || !strings.HasPrefix(k.Sentence, "1 thing is wrong. ") {
		t.Errorf("%+v", k)
	}
	p := w.TrailProof()
	if len(p.Report.Findings) != 1 || len(p.Proves) != 0 {
		t.Errorf("%+v", p)
	}
	ok(t, w.ActAs(ctx, Bo))
	said, err := w.RebuildRows(ctx)
	ok(t, err)
	if len(said) != 1 || !strings.Contains(said[0].Text, "CR-0001 was Approved and is Pending Approval") {
		t.Errorf("%q", said)
	}
	k, err = w.StartVerify(ctx)
	w.succeeds(t, k, err)
}
