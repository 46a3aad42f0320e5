package terminal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestTheDemoFromStartToEnd(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	out := mustRun(t, "demo", "--data", data)
	if strings.ContainsAny(out, "\x1b\r\t") {
		t.Error("what goes into a pipe is not plain")
	}
	wantTitles(t, out, titlesUpTo(sceneNames()[len(sceneNames())-1]))
	for title, proof := range map[string]string{
		"Approve one's own request":     "authors do not approve their own change",
		"Deploy without approval":       "is Pending Approval, not Approved.",
		"Set Approved by hand":          "the database says Approved, the signed acts say Pending Approval.",
		"Change the source afterwards":  "RenewalService.cls was changed in Demo UAT by Robin Admin",
		"Change the target afterwards":  "was changed in Demo Production by Robin Admin",
		"Deploy without a validation":   "No validation of this package has succeeded",
		"Validate with a failing test":  "DiscountCalculatorTest.",
		"Deploy the same once more":     "was deployed already",
		"Forge one byte (on a copy)":    "is not what was signed",
		"Approve the Change Request":    "Bo and Cy signed revision",
		"Approve the Deployment Record": "Bo and Cy signed revision",
		"Add what was forgotten":        "approved again in round 2",
		"Check Dependencies":            "1 missing; ",
		"Check Dependencies again":      "0 missing; ",
		"Deploy Retrieved":              "32 tests passed",
		"Check the way back":            "would accept all 19 components",
		"Complete the Change Request":   "CR-0001 is Completed",
		"Verify the audit trail":        "the keychain remembers this head",
	} {
		if l := step(t, out, title, 0); !strings.Contains(l, proof) {
			t.Errorf("%q does not prove %q", l, proof)
		}
	}
	refused := 0
	for _, l := range steps(out) {
		if strings.HasPrefix(l, "⊘") {
			refused++
		} else if !strings.HasPrefix(l, "✓") {
			t.Errorf("neither done nor refused: %s", l)
		}
		if strings.Contains(l, "%!") || strings.HasSuffix(l, " ") || strings.Contains(l, ". .") || strings.Contains(l, "..") {
			t.Errorf("not well written: %q", l)
		}
	}
	if refused != 9 || !strings.Contains(out, "\nAll of it held, in ") || !strings.HasSuffix(out, "countersign verify --data "+data+"\n") {
		t.Errorf("%d refusals in\n%s", refused, out)
	}
	if n := realDeployments(t, data); n != 1 {
		t.Errorf("%d deployments reached the target", n)
	}
	completed(t, data)
	if out := mustRun(t, "verify", "--data", data); !strings.Contains(out, "no older copy was put back") {
		t.Error(out)
	}

	again := mustRun(t, "demo", "--data", data)
	if !strings.Contains(step(t, again, "Take up the last run", 0), "is whole") || strings.Count(again, "done before") != len(scenes())-3 {
		t.Errorf("the second run:\n%s", again)
	}
	if n := realDeployments(t, data); n != 1 {
		t.Errorf("after the second run %d deployments reached the target", n)
	}
}

func TestTheDemoStepByStep(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	done := 0
	stops := []string{"open", "draft", "own", "extend", "unapproved", "forged-status", "source-moved", "target-mended", "failing-test", "validate", "deploy", "twice", "complete-record"}
	if raceDetector {
		stops = []string{"extend", "source-moved", "deploy"}
	}
	for _, until := range stops {
		out := mustRun(t, "demo", "--data", data, "--until", until)
		titles := titlesUpTo(until)
		if done > 0 {
			titles = append([]string{"Take up the last run"}, titles...)
		}
		wantTitles(t, out, titles)
		if strings.Contains(out, "All of it held") {
			t.Errorf("--until %s says that all of it held", until)
		}
		if n := strings.Count(out, "done before"); done > 0 && n != done-1 { // opening is done each time
			t.Errorf("--until %s: %d steps were done before, not %d\n%s", until, n, done-1, out)
		}
		done = len(titlesUpTo(until))
	}
	if out := mustRun(t, "demo", "--data", data); !strings.Contains(out, "All of it held") {
		t.Error(out)
	}
	if n := realDeployments(t, data); n != 1 {
		t.Errorf("%d deployments reached the target", n)
	}
	completed(t, data)
}

