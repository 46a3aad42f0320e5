package app

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
	"countersign/backend/workspace"
)

var (
	bundleFiles   = fileKind{Name: "Countersign bundles (*.csbundle)", Pattern: "*" + workspace.BundleEnd}
	evidenceFiles = fileKind{Name: "Evidence files (*.evidence.zip)", Pattern: "*.zip"}
	bothFiles     = fileKind{Name: "Bundles and evidence files", Pattern: "*" + workspace.BundleEnd + ";*.zip"}
)

// A PickedFile is a file that the person chose. Its path stays on this side.
type PickedFile struct {
	Token string             `json:"token"` // empty: none was chosen
	Name  string             `json:"name"`
	Look  workspace.FileLook `json:"look"`
}

// A SavedFile is one that was written.
type SavedFile struct {
	Token    string                 `json:"token"` // for ShowFile
	Name     string                 `json:"name"`  // empty: no place was chosen, and nothing was written
	Folder   string                 `json:"folder"`
	Exported store.Exported         `json:"exported"` // of a bundle
	Evidence workspace.EvidenceMade `json:"evidence"` // of an evidence file
}

// mostPicked is how many files are remembered; the oldest is forgotten then.
const mostPicked = 50

// picked are the files that a person chose, by token, and the one that the
// program was opened with.
type picked struct {
	mu     sync.Mutex
	paths  map[string]string
	order  []string
	opened string
}

func (p *picked) put(path string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paths == nil {
		p.paths = map[string]string{}
	}
	token := rand.Text()
	p.paths[token] = path
	p.order = append(p.order, token)
	for len(p.order) > mostPicked {
		delete(p.paths, p.order[0])
		p.order = p.order[1:]
	}
	return token
}

// path is that of a token. Fault: file_gone.
func (p *picked) path(token string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path, known := p.paths[token]
	if !known {
		return "", governance.Faultf("file_gone", "The file that was chosen is not known any more.").WithHint("Choose it again.")
	}
	return path, nil
}

// offer keeps what the program was opened with until the page asks for it.
func (p *picked) offer(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened = path
}

func (p *picked) offered() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := p.opened
	p.opened = ""
	return path
}

