package metadata

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func TestComponentsOfASmallOrg(t *testing.T) {
	tree := treeFrom(t, sample())
	var got []string
	for _, c := range tree.Components() {
		got = append(got, c.String()+" "+strings.Join(c.Paths, " "))
	}
	want := []string{
		":futureThings/X.future futureThings/X.future",
		"ApexClass:AccountService classes/AccountService.cls classes/AccountService.cls-meta.xml",
		"CompactLayout:Account.Summary objects/Account.object",
		"CustomField:Account.Invoice__c objects/Account.object",
		"CustomField:Account.Region__c objects/Account.object",
		"CustomField:Invoice__c.Total__c objects/Invoice__c.object",
		"CustomLabel:Bye labels/CustomLabels.labels",
		"CustomLabel:Welcome labels/CustomLabels.labels",
		"CustomLabels:CustomLabels labels/CustomLabels.labels",
		"CustomMetadata:Rate.Germany customMetadata/Rate.Germany.md",
		"CustomObject:Account objects/Account.object",
		"CustomObject:Invoice__c objects/Invoice__c.object",
		"DigitalExperienceBundle:site/Help1 digitalExperiences/site/Help1/a.json",
		"Document:Logos documents/Logos-meta.xml",
		"Document:Logos/Company.png documents/Logos/Company.png documents/Logos/Company.png-meta.xml",
		"EmailTemplate:Service email/Service-meta.xml",
		"EmailTemplate:Service/Hello email/Service/Hello.email email/Service/Hello.email-meta.xml",
		"ExperienceBundle:Help1 experiences/Help1.site-meta.xml experiences/Help1/views/home.json",
		"Layout:Account-Layout %26 é layouts/Account-Layout %26 é.layout",
		"LightningComponentBundle:panel lwc/panel/panel.html lwc/panel/panel.js lwc/panel/panel.js-meta.xml",
		"PermissionSet:Sales permissionsets/Sales.permissionset",
		"Report:Sales reports/Sales-meta.xml",
		"Report:Sales/Pipeline reports/Sales/Pipeline.report",
		"Settings:Account settings/Account.settings",
		"ValidationRule:Account.Region_Required objects/Account.object",
		"Workflow:Account workflows/Account.workflow",
		"WorkflowFieldUpdate:Account.Set_Region workflows/Account.workflow",
		"WorkflowRule:Account.Old workflows/Account.workflow",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\n\nwant\n%s", g, w)
	}
}

func TestOneComponentIsCompared(t *testing.T) {
	tree := treeFrom(t, sample())
	region := Key{"CustomField", "Account.Region__c"}
	want := `<fields xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Region__c</fullName>
    <label>Region</label>
    <length>40</length>
    <type>Text</type>
</fields>
`
	if got := string(tree.Extract(region)); got != want {
		t.Errorf("got %s", got)
	}
	class := string(tree.Extract(Key{"ApexClass", "AccountService"}))
	if !strings.HasPrefix(class, "--- classes/AccountService.cls\npublic class") || !strings.Contains(class, "\n--- classes/AccountService.cls-meta.xml\n<?xml") {
		t.Errorf("class: %s", class)
	}
	if b := tree.Extract(Key{"CustomField", "Account.Nope__c"}); b != nil || tree.HashOf(Key{"Flow", "Nope"}) != "" || tree.Extract(Key{"Flow", "Nope"}) != nil {
		t.Error("something comes from nothing")
	}

	changed, err := tree.With(map[string][]byte{"objects/Account.object": bytes.ReplaceAll(account, []byte(">40<"), []byte(">80<"))})
	if err != nil {
		t.Fatal(err)
	}
	other := Key{"CustomField", "Account.Invoice__c"}
	if tree.HashOf(region) == changed.HashOf(region) || tree.HashOf(other) != changed.HashOf(other) {
		t.Error("the change is not where it was made")
	}
	if tree.Hash() == changed.Hash() || tree.NormalHash() == changed.NormalHash() {
		t.Error("a changed value gives the same hash")
	}
	reordered, err := tree.With(map[string][]byte{"labels/CustomLabels.labels": swapLabels()})
	if err != nil {
		t.Fatal(err)
	}
	if tree.Hash() == reordered.Hash() || tree.NormalHash() != reordered.NormalHash() {
		t.Error("order: the exact hash must differ, the normal one must not")
	}
}

func swapLabels() []byte {
	at := bytes.Index(labels, []byte("<labels><fullName>Bye"))
	end := bytes.LastIndex(labels, []byte("</CustomLabels>"))
	start := bytes.Index(labels, []byte("<labels><fullName>Welcome"))
	return bytes.Join([][]byte{labels[:start], labels[at:end], labels[start:at], labels[end:]}, nil)
}

