package metadata

import (
	"sort"
	"strings"
)

// A Type is what the Metadata API knows of one kind of component: where its
// files lie and how its components are named. The facts are those of
// describeMetadata (DescribeMetadataObject) and of the Metadata API Developer
// Guide's page on each type.
type Type struct {
	// Name is the type's name in a package manifest: "CustomObject".
	Name string
	// Dir is the folder its files lie in: "objects". A child type has its
	// parent's.
	Dir string
	// Suffix is the extension without its dot: "object". Empty for bundles and
	// for documents, whose extension is part of their name.
	Suffix string
	// MetaFile says that a component is a content file and a "-meta.xml" beside
	// it.
	MetaFile bool
	// Bundle says that a component is a folder of files.
	Bundle bool
	// InFolder says that components lie in folders, which are members too:
	// "Sales" and "Sales/Pipeline".
	InFolder bool
	// FolderType is the type listMetadata lists the folders under:
	// "ReportFolder".
	FolderType string
	// Parent is the type whose file holds this one: "CustomObject" for
	// CustomField. Empty for a type with files of its own.
	Parent string
	// Element is the element in the parent's file that holds one component of a
	// child type: "fields".
	Element string
	// NameExample is an API name of the right form.
	NameExample string

	shape nameShape
	depth int // folders below Dir that make a bundle's name; 0 means one
}

// A nameShape is the form of a type's API names.
type nameShape int

const (
	identifier nameShape = iota // letters, digits and underscores
	freeText                    // what a label may hold, percent-encoded where needed
	ofObject                    // Object.Name
	globalOrOf                  // Object.Name or Name
	layoutName                  // Object-Layout Name
	inFolder                    // Folder or Folder/Name
	ofType                      // Type.Record
	flowName                    // Name or Name-3
)

func plain(name, dir, suffix, example string) Type {
	return Type{Name: name, Dir: dir, Suffix: suffix, NameExample: example, shape: identifier}
}

func free(name, dir, suffix, example string) Type {
	t := plain(name, dir, suffix, example)
	t.shape = freeText
	return t
}

func content(name, dir, suffix, example string) Type {
	t := plain(name, dir, suffix, example)
	t.MetaFile = true
	return t
}

func bundle(name, dir, example string) Type {
	t := plain(name, dir, "", example)
	t.Bundle = true
	return t
}

func foldered(name, dir, suffix, folderType, example string) Type {
	t := plain(name, dir, suffix, example)
	t.InFolder, t.FolderType, t.shape = true, folderType, inFolder
	return t
}

func (t Type) shaped(s nameShape) Type { t.shape = s; return t }

// deep makes a bundle whose name is two folders: "site/Help_Center1".
func (t Type) deep() Type { t.depth, t.shape = 2, freeText; return t }

func (t Type) withMetaFile() Type { t.MetaFile = true; return t }

