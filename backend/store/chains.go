package store

import (
	"context"
	"fmt"
	"sync"

	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// chains remembers every act's place in its key's chain, so that a door reads
// only the places that are new. Acts are append-only: what was committed once
// stays. Verify does not use it.
type chains struct {
	mu     sync.Mutex
	places *ledger.Places
	last   int64 // rowid of the last act in places
}

const placesAfter = "SELECT rowid, id, key, prev, seq FROM acts WHERE rowid > ? ORDER BY rowid"

// freshPlaces reads the places of acts after a row.
func freshPlaces(db *gorm.DB, after int64) (fresh []ledger.Link, last int64, err error) {
	last = after
	err = eachRow(db.Raw(placesAfter, after), func(scan scanner) error {
		var l ledger.Link
		err := scan(&last, &l.ID, &l.Key, &l.Prev, &l.Seq)
		fresh = append(fresh, l)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read the chains of the keys: %w", err)
	}
	return fresh, last, nil
}

// refreshChains takes in what was committed since. It runs outside a door,
// whose own acts might be rolled back. The lock is not held while reading: those
// who wait for it hold the connections that reading needs.
func (s *Store) refreshChains(ctx context.Context) error {
	for taken := false; !taken; {
		_, after := s.chains.known()
		fresh, last, err := freshPlaces(s.query(ctx), after)
		if err != nil {
			return err
		}
		taken = s.chains.take(fresh, after, last)
	}
	return nil
}

func (c *chains) known() (*ledger.Places, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places == nil {
		c.places = ledger.NewPlaces()
	}
	return c.places, c.last
}

// take adds the places of acts after a row, of which some may have been taken in
// by somebody else. It is false when all have to be read again, because a chain
// is not what its end said, or somebody has let go of what was known.
func (c *chains) take(fresh []ledger.Link, after, last int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.places == nil || after > c.last:
		return false
	case last <= c.last:
		return true
	case !c.places.Partial():
		c.places.Take(fresh)
	case !c.places.TakeOn(fresh):
		c.places, c.last = nil, 0
		return false
	}
	c.last = last
	return true
}

// links are the places of all acts that tx sees.
func (s *Store) links(tx *gorm.DB) (*ledger.Places, error) {
	known, after := s.chains.known()
	fresh, _, err := freshPlaces(tx, after)
	if err != nil || len(fresh) == 0 {
		return known, err
	}
	if with := known.With(fresh); with != nil {
		return with, nil
	}
	return s.allLinks(tx)
}

// allLinks are the places of all acts, read anew; the next who asks has them too,
// but not those that tx alone sees.
func (s *Store) allLinks(tx *gorm.DB) (*ledger.Places, error) {
	s.chains.letGo()
	all, _, err := freshPlaces(tx, 0)
	whole := ledger.NewPlaces()
	whole.Take(all)
	return whole, err
}

// letGo makes the next refresh read all places.
func (c *chains) letGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places != nil && c.places.Partial() {
		c.places, c.last = nil, 0
	}
}
