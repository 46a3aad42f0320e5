//go:build desktop || dev || bindings

package app

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	stdruntime "runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/options/windows"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"countersign/backend/workspace"
)

// HasWindow says whether this build can open a window.
const HasWindow = true

// patience is how long a signal waits for the window to close by itself; an
// open file dialog keeps Wails from doing so.
const patience = 15 * time.Second

// Window opens the window and returns the exit code when it was closed. Nothing
// is opened or locked before wails.Run, and in the generator of the bindings,
// which runs this function too, nothing is read either.
//
// Closing is safe at any moment: what runs in an org goes on there and is
// resumed at the next start. Only what was typed last is waited for, a moment.
func Window(o Options, stderr io.Writer) int {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	s := newShell(log)
	s.version = o.Version
	s.picked.offer(absolute(o.Open))
	at := place{Width: usualWidth, Height: usualHeight}
	known := false
	if !generating {
		at, known = s.lastPlace(o.Data)
	}
	var focused atomic.Bool
	var placing sync.Once
	bye := newFarewell(letters)
	window := make(chan context.Context, 1)
	err := wails.Run(&options.App{
		Title:              "Countersign",
		Width:              at.Width,
		Height:             at.Height,
		MinWidth:           smallestWidth,
		MinHeight:          smallestHeight,
		WindowStartState:   startState(at),
		BackgroundColour:   options.NewRGB(248, 249, 250),
		AssetServer:        &assetserver.Options{Assets: o.Assets, Middleware: secured(log)},
		Menu:               s.nativeMenu(o.Assets),
		Logger:             wailsLog{log},
		LogLevel:           logger.WARNING,
		LogLevelProduction: logger.WARNING,
		ErrorFormatter:     fault(log),
		Bind:               facades(s),
		EnumBind:           enums(),
		// Dragging inside the page crashes on macOS with it (wailsapp/wails#6157).
		DragAndDrop: &options.DragAndDrop{EnableFileDrop: stdruntime.GOOS != "darwin"},
		OnStartup: func(ctx context.Context) {
			window <- ctx
			go s.quitOnSignal(ctx, bye)
			s.system = bridged(windowSystem(ctx, &focused))
			follow(ctx, eventFocused, &focused)
			follow(ctx, eventUnsaved, &bye.unsaved)
			runtime.EventsOn(ctx, eventSettled, func(...any) { bye.answered() })
			// Not runtime.OnFileDrop: its listener panics when the page emits the
			// event itself without values (wails v2.16.0, pkg/runtime/draganddrop.go).
			runtime.EventsOn(ctx, eventFileDrop, func(data ...any) { s.drop(droppedPaths(data)) })
			s.start(workspace.Options{Data: o.Data, Log: log})
		},
		// It comes again with every reload of the page.
		OnDomReady: func(ctx context.Context) {
			runtime.WindowExecJS(ctx, watchFocus)
			placing.Do(func() {
				if known {
					s.putBack(ctx, at)
				}
				go s.followPlace(ctx)
			})
		},
		OnBeforeClose: func(ctx context.Context) bool {
			return bye.holds(func() { runtime.EventsEmit(ctx, eventClosing) }, func() { runtime.Quit(ctx) })
		},
		OnShutdown: func(context.Context) { s.close() },
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId: instance(o.Data),
			OnSecondInstanceLaunch: func(second options.SecondInstanceData) {
				ctx := <-window
				window <- ctx
				s.openFile(exchangedIn(second.Args), second.WorkingDirectory)
				runtime.WindowUnminimise(ctx)
				runtime.Show(ctx)
			},
		},
		// Any Linux option set switches the GPU policy away from Never
		// (wailsapp/wails#2977), so it is named.
		Linux: &linux.Options{
			Icon:             o.Icon,
			ProgramName:      "countersign",
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
		Windows: &windows.Options{DisablePinchZoom: true},
		// Finder hands files over here, not as arguments.
		Mac: &mac.Options{OnFileOpen: func(path string) { s.openFile(path, "") }},
	})
	if err != nil {
		fmt.Fprintf(stderr, "The window could not be opened: %v\n", err)
		return 1
	}
	return 0
}

// follow keeps the yes or no that the page told last.
func follow(ctx context.Context, event string, is *atomic.Bool) {
	runtime.EventsOn(ctx, event, func(data ...any) {
		if len(data) == 1 {
			on, ok := data[0].(bool)
			is.Store(ok && on)
		}
	})
}

const watchFocus = `if (!window.focusWatched) {
  window.focusWatched = true;
  const tell = () => window.runtime.EventsEmit("focused", document.hasFocus());
  addEventListener("focus", tell);
  addEventListener("blur", tell);
  tell();
}`

// quitOnSignal stands beside Wails' own handler, which asks the window to close
// and knows no SIGHUP. Work is cancelled as soon as what was typed is saved; if
// the window does not close in time, or a second signal comes, the workspace is
// closed and the program ends.
func (s *shell) quitOnSignal(window context.Context, bye *farewell) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if <-signals == syscall.SIGHUP {
		runtime.Quit(window)
	}
	bye.said()
	s.cancel()
	select {
	case <-signals:
	case <-time.After(patience):
	}
	s.close()
	os.Exit(1)
}

// instance names the window of one data folder: opening the same folder again
// brings it to the front, another folder gets a window of its own. The lock
// that protects the data is the workspace's; this one only passes the word on.
func instance(given string) string {
	folder, err := workspace.DataDir(given)
	if err != nil {
		folder = given // opening it will say why
	}
	return fmt.Sprintf("countersign-%x", sha256.Sum256([]byte(folder)))[:28]
}

// absolute is a path that was given on the command line; empty for none.
func absolute(path string) string {
	if full, err := filepath.Abs(path); path != "" && err == nil {
		return full
	}
	return path
}
