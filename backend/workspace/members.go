package workspace

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// maxNote is how many characters the note of who asks to be let in may have.
const maxNote = 500

// A RosterKind is what a change of the members does.
type RosterKind string

// The changes of the members.
const (
	RosterAdmit     RosterKind = "admit"       // let a waiting key in as a new member
	RosterAddKey    RosterKind = "add key"     // let it in as a further key of a member
	RosterReplace   RosterKind = "replace key" // let it in instead of a key of a member
	RosterRoles     RosterKind = "roles"
	RosterRetire    RosterKind = "retire"
	RosterRevoke    RosterKind = "revoke"
	RosterThreshold RosterKind = "threshold"
	RosterTeam      RosterKind = "team" // of a workspace of one person make one of several
)

// RosterKinds lists them.
func RosterKinds() []RosterKind {
	return []RosterKind{RosterAdmit, RosterAddKey, RosterReplace, RosterRoles, RosterRetire, RosterRevoke, RosterThreshold, RosterTeam}
}

// A RosterChange is one change of the members, to be proposed.
type RosterChange struct {
	Kind     RosterKind        `json:"kind"`
	Key      string            `json:"key"`    // public: the one that waits, or that is revoked
	Member   string            `json:"member"` // whose key or roles
	Roles    []governance.Role `json:"roles"`
	Compared bool              `json:"compared"` // the 20 digits were compared by voice
	Old      string            `json:"old"`      // the key that is replaced
	// Last is the last act that counts of a key that is revoked or replaced. Empty:
	// its newest, since it was lost or given up; "none": no act at all.
	Last      string `json:"last"`
	Threshold int64  `json:"threshold"` // owners who have to sign from then on
}

// noTrust as RosterChange.Last trusts no act of a key.
const noTrust = "none"

// everyAct of a key, however many there are.
const everyAct = -1

// RosterProposal is what ProposeRoster would sign now. Faults: those of
// ProposeRoster.
func (w *Workspace) RosterProposal(ctx context.Context, r RosterChange) (Proposal, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Proposal{}, err
	}
	if err := ownerOf(h.Charter(), w.Acting()); err != nil {
		return Proposal{}, err
	}
	last, err := w.lastOf(ctx, r, h.Charter())
	if err != nil {
		return Proposal{}, err
	}
	in, digest, err := nextRoster(h, r, last)
	if err != nil {
		return Proposal{}, err
	}
	return w.proposalOf(h, in, digest), nil
}

func (w *Workspace) proposalOf(h *governance.History, in governance.Intent, digest string) Proposal {
	after, _ := in.Body.(governance.Charter)
	return Proposal{Digest: digest, Diff: w.policyDiff(h.Charter(), &after)}
}

// ProposeRoster signs a change of the members; it is in force once enough owners
// have signed it. With the digest of a RosterProposal it signs exactly that. Who
// puts a new key in the place of his own signs with the new one as well, where it
// is on this computer. Faults: not_owner, nothing_changed, no_join, no_member,
// key_used, key_ended, foreign_act, bad_charter, charter_trouble, seen_other.
func (w *Workspace) ProposeRoster(ctx context.Context, r RosterChange, seen string) (Members, error) {
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Members{}, err
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return Members{}, err
	}
	last, err := w.lastOf(ctx, r, c)
	if err != nil {
		return Members{}, err
	}
	h, err := w.Store.UpdateCharter(ctx, author, func(h *governance.History) (governance.Intent, error) {
		in, digest, err := nextRoster(h, r, last)
		if err == nil && seen != "" && seen != digest {
			err = governance.SeenOther("The charter")
		}
		return in, err
	})
	if err != nil {
		return Members{}, err
	}
	if err := w.endorseAsNew(ctx, h); err != nil {
		return Members{}, err
	}
	return w.changedMembers(ctx)
}

// changedMembers is the view after the charter may have changed.
func (w *Workspace) changedMembers(ctx context.Context) (Members, error) {
	if err := w.settleUnlessDemo(ctx); err != nil {
		return Members{}, err
	}
	return w.MembersView(ctx)
}

