// Command tamper is the forgery loop. It plays the demo, and then changes
// throw-away copies of its workspace in every way that somebody with the files
// in hand could: each byte of each signed act, each status column, each row of
// the audit trail, each stored file, locked content, the schema, and older
// databases put back. Verifying must find each forgery for the right reason,
// and nothing may be deployed from any of them.
//
// The last line is "N passed, M failed"; the exit code is 1 when M is not 0.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"countersign/build/proof/stage"
)

type options struct {
	limit    int
	seed     uint64
	parallel int
	bin      string
	planted  bool
}

func main() {
	var o options
	flag.IntVar(&o.limit, "n", 0, "how many single-byte cases, and a quarter of it of every other large class; 0 is all")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "seed of what is chosen at random")
	flag.IntVar(&o.parallel, "parallel", runtime.NumCPU(), "cases at a time")
	flag.StringVar(&o.bin, "bin", "", "binary to use instead of a fresh build")
	flag.BoolVar(&o.planted, "planted", false, "build a fault in, and pass only if it is found")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if o.planted && !stage.Planted {
		os.Exit(again(ctx, o))
	}
	os.Exit(run(ctx, o))
}

// again starts this program anew with the planted faults in it: most forgeries
// are tried in process.
func again(ctx context.Context, o options) int {
	cmd := exec.CommandContext(ctx, "go", "run", "-tags", "planted", "countersign/build/proof/tamper", "-planted",
		"-n", strconv.Itoa(o.limit), "-seed", strconv.FormatUint(o.seed, 10), "-parallel", strconv.Itoa(o.parallel))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}

func run(ctx context.Context, o options) int {
	dir, err := os.MkdirTemp("", "countersign-tamper-")
	if err != nil {
		return stage.Complain(err)
	}
	defer os.RemoveAll(dir)
	l := &loop{options: o, dir: dir, score: &stage.Score{}, rng: rand.New(rand.NewPCG(o.seed, 0)), classes: map[string]*tally{}}
	began := time.Now()
	if err := l.play(ctx); err != nil && ctx.Err() == nil {
		l.score.Check(false, "the loop ended early: %v", err)
	}
	l.summary(time.Since(began))
	if ctx.Err() != nil {
		return stage.Complain(ctx.Err())
	}
	if o.planted {
		return l.score.CloseOnTrial(storedHashAltered + ", ")
	}
	return l.score.Close()
}

// play makes the workspaces and tries every class of forgery on them.
func (l *loop) play(ctx context.Context) (err error) {
	if l.bin == "" {
		if l.bin, err = stage.Build(ctx, l.dir, l.planted); err != nil {
			return err
		}
	}
	fmt.Printf("seed %d; playing the demo once, and keeping the workspace after each step\n", l.seed)
	kept, err := l.keep(ctx)
	if err != nil {
		return err
	}
	if err := l.controls(ctx, kept); err != nil {
		return err
	}
	for _, part := range []func(context.Context, *keeping) error{l.ready, l.ended, l.older, l.inFlight, l.processes} {
		if err := errors.Join(part(ctx, kept), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) path(names ...string) string {
	return filepath.Join(append([]string{l.dir}, names...)...)
}
