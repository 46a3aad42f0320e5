package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// lastWorkspace is the preference that names the folder of the workspace that
// was open last; noneOpen says that the person left it on purpose.
const (
	lastWorkspace = "last.workspace"
	noneOpen      = "none"
)

func actingIn(id string) string { return "acting." + id }

// start opens the workspace of the last time, or the only one there is, and
// lets the waiting calls through. It is called once. If it cannot be opened,
// State says why, and each call tries again.
func (s *shell) start(o workspace.Options) {
	defer close(s.ready)
	defer func() {
		if p := recover(); p != nil {
			s.trouble = panicked("start", p)
		}
	}()
	s.events = newEvents(s.root, s.system.emit)
	o.Demo = false
	o.OnUpdate, o.OnCommit = s.events.log, s.events.trail
	o.Beside, o.OnChecked = true, s.events.state
	o.OnWork = func(k workspace.Work) { s.events.work(k); s.notify(k) }
	if s.options, s.trouble = bridgeOptions(o); s.trouble != nil {
		return
	}
	if s.options.Data, s.trouble = workspace.DataDir(o.Data); s.trouble != nil {
		return
	}
	if s.likes == nil {
		var err error
		if s.likes, err = workspace.OpenPreferences(s.options.Data); err != nil {
			s.log.Warn("the preferences could not be kept aside", "err", err)
		}
	}
	s.wanted = s.firstChoice()
	if s.wanted == "" {
		return
	}
	if err := s.openWanted(); err != nil {
		s.log.Warn("the workspace is not open yet", "err", err)
	}
}

// firstChoice is the folder that a start opens by itself; empty when a person
// has to choose.
func (s *shell) firstChoice() string {
	folders, err := workspace.Folders(s.options.Data)
	if err != nil || len(folders) == 0 {
		return ""
	}
	last := s.likes.Get(lastWorkspace)
	switch {
	case folders[0] == s.options.Data: // the folder that was given is itself one
		return folders[0]
	case slices.Contains(folders, last):
		return last
	case len(folders) == 1 && last != noneOpen:
		return folders[0]
	}
	return ""
}

// openWanted opens the workspace that was asked for, if none is open. The
// caller holds switching, or is start.
func (s *shell) openWanted() error {
	s.mutex.Lock()
	dir := s.wanted
	s.mutex.Unlock()
	if dir == "" {
		return nil
	}
	return s.openWith(func(ctx context.Context, o workspace.Options) (*workspace.Workspace, error) {
		return openFolder(ctx, dir, o)
	})
}

// openFolder opens the workspace of a folder. A bridge build opens demos, and
// others only with a keychain of their own.
func openFolder(ctx context.Context, dir string, o workspace.Options) (*workspace.Workspace, error) {
	if !workspace.IsDemo(dir) {
		if err := bridgeRefuses(o); err != nil {
			return nil, err
		}
	}
	return workspace.OpenFolder(ctx, dir, o)
}

var errBridge = governance.Faultf("demo_only", "This build serves its window to a browser, so it opens the demo workspace only.").
	WithHint("Open your own workspace in Countersign's window.")

// openWith opens a workspace and puts it in the place of the one that is open,
// which is closed afterwards: if the new one cannot be opened, the old one
// stays. The caller holds switching.
func (s *shell) openWith(open func(context.Context, workspace.Options) (*workspace.Workspace, error)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("open the workspace", p)
		}
	}()
	w, err := open(s.root, s.options)
	if err != nil {
		if errors.Is(err, context.Canceled) && s.root.Err() != nil {
			return errClosing.Because(err)
		}
		return fmt.Errorf("open the workspace: %w", err)
	}
	if member := s.likes.Get(actingIn(w.ID())); member != "" && w.Demo() {
		if err := w.ActAs(s.root, member); err != nil {
			s.log.Warn("nobody of that id is in the demo", "member", member)
		}
	}
	st := &stay{Workspace: w}
	st.life, st.leave = context.WithCancel(s.root)
	s.mutex.Lock()
	old := s.open
	s.open, s.wanted = st, ""
	s.mutex.Unlock()
	s.like(lastWorkspace, w.Dir())
	s.end(old)
	s.prepare(st)
	s.events.state()
	return nil
}

// like keeps a preference of the shell's own, which may be lost.
func (s *shell) like(key, value string) {
	if err := s.likes.Set(key, value); err != nil {
		s.log.Warn("a preference was not kept", "key", key, "err", err)
	}
}

func (s *shell) state() (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	choices, err := workspace.Choices(s.options.Data)
	if err != nil {
		return workspace.State{}, err
	}
	st, err := s.begin()
	if governance.FaultCode(err) == errClosing.Code {
		return workspace.State{}, err
	}
	if err != nil {
		none := workspace.NoState(choices)
		if governance.FaultCode(err) != errNone.Code {
			none.Problem = workspace.ProblemOf(s.log, "open the workspace", err)
		}
		return none, nil
	}
	defer st.calls.Done()
	state, err := st.State(st.life)
	if err != nil {
		return workspace.State{}, fmt.Errorf("read the state: %w", err)
	}
	state.Choices = choices
	s.mutex.Lock()
	defer s.mutex.Unlock()
	state.Preparing = st.preparing
	return state, nil
}

