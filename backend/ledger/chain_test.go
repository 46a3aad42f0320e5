package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func TestAWorkspaceIsItsGenesis(t *testing.T) {
	w := newWorld(t)
	h := w.history()
	if h.Workspace() != w.acts[0].ID || h.Head() != w.ws || h.Charter().Name != "Team" || h.Trouble() != "" {
		t.Errorf("head %s, trouble %q", h.Head(), h.Trouble())
	}
	for name, edit := range map[string]func(*governance.Charter){
		"not signed by an owner": func(c *governance.Charter) { c.Members[5].Roles = nil; c.OwnerThreshold = 1 },
		"owner's key is revoked": func(c *governance.Charter) { c.Members[5].Keys[0].Last = "none"; c.OwnerThreshold = 1 },
		"no nonce":               func(c *governance.Charter) { c.Nonce = "" },
		"a version before it":    func(c *governance.Charter) { c.Version = 1 },
		"no owner can agree":     func(c *governance.Charter) { c.OwnerThreshold = 3 },
	} {
		c := *newWorld(t).history().Charter()
		edit(&c)
		if _, err := ledger.Genesis(w.people["olga"].key, c, start); err == nil {
			t.Errorf("founded: %s", name)
		}
	}
	for name, e := range map[string]ledger.Evidence{
		"no genesis":      {Workspace: w.ws},
		"another genesis": {Workspace: strings.Repeat("0", 64), Acts: w.acts},
	} {
		h, _, err := ledger.Assemble(e)
		if err != nil || h.Charter() != nil || h.Trouble() == "" {
			t.Errorf("%s is trusted: %v", name, err)
		}
	}
	if _, _, err := ledger.Assemble(ledger.Evidence{Workspace: "x"}); err == nil {
		t.Error("a workspace without an id")
	}
}

// propose signs a change by olga that nobody has endorsed yet.
func (w *world) propose(edit func(*governance.Charter)) ledger.SignedAct {
	w.t.Helper()
	in, err := ledger.NextCharter(w.history(), edit)
	must(w.t, err)
	return w.sign("olga", in)
}

func rename(c *governance.Charter) { c.Name = "Renamed" }

func TestAChangeNeedsAsManyOwnersAsTheCharterSays(t *testing.T) {
	w := newWorld(t)
	a := w.propose(rename)
	inForce := func(want bool, when string) {
		t.Helper()
		if got := w.history().Head() == a.ID; got != want {
			t.Errorf("%s: in force %v", when, got)
		}
	}
	inForce(false, "one owner")
	w.sign("olga", ledger.Endorse(a.ID))
	inForce(false, "the same owner twice")
	w.sign("ann", ledger.Endorse(a.ID))
	inForce(false, "with a member who is no owner")
	w.sign("mallory", ledger.Endorse(a.ID))
	inForce(false, "with an outsider")
	w.sign("otto", ledger.Endorse(a.ID))
	inForce(true, "two owners")
	if h := w.history(); h.Charter().Name != "Renamed" || len(h.Charters()) != 2 {
		t.Errorf("%+v", h.Charter())
	}
}

func TestOnePersonWithTwoKeysCountsOnce(t *testing.T) {
	second := &person{id: "olga", key: identity(t, "olga's second key")}
	w := newWorld(t, func(c *governance.Charter) {
		c.Members[5].Keys = append(c.Members[5].Keys, governance.Key{Public: second.key.Public()})
	})
	a := w.propose(rename)
	w.raw(second, ledger.Endorse(a.ID), w.ws, []string{a.ID})
	if w.history().Head() != w.ws {
		t.Error("two keys of one owner are two owners")
	}
}

