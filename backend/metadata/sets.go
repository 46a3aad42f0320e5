package metadata

import (
	"bytes"
	"slices"
	"strings"
)

// keyedLists names the lists of the Metadata API whose order has no meaning,
// and what tells one item from another: "parent>item" to the child elements
// that make its key. No child elements means that the whole item is its key.
// A list that is not here keeps its order: layout sections, picklist values,
// filter items (booleanFilter counts them), rule entries, report columns,
// screen fields, decision rules.
//
// Source: the field tables of the Metadata API Developer Guide's page on each
// root type. Adding or removing a row changes normal forms, so it raises
// NormalForm.
var keyedLists = keyed(`
CustomObject>fields fullName
CustomObject>recordTypes fullName
CustomObject>validationRules fullName
CustomObject>listViews fullName
CustomObject>compactLayouts fullName
CustomObject>fieldSets fullName
CustomObject>webLinks fullName
CustomObject>businessProcesses fullName
CustomObject>sharingReasons fullName
CustomObject>sharingRecalculations className
CustomObject>indexes fullName
CustomObject>actionOverrides actionName formFactor
CustomObject>profileSearchLayouts profileName
recordTypes>picklistValues picklist
picklistValues>values fullName
valueSet>valueSettings valueName
valueSettings>controllingFieldValue
fieldSets>availableFields field
CustomLabels>labels fullName
Workflow>alerts fullName
Workflow>fieldUpdates fullName
Workflow>flowActions fullName
Workflow>knowledgePublishes fullName
Workflow>outboundMessages fullName
Workflow>rules fullName
Workflow>send fullName
Workflow>tasks fullName
alerts>recipients
alerts>ccEmails
rules>actions name type
outboundMessages>fields
AssignmentRules>assignmentRule fullName
AutoResponseRules>autoResponseRule fullName
EscalationRules>escalationRule fullName
SharingRules>sharingCriteriaRules fullName
SharingRules>sharingGuestRules fullName
SharingRules>sharingOwnerRules fullName
SharingRules>sharingTerritoryRules fullName
MatchingRules>matchingRules fullName
CustomApplication>actionOverrides actionName pageOrSobjectType formFactor
CustomApplication>profileActionOverrides actionName pageOrSobjectType formFactor profile recordType
Profile>agentAccesses agentName
Profile>applicationVisibilities application
Profile>categoryGroupVisibilities dataCategoryGroup
Profile>classAccesses apexClass
Profile>customMetadataTypeAccesses name
Profile>customPermissions name
Profile>customSettingAccesses name
Profile>externalDataSourceAccesses externalDataSource
Profile>fieldPermissions field
Profile>flowAccesses flow
Profile>layoutAssignments layout recordType
Profile>loginFlows
Profile>loginIpRanges startAddress endAddress
Profile>objectPermissions object
Profile>pageAccesses apexPage
Profile>profileActionOverrides actionName pageOrSobjectType formFactor recordType
Profile>recordTypeVisibilities recordType
Profile>servicePresenceStatusAccesses servicePresenceStatus
Profile>tabVisibilities tab
Profile>userPermissions name
PermissionSet>agentAccesses agentName
PermissionSet>applicationVisibilities application
PermissionSet>classAccesses apexClass
PermissionSet>customMetadataTypeAccesses name
PermissionSet>customPermissions name
PermissionSet>customSettingAccesses name
PermissionSet>dataspaceScopes dataspaceScope
PermissionSet>emailRoutingAddressAccesses name
PermissionSet>externalCredentialPrincipalAccesses externalCredentialPrincipal
PermissionSet>externalDataSourceAccesses externalDataSource
PermissionSet>fieldPermissions field
PermissionSet>flowAccesses flow
PermissionSet>objectPermissions object
PermissionSet>pageAccesses apexPage
PermissionSet>recordTypeVisibilities recordType
PermissionSet>servicePresenceStatusAccesses servicePresenceStatus
PermissionSet>tabSettings tab
PermissionSet>userPermissions name
MutingPermissionSet>applicationVisibilities application
MutingPermissionSet>classAccesses apexClass
MutingPermissionSet>customMetadataTypeAccesses name
MutingPermissionSet>customPermissions name
MutingPermissionSet>customSettingAccesses name
MutingPermissionSet>externalDataSourceAccesses externalDataSource
MutingPermissionSet>fieldPermissions field
MutingPermissionSet>flowAccesses flow
MutingPermissionSet>objectPermissions object
MutingPermissionSet>pageAccesses apexPage
MutingPermissionSet>recordTypeVisibilities recordType
MutingPermissionSet>tabSettings tab
MutingPermissionSet>userPermissions name
PermissionSetGroup>permissionSets
PermissionSetGroup>mutingPermissionSets
Flow>actionCalls name
Flow>apexPluginCalls name
Flow>assignments name
Flow>choices name
Flow>collectionProcessors name
Flow>constants name
Flow>customErrors name
Flow>decisions name
Flow>dynamicChoiceSets name
Flow>formulas name
Flow>loops name
Flow>orchestratedStages name
Flow>processMetadataValues name
Flow>recordCreates name
Flow>recordDeletes name
Flow>recordLookups name
Flow>recordRollbacks name
Flow>recordUpdates name
Flow>screens name
Flow>subflows name
Flow>textTemplates name
Flow>transforms name
Flow>variables name
Flow>waits name
actionCalls>inputParameters name
actionCalls>outputParameters name
actionCalls>dataTypeMappings typeName
actionCalls>processMetadataValues name
subflows>inputAssignments name
subflows>outputAssignments name
recordCreates>inputAssignments field
recordUpdates>inputAssignments field
recordLookups>queriedFields
recordLookups>outputAssignments field assignToReference
CustomMetadata>values field
CustomObjectTranslation>caseValues
CustomObjectTranslation>fieldSets name
CustomObjectTranslation>fields name
CustomObjectTranslation>layouts layout layoutType
CustomObjectTranslation>quickActions name
CustomObjectTranslation>recordTypes name
CustomObjectTranslation>sharingReasons name
CustomObjectTranslation>standardFields name
CustomObjectTranslation>validationRules name
CustomObjectTranslation>webLinks name
CustomObjectTranslation>workflowTasks name
fields>picklistValues masterLabel
fields>caseValues
layouts>sections section
Translations>bots fullName
Translations>customApplications name
Translations>customDataTypeTranslations name
Translations>customLabels name
Translations>customPageWebLinks name
Translations>customTabs name
Translations>flowDefinitions fullName
Translations>globalPicklists name
Translations>prompts name
Translations>quickActions name
Translations>reportTypes name
Translations>scontrols name
GlobalValueSetTranslation>valueTranslation masterLabel
StandardValueSetTranslation>valueTranslation masterLabel
Queue>queueSobject sobjectType
users>user
roles>role
rolesAndSubordinates>roleAndSubordinate
publicGroups>publicGroup
oauthConfig>scopes
ConnectedApp>attributes key
ConnectedApp>permissionSetName
ConnectedApp>profileName
ApexTestSuite>testClassName
ApexClass>packageVersions namespace
ApexTrigger>packageVersions namespace
ApexPage>packageVersions namespace
ApexComponent>packageVersions namespace
QuickAction>fieldOverrides field
Layout>excludeButtons
PathAssistant>pathAssistantSteps picklistValueName
ExternalCredential>externalCredentialParameters parameterName parameterType
NamedCredential>namedCredentialParameters parameterName parameterType
PlatformEventChannelMember>enrichedFields name
componentInstance>componentInstanceProperties name
fieldInstance>fieldInstanceProperties name
targets>target
Package>types name
types>members
`)

