package workspace

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"countersign/backend/governance"
)

func TestDraftsDifferByWhatTheyMean(t *testing.T) {
	mine := governance.RequestRevision{Name: "Renewals", Overview: "Stages.", ChangeType: governance.Minor, ExternalNumber: "CHG-1", ChangeSets: []string{"One"},
		Customizations: []governance.Customization{{Change: governance.Add, Type: "CustomField", Name: "Account.Tier__c"}, {Change: governance.Modify, Type: "Flow", Name: "Renew"}},
		Attachments:    []governance.Attachment{{Name: "plan.pdf", SHA256: "aa"}, {Name: "same.txt", SHA256: "cc"}},
		Manifests:      []governance.PackageManifest{{Name: "package.xml", Members: []governance.ManifestMember{{Type: "Flow", Names: []string{"Renew"}}}}}}
	theirs := mine
	theirs.Overview, theirs.ChangeType, theirs.ExternalNumber = "Stages and a reminder.", governance.Major, ""
	theirs.ChangeSets = []string{"One", "Two"}
	theirs.Customizations = []governance.Customization{{Change: governance.Delete, Type: "Flow", Name: "Renew"}, {Change: governance.Add, Type: "Flow", Name: "Remind"}}
	theirs.Attachments = []governance.Attachment{{Name: "plan.pdf", SHA256: "bb"}, {Name: "same.txt", SHA256: "cc"}}
	theirs.Manifests = nil

	want := []DraftDifference{
		{"changeType", "", "Minor", "Major"},
		{"overview", "", "Stages.", "Stages and a reminder."},
		{"externalNumber", "", "CHG-1", ""},
		{"changeSets", "", "One", "One\nTwo"},
		{"customization", "CustomField Account.Tier__c", "add", ""},
		{"customization", "Flow Remind", "", "add"},
		{"customization", "Flow Renew", string(governance.Modify), "delete"},
		{"manifest", "package.xml", "Flow Renew", ""},
		{"attachment", "plan.pdf", "aa", "bb"},
	}
	if d := cmp.Diff(want, draftDifferences(mine, theirs)); d != "" {
		t.Error(d)
	}
	if d := draftDifferences(mine, mine); len(d) > 0 || d == nil {
		t.Errorf("the same differs: %v", d)
	}
}
