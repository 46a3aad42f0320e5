package salesforce

import (
	"context"
	"errors"
	"net/url"
	"time"

	"countersign/backend/governance"
)

// A Vault is where one grant is kept, and a lock around it that every process
// of this person respects.
type Vault struct {
	// Lock waits until nobody else renews this grant.
	Lock func(ctx context.Context) (unlock func(), err error)
	// Load reads the grant as it is now.
	Load func(ctx context.Context) (Grant, error)
	// Save keeps the grant, and returns only when it is kept.
	Save func(ctx context.Context, g Grant) error
}

// renewLimit is how long one renewal may take. It goes on when its caller gives
// up: an answer that nobody reads would be a token lost.
const renewLimit = 30 * time.Second

// Renew gives a new session for a grant. With rotation the refresh token is
// good once, and Salesforce ends everything when a spent one comes back. So one
// renews at a time and reads the grant again first; before the request it is
// marked as asked, and the new token is kept before the new session is used.
// Without an answer the mark stays: the token may be spent, and only a person's
// sign-in goes on from there. Faults: signin_over, signin_unknown, wrong_org,
// those of OAuth, of the network and of the vault.
func (a App) Renew(ctx context.Context, o Options, v Vault) (*Session, error) {
	login, err := a.check()
	if err != nil {
		return nil, err
	}
	unlock, err := v.Lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	g, err := v.Load(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case g.Refresh.IsEmpty():
		return nil, over(login.Hostname())
	case g.Asked:
		return nil, unknownRenewal(login.Hostname())
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLimit)
	defer cancel()
	w, done := newLoginWire(o)
	defer done()
	return a.renew(limited, w, login, v, g)
}

func (a App) renew(ctx context.Context, w *wire, login *url.URL, v Vault, g Grant) (*Session, error) {
	g.Asked = true
	if err := v.Save(ctx, g); err != nil {
		return nil, err
	}
	answer, err := w.token(ctx, login, a.form(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.Refresh.Reveal()}}))
	if err != nil {
		return nil, a.notRenewed(ctx, login, v, g, err)
	}
	if answer.RefreshToken != "" {
		g.Refresh = NewSecret(answer.RefreshToken)
	}
	g.Asked = false
	// keeping it must not depend on the time that the answer left
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLimit)
	defer cancel()
	if err := v.Save(keep, g); err != nil {
		return nil, err
	}
	s, err := answer.session(login)
	if err != nil {
		return nil, err
	}
	if err := CheckOrganization(g.OrganizationID, s.OrganizationID); err != nil {
		return nil, err
	}
	s.Username = g.Username
	if s, err = w.withVersion(keep, s); err != nil {
		return nil, err
	}
	return s, checkTokenForm(login.Hostname(), s)
}

// notRenewed keeps what is known of the grant after a renewal that gave none.
func (a App) notRenewed(ctx context.Context, login *url.URL, v Vault, g Grant, err error) error {
	if errors.Is(err, ErrUnknownOutcome) {
		return unknownRenewal(login.Hostname()).Because(err)
	}
	g.Asked = false
	if governance.FaultCode(err) == CodeSignInOver {
		g.Refresh = Secret{} // asking again can only be refused again
	}
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLimit)
	defer cancel()
	return errors.Join(plainReason(err), v.Save(keep, g))
}

func over(host string) *governance.Fault {
	return governance.Faultf(CodeSignInOver, "The sign-in to %s is over: it was revoked, replaced or not used for too long.", host).
		WithHint("Sign in with Salesforce again.")
}

func unknownRenewal(host string) *governance.Fault {
	return governance.Faultf(CodeSignInUnknown, "%s was asked to renew the sign-in, and its answer never came. The token may be used up, and sending it twice would end every sign-in of this app, so it is not sent again.", host).
		WithHint("Sign in with Salesforce again. Nothing else is lost.")
}
