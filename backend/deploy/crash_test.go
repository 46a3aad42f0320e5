package deploy_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"countersign/backend/governance"
)

// A death is where the process dies while it carries an attempt.
type death struct {
	name  string
	on    func(w *world) // sets the trap
	left  governance.Progress
	again bool // the org never got the request: a person sends again
}

func dieOnUpdate(p governance.Progress) func(*world) {
	return func(w *world) {
		w.onUpdate = func(l governance.DeploymentLog) {
			if l.Progress == p {
				kill()
			}
		}
	}
}

func dieAt(op string, deliverFirst bool) func(*world) {
	return func(w *world) {
		w.edge.onOp(op, 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
			if deliverFirst {
				if err := swallow(deliver); err != nil {
					return nil, err
				}
			}
			kill()
			return nil, nil
		})
	}
}

var deaths = []death{
	{"before anything was done", func(*world) {}, intent, false},
	{"after sending was saved", dieOnUpdate(sending), sending, true},
	{"before the request arrived", dieAt("deploy", false), sending, true},
	{"before the answer arrived", dieAt("deploy", true), sending, false},
	{"after the id was saved", dieOnUpdate(running), running, false},
	{"while it asks how far it is", dieAt("checkDeployStatus", true), running, false},
	{"before the result is signed", func(w *world) { w.onSign = kill }, running, false},
	{"after the result was saved", dieOnUpdate(done), done, false},
	{"while it looks, after a lost request", func(w *world) {
		w.edge.lose("deploy", 1)
		dieOnUpdate(unknown)(w)
	}, unknown, true},
	{"while it looks, after a lost answer", func(w *world) {
		w.edge.loseAnswer("deploy", 1)
		dieOnUpdate(unknown)(w)
	}, unknown, false},
}

// Wherever the process dies, the attempt comes to its end exactly once, with
// the attempt, marker and log that it began with.
func TestADeathAnywhere(t *testing.T) {
	for _, d := range deaths {
		for _, kind := range []governance.AttemptKind{validate, deployment} {
			t.Run(string(kind)+" "+d.name, func(t *testing.T) {
				w := newWorld(t, outline{charter: noValidationFirst, pace: time.Millisecond})
				d.play(w, w.start(w.retrieved(w.record()), kind))
			})
		}
	}
}

func (d death) play(w *world, began *governance.DeploymentLog) {
	w.t.Helper()
	d.on(w)
	dies(func() {
		if d.left != intent {
			_, err := w.runner().Run(w.ctx, began.ID)
			w.t.Errorf("it did not die: %v", err)
		}
	})
	w.onUpdate, w.onSign = nil, nil
	w.edge.clear()
	if l := w.log(began.ID); l.Progress != d.left {
		w.t.Fatalf("it died in %s", l.Progress)
	}
	logs, err := w.runner().Resume(w.ctx)
	if d.again {
		w.fault(err, "send_again")
		_, err = w.runner().SendAgain(w.ctx, began.ID)
	}
	w.ok(err)
	if (len(logs) == 1) != (d.left != done) {
		w.t.Errorf("%d logs were resumed", len(logs))
	}
	l := w.log(began.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	if l.Attempt != began.Attempt || l.Marker != began.Marker || l.StartAct != began.StartAct {
		w.t.Errorf("%+v is not %+v", l, began)
	}
	w.sound()
}

// Cancelling the context anywhere leaves an attempt that can be resumed, and no
// goroutine.
func TestTheWindowIsClosedAnywhere(t *testing.T) {
	for _, at := range []governance.Progress{sending, unknown, running} {
		t.Run(string(at), func(t *testing.T) {
			w := newWorld(t, outline{pace: time.Millisecond})
			l := w.validating()
			if at == unknown {
				w.edge.loseAnswer("deploy", 1)
			}
			ctx, cancel := context.WithCancel(w.ctx)
			defer cancel()
			w.onUpdate = func(l governance.DeploymentLog) {
				if l.Progress == at {
					cancel()
				}
			}
			if _, err := w.runner().Run(ctx, l.ID); err == nil {
				t.Fatal("no error")
			}
			w.onUpdate = nil
			if l := w.log(l.ID); !l.Active() {
				t.Fatalf("%+v", l)
			}
			w.edge.clear()
			logs, err := w.runner().Resume(w.ctx)
			w.ok(err)
			w.is(&logs[0], done, governance.ResultSucceeded)
			w.onlyOne(&logs[0])
			w.sound()
		})
	}
}

// A start that was not sent within ten minutes is given up, without asking any
// org, and the next one is allowed.
func TestAnOldStartIsGivenUp(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.late = 11 * time.Minute
	w.edge.set(func(bool) error { return errLost }, nil)
	logs, err := w.runner().Resume(w.ctx)
	w.ok(err)
	w.is(&logs[0], done, governance.ResultNotSent)
	w.says(logs[0].Message, "more than ten minutes old", "Nothing was sent")
	w.edge.clear()
	dr, err := w.store.DeploymentRecord(w.ctx, l.RecordID)
	w.ok(err)
	w.is(w.runs(w.start(dr, validate).ID), done, governance.ResultSucceeded)
	w.sound()
}

// A retrieve that a dead process left behind is ended at the next start, and one
// that is under way is left alone.
func TestAnInterruptedRetrieve(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.record()
	w.edges["uat"].onOp("retrieve", 1, func(func() (*http.Response, error)) (*http.Response, error) { kill(); return nil, nil })
	dies(func() { _, _ = w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID) })
	logs, err := w.runner().Resume(w.ctx)
	w.ok(err)
	w.is(&logs[0], done, governance.ResultFailed)
	w.says(logs[0].Message, "retrieve again")

	r := w.runner()
	w.edges["uat"].onOp("retrieve", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		_, err := r.Resume(w.ctx)
		w.fault(err, "attempt_running")
		return deliver()
	})
	l, err := r.Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.sound()
}
