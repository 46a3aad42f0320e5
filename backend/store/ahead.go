package store

import (
	"context"
	"slices"
	"strings"
	"sync"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// notFinalSpans select the requests and records that something can still happen
// to, those that are neither Completed nor Cancelled, so that SQLite finds them
// by an index and does not look at all that are.
var notFinalSpans = []string{"status < 'Cancelled'", "status > 'Cancelled' AND status < 'Completed'", "status > 'Completed'"}

// notFinal selects the same rows of a table by their ids: what is read of them
// comes from the rows themselves, not from an index that may say something else.
func notFinal(table string) string {
	return "id IN (SELECT id FROM " + table + " WHERE " + strings.Join(notFinalSpans, " OR ") + ")"
}

// openRequests are the requests that are not final, or have a record that is
// not.
func openRequests(tx *gorm.DB) ([]string, error) {
	ids := []string{}
	asked := []string{}
	for _, span := range notFinalSpans {
		asked = append(asked, "SELECT id FROM change_requests WHERE "+span, "SELECT request_id FROM deployment_records WHERE "+span)
	}
	// UNION without ALL would read all ids in their order to drop those twice there.
	err := tx.Raw(strings.Join(asked, " UNION ALL ")).Scan(&ids).Error
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// ahead is the work on open requests that begins before anybody asks: their
// signatures are verified while SQLite looks through every page, and the history
// that the check of the open rows is made with serves the first lists too.
type ahead struct {
	stop context.CancelFunc
	done chan struct{} // closed when no signature is being verified ahead; nil if none ever was

	mu      sync.Mutex
	coming  chan struct{} // closed when the history is there, or will not be
	history *governance.History
	ids     map[string]bool
	version Version // of before it was read
}

// verifyAhead begins to verify the signatures of the acts about open requests.
// What does not verify is not remembered: who needs the act finds it so.
func (s *Store) verifyAhead(ctx context.Context) {
	ctx, s.ahead.stop = context.WithCancel(ctx)
	s.ahead.done = make(chan struct{})
	go func() {
		defer close(s.ahead.done)
		if err := s.read(ctx, s.warm); err != nil && ctx.Err() == nil {
			s.o.Log.Warn("the acts were not verified ahead", "err", err)
		}
	}()
}

func (s *Store) warm(tx *gorm.DB) error {
	ids, err := openRequests(tx)
	if err != nil || len(ids) == 0 {
		return err
	}
	subjects, err := subjectsOf(tx, ids)
	if err != nil {
		return err
	}
	acts, err := readActs(tx.Where("subject IN "+listed, asList(subjects)))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(acts, every) {
		if err := tx.Statement.Context.Err(); err != nil {
			return err
		}
		s.verifier.Warm(some)
	}
	return nil
}

// wait waits until no signature is being verified ahead; what was, need not be
// verified again.
func (a *ahead) wait(ctx context.Context) error {
	if a.done == nil {
		return nil
	}
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *ahead) close() {
	if a.done != nil {
		a.stop()
		<-a.done
	}
}

// charterAlone is no request's id: a history of it holds the charter's acts only.
const charterAlone = "-"

// manyRequests is from how many on a history is worth waiting for one that is
// made already.
const manyRequests = 500

// promise lets those who ask for the history of many requests wait for the one
// that keep will hand over. Who promises it calls keep, with nil when it failed.
func (a *ahead) promise() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.coming == nil {
		a.coming = make(chan struct{})
	}
}

func (a *ahead) keep(h *governance.History, ids []string, version Version) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if h != nil && len(ids) >= manyRequests {
		a.history, a.version, a.ids = h, version, make(map[string]bool, len(ids))
		for _, id := range append(ids, charterAlone) {
			a.ids[id] = true
		}
	}
	if a.coming != nil {
		close(a.coming)
		a.coming = nil
	}
}

// recall is the history that was made ahead, if it holds those requests and
// nothing was written since.
func (s *Store) recall(ctx context.Context, ids []string) (*governance.History, error) {
	if len(ids) < manyRequests {
		return nil, nil
	}
	a := &s.ahead
	a.mu.Lock()
	coming := a.coming
	a.mu.Unlock()
	if coming != nil {
		select {
		case <-coming:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	now := s.Version(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !now.Known() || a.version != now {
		a.history, a.ids = nil, nil // it will never serve again
	}
	if a.history == nil || slices.ContainsFunc(ids, func(id string) bool { return !a.ids[id] }) {
		return nil, nil
	}
	return a.history, nil
}
