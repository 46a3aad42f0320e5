package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// Refused is the error of an attempt that the gate did not let through.
type Refused struct{ Decision governance.Decision }

func (r *Refused) Error() string { return r.Unwrap().Error() }

// Unwrap gives the first reason as a Fault.
func (r *Refused) Unwrap() error { return r.Decision.Refusal() }

// Start asks the gate with everything measured now, signs the start and
// commits it as a Deployment Log in intent. Nothing is sent yet: call Run. The
// error is a *Refused when the gate is closed, and the fault target_busy while
// another attempt holds the target.
func (r *Runner) Start(ctx context.Context, by store.Author, recordID string, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	b, err := r.open(ctx, recordID)
	if err != nil {
		return nil, err
	}
	if err := r.asDeclared(ctx, b.dr); err != nil {
		return nil, err
	}
	log := &governance.DeploymentLog{RecordID: b.dr.ID, Kind: kind, ServerBefore: b.target.LastServerTime()}
	if err := r.fill(ctx, b.dr, log, r.frozenHash); err != nil {
		return nil, err
	}
	base := ""
	if kind != governance.AttemptReverseCheck && log.Package != "" {
		if base, err = r.baseNow(ctx, b); err != nil {
			return nil, err
		}
	}
	findings, err := r.verifyTrail(ctx, kind)
	if err != nil {
		return nil, err
	}
	d, err := r.Store.StartAttempt(ctx, by, log, func(_ *governance.History, _ *governance.ChangeRequest, dr *governance.DeploymentRecord) governance.Question {
		if kind != governance.AttemptQuick { // a quick deploy carries its validation's marker
			log.Marker = Marker(dr.Revision, b.who.OrganizationID, log.Attempt)
		}
		return governance.Question{Package: log.Package, Base: base, Target: b.who.OrganizationID, TargetKind: b.kind(),
			Validation: log.ValidationID, Findings: findings, Now: later(r.now(), b.target.LastServerTime())}
	})
	if err != nil {
		return nil, err
	}
	if !d.Open {
		return nil, &Refused{Decision: d}
	}
	r.tell(log)
	return log, nil
}

// Ask is the gate's answer for the screen, without starting anything: what is
// known now, with the last retrieve's package. who is the target's identity;
// its zero value means that the target was not asked.
func (r *Runner) Ask(ctx context.Context, member, recordID string, kind governance.AttemptKind, who salesforce.Identity) (governance.Decision, error) {
	all, err := r.AskEach(ctx, member, recordID, []governance.AttemptKind{kind}, who)
	if err != nil {
		return governance.Decision{}, err
	}
	return all[kind].Decision, all[kind].Err
}

// An Answer is the gate's about one kind of attempt, or why it could not be
// asked.
type Answer struct {
	governance.Decision
	Err error
}

// AskEach is Ask about several kinds of attempt. What they have in common is
// read once: of thousands of customizations that is most of the work.
func (r *Runner) AskEach(ctx context.Context, member, recordID string, kinds []governance.AttemptKind, who salesforce.Identity) (map[governance.AttemptKind]Answer, error) {
	common, err := r.question(ctx, recordID)
	if err != nil {
		return nil, err
	}
	hash := once(r.frozenHash)
	out := map[governance.AttemptKind]Answer{}
	for _, kind := range kinds {
		q := common
		q.Kind, q.Deployer, q.Now = kind, member, r.now()
		q.Target, q.TargetKind = who.OrganizationID, governance.EnvironmentKind(who.Kind)
		if who.OrganizationID == "" {
			q.Target, q.TargetKind = q.Record.TargetOrg, q.Record.TargetKind
		}
		if kind != governance.AttemptRetrieve {
			log := &governance.DeploymentLog{Kind: kind}
			if err := r.fill(ctx, q.Record, log, hash); err != nil {
				out[kind] = Answer{Err: err}
				continue
			}
			q.Package, q.Validation = log.Package, log.ValidationID
			q.Base = q.Record.Base // fetched again at the start
		}
		out[kind] = Answer{Decision: governance.Gate(q)}
	}
	return out, nil
}

