package terminal

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"countersign/backend/demoorg/sample"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/workspace"
)

// forgedStatus sets the record to Approved by hand, on a copy, and tries to
// deploy there.
func (pl *play) forgedStatus(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status != governance.Pending {
		return "", governance.Faultf("demo_order", "%s is %s; this step comes while it waits for approval.", dr.Label(), dr.Status)
	}
	dir := filepath.Join(pl.scratch, "status")
	if err := pl.CopyTo(ctx, dir); err != nil {
		return "", err
	}
	if err := workspace.Forge(ctx, dir, "UPDATE deployment_records SET status = 'Approved'"); err != nil {
		return "", err
	}
	copied, err := workspace.Open(ctx, workspace.Options{Data: dir, Demo: true, Orgs: pl.orgs})
	if err != nil {
		return "", err
	}
	defer copied.Close()
	_, err = copied.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "record_altered", "trail")
}

// forgedByte changes one byte of a signed act in a copy's database file.
func (pl *play) forgedByte(ctx context.Context) (string, error) {
	dir := filepath.Join(pl.scratch, "byte")
	if err := pl.CopyTo(ctx, dir); err != nil {
		return "", err
	}
	file := filepath.Join(dir, "workspace.db")
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if err := pl.forgeApproval(ctx, b); err != nil {
		return "", err
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return "", err
	}
	report, _, err := workspace.VerifyFolder(ctx, dir, nil, nil)
	if err != nil {
		return "", err
	}
	if len(report.Findings) == 0 {
		return "", governance.Faultf("not_refused", "A forged byte was not noticed.")
	}
	return report.Findings[0].Message, errShown
}

// forgeApproval flips one bit of an approval wherever the file holds it; SQLite
// leaves old copies of a row in unused space, where changing one forges nothing.
func (pl *play) forgeApproval(ctx context.Context, file []byte) error {
	acts, err := pl.Store.Acts(ctx)
	if err != nil {
		return err
	}
	for _, a := range acts {
		if a.Type != "cr.approve" {
			continue
		}
		for i := bytes.Index(file, a.Payload); i >= 0; i = bytes.Index(file, a.Payload) {
			file[i+len(a.Payload)/2] ^= 1
		}
		return nil
	}
	return governance.Faultf("demo_forge", "The workspace holds no approval to forge.")
}

// sourceMoved lets another user change the source after the approval.
func (pl *play) sourceMoved(ctx context.Context) (string, error) {
	if err := pl.asAnother(ctx, workspace.DemoSource, "source-moved"); err != nil {
		return "", err
	}
	dee, dr, err := pl.deployer(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.Runner.Retrieve(ctx, dee, dr.ID)
	if err != nil {
		return "", err
	}
	if log.Result == governance.ResultSucceeded {
		return "", governance.Faultf("not_refused", "The source was changed, and Retrieve did not notice.")
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	proof, err := refusal(err, "package")
	return proof + " " + log.Message, err
}

func (pl *play) mendSource(ctx context.Context) (string, error) {
	return pl.again(ctx, "The source was changed; its new content is to be approved.")
}

// targetMoved lets another user change the target after the approval.
func (pl *play) targetMoved(ctx context.Context) (string, error) {
	if err := pl.asAnother(ctx, workspace.DemoTarget, "target-moved"); err != nil {
		return "", err
	}
	dee, dr, err := pl.deployer(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.Runner.Retrieve(ctx, dee, dr.ID)
	if err != nil {
		return "", err
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	proof, err := refusal(err, "base")
	return proof + " " + strings.Join(log.Outcome.Warnings, "; ") + ".", err
}

func (pl *play) mendTarget(ctx context.Context) (string, error) {
	return pl.again(ctx, "The target was changed; the difference is to be looked at again.")
}

// failingTest validates a package with a class whose test fails in production.
func (pl *play) failingTest(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.last(ctx, dr, governance.AttemptValidate)
	if err != nil {
		return "", err
	}
	if log == nil {
		if log, err = pl.send(ctx, dr.ID, governance.AttemptValidate); err != nil {
			return "", err
		}
	}
	if log.Result != governance.ResultFailed || len(log.Outcome.Tests) == 0 {
		return "", governance.Faultf("not_refused", "A test should have failed: %s", log.Message)
	}
	t := log.Outcome.Tests[0]
	return fmt.Sprintf("%s %s.%s: %s", log.Message, t.Class, t.Method, t.Message), errShown
}

// mendTest lets a developer mend the test in the source; the new content is
// approved again.
func (pl *play) mendTest(ctx context.Context) (string, error) {
	if err := pl.asAnother(ctx, workspace.DemoSource, "mend"); err != nil {
		return "", err
	}
	proof, err := pl.again(ctx, "The failing test was mended in the source.")
	if err != nil {
		return "", err
	}
	if _, err := pl.retrieve(ctx); err != nil {
		return "", err
	}
	return proof, nil
}

// asAnother deploys a change through the protocol as another user of the org.
// Doing it again changes nothing.
func (pl *play) asAnother(ctx context.Context, env, fix string) error {
	tree, err := metadata.NewTree(sample.Fix(fix))
	if err != nil {
		return err
	}
	client, err := pl.secondClient(ctx, env)
	if err != nil {
		return err
	}
	defer client.Close()
	var zip bytes.Buffer
	if err := tree.WriteZip(&zip, "another-user"); err != nil {
		return err
	}
	id, err := client.Deploy(ctx, bytes.NewReader(zip.Bytes()), int64(zip.Len()), salesforce.DeployOptions{RollbackOnError: true, TestLevel: salesforce.NoTestRun})
	if err != nil {
		return err
	}
	return waitFor(ctx, client, id)
}
