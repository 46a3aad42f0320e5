package demoorg

import (
	"io"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
)

// Handler serves the org. host "" is for use in process. Otherwise only
// requests whose Host is exactly host are answered, and those that a web page
// sent are refused with 403: a page must not reach the org by way of the
// person's browser. A page's requests carry Origin, or Sec-Fetch-Site and
// Sec-Fetch-Dest, which a script cannot leave out (Fetch Metadata Request
// Headers, W3C). Sec-Fetch-Mode alone is let through: Node's fetch sends it
// with every request, so the sf CLI does. The OAuth page is for browsers and
// takes any of these.
func (o *Org) Handler(host string) http.Handler {
	if host != "" {
		o.mu.Lock()
		o.url = "http://" + host
		o.mu.Unlock()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", o.clock().Format(http.TimeFormat))
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if host != "" && r.Host != host {
			refuse(w, "This demo org answers to "+host+" only.")
			return
		}
		if host != "" && slashes.ReplaceAllString(r.URL.Path, "/") != authorizePath && fromPage(r) {
			refuse(w, "This demo org does not answer web pages.")
			return
		}
		defer o.recovered(w)
		o.serve(w, r)
	})
}

func refuse(w http.ResponseWriter, why string) { answerPage(w, http.StatusForbidden, why) }

func answerPage(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

func fromPage(r *http.Request) bool {
	for name := range r.Header {
		if name == "Origin" || strings.HasPrefix(name, "Sec-Fetch-") && name != "Sec-Fetch-Mode" {
			return true
		}
	}
	mode := r.Header.Values("Sec-Fetch-Mode")
	return len(mode) > 1 || len(mode) == 1 && mode[0] != "cors"
}

// recovered turns a mistake of this program into an answer.
func (o *Org) recovered(w http.ResponseWriter) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	o.log.Error("answer a request", "panic", p, "stack", string(debug.Stack()))
	writeJSONFault(w, faultf(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred in the demo org."))
}

var (
	soapPath = regexp.MustCompile(`^/services/Soap/([umc])/(\d{1,3})\.0(?:/[0-9A-Za-z]{15,18})?/?$`)
	restPath = regexp.MustCompile(`^/services/data/v(\d{1,3})\.0(/.*)?$`)
)

// slashes are folded, as Salesforce's web servers do: the sf CLI keeps the slash
// at the end of an instance URL and asks for //services/data.
var slashes = regexp.MustCompile(`/{2,}`)

const (
	authorizePath = "/services/oauth2/authorize"
	newestVersion = 68
	oldestVersion = 31 // what Salesforce itself still takes
)

func (o *Org) serve(w http.ResponseWriter, r *http.Request) {
	path := slashes.ReplaceAllString(r.URL.Path, "/")
	if m := soapPath.FindStringSubmatch(path); m != nil {
		version, _ := strconv.Atoi(m[2])
		o.serveSOAP(w, r, m[1], version)
		return
	}
	if m := restPath.FindStringSubmatch(path); m != nil {
		version, _ := strconv.Atoi(m[1])
		o.serveREST(w, r, version, strings.TrimSuffix(m[2], "/"))
		return
	}
	switch strings.TrimSuffix(path, "/") {
	case "/services/data":
		o.versions(w, r)
	case authorizePath:
		o.authorize(w, r)
	case "/services/oauth2/token":
		o.token(w, r)
	case "/services/oauth2/revoke":
		o.revoke(w, r)
	case "/services/oauth2/introspect":
		o.introspect(w, r)
	case "/services/oauth2/userinfo":
		o.userinfo(w, r)
	default:
		if strings.HasPrefix(path, "/id/") {
			o.userinfo(w, r)
			return
		}
		writeJSONFault(w, notFoundFault())
	}
}

func notFoundFault() *fault {
	return faultf(http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func (o *Org) serveSOAP(w http.ResponseWriter, r *http.Request, service string, version int) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		writeJSONFault(w, faultf(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are POST", r.Method))
		return
	}
	limit := int64(maxSOAPBody)
	if service != "m" {
		limit = 1 << 20
	}
	req, err := o.readSOAP(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		o.soapUnreadable(w, service, err)
		return
	}
	defer req.discard()
	if service != "m" {
		o.partner(w, r, version, req)
		return
	}
	if version < oldestVersion || version > newestVersion {
		writeFault(w, faultf(500, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"))
		return
	}
	o.metadata(w, version, req)
}

func (o *Org) soapUnreadable(w http.ResponseWriter, service string, err error) {
	f := soapFault(err)
	if service == "m" {
		writeFault(w, f)
		return
	}
	writePartnerFault(w, "UnexpectedErrorFault", f)
}