// once reads what a blob's hash is one time only.
func once(hash func(blob string) (string, error)) func(blob string) (string, error) {
	known := map[string]string{}
	return func(blob string) (string, error) {
		if h, there := known[blob]; there {
			return h, nil
		}
		h, err := hash(blob)
		if err == nil {
			known[blob] = h
		}
		return h, err
	}
}

// question is what the database says about a record.
func (r *Runner) question(ctx context.Context, recordID string) (q governance.Question, err error) {
	if q.Record, err = r.Store.DeploymentRecord(ctx, recordID); err != nil {
		return q, err
	}
	if q.Request, err = r.Store.ChangeRequest(ctx, q.Record.RequestID); err != nil {
		return q, err
	}
	if q.History, err = r.Store.History(ctx, q.Request.ID); err != nil {
		return q, err
	}
	q.RequestDigest, q.RecordDigest, err = r.Store.Digests(ctx, recordID)
	return q, err
}

// fill puts into a log what an attempt of its kind would send: the hash of the
// stored content, read again now, and for a quick deploy the validation that it
// comes from. What is missing stays empty; the gate says so. hash is frozenHash, or
// remembers what it said.
func (r *Runner) fill(ctx context.Context, dr *governance.DeploymentRecord, log *governance.DeploymentLog, hash func(blob string) (string, error)) (err error) {
	switch log.Kind {
	case governance.AttemptValidate, governance.AttemptDeploy:
		log.Package, err = r.retrieved(ctx, dr, hash)
	case governance.AttemptQuick:
		v, err := r.last(ctx, dr, func(l *governance.DeploymentLog) bool {
			return l.Kind == governance.AttemptValidate && l.Result == governance.ResultSucceeded
		})
		if err != nil || v == nil {
			return err
		}
		log.ValidationID, log.Marker = v.AsyncID, v.Marker
		log.Package, err = hash(dr.PackageBlob)
		return err
	case governance.AttemptReverseCheck:
		log.Package, err = hash(dr.ReverseBlob)
	default:
		err = governance.Faultf("wrong_kind", "An attempt of the kind %q is not started this way.", log.Kind)
	}
	return err
}

// retrieved is the hash of the package as the last retrieve left it; empty when
// nothing was retrieved.
func (r *Runner) retrieved(ctx context.Context, dr *governance.DeploymentRecord, hash func(blob string) (string, error)) (string, error) {
	last, err := r.last(ctx, dr, func(l *governance.DeploymentLog) bool {
		return l.Kind == governance.AttemptRetrieve && !l.Active()
	})
	if err != nil || last == nil || last.Package == "" {
		return "", err
	}
	if last.Result != governance.ResultSucceeded {
		return last.Package, nil // the source moved: the gate will say that it differs
	}
	return hash(dr.PackageBlob)
}

// last is the newest attempt of the record's present revision that is wanted,
// nil if there is none.
func (r *Runner) last(ctx context.Context, dr *governance.DeploymentRecord, wanted func(*governance.DeploymentLog) bool) (*governance.DeploymentLog, error) {
	logs, err := r.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return nil, err
	}
	var last *governance.DeploymentLog
	for i := range logs { // in the order of their attempts
		if l := &logs[i]; l.Revision == dr.Revision && wanted(l) {
			last = l
		}
	}
	return last, nil
}

// baseNow is the hash of what the target holds at this moment.
func (r *Runner) baseNow(ctx context.Context, b *bench) (string, error) {
	t, _, err := r.Fetch(ctx, b.target, targetManifest(b.dr))
	if err != nil {
		return "", fmt.Errorf("retrieve from %s: %w", b.env.Name, err)
	}
	return t.NormalHash(), nil
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
