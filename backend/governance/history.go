package governance

import (
	"cmp"
	"slices"
	"strings"
)

// A History is everything that is known and verified about a workspace, or
// about some of its records. Only package ledger assembles one, after it has
// checked every signature, canonical form, key chain and the charter's chain;
// a test holds that nothing else calls AssembleHistory.
type History struct {
	workspace string
	head      string
	charters  map[string]*Charter
	trouble   string
	acts      map[string]*Act
	threads   map[string][]*Act // by subject, every act after those it has seen
	past      map[string][]*Act // by act, those of its thread that came right before it
	place     map[string]int    // by act, where it stands in its thread
	behind    map[string]places // by act, all of its thread that came before it
	newest    map[string]*Charter
	ends      map[string][]*Act // by delegation, the acts that ended it
	missing   map[string]bool   // subjects with a gap
	requests  map[string]*RequestRevision
	records   map[string]*RecordRevision
}

// Verified is what ledger hands over. Requests and Records are the revisions
// by digest; Missing names subjects whose history has a gap on this machine.
type Verified struct {
	Workspace string
	Head      string // id of the act that made the charter in force
	Charters  map[string]*Charter
	Trouble   string // why the charter's chain cannot be trusted, or empty
	Acts      []Act
	Missing   []string
	Requests  map[string]*RequestRevision
	Records   map[string]*RecordRevision
}

// AssembleHistory arranges verified acts. For package ledger only.
func AssembleHistory(v Verified) *History {
	h := &History{workspace: v.Workspace, head: v.Head, charters: v.Charters, trouble: v.Trouble,
		acts: map[string]*Act{}, threads: map[string][]*Act{}, past: map[string][]*Act{}, place: map[string]int{}, behind: map[string]places{}, newest: map[string]*Charter{}, ends: map[string][]*Act{},
		missing: map[string]bool{}, requests: v.Requests, records: v.Records}
	for i := range v.Acts {
		a := v.Acts[i]
		h.acts[a.ID] = &a
		h.threads[a.Subject] = append(h.threads[a.Subject], &a)
	}
	for s, acts := range h.threads {
		h.link(acts)
		h.threads[s] = h.inOrder(acts)
		for _, a := range h.threads[s] {
			h.look(a)
			if end, ok := a.Body.(DelegationEnd); ok && a.Broken == "" && a.Member != "" {
				h.ends[end.Delegation] = append(h.ends[end.Delegation], a)
			}
		}
	}
	for _, s := range v.Missing {
		h.missing[s] = true
	}
	return h
}

// link notes what came right before each act: what its signer had seen, and
// the signer's own word before it, which nobody can claim not to have seen.
func (h *History) link(acts []*Act) {
	slices.SortFunc(acts, func(a, b *Act) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID)) })
	own := map[string]*Act{}
	for _, a := range acts {
		for _, id := range a.Seen {
			if s := h.acts[id]; s != nil && s.Subject == a.Subject {
				h.past[a.ID] = append(h.past[a.ID], s)
			}
		}
		if a.Broken != "" {
			continue // only a whole chain of a key proves what it says of the order
		}
		if p := own[a.Key]; p != nil {
			h.past[a.ID] = append(h.past[a.ID], p)
		}
		own[a.Key] = a
	}
}

// inOrder sorts a thread so that each act follows what its signer had seen;
// where that says nothing, the id decides. Clocks never do.
func (h *History) inOrder(acts []*Act) []*Act {
	slices.SortFunc(acts, func(a, b *Act) int { return strings.Compare(a.ID, b.ID) })
	out, done := make([]*Act, 0, len(acts)), map[string]bool{}
	var visit func(a *Act)
	visit = func(a *Act) {
		if done[a.ID] {
			return
		}
		done[a.ID] = true
		for _, p := range h.past[a.ID] {
			visit(p)
		}
		h.place[a.ID] = len(out)
		out = append(out, a)
	}
	for _, a := range acts {
		visit(a)
	}
	return out
}

// look finds what lies behind an act, of an ordered thread the next, and the
// newest charter that its signer cannot deny to have seen: the act's own or
// that of a good act behind it.
func (h *History) look(a *Act) {
	behind, newest := make(places, h.place[a.ID]/64+1), h.then(a)
	for _, p := range h.past[a.ID] {
		behind.add(h.behind[p.ID], h.place[p.ID])
		if c := h.newest[p.ID]; c != nil && p.Broken == "" && (newest == nil || c.Version > newest.Version) {
			newest = c
		}
	}
	h.behind[a.ID], h.newest[a.ID] = behind, newest
}

