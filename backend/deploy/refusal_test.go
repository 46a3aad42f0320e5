package deploy_test

import (
	"bytes"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"syscall"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/store"
)

// What the org, or the network before it, certainly did not take returns to
// intent and says why; the person gives it up and begins anew.
func TestDefiniteRefusals(t *testing.T) {
	say := func(res func() *http.Response) func(*edge) {
		return func(e *edge) {
			e.onOp("deploy", 1, func(func() (*http.Response, error)) (*http.Response, error) { return res(), nil })
		}
	}
	for _, tc := range []struct {
		name    string
		refuse  func(*edge)
		message []string
	}{
		{"nobody listens", func(e *edge) {
			e.set(func(once bool) error {
				if once {
					return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
				}
				return nil
			}, nil)
		}, []string{"Nothing answers at"}},
		{"a 403 in JSON", say(func() *http.Response {
			return answer(403, "application/json", `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`)
		}), []string{"no API calls left"}},
		{"a 404", say(func() *http.Response { return answer(404, "text/html", "<html>gone</html>") }), []string{}},
		{"a SOAP fault", say(func() *http.Response { return soapFault("INSUFFICIENT_ACCESS", "no rights") }), []string{}},
		{"a session that ended", say(func() *http.Response { return soapFault("INVALID_SESSION_ID", "ended") }), []string{"expired"}},
		{"a 503 of the org", say(func() *http.Response { return soapFault("SERVER_UNAVAILABLE", "busy") }), []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, outline{})
			l := w.validating()
			tc.refuse(w.edge)
			l, err := w.runner().Run(w.ctx, l.ID)
			if governance.FaultCode(err) == "" {
				t.Fatalf("no fault: %v", err)
			}
			w.is(l, intent, governance.ResultNone)
			w.says(l.Message, append(tc.message, "Nothing was deployed. ")...)
			w.edge.clear()
			dr, err := w.store.DeploymentRecord(w.ctx, l.RecordID)
			w.ok(err)
			_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, validate)
			w.fault(err, "target_busy")
			_, err = w.runner().GiveUp(w.ctx, l.ID)
			w.ok(err)
			again := w.runs(w.start(dr, validate).ID)
			w.is(again, done, governance.ResultSucceeded)
			w.onlyOne(again)
			w.sound()
		})
	}
}

// The refused attempt itself may also be tried again.
func TestARefusedAttemptGoesOn(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	w.edge.onOp("deploy", 1, func(func() (*http.Response, error)) (*http.Response, error) {
		return soapFault("SERVER_UNAVAILABLE", "busy"), nil
	})
	_, err := w.runner().Run(w.ctx, l.ID)
	if err == nil {
		t.Fatal("no error")
	}
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
}

// What a gateway says when it gave up waiting is no answer of the org.
func TestAGatewaysWordIsNoAnswer(t *testing.T) {
	for name, res := range map[string]func() *http.Response{
		"time-out": func() *http.Response { return answer(504, "text/html", "<html>Gateway Timeout</html>") },
		"a page":   func() *http.Response { return answer(200, "text/html", "<html>Welcome</html>") },
		"half":     func() *http.Response { return answer(200, "text/xml", "<soapenv:Envelope") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, outline{})
			l := w.validating()
			w.edge.onOp("deploy", 1, func(deliver func() (*http.Response, error)) (*http.Response, error) {
				return res(), swallow(deliver)
			})
			l = w.runs(l.ID)
			w.is(l, done, governance.ResultSucceeded)
			w.onlyOne(l)
		})
	}
}

// Content that was damaged on disk is refused before anything is sent.
func TestADamagedPackageIsNotSent(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	l := w.start(dr, validate)
	damage(t, w, dr.PackageBlob)
	l, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "blob_altered")
	w.is(l, intent, governance.ResultNone)
	if len(w.sent()) != 0 {
		t.Errorf("%+v", w.sent())
	}
	_, err = w.runner().GiveUp(w.ctx, l.ID)
	w.ok(err)
	_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, validate)
	w.fault(err, "blob_altered")
}

func damage(t *testing.T, w *world, sha string) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(filepath.Join(w.dir, "blobs"), func(path string, e os.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != sha {
			return err
		}
		found++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[len(data)/2] ^= 1
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o600)
	})
	w.ok(err)
	if found != 1 {
		t.Fatalf("%d blobs %s", found, sha)
	}
}

// A blob of another package under the record's name is not what was approved.
func TestAnotherPackageIsNotSent(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	l := w.start(dr, validate)
	other := w.recordOf(w.request(modify("Fresh")))
	w.swapBlob(dr.ID, other.PackageBlob)
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "package_differs")
	if len(w.sent()) != 0 {
		t.Errorf("%+v", w.sent())
	}
}

