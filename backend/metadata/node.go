package metadata

import (
	"encoding/xml"
	"strings"
)

// A node is one element, or a piece of text when name is empty. Text of an
// element without child elements is in text; an element that mixes text and
// elements has text nodes among its kids.
type node struct {
	name, space string
	attrs       []xml.Attr // without xmlns declarations, sorted
	kids        []*node
	text        string
	commented   bool // a comment stands inside its text
}

// child gives the first child element of that name, or nil.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return nil
}

// value gives the trimmed text of the first child of that name, or "".
func (n *node) value(name string) string {
	if k := n.child(name); k != nil {
		return strings.TrimSpace(k.text)
	}
	return ""
}

// all gives the child elements of that name.
func (n *node) all(name string) []*node {
	var found []*node
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			found = append(found, k)
		}
	}
	return found
}

func (n *node) isText() bool { return n.name == "" }

func (n *node) isMixed() bool {
	for _, k := range n.kids {
		if k.isText() {
			return true
		}
	}
	return false
}

// settleText moves the text of an element without child elements into text,
// and drops the white space between child elements; real mixed content stays
// as it is, with one text node between two elements.
func (n *node) settleText() {
	elements, words := 0, false
	for _, k := range n.kids {
		if !k.isText() {
			elements++
		} else if strings.TrimSpace(k.text) != "" {
			words = true
		}
	}
	if elements == 0 {
		n.text = textOfRun(n.kids)
		n.kids = nil
		return
	}
	var kept []*node
	for i := 0; i < len(n.kids); {
		end := i
		for end < len(n.kids) && n.kids[end].isText() {
			end++
		}
		if end == i {
			kept = append(kept, n.kids[i])
			i++
			continue
		}
		if words {
			kept = append(kept, &node{text: textOfRun(n.kids[i:end])})
		}
		i = end
	}
	n.kids = kept
}

func textOfRun(run []*node) string {
	if len(run) == 1 {
		return run[0].text
	}
	var text strings.Builder
	for _, k := range run {
		text.WriteString(k.text)
	}
	return text.String()
}
