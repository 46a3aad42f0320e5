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

// Credentials are what signing in with a password needs, or the consumer secret
// of an External Client App. They go into the keychain and nowhere else.
type Credentials struct {
	Password       salesforce.Secret
	Token          salesforce.Secret // security token; empty where the org asks for none
	ConsumerSecret salesforce.Secret // only to sign in with the browser, where the app asks for it
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
	if env.SignIn == governance.SignInPassword && c.Password.IsEmpty() {
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
	w.forgetCredentials(environmentID)
	if env.SignIn == governance.SignInPassword {
		w.knowCredentials(environmentID, true)
	}
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
	Address        string                  `json:"address"`
	ConsumerKey    string                  `json:"consumerKey,omitempty"`
	ConsumerSecret string                  `json:"consumerSecret,omitempty"`
	Password       string                  `json:"password"`
	SignIn         governance.SignInMethod `json:"signIn"`
	Token          string                  `json:"token"`
	Username       string                  `json:"username"`
}

// of reports whether the credentials were saved for an environment as it is.
func (s storedCredentials) of(env *governance.Environment) bool {
	return sameWay(env, &governance.Environment{URL: s.Address, SignIn: s.SignIn, Username: s.Username, ConsumerKey: s.ConsumerKey})
}

func (w *Workspace) saveCredentials(ctx context.Context, env *governance.Environment, member string, c Credentials) error {
	b, err := json.Marshal(storedCredentials{Address: env.URL, ConsumerKey: env.ConsumerKey, ConsumerSecret: c.ConsumerSecret.Reveal(),
		Password: c.Password.Reveal(), SignIn: env.SignIn, Token: c.Token.Reveal(), Username: env.Username})
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
	return Credentials{Password: salesforce.NewSecret(s.Password), Token: salesforce.NewSecret(s.Token), ConsumerSecret: salesforce.NewSecret(s.ConsumerSecret)}, nil
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
// the same. In the browser a person says who they are, so the user name there
// is what came of it.
func sameWay(a, b *governance.Environment) bool {
	who := a.SignIn == governance.SignInOAuth || a.Username == b.Username
	return a.URL == b.URL && a.SignIn == b.SignIn && a.ConsumerKey == b.ConsumerKey && who
}

// session is the client that is signed in to an environment as it is, nil if
// there is none. The caller holds mu.
func (w *Workspace) session(env *governance.Environment) *salesforce.Client {
	if s, ok := w.sessions[env.ID]; ok && sameWay(&s.of, env) && s.of.DeployBy == env.DeployBy {
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
	alone, err := w.oneSignIn(ctx, env.ID)
	if err != nil {
		return nil, err
	}
	defer alone()
	w.mu.Lock()
	c = w.session(&at)
	w.mu.Unlock()
	if c != nil { // somebody was faster
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
	return w.keepSession(&at, s, o, login), nil
}

// oneSignIn lets one caller at a time sign in to an environment: a second one
// finds what the first brought.
func (w *Workspace) oneSignIn(ctx context.Context, environmentID string) (done func(), err error) {
	w.mu.Lock()
	turn, ok := w.turns[environmentID]
	if !ok {
		turn = make(chan struct{}, 1)
		w.turns[environmentID] = turn
	}
	w.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keepSession puts a session in the place of the one before.
func (w *Workspace) keepSession(at *governance.Environment, s *salesforce.Session, o salesforce.Options, login signIn) *salesforce.Client {
	o.Renew = login
	c := salesforce.NewClient(s, o)
	w.mu.Lock()
	defer w.mu.Unlock()
	if old, ok := w.sessions[at.ID]; ok {
		old.client.Close()
	}
	w.sessions[at.ID] = session{c, *at}
	return c
}

// signIn gives a new session without asking a person.
type signIn = func(context.Context) (*salesforce.Session, error)

// login prepares signing in the way the environment says. Each sign-in must
// lead to the organisation that the environment is known as.
func (w *Workspace) login(env *governance.Environment) (salesforce.Options, signIn, error) {
	url, o, err := w.reach(env)
	if err != nil {
		return o, nil, err
	}
	known := func(s *salesforce.Session, err error) (*salesforce.Session, error) {
		if err == nil {
			err = knownOrganization(env, s.OrganizationID)
		}
		if err != nil {
			return nil, explained(env, err)
		}
		return s, nil
	}
	switch env.SignIn {
	case governance.SignInOAuth:
		return o, func(ctx context.Context) (*salesforce.Session, error) { return known(w.renew(ctx, env, o)) }, nil
	case governance.SignInPassword:
		return o, func(ctx context.Context) (*salesforce.Session, error) {
			c, err := w.credentialsOf(ctx, env)
			if err != nil {
				return nil, err
			}
			return known(salesforce.LoginPassword(ctx, o, url, env.Username, c.Password, c.Token))
		}, nil
	case governance.SignInCLI:
		return o, func(ctx context.Context) (*salesforce.Session, error) {
			return known(salesforce.LoginCLI(ctx, o, env.Username))
		}, nil
	}
	return o, nil, governance.Faultf("sign_in", "%s has no way to sign in.", env.Name).WithHint("Edit the environment and choose one.")
}

// reach is where an environment is signed in to, and how its org is reached.
func (w *Workspace) reach(env *governance.Environment) (url string, o salesforce.Options, err error) {
	url, rt, err := w.transport(env)
	if err != nil {
		return "", salesforce.Options{}, err
	}
	o = salesforce.Options{Transport: rt, Log: w.o.Log, Demo: env.Kind == governance.Demo && isDemoURL(env.URL),
		DeployBy: salesforce.DeployTransport(env.DeployBy)}
	if o.Demo {
		o.PollInterval = w.o.FirstPoll
	}
	return url, o, nil
}

// knownOrganization refuses another organisation than the one known for an
// environment. A sandbox is told what a refresh means. Faults: wrong_org,
// sandbox_refreshed.
func knownOrganization(env *governance.Environment, got string) error {
	if env.OrganizationID == "" || got == "" || env.OrganizationID == got {
		return nil
	}
	if env.Kind == governance.Sandbox {
		return governance.Faultf("sandbox_refreshed", "%s was the organisation %s until now, and this sign-in leads to %s: the sandbox was refreshed, or the user is of another org.", env.Name, env.OrganizationID, got).
			WithHint("After a refresh add it as a new environment and use that in new Deployment Records: what was approved was approved for the old organisation. Its External Client App may have to be made again. Otherwise sign in as a user of %s.", env.Name)
	}
	return governance.Faultf("wrong_org", "%s was the organisation %s until now, and these credentials lead to %s.", env.Name, env.OrganizationID, got).
		WithHint("A refreshed sandbox has a new id: add it as a new environment. Otherwise check the user name.")
}

// explained says with the environment's own words what salesforce says of ids.
func explained(env *governance.Environment, err error) error {
	var wrong *salesforce.OrganizationError
	if errors.As(err, &wrong) {
		if better := knownOrganization(env, wrong.Got); better != nil {
			return better
		}
	}
	return err
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
	return Credentials{}, severalPeople(env, whose)
}

func severalPeople(env *governance.Environment, whose []string) error {
	return governance.Faultf("several_people", "This computer keeps credentials of %s for %s.", strings.Join(whose, " and "), env.Name).
		WithHint("Each person works in an account of their own on the computer.")
}

func isDemoURL(url string) bool {
	return slices.Contains(embeddedURLs, url) || strings.HasPrefix(strings.ToLower(strings.TrimSpace(url)), "http://")
}

// SaveEnvironment adds an environment, or changes what a person edits on one:
// name, address, user name, way to sign in and to deploy, and the kind until the
// org itself told it. An org that is reached over plain http or that lives inside the demo
// workspace is always of kind demo, and no other is: until Test Connection
// tells, it is taken for production. Another address, user or sign-in was not
// tested yet. Env is as it was saved then. Faults: name_needed, too_long,
// sign_in, deploy_by, invalid_url, not_found.
func (w *Workspace) SaveEnvironment(ctx context.Context, member string, env *governance.Environment) error {
	env.Name, env.Username, env.ConsumerKey = oneLine(env.Name), oneLine(env.Username), strings.TrimSpace(env.ConsumerKey)
	if env.Name == "" {
		return governance.Faultf("name_needed", "The environment has no name.").WithHint("Give it one.")
	}
	if err := notLonger([]bounded{{"The name", env.Name, maxName}, {"The user name", env.Username, maxName}, {"The address", env.URL, maxLink}}); err != nil {
		return err
	}
	switch env.DeployBy {
	case "":
		env.DeployBy = governance.DeployBySOAP
	case governance.DeployBySOAP, governance.DeployByREST:
	default:
		return governance.Faultf("deploy_by", "%q is no way to deploy.", string(env.DeployBy)).WithHint("Choose SOAP or REST.")
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
		now.Name, now.URL, now.SignIn, now.Username, now.ConsumerKey, now.DeployBy = env.Name, env.URL, env.SignIn, env.Username, env.ConsumerKey, env.DeployBy
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
	if w.unconfirmed(env) == nil {
		w.dropOffer(ctx, env.ID)
	}
	return nil
}

// settleAddress refuses addresses that no password may be sent to.
func (w *Workspace) settleAddress(ctx context.Context, env *governance.Environment) error {
	switch env.SignIn {
	case governance.SignInCLI:
		env.URL, env.ConsumerKey = "", "" // the sf CLI knows them
		return nil
	case governance.SignInOAuth:
		if slices.Contains(embeddedURLs, env.URL) {
			return governance.Faultf("sign_in", "%s is inside the demo workspace, where no browser reaches it.", env.Name).WithHint("Keep user name and password.")
		}
		if env.ConsumerKey != "" { // it comes after the app was made
			if err := salesforce.CheckConsumerKey(env.ConsumerKey); err != nil {
				return err
			}
		}
	case governance.SignInPassword:
		env.ConsumerKey = ""
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
	return w.learn(ctx, member, env, c)
}

// learn asks an org who it is and who we are, and keeps that.
func (w *Workspace) learn(ctx context.Context, member string, env *governance.Environment, c *salesforce.Client) (salesforce.Identity, error) {
	who, err := c.Identity(ctx)
	if err != nil {
		return who, fmt.Errorf("test the connection to %s: %w", env.Name, err)
	}
	if err := w.remember(ctx, member, env, who); err != nil {
		w.forgetSession(env.ID)
		return who, err
	}
	return who, nil
}

// remember keeps what an org said of itself: the organisation must be the known
// one, or becomes it. Faults: not_found, environment_changed, wrong_org,
// sandbox_refreshed.
func (w *Workspace) remember(ctx context.Context, member string, env *governance.Environment, who salesforce.Identity) error {
	_, err := w.Store.UpdateEnvironment(ctx, member, env.ID, func(now *governance.Environment) error {
		if !sameWay(now, env) {
			return governance.Faultf("environment_changed", "%s was changed while its connection was tested.", now.Name).WithHint("Look at it as it is now, and test it again.")
		}
		if err := knownOrganization(now, who.OrganizationID); err != nil {
			return err
		}
		if now.SignIn == governance.SignInOAuth {
			now.Username = who.Username
		}
		now.OrganizationID, now.OrganizationName, now.APIVersion, now.TestedAt = who.OrganizationID, who.OrganizationName, who.APIVersion, w.now()
		now.Kind = governance.EnvironmentKind(who.Kind)
		return nil
	})
	if err != nil {
		return err
	}
	return w.Store.Note(ctx, "connection", envNote{At: w.stamp(), By: member, Environment: env.ID, Organization: who.OrganizationID})
}
