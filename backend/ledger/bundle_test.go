package ledger_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
)

// treeZip is a tree as Run Scan keeps one.
func treeZip(t testing.TB, body string) ([]byte, *metadata.Tree) {
	t.Helper()
	tree, err := metadata.NewTree(map[string][]byte{"classes/Billing.cls": []byte(body), "package.xml": []byte("<Package/>")})
	must(t, err)
	var b bytes.Buffer
	must(t, tree.WriteZip(&b, ""))
	return b.Bytes(), tree
}

// shipment is everything of an approved change with an attachment and trees.
func shipment(t testing.TB) (*world, ledger.Contents) {
	t.Helper()
	w := newWorld(t)
	attached := []byte("a drawing")
	sum := sha256.Sum256(attached)
	w.request.Attachments = []governance.Attachment{{Name: "drawing.png", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(attached))}}
	pack, packTree := treeZip(t, "public class Billing {}")
	base, baseTree := treeZip(t, "public class Billing { /* old */ }")
	w.record.Package, w.record.Reverse = packTree.Hash(), baseTree.Hash()
	w.record.Base, w.record.NormalForm = baseTree.Content().NormalHash(), metadata.NormalForm
	w.approved()

	// A trail of four entries, of which the first two were shown before.
	var hashes ledger.StoredHashes
	heads := []ledger.Head{}
	for n := range int64(4) {
		_, hs, err := ledger.AppendHashes(n, "act", []byte(fmt.Sprint(n)), hashes)
		must(t, err)
		hashes = append(hashes, hs...)
		h, err := ledger.HeadAt(n+1, hashes)
		must(t, err)
		heads = append(heads, h)
	}
	past, err := ledger.ProvePast(hashes, heads[3], heads[:2])
	must(t, err)
	note, err := ledger.SignCheckpoint(w.people["rita"].key, ledger.Origin(w.ws), heads[3])
	must(t, err)
	draft := ledger.Draft{After: []string{}, Authors: []string{"rita"}, CreatedAt: ledger.DraftTime(start), UpdatedAt: ledger.DraftTime(start),
		Content: (&governance.ChangeRequest{ID: "request-2", Name: "Later", Overview: "Not yet.", Type: governance.Minor}).RevisionIn(w.ws, 0)}
	parts := []ledger.Part{}
	for _, b := range [][]byte{attached, pack, base} {
		parts = append(parts, ledger.BytesPart("", b))
	}
	return w, ledger.Contents{Workspace: w.ws, Created: w.now, Checkpoint: note, Heads: past, Acts: w.acts, Revisions: w.revs,
		Frozen: []ledger.Frozen{{Base: parts[2].SHA256, Package: parts[1].SHA256, Reverse: parts[2].SHA256, Revision: w.record.Revision}},
		Drafts: []ledger.Draft{draft}, Numbers: []ledger.Numbered{{ID: draft.Content.ID, Number: 3}}, Blobs: parts}
}

func written(t testing.TB, w *world, c ledger.Contents) []byte {
	t.Helper()
	var b bytes.Buffer
	sum, err := ledger.WriteBundle(&b, w.people["rita"].key, c)
	must(t, err)
	if got := sha256.Sum256(b.Bytes()); hex.EncodeToString(got[:]) != sum {
		t.Fatal("the hash that came back is not that of the file")
	}
	return b.Bytes()
}

func readBundle(b []byte) (*ledger.Bundle, error) {
	return ledger.ReadBundle(bytes.NewReader(b), int64(len(b)))
}