// endorseAsNew signs the newest proposal that makes the key that waits on this
// computer one of an owner's, with that key.
func (w *Workspace) endorseAsNew(ctx context.Context, h *governance.History) error {
	_, id, err := w.waitingKey(ctx)
	if err != nil || id.IsZero() {
		return err
	}
	for _, p := range w.pendingPolicies(h) {
		c, _ := h.Act(p.Act).Body.(governance.Charter)
		if m, _ := c.MemberByKey(id.Public()); m.Endorses() && p.By != nil && p.By.ID == m.ID {
			_, err := w.Store.EndorseAsNew(ctx, id, p.Act)
			return err
		}
	}
	return nil
}

// SignRoster endorses a proposed change as the person at this window, or with
// the key that waits here, where the change makes that an owner's. Faults: those
// of SignPolicies.
func (w *Workspace) SignRoster(ctx context.Context, change string) (Members, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Members{}, err
	}
	_, id, err := w.waitingKey(ctx)
	if err != nil {
		return Members{}, err
	}
	if signsAsNew(h, change, id.Public()) {
		if err := w.beside.wait(ctx); err != nil {
			return Members{}, err
		}
		_, err = w.Store.EndorseAsNew(ctx, id, change)
	} else {
		_, err = w.SignPolicies(ctx, change)
	}
	if err != nil {
		return Members{}, err
	}
	return w.changedMembers(ctx)
}

// PendingRoster is a proposed change that the person at this window can sign.
// Faults: those of SignPolicies.
func (w *Workspace) PendingRoster(ctx context.Context, change string) (PolicyChange, error) {
	v, err := w.MembersView(ctx)
	if err != nil {
		return PolicyChange{}, err
	}
	for _, p := range v.Pending {
		if p.Act == change && p.CanSign {
			return p, nil
		}
	}
	return w.PendingPolicies(ctx, change)
}

// signsAsNew reports whether a proposal that waits makes a key that no charter
// names one of an owner's, and the key has not signed it yet.
func signsAsNew(h *governance.History, change, public string) bool {
	a := h.Act(change)
	if a == nil || public == "" || h.CharterAt(change) != nil {
		return false
	}
	c, _ := a.Body.(governance.Charter)
	m, _ := c.MemberByKey(public)
	if now, _ := h.Charter().MemberByKey(public); now != nil || !m.Endorses() || c.Prev != h.Head() {
		return false
	}
	return !slices.ContainsFunc(h.Thread(governance.GovernanceSubject), func(a *governance.Act) bool {
		e, ok := a.Body.(governance.Endorsement)
		return ok && e.Change == change && a.Key == public
	})
}

// lastOf are the acts up to which keys are trusted that the change ends.
func (w *Workspace) lastOf(ctx context.Context, r RosterChange, c *governance.Charter) (map[string]string, error) {
	ended := []string{}
	switch r.Kind {
	case RosterRevoke:
		ended = append(ended, r.Key)
	case RosterReplace:
		ended = append(ended, r.Old)
	case RosterRetire:
		if m := c.Member(r.Member); m != nil {
			for _, k := range m.Keys {
				ended = append(ended, k.Public)
			}
		}
	}
	out := map[string]string{}
	for _, key := range ended {
		acts, err := w.Store.KeyActs(ctx, key, everyAct)
		if err != nil {
			return nil, err
		}
		if len(acts) > 0 {
			out[key] = acts[0].ID
		}
		if r.Last == "" || r.Kind == RosterRetire {
			continue
		}
		if r.Last != noTrust && !slices.ContainsFunc(acts, func(a store.KeyAct) bool { return a.ID == r.Last }) {
			return nil, governance.Faultf("foreign_act", "The act %.12s was not signed with this key.", r.Last).WithHint("Choose one of the key's own acts.")
		}
		out[key] = r.Last
	}
	return out, nil
}

// nextRoster is the charter with the change, to be signed, and its digest.
func nextRoster(h *governance.History, r RosterChange, last map[string]string) (governance.Intent, string, error) {
	var wrong error
	in, err := ledger.NextCharter(h, func(c *governance.Charter) { wrong = r.apply(c, h, last) })
	if wrong != nil || err != nil {
		return in, "", cmp.Or(wrong, err)
	}
	before, err := ledger.Canonical(sameVersion(*h.Charter()))
	if err != nil {
		return in, "", err
	}
	next, _ := in.Body.(governance.Charter)
	after, err := ledger.Canonical(sameVersion(next))
	if err == nil && string(before) == string(after) {
		err = governance.Faultf("nothing_changed", "This is how it is already.").WithHint("Change something first.")
	}
	if err != nil {
		return in, "", err
	}
	body, err := ledger.Canonical(in.Body)
	if err != nil {
		return in, "", err
	}
	return in, ledger.Digest(string(in.Type), body), nil
}

