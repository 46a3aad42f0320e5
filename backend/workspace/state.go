package workspace

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/store"
)

// A State is what the window has to know before it draws anything.
type State struct {
	Open    bool     `json:"open"`    // false: nobody has chosen a workspace yet
	Choices []Choice `json:"choices"` // the workspaces in the data folder
	// Problem is why the workspace of the last time is not open now.
	Problem *Problem `json:"problem"`
	// Preparing is how far the demo's own story is, nil when it is told.
	Preparing *Preparing `json:"preparing"`

	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Demo    bool            `json:"demo"`
	Solo    bool            `json:"solo"`
	Folder  string          `json:"folder"`
	Members []Person        `json:"members"`
	Me      string          `json:"me"`      // member id of the person at this window
	Warning string          `json:"warning"` // such as a key that lives for this session only
	Doubts  []store.Finding `json:"doubts"`  // what opening found wrong with the audit trail
	// WarningSaid and DoubtsSaid are the same, to be translated.
	WarningSaid Said   `json:"warningSaid"`
	DoubtsSaid  []Said `json:"doubtsSaid"`

	Entries  int64         `json:"entries"` // size of the audit trail
	Checked  time.Time     `json:"checked" ts_type:"string"`
	Keychain KeychainState `json:"keychain"`
}

// A Preparing is how far the demo workspace is filled with its story.
type Preparing struct {
	Done     int64  `json:"done"`
	Total    int64  `json:"total"`
	Sentence string `json:"sentence"`       // what is done now
	Code     string `json:"code,omitempty"` // of the sentence, for translation
}

// A Choice is one workspace that can be opened.
type Choice struct {
	Folder string `json:"folder"`
	Name   string `json:"name"`
	Demo   bool   `json:"demo"`
}

// A Person is a member as screens show one.
type Person struct {
	ID    string            `json:"id"`
	Name  string            `json:"name"`
	Roles []governance.Role `json:"roles"`
}

// A KeychainState says whether this workspace's secrets can be kept.
type KeychainState struct {
	Works bool   `json:"works"`
	Where string `json:"where"` // "the keychain of this computer", "a folder, since it is a demo"
	Why   string `json:"why"`   // what is wrong, and what to do
	Said  Said   `json:"said"`  // the same, to be translated
}

// NoState is the state while no workspace is open.
func NoState(choices []Choice) State {
	return State{Choices: choices, Members: []Person{}, Doubts: []store.Finding{}, DoubtsSaid: []Said{}, WarningSaid: quoted("", ""), Keychain: KeychainState{Said: quoted("", "")}}
}

// State is the workspace as the window shows it. Choices are the caller's. A
// charter that cannot be trusted is one of the doubts.
func (w *Workspace) State(ctx context.Context) (State, error) {
	s := NoState([]Choice{})
	s.Open, s.ID, s.Folder, s.Warning, s.Keychain = true, w.id, w.dir, w.warning, w.keychain
	s.WarningSaid, s.Keychain.Said = toldAs(s.Warning), toldAs(s.Keychain.Why)
	s.Doubts = append(s.Doubts, w.Doubts()...)
	s.Me = w.Acting()
	s.Checked = w.lastChecked()
	head, err := w.Store.Head(ctx)
	if err != nil {
		return State{}, err
	}
	s.Entries = head.Size
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return State{}, err
	}
	c := h.Charter()
	if c == nil {
		s.Name = filepath.Base(w.dir)
		s.Doubts = append(s.Doubts, store.Finding{Code: "charter", Message: "The charter of this workspace cannot be trusted, so nothing in it can be approved or deployed."})
		s.DoubtsSaid = findingsSaid(s.Doubts)
		return s, nil
	}
	s.DoubtsSaid = findingsSaid(s.Doubts)
	s.Name, s.Demo, s.Solo = c.Name, c.Demo, c.Solo
	for i := range c.Members {
		s.Members = append(s.Members, personOf(&c.Members[i]))
	}
	return s, nil
}

// findingsSaid are what was found, to be translated.
func findingsSaid(all []store.Finding) []Said {
	out := make([]Said, 0, len(all))
	for _, f := range all {
		out = append(out, toldAs(f.Message))
	}
	return out
}

func personOf(m *governance.Member) Person {
	return Person{ID: m.ID, Name: m.Name, Roles: append([]governance.Role{}, m.Roles...)}
}

// Demo reports whether this is the demo workspace.
func (w *Workspace) Demo() bool { return w.o.Demo }

