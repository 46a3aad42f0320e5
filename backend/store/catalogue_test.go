package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// inventories is a store with an inventory of each of some environments.
func inventories(t *testing.T, names ...string) (*Store, []string) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	scans := []string{}
	for _, name := range names {
		err := s.w.Exec(`INSERT INTO environments VALUES (?, ?, 'demo', '', 'password', '', '', '', '', ?, ?, ?, 'soap', '')`, name, name, time.Time{}, time.Time{}, time.Time{}).Error
		if err == nil {
			err = s.w.Exec(`INSERT INTO scans VALUES (?, ?, '', '', ?, ?, 1, '[]')`, "scan of "+name, name, time.Time{}, time.Time{}).Error
		}
		if err == nil {
			err = s.w.Exec(`INSERT INTO scan_items VALUES (?, 'ApexClass', ?, '', '', '', '', '', ?, '')`, "scan of "+name, name, time.Time{}).Error
		}
		if err != nil {
			t.Fatal(err)
		}
		scans = append(scans, "scan of "+name)
	}
	return s, scans
}

// The mutex of all catalogues was once held while one of them was read: every
// search in another inventory stood still, and closing its page ended nothing.
func TestReadingOneInventoryHoldsUpNoOther(t *testing.T) {
	s, scans := inventories(t, "uat", "production")
	slow, other := scans[0], scans[1]
	if c, others := s.catalogues.find(slow); c != nil || others != nil { // somebody reads it from now on
		t.Fatalf("%v %v", c, others)
	}
	if _, total, err := s.Inventory(t.Context(), other, InventoryQuery{}); err != nil || total != 1 {
		t.Fatalf("%d, %v", total, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Inventory(gone, slow, InventoryQuery{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("who gave up while waiting got %v", err)
	}

	// Two wait; the reader fails, so one of them reads for both.
	var all sync.WaitGroup
	found := make(chan *catalogue, 2)
	for range cap(found) {
		all.Go(func() {
			c, err := s.catalogue(t.Context(), slow)
			if err != nil {
				t.Error(err)
			}
			found <- c
		})
	}
	s.catalogues.done(slow, nil)
	all.Wait()
	a, b := <-found, <-found
	if a == nil || a != b || len(a.rows) != 1 || len(s.catalogues.reading) > 0 {
		t.Errorf("%v and %v, %d still reading", a, b, len(s.catalogues.reading))
	}
	if len(s.catalogues.kept) != 2 {
		t.Errorf("%d are kept", len(s.catalogues.kept))
	}
}

func TestAReaderWhoGivesUpLeavesTheTurnToTheNext(t *testing.T) {
	s, scans := inventories(t, "uat")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Inventory(gone, scans[0], InventoryQuery{}); err == nil {
		t.Fatal("a reader who gave up got an inventory")
	}
	if _, total, err := s.Inventory(t.Context(), scans[0], InventoryQuery{}); err != nil || total != 1 {
		t.Errorf("%d, %v", total, err)
	}
}

// SQLite takes 32,766 variables: lists that named each id in one of its own
// failed past that.
func TestListsOfVeryManyIds(t *testing.T) {
	if testing.Short() {
		t.Skip("40,000 of each; the whole run does it")
	}
	s, _ := inventories(t)
	ctx := t.Context()
	ids := make([]string, 40_000)
	for i := range ids {
		ids[i] = fmt.Sprintf("no \"such\" <id> %d", i)
	}
	for name, read := range map[string]func(ids []string) (int, error){
		"RecordLines":   func(ids []string) (int, error) { out, err := s.RecordLines(ctx, ids); return len(out), err },
		"RecordLinesOf": func(ids []string) (int, error) { out, err := s.RecordLinesOf(ctx, ids); return len(out), err },
		"LogLinesOf":    func(ids []string) (int, error) { out, err := s.LogLinesOf(ctx, ids); return len(out), err },
		"PlacesOf":      func(ids []string) (int, error) { out, err := s.PlacesOf(ctx, ids); return len(out), err },
		"RequestLines":  func(ids []string) (int, error) { out, err := s.RequestLinesByID(ctx, ids); return len(out), err },
		"Candidates":    func(ids []string) (int, error) { out, err := s.CandidatesByID(ctx, ids); return len(out), err },
		"TrailNames":    func(ids []string) (int, error) { out, err := s.TrailNames(ctx, ids); return len(out), err },
		"ReceivedAt":    func(ids []string) (int, error) { out, err := s.ReceivedAt(ctx, ids); return len(out), err },
		"EntriesOfRows": func(ids []string) (int, error) { out, err := s.EntriesOfRows(ctx, ids, 10); return len(out), err },
		"EntriesAbout": func(ids []string) (int, error) {
			out, err := s.EntriesAbout(ctx, ids, []string{"gate", "content"}, 10)
			return len(out), err
		},
		"subjectsOf": func(ids []string) (int, error) {
			out, err := subjectsOf(s.query(ctx), ids)
			return len(out) - len(ids) - 1, err
		},
	} {
		for _, list := range [][]string{ids, {}, nil} {
			if n, err := read(list); n != 0 || err != nil {
				t.Errorf("%s of %d ids: %d, %v", name, len(list), n, err)
			}
		}
	}
}
