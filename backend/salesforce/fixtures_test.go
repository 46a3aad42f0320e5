package salesforce

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answering returns a client of a server that always answers text.
func answering(t *testing.T, status int, text string) *Client {
	t.Helper()
	return newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, status, text) }).client(t)
}

func TestRecordedDescribe(t *testing.T) {
	types, err := answering(t, 200, fixture(t, "metaforce__describe_metadata_success.xml")).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]MetadataType{}
	for _, m := range types {
		byName[m.XMLName] = m
	}
	want := MetadataType{XMLName: "CustomObject", DirectoryName: "objects", Suffix: "object", ChildXMLNames: []string{
		"CustomField", "BusinessProcess", "RecordType", "WebLink", "ValidationRule", "NamedFilter", "SharingReason", "ListView", "FieldSet"}}
	if diff := cmp.Diff(want, byName["CustomObject"]); diff != "" {
		t.Error(diff)
	}
	if !byName["Report"].InFolder || !byName["StaticResource"].MetaFile || byName["StaticResource"].ChildXMLNames == nil {
		t.Errorf("got %+v and %+v", byName["Report"], byName["StaticResource"])
	}
	if n := strings.Count(fixture(t, "metaforce__describe_metadata_success.xml"), "<metadataObjects>"); len(types) != n {
		t.Errorf("got %d types of %d", len(types), n)
	}
}

func TestRecordedLists(t *testing.T) {
	none, err := answering(t, 200, fixture(t, "metaforce__list_metadata_no_result.xml")).List(t.Context(), []ListQuery{{Type: "ApexClass"}})
	if err != nil || none == nil || len(none) != 0 {
		t.Errorf("an empty list: %v, %v", none, err)
	}
	some, err := answering(t, 200, fixture(t, "metaforce__list_metadata_objects.xml")).List(t.Context(), []ListQuery{{Type: "CustomObject"}})
	if err != nil {
		t.Fatal(err)
	}
	epoch := time.Unix(0, 0).UTC()
	object := func(name string) FileProperties {
		return FileProperties{Type: "CustomObject", FullName: name, FileName: "objects/" + name + ".object",
			CreatedByID: "005U0000000EGpcIAG", CreatedByName: "Foo Bar", CreatedDate: epoch,
			LastModifiedByID: "005U0000000EGpcIAG", LastModifiedByName: "Foo Bar", LastModifiedDate: epoch}
	}
	if diff := cmp.Diff([]FileProperties{object("ContractContactRole"), object("Site")}, some); diff != "" {
		t.Error(diff)
	}
}

func TestRecordedRetrieve(t *testing.T) {
	begun, answer := fixture(t, "metaforce__retrieve_in_progress.xml"), fixture(t, "metaforce__check_retrieve_status_success.xml")
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, body string) {
		if operation(body) == "retrieve" {
			sendXML(w, 200, begun)
			return
		}
		sendXML(w, 200, strings.Replace(answer, "<result>", "<result><done>true</done>", 1))
	})
	var zipped bytes.Buffer
	result, err := server.client(t).Retrieve(t.Context(), RetrieveRequest{Members: []TypeMembers{{"ApexClass", []string{"TestClass"}}}}, &zipped, nil)
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(zipped.Bytes()), int64(zipped.Len()))
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"classes/TestClass.cls", "classes/TestClass.cls-meta.xml", "package.xml"}, names); diff != "" {
		t.Error(diff)
	}
	if result.ID != "04sU0000000WkdIIAS" || len(result.FileProperties) != 2 || result.ZipSize != int64(zipped.Len()) {
		t.Errorf("got %+v", result)
	}
}