func TestABundleBringsWhatWasSent(t *testing.T) {
	w, c := shipment(t)
	raw := written(t, w, c)
	b, err := readBundle(raw)
	must(t, err)
	if b.Workspace != w.ws || b.Exporter != w.people["rita"].key.Public() || len(b.Acts) != len(w.acts) || len(b.Requests) != 1 || len(b.Records) != 1 ||
		len(b.Drafts) != 1 || len(b.Blobs) != 3 || len(b.Heads) != 2 || b.Head.Size != 4 || b.Frozen[w.record.Revision].Package != c.Blobs[1].SHA256 {
		t.Fatalf("%+v", b)
	}
	for i, blob := range c.Blobs {
		r, err := b.OpenBlob(blob.SHA256)
		must(t, err)
		got, err := io.ReadAll(r)
		must(t, err)
		from, _ := blob.Open()
		want, _ := io.ReadAll(from)
		if !bytes.Equal(got, want) {
			t.Errorf("file %d differs", i)
		}
	}
	// What comes out makes the same history as what went in.
	h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: b.Workspace, Acts: b.Acts, Revisions: b.Revisions})
	must(t, err)
	if len(findings) > 0 || h.RecordStanding(dr).Status != governance.Approved {
		t.Fatalf("%v %v", findings, h.RecordStanding(dr).Status)
	}
	// One content has one file.
	slices.Reverse(c.Acts)
	slices.Reverse(c.Blobs)
	if again := written(t, w, c); !bytes.Equal(raw, again) {
		t.Error("the same content made another file")
	}
}

func TestEveryTruncationAndFlipOfABundleIsRefused(t *testing.T) {
	t.Parallel()
	w, c := shipment(t)
	raw := written(t, w, c)
	for n := range len(raw) {
		if n > 4096 && n%17 != 0 && n < len(raw)-4096 {
			continue
		}
		if _, err := readBundle(raw[:n]); !refused(err) {
			t.Fatalf("%d bytes of it: %v", n, err)
		}
	}
	if _, err := readBundle(append(slices.Clone(raw), 0)); !refused(err) {
		t.Fatalf("a byte behind it: %v", err)
	}
	if _, err := readBundle(append([]byte{0}, raw...)); !refused(err) {
		t.Fatalf("a byte before it: %v", err)
	}
	r := rand.New(rand.NewSource(1))
	flips := []int{}
	for i := 0; i < len(raw)*8; i += 1 + r.Intn(200) {
		flips = append(flips, i)
	}
	for i := range 8 * 300 { // the container itself, every bit of it
		flips = append(flips, i, len(raw)*8-1-i)
	}
	wrong := make([]error, len(flips))
	ledger.InParallel(len(flips), func(i int) {
		b := slices.Clone(raw)
		b[flips[i]/8] ^= 1 << (flips[i] % 8)
		if _, err := readBundle(b); !refused(err) {
			wrong[i] = fmt.Errorf("bit %d: %w", flips[i], errors.Join(err, errors.New("taken")))
		}
	})
	if err := errors.Join(wrong...); err != nil {
		t.Fatal(err)
	}
	t.Logf("a bundle of %d bytes, %d bits flipped", len(raw), len(flips))
}

// refused: with a sentence for a person, and nothing came back.
func refused(err error) bool {
	return strings.HasPrefix(governance.FaultCode(err), "bundle_") || governance.FaultCode(err) == "bad_key"
}

// An entry is one of a bundle that somebody makes who has a key and no scruples.
type entry struct {
	name, body string
	method     uint16
	claim      uint64 // instead of the true size, in the directory
	extra      []byte
	comment    string
	mode       fs.FileMode
}

func unpack(t testing.TB, raw []byte) []entry {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	must(t, err)
	out := []entry{}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		out = append(out, entry{name: f.Name, body: string(b)})
	}
	return out[1:] // without the manifest
}

// forge signs a manifest for whatever entries there are.
func forge(t testing.TB, w *world, entries []entry, edit func(manifest string) string) []byte {
	t.Helper()
	old := written(t, w, ledger.Contents{Workspace: w.ws, Created: w.now, Checkpoint: checkpointOf(t, w)})
	z, err := zip.NewReader(bytes.NewReader(old), int64(len(old)))
	must(t, err)
	r, err := z.File[0].Open()
	must(t, err)
	signed, err := io.ReadAll(r)
	must(t, err)
	lines := strings.Split(string(signed), "\n")[:5]
	for _, e := range entries {
		if e.name == "checkpoint.note" { // the head that the manifest names is that of the checkpoint
			_, h, err := ledger.OpenCheckpoint(e.body, w.people["rita"].key.Public())
			if err == nil {
				lines[4] = "log " + h.String()
			}
		}
	}
	text := strings.Join(append(lines, fmt.Sprintf("entries %d", len(entries))), "\n") + "\n"
	for _, e := range entries {
		text += fmt.Sprintf("%x %d %s\n", sha256.Sum256([]byte(e.body)), len(e.body), e.name)
	}
	if edit != nil {
		text = edit(text)
	}
	note, err := ledger.SignNote(w.people["rita"].key, ledger.Origin(w.ws)+"/bundle", text)
	must(t, err)
	return packed(t, append([]entry{{name: "manifest.note", body: note}}, entries...))
}

