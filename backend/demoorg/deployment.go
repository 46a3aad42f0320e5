package demoorg

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// The states of a deployment (DeployStatus in the v66 WSDL).
const (
	statusPending          = "Pending"
	statusInProgress       = "InProgress"
	statusFinalizing       = "Finalizing" // the org is being changed; can't be canceled
	statusFinalizingFailed = "FinalizingFailed"
	statusSucceeded        = "Succeeded"
	statusPartial          = "SucceededPartial"
	statusFailed           = "Failed"
	statusCanceling        = "Canceling"
	statusCanceled         = "Canceled"
)

// deployOptions are the DeployOptions of the WSDL that this org heeds.
type deployOptions struct {
	AllowMissingFiles bool     `json:"allowMissingFiles"`
	AutoUpdatePackage bool     `json:"autoUpdatePackage"`
	CheckOnly         bool     `json:"checkOnly"`
	IgnoreWarnings    bool     `json:"ignoreWarnings"`
	PerformRetrieve   bool     `json:"performRetrieve"`
	PurgeOnDelete     bool     `json:"purgeOnDelete"`
	RollbackOnError   bool     `json:"rollbackOnError"`
	RunTests          []string `json:"runTests,omitempty"`
	SinglePackage     bool     `json:"singlePackage"`
	TestLevel         string   `json:"testLevel,omitempty"`
}

// A deployment is what the org keeps about one deploy call, in a file of its
// own. The result lies beside it, written before the org changes.
type deployment struct {
	ID         string        `json:"id"`
	Number     int64         `json:"number"`
	UserID     string        `json:"userId"`
	Options    deployOptions `json:"options"`
	Validation string        `json:"validation,omitempty"` // a quick deploy's origin
	ZipHash    string        `json:"zipHash"`
	ZipSize    int64         `json:"zipSize"`
	TopFolder  string        `json:"topFolder"`
	Breaks     bool          `json:"breaks,omitempty"` // the session asked for it to fail while it is finalized

	Status     string    `json:"status"`
	Created    time.Time `json:"created"`
	Started    time.Time `json:"started"`
	Completed  time.Time `json:"completed"`
	CanceledBy string    `json:"canceledBy,omitempty"`

	Progress progress `json:"progress"`
	// Tested says that a validation ran tests, which passed and covered enough:
	// what a quick deploy asks for.
	Tested bool `json:"tested"`
	// Changed says that the org is another one since: it voids validations.
	Changed bool `json:"changed"`

	messages []deployMessage // of the components done so far, while it runs
	wished   bool            // somebody wants it canceled
}

// progress is what the counters of a DeployResult show.
type progress struct {
	Components      int    `json:"components"`
	ComponentErrors int    `json:"componentErrors"`
	ComponentsDone  int    `json:"componentsDone"`
	Files           int    `json:"files"`
	Tests           int    `json:"tests"`
	TestErrors      int    `json:"testErrors"`
	TestsDone       int    `json:"testsDone"`
	RunsTests       bool   `json:"runsTests"`
	StateDetail     string `json:"stateDetail,omitempty"`
	ErrorMessage    string `json:"errorMessage,omitempty"`
	ErrorStatusCode string `json:"errorStatusCode,omitempty"`
}

func done(status string) bool {
	switch status {
	case statusSucceeded, statusPartial, statusFailed, statusFinalizingFailed, statusCanceled:
		return true
	case statusPending, statusInProgress, statusFinalizing, statusCanceling:
		return false
	}
	panic("demoorg: unknown deployment status " + status)
}

// A verdict is the result of a deployment as it lies on disk.
type verdict struct {
	Status   string        `json:"status"`
	Details  deployDetails `json:"details"`
	Progress progress      `json:"progress"`
	Tested   bool          `json:"tested"`
	Changed  bool          `json:"changed"`
}

func (o *Org) deploymentFile(id, ending string) string {
	return filepath.Join(o.dir, "deployments", id+ending)
}

const (
	zipEnding     = ".zip"
	recordEnding  = ".json"
	verdictEnding = ".result.json"
)

