package demoorg

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func withWord(username, word string) string { return strings.Replace(username, "@", "+"+word+"@", 1) }

func TestEveryRefusalOfLoginCanBeProvoked(t *testing.T) {
	w := seeded(t, Options{}, shop())
	me := w.org.Connection()
	cases := []struct{ word, password, code string }{
		{"locked", me.Password, "PASSWORD_LOCKOUT"},
		{"hours", me.Password, "LOGIN_DURING_RESTRICTED_TIME"},
		{"network", me.Password, "LOGIN_DURING_RESTRICTED_DOMAIN"},
		{"notoken", me.Password, "LOGIN_MUST_USE_SECURITY_TOKEN"},
		{"nologin", me.Password, "INVALID_OPERATION"},
		{"offline", me.Password, "API_DISABLED_FOR_ORG"},
		{"inactive", me.Password, "INVALID_LOGIN"},
		{"hours", "wrong", "INVALID_LOGIN"}, // a word opens nothing without the password
	}
	for _, c := range cases {
		status, answer := login(w, "64.0", withWord(me.Username, c.word), c.password)
		if status != http.StatusInternalServerError || element(answer, "sf:exceptionCode") != c.code {
			t.Errorf("%s: %d %s, want %s", c.word, status, answer, c.code)
		}
	}
	bare := me.Password[:len(me.Password)-tokenLength]
	if _, answer := login(w, "64.0", me.Username, bare); element(answer, "sf:exceptionCode") != "LOGIN_MUST_USE_SECURITY_TOKEN" {
		t.Errorf("a password without its security token: %s", answer)
	}
}

func TestASessionCanRefuseEveryCall(t *testing.T) {
	w := seeded(t, Options{}, shop())
	me := w.org.Connection()
	cases := []struct {
		word, soap string
		rest       int
		restCode   string
	}{
		{"quota", "REQUEST_LIMIT_EXCEEDED", 403, "REQUEST_LIMIT_EXCEEDED"},
		{"noapi", "API_DISABLED_FOR_ORG", 403, "API_DISABLED_FOR_ORG"},
		{"unavailable", "SERVER_UNAVAILABLE", 503, "SERVER_UNAVAILABLE"},
		{"expired", "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", 403, "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"},
		{"noaccess", "INSUFFICIENT_ACCESS", 403, "INSUFFICIENT_ACCESS"},
	}
	for _, c := range cases {
		status, answer := login(w, "64.0", withWord(me.Username, c.word), me.Password)
		if status != http.StatusOK || (element(answer, "passwordExpired") == "true") != (c.word == "expired") {
			t.Fatalf("%s: %d %s", c.word, status, answer)
		}
		w.token = element(answer, "sessionId")
		if status, answer := w.soap("<describeMetadata/>"); status != 500 || element(answer, "faultcode") != "sf:"+c.soap {
			t.Errorf("%s: SOAP %d %s", c.word, status, answer)
		}
		status, raw := w.get("/services/data/v66.0/metadata/deployRequest/0Af000000000001AAA")
		if status != c.rest || !strings.Contains(raw, `"errorCode":"`+c.restCode+`"`) {
			t.Errorf("%s: REST %d %s", c.word, status, raw)
		}
	}
}

func TestTheAPIRequestLimitHolds(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Now: clock.read, DailyRequests: 3}, shop())
	for n := range 5 {
		status, raw := w.get("/services/data/v66.0/limits")
		if want := map[bool]int{true: 200, false: 403}[n < 3]; status != want {
			t.Errorf("call %d: %d %s", n+1, status, raw)
		}
	}
	if status, answer := w.soap("<describeMetadata/>"); status != 500 || element(answer, "faultcode") != "sf:REQUEST_LIMIT_EXCEEDED" {
		t.Errorf("SOAP: %d %s", status, answer)
	}
	clock.now = clock.now.Add(25 * time.Hour)
	if status, raw := w.get("/services/data/v66.0/limits"); status != 200 || !strings.Contains(raw, `"Remaining": 2`) {
		t.Errorf("a day later: %d %s", status, raw)
	}
}

// An oauthWorld signs in by web.
type oauthWorld struct {
	*world
	verifier, redirect string
}

