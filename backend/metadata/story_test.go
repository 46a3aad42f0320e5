package metadata

import (
	"bytes"
	"strings"
	"testing"
)

// The way of one change through this package: a person uploads a manifest, the
// source answers with a zip, what was chosen is compared with the target,
// hashed, sent, and found again.
func TestAChangeFromSourceToTarget(t *testing.T) {
	manifest, err := ParseManifest(md("Package", "<types><members>Account.Region__c</members><name>CustomField</name></types><types><members>*</members><name>ApexClass</name></types><version>68.0</version>"))
	if err != nil {
		t.Fatal(err)
	}
	source := treeFrom(t, sample())
	var inventory []Key
	for _, c := range source.Components() {
		inventory = append(inventory, c.Key)
	}
	manifest, added := manifest.Expand(inventory)
	if len(added) != 1 || added[0].Name != "AccountService" {
		t.Fatalf("the wildcard brought %v", added)
	}

	// What the source sends is wrapped in a folder and has its own manifest.
	var answer bytes.Buffer
	retrieved, err := source.Select(manifest.Keys()).With(map[string][]byte{"package.xml": md("Package", "")})
	if err != nil {
		t.Fatal(err)
	}
	if err := retrieved.WriteZip(&answer, "unpackaged"); err != nil {
		t.Fatal(err)
	}
	read, err := readZip(answer.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	content, top := read.StripTop()
	if top != "unpackaged" {
		t.Fatalf("found the package in %q", top)
	}

	// The package is the content and the manifest we write ourselves.
	pkg, err := content.Content().With(map[string][]byte{"package.xml": manifest.Bytes()})
	if err != nil {
		t.Fatal(err)
	}
	approved := pkg.Hash()

	// The target has the field with another length, and no class.
	target := treeFrom(t, map[string][]byte{"objects/Account.object": bytes.ReplaceAll(account, []byte(">40<"), []byte(">20<"))})
	field := Key{"CustomField", "Account.Region__c"}
	changes := Diff("objects/Account.object", target.Select([]Key{field}).mustFile(t, "objects/Account.object"), pkg.mustFile(t, "objects/Account.object"))
	if len(changes) != 1 || changes[0] != (Change{"fields[Region__c].length", ChangeChanged, "20", "40"}) {
		t.Errorf("the approver sees %v", changes)
	}

	// What the class needs and the package lacks is found.
	var missing []string
	for _, r := range References(pkg, map[Key]bool{{"CustomField", "Account.Invoice__c"}: true}) {
		if pkg.HashOf(r.To) == "" {
			missing = append(missing, r.To.String())
		}
	}
	if got := strings.Join(missing, " "); got != "CustomField:Account.Invoice__c CustomLabel:Welcome" {
		t.Errorf("missing: %s", got)
	}

	// It is sent below a marker, read back, and is what was approved.
	var sent bytes.Buffer
	if err := pkg.WriteZip(&sent, "cs-7f3a"); err != nil {
		t.Fatal(err)
	}
	back, err := readZip(sent.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if back, _ = back.StripTop(); back.Hash() != approved {
		t.Error("what is sent is not what was approved")
	}

	// The target takes it over, part by part, and now means the same.
	parts := Split(target)
	for key, part := range Split(pkg) {
		parts[key] = part
	}
	after, err := Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range manifest.Keys() {
		if after.HashOf(key) != pkg.HashOf(key) {
			t.Errorf("%s did not arrive", key)
		}
	}
	rule := Key{"ValidationRule", "Account.Region_Required"}
	if after.HashOf(rule) != target.HashOf(rule) || after.HashOf(rule) == "" {
		t.Error("the deployment touched what was not in it")
	}
}

func (t *Tree) mustFile(tb testing.TB, path string) []byte {
	tb.Helper()
	b, ok := t.File(path)
	if !ok {
		tb.Fatalf("%s is not there", path)
	}
	return b
}
