package terminal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/demoorg/sample"
	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/scan"
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
		{name: "forged-status", title: "Set Approved by hand (on a copy)", needsSample: true, run: (*play).forgedStatus},
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
	owners := 0
	for _, m := range c.Members {
		if m.Has(governance.Owner) {
			owners++
		}
	}
	return fmt.Sprintf("%d members, %d owners who must agree to change a policy, %d policies, all in one signed charter %.12s", len(c.Members), owners, 1+len(c.Environments), pl.ID()), nil
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
			proof += fmt.Sprintf(", %d API calls left", who.DailyAPIRequests.Remaining)
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
		proofs = append(proofs, fmt.Sprintf("%s holds %d customizations of %d types", map[string]string{workspace.DemoSource: "source", workspace.DemoTarget: "target"}[env], sc.Count, len(types)))
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

func (pl *play) draft(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr == nil {
		if cr, err = pl.newRequest(ctx); err != nil {
			return "", err
		}
	}
	there, _, err := pl.Scanner.Existing(ctx, workspace.DemoTarget, cr.Customizations)
	if err != nil {
		return "", err
	}
	existing := 0
	for _, yes := range there {
		if yes {
			existing++
		}
	}
	return fmt.Sprintf("%s %q, %d customizations: %d exist in the target, %d are proposed; saved without asking any org", cr.Label(), cr.Name, len(cr.Customizations), existing, len(cr.Customizations)-existing), nil
}

func (pl *play) newRequest(ctx context.Context) (*governance.ChangeRequest, error) {
	draft := governance.ChangeRequest{Name: "Everything that is new or changed", Overview: "Takes over what the source holds and the target does not hold in the same form.", Type: governance.Standard, ExternalNumber: demoReference}
	if !pl.sample {
		members, err := pl.newOrChanged(ctx)
		if err != nil {
			return nil, err
		}
		draft.Customizations = members
		return pl.NewChangeRequest(ctx, workspace.Ana, draft)
	}
	packages, err := sample.Packages()
	if err != nil {
		return nil, err
	}
	p := packages[0]
	draft.Name, draft.Overview, draft.Type = p.Name, p.Description, governance.Major
	for _, m := range p.Members {
		draft.Customizations = append(draft.Customizations, governance.Customization{Change: governance.Modify, Type: m.Type, Name: m.Name})
	}
	return pl.NewChangeRequest(ctx, workspace.Ana, draft)
}

// newOrChanged compares every member of the source with the target.
func (pl *play) newOrChanged(ctx context.Context) ([]governance.Customization, error) {
	sc, err := pl.Store.LastScan(ctx, workspace.DemoSource)
	if err != nil {
		return nil, err
	}
	items, _, err := pl.Store.ScanItems(ctx, sc.ID, store.ItemQuery{})
	if err != nil {
		return nil, err
	}
	keys := []metadata.Key{}
	for _, i := range items {
		if i.NamespacePrefix == "" {
			keys = append(keys, metadata.Key{Type: i.Type, Name: i.Name})
		}
	}
	trees := []*metadata.Tree{}
	for _, id := range []string{workspace.DemoSource, workspace.DemoTarget} {
		env, err := pl.Store.Environment(ctx, id)
		if err != nil {
			return nil, err
		}
		client, err := pl.Session(ctx, env)
		if err != nil {
			return nil, err
		}
		tree, _, err := scan.Fetch(ctx, client, metadata.ManifestOf(env.APIVersion, keys))
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	out := []governance.Customization{}
	for _, k := range keys {
		if h := trees[0].HashOf(k); h != "" && h != trees[1].HashOf(k) {
			out = append(out, governance.Customization{Change: governance.Modify, Type: k.Type, Name: k.Name})
		}
	}
	if len(out) == 0 {
		return nil, governance.Faultf("nothing_new", "The source holds nothing that is new or changed.").WithHint("Seed the two orgs differently.")
	}
	return out, nil
}

func (pl *play) submitRequest(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr.Status == governance.InProgress {
		if cr, err = pl.Do(ctx, workspace.Ana, cr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	h, err := pl.Store.History(ctx, cr.ID)
	if err != nil {
		return "", err
	}
	st := h.RequestStanding(cr.ID)
	return fmt.Sprintf("%s is locked in round %d as revision %.12s. %s", cr.Label(), cr.Round, cr.Revision, st.Seating.Rule), nil
}

func (pl *play) ownApproval(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	if cr.Status != governance.Pending {
		return "", governance.Faultf("demo_order", "%s is %s; this step comes while it waits for approval.", cr.Label(), cr.Status)
	}
	_, err = pl.Do(ctx, workspace.Ana, cr.ID, governance.Deed{Action: governance.Approve})
	return refusal(err, "not_allowed")
}

func (pl *play) approveRequest(ctx context.Context) (string, error) {
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range []string{workspace.Bo, workspace.Cy} {
		if cr.Status != governance.Pending {
			break
		}
		if cr, err = pl.Do(ctx, m, cr.ID, governance.Deed{Action: governance.Approve, Reason: "Reviewed."}); err != nil {
			return "", err
		}
	}
	if cr.Status != governance.Approved {
		return "", governance.Faultf("not_approved", "%s is %s.", cr.Label(), cr.Status)
	}
	return fmt.Sprintf("Bo and Cy signed revision %.12s; %s is Approved because the signatures say so", cr.Revision, cr.Label()), nil
}

func (pl *play) makeRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr == nil {
		cr, err := pl.request(ctx)
		if err != nil {
			return "", err
		}
		if dr, err = pl.NewDeploymentRecord(ctx, workspace.Ana, governance.DeploymentRecord{RequestID: cr.ID, SourceID: workspace.DemoSource, TargetID: workspace.DemoTarget,
			Whole: true, Deployer: workspace.Dee, Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}}); err != nil {
			return "", err
		}
	}
	return dr.Label() + " from Demo UAT to Demo Production, all of the request, local tests, Dee will deploy", nil
}

func (pl *play) scanRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	return pl.scan(ctx, dr)
}

