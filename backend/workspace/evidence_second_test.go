package workspace

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// A taken is a file taken apart: what its manifest says and its entries, in
// order, to be changed and put together again with or without a signature.
type taken struct {
	t        *testing.T
	title    []string // the six lines of the manifest in front of the list
	kind     string
	manifest []byte
	names    []string
	data     map[string][]byte
	method   map[string]uint16
	comment  string
	by       ledger.Identity
}

func takeApart(t *testing.T, file []byte, by ledger.Identity) *taken {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	ok(t, err)
	p := &taken{t: t, by: by, data: map[string][]byte{}, method: map[string]uint16{}, kind: "bundle"}
	for i, f := range z.File {
		r, err := f.Open()
		ok(t, err)
		b, err := io.ReadAll(r)
		ok(t, err)
		if i == 0 {
			p.manifest, p.title = b, strings.SplitN(string(b), "\n", 7)[:6]
			if strings.Contains(p.title[0], "evidence") {
				p.kind = "evidence"
			}
			continue
		}
		p.names, p.data[f.Name] = append(p.names, f.Name), b
	}
	return p
}

// sign makes the manifest anew, as somebody with a key can.
func (p *taken) sign() {
	p.t.Helper()
	p.title[2], p.title[5] = "exporter "+p.by.Public(), fmt.Sprintf("entries %d", len(p.names))
	text := strings.Join(p.title, "\n") + "\n"
	for _, n := range p.names {
		text += fmt.Sprintf("%x %d %s\n", sha256.Sum256(p.data[n]), len(p.data[n]), n)
	}
	workspace := strings.TrimPrefix(p.title[1], "workspace ")
	signed, err := ledger.SignNote(p.by, ledger.Origin(workspace)+"/"+p.kind, text)
	ok(p.t, err)
	p.manifest = []byte(signed)
}

// checkpoint signs the head anew.
func (p *taken) checkpoint(head string) {
	p.t.Helper()
	h, err := ledger.ParseHead(head)
	ok(p.t, err)
	note, err := ledger.SignCheckpoint(p.by, ledger.Origin(strings.TrimPrefix(p.title[1], "workspace ")), h)
	ok(p.t, err)
	p.data["checkpoint.note"] = []byte(note)
}

func (p *taken) head() string { return strings.TrimPrefix(p.title[4], "log ") }

// file puts it together in the one form of a file, but for what a case asked.
func (p *taken) file() []byte {
	p.t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	ok(p.t, z.SetComment(p.comment))
	p.data["manifest.note"] = p.manifest
	for _, n := range append([]string{"manifest.note"}, p.names...) {
		b := p.data[n]
		if p.method[n] == zip.Deflate {
			w, err := z.Create(n)
			ok(p.t, err)
			_, err = w.Write(b)
			ok(p.t, err)
			continue
		}
		w, err := z.CreateRaw(&zip.FileHeader{Name: n, Method: zip.Store, CRC32: crc32.ChecksumIEEE(b), CompressedSize64: uint64(len(b)), UncompressedSize64: uint64(len(b))})
		ok(p.t, err)
		_, err = w.Write(b)
		ok(p.t, err)
	}
	ok(p.t, z.Close())
	return out.Bytes()
}

// change replaces in an entry what must be there.
func (p *taken) change(name, from, to string) {
	p.t.Helper()
	b := bytes.Replace(p.data[name], []byte(from), []byte(to), 1)
	if bytes.Equal(b, p.data[name]) {
		p.t.Fatalf("%s does not hold %q", name, from)
	}
	p.data[name] = b
}

// population replaces what stands between two pieces of text in the population.
func (p *taken) population(from, until, to string) {
	p.t.Helper()
	head, rest, there := strings.Cut(string(p.data["population.json"]), from)
	old, tail, ends := strings.Cut(rest, until)
	if !there || !ends || old == to {
		p.t.Fatalf("the population does not hold %s", from)
	}
	p.data["population.json"] = []byte(head + from + to + until + tail)
}

