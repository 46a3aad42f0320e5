package metadata

import "strings"

// formula reports what the tokens of a formula name, seen from the subject's
// object.
func (s *referenceScan) formula(from subject, text, where string) {
	formulaTokens(text, func(token string) {
		if strings.HasPrefix(token, "$") {
			s.global(from, token, where)
			return
		}
		if strings.Contains(token, "__") {
			s.field(from, from.object, token, where, RefFormula)
		}
	})
}

// merge reports the merge fields {!...} of a text.
func (s *referenceScan) merge(from subject, text, where string) {
	mergeFields(text, func(field string) {
		if rest, ok := strings.CutPrefix(field, "Record."); ok {
			field = rest
		}
		s.formula(from, field, where)
	})
}

// mergeFields gives what stands between {! and }.
func mergeFields(text string, found func(string)) {
	for {
		_, rest, ok := strings.Cut(text, "{!")
		if !ok {
			return
		}
		field, after, ok := strings.Cut(rest, "}")
		if !ok {
			return
		}
		found(strings.TrimSpace(field))
		text = after
	}
}

// global reports a token that begins with a dollar sign (Salesforce Help,
// "Global Variables").
func (s *referenceScan) global(from subject, token, where string) {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return
	}
	switch parts[0] {
	case "$Label":
		if len(parts) == 3 && parts[1] != "c" { // another namespace
			return
		}
		s.add(from, Key{"CustomLabel", parts[len(parts)-1]}, where, RefFormula)
	case "$Permission":
		s.add(from, Key{"CustomPermission", parts[len(parts)-1]}, where, RefFormula)
	case "$Setup":
		s.object(from, parts[1], where, RefFormula)
		if len(parts) > 2 {
			s.field(from, parts[1], parts[2], where, RefFormula)
		}
	case "$CustomMetadata":
		s.customMetadata(from, parts, where)
	case "$ObjectType":
		s.object(from, parts[1], where, RefFormula)
		if len(parts) > 3 && strings.EqualFold(parts[2], "fields") {
			s.field(from, parts[1], parts[3], where, RefFormula)
		}
	case "$User", "$Organization", "$Profile", "$UserRole":
		s.field(from, strings.TrimPrefix(parts[0], "$"), strings.Join(parts[1:], "."), where, RefFormula)
	case "$Resource":
		s.add(from, Key{"StaticResource", parts[1]}, where, RefFormula)
	case "$Page":
		s.add(from, Key{"ApexPage", parts[1]}, where, RefFormula)
	}
}

// customMetadata is "$CustomMetadata.Rate__mdt.Germany.Value__c".
func (s *referenceScan) customMetadata(from subject, parts []string, where string) {
	s.object(from, parts[1], where, RefFormula)
	if len(parts) > 2 {
		record := strings.TrimSuffix(parts[1], "__mdt") + "." + parts[2]
		s.add(from, Key{"CustomMetadata", record}, where, RefFormula)
	}
	if len(parts) > 3 {
		s.field(from, parts[1], parts[3], where, RefFormula)
	}
}

// formulaTokens gives the dotted names of a formula, outside of quotes and
// comments.
func formulaTokens(text string, found func(string)) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\'':
			i = skipQuoted(text, i)
		case strings.HasPrefix(text[i:], "/*"):
			i = skipTo(text, i+2, "*/")
		case isNameStart(c):
			end := i + 1
			for end < len(text) && (isNameByte(text[end]) || text[end] == '.' || text[end] == ':') {
				end++
			}
			found(strings.TrimRight(text[i:end], ".:"))
			i = end
		default:
			i++
		}
	}
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
}

func isNameByte(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }

// skipQuoted gives the place after the string that begins at i.
func skipQuoted(text string, i int) int {
	quote := text[i]
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return len(text)
}

func skipTo(text string, i int, end string) int {
	if at := strings.Index(text[min(i, len(text)):], end); at >= 0 {
		return i + at + len(end)
	}
	return len(text)
}
