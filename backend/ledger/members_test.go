package ledger_test

import (
	"regexp"
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// nina asks to be let in, and the owners admit her after comparing her key.
func TestSomebodyJoins(t *testing.T) {
	w := newWorld(t)
	nina := &person{id: "nina", key: identity(t, "nina")}
	w.people["nina"] = nina
	join := w.raw(nina, ledger.Join(nina.key, "Nina", "Ann knows me."), w.ws, nil)
	waiting := w.history().Joins()
	if len(waiting) != 1 || waiting[0].Act != join.ID || waiting[0].Join.Key != nina.key.Public() {
		t.Fatalf("%+v", waiting)
	}
	if h := w.history(); h.Charter().Member("nina") != nil || slices.Contains(h.Heads(governance.GovernanceSubject), join.ID) {
		t.Error("a join says more than that somebody waits")
	}
	w.submitRequest()
	w.vote(nina, cr, 0)
	if got := w.history().RequestStanding(cr).Seating; len(got.Counted) > 0 {
		t.Errorf("who waits votes: %+v", got)
	}
	w.change(func(c *governance.Charter) {
		id, err := ledger.Admit(c, waiting[0].Join, []governance.Role{governance.Approver}, true)
		must(t, err)
		nina.id = id
	})
	h := w.history()
	m := h.Charter().Member(nina.id)
	if m == nil || m.Name != "Nina" || !m.Compared || !m.Has(governance.Approver) || len(h.Joins()) > 0 {
		t.Fatalf("%+v, waiting %+v", m, h.Joins())
	}
	w.vote(nina, cr, 0)
	w.cache()
	w.onRequest("ben", approve)
	w.wantStatus(cr, governance.Approved, "nina and ben approved")
}

func TestWhoIsNotLetIn(t *testing.T) {
	w := newWorld(t)
	w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["rita"].key.Public(), "") })
	c := *w.history().Charter()
	for name, c2 := range map[string]struct {
		join governance.Join
		code string
	}{
		"a member's key":  {governance.Join{Key: w.people["ann"].key.Public(), Name: "Ann again"}, "key_used"},
		"a revoked key":   {governance.Join{Key: w.people["rita"].key.Public(), Name: "Rita"}, "key_used"},
		"a weak key":      {governance.Join{Key: "ed25519:0100000000000000000000000000000000000000000000000000000000000000", Name: "Weak"}, "bad_key"},
		"without a name":  {governance.Join{Key: identity(t, "x").Public(), Name: " "}, "no_member_name"},
		"not a key":       {governance.Join{Key: "nina", Name: "Nina"}, "bad_key"},
		"a member of one": {governance.Join{Key: identity(t, "nina").Public(), Name: "Nina"}, ""},
	} {
		if _, err := ledger.Admit(&c, c2.join, nil, false); governance.FaultCode(err) != c2.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m := c.Members[len(c.Members)-1]; m.Name != "Nina" || m.Compared {
		t.Errorf("nobody compared the key: %+v", m)
	}
	// Many outsiders neither fill an act with their joins nor hide a word.
	before := w.history().Heads(governance.GovernanceSubject)
	for i := range 5 {
		p := &person{id: "x", key: identity(t, string(rune('a'+i)))}
		w.raw(p, ledger.Join(p.key, "X", ""), w.ws, before)
	}
	if got := w.history().Heads(governance.GovernanceSubject); !slices.Equal(got, before) || len(w.history().Joins()) != 5 {
		t.Errorf("the heads are %v, were %v", got, before)
	}
}

