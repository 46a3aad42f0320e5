package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// EvidenceEnd is how the names of evidence files end: any ZIP program opens
// them.
const EvidenceEnd = ".evidence.zip"

// An EvidenceMade says what an evidence file holds.
type EvidenceMade struct {
	SHA256      string   `json:"sha256"`
	Changes     int64    `json:"changes"`
	Deployments int64    `json:"deployments"`
	Entries     int64    `json:"entries"`  // of the audit trail
	Findings    []string `json:"findings"` // which stand in it
}

// WriteEvidence writes an evidence file of one Change Request or of a period,
// signed by a member. Everything is verified first; what is found wrong stands
// in the file. It is read back before it gets its name. Faults: those of
// store.Evidence, key_locked and those of the disk.
func (w *Workspace) WriteEvidence(ctx context.Context, by, path string, q store.EvidenceQuery) (EvidenceMade, error) {
	author, err := w.Author(ctx, by)
	if err != nil {
		return EvidenceMade{}, err
	}
	found, err := w.foundNow(ctx)
	if err != nil {
		return EvidenceMade{}, err
	}
	c, err := w.Store.Evidence(ctx, author, q)
	if err != nil {
		return EvidenceMade{}, err
	}
	c.Population.Findings, c.Population.Generator = found, pageForm
	if err := w.describe(ctx, c); err != nil {
		return EvidenceMade{}, err
	}
	_, head, err := ledger.OpenCheckpoint(c.Checkpoint, author.Identity.Public())
	if err != nil {
		return EvidenceMade{}, err
	}
	if c.Page, err = evidencePage(c, author.Identity.Public(), head); err != nil {
		return EvidenceMade{}, err
	}
	made := EvidenceMade{Changes: int64(len(c.Population.Changes)), Deployments: int64(len(c.Population.Deployments)), Entries: int64(len(c.Log)), Findings: found}
	made.SHA256, err = w.keepEvidence(ctx, author, path, c)
	return made, err
}

// keepEvidence writes a private copy, reads it as an auditor would, and puts
// that in place.
func (w *Workspace) keepEvidence(ctx context.Context, author store.Author, path string, c *ledger.EvidenceContents) (string, error) {
	f, err := os.CreateTemp(w.dir, "exporting-*")
	if err != nil {
		return "", diskFault(w.dir, err)
	}
	defer func() { _ = errors.Join(f.Close(), os.Remove(f.Name())) }()
	sum, err := w.Store.WriteEvidence(ctx, author, c, f)
	if err != nil {
		return "", diskFault(w.dir, err)
	}
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	e, err := ledger.ReadEvidence(f, info.Size())
	if err != nil {
		return "", fmt.Errorf("read back the evidence file that was written: %w", err)
	}
	if e.SHA256 != sum {
		return "", errors.New("the evidence file that was written is another one on the disk")
	}
	if rep, err := evidenceReport(e); err != nil || len(rep.Doubts) > 0 {
		w.o.Log.Warn("an evidence file was written with doubts", "doubts", rep.Doubts, "err", err)
	}
	return sum, writeFile(path, func(to io.Writer) error { return sealInto(to, f, "") })
}

// foundNow is what verifying everything finds.
func (w *Workspace) foundNow(ctx context.Context) ([]string, error) {
	report, err := w.VerifyWhole(ctx, nil)
	if err != nil {
		return nil, err
	}
	peers, err := w.Store.PeerFindings(ctx)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, f := range append(report.Findings, peers...) {
		out = append(out, ledger.Text(f.Message))
	}
	return out, nil
}

