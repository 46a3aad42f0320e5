package demoorg

import (
	"net/http"
	"strings"
)

// Every refusal that a client must understand can be had from a demo org. It
// is asked for by name: a word after a plus in the user name,
//
//	integration+hours@demo-uat.example
//
// with the password of the user before the plus, or a word at the end of the
// consumer key of an OAuth client, "demo-blocked". Names without such a word
// work as they should.

// A provocation is a word that a sign-in was asked with.
type provocation string

const (
	// At sign-in, by user name.
	provokeLocked   provocation = "locked"   // too many wrong passwords
	provokeHours    provocation = "hours"    // outside the profile's login hours
	provokeNetwork  provocation = "network"  // outside its login IP ranges; also by consumer key
	provokeNoToken  provocation = "notoken"  // a network that needs the security token
	provokeNoLogin  provocation = "nologin"  // the org has SOAP login() switched off
	provokeExpired  provocation = "expired"  // the password is over; the session can do nothing
	provokeOffline  provocation = "offline"  // the org's API is switched off at sign-in
	provokeInactive provocation = "inactive" // the user was deactivated

	// At sign-in, by consumer key.
	provokeBlocked    provocation = "blocked"    // an administrator blocked the app
	provokeDenied     provocation = "denied"     // this user may not use the app
	provokeRefused    provocation = "refused"    // the person pressed Deny
	provokeUnapproved provocation = "unapproved" // the app waits for an administrator
	provokeUnknown    provocation = "unknown"    // no such app
	provokeSteady     provocation = "steady"     // refresh tokens do not rotate
	provokeNoScope    provocation = "noscope"    // the app may not grant api
	provokeCallback   provocation = "callback"   // the app has not registered the callback

	// In every call of the session, by either.
	provokeQuota       provocation = "quota"       // no API requests left today
	provokeNoAPI       provocation = "noapi"       // an edition, or a user, without API
	provokeNoAccess    provocation = "noaccess"    // no Modify Metadata permission
	provokeUnavailable provocation = "unavailable" // the org is down for maintenance

	// In queries of the session, by either.
	provokeNoSetup       provocation = "nosetup"       // may not see the Setup Audit Trail
	provokeNoDeployments provocation = "nodeployments" // may not see the list of deployments

	// In every deployment of the session, by either.
	provokeFinalizing provocation = "finalizing" // it fails while it is finalized
)

// provokedBy takes a user name apart: the name that exists, and the word.
func provokedBy(username string) (string, provocation) {
	name, host, ok := strings.Cut(strings.TrimSpace(username), "@")
	before, word, plus := strings.Cut(name, "+")
	if !ok || !plus {
		return strings.TrimSpace(username), ""
	}
	return before + "@" + host, provocation(strings.ToLower(word))
}

func provokedByConsumer(clientID string) provocation {
	word, ok := strings.CutPrefix(strings.ToLower(clientID), "demo-")
	if !ok {
		return ""
	}
	return provocation(word)
}

// loginRefusal is why login() refuses a user of a right password. The texts of
// the token, of the disabled operation and of bad credentials are Salesforce's;
// the others are ours.
func loginRefusal(p provocation) *fault {
	switch p {
	case provokeLocked:
		return faultf(500, "PASSWORD_LOCKOUT", badCredentials)
	case provokeHours:
		return faultf(500, "LOGIN_DURING_RESTRICTED_TIME", "This user may not log in at this hour.")
	case provokeNetwork:
		return faultf(500, "LOGIN_DURING_RESTRICTED_DOMAIN", "This user may not log in from this IP address.")
	case provokeNoToken:
		return tokenNeeded()
	case provokeNoLogin:
		return faultf(500, "INVALID_OPERATION", "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().")
	case provokeOffline:
		return faultf(500, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
	case provokeInactive:
		return faultf(500, "INVALID_LOGIN", badCredentials)
	}
	return nil
}

func tokenNeeded() *fault {
	return faultf(500, "LOGIN_MUST_USE_SECURITY_TOKEN", badCredentials+" Are you at a new location? When accessing Salesforce--either via a desktop client or the API--"+
		"from outside of your company's trusted networks, you must add a security token to your password to log in.")
}

// callRefusal is what every call of a provoked session gets, as SOAP fault or
// as REST error.
func callRefusal(p provocation) *fault {
	switch p {
	case provokeQuota:
		return quotaFault()
	case provokeNoAPI:
		return faultf(http.StatusForbidden, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
	case provokeUnavailable:
		return faultf(http.StatusServiceUnavailable, "SERVER_UNAVAILABLE", "The server is unavailable due to maintenance.")
	case provokeExpired:
		return faultf(http.StatusForbidden, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
			"The users password has expired, you must call SetPassword before attempting any other API operations")
	case provokeNoScope:
		return faultf(http.StatusUnauthorized, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
	}
	return nil
}

func quotaFault() *fault {
	return faultf(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
}

// metadataRefusal is what the metadata service and deployRequest answer to a
// user without the permission.
func metadataRefusal(p provocation) *fault {
	if p != provokeNoAccess {
		return nil
	}
	return faultf(http.StatusForbidden, "INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions")
}

// hiddenFrom tells whether an object is not there for a user who may not see it.
func hiddenFrom(p provocation, object string) bool {
	switch p {
	case provokeNoSetup:
		return strings.EqualFold(object, auditTable.name)
	case provokeNoDeployments:
		return strings.EqualFold(object, deployRequestTable.name)
	}
	return false
}

// authorizeRefusal is what comes back to the callback instead of a code.
func authorizeRefusal(p provocation) *oauthError {
	switch p {
	case provokeBlocked:
		return &oauthError{"OAUTH_APP_BLOCKED", "this app is blocked by admin"}
	case provokeDenied:
		return &oauthError{"OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"}
	case provokeRefused:
		return &oauthError{"access_denied", "end-user denied authorization"}
	case provokeUnknown:
		return &oauthError{"invalid_client_id", "client identifier invalid"}
	}
	return nil
}

// tokenRefusal is what the token endpoint answers to a consumer.
func tokenRefusal(p provocation) *oauthError {
	switch p {
	case provokeUnapproved:
		return &oauthError{"invalid_app_access", "user is not admin approved to access this app"}
	case provokeUnknown:
		return &oauthError{"invalid_client_id", "client identifier invalid"}
	case provokeInactive:
		return &oauthError{"invalid_grant", "inactive user"}
	case provokeNetwork:
		return &oauthError{"invalid_grant", "ip restricted"}
	}
	return nil
}
