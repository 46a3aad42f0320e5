package salesforce

import (
	"bytes"
	"regexp"

	"countersign/backend/governance"
)

// A manifest is what of a package.xml a retrieve request carries.
type manifest struct {
	types   []TypeMembers
	version string
}

// versionForm is the only form of an API version that Salesforce accepts.
var versionForm = regexp.MustCompile(`^[1-9][0-9]{1,2}\.0$`)

// contents reads what to retrieve, from the manifest or from the members. The
// version of a package.xml wins over the session's, as in Salesforce.
func (r RetrieveRequest) contents(apiVersion string) (manifest, error) {
	m := manifest{types: r.Members, version: apiVersion}
	if len(r.Manifest) > 0 {
		var err error
		if m, err = readManifest(r.Manifest, apiVersion); err != nil {
			return manifest{}, err
		}
	}
	if len(m.types) == 0 && len(r.PackageNames) == 0 {
		return manifest{}, governance.Faultf(CodeInvalidManifest, "There is nothing to retrieve.").
			WithHint("Choose at least one customization.")
	}
	for _, t := range m.types {
		if t.Type == "" {
			return manifest{}, governance.Faultf(CodeInvalidManifest, "The package manifest has members without a type.").WithHint("%s", manifestHint)
		}
	}
	if r.SinglePackage && len(r.PackageNames) > 1 {
		return manifest{}, governance.Faultf(CodeInvalidManifest, "A retrieve of several packages cannot leave out their folders.").WithHint("Retrieve them one by one.")
	}
	return m, nil
}

const manifestHint = "Check that it is a package.xml, and export it again."

func readManifest(packageXML []byte, apiVersion string) (manifest, error) {
	root, _, err := parseXML(bytes.NewReader(packageXML), nil)
	if err != nil {
		return manifest{}, governance.Faultf(CodeInvalidManifest, "The package manifest cannot be read.").WithHint("%s", manifestHint).Because(err)
	}
	if root.name != "Package" {
		return manifest{}, governance.Faultf(CodeInvalidManifest, "The package manifest has no Package element.").WithHint("%s", manifestHint)
	}
	m := manifest{version: root.str("version")}
	if m.version == "" {
		m.version = apiVersion
	}
	if !versionForm.MatchString(m.version) {
		return manifest{}, governance.Faultf(CodeInvalidManifest, "The package manifest names no API version that exists: %q.", m.version).WithHint("Write one such as 66.0.")
	}
	for _, t := range root.all("types") {
		m.types = append(m.types, TypeMembers{Type: t.str("name"), Members: t.strs("members")})
	}
	return m, nil
}
