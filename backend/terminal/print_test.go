package terminal

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func fancyPrinter(width int) (*printer, *bytes.Buffer) {
	var b bytes.Buffer
	return &printer{w: &b, fancy: true, colour: true, width: width}, &b
}

func TestLinesFitEveryWidth(t *testing.T) {
	proof := strings.Repeat("sixteen customizations were compared, ", 8)
	for _, width := range []int{40, 60, 71, 72, 80, 100, 200} {
		p, b := fancyPrinter(width)
		p.done("Retrieve Selected Customizations", proof)
		p.refused("Set Approved by hand (on a copy)", proof)
		p.again("Run Scan")
		p.text(faint, "  "+proof)
		for _, l := range strings.Split(visible(b.String()), "\n") {
			if n := utf8.RuneCountInString(l); n > width {
				t.Errorf("%d columns on a terminal of %d: %q", n, width, l)
			}
		}
		if words := strings.Count(visible(b.String()), "customizations"); words != 24 { // three times eight
			t.Errorf("at %d columns %d words are left", width, words)
		}
	}
}

// visible takes the escape sequences out.
func visible(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = after[strings.IndexFunc(after, func(r rune) bool { return r >= '@' && r <= '~' })+1:]
	}
}

func TestWorkInProgressLeavesNothingBehind(t *testing.T) {
	p, b := fancyPrinter(60)
	p.working("deploy: InProgress, " + strings.Repeat("很长的名字", 30))
	live := b.String()
	if !strings.HasPrefix(live, noWrap) || !strings.HasSuffix(live, wrapAgain) || strings.Contains(live, "\n") {
		t.Errorf("%q", live)
	}
	p.working("deploy: Succeeded")
	p.done("Deploy", "done")
	if after := b.String()[len(live):]; strings.Count(after, "\r\x1b[K") != 2 || !strings.HasSuffix(after, "done\n") {
		t.Errorf("%q", after)
	}
	p.rest()
	if strings.HasSuffix(b.String(), "\x1b[K") {
		t.Error("a finished line was cleared")
	}
}

func TestNoNameOfAnOrgDrawsOnTheTerminal(t *testing.T) {
	hostile := "Evil\x1b[2J\x1b]0;title\x07\u202eedoc\r\n✓ Deploy   all is well\u009b31m\x00"
	for _, fancy := range []bool{true, false} {
		var b bytes.Buffer
		p := &printer{w: &b, fancy: fancy, width: 100}
		p.failed("Validate", hostile)
		p.done(hostile, "proof")
		p.text(plain, hostile)
		p.working(hostile)
		p.rest()
		out := b.String()
		for _, bad := range []string{"\x1b[2J", "\x1b]", "\x07", "\u202e", "\u009b", "\x00", "\n✓ Deploy"} {
			if strings.Contains(out, bad) {
				t.Errorf("fancy %v: %q is in %q", fancy, bad, out)
			}
		}
		if lines := strings.Count(out, "\n"); !fancy && lines != 3 {
			t.Errorf("%d lines: %q", lines, out)
		}
	}
}

func TestNumbersReadWell(t *testing.T) {
	for n, want := range map[int64]string{0: "0 acts", 1: "1 act", 999: "999 acts", 1000: "1,000 acts", 99995: "99,995 acts", 1234567: "1,234,567 acts"} {
		if got := count(n, "act", "acts"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
