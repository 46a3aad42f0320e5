package workspace

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
	"countersign/backend/store"
)

// NewChangeRequest saves a first draft of a Change Request.
func (w *Workspace) NewChangeRequest(ctx context.Context, by string, cr governance.ChangeRequest) (*governance.ChangeRequest, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	if cr.Type == "" {
		cr.Type = governance.Minor
	}
	cr.Tidy()
	if err := checkDraft(&cr); err != nil {
		return nil, err
	}
	return &cr, w.Store.CreateChangeRequest(ctx, author, &cr)
}

// EditChangeRequest changes a draft; a locked one is refused. The edit can be
// taken back with UndoRequest.
func (w *Workspace) EditChangeRequest(ctx context.Context, by, id string, edit func(*governance.ChangeRequest) error) (*governance.ChangeRequest, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.EditDraft(ctx, id, author, func(cr *governance.ChangeRequest) error {
		if err := edit(cr); err != nil {
			return err
		}
		cr.Tidy()
		return checkDraft(cr)
	})
}

// checkDraft refuses what could never be deployed: a name that is not of the
// API name format of its type, an action or Change Type that does not exist.
func checkDraft(cr *governance.ChangeRequest) error {
	if !slices.Contains(governance.ChangeTypes(), cr.Type) {
		return governance.Faultf("change_type", "%q is not a Change Type.", cr.Type).WithHint("Choose Minor, Standard, Major or Emergency.")
	}
	if link := strings.ToLower(strings.TrimSpace(cr.ExternalLink)); link != "" && !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") {
		return governance.Faultf("link", "%q is not a web address.", cr.ExternalLink).WithHint("A link begins with https://.")
	}
	for _, c := range cr.Customizations {
		if !slices.Contains([]governance.Change{governance.Add, governance.Modify, governance.Delete}, c.Change) {
			return governance.Faultf("action", "%q cannot happen to %s.", c.Change, c.Name).WithHint("Choose add, change or delete.")
		}
		if err := metadata.CheckName(c.Type, c.Name); err != nil {
			return badMetadata(err)
		}
	}
	return checkTexts(cr)
}

// badMetadata turns metadata's own error into a Fault for people.
func badMetadata(err error) error {
	e, ok := err.(*metadata.Error)
	if !ok {
		return err
	}
	return (&governance.Fault{Code: e.Code, Message: e.Message, Hint: e.Hint}).Because(err)
}

const otherManifest = "Export it again, or choose another file."

// badManifest says what to do where the parser only says what is wrong.
func badManifest(err error) error {
	fault := badMetadata(err)
	if f, ok := fault.(*governance.Fault); ok && f.Hint == "" {
		return f.WithHint(otherManifest)
	}
	return fault
}

// Do lets a member do a lifecycle action on a Change Request.
func (w *Workspace) Do(ctx context.Context, by, id string, deed governance.Deed) (*governance.ChangeRequest, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.UpdateChangeRequest(ctx, id, author, func(cr *governance.ChangeRequest, s governance.Situation) (governance.Intent, error) {
		return cr.Do(s, deed)
	})
}

// ImportManifest adds a package.xml to a draft, wildcards and all. Importing a
// file of the same name again replaces it. Faults: file_name, too_long,
// empty_manifest, locked, and those of reading the XML.
func (w *Workspace) ImportManifest(ctx context.Context, by, id, name string, xml []byte) (*governance.ChangeRequest, error) {
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:]) // whichever system the path is from
	if strings.Trim(name, ". ") == "" {
		return nil, governance.Faultf("file_name", "%.80q is not the name of a file.", name).WithHint("Give it another name and import it again.")
	}
	m, err := metadata.ParseManifest(xml)
	if err != nil {
		return nil, badManifest(err)
	}
	name = oneLine(name)
	if err := notLonger([]bounded{{"The name of the file", name, maxName}}); err != nil {
		return nil, err
	}
	if m.Count() == 0 {
		return nil, governance.Faultf("empty_manifest", "%s names no customization.", name).WithHint(otherManifest)
	}
	pm := governance.PackageManifest{APIVersion: m.Version, Name: name}
	for t, names := range m.Members {
		pm.Members = append(pm.Members, governance.ManifestMember{Type: t, Names: names})
	}
	slices.SortFunc(pm.Members, func(a, b governance.ManifestMember) int { return strings.Compare(a.Type, b.Type) })
	return w.EditChangeRequest(ctx, by, id, func(cr *governance.ChangeRequest) error {
		cr.Manifests = slices.DeleteFunc(cr.Manifests, func(old governance.PackageManifest) bool { return old.Name == name })
		cr.Manifests = append(cr.Manifests, pm)
		return nil
	})
}

