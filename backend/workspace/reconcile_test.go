package workspace

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// An orgOfOthers is a served demo org in which somebody else works, and a
// workspace that has it as an environment.
type orgOfOthers struct {
	t      *testing.T
	w      *Workspace
	org    *demoorg.Org
	env    *governance.Environment
	served demoorg.Connection
	other  *salesforce.Client
}

func withOthers(t *testing.T, change ...func(*Options)) *orgOfOthers {
	t.Helper()
	o := Options{Data: t.TempDir(), Chain: keychain.Memory()}
	for _, c := range change {
		c(&o)
	}
	w, err := CreateOwn(t.Context(), "My orgs", "Kim Admin", o)
	ok(t, err)
	closing(t, w)
	served, org := serveOrg(t, demoorg.KindProduction, t.TempDir())
	env := &governance.Environment{Name: "Production", URL: served.URL, SignIn: governance.SignInPassword, Username: served.Username}
	ok(t, w.SaveEnvironment(t.Context(), me(t, w), env))
	ok(t, w.SaveCredentials(t.Context(), me(t, w), env.ID, Credentials{Password: salesforce.NewSecret(served.Password)}))
	_, err = w.TestConnection(t.Context(), me(t, w), env.ID)
	ok(t, err)
	return &orgOfOthers{t: t, w: w, org: org, env: env, served: served, other: signedInTo(t, served.URL, nil, org.SecondUser())}
}

func signedInTo(t *testing.T, url string, transport http.RoundTripper, as demoorg.Connection) *salesforce.Client {
	t.Helper()
	o := salesforce.Options{Demo: true, PollInterval: 5 * time.Millisecond, Transport: transport}
	s, err := salesforce.LoginPassword(t.Context(), o, url, as.Username, salesforce.NewSecret(as.Password), salesforce.Secret{})
	ok(t, err)
	c := salesforce.NewClient(s, o)
	t.Cleanup(c.Close)
	return c
}

// aValueSet is a customization that production takes without tests.
func aValueSet(name, value string) map[string][]byte {
	return map[string][]byte{
		"package.xml": []byte(`<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>` + name + `</members><name>GlobalValueSet</name></types><version>66.0</version></Package>`),
		"globalValueSets/" + name + ".globalValueSet": []byte(`<?xml version="1.0" encoding="UTF-8"?><GlobalValueSet xmlns="http://soap.sforce.com/2006/04/metadata"><customValue><fullName>` + value +
			`</fullName><default>false</default><label>` + value + `</label></customValue><masterLabel>` + name + `</masterLabel><sorted>false</sorted></GlobalValueSet>`),
	}
}

// anUntestedClass is rolled back by production, after it was changed.
func anUntestedClass(name string) map[string][]byte {
	return map[string][]byte{
		"package.xml":                       []byte(`<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>` + name + `</members><name>ApexClass</name></types><version>66.0</version></Package>`),
		"classes/" + name + ".cls":          []byte("public class " + name + " { }"),
		"classes/" + name + ".cls-meta.xml": []byte(`<?xml version="1.0" encoding="UTF-8"?><ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>`),
	}
}

