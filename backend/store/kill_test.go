package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

const (
	killFolder = "COUNTERSIGN_TEST_KILL"
	ready      = "ready"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killFolder); dir != "" {
		walkThroughDoors(dir)
		return
	}
	if dir := os.Getenv(limitFolder); dir != "" {
		fillUp(dir)
		return
	}
	os.Exit(m.Run())
}

// walkThroughDoors runs doors for ever and prints each act that was
// acknowledged, and each blob.
func walkThroughDoors(dir string) {
	ctx, t := context.Background(), &crash{}
	s, err := store.Open(ctx, dir, store.Options{})
	must(t, err)
	fmt.Println(ready)
	for i := 0; ; i++ {
		sum, _, err := s.PutBlob(ctx, strings.NewReader(fmt.Sprintf("blob %d of %d", i, os.Getpid())))
		must(t, err)
		cr := &governance.ChangeRequest{Name: "Change " + strconv.Itoa(i), Overview: "Why.", Type: governance.Minor, ChangeSets: []string{"set"},
			Attachments: []governance.Attachment{{Name: "a", SHA256: sum}}}
		must(t, s.CreateChangeRequest(ctx, person(t, "rita"), cr))
		for _, step := range []struct {
			who string
			do  governance.Action
		}{{"rita", governance.Submit}, {"ann", governance.Approve}, {"ben", governance.Approve}} {
			_, err := s.UpdateChangeRequest(ctx, cr.ID, person(t, step.who), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
				return cr.Do(sit, governance.Deed{Action: step.do})
			})
			must(t, err)
			fmt.Println(cr.ID, step.do)
		}
	}
}

// A crash ends the child at the first error, loudly.
type crash struct{ testing.TB }

func (*crash) Helper() {}
func (*crash) Fatal(args ...any) {
	fmt.Println(append([]any{"ERROR"}, args...)...)
	os.Exit(1)
}

// kills is how often the child is killed; COUNTERSIGN_KILLS asks for more.
func kills(t *testing.T) int {
	n := 30
	if v := os.Getenv("COUNTERSIGN_KILLS"); v != "" {
		var err error
		n, err = strconv.Atoi(v)
		must(t, err)
	}
	if testing.Short() {
		n = min(n, 5)
	}
	return n
}

// A process that is killed at any moment leaves a sound workspace that holds
// everything it had acknowledged.
func TestKilledAtRandomMoments(t *testing.T) {
	w := newWorld(t)
	must(t, w.s.Close())
	want := map[string]int{} // request -> acknowledged acts
	for i := range kills(t) {
		for _, line := range runAndKill(t, w.dir, moments[i%len(moments)]) {
			if strings.HasPrefix(line, "ERROR") {
				t.Fatalf("kill %d: %s", i, line)
			}
			id, _, _ := strings.Cut(line, " ")
			want[id]++
		}
		// Verify begins with SQLite's own integrity_check.
		r, err := verify(t, w.dir, nil)
		must(t, err)
		if len(r.Findings) > 0 {
			t.Fatalf("kill %d: %v", i, r.Findings)
		}
	}
	if len(want) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	w.open()
	h, err := w.s.History(w.ctx)
	must(t, err)
	acts := 0
	for id, n := range want {
		acts += n
		if got := len(h.Thread(id)); got < n || got > n+1 { // one more may be committed and not yet told
			t.Errorf("%s: %d acts, %d were acknowledged", id, got, n)
		}
	}
	w.sound()
	t.Logf("%d kills, %d acts acknowledged, none lost", kills(t), acts)
}

// moments are what the child has done last, at least, when it is killed.
var moments = []string{"an act", "opened", "an act", "nothing"}

// runAndKill kills the child up to 60 ms after a moment and returns what it
// acknowledged.
func runAndKill(t *testing.T, dir, moment string) []string {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), killFolder+"="+dir)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	var once sync.Once
	reached := func(now string) {
		if now == moment {
			once.Do(func() { time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = c.Process.Kill() }) })
		}
	}
	reached("nothing")
	lines := []string{}
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if scan.Text() == ready {
			reached("opened")
			continue
		}
		lines = append(lines, scan.Text())
		reached("an act")
	}
	_ = c.Wait() // killed
	return lines
}
