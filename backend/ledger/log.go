package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// A Head is a Merkle log's size, in entries, and the root hash at that size.
type Head struct {
	Size int64
	Root tlog.Hash
}

// String writes a head as acts carry it: "size:root", the root in base64.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Size, h.Root) }

// ParseHead reads what String writes, and no other form of it.
func ParseHead(s string) (Head, error) {
	size, root, found := strings.Cut(s, ":")
	n, err := strconv.ParseInt(size, 10, 64)
	if !found || err != nil || n < 0 || n > maxInteger {
		return Head{}, fmt.Errorf("%.80q is not the head of a log", s)
	}
	h, err := tlog.ParseHash(root)
	if err != nil || (Head{n, h}).String() != s {
		return Head{}, fmt.Errorf("%.80q is not the head of a log", s)
	}
	return Head{Size: n, Root: h}, nil
}

// HeadAt computes the head of the first size entries from stored hashes.
func HeadAt(size int64, r tlog.HashReader) (Head, error) {
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return Head{}, fmt.Errorf("compute the log's root at %d: %w", size, err)
	}
	return Head{Size: size, Root: root}, nil
}

// An Entry is one line of the audit trail. It is never changed.
type Entry struct {
	Idx  int64  `gorm:"primaryKey;autoIncrement:false" json:"idx"` // 0, 1, 2, ...
	Kind string `json:"kind"`
	Data []byte `json:"data"`
}

// TableName is the table of the audit trail.
func (Entry) TableName() string { return "log_entries" }

// Leaf is the record that the tree hashes for an entry. The length in front
// keeps kind and data apart.
func Leaf(kind string, data []byte) []byte {
	return appendLeaf(make([]byte, 0, len(kind)+len(data)+8), kind, data)
}

func appendLeaf(b []byte, kind string, data []byte) []byte {
	b = strconv.AppendInt(b, int64(len(kind)), 10)
	b = append(b, ' ')
	b = append(b, kind...)
	b = append(b, ' ')
	return append(b, data...)
}

// AppendHashes returns the hashes to store with entry n, and the index of the
// first of them. The reader gives the hashes that are stored already.
func AppendHashes(n int64, kind string, data []byte, r tlog.HashReader) (first int64, hashes []tlog.Hash, err error) {
	hashes, err = tlog.StoredHashes(n, Leaf(kind, data), r)
	if err != nil {
		return 0, nil, fmt.Errorf("append entry %d to the log: %w", n, err)
	}
	return tlog.StoredHashIndex(0, n), hashes, nil
}

// A LogVerifier computes a log's tree anew from its entries, one after the
// other, and compares the stored hashes with it. Its errors are sentences that
// name the entry. It keeps 64 bytes for each entry that it was given.
type LogVerifier struct {
	start  int64 // entries before the first that was given
	size   int64
	before map[int64]tlog.Hash // what the tree of the entries before start needs
	hashes []tlog.Hash         // computed here
	seen   int64               // stored hashes compared, all in a row
	leaf   []byte              // room for the entry that is hashed
}

// NewLogVerifier begins at the first entry.
func NewLogVerifier() *LogVerifier { return &LogVerifier{before: map[int64]tlog.Hash{}} }

// ResumeLogVerifier begins after a head that is trusted. It takes from the
// stored hashes what it needs and refuses them if they do not give that head.
func ResumeLogVerifier(trusted Head, r tlog.HashReader) (*LogVerifier, error) {
	v := &LogVerifier{start: trusted.Size, size: trusted.Size, before: map[int64]tlog.Hash{}}
	v.seen = tlog.StoredHashCount(trusted.Size)
	keep := tlog.HashReaderFunc(func(idx []int64) ([]tlog.Hash, error) {
		hashes, err := r.ReadHashes(idx)
		if err == nil && len(hashes) != len(idx) {
			err = errors.New("some are missing")
		}
		if err != nil {
			return nil, fmt.Errorf("read stored hashes: %w", err)
		}
		for i, x := range idx {
			v.before[x] = hashes[i]
		}
		return hashes, nil
	})
	h, err := HeadAt(trusted.Size, keep)
	if err != nil {
		return nil, err
	}
	if trusted.Size > 0 && h.Root != trusted.Root {
		return nil, governance.Faultf("log_rewritten", "The audit trail up to entry %d is not what it was: its stored hashes give another root.", trusted.Size-1).
			WithHint("Put the last good backup of the workspace back.")
	}
	return v, nil
}

// Expect makes room for that many entries, so that it need not be found again
// and again while they come.
func (v *LogVerifier) Expect(entries int64) {
	v.hashes = slices.Grow(v.hashes, int(tlog.StoredHashCount(v.size+entries)-tlog.StoredHashCount(v.start))-len(v.hashes))
}

// ReadHashes makes the verifier a tlog.HashReader of what it computed.
func (v *LogVerifier) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		h, known := v.hash(x)
		if !known {
			return nil, fmt.Errorf("stored hash %d is not known", x)
		}
		out[i] = h
	}
	return out, nil
}

