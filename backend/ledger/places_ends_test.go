package ledger

import (
	"math/rand/v2"
	"testing"
)

// Places that begin where whole chains ended say of every act what all places
// say, or ask for all of them: also when a key forks afterwards, or was closed.
func TestPlacesAfterEndsSayWhatAllChainsSay(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 11))
	kept, asked, closed := 0, 0, 0
	for round := range 2000 {
		links := tangle(r)
		cut := r.IntN(len(links))
		first := NewPlaces()
		first.Take(links[:cut])
		ends, whole := first.Ends()
		if !whole || repeats(links) {
			continue
		}
		after := PlacesAfter(ends)
		if !after.TakeOn(links[cut:]) {
			if with := PlacesAfter(ends).With(links[cut:]); with != nil {
				t.Fatalf("round %d: With carries on what TakeOn does not, in %v", round, links)
			}
			asked++
			continue
		}
		want, got := newKeyChains(links), chainsAt(PlacesAfter(ends).With(links[cut:]))
		for _, l := range links {
			for _, last := range append([]Link{{}, {ID: noAct}}, links...) {
				if last.ID != "" && last.ID != noAct && last.Key != l.Key {
					continue // no charter names another key's act
				}
				got.short = false
				got.upTo = map[string]map[string]bool{}
				w, g := want.why(l.ID, l.Key, last.ID), got.why(l.ID, l.Key, last.ID)
				if got.short {
					asked++
					continue
				}
				if got.closed(l.Key, last.ID) && last.ID != "" {
					closed++
				}
				if w != g {
					t.Fatalf("round %d, cut %d: of %s, with the last act %q: %q, not %q, in %v", round, cut, l.ID, last.ID, g, w, links)
				}
				if w, g := want.incomplete(l.Key, last.ID), got.incomplete(l.Key, last.ID); w != g && !got.short {
					t.Fatalf("round %d, cut %d: %s is incomplete, with the last act %q: %t, not %t, in %v", round, cut, l.Key, last.ID, g, w, links)
				}
				kept++
			}
		}
		holdsWhatIsThere(t, chainsAt(after).places, links)
	}
	if kept < 1000 || asked < 100 || closed < 100 {
		t.Errorf("%d answers without all places, %d asked for them, %d of closed keys: the rounds say too little", kept, asked, closed)
	}
}

// repeats reports whether an id is there twice, which a table of acts refuses.
func repeats(links []Link) bool {
	seen := map[string]bool{}
	for _, l := range links {
		if seen[l.ID] {
			return true
		}
		seen[l.ID] = true
	}
	return false
}

func holdsWhatIsThere(t *testing.T, p *Places, links []Link) {
	t.Helper()
	all := []*opened{}
	for _, l := range links {
		all = append(all, &opened{id: l.ID, st: Statement{Key: l.Key, Prev: l.Prev, Seq: l.Seq}})
	}
	if !p.holds(all, nil) {
		t.Fatalf("the places do not hold the acts that they are of: %v", links)
	}
	other := *all[len(all)-1]
	other.id = "another"
	if p.holds(append(all, &other), nil) {
		t.Fatalf("two acts at one place are held: %v", links)
	}
	if p.holds(all, map[string]bool{"unknown": true}) {
		t.Fatal("a row that does not verify may be among those before, and nothing was asked")
	}
}
