package workspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

func summary(v RequestView) string {
	return strings.Join([]string{v.Request.Name, v.Request.Overview, strings.Join(v.Request.ChangeSets, "+"), fmt.Sprint(v.Count), fmt.Sprint(len(v.Request.Attachments))}, "|")
}

// Every edit can be taken back and done again, also by somebody else and after
// the program was killed.
func TestEditsAreTakenBack(t *testing.T) {
	data, now := t.TempDir(), time.Now()
	clock := func(o *Options) { o.Now = func() time.Time { return now } }
	w := openTestDemo(t, data, clock).as(t, Ana)
	ctx := t.Context()
	v, err := w.SaveRequest(ctx, "", RequestFields{Name: "Renewal"})
	ok(t, err)
	id := v.Request.ID
	if v.CanUndo || v.CanRedo {
		t.Error("a new draft has nothing to undo")
	}
	_, err = w.UndoRequest(ctx, id)
	wantFault(t, err, "nothing_to_undo")
	_, err = w.RedoRequest(ctx, id)
	wantFault(t, err, "nothing_to_redo")

	states := []string{summary(v)}
	edit := func(do func() (RequestView, error)) {
		t.Helper()
		now = now.Add(time.Minute)
		v, err := do()
		ok(t, err)
		states = append(states, summary(v))
	}
	save := func(f RequestFields) func() (RequestView, error) {
		return func() (RequestView, error) { return w.SaveRequest(ctx, id, f) }
	}
	edit(save(RequestFields{Name: "Renewal stages"}))
	edit(save(RequestFields{Name: "Renewal stages", Overview: "Why."}))
	edit(save(RequestFields{Name: "Renewal stages", Overview: "Why.", ChangeSets: []string{"Spring", " Spring ", ""}}))
	edit(func() (RequestView, error) { return w.AddCustomizations(ctx, id, oneValueSet) })
	edit(func() (RequestView, error) {
		_, err := w.ImportManifest(ctx, Ana, id, "package.xml", packageOf(3))
		ok(t, err)
		return w.RequestView(ctx, id)
	})
	edit(func() (RequestView, error) {
		_, err := w.Attach(ctx, Ana, id, "plan.txt", strings.NewReader("the plan"))
		ok(t, err)
		return w.RequestView(ctx, id)
	})
	edit(func() (RequestView, error) { return w.RemoveAttachment(ctx, id, "plan.txt") })
	edit(func() (RequestView, error) { return w.RemoveManifest(ctx, id, "package.xml") })
	edit(func() (RequestView, error) { return w.RemoveCustomizations(ctx, id, oneValueSet) })
	if len(slices.Compact(slices.Clone(states))) != len(states) {
		t.Fatalf("an edit changed nothing: %q", states)
	}

	// What is on disk while the program still runs is what a kill leaves.
	killed := t.TempDir()
	copyFolder(t, data, killed)
	w = openTestDemo(t, killed, clock).as(t, Bo)
	walk := func(back func() (RequestView, error), want string) {
		t.Helper()
		v, err := back()
		ok(t, err)
		if summary(v) != want {
			t.Errorf("%q, not %q", summary(v), want)
		}
	}
	undo := func() (RequestView, error) { return w.UndoRequest(ctx, id) }
	redo := func() (RequestView, error) { return w.RedoRequest(ctx, id) }
	for i := len(states) - 2; i >= 0; i-- {
		walk(undo, states[i])
	}
	_, err = undo()
	wantFault(t, err, "nothing_to_undo")
	for _, s := range states[1:] {
		walk(redo, s)
	}
	walk(undo, states[len(states)-2])
	if v := w.view(t, id); !v.CanUndo || !v.CanRedo || names(v.Authors) != "Ana Requester, Bo Approver" {
		t.Errorf("%v %v %v", v.CanUndo, v.CanRedo, v.Authors)
	}
	// A new edit ends what could be done again.
	_, err = w.SaveRequest(ctx, id, RequestFields{Name: "Another", Overview: "Why."})
	ok(t, err)
	_, err = redo()
	wantFault(t, err, "nothing_to_redo")
	report, err := w.VerifyWhole(ctx, nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Error(findings(report.Findings))
	}
}

