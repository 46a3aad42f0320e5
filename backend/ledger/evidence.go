package ledger

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// An evidence file is what an auditor gets: an archive that verifies without
// the workspace, with these entries and no other:
//
//	manifest.note         as a bundle's
//	acts.jsonl            as a bundle's
//	answers.jsonl         what the exporter read in Salesforce's answers
//	checkpoint.note       the signed head of the exporter's audit trail
//	differences.jsonl     what each record changes, as the exporter compared it
//	evidence.html         all of it for people
//	log.jsonl             entries of the trail with proofs that the head covers them
//	population.json       every deployment of the period or change
//	results/<sha256>      Salesforce's full answers
//	revisions/<digest>.json  what was approved
const (
	answersName     = "answers.jsonl"
	differencesName = "differences.jsonl"
	pageName        = "evidence.html"
	logName         = "log.jsonl"
	populationName  = "population.json"
	resultsFolder   = "results/"

	maxEvidenceEntries = 50_000 // of the audit trail
	maxPage            = 64 << 20
)

// The scopes of an evidence file.
const (
	ScopeChange = "change" // one Change Request
	ScopePeriod = "period" // all that the trail holds of some days
)

// A Population lists every deployment in scope, so that an auditor can choose a
// sample and know that nothing is left out of the exporter's trail.
type Population struct {
	Changes     []ChangeLine     `json:"changes"`
	Deployments []DeploymentLine `json:"deployments"` // in the order of the trail
	Findings    []string         `json:"findings"`    // what verifying found when the file was made
	First       int64            `json:"first"`       // entry of the trail; of a period, all from First to Last are here, with their two neighbours
	From        string           `json:"from"`        // RFC 3339, of a period
	Generator   string           `json:"generator"`   // form of the page
	Last        int64            `json:"last"`
	// Organization is the only one whose deployments are listed, of a period;
	// empty for all. The entries are those of the whole period all the same:
	// otherwise nobody could see that none is left out.
	Organization string      `json:"organization,omitempty"`
	Places       []PlaceLine `json:"places"`
	Scope        string      `json:"scope"`
	To           string      `json:"to"`
}

// A ChangeLine is one Change Request with its Deployment Records.
type ChangeLine struct {
	ID       string       `json:"id"`
	Label    string       `json:"label"` // on the exporter's machine
	Records  []RecordLine `json:"records"`
	Revision string       `json:"revision"` // what was submitted last
	Status   string       `json:"status"`
}

// A RecordLine is one Deployment Record.
type RecordLine struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Revision string `json:"revision"`
	Status   string `json:"status"`
}

// A DeploymentLine is one deployment: what changed, or may have changed, an org.
type DeploymentLine struct {
	Act         string `json:"act"`         // deploy.start
	Ending      string `json:"ending"`      // deploy.result; empty when it is not known how it ended
	EndingEntry int64  `json:"endingEntry"` // of the trail, -1 without an ending
	Entry       int64  `json:"entry"`       // of the trail that names Act
}

// A PlaceLine says what the exporter calls an organisation.
type PlaceLine struct {
	Name         string `json:"name"`
	Organization string `json:"organization"`
}

// An AnswerLine is what the exporter read in Salesforce's answer to an attempt.
type AnswerLine struct {
	Act       string   `json:"act"` // deploy.start
	Covered   int64    `json:"covered"`
	Failures  []string `json:"failures"`
	Lines     int64    `json:"lines"` // that coverage was measured over
	Simulated bool     `json:"simulated"`
	Warnings  []string `json:"warnings"`
	Worst     []string `json:"worst"` // classes below 75 percent, worst first
}

// A DifferenceLine is what a record does to one customization.
type DifferenceLine struct {
	Changes  []DifferencePart `json:"changes"`
	More     int64            `json:"more"` // parts that are not listed
	Name     string           `json:"name"`
	Revision string           `json:"revision"` // of the record
	State    string           `json:"state"`
	Type     string           `json:"type"`
}

// A DifferencePart is one part of a customization before and after.
type DifferencePart struct {
	After  string `json:"after"`
	Before string `json:"before"`
	Kind   string `json:"kind"`
	Path   string `json:"path"`
}

// A ProvedEntry is an entry of the audit trail with the proof that the signed
// head covers it.
type ProvedEntry struct {
	Entry
	Proof tlog.RecordProof
}

type entryLine struct {
	Data  string   `json:"data"`
	Idx   int64    `json:"idx"`
	Kind  string   `json:"kind"`
	Proof []string `json:"proof"`
}

