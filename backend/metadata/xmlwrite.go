package metadata

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// xmlHeader opens every XML file that this package writes, as Salesforce does.
const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// sortAttrs orders attributes by namespace and name; their order never has a
// meaning in XML.
func sortAttrs(attrs []xml.Attr) {
	slices.SortFunc(attrs, func(a, b xml.Attr) int {
		if c := strings.Compare(a.Name.Space, b.Name.Space); c != 0 {
			return c
		}
		return strings.Compare(a.Name.Local, b.Name.Local)
	})
}

// document writes a whole file: header, root, newline at the end.
func document(root *node) []byte {
	var out bytes.Buffer
	out.WriteString(xmlHeader)
	w := xmlWriter{out: &out}
	w.element(root, "", 0, true)
	out.WriteByte('\n')
	return out.Bytes()
}

// fragment writes one element that stands alone, with the namespaces it needs
// and without a header.
func fragment(n *node) []byte {
	var out bytes.Buffer
	w := xmlWriter{out: &out}
	w.element(n, "", 0, true)
	out.WriteByte('\n')
	return out.Bytes()
}

type xmlWriter struct{ out *bytes.Buffer }

// element writes n at a depth; space is the default namespace around it, and
// root says that namespaces used below are declared here.
func (w xmlWriter) element(n *node, space string, depth int, root bool) {
	w.out.WriteByte('<')
	w.out.WriteString(n.name)
	if n.space != space {
		w.attribute("xmlns", n.space)
	}
	if root {
		w.schemaNamespaces(n)
	}
	w.attributes(n.attrs)
	if len(n.kids) == 0 && n.text == "" {
		w.out.WriteString("/>")
		return
	}
	w.out.WriteByte('>')
	w.inside(n, depth)
	w.out.WriteString("</")
	w.out.WriteString(n.name)
	w.out.WriteByte('>')
}

func (w xmlWriter) inside(n *node, depth int) {
	if len(n.kids) == 0 {
		escape(w.out, n.text, false)
		return
	}
	if n.isMixed() {
		for _, k := range n.kids {
			if k.isText() {
				escape(w.out, k.text, false)
				continue
			}
			w.element(k, n.space, depth+1, false)
		}
		return
	}
	for _, k := range n.kids {
		w.indent(depth + 1)
		w.element(k, n.space, depth+1, false)
	}
	w.indent(depth)
}

func (w xmlWriter) indent(depth int) {
	w.out.WriteByte('\n')
	for range depth {
		w.out.WriteString("    ")
	}
}

func (w xmlWriter) attribute(name, value string) {
	w.out.WriteByte(' ')
	w.out.WriteString(name)
	w.out.WriteString(`="`)
	escape(w.out, value, true)
	w.out.WriteByte('"')
}

// schemaNamespaces declares on the root what Salesforce declares there: the
// prefixes of xsi:type values, if the file has any.
func (w xmlWriter) schemaNamespaces(n *node) {
	usesXSI, usesXSD := schemaUse(n)
	if usesXSD {
		w.attribute("xmlns:xsd", xsdNamespace)
	}
	if usesXSI {
		w.attribute("xmlns:xsi", xsiNamespace)
	}
}

func schemaUse(n *node) (xsi, xsd bool) {
	for _, a := range n.attrs {
		if a.Name.Space == xsiNamespace {
			xsi = true
			xsd = xsd || a.Name.Local == "type" && strings.HasPrefix(a.Value, "xsd:")
		}
	}
	for _, k := range n.kids {
		i, d := schemaUse(k)
		xsi, xsd = xsi || i, xsd || d
	}
	return xsi, xsd
}

// attributes writes sorted attributes; one of a rare namespace declares a
// prefix of its own on the spot.
func (w xmlWriter) attributes(attrs []xml.Attr) {
	for i, a := range attrs {
		switch a.Name.Space {
		case "":
			w.attribute(a.Name.Local, a.Value)
		case xsiNamespace:
			w.attribute("xsi:"+a.Name.Local, a.Value)
		case xmlNamespace:
			w.attribute("xml:"+a.Name.Local, a.Value)
		default:
			prefix := "n" + strconv.Itoa(i)
			w.attribute("xmlns:"+prefix, a.Name.Space)
			w.attribute(prefix+":"+a.Name.Local, a.Value)
		}
	}
}

// escape writes text so that reading it gives the same text back: a carriage
// return written as it is would come back as a newline.
func escape(out *bytes.Buffer, s string, inAttribute bool) {
	from := 0
	for i := 0; i < len(s); i++ {
		code := escapeOf(s[i], inAttribute)
		if code == "" {
			continue
		}
		out.WriteString(s[from:i])
		out.WriteString(code)
		from = i + 1
	}
	out.WriteString(s[from:])
}

func escapeOf(c byte, inAttribute bool) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '\r':
		return "&#xD;"
	}
	if !inAttribute {
		return ""
	}
	switch c {
	case '"':
		return "&quot;"
	case '\n':
		return "&#xA;"
	case '\t':
		return "&#x9;"
	}
	return ""
}

// thousands writes 10001 as "10,001".
func thousands[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
