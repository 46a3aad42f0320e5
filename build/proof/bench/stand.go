package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/metadata"
	"countersign/backend/workspace"
)

// A standing is what the window is led to: a demo workspace whose two orgs are
// served by this process, and an approved Deployment Record of n components.
type standing struct {
	Data       string `json:"data"`
	Record     string `json:"record"`
	Request    string `json:"request"`
	Deployer   string `json:"deployer"`
	Target     string `json:"target"`
	Components int    `json:"components"`
}

// standComponents is how many the deployment has that the window watches.
const standComponents = 5_000

// standPace is the simulated time per component and per test: slow enough that
// a deployment of 5,000 is watched for a while, as a real one is.
const standPace = 4 * time.Millisecond

// runStand prepares the workspace at full speed, then serves its two orgs at
// that pace until its input is closed.
func runStand(ctx context.Context, dir string) error {
	source, err := newServing(dir, demoorg.KindUAT, standComponents, "source")
	if err != nil {
		return err
	}
	target, err := newServing(dir, demoorg.KindProduction, standComponents, "target")
	if err != nil {
		return err
	}
	s, err := prepareStand(ctx, dir, source, target)
	if err != nil {
		return err
	}
	for _, o := range []*serving{source, target} {
		if err := o.reopen(standPace); err != nil {
			return err
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func prepareStand(ctx context.Context, dir string, source, target *serving) (standing, error) {
	s := standing{Data: filepath.Join(dir, "data"), Deployer: workspace.Dee, Components: len(source.keys)}
	w, err := openOn(ctx, s.Data, source, target)
	if err != nil {
		return s, err
	}
	defer w.Close()
	dr, err := approved(ctx, w, source.keys)
	if err != nil {
		return s, err
	}
	s.Record, s.Request = dr.ID, dr.RequestID
	// The window keeps who acts; whoever opens the folder next is the deployer.
	if err := w.ActAs(ctx, workspace.Dee); err != nil {
		return s, err
	}
	env, err := w.Store.Environment(ctx, workspace.DemoTarget)
	if err != nil {
		return s, err
	}
	s.Target = env.Name
	return s, nil
}

// A serving is a demo org on loopback that can be opened again at another pace
// under the same address.
type serving struct {
	kind    demoorg.Kind
	dir     string
	address string
	keys    []metadata.Key
	org     atomic.Pointer[demoorg.Org]
	handler atomic.Pointer[http.Handler]
}

// newServing makes an org with n components and serves it as fast as it can.
func newServing(dir string, kind demoorg.Kind, n int, variant string) (*serving, error) {
	seed := filepath.Join(dir, string(kind)+"-seed")
	keys, err := seedOrg(seed, n, variant)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &serving{kind: kind, dir: filepath.Join(dir, string(kind)), address: l.Addr().String(), keys: keys}
	if err := s.open(demoorg.Options{Kind: kind, Seed: seed, Pace: -1}); err != nil {
		return nil, err
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { (*s.handler.Load()).ServeHTTP(rw, r) }))
	}()
	return s, nil
}

func (s *serving) open(o demoorg.Options) error {
	org, err := demoorg.Open(s.dir, o)
	if err != nil {
		return err
	}
	handler := org.Handler(s.address) // first: it settles the address in Connection
	s.org.Store(org)
	s.handler.Store(&handler)
	return nil
}

func (s *serving) reopen(pace time.Duration) error {
	if err := s.org.Load().Close(); err != nil {
		return fmt.Errorf("close the org: %w", err)
	}
	return s.open(demoorg.Options{Kind: s.kind, Pace: pace})
}