func TestSelectGivesWhatARetrieveWould(t *testing.T) {
	tree := treeFrom(t, sample())
	some := tree.Select([]Key{{"CustomField", "Account.Region__c"}, {"CustomLabel", "Bye"}, {"ApexClass", "AccountService"}, {"CustomObject", "Invoice__c"}, {"Flow", "Nope"}, {"CustomField", "Case.Nope__c"}})
	want := "classes/AccountService.cls classes/AccountService.cls-meta.xml labels/CustomLabels.labels objects/Account.object objects/Invoice__c.object"
	if got := strings.Join(some.Paths(), " "); got != want {
		t.Fatalf("got %s", got)
	}
	object, _ := some.File("objects/Account.object")
	if s := string(object); !strings.Contains(s, "Region__c") || strings.Contains(s, "Invoice__c") || strings.Contains(s, "enableHistory") || strings.Contains(s, "validationRules") {
		t.Errorf("the partial object holds more than was chosen:\n%s", s)
	}
	for _, c := range some.Components() {
		if c.Key == (Key{"CustomObject", "Account"}) {
			t.Error("a file of single fields is listed as the object")
		}
	}
	for _, key := range []Key{{"CustomField", "Account.Region__c"}, {"CustomLabel", "Bye"}, {"CustomObject", "Invoice__c"}} {
		if some.HashOf(key) != tree.HashOf(key) {
			t.Errorf("%s changed by being selected", key)
		}
	}
	whole := tree.Select([]Key{{"CustomField", "Account.Region__c"}, {"CustomObject", "Account"}})
	if b, _ := whole.File("objects/Account.object"); !bytes.Equal(b, account) {
		t.Error("the object's file must come as it was")
	}
}

func TestSplitAndJoin(t *testing.T) {
	tree := treeFrom(t, sample())
	parts := Split(tree)
	own := string(parts[Key{"CustomObject", "Account"}].Files["objects/Account.object"])
	if !strings.Contains(own, "enableHistory") || !strings.Contains(own, "futureThing") || strings.Contains(own, "Region__c") {
		t.Errorf("the object's own part:\n%s", own)
	}
	if p := parts[Key{"CustomField", "Account.Region__c"}]; p.Path != "objects/Account.object" || p.Root != "CustomObject" || p.Element != "fields" || len(p.Elements) != 1 {
		t.Errorf("the field's part: %+v", p)
	}
	back, err := Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	if back.NormalHash() != tree.Content().NormalHash() {
		t.Error("the round trip changed the meaning")
	}

	// Delete a field, add one to another object: what a deployment does.
	delete(parts, Key{"CustomField", "Account.Region__c"})
	maps.Copy(parts, Split(treeFrom(t, map[string][]byte{"objects/Case.object": md("CustomObject", "<fields><fullName>New__c</fullName></fields>")})))
	back, err = Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	if back.HashOf(Key{"CustomField", "Account.Region__c"}) != "" || back.HashOf(Key{"CustomField", "Case.New__c"}) == "" || back.HashOf(Key{"CustomObject", "Case"}) != "" {
		t.Error("the parts are not what was joined")
	}

	two := map[Key]Part{{"A", "1"}: {Files: map[string][]byte{"a": {1}}}, {"A", "2"}: {Files: map[string][]byte{"a": {2}}}}
	_, err = Join(two)
	wantFault(t, err, CodeDuplicatePath, "different content")
	_, err = Join(map[Key]Part{{"CustomField", "A.B"}: {Path: "objects/A.object", Root: "CustomObject", Element: "fields", Elements: [][]byte{[]byte("<x>")}}})
	wantFault(t, err, CodeBadXML, "never ends")
	_, err = Join(map[Key]Part{{"CustomField", "A.B"}: {Path: "objects/A.object", Root: "CustomObject", Element: "fields", Elements: [][]byte{[]byte("<x/>")}}})
	wantFault(t, err, CodeBadXML, "where")
}

func TestSplitLosesNothing(t *testing.T) {
	odd := []string{
		md2("CustomObject", ""), md2("CustomObject", "<fields><label>no name</label></fields>"),
		md2("CustomObject", "<fields><fullName>A__c</fullName></fields><fields><fullName>A__c</fullName><label>again</label></fields>"),
		md2("CustomObject", "<fields><fullName>A__c</fullName></fields>"), md2("Other", "<fields><fullName>A__c</fullName></fields>"),
		"not xml", "", md2("CustomObject", "text <fields><fullName>A__c</fullName></fields>"),
	}
	paths := []string{"objects/A.object", "objects/A.b.object", "objects/B__c.object", "labels/CustomLabels.labels", "labels/Other.labels", "workflows/A.workflow", "x", "objects/sub/A.object", "lwc/a/b/c", "reports/F-meta.xml", "reports/F.reportFolder-meta.xml"}
	rapid.Check(t, func(t *rapid.T) {
		files := map[string][]byte{}
		for _, p := range paths {
			if rapid.Bool().Draw(t, "has") {
				files[p] = []byte(rapid.SampledFrom(odd).Draw(t, p))
			}
		}
		tree, err := NewTree(files)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Join(Split(tree))
		if err != nil {
			t.Fatal(err)
		}
		if back.NormalHash() != tree.NormalHash() {
			t.Fatalf("lost something of %v", files)
		}
		for _, c := range tree.Components() {
			if len(c.Paths) == 0 || tree.HashOf(c.Key) == "" {
				t.Fatalf("%s has no files", c.Key)
			}
		}
	})
}

