package sample_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"countersign/backend/demoorg/sample"
)

// An inventory holds the text of each component of an org: the file, or the
// part of it that belongs to a child such as a field.
type inventory map[sample.Member]string

// Directory to type for components that are one file (and perhaps its meta file).
var plain = map[string]string{
	"applications": "CustomApplication", "assignmentRules": "AssignmentRules", "classes": "ApexClass",
	"customMetadata": "CustomMetadata", "customPermissions": "CustomPermission", "dashboards": "Dashboard",
	"email": "EmailTemplate", "flexipages": "FlexiPage", "flows": "Flow", "globalValueSets": "GlobalValueSet",
	"groups": "Group", "layouts": "Layout", "namedCredentials": "NamedCredential",
	"notificationtypes": "CustomNotificationType", "objects": "CustomObject", "pages": "ApexPage",
	"permissionsetgroups": "PermissionSetGroup", "permissionsets": "PermissionSet", "profiles": "Profile",
	"queues": "Queue", "quickActions": "QuickAction", "remoteSiteSettings": "RemoteSiteSetting",
	"reports": "Report", "roles": "Role", "staticresources": "StaticResource", "tabs": "CustomTab",
	"triggers": "ApexTrigger",
}

// Element to type for children, which are named after their object.
var children = map[string]string{
	"businessProcesses": "BusinessProcess", "compactLayouts": "CompactLayout", "fields": "CustomField",
	"fieldSets": "FieldSet", "listViews": "ListView", "recordTypes": "RecordType",
	"validationRules": "ValidationRule", "webLinks": "WebLink",
	"alerts": "WorkflowAlert", "fieldUpdates": "WorkflowFieldUpdate", "rules": "WorkflowRule",
	"labels": "CustomLabel",
}

func inventoryOf(t *testing.T, files map[string][]byte) inventory {
	t.Helper()
	all := inventory{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		data := files[file]
		dir, rest, _ := strings.Cut(file, "/")
		switch dir {
		case "lwc":
			bundle, _, _ := strings.Cut(rest, "/")
			all[sample.Member{Type: "LightningComponentBundle", Name: bundle}] += string(data)
		case "labels", "workflows":
			all.addChildren(t, file, data)
		case "objects":
			all.addChildren(t, file, data)
			all.add(dir, rest, data)
		default:
			all.add(dir, rest, data)
		}
	}
	return all
}

func (all inventory) add(dir, rest string, data []byte) {
	name, isMeta := strings.CutSuffix(rest, "-meta.xml")
	if isMeta && path.Ext(name) == "" {
		all[sample.Member{Type: dir + " folder", Name: name}] = string(data)
		return
	}
	kind, known := plain[dir]
	if !known {
		kind = "unknown: " + dir
	}
	all[sample.Member{Type: kind, Name: strings.TrimSuffix(name, path.Ext(name))}] += string(data)
}

