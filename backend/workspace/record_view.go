package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// A RecordQuery asks for rows of the list of Deployment Records.
type RecordQuery struct {
	RequestID string              `json:"requestId"` // empty: of all requests
	Text      string              `json:"text"`
	Status    []governance.Status `json:"status"`
	Sort      string              `json:"sort"` // number, name, status, updatedAt; "-" before it turns it round
	Offset    int                 `json:"offset"`
	Limit     int                 `json:"limit"` // at most 200; 0: 100
}

// A RecordRow is a Deployment Record in a list.
type RecordRow struct {
	ID         string                `json:"id"`
	Label      string                `json:"label"`
	Name       string                `json:"name"`
	RequestID  string                `json:"requestId"`
	Request    string                `json:"request"` // its label and name
	Source     string                `json:"source"`  // names
	Target     string                `json:"target"`
	TargetID   string                `json:"targetId"`
	Production bool                  `json:"production"`
	Emergency  bool                  `json:"emergency"` // its request is one
	Status     governance.Status     `json:"status"`
	Word       string                `json:"word"` // Deploying, Deployed, Deployment failed: derived from the logs; empty
	LastLog    string                `json:"lastLog"`
	Kind       governance.RecordKind `json:"kind"`
	Count      int64                 `json:"count"`
	UpdatedAt  time.Time             `json:"updatedAt" ts_type:"string"`
}

// A RecordPage is a part of the list.
type RecordPage struct {
	Items []RecordRow `json:"items"`
	Total int64       `json:"total"`
}

// RecordFields are what a person edits on a Deployment Record.
type RecordFields struct {
	RequestID      string                     `json:"requestId"` // of a new one
	Name           string                     `json:"name"`
	SourceID       string                     `json:"sourceId"`
	TargetID       string                     `json:"targetId"`
	Whole          bool                       `json:"whole"`
	Customizations []governance.Customization `json:"customizations"` // the selection, if not whole
	Options        governance.DeployOptions   `json:"options"`
	Deployer       string                     `json:"deployer"`
}

// A StepCode names one step of a Deployment Record, in order.
type StepCode string

// The steps of a Deployment Record.
const (
	StepEnvironments StepCode = "environments" // Test Connection, Save Credentials
	StepScan         StepCode = "scan"         // Run Scan
	StepApproval     StepCode = "approval"     // Submit for Approval
	StepRetrieve     StepCode = "retrieve"     // Retrieve Selected Customizations
	StepDependencies StepCode = "dependencies" // Check Dependencies
	StepValidate     StepCode = "validate"     // Validate Customizations
	StepDeploy       StepCode = "deploy"       // Deploy Retrieved Customizations
	StepComplete     StepCode = "complete"
)

// StepCodes lists the steps in order.
func StepCodes() []StepCode {
	return []StepCode{StepEnvironments, StepScan, StepApproval, StepRetrieve, StepDependencies, StepValidate, StepDeploy, StepComplete}
}

// A StepState is how far a step is.
type StepState string

// The states of a step.
const (
	StepDone    StepState = "done"
	StepNow     StepState = "now"  // it is this step's turn
	StepOpen    StepState = "open" // it can be done, and is not what comes next
	StepLocked  StepState = "locked"
	StepRunning StepState = "running"
	StepFailed  StepState = "failed"
	StepSkipped StepState = "skipped" // the record ended without it
)

// StepStates lists every state.
func StepStates() []StepState {
	return []StepState{StepDone, StepNow, StepOpen, StepLocked, StepRunning, StepFailed, StepSkipped}
}

// A Step is one line of a Deployment Record's page: what it proved, or why it
// cannot be done yet.
type Step struct {
	Code     StepCode  `json:"code"`
	State    StepState `json:"state"`
	Sentence string    `json:"sentence"`
	Said     Said      `json:"said"`    // the sentence, to be translated
	Warning  bool      `json:"warning"` // it is done, and something in it should be looked at
	At       time.Time `json:"at" ts_type:"string"`
	Allowed  bool      `json:"allowed"` // its button can be pressed by the person at this window
	Why      string    `json:"why"`     // otherwise why not
	WhyCode  string    `json:"whyCode"` // of the gate's check or the fault
	Remedy   string    `json:"remedy"`
	// WhySaid and RemedySaid are both to be translated; their codes are whole
	// keys of words.
	WhySaid    Said     `json:"whySaid,omitempty"`
	RemedySaid Said     `json:"remedySaid,omitempty"`
	Who        []Person `json:"who"`    // who can mend it
	LogID      string   `json:"logId"`  // of the attempt that it shows
	WorkID     string   `json:"workId"` // of what runs
	// Checks are the gate's for retrieve, validate and deploy.
	Checks []governance.Check `json:"checks"`
}

