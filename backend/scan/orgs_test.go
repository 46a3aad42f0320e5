package scan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/demoorg/sample"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// openOrg starts a demo org; seed is "" for the built-in sample.
func openOrg(t *testing.T, kind demoorg.Kind, seed string) *demoorg.Org {
	t.Helper()
	org, err := demoorg.Open(t.TempDir(), demoorg.Options{Kind: kind, Seed: seed, Pace: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := org.Close(); err != nil {
			t.Error(err)
		}
	})
	return org
}

// seedOf writes a seed zip.
func seedOf(t *testing.T, files map[string][]byte) string {
	t.Helper()
	tree, err := metadata.NewTree(files)
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if err := tree.WriteZip(&zip, ""); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "seed.zip", zip.Bytes())
}

// clientOf is signed in to a demo org in process.
func clientOf(org *demoorg.Org, c demoorg.Connection) *salesforce.Client {
	return salesforce.NewClient(&salesforce.Session{InstanceURL: c.URL, AccessToken: salesforce.NewSecret(c.AccessToken), OrganizationID: c.OrganizationID, APIVersion: "66.0"},
		salesforce.Options{Transport: org.Transport(), Demo: true, PollInterval: time.Millisecond})
}

func sideOf(t *testing.T, org *demoorg.Org, name string) *side {
	t.Helper()
	client := clientOf(org, org.Connection())
	identity, err := client.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &side{env: &governance.Environment{ID: name, Name: name, OrganizationID: identity.OrganizationID}, client: client, identity: identity}
}

// colleague deploys files as the org's other user, as somebody would behind
// our back.
func colleague(t *testing.T, org *demoorg.Org, files map[string][]byte) {
	t.Helper()
	tree, err := metadata.NewTree(files)
	if err != nil {
		t.Fatal(err)
	}
	var zip bytes.Buffer
	if err := tree.WriteZip(&zip, ""); err != nil {
		t.Fatal(err)
	}
	client := clientOf(org, org.SecondUser())
	id, err := client.Deploy(t.Context(), bytes.NewReader(zip.Bytes()), int64(zip.Len()), salesforce.DeployOptions{SinglePackage: true, RollbackOnError: true, IgnoreWarnings: true})
	if err != nil {
		t.Fatal(err)
	}
	for {
		result, err := client.DeployStatus(t.Context(), id, true)
		if err != nil {
			t.Fatal(err)
		}
		if result.Done {
			if !result.Success {
				t.Fatalf("the colleague's deployment ended as %s: %+v", result.Status, result.Details)
			}
			return
		}
	}
}

func samplePackage(t *testing.T, name string) sample.Package {
	t.Helper()
	all, err := sample.Packages()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(p sample.Package) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("the sample has no package %q", name)
	}
	return all[i]
}

func customizationsOf(members []sample.Member) []governance.Customization {
	cs := []governance.Customization{}
	for _, m := range members {
		cs = append(cs, governance.Customization{Change: governance.Modify, Type: m.Type, Name: m.Name})
	}
	return governance.TidyCustomizations(cs)
}

func TestInventoryOfTenThousandTakesSeconds(t *testing.T) {
	size := 10_000
	if raceDetector {
		size = 500
	}
	files := map[string][]byte{}
	for i := range size {
		name := "Class" + fiveDigits(i)
		files["classes/"+name+".cls"] = []byte("public class " + name + " {}")
		files["classes/"+name+".cls-meta.xml"] = []byte("<ApexClass" + xmlns + "><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>")
	}
	w := newWorldWith(t, seedOf(t, files))
	var mu sync.Mutex
	listing, saving := Progress{}, Progress{}
	w.OnProgress = func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		switch p.Phase {
		case PhaseList:
			listing = p
		case PhaseSave:
			saving = p
		}
	}
	started := time.Now()
	scan, err := w.Inventory(t.Context(), "ana", "uat")
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took > 20*time.Second {
		t.Errorf("the inventory took %v", took)
	}
	if scan.Count != int64(size) || scan.OrganizationID != w.uat.Connection().OrganizationID || scan.APIVersion != "66.0" {
		t.Errorf("%+v", scan)
	}
	if listing.Done == 0 || listing.Done != listing.Total || saving.Done != size || saving.Total != size {
		t.Errorf("the last progress is %+v and %+v", listing, saving)
	}
}

