package metadata

import (
	"bytes"
	"slices"
	"strings"
)

// A Component is one component and the files that hold it. A component whose
// Type is "" is a file that no type of the table claims; its Name is its path,
// and it is kept byte for byte.
type Component struct {
	Key
	Paths []string `json:"paths"`
}

const metaSuffix = "-meta.xml"

// typeAt gives the type that owns the file at a path in metadata format.
func typeAt(p string) (Type, bool) {
	t, _, ok := componentAt(p)
	return t, ok
}

// componentAt gives type and name of the component that a path belongs to.
func componentAt(p string) (Type, string, bool) {
	dir, rest, inDir := strings.Cut(p, "/")
	if !inDir {
		return Type{}, "", false
	}
	for _, t := range typesByDir[dir] {
		if name, ok := t.nameAt(rest); ok {
			return t, name, true
		}
	}
	return Type{}, "", false
}

// nameAt reads the component's name from a path below the type's folder.
func (t Type) nameAt(rest string) (string, bool) {
	switch {
	case t.Bundle:
		return t.bundleName(rest)
	case t.InFolder:
		return t.folderedName(rest)
	}
	if t.MetaFile {
		rest = strings.TrimSuffix(rest, metaSuffix)
	}
	name, ok := strings.CutSuffix(rest, "."+t.Suffix)
	return name, ok && name != "" && !strings.Contains(name, "/")
}

func (t Type) bundleName(rest string) (string, bool) {
	depth := max(1, t.depth)
	parts := strings.SplitN(rest, "/", depth+1)
	if len(parts) > depth {
		return strings.Join(parts[:depth], "/"), true
	}
	// An ExperienceBundle's own file lies beside its folder.
	if name, ok := strings.CutSuffix(rest, ".site"+metaSuffix); ok && t.Name == "ExperienceBundle" {
		return name, name != ""
	}
	return "", false
}

// folderedName knows three files: "Sales/Pipeline.report", for types with a
// meta file "Service/Welcome.email-meta.xml", and the folder's own
// "Sales-meta.xml", in source format "Sales.reportFolder-meta.xml".
func (t Type) folderedName(rest string) (string, bool) {
	base, isMeta := strings.CutSuffix(rest, metaSuffix)
	inFolder := strings.Contains(base, "/")
	if t.Suffix == "" { // a document keeps its extension
		if inFolder {
			return base, true
		}
		return strings.TrimSuffix(base, ".documentFolder"), isMeta
	}
	if name, ok := strings.CutSuffix(base, "."+t.Suffix); ok && inFolder {
		return name, t.MetaFile || !isMeta
	}
	if !isMeta {
		return "", false
	}
	for _, suffix := range []string{".reportFolder", ".dashboardFolder", ".emailFolder", ".emailTemplateFolder"} {
		base = strings.TrimSuffix(base, suffix)
	}
	return base, base != ""
}