// EvidenceContents are what an evidence file is made of.
type EvidenceContents struct {
	Workspace   string
	Created     time.Time
	Checkpoint  string
	Acts        []SignedAct
	Revisions   map[string][]byte
	Log         []ProvedEntry
	Population  Population
	Answers     []AnswerLine
	Differences []DifferenceLine
	Results     []Part
	Page        []byte
}

// ProveEntries adds to entries the proofs that a head covers them.
func ProveEntries(r tlog.HashReader, head Head, entries []Entry) ([]ProvedEntry, error) {
	if len(entries) > maxEvidenceEntries {
		return nil, evidenceKind.tooLarge("the period has %d entries of the audit trail, and %d are the most", len(entries), maxEvidenceEntries).WithHint("Choose a shorter period.")
	}
	out := make([]ProvedEntry, len(entries))
	for i, e := range entries {
		proof, err := tlog.ProveRecord(head.Size, e.Idx, r)
		if err != nil {
			return nil, fmt.Errorf("prove entry %d of the log: %w", e.Idx, err)
		}
		out[i] = ProvedEntry{e, proof}
	}
	return out, nil
}

// WriteEvidence writes an evidence file signed by its exporter and returns the
// SHA-256 of the file. Faults: no_key, evidence_too_large.
func WriteEvidence(w io.Writer, by Identity, c EvidenceContents) (string, error) {
	_, head, err := OpenCheckpoint(c.Checkpoint, by.Public())
	if err != nil {
		return "", err
	}
	lines := make([]entryLine, len(c.Log))
	for i, e := range c.Log {
		lines[i] = entryLine{Data: string(e.Data), Idx: e.Idx, Kind: e.Kind, Proof: make([]string, len(e.Proof))}
		for j, h := range e.Proof {
			lines[i].Proof[j] = h.String()
		}
	}
	parts := []Part{BytesPart(checkpointName, []byte(c.Checkpoint)), BytesPart(pageName, c.Page)}
	for _, made := range []struct {
		name  string
		bytes func() ([]byte, error)
	}{
		{actsName, func() ([]byte, error) { return actLines(c.Acts) }},
		{answersName, func() ([]byte, error) { return jsonLines(c.Answers) }},
		{differencesName, func() ([]byte, error) { return jsonLines(c.Differences) }},
		{logName, func() ([]byte, error) { return jsonLines(lines) }},
		{populationName, func() ([]byte, error) { return Canonical(c.Population) }},
	} {
		b, err := made.bytes()
		if err != nil {
			return "", fmt.Errorf("write %s: %w", made.name, err)
		}
		parts = append(parts, BytesPart(made.name, b))
	}
	for digest, body := range namedOnly(c.Acts, nil, c.Revisions) {
		parts = append(parts, BytesPart(revisionFolder+digest+jsonEnd, body))
	}
	for _, r := range c.Results {
		r.Name = resultsFolder + r.SHA256
		parts = append(parts, r)
	}
	return writeArchive(w, by, evidenceKind, archiveHead{Workspace: c.Workspace, Created: c.Created, Head: head}, parts)
}

var resultEntry = regexp.MustCompile(`^results/[0-9a-f]{64}$`)

func evidenceMay(name string) int64 {
	switch {
	case name == actsName, name == logName:
		return maxArchive
	case name == pageName, name == differencesName, resultEntry.MatchString(name):
		return maxPage
	case name == checkpointName, name == answersName:
		return maxManifest
	case name == populationName, revisionEntry.MatchString(name):
		return maxRevision
	}
	return 0
}

// Deployments lists the population that acts and entries make, for who writes
// an evidence file: reading it makes the same list again and compares.
func (c *EvidenceContents) Deployments() []DeploymentLine {
	e := &EvidenceFile{EvidenceContents: *c, logged: map[string]int64{}}
	for _, p := range c.Log {
		var named struct {
			Act string `json:"act"`
		}
		if p.Kind == "act" && Strict(p.Data, &named) == nil {
			e.logged[named.Act] = p.Idx
		}
	}
	started, ended := e.deployments()
	out := []DeploymentLine{}
	for act, entry := range maps.All(started) {
		d := DeploymentLine{Act: act, Entry: entry, EndingEntry: -1}
		if end, ok := ended[act]; ok {
			d.Ending = end
			if at, logged := e.logged[end]; logged {
				d.EndingEntry = at
			}
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b DeploymentLine) int { return int(a.Entry - b.Entry) })
	return out
}

// Text makes a string fit for canonical JSON.
func Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
