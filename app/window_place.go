//go:build desktop || dev || bindings

package app

import (
	"context"
	"time"

	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"countersign/backend/workspace"
)

// looking is how often the window's place is looked at; it is kept when it was
// the same twice. Wails has no event for it.
const looking = 2 * time.Second

// lastPlace reads where the window was. It keeps the preferences for the start.
func (s *shell) lastPlace(data string) (place, bool) {
	likes, err := workspace.OpenPreferences(data)
	if likes == nil {
		return placeOf("")
	}
	if err != nil {
		s.log.Warn("the preferences could not be kept aside", "err", err)
	}
	s.likes = likes
	return placeOf(likes.Get(windowPlace))
}

func startState(p place) options.WindowStartState {
	if p.Maximised {
		return options.Maximised
	}
	return options.Normal
}

// putBack moves the window to where it was, as far as it fits the screen.
func (s *shell) putBack(ctx context.Context, at place) {
	if at.Maximised {
		return
	}
	fit := at
	if screens, err := runtime.ScreenGetAll(ctx); err == nil {
		for _, screen := range screens {
			if screen.IsCurrent {
				fit = at.clamped(screen.Size.Width, screen.Size.Height)
			}
		}
	}
	if fit.Width != at.Width || fit.Height != at.Height {
		runtime.WindowSetSize(ctx, fit.Width, fit.Height)
	}
	runtime.WindowSetPosition(ctx, fit.X, fit.Y)
}

// followPlace keeps the window's place until it closes.
func (s *shell) followPlace(ctx context.Context) {
	if s.started() != nil {
		return
	}
	tick := time.NewTicker(looking)
	defer tick.Stop()
	last, _ := placeOf(s.likes.Get(windowPlace))
	for {
		select {
		case <-s.root.Done():
			return
		case <-tick.C:
		}
		if runtime.WindowIsMinimised(ctx) || runtime.WindowIsFullscreen(ctx) {
			continue
		}
		now := last // a maximised window goes back to the size it had before
		if now.Maximised = runtime.WindowIsMaximised(ctx); !now.Maximised {
			now.Width, now.Height = runtime.WindowGetSize(ctx)
			now.X, now.Y = runtime.WindowGetPosition(ctx)
		}
		if now == last && s.likes.Get(windowPlace) != now.String() {
			s.like(windowPlace, now.String())
		}
		last = now
	}
}
