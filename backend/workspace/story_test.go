package workspace

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

func told(t *testing.T, w *Workspace) {
	t.Helper()
	ok(t, w.TellStory(t.Context(), func(Preparing) {}))
	if w.StoryDue(t.Context()) {
		t.Fatal("the story is still due")
	}
}

// plot is what is in the workspace: each request's number of the outside and
// status, and what became of its records.
func plot(t *testing.T, w *Workspace) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	list, _, err := w.Store.ChangeRequests(t.Context(), store.Query{})
	ok(t, err)
	for _, cr := range list {
		if out[cr.ExternalNumber] != nil {
			t.Errorf("%s is there twice", cr.ExternalNumber)
		}
		out[cr.ExternalNumber] = []string{string(cr.Status)}
		records, err := w.Store.DeploymentRecords(t.Context(), cr.ID)
		ok(t, err)
		for _, dr := range records {
			out[cr.ExternalNumber] = append(out[cr.ExternalNumber], string(dr.Status))
			logs, err := w.Store.DeploymentLogs(t.Context(), dr.ID)
			ok(t, err)
			for _, l := range logs {
				out[cr.ExternalNumber] = append(out[cr.ExternalNumber], string(l.Kind)+" "+string(l.Result))
			}
		}
	}
	return out
}

var wantedPlot = map[string][]string{
	"SALES-101": {"Completed", "Completed", "retrieve succeeded", "validate succeeded", "deploy succeeded", "reverse-check succeeded"},
	"SRV-88":    {"Approved", "Approved", "retrieve succeeded"},
	"SALES-114": {"Approved", "Approved", "retrieve succeeded", "validate failed"},
	"SALES-117": {"Approved", "Approved", "retrieve succeeded", "validate failed"},
	"SALES-120": {"Approved", "Pending Approval"},
	"SALES-122": {"Pending Approval"},
	"SRV-91":    {"Pending Approval"},
	"SRV-93":    {"Approved"},
	"IT-40":     {"Rejected"},
	"SRV-95":    {"Cancelled"},
	"SALES-125": {"In Progress"},
	"SRV-97":    {"In Progress"},
}

func checkPlot(t *testing.T, w *Workspace) {
	t.Helper()
	if p := w.outsideOf(t, DemoTarget); p.Total != 2 {
		t.Errorf("%d changes outside the process, want 2", p.Total)
	}
	got := plot(t, w)
	for number, want := range wantedPlot {
		if !slices.Equal(got[number], want) {
			t.Errorf("%s is %q, want %q", number, got[number], want)
		}
	}
	if len(got) != len(wantedPlot) {
		t.Errorf("there are %d requests, want %d", len(got), len(wantedPlot))
	}
}