func packed(t testing.TB, entries []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		if e.method == zip.Deflate {
			into, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
			must(t, err)
			_, err = into.Write([]byte(e.body))
			must(t, err)
			continue
		}
		size := uint64(len(e.body))
		if e.claim > 0 {
			size = e.claim
		}
		head := &zip.FileHeader{Name: e.name, Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(e.body)), CompressedSize64: size, UncompressedSize64: size, Extra: e.extra, Comment: e.comment}
		if e.mode != 0 {
			head.SetMode(e.mode)
		}
		into, err := z.CreateRaw(head)
		must(t, err)
		_, err = into.Write([]byte(e.body))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func checkpointOf(t testing.TB, w *world) string {
	t.Helper()
	note, err := ledger.SignCheckpoint(w.people["rita"].key, ledger.Origin(w.ws), ledger.Head{Size: 1, Root: tlog.RecordHash([]byte("x"))})
	must(t, err)
	return note
}

func named(entries []entry, name string) *entry {
	for i := range entries {
		if strings.HasPrefix(entries[i].name, name) {
			return &entries[i]
		}
	}
	return &entry{}
}

func sorted(entries []entry) []entry {
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return entries
}

// A member with a key makes bundles that are signed and hostile.
func TestHostileBundlesAreRefused(t *testing.T) {
	t.Parallel()
	w, c := shipment(t)
	raw := written(t, w, c)
	if _, err := readBundle(forge(t, w, unpack(t, raw), nil)); err != nil {
		t.Fatalf("the forge does not make what it copies: %v", err)
	}
	other := newWorld(t, func(c *governance.Charter) { c.Nonce = "another" })
	stranger := func(name, body string) func([]entry) []entry {
		return func(e []entry) []entry { return sorted(append(e, entry{name: name, body: body})) }
	}
	hexOf := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	line := func(a ledger.SignedAct) string {
		return fmt.Sprintf("{\"payload\":%q,\"sig\":%q}\n", base64.StdEncoding.EncodeToString(a.Payload), base64.StdEncoding.EncodeToString(a.Sig))
	}
	swap := func(name string, edit func(string) string) func([]entry) []entry {
		return func(e []entry) []entry { n := named(e, name); n.body = edit(n.body); return e }
	}
	lines := func(edit func([]string) []string) func([]entry) []entry {
		return swap("acts.jsonl", func(s string) string { return strings.Join(edit(strings.SplitAfter(s, "\n")), "") })
	}
	for _, h := range []struct {
		name string
		do   func([]entry) []entry
		code string
	}{
		{"a path upwards", stranger("../evil", "x"), "bundle_damaged"},
		{"an absolute path", stranger("/etc/passwd", "x"), "bundle_damaged"},
		{"a path of Windows", stranger(`blobs\..\evil`, "x"), "bundle_damaged"},
		{"an entry that has no place", stranger("readme.txt", "x"), "bundle_damaged"},
		{"a folder", stranger("blobs/", ""), "bundle_damaged"},
		{"a name with a zero byte", stranger("blobs/\x00", "x"), "bundle_damaged"},
		{"a name in another alphabet", stranger("drafts/requęst.json", "x"), "bundle_damaged"},
		{"a file that nothing names", stranger("blobs/"+hexOf("x"), "x"), "bundle_damaged"},
		{"a file under another's hash", stranger("blobs/"+hexOf("y"), "x"), "bundle_damaged"},
		{"an empty bundle", func([]entry) []entry { return nil }, "bundle_damaged"},
		{"without its acts", func(e []entry) []entry { return e[1:] }, "bundle_damaged"},
		{"without its checkpoint", func(e []entry) []entry {
			return slices.DeleteFunc(e, func(e entry) bool { return e.name == "checkpoint.note" })
		}, "bundle_damaged"},
		{"out of order", func(e []entry) []entry { e[0], e[1] = e[1], e[0]; return e }, "bundle_damaged"},
		{"an entry twice", func(e []entry) []entry { return sorted(append(e, e[0])) }, "bundle_damaged"},
		{"an act twice", lines(func(l []string) []string { return append(l[:1:1], l...) }), "bundle_damaged"},
		{"acts out of order", lines(func(l []string) []string { l[0], l[1] = l[1], l[0]; return l }), "bundle_damaged"},
		{"an empty line among the acts", lines(func(l []string) []string { return append([]string{"\n"}, l...) }), "bundle_damaged"},
		{"acts without an end", lines(func(l []string) []string { return []string{strings.TrimSuffix(l[0], "\n")} }), "bundle_damaged"},
		{"an act in another form", swap("acts.jsonl", func(s string) string { return strings.Replace(s, `{"payload"`, `{ "payload"`, 1) }), "bundle_damaged"},
		{"an act with more in it", swap("acts.jsonl", func(s string) string { return strings.Replace(s, `"}`, `","x":"y"}`, 1) }), "bundle_damaged"},
		{"an act of another workspace", swap("acts.jsonl", func(string) string { return line(other.acts[0]) }), "bundle_damaged"},
		{"an act whose signature is another's", swap("acts.jsonl", func(string) string {
			a := w.acts[0]
			a.Sig = w.acts[1].Sig
			return line(a)
		}), "bundle_damaged"},
		{"an act that is far too long", swap("acts.jsonl", func(string) string {
			return `{"payload":"` + strings.Repeat("A", 3<<20) + `","sig":""}` + "\n"
		}), "bundle_damaged"},
		{"content that was changed", swap("revisions/", func(s string) string { return strings.Replace(s, `"round":1`, `"round":2`, 1) }), "bundle_damaged"},
		{"content without its acts", swap("acts.jsonl", func(string) string { return line(w.acts[0]) }), "bundle_damaged"},
		{"a draft of another name", func(e []entry) []entry { named(e, "drafts/").name = "drafts/request-3.json"; return sorted(e) }, "bundle_damaged"},
		{"a draft of another workspace", swap("drafts/", func(s string) string { return strings.Replace(s, w.ws, other.ws, 1) }), "bundle_damaged"},
		{"a draft by nobody", swap("drafts/", func(s string) string { return strings.Replace(s, `["rita"]`, `[]`, 1) }), "bundle_damaged"},
		{"a history that proves nothing", swap("history.jsonl", func(s string) string {
			return strings.Replace(s, `"proof":["`, `"proof":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","`, 1)
		}), "bundle_damaged"},
		{"another's checkpoint", swap("checkpoint.note", func(string) string {
			n, _ := ledger.SignCheckpoint(w.people["ann"].key, ledger.Origin(w.ws), ledger.Head{Size: 4})
			return n
		}), "bundle_damaged"},
		{"trees that are not those of the record", swap("contents.jsonl", func(s string) string { return strings.ReplaceAll(s, c.Blobs[1].SHA256, c.Blobs[2].SHA256) }), "bundle_damaged"},
		{"a number of nothing in it", swap("numbers.jsonl", func(s string) string { return strings.Replace(s, `"id":"`, `"id":"x`, 1) }), "bundle_damaged"},
		{"a number that none can be", swap("numbers.jsonl", func(s string) string { return strings.Replace(s, `"number":`, `"number":9999999`, 1) }), "bundle_damaged"},
		{"a number twice", swap("numbers.jsonl", func(s string) string { return s + s }), "bundle_damaged"},
		{"a tree that is missing", func(e []entry) []entry {
			return slices.DeleteFunc(e, func(e entry) bool { return e.name == "blobs/"+c.Blobs[1].SHA256 })
		}, "bundle_damaged"},
		{"a packed entry, as bombs have them", func(e []entry) []entry {
			e[0].method, e[0].body = zip.Deflate, strings.Repeat("\x00", 64<<20)
			return e
		}, "bundle_damaged"},
		{"a symbolic link", func(e []entry) []entry { e[0].mode = fs.ModeSymlink | 0o777; return e }, "bundle_damaged"},
		{"a program", func(e []entry) []entry { e[0].mode = 0o755; return e }, "bundle_damaged"},
		{"an extra field", func(e []entry) []entry { e[0].extra = []byte{1, 0, 1, 0, 7}; return e }, "bundle_damaged"},
		{"a comment", func(e []entry) []entry { e[0].comment = "hello"; return e }, "bundle_damaged"},
		{"a size that is not true", func(e []entry) []entry { e[0].claim = uint64(len(e[0].body)) + 9; return e }, "bundle_damaged"},
		{"a size beyond everything", func(e []entry) []entry { e[0].claim = 1 << 40; return e }, "bundle_damaged"},
	} {
		t.Run(h.name, func(t *testing.T) {
			b, err := readBundle(forge(t, w, h.do(unpack(t, raw)), nil))
			if b != nil || governance.FaultCode(err) != h.code {
				t.Errorf("%v", err)
			}
		})
	}
	for _, h := range []struct {
		name string
		edit func(string) string
		code string
	}{
		{"of a later version", func(s string) string { return strings.Replace(s, "bundle v1", "bundle v2", 1) }, "bundle_other_version"},
		{"an evidence file", func(s string) string { return strings.Replace(s, "countersign bundle", "countersign evidence", 1) }, "bundle_not_one"},
		{"another's name on it", func(s string) string { return strings.Replace(s, "exporter ed25519:", "exporter ed25519:0", 1) }, "bundle_damaged"},
		{"an entry more than there are", func(s string) string { return s + strings.Repeat("0", 64) + " 1 zzz\n" }, "bundle_damaged"},
		{"a size with a sign", func(s string) string { return strings.Replace(s, " blobs/", "+ blobs/", 1) }, "bundle_damaged"},
		{"a count that is not true", func(s string) string { return strings.Replace(s, "entries ", "entries 1", 1) }, "bundle_damaged"},
		{"another trail", func(s string) string { return strings.Replace(s, "log 4:", "log 5:", 1) }, "bundle_damaged"},
		{"a time in another form", func(s string) string { return strings.Replace(s, "Z\nlog", "+00:00\nlog", 1) }, "bundle_damaged"},
	} {
		t.Run(h.name, func(t *testing.T) {
			if b, err := readBundle(forge(t, w, unpack(t, raw), h.edit)); b != nil || governance.FaultCode(err) != h.code {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a directory that claims too much", func(t *testing.T) {
		b := slices.Clone(raw)
		b[len(b)-12], b[len(b)-11] = 0xff, 0xff
		if _, err := readBundle(b); governance.FaultCode(err) != "bundle_too_large" {
			t.Error(err)
		}
	})
	t.Run("more than it takes", func(t *testing.T) {
		if _, err := ledger.ReadBundle(bytes.NewReader(raw), 257<<20); governance.FaultCode(err) != "bundle_too_large" {
			t.Error(err)
		}
	})
	for name, b := range map[string]string{"nothing": "", "a letter": strings.Repeat("Dear Sir. ", 99), "some other zip": string(packed(t, []entry{{name: "a.txt", body: "b"}}))} {
		if _, err := readBundle([]byte(b)); governance.FaultCode(err) != "bundle_not_one" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSealedBundles(t *testing.T) {
	t.Parallel()
	w, c := shipment(t)
	raw := written(t, w, c)
	var b bytes.Buffer
	into, err := ledger.Seal(&b, "four words and a comma")
	must(t, err)
	_, err = into.Write(raw)
	must(t, errors.Join(err, into.Close()))
	dear := b.Bytes()
	open := func(b []byte, passphrase string) error {
		r, n, err := ledger.Unseal(bytes.NewReader(b), int64(len(b)), passphrase)
		if err != nil {
			return err
		}
		_, err = ledger.ReadBundle(r, n)
		return err
	}
	must(t, open(dear, "four words and a comma"))
	if !bytes.Contains(dear, []byte(" 18\n")) {
		t.Error("its passphrase is cheap to guess")
	}
	sealed := cheaply(t, raw, "four words and a comma")
	if !ledger.IsSealed(bytes.NewReader(sealed)) || ledger.IsSealed(bytes.NewReader(raw)) {
		t.Error("it is not told apart")
	}
	if _, err := readBundle(sealed); governance.FaultCode(err) != "bundle_sealed" {
		t.Error(err)
	}
	if _, err := ledger.Seal(io.Discard, "short"); governance.FaultCode(err) != "weak_passphrase" {
		t.Error(err)
	}
	harder := bytes.Replace(slices.Clone(sealed), []byte(" 10\n"), []byte(" 30\n"), 1)
	changed := slices.Clone(sealed)
	changed[len(changed)/2] ^= 1
	begun := time.Now()
	for _, c := range []struct {
		name, passphrase, code string
		b                      []byte
	}{
		{"no passphrase", "", "bundle_sealed", sealed},
		{"another passphrase", "four words and a commb", "bundle_passphrase", sealed},
		{"one that would take hours", "four words and a comma", "bundle_damaged", harder},
		{"cut off", "four words and a comma", "bundle_damaged", sealed[:len(sealed)-1]},
		{"only its beginning", "four words and a comma", "bundle_damaged", sealed[:40]},
		{"changed", "four words and a comma", "bundle_damaged", changed},
		{"not encrypted", "four words and a comma", "bundle_damaged", raw},
	} {
		if err := open(c.b, c.passphrase); governance.FaultCode(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if d := time.Since(begun); d > time.Minute {
		t.Errorf("it took %s", d)
	}
}

// cheaply encrypts as Seal does, with a passphrase that is quick to try.
func cheaply(t testing.TB, raw []byte, passphrase string) []byte {
	t.Helper()
	to, err := age.NewScryptRecipient(passphrase)
	must(t, err)
	to.SetWorkFactor(10)
	var b bytes.Buffer
	into, err := age.Encrypt(&b, to)
	must(t, err)
	_, err = into.Write(raw)
	must(t, errors.Join(err, into.Close()))
	return b.Bytes()
}

func TestWhatABundleSaysOfItsTrail(t *testing.T) {
	w, c := shipment(t)
	b, err := readBundle(written(t, w, c))
	must(t, err)
	one, two := b.Heads[0].Head, b.Heads[1].Head
	strange := ledger.Head{Size: 2, Root: one.Root}
	later := ledger.Head{Size: 9, Root: one.Root}
	for _, c := range []struct {
		name  string
		known []ledger.Head
		want  ledger.Continuity
	}{
		{"nothing known", nil, ledger.TrailFirst},
		{"what it proves", []ledger.Head{one, two}, ledger.TrailContinues},
		{"the same again", []ledger.Head{b.Head}, ledger.TrailContinues},
		{"rewritten", []ledger.Head{one, strange}, ledger.TrailContradict},
		{"one that it does not speak of", []ledger.Head{{Size: 3, Root: one.Root}}, ledger.TrailUnproved},
		{"an old file", []ledger.Head{b.Head, later}, ledger.TrailOlder},
		{"shorter than what was shown", []ledger.Head{later}, ledger.TrailUnproved},
	} {
		if got := b.Against(c.known); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Whatever the bytes, reading ends with a bundle or with a sentence.
func FuzzReadBundle(f *testing.F) {
	w, c := shipment(f)
	raw := written(f, w, c)
	if _, err := readBundle(raw); err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(packed(f, []entry{{name: "manifest.note", body: "countersign bundle v1\n"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := readBundle(b); err != nil && (got != nil || !refused(err)) {
			t.Fatal(err)
		}
	})
}

// What is behind the container is reached through a key that signs anything.
func FuzzBundleContent(f *testing.F) {
	w, c := shipment(f)
	entries := unpack(f, written(f, w, c))
	for i, e := range entries {
		f.Add(uint8(i), []byte(e.body))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		made := slices.Clone(entries)
		made[int(which)%len(made)].body = string(body)
		if got, err := readBundle(forge(t, w, made, nil)); err != nil && (got != nil || !refused(err)) {
			t.Fatal(err)
		}
	})
}

func FuzzUnseal(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 2\nAAAA\n--- AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 || bytes.Contains(b, []byte(" 1")) {
			return // work factors of ten and more take seconds
		}
		if _, _, err := ledger.Unseal(bytes.NewReader(b), int64(len(b)), "a passphrase"); err != nil && !refused(err) {
			t.Fatal(err)
		}
	})
}
