package ledger_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A said is what one person signed in the simulation, and what was known to his
// replica then: the independent count below needs no more.
type said struct {
	id, who, what, in string // in: in whose place
	past              map[string]bool
}

// A simulation is five people, each with a replica of his own, who sign what
// they like and exchange any part of what they have.
type simulation struct {
	*world
	d        map[string]string // delegations to olga, by principal
	replicas map[string]map[string]ledger.SignedAct
	all      map[string]said
}

var replicas = []string{"ann", "ben", "cleo", "olga", "rita"}

// newSimulation has a request with one field, which two approvers approve in any
// order, and its record, which is approved already.
func newSimulation(t *testing.T) *simulation {
	w := newWorld(t, delegating)
	field := []governance.Customization{{Change: governance.Add, Name: "Account.Tier__c", Type: "CustomField"}}
	w.request.Customizations, w.record.Customizations = field, field
	s := &simulation{world: w, d: map[string]string{}, replicas: map[string]map[string]ledger.SignedAct{}, all: map[string]said{}}
	for _, who := range []string{"ann", "ben"} {
		s.d[who] = w.delegates(who, delegated("olga"))
	}
	w.submitRequest()
	w.forceRecord("rita", "ann")
	w.vote(w.people["cleo"], dr, 0)
	w.cache()
	return s
}

// copied is the simulation at its beginning, with chains of its own.
func (s *simulation) copied() *simulation {
	w := *s.world
	w.acts, w.people = slices.Clone(s.acts), map[string]*person{}
	for n, p := range s.people {
		c := *p
		w.people[n] = &c
	}
	out := &simulation{world: &w, d: s.d, replicas: map[string]map[string]ledger.SignedAct{}, all: map[string]said{}}
	for _, r := range replicas {
		out.replicas[r] = map[string]ledger.SignedAct{}
		for _, a := range w.acts {
			out.replicas[r][a.ID] = a
		}
	}
	return out
}

func (s *simulation) seenBy(replica string) (*governance.History, []string) {
	s.t.Helper()
	acts := slices.Collect(maps.Values(s.replicas[replica]))
	h, findings, err := s.v.Assemble(ledger.Evidence{Workspace: s.ws, Acts: acts, Revisions: s.revs})
	must(s.t, err)
	return h, findings
}

// does signs one act about the request on a replica.
func (s *simulation) does(who, what, in string) {
	h, _ := s.seenBy(who)
	st := governance.Intent{Type: governance.ActType("cr." + what), Subject: cr}
	vote := governance.Vote{Delegation: s.d[in], Reason: "r", Revision: s.request.Revision, Round: 1}
	switch what {
	case "approve", "reject":
		st.Body = vote
	case "recall":
		st.Body = governance.Closing{Reason: "r", Revision: s.request.Revision, Round: 1}
	case "withdraw":
		last := ""
		for _, a := range h.Thread(cr) {
			if _, isVote := a.Body.(governance.Vote); isVote && a.Member == who {
				last = a.ID
			}
		}
		if last == "" {
			return
		}
		st.Body = governance.Withdrawal{Act: last, Reason: "r", Revision: s.request.Revision, Round: 1}
	}
	past := map[string]bool{}
	for id := range s.replicas[who] {
		past[id] = true
		maps.Copy(past, s.all[id].past)
	}
	a := s.raw(s.people[who], st, h.Head(), h.Heads(cr))
	s.replicas[who][a.ID] = a
	s.all[a.ID] = said{id: a.ID, who: who, what: what, in: in, past: past}
}

// counted is the status of the request by an independent count: who approves,
// rejects or recalls, less what the same person took back having seen it.
func (s *simulation) counted() governance.Status {
	stands := func(v said) bool {
		for _, w := range s.all {
			if w.what == "withdraw" && w.who == v.who && w.past[v.id] {
				return false
			}
		}
		return true
	}
	approver := map[string]bool{"ann": true, "ben": true, "cleo": true}
	own, forOthers, rejected := map[string]bool{}, map[string]bool{}, false
	for _, v := range s.all {
		person := v.who
		if v.in != "" {
			person = v.in
		}
		switch {
		case v.what == "recall" && v.who == "rita":
			return governance.InProgress
		case v.what == "recall" || !approver[person] || !stands(v):
		case v.what == "reject":
			rejected = true
		case v.what == "approve" && v.in != "":
			forOthers[v.in] = true
		case v.what == "approve":
			own[v.who] = true
		}
	}
	n := len(own)
	for p := range forOthers {
		if !own[p] {
			n++
			break // olga is one person
		}
	}
	switch {
	case rejected:
		return governance.Rejected
	case n >= 2:
		return governance.Approved
	}
	return governance.Pending
}

// Whatever is exchanged in whatever order, replicas that have the same acts say
// the same, and what an independent count says: a hundred times ten exchanges.
func TestReplicasThatExchangeAgree(t *testing.T) {
	first := newSimulation(t)
	seen, exchanges := map[governance.Status]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := first.copied()
		for range 10 {
			for range rapid.IntRange(0, 2).Draw(rt, "acts") {
				who := rapid.SampledFrom(replicas).Draw(rt, "who")
				what := rapid.SampledFrom([]string{"approve", "approve", "approve", "approve", "withdraw", "withdraw", "reject"}).Draw(rt, "what")
				if who == "rita" && rapid.IntRange(0, 9).Draw(rt, "recall") == 0 {
					what = "recall"
				}
				in := ""
				if who == "olga" && what != "withdraw" {
					in = rapid.SampledFrom([]string{"", "ann", "ben"}).Draw(rt, "in whose place")
				}
				s.does(who, what, in)
			}
			from, to := rapid.SampledFrom(replicas).Draw(rt, "from"), rapid.SampledFrom(replicas).Draw(rt, "to")
			ids := slices.Sorted(maps.Keys(s.replicas[from]))
			for _, id := range ids {
				if rapid.Bool().Draw(rt, "goes") {
					s.replicas[to][id] = s.replicas[from][id]
				}
			}
			exchanges++
		}
		s.agree(rt, seen)
	})
	t.Logf("%d exchanges, %v", exchanges, seen)
	if !t.Failed() && !testing.Short() && (exchanges < 1000 || len(seen) < 4) {
		t.Errorf("%d exchanges saw only %v", exchanges, seen)
	}
}

// agree brings everything to everybody and compares.
func (s *simulation) agree(rt *rapid.T, seen map[governance.Status]int) {
	want := s.counted()
	seen[want]++
	for _, r := range replicas {
		for _, a := range s.acts {
			s.replicas[r][a.ID] = a
		}
		h, findings := s.seenBy(r) // in the random order of a map
		st := h.RequestStanding(cr)
		if st.Status != want || len(st.Trouble) > 0 || len(findings) > 0 {
			rt.Fatalf("%s says %s %v %v, the count says %s: %+v", r, st.Status, st.Trouble, findings, want, st.Seating)
		}
		request, record := s.request, s.record
		request.Status, record.Status = st.Status, h.RecordStanding(dr).Status
		d := governance.Gate(governance.Question{History: h, Request: &request, Record: &record, RequestDigest: request.Revision, RecordDigest: record.Revision,
			Kind: governance.AttemptValidate, Package: record.Package, Base: record.Base, Target: record.TargetOrg, TargetKind: record.TargetKind, Deployer: record.Deployer, Now: s.now})
		if d.Open != (want == governance.Approved) {
			rt.Fatalf("%s: the gate is open %v at %s: %v", r, d.Open, want, d.Reasons())
		}
	}
}
