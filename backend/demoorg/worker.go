package demoorg

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"time"
)

// work runs one deployment after the other until ctx ends.
func (o *Org) work(ctx context.Context) {
	defer close(o.idle)
	for {
		d := o.takeNext()
		if d == nil {
			select {
			case <-ctx.Done():
				return
			case <-o.woken:
				continue
			}
		}
		if ctx.Err() != nil {
			return
		}
		if err := o.run(ctx, d); err != nil {
			if ctx.Err() != nil {
				return
			}
			// The disk refused. The deployment goes on at the next start.
			o.log.Error("run a deployment", "id", d.ID, "error", err)
			return
		}
	}
}

func (o *Org) wake() {
	select {
	case o.woken <- struct{}{}:
	default:
	}
}

func (o *Org) takeNext() *deployment {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.deployments {
		if d.Status == statusPending {
			return d
		}
	}
	return nil
}

// run takes a deployment from Pending to its end. What it returns is an error
// of the disk or of ctx; a deployment that fails is no error.
func (o *Org) run(ctx context.Context, d *deployment) error {
	if started, err := o.start(d); err != nil || !started {
		return err
	}
	outcome := o.evaluateSafely(d)
	if err := o.play(ctx, d, &outcome); err != nil {
		if errors.Is(err, errCanceled) {
			return o.conclude(d, canceledVerdict(d))
		}
		return err
	}
	if d.Breaks && outcome.after != nil {
		outcome = outcome.broken()
	}
	return o.settle(d, outcome)
}

func (o *Org) start(d *deployment) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.Status != statusPending {
		return false, nil
	}
	d.Status, d.Started = statusInProgress, o.clock()
	return true, o.save(d)
}

// evaluateSafely decides what the deployment does. A package that trips over a
// mistake in this program fails its deployment, not the app around it.
func (o *Org) evaluateSafely(d *deployment) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.log.Error("evaluate a deployment", "id", d.ID, "panic", p, "stack", string(debug.Stack()))
			out = wholeFailure("UNKNOWN_EXCEPTION", "An unexpected error occurred in the demo org.")
		}
	}()
	f, err := os.Open(o.deploymentFile(d.ID, zipEnding))
	if err != nil {
		return wholeFailure("UNKNOWN_EXCEPTION", "The zip file of this deployment is not on the demo org's disk any more.")
	}
	defer f.Close()
	o.mu.Lock()
	in := question{
		org: o.model, kind: o.who.Kind, options: d.Options, quick: d.Validation != "",
		zip: f, zipSize: d.ZipSize, user: d.UserID, now: o.clock(), idOf: o.componentID,
	}
	o.mu.Unlock()
	return evaluate(in)
}

var errCanceled = errors.New("canceled")

// play lets the deployment take its time: the counters move, and a wish to
// cancel is heard.
func (o *Org) play(ctx context.Context, d *deployment, out *outcome) error {
	p := out.verdict.Progress
	o.mu.Lock()
	d.Progress = progress{Components: p.Components, Files: p.Files, Tests: p.Tests, RunsTests: p.RunsTests}
	o.mu.Unlock()
	pause := o.pause(len(out.messages) + len(out.tests))
	for _, m := range out.messages {
		err := o.step(ctx, d, pause, func() {
			d.Progress.StateDetail = "Processing Type: " + stateType(m.ComponentType)
			d.messages = append(d.messages, m)
			if m.Success && m.ComponentType != "" {
				d.Progress.ComponentsDone++
			}
			if !m.Success {
				d.Progress.ComponentErrors++
			}
		})
		if err != nil {
			return err
		}
	}
	for _, t := range out.tests {
		err := o.step(ctx, d, pause, func() {
			d.Progress.StateDetail = "Running Test: " + t.class + "." + t.method + " (simulated)"
			if t.failed {
				d.Progress.TestErrors++
			} else {
				d.Progress.TestsDone++
			}
		})
		if err != nil {
			return err
		}
	}
	if out.after == nil {
		return o.step(ctx, d, pause, func() { d.Progress.StateDetail = "" })
	}
	if err := o.step(ctx, d, pause, func() { d.Status, d.Progress.StateDetail = statusFinalizing, "" }); err != nil {
		return err
	}
	return o.step(ctx, d, pause, func() {}) // so that a client sees the status
}

// broken is what becomes of a deployment that fails while it is finalized: the
// org stays as it was.
func (out outcome) broken() outcome {
	out.after = nil
	out.verdict.Status = statusFinalizingFailed
	out.verdict.Progress.ErrorStatusCode = "UNKNOWN_EXCEPTION"
	out.verdict.Progress.ErrorMessage = "UNKNOWN_EXCEPTION: The deployment failed while it was being finalized."
	return out
}

// step waits its time and then moves the deployment on, unless it is to be
// canceled.
func (o *Org) step(ctx context.Context, d *deployment, pause time.Duration, move func()) error {
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if d.wished {
		return errCanceled
	}
	move()
	return nil
}

const (
	defaultPause = 15 * time.Millisecond
	defaultWhole = 2 * time.Second // a large deployment takes no longer by default
)

