package workspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
)

// A list in which something waits for each of the four.
func rowsWorld(t *testing.T) (w *Workspace, ids map[string]string) {
	t.Helper()
	w = openTestDemo(t, t.TempDir()).as(t, Ana)
	ids = map[string]string{}
	for _, c := range []struct {
		name string
		by   string
		acts []benchAct
	}{
		{"draft", Ana, nil},
		{"draft of Dee", Dee, nil},
		{"pending", Ana, []benchAct{{Ana, governance.Submit}}},
		{"half", Ana, []benchAct{{Ana, governance.Submit}, {Bo, governance.Approve}}},
		{"rejected", Ana, []benchAct{{Ana, governance.Submit}, {Cy, governance.Reject}}},
		{"approved", Ana, []benchAct{{Ana, governance.Submit}, {Bo, governance.Approve}, {Cy, governance.Approve}}},
		{"approved of Dee", Dee, []benchAct{{Dee, governance.Submit}, {Bo, governance.Approve}, {Cy, governance.Approve}}},
		{"done", Ana, []benchAct{{Ana, governance.Submit}, {Bo, governance.Approve}, {Cy, governance.Approve}, {Ana, governance.Complete}}},
		{"cancelled 100%", Ana, []benchAct{{Ana, governance.Cancel}}},
	} {
		made, err := w.NewChangeRequest(t.Context(), c.by, governance.ChangeRequest{Name: c.name, Overview: "Because.", Type: governance.Standard, Customizations: oneValueSet})
		ok(t, err)
		ids[c.name] = made.ID
		for _, a := range c.acts {
			_, err := w.Do(t.Context(), a.by, made.ID, governance.Deed{Action: a.action, Reason: "So it is."})
			ok(t, err)
		}
	}
	return w, ids
}

func TestRowsOfTheList(t *testing.T) {
	w, _ := rowsWorld(t)
	ctx := t.Context()
	for _, c := range []struct {
		who  string
		q    RequestQuery
		want string
	}{
		{Ana, RequestQuery{Sort: "number"}, "draft, draft of Dee, pending, half, rejected, approved, approved of Dee, done, cancelled 100%"},
		{Ana, RequestQuery{Sort: "-number", Limit: 2, Offset: 1}, "done, approved of Dee"},
		{Ana, RequestQuery{Sort: "name", Limit: 2}, "approved, approved of Dee"},
		{Dee, RequestQuery{View: "mine", Sort: "number"}, "draft of Dee, approved of Dee"},
		{Ana, RequestQuery{View: "mine", Status: []governance.Status{governance.InProgress, governance.Cancelled}, Sort: "number"}, "draft, cancelled 100%"},
		{Ana, RequestQuery{View: "waiting", Sort: "number"}, "rejected, approved"},
		{Bo, RequestQuery{View: "waiting", Sort: "number"}, "pending"},
		{Cy, RequestQuery{View: "waiting", Sort: "number"}, "pending, half"},
		{Dee, RequestQuery{View: "waiting", Sort: "number"}, "approved of Dee"},
		{Cy, RequestQuery{View: "waiting", Text: "HAL"}, "half"},
		{Cy, RequestQuery{View: "waiting", Status: []governance.Status{governance.Approved}}, ""},
		{Ana, RequestQuery{Text: "0%"}, "cancelled 100%"},
		{Ana, RequestQuery{Text: "cr-0003"}, "pending"},
		{Ana, RequestQuery{Offset: 99}, ""},
	} {
		t.Run(fmt.Sprintf("%s %+v", c.who, c.q), func(t *testing.T) {
			p, err := w.as(t, c.who).RequestRows(ctx, c.q)
			ok(t, err)
			got := []string{}
			for _, r := range p.Items {
				got = append(got, r.Name)
				if r.Deployed == nil || r.Authors == nil || r.Customizations != 1 || r.CreatedAt.IsZero() || r.Label == "" {
					t.Errorf("%+v", r)
				}
				if c.q.View == "waiting" != r.Waiting && c.q.View == "waiting" {
					t.Errorf("%s does not wait", r.Name)
				}
			}
			if strings.Join(got, ", ") != c.want || p.Items == nil {
				t.Errorf("%q, not %q", strings.Join(got, ", "), c.want)
			}
		})
	}
	_, err := w.RequestRows(ctx, RequestQuery{View: "theirs"})
	wantFault(t, err, "unknown_view")
}

