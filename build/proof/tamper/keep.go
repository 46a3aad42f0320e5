package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"countersign/backend/workspace"
)

// The steps of the demo after which a whole workspace is kept: the record is
// approved and validated, so that the next step would really deploy; and
// everything has ended.
const (
	lastBeforeDeploying = "validate"
	lastOfAll           = "verify"
)

// A keeping is what the demo left: two whole workspaces as throw-away copies,
// and the database after each step.
type keeping struct {
	ready, ended string // folders
	steps        []string
	databases    map[string][]byte // by step
}

// keep plays the demo step by step.
func (l *loop) keep(ctx context.Context) (*keeping, error) {
	out, err := exec.CommandContext(ctx, l.bin, "demo", "--until", "list").Output()
	if err != nil {
		return nil, fmt.Errorf("list the steps of the demo: %w", err)
	}
	k := &keeping{ready: l.path("ready"), ended: l.path("ended"), databases: map[string][]byte{}}
	data := l.path("data")
	for line := range strings.Lines(string(out)) {
		step, _, _ := strings.Cut(line, " ")
		if said, err := exec.CommandContext(ctx, l.bin, "demo", "--data", data, "--until", step).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("play the demo until %s: %w\n%s", step, err, said)
		}
		k.steps = append(k.steps, step)
		switch step {
		case lastBeforeDeploying:
			err = copyOut(ctx, data, k.ready)
		case lastOfAll:
			err = copyOut(ctx, data, k.ended)
		}
		if err == nil {
			k.databases[step], err = database(data)
		}
		if err != nil {
			return nil, fmt.Errorf("keep the workspace after %s: %w", step, err)
		}
		if step == lastOfAll {
			return k, nil
		}
	}
	return nil, fmt.Errorf("the demo has no step %s", lastOfAll)
}

// copyOut makes a throw-away copy of the demo workspace in a data folder.
func copyOut(ctx context.Context, data, to string) error {
	w, err := workspace.Open(ctx, workspace.Options{Data: data, Demo: true})
	if err != nil {
		return err
	}
	return errors.Join(w.CopyTo(ctx, to), w.Close())
}

// database reads a closed workspace's database.
func database(data string) ([]byte, error) {
	folders, err := workspace.Folders(data)
	if err != nil {
		return nil, err
	}
	if len(folders) != 1 {
		return nil, fmt.Errorf("%d workspaces are there instead of one", len(folders))
	}
	if _, err := os.Stat(filepath.Join(folders[0], "workspace.db-wal")); err == nil {
		return nil, errors.New("the database was not closed")
	}
	return os.ReadFile(filepath.Join(folders[0], "workspace.db"))
}