// loadDeployments reads all deployments and mends what a crash left: a
// deployment that was running begins again, unless the state of the org says
// that it happened, and one that was being canceled is canceled.
func (o *Org) loadDeployments() error {
	dir := filepath.Join(o.dir, "deployments")
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, isRecord := strings.CutSuffix(e.Name(), recordEnding)
		if !isRecord || strings.HasSuffix(e.Name(), verdictEnding) {
			continue
		}
		d := &deployment{}
		if _, err := readJSON(o.deploymentFile(id, recordEnding), d); err != nil {
			return err
		}
		o.deployments = append(o.deployments, d)
		o.byID[d.ID] = d
		o.lastNumber = max(o.lastNumber, d.Number)
	}
	sort.Slice(o.deployments, func(i, j int) bool { return o.deployments[i].Number < o.deployments[j].Number })
	for _, d := range o.deployments {
		if err := o.mend(d); err != nil {
			return err
		}
	}
	return o.removeStrays(entries)
}

func (o *Org) mend(d *deployment) error {
	if done(d.Status) {
		return o.forgetZip(d)
	}
	if d.Status == statusPending {
		return nil
	}
	if o.store.index.Applied == d.ID {
		var v verdict
		ok, err := readJSON(o.deploymentFile(d.ID, verdictEnding), &v)
		if err != nil {
			return err
		}
		if !ok {
			return damaged(fmt.Errorf("deployment %s happened and has no result", d.ID))
		}
		return o.finish(d, v)
	}
	if d.Status == statusCanceling {
		return o.finish(d, verdict{Status: statusCanceled, Progress: d.Progress})
	}
	d.Status, d.Progress, d.Started = statusPending, progress{}, time.Time{}
	return o.save(d)
}

