package demoorg

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"countersign/backend/demoorg/sample"
	"countersign/backend/metadata"
)

// A seed is what a new org begins with.
type seed struct {
	model      *model
	changeSets []changeSet
}

func readSeed(options Options, who *identity, now time.Time) (seed, error) {
	if options.Seed == "" {
		return sampleSeed(options.Kind, who)
	}
	return fileSeed(options.Seed, who, now)
}

// sampleSeed takes the built-in sample, with its people and their dates.
func sampleSeed(kind Kind, who *identity) (seed, error) {
	files, err := sample.Org(string(kind))
	if err != nil {
		return seed{}, err
	}
	people, err := sample.PeopleOf(string(kind))
	if err != nil {
		return seed{}, err
	}
	for _, u := range people.Users {
		if _, known := who.user(u.ID); !known && len(u.ID) == 18 {
			who.Users = append(who.Users, user{ID: u.ID, Name: u.Name})
		}
	}
	m, err := newModel(files, nil)
	if err != nil {
		return seed{}, err
	}
	for key, c := range m.components {
		last := people.LastModified(mainFile(c.Paths))
		if _, known := who.user(last.By); !known {
			last.By = who.Users[0].ID
		}
		if last.At.IsZero() {
			last.At = who.Created
		}
		c.stamp = stamp{CreatedBy: last.By, Created: last.At.UTC(), ModifiedBy: last.By, Modified: last.At.UTC()}
		m.components[key] = c
	}
	sets, err := sample.ChangeSets(string(kind))
	if err != nil {
		return seed{}, err
	}
	s := seed{model: m, changeSets: []changeSet{}}
	for _, set := range sets {
		mine := changeSet{Name: set.Name}
		for _, member := range set.Members {
			mine.Members = append(mine.Members, metadata.Key(member))
		}
		s.changeSets = append(s.changeSets, mine)
	}
	return s, nil
}

// fileSeed takes a folder or a zip in metadata format, at its root or one
// folder down.
func fileSeed(name string, who *identity, now time.Time) (seed, error) {
	tree, err := readSeedTree(name)
	if err != nil {
		return seed{}, errorf(CodeSeed, "The seed %s can't be read: %s", filepath.Base(name), sentence(err)).
			hint("Give a folder or a zip in metadata format, with package.xml at its root.").because(err)
	}
	tree = findPackage(tree)
	manifest := &metadata.Manifest{}
	if data, ok := tree.File("package.xml"); ok {
		if manifest, err = metadata.ParseManifestLenient(data); err != nil {
			return seed{}, errorf(CodeSeed, "The package.xml of the seed can't be read: %s", sentence(err)).because(err)
		}
	}
	sets, tree, err := seededChangeSets(tree)
	if err != nil {
		return seed{}, err
	}
	content := tree.Content()
	claimed := map[string]bool{}
	for _, c := range content.Components() {
		if c.Type == "" {
			continue
		}
		for _, path := range c.Paths {
			claimed[path] = true
		}
	}
	strange, _ := strangers(content, manifest, claimed)
	files := make(map[string][]byte, content.Len())
	for _, path := range content.Paths() {
		files[path], _ = content.File(path)
	}
	m, err := newModel(files, strange)
	if err != nil {
		return seed{}, err
	}
	if len(m.components) == 0 {
		return seed{}, errorf(CodeSeed, "The seed %s holds no metadata.", filepath.Base(name)).
			hint("Give a folder or a zip in metadata format, for example with classes/ and objects/ in it.")
	}
	by := who.Users[0].ID
	for key, c := range m.components {
		c.stamp = stamp{CreatedBy: by, Created: now, ModifiedBy: by, Modified: now}
		m.components[key] = c
	}
	return seed{model: m, changeSets: namedIn(sets, m)}, nil
}

// findPackage looks for package.xml at the root or one folder down.
func findPackage(tree *metadata.Tree) *metadata.Tree {
	if _, ok := tree.File("package.xml"); ok {
		return tree
	}
	if stripped, top := tree.StripTop(); top != "" {
		return stripped
	}
	for _, top := range tree.Tops() {
		if _, ok := tree.File(top + "/package.xml"); ok {
			return tree.Sub(top)
		}
	}
	return tree
}

// changeSetDir holds the outbound change sets of a seed, each as a manifest in
// the form of a package.xml: "changesets/Renewals Q4.xml".
const changeSetDir = "changesets/"

// seededChangeSets takes the change sets out of a seed; what is left is content.
func seededChangeSets(tree *metadata.Tree) (map[string]*metadata.Manifest, *metadata.Tree, error) {
	sets := map[string]*metadata.Manifest{}
	for _, path := range tree.Paths() {
		name, isSet := strings.CutPrefix(path, changeSetDir)
		if name, isSet = strings.CutSuffix(name, ".xml"); !isSet || !strings.HasPrefix(path, changeSetDir) {
			continue
		}
		data, _ := tree.File(path)
		manifest, err := metadata.ParseManifestLenient(data)
		if err != nil {
			return nil, nil, errorf(CodeSeed, "The change set %s of the seed can't be read: %s", path, sentence(err)).because(err)
		}
		sets[name] = manifest
		tree = tree.Without(path)
	}
	return sets, tree, nil
}

// namedIn gives the change sets with what of them the org holds.
func namedIn(sets map[string]*metadata.Manifest, m *model) []changeSet {
	inventory := keySet(m)
	all := make([]metadata.Key, 0, len(inventory))
	for key := range inventory {
		all = append(all, key)
	}
	list := make([]changeSet, 0, len(sets))
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		full, _ := resolved(sets[name], inventory).Expand(all)
		set := changeSet{Name: name}
		for _, key := range full.Keys() {
			if m.has(key) {
				set.Members = append(set.Members, key)
			}
		}
		list = append(list, set)
	}
	return list
}

func sentence(err error) string {
	text := err.Error()
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

func readSeedTree(name string) (*metadata.Tree, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("it is not there")
	}
	if info.IsDir() {
		return readSeedFolder(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return metadata.ReadZip(f, info.Size(), seedLimits())
}

// seedLimits are wider than those of one deployment: a whole org may come in
// one zip that was put together from several retrieves.
func seedLimits() metadata.Limits {
	limits := metadata.DefaultLimits()
	limits.Files = 100_000
	limits.Archive = 600 << 20
	return limits
}

// readSeedFolder reads a folder without following links out of it. Names that
// begin with a dot are not metadata.
func readSeedFolder(name string) (*metadata.Tree, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	limits := seedLimits()
	files, total := map[string][]byte{}, int64(0)
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != "." && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		data, err := fs.ReadFile(root.FS(), path)
		if err != nil {
			return err
		}
		files[path] = data
		total += int64(len(data))
		if len(files) > limits.Files || total > limits.Total {
			return fmt.Errorf("it is larger than %d files or %d bytes", limits.Files, limits.Total)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return metadata.NewTree(files)
}