func TestArguments(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "none.json")
	for _, c := range []struct {
		args string
		code int
		says string // in stdout or stderr
	}{
		{"", exitOK, "Exit codes: 0 all held"},
		{"help", exitOK, "countersign demo-org --org"},
		{"--help", exitOK, "countersign verify"},
		{"version", exitOK, "countersign "},
		{"demo --help", exitOK, "-until"},
		{"demo --until list", exitOK, "approve-record     Approve the Deployment Record"},
		{"dmeo", exitUsage, `no subcommand "dmeo"`},
		{"demo --until nowhere", exitUsage, `no step "nowhere"`},
		{"demo --colour", exitUsage, "flag provided but not defined"},
		{"demo twice", exitUsage, `does not understand "twice"`},
		{"demo --source " + file, exitUsage, "both --source and --target"},
		{"demo --target " + file, exitUsage, "both --source and --target"},
		{"demo --source " + file + " --target " + file, exitWrong, "cannot be read"},
		{"demo-org --org dev --data " + t.TempDir(), exitUsage, "--org uat or --org production"},
		{"demo-org --org uat", exitUsage, "and --data DIR"},
		{"demo-org --org uat --listen 0.0.0.0:0 --data " + t.TempDir(), exitWrong, "on this computer only"},
		{"demo-org --org uat --listen :8080 --data " + t.TempDir(), exitWrong, "on this computer only"},
		{"demo-org --org uat --listen 192.168.1.1:80 --data " + t.TempDir(), exitWrong, "on this computer only"},
		{"demo-org --org uat --listen demo.example:80 --data " + t.TempDir(), exitWrong, "on this computer only"},
		{"demo-org --org uat --listen 127.0.0.1 --data " + t.TempDir(), exitWrong, "on this computer only"},
		{"verify --data " + file, exitWrong, "There is no workspace"},
		{"verify FILE", exitWrong, "There is no file FILE."},
		{"verify --data DIR FILE", exitUsage, "does not understand"},
	} {
		code, out, errs := countersign(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("countersign %s: exit %d\n%s%s", c.args, code, out, errs)
		}
		if code != exitOK && out != "" {
			t.Errorf("countersign %s: a mistake was written to the standard output: %s", c.args, out)
		}
	}
}

func TestTheGateRefusesForReal(t *testing.T) {
	t.Parallel()
	t.Run("the owners changed a policy after the approvals", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		mustRun(t, "demo", "--data", data, "--until", "target-mended")
		inDemo(t, data, func(ctx context.Context, w *workspace.Workspace) {
			_, err := w.ChangePolicies(ctx, workspace.Bo, func(c *governance.Charter) { c.Environments[0].ApprovalDays = 3 })
			ok(t, err)
			h, err := w.Store.History(ctx)
			ok(t, err)
			for _, a := range h.Thread(governance.GovernanceSubject) {
				if a.Type == governance.ActCharter {
					_, err = w.EndorsePolicies(ctx, workspace.Cy, a.ID)
					ok(t, err)
				}
			}
		})
		for range 2 { // and again, until somebody mends it
			code, out, errs := countersign(t, "demo", "--data", data)
			if code != exitRefused || !strings.Contains(errs, "The gate refused") || !strings.Contains(errs, "seats of DR-0001 are not filled") {
				t.Fatalf("exit %d\n%s%s", code, out, errs)
			}
			if !strings.Contains(step(t, out, "Retrieve Selected", 0), "the policy was changed after it") {
				t.Error(out)
			}
		}
		if n := realDeployments(t, data); n != 0 {
			t.Errorf("%d deployments reached the target", n)
		}
	})
	t.Run("a status was set by hand", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		mustRun(t, "demo", "--data", data, "--until", "unapproved")
		forge(t, data, "UPDATE deployment_records SET status = 'Approved'")
		code, out, errs := countersign(t, "demo", "--data", data)
		if code != exitWrong || !strings.Contains(out, "the database says Approved, the signed acts say Pending Approval") || !strings.Contains(errs, "cannot be trusted") {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	})
	t.Run("an approval was taken out", func(t *testing.T) {
		t.Parallel()
		data := t.TempDir()
		mustRun(t, "demo", "--data", data, "--until", "approve-record")
		forge(t, data, "DROP TRIGGER acts_remain; DELETE FROM acts WHERE type = 'dr.approve'")
		code, out, errs := countersign(t, "demo", "--data", data)
		if code == exitOK || realDeployments(t, data) != 0 {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
	})
}

