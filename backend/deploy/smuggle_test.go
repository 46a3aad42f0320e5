package deploy_test

import (
	"bytes"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/store"
)

// An author swaps the scanned package for one that holds more than the record
// names. Approvals are collected; the approvers' comparison, Retrieve and
// Start refuse it all the same.
func TestContentThatNobodyAskedForIsRefused(t *testing.T) {
	fresh := metadata.Key{Type: "ApexClass", Name: "Fresh"}
	for name, content := range map[string]map[string]string{
		"a class more, named in the manifest": files(class("Fresh", ""), class("Backdoor", "// evil"), manifest(fresh, metadata.Key{Type: "ApexClass", Name: "Backdoor"})),
		"a class more, not named":             files(class("Fresh", ""), class("Backdoor", "// evil"), manifest(fresh)),
		"a deletion":                          files(class("Fresh", ""), manifest(fresh), map[string]string{"destructiveChangesPre.xml": string(metadata.ManifestOf("", []metadata.Key{{Type: "ApexClass", Name: "Shared"}}).Bytes())}),
		"another body of the class":           files(class("Fresh", "// another body"), manifest(fresh)),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, outline{})
			dr := &governance.DeploymentRecord{RequestID: w.request(modify("Fresh")), Kind: governance.Deployment, Name: "R", SourceID: "uat", TargetID: "production",
				Whole: true, Deployer: "dora", Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}}
			w.ok(w.store.CreateDeploymentRecord(w.ctx, w.people["ana"], dr))
			_, err := w.scan.Run(w.ctx, w.people["ana"], dr.ID)
			w.ok(err)
			z := zipOf(t, content, "")
			tree, err := metadata.ReadZip(bytes.NewReader(z), int64(len(z)), metadata.DefaultLimits())
			w.ok(err)
			sha, _, err := w.store.PutBlob(w.ctx, bytes.NewReader(z))
			w.ok(err)
			_, err = w.store.UpdateDeploymentRecord(w.ctx, dr.ID, w.people["ana"], func(dr *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
				dr.Package, dr.PackageBlob = tree.Hash(), sha
				return governance.Intent{}, nil
			})
			w.ok(err)
			w.act(dr.ID, "ana", governance.Submit)
			w.act(dr.ID, "bo", governance.Approve)
			got := w.act(dr.ID, "cleo", governance.Approve)
			if _, err := w.scan.Compare(w.ctx, dr.ID); err == nil {
				t.Error("approvers are shown a comparison as if all were well")
			}
			log, err := w.runner().Retrieve(w.ctx, w.people["dora"], got.ID)
			if err == nil && log.Result == governance.ResultSucceeded {
				t.Error("Retrieve takes it")
			}
			_, err = w.runner().Start(w.ctx, w.people["dora"], got.ID, validate)
			w.fault(err, metadata.CodeUnasked)
		})
	}
}

func manifest(keys ...metadata.Key) map[string]string {
	return map[string]string{"package.xml": string(metadata.ManifestOf("68.0", keys).Bytes())}
}

// The options are part of what was approved: changed by hand after the signed
// start, they are not sent.
func TestOptionsChangedAfterTheStartAreNotSent(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	l := w.start(dr, validate)
	w.ok(store.Forge(w.ctx, w.dir, `UPDATE deployment_records SET options = '{"ignoreWarnings":true,"purgeOnDelete":false,"rollbackOnError":false,"testLevel":"NoTestRun","tests":[]}'`))
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "record_content")
	w.is(w.log(l.ID), governance.ProgressIntent, governance.ResultNone)
}
