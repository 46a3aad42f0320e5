package scan

import (
	"slices"
	"strings"
	"testing"

	"countersign/backend/demoorg/sample"
	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/store"
	"github.com/google/go-cmp/cmp"
)

// Ana scans the Renewals package, learns what it forgot, extends the request,
// and scans again; then others change both orgs behind her back.
func TestRenewalsFromScanToMoved(t *testing.T) {
	w := newWorld(t)
	renewals := samplePackage(t, "Renewals")
	request := w.request(governance.ChangeRequest{Customizations: customizationsOf(renewals.Members)})
	dr := w.record(request)

	first := w.run(dr.ID)
	if first.New == 0 || first.Changed == 0 || first.MissingInSource != 0 || len(first.Items) != len(renewals.Members) {
		t.Errorf("new %d, changed %d, same %d of %d", first.New, first.Changed, first.Same, len(first.Items))
	}
	for _, i := range first.Items {
		if i.State == StateChanged && (len(i.Changes) == 0 || i.SourceBy == "" || i.TargetBy == "") {
			t.Errorf("%s is changed, but how (%d) or by whom (%q, %q) is not said", i.Customization, len(i.Changes), i.SourceBy, i.TargetBy)
		}
	}
	w.checkFrozen(dr.ID)
	again, err := w.Compare(t.Context(), dr.ID)
	w.ok(err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the comparison without an org differs: %s", diff)
	}

	found, err := w.Dependencies(t.Context(), "ana", dr.ID)
	w.ok(err)
	forgotten := customizationsOf(renewals.Forgotten)
	if len(found.Missing) != len(forgotten) || keyOf(found.Missing[0]) != keyOf(forgotten[0]) {
		t.Fatalf("missing: %v", found.Missing)
	}
	w.ok(w.Extend(t.Context(), w.people["ana"], request, found.Missing, "The picklist of the stage was forgotten.", ""))
	cr, err := w.Store.ChangeRequest(t.Context(), request)
	w.ok(err)
	if cr.Status != governance.InProgress || !slices.Contains(cr.Customizations, found.Missing[0]) {
		t.Errorf("the request is %s and names %v", cr.Status, cr.Customizations)
	}
	if _, err := w.Run(t.Context(), w.people["ana"], dr.ID); governance.FaultCode(err) != CodeNotApproved {
		t.Errorf("a reopened request is scanned: %v", err)
	}
	w.approve(request)
	second := w.run(dr.ID)
	if len(second.Items) != len(first.Items)+1 || w.reload(dr.ID).Package == "" {
		t.Errorf("%d items after extending", len(second.Items))
	}
	found, err = w.Dependencies(t.Context(), "ana", dr.ID)
	w.ok(err)
	if len(found.Missing) != 0 {
		t.Errorf("still missing: %v", found.Missing)
	}
	for _, kind := range []string{noteContent, noteDependencies, noteExtend} {
		if !w.logged(kind) {
			t.Errorf("the audit trail has no entry %q", kind)
		}
	}
	w.othersMoveBothOrgs(dr.ID)
	w.checkTrail()
}

// checkFrozen holds the record's hashes against its blobs.
func (w *world) checkFrozen(id string) {
	w.t.Helper()
	dr := w.reload(id)
	pack, err := Frozen(w.t.Context(), w.Store, dr.PackageBlob)
	w.ok(err)
	base, err := Frozen(w.t.Context(), w.Store, dr.BaseBlob)
	w.ok(err)
	reverse, err := Frozen(w.t.Context(), w.Store, dr.ReverseBlob)
	w.ok(err)
	got := []string{pack.Hash(), pack.Content().NormalHash(), base.NormalHash(), reverse.Hash()}
	want := []string{dr.Package, dr.SourceNormal, dr.Base, dr.Reverse}
	if !slices.Equal(got, want) {
		w.t.Errorf("blobs %v, record %v", got, want)
	}
	if reverse.Content().NormalHash() != dr.Base {
		w.t.Errorf("the reverse package does not restore the base")
	}
	if dr.SourceOrg != w.uat.Connection().OrganizationID || dr.TargetOrg != w.production.Connection().OrganizationID || dr.TargetKind != governance.Demo ||
		dr.APIVersion != "66.0" || dr.NormalForm != metadata.NormalForm || dr.ScannedAt.IsZero() || dr.RequestDigest == "" {
		w.t.Errorf("the record is not filled in: %+v", dr)
	}
	if got := manifestIn(w.t, pack, metadata.PackagePath); len(got) != len(dr.Customizations) {
		w.t.Errorf("package.xml names %d of %d customizations", len(got), len(dr.Customizations))
	}
}

