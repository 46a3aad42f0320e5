package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/scan"
)

// answerKind is the log entry that says where the answer of a Check
// Dependencies is kept. That it was made is scan's entry "dependencies".
const answerKind = "dependency-answer"

// An answerNote is the entry's content, in the order of canonical JSON.
type answerNote struct {
	Answer  string `json:"answer"` // blob
	At      string `json:"at"`
	By      string `json:"by"`
	Package string `json:"package"`
	Record  string `json:"record"`
}

// StartDependencies begins Check Dependencies of a record. Faults: not_found,
// not_scanned.
func (w *Workspace) StartDependencies(ctx context.Context, recordID string) (Work, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return Work{}, err
	}
	if dr.Package == "" {
		return Work{}, governance.Faultf(scan.CodeNotScanned, "%s has no content yet.", dr.Label()).WithHint("Press Run Scan first.")
	}
	k, err := w.workOn(ctx, dr, WorkDependencies)
	if err != nil {
		return Work{}, err
	}
	by := w.Acting()
	return w.begin(k, func(ctx context.Context, report func(func(*Work))) error {
		answer, err := w.scanning(report).Dependencies(ctx, by, dr.ID)
		if err != nil {
			return err
		}
		if err := w.keepAnswer(ctx, by, dr, answer); err != nil {
			return err
		}
		done := dependencySaid(answerOf(answer, true), w.said)
		report(func(k *Work) { k.Sentence, k.Said = done.Text, done })
		return nil
	})
}

// keepAnswer keeps the answer as a blob that the audit trail names.
func (w *Workspace) keepAnswer(ctx context.Context, by string, dr *governance.DeploymentRecord, answer *scan.Dependencies) error {
	b, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("keep the answer about dependencies: %w", err)
	}
	sum, _, err := w.Store.PutBlob(ctx, bytes.NewReader(b))
	if err != nil {
		return err
	}
	return w.Store.Note(ctx, answerKind, answerNote{Answer: sum, At: w.stamp(), By: by, Package: dr.Package, Record: dr.ID})
}

// LastDependencies is the last answer of Check Dependencies on a record. Of
// very many references only those that fit into one answer are listed, what is
// missing first; the counts are of all.
func (w *Workspace) LastDependencies(ctx context.Context, recordID string) (DependencyAnswer, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return DependencyAnswer{}, err
	}
	a, err := w.lastDependencies(ctx, dr)
	if err != nil {
		return DependencyAnswer{}, err
	}
	room := mostAnswer * 3 / 4
	for i := range a.Answer.Items { // problems come first
		if room -= sizeOf(a.Answer.Items[i]); room < 0 {
			a.Left = int64(len(a.Answer.Items) - i)
			a.Answer.Items = a.Answer.Items[:i:i]
			break
		}
	}
	return a, nil
}

func (w *Workspace) lastDependencies(ctx context.Context, dr *governance.DeploymentRecord) (DependencyAnswer, error) {
	none := answerOf(&scan.Dependencies{}, false)
	none.Known = false
	e, err := w.Store.LastEntryOf(ctx, answerKind, "record", dr.ID)
	if err != nil || e == nil {
		return none, err
	}
	var note answerNote
	if err := json.Unmarshal(e.Data, &note); err != nil {
		return none, nil //nolint:nilerr // verifying finds it; here it is as if nothing was checked
	}
	b, err := w.Store.ReadBlob(note.Answer)
	switch governance.FaultCode(err) {
	case "blob_missing", "blob_altered":
		return none, nil
	}
	if err != nil {
		return none, err
	}
	var answer scan.Dependencies
	if err := json.Unmarshal(b, &answer); err != nil {
		return none, nil //nolint:nilerr // an answer of a newer version is only not shown
	}
	return answerOf(&answer, note.Package == dr.Package), nil
}

var places = []scan.Where{scan.Missing, scan.Deleted, scan.Nowhere, scan.InTarget, scan.InPackage}

func answerOf(d *scan.Dependencies, current bool) DependencyAnswer {
	a := DependencyAnswer{Known: true, Current: current, Answer: *d, Counts: []PlaceCount{}, Total: int64(len(d.Items))}
	a.Answer.Items = append([]scan.Dependency{}, d.Items...)
	a.Answer.Missing = append([]governance.Customization{}, d.Missing...)
	a.Answer.NotCovered, a.Answer.Notes = append([]string{}, d.NotCovered...), append([]string{}, d.Notes...)
	a.NotesSaid = allTold(a.Answer.Notes)
	n := map[scan.Where]int64{}
	for _, i := range d.Items {
		n[i.In]++
	}
	for _, p := range places {
		a.Counts = append(a.Counts, PlaceCount{In: p, Count: n[p]})
	}
	return a
}

// counts are how many references are in each place.
func (a DependencyAnswer) counts() map[scan.Where]int64 {
	n := map[scan.Where]int64{}
	for _, c := range a.Counts {
		n[c.In] = c.Count
	}
	return n
}

// dependencySaid is what an answer comes to in one sentence; say may know more
// values, as the step of a record knows its orgs.
func dependencySaid(a DependencyAnswer, say func(code string, values ...any) Said) Said {
	n := a.counts()
	code := "dependencies.done"
	if n[scan.Nowhere]+n[scan.Deleted] > 0 {
		code = "dependencies.problems"
	}
	return say(code, "total", a.Total, "inTarget", n[scan.InTarget], "inPackage", n[scan.InPackage], "missing", n[scan.Missing],
		"nowhere", n[scan.Nowhere], "deleted", n[scan.Deleted])
}

// AddMissing adds customizations, usually what Check Dependencies found
// missing, to a record's request, which is reopened for it. Seen is the digest
// of the request that the person looked at, if that is to be held to. Faults:
// those of scan.Extend.
func (w *Workspace) AddMissing(ctx context.Context, recordID string, cs []governance.Customization, reason, seen string) (RequestView, error) {
	dr, err := w.Store.DeploymentRecord(ctx, recordID)
	if err != nil {
		return RequestView{}, err
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return RequestView{}, err
	}
	if err := w.Scanner.Extend(ctx, author, dr.RequestID, cs, reason, seen); err != nil {
		return RequestView{}, err
	}
	return w.RequestView(ctx, dr.RequestID)
}
