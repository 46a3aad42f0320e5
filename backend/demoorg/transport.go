package demoorg

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Transport reaches the org without a socket: a request is served by a
// goroutine of this process, its body and the answer's stream. The host of the
// URL does not matter. A canceled context ends the call and the handler's
// context, as a broken connection would.
func (o *Org) Transport() http.RoundTripper { return &transport{handler: o.Handler("")} }

type transport struct{ handler http.Handler }

// RoundTrip returns when the handler has begun its answer.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	served := r.Clone(ctx)
	served.RequestURI = r.URL.RequestURI()
	served.RemoteAddr = "in process"
	served.Proto, served.ProtoMajor, served.ProtoMinor = "HTTP/1.1", 1, 1
	if served.Host == "" {
		served.Host = r.URL.Host
	}
	if served.Body == nil {
		served.Body = http.NoBody
	}
	reader, writer := io.Pipe()
	w := &pipeWriter{header: http.Header{}, begun: make(chan struct{}), body: writer}
	go w.serve(t.handler, served)
	stop := context.AfterFunc(ctx, func() { writer.CloseWithError(context.Cause(ctx)) })
	select {
	case <-w.begun:
	case <-r.Context().Done():
		cancel()
		return nil, r.Context().Err()
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.sent, Body: &pipeBody{PipeReader: reader, cancel: cancel, stop: stop}, ContentLength: -1, Request: r,
	}, nil
}

// A pipeWriter is the answer on its way; only the handler's goroutine writes
// it.
type pipeWriter struct {
	header http.Header
	begun  chan struct{}
	once   sync.Once
	status int
	sent   http.Header
	body   *io.PipeWriter
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		close(w.begun)
	})
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// serve runs the handler; the body of the request is closed as a RoundTripper
// must.
func (w *pipeWriter) serve(handler http.Handler, r *http.Request) {
	var failure error
	defer func() {
		if p := recover(); p != nil { // only http.ErrAbortHandler comes this far
			failure = errors.New("the demo org broke the connection")
		}
		_ = r.Body.Close()
		w.WriteHeader(http.StatusOK)
		w.body.CloseWithError(failure) // nil is the end of the answer
	}()
	handler.ServeHTTP(w, r)
}

// A pipeBody ends the handler's context when the client is done with it.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
	stop   func() bool
}

func (b *pipeBody) Close() error {
	b.stop()
	b.cancel()
	return b.PipeReader.Close()
}
