package keychain

import (
	"errors"
	"syscall"
)

func reachable() error { return nil }

// errNoLogonSession is ERROR_NO_SUCH_LOGON_SESSION: there is no credential set
// for this session (CredWriteW, Microsoft Learn).
const errNoLogonSession = syscall.Errno(1312)

func causeOf(err error) Cause {
	if errors.Is(err, errNoLogonSession) {
		return None
	}
	return Denied
}
