package app

import (
	"context"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// The events that the page hears. What they are about it asks for itself: an
// event is evaluated as source in the page, so it stays far below 4 KB.
const (
	eventChanged = "changed" // something is another now: a change
	eventDrop    = "drop"    // files were dropped: a dropped
	eventCommand = "command" // an item of the native menu was chosen: a command
	eventOpen    = "open"    // the program was called with a file of ours: nothing
	eventClosing = "closing" // the window is about to close: what is typed is saved now
)

// The events that the page sends.
const (
	eventFocused = "focused" // Wails does not tell Go who has the focus: a bool
	eventUnsaved = "unsaved" // whether something is typed that is not saved: a bool
	eventSettled = "settled" // the answer to closing
)

// A change names what is another now.
type change struct {
	Kind     string `json:"kind"` // work, log, request, record, environment, policies, trail, state
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
}

// A command is an item of the native menu.
type command struct {
	ID string `json:"id"`
}

// trailPacing is the shortest time between two words about the audit trail,
// which changes with everything.
const trailPacing = 350 * time.Millisecond

// events tells the page what has changed, until the window closes.
type events struct {
	root context.Context
	emit func(event string, data any)

	mu     sync.Mutex
	coming *time.Timer
	ended  bool
}

func newEvents(root context.Context, emit func(string, any)) *events {
	return &events{root: root, emit: emit}
}

func (e *events) changed(kind, id string, revision int64) {
	if e.root.Err() != nil {
		return // Wails' window may be gone
	}
	e.emit(eventChanged, change{kind, id, revision})
}

// work tells a Work, and at its end what it was about.
func (e *events) work(k workspace.Work) {
	e.changed("work", k.ID, k.Revision)
	if k.Running() {
		return
	}
	switch k.Kind {
	case workspace.WorkInventory:
		e.changed("environment", k.Subject, k.Revision)
	case workspace.WorkVerify:
		e.trail()
	default:
		e.changed("record", k.Subject, k.Revision)
		e.changed("request", k.RequestID, k.Revision)
	}
}

// log tells a Deployment Log, and its record at the beginning and the end.
func (e *events) log(l governance.DeploymentLog) {
	e.changed("log", l.ID, 0)
	if l.Progress == governance.ProgressIntent || !l.Active() {
		e.changed("record", l.RecordID, 0)
		e.changed("request", l.RequestID, 0)
	}
}

func (e *events) state() { e.changed("state", "", 0) }

// trail tells that something was written, a little later and for all that came
// meanwhile.
func (e *events) trail() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended || e.coming != nil {
		return
	}
	e.coming = time.AfterFunc(trailPacing, func() {
		e.mu.Lock()
		e.coming = nil
		e.mu.Unlock()
		e.changed("trail", "", 0)
	})
}

func (e *events) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	if e.coming != nil {
		e.coming.Stop()
	}
}