func TestRecordedDeployResultsOfOldVersions(t *testing.T) {
	good, err := answering(t, 200, fixture(t, "metaforce__check_deploy_status_done.xml")).DeployStatus(t.Context(), deployID, true)
	if err != nil {
		t.Fatal(err)
	}
	if !good.Success || len(good.Details.ComponentSuccesses) != 2 || good.Details.ComponentSuccesses[0].FileName != "src/classes/TestClass.cls" {
		t.Errorf("got %+v", good)
	}
	if string(good.Raw) != fixture(t, "metaforce__check_deploy_status_done.xml") {
		t.Error("the raw answer must be kept byte for byte")
	}
	bad, err := answering(t, 200, fixture(t, "metaforce__check_deploy_status_error.xml")).DeployStatus(t.Context(), deployID, true)
	if err != nil {
		t.Fatal(err)
	}
	if bad.Success || len(bad.Details.ComponentFailures) != 1 || bad.Details.ComponentFailures[0].Problem != "No package.xml found" {
		t.Errorf("got %+v", bad)
	}
}

// The values of this test are those of a recorded validation with a compile
// error and one of a failing test, put into the XML of v66.
func TestDeployResultOfV66(t *testing.T) {
	answer := soapAnswer(`<checkDeployStatusResponse><result><checkOnly>true</checkOnly><completedDate>2024-12-20T08:15:35.000Z</completedDate>
	<createdBy>0052y000000XAvZ</createdBy><createdByName>Andrew</createdByName><createdDate>2024-12-20T08:15:34.000Z</createdDate><details>
	<componentFailures><changed>false</changed><columnNumber>5</columnNumber><componentType>ApexClass</componentType><created>false</created><createdDate>2024-12-20T08:15:34.000Z</createdDate><deleted>false</deleted><fileName>marker/classes/SomeClass.cls</fileName><fullName>SomeClass</fullName><lineNumber>4</lineNumber><problem>Missing &apos;;&apos; at &apos;}&apos;</problem><problemType>Error</problemType><success>false</success></componentFailures>
	<componentSuccesses><changed>true</changed><componentType></componentType><created>false</created><createdDate>2024-12-20T08:15:34.000Z</createdDate><deleted>false</deleted><fileName>marker/package.xml</fileName><fullName>package.xml</fullName><success>true</success></componentSuccesses>
	<runTestResult><apexLogId xsi:nil="true"/><codeCoverage><id>01p000000000001AAA</id><locationsNotCovered><column>0</column><line>7</line><numExecutions>0</numExecutions><time>-1.0</time></locationsNotCovered><name>SomeClass</name><namespace xsi:nil="true"/><numLocations>9</numLocations><numLocationsNotCovered>1</numLocationsNotCovered><type>Class</type></codeCoverage>
	<codeCoverageWarnings><id>00D000000000062EAA</id><message>Average test coverage across all Apex Classes and Triggers is 68%, at least 75% test coverage is required.</message><name xsi:nil="true"/><namespace xsi:nil="true"/></codeCoverageWarnings>
	<failures><id>01p000000000002AAA</id><message>System.AssertException: Assertion Failed</message><methodName>adds</methodName><name>SomeClassTest</name><namespace xsi:nil="true"/><packageName>SomeClassTest</packageName><seeAllData>false</seeAllData><stackTrace>Class.SomeClassTest.adds: line 7, column 1</stackTrace><time>21.5</time><type>Class</type></failures>
	<flowCoverage><elementsNotCovered>A</elementsNotCovered><elementsNotCovered>B</elementsNotCovered><flowId>300</flowId><flowName>F</flowName><flowNamespace xsi:nil="true"/><numElements>4</numElements><numElementsNotCovered>2</numElementsNotCovered><processType>AutoLaunchedFlow</processType></flowCoverage>
	<numFailures>1</numFailures><numTestsRun>6</numTestsRun><successes><id>01p000000000002AAA</id><methodName>works</methodName><name>SomeClassTest</name><namespace xsi:nil="true"/><time>3.0</time></successes><totalTime>108.0</totalTime></runTestResult></details>
	<done>true</done><id>0AfIi000000oo38KAA</id><ignoreWarnings>false</ignoreWarnings><numberComponentErrors>1</numberComponentErrors><numberComponentsDeployed>1</numberComponentsDeployed><numberComponentsTotal>2</numberComponentsTotal><numberFiles>5</numberFiles><numberTestErrors>1</numberTestErrors><numberTestsCompleted>5</numberTestsCompleted><numberTestsTotal>6</numberTestsTotal><rollbackOnError>true</rollbackOnError><runTestsEnabled>true</runTestsEnabled><somethingNew><x>1</x></somethingNew><stateDetail xsi:nil="true"/><status>FinalizingFailed</status><success>false</success><zipSize>1376</zipSize></result></checkDeployStatusResponse>`)
	got, err := answering(t, 200, answer).DeployStatus(t.Context(), "0AfIi000000oo38", true)
	if err != nil {
		t.Fatal(err)
	}
	second := func(s int) time.Time { return time.Date(2024, 12, 20, 8, 15, s, 0, time.UTC) }
	want := &DeployResult{
		ID: "0AfIi000000oo38KAA", Status: DeployFinalizingFailed, Done: true, CheckOnly: true, RollbackOnError: true, RunTestsEnabled: true,
		CreatedBy: "0052y000000XAvZ", CreatedByName: "Andrew", CreatedDate: second(34), CompletedDate: second(35),
		NumberComponentsTotal: 2, NumberComponentsDeployed: 1, NumberComponentErrors: 1, NumberTestsTotal: 6, NumberTestsCompleted: 5,
		NumberTestErrors: 1, NumberFiles: 5, ZipSize: 1376, Raw: []byte(answer),
		Details: DeployDetails{
			ComponentFailures: []DeployMessage{{ComponentType: "ApexClass", FullName: "SomeClass", FileName: "marker/classes/SomeClass.cls",
				CreatedDate: second(34), Problem: "Missing ';' at '}'", ProblemType: "Error", LineNumber: 4, ColumnNumber: 5}},
			ComponentSuccesses: []DeployMessage{{FullName: "package.xml", FileName: "marker/package.xml", Success: true, Changed: true, CreatedDate: second(34)}},
			RunTestResult: RunTestsResult{NumTestsRun: 6, NumFailures: 1, TotalTime: 108,
				Successes: []TestSuccess{{ID: "01p000000000002AAA", Name: "SomeClassTest", MethodName: "works", Time: 3}},
				Failures: []TestFailure{{ID: "01p000000000002AAA", Name: "SomeClassTest", MethodName: "adds", PackageName: "SomeClassTest", Type: "Class",
					Message: "System.AssertException: Assertion Failed", StackTrace: "Class.SomeClassTest.adds: line 7, column 1", Time: 21.5}},
				CodeCoverage:         []CodeCoverage{{ID: "01p000000000001AAA", Name: "SomeClass", Type: "Class", NumLocations: 9, NumLocationsNotCovered: 1, LinesNotCovered: []int{7}}},
				CodeCoverageWarnings: []CodeCoverageWarning{{ID: testOrg, Message: "Average test coverage across all Apex Classes and Triggers is 68%, at least 75% test coverage is required."}},
				FlowCoverage:         []FlowCoverage{{FlowID: "300", FlowName: "F", ProcessType: "AutoLaunchedFlow", NumElements: 4, NumElementsNotCovered: 2, ElementsNotCovered: []string{"A", "B"}}},
				FlowCoverageWarnings: []FlowCoverageWarning{}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryStatusIsDoneOrNot(t *testing.T) {
	done := map[DeployStatus]bool{DeploySucceeded: true, DeploySucceededPartial: true, DeployFailed: true, DeployCanceled: true, DeployFinalizingFailed: true}
	for _, s := range AllDeployStatuses {
		if s.Done() != done[s] {
			t.Errorf("%s is done: %v", s, s.Done())
		}
	}
	if len(AllDeployStatuses) != 9 || DeployStatus("Teleporting").Done() {
		t.Error("v66 has nine statuses, and one that nobody knows is not done")
	}
}
