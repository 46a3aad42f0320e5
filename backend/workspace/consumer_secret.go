package workspace

import (
	"context"
	"encoding/json"
	"errors"

	"countersign/backend/governance"
	"countersign/backend/keychain"
)

// A SecretState says whether the consumer secret of an environment's External
// Client App is kept on this computer. The secret itself is never shown.
type SecretState string

// The states of a consumer secret.
const (
	SecretNone  SecretState = ""
	SecretKept  SecretState = "kept"
	SecretOther SecretState = "other" // kept for another address or consumer key, and not sent
)

// SecretStates lists them.
func SecretStates() []SecretState { return []SecretState{SecretNone, SecretKept, SecretOther} }

// secretState asks the keychain once, as hasCredentials does. What cannot be
// asked is not shown.
func (w *Workspace) secretState(ctx context.Context, env *governance.Environment, members []governance.Member) SecretState {
	if env.SignIn != governance.SignInOAuth {
		return SecretNone
	}
	w.views.mu.Lock()
	state, known := w.views.secrets[env.ID]
	w.views.mu.Unlock()
	if known {
		return state
	}
	for _, m := range members {
		found, err := w.secretOf(ctx, env, m.ID)
		if err != nil {
			return SecretNone
		}
		if found != SecretNone {
			state = found
		}
		if found == SecretKept {
			break
		}
	}
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	remember(&w.views.secrets, env.ID, state)
	return state
}

func (w *Workspace) secretOf(ctx context.Context, env *governance.Environment, member string) (SecretState, error) {
	b, err := w.chain.Get(ctx, w.credentialsName(env.ID, member))
	if errors.Is(err, keychain.ErrNotFound) {
		return SecretNone, nil
	}
	if err != nil {
		return SecretNone, err
	}
	var s storedCredentials
	switch {
	case json.Unmarshal(b, &s) != nil || s.ConsumerSecret == "":
		return SecretNone, nil
	case s.of(env):
		return SecretKept, nil
	}
	return SecretOther, nil
}

// RemoveSecret takes the consumer secret of an environment off this computer.
// Who is signed in stays signed in, as far as Salesforce renews that without
// it. Without a secret it does nothing. Faults: not_found, sign_in, and those of
// the keychain.
func (w *Workspace) RemoveSecret(ctx context.Context, environmentID string) error {
	env, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return err
	}
	if env.SignIn != governance.SignInOAuth { // what is kept is a password
		return governance.Faultf("sign_in", "%s is not signed in to with the browser.", env.Name).WithHint("Edit the environment and choose Salesforce in the browser.")
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	removed := false
	for _, m := range c.Members {
		found, err := w.secretOf(ctx, env, m.ID)
		if err == nil && found != SecretNone {
			removed, err = true, w.chain.Delete(ctx, w.credentialsName(env.ID, m.ID))
		}
		if err != nil {
			return err
		}
	}
	if !removed {
		return nil
	}
	w.forgetSession(environmentID)
	w.forgetCredentials(environmentID)
	return w.Store.Note(ctx, "credentials", envNote{At: w.stamp(), By: w.Acting(), Environment: env.ID})
}
