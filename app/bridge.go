//go:build dev

package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"countersign/backend/keychain"
	"countersign/backend/workspace"
)

// bridge is true in the build that serves the window to a browser over Wails'
// development bridge. Its socket accepts any origin, so such a build opens demo
// workspaces only, and where a folder stands for the system also workspaces
// whose keys lie beside that folder. It never reaches the keychain of a person.
const bridge = true

// bridgeFiles names a folder that stands for the dialogs of the system, which a
// person in a browser cannot see: what is saved goes there under the suggested
// name, what is opened is what the file "open" there names. Questions are
// answered with Yes, unless the file "answer" says no, and kept in "asked".
const bridgeFiles = "COUNTERSIGN_BRIDGE_FILES"

func bridged(s system) system {
	dir := os.Getenv(bridgeFiles)
	if dir == "" {
		return s
	}
	s.saveFile = func(_, name string, _ ...fileKind) (string, error) { return filepath.Join(dir, name), nil }
	s.openFile = func(string, ...fileKind) (string, error) {
		path, err := os.ReadFile(filepath.Join(dir, "open"))
		return strings.TrimSpace(string(path)), err
	}
	s.show = func(folder string) error { return os.WriteFile(filepath.Join(dir, "shown"), []byte(folder), 0o600) }
	s.ask = func(q question) (bool, error) {
		asked, err := os.OpenFile(filepath.Join(dir, "asked"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return false, err
		}
		_, err = fmt.Fprintf(asked, "%s\n%s\n\n", q.Title, q.Text)
		if err := errors.Join(err, asked.Close()); err != nil {
			return false, err
		}
		answer, err := os.ReadFile(filepath.Join(dir, "answer"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		return strings.TrimSpace(string(answer)) != "no", nil
	}
	return s
}

// bridgeOptions put the keys of own workspaces into a folder beside the one that
// stands for the system.
func bridgeOptions(o workspace.Options) (workspace.Options, error) {
	dir := os.Getenv(bridgeFiles)
	if dir == "" {
		return o, nil
	}
	var err error
	o.Chain, err = keychain.Folder(filepath.Clean(dir) + ".keychain")
	return o, err
}

// bridgeRefuses is the fault of opening what is no demo without a keychain of
// its own.
func bridgeRefuses(o workspace.Options) error {
	if o.Chain == nil {
		return errBridge
	}
	return nil
}
