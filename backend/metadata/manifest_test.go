package metadata

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestManifestSaysWhatWasWritten(t *testing.T) {
	m, err := ParseManifest(md("Package", `
    <!-- what we move -->
    <types><members>B</members><members>A</members><members>A</members><name>ApexClass</name></types>
    <types><name>CustomField</name><members>Account.Region__c</members></types>
    <types><members>*</members><name>CustomLabel</name></types>
    <types><members>C</members><name>ApexClass</name></types>
    <types><members>Account-Layout %26 é</members><name>Layout</name></types>
    <description>Spring</description>
    <version>68.0</version>`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"ApexClass": {"A", "B", "C"}, "CustomField": {"Account.Region__c"}, "CustomLabel": {"*"}, "Layout": {"Account-Layout %26 é"}}
	if m.Version != "68.0" || !reflect.DeepEqual(m.Members, want) {
		t.Errorf("got %s %v", m.Version, m.Members)
	}
	if m.Count() != 6 || len(m.Keys()) != 5 || !reflect.DeepEqual(m.Wildcards(), []string{"CustomLabel"}) {
		t.Errorf("count %d, keys %v, wildcards %v", m.Count(), m.Keys(), m.Wildcards())
	}
	golden := head + `<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types>
        <members>A</members>
        <members>B</members>
        <members>C</members>
        <name>ApexClass</name>
    </types>
    <types>
        <members>Account.Region__c</members>
        <name>CustomField</name>
    </types>
    <types>
        <members>*</members>
        <name>CustomLabel</name>
    </types>
    <types>
        <members>Account-Layout %26 é</members>
        <name>Layout</name>
    </types>
    <version>68.0</version>
</Package>
`
	if got := string(m.Bytes()); got != golden {
		t.Errorf("got\n%s", got)
	}
}

func TestBadManifests(t *testing.T) {
	types := func(s string) []byte { return md("Package", "<types>"+s+"</types>") }
	cases := []struct {
		name       string
		b          []byte
		code, says string
	}{
		{"doctype", []byte(`<!DOCTYPE x><Package/>`), CodeBadXML, "DOCTYPE"},
		{"other root", md("Packages", ""), CodeBadManifest, "root"},
		{"no namespace", []byte("<Package/>"), CodeBadManifest, "root"},
		{"other namespace", []byte("<Package xmlns='urn:x'/>"), CodeBadManifest, "namespace"},
		{"member of another namespace", md("Package", `<types><x:members xmlns:x="urn:x">A</x:members><name>ApexClass</name></types>`), CodeBadManifest, "neither members nor name"},
		{"two versions", md("Package", "<version>68.0</version><version>67.0</version>"), CodeBadManifest, "two versions"},
		{"bad version", md("Package", "<version>sixty</version>"), CodeBadManifest, "68.0"},
		{"two names", types("<name>ApexClass</name><name>ApexPage</name>"), CodeBadManifest, "two names"},
		{"no name", types("<members>A</members>"), CodeBadManifest, "no name"},
		{"empty name", types("<members>A</members><name> </name>"), CodeBadManifest, "is empty"},
		{"empty member", types("<members/><name>ApexClass</name>"), CodeBadManifest, "is empty"},
		{"comment in a name", types("<members>A<!-- x -->B</members><name>ApexClass</name>"), CodeBadManifest, "plain text"},
		{"element in a name", types("<members>A<b/></members><name>ApexClass</name>"), CodeBadManifest, "plain text"},
		{"unknown element", md("Package", "<tpyes/>"), CodeBadManifest, "tpyes"},
		{"text between", md("Package", "hello<types/>"), CodeBadManifest, "Text stands"},
		{"traversal", types("<members>../../x</members><name>ApexClass</name>"), CodeBadManifest, "slash"},
		{"traversal in a folder", types("<members>../x</members><name>Report</name>"), CodeBadManifest, "folder"},
		{"misshapen", types("<members>Region__c</members><name>CustomField</name>"), CodeBadManifest, "object, a dot"},
		{"unknown type", types("<members>A</members><name>ApexClas</name>"), CodeUnknownType, "ApexClass"},
		{"unknown types", md("Package", "<types><name>Foo</name></types><types><name>Bar</name></types>"), CodeUnknownType, `"Bar", "Foo"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseManifest(c.b)
			wantFault(t, err, c.code, c.says)
		})
	}
}

func TestEveryProblemIsSaidUpToFive(t *testing.T) {
	_, err := ParseManifest(md("Package", "<version>1</version>"+strings.Repeat("<types><members>1</members><name>ApexClass</name></types>", 7)))
	wantFault(t, err, CodeBadManifest, "And 3 more.")
	wantFault(t, err, CodeBadManifest, `"1" is not an API version`)
}

func TestTenThousandMembersAndNotOneMore(t *testing.T) {
	many := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<members>C%d</members>", i)
		}
		return md("Package", "<types>"+b.String()+"<name>ApexClass</name></types>")
	}
	if m, err := ParseManifest(many(10_000)); err != nil || m.Count() != 10_000 {
		t.Fatal(err)
	}
	_, err := ParseManifest(many(10_001))
	wantFault(t, err, CodeTooManyMembers, "10,001 members")
	wantFault(t, err, CodeTooManyMembers, "takes 10,000")
}

func TestLenientManifestTakesUnknownTypes(t *testing.T) {
	m, err := ParseManifestLenient(md("Package", "<types><members>a/b</members><name>FutureThing</name></types><types><members>Odd name</members><name>ApexClass</name></types>"))
	if err != nil || m.Count() != 2 {
		t.Fatalf("%v %v", m, err)
	}
	_, err = ParseManifestLenient(md("Package", "<types><members>a\\b</members><name>FutureThing</name></types>"))
	wantFault(t, err, CodeBadManifest, "no API name holds")
}

func TestExpandFollowsSalesforcesWildcards(t *testing.T) {
	m := ManifestOf("68.0", []Key{{"ApexClass", "*"}, {"ApexClass", "A"}, {"CustomObject", "*"}, {"CustomObject", "Account"}, {"Report", "*"}, {"Flow", "*"}})
	inventory := []Key{{"ApexClass", "B"}, {"ApexClass", "A"}, {"CustomObject", "Case"}, {"CustomObject", "X__c"}, {"Report", "F/R"}, {"ApexPage", "P"}}
	got, added := m.Expand(inventory)
	if want := []Key{{"ApexClass", "B"}, {"CustomObject", "X__c"}}; !reflect.DeepEqual(added, want) {
		t.Errorf("added %v, want %v", added, want)
	}
	if want := []Key{{"ApexClass", "A"}, {"ApexClass", "B"}, {"CustomObject", "Account"}, {"CustomObject", "X__c"}}; !reflect.DeepEqual(got.Keys(), want) {
		t.Errorf("keys %v, want %v", got.Keys(), want)
	}
	if len(got.Wildcards()) != 0 || got.Version != "68.0" {
		t.Errorf("left over: %v", got.Wildcards())
	}
}

func TestManifestRoundTrip(t *testing.T) {
	names := rapid.SampledFrom([]string{"A", "B_2", "C3", "*"})
	typeNames := rapid.SampledFrom([]string{"ApexClass", "ApexPage", "CustomLabel", "Profile"})
	rapid.Check(t, func(t *rapid.T) {
		var keys []Key
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			keys = append(keys, Key{typeNames.Draw(t, "type"), names.Draw(t, "name")})
		}
		m := ManifestOf("68.0", keys)
		back, err := ParseManifest(m.Bytes())
		if err != nil || !reflect.DeepEqual(m, back) || !bytes.Equal(m.Bytes(), back.Bytes()) {
			t.Fatalf("%v came back as %v (%v)", m, back, err)
		}
		if n, _ := Normal("package.xml", m.Bytes()); !bytes.Equal(n, m.Bytes()) {
			t.Fatalf("a canonical manifest is not its own normal form:\n%s", n)
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add(ManifestOf("68.0", []Key{{"ApexClass", "A"}, {"Report", "F/R"}}).Bytes())
	f.Add(md("Package", "<types><members>é &amp; &lt;</members><name>Profile</name></types>"))
	f.Add([]byte("<Package/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (*Manifest, error){ParseManifest, ParseManifestLenient} {
			m, err := parse(b)
			if err != nil {
				continue
			}
			back, err := parse(m.Bytes())
			if err != nil || !reflect.DeepEqual(m.Keys(), back.Keys()) {
				t.Fatalf("an accepted manifest does not come back: %v", err)
			}
		}
	})
}
