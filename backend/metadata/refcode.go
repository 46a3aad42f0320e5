package metadata

import (
	"path"
	"strconv"
	"strings"
)

// code reports what a file of code refers to.
func (s *referenceScan) code(key Key, p string, b []byte) {
	from := subject{key: key}
	text := string(b)
	switch key.Type {
	case "ApexClass", "ApexTrigger":
		s.apex(from, text)
	case "ApexPage", "ApexComponent":
		s.visualforce(from, withoutComments(text))
	case "LightningComponentBundle":
		if path.Ext(p) == ".js" || path.Ext(p) == ".ts" {
			s.lightningScript(from, text)
		} else if path.Ext(p) == ".html" {
			s.lightningTags(from, withoutComments(text), "<c-")
		}
	case "AuraDefinitionBundle":
		s.aura(from, p, withoutComments(text))
	case "EmailTemplate":
		s.email(from, text)
	}
}

// withoutComments blanks the comments of markup, which need nothing; lines stay
// where they are.
func withoutComments(text string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "<!--")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		comment, after, _ := strings.Cut(rest, "-->")
		out.WriteString(strings.Repeat("\n", strings.Count(comment, "\n")))
		text = after
	}
}

// email reports merge fields: {!Invoice__c.Amount__c}, {!$Label.X}.
func (s *referenceScan) email(from subject, text string) {
	mergeFields(text, func(field string) {
		if strings.HasPrefix(field, "$") {
			s.global(from, field, "body")
			return
		}
		if object, rest, ok := strings.Cut(field, "."); ok && !strings.Contains(rest, ".") {
			s.field(from, object, rest, "body", RefFormula)
			s.object(from, object, "body", RefFormula)
		}
	})
}

// lineOf counts lines up to a place, going forward only.
type lineOf struct {
	text string
	at   int
	line int
}

func (l *lineOf) where(i int) string {
	l.line += strings.Count(l.text[l.at:i], "\n")
	l.at = i
	return "line " + strconv.Itoa(l.line+1)
}

// A codeToken is a dotted name in Apex, and where it stands.
type codeToken struct {
	name string
	at   int
}

// apex reports identifiers: labels and pages, classes that are known, custom
// objects, and custom fields of objects that the code mentions.
func (s *referenceScan) apex(from subject, text string) {
	var tokens []codeToken // each name once, where it stands first
	mentioned, seen := map[string]bool{}, map[Key]bool{}
	body := 0
	if from.key.Type == "ApexTrigger" {
		var object string
		object, body = triggerHead(text)
		mentioned[object], seen[Key{"CustomObject", object}] = true, true
		s.object(from, object, "on", RefCode)
	}
	apexTokens(text, func(name string, at int) {
		if mentioned[name] || at < body {
			return
		}
		mentioned[name] = true
		tokens = append(tokens, codeToken{name, at})
		for part := range strings.SplitSeq(name, ".") {
			mentioned[part] = true
		}
	})
	lines := lineOf{text: text}
	for _, t := range tokens {
		report := func(to Key, kind string) {
			if !seen[to] {
				seen[to] = true
				s.add(from, to, lines.where(t.at), kind)
			}
		}
		called := strings.HasPrefix(strings.TrimLeft(text[t.at+len(t.name):], " \t\r\n"), "(")
		s.apexName(t.name, called, report)
		for part := range strings.SplitSeq(t.name, ".") {
			s.apexPart(part, mentioned, report)
		}
	}
}

// triggerHead gives the object of "trigger NAME on OBJECT (EVENTS)" and where
// the head ends. Its other words name nothing: before and after may be names of
// classes too, since they are not reserved (Apex Developer Guide, "Reserved
// Keywords"), and a trigger may be named as a class is.
func triggerHead(text string) (object string, end int) {
	var head []codeToken
	apexTokens(text, func(name string, at int) {
		if len(head) < 4 {
			head = append(head, codeToken{name, at})
		}
	})
	if len(head) < 4 || !strings.EqualFold(head[0].name, "trigger") || !strings.EqualFold(head[2].name, "on") {
		return "", 0
	}
	return head[3].name, skipTo(text, head[3].at, "{")
}

