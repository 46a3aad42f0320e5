//go:build linux

package keychain

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

// needsKeychain skips unless the run is meant to touch a real keychain.
func needsKeychain(t *testing.T) {
	t.Helper()
	if os.Getenv("COUNTERSIGN_TEST_KEYCHAIN") != "1" {
		t.Skip("Set COUNTERSIGN_TEST_KEYCHAIN=1 inside dbus-run-session with an unlocked keyring to test the system's keychain.")
	}
}

func causeIn(t *testing.T, err error) Cause {
	t.Helper()
	var u *ErrUnavailable
	if !errors.As(err, &u) || governance.FaultCode(err) != "keychain_unavailable" || errors.Is(err, ErrNotFound) {
		t.Fatalf("%v (%T) is not an ErrUnavailable", err, err)
	}
	return u.Cause
}

func TestSystemKeepsSecrets(t *testing.T) {
	needsKeychain(t)
	suite(t, System("countersign-test"))
}

func TestSystemServicesAreApart(t *testing.T) {
	needsKeychain(t)
	a, b := System("countersign-test-a"), System("countersign-test-b")
	if err := a.Set(t.Context(), "same", []byte("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(t.Context(), "same"); !errors.Is(err, ErrNotFound) {
		t.Errorf("one service reads another's secret: %v", err)
	}
	if err := a.Delete(t.Context(), "same"); err != nil {
		t.Error(err)
	}
}

func TestWithoutASessionBusNothingIsStarted(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	before := processes(t, "dbus-daemon") + processes(t, "gnome-keyring-d")
	c := System("countersign-test")
	if got := causeIn(t, c.Set(t.Context(), "a", []byte("b"))); got != None {
		t.Errorf("Set without a bus: %s", got)
	}
	_, err := c.Get(t.Context(), "a")
	if got := causeIn(t, err); got != None {
		t.Errorf("Get without a bus: %s", got)
	}
	if s := c.Status(t.Context()); s.Available || s.Cause != None || s.Message == "" || s.Hint == "" {
		t.Errorf("Status without a bus: %+v", s)
	}
	if after := processes(t, "dbus-daemon") + processes(t, "gnome-keyring-d"); after > before {
		t.Errorf("%d daemons were started", after-before)
	}
}

func processes(t *testing.T, name string) int {
	t.Helper()
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range dirs {
		comm, err := os.ReadFile("/proc/" + d.Name() + "/comm")
		if err == nil && strings.HasPrefix(string(comm), name) {
			n++
		}
	}
	return n
}

func TestABusThatIsNotThere(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/nobody")
	if inherited, ok := os.LookupEnv("COUNTERSIGN_INNER"); !ok || inherited == "" {
		out := again(t, "TestABusThatIsNotThere", nil)
		if !strings.Contains(out, "PASS") {
			t.Error(out)
		}
		return
	}
	if got := causeIn(t, System("countersign-test").Set(t.Context(), "a", []byte("b"))); got != None {
		t.Errorf("Set on a dead bus: %s", got)
	}
}

// again runs one test in a process of its own, because go-keyring keeps the
// connection to the first bus that it found.
func again(t *testing.T, test string, wrap []string) string {
	t.Helper()
	args := append(wrap, os.Args[0], "-test.run=^"+test+"$", "-test.v")
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "COUNTERSIGN_INNER=1", "HOME="+t.TempDir(), "XDG_RUNTIME_DIR="+t.TempDir(), "DISPLAY=", "WAYLAND_DISPLAY=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", test, err, out)
	}
	return string(out)
}

// A session of its own has a bus and a keyring without a collection, and
// nobody to ask for a password.
func TestLockedKeyringWithoutADisplay(t *testing.T) {
	if os.Getenv("COUNTERSIGN_INNER") == "" {
		needsKeychain(t)
		out := again(t, "TestLockedKeyringWithoutADisplay", []string{"dbus-run-session", "--"})
		if !strings.Contains(out, "PASS") {
			t.Error(out)
		}
		return
	}
	c, begin := System("countersign-test"), time.Now()
	got := causeIn(t, c.Set(t.Context(), "a", []byte("b")))
	if got != Locked && got != None {
		t.Errorf("Set on a locked keyring: %s", got)
	}
	if s := c.Status(t.Context()); s.Available {
		t.Errorf("Status of a locked keyring: %+v", s)
	}
	if time.Since(begin) > limit {
		t.Error("a locked keyring took longer than one call may")
	}
	t.Logf("cause: %s", got)
}

func TestOneCallAtATimeAndInTime(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	hang, started := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := call(ctx, func() (int, error) { close(started); <-hang; return 0, nil })
		first <- err
	}()
	<-started
	stop()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
	soon, stopSoon := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stopSoon()
	ran := false
	if _, err := call(soon, func() (int, error) { ran = true; return 0, nil }); !errors.Is(err, context.DeadlineExceeded) || ran {
		t.Errorf("a second call while one hangs: %v, ran: %v", err, ran)
	}
	close(hang)
	if n, err := call(t.Context(), func() (int, error) { return 7, nil }); n != 7 || err != nil {
		t.Errorf("after the hanging call ended: %d, %v", n, err)
	}
	if limitOf(Patient(t.Context())) != patientLimit || limitOf(t.Context()) != limit {
		t.Error("patience has no effect")
	}
}
