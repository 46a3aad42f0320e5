package workspace

import (
	"context"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// as lets the person at the window act as a member.
func (w *Workspace) as(t *testing.T, member string) *Workspace {
	t.Helper()
	ok(t, w.ActAs(t.Context(), member))
	return w
}

func (w *Workspace) view(t *testing.T, id string) RequestView {
	t.Helper()
	v, err := w.RequestView(t.Context(), id)
	ok(t, err)
	whole(t, v)
	return v
}

// whole holds what is true of every view of a request.
func whole(t *testing.T, v RequestView) {
	t.Helper()
	n := v.Next
	if n.Sentence == "" || n.Code == "" || n.Said.Code == "" || n.Said.Text != n.Sentence || strings.Contains(n.Sentence, "{") || !strings.HasSuffix(strings.TrimRight(n.Sentence, `"`), ".") {
		t.Errorf("%s: next is %+v", v.Label, n)
	}
	if v.Authors == nil || v.Actions == nil || v.Checks == nil || v.Trouble == nil || v.Records == nil || v.Places == nil || v.Notes == nil ||
		n.Who == nil || v.Seats.Seats == nil || v.Seats.Refused == nil || v.Request.Customizations == nil {
		t.Errorf("%s: a nil list: %+v", v.Label, v)
	}
	for _, c := range v.Checks {
		if c.Message == "" || c.Who == nil || strings.Contains(c.Message+c.Remedy, "{") {
			t.Errorf("%s: check %+v", v.Label, c)
		}
	}
	if len(v.Digest) != 64 {
		t.Errorf("%s: digest %q", v.Label, v.Digest)
	}
}

// do is a wish of the acting member about what the member sees now.
func (w *Workspace) do(t *testing.T, id string, a governance.Action, reason string) RequestView {
	t.Helper()
	v, err := w.DoRequest(t.Context(), id, Wish{Action: a, Reason: reason, Seen: w.view(t, id).Digest})
	ok(t, err)
	whole(t, v)
	return v
}

func unmet(v RequestView) string {
	codes := []string{}
	for _, c := range v.Checks {
		if !c.OK {
			codes = append(codes, c.Code)
		}
	}
	return strings.Join(codes, " ")
}

// One request from its first word to Completed, as each member sees it.
func TestTheNextStepOfARequest(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	v, err := w.SaveRequest(ctx, "", RequestFields{})
	ok(t, err)
	id := v.Request.ID
	see := func(member, code, action, says, checks string) RequestView {
		t.Helper()
		v := w.as(t, member).view(t, id)
		if v.Next.Code != code || v.Next.Action != action || v.Next.Said.Code != says || unmet(v) != checks {
			t.Errorf("%s sees %s %q (%s), unmet %q", member, v.Next.Code, v.Next.Sentence, v.Next.Said.Code, unmet(v))
		}
		return v
	}
	see(Ana, "edit", "", "request.edit.name", "name overview content")
	see(Bo, "wait", "", "request.wait.draft", "name overview content")
	save := func(f RequestFields) {
		t.Helper()
		_, err := w.as(t, Ana).SaveRequest(ctx, id, f)
		ok(t, err)
	}
	save(RequestFields{Name: "Renewal stages"})
	see(Ana, "edit", "", "request.edit.overview", "overview content")
	save(RequestFields{Name: "Renewal stages", Overview: "Sales asks for them."})
	see(Ana, "edit", "", "request.edit.content", "content")
	_, err = w.AddCustomizations(ctx, id, []governance.Customization{{Type: "ApexClass", Name: "RenewalStages"}})
	ok(t, err)
	draft := see(Ana, "submit", "submit", "request.submit", "")
	if !draft.Seats.Expected || len(draft.Seats.Seats) != 2 || names(draft.Seats.Seats[1].May) != "Bo Approver, Cy Approver" || !draft.CanDelete || draft.Locked {
		t.Errorf("%+v", draft.Seats)
	}

	submitted := w.do(t, id, governance.Submit, "")
	if submitted.Digest != draft.Digest || submitted.Request.Revision != draft.Digest || !submitted.Locked || submitted.CanDelete || submitted.Seats.Expected {
		t.Errorf("the digest was %s and is %s: %+v", draft.Digest, submitted.Digest, submitted)
	}
	see(Ana, "wait", "", "request.wait.seats", "seat seat")
	see(Bo, "vote", "approve", "request.vote", "seat seat")
	w.do(t, id, governance.Approve, "Fine.")
	half := see(Bo, "wait", "", "request.wait.seats", "seat")
	if half.Seats.Seats[0].Member.Name != "Bo Approver" || half.Seats.Seats[0].Reason != "Fine." || half.Seats.Seats[0].At.IsZero() || names(half.Next.Who) != "Cy Approver" {
		t.Errorf("%+v", half.Seats)
	}
	w.as(t, Cy).do(t, id, governance.Reject, "Name them.")
	rejected := see(Ana, "reopen", "reopen", "request.reopen.rejected", "")
	if rejected.Reason != "Name them." || !strings.Contains(rejected.Next.Sentence, `"Name them."`) {
		t.Errorf("%+v", rejected.Next)
	}
	see(Bo, "wait", "", "request.wait.rejected", "")
	w.as(t, Ana).do(t, id, governance.Reopen, "")
	second := w.do(t, id, governance.Submit, "")
	if second.Digest == draft.Digest || second.Request.Round != 2 {
		t.Errorf("round %d, %s", second.Request.Round, second.Digest)
	}
	w.as(t, Bo).do(t, id, governance.Approve, "")
	w.as(t, Cy).do(t, id, governance.Approve, "")
	see(Ana, "deploy", actionNewRecord, "request.record", "records")
	see(Dee, "deploy", actionNewRecord, "request.record", "records")
	see(Bo, "wait", "", "request.wait.record", "records")

	dr, err := w.NewDeploymentRecord(ctx, Ana, governance.DeploymentRecord{RequestID: id, SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee,
		Options: governance.DeployOptions{RollbackOnError: true}})
	ok(t, err)
	with := see(Ana, "deploy", "", "request.records", "record")
	if r := with.Records[0]; len(with.Records) != 1 || r.Label != dr.Label() || r.Source != "Demo UAT" || r.Target != "Demo Production" || !r.Production || r.Count != 1 || r.Word != "" {
		t.Errorf("%+v", with.Records)
	}
	_, err = w.DoRecord(ctx, Ana, dr.ID, governance.Deed{Action: governance.Cancel, Reason: "Another time."})
	ok(t, err)
	see(Ana, "deploy", actionNewRecord, "request.record", "records")
	w.do(t, id, governance.Complete, "Done by hand.")
	see(Ana, "done", "", "request.done.completed", "")
}

func TestADeployedRequestIsCompleted(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	dr := w.approvedRecord(t)
	_, err := w.Runner.Retrieve(ctx, w.deployer(t), dr.ID)
	ok(t, err)
	for _, kind := range []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy} {
		_, err := w.Deploy(ctx, Dee, dr.ID, kind)
		ok(t, err)
	}
	v := w.view(t, dr.RequestID)
	if len(v.Places) != 1 || v.Places[0].Name != "Demo Production" || !v.Places[0].Production || v.Places[0].At.IsZero() || v.Records[0].Word != wordDeployed || v.Records[0].LastLog == "" {
		t.Errorf("%+v, %+v", v.Places, v.Records)
	}
	if v.Next.Said.Params["status"] != wordDeployed {
		t.Errorf("%+v", v.Next)
	}
	today, err := w.Today(ctx)
	ok(t, err)
	wantTask(t, today.Waiting, dr.ID, "complete", "task.record.complete")
	_, err = w.DoRecord(ctx, Ana, dr.ID, governance.Deed{Action: governance.Complete})
	ok(t, err)
	v = w.view(t, dr.RequestID)
	if v.Next.Code != "complete" || v.Next.Action != "complete" || actionOf(v.Actions, governance.Complete).NeedsReason {
		t.Errorf("%+v", v.Next)
	}
	page, err := w.RequestRows(ctx, RequestQuery{View: "waiting"})
	ok(t, err)
	if page.Total != 1 || !page.Items[0].Waiting || len(page.Items[0].Deployed) != 1 || page.Items[0].Customizations != 1 {
		t.Errorf("%+v", page)
	}
	w.do(t, dr.RequestID, governance.Complete, "")

	told := w.told(t, dr.RequestID)
	for _, want := range []string{
		"Ana Requester created CR-0001.", "Ana Requester submitted CR-0001 for approval.", "Bo Approver approved CR-0001.", "Ana Requester created DR-0001.",
		"Ana Requester ran the scan of DR-0001: 1 customization.", "Dee Release started the deployment of DR-0001.", "The deployment of DR-0001 ended: succeeded.",
		"Ana Requester completed DR-0001.", "Ana Requester completed CR-0001."} {
		if !strings.Contains(told, want+"\n") {
			t.Errorf("%q is not told in\n%s", want, told)
		}
	}
	if strings.Index(told, "completed CR-0001.") != 14 || strings.Contains(told, "edited DR-0001") || !strings.HasSuffix(told, "Ana Requester created CR-0001.\n") {
		t.Errorf("%s", told)
	}
}

