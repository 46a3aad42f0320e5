package salesforce

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"countersign/backend/governance"
)

const loggedIn = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result>` +
	`<metadataServerUrl>SERVER/services/Soap/m/64.0/00D000000000062</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>SERVER/services/Soap/u/64.0/00D000000000062</serverUrl>` +
	`<sessionId>` + testToken + `</sessionId><userId>005000000000001AAA</userId><userInfo><organizationId>00D000000000062EAA</organizationId><userId>005000000000001AAA</userId><userName>ana@example.com</userName></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>`

func loginOrg(t *testing.T, answer func(server string) string) *replay {
	var server *replay
	server = newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/services/data" {
			sendJSON(w, 200, `[{"version":"67.0"},{"version":"68.0"}]`)
			return
		}
		sendXML(w, 200, answer(server.URL))
	})
	return server
}

func TestLoginWithAPassword(t *testing.T) {
	server := loginOrg(t, func(url string) string { return strings.ReplaceAll(loggedIn, "SERVER", url) })
	var log bytes.Buffer
	o := Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	s, err := LoginPassword(t.Context(), o, server.URL+"/", " ana@example.com ", NewSecret("p<&>w"), NewSecret("TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	if s.AccessToken.Reveal() != testToken {
		t.Error("another token")
	}
	s.AccessToken = Secret{}
	want := Session{InstanceURL: server.URL, OrganizationID: testOrg, UserID: testUser, Username: "ana@example.com", APIVersion: "68.0"}
	if *s != want {
		t.Errorf("got %+v", *s)
	}
	sent := server.seen()[0]
	if sent.path != "/services/Soap/u/64.0" || !strings.Contains(sent.body, "<username>ana@example.com</username><password>p&lt;&amp;&gt;wTOKEN</password>") {
		t.Errorf("sent %s %s", sent.path, sent.body)
	}
	if !strings.Contains(log.String(), "op=login") || strings.Contains(log.String(), "TOKEN") || strings.Contains(log.String(), testToken) {
		t.Errorf("logged %s", log.String())
	}
}

func TestLoginsThatEndElsewhere(t *testing.T) {
	for name, tc := range map[string]struct{ answer, code string }{
		"at a stranger":         {strings.ReplaceAll(loggedIn, "SERVER", "https://evil.example"), CodeRedirected},
		"at a near miss":        {strings.ReplaceAll(loggedIn, "SERVER", "https://my-salesforce.com.evil.example"), CodeRedirected},
		"at a plain address":    {strings.ReplaceAll(loggedIn, "SERVER", "http://acme.my.salesforce.com"), CodeInvalidURL},
		"at another local port": {strings.ReplaceAll(loggedIn, "SERVER", "http://127.0.0.1:1"), CodeRedirected},
		"nowhere":               {strings.ReplaceAll(loggedIn, "SERVER/services", ""), CodeInvalidURL},
		"with an old password":  {strings.Replace(loggedIn, "<passwordExpired>false", "<passwordExpired>true", 1), CodePasswordExpired},
		"without a session":     {strings.Replace(strings.ReplaceAll(loggedIn, "SERVER", "https://acme.my.salesforce.com"), testToken, "", 1), CodeBadAnswer},
		"without a result":      {soapAnswer("<loginResponse/>"), CodeBadAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			server := loginOrg(t, func(string) string { return tc.answer })
			_, err := LoginPassword(t.Context(), Options{}, server.URL, "ana@example.com", NewSecret("pw"), Secret{})
			if governance.FaultCode(err) != tc.code {
				t.Errorf("got %v", err)
			}
			if len(server.seen()) != 1 {
				t.Errorf("asked %d times", len(server.seen()))
			}
		})
	}
	if _, err := LoginPassword(t.Context(), Options{}, "https://acme.my.salesforce.com", "ana@example.com", Secret{}, Secret{}); governance.FaultCode(err) != CodeInvalidLogin {
		t.Errorf("no password: %v", err)
	}
	if _, err := LoginPassword(t.Context(), Options{}, "http://acme.my.salesforce.com", "ana@example.com", NewSecret("pw"), Secret{}); governance.FaultCode(err) != CodeInvalidURL {
		t.Errorf("plain http: %v", err)
	}
}

func TestTheRecordedLoginLeadsToSalesforce(t *testing.T) {
	root, _, err := parseXML(strings.NewReader(fixture(t, "metaforce__login_success.xml")), nil)
	if err != nil {
		t.Fatal(err)
	}
	login, _ := CheckURL("https://login.salesforce.com")
	s, err := readLogin(login, "foo@bar.com", root.at("Body", "loginResponse", "result"))
	if err != nil || s.InstanceURL != "https://na12-api.salesforce.com" || s.OrganizationID != "00DU0000000AlbhMAC" || s.UserID != "005U0000000EApcIAG" || s.Username != "foo@bar.com" {
		t.Errorf("got %+v, %v", s, err)
	}
}

// fakeSF puts a script named sf on the PATH, alone.
func fakeSF(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for sf is a shell script")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "sf"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
}

// sfScript answers as sf 2.150 does: the token hidden in org display.
func sfScript(instance string) string {
	return fmt.Sprintf(`case "$*" in
