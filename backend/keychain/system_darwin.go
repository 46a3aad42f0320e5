package keychain

import (
	"errors"
	"os/exec"
)

func reachable() error { return nil }

// causeOf reads the exit code of /usr/bin/security: the last byte of Apple's
// result code (SecBase.h).
func causeOf(err error) Cause {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		switch exit.ExitCode() {
		case 36: // errSecInteractionNotAllowed, -25308
			return Locked
		case 37: // errSecNoDefaultKeychain, -25307
			return None
		}
		return Denied // 51 errSecAuthFailed, 128 errSecUserCanceled, others
	}
	var program *exec.Error
	if errors.As(err, &program) {
		return None
	}
	return Denied
}
