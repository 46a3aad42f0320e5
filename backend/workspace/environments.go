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
	if err := w.saveForPerson(ctx, charter, member, environmentID, c); err != nil {
		return err
	}
	w.forgetSession(environmentID)
	w.knowCredentials(environmentID, true)
	return w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: member, Environment: env.ID})
}

// saveForPerson keeps what the person at this computer signs in with: under one
// member, or under all of a demo's.
func (w *Workspace) saveForPerson(ctx context.Context, charter *governance.Charter, member, env string, c Credentials) error {
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

type storedCredentials struct {
	Password string `json:"password"`
	Token    string `json:"token"`
}

func (w *Workspace) saveCredentials(ctx context.Context, env, member string, c Credentials) error {
	b, err := json.Marshal(storedCredentials{c.Password.Reveal(), c.Token.Reveal()})
	if err != nil {
		return err
	}
	return w.chain.Set(ctx, w.credentialsName(env, member), b)
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
	if c, ok := w.sessions[environmentID]; ok {
		c.Close()
		delete(w.sessions, environmentID)
	}
}

// Session signs in to an environment, once; the client signs in again by
// itself when the session expires.
func (w *Workspace) Session(ctx context.Context, env *governance.Environment) (*salesforce.Client, error) {
	w.mu.Lock()
	c, ok := w.sessions[env.ID]
	w.mu.Unlock()
	if ok {
		return c, nil
	}
	if err := w.Store.CheckEnvironment(ctx, env.ID); err != nil {
		return nil, err
	}
	o, login, err := w.login(env)
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
	if other, ok := w.sessions[env.ID]; ok { // somebody was faster
		c.Close()
		return other, nil
	}
	w.sessions[env.ID] = c
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

// SaveEnvironment adds or changes an environment. An org that is reached over
// plain http or that lives inside the demo workspace is always of kind demo,
// and no other is: until Test Connection tells, it is taken for production.
// Faults: name_needed, sign_in, invalid_url.
func (w *Workspace) SaveEnvironment(ctx context.Context, member string, env *governance.Environment) error {
	if strings.TrimSpace(env.Name) == "" {
		return governance.Faultf("name_needed", "The environment has no name.").WithHint("Give it one.")
	}
	if err := w.settleAddress(ctx, env); err != nil {
		return err
	}
	switch demo := isDemoURL(env.URL); {
	case demo:
		env.Kind = governance.Demo
	case env.Kind == governance.Demo, env.Kind == "":
		env.Kind = governance.Production
	}
	if env.ID == "" {
		id, err := randomID()
		if err != nil {
			return err
		}
		env.ID = id
	}
	w.forgetSession(env.ID)
	return w.Store.SaveEnvironment(ctx, member, env)
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
// be the one known for the environment; the first time it becomes that.
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
	if env.OrganizationID != "" && env.OrganizationID != who.OrganizationID {
		w.forgetSession(environmentID)
		return who, governance.Faultf("wrong_org", "%s was the organisation %s until now, and these credentials lead to %s.", env.Name, env.OrganizationID, who.OrganizationID).
			WithHint("A refreshed sandbox has a new id: add it as a new environment. Otherwise check the user name.")
	}
	env.OrganizationID, env.OrganizationName, env.APIVersion, env.TestedAt = who.OrganizationID, who.OrganizationName, who.APIVersion, w.now()
	env.Kind = governance.EnvironmentKind(who.Kind)
	if err := w.Store.SaveEnvironment(ctx, member, env); err != nil {
		return who, err
	}
	return who, w.Store.Note(ctx, "connection", envNote{At: w.stamp(), By: member, Environment: env.ID, Organization: who.OrganizationID})
}
