package store

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"
)

// Who gave up after the last statement was told that the transaction had
// already been rolled back.
func TestAReadThatWasGivenUpSaysSo(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := s.r.DB()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.read(ctx, func(tx *gorm.DB) error {
		cancel()
		for db.Stats().InUse > 0 {
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	if err != context.Canceled {
		t.Fatal(err)
	}
}