// Typing is one edit, until the person pauses or goes to another field.
func TestTypingIsOneEdit(t *testing.T) {
	now := time.Now()
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now = func() time.Time { return now } }).as(t, Ana)
	ctx := t.Context()
	v, err := w.SaveRequest(ctx, "", RequestFields{})
	ok(t, err)
	f := RequestFields{}
	for _, step := range []struct {
		pause          time.Duration
		name, overview string
	}{{1, "R", ""}, {2, "Re", ""}, {4, "Ren", ""}, {1, "Ren", "W"}, {1, "Ren", "Why"}, {9, "Ren", "Why."}} {
		now = now.Add(step.pause * time.Second)
		f.Name, f.Overview = step.name, step.overview
		_, err = w.SaveRequest(ctx, v.Request.ID, f)
		ok(t, err)
	}
	for _, want := range []string{"Ren|Why", "Ren|", "|"} {
		v, err = w.UndoRequest(ctx, v.Request.ID)
		ok(t, err)
		if got := v.Request.Name + "|" + v.Request.Overview; got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if v.CanUndo {
		t.Error("there is more to undo")
	}
	if told := w.told(t, v.Request.ID); told != "Ana Requester edited CR-0001, 9 times.\nAna Requester created CR-0001.\n" {
		t.Errorf("%s", told)
	}
}

func TestUndoStopsAtTheLock(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	_, err := w.SaveRequest(ctx, cr.ID, RequestFields{Name: "Another", Overview: "Why."})
	ok(t, err)
	v := w.do(t, cr.ID, governance.Submit, "")
	if v.CanUndo {
		t.Error("a submitted request can be undone")
	}
	for name, edit := range map[string]func() error{
		"undo": func() error { _, err := w.UndoRequest(ctx, cr.ID); return err },
		"save": func() error { _, err := w.SaveRequest(ctx, cr.ID, RequestFields{Name: "x"}); return err },
		"add": func() error {
			_, err := w.AddCustomizations(ctx, cr.ID, []governance.Customization{{Type: "ApexClass", Name: "X"}})
			return err
		},
		"remove": func() error { _, err := w.RemoveCustomizations(ctx, cr.ID, oneValueSet); return err },
		"delete": func() error { return w.DeleteRequest(ctx, cr.ID) },
	} {
		wantFault(t, edit(), "locked")
		if now := w.view(t, cr.ID); now.Request.Name != "Another" || now.Count != 1 {
			t.Errorf("%s: %+v", name, now.Request)
		}
	}
}

func TestCopiesAndDeletions(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	_, err := w.Attach(ctx, Ana, cr.ID, "plan.txt", strings.NewReader("the plan"))
	ok(t, err)
	w.do(t, cr.ID, governance.Submit, "")
	v, err := w.as(t, Dee).DuplicateRequest(ctx, cr.ID)
	ok(t, err)
	if v.Request.ID == cr.ID || v.Request.Name != "Renewal stages (copy)" || v.Request.Status != governance.InProgress || len(v.Request.Attachments) != 1 || v.Count != 1 || names(v.Authors) != "Dee Release" {
		t.Errorf("%+v", v.Request)
	}
	if other := w.as(t, Ana).view(t, v.Request.ID); other.CanDelete {
		t.Error("Ana could delete Dee's draft")
	}
	wantFault(t, w.DeleteRequest(ctx, v.Request.ID), "not_allowed")
	if !w.as(t, Bo).view(t, v.Request.ID).CanDelete {
		t.Error("an owner cannot delete a draft")
	}
	_, err = w.UndoRequest(ctx, v.Request.ID)
	wantFault(t, err, "nothing_to_undo")
	ok(t, w.as(t, Dee).DeleteRequest(ctx, v.Request.ID))
	_, err = w.RequestView(ctx, v.Request.ID)
	wantFault(t, err, "not_found")
	report, err := w.VerifyWhole(ctx, nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Error(findings(report.Findings))
	}
}

func TestTextsThatAreRefused(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	for name, c := range map[string]struct {
		f    RequestFields
		code string
	}{
		"a long name":         {RequestFields{Name: strings.Repeat("x", 256)}, "too_long"},
		"a long overview":     {RequestFields{Overview: strings.Repeat("x", 100_001)}, "too_long"},
		"a link that runs":    {RequestFields{ExternalLink: "javascript:alert(1)"}, "link"},
		"a type of one's own": {RequestFields{Type: "Huge"}, "change_type"},
		"a long change set":   {RequestFields{ChangeSets: []string{strings.Repeat("x", 300)}}, "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.SaveRequest(ctx, cr.ID, c.f)
			wantFault(t, err, c.code)
			if v := w.view(t, cr.ID); v.Request.Name != cr.Name || v.CanUndo {
				t.Errorf("something of it stayed: %+v", v.Request)
			}
		})
	}
	v, err := w.SaveRequest(ctx, cr.ID, RequestFields{Name: " two\nlines "})
	ok(t, err)
	if v.Request.Name != "two lines" {
		t.Errorf("%q", v.Request.Name)
	}
}

