package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// Options are what the program hands to its window.
type Options struct {
	Data   string // folder of the workspace; empty means the person's own
	Assets fs.FS  // the built page
	Icon   []byte // PNG, for window managers on Linux
}

// parting is how long a closing window waits for calls that are still at work.
// They are cancelled first, so it is reached only by one that does not listen.
const parting = 10 * time.Second

var errClosing = governance.Faultf("closing", "Countersign is closing.")

// A shell is the one open workspace behind all facades. Calls arrive before the
// workspace is open, since Wails runs OnStartup beside the page, and after it
// was closed; both are answered here and nowhere else.
type shell struct {
	root   context.Context // cancelled when the window closes; Wails' own context never is
	cancel context.CancelFunc
	log    *slog.Logger

	ready   chan struct{} // closed when the start is over, well or not
	closing sync.Once

	mutex     sync.Mutex // guards what follows, and is held while opening
	options   workspace.Options
	workspace *workspace.Workspace // nil if it could not be opened
	closed    bool                 // no call is let in any more
	calls     sync.WaitGroup
}

func newShell(log *slog.Logger) *shell {
	root, cancel := context.WithCancel(context.Background())
	return &shell{root: root, cancel: cancel, log: log, ready: make(chan struct{})}
}

// start opens the workspace and lets the waiting calls through. It is called
// once. If it cannot be opened, the calls say why, and each tries again: what
// was in the way, such as another window, may be gone by then.
func (s *shell) start(o workspace.Options) {
	defer close(s.ready)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.options = o
	if err := s.open(); err != nil {
		s.log.Warn("the workspace is not open yet", "err", err)
	}
}

// open opens the workspace, which takes the lock of its folder before anything
// else. The mutex is held.
func (s *shell) open() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("open the workspace", p)
		}
	}()
	if s.workspace, err = workspace.Open(s.root, s.options); err != nil {
		s.workspace = nil
		return fmt.Errorf("open the workspace: %w", err)
	}
	return nil
}

// close cancels what is at work, waits for it and closes the workspace. A
// second caller waits for the first.
func (s *shell) close() {
	s.closing.Do(func() {
		s.cancel()
		<-s.ready
		s.mutex.Lock()
		s.closed = true
		w := s.workspace
		s.mutex.Unlock()
		s.awaitCalls()
		if w == nil {
			return
		}
		if err := w.Close(); err != nil {
			s.log.Error("close the workspace", "err", err)
		}
	})
}

func (s *shell) awaitCalls() {
	idle := make(chan struct{})
	go func() { s.calls.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(parting):
		s.log.Warn("closing while a call is still at work")
	}
}

// begin waits for the start and counts a call in; s.calls.Done counts it out.
// The fault is that of opening, or "closing".
func (s *shell) begin() (*workspace.Workspace, error) {
	select {
	case <-s.ready:
	case <-s.root.Done():
		return nil, errClosing
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed || s.root.Err() != nil {
		return nil, errClosing
	}
	if s.workspace == nil {
		if err := s.open(); err != nil {
			return nil, err
		}
	}
	s.calls.Add(1)
	return s.workspace, nil
}

// ask is the body of every bound method: it waits until the workspace is open,
// does the work under the root context, names it in the error and turns a panic
// into one, because a panic would leave the page's promise open for ever.
func ask[T any](s *shell, doing string, do func(context.Context, *workspace.Workspace) (T, error)) (answer T, err error) {
	w, err := s.begin()
	if err != nil {
		return answer, err
	}
	defer s.calls.Done()
	defer func() {
		if p := recover(); p != nil {
			err = panicked(doing, p)
		}
	}()

	answer, err = do(s.root, w)
	if errors.Is(err, context.Canceled) && s.root.Err() != nil {
		return answer, errClosing.Because(err)
	}
	if err != nil {
		return answer, fmt.Errorf("%s: %w", doing, err)
	}
	return answer, nil
}

func panicked(doing string, p any) error {
	return fmt.Errorf("%s: panic: %v\n%s", doing, p, debug.Stack())
}
