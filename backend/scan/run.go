package scan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/store"
	"golang.org/x/sync/errgroup"
)

// A job is one Run.
type job struct {
	scanner        *Scanner
	record         *governance.DeploymentRecord
	approved       string // digest of the request's approved revision
	request        *governance.RequestRevision
	source, target *side
	version        string

	customizations []governance.Customization
	sourceTree     *metadata.Tree
	targetTree     *metadata.Tree
	facts          facts

	pack, reverse                       *metadata.Tree
	packageBlob, baseBlob, reverseBlob  string
	sourceNormal, baseNormal, factsBlob string
}

// Run brings the content of a Deployment Record draft from its two
// environments, freezes it, and saves hashes, blobs, organisations and API
// version on the record: the button Run Scan. It says what the package would
// change. The faults, each with what to do:
//
//   - locked, rollback_record, request_not_approved, environment_missing, same_org,
//     not_tested, wrong_org: the record or its environments are not ready;
//   - nothing_to_deploy, too_many_members, too_large, unknown_type,
//     not_in_request, change_set: what it names cannot be a package;
//   - missing_in_source, not_in_target: what it names is not there;
//   - changed_meanwhile: somebody edited the record during the scan;
//   - and those of packages salesforce and store.
func (s *Scanner) Run(ctx context.Context, by store.Author, recordID string) (*Comparison, error) {
	j, err := s.begin(ctx, recordID)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{j.connect, j.resolve, j.retrieve, j.build, j.freeze} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	if err := j.save(ctx, by); err != nil {
		return nil, err
	}
	return compareTrees(j.customizations, j.sourceTree, j.targetTree, j.facts), nil
}

// begin loads the record and makes sure that it may be scanned.
func (s *Scanner) begin(ctx context.Context, recordID string) (*job, error) {
	dr, err := s.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return nil, err
	}
	if dr.Locked() {
		return nil, governance.Faultf(CodeLocked, "%s is %s, so its content is fixed.", dr.Label(), dr.Status).WithHint("Reopen it to scan it again.")
	}
	if dr.Kind == governance.Rollback {
		return nil, governance.Faultf(CodeRollbackRecord, "%s undoes a deployment; its content was frozen with that one.", dr.Label())
	}
	if dr.SourceID == "" || dr.TargetID == "" {
		return nil, governance.Faultf(CodeNoEnvironment, "%s has no source or no target yet.", dr.Label()).WithHint("Choose both environments and save.")
	}
	if dr.SourceID == dr.TargetID {
		return nil, sameOrg()
	}
	history, err := s.Store.History(ctx, dr.RequestID)
	if err != nil {
		return nil, err
	}
	standing := history.RequestStanding(dr.RequestID)
	request := history.Request(standing.Revision)
	if standing.Status != governance.Approved || request == nil {
		return nil, governance.Faultf(CodeNotApproved, "The change request of %s is %s; only an approved one can be scanned.", dr.Label(), standing.Status).
			WithHint("Get the change request approved first.")
	}
	return &job{scanner: s, record: dr, approved: standing.Revision, request: request}, nil
}

func sameOrg() error {
	return governance.Faultf(CodeSameOrg, "Source and target are the same org.").WithHint("Choose another source or target.")
}

func (j *job) connect(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { j.source, err = j.scanner.connect(ctx, j.record.SourceID); return err })
	group.Go(func() (err error) { j.target, err = j.scanner.connect(ctx, j.record.TargetID); return err })
	if err := group.Wait(); err != nil {
		return err
	}
	if j.source.identity.OrganizationID == j.target.identity.OrganizationID {
		return sameOrg()
	}
	var note string
	j.version, note = commonVersion(j.source, j.target)
	if j.facts.APIVersion = j.version; note != "" {
		j.facts.Notes = append(j.facts.Notes, note)
	}
	return nil
}