// deployedBy deploys files through the protocol, as another tool does.
func deployedBy(t *testing.T, c *salesforce.Client, files map[string][]byte, o salesforce.DeployOptions) *salesforce.DeployResult {
	t.Helper()
	tree, err := metadata.NewTree(files)
	ok(t, err)
	var zip bytes.Buffer
	ok(t, tree.WriteZip(&zip, "elsewhere"))
	o.TestLevel = salesforce.NoTestRun
	id, err := c.Deploy(t.Context(), bytes.NewReader(zip.Bytes()), int64(zip.Len()), o)
	ok(t, err)
	for {
		res, err := c.DeployStatus(t.Context(), id, true)
		ok(t, err)
		if res.Done {
			return res
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (o *orgOfOthers) deploys(name, value string) {
	o.t.Helper()
	if res := deployedBy(o.t, o.other, aValueSet(name, value), salesforce.DeployOptions{RollbackOnError: true}); res.Status != salesforce.DeploySucceeded {
		o.t.Fatal(res.Status, res.ErrorMessage, res.Details.ComponentFailures)
	}
}

func (o *orgOfOthers) checked() Reconciled {
	o.t.Helper()
	r, err := o.w.CheckOutside(o.t.Context(), o.env.ID, false)
	ok(o.t, err)
	return r
}

func (w *Workspace) outsideOf(t *testing.T, env string) OutsidePage {
	t.Helper()
	p, err := w.Outside(t.Context(), env, OutsideQuery{})
	ok(t, err)
	return p
}

func TestADeploymentOfSomebodyElseIsFoundOnce(t *testing.T) {
	o := withOthers(t)
	if r := o.checked(); r.Found != 0 {
		t.Fatalf("found %d before anything happened", r.Found)
	}
	o.deploys("Billing", "Open")
	if r := o.checked(); r.Found != 1 || r.SetupUnread != nil {
		t.Fatalf("%+v", r)
	}
	for range 2 {
		if r := o.checked(); r.Found != 0 {
			t.Fatalf("found again: %+v", r)
		}
	}
	p := o.w.outsideOf(t, o.env.ID)
	if p.Open != 1 || p.Total != 1 || !p.Governed || p.Closes || p.Until.IsZero() || p.SetupUnread {
		t.Fatalf("%+v", p)
	}
	c := p.Items[0]
	if c.Kind != "deployment" || !slices.Equal(c.Components, []string{"GlobalValueSet:Billing"}) || c.By != "Robin Admin" || c.FoundBy == nil || c.Resolved || c.At.IsZero() {
		t.Errorf("%+v", c)
	}
	// The app as a whole agrees.
	report, err := o.w.VerifyWhole(t.Context(), nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Error(findings(report.Findings))
	}
	today, err := o.w.Today(t.Context())
	ok(t, err)
	if len(today.Outside) != 1 || today.Outside[0].ID != o.env.ID || !strings.HasPrefix(today.Outside[0].Sentence, "1 change outside") {
		t.Errorf("%+v", today.Outside)
	}
}

func TestWhatChangedNothingIsNoFinding(t *testing.T) {
	o := withOthers(t)
	validated := deployedBy(t, o.other, aValueSet("Billing", "Open"), salesforce.DeployOptions{RollbackOnError: true, CheckOnly: true})
	failed := deployedBy(t, o.other, anUntestedClass("Broken"), salesforce.DeployOptions{RollbackOnError: true})
	o.deploys("Billing", "Open")
	o.checked()
	o.deploys("Billing", "Open") // it is like that already
	if validated.Status != salesforce.DeploySucceeded || failed.Status != salesforce.DeployFailed {
		t.Fatalf("%s %s", validated.Status, failed.Status)
	}
	if r := o.checked(); r.Found != 0 {
		t.Errorf("%+v %+v", r, o.w.outsideOf(t, o.env.ID).Items)
	}
}

func TestOurOwnDeploymentIsNoFinding(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	dr := w.approvedRecord(t)
	dee := w.deployer(t)
	ctx := t.Context()
	_, err := w.Scanner.Inventory(ctx, Ana, DemoTarget)
	ok(t, err)
	_, err = w.CheckOutside(ctx, DemoTarget, true)
	ok(t, err)
	_, err = w.Runner.Retrieve(ctx, dee, dr.ID)
	ok(t, err)
	for _, kind := range []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy} {
		log, err := w.Deploy(ctx, Dee, dr.ID, kind)
		ok(t, err)
		if log.Result != governance.ResultSucceeded {
			t.Fatal(log.Message)
		}
	}
	_, err = w.Scanner.Inventory(ctx, Ana, DemoTarget)
	ok(t, err)
	for _, everything := range []bool{false, true} {
		if r, err := w.CheckOutside(ctx, DemoTarget, everything); err != nil || r.Found != 0 {
			t.Errorf("%+v %v %+v", r, err, w.outsideOf(t, DemoTarget).Items)
		}
	}
	// Its own list has lines of it: the reading knew whose they are.
	env, err := w.Store.Environment(ctx, DemoTarget)
	ok(t, err)
	c, err := w.Session(ctx, env)
	ok(t, err)
	if lines, err := c.SetupAuditTrail(ctx, env.CreatedAt); err != nil || len(lines) == 0 {
		t.Errorf("%v %v", lines, err)
	}
	// A row that claims somebody else's deployment as an own attempt is no act.
	asOther(t, w, DemoTarget, aValueSet("Billing", "Open"))
	if r, err := w.CheckOutside(ctx, DemoTarget, false); err != nil || r.Found != 1 {
		t.Errorf("%+v %v", r, err)
	}
}

// asOther deploys to an embedded org as its other user.
func asOther(t *testing.T, w *Workspace, env string, files map[string][]byte) {
	t.Helper()
	org, err := w.EmbeddedOrg(env)
	ok(t, err)
	c := signedInTo(t, "http://localhost", org.Transport(), org.SecondUser())
	if res := deployedBy(t, c, files, salesforce.DeployOptions{RollbackOnError: true}); res.Status != salesforce.DeploySucceeded {
		t.Fatal(res.Status)
	}
}

func TestAnAfternoonInSetupIsOneFinding(t *testing.T) {
	o := withOthers(t)
	o.checked()
	steps := []demoorg.SetupStep{{Action: "permSetAssign", Section: "Manage Users", Display: "Permission set Service assigned to user Bo"}}
	for i := range 300 {
		steps = append(steps, demoorg.SetupStep{Action: "changedValidationRule", Section: "Validation Rule", Display: fmt.Sprintf("Changed validation rule: Account.Rule_%d", i)})
	}
	steps = append(steps, demoorg.SetupStep{Action: "somethingNew", Display: "Turned on a feature"})
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, steps...))
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	c := o.w.outsideOf(t, o.env.ID).Items[0]
	if c.Kind != "setup" || c.Count != 300 || len(c.Components) != named || c.Components[0] != "ValidationRule:Account.Rule_0" || !strings.HasSuffix(c.Summary, "and 297 more") {
		t.Errorf("%+v", c)
	}
	// Who was only given a permission set, signed in or got a password changed no
	// customization.
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, steps[0], demoorg.SetupStep{Action: "changedPassword", Section: "Manage Users", Display: "Changed password"}))
	if r := o.checked(); r.Found != 0 {
		t.Errorf("%+v", r)
	}
	// What is clicked after a reading is a finding of its own, without the rest.
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, demoorg.SetupStep{Action: "changedApexClass", Section: "Apex Class", Display: "Changed apex class: Billing"}))
	if r := o.checked(); r.Found != 1 {
		t.Errorf("%+v", r)
	}
	if c := o.w.outsideOf(t, o.env.ID).Items[0]; !slices.Equal(c.Components, []string{"ApexClass:Billing"}) {
		t.Errorf("%+v", c)
	}
}