func (w oauthWorld) authorize(change url.Values) url.Values {
	w.t.Helper()
	sum := sha256.Sum256([]byte(w.verifier))
	q := url.Values{"response_type": {"code"}, "client_id": {"any"}, "redirect_uri": {w.redirect}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	for name, value := range change {
		q[name] = value
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(w.url + "/services/oauth2/authorize?" + q.Encode())
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil {
		w.t.Fatal(err)
	}
	return back.Query()
}

func (w oauthWorld) post(path string, form url.Values) (int, map[string]any) {
	w.t.Helper()
	res, err := http.PostForm(w.url+path, form)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, answer
}

func (w oauthWorld) redeem(code, clientID string) (int, map[string]any) {
	w.t.Helper()
	return w.post("/services/oauth2/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {clientID},
		"redirect_uri": {w.redirect}, "code_verifier": {w.verifier}})
}

func TestAnAppCanBeRefused(t *testing.T) {
	w := oauthWorld{seeded(t, Options{}, shop()), "a-verifier", "http://localhost:1717/OauthRedirect"}
	for client, want := range map[string]string{"demo-blocked": "OAUTH_APP_BLOCKED", "demo-denied": "OAUTH_APP_ACCESS_DENIED", "demo-refused": "access_denied", "demo-unknown": "invalid_client_id"} {
		if back := w.authorize(url.Values{"client_id": {client}}); back.Get("error") != want || back.Get("error_description") == "" || back.Get("code") != "" {
			t.Errorf("%s: %v", client, back)
		}
	}
	if back := w.authorize(url.Values{"scope": {"api nonsense"}}); back.Get("error") != "invalid_scope" {
		t.Errorf("an unknown scope: %v", back)
	}
	code := w.authorize(url.Values{"client_id": {"demo-unapproved"}}).Get("code")
	if status, answer := w.redeem(code, "demo-unapproved"); status != 400 || answer["error"] != "invalid_app_access" {
		t.Errorf("unapproved: %d %v", status, answer)
	}
}

func TestScopesDecideWhatATokenIsGoodFor(t *testing.T) {
	w := oauthWorld{seeded(t, Options{}, shop()), "a-verifier", "http://localhost:1717/OauthRedirect"}
	_, answer := w.redeem(w.authorize(url.Values{"scope": {"api"}}).Get("code"), "any")
	if answer["refresh_token"] != nil || answer["scope"] != "api" {
		t.Errorf("without refresh_token: %v", answer)
	}
	_, answer = w.redeem(w.authorize(url.Values{"scope": {"api refresh_token"}, "client_id": {"demo-noscope"}}).Get("code"), "demo-noscope")
	w.token, _ = answer["access_token"].(string)
	if status, raw := w.get("/services/data/v66.0"); status != 401 || !strings.Contains(raw, "This session is not valid for use with the REST API") {
		t.Errorf("a token without api: %d %s", status, raw)
	}
	if status, raw := w.get("/services/oauth2/userinfo"); status != 200 {
		t.Errorf("it still says who it is: %d %s", status, raw)
	}
}

func TestARefreshTokenThatStays(t *testing.T) {
	w := oauthWorld{seeded(t, Options{}, shop()), "a-verifier", "http://localhost:1717/OauthRedirect"}
	_, first := w.redeem(w.authorize(url.Values{"client_id": {"demo-steady"}}).Get("code"), "demo-steady")
	kept, _ := first["refresh_token"].(string)
	for range 2 {
		status, again := w.post("/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {kept}, "client_id": {"demo-steady"}})
		if status != 200 || again["refresh_token"] != nil || again["access_token"] == "" {
			t.Fatalf("%d %v", status, again)
		}
	}
	for token, active := range map[string]bool{kept: true, "another": false} {
		if _, said := w.post("/services/oauth2/introspect", url.Values{"token": {token}, "client_id": {"demo-steady"}}); said["active"] != active {
			t.Errorf("introspect: %v", said)
		}
	}
	if res, err := http.PostForm(w.url+"/services/oauth2/revoke", url.Values{"token": {kept}}); err != nil || res.StatusCode != 200 {
		t.Fatalf("revoke: %v %v", res, err)
	}
	if status, answer := w.post("/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {kept}, "client_id": {"demo-steady"}}); status != 400 {
		t.Errorf("after revoke: %d %v", status, answer)
	}
}

func TestJWTBearer(t *testing.T) {
	w := oauthWorld{seeded(t, Options{}, shop()), "", ""}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(by *rsa.PrivateKey, claims map[string]any) string {
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`))
		body, _ := json.Marshal(claims)
		signed := head + "." + base64.RawURLEncoding.EncodeToString(body)
		sum := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, by, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	soon := time.Now().Add(3 * time.Minute)
	claims := func(name string, value any) map[string]any {
		c := map[string]any{"iss": "3MVG9", "sub": w.org.Connection().Username, "aud": w.url, "exp": soon.UnixMilli()}
		c[name] = value
		return c
	}
	ask := func(assertion string) (int, map[string]any) {
		return w.post("/services/oauth2/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}})
	}
	if status, answer := ask(sign(key, claims("", nil))); status != 400 || answer["error_description"] != "user hasn't approved this consumer" {
		t.Errorf("before anybody approved: %d %v", status, answer)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.org.dir, jwtKeyFile), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, assertion, refusal string
	}{
		{"milliseconds, as sf sends", sign(key, claims("", nil)), ""},
		{"seconds, as the RFC has it", sign(key, claims("exp", soon.Unix())), ""},
		{"as text", sign(key, claims("exp", strconv.FormatInt(soon.Unix(), 10))), ""},
		{"Salesforce's address", sign(key, claims("aud", "https://login.salesforce.com")), ""},
		{"a list of audiences", sign(key, claims("aud", []string{"https://test.salesforce.com/"})), ""},
		{"another audience", sign(key, claims("aud", "https://elsewhere.example")), "Audience validation failed"},
		{"too late", sign(key, claims("exp", time.Now().Add(-time.Minute).Unix())), "expired assertion"},
		{"good for a year", sign(key, claims("exp", time.Now().AddDate(1, 0, 0).Unix())), "expired assertion"},
		{"another key", sign(other, claims("", nil)), "invalid assertion"},
		{"no assertion", "a.b", "invalid assertion"},
		{"nobody", sign(key, claims("sub", "nobody@demo.example")), "user hasn't approved this consumer"},
		{"no app", sign(key, claims("iss", "")), "client identifier invalid"},
		{"a deactivated user", sign(key, claims("sub", withWord(w.org.Connection().Username, "inactive"))), "inactive user"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, answer := ask(c.assertion)
			if c.refusal != "" {
				if status != 400 || answer["error_description"] != c.refusal {
					t.Errorf("%d %v", status, answer)
				}
				return
			}
			if status != 200 || answer["refresh_token"] != nil || answer["instance_url"] != w.url {
				t.Fatalf("%d %v", status, answer)
			}
			in := *w.world
			in.token, _ = answer["access_token"].(string)
			if status, _ := in.get("//services/data/v66.0"); status != 200 {
				t.Errorf("the token is good for nothing: %d", status)
			}
		})
	}
}