func TestTheDemosStory(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	var last Preparing
	ok(t, w.TellStory(t.Context(), func(p Preparing) {
		if p.Sentence == "" || p.Code == "" || p.Done < last.Done || p.Done > p.Total {
			t.Errorf("%+v came after %+v", p, last)
		}
		last = p
	}))
	if last.Done != last.Total || last.Total == 0 {
		t.Errorf("the last word is %+v", last)
	}
	checkPlot(t, w)

	t.Run("something waits for each member", func(t *testing.T) {
		for member, want := range map[string]struct{ number, action string }{
			Ana: {"IT-40", "reopen"}, Bo: {"SALES-122", "approve"}, Cy: {"SRV-91", "approve"},
		} {
			list, _, err := w.Store.ChangeRequests(t.Context(), store.Query{Text: want.number})
			ok(t, err)
			states := w.as(t, member).view(t, list[0].ID).Actions
			if !slices.ContainsFunc(states, func(a governance.ActionState) bool { return string(a.Action) == want.action && a.Allowed }) {
				t.Errorf("%s may not %s %s: %+v", member, want.action, want.number, states)
			}
		}
		if log, err := w.deployReady(t); err != nil || log.Result != governance.ResultSucceeded {
			t.Errorf("Dee validates what is ready: %+v, %v", log, err)
		}
	})
	t.Run("the tests failed in the validation", func(t *testing.T) {
		outcome := w.lastOutcome(t, "SALES-114")
		if len(outcome.Tests) == 0 || len(outcome.Coverage) == 0 || len(outcome.Failures) != 0 {
			t.Errorf("%+v", outcome)
		}
		if outcome = w.lastOutcome(t, "SALES-117"); len(outcome.Failures) == 0 {
			t.Errorf("%+v", outcome)
		}
	})
	t.Run("both orgs are scanned and the trail holds", func(t *testing.T) {
		for _, env := range []string{DemoSource, DemoTarget} {
			sc, err := w.Store.LastScan(t.Context(), env)
			if err != nil || sc.Count < 100 {
				t.Errorf("%s: %+v, %v", env, sc, err)
			}
		}
		report, err := w.VerifyWhole(t.Context(), nil)
		ok(t, err)
		if len(report.Findings) > 0 {
			t.Error(findings(report.Findings))
		}
	})
	t.Run("two changes outside the process are open, and nothing is blocked by them", func(t *testing.T) {
		p := w.outsideOf(t, DemoTarget)
		if p.Open != 2 || p.Total != 2 || p.Closes || p.Probable != 0 {
			t.Fatalf("%+v", p)
		}
		for _, c := range p.Items {
			if c.By != "Robin Admin" || !slices.Contains([]string{"ValidationRule:" + hurriedRule, "GlobalValueSet:Hold_Reason"}, c.Components[0]) {
				t.Errorf("%+v", c)
			}
		}
		_, err := w.Scanner.Inventory(t.Context(), Ana, DemoTarget)
		ok(t, err)
		if r, err := w.CheckOutside(t.Context(), DemoTarget, true); err != nil || r.Found != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
	t.Run("it is told once", func(t *testing.T) {
		ok(t, w.Close())
		w = openTestDemo(t, data)
		if w.StoryDue(t.Context()) {
			t.Error("it is due again")
		}
		before := plot(t, w)
		told(t, w)
		if after := plot(t, w); len(after) != len(before) {
			t.Errorf("%d requests became %d", len(before), len(after))
		}
	})
}

func (w *Workspace) storyRecord(t *testing.T, number string) *governance.DeploymentRecord {
	t.Helper()
	list, _, err := w.Store.ChangeRequests(t.Context(), store.Query{Text: number})
	ok(t, err)
	records, err := w.Store.DeploymentRecords(t.Context(), list[0].ID)
	ok(t, err)
	return &records[0]
}

func (w *Workspace) deployReady(t *testing.T) (*governance.DeploymentLog, error) {
	t.Helper()
	return w.Deploy(t.Context(), Dee, w.storyRecord(t, "SRV-88").ID, governance.AttemptValidate)
}

func (w *Workspace) lastOutcome(t *testing.T, number string) governance.Outcome {
	t.Helper()
	logs, err := w.Store.DeploymentLogs(t.Context(), w.storyRecord(t, number).ID)
	ok(t, err)
	return logs[len(logs)-1].Outcome
}

// A person closes the window, or the process is killed, in every chapter and in
// the middle of attempts: the next start goes on, and nothing is there twice.
func TestTheStoryGoesOnAfterItWasStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("a story for each chapter; the whole run does it")
	}
	data := t.TempDir()
	chapters := len(story())
	for stop := range chapters {
		w := openTestDemo(t, data)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := w.TellStory(ctx, func(Preparing) {
			if n++; n == 2 {
				cancel()
			}
		})
		cancel()
		if stop < chapters-1 && !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped in a chapter after %d, it says %v", stop, err)
		}
		ok(t, w.Close())
	}
	w := openTestDemo(t, data)
	told(t, w)
	checkPlot(t, w)
}

func TestAChapterFindsWhatAnEarlierRunDid(t *testing.T) {
	if testing.Short() {
		t.Skip("each chapter is told twice; the whole run does it")
	}
	data := t.TempDir()
	w := openTestDemo(t, data)
	told(t, w)
	for chapter := range story() {
		ok(t, w.markStory(storyMark{Told: chapter}))
		if !w.StoryDue(t.Context()) {
			t.Fatal("the story is not due")
		}
		told(t, w)
	}
	checkPlot(t, w)
	ok(t, os.WriteFile(filepath.Join(w.Dir(), storyFile), []byte("{"), 0o600))
	told(t, w) // a damaged mark
	checkPlot(t, w)
}

func TestAWorkspaceInUseGetsNoStory(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	w.draftFor(t, Ana)
	if w.StoryDue(t.Context()) {
		t.Error("the story is due beside a person's own work")
	}
	told(t, w)
	if got := plot(t, w); len(got) != 1 {
		t.Errorf("%v", got)
	}
}
