package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
	"countersign/backend/store"
)

func TestTheDemosEnvironments(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	ok(t, w.ActAs(ctx, Ana))
	_, err := w.Inventory(ctx, DemoSource, InventoryQuery{})
	wantFault(t, err, scan.CodeNotScanned)
	_, err = w.InventorySummary(ctx, DemoSource)
	wantFault(t, err, scan.CodeNotScanned)
	k, err := w.StartInventory(ctx, DemoSource)
	again, errAgain := w.StartInventory(ctx, DemoSource)
	ok(t, errAgain)
	if again.ID != k.ID && w.ends(t, k).Running() {
		t.Error("the scan was begun twice at the same time")
	}
	k = w.succeeds(t, k, err)
	if k.Title != "Demo UAT" || k.Production || !strings.HasPrefix(k.Sentence, "Demo UAT has ") {
		t.Errorf("%+v", k)
	}
	w.ends(t, again)

	all, err := w.EnvironmentViews(ctx)
	ok(t, err)
	if len(all) != 2 || all[0].Environment.ID != DemoTarget || !all[0].Production || all[1].Production || !all[0].HasCredentials || all[0].Inventory.Count != 0 || all[1].Inventory.Count == 0 {
		t.Fatalf("%+v", all)
	}
	sum, err := w.InventorySummary(ctx, DemoSource)
	ok(t, err)
	page, err := w.Inventory(ctx, DemoSource, InventoryQuery{Limit: 10_000})
	ok(t, err)
	if sum.Age.Count != page.Total || len(page.Items) != min(int(page.Total), mostItems) || sum.Since.IsZero() {
		t.Errorf("%+v, %d of %d", sum.Age, len(page.Items), page.Total)
	}
	items, types := int64(0), []string{}
	for _, n := range sum.Types {
		items, types = items+n.Count, append(types, n.Type)
	}
	packages := int64(0)
	for _, n := range sum.Packages {
		packages += n.Count
	}
	if items != page.Total || packages != page.Total || len(sum.People) == 0 {
		t.Errorf("types count %d and packages %d of %d", items, packages, page.Total)
	}
	for name, q := range map[string]InventoryQuery{
		"type": {Types: types[:1]}, "person": {By: sum.People[0].Name}, "package": {Package: sum.Packages[0].Name},
	} {
		want := map[string]int64{"type": sum.Types[0].Count, "person": sum.People[0].Count, "package": sum.Packages[0].Count}[name]
		if p, err := w.Inventory(ctx, DemoSource, q); err != nil || p.Total != want {
			t.Errorf("%s: %d, want %d (%v)", name, p.Total, want, err)
		}
	}
	found, err := w.Inventory(ctx, DemoSource, InventoryQuery{Text: "VALUESET renewal"})
	ok(t, err)
	if found.Total != 1 || found.Items[0].Name != "Renewal_Stage" {
		t.Errorf("%+v", found)
	}
}