// sameVersion leaves out what differs between any two versions.
func sameVersion(c governance.Charter) governance.Charter {
	c.Prev, c.Version, c.Void = "", 0, []string{}
	return c
}

// apply makes the change in a charter.
func (r RosterChange) apply(c *governance.Charter, h *governance.History, last map[string]string) error {
	owners := ownersOf(c)
	if err := r.edit(c, h, last); err != nil {
		return err
	}
	if r.Kind == RosterThreshold {
		return nil
	}
	// Two owners sign together unless they say otherwise, and no more are asked
	// for than there are.
	if owners < 2 && ownersOf(c) >= 2 && c.OwnerThreshold == 1 {
		c.OwnerThreshold = 2
	}
	c.OwnerThreshold = max(1, min(c.OwnerThreshold, endorsersOf(c)))
	return nil
}

func (r RosterChange) edit(c *governance.Charter, h *governance.History, last map[string]string) error {
	switch r.Kind {
	case RosterAdmit:
		j, err := r.join(h)
		if err == nil {
			_, err = ledger.Admit(c, j, r.Roles, r.Compared)
		}
		return err
	case RosterAddKey:
		if _, err := r.join(h); err != nil {
			return err
		}
		return ledger.AddKey(c, r.Member, r.Key)
	case RosterReplace:
		if _, err := r.join(h); err != nil {
			return err
		}
		return ledger.RotateKey(c, r.Old, last[r.Old], r.Key)
	case RosterRoles:
		m := c.Member(r.Member)
		if m == nil {
			return noMember(r.Member)
		}
		m.Roles = append([]governance.Role{}, r.Roles...)
		slices.SortFunc(m.Roles, func(a, b governance.Role) int {
			return slices.Index(governance.Roles(), a) - slices.Index(governance.Roles(), b)
		})
		m.Roles = slices.Compact(m.Roles)
	case RosterRetire:
		if c.Member(r.Member) == nil {
			return noMember(r.Member)
		}
		ledger.Retire(c, r.Member, func(key string) string { return last[key] })
	case RosterRevoke:
		m, k := c.MemberByKey(r.Key)
		if m == nil {
			return noMember(r.Key)
		}
		if k.Last != "" {
			return governance.Faultf("key_ended", "The key of %s is not in use any more.", m.Name).WithHint("Choose one that is.")
		}
		ledger.RevokeKey(c, r.Key, last[r.Key])
	case RosterThreshold:
		c.OwnerThreshold = r.Threshold
	case RosterTeam:
		c.Solo = false
		c.Requests = governance.DefaultRequestPolicy()
		for i := range c.Environments {
			p := governance.DefaultPolicy(c.Environments[i].Kind)
			p.Organization = c.Environments[i].Organization
			if p.Organization != "" {
				p.Name = c.Environments[i].Name
			}
			c.Environments[i] = p
		}
	default:
		return governance.Faultf("roster_change", "%.40q is no change of the members.", r.Kind).WithHint("Choose one that the page offers.")
	}
	return nil
}

func noMember(id string) error {
	return governance.Faultf("no_member", "The roster has no member %.40q.", id).WithHint("Choose somebody who is in the roster.")
}

// join is what the key signed that asks to be let in: nobody puts a key into the
// roster whose holder did not prove that he has it.
func (r RosterChange) join(h *governance.History) (governance.Join, error) {
	for _, j := range slices.Backward(h.Joins()) {
		if j.Join.Key == r.Key {
			j.Join.Name = cutTo(oneLine(j.Join.Name), maxName)
			return j.Join, nil
		}
	}
	return governance.Join{}, governance.Faultf("no_join", "Nobody asks to be let in with this key.").WithHint("Import the answer of who joins first.")
}

func ownersOf(c *governance.Charter) (n int64) {
	for _, m := range c.Members {
		if m.Has(governance.Owner) && c.Live(m.ID) {
			n++
		}
	}
	return n
}

func endorsersOf(c *governance.Charter) (n int64) {
	for _, m := range c.Members {
		if m.Endorses() && c.Live(m.ID) {
			n++
		}
	}
	return n
}

