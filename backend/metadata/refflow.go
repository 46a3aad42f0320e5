package metadata

import (
	"strings"
)

// A flowScan knows which object each variable of one flow holds.
type flowScan struct {
	*referenceScan
	from    subject
	objects map[string]string // variable or element name to object
}

// recordElements are the flow elements that work on records of one object.
var recordElements = []string{"recordLookups", "recordCreates", "recordUpdates", "recordDeletes", "dynamicChoiceSets"}

// flow reports what a flow refers to (Metadata API Developer Guide, Flow).
func (s *referenceScan) flow(from subject) {
	f := flowScan{referenceScan: s, from: from, objects: map[string]string{}}
	f.learnVariables()
	f.start()
	for _, name := range recordElements {
		for _, n := range from.root.all(name) {
			f.records(n)
		}
	}
	for _, n := range from.root.all("actionCalls") {
		f.action(n)
	}
	for _, n := range from.root.all("subflows") {
		f.add(from, Key{"Flow", n.value("flowName")}, at(n, "flowName"), RefElement)
	}
	for _, n := range from.root.all("variables") {
		f.object(from, n.value("objectType"), at(n, "objectType"), RefElement)
		f.add(from, Key{"ApexClass", n.value("apexClass")}, at(n, "apexClass"), RefElement)
	}
	for _, n := range from.root.kids {
		f.texts(n, at(n, ""))
	}
}

// at names an element of the flow: "recordLookups[Find_Invoice].object".
func at(n *node, child string) string {
	where := n.name
	if name := n.value("name"); name != "" {
		where += "[" + label(name) + "]"
	}
	if child != "" {
		where += "." + child
	}
	return where
}

func (f *flowScan) learnVariables() {
	root := f.from.root
	for _, n := range root.all("variables") {
		f.objects[n.value("name")] = n.value("objectType")
	}
	for _, n := range root.all("recordLookups") {
		f.objects[n.value("name")] = n.value("object")
	}
	for _, n := range root.all("start") {
		f.objects["$Record"] = n.value("object")
		f.objects["$Record__Prior"] = n.value("object")
	}
	for _, n := range root.all("loops") {
		f.objects[n.value("name")] = f.objects[n.value("collectionReference")]
	}
}

func (f *flowScan) start() {
	for _, n := range f.from.root.all("start") {
		object := n.value("object")
		f.object(f.from, object, "start.object", RefElement)
		for _, filter := range n.all("filters") {
			f.field(f.from, object, filter.value("field"), "start.filters.field", RefElement)
		}
		if formula := n.value("filterFormula"); formula != "" {
			f.formulaIn(formula, "start.filterFormula")
		}
	}
}

func (f *flowScan) records(n *node) {
	object := n.value("object")
	if object == "" { // the element works on a record variable
		object = f.objects[n.value("inputReference")]
	}
	f.object(f.from, object, at(n, "object"), RefElement)
	for _, list := range []string{"filters", "inputAssignments", "outputAssignments"} {
		for _, item := range n.all(list) {
			f.field(f.from, object, item.value("field"), at(n, list+".field"), RefElement)
		}
	}
	for _, name := range []string{"queriedFields", "sortField", "displayField", "valueField", "picklistField"} {
		for _, item := range n.all(name) {
			f.field(f.from, object, textOf(item), at(n, name), RefElement)
		}
	}
}

func (f *flowScan) action(n *node) {
	name, where := n.value("actionName"), at(n, "actionName")
	switch n.value("actionType") {
	case "apex":
		f.add(f.from, Key{"ApexClass", name}, where, RefElement)
	case "flow":
		f.add(f.from, Key{"Flow", name}, where, RefElement)
	case "emailAlert":
		f.add(f.from, Key{"WorkflowAlert", name}, where, RefElement)
	case "quickAction":
		f.add(f.from, Key{"QuickAction", name}, where, RefElement)
	case "component":
		f.lightning(f.from, name, where, RefElement)
	}
}

// texts looks at every leaf below n for references and merge fields.
func (f *flowScan) texts(n *node, where string) {
	for _, k := range n.kids {
		if len(k.kids) > 0 {
			f.texts(k, where+"."+at(k, ""))
			continue
		}
		text := textOf(k)
		switch {
		case text == "":
		case k.name == "extensionName":
			f.lightning(f.from, text, where+"."+k.name, RefElement)
		case k.name == "expression" || k.name == "filterFormula":
			f.formulaIn(text, where+"."+k.name)
		case strings.HasSuffix(k.name, "Reference"):
			f.resource(text, where+"."+k.name)
		case strings.Contains(text, "{!"):
			mergeFields(text, func(token string) { f.formulaIn(token, where+"."+k.name) })
		}
	}
}

// formulaIn reads a flow's formula, whose resources stand in {!...} or bare.
func (f *flowScan) formulaIn(text, where string) {
	formulaTokens(text, func(token string) { f.resource(token, where) })
}

// resource is "$Label.X", "$Record.Region__c", "variable.Field__c".
func (f *flowScan) resource(token, where string) {
	first, rest, dotted := strings.Cut(token, ".")
	if object := f.objects[first]; dotted && object != "" {
		f.field(f.from, object, rest, where, RefFormula)
		return
	}
	if strings.HasPrefix(token, "$") {
		f.global(f.from, token, where)
	}
}
