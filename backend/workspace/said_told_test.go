package workspace

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What the rooms of the workspace say as text, by where they say it. Each of
// these has to be known again, or it is English on every page.
var tellers = []struct {
	files string
	says  *regexp.Regexp
}{
	{"../store/*.go", regexp.MustCompile(`a\.find\("[a-z_]+", ("(?:[^"\\]|\\.)*")`)},
	{"../store/rows.go", regexp.MustCompile(`Sprintf\(("The %s %s (?:[^"\\]|\\.)*")`)},
	{"../store/rebuild.go", regexp.MustCompile(`what = fmt\.Sprintf\(("(?:[^"\\]|\\.)*")`)},
	{"../store/blobs.go", regexp.MustCompile(`Faultf\("blob_[a-z]+", ("(?:[^"\\]|\\.)*")`)},
	{"../ledger/log.go", regexp.MustCompile(`Faultf\("[a-z_]+", ("(?:[^"\\]|\\.)*")`)},
	{"../ledger/anchor.go", regexp.MustCompile(`Faultf\("[a-z_]+", ("(?:[^"\\]|\\.)*")`)},
	{"../ledger/history.go", regexp.MustCompile(`as\.find\(("(?:[^"\\]|\\.)*")`)},
	{"../ledger/succession.go", regexp.MustCompile(`("The (?:[^"\\]|\\.)*\.")`)},
	{"../governance/standing.go", regexp.MustCompile(`s\.Trouble, (?:fmt\.Sprintf\()?("(?:[^"\\]|\\.)*")`)},
	{"../governance/seats.go", regexp.MustCompile(`t\.Refused, fmt\.Sprintf\(("(?:[^"\\]|\\.)*")`)},
	{"../keychain/keychain.go", regexp.MustCompile(`^\t[A-Z]\w+: +\{("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\},`)},
	{"../deploy/person.go", regexp.MustCompile(`^\t\w+ += ("(?:[^"\\]|\\.)*")`)},
	{"../deploy/*.go", regexp.MustCompile(`l\.Message (?:\+?=|= string\([^)]*\),) ("(?:[^"\\]|\\.)*\.")`)},
	{"../scan/dependencies.go", regexp.MustCompile(`(?:q\.cut\(|[nN]otes, fmt\.Sprintf\()("(?:[^"\\]|\\.)*")`)},
	{"../scan/package.go", regexp.MustCompile(`notes, fmt\.Sprintf\(("(?:[^"\\]|\\.)*")`)},
	{"../scan/told.go", regexp.MustCompile(`q\.cut\(("[^"]{3,}")`)},
	{"../scan/catalogue.go", regexp.MustCompile(`\[\]string\{fmt\.Sprintf\(("(?:[^"\\]|\\.)*")`)},
	{"../scan/run.go", regexp.MustCompile(`return version, fmt\.Sprintf\(("(?:[^"\\]|\\.)*")`)},
	{"own.go", regexp.MustCompile(`const keychainGone = ("(?:[^"\\]|\\.)*")`)},
}

// general are sentences that only carry another one.
var general = map[string]bool{"%s": true, "%s: %s": true}

// verbs are the places of a format string; each gets a value of its kind.
var verbs = regexp.MustCompile(`%(\.\d+)?[a-z]`)

func TestEverySentenceThatReachesAPageAsTextIsKnownAgain(t *testing.T) {
	for _, teller := range tellers {
		files, err := filepath.Glob(teller.files)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no such files (%v)", teller.files, err)
		}
		found := 0
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(source)) {
				for _, m := range teller.says.FindAllStringSubmatch(line, -1) {
					for _, literal := range m[1:] {
						format, err := strconv.Unquote(literal)
						if err != nil {
							t.Fatalf("%s: %s: %v", file, literal, err)
						}
						if found++; general[format] {
							continue
						}
						if text := verbs.ReplaceAllString(strings.Replace(strings.TrimSuffix(format, " %s"), "The %s %s was", "The environment %s was", 1), "7"); toldAs(text).Code == "" {
							t.Errorf("%s says %q, which no sentence of said_told.go is", file, format)
						}
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: nothing is said there any more that %s finds", teller.files, teller.says)
		}
	}
}

func TestTextIsToldWithItsValues(t *testing.T) {
	for _, c := range []struct {
		text, code string
		params     map[string]string
		parts      map[string]string // the code of a value that is a sentence itself
	}{
		{"Entry 1,204 of the audit trail names no act.", "told.entry_no_act", map[string]string{"entry": "1204"}, nil},
		{"The change request CR-0007 was changed outside Countersign.", "told.row_altered", map[string]string{"name": "CR-0007"}, map[string]string{"row": "told.row_request"}},
		{"CR-0007: Different contents were submitted in round 2.", "told.of", map[string]string{"label": "CR-0007"}, map[string]string{"why": "told.history_differs"}},
		{"The keychain refused. Allow Countersign to use it and try again.", toldThen, nil, map[string]string{"first": "told.key_denied", "then": "told.key_denied_remedy"}},
		{"Nothing was retrieved. Demo UAT says no.", toldThen, map[string]string{"then": "Demo UAT says no."}, map[string]string{"first": "told.not_retrieved", "then": ""}},
		{"The source was changed after the approval: classes/A.cls was changed in Demo UAT by Ola at 2026-03-10 12:00:05 UTC; classes/B.cls is gone in Demo UAT.", "told.source_moved", nil, map[string]string{"list": toldListed}},
		{"3 changed customizations are listed without the differences; open one to see them.", "told.scan_changes", map[string]string{"cut": "3"}, nil},
		{"1 dependency that Demo UAT lists could not be matched to a component.", "told.scan_unmatched", map[string]string{"count": "1", "environment": "Demo UAT"}, nil},
		{"Ana is named to deploy, not Bo. The target was changed after the approval.", toldThen, nil, map[string]string{"first": "gate.deployer_not", "then": "gate.base_not"}},
		// What an org or a person says stays as it came.
		{"In field: formula - no CustomField named Account.Tier__c found", "", nil, nil},
		{"Warning: the name is long.", "", nil, nil},
		{"", "", nil, nil},
	} {
		s := toldAs(c.text)
		if s.Code != c.code || s.Text != c.text {
			t.Errorf("%q: told as %q %q", c.text, s.Code, s.Text)
		}
		for name, want := range c.params {
			if s.Params[name] != want {
				t.Errorf("%q: %s is %q, want %q", c.text, name, s.Params[name], want)
			}
		}
		for name, want := range c.parts {
			if s.Parts[name].Code != want {
				t.Errorf("%q: %s is the sentence %q, want %q", c.text, name, s.Parts[name].Code, want)
			}
		}
	}
	moved := toldAs("a.cls was changed in Demo UAT by Ola at 2026-03-10 12:00:05 UTC")
	if moved.Params["at"] != "2026-03-10T12:00:05Z" {
		t.Errorf("a time is told as %q", moved.Params["at"])
	}
}
