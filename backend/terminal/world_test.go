package terminal

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// TestMain lets this binary be the program too: started with
// COUNTERSIGN_TEST_PROGRAM it runs a subcommand, with signals as main has them.
func TestMain(m *testing.M) {
	if os.Getenv("COUNTERSIGN_TEST_PROGRAM") == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// program prepares a subcommand as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "COUNTERSIGN_TEST_PROGRAM=1")
	return cmd
}

// countersign runs a subcommand in this process.
func countersign(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(t.Context(), args, nil, &out, &errs)
	return code, out.String(), errs.String()
}

// mustRun runs a subcommand that is to end well and returns what it printed.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := countersign(t, args...)
	if code != exitOK || errs != "" {
		t.Fatalf("countersign %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// steps are the printed lines of steps: what stands between a mark and the end.
func steps(out string) []string {
	lines := []string{}
	for _, l := range strings.Split(out, "\n") {
		if r := []rune(l); len(r) > 2 && strings.ContainsRune("✓⊘–·✗", r[0]) {
			lines = append(lines, l)
		}
	}
	return lines
}

// step is the printed line of a step by its title, the n-th of that title.
func step(t *testing.T, out, title string, n int) string {
	t.Helper()
	for _, l := range steps(out) {
		if strings.HasPrefix(string([]rune(l)[2:]), title) {
			if n--; n < 0 {
				return l
			}
		}
	}
	t.Fatalf("no step %q in\n%s", title, out)
	return ""
}

// inDemo opens the demo workspace of a data folder between two runs.
func inDemo(t *testing.T, data string, do func(context.Context, *workspace.Workspace)) {
	t.Helper()
	w, err := workspace.Open(t.Context(), workspace.Options{Data: data, Demo: true, Pace: -1})
	ok(t, err)
	do(t.Context(), w)
	ok(t, w.Close())
}

// realDeployments counts what the target of a demo on the embedded orgs took
// from Countersign: the other user's change is not one of them.
func realDeployments(t *testing.T, data string) int {
	t.Helper()
	n := 0
	inDemo(t, data, func(_ context.Context, w *workspace.Workspace) {
		org, err := w.EmbeddedOrg(workspace.DemoTarget)
		ok(t, err)
		for _, d := range org.Deployments() {
			if !d.CheckOnly && strings.HasPrefix(d.TopFolder, "cs-") {
				n++
			}
		}
	})
	return n
}

func completed(t *testing.T, data string) {
	t.Helper()
	inDemo(t, data, func(ctx context.Context, w *workspace.Workspace) {
		page, err := w.RequestRows(ctx, workspace.RequestQuery{})
		ok(t, err)
		crs := page.Items
		drs, err := w.Store.DeploymentRecords(ctx, "")
		ok(t, err)
		if len(crs) != 1 || crs[0].Status != governance.Completed || len(drs) != 1 || drs[0].Status != governance.Completed {
			t.Errorf("%d requests, %d records: %+v", len(crs), len(drs), crs)
		}
	})
}

func sceneNames() []string {
	names := []string{}
	for _, s := range scenes() {
		names = append(names, s.name)
	}
	return names
}

func titlesUpTo(name string) []string {
	titles := []string{}
	for _, s := range scenes()[:slices.Index(sceneNames(), name)+1] {
		titles = append(titles, s.title)
	}
	return titles
}

func wantTitles(t *testing.T, out string, titles []string) {
	t.Helper()
	got := steps(out)
	for i, title := range titles {
		if i >= len(got) || !strings.HasPrefix(string([]rune(got[i])[2:]), title) {
			t.Fatalf("step %d should be %q in\n%s", i, title, out)
		}
	}
	if len(got) != len(titles) {
		t.Errorf("%d steps, not %d:\n%s", len(got), len(titles), out)
	}
}

// writeFiles makes a folder of files.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		ok(t, os.MkdirAll(filepath.Dir(path), 0o700))
		ok(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}
