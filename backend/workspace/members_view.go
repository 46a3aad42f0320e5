package workspace

import (
	"context"
	"slices"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// An Offer is something that can be done, or not and why.
type Offer struct {
	Allowed bool   `json:"allowed"`
	Why     string `json:"why"`
	WhySaid Said   `json:"whySaid"` // the same, to be translated by the whole key
}

// Members are the people of a workspace, their keys, who waits to be let in and
// which changes wait for signatures.
type Members struct {
	Workspace string         `json:"workspace"` // its id
	Name      string         `json:"name"`
	Version   int64          `json:"version"` // of the charter
	Demo      bool           `json:"demo"`
	Solo      bool           `json:"solo"`
	Owners    int64          `json:"owners"` // who can sign a change
	Needed    int64          `json:"needed"` // how many of them have to
	Members   []MemberView   `json:"members"`
	Waiting   []WaitingKey   `json:"waiting"`
	Pending   []PolicyChange `json:"pending"`
	// Own is the key of this computer that waits to be let in, nil if none.
	Own   *OwnKey           `json:"own"`
	Roles []governance.Role `json:"roles"` // that a member can have
	// Propose is what all changes of members need; the others are beside it.
	Propose Offer `json:"propose"`
	Invite  Offer `json:"invite"`
	Admit   Offer `json:"admit"`
	Team    Offer `json:"team"`    // make a workspace of one person one of several
	NewKey  Offer `json:"newKey"`  // for this computer
	SaveKey Offer `json:"saveKey"` // to a passphrase file
	Restore Offer `json:"restore"` // from one
	Kit     Offer `json:"kit"`     // a recovery kit
}

// A MemberView is one member.
type MemberView struct {
	Person   Person       `json:"person"`
	Me       bool         `json:"me"`
	Live     bool         `json:"live"` // with a key in use and a role
	Compared bool         `json:"compared"`
	Founder  bool         `json:"founder"` // in the first charter, so that nobody had to compare
	Recovery bool         `json:"recovery"`
	Keys     []KeyView    `json:"keys"`
	May      []Capability `json:"may"`
	Retire   Offer        `json:"retire"`
}

// A KeyView is one key of a member.
type KeyView struct {
	Public      string    `json:"public"`
	Fingerprint string    `json:"fingerprint"`
	Here        bool      `json:"here"` // it signs at this computer
	Since       time.Time `json:"since" ts_type:"string"`
	LastAct     *KeyAct   `json:"lastAct"`
	Ended       bool      `json:"ended"`
	EndedAt     time.Time `json:"endedAt" ts_type:"string"` // when the change that ended it was proposed
	EndedBy     string    `json:"endedBy"`                  // the last act that counts, "none" if no act does
}

// A KeyAct is one act of a key, in a sentence.
type KeyAct struct {
	Act  string    `json:"act"`
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at" ts_type:"string"`
	Text string    `json:"text"`
	Said Said      `json:"said"`
}

// A WaitingKey is a key whose holder asks to be let in. Name and note are what
// he says himself.
type WaitingKey struct {
	Act         string    `json:"act"`
	Public      string    `json:"public"`
	Name        string    `json:"name"`
	Note        string    `json:"note"`
	At          time.Time `json:"at" ts_type:"string"`
	Fingerprint string    `json:"fingerprint"`
	Here        bool      `json:"here"`     // it is this computer's
	Proposed    bool      `json:"proposed"` // a change that waits names it
}

// An OwnKey is this computer's key that waits.
type OwnKey struct {
	Public      string    `json:"public"`
	Fingerprint string    `json:"fingerprint"`
	Asked       bool      `json:"asked"` // the request to be let in is signed
	At          time.Time `json:"at" ts_type:"string"`
}

// MembersView are the members as the page shows them. Fault: charter.
func (w *Workspace) MembersView(ctx context.Context) (Members, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Members{}, err
	}
	c := h.Charter()
	if c == nil {
		_, err := w.Charter(ctx) // says so
		return Members{}, err
	}
	v := Members{Workspace: w.id, Name: c.Name, Version: c.Version, Demo: c.Demo, Solo: c.Solo, Needed: c.OwnerThreshold,
		Members: []MemberView{}, Pending: w.pendingPolicies(h), Roles: seatRoles()}
	if v.Own, err = w.ownKey(ctx, h); err != nil {
		return Members{}, err
	}
	for i, p := range v.Pending {
		if v.Own != nil && signsAsNew(h, p.Act, v.Own.Public) {
			v.Pending[i].CanSign, v.Pending[i].Why, v.Pending[i].WhySaid = true, "", quoted("", "")
		}
	}
	for i := range c.Members {
		m, err := w.memberView(ctx, h, c, &c.Members[i])
		if err != nil {
			return Members{}, err
		}
		if c.Members[i].Endorses() && c.Live(c.Members[i].ID) {
			v.Owners++
		}
		v.Members = append(v.Members, m)
	}
	v.Waiting = waitingKeys(h, w.id, v.Own, v.Pending)
	w.pageOffers(&v, h)
	return v, nil
}

