package demoorg

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"
)

// soapFault says why a message could not be read.
func soapFault(err error) *fault {
	var large *http.MaxBytesError
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &large), errors.Is(err, errTooLarge):
		return faultf(500, "LIMIT_EXCEEDED", "Maximum size of request reached. Maximum size of request is 52428800 bytes")
	case errors.Is(err, errNoZip), errors.As(err, &corrupt):
		return faultf(500, "INVALID_OPERATION", "The zip file is not valid base64.")
	}
	return faultf(500, "UNKNOWN_EXCEPTION", "The message can't be read: %s.", err)
}

// A strike counts wrong passwords; six of them lock a user out for a while.
type strike struct {
	count int
	until time.Time
}

const (
	lockAfter      = 6
	lockFor        = 15 * time.Minute
	lastLoginAPI   = 64
	badCredentials = "Invalid username, password, security token; or user locked out."
)

func (o *Org) partner(w http.ResponseWriter, r *http.Request, version int, req *soapRequest) {
	switch req.operation.name {
	case "login":
		o.login(w, r, version, req)
	case "getUserInfo", "logout", "getServerTimestamp":
		u, ok := o.bySession(req.session)
		if !ok {
			writePartnerFault(w, "UnexpectedErrorFault", sessionFault())
			return
		}
		if f := o.refuseCall(u); f != nil {
			writePartnerFault(w, "UnexpectedErrorFault", f)
			return
		}
		o.partnerCall(w, req, u)
	default:
		writePartnerFault(w, "UnexpectedErrorFault", faultf(500, "INVALID_OPERATION", "The demo org has no operation '%s' in this service.", req.operation.name))
	}
}

func (o *Org) partnerCall(w http.ResponseWriter, req *soapRequest, u user) {
	var err error
	switch req.operation.name {
	case "getUserInfo":
		err = writeSOAP(w, partnerHead, "getUserInfo", o.userInfo(u))
	case "getServerTimestamp":
		err = writeSOAP(w, partnerHead, "getServerTimestamp", struct {
			Timestamp stampTime `xml:"timestamp"`
		}{at(o.clock())})
	case "logout":
		o.endSession(req.session)
		err = writeSOAP(w, partnerHead, "logout")
	}
	o.unsent(err)
}

// unsent notes that an answer could not be written; mostly the client has gone.
func (o *Org) unsent(err error) {
	if err != nil {
		o.log.Debug("send an answer", "error", err)
	}
}

func (o *Org) login(w http.ResponseWriter, r *http.Request, version int, req *soapRequest) {
	switch {
	case version > lastLoginAPI:
		writePartnerFault(w, "UnexpectedErrorFault", faultf(500, "INVALID_OPERATION",
			"The SOAP Login operation is not available in the API version specified (%d.0). Refer to the documentation for supported versions.", version))
		return
	case version < oldestVersion:
		writePartnerFault(w, "UnexpectedErrorFault", faultf(500, "UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"))
		return
	}
	username, word := provokedBy(req.operation.value("username"))
	u, token, f := o.signIn(username, req.operation.value("password"), word)
	if f != nil {
		writePartnerFault(w, "LoginFault", f)
		return
	}
	base := "http://" + r.Host + "/services/Soap/"
	rest := "/" + versionText(version) + "/" + o.organizationID()[:15]
	o.unsent(writeSOAP(w, partnerHead, "login", loginResult{
		MetadataServerURL: base + "m" + rest, PasswordExpired: word == provokeExpired, ServerURL: base + "u" + rest, SessionID: token,
		Sandbox: o.kind() == KindUAT, UserID: u.ID, UserInfo: o.userInfo(u),
	}))
}

func versionText(version int) string {
	return strings.TrimPrefix(versionPath(version), "v")
}

// signIn checks a password. A wrong one counts against the name, whether such
// a user exists or not.
func (o *Org) signIn(username, password string, word provocation) (user, string, *fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now, name := o.clock(), strings.ToLower(username)
	s := o.strikes[name]
	if s.count >= lockAfter && now.Before(s.until) {
		return user{}, "", faultf(500, "PASSWORD_LOCKOUT", badCredentials)
	}
	if s.count >= lockAfter {
		s = strike{}
	}
	u, ok, tokenMissing := o.who.signIn(username, password)
	if tokenMissing { // from a network that nobody trusts, as every real one is
		return user{}, "", tokenNeeded()
	}
	if !ok {
		if len(o.strikes) > 10_000 {
			clear(o.strikes)
		}
		o.strikes[name] = strike{count: s.count + 1, until: now.Add(lockFor)}
		return user{}, "", faultf(500, "INVALID_LOGIN", badCredentials)
	}
	if refusal := loginRefusal(word); refusal != nil {
		return user{}, "", refusal
	}
	delete(o.strikes, name)
	token := o.who.addSession(session{UserID: u.ID, Provoked: word}, now)
	if err := o.saveIdentity(); err != nil {
		return user{}, "", o.diskFault(err)
	}
	return u, token, nil
}

func (o *Org) bySession(token string) (user, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.who.bySession(token, o.clock())
}

func (o *Org) endSession(token string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.who.endSession(token) {
		if err := o.saveIdentity(); err != nil {
			o.log.Error("end a session", "error", err)
		}
	}
}

func (o *Org) organizationID() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.who.OrganizationID
}

func (o *Org) kind() Kind {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.who.Kind
}

func sessionFault() *fault {
	return faultf(http.StatusUnauthorized, "INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
}

func (o *Org) userInfo(u user) userInfo {
	o.mu.Lock()
	defer o.mu.Unlock()
	return userInfo{
		CurrencySymbol: "$", OrgAttachmentFileSizeLimit: 5242880, OrgDefaultCurrencyIsoCode: "USD", OrgDefaultCurrencyLocale: "en_US",
		OrganizationID: o.who.OrganizationID, OrganizationName: o.who.Name, ProfileID: hashID("00e", o.who.OrganizationID, "Admin"),
		SessionSecondsValid: int(sessionLife.Seconds()), UserEmail: u.Username, UserFullName: u.Name, UserID: u.ID,
		UserLanguage: "en_US", UserLocale: "en_US", UserName: u.Username, UserTimeZone: "Europe/Stockholm", UserType: "Standard", UserUISkin: "Theme3",
	}
}
