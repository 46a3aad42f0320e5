package metadata

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each hostile zip is refused for its own reason; archive/zip opens them all.
func TestHostileZips(t *testing.T) {
	x := []byte("x")
	plainZip := zipOf(t, zipEntry{"classes/A.cls", []byte(strings.Repeat("class", 50)), nil})
	cases := []struct {
		name       string
		zip        []byte
		code, says string
	}{
		{"leads out", zipOf(t, zipEntry{"../evil.cls", x, nil}), CodeBadPath, "leads out"},
		{"leads out inside", zipOf(t, zipEntry{"a/../../evil", x, nil}), CodeBadPath, "leads out"},
		{"leads out encoded", zipOf(t, zipEntry{"a/%2e%2E/evil", x, nil}), CodeBadPath, "leads out"},
		{"absolute", zipOf(t, zipEntry{"/etc/passwd", x, nil}), CodeBadPath, "absolute"},
		{"backslash", zipOf(t, zipEntry{`..\evil`, x, nil}), CodeBadPath, "backslash"},
		{"drive", zipOf(t, zipEntry{"C:/x", x, nil}), CodeBadPath, `":"`},
		{"NUL", zipOf(t, zipEntry{"a\x00b", x, nil}), CodeBadPath, "NUL"},
		{"NUL encoded", zipOf(t, zipEntry{"a%00b", x, nil}), CodeBadPath, "behind a percent"},
		{"newline", zipOf(t, zipEntry{"a\nb", x, nil}), CodeBadPath, "holds"},
		{"right-to-left", zipOf(t, zipEntry{"a\u202eb", x, nil}), CodeBadPath, "holds"},
		{"slash in disguise", zipOf(t, zipEntry{"a\u2215b", x, nil}), CodeBadPath, "holds"},
		{"not UTF-8", zipOf(t, zipEntry{"a\xff", x, nil}), CodeBadPath, "UTF-8"},
		{"empty part", zipOf(t, zipEntry{"a//b", x, nil}), CodeBadPath, "empty"},
		{"dot at the end", zipOf(t, zipEntry{"a./b", x, nil}), CodeBadPath, "dot or a space"},
		{"device", zipOf(t, zipEntry{"classes/con.cls", x, nil}), CodeBadPath, "Windows device"},
		{"device port", zipOf(t, zipEntry{"LPT1", x, nil}), CodeBadPath, "Windows device"},
		{"too long", zipOf(t, zipEntry{strings.Repeat("a/", 600) + "b", x, nil}), CodeBadPath, "too long"},
		{"twice", zipOf(t, zipEntry{"a", x, nil}, zipEntry{"a", x, nil}), CodeDuplicatePath, "twice"},
		{"twice but for case", zipOf(t, zipEntry{"a/B", x, nil}, zipEntry{"A/b", x, nil}), CodeDuplicatePath, "one file"},
		{"twice but for case of é", zipOf(t, zipEntry{"é", x, nil}, zipEntry{"É", x, nil}), CodeDuplicatePath, "one file"},
		{"twice but for encoding", zipOf(t, zipEntry{"a b", x, nil}, zipEntry{"a%20b", x, nil}), CodeDuplicatePath, "one file"},
		{"file and folder", zipOf(t, zipEntry{"a", x, nil}, zipEntry{"A/b", x, nil}), CodeDuplicatePath, "file and a folder"},
		{"link", zipOf(t, zipEntry{"a", []byte("/etc/passwd"), func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }}), CodeBadZip, "link"},
		{"device file", zipOf(t, zipEntry{"a", x, func(h *zip.FileHeader) { h.SetMode(fs.ModeDevice | 0o600) }}), CodeBadZip, "plain file"},
		{"folder with data", folderWithData(t), CodeBadZip, "holds data"},
		{"encrypted", patched(plainZip, setEncrypted), CodeBadZip, "encrypted"},
		{"unknown packing", patched(plainZip, func(b []byte, at int) { binary.LittleEndian.PutUint16(b[at+10:], 97) }), CodeBadZip, "packed"},
		{"wrong checksum", patched(plainZip, func(b []byte, at int) { b[at+16] ^= 1 }), CodeBadZip, "damaged"},
		{"cut short", plainZip[:len(plainZip)-30], CodeBadZip, "not a zip"},
		{"no zip", []byte("PK, not really"), CodeBadZip, "not a zip"},
		{"empty input", nil, CodeBadZip, "not a zip"},
		{"bomb", zipOf(t, zipEntry{"a", make([]byte, 40<<20), nil}), CodeTooLarge, "unpacks to more"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree, err := readZip(c.zip)
			if tree != nil {
				t.Error("a tree came back")
			}
			wantFault(t, err, c.code, c.says)
		})
	}
}

// patched changes the first central directory header.
func patched(b []byte, change func(b []byte, at int)) []byte {
	b = bytes.Clone(b)
	change(b, bytes.Index(b, []byte("PK\x01\x02")))
	return b
}

