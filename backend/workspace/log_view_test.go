package workspace

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

func failure(typ, name, problem string) governance.ComponentFailure {
	return governance.ComponentFailure{Type: typ, Name: name, Problem: problem}
}

// The first cause is the one that others come from.
func TestCausesOfFailures(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	ok(t, w.ActAs(ctx, Ana))
	k, err := w.StartInventory(ctx, DemoSource)
	w.succeeds(t, k, err)
	dr := &governance.DeploymentRecord{ID: "dr", SourceID: DemoSource, Customizations: oneValueSet}
	for _, c := range []struct {
		name     string
		failures []governance.ComponentFailure
		want     []string // "number of failures: beginning of the problem"
		missing  []string
	}{
		{"none", nil, nil, nil},
		{"what lacks the same is one cause", []governance.ComponentFailure{
			failure("Layout", "A", "In field: field - no CustomField named Account.Tier__c found"),
			failure("ApexClass", "B", "Field does not exist: Tier__c on Account"),
			failure("Flow", "C", "The flow is broken."),
		}, []string{"2: In field: field - no CustomField named Account.Tier__c", "1: The flow is broken."}, nil},
		{"a class that others need comes first", []governance.ComponentFailure{
			failure("ApexClass", "User", "Dependent class is invalid and needs recompilation: Class Base : unexpected token"),
			failure("ApexClass", "Other", "Dependent class is invalid and needs recompilation: Class Base : unexpected token"),
			failure("ApexClass", "Base", "unexpected token: }"),
			failure("ApexClass", "BaseOther", "Something else."),
		}, []string{"1: unexpected token", "2: Dependent class", "1: Something else."}, nil},
		{"what lacks something that failed itself comes after it", []governance.ComponentFailure{
			failure("Layout", "L1", "In field: field - no CustomField named Account.Tier__c found"),
			failure("Layout", "L2", "In field: field - no CustomField named Account.Tier__c found"),
			failure("CustomField", "Account.Tier__c", "The label is too long."),
		}, []string{"1: The label is too long.", "2: In field"}, nil},
		{"what the source has can be added", []governance.ComponentFailure{
			failure("CustomField", "Opportunity.Stage__c", "In field: valueSetName - no GlobalValueSet named Renewal_Stage found"),
			failure("PermissionSet", "P", "In field: field - no ApexClass named DiscountCalculator found"),
			failure("PermissionSet", "Q", "In field: field - no ApexClass named NowhereToBeFound found"),
		}, []string{"1: In field: valueSetName", "1: In field: field - no ApexClass named Dis", "1: In field: field - no ApexClass named Now"}, []string{"ApexClass:DiscountCalculator"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &governance.DeploymentLog{Outcome: governance.Outcome{Failures: c.failures}}
			causes, err := w.causes(ctx, dr, log)
			ok(t, err)
			if causes == nil || len(causes) != len(c.want) {
				t.Fatalf("%+v", causes)
			}
			missing := []string{}
			for i, cause := range causes {
				number, begins, _ := strings.Cut(c.want[i], ": ")
				if valueOf(cause.Count) != number || !strings.HasPrefix(cause.Problem, begins) {
					t.Errorf("cause %d is %d: %s, want %s", i, cause.Count, cause.Problem, c.want[i])
				}
				for _, m := range cause.Missing {
					missing = append(missing, m.String())
				}
			}
			if strings.Join(missing, " ") != strings.Join(c.missing, " ") {
				t.Errorf("%v can be added, want %v", missing, c.missing)
			}
		})
	}
}

func TestVeryManyFailuresFitIntoOneAnswer(t *testing.T) {
	w := &Workspace{}
	all := []*causeGroup{}
	for range 400 {
		g := &causeGroup{Cause: Cause{Problem: "It is broken.", Missing: []governance.Customization{}}}
		for range 25 {
			g.Failures = append(g.Failures, failure("ApexClass", "A", strings.Repeat("x", 200)))
		}
		all = append(all, g)
	}
	rankCauses(all)
	causes := w.fitCauses(all)
	if n := sizeOf(causes); n > mostAnswer/2 || len(causes) == 0 || causes[0].Count != 25 {
		t.Errorf("%d causes in %d bytes", len(causes), n)
	}
}

