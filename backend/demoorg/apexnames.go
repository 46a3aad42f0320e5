package demoorg

import (
	"regexp"
	"strings"

	"countersign/backend/metadata"
)

// The Apex compiler knows every class; this org knows those of its model and
// the names below. A name in new code that none of them explains is missing,
// unless the org's own Apex uses it already: then an org like this one has it.

var (
	staticUse  = regexp.MustCompile(`(^|[^\w.@])([A-Z]\w*)\s*\.\s*\w+\s*\(`)
	newUse     = regexp.MustCompile(`(?i)\bnew\s+([A-Za-z_]\w*)\s*\(\s*(\w+\s*=[^=])?`)
	customUse  = regexp.MustCompile(`\b([A-Za-z]\w*?__(?:c|mdt|e|r))\b`)
	innerType  = regexp.MustCompile(`(?i)\b(?:class|interface|enum)\s+(\w+)`)
	declared   = regexp.MustCompile(`[\w>\]]\s+([A-Za-z_]\w*)\s*(?:[=;,):{]|$)`)
	systemName = apexSystemNames()
)

// missingName gives the first name that nothing explains.
type missingName struct {
	word    string
	problem string
}

// checkApexNames fails classes and triggers that use a class, object or field
// that is not there.
func (c *check) checkApexNames() {
	if len(c.sources) == 0 {
		return
	}
	vocabulary := c.vocabulary()
	for again := true; again; {
		again = false
		failed := c.failedClasses()
		for _, o := range c.ops {
			source := c.sources[o.key]
			if source == nil || o.problem != "" {
				continue
			}
			missing, found := source.unexplained(func(word string) bool {
				folded := strings.ToLower(word)
				return vocabulary[folded] && !failed[folded] || c.inherits(source, folded)
			})
			if found {
				o.line = source.lineOf(missing.word)
				o.fail(missing.problem)
				again = true
			}
		}
	}
}

// failedClasses gives the classes that are in the package only, and failed, in
// lower case.
func (c *check) failedClasses() map[string]bool {
	failed := map[string]bool{}
	for key, o := range c.adds {
		if key.Type == "ApexClass" && o.problem != "" && !c.q.org.has(key) {
			failed[strings.ToLower(key.Name)] = true
		}
	}
	return failed
}

var extends = regexp.MustCompile(`(?i)\bextends\s+([A-Za-z_]\w*)`)

// inherits tells whether the word, in lower case, is a variable or a type of a
// class that the source extends.
func (c *check) inherits(s *apexSource, folded string) bool {
	for range 20 { // no class has more above it
		found := extends.FindStringSubmatch(s.masked)
		if found == nil {
			return false
		}
		if s = c.classNamed(found[1]); s == nil {
			return false
		}
		if s.localNames()[folded] {
			return true
		}
	}
	return false
}

// classNamed gives a class of the package, else one of the org.
func (c *check) classNamed(name string) *apexSource {
	for key, source := range c.sources {
		if key.Type == "ApexClass" && strings.EqualFold(key.Name, name) {
			return source
		}
	}
	for _, key := range c.q.org.byType["ApexClass"] {
		if strings.EqualFold(key.Name, name) {
			return readApex(key.Name, false, c.q.org.body(key))
		}
	}
	return nil
}

// vocabulary gives every class, object and field name that is known after the
// deployment, in lower case, and what the org's Apex uses unexplained.
func (c *check) vocabulary() map[string]bool {
	words := map[string]bool{}
	for key := range c.q.org.components {
		if !c.isDeleted(key, false) {
			learnName(words, key)
		}
	}
	for key := range c.adds {
		learnName(words, key)
	}
	learnRelationships(words, c.q.org.tree)
	learnRelationships(words, c.p.content)
	for word := range c.q.org.unexplained() {
		words[word] = true
	}
	return words
}

// unexplained gives the names that the org's own Apex uses and that nothing
// the org holds explains; worked out at the first question.
func (m *model) unexplained() map[string]bool {
	m.onceApex.Do(func() { m.strangeWords = m.findUnexplained() })
	return m.strangeWords
}

func (m *model) findUnexplained() map[string]bool {
	words := map[string]bool{}
	for key := range m.components {
		learnName(words, key)
	}
	learnRelationships(words, m.tree)
	unexplained := map[string]bool{}
	for _, source := range apexSources(m) {
		for _, use := range source.nameUses() {
			if !words[strings.ToLower(use.word)] {
				unexplained[strings.ToLower(use.word)] = true
			}
		}
	}
	return unexplained
}

// learnName adds the words by which Apex names a component.
func learnName(words map[string]bool, key metadata.Key) {
	switch key.Type {
	case "ApexClass", "CustomObject":
		words[strings.ToLower(key.Name)] = true
	}
	if t, _ := metadata.TypeOf(key.Type); t.Parent != "CustomObject" {
		return
	}
	object, child, _ := strings.Cut(strings.ToLower(key.Name), ".")
	words[object] = true
	if key.Type == "CustomField" {
		words[child] = true
		if base, ok := strings.CutSuffix(child, "__c"); ok {
			words[base+"__r"] = true
		}
	}
}

