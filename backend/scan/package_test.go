package scan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

const xmlns = ` xmlns="http://soap.sforce.com/2006/04/metadata"`

func treeOf(t *testing.T, files map[string]string) *metadata.Tree {
	t.Helper()
	all := map[string][]byte{}
	for p, text := range files {
		all[p] = []byte(text)
	}
	tree, err := metadata.NewTree(all)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func object(inside string) string { return "<CustomObject" + xmlns + ">" + inside + "</CustomObject>" }

func field(name, length string) string {
	return "<fields><fullName>" + name + "</fullName><length>" + length + "</length><type>Text</type></fields>"
}

func customization(change governance.Change, key string) governance.Customization {
	typeName, name, _ := strings.Cut(key, ":")
	return governance.Customization{Change: change, Type: typeName, Name: name}
}

func manifestIn(t *testing.T, tree *metadata.Tree, path string) []string {
	t.Helper()
	b, ok := tree.File(path)
	if !ok {
		return nil
	}
	m, err := metadata.ParseManifest(b)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	keys := []string{}
	for _, k := range m.Keys() {
		keys = append(keys, k.String())
	}
	return keys
}

// A package that adds an object and a field, changes a class, and deletes
// another is undone by what the target held and by deletions of what is new.
func TestReverseRestoresAndRemoves(t *testing.T) {
	source := treeOf(t, map[string]string{
		"objects/Renewal__c.object": object("<label>Renewal</label>" + field("Stage__c", "10")),
		"objects/Account.object":    object(field("Tier__c", "20")),
		"classes/A.cls":             "class A { /* new */ }",
		"classes/A.cls-meta.xml":    "<ApexClass" + xmlns + "><status>Active</status></ApexClass>",
	})
	target := treeOf(t, map[string]string{
		"classes/A.cls":            "class A {}",
		"classes/A.cls-meta.xml":   "<ApexClass" + xmlns + "><status>Active</status></ApexClass>",
		"classes/Old.cls":          "class Old {}",
		"classes/Old.cls-meta.xml": "<ApexClass" + xmlns + "><status>Active</status></ApexClass>",
	})
	cs := []governance.Customization{
		customization(governance.Modify, "ApexClass:A"), customization(governance.Delete, "ApexClass:Old"),
		customization(governance.Add, "CustomField:Account.Tier__c"), customization(governance.Add, "CustomObject:Renewal__c"),
	}
	pack, err := buildPackage(source, cs, "66.0")
	if err != nil {
		t.Fatal(err)
	}
	reverse, added, err := metadata.Reverse("66.0", source, target, allKeys(cs))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		got  []string
		want []string
	}{
		{"package", manifestIn(t, pack, metadata.PackagePath), []string{"ApexClass:A", "CustomField:Account.Tier__c", "CustomObject:Renewal__c"}},
		{"deletions", manifestIn(t, pack, metadata.DeletionsPath), []string{"ApexClass:Old"}},
		{"reverse package", manifestIn(t, reverse, metadata.PackagePath), []string{"ApexClass:A", "ApexClass:Old"}},
		// Renewal__c.Stage__c goes with its object.
		{"reverse deletions", manifestIn(t, reverse, metadata.DeletionsPath), []string{"CustomField:Account.Tier__c", "CustomObject:Renewal__c"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
	if got := reverse.Content().Hash(); got != target.Hash() {
		t.Errorf("the reverse package does not hold what the target held")
	}
	if got := pack.Content().Hash(); got != source.Hash() {
		t.Errorf("the package does not hold the source's exact bytes")
	}
	notes := strings.Join(packageNotes(cs, added), " ")
	if !strings.Contains(notes, "deletes the data") || !strings.Contains(notes, "CustomObject:Renewal__c") {
		t.Errorf("approvers are not told of the data that undoing deletes: %q", notes)
	}
}

// A field that comes along with an object of both orgs, though nobody named
// it, is removed by the reverse package too.
func TestReverseRemovesFieldsThatCameAlong(t *testing.T) {
	source := treeOf(t, map[string]string{"objects/Case__c.object": object("<label>Case</label>" + field("Old__c", "5") + field("New__c", "5"))})
	target := treeOf(t, map[string]string{"objects/Case__c.object": object("<label>Case</label>" + field("Old__c", "5"))})
	reverse, _, err := metadata.Reverse("66.0", source, target, allKeys([]governance.Customization{customization(governance.Modify, "CustomObject:Case__c")}))
	if err != nil {
		t.Fatal(err)
	}
	if got := manifestIn(t, reverse, metadata.DeletionsPath); !slices.Equal(got, []string{"CustomField:Case__c.New__c"}) {
		t.Errorf("deletions: %v", got)
	}
	if got := manifestIn(t, reverse, metadata.PackagePath); !slices.Equal(got, []string{"CustomObject:Case__c"}) {
		t.Errorf("restored: %v", got)
	}
}

func TestContainersAreNeverDeleted(t *testing.T) {
	label := func(name string) string {
		return "<labels><fullName>" + name + "</fullName><value>x</value></labels>"
	}
	source := treeOf(t, map[string]string{"labels/CustomLabels.labels": "<CustomLabels" + xmlns + ">" + label("Due") + "</CustomLabels>"})
	reverse, _, err := metadata.Reverse("66.0", source, treeOf(t, nil), allKeys([]governance.Customization{customization(governance.Add, "CustomLabel:Due")}))
	if err != nil {
		t.Fatal(err)
	}
	if got := manifestIn(t, reverse, metadata.DeletionsPath); !slices.Equal(got, []string{"CustomLabel:Due"}) {
		t.Errorf("deletions: %v", got)
	}
	if b, ok := reverse.File(metadata.PackagePath); !ok || !strings.Contains(string(b), "<version>66.0</version>") {
		t.Errorf("the reverse package lacks its package.xml")
	}
}

func TestCompareByMeaning(t *testing.T) {
	reordered := object("\n  " + field("B__c", "2") + "\n  <!-- moved -->" + field("A__c", "1"))
	target := treeOf(t, map[string]string{
		"objects/Same__c.object":    object(field("A__c", "1") + field("B__c", "2")),
		"objects/Changed__c.object": object(field("A__c", "1")),
		"classes/Gone.cls":          "class Gone {}",
		"classes/Gone.cls-meta.xml": "<ApexClass" + xmlns + "/>",
	})
	source := treeOf(t, map[string]string{
		"objects/Same__c.object":    reordered,
		"objects/Changed__c.object": object(field("A__c", "9")),
		"objects/New__c.object":     object(field("A__c", "1")),
	})
	may := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	props := stampsOf([]salesforce.FileProperties{
		{Type: "CustomField", FullName: "Changed__c.A__c", LastModifiedByName: "Ines", LastModifiedDate: may},
		{Type: "CustomObject", FullName: "Same__c", LastModifiedByName: "Automated", LastModifiedDate: time.Unix(0, 0)},
	})
	got := compareTrees([]governance.Customization{
		customization(governance.Modify, "CustomField:Same__c.A__c"), customization(governance.Modify, "CustomField:Changed__c.A__c"),
		customization(governance.Add, "CustomField:New__c.A__c"), customization(governance.Delete, "ApexClass:Gone"),
		customization(governance.Modify, "ApexClass:Nowhere"),
	}, source, target, facts{Source: props})
	want := []State{StateSame, StateChanged, StateNew, StateDelete, StateMissing}
	for i, w := range want {
		if got.Items[i].State != w {
			t.Errorf("%s is %q, want %q", got.Items[i].Customization, got.Items[i].State, w)
		}
	}
	if got.New != 1 || got.Changed != 1 || got.Same != 1 || got.Deleted != 1 || got.MissingInSource != 1 {
		t.Errorf("counts: %+v", got)
	}
	changed := got.Items[1]
	if len(changed.Changes) != 1 || changed.Changes[0].Before != "1" || changed.Changes[0].After != "9" {
		t.Errorf("changes: %+v", changed.Changes)
	}
	if changed.SourceBy != "Ines" || !changed.SourceAt.Equal(may) {
		t.Errorf("changed by %q at %v", changed.SourceBy, changed.SourceAt)
	}
	if got.Items[0].SourceBy != "" {
		t.Errorf("a date of 1970 was taken for a person's change")
	}
}

func TestMovedNamesTheFieldAndWhoMovedIt(t *testing.T) {
	before := treeOf(t, map[string]string{
		"objects/Account__c.object": object("<label>Account</label>" + field("A__c", "1") + field("B__c", "1")),
		"classes/Gone.cls":          "class Gone {}",
	})
	after := treeOf(t, map[string]string{
		"objects/Account__c.object": object(field("B__c", "1") + field("A__c", "2") + "<label>Account</label>"),
		"classes/Fresh.cls":         "class Fresh {}",
	})
	at := time.Date(2026, 6, 2, 9, 30, 0, 0, time.UTC)
	got := Moved(before, after, []salesforce.FileProperties{
		{Type: "CustomField", FullName: "Account__c.A__c", LastModifiedByName: "Priya", LastModifiedDate: at},
		{Type: "ApexClass", FullName: "Fresh", LastModifiedByName: "Omar", LastModifiedDate: at},
	})
	type row struct{ key, kind, by string }
	rows := []row{}
	for _, m := range got {
		rows = append(rows, row{m.String(), m.Kind, m.By})
	}
	want := []row{
		{"ApexClass:Fresh", metadata.ChangeAdded, "Omar"}, {"ApexClass:Gone", metadata.ChangeRemoved, ""},
		{"CustomField:Account__c.A__c", metadata.ChangeChanged, "Priya"}, // and not the object, of which nothing else moved
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got  %v\nwant %v", rows, want)
	}
	if again := Moved(before, before, nil); len(again) != 0 {
		t.Errorf("nothing moved, but: %v", again)
	}
}

func TestMovedKeepsAnObjectThatChangedItself(t *testing.T) {
	before := treeOf(t, map[string]string{"objects/A__c.object": object("<label>A</label>" + field("A__c", "1"))})
	after := treeOf(t, map[string]string{"objects/A__c.object": object("<label>B</label>" + field("A__c", "2"))})
	names := []string{}
	for _, m := range Moved(before, after, nil) {
		names = append(names, m.String())
	}
	if !slices.Equal(names, []string{"CustomField:A__c.A__c", "CustomObject:A__c"}) {
		t.Errorf("moved: %v", names)
	}
}

func TestHalvesKeepFilesWhole(t *testing.T) {
	keys := []metadata.Key{{Type: "CustomObject", Name: "A__c"}, {Type: "CustomField", Name: "A__c.X__c"}, {Type: "ValidationRule", Name: "A__c.Rule"},
		{Type: "CustomLabel", Name: "One"}, {Type: "CustomLabel", Name: "Two"}, {Type: "ApexClass", Name: "B"}, {Type: "ApexClass", Name: "C"}}
	halves := halve(metadata.ManifestOf("66.0", keys))
	if len(halves) != 2 || halves[0].Count()+halves[1].Count() != len(keys) || halves[0].Count() == 0 || halves[1].Count() == 0 {
		t.Fatalf("halves: %+v", halves)
	}
	for _, pair := range [][2]metadata.Key{{keys[0], keys[1]}, {keys[1], keys[2]}, {keys[3], keys[4]}} {
		if slices.Contains(halves[0].Keys(), pair[0]) != slices.Contains(halves[0].Keys(), pair[1]) {
			t.Errorf("%s and %s lie in one file but are in different halves", pair[0], pair[1])
		}
	}
	if halve(metadata.ManifestOf("66.0", keys[:3])) != nil {
		t.Errorf("one file was split")
	}
}

func TestOnlyWhatIsNamedIsKept(t *testing.T) {
	tree := treeOf(t, map[string]string{
		"reports/Sales-meta.xml":        "<ReportFolder" + xmlns + "/>",
		"reports/Sales/Pipeline.report": "<Report" + xmlns + "/>",
		"classes/A.cls":                 "class A {}",
		"classes/A.cls-meta.xml":        "<ApexClass" + xmlns + "/>",
	})
	m := metadata.ManifestOf("66.0", []metadata.Key{{Type: "Report", Name: "Sales/Pipeline"}, {Type: "ApexClass", Name: "*"}})
	want := []string{"classes/A.cls", "classes/A.cls-meta.xml", "reports/Sales/Pipeline.report"}
	if got := tree.OnlyNamed(m).Paths(); !slices.Equal(got, want) {
		t.Errorf("kept %v", got)
	}
}

func TestTooManyMembersSaysTheNumber(t *testing.T) {
	cs := make([]governance.Customization, 10_001)
	for i := range cs {
		cs[i] = customization(governance.Modify, "ApexClass:C"+thousands(i))
	}
	err := checkChosen(cs)
	if governance.FaultCode(err) != CodeTooManyMembers || !strings.Contains(err.Error(), "10,001") {
		t.Errorf("got %v", err)
	}
	if err := checkChosen(cs[:10_000]); err != nil {
		t.Errorf("10,000 are refused: %v", err)
	}
	if err := checkChosen(nil); governance.FaultCode(err) != CodeNothingToDeploy {
		t.Errorf("nothing is deployed: %v", err)
	}
}