func (pl *play) scan(ctx context.Context, dr *governance.DeploymentRecord) (string, error) {
	ana, err := pl.Author(ctx, workspace.Ana)
	if err != nil {
		return "", err
	}
	c, err := pl.Scanner.Run(ctx, ana, dr.ID)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d new, %d changed, %d the same by meaning, %d missing in the source", c.New, c.Changed, c.Same, c.MissingInSource), nil
}

func (pl *play) dependencies(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	deps, err := pl.Scanner.Dependencies(ctx, workspace.Ana, dr.ID)
	if err != nil {
		return "", err
	}
	return describe(deps), nil
}

func describe(deps *scan.Dependencies) string {
	in, found := map[scan.Where]int{}, map[string]int{}
	for _, d := range deps.Items {
		in[d.In]++
		for _, f := range d.Found {
			found[f]++
		}
	}
	s := fmt.Sprintf("%d references: %d in the package, %d in the target, %d missing; %d read from the files, %d told by the org", len(deps.Items), in[scan.InPackage], in[scan.InTarget], in[scan.Missing], found[scan.FoundParsed], found[scan.FoundByOrg])
	names := []string{}
	for _, m := range deps.Missing {
		names = append(names, m.String())
	}
	if len(names) > 0 {
		s += ". Missing: " + strings.Join(names, ", ")
	}
	return s
}

// extend adds what Check Dependencies found missing: that reopens the request,
// and every approval is given again for the new content.
func (pl *play) extend(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	cr, err := pl.request(ctx)
	if err != nil {
		return "", err
	}
	added := 0
	if cr.Status == governance.Approved && cr.Round == 1 {
		deps, err := pl.Scanner.Dependencies(ctx, workspace.Ana, dr.ID)
		if err != nil {
			return "", err
		}
		if len(deps.Missing) == 0 {
			return "nothing was forgotten", nil
		}
		ana, err := pl.Author(ctx, workspace.Ana)
		if err != nil {
			return "", err
		}
		if err := pl.Scanner.Extend(ctx, ana, cr.ID, deps.Missing, "Check Dependencies found what was forgotten."); err != nil {
			return "", err
		}
		added = len(deps.Missing)
	}
	if _, err := pl.submitRequest(ctx); err != nil {
		return "", err
	}
	if _, err := pl.approveRequest(ctx); err != nil {
		return "", err
	}
	compared, err := pl.scan(ctx, dr)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d added, the old approvals no longer count, the request was approved again in round 2; scan: %s", max(added, 1), compared), nil
}

func (pl *play) submitRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status == governance.InProgress {
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s binds package %.14s, base %.14s, target %s, tests %s and the way back %.14s in revision %.12s", dr.Label(), dr.Package, dr.Base, dr.TargetOrg, dr.Options.TestLevel, dr.Reverse, dr.Revision), nil
}

func (pl *play) unapproved(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status != governance.Pending {
		return "", governance.Faultf("demo_order", "%s is %s; this step comes while it waits for approval.", dr.Label(), dr.Status)
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "record_status")
}

func (pl *play) approveRecord(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr, err = pl.approvals(ctx, dr); err != nil {
		return "", err
	}
	return fmt.Sprintf("Bo and Cy signed revision %.12s: these bytes, this target, this deployer", dr.Revision), nil
}

func (pl *play) approvals(ctx context.Context, dr *governance.DeploymentRecord) (*governance.DeploymentRecord, error) {
	var err error
	for _, m := range []string{workspace.Bo, workspace.Cy} {
		if dr.Status != governance.Pending {
			break
		}
		if dr, err = pl.DoRecord(ctx, m, dr.ID, governance.Deed{Action: governance.Approve, Reason: "Difference and dependencies reviewed."}); err != nil {
			return nil, err
		}
	}
	if dr.Status != governance.Approved {
		return nil, governance.Faultf("not_approved", "%s is %s.", dr.Label(), dr.Status)
	}
	return dr, nil
}

