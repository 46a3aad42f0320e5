package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/salesforce/badnet"
)

// An attempt over real TCP, by both transports, with each fault at the one POST
// and at the polls: it ends in bounded time in a state that can be taken up,
// and taking it up brings it to its end with one deployment in the org.
func TestAnAttemptOnABadNetwork(t *testing.T) {
	for by, ops := range map[salesforce.DeployTransport][2]string{
		salesforce.DeployBySOAP: {"deploy", "checkDeployStatus"},
		salesforce.DeployByREST: {"POST /metadata/deployRequest", "GET /metadata/deployRequest/ID"},
	} {
		t.Run(string(by), func(t *testing.T) {
			w := newWorld(t, outline{line: true})
			w.by = by
			dr, stood := w.retrieved(w.record()), map[governance.Progress]int{}
			for _, f := range badnet.All {
				if f == badnet.ResetAtOnce { // known by number only: see package salesforce
					continue
				}
				stood[w.sentOverA(dr, f, ops[0])]++
				w.followedOverA(dr, f, ops[1])
			}
			w.sound()
			if stood[done] == 0 || stood[intent] == 0 || stood[unknown] == 0 {
				t.Errorf("after the POST attempts stood at %v: each should have come up", stood)
			}
		})
	}
}

// breaks spoils one operation.
func (w *world) breaks(f badnet.Fault, op string) {
	standsStill := f == badnet.Stall || f == badnet.StallInBody || f == badnet.Drip || f == badnet.DripBody
	w.line.Break(func(r badnet.Request) badnet.Fault {
		if r.Op != op {
			return badnet.None
		}
		if standsStill {
			w.lateness.Go(func() {
				w.line.Settle()                   // the org has done what it was asked
				time.Sleep(20 * time.Millisecond) // as much as comes of its answer may come
				w.patience.end()
			})
		}
		return f
	})
}

// A patience carries requests until it ends; those under way are too late then.
// A client's own limit would do the same after some time: on a busy machine it
// would hit calls that nothing is wrong with.
type patience struct {
	base *http.Transport

	mu    sync.Mutex
	waits map[*context.CancelCauseFunc]bool
}

func newPatience() *patience {
	base := salesforce.HTTPTransport()
	base.DisableKeepAlives = true // as the client itself does for what it must send once
	return &patience{base: base, waits: map[*context.CancelCauseFunc]bool{}}
}

// end lets whoever waits for an answer run into a time limit.
func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for cancel := range p.waits {
		(*cancel)(os.ErrDeadlineExceeded)
	}
}

func (p *patience) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(r.Context())
	p.mu.Lock()
	p.waits[&cancel] = true
	p.mu.Unlock()
	over := func() {
		p.mu.Lock()
		delete(p.waits, &cancel)
		p.mu.Unlock()
		cancel(nil)
	}
	resp, err := p.base.RoundTrip(r.WithContext(ctx))
	if err != nil {
		over()
		return nil, err
	}
	resp.Body = &waitedBody{resp.Body, over}
	return resp, nil
}

func (p *patience) CloseIdleConnections() { p.base.CloseIdleConnections() }

type waitedBody struct {
	io.ReadCloser
	over func()
}

func (b *waitedBody) Close() error {
	defer b.over()
	return b.ReadCloser.Close()
}

func (w *world) mended() {
	w.lateness.Wait()
	w.line.Settle()
	w.line.Break(nil)
}

// sentOverA spoils the POST. It returns where the attempt stood then.
func (w *world) sentOverA(dr *governance.DeploymentRecord, f badnet.Fault, op string) governance.Progress {
	w.t.Helper()
	row := fmt.Sprintf("%s: the line %s", op, f)
	before, l := len(w.sent()), w.start(dr, validate)
	w.breaks(f, op)
	ctx, cancel := context.WithTimeout(w.ctx, 2*time.Minute)
	defer cancel()
	l, err := w.runner().Run(ctx, l.ID)
	made := len(w.sent()) - before
	switch {
	case ctx.Err() != nil:
		w.t.Fatalf("%s: it did not end", row)
	case made > 1:
		w.t.Fatalf("%s: %d deployments", row, made)
	case made == 1: // the answer was lost, and the org's own list told
		if err != nil || l.Progress != done {
			w.t.Errorf("%s: %s, %v", row, l.Progress, err)
		}
	case errors.Is(err, salesforce.ErrNotSent):
		if l.Progress != intent || l.Message == "" {
			w.t.Errorf("%s: %s %q", row, l.Progress, l.Message)
		}
	case !errors.Is(err, deploy.ErrNeedsPerson) || l.Progress != unknown:
		w.t.Errorf("%s: %s, %v", row, l.Progress, err)
	}
	stood := l.Progress
	w.mended()
	w.takenUp(row, l, before)
	return stood
}

// followedOverA spoils every poll for a while.
func (w *world) followedOverA(dr *governance.DeploymentRecord, f badnet.Fault, op string) {
	w.t.Helper()
	row := fmt.Sprintf("%s: the line %s", op, f)
	before, l := len(w.sent()), w.start(dr, validate)
	w.breaks(f, op)
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	go func() { // the window is closed after some polls, or the runner gives up
		for ctx.Err() == nil && w.polls(op) < 3 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	l, err := w.runner().Run(ctx, l.ID)
	if err == nil || l.Progress != running || l.AsyncID == "" {
		w.t.Errorf("%s: %s, %v", row, l.Progress, err)
	}
	w.mended()
	w.takenUp(row, l, before)
}

func (w *world) polls(op string) (n int) {
	for _, r := range w.line.Seen() {
		if r.Op == op {
			n++
		}
	}
	return n
}

// takenUp carries an attempt to its end over a good line, in a new process.
func (w *world) takenUp(row string, l *governance.DeploymentLog, before int) {
	w.t.Helper()
	var err error
	if l.Progress == unknown {
		l, err = w.runner().SendAgain(w.ctx, l.ID)
	} else {
		l, err = w.runner().Run(w.ctx, l.ID)
	}
	if err != nil || l.Progress != done || l.Result != governance.ResultSucceeded {
		w.t.Fatalf("%s: taken up: %s %s, %v", row, l.Progress, l.Result, err)
	}
	sent := w.sent()
	if len(sent) != before+1 || sent[before].ID != l.AsyncID || sent[before].TopFolder != l.Marker || sent[before].ZipHash != l.ZipSHA256 {
		w.t.Fatalf("%s: the org has %d deployments more", row, len(sent)-before)
	}
}
