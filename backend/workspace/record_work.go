package workspace

import (
	"context"
	"errors"
	"slices"
	"strings"

	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// workOn is a work about a record, before it begins.
func (w *Workspace) workOn(ctx context.Context, dr *governance.DeploymentRecord, kind WorkKind) (Work, error) {
	side := w.targetOf
	if kind == WorkScan || kind == WorkDependencies {
		side = w.sourceOf
	}
	env, err := side(ctx, dr)
	if err != nil {
		return Work{}, err
	}
	return Work{Kind: kind, Subject: dr.ID, RequestID: dr.RequestID, Title: dr.Label(), Environment: env.Environment.Name, Production: env.Production,
		Phase: scan.PhaseConnect}, nil
}

// StartScan begins Run Scan of a record. Faults: not_found, locked, and those
// of the person's key.
func (w *Workspace) StartScan(ctx context.Context, recordID string) (Work, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return Work{}, err
	}
	if dr.Locked() {
		return Work{}, governance.Faultf(scan.CodeLocked, "%s is %s, so its content is fixed.", dr.Label(), dr.Status).WithHint("Reopen it to scan it again.")
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Work{}, err
	}
	k, err := w.workOn(ctx, dr, WorkScan)
	if err != nil {
		return Work{}, err
	}
	return w.begin(k, func(ctx context.Context, report func(func(*Work))) error {
		w.checkOutsideBeside(ctx, dr.TargetID)
		c, err := w.scanning(report).Run(ctx, author, dr.ID)
		if err != nil {
			return err
		}
		if dr, err = w.Store.DeploymentRecord(ctx, recordID); err != nil {
			return err
		}
		w.keepCounts(dr, c)
		done := scanSaid(countsOf(c), w.said)
		report(func(k *Work) { k.Sentence, k.Said = done.Text, done })
		return nil
	})
}

// StartAttempt begins an attempt of a record: retrieve, validate, deploy or
// quick. Before a production is changed the typed name has to be that of the
// target. What the gate has against it by what is known now comes back at once;
// it is asked again with everything measured at the start. Faults: not_found,
// wrong_kind, those of the gate, target_busy, wrong_target_name.
func (w *Workspace) StartAttempt(ctx context.Context, recordID string, kind governance.AttemptKind, typedName string) (Work, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return Work{}, err
	}
	if !slices.Contains(asked, kind) {
		return Work{}, governance.Faultf("wrong_kind", "An attempt of the kind %q is not started this way.", kind).WithHint("Choose retrieve, validate, deploy or quick deploy.")
	}
	if running := w.works.running(WorkKind(kind), recordID); running != nil {
		return *running, nil
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Work{}, err
	}
	if err := w.mayStart(ctx, dr, kind); err != nil {
		return Work{}, err
	}
	k, err := w.workOn(ctx, dr, WorkKind(kind))
	if err != nil {
		return Work{}, err
	}
	if kind.Real() && k.Production && strings.TrimSpace(typedName) != k.Environment {
		return Work{}, governance.Faultf("wrong_target_name", "%q is not the name of the environment that would be changed.", typedName).
			WithHint("Type %s to deploy there.", k.Environment)
	}
	return w.begin(k, func(ctx context.Context, report func(func(*Work))) error {
		if kind.Real() { // what is found now is asked about by the gate
			w.checkOutsideBeside(ctx, dr.TargetID)
		}
		log, err := w.attempt(ctx, author, recordID, kind, report)
		return w.ended(log, err, report)
	})
}

// mayStart asks the gate and says all its reasons; a refusal is in the audit
// trail.
func (w *Workspace) mayStart(ctx context.Context, dr *governance.DeploymentRecord, kind governance.AttemptKind) error {
	answers, err := w.ask(ctx, dr.ID, []governance.AttemptKind{kind})
	if err == nil {
		err = answers[kind].Err
	}
	if err != nil {
		return err
	}
	if d := answers[kind].Decision; !d.Open {
		if err := w.Store.SaveDecision(ctx, w.Acting(), dr.ID, d); err != nil {
			return err
		}
		return refusal(d)
	}
	if kind == governance.AttemptRetrieve {
		return nil
	}
	active, err := w.Store.ActiveLogs(ctx)
	if err != nil {
		return err
	}
	for _, l := range active {
		if l.TargetOrg == dr.TargetOrg && l.Kind != governance.AttemptRetrieve {
			row, err := w.recordRow(ctx, l.RecordID)
			if err != nil {
				return err
			}
			return busyFault(row)
		}
	}
	return nil
}

func busyFault(row RecordRow) error {
	who := "Another record"
	if row.ID != "" {
		who = row.Label + " (" + row.Name + ")"
	}
	return governance.Faultf("target_busy", "%s has a deployment or validation to the same org under way.", who).WithHint("Wait until it has ended, or cancel it.")
}

// refusal is a closed gate as a Fault: the first reason and its remedy, and all
// the other reasons after it.
func refusal(d governance.Decision) error {
	var f *governance.Fault
	if !errors.As(d.Refusal(), &f) {
		return nil
	}
	others := d.Reasons()[1:]
	if len(others) == 0 {
		return f
	}
	all := *f
	all.Hint = strings.TrimSpace(f.Hint + " Also: " + strings.Join(others, " "))
	return &all
}

