package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// terminalWidth is how many columns the console has, 0 when f is none or one
// that understands no escape sequences (Windows before 10.0.10586).
func terminalWidth(f *os.File) int {
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil || windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
		return 0
	}
	var info windows.ConsoleScreenBufferInfo
	if windows.GetConsoleScreenBufferInfo(h, &info) != nil {
		return defaultWidth
	}
	return int(info.Window.Right-info.Window.Left) + 1
}
