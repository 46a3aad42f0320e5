package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// A trailFolder is a workspace with a long audit trail: of each request the
// whole life, from the first draft to the completed deployment.
type trailFolder struct {
	Data    string `json:"data"`
	Entries int64  `json:"entries"`
	Acts    int64  `json:"acts"`
}

const trailMark = "trail.json"

// fillTrailOf makes a demo workspace whose trail has at least that many entries,
// or finds the one that is there whole. One life is lived through the doors and
// two served orgs; the others are the same life again, with ids of its own, each
// act signed anew with the key of who signed it, each entry appended to the same
// log. Rows go into the database past the doors, which would take half an hour:
// so all of it is verified before it counts, as what anybody put there.
func fillTrailOf(ctx context.Context, dir string, entries int64) (trailFolder, error) {
	mark, data := filepath.Join(dir, trailMark), filepath.Join(dir, "data")
	f := trailFolder{}
	if b, err := os.ReadFile(mark); err == nil && json.Unmarshal(b, &f) == nil && f.Entries >= entries {
		f.Data = data // the folder may have been moved
		return f, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return f, err
	}
	f = trailFolder{Data: data}
	life, err := liveOnce(ctx, dir)
	if err != nil {
		return f, fmt.Errorf("the life that is repeated: %w", err)
	}
	head, last, err := repeatLife(ctx, life, entries)
	if err != nil {
		return f, fmt.Errorf("repeat the life: %w", err)
	}
	anchor := ledger.Anchor{Act: last.ID, Seq: last.Seq, Head: head.String()}
	b, err := anchor.Marshal()
	if err != nil {
		return f, err
	}
	chain, err := keychain.Folder(filepath.Join(life.dir, "keys"))
	if err != nil {
		return f, err
	}
	if err := chain.Set(ctx, life.workspace+"/anchor", b); err != nil {
		return f, err
	}
	report, err := verifyFolder(ctx, data)
	if err != nil {
		return f, err
	}
	f.Entries, f.Acts = report.Entries, report.Acts
	if b, err = json.Marshal(f); err != nil {
		return f, err
	}
	return f, os.WriteFile(mark, b, 0o600)
}

// verifyFolder is what countersign verify --data does. Without the head that
// the keychain remembers, or with a finding, it is an error.
func verifyFolder(ctx context.Context, data string) (store.Report, error) {
	report, anchored, err := workspace.VerifyFolder(ctx, workspace.DemoDir(data), nil, nil)
	if err == nil && !anchored {
		err = fmt.Errorf("the keychain remembers no head of the workspace")
	}
	if err == nil && len(report.Findings) > 0 {
		err = fmt.Errorf("the workspace is not whole: %s", report.Findings[0].Message)
	}
	return report, err
}

// A life is one stretch of a trail: entries from First on.
type life struct {
	dir       string // of the workspace
	workspace string
	first     int64
	keys      map[string]ledger.Identity // by public key
}

// liveComponents is how many customizations the life deploys.
const liveComponents = 10

// livePace makes the org take so long for each of them that it is asked as often
// how far it is as a real one is.
const livePace = 40 * time.Millisecond

// liveOnce takes one request through everything that can be asked of it.
func liveOnce(ctx context.Context, dir string) (life, error) {
	source, err := newServing(dir, demoorg.KindUAT, liveComponents, "source")
	if err != nil {
		return life{}, err
	}
	target, err := newServing(dir, demoorg.KindProduction, liveComponents, "target")
	if err != nil {
		return life{}, err
	}
	if err := target.reopen(livePace); err != nil {
		return life{}, err
	}
	w, err := openOn(ctx, filepath.Join(dir, "data"), source, target)
	if err != nil {
		return life{}, err
	}
	defer w.Close()
	keys := source.keys
	head, err := w.Store.Head(ctx)
	if err != nil {
		return life{}, err
	}
	l := life{dir: w.Dir(), workspace: w.ID(), first: head.Size, keys: map[string]ledger.Identity{}}
	for _, m := range []string{workspace.Ana, workspace.Bo, workspace.Cy, workspace.Dee} {
		by, err := w.Author(ctx, m)
		if err != nil {
			return l, err
		}
		l.keys[by.Identity.Public()] = by.Identity
	}
	dr, err := approved(ctx, w, keys)
	if err != nil {
		return l, err
	}
	dee, err := w.Author(ctx, workspace.Dee)
	if err != nil {
		return l, err
	}
	if _, err := w.Runner.Retrieve(ctx, dee, dr.ID); err != nil {
		return l, err
	}
	for _, kind := range []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy} {
		log, err := w.Deploy(ctx, workspace.Dee, dr.ID, kind)
		if err != nil {
			return l, err
		}
		if log.Result != governance.ResultSucceeded {
			return l, fmt.Errorf("%s: %s", kind, log.Message)
		}
	}
	if _, err := w.DoRecord(ctx, workspace.Dee, dr.ID, governance.Deed{Action: governance.Complete}); err != nil {
		return l, err
	}
	_, err = w.Do(ctx, workspace.Ana, dr.RequestID, governance.Deed{Action: governance.Complete})
	return l, err
}
