package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/salesforce"
)

// Credentials are what signing in with a password needs. They go into the
// keychain and nowhere else.
type Credentials struct {
	Password salesforce.Secret
	Token    salesforce.Secret // security token; empty where the org asks for none
}

func (w *Workspace) credentialsName(env, member string) string {
	return w.id + "/credentials/" + env + "/" + member
}

// SaveCredentials keeps a member's credentials for an environment and lets go
// of the session that was made with the old ones. In the demo one person is all
// of its members, so they are everybody's. Faults: not_found, not_member,
// invalid_login, and those of the keychain.
func (w *Workspace) SaveCredentials(ctx context.Context, member, environmentID string, c Credentials) error {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return err
	}
	if c.Password.IsEmpty() {
		return governance.Faultf("invalid_login", "The password for %s is empty.", env.Name).WithHint("Enter it and save again.")
	}
	charter, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if charter.Member(member) == nil {
		return governance.Faultf("not_member", "%q is not a member of this workspace.", member).WithHint("Say which member you are.")
	}
	if err := w.saveForPerson(ctx, charter, member, env, c); err != nil {
		return err
	}
	w.forgetSession(environmentID)
	w.knowCredentials(environmentID, true)
	return w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: member, Environment: env.ID})
}

// saveForPerson keeps what the person at this computer signs in with: under one
// member, or under all of a demo's.
func (w *Workspace) saveForPerson(ctx context.Context, charter *governance.Charter, member string, env *governance.Environment, c Credentials) error {
	if !charter.Demo {
		return w.saveCredentials(ctx, env, member, c)
	}
	for _, m := range charter.Members {
		if err := w.saveCredentials(ctx, env, m.ID, c); err != nil {
			return err
		}
	}
	return nil
}

// storedCredentials name what they were saved for: they are sent nowhere else,
// whatever somebody writes into the environment later.
type storedCredentials struct {
	Address  string                  `json:"address"`
	Password string                  `json:"password"`
	SignIn   governance.SignInMethod `json:"signIn"`
	Token    string                  `json:"token"`
	Username string                  `json:"username"`
}

// of reports whether the credentials were saved for an environment as it is.
func (s storedCredentials) of(env *governance.Environment) bool {
	return s.Address == env.URL && s.SignIn == env.SignIn && s.Username == env.Username
}

func (w *Workspace) saveCredentials(ctx context.Context, env *governance.Environment, member string, c Credentials) error {
	b, err := json.Marshal(storedCredentials{Address: env.URL, Password: c.Password.Reveal(), SignIn: env.SignIn, Token: c.Token.Reveal(), Username: env.Username})
	if err != nil {
		return err
	}
	return w.chain.Set(ctx, w.credentialsName(env.ID, member), b)
}

func (w *Workspace) loadCredentials(ctx context.Context, env *governance.Environment, member string) (Credentials, error) {
	b, err := w.chain.Get(ctx, w.credentialsName(env.ID, member))
	if errors.Is(err, keychain.ErrNotFound) {
		return Credentials{}, governance.Faultf("no_credentials", "There are no credentials for %s on this computer.", env.Name).WithHint("Enter them and press Save Credentials.")
	}
	if err != nil {
		return Credentials{}, err
	}
	var s storedCredentials
	if err := json.Unmarshal(b, &s); err != nil {
		return Credentials{}, governance.Faultf("no_credentials", "The credentials for %s cannot be read.", env.Name).WithHint("Enter them again and press Save Credentials.")
	}
	if !s.of(env) {
		return Credentials{}, governance.Faultf("no_credentials", "The address, the user name or the way to sign in of %s changed after its credentials were saved, so they are not sent there.", env.Name).
			WithHint("See that its address is right. Then enter them again and press Save Credentials.")
	}
	return Credentials{Password: salesforce.NewSecret(s.Password), Token: salesforce.NewSecret(s.Token)}, nil
}

type envNote struct {
	At           string `json:"at"`
	By           string `json:"by"`
	Environment  string `json:"environment"`
	Organization string `json:"organization"`
}

func (w *Workspace) stamp() string { return w.now().Format(time.RFC3339) }

func (w *Workspace) forgetSession(environmentID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s, ok := w.sessions[environmentID]; ok {
		s.client.Close()
		delete(w.sessions, environmentID)
	}
}

// A session is a client that signed in to an environment as it was then.
type session struct {
	client *salesforce.Client
	of     governance.Environment
}

