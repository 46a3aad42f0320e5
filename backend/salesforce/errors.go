package salesforce

import (
	"errors"

	"countersign/backend/governance"
)

// What is known of a call that must not be repeated. Every error of Deploy,
// DeployRecentValidation and CancelDeploy is one of the two, for errors.Is.
var (
	// ErrNotSent: the org certainly did not accept the call. Either its last
	// bytes never left this process, or the org refused it in so many words.
	ErrNotSent = errors.New("the request did not reach the org")

	// ErrUnknownOutcome: the whole call was written and no answer that says
	// what became of it came back. The org may have accepted it. Ask
	// DeployRequests before sending anything again.
	ErrUnknownOutcome = errors.New("the request may have reached the org")
)

// ErrSessionExpired is the fault of a session that the org no longer accepts
// and that could not be renewed, for errors.Is.
var ErrSessionExpired = governance.Faultf(CodeSessionExpired, "The sign-in has expired.")

// outcomeError joins what is known of an unrepeatable call with the reason.
type outcomeError struct {
	outcome error // ErrNotSent or ErrUnknownOutcome
	reason  error
}

func (e *outcomeError) Error() string   { return e.reason.Error() }
func (e *outcomeError) Unwrap() []error { return []error{e.reason, e.outcome} }

func notSent(reason error) error { return &outcomeError{outcome: ErrNotSent, reason: reason} }
func unknownOutcome(reason error) error {
	return &outcomeError{outcome: ErrUnknownOutcome, reason: reason}
}

// APIError is what Salesforce answered, word for word. It is the cause of the
// faults that stand for it.
type APIError struct {
	Status  int    // HTTP status
	Code    string // for example INVALID_TYPE
	Message string
}

func (e *APIError) Error() string {
	if e.Code == "" {
		return e.Message
	}
	return e.Code + ": " + e.Message
}

// Codes of the faults of this package.
const (
	CodeInvalidLogin       = "invalid_login"
	CodeLoginDisabled      = "login_disabled"
	CodeTokenRequired      = "token_required"
	CodePasswordExpired    = "password_expired"
	CodeLockedOut          = "locked_out"
	CodeLoginNetwork       = "login_network"
	CodeLoginHours         = "login_hours"
	CodeSessionExpired     = "session_expired"
	CodeAPIDisabled        = "api_disabled"
	CodeRequestLimit       = "request_limit"
	CodeInsufficientAccess = "insufficient_access"
	CodeOrgUnreachable     = "org_unreachable"
	CodeNotSalesforce      = "not_salesforce"
	CodeTLS                = "tls"
	CodeInvalidType        = "invalid_type"
	CodeLocked             = "locked"
	CodeUnavailable        = "service_unavailable"
	CodeUnsupportedVersion = "unsupported_api_version"
	CodeLimitExceeded      = "limit_exceeded"
	CodeTooSlow            = "running_too_long"
	CodeNotFound           = "not_found"
	CodeInvalidID          = "invalid_id"
	CodeInvalidQuery       = "invalid_query"
	CodeSalesforce         = "salesforce_error" // anything else: Salesforce's own words
	CodeBadAnswer          = "bad_answer"       // cut off, too large or not understood
	CodeRedirected         = "redirected"
	CodeWrongOrg           = "wrong_org"
	CodeInvalidURL         = "invalid_url"
	CodeInvalidManifest    = "invalid_manifest"
	CodeZipTooLarge        = "zip_too_large"
	CodeInvalidZip         = "invalid_zip"
	CodeInvalidOptions     = "invalid_options"
	CodeRetrieveFailed     = "retrieve_failed"
	CodeTooManyDeps        = "too_many_dependencies"
	CodeSFMissing          = "sf_missing"
	CodeSFNotSignedIn      = "sf_not_signed_in"
	CodeSFTimeout          = "sf_timeout"
	CodeSFFailed           = "sf_failed"
)

// Codes of the faults of signing in with the browser.
const (
	CodeConsumerKey   = "consumer_key"
	CodeNoBrowser     = "no_browser"
	CodePortsTaken    = "ports_taken"
	CodeSignInTimeout = "signin_timeout"
	CodeSignInLate    = "signin_late"    // the code was no longer good
	CodeSignInOver    = "signin_over"    // the refresh token is no longer good
	CodeSignInUnknown = "signin_unknown" // nobody knows whether the refresh token is
	CodeOAuthDenied   = "oauth_denied"
	CodeAppBlocked    = "app_blocked"
	CodeAppNotAllowed = "app_not_allowed"
	CodeAppUnknown    = "app_unknown"
	CodeAppSecret     = "app_secret"
	CodeAppFlow       = "app_flow"
	CodeCallback      = "callback_mismatch"
	CodeScopeMissing  = "scope_missing"
	CodePKCE          = "pkce"
	CodeJWTToken      = "jwt_token"
	CodeUserInactive  = "user_inactive"
	CodeOrgInactive   = "org_inactive"
)

// Codes of the faults of SOAP login() that OAuth does not have.
const (
	CodeLoginEnded     = "login_ended" // not offered in any version any more
	CodeLoginChallenge = "login_challenge"
	CodeSSO            = "sso_down"
)
