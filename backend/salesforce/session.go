package salesforce

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// A Session is what a sign-in gives: where the org is, who we are there, and
// the token that proves it. It lives in memory only.
type Session struct {
	InstanceURL    string // scheme and host, for example https://acme.my.salesforce.com
	AccessToken    Secret
	OrganizationID string // 18 characters, "" when the sign-in did not tell
	UserID         string // 18 characters, "" when the sign-in did not tell
	Username       string
	APIVersion     string // for example "68.0"
}

// LogValue leaves the token out.
func (s Session) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("instance", s.InstanceURL),
		slog.String("organization", s.OrganizationID),
		slog.String("user", s.UserID),
		slog.String("api", s.APIVersion),
	)
}

// Options say how to reach Salesforce. The zero value is good for use.
type Options struct {
	// Transport carries the requests. Nil is HTTPTransport(): proxies from the
	// environment, trust from the operating system.
	Transport http.RoundTripper

	// Timeout is how long one small request may take, and how long a large one
	// may go without a byte moving. Zero is two minutes.
	Timeout time.Duration

	// PollInterval is the shortest wait of Retrieve, see Pace. Zero is one second.
	PollInterval time.Duration

	// RetrieveLimit ends a Retrieve that the org never finishes. Zero is one hour.
	RetrieveLimit time.Duration

	// MaxAPIVersion is the newest API version to use, for example "66.0". ""
	// is the newest that both the org and this code know, NewestAPIVersion.
	MaxAPIVersion string

	// DeployBy is the way of deployments: "" is SOAP.
	DeployBy DeployTransport

	// Renew signs in again. It is called once when the org says that the
	// session has expired, by one goroutine at a time; the request is then
	// repeated once, unless it is one that must never be repeated. Nil means
	// that an expired session is a fault. An answer that is no matter of the
	// network is final for this client: asking again with a wrong password would
	// lock the user out.
	Renew func(ctx context.Context) (*Session, error)

	// Demo says that the org is one of our own. Plain http implies it.
	Demo bool

	// Log gets one debug line for each request: never a token, never a query.
	// Nil logs nothing.
	Log *slog.Logger
}

// DefaultTimeout is Options.Timeout's zero value.
const DefaultTimeout = 2 * time.Minute

const (
	defaultPollInterval  = time.Second
	defaultRetrieveLimit = time.Hour

	// streamFactor bounds a transfer that crawls without ever standing still:
	// it ends after this many times Options.Timeout, an hour by default.
	streamFactor = 30
)

func (o Options) withDefaults() Options {
	if o.Transport == nil {
		o.Transport = HTTPTransport()
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.PollInterval <= 0 {
		o.PollInterval = defaultPollInterval
	}
	if o.RetrieveLimit <= 0 {
		o.RetrieveLimit = defaultRetrieveLimit
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
