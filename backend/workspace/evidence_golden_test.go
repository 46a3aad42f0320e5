package workspace

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

var update = flag.Bool("update", false, "write the golden pages of a new form")

// goldenPages are histories with fixed keys and times, by what they show.
var goldenPages = []string{"review-done", "finding-resolved", "delegation", "rotated-key"}

// fromVector is the evidence of a history from the vectors: all of it, in the order
// in which it says that it was signed.
func fromVector(t *testing.T, name string) (*ledger.EvidenceContents, ledger.Identity, ledger.Head) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../ledger/testdata/vectors", name+".json"))
	ok(t, err)
	var v struct {
		Workspace string                          `json:"workspace"`
		Acts      []struct{ Payload, Sig []byte } `json:"acts"`
		Revisions map[string][]byte               `json:"revisions"`
	}
	ok(t, json.Unmarshal(b, &v))
	by, err := ledger.IdentityFromSeed(bytes.Repeat([]byte{7}, 32))
	ok(t, err)
	c := &ledger.EvidenceContents{Workspace: v.Workspace, Revisions: v.Revisions}
	for _, a := range v.Acts {
		row, _, err := ledger.Open(a.Payload, a.Sig)
		ok(t, err)
		c.Acts = append(c.Acts, row)
	}
	h, _, err := ledger.Assemble(ledger.Evidence{Workspace: c.Workspace, Acts: c.Acts, Revisions: c.Revisions})
	ok(t, err)
	entries, hashes := []ledger.Entry{}, ledger.StoredHashes{}
	for n, a := range c.Acts {
		data := []byte(`{"act":"` + a.ID + `"}`)
		_, hs, err := ledger.AppendHashes(int64(n), actKind, data, hashes)
		ok(t, err)
		entries, hashes = append(entries, ledger.Entry{Idx: int64(n), Kind: actKind, Data: data}), append(hashes, hs...)
		if at := h.Act(a.ID).At; at.After(c.Created) {
			c.Created = at
		}
	}
	c.Created = c.Created.Add(time.Hour)
	head, err := ledger.HeadAt(int64(len(entries)), hashes)
	ok(t, err)
	c.Log, err = ledger.ProveEntries(hashes, head, entries)
	ok(t, err)
	c.Population = populationOf(c, h)
	c.Population.Deployments = c.Deployments()
	c.Population.First, c.Population.Last = 0, head.Size-1
	described(c, h)
	return c, by, head
}

func populationOf(c *ledger.EvidenceContents, h *governance.History) ledger.Population {
	p := ledger.Population{Scope: ledger.ScopePeriod, From: "2020-01-01T00:00:00Z", To: c.Created.Add(time.Second).Format(time.RFC3339), Generator: pageForm,
		Findings: []string{}, Places: []ledger.PlaceLine{{Name: "Production of the <north>", Organization: "00D000000000001AAA"}}, Changes: []ledger.ChangeLine{}}
	labels := map[string]string{}
	for _, a := range c.Acts {
		if a.Type != "cr.submit" || labels[a.Subject] != "" {
			continue
		}
		labels[a.Subject] = fmt.Sprintf("CR-%04d", len(p.Changes)+1)
		st := h.RequestStanding(a.Subject)
		line := ledger.ChangeLine{ID: a.Subject, Label: labels[a.Subject], Revision: st.Revision, Status: string(st.Status), Records: []ledger.RecordLine{}}
		for _, r := range c.Acts {
			st := h.RecordStanding(r.Subject)
			if r.Type != "dr.submit" || labels[r.Subject] != "" || h.Record(st.Revision).Request != a.Subject {
				continue
			}
			labels[r.Subject] = strings.Replace(line.Label, "CR", "DR", 1)
			line.Records = append(line.Records, ledger.RecordLine{ID: r.Subject, Label: labels[r.Subject], Revision: st.Revision, Status: string(st.Status)})
		}
		p.Changes = append(p.Changes, line)
	}
	return p
}

// described adds what needs metadata and Salesforce's answers.
func described(c *ledger.EvidenceContents, h *governance.History) {
	for _, a := range c.Acts {
		if _, is := h.Act(a.ID).Body.(governance.Start); is {
			c.Answers = append(c.Answers, ledger.AnswerLine{Act: a.ID, Covered: 81, Lines: 100, Failures: []string{"ApexClass Invoices: Unexpected token."},
				Warnings: []string{"No test covers the flow."}, Worst: []string{"Invoices 12 %"}, Simulated: true})
		}
	}
	for _, line := range c.Population.Changes {
		for _, r := range line.Records {
			c.Differences = append(c.Differences,
				ledger.DifferenceLine{Type: "CustomField", Name: "Account.Tier__c", Revision: r.Revision, State: "changed", More: 3, Changes: []ledger.DifferencePart{
					{Path: "length", Kind: "changed", Before: "80", After: "120"}, {Path: "label", Kind: "added", After: "<b>Tier</b>"}, {Path: strings.Repeat("veryLongPath", 9), Kind: "removed", Before: strings.Repeat("x", 300)}}},
				ledger.DifferenceLine{Type: "Layout", Name: "Account", Revision: r.Revision, State: "new", Changes: []ledger.DifferencePart{}},
				ledger.DifferenceLine{Type: "Profile", Name: "Admin", Revision: r.Revision, State: "same", Changes: []ledger.DifferencePart{}})
		}
	}
}

// The same records make the same page, to the byte, as long as its form has the
// same number: that is what lets a verifier make it again. Who changes the page
// on purpose gives the form the next number, removes the old pages and runs this
// test with -update.
func TestThePageOfAFormNeverChanges(t *testing.T) {
	folder := filepath.Join("testdata", "evidence", strings.ReplaceAll(pageForm, " ", "-"))
	for _, name := range goldenPages {
		c, by, head := fromVector(t, name)
		page, err := evidencePage(c, by.Public(), head)
		ok(t, err)
		file := filepath.Join(folder, name+".html")
		golden, err := os.ReadFile(file)
		if *update && os.IsNotExist(err) {
			ok(t, os.MkdirAll(folder, 0o755))
			ok(t, os.WriteFile(file, page, 0o644))
			continue
		}
		ok(t, err)
		if golden = bytes.ReplaceAll(golden, []byte("\r\n"), []byte("\n")); !bytes.Equal(page, golden) {
			t.Errorf("%s differs from what the form %q was: give the form the next number", name, pageForm)
		}
		if again, err := evidencePage(c, by.Public(), head); err != nil || !bytes.Equal(page, again) {
			t.Errorf("%s is not the same twice: %v", name, err)
		}
	}
	forms, err := filepath.Glob(filepath.Join("testdata", "evidence", "*"))
	ok(t, err)
	if !slices.Equal(forms, []string{folder}) {
		t.Errorf("there are pages of %v, and the form is %q", forms, pageForm)
	}
}
