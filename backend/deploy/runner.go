package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// A Runner carries attempts. The zero values of its optional fields are good
// for use; Store, Session, Signer, Fetch and
// Verify are needed.
type Runner struct {
	Store *store.Store
	// Session signs in to an environment as the person at this machine.
	Session func(ctx context.Context, env *governance.Environment) (*salesforce.Client, error)
	// Signer unlocks a member's key; a Fault when it cannot.
	Signer func(ctx context.Context, member string) (store.Author, error)
	// Fetch retrieves what a manifest names: component files only, without the
	// org's own package.xml.
	Fetch func(ctx context.Context, c *salesforce.Client, m *metadata.Manifest) (*metadata.Tree, []salesforce.FileProperties, error)
	// Verify checks the whole audit trail against what the keychain remembers
	// and returns what it found wrong, in sentences.
	Verify func(ctx context.Context) ([]string, error)

	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Grace is how long an attempt without an answer is looked for before a
	// person may send it again. Nil is client time-out plus ten minutes for a
	// real org, three seconds for a demo org, which lists a deployment before
	// it answers.
	Grace func(kind governance.EnvironmentKind) time.Duration
	// FirstPoll and LastPoll bound the growing intervals of polling; zero is
	// one second and ten seconds, as Salesforce's documentation advises.
	FirstPoll, LastPoll time.Duration
	// OnUpdate is told each time a Deployment Log has changed.
	OnUpdate func(governance.DeploymentLog)

	running sync.Map // ids of logs that a goroutine of this process carries
}

// Refused is the error of an attempt that the gate did not let through.
type Refused struct{ Decision governance.Decision }

func (r *Refused) Error() string { return r.Unwrap().Error() }

// Unwrap gives the first reason as a Fault.
func (r *Refused) Unwrap() error { return r.Decision.Refusal() }

// ErrNeedsPerson: the org shows no such deployment and the grace has passed;
// a person decides whether to send again.
var ErrNeedsPerson = governance.Faultf("send_again", "The org shows no such deployment.").
	WithHint("Press Send Again, or Cancel to give the attempt up.")

const clientTimeout = 2 * time.Minute

func (r *Runner) now() time.Time {
	if r.Now != nil {
		return r.Now().UTC()
	}
	return time.Now().UTC()
}

func (r *Runner) grace(kind governance.EnvironmentKind) time.Duration {
	if r.Grace != nil {
		return r.Grace(kind)
	}
	if kind == governance.Demo {
		return 3 * time.Second
	}
	return clientTimeout + 10*time.Minute
}

// A bench is everything an attempt works on.
type bench struct {
	dr     *governance.DeploymentRecord
	env    *governance.Environment // target
	target *salesforce.Client
	who    salesforce.Identity
}

func (r *Runner) open(ctx context.Context, recordID string) (*bench, error) {
	dr, err := r.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	env, err := r.Store.Environment(ctx, dr.TargetID)
	if err != nil {
		return nil, err
	}
	client, err := r.Session(ctx, env)
	if err != nil {
		return nil, err
	}
	who, err := client.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("test the connection to %s: %w", env.Name, err)
	}
	return &bench{dr: dr, env: env, target: client, who: who}, nil
}

// kind is the target's kind as the org says it.
func (b *bench) kind() governance.EnvironmentKind { return governance.EnvironmentKind(b.who.Kind) }

