package ledger_test

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

const (
	uat  = "00D000000000001AAA"
	prod = "00D000000000002AAA"
	cr   = "request-1"
	dr   = "record-1"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// a person signs with one key; a second key is another person value with the
// same id.
type person struct {
	id   string
	key  ledger.Identity
	seq  int64
	prev string
}

func identity(t testing.TB, seed string) ledger.Identity {
	t.Helper()
	h := sha256.Sum256([]byte(seed))
	i, err := ledger.IdentityFromSeed(h[:])
	must(t, err)
	return i
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A world is a workspace with real keys, and everything that was signed in it.
type world struct {
	t      testing.TB
	ws     string
	people map[string]*person
	acts   []ledger.SignedAct
	revs   map[string][]byte
	v      *ledger.Verifier
	now    time.Time

	request governance.ChangeRequest
	record  governance.DeploymentRecord
}

func member(p *person, roles ...governance.Role) governance.Member {
	return governance.Member{ID: p.id, Name: p.id, Keys: []governance.Key{{Public: p.key.Public()}}, Roles: roles}
}

// newWorld founds a team: rita requests, ann, ben and cleo approve, max
// releases, olga and otto own.
func newWorld(t testing.TB, edit ...func(*governance.Charter)) *world {
	t.Helper()
	w := &world{t: t, people: map[string]*person{}, revs: map[string][]byte{}, v: ledger.NewVerifier(), now: start}
	for _, n := range []string{"rita", "ann", "ben", "cleo", "max", "olga", "otto", "mallory"} {
		w.people[n] = &person{id: n, key: identity(t, n)}
	}
	c := governance.Charter{Format: governance.CharterFormat, Name: "Team", Nonce: "n-1", OwnerThreshold: 2,
		Requests: governance.DefaultRequestPolicy(),
		Environments: []governance.Policy{
			governance.DefaultPolicy(governance.Production), governance.DefaultPolicy(governance.Sandbox)},
		Members: []governance.Member{
			member(w.people["rita"], governance.Requester),
			member(w.people["ann"], governance.Approver),
			member(w.people["ben"], governance.Approver),
			member(w.people["cleo"], governance.Approver, governance.Requester, governance.ReleaseManager),
			member(w.people["max"], governance.ReleaseManager),
			member(w.people["olga"], governance.Owner),
			member(w.people["otto"], governance.Owner),
		}}
	for _, e := range edit {
		e(&c)
	}
	g, err := ledger.Genesis(w.people["olga"].key, c, start)
	must(t, err)
	w.ws = g.ID
	w.acts = append(w.acts, g)
	w.people["olga"].seq, w.people["olga"].prev = 1, g.ID
	w.drafts()
	return w
}

// drafts fills in a change of one Apex class, which needs two approvals in
// order, and a record that brings it to production.
func (w *world) drafts() {
	class := []governance.Customization{{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}}
	w.request = governance.ChangeRequest{ID: cr, Number: 1, Name: "Round amounts", Overview: "Amounts are rounded half up.", Type: governance.Minor,
		Customizations: class, Authors: []string{"rita"}, Status: governance.InProgress}
	w.record = governance.DeploymentRecord{ID: dr, Number: 1, RequestID: cr, Kind: governance.Deployment, Name: "To production", SourceOrg: uat, TargetOrg: prod,
		TargetKind: governance.Production, Whole: true, Customizations: class, Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests},
		APIVersion: "66.0", Deployer: "max", Package: "h1:package", Base: "h1:base", SourceNormal: "h1:source", Reverse: "h1:reverse", NormalForm: 1,
		Authors: []string{"rita"}, Status: governance.InProgress}
}

func (w *world) evidence() ledger.Evidence {
	return ledger.Evidence{Workspace: w.ws, Acts: slices.Clone(w.acts), Revisions: w.revs}
}

func (w *world) assemble() (*governance.History, []string) {
	w.t.Helper()
	h, findings, err := w.v.Assemble(w.evidence())
	must(w.t, err)
	return h, findings
}

func (w *world) history() *governance.History {
	w.t.Helper()
	h, findings := w.assemble()
	if len(findings) > 0 {
		w.t.Fatalf("findings: %q", findings)
	}
	return h
}

// raw signs an intent with what it saw and under which charter, whatever the
// rules say, and publishes it.
func (w *world) raw(p *person, in governance.Intent, gov string, seen []string) ledger.SignedAct {
	w.t.Helper()
	a, err := p.key.Sign(in, ledger.Position{Workspace: w.ws, Governance: gov, Prev: p.prev, Seq: p.seq, Seen: seen}, w.now)
	must(w.t, err)
	p.seq, p.prev = p.seq+1, a.ID
	w.acts = append(w.acts, a)
	w.now = w.now.Add(time.Minute)
	return a
}

// sign signs having seen everything.
func (w *world) sign(who string, in governance.Intent) ledger.SignedAct {
	w.t.Helper()
	h := w.history()
	gov := h.Head()
	if gov == "" {
		gov = w.ws
	}
	return w.raw(w.people[who], in, gov, h.Heads(in.Subject))
}

// change proposes a charter and lets the other owner endorse it.
func (w *world) change(edit func(*governance.Charter)) ledger.SignedAct {
	w.t.Helper()
	in, err := ledger.NextCharter(w.history(), edit)
	must(w.t, err)
	a := w.sign("olga", in)
	w.sign("otto", ledger.Endorse(a.ID))
	if head := w.history().Head(); head != a.ID {
		w.t.Fatalf("the change did not come into force: %s", w.history().Trouble())
	}
	return a
}

func (w *world) requestDigest() string {
	w.t.Helper()
	d, b, err := ledger.RequestRevision(w.request.RevisionIn(w.ws, w.round(w.history().RequestStanding(cr))))
	must(w.t, err)
	w.revs[d] = b
	return d
}

// round is the one that the content belongs to: the one under way, or the next.
func (w *world) round(st governance.Standing) int64 {
	if st.Status == governance.InProgress {
		return st.Round + 1
	}
	return st.Round
}

func (w *world) recordDigest() string {
	w.t.Helper()
	d, b, err := ledger.RecordRevision(w.record.RevisionIn(w.ws, w.round(w.history().RecordStanding(dr))))
	must(w.t, err)
	w.revs[d] = b
	return d
}

// onRequest does a lifecycle action as the application does it.
func (w *world) onRequest(who string, d governance.Deed) ledger.SignedAct {
	w.t.Helper()
	in, err := w.request.Do(governance.Situation{History: w.history(), By: who, Records: []governance.DeploymentRecord{w.record}}, d)
	if err != nil {
		w.t.Fatalf("%s by %s: %v", d.Action, who, err)
	}
	a := w.sign(who, in)
	w.cache()
	return a
}

func (w *world) onRecord(who string, d governance.Deed) ledger.SignedAct {
	w.t.Helper()
	in, err := w.record.Do(governance.Situation{History: w.history(), By: who}, d)
	if err != nil {
		w.t.Fatalf("%s by %s: %v", d.Action, who, err)
	}
	a := w.sign(who, in)
	w.cache()
	return a
}

// cache copies the statuses from the acts, as the store does.
func (w *world) cache() {
	h, _ := w.assemble()
	r, d := h.RequestStanding(cr), h.RecordStanding(dr)
	w.request.Status, w.request.Round, w.request.Revision = r.Status, r.Round, r.Revision
	w.record.Status, w.record.Round, w.record.Revision = d.Status, d.Round, d.Revision
}

func (w *world) submitRequest() {
	w.t.Helper()
	w.onRequest("rita", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
}

func (w *world) submitRecord() {
	w.t.Helper()
	w.record.RequestDigest = w.history().RequestStanding(cr).Revision
	w.onRecord("rita", governance.Deed{Action: governance.Submit, Revision: w.recordDigest()})
}

var approve = governance.Deed{Action: governance.Approve}

// approved brings request and record to Approved.
func (w *world) approved() *world {
	w.t.Helper()
	w.submitRequest()
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	return w
}

// attempt signs the start and the end of one attempt by max.
func (w *world) attempt(kind governance.AttemptKind, n int64, result governance.Result) {
	w.t.Helper()
	s := w.started(kind, n)
	w.ended(s, kind, result, "0Af000000000001AAA")
}

func (w *world) started(kind governance.AttemptKind, n int64) ledger.SignedAct {
	w.t.Helper()
	return w.sign("max", governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: n, Base: w.record.Base, Kind: kind,
		Log: "log-1", Marker: "m", Package: w.record.Package, Revision: w.record.Revision, Target: w.record.TargetOrg}})
}

