package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"countersign/backend/governance"
)

// A Client speaks to one org for one session. It may be used by many
// goroutines. Close it when it is no longer needed.
type Client struct {
	wire *wire

	mu        sync.Mutex
	session   *Session
	expired   bool  // the org said so
	renewOver error // renewing was refused: asking again could lock the user out

	renewing chan struct{} // holds one token while somebody renews
}

// NewClient returns a client for s. Nothing is sent.
func NewClient(s *Session, o Options) *Client {
	session := *s
	return &Client{wire: newWire(o), session: &session, renewing: make(chan struct{}, 1)}
}

// Close closes idle connections. Requests under way are not ended.
func (c *Client) Close() {
	if t, ok := c.wire.o.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Session returns the session in use; it changes when it is renewed.
func (c *Client) Session() Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *c.session
}

// LastServerTime returns the Date header of the org's last answer, and the zero
// time before the first. It is the org's clock, not ours.
func (c *Client) LastServerTime() time.Time { return c.wire.lastServerTime() }

// current returns the session to use. One that the org has called expired is
// renewed first: nothing has been sent yet, so this is safe for every call.
func (c *Client) current(ctx context.Context) (session *Session, renewed bool, err error) {
	c.mu.Lock()
	session, renewed = c.session, c.expired && c.wire.o.Renew != nil
	c.mu.Unlock()
	if renewed {
		session, err = c.renew(ctx, session)
	}
	return session, renewed, err
}

