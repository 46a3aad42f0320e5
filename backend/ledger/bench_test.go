package ledger_test

import (
	"fmt"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// long is a request with about n acts, each of which saw the one before.
func long(b *testing.B, n int, next func(w *world, i int, at map[string]string) (string, governance.Intent)) *governance.History {
	b.Helper()
	w := newWorld(b)
	w.onRequest("rita", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
	at := map[string]string{"revision": w.request.Revision}
	last := w.acts[len(w.acts)-1].ID
	for i := range n {
		who, in := next(w, i, at)
		last = w.raw(w.people[who], in, w.ws, []string{last}).ID
	}
	return w.history()
}

func BenchmarkStanding(b *testing.B) {
	const acts = 1000
	vote := func(at map[string]string) governance.Vote { return governance.Vote{Revision: at["revision"], Round: 1} }
	for name, next := range map[string]func(w *world, i int, at map[string]string) (string, governance.Intent){
		"approvals": func(_ *world, i int, at map[string]string) (string, governance.Intent) {
			return []string{"ann", "ben", "cleo"}[i%3], governance.Intent{Type: "cr.approve", Subject: cr, Body: vote(at)}
		},
		"completions": func(_ *world, i int, at map[string]string) (string, governance.Intent) {
			if i < acts/2 {
				return []string{"ann", "cleo"}[i%2], governance.Intent{Type: "cr.approve", Subject: cr, Body: vote(at)}
			}
			return "max", governance.Intent{Type: "cr.complete", Subject: cr, Body: governance.Closing{Revision: at["revision"], Round: 1}}
		},
		"rounds": func(w *world, i int, at map[string]string) (string, governance.Intent) {
			round := int64(i/2 + 1)
			if i%2 == 0 {
				return "rita", governance.Intent{Type: "cr.recall", Subject: cr, Body: governance.Closing{Revision: at["revision"], Round: round}}
			}
			at["revision"] = w.digestOf(w.request.RevisionIn(w.ws, round+1))
			return "rita", governance.Intent{Type: "cr.submit", Subject: cr, Body: governance.Submission{Authors: []string{"rita"}, Revision: at["revision"], Round: round + 1}}
		},
	} {
		b.Run(fmt.Sprintf("%d %s", acts, name), func(b *testing.B) {
			h := long(b, acts, next)
			for b.Loop() {
				h.RequestStanding(cr)
			}
		})
	}
}

func BenchmarkAssemble(b *testing.B) {
	const requests = 10_000
	w := newWorld(b)
	w.onRequest("rita", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
	for i := range requests {
		id := fmt.Sprintf("request-%d", i+2)
		r := w.request.RevisionIn(w.ws, 1)
		r.ID = id
		digest := w.digestOf(r)
		s := w.raw(w.people["rita"], governance.Intent{Type: "cr.submit", Subject: id, Body: governance.Submission{Authors: []string{"rita"}, Revision: digest, Round: 1}}, w.ws, nil)
		v := w.raw(w.people["ann"], governance.Intent{Type: "cr.approve", Subject: id, Body: governance.Vote{Revision: digest, Round: 1}}, w.ws, []string{s.ID})
		w.raw(w.people["ben"], governance.Intent{Type: "cr.approve", Subject: id, Body: governance.Vote{Revision: digest, Round: 1, Step: 1}}, w.ws, []string{v.ID})
	}
	h, e := w.history(), w.evidence()
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := ledger.Assemble(e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := w.v.Assemble(e); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("every standing", func(b *testing.B) {
		for b.Loop() {
			for i := range requests {
				if st := h.RequestStanding(fmt.Sprintf("request-%d", i+2)); st.Status != governance.Approved {
					b.Fatal(st.Status, st.Trouble)
				}
			}
		}
	})
}

func BenchmarkGate(b *testing.B) {
	w := newWorld(b).approved()
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	q := w.question(governance.AttemptDeploy)
	for b.Loop() {
		governance.Gate(q)
	}
}

// One request of many: what each click reads.
func BenchmarkAssembleOne(b *testing.B) {
	w := newWorld(b).approved()
	e := w.evidence()
	key, prev := w.people["olga"].key.Public(), w.people["olga"].prev
	for i := range 60_000 {
		id := fmt.Sprintf("%064x", i)
		e.Links = append(e.Links, ledger.Link{ID: id, Key: key, Prev: prev, Seq: w.people["olga"].seq + int64(i)})
		prev = id
	}
	for b.Loop() {
		if _, _, err := w.v.Assemble(e); err != nil {
			b.Fatal(err)
		}
	}
}
