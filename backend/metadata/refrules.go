package metadata

import (
	"strconv"
	"strings"
)

// referenceRules says which element of which type names what: type, path of
// the element below the component, and the target. A target is a metadata type
// whose name stands there, or one of the words of ruleTargets.
const referenceRules = `
CustomField referenceTo object
CustomField valueSet.valueSetName GlobalValueSet
CustomField valueSet.controllingField field
CustomField formula formula
CustomField defaultValue formula
CustomField summaryForeignKey dotted
CustomField summarizedField dotted
CustomField summaryFilterItems.field dotted
CustomField lookupFilter.filterItems.field dotted
CustomField lookupFilter.filterItems.valueField dotted
CustomField metadataRelationshipControllingField dotted
RecordType businessProcess ofobject:BusinessProcess
RecordType compactLayoutAssignment ofobject:CompactLayout
RecordType picklistValues.picklist field
ValidationRule errorConditionFormula formula
ValidationRule errorDisplayField field
ListView columns field
ListView filters.field field
ListView queue Queue
ListView sharedTo.role Role
ListView sharedTo.roleAndSubordinates Role
ListView sharedTo.group Group
CompactLayout fields field
FieldSet displayedFields.field field
FieldSet availableFields.field field
WebLink page ApexPage
WebLink scontrol Scontrol
WebLink url formula
Index fields.name field
CustomObject compactLayoutAssignment ofobject:CompactLayout
CustomObject actionOverrides.content override
CustomObject sharingRecalculations.className ApexClass
CustomObject externalDataSource ExternalDataSource
CustomObject searchLayouts.customTabListAdditionalFields field
CustomObject searchLayouts.listViewButtons ofobject:WebLink
CustomObject searchLayouts.lookupDialogsAdditionalFields field
CustomObject searchLayouts.lookupPhoneDialogsAdditionalFields field
CustomObject searchLayouts.searchFilterFields field
CustomObject searchLayouts.searchResultsAdditionalFields field
CustomObject searchLayouts.searchResultsCustomButtons ofobject:WebLink
Layout layoutSections.layoutColumns.layoutItems.field field
Layout layoutSections.layoutColumns.layoutItems.page ApexPage
Layout layoutSections.layoutColumns.layoutItems.scontrol Scontrol
Layout layoutSections.layoutColumns.layoutItems.customLink ofobject:WebLink
Layout multilineLayoutFields field
Layout customButtons ofobject:WebLink
Layout relatedLists.relatedList dotted
Layout relatedLists.fields relatedfield
Layout relatedLists.sortField relatedfield
Layout relatedLists.customButtons ofrelated:WebLink
Layout quickActionList.quickActionListItems.quickActionName QuickAction
Layout platformActionList.platformActionListItems.actionName platformaction
Layout miniLayout.fields field
Layout miniLayout.relatedLists.relatedList dotted
Layout summaryLayout.summaryLayoutItems.field field
QuickAction targetObject object
QuickAction targetRecordType RecordType
QuickAction targetParentField field
QuickAction flowDefinition Flow
QuickAction lightningComponent component
QuickAction lightningWebComponent component
QuickAction page ApexPage
QuickAction quickActionLayout.quickActionLayoutColumns.quickActionLayoutItems.field field
QuickAction fieldOverrides.field field
QuickAction fieldOverrides.formula formula
FlexiPage sobjectType object
FlexiPage parentFlexiPage FlexiPage
FlexiPage flexiPageRegions.itemInstances.componentInstance.componentName component
FlexiPage flexiPageRegions.itemInstances.componentInstance.componentInstanceProperties property
FlexiPage flexiPageRegions.itemInstances.componentInstance.visibilityRule.criteria.leftValue merge
FlexiPage flexiPageRegions.itemInstances.fieldInstance.fieldItem recordfield
FlexiPage flexiPageRegions.itemInstances.fieldInstance.visibilityRule.criteria.leftValue merge
FlexiPage flexiPageRegions.componentInstances.componentName component
FlexiPage flexiPageRegions.componentInstances.componentInstanceProperties property
CustomApplication tabs CustomTab
CustomApplication defaultLandingTab CustomTab
CustomApplication utilityBar FlexiPage
CustomApplication logo Document
CustomApplication brand.logo ContentAsset
CustomApplication actionOverrides.content override
CustomApplication profileActionOverrides.content override
CustomApplication profileActionOverrides.recordType RecordType
CustomTab customObject tabobject
CustomTab page ApexPage
CustomTab flexiPage FlexiPage
CustomTab lwcComponent component
CustomTab auraComponent component
CustomTab scontrol Scontrol
WorkflowRule formula formula
WorkflowRule criteriaItems.field dotted
WorkflowRule actions workflowaction
WorkflowRule workflowTimeTriggers.actions workflowaction
WorkflowFieldUpdate field field
WorkflowFieldUpdate formula formula
WorkflowFieldUpdate targetObject field
WorkflowAlert template EmailTemplate
WorkflowAlert recipients recipient
WorkflowTask assignedTo assignee
WorkflowOutboundMessage fields field
WorkflowFlowAction flow Flow
ApprovalProcess entryCriteria.criteriaItems.field dotted
ApprovalProcess entryCriteria.formula formula
ApprovalProcess emailTemplate EmailTemplate
ApprovalProcess approvalPageFields.field field
ApprovalProcess approvalStep.entryCriteria.criteriaItems.field dotted
ApprovalProcess approvalStep.entryCriteria.formula formula
ApprovalProcess approvalStep.assignedApprover.approver approver
ApprovalProcess nextAutomatedApprover.userHierarchyField userfield
ApprovalProcess initialSubmissionActions.action workflowaction
ApprovalProcess finalApprovalActions.action workflowaction
ApprovalProcess finalRejectionActions.action workflowaction
ApprovalProcess recallActions.action workflowaction
ApprovalProcess approvalStep.approvalActions.action workflowaction
ApprovalProcess approvalStep.rejectionActions.action workflowaction
AssignmentRule ruleEntry.assignedTo assignee
AssignmentRule ruleEntry.template EmailTemplate
AssignmentRule ruleEntry.criteriaItems.field dotted
AssignmentRule ruleEntry.formula formula
AutoResponseRule ruleEntry.template EmailTemplate
AutoResponseRule ruleEntry.criteriaItems.field dotted
AutoResponseRule ruleEntry.formula formula
EscalationRule ruleEntry.criteriaItems.field dotted
EscalationRule ruleEntry.formula formula
EscalationRule ruleEntry.escalationAction.assignedTo assignee
EscalationRule ruleEntry.escalationAction.assignedToTemplate EmailTemplate
EscalationRule ruleEntry.escalationAction.notifyToTemplate EmailTemplate
SharingCriteriaRule criteriaItems.field field
SharingCriteriaRule sharedTo.role Role
SharingCriteriaRule sharedTo.roleAndSubordinates Role
SharingCriteriaRule sharedTo.group Group
SharingOwnerRule sharedTo.role Role
SharingOwnerRule sharedTo.roleAndSubordinates Role
SharingOwnerRule sharedTo.group Group
SharingOwnerRule sharedFrom.role Role
SharingOwnerRule sharedFrom.roleAndSubordinates Role
SharingOwnerRule sharedFrom.group Group
SharingOwnerRule sharedFrom.queue Queue
SharingGuestRule criteriaItems.field field
MatchingRule matchingRuleItems.fieldName field
DuplicateRule duplicateRuleMatchRules.matchingRule matchingrule
DuplicateRule duplicateRuleFilter.duplicateRuleFilterItems.field filterfield
Profile fieldPermissions.field dotted
Profile objectPermissions.object object
Profile classAccesses.apexClass ApexClass
Profile pageAccesses.apexPage ApexPage
Profile tabVisibilities.tab CustomTab
Profile applicationVisibilities.application CustomApplication
Profile recordTypeVisibilities.recordType RecordType
Profile layoutAssignments.layout Layout
Profile layoutAssignments.recordType RecordType
Profile customPermissions.name CustomPermission
Profile flowAccesses.flow Flow
Profile customMetadataTypeAccesses.name object
Profile customSettingAccesses.name object
Profile externalDataSourceAccesses.externalDataSource ExternalDataSource
PermissionSet fieldPermissions.field dotted
PermissionSet objectPermissions.object object
PermissionSet classAccesses.apexClass ApexClass
PermissionSet pageAccesses.apexPage ApexPage
PermissionSet tabSettings.tab CustomTab
PermissionSet applicationVisibilities.application CustomApplication
PermissionSet recordTypeVisibilities.recordType RecordType
PermissionSet customPermissions.name CustomPermission
PermissionSet flowAccesses.flow Flow
PermissionSet customMetadataTypeAccesses.name object
PermissionSet customSettingAccesses.name object
PermissionSet externalDataSourceAccesses.externalDataSource ExternalDataSource
MutingPermissionSet fieldPermissions.field dotted
MutingPermissionSet objectPermissions.object object
MutingPermissionSet classAccesses.apexClass ApexClass
MutingPermissionSet pageAccesses.apexPage ApexPage
MutingPermissionSet customPermissions.name CustomPermission
PermissionSetGroup permissionSets PermissionSet
PermissionSetGroup mutingPermissionSets MutingPermissionSet
CustomPermission requiredPermission.customPermission CustomPermission
CustomPermission connectedApp ConnectedApp
CustomMetadata values.field field
Report reportType reporttype
Report columns.field reportfield
Report groupingsDown.field reportfield
Report groupingsAcross.field reportfield
Report filter.criteriaItems.column reportfield
ReportType baseObject object
ReportType sections.columns columnfield
AnalyticSnapshot sourceReport Report
Queue queueSobject.sobjectType object
Queue queueRoutingConfig QueueRoutingConfig
Queue queueMembers.roles.role Role
Queue queueMembers.rolesAndSubordinates.roleAndSubordinate Role
Queue queueMembers.publicGroups.publicGroup Group
Role parentRole Role
EmailTemplate letterhead Letterhead
EmailTemplate attachedDocuments Document
EmailTemplate relatedEntityType object
PathAssistant entityName object
PathAssistant fieldName field
PathAssistant recordTypeName ofobject:RecordType
PathAssistant pathAssistantSteps.fieldNames field
RestrictionRule targetEntity object
FieldRestrictionRule targetEntity object
CustomObjectTranslation fields.name field
CustomObjectTranslation validationRules.name ofobject:ValidationRule
CustomObjectTranslation recordTypes.name ofobject:RecordType
CustomObjectTranslation webLinks.name ofobject:WebLink
CustomObjectTranslation fieldSets.name ofobject:FieldSet
Translations customLabels.name CustomLabel
Translations customTabs.name CustomTab
Translations customApplications.name CustomApplication
Translations reportTypes.name ReportType
ApexTestSuite testClassName ApexClass
EmailServicesFunction apexClass ApexClass
NamedCredential namedCredentialParameters.externalCredential ExternalCredential
Dashboard dashboardGridLayout.dashboardGridComponents.dashboardComponent.report Report
Dashboard leftSection.components.report Report
Dashboard middleSection.components.report Report
Dashboard rightSection.components.report Report
PlatformEventChannelMember selectedEntity channelentity
PlatformEventChannelMember eventChannel PlatformEventChannel
`

