package deploy

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// Retrieve fetches the approved customizations again from the source and the
// target and compares them with what was approved. Its Deployment Log says
// what moved and by whom; a start later needs one that succeeded. The error is
// a *Refused when the record may not be deployed for another reason anyway; an
// org that could not be asked is in the log and in the error.
func (r *Runner) Retrieve(ctx context.Context, by store.Author, recordID string) (*governance.DeploymentLog, error) {
	b, err := r.open(ctx, recordID)
	if err != nil {
		return nil, err
	}
	if err := r.ask(ctx, b, by); err != nil {
		return nil, err
	}
	// Held before it is saved: a Resume at the same time must not end it.
	log := &governance.DeploymentLog{ID: newID(), RecordID: b.dr.ID, Kind: governance.AttemptRetrieve, TargetOrg: b.who.OrganizationID, Status: string(salesforce.RetrieveInProgress)}
	r.running.Store(log.ID, true)
	defer r.running.Delete(log.ID)
	if err := r.Store.CreateDeploymentLog(ctx, by, log); err != nil {
		return nil, err
	}
	r.tell(log)
	got, err := r.fetchBoth(ctx, b)
	done, failure := r.endRetrieve(context.WithoutCancel(ctx), log, got, err)
	return done, errors.Join(err, failure)
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see its documentation
	return hex.EncodeToString(b[:])
}

// ask lets only what a Retrieve would mend stand against it.
func (r *Runner) ask(ctx context.Context, b *bench, by store.Author) error {
	d, err := r.Ask(ctx, by.Member, b.dr.ID, governance.AttemptRetrieve, b.who)
	if err != nil {
		return err
	}
	d.Checks = slices.DeleteFunc(d.Checks, func(c governance.Check) bool { return c.Code == "retrieved" })
	if d.Refusal() == nil {
		return nil
	}
	if err := r.Store.SaveDecision(ctx, by.Member, b.dr.ID, d); err != nil {
		return err
	}
	return &Refused{Decision: d}
}

// A fetched is what both orgs hold now, compared with what was approved.
type fetched struct {
	pkg     string   // hash of the package, or of what the source holds instead
	same    bool     // the source means what was approved
	moved   []string // what moved in the source
	notices []string // what moved in the target
}

func (r *Runner) fetchBoth(ctx context.Context, b *bench) (got fetched, err error) {
	if err := r.asDeclared(ctx, b.dr); err != nil {
		return got, err
	}
	if err := r.fetchSource(ctx, b, &got); err != nil {
		return got, err
	}
	base, props, err := r.Fetch(ctx, b.target, targetManifest(b.dr))
	if err != nil {
		return got, fmt.Errorf("retrieve from %s: %w", b.env.Name, err)
	}
	if base.NormalHash() == b.dr.Base {
		return got, nil
	}
	before, err := r.frozen(b.dr.BaseBlob)
	if err != nil {
		return got, err
	}
	got.notices = moved(before, base, props, b.env.Name)
	return got, nil
}

func (r *Runner) fetchSource(ctx context.Context, b *bench, got *fetched) error {
	src, client, who, err := r.connect(ctx, b.dr.SourceID)
	if err != nil {
		return err
	}
	if who.OrganizationID != b.dr.SourceOrg {
		return governance.Faultf("wrong_org", "%s now leads to another organisation than the approved source.", src.Name).WithHint("Check the environment.")
	}
	pkg, err := r.frozen(b.dr.PackageBlob)
	if err != nil {
		return err
	}
	now, props, err := r.Fetch(ctx, client, sourceManifest(b.dr))
	if err != nil {
		return fmt.Errorf("retrieve from %s: %w", src.Name, err)
	}
	if got.same = now.NormalHash() == b.dr.SourceNormal; got.same {
		got.pkg = pkg.Hash()
		return nil
	}
	got.pkg, got.moved = now.Hash(), moved(pkg.Content(), now, props, src.Name)
	return nil
}

