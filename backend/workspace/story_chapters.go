package workspace

import (
	"context"
	"slices"

	"countersign/backend/governance"
)

// story is what happened, in the order in which it did. Every customization is
// in the sample that the demo orgs begin with.
func story() []chapter {
	return []chapter{
		{"scan", "Both demo orgs are scanned.", storyteller.scanBoth},
		{"completed", "A discount is asked for, approved, deployed and completed.", storyteller.tellCompleted},
		{"ready", "A hand-over to service is approved as far as Deploy.", storyteller.tellReady},
		{"failed-tests", "A calculation fails its tests in a validation.", storyteller.tellFailedTests},
		{"missing", "A page is validated without what it needs.", storyteller.tellMissing},
		{"record-waits", "A Deployment Record waits for its second approval.", storyteller.tellRecordWaits},
		{"waiting", "Two requests wait for approvers.", storyteller.tellWaiting},
		{"ended", "One request is approved, one rejected, one cancelled.", storyteller.tellEnded},
		{"drafts", "Two drafts are begun.", storyteller.tellDrafts},
		{"outside", "Somebody changes production past all of this.", storyteller.tellOutside},
	}
}

func changing(metadataType string, names ...string) []governance.Customization {
	out := []governance.Customization{}
	for _, n := range names {
		out = append(out, governance.Customization{Change: governance.Modify, Type: metadataType, Name: n})
	}
	return out
}

func deleting(metadataType string, names ...string) []governance.Customization {
	out := changing(metadataType, names...)
	for i := range out {
		out[i].Change = governance.Delete
	}
	return out
}

func (t storyteller) tellCompleted(ctx context.Context) error {
	dr, err := t.approvedRecord(ctx, governance.ChangeRequest{
		Name: "Public sector discount up to 10 %", Type: governance.Minor, ExternalNumber: "SALES-101",
		Overview:       "Tenders of the public sector are lost at 8 %. The highest discount of that tier becomes 10 %, as the pricing board decided.",
		SupportingText: "Decision of the pricing board, 12 March.",
		Customizations: changing("CustomMetadata", "Discount_Tier.Public_Sector"),
	}, governance.DeployOptions{})
	if err != nil {
		return err
	}
	if err := t.attempts(ctx, dr, governance.AttemptRetrieve, governance.AttemptValidate, governance.AttemptDeploy); err != nil {
		return err
	}
	if dr.Status == governance.Approved {
		if dr, err = t.DoRecord(ctx, Dee, dr.ID, governance.Deed{Action: governance.Complete}); err != nil {
			return err
		}
	}
	cr, err := t.Store.ChangeRequest(ctx, dr.RequestID)
	if err != nil || cr.Status != governance.Approved {
		return err
	}
	_, err = t.Do(ctx, Ana, cr.ID, governance.Deed{Action: governance.Complete})
	return err
}

func (t storyteller) tellReady(ctx context.Context) error {
	dr, err := t.approvedRecord(ctx, governance.ChangeRequest{
		Name: "First service is planned at hand-over", Type: governance.Standard, ExternalNumber: "SRV-88",
		Overview:       "When a won opportunity is handed over, the first service of the unit is planned 90 days after delivery. The hand-over waits for the order number, and the page shows the margin.",
		SupportingText: "Tested in UAT by the service planners with five hand-overs.",
		ChangeSets:     []string{"Hand-over fix"},
		Customizations: slices.Concat(changing("Flow", "Opportunity_Handover"), changing("Layout", "Opportunity-Opportunity Layout")),
	}, governance.DeployOptions{})
	if err != nil {
		return err
	}
	return t.attempts(ctx, dr, governance.AttemptRetrieve)
}

func (t storyteller) tellFailedTests(ctx context.Context) error {
	dr, err := t.approvedRecord(ctx, governance.ChangeRequest{
		Name: "Discount of a renewal", Type: governance.Standard, ExternalNumber: "SALES-114",
		Overview:       "Who renews a service contract gets a discount by tier and years, at most 10 %. Net amounts are rounded to cents, which accounting had to correct until now.",
		SupportingText: "The table of tiers and years is in the sales handbook, page 12.",
		Customizations: slices.Concat(changing("ApexClass", "DiscountCalculator", "DiscountCalculatorTest"), changing("CustomField", "Account.Renewal_Tier__c")),
	}, governance.DeployOptions{TestLevel: governance.RunLocalTests})
	if err != nil {
		return err
	}
	return t.attempts(ctx, dr, governance.AttemptRetrieve, governance.AttemptValidate)
}

func (t storyteller) tellMissing(ctx context.Context) error {
	dr, err := t.approvedRecord(ctx, governance.ChangeRequest{
		Name: "Renewal tier on the account page", Type: governance.Minor, ExternalNumber: "SALES-117",
		Overview:       "Account managers want to see the renewal tier of a customer and start a renewal from the account.",
		Customizations: changing("Layout", "Account-Account Layout"),
	}, governance.DeployOptions{})
	if err != nil {
		return err
	}
	return t.attempts(ctx, dr, governance.AttemptRetrieve, governance.AttemptValidate)
}

