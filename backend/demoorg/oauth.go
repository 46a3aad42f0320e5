package demoorg

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// OAuth as far as a desktop client needs it: the authorization code flow with
// PKCE on a loopback callback, refresh tokens that rotate, revocation. Nobody
// types a password: the org belongs to whoever can reach it, and the code goes
// to this machine only.

// An authCode waits for the client that asked for it.
type authCode struct {
	userID    string
	clientID  string
	redirect  string
	challenge string
	scope     string
	provoked  provocation
	until     time.Time
}

const codeLife = 10 * time.Minute

// authorize answers with a redirect to the client's callback. login_hint
// chooses the user; without it, it is the integration user.
func (o *Org) authorize(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	q := r.URL.Query()
	back, ok := loopback(q.Get("redirect_uri"))
	if !ok {
		refuse(w, "redirect_uri_mismatch: the callback of a demo org's client must be on localhost.")
		return
	}
	scope, known := grantedScope(q.Get("scope"))
	username, word := provokedBy(q.Get("login_hint"))
	if word == "" {
		word = provokedByConsumer(q.Get("client_id"))
	}
	if word == provokeCallback { // an answer to a callback that nobody vouches for would be a leak
		answerPage(w, http.StatusBadRequest, "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration")
		return
	}
	refusal := authorizeRefusal(word)
	answer := url.Values{}
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	switch method := q.Get("code_challenge_method"); {
	case q.Get("response_type") != "code":
		answer.Set("error", "unsupported_response_type")
		answer.Set("error_description", "response type not supported")
	case q.Get("client_id") == "":
		answer.Set("error", "invalid_client_id")
		answer.Set("error_description", "client identifier invalid")
	case q.Get("code_challenge") == "" || method != "" && method != "S256":
		answer.Set("error", "invalid_request")
		answer.Set("error_description", "missing required code challenge")
	case !known:
		answer.Set("error", "invalid_scope")
		answer.Set("error_description", "the requested scope is not allowed")
	case refusal != nil:
		answer.Set("error", refusal.Error)
		answer.Set("error_description", refusal.Description)
	default:
		answer.Set("code", o.newCode(username, authCode{
			clientID: q.Get("client_id"), redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), scope: scope, provoked: word,
		}))
	}
	target := *back
	query := target.Query()
	for name, values := range answer {
		query[name] = values
	}
	target.RawQuery = query.Encode()
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// loopback takes http on this machine only (RFC 8252, 7.3).
func loopback(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return nil, false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return u, host == "localhost" || ip != nil && ip.IsLoopback()
}

// knownScopes are those of an External Client App that matter to clients of the
// API ("OAuth Tokens and Scopes").
var knownScopes = []string{"api", "web", "full", "refresh_token", "offline_access", "id", "openid", "profile", "email", "address", "phone",
	"visualforce", "lightning", "content", "chatter_api", "custom_permissions"}

// grantedScope gives the scopes of the tokens. Without a wish they are all that
// the app may grant.
func grantedScope(wish string) (granted string, known bool) {
	scopes := strings.Fields(wish)
	if len(scopes) == 0 {
		return "refresh_token web api", true
	}
	for _, scope := range scopes {
		if !slices.Contains(knownScopes, scope) {
			return "", false
		}
	}
	return strings.Join(scopes, " "), true
}

func hasScope(granted string, any ...string) bool {
	return slices.ContainsFunc(strings.Fields(granted), func(scope string) bool { return slices.Contains(any, scope) })
}

func (o *Org) newCode(username string, c authCode) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	u, ok := o.who.named(username)
	if !ok {
		u = o.who.Users[0]
	}
	c.userID, c.until = u.ID, o.clock().Add(codeLife)
	for code, c := range o.codes {
		if o.clock().After(c.until) || len(o.codes) > 1000 {
			delete(o.codes, code)
		}
	}
	code := "aPrx" + randomText(40)
	o.codes[code] = c
	return code
}

