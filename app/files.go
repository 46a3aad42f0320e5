package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/workspace"
)

// maxManifest is the largest package.xml that is read, in bytes: Salesforce's
// own limit of 10,000 files makes one far smaller.
const maxManifest = 10 << 20

var manifestFiles = fileKind{Name: "Package manifests (*.xml)", Pattern: "*.xml"}

func (s *shell) importManifest(ctx context.Context, w *workspace.Workspace, id string) (workspace.RequestView, error) {
	path, err := s.system.openFile(s.say("Import package manifest"), manifestFiles)
	if err != nil {
		return workspace.RequestView{}, err
	}
	if path != "" {
		xml, err := readFile(path, maxManifest)
		if err != nil {
			return workspace.RequestView{}, err
		}
		if _, err := w.ImportManifest(ctx, w.Acting(), id, filepath.Base(path), xml); err != nil {
			return workspace.RequestView{}, err
		}
	}
	return w.RequestView(ctx, id)
}

func (s *shell) exportManifest(ctx context.Context, w *workspace.Workspace, id string) (string, error) {
	xml, err := w.ExportManifest(ctx, id, "")
	if err != nil {
		return "", err
	}
	path, err := s.system.saveFile(s.say("Export package manifest"), "package.xml", manifestFiles)
	if path == "" || err != nil {
		return "", err
	}
	return filepath.Base(path), writeFile(path, bytes.NewReader(xml))
}

func (s *shell) attach(ctx context.Context, w *workspace.Workspace, id string) (workspace.RequestView, error) {
	path, err := s.system.openFile(s.say("Attach a file"))
	if err != nil {
		return workspace.RequestView{}, err
	}
	if path != "" {
		if err := attachFile(ctx, w, id, path); err != nil {
			return workspace.RequestView{}, err
		}
	}
	return w.RequestView(ctx, id)
}

func attachFile(ctx context.Context, w *workspace.Workspace, id, path string) error {
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = w.Attach(ctx, w.Acting(), id, filepath.Base(path), f)
	return err
}

// attachDropped takes what was dropped, manifests as manifests. What went in
// before a file that does not stays in. The person is asked first, in the demo
// too: the files are real, and a script could have named them.
func (s *shell) attachDropped(ctx context.Context, w *workspace.Workspace, id, token string) (workspace.RequestView, error) {
	paths, err := s.drops.take(token)
	if err != nil {
		return workspace.RequestView{}, err
	}
	if err := s.confirmDrop(paths); err != nil {
		return workspace.RequestView{}, err
	}
	for _, path := range paths {
		if err := takeIn(ctx, w, id, path); err != nil {
			s.events.changed("request", id, 0)
			return workspace.RequestView{}, err
		}
	}
	return w.RequestView(ctx, id)
}

// confirmDrop asks with the whole paths, before anything of them is touched.
func (s *shell) confirmDrop(paths []string) error {
	lines := []string{s.say("Take in these files?"), ""}
	for _, path := range paths {
		if err := checkDropped(path); err != nil {
			return err
		}
		lines = append(lines, middle(plain(path), longestPath))
	}
	return s.sayYes(question{Title: s.say("Attach files"), Text: strings.Join(lines, "\n")})
}

// checkDropped refuses what is no plain path of this computer, by its letters
// alone: only looking at \\host\share makes Windows sign in there.
func checkDropped(path string) error {
	if len(path) > 1 && strings.ContainsRune(`\/`, rune(path[0])) && strings.ContainsRune(`\/`, rune(path[1])) {
		return governance.Faultf("drop_network", "%.80q is on another computer, so it is not taken in by dropping it.", path).WithHint("Press Attach file and choose it.")
	}
	if !filepath.IsAbs(path) || filepath.Clean(path) != path || len(path) > maxPath {
		return unreadable(fmt.Sprintf("%.80q", path))
	}
	return nil
}

// maxPath is the longest path, in bytes, that is taken in by dropping it;
// longestPath is how many characters of one a question shows.
const (
	maxPath     = 4096
	longestPath = 240
)

// middle leaves out the middle of a long text.
func middle(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most/3]) + "…" + string(runes[len(runes)-(most-most/3-1):])
}

func takeIn(ctx context.Context, w *workspace.Workspace, id, path string) error {
	if strings.EqualFold(filepath.Ext(path), ".xml") {
		xml, err := readFile(path, maxManifest)
		if err == nil {
			_, err = metadata.ParseManifest(xml)
		}
		if err == nil {
			_, err = w.ImportManifest(ctx, w.Acting(), id, filepath.Base(path), xml)
			return err
		}
	}
	return attachFile(ctx, w, id, path)
}