func (w *world) ended(s ledger.SignedAct, kind governance.AttemptKind, result governance.Result, async string) ledger.SignedAct {
	w.t.Helper()
	typ := governance.ActResult
	if kind == governance.AttemptValidate {
		typ = governance.ActValidated
	}
	return w.sign("max", governance.Intent{Type: typ, Subject: dr, Body: governance.Ending{AsyncID: async, CompletedAt: w.now.Format(time.RFC3339),
		Components: 1, Kind: kind, Package: w.record.Package, Result: result, Revision: w.record.Revision, Start: s.ID, Status: "Succeeded"}})
}

// question asks the gate as deploy does, with everything as it should be.
func (w *world) question(kind governance.AttemptKind) governance.Question {
	w.t.Helper()
	h, findings := w.assemble()
	request, record := w.request, w.record
	rd, _, err := ledger.RequestRevision(request.RevisionIn(w.ws, w.round(h.RequestStanding(cr))))
	must(w.t, err)
	dd, _, err := ledger.RecordRevision(record.RevisionIn(w.ws, w.round(h.RecordStanding(dr))))
	must(w.t, err)
	return governance.Question{History: h, Request: &request, Record: &record, RequestDigest: rd, RecordDigest: dd, Kind: kind,
		Package: record.Package, Base: record.Base, Target: record.TargetOrg, TargetKind: record.TargetKind, Deployer: record.Deployer, Findings: findings, Now: w.now}
}

func (w *world) digestOf(r governance.RequestRevision) string {
	w.t.Helper()
	d, b, err := ledger.RequestRevision(r)
	must(w.t, err)
	w.revs[d] = b
	return d
}
