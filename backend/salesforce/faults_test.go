package salesforce

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"countersign/backend/governance"
)

func TestFaultsAPersonCanActOn(t *testing.T) {
	cases := []struct{ code, text, want, says string }{
		{"INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", CodeInvalidLogin, "does not accept this user name"},
		{"LOGIN_MUST_USE_SECURITY_TOKEN", "Use a token", CodeTokenRequired, "security token"},
		{"INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "expired", CodePasswordExpired, "has expired"},
		{"PASSWORD_LOCKOUT", "locked", CodeLockedOut, "locked this user out"},
		{"LOGIN_DURING_RESTRICTED_DOMAIN", "no", CodeLoginNetwork, "from this network"},
		{"LOGIN_DURING_RESTRICTED_TIME", "no", CodeLoginHours, "at this hour"},
		{"INVALID_OPERATION", "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().", CodeLoginDisabled, "disabled by default"},
		{"INVALID_OPERATION", "The SOAP Login operation is not available in the API version specified (65.0).", CodeLoginDisabled, "not available"},
		{"INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session", CodeSessionExpired, "has expired"},
		{"INVALID_SESSION_ID", "This session is not valid for use with the REST API", CodeInsufficientAccess, "not valid for use"},
		{"API_DISABLED_FOR_ORG", "API is not enabled", CodeAPIDisabled, "not enabled"},
		{"API_CURRENTLY_DISABLED", "API is disabled", CodeAPIDisabled, "switched its API off"},
		{"REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", CodeRequestLimit, "no API calls left"},
		{"INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData permission", CodeInsufficientAccess, "ModifyAllData"},
		{"INSUFFICIENT_ACCESS_OR_READONLY", "no", CodeInsufficientAccess, "may not do this"},
		{"FUNCTIONALITY_NOT_ENABLED", "no", CodeInsufficientAccess, "function"},
		{"INVALID_TYPE", "Unknown type:ApexKlass", CodeInvalidType, "Unknown type:ApexKlass."},
		{"ALREADY_IN_PROCESS", "busy", CodeLocked, "another deployment"},
		{"UNABLE_TO_LOCK_ROW", "Admin operation already in progress", CodeLocked, "Admin operation"},
		{"SERVER_UNAVAILABLE", "down", CodeUnavailable, "not available"},
		{"UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL", CodeUnsupportedVersion, "API version"},
		{"LIMIT_EXCEEDED", "Too many files", CodeLimitExceeded, "Too many files."},
		{"INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", CodeNotFound, "invalid cross reference id"},
		{"INVALID_ID_FIELD", "bad id", CodeNotFound, "bad id"},
		{"MALFORMED_QUERY", "unexpected token", CodeInvalidQuery, "unexpected token"},
		{"SOMETHING_NEW", "Words we have never read", CodeSalesforce, "Words we have never read. (SOMETHING_NEW)"},
		{"UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 123-45 (6)", CodeSalesforce, "ErrorId"},
		{"REQUEST_RUNNING_TOO_LONG", "Your request was running for too long", CodeTooSlow, "worked on this for too long"},
		{"EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 10 records in this operation", CodeLimitExceeded, "more than 10 records"},
		{"EXCEEDED_QUOTA", "no", CodeLimitExceeded, "more than"},
		{"INVALID_QUERY_LOCATOR", "invalid query locator", CodeInvalidQuery, "forgotten"},
		{"MALFORMED_ID", "bad id", CodeNotFound, "bad id"},
		{"SOMETHING_NEW", "your session is " + testToken, CodeSalesforce, "[secret]"},
	}
	for _, tc := range cases {
		ways := map[string]func(http.ResponseWriter){
			"metadata": func(w http.ResponseWriter) { sendXML(w, 500, metadataFault(tc.code, tc.text)) },
			"partner":  func(w http.ResponseWriter) { sendXML(w, 500, partnerFault(tc.code, tc.text)) },
			"soap 200": func(w http.ResponseWriter) { sendXML(w, 200, metadataFault(tc.code, tc.text)) },
			"rest":     func(w http.ResponseWriter) { sendJSON(w, 400, `[{"message":"`+tc.text+`","errorCode":"`+tc.code+`"}]`) },
		}
		for way, answer := range ways {
			t.Run(tc.code+" by "+way, func(t *testing.T) {
				c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { answer(w) }).client(t)
				_, err := c.Describe(t.Context())
				if way == "rest" {
					_, err = c.Query(t.Context(), "SELECT Id FROM User")
				}
				checkFault(t, err, tc.want, tc.says)
				var refused *APIError
				if !errors.As(err, &refused) || refused.Code != tc.code {
					t.Errorf("Salesforce's own words are lost: %+v", refused)
				}
			})
		}
	}
}

// An inventory with holes would be taken for the truth.
func TestInventoriesWithHoles(t *testing.T) {
	for _, answer := range []string{`<describeMetadataResponse/>`, `<describeMetadataResponse><result/></describeMetadataResponse>`,
		`<describeMetadataResponse><result><metadataObjects><directoryName>classes</directoryName></metadataObjects></result></describeMetadataResponse>`} {
		_, err := answering(t, 200, soapAnswer(answer)).Describe(t.Context())
		checkFault(t, err, CodeBadAnswer, "cannot be understood")
	}
	for _, answer := range []string{`<listMetadataResponse><result><type>ApexClass</type></result></listMetadataResponse>`, `<listMetadataResponse><result><fullName>A</fullName></result></listMetadataResponse>`} {
		_, err := answering(t, 200, soapAnswer(answer)).List(t.Context(), []ListQuery{{Type: "ApexClass"}})
		checkFault(t, err, CodeBadAnswer, "cannot be understood")
	}
}

