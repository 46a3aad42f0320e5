package demoorg

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"countersign/backend/metadata"
)

// What a package needs must be in the org or in the package. An org that was
// made from a part of a real one refers to things it does not hold; what its
// own content refers to in vain is taken to be there, or nothing could ever be
// deployed to it again.

// checkReferences fails every component that needs what is not there, and then
// those that need a failed one, until nothing changes.
func (c *check) checkReferences() {
	known := make(map[metadata.Key]bool, len(c.q.org.components))
	for key := range c.q.org.components {
		known[key] = true
	}
	c.folded = map[string]bool{}
	for key := range c.q.org.components {
		if !c.isDeleted(key, false) {
			c.folded[foldKey(key)] = true
		}
	}
	for key := range c.adds {
		c.folded[foldKey(key)] = true
	}
	presumed := presumedBy(c.q.org)
	references := metadata.References(c.p.content, known)
	for again := true; again; {
		again = false
		for _, r := range references {
			o := c.adds[r.From]
			if o == nil || o.problem != "" || presumed[foldKey(r.To)] || c.exists(r.To) || ofTranslation(r) {
				continue
			}
			o.line = lineOfWhere(r.Where)
			o.fail(missingText(r))
			again = true
		}
	}
	c.checkApexNames()
}

// ofTranslation are references that are no reason to refuse a component: a
// translation of what is not there does nothing.
func ofTranslation(r metadata.Reference) bool {
	return r.Kind != metadata.RefParent && (r.From.Type == "Translations" || r.From.Type == "CustomObjectTranslation")
}

func foldKey(key metadata.Key) string { return strings.ToLower(key.String()) }

// exists tells whether a component is in the org or in the package, and alive.
func (c *check) exists(key metadata.Key) bool {
	if managed(key.Name) { // its package is installed, whatever comes beside it
		return true
	}
	if o := c.adds[key]; o != nil {
		return o.problem == "" || c.q.org.has(key) && !c.isDeleted(key, false)
	}
	if c.folded[foldKey(key)] {
		return true
	}
	return c.ownerExists(key) || standardThing(key)
}

// ownerExists knows objects by their file: one of which only children are
// known is there.
func (c *check) ownerExists(key metadata.Key) bool {
	t, known := metadata.TypeOf(key.Type)
	if !known || !isOwner(key.Type) {
		return false
	}
	path := t.Dir + "/" + key.Name + "." + t.Suffix
	if o := c.deletes[key]; o != nil && o.problem == "" && !o.late {
		return false
	}
	_, inOrg := c.q.org.tree.File(path)
	// A package that brings fields of a custom object does not bring the object.
	return inOrg
}

// standardThing knows what every org has though nobody deployed it.
func standardThing(key metadata.Key) bool {
	switch key.Type {
	case "Profile", "StandardValueSet", "User", "Letterhead", "Settings":
		return true
	case "CustomObject":
		return isStandardObject(key.Name)
	case "PlatformEventChannel":
		return key.Name == "ChangeEvents" // every org's channel for change events
	case "EmailTemplate", "Document", "Report", "Dashboard":
		return strings.HasPrefix(key.Name, "unfiled$public")
	case "Group":
		return strings.EqualFold(key.Name, "AllInternalUsers") || strings.EqualFold(key.Name, "AllCustomerPortalUsers")
	}
	return managed(key.Name)
}

// managed tells a name with the namespace of an installed package, such as
// "pkg__Thing__c"; such packages are not part of a demo org's model.
func managed(name string) bool {
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	base := name
	for _, suffix := range []string{"__c", "__r", "__mdt", "__e", "__x", "__b"} {
		base = strings.TrimSuffix(base, suffix)
	}
	return strings.Contains(base, "__")
}

// presumedBy gives what an org refers to without holding it.
func presumedBy(m *model) map[string]bool {
	presumed := map[string]bool{}
	for _, r := range m.references() {
		if !m.has(r.To) {
			presumed[foldKey(r.To)] = true
		}
	}
	return presumed
}

var whereLine = regexp.MustCompile(`^line (\d+)`)

func lineOfWhere(where string) int {
	if found := whereLine.FindStringSubmatch(where); found != nil {
		n, _ := strconv.Atoi(found[1])
		return n
	}
	return 0
}

