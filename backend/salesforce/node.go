package salesforce

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// limits bound an answer. encoding/xml has none of its own: nine megabytes of
// open tags take half a gigabyte.
type limits struct {
	bytes    int64 // without the zip, which is streamed
	elements int
	depth    int
}

var answerLimits = limits{bytes: maxAnswerBytes, elements: 2_000_000, depth: 64}

const (
	maxAnswerBytes = 64 << 20
	maxZipBytes    = 1 << 30 // far above Salesforce's 39 MB: a stop, not a rule
)

// A node is one element of an answer. Namespaces and prefixes are dropped: the
// local names of these messages are unambiguous.
type node struct {
	name     string
	text     string
	children []*node
}

var (
	errTooLarge    = errors.New("the answer is larger than allowed")
	errNotWellMade = errors.New("the answer is not the XML that was expected")
	errCutOff      = errors.New("the answer was cut off")
)

// child returns the first child of that name, or nil.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// at follows a path of names, or returns nil.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		n = n.child(name)
	}
	return n
}

// all returns every child of that name: none, one or many.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, c := range n.children {
		if c.name == name {
			found = append(found, c)
		}
	}
	return found
}

// str returns the trimmed text of a child, "" when it is missing or nil.
func (n *node) str(name string) string {
	c := n.child(name)
	if c == nil {
		return ""
	}
	return strings.TrimSpace(c.text)
}

// strs returns the texts of every child of that name, never nil.
func (n *node) strs(name string) []string {
	texts := []string{}
	for _, c := range n.all(name) {
		texts = append(texts, strings.TrimSpace(c.text))
	}
	return texts
}

func (n *node) bool(name string) bool {
	text := n.str(name)
	return text == "true" || text == "1"
}

// int reads a number, 0 when it is missing or none.
func (n *node) int(name string) int { return int(n.int64(name)) }

func (n *node) int64(name string) int64 {
	value, err := strconv.ParseInt(n.str(name), 10, 64)
	if err != nil {
		return 0
	}
	return value
}

func (n *node) float(name string) float64 {
	value, err := strconv.ParseFloat(n.str(name), 64)
	if err != nil {
		return 0
	}
	return value
}

func (n *node) time(name string) time.Time { return parseTime(n.str(name)) }

// parseTime reads the dates of both APIs: SOAP ends in Z, REST in +0000. An
// empty or strange date is the zero time.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// An answerReader reads an answer byte by byte for the decoder, and whole runs
// of base64 for the zip. It must stay an io.ByteReader: only then does
// xml.Decoder leave the bytes after a token where they are.
type answerReader struct {
	buffer *bufio.Reader
	left   int64 // bytes that may still come
	before byte  // the byte before the last one
	last   byte
}

func (r *answerReader) ReadByte() (byte, error) {
	b, err := r.buffer.ReadByte()
	if err != nil {
		return 0, err
	}
	if r.left--; r.left < 0 {
		return 0, errTooLarge
	}
	r.before, r.last = r.last, b
	return b, nil
}

// Read is there because xml.NewDecoder asks for an io.Reader; it is not called.
func (r *answerReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// selfClosed says whether the tag just read ended in "/>".
func (r *answerReader) selfClosed() bool { return r.before == '/' && r.last == '>' }

// parseXML reads one document into a tree. The text of a zipFile element is
// decoded into zip as it arrives and never kept; a nil zip throws it away. It
// returns the number of bytes written to zip.
func parseXML(source io.Reader, zip io.Writer) (*node, int64, error) {
	return parseWithin(source, zip, answerLimits)
}

func parseWithin(source io.Reader, zip io.Writer, most limits) (*node, int64, error) {
	reader := &answerReader{buffer: bufio.NewReaderSize(source, 64<<10), left: most.bytes}
	p := &parser{reader: reader, decoder: xml.NewDecoder(reader), zip: base64Writer{out: zip}, most: most}
	root, err := p.document()
	if err != nil {
		return nil, p.zip.written, describeXMLError(err)
	}
	return root, p.zip.written, nil
}

type parser struct {
	reader   *answerReader
	decoder  *xml.Decoder
	zip      base64Writer
	most     limits
	elements int
}

// document reads the root element and demands that nothing follows it.
func (p *parser) document() (*node, error) {
	var root *node
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, fmt.Errorf("%w: a document type", errNotWellMade)
		case xml.StartElement:
			if root != nil {
				return nil, fmt.Errorf("%w: a second root", errNotWellMade)
			}
			if root, err = p.element(t, 1); err != nil {
				return nil, err
			}
		}
	}
}

func (p *parser) element(start xml.StartElement, depth int) (*node, error) {
	if p.elements++; p.elements > p.most.elements || depth > p.most.depth {
		return nil, errTooLarge
	}
	n := &node{name: start.Name.Local}
	if n.name == "zipFile" {
		return n, p.zipText()
	}
	var text strings.Builder
	for {
		token, err := p.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			child, err := p.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, child)
		case xml.EndElement:
			if len(n.children) == 0 {
				n.text = text.String()
			}
			return n, nil
		case xml.Directive:
			return nil, fmt.Errorf("%w: a directive", errNotWellMade)
		}
	}
}

// zipText decodes the text of the zipFile element up to its end tag.
func (p *parser) zipText() error {
	open := !p.reader.selfClosed()
	for {
		if open {
			if err := p.base64Run(); err != nil {
				return err
			}
		}
		token, err := p.decoder.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return p.zip.finish()
		case xml.CharData: // a CDATA section
			if err := p.zip.decode(t); err != nil {
				return err
			}
		case xml.Comment:
		default:
			return fmt.Errorf("%w: an element inside the zip", errNotWellMade)
		}
	}
}

// base64Run hands everything before the next "<" to the base64 decoder.
func (p *parser) base64Run() error {
	for {
		run, err := p.reader.buffer.ReadSlice('<')
		found := err == nil
		if found {
			run = run[:len(run)-1]
		}
		if err := p.zip.decode(run); err != nil {
			return err
		}
		if found {
			return p.reader.buffer.UnreadByte()
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// describeXMLError tells an answer that was cut off from one that was never
// right, and drops the decoder's line numbers.
func describeXMLError(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errCutOff
	case errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF"):
		return errCutOff
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: %s", errNotWellMade, syntax.Msg)
	}
	return err
}
