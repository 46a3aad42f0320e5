package ledger

import (
	"crypto/sha256"
	"math/big"
	"strings"

	"countersign/backend/governance"
)

// Join is what a new key signs to ask to be let in; see Admit. It is an act of
// a key that no roster names, so it changes nothing until owners admit it.
func Join(i Identity, name, note string) governance.Intent {
	return governance.Intent{Type: governance.ActJoin, Subject: governance.GovernanceSubject, Body: governance.Join{Key: i.Public(), Name: name, Note: note}}
}

// Admit lets in who asked with a Join, as a new member with some roles, and
// returns the member's id. Compared says that the fingerprint of the key was
// compared by voice; if nobody compared it, whoever carried the join could have
// put in a key of his own. For use in an edit of NextCharter. The fault key_used
// says that the key has a member already.
func Admit(c *governance.Charter, j governance.Join, roles []governance.Role, compared bool) (string, error) {
	if err := freeKey(c, j.Key); err != nil {
		return "", err
	}
	name := strings.TrimSpace(j.Name)
	if name == "" {
		return "", governance.Faultf("no_member_name", "Who asks to be let in gives no name.").WithHint("Ask for a new join with a name.")
	}
	id := memberID(j.Key)
	if c.Member(id) != nil {
		return "", governance.Faultf("key_used", "The roster has a member %s already.", id).WithHint("Ask for a join with a new key.")
	}
	c.Members = append(c.Members, governance.Member{Compared: compared, ID: id, Keys: []governance.Key{{Public: j.Key}}, Name: name, Roles: append([]governance.Role{}, roles...)})
	return id, nil
}

// memberID is made of the key that a member joined with, so that two owners who
// admit one person do not make two members.
func memberID(public string) string {
	sum := sha256.Sum256([]byte("countersign member " + public))
	return "m-" + new(big.Int).SetBytes(sum[:10]).Text(36)
}

// AddKey gives a member a further key, for a second computer. For use in an edit
// of NextCharter. Faults: no_member, key_used, bad_key.
func AddKey(c *governance.Charter, member, public string) error {
	if err := freeKey(c, public); err != nil {
		return err
	}
	m := c.Member(member)
	if m == nil {
		return governance.Faultf("no_member", "The roster has no member %q.", member).WithHint("Choose somebody who is in the roster.")
	}
	m.Keys = append(m.Keys, governance.Key{Public: public})
	return nil
}

// RotateKey puts a new key in the place of an old one, which is trusted up to
// its act last ("" if it signed none). For use in an edit of NextCharter.
// Faults: key_ended when the old key is not in use, and those of AddKey.
func RotateKey(c *governance.Charter, old, last, public string) error {
	m, k := c.MemberByKey(old)
	if m == nil || k.Last != "" {
		return governance.Faultf("key_ended", "The old key is not one that is in use.").WithHint("Add the new key instead.")
	}
	if err := AddKey(c, m.ID, public); err != nil {
		return err
	}
	RevokeKey(c, old, last)
	return nil
}

// freeKey refuses a key that cannot be trusted, or has a member already: also a
// revoked key is never taken again.
func freeKey(c *governance.Charter, public string) error {
	if err := CheckPublic(public); err != nil {
		return err
	}
	if m, _ := c.MemberByKey(public); m != nil {
		return governance.Faultf("key_used", "The key is one of %s already.", m.Name).WithHint("Make a new key.")
	}
	return nil
}

// fingerprintDigits is how many decimal digits 66 bits take.
const fingerprintDigits = 20

// Fingerprint is what two people compare by voice before a key is let in: 20
// digits in groups of four, made of the first 66 bits of SHA-256 over workspace
// and key. Who wants another key with the same digits makes 2^66 keys.
func Fingerprint(workspace, publicKey string) string {
	sum := sha256.Sum256(PAE("application/vnd.countersign.fingerprint;v=1", []byte(workspace+"\n"+publicKey)))
	n := new(big.Int).SetBytes(sum[:9])
	digits := n.Rsh(n, 72-66).String()
	digits = strings.Repeat("0", fingerprintDigits-len(digits)) + digits
	groups := []string{}
	for i := 0; i < fingerprintDigits; i += 4 {
		groups = append(groups, digits[i:i+4])
	}
	return strings.Join(groups, " ")
}
