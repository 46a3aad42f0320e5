package ledger

import (
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
)

// noAct as a key's Last says that none of its acts is trusted.
const noAct = "none"

// Genesis signs the first charter of a new workspace. The act's id is the
// workspace's id. The signer is an owner in it; faults are those of
// Charter.Check and bad_charter, bad_key.
func Genesis(i Identity, c governance.Charter, at time.Time) (SignedAct, error) {
	if err := checkGenesis(&c, i.Public()); err != nil {
		return SignedAct{}, err
	}
	if err := checkZones(&c); err != nil {
		return SignedAct{}, err
	}
	return i.Sign(charterIntent(governance.ActGenesis, c), Position{}, at)
}

// checkZones refuses a time zone that this machine does not know. It is asked
// only of who proposes: machines differ in the zones that they know, and must
// not differ in the charters that they accept.
func checkZones(c *governance.Charter) error {
	for i := range c.Environments {
		if _, err := c.Environments[i].Location(); err != nil {
			return err
		}
	}
	return nil
}

func charterIntent(t governance.ActType, c governance.Charter) governance.Intent {
	return governance.Intent{Type: t, Subject: governance.GovernanceSubject, Body: c}
}

func checkGenesis(c *governance.Charter, signer string) error {
	if err := checkCharter(c); err != nil {
		return err
	}
	if c.Version != 0 || c.Prev != "" || len(c.Void) > 0 {
		return governance.Faultf("bad_charter", "The first charter has a version before it.")
	}
	if m, k := c.MemberByKey(signer); !m.Has(governance.Owner) || k.Last != "" {
		return governance.Faultf("bad_charter", "The first charter is not signed by one of its owners.")
	}
	return nil
}

// checkCharter holds what a charter must be by itself.
func checkCharter(c *governance.Charter) error {
	if c.Nonce == "" {
		return governance.Faultf("bad_charter", "The charter has no nonce, so that two workspaces could have one id.")
	}
	for _, m := range c.Members {
		for _, k := range m.Keys {
			if err := CheckPublic(k.Public); err != nil {
				return err
			}
			if k.Last != "" && k.Last != noAct && !isDigest(k.Last) {
				return governance.Faultf("bad_charter", "A revoked key of %s does not name its last trusted act.", m.Name)
			}
		}
	}
	return c.Check()
}

// checkFixed holds what no change of a charter can touch: what the workspace
// is, and the demo's organisations.
func checkFixed(old, new *governance.Charter) error {
	if old.Nonce != new.Nonce || old.Demo != new.Demo || old.Predecessor != new.Predecessor || !slices.Equal(old.Organizations, new.Organizations) {
		return governance.Faultf("charter_fixed", "A change of the charter cannot make a workspace a demo or a demo a workspace, or change the demo's organisations.").
			WithHint("Make a new workspace.")
	}
	return nil
}

// NextCharter copies the charter in force, lets edit change it, and returns
// the proposal as an intent that an owner signs. Faults: charter_trouble while
// the charter cannot be trusted (see Mend), charter_fixed, key_dropped when a
// key is missing in it, unknown_zone, and those of Charter.Check.
func NextCharter(h *governance.History, edit func(*governance.Charter)) (governance.Intent, error) {
	if h.Trouble() != "" || h.Charter() == nil {
		return governance.Intent{}, governance.Faultf("charter_trouble", "%s", h.Trouble()).WithHint("The owners mend the charter first.")
	}
	return successor(h, h.Head(), nil, edit)
}

// Mend returns a proposal that ends a fork of the charter: it continues the
// version that the act keep made, and declares void every endorsed successor
// that is not in keep's past. It counts when the owners of both sides endorse
// it. The fault no_fork says that there is nothing to mend at keep.
func Mend(h *governance.History, keep string, edit func(*governance.Charter)) (governance.Intent, error) {
	past := map[string]bool{}
	for id := keep; h.CharterAt(id) != nil && !past[id]; id = h.CharterAt(id).Prev {
		past[id] = true
	}
	void := []string{}
	for _, a := range h.Thread(governance.GovernanceSubject) {
		if c := h.CharterAt(a.ID); c != nil && !past[a.ID] && past[c.Prev] && a.ID != keep && c.Prev != keep {
			void = append(void, a.ID)
		}
	}
	if !past[h.Head()] || len(void) == 0 {
		return governance.Intent{}, governance.Faultf("no_fork", "The charter does not fork beside that version.").WithHint("Choose one of the endorsed successors.")
	}
	slices.Sort(void)
	return successor(h, keep, void, edit)
}

func successor(h *governance.History, from string, void []string, edit func(*governance.Charter)) (governance.Intent, error) {
	old := h.CharterAt(from)
	next, err := copyCharter(old)
	if err != nil {
		return governance.Intent{}, err
	}
	edit(&next)
	next.Prev, next.Version, next.Void = from, old.Version+1, void
	if err := checkFixed(old, &next); err != nil {
		return governance.Intent{}, err
	}
	if err := checkKept(old, &next); err != nil {
		return governance.Intent{}, err
	}
	if err := checkCharter(&next); err != nil {
		return governance.Intent{}, err
	}
	if err := checkZones(&next); err != nil {
		return governance.Intent{}, err
	}
	return charterIntent(governance.ActCharter, next), nil
}

func copyCharter(c *governance.Charter) (governance.Charter, error) {
	var out governance.Charter
	b, err := Canonical(*c)
	if err == nil {
		err = Strict(b, &out)
	}
	if err != nil {
		return out, fmt.Errorf("copy the charter: %w", err)
	}
	return out, nil
}

// checkKept refuses to drop a key. A key that is simply gone could go on
// signing under the charters that knew it, as if it had done so then.
func checkKept(old, new *governance.Charter) error {
	for _, m := range old.Members {
		for _, k := range m.Keys {
			if holder, _ := new.MemberByKey(k.Public); holder == nil || holder.ID != m.ID {
				return governance.Faultf("key_dropped", "A key of %s is missing in the new charter.", m.Name).
					WithHint("Keep %s in the roster without a role, with the key revoked at its last trusted act.", m.Name)
			}
		}
	}
	return nil
}

// Retire takes a member's roles away and revokes the keys that are in use,
// each at its last act as last tells it ("" if it has none). What was signed
// until then stays what it was. For use in an edit of NextCharter.
func Retire(c *governance.Charter, member string, last func(public string) string) {
	m := c.Member(member)
	if m == nil {
		return
	}
	m.Roles = []governance.Role{}
	for i := range m.Keys {
		if m.Keys[i].Last == "" {
			RevokeKey(c, m.Keys[i].Public, last(m.Keys[i].Public))
		}
	}
}

// RevokeKey ends a key at the last act of it that is trusted; "" trusts none.
func RevokeKey(c *governance.Charter, public, last string) {
	if last == "" {
		last = noAct
	}
	if _, k := c.MemberByKey(public); k != nil {
		k.Last = last
	}
}

// Endorse supports a change of the charter by the id of its act.
func Endorse(change string) governance.Intent {
	return governance.Intent{Type: governance.ActEndorse, Subject: governance.GovernanceSubject, Body: governance.Endorsement{Change: change}}
}
