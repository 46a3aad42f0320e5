// Command bench measures the figures that the README carries. Each part runs
// in a process of its own, so that one part's memory is not another's. Figures
// that depend on the machine are printed beside a yardstick from the same run.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// A part is one measurement; it prints its own lines.
type part struct {
	name string
	run  func(ctx context.Context, dir string) error
}

var parts = []part{
	{"demo", benchDemo},
	{"scan", benchScan},
	{"list", benchList},
	{"deploy", benchDeploy},
	{"verify", benchVerify},
	{"trail", benchTrail},
	{"large", benchLarge},
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "part" {
		exit(runPart(os.Args[2]))
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "fill" {
		exit(runFill(os.Args[2]))
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "stand" {
		exit(runStand(context.Background(), os.Args[2]))
		return
	}
	fmt.Printf("Countersign bench: %s/%s, %d processors, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	self, err := os.Executable()
	exit(err)
	for _, p := range parts {
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], p.name) {
			continue
		}
		cmd := exec.Command(self, "part", p.name)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		exit(cmd.Run())
	}
}

func runPart(name string) error {
	i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
	if i < 0 {
		return fmt.Errorf("there is no part %q", name)
	}
	dir, err := os.MkdirTemp("", "countersign-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return parts[i].run(context.Background(), dir)
}

// runFill prints what the large workspace in dir holds, one line of JSON.
func runFill(dir string) error {
	m := start()
	f, err := fill(context.Background(), dir)
	if err != nil {
		return err
	}
	r := m.stop()
	fmt.Fprintf(os.Stderr, "filled in %s, %s\n", seconds(r.wall), r)
	return json.NewEncoder(os.Stdout).Encode(f)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row prints one figure.
func row(what, figure string, more ...string) {
	fmt.Printf("%-52s %14s  %s\n", what, figure, strings.Join(more, ", "))
}
