package metadata

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTypesAreSortedUniqueAndShowAGoodName(t *testing.T) {
	types := Types()
	if len(types) < 60 {
		t.Fatalf("only %d types", len(types))
	}
	if !slices.IsSortedFunc(types, func(a, b Type) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not sorted")
	}
	for i, typ := range types {
		if i > 0 && types[i-1].Name == typ.Name {
			t.Errorf("%s is there twice", typ.Name)
		}
		if err := CheckName(typ.Name, typ.NameExample); err != nil {
			t.Errorf("the example of %s: %v", typ.Name, err)
		}
		if typ.Dir == "" || typ.Suffix == "" && !typ.Bundle && typ.Name != "Document" {
			t.Errorf("%s has no folder or suffix", typ.Name)
		}
		if typ.InFolder != (typ.FolderType != "") || (typ.Parent == "") != (typ.Element == "") {
			t.Errorf("%s is half described", typ.Name)
		}
	}
}

func TestCheckName(t *testing.T) {
	good := []Key{{"CustomField", "Account.Region__c"}, {"CustomField", "ns__A__c.ns__B__c"}, {"ValidationRule", "Account.Rule"}, {"Layout", "Account-Account Layout"},
		{"Report", "Sales"}, {"Report", "unfiled$public/X"}, {"CustomMetadata", "Rate.Germany"}, {"QuickAction", "Account.New"}, {"QuickAction", "Global"},
		{"Flow", "A"}, {"Flow", "A-12"}, {"Profile", "Custom%3A Sales"}, {"EmailTemplate", "F/T"}, {"DigitalExperienceBundle", "site/Help1"}, {"WorkflowRule", "Case.Old é"}}
	for _, k := range good {
		if err := CheckName(k.Type, k.Name); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	bad := []struct {
		key  Key
		says string
	}{
		{Key{"CustomField", "Region__c"}, "Account.Region__c"}, {Key{"CustomField", ".x"}, "a dot"}, {Key{"CustomField", "Account.1Tier__c"}, "begin with a letter"}, {Key{"ValidationRule", "Account."}, "Account.Region_Required"},
		{Key{"Layout", "Account"}, "Account-Account Layout"}, {Key{"Report", "Sales//X"}, "Sales/Pipeline"}, {Key{"CustomMetadata", "Rate"}, "Tax_Rate.Germany"},
		{Key{"QuickAction", ".New"}, "Account.New_Invoice"}, {Key{"Flow", "A-b"}, "version number"}, {Key{"ApexClass", "1A"}, "begin with a letter"},
		{Key{"ApexClass", "A B"}, "letters, digits"}, {Key{"ApexClass", ""}, "empty"}, {Key{"ApexClass", "*"}, "wildcard"}, {Key{"Profile", " A"}, "space"},
		{Key{"Profile", "A/B"}, "slash"}, {Key{"Profile", "A\nB"}, "holds"}, {Key{"Profile", strings.Repeat("a", 401)}, "longer"}, {Key{"Report", "a/.."}, "folder"},
	}
	for _, c := range bad {
		t.Run(c.key.String(), func(t *testing.T) {
			wantFault(t, CheckName(c.key.Type, c.key.Name), CodeBadName, c.says)
		})
	}
	wantFault(t, CheckName("CustomFields", "A.B"), CodeUnknownType, "CustomField")
	wantFault(t, CheckName("apexclass", "A"), CodeUnknownType, "Did you mean ApexClass")
	wantFault(t, CheckName("Zzzzqqqq", "A"), CodeUnknownType, "package.xml")
}

// Salesforce's own registry of types, where it is at hand, must agree with the
// table.
func TestTypesAgreeWithSalesforcesRegistry(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "salesforce", "fixtures", "sdr__metadataRegistry.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Skip("the registry is not beside this checkout")
	}
	type entry struct {
		Name, DirectoryName, Suffix, XMLElementName string
		InFolder                                    bool
		Strategies                                  struct{ Adapter string }
		Children                                    struct{ Types map[string]entry }
	}
	var registry struct{ Types map[string]entry }
	if err := json.Unmarshal(b, &registry); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, e := range registry.Types {
		for _, child := range e.Children.Types {
			if typ, ok := TypeOf(child.Name); ok {
				checked++
				element := child.XMLElementName
				if element == "" {
					element = child.DirectoryName
				}
				if typ.Parent != e.Name || typ.Element != element {
					t.Errorf("%s: %s in %s, registry says %s in %s", child.Name, typ.Element, typ.Parent, element, e.Name)
				}
			}
		}
		typ, ok := TypeOf(e.Name)
		if !ok {
			continue
		}
		checked++
		if typ.Dir != e.DirectoryName || typ.Suffix != e.Suffix && e.Name != "Document" && !typ.Bundle || typ.InFolder != e.InFolder {
			t.Errorf("%s: %s/*.%s (in folder %v), registry says %s/*.%s (%v)", typ.Name, typ.Dir, typ.Suffix, typ.InFolder, e.DirectoryName, e.Suffix, e.InFolder)
		}
		if e.Strategies.Adapter == "matchingContentFile" && !typ.MetaFile || e.Strategies.Adapter == "bundle" && !typ.Bundle {
			t.Errorf("%s: registry says %s", typ.Name, e.Strategies.Adapter)
		}
	}
	if checked != len(Types()) {
		t.Errorf("%d of %d types are in the registry", checked, len(Types()))
	}
}

func TestKeys(t *testing.T) {
	k := Key{"CustomField", "Account.Region__c"}
	if k.String() != "CustomField:Account.Region__c" {
		t.Error(k.String())
	}
	if back, ok := ParseKey(k.String()); !ok || back != k {
		t.Error(back, ok)
	}
	for _, s := range []string{"", "A", ":b", "a:"} {
		if _, ok := ParseKey(s); ok {
			t.Errorf("%q is a key", s)
		}
	}
}
