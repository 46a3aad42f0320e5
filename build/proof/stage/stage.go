// Package stage is what the crash loop and the forgery loop share: the binary
// that they try, demo orgs as processes of their own, and the count of what
// held and what did not.
package stage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// Build compiles the terminal's binary as it ships, without cgo, into dir and
// returns its path. The tag "planted" builds the faults in that the loops must
// find.
func Build(ctx context.Context, dir string, planted bool) (string, error) {
	bin := filepath.Join(dir, "countersign")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	args := []string{"build", "-o", bin}
	if planted {
		args = append(args, "-tags", "planted")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "countersign")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build countersign: %w\n%s", err, out)
	}
	return bin, nil
}

// A Score counts checks. Each one that does not hold is printed when it comes.
// It is safe for several goroutines.
type Score struct {
	mu     sync.Mutex
	passed int
	failed int
	wrong  []string // the violations, at most kept of them
}

// After so many violations the rest is only counted.
const (
	shown = 40
	kept  = 10000
)

// Check counts one check and returns whether it held; the sentence says what is
// wrong otherwise.
func (s *Score) Check(held bool, format string, args ...any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held {
		s.passed++
		return true
	}
	s.failed++
	wrong := fmt.Sprintf(format, args...)
	if len(s.wrong) < kept {
		s.wrong = append(s.wrong, wrong)
	}
	if s.failed <= shown {
		fmt.Println("VIOLATION: " + wrong)
	}
	return false
}

// Found is the first violation that says something, empty if none does.
func (s *Score) Found(something string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wrong {
		if strings.Contains(w, something) {
			return w
		}
	}
	return ""
}

// Close prints the last line and returns the exit code.
func (s *Score) Close() int {
	fmt.Printf("%d passed, %d failed\n", s.passed, s.failed)
	if s.failed > 0 {
		return 1
	}
	return 0
}

// CloseOnTrial ends a loop that ran with a planted fault: it passes only if it
// found a violation that says what the fault leads to.
func (s *Score) CloseOnTrial(expected string) int {
	found := s.Found(expected)
	verdict := &Score{}
	if verdict.Check(found != "", "the planted fault was not found (%q): this loop cannot fail", expected) {
		fmt.Println("The planted fault was found: " + found)
	}
	return verdict.Close()
}

// Complain prints what kept a loop from running at all and returns its exit
// code.
func Complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	fmt.Println("0 passed, 1 failed")
	return 1
}