// TUF's rule: the new owners must agree as well, and owners whom the change
// itself brings do not make up for missing old ones.
func TestALoneOwnerCannotPromoteAFriend(t *testing.T) {
	w := newWorld(t)
	a := w.propose(func(c *governance.Charter) {
		c.Members = append(c.Members, member(w.people["mallory"], governance.Owner))
	})
	w.sign("mallory", ledger.Endorse(a.ID))
	if w.history().Head() != w.ws {
		t.Error("the friend's own endorsement counts")
	}
	b := w.propose(func(c *governance.Charter) {
		c.Members[5].Roles, c.Members[1].Roles = nil, []governance.Role{governance.Owner}
	})
	w.sign("otto", ledger.Endorse(b.ID))
	if w.history().Head() != w.ws {
		t.Error("the new owner has not agreed")
	}
	w.sign("ann", ledger.Endorse(b.ID))
	if w.history().Head() != b.ID {
		t.Error("both sides have agreed")
	}
}

func TestAChangeThatIsNotOneIsIgnored(t *testing.T) {
	for name, edit := range map[string]func(*governance.Charter){
		"skips a version":          func(c *governance.Charter) { c.Version++ },
		"replaces nothing":         func(c *governance.Charter) { c.Prev = strings.Repeat("0", 64) },
		"becomes a demo":           func(c *governance.Charter) { c.Demo, c.Organizations = true, []string{uat} },
		"has another nonce":        func(c *governance.Charter) { c.Nonce = "n-9" },
		"has a weak key":           func(c *governance.Charter) { c.Members[0].Keys[0].Public = "ed25519:01" + strings.Repeat("00", 31) },
		"needs nobody's approval":  func(c *governance.Charter) { c.Requests.Rules[0].Steps = nil },
		"cannot be changed again":  func(c *governance.Charter) { c.OwnerThreshold = 5 },
		"revokes a key at nothing": func(c *governance.Charter) { c.Members[0].Keys[0].Last = "yesterday" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in, err := ledger.NextCharter(w.history(), rename)
			must(t, err)
			c := in.Body.(governance.Charter)
			edit(&c)
			in.Body = c
			a := w.sign("olga", in)
			w.sign("otto", ledger.Endorse(a.ID))
			if h := w.history(); h.Head() != w.ws || h.Trouble() != "" {
				t.Errorf("in force: %s", h.Trouble())
			}
		})
	}
}

func TestAKeyCannotVanishFromTheRoster(t *testing.T) {
	w := newWorld(t)
	_, err := ledger.NextCharter(w.history(), func(c *governance.Charter) { c.Members = c.Members[1:] })
	if governance.FaultCode(err) != "key_dropped" {
		t.Errorf("%v", err)
	}
	if _, err := ledger.NextCharter(w.history(), func(c *governance.Charter) { ledger.Retire(c, "rita", func(string) string { return "" }) }); err != nil {
		t.Errorf("retiring: %v", err)
	}
	if w.history().Charter().Members[0].Keys[0].Last != "" {
		t.Error("an edit reaches the charter in force")
	}
}

func TestAForkOfTheCharterIsTroubleUntilItIsMended(t *testing.T) {
	w := newWorld(t)
	left, right := w.fork()
	h := w.history()
	if h.Trouble() == "" || h.Head() != w.ws {
		t.Fatalf("head %s, trouble %q", h.Head(), h.Trouble())
	}
	if _, err := ledger.NextCharter(h, rename); governance.FaultCode(err) != "charter_trouble" {
		t.Errorf("a forked charter goes on: %v", err)
	}
	if _, err := ledger.Mend(h, strings.Repeat("0", 64), rename); governance.FaultCode(err) != "no_fork" {
		t.Errorf("mended at nothing: %v", err)
	}
	in, err := ledger.Mend(h, left.ID, func(*governance.Charter) {})
	must(t, err)
	if void := in.Body.(governance.Charter).Void; !slices.Equal(void, []string{right.ID}) {
		t.Fatalf("void: %v", void)
	}
	mend := w.raw(w.people["olga"], in, left.ID, h.Heads("gov"))
	if w.history().Trouble() == "" {
		t.Error("one owner alone mends a fork")
	}
	w.raw(w.people["otto"], ledger.Endorse(mend.ID), left.ID, nil)
	h = w.history()
	if h.Trouble() != "" || h.Head() != mend.ID || h.Charter().Name != "Left" || h.CharterAt(right.ID) != nil {
		t.Errorf("head %s, trouble %q", h.Head(), h.Trouble())
	}
	if _, err := ledger.Mend(h, mend.ID, rename); governance.FaultCode(err) != "no_fork" {
		t.Errorf("mended twice: %v", err)
	}
	w.change(rename)
}

