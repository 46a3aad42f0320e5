package demoorg

import (
	"countersign/backend/metadata"
)

// A file that holds components of several packages is written anew at every
// deployment, and a retrieve of a part of it too. A form is how a package wrote
// its part: it lies beside the content, and a retrieve of exactly that part
// brings it back byte for byte, as long as nothing in it was changed since.

const formDir = ".forms/"

// keepForm keeps the package's form of a file that the org holds more of. The
// caller gives the file as it will be.
func (c *check) keepForm(path string, data []byte, put map[string][]byte, gone map[string]bool) {
	form, _ := c.p.content.File(path)
	if form == nil || string(form) == string(data) || !c.wholeForm(path) {
		if _, ok := c.q.org.tree.File(formDir + path); ok && string(form) == string(data) {
			gone[formDir+path] = true
		}
		return
	}
	put[formDir+path] = form
}

// wholeForm tells whether every component of the package's file is deployed.
func (c *check) wholeForm(path string) bool {
	for key := range metadata.Split(only(c.p.content, map[string]bool{path: true})) {
		o := c.adds[key]
		container := isOwner(key.Type) && key.Type != "CustomObject"
		if o == nil && !container || o != nil && o.problem != "" {
			return false
		}
	}
	return true
}

// formOf gives the form of a file when it holds just the wanted components, as
// they are now.
func (m *model) formOf(path string, wanted map[metadata.Key]bool) ([]byte, bool) {
	form, ok := m.tree.File(formDir + path)
	if !ok {
		return nil, false
	}
	alone, err := metadata.NewTree(map[string][]byte{path: form})
	if err != nil {
		return nil, false
	}
	was, is := metadata.Split(alone), metadata.Split(only(m.tree, map[string]bool{path: true}))
	for _, key := range m.byPath[path] {
		if _, there := was[key]; wanted[key] && !there {
			return nil, false
		}
	}
	for key, part := range was {
		now, there := is[key]
		container := isOwner(key.Type) && key.Type != "CustomObject"
		if !container && (!there || !wanted[key] || !samePart(part, now)) {
			return nil, false
		}
	}
	return form, true
}
