//go:build !windows

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalWidth is how many columns the terminal has, 0 when f is none.
func terminalWidth(f *os.File) int {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	if size.Col == 0 { // a terminal that does not say, such as a serial line
		return defaultWidth
	}
	return int(size.Col)
}
