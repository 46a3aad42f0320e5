package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/salesforce"
)

// The four members of the demo workspace: a requester, two approvers who are
// also its owners, and a release manager.
const (
	Ana = "ana"
	Bo  = "bo"
	Cy  = "cy"
	Dee = "dee"
)

// The demo's two environments.
const (
	DemoSource = "demo-uat"
	DemoTarget = "demo-production"
)

// embeddedURLs are the addresses of the two orgs inside the application.
var embeddedURLs = []string{"demo:uat", "demo:production"}

// DemoOrgs are two orgs served by countersign demo-org, as its connection.json
// describes them.
type DemoOrgs struct{ Source, Target demoorg.Connection }

// ReadConnection reads a connection.json.
func ReadConnection(path string) (demoorg.Connection, error) {
	var c demoorg.Connection
	b, err := os.ReadFile(path)
	if err != nil {
		return c, governance.Faultf("connection_file", "The file %s cannot be read.", path).WithHint("Give the connection.json of a running countersign demo-org.").Because(err)
	}
	if err := json.Unmarshal(b, &c); err != nil || c.URL == "" || c.OrganizationID == "" {
		return c, governance.Faultf("connection_file", "The file %s does not describe a demo org.", path).WithHint("Give the connection.json of a running countersign demo-org.").Because(err)
	}
	u, err := salesforce.CheckURL(c.URL)
	if err != nil || u.Scheme != "http" {
		return c, governance.Faultf("connection_file", "%s is not on this computer, so it is no demo org.", c.URL).WithHint("A demo org's address is http://127.0.0.1 and a port.").Because(err)
	}
	return c, nil
}

// openDemo opens the demo workspace and makes it first if it is not there.
func openDemo(ctx context.Context, o Options) (*Workspace, error) {
	dir := DemoDir(o.Data)
	if o.FirstPoll == 0 {
		o.FirstPoll, o.LastPoll = 20*time.Millisecond, 250*time.Millisecond
	}
	w, err := open(ctx, dir, o, func() (keychain.Chain, error) { return demoChain(dir) })
	if err != nil {
		return nil, err
	}
	w.keychain = KeychainState{Works: true, Where: "a folder, since it is a demo"}
	if err := w.prepareDemo(ctx); err != nil {
		return nil, errors.Join(diskFault(dir, err), w.Close())
	}
	return w, nil
}

// demoChain is the folder of a demo's keys, which is made before its database:
// a database without one is a person's own, and gets none.
func demoChain(dir string) (keychain.Chain, error) {
	keys := filepath.Join(dir, keysFolder)
	if isWorkspace(dir) && !isFolder(keys) {
		return nil, governance.Faultf("not_a_demo", "%s is not a demo workspace, or its folder of keys is gone.", dir).WithHint("Choose another folder.")
	}
	return keychain.Folder(keys)
}

func (w *Workspace) prepareDemo(ctx context.Context) error {
	if w.id == "" {
		if err := w.foundDemo(ctx); err != nil {
			return err
		}
	}
	if a, err := w.remembered(ctx); err == nil {
		w.trustChains(ctx, a) // before anybody needs them
	}
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if !c.Demo {
		return governance.Faultf("not_a_demo", "%s is not a demo workspace.", w.dir).WithHint("Choose another folder.")
	}
	if err := w.verifyStart(ctx); err != nil {
		return err
	}
	if err := w.demoEnvironments(ctx, c); err != nil {
		return err
	}
	return w.settle(ctx)
}

// foundDemo makes keys for the four members and signs the first charter. The
// keys are stored before the act: a kill in between leaves unused keys, never
// an act whose key is lost.
func (w *Workspace) foundDemo(ctx context.Context) error {
	source, target, err := w.demoOrganizations()
	if err != nil {
		return err
	}
	if source == target {
		return governance.Faultf("same_environment", "Source and target are the same org, %s.", source).WithHint("Give two different orgs.")
	}
	nonce, err := randomID()
	if err != nil {
		return err
	}
	keys := map[string]ledger.Identity{}
	member := func(id, name string, roles ...governance.Role) (governance.Member, error) {
		k, err := ledger.NewIdentity()
		keys[id] = k
		return governance.Member{ID: id, Name: name, Keys: []governance.Key{{Public: k.Public()}}, Roles: roles}, err
	}
	members := []governance.Member{}
	for _, m := range []struct {
		id, name string
		roles    []governance.Role
	}{
		{Ana, "Ana Requester", []governance.Role{governance.Requester}},
		{Bo, "Bo Approver", []governance.Role{governance.Approver, governance.Owner}},
		{Cy, "Cy Approver", []governance.Role{governance.Approver, governance.Owner}},
		{Dee, "Dee Release", []governance.Role{governance.ReleaseManager}},
	} {
		made, err := member(m.id, m.name, m.roles...)
		if err != nil {
			return err
		}
		members = append(members, made)
	}
	genesis, err := ledger.Genesis(keys[Bo], governance.DemoCharter(members, source, target, nonce), w.now())
	if err != nil {
		return err
	}
	w.id = genesis.ID
	for id, k := range keys {
		if err := w.keepKey(ctx, id, k); err != nil {
			return err
		}
	}
	return w.Store.Found(ctx, genesis)
}