// removeStrays removes zips without a record: their sender never got an id.
func (o *Org) removeStrays(entries []os.DirEntry) error {
	for _, e := range entries {
		id, _, _ := strings.Cut(e.Name(), ".")
		if o.byID[id] != nil {
			continue
		}
		if err := os.Remove(filepath.Join(o.dir, "deployments", e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (o *Org) save(d *deployment) error {
	return writeJSON(o.deploymentFile(d.ID, recordEnding), d)
}

// finish writes the end of a deployment; the zip goes, except that of a
// validation that a quick deploy may still want. The caller holds o.mu or is
// alone.
func (o *Org) finish(d *deployment, v verdict) error {
	d.Status, d.Progress, d.Tested, d.Changed = v.Status, v.Progress, v.Tested, v.Changed
	d.Completed, d.messages = o.clock(), nil
	if err := o.save(d); err != nil {
		return err
	}
	return o.forgetZip(d)
}

// forgetZip removes the zip of a deployment that is over, unless a quick
// deploy may want it.
func (o *Org) forgetZip(d *deployment) error {
	wanted := d.Options.CheckOnly && d.Tested && d.Status == statusSucceeded
	if wanted && o.clock().Sub(d.Completed) <= quickLife {
		return nil
	}
	err := os.Remove(o.deploymentFile(d.ID, zipEnding))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// accept puts a deployment into the queue. The zip lies in file already,
// synced; when accept returns, the deployment survives a crash and
// DeployRequest lists it. Purging is for sandboxes ("deploy()", Metadata API
// Developer Guide); the words of its refusal are Salesforce's.
func (o *Org) accept(file upload, u user, options deployOptions, validation string) (*deployment, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil, faultf(503, "SERVER_UNAVAILABLE", "The demo org is closing.")
	}
	if options.PurgeOnDelete && o.who.Kind == KindProduction {
		return nil, faultf(400, "INVALID_OPERATION", "purgeOnDelete option can only be used on a non-active org")
	}
	if o.waiting() >= mostWaiting {
		return nil, faultf(500, "ALREADY_IN_PROCESS", "The deployment queue of the org is full: %d deployments wait.", mostWaiting)
	}
	o.lastNumber++
	d := &deployment{
		ID: countID("0Af", o.pod(), o.lastNumber), Number: o.lastNumber, UserID: u.ID, Options: options,
		Breaks: u.provoked == provokeFinalizing, Validation: validation, ZipHash: file.hash, ZipSize: file.size, TopFolder: topFolder(file.path),
		Status: statusPending, Created: o.clock(),
	}
	err := renameDurably(file.path, o.deploymentFile(d.ID, zipEnding))
	if err == nil {
		err = o.save(d)
	}
	if err != nil {
		o.log.Error("accept a deployment", "error", err)
		return nil, faultf(500, "UNKNOWN_EXCEPTION", "The demo org could not write the deployment to its disk.")
	}
	o.deployments = append(o.deployments, d)
	o.byID[d.ID] = d
	o.wake()
	return d, nil
}

// mostWaiting bounds the queue. That a long queue refuses is Salesforce's; the
// number is ours.
const mostWaiting = 100

func (o *Org) waiting() int {
	n := 0
	for _, d := range o.deployments {
		if d.Status == statusPending {
			n++
		}
	}
	return n
}

// topFolder gives the folder that holds everything in the zip, or "". A zip
// that cannot be read has none; the deployment itself will say why it fails.
func topFolder(file string) string {
	r, err := zip.OpenReader(file)
	if err != nil {
		return ""
	}
	defer r.Close()
	top := ""
	for _, f := range r.File {
		first, _, inFolder := strings.Cut(f.Name, "/")
		if !inFolder || top != "" && first != top {
			return ""
		}
		top = first
	}
	return top
}

// result gives a deployment as DeployResult. Details are read from disk when
// it is over.
func (o *Org) result(d *deployment, details bool) (deployResult, error) {
	p := d.Progress
	r := deployResult{
		CheckOnly: d.Options.CheckOnly, CompletedDate: maybe(d.Completed),
		CreatedBy: d.UserID[:15], CreatedByName: o.who.userName(d.UserID), CreatedDate: at(d.Created),
		Done: done(d.Status), ErrorMessage: p.ErrorMessage, ErrorStatusCode: p.ErrorStatusCode, ID: d.ID,
		IgnoreWarnings: d.Options.IgnoreWarnings, LastModifiedDate: maybe(latest(d.Created, d.Started, d.Completed)),
		NumberComponentErrors: p.ComponentErrors, NumberComponentsDeploy: p.ComponentsDone, NumberComponentsTotal: p.Components,
		NumberFiles: p.Files, NumberTestErrors: p.TestErrors, NumberTestsCompleted: p.TestsDone, NumberTestsTotal: p.Tests,
		RollbackOnError: d.Options.RollbackOnError, RunTestsEnabled: p.RunsTests, StartDate: maybe(d.Started),
		StateDetail: p.StateDetail, Status: d.Status, ZipSize: d.ZipSize,
		Success: d.Status == statusSucceeded || d.Status == statusPartial,
	}
	if d.CanceledBy != "" {
		r.CanceledBy, r.CanceledByName = d.CanceledBy[:15], o.who.userName(d.CanceledBy)
	}
	r.Details.RunTestResult = &runTestResult{}
	if !details {
		return r, nil
	}
	if !r.Done {
		r.Details.sort(d.messages)
		return r, nil
	}
	var v verdict
	if _, err := readJSON(o.deploymentFile(d.ID, verdictEnding), &v); err != nil {
		return r, err
	}
	r.Details = v.Details
	if r.Details.RunTestResult == nil {
		r.Details.RunTestResult = &runTestResult{}
	}
	return r, nil
}

func latest(times ...time.Time) time.Time {
	var last time.Time
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// sort puts messages into failures and successes.
func (d *deployDetails) sort(messages []deployMessage) {
	for _, m := range messages {
		if m.Success {
			d.ComponentSuccesses = append(d.ComponentSuccesses, m)
		} else {
			d.ComponentFailures = append(d.ComponentFailures, m)
		}
	}
}

// A DeploymentSummary is one deployment, as a test wants to see it.
type DeploymentSummary struct {
	ID          string    `json:"id"`
	CheckOnly   bool      `json:"checkOnly"`
	Status      string    `json:"status"`
	ZipHash     string    `json:"zipHash"`   // SHA-256 of the zip as it came, hex
	TopFolder   string    `json:"topFolder"` // the folder that holds everything in the zip, or ""
	Validation  string    `json:"validation"`
	CreatedDate time.Time `json:"createdDate"`
}

// Deployments lists every deployment that this org ever accepted, oldest
// first.
func (o *Org) Deployments() []DeploymentSummary {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]DeploymentSummary, 0, len(o.deployments))
	for _, d := range o.deployments {
		list = append(list, DeploymentSummary{
			ID: d.ID, CheckOnly: d.Options.CheckOnly, Status: d.Status, ZipHash: d.ZipHash,
			TopFolder: d.TopFolder, Validation: d.Validation, CreatedDate: d.Created,
		})
	}
	return list
}

// optionsFromJSON reads DeployOptions of the REST resource, where
// rollbackOnError is true unless the client says otherwise.
func optionsFromJSON(data []byte) (deployOptions, error) {
	body := struct {
		DeployOptions *deployOptions `json:"deployOptions"`
	}{DeployOptions: &deployOptions{RollbackOnError: true}}
	err := json.Unmarshal(data, &body)
	if body.DeployOptions == nil {
		body.DeployOptions = &deployOptions{RollbackOnError: true}
	}
	return *body.DeployOptions, err
}