func TestTwoMendingsAreAForkStill(t *testing.T) {
	w := newWorld(t)
	left, right := w.fork()
	h := w.history()
	for _, keep := range []string{left.ID, right.ID} {
		in, err := ledger.Mend(h, keep, func(*governance.Charter) {})
		must(t, err)
		m := w.raw(w.people["olga"], in, keep, nil)
		w.raw(w.people["otto"], ledger.Endorse(m.ID), keep, nil)
	}
	if w.history().Trouble() == "" {
		t.Error("each side voids the other, and one wins")
	}
}

// Both owners' old keys are stolen after the charter revoked them. The thief
// founds a second line at the old version and voids the true one: trouble, but
// never his charter in force.
func TestStolenOldKeysCannotVoidTheTrueLine(t *testing.T) {
	w := newWorld(t)
	olga, otto := &person{id: "olga", key: identity(t, "olga, new")}, &person{id: "otto", key: identity(t, "otto, new")}
	in, err := ledger.NextCharter(w.history(), func(c *governance.Charter) {
		for i, p := range []*person{olga, otto} {
			c.Members[5+i].Keys = append(c.Members[5+i].Keys, governance.Key{Public: p.key.Public()})
		}
	})
	must(t, err)
	a := w.sign("olga", in)
	w.sign("otto", ledger.Endorse(a.ID))
	in, err = ledger.NextCharter(w.history(), func(c *governance.Charter) {
		ledger.RevokeKey(c, w.people["olga"].key.Public(), w.people["olga"].prev)
		ledger.RevokeKey(c, w.people["otto"].key.Public(), w.people["otto"].prev)
	})
	must(t, err)
	b := w.raw(olga, in, a.ID, nil)
	w.raw(otto, ledger.Endorse(b.ID), a.ID, nil)
	if w.history().Head() != b.ID {
		t.Fatal("the keys were not changed")
	}
	old, err := ledger.NextCharter(w.history(), func(*governance.Charter) {})
	must(t, err)
	c := old.Body.(governance.Charter)
	c.Members = newWorld(t).history().Charter().Members
	c.Name, c.Prev, c.Version = "Thief", a.ID, 2
	x := w.raw(w.people["olga"], governance.Intent{Type: governance.ActCharter, Subject: "gov", Body: c}, a.ID, nil)
	w.raw(w.people["otto"], ledger.Endorse(x.ID), a.ID, nil)
	c.Prev, c.Version, c.Void = x.ID, 3, []string{b.ID}
	y := w.raw(w.people["olga"], governance.Intent{Type: governance.ActCharter, Subject: "gov", Body: c}, x.ID, nil)
	w.raw(w.people["otto"], ledger.Endorse(y.ID), x.ID, nil)
	h := w.history()
	if h.Trouble() == "" || h.Charter() != nil && h.Charter().Name == "Thief" {
		t.Errorf("the thief's charter: %+v, trouble %q", h.Charter(), h.Trouble())
	}
	// The true owners are not the owners of the thief's line, so nobody can mend
	// this fork: it stays closed, and they found a new workspace.
	if d := governance.Gate(w.question(governance.AttemptValidate)); d.Open {
		t.Error("the gate is open")
	}
}

func brokenOf(t *testing.T, h *governance.History, id string) string {
	t.Helper()
	a := h.Act(id)
	if a == nil {
		t.Fatalf("the act %s is gone", id)
	}
	return a.Broken
}