func TestCoverageSaysHowManyLinesAreNeeded(t *testing.T) {
	got, org := coverageOf([]governance.Coverage{
		{Name: "Full", Locations: 40}, {Name: "Empty"}, {Name: "Low", Locations: 41, Uncovered: 30}, {Name: "Nearly", Locations: 100, Uncovered: 26}, {Name: "Just", Locations: 4, Uncovered: 1},
	})
	want := []struct {
		name            string
		percent, needed int64
	}{{"Low", 26, 20}, {"Nearly", 74, 1}, {"Just", 75, 0}, {"Empty", 100, 0}, {"Full", 100, 0}}
	for i, c := range want {
		if got[i].Name != c.name || got[i].Percent != c.percent || got[i].Needed != c.needed {
			t.Errorf("%d: %+v, want %+v", i, got[i], c)
		}
	}
	if org != (40+11+74+3)*100/185 {
		t.Errorf("of all %d %%", org)
	}
	if none, org := coverageOf(nil); org != -1 || none == nil {
		t.Errorf("%v %d", none, org)
	}
}

// Every verdict is one sentence, whatever an org says.
func TestVerdicts(t *testing.T) {
	w := &Workspace{}
	for _, c := range []struct {
		log  governance.DeploymentLog
		want string
	}{
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultFailed, ComponentErrors: 3, ComponentsTotal: 41},
			"Nothing was changed in Demo Production: 3 of 41 components failed and all were rolled back."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultFailed, TestErrors: 1}, "Nothing was changed in Demo Production: 1 test failed and everything was rolled back."},
		{governance.DeploymentLog{Kind: governance.AttemptValidate, Result: governance.ResultFailed, TestErrors: 12}, "Demo Production would refuse it: 12 tests failed. Nothing was changed."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultFailed, Message: "The org says no."}, "The org says no."},
		{governance.DeploymentLog{Kind: governance.AttemptQuick, Result: governance.ResultSucceeded, ComponentsTotal: 1}, "What was approved is in Demo Production: 1 component; no tests ran."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultSucceeded, ComponentsTotal: 10_432, TestsTotal: 1}, "What was approved is in Demo Production: 10,432 components; 1 test passed."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultSucceeded, ComponentsTotal: 2, Outcome: governance.Outcome{Unchanged: []string{"A"}}},
			"Demo Production accepted 2 components, but 1 of them is not there as it was sent."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultPartially, Status: "SucceededPartial", ComponentsTotal: 5, ComponentsDone: 3, ComponentErrors: 2},
			"Only a part is in Demo Production: 3 of 5 components, 2 with errors."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultPartially, Status: "FinalizingFailed", Message: "It broke off."}, "It broke off."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultCanceled}, "Nothing was changed in Demo Production: the attempt was canceled."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Result: governance.ResultNotSent, Message: "It was given up."}, "It was given up."},
		{governance.DeploymentLog{Kind: governance.AttemptRetrieve, Result: governance.ResultSucceeded}, "The package is exactly what was approved."},
		{governance.DeploymentLog{Kind: governance.AttemptRetrieve, Result: governance.ResultFailed, Message: "The source was changed."}, "The source was changed."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressIntent}, "It is on its way to Demo Production."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressUnknown}, "Demo Production did not answer, and its own list of deployments is being read."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressUnknown, Message: "The org shows no such deployment. Send it again, or cancel it."}, "The org shows no such deployment. Send it again, or cancel it."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressRunning, Status: "Pending"}, "Demo Production has it in its queue."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressRunning, Status: "InProgress", ComponentsTotal: 60, ComponentsDone: 41, TestsTotal: 18, TestsDone: 3}, "41 of 60 components, 3 of 18 tests."},
		{governance.DeploymentLog{Kind: governance.AttemptDeploy, Progress: governance.ProgressRunning, Status: "InProgress", ComponentsTotal: 60, CancelWanted: true}, "Demo Production was asked to cancel it and has not answered yet."},
	} {
		if c.log.Progress == "" {
			c.log.Progress = governance.ProgressDone
		}
		if got := w.verdict(&c.log, "Demo Production"); got.Text != c.want || english[got.Code] == "" {
			t.Errorf("%s: %q\nwant %q", got.Code, got.Text, c.want)
		}
	}
}

