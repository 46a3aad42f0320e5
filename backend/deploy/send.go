package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// send makes the one POST of an attempt. The state is committed as sending
// before, so that a death in between is found as unknown.
func (r *Runner) send(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if log.CancelWanted {
		return r.giveUp(ctx, log, unsent(log))
	}
	if err := r.asApproved(ctx, b.dr, log); err != nil {
		return log, err
	}
	zip, err := r.wrap(b.dr, log)
	if err != nil {
		return log, err
	}
	before := log.Progress
	sum, err := sumOf(zip)
	if err != nil {
		return log, err
	}
	log, err = r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		if before == governance.ProgressIntent { // what is sent again is looked for from its first time on
			l.ServerBefore = b.target.LastServerTime()
		}
		l.Progress, l.SentAt, l.Message = governance.ProgressSending, r.now(), ""
		if zip != nil {
			l.ZipSHA256 = sum
		}
	})
	if err != nil {
		return nil, err
	}
	id, err := r.post(ctx, b, log, zip)
	return r.answered(context.WithoutCancel(ctx), log, before, id, err)
}

// unsent says of an attempt that ends without having been sent just now what is
// known.
func unsent(log *governance.DeploymentLog) string {
	if log.Progress == governance.ProgressUnknown {
		return neverShown
	}
	return nothingSent
}

// answered saves what the POST brought, even when the person is just closing
// the window. An attempt that was sent again and refused is still unknown: its
// first request may arrive yet.
func (r *Runner) answered(ctx context.Context, log *governance.DeploymentLog, before governance.Progress, id string, err error) (*governance.DeploymentLog, error) {
	switch {
	case err == nil:
		return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.AsyncID, l.LastContact = governance.ProgressRunning, id, r.now()
		})
	case errors.Is(err, salesforce.ErrNotSent):
		back, failure := r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.Message = governance.ProgressIntent, "Nothing was deployed. "+sentence(err)
			if before == governance.ProgressUnknown {
				l.Progress, l.Message = before, searchedNote+" It was not sent again. "+sentence(err)
			}
		})
		return back, errors.Join(err, failure)
	}
	return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.Message = governance.ProgressUnknown, lookingNote
	})
}

// post calls Salesforce exactly once.
func (r *Runner) post(ctx context.Context, b *bench, log *governance.DeploymentLog, zip *metadata.Archive) (string, error) {
	if log.Kind == governance.AttemptQuick {
		return b.target.DeployRecentValidation(ctx, log.ValidationID)
	}
	return b.target.Deploy(ctx, zip.Reader(), zip.Size(), options(b.dr, log.Kind))
}

// options are the record's choices in Salesforce's words. A check of the
// reverse package runs no specified tests: they may not exist before.
func options(dr *governance.DeploymentRecord, kind governance.AttemptKind) salesforce.DeployOptions {
	o := salesforce.DeployOptions{
		CheckOnly:       checkOnly(kind),
		IgnoreWarnings:  dr.Options.IgnoreWarnings,
		PurgeOnDelete:   dr.Options.PurgeOnDelete,
		RollbackOnError: dr.Options.RollbackOnError || kind == governance.AttemptReverseCheck,
		TestLevel:       salesforce.TestLevel(dr.Options.TestLevel),
	}
	switch {
	case o.TestLevel == salesforce.RunSpecifiedTests && kind == governance.AttemptReverseCheck:
		o.TestLevel = ""
	case o.TestLevel == salesforce.RunSpecifiedTests:
		o.RunTests = dr.Options.Tests // Salesforce takes names with this level only
	}
	return o
}

// wrap puts the frozen tree into a zip below the marker, reads the zip back
// and compares its hash: what is sent is what was approved, not what was meant.
// A quick deploy has no zip.
func (r *Runner) wrap(dr *governance.DeploymentRecord, log *governance.DeploymentLog) (*metadata.Archive, error) {
	blob := dr.PackageBlob
	switch log.Kind {
	case governance.AttemptQuick:
		return nil, nil
	case governance.AttemptReverseCheck:
		blob = dr.ReverseBlob
	}
	tree, err := r.frozen(blob)
	if err != nil {
		return nil, err
	}
	zip := &metadata.Archive{}
	if err := tree.WriteZip(zip, log.Marker); err != nil {
		return nil, fmt.Errorf("build the package: %w", err)
	}
	back, err := metadata.ReadZip(zip, zip.Size(), metadata.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("read the package back: %w", err)
	}
	if got := back.Sub(log.Marker).Hash(); got != log.Package {
		return nil, governance.Faultf("package_differs", "The package that would be sent is not the approved one.").
			WithHint("Nothing was sent. Run countersign verify; the stored content may be damaged.")
	}
	return zip, nil
}

// sumOf is the SHA-256 of what is sent, "" of nothing.
func sumOf(zip *metadata.Archive) (string, error) {
	if zip == nil {
		return "", nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, zip.Reader()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sentence is what a fault says to people; anything else stays inside.
func sentence(err error) string {
	var f *governance.Fault
	switch {
	case errors.As(err, &f):
		return f.Message
	case errors.Is(err, context.Canceled):
		return "It was stopped."
	}
	return "Something went wrong."
}
