package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"countersign/backend/governance"
)

const (
	keptWorks  = 100                    // ended ones that stay on the list
	workPacing = 200 * time.Millisecond // between two words about one work
)

var errWorkClosing = governance.Faultf("closing", "The workspace is being closed.").WithHint("Open it again to go on.")

// An unsuccessful is how a work ends that was done, but did not succeed: a
// validation with a failing test. It is no Problem, since all that is to be
// known is in the sentence and in the Deployment Log.
type unsuccessful struct{ sentence string }

func (u unsuccessful) Error() string { return u.sentence }

// works is the registry of what runs. Every long work goes through begin, which
// owns its life: one at a time of a kind and subject, told at most five times a
// second, cancelled and awaited when the workspace closes.
type works struct {
	now  func() time.Time
	log  *slog.Logger
	tell func(Work) // nil: nobody listens

	root   context.Context
	cancel context.CancelFunc
	runs   sync.WaitGroup

	mu     sync.Mutex
	jobs   []*job // newest first
	closed bool
}

// A job is a work and when it was told last.
type job struct {
	work   Work
	told   time.Time
	coming *time.Timer // tells what was not told yet
}

func newWorks(now func() time.Time, log *slog.Logger, tell func(Work)) *works {
	root, cancel := context.WithCancel(context.Background())
	return &works{now: now, log: log, tell: tell, root: root, cancel: cancel}
}

// begin registers a work and runs it in a goroutine of its own. The one that
// already runs with the same kind and subject is returned instead. The context
// ends when the workspace closes. The work reports by changing a copy of
// itself; it succeeds when do returns nil, ends as it was done with an
// unsuccessful, and with a Problem otherwise. Fault: closing.
func (w *Workspace) begin(k Work, do func(ctx context.Context, report func(func(*Work))) error) (Work, error) {
	return w.works.begin(k, do)
}

func (ws *works) begin(k Work, do func(ctx context.Context, report func(func(*Work))) error) (Work, error) {
	id, err := randomID()
	if err != nil {
		return Work{}, err
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.closed {
		return Work{}, errWorkClosing
	}
	for _, j := range ws.jobs {
		if j.work.Running() && j.work.Kind == k.Kind && j.work.Subject == k.Subject {
			return j.work, nil
		}
	}
	k.ID, k.Revision, k.StartedAt = id, 0, ws.now()
	j := &job{work: k}
	ws.jobs = append([]*job{j}, ws.jobs...)
	ws.trim()
	ws.changed(j)
	started := j.work
	ws.runs.Add(1)
	go ws.run(j, do)
	return started, nil
}

func (ws *works) run(j *job, do func(ctx context.Context, report func(func(*Work))) error) {
	defer ws.runs.Done()
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return do(ws.root, func(edit func(*Work)) { ws.report(j, edit) })
	}()
	ws.end(j, err)
}

// report lets a work change its progress. What it is and when it began are not
// its to change.
func (ws *works) report(j *job, edit func(*Work)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if !j.work.Running() {
		return // a late word
	}
	k := j.work
	edit(&k)
	k.ID, k.Revision, k.Kind, k.Subject, k.StartedAt, k.EndedAt = j.work.ID, j.work.Revision, j.work.Kind, j.work.Subject, j.work.StartedAt, time.Time{}
	if reflect.DeepEqual(k, j.work) {
		return
	}
	j.work = k
	ws.changed(j)
}

func (ws *works) end(j *job, err error) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	j.work.EndedAt = ws.now()
	var done unsuccessful
	switch {
	case err == nil:
		j.work.Succeeded = true
	case errors.As(err, &done):
		j.work.Sentence = done.sentence
	default:
		j.work.Problem = ws.problem(j.work.Kind, err)
		j.work.Sentence = j.work.Problem.Message
	}
	ws.changed(j)
}

// problem is an error as a person reads it; what is no fault goes to the log.
func (ws *works) problem(kind WorkKind, err error) *Problem {
	if errors.Is(err, context.Canceled) && ws.root.Err() != nil {
		err = errWorkClosing.Because(err)
	}
	return ProblemOf(ws.log, string(kind), err)
}

// ProblemOf is an error as it crosses to the page: a Fault as it is; anything
// else goes to the log, and the page only learns that something went wrong.
func ProblemOf(log *slog.Logger, doing string, err error) *Problem {
	var f *governance.Fault
	if !errors.As(err, &f) {
		log.Error("a work failed", "work", doing, "err", err)
		f = governance.Faultf("unexpected", "Something went wrong.").WithHint("Try again. If it happens again, the log names the cause.")
	}
	return &Problem{Code: f.Code, Message: f.Message, Hint: f.Hint, Words: f.Words, HintWords: f.HintWords, Params: f.Params}
}

// changed counts a change and tells it, at once if nothing was told for a
// while, if it is the first or the last; otherwise when the time has come. The
// caller holds mu. Words may overtake each other; the revision tells.
func (ws *works) changed(j *job) {
	j.work.Revision++
	if ws.tell == nil {
		return
	}
	wait := workPacing - time.Since(j.told)
	if wait <= 0 || !j.work.Running() {
		if j.coming != nil && j.coming.Stop() {
			ws.runs.Done()
		}
		j.coming = nil
		ws.tellLater(j, 0)
		return
	}
	if j.coming == nil {
		ws.tellLater(j, wait)
	}
}

// tellLater tells a work from a goroutine of its own, so that a listener may
// ask for the list. Close waits for it.
func (ws *works) tellLater(j *job, wait time.Duration) {
	j.told = time.Now().Add(wait)
	ws.runs.Add(1)
	var timer *time.Timer
	say := func() {
		defer ws.runs.Done()
		ws.mu.Lock()
		k := j.work
		if j.coming == timer {
			j.coming = nil
		}
		ws.mu.Unlock()
		ws.tell(k)
	}
	if wait <= 0 {
		go say()
		return
	}
	timer = time.AfterFunc(wait, say)
	j.coming = timer
}

func (ws *works) list() []Work {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	out := make([]Work, 0, len(ws.jobs))
	for _, j := range ws.jobs {
		out = append(out, j.work)
	}
	return out
}

// running is the work that runs now of a kind and subject, nil if none.
func (ws *works) running(kind WorkKind, subject string) *Work {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for _, j := range ws.jobs {
		if j.work.Running() && j.work.Kind == kind && j.work.Subject == subject {
			k := j.work
			return &k
		}
	}
	return nil
}

func (ws *works) dismiss(id string) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.jobs = slices.DeleteFunc(ws.jobs, func(j *job) bool { return j.work.ID == id && !j.work.Running() })
}

// trim forgets the oldest ended works. The caller holds mu.
func (ws *works) trim() {
	ended := 0
	ws.jobs = slices.DeleteFunc(ws.jobs, func(j *job) bool {
		if j.work.Running() {
			return false
		}
		ended++
		return ended > keptWorks
	})
}

// close cancels what runs, waits for it and for what is still to be told.
func (ws *works) close() {
	ws.mu.Lock()
	ws.closed = true
	ws.mu.Unlock()
	ws.cancel()
	ws.runs.Wait()
}
