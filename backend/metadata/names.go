package metadata

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is longer than any API name Salesforce gives; folder paths count as
// one name.
const maxName = 400

// CheckName tells whether apiName has the form of this type's names. The
// *Error says what is wrong and shows a name of the right form; an unknown
// type gives code unknown_type and the nearest known names. Whether such a
// component exists is for the org to say. "*" is not a name.
func CheckName(typeName, apiName string) error {
	t, ok := TypeOf(typeName)
	if !ok {
		return unknownType(typeName)
	}
	if why := badName(t, apiName); why != "" {
		return faultf(CodeBadName, "%s is not the name of a %s: %s.", quoted(apiName), t.Name, why).
			withHint("A right name looks like %s.", quoted(t.NameExample))
	}
	return nil
}

func unknownType(typeName string) *Error {
	e := faultf(CodeUnknownType, "%s is not a metadata type that Countersign knows.", quoted(typeName))
	if near := nearestTypes(typeName); len(near) > 0 {
		return e.withHint("Did you mean %s?", strings.Join(near, ", "))
	}
	return e.withHint("Types are spelled as in package.xml, for example CustomField or ApexClass.")
}

// quoted shows text that may be hostile: bounded, and without control
// characters.
func quoted(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if runes := []rune(clean); len(runes) > 80 {
		clean = string(runes[:80]) + "..."
	}
	return `"` + clean + `"`
}

// badName gives what is wrong with the name, or "".
func badName(t Type, name string) string {
	if why := badText(t, name); why != "" {
		return why
	}
	switch t.shape {
	case identifier:
		return identifierFault(name)
	case freeText:
		return ""
	case ofObject:
		return dottedFault(name, "object", "name")
	case ofType:
		return dottedFault(name, "custom metadata type", "record")
	case globalOrOf:
		if strings.Contains(name, ".") {
			return dottedFault(name, "object", "action")
		}
		return identifierFault(name)
	case layoutName:
		object, rest, ok := strings.Cut(name, "-")
		if !ok || object == "" || strings.TrimSpace(rest) == "" {
			return "it needs the object, a hyphen and the layout's name"
		}
		return ""
	case inFolder:
		return folderFault(name)
	case flowName:
		base, version, ok := strings.Cut(name, "-")
		if ok && (version == "" || strings.Trim(version, "0123456789") != "") {
			return "after the hyphen stands a version number"
		}
		return identifierFault(base)
	}
	panic("metadata: name shape without a rule")
}

// badText holds for every name of every type: it becomes part of a path and of
// an XML file.
func badText(t Type, name string) string {
	switch {
	case name == "":
		return "it is empty"
	case name == "*":
		return "a wildcard stands for all names, not for one"
	case len(name) > maxName:
		return "it is longer than any API name"
	case !utf8.ValidString(name):
		return "it is not valid UTF-8"
	case strings.TrimSpace(name) != name:
		return "it begins or ends with a space"
	case strings.Contains(name, "/") && !t.InFolder && t.depth < 2:
		return "it holds a slash, and this type has no folders"
	}
	for _, r := range name {
		if r == '/' {
			continue
		}
		if !pathRune(r) {
			return "it holds " + quoted(string(r)) + ", which no API name holds; labels are percent-encoded there"
		}
	}
	return ""
}

func identifierFault(name string) string {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if i == 0 && !letter {
			return "it must begin with a letter"
		}
		if !letter && r != '_' && (r < '0' || r > '9') {
			return "it may hold letters, digits and underscores only"
		}
	}
	return ""
}

func dottedFault(name, first, second string) string {
	before, after, ok := strings.Cut(name, ".")
	if !ok || before == "" || after == "" {
		return "it needs the " + first + ", a dot and the " + second
	}
	if c := after[0] | 0x20; strings.HasSuffix(after, "__c") && (c < 'a' || c > 'z') {
		return "the " + second + " must begin with a letter"
	}
	return ""
}

func folderFault(name string) string {
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." || part == ".." {
			return "it needs a folder, or a folder, a slash and a name"
		}
	}
	return ""
}

// nearestTypes gives up to three known types that the person may have meant.
func nearestTypes(name string) []string {
	if len(name) > 60 {
		return nil
	}
	lower := strings.ToLower(name)
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, t := range allTypes {
		known := strings.ToLower(t.Name)
		d := distance(lower, known)
		if len(lower) >= 4 && strings.Contains(known, strings.TrimSuffix(lower, "s")) {
			d = min(d, 2)
		}
		if d <= 1+len(lower)/4 {
			near = append(near, candidate{t.Name, d})
		}
	}
	sort.SliceStable(near, func(i, j int) bool { return near[i].distance < near[j].distance })
	var names []string
	for _, c := range near[:min(3, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// distance is the number of single-letter edits between two words
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
