package ledger

import (
	"crypto/ed25519"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"countersign/backend/governance"
)

// originPrefix begins the origin of every checkpoint; the workspace follows.
const originPrefix = "countersign/"

// Origin is the origin line of a workspace's checkpoints.
func Origin(workspace string) string { return originPrefix + workspace }

// noteSigner signs notes without writing the key out as text.
type noteSigner struct {
	note.Verifier
	key func() ed25519.PrivateKey
}

func (s noteSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key(), msg), nil }

func noteVerifier(name, public string) (note.Verifier, error) {
	key, err := parsePublic(public)
	if err != nil {
		return nil, err
	}
	text, err := note.NewEd25519VerifierKey(name, key)
	if err != nil {
		return nil, fmt.Errorf("make a verifier of notes: %w", err)
	}
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("make a verifier of notes for %.80q: %w", name, err)
	}
	return v, nil
}

// SignNote signs text, which ends with a new line, as a C2SP signed note under
// a name.
func SignNote(i Identity, name, text string) (string, error) {
	if i.IsZero() {
		return "", governance.Faultf("no_key", "There is no signing key on this machine.").WithHint("Unlock the keychain.")
	}
	v, err := noteVerifier(name, i.Public())
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: text}, noteSigner{v, i.key})
	if err != nil {
		return "", fmt.Errorf("sign a note: %w", err)
	}
	return string(signed), nil
}

// OpenNote verifies that the holder of the public key signed a note under that
// name and returns its text. Signatures of others do not matter.
func OpenNote(signed, name, public string) (text string, err error) {
	v, err := noteVerifier(name, public)
	if err != nil {
		return "", err
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return "", fmt.Errorf("open a note of %.80q: %w", name, err)
	}
	return n.Text, nil
}

// SignCheckpoint writes a log's head as a signed C2SP checkpoint. Origin is
// what Origin returns.
func SignCheckpoint(i Identity, origin string, h Head) (string, error) {
	if !strings.HasPrefix(origin, originPrefix) {
		return "", fmt.Errorf("the origin %.80q of a checkpoint does not begin with %s", origin, originPrefix)
	}
	return SignNote(i, origin, fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, h.Root))
}

// OpenCheckpoint verifies a checkpoint by the holder of a public key and
// returns its origin and head. Who calls compares the origin with the
// workspace's.
func OpenCheckpoint(checkpoint, public string) (origin string, h Head, err error) {
	origin, _, _ = strings.Cut(checkpoint, "\n")
	if !strings.HasPrefix(origin, originPrefix) {
		return "", Head{}, fmt.Errorf("%.80q is not the origin of a checkpoint", origin)
	}
	text, err := OpenNote(checkpoint, origin, public)
	if err != nil {
		return "", Head{}, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return "", Head{}, fmt.Errorf("a checkpoint has three lines, this one has %d", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", Head{}, fmt.Errorf("%.40q is not the size of a log", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil || root.String() != lines[2] {
		return "", Head{}, fmt.Errorf("%.60q is not the root of a log", lines[2])
	}
	return origin, Head{Size: size, Root: root}, nil
}
