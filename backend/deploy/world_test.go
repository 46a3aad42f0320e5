package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/salesforce/badnet"
	"countersign/backend/scan"
	"countersign/backend/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	intent, sending, unknown = governance.ProgressIntent, governance.ProgressSending, governance.ProgressUnknown
	running, done            = governance.ProgressRunning, governance.ProgressDone

	validate, deployment = governance.AttemptValidate, governance.AttemptDeploy
	quick, reverseCheck  = governance.AttemptQuick, governance.AttemptReverseCheck
)

// A world is a workspace of four people between two orgs. ana requests, bo and
// cleo approve and own, dora releases. Between the runner and the orgs lies an
// edge where the network can be broken.
type world struct {
	t      *testing.T
	ctx    context.Context
	dir    string
	store  *store.Store
	scan   *scan.Scanner
	people map[string]store.Author
	orgs   map[string]*demoorg.Org
	edges  map[string]*edge
	edge   *edge // to production
	grace  time.Duration

	// What a test changes for the next runner.
	locked   map[string]bool
	findings []string
	late     time.Duration // how far the clock is ahead
	onUpdate func(governance.DeploymentLog)
	onSign   func()
	signIns  map[string]string // environments that lead to another org
	users    map[string]bool   // environments with SecondUser

	line *badnet.Line               // to production, where the outline has one
	by   salesforce.DeployTransport // over the line
	// What stands still on the line is too late once the org is done with it.
	patience *patience
	lateness *sync.WaitGroup
}

// An outline says in what a world differs from the plain one.
type outline struct {
	uat, production map[string]string // content; nil is a few Apex classes
	pace            time.Duration
	charter         func(*governance.Charter)
	url             bool // over loopback instead of in process
	line            bool // to production over a line that can be broken
}

func class(name, body string) map[string]string {
	return map[string]string{
		"classes/" + name + ".cls":          "public class " + name + " {\n" + body + "\n}\n",
		"classes/" + name + ".cls-meta.xml": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ApexClass xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <apiVersion>66.0</apiVersion>\n    <status>Active</status>\n</ApexClass>\n",
	}
}

func files(parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range parts {
		for k, v := range p {
			all[k] = v
		}
	}
	return all
}

func testClass(name, body string) map[string]string {
	f := class(name, body)
	f["classes/"+name+".cls"] = "@IsTest\n" + f["classes/"+name+".cls"]
	return f
}

const price = "    public static Integer net(Integer amount) {\n        return amount;\n    }"

// plainUAT has a changed class with a test, a new class, and lacks Old.
func plainUAT() map[string]string {
	return files(class("Price", price+"\n    // rounded"), class("Fresh", ""),
		testClass("PriceTest", "    @IsTest\n    static void nets() {\n        System.assertEquals(1, Price.net(1));\n    }"))
}

func plainProduction() map[string]string {
	return files(class("Price", price), class("Old", ""), class("Other", ""))
}

// newWorld makes a world; every test has its own, and all run at once.
func newWorld(t *testing.T, o outline) *world {
	t.Helper()
	t.Parallel()
	if o.pace == 0 {
		o.pace = -1
	}
	if o.uat == nil {
		o.uat = plainUAT()
	}
	if o.production == nil {
		o.production = plainProduction()
	}
	w := &world{t: t, ctx: t.Context(), dir: filepath.Join(t.TempDir(), "workspace"), people: map[string]store.Author{}, orgs: map[string]*demoorg.Org{},
		edges: map[string]*edge{}, grace: 60 * time.Millisecond, locked: map[string]bool{}, signIns: map[string]string{}, users: map[string]bool{}}
	for id, content := range map[string]map[string]string{"uat": o.uat, "production": o.production} {
		w.openOrg(id, content, o)
	}
	w.edge = w.edges["production"]
	st, err := store.Open(w.ctx, w.dir, store.Options{Now: w.now})
	w.ok(err)
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	w.store = st
	w.scan = &scan.Scanner{Store: st, Session: w.sessions(), Now: w.now}
	w.found(o.charter)
	for id, name := range map[string]string{"uat": "Demo UAT", "production": "Demo Production"} {
		w.ok(st.SaveEnvironment(w.ctx, "ana", &governance.Environment{ID: id, Name: name, Kind: governance.Demo, URL: "demo:" + id,
			SignIn: governance.SignInPassword, OrganizationID: w.orgs[id].Connection().OrganizationID}))
	}
	return w
}

