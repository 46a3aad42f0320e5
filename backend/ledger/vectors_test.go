package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

var update = flag.Bool("update", false, "write testdata/vectors anew")

const vectorsFolder = "testdata/vectors"

// A vector is one attack, or one honest workspace, as a file that needs nothing
// else: what is known, what the gate is asked, and what it must answer. The
// files are read by this test and by testdata/verify.py.
type vector struct {
	Name      string            `json:"name"`
	Why       string            `json:"why"` // why it is an attack, or what is good about it
	Workspace string            `json:"workspace"`
	Acts      []vectorAct       `json:"acts"`
	Revisions map[string][]byte `json:"revisions"` // canonical bytes by digest
	Question  vectorQuestion    `json:"question"`
	Expected  vectorAnswer      `json:"expected"`
}

type vectorAct struct {
	Payload []byte `json:"payload"`
	Sig     []byte `json:"sig"`
}

// A vectorPart is a row as the question tells it: its status column, and the
// digest of its content now.
type vectorPart struct {
	ID     string            `json:"id"`
	Status governance.Status `json:"status"`
	Digest string            `json:"digest"`
}

type vectorQuestion struct {
	Kind       governance.AttemptKind     `json:"kind"`
	Request    vectorPart                 `json:"request"`
	Record     vectorPart                 `json:"record"`
	Package    string                     `json:"package"`
	Base       string                     `json:"base"`
	Target     string                     `json:"target"`
	TargetKind governance.EnvironmentKind `json:"targetKind"`
	Deployer   string                     `json:"deployer"`
	Validation string                     `json:"validation"`
	Findings   []string                   `json:"findings"` // of the database; acts that are left out come on top
	Now        string                     `json:"now"`
}

// A vectorAnswer is what must come out. Code is the one reason that the case is
// there for: of the first check of the gate that does not hold, or "act" when an
// act is left out. The rest is what follows from it.
type vectorAnswer struct {
	Open    bool              `json:"open"`
	Code    string            `json:"code"`
	Checks  []string          `json:"checks"`  // every check that does not hold, in the gate's order
	LeftOut map[string]string `json:"leftOut"` // acts that are no acts of this workspace, by digest of the payload
	Broken  []string          `json:"broken"`  // acts that are in the history and never count
	Counted []string          `json:"counted"` // approvals that opened the gate
}

func (q vectorQuestion) over(h *governance.History, findings []string) governance.Question {
	now, _ := time.Parse(time.RFC3339, q.Now) // a wrong one is the year 1, and opens nothing
	return governance.Question{History: h,
		Request: &governance.ChangeRequest{ID: q.Request.ID, Status: q.Request.Status}, RequestDigest: q.Request.Digest,
		Record: &governance.DeploymentRecord{ID: q.Record.ID, Status: q.Record.Status}, RecordDigest: q.Record.Digest,
		Kind: q.Kind, Package: q.Package, Base: q.Base, Target: q.Target, TargetKind: q.TargetKind, Deployer: q.Deployer,
		Validation: q.Validation, Findings: slices.Concat(q.Findings, findings), Now: now}
}

// answer runs a vector through the ledger and the gate.
func (v *vector) answer(t testing.TB) vectorAnswer {
	t.Helper()
	out := vectorAnswer{LeftOut: map[string]string{}, Broken: []string{}, Checks: []string{}, Counted: []string{}}
	rows := []ledger.SignedAct{}
	for _, a := range v.Acts {
		row, _, err := ledger.Open(a.Payload, a.Sig)
		if err != nil {
			row = ledger.SignedAct{ID: ledger.Digest(ledger.ActMedia, a.Payload), Workspace: v.Workspace, Payload: a.Payload, Sig: a.Sig}
			out.LeftOut[row.ID] = whyUnopened(a, err)
		} else if row.Workspace != v.Workspace {
			out.LeftOut[row.ID] = "workspace"
		}
		rows = append(rows, row)
	}
	h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: v.Workspace, Acts: rows, Revisions: v.Revisions})
	must(t, err)
	for _, r := range rows {
		a := h.Act(r.ID)
		if (a == nil) != (out.LeftOut[r.ID] != "") {
			t.Errorf("%s: the act %s is left out: %v, and opens: %q", v.Name, r.ID, a == nil, out.LeftOut[r.ID])
		}
		if a != nil && (a.Broken != "" || a.Member == "") && !slices.Contains(out.Broken, a.ID) {
			out.Broken = append(out.Broken, a.ID)
		}
	}
	slices.Sort(out.Broken)
	d := governance.Gate(v.Question.over(h, findings))
	out.Open, out.Checks = d.Open, refusedBy(d)
	if out.Counted = append(out.Counted, d.Counted...); !d.Open {
		out.Code = out.Checks[0]
	}
	slices.Sort(out.Counted)
	if len(out.LeftOut) > 0 && out.Code == "trail" {
		out.Code = "act"
	}
	return out
}

// whyUnopened names what is wrong with bytes that are no act, in the order in
// which they are looked at: the key, the signature, the form, what is said.
func whyUnopened(a vectorAct, err error) string {
	var peek struct {
		Key string `json:"key"`
	}
	if json.Unmarshal(a.Payload, &peek) != nil {
		return "canonical"
	}
	if ledger.CheckPublic(peek.Key) != nil {
		return "key"
	}
	key, _ := hex.DecodeString(strings.TrimPrefix(peek.Key, "ed25519:"))
	switch {
	case !ed25519.Verify(key, ledger.PAE(ledger.ActMedia, a.Payload), a.Sig):
		return "signature"
	case errors.Is(err, ledger.ErrNotCanonical):
		return "canonical"
	}
	return "form"
}