func (v *LogVerifier) hash(idx int64) (tlog.Hash, bool) {
	if j := idx - tlog.StoredHashCount(v.start); j >= 0 && j < int64(len(v.hashes)) {
		return v.hashes[j], true
	}
	h, known := v.before[idx]
	return h, known
}

// Add takes the next entry. It keeps nothing of its bytes.
func (v *LogVerifier) Add(e Entry) error {
	if e.Idx != v.size {
		return governance.Faultf("log_damaged", "Entry %d of the audit trail is missing or out of place (found %d).", v.size, e.Idx)
	}
	// RFC 6962, section 2.1: the leaf, and each node of the tree that is full with
	// it. It is what tlog.StoredHashes does, without making anything for each.
	v.leaf = appendLeaf(append(v.leaf[:0], 0), e.Kind, e.Data)
	h := tlog.Hash(sha256.Sum256(v.leaf))
	v.hashes = append(v.hashes, h)
	for level := 0; v.size>>level&1 == 1; level++ {
		left, known := v.hash(tlog.StoredHashIndex(level, v.size>>level-1))
		if !known {
			return fmt.Errorf("append entry %d to the log: a hash before it is not known", e.Idx)
		}
		h = tlog.NodeHash(left, h)
		v.hashes = append(v.hashes, h)
	}
	v.size++
	return nil
}

// AddStored compares the next stored hash. The entries that it covers must
// have been added before.
func (v *LogVerifier) AddStored(idx int64, h tlog.Hash) error {
	if idx != v.seen {
		return governance.Faultf("log_damaged", "Stored hash %d of the audit trail is missing or out of place (found %d).", v.seen, idx)
	}
	own, known := v.hash(idx)
	if !known {
		return governance.Faultf("log_damaged", "The audit trail has a stored hash (%d) for entry %d, which does not exist.", idx, lastCovered(idx))
	}
	if own != h && !plantedBlindness { // see planted.go; always compared in a build that ships
		level, _ := tlog.SplitStoredHashIndex(idx)
		return governance.Faultf("log_damaged", "Entry %d of the audit trail, or one of the %d before it, is not what was written: stored hash %d differs.", lastCovered(idx), int64(1)<<level-1, idx)
	}
	v.seen++
	return nil
}

// lastCovered is the last entry that a stored hash is made of.
func lastCovered(idx int64) int64 {
	level, n := tlog.SplitStoredHashIndex(idx)
	return (n+1)<<level - 1
}

// Done says whether every stored hash was compared.
func (v *LogVerifier) Done() error {
	if want := tlog.StoredHashCount(v.size); v.seen != want {
		return governance.Faultf("log_damaged", "The audit trail has %d stored hashes; its %d entries need %d.", v.seen, v.size, want)
	}
	return nil
}

// Head is the head of the entries so far.
func (v *LogVerifier) Head() Head {
	h, err := HeadAt(v.size, v)
	if err != nil {
		// Add and ResumeLogVerifier keep every hash that the root needs.
		panic(fmt.Sprintf("ledger: %v", err))
	}
	return h
}

// CheckConsistent proves that the log of head new still holds, unchanged, all
// that it held at head old. The faults are log_rolled_back when it has become
// shorter and log_rewritten when it holds something else.
func CheckConsistent(r tlog.HashReader, old, new Head) error {
	if new.Size < old.Size {
		return governance.Faultf("log_rolled_back", "The audit trail has %d entries, but had %d before: an old copy was put in its place.", new.Size, old.Size).
			WithHint("Put the newest copy of the workspace back.")
	}
	rewritten := func(cause error) error {
		return governance.Faultf("log_rewritten", "The audit trail does not continue what it was at entry %d: it was rewritten.", old.Size).
			WithHint("Put the last good backup of the workspace back.").Because(cause)
	}
	now, err := HeadAt(new.Size, r)
	if err != nil {
		return rewritten(err)
	}
	switch {
	case now.Root != new.Root:
		return rewritten(nil)
	case old.Size == 0:
		return nil
	case old.Size == new.Size:
		if old.Root != new.Root {
			return rewritten(nil)
		}
		return nil
	}
	proof, err := tlog.ProveTree(new.Size, old.Size, r)
	if err != nil {
		return rewritten(err)
	}
	if err := tlog.CheckTree(proof, new.Size, new.Root, old.Size, old.Root); err != nil {
		return rewritten(err)
	}
	return nil
}

// StoredHashes is a tlog.HashReader of hashes in memory, from index 0 on.
type StoredHashes []tlog.Hash

// ReadHashes returns the hashes with those indexes.
func (s StoredHashes) ReadHashes(idx []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(idx))
	for i, x := range idx {
		if x < 0 || x >= int64(len(s)) {
			return nil, fmt.Errorf("stored hash %d is missing", x)
		}
		out[i] = s[x]
	}
	return out, nil
}
