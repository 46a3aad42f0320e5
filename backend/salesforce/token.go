package salesforce

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"countersign/backend/governance"
)

// A tokenAnswer is what the token endpoint gives (RFC 6749, 5.1, and help
// article "OAuth 2.0 Web Server Flow").
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
}

// Neither prints a token.
func (tokenAnswer) String() string       { return hidden }
func (tokenAnswer) GoString() string     { return hidden }
func (tokenAnswer) LogValue() slog.Value { return slog.StringValue(hidden) }

// session reads where the token is good and whose it is. It may lead to the
// login server itself or a host of Salesforce's, and nowhere else.
func (t *tokenAnswer) session(login *url.URL) (*Session, error) {
	instance, err := checkInstance(login, t.InstanceURL)
	if err != nil {
		return nil, err
	}
	organization, user, err := idFromURL(t.ID)
	if err != nil {
		return nil, governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood.", login.Hostname()).Because(err)
	}
	return &Session{InstanceURL: instance.String(), AccessToken: NewSecret(t.AccessToken), OrganizationID: organization, UserID: user}, nil
}

// token asks the token endpoint, once. An error is ErrNotSent, ErrUnknownOutcome
// or, when it is neither, a refusal in so many words.
func (w *wire) token(ctx context.Context, login *url.URL, form url.Values) (*tokenAnswer, error) {
	var answer tokenAnswer
	err := w.postForm(ctx, login, tokenPath, form, func(body io.Reader) error { return readJSON(body, &answer) })
	if err == nil && answer.AccessToken == "" {
		err = unknownOutcome(governance.Faultf(CodeBadAnswer, "The answer of %s cannot be understood.", login.Hostname()))
	}
	if err != nil {
		return nil, err
	}
	return &answer, nil
}

func (w *wire) revoke(ctx context.Context, login *url.URL, token string) error {
	return w.postForm(ctx, login, revokePath, url.Values{"token": {token}}, func(io.Reader) error { return nil })
}

// postForm sends a form that holds secrets: in the body, on a connection of its
// own, to this host and no other, and never a second time.
func (w *wire) postForm(ctx context.Context, login *url.URL, path string, form url.Values, read func(io.Reader) error) error {
	started := time.Now()
	status, err := w.postOnce(ctx, login, path, form, read)
	w.o.Log.LogAttrs(ctx, slog.LevelDebug, "salesforce request",
		slog.String("op", strings.TrimPrefix(path, "/services/")), slog.String("host", login.Host), slog.Int("status", status),
		slog.Duration("took", time.Since(started)), slog.Bool("ok", err == nil))
	return err
}

func (w *wire) postOnce(ctx context.Context, login *url.URL, path string, form url.Values, read func(io.Reader) error) (status int, err error) {
	body, length := onceBytes([]byte(form.Encode()))
	defer body.Close()
	r := request{op: "sign in", base: login, path: path, once: body, form: formJSON}
	limited, watch := w.limit(ctx, r)
	defer watch.stop()
	body.moved = watch.moved
	req, err := http.NewRequestWithContext(limited, http.MethodPost, login.String()+path, body)
	if err != nil {
		return 0, notSent(withoutURL(err))
	}
	req.ContentLength, req.GetBody, req.Close = length, nil, true
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", clientName)
	transport, done := onceTransport(w.o.Transport)
	defer done()
	resp, err := (&http.Client{Transport: transport, CheckRedirect: followNothing}).Do(req)
	if err != nil {
		reason := networkFault(limited, r, withoutURL(err))
		if body.handed.Load() {
			return 0, unknownOutcome(reason)
		}
		return 0, notSent(reason)
	}
	defer resp.Body.Close()
	return resp.StatusCode, w.formAnswer(limited, r, resp, read)
}

