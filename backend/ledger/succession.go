package ledger

import (
	"fmt"
	"slices"

	"countersign/backend/governance"
)

// succession finds the charter in force: from the genesis on, each version is
// replaced by the one that enough owners of the old version and enough owners
// of the new one endorse. Owners are counted as members, never as keys or
// signatures (The Update Framework, section 5.3, "Update the root role").
type succession struct {
	keys      *keyChains
	acts      map[string]*opened
	children  map[string][]string // proposals by the act that they replace, sorted
	votes     map[string][]string // acts that support a proposal: itself and its endorsements
	charters  map[string]*governance.Charter
	candidate map[string]*governance.Charter
	walks     map[string]walk // what follow found
}

type walk struct {
	path    []string
	trouble string
}

func newSuccession(keys *keyChains, acts []*opened) *succession {
	s := &succession{keys: keys, acts: map[string]*opened{}, children: map[string][]string{}, votes: map[string][]string{},
		charters: map[string]*governance.Charter{}, candidate: map[string]*governance.Charter{}, walks: map[string]walk{}}
	for _, a := range acts {
		s.acts[a.id] = a
		switch b := a.body.(type) {
		case governance.Charter:
			c, err := copyCharter(&b) // a Verifier keeps b, and who gets the History may change c
			if err != nil {
				continue
			}
			s.candidate[a.id] = &c
			if a.st.Type == string(governance.ActCharter) && checkCharter(&c) == nil {
				s.children[c.Prev] = append(s.children[c.Prev], a.id)
				s.votes[a.id] = append(s.votes[a.id], a.id)
			}
		case governance.Endorsement:
			s.votes[b.Change] = append(s.votes[b.Change], a.id)
		}
	}
	for _, c := range s.children {
		slices.Sort(c)
	}
	return s
}

// resolve returns the act that made the charter in force and what is wrong
// with the chain, or "".
func (s *succession) resolve(workspace string) (head, trouble string) {
	g := s.acts[workspace]
	c := s.candidate[workspace]
	if g == nil || c == nil || g.st.Type != string(governance.ActGenesis) || checkGenesis(c, g.st.Key) != nil {
		return "", "The founding act of this workspace is missing or not valid, so nothing in it can be trusted."
	}
	w := s.follow(workspace)
	for _, id := range w.path {
		s.charters[id] = s.candidate[id]
	}
	return w.path[len(w.path)-1], w.trouble
}

// follow walks from one version to the last. At a fork that is not mended it
// stops, and keeps the charters of every branch, so that the history can
// still be read.
func (s *succession) follow(id string) walk {
	if w, done := s.walks[id]; done {
		return w
	}
	w := walk{path: []string{id}}
	at := id
	for next := s.successors(at); len(next) > 0; next = s.successors(at) {
		if len(next) > 1 {
			w = s.fork(w.path, next)
			break
		}
		at = next[0]
		w.path = append(w.path, at)
	}
	s.walks[id] = w
	return w
}

func (s *succession) fork(path, next []string) walk {
	if branch, ok := s.mended(next); ok {
		return walk{append(path, branch.path...), branch.trouble}
	}
	for _, x := range next {
		for _, id := range s.follow(x).path {
			s.charters[id] = s.candidate[id]
		}
	}
	version := s.candidate[path[len(path)-1]].Version
	return walk{path, fmt.Sprintf("The charter forks after version %d: the owners endorsed %d different successors (%s).", version, len(next), shortIDs(next))}
}

// mended returns the one branch of a fork that declares all others void with
// the agreement of both sides.
func (s *succession) mended(next []string) (branch walk, ok bool) {
	found := 0
	for _, x := range next {
		w := s.follow(x)
		if slices.ContainsFunc(w.path, func(id string) bool { return s.voids(id, x, next) }) {
			found++
			branch = w
		}
	}
	return branch, found == 1
}

// voids reports whether a version ends a fork in favour of the successor keep.
// The owners of each version that falls with it must agree as well, to the last
// one of a line: otherwise whoever stole enough keys of an old version, which a
// newer one revoked, could found a second line there and void the true one. A
// line that forks itself has no last version, and is mended first.
func (s *succession) voids(id, keep string, all []string) bool {
	c := s.candidate[id]
	for _, other := range all {
		if other == keep {
			continue
		}
		line := s.follow(other)
		refuses := func(fallen string) bool { return !s.agreed(id, s.candidate[fallen]) }
		if !slices.Contains(c.Void, other) || line.trouble != "" || slices.ContainsFunc(line.path, refuses) {
			return false
		}
	}
	return true
}

// successors are the proposals that replace a version with enough owners.
func (s *succession) successors(id string) []string {
	old, out := s.candidate[id], []string{}
	for _, p := range s.children[id] {
		c := s.candidate[p]
		if c.Version == old.Version+1 && checkFixed(old, c) == nil && s.agreed(p, old) && s.agreed(p, c) {
			out = append(out, p)
		}
	}
	return out
}

// agreed reports whether as many owners of a version as it asks for support a
// proposal with a key that is in use in it. A recovery key counts as an owner's.
func (s *succession) agreed(proposal string, under *governance.Charter) bool {
	owners := map[string]bool{}
	for _, id := range s.votes[proposal] {
		a := s.acts[id]
		m, k := under.MemberByKey(a.st.Key)
		if m.Endorses() && s.keys.why(id, k.Public, k.Last) == "" {
			owners[m.ID] = true
		}
	}
	return int64(len(owners)) >= under.OwnerThreshold
}

func shortIDs(ids []string) string {
	out := ""
	for i, id := range ids {
		if i > 0 {
			out += ", "
		}
		out += id[:12]
	}
	return out
}
