package workspace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// An offer is a first sign-in that its person has not confirmed. Somebody else
// may have finished it in the browser, for an org of their own (login CSRF), so
// until a person has seen which org and user it is, it lives in memory only:
// no token is kept, and the environment does not know the organisation.
type offer struct {
	id     string
	env    governance.Environment // as it was signed in to
	member string
	name   string // of the grant in the keychain, once it is confirmed
	app    salesforce.App
	grant  salesforce.Grant
	who    salesforce.Identity
	client *salesforce.Client
	o      salesforce.Options
	until  time.Time
}

const (
	// offerLimit is how long a sign-in waits to be confirmed.
	offerLimit = 15 * time.Minute
	// revokeLimit is how long telling Salesforce that one is not wanted may take.
	revokeLimit = 5 * time.Second
)

// offer keeps a sign-in for its person to look at, in the place of one before.
func (w *Workspace) offer(ctx context.Context, f offer, s *salesforce.Session) (Connection, error) {
	f.client = salesforce.NewClient(s, f.o)
	var err error
	if f.who, err = f.client.Identity(ctx); err == nil {
		f.id, err = randomID()
	}
	if err != nil {
		w.letGo(ctx, &f)
		return Connection{}, fmt.Errorf("ask %s who it is: %w", f.env.Name, err)
	}
	f.until = w.now().Add(offerLimit)
	w.mu.Lock()
	before := w.offers[f.env.ID]
	w.offers[f.env.ID] = &f
	w.mu.Unlock()
	w.letGo(ctx, before)
	return w.offered(&f), nil
}

func (w *Workspace) offered(f *offer) Connection {
	said := w.said("environment.offered", "user", f.who.Username, "organization", f.who.OrganizationName, "kind", f.who.Kind, "version", f.who.APIVersion)
	return Connection{Identity: f.who, Sentence: said.Text, Said: said, Offer: f.id}
}

// unconfirmed is the sign-in of an environment that waits to be confirmed, nil
// if none does.
func (w *Workspace) unconfirmed(env *governance.Environment) *Connection {
	w.mu.Lock()
	f := w.offers[env.ID]
	w.mu.Unlock()
	if f == nil || !w.now().Before(f.until) || !sameWay(&f.env, env) {
		return nil
	}
	c := w.offered(f)
	return &c
}

// takeOffer takes the offer that a person looked at. Fault: no_offer.
func (w *Workspace) takeOffer(environmentID, id string) (*offer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.offers[environmentID]
	if f == nil || f.id != id {
		return nil, governance.Faultf("no_offer", "This sign-in does not wait to be confirmed any more.").WithHint("Press Sign in with Salesforce.")
	}
	delete(w.offers, environmentID)
	return f, nil
}

// ConfirmSignIn keeps the first sign-in of an environment, which its person has
// seen: the organisation becomes the known one, and the token is kept. Offer is
// the Connection's that was seen. Faults: no_offer, not_found,
// environment_changed, wrong_org, sandbox_refreshed, and those of the keychain;
// after each the sign-in is let go.
func (w *Workspace) ConfirmSignIn(ctx context.Context, environmentID, id string) (Connection, error) {
	f, err := w.takeOffer(environmentID, id)
	if err != nil {
		return Connection{}, err
	}
	before, err := w.Store.Environment(ctx, environmentID)
	if err == nil && !w.now().Before(f.until) {
		err = governance.Faultf("offer_late", "The sign-in to %s waited too long to be confirmed.", before.Name).WithHint("Press Sign in with Salesforce.")
	}
	if err == nil {
		err = w.keepOffer(ctx, f)
	}
	if err != nil {
		w.letGo(ctx, f)
		return Connection{}, err
	}
	return w.connected(ctx, before, f.who)
}

// keepOffer learns the organisation before the token is kept: when it ends in
// between, there is no token for an org that nobody confirmed.
func (w *Workspace) keepOffer(ctx context.Context, f *offer) error {
	if err := w.remember(ctx, f.member, &f.env, f.who); err != nil {
		return err
	}
	if err := w.keepGrant(ctx, &f.env, f.name, f.grant); err != nil {
		return err
	}
	w.knowCredentials(f.env.ID, true)
	known, err := w.Store.Environment(ctx, f.env.ID)
	if err != nil {
		return err
	}
	o, login, err := w.login(known)
	if err != nil {
		return err
	}
	s := f.client.Session()
	f.client.Close()
	w.keepSession(known, &s, o, login)
	return w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: f.member, Environment: f.env.ID})
}

// DeclineSignIn lets go of a first sign-in that is not the right one: its token
// is revoked at Salesforce, and the environment stays unknown. Fault: no_offer.
func (w *Workspace) DeclineSignIn(ctx context.Context, environmentID, id string) error {
	f, err := w.takeOffer(environmentID, id)
	if err != nil {
		return err
	}
	w.letGo(ctx, f)
	return nil
}

// dropOffer lets go of a sign-in that nobody can confirm any more.
func (w *Workspace) dropOffer(ctx context.Context, environmentID string) {
	w.mu.Lock()
	f := w.offers[environmentID]
	delete(w.offers, environmentID)
	w.mu.Unlock()
	w.letGo(ctx, f)
}

// letGo ends a sign-in that is not wanted, at Salesforce too. It is a courtesy
// there: nobody has the token any more.
func (w *Workspace) letGo(ctx context.Context, f *offer) {
	if f == nil {
		return
	}
	f.client.Close()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), revokeLimit)
	defer cancel()
	if err := f.app.Revoke(limited, f.o, f.grant); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		w.o.Log.Warn("end a sign-in that is not wanted", "environment", f.env.ID, "err", err)
	}
}

// letGoOfAll ends every sign-in that waits to be confirmed.
func (w *Workspace) letGoOfAll() {
	w.mu.Lock()
	waiting := w.offers
	w.offers = map[string]*offer{}
	w.mu.Unlock()
	for _, f := range waiting {
		w.letGo(context.Background(), f)
	}
}