func TestEditingEnvironments(t *testing.T) {
	served, _ := serveOrg(t, demoorg.KindUAT, filepath.Join(t.TempDir(), "uat"))
	w := createSolo(t, t.TempDir(), keychain.Memory())
	ctx := t.Context()
	v, err := w.EditEnvironment(ctx, "", EnvironmentFields{Name: " Partner ", URL: served.URL, SignIn: governance.SignInPassword, Username: served.Username})
	ok(t, err)
	id := v.Environment.ID
	if v.Environment.Name != "Partner" || v.HasCredentials || v.Production || v.Environment.Kind != governance.Demo {
		t.Errorf("%+v", v)
	}
	for _, c := range []struct {
		id   string
		f    EnvironmentFields
		code string
	}{
		{"", EnvironmentFields{Name: "PARTNER", URL: served.URL, SignIn: governance.SignInPassword}, "name_used"},
		{"", EnvironmentFields{Name: " ", URL: served.URL, SignIn: governance.SignInPassword}, "name_needed"},
		{"", EnvironmentFields{Name: "Other", URL: served.URL}, "sign_in"},
		{"", EnvironmentFields{Name: "Other", URL: "http://example.com", SignIn: governance.SignInPassword}, "invalid_url"},
		{"none", EnvironmentFields{Name: "Other", URL: served.URL, SignIn: governance.SignInPassword}, "not_found"},
	} {
		_, err := w.EditEnvironment(ctx, c.id, c.f)
		wantFault(t, err, c.code)
	}
	_, err = w.StartInventory(ctx, id)
	wantFault(t, err, scan.CodeNotTested)
	_, err = w.Connect(ctx, id)
	wantFault(t, err, "no_credentials")
	ok(t, w.SaveCredentials(ctx, me(t, w), id, Credentials{Password: salesforce.NewSecret(served.Password)}))
	if v, err = w.EnvironmentView(ctx, id); err != nil || !v.HasCredentials {
		t.Errorf("%+v %v", v, err)
	}
	c, err := w.Connect(ctx, id)
	ok(t, err)
	if !c.Changed || c.Identity.Username != served.Username || c.Said.Params["user"] != served.Username {
		t.Errorf("%+v", c)
	}
	v, err = w.EditEnvironment(ctx, id, EnvironmentFields{Name: "Partner 2", Kind: governance.Sandbox, URL: served.URL, SignIn: governance.SignInPassword, Username: served.Username})
	ok(t, err)
	if v.Environment.OrganizationID != served.OrganizationID || v.Environment.Kind != governance.Demo || v.Environment.TestedAt.IsZero() {
		t.Errorf("what the org told was forgotten: %+v", v.Environment)
	}
	if v.Environment.DeployBy != governance.DeployBySOAP {
		t.Errorf("nobody chose %q", v.Environment.DeployBy)
	}
	before, err := w.Session(ctx, &v.Environment)
	ok(t, err)
	v, err = w.EditEnvironment(ctx, id, EnvironmentFields{Name: "Partner 2", URL: served.URL, SignIn: governance.SignInPassword, Username: served.Username, DeployBy: governance.DeployByREST})
	ok(t, err)
	if v.Environment.DeployBy != governance.DeployByREST || v.Environment.TestedAt.IsZero() {
		t.Errorf("another way to deploy needs no other test: %+v", v.Environment)
	}
	after, err := w.Session(ctx, &v.Environment)
	ok(t, err)
	if o, _, err := w.login(&v.Environment); err != nil || o.DeployBy != salesforce.DeployByREST || before == after {
		t.Errorf("the way to deploy is not that of the environment: %+v, %v", o, err)
	}
	_, err = w.EditEnvironment(ctx, id, EnvironmentFields{Name: "Partner 2", URL: served.URL, SignIn: governance.SignInPassword, DeployBy: "pigeon"})
	wantFault(t, err, "deploy_by")
	v, err = w.EditEnvironment(ctx, "", EnvironmentFields{Name: "By the CLI", SignIn: governance.SignInCLI, Username: "admin"})
	ok(t, err)
	if !v.HasCredentials || !v.Production {
		t.Errorf("an org that was not asked yet: %+v", v)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := Secrets{Password: "hunter2", Token: "abc"}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), s.String()} {
		if strings.Contains(text, "hunter2") || strings.Contains(text, "abc") {
			t.Error(text)
		}
	}
}

// benchWorld is a demo workspace with an org of a hundred thousand
// customizations and an audit trail of a hundred thousand entries.
func benchWorld(b *testing.B) *Workspace {
	w, err := Open(b.Context(), Options{Data: b.TempDir(), Demo: true, Pace: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	items := make([]store.ScanItem, 100_000)
	for i := range items {
		items[i] = store.ScanItem{Type: []string{"ApexClass", "CustomField", "Flow", "Layout"}[i%4], Name: fmt.Sprintf("Object%d__c.Field_%d__c", i%500, i), LastModifiedByName: []string{"Rita", "Ann"}[i%2]}
	}
	if err := w.Store.SaveScan(b.Context(), Ana, &store.Scan{EnvironmentID: DemoSource}, items); err != nil {
		b.Fatal(err)
	}
	return w
}

func BenchmarkInventoryOf100000(b *testing.B) {
	w := benchWorld(b)
	for name, q := range map[string]InventoryQuery{"page": {}, "search": {Text: "field_4242"}, "type": {Types: []string{"Flow"}}, "by": {By: "Ann", Sort: "-lastModifiedAt"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if p, err := w.Inventory(b.Context(), DemoSource, q); err != nil || p.Total == 0 {
					b.Fatal(p.Total, err)
				}
			}
		})
	}
}

func BenchmarkTrailOf100000(b *testing.B) {
	w := benchWorld(b)
	if err := store.Forge(b.Context(), w.Dir(), fillTrail); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]TrailQuery{"page": {}, "deep": {Before: 50_000}, "kind": {Kinds: []string{"connection"}}, "rare": {Kinds: []string{"gov.genesis"}},
		"text": {Text: "demo uat"}, "text without a find": {Text: "no such words"}, "member": {Member: Bo}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.TrailPage(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fillTrail adds entries as they would look, with hashes of nothing: the lists
// do not read them.
const fillTrail = `WITH RECURSIVE n(i) AS (SELECT (SELECT max(idx) + 1 FROM log_entries) UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	INSERT INTO log_entries (idx, kind, data) SELECT i, 'connection', CAST('{"at":"2026-03-02T09:00:00Z","by":"ana","environment":"demo-uat","organization":"00D"}' AS BLOB) FROM n;
	WITH RECURSIVE n(i) AS (SELECT (SELECT max(idx) + 1 FROM log_hashes) UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
	INSERT INTO log_hashes (idx, hash) SELECT i, zeroblob(32) FROM n;`