func (w *world) othersMoveBothOrgs(id string) {
	w.t.Helper()
	dr := w.reload(id)
	still, err := w.Current(w.t.Context(), dr)
	w.ok(err)
	if still.Moved() || still.SourceNormal != dr.SourceNormal || still.Base != dr.Base {
		w.t.Errorf("nothing moved, but: %+v %+v", still.MovedSource, still.MovedTarget)
	}
	colleague(w.t, w.uat, sample.Fix("source-moved"))
	colleague(w.t, w.production, sample.Fix("target-moved"))
	now, err := w.Current(w.t.Context(), dr)
	w.ok(err)
	if now.SourceNormal == dr.SourceNormal || now.Base == dr.Base {
		w.t.Errorf("the hashes did not move")
	}
	for _, c := range []struct {
		moved []Movement
		org   string
	}{{now.MovedSource, "uat"}, {now.MovedTarget, "production"}} {
		if len(c.moved) != 1 {
			w.t.Errorf("%s: %+v", c.org, c.moved)
			continue
		}
		org := w.signIns[c.org]
		who, err := clientOf(org, org.SecondUser()).Identity(w.t.Context())
		w.ok(err)
		if m := c.moved[0]; m.By != who.UserName || m.At.IsZero() || len(m.Changes) == 0 {
			w.t.Errorf("%s in %s moved by %q at %v", m.Key, c.org, m.By, m.At)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	w := newWorld(t)
	ask := func(cs ...governance.Customization) string {
		return w.request(governance.ChangeRequest{Customizations: cs})
	}
	for _, c := range []struct {
		name string
		make func() *governance.DeploymentRecord
		code string
		says string
	}{
		{"a name that the source lacks", func() *governance.DeploymentRecord {
			return w.record(ask(customization(governance.Modify, "ApexClass:RenewalService"), customization(governance.Modify, "ApexClass:Renewals")))
		}, CodeMissingInSource, "ApexClass:Renewals"},
		{"deleting what the target lacks", func() *governance.DeploymentRecord {
			return w.record(ask(customization(governance.Delete, "ApexClass:RenewalService")))
		}, CodeNotInTarget, "ApexClass:RenewalService"},
		{"more than a package takes", func() *governance.DeploymentRecord {
			many := make([]governance.Customization, 10_001)
			for i := range many {
				many[i] = customization(governance.Modify, "ApexClass:C"+fiveDigits(i))
			}
			return w.record(ask(many...))
		}, CodeTooManyMembers, "10,001"},
		{"a change set that is not there", func() *governance.DeploymentRecord {
			return w.record(w.request(governance.ChangeRequest{ChangeSets: []string{"Renewals Q9"}}))
		}, CodeChangeSet, "Renewals Q9"},
		{"a request in progress", func() *governance.DeploymentRecord {
			dr := w.record(ask(customization(governance.Modify, "ApexClass:RenewalService")))
			w.act(dr.RequestID, "ana", governance.Reopen)
			return dr
		}, CodeNotApproved, "In Progress"},
		{"one environment twice", func() *governance.DeploymentRecord {
			dr := w.record(ask(customization(governance.Modify, "ApexClass:RenewalService")))
			_, err := w.Store.UpdateDeploymentRecord(t.Context(), dr.ID, w.people["ana"], func(dr *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
				dr.TargetID = dr.SourceID
				return governance.Intent{}, nil
			})
			w.ok(err)
			return dr
		}, CodeSameOrg, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dr := c.make()
			_, err := w.Run(t.Context(), w.people["ana"], dr.ID)
			if governance.FaultCode(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v", err)
			}
			if w.reload(dr.ID).Package != "" {
				t.Error("a refused scan left a package")
			}
		})
	}
}

func TestRunRefusesAnotherOrg(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:RenewalService")}}))
	w.signIns["production"] = w.uat // somebody's credentials lead elsewhere
	if _, err := w.Run(t.Context(), w.people["ana"], dr.ID); governance.FaultCode(err) != CodeWrongOrg {
		t.Errorf("got %v", err)
	}
	if _, err := w.Inventory(t.Context(), "ana", "production"); governance.FaultCode(err) != CodeWrongOrg {
		t.Errorf("got %v", err)
	}
}

// A record that was submitted is not scanned any more.
func TestRunRefusesALockedRecord(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator")}}))
	w.run(dr.ID)
	_, err := w.Store.UpdateDeploymentRecord(t.Context(), dr.ID, w.people["ana"], func(dr *governance.DeploymentRecord, sit governance.Situation) (governance.Intent, error) {
		return dr.Do(sit, governance.Deed{Action: governance.Submit})
	})
	w.ok(err)
	if _, err := w.Run(t.Context(), w.people["ana"], dr.ID); governance.FaultCode(err) != CodeLocked {
		t.Errorf("got %v", err)
	}
	if _, err := w.Compare(t.Context(), dr.ID); err != nil {
		t.Errorf("a locked record cannot be looked at: %v", err)
	}
}

// A wildcard and a change set become customizations of the record, and what
// only differs in the order of its elements is the same.
func TestRunOpensWildcardsAndChangeSets(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{
		ChangeSets: []string{"Renewals Q4"},
		Manifests:  []governance.PackageManifest{{Name: "package.xml", APIVersion: "66.0", Members: []governance.ManifestMember{{Type: "PermissionSet", Names: []string{"*"}}}}},
	}))
	got := w.run(dr.ID)
	if len(got.Added) != len(got.Items) || len(w.reload(dr.ID).Customizations) != len(got.Items) || len(got.Items) < 19 {
		t.Errorf("%d items, %d added", len(got.Items), len(got.Added))
	}
	for _, i := range got.Items {
		if (i.State == StateNew) != (i.Change == governance.Add) {
			t.Errorf("%s is %s, but the record says %q", i.Customization, i.State, i.Change)
		}
	}
	if got.Same == 0 || got.New == 0 || got.Changed == 0 {
		t.Errorf("new %d, changed %d, same %d", got.New, got.Changed, got.Same)
	}
	if reordered := reorderedPermissionSet(t); reordered == "" {
		t.Error("the sample has no permission set that differs in order only")
	} else if i := slices.IndexFunc(got.Items, func(i Item) bool { return i.Name == reordered }); i < 0 || got.Items[i].State != StateSame {
		t.Errorf("%s, reordered, is not the same", reordered)
	}
}