// An oauthError is the answer of the token endpoint (RFC 6749, 5.2).
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func writeOAuthError(w http.ResponseWriter, code, description string) {
	writeJSONAnswer(w, http.StatusBadRequest, oauthError{code, description})
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"`
	Signature    string `json:"signature"`
	Scope        string `json:"scope"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	TokenType    string `json:"token_type"`
	IssuedAt     string `json:"issued_at"`
}

// readForm reads a form; without one it answers and gives false. A client may
// name itself in the form or as the user of basic authentication (RFC 6749,
// 2.3.1).
func readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		writeOAuthError(w, "invalid_request", "the form can't be read")
		return false
	}
	if id, _, ok := r.BasicAuth(); ok && r.PostForm.Get("client_id") == "" {
		r.PostForm.Set("client_id", id)
	}
	return true
}

func (o *Org) token(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	if !readForm(w, r) {
		return
	}
	form := r.PostForm
	var answer tokenAnswer
	var failure *oauthError
	switch form.Get("grant_type") {
	case "authorization_code":
		answer, failure = o.redeem(form)
	case "refresh_token":
		answer, failure = o.refresh(form)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		answer, failure = o.assertJWT(form, r.Host)
	default:
		failure = &oauthError{"unsupported_grant_type", "grant type not supported"}
	}
	if failure != nil {
		writeOAuthError(w, failure.Error, failure.Description)
		return
	}
	answer.InstanceURL = "http://" + r.Host
	answer.ID = answer.InstanceURL + answer.ID
	writeJSONAnswer(w, http.StatusOK, answer)
}

// redeem trades a code for tokens. A code is good for one try.
func (o *Org) redeem(form url.Values) (tokenAnswer, *oauthError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	code := form.Get("code")
	c, ok := o.codes[code]
	delete(o.codes, code)
	switch {
	case !ok || o.clock().After(c.until):
		return tokenAnswer{}, &oauthError{"invalid_grant", "expired authorization code"}
	case form.Get("client_id") != c.clientID:
		return tokenAnswer{}, &oauthError{"invalid_client_id", "client identifier invalid"}
	case form.Get("redirect_uri") != c.redirect:
		return tokenAnswer{}, &oauthError{"redirect_uri_mismatch", "redirect_uri must match configuration"}
	case !proves(form.Get("code_verifier"), c.challenge):
		return tokenAnswer{}, &oauthError{"invalid_grant", "invalid code verifier"}
	}
	if refusal := tokenRefusal(c.provoked); refusal != nil {
		return tokenAnswer{}, refusal
	}
	if !hasScope(c.scope, "api", "full") {
		c.provoked = provokeNoScope
	}
	if c.provoked == provokeNoScope {
		c.scope = strings.Join(slices.DeleteFunc(strings.Fields(c.scope), func(scope string) bool { return scope == "api" || scope == "full" }), " ")
	}
	if !hasScope(c.scope, "refresh_token", "offline_access") {
		return o.access(session{UserID: c.userID, Provoked: c.provoked}, c.scope)
	}
	family := randomText(24)
	o.who.Grants = append(o.who.Grants, grant{Family: family, UserID: c.userID, ClientID: c.clientID, Scope: c.scope, Provoked: c.provoked})
	if over := len(o.who.Grants) - keptSessions; over > 0 {
		o.who.Grants = append([]grant{}, o.who.Grants[over:]...)
	}
	return o.issue(&o.who.Grants[len(o.who.Grants)-1])
}

// proves checks PKCE's S256 (RFC 7636, 4.6). The length of the verifier is not
// checked: the sf CLI's is longer than the RFC allows.
func proves(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	is := base64.RawURLEncoding.EncodeToString(sum[:])
	return verifier != "" && subtle.ConstantTimeCompare([]byte(is), []byte(strings.TrimRight(challenge, "="))) == 1
}

// issue gives a new access token and the next refresh token of the family. A
// client whose tokens do not rotate gets one refresh token, once.
func (o *Org) issue(g *grant) (tokenAnswer, *oauthError) {
	refresh := ""
	if g.Current == "" || !g.keeps() {
		refresh = "5Aep861" + randomText(60)
		if g.Current != "" {
			g.Spent = append(g.Spent, g.Current)
			if len(g.Spent) > 100 {
				g.Spent = g.Spent[1:]
			}
		}
		g.Current = hashToken(refresh)
	}
	scope := g.Scope
	if scope == "" { // granted before scopes were kept
		scope = "refresh_token web api"
	}
	answer, failure := o.access(session{UserID: g.UserID, Family: g.Family, Provoked: g.Provoked}, scope)
	if failure == nil {
		answer.RefreshToken = refresh
	}
	return answer, failure
}

// keeps tells a client without refresh token rotation.
func (g *grant) keeps() bool { return g.Provoked == provokeSteady }

// access gives an access token. The caller holds o.mu.
func (o *Org) access(s session, scope string) (tokenAnswer, *oauthError) {
	now := o.clock()
	token := o.who.addSession(s, now)
	id := "/id/" + o.who.OrganizationID + "/" + s.UserID
	if err := o.saveIdentity(); err != nil {
		o.log.Error("issue a token", "error", err)
		return tokenAnswer{}, &oauthError{"unknown_error", "retry your request"}
	}
	sum := sha256.Sum256([]byte(id + strconv.FormatInt(now.UnixMilli(), 10) + o.who.Nonce))
	return tokenAnswer{
		AccessToken: token, Scope: scope, ID: id, TokenType: "Bearer",
		IssuedAt: strconv.FormatInt(now.UnixMilli(), 10), Signature: base64.StdEncoding.EncodeToString(sum[:]),
	}, nil
}

// refresh rotates: the old token dies at once, and one that is used again ends
// its whole family.
func (o *Org) refresh(form url.Values) (tokenAnswer, *oauthError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	hash := hashToken(form.Get("refresh_token"))
	expired := &oauthError{"invalid_grant", "expired access/refresh token"}
	for i := range o.who.Grants {
		g := &o.who.Grants[i]
		if slices.Contains(g.Spent, hash) {
			o.endFamily(g.Family)
			return tokenAnswer{}, expired
		}
		if g.Current != hash {
			continue
		}
		if form.Get("client_id") != g.ClientID {
			return tokenAnswer{}, &oauthError{"invalid_client_id", "client identifier invalid"}
		}
		if refusal := tokenRefusal(g.Provoked); refusal != nil {
			return tokenAnswer{}, refusal
		}
		return o.issue(g)
	}
	return tokenAnswer{}, expired
}

// endFamily ends a refresh token family and its sessions. The caller holds
// o.mu.
func (o *Org) endFamily(family string) {
	o.who.Grants = slices.DeleteFunc(o.who.Grants, func(g grant) bool { return g.Family == family })
	o.who.Sessions = slices.DeleteFunc(o.who.Sessions, func(s session) bool { return s.Family == family })
	if err := o.saveIdentity(); err != nil {
		o.log.Error("end a grant", "error", err)
	}
}

func (o *Org) revoke(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost, http.MethodGet) {
		return
	}
	if !readForm(w, r) {
		return
	}
	token := r.Form.Get("token")
	hash := hashToken(token)
	o.mu.Lock()
	family := ""
	for _, g := range o.who.Grants {
		if g.Current == hash {
			family = g.Family
		}
	}
	if family != "" {
		o.endFamily(family)
	}
	o.mu.Unlock()
	if family != "" {
		w.WriteHeader(http.StatusOK)
		return
	}
	if _, ok := o.bySession(token); !ok {
		writeOAuthError(w, "unsupported_token_type", "this token type is not supported")
		return
	}
	o.endSession(token)
	w.WriteHeader(http.StatusOK)
}

// userinfo answers OpenID Connect's question, and the identity URL's.
func (o *Org) userinfo(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	u, ok := o.bearer(w, r)
	if !ok {
		return
	}
	organization := o.organizationID()
	base := "http://" + r.Host
	given, family, _ := strings.Cut(u.Name, " ")
	id := base + "/id/" + organization + "/" + u.ID
	writeJSONAnswer(w, http.StatusOK, map[string]any{
		"sub": id, "id": id, "user_id": u.ID, "organization_id": organization, "preferred_username": u.Username, "username": u.Username,
		"nickname": strings.ToLower(given), "name": u.Name, "display_name": u.Name, "given_name": given, "family_name": family,
		"email": u.Username, "email_verified": true, "zoneinfo": "Europe/Stockholm", "active": true, "user_type": "STANDARD",
		"language": "en_US", "locale": "en_US", "utcOffset": 3600000, "is_salesforce_integration_user": false,
		"urls": map[string]string{
			"enterprise": base + "/services/Soap/c/{version}/" + organization[:15],
			"metadata":   base + "/services/Soap/m/{version}/" + organization[:15],
			"partner":    base + "/services/Soap/u/{version}/" + organization[:15],
			"rest":       base + "/services/data/v{version}/",
			"sobjects":   base + "/services/data/v{version}/sobjects/",
			"query":      base + "/services/data/v{version}/query/",
			"profile":    base + "/" + u.ID,
		},
	})
}
