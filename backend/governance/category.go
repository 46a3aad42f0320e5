package governance

import "slices"

// A Category groups metadata types for policy, as the field's users know it.
type Category string

// The eight categories and the one for types that no table knows.
const (
	Analytics     Category = "Analytics"
	Automation    Category = "Automation"
	Code          Category = "Code"
	Configuration Category = "Configuration"
	DataModel     Category = "Data Model"
	DisplayUI     Category = "Display/UI"
	Integration   Category = "Integration"
	Sharing       Category = "Sharing and Visibility"
	Uncategorized Category = "Uncategorized"
)

// Categories lists every category.
func Categories() []Category {
	return []Category{Analytics, Automation, Code, Configuration, DataModel, DisplayUI, Integration, Sharing, Uncategorized}
}

// typesOf is the table from category to Salesforce's metadata types. A type
// that is missing here is Uncategorized and gets a policy's strictest level.
var typesOf = map[Category][]string{
	Analytics: {"AnalyticSnapshot", "Dashboard", "DashboardFolder", "Report", "ReportFolder", "ReportType", "WaveApplication", "WaveDashboard", "WaveDataflow", "WaveDataset", "WaveLens", "WaveRecipe"},
	Automation: {"ApprovalProcess", "AssignmentRule", "AssignmentRules", "AutoResponseRule", "AutoResponseRules", "DuplicateRule", "EntitlementProcess", "EscalationRule", "EscalationRules", "Flow", "FlowDefinition", "MatchingRule", "MatchingRules", "MilestoneType",
		"Workflow", "WorkflowAlert", "WorkflowFieldUpdate", "WorkflowKnowledgePublish", "WorkflowOutboundMessage", "WorkflowRule", "WorkflowTask"},
	Code:          {"ApexClass", "ApexComponent", "ApexPage", "ApexTestSuite", "ApexTrigger", "AuraDefinitionBundle", "LightningComponentBundle", "LightningMessageChannel", "StaticResource"},
	Configuration: {"CustomLabel", "CustomLabels", "CustomMetadata", "CustomPermission", "CustomSite", "Document", "DocumentFolder", "EmailFolder", "EmailTemplate", "EmailTemplateFolder", "Letterhead", "Network", "NotificationTypeConfig", "PlatformCachePartition", "Settings", "Territory2Model", "Translations"},
	DataModel:     {"BusinessProcess", "CustomField", "CustomIndex", "CustomObject", "CustomObjectTranslation", "FieldSet", "GlobalValueSet", "GlobalValueSetTranslation", "Index", "RecordType", "StandardValueSet", "StandardValueSetTranslation", "ValidationRule"},
	DisplayUI:     {"AppMenu", "BrandingSet", "CompactLayout", "ContentAsset", "CustomApplication", "CustomPageWebLink", "CustomTab", "FlexiPage", "HomePageComponent", "HomePageLayout", "Layout", "LightningExperienceTheme", "ListView", "PathAssistant", "Prompt", "QuickAction", "SearchLayouts", "WebLink"},
	Integration:   {"AuthProvider", "Certificate", "ConnectedApp", "CorsWhitelistOrigin", "CspTrustedSite", "EventSubscription", "ExternalClientApplication", "ExternalCredential", "ExternalDataSource", "ExternalServiceRegistration", "NamedCredential", "PlatformEventChannel", "PlatformEventChannelMember", "RemoteSiteSetting", "SamlSsoConfig"},
	Sharing:       {"DelegateGroup", "Group", "MutingPermissionSet", "PermissionSet", "PermissionSetGroup", "Profile", "ProfilePasswordPolicy", "ProfileSessionSetting", "Queue", "Role", "SharingCriteriaRule", "SharingOwnerRule", "SharingReason", "SharingRules", "SharingSet"},
}

var categoryOf = func() map[string]Category {
	m := map[string]Category{}
	for c, types := range typesOf {
		for _, t := range types {
			m[t] = c
		}
	}
	return m
}()

// CategoryOf returns the category of a metadata type, Uncategorized if the
// table does not know it.
func CategoryOf(metadataType string) Category {
	if c, ok := categoryOf[metadataType]; ok {
		return c
	}
	return Uncategorized
}

// A ChangeLevel is how much control a category of change needs.
type ChangeLevel string

// The Change Levels, mildest first.
const (
	LogChangesOnly     ChangeLevel = "Log Changes Only"
	ChangeRequestLevel ChangeLevel = "Change Request"
	SandboxTesting     ChangeLevel = "Sandbox Development & Testing"
	FullLifecycle      ChangeLevel = "Full Software Development Lifecycle"
)

// ChangeLevels lists every level, mildest first.
func ChangeLevels() []ChangeLevel {
	return []ChangeLevel{LogChangesOnly, ChangeRequestLevel, SandboxTesting, FullLifecycle}
}

func (l ChangeLevel) rank() int { return slices.Index(ChangeLevels(), l) }

func stricter(a, b ChangeLevel) ChangeLevel {
	if b.rank() > a.rank() {
		return b
	}
	return a
}