func (w *world) now() time.Time { return time.Now().Add(w.late) }

func (w *world) openOrg(id string, content map[string]string, o outline) {
	w.t.Helper()
	org, err := demoorg.Open(filepath.Join(w.t.TempDir(), id), demoorg.Options{Kind: demoorg.Kind(id), Seed: w.seed(content), Pace: o.pace, Now: w.now})
	w.ok(err)
	w.orgs[id] = org
	if o.line && id == "production" {
		w.line, err = badnet.Open(org.Handler)
		w.ok(err)
		w.t.Cleanup(w.line.Close)
		w.patience, w.lateness = newPatience(), new(sync.WaitGroup)
	}
	e := &edge{}
	if e.next = org.Transport(); o.url {
		e.next = w.serve(org)
	}
	w.edges[id] = e
	w.t.Cleanup(func() {
		e.late.Wait()
		if err := org.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) seed(content map[string]string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "seed.zip")
	w.ok(os.WriteFile(path, zipOf(w.t, content, ""), 0o600))
	return path
}

func zipOf(t *testing.T, content map[string]string, top string) []byte {
	t.Helper()
	raw := map[string][]byte{}
	for p, c := range content {
		raw[p] = []byte(c)
	}
	tree, err := metadata.NewTree(raw)
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if err := tree.WriteZip(&zip, top); err != nil {
		t.Fatal(err)
	}
	return zip.Bytes()
}

func (w *world) found(edit func(*governance.Charter)) {
	w.t.Helper()
	members := []governance.Member{}
	for _, p := range []struct {
		id    string
		roles []governance.Role
	}{
		{"ana", []governance.Role{governance.Requester}},
		{"bo", []governance.Role{governance.Approver, governance.Owner}},
		{"cleo", []governance.Role{governance.Approver, governance.Owner}},
		{"dora", []governance.Role{governance.ReleaseManager}},
	} {
		identity, err := ledger.NewIdentity()
		w.ok(err)
		w.people[p.id] = store.Author{Member: p.id, Identity: identity}
		members = append(members, governance.Member{ID: p.id, Name: p.id, Roles: p.roles, Keys: []governance.Key{{Public: identity.Public()}}})
	}
	charter := governance.DemoCharter(members, w.orgs["uat"].Connection().OrganizationID, w.orgs["production"].Connection().OrganizationID, "nonce")
	if edit != nil {
		edit(&charter)
	}
	genesis, err := ledger.Genesis(w.people["bo"].Identity, charter, time.Now())
	w.ok(err)
	w.ok(w.store.Found(w.ctx, genesis))
}

func noValidationFirst(c *governance.Charter) { c.Environments[0].ValidationFirst = false }

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// sessions are one process's sign-ins.
func (w *world) sessions() func(context.Context, *governance.Environment) (*salesforce.Client, error) {
	var mu sync.Mutex
	clients := map[string]*salesforce.Client{}
	return func(_ context.Context, env *governance.Environment) (*salesforce.Client, error) {
		mu.Lock()
		defer mu.Unlock()
		if clients[env.ID] == nil {
			clients[env.ID] = w.client(env.ID)
		}
		return clients[env.ID], nil
	}
}

func (w *world) client(id string) *salesforce.Client {
	if other := w.signIns[id]; other != "" {
		id = other
	}
	session := func(context.Context) (*salesforce.Session, error) {
		c := w.orgs[id].Connection()
		if w.users[id] {
			c = w.orgs[id].SecondUser()
		}
		return &salesforce.Session{InstanceURL: c.URL, AccessToken: salesforce.NewSecret(c.AccessToken), OrganizationID: c.OrganizationID, APIVersion: "66.0"}, nil
	}
	s, _ := session(w.ctx)
	if id == "production" && w.line != nil {
		s.InstanceURL = w.line.URL()
		c := salesforce.NewClient(s, salesforce.Options{Transport: w.patience, PollInterval: time.Millisecond, DeployBy: w.by})
		w.t.Cleanup(c.Close)
		return c
	}
	return salesforce.NewClient(s, salesforce.Options{Transport: w.edges[id], Demo: true, PollInterval: time.Millisecond, Renew: session})
}

// runner is a newly started program on this workspace.
func (w *world) runner() *deploy.Runner {
	onUpdate, onSign := w.onUpdate, w.onSign
	r := &deploy.Runner{Store: w.store, Session: w.sessions(), Fetch: scan.Fetch, FirstPoll: 2 * time.Millisecond, LastPoll: 8 * time.Millisecond, Now: w.now,
		Grace:  func(governance.EnvironmentKind) time.Duration { return w.grace },
		Verify: func(context.Context) ([]string, error) { return w.findings, nil },
		Signer: func(_ context.Context, member string) (store.Author, error) {
			if onSign != nil {
				onSign()
			}
			if w.locked[member] {
				return store.Author{}, governance.Faultf("key_locked", "The keychain is locked.")
			}
			return w.people[member], nil
		}}
	if onUpdate != nil {
		r.OnUpdate = onUpdate
	}
	return r
}

// record makes a request and a record for it, scanned and approved.
func (w *world) record(edits ...func(*governance.DeploymentRecord)) *governance.DeploymentRecord {
	w.t.Helper()
	return w.recordOf(w.request(modify("Price"), modify("Fresh"), modify("PriceTest")), edits...)
}

func modify(class string) governance.Customization {
	return governance.Customization{Change: governance.Modify, Type: "ApexClass", Name: class}
}

func remove(class string) governance.Customization {
	return governance.Customization{Change: governance.Delete, Type: "ApexClass", Name: class}
}

// request makes an approved Change Request.
func (w *world) request(cs ...governance.Customization) string {
	w.t.Helper()
	cr := &governance.ChangeRequest{Name: "Round", Overview: "Amounts are rounded.", Type: governance.Minor, Customizations: cs}
	w.ok(w.store.CreateChangeRequest(w.ctx, w.people["ana"], cr))
	for _, act := range []struct {
		who string
		do  governance.Action
	}{{"ana", governance.Submit}, {"bo", governance.Approve}, {"cleo", governance.Approve}} {
		_, err := w.store.UpdateChangeRequest(w.ctx, cr.ID, w.people[act.who], func(cr *governance.ChangeRequest, s governance.Situation) (governance.Intent, error) {
			return cr.Do(s, governance.Deed{Action: act.do})
		})
		w.ok(err)
	}
	return cr.ID
}

func (w *world) recordOf(request string, edits ...func(*governance.DeploymentRecord)) *governance.DeploymentRecord {
	w.t.Helper()
	dr := &governance.DeploymentRecord{RequestID: request, Kind: governance.Deployment, Name: "Round in production", SourceID: "uat", TargetID: "production",
		Whole: true, Deployer: "dora", Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}}
	for _, e := range edits {
		e(dr)
	}
	w.ok(w.store.CreateDeploymentRecord(w.ctx, w.people["ana"], dr))
	return w.submit(dr.ID)
}

