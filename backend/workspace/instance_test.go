package workspace

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"countersign/backend/governance"
)

func init() { children["hold"] = holdUntilTold }

// holdUntilTold opens the demo workspace, saves a draft and waits.
func holdUntilTold() int {
	ctx := context.Background()
	w, err := Open(ctx, Options{Data: os.Getenv("HOLD_DATA"), Demo: true, Pace: -1})
	if err == nil {
		_, err = w.NewChangeRequest(ctx, Ana, governance.ChangeRequest{Name: "Of the first instance"})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func TestASecondInstanceIsKeptOutAndNothingIsLost(t *testing.T) {
	data := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "COUNTERSIGN_TEST_CHILD=hold", "HOLD_DATA="+data)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	ok(t, err)
	stdout, err := cmd.StdoutPipe()
	ok(t, err)
	ok(t, cmd.Start())
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "open\n" {
		t.Fatalf("the first instance said %q, %v", line, err)
	}
	for range 3 {
		_, err = Open(t.Context(), Options{Data: data, Demo: true, Pace: -1})
		wantFault(t, err, "second_instance")
	}
	// However the first one ends, its lock ends with it.
	ok(t, cmd.Process.Kill())
	_ = cmd.Wait()    // killed
	_ = stdin.Close() // Wait may have done it
	w := openTestDemo(t, data)
	list, err := w.RequestRows(t.Context(), RequestQuery{})
	ok(t, err)
	if len(list.Items) != 1 || list.Items[0].Name != "Of the first instance" {
		t.Errorf("%+v", list)
	}
	report, err := w.VerifyWhole(t.Context(), nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Error(findings(report.Findings))
	}
}

func TestVerifyWorksBesideAnOpenWorkspace(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	cr := w.draftFor(t, Ana)
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	report, anchored, err := VerifyFolder(t.Context(), w.Dir(), nil, nil)
	ok(t, err)
	if len(report.Findings) > 0 || !anchored || report.Acts != 2 {
		t.Errorf("%d acts, anchored %v, %s", report.Acts, anchored, findings(report.Findings))
	}
}
