package deploy

import (
	"context"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// searchedNote ends the message of an attempt whose grace has passed.
const searchedNote = "The org shows no such deployment."

// neverShown is the verdict on an attempt that was given up after the search.
const neverShown = "The org never showed this deployment, and it was given up."

func searched(l *governance.DeploymentLog) bool { return strings.HasPrefix(l.Message, searchedNote) }

// A finding is what one look at the org's list brought.
type finding struct {
	adopt   string   // id of the deployment that carries our marker
	surplus []string // later ones with the same marker, still unfinished
	waiting bool     // an unfinished deployment of our user may be it
}

// reconcile looks for an attempt whose answer is missing until it is found or
// the grace has passed.
func (r *Runner) reconcile(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if plantedResend { // see planted.go; never in a build that ships
		return r.send(ctx, b, log)
	}
	deadline := r.now().Add(r.grace(b.env.Kind))
	for wait := r.firstPoll(); ; wait = r.grow(wait) {
		found, err := r.search(ctx, b, log)
		switch {
		case err != nil && ctx.Err() != nil:
			return log, ctx.Err()
		case err != nil: // out of reach: the time does not count
			deadline = r.now().Add(r.grace(b.env.Kind))
		case found.adopt != "":
			r.stopSurplus(ctx, b, found.surplus)
			return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
				l.Progress, l.AsyncID, l.LastContact, l.Message = governance.ProgressRunning, found.adopt, r.now(), ""
			})
		case !found.waiting && r.now().After(deadline) && log.CancelWanted:
			return r.giveUp(ctx, log, neverShown)
		case !found.waiting && r.now().After(deadline):
			log, err = r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
				l.Message = searchedNote + " Send it again, or cancel it."
			})
			if err != nil {
				return log, err
			}
			return log, ErrNeedsPerson
		case found.waiting:
			deadline = r.now().Add(r.grace(b.env.Kind))
		}
		if err := sleep(ctx, wait); err != nil {
			return log, err
		}
		if log, err = r.Store.DeploymentLog(ctx, log.ID); err != nil { // a wish to cancel may have come
			return nil, err
		}
	}
}

// search reads the org's own list of deployments once, from an hour before the
// last time that the org itself gave before the POST: our clock is not used.
func (r *Runner) search(ctx context.Context, b *bench, log *governance.DeploymentLog) (finding, error) {
	list, err := b.target.DeployRequests(ctx, log.ServerBefore.Add(-time.Hour))
	if err != nil {
		return finding{}, err
	}
	taken, err := r.takenIDs(ctx, log)
	if err != nil {
		return finding{}, err
	}
	f := finding{}
	for _, c := range list {
		if taken[c.ID] || c.CheckOnly != checkOnly(log.Kind) {
			continue
		}
		ours, sure, err := r.carries(ctx, b, c, log.Marker)
		if err != nil {
			return finding{}, err
		}
		switch {
		case ours && f.adopt == "":
			f.adopt = c.ID
		case ours && !c.Status.Done():
			f.surplus = append(f.surplus, c.ID)
		case !ours && !sure && salesforce.ID18(c.CreatedByID) == salesforce.ID18(b.who.UserID):
			f.waiting = true
		}
	}
	return f, nil
}

// carries reports whether a deployment carries the marker. It is not sure
// while an unfinished one has no details yet; a finished one without any
// component changed nothing and is passed over.
func (r *Runner) carries(ctx context.Context, b *bench, c salesforce.DeployRequest, marker string) (ours, sure bool, err error) {
	res, err := b.target.DeployStatus(ctx, c.ID, true)
	if err != nil {
		return false, false, err
	}
	all := append(append([]salesforce.DeployMessage{}, res.Details.ComponentSuccesses...), res.Details.ComponentFailures...)
	for _, m := range all {
		if strings.HasPrefix(m.FileName, marker+"/") {
			return true, true, nil
		}
	}
	return false, len(all) > 0 || res.Done, nil
}

// takenIDs are the deployments that other attempts of this workspace are known
// to have made.
func (r *Runner) takenIDs(ctx context.Context, log *governance.DeploymentLog) (map[string]bool, error) {
	logs, err := r.Store.DeploymentLogs(ctx, "")
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, l := range logs {
		if l.ID != log.ID && l.AsyncID != "" {
			taken[l.AsyncID] = true
		}
	}
	return taken, nil
}

func checkOnly(k governance.AttemptKind) bool {
	return k == governance.AttemptValidate || k == governance.AttemptReverseCheck
}

// stopSurplus cancels later deployments with the same marker. That the attempt
// itself goes on matters more than whether this succeeds.
func (r *Runner) stopSurplus(ctx context.Context, b *bench, ids []string) {
	for _, id := range ids {
		_, err := b.target.CancelDeploy(ctx, id)
		note := struct {
			At      string `json:"at"`
			AsyncID string `json:"asyncId"`
			Stopped bool   `json:"stopped"`
		}{r.now().Format(time.RFC3339), id, err == nil}
		_ = r.Store.Note(ctx, "surplus", note)
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (r *Runner) firstPoll() time.Duration {
	if r.FirstPoll > 0 {
		return r.FirstPoll
	}
	return time.Second
}

func (r *Runner) grow(d time.Duration) time.Duration {
	last := r.LastPoll
	if last <= 0 {
		last = 10 * time.Second
	}
	return min(d*2, last)
}