// sameWay reports whether signing in to two states of an environment is one and
// the same.
func sameWay(a, b *governance.Environment) bool {
	return a.URL == b.URL && a.SignIn == b.SignIn && a.Username == b.Username
}

// session is the client that is signed in to an environment as it is, nil if
// there is none. The caller holds mu.
func (w *Workspace) session(env *governance.Environment) *salesforce.Client {
	if s, ok := w.sessions[env.ID]; ok && sameWay(&s.of, env) {
		return s.client
	}
	return nil
}

// Session signs in to an environment, once; the client signs in again by
// itself when the session expires.
func (w *Workspace) Session(ctx context.Context, env *governance.Environment) (*salesforce.Client, error) {
	at := *env // as it is now: whoever holds env may change it
	w.mu.Lock()
	c := w.session(&at)
	w.mu.Unlock()
	if c != nil {
		return c, nil
	}
	if err := w.Store.CheckEnvironment(ctx, env.ID); err != nil {
		return nil, err
	}
	o, login, err := w.login(&at)
	if err != nil {
		return nil, err
	}
	s, err := login(ctx)
	if err != nil {
		return nil, fmt.Errorf("sign in to %s: %w", env.Name, err)
	}
	o.Renew = login
	c = salesforce.NewClient(s, o)
	w.mu.Lock()
	defer w.mu.Unlock()
	if other := w.session(&at); other != nil { // somebody was faster
		c.Close()
		return other, nil
	}
	if old, ok := w.sessions[at.ID]; ok { // at another address
		old.client.Close()
	}
	w.sessions[at.ID] = session{c, at}
	return c, nil
}

// login prepares signing in the way the environment says.
func (w *Workspace) login(env *governance.Environment) (salesforce.Options, func(context.Context) (*salesforce.Session, error), error) {
	url, rt, err := w.transport(env)
	if err != nil {
		return salesforce.Options{}, nil, err
	}
	o := salesforce.Options{Transport: rt, Log: w.o.Log, Demo: env.Kind == governance.Demo && isDemoURL(env.URL)}
	if o.Demo {
		o.PollInterval = w.o.FirstPoll
	}
	switch env.SignIn {
	case governance.SignInPassword:
		return o, func(ctx context.Context) (*salesforce.Session, error) {
			c, err := w.credentialsOf(ctx, env)
			if err != nil {
				return nil, err
			}
			return salesforce.LoginPassword(ctx, o, url, env.Username, c.Password, c.Token)
		}, nil
	case governance.SignInCLI:
		return o, func(ctx context.Context) (*salesforce.Session, error) {
			return salesforce.LoginCLI(ctx, o, env.Username)
		}, nil
	}
	return o, nil, governance.Faultf("sign_in", "%s has no way to sign in.", env.Name).WithHint("Edit the environment and choose one.")
}

// credentialsOf finds the credentials of the person at this computer. One
// person is one member, so outside the demo at most one member has any here.
// Where two have, signing in as either could be signing in as the wrong one:
// the fault several_people. Faults: no_credentials, and those of the keychain.
func (w *Workspace) credentialsOf(ctx context.Context, env *governance.Environment) (Credentials, error) {
	c, err := w.Charter(ctx)
	if err != nil {
		return Credentials{}, err
	}
	var found Credentials
	missing, whose := error(nil), []string{}
	for _, m := range c.Members {
		mine, err := w.loadCredentials(ctx, env, m.ID)
		switch {
		case governance.FaultCode(err) == "no_credentials":
			missing = err
			continue
		case err != nil:
			return Credentials{}, err
		case c.Demo:
			return mine, nil
		}
		found, whose = mine, append(whose, m.Name)
	}
	switch len(whose) {
	case 0:
		return Credentials{}, missing
	case 1:
		return found, nil
	}
	return Credentials{}, governance.Faultf("several_people", "This computer keeps credentials of %s for %s.", strings.Join(whose, " and "), env.Name).
		WithHint("Each person works in an account of their own on the computer.")
}

func isDemoURL(url string) bool {
	return slices.Contains(embeddedURLs, url) || strings.HasPrefix(strings.ToLower(strings.TrimSpace(url)), "http://")
}

