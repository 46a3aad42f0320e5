package app

import (
	"fmt"
	"strings"
	"unicode"
)

// A subject is what a question is about.
type subject struct {
	what, label, name, digest, target, reason string
	production                                bool
	count                                     string   // what the lines are
	lines                                     []string // each thing that is done
	note                                      string   // a sentence of its own, in the person's language
	proxy                                     string   // in whose place it is done
}

// mostLines keeps a question on the screen, buttons included.
const mostLines = 12

// question puts it in lines: what, which, the content's digest, where, who, and
// each thing that is done.
func (s *shell) question(a subject, action, person string) question {
	lines := []string{s.say(action) + "?", ""}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, s.say(name)+": "+oneLine(value))
		}
	}
	add(a.what, strings.TrimSpace(a.label+"  "+a.name))
	if a.digest != "" {
		add("Content", fmt.Sprintf("%.16s", a.digest))
	}
	if a.production {
		a.target = fmt.Sprintf("%s (%s)", a.target, s.say("production"))
	}
	add("Target", a.target)
	add("Reason", a.reason)
	add("Signed by", person)
	add("In place of", a.proxy)
	if len(a.lines) > 0 {
		lines = append(lines, "", fmt.Sprintf("%s: %d", s.say(a.count), len(a.lines)))
		lines = append(lines, s.listed(a.lines)...)
	}
	if a.note != "" {
		lines = append(lines, "", a.note)
	}
	return question{Title: s.say(action), Text: strings.Join(lines, "\n")}
}

// listed are the first lines of many, and how many more there are.
func (s *shell) listed(all []string) []string {
	out := []string{}
	for _, line := range all[:min(len(all), mostLines)] {
		out = append(out, cut(plain(strings.TrimSpace(line)), 200))
	}
	if more := len(all) - mostLines; more > 0 {
		out = append(out, fmt.Sprintf(s.say("and %d more"), more))
	}
	return out
}

// oneLine keeps a name that somebody else wrote from drawing lines of its own
// into a question.
func oneLine(text string) string { return cut(plain(text), 120) }

// plain is a text without what could draw a line or turn the writing round.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// cut shortens a text to a number of characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