// addChildren adds each child element of the file that carries a full name.
func (all inventory) addChildren(t *testing.T, file string, data []byte) {
	t.Helper()
	var root struct {
		Children []struct {
			XMLName  xml.Name
			FullName string `xml:"fullName"`
			Text     string `xml:",innerxml"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	parent := strings.TrimSuffix(path.Base(file), path.Ext(file)) + "."
	for _, child := range root.Children {
		kind, known := children[child.XMLName.Local]
		if !known || child.FullName == "" {
			continue
		}
		if kind == "CustomLabel" {
			parent = ""
		}
		all[sample.Member{Type: kind, Name: parent + child.FullName}] = child.Text
	}
}

// with returns the inventory after a deployment of the members; an object
// brings its children.
func (all inventory) with(from inventory, members []sample.Member) inventory {
	after := inventory{}
	for m, text := range all {
		after[m] = text
	}
	for _, m := range members {
		for other, text := range from {
			if other == m || m.Type == "CustomObject" && isChildOf(other, m.Name) {
				after[other] = text
			}
		}
	}
	return after
}

func isChildOf(m sample.Member, object string) bool {
	for _, kind := range children {
		if kind == m.Type && !strings.HasPrefix(kind, "Workflow") && strings.HasPrefix(m.Name, object+".") {
			return true
		}
	}
	return false
}

// What names a component by its full name, and of which type it is.
var byName = []struct {
	pattern *regexp.Regexp
	kind    string
}{
	{regexp.MustCompile(`<valueSetName>([^<]+)<`), "GlobalValueSet"},
	{regexp.MustCompile(`(?:\$Label\.|System\.Label\.|@salesforce/label/c\.)(\w+)`), "CustomLabel"},
	{regexp.MustCompile(`\$Permission\.(\w+)`), "CustomPermission"},
	{regexp.MustCompile(`<customPermissions>\s*<enabled>true</enabled>\s*<name>([^<]+)<`), "CustomPermission"},
	{regexp.MustCompile(`\$Resource\.(\w+)`), "StaticResource"},
	{regexp.MustCompile(`@salesforce/apex/(\w+)\.`), "ApexClass"},
	{regexp.MustCompile(`<apexClass>([^<]+)<`), "ApexClass"},
	{regexp.MustCompile(`extensions="(\w+)"`), "ApexClass"},
	{regexp.MustCompile(`<apexPage>([^<]+)<`), "ApexPage"},
	{regexp.MustCompile(`<template>(\w+/\w+)<`), "EmailTemplate"},
	{regexp.MustCompile(`<report>([^<]+)<`), "Report"},
	{regexp.MustCompile(`<layout>([^<]+)<`), "Layout"},
	{regexp.MustCompile(`<(?:flow|flowDefinition)>([^<]+)<`), "Flow"},
	{regexp.MustCompile(`<tabs?>([^<]+)<`), "CustomTab"},
	{regexp.MustCompile(`<application>([^<]+)<`), "CustomApplication"},
	{regexp.MustCompile(`<recordType>([^<]+)<`), "RecordType"},
	{regexp.MustCompile(`<(?:parentRole|role)>([^<]+)<`), "Role"},
	{regexp.MustCompile(`<recipient>([^<]+)<`), "Role"},
	{regexp.MustCompile(`<assignedTo>([^<]+)<`), "Queue"},
	{regexp.MustCompile(`<actionName>([^<]+)<`), "QuickAction"},
	{regexp.MustCompile(`<componentName>(\w+)<`), "LightningComponentBundle"},
	{regexp.MustCompile(`<flexiPage>([^<]+)<`), "FlexiPage"},
	{regexp.MustCompile(`<permissionSets>([^<]+)<`), "PermissionSet"},
	{regexp.MustCompile(`callout:(\w+)`), "NamedCredential"},
}

var (
	apexWord    = regexp.MustCompile(`\w+`)
	customName  = regexp.MustCompile(`(?:(\w+)\.)?\b([A-Za-z]\w*__(?:c|r|mdt))\b`)
	localChild  = regexp.MustCompile(`<(compactLayoutAssignment|businessProcess|customButtons)>([^<]+)<`)
	ownField    = regexp.MustCompile(`<(?:field|inputField)>(\w+__c)<`)
	localKind   = map[string]string{"compactLayoutAssignment": "CompactLayout", "businessProcess": "BusinessProcess", "customButtons": "WebLink"}
	objectOfDir = map[string]*regexp.Regexp{
		"Layout": regexp.MustCompile(`^(\w+)-`), "CustomObject": regexp.MustCompile(`^(\w+)$`),
		"RecordType": regexp.MustCompile(`^(\w+)\.`), "ListView": regexp.MustCompile(`^(\w+)\.`),
		"FieldSet": regexp.MustCompile(`^(\w+)\.`), "CompactLayout": regexp.MustCompile(`^(\w+)\.`),
	}
)

// missing returns, by the component that refers to it, all that the components
// name and the inventory lacks. Classes are the names that any of the orgs uses.
func (all inventory) missing(classes map[string]bool) map[string][]sample.Member {
	lacks := map[string][]sample.Member{}
	names := all.customNames()
	for m, text := range all {
		for _, want := range referencesOf(m, text, classes) {
			if _, there := all[want]; !there && !(want.Type == customAny && names[want.Name]) {
				from := m.Type + " " + m.Name
				lacks[from] = append(lacks[from], want)
			}
		}
	}
	return lacks
}

// customAny is the type of a reference that says the name of an object or of a
// field, and not of which object.
const customAny = "custom name"

// customNames returns the names of all objects, and of all fields without
// their object.
func (all inventory) customNames() map[string]bool {
	names := map[string]bool{}
	for m := range all {
		switch m.Type {
		case "CustomObject":
			names[m.Name] = true
		case "CustomField":
			names[m.Name[strings.IndexByte(m.Name, '.')+1:]] = true
		}
	}
	return names
}

// Reading a text for every pattern is slow under the race detector, and most
// texts are read by several tests, all with the same classes.
var alreadyRead = map[string][]sample.Member{}

func referencesOf(m sample.Member, text string, classes map[string]bool) []sample.Member {
	key := m.Type + ":" + m.Name + "\n" + text
	refs, ok := alreadyRead[key]
	if !ok {
		refs = readReferences(m, text, classes)
		alreadyRead[key] = refs
	}
	return refs
}

func readReferences(m sample.Member, text string, classes map[string]bool) []sample.Member {
	var refs []sample.Member
	refer := func(kind, name string) { refs = append(refs, sample.Member{Type: kind, Name: name}) }
	for _, by := range byName {
		for _, hit := range by.pattern.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(hit[1], "standard-") {
				refer(by.kind, hit[1])
			}
		}
	}
	for _, hit := range customName.FindAllStringSubmatch(text, -1) {
		if isObject(hit[1]) && strings.HasSuffix(hit[2], "__c") {
			refer("CustomField", hit[1]+"."+hit[2])
			continue
		}
		refer(customAny, strings.Replace(hit[2], "__r", "__c", 1))
	}
	if of, ok := objectOfDir[m.Type]; ok {
		object := of.FindStringSubmatch(m.Name)[1]
		for _, hit := range localChild.FindAllStringSubmatch(text, -1) {
			refer(localKind[hit[1]], object+"."+hit[2])
		}
		for _, hit := range ownField.FindAllStringSubmatch(text, -1) {
			if m.Type == "Layout" {
				refer("CustomField", object+"."+hit[1])
			}
		}
	}
	if m.Type == "ApexClass" || m.Type == "ApexTrigger" {
		for _, word := range apexWord.FindAllString(text, -1) {
			if classes[word] {
				refer("ApexClass", word)
			}
		}
	}
	return refs
}

// isObject tells an object before a dot from a variable such as "unit".
func isObject(name string) bool {
	switch name {
	case "Account", "Contact", "Opportunity", "Case", "Lead", "Product2":
		return true
	}
	return strings.HasSuffix(name, "__c") || strings.HasSuffix(name, "__mdt")
}

// classNames returns the Apex classes of the inventories.
func classNames(inventories ...inventory) map[string]bool {
	names := map[string]bool{}
	for _, all := range inventories {
		for m := range all {
			if m.Type == "ApexClass" {
				names[m.Name] = true
			}
		}
	}
	return names
}

// wellFormed reads the document to its end and returns the root's name.
func wellFormed(data []byte) (string, error) {
	root, decoder := "", xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := decoder.Token()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return root, nil
			}
			return root, err
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
}
