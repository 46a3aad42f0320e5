package demoorg

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"countersign/backend/metadata"
)

// A flow has versions. The file of a flow is its active version, or the newest
// when none is active; the others lie beside the content. Deploying a flow over
// a draft replaces it; over any other version it makes a new one, and an active
// one takes the place of the active one, which becomes obsolete. A
// FlowDefinition says which version is active (Metadata API Developer Guide,
// "Flow", "FlowDefinition").

const versionDir = ".versions/flows/"

func flowVersionPath(flow string, number int) string {
	return fmt.Sprintf("%s%s/%d.flow", versionDir, flow, number)
}

func numberPath(flow string) string { return versionDir + flow + "/number" }

// A flowVersion is one version of a flow.
type flowVersion struct {
	number  int
	data    []byte
	current bool // the one that the flow's file holds
}

var (
	flowStatusMark = regexp.MustCompile(`<status>\s*(\w+)\s*</status>`)
	activeNumber   = regexp.MustCompile(`(<activeVersionNumber>\s*)(\d+)(\s*</activeVersionNumber>)`)
	numberedFlow   = regexp.MustCompile(`^(.+)-(\d+)$`)
)

const (
	flowActive   = "Active"
	flowObsolete = "Obsolete"
	flowDraft    = "Draft"
)

// flowStatus reads the status; without one a flow is a draft.
func flowStatus(data []byte) string {
	all := flowStatusMark.FindAllSubmatch(data, -1)
	if len(all) == 0 {
		return flowDraft
	}
	return string(all[len(all)-1][1])
}

// withStatus gives the same version in another status.
func withStatus(data []byte, status string) []byte {
	all := flowStatusMark.FindAllSubmatchIndex(data, -1)
	if len(all) == 0 {
		return data
	}
	last := all[len(all)-1]
	return slices.Concat(data[:last[2]], []byte(status), data[last[3]:])
}

// versionsOf gives the versions of a flow of the tree, oldest first; nil for a
// flow that is not there.
func versionsOf(tree *metadata.Tree, flow string) []flowVersion {
	data, ok := tree.File("flows/" + flow + ".flow")
	if !ok {
		return nil
	}
	versions := []flowVersion{{currentNumber(tree, flow), data, true}}
	prefix, paths := versionDir+flow+"/", tree.Paths()
	for i := sort.SearchStrings(paths, prefix); i < len(paths) && strings.HasPrefix(paths[i], prefix); i++ {
		number, err := strconv.Atoi(strings.TrimSuffix(paths[i][len(prefix):], ".flow"))
		if err != nil {
			continue
		}
		older, _ := tree.File(paths[i])
		versions = append(versions, flowVersion{number: number, data: older})
	}
	slices.SortFunc(versions, func(a, b flowVersion) int { return a.number - b.number })
	return versions
}

// currentNumber is the number of the version in the flow's file: what the org
// counted, what the flow's definition says, or 1.
func currentNumber(tree *metadata.Tree, flow string) int {
	if data, ok := tree.File(numberPath(flow)); ok {
		if n, err := strconv.Atoi(string(data)); err == nil {
			return n
		}
	}
	if n := activeIn(tree, flow); n > 0 {
		return n
	}
	return 1
}

// activeIn is the active version that the flow's definition names; 0 for none.
func activeIn(tree *metadata.Tree, flow string) int {
	data, _ := tree.File("flowDefinitions/" + flow + ".flowDefinition")
	found := activeNumber.FindSubmatch(data)
	if found == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(found[2]))
	return n
}

// flowVersionNamed finds the version that "Invoice_Approval-3" names.
func flowVersionNamed(tree *metadata.Tree, name string) (flow string, v flowVersion, ok bool) {
	found := numberedFlow.FindStringSubmatch(name)
	if found == nil {
		return "", v, false
	}
	number, _ := strconv.Atoi(found[2])
	for _, v := range versionsOf(tree, found[1]) {
		if v.number == number {
			return found[1], v, true
		}
	}
	return "", v, false
}

// A flowChange is the versions of one flow while a deployment changes them.
type flowChange struct {
	flow     string
	versions []flowVersion
}

func (f *flowChange) current() *flowVersion {
	for i := range f.versions {
		if f.versions[i].current {
			return &f.versions[i]
		}
	}
	return nil
}

func (f *flowChange) newest() int { return f.versions[len(f.versions)-1].number }

