package salesforce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// A wire carries single requests: it knows time limits, sizes and how an answer
// is told from a failure, and nothing of sessions.
type wire struct {
	o          Options
	serverTime atomic.Pointer[time.Time]
}

func newWire(o Options) *wire { return &wire{o: o.withDefaults()} }

// form is the language of an answer.
type form int

const (
	formXML form = iota
	formJSON
)

// A request is one HTTP request and how it may be treated.
type request struct {
	op     string   // for the log and for messages, for example "list metadata"
	base   *url.URL // scheme and host
	method string   // "" is POST for XML and GET for JSON
	path   string
	query  url.Values
	bearer Secret    // REST only; SOAP carries the session in its header
	body   []byte    // a message
	media  string    // content type of a REST message
	once   *onceBody // a body that goes out once; used instead of body
	length int64     // of once
	form   form
	stream bool // large: the limit is on standing still, not on the whole
}

// onceBody is a request body that can be read once. It knows whether its last
// part was handed over: as long as it was not, the org cannot have a whole
// message, and so cannot have accepted it.
type onceBody struct {
	front    io.Reader
	tail     io.Reader
	frontEnd bool
	handed   atomic.Bool
	moved    func()

	mu     sync.Mutex
	closed bool
	broken error // the caller's own reader failed
}

var errBodyClosed = errors.New("the request has ended")

func (b *onceBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, errBodyClosed
	}
	if b.moved != nil {
		b.moved()
	}
	if !b.frontEnd {
		n, err := b.front.Read(p)
		if err == nil || n > 0 {
			return n, nil
		}
		if !errors.Is(err, io.EOF) {
			b.broken = err
			return 0, err
		}
		b.frontEnd = true
	}
	b.handed.Store(true)
	return b.tail.Read(p)
}

// Close ends reading: once it returns, the zip is the caller's again. net/http
// may still be writing the body when the answer is already there.
func (b *onceBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// failure is why the caller's own reader could not be read, or nil.
func (b *onceBody) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

// onceBytes makes a onceBody of a small message.
func onceBytes(message []byte) (*onceBody, int64) {
	cut := len(message) / 2
	return &onceBody{front: bytes.NewReader(message[:cut]), tail: bytes.NewReader(message[cut:])}, int64(len(message))
}

// do sends r and hands the body of a good answer to read. Failures come back as
// faults that name the host, or wrap the caller's context error.
func (w *wire) do(ctx context.Context, r request, read func(body io.Reader) error) error {
	started := time.Now()
	status, err := w.exchange(ctx, r, read)
	w.o.Log.LogAttrs(ctx, slog.LevelDebug, "salesforce request",
		slog.String("op", r.op), slog.String("host", r.base.Host), slog.Int("status", status),
		slog.Duration("took", time.Since(started)), slog.Bool("ok", err == nil))
	return err
}

func (w *wire) exchange(ctx context.Context, r request, read func(body io.Reader) error) (status int, err error) {
	limited, watch := w.limit(ctx, r)
	defer watch.stop()
	req, err := r.http(limited)
	if err != nil {
		return 0, err
	}
	transport := w.o.Transport
	if r.once != nil {
		var done func()
		transport, done = onceTransport(transport)
		defer done()
		r.once.moved = watch.moved
		defer r.once.Close()
	}
	client := &http.Client{Transport: transport, CheckRedirect: followSameHost}
	resp, err := client.Do(req)
	if err != nil && r.once != nil && r.once.failure() != nil {
		return 0, fmt.Errorf("%s at %s: %w", r.op, r.base.Hostname(), r.once.failure())
	}
	if err != nil {
		return 0, networkFault(limited, r, withoutURL(err))
	}
	defer resp.Body.Close()
	return resp.StatusCode, w.answer(limited, r, resp, watch, read)
}

func (w *wire) answer(ctx context.Context, r request, resp *http.Response, watch *watchdog, read func(io.Reader) error) error {
	body := &watchedBody{source: resp.Body, moved: watch.moved}
	if r.once != nil { // the answer to a large request is small: it has the time limit as a whole
		watch.moved()
		body.moved = func() {}
	}
	if !isGood(r, resp.StatusCode) {
		return w.refusal(ctx, r, resp, body)
	}
	if fault := checkForm(r, resp.Header.Get("Content-Type")); fault != nil {
		return fault
	}
	w.noteTime(resp)
	if err := read(body); err != nil {
		return answerFault(ctx, r, body.err, err)
	}
	return nil
}

// isGood says whether an answer is what was asked for. SOAP knows 200 only;
// REST says 201 for what it made and 202 for what it will do.
func isGood(r request, status int) bool {
	return status == http.StatusOK || r.form == formJSON && (status == http.StatusCreated || status == http.StatusAccepted)
}

// maxRefusalBytes is how much of an error page is read.
const maxRefusalBytes = 1 << 20

func (w *wire) refusal(ctx context.Context, r request, resp *http.Response, body io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(body, maxRefusalBytes))
	if err != nil && ctx.Err() != nil {
		return networkFault(ctx, r, err)
	}
	refused := readRefusal(resp.StatusCode, resp.Header.Get("Content-Type"), text)
	if refused.Code != "" {
		w.noteTime(resp)
	}
	return refusalFault(r.base, refused)
}

