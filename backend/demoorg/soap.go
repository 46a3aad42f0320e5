package demoorg

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Requests are read leniently, by local name and with any prefix: real clients
// do not obey the WSDL, and Salesforce lets them. Answers obey it.

// maxSOAPBody is what Salesforce takes: a zip of 39 MB in base64, and the rest.
const maxSOAPBody = 56 << 20

// A node is an element of a request.
type node struct {
	name string
	text string
	kids []*node
}

func (n *node) kid(names ...string) *node {
	if n == nil {
		return nil
	}
	for _, name := range names {
		for _, k := range n.kids {
			if strings.EqualFold(k.name, name) {
				return k
			}
		}
	}
	return nil
}

// value gives the text of the first of the children that is there.
func (n *node) value(names ...string) string {
	if k := n.kid(names...); k != nil {
		return strings.TrimSpace(k.text)
	}
	return ""
}

func (n *node) values(name string) []string {
	var list []string
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if strings.EqualFold(k.name, name) {
			list = append(list, strings.TrimSpace(k.text))
		}
	}
	return list
}

func (n *node) yes(name string) bool { return n.is(name, false) }

func (n *node) is(name string, otherwise bool) bool {
	switch strings.ToLower(n.value(name)) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return otherwise
}

// A soapRequest is a request without its zip, which lies in a file.
type soapRequest struct {
	session   string
	operation *node
	zip       *incoming
}

func (r *soapRequest) discard() {
	if r.zip != nil {
		r.zip.abandon()
	}
}

var errNoZip = errors.New("the zip file is not base64")

// readSOAP reads a request; mayZip says that an element ZipFile is expected.
func (o *Org) readSOAP(body io.Reader) (*soapRequest, error) {
	r := &soapRequest{}
	diverter := &zipDiverter{in: bufio.NewReaderSize(body, 32<<10)}
	diverter.into = func() (w io.Writer, err error) {
		r.zip, err = o.receive()
		return r.zip, err
	}
	envelope, err := readNode(diverter)
	if err != nil {
		r.discard()
		if base64Fault(err) {
			return nil, errNoZip
		}
		return nil, err
	}
	if !strings.EqualFold(envelope.name, "Envelope") {
		r.discard()
		return nil, fmt.Errorf("the root is %s, not Envelope", envelope.name)
	}
	r.session = envelope.kid("Header").kid("SessionHeader").value("sessionId")
	if b := envelope.kid("Body"); b != nil && len(b.kids) > 0 {
		r.operation = b.kids[0]
		return r, o.wrappedZip(r)
	}
	r.discard()
	return nil, errors.New("the body is empty")
}

func base64Fault(err error) bool {
	var corrupt base64.CorruptInputError
	return errors.As(err, &corrupt)
}

// wrappedZip takes a zip that came as CDATA, which the diverter leaves in the
// XML.
func (o *Org) wrappedZip(r *soapRequest) error {
	field := r.operation.kid("ZipFile")
	if field == nil || strings.TrimSpace(field.text) == "" || r.zip == nil {
		return nil
	}
	data := base64.NewDecoder(base64.StdEncoding, strings.NewReader(strings.Join(strings.Fields(field.text), "")))
	if _, err := io.Copy(r.zip, data); err != nil {
		r.discard()
		if base64Fault(err) {
			return errNoZip
		}
		return err
	}
	return nil
}

const (
	maxDepth    = 60
	maxElements = 200_000
)

// readNode reads XML without entities of its own, to a bounded depth and
// number.
func readNode(in io.Reader) (*node, error) {
	d := xml.NewDecoder(in)
	d.Strict = true
	root, elements := &node{}, 0
	stack := []*node{root}
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, errors.New("a DOCTYPE is not allowed")
		case xml.StartElement:
			if elements++; elements > maxElements || len(stack) > maxDepth {
				return nil, errors.New("the message is too large or too deep")
			}
			k := &node{name: t.Name.Local}
			top := stack[len(stack)-1]
			top.kids = append(top.kids, k)
			stack = append(stack, k)
		case xml.EndElement:
			if len(stack) < 2 || stack[len(stack)-1].name != t.Name.Local {
				return nil, fmt.Errorf("the element %s ends where it doesn't begin", t.Name.Local)
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			stack[len(stack)-1].text += string(t)
		}
	}
	if len(root.kids) != 1 || len(stack) != 1 {
		return nil, errors.New("the message is not whole")
	}
	return root.kids[0], nil
}

const (
	metadataHead = xml.Header + `<soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `" xmlns="` + nsMetadata + `" xmlns:xsi="` + nsInstance + `"><soapenv:Body>`
	partnerHead  = xml.Header + `<soapenv:Envelope xmlns:soapenv="` + nsEnvelope + `" xmlns="` + nsPartner + `" xmlns:xsi="` + nsInstance + `"><soapenv:Body>`
	soapTail     = `</soapenv:Body></soapenv:Envelope>`
)

// answer writes <operationResponse> with one result for each value.
func writeSOAP(w http.ResponseWriter, head, operation string, results ...any) error {
	var out bytes.Buffer
	out.WriteString(head)
	out.WriteString("<" + operation + "Response>")
	e := xml.NewEncoder(&out)
	for _, r := range results {
		if err := e.EncodeElement(r, xml.StartElement{Name: xml.Name{Local: "result"}}); err != nil {
			return err
		}
	}
	if err := e.Flush(); err != nil {
		return err
	}
	out.WriteString("</" + operation + "Response>" + soapTail)
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(out.Bytes())
	return err
}

// writeFault writes a fault of the metadata service: a 500 without detail.
func writeFault(w http.ResponseWriter, f *fault) {
	fmt.Fprint(faultWriter(w), xml.Header, `<soapenv:Envelope xmlns:soapenv="`, nsEnvelope, `" xmlns:sf="`, nsMetadata,
		`"><soapenv:Body><soapenv:Fault><faultcode>sf:`, f.code, `</faultcode><faultstring>`, f.code, `: `, escaped(f.text),
		`</faultstring></soapenv:Fault>`, soapTail)
}

// writePartnerFault writes a fault of the partner service, with its detail.
func writePartnerFault(w http.ResponseWriter, kind string, f *fault) {
	fmt.Fprint(faultWriter(w), xml.Header, `<soapenv:Envelope xmlns:soapenv="`, nsEnvelope, `" xmlns:sf="`, nsPartnerFault, `" xmlns:xsi="`, nsInstance,
		`"><soapenv:Body><soapenv:Fault><faultcode>sf:`, f.code, `</faultcode><faultstring>`, f.code, `: `, escaped(f.text),
		`</faultstring><detail><sf:`, kind, ` xsi:type="sf:`, kind, `"><sf:exceptionCode>`, f.code, `</sf:exceptionCode><sf:exceptionMessage>`,
		escaped(f.text), `</sf:exceptionMessage></sf:`, kind, `></detail></soapenv:Fault>`, soapTail)
}

func faultWriter(w http.ResponseWriter) http.ResponseWriter {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(http.StatusInternalServerError)
	return w
}

func escaped(s string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(s)) // a buffer takes everything
	return out.String()
}
