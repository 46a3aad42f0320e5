package app

import (
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestTheYesToOneDialogAnswersNoOther(t *testing.T) {
	s, p := own(t)
	v := draft(t, s, "Stages")
	answers, shown := make(chan bool), make(chan question)
	s.system.ask = func(q question) (bool, error) { shown <- q; return <-answers, nil }
	s.system = oneDialog(s.system)

	requests, settings := &ChangeRequests{s}, &Settings{s}
	submitted := make(chan error, 1)
	go func() {
		_, err := requests.Do(v.Request.ID, workspace.Wish{Action: governance.Submit, Seen: v.Digest})
		submitted <- err
	}()
	if q := <-shown; !strings.HasPrefix(q.Text, "Submit for Approval?") {
		t.Fatalf("the first question is %q", q.Text)
	}
	p.path = t.TempDir()
	for name, call := range map[string]func() error{
		"a second question": func() error { return settings.OpenAddress("https://example.com/") },
		"an open dialog":    func() error { _, err := requests.Import(v.Request.ID); return err },
		"a save dialog":     func() error { _, err := requests.Export(v.Request.ID); return err },
		"a folder dialog":   func() error { _, err := settings.BackUpTo(); return err },
	} {
		done := make(chan error, 1)
		go func() { done <- call() }()
		select {
		case err := <-done:
			if governance.FaultCode(err) != "question_open" {
				t.Errorf("%s says %v", name, err)
			}
		case q := <-shown:
			t.Fatalf("%s lies over the first: %q", name, q.Text)
		case <-time.After(10 * time.Second):
			t.Fatalf("%s waits", name)
		}
	}
	answers <- false
	if err := <-submitted; governance.FaultCode(err) != "declined" || len(p.went) != 0 {
		t.Errorf("No says %v, and %v was opened", err, p.went)
	}
	p.at(s)
	p.yes = true
	if err := settings.OpenAddress("https://example.com/"); err != nil || len(p.went) != 1 {
		t.Errorf("after the answer the next question says %v", err)
	}
}
