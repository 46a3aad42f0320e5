package metadata

import (
	"fmt"
	"slices"
	"strings"
)

// DeletionsPath is the manifest of what a package deletes. Deleting comes after
// the rest ("Deleting Components from an Organization", Metadata API Developer
// Guide): the rest of the package often drops the last use of what goes.
const DeletionsPath = "destructiveChangesPost.xml"

// PackagePath is the manifest of what a package brings.
const PackagePath = "package.xml"

// Package puts the manifests of what is brought and what is deleted beside the
// component files. The same arguments always give the same bytes.
func Package(version string, content *Tree, bring, remove []Key) (*Tree, error) {
	files := map[string][]byte{PackagePath: ManifestOf(version, bring).Bytes()}
	if len(remove) > 0 {
		files[DeletionsPath] = ManifestOf("", remove).Bytes()
	}
	return content.With(files)
}

// Reverse makes the package that undoes bringing content to a target that held
// base: of the keys, what the target held comes back; and what content adds
// goes. It also gives the keys of what goes.
func Reverse(version string, content, base *Tree, keys []Key) (reverse *Tree, added []Key, err error) {
	var restore []Key
	for _, k := range keys {
		if base.Meaning(k) != "" {
			restore = append(restore, k)
		}
	}
	added = addedComponents(content, base)
	reverse, err = Package(version, base, restore, added)
	return reverse, added, err
}

// A Plan is what was frozen for one deployment: the package, what the target
// held before, and the package that undoes it.
type Plan struct {
	Version                string
	Bring, Remove          []Key
	Package, Base, Reverse *Tree
}

// Check finds out whether the plan holds what its keys name and nothing else,
// and whether its way back undoes just that. It gives an *Error with the code
// CodeUnasked that names the first thing that does not fit.
func (p Plan) Check() error {
	if err := CheckPackage(p.Package, p.Version, p.Bring, p.Remove); err != nil {
		return err
	}
	want, _, err := Reverse(p.Version, p.Package.Content(), p.Base.Content(), append(slices.Clone(p.Bring), p.Remove...))
	if err != nil {
		return err
	}
	if want.Hash() != p.Reverse.Hash() {
		return &Error{Code: CodeUnasked, Message: "The package for the way back does something else than undo the deployment.", Hint: "Run Scan again."}
	}
	return nil
}

// CheckPackage finds out whether a package is what Package makes for these
// keys: manifests that name exactly them, and component files that hold nothing
// else. It gives an *Error that names the first thing that is there unasked.
func CheckPackage(t *Tree, version string, bring, remove []Key) error {
	named := map[Key]bool{}
	for _, k := range bring {
		named[k] = true
	}
	for _, c := range t.Components() {
		// An object that is named brings its children; a file that a single
		// child lies in says nothing else of its owner's.
		if !named[c.Key] && !named[c.Key.Owner()] && !isHolder(c, named) {
			return &Error{Code: CodeUnasked, Message: fmt.Sprintf("The package holds %s, which nothing in it names.", c.Key), Hint: "Run Scan again."}
		}
	}
	want, err := Package(version, t.Content(), bring, remove)
	if err != nil {
		return err
	}
	if want.Hash() != t.Hash() {
		return &Error{Code: CodeUnasked, Message: "The manifests of the package name something else than the record does.", Hint: "Run Scan again."}
	}
	return nil
}

// isHolder: a container that only holds named children, such as the labels'
// file around one label.
func isHolder(c Component, named map[Key]bool) bool {
	t, known := TypeOf(c.Type)
	if !known || !t.isContainer() {
		return false
	}
	for k := range named {
		if k.Owner() == c.Key {
			return true
		}
	}
	return false
}

// addedComponents lists what a target that holds base lacks of content, as it
// can be named in a deletion: an object takes its children along, and a
// container such as a workflow goes by its parts. An object that a retrieve
// brings whole can hold new fields that nobody named; they are here too.
func addedComponents(content, base *Tree) []Key {
	there := map[Key]bool{}
	for _, c := range base.Components() {
		there[c.Key] = true
	}
	added := map[Key]bool{}
	for _, c := range content.Components() {
		if !there[c.Key] && c.Key.isDeletable() {
			added[c.Key] = true
		}
	}
	keys := []Key{}
	for _, c := range content.Components() {
		owner := c.Key.Owner()
		if added[c.Key] && (owner == c.Key || !added[owner]) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Owner is the component whose file holds k: the object of a field, the
// component itself where it has a file of its own.
func (k Key) Owner() Key {
	t, known := TypeOf(k.Type)
	if !known || t.Parent == "" {
		return k
	}
	if t.Parent == "CustomLabels" {
		return Key{Type: t.Parent, Name: t.Parent}
	}
	owner, _, _ := strings.Cut(k.Name, ".")
	return Key{Type: t.Parent, Name: owner}
}

// IsStandard says that a component comes with every org: a standard object or
// field, or a tab or app that Salesforce names itself.
func (k Key) IsStandard() bool {
	switch k.Type {
	case "CustomObject":
		return !strings.Contains(k.Name, "__")
	case "CustomField":
		_, field, _ := strings.Cut(k.Name, ".")
		return !strings.Contains(field, "__")
	}
	return strings.HasPrefix(k.Name, "standard-") || strings.HasPrefix(k.Name, "standard__")
}

func (k Key) isDeletable() bool {
	t, known := TypeOf(k.Type)
	if !known || k.IsStandard() {
		return false
	}
	return t.Name == "CustomObject" || len(t.Children()) == 0
}

// Meaning is a hash of what the tree says of a component, equal for equal
// meaning, and empty when it says nothing. Of an object that a retrieve brought
// without anything of its own it is that of its children's file.
func (t *Tree) Meaning(k Key) string {
	if h := t.HashOf(k); h != "" || k.Type != "CustomObject" {
		return h
	}
	path := "objects/" + k.Name + ".object"
	if _, ok := t.File(path); !ok {
		return ""
	}
	return t.subtree(func(p string) bool { return p == path }).NormalHash()
}

// OnlyNamed keeps the files that hold a component of the manifest. A retrieve
// of a report, for one, can bring its folder along.
func (t *Tree) OnlyNamed(m *Manifest) *Tree {
	named, wild := map[Key]bool{}, map[string]bool{}
	for typeName, names := range m.Members {
		for _, name := range names {
			named[Key{Type: typeName, Name: name}] = true
			wild[typeName] = wild[typeName] || name == "*"
		}
	}
	keep := map[string]bool{}
	for _, c := range t.Components() {
		// A standard object can come as a file that holds only its children.
		if owner := c.Key.Owner(); named[c.Key] || wild[c.Type] || named[owner] || wild[owner.Type] {
			for _, p := range c.Paths {
				keep[p] = true
			}
		}
	}
	return t.subtree(func(p string) bool { return keep[p] })
}
