package deploy

import (
	"context"
	"strings"

	"countersign/backend/governance"
)

// ErrNeedsPerson: the org shows no such deployment and the grace has passed;
// a person decides whether to send again.
var ErrNeedsPerson = governance.Faultf("send_again", "The org shows no such deployment.").
	WithHint("Press Send Again, or Cancel to give the attempt up.")

// What a log says in its message while and after it is looked for. searchedNote
// begins the message of an attempt whose grace has passed.
const (
	lookingNote  = "The org did not answer. Looking for the deployment in its own list."
	searchedNote = "The org shows no such deployment."
	neverShown   = "The org never showed this deployment, and it was given up."
	nothingSent  = "Nothing was sent, and nothing was changed in the org."
)

// searched reports whether the grace of an unknown attempt has passed.
func searched(l *governance.DeploymentLog) bool {
	return l.Progress == governance.ProgressUnknown && strings.HasPrefix(l.Message, searchedNote)
}

// SendAgain lets an attempt that the org does not show be sent once more, with
// the same log, attempt and marker, and carries it on. Only a person calls it,
// after ErrNeedsPerson. The org's list is read once more before, and the target
// must still be as it was reviewed: it is not if the lost request did arrive.
func (r *Runner) SendAgain(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	return r.hold(ctx, logID, func(log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
		if !searched(log) {
			return log, governance.Faultf("not_searched", "It is not known yet whether the org has this deployment.").WithHint("Wait until the search has ended.")
		}
		return r.carry(ctx, log, r.unlessShown(r.sendOver))
	})
}

func (r *Runner) sendOver(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if log.Kind != governance.AttemptReverseCheck {
		base, err := r.baseNow(ctx, b)
		if err != nil {
			return log, err
		}
		if base != b.dr.Base {
			return log, governance.Faultf("base", "%s was changed since the approval.", b.env.Name).
				WithHint("Cancel the attempt, reopen the record, Run Scan and look at what moved.")
		}
	}
	return r.send(ctx, b, log)
}

// GiveUp ends an attempt that was certainly not sent, one still in intent, or
// one that the org does not show after the grace, when it still does not.
func (r *Runner) GiveUp(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	return r.hold(ctx, logID, func(log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
		switch {
		case !log.Active():
			return log, ended()
		case log.Progress == governance.ProgressIntent:
			return r.giveUp(ctx, log, nothingSent)
		case searched(log):
			return r.carry(ctx, log, r.unlessShown(func(ctx context.Context, _ *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
				return r.giveUp(ctx, log, neverShown)
			}))
		}
		return log, governance.Faultf("already_sent", "The attempt was sent; it ends when the org says so.").WithHint("Cancel it instead.")
	})
}

// unlessShown makes a move only if the org still does not show the attempt;
// otherwise it goes on looking.
func (r *Runner) unlessShown(then move) move {
	return func(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
		s, err := r.newSearch(ctx, b, log)
		if err != nil {
			return log, err
		}
		found, err := s.look(ctx)
		if err != nil {
			return log, err
		}
		if found.adopt != "" || len(found.unsure) > 0 {
			return r.reconcile(ctx, b, log)
		}
		return then(ctx, b, log)
	}
}

func (r *Runner) giveUp(ctx context.Context, log *governance.DeploymentLog, verdict string) (*governance.DeploymentLog, error) {
	return r.end(ctx, log, func(l *governance.DeploymentLog) { l.Result, l.Message = governance.ResultNotSent, verdict })
}

// Cancel wishes an attempt to stop. Whoever carries the attempt follows the
// wish until the org says Canceled, or that it was too late.
func (r *Runner) Cancel(ctx context.Context, logID string) (*governance.DeploymentLog, error) {
	log, err := r.Store.DeploymentLog(ctx, logID)
	if err != nil {
		return nil, err
	}
	if !log.Active() {
		return log, ended()
	}
	return r.update(ctx, logID, func(l *governance.DeploymentLog) { l.CancelWanted = l.Active() })
}

func ended() error { return governance.Faultf("attempt_ended", "The attempt has ended already.") }