func TestKeyChains(t *testing.T) {
	vote := governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Round: 1}}
	for _, c := range []struct {
		name string
		do   func(w *world, ann *person) (good, bad []string)
		why  string
	}{
		{"fork: two acts at one place, and what follows", func(w *world, ann *person) (good, bad []string) {
			first := w.raw(ann, vote, w.ws, nil)
			copied := *ann
			a := w.raw(ann, vote, w.ws, nil)
			b := w.raw(&copied, vote, w.ws, []string{first.ID})
			after := w.raw(ann, vote, w.ws, nil)
			return []string{first.ID}, []string{a.ID, b.ID, after.ID}
		}, "forked"},
		{"gap: an act is missing", func(w *world, ann *person) (good, bad []string) {
			first, lost, after := w.raw(ann, vote, w.ws, nil), w.raw(ann, vote, w.ws, nil), w.raw(ann, vote, w.ws, nil)
			w.acts = slices.DeleteFunc(w.acts, func(a ledger.SignedAct) bool { return a.ID == lost.ID })
			return []string{first.ID}, []string{after.ID}
		}, "missing"},
		{"broken: an act names another before it", func(w *world, ann *person) (good, bad []string) {
			first := w.raw(ann, vote, w.ws, nil)
			ann.prev = w.ws
			b := w.raw(ann, vote, w.ws, nil)
			after := w.raw(ann, vote, w.ws, nil)
			return []string{first.ID}, []string{b.ID, after.ID}
		}, "broken"},
		{"the chain begins in the middle", func(w *world, ann *person) (good, bad []string) {
			ann.seq, ann.prev = 3, w.ws
			a := w.raw(ann, vote, w.ws, nil)
			return nil, []string{a.ID}
		}, "missing"},
		{"signed under a charter that never was", func(w *world, ann *person) (good, bad []string) {
			a := w.raw(ann, vote, strings.Repeat("0", 64), nil)
			return nil, []string{a.ID}
		}, "charter"},
		{"signed by an outsider", func(w *world, ann *person) (good, bad []string) {
			a := w.raw(w.people["mallory"], vote, w.ws, nil)
			return nil, []string{a.ID}
		}, "not a member"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			good, bad := c.do(w, w.people["ann"])
			h := w.history()
			for _, id := range good {
				if why := brokenOf(t, h, id); why != "" {
					t.Errorf("a good act: %s", why)
				}
			}
			for _, id := range bad {
				if why := brokenOf(t, h, id); !strings.Contains(why, c.why) {
					t.Errorf("a bad act: %q, want %q", why, c.why)
				}
			}
		})
	}
}

func TestAnOutsiderCannotCloseAThread(t *testing.T) {
	w := newWorld(t).approved()
	p := w.people["mallory"]
	p.seq, p.prev = 5, w.ws // a gap, and a head that nobody has
	w.raw(p, governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Round: 1, Revision: w.request.Revision}}, w.ws, []string{strings.Repeat("0", 64)})
	w.cache()
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Error(d.Reasons())
	}
}

func TestAnActOfAnotherWorkspaceIsLeftOut(t *testing.T) {
	w := newWorld(t)
	other := newWorld(t, func(c *governance.Charter) { c.Nonce = "n-2" })
	other.submitRequest()
	foreign := other.onRequest("ann", approve)
	grafted := foreign
	grafted.Workspace = w.ws
	for name, a := range map[string]ledger.SignedAct{"as it is": foreign, "with our workspace in its column": grafted, "its genesis": other.acts[0]} {
		acts := append(slices.Clone(w.acts), a)
		h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: acts})
		must(t, err)
		if len(findings) != 1 || !strings.Contains(findings[0], a.ID) || h.Act(a.ID) != nil {
			t.Errorf("%s: findings %q", name, findings)
		}
	}
}

func TestTheSameActTwiceIsOneAct(t *testing.T) {
	w := newWorld(t).approved()
	want := w.history().RecordStanding(dr)
	w.acts = append(w.acts, w.acts...)
	if got := w.history().RecordStanding(dr); got.Status != want.Status || len(w.history().Thread(dr)) != 3 {
		t.Errorf("%s with %d acts", got.Status, len(w.history().Thread(dr)))
	}
}

