package metadata

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// md wraps the inside of a metadata file in its root.
func md(root, inside string) []byte {
	return []byte(head + "<" + root + ` xmlns="` + Namespace + `">` + inside + "</" + root + ">\n")
}

func treeFrom(t *testing.T, files map[string][]byte) *Tree {
	t.Helper()
	tree, err := NewTree(files)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// wantFault asserts the code of an *Error and that its message is a sentence.
func wantFault(t *testing.T, err error, code, says string) {
	t.Helper()
	var fault *Error
	if !errors.As(err, &fault) {
		t.Fatalf("got %v, want an *Error with code %s", err, code)
	}
	if fault.Code != code || !strings.Contains(fault.Error(), says) {
		t.Fatalf("got %s: %s\nwant %s saying %q", fault.Code, fault.Error(), code, says)
	}
	first := fault.Message[:1]
	if strings.ToUpper(first) != first || !strings.HasSuffix(fault.Message, ".") {
		t.Errorf("%q is no sentence", fault.Message)
	}
}

type zipEntry struct {
	name string
	body []byte
	with func(*zip.FileHeader)
}

func zipOf(t testing.TB, entries ...zipEntry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.with != nil {
			e.with(h)
		}
		out, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.body) > 0 {
			if _, err := out.Write(e.body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readZip(b []byte) (*Tree, error) {
	return ReadZip(bytes.NewReader(b), int64(len(b)), DefaultLimits())
}

// account is an object with properties of its own and several children.
var account = md("CustomObject", `
    <compactLayouts><fullName>Summary</fullName><fields>Region__c</fields><fields>Name</fields><label>Summary</label></compactLayouts>
    <enableHistory>true</enableHistory>
    <fields>
        <fullName>Region__c</fullName>
        <label>Region</label>
        <length>40</length>
        <type>Text</type>
    </fields>
    <fields>
        <fullName>Invoice__c</fullName>
        <label>Invoice</label>
        <referenceTo>Invoice__c</referenceTo>
        <type>Lookup</type>
    </fields>
    <futureThing><fullName>Kept</fullName></futureThing>
    <validationRules>
        <fullName>Region_Required</fullName>
        <active>true</active>
        <errorConditionFormula>ISBLANK(Region__c) &amp;&amp; Invoice__r.Total__c &gt; 1 &amp;&amp; NOT($Permission.Skip_Rules)</errorConditionFormula>
        <errorMessage>Region is missing</errorMessage>
    </validationRules>
`)

var labels = md("CustomLabels", `
    <labels><fullName>Welcome</fullName><language>en_US</language><protected>true</protected><shortDescription>w</shortDescription><value>Hi</value></labels>
    <labels><fullName>Bye</fullName><language>en_US</language><protected>true</protected><shortDescription>b</shortDescription><value>Bye</value></labels>
`)

func meta(root string) []byte { return md(root, "<apiVersion>68.0</apiVersion>") }

// sample is a small org.
func sample() map[string][]byte {
	return map[string][]byte{
		"package.xml":                          ManifestOf("68.0", []Key{{"CustomObject", "Account"}}).Bytes(),
		"objects/Account.object":               account,
		"objects/Invoice__c.object":            md("CustomObject", "<label>Invoice</label><fields><fullName>Total__c</fullName><type>Number</type></fields>"),
		"classes/AccountService.cls":           []byte("public class AccountService {\n  // Region__c in a comment\n  public static Account a = [SELECT Region__c, Invoice__r.Total__c FROM Account];\n  String s = Label.Welcome;\n}\n"),
		"classes/AccountService.cls-meta.xml":  meta("ApexClass"),
		"labels/CustomLabels.labels":           labels,
		"workflows/Account.workflow":           md("Workflow", "<rules><fullName>Old</fullName><actions><name>Set_Region</name><type>FieldUpdate</type></actions><active>true</active></rules><fieldUpdates><fullName>Set_Region</fullName><field>Region__c</field></fieldUpdates>"),
		"reports/Sales-meta.xml":               md("ReportFolder", "<name>Sales</name>"),
		"reports/Sales/Pipeline.report":        md("Report", "<columns><field>Account.Region__c</field></columns><reportType>AccountList</reportType>"),
		"email/Service-meta.xml":               md("EmailFolder", "<name>Service</name>"),
		"email/Service/Hello.email":            []byte("Hi {!Account.Region__c}\r\n"),
		"email/Service/Hello.email-meta.xml":   md("EmailTemplate", "<subject>Hi</subject>"),
		"documents/Logos/Company.png":          {0x89, 'P', 'N', 'G', 0, '\r', '\n'},
		"documents/Logos/Company.png-meta.xml": md("Document", "<public>true</public>"),
		"documents/Logos-meta.xml":             md("DocumentFolder", "<name>Logos</name>"),
		"lwc/panel/panel.js":                   []byte("import find from '@salesforce/apex/AccountService.find';\nimport REGION from \"@salesforce/schema/Account.Region__c\";\nimport x from 'c/other';\n"),
		"lwc/panel/panel.js-meta.xml":          meta("LightningComponentBundle"),
		"lwc/panel/panel.html":                 []byte("<template><c-small-part></c-small-part></template>"),
		"customMetadata/Rate.Germany.md":       md("CustomMetadata", `<label>Germany</label><values><field>Value__c</field><value xmlns:xsi="`+xsiNamespace+`" xmlns:x="`+xsdNamespace+`" xsi:type="x:double">19.0</value></values>`),
		"layouts/Account-Layout %26 é.layout":  md("Layout", "<layoutSections><layoutColumns><layoutItems><field>Region__c</field></layoutItems></layoutColumns></layoutSections><relatedLists><relatedList>Invoice__c.Account__c</relatedList></relatedLists>"),
		"permissionsets/Sales.permissionset":   md("PermissionSet", "<fieldPermissions><field>Account.Region__c</field></fieldPermissions><classAccesses><apexClass>AccountService</apexClass></classAccesses><tabSettings><tab>standard-Account</tab></tabSettings><label>Sales</label>"),
		"experiences/Help1.site-meta.xml":      md("ExperienceBundle", "<label>Help</label>"),
		"experiences/Help1/views/home.json":    []byte("{}"),
		"digitalExperiences/site/Help1/a.json": []byte("{}"),
		"futureThings/X.future":                []byte("whatever\r\n"),
		"settings/Account.settings":            md("AccountSettings", "<enableAccountTeams>true</enableAccountTeams>"),
	}
}
