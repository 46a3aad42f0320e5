package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"countersign/backend/governance"
	"gorm.io/gorm"
)

// steps is where an attempt's progress may go from each of its states. A
// refused sending returns to intent, and an unknown one may be sent again.
var steps = map[governance.Progress][]governance.Progress{
	governance.ProgressIntent:  {governance.ProgressSending, governance.ProgressDone},
	governance.ProgressSending: {governance.ProgressIntent, governance.ProgressUnknown, governance.ProgressRunning, governance.ProgressDone},
	governance.ProgressUnknown: {governance.ProgressSending, governance.ProgressRunning, governance.ProgressDone},
	governance.ProgressRunning: {governance.ProgressDone},
	governance.ProgressDone:    {},
}

// tidyLog gives equal content one form.
func tidyLog(l *governance.DeploymentLog) {
	o := &l.Outcome
	o.Failures, o.Tests, o.Coverage = present(o.Failures), present(o.Tests), present(o.Coverage)
	o.Warnings, o.Unchanged = present(o.Warnings), present(o.Unchanged)
	l.StartedAt, l.ServerBefore, l.SentAt = l.StartedAt.UTC(), l.ServerBefore.UTC(), l.SentAt.UTC()
	l.LastContact, l.CompletedAt, l.ServerCompleted = l.LastContact.UTC(), l.CompletedAt.UTC(), l.ServerCompleted.UTC()
}

func present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// DeploymentLog returns a log, or the fault not_found.
func (s *Store) DeploymentLog(ctx context.Context, id string) (*governance.DeploymentLog, error) {
	l, err := load[governance.DeploymentLog](s.query(ctx), logRows.word, id)
	if err != nil {
		return nil, s.explained(ctx, err)
	}
	tidyLog(l)
	return l, nil
}

// DeploymentLogs lists the attempts of a record, first one first, or all
// attempts, newest first, if the id is empty.
func (s *Store) DeploymentLogs(ctx context.Context, recordID string) ([]governance.DeploymentLog, error) {
	if recordID == "" {
		return s.logs(ctx, s.query(ctx).Order("started_at DESC, id"))
	}
	return s.logs(ctx, s.query(ctx).Where("record_id = ?", recordID).Order("attempt"))
}

// ActiveLogs lists the attempts that are not done.
func (s *Store) ActiveLogs(ctx context.Context) ([]governance.DeploymentLog, error) {
	return s.logs(ctx, s.query(ctx).Where("progress <> 'done'").Order("started_at, id"))
}

// DeploymentLogsAwaitingResult lists the attempts that are done and whose
// result was not signed yet.
func (s *Store) DeploymentLogsAwaitingResult(ctx context.Context) ([]governance.DeploymentLog, error) {
	return s.logs(ctx, s.query(ctx).Where("progress = 'done' AND start_act <> '' AND result_act = ''").Order("started_at, id"))
}

func (s *Store) logs(ctx context.Context, q *gorm.DB) ([]governance.DeploymentLog, error) {
	out := []governance.DeploymentLog{}
	err := q.Find(&out).Error
	for i := range out {
		tidyLog(&out[i])
	}
	return out, s.explained(ctx, err)
}

