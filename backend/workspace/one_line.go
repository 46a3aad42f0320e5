package workspace

import (
	"strings"
	"unicode"
)

// maxName is how many characters a name may have.
const maxName = 255

// oneLine keeps a name on its line and readable from its start to its end:
// control characters become blanks, and those that turn the direction of reading
// round (Unicode UAX #9) go, since "exe.gnp" would be read as "png.exe".
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
}