// attempt makes an attempt and follows it to its end.
func (w *Workspace) attempt(ctx context.Context, by store.Author, recordID string, kind governance.AttemptKind, report func(func(*Work))) (*governance.DeploymentLog, error) {
	if kind == governance.AttemptRetrieve {
		return w.Runner.Retrieve(ctx, by, recordID)
	}
	log, err := w.Runner.Start(ctx, by, recordID, kind)
	if err != nil {
		return nil, err
	}
	report(func(k *Work) { k.LogID = log.ID })
	return w.Runner.Run(ctx, log.ID)
}

// ended says how an attempt's work ends. After a deployment that succeeded the
// approved way back is checked, as a work of its own.
func (w *Workspace) ended(log *governance.DeploymentLog, err error, report func(func(*Work))) error {
	var closed *deploy.Refused
	if errors.As(err, &closed) {
		return refusal(closed.Decision)
	}
	if log != nil {
		report(func(k *Work) {
			followLog(k, log)
			k.Sentence = log.Message
			if !log.Active() {
				k.Said = w.verdict(log, k.Environment)
				k.Said.Text = log.Message
			}
		})
	}
	switch {
	case err != nil:
		return err
	case log.Active():
		return errWorkClosing
	case log.Result != governance.ResultSucceeded:
		return unsuccessful{log.Message}
	}
	if log.Kind.Real() && log.Kind != governance.AttemptRollback {
		w.startReverseCheck(log)
	}
	return nil
}

// startReverseCheck validates the approved way back, check-only. What it says
// is in a log of its own and changes nothing of the deployment's.
func (w *Workspace) startReverseCheck(deployed *governance.DeploymentLog) {
	ctx := w.works.root
	dr, err := w.Store.DeploymentRecord(ctx, deployed.RecordID)
	if err == nil {
		var k Work
		if k, err = w.workOn(ctx, dr, WorkReverseCheck); err == nil {
			_, err = w.begin(k, func(ctx context.Context, report func(func(*Work))) error {
				author, err := w.Author(ctx, deployed.By)
				if err != nil {
					return err
				}
				log, err := w.attempt(ctx, author, dr.ID, governance.AttemptReverseCheck, report)
				return w.ended(log, err, report)
			})
		}
	}
	if err != nil && !errors.Is(err, errWorkClosing) {
		w.o.Log.Warn("the way back was not checked", "record", deployed.RecordID, "err", err)
	}
}

// TakeUp carries on every attempt that an earlier run of the program began, as
// works, and signs results that waited for a key. The window calls it once
// after opening. Nothing is taken up while the audit trail is in doubt: the
// fault trail.
func (w *Workspace) TakeUp(ctx context.Context) error {
	active, err := w.Store.ActiveLogs(ctx)
	if err != nil {
		return err
	}
	waiting, err := w.Store.DeploymentLogsAwaitingResult(ctx)
	if err != nil || len(active)+len(waiting) == 0 {
		return err
	}
	if len(active) > 0 {
		findings, err := w.verifyForDeploy(ctx)
		if err != nil {
			return err
		}
		if len(findings) > 0 {
			return governance.Faultf("trail", "%s", strings.Join(findings, " ")).WithHint("No attempt was taken up. Verify the audit trail, and restore the last good backup.")
		}
	}
	for _, l := range active {
		if _, err := w.follow(ctx, &l, w.Runner.Run); err != nil {
			return err
		}
	}
	if len(active) == 0 {
		w.signWaiting(ctx)
	}
	return nil
}

// follow carries one attempt on as a work.
func (w *Workspace) follow(ctx context.Context, l *governance.DeploymentLog, carry func(context.Context, string) (*governance.DeploymentLog, error)) (Work, error) {
	dr, err := w.Store.DeploymentRecord(ctx, l.RecordID)
	if err != nil {
		return Work{}, err
	}
	k, err := w.workOn(ctx, dr, WorkKind(l.Kind))
	if err != nil {
		return Work{}, err
	}
	k.LogID = l.ID
	followLog(&k, l)
	return w.begin(k, func(ctx context.Context, report func(func(*Work))) error {
		log, err := carry(ctx, l.ID)
		if err == nil {
			w.signWaiting(ctx)
		}
		return w.ended(log, err, report)
	})
}

// signWaiting lets results be signed whose key was locked when they came. Who
// must decide about an attempt is asked by its log, not here.
func (w *Workspace) signWaiting(ctx context.Context) {
	waiting, err := w.Store.DeploymentLogsAwaitingResult(ctx)
	if err != nil || len(waiting) == 0 || ctx.Err() != nil {
		return
	}
	if active, err := w.Store.ActiveLogs(ctx); err != nil || len(active) > 0 {
		return // at the next opening: Resume would take these up a second time
	}
	if _, err := w.Runner.Resume(ctx); err != nil && ctx.Err() == nil {
		w.o.Log.Warn("a result was not signed", "err", err)
	}
}
