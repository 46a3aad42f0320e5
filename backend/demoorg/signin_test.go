package demoorg

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func login(w *world, version, username, password string) (int, string) {
	w.t.Helper()
	return w.send("/services/Soap/u/"+version, `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>`+
		username+`</username><password>`+password+`</password></login></se:Body></se:Envelope>`)
}

func TestLogin(t *testing.T) {
	clock := &testClock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w := seeded(t, Options{Now: clock.read}, shop())
	me := w.org.SecondUser()

	status, answer := login(w, "64.0", me.Username, me.Password)
	if status != http.StatusOK {
		t.Fatalf("login: %d %s", status, answer)
	}
	token := element(answer, "sessionId")
	if !regexp.MustCompile(`^(00D\w{12,15})![.\w]*$`).MatchString(token) {
		t.Errorf("the sf CLI would refuse this token: %s", token)
	}
	server := element(answer, "metadataServerUrl")
	if element(answer, "userFullName") != "Robin Admin" || element(answer, "organizationId") != me.OrganizationID || element(answer, "sandbox") != "true" {
		t.Errorf("answer = %s", answer)
	}
	w.token = token
	if path := strings.TrimPrefix(server, w.url); path == server {
		t.Errorf("the server URL %s is elsewhere", server)
	} else if status, answer := w.send(path, envelopeFor(token, "<describeMetadata><asOfVersion>64.0</asOfVersion></describeMetadata>")); status != http.StatusOK {
		t.Errorf("describeMetadata at the login's address: %d %s", status, answer)
	}

	clock.now = clock.now.Add(3 * time.Hour)
	if status, _ := w.get("/services/data/v66.0"); status != http.StatusUnauthorized {
		t.Errorf("an old session gives %d", status)
	}
	cases := []struct{ name, version, username, password, code string }{
		{"too new", "65.0", me.Username, me.Password, "INVALID_OPERATION"},
		{"too old", "30.0", me.Username, me.Password, "UNSUPPORTED_API_VERSION"},
		{"wrong password", "64.0", me.Username, "wrong", "INVALID_LOGIN"},
		{"no such user", "64.0", "nobody@demo.example", me.Password, "INVALID_LOGIN"},
		{"a name without a password", "64.0", "", "", "INVALID_LOGIN"},
	}
	for _, c := range cases {
		status, answer := login(w, c.version, c.username, c.password)
		if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:"+c.code || element(answer, "sf:exceptionCode") != c.code {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	for range 5 {
		login(w, "64.0", me.Username, "wrong")
	}
	if _, answer := login(w, "64.0", me.Username, me.Password); element(answer, "faultcode") != "sf:PASSWORD_LOCKOUT" {
		t.Errorf("six wrong passwords do not lock: %s", answer)
	}
	clock.now = clock.now.Add(16 * time.Minute)
	if status, answer := login(w, "64.0", me.Username, me.Password); status != http.StatusOK {
		t.Errorf("the lock does not end: %s", answer)
	}
}

func TestWebPagesAreRefused(t *testing.T) {
	w := seeded(t, Options{}, shop())
	cases := []struct {
		name, header, value, path string
		want                      int
	}{
		{"a plain client", "", "", "/services/data", 200},
		{"Node's fetch, as in the sf CLI", "Sec-Fetch-Mode", "cors", "/services/data", 200},
		{"a page's script", "Origin", "http://evil.example", "/services/data", 403},
		{"a sandboxed frame", "Origin", "null", "/services/data", 403},
		{"a link", "Sec-Fetch-Site", "cross-site", "/services/data", 403},
		{"an image", "Sec-Fetch-Dest", "image", "/services/data", 403},
		{"a navigation", "Sec-Fetch-Mode", "navigate", "/services/data", 403},
		{"another host", "Host", "evil.example", "/services/data", 403},
		{"another host at the sign-in page", "Host", "evil.example", "/services/oauth2/authorize", 403},
		{"a browser at the sign-in page", "Sec-Fetch-Site", "none", "/services/oauth2/authorize?response_type=code&client_id=a&code_challenge=b&redirect_uri=http%3A%2F%2Flocalhost%3A1717%2Fx", 302},
		{"a callback elsewhere", "", "", "/services/oauth2/authorize?response_type=code&client_id=a&code_challenge=b&redirect_uri=http%3A%2F%2Fevil.example%2Fx", 403},
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, c := range cases {
		r, err := http.NewRequest(http.MethodGet, w.url+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.header == "Host" {
			r.Host = c.value
		} else if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.want)
		}
	}
}

func TestOAuthWithPKCEAndRotation(t *testing.T) {
	w := seeded(t, Options{}, shop())
	verifier := strings.Repeat("v", 171) // as long as the sf CLI's
	sum := sha256.Sum256([]byte(verifier))
	redirect := "http://localhost:1717/OauthRedirect"
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	authorize := func() string {
		q := url.Values{"state": {"s1"}, "response_type": {"code"}, "client_id": {"PlatformCLI"}, "redirect_uri": {redirect},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "login_hint": {w.org.SecondUser().Username}}
		res, err := client.Get(w.url + "/services/oauth2/authorize?" + q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		back, err := res.Location()
		if err != nil || back.Query().Get("state") != "s1" || back.Host != "localhost:1717" {
			t.Fatalf("redirect to %v, %v", back, err)
		}
		return back.Query().Get("code")
	}
	post := func(form url.Values) (int, map[string]string) {
		res, err := http.PostForm(w.url+"/services/oauth2/token", form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer := map[string]string{}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, answer
	}
	redeem := func(code, verifier string) (int, map[string]string) {
		return post(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"PlatformCLI"}, "redirect_uri": {redirect}, "code_verifier": {verifier}})
	}
	refresh := func(token string) (int, map[string]string) {
		return post(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"PlatformCLI"}})
	}
	if status, answer := redeem(authorize(), "wrong"); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("a wrong verifier: %d %v", status, answer)
	}
	code := authorize()
	status, first := redeem(code, verifier)
	if status != http.StatusOK || first["instance_url"] != w.url {
		t.Fatalf("%d %v", status, first)
	}
	if status, answer := redeem(code, verifier); status != 400 || answer["error_description"] != "expired authorization code" {
		t.Errorf("a code used twice: %d %v", status, answer)
	}
	w.token = first["access_token"]
	if _, raw := w.get("/services/oauth2/userinfo"); !strings.Contains(raw, "Robin Admin") {
		t.Errorf("userinfo: %s", raw)
	}
	status, second := refresh(first["refresh_token"])
	if status != http.StatusOK || second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("the refresh token does not rotate: %d %v", status, second)
	}
	if status, answer := refresh(first["refresh_token"]); status != 400 || answer["error_description"] != "expired access/refresh token" {
		t.Errorf("an old refresh token: %d %v", status, answer)
	}
	if status, _ := refresh(second["refresh_token"]); status != 400 {
		t.Error("the use of an old refresh token must end its family")
	}
	w.token = second["access_token"]
	if status, _ := w.get("/services/data/v66.0"); status != http.StatusUnauthorized {
		t.Error("the sessions of the family must end with it")
	}
}

func TestAConnectionKeepsItsSecretsOutOfLogs(t *testing.T) {
	w := seeded(t, Options{}, shop())
	me := w.org.Connection()
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("signed in", "as", me)
	if strings.Contains(out.String(), me.Password) || strings.Contains(out.String(), me.AccessToken) || !strings.Contains(out.String(), me.Username) {
		t.Errorf("log: %s", out.String())
	}
}