// A ruleTree finds the rules along the path of elements, so that only elements
// that lead to a rule are looked at.
type ruleTree struct {
	target string
	kids   map[string]*ruleTree
}

var ruleTrees = buildRuleTrees()

func buildRuleTrees() map[string]*ruleTree {
	trees := map[string]*ruleTree{}
	for line := range strings.Lines(referenceRules) {
		words := strings.Fields(line)
		if len(words) != 3 {
			continue
		}
		at := trees[words[0]]
		if at == nil {
			at = &ruleTree{}
			trees[words[0]] = at
		}
		for _, name := range strings.Split(words[1], ".") {
			if at.kids == nil {
				at.kids = map[string]*ruleTree{}
			}
			if at.kids[name] == nil {
				at.kids[name] = &ruleTree{}
			}
			at = at.kids[name]
		}
		at.target = words[2]
	}
	return trees
}

func rulesOf(typeName string) *ruleTree { return ruleTrees[typeName] }

// A step is one element on the way to a reference; its text is made only when
// a reference is found.
type step struct {
	text   string
	node   *node
	parent string
	index  int
}

func (s *referenceScan) where() string {
	var parts []string
	for _, st := range s.path {
		if st.text == "" {
			st.text = st.node.name
			if key := stepKey(st); key != "" {
				st.text += "[" + label(key) + "]"
			}
		}
		parts = append(parts, st.text)
	}
	return strings.Join(parts, ".")
}