func TestContentOfARequest(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	for _, env := range []string{DemoSource, DemoTarget} {
		_, err := w.TestConnection(ctx, Ana, env)
		ok(t, err)
	}
	v, err := w.SaveRequest(ctx, "", RequestFields{Name: "From a file"})
	ok(t, err)
	id := v.Request.ID
	if v.Inventory.EnvironmentID != "" {
		t.Errorf("%+v", v.Inventory)
	}
	for _, env := range []string{DemoSource, DemoTarget} {
		_, err = w.Scanner.Inventory(ctx, Ana, env)
		ok(t, err)
	}
	there := w.everywhere(t)
	v, err = w.AddCustomizations(ctx, id, []governance.Customization{
		{Change: governance.Add, Type: there.Type, Name: there.Name}, {Type: "ApexClass", Name: "NotThereYet"}, {Change: governance.Delete, Type: "ApexClass", Name: "Old"}})
	ok(t, err)
	whole(t, v)
	if v.Count != 3 || v.Existing != 1 || v.Inventory.Name != "Demo UAT" || v.Inventory.Count == 0 || v.Inventory.At.IsZero() {
		t.Errorf("%d, %d existing, %+v", v.Count, v.Existing, v.Inventory)
	}
	if len(v.Notes) != 1 || !strings.Contains(v.Notes[0].Text, there.String()+" exists already") {
		t.Errorf("%+v", v.Notes)
	}
	_, err = w.ImportManifest(ctx, Ana, id, "package.xml", []byte(packageHead+`<types><members>*</members><name>CustomLabel</name></types>
		<types><members>NotThereYet</members><members>Beta</members><name>ApexClass</name></types><version>66.0</version></Package>`))
	ok(t, err)
	page, err := w.RequestContent(ctx, id, ContentQuery{})
	ok(t, err)
	if page.Total != 5 {
		t.Fatalf("%+v", page)
	}
	for _, i := range page.Items {
		want := map[string]ContentItem{
			"NotThereYet": {Customization: governance.Customization{Change: governance.Add}, Level: governance.FullLifecycle, Category: governance.Code},
			"Beta":        {Customization: governance.Customization{Change: governance.Modify}, Level: governance.FullLifecycle, Category: governance.Code, Manifest: "package.xml"},
			"Old":         {Customization: governance.Customization{Change: governance.Delete}, Level: governance.FullLifecycle, Category: governance.Code},
			"*":           {Customization: governance.Customization{Change: governance.Modify}, Level: governance.ChangeRequestLevel, Category: governance.Configuration, Manifest: "package.xml"},
		}[i.Name]
		if i.Name == there.Name {
			if !i.Exists || i.Change != governance.Modify || i.By == "" || i.At.IsZero() {
				t.Errorf("%+v", i)
			}
			continue
		}
		if i.Exists || i.Change != want.Change || i.Level != want.Level || i.Category != want.Category || i.Manifest != want.Manifest {
			t.Errorf("%+v", i)
		}
	}
	for q, want := range map[ContentQuery]int64{{Type: "ApexClass"}: 4, {Text: "NOTTHERE"}: 1, {Text: "apexcl"}: 4, {Type: "Nothing"}: 0, {Offset: 99}: 5} {
		p, err := w.RequestContent(ctx, id, q)
		ok(t, err)
		if p.Total != want || p.Items == nil || len(p.Types) != 2 {
			t.Errorf("%+v: %d, %+v", q, p.Total, p.Types)
		}
	}
	rows, err := w.RequestRows(ctx, RequestQuery{})
	ok(t, err)
	if rows.Items[0].Customizations != 5 {
		t.Errorf("the list counts %d", rows.Items[0].Customizations)
	}

	// What cannot be a name is refused with an example, and nothing is saved.
	_, err = w.AddCustomizations(ctx, id, []governance.Customization{{Type: "ApexClass", Name: "Fine"}, {Type: "CustomField", Name: "Region"}})
	f := wantFault(t, err, "bad_name")
	if !strings.Contains(f.Hint, ".") || w.view(t, id).Count != 5 {
		t.Errorf("%+v", f)
	}
	_, err = w.RemoveCustomizations(ctx, id, []governance.Customization{{Type: "ApexClass", Name: "Beta"}})
	wantFault(t, err, "in_manifest")
	_, err = w.RemoveCustomizations(ctx, id, []governance.Customization{{Type: "ApexClass", Name: "Never"}})
	wantFault(t, err, "not_found")
	_, err = w.RemoveManifest(ctx, id, "else.xml")
	wantFault(t, err, "not_found")
	_, err = w.RemoveAttachment(ctx, id, "else.txt")
	wantFault(t, err, "not_found")
}

