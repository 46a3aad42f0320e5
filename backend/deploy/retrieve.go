package deploy

import (
	"context"
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
// a *Refused when the record may not be deployed for another reason anyway.
func (r *Runner) Retrieve(ctx context.Context, by store.Author, recordID string) (*governance.DeploymentLog, error) {
	b, err := r.open(ctx, recordID)
	if err != nil {
		return nil, err
	}
	if err := r.ask(ctx, b, by); err != nil {
		return nil, err
	}
	log := &governance.DeploymentLog{RecordID: b.dr.ID, RequestID: b.dr.RequestID, Kind: governance.AttemptRetrieve, Progress: governance.ProgressRunning,
		By: by.Member, TargetOrg: b.who.OrganizationID, Revision: b.dr.Revision, StartedAt: r.now(), Status: string(salesforce.RetrieveInProgress)}
	if err := r.Store.CreateDeploymentLog(ctx, by, log); err != nil {
		return nil, err
	}
	r.tell(log)
	got, err := r.fetchBoth(ctx, b)
	return r.endRetrieve(ctx, log, got, err)
}

// ask lets only what a Retrieve would mend stand against it.
func (r *Runner) ask(ctx context.Context, b *bench, by store.Author) error {
	d, err := r.Ask(ctx, by.Member, b.dr.ID, governance.AttemptRetrieve, b.who)
	if err != nil {
		return err
	}
	for _, c := range d.Checks {
		if !c.OK && c.Code != "retrieved" {
			if err := r.Store.SaveDecision(ctx, by.Member, b.dr.ID, d); err != nil {
				return err
			}
			return &Refused{Decision: d}
		}
	}
	return nil
}

// Ask is the gate's answer for the screen, without starting anything: what is
// known now, with the last retrieve's package. who is the target's identity;
// its zero value means that the target was not asked.
func (r *Runner) Ask(ctx context.Context, member, recordID string, kind governance.AttemptKind, who salesforce.Identity) (governance.Decision, error) {
	q, err := r.question(ctx, recordID)
	if err != nil {
		return governance.Decision{}, err
	}
	dr := q.Record
	q.Kind, q.Deployer, q.Now = kind, member, r.now()
	q.Target, q.TargetKind = who.OrganizationID, governance.EnvironmentKind(who.Kind)
	if who.OrganizationID == "" {
		q.Target, q.TargetKind = dr.TargetOrg, dr.TargetKind
	}
	if kind != governance.AttemptRetrieve {
		if q.Package, err = r.retrieved(ctx, dr); err != nil {
			return governance.Decision{}, err
		}
		q.Base = dr.Base // fetched again at the start
	}
	return governance.Gate(q), nil
}

// question is what the database says about a record.
func (r *Runner) question(ctx context.Context, recordID string) (q governance.Question, err error) {
	if q.Record, err = r.Store.DeploymentRecord(ctx, recordID); err != nil {
		return q, err
	}
	if q.Request, err = r.Store.ChangeRequest(ctx, q.Record.RequestID); err != nil {
		return q, err
	}
	if q.History, err = r.Store.History(ctx, q.Request.ID); err != nil {
		return q, err
	}
	q.RequestDigest, q.RecordDigest, err = r.Store.Digests(ctx, recordID)
	return q, err
}

// A fetched is what both orgs hold now, compared with what was approved.
type fetched struct {
	pkg     string // hash of the package if the source has not moved
	moved   []string
	notices []string
}

func (r *Runner) fetchBoth(ctx context.Context, b *bench) (fetched, error) {
	src, err := r.Store.Environment(ctx, b.dr.SourceID)
	if err != nil {
		return fetched{}, err
	}
	client, err := r.Session(ctx, src)
	if err != nil {
		return fetched{}, err
	}
	who, err := client.Identity(ctx)
	if err != nil {
		return fetched{}, fmt.Errorf("test the connection to %s: %w", src.Name, err)
	}
	if who.OrganizationID != b.dr.SourceOrg {
		return fetched{}, governance.Faultf("wrong_org", "%s now leads to another organisation than the approved source.", src.Name).WithHint("Check the environment.")
	}
	pkg, err := r.frozen(b.dr.PackageBlob)
	if err != nil {
		return fetched{}, err
	}
	out := fetched{pkg: pkg.Hash()}
	now, props, err := r.Fetch(ctx, client, sourceManifest(b.dr))
	if err != nil {
		return fetched{}, fmt.Errorf("retrieve from %s: %w", src.Name, err)
	}
	if now.NormalHash() != b.dr.SourceNormal {
		out.moved = moved(components(pkg), now, props, src.Name)
		out.pkg = now.Hash()
	}
	base, props, err := r.Fetch(ctx, b.target, targetManifest(b.dr))
	if err != nil {
		return fetched{}, fmt.Errorf("retrieve from %s: %w", b.env.Name, err)
	}
	if base.NormalHash() != b.dr.Base {
		before, err := r.frozen(b.dr.BaseBlob)
		if err != nil {
			return fetched{}, err
		}
		out.notices = moved(before, base, props, b.env.Name)
	}
	return out, nil
}

func (r *Runner) endRetrieve(ctx context.Context, log *governance.DeploymentLog, got fetched, err error) (*governance.DeploymentLog, error) {
	done, uerr := r.update(context.WithoutCancel(ctx), log.ID, func(l *governance.DeploymentLog) {
		l.Progress, l.CompletedAt = governance.ProgressDone, r.now()
		l.Outcome = governance.Outcome{Failures: []governance.ComponentFailure{}, Tests: []governance.TestFailure{}, Coverage: []governance.Coverage{}, Warnings: got.notices, Unchanged: []string{}}
		if l.Outcome.Warnings == nil {
			l.Outcome.Warnings = []string{}
		}
		switch {
		case err != nil:
			l.Result, l.Message, l.Status = governance.ResultFailed, "Nothing was retrieved. "+sentence(err), string(salesforce.RetrieveFailed)
		case len(got.moved) > 0:
			l.Result, l.Message, l.Status = governance.ResultFailed, "The source was changed after the approval: "+strings.Join(got.moved, "; ")+".", string(salesforce.RetrieveFailed)
			l.Package = got.pkg
		default:
			l.Result, l.Package, l.Status = governance.ResultSucceeded, got.pkg, string(salesforce.RetrieveSucceeded)
			l.Message = "The package is exactly what was approved."
			if len(got.notices) > 0 {
				l.Message += " But the target was changed after the approval: " + strings.Join(got.notices, "; ") + "."
			}
		}
	})
	return done, errors.Join(err, uerr)
}

// retrieved is the hash of the package as the last retrieve of this revision
// left it, read again from the stored bytes; empty when nothing was retrieved.
func (r *Runner) retrieved(ctx context.Context, dr *governance.DeploymentRecord) (string, error) {
	logs, err := r.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return "", err
	}
	var last *governance.DeploymentLog
	for i := range logs {
		l := &logs[i]
		if l.Kind == governance.AttemptRetrieve && l.Revision == dr.Revision && l.Progress == governance.ProgressDone && (last == nil || l.StartedAt.After(last.StartedAt)) {
			last = l
		}
	}
	if last == nil || last.Package == "" {
		return "", nil
	}
	if last.Result != governance.ResultSucceeded {
		return last.Package, nil // the source moved: the gate will say that it differs
	}
	return r.frozenHash(dr.PackageBlob)
}

