package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// The scenarios of the design, by name: each is let through, or refused for the
// reason that it is there for, and not for another.
func TestScenariosOfTheDesign(t *testing.T) {
	validate := governance.AttemptValidate
	// asked brings the record of an approved request to where the votes about it
	// are the case's own.
	asked := func(w *world) {
		w.approvedRequest()
		w.submitRecord()
	}
	approved := func(w *world) { w.approved() }
	for _, c := range []struct {
		name string
		code string // empty: let through
		why  string // in the seats' own words
		do   func(w *world)
		ask  func(q *governance.Question)
	}{
		{"complete", "", "", approved, nil},
		{"nothing signed", "request_status", "", func(*world) {}, nil},
		{"one approval short", "record_status", "", func(w *world) { asked(w); w.onRecord("ann", approve) }, nil},
		{"content changed after approval", "package", "", approved, func(q *governance.Question) { q.Package = "h1:evil" }},
		{"title changed after approval", "record_content", "", func(w *world) { w.approved().record.Name = "To all" }, nil},
		{"other target org", "record_content", "", func(w *world) { w.approved().record.TargetOrg = "00D000000000008AAA" }, nil},
		{"package bytes swapped on disk", "package", "", approved, func(q *governance.Question) { q.Package = "h1:other" }},
		{"target drifted", "base", "", approved, func(q *governance.Question) { q.Base = "h1:drift" }},
		{"other deployer", "deployer", "", approved, func(q *governance.Question) { q.Deployer = "cleo" }},
		{"author approves own", "record_status", "authors do not approve", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			w.change(func(c *governance.Charter) { c.Members[0].Roles = append(c.Members[0].Roles, governance.Approver) })
			w.vote(w.people["rita"], dr, 1)
		}, nil},
		{"one person votes twice", "record_status", "one person fills one seat", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			w.vote(w.people["ann"], dr, 1)
		}, nil},
		{"one person, two keys", "record_status", "one person fills one seat", func(w *world) {
			second := &person{id: "ann", key: identity(w.t, "ann's second key")}
			w.change(func(c *governance.Charter) { must(w.t, ledger.AddKey(c, "ann", second.key.Public())) })
			asked(w)
			w.onRecord("ann", approve)
			w.vote(second, dr, 1)
		}, nil},
		{"one person fills two steps", "record_status", "one person fills one seat", func(w *world) {
			asked(w)
			w.vote(w.people["ben"], dr, 0)
			w.vote(w.people["ben"], dr, 1)
		}, nil},
		{"step order broken", "record_status", "came before the step", func(w *world) {
			asked(w)
			seen := w.history().Heads(dr)
			w.vote(w.people["ben"], dr, 1, seen...)
			w.vote(w.people["ann"], dr, 0, seen...)
		}, nil},
		{"rejected", "record_status", "", func(w *world) {
			w.approved()
			w.vote(w.people["cleo"], dr, 0)
			w.rawReject("cleo", dr)
		}, nil},
		{"approval withdrawn", "record_status", "", func(w *world) {
			w.approved()
			w.rawWithdrawal(w.people["ben"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		}, nil},
		{"withdrawal by another does nothing", "", "", func(w *world) {
			w.approved()
			w.rawWithdrawal(w.people["cleo"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		}, nil},
		{"rejection left out of the bundle but seen by a later approver", "record_history", "", func(w *world) {
			asked(w)
			seen := w.history().Heads(dr)
			no := w.rawReject("cleo", dr)
			w.vote(w.people["ann"], dr, 0, seen...)
			w.vote(w.people["ben"], dr, 1)
			w.drop(no.ID)
		}, nil},
		// His chain has a gap, so everything that he took part in is incomplete.
		{"signer's own earlier act left out", "request_history", "", func(w *world) {
			asked(w)
			seen := w.history().Heads(dr)
			no := w.rawReject("ben", dr)
			ann := w.vote(w.people["ann"], dr, 0, seen...)
			w.vote(w.people["ben"], dr, 1, append(slices.Clone(seen), ann.ID)...)
			w.drop(no.ID)
		}, nil},
		{"outsider's approval", "record_status", "", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			w.vote(w.people["mallory"], dr, 1)
		}, nil},
		{"wrong role", "record_status", "for the role approver", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			w.vote(w.people["olga"], dr, 1)
		}, nil},
		{"approvals replayed from another workspace", "trail", "", func(w *world) {
			other := newWorld(w.t, func(c *governance.Charter) { c.Nonce = "n-other" }).approved()
			asked(w)
			w.onRecord("ann", approve)
			for _, a := range other.acts {
				if a.Type == "dr.approve" && a.Key == w.people["ben"].key.Public() {
					w.acts = append(w.acts, a)
				}
			}
		}, nil},
		{"single owner promotes a friend", "record_status", "", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			a := w.propose(func(c *governance.Charter) {
				c.Members = append(c.Members, member(w.people["mallory"], governance.Approver))
			})
			h := w.history()
			st := h.RecordStanding(dr)
			w.raw(w.people["mallory"], governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: st.Revision, Round: st.Round, Step: 1}}, a.ID, h.Heads(dr))
		}, nil},
		{"policy weakened by quorum invalidates approvals in flight", "record_seats", "", func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Environments[0].Rules[3].Steps = c.Environments[0].Rules[3].Steps[:1] })
		}, nil},
		{"roster-only change keeps approvals", "", "", func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Members[0].Name = "Rita B." })
		}, nil},
		{"approver removed before deployment", "record_seats", "", func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Members[2].Roles = []governance.Role{} })
		}, nil},
		{"two endorsed successors: fork closes the gate", "charter", "", func(w *world) { w.approved().fork() }, nil},
		{"stolen key: revoked, then a back-dated approval", "record_status", "", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			seen, old := w.history().Heads(dr), w.history().Head()
			st := w.history().RecordStanding(dr)
			last := w.people["ben"].prev
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
			w.raw(w.people["ben"], governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: st.Revision, Round: st.Round, Step: 1}}, old, seen)
		}, nil},
		{"stolen key: revoked as of its last good act", "record_status", "", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			last := w.people["ben"].prev
			w.vote(w.people["ben"], dr, 1)
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
		}, nil},
		{"outsider's junk cannot close the gate", "", "", func(w *world) {
			w.approved()
			w.raw(w.people["mallory"], governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Reason: "No.", Revision: w.record.Revision, Round: 1}},
				w.history().Head(), []string{strings.Repeat("f", 64)})
		}, nil},
		{"lost key: revoked after the approval keeps it", "", "", func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), w.people["ben"].prev) })
		}, nil},
		{"cloned key: two acts at one position", "record_status", "", func(w *world) {
			asked(w)
			w.onRecord("ann", approve)
			copied := *w.people["ben"]
			w.vote(w.people["ben"], dr, 1)
			w.raw(&copied, governance.Intent{Type: "dr.recall", Subject: dr, Body: governance.Closing{Round: 1}}, w.history().Head(), nil)
		}, nil},
		{"emergency by one owner", "", "", func(w *world) { w.urgent().letThrough() }, nil},
		{"normal approvals relabelled emergency", "request_content", "", func(w *world) { w.approved().urgent() }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.do(w)
			w.cache()
			q := w.question(validate)
			if c.ask != nil {
				c.ask(&q)
			}
			d := governance.Gate(q)
			if c.code == "" && !d.Open || c.code != "" && (d.Open || !slices.Contains(refusedBy(d), c.code)) {
				t.Fatalf("open %v, refused by %v: %v", d.Open, refusedBy(d), d.Reasons())
			}
			refused := q.History.RecordStanding(dr).Seating.Refused
			if !strings.Contains(strings.Join(refused, " "), c.why) {
				t.Errorf("refused because of %q", refused)
			}
		})
	}
}

func (w *world) rawReject(who, subject string) ledger.SignedAct {
	w.t.Helper()
	h := w.history()
	st := h.RecordStanding(subject)
	return w.raw(w.people[who], governance.Intent{Type: "dr.reject", Subject: subject,
		Body: governance.Vote{Reason: "No.", Revision: st.Revision, Round: st.Round}}, h.Head(), h.Heads(subject))
}
