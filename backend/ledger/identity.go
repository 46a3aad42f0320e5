package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"filippo.io/edwards25519"

	"countersign/backend/governance"
)

// keyPrefix names the algorithm of a public key, so that others can be added.
const keyPrefix = "ed25519:"

const hidden = "[secret]"

// An Identity is one person's private key on one machine. However it is
// printed, it prints [secret].
type Identity struct {
	// A function, because fmt spells out what a private field of another struct
	// holds, behind a pointer too, without asking how it wants to be printed.
	key func() ed25519.PrivateKey
}

// NewIdentity makes a new random key.
func NewIdentity() (Identity, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Identity{}, fmt.Errorf("make a signing key: %w", err)
	}
	return Identity{key: func() ed25519.PrivateKey { return key }}, nil
}

// IdentityFromSeed restores a key from what Seed returned, 32 bytes. The fault
// bad_seed says that they are not.
func IdentityFromSeed(seed []byte) (Identity, error) {
	if len(seed) != ed25519.SeedSize {
		return Identity{}, governance.Faultf("bad_seed", "The stored signing key has %d bytes instead of %d.", len(seed), ed25519.SeedSize).
			WithHint("Ask the owners to revoke this key and add a new one.")
	}
	key := ed25519.NewKeyFromSeed(seed)
	return Identity{key: func() ed25519.PrivateKey { return key }}, nil
}

// Seed returns the 32 secret bytes, for the keychain and nothing else.
func (i Identity) Seed() []byte {
	if i.key == nil {
		return nil
	}
	return i.key().Seed()
}

// Public returns the public key as text: "ed25519:" and 64 hexadecimal digits,
// or nothing for the zero Identity.
func (i Identity) Public() string {
	if i.key == nil {
		return ""
	}
	return keyPrefix + hex.EncodeToString(i.key().Public().(ed25519.PublicKey))
}

// IsZero reports whether there is no key.
func (i Identity) IsZero() bool { return i.key == nil }

func (i Identity) String() string               { return hidden }
func (i Identity) GoString() string             { return hidden }
func (i Identity) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, hidden) }
func (i Identity) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (i Identity) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }
func (i Identity) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// CheckPublic returns the fault bad_key unless public is a key as Public writes
// it that only its holder can sign with. Keys of small order and points that
// are not in their one encoding are refused: crypto/ed25519 takes a signature
// that anybody can make under the former, and the latter give one key two
// names.
func CheckPublic(public string) error {
	_, err := parsePublic(public)
	return err
}

func parsePublic(public string) (ed25519.PublicKey, error) {
	if key, ok := soundKeys.recall(public); ok {
		return key, nil
	}
	key, err := soundKey(public)
	if err == nil {
		soundKeys.keep(public, key)
	}
	return key, err
}

// soundKeys are the keys that were found sound: a workspace has few, and many
// acts by each.
var soundKeys keyring

const keptKeys = 1000

type keyring struct {
	mu sync.RWMutex
	by map[string]ed25519.PublicKey
}

func (k *keyring) recall(public string) (ed25519.PublicKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.by[public]
	return key, ok
}

func (k *keyring) keep(public string, key ed25519.PublicKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil || len(k.by) >= keptKeys {
		k.by = map[string]ed25519.PublicKey{}
	}
	k.by[public] = key
}

func soundKey(public string) (ed25519.PublicKey, error) {
	bad := func(why string) error {
		return governance.Faultf("bad_key", "The public key %.80q %s.", public, why).WithHint("Ask its holder to send the key again.")
	}
	digits, ok := strings.CutPrefix(public, keyPrefix)
	if !ok {
		return nil, bad("does not begin with " + keyPrefix)
	}
	key, err := hex.DecodeString(digits)
	if err != nil || len(key) != ed25519.PublicKeySize || hex.EncodeToString(key) != digits {
		return nil, bad("is not 64 lower-case hexadecimal digits")
	}
	p, err := new(edwards25519.Point).SetBytes(key)
	if err != nil || !bytes.Equal(p.Bytes(), key) {
		return nil, bad("is not a point of the curve in its one encoding")
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, bad("is weak: anybody could sign with it")
	}
	return key, nil
}
