package metadata

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/dirhash"
)

// A Tree is a set of metadata files by their path in metadata format:
// "objects/Account.object", "classes/A.cls". It never changes after it was
// made and may be read by several goroutines; trees made from it share its
// files and what was parsed of them. The nil Tree is empty.
type Tree struct {
	files map[string]*file
	paths []string // sorted

	indexOnce sync.Once
	index     map[Key][]string // what Components says, to look one up
}

// A file remembers what was parsed of it, so that hashing, comparing and
// looking for references parse it once.
type file struct {
	path  string
	bytes []byte

	once sync.Once
	root *node // canonical; nil when it is no metadata XML

	takeOnce sync.Once
	taken    *decomposed // nil when the file is one component as it is
}

func (f *file) xml() *node {
	f.once.Do(func() { f.root = metadataXML(f.path, f.bytes) })
	return f.root
}

func (f *file) normal() []byte {
	if root := f.xml(); root != nil {
		return document(root)
	}
	return plainNormal(f.path, f.bytes)
}

// NewTree copies files into a tree. It refuses, with an *Error, paths that are
// not plain relative slash paths (bad_path), and paths that differ only in
// case or encoding or that are a file and a folder at once (duplicate_path).
func NewTree(files map[string][]byte) (*Tree, error) {
	own := make(map[string]*file, len(files))
	for p, b := range files {
		own[p] = &file{path: p, bytes: bytes.Clone(b)}
	}
	return treeOf(own)
}

func treeOf(files map[string]*file) (*Tree, error) {
	paths := slices.Sorted(maps.Keys(files))
	folded := make(map[string]string, len(paths))
	for _, p := range paths {
		if err := checkPath(p); err != nil {
			return nil, err
		}
		fold := foldPath(p)
		if other, taken := folded[fold]; taken {
			return nil, faultf(CodeDuplicatePath, "The files %s and %s are one file to Salesforce.", quoted(other), quoted(p)).
				withHint("Remove one of them.")
		}
		folded[fold] = p
	}
	for _, p := range paths {
		if above, clash := fileAbove(foldPath(p), folded); clash {
			return nil, faultf(CodeDuplicatePath, "%s is a file and a folder at once.", quoted(above))
		}
	}
	return &Tree{files: files, paths: paths}, nil
}

func fileAbove(fold string, folded map[string]string) (string, bool) {
	for i := strings.LastIndexByte(fold, '/'); i > 0; i = strings.LastIndexByte(fold[:i], '/') {
		if above, clash := folded[fold[:i]]; clash {
			return above, true
		}
	}
	return "", false
}

// subtree keeps some files of a valid tree, so it needs no check.
func (t *Tree) subtree(keep func(string) bool) *Tree {
	kept := &Tree{files: map[string]*file{}}
	for _, p := range t.Paths() {
		if keep(p) {
			kept.files[p] = t.files[p]
			kept.paths = append(kept.paths, p)
		}
	}
	return kept
}

// Paths gives all paths, sorted. The caller must not change the slice.
func (t *Tree) Paths() []string {
	if t == nil {
		return nil
	}
	return t.paths
}

// File gives the exact bytes at a path. The caller must not change them.
func (t *Tree) File(path string) ([]byte, bool) {
	if f := t.at(path); f != nil {
		return f.bytes, true
	}
	return nil, false
}

func (t *Tree) at(path string) *file {
	if t == nil {
		return nil
	}
	return t.files[path]
}

// Len is the number of files.
func (t *Tree) Len() int { return len(t.Paths()) }

// Size is the number of bytes in all files.
func (t *Tree) Size() int64 {
	var size int64
	for _, p := range t.Paths() {
		size += int64(len(t.files[p].bytes))
	}
	return size
}

// With gives a copy in which these files are added or replaced, or the fault
// that NewTree would give.
func (t *Tree) With(files map[string][]byte) (*Tree, error) {
	all := t.copyFiles(len(files))
	for p, b := range files {
		all[p] = &file{path: p, bytes: bytes.Clone(b)}
	}
	return treeOf(all)
}

