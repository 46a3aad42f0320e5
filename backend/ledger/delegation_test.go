package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func delegating(c *governance.Charter) {
	c.Requests.Delegation = true
	for i := range c.Environments {
		c.Environments[i].Delegation = true
	}
}

const actTime = "2006-01-02T15:04:05Z"

// delegated is a delegation for two weeks from the first day on.
func delegated(to string) governance.Delegation {
	return governance.Delegation{To: to, Reason: "On leave.", Since: start.Format(actTime), Until: start.AddDate(0, 0, 14).Format(actTime)}
}

// delegates signs a delegation, whatever the rules say.
func (w *world) delegates(who string, d governance.Delegation) string {
	w.t.Helper()
	return w.sign(who, governance.Intent{Type: governance.ActDelegate, Subject: governance.GovernanceSubject, Body: d}).ID
}

// voteFor votes by a delegation, having seen everything.
func (w *world) voteFor(who, subject, delegation string, step int64) ledger.SignedAct {
	w.t.Helper()
	h := w.history()
	st, typ := h.RequestStanding(subject), "cr.approve"
	if subject == dr {
		st, typ = h.RecordStanding(subject), "dr.approve"
	}
	a := w.raw(w.people[who], governance.Intent{Type: governance.ActType(typ), Subject: subject,
		Body: governance.Vote{Delegation: delegation, Revision: st.Revision, Round: st.Round, Step: step}}, h.Head(), h.Heads(subject))
	w.cache()
	return a
}

// Ben is on leave and lets olga, who has no seat herself, approve in his place.
func TestADelegateVotesForThePrincipal(t *testing.T) {
	w := newWorld(t, delegating)
	in, err := w.situation("ben").Delegate(delegated("olga"))
	must(t, err)
	d := w.sign("ben", in).ID
	w.submitRequest()
	w.onRequest("ann", approve)
	may := w.actionOf("olga", cr, governance.Approve)
	if may.Allowed || !slices.Equal(may.For, []governance.Proxy{{Delegation: d, Member: "ben", Step: 1}}) {
		t.Fatalf("olga may %+v", may)
	}
	if others := w.actionOf("otto", cr, governance.Approve).For; len(others) > 0 {
		t.Errorf("otto may %+v", others)
	}
	must(t, w.try("olga", cr, governance.Deed{Action: governance.Approve, Delegation: d}))
	w.wantStatus(cr, governance.Approved, "olga approved for ben")
	seat := w.history().RequestStanding(cr).Seating.Seats[1]
	if seat.Member != "ben" || seat.By != "olga" {
		t.Errorf("the seat shows %+v", seat)
	}
	w.submitRecord()
	w.onRecord("ann", approve)
	w.wantShut("record_status", governance.AttemptValidate)
	must(t, w.try("olga", dr, governance.Deed{Action: governance.Approve, Delegation: d}))
	w.wantOpen(governance.AttemptValidate)
	must(t, w.try("olga", dr, withdraw("Asked ben again.")))
	w.wantStatus(dr, governance.Pending, "who voted takes it back")
	must(t, w.try("olga", dr, governance.Deed{Action: governance.Reject, Reason: "Ben says no.", Delegation: d}))
	w.wantStatus(dr, governance.Rejected, "olga rejected for ben")
	w.wantShut("record_status", governance.AttemptValidate)
	if got := w.history().Delegations(w.now); len(got) != 1 || !got[0].Running || got[0].By != "ben" || got[0].Delegation.To != "olga" {
		t.Errorf("%+v", got)
	}
	if got := w.history().Delegations(start.AddDate(0, 1, 0)); got[0].Running {
		t.Error("it lasts beyond its time")
	}
}