// submit scans a record and fills its seats.
func (w *world) submit(id string) *governance.DeploymentRecord {
	w.t.Helper()
	_, err := w.scan.Run(w.ctx, w.people["ana"], id)
	w.ok(err)
	w.act(id, "ana", governance.Submit)
	w.act(id, "bo", governance.Approve)
	return w.act(id, "cleo", governance.Approve)
}

func (w *world) act(id, who string, a governance.Action) *governance.DeploymentRecord {
	w.t.Helper()
	dr, err := w.tryAct(id, who, a)
	w.ok(err)
	return dr
}

func (w *world) tryAct(id, who string, a governance.Action) (*governance.DeploymentRecord, error) {
	return w.store.UpdateDeploymentRecord(w.ctx, id, w.people[who], func(dr *governance.DeploymentRecord, s governance.Situation) (governance.Intent, error) {
		return dr.Do(s, governance.Deed{Action: a, Reason: "As agreed."})
	})
}

// retrieved presses Retrieve Selected Customizations.
func (w *world) retrieved(dr *governance.DeploymentRecord) *governance.DeploymentRecord {
	w.t.Helper()
	l, err := w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	return dr
}

// start begins an attempt; nothing is sent yet.
func (w *world) start(dr *governance.DeploymentRecord, kind governance.AttemptKind) *governance.DeploymentLog {
	w.t.Helper()
	l, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, kind)
	w.ok(err)
	w.is(l, intent, governance.ResultNone)
	return l
}

