package terminal

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// onTerminal runs a subcommand on a terminal of so many columns.
func onTerminal(t *testing.T, columns uint16, env []string, args ...string) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("this system has no pseudo-terminal: %v", err)
	}
	defer master.Close()
	ok(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	ok(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	ok(t, err)
	ok(t, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: columns}))
	cmd := program(t, args...)
	cmd.Env = append(append(cmd.Env, "COLUMNS=", "TERM=xterm-256color", "NO_COLOR="), env...)
	cmd.Stdout, cmd.Stderr = slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ok(t, cmd.Start())
	ok(t, slave.Close())
	var out strings.Builder
	for buf := make([]byte, 4096); ; {
		n, err := master.Read(buf)
		out.Write(buf[:n])
		if err != nil { // EIO: the other side is closed
			break
		}
	}
	ok(t, cmd.Wait())
	return strings.ReplaceAll(out.String(), "\r\n", "\n")
}

func TestOnATerminal(t *testing.T) {
	t.Parallel()
	for _, columns := range []uint16{40, 80, 132} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			out := onTerminal(t, columns, nil, "demo", "--until", "dependencies")
			if !strings.Contains(out, "\x1b[32m✓") || !strings.Contains(out, "\x1b[33m⊘") || !strings.Contains(out, "Demo UAT: list, ") {
				t.Errorf("no colour, or no work in progress:\n%s", out)
			}
			for _, l := range strings.Split(out, "\n") {
				if i := strings.LastIndex(l, "\r\x1b[K"); i >= 0 {
					l = l[i+len("\r\x1b[K"):]
				}
				if n := utf8.RuneCountInString(visible(l)); n > int(columns) && strings.Contains(visible(strings.TrimSpace(l)), " ") {
					t.Errorf("%d columns on a terminal of %d: %q", n, columns, visible(l))
				}
			}
		})
	}
	t.Run("without colour", func(t *testing.T) {
		t.Parallel()
		out := onTerminal(t, 80, []string{"NO_COLOR=1"}, "demo", "--until", "open")
		if strings.Contains(out, "\x1b[32m") || strings.Contains(out, "\x1b[1m") || !strings.Contains(out, "✓ Open the demo workspace") {
			t.Errorf("%q", out)
		}
	})
	t.Run("a dumb terminal", func(t *testing.T) {
		t.Parallel()
		if out := onTerminal(t, 80, []string{"TERM=dumb"}, "demo", "--until", "open"); strings.Contains(out, "\x1b") {
			t.Errorf("%q", out)
		}
	})
}
