package workspace

import (
	"context"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// An EnvironmentView is an environment as screens show it.
type EnvironmentView struct {
	Environment    governance.Environment `json:"environment"`
	Production     bool                   `json:"production"` // drawn as production: also the demo's target
	Inventory      InventoryAge           `json:"inventory"`
	HasCredentials bool                   `json:"hasCredentials"` // on this computer, or signing in needs none
	WorkID         string                 `json:"workId"`         // of a scan that runs
	Records        int64                  `json:"records"`
	// Unconfirmed is the first sign-in, which waits for its person to confirm it.
	Unconfirmed *Connection `json:"unconfirmed,omitempty"`
	Secret      SecretState `json:"secret,omitempty"` // of the External Client App, on this computer
}

// EnvironmentFields are what a person edits on an environment.
type EnvironmentFields struct {
	Name     string                     `json:"name"`
	Kind     governance.EnvironmentKind `json:"kind"`
	URL      string                     `json:"url"`
	SignIn   governance.SignInMethod    `json:"signIn"`
	Username string                     `json:"username"`
	DeployBy governance.DeployTransport `json:"deployBy"` // "": SOAP
	// ConsumerKey of the External Client App, to sign in with the browser.
	ConsumerKey string `json:"consumerKey"`
}

// Secrets are credentials on their way from the page into the keychain.
type Secrets struct {
	Password       string `json:"password"`
	Token          string `json:"token"`
	ConsumerSecret string `json:"consumerSecret"`
}

// A Connection is the answer of Test Connection.
type Connection struct {
	Identity salesforce.Identity `json:"identity"`
	Sentence string              `json:"sentence"`
	Said     Said                `json:"said"`    // the sentence, to be translated
	Changed  bool                `json:"changed"` // kind or organisation were learned just now
	Offer    string              `json:"offer"`   // not empty: nothing is kept until this is confirmed
}

// An InventoryQuery asks for items of an environment's last inventory.
type InventoryQuery struct {
	Types   []string `json:"types"`   // empty: all
	Text    string   `json:"text"`    // words of the name or the type
	Package string   `json:"package"` // "", "none" (no managed package) or a namespace
	By      string   `json:"by"`      // last modified by
	Sort    string   `json:"sort"`    // name, lastModifiedAt; "-" before it turns it round
	Offset  int      `json:"offset"`
	Limit   int      `json:"limit"` // at most 500; 0: 200
}

// An InventoryPage is a part of an inventory.
type InventoryPage struct {
	Items []store.ScanItem `json:"items"`
	Total int64            `json:"total"`
}

// An InventorySummary is what the filters beside an inventory count.
type InventorySummary struct {
	Age      InventoryAge `json:"age"`
	Types    []TypeCount  `json:"types"`
	Packages []NameCount  `json:"packages"`               // "none" is what is in no managed package
	People   []NameCount  `json:"people"`                 // who changed something last
	Since    time.Time    `json:"since" ts_type:"string"` // of the oldest change
}

// A NameCount counts something by a name.
type NameCount struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// EnvironmentViews lists the environments by name.
func (w *Workspace) EnvironmentViews(ctx context.Context) ([]EnvironmentView, error) {
	envs, err := w.Store.Environments(ctx)
	if err != nil {
		return nil, err
	}
	scans, err := w.Store.LastScans(ctx)
	if err != nil {
		return nil, err
	}
	w.readInventoriesAhead(scans)
	return w.environmentViews(ctx, envs, scans)
}

// EnvironmentView is one environment. Fault: not_found.
func (w *Workspace) EnvironmentView(ctx context.Context, id string) (EnvironmentView, error) {
	env, err := w.Store.Environment(ctx, id)
	if err != nil {
		return EnvironmentView{}, err
	}
	scans, err := w.Store.LastScans(ctx)
	if err != nil {
		return EnvironmentView{}, err
	}
	views, err := w.environmentViews(ctx, []governance.Environment{*env}, scans)
	if err != nil {
		return EnvironmentView{}, err
	}
	return views[0], nil
}

func (w *Workspace) environmentViews(ctx context.Context, envs []governance.Environment, scans map[string]store.Scan) ([]EnvironmentView, error) {
	records, err := w.Store.RecordsByEnvironment(ctx)
	if err != nil {
		return nil, err
	}
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return nil, err
	}
	out := make([]EnvironmentView, 0, len(envs))
	for _, e := range envs {
		v := EnvironmentView{Environment: e, Production: drawnAsProduction(h.Charter(), e), HasCredentials: w.hasCredentials(ctx, &e), Records: records[e.ID],
			Unconfirmed: w.unconfirmed(&e), Secret: w.secretState(ctx, &e, h.Charter().Members)}
		if sc, scanned := scans[e.ID]; scanned {
			v.Inventory = InventoryAge{EnvironmentID: e.ID, Name: e.Name, At: sc.CompletedAt, Count: sc.Count}
		}
		if running := w.works.running(WorkInventory, e.ID); running != nil {
			v.WorkID = running.ID
		}
		out = append(out, v)
	}
	return out, nil
}

