package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestACallBeforeTheStartWaitsForTheWorkspace(t *testing.T) {
	s := newShell(slog.New(slog.DiscardHandler))
	answered := make(chan error, 1)
	go func() {
		rows, err := (&ChangeRequests{s}).List(0)
		if rows.Items == nil {
			err = errors.Join(err, errors.New("the answer is nil, which the page gets as null"))
		}
		answered <- err
	}()

	s.start(workspace.Options{Data: t.TempDir(), Demo: true})
	if err := <-answered; err != nil {
		t.Error(err)
	}
	s.close()
	if _, err := (&ChangeRequests{s}).List(0); !errors.Is(err, errClosing) {
		t.Errorf("a call after closing says %v", err)
	}
}

func TestASecondWindowOnTheSameFolderSaysSoUntilTheFirstIsClosed(t *testing.T) {
	folder := t.TempDir()
	first, second := newShell(slog.New(slog.DiscardHandler)), newShell(slog.New(slog.DiscardHandler))
	first.start(workspace.Options{Data: folder, Demo: true})
	defer first.close()
	second.start(workspace.Options{Data: folder, Demo: true})
	defer second.close()

	for range 2 {
		if _, err := (&ChangeRequests{second}).List(0); governance.FaultCode(err) != "second_instance" {
			t.Errorf("the second window says %v", err)
		}
	}
	if _, err := (&ChangeRequests{first}).List(0); err != nil {
		t.Errorf("the first window was disturbed: %v", err)
	}

	first.close()
	if _, err := (&ChangeRequests{second}).List(0); err != nil {
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
	if _, err := (&ChangeRequests{s}).List(0); err != nil {
		t.Errorf("the next call is disturbed: %v", err)
	}
}

func TestClosingCancelsACallAtWorkAndWaitsForIt(t *testing.T) {
	s := opened(t)
	working, done := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := ask(s, "wait", func(ctx context.Context, w *workspace.Workspace) (int, error) {
			close(working)
			<-ctx.Done()
			_, err := w.ListChangeRequests(context.WithoutCancel(ctx), 0) // the database is still open here
			return 0, errors.Join(ctx.Err(), err)
		})
		done <- err
	}()
	<-working
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
	if _, err := (&ChangeRequests{s}).List(0); !errors.Is(err, errClosing) && err != nil {
		t.Errorf("a call while closing says %v", err)
	}
	s.start(workspace.Options{Data: t.TempDir(), Demo: true})
	<-closed
	if strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("closing during the start says: %s", log.String())
	}
}

func opened(t *testing.T) *shell {
	t.Helper()
	s := newShell(slog.New(slog.DiscardHandler))
	s.start(workspace.Options{Data: t.TempDir(), Demo: true})
	t.Cleanup(s.close)
	return s
}
