package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

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

// TrustChains takes in what KeepChains kept, if it is what had that digest, and
// reports whether it did. Without it every place is read.
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
