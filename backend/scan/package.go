package scan

import (
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// zipLimit is what Salesforce takes as the zip of one deployment ("Metadata
// Limits"): 39 MB.
const zipLimit = 39 << 20

// buildPackage puts the manifests beside the source's files. The fault is
// too_large when one deployment does not take it.
func buildPackage(content *metadata.Tree, cs []governance.Customization, version string) (*metadata.Tree, error) {
	tree, err := metadata.Package(version, content, sourceKeys(cs), deletedKeys(cs))
	if err != nil {
		return nil, asFault(err)
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