// made signs a case's workspace with keys of fixed seeds, so that it is the same
// every time.
func made(t testing.TB, c attack) vector {
	t.Helper()
	edit := c.charter
	if edit == nil {
		edit = func(*governance.Charter) {}
	}
	w := newWorld(t, edit)
	q := c.do(w)
	v := vector{Name: c.name, Why: c.why, Workspace: w.ws, Acts: []vectorAct{}, Revisions: w.revs, Question: vectorQuestion{
		Kind: q.Kind, Request: vectorPart{q.Request.ID, q.Request.Status, q.RequestDigest}, Record: vectorPart{q.Record.ID, q.Record.Status, q.RecordDigest},
		Package: q.Package, Base: q.Base, Target: q.Target, TargetKind: q.TargetKind, Deployer: q.Deployer, Validation: q.Validation,
		Findings: []string{}, Now: q.Now.Format(time.RFC3339)}}
	if c.database != "" {
		v.Question.Findings = []string{c.database}
	}
	for _, a := range w.acts {
		v.Acts = append(v.Acts, vectorAct{a.Payload, a.Sig})
	}
	v.Expected = v.answer(t)
	if v.Expected.Code != c.code {
		t.Errorf("%s: refused by %q and %v, and not by %q", c.name, v.Expected.Code, v.Expected.Checks, c.code)
	}
	return v
}

func (v *vector) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	must(t, err)
	return append(b, '\n')
}

// The files are what their generator makes, byte for byte, and no others.
func TestVectorsAreMadeFromFixedSeeds(t *testing.T) {
	names := map[string]bool{}
	for _, c := range attacks() {
		if names[c.name] || c.why == "" {
			t.Fatalf("%s is there twice, or says nothing", c.name)
		}
		names[c.name] = true
		v := made(t, c)
		file, b := filepath.Join(vectorsFolder, c.name+".json"), v.bytes(t)
		if *update {
			must(t, os.MkdirAll(vectorsFolder, 0o755))
			must(t, os.WriteFile(file, b, 0o644))
		}
		have, err := os.ReadFile(file)
		must(t, err)
		if !bytes.Equal(bytes.ReplaceAll(have, []byte("\r\n"), []byte("\n")), b) {
			t.Errorf("%s is not what is made; look at why, then run this test with -update", file)
		}
	}
	if len(names) < 60 {
		t.Errorf("there are only %d vectors", len(names))
	}
	for _, v := range vectors(t) {
		if !names[v.Name] {
			t.Errorf("nothing makes the vector %s", v.Name)
		}
	}
}

// vectors reads the files.
func vectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(vectorsFolder, "*.json"))
	must(t, err)
	out := make([]vector, len(files))
	for i, file := range files {
		b, err := os.ReadFile(file)
		must(t, err)
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		must(t, d.Decode(&out[i]))
		if out[i].Name+".json" != filepath.Base(file) {
			t.Errorf("%s calls itself %s", file, out[i].Name)
		}
	}
	return out
}

// Every file gets its one answer from the ledger and the gate, in whatever order
// the acts arrive.
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			want, err := json.Marshal(v.Expected)
			must(t, err)
			for _, order := range []string{"as made", "the other way round"} {
				got, err := json.Marshal(v.answer(t))
				must(t, err)
				if !bytes.Equal(got, want) {
					t.Errorf("%s: %s\nwant %s", order, got, want)
				}
				slices.Reverse(v.Acts)
			}
		})
	}
}

// python is an interpreter for the second verifier.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("There is no python3, so the second verifier cannot be asked.")
	}
	t.Skip("There is no python3: the second verifier is NOT asked. build/setup.sh test installs it.")
	return ""
}

// An implementation that shares no line with ours gives every vector the same
// answer; and it is shown to notice when an answer is wrong.
func TestTheSecondVerifierAgrees(t *testing.T) {
	t.Parallel()
	py := python(t)
	out, err := exec.Command(py, "testdata/verify.py", vectorsFolder).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, v := range vectors(t) {
		if !strings.Contains(string(out), "ok   "+v.Name+": ") {
			t.Errorf("it says nothing about %s:\n%s", v.Name, out)
		}
	}
	v := vectors(t)[0]
	v.Expected.Open = !v.Expected.Open
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, v.Name+".json"), v.bytes(t), 0o600))
	var exit *exec.ExitError
	if out, err := exec.Command(py, "testdata/verify.py", dir).CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("a wrong answer is not noticed: %v\n%s", err, out)
	}
}

// The second verifier has the table of metadata types as a file: it is ours.
func TestTheSecondVerifiersTable(t *testing.T) {
	b, err := os.ReadFile("testdata/categories.json")
	must(t, err)
	table, size := map[governance.Category][]string{}, 0
	must(t, json.Unmarshal(b, &table))
	for category, types := range table {
		for _, typ := range types {
			if size++; governance.CategoryOf(typ) != category {
				t.Errorf("%s is %s here, and %s there", typ, governance.CategoryOf(typ), category)
			}
		}
	}
	source, err := os.ReadFile("../governance/category.go")
	must(t, err)
	_, ours, _ := strings.Cut(string(source), "var typesOf = ")
	ours, _, _ = strings.Cut(ours, "\n}")
	if n := strings.Count(ours, `"`) / 2; n != size {
		t.Errorf("it has %d types, and ours %d", size, n)
	}
}