// A page never holds more than it may, whatever is asked for.
func TestRowsComeByThePage(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	for i := range 203 {
		_, err := w.NewChangeRequest(t.Context(), Ana, governance.ChangeRequest{Name: fmt.Sprint(i)})
		ok(t, err)
	}
	for limit, want := range map[int]int{0: 100, 7: 7, 200: 200, 100_000: 200, -5: 100} {
		p, err := w.RequestRows(t.Context(), RequestQuery{Limit: limit})
		ok(t, err)
		if len(p.Items) != want || p.Total != 203 {
			t.Errorf("limit %d: %d of %d", limit, len(p.Items), p.Total)
		}
	}
	today, err := w.Today(t.Context())
	ok(t, err)
	if len(today.Drafts) != mostTasks || today.Totals.Drafts != 203 {
		t.Errorf("%d of %d drafts", len(today.Drafts), today.Totals.Drafts)
	}
}

func TestToday(t *testing.T) {
	w, ids := rowsWorld(t)
	ctx := t.Context()
	see := func(who string) Today {
		t.Helper()
		d, err := w.as(t, who).Today(ctx)
		ok(t, err)
		if d.Waiting == nil || d.Running == nil || d.Failed == nil || d.Expiring == nil || d.Drafts == nil {
			t.Errorf("a nil list: %+v", d)
		}
		return d
	}
	labels := func(tasks []Task) string {
		out := []string{}
		for _, k := range tasks {
			out = append(out, k.Name)
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	for who, want := range map[string]string{Ana: "approved, rejected", Bo: "pending", Cy: "half, pending", Dee: "approved of Dee"} {
		if d := see(who); labels(d.Waiting) != want || d.Totals.Waiting != int64(len(d.Waiting)) {
			t.Errorf("%s: %q, not %q", who, labels(d.Waiting), want)
		}
	}
	a := see(Ana)
	wantTask(t, a.Waiting, ids["rejected"], "reopen", "request.reopen.rejected")
	wantTask(t, see(Cy).Waiting, ids["half"], "vote", "request.vote")
	if labels(a.Drafts) != "draft" || a.Drafts[0].Code != "edit" || len(a.Running)+len(a.Failed)+len(a.Expiring) > 0 {
		t.Errorf("%+v", a)
	}
	if by := see(Bo).Waiting[0].By; by == nil || by.Name != "Ana Requester" {
		t.Errorf("%+v", by)
	}
}

// Records wait for their approvers, then for their deployer; what failed is
// told to everybody.
func TestTodayOfRecords(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	dr := w.approvedRecord(t)
	d, err := w.as(t, Dee).Today(ctx)
	ok(t, err)
	wantTask(t, d.Waiting, dr.ID, "deploy", "task.record.deploy")
	if k := d.Waiting[0]; k.Kind != taskRecord || !k.Production || k.Environment != "Demo Production" || k.RequestID != dr.RequestID || k.Label != dr.Label() {
		t.Errorf("%+v", k)
	}
	_, err = w.Runner.Retrieve(ctx, w.deployer(t), dr.ID)
	ok(t, err)
	log, err := w.Runner.Start(ctx, w.deployer(t), dr.ID, governance.AttemptValidate)
	ok(t, err)
	d, err = w.as(t, Bo).Today(ctx)
	ok(t, err)
	wantTask(t, d.Running, log.ID, "validate", "task.running.validate")
	if d.Running[0].RecordID != dr.ID || d.Running[0].By.Name != "Dee Release" {
		t.Errorf("%+v", d.Running[0])
	}
	_, err = w.Runner.GiveUp(ctx, log.ID)
	ok(t, err)
	d, err = w.Today(ctx)
	ok(t, err)
	wantTask(t, d.Failed, log.ID, "validate", "task.failed")
	if len(d.Running) > 0 || d.Totals.Failed != 1 {
		t.Errorf("%+v", d)
	}

	_, err = w.DoRecord(ctx, Ana, dr.ID, governance.Deed{Action: governance.Reopen})
	ok(t, err)
	d, err = w.as(t, Ana).Today(ctx)
	ok(t, err)
	wantTask(t, d.Drafts, dr.ID, "edit", "task.record.draft")
	if len(d.Failed) > 0 {
		t.Errorf("the attempt of an older content is still told: %+v", d.Failed)
	}
	_, err = w.DoRecord(ctx, Ana, dr.ID, governance.Deed{Action: governance.Submit})
	ok(t, err)
	d, err = w.as(t, Bo).Today(ctx)
	ok(t, err)
	wantTask(t, d.Waiting, dr.ID, "vote", "request.vote")
	_, err = w.DoRecord(ctx, Bo, dr.ID, governance.Deed{Action: governance.Reject, Reason: "Not now."})
	ok(t, err)
	d, err = w.as(t, Ana).Today(ctx)
	ok(t, err)
	wantTask(t, d.Waiting, dr.ID, "reopen", "request.reopen.rejected")
}
