package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// Fetch retrieves what the manifest names and returns the component files
// exactly as the org gave them, without its own package.xml, and what the org
// knows of each. Files of components that the manifest does not name are left
// out, so that nothing gets into a package that nobody asked for. Members that
// the org lacks are simply not there. An empty manifest gives an empty tree and
// asks nobody.
//
// An answer that is too large for one retrieve (10,000 files, "Metadata Limits"
// in Salesforce's app limits reference) is fetched in parts; the children of
// one object stay together. The fault too_large says that this cannot be done
// because some of the types come back differently in parts.
func Fetch(ctx context.Context, client *salesforce.Client, manifest *metadata.Manifest) (*metadata.Tree, []salesforce.FileProperties, error) {
	if manifest.Count() == 0 {
		tree, err := metadata.NewTree(nil)
		return tree, []salesforce.FileProperties{}, err
	}
	tree, props, err := retrieve(ctx, client, manifest)
	if isTooLarge(err) {
		tree, props, err = fetchParts(ctx, client, manifest, err)
	}
	if err != nil {
		return nil, nil, asFault(err)
	}
	return tree.Content().OnlyNamed(manifest), props, nil
}

func isTooLarge(err error) bool {
	var mistake *metadata.Error
	if errors.As(err, &mistake) {
		return mistake.Code == metadata.CodeTooLarge
	}
	return governance.FaultCode(err) == salesforce.CodeLimitExceeded
}

func retrieve(ctx context.Context, client *salesforce.Client, manifest *metadata.Manifest) (*metadata.Tree, []salesforce.FileProperties, error) {
	zip := &metadata.Archive{}
	result, err := client.Retrieve(ctx, salesforce.RetrieveRequest{Manifest: manifest.Bytes(), SinglePackage: true}, zip, nil)
	if err != nil {
		return nil, nil, err
	}
	tree, err := unpack(zip)
	if err != nil {
		return nil, nil, err
	}
	return tree, result.FileProperties, nil
}

// unpack reads the zip of a retrieve of one package, with or without a top
// folder.
func unpack(zip *metadata.Archive) (*metadata.Tree, error) {
	limits := metadata.DefaultLimits()
	limits.Files += manifestFiles
	tree, err := metadata.ReadZip(zip, zip.Size(), limits)
	if err != nil {
		return nil, err
	}
	tree, _ = tree.StripTop()
	return tree, nil
}

// manifestFiles are the files of a package that are no components: package.xml
// and the three destructiveChanges.
const manifestFiles = 4

// fetchParts halves the manifest until each part can be retrieved.
func fetchParts(ctx context.Context, client *salesforce.Client, manifest *metadata.Manifest, cause error) (*metadata.Tree, []salesforce.FileProperties, error) {
	if whole := dependOnTheRest(manifest); len(whole) > 0 {
		return nil, nil, governance.Faultf(CodeTooLarge, "This is too much for one retrieve, and it cannot be taken apart: %s come back with rows for what else is retrieved.", listed(whole)).
			WithHint("Choose fewer customizations, or move these to a change request of their own.").Because(cause)
	}
	halves := halve(manifest)
	if len(halves) < 2 {
		return nil, nil, cause
	}
	tree, props := (*metadata.Tree)(nil), []salesforce.FileProperties{}
	for _, half := range halves {
		some, more, err := retrieve(ctx, client, half)
		if isTooLarge(err) {
			some, more, err = fetchParts(ctx, client, half, err)
		}
		if err != nil {
			return nil, nil, err
		}
		if tree, err = tree.Merge(some.Content()); err != nil {
			return nil, nil, err
		}
		props = append(props, more...)
	}
	return tree, props, nil
}

// restDependent are the types that a retrieve brings with rows only for what
// else it brings (Metadata API Developer Guide, "Profile", "Translations").
var restDependent = []string{"CustomObjectTranslation", "MutingPermissionSet", "PermissionSet", "Profile", "Translations"}

func dependOnTheRest(m *metadata.Manifest) []string {
	var found []string
	for _, t := range restDependent {
		if len(m.Members[t]) > 0 {
			found = append(found, t)
		}
	}
	return found
}

// halve splits a manifest in two, never between components of one file. A
// wildcard is never split.
func halve(m *metadata.Manifest) []*metadata.Manifest {
	groups := map[string][]metadata.Key{}
	for typeName, names := range m.Members {
		for _, name := range names {
			k := metadata.Key{Type: typeName, Name: name}
			groups[fileGroup(k)] = append(groups[fileGroup(k)], k)
		}
	}
	if len(groups) < 2 {
		return nil
	}
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	slices.Sort(names)
	var first, second []metadata.Key
	for i, name := range names {
		if i < len(names)/2 {
			first = append(first, groups[name]...)
		} else {
			second = append(second, groups[name]...)
		}
	}
	return []*metadata.Manifest{metadata.ManifestOf(m.Version, first), metadata.ManifestOf(m.Version, second)}
}

