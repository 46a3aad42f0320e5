package salesforce

import "time"

// DeployStatus is how far a deployment is (enum DeployStatus of the v66 WSDL).
type DeployStatus string

const (
	DeployPending          DeployStatus = "Pending"
	DeployInProgress       DeployStatus = "InProgress"
	DeployFinalizing       DeployStatus = "Finalizing"       // since v65; can no longer be canceled
	DeployFinalizingFailed DeployStatus = "FinalizingFailed" // since v65
	DeploySucceeded        DeployStatus = "Succeeded"
	DeploySucceededPartial DeployStatus = "SucceededPartial"
	DeployFailed           DeployStatus = "Failed"
	DeployCanceling        DeployStatus = "Canceling"
	DeployCanceled         DeployStatus = "Canceled"
)

// AllDeployStatuses is every status that v66 knows, in the order of a life.
var AllDeployStatuses = []DeployStatus{
	DeployPending, DeployInProgress, DeployFinalizing, DeployFinalizingFailed, DeploySucceeded,
	DeploySucceededPartial, DeployFailed, DeployCanceling, DeployCanceled,
}

// Done says whether the deployment will not move any more. A status of a later
// API version counts as moving; DeployResult.Done is the org's own word.
func (s DeployStatus) Done() bool {
	switch s {
	case DeploySucceeded, DeploySucceededPartial, DeployFailed, DeployCanceled, DeployFinalizingFailed:
		return true
	case DeployPending, DeployInProgress, DeployFinalizing, DeployCanceling:
		return false
	}
	return false
}

// TestLevel is which Apex tests a deployment runs (enum TestLevel of the v66 WSDL).
type TestLevel string

const (
	NoTestRun         TestLevel = "NoTestRun"
	RunSpecifiedTests TestLevel = "RunSpecifiedTests"
	RunLocalTests     TestLevel = "RunLocalTests"
	RunAllTestsInOrg  TestLevel = "RunAllTestsInOrg"
	RunRelevantTests  TestLevel = "RunRelevantTests" // beta, v66 and later
)

// DeployOptions are the options of deploy(). An empty TestLevel is left out of
// the request, as the sf CLI does, and Salesforce's own default applies: local
// tests in production when there is Apex in the package, else none.
type DeployOptions struct {
	AllowMissingFiles bool
	AutoUpdatePackage bool
	CheckOnly         bool // a validation: nothing is changed
	IgnoreWarnings    bool
	PerformRetrieve   bool
	PurgeOnDelete     bool // sandbox and Developer Edition only
	RollbackOnError   bool // production demands true
	RunTests          []string
	SinglePackage     bool // package.xml is at the top of the zip
	TestLevel         TestLevel
}

// DeployResult is what the org says of one deployment. The counters are the
// org's; details are there only if they were asked for.
type DeployResult struct {
	ID                       string        `json:"id"`
	Status                   DeployStatus  `json:"status"`
	Done                     bool          `json:"done"`
	Success                  bool          `json:"success"`
	CheckOnly                bool          `json:"checkOnly"`
	IgnoreWarnings           bool          `json:"ignoreWarnings"`
	RollbackOnError          bool          `json:"rollbackOnError"`
	RunTestsEnabled          bool          `json:"runTestsEnabled"`
	ErrorMessage             string        `json:"errorMessage"`
	ErrorStatusCode          string        `json:"errorStatusCode"`
	StateDetail              string        `json:"stateDetail"`
	CreatedBy                string        `json:"createdBy"` // Salesforce sends 15 characters here
	CreatedByName            string        `json:"createdByName"`
	CanceledBy               string        `json:"canceledBy"`
	CanceledByName           string        `json:"canceledByName"`
	CreatedDate              time.Time     `json:"createdDate" ts_type:"string"`
	StartDate                time.Time     `json:"startDate" ts_type:"string"`
	LastModifiedDate         time.Time     `json:"lastModifiedDate" ts_type:"string"`
	CompletedDate            time.Time     `json:"completedDate" ts_type:"string"`
	NumberComponentsTotal    int           `json:"numberComponentsTotal"`
	NumberComponentsDeployed int           `json:"numberComponentsDeployed"`
	NumberComponentErrors    int           `json:"numberComponentErrors"`
	NumberTestsTotal         int           `json:"numberTestsTotal"`
	NumberTestsCompleted     int           `json:"numberTestsCompleted"` // the passed ones only
	NumberTestErrors         int           `json:"numberTestErrors"`
	NumberFiles              int           `json:"numberFiles"`
	ZipSize                  int64         `json:"zipSize"` // bytes
	Details                  DeployDetails `json:"details"`

	// Raw is the org's answer, byte for byte, to be kept as evidence. It holds
	// no token.
	Raw []byte `json:"-"`
}

