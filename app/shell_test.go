package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/workspace"
)

func TestACallBeforeTheStartWaitsForTheWorkspace(t *testing.T) {
	data := withDemo(t)
	s := newShell(slog.New(slog.DiscardHandler))
	answered := make(chan error, 1)
	go func() {
		works, err := (&Home{s}).Works()
		if works == nil {
			err = errors.Join(err, errors.New("the answer is nil, which the page gets as null"))
		}
		answered <- err
	}()

	s.start(workspace.Options{Data: data, Pace: -1})
	if err := <-answered; err != nil {
		t.Error(err)
	}
	s.close()
	if _, err := (&Home{s}).Works(); !errors.Is(err, errClosing) {
		t.Errorf("a call after closing says %v", err)
	}
	if _, err := (&Workspaces{s}).State(); !errors.Is(err, errClosing) {
		t.Errorf("the state after closing says %v", err)
	}
}

func TestASecondWindowOnTheSameFolderSaysSoUntilTheFirstIsClosed(t *testing.T) {
	folder := withDemo(t)
	first, second := newShell(slog.New(slog.DiscardHandler)), newShell(slog.New(slog.DiscardHandler))
	first.start(workspace.Options{Data: folder, Pace: -1})
	defer first.close()
	second.start(workspace.Options{Data: folder, Pace: -1})
	defer second.close()

	for range 2 {
		if _, err := (&Home{second}).Works(); governance.FaultCode(err) != "second_instance" {
			t.Errorf("the second window says %v", err)
		}
	}
	state, err := (&Workspaces{second}).State()
	if err != nil || state.Open || state.Problem == nil || state.Problem.Code != "second_instance" || len(state.Choices) != 1 {
		t.Errorf("the second window's state is %+v, %v", state, err)
	}
	if _, err := (&Home{first}).Works(); err != nil {
		t.Errorf("the first window was disturbed: %v", err)
	}

	first.close()
	if state, err := (&Workspaces{second}).State(); err != nil || !state.Open || state.Problem != nil {
		t.Errorf("the first window is closed, and the state is %+v, %v", state, err)
	}
	if _, err := (&Home{second}).Works(); err != nil {
		t.Errorf("the first window is closed, and trying again says %v", err)
	}
}

func TestAPanicInACallIsAnErrorThatNamesTheCall(t *testing.T) {
	s := opened(t)
	_, err := ask(s, "break something", func(context.Context, *workspace.Workspace) (int, error) {
		var none []int
		return none[0], nil
	})
	if err == nil || !strings.Contains(err.Error(), "break something") || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("the call says %v", err)
	}
	if _, err := (&Home{s}).Works(); err != nil {
		t.Errorf("the next call is disturbed: %v", err)
	}
}

// atWork begins a call that waits to be cancelled and then still uses the
// database, and gives what it came to.
func atWork(s *shell) <-chan error {
	working, done := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := ask(s, "wait", func(ctx context.Context, w *workspace.Workspace) (int, error) {
			close(working)
			<-ctx.Done()
			_, err := w.RequestRows(context.WithoutCancel(ctx), workspace.RequestQuery{})
			return 0, errors.Join(ctx.Err(), err)
		})
		done <- err
	}()
	<-working
	return done
}

func TestClosingCancelsACallAtWorkAndWaitsForIt(t *testing.T) {
	s := opened(t)
	done := atWork(s)
	s.close()
	select {
	case err := <-done:
		if governance.FaultCode(err) != "closing" || !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "database") {
			t.Errorf("the call at work says %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the window closed while a call was still at work")
	}
}

func TestClosingBeforeTheStartIsOver(t *testing.T) {
	var log bytes.Buffer
	s := newShell(slog.New(slog.NewTextHandler(&log, nil)))
	closed := make(chan struct{})
	go func() { s.close(); close(closed) }()
	if _, err := (&Home{s}).Works(); !errors.Is(err, errClosing) && err != nil {
		t.Errorf("a call while closing says %v", err)
	}
	s.start(workspace.Options{Data: withDemo(t), Pace: -1})
	<-closed
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("closing during the start says: %s", log.String())
	}
}

