package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"

	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// chainsKey is the line of meta that keeps the ends of all keys' chains. It is
// trusted only by the digest that the keychain holds.
const chainsKey = "chains"

// keptChains are the ends of the chains of all acts up to a row.
type keptChains struct {
	Act  string            `json:"act"` // of that row
	Ends []ledger.ChainEnd `json:"ends"`
	Last int64             `json:"last"` // rowid
	// Open names the acts about the charter and about all that is not finished, as
	// a digest for each subject: the ends say nothing of an act that was taken away
	// before them.
	Open map[string]string `json:"open"`
}

// KeepChains keeps where the chain of each key ends, so that the next start need
// not read the place of every act, and returns the digest to be kept in the
// keychain: "" when a chain is not whole, or nothing can be written. What has the
// digest already is not written again.
func (s *Store) KeepChains(ctx context.Context, kept string) (digest string, err error) {
	if s.w == nil {
		return "", nil
	}
	if err := s.refreshChains(ctx); err != nil {
		return "", s.explained(ctx, err)
	}
	k := keptChains{}
	var whole bool
	if k.Ends, k.Last, whole = s.chains.ends(); !whole || len(k.Ends) == 0 {
		return "", nil
	}
	if k.Act, err = actAt(s.query(ctx), k.Last); err != nil {
		return "", s.explained(ctx, err)
	}
	if k.Open, err = openActs(s.query(ctx), k.Last); err != nil {
		return "", s.explained(ctx, err)
	}
	b, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	if digest = digestOf(b); digest == kept {
		return kept, nil
	}
	err = s.w.WithContext(ctx).Exec("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", chainsKey, string(b)).Error
	return digest, s.explained(ctx, err)
}

// openActs are the digests of the ids of all acts up to a row about what a
// history of the unfinished requests is made of, by subject.
func openActs(db *gorm.DB, last int64) (map[string]string, error) {
	ids, err := openRequests(db)
	if err != nil {
		return nil, err
	}
	subjects, err := subjectsOf(db, ids)
	if err != nil {
		return nil, err
	}
	of := map[string]hash.Hash{}
	err = eachRow(db.Raw("SELECT subject, id FROM acts WHERE subject IN "+listed+" AND +rowid <= ? ORDER BY subject, id", asList(subjects), last), func(scan scanner) error {
		var subject, id string
		err := scan(&subject, &id)
		if of[subject] == nil {
			of[subject] = sha256.New()
		}
		of[subject].Write([]byte(id + "\n"))
		return err
	})
	out := make(map[string]string, len(subjects))
	for _, subject := range subjects {
		out[subject] = "" // nobody said anything about it
		if h := of[subject]; h != nil {
			out[subject] = hex.EncodeToString(h.Sum(nil))
		}
	}
	return out, err
}

// TrustChains takes in what KeepChains kept, if it is what had that digest and
// the acts about what is not finished are those of then, and reports whether it
// did. Without it every place is read.
func (s *Store) TrustChains(ctx context.Context, digest string) (bool, error) {
	var kept string
	if err := s.query(ctx).Raw("SELECT value FROM meta WHERE key = ?", chainsKey).Scan(&kept).Error; err != nil {
		return false, s.explained(ctx, err)
	}
	var k keptChains
	if digest == "" || digestOf([]byte(kept)) != digest || json.Unmarshal([]byte(kept), &k) != nil {
		return false, nil
	}
	if id, err := actAt(s.query(ctx), k.Last); err != nil || id != k.Act {
		return false, s.explained(ctx, err)
	}
	now, err := openActs(s.query(ctx), k.Last)
	if err != nil {
		return false, s.explained(ctx, err)
	}
	for subject, digest := range now { // among which is the charter, and not what was finished since
		if k.Open[subject] != digest {
			return false, nil
		}
	}
	s.chains.start(k)
	return true, nil
}

func digestOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func actAt(db *gorm.DB, row int64) (id string, err error) {
	return id, db.Raw("SELECT id FROM acts WHERE rowid = ?", row).Scan(&id).Error
}

func (c *chains) ends() (ends []ledger.ChainEnd, last int64, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places == nil {
		return nil, 0, false
	}
	ends, whole = c.places.Ends()
	return ends, c.last, whole
}

// start begins with ends, unless places were read already.
func (c *chains) start(k keptChains) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places == nil {
		c.places, c.last = ledger.PlacesAfter(k.Ends), k.Last
	}
}