// reorderedPermissionSet finds the permission set whose bytes differ between
// the orgs and whose meaning does not.
func reorderedPermissionSet(t *testing.T) string {
	t.Helper()
	uat, err := sample.Org(sample.UAT)
	if err != nil {
		t.Fatal(err)
	}
	production, err := sample.Org(sample.Production)
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range uat {
		other, there := production[p]
		name, is := strings.CutPrefix(p, "permissionsets/")
		if is && there && string(b) != string(other) && len(metadata.Diff(p, b, other)) == 0 {
			return strings.TrimSuffix(name, ".permissionset")
		}
	}
	return ""
}

// A deletion is part of the package, and its reverse brings the class back.
func TestDeletions(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{
		customization(governance.Delete, "ApexClass:LegacyPriceImport"), customization(governance.Delete, "ApexClass:LegacyPriceImportTest"),
		customization(governance.Modify, "ApexClass:DiscountCalculator"),
	}}))
	got := w.run(dr.ID)
	if got.Deleted != 2 || got.Changed+got.Same != 1 {
		t.Errorf("deleted %d, changed %d, same %d", got.Deleted, got.Changed, got.Same)
	}
	dr = w.reload(dr.ID)
	pack, err := Frozen(t.Context(), w.Store, dr.PackageBlob)
	w.ok(err)
	if keys := manifestIn(t, pack, metadata.DeletionsPath); !slices.Equal(keys, []string{"ApexClass:LegacyPriceImport", "ApexClass:LegacyPriceImportTest"}) {
		t.Errorf("deletions: %v", keys)
	}
	reverse, err := Frozen(t.Context(), w.Store, dr.ReverseBlob)
	w.ok(err)
	if _, ok := reverse.File("classes/LegacyPriceImport.cls"); !ok {
		t.Error("the reverse package does not bring the deleted class back")
	}
	found, err := w.Dependencies(t.Context(), "ana", dr.ID)
	w.ok(err)
	for _, d := range found.Items {
		if d.In == Deleted && strings.HasPrefix(d.From.Name, "LegacyPriceImport") {
			t.Errorf("%s is deleted too and needs nothing", d.From)
		}
	}
}

func TestExtendRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.request(governance.ChangeRequest{Customizations: []governance.Customization{
		customization(governance.Modify, "ApexClass:RenewalService"), customization(governance.Delete, "ApexClass:Old")}})
	for _, c := range []struct {
		name, key, reason, code string
	}{
		{"what it has", "ApexClass:RenewalService", "Because.", CodeNothingToAdd},
		{"what it deletes", "ApexClass:Old", "Because.", CodeConflict},
		{"a name that is none", "CustomField:Tier__c", "Because.", metadata.CodeBadName},
		{"without a reason", "ApexClass:DiscountCalculator", " ", "reason_needed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.Extend(t.Context(), w.people["ana"], id, []governance.Customization{customization(governance.Add, c.key)}, c.reason, "")
			if governance.FaultCode(err) != c.code {
				t.Errorf("got %v", err)
			}
			if cr, err := w.Store.ChangeRequest(t.Context(), id); err != nil || cr.Status != governance.Approved {
				t.Errorf("the request is %v, %v", cr, err)
			}
		})
	}
}

func TestInventorySaysWhatExists(t *testing.T) {
	w := newWorld(t)
	cs := []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator"), customization(governance.Add, "CustomObject:Renewal__c")}
	existing, last, err := w.Existing(t.Context(), "production", cs)
	w.ok(err)
	if last != nil || existing["ApexClass:DiscountCalculator"] {
		t.Errorf("without an inventory: %v, %v", existing, last)
	}
	saved, err := w.Inventory(t.Context(), "ana", "production")
	w.ok(err)
	existing, last, err = w.Existing(t.Context(), "production", cs)
	w.ok(err)
	if last == nil || last.ID != saved.ID || !existing["ApexClass:DiscountCalculator"] || existing["CustomObject:Renewal__c"] {
		t.Errorf("existing %v by %+v", existing, last)
	}
	items, total, err := w.Store.ScanItems(t.Context(), saved.ID, store.ItemQuery{Type: "ApexClass", Limit: 5})
	w.ok(err)
	if len(items) != 5 || total <= 5 || saved.Count < total || !w.logged("scan") {
		t.Errorf("%d of %d classes, %d in all", len(items), total, saved.Count)
	}
}

func TestCompareNeedsAScan(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator")}}))
	if _, err := w.Compare(t.Context(), dr.ID); governance.FaultCode(err) != CodeNotScanned {
		t.Errorf("got %v", err)
	}
	if _, _, err := w.FetchSource(t.Context(), dr); governance.FaultCode(err) != CodeNotScanned {
		t.Errorf("got %v", err)
	}
	if _, err := w.Dependencies(t.Context(), "ana", dr.ID); governance.FaultCode(err) != CodeNotScanned {
		t.Errorf("got %v", err)
	}
}

