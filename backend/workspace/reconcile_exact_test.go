package workspace

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// lastReading is the last reading, which has counted every line.
func (w *Workspace) lastReading(t *testing.T, env string) store.Reading {
	t.Helper()
	r, none, err := w.Store.LastReading(t.Context(), env)
	ok(t, err)
	if l := r.Lines; none || l.Deployed+l.Found+l.Other+l.Probable != l.Read {
		t.Fatalf("lines were lost: %+v", l)
	}
	return r
}

// The person who deploys clicks in Setup while the deployment runs.
func TestAClickDuringAnOwnDeploymentIsNotSwallowed(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	dr := w.approvedRecord(t)
	_, err := w.CheckOutside(ctx, DemoTarget, false)
	ok(t, err)
	_, err = w.Runner.Retrieve(ctx, w.deployer(t), dr.ID)
	ok(t, err)
	for _, kind := range []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy} {
		log, err := w.Deploy(ctx, Dee, dr.ID, kind)
		ok(t, err)
		if log.Result != governance.ResultSucceeded {
			t.Fatal(log.Message)
		}
	}
	org, err := w.EmbeddedOrg(DemoTarget)
	ok(t, err)
	ok(t, org.ClickInSetup(org.Connection().Username,
		demoorg.SetupStep{Action: "changedGlobalValueSet", Section: "Global value set", Display: "Changed global value set: Service_Region"},
		demoorg.SetupStep{Action: "changedGlobalValueSet", Section: "Global value set", Display: "Changed global value set: Renewal_Stage"},
		demoorg.SetupStep{Action: "somethingNew", Display: "Turned on a feature"},
		demoorg.SetupStep{Action: "changedApexClass", Section: "Apex Class", Display: "Changed Apex code"},
		demoorg.SetupStep{Action: "permSetAssign", Section: "Manage Users", Display: "Permission set Service assigned to user Bo"}))
	r, err := w.CheckOutside(ctx, DemoTarget, false)
	ok(t, err)
	if r.Found != 1 || r.Probable != 2 {
		t.Fatalf("%+v", r)
	}
	if l := w.lastReading(t, DemoTarget).Lines; l != (store.ReadingLines{Deployed: 1, Found: 2, Other: 1, Probable: 2, Read: 6}) {
		t.Errorf("%+v", l)
	}
	p := w.outsideOf(t, DemoTarget)
	if c := p.Items[0]; p.Total != 1 || c.Kind != "setup" || !slices.Equal(c.Components, []string{"GlobalValueSet:Service_Region"}) || !strings.Contains(c.Summary, "Changed Apex code") {
		t.Errorf("%+v", p.Items)
	}
	list, err := w.ProbablyDeployed(ctx, DemoTarget)
	ok(t, err)
	texts := []string{}
	for _, c := range list {
		texts = append(texts, c.Text)
		if c.Deployment == "" || c.DeployedAt.IsZero() || c.By == "" || c.Ref == "" || c.At.IsZero() {
			t.Errorf("%+v", c)
		}
	}
	if slices.Sort(texts); p.Probable != 2 || !slices.Equal(texts, []string{"Changed global value set: Renewal_Stage", "Turned on a feature"}) {
		t.Errorf("%d, %q", p.Probable, texts)
	}

	t.Run("read again nothing is new, and everything gives the same", func(t *testing.T) {
		for _, everything := range []bool{false, true, false} {
			r, err := w.CheckOutside(ctx, DemoTarget, everything)
			ok(t, err)
			if w.lastReading(t, DemoTarget); r.Found != 0 || w.outsideOf(t, DemoTarget).Probable != 2 {
				t.Errorf("%+v", r)
			}
		}
	})
	t.Run("somebody knows better", func(t *testing.T) {
		n, err := w.FindProbable(ctx, DemoTarget, []string{list[0].Ref, "unknown"})
		ok(t, err)
		after := w.outsideOf(t, DemoTarget)
		if n != 1 || after.Probable != 1 || after.Open != 2 {
			t.Errorf("%d %+v", n, after)
		}
		_, err = w.FindProbable(ctx, DemoTarget, []string{list[0].Ref})
		wantFault(t, err, "not_found")
		r, err := w.CheckOutside(ctx, DemoTarget, true)
		if ok(t, err); r.Found != 0 {
			t.Errorf("%+v", r)
		}
	})
}

