package deploy_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
)

// chaos is a network and a machine on which everything goes wrong at random:
// requests are lost, arrive late or lose their answer, the org is down, and the
// process dies.
type chaos struct {
	*world
	mu     sync.Mutex
	rand   *rand.Rand
	deaths int
}

// TestChaos carries 60 deployments through it. In the end each one that was
// accepted is in the org's own list exactly once, and none is stuck.
func TestChaos(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := &chaos{world: newWorld(t, outline{pace: 200 * time.Microsecond, charter: noValidationFirst}), rand: rand.New(rand.NewPCG(seed, 1))}
			// The zero of double deployments holds only while the grace exceeds
			// the latest arrival, which is 10 ms here.
			c.grace = 250 * time.Millisecond
			request := c.request(modify("Price"), modify("Fresh"), modify("PriceTest"))
			results := map[governance.Result]int{}
			for range 15 {
				results[c.workflow(request).Result]++
			}
			c.edge.late.Wait()
			c.settled("production")
			c.checkEverySending()
			c.sound()
			if results[governance.ResultSucceeded] < 5 || c.deaths == 0 {
				t.Errorf("too little happened: %v, %d deaths", results, c.deaths)
			}
			t.Logf("%v, %d deaths", results, c.deaths)
		})
	}
}

// workflow takes one record to the end of its deployment.
func (c *chaos) workflow(request string) *governance.DeploymentLog {
	c.t.Helper()
	l := c.start(c.retrieved(c.recordOf(request)), deployment)
	c.edge.set(c.dial, c.pass)
	defer c.edge.clear()
	for end := time.Now().Add(2 * time.Minute); c.log(l.ID).Active(); {
		if time.Now().After(end) {
			c.t.Fatalf("stuck: %+v", c.log(l.ID))
		}
		dies(func() { c.life(l.ID) })
	}
	return c.log(l.ID)
}

// life is one run of the program, until it dies or has done what it could.
func (c *chaos) life(id string) {
	r := c.runner()
	r.OnUpdate = func(l governance.DeploymentLog) {
		if c.chance(25) && !l.CancelWanted && l.Active() {
			_, _ = c.runner().Cancel(c.ctx, id)
		}
		c.mayDie(8)
	}
	ctx, cancel := context.WithTimeout(c.ctx, time.Duration(5+c.roll(2000))*time.Millisecond)
	defer cancel()
	_, err := r.Resume(ctx)
	if governance.FaultCode(err) == "send_again" {
		if c.chance(10) {
			_, _ = r.GiveUp(ctx, id)
		}
		_, _ = r.SendAgain(ctx, id)
	}
}

func (c *chaos) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rand.IntN(n)
}

// chance is true once in n times.
func (c *chaos) chance(n int) bool { return c.roll(n) == 0 }

func (c *chaos) mayDie(n int) {
	if c.chance(n) {
		c.mu.Lock()
		c.deaths++
		c.mu.Unlock()
		kill()
	}
}

func (c *chaos) dial(bool) error {
	if c.chance(30) {
		return &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return nil
}

func (c *chaos) pass(op string, deliver func() (*http.Response, error)) (*http.Response, error) {
	often := 40
	if op == "deploy" {
		often = 9
	}
	switch c.roll(often) {
	case 0:
		return nil, errLost
	case 1:
		if err := swallow(deliver); err != nil {
			return nil, err
		}
		c.mayDie(2)
		return nil, errLost
	case 2:
		delay := time.Duration(c.roll(10)) * time.Millisecond
		c.edge.late.Go(func() { time.Sleep(delay); _ = swallow(deliver) })
		c.mayDie(2)
		return nil, errLost
	case 3:
		return soapFault("SERVER_UNAVAILABLE", "busy"), nil
	case 4:
		return answer(503, "text/html", "<html>down</html>"), nil
	case 5:
		time.Sleep(time.Duration(c.roll(5)) * time.Millisecond)
	}
	return deliver()
}

// checkEverySending holds the org's own list against the logs: every real
// deployment belongs to one attempt, and an attempt has at most one.
func (c *chaos) checkEverySending() {
	c.t.Helper()
	byMarker := map[string][]demoorg.DeploymentSummary{}
	for _, d := range c.sent() {
		byMarker[d.TopFolder] = append(byMarker[d.TopFolder], d)
	}
	logs, err := c.store.DeploymentLogs(c.ctx, "")
	c.ok(err)
	for _, l := range logs {
		if l.Kind != deployment {
			continue
		}
		there := byMarker[l.Marker]
		delete(byMarker, l.Marker)
		switch {
		case l.Active():
			c.t.Errorf("stuck: %+v", l)
		case l.Result == governance.ResultNotSent && len(there) == 0:
		case len(there) != 1 || there[0].ID != l.AsyncID || there[0].ZipHash != l.ZipSHA256:
			c.t.Errorf("attempt %+v has %+v", l, there)
		case l.Result == governance.ResultSucceeded != (there[0].Status == "Succeeded"):
			c.t.Errorf("the log says %s, the org %s", l.Result, there[0].Status)
		}
	}
	if len(byMarker) > 0 {
		c.t.Errorf("nobody knows of %+v", byMarker)
	}
}
