package workspace

import (
	"time"
)

// A Work is something that runs, or ran, longer than a click: a scan, a check,
// an attempt, a verification. It lives as long as the window; what an attempt
// did is in its Deployment Log.
type Work struct {
	ID          string    `json:"id"`
	Revision    int64     `json:"revision"` // grows with every change
	Kind        WorkKind  `json:"kind"`
	Subject     string    `json:"subject"`     // id of the environment or record
	RequestID   string    `json:"requestId"`   // of a record's work
	LogID       string    `json:"logId"`       // of an attempt, once it is started
	Title       string    `json:"title"`       // "CR-0042", "Demo UAT"
	Environment string    `json:"environment"` // name of the org that is asked or changed
	Production  bool      `json:"production"`
	Phase       string    `json:"phase"` // a word for the program: connect, list, retrieve, queue, components, tests
	Detail      string    `json:"detail"`
	Done        int64     `json:"done"`
	Total       int64     `json:"total"` // 0 while it is not known
	StartedAt   time.Time `json:"startedAt" ts_type:"string"`
	HeardAt     time.Time `json:"heardAt" ts_type:"string"` // last word from the org
	EndedAt     time.Time `json:"endedAt" ts_type:"string"` // zero while it runs
	Succeeded   bool      `json:"succeeded"`
	Sentence    string    `json:"sentence"` // how it ended
	// Said is the sentence, to be translated; it is empty where the sentence is
	// the org's own or a problem.
	Said Said `json:"said,omitempty"`
	// Problem is what it ended with if it could not be done at all.
	Problem *Problem `json:"problem"`
}

// Running reports whether the work goes on.
func (k Work) Running() bool { return k.EndedAt.IsZero() }

// A Problem is a fault as it crosses to the page beside other things.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	// The keys of its words and of its hint's, with their values, where the code
	// alone says too little.
	Words     string            `json:"words,omitempty"`
	HintWords string            `json:"hintWords,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
}

// A WorkKind is what a Work does.
type WorkKind string

// The kinds of work.
const (
	WorkInventory    WorkKind = "inventory"    // Run Scan of an environment
	WorkScan         WorkKind = "scan"         // Run Scan of a record
	WorkDependencies WorkKind = "dependencies" // Check Dependencies
	WorkRetrieve     WorkKind = "retrieve"
	WorkValidate     WorkKind = "validate"
	WorkDeploy       WorkKind = "deploy"
	WorkQuick        WorkKind = "quick"
	WorkReverseCheck WorkKind = "reverse-check"
	WorkVerify       WorkKind = "verify"
)

// WorkKinds lists every kind.
func WorkKinds() []WorkKind {
	return []WorkKind{WorkInventory, WorkScan, WorkDependencies, WorkRetrieve, WorkValidate, WorkDeploy, WorkQuick, WorkReverseCheck, WorkVerify}
}

// Works lists the work of this window, newest first: all that runs and the
// last hundred that ended.
func (w *Workspace) Works() []Work { return w.works.list() }

// Dismiss takes an ended work off the list; what runs stays.
func (w *Workspace) Dismiss(id string) { w.works.dismiss(id) }