// Start asks the gate with everything measured now, signs the start and
// commits it as a Deployment Log in intent. Nothing is sent yet: call Run. The
// error is a *Refused when the gate is closed.
func (r *Runner) Start(ctx context.Context, by store.Author, recordID string, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	b, err := r.open(ctx, recordID)
	if err != nil {
		return nil, err
	}
	log := &governance.DeploymentLog{RecordID: b.dr.ID, RequestID: b.dr.RequestID, Kind: kind, Progress: governance.ProgressIntent,
		By: by.Member, TargetOrg: b.who.OrganizationID, Revision: b.dr.Revision, StartedAt: r.now(), ServerBefore: b.target.LastServerTime()}
	base := ""
	switch kind {
	case governance.AttemptValidate, governance.AttemptDeploy:
		if log.Package, err = r.retrieved(ctx, b.dr); err == nil && log.Package != "" {
			base, err = r.baseNow(ctx, b)
		}
	case governance.AttemptQuick:
		if err = r.quickOf(ctx, b.dr, log); err == nil {
			base, err = r.baseNow(ctx, b)
		}
	case governance.AttemptReverseCheck:
		log.Package, err = r.frozenHash(b.dr.ReverseBlob)
	default:
		err = governance.Faultf("wrong_kind", "An attempt of the kind %q is not started this way.", kind)
	}
	if err != nil {
		return nil, err
	}
	findings, err := r.verifyTrail(ctx, kind)
	if err != nil {
		return nil, err
	}
	ask := func(h *governance.History, cr *governance.ChangeRequest, dr *governance.DeploymentRecord) governance.Question {
		if log.Revision = dr.Revision; kind != governance.AttemptQuick { // a quick deploy carries its validation's marker
			log.Marker = Marker(dr.Revision, log.TargetOrg, log.Attempt)
		}
		return governance.Question{History: h, Request: cr, Record: dr, Kind: kind, Package: log.Package, Base: base,
			Target: b.who.OrganizationID, TargetKind: b.kind(), Deployer: by.Member, Validation: log.ValidationID, Findings: findings, Now: later(r.now(), b.target.LastServerTime())}
	}
	d, err := r.Store.StartAttempt(ctx, by, log, ask)
	if err != nil {
		return nil, err
	}
	if !d.Open {
		return nil, &Refused{Decision: d}
	}
	r.tell(log)
	return log, nil
}

// verifyTrail checks the whole trail before anything that changes an org.
func (r *Runner) verifyTrail(ctx context.Context, kind governance.AttemptKind) ([]string, error) {
	if !kind.Real() {
		return nil, nil
	}
	findings, err := r.Verify(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify the audit trail: %w", err)
	}
	return findings, nil
}

// Marker is the top folder of an attempt's zip: it commits to the revision,
// the org and the attempt, and Salesforce gives it back in fileName.
func Marker(revision, org string, attempt int64) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%d", revision, org, attempt))
	return "cs-" + hex.EncodeToString(h[:])[:32]
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Run carries an attempt from wherever it stands to its end and returns its
// log. It returns early when ctx ends, with ErrNeedsPerson when only a person
// can go on, and with a Fault when the org cannot be reached to send; the log
// then still says where the attempt stands, and Run can be called again.
func (r *Runner) Run(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	return r.carry(ctx, logID, r.step)
}

// A move takes an attempt one state on.
type move func(context.Context, *bench, *governance.DeploymentLog) (*governance.DeploymentLog, error)

// carry makes a first move and then steps to the end. One attempt is carried
// by one goroutine.
func (r *Runner) carry(ctx context.Context, logID string, first move) (*governance.DeploymentLog, error) {
	if _, busy := r.running.LoadOrStore(logID, true); busy {
		return nil, governance.Faultf("attempt_running", "This attempt is being followed already.")
	}
	defer r.running.Delete(logID)
	log, err := r.Store.DeploymentLog(ctx, logID)
	if err != nil || !log.Active() {
		return log, err
	}
	b, err := r.open(ctx, log.RecordID)
	if err != nil {
		return log, err
	}
	if b.who.OrganizationID != log.TargetOrg {
		return log, governance.Faultf("wrong_org", "%s now leads to the organisation %s; the attempt was sent to %s.", b.env.Name, b.who.OrganizationID, log.TargetOrg).
			WithHint("Sign in to the org of the attempt.")
	}
	for next := first; log.Active(); next = r.step {
		moved, err := next(ctx, b, log)
		if moved != nil {
			log = moved
		}
		if err != nil {
			return log, err
		}
	}
	return log, nil
}