// The owners revoke a stolen key at its last good act: what was signed before
// stays, what the thief signs never counts, whatever date it bears and under
// whatever charter.
func TestARevokedKeyKeepsWhatItSignedBefore(t *testing.T) {
	w := newWorld(t).approved()
	ben := w.people["ben"]
	good := ben.prev
	w.change(func(c *governance.Charter) { ledger.RevokeKey(c, ben.key.Public(), good) })
	stolen := w.raw(ben, governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Round: 1, Revision: w.record.Revision}}, w.ws, nil)
	copied := *ben
	copied.seq, copied.prev = 1, w.firstOf("ben")
	forked := w.raw(&copied, governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Round: 1, Revision: w.record.Revision}}, w.ws, nil)
	h := w.history()
	if why := brokenOf(t, h, good); why != "" {
		t.Errorf("the last good act: %s", why)
	}
	for _, a := range []ledger.SignedAct{stolen, forked} {
		if why := brokenOf(t, h, a.ID); !strings.Contains(why, "revoked") {
			t.Errorf("the thief's act: %q", why)
		}
	}
	w.cache()
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Errorf("a lost key takes its old approvals along: %v", d.Reasons())
	}
	w.change(func(c *governance.Charter) { ledger.RevokeKey(c, ben.key.Public(), "") })
	if why := brokenOf(t, w.history(), good); why == "" {
		t.Error("a key of which nothing is trusted")
	}
}

// A thief who cannot be told apart by his last act leaves a number out: such a
// chain is not whole up to any act after it, so naming one trusts nothing.
func TestARevokedKeyIsTrustedOnlyAlongAWholeChain(t *testing.T) {
	vote := governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Round: 1}}
	for name, skip := range map[string]func(w *world, ann *person){
		"a number is left out":          func(_ *world, ann *person) { ann.seq++ },
		"it continues another's chain":  func(w *world, ann *person) { ann.prev = w.people["ben"].prev },
		"it continues what is not here": func(_ *world, ann *person) { ann.prev = strings.Repeat("0", 64) },
	} {
		w := newWorld(t)
		ann := w.people["ann"]
		w.raw(w.people["ben"], vote, w.ws, nil)
		first := w.raw(ann, vote, w.ws, nil)
		skip(w, ann)
		last := w.raw(ann, vote, w.ws, nil)
		w.change(func(c *governance.Charter) { ledger.RevokeKey(c, ann.key.Public(), last.ID) })
		h := w.history()
		for _, id := range []string{first.ID, last.ID} {
			if brokenOf(t, h, id) == "" {
				t.Errorf("%s: an act counts", name)
			}
		}
		if len(h.RequestStanding(cr).Trouble) == 0 {
			t.Errorf("%s: nothing seems to be missing", name)
		}
	}
}

func TestABodyThatIsNotUnderstoodNeverCounts(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	a := w.onRequest("ann", approve)
	for name, edit := range map[string][2]string{
		"another type of body": {`"type":"cr.approve"`, `"type":"cr.submit"`},
		"an unknown act":       {`"type":"cr.approve"`, `"type":"cr.applaud"`},
		"one field more":       {`"step":0`, `"step":0,"stop":1`},
		"about the charter":    {`"subj":"` + cr + `"`, `"subj":"gov"`},
	} {
		payload := []byte(strings.Replace(string(a.Payload), edit[0], edit[1], 1))
		if name == "one field more" {
			payload = []byte(strings.Replace(string(a.Payload), `"step":0`, `"step":0,"stop":1`, 1))
		}
		odd, _, err := ledger.Open(payload, signRaw(w.people["ann"].key, payload))
		must(t, err)
		acts := slices.Clone(w.acts)
		acts[len(acts)-1] = odd
		h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: acts, Revisions: w.revs})
		must(t, err)
		if why := brokenOf(t, h, odd.ID); !strings.Contains(why, "not understood") || len(findings) > 0 || h.Act(odd.ID).Body != nil {
			t.Errorf("%s: %q, %q", name, why, findings)
		}
		if st := h.RequestStanding(cr); len(st.Seating.Counted) > 0 {
			t.Errorf("%s: counted", name)
		}
	}
}

