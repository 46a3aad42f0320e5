package governance

import (
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
		acts: map[string]*Act{}, threads: map[string][]*Act{}, missing: map[string]bool{}, requests: v.Requests, records: v.Records}
	for i := range v.Acts {
		a := v.Acts[i]
		h.acts[a.ID] = &a
		h.threads[a.Subject] = append(h.threads[a.Subject], &a)
	}
	for s, acts := range h.threads {
		h.threads[s] = h.inOrder(acts)
	}
	for _, s := range v.Missing {
		h.missing[s] = true
	}
	return h
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
		for _, id := range a.Seen {
			if s := h.acts[id]; s != nil && s.Subject == a.Subject {
				visit(s)
			}
		}
		out = append(out, a)
	}
	for _, a := range acts {
		visit(a)
	}
	return out
}

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
// act of the thread names.
func (h *History) Heads(subject string) []string {
	seen := map[string]bool{}
	for _, a := range h.threads[subject] {
		for _, s := range a.Seen {
			seen[s] = true
		}
	}
	out := []string{}
	for _, a := range h.threads[subject] {
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

// before reports whether a had seen b, directly or through others.
func (h *History) before(b, a *Act) bool {
	stack, seen := slices.Clone(a.Seen), map[string]bool{}
	for len(stack) > 0 {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[id] {
			continue
		}
		seen[id] = true
		if id == b.ID {
			return true
		}
		if s := h.acts[id]; s != nil && s.Subject == a.Subject {
			stack = append(stack, s.Seen...)
		}
	}
	return false
}

// good lists the acts about a subject that can count.
func (h *History) good(subject string) []*Act {
	return filter(h.threads[subject], func(a *Act) bool { return a.Broken == "" && a.Member != "" })
}

// then is the charter that an act's signer had seen.
func (h *History) then(a *Act) *Charter { return h.charters[a.Governance] }
