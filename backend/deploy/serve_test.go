package deploy_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/salesforce"
)

// serve puts an org on a loopback port and returns the way there.
func (w *world) serve(org *demoorg.Org) http.RoundTripper { return newProxy(w.t, org).transport() }

// A proxy carries bytes between a client and an org on a loopback port.
type proxy struct {
	t      *testing.T
	listen net.Listener
	org    string
	open   sync.WaitGroup

	mu    sync.Mutex
	words [][]byte // what a request holds whose answer is cut off
	done  int
}

func newProxy(t *testing.T, org *demoorg.Org) *proxy {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = org.Handler(listen.Addr().String())
	server.Start()
	p := &proxy{t: t, listen: listen, org: server.Listener.Addr().String()}
	p.open.Go(p.accept)
	t.Cleanup(func() {
		_ = listen.Close()
		server.CloseClientConnections()
		server.Close()
		p.open.Wait()
	})
	return p
}

// transport is how salesforce reaches the proxy, as it is in the product.
func (p *proxy) transport() http.RoundTripper {
	t := salesforce.HTTPTransport()
	t.Proxy = nil
	p.t.Cleanup(t.CloseIdleConnections)
	return t
}

func (p *proxy) cutAfter(words ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range words {
		p.words = append(p.words, []byte(w))
	}
}

func (p *proxy) cuts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

func (p *proxy) accept() {
	for {
		client, err := p.listen.Accept()
		if err != nil {
			return
		}
		p.open.Go(func() { p.carry(client) })
	}
}

// carry passes one connection on; once a request with the words went through,
// the first byte of the answer ends it.
func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	org, err := net.Dial("tcp", p.org)
	if err != nil {
		return
	}
	defer org.Close()
	var both sync.WaitGroup
	var mu sync.Mutex
	cut := false
	both.Go(func() {
		defer org.(*net.TCPConn).CloseWrite()
		var seen []byte
		b := make([]byte, 16<<10)
		for {
			n, err := client.Read(b)
			if seen = append(seen, b[:n]...); p.hit(seen) {
				mu.Lock()
				cut = true
				mu.Unlock()
			}
			if _, werr := org.Write(b[:n]); err != nil || werr != nil {
				return
			}
		}
	})
	b := make([]byte, 16<<10)
	for {
		n, err := org.Read(b)
		mu.Lock()
		over := cut
		mu.Unlock()
		if over || err != nil {
			break
		}
		if _, err := client.Write(b[:n]); err != nil {
			break
		}
	}
	_ = client.Close()
	both.Wait()
}

func (p *proxy) hit(seen []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.words {
		if bytes.Contains(seen, w) {
			p.words = nil
			p.done++
			return true
		}
	}
	return false
}
