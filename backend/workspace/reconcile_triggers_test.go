package workspace

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// An aheadClock is one that can be put forward.
type aheadClock struct{ ahead atomic.Int64 }

func (c *aheadClock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *aheadClock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// comes waits until something that happens beside is there.
func comes(t *testing.T, what string, there func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !there(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal(what + " did not happen")
		}
	}
}

func TestAConnectionReadsTheOrgBesideTheScreens(t *testing.T) {
	var at aheadClock
	o := withOthers(t, func(o *Options) { o.Beside, o.Now = true, at.now })
	ctx := t.Context()
	found := func() int64 { return o.w.outsideOf(t, o.env.ID).Total }
	_, err := o.w.Connect(ctx, o.env.ID)
	ok(t, err)
	comes(t, "the first reading", func() bool { return !o.w.outsideOf(t, o.env.ID).Until.IsZero() })
	if found() != 0 {
		t.Fatal("something was found before anything happened")
	}
	o.deploys("Billing", "Open")

	// A moment after the last reading the org is left alone.
	_, err = o.w.Connect(ctx, o.env.ID)
	ok(t, err)
	o.w.chores.runs.Wait()
	if found() != 0 {
		t.Error("the org was read twice in a moment")
	}
	at.forward(freshReading)
	_, err = o.w.Connect(ctx, o.env.ID)
	ok(t, err)
	comes(t, "the finding", func() bool { return found() == 1 })

	// Nobody waits for a reading that does not work, and the page says it.
	at.forward(freshReading)
	key := o.w.keyName(me(t, o.w))
	seed, err := o.w.chain.Get(ctx, key)
	ok(t, err)
	ok(t, o.w.chain.Delete(ctx, key))
	o.w.keysMu.Lock()
	clear(o.w.keys)
	o.w.keysMu.Unlock()
	o.deploys("Shipping", "Open")
	_, err = o.w.Connect(ctx, o.env.ID)
	ok(t, err)
	comes(t, "the trouble", func() bool {
		p := o.w.outsideOf(t, o.env.ID)
		return p.Trouble != nil && p.Trouble.Code == "key_missing" && p.Total == 1
	})
	ok(t, o.w.chain.Set(ctx, key, seed))
	_, err = o.w.Connect(ctx, o.env.ID)
	ok(t, err)
	comes(t, "the second finding", func() bool { return found() == 2 && o.w.outsideOf(t, o.env.ID).Trouble == nil })
}

func TestRunScanLooksForChangesOutside(t *testing.T) {
	o := withOthers(t)
	ctx := t.Context()
	scans := func() {
		t.Helper()
		k, err := o.w.StartInventory(ctx, o.env.ID)
		ok(t, err)
		if k = o.w.works.ended(t, k.ID); k.Problem != nil {
			t.Fatal(k.Problem)
		}
	}
	scans()
	o.deploys("Billing", "Open")
	scans()
	if p := o.w.outsideOf(t, o.env.ID); p.Total != 1 || p.Items[0].Kind != "deployment" {
		t.Errorf("%+v", p.Items)
	}
}

// Before a scan of a record and before a deployment the target is read, and what
// is found then closes the gate at once.
func TestWhatHappensBeforeADeploymentClosesItsGate(t *testing.T) {
	var at aheadClock
	source, _ := serveOrg(t, demoorg.KindUAT, t.TempDir())
	target, org := serveOrg(t, demoorg.KindProduction, t.TempDir())
	w := openTestDemo(t, t.TempDir(), func(o *Options) { o.Now, o.Orgs = at.now, &DemoOrgs{Source: source, Target: target} })
	ctx := t.Context()
	w.findingsClose(t)
	dr := w.as(t, Ana).approvedRecord(t)
	w.as(t, Dee)
	does := func(kind governance.AttemptKind) Work {
		t.Helper()
		k, err := w.StartAttempt(ctx, dr.ID, kind, "Demo Production")
		ok(t, err)
		return w.works.ended(t, k.ID)
	}
	for _, kind := range []governance.AttemptKind{governance.AttemptRetrieve, governance.AttemptValidate} {
		if k := does(kind); k.Problem != nil {
			t.Fatal(k.Problem)
		}
	}
	k, err := w.StartInventory(ctx, DemoTarget)
	ok(t, err)
	w.works.ended(t, k.ID)
	other := signedInTo(t, target.URL, nil, org.SecondUser())
	if res := deployedBy(t, other, aValueSet("Billing", "Open"), salesforce.DeployOptions{RollbackOnError: true}); res.Status != salesforce.DeploySucceeded {
		t.Fatal(res.Status)
	}
	at.forward(freshReading)
	k = does(governance.AttemptDeploy)
	if k.Problem == nil || !strings.Contains(k.Problem.Message, "Changes in the target outside the process are not resolved: 1.") {
		t.Fatalf("%+v", k)
	}
	if n := len(org.Deployments()); n != 2 { // the validation and the other's
		t.Errorf("%d deployments reached the org", n)
	}
	p := w.outsideOf(t, DemoTarget)
	_, err = w.ResolveOutside(ctx, DemoTarget, OutsideWish{Acts: []string{p.Items[0].Act}, Reason: "Asked for by finance, ticket 12."})
	ok(t, err)
	if k = does(governance.AttemptDeploy); k.Problem != nil {
		t.Fatalf("%+v", k.Problem)
	}

	// A scan of another record reads the target too.
	if res := deployedBy(t, other, aValueSet("Shipping", "Open"), salesforce.DeployOptions{RollbackOnError: true}); res.Status != salesforce.DeploySucceeded {
		t.Fatal(res.Status)
	}
	at.forward(freshReading)
	list, err := w.as(t, Ana).Store.DeploymentRecords(ctx, dr.RequestID)
	ok(t, err)
	next, err := w.NewDeploymentRecord(ctx, Ana, governance.DeploymentRecord{RequestID: list[0].RequestID, SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee})
	ok(t, err)
	k, err = w.StartScan(ctx, next.ID)
	ok(t, err)
	w.works.ended(t, k.ID)
	names := []string{}
	for _, c := range w.outsideOf(t, DemoTarget).Items {
		names = append(names, c.Components...)
	}
	if slices.Sort(names); !slices.Equal(names, []string{"GlobalValueSet:Billing", "GlobalValueSet:Shipping"}) {
		t.Errorf("%q", names)
	}
}