// openFile takes a path with which the program was started or called again, and
// tells the page. What is not named as a file of ours is left alone.
func (s *shell) openFile(path, folder string) {
	if path == "" || !workspace.Exchanged(path) {
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	s.picked.offer(path)
	if s.root.Err() == nil {
		s.system.emit(eventOpen, struct{}{})
	}
}

// exchangedIn is the last argument that names a file of ours.
func exchangedIn(args []string) string {
	for _, a := range slices.Backward(args) {
		if workspace.Exchanged(a) {
			return a
		}
	}
	return ""
}

func (s *shell) pickExchanged() (PickedFile, error) {
	path, err := s.system.openFile(s.say("Open a bundle or an evidence file"), bothFiles)
	if path == "" || err != nil {
		return PickedFile{}, err
	}
	return s.lookAt(path)
}

// pickDropped takes one file. Nobody is asked here: it is only read, what is no
// bundle tells nothing of what is in it, and Import asks.
func (s *shell) pickDropped(token string) (PickedFile, error) {
	paths, err := s.drops.take(token)
	if err != nil {
		return PickedFile{}, err
	}
	if len(paths) != 1 {
		return PickedFile{}, governance.Faultf("drop_one", "%d files were dropped.", len(paths)).WithHint("Drop one bundle or evidence file at a time.")
	}
	if err := checkDropped(paths[0]); err != nil {
		return PickedFile{}, err
	}
	return s.lookAt(paths[0])
}

func (s *shell) pickOpened() (PickedFile, error) {
	path := s.picked.offered()
	if path == "" {
		return PickedFile{}, nil
	}
	return s.lookAt(path)
}

func (s *shell) lookAt(path string) (PickedFile, error) {
	look, err := workspace.LookAtFile(path)
	if err != nil {
		return PickedFile{}, err
	}
	return PickedFile{Token: s.picked.put(path), Name: oneLine(filepath.Base(path)), Look: look}, nil
}

// exportBundle refuses a weak passphrase before it asks.
func (s *shell) exportBundle(ctx context.Context, w *workspace.Workspace, what store.Selection, passphrase string) (SavedFile, error) {
	if passphrase != "" {
		if err := ledger.CheckPassphrase(passphrase); err != nil {
			return SavedFile{}, err
		}
	}
	name, err := s.confirmExport(ctx, w, what, passphrase != "")
	if err != nil {
		return SavedFile{}, err
	}
	path, err := s.savePlace(s.say("Export a bundle"), name+"-"+time.Now().Format(time.DateOnly), workspace.BundleEnd, bundleFiles)
	if path == "" || err != nil {
		return SavedFile{}, err
	}
	out, err := w.ExportBundle(ctx, w.Acting(), path, what, passphrase)
	if err != nil {
		return SavedFile{}, err
	}
	s.events.trail()
	return SavedFile{Token: s.picked.put(path), Name: filepath.Base(path), Folder: filepath.Dir(path), Exported: out}, nil
}

// savePlace asks where to save, and adds the end that tells what the file is.
func (s *shell) savePlace(title, name, end string, kind fileKind) (string, error) {
	path, err := s.system.saveFile(title, fileName(name)+end, kind)
	if path != "" && !workspace.Exchanged(path) {
		path += end
	}
	return path, err
}

// fileName makes a name that every system takes.
func fileName(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
	return cut(strings.Trim(out, "-"), 60)
}

func (s *shell) previewBundle(ctx context.Context, w *workspace.Workspace, token, passphrase string) (store.Delivery, error) {
	path, err := s.picked.path(token)
	if err != nil {
		return store.Delivery{}, err
	}
	d, err := w.PreviewBundle(ctx, path, passphrase)
	if err != nil {
		return store.Delivery{}, err
	}
	return *d, nil
}

func (s *shell) importBundle(ctx context.Context, w *workspace.Workspace, token, passphrase, seen string) (store.Delivery, error) {
	path, err := s.picked.path(token)
	if err != nil {
		return store.Delivery{}, err
	}
	if err := s.confirmImport(ctx, w, path, passphrase, seen); err != nil {
		return store.Delivery{}, err
	}
	d, err := w.ImportBundle(ctx, path, passphrase, seen)
	if err != nil {
		return store.Delivery{}, err
	}
	s.events.state()
	s.events.changed("policies", "", 0)
	return *d, nil
}

func (s *shell) saveEvidence(ctx context.Context, w *workspace.Workspace, q store.EvidenceQuery) (SavedFile, error) {
	name, err := s.confirmEvidence(ctx, w, q)
	if err != nil {
		return SavedFile{}, err
	}
	path, err := s.savePlace(s.say("Write an evidence file"), name, workspace.EvidenceEnd, evidenceFiles)
	if path == "" || err != nil {
		return SavedFile{}, err
	}
	made, err := w.WriteEvidence(ctx, w.Acting(), path, q)
	if err != nil {
		return SavedFile{}, err
	}
	s.events.trail()
	return SavedFile{Token: s.picked.put(path), Name: filepath.Base(path), Folder: filepath.Dir(path), Evidence: made}, nil
}

func (s *shell) verifyPicked(ctx context.Context, token, passphrase string) (workspace.FileReport, error) {
	path, err := s.picked.path(token)
	if err != nil {
		return workspace.FileReport{}, err
	}
	r, err := workspace.VerifyFile(ctx, path, passphrase)
	return r, err
}

func (s *shell) showPicked(token string) error {
	path, err := s.picked.path(token)
	if err != nil {
		return err
	}
	return s.system.show(filepath.Dir(path))
}