func (o *Org) pause(steps int) time.Duration {
	switch {
	case o.pace < 0:
		return 0
	case o.pace > 0:
		return o.pace
	}
	return min(defaultPause, defaultWhole/time.Duration(max(steps, 1)))
}

func stateType(componentType string) string {
	switch componentType {
	case "ApexClass", "ApexTrigger", "ApexPage", "ApexComponent":
		return "Apex Component"
	case "":
		return "Package"
	}
	return componentType
}

func canceledVerdict(d *deployment) verdict {
	p := d.Progress
	p.StateDetail = ""
	v := verdict{Status: statusCanceled, Progress: p}
	v.Details.sort(d.messages)
	return v
}

// settle makes the outcome true: first the result is on disk, then the org
// changes, then the deployment is over. After a crash between any two of them
// the next start finds out by the state of the org.
func (o *Org) settle(d *deployment, out outcome) error {
	if out.after == nil {
		return o.conclude(d, out.verdict)
	}
	out.verdict.Changed = true
	if err := writeJSON(o.deploymentFile(d.ID, verdictEnding), out.verdict); err != nil {
		return err
	}
	if err := o.store.commit(out.after, d.ID); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.model = out.after
	return o.finish(d, out.verdict)
}

func (o *Org) conclude(d *deployment, v verdict) error {
	if err := writeJSON(o.deploymentFile(d.ID, verdictEnding), v); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.finish(d, v)
}

// cancel stops a deployment: a waiting one at once, a running one soon.
func (o *Org) cancel(id, userID string) (cancelDeployResult, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.find(id)
	if d == nil {
		return cancelDeployResult{}, unknownDeployment(id)
	}
	switch d.Status {
	case statusPending:
		d.CanceledBy = userID
		if err := o.finish(d, verdict{Status: statusCanceled}); err != nil {
			return cancelDeployResult{}, o.diskFault(err)
		}
		return cancelDeployResult{Done: true, ID: d.ID}, nil
	case statusInProgress:
		d.CanceledBy, d.Status, d.wished = userID, statusCanceling, true
		if err := o.save(d); err != nil {
			return cancelDeployResult{}, o.diskFault(err)
		}
		return cancelDeployResult{ID: d.ID}, nil
	case statusCanceling:
		return cancelDeployResult{ID: d.ID}, nil
	case statusFinalizing:
		return cancelDeployResult{}, faultf(400, "INVALID_OPERATION", "The deployment is finalizing and can't be canceled.")
	}
	return cancelDeployResult{}, faultf(400, "INVALID_ID_FIELD", "Deployment already completed")
}

func (o *Org) diskFault(err error) *fault {
	o.log.Error("write to disk", "error", err)
	return faultf(500, "UNKNOWN_EXCEPTION", "The demo org could not write to its disk.")
}

func unknownDeployment(id string) *fault {
	return faultf(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

// find knows ids of 15 and of 18 characters. The caller holds o.mu.
func (o *Org) find(id string) *deployment {
	if len(id) == 15 {
		id = id18(id)
	}
	return o.byID[id]
}

const quickLife = 10 * 24 * time.Hour

// quick queues the deployment of a validated package, without its tests.
func (o *Org) quick(validationID string, u user) (*deployment, *fault) {
	o.mu.Lock()
	v := o.find(validationID)
	refusal := o.quickRefusal(v)
	var file upload
	if refusal == nil {
		file = o.newUpload()
		if err := copyFile(o.deploymentFile(v.ID, zipEnding), file.path); err != nil {
			refusal = o.diskFault(err)
		}
		file.hash, file.size = v.ZipHash, v.ZipSize
	}
	o.mu.Unlock()
	if refusal != nil {
		return nil, refusal
	}
	options := v.Options
	options.CheckOnly, options.RunTests, options.TestLevel = false, nil, ""
	return o.accept(file, u, options, v.ID)
}

// quickRefusal says why a validation cannot be deployed, or gives nil. The
// rules are those of deployRecentValidation in the Metadata API guide; the
// texts are ours.
func (o *Org) quickRefusal(v *deployment) *fault {
	switch {
	case v == nil:
		return unknownDeployment("")
	case !v.Options.CheckOnly:
		return notQuick("The deployment %s isn't a validation.", v.ID)
	case v.Status != statusSucceeded:
		return notQuick("The validation %s hasn't succeeded.", v.ID)
	case !v.Tested:
		return notQuick("The validation %s ran no Apex tests, which a quick deployment needs.", v.ID)
	case o.clock().Sub(v.Completed) > quickLife:
		return notQuick("The validation %s is older than 10 days.", v.ID)
	}
	for _, d := range o.deployments {
		if d.Validation == v.ID && (!done(d.Status) || d.Status == statusSucceeded) {
			return notQuick("The validation %s was deployed already, as %s.", v.ID, d.ID)
		}
		if d.Changed && d.Number > v.Number { // they run in the order of their numbers
			return notQuick("The validation %s is void: the org was deployed to since.", v.ID)
		}
	}
	return nil
}

func notQuick(format string, args ...any) *fault {
	return faultf(400, "INVALID_OPERATION", format, args...)
}