func TestRevisionsMustBeWhatTheirDigestSays(t *testing.T) {
	w := newWorld(t).approved()
	digest := w.record.Revision
	for name, b := range map[string][]byte{
		"altered":        []byte(strings.Replace(string(w.revs[digest]), prod, uat, 1)),
		"cut off":        w.revs[digest][:100],
		"empty":          {},
		"of the request": w.revs[w.request.Revision],
	} {
		e := w.evidence()
		e.Revisions = map[string][]byte{w.request.Revision: w.revs[w.request.Revision], digest: b}
		h, findings, err := ledger.Assemble(e)
		must(t, err)
		if len(findings) != 1 || !strings.Contains(findings[0], digest) || h.Record(digest) != nil {
			t.Errorf("%s: %q", name, findings)
		}
	}
	odd := []byte(`{"format":1}`)
	d := ledger.Digest(ledger.RequestMedia, odd)
	h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: w.acts, Revisions: map[string][]byte{d: odd}})
	must(t, err)
	if len(findings) != 1 || h.Request(d) != nil {
		t.Errorf("content that is not understood: %q", findings)
	}
}

// Part of the acts with the links of all gives the same standing as the whole.
func TestPartOfTheEvidenceIsEnoughWithItsLinks(t *testing.T) {
	w := newWorld(t)
	ask := func(subject string) governance.Intent {
		return governance.Intent{Type: "cr.reject", Subject: subject, Body: governance.Vote{Round: 1}}
	}
	w.sign("ann", ask("another-1"))
	w.submitRequest()
	w.sign("ben", ask("another-2"))
	w.onRequest("ann", approve)
	w.sign("ann", ask("another-1"))
	w.onRequest("ben", approve)
	part := func(edit func([]ledger.Link) []ledger.Link) (governance.Standing, []string) {
		t.Helper()
		e := ledger.Evidence{Workspace: w.ws, Revisions: w.revs, Links: []ledger.Link{}}
		for _, a := range w.acts {
			e.Links = append(e.Links, ledger.Link{ID: a.ID, Key: a.Key, Prev: a.Prev, Seq: a.Seq})
			if a.Subject == cr || a.Subject == "gov" {
				e.Acts = append(e.Acts, a)
			}
		}
		e.Links = edit(e.Links)
		h, findings, err := ledger.Assemble(e)
		must(t, err)
		return h.RequestStanding(cr), findings
	}
	whole := w.history().RequestStanding(cr)
	got, findings := part(func(l []ledger.Link) []ledger.Link { return l })
	if got.Status != governance.Approved || whole.Status != got.Status || len(got.Trouble)+len(findings) > 0 || !slices.Equal(got.Seating.Counted, whole.Seating.Counted) {
		t.Errorf("part: %s %v %v; whole: %s", got.Status, got.Trouble, findings, whole.Status)
	}
	if got, _ := part(func([]ledger.Link) []ledger.Link { return nil }); got.Status == governance.Approved || len(got.Trouble) == 0 {
		t.Errorf("part without links: %s %v", got.Status, got.Trouble)
	}
	if got, findings := part(func(l []ledger.Link) []ledger.Link { l[len(l)-1].Seq = 9; return l }); len(findings) != 1 {
		t.Errorf("a link that differs: %s %v", got.Status, findings)
	}
}

// A row that does not verify has no place in its key's chain, whatever the
// links say: part and whole agree that something is missing.
func TestALinkDoesNotVouchForARowThatDoesNotVerify(t *testing.T) {
	w := newWorld(t)
	vote := governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Round: 1}}
	altered := w.raw(w.people["ann"], vote, w.ws, nil)
	after := w.raw(w.people["ann"], vote, w.ws, nil)
	e := w.evidence()
	for i, a := range e.Acts {
		e.Links = append(e.Links, ledger.Link{ID: a.ID, Key: a.Key, Prev: a.Prev, Seq: a.Seq})
		if a.ID == altered.ID {
			e.Acts[i].Subject = "request-2"
		}
	}
	part, findings, err := ledger.Assemble(e)
	must(t, err)
	e.Links = nil
	whole, _, err := ledger.Assemble(e)
	must(t, err)
	if p, q := brokenOf(t, part, after.ID), brokenOf(t, whole, after.ID); p == "" || p != q || len(findings) != 1 {
		t.Errorf("part %q, whole %q, findings %q", p, q, findings)
	}
}