// followNothing leaves every redirect alone: it could carry the form away.
func followNothing(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (w *wire) formAnswer(ctx context.Context, r request, resp *http.Response, read func(io.Reader) error) error {
	if resp.StatusCode != http.StatusOK {
		return w.formRefusal(ctx, r, resp)
	}
	w.noteTime(resp)
	if err := checkForm(r, resp.Header.Get("Content-Type")); err != nil {
		return unknownOutcome(err)
	}
	body := &watchedBody{source: resp.Body, moved: func() {}}
	if err := read(body); err != nil {
		return unknownOutcome(answerFault(ctx, r, body.err, err))
	}
	return nil
}

func (w *wire) formRefusal(ctx context.Context, r request, resp *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusalBytes))
	if err != nil && ctx.Err() != nil {
		return unknownOutcome(networkFault(ctx, r, err))
	}
	refused, ok := readOAuthRefusal(resp.StatusCode, text)
	if ok {
		w.noteTime(resp)
		return oauthFault(r.base.Hostname(), refused).Because(refused)
	}
	refused = readRefusal(resp.StatusCode, resp.Header.Get("Content-Type"), text)
	reason := refusalFault(r.base, refused)
	// A gateway that gave up may have handed the form on before.
	if resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable {
		return unknownOutcome(reason)
	}
	return notSent(reason)
}

// readOAuthRefusal reads {"error", "error_description"} of RFC 6749, 5.2.
func readOAuthRefusal(status int, body []byte) (*APIError, bool) {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &said) != nil || said.Error == "" {
		return nil, false
	}
	return &APIError{Status: status, Code: cutText(said.Error, 100), Message: cutText(redact(said.Description), 300)}, true
}

// cutText is one line of a text that somebody else wrote, and not all of a long
// one.
func cutText(text string, most int) string {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line
}

// oauthMeanings are the error codes of OAuth, from the callback and from the
// token endpoint (help article "OAuth 2.0 Authorization Errors"; those of apps
// as they are reported). %[1]s is the host.
var oauthMeanings = map[string]meaning{
	"access_denied":                {CodeOAuthDenied, "The sign-in to %[1]s was declined in the browser.", "Sign in again, and press Allow there."},
	"oauth_app_blocked":            {CodeAppBlocked, "An administrator of %[1]s has blocked this External Client App.", "Ask for it to be unblocked in Setup, under Connected Apps OAuth Usage and under API Access Control."},
	"oauth_app_access_denied":      {CodeAppNotAllowed, "%[1]s does not let this user use the External Client App.", appPolicies},
	"invalid_app_access":           {CodeAppNotAllowed, "%[1]s does not let this user use the External Client App.", appPolicies},
	"oauth_approval_error_generic": {CodeAppNotAllowed, "%[1]s does not let this user use the External Client App.", appPolicies},
	"oauth_ec_app_not_found":       {CodeAppUnknown, "The org that was signed in to does not have this External Client App.", "An app belongs to one org: use that org's My Domain as the address, and sign in as one of its users."},
	"invalid_client_id":            {CodeAppUnknown, "%[1]s does not know this consumer key.", appUnknownHint},
	"invalid_client":               {CodeAppSecret, "%[1]s does not accept the consumer key with this consumer secret.", appSecretHint},
	"invalid_client_credentials":   {CodeAppSecret, "%[1]s does not accept the consumer key with this consumer secret.", appSecretHint},
	"redirect_uri_mismatch":        {CodeCallback, "The External Client App of %[1]s does not name the callback address.", "Paste all callback addresses that Countersign lists into the app's OAuth settings, each on a line, without a change."},
	"invalid_scope":                {CodeScopeMissing, "The External Client App of %[1]s does not offer the scopes that are needed.", "In the app's OAuth settings select the scopes " + Scopes + "."},
	"unsupported_response_type":    {CodeAppFlow, "The External Client App of %[1]s does not allow signing in with the browser.", appFlowHint},
	"unauthorized_client":          {CodeAppFlow, "The External Client App of %[1]s does not allow signing in with the browser.", appFlowHint},
	"unsupported_grant_type":       {CodeAppFlow, "The External Client App of %[1]s does not allow signing in with the browser.", appFlowHint},
	"inactive_user":                {CodeUserInactive, "The user is not active in %[1]s.", "Ask an administrator to activate or unfreeze the user."},
	"inactive_org":                 {CodeOrgInactive, "The org behind %[1]s is locked, suspended or closed.", "Ask Salesforce, or the administrator of the org."},
	"rate_limit_exceeded":          {CodeRequestLimit, "%[1]s has had too many sign-ins in a short time.", "Wait an hour, then sign in again."},
	"server_error":                 {CodeUnavailable, "%[1]s is not available at the moment.", unavailableHint},
	"temporarily_unavailable":      {CodeUnavailable, "%[1]s is not available at the moment.", unavailableHint},
	"unknown_error":                {CodeUnavailable, "%[1]s could not sign in and does not say why.", unavailableHint},
}

