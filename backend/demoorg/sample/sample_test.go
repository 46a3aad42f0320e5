package sample_test

import (
	"encoding/xml"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"countersign/backend/demoorg/sample"
)

func org(t *testing.T, kind string) map[string][]byte {
	t.Helper()
	files, err := sample.Org(kind)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func bothOrgs(t *testing.T) (uat, production inventory) {
	t.Helper()
	return inventoryOf(t, org(t, sample.UAT)), inventoryOf(t, org(t, sample.Production))
}

func packageNamed(t *testing.T, name string) sample.Package {
	t.Helper()
	all, err := sample.Packages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("packages.json has no %q", name)
	return sample.Package{}
}

func TestEachOrgIsAsLargeAsARealOne(t *testing.T) {
	for _, kind := range []string{sample.UAT, sample.Production} {
		count, types := 0, map[string]int{}
		for m := range inventoryOf(t, org(t, kind)) {
			count++
			types[m.Type]++
			if strings.HasPrefix(m.Type, "unknown") {
				t.Errorf("%s: %v lies in a folder that no type has", kind, m)
			}
		}
		t.Logf("%s: %d components of %d types: %v", kind, count, len(types), types)
		if count < 220 || len(types) < 28 {
			t.Errorf("%s has %d components of %d types, want at least 220 of 28", kind, count, len(types))
		}
	}
}

func TestAnOrgOfAnotherKindIsRefused(t *testing.T) {
	for _, kind := range []string{"", "common", "../uat"} {
		if files, err := sample.Org(kind); err == nil {
			t.Errorf("Org(%q) = %d files, want an error", kind, len(files))
		}
	}
	for _, name := range []string{"", "none", "../uat", "mend/classes"} {
		if files := sample.Fix(name); files != nil {
			t.Errorf("Fix(%q) = %d files, want none", name, len(files))
		}
	}
}

func TestEveryDocumentIsWellFormedAndOfItsType(t *testing.T) {
	source := map[string]bool{".cls": true, ".trigger": true, ".page": true, ".email": true, ".resource": true, ".js": true, ".html": true, ".css": true, ".json": true}
	roots := map[string]string{".cls-meta": "ApexClass", ".trigger-meta": "ApexTrigger", ".object": "CustomObject", ".labels": "CustomLabels", ".md": "CustomMetadata", ".flow": "Flow", ".layout": "Layout", ".js-meta": "LightningComponentBundle", ".email-meta": "EmailTemplate"}
	seen, size := 0, 0
	err := fs.WalkDir(sample.FS(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sample.FS(), file)
		size += len(data)
		if err != nil || source[path.Ext(file)] {
			return err
		}
		root, err := wellFormed(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if want := roots[path.Ext(strings.TrimSuffix(file, ".xml"))]; want != "" && root != want {
			t.Errorf("%s holds a %s, want a %s", file, root, want)
		}
		seen++
		return nil
	})
	if err != nil || seen < 150 || size > 1<<20 {
		t.Fatalf("%d documents, %d bytes, %v", seen, size, err)
	}
}

func TestEachOrgIsCompleteInItself(t *testing.T) {
	uat, production := bothOrgs(t)
	classes := classNames(uat, production)
	for kind, all := range map[string]inventory{"uat": uat, "production": production} {
		for from, lacks := range all.missing(classes) {
			t.Errorf("%s: %s refers to %v", kind, from, lacks)
		}
	}
}

func TestMembersOfPackagesAndChangeSetsExistInUAT(t *testing.T) {
	uat, production := bothOrgs(t)
	packages, err := sample.Packages()
	if err != nil || len(packages) != 3 {
		t.Fatalf("%d packages, %v", len(packages), err)
	}
	sets, err := sample.ChangeSets(sample.UAT)
	if err != nil || len(sets) != 2 {
		t.Fatalf("%d change sets, %v", len(sets), err)
	}
	lists := map[string][]sample.Member{}
	for _, p := range packages {
		lists[p.Name] = append(slices.Clone(p.Members), p.Forgotten...)
		if p.ChangeSet != "" && !slices.ContainsFunc(sets, func(s sample.ChangeSet) bool { return s.Name == p.ChangeSet && slices.Equal(s.Members, p.Members) }) {
			t.Errorf("%s: no change set %q with its members", p.Name, p.ChangeSet)
		}
	}
	for _, s := range sets {
		lists["change set "+s.Name] = s.Members
	}
	for name, members := range lists {
		for _, m := range members {
			text, ok := uat[m]
			if !ok {
				t.Errorf("%s names %v, which UAT lacks", name, m)
			}
			if before, there := production[m]; there && before == text {
				t.Errorf("%s names %v, which is the same in both orgs", name, m)
			}
		}
	}
	if none, err := sample.ChangeSets(sample.Production); err != nil || none == nil || len(none) != 0 {
		t.Errorf("production has the change sets %v, %v", none, err)
	}
}

func TestRenewalsForgetsExactlyWhatProductionLacks(t *testing.T) {
	uat, production := bothOrgs(t)
	classes := classNames(uat, production)
	renewals := packageNamed(t, "Renewals")
	if n := len(renewals.Members); n < 12 || n > 20 || len(renewals.Forgotten) != 1 {
		t.Fatalf("%d members, forgotten %v", n, renewals.Forgotten)
	}
	without := production.with(uat, renewals.Members).missing(classes)
	for from, lacks := range without {
		if slices.ContainsFunc(lacks, func(m sample.Member) bool { return m != renewals.Forgotten[0] }) {
			t.Errorf("%s also lacks %v", from, lacks)
		}
	}
	if len(without["CustomField Renewal__c.Stage__c"]) != 1 {
		t.Errorf("without the forgotten member: %v, want the field Renewal__c.Stage__c to lack it", without)
	}
	all := append(slices.Clone(renewals.Members), renewals.Forgotten...)
	if lacks := production.with(uat, all).missing(classes); len(lacks) != 0 {
		t.Errorf("with the forgotten member: %v", lacks)
	}
}

func TestTheOtherPackagesAreComplete(t *testing.T) {
	uat, production := bothOrgs(t)
	for _, name := range []string{"Small fix", "Everything new"} {
		p := packageNamed(t, name)
		lacks := production.with(uat, p.Members).missing(classNames(uat, production))
		if len(lacks) != 0 || len(p.Forgotten) != 0 {
			t.Errorf("%s: lacks %v, forgotten %v", name, lacks, p.Forgotten)
		}
	}
	for _, m := range packageNamed(t, "Small fix").Members {
		if strings.HasPrefix(m.Type, "Apex") {
			t.Errorf("Small fix holds Apex: %v", m)
		}
	}
	after := production.with(uat, packageNamed(t, "Everything new").Members)
	for m := range uat {
		if _, there := after[m]; !there {
			t.Errorf("Everything new misses %v", m)
		}
	}
}

func TestTheOrgsDifferOnPurpose(t *testing.T) {
	uat, production := bothOrgs(t)
	for _, c := range []struct {
		kind, name, want string
	}{
		{"CustomObject", "Renewal__c", "new"},
		{"CustomField", "Account.Renewal_Tier__c", "new"},
		{"GlobalValueSet", "Renewal_Stage", "new"},
		{"LightningComponentBundle", "renewalPanel", "new"},
		{"CustomMetadata", "Service_Setting.Renewal_Defaults", "new"},
		{"Layout", "Opportunity-Opportunity Layout", "changed"},
		{"ValidationRule", "Opportunity.Discount_Needs_Reason", "changed"},
		{"ApexClass", "DiscountCalculator", "changed"},
		{"Flow", "Opportunity_Handover", "changed"},
		{"PermissionSet", "Sales_User", "changed"},
		{"CustomLabel", "Discount_Reason_Required", "changed"},
		{"ApexClass", "OrderSyncHotfix", "only in production"},
		{"ApexClass", "OrderSyncHotfixTest", "only in production"},
		{"CustomField", "Opportunity.Order_Sync_Hold__c", "only in production"},
		{"Report", "Sales_Reports/Orders_on_Hold", "only in production"},
		{"EmailTemplate", "Sales_Emails/Order_On_Hold", "only in production"},
		{"ApexClass", "SlaCalculator", "same"},
	} {
		m := sample.Member{Type: c.kind, Name: c.name}
		if got := compare(uat, production, m); got != c.want {
			t.Errorf("%v is %q, want %q", m, got, c.want)
		}
	}
}

func compare(uat, production inventory, m sample.Member) string {
	source, inUAT := uat[m]
	target, inProduction := production[m]
	switch {
	case inUAT && !inProduction:
		return "new"
	case inProduction && !inUAT:
		return "only in production"
	case !inUAT:
		return "nowhere"
	case source != target:
		return "changed"
	}
	return "same"
}

func TestOnePermissionSetDiffersOnlyInTheOrderOfItsElements(t *testing.T) {
	const file = "permissionsets/Field_Technician.permissionset"
	source, target := org(t, sample.UAT)[file], org(t, sample.Production)[file]
	if string(source) == string(target) {
		t.Fatal("the files are equal byte for byte")
	}
	if a, b := sortedElements(t, source), sortedElements(t, target); !slices.Equal(a, b) {
		t.Errorf("the elements differ:\n%v\n%v", a, b)
	}
}

func sortedElements(t *testing.T, data []byte) []string {
	t.Helper()
	var root struct {
		Children []struct {
			XMLName xml.Name
			Text    string `xml:",innerxml"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range root.Children {
		all = append(all, c.XMLName.Local+c.Text)
	}
	sort.Strings(all)
	return all
}

func TestFixesChangeWhatTheirPackageNames(t *testing.T) {
	uat, production := bothOrgs(t)
	renewals := packageNamed(t, "Renewals")
	member := regexp.MustCompile(`<members>([^<]+)</members>\s*<name>([^<]+)</name>`)
	for name, target := range map[string]inventory{"mend": uat, "source-moved": uat, "target-moved": production} {
		files := sample.Fix(name)
		hits := member.FindAllStringSubmatch(string(files["package.xml"]), -1)
		if len(hits) != 1 {
			t.Fatalf("%s: package.xml names %q", name, hits)
		}
		delete(files, "package.xml")
		fixed := inventoryOf(t, files)
		m := sample.Member{Type: hits[0][2], Name: hits[0][1]}
		if fixed[m] == "" || fixed[m] == target[m] || target[m] == "" {
			t.Errorf("%s does not change %v", name, m)
		}
		if !slices.Contains(renewals.Members, m) {
			t.Errorf("%s changes %v, no member of Renewals", name, m)
		}
		if lacks := target.with(fixed, []sample.Member{m}).missing(classNames(uat, production)); len(lacks) != 0 {
			t.Errorf("%s: %v", name, lacks)
		}
		if compare(fixed, uat, m) == "same" || compare(fixed, production, m) == "same" {
			t.Errorf("%s equals what an org has", name)
		}
	}
}

func TestEveryChangeHasAPersonAndADate(t *testing.T) {
	id := regexp.MustCompile(`^005[A-Za-z0-9]{15}$`)
	for _, kind := range []string{sample.UAT, sample.Production} {
		team, err := sample.PeopleOf(kind)
		if err != nil || len(team.Users) < 3 {
			t.Fatalf("%s: %d users, %v", kind, len(team.Users), err)
		}
		files := org(t, kind)
		for file := range files {
			change := team.LastModified(file)
			if user, ok := team.User(change.By); !ok || !id.MatchString(user.ID) || user.Name == "" || change.At.Year() != 2026 {
				t.Errorf("%s: %s was changed by %+v at %v", kind, file, user, change.At)
			}
		}
		for prefix := range team.Modified {
			found := false
			for file := range files {
				found = found || strings.HasPrefix(file, prefix)
			}
			if !found {
				t.Errorf("%s: people.json names %q, which is no file", kind, prefix)
			}
		}
		if _, ok := team.User("005000000000000AAA"); ok {
			t.Errorf("%s knows a stranger", kind)
		}
	}
}

func TestTheLongestBeginningSaysWhoChangedAFile(t *testing.T) {
	team, err := sample.PeopleOf(sample.Production)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		"classes/OrderSyncHotfix.cls": "Tomas Vesely",
		"classes/SlaCalculator.cls":   "Release Deployment",
		"groups/Pricing_Board.group":  "Release Deployment",
		"roles/Technician.role":       "Ingrid Solberg",
	} {
		if user, _ := team.User(team.LastModified(file).By); user.Name != want {
			t.Errorf("%s was changed by %q, want %q", file, user.Name, want)
		}
	}
}
