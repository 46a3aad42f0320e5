package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
	_ "github.com/glebarez/go-sqlite"
)

const (
	uat  = "00D000000000001AAA"
	prod = "00D000000000002AAA"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A world is the demo workspace with its four members: rita requests, ann and
// ben approve and own, max releases.
type world struct {
	t   testing.TB
	ctx context.Context
	dir string
	s   *store.Store
	now time.Time
	// what AfterCommit was told last
	head ledger.Head
	act  *ledger.SignedAct
}

func person(t testing.TB, name string) store.Author {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	id, err := ledger.IdentityFromSeed(seed[:])
	must(t, err)
	return store.Author{Member: name, Identity: id}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantFault(t testing.TB, err error, code string) {
	t.Helper()
	if got := governance.FaultCode(err); got != code {
		t.Fatalf("fault %q wanted, got %q (%v)", code, got, err)
	}
}

func genesis(t testing.TB) ledger.SignedAct {
	t.Helper()
	member := func(name string, roles ...governance.Role) governance.Member {
		return governance.Member{ID: name, Name: name, Keys: []governance.Key{{Public: person(t, name).Identity.Public()}}, Roles: roles}
	}
	c := governance.DemoCharter([]governance.Member{
		member("rita", governance.Requester),
		member("ann", governance.Approver, governance.Owner),
		member("ben", governance.Approver, governance.Owner),
		member("max", governance.ReleaseManager),
	}, uat, prod, "nonce")
	g, err := ledger.Genesis(person(t, "ann").Identity, c, begin)
	must(t, err)
	return g
}

func (w *world) options() store.Options {
	var mu sync.Mutex // doors are told in any order, also at once
	return store.Options{
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			w.now = w.now.Add(time.Second)
			return w.now
		},
		AfterCommit: func(h ledger.Head, a *ledger.SignedAct) {
			mu.Lock()
			defer mu.Unlock()
			w.head, w.act = h, a
		},
	}
}

// newWorld founds the workspace in a new folder.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), dir: filepath.Join(t.TempDir(), "a b#c%d?é"), now: begin}
	w.open()
	must(t, w.s.Found(w.ctx, genesis(t)))
	return w
}

func (w *world) open() {
	w.t.Helper()
	s, err := store.Open(context.Background(), w.dir, w.options())
	must(w.t, err)
	w.s = s
	w.t.Cleanup(func() { _ = s.Close() })
}

// by returns an author by name.
func (w *world) by(name string) store.Author { return person(w.t, name) }

func (w *world) draft(name string) *governance.ChangeRequest {
	w.t.Helper()
	cr := &governance.ChangeRequest{Name: name, Overview: "Amounts are rounded half up.", Type: governance.Minor,
		Customizations: []governance.Customization{{Change: governance.Modify, Name: "Billing", Type: "ApexClass"}}}
	must(w.t, w.s.CreateChangeRequest(w.ctx, w.by("rita"), cr))
	return cr
}

// request does an action on a Change Request and demands the status after it.
func (w *world) request(id, who string, do governance.Action, reason string, want governance.Status) *governance.ChangeRequest {
	w.t.Helper()
	cr, err := w.s.UpdateChangeRequest(w.ctx, id, w.by(who), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		return cr.Do(sit, governance.Deed{Action: do, Reason: reason})
	})
	must(w.t, err)
	if cr.Status != want {
		w.t.Fatalf("%s by %s: %s is %s, want %s", do, who, cr.Label(), cr.Status, want)
	}
	return cr
}

func (w *world) record(id, who string, do governance.Action, reason string, want governance.Status) *governance.DeploymentRecord {
	w.t.Helper()
	dr, err := w.s.UpdateDeploymentRecord(w.ctx, id, w.by(who), func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error) {
		return dr.Do(sit, governance.Deed{Action: do, Reason: reason})
	})
	must(w.t, err)
	if dr.Status != want {
		w.t.Fatalf("%s by %s: %s is %s, want %s", do, who, dr.Label(), dr.Status, want)
	}
	return dr
}

// approved takes a new request to Approved: one Apex class needs two in order.
func (w *world) approved(name string) *governance.ChangeRequest {
	w.t.Helper()
	cr := w.draft(name)
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(cr.ID, "ann", governance.Approve, "", governance.Pending)
	return w.request(cr.ID, "ben", governance.Approve, "", governance.Approved)
}

func (w *world) blob(content string) string {
	w.t.Helper()
	sum, _, err := w.s.PutBlob(w.ctx, bytes.NewReader([]byte(content)))
	must(w.t, err)
	return sum
}

func (w *world) recordDraft(cr *governance.ChangeRequest, target string) *governance.DeploymentRecord {
	w.t.Helper()
	dr := &governance.DeploymentRecord{RequestID: cr.ID, Kind: governance.Deployment, Name: "To production", SourceOrg: uat, TargetOrg: target,
		TargetKind: governance.Demo, Whole: true, Customizations: cr.Customizations,
		Options:    governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests},
		APIVersion: "66.0", Deployer: "max", RequestDigest: cr.Revision, Package: "h1:package", Base: "h1:base", SourceNormal: "h1:source",
		Reverse: "h1:reverse", NormalForm: 1, PackageBlob: w.blob("package of " + cr.Name)}
	must(w.t, w.s.CreateDeploymentRecord(w.ctx, w.by("rita"), dr))
	return dr
}