// demoOrganizations are the ids that the genesis names.
func (w *Workspace) demoOrganizations() (source, target string, err error) {
	if w.o.Orgs != nil {
		return w.o.Orgs.Source.OrganizationID, w.o.Orgs.Target.OrganizationID, nil
	}
	s, err := w.embedded(demoorg.KindUAT)
	if err != nil {
		return "", "", err
	}
	t, err := w.embedded(demoorg.KindProduction)
	if err != nil {
		return "", "", err
	}
	return s.Connection().OrganizationID, t.Connection().OrganizationID, nil
}

// demoEnvironments adds the two environments and their credentials; what is
// there already stays, but the address and credentials of orgs that were
// started anew are taken over.
func (w *Workspace) demoEnvironments(ctx context.Context, c *governance.Charter) error {
	for i, e := range []struct {
		id, name, url string
		kind          demoorg.Kind
	}{
		{DemoSource, "Demo UAT", "demo:uat", demoorg.KindUAT},
		{DemoTarget, "Demo Production", "demo:production", demoorg.KindProduction},
	} {
		env := &governance.Environment{ID: e.id, Name: e.name, Kind: governance.Demo, URL: e.url, SignIn: governance.SignInPassword, OrganizationID: c.Organizations[i]}
		conn, err := w.demoConnection(e.id, e.kind)
		if err != nil {
			return err
		}
		old, err := w.Store.Environment(ctx, e.id)
		if err != nil && governance.FaultCode(err) != "not_found" {
			return err
		}
		if old != nil {
			*env = *old
		}
		if conn == nil {
			continue // served elsewhere, with the credentials of the first start
		}
		if conn.OrganizationID != c.Organizations[i] {
			return governance.Faultf("other_demo_orgs", "This demo workspace was made with other orgs: %s is %s, not %s.", e.name, c.Organizations[i], conn.OrganizationID).
				WithHint("Give the same orgs again, or another --data folder.")
		}
		if w.o.Orgs != nil {
			env.URL = conn.URL
		}
		if old == nil || old.URL != env.URL || old.Username != conn.Username {
			env.Username = conn.Username
			if err := w.Store.SaveEnvironment(ctx, "", env); err != nil {
				return err
			}
		}
		if err := w.saveForPerson(ctx, c, "", env, Credentials{Password: salesforce.NewSecret(conn.Password)}); err != nil {
			return err
		}
	}
	return nil
}

// demoConnection is how to reach one of the two, nil when it is not known anew.
func (w *Workspace) demoConnection(id string, kind demoorg.Kind) (*demoorg.Connection, error) {
	if w.o.Orgs != nil {
		c := w.o.Orgs.Source
		if id == DemoTarget {
			c = w.o.Orgs.Target
		}
		return &c, nil
	}
	if env, err := w.Store.Environment(context.Background(), id); err == nil && env.URL != "demo:"+string(kind) {
		return nil, nil
	}
	o, err := w.embedded(kind)
	if err != nil {
		return nil, err
	}
	c := o.Connection()
	return &c, nil
}

// embedded opens one of the two orgs that live inside the application.
func (w *Workspace) embedded(kind demoorg.Kind) (*demoorg.Org, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o, ok := w.orgs[string(kind)]; ok {
		return o, nil
	}
	o, err := demoorg.Open(filepath.Join(w.dir, "orgs", string(kind)), demoorg.Options{Kind: kind, Now: w.o.Now, Pace: w.o.Pace, Log: w.o.Log})
	if err != nil {
		return nil, err
	}
	w.orgs[string(kind)] = o
	return o, nil
}

// EmbeddedOrg is one of the application's own orgs, for the demo's second user;
// nil when the demo runs on orgs served elsewhere.
func (w *Workspace) EmbeddedOrg(environmentID string) (*demoorg.Org, error) {
	env, err := w.Store.Environment(context.Background(), environmentID)
	if err != nil {
		return nil, err
	}
	switch env.URL {
	case "demo:uat":
		return w.embedded(demoorg.KindUAT)
	case "demo:production":
		return w.embedded(demoorg.KindProduction)
	}
	return nil, nil
}

// transport is how an environment is reached: in process for the embedded orgs.
func (w *Workspace) transport(env *governance.Environment) (url string, rt http.RoundTripper, err error) {
	o, err := w.EmbeddedOrg(env.ID)
	if err != nil {
		return "", nil, err
	}
	if o == nil {
		return env.URL, w.o.Network, nil
	}
	return "http://localhost", o.Transport(), nil
}