"org display -o uat --json") echo " ›   Warning: update available" ; echo '{"status":0,"result":{"id":"00D000000000062EAA","accessToken":"[REDACTED] Use sf org auth show-access-token","instanceUrl":"%s/","username":"ana@example.com","connectedStatus":"Connected"},"warnings":[]}' ;;
"org auth show-access-token --no-prompt -o uat --json") echo '{"status":0,"result":{"accessToken":"%s"},"warnings":[]}' ;;
*) echo '{"name":"Unexpected","status":1,"message":"'"$*"'"}'; exit 1 ;;
esac
`, instance, testToken)
}

func sfOrg(t *testing.T) *replay {
	return newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/services/data" {
			sendJSON(w, 200, `[{"version":"68.0"}]`)
			return
		}
		sendJSON(w, 200, someone)
	})
}

func TestLoginThroughTheCLI(t *testing.T) {
	server := sfOrg(t)
	fakeSF(t, sfScript(server.URL))
	s, err := LoginCLI(t.Context(), Options{}, "uat")
	if err != nil {
		t.Fatal(err)
	}
	if s.AccessToken.Reveal() != testToken {
		t.Error("another token")
	}
	s.AccessToken = Secret{}
	if want := (Session{InstanceURL: server.URL, OrganizationID: testOrg, UserID: testUser, Username: "ana@example.com", APIVersion: "68.0"}); *s != want {
		t.Errorf("got %+v", *s)
	}
}

func TestLoginThroughAnOldCLI(t *testing.T) {
	server := sfOrg(t)
	fakeSF(t, fmt.Sprintf(`case "$*" in