func TestWhatALineIsJudgedToBe(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	line := func(action, section, display string, second int, by string) salesforce.SetupChange {
		return salesforce.SetupChange{ID: display, Action: action, Section: section, Display: display, CreatedDate: at.Add(time.Duration(second) * time.Second), CreatedByID: by}
	}
	message := func(metadataType, name string, created, deleted bool) salesforce.DeployMessage {
		return salesforce.DeployMessage{ComponentType: metadataType, FullName: name, Created: created, Changed: !created && !deleted, Deleted: deleted}
	}
	res := &salesforce.DeployResult{}
	res.Details.ComponentSuccesses = []salesforce.DeployMessage{
		message("ApexClass", "Billing", false, false), message("ValidationRule", "Account.Needs_Tax_Id", true, false),
		message("Layout", "Account-Account Layout", false, false), message("CustomObject", "Invoice__c", true, false), message("Flow", "Old_Flow", false, true),
	}
	d := salesforce.DeployRequest{ID: "0Af", CreatedByID: "us", CreatedDate: at, StartDate: at, CompletedDate: at.Add(time.Minute)}
	for _, c := range []struct {
		name  string
		lines []salesforce.SetupChange
		want  []lineVerdict
	}{
		{"its own", []salesforce.SetupChange{line("changedApexClass", "Apex Class", "Changed Billing Apex Class code", 30, "us")}, []lineVerdict{lineDeployed}},
		{"by the last part of its name", []salesforce.SetupChange{line("x", "Validation Rules", `Created validation rule "Needs_Tax_Id" on Account`, 30, "us")}, []lineVerdict{lineDeployed}},
		{"by a name with a space", []salesforce.SetupChange{line("x", "Page Layouts", "Changed Account-Account Layout", 30, "us")}, []lineVerdict{lineDeployed}},
		{"deleted", []salesforce.SetupChange{line("deletedFlow", "Flows", "Deleted flow: Old_Flow", 30, "us")}, []lineVerdict{lineDeployed}},
		{"deletes what was only changed", []salesforce.SetupChange{line("deletedApexClass", "Apex Class", "Deleted apex class: Billing", 30, "us")}, []lineVerdict{lineFound}},
		{"twice the same", []salesforce.SetupChange{line("changedApexClass", "Apex Class", "Changed apex class: Billing", 30, "us"), line("changedApexClass", "Apex Class", "Changed apex class: Billing", 31, "us")}, []lineVerdict{lineDeployed, lineProbable}},
		{"another of the same type", []salesforce.SetupChange{line("changedApexClass", "Apex Class", "Changed apex class: BillingTest", 30, "us")}, []lineVerdict{lineFound}},
		{"in a new object", []salesforce.SetupChange{line("x", "Custom Field", "Created custom field: Invoice__c.Amount__c", 30, "us")}, []lineVerdict{lineProbable}},
		{"in another object", []salesforce.SetupChange{line("x", "Custom Field", "Created custom field: Account.Amount__c", 30, "us")}, []lineVerdict{lineFound}},
		{"names nothing, of a type of it", []salesforce.SetupChange{line("x", "Apex Class", "Compiled all classes", 30, "us")}, []lineVerdict{lineProbable}},
		{"names nothing, of another type", []salesforce.SetupChange{line("x", "Custom Label", "Changed labels", 30, "us")}, []lineVerdict{lineFound}},
		{"somebody else", []salesforce.SetupChange{line("changedApexClass", "Apex Class", "Changed apex class: Billing", 30, "them")}, []lineVerdict{lineFound}},
		{"afterwards", []salesforce.SetupChange{line("changedApexClass", "Apex Class", "Changed apex class: Billing", 63, "us")}, []lineVerdict{lineFound}},
		{"about people", []salesforce.SetupChange{line("permSetAssign", "Manage Users", "Billing assigned", 30, "us")}, []lineVerdict{lineOther}},
	} {
		r := &reader{windows: []*window{windowOf(d, res)}}
		got := []lineVerdict{}
		for _, l := range c.lines {
			v, _ := r.judge(l)
			got = append(got, v)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	forgotten := &reader{windows: []*window{windowOf(d, nil)}}
	if v, _ := forgotten.judge(line("changedApexClass", "Apex Class", "Changed apex class: Any", 30, "us")); v != lineProbable {
		t.Errorf("of a deployment without an answer: %v", v)
	}
}

func inventoried(t *testing.T, o *orgOfOthers) {
	t.Helper()
	_, err := o.w.Scanner.Inventory(t.Context(), me(t, o.w), o.env.ID)
	ok(t, err)
}

func destroying(key string) map[string][]byte {
	metadataType, name, _ := strings.Cut(key, ":")
	return map[string][]byte{
		"package.xml":            []byte(`<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>66.0</version></Package>`),
		"destructiveChanges.xml": []byte(`<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>` + name + `</members><name>` + metadataType + `</name></types><version>66.0</version></Package>`),
	}
}

func TestWhatIsDeletedByHandIsDrift(t *testing.T) {
	o := withOthers(t)
	ctx := t.Context()
	for _, name := range []string{"Billing", "Shipping", "Returns"} {
		o.deploys(name, "Open")
	}
	inventoried(t, o)
	o.checked()
	robin := o.org.SecondUser().Username
	key := func(name string) metadata.Key { return metadata.Key{Type: "GlobalValueSet", Name: name} }

	// The trail says nothing of it: two more scans, of which nobody made a reading.
	ok(t, o.org.ClickInSetup(robin, demoorg.SetupStep{Deleted: key("Billing")}))
	inventoried(t, o)
	inventoried(t, o)
	inventoried(t, o)
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	c := o.w.outsideOf(t, o.env.ID).Items[0]
	if c.Kind != "drift" || !slices.Equal(c.Components, []string{"GlobalValueSet:Billing"}) || !slices.Equal(c.Changes, []string{"delete"}) || c.Said.Code != "outside.gone" || c.By != "" {
		t.Errorf("%+v", c)
	}
	if r := o.checked(); r.Found != 0 {
		t.Errorf("found again: %+v", r)
	}

	// The trail says it, so that the scan finds it no second time.
	ok(t, o.org.ClickInSetup(robin, demoorg.SetupStep{Action: "deletedGlobalValueSet", Section: "Global value set", Display: "Deleted global value set: Shipping", Deleted: key("Shipping")}))
	inventoried(t, o)
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	if c := o.w.outsideOf(t, o.env.ID).Items[0]; c.Kind != "setup" || !slices.Equal(c.Changes, []string{"delete"}) {
		t.Errorf("%+v", c)
	}

	// A deployment did it: that is what is found.
	if res := deployedBy(t, o.other, destroying("GlobalValueSet:Returns"), salesforce.DeployOptions{RollbackOnError: true}); res.Status != salesforce.DeploySucceeded {
		t.Fatal(res.Status, res.Details.ComponentFailures)
	}
	inventoried(t, o)
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	p := o.w.outsideOf(t, o.env.ID)
	if c := p.Items[0]; c.Kind != "deployment" || !slices.Equal(c.Changes, []string{"delete"}) {
		t.Errorf("%+v", c)
	}

	// What the org did not list is not gone.
	last, err := o.w.Store.LastScan(ctx, o.env.ID)
	ok(t, err)
	items, _, err := o.w.Store.ScanItems(ctx, last.ID, store.ItemQuery{})
	ok(t, err)
	all := len(items)
	items = slices.DeleteFunc(items, func(i store.ScanItem) bool { return i.Type == "ApexClass" })
	next := &store.Scan{EnvironmentID: o.env.ID, OrganizationID: last.OrganizationID, APIVersion: last.APIVersion, StartedAt: time.Now(),
		Listed: slices.DeleteFunc(slices.Clone(last.Listed), func(s string) bool { return s == "ApexClass" })}
	ok(t, o.w.Store.SaveScan(ctx, me(t, o.w), next, items))
	if r := o.checked(); r.Found != 0 || len(items) == all {
		t.Errorf("%+v", r)
	}

	// Taken over, each is what was done to it.
	o.deploys("Billing", "Open")
	o.checked()
	acts := []string{}
	for _, c := range o.w.outsideOf(t, o.env.ID).Items {
		acts = append(acts, c.Act)
	}
	answer, err := o.w.ResolveOutside(ctx, o.env.ID, OutsideWish{Acts: acts, NewRequest: true, Name: "After the fact"})
	ok(t, err)
	cr, err := o.w.Store.ChangeRequest(ctx, answer.RequestID)
	ok(t, err)
	got := map[string]governance.Change{}
	for _, c := range cr.Customizations {
		got[c.String()] = c.Change
	}
	// Billing came, went and came again; the other two came and went.
	want := map[string]governance.Change{"GlobalValueSet:Billing": governance.Modify, "GlobalValueSet:Shipping": governance.Delete, "GlobalValueSet:Returns": governance.Delete}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v", got)
	}
}

func TestARequestAfterTheFactAddsWhatIsNew(t *testing.T) {
	o := withOthers(t)
	o.checked()
	o.deploys("Billing", "Open")
	o.checked()
	o.deploys("Billing", "Closed")
	o.checked()
	p := o.w.outsideOf(t, o.env.ID)
	if len(p.Items) != 2 || p.Items[0].Changes[0] != "change" || p.Items[1].Changes[0] != "add" {
		t.Fatalf("%+v", p.Items)
	}
	answer, err := o.w.ResolveOutside(t.Context(), o.env.ID, OutsideWish{Acts: []string{p.Items[0].Act, p.Items[1].Act}, NewRequest: true, Name: "Billing"})
	ok(t, err)
	cr, err := o.w.Store.ChangeRequest(t.Context(), answer.RequestID)
	ok(t, err)
	if len(cr.Customizations) != 1 || cr.Customizations[0].Change != governance.Add {
		t.Errorf("%+v", cr.Customizations)
	}
}

// Saved by hand without a line in the trail: the next scan shows it.
func TestWhatIsSavedByHandIsDrift(t *testing.T) {
	o := withOthers(t)
	inventoried(t, o)
	o.checked()
	class := metadata.Key{Type: "ApexClass", Name: "DiscountCalculator"}
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, demoorg.SetupStep{Saved: class}))
	inventoried(t, o)
	if r := o.checked(); r.Found != 1 {
		t.Fatalf("%+v", r)
	}
	if c := o.w.outsideOf(t, o.env.ID).Items[0]; c.Kind != "drift" || c.By != "Robin Admin" || !slices.Equal(c.Components, []string{class.String()}) || c.Changes[0] != "change" {
		t.Errorf("%+v", c)
	}
}