const (
	appPolicies    = "In Setup, External Client App Manager, open the policies of the app: permit all users, or admit a profile or permission set of this user."
	appUnknownHint = "Copy it from the app's OAuth settings again. A new app takes up to ten minutes to be known, and a sandbox knows its own apps only."
	appSecretHint  = "Switch off Require secret for Web Server Flow and for Refresh Token Flow in the app's OAuth settings, or enter its consumer secret."
	appFlowHint    = "In the app's OAuth settings allow the Web Server Flow, with Proof Key for Code Exchange (PKCE)."
)

// grantMeanings say what invalid_grant means by the words in its description.
// The first that fits holds.
var grantMeanings = []struct {
	words   []string
	meaning meaning
}{
	{[]string{"expired authorization code", "invalid authorization code"}, meaning{CodeSignInLate, "The answer of the browser came too late for %[1]s.", "Sign in again, without a long wait."}},
	{[]string{"code verifier", "code challenge"}, meaning{CodePKCE, "%[1]s did not accept the proof that the sign-in began here.", "Sign in again. If it happens again, see that a proxy does not change the sign-in page's address."}},
	{[]string{"ip restricted", "ip range"}, meaning{CodeLoginNetwork, "%[1]s does not allow this user to sign in from this network.", "Sign in from a network inside the login IP ranges of your profile, such as through the VPN, or ask an administrator to add this one or to relax the app's IP restrictions."}},
	{[]string{"login hours", "restricted time"}, meaning{CodeLoginHours, "%[1]s does not allow this user to sign in at this hour.", "Try again within the login hours of your profile, or ask an administrator to change them."}},
	{[]string{"password"}, meaning{CodePasswordExpired, "The password for %[1]s has expired.", "Sign in with a browser, set a new one, and sign in here again."}},
	{[]string{"inactive user", "user is inactive", "frozen"}, meaning{CodeUserInactive, "The user is not active in %[1]s.", "Ask an administrator to activate or unfreeze the user."}},
	{[]string{"inactive organization", "inactive org"}, meaning{CodeOrgInactive, "The org behind %[1]s is locked, suspended or closed.", "Ask Salesforce, or the administrator of the org."}},
	{[]string{"approved"}, meaning{CodeAppNotAllowed, "%[1]s does not let this user use the External Client App.", appPolicies}},
	{[]string{"expired", "revoked", "invalid refresh token", "token"}, meaning{CodeSignInOver, "The sign-in to %[1]s is over: it was revoked, replaced or not used for too long.", "Sign in with Salesforce again."}},
}

// oauthFault makes a sentence of a refusal.
func oauthFault(host string, refused *APIError) *governance.Fault {
	code, said := strings.ToLower(refused.Code), strings.ToLower(refused.Message)
	if strings.Contains(said, "api is not enabled") || code == "api_disabled_for_org" {
		return meanings["API_DISABLED_FOR_ORG"].fault(host)
	}
	if m, known := oauthMeanings[code]; known {
		return m.fault(host)
	}
	if strings.Contains(said, "code challenge") || strings.Contains(said, "pkce") {
		return governance.Faultf(CodeAppFlow, "The External Client App of %s does not take PKCE as it was sent.", host).WithHint("%s", appFlowHint)
	}
	if code == "invalid_grant" {
		for _, g := range grantMeanings {
			if containsAny(said, g.words...) {
				return g.meaning.fault(host)
			}
		}
	}
	words := refused.Message
	if words == "" {
		words = refused.Code
	}
	return governance.Faultf(CodeSalesforce, "%s did not sign in: %s", host, sentence(words)).
		WithHint("Look at the user's Login History in Setup: its Status says why.")
}