func (w *Workspace) told(t *testing.T, id string) string {
	t.Helper()
	hs, err := w.Activity(t.Context(), id)
	ok(t, err)
	var b strings.Builder
	for i, h := range hs {
		if h.Text == "" || h.Code == "" || h.ID == "" || h.At.IsZero() || strings.Contains(h.Text, "{") || i > 0 && h.At.After(hs[i-1].At) || h.Said.Text != h.Text {
			t.Errorf("%+v", h)
		}
		b.WriteString(h.Text + "\n")
	}
	return b.String()
}

// What a person signs is what the person saw.
func TestAWishAboutSomethingElse(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	seen := w.view(t, cr.ID).Digest
	_, err := w.SaveRequest(ctx, cr.ID, RequestFields{Name: "Another name", Overview: cr.Overview})
	ok(t, err)
	for _, s := range []string{seen, "", strings.Repeat("0", 64)} {
		_, err := w.DoRequest(ctx, cr.ID, Wish{Action: governance.Submit, Seen: s})
		wantFault(t, err, "seen_other")
	}
	w.do(t, cr.ID, governance.Submit, "")
	w.as(t, Bo)
	_, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Approve, Seen: seen})
	wantFault(t, err, "seen_other")
	_, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Reject})
	wantFault(t, err, "reason_needed")
	w.as(t, Ana)
	_, err = w.DoRequest(ctx, cr.ID, Wish{Action: governance.Approve, Seen: w.view(t, cr.ID).Digest})
	wantFault(t, err, "not_allowed")
	_, err = w.DoRequest(ctx, "nothing", Wish{Action: governance.Recall})
	wantFault(t, err, "not_found")
	if v := w.do(t, cr.ID, governance.Recall, ""); v.Locked || v.Next.Code != "submit" || v.CanDelete {
		t.Errorf("%+v", v)
	}
}

