package ledger

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// A ChainEnd is where the whole chain of a key ends.
type ChainEnd struct {
	Act  string `json:"act"`
	Key  string `json:"key"`
	Next int64  `json:"next"` // number of the act that would continue it
}

// ErrPlaces says that the ends of chains are not enough for this evidence: it
// needs the places of all acts.
var ErrPlaces = errors.New("the places of all acts are needed")

// PlacesAfter are the places of acts that come after the ends of whole chains.
// Of the acts before, they know that each has its place; who assembles a history
// with them gets ErrPlaces when more is needed, such as when a key forked.
func PlacesAfter(ends []ChainEnd) *Places {
	p := NewPlaces()
	p.before = make(map[string]end, len(ends))
	for _, e := range ends {
		p.before[e.Key] = end{e.Act, e.Next}
		p.ends[e.Key] = p.before[e.Key]
	}
	return p
}

// Ends are the ends of all chains, by key; false when one is not whole.
func (p *Places) Ends() ([]ChainEnd, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.base != nil || len(p.torn) > 0 || len(p.gap) > 0 || len(p.broken) > 0 {
		return nil, false
	}
	out := make([]ChainEnd, 0, len(p.ends))
	for key, e := range maps.All(p.ends) {
		out = append(out, ChainEnd{e.id, key, e.next})
	}
	slices.SortFunc(out, func(a, b ChainEnd) int { return strings.Compare(a.Key, b.Key) })
	return out, true
}

// Partial reports whether these are places after the ends of chains.
func (p *Places) Partial() bool {
	return p.before != nil || p.base != nil && p.base.Partial()
}

// TakeOn takes in the places of further acts if each simply continues its
// chain. If not, it says so, and these places are of no use any more.
func (p *Places) TakeOn(links []Link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range links {
		if _, twice := p.links[l.ID]; twice {
			continue
		}
		if !p.continues(l) {
			return false
		}
		p.links[l.ID] = l
	}
	return true
}

func (p *Places) beforeOf(key string) end {
	if p.base != nil {
		return p.base.beforeOf(key)
	}
	return p.before[key]
}

// covers reports whether an act has its place before the ends.
func (p *Places) covers(a *opened) bool {
	e := p.beforeOf(a.st.Key)
	return a.st.Seq < e.next && (a.st.Seq < e.next-1) == (a.id != e.id)
}
