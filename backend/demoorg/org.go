package demoorg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"countersign/backend/metadata"
)

// Kind says what an org is: a sandbox for acceptance tests, or production.
type Kind string

// The kinds of demo org.
const (
	KindUAT        Kind = "uat"
	KindProduction Kind = "production"
)

// Options are what Open needs beside the folder.
type Options struct {
	// Kind decides organization id, name and the rules that hold in production
	// only.
	Kind Kind
	// Seed is a folder or a zip in metadata format that an org begins with; ""
	// is the built-in sample. It is read once, when the org is created.
	Seed string
	// Now is the org's clock; nil is time.Now.
	Now func() time.Time
	// Pace is the simulated time per component and per test. 0 is a small
	// default: a deployment of 20 components takes about 0.3 seconds, a large
	// one 2 seconds. Negative is no waiting at all.
	Pace time.Duration
	// DailyRequests is how many API calls the org answers in 24 hours; 0 is
	// 100,000. More are refused with REQUEST_LIMIT_EXCEEDED.
	DailyRequests int
	// Log gets what goes wrong inside, never a secret; nil is nowhere.
	Log *slog.Logger
}

// An Org is one demo org: Salesforce's protocols over a metadata model that it
// keeps on disk. It is safe for use by several goroutines.
type Org struct {
	dir  string
	now  func() time.Time
	pace time.Duration
	log  *slog.Logger

	stop  context.CancelFunc
	ctx   context.Context
	idle  chan struct{} // closed when the worker has stopped
	woken chan struct{}
	side  sync.WaitGroup // retrieves

	store *store // of the worker, after Open

	mu          sync.Mutex
	closed      bool
	who         *identity
	url         string
	model       *model
	deployments []*deployment // by number
	byID        map[string]*deployment
	lastNumber  int64
	retrieves   retrieves
	changeSets  []changeSet
	setup       []setupLine // done by hand, oldest first
	locators    locators
	codes       map[string]authCode
	strikes     map[string]strike
	calls       int // REST and SOAP calls since callsFrom
	callsFrom   time.Time
	daily       int // the most calls of 24 hours
}

// defaultDaily is the API request limit of an Enterprise Edition without extra
// licenses ("API Request Limits and Allocations").
const defaultDaily = 100_000

// A changeSet is an outbound change set: a name and what is in it.
type changeSet struct {
	Name    string         `json:"name"`
	Members []metadata.Key `json:"members"`
}

// Open creates the org in dir, or opens the one that is there, and goes on
// with the deployments that are not over. The folder is made with mode 0700,
// its files with 0600: they hold the org's passwords. Faults are an *Error
// with CodeKind, CodeSeed or CodeDamaged; others are the disk's.
//
// One program at a time may have the folder open.
func Open(dir string, options Options) (*Org, error) {
	if options.Kind != KindUAT && options.Kind != KindProduction {
		return nil, errorf(CodeKind, "There is no demo org of the kind %q.", string(options.Kind)).hint(`Use "uat" or "production".`)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the folder of the demo org: %w", err)
	}
	o := newOrg(dir, options)
	if err := o.load(options); err != nil {
		o.stop()
		return nil, err
	}
	go o.work(o.ctx)
	return o, nil
}