// apexName reports Label.X and Page.X. Without "System." they are only taken
// in their usual spelling and not as a call, since a variable may be named so.
func (s *referenceScan) apexName(name string, called bool, report func(Key, string)) {
	parts := strings.Split(name, ".")
	if strings.EqualFold(parts[0], "System") && len(parts) > 2 {
		parts = parts[1:]
		if strings.EqualFold(parts[0], "label") {
			parts[0] = "Label"
		}
	}
	if called { // the last part is a method
		parts = parts[:len(parts)-1]
	}
	switch {
	case len(parts) < 2:
	case parts[0] == "Label":
		reportLabel(parts[1:], report)
	case parts[0] == "Page":
		report(Key{"ApexPage", parts[1]}, RefCode)
	}
}

// reportLabel reports Label.X. Label.ns.X is the label of an installed package
// ("Label" in the Apex Reference Guide); "c" stands for the org's own.
func reportLabel(parts []string, report func(Key, string)) {
	if len(parts) > 1 && parts[0] == "c" {
		parts = parts[1:]
	}
	if len(parts) == 1 {
		report(Key{"CustomLabel", parts[0]}, RefCode)
	}
}

func (s *referenceScan) apexPart(part string, mentioned map[string]bool, report func(Key, string)) {
	if class, ok := s.classes[strings.ToLower(part)]; ok {
		report(Key{"ApexClass", class}, RefText)
	}
	field := part
	if base, ok := strings.CutSuffix(part, "__r"); ok {
		field = base + "__c"
	}
	if !isCustomName(field) {
		return
	}
	if field == part {
		report(Key{"CustomObject", part}, RefText)
	}
	for _, object := range s.fields[field] {
		if mentioned[object] {
			report(Key{"CustomField", object + "." + field}, RefText)
		}
	}
}

// apexTokens gives the dotted names of Apex, outside of strings and comments.
// A query in square brackets is code and is read too.
func apexTokens(text string, found func(name string, at int)) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\'':
			i = skipQuoted(text, i)
		case strings.HasPrefix(text[i:], "//"):
			i = skipTo(text, i+2, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = skipTo(text, i+2, "*/")
		case isNameStart(c):
			end := i + 1
			for end < len(text) && (isNameByte(text[end]) || text[end] == '.') {
				end++
			}
			found(strings.TrimRight(text[i:end], "."), i)
			i = end
		default:
			i++
		}
	}
}

// visualforce reports controllers, extensions, components, labels and the
// fields that its expressions name.
func (s *referenceScan) visualforce(from subject, text string) {
	if object := attributeOf(text, "standardController"); object != "" {
		s.object(from, object, "standardController", RefCode)
		from.object = object
	}
	s.add(from, Key{"ApexClass", attributeOf(text, "controller")}, "controller", RefCode)
	for _, class := range strings.Split(attributeOf(text, "extensions"), ",") {
		s.add(from, Key{"ApexClass", strings.TrimSpace(class)}, "extensions", RefCode)
	}
	s.tags(text, "<c:", func(name, where string) {
		s.add(from, Key{"ApexComponent", name}, where, RefCode)
	})
	mergeFields(text, func(expression string) {
		formulaTokens(expression, func(token string) {
			if strings.HasPrefix(token, "$") {
				s.global(from, token, "expression")
				return
			}
			if object, _, ok := strings.Cut(token, "."); ok && object == from.object {
				s.field(from, object, token, "expression", RefFormula)
			}
		})
	})
}

// attributeOf gives the value of the first attribute of that name.
func attributeOf(text, name string) string {
	lower, want := asciiLower(text), asciiLower(name)
	for from := 0; ; {
		i := strings.Index(lower[from:], want)
		if i < 0 {
			return ""
		}
		i += from
		from = i + len(want)
		if i == 0 || isNameByte(lower[i-1]) {
			continue
		}
		rest := strings.TrimLeft(text[from:], " \t\r\n")
		rest, ok := strings.CutPrefix(rest, "=")
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !ok || rest == "" || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		value, _, _ := strings.Cut(rest[1:], rest[:1])
		return strings.TrimSpace(value)
	}
}