// forge changes the database of a demo as somebody with the file in hand would:
// by way of a folder that is marked as a copy.
func forge(t *testing.T, data, statements string) {
	t.Helper()
	dir := filepath.Join(data, "demo")
	mark := filepath.Join(dir, "THROW-AWAY-COPY")
	ok(t, os.WriteFile(mark, nil, 0o600))
	ok(t, workspace.Forge(t.Context(), dir, statements))
	ok(t, os.Remove(mark))
}

func TestAnInterruptedDemoIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot send Ctrl-C to one other process there")
	}
	data := t.TempDir()
	stops := []string{"✓ Test Connection", "✓ Run Scan for the record", "✓ Mend the test", "✓ Validate Customizations", "✓ Deploy Retrieved"}
	if raceDetector {
		stops = []string{"✓ Run Scan for the record", "✓ Validate Customizations"}
	}
	for _, after := range stops {
		code, out, errs := interruptAfter(t, after, data)
		if code != exitWrong || !strings.Contains(errs, "Stopped. Run the same command again to go on.") || strings.Contains(errs, "went wrong") {
			t.Fatalf("after %q: exit %d\n%s%s", after, code, out, errs)
		}
	}
	if out := mustRun(t, "demo", "--data", data); !strings.Contains(out, "All of it held") {
		t.Error(out)
	}
	if n := realDeployments(t, data); n != 1 {
		t.Errorf("%d deployments reached the target", n)
	}
	completed(t, data)
}

// interruptAfter presses Ctrl-C when a line was printed.
func interruptAfter(t *testing.T, line, data string) (code int, out, errs string) {
	t.Helper()
	cmd := program(t, "demo", "--data", data)
	pipe, err := cmd.StdoutPipe()
	ok(t, err)
	var stderr, all bytes.Buffer
	cmd.Stderr = &stderr
	ok(t, cmd.Start())
	lines := bufio.NewScanner(pipe)
	for pressed := false; lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if !pressed && strings.HasPrefix(lines.Text(), line) {
			pressed = true
			ok(t, cmd.Process.Signal(os.Interrupt))
		}
	}
	_, err = io.Copy(&all, pipe)
	ok(t, err)
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), all.String(), stderr.String()
}

func TestWithoutAFolderNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("TMPDIR and Ctrl-C are for other systems")
	}
	for _, stop := range []bool{false, true} {
		tmp := t.TempDir()
		args := []string{"demo", "--until", "submit"}
		if stop {
			args = []string{"demo"}
		}
		cmd := program(t, args...)
		cmd.Env = append(cmd.Env, "TMPDIR="+tmp)
		pipe, err := cmd.StdoutPipe()
		ok(t, err)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		ok(t, cmd.Start())
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if stop && strings.HasPrefix(lines.Text(), "✓ Submit for Approval") {
				ok(t, cmd.Process.Signal(os.Interrupt))
			}
			if strings.Contains(lines.Text(), "Kept in") {
				t.Errorf("a folder that is gone is called kept: %s", lines.Text())
			}
		}
		err = cmd.Wait()
		if stop != (err != nil) || stop && !strings.Contains(stderr.String(), "nothing was kept") {
			t.Errorf("stopped %v: %v\n%s", stop, err, stderr.String())
		}
		left, err := os.ReadDir(tmp)
		ok(t, err)
		if len(left) > 0 {
			t.Errorf("stopped %v: %v was left behind", stop, left)
		}
	}
}
