package workspace

import (
	"os"

	"golang.org/x/sys/windows"
)

const errDiskFull = windows.ERROR_DISK_FULL

// lockFile takes the file for this process; the system lets go of it when the
// process ends, however it ends.
func lockFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
}

// unlockFile lets go of the lock; otherwise the system does so some time after
// closing (LockFileEx, Remarks).
func unlockFile(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{})
}
