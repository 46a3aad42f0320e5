package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

// benchDemo runs countersign demo as a person would.
func benchDemo(ctx context.Context, dir string) error {
	bin := filepath.Join(dir, "countersign")
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, "countersign")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	began := time.Now()
	demo := exec.CommandContext(ctx, bin, "demo", "--data", filepath.Join(dir, "data"))
	if out, err := demo.CombinedOutput(); err != nil {
		return fmt.Errorf("demo: %w: %s", err, out)
	}
	wall := time.Since(began)
	u := demo.ProcessState.SysUsage().(*syscall.Rusage)
	row("demo from start to end", seconds(wall), fmt.Sprintf("%.2f s of CPU, %d MB at most", time.Duration(u.Utime.Nano()+u.Stime.Nano()).Seconds(), u.Maxrss/1024))
	return nil
}

func open(ctx context.Context, dir string, sourceN, targetN int) (*workspace.Workspace, []metadata.Key, error) {
	source, err := newServing(dir, demoorg.KindUAT, sourceN, "source")
	if err != nil {
		return nil, nil, err
	}
	target, err := newServing(dir, demoorg.KindProduction, targetN, "target")
	if err != nil {
		return nil, nil, err
	}
	w, err := openOn(ctx, filepath.Join(dir, "data"), source, target)
	return w, source.keys, err
}

// openOn opens a demo workspace on two orgs and tests both connections.
func openOn(ctx context.Context, data string, source, target *serving) (*workspace.Workspace, error) {
	w, err := workspace.Open(ctx, workspace.Options{Data: data, Demo: true,
		Orgs: &workspace.DemoOrgs{Source: source.org.Load().Connection(), Target: target.org.Load().Connection()}})
	if err != nil {
		return nil, err
	}
	for _, env := range []string{workspace.DemoSource, workspace.DemoTarget} {
		if _, err := w.TestConnection(ctx, workspace.Ana, env); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	return w, nil
}

func benchScan(ctx context.Context, dir string) error {
	w, _, err := open(ctx, dir, 10000, 10)
	if err != nil {
		return err
	}
	defer w.Close()
	m := start()
	sc, err := w.Scanner.Inventory(ctx, workspace.Ana, workspace.DemoSource)
	if err != nil {
		return err
	}
	r := m.stop()
	row(fmt.Sprintf("scan of %d customizations, org included", sc.Count), seconds(r.wall), r.String())
	return nil
}

func benchList(ctx context.Context, dir string) error {
	w, _, err := open(ctx, dir, 10, 10)
	if err != nil {
		return err
	}
	defer w.Close()
	m := start()
	for i := range 10000 {
		_, err := w.NewChangeRequest(ctx, workspace.Ana, governance.ChangeRequest{Name: fmt.Sprintf("Request %d", i), Overview: "Measured.",
			Customizations: []governance.Customization{{Change: governance.Modify, Type: "ApexClass", Name: fmt.Sprintf("Class%d", i)}}})
		if err != nil {
			return err
		}
	}
	r := m.stop()
	row("saving a draft, each durable and in the trail", millis(r.wall/10000), "mean of 10,000")
	m = start()
	list, _, err := w.Store.ChangeRequests(ctx, store.Query{})
	if err != nil {
		return err
	}
	all := m.stop()
	row(fmt.Sprintf("list of %d Change Requests, whole", len(list)), millis(all.wall), all.String())
	m = start()
	page, total, err := w.Store.ChangeRequests(ctx, store.Query{Limit: 100, Sort: "-updatedAt"})
	if err != nil {
		return err
	}
	first := m.stop()
	row(fmt.Sprintf("first %d of %d", len(page), total), millis(first.wall))
	return nil
}

func benchDeploy(ctx context.Context, dir string) error {
	w, keys, err := open(ctx, dir, 1000, 1000)
	if err != nil {
		return err
	}
	defer w.Close()
	dr, err := approved(ctx, w, keys)
	if err != nil {
		return err
	}
	dee, err := w.Author(ctx, workspace.Dee)
	if err != nil {
		return err
	}
	m := start()
	if _, err := w.Runner.Retrieve(ctx, dee, dr.ID); err != nil {
		return err
	}
	for _, kind := range []governance.AttemptKind{governance.AttemptValidate, governance.AttemptDeploy} {
		log, err := w.Deploy(ctx, workspace.Dee, dr.ID, kind)
		if err != nil {
			return err
		}
		if log.Result != governance.ResultSucceeded {
			return fmt.Errorf("%s: %s", kind, log.Message)
		}
	}
	r := m.stop()
	row(fmt.Sprintf("retrieve, validate, deploy and prove %d components", len(keys)), seconds(r.wall), r.String()+", both orgs included")
	return nil
}

// approved takes everything through both approvals.
func approved(ctx context.Context, w *workspace.Workspace, keys []metadata.Key) (*governance.DeploymentRecord, error) {
	draft := governance.ChangeRequest{Name: "Everything", Overview: "Measured."}
	for _, k := range keys {
		draft.Customizations = append(draft.Customizations, governance.Customization{Change: governance.Modify, Type: k.Type, Name: k.Name})
	}
	cr, err := w.NewChangeRequest(ctx, workspace.Ana, draft)
	if err != nil {
		return nil, err
	}
	if err := through(func(by string, d governance.Deed) error { _, err := w.Do(ctx, by, cr.ID, d); return err }); err != nil {
		return nil, err
	}
	dr, err := w.NewDeploymentRecord(ctx, workspace.Ana, governance.DeploymentRecord{RequestID: cr.ID, SourceID: workspace.DemoSource, TargetID: workspace.DemoTarget, Whole: true,
		Deployer: workspace.Dee, Options: governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests}})
	if err != nil {
		return nil, err
	}
	ana, err := w.Author(ctx, workspace.Ana)
	if err != nil {
		return nil, err
	}
	if _, err := w.Scanner.Run(ctx, ana, dr.ID); err != nil {
		return nil, err
	}
	if err := through(func(by string, d governance.Deed) error { _, err := w.DoRecord(ctx, by, dr.ID, d); return err }); err != nil {
		return nil, err
	}
	return w.Store.DeploymentRecord(ctx, dr.ID)
}

