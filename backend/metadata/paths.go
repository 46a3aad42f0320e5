package metadata

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxPath = 1000

// pathRune says whether a character may stand in one part of a path. Salesforce
// percent-encodes what a file name could not hold, and leaves letters of every
// language as they are. Everything that a file system, a shell or a reader's
// eye could take for something else is out: control and invisible characters,
// spaces other than the plain one, separators and what looks like them.
func pathRune(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return true
	case r < utf8.RuneSelf:
		return strings.ContainsRune("_-. %()&+,@=~'$!#[]{};^", r)
	case r == utf8.RuneError, strings.ContainsRune("\u2044\u2215\u29f8\uff0f\uff3c\u29f5\ufe68\u2216", r):
		return false // slashes and backslashes in disguise
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// checkPath refuses a path that is not a plain relative slash path.
func checkPath(p string) *Error {
	bad := func(why string) *Error {
		return faultf(CodeBadPath, "The file name %s is refused: %s.", quoted(p), why)
	}
	switch {
	case p == "":
		return bad("it is empty")
	case len(p) > maxPath:
		return bad("it is too long")
	case !utf8.ValidString(p):
		return bad("it is not valid UTF-8")
	case strings.HasPrefix(p, "/"):
		return bad("it is an absolute path")
	case strings.Contains(p, `\`):
		return bad("it holds a backslash")
	case strings.ContainsRune(p, 0):
		return bad("it holds a NUL")
	}
	for _, part := range strings.Split(p, "/") {
		if why := badPart(part); why != "" {
			return bad(why)
		}
	}
	return nil
}

// badPart checks one part as it stands and as it reads when percent-decoded,
// so that %2e%2e is no way round.
func badPart(part string) string {
	for _, r := range part {
		if !pathRune(r) {
			return "it holds " + quoted(string(r))
		}
	}
	if why := badPlainPart(part); why != "" {
		return why
	}
	decoded := percentDecode(part)
	if decoded == part {
		return ""
	}
	for _, r := range decoded {
		if unicode.IsControl(r) {
			return "it hides a control character behind a percent sign"
		}
	}
	return badPlainPart(decoded)
}

func badPlainPart(part string) string {
	switch {
	case part == "":
		return "a part of it is empty"
	case part == "." || part == "..":
		return "it leads out of the package"
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return "a part of it ends in a dot or a space"
	case isDeviceName(part):
		return "a part of it is the name of a Windows device"
	}
	return ""
}

// isDeviceName knows the names that Windows keeps for devices, with any
// extension (Microsoft, "Naming Files, Paths, and Namespaces").
func isDeviceName(part string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(part), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	rest, isPort := strings.CutPrefix(base, "COM")
	if !isPort {
		rest, isPort = strings.CutPrefix(base, "LPT")
	}
	return isPort && utf8.RuneCountInString(rest) == 1 && strings.Contains("0123456789\u00b9\u00b2\u00b3", rest)
}

// percentDecode decodes every well-formed %XX once and leaves the rest.
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// foldPath gives one text for all spellings that a file system, or Salesforce,
// may take for the same file: upper and lower case, percent-encoded or not.
// %2F stays, because the slash it stands for is no separator.
func foldPath(p string) string {
	parts := strings.Split(p, "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.Map(foldRune, percentDecode(part)), "/", "%2f")
	}
	return strings.Join(parts, "/")
}

// foldRune gives the smallest of all runes that differ from r by case only.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least >= 'A' && least <= 'Z' { // the Kelvin sign folds to k
		return least + 'a' - 'A'
	}
	return least
}