// stepKey tells one item of a list from the others: its key, or its number.
func stepKey(st step) string {
	if len(st.node.kids) == 0 {
		return ""
	}
	list := st.parent + ">" + st.node.name
	by, ok := keyedLists[list]
	if !ok {
		by, ok = orderedKeys[list]
	}
	if key := keyOf(by, st.node); ok && len(by) > 0 && key != "" {
		return key
	}
	if st.index > 0 {
		return strconv.Itoa(st.index)
	}
	return ""
}

// apply follows the rules below an element.
func (s *referenceScan) apply(from subject, n *node, rules *ruleTree) {
	if rules == nil {
		return
	}
	index := 0 // stays 0 for an element that is alone
	for i, k := range n.kids {
		switch {
		case i > 0 && n.kids[i-1].name == k.name:
			index++
		case i+1 < len(n.kids) && n.kids[i+1].name == k.name:
			index = 1
		default:
			index = 0
		}
		next := rules.kids[k.name]
		if next == nil {
			continue
		}
		s.path = append(s.path, step{node: k, parent: n.name, index: index})
		if next.target != "" {
			s.target(from, n, k, next.target)
		}
		s.apply(from, k, next)
		s.path = s.path[:len(s.path)-1]
	}
}

func kindFor(from subject) string {
	switch from.key.Type {
	case "Profile", "PermissionSet", "MutingPermissionSet", "PermissionSetGroup":
		return RefAccess
	}
	return RefElement
}