// missingText says what is missing in the words of an org.
func missingText(r metadata.Reference) string {
	apex := r.From.Type == "ApexClass" || r.From.Type == "ApexTrigger"
	switch {
	case apex && (r.To.Type == "ApexClass" || r.To.Type == "CustomObject"):
		return "Invalid type: " + r.To.Name
	case apex && r.To.Type == "CustomField":
		object, field, _ := strings.Cut(r.To.Name, ".")
		return fmt.Sprintf("Field does not exist: %s on %s", field, object)
	case apex && r.To.Type == "CustomLabel":
		return "External string does not exist: " + r.To.Name
	case r.To.Type == "ApexClass" && r.Kind == metadata.RefCode && r.From.Type == "LightningComponentBundle":
		return fmt.Sprintf("Unable to find Apex action class referenced as '%s'.", r.To.Name)
	case r.Kind == metadata.RefFormula && r.To.Type == "CustomField":
		_, field, _ := strings.Cut(r.To.Name, ".")
		return fmt.Sprintf("Field %s does not exist. Check spelling.", field)
	case r.Kind == metadata.RefParent && r.To.Type == "CustomObject":
		return fmt.Sprintf("Entity Enumeration Or ID: no CustomObject named %s found", r.To.Name)
	}
	return fmt.Sprintf("In field: %s - no %s named %s found", fieldOfWhere(r.Where), r.To.Type, r.To.Name)
}

// fieldOfWhere gives the last element of a place: "valueSetName" of
// "fields[Stage__c].valueSet.valueSetName".
func fieldOfWhere(where string) string {
	if i := strings.LastIndexByte(where, '.'); i >= 0 && !strings.HasSuffix(where, "]") {
		where = where[i+1:]
	}
	if i := strings.IndexByte(where, '['); i > 0 {
		where = where[:i]
	}
	if where == "" || strings.HasPrefix(where, "line ") {
		return "body"
	}
	return where
}

// checkDeletions refuses to take away what something still needs: before the
// additions seen from the org as it is, after them from the org as it will be.
func (c *check) checkDeletions() {
	if len(c.deletes) == 0 {
		return
	}
	references := c.q.org.references()
	brought := metadata.References(c.p.content, keySet(c.q.org))
	for again := true; again; {
		again = false
		for _, o := range c.ops {
			if !o.deletion || !o.changed || o.problem != "" {
				continue
			}
			if user, used := c.stillUsed(o, references, brought); used {
				o.fail(fmt.Sprintf("This %s is referenced elsewhere in salesforce.com. Remove the usage and try again. : %s - %s",
					spaced(o.key.Type), spaced(user.Type), user.Name))
				again = true
			}
		}
	}
}

func keySet(m *model) map[metadata.Key]bool {
	set := make(map[metadata.Key]bool, len(m.components))
	for key := range m.components {
		set[key] = true
	}
	return set
}

func (c *check) stillUsed(o *op, references, brought []metadata.Reference) (metadata.Key, bool) {
	for _, r := range references {
		if !c.goesToo(r.To, o) || c.leaves(r.From, o.late) || c.goesToo(r.From, o) || weak(r) {
			continue
		}
		if replaced := c.adds[r.From]; o.late && replaced != nil && replaced.problem == "" {
			continue // what the package brings in its place counts
		}
		return r.From, true
	}
	if !o.late {
		return metadata.Key{}, false
	}
	for _, r := range brought {
		add := c.adds[r.From]
		if c.goesToo(r.To, o) && add != nil && add.problem == "" && !c.leaves(r.From, true) && !c.goesToo(r.From, o) && !weak(r) {
			return r.From, true
		}
	}
	return metadata.Key{}, false
}

// weak references do not hold a component: permissions go with what they are
// for, translations too.
func weak(r metadata.Reference) bool {
	return r.Kind == metadata.RefAccess || r.From.Type == "CustomObjectTranslation" || r.From.Type == "Translations"
}

// goesToo tells whether a key is what o deletes, or part of it.
func (c *check) goesToo(key metadata.Key, o *op) bool {
	if key == o.key {
		return true
	}
	if !isOwner(o.key.Type) {
		return false
	}
	t, _ := metadata.TypeOf(o.key.Type)
	for _, path := range c.q.org.components[key].Paths {
		if path == t.Dir+"/"+o.key.Name+"."+t.Suffix {
			return true
		}
	}
	return false
}

// leaves tells whether a component is deleted in the same step or before.
func (c *check) leaves(key metadata.Key, late bool) bool {
	for _, o := range c.deletes {
		if o.problem == "" && (!o.late || late) && c.goesToo(key, o) {
			return true
		}
	}
	return false
}

// spaced turns a type into words: "custom field".
func spaced(typeName string) string {
	var out strings.Builder
	for i, r := range typeName {
		if i > 0 && r >= 'A' && r <= 'Z' {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return strings.ToLower(out.String())
}