// An approval that ran out leads to Reopen, on the page, in the list and on the
// first page.
func TestAnApprovalThatRanOut(t *testing.T) {
	now := time.Now()
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now = func() time.Time { return now } }).as(t, Ana)
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	w.mustDo(t, Bo, cr.ID, governance.Approve)
	w.mustDo(t, Cy, cr.ID, governance.Approve)
	today, err := w.Today(ctx)
	ok(t, err)
	wantTask(t, today.Waiting, cr.ID, "deploy", "request.record")
	if len(today.Expiring) > 0 {
		t.Errorf("%+v", today.Expiring)
	}
	now = now.AddDate(0, 0, 29)
	today, err = w.Today(ctx)
	ok(t, err)
	wantTask(t, today.Expiring, cr.ID, "deploy", "task.expiring")
	now = now.AddDate(0, 0, 2)
	today, err = w.Today(ctx)
	ok(t, err)
	wantTask(t, today.Expiring, cr.ID, "reopen", "request.reopen.expired")
	v := w.view(t, cr.ID)
	if v.Next.Code != "reopen" || v.Next.Action != "reopen" || !v.Seats.Expired || unmet(v) != "expired records" {
		t.Errorf("%+v, %s", v.Next, unmet(v))
	}
	if b := w.as(t, Bo).view(t, cr.ID); b.Next.Code != "wait" || names(b.Next.Who) != "Ana Requester" {
		t.Errorf("%+v", b.Next)
	}
	page, err := w.as(t, Ana).RequestRows(ctx, RequestQuery{View: "waiting"})
	ok(t, err)
	if page.Total != 1 {
		t.Errorf("%+v", page)
	}
}

