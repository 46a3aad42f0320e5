// Package workspace opens one workspace and wires its rooms: the folder lock,
// the database, the keychain, the members' keys, the sessions with orgs, the
// scanner and the deployment runner. The window and the terminal call it and
// nothing beneath it.
package workspace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/scan"
	"countersign/backend/store"
)

// Service is the name under which the operating system's keychain shows
// Countersign's entries.
const Service = "Countersign"

// Options say how to open a workspace. The zero value opens with the system's
// clock and keychain.
type Options struct {
	Data  string // data folder; see DataDir
	Demo  bool   // the demo workspace, made if it is not there yet
	Now   func() time.Time
	Log   *slog.Logger
	Chain keychain.Chain // nil: the operating system's
	// Pace is the simulated time of the embedded demo orgs; zero is theirs.
	Pace time.Duration
	// Orgs replaces the embedded demo orgs by two of demo-org's, of its
	// connection.json; only when the demo workspace is made.
	Orgs *DemoOrgs
	// OnUpdate is told each time a Deployment Log has changed.
	OnUpdate func(governance.DeploymentLog)
	// OnScan is told how a scan comes along.
	OnScan func(scan.Progress)
	// OnWork is told each change of a Work, at most five times a second of one;
	// its end always arrives. It comes from several goroutines, and a higher
	// Revision is the newer one.
	OnWork func(Work)
	// OnCommit is told after each change of the database; it must not wait.
	OnCommit func()
	// Beside lets opening return before the rows that are not final were checked.
	// Until they are, no key is unlocked, and nothing says that they were.
	// OnChecked is told when it is over, whatever it found.
	Beside    bool
	OnChecked func()
	// CallbackPorts replaces the ports that Salesforce answers on; nil: its own.
	CallbackPorts []int
	// FirstPoll and LastPoll bound polling; zero is Salesforce's advice for
	// real orgs and 20 to 250 ms for demo orgs.
	FirstPoll, LastPoll time.Duration
	// Network replaces the system's way to orgs that are not embedded.
	Network http.RoundTripper
}

// A Workspace is one open workspace.
type Workspace struct {
	Store   *store.Store
	Scanner *scan.Scanner
	Runner  *deploy.Runner

	id      string
	dir     string
	o       Options
	chain   keychain.Chain
	lock    io.Closer
	warning string
	works   *works
	views   views    // what screens were shown before, to be shown again
	answers answers  // and what they asked for
	known   verdicts // next steps of requests, as long as nothing new is said of them

	keychain KeychainState

	actingMu sync.Mutex      // guards the next three
	acting   string          // member who acts at this machine
	checked  time.Time       // when the audit trail was verified last
	doubts   []store.Finding // what opening found wrong

	beside beside
	trail  *trailIndex
	chores *chores

	mu       sync.Mutex
	sessions map[string]session       // by environment
	turns    map[string]chan struct{} // who signs in to an environment holds its turn
	asking   map[string]*asking       // sign-ins that wait for the browser, by environment
	refused  map[string]refusedSignIn // why the last sign-in with the browser came to nothing, by environment
	offers   map[string]*offer        // first sign-ins that wait to be confirmed, by environment
	orgs     map[string]*demoorg.Org

	keysMu sync.Mutex // its own: a keychain may wait for a person
	keys   map[string]ledger.Identity

	reconciling sync.Mutex // one reading of an org at a time
	troubleMu   sync.Mutex // guards trouble
	trouble     map[string]outsideTrouble

	anchorMu sync.Mutex
	anchored ledger.Anchor // the last act of this machine and the newest head in the keychain
	size     int64         // of that head
}

// Open opens the demo workspace, or the person's own when there is one. Without
// any, the Fault no_workspace says so.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	data, err := DataDir(o.Data)
	if err != nil {
		return nil, err
	}
	o.Data = data
	if o.Demo {
		return openDemo(ctx, o)
	}
	folders, err := Folders(data)
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if filepath.Base(f) == demoFolder {
			continue
		}
		w, err := OpenOwn(ctx, f, o)
		if governance.FaultCode(err) != codeUnfounded {
			return w, err
		}
	}
	return nil, governance.Faultf("no_workspace", "There is no workspace of your own yet.").WithHint("Make one, or open the demo workspace.")
}

