package scan

import (
	"fmt"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// DeletionsPath is the manifest of what a package deletes. Deleting comes after
// the rest ("Deleting Components from an Organization", Metadata API Developer
// Guide): the rest of the package often drops the last use of what goes.
const DeletionsPath = "destructiveChangesPost.xml"

const packagePath = "package.xml"

// zipLimit is what Salesforce takes as the zip of one deployment ("Metadata
// Limits"): 39 MB.
const zipLimit = 39 << 20

// buildPackage puts the manifests beside the source's files. The fault is
// too_large when one deployment does not take it.
func buildPackage(content *metadata.Tree, cs []governance.Customization, version string) (*metadata.Tree, error) {
	tree, err := withManifests(content, version, sourceKeys(cs), deletedKeys(cs))
	if err != nil {
		return nil, err
	}
	limits := metadata.DefaultLimits()
	if tree.Len() > limits.Files {
		return nil, governance.Faultf(CodeTooLarge, "The package has %s files; one deployment takes %s.", thousands(tree.Len()), thousands(limits.Files)).
			WithHint("Select fewer customizations and make a second deployment record for the rest.")
	}
	if tree.Size() > limits.Total {
		return nil, governance.Faultf(CodeTooLarge, "The package has %s MB unpacked; one deployment takes %s MB.", thousands(int(tree.Size()>>20)), thousands(int(limits.Total>>20))).
			WithHint("Select fewer customizations and make a second deployment record for the rest.")
	}
	return tree, nil
}

func withManifests(content *metadata.Tree, version string, keep, remove []metadata.Key) (*metadata.Tree, error) {
	files := map[string][]byte{packagePath: metadata.ManifestOf(version, keep).Bytes()}
	if len(remove) > 0 {
		files[DeletionsPath] = metadata.ManifestOf("", remove).Bytes()
	}
	tree, err := content.With(files)
	return tree, asFault(err)
}

// buildReverse makes the package that undoes the deployment: what the target
// held comes back, and what is new there goes.
func buildReverse(content, base *metadata.Tree, cs []governance.Customization, version string) (reverse *metadata.Tree, added []metadata.Key, err error) {
	var restore []metadata.Key
	for _, c := range cs {
		if meaningOf(base, keyOf(c)) != "" {
			restore = append(restore, keyOf(c))
		}
	}
	added = addedComponents(content, base)
	reverse, err = withManifests(base, version, restore, added)
	return reverse, added, err
}

// addedComponents lists what the target would have afterwards and lacks now, as
// it can be named in a deletion: an object takes its children along, and a
// container such as a workflow goes by its parts. An object that a retrieve
// brings whole can hold new fields that nobody named; they are here too.
func addedComponents(content, base *metadata.Tree) []metadata.Key {
	there := map[metadata.Key]bool{}
	for _, c := range base.Components() {
		there[c.Key] = true
	}
	added := map[metadata.Key]bool{}
	for _, c := range content.Components() {
		if !there[c.Key] && isDeletable(c.Key) {
			added[c.Key] = true
		}
	}
	keys := []metadata.Key{}
	for _, c := range content.Components() {
		owner := ownerOf(c.Key)
		if added[c.Key] && (owner == c.Key || !added[owner]) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

func isDeletable(k metadata.Key) bool {
	t, known := metadata.TypeOf(k.Type)
	if !known || isStandard(k) {
		return false
	}
	return t.Name == "CustomObject" || len(t.Children()) == 0
}

// isStandard says that a component comes with every org: a standard object or
// field, or a tab or app that Salesforce names itself.
func isStandard(k metadata.Key) bool {
	switch k.Type {
	case "CustomObject":
		return !strings.Contains(k.Name, "__")
	case "CustomField":
		_, field, _ := strings.Cut(k.Name, ".")
		return !strings.Contains(field, "__")
	}
	return strings.HasPrefix(k.Name, "standard-") || strings.HasPrefix(k.Name, "standard__")
}

// packageNotes says what an approver should know of a package and of undoing
// it.
func packageNotes(cs []governance.Customization, added []metadata.Key) []string {
	notes := []string{}
	for _, t := range dependOnTheRest(TargetManifest(&governance.DeploymentRecord{Customizations: cs})) {
		notes = append(notes, fmt.Sprintf("A %s holds rows only for what else is in the package; its other rows stay as they are in the target.", t))
	}
	var flows, data []metadata.Key
	for _, k := range added {
		switch k.Type {
		case "Flow":
			flows = append(flows, k)
		case "CustomObject", "CustomField":
			data = append(data, k)
		}
	}
	if len(flows) > 0 {
		notes = append(notes, fmt.Sprintf("Undoing cannot delete a flow while a version of it is active: %s.", listedKeys(flows)))
	}
	if len(data) > 0 {
		notes = append(notes, fmt.Sprintf("Undoing deletes the data that was entered by then: %s.", listedKeys(data)))
	}
	return notes
}