// noteTime keeps the Date header of an answer that is Salesforce's own.
func (w *wire) noteTime(resp *http.Response) {
	if t, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		utc := t.UTC()
		w.serverTime.Store(&utc)
	}
}

func (w *wire) lastServerTime() time.Time {
	if t := w.serverTime.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

func (r request) http(ctx context.Context) (*http.Request, error) {
	address := *r.base
	address.Path = r.path
	address.RawQuery = r.query.Encode()
	method := r.method
	switch {
	case method == "" && r.form == formXML:
		method = http.MethodPost
	case method == "":
		method = http.MethodGet
	}
	var body io.Reader
	if method != http.MethodGet {
		body = bytes.NewReader(r.body)
	}
	if r.once != nil {
		body = r.once
	}
	req, err := http.NewRequestWithContext(ctx, method, address.String(), body)
	if err != nil {
		return nil, withoutURL(err)
	}
	req.Header.Set("User-Agent", clientName)
	if r.form == formXML {
		req.Header.Set("Content-Type", "text/xml; charset=UTF-8")
		req.Header.Set("SOAPAction", `""`)
		req.Header.Set("Accept", "text/xml")
	} else {
		req.Header.Set("Accept", "application/json")
	}
	if r.media != "" {
		req.Header.Set("Content-Type", r.media)
	}
	if !r.bearer.IsEmpty() {
		req.Header.Set("Authorization", "Bearer "+r.bearer.Reveal())
	}
	if r.once != nil {
		req.ContentLength, req.GetBody, req.Close = r.length, nil, true
	}
	return req, nil
}

// errStalled is why a watchdog ended a request.
var errStalled = errors.New("time limit")

// A watchdog ends a request that takes too long or stands still.
type watchdog struct {
	idle   *time.Timer // nil when the limit is on the whole
	limit  time.Duration
	whole  *time.Timer
	cancel context.CancelCauseFunc
}

func (w *wire) limit(ctx context.Context, r request) (context.Context, *watchdog) {
	limited, cancel := context.WithCancelCause(ctx)
	stall := func() { cancel(errStalled) }
	watch := &watchdog{cancel: cancel, limit: w.o.Timeout}
	if !r.stream {
		watch.whole = time.AfterFunc(w.o.Timeout, stall)
		return limited, watch
	}
	watch.idle = time.AfterFunc(w.o.Timeout, stall)
	watch.whole = time.AfterFunc(w.o.Timeout*streamFactor, stall)
	return limited, watch
}

// moved says that a byte went either way.
func (d *watchdog) moved() {
	if d.idle != nil {
		d.idle.Reset(d.limit)
	}
}

func (d *watchdog) stop() {
	d.whole.Stop()
	if d.idle != nil {
		d.idle.Stop()
	}
	d.cancel(nil)
}

// watchedBody tells the watchdog of each read and remembers why reading ended.
type watchedBody struct {
	source io.Reader
	moved  func()
	err    error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.source.Read(p)
	if n > 0 {
		b.moved()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}
