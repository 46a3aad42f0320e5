package main

import (
	"fmt"
	"os"
	"path/filepath"

	"countersign/backend/metadata"
)

// seedOrg writes a folder in metadata format with n components: a custom object
// with fields for every hundred, and Apex classes for the rest.
func seedOrg(dir string, n int, variant string) (keys []metadata.Key, err error) {
	write := func(path, content string) {
		if err == nil {
			file := filepath.Join(dir, path)
			if err = os.MkdirAll(filepath.Dir(file), 0o700); err == nil {
				err = os.WriteFile(file, []byte(content), 0o600)
			}
		}
	}
	for i := 0; len(keys) < n; i++ {
		if i%2 == 0 {
			object := fmt.Sprintf("Bench_%d__c", i)
			keys = append(keys, metadata.Key{Type: "CustomObject", Name: object})
			write("objects/"+object+".object", objectFile(i, min(49, n-len(keys)), variant))
			for f := 0; f < 49 && len(keys) < n; f++ {
				keys = append(keys, metadata.Key{Type: "CustomField", Name: fmt.Sprintf("%s.Field_%d__c", object, f)})
			}
			continue
		}
		block := min(50, n-len(keys)) // the last class of a block tests the others
		for c := range block {
			class := fmt.Sprintf("Bench%dx%d", i, c)
			keys = append(keys, metadata.Key{Type: "ApexClass", Name: class})
			body := fmt.Sprintf("public class %s {\n    // %s\n    public static Integer twice(Integer n) {\n        return 2 * n;\n    }\n}\n", class, variant)
			if c == block-1 {
				body = testClass(class, i, c)
			}
			write("classes/"+class+".cls", body)
			write("classes/"+class+".cls-meta.xml", classMeta)
		}
	}
	write("package.xml", string(metadata.ManifestOf("66.0", keys).Bytes()))
	return keys, err
}

func testClass(name string, block, classes int) string {
	s := "@IsTest\nprivate class " + name + " {\n    @IsTest\n    static void twice() {\n"
	for c := range classes {
		s += fmt.Sprintf("        System.assertEquals(4, Bench%dx%d.twice(2));\n", block, c)
	}
	return s + "    }\n}\n"
}

const classMeta = `<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion>
    <status>Active</status>
</ApexClass>
`

func objectFile(i, fields int, variant string) string {
	s := `<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
    <deploymentStatus>Deployed</deploymentStatus>
`
	for f := range fields {
		s += fmt.Sprintf(`    <fields>
        <fullName>Field_%d__c</fullName>
        <description>%s</description>
        <label>Field %d</label>
        <length>80</length>
        <type>Text</type>
    </fields>
`, f, variant, f)
	}
	return s + fmt.Sprintf(`    <label>Bench %d</label>
    <nameField>
        <label>Name</label>
        <type>Text</type>
    </nameField>
    <pluralLabel>Bench %d</pluralLabel>
    <sharingModel>ReadWrite</sharingModel>
</CustomObject>
`, i, i)
}
