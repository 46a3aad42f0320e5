package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// a merkle log as the store keeps it: entries and stored hashes.
type merkle struct {
	entries []ledger.Entry
	hashes  ledger.StoredHashes
}

func newLog(t testing.TB, n int) *merkle {
	t.Helper()
	l := &merkle{}
	for i := range n {
		l.add(t, "act", fmt.Sprintf("entry %d", i))
	}
	return l
}

func (l *merkle) add(t testing.TB, kind, data string) {
	t.Helper()
	n := int64(len(l.entries))
	first, hashes, err := ledger.AppendHashes(n, kind, []byte(data), l.hashes)
	must(t, err)
	if first != int64(len(l.hashes)) {
		t.Fatalf("entry %d: first stored hash %d, want %d", n, first, len(l.hashes))
	}
	l.entries = append(l.entries, ledger.Entry{Idx: n, Kind: kind, Data: []byte(data)})
	l.hashes = append(l.hashes, hashes...)
}

func (l *merkle) head(t testing.TB) ledger.Head {
	t.Helper()
	h, err := ledger.HeadAt(int64(len(l.entries)), l.hashes)
	must(t, err)
	return h
}

func (l *merkle) clone() *merkle {
	return &merkle{entries: slices.Clone(l.entries), hashes: slices.Clone(l.hashes)}
}

func (l *merkle) verify() (ledger.Head, error) {
	v := ledger.NewLogVerifier()
	for _, e := range l.entries {
		if err := v.Add(e); err != nil {
			return ledger.Head{}, err
		}
	}
	for i, h := range l.hashes {
		if err := v.AddStored(int64(i), h); err != nil {
			return ledger.Head{}, err
		}
	}
	return v.Head(), v.Done()
}

func TestALogVerifiesFromItsEntriesAlone(t *testing.T) {
	for n := range 40 {
		l := newLog(t, n)
		h, err := l.verify()
		if err != nil || h != l.head(t) {
			t.Fatalf("%d entries: %v, %v", n, h, err)
		}
	}
}

func TestEveryTamperingWithTheLogIsFound(t *testing.T) {
	const n = 21
	good := newLog(t, n)
	for i := range n {
		for name, edit := range map[string]func(l *merkle){
			"other data":     func(l *merkle) { l.entries[i].Data = []byte("other") },
			"other kind":     func(l *merkle) { l.entries[i].Kind = "actentry" },
			"kind into data": func(l *merkle) { l.entries[i].Kind, l.entries[i].Data = "act entry", l.entries[i].Data[6:] },
			"removed":        func(l *merkle) { l.entries = slices.Delete(l.entries, i, i+1) },
			"twice":          func(l *merkle) { l.entries = slices.Insert(l.entries, i, l.entries[i]) },
			"swapped":        func(l *merkle) { j := (i + 1) % n; l.entries[i], l.entries[j] = l.entries[j], l.entries[i] },
			"contents swapped": func(l *merkle) {
				j := (i + 1) % n
				l.entries[i].Data, l.entries[j].Data = l.entries[j].Data, l.entries[i].Data
			},
		} {
			l := good.clone()
			edit(l)
			if _, err := l.verify(); err == nil || governance.FaultCode(err) != "log_damaged" {
				t.Errorf("entry %d, %s: %v", i, name, err)
			}
		}
	}
	for i := range good.hashes {
		for name, edit := range map[string]func(l *merkle){
			"one bit":  func(l *merkle) { l.hashes[i][7] ^= 1 },
			"removed":  func(l *merkle) { l.hashes = slices.Delete(l.hashes, i, i+1) },
			"one more": func(l *merkle) { l.hashes = slices.Insert(l.hashes, i, tlog.Hash{}) },
		} {
			l := good.clone()
			edit(l)
			if _, err := l.verify(); governance.FaultCode(err) != "log_damaged" {
				t.Errorf("stored hash %d, %s: %v", i, name, err)
			}
		}
	}
	if _, err := good.verify(); err != nil {
		t.Error(err)
	}
	l := good.clone()
	l.entries[13].Data = []byte("other")
	if _, err := l.verify(); err == nil || !strings.Contains(err.Error(), "Entry 13 ") {
		t.Errorf("the entry is not named: %v", err)
	}
}

