package app

import (
	"sync"

	"countersign/backend/governance"
)

// A system is what the window can do through the operating system. The real
// one is in window_system.go; without a window everything that needs a person
// is refused.
type system struct {
	ask        func(question) (bool, error) // Yes or No, in a dialog of the system's
	openFile   func(title string, filters ...fileKind) (string, error)
	saveFile   func(title, name string, filters ...fileKind) (string, error)
	pickFolder func(title string) (string, error)
	browse     func(address string) error // in the person's browser
	show       func(folder string) error  // in the file manager
	copy       func(text string) error    // to the clipboard
	print      func() error               // the page, by the system's print dialog
	emit       func(event string, data any)
	notify     func(title, body string) // nothing while the window has the focus
}

// A question is asked with Yes and No.
type question struct{ Title, Text string }

// A fileKind is a choice in a file dialog: "Package manifests", "*.xml".
type fileKind struct{ Name, Pattern string }

var errNoWindow = governance.Faultf("no_window", "This needs Countersign's window.").WithHint("Open the window and try again.")

var errQuestionOpen = governance.Faultf("question_open", "Countersign is asking something already.").WithHint("Answer that first, then try again.")

// oneDialog lets one dialog be open at a time and refuses a second with the
// fault question_open. On Linux Wails has one channel for the answers of all
// questions and one for those of all file dialogs, and its dialogs are nested
// loops behind which the page lives on (wails v2.16.0,
// internal/frontend/desktop/linux/dialog.go): the Yes to a harmless question on
// top would be taken for the answer to the one below.
func oneDialog(s system) system {
	var open sync.Mutex
	alone := func(dialog func() error) error {
		if !open.TryLock() {
			return errQuestionOpen
		}
		defer open.Unlock()
		return dialog()
	}
	path := func(dialog func() (string, error)) (picked string, err error) {
		err = alone(func() error { picked, err = dialog(); return err })
		return picked, err
	}
	out := s
	out.ask = func(q question) (yes bool, err error) {
		err = alone(func() error { yes, err = s.ask(q); return err })
		return yes, err
	}
	out.openFile = func(title string, filters ...fileKind) (string, error) {
		return path(func() (string, error) { return s.openFile(title, filters...) })
	}
	out.saveFile = func(title, name string, filters ...fileKind) (string, error) {
		return path(func() (string, error) { return s.saveFile(title, name, filters...) })
	}
	out.pickFolder = func(title string) (string, error) {
		return path(func() (string, error) { return s.pickFolder(title) })
	}
	return out
}

func noWindow() system {
	return system{
		ask:        func(question) (bool, error) { return false, errNoWindow },
		openFile:   func(string, ...fileKind) (string, error) { return "", errNoWindow },
		saveFile:   func(string, string, ...fileKind) (string, error) { return "", errNoWindow },
		pickFolder: func(string) (string, error) { return "", errNoWindow },
		browse:     func(string) error { return errNoWindow },
		show:       func(string) error { return errNoWindow },
		copy:       func(string) error { return errNoWindow },
		print:      func() error { return errNoWindow },
		emit:       func(string, any) {},
		notify:     func(string, string) {},
	}
}
