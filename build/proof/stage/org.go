package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/salesforce"
)

// An Org is a demo org as a process of its own. Its folder outlives it.
type Org struct {
	bin        string
	kind       string
	dir        string
	connection demoorg.Connection
	cmd        *exec.Cmd
}

// announceWithin is how long a demo org may take to say where it is.
const announceWithin = 30 * time.Second

// StartOrg serves a new demo org, uat or production, on a port that is free.
func StartOrg(ctx context.Context, bin, kind, dir string) (*Org, error) {
	o := &Org{bin: bin, kind: kind, dir: dir}
	return o, o.serve(ctx, "127.0.0.1:0")
}

// serve starts the process and waits for the line that says where it is.
func (o *Org) serve(ctx context.Context, listen string) error {
	cmd := exec.CommandContext(ctx, o.bin, "demo-org", "--org", o.kind, "--listen", listen, "--data", o.dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	o.cmd = cmd
	slow := time.AfterFunc(announceWithin, func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadBytes('\n')
	slow.Stop()
	if err == nil {
		err = json.Unmarshal(line, &o.connection)
	}
	if err != nil {
		o.Kill()
		return fmt.Errorf("start the demo org %s: %w", o.kind, err)
	}
	return nil
}

// Kill ends the process without asking it.
func (o *Org) Kill() {
	if o.cmd == nil {
		return
	}
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait()
	o.cmd = nil
}

// Restart serves the same folder at the same address again.
func (o *Org) Restart(ctx context.Context) error {
	u, err := url.Parse(o.connection.URL)
	if err != nil {
		return err
	}
	return o.serve(ctx, u.Host)
}

// File is the org's connection.json.
func (o *Org) File() string { return filepath.Join(o.dir, "connection.json") }

// DeploymentsDir is where the org keeps what was sent to it: a file appears
// there the moment a deployment is accepted.
func (o *Org) DeploymentsDir() string { return filepath.Join(o.dir, "deployments") }

// A Deployment is one line of the org's own list, with the top folder of the
// zip that was sent, as the org's details give it back.
type Deployment struct {
	ID        string
	CheckOnly bool
	Status    salesforce.DeployStatus
	Marker    string // empty if no file of it lay in one of our folders
}

// Deployments asks the org, through Salesforce's protocol and as the
// integration user, for every deployment that this user ever made.
func (o *Org) Deployments(ctx context.Context) ([]Deployment, error) {
	options := salesforce.Options{Demo: true}
	s, err := salesforce.LoginPassword(ctx, options, o.connection.URL, o.connection.Username, salesforce.NewSecret(o.connection.Password), salesforce.Secret{})
	if err != nil {
		return nil, err
	}
	c := salesforce.NewClient(s, options)
	defer c.Close()
	who, err := c.Identity(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.DeployRequests(ctx, time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	out := []Deployment{}
	for _, r := range list {
		if salesforce.ID18(r.CreatedByID) != salesforce.ID18(who.UserID) {
			continue
		}
		res, err := c.DeployStatus(ctx, r.ID, true)
		if err != nil {
			return nil, err
		}
		out = append(out, Deployment{ID: r.ID, CheckOnly: r.CheckOnly, Status: res.Status, Marker: marker(res.Details)})
	}
	return out, nil
}

func marker(d salesforce.DeployDetails) string {
	for _, list := range [][]salesforce.DeployMessage{d.ComponentSuccesses, d.ComponentFailures} {
		for _, m := range list {
			if top, _, inFolder := strings.Cut(m.FileName, "/"); inFolder && strings.HasPrefix(top, "cs-") {
				return top
			}
		}
	}
	return ""
}
