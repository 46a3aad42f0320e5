package salesforce

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"countersign/backend/governance"
)

// ExamineNetwork asks an address for its API versions, as every sign-in does,
// over the same transport, and says of each stage on the way whether it held.
// It sends nothing that is secret. After the first that did not hold the others
// are skipped. Now is our own clock.
func ExamineNetwork(ctx context.Context, o Options, address string, now func() time.Time) []Examined {
	x := &examination{now: now, facts: map[Stage]map[string]string{}}
	base, err := CheckURL(address)
	if err != nil {
		var f *governance.Fault
		errors.As(err, &f)
		return x.ended(StageAddress, f)
	}
	x.host, x.https = base.Hostname(), base.Scheme == "https"
	x.fact(StageAddress, "host", x.host)
	w, done := newLoginWire(o)
	defer done()
	x.ask(ctx, w, base)
	return x.found
}

// An examination is one request and what was seen of it.
type examination struct {
	now   func() time.Time
	host  string
	https bool
	proxy *url.URL
	found []Examined

	mu       sync.Mutex // the trace may speak from other goroutines
	facts    map[Stage]map[string]string
	named    bool
	linked   bool
	secured  bool
	proxySay int   // status that a proxy gave to CONNECT
	nameErr  error // of DNS
	linkErr  error // of TCP
	tlsErr   error
}

func (x *examination) fact(s Stage, name, value string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.facts[s] == nil {
		x.facts[s] = map[string]string{}
	}
	x.facts[s][name] = value
}

// networkStages are those that one request shows.
var networkStages = []Stage{StageAddress, StageProxy, StageName, StageConnection, StageEncryption, StageAnswer, StageClock, StageVersion}

// ended says that the stages before this one held and that it did not; with no
// fault, that it was the last.
func (x *examination) ended(at Stage, f *governance.Fault) []Examined {
	x.mu.Lock()
	defer x.mu.Unlock()
	after := false
	x.found = nil
	for _, s := range networkStages {
		e := Examined{Stage: s, Facts: x.facts[s], Skipped: after || !x.needed(s)}
		if s == at {
			e.Fault, e.Skipped, after = f, false, f != nil
		}
		x.found = append(x.found, e)
	}
	return x.found
}

// needed reports whether the way has such a stage: a proxy looks up names and
// connects by itself, and plain http is not encrypted.
func (x *examination) needed(s Stage) bool {
	switch s {
	case StageProxy:
		return x.proxy != nil
	case StageName:
		return x.proxy == nil && x.named
	case StageConnection:
		return x.proxy == nil && x.linked
	case StageEncryption:
		return x.https
	}
	return true
}

func (x *examination) ask(ctx context.Context, w *wire, base *url.URL) {
	r := request{op: "versions", base: base, path: "/services/data", form: formJSON}
	limited, watch := w.limit(ctx, r)
	defer watch.stop()
	req, err := r.http(httptrace.WithClientTrace(limited, x.trace()))
	if err != nil {
		x.ended(StageAddress, unreachable("%s cannot be reached.", x.host).Because(err))
		return
	}
	transport, done := x.transport(w.o.Transport, req)
	defer done()
	resp, err := (&http.Client{Transport: transport, CheckRedirect: followSameHost}).Do(req)
	if err != nil {
		at, f := x.failed(limited, r, withoutURL(err))
		x.ended(at, f)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusProxyAuthRequired {
		x.ended(StageProxy, x.proxyWantsSignIn())
		return
	}
	x.read(limited, w, r, resp)
}

// transport is the one of every other request, on a connection of its own so
// that each stage is seen.
func (x *examination) transport(base http.RoundTripper, req *http.Request) (http.RoundTripper, func()) {
	shared, ok := base.(*http.Transport)
	if !ok {
		return base, func() {}
	}
	t := shared.Clone()
	t.DisableKeepAlives = true
	if t.Proxy != nil {
		x.proxy, _ = t.Proxy(req) // what it cannot tell the request fails with
	}
	if x.proxy != nil {
		x.fact(StageProxy, "proxy", x.proxy.Host)
	}
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.proxySay = res.StatusCode
		return nil
	}
	return t, t.CloseIdleConnections
}

