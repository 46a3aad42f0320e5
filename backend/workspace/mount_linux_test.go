package workspace

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func unmountAfter(t *testing.T, dir string) {
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// mountReadOnly binds a folder onto itself so that root cannot write there.
func mountReadOnly(t *testing.T, dir string) {
	t.Helper()
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		t.Skipf("this system does not let us mount: %v", err)
	}
	unmountAfter(t, dir)
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("this system does not let us mount: %v", err)
	}
}

// smallDisk is a folder on a disk of its own that is soon full.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a small disk")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		t.Skipf("this system does not let us mount: %v", err)
	}
	unmountAfter(t, dir)
	return dir
}