func TestTheFirstStartOpensNothingAndTheNextOneWhatWasOpen(t *testing.T) {
	t.Setenv("COUNTERSIGN_STORY", "none")
	data, chain := t.TempDir(), keychain.Memory()
	begin := func() *shell {
		s := newShell(slog.New(slog.DiscardHandler))
		s.start(workspace.Options{Data: data, Pace: -1, Chain: chain})
		t.Cleanup(s.close)
		return s
	}
	s := begin()
	state, err := s.state()
	if err != nil || state.Open || state.Choices == nil || len(state.Choices) != 0 || state.Members == nil || state.Doubts == nil || state.Problem != nil {
		t.Fatalf("at the first start the state is %+v, %v", state, err)
	}
	if _, err := (&ChangeRequests{s}).List(workspace.RequestQuery{}); governance.FaultCode(err) != "no_workspace" {
		t.Errorf("without a workspace a call says %v", err)
	}
	if state, err = s.openDemo(); err != nil || !state.Open || !state.Demo || state.Me != workspace.Ana || len(state.Members) != 4 || state.Preparing != nil {
		t.Fatalf("the demo is %+v, %v", state, err)
	}
	if state, err = s.actAs(workspace.Dee); err != nil || state.Me != workspace.Dee {
		t.Fatalf("acting as Dee: %+v, %v", state, err)
	}
	if _, err := s.actAs("nobody"); governance.FaultCode(err) != "not_member" {
		t.Errorf("acting as nobody says %v", err)
	}
	(&person{yes: true}).at(s)
	done := atWork(s)
	if state, err = s.create("My orgs", "Kim Admin"); err != nil || !state.Open || state.Demo || !state.Solo || state.Members[0].Name != "Kim Admin" || state.Me != state.Members[0].ID {
		t.Fatalf("the own workspace is %+v, %v", state, err)
	}
	if err := <-done; governance.FaultCode(err) != "workspace_closed" {
		t.Errorf("a call in the workspace that was left says %v", err)
	}
	if _, err := s.actAs(workspace.Bo); governance.FaultCode(err) != "not_a_demo" {
		t.Errorf("acting as another outside the demo says %v", err)
	}
	if len(state.Choices) != 2 || !state.Choices[0].Demo || state.Choices[1].Name != "My orgs" {
		t.Errorf("the choices are %+v", state.Choices)
	}
	own := state.Folder
	s.close()

	s = begin()
	if state, err = s.state(); err != nil || state.Folder != own || state.Name != "My orgs" {
		t.Fatalf("the second start opened %+v, %v", state, err)
	}
	if state, err = s.openDemo(); err != nil || state.Me != workspace.Dee {
		t.Errorf("in the demo the person acts as %s, %v", state.Me, err)
	}
	if state, err = s.openOwn(own); err != nil || state.Folder != own {
		t.Errorf("the own workspace opened anew is %+v, %v", state, err)
	}
	if _, err := s.openOwn(t.TempDir()); governance.FaultCode(err) != "no_workspace" {
		t.Errorf("a folder that is no choice says %v", err)
	}
	if state, err = s.state(); err != nil || state.Folder != own {
		t.Errorf("after a refusal the open one is %+v, %v", state, err)
	}
	if state, err = s.leave(); err != nil || state.Open || len(state.Choices) != 2 {
		t.Errorf("after leaving the state is %+v, %v", state, err)
	}
	s.close()

	s = begin()
	if state, err = s.state(); err != nil || state.Open {
		t.Errorf("a start after leaving opened %+v, %v", state, err)
	}
}

func TestTheFolderOfOneWorkspaceOpensItself(t *testing.T) {
	data := withDemo(t)
	s := newShell(slog.New(slog.DiscardHandler))
	s.start(workspace.Options{Data: filepath.Join(data, "demo"), Pace: -1})
	t.Cleanup(s.close)
	if state, err := s.state(); err != nil || !state.Open || state.Folder != filepath.Join(data, "demo") {
		t.Errorf("%+v, %v", state, err)
	}
	if state, err := s.openDemo(); err != nil || state.Folder != filepath.Join(data, "demo") {
		t.Errorf("opening the demo of a folder that is one: %+v, %v", state, err)
	}
}

// heard collects the events that the page would hear.
type heard struct {
	mu   sync.Mutex
	said []change
}

func (h *heard) emit(event string, data any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c, ok := data.(change); ok && event == eventChanged {
		h.said = append(h.said, c)
	}
}

func (h *heard) kinds() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]int{}
	for _, c := range h.said {
		out[c.Kind]++
	}
	return out
}

func TestThePageHearsWhatChanged(t *testing.T) {
	t.Setenv("COUNTERSIGN_STORY", "none")
	var h heard
	s := newShell(slog.New(slog.DiscardHandler))
	s.system.emit = h.emit
	s.start(workspace.Options{Data: t.TempDir(), Pace: -1})
	t.Cleanup(s.close)
	if _, err := s.openDemo(); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Environments{s}).TestConnection(workspace.DemoSource); err != nil {
		t.Fatal(err)
	}
	work, err := (&Environments{s}).RunScan(workspace.DemoSource)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the scan's end and the trail", func() bool {
		k := h.kinds()
		return k["state"] > 0 && k["work"] > 1 && k["environment"] > 0 && k["trail"] > 0
	})
	h.mu.Lock()
	last := int64(0)
	for _, c := range h.said {
		if c.Kind == "work" && c.ID == work.ID {
			last = max(last, c.Revision)
		}
	}
	h.mu.Unlock()
	works, err := (&Home{s}).Works()
	if err != nil || len(works) != 1 || works[0].Running() || works[0].Revision != last {
		t.Errorf("the page heard of revision %d; the work is %+v, %v", last, works, err)
	}
	s.close()
	before := h.kinds()["state"]
	s.events.state()
	if h.kinds()["state"] != before {
		t.Error("an event came after closing")
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited 20 s for %s", what)
}

// withDemo is a data folder with a demo workspace in it, as the terminal makes
// one. The demo's story is switched off.
func withDemo(t *testing.T) string {
	t.Helper()
	t.Setenv("COUNTERSIGN_STORY", "none")
	data := t.TempDir()
	w, err := workspace.Open(t.Context(), workspace.Options{Data: data, Demo: true, Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

func opened(t *testing.T) *shell {
	t.Helper()
	s := newShell(slog.New(slog.DiscardHandler))
	s.start(workspace.Options{Data: withDemo(t), Pace: -1})
	t.Cleanup(s.close)
	return s
}