// The zip goes out with the marker as its only top folder.
func TestTheZipIsTheMarkersFolder(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	l := w.runs(w.start(dr, validate).ID)
	w.onlyOne(l)
	if !strings.HasPrefix(l.Marker, "cs-") || len(l.Marker) != 35 {
		t.Errorf("%s", l.Marker)
	}
	pack, err := w.store.ReadBlob(dr.PackageBlob)
	w.ok(err)
	if hash := hashOf(t, pack); hash != l.Package || hash != dr.Package {
		t.Errorf("%s, %s, %s", hash, l.Package, dr.Package)
	}
}

// The gate at the start, with everything measured anew.
func TestTheGateAtTheStart(t *testing.T) {
	start := func(w *world, dr *governance.DeploymentRecord, who string, kind governance.AttemptKind) error {
		_, err := w.runner().Start(w.ctx, w.people[who], dr.ID, kind)
		return err
	}
	for _, tc := range []struct {
		name, code string
		try        func(w *world, dr *governance.DeploymentRecord) error
	}{
		{"not retrieved", "retrieved", func(w *world, dr *governance.DeploymentRecord) error { return start(w, dr, "dora", validate) }},
		{"not validated", "validation", func(w *world, dr *governance.DeploymentRecord) error {
			return start(w, w.retrieved(dr), "dora", deployment)
		}},
		{"another deployer", "deployer", func(w *world, dr *governance.DeploymentRecord) error {
			return start(w, w.retrieved(dr), "bo", validate)
		}},
		{"a rollback", "wrong_kind", func(w *world, dr *governance.DeploymentRecord) error {
			return start(w, dr, "dora", governance.AttemptRollback)
		}},
		{"a retrieve", "wrong_kind", func(w *world, dr *governance.DeploymentRecord) error {
			return start(w, dr, "dora", governance.AttemptRetrieve)
		}},
		{"a finding in the trail", "trail", func(w *world, dr *governance.DeploymentRecord) error {
			w.runs(w.start(w.retrieved(dr), validate).ID)
			w.findings = []string{"Entry 7 was changed."}
			return start(w, dr, "dora", deployment)
		}},
		{"the target moved", "base", func(w *world, dr *governance.DeploymentRecord) error {
			w.retrieved(dr)
			w.deployAs(w.orgs["production"].SecondUser(), "", false, class("Price", price+"\n    // hotfix"))
			w.settled("production")
			return start(w, dr, "dora", validate)
		}},
		{"retrieved for another revision", "retrieved", func(w *world, dr *governance.DeploymentRecord) error {
			w.retrieved(dr)
			w.act(dr.ID, "ana", governance.Reopen)
			return start(w, w.submit(dr.ID), "dora", validate)
		}},
		{"reopened", "record_status", func(w *world, dr *governance.DeploymentRecord) error {
			w.retrieved(dr)
			return start(w, w.act(dr.ID, "ana", governance.Reopen), "dora", validate)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, outline{})
			before := w.record()
			w.fault(tc.try(w, before), tc.code)
			active, err := w.store.ActiveLogs(w.ctx)
			w.ok(err)
			if len(active) != 0 {
				t.Errorf("%+v", active)
			}
			w.sound()
		})
	}
}

// The environment leads to another org than the approved one.
func TestTheWrongOrgBehindAnEnvironment(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.retrieved(w.record())
	l := w.start(dr, validate)
	w.signIns["production"] = "uat"
	_, err := w.runner().Run(w.ctx, l.ID)
	w.fault(err, "wrong_org")
	_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, validate)
	refused := refusal(t, err)
	if !strings.Contains(strings.Join(refused.Reasons(), " "), "The approval is for the organisation "+dr.TargetOrg) {
		t.Errorf("%v", refused.Reasons())
	}
	_, err = w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.fault(err, "target")
	w.signIns = map[string]string{"uat": "production"}
	l, err = w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.fault(err, "wrong_org")
	w.is(l, done, governance.ResultFailed)
	w.says(l.Message, "another organisation")
}

// Another record to the same org waits until the first has ended.
func TestOneAttemptAtATime(t *testing.T) {
	w := newWorld(t, outline{})
	request := w.request(modify("Price"), modify("PriceTest"))
	first, second := w.retrieved(w.recordOf(request)), w.retrieved(w.recordOf(request))
	l := w.start(first, validate)
	_, err := w.runner().Start(w.ctx, w.people["dora"], second.ID, validate)
	w.fault(err, "target_busy")
	w.says(err.Error(), first.Label())
	w.runs(l.ID)
	w.is(w.runs(w.start(second, validate).ID), done, governance.ResultSucceeded)
	w.sound()
}

// The source was changed after the approval: the retrieve says what and by whom,
// and the gate stays closed.
func TestTheSourceMoved(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.recordOf(w.request(modify("Price"), modify("Fresh"), modify("PriceTest"), remove("Old")))
	uat := *w
	uat.orgs = map[string]*demoorg.Org{"production": w.orgs["uat"]}
	uat.deployAs(w.orgs["uat"].SecondUser(), "", false, class("Price", price+"\n    // changed behind their backs"))
	w.settled("uat")
	l, err := w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.ok(err)
	w.is(l, done, governance.ResultFailed)
	w.says(l.Message, "The source was changed after the approval: classes/Price.cls was changed in Demo UAT by ")
	if strings.Contains(l.Message, "destructive") || strings.Contains(l.Message, "Fresh") {
		t.Errorf("%s", l.Message)
	}
	_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, validate)
	w.fault(err, "package")
}

