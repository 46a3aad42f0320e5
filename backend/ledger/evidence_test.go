package ledger_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A trail is an audit trail in memory.
type trail struct {
	t       testing.TB
	entries []ledger.Entry
	hashes  ledger.StoredHashes
}

func (l *trail) add(kind string, data any) {
	l.t.Helper()
	b, err := ledger.Canonical(data)
	must(l.t, err)
	n := int64(len(l.entries))
	_, hs, err := ledger.AppendHashes(n, kind, b, l.hashes)
	must(l.t, err)
	l.entries, l.hashes = append(l.entries, ledger.Entry{Idx: n, Kind: kind, Data: b}), append(l.hashes, hs...)
}

func (l *trail) head() ledger.Head {
	h, err := ledger.HeadAt(int64(len(l.entries)), l.hashes)
	must(l.t, err)
	return h
}

type actNote struct {
	Act string `json:"act"`
}

type timeNote struct {
	At string `json:"at"`
}

// audited is a change that was deployed, in a trail that goes on: seven days,
// one noted entry at the begin of each.
func audited(t testing.TB) (*world, *trail, ledger.EvidenceContents) {
	t.Helper()
	w := newWorld(t)
	w.approved()
	w.attempt(governance.AttemptDeploy, 1, governance.ResultSucceeded)
	l := &trail{t: t}
	l.add("migrate", timeNote{start.Format(time.RFC3339)})
	for i, a := range w.acts {
		if i == 4 || i == 7 {
			l.add("verify", timeNote{start.AddDate(0, 0, i).Format(time.RFC3339)})
		}
		l.add("act", actNote{a.ID})
	}
	l.add("verify", timeNote{start.AddDate(0, 0, 20).Format(time.RFC3339)})
	note, err := ledger.SignCheckpoint(w.people["ann"].key, ledger.Origin(w.ws), l.head())
	must(t, err)
	c := ledger.EvidenceContents{Workspace: w.ws, Created: start.AddDate(0, 0, 21), Checkpoint: note, Acts: w.acts, Revisions: w.revs, Page: []byte("<p>page</p>")}
	c.Population = ledger.Population{Scope: ledger.ScopePeriod, From: start.AddDate(0, 0, 1).Format(time.RFC3339), To: start.AddDate(0, 0, 15).Format(time.RFC3339),
		First: 1, Last: int64(len(l.entries)) - 2, Findings: []string{}, Places: []ledger.PlaceLine{}, Changes: []ledger.ChangeLine{{ID: cr, Label: "CR-0001", Revision: w.request.Revision, Status: "Approved",
			Records: []ledger.RecordLine{{ID: dr, Label: "DR-0001", Revision: w.record.Revision, Status: "Approved"}}}}}
	c.Log, err = ledger.ProveEntries(l.hashes, l.head(), l.entries)
	must(t, err)
	c.Population.Deployments = c.Deployments()
	return w, l, c
}

func evidence(t testing.TB, w *world, c ledger.EvidenceContents) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := ledger.WriteEvidence(&b, w.people["ann"].key, c)
	must(t, err)
	return b.Bytes()
}

func readEvidence(b []byte) (*ledger.EvidenceFile, error) {
	return ledger.ReadEvidence(bytes.NewReader(b), int64(len(b)))
}

