package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/salesforce"
)

// A storedGrant is what signing in with the browser left, in the keychain. It
// names what it is for and is sent nowhere else.
type storedGrant struct {
	Address      string `json:"address"`
	Asked        bool   `json:"asked"`
	ConsumerKey  string `json:"consumerKey"`
	Instance     string `json:"instance"`
	Organization string `json:"organization"`
	Refresh      string `json:"refresh"`
	User         string `json:"user"`
	Username     string `json:"username"`
}

func (w *Workspace) grantName(env, member string) string {
	return w.id + "/grant/" + env + "/" + member
}

// holders are the members under whom something of the person at this computer
// may be kept: in a demo one person is all of them, so the first stands for all.
func holders(c *governance.Charter) []governance.Member {
	if c.Demo && len(c.Members) > 0 {
		return c.Members[:1]
	}
	return c.Members
}

// vault is where one grant is kept, and its lock around all processes.
func (w *Workspace) vault(env *governance.Environment, name string) salesforce.Vault {
	return salesforce.Vault{
		Lock: func(ctx context.Context) (func(), error) { return w.chain.Lock(ctx, name) },
		Load: func(ctx context.Context) (salesforce.Grant, error) { return w.loadGrant(ctx, env, name) },
		Save: func(ctx context.Context, g salesforce.Grant) error {
			if !g.Asked { // while it is asked for it counts as it did before
				defer w.forgetCredentials(env.ID)
			}
			return w.saveGrant(ctx, env, name, g)
		},
	}
}

func (w *Workspace) saveGrant(ctx context.Context, env *governance.Environment, name string, g salesforce.Grant) error {
	b, err := json.Marshal(storedGrant{Address: env.URL, Asked: g.Asked, ConsumerKey: env.ConsumerKey, Instance: g.InstanceURL,
		Organization: g.OrganizationID, Refresh: g.Refresh.Reveal(), User: g.UserID, Username: g.Username})
	if err != nil {
		return err
	}
	return w.chain.Set(ctx, name, b)
}

func (w *Workspace) loadGrant(ctx context.Context, env *governance.Environment, name string) (salesforce.Grant, error) {
	missing := nobodySignedIn(env)
	b, err := w.chain.Get(ctx, name)
	if errors.Is(err, keychain.ErrNotFound) {
		return salesforce.Grant{}, missing
	}
	if err != nil {
		return salesforce.Grant{}, err
	}
	var s storedGrant
	if json.Unmarshal(b, &s) != nil || s.Address != env.URL || s.ConsumerKey != env.ConsumerKey {
		return salesforce.Grant{}, missing
	}
	return salesforce.Grant{Refresh: salesforce.NewSecret(s.Refresh), Asked: s.Asked, InstanceURL: s.Instance,
		OrganizationID: s.Organization, UserID: s.User, Username: s.Username}, nil
}

// grantOf finds the grant of the person at this computer, and the name it is
// kept under. Faults: no_credentials, several_people, and those of the keychain.
func (w *Workspace) grantOf(ctx context.Context, env *governance.Environment) (salesforce.Grant, string, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return salesforce.Grant{}, "", err
	}
	var found salesforce.Grant
	name, missing, whose := "", error(nil), []string{}
	for _, m := range holders(c) {
		g, err := w.loadGrant(ctx, env, w.grantName(env.ID, m.ID))
		switch {
		case governance.FaultCode(err) == "no_credentials":
			missing = err
			continue
		case err != nil:
			return salesforce.Grant{}, "", err
		}
		found, name, whose = g, w.grantName(env.ID, m.ID), append(whose, m.Name)
	}
	switch len(whose) {
	case 0:
		return salesforce.Grant{}, "", missing
	case 1:
		return found, name, nil
	}
	return salesforce.Grant{}, "", severalPeople(env, whose)
}

// signedIn refuses when there is no grant, or one that Salesforce has ended or
// whose renewal never got an answer.
func (w *Workspace) signedIn(ctx context.Context, env *governance.Environment) error {
	g, _, err := w.grantOf(ctx, env)
	if err == nil && (g.Refresh.IsEmpty() || g.Asked) {
		return nobodySignedIn(env)
	}
	return err
}

func nobodySignedIn(env *governance.Environment) error {
	return governance.Faultf("no_credentials", "Nobody is signed in to %s on this computer.", env.Name).WithHint("Press Sign in with Salesforce on its page.")
}