// everywhere is a customization that both demo orgs have.
func (w *Workspace) everywhere(t *testing.T) governance.Customization {
	t.Helper()
	scans, err := w.Store.LastScans(t.Context())
	ok(t, err)
	items, err := w.Inventory(t.Context(), DemoTarget, InventoryQuery{Types: []string{"ApexClass"}})
	ok(t, err)
	for _, i := range items.Items {
		c := governance.Customization{Type: i.Type, Name: i.Name}
		found, err := w.Store.ItemsNamed(t.Context(), scans[DemoSource].ID, []governance.Customization{c})
		ok(t, err)
		if len(found) == 1 {
			return c
		}
	}
	t.Fatal("the demo orgs share no Apex class")
	return governance.Customization{}
}

func TestCheckingNames(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	for _, c := range []struct {
		typ, name string
		ok        bool
		example   bool
	}{{"ApexClass", "Billing", true, true}, {"CustomField", "Region", false, true}, {"ApexKlass", "Billing", false, false}, {"ApexClass", "*", false, true}} {
		got := w.CheckNames([]governance.Customization{{Type: c.typ, Name: c.name}})
		if len(got) != 1 || got[0].OK != c.ok || (got[0].Problem == "") != c.ok || (got[0].Example != "") != c.example || got[0].Name != c.name {
			t.Errorf("%+v", got)
		}
	}
	if got := w.CheckNames(nil); got == nil {
		t.Error("nil")
	}
}

func TestTheImpactOfARequest(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	first := w.draftFor(t, Ana)
	v, err := w.SaveRequest(ctx, "", RequestFields{Name: "Second"})
	ok(t, err)
	_, err = w.AddCustomizations(ctx, v.Request.ID, append([]governance.Customization{{Type: "Report", Name: "Sales/All"}, {Type: "ApexClass", Name: "Billing"}}, oneValueSet...))
	ok(t, err)
	im, err := w.RequestImpact(ctx, v.Request.ID)
	ok(t, err)
	if len(im.Levels) != 3 || im.Levels[0].Category != governance.Code || im.Levels[2].Category != governance.Analytics || im.Levels[0].Count != 1 {
		t.Errorf("%+v", im.Levels)
	}
	if len(im.Others) != 1 || im.Others[0].Request.ID != first.ID || im.Others[0].Count != 1 || im.Others[0].Shared[0] != oneValueSet[0] || !im.CheckedAt.IsZero() || im.Missing == nil {
		t.Errorf("%+v", im)
	}
	_, err = w.Do(ctx, Ana, first.ID, governance.Deed{Action: governance.Cancel, Reason: "No."})
	ok(t, err)
	if im, err = w.RequestImpact(ctx, v.Request.ID); err != nil || len(im.Others) > 0 {
		t.Errorf("a cancelled request still overlaps: %+v, %v", im.Others, err)
	}
}

// What the last check of dependencies of a record found missing is part of its
// request's impact.
func TestTheImpactKnowsWhatIsMissing(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	dr := w.approvedRecord(t)
	answer, err := w.Scanner.Dependencies(ctx, Ana, dr.ID)
	ok(t, err)
	im, err := w.RequestImpact(ctx, dr.RequestID)
	ok(t, err)
	if im.CheckedOn != dr.Label() || im.CheckedAt.IsZero() || len(im.Missing) != len(answer.Missing) {
		t.Errorf("%+v, not %+v", im, answer.Missing)
	}
	if !strings.Contains(w.told(t, dr.RequestID), "checked the dependencies of DR-0001") {
		t.Error("the check is not told")
	}
	if strings.Contains(w.told(t, dr.ID), "CR-0001") {
		t.Error("a record's own activity tells of its request")
	}
}
