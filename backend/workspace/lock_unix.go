//go:build !windows

package workspace

import (
	"os"

	"golang.org/x/sys/unix"
)

const errDiskFull = unix.ENOSPC

// lockFile takes the file for this process; the system lets go of it when the
// process ends, however it ends.
func lockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// unlockFile lets go of the lock through every copy of the file.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
