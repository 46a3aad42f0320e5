package salesforce

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// HTTPTransport returns the transport of Options' zero value: proxies from the
// environment, certificates as the operating system trusts them, TLS 1.2 or
// later. Whoever makes one closes its idle connections.
func HTTPTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   listCallsAtOnce,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   20 * time.Second,
		ExpectContinueTimeout: time.Second,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// onceTransport returns a transport for one call that must not be repeated, and
// what to do after the call. A fresh connection over HTTP/1.1 leaves net/http no
// reason to try again: it does so only on a connection that it used before.
// Transports that are not net/http's are trusted to try once.
func onceTransport(base http.RoundTripper) (http.RoundTripper, func()) {
	shared, ok := base.(*http.Transport)
	if !ok {
		return base, func() {}
	}
	t := shared.Clone()
	t.DisableKeepAlives = true
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if t.TLSClientConfig != nil {
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	}
	return t, t.CloseIdleConnections
}

// followSameHost is an http.Client's CheckRedirect: a redirect is followed only
// to the same scheme, host and port, and only if it keeps the method. Everything
// else is left unfollowed and becomes a fault: a 307 would carry the session to
// a stranger.
func followSameHost(next *http.Request, via []*http.Request) error {
	first := via[0]
	same := next.URL.Scheme == first.URL.Scheme && next.URL.Host == first.URL.Host
	if !same || next.Method != first.Method || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// CheckURL reads the address of an org or of a login server and returns its
// scheme and host. It must be https; plain http is for 127.0.0.1 and localhost
// only. A path is dropped, so that an address copied from a browser works. The
// fault is invalid_url.
func CheckURL(raw string) (*url.URL, error) {
	text := strings.TrimSpace(raw)
	if text == "" {
		return nil, governance.Faultf(CodeInvalidURL, "The address of the org is missing.").WithHint("%s", urlHint)
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "" {
		return nil, governance.Faultf(CodeInvalidURL, "This is not the address of an org.").WithHint("%s", urlHint)
	}
	if u.User != nil {
		return nil, governance.Faultf(CodeInvalidURL, "The address of %s holds a user name or password.", u.Hostname()).
			WithHint("Leave them out of the address.")
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if err := checkScheme(u); err != nil {
		return nil, err
	}
	if name, ok := strings.CutSuffix(u.Hostname(), ".lightning.force.com"); ok {
		return nil, governance.Faultf(CodeInvalidURL, "%s serves pages, not the API.", u.Hostname()).
			WithHint("Use https://%s.my.salesforce.com.", name)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

const urlHint = "Use an address such as https://acme.my.salesforce.com."

func checkScheme(u *url.URL) error {
	switch {
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u):
		return nil
	case u.Scheme == "http":
		return governance.Faultf(CodeInvalidURL, "%s would be reached without encryption.", u.Hostname()).
			WithHint("Use https. Plain http is for 127.0.0.1 and localhost only.")
	}
	return governance.Faultf(CodeInvalidURL, "The address of %s does not begin with https.", u.Hostname()).WithHint("%s", urlHint)
}

func isLoopback(u *url.URL) bool { return u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" }

// salesforceDomains are the domains that Salesforce serves orgs from (help
// article "Domains to allow"); a sign-in may send us there and nowhere else.
var salesforceDomains = []string{
	".salesforce.com", ".force.com", ".cloudforce.com", ".database.com", ".salesforce.mil", ".crmforce.mil", ".sfcrmproducts.cn",
}

// IsSalesforce reports whether an address is one of Salesforce's own hosts, over
// https.
func IsSalesforce(u *url.URL) bool {
	return u.Scheme == "https" && slices.ContainsFunc(salesforceDomains, func(domain string) bool { return strings.HasSuffix(u.Hostname(), domain) })
}

// checkInstance allows the org that a login server names: the login server
// itself or a host of Salesforce's.
func checkInstance(login *url.URL, raw string) (*url.URL, error) {
	instance, err := CheckURL(raw)
	if err != nil {
		return nil, err
	}
	if instance.Host == login.Host && instance.Scheme == login.Scheme {
		return instance, nil
	}
	if IsSalesforce(instance) {
		return instance, nil
	}
	return nil, governance.Faultf(CodeRedirected, "%s wants the session to go to %s, which is no host of Salesforce.", login.Hostname(), instance.Hostname()).
		WithHint("Check the login address.")
}

// withoutURL takes the *url.Error off an error of http.Client: it prints the
// address, query and all.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
