package metadata

import "strings"

func textOf(k *node) string { return strings.TrimSpace(k.text) }

func objectTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	s.object(from, textOf(k), where, kind)
}

// fieldTarget is a field of the component's own object.
func fieldTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	s.field(from, from.object, textOf(k), where, kind)
}

// dottedTarget is "Object.Field", with "$Source." for the own object.
func dottedTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	object, field, ok := strings.Cut(textOf(k), ".")
	switch {
	case !ok:
		s.field(from, from.object, object, where, kind)
	case object == "$Source":
		s.field(from, from.object, field, where, kind)
	case strings.HasPrefix(object, "$"):
		s.formula(from, textOf(k), where)
	default:
		s.field(from, object, field, where, kind)
	}
}

func formulaTarget(s *referenceScan, from subject, _, k *node, where, _ string) {
	s.formula(from, k.text, where)
}

func mergeTarget(s *referenceScan, from subject, _, k *node, where, _ string) {
	s.merge(from, k.text, where)
}

// overrideTarget is the content of an action override; its type says what it
// is.
func overrideTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	switch strings.ToLower(parent.value("type")) {
	case "visualforce":
		s.add(from, Key{"ApexPage", textOf(k)}, where, kind)
	case "flexipage":
		s.add(from, Key{"FlexiPage", textOf(k)}, where, kind)
	case "lightningcomponent":
		s.lightning(from, textOf(k), where, kind)
	case "scontrol":
		s.add(from, Key{"Scontrol", textOf(k)}, where, kind)
	}
}

func relatedFieldTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	if object, field, ok := strings.Cut(textOf(k), "."); ok {
		s.field(from, object, field, where, kind)
		return
	}
	child, _, dotted := strings.Cut(parent.value("relatedList"), ".")
	if dotted {
		s.field(from, child, textOf(k), where, kind)
	}
}

func platformActionTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	switch parent.value("actionType") {
	case "QuickAction":
		s.add(from, Key{"QuickAction", textOf(k)}, where, kind)
	case "CustomButton":
		name := textOf(k)
		if !strings.Contains(name, ".") {
			name = from.object + "." + name
		}
		s.add(from, Key{"WebLink", name}, where, kind)
	}
}

func componentTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	s.lightning(from, textOf(k), where, kind)
}

// lightning resolves "c:panel" to the Aura or Lightning web component that is
// there. A bare name is ours only if we know it; other namespaces are not.
func (s *referenceScan) lightning(from subject, name, where, kind string) {
	name, ours := strings.CutPrefix(name, "c:")
	if strings.Contains(name, ":") {
		return
	}
	lwc, aura := Key{"LightningComponentBundle", name}, Key{"AuraDefinitionBundle", name}
	switch {
	case s.has(lwc):
		s.add(from, lwc, where, kind)
	case s.has(aura):
		s.add(from, aura, where, kind)
	case ours:
		s.add(from, lwc, where, kind)
	}
}

// propertyTarget reads the properties of a component on a FlexiPage that are
// known to name something.
func propertyTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	switch k.value("name") {
	case "flowName":
		s.add(from, Key{"Flow", k.value("value")}, where, kind)
	case "pageName":
		s.add(from, Key{"ApexPage", k.value("value")}, where, kind)
	case "actionNames":
		for _, item := range k.child("valueList").all("valueListItems") {
			name := item.value("value")
			if strings.Contains(name, ".") {
				s.add(from, Key{"QuickAction", name}, where, kind)
			}
		}
	}
}

func recordFieldTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	if field, ok := strings.CutPrefix(textOf(k), "Record."); ok {
		s.field(from, from.object, field, where, kind)
	}
}

// tabObjectTarget: a tab of an object has the object's name.
func tabObjectTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	if textOf(k) == "true" {
		s.object(from, from.key.Name, where, kind)
	}
}

func workflowActionTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	name := from.object + "." + k.value("name")
	switch k.value("type") {
	case "Alert":
		s.add(from, Key{"WorkflowAlert", name}, where, kind)
	case "FieldUpdate":
		s.add(from, Key{"WorkflowFieldUpdate", name}, where, kind)
	case "Task":
		s.add(from, Key{"WorkflowTask", name}, where, kind)
	case "OutboundMessage":
		s.add(from, Key{"WorkflowOutboundMessage", name}, where, kind)
	case "FlowAction":
		s.add(from, Key{"WorkflowFlowAction", name}, where, kind)
	case "KnowledgePublish":
		s.add(from, Key{"WorkflowKnowledgePublish", name}, where, kind)
	}
}

func recipientTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	switch k.value("type") {
	case "role", "roleSubordinates", "roleSubordinatesInternal":
		s.add(from, Key{"Role", k.value("recipient")}, where, kind)
	case "group":
		s.add(from, Key{"Group", k.value("recipient")}, where, kind)
	}
	if field := k.value("field"); field != "" {
		s.field(from, from.object, field, where, kind)
	}
}

func assigneeTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	switch strings.ToLower(parent.value("assignedToType")) {
	case "queue":
		s.add(from, Key{"Queue", textOf(k)}, where, kind)
	case "role":
		s.add(from, Key{"Role", textOf(k)}, where, kind)
	}
}

func approverTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	switch k.value("type") {
	case "queue":
		s.add(from, Key{"Queue", k.value("name")}, where, kind)
	case "relatedUserField":
		s.field(from, from.object, k.value("name"), where, kind)
	}
}

func userFieldTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	s.field(from, "User", textOf(k), where, kind)
}

func matchingRuleTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	s.add(from, Key{"MatchingRule", parent.value("matchRuleSObjectType") + "." + textOf(k)}, where, kind)
}

func filterFieldTarget(s *referenceScan, from subject, parent, k *node, where, kind string) {
	object := parent.value("table")
	if object == "" {
		object = from.object
	}
	s.field(from, object, textOf(k), where, kind)
}

// reportTypeTarget: a custom report type stands with "__c" behind its name; a
// standard one names objects behind dollar signs.
func reportTypeTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	text := textOf(k)
	if name, ok := strings.CutSuffix(text, "__c"); ok && !strings.Contains(text, "$") {
		s.add(from, Key{"ReportType", name}, where, kind)
		return
	}
	_, objects, _ := strings.Cut(text, "$")
	for _, object := range strings.FieldsFunc(objects, func(r rune) bool { return r == '$' || r == '@' || r == '.' }) {
		s.object(from, object, where, RefText)
	}
}

// reportFieldTarget: columns are "Invoice__c$Amount__c", "Account.Region__c" or
// a standard column's code.
func reportFieldTarget(s *referenceScan, from subject, _, k *node, where, _ string) {
	text := strings.NewReplacer("$", ".", "@", ".").Replace(textOf(k))
	parts := strings.Split(text, ".")
	if len(parts) < 2 {
		return
	}
	object, field := parts[len(parts)-2], parts[len(parts)-1]
	s.add(from, Key{"CustomField", object + "." + field}, where, RefText)
}

// columnFieldTarget: a report type's column names its table, and its field by a
// path of lookups, "Invoice__c.Owner__c.Name" in the lookups' own names
// (ReportLayoutSection in the Metadata API Developer Guide); a table behind a
// relationship is left to the org.
func columnFieldTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	table, path := k.value("table"), strings.Split(k.value("field"), ".")
	if table == "" || strings.Contains(table, ".") {
		return
	}
	for i, lookup := range path[:len(path)-1] {
		if base, ok := strings.CutSuffix(lookup, "__c"); ok {
			path[i] = base + "__r"
		}
	}
	s.field(from, table, strings.Join(path, "."), where, kind)
}

// channelEntityTarget: "Invoice__ChangeEvent" is the change event of Invoice__c.
func channelEntityTarget(s *referenceScan, from subject, _, k *node, where, kind string) {
	if name, ok := strings.CutSuffix(textOf(k), "__ChangeEvent"); ok {
		s.object(from, name+"__c", where, kind)
		return
	}
	s.object(from, textOf(k), where, kind)
}