func (s *shell) saveAttachment(ctx context.Context, w *workspace.Workspace, id, name string) (string, error) {
	cr, err := w.Store.ChangeRequest(ctx, id)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(cr.Attachments, func(a governance.Attachment) bool { return a.Name == name })
	if at < 0 {
		return "", governance.Faultf("not_found", "%s has no file %.80q.", cr.Label(), name).WithHint("Open the request again.")
	}
	blob, err := w.Store.OpenBlob(cr.Attachments[at].SHA256)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	path, err := s.system.saveFile(s.say("Save the file"), name)
	if path == "" || err != nil {
		return "", err
	}
	return filepath.Base(path), writeFile(path, blob)
}

func (s *shell) backUpTo(ctx context.Context, w *workspace.Workspace) (string, error) {
	parent, err := s.system.pickFolder(s.say("Where to put the copy of the workspace"))
	if parent == "" || err != nil {
		return "", err
	}
	folder := filepath.Join(parent, "countersign-"+filepath.Base(w.Dir())+"-"+time.Now().Format("20060102-150405"))
	return folder, w.BackUpTo(ctx, folder)
}

// openFile opens a file that a person chose. Anything but a file is refused: a
// pipe would never end.
func openFile(path string) (*os.File, error) {
	name := filepath.Base(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(name).Because(err)
	}
	if !info.Mode().IsRegular() {
		return nil, governance.Faultf("no_file", "%s is no file.", name).WithHint("Choose a file; put a folder into a zip first.")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(name).Because(err)
	}
	return f, nil
}

func unreadable(name string) *governance.Fault {
	return governance.Faultf("unreadable_file", "%s cannot be read.", name).WithHint("See that it is there and that you may read it.")
}

func readFile(path string, most int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, governance.Faultf("too_large", "%s is larger than %d MB.", filepath.Base(path), most>>20).WithHint("Choose another file.")
	}
	return b, nil
}

// writeFile writes what a person wanted saved, beside the place first, so that
// a full disk leaves an old file as it was.
func writeFile(path string, from io.Reader) error {
	unwritable := governance.Faultf("unwritable_file", "%s cannot be written.", filepath.Base(path)).WithHint("Choose a place where you may write and that has room.")
	tmp, err := os.CreateTemp(filepath.Dir(path), ".countersign-*")
	if err != nil {
		return unwritable.Because(err)
	}
	_, err = io.Copy(tmp, from)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return unwritable.Because(errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

// dropLife is how long dropped files wait for the page to say what for.
const dropLife = 5 * time.Minute

// eventFileDrop is how Wails tells that files were dropped: x, y and the paths.
const eventFileDrop = "wails:file-drop"

// droppedPaths are the paths of a drop; none of an event that only looks like
// one.
func droppedPaths(data []any) []string {
	if len(data) != 3 {
		return nil
	}
	paths, _ := data[2].([]string)
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return path == "" })
}

// A dropped tells the page about dropped files. Their paths stay here: the page
// learns names and gives the token back. That is no protection: Wails takes the
// message of a drop from any script in the page, so the person is asked about
// the paths before a file is touched.
type dropped struct {
	Token string   `json:"token"`
	Names []string `json:"names"`
}

// drops are the files dropped on the window, by token.
type drops struct {
	mu   sync.Mutex
	kept map[string]drop
	now  func() time.Time // nil: time.Now
}

type drop struct {
	paths []string
	at    time.Time
}

// maxDropped is how many files are taken at once; the event that names them has
// to stay small.
const maxDropped = 20

func (d *drops) put(paths []string) dropped {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	if d.kept == nil {
		d.kept = map[string]drop{}
	}
	paths = paths[:min(len(paths), maxDropped)]
	out := dropped{Token: rand.Text(), Names: []string{}}
	for _, p := range paths {
		out.Names = append(out.Names, cut(oneLine(filepath.Base(p)), 48)) // twenty of them stay below 4 KB
	}
	d.kept[out.Token] = drop{slices.Clone(paths), d.time()}
	return out
}

// take gives the files of a token once. Fault: drop_gone.
func (d *drops) take(token string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	found, ok := d.kept[token]
	if !ok {
		return nil, governance.Faultf("drop_gone", "The files that were dropped are not known any more.").WithHint("Drop them again.")
	}
	delete(d.kept, token)
	return found.paths, nil
}

func (d *drops) time() time.Time {
	if d.now != nil {
		return d.now()
	}
	return time.Now()
}

func (d *drops) forget() {
	for token, k := range d.kept {
		if d.time().Sub(k.at) > dropLife {
			delete(d.kept, token)
		}
	}
}

// drop tells the page that files were dropped.
func (s *shell) drop(paths []string) {
	if len(paths) > 0 && s.root.Err() == nil {
		s.system.emit(eventDrop, s.drops.put(paths))
	}
}
