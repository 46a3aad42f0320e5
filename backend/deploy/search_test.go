package deploy_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/deploy"
	"countersign/backend/governance"
)

// lost is a validation whose request was lost, looked for until the grace has
// passed.
func (w *world) lost() *governance.DeploymentLog {
	w.t.Helper()
	l := w.validating()
	w.edge.lose("deploy", 1)
	l, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	w.is(l, unknown, governance.ResultNone)
	w.says(l.Message, "The org shows no such deployment.")
	w.edge.clear()
	return l
}

// late makes the next deployment arrive in the org after its sender gave up.
func (e *edge) lateArrival(after func()) {
	e.onOp("deploy", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		e.late.Go(func() {
			after()
			_ = swallow(deliver)
		})
		return nil, errLost
	})
}

func TestAPersonDecidesOnlyAfterTheGrace(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.lose("deploy", 1)
	w.grace = 150 * time.Millisecond
	began := time.Now()
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	if took := time.Since(began); took < w.grace {
		t.Errorf("asked after %v", took)
	}
}

// Before the grace has passed nobody may send again or give up.
func TestNobodyDecidesWithinTheGrace(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.lose("deploy", 1)
	w.grace = time.Hour
	ctx, cancel := context.WithCancel(w.ctx)
	w.onUpdate = func(l governance.DeploymentLog) {
		if l.Progress == unknown {
			cancel()
		}
	}
	_, _ = w.runner().Run(ctx, l.ID)
	w.is(w.log(l.ID), unknown, governance.ResultNone)
	_, err := w.runner().SendAgain(w.ctx, l.ID)
	w.fault(err, "not_searched")
	_, err = w.runner().GiveUp(w.ctx, l.ID)
	w.fault(err, "already_sent")
}

// While the org is out of reach the grace does not run.
func TestTheGraceWaitsForTheOrg(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	var looks atomic.Int64
	out := sync.OnceValue(func() time.Time { return time.Now().Add(200 * time.Millisecond) }) // from the first look on
	w.edge.set(nil, func(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
		switch {
		case op == "deploy":
			return nil, errLost
		case op == "list" && time.Now().Before(out()):
			looks.Add(1)
			return nil, errLost
		}
		return deliver()
	})
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	if since := time.Since(out()); since < w.grace-w.grace/4 || looks.Load() == 0 { // the last look that failed came a little before
		t.Errorf("%v after the org came back, %d looks", since, looks.Load())
	}
}

// When nobody can sign in any more the search stops and says so.
func TestASearchNeedsASignIn(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.set(nil, func(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
		switch op {
		case "deploy":
			return nil, errLost
		case "list":
			return answer(403, "application/json", `[{"errorCode":"API_DISABLED_FOR_ORG","message":"off"}]`), nil
		}
		return deliver()
	})
	l, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "api_disabled")
	w.is(l, unknown, governance.ResultNone)
}

