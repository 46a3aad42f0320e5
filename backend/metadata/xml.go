package metadata

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Namespace is the XML namespace of all metadata files (Metadata API Developer
// Guide, package.xml).
const Namespace = "http://soap.sforce.com/2006/04/metadata"

const (
	xsiNamespace = "http://www.w3.org/2001/XMLSchema-instance"
	xsdNamespace = "http://www.w3.org/2001/XMLSchema"
	xmlNamespace = "http://www.w3.org/XML/1998/namespace"
)

// Limits of one XML file. encoding/xml has none of its own in a token loop:
// three million open tags, nine megabytes, take half a gigabyte.
const (
	maxXMLBytes    = 10 << 20
	maxXMLDepth    = 64
	maxXMLElements = 200_000
	// A million comments in one value, or attributes on one element, cost more
	// than elements do.
	maxXMLTokens     = 1_200_000
	maxXMLAttributes = 64 // on one element, and namespace declarations in force
)

// CheckXML refuses with a bad_xml *Error what no metadata file needs and what
// hostile ones use: more than 10 MiB, 64 levels or 200,000 elements; a
// DOCTYPE, entities or processing instructions; a second root; another
// encoding than UTF-8; a namespace prefix or an attribute declared twice or
// not at all.
func CheckXML(b []byte) error {
	_, err := parseXML(b)
	if err != nil {
		return err
	}
	return nil
}

// parseXML reads b within the limits. What it returns is shared by readers and
// never changed afterwards.
func parseXML(b []byte) (*node, *Error) {
	if len(b) > maxXMLBytes {
		return nil, faultf(CodeBadXML, "The XML file has %s bytes; the limit is %s.", thousands(len(b)), thousands(maxXMLBytes))
	}
	if !utf8.Valid(b) {
		return nil, faultf(CodeBadXML, "The XML file is not UTF-8.")
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	p := &xmlParser{decoder: xml.NewDecoder(bytes.NewReader(b))}
	// RawToken leaves namespaces and matching tags to us, which lets an
	// undeclared prefix be refused: Token would pass it on as if it were a
	// namespace.
	for {
		token, err := p.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return p.finish()
		}
		if err != nil {
			return nil, p.fault("%s", xmlReason(err))
		}
		if fault := p.take(token); fault != nil {
			return nil, fault
		}
	}
}

type xmlParser struct {
	decoder  *xml.Decoder
	root     *node
	open     []openElement
	elements int
	tokens   int
	started  bool // anything but the XML declaration was seen
}

type openElement struct {
	node   *node
	prefix string
	scope  *scope
}

// A scope is one namespace declaration and those around it.
type scope struct {
	prefix, uri string
	outer       *scope
	depth       int // declarations in force, this one included
}

func (s *scope) lookup(prefix string) (string, bool) {
	for ; s != nil; s = s.outer {
		if s.prefix == prefix {
			return s.uri, true
		}
	}
	if prefix == "xml" {
		return xmlNamespace, true
	}
	return "", prefix == ""
}

func (p *xmlParser) fault(format string, args ...any) *Error {
	line, _ := p.decoder.InputPos()
	return faultf(CodeBadXML, "The XML file cannot be read at line %d: "+format+".", append([]any{line}, args...)...)
}

// xmlReason shortens what encoding/xml says; its message may quote the file.
func xmlReason(err error) string {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return strings.Trim(quoted(syntax.Msg), `"`)
	}
	return strings.Trim(quoted(strings.TrimPrefix(err.Error(), "xml: ")), `"`)
}

func (p *xmlParser) take(token xml.Token) *Error {
	if p.tokens++; p.tokens > maxXMLTokens {
		return p.fault("it has more than %s pieces of text, comments and elements", thousands(maxXMLTokens))
	}
	switch token := token.(type) {
	case xml.StartElement:
		return p.start(token)
	case xml.EndElement:
		return p.end(token)
	case xml.CharData:
		return p.chars(token)
	case xml.Comment:
		p.started = true
		if len(p.open) > 0 {
			p.open[len(p.open)-1].node.commented = true
		}
		return nil
	case xml.Directive:
		return p.fault("a DOCTYPE or other directive has no place in metadata")
	case xml.ProcInst:
		if token.Target == "xml" && !p.started {
			p.started = true
			return nil
		}
		return p.fault("a processing instruction has no place in metadata")
	}
	return p.fault("it holds an unknown token")
}

