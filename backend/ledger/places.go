package ledger

import "sync"

// Places are the places of all acts of a workspace in their keys' chains,
// arranged once and carried on with each new act, so that a history of a part
// does not arrange all of them again. What it says of a chain is what arranging
// all of them anew would say. It is safe for concurrent use.
type Places struct {
	base   *Places        // those before, nil if there are none; it is only read
	before map[string]end // ends of chains whose acts are not here; see PlacesAfter

	mu     sync.RWMutex
	links  map[string]Link
	broken map[string]string // act id -> why
	gap    map[string]bool   // keys with something missing
	ends   map[string]end    // of keys whose chain is whole
	torn   map[string]bool   // keys whose chain is not
}

// An end is where a whole chain of a key ends.
type end struct {
	id   string
	next int64 // number of the act that would continue it
}

// NewPlaces returns the places of no act.
func NewPlaces() *Places { return newPlaces(nil) }

func newPlaces(base *Places) *Places {
	return &Places{base: base, links: map[string]Link{}, broken: map[string]string{}, gap: map[string]bool{}, ends: map[string]end{}, torn: map[string]bool{}}
}

// Take takes in the places of further acts; of those that are there already the
// first one stays.
func (p *Places) Take(links []Link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	torn := map[string]bool{}
	for _, l := range links {
		if _, twice := p.links[l.ID]; twice {
			continue
		}
		p.links[l.ID] = l
		if !p.continues(l) {
			torn[l.Key] = true
		}
	}
	if len(torn) > 0 {
		p.arrange(torn)
	}
}

// continues takes a place in that simply comes next in its key's chain.
func (p *Places) continues(l Link) bool {
	e := p.ends[l.Key]
	if p.torn[l.Key] || l.Seq != e.next || l.Prev != e.id {
		return false
	}
	p.ends[l.Key] = end{l.ID, e.next + 1}
	return true
}

// arrange looks at the whole chains of some keys.
func (p *Places) arrange(keys map[string]bool) {
	some := []Link{}
	for _, l := range p.links {
		if keys[l.Key] {
			some = append(some, l)
			delete(p.broken, l.ID)
		}
	}
	k := newKeyChains(some)
	for id, why := range k.broken {
		p.broken[id] = why
	}
	last := map[string]end{}
	for key := range keys {
		delete(p.torn, key)
	}
	for _, l := range some {
		if e := last[l.Key]; l.Seq >= e.next {
			last[l.Key] = end{l.ID, l.Seq + 1}
		}
		if k.broken[l.ID] != "" {
			p.torn[l.Key] = true
		}
	}
	for key := range keys {
		delete(p.gap, key)
		if k.gap[key] {
			p.gap[key] = true
		}
		if p.ends[key] = last[key]; p.torn[key] {
			delete(p.ends, key)
		}
	}
}

// With are these places and those of further acts, which may be undone again:
// the ones that are shared stay as they are. It is nil when these are Partial
// and a chain is not simply continued.
func (p *Places) With(links []Link) *Places {
	over := newPlaces(p)
	for _, l := range links {
		if _, twice := over.link(l.ID); twice {
			continue
		}
		if _, own := over.ends[l.Key]; !own {
			over.ends[l.Key] = p.endOf(l.Key)
		}
		if p.isTorn(l.Key) || !over.continues(l) {
			if p.Partial() {
				return nil
			}
			whole := NewPlaces()
			whole.Take(append(p.all(), links...))
			return whole
		}
		over.links[l.ID] = l
	}
	return over
}

func (p *Places) endOf(key string) end {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if e, own := p.ends[key]; own || p.base == nil {
		return e
	}
	return p.base.endOf(key)
}

func (p *Places) isTorn(key string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.torn[key] || p.base != nil && p.base.isTorn(key)
}

func (p *Places) link(id string) (Link, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	l, known := p.links[id]
	if !known && p.base != nil {
		return p.base.link(id)
	}
	return l, known
}

func (p *Places) why(id string) string {
	p.mu.RLock()
	defer p.mu.RUnlock()
	why := p.broken[id]
	if why == "" && p.base != nil {
		return p.base.why(id)
	}
	return why
}

func (p *Places) incomplete(key string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.gap[key] || p.base != nil && p.base.incomplete(key)
}

func (p *Places) all() []Link {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]Link, 0, len(p.links))
	if p.base != nil {
		out = p.base.all()
	}
	for _, l := range p.links {
		out = append(out, l)
	}
	return out
}

// holds reports whether these are the places of the acts that were opened, as
// they were signed, and of none of the rows that are left out: then they are
// those of all acts.
func (p *Places) holds(acts []*opened, bad map[string]bool) bool {
	if p.Partial() && len(bad) > 0 {
		return false // nobody knows whether they are among those before
	}
	type place struct {
		key string
		seq int64
	}
	covered := map[place]bool{}
	for _, a := range acts {
		l, known := p.link(a.id)
		if at := (place{a.st.Key, a.st.Seq}); !known && p.Partial() && p.covers(a) && !covered[at] {
			covered[at] = true
			continue
		}
		if !known || l.Key != a.st.Key || l.Prev != a.st.Prev || l.Seq != a.st.Seq {
			return false
		}
	}
	for id := range bad {
		if _, known := p.link(id); known {
			return false
		}
	}
	return true
}
