package ledger

import (
	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// An Anchor is what is kept beside the signing key in the keychain after every
// act: where the key's chain and the audit log stood. It shows when an old
// copy of the database was put back.
type Anchor struct {
	Act    string `json:"act"`              // the key's last act in this workspace, or empty
	Chains string `json:"chains,omitempty"` // digest of the ends of all keys' chains, as the database keeps them
	Head   string `json:"head"`             // of the audit log
	Seq    int64  `json:"seq"`              // number of Act; 0 also before the first
}

// Marshal returns the anchor in a few hundred bytes, for the keychain.
func (a Anchor) Marshal() ([]byte, error) { return Canonical(a) }

// ParseAnchor reads what Marshal wrote. The fault bad_anchor says that it is
// something else.
func ParseAnchor(b []byte) (Anchor, error) {
	bad := func(cause error) (Anchor, error) {
		return Anchor{}, governance.Faultf("bad_anchor", "What the keychain holds about the audit trail is not readable.").
			WithHint("Run countersign verify; if it finds nothing wrong, accept the workspace as it is.").Because(cause)
	}
	var a Anchor
	if err := Strict(b, &a); err != nil {
		return bad(err)
	}
	if _, err := ParseHead(a.Head); err != nil {
		return bad(err)
	}
	if a.Act != "" && !isDigest(a.Act) || a.Chains != "" && !isDigest(a.Chains) || a.Seq < 0 || a.Act == "" && a.Seq != 0 {
		return bad(nil)
	}
	return a, nil
}

// Check holds a workspace against its anchor: the log must still contain what
// it did, and has says whether the key's last act is there. A workspace ahead
// of its anchor is good, because the anchor is written after the commit. The
// faults are those of CheckConsistent, and log_rolled_back for a missing act.
func (a Anchor) Check(r tlog.HashReader, now Head, has func(act string) bool) error {
	old, err := ParseHead(a.Head)
	if err != nil {
		return err
	}
	if err := CheckConsistent(r, old, now); err != nil {
		return err
	}
	if a.Act != "" && !has(a.Act) {
		return governance.Faultf("log_rolled_back", "The last act that was signed with your key (number %d) is not in this workspace: an old copy was put in its place.", a.Seq).
			WithHint("Put the newest copy of the workspace back. Signing now would fork your key.")
	}
	return nil
}
