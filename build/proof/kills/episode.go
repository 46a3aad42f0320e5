package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/build/proof/stage"
)

// An episode is one demo from nothing to its end, killed on the way.
type episode struct {
	*loop
	number         int
	rng            *rand.Rand
	dir            string
	source, target *stage.Org
	seen           map[string]bool // every act that an earlier look found
	kills, runs    int
}

// errCounted ends an episode whose violation was counted when it was found.
var errCounted = errors.New("the violation was counted")

func (e *episode) play(ctx context.Context, kills int) (err error) {
	for _, d := range []string{"tmp", "uat", "production"} {
		if err := os.MkdirAll(filepath.Join(e.dir, d), 0o700); err != nil {
			return err
		}
	}
	defer os.RemoveAll(e.dir)
	if e.source, err = stage.StartOrg(ctx, e.bin, "uat", filepath.Join(e.dir, "uat")); err != nil {
		return err
	}
	defer e.source.Kill()
	if e.target, err = stage.StartOrg(ctx, e.bin, "production", filepath.Join(e.dir, "production")); err != nil {
		return err
	}
	defer e.target.Kill()
	for {
		m := moment{trigger: never}
		if e.kills < kills {
			m = choose(e.rng)
		}
		end, err := e.run(ctx, m)
		if err != nil || ctx.Err() != nil {
			return err
		}
		if !e.look(ctx, end) {
			return errCounted // this workspace proves nothing more
		}
		if end.completed {
			return e.reckon(ctx)
		}
	}
}

// An ending is how one run of the demo ended.
type ending struct {
	completed bool   // exit 0
	killed    string // the trigger of the kill; empty if none came
	step      string // under way when it ended
}

func (end ending) String() string {
	if end.killed == "" {
		return "after a run that ended by itself in " + end.step
	}
	return fmt.Sprintf("killed after %s in the step %q", end.killed, end.step)
}

// run starts the demo once and kills it at the moment, unless it ends before.
func (e *episode) run(ctx context.Context, m moment) (ending, error) {
	e.runs++
	e.add(func(c *count) { c.runs++ })
	run, done := context.WithTimeout(ctx, limit)
	defer done()
	cmd := exec.CommandContext(run, e.bin, "demo", "--data", filepath.Join(e.dir, "data"), "--source", e.source.File(), "--target", e.target.File())
	// A killed demo cannot remove its throw-away copies; they go with the episode.
	tmp := filepath.Join(e.dir, "tmp")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "TMP="+tmp, "TEMP="+tmp)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return ending{}, err
	}
	arrived := arrivals(run, e.target.DeploymentsDir())
	if err := cmd.Start(); err != nil {
		return ending{}, err
	}
	lines := make(chan string, 256)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			lines <- s.Text()
		}
	}()
	w := &watch{episode: e, moment: m, kill: cmd.Process.Kill}
	err = w.follow(ctx, lines, arrived)
	code := exitCode(cmd.Wait())
	if err != nil {
		return ending{}, err
	}
	return e.judge(w, code, run.Err() != nil && ctx.Err() == nil, strings.TrimSpace(stderr.String()+" "+w.last))
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return -2
	}
	return 0
}

// judge counts how a run ended. Without a kill the demo must end with 0; while
// the target org was gone it may also say so and end with 1.
func (e *episode) judge(w *watch, code int, late bool, said string) (ending, error) {
	if code == 0 && !w.org {
		w.hit = "" // it was faster than the kill
	}
	end := ending{completed: code == 0, killed: w.hit, step: e.step(w.shown)}
	if !e.score.Check(!late, "episode %d: the demo was stuck for %s in the step %q", e.number, limit, end.step) {
		e.add(func(c *count) { c.stuck++ })
		return end, errCounted
	}
	if w.hit == "" || w.org {
		if !e.score.Check(code == 0 || w.org && code == 1, "episode %d: the demo ended with %d in the step %q: %s", e.number, code, end.step, said) {
			return end, errCounted
		}
	}
	if w.hit != "" {
		e.kills++
		e.add(func(c *count) {
			c.kills++
			c.moments[w.hit]++
			c.steps[end.step]++
			if w.org {
				c.orgKills++
			}
		})
	}
	return end, nil
}

// watch follows one run and strikes once.
type watch struct {
	*episode
	moment
	kill  func() error
	hit   string // the trigger, once it has struck
	shown int    // lines of steps that were printed
	fresh int    // of them, done in this run
	last  string // last line
}

// follow returns when the process has closed its output. A target org that is
// started again lives as long as ctx.
func (w *watch) follow(ctx context.Context, lines <-chan string, arrived <-chan string) error {
	var strike <-chan time.Time
	arm := func() {
		if strike == nil && w.hit == "" {
			strike = time.After(w.delay)
		}
	}
	if w.trigger == afterStart {
		arm()
	}
	for {
		select {
		case line, open := <-lines:
			if !open {
				return nil
			}
			if w.note(line) && w.trigger == afterLine && w.fresh == w.lines {
				arm()
			}
		case name := <-arrived:
			if w.fits(name) {
				arm()
			}
		case <-strike:
			strike, w.hit = nil, w.trigger
			if err := w.strike(ctx); err != nil {
				return err
			}
		}
	}
}

// note counts a printed line and reports whether it is of a step that was done
// in this run. Such a line begins with a mark, which no letter is; the one of a
// step that was done before ends by saying so.
func (w *watch) note(line string) bool {
	w.last = line
	mark, title, _ := strings.Cut(line, " ")
	if first, size := utf8.DecodeRuneInString(mark); first < utf8.RuneSelf || size != len(mark) || strings.HasPrefix(title, "Take up the last run") {
		return false
	}
	w.shown++
	if strings.HasSuffix(title, "done before") {
		return false
	}
	w.fresh++
	return true
}

func (w *watch) strike(ctx context.Context) error {
	if !w.org {
		if err := w.kill(); !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		return nil
	}
	w.target.Kill()
	time.Sleep(time.Duration(w.rng.IntN(300)) * time.Millisecond)
	return w.target.Restart(ctx)
}

// step names the step that is under way after that many lines.
func (e *episode) step(shown int) string {
	if shown >= len(e.steps) {
		return "end"
	}
	return e.steps[shown]
}

// steps are the names of the demo's steps, in order.
func steps(ctx context.Context, bin string) ([]string, error) {
	out, err := exec.CommandContext(ctx, bin, "demo", "--until", "list").Output()
	if err != nil {
		return nil, fmt.Errorf("list the steps of the demo: %w", err)
	}
	names := []string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 0 {
			names = append(names, f[0])
		}
	}
	if len(names) == 0 {
		return nil, errors.New("the demo lists no steps")
	}
	return names, nil
}
