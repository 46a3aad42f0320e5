package demoorg

import (
	"regexp"
	"strings"
	"sync"
)

// Apex is read here as text: enough to find methods, tests and the lines that
// count for coverage. Nothing runs.

// A method of a class, or the body of a trigger.
type apexMethod struct {
	Name  string
	Test  bool
	Start int // offsets of the body in the text, without its braces
	End   int
	Lines []int // the lines, from 1, that count as locations
	Line  int   // the line of the name
}

// An apexSource is one class or trigger.
type apexSource struct {
	Name    string
	Trigger bool
	Test    bool // a class with @IsTest
	Object  string
	text    string // as it lies in the org
	masked  string // of the same length, comments and strings blanked
	Methods []apexMethod
	words   map[string]bool

	onceUses sync.Once
	uses     []nameUse
}

var (
	apexWord    = regexp.MustCompile(`[A-Za-z_]\w*`)
	testClass   = regexp.MustCompile(`(?i)@istest\b[^{]*?\bclass\b`)
	testMark    = regexp.MustCompile(`(?i)@istest\b|\btestmethod\b`)
	methodHead  = regexp.MustCompile(`([A-Za-z_]\w*)\s*\(([^(){};]*)\)\s*$`)
	triggerHead = regexp.MustCompile(`(?is)^\s*trigger\s+(\w+)\s+on\s+(\w+)\s*\(`)
	apexControl = map[string]bool{"if": true, "for": true, "while": true, "switch": true, "catch": true, "do": true, "else": true, "try": true, "runas": true, "on": true, "when": true}
)

// readApex reads a class or a trigger.
func readApex(name string, trigger bool, data []byte) *apexSource {
	s := &apexSource{Name: name, Trigger: trigger, text: string(data), masked: maskApex(string(data))}
	s.words = map[string]bool{}
	for _, word := range apexWord.FindAllString(s.masked, -1) {
		s.words[strings.ToLower(word)] = true
	}
	if trigger {
		s.readTrigger()
		return s
	}
	s.Test = testClass.MatchString(s.masked)
	s.readMethods()
	return s
}

func (s *apexSource) readTrigger() {
	if head := triggerHead.FindStringSubmatch(s.masked); head != nil {
		s.Object = head[2]
	}
	open := strings.IndexByte(s.masked, '{')
	if open < 0 {
		return
	}
	s.Methods = []apexMethod{s.method(s.Name, open, false)}
}

// readMethods finds each block that follows "name(parameters)".
func (s *apexSource) readMethods() {
	headFrom := 0
	for i := 0; i < len(s.masked); i++ {
		switch s.masked[i] {
		case ';', '}':
			headFrom = i + 1
		case '{':
			head := s.masked[headFrom:i]
			found := methodHead.FindStringSubmatch(head)
			if found == nil || apexControl[strings.ToLower(found[1])] || strings.Contains(head, "=") && !strings.Contains(head, "@") {
				headFrom = i + 1
				continue
			}
			m := s.method(found[1], i, s.Test && testMark.MatchString(head))
			s.Methods = append(s.Methods, m)
			i = m.End
			headFrom = m.End + 1
		}
	}
}

// method reads the block that opens at the offset.
func (s *apexSource) method(name string, open int, test bool) apexMethod {
	depth, end := 0, len(s.masked)
	for i := open; i < len(s.masked); i++ {
		if s.masked[i] == '{' {
			depth++
		}
		if s.masked[i] == '}' {
			if depth--; depth == 0 {
				end = i
				break
			}
		}
	}
	m := apexMethod{Name: name, Test: test, Start: open + 1, End: end, Line: s.lineAt(open)}
	for i, text := range strings.Split(counted(s.masked[open+1:end]), "\n") {
		if !noExpression[strings.ToLower(strings.Trim(text, " \t\r{}()[];,"))] {
			m.Lines = append(m.Lines, m.Line+i)
		}
	}
	return m
}

var (
	debugCall    = regexp.MustCompile(`(?i)\bSystem\s*\.\s*debug\s*\([^;]*;`)
	inlineQuery  = regexp.MustCompile(`(?i)\[\s*(SELECT|FIND)\b[^\]]*\]`)
	noExpression = wordSet("else try finally do")
)

func init() { noExpression[""] = true }

// counted gives the body of a method with nothing in the lines that are no
// locations. Every line with an expression is one ("New Code Coverage
// Calculation for Multiline Statements", Summer '15 release notes), so that a
// query counts once, where it begins; System.debug does not count ("Testing
// Best Practices", Apex Developer Guide).
func counted(body string) string {
	body = debugCall.ReplaceAllStringFunc(body, lineBreaks)
	return inlineQuery.ReplaceAllStringFunc(body, func(query string) string { return "[" + lineBreaks(query) + "]" })
}

func lineBreaks(text string) string { return strings.Repeat("\n", strings.Count(text, "\n")) }

func (s *apexSource) lineAt(offset int) int { return 1 + strings.Count(s.text[:offset], "\n") }

// mentions tells whether the source names the word, outside comments and
// strings; Apex does not look at capitals.
func (s *apexSource) mentions(word string) bool { return s.words[strings.ToLower(word)] }

// wordsIn gives the words of one method's body, in lower case.
func (s *apexSource) wordsIn(m apexMethod) map[string]bool {
	words := map[string]bool{}
	for _, word := range apexWord.FindAllString(s.masked[m.Start:m.End], -1) {
		words[strings.ToLower(word)] = true
	}
	return words
}

// broken gives the line and the text of a compile error: braces that do not
// match. Apex's own compiler would find more.
func (s *apexSource) broken() (line int, problem string) {
	depth := 0
	for i := 0; i < len(s.masked); i++ {
		switch s.masked[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return s.lineAt(i), "Unexpected token '}'."
			}
		}
	}
	if depth > 0 {
		return s.lineAt(len(s.text)), "Missing '}' at '<EOF>'"
	}
	return 0, ""
}

// lineOf gives the first line that names the word, or 1.
func (s *apexSource) lineOf(word string) int {
	for _, at := range apexWord.FindAllStringIndex(s.masked, -1) {
		if strings.EqualFold(s.masked[at[0]:at[1]], word) {
			return s.lineAt(at[0])
		}
	}
	return 1
}

// maskApex blanks comments and the inside of strings, and keeps every offset
// and line break.
func maskApex(text string) string {
	out := []byte(text)
	blank := func(from, to int) {
		for i := from; i < to && i < len(out); i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "//"):
			end := endOf(text, i, "\n")
			blank(i, end)
			i = end - 1
		case strings.HasPrefix(text[i:], "/*"):
			end := endOf(text, i+2, "*/") + 2
			blank(i, end)
			i = end - 1
		case text[i] == '\'':
			end := i + 1
			for end < len(text) && text[end] != '\'' && text[end] != '\n' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			blank(i+1, end)
			i = end
		}
	}
	return string(out)
}

func endOf(text string, from int, mark string) int {
	if from > len(text) {
		return len(text)
	}
	if at := strings.Index(text[from:], mark); at >= 0 {
		return from + at
	}
	return len(text)
}
