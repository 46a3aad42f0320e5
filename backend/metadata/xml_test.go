package metadata

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHostileXML(t *testing.T) {
	deep := strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65)
	cases := []struct{ name, xml, says string }{
		{"doctype", `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "DOCTYPE"},
		{"entity", `<a>&x;</a>`, "entity"},
		{"external entity", `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, "DOCTYPE"},
		{"processing instruction", `<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>`, "processing instruction"},
		{"second root", `<a/><b/>`, "second root"},
		{"text outside", `<a/>x`, "outside"},
		{"too deep", deep, "64 deep"},
		{"too many", "<a>" + strings.Repeat("<b/>", 200_000) + "</a>", "200,000 elements"},
		{"too large", "<a>" + strings.Repeat("x", maxXMLBytes) + "</a>", "limit is 10,485,760"},
		{"open", `<a><b></b>`, "never ends"},
		{"crossed", `<a><b></a></b>`, "ends as"},
		{"never began", `</a>`, "never began"},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, "encoding"},
		{"UTF-16", "\xff\xfe<\x00a\x00/\x00>\x00", "not UTF-8"},
		{"undeclared prefix", `<p:a/>`, "not declared"},
		{"undeclared attribute prefix", `<a p:x="1"/>`, "not declared"},
		{"attribute twice", `<a x="1" x="2"/>`, "stands twice"},
		{"attribute twice by namespace", `<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>`, "stands twice"},
		{"prefix twice", `<a xmlns:p="u" xmlns:p="v"/>`, "declared twice"},
		{"empty", ``, "empty"},
		{"a million comments", "<a>" + strings.Repeat("x<!---->", 700_000) + "</a>", "1,200,000 pieces"},
		{"many attributes", "<a " + strings.Repeat("b='' ", 65) + "/>", "64 attributes"},
		{"many namespaces", strings.Repeat("<a xmlns:b='u' xmlns:c='u'>", 33), "64 namespaces"},
		{"control character", "<a>\x01</a>", "illegal character"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := []byte(c.xml)
			wantFault(t, CheckXML(b), CodeBadXML, c.says)
			// Normal never fails: what cannot be read is its exact bytes.
			if out, err := Normal("objects/A.object", b); err != nil || !bytes.Equal(out, b) {
				t.Errorf("Normal changed what cannot be read: %v", err)
			}
		})
	}
	if err := CheckXML(account); err != nil {
		t.Errorf("an honest file is refused: %v", err)
	}
}

func normal(t *testing.T, path string, b []byte) string {
	t.Helper()
	out, err := Normal(path, b)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWhatMeansTheSameHasOneNormalForm(t *testing.T) {
	cases := []struct{ name, path, a, b string }{
		{"order of children", "objects/A.object",
			"<fields><fullName>A__c</fullName><type>Text</type></fields><fields><fullName>B__c</fullName></fields><label>A</label>",
			"<label>A</label>\n\n<fields><fullName>B__c</fullName></fields><!-- note --><fields><type>Text</type><fullName>A__c</fullName></fields>"},
		{"permissions", "permissionsets/A.permissionset",
			"<fieldPermissions><field>A.B__c</field><editable>true</editable></fieldPermissions><fieldPermissions><field>A.C__c</field></fieldPermissions>",
			"<fieldPermissions><field>A.C__c</field></fieldPermissions><fieldPermissions><editable>true</editable><field>A.B__c</field></fieldPermissions>"},
		{"white space in a tag", "tabs/A.tab", `<label a="1" b="2">x</label>`, "<label\n b='2'  a='1'>x</label >"},
		{"ways to write a character", "tabs/A.tab", `<label>a &amp; "b" é</label>`, `<label><![CDATA[a & ]]>&quot;b&#34; &#xE9;</label>`},
		{"empty element", "tabs/A.tab", `<label/>`, `<label></label>`},
		{"flow elements", "flows/A.flow",
			"<decisions><name>x</name></decisions><decisions><name>y</name></decisions>",
			"<decisions><name>y</name></decisions><decisions><name>x</name></decisions>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := rootFor(c.path)
			a, b := normal(t, c.path, md(root, c.a)), normal(t, c.path, md(root, c.b))
			if a != b {
				t.Errorf("two normal forms:\n%s\n%s", a, b)
			}
			if d := Diff(c.path, md(root, c.a), md(root, c.b)); len(d) != 0 {
				t.Errorf("Diff sees %v", d)
			}
		})
	}
}