// open takes the folder and opens what is in it. The keychain comes after the
// lock: it may be a folder in there.
func open(ctx context.Context, dir string, o Options, chain func() (keychain.Chain, error)) (*Workspace, error) {
	w := &Workspace{dir: dir, o: o, trail: newTrailIndex(), chores: newChores(), keys: map[string]ledger.Identity{}, sessions: map[string]session{},
		turns: map[string]chan struct{}{}, asking: map[string]*asking{}, offers: map[string]*offer{},
		refused: map[string]refusedSignIn{}, orgs: map[string]*demoorg.Org{}}
	if w.o.Log == nil {
		w.o.Log = slog.New(slog.DiscardHandler)
	}
	w.works = newWorks(w.now, w.o.Log, o.OnWork)
	var err error
	if w.lock, err = TakeFolder(dir); err != nil {
		return nil, err
	}
	if w.chain, err = chain(); err != nil {
		return nil, errors.Join(diskFault(dir, err), w.lock.Close())
	}
	st, err := store.Open(ctx, dir, store.Options{Now: w.now, Log: w.o.Log, Ahead: o.Beside, AfterCommit: w.afterCommit})
	if err != nil {
		return nil, errors.Join(err, w.lock.Close())
	}
	w.Store = st
	if w.id, err = st.WorkspaceID(ctx); err == nil && w.id == "" && inUse(dir) {
		err = emptied(dir)
	}
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.Scanner = &scan.Scanner{Store: st, Session: w.Session, Now: w.now, OnProgress: o.OnScan}
	w.Runner = &deploy.Runner{Store: st, Session: w.Session, Signer: w.Author, Fetch: scan.Fetch, Verify: w.verifyForDeploy, Now: w.now,
		OnUpdate: w.heard, FirstPoll: o.FirstPoll, LastPoll: o.LastPoll}
	return w, nil
}

func (w *Workspace) now() time.Time {
	if w.o.Now != nil {
		return w.o.Now().UTC()
	}
	return time.Now().UTC()
}

// Close cancels the works, waits for them and lets go of everything.
// Deployments go on in the org and are resumed at the next start.
func (w *Workspace) Close() error {
	w.works.close()
	w.beside.close()
	w.chores.close()
	w.anchorLast()
	w.keepChains()
	w.letGoOfAll()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all error
	for _, s := range w.sessions {
		s.client.Close()
	}
	for _, o := range w.orgs {
		all = errors.Join(all, o.Close())
	}
	if w.Store != nil {
		all = errors.Join(all, w.Store.Close())
	}
	return errors.Join(all, w.lock.Close())
}

// ID is the workspace's id: the id of its first act.
func (w *Workspace) ID() string { return w.id }

// Dir is the workspace's folder.
func (w *Workspace) Dir() string { return w.dir }

// Warning is what a person must know about this workspace now, such as that
// its key lives for this session only; empty if nothing.
func (w *Workspace) Warning() string { return w.warning }

// Doubts are what opening the workspace found wrong with its audit trail, as
// far as it has looked.
func (w *Workspace) Doubts() []store.Finding {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	return slices.Clone(w.doubts)
}

func (w *Workspace) doubt(found ...store.Finding) {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	w.doubts = append(w.doubts, found...)
}

// Charter is the roster and the policies in force.
func (w *Workspace) Charter(ctx context.Context) (*governance.Charter, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return nil, err
	}
	c := h.Charter()
	if c == nil {
		return nil, governance.Faultf("charter", "The charter of this workspace cannot be trusted.").WithHint("Run countersign verify --data %s.", w.dir)
	}
	return c, nil
}

// noRecords asks for a history with the charter's acts only.
const noRecords = "-"

// Author unlocks a member's key, after the check of opening is over. Without it
// the Fault key_locked, key_missing or unchecked says what to do.
func (w *Workspace) Author(ctx context.Context, member string) (store.Author, error) {
	if err := w.beside.wait(ctx); err != nil {
		return store.Author{}, err
	}
	id, err := w.key(ctx, member)
	if err != nil {
		return store.Author{}, err
	}
	return authorOf(member, id), nil
}

func authorOf(member string, id ledger.Identity) store.Author {
	return store.Author{Member: member, Identity: id}
}