// deploy adds what a package brings of the flow.
func (f *flowChange) deploy(data []byte) {
	is := f.current()
	if status := flowStatus(is.data); status != flowActive && status != flowObsolete {
		is.data = data
		return
	}
	added := flowVersion{number: f.newest() + 1, data: data}
	f.versions = append(f.versions, added)
	is = f.current() // the slice may have moved
	if flowStatus(data) != flowActive && flowStatus(is.data) == flowActive {
		return // a draft beside the active version
	}
	f.choose(added.number)
}

// choose makes a version the current one.
func (f *flowChange) choose(number int) {
	for i := range f.versions {
		v := &f.versions[i]
		v.current = v.number == number
		if !v.current && flowStatus(v.data) == flowActive {
			v.data = withStatus(v.data, flowObsolete)
		}
	}
}

// activate does what a definition says: 0 switches the flow off.
func (f *flowChange) activate(number int) {
	if number == 0 {
		f.choose(f.newest())
		is := f.current()
		if flowStatus(is.data) == flowActive {
			is.data = withStatus(is.data, flowObsolete)
		}
		return
	}
	f.choose(number)
	is := f.current()
	is.data = withStatus(is.data, flowActive)
}

func (f *flowChange) put(put map[string][]byte, gone map[string]bool) {
	for _, v := range f.versions {
		if !v.current {
			put[flowVersionPath(f.flow, v.number)] = v.data
			continue
		}
		put["flows/"+f.flow+".flow"] = v.data
		put[numberPath(f.flow)] = []byte(strconv.Itoa(v.number))
		gone[flowVersionPath(f.flow, v.number)] = true
	}
}

// applyFlows puts the versions of every flow that the package brings over one
// that is there, or whose definition it brings.
func (c *check) applyFlows(put map[string][]byte, gone map[string]bool) {
	changes := map[string]*flowChange{}
	change := func(flow string) *flowChange {
		if changes[flow] == nil {
			if versions := versionsOf(c.q.org.tree, flow); versions != nil {
				changes[flow] = &flowChange{flow, versions}
			}
		}
		return changes[flow]
	}
	for key, o := range c.adds {
		if key.Type != "Flow" || o.problem != "" || !o.changed || c.isDeleted(key, false) {
			continue
		}
		if f := change(key.Name); f != nil {
			f.deploy(put["flows/"+key.Name+".flow"])
		}
	}
	for key, o := range c.adds {
		if key.Type != "FlowDefinition" || o.problem != "" || !o.changed {
			continue
		}
		if f := change(key.Name); f != nil {
			f.activate(activeIn(c.p.content, key.Name))
		}
	}
	for flow, f := range changes {
		f.put(put, gone)
		c.followDefinition(flow, f, put)
	}
}

// followDefinition writes the active version into a definition that the org
// keeps.
func (c *check) followDefinition(flow string, f *flowChange, put map[string][]byte) {
	path := "flowDefinitions/" + flow + ".flowDefinition"
	data, ok := c.q.org.tree.File(path)
	if _, brought := put[path]; !ok || brought {
		return
	}
	active := 0
	if is := f.current(); flowStatus(is.data) == flowActive {
		active = is.number
	}
	now := activeNumber.ReplaceAll(data, []byte("${1}"+strconv.Itoa(active)+"${3}"))
	if !bytes.Equal(now, data) {
		put[path] = now
	}
}

// checkDefinition refuses a definition of a version that is not there.
func (c *check) checkDefinition(o *op) {
	number := activeIn(c.p.content, o.key.Name)
	versions := versionsOf(c.q.org.tree, o.key.Name)
	if number == 0 || versions == nil { // the flow comes with it, and counts from there
		return
	}
	if slices.ContainsFunc(versions, func(v flowVersion) bool { return v.number == number }) {
		return
	}
	if flow := c.adds[metadata.Key{Type: "Flow", Name: o.key.Name}]; flow != nil && number == versions[len(versions)-1].number+1 {
		return
	}
	o.fail(fmt.Sprintf("The flow %s has no version %d.", o.key.Name, number))
}

// checkVersionDeletion refuses to delete the version that runs.
func (c *check) checkVersionDeletion(o *op) {
	_, v, ok := flowVersionNamed(c.q.org.tree, o.key.Name)
	if ok && v.current && flowStatus(v.data) == flowActive {
		o.fail("insufficient access rights on cross-reference id")
	}
}