func newOrg(dir string, options Options) *Org {
	o := &Org{
		dir: dir, now: options.Now, pace: options.Pace, log: options.Log,
		idle: make(chan struct{}), woken: make(chan struct{}, 1),
		byID: map[string]*deployment{}, codes: map[string]authCode{}, strikes: map[string]strike{},
		url: "http://localhost",
	}
	if o.now == nil {
		o.now = time.Now
	}
	o.daily = options.DailyRequests
	if o.daily <= 0 {
		o.daily = defaultDaily
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	o.ctx, o.stop = context.WithCancel(context.Background())
	return o
}

// clock is the org's time as its answers show it, in milliseconds.
func (o *Org) clock() time.Time { return o.now().UTC().Truncate(time.Millisecond) }

func (o *Org) load(options Options) error {
	o.who = &identity{}
	known, err := readJSON(o.identityFile(), o.who)
	if err != nil {
		return err
	}
	if known && o.who.Kind != options.Kind {
		return errorf(CodeKind, "The folder holds a demo org of the kind %q, not %q.", o.who.Kind, options.Kind).hint("Choose another folder.")
	}
	if o.store, o.model, err = openStore(o.dir); err != nil {
		return err
	}
	if _, err := readJSON(o.changeSetFile(), &o.changeSets); err != nil {
		return err
	}
	if _, err := readJSON(o.setupFile(), &o.setup); err != nil {
		return err
	}
	if !known || o.model == nil {
		if err := o.create(options); err != nil {
			return err
		}
	}
	if err := o.openRetrieves(); err != nil {
		return err
	}
	return o.loadDeployments()
}

func (o *Org) identityFile() string  { return filepath.Join(o.dir, "org.json") }
func (o *Org) changeSetFile() string { return filepath.Join(o.dir, "changesets.json") }

// create fills a new org. The identity is written last: without it the next
// Open begins again.
func (o *Org) create(options Options) error {
	o.who = newIdentity(options.Kind, options.Seed != "", o.clock())
	s, err := readSeed(options, o.who, o.clock())
	if err != nil {
		return err
	}
	o.model, o.changeSets = s.model, s.changeSets
	if err := o.store.commit(s.model, ""); err != nil {
		return err
	}
	if err := writeJSON(o.changeSetFile(), o.changeSets); err != nil {
		return err
	}
	return o.saveIdentity()
}

func (o *Org) saveIdentity() error { return writeJSON(o.identityFile(), o.who) }

// Close stops the work and waits for it. Deployments that are not over stay on
// disk and go on at the next Open.
func (o *Org) Close() error {
	o.mu.Lock()
	already := o.closed
	o.closed = true
	o.mu.Unlock()
	if already {
		return nil
	}
	o.stop()
	<-o.idle
	o.side.Wait()
	return o.retrieves.removeAll()
}

// A Connection is what a client needs to sign in.
type Connection struct {
	URL            string `json:"url"`
	Username       string `json:"username"`
	Password       string `json:"password"` // with the security token at its end, as login() wants it
	AccessToken    string `json:"accessToken"`
	OrganizationID string `json:"organizationId"`
}

// LogValue keeps the secrets out of logs.
func (c Connection) LogValue() slog.Value {
	return slog.GroupValue(slog.String("url", c.URL), slog.String("username", c.Username),
		slog.String("organizationId", c.OrganizationID), slog.String("password", "[secret]"), slog.String("accessToken", "[secret]"))
}

// Connection gives the way in for the org's integration user. Its URL is that
// of the last Handler with a host, or "http://localhost" for the transport.
// The access token is the one that is good now: ExpireSessions changes it.
func (o *Org) Connection() Connection { return o.connection(0) }

// SecondUser gives the way in for another user of the org, who can change what
// the first one works on.
func (o *Org) SecondUser() Connection { return o.connection(1) }

func (o *Org) connection(n int) Connection {
	o.mu.Lock()
	defer o.mu.Unlock()
	u := o.who.Users[n]
	return Connection{URL: o.url, Username: u.Username, Password: u.Password, AccessToken: u.Token, OrganizationID: o.who.OrganizationID}
}

// ExpireSessions ends every session: the access tokens that were handed out
// and those of Connection and SecondUser, which get new ones. Passwords and
// refresh tokens stay good.
func (o *Org) ExpireSessions() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.who.Sessions = nil
	for i := range o.who.Users {
		if o.who.Users[i].Token != "" {
			o.who.Users[i].Token = o.who.newToken()
		}
	}
	if err := o.saveIdentity(); err != nil {
		o.log.Error("end all sessions", "error", err)
	}
}

// pod is the part of an id that differs from org to org.
func (o *Org) pod() string { return o.who.OrganizationID[3:5] }

// componentID gives a component's id, which it keeps as long as its name.
func (o *Org) componentID(key metadata.Key) string {
	prefix, ok := keyPrefixes[key.Type]
	if !ok {
		prefix = "0z0"
	}
	return hashID(prefix+o.pod(), o.who.OrganizationID, key.Type, key.Name)
}

// keyPrefixes are the first three characters of the ids of some types
// (help.salesforce.com, "Standard Field Record ID Prefix Decoder").
var keyPrefixes = map[string]string{
	"ApexClass": "01p", "ApexTrigger": "01q", "ApexPage": "066", "ApexComponent": "099", "CustomObject": "01I",
	"CustomField": "00N", "ValidationRule": "03d", "RecordType": "012", "Layout": "00h", "CustomLabel": "101",
	"Flow": "301", "PermissionSet": "0PS", "Profile": "00e", "Report": "00O", "Dashboard": "01Z", "EmailTemplate": "00X",
	"StaticResource": "081", "CustomTab": "01r", "CustomApplication": "02u", "Queue": "00G", "Group": "00G", "Role": "00E",
	"LightningComponentBundle": "0Rb", "AuraDefinitionBundle": "0Ab", "FlexiPage": "0M0", "GlobalValueSet": "0Nt",
	"WorkflowRule": "01Q", "WorkflowFieldUpdate": "04Y", "WorkflowAlert": "01W", "ListView": "00B", "WebLink": "00b",
	"QuickAction": "09D", "CustomMetadata": "m00", "NamedCredential": "0XA", "FlowDefinition": "300", "CustomPermission": "0CP", "ReportType": "070",
}

// An upload is a zip on its way in, synced to disk.
type upload struct {
	path string
	hash string
	size int64
}

func (o *Org) newUpload() upload {
	return upload{path: filepath.Join(o.dir, "deployments", "incoming-"+randomText(12)+zipEnding)}
}

func (u upload) discard() {
	if u.path != "" {
		_ = os.Remove(u.path)
	}
}

var errTooLarge = errors.New("more than the limit")

// isStandardObject tells a standard object by its name: custom ones end in
// __c, __mdt and the like.
func isStandardObject(name string) bool { return !strings.Contains(name, "__") }
