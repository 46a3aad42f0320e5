package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"countersign/backend/governance"
)

const (
	preferencesFile = "preferences.json"
	maxPreferences  = 1 << 20  // bytes, whole
	maxPreference   = 64 << 10 // bytes, one value
	maxKey          = 200      // bytes
)

// Preferences are how a person likes the window: theme, language, colours of
// environments, last place, viewed marks. They are no records, lie beside the
// workspaces in preferences.json (0600) and may be lost without harm. They are
// safe for use by several goroutines.
type Preferences struct {
	path string

	mu   sync.Mutex
	kept map[string]string
}

// OpenPreferences reads the preferences of a data folder. A file that cannot
// be read counts as empty and is kept aside. The folder is made when the first
// preference is kept.
func OpenPreferences(data string) (*Preferences, error) {
	dir, err := DataDir(data)
	if err != nil {
		return nil, err
	}
	p := &Preferences{path: filepath.Join(dir, preferencesFile), kept: map[string]string{}}
	kept, err := readPreferences(p.path)
	if err == nil {
		p.kept = kept
		return p, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	return p, setAside(p.path)
}

func readPreferences(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxPreferences {
		return nil, fmt.Errorf("%s is %d bytes large", path, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	if err := json.Unmarshal(b, &kept); err != nil || kept == nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Join(err, errors.New("it is no map of texts")))
	}
	return kept, nil
}

// setAside renames a broken file, so that nothing is written over it.
func setAside(path string) error {
	for n := 1; n < 100; n++ {
		aside := fmt.Sprintf("%s.broken-%d", path, n)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := os.Rename(path, aside); err != nil {
			return diskFault(filepath.Dir(path), governance.Faultf("data_folder", "The file %s cannot be read or renamed.", path).
				WithHint("Give yourself the right to it, or take it away.").Because(err))
		}
		return nil
	}
	return os.Remove(path)
}

// All are the preferences by key.
func (p *Preferences) All() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.kept)
}

// Get is one preference, empty if it was never kept.
func (p *Preferences) Get(key string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[key]
}

// Set keeps a preference; an empty value takes it away. Faults:
// preference_too_large, data_folder and the like.
func (p *Preferences) Set(key, value string) error {
	if key == "" || len(key) > maxKey || len(value) > maxPreference {
		return tooLarge(key)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, had := p.kept[key]; old == value && had == (value != "") {
		return nil
	}
	next := maps.Clone(p.kept)
	next[key] = value
	if value == "" {
		delete(next, key)
	}
	b, err := json.MarshalIndent(next, "", "\t")
	if err != nil {
		return err
	}
	if len(b) > maxPreferences {
		return tooLarge(key)
	}
	dir := filepath.Dir(p.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return diskFault(dir, governance.Faultf("data_folder", "The folder %s cannot be made.", dir).WithHint("Choose another with --data DIR or COUNTERSIGN_DATA.").Because(err))
	}
	if err := writeWhole(p.path, b); err != nil {
		return diskFault(dir, governance.Faultf("data_folder", "The file %s cannot be written.", p.path).WithHint("Give yourself the right to write there, or make room.").Because(err))
	}
	p.kept = next
	return nil
}

func tooLarge(key string) error {
	return governance.Faultf("preference_too_large", "The preference %.60q is too large to be kept.", key).WithHint("Everything else is kept.")
}

// writeWhole replaces a file at once, readable by its owner only: after a kill
// there is the old one or the new one. It is not synced; what it is for may be
// lost with the power.
func writeWhole(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