// checkFault demands the code, a part of the sentence, and what no message may
// lack or have.
func checkFault(t *testing.T, err error, code, says string) {
	t.Helper()
	var fault *governance.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("got %v, want a fault %q", err, code)
	}
	if fault.Code != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got %q %q, want %q with %q", fault.Code, err, code, says)
	}
	if strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), "SELECT") || strings.Contains(err.Error(), "%!") {
		t.Errorf("the message gives away too much or is broken: %s", err)
	}
	end := fault.Message[len(fault.Message)-1]
	if end != '.' && end != ')' && end != '!' && end != '?' {
		t.Errorf("no full stop: %s", fault.Message)
	}
	if fault.Hint == "" && fault.Code != CodeSFFailed { // the CLI's own words
		t.Errorf("nobody is told what to do: %s", fault.Message)
	}
	if strings.Contains(strings.ToLower(fault.Message), "failed to") {
		t.Errorf("not our voice: %s", fault.Message)
	}
}

func TestRecordedFaults(t *testing.T) {
	_, err := answering(t, 500, fixture(t, "metaforce__invalid_session.xml")).Describe(t.Context())
	if !errors.Is(err, ErrSessionExpired) {
		t.Errorf("got %v", err)
	}
	refusal := fixture(t, "metaforce__login_failure.xml")
	server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 500, refusal) })
	_, err = LoginPassword(t.Context(), Options{}, server.URL, "ana@example.com", NewSecret("pw"), Secret{})
	checkFault(t, err, CodeInvalidLogin, "127.0.0.1")
}

func TestAnswersThatAreNotSalesforces(t *testing.T) {
	page := "<!DOCTYPE html><html><body>Sign in to the network</body></html>"
	cases := map[string]struct {
		status            int
		contentType, body string
		code              string
	}{
		"a page with 200":               {200, "text/html", page, CodeNotSalesforce},
		"a page that says it is xml":    {200, "text/xml", page, CodeBadAnswer},
		"a page with 404":               {404, "text/html", page, CodeNotSalesforce},
		"a page with 403":               {403, "text/html", page, CodeNotSalesforce},
		"a page with 500":               {500, "text/html", page, CodeNotSalesforce},
		"a picture":                     {200, "image/png", "PNG", CodeNotSalesforce},
		"nothing with 200":              {200, "text/xml", "", CodeBadAnswer},
		"nothing with 500":              {500, "text/xml", "", CodeBadAnswer},
		"a broken fault":                {500, "text/xml", "<soap", CodeBadAnswer},
		"another message":               {200, "text/xml", "<hello/>", CodeBadAnswer},
		"an envelope without a body":    {200, "text/xml", "<Envelope/>", CodeBadAnswer},
		"two messages":                  {200, "text/xml", soapAnswer(emptyList + emptyList), CodeBadAnswer},
		"a message and more":            {200, "text/xml", soapAnswer(emptyList) + "<x/>", CodeBadAnswer},
		"a document type":               {200, "text/xml", "<!DOCTYPE x [<!ENTITY a 'b'>]>" + soapAnswer(emptyList), CodeBadAnswer},
		"503 in plain text":             {503, "text/plain", "busy", CodeUnavailable},
		"502 of a gateway":              {502, "text/html", page, CodeUnavailable},
		"401 without words":             {401, "text/plain", "", CodeSessionExpired},
		"407 of a proxy":                {407, "text/html", page, CodeOrgUnreachable},
		"429":                           {429, "text/plain", "slow down", CodeRequestLimit},
		"broken gzip":                   {200, "gzip", "not gzip", CodeBadAnswer},
		"json with a status of no kind": {418, "application/json", "{}", CodeBadAnswer},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
				if tc.contentType == "gzip" {
					w.Header().Set("Content-Encoding", "gzip")
					tc.contentType = "text/xml"
				}
				w.Header().Set("Content-Type", tc.contentType)
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}).client(t)
			_, err := c.Describe(t.Context())
			checkFault(t, err, tc.code, "127.0.0.1")
		})
	}
}

func TestJSONAnswersThatAreNotSalesforces(t *testing.T) {
	for body, want := range map[string]string{
		`{"totalSize":1,"done":true,"records":[`: CodeBadAnswer,
		`nonsense`:                               CodeBadAnswer,
		``:                                       CodeBadAnswer,
		`{"done":true} {"done":true}`:            CodeBadAnswer,
		`{"done":false,"nextRecordsUrl":"https://evil.example/services/data/x"}`: CodeBadAnswer,
		`{"done":false,"nextRecordsUrl":"//evil.example/services/data/x"}`:       CodeBadAnswer,
		`{"done":false,"nextRecordsUrl":"/secur/logout.jsp"}`:                    CodeBadAnswer,
	} {
		c := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendJSON(w, 200, body) }).client(t)
		_, err := c.Query(t.Context(), "SELECT Id FROM User")
		checkFault(t, err, want, "127.0.0.1")
	}
}