// places is a set of places in a thread, one bit each.
type places []uint64

func (p places) add(others places, place int) {
	for i, word := range others {
		p[i] |= word
	}
	p[place/64] |= 1 << (place % 64)
}

func (p places) has(place int) bool { return place/64 < len(p) && p[place/64]&(1<<(place%64)) != 0 }

// Workspace is the workspace's id: the id of its gov.genesis act.
func (h *History) Workspace() string { return h.workspace }

// Head is the act that made the charter in force.
func (h *History) Head() string { return h.head }

// Charter is the charter in force, nil if there is none that can be trusted.
func (h *History) Charter() *Charter { return h.charters[h.head] }

// CharterAt is the charter that an act made, nil if it is not in the chain.
func (h *History) CharterAt(act string) *Charter { return h.charters[act] }

// Charters lists the chain's versions, oldest first.
func (h *History) Charters() []*Charter {
	out := []*Charter{}
	for _, c := range h.charters {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Charter) int { return int(a.Version - b.Version) })
	return out
}

// Trouble says why the charter cannot be trusted, or is empty.
func (h *History) Trouble() string { return h.trouble }

// Thread lists the acts about a subject, each after those it had seen.
func (h *History) Thread(subject string) []*Act { return slices.Clone(h.threads[subject]) }

// Act returns an act by id, or nil.
func (h *History) Act(id string) *Act { return h.acts[id] }

// Heads lists the acts about a subject that no other act has seen: what a new
// act of the thread names. Outsiders are left out, with what they say to have
// seen: they could bring more acts than an act can name, or hide one.
func (h *History) Heads(subject string) []string {
	inside := filter(h.threads[subject], func(a *Act) bool { return a.Member != "" || h.named(a.Key) })
	seen := map[string]bool{}
	for _, a := range inside {
		for _, s := range a.Seen {
			seen[s] = true
		}
	}
	out := []string{}
	for _, a := range inside {
		if !seen[a.ID] {
			out = append(out, a.ID)
		}
	}
	slices.Sort(out)
	return out
}

// Request returns the revision with that digest, or nil.
func (h *History) Request(digest string) *RequestRevision { return h.requests[digest] }

// Record returns the revision with that digest, or nil.
func (h *History) Record(digest string) *RecordRevision { return h.records[digest] }

// before reports whether a had seen b, directly or through others, or was
// signed after it with the same key.
func (h *History) before(b, a *Act) bool {
	return b.Subject == a.Subject && h.behind[a.ID].has(h.place[b.ID])
}

// good lists the acts about a subject that can count.
func (h *History) good(subject string) []*Act {
	return filter(h.threads[subject], func(a *Act) bool { return a.Broken == "" && a.Member != "" })
}

// then is the charter that an act's signer had seen.
func (h *History) then(a *Act) *Charter { return h.charters[a.Governance] }

// held reports whether an act's signer had a role under the charter that the
// act names, and under the newest that it cannot deny to have seen: who lost a
// role does not get it back by naming an old charter.
func (h *History) held(a *Act, r Role) bool {
	return h.heldBy(a, a.Member, r)
}

// heldBy is held of another member, in whose place the signer speaks.
func (h *History) heldBy(a *Act, member string, r Role) bool {
	return h.then(a) != nil && h.then(a).Member(member).Has(r) && h.newest[a.ID].Member(member).Has(r)
}

// dated reports whether an act names the newest charter that it had seen.
func (h *History) dated(a *Act) bool { return h.newest[a.ID] == h.then(a) }

// ParentsAfter are the revisions that content names as its parents which is
// submitted after a revision, empty for the first time: that one, and the drafts
// that were merged since.
func (h *History) ParentsAfter(revision string, parents []string) []string {
	stale := []string{revision} // and what that one was made from
	if r := h.Request(revision); r != nil {
		stale = append(stale, r.Parents...)
	} else if r := h.Record(revision); r != nil {
		stale = append(stale, r.Parents...)
	}
	out := slices.DeleteFunc(slices.Clone(parents), func(p string) bool { return slices.Contains(stale, p) })
	if revision != "" {
		out = append([]string{revision}, out...)
	}
	return present(out)
}