func TestSendAgainSendsTheSame(t *testing.T) {
	w := newWorld(t, outline{})
	before := w.lost()
	l, err := w.runner().SendAgain(w.ctx, before.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	if l.Marker != before.Marker || l.ZipSHA256 != before.ZipSHA256 || !l.ServerBefore.Equal(before.ServerBefore) {
		t.Errorf("%+v is not %+v", l, before)
	}
	_, err = w.runner().SendAgain(w.ctx, l.ID)
	w.fault(err, "not_searched")
	w.sound()
}

// The lost request arrives after all, while the person thinks about it.
func TestSendAgainFindsWhatArrivedMeanwhile(t *testing.T) {
	w := newWorld(t, outline{pace: time.Millisecond})
	l := w.validating()
	arrive := make(chan struct{})
	w.edge.lateArrival(func() { <-arrive })
	l, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	close(arrive)
	w.edge.late.Wait()
	l, err = w.runner().SendAgain(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	w.sound()
}

// Sending again is refused: that says nothing of the first request, which may
// arrive yet, so the attempt stays unknown.
func TestSendAgainIsRefused(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	arrive := make(chan struct{})
	w.edge.lateArrival(func() { <-arrive })
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "send_again")
	w.edge.onOp("deploy", 1, func(func() (*http.Response, error)) (*http.Response, error) {
		return soapFault("SERVER_UNAVAILABLE", "busy"), nil
	})
	refused, err := w.runner().SendAgain(w.ctx, l.ID)
	if err == nil {
		t.Fatal("no error")
	}
	w.is(refused, unknown, governance.ResultNone)
	w.says(refused.Message, "The org shows no such deployment. It was not sent again.")
	close(arrive)
	w.edge.late.Wait()
	l, err = w.runner().SendAgain(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	w.sound()
}

// What arrives within the grace is found by itself.
func TestALateArrivalIsAdopted(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.lateArrival(func() { time.Sleep(30 * time.Millisecond) })
	w.grace = 2 * time.Second
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
}

// Somebody changed the target while the person thought: the same package would
// overwrite it.
func TestSendAgainLooksAtTheTargetFirst(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.lost()
	w.deployAs(w.orgs["production"].SecondUser(), "", false, class("Price", price+"\n    // hotfix"))
	w.settled("production")
	_, err := w.runner().SendAgain(w.ctx, l.ID)
	w.fault(err, "base")
	if len(w.sent()) != 1 {
		t.Errorf("%+v", w.sent())
	}
	l, err = w.runner().GiveUp(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultNotSent)
	w.sound()
}

func TestGivingUp(t *testing.T) {
	t.Run("in intent, without any org", func(t *testing.T) {
		w := newWorld(t, outline{})
		l := w.validating()
		w.edge.set(func(bool) error { return errLost }, nil)
		l, err := w.runner().GiveUp(w.ctx, l.ID)
		w.ok(err)
		w.is(l, done, governance.ResultNotSent)
		w.says(l.Message, "Nothing was sent")
		_, err = w.runner().GiveUp(w.ctx, l.ID)
		w.fault(err, "attempt_ended")
		_, err = w.runner().Cancel(w.ctx, l.ID)
		w.fault(err, "attempt_ended")
		w.sound()
	})
	t.Run("after the search", func(t *testing.T) {
		w := newWorld(t, outline{})
		l, err := w.runner().GiveUp(w.ctx, w.lost().ID)
		w.ok(err)
		w.is(l, done, governance.ResultNotSent)
		w.says(l.Message, "never showed")
		w.sound()
	})
	t.Run("it has arrived meanwhile", func(t *testing.T) {
		w := newWorld(t, outline{})
		l := w.validating()
		arrive := make(chan struct{})
		w.edge.lateArrival(func() { <-arrive })
		_, err := w.runner().Run(w.ctx, l.ID)
		w.fault(err, "send_again")
		close(arrive)
		w.edge.late.Wait()
		l, err = w.runner().GiveUp(w.ctx, l.ID)
		w.ok(err)
		w.is(l, done, governance.ResultSucceeded)
		w.onlyOne(l)
	})
	t.Run("while it is being sent", func(t *testing.T) {
		w := newWorld(t, outline{})
		l := w.validating()
		r := w.runner()
		w.edge.onOp("deploy", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
			for _, act := range []func(context.Context, string) (*governance.DeploymentLog, error){r.GiveUp, r.SendAgain, r.Run} {
				_, err := act(w.ctx, l.ID)
				w.fault(err, "attempt_running")
			}
			return deliver()
		})
		l, err := r.Run(w.ctx, l.ID)
		w.ok(err)
		w.is(l, done, governance.ResultSucceeded)
	})
	t.Run("while it runs", func(t *testing.T) {
		w := newWorld(t, outline{pace: time.Millisecond})
		l := w.validating()
		dieOnUpdate(running)(w)
		dies(func() { _, _ = w.runner().Run(w.ctx, l.ID) })
		w.onUpdate = nil
		_, err := w.runner().GiveUp(w.ctx, l.ID)
		w.fault(err, "already_sent")
	})
}

// A wish to cancel that came while it was looked for gives the attempt up when
// the grace has passed, and no person is asked.
func TestCancelWhileLooking(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.lose("deploy", 1)
	r := w.runner()
	r.OnUpdate = func(l governance.DeploymentLog) {
		if l.Progress == unknown && !l.CancelWanted {
			if _, err := r.Cancel(w.ctx, l.ID); err != nil {
				t.Error(err)
			}
		}
	}
	l, err := r.Run(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultNotSent)
	w.says(l.Message, "never showed")
	w.sound()
}

// Deployments of others are not taken for ours: not by another user, not of
// another attempt, not one that changed nothing.
func TestStrangersAreNotAdopted(t *testing.T) {
	for _, tc := range []struct {
		name string
		send func(w *world, l *governance.DeploymentLog)
	}{
		{"another user's", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].SecondUser(), "cs-0123", true, class("Other", ""))
		}},
		{"our user's, from another tool", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].Connection(), "", true, class("Other", ""))
		}},
		{"another attempt's", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].Connection(), deploy.Marker(l.Revision, l.TargetOrg, l.Attempt+1), true, class("Other", ""))
		}},
		{"a name that only begins like ours", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].Connection(), l.Marker+"0", true, class("Other", ""))
		}},
		{"with our marker, but a real one", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].Connection(), l.Marker, false, class("Other", ""))
		}},
		{"one that ended without any component", func(w *world, l *governance.DeploymentLog) {
			w.deployAs(w.orgs["production"].Connection(), l.Marker+"x", true, map[string]string{"package.xml": "<Package", "classes/Other.cls": ""})
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, outline{})
			l := w.validating()
			w.edge.onOp("deploy", 1, func(func() (*http.Response, error)) (*http.Response, error) {
				tc.send(w, l)
				w.settled("production")
				return nil, errLost
			})
			l, err := w.runner().Run(w.ctx, l.ID)
			w.fault(err, "send_again")
			if l.AsyncID != "" {
				t.Errorf("adopted %s", l.AsyncID)
			}
		})
	}
}