// step moves an attempt one state on.
func (r *Runner) step(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	switch log.Progress {
	case governance.ProgressIntent:
		return r.send(ctx, b, log)
	case governance.ProgressSending:
		// The process died between this commit and the answer's.
		return r.update(ctx, log.ID, func(l *governance.DeploymentLog) { l.Progress = governance.ProgressUnknown })
	case governance.ProgressUnknown:
		return r.reconcile(ctx, b, log)
	case governance.ProgressRunning:
		return r.follow(ctx, b, log)
	case governance.ProgressDone:
		return log, nil
	}
	panic(fmt.Sprintf("deploy: progress %q", log.Progress))
}

// Resume carries on every attempt that is not at its end, one after the other,
// and signs results that waited for a key. It returns the logs as they stand
// then and the first error.
func (r *Runner) Resume(ctx context.Context) ([]governance.DeploymentLog, error) {
	active, err := r.Store.ActiveLogs(ctx)
	if err != nil {
		return nil, err
	}
	out, first := []governance.DeploymentLog{}, error(nil)
	for _, l := range active {
		done, err := r.resumeOne(ctx, l)
		if err != nil && first == nil {
			first = err
		}
		if done != nil {
			out = append(out, *done)
		}
	}
	if err := r.signWaiting(ctx); err != nil && first == nil {
		first = err
	}
	return out, first
}

// startsWithin is how long after its signed start an attempt may still be sent
// for the first time: the base was fetched before the start, and it must not
// be older than ten minutes.
const startsWithin = 10 * time.Minute

func (r *Runner) resumeOne(ctx context.Context, l governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if l.Kind == governance.AttemptRetrieve {
		return r.update(ctx, l.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.Result, l.CompletedAt = governance.ProgressDone, governance.ResultFailed, r.now()
			l.Message = "Countersign was closed before the retrieve ended. Nothing was changed; retrieve again."
		})
	}
	if l.Progress == governance.ProgressIntent && r.now().Sub(l.StartedAt) > startsWithin {
		return r.GiveUp(ctx, l.ID)
	}
	return r.Run(ctx, l.ID)
}

// SendAgain lets an attempt that the org does not show be sent once more, with
// the same log, attempt and marker. Only a person calls it, after
// ErrNeedsPerson; the org's list is read once more first.
func (r *Runner) SendAgain(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	log, err := r.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return nil, err
	}
	if log.Progress != governance.ProgressUnknown || !searched(log) {
		return log, governance.Faultf("not_searched", "It is not known yet whether the org has this deployment.").WithHint("Wait until the search has ended.")
	}
	return r.carry(ctx, logID, r.unlessShown(r.send))
}

// GiveUp ends an attempt that was certainly not sent, one still in intent, or
// one that the org does not show after the grace, when it still does not.
func (r *Runner) GiveUp(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	log, err := r.Store.DeploymentLog(ctx, logID)
	switch {
	case err != nil:
		return nil, err
	case log.Progress == governance.ProgressIntent:
		return r.giveUp(ctx, log, "Nothing was sent, and nothing was changed in the org.")
	case log.Progress == governance.ProgressUnknown && searched(log):
		return r.carry(ctx, logID, r.unlessShown(func(ctx context.Context, _ *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
			return r.giveUp(ctx, log, neverShown)
		}))
	}
	return log, governance.Faultf("already_sent", "The attempt was sent; it ends when the org says so.").WithHint("Cancel it instead.")
}

// unlessShown makes a move only if the org still does not show the attempt;
// otherwise it goes on looking.
func (r *Runner) unlessShown(then move) move {
	return func(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
		found, err := r.search(ctx, b, log)
		if err != nil {
			return log, err
		}
		if found.adopt != "" || found.waiting {
			return r.reconcile(ctx, b, log)
		}
		return then(ctx, b, log)
	}
}