func TestInventoryKnowsChildrenFoldersAndPeople(t *testing.T) {
	s := &Scanner{}
	var scan store.Scan
	items, _, err := s.listAll(t.Context(), sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT"), &scan)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		if !slices.Contains(scan.Listed, i.Type) {
			t.Errorf("%s is not among the listed types", i.Type)
		}
	}
	listed := listedTypes([]salesforce.ListQuery{{Type: "ApexClass"}, {Type: "Layout"}, {Type: "ReportFolder"}, {Type: "EmailFolder"}, {Type: "ApexClass"}},
		map[string]string{"ReportFolder": "Report", "EmailFolder": "EmailTemplate"}, []string{"Layout", "Report"})
	if !slices.Equal(listed, []string{"ApexClass", "EmailTemplate"}) {
		t.Errorf("%v", listed)
	}
	have := map[string]bool{}
	named := 0
	for _, i := range items {
		have[i.Type+":"+i.Name] = true
		if i.LastModifiedByName != "" && !i.LastModifiedAt.IsZero() {
			named++
		}
	}
	for _, want := range []string{"ApexClass:RenewalService", "CustomField:Account.Renewal_Tier__c", "ValidationRule:Opportunity.Discount_Needs_Reason",
		"Report:Service_Reports", "Report:Service_Reports/Renewals_Due", "CustomLabel:Renewal_Due_Soon", "CustomObject:Account"} {
		if !have[want] {
			t.Errorf("the inventory lacks %s", want)
		}
	}
	if named < len(items)/2 {
		t.Errorf("only %d of %d items say who changed them last", named, len(items))
	}
}

// An org can refuse one type of three in a call; the other two still come.
func TestARefusedTypeIsNotFatal(t *testing.T) {
	uat := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT")
	s := &Scanner{}
	found, refused, err := s.list(t.Context(), uat, []salesforce.ListQuery{{Type: "ApexClass"}, {Type: "NoSuchType"}, {Type: "Flow"}})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]int{}
	for _, p := range found {
		types[p.Type]++
	}
	if types["ApexClass"] == 0 || types["Flow"] == 0 || !slices.Equal(refused, []string{"NoSuchType"}) {
		t.Errorf("found %v, refused %v", types, refused)
	}
}

func resolved(t *testing.T, uat *side, dr governance.DeploymentRecord, rev governance.RequestRevision) (all, added []governance.Customization, err error) {
	t.Helper()
	r := resolver{scanner: &Scanner{}, record: &dr, request: &rev, source: uat}
	return r.customizations(t.Context())
}

func TestWildcardsAndChangeSetsAreOpened(t *testing.T) {
	uat := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT")
	whole := governance.DeploymentRecord{Whole: true}
	all, added, err := resolved(t, uat, whole, governance.RequestRevision{
		Customizations: []governance.Customization{customization(governance.Delete, "ApexTrigger:RenewalTrigger")},
		Manifests:      []governance.PackageManifest{{Members: []governance.ManifestMember{{Type: "ApexTrigger", Names: []string{"*"}}}}},
		ChangeSets:     []string{"Hand-over fix"},
	})
	if err != nil {
		t.Fatal(err)
	}
	byKey := map[string]governance.Change{}
	for _, c := range all {
		byKey[c.String()] = c.Change
	}
	for _, want := range []string{"Flow:Opportunity_Handover", "Layout:Opportunity-Opportunity Layout"} {
		if byKey[want] == "" {
			t.Errorf("%s of the change set is missing in %v", want, all)
		}
	}
	triggers := 0
	for k := range byKey {
		if strings.HasPrefix(k, "ApexTrigger:") {
			triggers++
		}
	}
	if triggers < 2 {
		t.Errorf("the wildcard brought %d triggers", triggers)
	}
	if byKey["ApexTrigger:RenewalTrigger"] != governance.Delete || slices.ContainsFunc(added, func(c governance.Customization) bool { return c.Name == "RenewalTrigger" }) {
		t.Errorf("what a person named was overruled by the wildcard")
	}
	if len(added) != len(all)-1 {
		t.Errorf("%d of %d are said to be added", len(added), len(all))
	}

	_, _, err = resolved(t, uat, whole, governance.RequestRevision{ChangeSets: []string{"No such set"}})
	if governance.FaultCode(err) != CodeChangeSet || !strings.Contains(err.Error(), "No such set") {
		t.Errorf("an unknown change set gives %v", err)
	}
}

