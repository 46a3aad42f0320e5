package salesforce

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"countersign/backend/governance"
)

// meaning is what one of Salesforce's codes means to a person. %[1]s is the
// host.
type meaning struct {
	code    string
	message string // %[1]s is the host
	hint    string
}

func (m meaning) words(host string) string { return strings.ReplaceAll(m.message, "%[1]s", host) }

func (m meaning) fault(host string) *governance.Fault {
	return governance.Faultf(m.code, "%s", m.words(host)).WithHint("%s", m.hint)
}

// meanings are the exception codes of the partner and metadata WSDLs, and of
// REST, that a person can act on.
var meanings = map[string]meaning{
	"INVALID_LOGIN": {CodeInvalidLogin, "%[1]s does not accept this user name, password or security token, or the user is locked out.",
		"Check them, and the address: sandboxes sign in at test.salesforce.com. From outside the trusted IP ranges the security token is needed too."},
	"LOGIN_MUST_USE_SECURITY_TOKEN": {CodeTokenRequired, "%[1]s wants a security token with the password.",
		"Reset it in Salesforce under Settings, Reset My Security Token, and enter the one that comes by e-mail."},
	"INVALID_OPERATION_WITH_EXPIRED_PASSWORD": {CodePasswordExpired, "The password for %[1]s has expired.",
		"Sign in with a browser, set a new one, and enter it here."},
	"PASSWORD_LOCKOUT": {CodeLockedOut, "%[1]s has locked this user out after too many attempts.",
		"Wait, or ask an administrator to unlock the user."},
	"LOGIN_DURING_RESTRICTED_DOMAIN": {CodeLoginNetwork, "%[1]s does not allow this user to sign in from this network.",
		"Sign in from a network inside the login IP ranges of your profile, such as through the VPN, or ask an administrator to add this one."},
	"LOGIN_DURING_RESTRICTED_TIME": {CodeLoginHours, "%[1]s does not allow this user to sign in at this hour.",
		"Try again within the login hours of your profile, or ask an administrator to change them."},
	"LOGIN_CHALLENGE_ISSUED":  {CodeLoginChallenge, "%[1]s wants to verify who signs in.", challengeHint},
	"LOGIN_CHALLENGE_PENDING": {CodeLoginChallenge, "%[1]s wants to verify who signs in.", challengeHint},
	"INVALID_SSO_GATEWAY_URL": {CodeSSO, "The single sign-on of %[1]s did not answer.", ssoHint},
	"SSO_SERVICE_DOWN":        {CodeSSO, "The single sign-on of %[1]s did not answer.", ssoHint},
	"ORG_LOCKED":              {CodeOrgInactive, "The org behind %[1]s is locked, suspended or closed.", "Ask Salesforce, or the administrator of the org."},
	"ORG_ADMIN_LOCKED":        {CodeOrgInactive, "The org behind %[1]s is locked, suspended or closed.", "Ask Salesforce, or the administrator of the org."},
	"TRIAL_EXPIRED":           {CodeOrgInactive, "The trial of the org behind %[1]s has ended.", "Ask Salesforce, or use another org."},
	"ORG_IN_MAINTENANCE":      {CodeUnavailable, "%[1]s is not available at the moment.", unavailableHint},
	"ORG_IS_SIGNING_UP":       {CodeUnavailable, "%[1]s is still being made.", "Wait until Salesforce says that it is ready."},
	"INACTIVE_OWNER_OR_USER":  {CodeUserInactive, "The user is not active in %[1]s.", "Ask an administrator to activate or unfreeze the user."},
	"INVALID_SESSION_ID":      {CodeSessionExpired, "The sign-in to %[1]s has expired.", "Sign in again."},
	"API_DISABLED_FOR_ORG": {CodeAPIDisabled, "The API is not enabled for this user in %[1]s, or is no part of its edition.",
		"Ask an administrator for the permission API Enabled. If the edition in Setup, Company Information is Professional, Group or Essentials, the org needs API access as an extra."},
	"API_CURRENTLY_DISABLED":                        {CodeAPIDisabled, "%[1]s has switched its API off for now.", "Try again later."},
	"REQUEST_LIMIT_EXCEEDED":                        {CodeRequestLimit, "%[1]s has no API calls left.", "Wait: the limit counts the last 24 hours."},
	"INSUFFICIENT_ACCESS":                           {CodeInsufficientAccess, "This user may not do this in %[1]s.", metadataPermission},
	"INSUFFICIENT_ACCESS_OR_READONLY":               {CodeInsufficientAccess, "This user may not do this in %[1]s.", metadataPermission},
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": {CodeInsufficientAccess, "This user may not do this in %[1]s.", metadataPermission},
	"INSUFFICIENT_ACCESS_APEX_METADATA_DEPLOY":      {CodeInsufficientAccess, "This user may not deploy Apex to %[1]s.", "Ask an administrator for the permission Author Apex."},
	"FUNCTIONALITY_NOT_ENABLED":                     {CodeInsufficientAccess, "%[1]s does not have this function enabled.", "Ask an administrator."},
	"INVALID_TYPE":                                  {CodeInvalidType, "%[1]s does not know this type.", "Check its spelling, or leave it out: not every org and API version has every type."},
	"ALREADY_IN_PROCESS":                            {CodeLocked, "%[1]s is busy with another deployment.", "Wait until it has ended."},
	"UNABLE_TO_LOCK_ROW":                            {CodeLocked, "Someone else is changing %[1]s at this moment.", "Try again in a few minutes."},
	"SERVER_UNAVAILABLE":                            {CodeUnavailable, "%[1]s is not available at the moment.", unavailableHint},
	"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE":         {CodeUnavailable, "%[1]s has switched this function off for now.", unavailableHint},
	"UNSUPPORTED_API_VERSION":                       {CodeUnsupportedVersion, "%[1]s does not offer this API version.", "Press Test Connection: the version is chosen anew."},
	"LIMIT_EXCEEDED":                                {CodeLimitExceeded, "This is more than %[1]s allows in one call.", "Choose fewer customizations."},
	"EXCEEDED_QUOTA":                                {CodeLimitExceeded, "This is more than %[1]s allows.", "Free what is no longer needed there, or ask an administrator."},
	"EXCEEDED_ID_LIMIT":                             {CodeLimitExceeded, "This is more than %[1]s allows in one call.", "Choose fewer customizations."},
	"REQUEST_RUNNING_TOO_LONG":                      {CodeTooSlow, "%[1]s worked on this for too long and stopped.", "Try again when the org is quieter, or choose fewer customizations."},
	"QUERY_TIMEOUT":                                 {CodeTooSlow, "%[1]s worked on a query for too long and stopped.", "Try again when the org is quieter."},
	"UNKNOWN_EXCEPTION":                             {CodeSalesforce, "%[1]s broke down in the middle of this.", "Try again. If it happens again, give Salesforce's support the ErrorId."},
	"EXCEEDED_MAX_SIZE_REQUEST":                     {CodeLimitExceeded, "This is larger than %[1]s accepts.", "Deploy it in parts."},
	"INVALID_ID_FIELD":                              {CodeNotFound, "%[1]s does not know this id.", forgottenHint},
	"INVALID_CROSS_REFERENCE_KEY":                   {CodeNotFound, "%[1]s does not know this id.", forgottenHint},
	"MALFORMED_ID":                                  {CodeNotFound, "%[1]s does not know this id.", forgottenHint},
	"NOT_FOUND":                                     {CodeNotFound, "%[1]s does not have what was asked for.", forgottenHint},
	"MALFORMED_QUERY":                               {CodeInvalidQuery, "%[1]s does not understand the query.", queryHint},
	"INVALID_FIELD":                                 {CodeInvalidQuery, "%[1]s does not know a field of the query.", queryHint},
	"INVALID_QUERY_LOCATOR":                         {CodeInvalidQuery, "%[1]s has forgotten the query.", "Try again."},
}

