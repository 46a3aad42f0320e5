package salesforce

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"countersign/backend/governance"
)

// callbackPath is where the browser comes back to.
const callbackPath = "/oauth/callback"

// callbackPorts are tried in turn. Salesforce compares the whole address, port
// included, with those that the app names, so they never change. None is in a
// range that a system hands out by itself.
var callbackPorts = []int{17170, 17270, 17370, 17470, 17570}

// CallbackAddresses are what an External Client App has to name.
func CallbackAddresses() []string {
	all := make([]string, 0, len(callbackPorts))
	for _, port := range callbackPorts {
		all = append(all, callbackAddress(port))
	}
	return all
}

func callbackAddress(port int) string {
	return "http://localhost:" + strconv.Itoa(port) + callbackPath
}

// A callback is one address on this machine that takes one answer.
type callback struct {
	port   int
	state  []byte
	server *http.Server
	serves sync.WaitGroup
	closed sync.Once
	taken  atomic.Bool
	answer chan url.Values
}

// listenForCallback takes the first free port. The fault ports_taken says that
// none is.
func listenForCallback(ports []int, state string) (*callback, error) {
	if ports == nil {
		ports = callbackPorts
	}
	var last error
	for _, port := range ports {
		listeners, err := listenLoopback(port)
		if err != nil {
			last = err
			continue
		}
		return serveCallback(listeners, state), nil
	}
	return nil, governance.Faultf(CodePortsTaken, "All ports that Salesforce may answer on are taken by other programs.").
		WithHint("Close another sign-in that waits, or the program that uses the ports %s.", portList(ports)).Because(last)
}

func portList(ports []int) string {
	texts := make([]string, 0, len(ports))
	for _, port := range ports {
		texts = append(texts, strconv.Itoa(port))
	}
	return strings.Join(texts, ", ")
}

// listenLoopback listens on both addresses that a browser may take for
// localhost, and on nothing that another machine reaches. Where there is no
// IPv6 one is enough; a port that somebody else has on either is not free.
func listenLoopback(port int) ([]net.Listener, error) {
	four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	port = four.Addr().(*net.TCPAddr).Port
	six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port)))
	switch {
	case err == nil:
		return []net.Listener{four, six}, nil
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, windowsInUse), errors.Is(err, windowsForbidden):
		return nil, errors.Join(err, four.Close())
	}
	return []net.Listener{four}, nil
}

// WSAEADDRINUSE and WSAEACCES, which is what a port held exclusively gives.
const (
	windowsInUse     = syscall.Errno(10048)
	windowsForbidden = syscall.Errno(10013)
)

func serveCallback(listeners []net.Listener, state string) *callback {
	c := &callback{port: listeners[0].Addr().(*net.TCPAddr).Port, state: []byte(state), answer: make(chan url.Values, 1)}
	c.server = &http.Server{
		Handler: c, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		MaxHeaderBytes: 32 << 10, ErrorLog: log.New(io.Discard, "", 0), // it would print addresses
	}
	c.server.SetKeepAlivesEnabled(false)
	for _, l := range listeners {
		c.serves.Go(func() { _ = c.server.Serve(l) })
	}
	return c
}

func (c *callback) address() string { return callbackAddress(c.port) }

// close ends listening; a page that is being sent gets a moment. It may be
// called more than once.
func (c *callback) close() {
	c.closed.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if c.server.Shutdown(ctx) != nil {
			_ = c.server.Close()
		}
		c.serves.Wait()
	})
}

// ServeHTTP takes one GET at the exact address, under the exact name, with the
// state of this sign-in. Whatever else comes is told nothing: other programs,
// pages that make the browser call, names that were bound to this machine. A
// wrong state does not end the wait, or any page could end it.
func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	exact := r.Method == http.MethodGet && r.Host == "localhost:"+strconv.Itoa(c.port) && r.URL.Path == callbackPath && r.Header.Get("Origin") == ""
	q, err := url.ParseQuery(r.URL.RawQuery)
	if !exact || err != nil || subtle.ConstantTimeCompare([]byte(q.Get("state")), c.state) != 1 || !c.taken.CompareAndSwap(false, true) {
		http.NotFound(w, r)
		return
	}
	german := strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "de")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, callbackPage(q.Get("error") == "" && q.Get("code") != "", german))
	c.answer <- q
}

// wait returns the code of the answer. Faults: signin_timeout and those of
// OAuth.
func (c *callback) wait(ctx context.Context, login *url.URL, wait time.Duration) (Secret, error) {
	if wait <= 0 {
		wait = browserWait
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case q := <-c.answer:
		return codeOf(login.Hostname(), q)
	case <-late.C:
		return Secret{}, governance.Faultf(CodeSignInTimeout, "Nobody came back from the sign-in page of %s in time.", login.Hostname()).
			WithHint("Sign in again. If the browser showed an error of Salesforce, look at the list of what it means.")
	case <-ctx.Done():
		return Secret{}, ctx.Err()
	}
}

func codeOf(host string, q url.Values) (Secret, error) {
	if code := q.Get("error"); code != "" {
		refused := &APIError{Status: http.StatusFound, Code: cutText(code, 100), Message: cutText(redact(q.Get("error_description")), 300)}
		return Secret{}, oauthFault(host, refused).Because(refused)
	}
	if q.Get("code") == "" {
		return Secret{}, governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood.", host).WithHint("Sign in again.")
	}
	return NewSecret(q.Get("code")), nil
}

// callbackPage is all that the browser is told; it runs nothing and loads
// nothing.
func callbackPage(ok, german bool) string {
	lang, title, text := "en", "You are signed in", "Close this page and go back to Countersign."
	switch {
	case ok && german:
		lang, title, text = "de", "Sie sind angemeldet", "Schließen Sie diese Seite und kehren Sie zu Countersign zurück."
	case german:
		lang, title, text = "de", "Salesforce hat Sie nicht angemeldet", "Countersign sagt, warum. Schließen Sie diese Seite und kehren Sie dorthin zurück."
	case !ok:
		title, text = "Salesforce did not sign you in", "Countersign says why. Close this page and go back there."
	}
	return `<!doctype html><html lang="` + lang + `"><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Countersign</title>` +
		`<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:18vh auto;padding:0 1.5rem}h1{font-size:1.4rem;margin:0 0 .5rem}</style>` +
		`<h1>` + title + `</h1><p>` + text + `</p></html>`
}
