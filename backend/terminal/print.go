package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A printer writes one line a step. On a terminal it has colour, wraps with a
// hanging indent and shows work in progress on a line that it then replaces;
// into a pipe or file it writes plain lines. What comes from an org is written
// without its control characters, so that no name can draw on the terminal.
type printer struct {
	mu     sync.Mutex
	w      io.Writer
	fancy  bool // a terminal: wrap, and show work in progress
	colour bool
	width  int
	live   bool // the current line is work in progress
}

const defaultWidth = 100

func newPrinter(w io.Writer) *printer {
	p := &printer{w: w, width: defaultWidth}
	if f, ok := w.(*os.File); ok && os.Getenv("TERM") != "dumb" {
		if width := terminalWidth(f); width > 0 {
			p.fancy, p.width = true, width
		}
	}
	p.colour = p.fancy && os.Getenv("NO_COLOR") == "" // no-color.org
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		p.width = n
	}
	p.width = max(p.width, narrowest)
	return p
}

// narrowest is the least that lines are wrapped at; narrow is from where on a
// title and its proof stand side by side.
const (
	narrowest = 40
	narrow    = 72
)

// Colours of the terminal, by meaning.
const (
	plain = ""
	good  = "32"
	bad   = "31"
	warn  = "33"
	faint = "2"
	bold  = "1"
)

func (p *printer) paint(colour, s string) string {
	if !p.colour || colour == plain {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

const titleWidth = 34

// line prints a finished step: a mark, what was done, and what it proved.
func (p *printer) line(mark, colour, title, proof string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	title, proof = clean(title), clean(proof)
	head := p.paint(colour, mark) + " " + p.paint(bold, title)
	pad := strings.Repeat(" ", max(1, titleWidth-utf8.RuneCountInString(title)))
	if !p.fancy {
		fmt.Fprintln(p.w, strings.TrimRight(head+pad+proof, " "))
		return
	}
	indent := titleWidth + 2
	if p.width < narrow {
		pad, indent = ": ", 4
		if utf8.RuneCountInString(title+proof)+4 > p.width {
			fmt.Fprintln(p.w, head)
			head, pad = "    ", ""
		}
	}
	for i, l := range wrap(proof, p.width-indent) {
		if i > 0 {
			head, pad = strings.Repeat(" ", indent), ""
		}
		fmt.Fprintln(p.w, strings.TrimRight(head+pad+p.shade(colour, l), " "))
	}
}

// shade lets what was skipped or done before step back.
func (p *printer) shade(colour, s string) string {
	if colour != faint {
		return s
	}
	return p.paint(faint, s)
}

func (p *printer) done(title, proof string)    { p.line("✓", good, title, proof) }
func (p *printer) refused(title, proof string) { p.line("⊘", warn, title, "refused: "+proof) }
func (p *printer) skipped(title, why string)   { p.line("–", faint, title, "skipped: "+why) }
func (p *printer) again(title string)          { p.line("·", faint, title, "done before") }
func (p *printer) failed(title, why string)    { p.line("✗", bad, title, why) }

// text prints a free line; on a terminal it is wrapped under its own indent.
func (p *printer) text(colour, s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	words := clean(s)
	indent := s[:len(s)-len(strings.TrimLeft(s, " "))]
	lines := []string{words}
	if p.fancy {
		lines = wrap(words, p.width-len(indent))
	}
	for _, l := range lines {
		fmt.Fprintln(p.w, indent+p.paint(colour, l))
	}
}

// item prints one line of a list, on a terminal with a hanging indent.
func (p *printer) item(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	lead, lines := "    - ", []string{clean(s)}
	if p.fancy {
		lines = wrap(lines[0], p.width-len(lead))
	}
	for _, l := range lines {
		fmt.Fprintln(p.w, lead+l)
		lead = strings.Repeat(" ", len(lead))
	}
}

// Switching wrapping off for the line of work in progress keeps it one line
// whatever its characters measure, so that clearing it clears all of it.
const (
	noWrap    = "\x1b[?7l"
	wrapAgain = "\x1b[?7h"
)

// working shows what is going on; only on a terminal.
func (p *printer) working(s string) {
	if !p.fancy {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	s = clean(s)
	if r := []rune(s); len(r) > p.width-4 {
		s = string(r[:p.width-5]) + "…"
	}
	fmt.Fprint(p.w, noWrap+p.paint(faint, "  "+s)+wrapAgain)
	p.live = true
}

// rest clears the line of work in progress, before somebody else writes.
func (p *printer) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *printer) clear() {
	if p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.live = false
	}
}

// clean makes one line of s and takes out what would move the cursor or turn
// the reading direction round.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// count writes "1 act" and "2 acts".
func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes 99995 as 99,995.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func wrap(s string, width int) []string {
	lines, line := []string{}, ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