// A user who may not see one of the lists is told so, each time, and nothing is
// taken for read.
func TestAUserWhoMayNotSeeTheListsIsToldSo(t *testing.T) {
	o := withOthers(t)
	ctx := t.Context()
	o.checked()
	as := func(word string) {
		t.Helper()
		env, err := o.w.Store.Environment(ctx, o.env.ID)
		ok(t, err)
		name, host, _ := strings.Cut(o.served.Username, "@")
		if env.Username = name + "@" + host; word != "" {
			env.Username = name + "+" + word + "@" + host
		}
		ok(t, o.w.SaveEnvironment(ctx, me(t, o.w), env))
		ok(t, o.w.SaveCredentials(ctx, me(t, o.w), env.ID, Credentials{Password: salesforce.NewSecret(o.served.Password)}))
		_, err = o.w.TestConnection(ctx, me(t, o.w), env.ID)
		ok(t, err)
	}
	before := o.w.outsideOf(t, o.env.ID)
	o.deploys("Billing", "Open")
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, demoorg.SetupStep{Action: "changedApexClass", Section: "Apex Class", Display: "Changed apex class: Billing"}))

	as("nodeployments")
	r := o.checked()
	p := o.w.outsideOf(t, o.env.ID)
	if r.Unread == nil || r.Found != 0 || r.Said.Code != "outside.unread" || !p.Unread || p.SetupUnread || p.Total != 0 || !p.Until.Equal(before.Until) {
		t.Errorf("%+v %+v", r, p)
	}
	as("nosetup")
	r = o.checked()
	p = o.w.outsideOf(t, o.env.ID)
	if r.Unread != nil || r.SetupUnread == nil || r.Found != 1 || p.Unread || !p.SetupUnread || p.Items[0].Kind != "deployment" {
		t.Errorf("%+v %+v", r, p)
	}
	if r = o.checked(); r.Said.Code != "outside.partly" {
		t.Errorf("%+v", r)
	}
	as("")
	r = o.checked()
	if p = o.w.outsideOf(t, o.env.ID); r.Found != 1 || p.Unread || p.SetupUnread || p.Total != 2 || p.Items[0].Kind != "setup" {
		t.Errorf("%+v %+v", r, p)
	}
}

