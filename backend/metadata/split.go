package metadata

import (
	"bytes"
	"maps"
	"slices"
)

// A Part is what one component brings to a tree. It is plain data, fit for
// storing.
//
// A component with files of its own has them in Files, byte for byte. An
// object, or another owner of children, has in Files its file without the
// children that are parts of their own; elements that no type of the table
// claims stay with it. A child has Path, Root, Element and Elements instead.
type Part struct {
	// Files are whole files by path.
	Files map[string][]byte `json:"files,omitempty"`
	// Path is the file that a child belongs into: "objects/Account.object".
	Path string `json:"path,omitempty"`
	// Root is that file's root element: "CustomObject".
	Root string `json:"root,omitempty"`
	// Element is the child's element: "fields".
	Element string `json:"element,omitempty"`
	// Elements is the child as an XML element in normal form, with its
	// namespace; more than one when the file held the same name twice.
	Elements [][]byte `json:"elements,omitempty"`
}

// Split takes a tree apart into what each component brings. Manifests are left
// out. Join(Split(t)) means the same as t.Content(): their NormalHash is equal.
func Split(t *Tree) map[Key]Part {
	parts := map[Key]Part{}
	for _, p := range t.Paths() {
		if IsManifestPath(p) {
			continue
		}
		d, ok := t.decompose(p)
		if !ok {
			addFile(parts, keyAt(p), p, bytes.Clone(t.files[p].bytes))
			continue
		}
		if d.ownsSomething() {
			addFile(parts, d.owner(), p, d.ownFile(t.files[p].bytes))
		}
		for _, c := range d.children {
			part := parts[c.key]
			part.Path, part.Root, part.Element = p, d.root.name, c.node.name
			part.Elements = append(part.Elements, fragment(c.node))
			parts[c.key] = part
		}
	}
	return parts
}

func addFile(parts map[Key]Part, key Key, p string, b []byte) {
	part := parts[key]
	if part.Files == nil {
		part.Files = map[string][]byte{}
	}
	part.Files[p] = b
	parts[key] = part
}

// ownFile is the owner's file without its children; without children it is the
// file as it was.
func (d *decomposed) ownFile(exact []byte) []byte {
	if len(d.children) == 0 {
		return bytes.Clone(exact)
	}
	return document(&node{name: d.root.name, space: d.root.space, attrs: d.root.attrs, kids: d.own})
}

// Join puts parts together into a tree in metadata format. Children go into
// their owner's file, or into a file of their own where the owner is not among
// the parts. It gives an *Error when two parts bring different bytes for one
// path, when a part's XML cannot be read, or when NewTree would refuse a path.
func Join(parts map[Key]Part) (*Tree, error) {
	files := map[string]*file{}
	children := map[string][]Part{}
	for _, key := range sortedPartKeys(parts) {
		part := parts[key]
		for p, b := range part.Files {
			if other := files[p]; other != nil && !bytes.Equal(other.bytes, b) {
				return nil, faultf(CodeDuplicatePath, "Two components bring the file %s, with different content.", quoted(p))
			}
			files[p] = &file{path: p, bytes: bytes.Clone(b)}
		}
		if len(part.Elements) > 0 {
			children[part.Path] = append(children[part.Path], part)
		}
	}
	for p, group := range children {
		b, fault := joinFile(p, files[p], group)
		if fault != nil {
			return nil, fault
		}
		files[p] = &file{path: p, bytes: b}
	}
	return treeOf(files)
}

func sortedPartKeys(parts map[Key]Part) []Key {
	keys := slices.Collect(maps.Keys(parts))
	sortKeys(keys)
	return keys
}

// joinFile writes one file from its owner's part, which may be missing, and
// its children.
func joinFile(p string, owner *file, group []Part) ([]byte, *Error) {
	root := &node{name: group[0].Root, space: Namespace}
	if owner != nil {
		was := owner.xml()
		if was == nil || was.name != root.name || was.isMixed() {
			return nil, faultf(CodeBadXML, "The file %s cannot take its children: it is no %s.", quoted(p), quoted(root.name))
		}
		root.attrs, root.kids = was.attrs, slices.Clone(was.kids)
	}
	for _, part := range group {
		for _, b := range part.Elements {
			element, fault := parseXML(b)
			if fault != nil {
				return nil, fault
			}
			if element.name != part.Element || part.Root != root.name {
				return nil, faultf(CodeBadXML, "A part of %s is %s where %s belongs.", quoted(p), quoted(element.name), quoted(part.Element))
			}
			root.kids = append(root.kids, element)
		}
	}
	canonical(root)
	return document(root), nil
}