// An unfinished deployment of our user that names no file yet may be ours: it is
// waited for, longer than the grace, and then known. One of another user is not
// waited for.
func TestAnUnfinishedOneIsWaitedFor(t *testing.T) {
	for _, tc := range []struct {
		name  string
		who   func(*demoorg.Org) demoorg.Connection
		waits bool
	}{
		{"ours", (*demoorg.Org).Connection, true},
		{"another user's", (*demoorg.Org).SecondUser, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, outline{})
			l := w.validating()
			w.grace = 20 * time.Millisecond
			var shown atomic.Bool
			w.edge.set(nil, func(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
				if op == "deploy" {
					w.deployAs(tc.who(w.orgs["production"]), "", true, class("Other", ""))
					return nil, errLost
				}
				if op == "checkDeployStatus" && !shown.Load() {
					return pendingAnswer(w), nil
				}
				return deliver()
			})
			over := make(chan error, 1)
			go func() { _, err := w.runner().Run(w.ctx, l.ID); over <- err }()
			if tc.waits {
				select {
				case err := <-over:
					t.Fatalf("it did not wait: %v", err)
				case <-time.After(6 * w.grace):
				}
				shown.Store(true)
			}
			w.fault(<-over, "send_again")
		})
	}
}

// pendingAnswer is what checkDeployStatus says of one that has not begun.
func pendingAnswer(w *world) *http.Response {
	id := w.sent()[len(w.sent())-1].ID
	return answer(200, "text/xml; charset=utf-8", `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><checkDeployStatusResponse><result><id>`+
		id+`</id><done>false</done><status>Pending</status><checkOnly>true</checkOnly></result></checkDeployStatusResponse></soapenv:Body></soapenv:Envelope>`)
}

// Both requests arrived: the first is adopted, the later is cancelled, and the
// trail says so.
func TestTwoWithOurMarker(t *testing.T) {
	w := newWorld(t, outline{pace: slow})
	l := w.validating()
	w.edge.onOp("deploy", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		for range 2 {
			if err := swallow(deliver); err != nil {
				return nil, err
			}
		}
		return nil, errLost
	})
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.settled("production")
	sent := w.sent()
	if len(sent) != 2 || sent[0].ID != l.AsyncID || sent[1].Status != "Canceled" {
		t.Errorf("%+v", sent)
	}
	notes, err := w.store.Entries(w.ctx, 0, 10, "surplus")
	w.ok(err)
	if len(notes) != 1 || !strings.Contains(string(notes[0].Data), sent[1].ID) || !strings.Contains(string(notes[0].Data), l.ID) {
		t.Errorf("%+v", notes)
	}
	w.sound()
}

// The first was cancelled by an administrator and the later one succeeded: the
// attempt is what became true.
func TestOfTwoTheOneThatMayHaveChangedSomethingCounts(t *testing.T) {
	for name, pace := range map[string]time.Duration{"at once": 0, "that waits when it is looked for": slow} {
		t.Run(name, func(t *testing.T) { theOneThatChangedSomethingCounts(t, pace) })
	}
}

func theOneThatChangedSomethingCounts(t *testing.T, pace time.Duration) {
	w := newWorld(t, outline{charter: noValidationFirst, pace: pace})
	l := w.start(w.retrieved(w.record()), deployment)
	w.edge.set(nil, func(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
		if op != "deploy" {
			return deliver()
		}
		w.deployAs(w.orgs["production"].Connection(), l.Marker, false, class("Price", "    {{"))
		w.settled("production")
		if err := swallow(deliver); err != nil {
			return nil, err
		}
		return nil, errLost
	})
	l = w.runs(l.ID)
	sent := w.sent()
	if len(sent) != 2 || sent[0].Status != "Failed" || sent[1].ID != l.AsyncID {
		t.Errorf("%+v", sent)
	}
	w.is(l, done, governance.ResultSucceeded)
}

// The list is read from an hour before the org's own time: a clock of ours that
// is a day wrong changes nothing.
func TestOurClockIsNotUsedToLook(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.loseAnswer("deploy", 1)
	r := w.runner()
	r.Now = func() time.Time { return time.Now().Add(-24 * time.Hour) }
	l, err := r.Run(w.ctx, l.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
}
