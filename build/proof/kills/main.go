// Command kills is the crash loop. It runs "countersign demo" on two demo orgs
// that are processes of their own, kills it without warning at random moments,
// half of them within a few milliseconds of a deployment reaching the org, and
// starts it again until the demo completes; then a new episode, until enough
// kills were made. After each kill the workspace must verify and hold every act
// that it ever held; at the end of an episode the target must have exactly one
// deployment for each attempt that was sent.
//
// The last line is "N passed, M failed"; the exit code is 1 when M is not 0.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/build/proof/stage"
)

// enough episodes that could not be played to their end stop the loop.
const enough = 5

// limit is how long one run of the demo may take before it counts as stuck.
const limit = 120 * time.Second

// twice is what the planted fault leads to.
const twice = "deployments in the target instead of 1"

func main() {
	n := flag.Int("n", 200, "how many kills")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the random moments")
	parallel := flag.Int("parallel", min(4, runtime.NumCPU()), "episodes at a time")
	bin := flag.String("bin", "", "binary to use instead of a fresh build")
	planted := flag.Bool("planted", false, "build a fault in, and pass only if it is found")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, *n, *seed, *parallel, *bin, *planted))
}

func run(ctx context.Context, n int, seed uint64, parallel int, bin string, planted bool) int {
	dir, err := os.MkdirTemp("", "countersign-kills-")
	if err != nil {
		return stage.Complain(err)
	}
	defer os.RemoveAll(dir)
	if bin == "" {
		if bin, err = stage.Build(ctx, dir, planted); err != nil {
			return stage.Complain(err)
		}
	}
	titles, err := steps(ctx, bin)
	if err != nil {
		return stage.Complain(err)
	}
	fmt.Printf("%d kills, %d episodes at a time, seed %d\n", n, parallel, seed)
	l := &loop{bin: bin, dir: dir, steps: titles, seed: seed, wanted: n, planted: planted, score: &stage.Score{}, began: time.Now(),
		count: count{steps: map[string]int{}, moments: map[string]int{}, progress: map[string]int{}, attempts: map[int]int{}}}
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() { l.work(ctx) })
	}
	wg.Wait()
	if ctx.Err() == nil && !planted {
		l.score.Check(l.count.kills >= n, "only %d kills were made", l.count.kills)
	}
	l.summary()
	if planted {
		return l.score.CloseOnTrial(twice)
	}
	return l.score.Close()
}

// A loop hands out episodes until enough kills were made.
type loop struct {
	bin     string
	dir     string
	steps   []string
	seed    uint64
	wanted  int
	planted bool
	score   *stage.Score
	began   time.Time

	mu       sync.Mutex
	episodes int
	promised int // kills that the running episodes may make in all
	count    count
}

// count is what happened, for the summary.
type count struct {
	kills     int
	completed int // episodes that ran to their end
	broken    int // episodes that did not
	runs      int
	orgKills  int
	lost      int // acts
	stuck     int
	surplus   int
	acts      int            // at the ends of episodes
	steps     map[string]int // kills by the step that was under way
	moments   map[string]int // kills by what triggered them
	progress  map[string]int // unfinished attempts that a kill left, by progress
	attempts  map[int]int    // real attempts that were sent, by deployments in the org
}

// next gives an episode its number and how many kills it may make.
func (l *loop) next() (number, kills int, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.wanted - l.count.kills - l.promised
	if left <= 0 || l.count.broken >= enough || l.planted && l.score.Found(twice) != "" {
		return 0, 0, false
	}
	l.episodes++
	rng := rand.New(rand.NewPCG(l.seed, uint64(l.episodes)))
	kills = min(left, 6+rng.IntN(6))
	l.promised += kills
	return l.episodes, kills, true
}

func (l *loop) work(ctx context.Context) {
	for ctx.Err() == nil {
		number, kills, more := l.next()
		if !more {
			return
		}
		began := time.Now()
		e := &episode{loop: l, number: number, rng: rand.New(rand.NewPCG(l.seed, 1<<32+uint64(number))),
			dir: filepath.Join(l.dir, fmt.Sprintf("episode-%d", number)), seen: map[string]bool{}}
		err := e.play(ctx, kills)
		l.mu.Lock()
		l.promised -= kills
		total := l.count.kills
		l.mu.Unlock()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			if !errors.Is(err, errCounted) {
				l.score.Check(false, "episode %d: %v", number, err)
			}
			if l.broken() {
				return
			}
			continue
		}
		fmt.Printf("episode %d: killed %d times in %d runs, %.1f s; %d kills so far\n", number, e.kills, e.runs, time.Since(began).Seconds(), total)
	}
}

// broken counts an episode that could not be played to its end.
func (l *loop) broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.broken++
	return l.count.broken >= enough
}

func (l *loop) add(edit func(*count)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	edit(&l.count)
}

func (l *loop) summary() {
	c := &l.count
	fmt.Printf("\n%d kills (%d of them of the target org) in %d runs of %d completed episodes, %.0f s\n", c.kills, c.orgKills, c.runs, c.completed, time.Since(l.began).Seconds())
	fmt.Printf("triggered by: %s\n", table(c.moments))
	fmt.Printf("step under way: %s\n", table(c.steps))
	fmt.Printf("attempts that a kill interrupted: %s\n", table(c.progress))
	fmt.Printf("acts lost %d of %d, runs stuck %d, surplus deployments %d\n", c.lost, c.acts, c.stuck, c.surplus)
	for _, n := range slices.Sorted(maps.Keys(c.attempts)) {
		fmt.Printf("real attempts with %d deployment(s) in the target: %d\n", n, c.attempts[n])
	}
}

func table(m map[string]int) string {
	parts := []string{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