func TestKeysOfAMember(t *testing.T) {
	w := newWorld(t)
	laptop, next := &person{id: "ann", key: identity(t, "ann's laptop")}, &person{id: "ann", key: identity(t, "ann's next")}
	w.change(func(c *governance.Charter) { must(t, ledger.AddKey(c, "ann", laptop.key.Public())) })
	w.submitRequest()
	w.vote(laptop, cr, 0)
	w.change(func(c *governance.Charter) {
		must(t, ledger.RotateKey(c, laptop.key.Public(), laptop.prev, next.key.Public()))
	})
	w.cache()
	if st := w.history().RequestStanding(cr); len(st.Seating.Counted) != 1 {
		t.Errorf("what the old key signed is gone: %v", st.Seating.Refused)
	}
	w.vote(laptop, cr, 0)
	if h := w.history(); h.Act(laptop.prev).Broken == "" {
		t.Error("the old key signs on")
	}
	w.vote(next, cr, 0)
	if h := w.history(); h.Act(next.prev).Broken != "" || h.Act(next.prev).Member != "ann" {
		t.Error("the new key does not sign")
	}
	c := *w.history().Charter()
	for name, err := range map[string]error{
		"no_member": ledger.AddKey(&c, "nobody", identity(t, "y").Public()),
		"key_used":  ledger.AddKey(&c, "ben", next.key.Public()),
		"bad_key":   ledger.AddKey(&c, "ben", "ed25519:00"),
		"key_ended": ledger.RotateKey(&c, laptop.key.Public(), "", identity(t, "y").Public()),
	} {
		if governance.FaultCode(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ledger.RotateKey(&c, next.key.Public(), "", w.people["ben"].key.Public()); governance.FaultCode(err) != "key_used" {
		t.Errorf("rotated to another's key: %v", err)
	}
	if _, k := c.MemberByKey(next.key.Public()); k.Last != "" {
		t.Error("a rotation that failed ends the key")
	}
}

// kit is a spare key that lies in a safe.
func withKit(t *testing.T) func(*governance.Charter) {
	return func(c *governance.Charter) {
		c.Members = append(c.Members, governance.Member{ID: "kit", Name: "Kit", Keys: []governance.Key{{Public: identity(t, "kit").Public()}}, Roles: []governance.Role{governance.Recovery}})
	}
}

func TestTheRecoveryKeyEndorsesAndDoesNothingElse(t *testing.T) {
	w := newWorld(t, withKit(t))
	kit := &person{id: "kit", key: identity(t, "kit")}
	w.people["kit"] = kit
	in, err := ledger.NextCharter(w.history(), rename)
	must(t, err)
	a := w.sign("olga", in)
	w.sign("kit", ledger.Endorse(a.ID))
	if w.history().Head() != a.ID {
		t.Fatal("an owner and the recovery key are not enough")
	}
	// With the last owners' keys lost it brings new ones, where one word is
	// enough.
	w.change(func(c *governance.Charter) { c.OwnerThreshold = 1 })
	in, err = ledger.NextCharter(w.history(), func(c *governance.Charter) {
		c.Members[1].Roles = []governance.Role{governance.Owner}
		ledger.Retire(c, "olga", func(string) string { return w.people["olga"].prev })
	})
	must(t, err)
	b := w.sign("kit", in)
	if w.history().Head() != b.ID {
		t.Error("it cannot bring a new owner")
	}
	w.submitRequest()
	org := governance.OrganizationSubject(prod)
	for name, in := range map[string]governance.Intent{
		"approves":  {Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: w.request.Revision, Round: 1}},
		"rejects":   {Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "No.", Revision: w.request.Revision, Round: 1}},
		"cancels":   {Type: "cr.cancel", Subject: cr, Body: governance.Closing{Reason: "No.", Revision: w.request.Revision, Round: 1}},
		"finds":     {Type: governance.ActFinding, Subject: org, Body: found("0Af1")},
		"delegates": {Type: governance.ActDelegate, Subject: governance.GovernanceSubject, Body: delegated("ann")},
		"starts":    {Type: governance.ActStart, Subject: dr, Body: governance.Start{Kind: governance.AttemptDeploy}},
	} {
		signed := w.sign("kit", in)
		if act := w.history().Act(signed.ID); act.Broken == "" {
			t.Errorf("it %s", name)
		}
	}
	w.wantStatus(cr, governance.Pending, "only the recovery key spoke")
	if st := w.actionOf("kit", cr, governance.Cancel); st.Code != "recovery_only" {
		t.Errorf("%+v", st)
	}
	for name, edit := range map[string]func(*governance.Charter){
		"has another role": func(c *governance.Charter) {
			c.Members[7].Roles = []governance.Role{governance.Recovery, governance.Approver}
		},
		"has a seat": func(c *governance.Charter) {
			c.Requests.Rules[0].Steps = []governance.ApprovalStep{{Quorum: 1, Role: governance.Recovery}}
		},
		"deploys": func(c *governance.Charter) { c.Environments[0].DeployerRole = governance.Recovery },
		"owns customizations": func(c *governance.Charter) {
			c.Requests.Owners = []governance.Ownership{{Members: []string{"kit"}, Name: "All", Names: []string{"*"}, Types: []string{"*"}}}
		},
		"is the only owner": func(c *governance.Charter) {
			for i := range c.Members {
				if c.Members[i].Has(governance.Owner) {
					c.Members[i].Roles = nil
				}
			}
		},
	} {
		if _, err := ledger.NextCharter(w.history(), edit); err == nil {
			t.Errorf("a recovery key %s", name)
		}
	}
}

// One person alone needs a spare key most.
func TestASoloWorkspaceHasARecoveryKey(t *testing.T) {
	w := newWorld(t, func(c *governance.Charter) {
		*c = governance.SoloCharter("Mine", governance.Member{ID: "olga", Name: "Olga", Keys: c.Members[5].Keys}, "n-2")
	}, withKit(t))
	w.people["kit"] = &person{id: "kit", key: identity(t, "kit")}
	next := identity(t, "olga's next key")
	in, err := ledger.NextCharter(w.history(), func(c *governance.Charter) {
		must(t, ledger.RotateKey(c, w.people["olga"].key.Public(), w.people["olga"].prev, next.Public()))
	})
	must(t, err)
	a := w.sign("kit", in)
	if h := w.history(); h.Head() != a.ID || !h.Charter().Live("olga") {
		t.Error("the spare key does not bring a new one")
	}
}

func TestTheRecoveryKeyDoesNotDeploy(t *testing.T) {
	w := newWorld(t, withKit(t), func(c *governance.Charter) { c.Environments[0].DeployerRole = "" })
	w.record.Deployer = "kit"
	w.approvedRequest()
	w.record.RequestDigest = w.request.Revision
	if code := w.actionOf("rita", dr, governance.Submit).Code; code != "deployer_recovery" {
		t.Errorf("it is named: %q", code)
	}
	w.forceRecord("rita", "ann", "ben")
	w.wantShut("deployer_role", governance.AttemptValidate)
}

func TestFingerprints(t *testing.T) {
	w := newWorld(t)
	key := w.people["ann"].key.Public()
	f := ledger.Fingerprint(w.ws, key)
	if !regexp.MustCompile(`^\d{4}( \d{4}){4}$`).MatchString(f) {
		t.Errorf("%q", f)
	}
	if f != ledger.Fingerprint(w.ws, key) || f == ledger.Fingerprint(w.ws, w.people["ben"].key.Public()) || f == ledger.Fingerprint(key, w.ws) ||
		f == ledger.Fingerprint(w.history().Head()[:63]+"x", key) {
		t.Error("it does not depend on workspace and key alone")
	}
	// Written down once, so that another implementation can be held against it.
	if got := ledger.Fingerprint("ws", "ed25519:00"); got != "2158 9191 3121 1201 7726" {
		t.Errorf("%q", got)
	}
}