func setEncrypted(b []byte, at int) { b[at+8] |= 1 }

// folderWithData renames a file to a folder behind archive/zip's back: its
// writer refuses to make one.
func folderWithData(t *testing.T) []byte {
	b := zipOf(t, zipEntry{"ab", []byte("data"), nil})
	return bytes.ReplaceAll(b, []byte("ab"), []byte("a/"))
}

func TestZipLimits(t *testing.T) {
	many := make([]zipEntry, 11)
	for i := range many {
		many[i] = zipEntry{fmt.Sprintf("a%d", i), []byte("x"), nil}
	}
	lim := DefaultLimits()
	lim.Files = 10
	b := zipOf(t, many...)
	_, err := ReadZip(bytes.NewReader(b), int64(len(b)), lim)
	wantFault(t, err, CodeTooLarge, "more than 10 files")
	if tree, err := readZip(b); err != nil || tree.Len() != 11 {
		t.Fatalf("11 files within the usual limits: %v, %v", tree.Len(), err)
	}

	lim = DefaultLimits()
	lim.Archive = int64(len(b)) - 1
	_, err = ReadZip(bytes.NewReader(b), int64(len(b)), lim)
	wantFault(t, err, CodeTooLarge, "limit is")

	lim = DefaultLimits()
	lim.Total = 10
	_, err = ReadZip(bytes.NewReader(b), int64(len(b)), lim)
	wantFault(t, err, CodeTooLarge, "unpacks to more")

	crowd := make([]zipEntry, 40_000)
	for i := range crowd {
		crowd[i] = zipEntry{fmt.Sprintf("classes/%d", i), nil, nil}
	}
	b = zipOf(t, crowd...)
	lim = DefaultLimits()
	lim.Files = 100
	_, err = ReadZip(bytes.NewReader(b), int64(len(b)), lim)
	wantFault(t, err, CodeTooLarge, "more than 100 files")
}

func TestNamesOfRealFilesPass(t *testing.T) {
	for _, name := range []string{
		"layouts/Account-Layout %26 é %28Österreich%29.layout", "reports/unfiled$public/X.report", "profiles/Custom%3A Sales Profile.profile",
		"lwc/panel/__tests__/panel.test.js", "lwc/.eslintrc.json", "documents/A/Plan (final), v2 + notes [x]@home!.pdf",
		"objects/日本__c.object", "classes/Condition.cls", "layouts/Account-A%2FB.layout", "staticresources/naïve_ﬁle.resource",
	} {
		if _, err := NewTree(map[string][]byte{name: nil}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZipOfATreeIsDeterministicAndReadsBack(t *testing.T) {
	tree := treeFrom(t, sample())
	var one, two bytes.Buffer
	for _, b := range []*bytes.Buffer{&one, &two} {
		if err := tree.WriteZip(b, "cs-1a2b"); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same tree gave two different zips")
	}
	back, err := readZip(one.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	inner, top := back.StripTop()
	if top != "cs-1a2b" || inner.Hash() != tree.Hash() || inner.NormalHash() != tree.NormalHash() {
		t.Errorf("top %q, hash equal %v", top, inner.Hash() == tree.Hash())
	}
	wantFault(t, tree.WriteZip(&one, "../up"), CodeBadPath, "leads out")
}

func TestZipRoundTripOfAnyTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.MapOfN(rapid.StringMatching(`[a-zé]{1,6}(/[A-Za-z0-9_ %-]{1,8}[a-z]){0,2}`), rapid.SliceOfN(rapid.Byte(), 0, 300), 0, 12).Draw(t, "files")
		tree, err := NewTree(files)
		if err != nil {
			t.Skip("two spellings of one file, or a percent sign that decodes to nothing good")
		}
		var b bytes.Buffer
		if err := tree.WriteZip(&b, ""); err != nil {
			t.Fatal(err)
		}
		back, err := readZip(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if back.Hash() != tree.Hash() || back.Size() != tree.Size() {
			t.Fatalf("%v came back as %v", tree.Paths(), back.Paths())
		}
	})
}

func FuzzReadZip(f *testing.F) {
	f.Add(zipOf(f, zipEntry{"unpackaged/package.xml", []byte("<Package/>"), nil}, zipEntry{"unpackaged/classes/", nil, nil}))
	f.Add(zipOf(f, zipEntry{"../x", []byte("x"), nil}))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := DefaultLimits()
		lim.Total, lim.RatioFloor = 1<<20, 1<<20
		tree, err := ReadZip(bytes.NewReader(b), int64(len(b)), lim)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := tree.WriteZip(&out, ""); err != nil {
			t.Fatal(err)
		}
		back, err := readZip(out.Bytes())
		if err != nil || back.Hash() != tree.Hash() {
			t.Fatalf("an accepted zip does not come back: %v", err)
		}
		tree.Components()
	})
}