// baseNow is the hash of what the target holds at this moment.
func (r *Runner) baseNow(ctx context.Context, b *bench) (string, error) {
	t, _, err := r.Fetch(ctx, b.target, targetManifest(b.dr))
	if err != nil {
		return "", fmt.Errorf("retrieve from %s: %w", b.env.Name, err)
	}
	return t.NormalHash(), nil
}

// quickOf finds the validation that a quick deploy comes from.
func (r *Runner) quickOf(ctx context.Context, dr *governance.DeploymentRecord, log *governance.DeploymentLog) error {
	logs, err := r.Store.DeploymentLogs(ctx, dr.ID)
	if err != nil {
		return err
	}
	var newest governance.DeploymentLog
	for _, l := range logs {
		if l.Kind == governance.AttemptValidate && l.Revision == dr.Revision && l.Result == governance.ResultSucceeded && l.CompletedAt.After(newest.CompletedAt) {
			newest = l
		}
	}
	log.ValidationID, log.Marker = newest.AsyncID, newest.Marker
	if log.ValidationID == "" {
		return governance.Faultf("no_validation", "There is no succeeded validation of this package to deploy from.").WithHint("Press Validate Customizations first.")
	}
	log.Package, err = r.frozenHash(dr.PackageBlob)
	return err
}

// sourceManifest names what comes from the source: all but deletions.
func sourceManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return manifest(dr, func(c governance.Customization) bool { return c.Change != governance.Delete })
}

// targetManifest names everything that the record touches.
func targetManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return manifest(dr, func(governance.Customization) bool { return true })
}

func manifest(dr *governance.DeploymentRecord, keep func(governance.Customization) bool) *metadata.Manifest {
	keys := []metadata.Key{}
	for _, c := range dr.Customizations {
		if keep(c) {
			keys = append(keys, metadata.Key{Type: c.Type, Name: c.Name})
		}
	}
	return metadata.ManifestOf(dr.APIVersion, keys)
}

// components is a package without the manifests that we made.
func components(t *metadata.Tree) *metadata.Tree {
	return t.Without("package.xml", "destructiveChanges.xml")
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
		if strings.HasSuffix(p.FileName, path) && p.LastModifiedDate.After(newest.LastModifiedDate) {
			newest = p
		}
	}
	if newest.LastModifiedByName != "" {
		s += fmt.Sprintf(" by %s at %s", newest.LastModifiedByName, newest.LastModifiedDate.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return s
}

func union(a, b []string) []string {
	seen, out := map[string]bool{}, []string{}
	for _, s := range append(append([]string{}, a...), b...) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// prove retrieves what was sent and lists what the org holds in another form:
// accepted, but unchanged.
func (r *Runner) prove(ctx context.Context, b *bench) ([]string, error) {
	sent, err := r.frozen(b.dr.PackageBlob)
	if err != nil {
		return nil, err
	}
	now, _, err := r.Fetch(ctx, b.target, sourceManifest(b.dr))
	if err != nil {
		return nil, err
	}
	want, have := metadata.Split(components(sent)), metadata.Split(now)
	out := []string{}
	for key, part := range want {
		if got, ok := have[key]; !ok || !sameParts(part, got) {
			out = append(out, key.String())
		}
	}
	slices.Sort(out)
	gone, _, err := r.Fetch(ctx, b.target, manifest(b.dr, func(c governance.Customization) bool { return c.Change == governance.Delete }))
	if err != nil {
		return nil, err
	}
	for _, c := range gone.Components() {
		out = append(out, c.Key.String()+" is still there")
	}
	return out, nil
}
