//go:build !darwin && !windows

package keychain

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// reachable says whether there is a session bus. Without one, go-keyring would
// start a bus and a keyring daemon of its own, which outlive the program.
func reachable() error {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return nil
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		if info, err := os.Stat(filepath.Join(dir, "bus")); err == nil && info.Mode()&os.ModeSocket != 0 {
			return nil
		}
	}
	return errors.New("there is no session bus")
}

// causeOf reads what Secret Service and the bus say
// (https://specifications.freedesktop.org/secret-service-spec/latest/errors.html).
func causeOf(err error) Cause {
	var onBus dbus.Error
	if errors.As(err, &onBus) {
		switch onBus.Name {
		case "org.freedesktop.Secret.Error.IsLocked":
			return Locked
		case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout":
			return NoAnswer
		case "org.freedesktop.DBus.Error.AccessDenied":
			return Denied
		}
		return None // unknown service, no such object, no owner, spawn failed
	}
	var network *net.OpError
	var program *exec.Error
	if errors.As(err, &network) || errors.As(err, &program) {
		return None
	}
	// go-keyring has no sentinel for this one (issue #116); it also says it
	// when there is no collection and no display to ask for a password.
	if strings.Contains(err.Error(), "failed to unlock") {
		return Locked
	}
	return Denied
}