// ExportManifest is the request's content as a package.xml, wildcards as they
// were imported; what is to be deleted is not in it.
func (w *Workspace) ExportManifest(ctx context.Context, id, apiVersion string) ([]byte, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return nil, err
	}
	keys := []metadata.Key{}
	for _, c := range cr.Content() {
		if c.Change != governance.Delete {
			keys = append(keys, metadata.Key{Type: c.Type, Name: c.Name})
		}
	}
	for _, m := range cr.Manifests {
		for _, t := range m.Members {
			if slices.Contains(t.Names, "*") {
				keys = append(keys, metadata.Key{Type: t.Type, Name: "*"})
			}
		}
	}
	return metadata.ManifestOf(apiVersion, keys).Bytes(), nil
}

// MaxAttachment is the largest file that can be attached, in bytes.
const MaxAttachment = 25 << 20

// Attach adds a file to a draft. Faults: file_name, too_large, locked.
func (w *Workspace) Attach(ctx context.Context, by, id, name string, r io.Reader) (*governance.ChangeRequest, error) {
	given := name[strings.LastIndexAny(name, `/\`)+1:] // whichever system the path is from
	name = oneLine(given)
	if strings.Trim(name, ". ") == "" || strings.ContainsFunc(given, unicode.IsControl) || len(name) > 255 {
		return nil, governance.Faultf("file_name", "%.80q is not the name of a file.", name).WithHint("Give it another name and attach it again.")
	}
	sha, size, err := w.Store.PutBlob(ctx, io.LimitReader(r, MaxAttachment+1))
	if err != nil {
		return nil, err
	}
	if size > MaxAttachment {
		return nil, governance.Faultf("too_large", "%s is larger than %d MB.", name, MaxAttachment>>20).WithHint("Attach a link instead.")
	}
	return w.EditChangeRequest(ctx, by, id, func(cr *governance.ChangeRequest) error {
		cr.Attachments = slices.DeleteFunc(cr.Attachments, func(a governance.Attachment) bool { return a.Name == name })
		cr.Attachments = append(cr.Attachments, governance.Attachment{Name: name, SHA256: sha, Size: size})
		slices.SortFunc(cr.Attachments, func(a, b governance.Attachment) int { return strings.Compare(a.Name, b.Name) })
		return nil
	})
}

// NewDeploymentRecord makes a record of an approved Change Request. Whole takes
// all of its customizations; otherwise those of the selection.
func (w *Workspace) NewDeploymentRecord(ctx context.Context, by string, dr governance.DeploymentRecord) (*governance.DeploymentRecord, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	cr, err := w.Store.ChangeRequest(ctx, dr.RequestID)
	if err != nil {
		return nil, err
	}
	h, err := w.Store.History(ctx, cr.ID)
	if err != nil {
		return nil, err
	}
	if st := h.RequestStanding(cr.ID); st.Status != governance.Approved {
		return nil, governance.Faultf("not_approved", "%s is %s; only an approved change request can be deployed.", cr.Label(), st.Status).WithHint("Get it approved first.")
	}
	if dr.Kind == "" {
		dr.Kind = governance.Deployment
	}
	if dr.Name == "" {
		dr.Name = cr.Name
	}
	if err := w.checkRecord(ctx, &dr); err != nil {
		return nil, err
	}
	dr.Tidy()
	return &dr, w.Store.CreateDeploymentRecord(ctx, author, &dr)
}

// checkRecord refuses what could never be deployed, and keeps the name on one
// line.
func (w *Workspace) checkRecord(ctx context.Context, dr *governance.DeploymentRecord) error {
	dr.Name = oneLine(dr.Name)
	if err := notLonger([]bounded{{"The name", dr.Name, maxName}}); err != nil {
		return err
	}
	if dr.SourceID == dr.TargetID {
		return governance.Faultf("same_environment", "Source and target are the same environment.").WithHint("Choose two different ones.")
	}
	for _, id := range []string{dr.SourceID, dr.TargetID} {
		if _, err := w.Store.Environment(ctx, id); err != nil {
			return err
		}
	}
	levels := []governance.TestLevel{"", governance.NoTestRun, governance.RunSpecifiedTests, governance.RunLocalTests, governance.RunAllTestsInOrg, governance.RunRelevantTests}
	if !slices.Contains(levels, dr.Options.TestLevel) {
		return governance.Faultf("test_level", "%q is not a test level.", dr.Options.TestLevel).WithHint("Choose NoTestRun, RunSpecifiedTests, RunLocalTests, RunAllTestsInOrg or RunRelevantTests.")
	}
	return nil
}

// EditDeploymentRecord changes a draft. What was scanned no longer holds when
// source, target or selection change, and is let go.
func (w *Workspace) EditDeploymentRecord(ctx context.Context, by, id string, edit func(*governance.DeploymentRecord) error) (*governance.DeploymentRecord, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.UpdateDeploymentRecord(ctx, id, author, func(dr *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
		before := *dr
		before.Customizations = slices.Clone(dr.Customizations)
		if err := edit(dr); err != nil {
			return governance.Intent{}, err
		}
		dr.Tidy()
		before.Tidy()
		if dr.SourceID != before.SourceID || dr.TargetID != before.TargetID || dr.Whole != before.Whole || !slices.Equal(dr.Customizations, before.Customizations) {
			forgetScan(dr)
		}
		return governance.Intent{}, w.checkRecord(ctx, dr)
	})
}

func forgetScan(dr *governance.DeploymentRecord) {
	dr.SourceOrg, dr.TargetOrg, dr.TargetKind, dr.APIVersion = "", "", "", ""
	dr.Package, dr.Base, dr.SourceNormal, dr.Reverse, dr.NormalForm = "", "", "", "", 0
	dr.PackageBlob, dr.BaseBlob, dr.ReverseBlob = "", "", ""
}

// DoRecord lets a member do a lifecycle action on a Deployment Record.
func (w *Workspace) DoRecord(ctx context.Context, by, id string, deed governance.Deed) (*governance.DeploymentRecord, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.UpdateDeploymentRecord(ctx, id, author, func(dr *governance.DeploymentRecord, s governance.Situation) (governance.Intent, error) {
		return dr.Do(s, deed)
	})
}

// ChangePolicies edits the charter: a signed change that the owners endorse.
// It returns the change's act; it is in force once enough owners have signed.
func (w *Workspace) ChangePolicies(ctx context.Context, by string, edit func(*governance.Charter)) (*governance.History, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.UpdateCharter(ctx, author, func(h *governance.History) (governance.Intent, error) {
		return ledger.NextCharter(h, edit)
	})
}

// EndorsePolicies signs a change of the charter as another owner.
func (w *Workspace) EndorsePolicies(ctx context.Context, by, change string) (*governance.History, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	return w.Store.UpdateCharter(ctx, author, func(h *governance.History) (governance.Intent, error) {
		if h.Act(change) == nil {
			return governance.Intent{}, governance.Faultf("not_found", "There is no change of the charter %.12s.", change)
		}
		return ledger.Endorse(change), nil
	})
}

// Deploy starts an attempt and follows it to its end. After a deployment that
// succeeded the approved way back is checked at once, check-only; what that
// check says is in a log of its own and changes nothing of the deployment's.
func (w *Workspace) Deploy(ctx context.Context, by, recordID string, kind governance.AttemptKind) (*governance.DeploymentLog, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return nil, err
	}
	log, err := w.Runner.Start(ctx, author, recordID, kind)
	if err != nil {
		return nil, err
	}
	done, err := w.Runner.Run(ctx, log.ID)
	if err != nil {
		return done, fmt.Errorf("%s: %w", kind, err)
	}
	if kind.Real() && done.Result == governance.ResultSucceeded {
		if err := w.checkReverse(ctx, author, recordID); err != nil {
			w.o.Log.Warn("the way back was not checked", "record", recordID, "err", err)
		}
	}
	return done, nil
}

func (w *Workspace) checkReverse(ctx context.Context, author store.Author, recordID string) error {
	log, err := w.Runner.Start(ctx, author, recordID, governance.AttemptReverseCheck)
	if err != nil {
		return err
	}
	_, err = w.Runner.Run(ctx, log.ID)
	return err
}