func TestALogIsConsistentWithEveryHeadThatItHad(t *testing.T) {
	l, heads := &merkle{}, []ledger.Head{}
	for i := range 34 {
		heads = append(heads, l.head(t))
		l.add(t, "act", fmt.Sprint(i))
	}
	now := l.head(t)
	for _, h := range append(heads, now) {
		if err := ledger.CheckConsistent(l.hashes, h, now); err != nil {
			t.Errorf("with %s: %v", h, err)
		}
		if h.Size == 0 {
			continue
		}
		h.Root[0] ^= 1
		if err := ledger.CheckConsistent(l.hashes, h, now); governance.FaultCode(err) != "log_rewritten" {
			t.Errorf("with another root at %d: %v", h.Size, err)
		}
	}
	if err := ledger.CheckConsistent(l.hashes, now, heads[20]); governance.FaultCode(err) != "log_rolled_back" {
		t.Errorf("an old copy: %v", err)
	}
	if err := ledger.CheckConsistent(l.hashes[:30], heads[3], now); governance.FaultCode(err) != "log_rewritten" {
		t.Errorf("hashes are missing: %v", err)
	}
}

// Whoever rewrites an entry and computes every hash anew is found by a head
// that is kept elsewhere.
func TestARewrittenLogDoesNotContinueAnOldHead(t *testing.T) {
	old := newLog(t, 20).head(t)
	l := &merkle{}
	for i := range 25 {
		data := fmt.Sprintf("entry %d", i)
		if i == 7 {
			data = "rewritten"
		}
		l.add(t, "act", data)
	}
	if _, err := l.verify(); err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckConsistent(l.hashes, old, l.head(t)); governance.FaultCode(err) != "log_rewritten" {
		t.Error(err)
	}
}

func TestVerifyingGoesOnFromATrustedHead(t *testing.T) {
	for from := range 18 {
		l := newLog(t, from)
		trusted := l.head(t)
		for i := range 9 {
			l.add(t, "draft", fmt.Sprint(i))
		}
		resume := func(l *merkle) error {
			v, err := ledger.ResumeLogVerifier(trusted, l.hashes)
			if err != nil {
				return err
			}
			for _, e := range l.entries[from:] {
				if err := v.Add(e); err != nil {
					return err
				}
			}
			for i := tlog.StoredHashCount(int64(from)); i < int64(len(l.hashes)); i++ {
				if err := v.AddStored(i, l.hashes[i]); err != nil {
					return err
				}
			}
			if v.Head() != l.head(t) {
				return fmt.Errorf("head %s, want %s", v.Head(), l.head(t))
			}
			return v.Done()
		}
		if err := resume(l); err != nil {
			t.Errorf("from %d: %v", from, err)
		}
		bad := l.clone()
		bad.entries[from+4].Data = []byte("other")
		if err := resume(bad); governance.FaultCode(err) != "log_damaged" {
			t.Errorf("from %d, tampered: %v", from, err)
		}
		if from == 0 {
			continue
		}
		bad = l.clone()
		for i := range tlog.StoredHashCount(int64(from)) {
			bad.hashes[i][0] ^= 1
		}
		if err := resume(bad); governance.FaultCode(err) != "log_rewritten" {
			t.Errorf("from %d, hashes before it changed: %v", from, err)
		}
		if _, err := ledger.ResumeLogVerifier(trusted, ledger.StoredHashes{}); err == nil {
			t.Errorf("from %d without hashes", from)
		}
	}
}

func TestHeadsHaveOneForm(t *testing.T) {
	h := newLog(t, 5).head(t)
	got, err := ledger.ParseHead(h.String())
	if err != nil || got != h {
		t.Errorf("%v, %v", got, err)
	}
	root := h.Root.String()
	for _, s := range []string{"", "5", ":" + root, "05:" + root, "+5:" + root, "-5:" + root, "5:" + root[1:], "5:" + root + "=", " 5:" + root, "5:" + root + "\n", "5 :" + root, "9223372036854775807:" + root,
		"5:" + root[:42] + string(root[42]+1) + "="} {
		if _, err := ledger.ParseHead(s); err == nil {
			t.Errorf("%q is a head", s)
		}
	}
}