// orderedKeys are what tells items apart in lists whose order does have a
// meaning; Diff uses them for its paths and says apart when only the order
// changed.
var orderedKeys = keyed(`
valueSetDefinition>value fullName
GlobalValueSet>customValue fullName
StandardValueSet>standardValue fullName
businessProcesses>values fullName
decisions>rules name
screens>fields name
Layout>relatedLists relatedList
Layout>layoutSections label
FlexiPage>flexiPageRegions name
Report>columns field
fieldSets>displayedFields field
`)

func keyed(table string) map[string][]string {
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		if words := strings.Fields(line); len(words) > 0 {
			rows[words[0]] = words[1:]
		}
	}
	return rows
}

// keyOf gives what tells this item from the others of its list, or "" when the
// list is not keyed or the item has no key.
func keyOf(by []string, item *node) string {
	switch len(by) {
	case 0:
		if len(item.kids) == 0 {
			return item.text
		}
		return ""
	case 1:
		return item.value(by[0])
	}
	values := make([]string, len(by))
	for i, name := range by {
		values[i] = item.value(name)
	}
	if strings.Join(values, "") == "" {
		return ""
	}
	return strings.TrimRight(strings.Join(values, "/"), "/")
}

// canonical puts the elements below n in the order of the normal form, in
// place: different names by name, items of a set by their key. It runs once,
// right after parsing, before a node is shared.
func canonical(n *node) {
	if len(n.kids) == 0 || n.isMixed() {
		return
	}
	for _, k := range n.kids {
		canonical(k)
	}
	if len(n.kids) == 1 {
		return
	}
	slices.SortStableFunc(n.kids, func(a, b *node) int {
		if c := strings.Compare(a.name, b.name); c != 0 {
			return c
		}
		return strings.Compare(a.space, b.space)
	})
	for from := 0; from < len(n.kids); {
		to := from + 1
		for to < len(n.kids) && n.kids[to].name == n.kids[from].name && n.kids[to].space == n.kids[from].space {
			to++
		}
		if by, isSet := keyedLists[n.name+">"+n.kids[from].name]; isSet && to-from > 1 {
			sortSet(n.kids[from:to], by)
		}
		from = to
	}
}

// sortSet orders the items of one set by key, and items of one key by their
// content, so that the order in the file never shows.
func sortSet(items []*node, by []string) {
	type keyedItem struct {
		key     string
		node    *node
		content []byte
	}
	list := make([]keyedItem, len(items))
	for i, item := range items {
		list[i] = keyedItem{key: keyOf(by, item), node: item}
	}
	content := func(k *keyedItem) []byte {
		if k.content == nil {
			k.content = fragment(k.node)
		}
		return k.content
	}
	// Pointers, so that what content wrote is kept while sorting.
	order := make([]*keyedItem, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortStableFunc(order, func(a, b *keyedItem) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return bytes.Compare(content(a), content(b))
	})
	for i, item := range order {
		items[i] = item.node
	}
}
