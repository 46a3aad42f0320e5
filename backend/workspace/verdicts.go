package workspace

import (
	"context"
	"slices"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// A verdict is how one request stands by its acts, and what its next step means
// for one member.
type verdict struct {
	id     string
	status governance.Status
	next   NextStep
	waits  bool
	// digest is of what waits for a vote, and expires when its first approval runs
	// out.
	digest  string
	expires time.Time
	// end is when its approval runs out, if it is one of this member's and still
	// needed; zero otherwise.
	end time.Time

	version string    // of what it was computed from
	until   time.Time // it holds no longer than this; zero: for ever
}

// verdicts remembers verdicts, so that lists and the first page look at the
// acts of those requests only of which something new was said. What does not
// depend on who looks is remembered once for all. Nothing is decided by it:
// every door asks the rules again.
type verdicts struct {
	mu    sync.Mutex
	by    map[string]map[string]*verdict // by member and request
	facts map[string]fact                // by request
	size  int

	whole map[string]wholeVerdicts // by member
}

// A fact is how a request stands, whoever looks.
type fact struct {
	version string
	situated
}

// wholeVerdicts are all verdicts for a member at a state of the database.
type wholeVerdicts struct {
	version store.Version
	until   time.Time
	all     []*verdict
}

// keptVerdicts bounds what is remembered.
const keptVerdicts = 50_000

func (v *verdict) holds(version string, now time.Time) bool {
	return v.version == version && (v.until.IsZero() || now.Before(v.until))
}

// recall gives the verdicts for a member that still hold, in the order of the
// candidates, and the places of those to look at anew.
func (v *verdicts) recall(member string, cs []store.Candidate, now time.Time) (found []*verdict, fresh []int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found = make([]*verdict, len(cs))
	known := v.by[member]
	for i, c := range cs {
		if k := known[c.ID]; k != nil && k.holds(c.Version, now) {
			found[i] = k
			continue
		}
		fresh = append(fresh, i)
	}
	return found, fresh
}

// recallFacts gives the facts that still hold, by request.
func (v *verdicts) recallFacts(cs []store.Candidate) (found map[string]fact, fresh []store.Candidate) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found = make(map[string]fact, len(cs))
	for _, c := range cs {
		if f, there := v.facts[c.ID]; there && f.version == c.Version {
			found[c.ID] = f
			continue
		}
		fresh = append(fresh, c)
	}
	return found, fresh
}

func (v *verdicts) keepFacts(fresh []fact) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.facts == nil || len(v.facts) > keptVerdicts {
		v.facts = map[string]fact{}
	}
	for _, f := range fresh {
		v.facts[f.id] = f
	}
}

func (v *verdicts) keep(member string, fresh []*verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.by == nil || v.size > keptVerdicts {
		v.by, v.size = map[string]map[string]*verdict{}, 0
	}
	if v.by[member] == nil {
		v.by[member] = map[string]*verdict{}
	}
	for _, f := range fresh {
		if v.by[member][f.id] == nil {
			v.size++
		}
		v.by[member][f.id] = f
	}
}

func (v *verdicts) recallWhole(member string, version store.Version, now time.Time) ([]*verdict, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	kept, there := v.whole[member]
	if !there || !version.Known() || kept.version != version || !kept.until.IsZero() && !now.Before(kept.until) {
		return nil, false
	}
	return kept.all, true
}

func (v *verdicts) keepWhole(member string, kept wholeVerdicts) {
	v.mu.Lock()
	defer v.mu.Unlock()
	remember(&v.whole, member, kept)
}

// batch bounds how many requests are looked at with one history.
const batch = 5000

// verdictsFor are the verdicts of the requests that could wait for a member,
// last changed first. The status columns only narrow down where to look; the
// acts decide.
func (w *Workspace) verdictsFor(ctx context.Context, member string) ([]*verdict, error) {
	version := w.Store.Version(ctx)
	if all, there := w.known.recallWhole(member, version, w.now()); there {
		return all, nil
	}
	candidates, err := w.Store.Candidates(ctx, member)
	if err != nil {
		return nil, err
	}
	all, err := w.verdictsOf(ctx, member, candidates)
	if err != nil {
		return nil, err
	}
	kept := wholeVerdicts{version: version, all: all}
	for _, v := range all {
		kept.until = soonest(v.until, kept.until)
	}
	w.known.keepWhole(member, kept)
	return all, nil
}

// verdictsOf are the verdicts of candidates, in their order.
func (w *Workspace) verdictsOf(ctx context.Context, member string, candidates []store.Candidate) ([]*verdict, error) {
	now := w.now()
	out, fresh := w.known.recall(member, candidates, now)
	if len(fresh) == 0 {
		return out, nil
	}
	some := make([]store.Candidate, len(fresh))
	for i, at := range fresh {
		some[i] = candidates[at]
	}
	facts, err := w.factsOf(ctx, some)
	if err != nil {
		return nil, err
	}
	made := make([]*verdict, len(some))
	ledger.InParallel(len(some), func(i int) {
		s := facts[some[i].ID].situated
		s.me, s.now = member, now
		s.asked()
		v := w.verdictOf(s, some[i].Version)
		made[i] = &v
	})
	for i, at := range fresh {
		out[at] = made[i]
	}
	w.known.keep(member, made)
	return out, nil
}

// factsOf are the facts of candidates, by request.
func (w *Workspace) factsOf(ctx context.Context, candidates []store.Candidate) (map[string]fact, error) {
	found, fresh := w.known.recallFacts(candidates)
	for part := range slices.Chunk(fresh, batch) {
		lines := make([]store.RequestLine, len(part))
		for i, c := range part {
			lines[i] = store.RequestLine{ID: c.ID, Number: c.Number, Status: c.Status, AuthorList: c.AuthorList}
		}
		all, err := w.situate(ctx, lines)
		if err != nil {
			return nil, err
		}
		made := make([]fact, len(all))
		for i, s := range all {
			made[i] = fact{part[i].Version, s}
			found[s.id] = made[i]
		}
		w.known.keepFacts(made)
	}
	return found, nil
}

func (w *Workspace) verdictOf(s situated, version string) verdict {
	v := verdict{id: s.id, status: s.st.Status, next: w.next(s), end: runsOut(s), version: version}
	v.waits = s.waits(v.next)
	// A vote that runs out changes what is open, and a sentence that says how
	// long ago it was grows old.
	if v.until = s.st.Seating.Expires; !v.until.IsZero() && !v.until.After(s.now) {
		v.until = s.now.Add(time.Minute)
	}
	if s.st.Status == governance.Pending {
		v.digest, v.expires = s.st.Revision, s.st.Seating.Expires.UTC()
		v.until = soonest(turnAt(s.h, s.me, s.now), v.until)
	}
	return v
}

// runsOut is when the approval of a request of this member runs out, as long as
// it is still needed; zero otherwise.
func runsOut(s situated) time.Time {
	if s.st.Status != governance.Approved || !s.mine() || !s.st.Seating.Filled {
		return time.Time{}
	}
	open := func(r store.RecordLine) bool {
		status := s.h.RecordStanding(r.ID).Status
		return status != governance.Completed && status != governance.Cancelled
	}
	if len(s.records) > 0 && !slices.ContainsFunc(s.records, open) {
		return time.Time{}
	}
	return s.st.Seating.Expires.UTC()
}
