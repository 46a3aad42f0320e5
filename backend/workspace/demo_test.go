package workspace

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"countersign/backend/demoorg"
	"countersign/backend/governance"
)

func TestTheDemoOnServedOrgs(t *testing.T) {
	data, uat, production := t.TempDir(), t.TempDir(), t.TempDir()
	var source, target demoorg.Connection
	t.Run("is made and used", func(t *testing.T) {
		source, _ = serveOrg(t, demoorg.KindUAT, uat)
		target, _ = serveOrg(t, demoorg.KindProduction, production)
		w := openTestDemo(t, data, func(o *Options) { o.Orgs = &DemoOrgs{source, target} })
		c, err := w.Charter(t.Context())
		ok(t, err)
		if !c.Demo || c.Organizations[0] != source.OrganizationID || c.Organizations[1] != target.OrganizationID {
			t.Errorf("%+v", c)
		}
		for _, env := range []string{DemoSource, DemoTarget} {
			who, err := w.TestConnection(t.Context(), Ana, env)
			ok(t, err)
			if who.Kind != "demo" {
				t.Errorf("%s is a %s", env, who.Kind)
			}
		}
		if org, err := w.EmbeddedOrg(DemoSource); org != nil || err != nil {
			t.Errorf("%v %v", org, err)
		}
		if isFolder(filepath.Join(w.Dir(), "orgs")) {
			t.Error("the embedded orgs were made too")
		}
	})
	t.Run("orgs that were started anew have another address", func(t *testing.T) {
		source, _ = serveOrg(t, demoorg.KindUAT, uat)
		target, _ = serveOrg(t, demoorg.KindProduction, production)
		w := openTestDemo(t, data, func(o *Options) { o.Orgs = &DemoOrgs{source, target} })
		env, err := w.Store.Environment(t.Context(), DemoSource)
		ok(t, err)
		if env.URL != source.URL {
			t.Errorf("the address is still %s, not %s", env.URL, source.URL)
		}
		_, err = w.TestConnection(t.Context(), Ana, DemoSource)
		ok(t, err)
	})
	t.Run("it opens without them, to be read", func(t *testing.T) {
		w := openTestDemo(t, data)
		w.draftFor(t, Ana)
		if _, err := w.TestConnection(t.Context(), Ana, DemoSource); governance.FaultCode(err) != "org_unreachable" {
			t.Error(err)
		}
	})
	t.Run("other orgs are refused", func(t *testing.T) {
		swapped := &DemoOrgs{Source: target, Target: source}
		_, err := Open(t.Context(), Options{Data: data, Demo: true, Orgs: swapped})
		wantFault(t, err, "other_demo_orgs")
		_, err = Open(t.Context(), Options{Data: t.TempDir(), Demo: true, Orgs: &DemoOrgs{source, source}})
		wantFault(t, err, "same_environment")
	})
}

func TestConnectionFiles(t *testing.T) {
	write := func(v any) string {
		b, err := json.Marshal(v)
		ok(t, err)
		file := filepath.Join(t.TempDir(), "connection.json")
		ok(t, os.WriteFile(file, b, 0o600))
		return file
	}
	good := demoorg.Connection{URL: "http://127.0.0.1:9", OrganizationID: demoorg.UATOrganizationID}
	if c, err := ReadConnection(write(good)); err != nil || c != good {
		t.Errorf("%+v %v", c, err)
	}
	away, real := good, good
	away.URL, real.URL = "http://192.168.0.1:9", "https://acme.my.salesforce.com"
	for name, file := range map[string]string{
		"missing": filepath.Join(t.TempDir(), "none.json"), "not JSON": write("{"), "empty": write(demoorg.Connection{}),
		"another computer": write(away), "a real org": write(real), "a folder": t.TempDir(),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadConnection(file)
			wantFault(t, err, "connection_file")
		})
	}
}

func TestOnlyACopyCanBeForged(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	w.draftFor(t, Ana)
	wantFault(t, Forge(t.Context(), w.Dir(), "DELETE FROM change_requests"), "not_a_copy")
	dir := filepath.Join(t.TempDir(), "copy")
	ok(t, w.CopyTo(t.Context(), dir))
	ok(t, Forge(t.Context(), dir, "UPDATE change_requests SET name = 'Something else'"))
	report, _, err := VerifyFolder(t.Context(), dir, nil, nil)
	ok(t, err)
	if len(report.Findings) == 0 {
		t.Error("the forged name was not found")
	}
	report, _, err = VerifyFolder(t.Context(), w.Dir(), nil, nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Errorf("the workspace itself was touched: %s", findings(report.Findings))
	}
}