// Acting is the member who acts at this machine: in a workspace of one's own
// its one member, in the demo the member whom the person chose last.
func (w *Workspace) Acting() string {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	return w.acting
}

// ActAs lets the person act as another member of the demo. Fault: not_a_demo,
// not_member.
func (w *Workspace) ActAs(ctx context.Context, member string) error {
	c, err := w.Charter(ctx)
	if err != nil {
		return err
	}
	if !c.Demo {
		return governance.Faultf("not_a_demo", "Outside the demo, one person is one member.").WithHint("Open the demo workspace to try the other roles.")
	}
	if c.Member(member) == nil {
		return governance.Faultf("not_member", "%q is not a member of this workspace.", member).WithHint("Choose one of its members.")
	}
	w.act(member)
	return nil
}

func (w *Workspace) act(member string) {
	w.actingMu.Lock()
	defer w.actingMu.Unlock()
	w.acting = member
}

// settle is done last when a workspace was opened or made: who acts, and the
// label that the list of workspaces shows.
func (w *Workspace) settle(ctx context.Context) error {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return err
	}
	c := h.Charter()
	if c == nil || len(c.Members) == 0 {
		return nil // State says so
	}
	w.act(c.Members[0].ID)
	if !c.Demo {
		if err := w.adopt(ctx, c); err != nil {
			return err
		}
	}
	if !c.Demo && !c.Solo {
		if member, err := w.chain.Get(ctx, w.joiningName()); err == nil {
			w.act(string(member)) // until the owners have put the key into the roster, nobody else
		}
		for _, spare := range []bool{true, false} { // a person's own key before a recovery kit
			for _, m := range c.Members {
				if m.Has(governance.Recovery) != spare {
					continue
				}
				if _, err := w.chain.Get(ctx, w.keyName(m.ID)); err == nil {
					w.act(m.ID)
				}
			}
		}
	}
	w.label(Choice{Folder: w.dir, Name: c.Name, Demo: c.Demo})
	return nil
}

const labelFile = "label.json"

// label keeps a workspace's name where the list of workspaces finds it without
// opening the database. Nothing is decided by it, so it may be missing.
func (w *Workspace) label(c Choice) {
	c.Folder = ""
	b, err := json.Marshal(c)
	path := filepath.Join(w.dir, labelFile)
	if old, readErr := os.ReadFile(path); err != nil || (readErr == nil && string(old) == string(b)) {
		return
	}
	if err := writeWhole(path, b); err != nil {
		w.o.Log.Warn("the workspace's label was not written", "err", err)
	}
}

// Choices lists the workspaces of a data folder, the demo first.
func Choices(data string) ([]Choice, error) {
	folders, err := Folders(data)
	if err != nil {
		return nil, governance.Faultf("data_folder", "The folder %s cannot be read.", data).WithHint("Give yourself the right to read it, or choose another folder with --data DIR.").Because(err)
	}
	out := make([]Choice, 0, len(folders))
	for _, dir := range folders {
		c := Choice{Name: filepath.Base(dir)}
		if b, err := os.ReadFile(filepath.Join(dir, labelFile)); err == nil && len(b) < 1<<16 {
			_ = json.Unmarshal(b, &c) // a damaged label leaves the folder's name
		}
		c.Folder, c.Demo = dir, IsDemo(dir)
		if c.Demo {
			c.Name = "Demo"
		}
		out = append(out, c)
	}
	return out, nil
}

// IsDemo reports whether a folder holds a demo workspace, whose keys are in it.
func IsDemo(dir string) bool { return isFolder(filepath.Join(dir, keysFolder)) }

// DemoDir is the folder of a data folder's demo workspace.
func DemoDir(data string) string {
	if isWorkspace(data) {
		return data
	}
	return filepath.Join(data, demoFolder)
}

// OpenFolder opens the workspace of a folder, the demo or one's own.
func OpenFolder(ctx context.Context, dir string, o Options) (*Workspace, error) {
	if IsDemo(dir) {
		o.Data, o.Demo = dir, true
		return openDemo(ctx, o)
	}
	o.Demo = false
	return OpenOwn(ctx, dir, o)
}

// keychainOf says where a workspace's secrets are and whether they can be kept.
func keychainOf(s keychain.Status) KeychainState {
	if s.Available {
		return KeychainState{Works: true, Where: "the keychain of this computer"}
	}
	return KeychainState{Where: "the keychain of this computer", Why: joined(s.Message, s.Hint)}
}

func joined(message, hint string) string {
	if hint == "" {
		return message
	}
	return message + " " + hint
}
