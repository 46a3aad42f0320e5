package metadata

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// MaxMembers is how many members a manifest may name: one deploy or retrieve
// takes 10,000 files ("Metadata Limits" in the app limits reference).
const MaxMembers = 10_000

// A Manifest is what a package.xml or destructiveChanges.xml says: which
// components, by type.
type Manifest struct {
	// Version is the API version, "68.0"; empty in most destructiveChanges.
	Version string
	// Members maps a type to its names, sorted and without doubles. "*" stands
	// for all names.
	Members map[string][]string
}

// packageElements are the elements of Package that say nothing about members
// (Metadata API Developer Guide, package.xml); they are accepted and dropped.
var packageElements = map[string]bool{
	"apiAccessLevel": true, "description": true, "fullName": true, "namespacePrefix": true,
	"objectPermissions": true, "packageType": true, "postInstallClass": true, "setupWeblinks": true,
	"uninstallClass": true,
}

// ParseManifest reads a package.xml or destructiveChanges.xml that may come
// from anyone. Beyond what CheckXML refuses (bad_xml), it refuses another root
// or namespace, a second <version> or <name>, empty or misshapen names and
// unknown elements (bad_manifest), types that Types lacks (unknown_type), and
// more than MaxMembers members (too_many_members). The *Error says every
// problem as a sentence, up to five.
func ParseManifest(b []byte) (*Manifest, error) { return parseManifest(b, false) }

// ParseManifestLenient is ParseManifest for a package that is only looked
// through: types that Types lacks are accepted, and names need not have the
// form CheckName asks for.
func ParseManifestLenient(b []byte) (*Manifest, error) { return parseManifest(b, true) }

func parseManifest(b []byte, lenient bool) (*Manifest, error) {
	root, fault := parseXML(b)
	if fault != nil {
		return nil, fault
	}
	if root.name != "Package" || root.space != Namespace {
		return nil, faultf(CodeBadManifest, "This is not a package manifest: its root is %s, not Package in the namespace of Salesforce's metadata.", quoted(root.name)).
			withHint("Begin it with <Package xmlns=\"%s\">.", Namespace)
	}
	reader := manifestReader{manifest: &Manifest{Members: map[string][]string{}}, lenient: lenient}
	reader.read(root)
	return reader.finish()
}

type manifestReader struct {
	manifest *Manifest
	lenient  bool
	problems []*Error
	unknown  []string // types
	members  int
}

func (r *manifestReader) problem(format string, args ...any) {
	r.problems = append(r.problems, faultf(CodeBadManifest, format, args...))
}

func (r *manifestReader) read(root *node) {
	versions := 0
	for _, k := range root.kids {
		switch {
		case k.isText():
			r.problem("Text stands between the elements of the manifest.")
		case k.space != Namespace:
			r.problem("The element %s belongs to another namespace.", quoted(k.name))
		case k.name == "types":
			r.readTypes(k)
		case k.name == "version":
			if versions++; versions == 2 {
				r.problem("The manifest has two versions.")
			}
			r.readVersion(k)
		case !packageElements[k.name]:
			r.problem("The manifest has no place for the element %s.", quoted(k.name))
		}
	}
}

func (r *manifestReader) readVersion(n *node) {
	v, ok := r.scalar(n)
	if !ok {
		return
	}
	if !IsVersion(v) {
		r.problem("%s is not an API version; one looks like 68.0.", quoted(v))
		return
	}
	r.manifest.Version = v
}

// IsVersion says whether text is an API version as Salesforce writes them:
// "68.0".
func IsVersion(v string) bool {
	major, ok := strings.CutSuffix(v, ".0")
	return ok && len(major) >= 1 && len(major) <= 3 && major[0] != '0' && strings.Trim(major, "0123456789") == ""
}

// scalar gives the text of a leaf. A comment inside it would let a person and
// a program read two different names.
func (r *manifestReader) scalar(n *node) (string, bool) {
	if len(n.kids) > 0 || len(n.attrs) > 0 || n.commented {
		r.problem("The element %s must hold plain text only.", quoted(n.name))
		return "", false
	}
	text := strings.TrimSpace(n.text)
	if text == "" {
		r.problem("An element %s is empty.", quoted(n.name))
		return "", false
	}
	return text, true
}

func (r *manifestReader) readTypes(types *node) {
	var name string
	var members []string
	names := 0
	for _, k := range types.kids {
		switch {
		case k.isText() || k.space != Namespace:
			r.problem("A types element holds something that is neither members nor name.")
		case k.name == "members":
			if text, ok := r.scalar(k); ok {
				members = append(members, text)
			}
		case k.name == "name":
			if names++; names == 2 {
				r.problem("A types element has two names.")
			}
			if text, ok := r.scalar(k); ok {
				name = text
			}
		default:
			r.problem("A types element has no place for the element %s.", quoted(k.name))
		}
	}
	if names == 0 {
		r.problem("A types element has no name.")
	}
	r.members += len(members)
	if name != "" {
		r.addMembers(name, members)
	}
}

func (r *manifestReader) addMembers(typeName string, members []string) {
	t, known := TypeOf(typeName)
	if !known && !r.lenient {
		r.unknown = append(r.unknown, typeName)
		return
	}
	if !known {
		t = Type{Name: typeName, InFolder: true}
		if why := badText(Type{}, typeName); why != "" {
			r.problem("%s is not a type: %s.", quoted(typeName), why)
			return
		}
	}
	for _, m := range members {
		if m != "*" {
			if why := r.badMember(t, m); why != "" {
				r.problem("%s is not the name of a %s: %s.", quoted(m), quoted(t.Name), why)
				continue
			}
		}
		r.manifest.Members[typeName] = append(r.manifest.Members[typeName], m)
	}
}