// The target was changed: the retrieve warns.
func TestTheTargetMoved(t *testing.T) {
	w := newWorld(t, outline{})
	dr := w.record()
	w.deployAs(w.orgs["production"].SecondUser(), "", false, class("Price", price+"\n    // hotfix"))
	w.settled("production")
	l, err := w.runner().Retrieve(w.ctx, w.people["dora"], dr.ID)
	w.ok(err)
	w.is(l, done, governance.ResultSucceeded)
	w.says(l.Message, "But the target was changed after the approval: classes/Price.cls was changed in Demo Production by ")
	if len(l.Outcome.Warnings) != 1 {
		t.Errorf("%v", l.Outcome.Warnings)
	}
}

// The key is locked when the result comes: it waits, and so does Complete.
func TestAResultWaitsForItsKey(t *testing.T) {
	w := newWorld(t, outline{charter: noValidationFirst})
	dr := w.retrieved(w.record())
	l := w.start(dr, deployment)
	w.locked["dora"] = true
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	if l.ResultAct != "" {
		t.Errorf("%+v", l)
	}
	_, err := w.store.UpdateDeploymentRecord(w.ctx, dr.ID, w.people["ana"], func(dr *governance.DeploymentRecord, s governance.Situation) (governance.Intent, error) {
		return dr.Do(s, governance.Deed{Action: governance.Complete})
	})
	if err == nil {
		t.Fatal("completed without a signed result")
	}
	_, err = w.runner().Start(w.ctx, w.people["dora"], dr.ID, deployment)
	w.fault(err, "once")
	_, err = w.runner().Resume(w.ctx) // still locked
	w.ok(err)
	w.locked["dora"] = false
	_, err = w.runner().Resume(w.ctx)
	w.ok(err)
	if l = w.log(l.ID); l.ResultAct == "" {
		t.Fatalf("%+v", l)
	}
	w.act(dr.ID, "ana", governance.Complete)
	w.sound()
}

// A key that is no longer the one of the start does not keep the target busy.
func TestAResultOfAnotherKeyWaits(t *testing.T) {
	w := newWorld(t, outline{})
	l := w.validating()
	dora := w.people["dora"]
	w.people["dora"] = store.Author{Member: "dora", Identity: w.people["bo"].Identity}
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	if l.ResultAct != "" {
		t.Errorf("%+v", l)
	}
	_, err := w.runner().Resume(w.ctx)
	w.fault(err, "wrong_key")
	w.people["dora"] = dora
	_, err = w.runner().Resume(w.ctx)
	w.ok(err)
	w.sound()
}

// Over a real socket: the connection breaks after the request went through.
func TestACutWire(t *testing.T) {
	w := newWorld(t, outline{})
	p := newProxy(t, w.orgs["production"])
	w.edge.next = p.transport()
	l := w.validating()
	p.cutAfter("<deploy ", "<deploy>", ":deploy>")
	l = w.runs(l.ID)
	w.is(l, done, governance.ResultSucceeded)
	w.onlyOne(l)
	if p.cuts() != 1 {
		t.Errorf("%d cuts", p.cuts())
	}
	w.sound()
}

func refusal(t *testing.T, err error) governance.Decision {
	t.Helper()
	var r *deploy.Refused
	if !errors.As(err, &r) {
		t.Fatalf("not refused: %v", err)
	}
	return r.Decision
}

func hashOf(t *testing.T, zip []byte) string {
	t.Helper()
	tree, err := metadata.ReadZip(bytes.NewReader(zip), int64(len(zip)), metadata.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return tree.Hash()
}

// swapBlob changes which blob a record names, as an attacker would.
func (w *world) swapBlob(record, sha string) {
	w.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, "workspace.db"))
	w.ok(err)
	_, err = db.Exec("UPDATE deployment_records SET package_blob = ? WHERE id = ?", sha, record)
	w.ok(errors.Join(err, db.Close()))
}

// Content edited by hand is called that, whatever else it also contradicts:
// asking a person to scan and submit it again would send them the wrong way.
func TestContentEditedByHandIsCalledThat(t *testing.T) {
	for _, set := range []string{"api_version = '60.0'", "source_normal = base"} {
		t.Run(set, func(t *testing.T) {
			w := newWorld(t, outline{})
			dr := w.retrieved(w.record())
			w.ok(store.Forge(w.ctx, w.dir, "UPDATE deployment_records SET "+set))
			_, err := w.runner().Start(w.ctx, w.people["dora"], dr.ID, validate)
			w.fault(err, "row_altered")
		})
	}
}