// Merge gives a copy in which the other tree's files are added; where both
// have a path, the other's bytes win.
func (t *Tree) Merge(other *Tree) (*Tree, error) {
	all := t.copyFiles(other.Len())
	for _, p := range other.Paths() {
		all[p] = other.files[p]
	}
	return treeOf(all)
}

func (t *Tree) copyFiles(more int) map[string]*file {
	all := make(map[string]*file, t.Len()+more)
	for _, p := range t.Paths() {
		all[p] = t.files[p]
	}
	return all
}

// Without gives a copy that lacks these paths.
func (t *Tree) Without(paths ...string) *Tree {
	drop := make(map[string]bool, len(paths))
	for _, p := range paths {
		drop[p] = true
	}
	return t.subtree(func(p string) bool { return !drop[p] })
}

// Content gives a copy without package.xml and destructiveChanges*.xml: the
// component files alone.
func (t *Tree) Content() *Tree {
	return t.subtree(func(p string) bool { return !IsManifestPath(p) })
}

// IsManifestPath says whether a path at the root of a package is a manifest:
// package.xml or one of the three destructiveChanges files.
func IsManifestPath(p string) bool {
	switch p {
	case "package.xml", "destructiveChanges.xml", "destructiveChangesPre.xml", "destructiveChangesPost.xml":
		return true
	}
	return false
}

// Hash is the h1 hash (golang.org/x/mod/sumdb/dirhash) over the exact bytes of
// all files: "h1:" and base64. An empty tree has one too.
func (t *Tree) Hash() string {
	return hashOf(t.Paths(), func(p string) []byte { return t.files[p].bytes })
}

// NormalHash is the h1 hash over the normal form of all files; trees with the
// same NormalHash mean the same to Salesforce.
func (t *Tree) NormalHash() string {
	return hashOf(t.Paths(), func(p string) []byte { return t.files[p].normal() })
}

func hashOf(paths []string, content func(string) []byte) string {
	hash, err := dirhash.Hash1(paths, func(p string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content(p))), nil
	})
	if err != nil {
		// Hash1 fails on a newline in a name, which checkPath refuses, and on a
		// reader's error, which memory has none of.
		panic(fmt.Sprintf("metadata: hash of a valid tree: %v", err))
	}
	return hash
}

// Tops gives the folders at the top of the tree, sorted. A retrieve by package
// names has one for each package.
func (t *Tree) Tops() []string {
	var tops []string
	for _, p := range t.Paths() {
		top, _, inside := strings.Cut(p, "/")
		// Paths below one folder stand together in the sorted list.
		if inside && (len(tops) == 0 || tops[len(tops)-1] != top) {
			tops = append(tops, top)
		}
	}
	return tops
}

// Sub gives the files below a top folder, with the folder cut from their
// paths. An empty top gives the tree itself.
func (t *Tree) Sub(top string) *Tree {
	if top == "" {
		return t
	}
	below := &Tree{files: map[string]*file{}}
	for _, p := range t.Paths() {
		if rest, inside := strings.CutPrefix(p, top+"/"); inside {
			below.files[rest] = &file{path: rest, bytes: t.files[p].bytes}
			below.paths = append(below.paths, rest)
		}
	}
	return below
}

// StripTop finds the package in a tree: at the root, or one folder down when
// all files lie there ("unpackaged", a package's name, a deployment's marker).
// It gives the tree below that folder and the folder's name, or the tree
// itself and "".
func (t *Tree) StripTop() (*Tree, string) {
	tops := t.Tops()
	if len(tops) != 1 || slices.ContainsFunc(t.Paths(), func(p string) bool { return !strings.Contains(p, "/") }) {
		return t, ""
	}
	top := tops[0]
	_, hasManifest := t.File(top + "/package.xml")
	// A tree of classes alone has one top folder as well, but that is no wrapping.
	if !hasManifest && len(typesByDir[top]) > 0 {
		return t, ""
	}
	return t.Sub(top), top
}