func through(do func(by string, d governance.Deed) error) error {
	if err := do(workspace.Ana, governance.Deed{Action: governance.Submit}); err != nil {
		return err
	}
	for _, by := range []string{workspace.Bo, workspace.Cy} {
		if err := do(by, governance.Deed{Action: governance.Approve}); err != nil {
			return err
		}
	}
	return nil
}

// benchVerify compares verifying a whole trail with what cannot be avoided:
// hashing every entry and checking every signature.
func benchVerify(ctx context.Context, dir string) error {
	w, _, err := open(ctx, dir, 10, 10)
	if err != nil {
		return err
	}
	defer w.Close()
	for i := range 1500 {
		cr, err := w.NewChangeRequest(ctx, workspace.Ana, governance.ChangeRequest{Name: fmt.Sprintf("Request %d", i), Overview: "Measured.",
			Customizations: []governance.Customization{{Change: governance.Modify, Type: "ApexClass", Name: "Class"}}})
		if err != nil {
			return err
		}
		if err := through(func(by string, d governance.Deed) error { _, err := w.Do(ctx, by, cr.ID, d); return err }); err != nil {
			return err
		}
	}
	m := start()
	report, err := w.VerifyWhole(ctx, nil)
	if err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return fmt.Errorf("verify: %s", report.Findings[0].Message)
	}
	whole := m.stop()
	least, err := yardstick(ctx, w.Store)
	if err != nil {
		return err
	}
	row(fmt.Sprintf("verifying %d entries with %d acts", report.Entries, report.Acts), seconds(whole.wall), whole.String())
	row("hashing and signature-checking the same bytes", seconds(least.cpu), "on one processor")
	row("verification in multiples of that, by CPU", fmt.Sprintf("%.1f", whole.cpu.Seconds()/least.cpu.Seconds()))
	return nil
}

func yardstick(ctx context.Context, st *store.Store) (reading, error) {
	acts, err := st.Acts(ctx)
	if err != nil {
		return reading{}, err
	}
	entries := []ledger.Entry{}
	for from := int64(0); ; {
		page, err := st.Entries(ctx, from, 1000, "")
		if err != nil {
			return reading{}, err
		}
		if len(page) == 0 {
			break
		}
		entries = append(entries, page...)
		from = page[len(page)-1].Idx + 1
	}
	m := start()
	for _, e := range entries {
		sha256.Sum256(e.Data)
	}
	for _, a := range acts {
		key, err := hex.DecodeString(strings.TrimPrefix(a.Key, "ed25519:"))
		if err != nil {
			return reading{}, err
		}
		if !ed25519.Verify(key, ledger.PAE(ledger.ActMedia, a.Payload), a.Sig) {
			return reading{}, fmt.Errorf("the signature of %s does not hold", a.ID)
		}
		sha256.Sum256(a.Payload)
	}
	return m.stop(), nil
}