// Somebody changes the selection while the scan is under way: what was scanned
// is not what the record says, so nothing is saved.
func TestARecordThatChangesDuringItsScan(t *testing.T) {
	w := newWorld(t)
	both := []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator"), customization(governance.Modify, "ApexClass:RenewalService")}
	edits := map[string]func(id string){
		"the selection": func(id string) {
			_, err := w.Store.UpdateDeploymentRecord(t.Context(), id, w.people["ana"], func(dr *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
				dr.Customizations = both[:1]
				return governance.Intent{}, nil
			})
			w.ok(err)
		},
		"the request": func(id string) { w.act(w.reload(id).RequestID, "ana", governance.Reopen) },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			dr := w.record(w.request(governance.ChangeRequest{Customizations: both}), both...)
			w.OnProgress = func(p Progress) {
				if p.Phase == PhaseSave {
					edit(dr.ID)
				}
			}
			defer func() { w.OnProgress = nil }()
			if _, err := w.Run(t.Context(), w.people["ana"], dr.ID); governance.FaultCode(err) != CodeChangedMean {
				t.Errorf("got %v", err)
			}
			if got := w.reload(dr.ID); got.Package != "" || !got.ScannedAt.IsZero() {
				t.Errorf("the scan was saved: %+v", got)
			}
		})
	}
}

// Hashes on a record that are not those of its blobs are never compared as if
// nothing had happened.
func TestAlteredContentIsNoticed(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:DiscountCalculator")}}))
	w.run(dr.ID)
	for name, alter := range map[string]func(dr *governance.DeploymentRecord){
		"package": func(dr *governance.DeploymentRecord) { dr.Package = dr.Reverse },
		"base":    func(dr *governance.DeploymentRecord) { dr.BaseBlob = dr.PackageBlob },
	} {
		altered := *w.reload(dr.ID)
		alter(&altered)
		if _, err := w.Current(t.Context(), &altered); governance.FaultCode(err) != CodeAltered {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The package and the way back are one blob then, read for both.
func TestWhatIsTheSameInBothOrgsIsCompared(t *testing.T) {
	w := newWorld(t)
	dr := w.record(w.request(governance.ChangeRequest{Customizations: []governance.Customization{customization(governance.Modify, "ApexClass:"+sameClass(t))}}))
	found := w.run(dr.ID)
	if dr = w.reload(dr.ID); found.Same != 1 || len(found.Items) != 1 || dr.PackageBlob != dr.ReverseBlob {
		t.Fatalf("%d of %d are the same; package %s, reverse %s", found.Same, len(found.Items), dr.PackageBlob, dr.ReverseBlob)
	}
	again, err := w.Compare(t.Context(), dr.ID)
	w.ok(err)
	if diff := cmp.Diff(found, again); diff != "" {
		t.Errorf("the comparison without an org differs: %s", diff)
	}
}

// sameClass finds a class whose bytes are the same in both orgs.
func sameClass(t *testing.T) string {
	t.Helper()
	uat, err := sample.Org(sample.UAT)
	if err != nil {
		t.Fatal(err)
	}
	production, err := sample.Org(sample.Production)
	if err != nil {
		t.Fatal(err)
	}
	for p, b := range uat {
		file, inClasses := strings.CutPrefix(p, "classes/")
		name, isClass := strings.CutSuffix(file, ".cls")
		meta := p + "-meta.xml"
		if inClasses && isClass && string(b) == string(production[p]) && string(uat[meta]) == string(production[meta]) {
			return name
		}
	}
	t.Fatal("the sample has no class that is the same in both orgs")
	return ""
}

func TestAnEnvironmentIsTestedFirst(t *testing.T) {
	w := newWorld(t)
	w.signIns["fresh"] = w.uat
	w.ok(w.Store.SaveEnvironment(t.Context(), "ana", &governance.Environment{ID: "fresh", Name: "Fresh", Kind: governance.Demo, URL: "demo:uat", SignIn: governance.SignInPassword}))
	if _, err := w.Inventory(t.Context(), "ana", "fresh"); governance.FaultCode(err) != CodeNotTested {
		t.Errorf("got %v", err)
	}
}
