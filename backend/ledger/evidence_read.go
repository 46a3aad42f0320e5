package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// An EvidenceFile was verified wholly when it was read: as a Bundle is, and
// besides every entry of the trail against the signed head, and the population
// against the entries and acts.
type EvidenceFile struct {
	SHA256   string
	Size     int64
	Exporter string
	Head     Head
	EvidenceContents
	Requests map[string]*governance.RequestRevision
	Records  map[string]*governance.RecordRevision

	a      *archive
	logged map[string]int64 // act -> entry
}

// IsEvidence reports whether an archive says that it is an evidence file; only
// reading it verifies that.
func IsEvidence(r io.ReaderAt) bool {
	first, _, _ := strings.Cut(manifestName+evidenceKind.title, "1") // whichever version
	b := make([]byte, 30+len(first))                                 // behind a ZIP's local header
	return readAt(r, b, 0) && bytes.HasSuffix(b, []byte(first))
}

// ReadEvidence reads and verifies an evidence file. Faults: evidence_not_one,
// evidence_other_version, evidence_too_large, evidence_damaged.
func ReadEvidence(r io.ReaderAt, size int64) (*EvidenceFile, error) {
	a, err := readArchive(r, size, evidenceKind, evidenceMay)
	if err != nil {
		return nil, err
	}
	e := &EvidenceFile{SHA256: a.sha256, Size: size, Exporter: a.Exporter, Head: a.Head, a: a, logged: map[string]int64{}}
	e.Workspace, e.Created = a.Workspace, a.Created
	for _, check := range []func() error{e.like, e.entries, e.documents, e.population} {
		if err := check(); err != nil {
			var f *governance.Fault
			if !errors.As(err, &f) {
				err = evidenceKind.damaged("it is not understood").Because(err)
			}
			return nil, err
		}
	}
	return e, nil
}

// like reads what an evidence file has in common with a bundle.
func (e *EvidenceFile) like() error {
	b := &Bundle{Workspace: e.Workspace, Exporter: e.Exporter, Head: e.Head, a: e.a, Acts: []SignedAct{}, Revisions: map[string][]byte{},
		Requests: map[string]*governance.RequestRevision{}, Records: map[string]*governance.RecordRevision{}, Frozen: map[string]Frozen{}}
	for _, check := range []func() error{b.checkpoint, b.acts, b.documents, b.named} {
		if err := check(); err != nil {
			return err
		}
	}
	e.Checkpoint, e.Acts, e.Revisions, e.Requests, e.Records = b.Checkpoint, b.Acts, b.Revisions, b.Requests, b.Records
	answers := map[string]bool{}
	for _, a := range e.Acts {
		if _, answer := NamedBy(a); answer != "" {
			answers[answer] = true
		}
	}
	for _, name := range e.a.names {
		if sum, is := strings.CutPrefix(name, resultsFolder); is {
			if e.a.sums[name] != sum || !answers[sum] {
				return evidenceKind.damaged("no act names the answer %.12s", sum)
			}
			e.Results = append(e.Results, Part{Name: name, SHA256: sum, Size: int64(e.a.files[name].UncompressedSize64)})
		}
	}
	var err error
	e.Page, err = e.a.read(pageName)
	return err
}

// entries holds each entry of the trail against the signed head.
func (e *EvidenceFile) entries() error {
	known := map[string]bool{}
	for _, a := range e.Acts {
		known[a.ID] = true
	}
	return e.a.eachLine(logName, 4<<20, func(n int, line []byte) error {
		p, err := e.oneEntry(line)
		if err == nil && len(e.Log) > 0 && e.Log[len(e.Log)-1].Idx >= p.Idx {
			err = errors.New("out of order")
		}
		if err != nil || n > maxEvidenceEntries {
			return evidenceKind.damaged("entry %d of its log is not what the signed head covers", n).Because(err)
		}
		e.Log = append(e.Log, p)
		if p.Kind != "act" {
			return nil
		}
		var named struct {
			Act string `json:"act"`
		}
		if err := Strict(p.Data, &named); err != nil || !known[named.Act] {
			return evidenceKind.damaged("the act that entry %d of the trail names is not in it", p.Idx).Because(err)
		}
		e.logged[named.Act] = p.Idx
		return nil
	})
}

func (e *EvidenceFile) oneEntry(line []byte) (ProvedEntry, error) {
	var l entryLine
	if err := StrictRevision(line, &l); err != nil {
		return ProvedEntry{}, err
	}
	p := ProvedEntry{Entry: Entry{Idx: l.Idx, Kind: l.Kind, Data: []byte(l.Data)}, Proof: make(tlog.RecordProof, len(l.Proof))}
	for i, h := range l.Proof {
		var err error
		if p.Proof[i], err = tlog.ParseHash(h); err != nil || p.Proof[i].String() != h {
			return p, fmt.Errorf("%.60q is no hash", h)
		}
	}
	if l.Idx < 0 || l.Idx >= e.Head.Size {
		return p, fmt.Errorf("the trail has no entry %d", l.Idx)
	}
	return p, tlog.CheckRecord(p.Proof, e.Head.Size, e.Head.Root, l.Idx, tlog.RecordHash(Leaf(l.Kind, p.Data)))
}

// documents reads what the exporter adds in his own name.
func (e *EvidenceFile) documents() error {
	b, err := e.a.read(populationName)
	if err != nil {
		return err
	}
	if err := StrictRevision(b, &e.Population); err != nil {
		return evidenceKind.damaged("its population is not understood").Because(err)
	}
	if err := linesInto(e.a, answersName, &e.Answers); err != nil {
		return err
	}
	return linesInto(e.a, differencesName, &e.Differences)
}