// app is an environment's External Client App, with its secret if one is kept.
func (w *Workspace) app(ctx context.Context, env *governance.Environment) (salesforce.App, error) {
	url, _, err := w.reach(env)
	if err != nil {
		return salesforce.App{}, err
	}
	a := salesforce.App{LoginURL: url, ConsumerKey: env.ConsumerKey}
	c, err := w.credentialsOf(ctx, env)
	if err != nil && governance.FaultCode(err) != "no_credentials" {
		return salesforce.App{}, err
	}
	a.Secret = c.ConsumerSecret
	return a, nil
}

// renew gives a session for the grant of an environment.
func (w *Workspace) renew(ctx context.Context, env *governance.Environment, o salesforce.Options) (*salesforce.Session, error) {
	_, name, err := w.grantOf(ctx, env)
	if err != nil {
		return nil, err
	}
	a, err := w.app(ctx, env)
	if err != nil {
		return nil, err
	}
	s, err := a.Renew(ctx, o, w.vault(env, name))
	if governance.FaultCode(err) == salesforce.CodeSignInUnknown {
		w.forgetCredentials(env.ID)
	}
	return s, err
}

// asking is a sign-in that waits for the person in the browser.
type asking struct {
	address string // of the sign-in page, once it is known
	cancel  context.CancelCauseFunc
}

var errSignInCanceled = governance.Faultf("signin_canceled", "The sign-in was cancelled.").WithHint("Press Sign in with Salesforce to begin anew.")

// SignIn signs in to an environment with the browser, which open shows, and
// tests the connection with what came of it. It returns when the person came
// back, cancelled or let the time pass; another sign-in to the same environment
// ends it. The organisation must be the known one. Where none is known yet, the
// Connection is an Offer: it waits for ConfirmSignIn. Faults: sign_in,
// consumer_key, signin_canceled, wrong_org, sandbox_refreshed, and those of
// salesforce.LoginBrowser and of the keychain.
func (w *Workspace) SignIn(ctx context.Context, environmentID string, open func(address string) error) (Connection, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return Connection{}, err
	}
	if env.SignIn != governance.SignInOAuth {
		return Connection{}, governance.Faultf("sign_in", "%s is not signed in to with the browser.", env.Name).WithHint("Edit the environment and choose Salesforce in the browser.")
	}
	if err := w.Store.CheckEnvironment(ctx, environmentID); err != nil {
		return Connection{}, err
	}
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	mine := &asking{cancel: cancel}
	w.startAsking(environmentID, mine)
	defer w.stopAsking(environmentID, mine)
	w.dropOffer(ctx, environmentID)
	w.noteRefusal(env, nil)
	answer, err := w.signIn(waiting, env, func(address string) error {
		w.mu.Lock()
		mine.address = address
		w.mu.Unlock()
		return open(address)
	})
	if errors.Is(context.Cause(waiting), errSignInCanceled) && ctx.Err() == nil && err != nil {
		return Connection{}, errSignInCanceled.Because(err)
	}
	w.noteRefusal(env, err)
	return answer, err
}

// A refusedSignIn is why a sign-in with the browser came to nothing. The doctor says
// it: a renewal cannot find out what only the sign-in page tells.
type refusedSignIn struct {
	of  governance.Environment
	why *governance.Fault
}

// noteRefusal keeps why the last sign-in was refused; with none it forgets.
func (w *Workspace) noteRefusal(env *governance.Environment, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var why *governance.Fault
	if errors.As(err, &why) && why.Code != "declined" {
		w.refused[env.ID] = refusedSignIn{*env, why}
		return
	}
	delete(w.refused, env.ID)
}

// lastRefusal is why the last sign-in to an environment as it is was refused.
func (w *Workspace) lastRefusal(env *governance.Environment) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r, ok := w.refused[env.ID]; ok && sameWay(&r.of, env) {
		return r.why
	}
	return nil
}