func (s *shell) openDemo() (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	return s.changeTo(func(ctx context.Context, o workspace.Options) (*workspace.Workspace, error) {
		o.Demo = true
		return workspace.Open(ctx, o)
	}, workspace.DemoDir(s.options.Data))
}

func (s *shell) openOwn(folder string) (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	folders, err := workspace.Folders(s.options.Data)
	if err != nil {
		return workspace.State{}, err
	}
	if !slices.Contains(folders, folder) {
		return workspace.State{}, governance.Faultf("no_workspace", "There is no workspace in %s.", folder).WithHint("Choose one of the list, or make one.")
	}
	return s.changeTo(func(ctx context.Context, o workspace.Options) (*workspace.Workspace, error) {
		return openFolder(ctx, folder, o)
	}, folder)
}

func (s *shell) create(name, person string) (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	if err := bridgeRefuses(s.options); err != nil {
		return workspace.State{}, err
	}
	if err := s.confirmCreate(name, person); err != nil {
		return workspace.State{}, err
	}
	return s.changeTo(func(ctx context.Context, o workspace.Options) (*workspace.Workspace, error) {
		return workspace.CreateOwn(ctx, name, person, o)
	}, "")
}

// changeTo opens another workspace; the one that is open already stays. The
// start is over.
func (s *shell) changeTo(open func(context.Context, workspace.Options) (*workspace.Workspace, error), dir string) (workspace.State, error) {
	err := func() error {
		s.switching.Lock()
		defer s.switching.Unlock()
		s.mutex.Lock()
		there := s.open != nil && dir != "" && s.open.Dir() == dir
		s.mutex.Unlock()
		if there {
			return nil
		}
		return s.openWith(open)
	}()
	if err != nil {
		return workspace.State{}, err
	}
	return s.state()
}

func (s *shell) actAs(member string) (workspace.State, error) {
	err := do(s, "act as another member", func(ctx context.Context, w *workspace.Workspace) error {
		if err := w.ActAs(ctx, member); err != nil {
			return err
		}
		s.like(actingIn(w.ID()), member)
		s.events.state()
		return nil
	})
	if err != nil {
		return workspace.State{}, err
	}
	return s.state()
}

// leave closes the open workspace, and the next start opens none.
func (s *shell) leave() (workspace.State, error) {
	if err := s.started(); err != nil {
		return workspace.State{}, err
	}
	s.switching.Lock()
	s.end(s.takeOut(""))
	s.like(lastWorkspace, noneOpen)
	s.switching.Unlock()
	s.events.state()
	return s.state()
}

// takeOut lets no call into the open workspace any more and gives it to be
// ended. Wanted is the folder that the next call opens.
func (s *shell) takeOut(wanted string) *stay {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	st := s.open
	s.open, s.wanted = nil, wanted
	return st
}

// restore puts a copy in place of the open workspace's database, after asking,
// and opens it again. Calls wait meanwhile.
func (s *shell) restore(name string) (workspace.State, error) {
	dir, err := ask(s, "restore", func(ctx context.Context, w *workspace.Workspace) (string, error) {
		return w.Dir(), s.confirmRestore(ctx, w, name)
	})
	if err != nil {
		return workspace.State{}, err
	}
	s.switching.Lock()
	s.end(s.takeOut(dir))
	err = workspace.Restore(s.root, dir, name)
	if again := s.openWanted(); err == nil {
		err = again
	}
	s.switching.Unlock()
	if err != nil {
		return workspace.State{}, fmt.Errorf("restore: %w", err)
	}
	return s.state()
}

// storyOff switches the demo's own story off, for tests.
func storyOff() bool { return os.Getenv("COUNTERSIGN_STORY") == "none" }

// prepare does beside the page what follows opening: a new demo is filled with
// its story, and attempts that an earlier run began are carried on. The caller
// has just opened the workspace.
func (s *shell) prepare(st *stay) {
	due := !storyOff() && st.StoryDue(st.life)
	if due {
		s.preparing(st, &workspace.Preparing{Sentence: "The demo is being prepared.", Code: "begin"})
	}
	st.calls.Add(1)
	go func() {
		defer st.calls.Done()
		defer func() {
			s.preparing(st, nil)
			if p := recover(); p != nil {
				s.log.Error("after opening", "err", panicked("prepare", p))
			}
		}()
		if due {
			err := st.TellStory(st.life, func(p workspace.Preparing) { s.preparing(st, &p) })
			if err != nil && st.life.Err() == nil {
				s.log.Error("prepare the demo", "err", err)
			}
		}
		if err := st.TakeUp(st.life); err != nil && st.life.Err() == nil {
			s.log.Warn("the attempts of an earlier run were not taken up", "err", err)
		}
	}()
}

func (s *shell) preparing(st *stay, p *workspace.Preparing) {
	s.mutex.Lock()
	changed := st.preparing != p
	st.preparing = p
	s.mutex.Unlock()
	if changed {
		s.events.state()
	}
}
