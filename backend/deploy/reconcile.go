package deploy

import (
	"context"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// outage is how many looks must fail in a row until the grace begins anew: what
// an org did while it was down is not known. Single failures change nothing, or
// a flaky network would keep an attempt for ever.
const outage = 3

// reconcile looks for an attempt whose answer is missing until it is found or
// the grace has passed.
func (r *Runner) reconcile(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if plantedResend { // see planted.go; never in a build that ships
		return r.send(ctx, b, log)
	}
	s, err := r.newSearch(ctx, b, log)
	if err != nil {
		return log, err
	}
	deadline, misses := r.now().Add(r.grace(b.kind())), 0
	for wait := r.firstPoll(); ; wait = r.grow(wait) {
		found, err := s.look(ctx)
		switch {
		case ctx.Err() != nil:
			return log, ctx.Err()
		case err != nil && !retriable(err):
			return log, err
		case err != nil:
			if misses++; misses >= outage {
				deadline = r.now().Add(r.grace(b.kind()))
			}
		case found.adopt != "":
			return r.adopt(ctx, b, log, s, found)
		case len(found.unsure) == 0 && r.now().After(deadline):
			return r.notShown(ctx, log)
		}
		if err == nil {
			misses = 0
		}
		if err := sleep(ctx, wait); err != nil {
			return log, err
		}
	}
}

// adopt takes the deployment that was found as the attempt's own. Those that
// may be a second one of it are kept in sight while it is followed.
func (r *Runner) adopt(ctx context.Context, b *bench, log *governance.DeploymentLog, s *search, found finding) (*governance.DeploymentLog, error) {
	for _, id := range found.surplus {
		if err := r.stopSurplus(ctx, b, log, id); err != nil {
			return log, err
		}
	}
	b.watched, b.unsure = s, found.unsure
	return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.AsyncID, l.LastContact, l.Message = governance.ProgressRunning, found.adopt, r.now(), ""
	})
}

// watch looks at those that were unsure when the attempt was adopted: a
// deployment waits without a word for the one before it to end.
func (r *Runner) watch(ctx context.Context, b *bench, log *governance.DeploymentLog) error {
	left := []string{}
	for _, id := range b.unsure {
		mine, sure, err := b.watched.carries(ctx, id)
		switch {
		case err != nil:
			return err
		case mine:
			if err := r.stopSurplus(ctx, b, log, id); err != nil {
				return err
			}
		case !sure:
			left = append(left, id)
		}
	}
	b.unsure = left
	return nil
}

// stopSurplus cancels a later deployment with the same marker and leaves a
// finding in the trail. That the attempt itself goes on matters more than
// whether the org agrees.
func (r *Runner) stopSurplus(ctx context.Context, b *bench, log *governance.DeploymentLog, id string) error {
	_, err := b.target.CancelDeploy(ctx, id)
	return r.Store.Note(ctx, "surplus", struct {
		AsyncID string `json:"asyncId"`
		At      string `json:"at"`
		Kept    bool   `json:"kept"` // the org did not take the wish to cancel
		Log     string `json:"log"`
	}{id, r.now().Format(time.RFC3339), err != nil, log.ID})
}

// notShown leaves the attempt to a person, or gives it up if a person wished
// so before.
func (r *Runner) notShown(ctx context.Context, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	log, err := r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Message = searchedNote + " Send it again, or cancel it."
	})
	if err != nil {
		return nil, err
	}
	if log.CancelWanted {
		return r.giveUp(ctx, log, neverShown)
	}
	return log, ErrNeedsPerson
}

// A search reads the org's own list of deployments, again and again.
type search struct {
	b       *bench
	log     *governance.DeploymentLog
	strange map[string]bool // deployments that are certainly not this attempt
}

// newSearch knows from the start what the workspace's other attempts have made.
func (r *Runner) newSearch(ctx context.Context, b *bench, log *governance.DeploymentLog) (*search, error) {
	logs, err := r.Store.DeploymentLogs(ctx, "")
	if err != nil {
		return nil, err
	}
	s := &search{b: b, log: log, strange: map[string]bool{}}
	for _, l := range logs {
		if l.ID != log.ID && l.AsyncID != "" {
			s.strange[salesforce.ID18(l.AsyncID)] = true
		}
	}
	return s, nil
}

// A finding is what one look at the org's list brought.
type finding struct {
	adopt   string   // id of the deployment that carries our marker
	surplus []string // others with the same marker, still unfinished
	unsure  []string // unfinished deployments of our user that may be it
}

// look reads the list once, from an hour before the last time that the org
// itself gave before the POST: our clock is not used. Who sent a deployment
// with our marker does not matter: the person may have signed in as another
// user since.
func (s *search) look(ctx context.Context) (finding, error) {
	list, err := s.b.target.DeployRequests(ctx, s.log.ServerBefore.Add(-time.Hour))
	if err != nil {
		return finding{}, err
	}
	var ours []salesforce.DeployRequest
	f := finding{}
	for _, c := range list {
		if s.strange[c.ID] || c.CheckOnly != checkOnly(s.log.Kind) {
			continue
		}
		mine, sure, err := s.carries(ctx, c.ID)
		switch {
		case err != nil:
			return finding{}, err
		case mine:
			ours = append(ours, c)
		case sure:
			s.strange[c.ID] = true
		case c.CreatedByID == salesforce.ID18(s.b.who.UserID):
			f.unsure = append(f.unsure, c.ID)
		}
	}
	f.choose(ours)
	return f, nil
}

// choose adopts the first, unless it changed nothing and a later one may have.
// While it is not known whether another one is ours, too, none that changed
// nothing is adopted: its end would be taken for the attempt's.
func (f *finding) choose(ours []salesforce.DeployRequest) {
	first := slices.IndexFunc(ours, func(c salesforce.DeployRequest) bool {
		return c.Status != salesforce.DeployFailed && c.Status != salesforce.DeployCanceled
	})
	if first < 0 && (len(ours) == 0 || len(f.unsure) > 0) {
		return
	}
	first = max(0, first)
	f.adopt = ours[first].ID
	for i, c := range ours {
		if i != first && !c.Status.Done() {
			f.surplus = append(f.surplus, c.ID)
		}
	}
}

// carries reports whether a deployment carries the marker, and whether that is
// sure: an unfinished one may name no file yet. A finished one without any
// component changed nothing and is passed over, and so is one that the org has
// forgotten.
func (s *search) carries(ctx context.Context, id string) (mine, sure bool, err error) {
	res, err := s.b.target.DeployStatus(ctx, id, true)
	if governance.FaultCode(err) == salesforce.CodeNotFound {
		return false, true, nil
	}
	if err != nil {
		return false, false, err
	}
	sure = res.Done
	for _, messages := range [][]salesforce.DeployMessage{res.Details.ComponentSuccesses, res.Details.ComponentFailures} {
		for _, m := range messages {
			if strings.HasPrefix(m.FileName, s.log.Marker+"/") {
				return true, true, nil
			}
			sure = sure || m.FileName != ""
		}
	}
	return false, sure, nil
}

func checkOnly(k governance.AttemptKind) bool {
	return k == governance.AttemptValidate || k == governance.AttemptReverseCheck
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

func (r *Runner) lastPoll() time.Duration {
	if r.LastPoll <= 0 {
		return max(10*time.Second, r.firstPoll())
	}
	return max(r.LastPoll, r.firstPoll())
}

func (r *Runner) grow(d time.Duration) time.Duration { return min(d*2, r.lastPoll()) }
