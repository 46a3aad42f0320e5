package metadata

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// A Change is one difference between two versions of a file.
type Change struct {
	// Path says where: "fields[Region__c].length" in XML, "line 12" in text,
	// "" for a file that can only be compared as a whole.
	Path string `json:"path"`
	// Kind is ChangeAdded, ChangeRemoved, ChangeChanged or ChangeMoved.
	Kind string `json:"kind"`
	// Before and After are the values, shortened to 4,000 bytes; an element
	// with children is shown as its XML.
	Before string `json:"before"`
	After  string `json:"after"`
}

// Kinds of a Change.
const (
	ChangeAdded   = "added"
	ChangeRemoved = "removed"
	ChangeChanged = "changed"
	ChangeMoved   = "moved" // the same items in another order, where order counts
)

// MaxChanges bounds what Diff gives; the last Change then says so.
const MaxChanges = 2_000

const maxShown = 4_000

// Diff tells how two versions of a file differ in meaning: it gives no Change
// exactly when their normal forms are equal. Nil means that the file is not
// there on that side; an empty file is not nil.
func Diff(path string, before, after []byte) []Change {
	var out changes
	switch {
	case before == nil && after == nil:
	case before == nil:
		out.add(Change{Kind: ChangeAdded, After: shown(after)})
	case after == nil:
		out.add(Change{Kind: ChangeRemoved, Before: shown(before)})
	default:
		diffFiles(&out, path, before, after)
	}
	return out.list()
}

func diffFiles(out *changes, path string, before, after []byte) {
	a, b := metadataXML(path, before), metadataXML(path, after)
	if a != nil && b != nil {
		out.element("", a, b)
		return
	}
	x, y := string(plainNormal(path, before)), string(plainNormal(path, after))
	switch {
	case a != nil:
		x = string(document(a))
	case b != nil:
		y = string(document(b))
	}
	if x == y {
		return
	}
	if isBinary(x) || isBinary(y) {
		out.add(Change{Kind: ChangeChanged, Before: size(x), After: size(y)})
		return
	}
	out.lines(x, y)
}

func shown(b []byte) string {
	if isBinary(string(b)) {
		return size(string(b))
	}
	return short(string(b))
}

func isBinary(s string) bool {
	return strings.ContainsRune(s, 0) || strings.ToValidUTF8(s, "") != s
}

func size(s string) string { return thousands(len(s)) + " bytes" }

// short bounds a value without cutting a character.
func short(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return strings.ToValidUTF8(s[:maxShown], "") + "..."
}

// changes collects up to MaxChanges.
type changes struct {
	found []Change
	more  int
}

func (c *changes) add(change Change) {
	if len(c.found) >= MaxChanges-1 {
		c.more++
		return
	}
	c.found = append(c.found, change)
}

func (c *changes) list() []Change {
	if c.found == nil {
		return []Change{}
	}
	if c.more > 0 {
		return append(c.found, Change{Path: "", Kind: ChangeChanged, After: "and " + thousands(c.more) + " more"})
	}
	return c.found
}

// element compares two canonical elements of one name.
func (c *changes) element(path string, a, b *node) {
	c.attributes(path, a, b)
	if a.name != b.name || a.space != b.space || a.isMixed() || b.isMixed() || len(a.kids) == 0 || len(b.kids) == 0 {
		c.whole(path, a, b)
		return
	}
	i, j := 0, 0
	for i < len(a.kids) || j < len(b.kids) {
		name, space := firstName(a.kids, b.kids, i, j)
		as := run(a.kids[i:], name, space)
		bs := run(b.kids[j:], name, space)
		i, j = i+len(as), j+len(bs)
		c.group(path, a.name, as, bs)
	}
}

// whole compares what cannot be compared piece by piece: leaves, mixed text.
func (c *changes) whole(path string, a, b *node) {
	if len(a.kids) == 0 && len(b.kids) == 0 && a.name == b.name && a.space == b.space {
		if a.text != b.text {
			c.add(Change{path, ChangeChanged, short(a.text), short(b.text)})
		}
		return
	}
	bare := func(n *node) *node { return &node{name: n.name, space: n.space, kids: n.kids, text: n.text} }
	x, y := string(fragment(bare(a))), string(fragment(bare(b)))
	if x != y {
		c.add(Change{path, ChangeChanged, short(x), short(y)})
	}
}