func (w *world) approvedRecord(cr *governance.ChangeRequest) *governance.DeploymentRecord {
	w.t.Helper()
	dr := w.recordDraft(cr, prod)
	w.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
	w.record(dr.ID, "ann", governance.Approve, "", governance.Pending)
	return w.record(dr.ID, "ben", governance.Approve, "", governance.Approved)
}

// question is what the deployer's machine computed and the org said.
func (w *world) question(*governance.History, *governance.ChangeRequest, *governance.DeploymentRecord) governance.Question {
	return governance.Question{Package: "h1:package", Base: "h1:base", Target: prod, TargetKind: governance.Demo, Now: w.now}
}

func (w *world) start(dr *governance.DeploymentRecord, kind governance.AttemptKind) *governance.DeploymentLog {
	w.t.Helper()
	log := &governance.DeploymentLog{RecordID: dr.ID, Kind: kind}
	dec, err := w.s.StartAttempt(w.ctx, w.by("max"), log, func(h *governance.History, cr *governance.ChangeRequest, r *governance.DeploymentRecord) governance.Question {
		log.Marker = "cs-" + log.ID[:8]
		return w.question(h, cr, r)
	})
	must(w.t, err)
	if !dec.Open {
		w.t.Fatalf("the gate is closed: %v", dec.Reasons())
	}
	return log
}

func (w *world) move(id string, p governance.Progress, edit func(*governance.DeploymentLog)) *governance.DeploymentLog {
	w.t.Helper()
	l, err := w.s.UpdateDeploymentLog(w.ctx, id, nil, func(l *governance.DeploymentLog) (governance.Intent, error) {
		l.Progress = p
		if edit != nil {
			edit(l)
		}
		return governance.Intent{}, nil
	})
	must(w.t, err)
	return l
}

// finish follows an attempt to its result, signed by who.
func (w *world) finish(id, who string, result governance.Result) *governance.DeploymentLog {
	w.t.Helper()
	w.move(id, governance.ProgressSending, nil)
	w.move(id, governance.ProgressRunning, func(l *governance.DeploymentLog) { l.AsyncID = "0Af" + id[:12] })
	answer := w.blob("answer " + id)
	w.move(id, governance.ProgressDone, func(l *governance.DeploymentLog) { l.Result, l.CompletedAt, l.RawBlob = result, w.now, answer })
	by := w.by(who)
	l, err := w.s.UpdateDeploymentLog(w.ctx, id, &by, ending(w.now))
	must(w.t, err)
	return l
}

func ending(completed time.Time) func(l *governance.DeploymentLog) (governance.Intent, error) {
	return func(l *governance.DeploymentLog) (governance.Intent, error) {
		typ := governance.ActResult
		if l.Kind == governance.AttemptValidate {
			typ = governance.ActValidated
		}
		return governance.Intent{Type: typ, Subject: l.RecordID, Body: governance.Ending{AsyncID: l.AsyncID, CompletedAt: completed.Format(time.RFC3339), Detail: l.RawBlob,
			Kind: l.Kind, Package: l.Package, Result: l.Result, Revision: l.Revision, Start: l.StartAct, Status: "Succeeded"}}, nil
	}
}

// deployed validates and deploys a record.
func (w *world) deployed(dr *governance.DeploymentRecord) *governance.DeploymentLog {
	w.t.Helper()
	w.finish(w.start(dr, governance.AttemptValidate).ID, "max", governance.ResultSucceeded)
	return w.finish(w.start(dr, governance.AttemptDeploy).ID, "max", governance.ResultSucceeded)
}

func (w *world) environment(name, org string) *governance.Environment {
	w.t.Helper()
	e := &governance.Environment{Name: name, Kind: governance.Demo, URL: "demo:" + name, SignIn: governance.SignInPassword, OrganizationID: org}
	must(w.t, w.s.SaveEnvironment(w.ctx, "rita", e))
	return e
}

// sound demands that verifying finds nothing.
func (w *world) sound() store.Report {
	w.t.Helper()
	r, err := w.s.Verify(w.ctx, store.VerifyOptions{})
	must(w.t, err)
	for _, f := range r.Findings {
		w.t.Errorf("finding %s: %s", f.Code, f.Message)
	}
	return r
}

// byHand opens the database as an attacker would, past every rule, and closes
// it again.
func byHand(t testing.TB, dir string, do func(db *sql.DB)) {
	t.Helper()
	path := filepath.Join(dir, "workspace.db")
	hidden := filepath.Join(t.TempDir(), "alias.db") // a name that needs no escaping
	must(t, os.Symlink(path, hidden))
	db, err := sql.Open("sqlite", hidden)
	must(t, err)
	db.SetMaxOpenConns(1)
	do(db)
	must(t, db.Close())
}

func sqlExec(t testing.TB, db *sql.DB, q string, args ...any) {
	t.Helper()
	if _, err := db.Exec(q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}