// fileGroup is the same for components that lie in one file.
func fileGroup(k metadata.Key) string { return k.Owner().String() }

// SourceManifest names what is retrieved from a record's source: everything
// but what is to be deleted.
func SourceManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return metadata.ManifestOf(dr.APIVersion, sourceKeys(dr.Customizations))
}

// TargetManifest names what is retrieved from a record's target: everything
// that the deployment adds, changes or deletes.
func TargetManifest(dr *governance.DeploymentRecord) *metadata.Manifest {
	return metadata.ManifestOf(dr.APIVersion, allKeys(dr.Customizations))
}

func sourceKeys(cs []governance.Customization) []metadata.Key {
	keys := []metadata.Key{}
	for _, c := range cs {
		if c.Change != governance.Delete {
			keys = append(keys, keyOf(c))
		}
	}
	return keys
}

func deletedKeys(cs []governance.Customization) []metadata.Key {
	keys := []metadata.Key{}
	for _, c := range cs {
		if c.Change == governance.Delete {
			keys = append(keys, keyOf(c))
		}
	}
	return keys
}

func allKeys(cs []governance.Customization) []metadata.Key {
	keys := make([]metadata.Key, 0, len(cs))
	for _, c := range cs {
		keys = append(keys, keyOf(c))
	}
	return keys
}

// FetchSource retrieves a scanned record's content from its source again: its
// NormalHash is the record's SourceNormal while nothing has moved.
func (s *Scanner) FetchSource(ctx context.Context, dr *governance.DeploymentRecord) (*metadata.Tree, []salesforce.FileProperties, error) {
	if dr.APIVersion == "" {
		return nil, nil, notScanned(dr)
	}
	return s.fetchFrom(ctx, dr.SourceID, dr.SourceOrg, SourceManifest(dr))
}

// FetchTarget retrieves what a scanned record would replace or delete from its
// target again: its NormalHash is the record's Base while nothing has moved.
func (s *Scanner) FetchTarget(ctx context.Context, dr *governance.DeploymentRecord) (*metadata.Tree, []salesforce.FileProperties, error) {
	if dr.APIVersion == "" {
		return nil, nil, notScanned(dr)
	}
	return s.fetchFrom(ctx, dr.TargetID, dr.TargetOrg, TargetManifest(dr))
}

func notScanned(dr *governance.DeploymentRecord) error {
	return governance.Faultf(CodeNotScanned, "%s was not scanned yet.", dr.Label()).WithHint("Press Run Scan first.")
}

func (s *Scanner) fetchFrom(ctx context.Context, environmentID, organization string, m *metadata.Manifest) (*metadata.Tree, []salesforce.FileProperties, error) {
	d, err := s.connect(ctx, environmentID)
	if err != nil {
		return nil, nil, err
	}
	if organization != "" && d.identity.OrganizationID != salesforce.ID18(organization) {
		return nil, nil, governance.Faultf(CodeWrongOrg, "%s is another org than the one that was scanned.", d.name()).WithHint("Press Run Scan again.")
	}
	return s.fetch(ctx, d, m)
}

func (s *Scanner) fetch(ctx context.Context, d *side, m *metadata.Manifest) (*metadata.Tree, []salesforce.FileProperties, error) {
	s.report(Progress{Environment: d.env.ID, Phase: PhaseRetrieve, Total: m.Count()})
	tree, props, err := Fetch(ctx, d.client, m)
	if err != nil {
		return nil, nil, fmt.Errorf("retrieve from %s: %w", d.name(), err)
	}
	s.report(Progress{Environment: d.env.ID, Phase: PhaseRetrieve, Done: m.Count(), Total: m.Count(), Detail: counted(tree.Len(), "file", "files")})
	return tree, props, nil
}

// Frozen reads a frozen tree back from its blob. The faults are the store's
// blob_missing and blob_altered, and those of metadata.ReadZip.
func Frozen(ctx context.Context, st *store.Store, blob string) (*metadata.Tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	zip, err := st.OpenBlob(blob)
	if err != nil {
		return nil, err
	}
	defer zip.Close()
	limits := metadata.DefaultLimits()
	// Our own zip, known by its hash: what went in may come out.
	limits.Files += manifestFiles
	limits.Archive, limits.RatioFloor = zip.Size(), limits.Total
	tree, err := metadata.ReadZip(zip, zip.Size(), limits)
	return tree, asFault(err)
}

// freeze stores a tree as a zip whose bytes depend on nothing but the tree.
func freeze(ctx context.Context, st *store.Store, tree *metadata.Tree) (blob string, size int64, err error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(tree.WriteZip(w, "")) }()
	blob, size, err = st.PutBlob(ctx, r)
	r.CloseWithError(err) // ends the writer if the store gave up
	return blob, size, err
}