func (c *changes) attributes(path string, a, b *node) {
	values := func(n *node) map[string]string {
		m := map[string]string{}
		for _, attr := range n.attrs {
			name := attr.Name.Local
			if attr.Name.Space == xsiNamespace {
				name = "xsi:" + name
			} else if attr.Name.Space != "" {
				name = "{" + attr.Name.Space + "}" + name
			}
			m[name] = attr.Value
		}
		return m
	}
	before, after := values(a), values(b)
	var names []string
	for name := range before {
		names = append(names, name)
	}
	for name := range after {
		if _, both := before[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		x, was := before[name]
		y, is := after[name]
		if x == y && was == is {
			continue
		}
		c.add(Change{join(path, "@"+name), kindOf(was, is), short(x), short(y)})
	}
}

func kindOf(was, is bool) string {
	switch {
	case !was:
		return ChangeAdded
	case !is:
		return ChangeRemoved
	}
	return ChangeChanged
}

func join(path, step string) string {
	if path == "" {
		return step
	}
	return path + "." + step
}

// firstName gives the name that comes first of the two sorted child lists.
func firstName(a, b []*node, i, j int) (string, string) {
	switch {
	case i == len(a):
		return b[j].name, b[j].space
	case j == len(b):
		return a[i].name, a[i].space
	}
	if cmp.Or(cmp.Compare(a[i].name, b[j].name), cmp.Compare(a[i].space, b[j].space)) <= 0 {
		return a[i].name, a[i].space
	}
	return b[j].name, b[j].space
}

// run gives the children of one name at the start of a sorted list.
func run(kids []*node, name, space string) []*node {
	n := 0
	for n < len(kids) && kids[n].name == name && kids[n].space == space {
		n++
	}
	return kids[:n]
}

// group compares the children of one name.
func (c *changes) group(path, parent string, as, bs []*node) {
	name := ""
	if len(as) > 0 {
		name = as[0].name
	} else {
		name = bs[0].name
	}
	by, isSet := keyedLists[parent+">"+name]
	ordered := false
	if !isSet {
		by, ordered = orderedKeys[parent+">"+name]
	}
	if isSet || ordered {
		x, okX := byKey(by, as)
		y, okY := byKey(by, bs)
		if okX && okY {
			c.keyed(join(path, name), x, y, ordered)
			return
		}
	}
	if len(as) <= 1 && len(bs) <= 1 {
		c.single(join(path, name), as, bs)
		return
	}
	c.sequence(join(path, name), as, bs)
}

func (c *changes) single(path string, as, bs []*node) {
	switch {
	case len(as) == 0:
		c.add(Change{path, ChangeAdded, "", valueOf(bs[0])})
	case len(bs) == 0:
		c.add(Change{path, ChangeRemoved, valueOf(as[0]), ""})
	default:
		c.element(path, as[0], bs[0])
	}
}

// valueOf shows an element: a leaf as its text, any other as XML.
func valueOf(n *node) string {
	if len(n.kids) == 0 && len(n.attrs) == 0 {
		return short(n.text)
	}
	return short(string(fragment(n)))
}

type keyedNode struct {
	key  string
	node *node
}

// byKey gives the items with their keys, or false when a key is missing or
// stands twice, since then it tells nothing apart.
func byKey(by []string, items []*node) ([]keyedNode, bool) {
	seen := make(map[string]bool, len(items))
	list := make([]keyedNode, len(items))
	for i, item := range items {
		key := keyOf(by, item)
		if key == "" || seen[key] {
			return nil, false
		}
		seen[key] = true
		list[i] = keyedNode{key, item}
	}
	return list, true
}

// keyed compares two lists whose items have keys.
func (c *changes) keyed(path string, as, bs []keyedNode, ordered bool) {
	after := make(map[string]*node, len(bs))
	for _, b := range bs {
		after[b.key] = b.node
	}
	before := make(map[string]bool, len(as))
	for _, a := range as {
		before[a.key] = true
	}
	var keptBefore, keptAfter []string
	for _, a := range as {
		at := path + "[" + label(a.key) + "]"
		b, both := after[a.key]
		if !both {
			c.add(Change{at, ChangeRemoved, valueOf(a.node), ""})
			continue
		}
		keptBefore = append(keptBefore, a.key)
		c.element(at, a.node, b)
	}
	for _, b := range bs {
		if !before[b.key] {
			c.add(Change{path + "[" + label(b.key) + "]", ChangeAdded, "", valueOf(b.node)})
			continue
		}
		keptAfter = append(keptAfter, b.key)
	}
	if ordered && !slices.Equal(keptBefore, keptAfter) {
		c.add(Change{path, ChangeMoved, short(strings.Join(keptBefore, ", ")), short(strings.Join(keptAfter, ", "))})
	}
}

// label bounds a key in a path and keeps it on one line.
func label(key string) string {
	key = strings.Join(strings.Fields(key), " ")
	if runes := []rune(key); len(runes) > 120 {
		return string(runes[:120]) + "..."
	}
	return key
}

// sequence compares two lists whose order counts and whose items have no keys.
func (c *changes) sequence(path string, as, bs []*node) {
	x, y := contents(as), contents(bs)
	for _, e := range lcs(x, y) {
		switch {
		case e.before >= 0 && e.after >= 0:
			c.element(path+"["+strconv.Itoa(e.before+1)+"]", as[e.before], bs[e.after])
		case e.before >= 0:
			c.add(Change{path + "[" + strconv.Itoa(e.before+1) + "]", ChangeRemoved, valueOf(as[e.before]), ""})
		default:
			c.add(Change{path + "[" + strconv.Itoa(e.after+1) + "]", ChangeAdded, "", valueOf(bs[e.after])})
		}
	}
}

func contents(items []*node) []string {
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = string(fragment(item))
	}
	return list
}