func TestASelectionCannotHoldWhatWasNotAsked(t *testing.T) {
	uat := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT")
	request := governance.RequestRevision{
		Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:RenewalService"), customization(governance.Delete, "ApexClass:Old")},
		ChangeSets:     []string{"Hand-over fix"},
	}
	for _, c := range []struct {
		name     string
		selected []governance.Customization
		code     string
	}{
		{"a part", []governance.Customization{customization(governance.Modify, "ApexClass:RenewalService")}, ""},
		{"a part of the change set", []governance.Customization{customization(governance.Modify, "Flow:Opportunity_Handover")}, ""},
		{"something else", []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator")}, CodeNotInRequest},
		{"a deletion instead of a change", []governance.Customization{customization(governance.Delete, "ApexClass:RenewalService")}, CodeNotInRequest},
		{"nothing", nil, CodeNothingToDeploy},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, _, err := resolved(t, uat, governance.DeploymentRecord{Customizations: c.selected}, request)
			if governance.FaultCode(err) != c.code {
				t.Fatalf("got %v", err)
			}
			if c.code == "" && len(all) != len(c.selected) {
				t.Errorf("got %v", all)
			}
		})
	}
}

// A retrieve that the org refuses for its size is done in halves and gives the
// same files.
func TestARetrieveIsSplitWhenItIsTooLarge(t *testing.T) {
	if raceDetector {
		t.Skip("it needs more than 10,000 files and starts no goroutine")
	}
	files := map[string][]byte{"objects/A__c.object": []byte(object("<label>A</label>" + field("X__c", "1")))}
	keys := []metadata.Key{{Type: "CustomObject", Name: "A__c"}}
	for i := range 6_000 {
		name := "Class" + fiveDigits(i)
		files["classes/"+name+".cls"] = []byte("public class " + name + " {}")
		files["classes/"+name+".cls-meta.xml"] = []byte("<ApexClass" + xmlns + "><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>")
		keys = append(keys, metadata.Key{Type: "ApexClass", Name: name})
	}
	org := openOrg(t, demoorg.KindUAT, seedOf(t, files))
	client := clientOf(org, org.Connection())
	tree, props, err := Fetch(t.Context(), client, metadata.ManifestOf("66.0", keys))
	if err != nil {
		t.Fatal(err)
	}
	if tree.Len() != 12_001 || len(props) < 6_001 {
		t.Errorf("%d files, %d properties", tree.Len(), len(props))
	}
	cs := []governance.Customization{}
	for _, k := range keys {
		cs = append(cs, customizationOf(k, governance.Modify))
	}
	if _, err := buildPackage(tree, cs, "66.0"); governance.FaultCode(err) != CodeTooLarge || !strings.Contains(err.Error(), "12,002") {
		t.Errorf("a package of too many files gives %v", err)
	}
	// Permission sets would come back without rows.
	_, _, err = Fetch(t.Context(), client, metadata.ManifestOf("66.0", append(keys, metadata.Key{Type: "PermissionSet", Name: "P"})))
	if governance.FaultCode(err) != CodeTooLarge || !strings.Contains(err.Error(), "PermissionSet") {
		t.Errorf("got %v", err)
	}
}

func TestCommonVersionIsTheOlder(t *testing.T) {
	d := func(name, version string) *side {
		return &side{env: &governance.Environment{Name: name}, identity: salesforce.Identity{APIVersion: version}}
	}
	if v, note := commonVersion(d("UAT", "68.0"), d("Prod", "66.0")); v != "66.0" || !strings.Contains(note, "UAT offers API version 68.0") {
		t.Errorf("%s, %q", v, note)
	}
	if v, note := commonVersion(d("UAT", "9.0"), d("Prod", "66.0")); v != "9.0" || note == "" {
		t.Errorf("%s, %q", v, note)
	}
	if v, note := commonVersion(d("UAT", "67.0"), d("Prod", "67.0")); v != "67.0" || note != "" {
		t.Errorf("%s, %q", v, note)
	}
}

