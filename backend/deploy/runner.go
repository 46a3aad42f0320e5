package deploy

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// A Runner carries attempts. Store, Session, Signer, Fetch and Verify are
// needed; the zero values of the other fields are good for use. It is safe for
// use by several goroutines.
type Runner struct {
	Store *store.Store
	// Session signs in to an environment as the person at this machine.
	Session func(ctx context.Context, env *governance.Environment) (*salesforce.Client, error)
	// Signer unlocks a member's key; a Fault when it cannot.
	Signer func(ctx context.Context, member string) (store.Author, error)
	// Fetch retrieves what a manifest names: component files only, without the
	// org's own package.xml. An empty manifest gives an empty tree.
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
	// FirstPoll and LastPoll bound the intervals of polling, see
	// salesforce.Pace; zero is one second and ten seconds, as the sf CLI does.
	FirstPoll, LastPoll time.Duration
	// OnUpdate is told each time a Deployment Log has changed, by the goroutine
	// that carries the attempt.
	OnUpdate func(governance.DeploymentLog)

	running sync.Map // ids of logs that a goroutine of this process carries
}

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
	return salesforce.DefaultTimeout + 10*time.Minute
}

// A bench is everything an attempt works on.
type bench struct {
	dr     *governance.DeploymentRecord
	env    *governance.Environment // target
	target *salesforce.Client
	who    salesforce.Identity

	zipSize int64 // bytes of the deployment that is followed, as the org says; 0 is not known yet

	// After a search: deployments that may be a second one of the attempt.
	watched *search
	unsure  []string
}

// kind is the target's kind as the org says it.
func (b *bench) kind() governance.EnvironmentKind { return governance.EnvironmentKind(b.who.Kind) }

func (r *Runner) open(ctx context.Context, recordID string) (*bench, error) {
	dr, err := r.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	b := &bench{dr: dr}
	b.env, b.target, b.who, err = r.connect(ctx, dr.TargetID)
	if err != nil {
		return nil, err
	}
	if b.target.LastServerTime().IsZero() {
		return nil, governance.Faultf("no_server_time", "%s does not say what time it is, so a lost answer could not be looked for.", b.env.Name).
			WithHint("A proxy on the way may drop the Date header; let it pass.")
	}
	return b, nil
}

// connect signs in to an environment and asks the org who it is.
func (r *Runner) connect(ctx context.Context, environmentID string) (*governance.Environment, *salesforce.Client, salesforce.Identity, error) {
	env, err := r.Store.Environment(ctx, environmentID)
	if err != nil {
		return nil, nil, salesforce.Identity{}, err
	}
	client, err := r.Session(ctx, env)
	if err != nil {
		return nil, nil, salesforce.Identity{}, err
	}
	who, err := client.Identity(ctx)
	if err != nil {
		return nil, nil, who, fmt.Errorf("test the connection to %s: %w", env.Name, err)
	}
	return env, client, who, nil
}

// Run carries an attempt from wherever it stands to its end and returns its
// log. It returns early when ctx ends, with ErrNeedsPerson when only a person
// can go on, and with a Fault when the org certainly did not take the attempt
// or a person has to sign in first; the log then still says where the attempt
// stands, and Run can be called again. An attempt that was not sent within ten
// minutes of its start is given up: what was checked then is too old.
func (r *Runner) Run(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	return r.hold(ctx, logID, func(log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
		return r.carry(ctx, log, r.step)
	})
}

// hold lets one goroutine at a time work on an attempt.
func (r *Runner) hold(ctx context.Context, logID string, work func(*governance.DeploymentLog) (*governance.DeploymentLog, error)) (*governance.DeploymentLog, error) {
	if _, busy := r.running.LoadOrStore(logID, true); busy {
		return nil, governance.Faultf("attempt_running", "This attempt is being followed already.")
	}
	defer r.running.Delete(logID)
	log, err := r.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return nil, err
	}
	return work(log)
}

// startsWithin is how long after its signed start an attempt may be sent for
// the first time: the base was fetched just before the start, and it must not
// be older than ten minutes.
const startsWithin = 10 * time.Minute

// A move takes an attempt one state on.
type move func(context.Context, *bench, *governance.DeploymentLog) (*governance.DeploymentLog, error)

// carry makes a first move and then steps to the end.
func (r *Runner) carry(ctx context.Context, log *governance.DeploymentLog, first move) (*governance.DeploymentLog, error) {
	switch {
	case !log.Active():
		return log, nil
	case log.Kind == governance.AttemptRetrieve:
		return r.interrupted(ctx, log)
	case log.Progress == governance.ProgressIntent && r.now().Sub(log.StartedAt) > startsWithin:
		return r.giveUp(ctx, log, "The start is more than ten minutes old. "+nothingSent)
	}
	b, err := r.open(ctx, log.RecordID)
	if err != nil {
		return log, err
	}
	if b.who.OrganizationID != log.TargetOrg {
		return log, governance.Faultf("wrong_org", "%s now leads to the organisation %s; the attempt is for %s.", b.env.Name, b.who.OrganizationID, log.TargetOrg).
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
		return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.Message = governance.ProgressUnknown, lookingNote
		})
	case governance.ProgressUnknown:
		return r.reconcile(ctx, b, log)
	case governance.ProgressRunning:
		return r.follow(ctx, b, log)
	case governance.ProgressDone:
		return log, nil
	}
	panic(fmt.Sprintf("deploy: progress %q", log.Progress))
}

// Resume carries on every attempt that is not at its end, all at the same time,
// so that an org that is out of reach holds up no other, and signs results that
// waited for a key. It returns the logs as they stand then and the first error.
func (r *Runner) Resume(ctx context.Context) ([]governance.DeploymentLog, error) {
	active, err := r.Store.ActiveLogs(ctx)
	if err != nil {
		return nil, err
	}
	if len(active) > 0 {
		findings, err := r.Verify(ctx)
		if err != nil {
			return active, fmt.Errorf("verify the audit trail: %w", err)
		}
		if len(findings) > 0 {
			return active, governance.Faultf("trail", "%s", strings.Join(findings, " ")).WithHint("Nothing was taken up. Run countersign verify, and restore the last good backup.")
		}
	}
	errs := make([]error, len(active), len(active)+1)
	var all sync.WaitGroup
	for i := range active {
		all.Go(func() {
			done, err := r.Run(ctx, active[i].ID)
			if errs[i] = err; done != nil {
				active[i] = *done
			}
		})
	}
	all.Wait()
	for _, err := range append(errs, r.signWaiting(ctx)) {
		if err != nil {
			return active, err
		}
	}
	return active, nil
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