// endRetrieve saves how a retrieve ended.
func (r *Runner) endRetrieve(ctx context.Context, log *governance.DeploymentLog, got fetched, failure error) (*governance.DeploymentLog, error) {
	return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.CompletedAt, l.CancelWanted = governance.ProgressDone, r.now(), false
		l.Result, l.Status = governance.ResultFailed, string(salesforce.RetrieveFailed)
		l.Outcome.Warnings = got.notices
		switch {
		case failure != nil:
			l.Message = "Nothing was retrieved. " + sentence(failure)
			return
		case !got.same:
			l.Package, l.Message = got.pkg, "The source was changed after the approval: "+strings.Join(got.moved, "; ")+"."
			return
		}
		l.Result, l.Status, l.Package = governance.ResultSucceeded, string(salesforce.RetrieveSucceeded), got.pkg
		l.Message = "The package is exactly what was approved."
		if len(got.notices) > 0 {
			l.Message += " But the target was changed after the approval: " + strings.Join(got.notices, "; ") + "."
		}
	})
}

// interrupted ends a retrieve that an earlier run of the program began.
func (r *Runner) interrupted(ctx context.Context, log *governance.DeploymentLog) (*governance.DeploymentLog, error) {
	return r.update(ctx, log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.Result, l.CompletedAt, l.CancelWanted = governance.ProgressDone, governance.ResultFailed, r.now(), false
		l.Status, l.Message = string(salesforce.RetrieveFailed), "Countersign was closed before the retrieve ended. Nothing was changed; retrieve again."
	})
}

// sourceManifest names what comes from the source: all but deletions.
func sourceManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return metadata.ManifestOf(dr.APIVersion, keys(dr, brought))
}

// targetManifest names everything that the record touches.
func targetManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return metadata.ManifestOf(dr.APIVersion, append(keys(dr, brought), keys(dr, removed)...))
}

func brought(c governance.Customization) bool { return c.Change != governance.Delete }
func removed(c governance.Customization) bool { return c.Change == governance.Delete }

func keys(dr *governance.DeploymentRecord, of func(governance.Customization) bool) []metadata.Key {
	out := []metadata.Key{}
	for _, c := range dr.Customizations {
		if of(c) {
			out = append(out, metadata.Key{Type: c.Type, Name: c.Name})
		}
	}
	return out
}

// moved names the files that differ by meaning, with who changed them when.
func moved(before, after *metadata.Tree, props []salesforce.FileProperties, env string) []string {
	out := []string{}
	for _, path := range union(before.Paths(), after.Paths()) {
		a, inA := before.File(path)
		b, inB := after.File(path)
		if inA == inB && sameMeaning(path, a, b) {
			continue
		}
		out = append(out, describe(path, inA, inB, props, env))
	}
	return out
}

func describe(path string, before, after bool, props []salesforce.FileProperties, env string) string {
	what := "was changed"
	switch {
	case !before:
		what = "appeared"
	case !after:
		what = "is gone"
	}
	s := fmt.Sprintf("%s %s in %s", path, what, env)
	var newest salesforce.FileProperties
	for _, p := range props {
		if isAbout(p, path) && p.LastModifiedDate.After(newest.LastModifiedDate) {
			newest = p
		}
	}
	if newest.LastModifiedByName != "" {
		s += fmt.Sprintf(" by %s at %s", newest.LastModifiedByName, newest.LastModifiedDate.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return s
}

// isAbout reports whether an org's word is about a file or its -meta.xml, for
// which an org has no word of its own.
func isAbout(p salesforce.FileProperties, path string) bool {
	path = strings.TrimSuffix(path, "-meta.xml")
	return p.FileName == path || strings.HasSuffix(p.FileName, "/"+path)
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// prove retrieves what was sent and lists what the org holds in another form:
// accepted, but unchanged.
func (r *Runner) prove(ctx context.Context, b *bench) ([]string, error) {
	sent, err := r.frozen(b.dr.PackageBlob)
	if err != nil {
		return nil, err
	}
	now, _, err := r.Fetch(ctx, b.target, targetManifest(b.dr))
	if err != nil {
		return nil, err
	}
	want, have := metadata.Split(sent.Content()), metadata.Split(now)
	out := []string{}
	for key, part := range want {
		if got, ok := have[key]; !ok || !sameParts(part, got) {
			out = append(out, key.String())
		}
	}
	for _, c := range b.dr.Customizations {
		key := metadata.Key{Type: c.Type, Name: c.Name}
		if c.Change == governance.Delete && now.HashOf(key) != "" {
			out = append(out, key.String()+" is still there")
		}
	}
	slices.Sort(out)
	return out, nil
}