func (x *examination) trace() *httptrace.ClientTrace {
	note := func(set func()) { x.mu.Lock(); defer x.mu.Unlock(); set() }
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			note(func() { x.named, x.nameErr = true, i.Err })
			if i.Err == nil {
				x.fact(StageName, "addresses", joinAddresses(i.Addrs))
			}
		},
		ConnectDone: func(_, address string, err error) {
			note(func() {
				if err != nil {
					x.linkErr = err
					return
				}
				x.linked = true
			})
			if err == nil {
				x.fact(StageConnection, "address", address)
			}
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			note(func() { x.secured, x.tlsErr = err == nil, err })
			if err == nil && len(state.PeerCertificates) > 0 {
				x.fact(StageEncryption, "issuer", issuer(state.PeerCertificates[0]))
			}
		},
	}
}

func joinAddresses(all []net.IPAddr) string {
	texts := []string{}
	for _, a := range all[:min(len(all), 4)] {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", ")
}

func issuer(c *x509.Certificate) string {
	name := c.Issuer.CommonName
	if len(c.Issuer.Organization) > 0 && c.Issuer.Organization[0] != name {
		if name == "" {
			return cutText(c.Issuer.Organization[0], 120)
		}
		name += " (" + c.Issuer.Organization[0] + ")"
	}
	return cutText(name, 120)
}

// failed finds the stage at which a request without an answer ended.
func (x *examination) failed(ctx context.Context, r request, err error) (Stage, *governance.Fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var dns *net.DNSError
	late := errors.Is(context.Cause(ctx), errStalled) || errors.Is(ctx.Err(), context.DeadlineExceeded) || isTimeout(err)
	switch {
	case x.proxySay != 0 && x.proxySay != http.StatusOK:
		return StageProxy, x.proxyRefused()
	case x.proxy != nil && !x.linked:
		return StageProxy, governance.Faultf(CodeProxyUnreachable, "The proxy %s does not answer.", x.proxy.Host).
			WithHint("It is set by HTTPS_PROXY or by the system. Correct it, or add %s to NO_PROXY if the way is direct.", x.host).Because(err)
	case errors.As(err, &dns):
		x.named = true
		return StageName, x.nameFault(dns)
	case tlsFault(x.host, err) != nil:
		return StageEncryption, x.tlsFault(err)
	case !x.linked && x.linkErr != nil, !x.linked && late:
		x.linked = true // for the list: it was tried
		return StageConnection, x.connectFault(err, late)
	case x.https && !x.secured:
		return StageEncryption, governance.Faultf(CodeTLSFailed, "The encrypted connection to %s broke off before it stood.", x.host).
			WithHint("A firewall may forbid it: ask for https to %s to be allowed.", x.host).Because(err)
	}
	var f *governance.Fault
	if !errors.As(networkFault(ctx, r, err), &f) {
		f = unreachable("%s cannot be reached.", x.host).Because(err)
	}
	return StageAnswer, f
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (x *examination) nameFault(dns *net.DNSError) *governance.Fault {
	if dns.IsNotFound {
		return governance.Faultf(CodeNameNotFound, "The host name %s does not exist.", x.host).
			WithHint("Compare the address with the one that the browser shows in Setup, My Domain. A refreshed or deleted sandbox may have lost its name; in a company network a VPN may be needed.").Because(dns)
	}
	return governance.Faultf(CodeNameFailed, "The host name %s could not be looked up.", x.host).
		WithHint("The name server did not answer: check the network, a VPN and the DNS settings of this computer.").Because(dns)
}

func (x *examination) connectFault(err error, late bool) *governance.Fault {
	switch {
	case late || isTimeout(x.linkErr):
		return governance.Faultf(CodeConnectTimeout, "%s does not answer.", x.host).
			WithHint("A firewall may drop the connection: ask for https to %s to be allowed, or set HTTPS_PROXY.", x.host).Because(err)
	case isRefused(x.linkErr):
		return governance.Faultf(CodeConnectRefused, "Nothing answers at %s.", x.host).
			WithHint("Check the address. A demo org has to be started first; a firewall may forbid the way.").Because(err)
	}
	return governance.Faultf(CodeConnectFailed, "No connection to %s is possible.", x.host).WithHint("Check that this computer is online.").Because(err)
}

func (x *examination) proxyWantsSignIn() *governance.Fault {
	return governance.Faultf(CodeProxyAuth, "The proxy %s wants a sign-in of its own.", x.proxyName()).
		WithHint("Put user name and password into HTTPS_PROXY as http://user:password@host:port, or let an administrator admit this computer.")
}

func (x *examination) proxyName() string {
	if x.proxy == nil {
		return "on the way to " + x.host
	}
	return x.proxy.Host
}

func (x *examination) proxyRefused() *governance.Fault {
	if x.proxySay == http.StatusProxyAuthRequired {
		return x.proxyWantsSignIn()
	}
	return governance.Faultf(CodeProxyRefused, "The proxy %s does not let anything through to %s: it answers with HTTP status %d.", x.proxyName(), x.host, x.proxySay).
		WithHint("Ask for https to %s to be allowed there.", x.host)
}

// tlsFault says who is in between: a proxy that opens encrypted connections
// signs with a certificate of its own.
func (x *examination) tlsFault(err error) *governance.Fault {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	by := "somebody"
	if errors.As(err, &verification) && len(verification.UnverifiedCertificates) > 0 {
		if leaf := verification.UnverifiedCertificates[0]; issuer(leaf) != "" {
			by = issuer(leaf)
		}
	}
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return governance.Faultf(CodeTLSDates, "By the clock of this computer, %s, the certificate of %s is not valid.", x.now().Local().Format("2006-01-02 15:04"), x.host).
			WithHint("Set the clock right. If it is, the certificate has run out: ask whoever runs the network.").Because(err)
	case errors.As(err, &name):
		return governance.Faultf(CodeTLSName, "The certificate at %s is for another host.", x.host).
			WithHint("Check the address. A sign-in page of the network may be in between: open any page in the browser first.").Because(err)
	case errors.As(err, &unknown), errors.As(err, &verification):
		x.setFact(StageEncryption, "issuer", by)
		return governance.Faultf(CodeTLSIntercepted, "The certificate of %s was issued by %s, which this computer does not trust. Something in the network opens encrypted connections.", x.host, by).
			WithHint("Have its root certificate installed in the operating system's trust store, or have %s exempted from inspection. Then start Countersign again.", x.host).Because(err)
	}
	return governance.Faultf(CodeTLSFailed, "No encrypted connection to %s is possible.", x.host).WithHint("Check the address and the proxy.").Because(err)
}

