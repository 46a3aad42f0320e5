package governance

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The table of the lifecycle is drawn, so that a person can look at it.
func TestLifecycleIsDrawn(t *testing.T) {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> " + node(InProgress) + "\n")
	for _, tr := range Lifecycle() {
		b.WriteString("    " + node(tr.From) + " --> " + node(tr.To) + ": " + string(tr.Action) + "\n")
		if tr.Action == Approve {
			b.WriteString("    " + node(tr.From) + " --> " + node(tr.From) + ": approve, seats still free\n")
		}
	}
	for _, s := range []Status{Completed, Cancelled} {
		b.WriteString("    " + node(s) + " --> [*]\n")
	}
	const golden = "testdata/lifecycle.mmd"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the lifecycle is not the one drawn in %s; run go test -update and look at the difference\n%s", golden, b.String())
	}
}

func node(s Status) string { return strings.ReplaceAll(string(s), " ", "") }

func TestFinalStatusesHaveNoWayOut(t *testing.T) {
	for _, tr := range Lifecycle() {
		if tr.From == Completed || tr.From == Cancelled {
			t.Errorf("%s can be left by %s", tr.From, tr.Action)
		}
	}
}

func TestEveryActionHasAVerbAndATransition(t *testing.T) {
	for _, a := range Actions() {
		if verbs[a] == "" {
			t.Errorf("%s has no verb", a)
		}
		found := false
		for _, tr := range Lifecycle() {
			found = found || tr.Action == a
		}
		if !found {
			t.Errorf("%s moves nothing", a)
		}
	}
}