func TestAnEvidenceFileHoldsTheWholePeriod(t *testing.T) {
	w, l, c := audited(t)
	raw := evidence(t, w, c)
	e, err := readEvidence(raw)
	must(t, err)
	if len(e.Population.Deployments) != 1 || e.Population.Deployments[0].EndingEntry < e.Population.Deployments[0].Entry || e.Head != l.head() || len(e.Log) != len(l.entries) || string(e.Page) != "<p>page</p>" {
		t.Fatalf("%+v", e.Population)
	}
	if !ledger.IsEvidence(bytes.NewReader(raw)) {
		t.Error("it is not told apart")
	}
	if _, err := readBundle(raw); governance.FaultCode(err) != "bundle_not_one" {
		t.Errorf("it passes for a bundle: %v", err)
	}
	half := len(l.entries) / 2
	for _, c := range []struct {
		name string
		edit func(*ledger.EvidenceContents)
		says string
	}{
		{"without what came before", func(c *ledger.EvidenceContents) { c.Log, c.Population.First = c.Log[3:], 4 }, "beginning"},
		{"without what came after", func(c *ledger.EvidenceContents) {
			c.Log, c.Population.Last, c.Population.Deployments = c.Log[:half], int64(half)-2, []ledger.DeploymentLine{}
		}, "end of its period"},
		{"a neighbour fewer", func(c *ledger.EvidenceContents) { c.Log = c.Log[1:] }, "missing in its period"},
		{"a longer period than it has", func(c *ledger.EvidenceContents) { c.Population.From = start.AddDate(0, 0, -9).Format(time.RFC3339) }, "beginning"},
		{"a period backwards", func(c *ledger.EvidenceContents) {
			c.Population.From, c.Population.To = c.Population.To, c.Population.From
		}, "which period"},
		{"no time at all", func(c *ledger.EvidenceContents) { c.Population.To = "soon" }, "which period"},
		{"another's proof", func(c *ledger.EvidenceContents) { c.Log[2].Proof = c.Log[3].Proof }, "entry 3 of its log"},
		{"a hole in the middle", func(c *ledger.EvidenceContents) { c.Log = append(slices.Clone(c.Log[:5]), c.Log[6:]...) }, "missing in its period"},
		{"twice the same entry", func(c *ledger.EvidenceContents) { c.Log[4] = c.Log[3] }, "entry 5 of its log"},
		{"another entry", func(c *ledger.EvidenceContents) { c.Log[0].Kind = "verify" }, "entry 1 of its log"},
		{"without an act", func(c *ledger.EvidenceContents) { c.Acts = c.Acts[:len(c.Acts)-1] }, "is not in it"},
		{"a deployment kept back", func(c *ledger.EvidenceContents) { c.Population.Deployments = []ledger.DeploymentLine{} }, "population is not true"},
		{"an end kept back", func(c *ledger.EvidenceContents) {
			c.Population.Deployments[0].Ending, c.Population.Deployments[0].EndingEntry = "", -1
		}, "population is not true"},
		{"without what was approved", func(c *ledger.EvidenceContents) { c.Revisions = map[string][]byte{} }, "is missing"},
		{"an answer that nobody named", func(c *ledger.EvidenceContents) { c.Results = []ledger.Part{ledger.BytesPart("", []byte("x"))} }, "no act names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _, contents := audited(t)
			c.edit(&contents)
			got, err := readEvidence(evidence(t, w, contents))
			if got != nil || governance.FaultCode(err) != "evidence_damaged" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	for n := 0; n < len(raw); n += 1 + n%97 {
		b := slices.Clone(raw)
		b[n] ^= 1 << (n % 8)
		if _, err := readEvidence(b); governance.FaultCode(err) == "" {
			t.Fatalf("byte %d: %v", n, err)
		}
		if _, err := readEvidence(raw[:n]); governance.FaultCode(err) == "" {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

func TestAPeriodThatIsTooLong(t *testing.T) {
	if _, err := ledger.ProveEntries(ledger.StoredHashes{}, ledger.Head{}, make([]ledger.Entry, 50_001)); governance.FaultCode(err) != "evidence_too_large" {
		t.Error(err)
	}
	w, _, c := audited(t)
	c.Page = make([]byte, 300<<20)
	_, err := ledger.WriteEvidence(io.Discard, w.people["ann"].key, c)
	if governance.FaultCode(err) != "evidence_too_large" {
		t.Error(err)
	}
}

// What is behind the container is reached through a key that signs anything.
func FuzzEvidenceContent(f *testing.F) {
	w, _, c := audited(f)
	raw := evidence(f, w, c)
	e, err := readEvidence(raw)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(int64(1), e.Population.Last, e.Population.From, []byte(e.Log[3].Data), uint8(3))
	f.Add(int64(0), int64(1)<<62, "2026-01-01T00:00:00Z", []byte("{}"), uint8(0))
	f.Fuzz(func(t *testing.T, first, last int64, from string, data []byte, which uint8) {
		edited := c
		edited.Log = slices.Clone(c.Log)
		edited.Log[int(which)%len(c.Log)].Data = data
		edited.Population.First, edited.Population.Last, edited.Population.From = first, last, ledger.Text(from)
		var b bytes.Buffer
		if _, err := ledger.WriteEvidence(&b, w.people["ann"].key, edited); err != nil {
			return // what has no canonical form is not written
		}
		got, err := readEvidence(b.Bytes())
		if err != nil && governance.FaultCode(err) == "" {
			t.Fatal(err)
		}
		if err == nil && fmt.Sprint(got.Log[int(which)%len(c.Log)].Data) != fmt.Sprint(c.Log[int(which)%len(c.Log)].Data) {
			t.Fatal("an entry that was changed is believed")
		}
	})
}
