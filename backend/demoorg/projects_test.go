package demoorg

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"countersign/backend/metadata"
)

// Real projects come into this test from outside: COUNTERSIGN_PROJECTS is a
// list of folders in metadata format, each with a package.xml at its root or
// one folder down. Every one of them is loaded as a seed, listed, retrieved
// with its own package.xml and deployed to another org, and every file must
// come back with the bytes that it was seeded with. Production refuses one whose
// own tests leave too much out.
func TestProjectsOfOthersAreKeptByteForByte(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("COUNTERSIGN_PROJECTS"))
	if len(dirs) == 0 {
		t.Skip("COUNTERSIGN_PROJECTS names no projects")
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) { projectStory(t, dir) })
	}
}

func projectStory(t *testing.T, dir string) {
	manifest, files := projectFiles(t, dir)
	source := serve(t, openOrg(t, filepath.Join(t.TempDir(), "source"), Options{Seed: dir}))
	wantFiles(t, "the source", files, source.retrieveOwn(manifest))
	zipped := zipOf(t, below("project", withManifest(files, manifest)))
	for _, kind := range []Kind{KindUAT, KindProduction} {
		target := serve(t, openOrg(t, filepath.Join(t.TempDir(), string(kind)), Options{Kind: kind, Seed: writeFolder(t, class(map[string]string{}, "Resident", "public class Resident {}"))}))
		answer := target.finish(target.deploy(zipped, allOrNothing+"<singlePackage>true</singlePackage>"))
		if kind == KindProduction && coversTooLittle(t, answer, files) {
			continue
		}
		if status := statusOf(answer); status != statusSucceeded {
			complainAbout(t, answer)
			t.Fatalf("deployed to %s: %s, %d failures", kind, status, len(elements(answer, "componentFailures")))
		}
		wantFiles(t, string(kind), files, target.retrieveOwn(manifest))
	}
}

// coversTooLittle tells whether coverage is all that was refused, and is right
// in it: no test of the project names a class that it calls uncovered.
func coversTooLittle(t *testing.T, answer string, files map[string]string) bool {
	t.Helper()
	if element(answer, "codeCoverageWarnings") == "" || element(answer, "numberComponentErrors") != "0" || element(answer, "numberTestErrors") != "0" {
		return false
	}
	untested := []string{}
	for _, c := range elements(answer, "codeCoverage") {
		if n := element(c, "numLocations"); n == "0" || n != element(c, "numLocationsNotCovered") {
			continue
		}
		name := element(c, "name")
		for path, content := range files {
			if strings.HasPrefix(path, "classes/") && strings.Contains(strings.ToLower(content), "@istest") && strings.Contains(content, name) {
				return false
			}
		}
		untested = append(untested, name)
	}
	t.Logf("%s No test names %s.", element(element(answer, "codeCoverageWarnings"), "message"), strings.Join(untested, ", "))
	return len(untested) > 0
}

// complainAbout shows the failures that no other failure explains.
func complainAbout(t *testing.T, answer string) {
	t.Helper()
	failed := map[string]bool{}
	for _, failure := range elements(answer, "componentFailures") {
		failed[element(failure, "fullName")] = true
	}
	for _, failure := range elements(answer, "componentFailures") {
		if slices.ContainsFunc(strings.Fields(element(failure, "problem")), func(word string) bool { return failed[word] }) {
			continue
		}
		t.Logf("%s %s: %s", element(failure, "componentType"), element(failure, "fullName"), element(failure, "problem"))
	}
	for _, name := range []string{"errorMessage", "codeCoverageWarnings", "failures"} {
		for _, text := range elements(answer, name) {
			t.Logf("%s: %s", name, text)
		}
	}
	worst := elements(answer, "codeCoverage")
	slices.SortFunc(worst, func(a, b string) int {
		return atoi(element(b, "numLocationsNotCovered")) - atoi(element(a, "numLocationsNotCovered"))
	})
	for _, c := range worst[:min(12, len(worst))] {
		t.Logf("%s: %s of %s locations are not covered", element(c, "name"), element(c, "numLocationsNotCovered"), element(c, "numLocations"))
	}
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func withManifest(files map[string]string, manifest string) map[string]string {
	all := map[string]string{"package.xml": manifest}
	for path, content := range files {
		all[path] = content
	}
	return all
}

// emptyObject is the file of an object that holds nothing. A conversion can leave
// one behind that the package.xml beside it does not name.
var emptyObject = regexp.MustCompile(`<CustomObject xmlns="[^"]*">\s*</CustomObject>\s*$`)

// projectFiles reads a project without the code of the org: its package.xml
// and its files.
func projectFiles(t *testing.T, dir string) (manifest string, files map[string]string) {
	t.Helper()
	root := dir
	if _, err := os.Stat(filepath.Join(dir, "package.xml")); err != nil {
		found, _ := filepath.Glob(filepath.Join(dir, "*", "package.xml"))
		if len(found) != 1 {
			t.Fatalf("%s has no package.xml at its root or one folder down", dir)
		}
		root = filepath.Dir(found[0])
	}
	files = map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	manifest = files["package.xml"]
	for path, content := range files {
		if metadata.IsManifestPath(path) || emptyObject.MatchString(content) {
			delete(files, path)
		}
	}
	return manifest, files
}

// retrieveOwn retrieves what a package.xml asks for, as it stands.
func (w *world) retrieveOwn(manifest string) map[string]string {
	w.t.Helper()
	m, err := metadata.ParseManifestLenient([]byte(manifest))
	if err != nil {
		w.t.Fatal(err)
	}
	inner := string(m.Bytes())
	inner = inner[strings.Index(inner, "<Package"):]
	inner = inner[strings.Index(inner, ">")+1:]
	got, answer := w.retrieve("<singlePackage>true</singlePackage><unpackaged>" + strings.TrimSuffix(strings.TrimSpace(inner), "</Package>") + "</unpackaged>")
	for i, problem := range elements(answer, "problem") {
		if i == 20 {
			break
		}
		w.t.Log(problem)
	}
	delete(got, "package.xml")
	return got
}

func wantFiles(t *testing.T, where string, want, got map[string]string) {
	t.Helper()
	wrong := 0
	complain := func(format string, args ...any) {
		if wrong++; wrong <= 30 {
			t.Errorf(where+": "+format, args...)
		}
	}
	for path, content := range want {
		is, ok := got[path]
		switch {
		case !ok:
			complain("%s did not come back", path)
		case is != content:
			complain("%s came back altered: %d bytes, not %d", path, len(is), len(content))
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			complain("%s came back and was never there", path)
		}
	}
	t.Logf("%s: %d files, %d wrong", where, len(want), wrong)
}
