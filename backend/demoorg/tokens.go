package demoorg

import "net/http"

// introspect says whether a token is good, to the client that it was given to
// (RFC 7662).
func (o *Org) introspect(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost) {
		return
	}
	if !readForm(w, r) {
		return
	}
	form := r.PostForm
	if form.Get("client_id") == "" {
		writeOAuthError(w, "invalid_client_id", "client identifier invalid")
		return
	}
	o.mu.Lock()
	active, u, kind, scope := o.tokenState(form.Get("token"), form.Get("client_id"))
	organization := o.who.OrganizationID
	o.mu.Unlock()
	if !active {
		writeJSONAnswer(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	writeJSONAnswer(w, http.StatusOK, map[string]any{
		"active": true, "scope": scope, "client_id": form.Get("client_id"), "username": u.Username, "token_type": kind,
		"sub": "http://" + r.Host + "/id/" + organization + "/" + u.ID,
	})
}

// tokenState looks a token up. The caller holds o.mu.
func (o *Org) tokenState(token, clientID string) (active bool, u user, kind, scope string) {
	hash := hashToken(token)
	for _, g := range o.who.Grants {
		if g.Current == hash && g.ClientID == clientID {
			u, active = o.who.user(g.UserID)
			return active, u, "refresh_token", g.Scope
		}
	}
	u, active = o.who.bySession(token, o.clock())
	return active, u, "access_token", "api"
}
