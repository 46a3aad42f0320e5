package demoorg

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// fieldsOf gives every field that the conditions name.
func (c *condition) fieldsOf() []string {
	if c == nil {
		return nil
	}
	if c.field != "" {
		return []string{c.field}
	}
	var fields []string
	for _, k := range c.kids {
		fields = append(fields, k.fieldsOf()...)
	}
	return fields
}

// each calls see with every comparison.
func (c *condition) each(see func(*condition) *fault) *fault {
	if c == nil {
		return nil
	}
	if c.field != "" {
		return see(c)
	}
	for _, k := range c.kids {
		if f := k.each(see); f != nil {
			return f
		}
	}
	return nil
}

// holds tells whether a row fulfils the condition.
func (c *condition) holds(row map[string]any) (bool, *fault) {
	if c == nil {
		return true, nil
	}
	if c.field != "" {
		return c.compare(row[strings.ToLower(c.field)])
	}
	for _, k := range c.kids {
		ok, f := k.holds(row)
		if f != nil {
			return false, f
		}
		if ok == (c.join == "OR") {
			return ok, nil
		}
	}
	return c.join != "OR", nil
}

func (c *condition) compare(is any) (bool, *fault) {
	switch c.op {
	case "IN", "NOT IN":
		for _, v := range c.value {
			n, f := v.against(is)
			if f != nil {
				return false, f
			}
			if n == 0 {
				return c.op == "IN", nil
			}
		}
		return c.op == "NOT IN", nil
	}
	n, f := c.value[0].against(is)
	if f != nil {
		return false, f
	}
	missing := n == unequal
	switch c.op {
	case "=":
		return n == 0, nil
	case "!=":
		return n != 0, nil
	case "<":
		return !missing && n < 0, nil
	case "<=":
		return !missing && n <= 0, nil
	case ">":
		return !missing && n > 0, nil
	case ">=":
		return !missing && n >= 0, nil
	}
	panic("demoorg: unknown SOQL operator " + c.op)
}

// unequal says that two values have no order, as null has none.
const unequal = 2

// against compares a row's value with the literal: negative, 0, positive, or
// unequal.
func (l literal) against(is any) (int, *fault) {
	switch v := is.(type) {
	case nil:
		if l.kind == "null" {
			return 0, nil
		}
		return unequal, nil
	case string:
		if l.kind == "text" {
			return strings.Compare(foldID(v), foldID(l.text)), nil
		}
	case bool:
		if l.kind == "bool" {
			if strconv.FormatBool(v) == l.text {
				return 0, nil
			}
			return unequal, nil
		}
	case int:
		if l.kind == "number" {
			want, _ := strconv.ParseFloat(l.text, 64)
			switch {
			case float64(v) < want:
				return -1, nil
			case float64(v) > want:
				return 1, nil
			}
			return 0, nil
		}
	case time.Time:
		if l.kind == "time" {
			return v.Compare(l.when), nil
		}
	}
	if l.kind == "null" {
		return unequal, nil
	}
	return 0, faultf(http.StatusBadRequest, "INVALID_FIELD", "The value %s has not the type of its field.", quoteSOQL(l))
}

func quoteSOQL(l literal) string {
	if l.kind == "text" {
		return "'" + l.text + "'"
	}
	return l.text
}

// foldID makes ids of 15 and 18 characters the same, and leaves other text.
func foldID(s string) string {
	if len(s) == 15 && !strings.ContainsAny(s, " _.-") && s[0] >= '0' && s[0] <= '9' {
		return id18(s)
	}
	return s
}
