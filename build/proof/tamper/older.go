package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// forgeBare runs a statement as it is.
func forgeBare(ctx context.Context, b *bench, sql string) error {
	return workspace.Forge(ctx, b.dir, sql)
}

// older puts the database of every earlier step back, while the keychain keeps
// what it remembers of the newest.
func (l *loop) older(ctx context.Context, k *keeping) error {
	for _, newest := range []struct{ step, from string }{{lastBeforeDeploying, k.ready}, {lastOfAll, k.ended}} {
		all := []forgery{}
		for _, step := range k.steps {
			if step == newest.step {
				break
			}
			db := k.databases[step]
			all = append(all, forgery{class: "an older database put back", what: step + " for " + newest.step, codes: []string{"log_rolled_back"}, deploy: true,
				do: func(_ context.Context, b *bench) error { return os.WriteFile(b.file(), db, 0o600) }})
		}
		if err := l.try(ctx, newest.from, l.some(all, l.few())); err != nil {
			return err
		}
	}
	return nil
}

// inFlight puts older databases back while a deployment is under way: one in
// which it was not sent yet would send it a second time.
func (l *loop) inFlight(ctx context.Context, k *keeping) error {
	dir := l.path("flight")
	if err := copyFolder(k.ready, dir); err != nil {
		return err
	}
	moments, err := l.crash(ctx, dir)
	if err != nil {
		return err
	}
	all := []forgery{}
	for _, p := range []governance.Progress{governance.ProgressIntent, governance.ProgressSending} {
		db := moments[p]
		if db == nil {
			return fmt.Errorf("the deployment was never in %s", p)
		}
		all = append(all, forgery{class: "an older database put back in flight", what: string(p) + " for running", codes: []string{"log_rolled_back"}, deploy: true,
			do: func(_ context.Context, b *bench) error { return os.WriteFile(b.file(), db, 0o600) }})
	}
	return l.try(ctx, dir, all)
}

// crash leaves a workspace as the death of the program leaves it while the org
// works on a deployment, and returns the database at each moment before. Closing
// notes the newest head in the keychain, which the dead cannot do: the keychain
// is put back as it was in flight.
func (l *loop) crash(ctx context.Context, dir string) (map[governance.Progress][]byte, error) {
	w, err := workspace.Open(ctx, workspace.Options{Data: dir, Demo: true})
	if err != nil {
		return nil, err
	}
	moments, keys := map[governance.Progress][]byte{}, filepath.Join(dir, "keys")
	then := l.path("flight-keys")
	err = fly(ctx, w, func(p governance.Progress) error {
		if moments[p] != nil {
			return nil
		}
		to := l.path("flight-" + string(p))
		if err := w.CopyTo(ctx, to); err != nil {
			return err
		}
		moments[p], err = os.ReadFile((&bench{dir: to}).file())
		return errors.Join(err, os.RemoveAll(to), copyFolder(keys, then))
	})
	return moments, errors.Join(err, w.Close(), copyFolder(then, keys))
}

// fly starts the deployment and lets go of it as soon as the org has it, as if
// the computer had been switched off.
func fly(ctx context.Context, w *workspace.Workspace, passed func(governance.Progress) error) error {
	dee, err := w.Author(ctx, workspace.Dee)
	if err != nil {
		return err
	}
	records, err := w.Store.DeploymentRecords(ctx, "")
	if err != nil || len(records) != 1 {
		return fmt.Errorf("find the record: %w", err)
	}
	log, err := w.Runner.Start(ctx, dee, records[0].ID, governance.AttemptDeploy)
	if err != nil {
		return err
	}
	if err := passed(log.Progress); err != nil {
		return err
	}
	flight, land := context.WithCancel(ctx)
	defer land()
	var failed error
	w.Runner.OnUpdate = func(l governance.DeploymentLog) {
		failed = errors.Join(failed, passed(l.Progress))
		if l.Progress == governance.ProgressRunning {
			land()
		}
	}
	if _, err := w.Runner.Run(flight, log.ID); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the deployment was not let go of in flight: %w", err)
	}
	return failed
}