func (r *Runner) giveUp(ctx context.Context, log *governance.DeploymentLog, verdict string) (*governance.DeploymentLog, error) {
	return r.end(ctx, log, func(l *governance.DeploymentLog) { l.Result, l.Message = governance.ResultNotSent, verdict })
}

// Cancel wishes an attempt to stop. The wish is followed until the org says
// Canceled, or that it was too late.
func (r *Runner) Cancel(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	log, err := r.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return nil, err
	}
	if !log.Active() {
		return log, governance.Faultf("attempt_ended", "The attempt has ended already.")
	}
	return r.update(ctx, logID, func(l *governance.DeploymentLog) { l.CancelWanted = true })
}

// update saves a change of the row, which appends to the log, and tells.
func (r *Runner) update(ctx context.Context, id string, edit func(*governance.DeploymentLog)) (*governance.DeploymentLog, error) {
	log, err := r.Store.UpdateDeploymentLog(ctx, id, nil, func(l *governance.DeploymentLog) (governance.Intent, error) {
		edit(l)
		return governance.Intent{}, nil
	})
	if err != nil {
		return nil, err
	}
	r.tell(log)
	return log, nil
}

func (r *Runner) tell(l *governance.DeploymentLog) {
	if r.OnUpdate != nil {
		r.OnUpdate(*l)
	}
}

// end closes an attempt and signs how it ended with the key that signed its
// start. If that key is locked, the row says how it ended, and the signature
// follows when the key is unlocked.
func (r *Runner) end(ctx context.Context, log *governance.DeploymentLog, edit func(*governance.DeploymentLog)) (*governance.DeploymentLog, error) {
	author, lockErr := r.Signer(ctx, log.By)
	var by *store.Author
	if lockErr == nil {
		by = &author
	}
	done, err := r.Store.UpdateDeploymentLog(ctx, log.ID, by, func(l *governance.DeploymentLog) (governance.Intent, error) {
		edit(l)
		l.Progress, l.CompletedAt, l.CancelWanted = governance.ProgressDone, r.now(), false
		if by == nil || l.StartAct == "" {
			return governance.Intent{}, nil
		}
		return ending(l), nil
	})
	if err != nil {
		return nil, err
	}
	r.tell(done)
	return done, nil
}

// signWaiting signs the results whose key was locked when they came.
func (r *Runner) signWaiting(ctx context.Context) error {
	waiting, err := r.Store.DeploymentLogsAwaitingResult(ctx)
	if err != nil {
		return err
	}
	var all error
	for _, l := range waiting {
		by, err := r.Signer(ctx, l.By)
		if err != nil {
			continue // still locked; nothing is lost
		}
		_, err = r.Store.UpdateDeploymentLog(ctx, l.ID, &by, func(l *governance.DeploymentLog) (governance.Intent, error) { return ending(l), nil })
		all = errors.Join(all, err)
	}
	return all
}

// ending is the act about how an attempt ended.
func ending(l *governance.DeploymentLog) governance.Intent {
	typ := governance.ActResult
	if l.Kind == governance.AttemptValidate {
		typ = governance.ActValidated
	}
	completed := ""
	if !l.ServerCompleted.IsZero() {
		completed = l.ServerCompleted.UTC().Format(time.RFC3339)
	}
	return governance.Intent{Type: typ, Subject: l.RecordID, Body: governance.Ending{
		AsyncID: l.AsyncID, CompletedAt: completed, ComponentErrors: l.ComponentErrors, Components: l.ComponentsTotal, Detail: l.RawBlob,
		Kind: l.Kind, Package: l.Package, Result: l.Result, Revision: l.Revision, Start: l.StartAct, Status: l.Status,
		TestErrors: l.TestErrors, Tests: l.TestsTotal, Unchanged: int64(len(l.Outcome.Unchanged))}}
}
