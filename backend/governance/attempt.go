package governance

import (
	"fmt"
	"slices"
	"time"
)

// An AttemptKind is what one attempt does.
type AttemptKind string

// The kinds of attempt. Only AttemptDeploy, AttemptQuick and AttemptRollback
// change the target.
const (
	AttemptRetrieve     AttemptKind = "retrieve"
	AttemptValidate     AttemptKind = "validate"
	AttemptDeploy       AttemptKind = "deploy"
	AttemptQuick        AttemptKind = "quick"
	AttemptRollback     AttemptKind = "rollback"
	AttemptReverseCheck AttemptKind = "reverse-check"
)

// Real reports whether an attempt of this kind changes the target.
func (k AttemptKind) Real() bool {
	return k == AttemptDeploy || k == AttemptQuick || k == AttemptRollback
}

// Progress is how far an attempt has come; it only moves forward, except that
// a refused sending returns to intent and an unknown one may be sent again.
type Progress string

// The states of an attempt. Everything but Done is active.
const (
	ProgressIntent  Progress = "intent"  // the start is signed, nothing was sent
	ProgressSending Progress = "sending" // the request may have reached the org
	ProgressUnknown Progress = "unknown" // no answer; the org's own list will tell
	ProgressRunning Progress = "running" // the org gave an id
	ProgressDone    Progress = "done"
)

// Result is how an attempt ended.
type Result string

// The results. ResultNone while the attempt is active.
const (
	ResultNone      Result = ""
	ResultSucceeded Result = "succeeded"
	ResultPartially Result = "partially"
	ResultFailed    Result = "failed"
	ResultCanceled  Result = "canceled"
	ResultNotSent   Result = "not-sent" // the org certainly never received it
)

// Conclusive reports whether the attempt certainly changed nothing.
func (r Result) Conclusive() bool {
	return r == ResultFailed || r == ResultCanceled || r == ResultNotSent
}

// A DeploymentLog is one attempt of a Deployment Record. The row is a cache of
// what the org said and where the attempt stands; the signed start and result
// are acts.
type DeploymentLog struct {
	ID        string      `json:"id" gorm:"primaryKey"`
	RecordID  string      `json:"recordId"`
	RequestID string      `json:"requestId"`
	Kind      AttemptKind `json:"kind"`
	Attempt   int64       `json:"attempt"` // 1, 2, ... within the record
	Progress  Progress    `json:"progress"`
	Result    Result      `json:"result"`
	By        string      `json:"by"` // member who started it
	TargetOrg string      `json:"targetOrg"`
	Revision  string      `json:"revision"` // digest of the record's revision
	Package   string      `json:"package"`  // h1 of what is sent
	Marker    string      `json:"marker"`   // top folder of the zip; Salesforce gives it back in fileName
	ZipSHA256 string      `json:"zipSha256"`
	// AsyncID is Salesforce's id of the deployment, once known.
	AsyncID string `json:"asyncId"`
	// ValidationID is the validation that a quick deploy came from.
	ValidationID string `json:"validationId"`
	StartAct     string `json:"startAct"`
	ResultAct    string `json:"resultAct"` // empty while the result waits for its signer's key
	CancelWanted bool   `json:"cancelWanted"`

	Status          string `json:"status"`      // Salesforce's DeployStatus or RetrieveStatus, as last told
	StateDetail     string `json:"stateDetail"` // what the org is working on
	ComponentsTotal int64  `json:"componentsTotal"`
	ComponentsDone  int64  `json:"componentsDone"`
	ComponentErrors int64  `json:"componentErrors"`
	TestsTotal      int64  `json:"testsTotal"`
	TestsDone       int64  `json:"testsDone"`
	TestErrors      int64  `json:"testErrors"`

	Message string  `json:"message"`                        // the verdict in one sentence
	Outcome Outcome `json:"outcome" gorm:"serializer:json"` // failures, tests, coverage
	RawBlob string  `json:"rawBlob"`                        // sha256 of Salesforce's last full answer

	StartedAt    time.Time `json:"startedAt" ts_type:"string"`
	ServerBefore time.Time `json:"serverBefore" ts_type:"string"` // the org's own Date of its last answer before the POST
	SentAt       time.Time `json:"sentAt" ts_type:"string"`
	LastContact  time.Time `json:"lastContact" ts_type:"string"`
	CompletedAt  time.Time `json:"completedAt" ts_type:"string"`
	// ServerCompleted is Salesforce's completedDate: the only time a third party vouches for.
	ServerCompleted time.Time `json:"serverCompleted" ts_type:"string"`
}

// Active reports whether the attempt still holds the target.
func (l *DeploymentLog) Active() bool { return l.Progress != ProgressDone }

// An Outcome is what an attempt brought, in the order a person wants to read.
type Outcome struct {
	Failures  []ComponentFailure `json:"failures"`
	Tests     []TestFailure      `json:"tests"`
	Coverage  []Coverage         `json:"coverage"` // worst first
	Warnings  []string           `json:"warnings"`
	Unchanged []string           `json:"unchanged"` // accepted by the org, but not as sent
	Simulated bool               `json:"simulated"` // the org said that tests and coverage are simulated
}

