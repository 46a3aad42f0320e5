package workspace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/salesforce"
)

// A mishap sits on the way to every org: before it carries a request on it may
// do something, and it may lose the answer.
type mishap struct {
	base *http.Transport

	mu       sync.Mutex
	atPoll   func() // done once, before the first poll of a deployment
	loses    bool   // the answers of the token endpoint, which get there all the same
	renewals int
}

func (m *mishap) RoundTrip(r *http.Request) (*http.Response, error) {
	poll := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/metadata/deployRequest/")
	if strings.Contains(r.URL.Path, "/Soap/m/") && r.ContentLength < 10_000 {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		poll = bytes.Contains(b, []byte("checkDeployStatus"))
	}
	m.mu.Lock()
	var first func()
	if poll {
		first, m.atPoll = m.atPoll, nil
	}
	renewal := strings.HasSuffix(r.URL.Path, "/oauth2/token")
	if renewal {
		m.renewals++
	}
	lost := renewal && m.loses
	m.mu.Unlock()
	if first != nil {
		first()
	}
	resp, err := m.base.RoundTrip(r)
	if err == nil && lost {
		_ = resp.Body.Close()
		return nil, errors.New("the connection was reset")
	}
	return resp, err
}

func (m *mishap) CloseIdleConnections() { m.base.CloseIdleConnections() }

func (m *mishap) next(atPoll func(), loses bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.atPoll, m.loses, m.renewals = atPoll, loses, 0
}

func (m *mishap) asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.renewals
}

// deployedInto is a demo workspace on two served orgs, whose target is signed
// in to with the browser, and a record of it that can be validated.
func deployedInto(t *testing.T, by governance.DeployTransport) (w *Workspace, m *mishap, target *demoorg.Org, env *governance.Environment, record string) {
	t.Helper()
	ctx := t.Context()
	uat, _ := serveOrg(t, demoorg.KindUAT, t.TempDir())
	is, target := serveOrg(t, demoorg.KindProduction, t.TempDir())
	m = &mishap{base: &http.Transport{}}
	t.Cleanup(m.CloseIdleConnections)
	w = openTestDemo(t, t.TempDir(), anyCallback, func(o *Options) { o.Orgs, o.Network = &DemoOrgs{uat, is}, m })
	before, err := w.Store.Environment(ctx, DemoTarget)
	ok(t, err)
	_, err = w.EditEnvironment(ctx, DemoTarget, EnvironmentFields{Name: before.Name, Kind: before.Kind, URL: is.URL, SignIn: governance.SignInOAuth, ConsumerKey: testKey, DeployBy: by})
	ok(t, err)
	env, err = w.Store.Environment(ctx, DemoTarget)
	ok(t, err)
	signsIn(t, w, env)
	dr := w.approvedRecord(t)
	ok(t, w.ActAs(ctx, Dee))
	k, err := w.StartAttempt(ctx, dr.ID, governance.AttemptRetrieve, "")
	w.succeeds(t, k, err)
	env, err = w.Store.Environment(ctx, DemoTarget)
	ok(t, err)
	return w, m, target, env, dr.ID
}

// The sign-in is lost while a deployment runs in the org: its renewal gets no
// answer, or an administrator revoked it. The page says so and what to do,
// nothing is sent or renewed a second time, and after a new sign-in the same
// deployment is followed to its end.
func TestASignInLostInTheMiddleOfADeployment(t *testing.T) {
	for name, c := range map[string]struct {
		by       governance.DeployTransport
		code     string
		renewals int // of the first run; a second one asks no more
		lose     func(w *Workspace, m *mishap, env *governance.Environment) error
	}{
		"a renewal without an answer, by SOAP": {governance.DeployBySOAP, salesforce.CodeSignInUnknown, 1, nil},
		"a renewal without an answer, by REST": {governance.DeployByREST, salesforce.CodeSignInUnknown, 1, nil},
		"revoked, by SOAP":                     {governance.DeployBySOAP, salesforce.CodeSignInOver, 1, revokes},
		"revoked, by REST":                     {governance.DeployByREST, salesforce.CodeSignInOver, 1, revokes},
	} {
		t.Run(name, func(t *testing.T) {
			w, m, target, env, record := deployedInto(t, c.by)
			ctx := t.Context()
			sent := len(target.Deployments())
			m.next(func() {
				if c.lose != nil {
					if err := c.lose(w, m, env); err != nil {
						t.Error(err)
					}
				}
				target.ExpireSessions()
			}, c.lose == nil)
			k, err := w.StartAttempt(ctx, record, governance.AttemptValidate, "")
			ok(t, err)
			k = w.ends(t, k)
			if k.Succeeded || k.Problem == nil || k.Problem.Code != c.code || k.LogID == "" {
				t.Fatalf("%+v", k)
			}
			if n := m.asked(); n != c.renewals {
				t.Errorf("renewed %d times", n)
			}
			stands := func() LogView {
				t.Helper()
				v, err := w.LogView(ctx, k.LogID)
				ok(t, err)
				if v.Log.Progress != governance.ProgressRunning || v.Log.AsyncID == "" || !v.CanSend || v.CanGiveUp {
					t.Fatalf("%+v", v)
				}
				if v.Waits == nil || !strings.Contains(v.Waits.Hint, "Sign in with Salesforce") {
					t.Fatalf("nobody is told what to do: %+v", v.Waits)
				}
				return v
			}
			asyncID := stands().Log.AsyncID

			// Pressing on without a sign-in changes nothing and asks for nothing.
			again, err := w.SendAgain(ctx, k.LogID)
			ok(t, err)
			if again = w.ends(t, again); again.Succeeded || again.Problem == nil {
				t.Errorf("%+v", again)
			}
			stands()
			if n := m.asked(); n != c.renewals {
				t.Errorf("renewed %d times", n)
			}
			v, err := w.EnvironmentView(ctx, env.ID)
			ok(t, err)
			if v.HasCredentials {
				t.Error("the environment is shown as signed in")
			}

			// Signing in leads back to the same deployment.
			m.next(nil, false)
			done, err := w.SignIn(ctx, env.ID, visiting(t))
			ok(t, err)
			if done.Offer != "" {
				t.Error("a known org is asked about")
			}
			again, err = w.SendAgain(ctx, k.LogID)
			w.succeeds(t, again, err)
			end, err := w.LogView(ctx, k.LogID)
			ok(t, err)
			if end.Log.Result != governance.ResultSucceeded || end.Log.AsyncID != asyncID || end.Waits != nil || end.CanSend {
				t.Errorf("%+v", end)
			}
			if n := len(target.Deployments()) - sent; n != 1 {
				t.Errorf("%d deployments in the org", n)
			}
		})
	}
}

// revokes ends the sign-in at Salesforce, as an administrator does.
func revokes(w *Workspace, _ *mishap, env *governance.Environment) error {
	ctx := context.Background()
	a, err := w.app(ctx, env)
	if err != nil {
		return err
	}
	g, _, err := w.grantOf(ctx, env)
	if err != nil {
		return err
	}
	return a.Revoke(ctx, salesforce.Options{}, g)
}
