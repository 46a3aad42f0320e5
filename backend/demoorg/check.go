package demoorg

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"countersign/backend/metadata"
)

// An op is one component that the package brings or takes away.
type op struct {
	key      metadata.Key
	file     string   // as messages name it, without the top folder
	paths    []string // of the package; empty for a deletion
	deletion bool
	late     bool // destructiveChangesPost
	created  bool
	changed  bool
	line     int
	problem  string // "" while it is alive
	warning  string
	nothing  bool // names no component: a member that is not in the zip
}

func (o *op) fail(problem string) {
	if o.problem == "" {
		o.problem = problem
	}
}

// A check decides for every component of a package whether it goes through.
type check struct {
	q       question
	p       *packet
	ops     []*op
	adds    map[metadata.Key]*op
	deletes map[metadata.Key]*op
	parts   map[metadata.Key]metadata.Part // of the package
	folded  map[string]bool                // what is there, in lower case
	sources map[metadata.Key]*apexSource

	xmlProblems map[string]string // by path; "" for a file without one
}

func newCheck(q question, p *packet) *check {
	return &check{
		q: q, p: p, adds: map[metadata.Key]*op{}, deletes: map[metadata.Key]*op{},
		parts: metadata.Split(p.content), sources: map[metadata.Key]*apexSource{}, xmlProblems: map[string]string{},
	}
}

func (c *check) run() {
	c.collectDeletions(c.p.before, false)
	c.collectAdditions()
	c.collectDeletions(c.p.after, true)
	c.missingMembers()
	c.strayFiles()
	for _, o := range c.ops {
		switch {
		case o.deletion && o.key.Type == "Flow":
			c.checkVersionDeletion(o)
		case !o.deletion && !o.nothing:
			c.checkContent(o)
		}
	}
	c.checkReferences()
	c.checkDeletions()
	if !c.q.options.IgnoreWarnings {
		for _, o := range c.ops {
			if o.warning != "" {
				o.fail(o.warning)
			}
		}
	}
}

// rank orders the messages as a deployment works: data model first, code, then
// what uses both.
func rank(typeName string) int {
	for i, name := range []string{"CustomObject", "GlobalValueSet", "CustomField", "RecordType", "CustomLabel", "CustomLabels", "ApexClass", "ApexTrigger"} {
		if name == typeName {
			return i
		}
	}
	return 99
}

func (c *check) collectAdditions() {
	keys := make([]metadata.Key, 0, len(c.p.parts))
	for key := range c.p.parts {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool {
		if a, b := rank(keys[i].Type), rank(keys[j].Type); a != b {
			return a < b
		}
		return keys[i].Less(keys[j])
	})
	for _, key := range keys {
		paths := c.p.parts[key]
		o := &op{key: key, paths: paths, file: mainFile(paths)}
		listed := c.listed(key, o.file)
		if !listed && isOwner(key.Type) {
			continue // the object's own settings are not asked for, only its children
		}
		if !listed {
			o.fail("Not in package.xml")
		}
		c.ops = append(c.ops, o)
		c.adds[key] = o
		o.created = !c.q.org.has(key)
		o.changed = o.created || c.differs(key, paths)
	}
}

func isOwner(typeName string) bool { return len(childTypes()[typeName]) > 0 }

// mainFile is the file that Salesforce names: the content, not its -meta.xml.
func mainFile(paths []string) string {
	for _, path := range paths {
		if !strings.HasSuffix(path, "-meta.xml") {
			return path
		}
	}
	if len(paths) == 0 {
		return "package.xml"
	}
	return paths[0]
}

// listed tells whether package.xml asks for the component: by name, by "*", or
// with the object, the labels or the folder that it belongs to.
func (c *check) listed(key metadata.Key, file string) bool {
	if c.names(key.Type, key.Name) || slices.Contains(c.p.manifest.Members[key.Type], "*") {
		return true
	}
	t, known := metadata.TypeOf(key.Type)
	if !known {
		return false
	}
	if t.Parent != "" {
		owner := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], "."+t.Suffix)
		if c.names(t.Parent, owner) || slices.Contains(c.p.manifest.Members[t.Parent], "*") {
			return true
		}
	}
	if t.InFolder && !strings.Contains(key.Name, "/") {
		for _, member := range c.p.manifest.Members[key.Type] {
			if strings.HasPrefix(member, key.Name+"/") {
				return true
			}
		}
	}
	return false
}

func (c *check) names(typeName, name string) bool {
	return slices.Contains(c.p.manifest.Members[typeName], name)
}

// differs tells whether a component of the package says something else than
// the org does now.
func (c *check) differs(key metadata.Key, paths []string) bool {
	if _, strange := c.p.strange[key]; strange {
		for _, path := range paths {
			is, _ := c.q.org.tree.File(path)
			will, _ := c.p.content.File(path)
			if !bytes.Equal(is, will) {
				return true
			}
		}
		return false
	}
	if hasRows(key.Type, c.p.manifest.Version) {
		path := mainFile(paths)
		is, _ := c.q.org.tree.File(path)
		return !bytes.Equal(normal(path, is), normal(path, c.brought(key, path)))
	}
	if t, _ := metadata.TypeOf(key.Type); t.Parent == "" && !isOwner(key.Type) {
		return c.p.content.HashOf(key) != c.q.org.tree.HashOf(key)
	}
	mine := only(c.q.org.tree, setOf(paths))
	return !samePart(metadata.Split(mine)[key], c.parts[key])
}

