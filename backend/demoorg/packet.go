package demoorg

import (
	"fmt"
	"slices"
	"strings"

	"countersign/backend/metadata"
)

// A packet is a package as it came: its files, and what its manifests say.
type packet struct {
	tree     *metadata.Tree // without the top folder
	top      string
	manifest *metadata.Manifest
	content  *metadata.Tree // without manifests
	parts    map[metadata.Key][]string
	strange  map[metadata.Key][]string
	unknown  []string // files that belong to no component
	before   []metadata.Key
	after    []metadata.Key
}

// name is a path as it stood in the zip; what a client recognises its
// deployment by.
func (p *packet) name(path string) string {
	if p.top == "" {
		return path
	}
	return p.top + "/" + path
}

func (p *packet) problem(file, text string) *deployMessage {
	return &deployMessage{FileName: p.name(file), FullName: file, Problem: text, ProblemType: "Error"}
}

// readPackages reads the packages of a zip: the one that lies at its root or is
// all that it holds, or one in each folder of it ("deploy()", Metadata API
// Developer Guide, singlePackage).
func readPackages(zipped *metadata.Tree, single bool) (packets []*packet, problems []deployMessage) {
	for _, top := range packageFolders(zipped, single) {
		p := &packet{tree: zipped, top: top}
		if top != "" {
			p.tree = zipped.Sub(top)
		}
		if problem := p.read(); problem != nil {
			problems = append(problems, *problem)
		}
		packets = append(packets, p)
	}
	return packets, problems
}

// packageFolders gives the folders that are packages, "" for the root. A zip
// with everything in one folder holds a single package, whatever it says: the
// sf CLI sends such zips with singlePackage. Where there are more folders, each
// must be a package.
func packageFolders(zipped *metadata.Tree, single bool) []string {
	tops := zipped.Tops()
	if _, atRoot := zipped.File("package.xml"); atRoot || len(tops) == 0 || single && len(tops) > 1 {
		return []string{""}
	}
	return tops
}

func (p *packet) read() *deployMessage {
	data, ok := p.tree.File("package.xml")
	if !ok {
		return p.problem("package.xml", "No package.xml found")
	}
	manifest, err := metadata.ParseManifestLenient(data)
	if err != nil {
		return p.problem("package.xml", "Error parsing package.xml: "+err.Error())
	}
	p.manifest = manifest
	if problem := p.readDeletions(); problem != nil {
		return problem
	}
	p.content = p.tree.Content()
	p.parts = map[metadata.Key][]string{}
	claimed := map[string]bool{}
	for _, c := range p.content.Components() {
		if c.Type == "" { // a file that no type claims
			continue
		}
		p.parts[c.Key] = c.Paths
		for _, path := range c.Paths {
			claimed[path] = true
		}
	}
	p.strange, p.unknown = strangers(p.content, manifest, claimed)
	for key, paths := range p.strange {
		p.parts[key] = paths
	}
	p.manifest = resolved(manifest, keysOf(p.parts))
	return nil
}

func keysOf(parts map[metadata.Key][]string) map[metadata.Key]bool {
	keys := make(map[metadata.Key]bool, len(parts))
	for key := range parts {
		keys[key] = true
	}
	return keys
}

// readDeletions reads the destructive changes; destructiveChanges.xml comes
// before the additions ("Deleting Components from an Organization").
func (p *packet) readDeletions() *deployMessage {
	for _, file := range []string{"destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml"} {
		data, ok := p.tree.File(file)
		if !ok {
			continue
		}
		m, err := metadata.ParseManifestLenient(data)
		if err != nil {
			return p.problem(file, "Error parsing "+file+": "+err.Error())
		}
		if len(m.Wildcards()) > 0 {
			return p.problem(file, "Wildcards are not allowed in "+file)
		}
		if file == "destructiveChangesPost.xml" {
			p.after = append(p.after, m.Keys()...)
		} else {
			p.before = append(p.before, m.Keys()...)
		}
	}
	return nil
}

func (p *packet) hasApex() bool {
	for key := range p.parts {
		if key.Type == "ApexClass" || key.Type == "ApexTrigger" {
			return true
		}
	}
	return false
}

// strangers finds the files of types that package metadata does not know by
// the names that the manifest gives: "widgets/Clock.widget" for the member
// Clock. rest are the files that belong to nothing.
func strangers(tree *metadata.Tree, manifest *metadata.Manifest, claimed map[string]bool) (found map[metadata.Key][]string, rest []string) {
	found = map[metadata.Key][]string{}
	mine := map[string]bool{}
	dirs := map[string]string{} // type -> folder
	for _, typeName := range sortedTypes(manifest) {
		if _, known := metadata.TypeOf(typeName); known {
			continue
		}
		for _, member := range manifest.Members[typeName] {
			key := metadata.Key{Type: typeName, Name: member}
			for _, path := range tree.Paths() {
				dir, name := strangeName(path)
				if claimed[path] || mine[path] || name != member && !strings.HasPrefix(name, member+"/") {
					continue
				}
				if dirs[typeName] != "" && dirs[typeName] != dir {
					continue
				}
				dirs[typeName] = dir
				mine[path] = true
				found[key] = append(found[key], path)
			}
		}
		everyMember(tree, manifest, typeName, dirs[typeName], claimed, mine, found)
	}
	for _, path := range tree.Paths() {
		if !claimed[path] && !mine[path] && !strings.Contains("/"+path, "/.") {
			rest = append(rest, path)
		}
	}
	return found, rest
}

// everyMember heeds "*" for a strange type: its folder is the one its other
// members lie in, or the one of its own name.
func everyMember(tree *metadata.Tree, manifest *metadata.Manifest, typeName, dir string, claimed, mine map[string]bool, found map[metadata.Key][]string) {
	wild := false
	for _, member := range manifest.Members[typeName] {
		wild = wild || member == "*"
	}
	if !wild {
		return
	}
	for _, path := range tree.Paths() {
		in, name := strangeName(path)
		if claimed[path] || mine[path] || name == "" {
			continue
		}
		if in != dir && !(dir == "" && (strings.EqualFold(in, typeName) || strings.EqualFold(in, typeName+"s"))) {
			continue
		}
		member, _, _ := strings.Cut(name, "/")
		mine[path] = true
		key := metadata.Key{Type: typeName, Name: member}
		found[key] = append(found[key], path)
	}
}

// strangeName splits a path into its folder and the rest without extension.
func strangeName(path string) (dir, name string) {
	dir, name, ok := strings.Cut(path, "/")
	if !ok {
		return "", ""
	}
	name = strings.TrimSuffix(name, "-meta.xml")
	slash := strings.LastIndexByte(name, '/')
	if dot := strings.LastIndexByte(name, '.'); dot > slash+1 {
		name = name[:dot]
	}
	return dir, name
}

func sortedTypes(manifest *metadata.Manifest) []string {
	names := make([]string, 0, len(manifest.Members))
	for name := range manifest.Members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func notFound(key metadata.Key) string {
	return fmt.Sprintf("An object '%s' of type %s was named in package.xml, but was not found in zipped directory", key.Name, key.Type)
}
