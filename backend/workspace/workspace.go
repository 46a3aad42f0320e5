// Package workspace opens one workspace and wires its rooms: the folder lock,
// the database, the keychain, the members' keys, the sessions with orgs, the
// scanner and the deployment runner. The window and the terminal call it and
// nothing beneath it.
package workspace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/deploy"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/salesforce"
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
	// FirstPoll and LastPoll bound polling; zero is Salesforce's advice for
	// real orgs and 20 to 250 ms for demo orgs.
	FirstPoll, LastPoll time.Duration
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
	lock    *os.File
	warning string

	mu       sync.Mutex
	keys     map[string]ledger.Identity
	sessions map[string]*salesforce.Client
	orgs     map[string]*demoorg.Org
	anchored ledger.Anchor
	doubts   []store.Finding // what opening found wrong
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
		if filepath.Base(f) != demoFolder {
			return OpenOwn(ctx, f, o)
		}
	}
	return nil, governance.Faultf("no_workspace", "There is no workspace of your own yet.").WithHint("Make one, or open the demo workspace.")
}

// open takes the folder and opens what is in it.
func open(ctx context.Context, dir string, o Options, chain keychain.Chain) (*Workspace, error) {
	w := &Workspace{dir: dir, o: o, chain: chain, keys: map[string]ledger.Identity{}, sessions: map[string]*salesforce.Client{}, orgs: map[string]*demoorg.Org{}}
	if w.o.Log == nil {
		w.o.Log = slog.New(slog.DiscardHandler)
	}
	if err := w.takeFolder(); err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, dir, store.Options{Now: w.now, Log: w.o.Log, AfterCommit: w.afterCommit})
	if err != nil {
		w.lock.Close()
		return nil, err
	}
	w.Store = st
	if w.id, err = st.WorkspaceID(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	w.Scanner = &scan.Scanner{Store: st, Session: w.Session, Now: w.now, OnProgress: o.OnScan}
	w.Runner = &deploy.Runner{Store: st, Session: w.Session, Signer: w.Author, Fetch: scan.Fetch, Verify: w.verifyForDeploy, Now: w.now,
		OnUpdate: o.OnUpdate, FirstPoll: o.FirstPoll, LastPoll: o.LastPoll}
	return w, nil
}

func (w *Workspace) now() time.Time {
	if w.o.Now != nil {
		return w.o.Now().UTC()
	}
	return time.Now().UTC()
}

// takeFolder makes the folder private and keeps a second Countersign out, before
// the database is touched.
func (w *Workspace) takeFolder() error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return governance.Faultf("data_folder", "The folder %s cannot be made.", w.dir).WithHint("Choose another with --data DIR or COUNTERSIGN_DATA.").Because(err)
	}
	if err := os.Chmod(w.dir, 0o700); err != nil && !os.IsPermission(err) {
		return err
	}
	f, err := os.OpenFile(filepath.Join(w.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return governance.Faultf("database_readonly", "The folder %s cannot be written.", w.dir).WithHint("Give yourself the right to write there, or choose another folder with --data DIR.").Because(err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return governance.Faultf("second_instance", "Countersign is already open on %s.", w.dir).WithHint("Use the one that is open, or close it first.").Because(err)
	}
	w.lock = f
	return nil
}

// Close lets go of everything. Deployments go on in the org and are resumed at
// the next start.
func (w *Workspace) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all error
	for _, c := range w.sessions {
		c.Close()
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

// Doubts are what opening the workspace found wrong with its audit trail.
func (w *Workspace) Doubts() []store.Finding { return w.doubts }

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

// Author unlocks a member's key. Without it the Fault key_locked or
// key_missing says what to do.
func (w *Workspace) Author(ctx context.Context, member string) (store.Author, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if id, ok := w.keys[member]; ok {
		return store.Author{Member: member, Identity: id}, nil
	}
	seed, err := w.chain.Get(ctx, w.keyName(member))
	if errors.Is(err, keychain.ErrNotFound) {
		return store.Author{}, governance.Faultf("key_missing", "The signing key of this workspace is not in the keychain of this computer.").
			WithHint("Everything can be read, but nothing signed. Restore the keychain from a backup.")
	}
	if err != nil {
		return store.Author{}, err
	}
	raw, err := hex.DecodeString(string(seed)) // text, because not every keychain keeps other bytes
	if err != nil {
		return store.Author{}, governance.Faultf("key_missing", "The signing key in the keychain is damaged.").WithHint("Restore the keychain from a backup.")
	}
	id, err := ledger.IdentityFromSeed(raw)
	if err != nil {
		return store.Author{}, err
	}
	w.keys[member] = id
	return store.Author{Member: member, Identity: id}, nil
}

// keepKey puts a new key into the keychain.
func (w *Workspace) keepKey(ctx context.Context, member string, key ledger.Identity) error {
	return w.chain.Set(ctx, w.keyName(member), []byte(hex.EncodeToString(key.Seed())))
}

func (w *Workspace) keyName(member string) string { return w.id + "/key/" + member }
func (w *Workspace) anchorName() string           { return w.id + "/anchor" }

// afterCommit keeps the head of the log beside the keys, so that an older
// database put back is noticed. It comes after the commit: a database that is
// ahead is accepted with a consistency proof, one behind is a rollback.
func (w *Workspace) afterCommit(head ledger.Head, act *ledger.SignedAct) {
	if act == nil || w.id == "" {
		return
	}
	if err := w.anchor(context.Background(), ledger.Anchor{Act: act.ID, Head: head.String(), Seq: act.Seq}); err != nil {
		w.o.Log.Warn("the head of the audit trail was not saved in the keychain", "err", err)
	}
}

func (w *Workspace) anchor(ctx context.Context, a ledger.Anchor) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return w.chain.Set(ctx, w.anchorName(), b)
}

// remembered is the head that the keychain holds, nil if none.
func (w *Workspace) remembered(ctx context.Context) (*ledger.Anchor, error) {
	b, err := w.chain.Get(ctx, w.anchorName())
	if errors.Is(err, keychain.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var a ledger.Anchor
	if err := json.Unmarshal(b, &a); err != nil {
		return nil, governance.Faultf("anchor_damaged", "The keychain's note of the audit trail is damaged.").WithHint("Run countersign verify, and compare with a colleague's copy.").Because(err)
	}
	return &a, nil
}

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
	if len(report.Findings) > 0 {
		return report, nil // what is doubtful is left as it is
	}
	return report, w.Store.Note(ctx, "verify", note)
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

// verifyStart checks what is new since the keychain's head.
func (w *Workspace) verifyStart(ctx context.Context) error {
	a, err := w.remembered(ctx)
	if err != nil || a == nil {
		return err
	}
	report, err := w.Store.VerifySince(ctx, *a)
	if err != nil {
		return err
	}
	w.doubts = report.Findings
	return nil
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
	if keys := filepath.Join(dir, "keys"); isFolder(keys) {
		if w.chain, err = keychain.Folder(keys); err != nil {
			return report, false, err
		}
	}
	o := store.VerifyOptions{Progress: progress}
	if w.chain != nil {
		if o.Anchor, err = w.remembered(ctx); governance.FaultCode(err) == "keychain_unavailable" {
			err = nil
		}
	}
	if err != nil {
		return report, false, err
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
