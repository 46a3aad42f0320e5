package workspace

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// pageIn is the page for people of an evidence file.
func pageIn(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	ok(t, err)
	defer z.Close()
	f, err := z.Open("evidence.html")
	ok(t, err)
	b, err := io.ReadAll(f)
	ok(t, err)
	return string(b)
}

// lookedAt keeps a page where a person can look at it.
func lookedAt(t *testing.T, name, path string) {
	t.Helper()
	if to := os.Getenv("COUNTERSIGN_EVIDENCE"); to != "" {
		ok(t, os.WriteFile(filepath.Join(to, name+".html"), []byte(pageIn(t, path)), 0o600))
		b, err := os.ReadFile(path)
		ok(t, err)
		ok(t, os.WriteFile(filepath.Join(to, name+EvidenceEnd), b, 0o600))
	}
}

// linesOf are sentences in English, one a line.
func linesOf(all []Said) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = s.Text
	}
	return strings.Join(out, "\n")
}

// An auditor gets the demo's whole story as one file that verifies by itself.
func TestTheEvidenceOfAPeriod(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir())
	told(t, w)
	hostile := `<script>alert(1)</script>"><img src=x onerror=alert(2)>`
	cr, err := w.NewChangeRequest(ctx, Ana, governance.ChangeRequest{Name: "Names " + hostile, Overview: hostile, ExternalNumber: hostile, ExternalLink: "https://example.com/" + hostile, Customizations: oneValueSet})
	ok(t, err)
	w.mustDo(t, Ana, cr.ID, governance.Submit)

	path := filepath.Join(t.TempDir(), "march"+EvidenceEnd)
	day := time.Now().UTC().Truncate(24 * time.Hour)
	made, err := w.WriteEvidence(ctx, Bo, path, store.EvidenceQuery{From: day.AddDate(0, 0, -30), To: day.AddDate(0, 0, 2)})
	ok(t, err)
	if made.Changes < 9 || made.Deployments != 1 || made.Entries < 50 || len(made.Findings) > 0 {
		t.Fatalf("%+v", made)
	}
	lookedAt(t, "period", path)
	rep, err := VerifyFile(ctx, path, "")
	ok(t, err)
	all := linesOf(rep.Proved)
	if len(rep.Doubts) > 0 || !strings.Contains(all, "is left out") || !strings.Contains(all, "it was made again from them, and is the same") || !strings.Contains(all, "as Bo Approver signed it") {
		t.Fatalf("%+v", rep)
	}
	page := pageIn(t, path)
	if regexp.MustCompile(`(?i)<script|<img|<link|onerror=[^&]*>|url\(|@import|<iframe|javascript:`).MatchString(page) {
		t.Error("the page holds something that could run or load")
	}
	for _, says := range []string{"Renewal", "Ana Requester", "Bo Approver", "Cy Approver", "Dee Release", "This is a demonstration", "Step 1: approver", "Salesforce’s full answer", "succeeded",
		"Policies in force", "The workspace was founded.", "No change in this file was an emergency.", "simulated", "&lt;script&gt;", "Nobody approved their own change"} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	trail, err := w.TrailPage(ctx, TrailQuery{Limit: 3})
	ok(t, err)
	if trail.Items[0].Text != "Wrote an evidence file." {
		t.Errorf("%+v", trail.Items[0])
	}

	t.Run("of one change", func(t *testing.T) {
		dr := w.storyRecord(t, "SALES-101")
		path := filepath.Join(t.TempDir(), "change"+EvidenceEnd)
		made, err := w.WriteEvidence(ctx, Cy, path, store.EvidenceQuery{Request: dr.RequestID})
		ok(t, err)
		lookedAt(t, "change", path)
		rep, err := VerifyFile(ctx, path, "")
		ok(t, err)
		if made.Changes != 1 || made.Deployments != 1 || len(rep.Doubts) > 0 || !strings.Contains(linesOf(rep.Proved), "holds every one that the acts about this change started") {
			t.Fatalf("%+v %+v", made, rep)
		}
		page := pageIn(t, path)
		for _, says := range []string{"SALES-101", dr.Package, "In the target before"} {
			if !strings.Contains(page, says) {
				t.Errorf("the page does not say %q", says)
			}
		}
	})
	t.Run("nothing, or of nothing", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "x"+EvidenceEnd)
		_, err := w.WriteEvidence(ctx, Bo, path, store.EvidenceQuery{From: day.AddDate(-2, 0, 0), To: day.AddDate(-1, 0, 0)})
		wantFault(t, err, "evidence_empty")
		_, err = w.WriteEvidence(ctx, Bo, path, store.EvidenceQuery{Request: "nobody's"})
		wantFault(t, err, "not_found")
		if left, _ := filepath.Glob(filepath.Join(w.Dir(), "exporting-*")); len(left) > 0 {
			t.Errorf("%v", left)
		}
	})
	t.Run("told otherwise by its maker", func(t *testing.T) { forgedEvidence(t, w, path) })
}