// breaksAfter is a network that lets some calls through and then none.
type breaksAfter struct{ left atomic.Int64 }

func (b *breaksAfter) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.left.Add(-1) < 0 {
		return nil, fmt.Errorf("the network is down")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// The program ends at each call of a reading: the next start finds all of it, once.
func TestAReadingThatWasBrokenOffLosesNothingAndFindsNothingTwice(t *testing.T) {
	net, chain, data := &breaksAfter{}, keychain.Memory(), t.TempDir()
	net.left.Store(1 << 40)
	o := withOthers(t, func(o *Options) { o.Network, o.Chain, o.Data = net, chain, data })
	o.checked()
	o.deploys("Billing", "Open")
	o.deploys("Shipping", "Open")
	ok(t, o.org.ClickInSetup(o.org.SecondUser().Username, demoorg.SetupStep{Action: "changedApexClass", Section: "Apex Class", Display: "Changed apex class: Any"}))
	broken := 0
	for calls := int64(0); ; calls++ {
		ok(t, o.w.Close())
		w, err := OpenOwn(t.Context(), o.w.Dir(), Options{Data: data, Chain: chain, Network: net})
		ok(t, err)
		o.w = closing(t, w)
		if p := w.outsideOf(t, o.env.ID); p.Total != 0 {
			t.Fatalf("a broken reading has left %+v", p.Items)
		}
		net.left.Store(calls)
		r, err := w.CheckOutside(t.Context(), o.env.ID, false)
		net.left.Store(1 << 40)
		if err == nil {
			if r.Found != 3 || broken < 4 {
				t.Errorf("%+v after %d broken readings", r, broken)
			}
			break
		}
		broken++
		// Who looks at the page is told why, until a reading is kept.
		if p := w.outsideOf(t, o.env.ID); p.Trouble == nil || p.Trouble.Message == "" || p.TroubleAt.IsZero() {
			t.Errorf("nobody is told of %v: %+v", err, p.Trouble)
		}
		if calls > 40 {
			t.Fatal(err)
		}
	}
	if r := o.checked(); r.Found != 0 || o.w.outsideOf(t, o.env.ID).Trouble != nil {
		t.Errorf("%+v", r)
	}
}