func TestMoreLinesThanAPageAreAllRead(t *testing.T) {
	o := withOthers(t)
	o.checked()
	steps := []demoorg.SetupStep{}
	for i := range 4500 {
		steps = append(steps, demoorg.SetupStep{Action: "changedCustomLabel", Section: "Custom Label", Display: fmt.Sprintf("Changed custom label: Label_%d", i)})
	}
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, steps...))
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	if c := o.w.outsideOf(t, o.env.ID).Items[0]; !strings.HasSuffix(c.Summary, "and 4496 more") || c.Count != maxNamed {
		t.Errorf("%d %s", c.Count, c.Summary)
	}
	if r := o.checked(); r.Found != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDriftIsFoundByTheNextInventory(t *testing.T) {
	o := withOthers(t)
	ctx := t.Context()
	_, err := o.w.Scanner.Inventory(ctx, me(t, o.w), o.env.ID)
	ok(t, err)
	o.checked()
	// A change that neither list tells of: the org says only that it is another.
	last, err := o.w.Store.LastScan(ctx, o.env.ID)
	ok(t, err)
	items, _, err := o.w.Store.ScanItems(ctx, last.ID, store.ItemQuery{})
	ok(t, err)
	i := slices.IndexFunc(items, func(i store.ScanItem) bool { return i.Type == "ApexClass" && i.Name == "DiscountCalculator" })
	items[i].LastModifiedByName, items[i].LastModifiedAt = "Robin Admin", time.Now()
	next := &store.Scan{EnvironmentID: o.env.ID, OrganizationID: last.OrganizationID, APIVersion: last.APIVersion, StartedAt: time.Now()}
	ok(t, o.w.Store.SaveScan(ctx, me(t, o.w), next, items))
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	if c := o.w.outsideOf(t, o.env.ID).Items[0]; c.Kind != "drift" || c.By != "Robin Admin" || !slices.Equal(c.Components, []string{"ApexClass:DiscountCalculator"}) {
		t.Errorf("%+v", c)
	}
	if r := o.checked(); r.Found != 0 {
		t.Errorf("found again: %+v", r)
	}
	// A deployment that was found as one is not found a second time by a scan.
	o.deploys("Billing", "Open")
	_, err = o.w.Scanner.Inventory(ctx, me(t, o.w), o.env.ID)
	ok(t, err)
	if r := o.checked(); r.Found != 1 || o.w.outsideOf(t, o.env.ID).Items[0].Kind != "deployment" {
		t.Errorf("%+v %+v", r, o.w.outsideOf(t, o.env.ID).Items)
	}
}

