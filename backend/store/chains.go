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
	_, after := s.chains.known()
	fresh, last, err := freshPlaces(s.query(ctx), after)
	if err == nil {
		s.chains.take(fresh, last)
	}
	return err
}

func (c *chains) known() (*ledger.Places, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places == nil {
		c.places = ledger.NewPlaces()
	}
	return c.places, c.last
}

// take adds places, of which some may have been taken in by somebody else.
func (c *chains) take(fresh []ledger.Link, last int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last > c.last {
		c.places.Take(fresh)
		c.last = last
	}
}

// links are the places of all acts that tx sees.
func (s *Store) links(tx *gorm.DB) (*ledger.Places, error) {
	known, after := s.chains.known()
	fresh, _, err := freshPlaces(tx, after)
	if err != nil || len(fresh) == 0 {
		return known, err
	}
	return known.With(fresh), nil
}
