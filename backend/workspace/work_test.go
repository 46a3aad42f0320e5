package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/scan"
)

// A listener keeps what it was told of works, in the order of arrival.
type listener struct {
	mu   sync.Mutex
	told []Work
}

func (l *listener) hear(k Work) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, k)
}

// newest is the word of the highest revision about a work.
func (l *listener) newest(id string) (k Work, words int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.told {
		if t.ID != id {
			continue
		}
		words++
		if t.Revision > k.Revision {
			k = t
		}
	}
	return k, words
}

func registry(t *testing.T, log *slog.Logger, tell func(Work)) *works {
	t.Helper()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ws := newWorks(func() time.Time { return time.Now().UTC() }, log, tell)
	t.Cleanup(ws.close)
	return ws
}

func (ws *works) ended(t *testing.T, id string) Work {
	t.Helper()
	for limit := time.Now().Add(10 * time.Second); time.Now().Before(limit); time.Sleep(time.Millisecond) {
		for _, k := range ws.list() {
			if k.ID == id && !k.Running() {
				return k
			}
		}
	}
	t.Fatal("the work did not end")
	return Work{}
}

func TestHowAWorkEnds(t *testing.T) {
	own := governance.Faultf("org_unreachable", "Demo UAT cannot be reached.").WithHint("Try again.")
	for name, c := range map[string]struct {
		do        func(report func(func(*Work))) error
		succeeded bool
		sentence  string
		code      string
	}{
		"well": {func(report func(func(*Work))) error {
			report(func(k *Work) { k.Sentence = "All is scanned." })
			return nil
		}, true, "All is scanned.", ""},
		"done, without success": {func(func(func(*Work))) error { return unsuccessful{"1 test failed."} }, false, "1 test failed.", ""},
		"a fault":               {func(func(func(*Work))) error { return fmt.Errorf("scan: %w", own) }, false, own.Message, own.Code},
		"another error":         {func(func(func(*Work))) error { return errors.New("dial 10.0.0.7: refused") }, false, "Something went wrong.", "unexpected"},
		"a panic":               {func(func(func(*Work))) error { panic("index out of range") }, false, "Something went wrong.", "unexpected"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var ear listener
			ws := registry(t, slog.New(slog.NewTextHandler(&log, nil)), ear.hear)
			k, err := ws.begin(Work{Kind: WorkInventory, Subject: "env"}, func(_ context.Context, report func(func(*Work))) error { return c.do(report) })
			ok(t, err)
			if k.ID == "" || !k.Running() || k.StartedAt.IsZero() {
				t.Errorf("it begins as %+v", k)
			}
			end := ws.ended(t, k.ID)
			if end.Succeeded != c.succeeded || end.Sentence != c.sentence || (end.Problem == nil) != (c.code == "") {
				t.Errorf("it ends as %+v", end)
			}
			if end.Problem != nil && end.Problem.Code != c.code {
				t.Errorf("its problem is %+v", end.Problem)
			}
			if unexpected := c.code == "unexpected"; strings.Contains(log.String(), "inventory") != unexpected {
				t.Errorf("the log says %q", log.String())
			}
			ws.close()
			if last, _ := ear.newest(k.ID); last.Running() || last.Revision != end.Revision {
				t.Errorf("the last word was %+v", last)
			}
		})
	}
}

func TestOneWorkAtATimeOfAKindAndSubject(t *testing.T) {
	ws := registry(t, nil, nil)
	release := make(chan struct{})
	wait := func(ctx context.Context, _ func(func(*Work))) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	first, err := ws.begin(Work{Kind: WorkScan, Subject: "dr1"}, wait)
	ok(t, err)
	again, err := ws.begin(Work{Kind: WorkScan, Subject: "dr1"}, wait)
	ok(t, err)
	other, err := ws.begin(Work{Kind: WorkScan, Subject: "dr2"}, wait)
	ok(t, err)
	if again.ID != first.ID || other.ID == first.ID {
		t.Errorf("%s, %s, %s", first.ID, again.ID, other.ID)
	}
	ws.dismiss(first.ID)
	if len(ws.list()) != 2 || ws.running(WorkScan, "dr1") == nil {
		t.Error("a running work was taken off the list")
	}
	close(release)
	ws.ended(t, first.ID)
	ws.ended(t, other.ID)
	third, err := ws.begin(Work{Kind: WorkScan, Subject: "dr1"}, wait)
	ok(t, err)
	if third.ID == first.ID {
		t.Error("an ended work was begun")
	}
	ws.dismiss(first.ID)
	if list := ws.list(); len(list) != 2 || list[0].ID != third.ID {
		t.Errorf("%+v", list)
	}
}

func TestManyReportsAreFewWordsAndTheLastArrives(t *testing.T) {
	var ear listener
	ws := registry(t, nil, ear.hear)
	k, err := ws.begin(Work{Kind: WorkVerify}, func(_ context.Context, report func(func(*Work))) error {
		for i := range int64(20_000) {
			report(func(k *Work) { k.Done, k.Kind, k.ID, k.Revision = i+1, "other", "other", 0 })
		}
		return nil
	})
	ok(t, err)
	began := time.Now()
	end := ws.ended(t, k.ID)
	took := time.Since(began)
	ws.close()
	last, words := ear.newest(k.ID)
	if last.Done != 20_000 || last.Running() || last.Kind != WorkVerify {
		t.Errorf("the last word was %+v", last)
	}
	if most := int(took/workPacing) + 4; words > most {
		t.Errorf("%d words in %v, at most %d expected", words, took, most)
	}
	if end.Revision < 20_000 {
		t.Errorf("revision %d after 20,000 changes", end.Revision)
	}
}