// setFact is fact for who holds the lock.
func (x *examination) setFact(s Stage, name, value string) {
	if x.facts[s] == nil {
		x.facts[s] = map[string]string{}
	}
	x.facts[s][name] = value
}

// read looks at an answer: is it Salesforce's, what time is it there, and which
// versions does it offer.
func (x *examination) read(ctx context.Context, w *wire, r request, resp *http.Response) {
	var versions []struct {
		Version string `json:"version"`
	}
	body := &watchedBody{source: resp.Body, moved: func() {}}
	var err error
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(body, maxRefusalBytes))
		err = refusalFault(r.base, readRefusal(resp.StatusCode, resp.Header.Get("Content-Type"), text))
	} else if err = checkForm(r, resp.Header.Get("Content-Type")); err == nil {
		if err = readJSON(body, &versions); err != nil {
			err = answerFault(ctx, r, body.err, err)
		}
	}
	var f *governance.Fault
	if errors.As(err, &f) {
		x.ended(StageAnswer, f)
		return
	}
	if f := x.clock(resp); f != nil {
		x.ended(StageClock, f)
		return
	}
	newest := ""
	for _, v := range versions {
		if versionNumber(v.Version) > versionNumber(newest) {
			newest = v.Version
		}
	}
	x.fact(StageVersion, "version", newest)
	if versionNumber(newest) < oldestVersion {
		x.ended(StageVersion, governance.Faultf(CodeUnsupportedVersion, "%s offers no API version from %d.0 on.", x.host, oldestVersion).
			WithHint("Check the address: this may be no org of Salesforce's."))
		return
	}
	x.ended(StageVersion, nil)
}

// clock compares the Date header with our own clock.
func (x *examination) clock(resp *http.Response) *governance.Fault {
	there, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return nil
	}
	off := x.now().Sub(there)
	x.fact(StageClock, "seconds", fmt.Sprint(int64(off.Abs().Seconds())))
	if off.Abs() <= clockSlack {
		return nil
	}
	word := "fast"
	if off < 0 {
		word = "slow"
	}
	minutes := int64(off.Abs().Round(time.Minute).Minutes())
	x.fact(StageClock, "minutes", fmt.Sprint(minutes))
	return governance.Faultf(CodeClockWrong, "The clock of this computer is %d minutes %s.", minutes, word).
		WithHint("Switch on setting the time automatically, then try again. Sign-ins and certificates depend on it.")
}
