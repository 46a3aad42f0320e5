package deploy

import (
	"context"
	"errors"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
)

// frozen reads a tree that Run Scan stored.
func (r *Runner) frozen(blob string) (*metadata.Tree, error) {
	if blob == "" {
		return nil, governance.Faultf("not_scanned", "The record has no content yet.").WithHint("Press Run Scan.")
	}
	zip, err := r.Store.OpenBlob(blob)
	if err != nil {
		return nil, err
	}
	defer zip.Close()
	return metadata.ReadZip(zip, zip.Size(), metadata.DefaultLimits())
}

func (r *Runner) frozenHash(blob string) (string, error) {
	t, err := r.frozen(blob)
	if err != nil {
		return "", err
	}
	return t.Hash(), nil
}

// asDeclared refuses content that the record does not name. A hash says which
// bytes were approved; this says that they are what the approvers were shown:
// the customizations of the record and nothing else.
// A record that was changed by hand is refused as that.
func (r *Runner) asDeclared(ctx context.Context, dr *governance.DeploymentRecord) error {
	if err := r.Store.CheckDeploymentRecord(ctx, dr); err != nil {
		return err
	}
	plan := metadata.Plan{Version: dr.APIVersion, Bring: keys(dr, brought), Remove: keys(dr, removed)}
	for _, b := range []struct {
		blob string
		tree **metadata.Tree
	}{{dr.PackageBlob, &plan.Package}, {dr.BaseBlob, &plan.Base}, {dr.ReverseBlob, &plan.Reverse}} {
		tree, err := r.frozen(b.blob)
		if err != nil {
			return err
		}
		*b.tree = tree
	}
	err := plan.Check()
	var e *metadata.Error
	if errors.As(err, &e) {
		return (&governance.Fault{Code: e.Code, Message: e.Message, Hint: "Reopen the record, Run Scan and submit it again."}).Because(err)
	}
	if err != nil {
		return err
	}
	if dr.NormalForm == metadata.NormalForm && (plan.Package.Content().NormalHash() != dr.SourceNormal || plan.Base.Content().NormalHash() != dr.Base) {
		return governance.Faultf(metadata.CodeUnasked, "The package is not the source's content as it was scanned.").WithHint("Reopen the record, Run Scan and submit it again.")
	}
	return nil
}

// asApproved refuses a record that is not the one whose start was signed. What
// is sent is taken from the very value that is checked here.
func (r *Runner) asApproved(ctx context.Context, dr *governance.DeploymentRecord, log *governance.DeploymentLog) error {
	workspace, err := r.Store.WorkspaceID(ctx)
	if err != nil {
		return err
	}
	digest, _, err := ledger.RecordRevision(dr.RevisionIn(workspace, dr.Round))
	if err != nil {
		return err
	}
	if digest != log.Revision {
		return governance.Faultf("record_content", "The content of %s is not what was approved.", dr.Label()).
			WithHint("Nothing was sent. Run countersign verify: the database was changed by hand.")
	}
	return nil
}