// topTypes are the types with files of their own.
var topTypes = []Type{
	plain("ActionLinkGroupTemplate", "actionLinkGroupTemplates", "actionLinkGroupTemplate", "Approve_Links"),
	plain("AnalyticSnapshot", "analyticSnapshots", "snapshot", "Weekly_Pipeline"),
	content("ApexClass", "classes", "cls", "AccountService"),
	content("ApexComponent", "components", "component", "AddressBlock"),
	free("ApexEmailNotifications", "apexEmailNotifications", "notifications", "apexEmailNotifications"),
	content("ApexPage", "pages", "page", "InvoicePdf"),
	plain("ApexTestSuite", "testSuites", "testSuite", "Smoke"),
	content("ApexTrigger", "triggers", "trigger", "AccountTrigger"),
	free("AppMenu", "appMenus", "appMenu", "AppSwitcher"),
	plain("ApprovalProcess", "approvalProcesses", "approvalProcess", "Expense__c.Manager_Approval").shaped(ofObject),
	free("AssignmentRules", "assignmentRules", "assignmentRules", "Case"),
	plain("Audience", "audience", "audience", "Partners").shaped(freeText),
	bundle("AuraDefinitionBundle", "aura", "accountPanel"),
	plain("AuthProvider", "authproviders", "authprovider", "Corporate_SSO"),
	free("AutoResponseRules", "autoResponseRules", "autoResponseRules", "Case"),
	plain("Bot", "bots", "bot", "Service_Bot"),
	plain("BrandingSet", "brandingSets", "brandingSet", "Partner_Brand").shaped(freeText),
	free("CallCenter", "callCenters", "callCenter", "Demo_Adapter"),
	content("Certificate", "certs", "crt", "Partner_Certificate"),
	free("CleanDataService", "cleanDataServices", "cleanDataService", "Geocodes"),
	free("Community", "communities", "community", "Ideas"),
	free("ConnectedApp", "connectedApps", "connectedApp", "Billing_Sync"),
	content("ContentAsset", "contentassets", "asset", "Logo").shaped(freeText),
	free("CorsWhitelistOrigin", "corsWhitelistOrigins", "corsWhitelistOrigin", "https___shop_example_com"),
	free("CspTrustedSite", "cspTrustedSites", "cspTrustedSite", "Shop"),
	free("CustomApplication", "applications", "app", "Field_Service"),
	free("CustomApplicationComponent", "customApplicationComponents", "customApplicationComponent", "Console_Panel"),
	free("CustomFeedFilter", "feedFilters", "feedFilter", "Case.Calls"),
	free("CustomHelpMenuSection", "customHelpMenuSections", "customHelpMenuSection", "Our_Help"),
	plain("CustomLabels", "labels", "labels", "CustomLabels"),
	plain("CustomMetadata", "customMetadata", "md", "Tax_Rate.Germany").shaped(ofType),
	plain("CustomNotificationType", "notificationtypes", "notiftype", "Late_Delivery"),
	plain("CustomObject", "objects", "object", "Invoice__c"),
	free("CustomObjectTranslation", "objectTranslations", "objectTranslation", "Invoice__c-de"),
	free("CustomPageWebLink", "weblinks", "weblink", "Supplier_Portal"),
	plain("CustomPermission", "customPermissions", "customPermission", "Approve_Refunds"),
	free("CustomSite", "sites", "site", "Help_Center"),
	free("CustomTab", "tabs", "tab", "Invoice__c"),
	foldered("Dashboard", "dashboards", "dashboard", "DashboardFolder", "Sales/Pipeline"),
	free("DataCategoryGroup", "datacategorygroups", "datacategorygroup", "Products"),
	free("DelegateGroup", "delegateGroups", "delegateGroup", "Regional_Admins"),
	bundle("DigitalExperienceBundle", "digitalExperiences", "site/Help_Center1").deep(),
	free("DigitalExperienceConfig", "digitalExperienceConfigs", "digitalExperienceConfig", "Help_Center1"),
	foldered("Document", "documents", "", "DocumentFolder", "Logos/Company.png").withMetaFile(),
	plain("DuplicateRule", "duplicateRules", "duplicateRule", "Account.Standard_Account_Duplicate_Rule").shaped(ofObject),
	content("EclairGeoData", "eclair", "geodata", "Regions").shaped(freeText),
	free("EmailServicesFunction", "emailservices", "xml", "Inbound_Invoices"),
	foldered("EmailTemplate", "email", "email", "EmailFolder", "Service/Case_Received").withMetaFile(),
	free("EmbeddedServiceConfig", "EmbeddedServiceConfig", "EmbeddedServiceConfig", "Help_Chat"),
	free("EntitlementProcess", "entitlementProcesses", "entitlementProcess", "Gold_Support"),
	free("EntitlementTemplate", "entitlementTemplates", "entitlementTemplate", "Phone_Support"),
	free("EscalationRules", "escalationRules", "escalationRules", "Case"),
	bundle("ExperienceBundle", "experiences", "Help_Center1"),
	plain("ExternalClientApplication", "externalClientApps", "eca", "Billing_Sync"),
	plain("ExternalCredential", "externalCredentials", "externalCredential", "Billing"),
	plain("ExternalDataSource", "dataSources", "dataSource", "Warehouse"),
	plain("ExternalServiceRegistration", "externalServiceRegistrations", "externalServiceRegistration", "Bank_API"),
	plain("FieldRestrictionRule", "fieldRestrictionRules", "rule", "Hide_Salary"),
	plain("FlexiPage", "flexipages", "flexipage", "Account_Record_Page"),
	plain("Flow", "flows", "flow", "Invoice_Approval").shaped(flowName),
	plain("FlowCategory", "flowCategories", "flowCategory", "Service").shaped(freeText),
	plain("FlowDefinition", "flowDefinitions", "flowDefinition", "Invoice_Approval"),
	plain("FlowTest", "flowtests", "flowtest", "Invoice_Approval_Test"),
	bundle("GenAiFunction", "genAiFunctions", "Order_Status"),
	plain("GenAiPlanner", "genAiPlanners", "genAiPlanner", "Service_Agent").shaped(freeText),
	plain("GenAiPlugin", "genAiPlugins", "genAiPlugin", "Order_Topics").shaped(freeText),
	plain("GenAiPromptTemplate", "genAiPromptTemplates", "genAiPromptTemplate", "Case_Summary"),
	plain("GlobalValueSet", "globalValueSets", "globalValueSet", "Regions"),
	free("GlobalValueSetTranslation", "globalValueSetTranslations", "globalValueSetTranslation", "Regions-de"),
	plain("Group", "groups", "group", "Regional_Managers"),
	free("HomePageComponent", "homePageComponents", "homePageComponent", "Company_News"),
	free("HomePageLayout", "homePageLayouts", "homePageLayout", "Standard Home"),
	plain("IframeWhiteListUrlSettings", "iframeWhiteListUrlSettings", "iframeWhiteListUrlSettings", "IframeWhiteListUrl"),
	free("InstalledPackage", "installedPackages", "installedPackage", "npsp"),
	free("KeywordList", "moderation", "keywords", "Community.Spam"),
	plain("Layout", "layouts", "layout", "Account-Account Layout").shaped(layoutName),
	free("Letterhead", "letterhead", "letter", "Company_Letterhead"),
	plain("LightningBolt", "lightningBolts", "lightningBolt", "Partner_Bolt"),
	bundle("LightningComponentBundle", "lwc", "accountPanel"),
	plain("LightningExperienceTheme", "lightningExperienceThemes", "lightningExperienceTheme", "Company_Theme"),
	plain("LightningMessageChannel", "messageChannels", "messageChannel", "Record_Selected"),
	plain("LightningOnboardingConfig", "lightningOnboardingConfigs", "lightningOnboardingConfig", "Welcome"),
	free("LiveChatAgentConfig", "liveChatAgentConfigs", "liveChatAgentConfig", "Agents"),
	free("LiveChatButton", "liveChatButtons", "liveChatButton", "Help_Button"),
	free("LiveChatDeployment", "liveChatDeployments", "liveChatDeployment", "Help_Site"),
	free("ManagedTopics", "managedTopics", "managedTopics", "Help_Center"),
	free("MatchingRules", "matchingRules", "matchingRule", "Account"),
	free("MilestoneType", "milestoneTypes", "milestoneType", "First Response"),
	free("MobileApplicationDetail", "MobileApplicationDetails", "MobileApplicationDetail", "Field_App"),
	free("ModerationRule", "moderation", "rule", "Community.Block_Spam"),
	free("MutingPermissionSet", "mutingpermissionsets", "mutingpermissionset", "Mute_Delete"),
	plain("NamedCredential", "namedCredentials", "namedCredential", "Billing"),
	plain("NavigationMenu", "navigationMenus", "navigationMenu", "Default_Navigation").shaped(freeText),
	free("Network", "networks", "network", "Help Center"),
	content("NetworkBranding", "networkBranding", "networkBranding", "cbHelp_Center").shaped(freeText),
	free("NotificationTypeConfig", "notificationTypeConfig", "config", "NotificationTypeConfig"),
	plain("OauthCustomScope", "oauthcustomscopes", "oauthcustomscope", "Read_Invoices"),
	free("PathAssistant", "pathAssistants", "pathAssistant", "Opportunity_Path"),
	plain("PermissionSet", "permissionsets", "permissionset", "Invoice_Manager"),
	plain("PermissionSetGroup", "permissionsetgroups", "permissionsetgroup", "Finance"),
	plain("PlatformCachePartition", "cachePartitions", "cachePartition", "Pricing"),
	free("PlatformEventChannel", "platformEventChannels", "platformEventChannel", "Orders__chn"),
	free("PlatformEventChannelMember", "platformEventChannelMembers", "platformEventChannelMember", "Orders_AccountChangeEvent"),
	free("PlatformEventSubscriberConfig", "PlatformEventSubscriberConfigs", "platformEventSubscriberConfig", "Order_Trigger_Config"),
	free("PostTemplate", "postTemplates", "postTemplate", "Expense__c.Manager_Post"),
	free("PresenceUserConfig", "presenceUserConfigs", "presenceUserConfig", "Agents"),
	free("Profile", "profiles", "profile", "Sales User"),
	free("ProfilePasswordPolicy", "profilePasswordPolicies", "profilePasswordPolicy", "PT1_Password_Policy"),
	free("ProfileSessionSetting", "profileSessionSettings", "profileSessionSetting", "PT1_Session_Setting"),
	free("Prompt", "prompts", "prompt", "Whats_New"),
	free("Queue", "queues", "queue", "Support_Tier_2"),
	free("QueueRoutingConfig", "queueRoutingConfigs", "queueRoutingConfig", "Tier_2_Routing"),
	plain("QuickAction", "quickActions", "quickAction", "Account.New_Invoice").shaped(globalOrOf),
	free("RecommendationStrategy", "recommendationStrategies", "recommendationStrategy", "Next_Offer"),
	free("RecordActionDeployment", "recordActionDeployments", "deployment", "Case_Actions"),
	free("RedirectWhitelistUrl", "redirectWhitelistUrls", "redirectWhitelistUrl", "Shop"),
	free("RemoteSiteSetting", "remoteSiteSettings", "remoteSite", "Billing_Host"),
	foldered("Report", "reports", "report", "ReportFolder", "Sales/Pipeline"),
	free("ReportType", "reportTypes", "reportType", "Invoices_with_Lines"),
	plain("RestrictionRule", "restrictionRules", "rule", "Own_Cases_Only"),
	plain("Role", "roles", "role", "Sales_Director"),
	free("SamlSsoConfig", "samlssoconfigs", "samlssoconfig", "Corporate_SAML"),
	content("Scontrol", "scontrols", "scf", "Legacy_Panel").shaped(freeText),
	free("ServiceChannel", "serviceChannels", "serviceChannel", "Cases"),
	free("ServicePresenceStatus", "servicePresenceStatuses", "servicePresenceStatus", "Available"),
	free("Settings", "settings", "settings", "Account"),
	free("SharingRules", "sharingRules", "sharingRules", "Account"),
	free("SharingSet", "sharingSets", "sharingSet", "Partner_Accounts"),
	content("SiteDotCom", "siteDotComSites", "site", "Help_Center1").shaped(freeText),
	free("Skill", "skills", "skill", "German"),
	plain("StandardValueSet", "standardValueSets", "standardValueSet", "AccountType"),
	free("StandardValueSetTranslation", "standardValueSetTranslations", "standardValueSetTranslation", "AccountType-de"),
	content("StaticResource", "staticresources", "resource", "Chart_Library"),
	free("SynonymDictionary", "synonymDictionaries", "synonymDictionary", "Product_Names"),
	plain("Territory2Type", "territory2Types", "territory2Type", "Named_Accounts"),
	free("TopicsForObjects", "topicsForObjects", "topicsForObjects", "Account"),
	free("TransactionSecurityPolicy", "transactionSecurityPolicies", "transactionSecurityPolicy", "Large_Exports"),
	free("Translations", "translations", "translation", "de"),
	free("UserCriteria", "userCriteria", "userCriteria", "Community.New_Members"),
	free("UserProvisioningConfig", "userProvisioningConfigs", "userProvisioningConfig", "Directory"),
	plain("WaveApplication", "wave", "wapp", "Sales_Insights").shaped(freeText),
	content("WaveDashboard", "wave", "wdash", "Pipeline").shaped(freeText),
	content("WaveDataflow", "wave", "wdf", "Daily_Load").shaped(freeText),
	plain("WaveDataset", "wave", "wds", "Opportunities").shaped(freeText),
	content("WaveLens", "wave", "wlens", "By_Region").shaped(freeText),
	content("WaveRecipe", "wave", "wdpr", "Clean_Up").shaped(freeText),
	bundle("WaveTemplateBundle", "waveTemplates", "Sales_Template"),
	plain("WaveXmd", "wave", "xmd", "Opportunities").shaped(freeText),
	free("Workflow", "workflows", "workflow", "Account"),
}

