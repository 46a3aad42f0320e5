// Package badnet is a bad network, for tests: a line to an org, over real TCP on
// loopback, that does to chosen requests what networks, proxies and gateways do.
// Nothing that ships imports it.
package badnet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A Fault is what happens to one request.
type Fault string

const (
	None              Fault = ""
	ResetAtOnce       Fault = "resets before it has read the request"
	ResetBeforeAnswer Fault = "resets before the headers"
	ResetInHeaders    Fault = "resets in the headers"
	ResetAfterHeaders Fault = "resets after the headers"
	OtherProtocol     Fault = "speaks another protocol"
	Truncate          Fault = "truncates the body"
	Stall             Fault = "stalls before the answer"
	StallInBody       Fault = "stalls in the body"
	Drip              Fault = "sends one byte at a time"
	DripBody          Fault = "sends the body one byte at a time"
	Expired           Fault = "401: the session has ended"
	Unauthorized      Fault = "401 without a word"
	OverLimit         Fault = "403 REQUEST_LIMIT_EXCEEDED"
	ServerError       Fault = "500"
	Unavailable       Fault = "503"
	Page              Fault = "a page with status 200"
	BrokenGzip        Fault = "broken gzip"
	WrongType         Fault = "the wrong content type"
)

// All is every fault, in the order of an exchange.
var All = []Fault{ResetAtOnce, ResetBeforeAnswer, ResetInHeaders, ResetAfterHeaders, OtherProtocol, Truncate, Stall, StallInBody, Drip, DripBody,
	Expired, Unauthorized, OverLimit, ServerError, Unavailable, Page, BrokenGzip, WrongType}

// Delivers says whether the org gets the request, and does what it asks, before
// its answer is spoilt.
func (f Fault) Delivers() bool {
	switch f {
	case None, ResetInHeaders, ResetBeforeAnswer, ResetAfterHeaders, OtherProtocol, Truncate, StallInBody, Drip, DripBody, BrokenGzip, WrongType:
		return true
	case ResetAtOnce, Stall, Expired, Unauthorized, OverLimit, ServerError, Unavailable, Page:
		return false
	}
	panic("badnet: no such fault: " + string(f))
}

// A Request is one that came over the line.
type Request struct {
	Number int    // from 1, since the line was opened or broken last
	Op     string // the SOAP operation, or method and resource: "GET /query"
}

// A Line leads to one org.
type Line struct {
	Interval time.Duration // between two bytes of Drip; set it before the first request

	org    http.Handler
	listen net.Listener
	conns  sync.WaitGroup
	ended  chan struct{}

	mu     sync.Mutex
	plan   func(Request) Fault
	seen   []Request
	open   map[net.Conn]bool
	number int
	busy   int // requests that the org is busy with
	idle   *sync.Cond
}

// Open gives a line on a free port; org makes the handler for its host and port.
func Open(org func(host string) http.Handler) (*Line, error) {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Line{Interval: 10 * time.Millisecond, org: org(listen.Addr().String()), listen: listen, ended: make(chan struct{}), open: map[net.Conn]bool{}}
	l.idle = sync.NewCond(&l.mu)
	l.conns.Go(l.accept)
	return l, nil
}

// Host is the line's host and port.
func (l *Line) Host() string { return l.listen.Addr().String() }

// URL is the line's address.
func (l *Line) URL() string { return "http://" + l.Host() }

// Break makes plan choose what happens to each request from now on; nil lets
// all pass. Numbers begin anew. A plan must return ResetAtOnce by the number
// alone: nothing else is known then, and Op is "".
func (l *Line) Break(plan func(Request) Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.plan, l.number, l.seen = plan, 0, nil
}

// From is a plan: a fault for every request from the given number on.
func From(number int, f Fault) func(Request) Fault {
	return func(r Request) Fault {
		if r.Number >= number {
			return f
		}
		return None
	}
}

// Seen is what came since the line was broken last.
func (l *Line) Seen() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Request{}, l.seen...)
}

// Settle waits until the org is done with what it got, whoever still listens.
func (l *Line) Settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.busy > 0 {
		l.idle.Wait()
	}
}

func (l *Line) isDone() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	l.idle.Broadcast()
}

// HangUp ends all connections, what the org is busy with first; the line stays
// open for new ones.
func (l *Line) HangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.open) > 0 {
		for conn := range l.open {
			_ = conn.Close()
		}
		l.idle.Wait()
	}
}

// Close ends the line and waits for all that it started.
func (l *Line) Close() {
	_ = l.listen.Close()
	close(l.ended)
	l.HangUp()
	l.conns.Wait()
}

func (l *Line) accept() {
	for {
		conn, err := l.listen.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		l.open[conn] = true
		l.idle.Broadcast()
		l.mu.Unlock()
		l.conns.Go(func() {
			l.serve(conn)
			_ = conn.Close()
			l.mu.Lock()
			delete(l.open, conn)
			l.idle.Broadcast()
			l.mu.Unlock()
		})
	}
}

// serve answers one request after the other until one is spoilt.
func (l *Line) serve(conn net.Conn) {
	reader := bufio.NewReader(conn)
	for {
		if _, err := reader.Peek(1); err != nil {
			return
		}
		number, fault := l.arrives()
		if fault == ResetAtOnce {
			reset(conn)
			return
		}
		r, err := http.ReadRequest(reader)
		if err != nil {
			_, _ = conn.Write(headed(http.StatusBadRequest, http.Header{"Connection": {"close"}}, 0))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body, r.RemoteAddr = io.NopCloser(bytes.NewReader(body)), conn.RemoteAddr().String()
		fault = l.isRead(Request{number, operation(r, body)})
		head, words := l.words(r, fault)
		l.isDone()
		if !l.answer(conn, fault, head, words) || r.Close {
			return
		}
	}
}

func (l *Line) arrives() (number int, f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	if l.plan != nil {
		f = l.plan(Request{Number: l.number})
	}
	return l.number, f
}

func (l *Line) isRead(r Request) (f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, r)
	l.busy++
	if l.plan != nil {
		f = l.plan(r)
	}
	return f
}