func (t storyteller) tellRecordWaits(ctx context.Context) error {
	cr, err := t.approved(ctx, governance.ChangeRequest{
		Name: "Stages of a renewal", Type: governance.Minor, ExternalNumber: "SALES-120",
		Overview:       "One list of stages for renewals, before the object itself comes: the reporting team needs the names now.",
		Customizations: changing("GlobalValueSet", "Renewal_Stage"),
	})
	if err != nil {
		return err
	}
	dr, err := t.recorded(ctx, cr, governance.DeployOptions{})
	if err != nil {
		return err
	}
	_, err = t.votedRecord(ctx, dr, vote{Bo, "Same names as in the sales handbook."})
	return err
}

func (t storyteller) tellWaiting(ctx context.Context) error {
	hotfix, err := t.submitted(ctx, governance.ChangeRequest{
		Name: "Order hold hotfix is retired", Type: governance.Standard, ExternalNumber: "SALES-122",
		Overview:       "The hotfix of January holds back orders that the ERP refuses. The ERP accepts them now, so the trigger sends every won order again and the hotfix goes.",
		Customizations: slices.Concat(changing("ApexClass", "OpportunityTriggerHandler"), deleting("ApexClass", "OrderSyncHotfix", "OrderSyncHotfixTest")),
	})
	if err != nil {
		return err
	}
	if _, err := t.voted(ctx, hotfix, vote{Cy, "Checked with the ERP team: nothing was refused since February."}); err != nil {
		return err
	}
	access, err := t.submitted(ctx, governance.ChangeRequest{
		Name: "Access of field technicians", Type: governance.Minor, ExternalNumber: "SRV-91",
		Overview:       "The permission set of the technicians takes over what the old profile gave them: units, visits and their parts.",
		Customizations: changing("PermissionSet", "Field_Technician"),
	})
	if err != nil {
		return err
	}
	_, err = t.voted(ctx, access, vote{Bo, "No object beyond the service app."})
	return err
}

func (t storyteller) tellEnded(ctx context.Context) error {
	if _, err := t.approved(ctx, governance.ChangeRequest{
		Name: "Wording of the missed response e-mail", Type: governance.Minor, ExternalNumber: "SRV-93",
		Overview:       "Customers asked what happens next. The e-mail names the technician in charge, and the report counts what was answered late.",
		Customizations: slices.Concat(changing("EmailTemplate", "Service_Emails/Response_Missed"), changing("Report", "Service_Reports/Missed_Responses")),
	}); err != nil {
		return err
	}
	legacy, err := t.submitted(ctx, governance.ChangeRequest{
		Name: "Legacy price import is removed", Type: governance.Standard, ExternalNumber: "IT-40",
		Overview:       "Prices come from the ERP now; the old import and its test can go.",
		Customizations: deleting("ApexClass", "LegacyPriceImport", "LegacyPriceImportTest"),
	})
	if err != nil {
		return err
	}
	if legacy.Status == governance.Pending {
		if _, err := t.Do(ctx, Bo, legacy.ID, governance.Deed{Action: governance.Reject,
			Reason: "The price lists of two resellers still come as files until the end of the quarter. Put it forward again after the cut-over."}); err != nil {
			return err
		}
	}
	page, err := t.drafted(ctx, governance.ChangeRequest{
		Name: "Map on the site page", Type: governance.Minor, ExternalNumber: "SRV-95",
		Overview:       "A map of the site for dispatchers, above the units.",
		Customizations: changing("FlexiPage", "Site_Record_Page"),
	})
	if err != nil || page.Status == governance.Cancelled {
		return err
	}
	_, err = t.Do(ctx, Ana, page.ID, governance.Deed{Action: governance.Cancel, Reason: "The dispatch board brings its own map, so the page stays as it is."})
	return err
}

func (t storyteller) tellDrafts(ctx context.Context) error {
	if _, err := t.drafted(ctx, governance.ChangeRequest{
		Name: "Renewals of service contracts", Type: governance.Major, ExternalNumber: "SALES-125",
		Overview:       "Service contracts are renewed in Salesforce: the object with its automation, the panel on the account, and who may use it.",
		SupportingText: "Accepted by the service board in UAT. Training of the account managers is planned.",
		ChangeSets:     []string{"Renewals Q4"},
		Customizations: slices.Concat(
			changing("CustomObject", "Renewal__c"), changing("CustomField", "Account.Renewal_Tier__c"), changing("Layout", "Renewal__c-Renewal Layout"),
			changing("CustomTab", "Renewal__c"), changing("Flow", "Renewal_Reminder"), changing("ApexClass", "RenewalService", "RenewalServiceTest"),
			changing("ApexTrigger", "RenewalTrigger"), changing("LightningComponentBundle", "renewalPanel"), changing("PermissionSet", "Renewal_Manager"),
			changing("CustomLabel", "Renewal_Due_Soon", "Renewal_Panel_Title"), changing("CustomMetadata", "Service_Setting.Renewal_Defaults"),
			changing("QuickAction", "Account.New_Renewal"), changing("Report", "Service_Reports/Renewals_Due")),
	}); err != nil {
		return err
	}
	_, err := t.drafted(ctx, governance.ChangeRequest{
		Name: "Regions on the dispatch board", Type: governance.Standard, ExternalNumber: "SRV-97",
		Overview: "Dispatchers see the visits of their own region first. Still open: which regions the two new depots belong to.",
		Customizations: slices.Concat(changing("FlexiPage", "Dispatch_Board"), changing("GlobalValueSet", "Service_Region"),
			[]governance.Customization{{Change: governance.Add, Type: "CustomField", Name: "Site__c.Service_Region__c"}}),
	})
	return err
}
