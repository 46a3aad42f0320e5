package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// A moment is when to kill: some time after something happened.
type moment struct {
	trigger string
	delay   time.Duration
	lines   int  // for afterLine: that many lines of steps done in this run
	pass    int  // for the others: deployments of this run to let pass first
	org     bool // kill the target org instead of the demo
}

// What a kill waits for.
const (
	never       = "never"
	afterStart  = "a random time"
	afterLine   = "a finished step"
	afterPost   = "a deployment reaching the org"
	afterResult = "a deployment ending"
)

// window is how soon after a dangerous event a kill comes.
const window = 30 * time.Millisecond

// choose makes half of the kills hit the windows in which an attempt is sent
// or its result is signed; the delays lean towards zero.
func choose(rng *rand.Rand) moment {
	soon := rng.Float64()
	m := moment{delay: time.Duration(soon * soon * float64(window)), pass: rng.IntN(3)}
	switch p := rng.Float64(); {
	case p < 0.38:
		m.trigger, m.org = afterPost, rng.Float64() < 0.15
	case p < 0.50:
		m.trigger, m.org = afterResult, rng.Float64() < 0.15
	case p < 0.75:
		m.trigger, m.lines = afterLine, 1+rng.IntN(5)
	case p < 0.83: // founding the workspace, or verifying it on resume
		m.trigger, m.delay = afterStart, time.Duration(rng.Int64N(int64(200*time.Millisecond)))
	default:
		m.trigger, m.delay = afterStart, time.Duration(rng.Int64N(int64(2500*time.Millisecond)))
	}
	return m
}

// arrivals reports files that appear in the folder of an org's deployments: a
// zip that comes in, a deployment that was accepted, a result. It ends with ctx.
func arrivals(ctx context.Context, dir string) <-chan string {
	out := make(chan string, 64)
	known := map[string]bool{}
	for _, name := range names(dir) {
		known[name] = true
	}
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, name := range names(dir) {
				if !known[name] {
					known[name] = true
					select {
					case out <- name:
					default: // nobody waits for arrivals in this run
					}
				}
			}
		}
	}()
	return out
}

func names(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	out := []string{}
	for _, e := range entries {
		if name := e.Name(); !strings.HasSuffix(name, ".new") {
			out = append(out, name)
		}
	}
	return out
}

// fits reports whether a file that appeared is what the moment waits for. A
// deployment is three files, in this order: its zip under a passing name and
// under its own, and its record; then comes its result.
func (m *moment) fits(name string) bool {
	result := strings.HasSuffix(name, ".result.json")
	due := m.pass == 0 && (m.trigger == afterResult && result || m.trigger == afterPost && !result)
	accepted := !result && strings.HasSuffix(name, ".json")
	if m.pass > 0 && (m.trigger == afterPost && accepted || m.trigger == afterResult && result) {
		m.pass--
	}
	return due
}
