package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// A resolver finds out which customizations a record means: those that the
// approved request names, what its wildcards cover in the source, and what its
// change sets hold.
type resolver struct {
	scanner *Scanner
	record  *governance.DeploymentRecord
	request *governance.RequestRevision
	source  *side

	named map[metadata.Key]governance.Customization
	added map[metadata.Key]bool
	notes []string
}

// customizations returns what the record means, sorted, and the part of it
// that only a wildcard or a change set named.
func (r *resolver) customizations(ctx context.Context) (all, added []governance.Customization, err error) {
	r.named, r.added = map[metadata.Key]governance.Customization{}, map[metadata.Key]bool{}
	content := governance.ChangeRequest{Customizations: r.request.Customizations, Manifests: r.request.Manifests}
	for _, c := range content.Content() {
		r.named[keyOf(c)] = c
	}
	if r.record.Whole || !r.namesAll(r.record.Customizations) {
		if err := r.expandWildcards(ctx); err != nil {
			return nil, nil, err
		}
		if err := r.openChangeSets(ctx); err != nil {
			return nil, nil, err
		}
	}
	all, err = r.chosen()
	if err != nil {
		return nil, nil, err
	}
	added = []governance.Customization{}
	for _, c := range all {
		if r.added[keyOf(c)] {
			added = append(added, c)
		}
	}
	return all, added, checkChosen(all)
}

func (r *resolver) namesAll(cs []governance.Customization) bool {
	return !slices.ContainsFunc(cs, func(c governance.Customization) bool { _, ok := r.named[keyOf(c)]; return !ok })
}

// chosen is all of the request, or the record's selection as the request says
// it: a selection cannot hold what was not asked for.
func (r *resolver) chosen() ([]governance.Customization, error) {
	all := []governance.Customization{}
	if r.record.Whole {
		for _, c := range r.named {
			all = append(all, c)
		}
		return governance.TidyCustomizations(all), nil
	}
	var strangers []string
	for _, c := range governance.TidyCustomizations(r.record.Customizations) {
		asked, ok := r.named[keyOf(c)]
		if !ok || (asked.Change == governance.Delete) != (c.Change == governance.Delete) {
			strangers = append(strangers, c.String())
			continue
		}
		all = append(all, asked)
	}
	if len(strangers) > 0 {
		return nil, governance.Faultf(CodeNotInRequest, "The change request does not ask for this: %s.", listed(strangers)).
			WithHint("Take it out of the selection, or reopen the change request and add it.")
	}
	return all, nil
}

func checkChosen(cs []governance.Customization) error {
	if len(cs) == 0 {
		return governance.Faultf(CodeNothingToDeploy, "There is nothing to deploy.").WithHint("Select at least one customization.")
	}
	if len(cs) > metadata.MaxMembers {
		return governance.Faultf(CodeTooManyMembers, "This names %s customizations; one package takes %s.", thousands(len(cs)), thousands(metadata.MaxMembers)).
			WithHint("Select fewer, and make a second deployment record for the rest.")
	}
	var unknown []string
	for _, c := range cs {
		if _, ok := metadata.TypeOf(c.Type); !ok {
			unknown = append(unknown, c.String())
		}
	}
	if len(unknown) > 0 {
		return governance.Faultf(CodeUnknownType, "Countersign does not know the metadata types of %s.", listed(unknown)).
			WithHint("Take them out of the change request, or out of its change set.")
	}
	return nil
}

// expandWildcards replaces each "*" by what the source has. Components of
// managed packages are not deployed from org to org and are left out.
func (r *resolver) expandWildcards(ctx context.Context) error {
	wild := &metadata.Manifest{Members: map[string][]string{}}
	for _, m := range r.request.Manifests {
		for _, t := range m.Members {
			if slices.Contains(t.Names, "*") {
				wild.Members[t.Type] = []string{"*"}
			}
		}
	}
	types := wild.Wildcards()
	if len(types) == 0 {
		return nil
	}
	queries := make([]salesforce.ListQuery, len(types))
	for i, t := range types {
		queries[i] = salesforce.ListQuery{Type: t}
	}
	props, refused, err := r.scanner.list(ctx, r.source, queries)
	if err != nil {
		return err
	}
	if len(refused) > 0 {
		return governance.Faultf(salesforce.CodeInvalidType, "%s cannot list %s, so the wildcard cannot be resolved.", r.source.name(), listed(refused)).
			WithHint("Name the customizations one by one.")
	}
	r.take(wild, props)
	return nil
}

