package salesforce

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"
	"strconv"
)

// The order of elements below is the WSDL's. Salesforce itself is lenient; we
// are not, so that a request can be checked against the schema.

const clientName = "Countersign"

// An envelope builds a SOAP message.
type envelope struct {
	bytes.Buffer
}

// element writes <name>text</name>, escaped.
func (e *envelope) element(name, text string) {
	e.open(name)
	_ = xml.EscapeText(e, []byte(text)) // a bytes.Buffer does not fail
	e.close(name)
}

func (e *envelope) bool(name string, value bool) { e.element(name, strconv.FormatBool(value)) }

func (e *envelope) open(name string)  { e.WriteString("<" + name + ">") }
func (e *envelope) close(name string) { e.WriteString("</" + name + ">") }

const (
	envelopeHead = `<?xml version="1.0" encoding="UTF-8"?>` +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="`
	metadataNamespace = "http://soap.sforce.com/2006/04/metadata"
	partnerNamespace  = "urn:partner.soap.sforce.com"
)

// newEnvelope begins a Metadata API message; the session goes into its header
// and nowhere else.
func newEnvelope(token Secret) *envelope {
	e := &envelope{}
	e.WriteString(envelopeHead + metadataNamespace + `">`)
	e.open("soapenv:Header")
	e.open("SessionHeader")
	e.element("sessionId", token.Reveal())
	e.close("SessionHeader")
	e.open("CallOptions")
	e.element("client", clientName)
	e.close("CallOptions")
	e.close("soapenv:Header")
	e.open("soapenv:Body")
	return e
}

func (e *envelope) end() []byte {
	e.close("soapenv:Body")
	e.close("soapenv:Envelope")
	return e.Bytes()
}

// loginMessage is the partner API's login(). The security token has no field:
// it is appended to the password.
func loginMessage(username string, password, token Secret) []byte {
	e := &envelope{}
	e.WriteString(envelopeHead + partnerNamespace + `">`)
	e.open("soapenv:Body")
	e.open("login")
	e.element("username", username)
	e.element("password", password.Reveal()+token.Reveal())
	e.close("login")
	return e.end()
}

func describeMessage(s *Session) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("describeMetadata")
	e.element("asOfVersion", s.APIVersion)
	e.close("describeMetadata")
	return e.end()
}

func listMessage(s *Session, queries []ListQuery) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("listMetadata")
	for _, q := range queries {
		e.open("queries")
		if q.Folder != "" {
			e.element("folder", q.Folder)
		}
		e.element("type", q.Type)
		e.close("queries")
	}
	e.element("asOfVersion", s.APIVersion)
	e.close("listMetadata")
	return e.end()
}

func retrieveMessage(s *Session, r RetrieveRequest, contents manifest) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("retrieve")
	e.open("retrieveRequest")
	e.element("apiVersion", s.APIVersion)
	for _, name := range r.PackageNames {
		e.element("packageNames", name)
	}
	e.bool("singlePackage", r.SinglePackage)
	if len(contents.types) > 0 {
		e.unpackaged(contents)
	}
	e.close("retrieveRequest")
	e.close("retrieve")
	return e.end()
}

func (e *envelope) unpackaged(contents manifest) {
	e.open("unpackaged")
	for _, t := range contents.types {
		e.open("types")
		for _, member := range t.Members {
			e.element("members", member)
		}
		e.element("name", t.Type)
		e.close("types")
	}
	e.element("version", contents.version)
	e.close("unpackaged")
}

func checkRetrieveMessage(s *Session, id string, includeZip bool) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("checkRetrieveStatus")
	e.element("asyncProcessId", id)
	e.bool("includeZip", includeZip)
	e.close("checkRetrieveStatus")
	return e.end()
}

func checkDeployMessage(s *Session, id string, includeDetails bool) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("checkDeployStatus")
	e.element("asyncProcessId", id)
	e.bool("includeDetails", includeDetails)
	e.close("checkDeployStatus")
	return e.end()
}

func cancelMessage(s *Session, id string) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("cancelDeploy")
	e.element("String", id) // the WSDL's own name for the id
	e.close("cancelDeploy")
	return e.end()
}

func recentValidationMessage(s *Session, validationID string) []byte {
	e := newEnvelope(s.AccessToken)
	e.open("deployRecentValidation")
	e.element("validationId", validationID)
	e.close("deployRecentValidation")
	return e.end()
}

// deployMessage is the message around a zip: what comes before it and after it.
func deployMessage(s *Session, o DeployOptions) (head, tail []byte) {
	h := newEnvelope(s.AccessToken)
	h.open("deploy")
	h.open("ZipFile")
	t := &envelope{}
	t.close("ZipFile")
	t.deployOptions(o)
	t.close("deploy")
	return h.Bytes(), t.end()
}

func (e *envelope) deployOptions(o DeployOptions) {
	e.open("DeployOptions")
	e.bool("allowMissingFiles", o.AllowMissingFiles)
	e.bool("autoUpdatePackage", o.AutoUpdatePackage)
	e.bool("checkOnly", o.CheckOnly)
	e.bool("ignoreWarnings", o.IgnoreWarnings)
	e.bool("performRetrieve", o.PerformRetrieve)
	e.bool("purgeOnDelete", o.PurgeOnDelete)
	e.bool("rollbackOnError", o.RollbackOnError)
	for _, test := range o.RunTests {
		e.element("runTests", test)
	}
	e.bool("singlePackage", o.SinglePackage)
	if o.TestLevel != "" {
		e.element("testLevel", string(o.TestLevel))
	}
	e.close("DeployOptions")
}

// deployBody streams head, the zip in base64, tail; it returns the length of
// all, in bytes.
func deployBody(head []byte, zip io.Reader, size int64, tail []byte) (*onceBody, int64) {
	front := io.MultiReader(bytes.NewReader(head), newBase64Reader(zip, size))
	length := int64(len(head)) + int64(base64.StdEncoding.EncodedLen(int(size))) + int64(len(tail))
	return &onceBody{front: front, tail: bytes.NewReader(tail)}, length
}