// asciiLower keeps every byte in its place, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// tags gives the names behind an opening such as "<c:".
func (s *referenceScan) tags(text, opening string, found func(name, where string)) {
	lines := lineOf{text: text}
	for i := 0; ; {
		at := strings.Index(text[i:], opening)
		if at < 0 {
			return
		}
		start := i + at + len(opening)
		end := start
		for end < len(text) && (isNameByte(text[end]) || text[end] == '-') {
			end++
		}
		if end > start {
			found(text[start:end], lines.where(start))
		}
		i = end
	}
}

// lightningTags reports <c-my-panel> as the component myPanel.
func (s *referenceScan) lightningTags(from subject, text, opening string) {
	s.tags(text, opening, func(name, where string) {
		s.add(from, Key{"LightningComponentBundle", camel(name)}, where, RefCode)
	})
}

func camel(name string) string {
	words := strings.Split(name, "-")
	for i, w := range words[1:] {
		if w != "" {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// lightningScript reports the imports of a Lightning web component ("Reference
// Salesforce" in the Lightning Web Components Developer Guide).
func (s *referenceScan) lightningScript(from subject, text string) {
	lines := lineOf{text: text}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case strings.HasPrefix(text[i:], "//"):
			i = skipTo(text, i+2, "\n")
		case strings.HasPrefix(text[i:], "/*"):
			i = skipTo(text, i+2, "*/")
		case c == '"' || c == '\'' || c == '`':
			end := skipQuoted(text, i)
			if end-1 > i {
				s.scriptModule(from, text[i+1:end-1], lines.where(i))
			}
			i = end
		default:
			i++
		}
	}
}

func (s *referenceScan) scriptModule(from subject, module, where string) {
	if name, ok := strings.CutPrefix(module, "c/"); ok && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "" {
		s.add(from, Key{"LightningComponentBundle", name}, where, RefCode)
		return
	}
	rest, ok := strings.CutPrefix(module, "@salesforce/")
	if !ok {
		return
	}
	kind, name, _ := strings.Cut(rest, "/")
	name = strings.TrimPrefix(name, "c.")
	switch kind {
	case "apex":
		if class, _, ok := cutLast(name, "."); ok {
			s.add(from, Key{"ApexClass", class}, where, RefCode)
		}
	case "schema":
		if object, field, ok := strings.Cut(name, "."); ok {
			s.field(from, object, field, where, RefCode)
		}
		s.object(from, strings.SplitN(name, ".", 2)[0], where, RefCode)
	case "label":
		if !strings.Contains(name, ".") {
			s.add(from, Key{"CustomLabel", name}, where, RefCode)
		}
	case "resourceUrl":
		s.add(from, Key{"StaticResource", name}, where, RefCode)
	case "contentAssetUrl":
		s.add(from, Key{"ContentAsset", name}, where, RefCode)
	case "messageChannel":
		s.add(from, Key{"LightningMessageChannel", strings.TrimSuffix(name, "__c")}, where, RefCode)
	case "customPermission":
		s.add(from, Key{"CustomPermission", name}, where, RefCode)
	}
}

// aura reports the markup of an Aura component.
func (s *referenceScan) aura(from subject, p, text string) {
	switch path.Ext(p) {
	case ".cmp", ".app", ".evt", ".intf":
	default:
		return
	}
	s.add(from, Key{"ApexClass", attributeOf(text, "controller")}, "controller", RefCode)
	s.tags(text, "<c:", func(name, where string) {
		s.lightning(from, "c:"+name, where, RefCode)
	})
	s.tags(text, "$Label.c.", func(name, where string) {
		s.add(from, Key{"CustomLabel", name}, where, RefCode)
	})
	s.tags(text, "$Resource.", func(name, where string) {
		s.add(from, Key{"StaticResource", name}, where, RefCode)
	})
}