func TestManyAreResolvedAtOnce(t *testing.T) {
	o := withOthers(t)
	ctx := t.Context()
	for i := range 3 {
		o.deploys(fmt.Sprintf("Billing%d", i), "Open")
	}
	o.checked()
	acts := []string{}
	for _, c := range o.w.outsideOf(t, o.env.ID).Items {
		acts = append(acts, c.Act)
	}
	for name, wish := range map[string]OutsideWish{"without a reason": {Acts: acts}, "of nothing": {Reason: "Fine."}, "of what is no finding": {Acts: []string{"x"}, Reason: "Fine."}} {
		if _, err := o.w.ResolveOutside(ctx, o.env.ID, wish); governance.FaultCode(err) != "not_allowed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := o.w.ResolveOutside(ctx, o.env.ID, OutsideWish{Acts: acts, NewRequest: true})
	wantFault(t, err, "name_needed")
	_, err = o.w.ResolveOutside(ctx, o.env.ID, OutsideWish{Acts: acts[:2], Reason: "The vendor did it, ticket 88."})
	ok(t, err)
	p := o.w.outsideOf(t, o.env.ID)
	if p.Open != 1 || p.Resolved != 2 || p.Items[0].Reason != "The vendor did it, ticket 88." || p.Items[0].ResolvedBy == nil || p.Items[0].ResolvedAt.IsZero() {
		t.Errorf("%+v", p)
	}
	// The same cannot be resolved twice, and no draft is left of the attempt.
	if _, err := o.w.ResolveOutside(ctx, o.env.ID, OutsideWish{Acts: acts, NewRequest: true, Name: "Too late"}); governance.FaultCode(err) != "not_allowed" {
		t.Error(err)
	}
	answer, err := o.w.ResolveOutside(ctx, o.env.ID, OutsideWish{Acts: acts[2:], NewRequest: true, Name: "Billing, after the fact"})
	ok(t, err)
	cr, err := o.w.Store.ChangeRequest(ctx, answer.RequestID)
	ok(t, err)
	if cr.Name != "Billing, after the fact" || len(cr.Customizations) != 1 || cr.Customizations[0].String() != "GlobalValueSet:Billing0" || !strings.Contains(cr.Overview, "Robin Admin") {
		t.Errorf("%+v", cr)
	}
	if p := o.w.outsideOf(t, o.env.ID); p.Open != 0 || p.Items[2].RequestID != cr.ID || !strings.Contains(p.Items[2].RequestLabel, "Billing, after the fact") {
		t.Errorf("%+v", p)
	}
	if today, err := o.w.Today(ctx); err != nil || len(today.Outside) != 0 {
		t.Errorf("%+v %v", today.Outside, err)
	}
	if _, total, err := o.w.Store.ChangeRequests(ctx, store.Query{Limit: 1}); err != nil || total != 1 {
		t.Errorf("%d requests, %v", total, err)
	}
	trail, err := o.w.TrailPage(ctx, TrailQuery{Kinds: []string{"recon.finding", "recon.resolve"}})
	ok(t, err)
	texts := []string{}
	for _, e := range trail.Items {
		texts = append(texts, e.Text)
	}
	want := []string{"Resolved 1 change outside the process in Production.", "Resolved 2 changes outside the process in Production.", "Found a change outside the process in Production: A deployment of 1 component."}
	for _, sentence := range want {
		if !slices.Contains(texts, sentence) {
			t.Errorf("%q is not among %q", sentence, texts)
		}
	}
}

// findingsClose makes open findings close the gate of every environment.
func (w *Workspace) findingsClose(t *testing.T) {
	t.Helper()
	v := w.as(t, Bo).policies(t)
	environments := []governance.Policy{}
	for _, p := range v.Environments {
		p.Policy.FindingsClose = true
		environments = append(environments, p.Policy)
	}
	proposed, err := w.ProposePolicies(t.Context(), v.Requests.Policy, environments, "")
	ok(t, err)
	_, err = w.as(t, Cy).SignPolicies(t.Context(), proposed.Pending[0].Act)
	ok(t, err)
}

func TestOpenFindingsCloseTheGateWhereThePolicySaysSo(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	w.findingsClose(t)
	dr := w.as(t, Ana).approvedRecord(t)
	_, err := w.CheckOutside(ctx, DemoTarget, false)
	ok(t, err)
	shut := func() bool {
		t.Helper()
		answers, err := w.ask(ctx, dr.ID, []governance.AttemptKind{governance.AttemptValidate})
		ok(t, err)
		return slices.ContainsFunc(answers[governance.AttemptValidate].Decision.Checks, func(c governance.Check) bool { return c.Code == "findings_open" && !c.OK })
	}
	if shut() {
		t.Fatal("it is closed before anything was found")
	}
	asOther(t, w, DemoTarget, aValueSet("Billing", "Open"))
	w.checkOutsideBeside(ctx, DemoTarget) // a moment ago: nobody is asked again
	if shut() {
		t.Error("the org was asked again at once")
	}
	_, err = w.CheckOutside(ctx, DemoTarget, false)
	ok(t, err)
	p := w.outsideOf(t, DemoTarget)
	if !shut() || !p.Closes {
		t.Errorf("it is open with %+v", p)
	}
	_, err = w.ResolveOutside(ctx, DemoTarget, OutsideWish{Acts: []string{p.Items[0].Act}, Reason: "Known to all."})
	ok(t, err)
	if shut() {
		t.Error("it stays closed")
	}
}

// Nothing is lost by an org that cannot be reached, or by a person without a key.
func TestAReadingGoesOnWhereTheLastOneEnded(t *testing.T) {
	gate := &mayFail{}
	o := withOthers(t, func(o *Options) { o.Network = gate })
	o.checked()
	o.deploys("Billing", "Open")
	gate.down = true
	before := o.w.outsideOf(t, o.env.ID).Until
	if _, err := o.w.CheckOutside(t.Context(), o.env.ID, false); err == nil {
		t.Fatal("an org that is not there was read")
	}
	if now := o.w.outsideOf(t, o.env.ID).Until; !now.Equal(before) {
		t.Errorf("read until %s without an org", now)
	}
	gate.down = false
	key := o.w.keyName(me(t, o.w))
	seed, err := o.w.chain.Get(t.Context(), key)
	ok(t, err)
	ok(t, o.w.chain.Delete(t.Context(), key))
	o.w.keysMu.Lock()
	clear(o.w.keys)
	o.w.keysMu.Unlock()
	_, err = o.w.CheckOutside(t.Context(), o.env.ID, false)
	wantFault(t, err, "key_missing")
	ok(t, o.w.chain.Set(t.Context(), key, seed))
	if r := o.checked(); r.Found != 1 {
		t.Errorf("%+v", r)
	}
}

// mayFail is a network that can be cut.
type mayFail struct{ down bool }

func (m *mayFail) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.down {
		return nil, fmt.Errorf("the network is down")
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestWhatWasBeforeIsReadOnlyIfAsked(t *testing.T) {
	served, org := serveOrg(t, demoorg.KindProduction, t.TempDir())
	deployedBy(t, signedInTo(t, served.URL, nil, org.SecondUser()), aValueSet("Old", "Open"), salesforce.DeployOptions{RollbackOnError: true})
	time.Sleep(5 * time.Millisecond)
	w := createSolo(t, t.TempDir(), keychain.Memory())
	env := &governance.Environment{Name: "Production", URL: served.URL, SignIn: governance.SignInPassword, Username: served.Username}
	ok(t, w.SaveEnvironment(t.Context(), me(t, w), env))
	_, err := w.CheckOutside(t.Context(), env.ID, false)
	wantFault(t, err, "not_tested")
	ok(t, w.SaveCredentials(t.Context(), me(t, w), env.ID, Credentials{Password: salesforce.NewSecret(served.Password)}))
	_, err = w.TestConnection(t.Context(), me(t, w), env.ID)
	ok(t, err)
	for i, want := range []int64{0, 1, 0} {
		if r, err := w.CheckOutside(t.Context(), env.ID, i > 0); err != nil || r.Found != want {
			t.Errorf("reading %d: %+v %v", i, r, err)
		}
	}
}

func TestAnOrgWithoutAPolicyIsNotRead(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	env := &governance.Environment{Name: "Elsewhere", Kind: governance.Demo, URL: "http://127.0.0.1:1", SignIn: governance.SignInPassword, Username: "a@b.example", OrganizationID: "00D000000000009AAA"}
	ok(t, w.Store.SaveEnvironment(t.Context(), Ana, env))
	_, err := w.CheckOutside(t.Context(), env.ID, false)
	wantFault(t, err, "ungoverned")
	if p := w.outsideOf(t, env.ID); p.Governed || p.Total != 0 || !p.Until.IsZero() {
		t.Errorf("%+v", p)
	}
}
