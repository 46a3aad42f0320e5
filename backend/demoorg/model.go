package demoorg

import (
	"sort"
	"strings"
	"sync"
	"time"

	"countersign/backend/metadata"
)

// A stamp says who made a component and who changed it last; users by id.
type stamp struct {
	CreatedBy  string    `json:"createdBy"`
	Created    time.Time `json:"created"`
	ModifiedBy string    `json:"modifiedBy"`
	Modified   time.Time `json:"modified"`
}

// A component of the org: where it lies, and its stamp.
type component struct {
	stamp
	Paths []string `json:"-"`
}

// A model is the whole content of an org at one moment. It is never changed
// once it is in use: a deployment makes the next one, so that whoever reads an
// older one is not disturbed.
type model struct {
	tree       *metadata.Tree // by path in a metadata package, never package.xml
	components map[metadata.Key]component
	// strange are components of types that package metadata does not know;
	// their files are kept byte for byte, found by the seed's own package.xml.
	strange map[metadata.Key][]string

	byType map[string][]metadata.Key // sorted by name
	byPath map[string][]metadata.Key

	once sync.Once
	refs []metadata.Reference

	onceApex     sync.Once
	strangeWords map[string]bool
}

func newModel(files map[string][]byte, strange map[metadata.Key][]string) (*model, error) {
	tree, err := metadata.NewTree(files)
	if err != nil {
		return nil, err
	}
	m := &model{tree: tree, strange: strange, components: map[metadata.Key]component{}}
	for _, c := range tree.Components() {
		if c.Type != "" {
			m.components[c.Key] = component{Paths: c.Paths}
		}
	}
	for key, paths := range strange {
		m.components[key] = component{Paths: paths}
	}
	m.index()
	return m, nil
}

func (m *model) index() {
	m.byType = map[string][]metadata.Key{}
	m.byPath = make(map[string][]metadata.Key, m.tree.Len())
	for key, c := range m.components {
		m.byType[key.Type] = append(m.byType[key.Type], key)
		for _, path := range c.Paths {
			m.byPath[path] = append(m.byPath[path], key)
		}
	}
	for _, keys := range m.byType {
		sortKeys(keys)
	}
}

func sortKeys(keys []metadata.Key) {
	sort.Slice(keys, func(i, j int) bool { return keys[i].Less(keys[j]) })
}

func (m *model) has(key metadata.Key) bool {
	_, ok := m.components[key]
	return ok
}

// references gives what every component of the org refers to; worked out at
// the first question.
func (m *model) references() []metadata.Reference {
	m.once.Do(func() { m.refs = m.tree.References() })
	return m.refs
}

// next makes the model after a change: files are put in place of those of the
// same path, gone are taken away. A component in modified, or a new one, gets
// the new stamp; the others keep theirs.
func (m *model) next(put map[string][]byte, gone []string, strange map[metadata.Key][]string, modified map[metadata.Key]bool, by string, at time.Time) (*model, error) {
	tree, err := m.tree.Without(gone...).With(put)
	if err != nil {
		return nil, err
	}
	n := &model{
		tree:       tree,
		components: make(map[metadata.Key]component, len(m.components)+8),
		strange:    map[metadata.Key][]string{},
	}
	for _, known := range []map[metadata.Key][]string{m.strange, strange} {
		for key, paths := range known {
			if allThere(n.tree, paths) {
				n.strange[key] = paths
			}
		}
	}
	touched := m.touched(put, gone)
	n.derive(m, touched)
	for key, c := range n.components {
		old, existed := m.components[key]
		c.stamp = old.stamp
		if !existed {
			c.stamp = stamp{CreatedBy: by, Created: at, ModifiedBy: by, Modified: at}
		}
		if modified[key] {
			c.ModifiedBy, c.Modified = by, at
		}
		n.components[key] = c
	}
	n.index()
	return n, nil
}

func allThere(tree *metadata.Tree, paths []string) bool {
	for _, path := range paths {
		if _, ok := tree.File(path); !ok {
			return false
		}
	}
	return len(paths) > 0
}