// pageOffers says what can be done on the whole page.
func (w *Workspace) pageOffers(v *Members, h *governance.History) {
	propose := w.whyNotRoster(h)
	no := func(code string) Said { return w.said(code) }
	member := h.Charter().Live(w.Acting())
	demo, waits := quoted("", ""), quoted("", "")
	if v.Demo {
		demo = no("why.demo_stays")
	}
	if v.Own != nil {
		waits = no("why.key_waits")
	}
	stranger := quoted("", "")
	if !member {
		stranger = no("why.not_let_in")
	}
	solo := quoted("", "")
	if v.Solo {
		solo = no("why.solo_first")
	}
	team := quoted("", "")
	if !v.Solo {
		team = no("why.team_already")
	}
	v.Propose = offerOf(propose)
	v.Invite = offerOf(demo) // who waits sends his answer the same way
	v.Admit = offerOf(propose, solo)
	v.Team = offerOf(propose, team)
	v.NewKey = offerOf(demo, waits)
	v.SaveKey = offerOf(demo, stranger)
	v.Restore = offerOf(demo)
	v.Kit = offerOf(demo, propose)
}

// whyNotRoster says why the person at this window cannot change the members.
func (w *Workspace) whyNotRoster(h *governance.History) Said {
	if why := w.whyNotPropose(h, w.Acting()); why.Code != "why.propose_owner" {
		return why
	}
	return w.said("why.roster_owner")
}

// offerOf is allowed unless one of some sentences says why not; the first counts.
func offerOf(why ...Said) Offer {
	for _, s := range why {
		if s.Text != "" {
			return Offer{Why: s.Text, WhySaid: s}
		}
	}
	return Offer{Allowed: true, WhySaid: quoted("", "")}
}

func (w *Workspace) memberView(ctx context.Context, h *governance.History, c *governance.Charter, m *governance.Member) (MemberView, error) {
	founding := h.CharterAt(h.Workspace())
	v := MemberView{Person: personOf(m), Me: m.ID == w.Acting(), Live: c.Live(m.ID) && len(m.Roles) > 0, Compared: m.Compared,
		Founder: founding != nil && founding.Member(m.ID) != nil, Recovery: m.Has(governance.Recovery), Keys: []KeyView{}, May: w.capabilities(c, m)}
	here := ""
	if id, err := w.key(ctx, m.ID); err == nil && v.Me {
		here = id.Public()
	}
	for _, k := range m.Keys {
		key := KeyView{Public: k.Public, Fingerprint: ledger.Fingerprint(w.id, k.Public), Here: here == k.Public && k.Last == "", Ended: k.Last != "", EndedBy: k.Last}
		key.Since, key.EndedAt = keyTimes(h, k.Public)
		last, err := w.KeyActs(ctx, k.Public, 1)
		if err != nil {
			return v, err
		}
		if len(last) > 0 {
			key.LastAct = &last[0]
		}
		v.Keys = append(v.Keys, key)
	}
	why := w.whyNotRoster(h)
	owners := 0
	for _, o := range c.Members {
		if o.Has(governance.Owner) && c.Live(o.ID) {
			owners++
		}
	}
	switch {
	case why.Text != "":
	case !v.Live:
		why = w.said("why.left_already")
	case m.Has(governance.Owner) && owners == 1:
		why = w.said("why.last_owner")
	}
	v.Retire = offerOf(why)
	return v, nil
}