// forgedEvidence is what a member with a key could try: sign an evidence file
// that says something else than the trail.
func forgedEvidence(t *testing.T, w *Workspace, path string) {
	f, err := os.ReadFile(path)
	ok(t, err)
	bo, err := w.Author(t.Context(), Bo)
	ok(t, err)
	read := func(b []byte) (*ledger.EvidenceFile, error) {
		return ledger.ReadEvidence(bytes.NewReader(b), int64(len(b)))
	}
	for _, c := range []struct {
		name, code, doubt string
		edit              func(c *ledger.EvidenceContents)
	}{
		{"as it is", "", "", func(*ledger.EvidenceContents) {}},
		{"a deployment left out", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Population.Deployments = []ledger.DeploymentLine{} }},
		{"a deployment twice", "evidence_damaged", "", func(c *ledger.EvidenceContents) {
			c.Population.Deployments = append(c.Population.Deployments, c.Population.Deployments[0])
		}},
		{"another end", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Population.Deployments[0].Ending = "" }},
		{"an entry left out", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Log = append(c.Log[:7:7], c.Log[8:]...) }},
		{"an entry changed", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Log[5].Data = append([]byte{}, bytes.ToUpper(c.Log[5].Data)...) }},
		{"the end cut off, and said so", "evidence_damaged", "", func(c *ledger.EvidenceContents) {
			n := len(c.Log)
			for i, e := range c.Log {
				if e.Idx == c.Population.Deployments[0].Entry {
					n = i
				}
			}
			c.Log = c.Log[:n]
			c.Population.Last, c.Population.Deployments = c.Log[n-2].Idx, []ledger.DeploymentLine{}
		}},
		{"the beginning cut off, and said so", "evidence_damaged", "", func(c *ledger.EvidenceContents) {
			c.Log = c.Log[9:]
			c.Population.First = c.Log[1].Idx
		}},
		{"a content left out", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Revisions = map[string][]byte{} }},
		{"an act left out", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Acts = c.Acts[1:] }},
		{"of a third kind", "evidence_damaged", "", func(c *ledger.EvidenceContents) { c.Population.Scope = "everything" }},
		{"another status", "", "by its acts it is", func(c *ledger.EvidenceContents) { c.Population.Changes[0].Status = "Rejected" }},
		{"another page", "", "is not the one that the records make", func(c *ledger.EvidenceContents) { c.Page = append([]byte("<!-- -->"), c.Page...) }},
		{"a finding", "", "verifying found: The disk smelled.", func(c *ledger.EvidenceContents) { c.Population.Findings = []string{"The disk smelled."} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := read(f)
			ok(t, err)
			contents := e.EvidenceContents
			contents.Results = nil
			c.edit(&contents)
			var b bytes.Buffer
			_, err = ledger.WriteEvidence(&b, bo.Identity, contents)
			ok(t, err)
			forged, err := read(b.Bytes())
			if c.code != "" {
				wantFault(t, err, c.code)
				return
			}
			ok(t, err)
			rep, err := evidenceReport(forged)
			ok(t, err)
			if got := linesOf(rep.Doubts); c.doubt == "" && got != "" || !strings.Contains(got, c.doubt) {
				t.Errorf("%q", got)
			}
		})
	}
	for i := 0; i < len(f); i += len(f) / 60 {
		b := bytes.Clone(f)
		b[i] ^= 4
		if _, err := read(b); governance.FaultCode(err) == "" {
			t.Errorf("byte %d: %v", i, err)
		}
		if _, err := read(f[:i]); governance.FaultCode(err) == "" {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
}
