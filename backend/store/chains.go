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

// refresh takes in what was committed since. It runs outside a door, whose own
// acts might be rolled back.
func (s *Store) refreshChains(ctx context.Context) error {
	s.chains.mu.Lock()
	defer s.chains.mu.Unlock()
	var fresh []placed
	if err := s.query(ctx).Raw(placesAfter, s.chains.last).Scan(&fresh).Error; err != nil {
		return fmt.Errorf("read the chains of the keys: %w", err)
	}
	for _, p := range fresh {
		s.chains.links, s.chains.last = append(s.chains.links, p.Link), p.Rowid
	}
	return nil
}

// links are the places of all acts that tx sees.
func (s *Store) links(tx *gorm.DB) ([]ledger.Link, error) {
	s.chains.mu.Lock()
	known, last := slices.Clip(s.chains.links), s.chains.last
	s.chains.mu.Unlock()
	var fresh []placed
	if err := tx.Raw(placesAfter, last).Scan(&fresh).Error; err != nil {
		return nil, fmt.Errorf("read the chains of the keys: %w", err)
	}
	for _, p := range fresh {
		known = append(known, p.Link)
	}
	return known, nil
}