// runs carries an attempt to its end in a new process.
func (w *world) runs(id string) *governance.DeploymentLog {
	w.t.Helper()
	l, err := w.runner().Run(w.ctx, id)
	w.ok(err)
	return l
}

// validating is an approved and retrieved record with a validation in intent.
func (w *world) validating() *governance.DeploymentLog {
	w.t.Helper()
	return w.start(w.retrieved(w.record()), validate)
}

func (w *world) log(id string) *governance.DeploymentLog {
	w.t.Helper()
	l, err := w.store.DeploymentLog(w.ctx, id)
	w.ok(err)
	return l
}

func (w *world) is(l *governance.DeploymentLog, p governance.Progress, r governance.Result) {
	w.t.Helper()
	if l == nil || l.Progress != p || l.Result != r {
		w.t.Fatalf("want %s %q, have %+v", p, r, l)
	}
}

func (w *world) fault(err error, code string) {
	w.t.Helper()
	if got := governance.FaultCode(err); got != code {
		w.t.Fatalf("want the fault %q, have %q: %v", code, got, err)
	}
}

// says demands a part of a sentence.
func (w *world) says(text string, parts ...string) {
	w.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			w.t.Errorf("%q is not in %q", p, text)
		}
	}
}

// sent lists the deployments that the target ever accepted.
func (w *world) sent() []demoorg.DeploymentSummary { return w.orgs["production"].Deployments() }

// onlyOne demands that the target accepted one deployment, and that the log
// knows it.
func (w *world) onlyOne(l *governance.DeploymentLog) {
	w.t.Helper()
	sent := w.sent()
	if len(sent) != 1 || sent[0].ID != l.AsyncID || sent[0].TopFolder != l.Marker || sent[0].ZipHash != l.ZipSHA256 {
		w.t.Fatalf("the org has %+v, the log %s, %s, %s", sent, l.AsyncID, l.Marker, l.ZipSHA256)
	}
}

// sound verifies the whole workspace, and that every result is signed.
func (w *world) sound() {
	w.t.Helper()
	report, err := w.store.Verify(w.ctx, store.VerifyOptions{})
	w.ok(err)
	for _, f := range report.Findings {
		w.t.Errorf("finding %s: %s", f.Code, f.Message)
	}
	waiting, err := w.store.DeploymentLogsAwaitingResult(w.ctx)
	w.ok(err)
	if len(waiting) > 0 {
		w.t.Errorf("%d results are not signed", len(waiting))
	}
}

// dies runs do in a goroutine that may end by kill, and waits for it.
func dies(do func()) {
	over := make(chan struct{})
	go func() {
		defer close(over)
		do()
	}()
	<-over
}

// kill ends the goroutine as the death of the process would: nothing more of it
// is written.
func kill() { runtime.Goexit() }

// until waits for something that another goroutine brings about.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("in ten seconds it did not come about that %s", what)
		}
	}
}

// deployAs sends a package of one's own to production, as another tool would.
func (w *world) deployAs(who demoorg.Connection, top string, checkOnly bool, content map[string]string) string {
	w.t.Helper()
	c := salesforce.NewClient(&salesforce.Session{InstanceURL: who.URL, AccessToken: salesforce.NewSecret(who.AccessToken), OrganizationID: who.OrganizationID, APIVersion: "66.0"},
		salesforce.Options{Transport: w.orgs["production"].Transport(), Demo: true})
	if content["package.xml"] == "" {
		keys := []metadata.Key{}
		for p := range content {
			if name, ok := strings.CutSuffix(strings.TrimPrefix(p, "classes/"), ".cls"); ok {
				keys = append(keys, metadata.Key{Type: "ApexClass", Name: name})
			}
		}
		content = files(content, map[string]string{"package.xml": string(metadata.ManifestOf("66.0", keys).Bytes())})
	}
	zip := zipOf(w.t, content, top)
	id, err := c.Deploy(w.ctx, bytes.NewReader(zip), int64(len(zip)), salesforce.DeployOptions{CheckOnly: checkOnly, RollbackOnError: true})
	w.ok(err)
	return id
}