// touched gives every path whose components must be looked at again: what
// changes, and what belongs to the same components.
func (m *model) touched(put map[string][]byte, gone []string) map[string]bool {
	touched := map[string]bool{}
	var work []string
	add := func(path string) {
		if !touched[path] {
			touched[path] = true
			work = append(work, path)
		}
	}
	for path := range put {
		add(path)
		for _, sibling := range m.siblings(path) {
			add(sibling)
		}
	}
	for _, path := range gone {
		add(path)
	}
	for len(work) > 0 {
		path := work[0]
		work = work[1:]
		for _, key := range m.byPath[path] {
			for _, other := range m.components[key].Paths {
				add(other)
			}
		}
	}
	return touched
}

// siblings are the files that form one component with a new file: its
// -meta.xml and its bundle.
func (m *model) siblings(path string) []string {
	if other, isMeta := strings.CutSuffix(path, "-meta.xml"); isMeta {
		return []string{other}
	}
	siblings := []string{path + "-meta.xml"}
	parts := strings.Split(path, "/")
	if len(parts) < 3 || !bundleDirs()[parts[0]] {
		return siblings
	}
	prefix := parts[0] + "/" + parts[1] + "/"
	for _, other := range m.tree.Paths() {
		if strings.HasPrefix(other, prefix) {
			siblings = append(siblings, other)
		}
	}
	return siblings
}

var bundleDirs = sync.OnceValue(func() map[string]bool {
	dirs := map[string]bool{}
	for _, t := range metadata.Types() {
		if t.Bundle {
			dirs[t.Dir] = true
		}
	}
	return dirs
})

// derive fills n.components: those of untouched files as in old, the others
// read from the files again.
func (n *model) derive(old *model, touched map[string]bool) {
	for key, c := range old.components {
		if !anyIn(c.Paths, touched) {
			n.components[key] = c
		}
	}
	for _, c := range only(n.tree, touched).Components() {
		if c.Type != "" {
			n.components[c.Key] = component{Paths: c.Paths}
		}
	}
	for key, paths := range n.strange {
		n.components[key] = component{Paths: paths}
	}
}

// only gives a tree of the files at the paths that are there.
func only(tree *metadata.Tree, keep map[string]bool) *metadata.Tree {
	files := map[string][]byte{}
	for path := range keep {
		if data, ok := tree.File(path); ok {
			files[path] = data
		}
	}
	kept, err := metadata.NewTree(files)
	if err != nil { // a part of a valid tree is valid
		panic("demoorg: " + err.Error())
	}
	return kept
}

func anyIn(paths []string, set map[string]bool) bool {
	for _, path := range paths {
		if set[path] {
			return true
		}
	}
	return false
}

// selectFiles gives the files that a retrieve of the keys brings: a file of which
// every component is wanted comes byte for byte, of others only the parts.
func (m *model) selectFiles(keys []metadata.Key) map[string][]byte {
	wanted := map[metadata.Key]bool{}
	whole := map[string]bool{}
	for _, key := range keys {
		wanted[key] = true
		if holdsOthers(key.Type) || m.strange[key] != nil {
			for _, path := range m.components[key].Paths {
				whole[path] = true
			}
		}
	}
	out, partial := map[string][]byte{}, map[string]bool{}
	for key := range wanted {
		for _, path := range m.components[key].Paths {
			if whole[path] || m.allWanted(path, wanted) {
				out[path], _ = m.tree.File(path)
			} else {
				partial[path] = true
			}
		}
	}
	selected := m.tree.Select(keys)
	for _, path := range selected.Paths() {
		if !partial[path] {
			continue
		}
		form, ok := m.formOf(path, wanted)
		if !ok {
			form, _ = selected.File(path)
		}
		out[path] = form
	}
	return out
}

func (m *model) allWanted(path string, wanted map[metadata.Key]bool) bool {
	for _, key := range m.byPath[path] {
		if !wanted[key] && !(isOwner(key.Type) && key.Type != "CustomObject") { // labels, workflows and rules are nothing without their children
			return false
		}
	}
	return true
}

// holdsOthers tells whether retrieving a component of the type brings its
// whole file with all its children, as CustomObject, CustomLabels and Workflow
// do.
func holdsOthers(typeName string) bool { return len(childTypes()[typeName]) > 0 }

var childTypes = sync.OnceValue(func() map[string][]string {
	children := map[string][]string{}
	for _, t := range metadata.Types() {
		if t.Parent != "" {
			children[t.Parent] = append(children[t.Parent], t.Name)
		}
	}
	return children
})