// UpdateDeploymentLog is the only way to change a Deployment Log. The step
// changes what the org said and how far it is; what the attempt is stays. With
// by, the step may return an Ending to be signed as the result, once, when the
// log is done, with the key that signed the start. Faults: not_found,
// row_altered, attempt_order, wrong_key, and what the step returns.
func (s *Store) UpdateDeploymentLog(ctx context.Context, id string, by *Author, step func(l *governance.DeploymentLog) (governance.Intent, error)) (*governance.DeploymentLog, error) {
	var out *governance.DeploymentLog
	err := s.write(ctx, func(d *door) error {
		var err error
		out, err = d.passLog(id, by, step)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (d *door) passLog(id string, by *Author, step func(l *governance.DeploymentLog) (governance.Intent, error)) (*governance.DeploymentLog, error) {
	l, err := load[governance.DeploymentLog](d.db, logRows.word, id)
	if err != nil {
		return nil, err
	}
	tidyLog(l)
	if err := d.unaltered(logRows, id, logName(l)); err != nil {
		return nil, err
	}
	before, err := copyOf(l)
	if err != nil {
		return nil, err
	}
	in, err := step(l)
	if err != nil {
		return nil, err
	}
	tidyLog(l)
	if err := onward(before, l); err != nil {
		return nil, err
	}
	if err := d.hasBlob(l.RawBlob); err != nil {
		return nil, err
	}
	who := ""
	if by != nil {
		who = by.Member
	}
	if in.Type != "" {
		if err := d.end(l, by, in); err != nil {
			return nil, err
		}
	}
	if same, err := sameContent(l, before); err != nil || same {
		return l, err
	}
	if err := d.save(l, logRows.word, logName(l)); err != nil {
		return nil, err
	}
	return l, d.logAttempt(who, l)
}

func logName(l *governance.DeploymentLog) string { return fmt.Sprintf("of attempt %d", l.Attempt) }

func wrongOrder(l *governance.DeploymentLog, format string, args ...any) error {
	return governance.Faultf("attempt_order", "Attempt %d %s.", l.Attempt, fmt.Sprintf(format, args...)).
		WithHint("Look at the Deployment Log as it is now.")
}

// onward holds what an attempt is, and that it only moves forward.
func onward(was, is *governance.DeploymentLog) error {
	fixed := func(l *governance.DeploymentLog) []any {
		return []any{l.ID, l.RecordID, l.RequestID, l.Kind, l.Attempt, l.By, l.TargetOrg, l.Revision, l.Marker, l.ValidationID, l.StartAct, l.ResultAct, l.StartedAt}
	}
	switch {
	case !reflect.DeepEqual(fixed(was), fixed(is)):
		return wrongOrder(was, "cannot become another attempt")
	case is.Package != was.Package && (was.Package != "" || was.StartAct != ""):
		// A retrieve learns its package when it ends; a start is signed for one.
		return wrongOrder(was, "has its package already")
	case is.Progress != was.Progress && !slices.Contains(steps[was.Progress], is.Progress):
		return wrongOrder(was, "is %s and cannot be %s now", was.Progress, is.Progress)
	case was.AsyncID != "" && is.AsyncID != was.AsyncID:
		return wrongOrder(was, "has its Salesforce id already")
	case was.Progress == governance.ProgressDone && is.Result != was.Result:
		return wrongOrder(was, "has ended as %s already", was.Result)
	case (is.Progress == governance.ProgressDone) != (is.Result != governance.ResultNone):
		return wrongOrder(was, "has a result exactly when it is done")
	}
	return nil
}

// end signs the result.
func (d *door) end(l *governance.DeploymentLog, by *Author, in governance.Intent) error {
	want := governance.ActResult
	if l.Kind == governance.AttemptValidate {
		want = governance.ActValidated
	}
	e, ok := in.Body.(governance.Ending)
	switch {
	case !ok || in.Type != want || in.Subject != l.RecordID:
		return fmt.Errorf("the act %s about %s is not the result of attempt %d", in.Type, in.Subject, l.Attempt)
	case l.Progress != governance.ProgressDone || l.StartAct == "" || l.ResultAct != "":
		return wrongOrder(l, "has no result to sign now")
	case e.Start != l.StartAct || e.Kind != l.Kind || e.Result != l.Result || e.Revision != l.Revision || e.Package != l.Package || e.AsyncID != l.AsyncID:
		return fmt.Errorf("the result to be signed is not that of attempt %d", l.Attempt)
	case by == nil:
		return fmt.Errorf("the result of attempt %d needs a signer", l.Attempt)
	}
	var key string
	if err := d.db.Raw("SELECT key FROM acts WHERE id = ?", l.StartAct).Scan(&key).Error; err != nil {
		return err
	}
	if key != by.Identity.Public() {
		return governance.Faultf("wrong_key", "The result of attempt %d is signed with the key that signed its start.", l.Attempt).
			WithHint("Unlock that key; until then the result waits.")
	}
	h, _, err := d.s.historyOf(d.db, l.RequestID)
	if err != nil {
		return err
	}
	a, err := d.sign(*by, in, h)
	if err != nil {
		return err
	}
	l.ResultAct = a.ID
	return nil
}