// Components gives what is in the tree, sorted by type and name. An object's
// file gives CustomObject when it says something of the object itself, and each
// child in it; a file that only holds children, as a retrieve of single fields
// brings, gives those alone. Labels, workflows and rules give their container
// and each child. Manifests are no components.
func (t *Tree) Components() []Component {
	index := t.componentIndex()
	list := make([]Component, 0, len(index))
	for key, paths := range index {
		list = append(list, Component{Key: key, Paths: slices.Clone(paths)})
	}
	slices.SortFunc(list, func(a, b Component) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}

func (t *Tree) componentIndex() map[Key][]string {
	if t == nil {
		return nil
	}
	t.indexOnce.Do(func() { t.index = t.buildIndex() })
	return t.index
}

func (t *Tree) buildIndex() map[Key][]string {
	index := make(map[Key][]string, len(t.paths))
	add := func(key Key, p string) {
		if !slices.Contains(index[key], p) {
			index[key] = append(index[key], p)
		}
	}
	for _, p := range t.paths {
		if IsManifestPath(p) {
			continue
		}
		d, ok := t.decompose(p)
		if !ok {
			add(keyAt(p), p)
			continue
		}
		if d.typ.isContainer() || d.ownsSomething() {
			add(d.owner(), p)
		}
		for _, c := range d.children {
			add(c.key, p)
		}
	}
	return index
}

// keyAt gives the component a whole file belongs to.
func keyAt(p string) Key {
	t, name, ok := componentAt(p)
	if !ok {
		return Key{Name: p}
	}
	return Key{Type: t.Name, Name: name}
}

// A decomposed file is one whose children are components of their own.
type decomposed struct {
	typ      Type
	name     string // of the owner
	root     *node
	children []childElement
	own      []*node // what is not a child component
}

type childElement struct {
	key  Key
	node *node
}

func (d *decomposed) owner() Key { return Key{Type: d.typ.Name, Name: d.name} }

// ownsSomething says that the file tells more than its children do. A file
// that is empty owns its emptiness.
func (d *decomposed) ownsSomething() bool {
	return len(d.own) > 0 || len(d.children) == 0 || len(d.root.attrs) > 0
}

// decompose takes a file of the tree apart, once.
func (t *Tree) decompose(p string) (*decomposed, bool) {
	f := t.files[p]
	f.takeOnce.Do(func() {
		if d, ok := f.decompose(); ok {
			f.taken = &d
		}
	})
	return f.taken, f.taken != nil
}

// decompose gives false for a file that is one component as it is, or that
// cannot be read as what its path says.
func (f *file) decompose() (decomposed, bool) {
	typ, name, ok := componentAt(f.path)
	if !ok {
		return decomposed{}, false
	}
	byElement := childByParent[typ.Name]
	// With a dot in the owner's name, a child's name would not say whose it is.
	if len(byElement) == 0 || strings.Contains(name, ".") || typ.Name == "CustomLabels" && name != "CustomLabels" {
		return decomposed{}, false
	}
	root := f.xml()
	if root == nil || root.name != typ.Name || root.isMixed() {
		return decomposed{}, false
	}
	d := decomposed{typ: typ, name: name, root: root}
	for _, k := range root.kids {
		child, isChild := byElement[k.name]
		fullName := k.value("fullName")
		if !isChild || fullName == "" || k.space != Namespace {
			d.own = append(d.own, k)
			continue
		}
		d.children = append(d.children, childElement{Key{child.Name, child.childName(name, fullName)}, k})
	}
	return d, true
}

// pathOf gives the file that holds a child.
func (t Type) pathOf(childName string) string {
	return t.Dir + "/" + t.ownerOf(childName) + "." + t.Suffix
}

// childNodes gives the elements of one child in the tree: one, or none, or
// more in a file that holds the name twice.
func (t *Tree) childNodes(typ Type, key Key) []*node {
	p := typ.pathOf(key.Name)
	if t.at(p) == nil {
		return nil
	}
	d, ok := t.decompose(p)
	if !ok {
		return nil
	}
	var found []*node
	for _, c := range d.children {
		if c.key == key {
			found = append(found, c.node)
		}
	}
	return found
}

// Extract gives what one component says, for reading and comparing: a child as
// its XML element in normal form, any other component as the exact bytes of its
// file. Several files (a class and its meta file, a bundle) follow each other,
// each below a line "--- path". It gives nil when the tree lacks the component.
func (t *Tree) Extract(key Key) []byte {
	if typ, ok := TypeOf(key.Type); ok && typ.Parent != "" {
		return joinFragments(t.childNodes(typ, key))
	}
	return t.extractFiles(key)
}

func joinFragments(nodes []*node) []byte {
	var out []byte
	for _, n := range nodes {
		out = append(out, fragment(n)...)
	}
	return out
}

func (t *Tree) extractFiles(key Key) []byte {
	paths := t.componentIndex()[key]
	if len(paths) == 0 {
		return nil
	}
	if len(paths) == 1 {
		return slices.Clip(append([]byte{}, t.files[paths[0]].bytes...))
	}
	var out bytes.Buffer
	for _, p := range paths {
		b := t.files[p].bytes
		out.WriteString("--- " + p + "\n")
		out.Write(b)
		if !bytes.HasSuffix(b, []byte("\n")) {
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

// HashOf is the h1 hash of one component's normal form, or "" when the tree
// lacks it. A CustomObject's covers all its file holds.
func (t *Tree) HashOf(key Key) string {
	if typ, ok := TypeOf(key.Type); ok && typ.Parent != "" {
		b := joinFragments(t.childNodes(typ, key))
		if b == nil {
			return ""
		}
		return hashOf([]string{"element"}, func(string) []byte { return b })
	}
	paths := t.componentIndex()[key]
	if len(paths) == 0 {
		return ""
	}
	return hashOf(paths, func(p string) []byte { return t.files[p].normal() })
}

// Select gives the files of these components, as a retrieve of them would: all
// files of a component; for children a file that holds the chosen ones alone,
// written in normal form. CustomObject, CustomLabels and the other containers
// bring their whole file. Components that the tree lacks are passed over, and
// manifests are left out.
func (t *Tree) Select(keys []Key) *Tree {
	whole := map[string]bool{}
	parts := map[string]map[Key]bool{}
	index := t.componentIndex()
	for _, key := range keys {
		typ, known := TypeOf(key.Type)
		for _, p := range index[key] {
			if !known || typ.Parent == "" {
				whole[p] = true
				continue
			}
			if parts[p] == nil {
				parts[p] = map[Key]bool{}
			}
			parts[p][key] = true
		}
	}
	selected := &Tree{files: map[string]*file{}}
	for _, p := range t.Paths() {
		switch {
		case whole[p]:
			selected.files[p] = t.files[p]
		case parts[p] != nil:
			selected.files[p] = &file{path: p, bytes: t.partial(p, parts[p])}
		default:
			continue
		}
		selected.paths = append(selected.paths, p)
	}
	return selected
}

// partial writes a file with some of its children and nothing of its owner.
func (t *Tree) partial(p string, chosen map[Key]bool) []byte {
	d, _ := t.decompose(p)
	root := &node{name: d.root.name, space: d.root.space}
	for _, c := range d.children {
		if chosen[c.key] {
			root.kids = append(root.kids, c.node)
		}
	}
	return document(root)
}
