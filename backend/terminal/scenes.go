package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// scenes is the demonstration, in order.
func scenes() []scene {
	return []scene{
		{name: "open", title: "Open the demo workspace", always: true, run: (*play).openScene},
		{name: "connect", title: "Test Connection, both", run: (*play).connect},
		{name: "inventory", title: "Run Scan, both inventories", run: (*play).inventory},
		{name: "draft", title: "Draft a Change Request", run: (*play).draft},
		{name: "submit", title: "Submit for Approval", run: (*play).submitRequest},
		{name: "own", title: "Approve one's own request", run: (*play).ownApproval},
		{name: "approve", title: "Approve the Change Request", run: (*play).approveRequest},
		{name: "record", title: "Make a Deployment Record", run: (*play).makeRecord},
		{name: "scan", title: "Run Scan for the record", run: (*play).scanRecord},
		{name: "dependencies", title: "Check Dependencies", run: (*play).dependencies},
		{name: "extend", title: "Add what was forgotten", run: (*play).extend},
		{name: "submit-record", title: "Submit the record", run: (*play).submitRecord},
		{name: "unapproved", title: "Deploy without approval", run: (*play).unapproved},
		{name: "forged-status", title: "Set Approved by hand (on a copy)", run: (*play).forgedStatus},
		{name: "approve-record", title: "Approve the Deployment Record", run: (*play).approveRecord},
		{name: "source-moved", title: "Change the source afterwards", needsSample: true, run: (*play).sourceMoved},
		{name: "source-mended", title: "Reopen, scan, approve again", needsSample: true, run: (*play).mendSource},
		{name: "target-moved", title: "Change the target afterwards", needsSample: true, run: (*play).targetMoved},
		{name: "target-mended", title: "Reopen, scan, approve again", needsSample: true, run: (*play).mendTarget},
		{name: "retrieve", title: "Retrieve Selected Customizations", run: (*play).retrieve},
		{name: "check-again", title: "Check Dependencies again", run: (*play).dependenciesAgain},
		{name: "unvalidated", title: "Deploy without a validation", run: (*play).unvalidated},
		{name: "failing-test", title: "Validate with a failing test", needsSample: true, run: (*play).failingTest},
		{name: "test-mended", title: "Mend the test, approve again", needsSample: true, run: (*play).mendTest},
		{name: "validate", title: "Validate Customizations", run: (*play).validate},
		{name: "deploy", title: "Deploy Retrieved Customizations", run: (*play).deployScene},
		{name: "reverse", title: "Check the way back", run: (*play).reverse},
		{name: "twice", title: "Deploy the same once more", run: (*play).twice},
		{name: "log", title: "Read the Deployment Log", run: (*play).readLog},
		{name: "complete-record", title: "Complete the Deployment Record", run: (*play).completeRecord},
		{name: "complete", title: "Complete the Change Request", run: (*play).completeRequest},
		{name: "verify", title: "Verify the audit trail", always: true, run: (*play).verifyTrail},
		{name: "forged-byte", title: "Forge one byte (on a copy)", always: true, run: (*play).forgedByte},
	}
}

// refusal turns the expected error into the proof of a refusal; anything else
// means that the rule did not hold.
func refusal(err error, codes ...string) (string, error) {
	if err == nil {
		return "", governance.Faultf("not_refused", "This should have been refused, and was not.")
	}
	code := governance.FaultCode(err)
	if !slices.Contains(codes, code) {
		return "", fmt.Errorf("refused for another reason (%s) than %v: %w", code, codes, err)
	}
	var f *governance.Fault
	errors.As(err, &f)
	return f.Message, errShown
}

func isRefusal(err error) bool {
	var r *deploy.Refused
	return errors.As(err, &r)
}

func (pl *play) openScene(ctx context.Context) (string, error) {
	c, err := pl.Charter(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d members and %d policies are in one signed charter, %.12s; to change it, %d owners must sign", len(c.Members), 1+len(c.Environments), pl.ID(), c.OwnerThreshold), nil
}

func (pl *play) connect(ctx context.Context) (string, error) {
	proofs := []string{}
	for _, env := range []string{workspace.DemoSource, workspace.DemoTarget} {
		who, err := pl.TestConnection(ctx, workspace.Ana, env)
		if err != nil {
			return "", err
		}
		proof := fmt.Sprintf("%s as %s, organisation %s, API %s", who.OrganizationName, who.Username, who.OrganizationID, who.APIVersion)
		if who.DailyAPIRequests != nil {
			proof += fmt.Sprintf(", %s API calls left", thousands(int64(who.DailyAPIRequests.Remaining)))
		}
		proofs = append(proofs, proof)
	}
	return strings.Join(proofs, "; "), nil
}

func (pl *play) inventory(ctx context.Context) (string, error) {
	proofs := []string{}
	for _, env := range []string{workspace.DemoSource, workspace.DemoTarget} {
		sc, err := pl.Scanner.Inventory(ctx, workspace.Ana, env)
		if err != nil {
			return "", err
		}
		items, _, err := pl.Store.ScanItems(ctx, sc.ID, store.ItemQuery{})
		if err != nil {
			return "", err
		}
		types := map[string]bool{}
		for _, i := range items {
			types[i.Type] = true
		}
		proofs = append(proofs, fmt.Sprintf("%s holds %s of %s", map[string]string{workspace.DemoSource: "source", workspace.DemoTarget: "target"}[env],
			count(sc.Count, "customization", "customizations"), count(int64(len(types)), "type", "types")))
	}
	return strings.Join(proofs, ", "), nil
}

const demoReference = "DEMO-1"

// request is the demo's Change Request, nil before it was drafted.
func (pl *play) request(ctx context.Context) (*governance.ChangeRequest, error) {
	list, _, err := pl.Store.ChangeRequests(ctx, store.Query{Text: demoReference})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[len(list)-1], nil
}

// record is the demo's Deployment Record, nil before it was made.
func (pl *play) record(ctx context.Context) (*governance.DeploymentRecord, error) {
	cr, err := pl.request(ctx)
	if err != nil || cr == nil {
		return nil, err
	}
	list, err := pl.Store.DeploymentRecords(ctx, cr.ID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (pl *play) completeRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status == governance.Approved {
		if dr, err = pl.DoRecord(ctx, workspace.Dee, dr.ID, governance.Deed{Action: governance.Complete}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s is %s: its last deployment succeeded wholly", dr.Label(), dr.Status), nil
}

func (pl *play) completeRequest(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr.Status == governance.Approved {
		if cr, err = pl.Do(ctx, workspace.Ana, cr.ID, governance.Deed{Action: governance.Complete}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s is %s", cr.Label(), cr.Status), nil
}

func (pl *play) verifyTrail(ctx context.Context) (string, error) {
	report, err := pl.VerifyWhole(ctx, nil)
	if err != nil {
		return "", err
	}
	for _, f := range report.Findings {
		return "", &failure{code: exitWrong, err: governance.Faultf(f.Code, "%s", f.Message)}
	}
	return fmt.Sprintf("%d entries, %d signed acts and %d stored files are whole; the keychain remembers this head", report.Entries, report.Acts, report.Blobs), nil
}