// lines edits the lines of an entry.
func (p *taken) lines(name string, edit func(lines []string) []string) {
	all := strings.Split(strings.TrimSuffix(string(p.data[name]), "\n"), "\n")
	p.data[name] = []byte(strings.Join(edit(all), "\n") + "\n")
}

// drop leaves the first entry out whose name begins so.
func (p *taken) drop(prefix string) {
	p.t.Helper()
	i := slices.IndexFunc(p.names, func(n string) bool { return strings.HasPrefix(n, prefix) })
	if i < 0 {
		p.t.Fatalf("there is no %s", prefix)
	}
	p.names = slices.Delete(p.names, i, i+1)
}

// put adds an entry, in order.
func (p *taken) put(name, text string) {
	p.names = append(p.names, name)
	slices.Sort(p.names)
	p.data[name] = []byte(text)
}

func (p *taken) first(prefix string) string {
	p.t.Helper()
	for _, n := range p.names {
		if strings.HasPrefix(n, prefix) {
			return n
		}
	}
	p.t.Fatalf("there is no %s", prefix)
	return ""
}

// acts edits the signed acts of the file; whoever holds a key sorts them again.
func (p *taken) acts(edit func(acts []ledger.SignedAct) []ledger.SignedAct) {
	p.t.Helper()
	file := p.file()
	e, err := ledger.ReadEvidence(bytes.NewReader(file), int64(len(file)))
	ok(p.t, err)
	acts := edit(e.Acts)
	slices.SortFunc(acts, func(a, b ledger.SignedAct) int {
		return strings.Compare(ledger.Digest(ledger.ActMedia, a.Payload), ledger.Digest(ledger.ActMedia, b.Payload))
	})
	var out strings.Builder
	for _, a := range acts {
		fmt.Fprintf(&out, `{"payload":"%s","sig":"%s"}`+"\n", base64.StdEncoding.EncodeToString(a.Payload), base64.StdEncoding.EncodeToString(a.Sig))
	}
	p.data["acts.jsonl"] = []byte(out.String())
}

// answersOf is what the second verifier says of every file of a folder: the
// code of the refusal, the codes of the doubts, or "ok".
func answersOf(t *testing.T, folder string) map[string]string {
	t.Helper()
	py, err := exec.LookPath("python3")
	if err != nil {
		py, err = exec.LookPath("python")
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("There is no python3, so the second verifier cannot be asked.")
		}
		t.Skip("There is no python3: the second verifier is NOT asked. build/setup.sh test installs it.")
	}
	out, err := exec.CommandContext(t.Context(), py, "../ledger/testdata/verify.py", folder).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || bytes.Contains(out, []byte("Traceback"))) {
		t.Fatalf("%v\n%s", err, out)
	}
	answers := map[string]string{}
	for line := range strings.Lines(string(out)) {
		head, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		verdict, name, _ := strings.Cut(head, " ")
		name = strings.TrimSpace(name)
		switch verdict {
		case "REFUSED":
			answers[name], _, _ = strings.Cut(rest, " ")
		case "DOUBTFUL":
			answers[name] = rest
		default:
			answers[name] = verdict
		}
	}
	return answers
}