// SaveEnvironment adds an environment, or changes what a person edits on one:
// name, address, user name, way to sign in, and the kind until the org itself
// told it. An org that is reached over plain http or that lives inside the demo
// workspace is always of kind demo, and no other is: until Test Connection
// tells, it is taken for production. Another address, user or sign-in was not
// tested yet. Env is as it was saved then. Faults: name_needed, too_long,
// sign_in, invalid_url, not_found.
func (w *Workspace) SaveEnvironment(ctx context.Context, member string, env *governance.Environment) error {
	env.Name, env.Username = oneLine(env.Name), oneLine(env.Username)
	if env.Name == "" {
		return governance.Faultf("name_needed", "The environment has no name.").WithHint("Give it one.")
	}
	if err := notLonger([]bounded{{"The name", env.Name, maxName}, {"The user name", env.Username, maxName}, {"The address", env.URL, maxLink}}); err != nil {
		return err
	}
	if err := w.settleAddress(ctx, env); err != nil {
		return err
	}
	kind := env.Kind
	switch demo := isDemoURL(env.URL); {
	case demo:
		kind = governance.Demo
	case kind == governance.Demo, kind == "":
		kind = governance.Production
	}
	if env.ID == "" {
		var err error
		if env.ID, err = randomID(); err != nil {
			return err
		}
		env.Kind = kind
		return w.Store.SaveEnvironment(ctx, member, env)
	}
	saved, err := w.Store.UpdateEnvironment(ctx, member, env.ID, func(now *governance.Environment) error {
		if !sameWay(now, env) {
			now.TestedAt = time.Time{}
		}
		now.Name, now.URL, now.SignIn, now.Username = env.Name, env.URL, env.SignIn, env.Username
		if now.OrganizationID == "" || kind == governance.Demo {
			now.Kind = kind
		} else if now.Kind == governance.Demo {
			now.Kind = governance.Production
		}
		return nil
	})
	if err != nil {
		return err
	}
	*env = *saved
	w.forgetSession(env.ID)
	w.forgetCredentials(env.ID)
	return nil
}

// settleAddress refuses addresses that no password may be sent to.
func (w *Workspace) settleAddress(ctx context.Context, env *governance.Environment) error {
	switch env.SignIn {
	case governance.SignInCLI:
		env.URL = "" // the sf CLI knows it
		return nil
	case governance.SignInPassword:
	default:
		return governance.Faultf("sign_in", "%s has no way to sign in.", env.Name).WithHint("Edit the environment and choose one.")
	}
	if slices.Contains(embeddedURLs, env.URL) {
		c, err := w.Charter(ctx)
		if err != nil {
			return err
		}
		if c.Demo {
			return nil
		}
	}
	u, err := salesforce.CheckURL(env.URL)
	if err != nil {
		return err
	}
	env.URL = u.String()
	return nil
}

// TestConnection signs in anew and says who we are where. The organisation must
// be the one known for the environment; the first time it becomes that. Faults:
// wrong_org, environment_changed, and those of signing in.
func (w *Workspace) TestConnection(ctx context.Context, member, environmentID string) (salesforce.Identity, error) {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return salesforce.Identity{}, err
	}
	w.forgetSession(environmentID)
	c, err := w.Session(ctx, env)
	if err != nil {
		return salesforce.Identity{}, err
	}
	who, err := c.Identity(ctx)
	if err != nil {
		return who, fmt.Errorf("test the connection to %s: %w", env.Name, err)
	}
	_, err = w.Store.UpdateEnvironment(ctx, member, environmentID, func(now *governance.Environment) error {
		if !sameWay(now, env) {
			return governance.Faultf("environment_changed", "%s was changed while its connection was tested.", now.Name).WithHint("Look at it as it is now, and test it again.")
		}
		if now.OrganizationID != "" && now.OrganizationID != who.OrganizationID {
			return governance.Faultf("wrong_org", "%s was the organisation %s until now, and these credentials lead to %s.", now.Name, now.OrganizationID, who.OrganizationID).
				WithHint("A refreshed sandbox has a new id: add it as a new environment. Otherwise check the user name.")
		}
		now.OrganizationID, now.OrganizationName, now.APIVersion, now.TestedAt = who.OrganizationID, who.OrganizationName, who.APIVersion, w.now()
		now.Kind = governance.EnvironmentKind(who.Kind)
		return nil
	})
	if err != nil {
		w.forgetSession(environmentID)
		return who, err
	}
	return who, w.Store.Note(ctx, "connection", envNote{At: w.stamp(), By: member, Environment: env.ID, Organization: who.OrganizationID})
}
