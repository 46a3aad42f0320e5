// Typecheck reads packages and all that they import from their sources, as
// another system and build tags see them, and prints what the compiler would
// refuse. Nothing is compiled: for a system that cannot be built for on this
// machine that is all there is, and it takes seconds.
//
//	typecheck GOOS TAGS PATTERN...
package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "typecheck GOOS TAGS PATTERN...")
		os.Exit(2)
	}
	system, tags := os.Args[1], os.Args[2]
	loaded, err := packages.Load(&packages.Config{
		Mode:       packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Env:        append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
		BuildFlags: []string{"-tags", tags},
		Tests:      true,
	}, os.Args[3:]...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	files := 0
	for _, p := range loaded {
		files += len(p.GoFiles)
	}
	if wrong := packages.PrintErrors(loaded); wrong > 0 || files == 0 {
		fmt.Fprintf(os.Stderr, "%d of %d packages are wrong for %s.\n", wrong, len(loaded), system)
		os.Exit(1)
	}
	fmt.Printf("types for %s: %d packages, %d files%s\n", system, len(loaded), files, strings.TrimSuffix(" with "+tags, " with "))
}