var (
	soapOperation = regexp.MustCompile(`Body[^>]*>\s*<(?:\w+:)?(\w+)`)
	dataVersion   = regexp.MustCompile(`^/services(?:/data/v[0-9.]+)?`)
	recordID      = regexp.MustCompile(`/[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$`)
)

func operation(r *http.Request, body []byte) string {
	if m := soapOperation.FindSubmatch(body[:min(len(body), 4096)]); m != nil && strings.HasPrefix(r.URL.Path, "/services/Soap") {
		if bytes.Contains(body, []byte("<includeZip>true")) {
			return "fetch zip"
		}
		return string(m[1])
	}
	return r.Method + " " + recordID.ReplaceAllString(dataVersion.ReplaceAllString(r.URL.Path, ""), "/ID")
}

// answer sends the answer, or spoils it. It reports whether the connection can
// be used on.
func (l *Line) answer(conn net.Conn, f Fault, head, body []byte) bool {
	if f != None {
		l.spoil(conn, f, head, body)
		return false
	}
	_, err := conn.Write(append(head, body...))
	return err == nil
}

// words is the answer: the org's own, or that of a gateway.
func (l *Line) words(r *http.Request, f Fault) (head, body []byte) {
	if f == Stall {
		return nil, nil
	}
	if text, status, media := gateway(r, f); status != 0 {
		return headed(status, http.Header{"Content-Type": {media}, "Connection": {"close"}}, len(text)), []byte(text)
	}
	said := &recorder{header: http.Header{}, status: http.StatusOK}
	l.org.ServeHTTP(said, r)
	if f != None { // a gateway that ends a connection says so
		said.header.Set("Connection", "close")
	}
	body = said.body.Bytes()
	switch f {
	case BrokenGzip:
		body = broken(body)
		said.header.Set("Content-Encoding", "gzip")
	case WrongType:
		said.header.Set("Content-Type", "image/png")
	}
	return headed(said.status, said.header, len(body)), body
}

// spoil sends as much of an answer as a fault lets through.
func (l *Line) spoil(conn net.Conn, f Fault, head, body []byte) {
	switch f {
	case Stall:
		l.wait(conn)
	case ResetBeforeAnswer:
		reset(conn)
	case ResetInHeaders:
		_, _ = conn.Write(head[:len(head)/2])
		reset(conn)
	case ResetAfterHeaders:
		_, _ = conn.Write(head)
		time.Sleep(2 * time.Millisecond) // a reset overtakes what was sent just before
		reset(conn)
	case OtherProtocol:
		_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n")
	case Truncate:
		_, _ = conn.Write(append(head, body[:len(body)/2]...))
	case StallInBody:
		_, _ = conn.Write(append(head, body[:len(body)/2]...))
		l.wait(conn)
	case Drip:
		l.drip(conn, append(head, body...))
	case DripBody:
		_, _ = conn.Write(head)
		l.drip(conn, body)
	default:
		_, _ = conn.Write(append(head, body...))
	}
}

func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// wait holds a connection until the other side or the test ends it.
func (l *Line) wait(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func (l *Line) drip(conn net.Conn, text []byte) {
	for i := range text {
		if _, err := conn.Write(text[i : i+1]); err != nil {
			return
		}
		select {
		case <-time.After(l.Interval):
		case <-l.ended:
			return
		}
	}
}

// gateway is what something on the way answers in the org's stead; status is 0
// where nothing does.
func gateway(r *http.Request, f Fault) (text string, status int, media string) {
	switch f {
	case Expired:
		return refusal(r, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	case OverLimit:
		return refusal(r, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	case Unauthorized:
		return "", http.StatusUnauthorized, "text/plain"
	case ServerError:
		return "Internal Server Error", http.StatusInternalServerError, "text/plain"
	case Unavailable:
		return "<html><body>Down for maintenance</body></html>", http.StatusServiceUnavailable, "text/html"
	case Page:
		return "<!DOCTYPE html><html><body>Sign in to the hotel's network</body></html>", http.StatusOK, "text/html; charset=utf-8"
	}
	return "", 0, ""
}

// refusal words a code as the API that was asked does: SOAP says it in a fault
// with status 500.
func refusal(r *http.Request, status int, code, words string) (string, int, string) {
	if !strings.HasPrefix(r.URL.Path, "/services/Soap") {
		return fmt.Sprintf(`[{"message":%q,"errorCode":%q}]`, words, code), status, "application/json;charset=UTF-8"
	}
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault><faultcode>sf:` +
		code + `</faultcode><faultstring>` + code + `: ` + words + `</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>`, http.StatusInternalServerError, "text/xml;charset=UTF-8"
}

// broken is gzip whose checksum is wrong.
func broken(body []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	packed := out.Bytes()
	packed[len(packed)-5] ^= 0xff
	return packed
}

func headed(status int, header http.Header, length int) []byte {
	var head bytes.Buffer
	fmt.Fprintf(&head, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	header.Del("Content-Length")
	_ = header.Write(&head)
	fmt.Fprintf(&head, "Content-Length: %d\r\n\r\n", length)
	return head.Bytes()
}

// A recorder keeps what a handler says.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
