package demoorg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"countersign/backend/metadata"
)

// The org on disk is one small index and segments that it points into. A
// deployment writes the new content as one more segment and then puts a new
// index in the place of the old one; that rename is the moment at which the
// deployment has happened. The index names the deployment, so that a start
// after a crash knows.

// A place is where a file's content lies.
type place struct {
	Segment int64  `json:"segment"`
	Offset  int64  `json:"offset"`
	Size    int64  `json:"size"`
	Hash    string `json:"hash"` // SHA-256
}

// An index is state.json.
type index struct {
	Format     int                 `json:"format"`
	Generation int64               `json:"generation"`
	Applied    string              `json:"applied"` // the last deployment that changed the org
	Files      map[string]place    `json:"files"`
	Stamps     map[string]stamp    `json:"stamps"`  // by "Type:Name"
	Strange    map[string][]string `json:"strange"` // by "Type:Name"
}

type store struct {
	dir     string
	index   index
	written int64 // bytes in all segments
	// step is called before each step that a crash could separate from the
	// next; a test copies the folder there.
	step func(string) error
}

const compactAbove = 32 << 20

func (s *store) stateFile() string { return filepath.Join(s.dir, "state.json") }

func (s *store) segmentFile(n int64) string {
	return filepath.Join(s.dir, "content", fmt.Sprintf("%08d.segment", n))
}

func openStore(dir string) (*store, *model, error) {
	s := &store{dir: dir, step: func(string) error { return nil }}
	if err := os.MkdirAll(filepath.Join(dir, "content"), dirMode); err != nil {
		return nil, nil, err
	}
	ok, err := readJSON(s.stateFile(), &s.index)
	if err != nil || !ok {
		return s, nil, err
	}
	m, err := s.load()
	if err != nil {
		return nil, nil, err
	}
	return s, m, s.sweep()
}

func (s *store) load() (*model, error) {
	segments := map[int64][]byte{}
	files := make(map[string][]byte, len(s.index.Files))
	for path, at := range s.index.Files {
		segment, ok := segments[at.Segment]
		if !ok {
			var err error
			if segment, err = os.ReadFile(s.segmentFile(at.Segment)); err != nil {
				return nil, damaged(err)
			}
			segments[at.Segment] = segment
			s.written += int64(len(segment))
		}
		if at.Offset < 0 || at.Size < 0 || at.Offset+at.Size > int64(len(segment)) {
			return nil, damaged(fmt.Errorf("%s lies outside its segment", path))
		}
		data := segment[at.Offset : at.Offset+at.Size : at.Offset+at.Size]
		if hashOf(data) != at.Hash {
			return nil, damaged(fmt.Errorf("%s does not have the content it had", path))
		}
		files[path] = data
	}
	strange := map[metadata.Key][]string{}
	for text, paths := range s.index.Strange {
		if key, ok := metadata.ParseKey(text); ok {
			strange[key] = paths
		}
	}
	m, err := newModel(files, strange)
	if err != nil {
		return nil, damaged(err)
	}
	for text, st := range s.index.Stamps {
		key, _ := metadata.ParseKey(text)
		if c, ok := m.components[key]; ok {
			c.stamp = st
			m.components[key] = c
		}
	}
	return m, nil
}

func damaged(err error) error {
	return errorf(CodeDamaged, "The content of the demo org on disk is damaged.").
		hint("Remove the demo org's folder to begin again.").because(err)
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// commit makes m the content of the org, in the name of the deployment.
func (s *store) commit(m *model, deployment string) error {
	next := index{
		Format: 1, Generation: s.index.Generation + 1, Applied: deployment,
		Files: make(map[string]place, m.tree.Len()), Stamps: make(map[string]stamp, len(m.components)), Strange: map[string][]string{},
	}
	for key, c := range m.components {
		next.Stamps[key.String()] = c.stamp
	}
	for key, paths := range m.strange {
		next.Strange[key.String()] = paths
	}
	everything := s.written > compactAbove && s.written > 3*m.tree.Size()
	fresh := s.keepPlaces(m, next.Files, everything)
	if err := s.step("segment"); err != nil {
		return err
	}
	grown, err := s.writeSegment(next.Generation, fresh, m.tree, next.Files)
	if err != nil {
		return fmt.Errorf("write the content of the org: %w", err)
	}
	if err := s.step("index"); err != nil {
		return err
	}
	if err := writeJSON(s.stateFile(), next); err != nil {
		return fmt.Errorf("write the state of the org: %w", err)
	}
	s.index = next
	s.written += grown
	if err := s.step("after"); err != nil {
		return err
	}
	if everything {
		s.written = grown
	}
	return s.sweep()
}

// keepPlaces fills places with what lies in a segment already and gives the
// paths of the rest.
func (s *store) keepPlaces(m *model, places map[string]place, everything bool) (fresh []string) {
	for _, path := range m.tree.Paths() {
		data, _ := m.tree.File(path)
		at, ok := s.index.Files[path]
		if ok && !everything && at.Size == int64(len(data)) && at.Hash == hashOf(data) {
			places[path] = at
			continue
		}
		fresh = append(fresh, path)
	}
	return fresh
}

func (s *store) writeSegment(n int64, fresh []string, tree *metadata.Tree, places map[string]place) (int64, error) {
	if len(fresh) == 0 {
		return 0, nil
	}
	f, err := os.OpenFile(s.segmentFile(n), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return 0, err
	}
	var offset int64
	for _, path := range fresh {
		data, _ := tree.File(path)
		if _, err = f.Write(data); err != nil {
			break
		}
		places[path] = place{Segment: n, Offset: offset, Size: int64(len(data)), Hash: hashOf(data)}
		offset += int64(len(data))
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, err
	}
	return offset, syncDir(filepath.Dir(f.Name()))
}

// sweep removes segments that the index does not point into: those of a
// deployment that a crash cut short, and those that are all replaced.
func (s *store) sweep() error {
	used := map[string]bool{}
	for _, at := range s.index.Files {
		used[filepath.Base(s.segmentFile(at.Segment))] = true
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, "content"))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if used[e.Name()] || !strings.HasSuffix(e.Name(), ".segment") {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, "content", e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