const (
	metadataPermission = "Ask an administrator for the permission Modify Metadata Through Metadata API Functions."
	challengeHint      = "Sign in with Salesforce in the browser instead, or add this network to the org's trusted IP ranges."
	ssoHint            = "Ask the administrator of the single sign-on, or sign in with Salesforce in the browser."
	unavailableHint    = "Look at status.salesforce.com and try again."
	forgottenHint      = "Salesforce forgets deployments after about 30 days. Look at Deployment Status in the org's Setup."
	queryHint          = "The org's API version may lack something: press Test Connection and try again."
)

// plainly are the codes whose own words say more than ours: they are added.
var plainly = map[string]bool{
	CodeInvalidType: true, CodeInsufficientAccess: true, CodeNotFound: true, CodeInvalidQuery: true,
	CodeLimitExceeded: true, CodeTooSlow: true, CodeSalesforce: true, CodeLocked: true, CodeUnsupportedVersion: true, CodeLoginDisabled: true,
}

// readRefusal finds out what an answer that is not 200 says.
func readRefusal(status int, contentType string, body []byte) *APIError {
	trimmed := bytes.TrimSpace(body)
	refused := &APIError{Status: status}
	switch {
	case len(trimmed) == 0:
	case isHTML(contentType, trimmed):
		refused.Message = "a web page"
	case trimmed[0] == '<':
		if root, _, err := parseXML(bytes.NewReader(trimmed), nil); err == nil {
			if fault := faultOf(root); fault != nil {
				fault.Status = status
				return fault
			}
		}
	case trimmed[0] == '[', trimmed[0] == '{':
		readJSONRefusal(refused, trimmed)
	}
	return refused
}