// again reopens the record, scans, submits and collects the approvals anew. It
// goes on from wherever an earlier try has stopped.
func (pl *play) again(ctx context.Context, reason string) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	if dr.Status == governance.Approved {
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Reopen, Reason: reason}); err != nil {
			return "", err
		}
	}
	compared := "scanned before"
	if dr.Status == governance.InProgress {
		if compared, err = pl.scan(ctx, dr); err != nil {
			return "", err
		}
		if dr, err = pl.DoRecord(ctx, workspace.Ana, dr.ID, governance.Deed{Action: governance.Submit}); err != nil {
			return "", err
		}
	}
	if dr, err = pl.approvals(ctx, dr); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, approved in round %d as revision %.12s", compared, dr.Round, dr.Revision), nil
}

func (pl *play) retrieve(ctx context.Context) (string, error) {
	dee, dr, err := pl.deployer(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.Runner.Retrieve(ctx, dee, dr.ID)
	if err != nil {
		return "", err
	}
	if log.Result != governance.ResultSucceeded {
		return "", governance.Faultf("retrieve", "%s", log.Message)
	}
	return fmt.Sprintf("%s %.14s", log.Message, log.Package), nil
}

func (pl *play) deployer(ctx context.Context) (store.Author, *governance.DeploymentRecord, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return store.Author{}, nil, err
	}
	dee, err := pl.Author(ctx, workspace.Dee)
	return dee, dr, err
}

func (pl *play) dependenciesAgain(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	deps, err := pl.Scanner.Dependencies(ctx, workspace.Dee, dr.ID)
	if err != nil {
		return "", err
	}
	if len(deps.Missing) > 0 && pl.sample {
		return "", governance.Faultf("still_missing", "%s", describe(deps))
	}
	return describe(deps), nil
}

func (pl *play) unvalidated(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "validation")
}

func (pl *play) validate(ctx context.Context) (string, error) {
	return pl.attempt(ctx, governance.AttemptValidate)
}

// deployScene deploys, unless an earlier run that was stopped already did.
func (pl *play) deployScene(ctx context.Context) (string, error) {
	return pl.attempt(ctx, governance.AttemptDeploy)
}

// attempt makes an attempt of the record's revision, or takes the one that an
// earlier run made.
func (pl *play) attempt(ctx context.Context, kind governance.AttemptKind) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	log, err := pl.last(ctx, dr, kind)
	if err != nil {
		return "", err
	}
	if log == nil || log.Result != governance.ResultSucceeded {
		if log, err = pl.send(ctx, dr.ID, kind); err != nil {
			return "", err
		}
	}
	if log.Result != governance.ResultSucceeded {
		return "", governance.Faultf("attempt", "%s", log.Message)
	}
	proof := log.Message
	if log.Outcome.Simulated {
		proof += " Tests and coverage are simulated by the demo org."
	}
	return proof, nil
}

// send starts and follows an attempt; where a person would have to press Send
// Again, the demo does.
func (pl *play) send(ctx context.Context, recordID string, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	log, err := pl.Deploy(ctx, workspace.Dee, recordID, kind)
	for err != nil && log != nil && governance.FaultCode(err) == "send_again" {
		log, err = pl.Runner.SendAgain(ctx, log.ID)
	}
	return log, err
}

// last is the newest attempt of a kind of the record's revision, nil if none.
func (pl *play) last(ctx context.Context, dr *governance.DeploymentRecord, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	logs, err := pl.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return nil, err
	}
	var newest *governance.DeploymentLog
	for i := range logs {
		if l := &logs[i]; l.Kind == kind && l.Revision == dr.Revision && (newest == nil || l.StartedAt.After(newest.StartedAt)) {
			newest = l
		}
	}
	return newest, nil
}

func (pl *play) reverse(ctx context.Context) (string, error) {
	proof, err := pl.attempt(ctx, governance.AttemptReverseCheck)
	if err != nil {
		return "", err
	}
	return "the approved reverse package would be accepted, check-only: " + proof, nil
}

func (pl *play) twice(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	_, err = pl.Deploy(ctx, workspace.Dee, dr.ID, governance.AttemptDeploy)
	return refusal(err, "once")
}

func (pl *play) readLog(ctx context.Context) (string, error) {
	dr, err := pl.record(ctx)
	if err != nil {
		return "", err
	}
	logs, err := pl.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return "", err
	}
	counts := map[string]int{}
	for _, l := range logs {
		counts[l.StatusWord()]++
	}
	parts := []string{}
	for w, n := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", n, w))
	}
	slices.Sort(parts)
	l, err := pl.last(ctx, dr, governance.AttemptDeploy)
	if err != nil {
		return "", err
	}
	worst := ""
	if l != nil && len(l.Outcome.Coverage) > 0 {
		c := l.Outcome.Coverage[0]
		if c.Locations > 0 {
			worst = fmt.Sprintf("; least covered is %s with %d %%", c.Name, 100*(c.Locations-c.Uncovered)/c.Locations)
		}
	}
	return fmt.Sprintf("%d attempts: %s%s", len(logs), strings.Join(parts, ", "), worst), nil
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