"org display -o uat --json") echo '{"status":0,"result":{"id":"00D000000000062EAA","accessToken":"%s","instanceUrl":"%s","username":"ana@example.com"}}' ;;
*) echo 'Warning: org auth show-access-token is not a sf command.' >&2; exit 2 ;;
esac
`, testToken, server.URL))
	if s, err := LoginCLI(t.Context(), Options{}, "uat"); err != nil || s.AccessToken.Reveal() != testToken {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestTheCLICannotHelp(t *testing.T) {
	for name, tc := range map[string]struct{ script, code, says string }{
		"not signed in":   {`echo '{"name":"NamedOrgNotFoundError","status":1,"exitCode":1,"message":"No authorization information found for uat."}'; exit 1`, CodeSFNotSignedIn, "Run sf org login web --alias uat."},
		"on stderr":       {`echo '{"name":"NoAuthInfoFound","status":1,"message":"No org"}' >&2; exit 1`, CodeSFNotSignedIn, "not signed in to uat"},
		"expired":         {`echo '{"name":"RefreshTokenAuthError","status":1,"message":"Error authenticating with the refresh token due to: expired access/refresh token"}'; exit 1`, CodeSFNotSignedIn, "has expired"},
		"its own trouble": {`echo '{"name":"Other","status":1,"message":"The disk of ` + testToken + ` is full"}'; exit 1`, CodeSFFailed, "The sf CLI answers: The disk of [secret] is full."},
		"no json":         {`echo Segmentation fault; exit 139`, CodeSFFailed, "cannot be understood"},
		"nothing":         {`exit 0`, CodeSFFailed, "cannot be understood"},
		"half an answer":  {`echo '{"status":0,"result":{"id":'`, CodeSFFailed, "cannot be understood"},
		"another result":  {`echo '{"status":0,"result":[]}'`, CodeSFFailed, "cannot be understood"},
		"a status":        {`echo '{"status":1,"result":{}}'`, CodeSFFailed, "cannot be understood"},
		"a plain address": {`echo '{"status":0,"result":{"instanceUrl":"http://acme.my.salesforce.com"}}'`, CodeInvalidURL, "without encryption"},
		"no token":        {`case "$*" in *display*) echo '{"status":0,"result":{"instanceUrl":"https://acme.my.salesforce.com"}}';; *) echo '{"status":0,"result":{}}';; esac`, CodeSFFailed, "no access token"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeSF(t, tc.script+"\n")
			_, err := LoginCLI(t.Context(), Options{}, "uat")
			checkFault(t, err, tc.code, tc.says)
		})
	}
	t.Run("not installed", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, err := LoginCLI(t.Context(), Options{}, "uat")
		checkFault(t, err, CodeSFMissing, "not installed")
	})
	t.Run("takes too long", func(t *testing.T) {
		fakeSF(t, "exec /bin/sleep 60\n")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := LoginCLI(ctx, Options{}, "uat")
		checkFault(t, err, CodeSFTimeout, "did not answer in time")
	})
	t.Run("is canceled", func(t *testing.T) {
		fakeSF(t, "exec /bin/sleep 60\n")
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, cancel)
		if _, err := LoginCLI(ctx, Options{}, "uat"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("is asked for nonsense", func(t *testing.T) {
		ran := filepath.Join(t.TempDir(), "ran")
		fakeSF(t, "echo ran > "+ran+"\n")
		for _, alias := range []string{"", "--help", "-o", "a b", "a&calc", "a|b", `a"b`, "%PATH%", "a\nb", "a;b", "$(x)", strings.Repeat("a", 256)} {
			if _, err := LoginCLI(t.Context(), Options{}, alias); governance.FaultCode(err) != CodeSFNotSignedIn {
				t.Errorf("%q: %v", alias, err)
			}
		}
		if _, err := os.Stat(ran); err == nil {
			t.Error("sf was run")
		}
	})
}

func TestTheCLIsOrgIsTheOneThatAnswers(t *testing.T) {
	server := newReplay(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if r.URL.Path == "/services/data" {
			sendJSON(w, 200, `[{"version":"68.0"}]`)
			return
		}
		sendJSON(w, 200, strings.Replace(someone, "062EAA", "099EAA", 1))
	})
	fakeSF(t, sfScript(server.URL))
	if _, err := LoginCLI(t.Context(), Options{}, "uat"); governance.FaultCode(err) != CodeWrongOrg {
		t.Errorf("got %v", err)
	}
}

