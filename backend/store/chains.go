package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// chains remembers every act's place in its key's chain, so that a door reads
// only the places that are new. Acts are append-only: what was committed once
// stays. Verify does not use it.
type chains struct {
	mu    sync.Mutex
	links []ledger.Link
	last  int64 // rowid of the last act in links
}

type placed struct {
	Rowid int64
	ledger.Link
}

const placesAfter = "SELECT rowid, id, key, prev, seq FROM acts WHERE rowid > ? ORDER BY rowid"

// refreshChains takes in what was committed since. It runs outside a door,
// whose own acts might be rolled back. The lock is not held while reading: those
// who wait for it hold the connections that reading needs.
func (s *Store) refreshChains(ctx context.Context) error {
	_, last := s.chains.known()
	var fresh []placed
	if err := s.query(ctx).Raw(placesAfter, last).Scan(&fresh).Error; err != nil {
		return fmt.Errorf("read the chains of the keys: %w", err)
	}
	s.chains.take(fresh)
	return nil
}

func (c *chains) known() ([]ledger.Link, int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clip(c.links), c.last
}

// take adds places, of which some may have been taken in by somebody else.
func (c *chains) take(fresh []placed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range fresh {
		if p.Rowid > c.last {
			c.links, c.last = append(c.links, p.Link), p.Rowid
		}
	}
}

// links are the places of all acts that tx sees.
func (s *Store) links(tx *gorm.DB) ([]ledger.Link, error) {
	known, last := s.chains.known()
	var fresh []placed
	if err := tx.Raw(placesAfter, last).Scan(&fresh).Error; err != nil {
		return nil, fmt.Errorf("read the chains of the keys: %w", err)
	}
	for _, p := range fresh {
		known = append(known, p.Link)
	}
	return known, nil
}