// target reports what the element k below parent names.
func (s *referenceScan) target(from subject, parent, k *node, target string) {
	text := strings.TrimSpace(k.text)
	if len(k.kids) == 0 && text == "" {
		return
	}
	kind, where := kindFor(from), s.where()
	if rest, ok := strings.CutPrefix(target, "ofobject:"); ok {
		if from.object != "" && text != "SYSTEM" && text != "__MASTER__" { // what every object has
			s.add(from, Key{rest, from.object + "." + text}, where, kind)
		}
		return
	}
	if rest, ok := strings.CutPrefix(target, "ofrelated:"); ok {
		child, _, _ := strings.Cut(parent.value("relatedList"), ".")
		s.add(from, Key{rest, child + "." + text}, where, kind)
		return
	}
	if named, ok := ruleTargets[target]; ok {
		named(s, from, parent, k, where, kind)
		return
	}
	s.add(from, Key{target, text}, where, kind)
}

type ruleTarget func(s *referenceScan, from subject, parent, k *node, where, kind string)

// ruleTargets are the targets that are no plain type name.
var ruleTargets map[string]ruleTarget

func init() { // not in the declaration: the functions use the scan, which uses the rules
	ruleTargets = map[string]ruleTarget{
		"object":         objectTarget,
		"field":          fieldTarget,
		"dotted":         dottedTarget,
		"formula":        formulaTarget,
		"merge":          mergeTarget,
		"override":       overrideTarget,
		"relatedfield":   relatedFieldTarget,
		"platformaction": platformActionTarget,
		"component":      componentTarget,
		"property":       propertyTarget,
		"recordfield":    recordFieldTarget,
		"tabobject":      tabObjectTarget,
		"workflowaction": workflowActionTarget,
		"recipient":      recipientTarget,
		"assignee":       assigneeTarget,
		"approver":       approverTarget,
		"userfield":      userFieldTarget,
		"matchingrule":   matchingRuleTarget,
		"filterfield":    filterFieldTarget,
		"reporttype":     reportTypeTarget,
		"reportfield":    reportFieldTarget,
		"columnfield":    columnFieldTarget,
		"channelentity":  channelEntityTarget,
	}
}