// keyTimes are when the versions of the charter were proposed that brought a
// key in and that ended it, as their signers say.
func keyTimes(h *governance.History, public string) (since, ended time.Time) {
	for id := h.Head(); id != ""; {
		c := h.CharterAt(id)
		if c == nil {
			break
		}
		m, k := c.MemberByKey(public)
		if m == nil {
			break
		}
		if a := h.Act(id); a != nil {
			since = a.At.UTC()
			if k.Last != "" {
				ended = a.At.UTC()
			}
		}
		id = c.Prev
	}
	return since, ended
}

func waitingKeys(h *governance.History, workspace string, own *OwnKey, pending []PolicyChange) []WaitingKey {
	out := []WaitingKey{}
	for _, j := range h.Joins() {
		a := h.Act(j.Act)
		w := WaitingKey{Act: j.Act, Public: j.Join.Key, Name: cutTo(oneLine(j.Join.Name), maxName), Note: cutTo(oneLine(j.Join.Note), maxNote), At: a.At.UTC(),
			Fingerprint: ledger.Fingerprint(workspace, j.Join.Key), Here: own != nil && own.Public == j.Join.Key}
		w.Proposed = slices.ContainsFunc(pending, func(p PolicyChange) bool {
			c, _ := h.Act(p.Act).Body.(governance.Charter)
			m, _ := c.MemberByKey(w.Public)
			return m != nil
		})
		out = slices.DeleteFunc(out, func(o WaitingKey) bool { return o.Public == w.Public }) // asked again: the newer word
		out = append(out, w)
	}
	return out
}

// ownKey is the key that waits on this computer, nil if there is none.
func (w *Workspace) ownKey(ctx context.Context, h *governance.History) (*OwnKey, error) {
	_, id, err := w.waitingKey(ctx)
	if err != nil || id.IsZero() {
		return nil, err
	}
	own := &OwnKey{Public: id.Public(), Fingerprint: ledger.Fingerprint(w.id, id.Public())}
	for _, j := range h.Joins() {
		if j.Join.Key == own.Public {
			own.Asked, own.At = true, h.Act(j.Act).At.UTC()
		}
	}
	return own, nil
}

// KeyActs are the newest acts of a key in sentences, newest first.
func (w *Workspace) KeyActs(ctx context.Context, public string, most int) ([]KeyAct, error) {
	acts, err := w.Store.KeyActs(ctx, public, most)
	if err != nil {
		return nil, err
	}
	r, err := w.trailReader(ctx, TrailQuery{})
	if err != nil {
		return nil, err
	}
	lines := make([]readLine, 0, len(acts))
	for _, a := range acts {
		lines = append(lines, r.read(store.TrailLine{Kind: actKind, Act: a.ID, Type: a.Type, Subject: a.Subject, Payload: a.Payload}))
	}
	if err := r.learn(ctx, lines); err != nil {
		return nil, err
	}
	out := make([]KeyAct, 0, len(acts))
	for i, l := range lines {
		said := r.say(l, r.about(l))
		out = append(out, KeyAct{Act: l.Act, Seq: acts[i].Seq, At: l.data.at(), Said: said, Text: said.Text})
	}
	return out, nil
}

// cutTo shortens what somebody else wrote.
func cutTo(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