func rootFor(path string) string {
	typ, _ := typeAt(path)
	return typ.Name
}

func TestWhatMeansSomethingElseHasAnother(t *testing.T) {
	value := func(s string) string {
		return "<fields><fullName>A__c</fullName><valueSet><valueSetDefinition>" + s + "</valueSetDefinition></valueSet></fields>"
	}
	cases := []struct{ name, path, a, b string }{
		{"a value", "objects/A.object", "<label>A</label>", "<label>B</label>"},
		{"a space in a value", "objects/A.object", "<label>A</label>", "<label>A </label>"},
		{"an attribute", "tabs/A.tab", `<label a="1">x</label>`, `<label a="2">x</label>`},
		{"an element more", "objects/A.object", "<label>A</label>", "<label>A</label><x/>"},
		{"order of picklist values", "objects/A.object",
			value("<value><fullName>1</fullName></value><value><fullName>2</fullName></value>"),
			value("<value><fullName>2</fullName></value><value><fullName>1</fullName></value>")},
		{"order of layout items", "layouts/A-B.layout",
			"<layoutSections><layoutColumns><layoutItems><field>A</field></layoutItems><layoutItems><field>B</field></layoutItems></layoutColumns></layoutSections>",
			"<layoutSections><layoutColumns><layoutItems><field>B</field></layoutItems><layoutItems><field>A</field></layoutItems></layoutColumns></layoutSections>"},
		{"order of filters that a filter logic counts", "objects/A.object",
			"<listViews><fullName>V</fullName><filters><field>A</field></filters><filters><field>B</field></filters></listViews>",
			"<listViews><fullName>V</fullName><filters><field>B</field></filters><filters><field>A</field></filters></listViews>"},
		{"order of decision outcomes", "flows/A.flow",
			"<decisions><name>d</name><rules><name>x</name></rules><rules><name>y</name></rules></decisions>",
			"<decisions><name>d</name><rules><name>y</name></rules><rules><name>x</name></rules></decisions>"},
		{"the same item once more", "permissionsets/A.permissionset",
			"<classAccesses><apexClass>A</apexClass></classAccesses>",
			"<classAccesses><apexClass>A</apexClass></classAccesses><classAccesses><apexClass>A</apexClass></classAccesses>"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := rootFor(c.path)
			a, b := md(root, c.a), md(root, c.b)
			if normal(t, c.path, a) == normal(t, c.path, b) {
				t.Error("one normal form for two meanings")
			}
			if len(Diff(c.path, a, b)) == 0 {
				t.Error("Diff sees nothing")
			}
		})
	}
	if normal(t, "tabs/A.tab", md("CustomTab", "<a/>")) == normal(t, "tabs/A.tab", []byte("<CustomTab xmlns='urn:other'><a/></CustomTab>")) {
		t.Error("another namespace is another file")
	}
}

