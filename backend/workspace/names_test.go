package workspace

import (
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
)

const oneManifest = `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Renewal_Stage</members><name>GlobalValueSet</name></types><version>66.0</version></Package>`

// Names go onto lists, into questions of the system and into what is signed.
func TestNamesAreOneLineAndNotLongerThanAListShows(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	ok(t, w.ActAs(ctx, Ana))
	dr := w.approvedRecord(t)
	cr := w.draftFor(t, Ana)
	long, two := strings.Repeat("ä", maxName+1), "A name\nof two lines"

	fields := func(name string) RecordFields {
		return RecordFields{Name: name, RequestID: dr.RequestID, SourceID: DemoSource, TargetID: DemoTarget, Whole: true}
	}
	_, err := w.SaveRecord(ctx, "", fields(long))
	wantFault(t, err, "too_long")
	made, err := w.SaveRecord(ctx, "", fields(two))
	ok(t, err)
	if made.Record.Name != "A name of two lines" {
		t.Errorf("the record is named %q", made.Record.Name)
	}
	_, err = w.SaveRecord(ctx, made.Record.ID, fields(long))
	wantFault(t, err, "too_long")

	env := EnvironmentFields{URL: "http://127.0.0.1:9", SignIn: governance.SignInPassword}
	for _, set := range []func(*EnvironmentFields, string){func(f *EnvironmentFields, s string) { f.Name = s }, func(f *EnvironmentFields, s string) { f.Name, f.Username = "Org", s }} {
		f := env
		set(&f, long)
		_, err = w.EditEnvironment(ctx, "", f)
		wantFault(t, err, "too_long")
	}
	env.Name = two
	saved, err := w.EditEnvironment(ctx, "", env)
	ok(t, err)
	if saved.Environment.Name != "A name of two lines" {
		t.Errorf("the environment is named %q", saved.Environment.Name)
	}

	_, err = w.ImportManifest(ctx, Ana, cr.ID, long+".xml", []byte(oneManifest))
	wantFault(t, err, "too_long")
	_, err = w.ImportManifest(ctx, Ana, cr.ID, " .. ", []byte(oneManifest))
	wantFault(t, err, "file_name")
	now, err := w.ImportManifest(ctx, Ana, cr.ID, `C:\files\pack`+"\n"+`age.xml`, []byte(oneManifest))
	ok(t, err)
	if len(now.Manifests) != 1 || now.Manifests[0].Name != "pack age.xml" {
		t.Errorf("%+v", now.Manifests)
	}

	_, err = CreateOwn(ctx, long, "Kim", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	wantFault(t, err, "too_long")
	_, err = CreateOwn(ctx, "Acme", " \n ", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	wantFault(t, err, "name_needed")
}
