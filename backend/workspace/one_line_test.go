package workspace

import (
	"strings"
	"testing"

	"countersign/backend/governance"
)

// A name is read from its start to its end by everybody, wherever it stands: on
// a button, in a question of the system, in a line of the terminal.
func TestNamesStayOnTheirLineAndInTheirDirection(t *testing.T) {
	for typed, want := range map[string]string{
		"  Renewal  ":                           "Renewal",
		"a\u202egnp.exe":                        "agnp.exe",
		"\u2066isolated\u2069 \u202dover\u202c": "isolated over",
		"two\nlines\x00":                        "two lines",
		"👩\u200d💻":                              "👩\u200d💻", // joiners are part of a picture
		"\u202e\u2066":                          "",
	} {
		if got := oneLine(typed); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", typed, got, want)
		}
	}
	w := openTestDemo(t, t.TempDir()).as(t, Ana)
	ctx := t.Context()
	const turned, plain = "Stage \u202egnp.exe", "Stage gnp.exe"

	v, err := w.SaveRequest(ctx, "", RequestFields{Name: turned, ChangeSets: []string{turned}})
	ok(t, err)
	if v.Request.Name != plain || v.Request.ChangeSets[0] != plain {
		t.Errorf("a request is named %q, its change set %q", v.Request.Name, v.Request.ChangeSets[0])
	}
	cr, err := w.ImportManifest(ctx, Ana, v.Request.ID, turned, packageOf(1))
	ok(t, err)
	if cr.Manifests[0].Name != plain {
		t.Errorf("a manifest is named %q", cr.Manifests[0].Name)
	}
	cr, err = w.Attach(ctx, Ana, v.Request.ID, turned, strings.NewReader("x"))
	ok(t, err)
	if cr.Attachments[0].Name != plain {
		t.Errorf("a file is named %q", cr.Attachments[0].Name)
	}
	_, err = w.Attach(ctx, Ana, v.Request.ID, "\u202e", strings.NewReader("x"))
	wantFault(t, err, "file_name")

	fields := EnvironmentFields{Name: turned, Kind: governance.Sandbox, URL: "https://test.salesforce.com", SignIn: governance.SignInPassword, Username: "a\u202eb@example.com"}
	e, err := w.EditEnvironment(ctx, "", fields)
	ok(t, err)
	if e.Environment.Name != plain || e.Environment.Username != "ab@example.com" {
		t.Errorf("an environment is named %q, its user %q", e.Environment.Name, e.Environment.Username)
	}
	fields.Name = plain
	_, err = w.EditEnvironment(ctx, "", fields)
	wantFault(t, err, "name_used") // not a second one that looks the same

	w.connectBoth(t)
	record, err := w.SaveRecord(ctx, "", RecordFields{RequestID: w.approvedRequest(t, oneValueSet).ID, Name: turned})
	ok(t, err)
	if record.Record.Name != plain {
		t.Errorf("a record is named %q", record.Record.Name)
	}
}