var relationship = regexp.MustCompile(`<relationshipName>\s*(\w+)\s*</relationshipName>`)

// learnRelationships adds the names by which a parent sees its children:
// "Visits__r" is in no field's name.
func learnRelationships(words map[string]bool, tree *metadata.Tree) {
	for _, path := range tree.Paths() {
		if !strings.HasPrefix(path, "objects/") {
			continue
		}
		data, _ := tree.File(path)
		for _, found := range relationship.FindAllSubmatch(data, -1) {
			words[strings.ToLower(string(found[1]))+"__r"] = true
		}
	}
}

// unexplained gives the first name of a class, custom object or field that the
// source uses and that neither it nor known explains.
func (s *apexSource) unexplained(known func(string) bool) (missingName, bool) {
	for _, use := range s.nameUses() {
		if !known(use.word) {
			return use.missing(s), true
		}
	}
	return missingName{}, false
}

// A nameUse is a name in Apex that something must explain.
type nameUse struct {
	word   string
	custom bool // ends in __c or the like
}

func (u nameUse) missing(s *apexSource) missingName {
	if u.custom {
		return missingName{u.word, s.customProblem(u.word)}
	}
	return missingName{u.word, invalidType(u.word)}
}

// nameUses gives the names that the source itself does not explain, once each,
// in the order in which they stand; worked out at the first question.
func (s *apexSource) nameUses() []nameUse {
	s.onceUses.Do(func() { s.uses = s.findUses() })
	return s.uses
}

func (s *apexSource) findUses() []nameUse {
	local, seen := s.localNames(), map[string]bool{}
	var uses []nameUse
	add := func(word string, custom bool) {
		folded := strings.ToLower(word)
		if seen[folded] || local[folded] || systemName[folded] || strings.EqualFold(word, s.Name) {
			return
		}
		seen[folded] = true
		uses = append(uses, nameUse{word, custom})
	}
	for _, found := range customUse.FindAllStringSubmatch(s.masked, -1) {
		if !managed(found[1]) {
			add(found[1], true)
		}
	}
	for _, found := range staticUse.FindAllStringSubmatch(s.masked, -1) {
		if !strings.Contains(found[2], "__") {
			add(found[2], false)
		}
	}
	for _, found := range newUse.FindAllStringSubmatch(s.masked, -1) {
		if found[2] == "" && !strings.Contains(found[1], "__") { // named arguments make a record, not an object of a class
			add(found[1], false)
		}
	}
	return uses
}

func invalidType(name string) string { return "Invalid type: " + name }

// customProblem says what a custom name that is missing was meant to be.
func (s *apexSource) customProblem(name string) string {
	if s.usedAsType(name) {
		return invalidType(name)
	}
	return "Variable does not exist: " + name
}

func (s *apexSource) usedAsType(name string) bool {
	asType := regexp.MustCompile(`(?i)(new\s+|<\s*|from\s+|,\s*)` + name + `\b|\b` + name + `\s*(\[\s*\]|>|\s[a-z_]\w*\s*[=;:,)])`)
	return asType.MatchString(s.masked)
}

// localNames are inner types, variables, parameters and methods.
func (s *apexSource) localNames() map[string]bool {
	names := map[string]bool{}
	for _, m := range s.Methods {
		names[strings.ToLower(m.Name)] = true
	}
	for _, pattern := range []*regexp.Regexp{innerType, declared} {
		for _, found := range pattern.FindAllStringSubmatch(s.masked, -1) {
			names[strings.ToLower(found[1])] = true
		}
	}
	return names
}

