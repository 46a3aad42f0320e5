package salesforce

import (
	"context"
	"errors"
	"io"
	"time"

	"countersign/backend/governance"
)

// patience is how many answers in a row Retrieve may miss while it waits: a
// retrieve goes on in the org whether we listen or not.
const patience = 5

// Retrieve asks the org for components and writes their zip to w as it
// arrives; it is never in memory as a whole. progress, which may be nil, hears
// each status. When the org cannot retrieve, the fault is limit_exceeded or
// retrieve_failed and the result is returned beside it. Members that do not
// exist are Messages, not errors. After any error w may hold a part of a zip.
func (c *Client) Retrieve(ctx context.Context, r RetrieveRequest, w io.Writer, progress func(RetrieveStatus)) (*RetrieveResult, error) {
	if progress == nil {
		progress = func(RetrieveStatus) {}
	}
	ctx, cancel := context.WithTimeout(ctx, c.wire.o.RetrieveLimit)
	defer cancel()
	id, err := c.startRetrieve(ctx, r)
	if err != nil {
		return nil, err
	}
	if err := c.awaitRetrieve(ctx, id, r.named(), progress); err != nil {
		return nil, err
	}
	return c.fetchRetrieved(ctx, id, w)
}

func (c *Client) startRetrieve(ctx context.Context, r RetrieveRequest) (id string, err error) {
	contents, err := r.contents(c.Session().APIVersion)
	if err != nil {
		return "", err
	}
	message := func(s *Session) []byte { return retrieveMessage(s, r, contents) }
	err = c.soap(ctx, "retrieve", message, func(response *node) error { return resultID(response, &id) })
	return id, err
}

// awaitRetrieve asks at the pace of so many components until the org says done.
func (c *Client) awaitRetrieve(ctx context.Context, id string, components int, progress func(RetrieveStatus)) error {
	pace, missed := Pace{First: c.wire.o.PollInterval}, 0
	for {
		status, done, err := c.retrieveStatus(ctx, id)
		switch {
		case err == nil:
			missed = 0
			progress(status)
		case ctx.Err() == nil && (isTransient(err) || governance.FaultCode(err) == CodeNotSalesforce) && missed < patience:
			missed++
		default:
			return err
		}
		if err == nil && done {
			return nil
		}
		if err := sleep(ctx, pace.Next(components, 0)); err != nil {
			return c.retrieveTimeout(err)
		}
	}
}

func (c *Client) retrieveTimeout(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return governance.Faultf(CodeRetrieveFailed, "%s did not finish the retrieve in time.", c.host()).
		WithHint("Try again, or choose fewer customizations.").Because(err)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) retrieveStatus(ctx context.Context, id string) (status RetrieveStatus, done bool, err error) {
	message := func(s *Session) []byte { return checkRetrieveMessage(s, id, false) }
	err = c.soap(ctx, "check retrieve", message, func(response *node) error {
		result := response.child("result")
		if result == nil {
			return errNotWellMade
		}
		status, done = RetrieveStatus(result.str("status")), result.bool("done")
		return nil
	})
	return status, done, err
}

// fetchRetrieved asks once more, with the zip. The org forgets a zip that it
// has handed out, so this is not repeated after a failure.
func (c *Client) fetchRetrieved(ctx context.Context, id string, w io.Writer) (*RetrieveResult, error) {
	counted := &countingWriter{out: w}
	var result *RetrieveResult
	err := c.call(ctx, func(s *Session) request {
		return request{op: "fetch retrieved zip", path: soapPath(s), body: checkRetrieveMessage(s, id, true), form: formXML, stream: true}
	}, c.readSOAP(counted, func(response *node) error {
		result = readRetrieveResult(response.child("result"))
		if result == nil {
			return errNotWellMade
		}
		return nil
	}))
	if err != nil {
		return nil, err
	}
	result.ZipSize = counted.written
	return result, c.retrieveFault(result)
}

func readRetrieveResult(n *node) *RetrieveResult {
	if n == nil {
		return nil
	}
	result := &RetrieveResult{
		ID:              n.str("id"),
		Status:          RetrieveStatus(n.str("status")),
		Success:         n.bool("success"),
		ErrorMessage:    n.str("errorMessage"),
		ErrorStatusCode: n.str("errorStatusCode"),
		FileProperties:  readFileProperties(n.all("fileProperties")),
		Messages:        []RetrieveMessage{},
	}
	for _, m := range n.all("messages") {
		result.Messages = append(result.Messages, RetrieveMessage{FileName: m.str("fileName"), Problem: m.str("problem")})
	}
	return result
}

// retrieveFault is nil for a retrieve that succeeded. Versions before 31 send
// no status: there, a zip is the success.
func (c *Client) retrieveFault(result *RetrieveResult) error {
	if result.ZipSize > 0 && (result.Success || result.Status == "") {
		return nil
	}
	refused := &APIError{Status: 200, Code: result.ErrorStatusCode, Message: redact(result.ErrorMessage)}
	if refused.Code == "LIMIT_EXCEEDED" {
		base, err := CheckURL(c.Session().InstanceURL)
		if err != nil {
			return err
		}
		return refusalFault(base, refused)
	}
	message := sentence(refused.Message)
	if message == "" {
		message = "it sent no zip."
	}
	return governance.Faultf(CodeRetrieveFailed, "%s could not retrieve: %s", c.host(), message).
		WithHint("Check what is to be retrieved, and try again.").Because(refused)
}

// host names the org in messages.
func (c *Client) host() string {
	base, err := CheckURL(c.Session().InstanceURL)
	if err != nil {
		return "The org"
	}
	return base.Hostname()
}
