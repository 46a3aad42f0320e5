package workspace

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"countersign/backend/store"
)

// answers remembers what screens asked for, as long as nobody has written to the
// database since and the person at this window is the same. Nothing is decided
// by it: every door asks the rules again.
type answers struct {
	mu      sync.Mutex
	version store.Version
	kept    map[string]answer
}

type answer struct {
	value any
	until time.Time
}

const (
	// keptAnswers bounds what is remembered; then all are let go.
	keptAnswers = 50
	// keptFor is how long an answer may speak of time, such as of hours that are
	// left.
	keptFor = 30 * time.Second
)

// again gives the answer of a call that was made before with the same question,
// or makes it. An answer holds no longer than a time that it is made with: what
// runs out then is another one afterwards. The zero time does not matter.
func again[T any](ctx context.Context, w *Workspace, call string, question any, ask func() (T, time.Time, error)) (T, error) {
	b, err := json.Marshal(question)
	if err != nil {
		got, _, err := ask()
		return got, err
	}
	key := call + " " + w.Acting() + " " + string(b)
	version := w.Store.Version(ctx) // before it is asked: what is written meanwhile makes it old
	if kept, there := w.answers.recall(key, version, w.now()); there {
		return kept.(T), nil
	}
	got, until, err := ask()
	if err == nil {
		w.answers.keep(key, version, answer{got, soonest(until, w.now().Add(keptFor))})
	}
	return got, err
}

// soonest is the earlier one of two times; a zero one does not matter.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (a *answers) recall(key string, version store.Version, now time.Time) (any, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !version.Known() || version != a.version {
		return nil, false
	}
	kept, there := a.kept[key]
	return kept.value, there && now.Before(kept.until)
}

func (a *answers) keep(key string, version store.Version, kept answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !version.Known() {
		return
	}
	if a.version != version || len(a.kept) >= keptAnswers {
		a.version, a.kept = version, map[string]answer{}
	}
	a.kept[key] = kept
}
