//go:build desktop || dev || bindings

package app

import (
	"context"
	"errors"
	"os/exec"
	stdruntime "runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"countersign/backend/governance"
)

// windowSystem is what the window can do, over Wails' runtime, one dialog at a
// time.
func windowSystem(ctx context.Context, focused *atomic.Bool) system {
	notes := notifier{ctx: ctx, focused: focused}
	return oneDialog(system{
		ask: func(q question) (bool, error) { return askNatively(ctx, q) },
		openFile: func(title string, filters ...fileKind) (string, error) {
			return runtime.OpenFileDialog(ctx, runtime.OpenDialogOptions{Title: title, Filters: dialogFilters(filters)})
		},
		saveFile: func(title, name string, filters ...fileKind) (string, error) {
			return runtime.SaveFileDialog(ctx, runtime.SaveDialogOptions{Title: title, DefaultFilename: name, Filters: dialogFilters(filters), CanCreateDirectories: true})
		},
		pickFolder: func(title string) (string, error) {
			return runtime.OpenDirectoryDialog(ctx, runtime.OpenDialogOptions{Title: title, CanCreateDirectories: true})
		},
		browse: func(address string) error { runtime.BrowserOpenURL(ctx, address); return nil },
		show:   showFolder,
		copy:   func(text string) error { return runtime.ClipboardSetText(ctx, text) },
		print:  func() error { runtime.WindowPrint(ctx); return nil },
		emit:   func(event string, data any) { runtime.EventsEmit(ctx, event, data) },
		notify: notes.send,
	})
}

func dialogFilters(kinds []fileKind) []runtime.FileFilter {
	out := []runtime.FileFilter{}
	for _, k := range kinds {
		out = append(out, runtime.FileFilter{DisplayName: k.Name, Pattern: k.Pattern})
	}
	if len(out) > 0 {
		out = append(out, runtime.FileFilter{DisplayName: "All files", Pattern: "*"})
	}
	return out
}

// askNatively asks Yes or No; closing the dialog is No. On Linux Wails hands the
// message to gtk_message_dialog_new as its format, so a % that somebody wrote
// into a name has to be doubled (wails v2.16.0, internal/frontend/desktop/linux
// window.c); other buttons than Yes and No do not exist there.
func askNatively(ctx context.Context, q question) (bool, error) {
	text := q.Text
	if stdruntime.GOOS == "linux" {
		text = strings.ReplaceAll(text, "%", "%%")
	}
	answer, err := runtime.MessageDialog(ctx, runtime.MessageDialogOptions{Type: runtime.QuestionDialog, Title: q.Title, Message: text,
		Buttons: []string{"Yes", "No"}, DefaultButton: "No", CancelButton: "No"})
	return answer == "Yes", err
}

// showFolder opens a folder in the system's file manager.
func showFolder(folder string) error {
	program := map[string]string{"darwin": "open", "windows": "explorer"}[stdruntime.GOOS]
	if program == "" {
		program = "xdg-open"
	}
	shown := exec.Command(program, folder)
	if err := shown.Start(); err != nil {
		return governance.Faultf("no_file_manager", "No file manager could be opened.").WithHint("The folder is %s.", folder).Because(err)
	}
	go func() { _ = shown.Wait() }() // explorer ends with 1 when all is well
	return nil
}

// A notifier sends notifications of the system while the window has not the
// focus. It is set up with the first one, since macOS asks the person then. It
// does not wait: a desktop without notifications takes half a minute to say so.
type notifier struct {
	ctx     context.Context
	focused *atomic.Bool
	mu      sync.Mutex
	ready   bool
}

func (n *notifier) send(title, body string) {
	if n.focused.Load() {
		return
	}
	go func() {
		if err := n.deliver(title, body); err != nil {
			runtime.LogDebug(n.ctx, "no notification: "+err.Error())
		}
	}()
}

func (n *notifier) deliver(title, body string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.ready {
		if !runtime.IsNotificationAvailable(n.ctx) {
			return errors.New("this system has none")
		}
		if err := runtime.InitializeNotifications(n.ctx); err != nil {
			return err
		}
		may, err := runtime.RequestNotificationAuthorization(n.ctx)
		if err != nil {
			return err
		}
		if !may {
			return errors.New("the person allows none")
		}
		n.ready = true
	}
	return runtime.SendNotification(n.ctx, runtime.NotificationOptions{ID: title, Title: title, Body: body})
}