func linesInto[T any](a *archive, name string, into *[]T) error {
	return a.eachLine(name, 4<<20, func(n int, line []byte) error {
		var v T
		if err := StrictRevision(line, &v); err != nil {
			return a.kind.damaged("line %d of %s is not understood", n, name).Because(err)
		}
		*into = append(*into, v)
		return nil
	})
}

// population holds the list of deployments against the entries and acts: none
// is missing, none is invented, each ended as it was signed.
func (e *EvidenceFile) population() error {
	p := &e.Population
	wrong := func(format string, a ...any) error {
		return evidenceKind.damaged("its population is not true: %s", fmt.Sprintf(format, a...))
	}
	if err := e.scope(); err != nil {
		return err
	}
	started, ended := e.deployments()
	want := []DeploymentLine{}
	for act, entry := range started {
		d := DeploymentLine{Act: act, Entry: entry, EndingEntry: -1}
		if end, ok := ended[act]; ok {
			at, logged := e.logged[end]
			if !logged {
				if p.Scope == ScopePeriod {
					at = -1 // it ended after the period: the act is here, and its entry is outside
				} else {
					return wrong("the trail does not name the act %.12s", end)
				}
			}
			d.Ending, d.EndingEntry = end, at
		}
		want = append(want, d)
	}
	slices.SortFunc(want, func(a, b DeploymentLine) int { return int(a.Entry - b.Entry) })
	if !slices.Equal(want, p.Deployments) {
		return wrong("it lists %d deployments, and the trail shows %d or others", len(p.Deployments), len(want))
	}
	for _, c := range p.Changes {
		if c.Revision != "" && e.Requests[c.Revision] == nil {
			return wrong("the content of %s is missing", c.Label)
		}
		for _, r := range c.Records {
			if r.Revision != "" && e.Records[r.Revision] == nil {
				return wrong("the content of %s is missing", r.Label)
			}
		}
	}
	return nil
}

// scope holds that the entries are those that the scope speaks of: of a period,
// without a gap.
func (e *EvidenceFile) scope() error {
	p := &e.Population
	switch p.Scope {
	case ScopeChange:
		if len(p.Changes) != 1 || p.From != "" || p.To != "" || p.Organization != "" {
			return evidenceKind.damaged("it is of one change and names %d", len(p.Changes))
		}
		return nil
	case ScopePeriod:
		return e.period()
	}
	return evidenceKind.damaged("it has the scope %.40q", p.Scope)
}

// period holds that the entries are all of the period: those from First to
// Last, and the one before and the one after, whose own times lie outside. Of
// an act the trail does not say when it was written, so those at the edges are
// taken in.
func (e *EvidenceFile) period() error {
	p := &e.Population
	from, errF := time.Parse(time.RFC3339, p.From)
	to, errT := time.Parse(time.RFC3339, p.To)
	over := e.Created.Truncate(time.Second).Add(time.Second) // nobody can show what has not happened
	if errF != nil || errT != nil || !from.Before(to) || to.After(over) || p.First < 0 || p.Last < p.First || p.Last >= e.Head.Size {
		return evidenceKind.damaged("it does not say which period it is of")
	}
	first, last := max(p.First-1, 0), min(p.Last+1, e.Head.Size-1)
	if int64(len(e.Log)) != last-first+1 || e.Log[0].Idx != first || e.Log[len(e.Log)-1].Idx != last {
		return evidenceKind.damaged("entries of the audit trail are missing in its period")
	}
	if before, told := timeIn(e.Log[0].Entry); p.First > 0 && (!told || !before.Before(from)) {
		return evidenceKind.damaged("entries of the audit trail are missing at the beginning of its period")
	}
	if after, told := timeIn(e.Log[len(e.Log)-1].Entry); p.Last < e.Head.Size-1 && (!told || after.Before(to)) {
		return evidenceKind.damaged("entries of the audit trail are missing at the end of its period")
	}
	return nil
}

// timeIn is when an entry says that it was written, in whole seconds.
func timeIn(e Entry) (time.Time, bool) {
	var said struct {
		At string `json:"at"`
	}
	if json.Unmarshal(e.Data, &said) != nil {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, said.At)
	return at.Truncate(time.Second), err == nil
}

// deployments are the starts in scope that change an org, with the entry of
// each, and how each ended by the key that started it.
func (e *EvidenceFile) deployments() (started map[string]int64, ended map[string]string) {
	started, ended = map[string]int64{}, map[string]string{}
	records := map[string]bool{}
	for _, c := range e.Population.Changes {
		for _, r := range c.Records {
			records[r.ID] = true
		}
	}
	keys := map[string]string{}
	ends := []SignedAct{}
	for _, a := range e.Acts {
		body := bodyOf(a)
		switch b := body.(type) {
		case governance.Start:
			keys[a.ID] = a.Key
			entry, logged := e.logged[a.ID]
			p := &e.Population
			inScope := logged && (p.Scope == ScopePeriod && (p.Organization == "" || p.Organization == b.Target) || p.Scope == ScopeChange && records[a.Subject])
			if b.Kind.Real() && inScope {
				started[a.ID] = entry
			}
		case governance.Ending:
			ends = append(ends, a)
		}
	}
	slices.SortFunc(ends, func(a, b SignedAct) int { return int(a.Seq - b.Seq) })
	for _, a := range ends {
		if b := bodyOf(a).(governance.Ending); keys[b.Start] == a.Key {
			ended[b.Start] = a.ID
		}
	}
	return started, ended
}

// bodyOf decodes the body of an act that was opened; nil if it is not
// understood.
func bodyOf(a SignedAct) governance.Body {
	var st Statement
	if json.Unmarshal(a.Payload, &st) != nil {
		return nil
	}
	b, err := decodeBody(a.Type, a.Subject, st.Key, st.Body)
	if err != nil {
		return nil
	}
	return b
}