func TestADelegatedVoteThatDoesNotCount(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name string
		why  string
		do   func(w *world)
	}{
		{"the policy does not allow it", "lets nobody vote", func(w *world) {
			w.change(func(c *governance.Charter) { c.Requests.Delegation = false })
			w.onRequest("ann", approve)
			w.voteFor("olga", cr, w.delegates("ben", delegated("olga")), 1)
		}},
		{"it is to somebody else", "to somebody else", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("otto", cr, w.delegates("ben", delegated("olga")), 1)
		}},
		{"it is handed on", "for the role approver", func(w *world) {
			w.onRequest("ann", approve)
			w.delegates("ben", delegated("olga"))
			w.voteFor("otto", cr, w.delegates("olga", delegated("otto")), 1)
		}},
		{"it is for another role", "another seat", func(w *world) {
			w.onRequest("ann", approve)
			d := delegated("olga")
			d.Role = governance.ReleaseManager
			w.voteFor("olga", cr, w.delegates("cleo", d), 1)
		}},
		{"it is for another request", "something else", func(w *world) {
			w.onRequest("ann", approve)
			d := delegated("olga")
			d.Subject = "request-2"
			w.voteFor("olga", cr, w.delegates("ben", d), 1)
		}},
		{"it is for an environment, and this is a request", "something else", func(w *world) {
			w.onRequest("ann", approve)
			d := delegated("olga")
			d.Kind = governance.Production
			w.voteFor("olga", cr, w.delegates("ben", d), 1)
		}},
		{"it has not begun", "in the time", func(w *world) {
			w.onRequest("ann", approve)
			d := delegated("olga")
			d.Since = start.AddDate(0, 0, 1).Format(actTime)
			w.voteFor("olga", cr, w.delegates("ben", d), 1)
		}},
		{"it is over", "in the time", func(w *world) {
			w.onRequest("ann", approve)
			d := w.delegates("ben", delegated("olga"))
			w.now = w.now.Add(15 * day)
			w.voteFor("olga", cr, d, 1)
		}},
		{"it is over, and the vote is dated back into it", "in the time", func(w *world) {
			d := w.delegates("ben", delegated("olga"))
			w.now = w.now.Add(16 * day)
			w.onRequest("ann", approve)
			w.now = w.now.Add(-10 * day)
			w.voteFor("olga", cr, d, 1)
		}},
		{"it is over by the charter, and the vote is dated back into it", "in the time", func(w *world) {
			d := w.delegates("ben", delegated("olga"))
			w.onRequest("ann", approve)
			w.now = w.now.Add(16 * day)
			w.change(rename)
			w.now = w.now.Add(-10 * day)
			w.voteFor("olga", cr, d, 1)
		}},
		{"its time says nothing", "in the time", func(w *world) {
			w.onRequest("ann", approve)
			d := delegated("olga")
			d.Until = "next week"
			w.voteFor("olga", cr, w.delegates("ben", d), 1)
		}},
		{"the principal is an author", "authors do not approve", func(w *world) {
			w.onRequest("ann", approve)
			w.change(func(c *governance.Charter) { c.Members[0].Roles = append(c.Members[0].Roles, governance.Approver) })
			w.voteFor("olga", cr, w.delegates("rita", delegated("olga")), 1)
		}},
		{"the delegate is an author", "authors do not approve", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("rita", cr, w.delegates("ben", delegated("rita")), 1)
		}},
		{"the principal sits already", "one person fills one seat", func(w *world) {
			w.onRequest("ben", approve)
			w.voteFor("olga", cr, w.delegates("ben", delegated("olga")), 1)
		}},
		{"the delegate sits already", "one person fills one seat", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("ann", cr, w.delegates("ben", delegated("ann")), 1)
		}},
		{"the principal lost the role since", "for the role approver", func(w *world) {
			w.onRequest("ann", approve)
			d := w.delegates("ben", delegated("olga"))
			w.voteFor("olga", cr, d, 1)
			w.change(func(c *governance.Charter) { c.Members[2].Roles = []governance.Role{governance.Auditor} })
		}},
		{"the principal got the role since", "was no approver then", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("olga", cr, w.delegates("otto", delegated("olga")), 1)
			w.change(func(c *governance.Charter) { c.Members[6].Roles = append(c.Members[6].Roles, governance.Approver) })
		}},
		{"the principal left", "not a member any more", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("olga", cr, w.delegates("ben", delegated("olga")), 1)
			w.change(func(c *governance.Charter) {
				ledger.Retire(c, "ben", func(string) string { return w.people["ben"].prev })
			})
		}},
		{"the delegate left", "not a member any more", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("cleo", cr, w.delegates("ben", delegated("cleo")), 1)
			w.change(func(c *governance.Charter) {
				ledger.Retire(c, "cleo", func(string) string { return w.people["cleo"].prev })
			})
		}},
		{"the principal's key was stolen before it", "not one that counts", func(w *world) {
			w.onRequest("ann", approve)
			last := w.delegates("ben", governance.Delegation{To: "cleo"})
			w.voteFor("olga", cr, w.delegates("ben", delegated("olga")), 1)
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
		}},
		{"it ended before the vote", "had ended", func(w *world) {
			w.onRequest("ann", approve)
			d := w.delegates("ben", delegated("olga"))
			in, err := w.situation("ben").EndDelegation(d, "Back again.")
			must(w.t, err)
			w.sign("ben", in)
			w.voteFor("olga", cr, d, 1)
		}},
		{"it ended beside the vote", "had ended", func(w *world) {
			w.onRequest("ann", approve)
			d := w.delegates("ben", delegated("olga"))
			in, err := w.situation("ben").EndDelegation(d, "Back again.")
			must(w.t, err)
			w.voteFor("olga", cr, d, 1)
			w.sign("ben", in)
		}},
		{"the delegate gave it back", "had ended", func(w *world) {
			w.onRequest("ann", approve)
			d := w.delegates("ben", delegated("olga"))
			in, err := w.situation("olga").EndDelegation(d, "I am away as well.")
			must(w.t, err)
			w.sign("olga", in)
			w.voteFor("olga", cr, d, 1)
		}},
		{"it names no delegation", "not one that counts", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("olga", cr, w.ws, 1)
		}},
		{"it names nothing", "not one that counts", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("olga", cr, strings.Repeat("0", 64), 1)
		}},
		{"it delegates to oneself", "not one that counts", func(w *world) {
			w.onRequest("ann", approve)
			w.voteFor("ben", cr, w.delegates("ben", delegated("ben")), 1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, delegating, longApprovals)
			w.submitRequest()
			c.do(w)
			st := w.history().RequestStanding(cr)
			if st.Seating.Filled || !strings.Contains(strings.Join(st.Seating.Refused, " "), c.why) {
				t.Errorf("%s, filled %v: %q", st.Status, st.Seating.Filled, st.Seating.Refused)
			}
		})
	}
}

func TestADelegationFitsItsEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*governance.Delegation)
		open bool
	}{
		"everything":             {func(*governance.Delegation) {}, true},
		"this kind":              {func(d *governance.Delegation) { d.Kind = governance.Production }, true},
		"this organisation":      {func(d *governance.Delegation) { d.Organization = prod }, true},
		"this record and role":   {func(d *governance.Delegation) { d.Subject, d.Role = dr, governance.Approver }, true},
		"another kind":           {func(d *governance.Delegation) { d.Kind = governance.Sandbox }, false},
		"another organisation":   {func(d *governance.Delegation) { d.Organization = uat }, false},
		"the request, not this":  {func(d *governance.Delegation) { d.Subject = cr }, false},
		"the person who deploys": {func(d *governance.Delegation) { d.To = "max" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, delegating)
			d := delegated("olga")
			c.edit(&d)
			w.approvedRequest()
			w.submitRecord()
			w.onRecord("ann", approve)
			w.voteFor(d.To, dr, w.delegates("cleo", d), 1)
			if got := governance.Gate(w.question(governance.AttemptValidate)); got.Open != c.open {
				t.Errorf("open %v: %v, %v", got.Open, got.Reasons(), w.history().RecordStanding(dr).Seating.Refused)
			}
		})
	}
}

