//go:build !windows

package workspace

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
)

// TestWithoutAnyNetwork drafts, saves, submits and approves in a network
// namespace of its own, where not even loopback is up.
func TestWithoutAnyNetwork(t *testing.T) {
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip("this system has no unshare to take the network away with")
	}
	args := []string{"--net"}
	if os.Geteuid() != 0 {
		args = append(args, "--user", "--map-root-user")
	}
	if err := exec.Command(unshare, append(args, "true")...).Run(); err != nil {
		t.Skipf("this system does not allow a network namespace: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), unshare, append(args, os.Args[0])...)
	cmd.Env = append(os.Environ(), "COUNTERSIGN_TEST_CHILD=offline", "OFFLINE_DATA="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func init() { children["offline"] = workOffline }

func workOffline() int {
	if err := offline(context.Background(), os.Getenv("OFFLINE_DATA")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func offline(ctx context.Context, data string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
			return errors.Join(errors.New("there is a network here"), c.Close(), l.Close())
		}
	}
	demo, err := Open(ctx, Options{Data: data, Demo: true})
	if err != nil {
		return err
	}
	if err := errors.Join(workThrough(ctx, demo, Ana, Bo, Cy), demo.Close()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	solo, err := CreateOwn(ctx, "Offline", "Kim", Options{Data: data, Chain: keychain.Memory()})
	if err != nil {
		return err
	}
	kim, err := solo.Me(ctx)
	if err != nil {
		return err
	}
	return errors.Join(workThrough(ctx, solo, kim.Member, kim.Member), solo.Close())
}

// workThrough drafts, saves an edit, submits and approves.
func workThrough(ctx context.Context, w *Workspace, author string, approvers ...string) error {
	cr, err := w.NewChangeRequest(ctx, author, governance.ChangeRequest{Name: "On the train"})
	if err != nil {
		return err
	}
	if _, err := w.EditChangeRequest(ctx, author, cr.ID, func(cr *governance.ChangeRequest) error {
		cr.Overview, cr.Type, cr.Customizations = "Written without a network.", governance.Major, oneValueSet
		return nil
	}); err != nil {
		return err
	}
	if cr, err = w.Do(ctx, author, cr.ID, governance.Deed{Action: governance.Submit}); err != nil {
		return err
	}
	for _, m := range approvers {
		if cr.Status != governance.Pending {
			break
		}
		if cr, err = w.Do(ctx, m, cr.ID, governance.Deed{Action: governance.Approve}); err != nil {
			return err
		}
	}
	if cr.Status != governance.Approved {
		return fmt.Errorf("the request is %s", cr.Status)
	}
	return nil
}
