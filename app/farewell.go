package app

import (
	"sync"
	"sync/atomic"
	"time"
)

// letters is how long a closing window waits for the page to save what was
// typed last: far longer than a save, and not so long that a page that hangs
// keeps the window open.
const letters = 2 * time.Second

// A farewell lets the page save what was typed in the last moment before the
// window closes. Wails asks before it closes, on Windows on the thread that the
// page needs to answer; so the closing is put off, never waited for, and done
// again when the page has answered or the time is over.
type farewell struct {
	unsaved atomic.Bool // the page told that something is typed and not saved
	wait    time.Duration

	begin   sync.Once
	settle  sync.Once
	settled chan struct{} // closed when the page has answered
	over    chan struct{} // closed when the window may close
}

func newFarewell(wait time.Duration) *farewell {
	return &farewell{wait: wait, settled: make(chan struct{}), over: make(chan struct{})}
}

// holds says whether the closing is put off. The first time it asks the page,
// and closes the window afterwards.
func (f *farewell) holds(ask, quit func()) bool {
	select {
	case <-f.over:
		return false
	default:
	}
	if !f.unsaved.Load() {
		return false
	}
	f.begin.Do(func() {
		go func() {
			ask()
			select {
			case <-f.settled:
			case <-time.After(f.wait):
			}
			close(f.over)
			quit()
		}()
	})
	return true
}

// answered takes the page's word that it has saved what it could.
func (f *farewell) answered() { f.settle.Do(func() { close(f.settled) }) }

// said waits until a closing that was put off may go on. It comes back at once
// when nothing is unsaved.
func (f *farewell) said() {
	if !f.unsaved.Load() {
		return
	}
	select {
	case <-f.over:
	case <-time.After(f.wait):
	}
}