// key reads a member's key, to be looked at; who signs asks Author. Fault:
// key_missing.
func (w *Workspace) key(ctx context.Context, member string) (ledger.Identity, error) {
	w.keysMu.Lock()
	defer w.keysMu.Unlock()
	if id, ok := w.keys[member]; ok {
		return id, nil
	}
	seed, err := w.chain.Get(ctx, w.keyName(member))
	if errors.Is(err, keychain.ErrNotFound) {
		return ledger.Identity{}, governance.Faultf("key_missing", "The signing key of this workspace is not in the keychain of this computer.").
			WithHint("Everything can be read, but nothing signed. Restore the keychain from a backup.")
	}
	if err != nil {
		return ledger.Identity{}, err
	}
	raw, err := hex.DecodeString(string(seed)) // text, because not every keychain keeps other bytes
	if err != nil {
		return ledger.Identity{}, governance.Faultf("key_missing", "The signing key in the keychain is damaged.").WithHint("Restore the keychain from a backup.")
	}
	id, err := ledger.IdentityFromSeed(raw)
	if err != nil {
		return ledger.Identity{}, err
	}
	w.keys[member] = id
	return id, nil
}

// keepKey puts a new key into the keychain.
func (w *Workspace) keepKey(ctx context.Context, member string, key ledger.Identity) error {
	return w.chain.Set(ctx, w.keyName(member), []byte(hex.EncodeToString(key.Seed())))
}

func (w *Workspace) keyName(member string) string { return w.id + "/key/" + member }
func (w *Workspace) anchorName() string           { return w.id + "/anchor" }

// VerifyWhole checks everything against what the keychain remembers and leaves
// an entry in the trail.
func (w *Workspace) VerifyWhole(ctx context.Context, progress func(done, total int64)) (store.Report, error) {
	a, err := w.remembered(ctx)
	if err != nil {
		return store.Report{}, err
	}
	report, err := w.Store.Verify(ctx, store.VerifyOptions{Anchor: a, Progress: progress})
	if err != nil {
		return report, err
	}
	note := struct {
		At       string `json:"at"`
		Entries  int64  `json:"entries"`
		Findings int64  `json:"findings"`
		Root     string `json:"root"`
	}{w.now().Format(time.RFC3339), report.Entries, int64(len(report.Findings)), report.Head.String()}
	w.markChecked()
	if len(report.Findings) > 0 {
		return report, nil // what is doubtful is left as it is
	}
	if err := w.Store.Note(ctx, "verify", note); err != nil {
		return report, err
	}
	w.anchorLast()
	return report, nil
}

func (w *Workspace) markChecked() {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	w.checked = w.now()
}

func (w *Workspace) lastChecked() time.Time {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	return w.checked
}

func (w *Workspace) verifyForDeploy(ctx context.Context) ([]string, error) {
	report, err := w.VerifyWhole(ctx, nil)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, f := range report.Findings {
		out = append(out, f.Message)
	}
	return out, nil
}

// VerifyFolder checks a workspace's folder without changing anything in it.
// The keychain's head is used when it can be had; anchored says whether it was.
func VerifyFolder(ctx context.Context, dir string, chain keychain.Chain, progress func(done, total int64)) (report store.Report, anchored bool, err error) {
	st, err := store.Open(ctx, dir, store.Options{ReadOnly: true})
	if err != nil {
		return report, false, err
	}
	defer st.Close()
	w := &Workspace{Store: st, dir: dir, chain: chain}
	if w.id, err = st.WorkspaceID(ctx); err != nil {
		return report, false, err
	}
	if w.id == "" { // nothing in it could be wrong, and nothing is proved
		return report, false, emptied(dir)
	}
	if keys := filepath.Join(dir, keysFolder); isFolder(keys) {
		if w.chain, err = keychain.Folder(keys); err != nil {
			w.chain = nil // on a disk that cannot be written; what it remembers is then not compared
		}
	}
	o := store.VerifyOptions{Progress: progress}
	if w.chain != nil {
		o.Anchor, err = w.remembered(ctx)
		if err != nil && governance.FaultCode(err) != "keychain_unavailable" {
			return report, false, err
		}
	}
	report, err = st.Verify(ctx, o)
	return report, o.Anchor != nil, err
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

// randomID is 128 random bits as text.
func randomID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

var _ io.Closer = (*Workspace)(nil)
