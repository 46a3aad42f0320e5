package demoorg

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A small SOQL: SELECT fields FROM object [WHERE conditions] [ORDER BY field]
// [LIMIT n]. What is not here is MALFORMED_QUERY, never ignored.

type soqlQuery struct {
	fields []string
	object string
	where  *condition
	order  string
	desc   bool
	limit  int // -1 for none
}

// A condition is a comparison, or several joined by AND or OR.
type condition struct {
	join  string // "AND", "OR" or ""
	kids  []*condition
	field string
	op    string // = != < <= > >= IN "NOT IN"
	value []literal
}

type literal struct {
	kind string // text, number, bool, null, time
	text string
	when time.Time
}

func malformed(format string, args ...any) *fault {
	return faultf(http.StatusBadRequest, "MALFORMED_QUERY", format, args...)
}

type soqlToken struct {
	kind string // word, text, sign
	text string
	at   int
}

type soqlParser struct {
	tokens []soqlToken
	next   int
	depth  int
}

const maxQuery = 100_000 // characters, as in SOQL

func parseSOQL(text string) (*soqlQuery, *fault) {
	if len(text) > maxQuery {
		return nil, malformed("The query is longer than %d characters.", maxQuery)
	}
	tokens, f := soqlTokens(text)
	if f != nil {
		return nil, f
	}
	p := &soqlParser{tokens: tokens}
	q, f := p.query()
	if f != nil {
		return nil, f
	}
	if t := p.peek(); t.kind != "" {
		return nil, malformed("unexpected token: '%s'. The demo org knows SELECT, FROM, WHERE, ORDER BY and LIMIT.", t.text)
	}
	return q, nil
}

func soqlTokens(text string) ([]soqlToken, *fault) {
	var tokens []soqlToken
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			value, end, ok := soqlText(text, i)
			if !ok {
				return nil, malformed("A text that begins at character %d has no end.", i+1)
			}
			tokens = append(tokens, soqlToken{"text", value, i})
			i = end
		case strings.IndexByte("(),", c) >= 0:
			tokens = append(tokens, soqlToken{"sign", string(c), i})
			i++
		case strings.IndexByte("=!<>", c) >= 0:
			end := i + 1
			if end < len(text) && (text[end] == '=' || c == '<' && text[end] == '>') {
				end++
			}
			tokens = append(tokens, soqlToken{"sign", text[i:end], i})
			i = end
		case soqlWordByte(c):
			end := i
			for end < len(text) && soqlWordByte(text[end]) {
				end++
			}
			tokens = append(tokens, soqlToken{"word", text[i:end], i})
			i = end
		default:
			return nil, malformed("unexpected character %q at %d", string(c), i+1)
		}
	}
	return tokens, nil
}

func soqlWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_.:+-*", c) >= 0
}

// soqlText reads a quoted text with its backslash escapes.
func soqlText(text string, from int) (value string, end int, ok bool) {
	var out strings.Builder
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\'':
			return out.String(), i + 1, true
		case '\\':
			if i++; i >= len(text) {
				return "", 0, false
			}
			switch text[i] {
			case 'n':
				out.WriteByte('\n')
			case 'r':
				out.WriteByte('\r')
			case 't':
				out.WriteByte('\t')
			default:
				out.WriteByte(text[i])
			}
		default:
			out.WriteByte(text[i])
		}
	}
	return "", 0, false
}

func (p *soqlParser) peek() soqlToken {
	if p.next < len(p.tokens) {
		return p.tokens[p.next]
	}
	return soqlToken{}
}

func (p *soqlParser) take() soqlToken {
	t := p.peek()
	p.next++
	return t
}

// keyword takes the word if it comes next.
func (p *soqlParser) keyword(word string) bool {
	if t := p.peek(); t.kind == "word" && strings.EqualFold(t.text, word) {
		p.next++
		return true
	}
	return false
}

func (p *soqlParser) sign(text string) bool {
	if t := p.peek(); t.kind == "sign" && t.text == text {
		p.next++
		return true
	}
	return false
}

func (p *soqlParser) query() (*soqlQuery, *fault) {
	q := &soqlQuery{limit: -1}
	if !p.keyword("SELECT") {
		return nil, malformed("A query begins with SELECT.")
	}
	for {
		t := p.take()
		if t.kind != "word" {
			return nil, malformed("A field name is missing after SELECT or a comma.")
		}
		q.fields = append(q.fields, t.text)
		if p.peek().text == "(" {
			return nil, malformed("The demo org knows no function %s() in SELECT.", t.text)
		}
		if !p.sign(",") {
			break
		}
	}
	if !p.keyword("FROM") {
		return nil, malformed("unexpected token: '%s'. FROM is missing.", p.peek().text)
	}
	t := p.take()
	if t.kind != "word" {
		return nil, malformed("The object is missing after FROM.")
	}
	q.object = t.text
	return q, p.tail(q)
}

