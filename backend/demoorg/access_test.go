package demoorg

import (
	"strings"
	"testing"
)

const profileHead = `<?xml version="1.0" encoding="UTF-8"?>
<Profile xmlns="http://soap.sforce.com/2006/04/metadata">
`

func classAccess(name string) string {
	return "    <classAccesses>\n        <apexClass>" + name + "</apexClass>\n        <enabled>true</enabled>\n    </classAccesses>\n"
}

func fieldAccess(name string) string {
	return "    <fieldPermissions>\n        <editable>false</editable>\n        <field>" + name + "</field>\n        <readable>true</readable>\n    </fieldPermissions>\n"
}

const settings = "    <custom>true</custom>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>ApiEnabled</name>\n    </userPermissions>\n"

func guarded(root string) (map[string]string, string) {
	whole := strings.ReplaceAll(profileHead, "Profile", root) + classAccess("Hello") + classAccess("Other") + fieldAccess("Account.Region__c") +
		fieldAccess("Account.Industry") + settings + "</" + root + ">\n"
	files := class(class(map[string]string{}, "Hello", "public class Hello {}"), "Other", "public class Other {}")
	files["objects/Account.object"] = object(textField("Region__c", "Region"))
	return files, whole
}

func TestAProfileComesBackWithRowsForWhatElseIsRetrieved(t *testing.T) {
	files, whole := guarded("Profile")
	files["profiles/Sales.profile"] = whole
	w := seeded(t, Options{}, files)
	rest := settings + "</Profile>\n"
	cases := []struct {
		name, want string
		ask        []string
	}{
		{"alone", profileHead + fieldAccess("Account.Industry") + rest, []string{"Profile Sales"}},
		{"with a class", profileHead + classAccess("Hello") + fieldAccess("Account.Industry") + rest, []string{"Profile Sales", "ApexClass Hello"}},
		{"with the object", profileHead + fieldAccess("Account.Region__c") + fieldAccess("Account.Industry") + rest, []string{"Profile Sales", "CustomObject Account"}},
		{"with everything", whole, []string{"Profile Sales", "ApexClass *", "CustomField Account.Region__c"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, _ := w.retrieve(unpackaged(c.ask...))
			if got["profiles/Sales.profile"] != c.want {
				t.Errorf("got\n%s\nwant\n%s", got["profiles/Sales.profile"], c.want)
			}
		})
	}
}

func TestAProfileIsDeployedRowByRow(t *testing.T) {
	files, whole := guarded("Profile")
	files["profiles/Sales.profile"] = whole
	w := seeded(t, Options{}, files)
	denied := strings.ReplaceAll(classAccess("Hello"), "true", "false")
	mine := profileHead + denied + "    <description>New</description>\n</Profile>\n"
	answer := w.run(map[string]string{"package.xml": manifest("Profile Sales"), "profiles/Sales.profile": mine}, allOrNothing)
	wantStatus(t, answer, "Succeeded")
	got, _ := w.retrieve(unpackaged("Profile Sales", "ApexClass *", "CustomField Account.Region__c"))
	after := got["profiles/Sales.profile"]
	for _, part := range []string{denied, "<description>New</description>", classAccess("Other"), fieldAccess("Account.Region__c"), "ApiEnabled"} {
		if strings.Count(after, strings.TrimSpace(part)) != 1 {
			t.Errorf("%q is not once in\n%s", part, after)
		}
	}
	wantStatus(t, w.run(map[string]string{"package.xml": manifest(), "destructiveChanges.xml": manifest("ApexClass Other")}, allOrNothing), "Succeeded")
	if got, _ := w.retrieve(unpackaged("Profile Sales", "ApexClass *")); strings.Contains(got["profiles/Sales.profile"], "Other") {
		t.Error("rows about what was deleted must go with it")
	}
}

func TestAPermissionSetIsWholeSince40(t *testing.T) {
	files, whole := guarded("PermissionSet")
	files["permissionsets/Sales.permissionset"] = whole
	w := seeded(t, Options{}, files)
	ask := func(version string) string {
		got, _ := w.retrieve(strings.Replace(unpackaged("PermissionSet Sales"), "66.0", version, 1))
		return got["permissionsets/Sales.permissionset"]
	}
	if ask("66.0") != whole || ask("40.0") != whole {
		t.Error("since 40.0 a permission set comes whole")
	}
	if old := ask("39.0"); strings.Contains(old, "Hello") || !strings.Contains(old, "ApiEnabled") {
		t.Errorf("at 39.0: %s", old)
	}
	small := strings.ReplaceAll(profileHead, "Profile", "PermissionSet") + classAccess("Hello") + "</PermissionSet>\n"
	bring := map[string]string{"package.xml": strings.Replace(manifest("PermissionSet Sales"), "66.0", "39.0", 1), "permissionsets/Sales.permissionset": small}
	wantStatus(t, w.run(bring, allOrNothing), "Succeeded")
	if now := ask("66.0"); !strings.Contains(now, "Other") || !strings.Contains(now, "ApiEnabled") {
		t.Errorf("at 39.0 rows are added: %s", now)
	}
	bring["package.xml"] = manifest("PermissionSet Sales")
	wantStatus(t, w.run(bring, allOrNothing), "Succeeded")
	if now := ask("66.0"); now != small {
		t.Errorf("since 40.0 it is replaced: %s", now)
	}
}
