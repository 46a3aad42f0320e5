package workspace

import (
	"context"
	"sync"
)

// chores is what is made ready for screens that may be looked at next, beside
// them. It is cancelled and awaited when the workspace closes.
type chores struct {
	life context.Context
	stop context.CancelFunc

	mu     sync.Mutex // guards closed: nothing begins once it is true
	closed bool
	runs   sync.WaitGroup
}

func newChores() *chores {
	life, stop := context.WithCancel(context.Background())
	return &chores{life: life, stop: stop}
}

// run does a chore in a goroutine of its own; false when the workspace closes.
func (c *chores) run(do func(context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.runs.Go(func() {
		// Nothing depends on a chore, so a panic in one ends nothing else.
		_ = guarded(c.life, func(ctx context.Context) error { do(ctx); return nil })
	})
	return true
}

func (c *chores) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.runs.Wait()
}