func TestNormalFormOfFilesThatAreNoXML(t *testing.T) {
	cases := []struct{ path, in, want string }{
		{"classes/A.cls", "a\r\nb\r\r\nc\rd\n", "a\nb\nc\rd\n"},
		{"lwc/a/a.js", "x\r\n", "x\n"},
		{"documents/F/a.txt", "x\r\n", "x\r\n"},
		{"staticresources/a.resource", "<a>\r\n</a>", "<a>\r\n</a>"},
		{"pages/A.page", "<apex:page>\r\n</apex:page>", "<apex:page>\n</apex:page>"},
		{"futureThings/a.future", "x\r\n", "x\r\n"},
		{"objects/A.object", "<broken>\r\n", "<broken>\r\n"},
		{"applications/A.app", "<broken>\r\n", "<broken>\r\n"},
	}
	for _, c := range cases {
		if got := normal(t, c.path, []byte(c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
	// A class's content is never read as XML, even if it looks like it.
	in := md("ApexClass", "<b/><a/>")
	if got := normal(t, "staticresources/x.resource", in); got != string(in) {
		t.Error("a static resource was normalised as metadata")
	}
}

func TestNormalFormIsGolden(t *testing.T) {
	in := md("CustomMetadata", `<values><field>B__c</field><value xmlns:i="`+xsiNamespace+`" i:nil="true"/></values><label>a&lt;b</label><values><field>A__c</field><value xmlns:i="`+xsiNamespace+`" xmlns:s="`+xsdNamespace+`" i:type="s:string">x</value></values>`)
	want := head + `<CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <label>a&lt;b</label>
    <values>
        <field>A__c</field>
        <value xsi:type="xsd:string">x</value>
    </values>
    <values>
        <field>B__c</field>
        <value xsi:nil="true"/>
    </values>
</CustomMetadata>
`
	if got := normal(t, "customMetadata/A.B.md", in); got != want {
		t.Errorf("normal form %d changed; raise NormalForm if that is meant:\n%s", NormalForm, got)
	}
}

// anyXML draws metadata XML of several shapes, mixed text included.
func anyXML(t *rapid.T) []byte {
	name := rapid.SampledFrom([]string{"fields", "fullName", "values", "label", "rules", "name", "picklistValues"})
	text := rapid.SampledFrom([]string{"", " ", "A__c", "x & y", "\n", "é", "<![CDATA[<]]>", "&#xD;", "]]&gt;", "<!-- c -->"})
	var build func(depth int) string
	build = func(depth int) string {
		var s strings.Builder
		for range rapid.IntRange(0, 4).Draw(t, "kids") {
			if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
				s.WriteString(strings.ReplaceAll(text.Draw(t, "text"), " & ", " &amp; "))
				continue
			}
			n := name.Draw(t, "name")
			attr := rapid.SampledFrom([]string{"", ` a="1"`, ` b='&#10;' a="x&quot;"`, ` xmlns:q="u" q:a="1"`, ` xmlns="other"`, ` xmlns:xsi="` + xsiNamespace + `" xsi:type="xsd:string"`}).Draw(t, "attr")
			s.WriteString("<" + n + attr + ">" + build(depth-1) + "</" + n + ">")
		}
		return s.String()
	}
	root := rapid.SampledFrom([]string{"CustomObject", "Profile", "Flow", "CustomLabels"}).Draw(t, "root")
	return md(root, build(4))
}

func TestNormalIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyXML(t)
		if err := CheckXML(in); err != nil {
			t.Fatalf("the generator wrote bad XML: %v\n%s", err, in)
		}
		once, _ := Normal("x.object", in)
		twice, _ := Normal("x.object", once)
		if !bytes.Equal(once, twice) {
			t.Fatalf("not idempotent:\n%s\n---\n%s", once, twice)
		}
		if d := Diff("x.object", in, once); len(d) != 0 {
			t.Fatalf("a file differs from its normal form: %v\n%s", d, in)
		}
	})
}

func TestNormalIsBlindToTheOrderOfASet(t *testing.T) {
	item := rapid.Custom(func(t *rapid.T) string {
		field := rapid.StringMatching(`A\.[a-c]{1,2}__c`).Draw(t, "field")
		parts := rapid.Permutation([]string{"<field>" + field + "</field>", "<editable>true</editable>", "<readable>" + rapid.SampledFrom([]string{"true", "false"}).Draw(t, "readable") + "</readable>"}).Draw(t, "parts")
		return "<fieldPermissions>" + strings.Join(parts, " ") + "</fieldPermissions>"
	})
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(item, 0, 9).Draw(t, "items")
		shuffled := rapid.Permutation(items).Draw(t, "shuffled")
		a, _ := Normal("profiles/A.profile", md("Profile", strings.Join(items, "")))
		b, _ := Normal("profiles/A.profile", md("Profile", strings.Join(shuffled, "\n")))
		if !bytes.Equal(a, b) {
			t.Fatalf("two normal forms:\n%s\n%s", a, b)
		}
	})
}

func TestDiffIsEmptyExactlyWhenNormalFormsAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyXML(t), anyXML(t)
		x, _ := Normal("x.object", a)
		y, _ := Normal("x.object", b)
		if d := Diff("x.object", a, b); bytes.Equal(x, y) != (len(d) == 0) {
			t.Fatalf("normal forms equal: %v, changes: %v\n%s\n%s", bytes.Equal(x, y), d, a, b)
		}
	})
}

func FuzzNormal(f *testing.F) {
	f.Add("objects/Account.object", account)
	f.Add("classes/A.cls", []byte("a\r\nb"))
	f.Add("x.object", []byte("<a xmlns='"+Namespace+"'>x<b/> y</a>"))
	f.Add("x", []byte("<!DOCTYPE a><a/>"))
	f.Fuzz(func(t *testing.T, path string, b []byte) {
		once, err := Normal(path, b)
		if err != nil {
			t.Fatal(err)
		}
		twice, _ := Normal(path, once)
		if !bytes.Equal(once, twice) {
			t.Fatalf("not idempotent:\n%q\n%q", once, twice)
		}
	})
}