func TestAMemberHadSeenACharterThatIsNotHere(t *testing.T) {
	w := newWorld(t).approved()
	withheld := w.change(rename)
	w.onRecord("rita", governance.Deed{Action: governance.Reopen})
	w.acts = slices.DeleteFunc(w.acts, func(a ledger.SignedAct) bool {
		return a.ID == withheld.ID || a.Subject == "gov" && strings.Contains(string(a.Payload), withheld.ID)
	})
	w.cache()
	if d := governance.Gate(w.question(governance.AttemptValidate)); d.Open || !slices.Contains(refusedBy(d), "record_history") {
		t.Errorf("open %v: %v", d.Open, d.Reasons())
	}
}

// A standing depends on the acts and not on the order in which they come.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	seen := w.history().Heads(cr)
	w.onRequest("ann", approve)
	w.vote(w.people["cleo"], cr, 1, seen...)
	w.onRequest("ben", approve)
	w.change(func(c *governance.Charter) { c.Name = "Renamed" })
	w.submitRecord()
	w.onRecord("ann", approve)
	w.closing("rita", "dr.recall", w.history().Heads(dr)...)
	w.fork()
	want, _ := w.assemble()
	rapid.Check(t, func(rt *rapid.T) {
		acts := rapid.Permutation(w.acts).Draw(rt, "acts")
		n := rapid.IntRange(0, len(acts)).Draw(rt, "repeated")
		h, findings, err := w.v.Assemble(ledger.Evidence{Workspace: w.ws, Acts: append(slices.Clone(acts), acts[:n]...), Revisions: w.revs})
		if err != nil || len(findings) > 0 {
			rt.Fatalf("%v %q", err, findings)
		}
		for _, p := range [][2]governance.Standing{{h.RequestStanding(cr), want.RequestStanding(cr)}, {h.RecordStanding(dr), want.RecordStanding(dr)}} {
			if p[0].Status != p[1].Status || p[0].Round != p[1].Round || !slices.Equal(p[0].Seating.Counted, p[1].Seating.Counted) || !slices.Equal(p[0].Seating.Refused, p[1].Seating.Refused) {
				rt.Fatalf("%+v\n%+v", p[0], p[1])
			}
		}
		if h.Head() != want.Head() || h.Trouble() != want.Trouble() || !slices.Equal(h.Heads(cr), want.Heads(cr)) {
			rt.Fatalf("head %s, trouble %q", h.Head(), h.Trouble())
		}
	})
}

// Whatever part of a history is known, it never opens a gate that the whole
// keeps closed, and assembling never stops.
func TestAPartNeverOpensWhatTheWholeCloses(t *testing.T) {
	w := newWorld(t).approved()
	w.onRecord("rita", governance.Deed{Action: governance.Reopen})
	last := w.acts[len(w.acts)-1].ID
	rapid.Check(t, func(rt *rapid.T) {
		lost := rapid.SliceOfN(rapid.IntRange(0, len(w.acts)-1), 0, 4).Draw(rt, "lost")
		acts := []ledger.SignedAct{}
		for i, a := range w.acts {
			if !slices.Contains(lost, i) {
				acts = append(acts, a)
			}
		}
		h, _, err := w.v.Assemble(ledger.Evidence{Workspace: w.ws, Acts: acts, Revisions: w.revs})
		if err != nil {
			rt.Fatal(err)
		}
		q := w.question(governance.AttemptValidate)
		q.History = h
		q.Record.Status, q.Request.Status = h.RecordStanding(dr).Status, h.RequestStanding(cr).Status
		if governance.Gate(q).Open && (h.Act(last) != nil || len(acts) < len(w.acts)-1) {
			rt.Fatalf("open with %d of %d acts", len(acts), len(w.acts))
		}
	})
}