func (w *Workspace) signIn(ctx context.Context, env *governance.Environment, open func(string) error) (Connection, error) {
	member := w.Acting()
	name, err := w.ownGrantName(ctx, env.ID, member)
	if err != nil {
		return Connection{}, err
	}
	a, err := w.app(ctx, env)
	if err != nil {
		return Connection{}, err
	}
	o, login, err := w.login(env)
	if err != nil {
		return Connection{}, err
	}
	b := salesforce.Browser{Open: open, Hint: env.Username, Ports: w.o.CallbackPorts}
	s, g, err := salesforce.LoginBrowser(ctx, o, a, env.OrganizationID, b)
	if err != nil {
		return Connection{}, fmt.Errorf("sign in to %s: %w", env.Name, explained(env, err))
	}
	if env.OrganizationID == "" {
		return w.offer(ctx, offer{env: *env, member: member, name: name, app: a, grant: g, o: o}, s)
	}
	if err := w.keepGrant(ctx, env, name, g); err != nil {
		return Connection{}, err
	}
	w.knowCredentials(env.ID, true)
	if err := w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: member, Environment: env.ID}); err != nil {
		return Connection{}, err
	}
	who, err := w.learn(ctx, member, env, w.keepSession(env, s, o, login))
	if err != nil {
		return Connection{}, err
	}
	return w.connected(ctx, env, who)
}

// keepGrant waits for a renewal of the old grant that is under way: what it
// would write must not take the place of the new one.
func (w *Workspace) keepGrant(ctx context.Context, env *governance.Environment, name string, g salesforce.Grant) error {
	unlock, err := w.chain.Lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	return w.saveGrant(ctx, env, name, g)
}

// ownGrantName is where the grant of who acts is kept.
func (w *Workspace) ownGrantName(ctx context.Context, environmentID, member string) (string, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return "", err
	}
	if c.Member(member) == nil {
		return "", governance.Faultf("not_member", "%q is not a member of this workspace.", member).WithHint("Say which member you are.")
	}
	if c.Demo {
		member = holders(c)[0].ID
	}
	return w.grantName(environmentID, member), nil
}

// startAsking notes a sign-in that waits, and ends the one before.
func (w *Workspace) startAsking(environmentID string, a *asking) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before := w.asking[environmentID]; before != nil {
		before.cancel(errSignInCanceled)
	}
	w.asking[environmentID] = a
}

func (w *Workspace) stopAsking(environmentID string, a *asking) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asking[environmentID] == a {
		delete(w.asking, environmentID)
	}
}

// CancelSignIn ends a sign-in that waits for the browser; without one it does
// nothing.
func (w *Workspace) CancelSignIn(environmentID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.asking[environmentID]; a != nil {
		a.cancel(errSignInCanceled)
	}
}

// SignInPage is the address of the page that a waiting sign-in has opened. It
// holds nothing that helps anybody else. The fault no_signin says that none
// waits.
func (w *Workspace) SignInPage(environmentID string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.asking[environmentID]; a != nil && a.address != "" {
		return a.address, nil
	}
	return "", governance.Faultf("no_signin", "No sign-in waits for the browser.").WithHint("Press Sign in with Salesforce.")
}

// SignOut ends what this computer was granted in an environment, at Salesforce
// and here. What Salesforce cannot be told is forgotten here all the same.
// Faults: not_found, no_credentials, and those of the keychain.
func (w *Workspace) SignOut(ctx context.Context, environmentID string) error {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return err
	}
	g, name, err := w.grantOf(ctx, env)
	if err != nil {
		return err
	}
	a, err := w.app(ctx, env)
	if err != nil {
		return err
	}
	_, o, err := w.reach(env)
	if err != nil {
		return err
	}
	unlock, err := w.chain.Lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	if g, err = w.loadGrant(ctx, env, name); err != nil {
		return err
	}
	if err := a.Revoke(ctx, o, g); err != nil {
		w.o.Log.Warn("end a sign-in at Salesforce", "environment", env.ID, "err", err)
	}
	w.forgetSession(environmentID)
	w.forgetCredentials(environmentID)
	if err := w.chain.Delete(ctx, name); err != nil && !errors.Is(err, keychain.ErrNotFound) {
		return err
	}
	return w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: w.Acting(), Environment: env.ID})
}

// A SignInRecipe is what an administrator sets on the External Client App.
type SignInRecipe struct {
	Callbacks  []string `json:"callbacks"`
	Scopes     []string `json:"scopes"`
	Permission string   `json:"permission"` // that the user needs
}

// Recipe is what an External Client App needs. It is the same for every org.
func Recipe() SignInRecipe {
	return SignInRecipe{Callbacks: salesforce.CallbackAddresses(), Scopes: strings.Fields(salesforce.Scopes), Permission: salesforce.MetadataPermission}
}