func setOf(paths []string) map[string]bool {
	set := make(map[string]bool, len(paths))
	for _, path := range paths {
		set[path] = true
	}
	return set
}

func samePart(a, b metadata.Part) bool {
	if len(a.Elements) != len(b.Elements) || len(a.Files) != len(b.Files) {
		return false
	}
	for i := range a.Elements {
		if !bytes.Equal(a.Elements[i], b.Elements[i]) {
			return false
		}
	}
	for path, data := range a.Files {
		other, ok := b.Files[path]
		if !ok || !bytes.Equal(normal(path, data), normal(path, other)) {
			return false
		}
	}
	return true
}

func normal(path string, data []byte) []byte {
	n, err := metadata.Normal(path, data)
	if err != nil {
		return data
	}
	return n
}

// missingMembers finds names in package.xml that the zip does not hold.
func (c *check) missingMembers() {
	for _, key := range c.p.manifest.Keys() {
		if c.adds[key] != nil || c.present(key) {
			continue
		}
		o := &op{key: key, file: "package.xml", nothing: true}
		switch _, known := metadata.TypeOf(key.Type); {
		case !known:
			o.fail(fmt.Sprintf("Unknown type name '%s' specified in package.xml", key.Type))
		case c.q.options.AllowMissingFiles:
			o.warning = notFound(key)
		default:
			o.fail(notFound(key))
		}
		c.ops = append(c.ops, o)
	}
}

// present knows members that stand for no component of their own in the zip:
// an object of which only children are there, and a folder that only holds
// something.
func (c *check) present(key metadata.Key) bool {
	t, known := metadata.TypeOf(key.Type)
	if !known {
		return false
	}
	if isOwner(key.Type) {
		_, ok := c.p.content.File(t.Dir + "/" + key.Name + "." + t.Suffix)
		return ok
	}
	if !t.InFolder || strings.Contains(key.Name, "/") {
		return false
	}
	for other := range c.p.parts {
		if other.Type == key.Type && strings.HasPrefix(other.Name, key.Name+"/") {
			return true
		}
	}
	return false
}

func (c *check) strayFiles() {
	for _, path := range c.p.unknown {
		c.ops = append(c.ops, &op{key: metadata.Key{Name: path}, file: path, nothing: true, problem: "Not in package.xml"})
	}
}

func (c *check) collectDeletions(keys []metadata.Key, late bool) {
	file := "destructiveChanges.xml"
	if late {
		file = "destructiveChangesPost.xml"
	}
	if !late {
		if _, ok := c.p.tree.File(file); !ok {
			file = "destructiveChangesPre.xml"
		}
	}
	for _, key := range keys {
		o := &op{key: key, file: file, deletion: true, late: late}
		switch {
		case !c.q.org.has(key) && !c.goesWith(key) && !c.isFlowVersion(key):
			o.warning = fmt.Sprintf("No %s named: %s found", key.Type, key.Name)
		case c.deletes[key] != nil:
			continue
		default:
			o.changed = true
			c.deletes[key] = o
		}
		c.ops = append(c.ops, o)
	}
}

func (c *check) isFlowVersion(key metadata.Key) bool {
	_, _, ok := flowVersionNamed(c.q.org.tree, key.Name)
	return ok && key.Type == "Flow"
}

// goesWith knows an object that is in the org by its children only.
func (c *check) goesWith(key metadata.Key) bool {
	t, known := metadata.TypeOf(key.Type)
	if !known || !isOwner(key.Type) {
		return false
	}
	_, ok := c.q.org.tree.File(t.Dir + "/" + key.Name + "." + t.Suffix)
	return ok
}

func (c *check) failures() int {
	n := 0
	for _, o := range c.ops {
		if o.problem != "" {
			n++
		}
	}
	return n
}

func (c *check) alive() int { return len(c.ops) - c.failures() }

// deployed gives the components that the package brings.
func (c *check) deployed() []metadata.Key {
	var keys []metadata.Key
	for key, o := range c.adds {
		if o.problem == "" {
			keys = append(keys, key)
		}
	}
	sortKeys(keys)
	return keys
}

// messages gives what a DeployResult says of each component, package.xml
// first.
func (c *check) messages() []deployMessage {
	now := at(c.q.now)
	list := []deployMessage{{
		Changed: true, CreatedDate: now, FileName: c.p.name("package.xml"), FullName: "package.xml", Success: true,
	}}
	for _, o := range c.ops {
		m := deployMessage{
			ComponentType: o.key.Type, CreatedDate: now, FileName: c.p.name(o.file), FullName: o.key.Name,
			Success: o.problem == "", Changed: o.changed && o.problem == "", Created: o.created && o.problem == "",
			Deleted: o.deletion && o.changed && o.problem == "",
		}
		switch {
		case o.problem != "":
			m.Problem, m.ProblemType, m.LineNumber = o.problem, "Error", o.line
			if o.line > 0 {
				m.ColumnNumber = 1
			}
		case o.warning != "":
			m.Problem, m.ProblemType = o.warning, "Warning"
		}
		if o.nothing {
			m.ComponentType = ""
		} else if m.Success {
			m.ID = c.q.idOf(o.key)
		}
		list = append(list, m)
	}
	return list
}