func md2(root, inside string) string { return string(md(root, inside)) }

func TestTreesAreValues(t *testing.T) {
	b := []byte("one")
	tree := treeFrom(t, map[string][]byte{"classes/A.cls": b, "package.xml": nil, "destructiveChangesPost.xml": nil})
	b[0] = 'X'
	if got, ok := tree.File("classes/A.cls"); !ok || string(got) != "one" {
		t.Error("the caller's slice is the tree's")
	}
	if got := tree.Content().Paths(); len(got) != 1 || tree.Len() != 3 || tree.Without("package.xml", "nope").Len() != 2 {
		t.Error(got)
	}
	merged, err := tree.Merge(treeFrom(t, map[string][]byte{"classes/A.cls": []byte("two"), "classes/B.cls": nil}))
	if err != nil || merged.Len() != 4 || merged.Size() != 3 {
		t.Error(merged.Paths(), err)
	}
	_, err = tree.Merge(treeFrom(t, map[string][]byte{"Classes/a.cls": nil}))
	wantFault(t, err, CodeDuplicatePath, "one file")
	_, err = NewTree(map[string][]byte{"": nil})
	wantFault(t, err, CodeBadPath, "empty")
	var none *Tree
	if none.Len() != 0 || none.Hash() == "" || none.Hash() != treeFrom(t, nil).Hash() || len(none.Components()) != 0 {
		t.Error("the nil tree is not empty")
	}
}

func TestStripTop(t *testing.T) {
	cases := []struct {
		name, top string
		paths     []string
	}{
		{"package.xml at the root", "", []string{"package.xml", "classes/A.cls"}},
		{"unpackaged", "unpackaged", []string{"unpackaged/package.xml", "unpackaged/classes/A.cls"}},
		{"a package named like a folder of metadata", "classes", []string{"classes/package.xml", "classes/classes/A.cls"}},
		{"classes alone", "", []string{"classes/A.cls"}},
		{"a folder without manifest", "zip", []string{"zip/classes/A.cls"}},
		{"two packages", "", []string{"a/package.xml", "b/package.xml"}},
		{"empty", "", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			files := map[string][]byte{}
			for _, p := range c.paths {
				files[p] = nil
			}
			tree, top := treeFrom(t, files).StripTop()
			if top != c.top || tree.Len() != len(c.paths) {
				t.Errorf("got %q with %v", top, tree.Paths())
			}
		})
	}
	tree := treeFrom(t, map[string][]byte{"a/package.xml": nil, "a-b/x": nil, "b/package.xml": nil})
	if got := strings.Join(tree.Tops(), " "); got != "a-b a b" || tree.Sub("b").Len() != 1 || tree.Sub("").Len() != 3 {
		t.Error(got)
	}
}

func TestConcurrentReadersShareATree(t *testing.T) {
	tree := treeFrom(t, sample())
	want := tree.NormalHash()
	tree = treeFrom(t, sample())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if tree.NormalHash() != want || len(tree.References()) == 0 || len(tree.Components()) == 0 || len(Split(tree)) == 0 {
				t.Error("another answer")
			}
		})
	}
	wg.Wait()
}

// bigOrg has ten thousand components: classes, objects with fields, labels.
func bigOrg() map[string][]byte {
	files := map[string][]byte{}
	for i := range 3000 {
		files[fmt.Sprintf("classes/C%d.cls", i)] = []byte(strings.Repeat(fmt.Sprintf("public class C%d { Account a; void run() { C%d.go(a.Region__c, Label.L1); } }\n", i, i+1), 40))
		files[fmt.Sprintf("classes/C%d.cls-meta.xml", i)] = meta("ApexClass")
	}
	for i := range 100 {
		var fields strings.Builder
		for j := range 60 {
			fmt.Fprintf(&fields, "<fields><fullName>F%d__c</fullName><externalId>false</externalId><label>Field %d</label><length>255</length><required>false</required><formula>IF(F%d__c &gt; 1, Parent__r.F1__c, 2)</formula><type>Text</type><unique>false</unique></fields>", j, j, j+1)
		}
		files[fmt.Sprintf("objects/O%d__c.object", i)] = md("CustomObject", fields.String()+"<label>O</label>")
	}
	for i := range 50 {
		var access strings.Builder
		for j := range 3000 {
			fmt.Fprintf(&access, "<fieldPermissions><editable>true</editable><field>O%d__c.F%d__c</field><readable>true</readable></fieldPermissions>", j%100, j%60)
		}
		files[fmt.Sprintf("profiles/P%d.profile", i)] = md("Profile", access.String())
	}
	return files
}

func BenchmarkBigOrg(b *testing.B) {
	files := bigOrg()
	for b.Loop() {
		tree, err := NewTree(files)
		if err != nil {
			b.Fatal(err)
		}
		tree.NormalHash()
		components := tree.Components()
		for _, c := range components {
			tree.HashOf(c.Key)
		}
		refs := tree.References()
		if _, err := Join(Split(tree)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(components)), "components")
		b.ReportMetric(float64(tree.Size())/1e6, "MB")
		b.ReportMetric(float64(len(refs)), "references")
	}
}
