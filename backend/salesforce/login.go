package salesforce

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"countersign/backend/governance"
)

// loginPath is where SOAP login() is asked. 64.0 is the last version that has
// it; Salesforce retires it in Summer '27.
const loginPath = "/services/Soap/u/64.0"

// LoginPassword signs in with user name, password and security token (which
// may be empty) through SOAP login(), and picks the newest API version of the
// org it leads to. It asks once: repeating a wrong password locks the user out.
// Faults: invalid_login, login_disabled, login_ended, token_required, password_expired,
// locked_out, login_network, login_hours, api_disabled, and those of the network.
func LoginPassword(ctx context.Context, o Options, loginURL, username string, password, token Secret) (*Session, error) {
	login, err := CheckURL(loginURL)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(username) == "" || password.IsEmpty() {
		return nil, governance.Faultf(CodeInvalidLogin, "The user name or the password for %s is missing.", login.Hostname())
	}
	w, done := newLoginWire(o)
	defer done()
	session, err := w.soapLogin(ctx, login, strings.TrimSpace(username), password, token)
	if err != nil {
		return nil, loginFault(login.Hostname(), err)
	}
	return w.withVersion(ctx, session)
}

// loginFault says what a refusal means at login() alone: an unknown version is
// the end of this way to sign in, and not a version to change.
func loginFault(host string, err error) error {
	var refused *APIError
	if !errors.As(err, &refused) {
		return err
	}
	said := strings.ToLower(refused.Message)
	ended := refused.Code == "UNSUPPORTED_API_VERSION" || refused.Code == "INVALID_OPERATION" && strings.Contains(said, "not available in the api version")
	if !ended {
		return err
	}
	return governance.Faultf(CodeLoginEnded, "%s does not take user name and password through the API any more: Salesforce ends SOAP login() in Summer '27.", host).
		WithHint("Edit the environment and sign in with Salesforce in the browser, or through the sf CLI.").Because(refused)
}

// newLoginWire returns a wire for one sign-in, and what to do after it: a
// transport of its own is closed.
func newLoginWire(o Options) (*wire, func()) {
	if o.Transport != nil {
		return newWire(o), func() {}
	}
	own := HTTPTransport()
	o.Transport = own
	return newWire(o), own.CloseIdleConnections
}

func (w *wire) soapLogin(ctx context.Context, login *url.URL, username string, password, token Secret) (*Session, error) {
	body, length := onceBytes(loginMessage(username, password, token))
	r := request{op: "login", base: login, path: loginPath, once: body, length: length, form: formXML}
	var session *Session
	err := w.do(ctx, r, func(body io.Reader) error {
		root, _, err := parseXML(body, nil)
		if err != nil {
			return err
		}
		if refused := faultOf(root); refused != nil {
			return refusalFault(login, refused)
		}
		session, err = readLogin(login, username, root.at("Body", "loginResponse", "result"))
		return err
	})
	return session, err
}

func readLogin(login *url.URL, username string, n *node) (*Session, error) {
	if n == nil {
		return nil, errNotWellMade
	}
	if n.bool("passwordExpired") {
		return nil, faultFor(login, &APIError{Code: "INVALID_OPERATION_WITH_EXPIRED_PASSWORD"})
	}
	address := n.str("metadataServerUrl")
	if address == "" {
		address = n.str("serverUrl")
	}
	instance, err := checkInstance(login, address)
	if err != nil {
		return nil, err
	}
	token := n.str("sessionId")
	if token == "" {
		return nil, errNotWellMade
	}
	info := n.child("userInfo")
	if name := info.str("userName"); name != "" {
		username = name
	}
	user := info.str("userId")
	if user == "" {
		user = n.str("userId")
	}
	return &Session{
		InstanceURL: instance.String(), AccessToken: NewSecret(token),
		OrganizationID: ID18(info.str("organizationId")), UserID: ID18(user), Username: username,
	}, nil
}

// withVersion fills in the newest API version of the org.
func (w *wire) withVersion(ctx context.Context, s *Session) (*Session, error) {
	base, err := CheckURL(s.InstanceURL)
	if err != nil {
		return nil, err
	}
	if s.APIVersion, err = w.newestVersion(ctx, base, w.o.MaxAPIVersion); err != nil {
		return nil, err
	}
	return s, nil
}