// renew signs in again in place of used, unless somebody already has.
func (c *Client) renew(ctx context.Context, used *Session) (*Session, error) {
	select {
	case c.renewing <- struct{}{}:
		defer func() { <-c.renewing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.mu.Lock()
	current, over := c.session, c.renewOver
	c.mu.Unlock()
	if current != used {
		return current, nil
	}
	if over != nil {
		return nil, over
	}
	fresh, err := c.wire.o.Renew(ctx)
	if err == nil {
		err = sameOrg(used, fresh)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		if !isTransient(err) && !isInTheWay(err) {
			c.renewOver = err
		}
		return nil, err
	}
	session := *fresh
	c.session, c.expired = &session, false
	return c.session, nil
}

// sameOrg refuses a sign-in that ended in another org.
func sameOrg(used, fresh *Session) error {
	if fresh == nil {
		return ErrSessionExpired
	}
	if used.OrganizationID == "" || fresh.OrganizationID == "" || ID18(used.OrganizationID) == ID18(fresh.OrganizationID) {
		return nil
	}
	return governance.Faultf(CodeWrongOrg, "The new sign-in leads to another org than before.").
		WithHint("Sign in to the org of this environment.")
}

// isTransient says whether the same call may well succeed later.
func isTransient(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	switch governance.FaultCode(err) {
	case CodeOrgUnreachable, CodeUnavailable, CodeBadAnswer, CodeLocked, CodeTooSlow, CodeSFTimeout:
		return true
	}
	return false
}

// isInTheWay says whether something between us and the org answered in its
// stead, or the org answers nobody for now: no word about the sign-in itself.
func isInTheWay(err error) bool {
	switch governance.FaultCode(err) {
	case CodeNotSalesforce, CodeTLS, CodeRequestLimit, CodeRedirected:
		return true
	}
	return false
}

func (c *Client) markExpired(used *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == used {
		c.expired = true
	}
}

// call sends the request that build makes. If the session has expired, it is
// renewed and the request is repeated once.
func (c *Client) call(ctx context.Context, build func(*Session) request, read func(io.Reader) error) error {
	session, renewed, err := c.current(ctx)
	if err != nil {
		return err
	}
	err = c.send(ctx, session, build, read)
	if renewed || c.wire.o.Renew == nil || !errors.Is(err, ErrSessionExpired) {
		return err
	}
	if session, _, err = c.current(ctx); err != nil {
		return err
	}
	return c.send(ctx, session, build, read)
}

// callOnce sends the request that build makes, and never a second one.
func (c *Client) callOnce(ctx context.Context, build func(*Session) request, read func(io.Reader) error) error {
	session, _, err := c.current(ctx)
	if err != nil {
		return notSent(err)
	}
	var body *onceBody
	err = c.send(ctx, session, func(s *Session) request {
		r := build(s)
		body = r.once
		return r
	}, read)
	if err == nil {
		return nil
	}
	if body == nil || !body.handed.Load() || isRefusal(err) {
		return notSent(err)
	}
	return unknownOutcome(err)
}

func (c *Client) send(ctx context.Context, s *Session, build func(*Session) request, read func(io.Reader) error) error {
	base, err := CheckURL(s.InstanceURL)
	if err != nil {
		return err
	}
	r := build(s)
	r.base = base
	err = c.wire.do(ctx, r, read)
	if errors.Is(err, ErrSessionExpired) {
		c.markExpired(s)
	}
	return err
}

// inconclusive are codes that Salesforce also sends when it broke down in the
// middle of its work.
var inconclusive = map[string]bool{
	"": true, "Server": true, "UNKNOWN_EXCEPTION": true, "REQUEST_RUNNING_TOO_LONG": true,
	"INTERNAL_ERROR": true, "INTERNAL_SERVER_ERROR": true, "TRANSACTION_QUOTA_EXCEEDED": true,
}

// isRefusal says whether the org answered, in so many words, that it did not
// accept the call.
func isRefusal(err error) bool {
	var refused *APIError
	if !errors.As(err, &refused) {
		return false
	}
	if refused.Code == "" && refused.Status == http.StatusRequestTimeout {
		return false // a gateway's word: it says who was slow, not what became of it
	}
	if refused.Status >= 300 && refused.Status < 500 {
		return true
	}
	return !inconclusive[refused.Code]
}

// soapPath is where the Metadata API of a version is.
func soapPath(s *Session) string { return "/services/Soap/m/" + s.APIVersion }

// soap asks the Metadata API; read gets the response element inside the body.
func (c *Client) soap(ctx context.Context, op string, message func(*Session) []byte, read func(response *node) error) error {
	return c.call(ctx, func(s *Session) request {
		return request{op: op, path: soapPath(s), body: message(s), form: formXML}
	}, c.readSOAP(nil, read))
}

// readSOAP parses an answer; a zip in it goes to zip.
func (c *Client) readSOAP(zip io.Writer, read func(response *node) error) func(io.Reader) error {
	return func(body io.Reader) error {
		root, _, err := parseXML(body, zip)
		if err != nil {
			return err
		}
		response, err := c.responseOf(root)
		if err != nil {
			return err
		}
		return read(response)
	}
}

// responseOf returns the element that answers the call, or the fault.
func (c *Client) responseOf(root *node) (*node, error) {
	if refused := faultOf(root); refused != nil {
		base, err := CheckURL(c.Session().InstanceURL)
		if err != nil {
			return nil, err
		}
		return nil, refusalFault(base, refused)
	}
	body := root.child("Body")
	if root.name != "Envelope" || body == nil || len(body.children) != 1 {
		return nil, errNotWellMade
	}
	return body.children[0], nil
}

// rest asks a REST resource and decodes the JSON answer into out.
func (c *Client) rest(ctx context.Context, op, path string, query url.Values, out any) error {
	return c.call(ctx, func(s *Session) request {
		return request{op: op, path: expand(path, s), query: query, bearer: s.AccessToken, form: formJSON}
	}, func(body io.Reader) error { return readJSON(body, out) })
}

// readJSON decodes one JSON value and demands that nothing follows it.
func readJSON(body io.Reader, out any) error {
	text, err := readAll(body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, out); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset >= int64(len(bytes.TrimRight(text, " \r\n"))) {
			return errCutOff
		}
		return errNotWellMade
	}
	return nil
}

// readAll reads an answer into memory, up to the limit of answers.
func readAll(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxAnswerBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxAnswerBytes {
		return nil, errTooLarge
	}
	return text, nil
}