// commonVersion is the newest API version that both orgs offer, and a sentence
// when they differ.
func commonVersion(source, target *side) (version, note string) {
	a, b := source.identity.APIVersion, target.identity.APIVersion
	if a == b {
		return a, ""
	}
	version = a
	if versionNumber(b) < versionNumber(a) {
		version = b
	}
	return version, fmt.Sprintf("%s offers API version %s and %s offers %s; %s is used for both.", source.name(), a, target.name(), b, version)
}

func versionNumber(v string) int {
	major, _, _ := strings.Cut(v, ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

func (j *job) resolve(ctx context.Context) (err error) {
	r := resolver{scanner: j.scanner, record: j.record, request: j.request, source: j.source}
	j.customizations, j.facts.Added, err = r.customizations(ctx)
	j.facts.Notes = append(j.facts.Notes, r.notes...)
	return err
}

// retrieve brings both sides at the same time.
func (j *job) retrieve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		tree, props, err := j.scanner.fetch(ctx, j.source, metadata.ManifestOf(j.version, sourceKeys(j.customizations)))
		j.sourceTree, j.facts.Source, j.facts.SourceAt = tree, stampsOf(props), j.scanner.now()
		return err
	})
	group.Go(func() error {
		tree, props, err := j.scanner.fetch(ctx, j.target, metadata.ManifestOf(j.version, allKeys(j.customizations)))
		j.targetTree, j.facts.Target, j.facts.TargetAt = tree, stampsOf(props), j.scanner.now()
		return err
	})
	return group.Wait()
}

// build checks that all is there and makes the package and its reverse.
func (j *job) build(context.Context) error {
	j.scanner.report(Progress{Environment: j.target.env.ID, Phase: PhaseCompare, Total: len(j.customizations)})
	if err := j.checkThere(); err != nil {
		return err
	}
	j.settleAdded()
	var added []metadata.Key
	var err error
	if j.pack, err = buildPackage(j.sourceTree, j.customizations, j.version); err != nil {
		return err
	}
	if j.reverse, added, err = metadata.Reverse(j.version, j.sourceTree, j.targetTree, allKeys(j.customizations)); err != nil {
		return asFault(err)
	}
	j.facts.Notes = append(present(j.facts.Notes), packageNotes(j.customizations, added)...)
	j.sourceNormal, j.baseNormal = j.sourceTree.NormalHash(), j.targetTree.NormalHash()
	return nil
}

func (j *job) checkThere() error {
	var missing, absent []metadata.Key
	for _, c := range j.customizations {
		k := keyOf(c)
		switch {
		case c.Change == governance.Delete && j.targetTree.Meaning(k) == "":
			absent = append(absent, k)
		case c.Change != governance.Delete && j.sourceTree.Meaning(k) == "":
			missing = append(missing, k)
		}
	}
	if len(missing) > 0 {
		return governance.Faultf(CodeMissingInSource, "%s does not have %s.", j.source.name(), listedKeys(missing)).
			WithHint("Check the names, choose another source, or take them out.")
	}
	if len(absent) > 0 {
		return governance.Faultf(CodeNotInTarget, "%s does not have %s, so it cannot be deleted there.", j.target.name(), listedKeys(absent)).
			WithHint("Take the deletion out.")
	}
	return nil
}

// settleAdded says of what a wildcard or a change set brought whether it is
// added or changed; for what a person named, the person's word stays.
func (j *job) settleAdded() {
	added := map[metadata.Key]bool{}
	for _, c := range j.facts.Added {
		added[keyOf(c)] = true
	}
	settle := func(cs []governance.Customization) {
		for i, c := range cs {
			if added[keyOf(c)] && j.targetTree.Meaning(keyOf(c)) == "" {
				cs[i].Change = governance.Add
			}
		}
	}
	settle(j.customizations)
	settle(j.facts.Added)
}

