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
	Data    string // data folder, or the folder of one workspace; empty means the person's own
	Version string // of the program
	Assets  fs.FS  // the built page
	Open    string // file to open: a bundle or an evidence file; empty: none
	Icon    []byte // PNG, for window managers on Linux
}

// parting is how long a closing window waits for calls that are still at work.
// They are cancelled first, so it is reached only by one that does not listen.
const parting = 10 * time.Second

var (
	errClosing = governance.Faultf("closing", "Countersign is closing.")
	errLeft    = governance.Faultf("workspace_closed", "This workspace was closed.").WithHint("Open it again to go on.")
	errNone    = governance.Faultf("no_workspace", "No workspace is open.").WithHint("Open the demo workspace, or one of your own.")
)

// A shell is behind all facades: it knows which workspace is open, lets calls
// in, and closes. Calls arrive before the start is over, since Wails runs
// OnStartup beside the page, and after closing; both are answered here and
// nowhere else.
type shell struct {
	root    context.Context // cancelled when the window closes; Wails' own context never is
	cancel  context.CancelFunc
	log     *slog.Logger
	version string

	ready   chan struct{} // closed when the start is over, well or not
	closing sync.Once

	// These are set by start, before ready is closed.
	system  system
	options workspace.Options
	likes   *workspace.Preferences
	trouble error // why there is no data folder to work in
	events  *events
	drops   drops
	picked  picked

	switching sync.Mutex // held while a workspace is opened, changed or closed

	mutex  sync.Mutex // guards what follows
	open   *stay      // nil: none is open
	wanted string     // folder that could not be opened yet; each call tries again
	closed bool       // no call is let in any more
}

// A stay is one open workspace and the calls in it.
type stay struct {
	*workspace.Workspace
	life      context.Context // cancelled when the workspace is left
	leave     context.CancelFunc
	calls     sync.WaitGroup
	preparing *workspace.Preparing // guarded by the shell's mutex
}

func newShell(log *slog.Logger) *shell {
	root, cancel := context.WithCancel(context.Background())
	s := &shell{root: root, cancel: cancel, log: log, ready: make(chan struct{}), system: noWindow()}
	s.events = newEvents(root, func(string, any) {})
	return s
}

// begin waits for the start and counts a call into the open workspace; the
// stay's calls.Done counts it out. Faults: closing, no_workspace, or that of
// opening the workspace of the last time, which is tried again: what was in the
// way, such as another window, may be gone by now.
func (s *shell) begin() (*stay, error) {
	if err := s.started(); err != nil {
		return nil, err
	}
	if st, err := s.enter(); st != nil || err != nil {
		return st, err
	}
	s.switching.Lock()
	defer s.switching.Unlock()
	if st, err := s.enter(); st != nil || err != nil {
		return st, err
	}
	if err := s.openWanted(); err != nil {
		return nil, err
	}
	st, err := s.enter()
	if st == nil && err == nil {
		err = errNone
	}
	return st, err
}

// started waits until the start is over. Faults: closing, and why there is no
// data folder to work in.
func (s *shell) started() error {
	if err := s.awaitStart(); err != nil {
		return err
	}
	return s.trouble
}

// awaitStart waits until the start is over, well or not: what needs the system
// alone can be done without a data folder. Fault: closing.
func (s *shell) awaitStart() error {
	select {
	case <-s.ready:
		return nil
	case <-s.root.Done():
		return errClosing
	}
}

// enter counts a call in; nil when no workspace is open.
func (s *shell) enter() (*stay, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.closed || s.root.Err() != nil {
		return nil, errClosing
	}
	if s.open == nil {
		return nil, nil
	}
	s.open.calls.Add(1)
	return s.open, nil
}

// close cancels what is at work, waits for it and closes the workspace. A
// second caller waits for the first.
func (s *shell) close() {
	s.closing.Do(func() {
		s.cancel()
		<-s.ready
		s.switching.Lock()
		defer s.switching.Unlock()
		s.mutex.Lock()
		s.closed = true
		st := s.open
		s.open = nil
		s.mutex.Unlock()
		s.end(st)
		s.events.stop()
	})
}

// end closes a workspace that no call can enter any more.
func (s *shell) end(st *stay) {
	if st == nil {
		return
	}
	st.leave()
	idle := make(chan struct{})
	go func() { st.calls.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(parting):
		s.log.Warn("closing while a call is still at work")
	}
	if err := st.Close(); err != nil {
		s.log.Error("close the workspace", "err", err)
	}
}

// ask is the body of every bound method about an open workspace: it does the
// work under the workspace's own context, names it in the error and turns a
// panic into one, because a panic would leave the page's promise open for ever.
func ask[T any](s *shell, doing string, do func(context.Context, *workspace.Workspace) (T, error)) (answer T, err error) {
	st, err := s.begin()
	if err != nil {
		return answer, err
	}
	defer st.calls.Done()
	defer func() {
		if p := recover(); p != nil {
			err = panicked(doing, p)
		}
	}()

	answer, err = do(st.life, st.Workspace)
	if errors.Is(err, context.Canceled) && st.life.Err() != nil {
		if s.root.Err() != nil {
			return answer, errClosing.Because(err)
		}
		return answer, errLeft.Because(err)
	}
	if err != nil {
		return answer, fmt.Errorf("%s: %w", doing, err)
	}
	return answer, nil
}

func panicked(doing string, p any) error {
	return fmt.Errorf("%s: panic: %v\n%s", doing, p, debug.Stack())
}

// do is ask for what has no answer.
func do(s *shell, doing string, work func(context.Context, *workspace.Workspace) error) error {
	_, err := ask(s, doing, func(ctx context.Context, w *workspace.Workspace) (struct{}, error) {
		return struct{}{}, work(ctx, w)
	})
	return err
}