func (r *resolver) take(wild *metadata.Manifest, props []salesforce.FileProperties) {
	inventory, managed := []metadata.Key{}, 0
	for _, p := range props {
		if p.NamespacePrefix != "" && p.NamespacePrefix != r.source.identity.Namespace {
			managed++
			continue
		}
		inventory = append(inventory, metadata.Key{Type: p.Type, Name: p.FullName})
	}
	if managed > 0 {
		r.notes = append(r.notes, counted(managed, "component of managed packages is", "components of managed packages are")+" not covered by the wildcards.")
	}
	_, found := wild.Expand(inventory)
	for _, k := range found {
		r.add(k)
	}
}

// add takes in a component that the request does not name itself. What is to
// happen to it is settled when the target is known.
func (r *resolver) add(k metadata.Key) {
	if _, ok := r.named[k]; ok {
		return
	}
	r.named[k] = customizationOf(k, governance.Modify)
	r.added[k] = true
}

// openChangeSets asks the source for each outbound change set by name. There
// is no list of change sets in Salesforce's API; a retrieve by package name
// brings their content.
func (r *resolver) openChangeSets(ctx context.Context) error {
	for i, name := range r.request.ChangeSets {
		r.scanner.report(Progress{Environment: r.source.env.ID, Phase: PhaseChangeSets, Done: i, Total: len(r.request.ChangeSets), Detail: name})
		manifest, tree, err := r.changeSet(ctx, name)
		if err != nil {
			return err
		}
		keys := manifest.Keys()
		wild := map[string]bool{}
		for _, t := range manifest.Wildcards() {
			wild[t] = true
		}
		for _, c := range tree.Components() {
			if wild[c.Type] {
				keys = append(keys, c.Key)
			}
		}
		if len(keys) == 0 {
			return governance.Faultf(CodeChangeSet, "The change set %q is empty in %s.", name, r.source.name()).
				WithHint("Add components to it in Salesforce, or take it out of the change request.")
		}
		for _, k := range keys {
			r.add(k)
		}
	}
	return nil
}

func (r *resolver) changeSet(ctx context.Context, name string) (*metadata.Manifest, *metadata.Tree, error) {
	zip := &metadata.Archive{}
	_, err := r.source.client.Retrieve(ctx, salesforce.RetrieveRequest{PackageNames: []string{name}}, zip, nil)
	if governance.FaultCode(err) == salesforce.CodeRetrieveFailed {
		return nil, nil, governance.Faultf(CodeChangeSet, "%s has no outbound change set %q that can be retrieved.", r.source.name(), name).
			WithHint("Check its name: it must be an outbound change set of the source, spelled exactly.").Because(err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("retrieve change set %s from %s: %w", name, r.source.name(), err)
	}
	tree, err := unpack(zip)
	if err != nil {
		return nil, nil, asFault(err)
	}
	tree = packageIn(tree)
	file, ok := tree.File(metadata.PackagePath)
	if !ok {
		return nil, nil, governance.Faultf(CodeChangeSet, "%s sent the change set %q without its package.xml.", r.source.name(), name).
			WithHint("Name its components in a package manifest instead.")
	}
	manifest, err := metadata.ParseManifestLenient(file)
	return manifest, tree, asFault(err)
}

// packageIn finds the change set's folder. Salesforce has been seen to add an
// empty "unpackaged" beside it.
func packageIn(tree *metadata.Tree) *metadata.Tree {
	if _, ok := tree.File(metadata.PackagePath); ok {
		return tree
	}
	tops := tree.Tops()
	slices.SortStableFunc(tops, func(a, b string) int { return strings.Compare(rank(a), rank(b)) })
	for _, top := range tops {
		if below := tree.Sub(top); below != nil {
			if _, ok := below.File("package.xml"); ok {
				return below
			}
		}
	}
	return tree
}

// rank puts "unpackaged" last.
func rank(top string) string {
	if top == "unpackaged" {
		return "1"
	}
	return "0"
}