// What login() refuses, in sentences that say what to do.
func TestWhatLoginRefuses(t *testing.T) {
	for name, c := range map[string]struct{ code, text, want, hint string }{
		"a wrong password":       {"INVALID_LOGIN", "Invalid username, password, security token; or user locked out.", CodeInvalidLogin, "test.salesforce.com"},
		"no security token":      {"LOGIN_MUST_USE_SECURITY_TOKEN", "Invalid username, password, security token; or user locked out.", CodeTokenRequired, "Reset My Security Token"},
		"locked out":             {"PASSWORD_LOCKOUT", "too many", CodeLockedOut, "unlock"},
		"an expired password":    {"INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired, you must call SetPassword before attempting any other API operations", CodePasswordExpired, "browser"},
		"another hour":           {"LOGIN_DURING_RESTRICTED_TIME", "", CodeLoginHours, "login hours"},
		"another network":        {"LOGIN_DURING_RESTRICTED_DOMAIN", "", CodeLoginNetwork, "IP ranges"},
		"a challenge":            {"LOGIN_CHALLENGE_ISSUED", "", CodeLoginChallenge, "browser"},
		"single sign-on":         {"SSO_SERVICE_DOWN", "", CodeSSO, "browser"},
		"a locked org":           {"ORG_LOCKED", "", CodeOrgInactive, "Ask Salesforce"},
		"an ended trial":         {"TRIAL_EXPIRED", "", CodeOrgInactive, "another org"},
		"an edition without API": {"API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", CodeAPIDisabled, "Professional"},
		"disabled in this org":   {"INVALID_OPERATION", "SOAP API login() is disabled by default in this org. Contact the org administrator to enable SOAP API login().", CodeLoginDisabled, "browser"},
		"the end of login()":     {"INVALID_OPERATION", "The SOAP Login operation is not available in the API version specified (64.0). Refer to the documentation for supported versions.", CodeLoginEnded, "browser"},
		"the end of the version": {"UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL", CodeLoginEnded, "browser"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newReplay(t, func(w http.ResponseWriter, _ *http.Request, _ string) { sendXML(w, 500, partnerFault(c.code, c.text)) })
			_, err := LoginPassword(t.Context(), Options{}, server.URL, "ana@example.com", NewSecret("pw"), Secret{})
			checkFault(t, err, c.want, c.hint)
			if len(server.seen()) != 1 {
				t.Errorf("asked %d times", len(server.seen()))
			}
		})
	}
}

// The orgs that sf lists are in several groups, with and without an alias.
func TestTheCLIsOrgsAreListedOnce(t *testing.T) {
	fakeSF(t, `[ "$*" = "org list --skip-connection-status --json" ] || { echo '{"name":"Unexpected","status":1,"message":"asked '"$*"'"}'; exit 1; }
echo '{"status":0,"result":{"other":[],"sandboxes":[{"accessToken":"[REDACTED]","alias":"uat","username":"ana@example.com.uat","orgId":"00D000000000062","instanceUrl":"https://acme--uat.sandbox.my.salesforce.com/","isSandbox":true}],
"nonScratchOrgs":[{"username":"ana@example.com","orgId":"00D000000000099EAA","instanceUrl":"https://acme.my.salesforce.com","isDevHub":true},{"alias":"uat","username":"ana@example.com.uat","orgId":"00D000000000062","instanceUrl":"https://acme--uat.sandbox.my.salesforce.com/"},{"username":"--odd"}],
"devHubs":[{"username":"ana@example.com","orgId":"00D000000000099EAA","instanceUrl":"https://acme.my.salesforce.com"}],
"scratchOrgs":[{"alias":"try,other","username":"test-1@example.com","orgId":"00D000000000088EAA","instanceUrl":"https://x.scratch.my.salesforce.com","isScratch":true,"isExpired":true}]},"warnings":[]}'
`)
	orgs, err := CLIOrgs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", orgs)
	want := "[{Alias: Username:ana@example.com InstanceURL:https://acme.my.salesforce.com OrganizationID:00D000000000099EAA Kind:production Expired:false} " +
		"{Alias:try Username:test-1@example.com InstanceURL:https://x.scratch.my.salesforce.com OrganizationID:00D000000000088EAA Kind:scratch Expired:true} " +
		"{Alias:uat Username:ana@example.com.uat InstanceURL:https://acme--uat.sandbox.my.salesforce.com OrganizationID:" + ID18("00D000000000062") + " Kind:sandbox Expired:false}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	fakeSF(t, `echo '{"status":1,"name":"Other","message":"broken"}'; exit 1`)
	_, err = CLIOrgs(t.Context())
	checkFault(t, err, CodeSFFailed, "broken")
	t.Setenv("PATH", t.TempDir())
	_, err = CLIOrgs(t.Context())
	checkFault(t, err, CodeSFMissing, "not installed")
}
