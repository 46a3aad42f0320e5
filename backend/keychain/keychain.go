// Package keychain keeps secrets: the signing key, what signs in to an org, and
// the anchor of the audit trail. It is the only place that stores one.
//
// System is the keychain of the operating system. Folder is for the demo
// workspace alone, whose keys and credentials are no secrets. Memory serves a
// session on a machine without a keychain: what it holds is gone at the end.
// Nothing ever falls back from one to another by itself.
package keychain

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"countersign/backend/governance"
)

// MaxSecret is how many bytes a secret may have. Windows holds 2,560 bytes in
// an entry, macOS about 2,900 through its command-line tool.
const MaxSecret = 2048

const maxName = 200

// A Chain keeps secrets by name. Every error is ErrNotFound, an
// *ErrUnavailable, the fault bad_name, or the context's.
type Chain interface {
	// Set stores a secret in the place of the one before, and returns only
	// after reading it back.
	Set(ctx context.Context, name string, secret []byte) error
	// Get returns a secret, or ErrNotFound.
	Get(ctx context.Context, name string) ([]byte, error)
	// Delete removes a secret; ErrNotFound says that there was none.
	Delete(ctx context.Context, name string) error
	// Lock waits until nobody else holds the lock of a name, in this process or
	// any other of this person that uses the same chain, and returns what lets
	// go of it. It guards no call by itself: whoever reads a secret in order to
	// replace it takes it first.
	Lock(ctx context.Context, name string) (unlock func(), err error)
	// Status tries the chain with a random entry that it removes again.
	Status(ctx context.Context) Status
}

// ErrNotFound says that nothing is stored under a name.
var ErrNotFound = errors.New("no such secret in the keychain")

// A Cause says why a keychain does not serve.
type Cause string

// The causes.
const (
	Locked   Cause = "locked"    // closed, and nobody opened it; or there is no collection yet
	None     Cause = "none"      // this machine or session has no keychain
	Denied   Cause = "denied"    // the keychain or the person said no
	NoAnswer Cause = "no-answer" // it did not answer in time; a prompt may be open
	Lost     Cause = "lost"      // it said yes, but does not have the secret
	TooBig   Cause = "too-big"   // more than MaxSecret bytes
)

// ErrUnavailable says that a keychain could not do what it was asked. It is a
// fault with code keychain_unavailable, or secret_too_big.
type ErrUnavailable struct {
	Cause Cause
	fault *governance.Fault
	err   error
}

func (e *ErrUnavailable) Error() string { return e.fault.Error() }

// Unwrap gives the fault and what the keychain itself said.
func (e *ErrUnavailable) Unwrap() []error {
	if e.err == nil {
		return []error{e.fault}
	}
	return []error{e.fault, e.err}
}

// words is what each cause means and what to do.
var words = map[Cause][2]string{
	Locked:   {"The keychain is locked, or has no collection yet.", "Unlock the login keychain, for example by signing in to the desktop again."},
	None:     {"This session has no keychain.", "Start a keychain service such as GNOME Keyring or KWallet, or work without storing secrets."},
	Denied:   {"The keychain refused.", "Allow Countersign to use it and try again."},
	NoAnswer: {"The keychain did not answer in time.", "Look for a window that asks for its password, answer it and try again."},
	Lost:     {"The keychain did not keep the secret.", "If it asked for a password, answer it and try again."},
}

func unavailable(c Cause, err error) *ErrUnavailable {
	if c == TooBig {
		return &ErrUnavailable{Cause: c, err: err, fault: governance.Faultf("secret_too_big", "The secret is larger than the %d bytes that a keychain holds everywhere.", MaxSecret).
			WithHint("Store a shorter one.")}
	}
	w := words[c]
	return &ErrUnavailable{Cause: c, err: err, fault: governance.Faultf("keychain_unavailable", "%s", w[0]).WithHint("%s", w[1])}
}

// A Status is what trying a chain showed.
type Status struct {
	Kind      string `json:"kind"` // "system", "folder" or "memory"
	Available bool   `json:"available"`
	Lasting   bool   `json:"lasting"` // secrets are still there after a restart
	Cause     Cause  `json:"cause"`   // empty when available
	Message   string `json:"message"`
	Hint      string `json:"hint"`
}

// probe stores, reads and removes a random entry.
func probe(ctx context.Context, c Chain, kind string) Status {
	name, secret := "probe-"+rand.Text(), []byte(rand.Text())
	err := c.Set(ctx, name, secret)
	if err == nil {
		err = c.Delete(ctx, name)
	}
	s := Status{Kind: kind, Lasting: true, Available: err == nil}
	if err == nil {
		s.Message = "The keychain works."
		return s
	}
	s.Cause, s.Message = Denied, "The keychain could not be tried."
	var u *ErrUnavailable
	if errors.As(err, &u) {
		s.Cause, s.Message, s.Hint = u.Cause, u.fault.Message, u.fault.Hint
	}
	return s
}

func checkName(name string) error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	if name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, control) {
		return governance.Faultf("bad_name", "A secret cannot be stored under the name %.80q.", name).WithHint("Use 1 to %d bytes of text without control characters.", maxName)
	}
	return nil
}

func checkEntry(name string, secret []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(secret) > MaxSecret {
		return unavailable(TooBig, fmt.Errorf("%d bytes", len(secret)))
	}
	return nil
}

// readBack compares what a chain returns with what was given to it.
func readBack(got []byte, err error, want []byte) error {
	if errors.Is(err, ErrNotFound) {
		return unavailable(Lost, errors.New("it has no such entry"))
	}
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(got, want) != 1 {
		return unavailable(Lost, errors.New("it returned something else"))
	}
	return nil
}
