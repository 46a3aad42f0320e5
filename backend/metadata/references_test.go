package metadata

import (
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	flow := md("Flow", `
<start><object>Invoice__c</object><filters><field>Total__c</field></filters></start>
<variables><name>acc</name><objectType>Account</objectType></variables>
<recordLookups><name>Find</name><object>Account</object><filters><field>Region__c</field><value><elementReference>$Record.Account__c</elementReference></value></filters><queriedFields>Name</queriedFields></recordLookups>
<recordUpdates><name>Save</name><inputReference>acc</inputReference></recordUpdates>
<assignments><name>Set</name><assignmentItems><assignToReference>acc.Region__c</assignToReference><value><elementReference>$Label.Welcome</elementReference></value></assignmentItems></assignments>
<actionCalls><name>Call</name><actionName>AccountService</actionName><actionType>apex</actionType></actionCalls>
<actionCalls><name>Mail</name><actionName>Invoice__c.Late</actionName><actionType>emailAlert</actionType></actionCalls>
<actionCalls><name>Post</name><actionName>chatterPost</actionName><actionType>chatterPost</actionType></actionCalls>
<subflows><name>Sub</name><flowName>Other_Flow</flowName></subflows>
<formulas><name>f</name><expression>IF({!$Record.Total__c} &gt; {!$CustomMetadata.Rate__mdt.Germany.Value__c}, 1, 2)</expression></formulas>
<screens><name>S</name><fields><name>x</name><extensionName>c:panel</extensionName></fields></screens>`)
	cases := []struct {
		name  string
		files map[string][]byte
		from  Key
		want  string // "Type:Name where kind", one a line
	}{
		{"a lookup", nil, Key{"CustomField", "Account.Invoice__c"}, `
CustomObject:Invoice__c fields[Invoice__c].referenceTo element`},
		{"a validation rule, through a lookup", nil, Key{"ValidationRule", "Account.Region_Required"}, `
CustomField:Account.Invoice__c validationRules[Region_Required].errorConditionFormula formula
CustomField:Account.Region__c validationRules[Region_Required].errorConditionFormula formula
CustomField:Invoice__c.Total__c validationRules[Region_Required].errorConditionFormula formula
CustomPermission:Skip_Rules validationRules[Region_Required].errorConditionFormula formula`},
		{"a compact layout names standard fields too", nil, Key{"CompactLayout", "Account.Summary"}, `
CustomField:Account.Region__c compactLayouts[Summary].fields element`},
		{"a field of a custom object", nil, Key{"CustomField", "Invoice__c.Total__c"}, `
CustomObject:Invoice__c  parent`},
		{"a class", nil, Key{"ApexClass", "AccountService"}, `
CustomField:Account.Invoice__c line 3 text
CustomField:Account.Region__c line 3 text
CustomLabel:Welcome line 4 code`},
		{"a Lightning component", nil, Key{"LightningComponentBundle", "panel"}, `
ApexClass:AccountService line 1 code
CustomField:Account.Region__c line 2 code
LightningComponentBundle:other line 3 code
LightningComponentBundle:smallPart line 1 code`},
		{"a permission set leaves out standard tabs", nil, Key{"PermissionSet", "Sales"}, `
ApexClass:AccountService classAccesses[AccountService].apexClass access
CustomField:Account.Region__c fieldPermissions[Account.Region__c].field access`},
		{"a record of custom metadata", nil, Key{"CustomMetadata", "Rate.Germany"}, `
CustomField:Rate__mdt.Value__c values[Value__c].field element
CustomObject:Rate__mdt  parent`},
		{"a layout with an encoded name", nil, Key{"Layout", "Account-Layout %26 é"}, `
CustomField:Account.Region__c layoutSections.layoutColumns.layoutItems.field element
CustomField:Invoice__c.Account__c relatedLists[Invoice__c.Account__c].relatedList element`},
		{"a report's column that the tree has", nil, Key{"Report", "Sales/Pipeline"}, `
CustomField:Account.Region__c columns[Account.Region__c].field text`},
		{"a workflow rule", nil, Key{"WorkflowRule", "Account.Old"}, `
WorkflowFieldUpdate:Account.Set_Region rules[Old].actions[Set_Region/FieldUpdate] element`},
		{"a field update", nil, Key{"WorkflowFieldUpdate", "Account.Set_Region"}, `
CustomField:Account.Region__c fieldUpdates[Set_Region].field element`},
		{"an e-mail template", nil, Key{"EmailTemplate", "Service/Hello"}, `
CustomField:Account.Region__c body formula`},
		{"a merge field for the id in a lookup", map[string][]byte{"email/Service/Id.email": []byte("{!Account.InvoiceId__c} {!Account.OtherId__c}")}, Key{"EmailTemplate", "Service/Id"}, `
CustomField:Account.Invoice__c body formula
CustomField:Account.OtherId__c body formula`},
		{"a link with the id in a lookup", map[string][]byte{"objects/Account.object": md("CustomObject", "<fields><fullName>Owner_Team__c</fullName><referenceTo>Account</referenceTo><type>Lookup</type></fields>"+
			"<webLinks><fullName>Team</fullName><url>/apex/team?id={!Account.Owner_TeamId__c}</url></webLinks>")}, Key{"WebLink", "Account.Team"}, `
CustomField:Account.Owner_Team__c webLinks[Team].url formula`},
		{"a flow", map[string][]byte{"flows/F.flow": flow}, Key{"Flow", "F"}, `
ApexClass:AccountService actionCalls[Call].actionName element
CustomField:Account.Region__c assignments[Set].assignmentItems.assignToReference formula
CustomField:Account.Region__c recordLookups[Find].filters.field element
CustomField:Invoice__c.Account__c recordLookups[Find].filters.value.elementReference formula
CustomField:Invoice__c.Total__c formulas[f].expression formula
CustomField:Invoice__c.Total__c start.filters.field element
CustomField:Rate__mdt.Value__c formulas[f].expression formula
CustomLabel:Welcome assignments[Set].assignmentItems.value.elementReference formula
CustomMetadata:Rate.Germany formulas[f].expression formula
CustomObject:Invoice__c start.object element
CustomObject:Rate__mdt formulas[f].expression formula
Flow:Other_Flow subflows[Sub].flowName element
LightningComponentBundle:panel screens[S].fields[x].extensionName element
WorkflowAlert:Invoice__c.Late actionCalls[Mail].actionName element`},
		{"a page", map[string][]byte{"pages/P.page": []byte(`<apex:page standardController="Invoice__c" extensions="One, Two">
<c:block/>{!$Label.Welcome} {!Invoice__c.Total__c} {!IF(x, 'Invoice__c.No__c', 1)}</apex:page>`)}, Key{"ApexPage", "P"}, `
ApexClass:One extensions code
ApexClass:Two extensions code
ApexComponent:block line 2 code
CustomField:Invoice__c.Total__c expression formula
CustomLabel:Welcome expression formula
CustomObject:Invoice__c standardController code`},
		{"an application and its overrides", map[string][]byte{"applications/A.app": md("CustomApplication",
			"<tabs>standard-Account</tabs><tabs>Invoice__c</tabs><utilityBar>Bar</utilityBar><actionOverrides><actionName>View</actionName><content>Page</content><type>Flexipage</type></actionOverrides>")}, Key{"CustomApplication", "A"}, `
CustomTab:Invoice__c tabs element
FlexiPage:Bar utilityBar element
FlexiPage:Page actionOverrides[View].content element`},
		{"a trigger", map[string][]byte{"triggers/T.trigger": []byte("trigger T on Invoice__c (before insert) {\n  String label = ''; label.trim(); Label.get('', ''); System.label.Welcome.trim(); PageReference p = Page.Pdf;\n}")}, Key{"ApexTrigger", "T"}, `
ApexPage:Pdf line 2 code
CustomLabel:Welcome line 2 code
CustomObject:Invoice__c on code`},
		{"a trigger named as a class, for events named as classes", map[string][]byte{
			"classes/Before.cls": []byte("public class Before {}"), "classes/After.cls": []byte("public class After {}"), "classes/T.cls": []byte("public class T {}"),
			"triggers/T.trigger": []byte("trigger T on Invoice__c (before insert, after update) {\n  After.run();\n}")}, Key{"ApexTrigger", "T"}, `
ApexClass:After line 2 text
CustomObject:Invoice__c on code`},
		{"labels of installed packages", map[string][]byte{"classes/L.cls": []byte("class L {\n  String a = Label.ns.Welcome + System.Label.ns.Welcome + Label.ns.Welcome.trim();\n" +
			"  String b = Label.Other.trim () + Label.c.Own;\n}")}, Key{"ApexClass", "L"}, `
CustomLabel:Other line 3 code
CustomLabel:Own line 3 code`},
		{"a page's comments", map[string][]byte{"pages/P.page": []byte("<apex:page>\n<!-- <apex:page controller=\"Old\">\n <c:old/> {!$Label.Old} -->\n<c:block/><!-- open {!$Label.Older}")}, Key{"ApexPage", "P"}, `
ApexComponent:block line 4 code`},
		{"the layout of closing a case", map[string][]byte{"layouts/CaseClose-Close Case Layout.layout": md("Layout", "<layoutSections><layoutColumns><layoutItems><field>Reason__c</field></layoutItems></layoutColumns></layoutSections>")},
			Key{"Layout", "CaseClose-Close Case Layout"}, `
CustomField:Case.Reason__c layoutSections.layoutColumns.layoutItems.field element`},
		{"a global layout is of no object", map[string][]byte{"layouts/Global-Global Layout.layout": md("Layout", "<layoutSections><layoutColumns><layoutItems><field>Reason__c</field></layoutItems></layoutColumns></layoutSections>")},
			Key{"Layout", "Global-Global Layout"}, ""},
		{"a report type's columns behind lookups", map[string][]byte{"reportTypes/R.reportType": md("ReportType",
			"<baseObject>Account</baseObject><sections><columns><field>Invoice__c.Total__c</field><table>Account</table></columns>"+
				"<columns><field>Owner.Region__c</field><table>Account</table></columns><columns><field>X__c</field><table>Account.Invoices__r</table></columns></sections>")}, Key{"ReportType", "R"}, `
CustomField:Account.Invoice__c sections.columns[1] element
CustomField:Invoice__c.Total__c sections.columns[1] element
CustomField:User.Region__c sections.columns[2] element`},
		{"a path for all record types", map[string][]byte{"pathAssistants/P.pathAssistant": md("PathAssistant", "<entityName>Invoice__c</entityName><fieldName>Total__c</fieldName><recordTypeName>__MASTER__</recordTypeName>")}, Key{"PathAssistant", "P"}, `
CustomField:Invoice__c.Total__c fieldName element
CustomObject:Invoice__c entityName element`},
		{"a tab", map[string][]byte{"tabs/Invoice__c.tab": md("CustomTab", "<customObject>true</customObject>")}, Key{"CustomTab", "Invoice__c"}, `
CustomObject:Invoice__c customObject element`},
		{"a record page", map[string][]byte{"flexipages/R.flexipage": md("FlexiPage", `<sobjectType>Account</sobjectType><flexiPageRegions><name>main</name>
<itemInstances><componentInstance><componentName>panel</componentName><componentInstanceProperties><name>x</name></componentInstanceProperties><visibilityRule><criteria><leftValue>{!Record.Region__c}</leftValue></criteria></visibilityRule></componentInstance></itemInstances>
<itemInstances><componentInstance><componentName>flowruntime:interview</componentName><componentInstanceProperties><name>flowName</name><value>F</value></componentInstanceProperties></componentInstance></itemInstances>
<itemInstances><fieldInstance><fieldItem>Record.Invoice__c</fieldItem></fieldInstance></itemInstances></flexiPageRegions>`)}, Key{"FlexiPage", "R"}, `
CustomField:Account.Invoice__c flexiPageRegions[main].itemInstances[3].fieldInstance.fieldItem element
CustomField:Account.Region__c flexiPageRegions[main].itemInstances[1].componentInstance.visibilityRule.criteria.leftValue formula
Flow:F flexiPageRegions[main].itemInstances[2].componentInstance.componentInstanceProperties[flowName] element
LightningComponentBundle:panel flexiPageRegions[main].itemInstances[1].componentInstance.componentName element`},
		{"a quick action", map[string][]byte{"quickActions/Account.New.quickAction": md("QuickAction", "<targetObject>Invoice__c</targetObject><targetParentField>Account__c</targetParentField><fieldOverrides><field>Total__c</field></fieldOverrides>")}, Key{"QuickAction", "Account.New"}, `
CustomField:Invoice__c.Account__c targetParentField element
CustomField:Invoice__c.Total__c fieldOverrides[Total__c].field element
CustomObject:Invoice__c targetObject element`},
		{"a queue and a role", map[string][]byte{"queues/Q.queue": md("Queue", "<queueSobject><sobjectType>Case</sobjectType></queueSobject><queueSobject><sobjectType>Invoice__c</sobjectType></queueSobject><queueMembers><roles><role>CEO</role></roles></queueMembers>")}, Key{"Queue", "Q"}, `
CustomObject:Invoice__c queueSobject[Invoice__c].sobjectType element
Role:CEO queueMembers.roles.role element`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree, err := treeFrom(t, sample()).With(c.files)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range tree.References() {
				if r.From == c.from {
					got = append(got, r.To.String()+" "+r.Where+" "+r.Kind)
				}
			}
			if g, w := strings.Join(got, "\n"), strings.TrimPrefix(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func TestAnInventoryTellsClassesInApexApart(t *testing.T) {
	tree := treeFrom(t, map[string][]byte{
		"classes/A.cls": []byte("class A { void m() { Pricing.run(); String s = 'Billing'; /* Billing */ Opportunity o; o.Stage__c = 1; } }"),
	})
	if refs := tree.References(); len(refs) != 0 {
		t.Errorf("nothing is known, yet: %v", refs)
	}
	known := map[Key]bool{{"ApexClass", "Pricing"}: true, {"ApexClass", "Billing"}: true, {"CustomField", "Opportunity.Stage__c"}: true, {"CustomField", "Case.Stage__c"}: true}
	var got []string
	for _, r := range References(tree, known) {
		got = append(got, r.To.String())
	}
	if s := strings.Join(got, " "); s != "ApexClass:Pricing CustomField:Opportunity.Stage__c" {
		t.Error(s)
	}
}

// Every rule leads somewhere: to a type of the table or to a known target.
func TestReferenceRulesAreSound(t *testing.T) {
	for line := range strings.Lines(referenceRules) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 3 {
			t.Errorf("the rule %q has %d words", line, len(words))
			continue
		}
		if _, ok := TypeOf(words[0]); !ok {
			t.Errorf("%q begins with no type", line)
		}
		target := words[2]
		for _, prefix := range []string{"ofobject:", "ofrelated:"} {
			target = strings.TrimPrefix(target, prefix)
		}
		_, isType := TypeOf(target)
		_, isTarget := ruleTargets[words[2]]
		if !isType && !isTarget {
			t.Errorf("%q leads to nothing known", line)
		}
	}
}

func FuzzReferences(f *testing.F) {
	f.Add("classes/A.cls", []byte("class A { String s = 'x\\'; }"))
	f.Add("pages/P.page", []byte("<apex:page controller='İX' extensions=>{!$Label.a.b.c}{!"))
	f.Add("lwc/a/a.js", []byte("import x from '@salesforce/apex/"))
	f.Add("flows/F.flow", md("Flow", "<formulas><expression>{!a.b__r.c__c} '</expression></formulas>"))
	f.Add("objects/A__c.object", account)
	f.Fuzz(func(t *testing.T, p string, b []byte) {
		tree, err := NewTree(map[string][]byte{p: b, "objects/Account.object": account})
		if err != nil {
			return
		}
		for _, r := range tree.References() {
			if r.To.Name == "" || r.To == r.From {
				t.Fatalf("%+v", r)
			}
		}
	})
}