func (p *xmlParser) start(token xml.StartElement) *Error {
	p.started = true
	if p.elements++; p.elements > maxXMLElements {
		return p.fault("it has more than %s elements", thousands(maxXMLElements))
	}
	if len(p.open) >= maxXMLDepth {
		return p.fault("its elements are nested more than %d deep", maxXMLDepth)
	}
	if len(p.open) == 0 && p.root != nil {
		return p.fault("it has a second root element")
	}
	if len(token.Attr) > maxXMLAttributes {
		return p.fault("an element has more than %d attributes", maxXMLAttributes)
	}
	var outer *scope
	if len(p.open) > 0 {
		outer = p.open[len(p.open)-1].scope
	}
	inner, fault := p.declare(token.Attr, outer)
	if fault != nil {
		return fault
	}
	space, ok := inner.lookup(token.Name.Space)
	if !ok || token.Name.Local == "" {
		return p.fault("the prefix %s is not declared", quoted(token.Name.Space))
	}
	n := &node{name: token.Name.Local, space: space}
	if n.attrs, fault = p.attributes(token.Attr, inner); fault != nil {
		return fault
	}
	if len(p.open) == 0 {
		p.root = n
	} else {
		parent := p.open[len(p.open)-1].node
		parent.kids = append(parent.kids, n)
	}
	p.open = append(p.open, openElement{n, token.Name.Space, inner})
	return nil
}

// declare adds the element's own namespace declarations to the scope.
func (p *xmlParser) declare(attrs []xml.Attr, outer *scope) (*scope, *Error) {
	inner := outer
	for i, a := range attrs {
		prefix, is := declaredPrefix(a)
		if !is {
			continue
		}
		for _, b := range attrs[:i] {
			if other, also := declaredPrefix(b); also && other == prefix {
				return nil, p.fault("a namespace prefix is declared twice")
			}
		}
		if prefix != "" && a.Value == "" {
			return nil, p.fault("a namespace prefix is declared empty")
		}
		depth := 1
		if inner != nil {
			depth = inner.depth + 1
		}
		if depth > maxXMLAttributes {
			return nil, p.fault("more than %d namespaces are declared within each other", maxXMLAttributes)
		}
		inner = &scope{prefix, a.Value, inner, depth}
	}
	return inner, nil
}

func declaredPrefix(a xml.Attr) (string, bool) {
	if a.Name.Space == "xmlns" {
		return a.Name.Local, true
	}
	return "", a.Name.Space == "" && a.Name.Local == "xmlns"
}

func (p *xmlParser) attributes(attrs []xml.Attr, in *scope) ([]xml.Attr, *Error) {
	var kept []xml.Attr
	for _, a := range attrs {
		if _, is := declaredPrefix(a); is {
			continue
		}
		if a.Name.Space != "" {
			uri, ok := in.lookup(a.Name.Space)
			if !ok {
				return nil, p.fault("the prefix %s is not declared", quoted(a.Name.Space))
			}
			a.Name.Space = uri
		}
		if a.Name.Space == xsiNamespace && a.Name.Local == "type" {
			a.Value = schemaType(a.Value, in)
		}
		kept = append(kept, a)
	}
	sortAttrs(kept)
	for i := 1; i < len(kept); i++ {
		if kept[i].Name == kept[i-1].Name {
			return nil, p.fault("an attribute stands twice")
		}
	}
	return kept, nil
}

// schemaType writes the value of xsi:type with the usual prefix of XML Schema,
// whatever prefix the file gave it.
func schemaType(value string, in *scope) string {
	prefix, local, ok := strings.Cut(value, ":")
	if !ok {
		return value
	}
	uri, _ := in.lookup(prefix)
	switch {
	case uri == xsdNamespace:
		return "xsd:" + local
	case prefix == "xsd" && uri != "":
		return "{" + uri + "}" + local // not the usual prefix, though it looks like it
	}
	return value
}

func (p *xmlParser) end(token xml.EndElement) *Error {
	if len(p.open) == 0 {
		return p.fault("an element ends that never began")
	}
	last := p.open[len(p.open)-1]
	if last.node.name != token.Name.Local || last.prefix != token.Name.Space {
		return p.fault("element %s ends as %s", quoted(last.node.name), quoted(token.Name.Local))
	}
	p.open = p.open[:len(p.open)-1]
	last.node.settleText()
	return nil
}

func (p *xmlParser) chars(token xml.CharData) *Error {
	if len(p.open) == 0 {
		if len(bytes.TrimSpace(token)) > 0 {
			return p.fault("text stands outside the root element")
		}
		return nil
	}
	n := p.open[len(p.open)-1].node
	n.kids = append(n.kids, &node{text: string(token)})
	return nil
}

func (p *xmlParser) finish() (*node, *Error) {
	if len(p.open) > 0 {
		return nil, p.fault("element %s never ends", quoted(p.open[len(p.open)-1].node.name))
	}
	if p.root == nil {
		return nil, faultf(CodeBadXML, "The XML file is empty.")
	}
	return p.root, nil
}
