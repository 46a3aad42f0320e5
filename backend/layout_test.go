// Package backend has no code: this test holds who may import whom.
package backend

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// house is the table of the design: what each package may import of ours.
var house = map[string][]string{
	"governance":        {},
	"metadata":          {},
	"ledger":            {"governance", "metadata"},
	"store":             {"governance", "ledger"},
	"salesforce":        {"governance", "metadata"},
	"demoorg":           {"metadata", "demoorg/sample"},
	"salesforce/badnet": {}, // of tests alone
	"demoorg/sample":    {},
	"keychain":          {"governance"},
	"scan":              {"governance", "metadata", "ledger", "salesforce", "store"},
	"deploy":            {"governance", "metadata", "ledger", "salesforce", "store"},
	"workspace":         {"governance", "metadata", "ledger", "store", "salesforce", "demoorg", "demoorg/sample", "keychain", "scan", "deploy"},
	"terminal":          {"workspace", "governance", "metadata", "ledger", "store", "salesforce", "demoorg", "demoorg/sample", "keychain", "scan", "deploy"},
}

// outside says which imports from elsewhere belong to one package alone.
var outside = map[string][]string{
	"gorm.io/":                       {"store"},
	"github.com/glebarez/":           {"store"},
	"database/sql":                   {"store"},
	"github.com/zalando/go-keyring":  {"keychain"},
	"net/http":                       {"salesforce", "salesforce/badnet", "demoorg", "workspace", "terminal"},
	"github.com/wailsapp/":           {},
	"golang.org/x/mod/sumdb/note":    {"ledger"},
	"filippo.io/edwards25519":        {"ledger"},
	"crypto/ed25519":                 {"ledger"},
	"archive/zip":                    {"metadata", "demoorg", "ledger"},
	"filippo.io/age":                 {"ledger"},
	"golang.org/x/mod/sumdb/dirhash": {"metadata"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Module     struct{ Path string }
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Module", "./...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestWhoMayImportWhom(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		room := strings.TrimPrefix(p.ImportPath, "countersign/backend/")
		if room == "countersign/backend" || strings.HasPrefix(room, "terminal/") {
			continue
		}
		may, known := house[room]
		if !known {
			t.Errorf("%s is not in the table of the house", room)
			continue
		}
		seen++
		for _, i := range p.Imports {
			if ours, is := strings.CutPrefix(i, "countersign/"); is {
				if of := strings.TrimPrefix(ours, "backend/"); !slices.Contains(may, of) {
					t.Errorf("%s imports %s", room, ours)
				}
				continue
			}
			for prefix, rooms := range outside {
				if strings.HasPrefix(i, prefix) && !slices.Contains(rooms, room) {
					t.Errorf("%s imports %s, which belongs to %v", room, i, rooms)
				}
			}
			if (room == "governance") && strings.Contains(strings.SplitN(i, "/", 2)[0], ".") {
				t.Errorf("governance uses the standard library only, not %s", i)
			}
		}
	}
	if seen != len(house) {
		t.Errorf("saw %d packages of the %d in the table", seen, len(house))
	}
}

// Only ledger makes a verified History: nothing else may call the function
// that arranges one.
func TestOnlyLedgerAssemblesAHistory(t *testing.T) {
	called := regexp.MustCompile(`governance\.AssembleHistory\(`)
	found := false
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "layout_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || !called.Match(b) {
			return err
		}
		if filepath.Base(filepath.Dir(path)) != "ledger" {
			t.Errorf("%s calls governance.AssembleHistory", path)
		}
		found = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Error("nothing calls governance.AssembleHistory; has it been renamed?")
	}
}

// The rules know no clock and no randomness: these come in as values.
func TestRulesHaveNoClock(t *testing.T) {
	clock := regexp.MustCompile(`\btime\.(Now|Since|After|Sleep|Tick)\(|math/rand|crypto/rand`)
	for _, room := range []string{"governance", "metadata"} {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", room, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if m := clock.Find(b); m != nil {
				t.Errorf("%s uses %s", f, m)
			}
		}
	}
}