func (r *manifestReader) badMember(t Type, name string) string {
	if r.lenient {
		return badText(t, name)
	}
	return badName(t, name)
}

func (r *manifestReader) finish() (*Manifest, error) {
	if r.members > MaxMembers {
		return nil, faultf(CodeTooManyMembers, "The manifest names %s members; one package takes %s.", thousands(r.members), thousands(MaxMembers)).
			withHint("Split it into several manifests.")
	}
	if len(r.unknown) > 0 {
		return nil, unknownTypes(r.unknown)
	}
	if len(r.problems) > 0 {
		return nil, allOf(r.problems)
	}
	for name := range r.manifest.Members {
		slices.Sort(r.manifest.Members[name])
		r.manifest.Members[name] = slices.Compact(r.manifest.Members[name])
	}
	return r.manifest, nil
}

func unknownTypes(names []string) *Error {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 1 {
		return unknownType(names[0])
	}
	var shown []string
	for _, name := range names[:min(10, len(names))] {
		shown = append(shown, quoted(name))
	}
	return faultf(CodeUnknownType, "The manifest names %s metadata types that Countersign does not know: %s.",
		thousands(len(names)), strings.Join(shown, ", ")).
		withHint("Types are spelled as in package.xml, for example CustomField or ApexClass.")
}

func allOf(problems []*Error) *Error {
	const shown = 5
	var sentences []string
	for _, p := range problems[:min(shown, len(problems))] {
		sentences = append(sentences, p.Message)
	}
	if more := len(problems) - shown; more > 0 {
		sentences = append(sentences, "And "+thousands(more)+" more.")
	}
	return faultf(CodeBadManifest, "%s", strings.Join(sentences, " "))
}

// Bytes gives the canonical package.xml: types and members sorted, four spaces
// of indentation, a newline at the end. An empty manifest keeps its version.
func (m *Manifest) Bytes() []byte {
	var out bytes.Buffer
	out.WriteString(xmlHeader + `<Package xmlns="` + Namespace + `">` + "\n")
	for _, name := range m.types() {
		out.WriteString("    <types>\n")
		members := slices.Compact(slices.Sorted(slices.Values(m.Members[name])))
		for _, member := range members {
			m.leaf(&out, "        ", "members", member)
		}
		m.leaf(&out, "        ", "name", name)
		out.WriteString("    </types>\n")
	}
	if m.Version != "" {
		m.leaf(&out, "    ", "version", m.Version)
	}
	out.WriteString("</Package>\n")
	return out.Bytes()
}

func (m *Manifest) leaf(out *bytes.Buffer, indent, element, text string) {
	out.WriteString(indent + "<" + element + ">")
	escape(out, text, false)
	out.WriteString("</" + element + ">\n")
}

// types gives the types that have members, sorted.
func (m *Manifest) types() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.Members)) {
		if len(m.Members[name]) > 0 {
			names = append(names, name)
		}
	}
	return names
}

// Keys gives every member that is a name, sorted; wildcards are left out.
func (m *Manifest) Keys() []Key {
	keys := []Key{}
	for _, typeName := range m.types() {
		for _, name := range m.Members[typeName] {
			if name != "*" {
				keys = append(keys, Key{Type: typeName, Name: name})
			}
		}
	}
	sortKeys(keys)
	return slices.Compact(keys)
}

// ManifestOf makes the manifest of these components.
func ManifestOf(version string, keys []Key) *Manifest {
	m := &Manifest{Version: version, Members: map[string][]string{}}
	for _, k := range keys {
		m.Members[k.Type] = append(m.Members[k.Type], k.Name)
	}
	for name, members := range m.Members {
		slices.Sort(members)
		m.Members[name] = slices.Compact(members)
	}
	return m
}

// Count is the number of members, wildcards included.
func (m *Manifest) Count() int {
	n := 0
	for _, members := range m.Members {
		n += len(members)
	}
	return n
}

// Wildcards gives the types of which all components are asked for, sorted.
func (m *Manifest) Wildcards() []string {
	var names []string
	for _, name := range m.types() {
		if slices.Contains(m.Members[name], "*") {
			names = append(names, name)
		}
	}
	return names
}

// Expand replaces each wildcard by what the inventory has of its type, and
// gives the components that it added, sorted. As in Salesforce, a wildcard
// covers neither standard objects nor types in folders; those are named one by
// one. A wildcard that covers nothing goes.
func (m *Manifest) Expand(inventory []Key) (*Manifest, []Key) {
	keys := m.Keys()
	named := make(map[Key]bool, len(keys))
	for _, k := range keys {
		named[k] = true
	}
	wild := map[string]bool{}
	for _, name := range m.Wildcards() {
		wild[name] = true
	}
	added := []Key{}
	for _, k := range inventory {
		if wild[k.Type] && !named[k] && wildcardCovers(k) {
			named[k] = true
			added = append(added, k)
		}
	}
	sortKeys(added)
	return ManifestOf(m.Version, append(keys, added...)), added
}

func wildcardCovers(k Key) bool {
	t, known := TypeOf(k.Type)
	switch {
	case k.Name == "" || k.Name == "*":
		return false
	case k.Type == "CustomObject":
		return isCustomName(k.Name)
	}
	return !known || !t.InFolder
}

// isCustomName says whether an object's or field's API name ends in one of the
// suffixes that Salesforce gives to custom ones, such as __c or __mdt.
func isCustomName(name string) bool {
	at := strings.LastIndex(name, "__")
	if at <= 0 {
		return false
	}
	switch name[at+2:] {
	case "c", "mdt", "e", "x", "b", "kav", "Share", "History", "Feed", "pc", "s", "latitude", "longitude", "xo":
		return true
	}
	return false
}