// apexSystemNames are the classes, namespaces and standard objects that Apex
// code names most (Apex Reference Guide; Object Reference).
func apexSystemNames() map[string]bool {
	const names = `
Account AccountContactRelation AccountHistory AccountShare AccountTeamMember Action AggregateResult AllOrNone ApexClass ApexPage ApexPages ApexTestQueueItem
ApexTrigger Answer Approval Apex Asset Assert AsyncApexJob AsyncException Attachment Auth AuraEnabled AuraHandledException AuthConfiguration AuthProvider AuthSession
Batchable Blob Boolean BusinessHours BusinessProcess Cache CalloutException Callable Campaign CampaignMember CampaignMemberStatus CampaignInfluence CampaignShare CanvasException Canvas Case CaseComment CaseHistory CaseTeamMember
ChatterAnswers CollaborationGroup CollaborationGroupMember Collator Comparable Comparator Compression ConnectApi Contact ContactPointEmail ContentDocument ContentDocumentLink
ContentVersion ContentWorkspace Contract Cookie CronTrigger Crypto CspTrustedSite CustomNotification CustomPermission Dashboard DataSource DataWeave DataWeaveScriptResource Database Date Datetime DateTimeException Decimal
Default DmlException DMLOptions Document Domain DomainCreator DomainParser Double DuplicateRecordItem DuplicateRecordSet Dom EmailException EmailMessage EmailTemplate EncodingUtil
Entitlement EntityDefinition EntityParticle EntitySubscription Event EventBus EventBusSubscriber EventRelation Exception ExternalObjectException FeedComment FeedItem FieldDefinition FinalizerContext Finalizer
FinalizerContextImpl FlexQueue Flow FlowException FormulaEval Formula FeatureManagement Folder Functions Group GroupMember HandledException Holiday Http HttpCalloutMock HttpRequest HttpResponse
Id IllegalArgumentException Idea Individual InboundEmail InboundEmailHandler InstallHandler Integer Invocable InvalidParameterValueException Invoice Iterable Iterator JSON JSONException JSONGenerator
JSONParser JSONToken KbManagement KnowledgeArticleVersion Label Lead LeadConvert LeadStatus LightningExperience LimitException Limits List ListException ListView LiveChatTranscript Location LoggingLevel LoginHistory Long Lxscheduler
Map MatchingRule MathException Matcher Math Messaging Metadata MessageService MultiStaticResourceCalloutMock NamedCredential Network NetworkMember NoAccessException NoDataFoundException NoSuchElementException
Note NullPointerException Object OpportunityContactRole OpportunityHistory Opportunity OpportunityLineItem OpportunityShare OpportunityStage OpportunityTeamMember Order OrderItem OrgLimit OrgLimits OrgWideEmailAddress Organization
Packaging Package PackageUtil Page PageReference Partner Pattern Period PermissionSet PermissionSetAssignment PermissionSetGroup PlatformCache Pricebook2 PricebookEntry ProcessDefinition ProcessInstance ProcessInstanceStep
ProcessInstanceWorkitem Process Product2 Profile ProcedureException Queueable QueueableContext QueueSobject QueueableDuplicateSignature Queries QueryException Queue QuickAction Quote QuoteLineItem Reports Report Request RequiredFeatureMissingException
Resource RestContext RestRequest RestResponse Recordtype RecordType ResetPasswordResult RoundingMode SandboxPostCopy SandboxContext Savepoint SchedulableContext Schedulable Schema Search SearchException SecurityException Security SelectOption
SerializationException Set SetupEntityAccess Site Sites Solution SObject SObjectAccessDecision SObjectException SObjectType SoapType SObjectField StandardController StandardSetController StaticResource StaticResourceCalloutMock StaticResources Stub StubProvider StringException String SupportRequest Support System Task TaskStatus
Territory Territory2 Test TestPage TimeZone Time Topic TopicAssignment Trigger TriggerOperation Txnsecurity Type TypeException UninstallHandler UnexpectedException Url URLException User UserInfo UserLicense UserLogin UserPackageLicense PackageLicense LoginIp LoginGeo FieldPermissions ObjectPermissions ApexTestResult ApexTestRunResult ApexTestSuite ApexLog ApexComponent AsyncOperationLog BackgroundOperation CronJobDetail ContactShare LeadShare LeadHistory ContactHistory CaseShare OpportunityFieldHistory OpportunitySplit OpportunityCompetitor ContentDistribution ContentFolder ContentNote ContentVersionHistory CustomObjectUserLicenseMetrics DatedConversionRate CurrencyType FiscalYearSettings Goal Metric OrgWideEmailAddress StaticResource TabDefinition AppDefinition AppMenuItem ThirdPartyAccountLink TwoFactorInfo VerificationHistory WebLink OmniDataTransform FlowInterview FlowDefinitionView ProcessNode Scontrol SearchLayout EmailServicesAddress EmailServicesFunction EmailDomainKey AuthConfig Announcement UserManagement UserPreference UserRecordAccess UserRole
UserShare Uuid Version VisualEditor VisualforceException WebServiceCallout WebServiceMock WorkOrder WorkOrderLineItem ServiceAppointment ServiceResource ServiceTerritory ServiceContract ContractLineItem AssignedResource XmlException XmlStreamReader XmlStreamWriter Wave
Slack Salesforce_Backup CartExtension Commerce CommerceTax CommercePayments Datacloud Embeddedai Eventbus Fsccashflow Industries Invocable LoyaltyManagement PlaceQuote PlaceOrder Pref_center Richmsg Sfc Sfdc_checkout Sfdc_surveys Sfsc TerritoryMgmt UserProvisioning
AccessLevel AccessType BatchableContext BatchableContextImpl DeleteResult UpsertResult SaveResult UndeleteResult MergeResult LeadConvertResult QueryLocator QueryLocatorIterator GetDeletedResult EmptyRecycleBinResult DescribeSObjectResult DescribeFieldResult
PicklistEntry RecordTypeInfo ChildRelationship DisplayType FieldSet FieldSetMember FieldDescribeOptions SObjectDescribeOptions SingleEmailMessage MassEmailMessage EmailFileAttachment SendEmailResult InboundEnvelope InboundEmailResult BinaryAttachment TextAttachment
Message Severity Component Action Hash Signature Aura DataSourceUtil CallContext MockHttpResponseGenerator AppExchange Ideas Answers QuickActionRequest ProcessSubmitRequest ProcessWorkitemRequest ProcessResult UnlockResult LockResult NavigationMenuItem AuraContext`
	set := map[string]bool{}
	for _, name := range strings.Fields(names) {
		set[strings.ToLower(name)] = true
	}
	return set
}