// deleteVersions takes one version away, or all of a flow's.
func (c *check) deleteVersions(key metadata.Key, put map[string][]byte, gone map[string]bool) {
	if flow, v, ok := flowVersionNamed(c.q.org.tree, key.Name); ok && !c.q.org.has(key) {
		c.deleteVersion(flow, v, put, gone)
		return
	}
	for _, v := range versionsOf(c.q.org.tree, key.Name) {
		gone[flowVersionPath(key.Name, v.number)] = true
	}
	gone[numberPath(key.Name)] = true
}

func (c *check) deleteVersion(flow string, v flowVersion, put map[string][]byte, gone map[string]bool) {
	if !v.current {
		gone[flowVersionPath(flow, v.number)] = true
		return
	}
	left := slices.DeleteFunc(versionsOf(c.q.org.tree, flow), func(other flowVersion) bool { return other.number == v.number })
	if len(left) == 0 {
		gone["flows/"+flow+".flow"], gone[numberPath(flow)] = true, true
		return
	}
	f := &flowChange{flow, left}
	f.choose(f.newest())
	f.put(put, gone)
}

// flowFile gives the file of a version or of a definition that the org knows
// without holding a file of that name.
func (m *model) flowFile(key metadata.Key) (path string, data []byte, ok bool) {
	switch key.Type {
	case "Flow":
		_, v, found := flowVersionNamed(m.tree, key.Name)
		return "flows/" + key.Name + ".flow", v.data, found
	case "FlowDefinition":
		versions := versionsOf(m.tree, key.Name)
		if versions == nil {
			return "", nil, false
		}
		active := 0
		for _, v := range versions {
			if v.current && flowStatus(v.data) == flowActive {
				active = v.number
			}
		}
		return "flowDefinitions/" + key.Name + ".flowDefinition", []byte(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
			`<FlowDefinition xmlns="` + metadata.Namespace + `">` + "\n    <activeVersionNumber>" + strconv.Itoa(active) + "</activeVersionNumber>\n</FlowDefinition>\n"), true
	}
	return "", nil, false
}

// flowTable has a row for every version; the one of the flow's file has the id
// by which MetadataComponentDependency knows the flow.
var flowTable = table{
	name: "Flow",
	fields: []string{"Id", "DeveloperName", "FullName", "MasterLabel", "DefinitionId", "VersionNumber", "Status", "NamespacePrefix", "ManageableState",
		"CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate"},
	types: map[string]string{"VersionNumber": "number", "CreatedDate": "time", "LastModifiedDate": "time"},
	rows: func(o *Org, _ user) []map[string]any {
		var rows []map[string]any
		m := o.current()
		for _, key := range m.byType["Flow"] {
			st := m.components[key].stamp
			for _, v := range versionsOf(m.tree, key.Name) {
				name, id := key.Name, o.componentID(key)
				if !v.current {
					name = fmt.Sprintf("%s-%d", key.Name, v.number)
					id = o.componentID(metadata.Key{Type: "Flow", Name: name})
				}
				rows = append(rows, map[string]any{
					"Id": id, "DeveloperName": key.Name, "FullName": name, "MasterLabel": key.Name, "DefinitionId": o.definitionID(key.Name),
					"VersionNumber": v.number, "Status": flowStatus(v.data), "NamespacePrefix": nil, "ManageableState": "unmanaged",
					"CreatedById": st.CreatedBy, "CreatedDate": st.Created, "LastModifiedById": st.ModifiedBy, "LastModifiedDate": st.Modified,
				})
			}
		}
		return rows
	},
}

func (o *Org) definitionID(flow string) string {
	return o.componentID(metadata.Key{Type: "FlowDefinition", Name: flow})
}

var flowDefinitionTable = table{
	name:   "FlowDefinition",
	fields: []string{"Id", "DeveloperName", "FullName", "MasterLabel", "ActiveVersionId", "LatestVersionId", "NamespacePrefix", "ManageableState"},
	rows: func(o *Org, u user) []map[string]any {
		var rows []map[string]any
		byFlow := map[string]map[string]any{}
		for _, version := range flowTable.rows(o, u) {
			name, _ := version["DeveloperName"].(string)
			row := byFlow[name]
			if row == nil {
				row = map[string]any{"Id": version["DefinitionId"], "DeveloperName": name, "FullName": name, "MasterLabel": name,
					"ActiveVersionId": nil, "NamespacePrefix": nil, "ManageableState": "unmanaged"}
				byFlow[name] = row
				rows = append(rows, row)
			}
			row["LatestVersionId"] = version["Id"]
			if version["Status"] == flowActive {
				row["ActiveVersionId"] = version["Id"]
			}
		}
		return rows
	},
}