// A RecordView is a Deployment Record as its page shows it.
type RecordView struct {
	Record     governance.DeploymentRecord `json:"record"` // without Customizations
	Label      string                      `json:"label"`
	Request    RequestRow                  `json:"request"`
	Authors    []Person                    `json:"authors"`
	Deployer   *Person                     `json:"deployer"`
	Source     EnvironmentView             `json:"source"`
	Target     EnvironmentView             `json:"target"`
	Production bool                        `json:"production"`
	Locked     bool                        `json:"locked"`
	Count      int64                       `json:"count"`
	Word       string                      `json:"word"` // as of RecordRow
	Actions    []governance.ActionState    `json:"actions"`
	Next       NextStep                    `json:"next"`
	Steps      []Step                      `json:"steps"`
	Seats      Seats                       `json:"seats"`
	Trouble    []string                    `json:"trouble"`
	// TroubleSaid is the same, to be translated.
	TroubleSaid []Said `json:"troubleSaid"`

	Reason string   `json:"reason"`
	Logs   []LogRow `json:"logs"` // newest first
	// QuickUntil is until when the last validation can be deployed quickly;
	// zero if it cannot.
	QuickUntil time.Time `json:"quickUntil" ts_type:"string"`
	QuickWhy   string    `json:"quickWhy"`
	QuickCode  string    `json:"quickCode"`           // of the reason
	QuickSaid  Said      `json:"quickSaid,omitempty"` // the reason, to be translated by the whole key
	CanDelete  bool      `json:"canDelete"`
	Digest     string    `json:"digest"`
	// TypeName: the target's name has to be typed before it is changed.
	TypeName bool `json:"typeName"`
}

// A LogRow is a Deployment Log in a list.
type LogRow struct {
	ID          string                 `json:"id"`
	Attempt     int64                  `json:"attempt"`
	Kind        governance.AttemptKind `json:"kind"`
	Word        string                 `json:"word"` // one of the 17 of the field
	Active      bool                   `json:"active"`
	Result      governance.Result      `json:"result"`
	Message     string                 `json:"message"`
	Said        Said                   `json:"said"` // the message, to be translated by the whole key
	By          *Person                `json:"by"`
	StartedAt   time.Time              `json:"startedAt" ts_type:"string"`
	CompletedAt time.Time              `json:"completedAt" ts_type:"string"`
}

// A DependencyAnswer is the last answer of Check Dependencies on a record.
type DependencyAnswer struct {
	Known   bool              `json:"known"`
	Current bool              `json:"current"` // of the content as it is now
	Answer  scan.Dependencies `json:"answer"`
	// NotesSaid are the notes of the answer, to be translated.
	NotesSaid []Said `json:"notesSaid"`

	Counts []PlaceCount `json:"counts"`
	Total  int64        `json:"total"` // references that were found
	Left   int64        `json:"left"`  // of them, not listed: there are too many for one answer
}

// A PlaceCount is how many references were found in a place.
type PlaceCount struct {
	In    scan.Where `json:"in"`
	Count int64      `json:"count"`
}

// A Side is one file of a customization on both sides, for the difference as
// text. Text is cut after 512 KB.
type Side struct {
	Path   string `json:"path"`
	Before string `json:"before"` // in the target
	After  string `json:"after"`  // in the source
	Binary bool   `json:"binary"` // the texts are empty then
	Cut    bool   `json:"cut"`
}

const (
	usualRecords = 100
	mostRecords  = 200
)

// RecordRows lists Deployment Records.
func (w *Workspace) RecordRows(ctx context.Context, q RecordQuery) (RecordPage, error) {
	p, err := again(ctx, w, "RecordRows", q, func() (RecordPage, time.Time, error) {
		p, err := w.recordRowsNow(ctx, q)
		return p, time.Time{}, err
	})
	p.Items = slices.Clone(p.Items) // for the caller to change
	return p, err
}

func (w *Workspace) recordRowsNow(ctx context.Context, q RecordQuery) (RecordPage, error) {
	ids, total, err := w.Store.RecordIDs(ctx, store.RecordQuery{RequestID: q.RequestID, Text: q.Text, Status: q.Status, Sort: q.Sort,
		Limit: limited(q.Limit, usualRecords, mostRecords), Offset: max(q.Offset, 0)})
	if err != nil {
		return RecordPage{}, err
	}
	rows, err := w.recordRows(ctx, ids)
	return RecordPage{Items: rows, Total: total}, err
}

// RecordView is one Deployment Record. Fault: not_found.
func (w *Workspace) RecordView(ctx context.Context, id string) (RecordView, error) {
	l, err := w.look(ctx, id)
	if err != nil {
		return RecordView{}, err
	}
	v := RecordView{Record: *l.dr, Label: l.dr.Label(), Authors: l.people.people(l.authors()), Deployer: l.people.person(l.dr.Deployer),
		Source: l.source, Target: l.target, Production: l.target.Production, Locked: l.standing.Status != governance.InProgress, Count: l.count(),
		Actions: l.actions, Trouble: append([]string{}, l.standing.Trouble...), TroubleSaid: allTold(l.standing.Trouble), Reason: l.standing.Reason, Logs: l.logRows(), TypeName: l.target.Production}
	v.Record.Customizations, v.Record.Status = []governance.Customization{}, l.standing.Status
	if v.Digest, err = l.digest(); err != nil {
		return RecordView{}, err
	}
	row, err := w.recordRow(ctx, id)
	if err != nil {
		return RecordView{}, err
	}
	v.Word = row.Word
	if v.Request, err = w.requestRow(ctx, l.dr.RequestID); err != nil {
		return RecordView{}, err
	}
	v.Seats = l.seats()
	if v.QuickUntil, v.QuickCode, v.QuickSaid, err = l.quick(ctx); err != nil {
		return RecordView{}, err
	}
	v.QuickWhy = v.QuickSaid.Text
	v.Steps = l.steps()
	v.Next = l.next(v.Steps)
	v.CanDelete = l.deletable()
	return v, nil
}
