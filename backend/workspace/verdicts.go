package workspace

import (
	"context"
	"slices"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A verdict is how one request stands by its acts, and what its next step means
// for one member.
type verdict struct {
	id     string
	status governance.Status
	next   NextStep
	waits  bool
	// end is when its approval runs out, if it is one of this member's and still
	// needed; zero otherwise.
	end time.Time

	version string    // of what it was computed from
	until   time.Time // it holds no longer than this; zero: for ever
}

// verdicts remembers verdicts, so that lists and the first page look at the
// acts of those requests only of which something new was said. Nothing is
// decided by it: every door asks the rules again.
type verdicts struct {
	mu     sync.Mutex
	member string
	by     map[string]verdict
}

// keptVerdicts bounds what is remembered.
const keptVerdicts = 50_000

// recall gives the verdicts for a member that still hold, and the candidates to
// look at anew. Those for another member are let go.
func (v *verdicts) recall(member string, cs []store.Candidate, now time.Time) (found map[string]verdict, fresh []store.Candidate) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.member != member || len(v.by) > keptVerdicts {
		v.member, v.by = member, map[string]verdict{}
	}
	found = map[string]verdict{}
	for _, c := range cs {
		known, there := v.by[c.ID]
		if there && known.version == c.Version && (known.until.IsZero() || now.Before(known.until)) {
			found[c.ID] = known
			continue
		}
		fresh = append(fresh, c)
	}
	return found, fresh
}

func (v *verdicts) keep(member string, fresh []verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.member != member {
		return // the person acts as another by now
	}
	for _, f := range fresh {
		v.by[f.id] = f
	}
}

// batch bounds how many requests are looked at with one history.
const batch = 5000

// verdictsFor are the verdicts of the requests that could wait for a member,
// last changed first. The status columns only narrow down where to look; the
// acts decide.
func (w *Workspace) verdictsFor(ctx context.Context, member string) ([]verdict, error) {
	candidates, err := w.Store.Candidates(ctx, member)
	if err != nil {
		return nil, err
	}
	by, err := w.verdictsOf(ctx, member, candidates)
	if err != nil {
		return nil, err
	}
	out := make([]verdict, len(candidates))
	for i, c := range candidates {
		out[i] = by[c.ID]
	}
	return out, nil
}

func (w *Workspace) verdictsOf(ctx context.Context, member string, candidates []store.Candidate) (map[string]verdict, error) {
	by, fresh := w.known.recall(member, candidates, w.now())
	for part := range slices.Chunk(fresh, batch) {
		lines := make([]store.RequestLine, len(part))
		for i, c := range part {
			lines[i] = store.RequestLine{ID: c.ID, Number: c.Number, Status: c.Status, AuthorList: c.AuthorList}
		}
		all, err := w.situate(ctx, member, lines)
		if err != nil {
			return nil, err
		}
		made := make([]verdict, len(all))
		for i, s := range all {
			made[i] = w.verdictOf(s, part[i].Version)
			by[s.id] = made[i]
		}
		w.known.keep(member, made)
	}
	return by, nil
}

func (w *Workspace) verdictOf(s situated, version string) verdict {
	v := verdict{id: s.id, status: s.st.Status, next: w.next(s), end: runsOut(s), version: version}
	v.waits = s.waits(v.next)
	// A vote that runs out changes what is open, and a sentence that says how
	// long ago it was grows old.
	if v.until = s.st.Seating.Expires; !v.until.IsZero() && !v.until.After(s.now) {
		v.until = s.now.Add(time.Minute)
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