func TestClosingCancelsWorksAndWaitsForThem(t *testing.T) {
	var ear listener
	ws := registry(t, nil, ear.hear)
	working := make(chan struct{})
	k, err := ws.begin(Work{Kind: WorkDeploy, Subject: "dr"}, func(ctx context.Context, report func(func(*Work))) error {
		close(working)
		<-ctx.Done()
		report(func(k *Work) { k.Detail = "stopping" })
		return fmt.Errorf("poll: %w", ctx.Err())
	})
	ok(t, err)
	<-working
	ws.close()
	last, _ := ear.newest(k.ID)
	if last.Running() || last.Problem == nil || last.Problem.Code != "closing" || last.Detail != "stopping" {
		t.Errorf("the last word was %+v", last)
	}
	if _, err := ws.begin(Work{Kind: WorkScan}, func(context.Context, func(func(*Work))) error { return nil }); governance.FaultCode(err) != "closing" {
		t.Errorf("after closing it says %v", err)
	}
}

func TestOldWorksAreForgotten(t *testing.T) {
	ws := registry(t, nil, nil)
	for i := range keptWorks + 30 {
		k, err := ws.begin(Work{Kind: WorkScan, Subject: fmt.Sprint(i)}, func(context.Context, func(func(*Work))) error { return nil })
		ok(t, err)
		ws.ended(t, k.ID)
	}
	list := ws.list()
	if len(list) != keptWorks && len(list) != keptWorks+1 {
		t.Errorf("%d works are kept", len(list))
	}
	if list[0].Subject != fmt.Sprint(keptWorks+29) {
		t.Errorf("the first of the list is %s", list[0].Subject)
	}
}

func TestAListenerMayAskForTheList(t *testing.T) {
	heard := make(chan int, 100)
	var ws *works
	ws = registry(t, nil, func(Work) { heard <- len(ws.list()) })
	_, err := ws.begin(Work{Kind: WorkScan}, func(context.Context, func(func(*Work))) error { return nil })
	ok(t, err)
	select {
	case n := <-heard:
		if n != 1 {
			t.Errorf("the list has %d works", n)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was heard")
	}
}

func TestAnAttemptsLogIsFollowed(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		log         governance.DeploymentLog
		phase       string
		done, total int64
	}{
		"not sent":   {governance.DeploymentLog{Progress: governance.ProgressIntent}, "send", 0, 0},
		"unknown":    {governance.DeploymentLog{Progress: governance.ProgressUnknown, ComponentsTotal: 5}, "unknown", 0, 0},
		"queued":     {governance.DeploymentLog{Progress: governance.ProgressRunning, Status: "Pending"}, "queue", 0, 0},
		"components": {governance.DeploymentLog{Progress: governance.ProgressRunning, Status: "InProgress", ComponentsDone: 3, ComponentsTotal: 9, TestsTotal: 4}, "components", 3, 9},
		"tests":      {governance.DeploymentLog{Progress: governance.ProgressRunning, Status: "InProgress", ComponentsDone: 9, ComponentsTotal: 9, TestsDone: 1, TestsTotal: 4}, "tests", 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			ws := registry(t, nil, nil)
			release := make(chan struct{})
			k, err := ws.begin(Work{Kind: WorkDeploy, Subject: "dr"}, func(context.Context, func(func(*Work))) error { <-release; return nil })
			ok(t, err)
			c.log.ID, c.log.RecordID, c.log.RequestID, c.log.Kind, c.log.LastContact, c.log.StateDetail = "log", "dr", "cr", governance.AttemptDeploy, at, "classes/A.cls"
			ws.hear(c.log)
			other := c.log
			other.ID, other.LastContact = "another", at.Add(time.Hour)
			ws.hear(other) // of the same record and kind, but not the one that is followed
			close(release)
			got := ws.ended(t, k.ID)
			if got.Phase != c.phase || got.Done != c.done || got.Total != c.total || got.LogID != "log" || got.RequestID != "cr" || !got.HeardAt.Equal(at) || got.Detail != "classes/A.cls" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestTwoScansAtTheSameTimeDoNotMix(t *testing.T) {
	var outside []scan.Progress
	var mu sync.Mutex
	w := openTestDemo(t, t.TempDir(), func(o *Options) {
		o.OnScan = func(p scan.Progress) { mu.Lock(); outside = append(outside, p); mu.Unlock() }
	})
	for _, env := range []string{DemoSource, DemoTarget} {
		_, err := w.TestConnection(t.Context(), Ana, env)
		ok(t, err)
	}
	ids := map[string]string{}
	var mixed []string
	for _, env := range []string{DemoSource, DemoTarget} {
		k, err := w.begin(Work{Kind: WorkInventory, Subject: env}, func(ctx context.Context, report func(func(*Work))) error {
			s := w.scanning(report)
			own := s.OnProgress
			s.OnProgress = func(p scan.Progress) {
				if p.Environment != env {
					mu.Lock()
					mixed = append(mixed, p.Environment+" in "+env)
					mu.Unlock()
				}
				own(p)
			}
			_, err := s.Inventory(ctx, Ana, env)
			return err
		})
		ok(t, err)
		ids[env] = k.ID
	}
	for env, id := range ids {
		k := w.works.ended(t, id)
		if !k.Succeeded || k.Phase == "" || k.HeardAt.IsZero() {
			t.Errorf("%s: %+v", env, k)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(mixed) > 0 || len(outside) == 0 {
		t.Errorf("mixed: %v; the outside heard %d words", mixed, len(outside))
	}
}