func TestCheckpoints(t *testing.T) {
	me, other := identity(t, "me"), identity(t, "other")
	origin := ledger.Origin(strings.Repeat("ab", 32))
	h := newLog(t, 5).head(t)
	note, err := ledger.SignCheckpoint(me, origin, h)
	must(t, err)
	if !strings.HasPrefix(note, origin+"\n5\n"+h.Root.String()+"\n\n— "+origin+" ") {
		t.Errorf("%s", note)
	}
	gotOrigin, got, err := ledger.OpenCheckpoint(note, me.Public())
	if err != nil || gotOrigin != origin || got != h {
		t.Errorf("%s %s %v", gotOrigin, got, err)
	}
	if _, _, err := ledger.OpenCheckpoint(note, other.Public()); err == nil {
		t.Error("a checkpoint of somebody else opens")
	}
	if _, _, err := ledger.OpenCheckpoint(note, "ed25519:01"+strings.Repeat("00", 31)); governance.FaultCode(err) != "bad_key" {
		t.Errorf("a checkpoint of a weak key: %v", err)
	}
	for i := range len(note) - 1 {
		b := []byte(note)
		b[i] ^= 1
		if _, g, err := ledger.OpenCheckpoint(string(b), me.Public()); err == nil {
			t.Errorf("a changed checkpoint opens (byte %d): %s", i, g)
		}
	}
	for name, text := range map[string]string{
		"size with a zero": origin + "\n05\n" + h.Root.String() + "\n",
		"a line more":      origin + "\n5\n" + h.Root.String() + "\nmore\n",
		"a line less":      origin + "\n5\n",
		"negative":         origin + "\n-5\n" + h.Root.String() + "\n",
		"no root":          origin + "\n5\nroot\n",
	} {
		odd, err := ledger.SignNote(me, origin, text)
		must(t, err)
		if _, _, err := ledger.OpenCheckpoint(odd, me.Public()); err == nil {
			t.Errorf("%s: opens", name)
		}
	}
	if _, err := ledger.SignCheckpoint(me, "elsewhere/x", h); err == nil {
		t.Error("another origin is signed")
	}
	if _, err := ledger.SignCheckpoint(ledger.Identity{}, origin, h); governance.FaultCode(err) != "no_key" {
		t.Errorf("signed without a key: %v", err)
	}
}

func TestTheAnchorFindsAnOldCopy(t *testing.T) {
	act := strings.Repeat("ab", 32)
	l := newLog(t, 10)
	old, oldHead := l.clone(), l.head(t)
	for range 3 {
		l.add(t, "act", act)
	}
	a := ledger.Anchor{Act: act, Head: l.head(t).String(), Seq: 4}
	b, err := a.Marshal()
	if err != nil || len(b) > 2048 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if got, err := ledger.ParseAnchor(b); err != nil || got != a {
		t.Fatalf("%+v, %v", got, err)
	}
	has := func(want bool) func(string) bool { return func(id string) bool { return want && id == act } }
	if err := a.Check(l.hashes, l.head(t), has(true)); err != nil {
		t.Errorf("as it was: %v", err)
	}
	if err := a.Check(old.hashes, oldHead, has(true)); governance.FaultCode(err) != "log_rolled_back" {
		t.Errorf("an old copy: %v", err)
	}
	if err := a.Check(l.hashes, l.head(t), has(false)); governance.FaultCode(err) != "log_rolled_back" {
		t.Errorf("the key's last act is gone: %v", err)
	}
	for range 4 {
		l.add(t, "draft", "x")
	}
	if err := a.Check(l.hashes, l.head(t), has(true)); err != nil {
		t.Errorf("ahead of the anchor: %v", err)
	}
	for i := range 9 {
		old.add(t, "act", fmt.Sprint("another", i))
	}
	if err := a.Check(old.hashes, old.head(t), has(true)); governance.FaultCode(err) != "log_rewritten" {
		t.Errorf("another line: %v", err)
	}
	for _, s := range []string{"", "{}", string(b) + " ", `{"act":"x","head":"0:` + tlog.Hash{}.String() + `","seq":0}`, `{"act":"","head":"x","seq":0}`} {
		if _, err := ledger.ParseAnchor([]byte(s)); governance.FaultCode(err) != "bad_anchor" {
			t.Errorf("%q: %v", s, err)
		}
	}
}
