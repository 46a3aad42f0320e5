package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/build/proof/stage"
)

// A forgery is one way to change a copy.
type forgery struct {
	class string
	what  string
	do    func(ctx context.Context, b *bench) error
	undo  func(b *bench) error // nil: putting the database back is enough
	codes []string             // of the findings, one of which must come
	// deploy: try to deploy from the copy too, not only to verify it.
	deploy bool
}

// A tally is what came of one class.
type tally struct {
	cases, found   int            // found: for the right reason
	tries, stopped int            // attempts to deploy; stopped: refused for a right reason
	reached        int            // deployments that reached the org
	codes          map[string]int // of findings and refusals
}

type loop struct {
	options
	dir   string
	score *stage.Score
	rng   *rand.Rand

	mu      sync.Mutex
	order   []string
	classes map[string]*tally
}

func (l *loop) note(class string, edit func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.classes[class]
	if t == nil {
		t = &tally{codes: map[string]int{}}
		l.classes[class] = t
		l.order = append(l.order, class)
	}
	edit(t)
}

// some chooses at random when there are more forgeries than wanted.
func (l *loop) some(all []forgery, limit int) []forgery {
	if limit <= 0 || len(all) <= limit {
		return all
	}
	l.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:limit]
}

// few is the limit of the large classes other than that of single bytes.
func (l *loop) few() int {
	if l.limit == 0 {
		return 0
	}
	return max(l.limit/4, 4)
}

const progressEvery = 20 * time.Second

// try runs forgeries on copies of a workspace, one copy for each worker.
func (l *loop) try(ctx context.Context, from string, all []forgery) error {
	if len(all) == 0 {
		return errors.New("there is nothing to forge")
	}
	queue := make(chan forgery)
	errs := make(chan error, l.parallel)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	for i := range l.parallel {
		wg.Go(func() {
			if err := l.worker(ctx, from, l.path(fmt.Sprintf("bench-%d", i)), queue); err != nil {
				errs <- err
				stop()
			}
		})
	}
	last := time.Now()
	for i, f := range all {
		select {
		case queue <- f:
		case <-ctx.Done():
		}
		if time.Since(last) > progressEvery {
			last = time.Now()
			fmt.Printf("%d of %d forgeries of %s\n", i, len(all), filepath.Base(from))
		}
	}
	close(queue)
	wg.Wait()
	close(errs)
	return <-errs
}

func (l *loop) worker(ctx context.Context, from, dir string, queue <-chan forgery) error {
	b, err := newBench(from, dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for f := range queue {
		if err := errors.Join(l.one(ctx, b, f), ctx.Err()); err != nil {
			return fmt.Errorf("%s, %s: %w", f.class, f.what, err)
		}
	}
	return nil
}

// one tries one forgery and leaves the bench as it was.
func (l *loop) one(ctx context.Context, b *bench, f forgery) error {
	if err := f.do(ctx, b); err != nil {
		return fmt.Errorf("forge: %w", err)
	}
	codes, err := b.verify(ctx)
	if err != nil {
		return err
	}
	right := slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(f.codes, c) })
	l.score.Check(right, "%s, %s: verifying found %v, and not one of %v", f.class, f.what, codes, f.codes)
	l.note(f.class, func(t *tally) {
		t.cases++
		if right {
			t.found++
		}
		for _, c := range slices.Compact(slices.Sorted(slices.Values(codes))) {
			t.codes[c]++
		}
	})
	if f.deploy {
		if err := l.deploy(ctx, b, f.class, f.what); err != nil {
			return err
		}
	}
	if f.undo != nil {
		if err := f.undo(b); err != nil {
			return fmt.Errorf("undo: %w", err)
		}
	}
	return b.reset(f.deploy)
}

// deploy tries to deploy from a copy, and to take up what it says is
// unfinished. Neither may reach the org.
func (l *loop) deploy(ctx context.Context, b *bench, class, what string) error {
	before, err := realDeployments(b.dir)
	if err != nil {
		return err
	}
	said := b.deploy(ctx)
	after, err := realDeployments(b.dir)
	if err != nil {
		return err
	}
	stopped := l.score.Check(after == before, "%s, %s: %d deployments reached the org (%s)", class, what, after-before, said)
	stopped = l.score.Check(said.refused(), "%s, %s: deploying was not refused for a right reason: %s", class, what, said) && stopped
	l.note(class, func(t *tally) {
		t.tries++
		t.reached += after - before
		if stopped {
			t.stopped++
		}
		t.codes["deploying: "+said.code]++
	})
	if after != before {
		return b.again() // this bench's org is another one now
	}
	return nil
}

func (l *loop) summary(took time.Duration) {
	fmt.Printf("\n%-44s %7s %7s %10s %8s %9s\n", "forgery", "cases", "found", "deploying", "refused", "deployed")
	for _, class := range l.order {
		t := l.classes[class]
		fmt.Printf("%-44s %7d %7d %10d %8d %9d\n", class, t.cases, t.found, t.tries, t.stopped, t.reached)
		parts := []string{}
		for _, c := range slices.Sorted(maps.Keys(t.codes)) {
			parts = append(parts, fmt.Sprintf("%s %d", c, t.codes[c]))
		}
		fmt.Printf("    %s\n", strings.Join(parts, ", "))
	}
	fmt.Printf("in %.0f s\n", took.Seconds())
}

// copyFolder copies a whole throw-away copy for another forger.
func copyFolder(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.CopyFS(to, os.DirFS(filepath.Clean(from)))
}
