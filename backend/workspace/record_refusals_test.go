package workspace

import (
	"context"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/scan"
)

// Each refusal of a record's screens, once.
func TestWhatARecordRefuses(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	ok(t, w.ActAs(ctx, Ana))
	w.connectBoth(t)
	cr := w.approvedRequest(t, oneValueSet)
	draft := w.draftFor(t, Ana)
	v, err := w.SaveRecord(ctx, "", RecordFields{RequestID: cr.ID})
	ok(t, err)
	id := v.Record.ID

	t.Run("that is not there", func(t *testing.T) {
		for name, ask := range map[string]func(context.Context, string) error{
			"view": func(ctx context.Context, id string) error { _, err := w.RecordView(ctx, id); return err },
			"content": func(ctx context.Context, id string) error {
				_, err := w.RecordContent(ctx, id, ContentQuery{})
				return err
			},
			"comparison":   func(ctx context.Context, id string) error { _, err := w.Comparison(ctx, id); return err },
			"sides":        func(ctx context.Context, id string) error { _, err := w.Sides(ctx, id, oneValueSet[0]); return err },
			"dependencies": func(ctx context.Context, id string) error { _, err := w.LastDependencies(ctx, id); return err },
			"scan":         func(ctx context.Context, id string) error { _, err := w.StartScan(ctx, id); return err },
			"check":        func(ctx context.Context, id string) error { _, err := w.StartDependencies(ctx, id); return err },
			"attempt": func(ctx context.Context, id string) error {
				_, err := w.StartAttempt(ctx, id, governance.AttemptDeploy, "")
				return err
			},
			"delete": w.DeleteRecord,
			"add": func(ctx context.Context, id string) error {
				_, err := w.AddMissing(ctx, id, oneValueSet, "", "")
				return err
			},
			"log":         func(ctx context.Context, id string) error { _, err := w.LogView(ctx, id); return err },
			"raw":         func(ctx context.Context, id string) error { _, err := w.RawAnswer(ctx, id, 0); return err },
			"cancel":      func(ctx context.Context, id string) error { _, err := w.CancelAttempt(ctx, id); return err },
			"send":        func(ctx context.Context, id string) error { _, err := w.SendAgain(ctx, id); return err },
			"give up":     func(ctx context.Context, id string) error { _, err := w.GiveUp(ctx, id); return err },
			"page":        func(ctx context.Context, id string) error { _, err := w.StatusPage(ctx, id); return err },
			"environment": func(ctx context.Context, id string) error { _, err := w.EnvironmentView(ctx, id); return err },
			"inventory": func(ctx context.Context, id string) error {
				_, err := w.Inventory(ctx, id, InventoryQuery{})
				return err
			},
			"connect": func(ctx context.Context, id string) error { _, err := w.Connect(ctx, id); return err },
		} {
			if code := governance.FaultCode(ask(ctx, "none")); code != "not_found" {
				t.Errorf("%s: %q", name, code)
			}
		}
	})
	t.Run("before it is scanned", func(t *testing.T) {
		_, err := w.Comparison(ctx, id)
		wantFault(t, err, scan.CodeNotScanned)
		_, err = w.Sides(ctx, id, oneValueSet[0])
		wantFault(t, err, scan.CodeNotScanned)
		_, err = w.StartDependencies(ctx, id)
		wantFault(t, err, scan.CodeNotScanned)
		a, err := w.LastDependencies(ctx, id)
		ok(t, err)
		if a.Known || a.Current || a.Answer.Items == nil || len(a.Counts) != 5 {
			t.Errorf("%+v", a)
		}
		_, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Submit, Seen: v.Digest})
		wantFault(t, err, "not_allowed")
	})
	t.Run("its fields", func(t *testing.T) {
		same := RecordFields{RequestID: cr.ID, Name: "A name", SourceID: DemoSource, TargetID: DemoSource, Whole: true}
		for _, c := range []struct {
			id     string
			change func(*RecordFields)
			code   string
		}{
			{id, func(*RecordFields) {}, "same_environment"},
			{id, func(f *RecordFields) { f.TargetID = "none" }, "not_found"},
			{id, func(f *RecordFields) { f.TargetID, f.Options.TestLevel = DemoTarget, "All" }, "test_level"},
			{id, func(f *RecordFields) { f.TargetID, f.Deployer = DemoTarget, "eve" }, "not_member"},
			{"", func(f *RecordFields) { f.RequestID = draft.ID }, "not_approved"},
			{"", func(f *RecordFields) { f.RequestID = "none" }, "not_found"},
		} {
			f := same
			c.change(&f)
			if c.id == "" && f.TargetID == f.SourceID {
				f.TargetID = DemoTarget
			}
			_, err := w.SaveRecord(ctx, c.id, f)
			wantFault(t, err, c.code)
		}
	})
	k, err := w.StartScan(ctx, id)
	w.succeeds(t, k, err)
	t.Run("a file that it does not have", func(t *testing.T) {
		_, err := w.Sides(ctx, id, governance.Customization{Type: "ApexClass", Name: "Nothing"})
		wantFault(t, err, "not_in_record")
	})
	t.Run("a word about other content", func(t *testing.T) {
		_, err := w.DoOnRecord(ctx, id, Wish{Action: governance.Submit, Seen: strings.Repeat("0", 64)})
		wantFault(t, err, "seen_other")
		_, err = w.DoOnRecord(ctx, id, Wish{Action: governance.Submit})
		wantFault(t, err, "seen_other")
	})
	t.Run("attempts before it is approved", func(t *testing.T) {
		ok(t, w.ActAs(ctx, Dee))
		for _, kind := range []governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate, governance.AttemptDeploy, governance.AttemptQuick} {
			_, err := w.StartAttempt(ctx, id, kind, "Demo Production")
			wantFault(t, err, "record_status")
		}
		_, err := w.StartAttempt(ctx, id, governance.AttemptReverseCheck, "")
		wantFault(t, err, "wrong_kind")
	})
	w.ActAs(ctx, Ana)
	w.approve(t, id)
	t.Run("once it is submitted", func(t *testing.T) {
		ok(t, w.ActAs(ctx, Ana))
		_, err := w.StartScan(ctx, id)
		wantFault(t, err, scan.CodeLocked)
		wantFault(t, w.DeleteRecord(ctx, id), "locked")
		_, err = w.SaveRecord(ctx, id, RecordFields{Name: "Other", SourceID: DemoSource, TargetID: DemoTarget, Whole: true})
		wantFault(t, err, "locked")
		v := w.record(t, id)
		if s := v.step(StepScan); s.Allowed || s.WhyCode != scan.CodeLocked || s.Remedy == "" || len(s.Who) == 0 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("attempts by another person, with every reason", func(t *testing.T) {
		_, err := w.StartAttempt(ctx, id, governance.AttemptDeploy, "Demo Production")
		f := wantFault(t, err, "deployer")
		if !strings.Contains(f.Hint, "Also: ") || !strings.Contains(f.Hint, "not retrieved") {
			t.Errorf("not every reason is in %q", f.Hint)
		}
		e, err := w.Store.LastEntryOf(ctx, "gate", "record", id)
		ok(t, err)
		if e == nil || !strings.Contains(string(e.Data), `"by":"ana"`) {
			t.Error("the refusal is not in the audit trail")
		}
	})
	t.Run("an attempt that has ended", func(t *testing.T) {
		ok(t, w.ActAs(ctx, Dee))
		k, err := w.StartAttempt(ctx, id, governance.AttemptRetrieve, "")
		k = w.succeeds(t, k, err)
		_, err = w.RawAnswer(ctx, k.LogID, 0)
		wantFault(t, err, "no_answer")
		_, err = w.CancelAttempt(ctx, k.LogID)
		wantFault(t, err, "attempt_ended")
		_, err = w.SendAgain(ctx, k.LogID)
		wantFault(t, err, "attempt_ended")
		_, err = w.GiveUp(ctx, k.LogID)
		wantFault(t, err, "attempt_ended")
		page, err := w.StatusPage(ctx, k.LogID)
		ok(t, err)
		if page != "" {
			t.Errorf("a demo org has the page %s", page)
		}
	})
	t.Run("a draft is deleted by an author", func(t *testing.T) {
		ok(t, w.ActAs(ctx, Ana))
		made, err := w.SaveRecord(ctx, "", RecordFields{RequestID: cr.ID, Name: "Second"})
		ok(t, err)
		ok(t, w.ActAs(ctx, Dee))
		wantFault(t, w.DeleteRecord(ctx, made.Record.ID), "not_allowed")
		wantFault(t, w.DeleteRecord(ctx, draft.ID), "not_found")
		ok(t, w.ActAs(ctx, Ana))
		ok(t, w.DeleteRecord(ctx, made.Record.ID))
		_, err = w.RecordView(ctx, made.Record.ID)
		wantFault(t, err, "not_found")
	})
}

func TestTheSidesOfACustomization(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	v := w.scannedRecord(t, forgetful(t))
	c, err := w.Comparison(t.Context(), v.Record.ID)
	ok(t, err)
	if len(c.Found.Items) != int(v.Count) {
		t.Errorf("%d of %d", len(c.Found.Items), v.Count)
	}
	for _, i := range c.Found.Items {
		sides, err := w.Sides(t.Context(), v.Record.ID, i.Customization)
		ok(t, err)
		differs := false
		for _, s := range sides {
			differs = differs || s.Before != s.After
			if s.Cut || s.Binary || s.Path == "" || s.Before == "" && s.After == "" {
				t.Errorf("%s: %+v", i, s)
			}
			if i.State == scan.StateNew && s.Before != "" || i.State == scan.StateDelete && s.After != "" {
				t.Errorf("%s is %s: %q", i, i.State, s.Before)
			}
		}
		if typ, _ := metadata.TypeOf(i.Type); typ.Parent != "" && (len(sides) != 1 || !strings.HasPrefix(sides[0].After, "<")) {
			t.Errorf("%s is shown as %+v", i, sides)
		}
		if differs == (i.State == scan.StateSame) {
			t.Errorf("%s is %s, and its sides differ: %t", i, i.State, differs)
		}
	}
	first, err := w.RecordContent(t.Context(), v.Record.ID, ContentQuery{Limit: 3})
	ok(t, err)
	if first.Total != v.Count || len(first.Items) != 3 || len(first.Types) == 0 || first.Items[0].Level == "" {
		t.Errorf("%+v", first)
	}
}

func TestTextThatIsTooLongOrNone(t *testing.T) {
	long := []byte(strings.Repeat("é", mostText))
	s := sideOf("classes/A.cls", long, []byte("short"), new(int))
	if !s.Cut || len(s.Before) > mostText || len(s.Before) < mostAnswer/2-4 || strings.ContainsRune(s.Before, '\uFFFD') || s.After != "short" {
		t.Errorf("%d bytes, cut: %t", len(s.Before), s.Cut)
	}
	for _, b := range [][]byte{{0x89, 'P', 'N', 'G', 0}, {0xff, 0xfe}} {
		if s := sideOf("a.resource", b, nil, new(int)); !s.Binary || s.Before != "" || s.Cut {
			t.Errorf("%v: %+v", b, s)
		}
	}
}

func TestAComparisonThatIsTooLong(t *testing.T) {
	w := &Workspace{}
	c := &scan.Comparison{Notes: []string{}}
	for range 6000 {
		i := scan.Item{Customization: governance.Customization{Type: "CustomField", Name: "Account." + strings.Repeat("A", 60)}, State: scan.StateChanged,
			Changes: []metadata.Change{{Path: "label", Before: strings.Repeat("b", 300), After: "c"}}}
		c.Items = append(c.Items, i)
	}
	c.Items = append(c.Items, scan.Item{State: scan.StateMissing, Changes: []metadata.Change{}})
	w.fit(c)
	if n := sizeOf(c); n > 1<<20 || len(c.Items) == 0 || len(c.Notes) != 2 || c.Items[0].State != scan.StateMissing {
		t.Errorf("%d bytes, %d items, %q", n, len(c.Items), c.Notes)
	}
	for _, note := range c.Notes {
		if strings.ContainsAny(note, "{}") || !strings.HasSuffix(note, ".") {
			t.Error(note)
		}
	}
}