// A ComponentFailure is one customization that the org refused.
type ComponentFailure struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Problem string `json:"problem"`
	Line    int64  `json:"line"`
	Column  int64  `json:"column"`
}

// A TestFailure is one Apex test method that failed.
type TestFailure struct {
	Class   string `json:"class"`
	Method  string `json:"method"`
	Message string `json:"message"`
	Stack   string `json:"stack"`
}

// Coverage is how much of one class or trigger the tests ran.
type Coverage struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Locations int64  `json:"locations"`
	Uncovered int64  `json:"uncovered"`
}

// fieldStatus is the one table from an attempt's progress and result to the 17
// status words that users of deployment logs know.
var fieldStatus = map[AttemptKind]map[Result]string{
	AttemptRetrieve:     {ResultNone: "Retrieve In Progress", ResultSucceeded: "Retrieve Completed", ResultPartially: "Retrieve Failed", ResultFailed: "Retrieve Failed", ResultCanceled: "Canceled", ResultNotSent: "Retrieve Failed"},
	AttemptValidate:     {ResultNone: "Validation In Progress", ResultSucceeded: "Validation Completed", ResultPartially: "Validation Failed", ResultFailed: "Validation Failed", ResultCanceled: "Canceled", ResultNotSent: "Validation Failed"},
	AttemptReverseCheck: {ResultNone: "Validation In Progress", ResultSucceeded: "Validation Completed", ResultPartially: "Validation Failed", ResultFailed: "Validation Failed", ResultCanceled: "Canceled", ResultNotSent: "Validation Failed"},
	AttemptDeploy:       {ResultNone: "InProgress", ResultSucceeded: "Succeeded", ResultPartially: "SucceededPartial", ResultFailed: "Failed", ResultCanceled: "Canceled", ResultNotSent: "Failed"},
	AttemptQuick:        {ResultNone: "InProgress", ResultSucceeded: "Succeeded", ResultPartially: "SucceededPartial", ResultFailed: "Failed", ResultCanceled: "Canceled", ResultNotSent: "Failed"},
	AttemptRollback:     {ResultNone: "Rollback In Progress", ResultSucceeded: "Rollback Completed", ResultPartially: "Rollback Partial", ResultFailed: "Rollback Failed", ResultCanceled: "Canceled", ResultNotSent: "Rollback Failed"},
}

// StatusWord is the log's status in one of the 17 words of the field: Pending,
// InProgress, Succeeded, SucceededPartial, Failed, Canceling, Canceled, and
// three triples for retrieve, validation and rollback with Rollback Partial.
func (l *DeploymentLog) StatusWord() string {
	if l.Result == ResultNone {
		if l.CancelWanted {
			return "Canceling"
		}
		if l.Progress != ProgressRunning || l.Status == "Pending" {
			return "Pending"
		}
	}
	w, ok := fieldStatus[l.Kind][l.Result]
	if !ok {
		panic(fmt.Sprintf("governance: no status word for %s %q", l.Kind, l.Result))
	}
	return w
}

// An attempted is one signed start with every signed word about its end. Only
// the key that signed a start can end it.
type attempted struct {
	act    *Act
	start  Start
	member string
	ends   []Ending
}

// attempts are a record's attempts by its acts, in the thread's order.
func (h *History) attempts(record string) []*attempted {
	out, byStart := []*attempted{}, map[string]*attempted{}
	for _, a := range h.good(record) {
		switch b := a.Body.(type) {
		case Start:
			at := &attempted{act: a, start: b, member: a.Member}
			out, byStart[a.ID] = append(out, at), at
		case Ending:
			at, s := byStart[b.Start], h.acts[b.Start]
			if at != nil && s.Key == a.Key && h.before(s, a) && at.start.fits(a.Type, b) {
				at.ends = append(at.ends, b)
			}
		}
	}
	return out
}

// fits reports whether an ending is of this start and of the right type.
func (s Start) fits(t ActType, e Ending) bool {
	right := t == ActResult
	if s.Kind == AttemptValidate {
		right = t == ActValidated
	}
	return right && e.Kind == s.Kind && e.Revision == s.Revision && e.Package == s.Package
}

// as reports whether an attempt was by the deployer whom a revision names, of
// its package and into its target.
func (a *attempted) as(digest string, r *RecordRevision) bool {
	return r != nil && a.start.Revision == digest && a.member == r.Deployer && a.start.Package == r.Package && a.start.Target == r.Target
}

// changedNothing: the attempt has ended, and all that was said of it agrees
// that the org is unchanged.
func (a *attempted) changedNothing() bool {
	return len(a.ends) > 0 && !slices.ContainsFunc(a.ends, func(e Ending) bool { return !e.Result.Conclusive() })
}

// succeeded: the attempt has ended, and all that was said of it agrees that it
// succeeded wholly.
func (a *attempted) succeeded() bool {
	return len(a.ends) > 0 && !slices.ContainsFunc(a.ends, func(e Ending) bool { return e.Result != ResultSucceeded })
}
