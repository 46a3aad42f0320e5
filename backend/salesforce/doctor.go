package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"countersign/backend/governance"
)

// A Stage is one thing that a connection needs. They build on each other in
// this order.
type Stage string

// The stages of a connection.
const (
	StageAddress    Stage = "address"
	StageProxy      Stage = "proxy"
	StageName       Stage = "name"       // DNS
	StageConnection Stage = "connection" // TCP
	StageEncryption Stage = "encryption" // TLS, with the certificates that the operating system trusts
	StageAnswer     Stage = "answer"     // it is Salesforce's API that answers
	StageClock      Stage = "clock"
	StageVersion    Stage = "version"
	StageSignIn     Stage = "signin"
	StageOrg        Stage = "org" // the organisation is the known one
	StageAPI        Stage = "api"
	StageMetadata   Stage = "metadata"
)

// Stages lists them all.
func Stages() []Stage {
	return []Stage{StageAddress, StageProxy, StageName, StageConnection, StageEncryption, StageAnswer, StageClock, StageVersion, StageSignIn, StageOrg, StageAPI, StageMetadata}
}

// An Examined stage held, or Fault says why not and what mends it. Facts are
// what was seen: addresses, who issued a certificate, a version.
type Examined struct {
	Stage   Stage
	Skipped bool // not needed here, or not reached
	Fault   *governance.Fault
	Facts   map[string]string
}

// Codes of the faults that only an examination tells apart.
const (
	CodeProxyUnreachable = "proxy_unreachable"
	CodeProxyAuth        = "proxy_auth"
	CodeProxyRefused     = "proxy_refused"
	CodeNameNotFound     = "name_not_found"
	CodeNameFailed       = "name_failed"
	CodeConnectRefused   = "connect_refused"
	CodeConnectTimeout   = "connect_timeout"
	CodeConnectFailed    = "connect_failed"
	CodeTLSIntercepted   = "tls_intercepted"
	CodeTLSDates         = "tls_dates"
	CodeTLSName          = "tls_name"
	CodeTLSFailed        = "tls_failed"
	CodeClockWrong       = "clock_wrong"
)

// clockSlack is how far a clock may be off: beyond it sign-ins that are signed
// with a time are refused, and dates mislead.
const clockSlack = 5 * time.Minute

// Examine goes through the stages of a connection, up to the first that does
// not hold: what one request to the address shows, then what signing in gives,
// then what that session may do. SignIn must not repeat a wrong password. Known
// is the organisation that it must be, "" for any; now is our own clock.
func Examine(ctx context.Context, o Options, address, known string, now func() time.Time, signIn func(context.Context) (*Client, error)) []Examined {
	found := ExamineNetwork(ctx, o, address, now)
	if slices.ContainsFunc(found, func(e Examined) bool { return e.Fault != nil }) {
		return found
	}
	return append(found, ExamineSignIn(ctx, known, signIn)...)
}

// ExamineSignIn is Examine without the network.
func ExamineSignIn(ctx context.Context, known string, signIn func(context.Context) (*Client, error)) []Examined {
	c, err := signIn(ctx)
	if err != nil {
		return []Examined{{Stage: StageSignIn, Fault: asFault(err)}}
	}
	return append([]Examined{{Stage: StageSignIn}}, ExamineSession(ctx, c, known)...)
}

// ExamineSession looks at what a session may do: the organisation, the API and
// its limit, and metadata. Known is the organisation that it must be, "" for any.
func ExamineSession(ctx context.Context, c *Client, known string) []Examined {
	found := []Examined{}
	who, err := c.Identity(ctx)
	if err == nil {
		err = CheckOrganization(known, who.OrganizationID)
	}
	org := Examined{Stage: StageOrg, Facts: map[string]string{"organization": who.OrganizationName, "id": who.OrganizationID, "user": who.Username, "edition": who.OrganizationType}}
	api := Examined{Stage: StageAPI, Facts: map[string]string{}}
	f := asFault(err)
	switch code := governance.FaultCode(err); {
	case code == CodeAPIDisabled, code == CodeRequestLimit:
		org.Skipped, api.Fault = true, f
	case f != nil:
		org.Fault, api.Skipped = f, true
	case who.DailyAPIRequests != nil:
		api.Facts["left"], api.Facts["max"] = fmt.Sprint(who.DailyAPIRequests.Remaining), fmt.Sprint(who.DailyAPIRequests.Max)
		if who.DailyAPIRequests.Remaining <= 0 {
			api.Fault = meanings["REQUEST_LIMIT_EXCEEDED"].fault(c.host())
		}
	}
	found = append(found, org, api)
	metadata := Examined{Stage: StageMetadata, Skipped: org.Fault != nil || api.Fault != nil}
	if !metadata.Skipped {
		types, err := c.Describe(ctx)
		metadata.Fault, metadata.Facts = asFault(err), map[string]string{"types": fmt.Sprint(len(types))}
	}
	return append(found, metadata)
}

// asFault is err as something that a person can act on; nil stays nil.
func asFault(err error) *governance.Fault {
	var f *governance.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return governance.Faultf(CodeOrgUnreachable, "The org did not answer in time.").WithHint("Try again.").Because(err)
}