// AskToJoin makes a key for this computer, unless one waits already, and signs
// with it that its holder asks to be let in: a newcomer, or a member who wants a
// further key or a new one. The owners decide which. Faults: name_needed,
// too_long, demo_stays.
func (w *Workspace) AskToJoin(ctx context.Context, name, note string) (Members, error) {
	name, note = oneLine(name), oneLine(note)
	c, err := w.Charter(ctx)
	if err != nil {
		return Members{}, err
	}
	if c.Demo {
		return Members{}, demoStays()
	}
	if name == "" {
		return Members{}, governance.Faultf("join_name", "The owners have to know who asks.").WithHint("Enter your name.")
	}
	if err := notLonger([]bounded{{"Your name", name, maxName}, {"The note", note, maxNote}}); err != nil {
		return Members{}, err
	}
	if err := w.beside.wait(ctx); err != nil {
		return Members{}, err
	}
	_, id, err := w.waitingKey(ctx)
	if err == nil && id.IsZero() {
		id, err = w.makeWaitingKey(ctx)
	}
	if err != nil {
		return Members{}, err
	}
	if _, err := w.Store.AskToJoin(ctx, id, name, note); err != nil {
		return Members{}, err
	}
	return w.MembersView(ctx)
}

func demoStays() error {
	return governance.Faultf("demo_stays", "The demo and its keys stay on this computer.").WithHint("Make a workspace of your own for that.")
}

// makeWaitingKey stores the key before anything names it.
func (w *Workspace) makeWaitingKey(ctx context.Context) (ledger.Identity, error) {
	member, err := randomID()
	if err != nil {
		return ledger.Identity{}, err
	}
	key, err := ledger.NewIdentity()
	if err != nil {
		return key, err
	}
	if err := w.keepKey(ctx, member, key); err != nil {
		return key, err
	}
	return key, w.chain.Set(ctx, w.joiningName(), []byte(member))
}

// waitingKey is the key on this computer that waits to be let in, the zero
// Identity if none does.
func (w *Workspace) waitingKey(ctx context.Context) (string, ledger.Identity, error) {
	member, err := w.chain.Get(ctx, w.joiningName())
	switch {
	case errors.Is(err, keychain.ErrNotFound), governance.FaultCode(err) == "keychain_unavailable":
		return "", ledger.Identity{}, nil // a keychain that does not open is said elsewhere
	case err != nil:
		return "", ledger.Identity{}, err
	}
	id, err := w.key(ctx, string(member))
	if governance.FaultCode(err) == "key_missing" {
		return "", ledger.Identity{}, nil
	}
	return string(member), id, err
}

// adopt gives the key that waited its member, once the charter in force names
// it. A key of the member that still counts and is on this computer stays.
func (w *Workspace) adopt(ctx context.Context, c *governance.Charter) error {
	waiting, id, err := w.waitingKey(ctx)
	if err != nil || id.IsZero() {
		return err
	}
	m, k := c.MemberByKey(id.Public())
	if m == nil || k.Last != "" {
		return nil
	}
	if old, err := w.key(ctx, m.ID); err == nil && old.Public() != id.Public() {
		if holder, k := c.MemberByKey(old.Public()); holder != nil && k.Last == "" {
			return nil
		}
	}
	return w.takeKey(ctx, m.ID, id, waiting)
}

// takeKey makes a key the one of a member on this computer, and forgets the
// place where it waited.
func (w *Workspace) takeKey(ctx context.Context, member string, id ledger.Identity, waiting string) error {
	if err := w.keepKey(ctx, member, id); err != nil {
		return err
	}
	w.keysMu.Lock()
	delete(w.keys, member)
	delete(w.keys, waiting)
	w.keysMu.Unlock()
	for _, name := range []string{w.joiningName(), w.keyName(waiting)} {
		if err := w.chain.Delete(ctx, name); err != nil && !errors.Is(err, keychain.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Invite writes an invitation: a bundle with the charter and nothing else, which
// is all that a newcomer needs. Faults: demo_stays and those of ExportBundle.
func (w *Workspace) Invite(ctx context.Context, path, passphrase string) error {
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if c.Demo {
		return demoStays()
	}
	_, err = w.ExportBundle(ctx, w.Acting(), path, store.Selection{}, passphrase)
	return err
}