// faultOf returns the SOAP fault of an answer, or nil.
func faultOf(root *node) *APIError {
	fault := root.at("Body", "Fault")
	if fault == nil {
		return nil
	}
	code := fault.str("faultcode")
	if _, local, ok := strings.Cut(code, ":"); ok {
		code = local
	}
	text := strings.TrimPrefix(fault.str("faultstring"), code+": ")
	if detail := fault.child("detail"); detail != nil && len(detail.children) > 0 {
		if exact := detail.children[0].str("exceptionCode"); exact != "" {
			code = exact
		}
	}
	return &APIError{Status: http.StatusInternalServerError, Code: code, Message: redact(text)}
}

// readJSONRefusal reads [{"message","errorCode"}] and OAuth's {"error"}.
func readJSONRefusal(refused *APIError, body []byte) {
	var list []struct {
		Message   string `json:"message"`
		ErrorCode string `json:"errorCode"`
	}
	var single struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Message     string `json:"message"`
		ErrorCode   string `json:"errorCode"`
	}
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		refused.Code, refused.Message = list[0].ErrorCode, redact(list[0].Message)
		return
	}
	if json.Unmarshal(body, &single) == nil {
		refused.Code, refused.Message = single.ErrorCode+single.Error, redact(single.Message+single.Description)
	}
}

// tokenForm is what session ids look like: the org's id, "!", the rest.
var tokenForm = regexp.MustCompile(`00D\w{12,15}![.\w]+`)

// secretForm is that, and what refresh tokens, codes and JWTs look like.
var secretForm = regexp.MustCompile(tokenForm.String() + `|5Aep[.\w]{20,}|aPrx[.=\w]{20,}|eyJ[\w-]+\.[\w-]+\.[\w-]*`)

// redact takes anything that looks like a secret out of Salesforce's words.
func redact(text string) string { return secretForm.ReplaceAllString(text, hidden) }

// notExpired are texts of INVALID_SESSION_ID that a new sign-in does not mend.
var notExpired = []string{"Connected app is not attached to Agent", "This session is not valid for use with the REST API"}

// refusalFault makes the fault of a refusal; the refusal is its cause.
func refusalFault(base *url.URL, refused *APIError) error {
	return faultFor(base, refused).Because(refused)
}