// Salesforce's own page is opened at the org's own https address and nowhere
// else.
func TestTheAddressOfSalesforcesOwnPage(t *testing.T) {
	const id = "0Af000000000001AAA"
	for instance, want := range map[string]string{
		"https://acme.my.salesforce.com":          "https://acme.my.salesforce.com/lightning/setup/DeployStatus/page?address=%2Fchangemgmt%2FmonitorDeploymentsDetails.apexp%3FasyncId%3D" + id,
		"https://acme.my.salesforce.com/x?y":      "https://acme.my.salesforce.com/lightning/setup/DeployStatus/page?address=%2Fchangemgmt%2FmonitorDeploymentsDetails.apexp%3FasyncId%3D" + id,
		"http://acme.my.salesforce.com":           "",
		"https://user:pw@acme.my.salesforce.com":  "",
		"javascript:alert(1)":                     "",
		"":                                        "",
		"file:///etc/passwd":                      "",
		"https://":                                "",
		"https://acme.my.salesforce.com:x/broken": "",
	} {
		if got := statusPage(instance, id); got != want {
			t.Errorf("%q: %q, want %q", instance, got, want)
		}
	}
	for _, bad := range []string{"", "0Af", id + "&x=1", "0Af00000000000'AAA"} {
		if isAsyncID.MatchString(bad) {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func TestThePlaceInAnOrgsQueue(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	request := func(n string, s salesforce.DeployStatus, minute int) salesforce.DeployRequest {
		return salesforce.DeployRequest{ID: "0Af00000000000" + n + "AAA", Status: s, CreatedDate: at.Add(time.Duration(minute) * time.Minute)}
	}
	all := []salesforce.DeployRequest{request("1", salesforce.DeployInProgress, 0), request("2", salesforce.DeployPending, 1), request("3", salesforce.DeployPending, 2),
		request("4", salesforce.DeployPending, 3), request("5", salesforce.DeploySucceeded, -5)}
	for n, want := range map[string]int64{"1": 0, "2": 2, "4": 4, "5": 0, "9": 0} {
		if got := positionIn(all, "0Af00000000000"+n+"AAA"); got != want {
			t.Errorf("%s is at %d, want %d", n, got, want)
		}
	}
}

// A validation that runs when the window closes is taken up at the next
// opening, and can be canceled.
func TestAnAttemptIsTakenUpAndCanceled(t *testing.T) {
	data := t.TempDir()
	slow := func(o *Options) { o.Pace = 150 * time.Millisecond }
	w := openTestDemo(t, data)
	ctx := t.Context()
	v := w.scannedRecord(t, oneValueSet)
	id := v.Record.ID
	w.approve(t, id)
	k, err := w.StartAttempt(ctx, id, governance.AttemptRetrieve, "")
	w.succeeds(t, k, err)
	ok(t, w.Close())

	w = openTestDemo(t, data, slow)
	ok(t, w.ActAs(ctx, Dee))
	k, err = w.StartAttempt(ctx, id, governance.AttemptValidate, "")
	ok(t, err)
	again, err := w.StartAttempt(ctx, id, governance.AttemptValidate, "")
	ok(t, err)
	if again.ID != k.ID {
		t.Error("it was started twice")
	}
	log := w.runs(t, id)
	seen, err := w.LogView(ctx, log)
	ok(t, err)
	if !seen.CanCancel || seen.CanSend || seen.WorkID != k.ID || seen.Said.Code == "" || seen.Waits != nil {
		t.Errorf("%+v", seen)
	}
	r := w.record(t, id)
	if s := r.step(StepValidate); s.State != StepRunning || s.LogID != log || s.Allowed || r.Next.Code != "running" {
		t.Errorf("%+v %+v", s, r.Next)
	}
	ok(t, w.Close())

	w = openTestDemo(t, data, slow)
	ok(t, w.ActAs(ctx, Dee))
	seen, err = w.LogView(ctx, log)
	ok(t, err)
	if !seen.Log.Active() || seen.WorkID != "" || !seen.CanSend {
		t.Fatalf("%+v", seen)
	}
	ok(t, w.TakeUp(ctx))
	works := w.Works()
	if len(works) != 1 || works[0].LogID != log || works[0].Kind != WorkValidate || !works[0].Production {
		t.Fatalf("%+v", works)
	}
	one, err := w.SendAgain(ctx, log)
	ok(t, err)
	if one.ID != works[0].ID {
		t.Error("what is followed already was taken up a second time")
	}
	if _, err := w.GiveUp(ctx, log); governance.FaultCode(err) != "attempt_running" {
		t.Error(err)
	}
	seen, err = w.CancelAttempt(ctx, log)
	ok(t, err)
	if seen.Log.Active() && (!seen.Log.CancelWanted || seen.CanCancel) {
		t.Errorf("%+v", seen.Log)
	}
	ended := w.ends(t, works[0])
	seen, err = w.LogView(ctx, log)
	ok(t, err)
	if ended.Succeeded || ended.Problem != nil || seen.Log.Result != governance.ResultCanceled || seen.Word != "Canceled" {
		t.Fatalf("%+v %s", ended, seen.Verdict)
	}
	page, err := w.TrailPage(ctx, TrailQuery{Kinds: []string{"cancel"}, Text: "stop"})
	ok(t, err)
	if len(page.Items) != 1 || page.Items[0].By.ID != Dee || page.Items[0].Link != log || page.Items[0].LinkTo != "log" {
		t.Errorf("%+v", page.Items)
	}
}

// runs waits until the org has the record's attempt, and gives its log.
func (w *Workspace) runs(t *testing.T, recordID string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		logs, err := w.Store.DeploymentLogs(context.Background(), recordID)
		ok(t, err)
		for _, l := range logs {
			if l.Progress == governance.ProgressRunning && l.AsyncID != "" {
				return l.ID
			}
		}
	}
	t.Fatal("the attempt does not begin")
	return ""
}

// A bug: what failed was taken from the causes, of which an answer holds only
// those that fit, so with many failures most components looked well.
func TestContentMarksWhatFailedThoughTheCausesAreCut(t *testing.T) {
	t.Parallel()
	all, failures := []governance.Customization{}, []governance.ComponentFailure{}
	for i := range 6000 {
		name := fmt.Sprintf("Class%05d_%s", i, strings.Repeat("x", 30))
		all = append(all, governance.Customization{Change: governance.Add, Type: "ApexClass", Name: name})
		if i%2 == 1 {
			f := governance.ComponentFailure{Type: "ApexClass", Name: name, Problem: strings.Repeat("long ", 60)}
			failures = append(failures, f, f) // a component can fail twice
		}
	}
	content, failed := markedContent(all, failures)
	if failed != 3000 || len(content) != 6000 {
		t.Fatalf("%d of %d failed", failed, len(content))
	}
	if !strings.HasPrefix(content[0], "ApexClass:Class00001_") || !strings.HasPrefix(content[3000], "ApexClass:Class00000_") {
		t.Errorf("it begins with %s, and what did not fail with %s", content[0], content[3000])
	}
	if content, failed := markedContent(nil, failures); failed != 0 || content == nil || len(content) != 0 {
		t.Errorf("of nothing, %d failed", failed)
	}
}
