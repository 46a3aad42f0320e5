//go:build !windows

package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

const limitFolder = "COUNTERSIGN_TEST_LIMIT"

// fillUp saves drafts until the system lets no file grow any more, and prints
// how many were acknowledged and what the fault was.
func fillUp(dir string) {
	ctx, t := context.Background(), &crash{}
	s, err := store.Open(ctx, dir, store.Options{})
	must(t, err)
	info, err := os.Stat(filepath.Join(dir, "workspace.db"))
	must(t, err)
	signal.Ignore(syscall.SIGXFSZ) // so that writing fails instead
	size := uint64(info.Size()) + 200_000
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}))
	for saved := 0; ; saved++ {
		cr := &governance.ChangeRequest{Name: "Another", Overview: strings.Repeat("text ", 5000)}
		if err := s.CreateChangeRequest(ctx, person(t, "rita"), cr); err != nil {
			fmt.Println(saved, governance.FaultCode(err))
			return
		}
	}
}

// A file that may not grow is told as a full disk, and everything that was
// acknowledged before is there afterwards.
func TestAFileThatMayNotGrow(t *testing.T) {
	w := newWorld(t)
	must(t, w.s.Close())
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), limitFolder+"="+w.dir)
	out, err := c.Output()
	must(t, err)
	saved, code := int64(0), ""
	if _, err := fmt.Sscan(string(out), &saved, &code); err != nil || code != "disk_full" || saved == 0 {
		t.Fatalf("%s (%v)", out, err)
	}
	w.open()
	if r := w.sound(); r.Requests != saved {
		t.Fatalf("%d requests, %d acknowledged", r.Requests, saved)
	}
	w.draft("Round amounts")
	w.sound()
}
