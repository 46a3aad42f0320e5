//go:build !desktop && !dev && !bindings

package app

import (
	"fmt"
	"io"
)

// HasWindow says whether this build can open a window.
const HasWindow = false

// Window says that this build has none and returns the exit code of a wrong
// use.
func Window(_ Options, stderr io.Writer) int {
	fmt.Fprintln(stderr, "This is Countersign for the terminal: it has no window. Name what it should do.")
	return 2
}