// childRow is one type that lives inside its parent's file.
type childRow struct {
	name, parent, element, example string
	shape                          nameShape
}

var childRows = []childRow{
	{"CustomField", "CustomObject", "fields", "Account.Region__c", ofObject},
	{"RecordType", "CustomObject", "recordTypes", "Account.Partner", ofObject},
	{"ValidationRule", "CustomObject", "validationRules", "Account.Region_Required", ofObject},
	{"ListView", "CustomObject", "listViews", "Account.My_Accounts", ofObject},
	{"CompactLayout", "CustomObject", "compactLayouts", "Account.Summary", ofObject},
	{"FieldSet", "CustomObject", "fieldSets", "Account.Address_Fields", ofObject},
	{"WebLink", "CustomObject", "webLinks", "Account.Open_Map", ofObject},
	{"BusinessProcess", "CustomObject", "businessProcesses", "Opportunity.New_Business", ofObject},
	{"SharingReason", "CustomObject", "sharingReasons", "Invoice__c.Auditor__c", ofObject},
	{"Index", "CustomObject", "indexes", "Reading__b.By_Device", ofObject},
	{"CustomLabel", "CustomLabels", "labels", "Welcome_Text", identifier},
	{"WorkflowAlert", "Workflow", "alerts", "Case.Notify_Owner", ofObject},
	{"WorkflowFieldUpdate", "Workflow", "fieldUpdates", "Case.Set_Priority", ofObject},
	{"WorkflowFlowAction", "Workflow", "flowActions", "Case.Start_Flow", ofObject},
	{"WorkflowKnowledgePublish", "Workflow", "knowledgePublishes", "Knowledge__kav.Publish", ofObject},
	{"WorkflowOutboundMessage", "Workflow", "outboundMessages", "Case.Send_To_ERP", ofObject},
	{"WorkflowRule", "Workflow", "rules", "Case.Escalate Old Cases", ofObject},
	{"WorkflowSend", "Workflow", "send", "Case.Send_Action", ofObject},
	{"WorkflowTask", "Workflow", "tasks", "Case.Call_Customer", ofObject},
	{"AssignmentRule", "AssignmentRules", "assignmentRule", "Case.Standard", ofObject},
	{"AutoResponseRule", "AutoResponseRules", "autoResponseRule", "Case.Standard", ofObject},
	{"EscalationRule", "EscalationRules", "escalationRule", "Case.Standard", ofObject},
	{"SharingCriteriaRule", "SharingRules", "sharingCriteriaRules", "Account.Share_Partners", ofObject},
	{"SharingGuestRule", "SharingRules", "sharingGuestRules", "Account.Share_Guests", ofObject},
	{"SharingOwnerRule", "SharingRules", "sharingOwnerRules", "Account.Share_Region", ofObject},
	{"SharingTerritoryRule", "SharingRules", "sharingTerritoryRules", "Account.Share_Territory", ofObject},
	{"MatchingRule", "MatchingRules", "matchingRules", "Account.By_Name", ofObject},
}