// freeze stores the three trees and the facts.
func (j *job) freeze(ctx context.Context) error {
	j.scanner.report(Progress{Environment: j.target.env.ID, Phase: PhaseSave})
	var size int64
	var err error
	if j.packageBlob, size, err = freeze(ctx, j.scanner.Store, j.pack); err != nil {
		return fmt.Errorf("keep the package: %w", err)
	}
	if size > zipLimit {
		return governance.Faultf(CodeTooLarge, "The package is a zip of %s MB; one deployment takes %s MB.", thousands(int(size>>20)), thousands(zipLimit>>20)).
			WithHint("Select fewer customizations and make a second deployment record for the rest.")
	}
	if j.baseBlob, _, err = freeze(ctx, j.scanner.Store, j.targetTree); err != nil {
		return fmt.Errorf("keep the target's content: %w", err)
	}
	if j.reverseBlob, _, err = freeze(ctx, j.scanner.Store, j.reverse); err != nil {
		return fmt.Errorf("keep the reverse package: %w", err)
	}
	text, err := json.Marshal(j.facts)
	if err != nil {
		return fmt.Errorf("keep the facts of the scan: %w", err)
	}
	j.factsBlob, _, err = j.scanner.Store.PutBlob(ctx, bytes.NewReader(text))
	return err
}

// save writes the draft and the log entry.
func (j *job) save(ctx context.Context, by store.Author) error {
	at := j.scanner.now()
	_, err := j.scanner.Store.UpdateDeploymentRecord(ctx, j.record.ID, by, func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error) {
		if err := j.unchanged(dr, sit); err != nil {
			return governance.Intent{}, err
		}
		j.fill(dr, at)
		return governance.Intent{}, nil
	})
	if err != nil {
		return err
	}
	return j.scanner.Store.Note(ctx, noteContent, contentNote{
		APIVersion: j.version, At: at.Format(time.RFC3339), Base: j.baseNormal, By: by.Member, Facts: j.factsBlob, Items: int64(len(j.customizations)),
		Package: j.pack.Hash(), Record: j.record.ID, Source: j.source.identity.OrganizationID, Target: j.target.identity.OrganizationID,
	})
}

// unchanged makes sure that what was scanned is what the record still says.
func (j *job) unchanged(dr *governance.DeploymentRecord, sit governance.Situation) error {
	was := j.record
	same := dr.RequestID == was.RequestID && dr.SourceID == was.SourceID && dr.TargetID == was.TargetID && dr.Whole == was.Whole && dr.Kind == was.Kind &&
		(dr.Whole || reflect.DeepEqual(governance.TidyCustomizations(dr.Customizations), governance.TidyCustomizations(was.Customizations)))
	if !same || dr.Locked() {
		return governance.Faultf(CodeChangedMean, "%s was changed while it was being scanned.", dr.Label()).WithHint("Press Run Scan again.")
	}
	if sit.History == nil {
		return nil
	}
	standing := sit.History.RequestStanding(dr.RequestID)
	if standing.Status != governance.Approved || standing.Revision != j.approved {
		return governance.Faultf(CodeChangedMean, "The change request of %s was changed while it was being scanned.", dr.Label()).WithHint("Press Run Scan again.")
	}
	return nil
}

func (j *job) fill(dr *governance.DeploymentRecord, at time.Time) {
	dr.Customizations = slices.Clone(j.customizations)
	dr.SourceOrg, dr.TargetOrg = j.source.identity.OrganizationID, j.target.identity.OrganizationID
	dr.TargetKind = governance.EnvironmentKind(j.target.identity.Kind)
	dr.APIVersion = j.version
	dr.RequestDigest = j.approved
	dr.Package, dr.PackageBlob = j.pack.Hash(), j.packageBlob
	dr.Base, dr.BaseBlob = j.baseNormal, j.baseBlob
	dr.Reverse, dr.ReverseBlob = j.reverse.Hash(), j.reverseBlob
	dr.SourceNormal = j.sourceNormal
	dr.NormalForm = metadata.NormalForm
	dr.ScannedAt = at
}
