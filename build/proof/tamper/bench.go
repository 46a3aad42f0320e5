package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/workspace"
)

// A bench is a throw-away copy that is forged in, over and over.
type bench struct {
	from string // what it is a copy of
	dir  string
	db   []byte // the database as it was
}

func newBench(from, dir string) (*bench, error) {
	b := &bench{from: from, dir: dir}
	return b, b.again()
}

// again makes the whole copy anew.
func (b *bench) again() (err error) {
	if err := copyFolder(b.from, b.dir); err != nil {
		return err
	}
	b.db, err = os.ReadFile(b.file())
	return err
}

func (b *bench) file() string { return filepath.Join(b.dir, "workspace.db") }

// reset puts the database back. What opening for writing left beside it goes
// too; opened says whether that can be more than the database.
func (b *bench) reset(opened bool) error {
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(b.file() + end); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if opened { // the keychain's head moves when something is signed
		for _, sub := range []string{"keys", "orgs"} {
			if err := copyFolder(filepath.Join(b.from, sub), filepath.Join(b.dir, sub)); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(b.file(), b.db, 0o600)
}

// verify is countersign verify in process: the codes of what it found, or of
// the fault that kept it from looking.
func (b *bench) verify(ctx context.Context) ([]string, error) {
	report, _, err := workspace.VerifyFolder(ctx, b.dir, nil, nil)
	codes := []string{}
	for _, f := range report.Findings {
		codes = append(codes, f.Code)
	}
	if err == nil {
		return codes, nil
	}
	code := governance.FaultCode(err)
	if code == "" {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return append(codes, code), nil
}

// An answer is what became of deploying from a forged copy.
type answer struct {
	code string // of the refusal
	err  error
}

func (a answer) String() string {
	if a.err == nil {
		return "it was deployed"
	}
	return fmt.Sprintf("%s: %v", a.code, a.err)
}

// reasons are the codes with which a forged copy is turned away: by the gate,
// by the doors of the database, by opening it.
var reasons = []string{
	"trail", "charter", "request_altered", "record_altered", "request_history", "record_history", "request_content", "record_content",
	"request_status", "record_status", "revision", "row_altered", "blob_altered", "blob_missing", "database_corrupt", "key_missing", "findings",
	"log_damaged", "log_rolled_back", "log_rewritten", "act", "not_found", "not_a_demo", "not_scanned", "wrong_key", "not_member",
	"invalid_login", "org_unreachable", // an environment's address that was changed by hand leads to an org that does not know us, or to none
}

func (a answer) refused() bool { return a.err != nil && slices.Contains(reasons, a.code) }

// deploy does what the window does: it opens the workspace, takes up what is
// unfinished, and deploys as the record's deployer.
func (b *bench) deploy(ctx context.Context) answer {
	w, err := workspace.Open(ctx, workspace.Options{Data: b.dir, Demo: true})
	if err != nil {
		return answer{governance.FaultCode(err), fmt.Errorf("open: %w", err)}
	}
	defer w.Close()
	if _, err := w.Runner.Resume(ctx); err != nil {
		return answer{governance.FaultCode(err), fmt.Errorf("resume: %w", err)}
	}
	records, err := w.Store.DeploymentRecords(ctx, "")
	if err != nil || len(records) == 0 {
		return answer{"not_found", fmt.Errorf("no record can be read: %w", err)}
	}
	if _, err = w.Deploy(ctx, workspace.Dee, records[0].ID, governance.AttemptDeploy); err != nil {
		return answer{governance.FaultCode(err), fmt.Errorf("deploy: %w", err)}
	}
	return answer{}
}

// realDeployments counts what really changed, or will change, the copy's own
// target org.
func realDeployments(dir string) (int, error) {
	org, err := demoorg.Open(filepath.Join(dir, "orgs", string(demoorg.KindProduction)), demoorg.Options{Kind: demoorg.KindProduction})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, d := range org.Deployments() {
		if !d.CheckOnly {
			n++
		}
	}
	return n, org.Close()
}