func (p *soqlParser) tail(q *soqlQuery) (f *fault) {
	if p.keyword("WHERE") {
		if q.where, f = p.conditions(); f != nil {
			return f
		}
	}
	if p.keyword("ORDER") {
		if !p.keyword("BY") {
			return malformed("BY is missing after ORDER.")
		}
		t := p.take()
		if t.kind != "word" {
			return malformed("A field name is missing after ORDER BY.")
		}
		q.order = t.text
		q.desc = p.keyword("DESC")
		if !q.desc {
			p.keyword("ASC")
		}
		if p.sign(",") {
			return malformed("The demo org orders by one field only.")
		}
	}
	if p.keyword("LIMIT") {
		n, err := strconv.Atoi(p.take().text)
		if err != nil || n < 0 {
			return malformed("LIMIT needs a number.")
		}
		q.limit = n
	}
	return nil
}

// conditions reads comparisons joined by AND or by OR; both in one level need
// brackets, as in SOQL.
func (p *soqlParser) conditions() (*condition, *fault) {
	if p.depth++; p.depth > 50 {
		return nil, malformed("The conditions are nested too deep.")
	}
	defer func() { p.depth-- }()
	first, f := p.condition()
	if f != nil {
		return nil, f
	}
	all := &condition{kids: []*condition{first}}
	for {
		join := ""
		switch {
		case p.keyword("AND"):
			join = "AND"
		case p.keyword("OR"):
			join = "OR"
		default:
			if len(all.kids) == 1 {
				return first, nil
			}
			return all, nil
		}
		if all.join != "" && all.join != join {
			return nil, malformed("AND and OR in one condition need brackets.")
		}
		all.join = join
		k, f := p.condition()
		if f != nil {
			return nil, f
		}
		all.kids = append(all.kids, k)
	}
}

func (p *soqlParser) condition() (*condition, *fault) {
	if p.sign("(") {
		inner, f := p.conditions()
		if f != nil {
			return nil, f
		}
		if !p.sign(")") {
			return nil, malformed("A bracket is not closed.")
		}
		return inner, nil
	}
	field := p.take()
	if field.kind != "word" {
		return nil, malformed("A field name is missing in WHERE.")
	}
	c := &condition{field: field.text}
	if p.keyword("NOT") {
		if !p.keyword("IN") {
			return nil, malformed("The demo org knows NOT only before IN.")
		}
		c.op = "NOT IN"
		return c, p.list(c)
	}
	if p.keyword("IN") {
		c.op = "IN"
		return c, p.list(c)
	}
	t := p.take()
	switch {
	case t.kind == "sign" && t.text == "<>":
		c.op = "!="
	case t.kind == "sign" && slices.Contains([]string{"=", "!=", "<", "<=", ">", ">="}, t.text):
		c.op = t.text
	default:
		return nil, malformed("The demo org knows no operator '%s'.", t.text)
	}
	value, f := p.literal()
	c.value = []literal{value}
	return c, f
}

func (p *soqlParser) list(c *condition) *fault {
	if !p.sign("(") {
		return malformed("IN needs values in brackets.")
	}
	for {
		value, f := p.literal()
		if f != nil {
			return f
		}
		c.value = append(c.value, value)
		if !p.sign(",") {
			break
		}
	}
	if !p.sign(")") {
		return malformed("The brackets after IN are not closed.")
	}
	return nil
}

var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05-0700"}

func (p *soqlParser) literal() (literal, *fault) {
	t := p.take()
	if t.kind == "text" {
		return literal{kind: "text", text: t.text}, nil
	}
	if t.kind != "word" {
		return literal{}, malformed("A value is missing.")
	}
	switch strings.ToLower(t.text) {
	case "true", "false":
		return literal{kind: "bool", text: strings.ToLower(t.text)}, nil
	case "null":
		return literal{kind: "null"}, nil
	}
	for _, layout := range timeLayouts {
		if when, err := time.Parse(layout, t.text); err == nil {
			return literal{kind: "time", text: t.text, when: when}, nil
		}
	}
	if _, err := strconv.ParseFloat(t.text, 64); err == nil {
		return literal{kind: "number", text: t.text}, nil
	}
	return literal{}, malformed("'%s' is not a value the demo org knows.", t.text)
}