func wantTask(t *testing.T, tasks []Task, id, code, says string) {
	t.Helper()
	for _, k := range tasks {
		if k.Sentence == "" || strings.Contains(k.Sentence, "{") || k.Said.Text != k.Sentence {
			t.Errorf("%+v", k)
		}
		if k.ID == id {
			if k.Code != code || k.Said.Code != says {
				t.Errorf("%s: %s (%s) %s", k.Label, k.Code, k.Said.Code, k.Sentence)
			}
			return
		}
	}
	t.Errorf("%s is not among %+v", id, tasks)
}

// A status that somebody wrote into the database is told, and nothing is
// offered.
func TestAStatusChangedByHand(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data).as(t, Ana)
	cr := w.draftFor(t, Ana)
	ok(t, store.Forge(t.Context(), w.Dir(), "UPDATE change_requests SET status = 'Approved'"))
	v := w.view(t, cr.ID)
	if v.Next.Code != "trouble" || len(v.Trouble) != 1 || !strings.Contains(unmet(v), "altered") {
		t.Errorf("%+v, %v", v.Next, v.Trouble)
	}
	for _, a := range v.Actions {
		if a.Allowed {
			t.Errorf("%s is allowed", a.Action)
		}
	}
	page, err := w.RequestRows(t.Context(), RequestQuery{})
	ok(t, err)
	if page.Items[0].Status != governance.InProgress || page.Items[0].Waiting {
		t.Errorf("%+v", page.Items)
	}
}

func TestRequestsThatAreNotThere(t *testing.T) {
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	for name, ask := range map[string]func(context.Context) error{
		"view":      func(ctx context.Context) error { _, err := w.RequestView(ctx, "x"); return err },
		"save":      func(ctx context.Context) error { _, err := w.SaveRequest(ctx, "x", RequestFields{}); return err },
		"undo":      func(ctx context.Context) error { _, err := w.UndoRequest(ctx, "x"); return err },
		"redo":      func(ctx context.Context) error { _, err := w.RedoRequest(ctx, "x"); return err },
		"duplicate": func(ctx context.Context) error { _, err := w.DuplicateRequest(ctx, "x"); return err },
		"delete":    func(ctx context.Context) error { return w.DeleteRequest(ctx, "x") },
		"content":   func(ctx context.Context) error { _, err := w.RequestContent(ctx, "x", ContentQuery{}); return err },
		"impact":    func(ctx context.Context) error { _, err := w.RequestImpact(ctx, "x"); return err },
		"activity":  func(ctx context.Context) error { _, err := w.Activity(ctx, "x"); return err },
		"add": func(ctx context.Context) error {
			_, err := w.AddCustomizations(ctx, "x", oneValueSet)
			return err
		},
		"would need": func(ctx context.Context) error {
			_, err := w.WouldNeed(ctx, PolicyQuestion{RequestID: "x"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantFault(t, ask(t.Context()), "not_found") })
	}
}
