package demoorg

import (
	"strings"
	"testing"
)

func flow(label, status string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Flow xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion><label>` + label +
		`</label><processType>AutoLaunchedFlow</processType><status>` + status + "</status></Flow>\n"
}

func flowPackage(content string) map[string]string {
	return map[string]string{"package.xml": manifest("Flow Approval"), "flows/Approval.flow": content}
}

func definition(active string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<FlowDefinition xmlns="http://soap.sforce.com/2006/04/metadata"><activeVersionNumber>` + active + "</activeVersionNumber></FlowDefinition>\n"
}

func TestAFlowKeepsItsVersions(t *testing.T) {
	w := seeded(t, Options{}, map[string]string{"flows/Approval.flow": flow("First", "Active")})
	fetch := func(member string) string {
		files, _ := w.retrieve(unpackaged("Flow " + member))
		return files["flows/"+member+".flow"]
	}
	deploy := func(content, want string) {
		t.Helper()
		wantStatus(t, w.run(flowPackage(content), allOrNothing), want)
	}
	deploy(flow("Second", "Active"), "Succeeded")
	if fetch("Approval") != flow("Second", "Active") || fetch("Approval-1") != flow("First", "Obsolete") {
		t.Errorf("the second version is %s, the first %s", fetch("Approval"), fetch("Approval-1"))
	}
	deploy(flow("Third", "Draft"), "Succeeded")
	if fetch("Approval") != flow("Second", "Active") || fetch("Approval-3") != flow("Third", "Draft") {
		t.Error("a draft must lie beside the active version")
	}
	_, rows, raw := w.query(true, "SELECT VersionNumber, Status, FullName FROM Flow WHERE DeveloperName = 'Approval' ORDER BY VersionNumber")
	if len(rows) != 3 || rows[0]["Status"] != "Obsolete" || rows[1]["Status"] != "Active" || rows[1]["FullName"] != "Approval" || rows[2]["FullName"] != "Approval-3" {
		t.Errorf("versions: %s", raw)
	}
	_, definitions, raw := w.query(true, "SELECT ActiveVersionId, LatestVersionId FROM FlowDefinition WHERE DeveloperName = 'Approval'")
	if len(definitions) != 1 || definitions[0]["ActiveVersionId"] == nil || definitions[0]["ActiveVersionId"] == definitions[0]["LatestVersionId"] {
		t.Errorf("definition: %s", raw)
	}

	w.run(map[string]string{"package.xml": manifest("FlowDefinition Approval"), "flowDefinitions/Approval.flowDefinition": definition("1")}, allOrNothing)
	if fetch("Approval") != flow("First", "Active") || fetch("Approval-2") != flow("Second", "Obsolete") {
		t.Errorf("a definition makes its version active: %s", fetch("Approval"))
	}
	answer := w.run(map[string]string{"package.xml": manifest("FlowDefinition Approval"), "flowDefinitions/Approval.flowDefinition": definition("9")}, allOrNothing)
	wantStatus(t, answer, "Failed")
	w.run(map[string]string{"package.xml": manifest("FlowDefinition Approval"), "flowDefinitions/Approval.flowDefinition": definition("0")}, allOrNothing)
	if got := fetch("Approval"); got != flow("Third", "Draft") {
		t.Errorf("without an active version the newest stands for the flow: %s", got)
	}
	deploy(flow("Third, again", "Active"), "Succeeded")
	if fetch("Approval") != flow("Third, again", "Active") || fetch("Approval-4") != "" {
		t.Error("a draft is replaced, not followed")
	}
	files, _ := w.retrieve(unpackaged("FlowDefinition Approval"))
	if got := files["flowDefinitions/Approval.flowDefinition"]; got != definition("3") {
		t.Errorf("the definition follows the active version: %s", got)
	}
}

func TestWhichVersionsOfAFlowCanBeDeleted(t *testing.T) {
	w := seeded(t, Options{}, map[string]string{"flows/Approval.flow": flow("First", "Active")})
	wantStatus(t, w.run(flowPackage(flow("Second", "Active")), allOrNothing), "Succeeded")
	remove := func(member string) string {
		return w.run(map[string]string{"package.xml": manifest(), "destructiveChanges.xml": manifest("Flow " + member)}, allOrNothing)
	}
	active := remove("Approval-2")
	wantStatus(t, active, "Failed")
	if problem := element(active, "problem"); problem != "insufficient access rights on cross-reference id" {
		t.Errorf("problem = %q", problem)
	}
	wantStatus(t, remove("Approval-1"), "Succeeded")
	_, rows, raw := w.query(true, "SELECT VersionNumber FROM Flow")
	if len(rows) != 1 || rows[0]["VersionNumber"] != 2.0 {
		t.Errorf("left: %s", raw)
	}
	if files, _ := w.retrieve(unpackaged("Flow Approval")); files["flows/Approval.flow"] != flow("Second", "Active") {
		t.Error("the active version must stay")
	}
}

func TestTheNumberOfAVersionComesWithItsDefinition(t *testing.T) {
	w := seeded(t, Options{}, map[string]string{"flows/Approval.flow": flow("Seventh", "Active"), "flowDefinitions/Approval.flowDefinition": definition("7")})
	wantStatus(t, w.run(flowPackage(flow("Eighth", "Active")), allOrNothing), "Succeeded")
	files, _ := w.retrieve(unpackaged("Flow Approval Approval-7", "FlowDefinition Approval"))
	if !strings.Contains(files["flowDefinitions/Approval.flowDefinition"], ">8<") || files["flows/Approval-7.flow"] != flow("Seventh", "Obsolete") {
		t.Errorf("files = %v", files)
	}
}
