package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// look opens the workspace for reading only, as it was left: nothing in it may
// be in doubt, and every act that was there before must still be. It returns
// whether the episode can go on.
func (e *episode) look(ctx context.Context, end ending) bool {
	dir, found := e.folder()
	if !found {
		return e.kept(nil, end)
	}
	report, _, err := workspace.VerifyFolder(ctx, dir, nil, nil)
	if ctx.Err() != nil {
		return false
	}
	if governance.FaultCode(err) == "database_empty" { // killed before the first act was there
		return e.kept(nil, end)
	}
	sound := e.score.Check(err == nil, "episode %d, %s: the workspace cannot be verified: %v", e.number, end, err)
	said := []string{}
	for _, f := range report.Findings {
		said = append(said, f.Message)
	}
	sound = e.score.Check(len(said) == 0, "episode %d, %s: %s", e.number, end, strings.Join(said, " ")) && sound
	if !sound {
		return false
	}
	st, err := store.Open(ctx, dir, store.Options{ReadOnly: true})
	if !e.score.Check(err == nil, "episode %d, %s: the workspace cannot be opened: %v", e.number, end, err) {
		return false
	}
	defer st.Close()
	acts, err := st.Acts(ctx)
	active, aerr := st.ActiveLogs(ctx)
	if !e.score.Check(err == nil && aerr == nil, "episode %d, %s: the workspace cannot be read: %v", e.number, end, errors.Join(err, aerr)) {
		return false
	}
	e.add(func(c *count) {
		for _, l := range active {
			c.progress[string(l.Kind)+" "+string(l.Progress)]++
		}
	})
	return e.kept(acts, end)
}

// folder is the workspace's, and whether it holds a database: a kill can come
// before there is one.
func (e *episode) folder() (string, bool) {
	folders, err := workspace.Folders(filepath.Join(e.dir, "data"))
	if err != nil || len(folders) == 0 {
		return "", false
	}
	info, err := os.Stat(filepath.Join(folders[0], "workspace.db"))
	return folders[0], err == nil && (info.Size() > 0 || len(e.seen) > 0)
}

func (e *episode) kept(acts []ledger.SignedAct, end ending) bool {
	here := map[string]bool{}
	for _, a := range acts {
		here[a.ID] = true
	}
	lost := 0
	for id := range e.seen {
		if !here[id] {
			lost++
		}
	}
	e.seen = here
	e.add(func(c *count) { c.lost += lost })
	return e.score.Check(lost == 0, "episode %d, %s: %d acts are lost", e.number, end, lost)
}

// reckon holds a completed demo against the target org.
func (e *episode) reckon(ctx context.Context) error {
	dir, _ := e.folder()
	out, err := exec.CommandContext(ctx, e.bin, "verify", "--data", filepath.Join(e.dir, "data")).CombinedOutput()
	e.score.Check(err == nil, "episode %d: countersign verify: %v\n%s", e.number, err, out)
	st, err := store.Open(ctx, dir, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer st.Close()
	acts, err := st.Acts(ctx)
	if err != nil {
		return err
	}
	if err := e.completed(ctx, st); err != nil {
		return err
	}
	logs, err := st.DeploymentLogs(ctx, "")
	if err != nil {
		return err
	}
	e.add(func(c *count) {
		c.completed++
		c.acts += len(acts)
	})
	return e.once(ctx, acts, logs)
}

func (e *episode) completed(ctx context.Context, st *store.Store) error {
	requests, _, err := st.ChangeRequests(ctx, store.Query{})
	if err != nil {
		return err
	}
	records, err := st.DeploymentRecords(ctx, "")
	if err != nil {
		return err
	}
	e.score.Check(len(requests) == 1 && len(records) == 1, "episode %d: %d requests and %d records were made instead of one each", e.number, len(requests), len(records))
	for _, cr := range requests {
		e.score.Check(cr.Status == governance.Completed, "episode %d: %s is %s", e.number, cr.Label(), cr.Status)
	}
	for _, dr := range records {
		e.score.Check(dr.Status == governance.Completed, "episode %d: %s is %s", e.number, dr.Label(), dr.Status)
	}
	return nil
}

// once holds every signed start against the org's own list: an attempt that was
// sent has exactly one deployment there, one that was not sent has none, and no
// deployment of ours is there without a start.
func (e *episode) once(ctx context.Context, acts []ledger.SignedAct, logs []governance.DeploymentLog) error {
	list, err := e.target.Deployments(ctx)
	if err != nil {
		return fmt.Errorf("ask the target for its deployments: %w", err)
	}
	there := map[string][]string{}
	for _, d := range list {
		there[d.Marker] = append(there[d.Marker], d.ID)
	}
	byStart := map[string]governance.DeploymentLog{}
	for _, l := range logs {
		byStart[l.StartAct] = l
	}
	known, real := map[string]bool{}, 0
	for _, a := range acts {
		start, err := startOf(a)
		if err != nil {
			return err
		}
		if start == nil {
			continue
		}
		known[start.Marker] = true
		l, logged := byStart[a.ID]
		n, want := len(there[start.Marker]), 1
		if l.Result == governance.ResultNotSent {
			want = 0
		}
		if start.Kind.Real() && want == 1 {
			real++
			e.add(func(c *count) { c.attempts[n]++ })
		}
		if n > want {
			e.add(func(c *count) { c.surplus += n - want })
		}
		e.score.Check(logged && l.Progress == governance.ProgressDone, "episode %d: attempt %d (%s) has not ended", e.number, start.Attempt, start.Kind)
		e.score.Check(n == want, "episode %d: attempt %d (%s) has %d deployments in the target instead of %d", e.number, start.Attempt, start.Kind, n, want)
		e.score.Check(n != 1 || there[start.Marker][0] == l.AsyncID, "episode %d: the log of attempt %d (%s) names another deployment than the target", e.number, start.Attempt, start.Kind)
	}
	e.score.Check(real > 0, "episode %d: nothing was really deployed", e.number)
	for _, d := range list {
		if !e.score.Check(known[d.Marker], "episode %d: the target has a deployment %s (%s) that no act started", e.number, d.ID, d.Status) {
			e.add(func(c *count) { c.surplus++ })
		}
	}
	return nil
}

// startOf is the body of a deploy.start, nil for every other act.
func startOf(a ledger.SignedAct) (*governance.Start, error) {
	if a.Type != string(governance.ActStart) {
		return nil, nil
	}
	st, err := a.Verify()
	if err != nil {
		return nil, err
	}
	var start governance.Start
	return &start, json.Unmarshal(st.Body, &start)
}