// settled waits until an org has no deployment under way.
func (w *world) settled(id string) {
	w.t.Helper()
	w.until("the org is idle", func() bool {
		return !slices.ContainsFunc(w.orgs[id].Deployments(), func(d demoorg.DeploymentSummary) bool { return !salesforce.DeployStatus(d.Status).Done() })
	})
}

// An edge is the end of our network: every request passes it.
type edge struct {
	next http.RoundTripper
	late sync.WaitGroup // requests that arrive after their sender gave up

	mu sync.Mutex
	// dial fails before a byte is sent. once says that it is a call that is
	// never repeated.
	dial func(once bool) error
	// pass decides what becomes of a request that was written whole.
	pass func(op string, deliver func() (*http.Response, error)) (*http.Response, error)
}

var operation = regexp.MustCompile(`Body[^>]*>\s*<(?:\w+:)?(\w+)`)

func (e *edge) set(dial func(bool) error, pass func(string, func() (*http.Response, error)) (*http.Response, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dial, e.pass = dial, pass
}

func (e *edge) clear() { e.set(nil, nil) }

func (e *edge) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	dial, pass := e.dial, e.pass
	e.mu.Unlock()
	if dial != nil {
		if err := dial(r.Close); err != nil {
			return nil, err
		}
	}
	if pass == nil {
		return e.next.RoundTrip(r)
	}
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	op := "rest"
	if strings.Contains(r.URL.Path, "tooling/query") {
		op = "list"
	}
	if m := operation.FindSubmatch(body); m != nil {
		op = string(m[1])
	}
	return pass(op, func() (*http.Response, error) {
		again := r.Clone(context.WithoutCancel(r.Context())) // what was written arrives, whatever its sender does
		again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return e.next.RoundTrip(again)
	})
}

var errLost = fmt.Errorf("the connection broke: %w", io.ErrUnexpectedEOF)

// The accidents of a network, each for one operation and as often as times.
func (e *edge) lose(op string, times int) {
	e.onOp(op, times, func(func() (*http.Response, error)) (*http.Response, error) { return nil, errLost })
}

func (e *edge) loseAnswer(op string, times int) {
	e.onOp(op, times, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		if err := swallow(deliver); err != nil {
			return nil, err
		}
		return nil, errLost
	})
}

func swallow(deliver func() (*http.Response, error)) error {
	res, err := deliver()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return errors.Join(err, res.Body.Close())
}

func (e *edge) onOp(op string, times int, accident func(deliver func() (*http.Response, error)) (*http.Response, error)) {
	var mu sync.Mutex
	e.set(nil, func(have string, deliver func() (*http.Response, error)) (*http.Response, error) {
		mu.Lock()
		hit := have == op && times != 0
		if hit {
			times--
		}
		mu.Unlock()
		if hit {
			return accident(deliver)
		}
		return deliver()
	})
}

// rewrite changes the words of answers to an operation.
func (e *edge) rewrite(op string, words ...string) {
	e.onOp(op, -1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
		res, err := deliver()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		res.Body = io.NopCloser(strings.NewReader(strings.NewReplacer(words...).Replace(string(text))))
		return res, err
	})
}

func answer(status int, contentType, body string) *http.Response {
	return &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}, "Date": {time.Now().UTC().Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

func soapFault(code, text string) *http.Response {
	return answer(500, "text/xml; charset=utf-8", `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault><faultcode>sf:`+
		code+`</faultcode><faultstring>`+code+`: `+text+`</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`)
}

// identityOf is what production says of our user.
func identityOf(w *world) salesforce.Identity {
	w.t.Helper()
	who, err := w.client("production").Identity(w.ctx)
	w.ok(err)
	return who
}
