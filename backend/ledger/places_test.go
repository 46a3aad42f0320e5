package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Places that were carried on act by act, and those of a door that may be undone
// again, say of every act what arranging all of them anew says: also when keys
// fork, acts are missing or come late, and a place is not what it was.
func TestPlacesSayWhatAllChainsSay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for round := range 300 {
		links := tangle(r)
		shared, taken := NewPlaces(), 0
		for taken < len(links) {
			n := 1 + r.IntN(4)
			some := links[taken:min(taken+n, len(links))]
			before := chainsAt(shared)
			sameChains(t, round, newKeyChains(links[:taken]), before, links[:taken])
			sameChains(t, round, newKeyChains(links[:taken+len(some)]), chainsAt(shared.With(some)), links[:taken+len(some)])
			sameChains(t, round, newKeyChains(links[:taken]), before, links[:taken]) // With left the shared ones alone
			shared.Take(some)
			taken += len(some)
		}
		sameChains(t, round, newKeyChains(links), chainsAt(shared), links)
	}
}

// tangle makes chains of three keys, mostly whole ones.
func tangle(r *rand.Rand) []Link {
	links, last := []Link{}, map[string]Link{}
	for i := range 5 + r.IntN(30) {
		key := fmt.Sprintf("key%d", r.IntN(3))
		l := Link{ID: fmt.Sprintf("act%02d", i), Key: key}
		if before, there := last[key]; there {
			l.Prev, l.Seq = before.ID, before.Seq+1
		}
		switch r.IntN(25) {
		case 0:
			last[key] = l
			continue // missing
		case 1:
			l.Seq = max(l.Seq-1, 0) // a fork
		case 2:
			l.Prev = "somewhere else"
		case 3:
			l.ID = fmt.Sprintf("act%02d", r.IntN(i+1)) // perhaps one that is there
		}
		links, last[key] = append(links, l), l
	}
	if r.IntN(3) == 0 {
		r.Shuffle(len(links), func(i, j int) { links[i], links[j] = links[j], links[i] })
	}
	return links
}

func sameChains(t *testing.T, round int, want, got *keyChains, links []Link) {
	t.Helper()
	for _, last := range append([]Link{{}, {ID: noAct}}, links...) {
		for _, l := range links {
			if w, g := want.why(l.ID, l.Key, last.ID), got.why(l.ID, l.Key, last.ID); w != g {
				t.Fatalf("round %d: of %s, with the last act %q: %q, not %q, in %v", round, l.ID, last.ID, g, w, links)
			}
			if w, g := want.incomplete(l.Key, last.ID), got.incomplete(l.Key, last.ID); w != g {
				t.Fatalf("round %d: %s is incomplete, with the last act %q: %t, not %t, in %v", round, l.Key, last.ID, g, w, links)
			}
		}
	}
}
