package deploy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// send makes the one POST of an attempt. The state is committed as sending
// before, so that a death in between is found as unknown.
func (r *Runner) send(ctx context.Context, b *bench, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	if log.CancelWanted {
		return r.giveUp(ctx, log, "Nothing was sent, and nothing was changed in the org.")
	}
	var zip []byte
	var err error
	if log.Kind != governance.AttemptQuick {
		if zip, err = r.wrap(b.dr, log); err != nil {
			return log, err
		}
	}
	sum := sha256.Sum256(zip)
	if log, err = r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.SentAt, l.Message = governance.ProgressSending, r.now(), ""
		l.ServerBefore = b.target.LastServerTime()
		if zip != nil {
			l.ZipSHA256 = hex.EncodeToString(sum[:])
		}
	}); err != nil {
		return nil, err
	}
	id, err := r.post(ctx, b, log, zip)
	switch {
	case err == nil:
		// The id is saved even when the person is just closing the window.
		return r.update(context.WithoutCancel(ctx), log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.AsyncID, l.LastContact = governance.ProgressRunning, id, r.now()
		})
	case errors.Is(err, salesforce.ErrNotSent):
		back, uerr := r.update(context.WithoutCancel(ctx), log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.Message = governance.ProgressIntent, "Nothing was sent. "+sentence(err)
		})
		return back, errors.Join(err, uerr)
	default:
		return r.update(context.WithoutCancel(ctx), log.ID, func(l *governance.DeploymentLog) {
			l.Progress, l.Message = governance.ProgressUnknown, "The org did not answer. Looking for the deployment in its own list."
		})
	}
}

// post calls Salesforce exactly once.
func (r *Runner) post(ctx context.Context, b *bench, log *governance.DeploymentLog, zip []byte) (string, error) {
	if log.Kind == governance.AttemptQuick {
		return b.target.DeployRecentValidation(ctx, log.ValidationID)
	}
	return b.target.Deploy(ctx, bytes.NewReader(zip), int64(len(zip)), options(b.dr, log.Kind))
}

// options are the record's choices in Salesforce's words. A check of the
// reverse package runs no specified tests: they may not exist before.
func options(dr *governance.DeploymentRecord, kind governance.AttemptKind) salesforce.DeployOptions {
	o := salesforce.DeployOptions{
		CheckOnly:       kind == governance.AttemptValidate || kind == governance.AttemptReverseCheck,
		IgnoreWarnings:  dr.Options.IgnoreWarnings,
		PurgeOnDelete:   dr.Options.PurgeOnDelete,
		RollbackOnError: dr.Options.RollbackOnError || kind == governance.AttemptReverseCheck,
		TestLevel:       salesforce.TestLevel(dr.Options.TestLevel),
		RunTests:        dr.Options.Tests,
	}
	if kind == governance.AttemptReverseCheck && o.TestLevel == salesforce.RunSpecifiedTests {
		o.TestLevel, o.RunTests = "", nil
	}
	return o
}

// wrap puts the frozen tree into a zip below the marker, reads the zip back
// and compares its hash: what is sent is what was approved, not what was meant.
func (r *Runner) wrap(dr *governance.DeploymentRecord, log *governance.DeploymentLog) ([]byte, error) {
	blob := dr.PackageBlob
	if log.Kind == governance.AttemptReverseCheck {
		blob = dr.ReverseBlob
	}
	tree, err := r.frozen(blob)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := tree.WriteZip(&buf, log.Marker); err != nil {
		return nil, fmt.Errorf("build the package: %w", err)
	}
	back, err := metadata.ReadZip(bytes.NewReader(buf.Bytes()), int64(buf.Len()), metadata.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("read the package back: %w", err)
	}
	if got := back.Sub(log.Marker).Hash(); got != log.Package {
		return nil, governance.Faultf("package_differs", "The package that would be sent is not the approved one.").
			WithHint("Nothing was sent. Run countersign verify; the stored content may be damaged.")
	}
	return buf.Bytes(), nil
}

// frozen reads a tree that Run Scan stored.
func (r *Runner) frozen(blob string) (*metadata.Tree, error) {
	if blob == "" {
		return nil, governance.Faultf("not_scanned", "The record has no content yet.").WithHint("Press Run Scan.")
	}
	zip, err := r.Store.ReadBlob(blob)
	if err != nil {
		return nil, err
	}
	return metadata.ReadZip(bytes.NewReader(zip), int64(len(zip)), metadata.DefaultLimits())
}

func (r *Runner) frozenHash(blob string) (string, error) {
	t, err := r.frozen(blob)
	if err != nil {
		return "", err
	}
	return t.Hash(), nil
}

// sentence is what a fault says to people; anything else stays inside.
func sentence(err error) string {
	var f *governance.Fault
	if errors.As(err, &f) {
		return f.Message
	}
	return "The org could not be reached."
}
