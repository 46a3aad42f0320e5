package terminal

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A printer writes one line a step. On a terminal it has colour, wraps with a
// hanging indent and shows work in progress on a line that it then replaces;
// into a pipe or file it writes plain lines.
type printer struct {
	mu    sync.Mutex
	w     io.Writer
	fancy bool
	width int
	live  bool // the current line is work in progress
}

func newPrinter(w io.Writer) *printer {
	p := &printer{w: w, width: 100}
	if f, ok := w.(*os.File); ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		info, err := f.Stat()
		p.fancy = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n >= 60 {
		p.width = n
	}
	return p
}

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
	if !p.fancy || colour == plain {
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
	pad := strings.Repeat(" ", max(1, titleWidth-utf8.RuneCountInString(title)))
	head := p.paint(colour, mark) + " " + p.paint(bold, title) + pad
	if !p.fancy {
		fmt.Fprintln(p.w, strings.TrimRight(head+proof, " "))
		return
	}
	indent := titleWidth + 2
	for i, l := range wrap(proof, p.width-indent) {
		if i == 0 {
			fmt.Fprintln(p.w, strings.TrimRight(head+l, " "))
			continue
		}
		fmt.Fprintln(p.w, strings.Repeat(" ", indent)+l)
	}
}

func (p *printer) done(title, proof string)    { p.line("✓", good, title, proof) }
func (p *printer) refused(title, proof string) { p.line("⊘", warn, title, "refused: "+proof) }
func (p *printer) skipped(title, why string)   { p.line("–", faint, title, "skipped: "+why) }
func (p *printer) again(title string)          { p.line("·", faint, title, "done before") }
func (p *printer) failed(title, why string)    { p.line("✗", bad, title, why) }

// text prints a free line.
func (p *printer) text(colour, s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.w, p.paint(colour, s))
}

// working shows what is going on; only on a terminal.
func (p *printer) working(s string) {
	if !p.fancy {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	if r := []rune(s); len(r) > p.width-4 {
		s = string(r[:p.width-4])
	}
	fmt.Fprint(p.w, p.paint(faint, "  "+s))
	p.live = true
}

func (p *printer) clear() {
	if p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.live = false
	}
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