func faultFor(base *url.URL, refused *APIError) *governance.Fault {
	host := base.Hostname()
	if special := specialFault(host, refused); special != nil {
		return special
	}
	m, known := meanings[refused.Code]
	if !known {
		return unknownFault(host, refused)
	}
	message := m.words(host)
	if plainly[m.code] && refused.Message != "" {
		message += " Salesforce says: " + sentence(refused.Message)
	}
	return governance.Faultf(m.code, "%s", message).WithHint("%s", m.hint)
}

// specialFault is for codes whose meaning is in their text.
func specialFault(host string, refused *APIError) *governance.Fault {
	switch {
	case refused.Code == "INVALID_OPERATION" && strings.Contains(strings.ToLower(refused.Message), "login"):
		return governance.Faultf(CodeLoginDisabled, "%s does not allow signing in with a password. Salesforce says: %s", host, sentence(refused.Message)).
			WithHint("Edit the environment and sign in with Salesforce in the browser or through the sf CLI, or ask an administrator to enable SOAP API login().")
	case refused.Code == "INVALID_SESSION_ID":
		for _, text := range notExpired {
			if strings.Contains(refused.Message, text) {
				return governance.Faultf(CodeInsufficientAccess, "%s does not accept this sign-in for the API. Salesforce says: %s", host, sentence(refused.Message)).
					WithHint("Sign in another way.")
			}
		}
	case refused.Code == "Bad_OAuth_Token":
		return governance.Faultf(CodeSessionExpired, "The sign-in to %s has expired.", host).WithHint("Sign in again.")
	}
	return nil
}

func unknownFault(host string, refused *APIError) *governance.Fault {
	if refused.Code != "" {
		return governance.Faultf(CodeSalesforce, "%s answers: %s (%s)", host, sentence(refused.Message), refused.Code).
			WithHint("Try again. If it happens again, ask the org's administrator.")
	}
	switch status := refused.Status; {
	case status >= 300 && status < 400:
		return governance.Faultf(CodeRedirected, "%s sends the request elsewhere. It was not followed.", host).
			WithHint("Check the address of the org.")
	case status == http.StatusUnauthorized:
		return governance.Faultf(CodeSessionExpired, "The sign-in to %s has expired.", host).WithHint("Sign in again.")
	case status == http.StatusProxyAuthRequired:
		return governance.Faultf(CodeOrgUnreachable, "The proxy on the way to %s wants a sign-in.", host).WithHint("Check the proxy settings.")
	case status == http.StatusTooManyRequests:
		return governance.Faultf(CodeRequestLimit, "%s wants fewer requests.", host).WithHint("Wait a few minutes.")
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return governance.Faultf(CodeUnavailable, "%s is not available at the moment.", host).WithHint("%s", unavailableHint)
	case refused.Message == "a web page":
		return notSalesforce(host)
	}
	return governance.Faultf(CodeBadAnswer, "%s answers with HTTP status %d and nothing that can be understood.", host, refused.Status).
		WithHint("Try again. If it happens again, look at status.salesforce.com and at the proxy on the way.")
}

func notSalesforce(host string) *governance.Fault {
	return governance.Faultf(CodeNotSalesforce, "%s answers with something that is not Salesforce's API.", host).
		WithHint("Check the address of the org. A proxy or a sign-in page of the network may be in between.")
}

// checkForm refuses an answer of status 200 in the wrong language, such as the
// page of a proxy.
func checkForm(r request, contentType string) error {
	media, _, _ := mime.ParseMediaType(contentType)
	want := "xml"
	if r.form == formJSON {
		want = "json"
	}
	if media == "" || strings.Contains(media, want) && !strings.Contains(media, "html") {
		return nil
	}
	return notSalesforce(r.base.Hostname()).Because(&APIError{Status: http.StatusOK, Message: "content type " + media})
}

func isHTML(contentType string, body []byte) bool {
	start := strings.ToLower(string(body[:min(len(body), 64)]))
	return strings.Contains(contentType, "html") || strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// sentence ends a text of Salesforce's with a full stop.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}