// One who may vote for two fills one of their seats, and none beside his own.
func TestADelegateIsOnePersonInAQuorum(t *testing.T) {
	field := []governance.Customization{{Change: governance.Add, Name: "Account.Tier__c", Type: "CustomField"}} // two approvers
	w := newWorld(t, delegating)
	w.request.Customizations = field
	w.submitRequest()
	one, two := w.delegates("ann", delegated("olga")), w.delegates("ben", delegated("olga"))
	w.voteFor("olga", cr, one, 0)
	w.voteFor("olga", cr, two, 0)
	if st := w.history().RequestStanding(cr); st.Seating.Filled || len(st.Seating.Counted) != 1 {
		t.Errorf("olga is two people: %+v", st.Seating)
	}
	w.onRequest("cleo", approve)
	w.wantStatus(cr, governance.Approved, "cleo and one of the two")
	// People's own votes come before those that others gave for them.
	w.vote(w.people["ann"], cr, 0)
	seating := w.history().RequestStanding(cr).Seating
	if !seating.Filled || !slices.ContainsFunc(seating.Seats, func(s governance.SeatState) bool { return s.Member == "ann" && s.By == "" }) {
		t.Errorf("%+v", seating.Seats)
	}
}

// Nobody is offered a vote for somebody else that would not count.
func TestWhoIsOfferedAVoteForSomebodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		to   string
		edit func(w *world, d *governance.Delegation)
		want int
	}{
		"who was asked":       {"olga", func(*world, *governance.Delegation) {}, 1},
		"an author":           {"rita", func(*world, *governance.Delegation) {}, 0},
		"who sits already":    {"ann", func(*world, *governance.Delegation) {}, 0},
		"for another role":    {"olga", func(_ *world, d *governance.Delegation) { d.Role = governance.Owner }, 0},
		"for another request": {"olga", func(_ *world, d *governance.Delegation) { d.Subject = "request-2" }, 0},
		"before its time":     {"olga", func(_ *world, d *governance.Delegation) { d.Since = start.AddDate(0, 0, 2).Format(actTime) }, 0},
		"when a clock was far ahead": {"olga", func(w *world, _ *governance.Delegation) {
			at := w.now
			w.now = w.now.AddDate(0, 0, 20)
			w.vote(w.people["cleo"], cr, 0)
			w.now = at
		}, 0},
	} {
		w := newWorld(t, delegating)
		w.submitRequest()
		w.onRequest("ann", approve)
		d := delegated(c.to)
		c.edit(w, &d)
		id := w.delegates("ben", d)
		for _, a := range []governance.Action{governance.Approve, governance.Reject} {
			want := c.want
			if a == governance.Reject && name == "who sits already" {
				want = 1 // he may say no for ben
			}
			if st := w.actionOf(c.to, cr, a); len(st.For) != want {
				t.Errorf("%s, %s: %+v", name, a, st.For)
			}
		}
		if err := w.try(c.to, cr, governance.Deed{Action: governance.Approve, Delegation: id}); (err == nil) != (c.want > 0) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A vote too many, in whatever order and place, takes none away.
func TestADelegatedVoteTooManyTakesNoneAway(t *testing.T) {
	field := []governance.Customization{{Change: governance.Add, Name: "Account.Tier__c", Type: "CustomField"}} // two approvers
	for name, c := range map[string]struct {
		to    map[string]string
		votes [][2]string // who, in whose place
	}{
		"for one who voted himself": {map[string]string{"ann": "olga", "ben": "olga"}, [][2]string{{"ben", ""}, {"olga", "ben"}, {"olga", "ann"}}},
		"in a circle":               {map[string]string{"ann": "cleo", "ben": "ann"}, [][2]string{{"cleo", "ann"}, {"ann", "ben"}, {"cleo", ""}}},
	} {
		w := newWorld(t, delegating)
		w.request.Customizations = field
		w.submitRequest()
		d := map[string]string{}
		for from, to := range c.to {
			d[from] = w.delegates(from, delegated(to))
		}
		for _, v := range c.votes {
			w.voteFor(v[0], cr, d[v[1]], 0)
		}
		if st := w.history().RequestStanding(cr); !st.Seating.Filled {
			t.Errorf("%s: %+v %q", name, st.Seating.Seats, st.Seating.Refused)
		}
	}
}

// What was given before its end goes on counting, and the end says what that
// was.
func TestTheEndOfADelegationKeepsTheVotesBeforeIt(t *testing.T) {
	w := newWorld(t, delegating)
	w.submitRequest()
	w.onRequest("ann", approve)
	d := w.delegates("ben", delegated("olga"))
	vote := w.voteFor("olga", cr, d, 1)
	in, err := w.situation("ben").EndDelegation(d, "Back again.")
	must(t, err)
	if got := in.Body.(governance.DelegationEnd).Votes; !slices.Equal(got, []string{vote.ID}) {
		t.Errorf("it keeps %v", got)
	}
	w.sign("ben", in)
	w.wantStatus(cr, governance.Approved, "ben is back")
	if got := w.history().Delegations(w.now)[0]; got.Running || got.Ended == "" {
		t.Errorf("%+v", got)
	}
	// Somebody whom it does not concern ends nothing.
	w.sign("cleo", governance.Intent{Type: governance.ActEnd, Subject: governance.GovernanceSubject, Body: governance.DelegationEnd{Delegation: d, Reason: "No."}})
	w.wantStatus(cr, governance.Approved, "cleo has no say in it")
}

func TestWhoCannotDelegate(t *testing.T) {
	over := delegated("olga")
	over.Since, over.Until = over.Until, over.Since
	role := delegated("olga")
	role.Role = governance.Owner
	silent := delegated("olga")
	silent.Reason = ""
	for name, c := range map[string]struct {
		who  string
		d    governance.Delegation
		want string
	}{
		"to oneself":                  {"ben", delegated("ben"), "for yourself"},
		"to nobody":                   {"ben", delegated("mallory"), "cannot vote"},
		"a role that one has not":     {"ben", role, "no owner"},
		"for a time that is over":     {"ben", over, "before it begins"},
		"without a reason":            {"ben", silent, "needs a reason"},
		"an outsider":                 {"mallory", delegated("olga"), "not a member"},
		"to who has the recovery key": {"ben", delegated("kit"), "cannot vote"},
		"who has the recovery key":    {"kit", delegated("ben"), "recovery key"},
	} {
		w := newWorld(t, delegating, func(c *governance.Charter) {
			c.Members = append(c.Members, governance.Member{ID: "kit", Name: "Kit", Keys: []governance.Key{{Public: identity(t, "kit").Public()}}, Roles: []governance.Role{governance.Recovery}})
		})
		if _, err := w.situation(c.who).Delegate(c.d); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newWorld(t).situation("ben").Delegate(delegated("olga")); err == nil || !strings.Contains(err.Error(), "No policy") {
		t.Errorf("against the policy: %v", err)
	}
	w := newWorld(t, delegating)
	d := w.delegates("ben", delegated("olga"))
	if _, err := w.situation("cleo").EndDelegation(d, "No."); err == nil {
		t.Error("anybody ends a delegation")
	}
	if _, err := w.situation("ben").EndDelegation(d, ""); err == nil {
		t.Error("it ends without a reason")
	}
	if _, err := w.situation("ben").EndDelegation(w.ws, "No."); err == nil {
		t.Error("something else ends")
	}
	if st := w.actionOf("olga", cr, governance.Approve); len(st.For) > 0 {
		t.Errorf("a draft can be approved: %+v", st)
	}
}
