package metadata

import (
	"slices"
	"strings"
)

// A Reference says that one component needs another to be there.
type Reference struct {
	From Key `json:"from"`
	To   Key `json:"to"`
	// Where is the place in From that refers: "fields[Account__c].referenceTo",
	// "line 12".
	Where string `json:"where"`
	// Kind is one of the Reference kinds.
	Kind string `json:"kind"`
}

// Kinds of a Reference.
const (
	RefParent  = "parent"  // a child and the object whose file holds it
	RefElement = "element" // an element that names the other component
	RefFormula = "formula" // a formula, condition or merge field
	RefAccess  = "access"  // a profile or permission set
	RefCode    = "code"    // a statement of code that names it: an import, a controller
	RefText    = "text"    // an identifier in code or a report's column: likely, not certain
)

// References gives what the components of the tree refer to, without knowing
// what else the org has. See the function References.
func (t *Tree) References() []Reference { return References(t, nil) }

// References gives what the components of the tree refer to, sorted. It names
// only what can be a customization: custom objects and custom fields (also
// those of standard objects), and components of other types; never standard
// objects, fields, tabs or applications.
//
// known is what else is there, an org's inventory. With it, class names in
// Apex and fields in Apex are recognised although the tree lacks them; nil
// means the tree is all there is. What is said in structure, by an element, a
// formula or an import is reported whether known or not; kind RefText is only
// ever reported of components that are in the tree or known. No reference does
// not mean that none exists: names that code puts together are invisible.
//
// Source of the kinds: the field tables of the Metadata API Developer Guide.
func References(t *Tree, known map[Key]bool) []Reference {
	s := newReferenceScan(t, known)
	for _, p := range t.Paths() {
		s.file(p)
	}
	slices.SortFunc(s.found, func(a, b Reference) int {
		for _, c := range []int{
			strings.Compare(a.From.Type, b.From.Type), strings.Compare(a.From.Name, b.From.Name),
			strings.Compare(a.To.Type, b.To.Type), strings.Compare(a.To.Name, b.To.Name),
			strings.Compare(a.Where, b.Where), strings.Compare(a.Kind, b.Kind),
		} {
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return slices.Compact(s.found)
}

// A referenceScan collects references and knows what names mean.
type referenceScan struct {
	tree    *Tree
	known   map[Key]bool
	lookups map[string]string   // "Contact.Invoice__c" to the object it refers to
	fields  map[string][]string // "Region__c" to the objects that have it
	classes map[string]string   // lower-case class name to the name
	found   []Reference
	path    []step
}

func newReferenceScan(t *Tree, known map[Key]bool) *referenceScan {
	s := &referenceScan{tree: t, known: known, lookups: map[string]string{},
		fields: map[string][]string{}, classes: map[string]string{}, found: []Reference{}}
	for key := range t.componentIndex() {
		s.learn(key)
	}
	for key := range known {
		if _, inTree := t.componentIndex()[key]; !inTree {
			s.learn(key)
		}
	}
	for _, p := range t.Paths() {
		if d, ok := t.decompose(p); ok && d.typ.Name == "CustomObject" {
			s.learnLookups(d)
		}
	}
	return s
}

func (s *referenceScan) learn(key Key) {
	switch key.Type {
	case "ApexClass":
		s.classes[strings.ToLower(key.Name)] = key.Name
	case "CustomField":
		if object, field, ok := strings.Cut(key.Name, "."); ok {
			s.fields[field] = append(s.fields[field], object)
		}
	}
}

func (s *referenceScan) learnLookups(d *decomposed) {
	for _, c := range d.children {
		if to := c.node.value("referenceTo"); c.key.Type == "CustomField" && to != "" {
			s.lookups[c.key.Name] = to
		}
	}
}

// has says whether a component is in the tree or known.
func (s *referenceScan) has(key Key) bool {
	_, inTree := s.tree.componentIndex()[key]
	return inTree || s.known[key]
}

// A subject is the component whose references are being looked for.
type subject struct {
	key    Key
	object string // the object that plain field names belong to, or ""
	root   *node
}

func (s *referenceScan) file(p string) {
	if IsManifestPath(p) {
		return
	}
	if d, ok := s.tree.decompose(p); ok {
		s.decomposed(d)
		return
	}
	key := keyAt(p)
	if key.Type == "" {
		return
	}
	f := s.tree.files[p]
	if root := f.xml(); root != nil {
		s.component(subject{key, objectOf(key, root), root})
		return
	}
	s.code(key, p, f.bytes)
}

// decomposed looks at an owner and each child as what they are.
func (s *referenceScan) decomposed(d *decomposed) {
	object := d.name
	if d.typ.Name == "CustomLabels" {
		object = ""
	}
	if d.typ.isContainer() || d.ownsSomething() {
		own := &node{name: d.root.name, space: d.root.space, kids: d.own}
		s.component(subject{d.owner(), object, own})
		if d.typ.Name != "CustomObject" {
			s.object(subject{key: d.owner()}, object, "", RefParent)
		}
	}
	for _, c := range d.children {
		from := subject{c.key, object, c.node}
		s.object(from, object, "", RefParent)
		at := c.node.name
		if full := c.node.value("fullName"); full != "" {
			at += "[" + label(full) + "]"
		}
		s.path = append(s.path[:0], step{text: at})
		s.apply(from, c.node, rulesOf(c.key.Type))
		s.path = s.path[:0]
	}
}

// objectOf gives the object that a component's plain field names belong to.
func objectOf(key Key, root *node) string {
	before := func(sep string) string {
		object, _, _ := strings.Cut(percentDecode(key.Name), sep)
		return object
	}
	switch key.Type {
	case "Layout":
		return layoutObject(before("-"))
	case "CustomObjectTranslation":
		return before("-")
	case "QuickAction":
		if target := root.value("targetObject"); target != "" {
			return target
		}
		return dottedObject(key.Name)
	case "ApprovalProcess", "DuplicateRule":
		return before(".")
	case "FlexiPage":
		return root.value("sobjectType")
	case "PathAssistant":
		return root.value("entityName")
	case "RestrictionRule", "FieldRestrictionRule":
		return root.value("targetEntity")
	case "CustomMetadata":
		return before(".") + "__mdt"
	case "ReportType":
		return root.value("baseObject")
	case "EmailTemplate":
		return root.value("relatedEntityType")
	}
	return ""
}

// layoutObject gives the object of the layouts that are named for a page of
// their own: closing a case, and a user's profile. Global layouts have none.
func layoutObject(named string) string {
	switch named {
	case "CaseClose":
		return "Case"
	case "UserAlt":
		return "User"
	case "Global":
		return ""
	}
	return named
}

func dottedObject(name string) string {
	if object, _, ok := strings.Cut(name, "."); ok {
		return object
	}
	return ""
}

func (s *referenceScan) component(from subject) {
	s.path = s.path[:0]
	switch from.key.Type {
	case "Layout", "CustomObjectTranslation", "ApprovalProcess", "DuplicateRule", "CustomMetadata":
		s.object(from, from.object, "", RefParent)
	case "QuickAction":
		s.object(from, dottedObject(from.key.Name), "", RefParent)
	case "GlobalValueSetTranslation":
		name, _, _ := cutLast(from.key.Name, "-")
		s.add(from, Key{"GlobalValueSet", name}, "", RefParent)
	case "FlowDefinition":
		s.add(from, Key{"Flow", from.key.Name}, "", RefParent)
	case "Flow":
		s.flow(from)
	}
	s.apply(from, from.root, rulesOf(from.key.Type))
}

func cutLast(text, sep string) (string, string, bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return text, "", false
}

// add reports a reference, unless it is to the component itself or to
// something that is no customization.
func (s *referenceScan) add(from subject, to Key, where, kind string) {
	if to.Name == "" || to == from.key || !canBeCustom(to) {
		return
	}
	if kind == RefText && !s.has(to) {
		return
	}
	s.found = append(s.found, Reference{From: from.key, To: to, Where: where, Kind: kind})
}

// canBeCustom leaves out what every org has.
func canBeCustom(to Key) bool {
	switch to.Type {
	case "CustomObject":
		return isCustomName(to.Name)
	case "CustomField":
		object, field, ok := strings.Cut(to.Name, ".")
		return ok && object != "" && isCustomName(field)
	case "CustomTab":
		return !strings.HasPrefix(to.Name, "standard-")
	case "CustomApplication":
		return !strings.HasPrefix(to.Name, "standard__")
	case "QuickAction":
		return !isStandardAction(to.Name)
	case "MatchingRule":
		_, rule, _ := strings.Cut(to.Name, ".")
		return !strings.HasPrefix(rule, "Standard_")
	case "RecordType":
		return strings.Contains(to.Name, ".") && !strings.HasSuffix(to.Name, ".Master")
	}
	return true
}

// isStandardAction knows the quick actions that every org has (Salesforce
// Help, "Default Actions").
func isStandardAction(name string) bool {
	if strings.HasPrefix(name, "FeedItem.") || strings.HasPrefix(name, "EmailMessage.") || strings.HasPrefix(name, "CollaborationGroup.") {
		return true
	}
	_, action, _ := cutLast(name, ".")
	if action == "" {
		action = name
	}
	switch action {
	case "Call", "LogACall", "SendEmail", "NewTask", "NewEvent", "NewCase", "NewContact", "NewLead", "NewOpportunity",
		"NewAccount", "NewGroup", "NewGroupMember", "NewNote", "NewChildCase", "ChangeStatus", "Log_a_Call", "New_Note",
		"TextPost", "ContentPost", "LinkPost", "PollPost", "QuestionPost", "Share", "CaseComment", "ViewAccountProfile":
		return true
	}
	return false
}

// object reports the object itself.
func (s *referenceScan) object(from subject, name, where, kind string) {
	s.add(from, Key{"CustomObject", name}, where, kind)
}

// field reports what a field token names, seen from an object: "Region__c",
// "Invoice__c.Amount__c", "Parent__r.Region__c". It follows lookups that the
// tree has and stops where it knows no more.
func (s *referenceScan) field(from subject, object, token, where, kind string) {
	parts := strings.Split(token, ".")
	if len(parts) > 1 && parts[0] == object && !strings.HasSuffix(parts[0], "__r") {
		parts = parts[1:]
	}
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case last:
			if kind == RefFormula {
				part = s.lookupOf(object, part)
			}
			if object != "" {
				s.add(from, Key{"CustomField", object + "." + part}, where, kind)
			}
			return
		case strings.HasSuffix(part, "__r"):
			lookup := object + "." + strings.TrimSuffix(part, "r") + "c"
			if object != "" {
				s.add(from, Key{"CustomField", lookup}, where, kind)
			}
			object = s.lookups[lookup]
		case i == 0 && isCustomName(part):
			s.object(from, part, where, kind)
			object = part
		default:
			object = standardRelation(object, part)
		}
	}
}

// lookupOf gives the lookup whose id a merge field stands for: "ContactId__c" is
// the id in Contact__c, unless there is a field of that name.
func (s *referenceScan) lookupOf(object, field string) string {
	base, ok := strings.CutSuffix(field, "Id__c")
	if ok && !slices.Contains(s.fields[field], object) && slices.Contains(s.fields[base+"__c"], object) {
		return base + "__c"
	}
	return field
}

// standardRelation gives the object behind a standard relationship name, which
// is the object's own name but for a few.
func standardRelation(object, name string) string {
	switch name {
	case "Owner", "CreatedBy", "LastModifiedBy", "Manager", "AssignedTo", "SubmittedBy":
		return "User"
	case "Parent":
		return object
	case "ReportsTo":
		return "Contact"
	}
	return name
}