// describe adds what needs metadata: differences, what Salesforce answered, and
// the names of organisations.
func (w *Workspace) describe(ctx context.Context, c *ledger.EvidenceContents) error {
	envs, err := w.Store.Environments(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, e := range envs {
		if e.OrganizationID != "" && !seen[e.OrganizationID] {
			seen[e.OrganizationID] = true
			c.Population.Places = append(c.Population.Places, ledger.PlaceLine{Name: ledger.Text(e.Name), Organization: e.OrganizationID})
		}
	}
	for _, change := range c.Population.Changes {
		for _, r := range change.Records {
			if err := w.describeRecord(ctx, c, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Workspace) describeRecord(ctx context.Context, c *ledger.EvidenceContents, r ledger.RecordLine) error {
	logs, err := w.Store.DeploymentLogs(ctx, r.ID)
	if err != nil {
		return err
	}
	for i := range logs {
		if l := &logs[i]; l.StartAct != "" && l.Progress == governance.ProgressDone {
			c.Answers = append(c.Answers, answerLine(l))
		}
	}
	dr, err := w.Store.DeploymentRecord(ctx, r.ID)
	if err != nil {
		return err
	}
	digest, _, err := ledger.RecordRevision(dr.RevisionIn(c.Workspace, dr.Round))
	if err != nil || digest != r.Revision || dr.PackageBlob == "" || dr.BaseBlob == "" {
		return err // another content than the one that was submitted, or none here
	}
	found, err := w.Scanner.Compare(ctx, dr.ID)
	if governance.FaultCode(err) != "" {
		c.Population.Findings = append(c.Population.Findings, ledger.Text(r.Label+": "+err.Error()))
		return nil
	}
	if err != nil {
		return err
	}
	for _, item := range found.Items {
		c.Differences = append(c.Differences, differenceOf(r.Revision, item))
	}
	return nil
}

// How much of a difference the page shows. The packages themselves are named
// by hash, and stay with the workspace.
const (
	mostParts    = 40
	mostPartText = 1200 // bytes of a value
)

func differenceOf(revision string, i scan.Item) ledger.DifferenceLine {
	d := ledger.DifferenceLine{Changes: []ledger.DifferencePart{}, Name: ledger.Text(i.Name), Revision: revision, State: string(i.State), Type: i.Type}
	for n, c := range i.Changes {
		if n == mostParts {
			d.More = int64(len(i.Changes) - n)
			break
		}
		d.Changes = append(d.Changes, ledger.DifferencePart{After: partText(c.After), Before: partText(c.Before), Kind: c.Kind, Path: ledger.Text(c.Path)})
	}
	return d
}

func partText(s string) string {
	cut, short := cutText([]byte(s), mostPartText)
	if short {
		cut += " …"
	}
	return ledger.Text(cut)
}

// mildCoverage is what Salesforce asks of a deployment to production ("Code
// Coverage Best Practices"): 75 percent.
const mildCoverage = 75

func answerLine(l *governance.DeploymentLog) ledger.AnswerLine {
	a := ledger.AnswerLine{Act: l.StartAct, Failures: []string{}, Warnings: []string{}, Worst: []string{}, Simulated: l.Outcome.Simulated}
	for _, c := range l.Outcome.Coverage {
		a.Lines += c.Locations
		a.Covered += c.Locations - c.Uncovered
		if c.Locations > 0 && (c.Locations-c.Uncovered)*100 < mildCoverage*c.Locations && len(a.Worst) < 20 {
			a.Worst = append(a.Worst, ledger.Text(fmt.Sprintf("%s %d %%", c.Name, (c.Locations-c.Uncovered)*100/c.Locations)))
		}
	}
	for _, f := range l.Outcome.Failures {
		a.Failures = append(a.Failures, ledger.Text(fmt.Sprintf("%s %s: %s", f.Type, f.Name, f.Problem)))
	}
	for _, f := range l.Outcome.Tests {
		a.Failures = append(a.Failures, ledger.Text(fmt.Sprintf("%s.%s: %s", f.Class, f.Method, f.Message)))
	}
	for _, warning := range l.Outcome.Warnings {
		a.Warnings = append(a.Warnings, ledger.Text(warning))
	}
	a.Failures, a.Warnings = a.Failures[:min(len(a.Failures), 50)], a.Warnings[:min(len(a.Warnings), 50)]
	return a
}

// evidenceReport says what an evidence file proves.
func evidenceReport(e *ledger.EvidenceFile) (FileReport, error) {
	h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: e.Workspace, Acts: e.Acts, Revisions: e.Revisions})
	if err != nil {
		return FileReport{}, err
	}
	p := &e.Population
	rep := FileReport{Kind: KindEvidence, Doubts: allTold(findings), Summary: fileSaid("file.evidence", "changes", len(p.Changes),
		"deployments", len(p.Deployments), "entries", len(e.Log), "acts", len(e.Acts), "at", e.Created)}
	subjects := []string{governance.GovernanceSubject}
	listed := func(id, label, status, revision string, st governance.Standing) {
		subjects = append(subjects, id)
		if string(st.Status) != status || st.Revision != revision {
			rep.Doubts = append(rep.Doubts, fileSaid("file.status_differs", "label", label, "listed", status, "status", string(st.Status)))
		}
	}
	for _, c := range p.Changes {
		listed(c.ID, c.Label, c.Status, c.Revision, h.RequestStanding(c.ID))
		for _, r := range c.Records {
			listed(r.ID, r.Label, r.Status, r.Revision, h.RecordStanding(r.ID))
		}
	}
	rep.Doubts = append(rep.Doubts, doubtsOf(h, e.Acts, subjects)...)
	rep.signedBy(exporterIn(h, e.Exporter))
	for _, f := range p.Findings {
		rep.Doubts = append(rep.Doubts, fileSaid("file.found", "message", toldAs(f)))
	}
	rep.Proved = append(rep.Proved, fileSaid("file.acts_statuses"), fileSaid("file.entries", "head", e.Head.String()), scopeProof(p))
	rep.NotProved = []Said{fileSaid("file.which_workspace", "id", short(e.Workspace)), fileSaid("file.past_countersign"), fileSaid("file.when_who")}
	return rep, rep.page(e)
}

func scopeProof(p *ledger.Population) Said {
	switch {
	case p.Scope == ledger.ScopeChange:
		return fileSaid("file.scope_change")
	case p.Organization != "":
		return fileSaid("file.scope_environment", "from", p.First, "to", p.Last, "place", placeName(p), "organization", p.Organization)
	}
	return fileSaid("file.scope_period", "from", p.First, "to", p.Last)
}

// placeName is what the exporter calls the only organisation of a period.
func placeName(p *ledger.Population) string {
	for _, place := range p.Places {
		if place.Organization == p.Organization {
			return place.Name
		}
	}
	return unnamedPlace
}

// page makes the page for people again out of the records and compares.
func (r *FileReport) page(e *ledger.EvidenceFile) error {
	if e.Population.Generator != pageForm {
		r.NotProved = append(r.NotProved, fileSaid("file.page_other", "theirs", e.Population.Generator, "ours", pageForm))
		return nil
	}
	page, err := evidencePage(&e.EvidenceContents, e.Exporter, e.Head)
	if err != nil {
		return err
	}
	if !slices.Equal(page, e.Page) {
		r.Doubts = append(r.Doubts, fileSaid("file.page_differs"))
		return nil
	}
	r.Proved = append(r.Proved, fileSaid("file.page_same"))
	return nil
}

// periodWords says a period as people write it.
func periodWords(p *ledger.Population) string {
	from, errF := time.Parse(time.RFC3339, p.From)
	to, errT := time.Parse(time.RFC3339, p.To)
	if errF != nil || errT != nil {
		return ""
	}
	from, to = from.UTC(), to.UTC()
	if !wholeDay(from) || !wholeDay(to) { // midnight elsewhere is no day here
		return from.Format("2 January 2006 15:04") + " to " + to.Format("2 January 2006 15:04 MST")
	}
	return from.Format("2 January 2006") + " to " + to.Add(-time.Second).Format("2 January 2006 MST")
}

func wholeDay(t time.Time) bool { return t.Equal(t.Truncate(24 * time.Hour)) }