// hasCredentials reports whether this computer can sign in to an environment.
// The keychain is asked once: it may be slow, and may ask a person.
func (w *Workspace) hasCredentials(ctx context.Context, env *governance.Environment) bool {
	if env.SignIn == governance.SignInCLI {
		return true
	}
	w.views.mu.Lock()
	has, known := w.views.has[env.ID]
	w.views.mu.Unlock()
	if known {
		return has
	}
	var err error
	if env.SignIn == governance.SignInOAuth {
		err = w.signedIn(ctx, env)
	} else {
		_, err = w.credentialsOf(ctx, env)
	}
	code := governance.FaultCode(err)
	if err == nil || code == "no_credentials" || code == "several_people" {
		w.knowCredentials(env.ID, code != "no_credentials")
	}
	return err == nil || code == "several_people"
}

func (w *Workspace) knowCredentials(environmentID string, has bool) {
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	remember(&w.views.has, environmentID, has)
}

// forgetCredentials lets the keychain be asked again.
func (w *Workspace) forgetCredentials(environmentID string) {
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	delete(w.views.has, environmentID)
	delete(w.views.secrets, environmentID)
}

// EditEnvironment saves an environment; with an empty id it makes a new one.
// What Test Connection learned of an org stays. Faults: not_found, name_used,
// too_long, and those of SaveEnvironment.
func (w *Workspace) EditEnvironment(ctx context.Context, id string, f EnvironmentFields) (EnvironmentView, error) {
	if err := w.nameFree(ctx, id, oneLine(f.Name)); err != nil {
		return EnvironmentView{}, err
	}
	env := &governance.Environment{ID: id, Name: f.Name, Kind: f.Kind, URL: strings.TrimSpace(f.URL), SignIn: f.SignIn, Username: f.Username, ConsumerKey: f.ConsumerKey, DeployBy: f.DeployBy}
	if err := w.SaveEnvironment(ctx, w.Acting(), env); err != nil {
		return EnvironmentView{}, err
	}
	return w.EnvironmentView(ctx, env.ID)
}

// nameFree keeps two environments from having one name: before production is
// changed, its name is what a person types.
func (w *Workspace) nameFree(ctx context.Context, id, name string) error {
	envs, err := w.Store.Environments(ctx)
	if err != nil {
		return err
	}
	for _, e := range envs {
		if e.ID != id && strings.EqualFold(e.Name, name) {
			return governance.Faultf("name_used", "Another environment is named %s.", e.Name).WithHint("Give this one another name.")
		}
	}
	return nil
}

// Connect is Test Connection. Faults: those of TestConnection.
func (w *Workspace) Connect(ctx context.Context, environmentID string) (Connection, error) {
	before, err := w.Store.Environment(ctx, environmentID)
	if err != nil {
		return Connection{}, err
	}
	who, err := w.TestConnection(ctx, w.Acting(), environmentID)
	if err != nil {
		return Connection{}, err
	}
	return w.connected(ctx, before, who)
}

// connected says what a connection was made to, and whether that is news.
func (w *Workspace) connected(ctx context.Context, before *governance.Environment, who salesforce.Identity) (Connection, error) {
	after, err := w.Store.Environment(ctx, before.ID)
	if err != nil {
		return Connection{}, err
	}
	w.afterConnection(after.ID)
	said := w.said("environment.connected", "environment", after.Name, "user", who.Username, "organization", who.OrganizationName, "kind", string(after.Kind), "version", who.APIVersion)
	return Connection{Identity: who, Sentence: said.Text, Said: said, Changed: before.Kind != after.Kind || before.OrganizationID != after.OrganizationID}, nil
}

// String keeps credentials out of every log and error.
func (Secrets) String() string { return "[secret]" }

// GoString is String.
func (Secrets) GoString() string { return "[secret]" }
