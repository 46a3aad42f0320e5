package salesforce

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
)

// A DeployTransport is the way on which deployments are sent, followed and
// canceled. Both do the same; retrieving knows SOAP only.
type DeployTransport string

const (
	// DeployBySOAP puts the zip into the message as base64. It is what the sf
	// CLI does unless told otherwise, and what "" means.
	DeployBySOAP DeployTransport = "soap"

	// DeployByREST sends the zip as it is, a quarter less (Metadata API Developer
	// Guide, "Deploying Metadata with REST"). Some orgs let REST through where a
	// gateway stops SOAP.
	DeployByREST DeployTransport = "rest"
)

const deployRequestPath = "/services/data/v{version}/metadata/deployRequest"

func (c *Client) byREST() bool { return c.wire.o.DeployBy == DeployByREST }

// either reads the answer of the transport in use: the element inside the SOAP
// body, or the JSON object.
func (c *Client) either(soap, rest func(*node) error) func(io.Reader) error {
	if c.byREST() {
		return readRESTWith(rest)
	}
	return c.readSOAP(nil, soap)
}

func readRESTWith(read func(*node) error) func(io.Reader) error {
	return func(body io.Reader) error {
		raw, err := readAll(body)
		if err != nil {
			return err
		}
		answer, err := parseJSON(raw)
		if err != nil {
			return err
		}
		return read(answer)
	}
}

// restID reads the id of a deployment just made. An answer without one is no
// acceptance.
func restID(answer *node, id *string) error {
	*id = answer.str("id")
	if !isID(*id) {
		return errNotWellMade
	}
	return nil
}

// restDeploy is a form of two parts, in the order and with the names of the sf
// CLI: the zip, then its options. Its end is the once body's tail, so that a
// request cut off in the zip is no whole message.
func restDeploy(s *Session, zip io.Reader, size int64, o DeployOptions) request {
	boundary := "countersign-" + randomHex()
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"deploy.zip\"\r\nContent-Type: application/zip\r\n\r\n"
	options := mustJSON(restOptions{Options: o.json()})
	tail := "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json\r\n\r\n" +
		string(options) + "\r\n--" + boundary + "--\r\n"
	exact := &exactReader{source: zip, left: size}
	body := &onceBody{front: io.MultiReader(bytes.NewReader([]byte(head)), exact), tail: bytes.NewReader([]byte(tail))}
	return request{
		op: "deploy", path: expand(deployRequestPath, s), bearer: s.AccessToken, method: http.MethodPost, form: formJSON, stream: true,
		media: "multipart/form-data; boundary=" + boundary, once: body, length: int64(len(head)) + size + int64(len(tail)),
	}
}

// randomHex is 128 bits: no zip holds them by chance.
func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see its documentation
	return hex.EncodeToString(b[:])
}

type restOptions struct {
	Options jsonDeployOptions `json:"deployOptions"`
}

// jsonDeployOptions is DeployOptions in the words of REST.
type jsonDeployOptions struct {
	AllowMissingFiles bool      `json:"allowMissingFiles"`
	AutoUpdatePackage bool      `json:"autoUpdatePackage"`
	CheckOnly         bool      `json:"checkOnly"`
	IgnoreWarnings    bool      `json:"ignoreWarnings"`
	PerformRetrieve   bool      `json:"performRetrieve"`
	PurgeOnDelete     bool      `json:"purgeOnDelete"`
	RollbackOnError   bool      `json:"rollbackOnError"`
	RunTests          []string  `json:"runTests,omitempty"`
	SinglePackage     bool      `json:"singlePackage"`
	TestLevel         TestLevel `json:"testLevel,omitempty"`
}

func (o DeployOptions) json() jsonDeployOptions { return jsonDeployOptions(o) }

// mustJSON is for values of our own types, which have a JSON form.
func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// restOnce is a small JSON message that goes out once.
func restOnce(s *Session, op, method, path string, message any) request {
	body, length := onceBytes(mustJSON(message))
	return request{op: op, path: path, bearer: s.AccessToken, method: method, form: formJSON, media: "application/json", once: body, length: length}
}

func restQuickDeploy(s *Session, validationID string) request {
	return restOnce(s, "quick deploy", http.MethodPost, expand(deployRequestPath, s), struct {
		ID string `json:"validatedDeployRequestId"`
	}{validationID})
}

func restCancel(s *Session, id string) request {
	type wish struct {
		Status DeployStatus `json:"status"`
	}
	return restOnce(s, "cancel deploy", http.MethodPatch, expand(deployRequestPath, s)+"/"+id, struct {
		Result wish `json:"deployResult"`
	}{wish{DeployCanceling}})
}

func restStatus(s *Session, id string, details bool) request {
	query := url.Values{}
	if details {
		query.Set("includeDetails", "true")
	}
	return request{op: "check deploy", path: expand(deployRequestPath, s) + "/" + id, query: query, bearer: s.AccessToken, form: formJSON}
}
