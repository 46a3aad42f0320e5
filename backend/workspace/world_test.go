package workspace

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/store"
)

func TestMain(m *testing.M) {
	if play, ok := children[os.Getenv("COUNTERSIGN_TEST_CHILD")]; ok {
		os.Exit(play())
	}
	os.Exit(m.Run())
}

// children are what this test binary does when it is started as a process of
// its own.
var children = map[string]func() int{}

func wantFault(t *testing.T, err error, code string) *governance.Fault {
	t.Helper()
	var f *governance.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("got %v (code %q), want the fault %s", err, governance.FaultCode(err), code)
	}
	if !strings.HasSuffix(f.Message, ".") || strings.Contains(f.Error(), "%!") {
		t.Errorf("not a sentence: %q", f.Error())
	}
	return f
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openTestDemo opens the demo workspace of a data folder, with orgs that do not
// wait, until the test ends.
func openTestDemo(t *testing.T, data string, change ...func(*Options)) *Workspace {
	t.Helper()
	o := Options{Data: data, Demo: true, Pace: -1}
	for _, c := range change {
		c(&o)
	}
	w, err := Open(t.Context(), o)
	ok(t, err)
	return closing(t, w)
}

// closing closes a workspace at the end of the test, unless it was before.
func closing(t *testing.T, w *Workspace) *Workspace {
	t.Cleanup(func() {
		if err := w.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return w
}

// createSolo makes a solo workspace whose keychain outlives it.
func createSolo(t *testing.T, data string, chain keychain.Chain) *Workspace {
	t.Helper()
	w, err := CreateOwn(t.Context(), "My orgs", "Kim Admin", Options{Data: data, Chain: chain})
	ok(t, err)
	return closing(t, w)
}

func me(t *testing.T, w *Workspace) string {
	t.Helper()
	a, err := w.Me(t.Context())
	ok(t, err)
	return a.Member
}

// serveOrg serves a demo org on loopback.
func serveOrg(t *testing.T, kind demoorg.Kind, dir string) (demoorg.Connection, *demoorg.Org) {
	t.Helper()
	org, err := demoorg.Open(dir, demoorg.Options{Kind: kind, Pace: -1})
	ok(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	server := &http.Server{Handler: org.Handler(l.Addr().String())}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		ok(t, server.Close())
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		ok(t, org.Close())
	})
	return org.Connection(), org
}

// closedPort is a loopback address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	ok(t, l.Close())
	return "http://" + l.Addr().String()
}

var oneValueSet = []governance.Customization{{Change: governance.Modify, Type: "GlobalValueSet", Name: "Renewal_Stage"}}

func (w *Workspace) draftFor(t *testing.T, by string) *governance.ChangeRequest {
	t.Helper()
	cr, err := w.NewChangeRequest(t.Context(), by, governance.ChangeRequest{Name: "Renewal stages", Overview: "Sales asks for them.", Customizations: oneValueSet})
	ok(t, err)
	return cr
}

func (w *Workspace) mustDo(t *testing.T, by, id string, action governance.Action) *governance.ChangeRequest {
	t.Helper()
	cr, err := w.Do(t.Context(), by, id, governance.Deed{Action: action})
	ok(t, err)
	return cr
}

// approvedRecord takes one customization as far as an approved record.
func (w *Workspace) approvedRecord(t *testing.T) *governance.DeploymentRecord {
	t.Helper()
	ctx := t.Context()
	for _, env := range []string{DemoSource, DemoTarget} {
		_, err := w.TestConnection(ctx, Ana, env)
		ok(t, err)
	}
	cr := w.draftFor(t, Ana)
	cr = w.mustDo(t, Ana, cr.ID, governance.Submit)
	for _, m := range []string{Bo, Cy} {
		if cr.Status == governance.Pending {
			cr = w.mustDo(t, m, cr.ID, governance.Approve)
		}
	}
	dr, err := w.NewDeploymentRecord(ctx, Ana, governance.DeploymentRecord{RequestID: cr.ID, SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee,
		Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.NoTestRun}})
	ok(t, err)
	ana, err := w.Author(ctx, Ana)
	ok(t, err)
	_, err = w.Scanner.Run(ctx, ana, dr.ID)
	ok(t, err)
	for _, step := range []struct {
		by     string
		action governance.Action
	}{{Ana, governance.Submit}, {Bo, governance.Approve}, {Cy, governance.Approve}} {
		if dr.Status == governance.Approved {
			break
		}
		dr, err = w.DoRecord(ctx, step.by, dr.ID, governance.Deed{Action: step.action})
		ok(t, err)
	}
	if dr.Status != governance.Approved {
		t.Fatalf("the record is %s", dr.Status)
	}
	return dr
}

func (w *Workspace) deployer(t *testing.T) store.Author {
	t.Helper()
	dee, err := w.Author(t.Context(), Dee)
	ok(t, err)
	return dee
}

// copyFolder copies what is in a folder, as somebody with a file manager would.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	ok(t, copyPrivate(from, to))
}

// holding names the files of a folder, but those of one inside it, that hold a
// secret in any of its forms.
func holding(t *testing.T, dir, except string, forms [][]byte) []string {
	t.Helper()
	found := []string{}
	ok(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if except != "" && path == except {
				return filepath.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, f := range forms {
			if bytes.Contains(b, f) {
				found = append(found, path)
			}
		}
		return nil
	}))
	return found
}

func findings(fs []store.Finding) string {
	lines := []string{}
	for _, f := range fs {
		lines = append(lines, f.Code+": "+f.Message)
	}
	return strings.Join(lines, "\n")
}