// What the Renewals package forgot is found before it is deployed, with what
// that needs in turn.
func TestForgottenMembersAreFoundInOneGo(t *testing.T) {
	uat, production := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT"), sideOf(t, openOrg(t, demoorg.KindProduction, ""), "Production")
	renewals := samplePackage(t, "Renewals")
	check := func(members []sample.Member) *Dependencies {
		dr := governance.DeploymentRecord{APIVersion: "66.0", Customizations: customizationsOf(members)}
		tree, _, err := Fetch(t.Context(), uat.client, SourceManifest(&dr))
		if err != nil {
			t.Fatal(err)
		}
		q := newSearch(&Scanner{}, &dr, uat, production)
		if err := q.run(t.Context(), tree); err != nil {
			t.Fatal(err)
		}
		return q.answer()
	}
	names := func(cs []governance.Customization) []string {
		out := []string{}
		for _, c := range cs {
			out = append(out, c.String())
		}
		return out
	}

	found := check(renewals.Members)
	if got, want := names(found.Missing), names(customizationsOf(renewals.Forgotten)); !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	if len(found.Items) == 0 || found.Items[0].In != Missing {
		t.Errorf("problems do not come first")
	}
	both := slices.ContainsFunc(found.Items, func(d Dependency) bool { return slices.Equal(d.Found, []string{FoundParsed, FoundByOrg}) })
	if !both {
		t.Errorf("no dependency was found both ways")
	}
	if !slices.Contains(found.NotCovered, "Report") || !slices.Contains(found.NotCovered, "PermissionSet") {
		t.Errorf("not covered: %v", found.NotCovered)
	}
	if whole := check(append(slices.Clone(renewals.Members), renewals.Forgotten...)); len(whole.Missing) != 0 {
		t.Errorf("the whole package still lacks %v", whole.Missing)
	}
	// One class that needs the whole feature shows all of it, not its first step.
	one := names(check([]sample.Member{{Type: "ApexTrigger", Name: "RenewalTrigger"}}).Missing)
	for _, want := range []string{"ApexClass:RenewalService", "CustomObject:Renewal__c", "GlobalValueSet:Renewal_Stage"} {
		if !slices.Contains(one, want) {
			t.Errorf("the closure %v lacks %s", one, want)
		}
	}
}

// Deleting a class that the target still uses elsewhere shows by whom.
func TestADeletionThatIsStillUsedIsShown(t *testing.T) {
	uat, production := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT"), sideOf(t, openOrg(t, demoorg.KindProduction, ""), "Production")
	users := func(cs ...governance.Customization) []string {
		q := newSearch(&Scanner{}, &governance.DeploymentRecord{APIVersion: "66.0", Customizations: cs}, uat, production)
		if err := q.stillUsed(t.Context()); err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, d := range q.answer().Items {
			if d.In != Deleted || d.To != keyOf(cs[0]) {
				t.Errorf("unexpected: %+v", d)
			}
			names = append(names, d.From.String())
		}
		return names
	}
	calculator := customization(governance.Delete, "ApexClass:DiscountCalculator")
	alone := users(calculator)
	if !slices.Contains(alone, "ApexClass:DiscountCalculatorTest") {
		t.Fatalf("used by %v", alone)
	}
	with := users(calculator, customization(governance.Delete, "ApexClass:DiscountCalculatorTest"))
	if slices.Contains(with, "ApexClass:DiscountCalculatorTest") || len(with) != len(alone)-1 {
		t.Errorf("with its test deleted too, used by %v; before by %v", with, alone)
	}
}

func TestCancelledScanEnds(t *testing.T) {
	uat := sideOf(t, openOrg(t, demoorg.KindUAT, ""), "UAT")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := (&Scanner{}).listAll(ctx, uat, new(store.Scan)); err == nil {
		t.Error("a cancelled inventory went on")
	}
}

func fiveDigits(n int) string { return fmt.Sprintf("%05d", n) }

func writeFile(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