// oursOf is what the application says of a file, in the same words. That the
// page is another one, the second verifier cannot say: see onlyOurs.
func oursOf(t *testing.T, path string) string {
	t.Helper()
	rep, err := VerifyFile(t.Context(), path, "")
	if err != nil {
		return governance.FaultCode(err)
	}
	codes := map[string]bool{}
	for _, d := range rep.Doubts {
		room, code, _ := strings.Cut(d.Code, ".")
		if room != "file" {
			code = "told"
		}
		codes[code] = true
	}
	if len(codes) > 1 {
		delete(codes, "page_differs")
	}
	if len(codes) == 0 {
		return "ok"
	}
	out := []string{}
	for c := range codes {
		out = append(out, c)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// What an auditor gets is verified by two programs that share no line. Both
// take what the application wrote, and both refuse what was changed in it,
// for the same reason: by somebody without a key, and by a member who signs the
// file anew.
func TestTwoVerifiersAgreeOnFiles(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir())
	told(t, w)
	bo, err := w.Author(ctx, Bo)
	ok(t, err)
	nobody, err := ledger.NewIdentity()
	ok(t, err)
	folder := t.TempDir()
	write := func(name string, q store.EvidenceQuery) []byte {
		t.Helper()
		path := filepath.Join(folder, name)
		_, err := w.WriteEvidence(ctx, Bo, path, q)
		ok(t, err)
		b, err := os.ReadFile(path)
		ok(t, err)
		return b
	}
	now := time.Now()
	month := store.EvidenceQuery{From: now.AddDate(0, 0, -30), To: now.AddDate(0, 0, 1)}
	good := write("good month.zip", month)
	change := write("good change.zip", store.EvidenceQuery{Request: w.storyRecord(t, "SALES-101").RequestID})
	envs, err := w.Store.Environments(ctx)
	ok(t, err)
	for _, env := range envs {
		one := month
		one.Environment = env.ID
		write("good "+env.Name+".zip", one)
	}
	for _, name := range []string{"good first bundle", "good bundle"} { // the second proves that it continues the first
		_, err = w.ExportBundle(ctx, Bo, filepath.Join(folder, name+BundleEnd), store.Selection{All: true}, "")
		ok(t, err)
	}
	bundle, err := os.ReadFile(filepath.Join(folder, "good bundle"+BundleEnd))
	ok(t, err)
	other := foreignAct(t)
	want := map[string]string{"good month.zip": "ok", "good change.zip": "ok", "good Demo Production.zip": "ok", "good Demo UAT.zip": "ok", "good first bundle.csbundle": "ok", "good bundle.csbundle": "ok"}
	keep := func(name, code string, file []byte) {
		t.Helper()
		want[name] = code
		ok(t, os.WriteFile(filepath.Join(folder, name), file, 0o600))
	}

	const damaged = "evidence_damaged"
	for _, c := range []struct {
		name, want string
		of         []byte
		resigned   bool
		edit       func(p *taken)
	}{
		{"taken apart and put together", "ok", good, false, func(*taken) {}},
		{"signed by another member", "ok", good, true, func(*taken) {}},
		// Without a key.
		{"an act altered", damaged, good, false, func(p *taken) { p.change("acts.jsonl", "e", "f") }},
		{"the page altered", damaged, good, false, func(p *taken) { p.change("evidence.html", "succeeded", "cancelled") }},
		{"the difference altered", damaged, good, false, func(p *taken) { p.change("differences.jsonl", "10.0", "90.0") }},
		{"a proof cut", damaged, good, false, func(p *taken) { p.lines("log.jsonl", func(l []string) []string { l[3] = cutProof(l[3]); return l }) }},
		{"a hash in the manifest", damaged, good, false, func(p *taken) {
			p.manifest = bytes.Replace(p.manifest, []byte(" evidence.html"), []byte("0 evidence.html"), 1)
		}},
		{"another member named as its maker", damaged, good, false, func(p *taken) {
			p.manifest = bytes.Replace(p.manifest, []byte("exporter ed25519:"), []byte("exporter ed25519:0"), 1)
		}},
		{"a later version", "evidence_other_version", good, false, func(p *taken) {
			p.manifest = bytes.Replace(p.manifest, []byte("evidence v1"), []byte("evidence v2"), 1)
		}},
		{"two entries swapped", damaged, good, false, func(p *taken) { p.names[0], p.names[1] = p.names[1], p.names[0] }},
		{"a file added", damaged, good, false, func(p *taken) { p.put("readme.txt", "Trust me.") }},
		{"a file twice", damaged, good, false, func(p *taken) { p.names = append(p.names, "population.json") }},
		{"a file left out", damaged, good, false, func(p *taken) { p.drop("results/") }},
		{"a note behind the end", damaged, good, false, func(p *taken) { p.comment = "hello" }},
		{"a bomb", damaged, good, false, func(p *taken) {
			p.data["evidence.html"], p.method["evidence.html"] = make([]byte, 32<<20), zip.Deflate
		}},
		// By a member, who signs the file anew.
		{"an act altered and signed", damaged, good, true, func(p *taken) {
			p.acts(func(a []ledger.SignedAct) []ledger.SignedAct {
				a[5].Payload = bytes.Replace(a[5].Payload, []byte(`"at":"2`), []byte(`"at":"3`), 1)
				return a
			})
		}},
		{"two signatures swapped", damaged, good, true, func(p *taken) {
			p.acts(func(a []ledger.SignedAct) []ledger.SignedAct { a[3].Sig, a[4].Sig = a[4].Sig, a[3].Sig; return a })
		}},
		{"an act of another workspace", damaged, good, true, func(p *taken) {
			p.acts(func(a []ledger.SignedAct) []ledger.SignedAct { return append(a, other) })
		}},
		{"an act left out", damaged, good, true, func(p *taken) {
			p.acts(func(a []ledger.SignedAct) []ledger.SignedAct { return a[1:] })
		}},
		{"acts in another order", damaged, good, true, func(p *taken) {
			p.lines("acts.jsonl", func(l []string) []string { l[0], l[1] = l[1], l[0]; return l })
		}},
		{"an act in another encoding", damaged, good, true, func(p *taken) { p.change("acts.jsonl", `{"payload":`, `{ "payload":`) }},
		{"the roster swapped", damaged, good, true, func(p *taken) {
			p.acts(func(a []ledger.SignedAct) []ledger.SignedAct { return swapRoster(t, a, p.by) })
		}},
		{"a proof cut and signed", damaged, good, true, func(p *taken) { p.lines("log.jsonl", func(l []string) []string { l[3] = cutProof(l[3]); return l }) }},
		{"an entry altered", damaged, good, true, func(p *taken) { p.change("log.jsonl", `\"at\":\"2`, `\"at\":\"3`) }},
		{"an entry left out", damaged, good, true, func(p *taken) { p.lines("log.jsonl", func(l []string) []string { return slices.Delete(l, 7, 8) }) }},
		{"entries in another order", damaged, good, true, func(p *taken) {
			p.lines("log.jsonl", func(l []string) []string { l[6], l[7] = l[7], l[6]; return l })
		}},
		{"a deployment left out", damaged, good, true, func(p *taken) { p.population(`"deployments":[`, `],"findings"`, "") }},
		{"a deployment left out of a change", damaged, change, true, func(p *taken) { p.population(`"deployments":[`, `],"findings"`, "") }},
		{"an ending left out", damaged, good, true, func(p *taken) { p.population(`"ending":"`, `"`, "") }},
		{"a time to come", damaged, good, true, func(p *taken) { p.population(`"to":"`, `"`, "2099-01-01T00:00:00Z") }},
		{"no time at all", damaged, good, true, func(p *taken) { p.population(`"from":"`, `"`, "soon") }},
		{"another organisation", damaged, good, true, func(p *taken) { p.change("population.json", `"places":`, `"organization":"00D000000000000","places":`) }},
		{"a third scope", damaged, good, true, func(p *taken) { p.population(`"scope":"`, `"`, "everything") }},
		{"a content altered", damaged, good, true, func(p *taken) { p.change(p.first("revisions/"), `"round":1`, `"round":2`) }},
		{"a content left out", damaged, good, true, func(p *taken) { p.drop("revisions/") }},
		{"a content of nobody", damaged, good, true, func(p *taken) { p.put("revisions/"+strings.Repeat("0", 64)+".json", "{}") }},
		{"an answer altered", damaged, good, true, func(p *taken) { p.data[p.first("results/")] = []byte("All went well.") }},
		{"an answer of nobody", damaged, good, true, func(p *taken) { p.put(fmt.Sprintf("results/%x", sha256.Sum256([]byte("x"))), "x") }},
		{"a path that leads out", damaged, good, true, func(p *taken) { p.put("../../.bashrc", "rm") }},
		{"a path from the root", damaged, good, true, func(p *taken) { p.put("/etc/passwd", "root") }},
		{"a path of Windows", damaged, good, true, func(p *taken) { p.put(`results\..\evil.exe`, "MZ") }},
		{"a file that does not belong", damaged, good, true, func(p *taken) { p.put("readme.txt", "Trust me.") }},
		{"a file too large", "evidence_too_large", good, true, func(p *taken) { p.data["checkpoint.note"] = make([]byte, 9<<20) }},
		{"an earlier head", damaged, good, true, func(p *taken) { p.checkpoint("1:" + strings.SplitN(p.head(), ":", 2)[1]) }},
		{"by a key of nobody", "stranger", good, true, func(p *taken) { p.by = nobody }},
		{"another status", "status_differs", good, true, func(p *taken) { p.population(`"status":"`, `"`, "Rejected") }},
		{"a finding when it was made", "found", good, true, func(p *taken) { p.change("population.json", `"findings":[]`, `"findings":["The disk smelled."]`) }},
		// Bundles.
		{"bundle with a bit altered", "bundle_damaged", bundle, false, func(p *taken) { p.change("acts.jsonl", "e", "f") }},
		{"bundle with its packages swapped", "bundle_damaged", bundle, true, swapPackages},
		{"bundle with a file of nobody", "bundle_damaged", bundle, true, func(p *taken) { p.put(fmt.Sprintf("blobs/%x", sha256.Sum256([]byte("x"))), "x") }},
		{"bundle with a number of nothing", "bundle_damaged", bundle, true, func(p *taken) { p.change("numbers.jsonl", `"id":"`, `"id":"x`) }},
		{"bundle with a number that none can be", "bundle_damaged", bundle, true, func(p *taken) { p.change("numbers.jsonl", `"number":`, `"number":999999`) }},
		{"bundle with another past", "bundle_damaged", bundle, true, func(p *taken) { p.change("history.jsonl", `"head":"`, `"head":"1`) }},
		{"bundle with its past unproved", "bundle_damaged", bundle, true, func(p *taken) {
			p.lines("history.jsonl", func(l []string) []string { l[0] = cutProof(l[0]); return l })
		}},
		{"bundle signed anew", "ok", bundle, true, func(*taken) {}},
	} {
		p := takeApart(t, c.of, bo.Identity)
		c.edit(p)
		if c.resigned {
			if p.by.Public() == nobody.Public() {
				p.checkpoint(p.head())
			}
			p.sign()
		}
		keep(c.name, c.want, p.file())
	}
	// A file about one change need not have every entry of the trail. Without one
	// of its acts, whichever it is, it is damaged or in doubt all the same; only
	// the last thing that was found in an org is missed by nothing but the page.
	for n := range 13 {
		p := takeApart(t, change, bo.Identity)
		p.acts(func(a []ledger.SignedAct) []ledger.SignedAct {
			a = slices.Clone(a)
			slices.SortStableFunc(a, func(x, y ledger.SignedAct) int { // those are tried elsewhere
				return cmp.Compare(strings.Count(x.Type, "recon."), strings.Count(y.Type, "recon."))
			})
			p.lines("log.jsonl", func(l []string) []string {
				return slices.DeleteFunc(l, func(line string) bool { return strings.Contains(line, a[n].ID) })
			})
			return slices.Delete(a, n, n+1)
		})
		p.sign()
		keep(fmt.Sprintf("without act %d", n+1), "", p.file())
	}
	keep("the end cut off", damaged, good[:len(good)-9])
	keep("half of it", damaged, good[:len(good)/2])
	keep("no file of ours", "bundle_not_one", []byte("Dear diary."))

	theirs, kinds := answersOf(t, folder), map[string]int{}
	files, err := os.ReadDir(folder)
	ok(t, err)
	if len(files) != len(want) || len(theirs) != len(want) {
		t.Errorf("%d files, %d answers, %d wanted", len(files), len(theirs), len(want))
	}
	for name, code := range want {
		if code == "" && theirs[name] != "ok" {
			code = theirs[name]
			kinds[code]++
		}
		if ours := oursOf(t, filepath.Join(folder, name)); ours != code || theirs[name] != code {
			t.Errorf("%s: the application says %q, the second verifier %q; want %q", name, ours, theirs[name], code)
		}
	}
	if len(kinds) < 2 {
		t.Errorf("what is missing makes no difference: %v", kinds)
	}
	onlyOurs(t, good, bo.Identity)
}

// onlyOurs is what the second verifier leaves to the first: it has no words, so
// it cannot make the page again. It does not say that it did.
func onlyOurs(t *testing.T, good []byte, by ledger.Identity) {
	t.Helper()
	alone := t.TempDir()
	p := takeApart(t, good, by)
	p.change("evidence.html", "succeeded", "cancelled")
	p.sign()
	path := filepath.Join(alone, "the page altered and signed")
	ok(t, os.WriteFile(path, p.file(), 0o600))
	if ours, theirs := oursOf(t, path), answersOf(t, alone)[filepath.Base(path)]; ours != "page_differs" || theirs != "ok" {
		t.Errorf("%q, %q", ours, theirs)
	}
}

// foreignAct is an act that is good in a workspace which is not the demo's.
func foreignAct(t *testing.T) ledger.SignedAct {
	t.Helper()
	files, err := filepath.Glob("../ledger/testdata/vectors/*.json")
	ok(t, err)
	b, err := os.ReadFile(files[0])
	ok(t, err)
	var v struct {
		Acts []struct{ Payload, Sig []byte } `json:"acts"`
	}
	ok(t, json.Unmarshal(b, &v))
	a, _, err := ledger.Open(v.Acts[1].Payload, v.Acts[1].Sig)
	ok(t, err)
	return a
}

// swapRoster replaces the founding act by one with another member, signed by
// the founder.
func swapRoster(t *testing.T, acts []ledger.SignedAct, by ledger.Identity) []ledger.SignedAct {
	t.Helper()
	i := slices.IndexFunc(acts, func(a ledger.SignedAct) bool { return a.Type == "gov.genesis" && a.Key == by.Public() })
	if i < 0 {
		t.Fatal("the founder is somebody else")
	}
	swapped := bytes.Replace(acts[i].Payload, []byte("Cy Approver"), []byte("Ed Approver"), 1)
	if bytes.Equal(swapped, acts[i].Payload) {
		t.Fatal("nobody was swapped")
	}
	acts[i].Payload, acts[i].Sig = swapped, ed25519.Sign(ed25519.NewKeyFromSeed(by.Seed()), ledger.PAE(ledger.ActMedia, swapped))
	return acts
}

// cutProof takes the last hash of an entry's proof away.
func cutProof(line string) string {
	i := strings.LastIndex(line, `,"`)
	return line[:i] + "]}"
}

var twoPackages = regexp.MustCompile(`"package":"([0-9a-f]{64})","reverse":"([0-9a-f]{64})"`)

// swapPackages names what undoes a record as what it deploys.
func swapPackages(p *taken) {
	b := p.data["contents.jsonl"]
	if p.data["contents.jsonl"] = twoPackages.ReplaceAll(b, []byte(`"package":"$2","reverse":"$1"`)); bytes.Equal(b, p.data["contents.jsonl"]) {
		p.t.Fatal("no record has two packages")
	}
}