// The indexes below are made once, from the tables above, and only read.
var (
	allTypes      = buildTypes()
	typeByName    = indexByName()
	typesByDir    = groupByDir()
	childByParent = groupChildren()
)

func buildTypes() []Type {
	parents := map[string]Type{}
	all := append([]Type(nil), topTypes...)
	for _, t := range topTypes {
		parents[t.Name] = t
	}
	for _, row := range childRows {
		p := parents[row.parent]
		all = append(all, Type{Name: row.name, Dir: p.Dir, Suffix: p.Suffix, Parent: row.parent,
			Element: row.element, NameExample: row.example, shape: row.shape})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

func indexByName() map[string]Type {
	index := map[string]Type{}
	for _, t := range allTypes {
		index[t.Name] = t
	}
	return index
}

func groupByDir() map[string][]Type {
	groups := map[string][]Type{}
	for _, t := range allTypes {
		if t.Parent == "" {
			groups[t.Dir] = append(groups[t.Dir], t)
		}
	}
	return groups
}

// groupChildren maps a parent type to its children by element.
func groupChildren() map[string]map[string]Type {
	groups := map[string]map[string]Type{}
	for _, t := range allTypes {
		if t.Parent == "" {
			continue
		}
		if groups[t.Parent] == nil {
			groups[t.Parent] = map[string]Type{}
		}
		groups[t.Parent][t.Element] = t
	}
	return groups
}

// Types gives every type this package knows, sorted by name.
func Types() []Type { return append([]Type(nil), allTypes...) }

// TypeOf gives the type of that name, spelled exactly.
func TypeOf(name string) (Type, bool) {
	t, ok := typeByName[name]
	return t, ok
}

// Children gives the types whose components lie in this type's files, sorted
// by name; describeMetadata calls them childXmlNames.
func (t Type) Children() []Type {
	var children []Type
	for _, child := range childByParent[t.Name] {
		children = append(children, child)
	}
	sort.Slice(children, func(i, j int) bool { return children[i].Name < children[j].Name })
	return children
}

// ownerOf gives the name of the component whose file holds a child's:
// "Account" for "Account.Region__c".
func (t Type) ownerOf(childName string) string {
	if t.Parent == "CustomLabels" {
		return "CustomLabels"
	}
	owner, _, _ := strings.Cut(childName, ".")
	return owner
}

// childName is the member name of a child with this fullName.
func (t Type) childName(owner, fullName string) string {
	if t.Parent == "CustomLabels" {
		return fullName
	}
	return owner + "." + fullName
}

// isContainer says that files of this type hold children and nothing of their
// own, so they are listed as a component whatever they hold.
func (t Type) isContainer() bool {
	return len(childByParent[t.Name]) > 0 && t.Name != "CustomObject"
}
