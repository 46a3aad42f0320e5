package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
)

// processes tries a forgery of every kind on the program itself: verify must
// end with 1, the demo with 1 or 3, and nothing may reach the org.
func (l *loop) processes(ctx context.Context, k *keeping) error {
	g, err := guardsOf(ctx, k.ready)
	if err != nil {
		return err
	}
	acts, err := l.singleBytes(ctx, k.ready)
	if err != nil {
		return err
	}
	files, err := blobs(k.ready)
	if err != nil {
		return err
	}
	all := l.some(acts, 2)
	for _, class := range []func(context.Context, string, guards) ([]forgery, error){actColumns, statusColumns, lockedContent, schema, logRows, logSwaps, logHashesAltered, logHashesDeleted, logCut} {
		some, err := class(ctx, k.ready, g)
		if err != nil {
			return err
		}
		all = append(all, l.some(some, 1)...)
	}
	all = append(all, l.some(files, 1)...)
	b, err := newBench(k.ready, l.path("process"))
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := l.process(ctx, b, f); err != nil {
			return fmt.Errorf("%s, %s: %w", f.class, f.what, err)
		}
	}
	return nil
}

func (l *loop) process(ctx context.Context, b *bench, f forgery) error {
	if err := f.do(ctx, b); err != nil {
		return fmt.Errorf("forge: %w", err)
	}
	before, err := realDeployments(b.dir)
	if err != nil {
		return err
	}
	const class = "by the program itself"
	for command, codes := range map[string][]int{"verify": {1}, "demo": {1, 3}} {
		out, err := exec.CommandContext(ctx, l.bin, command, "--data", b.dir).CombinedOutput()
		code := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			return err
		}
		right := l.score.Check(slices.Contains(codes, code), "%s, %s: countersign %s ended with %d: %s", f.class, f.what, command, code, out)
		l.note(class, func(t *tally) {
			t.cases++
			if right {
				t.found++
			}
			t.codes[fmt.Sprintf("%s ended with %d", command, code)]++
		})
	}
	after, err := realDeployments(b.dir)
	if err != nil {
		return err
	}
	stopped := l.score.Check(after == before, "%s, %s: %d deployments reached the org by the program itself", f.class, f.what, after-before)
	l.note(class, func(t *tally) {
		t.tries++
		t.reached += after - before
		if stopped {
			t.stopped++
		}
	})
	return b.again()
}
