package app

import (
	"testing"
	"time"
)

// The letters of the last 600 ms were lost when the window closed: the page saves when the fingers rest.
func TestClosingWaitsForWhatIsTyped(t *testing.T) {
	const long, short = time.Minute, 10 * time.Millisecond
	for _, c := range []struct {
		name    string
		unsaved bool
		wait    time.Duration
		answers bool
		holds   bool
	}{
		{"nothing is typed", false, long, false, false},
		{"the page saves", true, long, true, true},
		{"the page hangs", true, short, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFarewell(c.wait)
			f.unsaved.Store(c.unsaved)
			asked, closed := make(chan struct{}, 2), make(chan struct{}, 2)
			ask := func() {
				asked <- struct{}{}
				if c.answers {
					f.answered()
				}
			}
			quit := func() { closed <- struct{}{} }
			if f.holds(ask, quit) != c.holds {
				t.Fatalf("holds: not %v", c.holds)
			}
			if !c.holds {
				return
			}
			f.said()
			select {
			case <-closed:
			case <-time.After(10 * time.Second):
				t.Fatal("the window was never closed")
			}
			if f.holds(ask, quit) {
				t.Error("it is put off a second time")
			}
			if len(asked) != 1 || len(closed) != 0 {
				t.Errorf("asked %d times, closed %d times more", len(asked), len(closed))
			}
			f.answered()
		})
	}
}