// DeployDetails is what became of each component and each test.
type DeployDetails struct {
	ComponentFailures  []DeployMessage `json:"componentFailures"`
	ComponentSuccesses []DeployMessage `json:"componentSuccesses"`
	RunTestResult      RunTestsResult  `json:"runTestResult"`
}

// DeployMessage is what became of one component. ComponentType is "" for
// package.xml.
type DeployMessage struct {
	ComponentType string    `json:"componentType"`
	FullName      string    `json:"fullName"`
	FileName      string    `json:"fileName"` // begins with the zip's top folder
	ID            string    `json:"id"`
	Success       bool      `json:"success"`
	Changed       bool      `json:"changed"`
	Created       bool      `json:"created"`
	Deleted       bool      `json:"deleted"`
	CreatedDate   time.Time `json:"createdDate" ts_type:"string"`
	Problem       string    `json:"problem"`
	ProblemType   string    `json:"problemType"` // Warning, Error or Info
	LineNumber    int       `json:"lineNumber"`  // from 1; 0 is unknown
	ColumnNumber  int       `json:"columnNumber"`
}

// RunTestsResult is what became of the Apex tests.
type RunTestsResult struct {
	ApexLogID            string                `json:"apexLogId"`
	NumTestsRun          int                   `json:"numTestsRun"`
	NumFailures          int                   `json:"numFailures"`
	TotalTime            float64               `json:"totalTime"` // milliseconds
	Successes            []TestSuccess         `json:"successes"`
	Failures             []TestFailure         `json:"failures"`
	CodeCoverage         []CodeCoverage        `json:"codeCoverage"`
	CodeCoverageWarnings []CodeCoverageWarning `json:"codeCoverageWarnings"`
	FlowCoverage         []FlowCoverage        `json:"flowCoverage"`
	FlowCoverageWarnings []FlowCoverageWarning `json:"flowCoverageWarnings"`
}

// TestSuccess is one test method that passed.
type TestSuccess struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	MethodName string  `json:"methodName"`
	Namespace  string  `json:"namespace"`
	SeeAllData bool    `json:"seeAllData"`
	Time       float64 `json:"time"` // milliseconds
}

// TestFailure is one test method that failed.
type TestFailure struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	MethodName  string  `json:"methodName"`
	Namespace   string  `json:"namespace"`
	PackageName string  `json:"packageName"`
	Type        string  `json:"type"`
	Message     string  `json:"message"`
	StackTrace  string  `json:"stackTrace"`
	SeeAllData  bool    `json:"seeAllData"`
	Time        float64 `json:"time"` // milliseconds
}

// CodeCoverage is how much of one class or trigger the tests reached.
type CodeCoverage struct {
	ID                     string `json:"id"`
	Name                   string `json:"name"`
	Namespace              string `json:"namespace"`
	Type                   string `json:"type"`
	NumLocations           int    `json:"numLocations"`
	NumLocationsNotCovered int    `json:"numLocationsNotCovered"`
	LinesNotCovered        []int  `json:"linesNotCovered"`
}

// CodeCoverageWarning is a demand on coverage that was not met. Name and ID are
// "" when it is about the whole org.
type CodeCoverageWarning struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Message   string `json:"message"`
}

// FlowCoverage is how much of one flow the tests reached.
type FlowCoverage struct {
	FlowID                string   `json:"flowId"`
	FlowName              string   `json:"flowName"`
	FlowNamespace         string   `json:"flowNamespace"`
	ProcessType           string   `json:"processType"`
	NumElements           int      `json:"numElements"`
	NumElementsNotCovered int      `json:"numElementsNotCovered"`
	ElementsNotCovered    []string `json:"elementsNotCovered"`
}

// FlowCoverageWarning is a demand on flow coverage that was not met.
type FlowCoverageWarning struct {
	FlowID        string `json:"flowId"`
	FlowName      string `json:"flowName"`
	FlowNamespace string `json:"flowNamespace"`
	Message       string `json:"message"`
}
