package workspace

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

const packageHead = `<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">`

func packageOf(members int) []byte {
	var b strings.Builder
	b.WriteString(packageHead + "<types>")
	for i := range members {
		fmt.Fprintf(&b, "<members>Class%d</members>", i)
	}
	b.WriteString("<name>ApexClass</name></types><version>66.0</version></Package>")
	return []byte(b.String())
}

func TestPackageManifestsThatAreRefused(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	cr := w.draftFor(t, Ana)
	for name, c := range map[string]struct {
		xml, code string
	}{
		"empty":              {"", "bad_xml"},
		"no XML":             {"PK\x03\x04 this is a zip", "bad_xml"},
		"cut off":            {packageHead + "<types><members>A", "bad_xml"},
		"an entity":          {`<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + packageHead + "<version>&x;</version></Package>", "bad_xml"},
		"very deep":          {packageHead + strings.Repeat("<types>", 100_000), "bad_xml"},
		"two roots":          {string(packageOf(1)) + string(packageOf(1)), "bad_xml"},
		"another root":       {`<project xmlns="http://soap.sforce.com/2006/04/metadata"/>`, "bad_manifest"},
		"another namespace":  {`<Package xmlns="http://evil.example"><types><members>A</members><name>ApexClass</name></types></Package>`, "bad_manifest"},
		"no type":            {packageHead + "<types><members>A</members></types></Package>", "bad_manifest"},
		"an unknown type":    {packageHead + "<types><members>A</members><name>ApexClasss</name></types><version>66.0</version></Package>", "unknown_type"},
		"a path for a name":  {packageHead + "<types><members>../../etc/passwd</members><name>ApexClass</name></types><version>66.0</version></Package>", "bad_name"},
		"10,001 members":     {string(packageOf(10_001)), "too_many_members"},
		"11 MB":              {packageHead + strings.Repeat(" ", 11<<20) + "</Package>", "bad_xml"},
		"another version":    {packageHead + "<types><members>A</members><name>ApexClass</name></types><version>soon</version></Package>", "bad_manifest"},
		"nothing named":      {packageHead + "<version>66.0</version></Package>", "empty_manifest"},
		"another encoding":   {"\xff\xfe<\x00P\x00", "bad_xml"},
		"markup in the name": {packageHead + "<types><members><b>A</b></members><name>ApexClass</name></types><version>66.0</version></Package>", "bad_manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.ImportManifest(t.Context(), Ana, cr.ID, "package.xml", []byte(c.xml))
			if f := wantOneOf(t, err, c.code, "bad_manifest", "bad_name"); len(f.Error()) > 2_000 {
				t.Errorf("a sentence of %d characters", len(f.Error()))
			}
			now, err := w.Store.ChangeRequest(t.Context(), cr.ID)
			ok(t, err)
			if len(now.Manifests) > 0 || len(now.Customizations) != 1 {
				t.Errorf("something of it stayed: %+v", now)
			}
		})
	}
}

func wantOneOf(t *testing.T, err error, first string, others ...string) *governance.Fault {
	t.Helper()
	if slices.Contains(others, governance.FaultCode(err)) && slices.Contains(others, first) {
		return wantFault(t, err, governance.FaultCode(err))
	}
	return wantFault(t, err, first)
}

func TestAPackageManifestThereAndBack(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	cr, err := w.NewChangeRequest(ctx, Ana, governance.ChangeRequest{Name: "From a file"})
	ok(t, err)
	xml := []byte(packageHead + `
    <types><members>Zeta</members><members>Alpha</members><name>ApexClass</name></types>
    <types><members>*</members><name>CustomLabel</name></types>
    <types><members>Account.Region__c</members><name>CustomField</name></types>
    <version>66.0</version></Package>`)
	_, err = w.ImportManifest(ctx, Ana, cr.ID, "package.xml", xml)
	ok(t, err)
	_, err = w.EditChangeRequest(ctx, Ana, cr.ID, func(cr *governance.ChangeRequest) error {
		cr.Customizations = []governance.Customization{{Change: governance.Delete, Type: "ApexClass", Name: "Gone"}, {Change: governance.Add, Type: "ApexClass", Name: "Beta"}}
		return nil
	})
	ok(t, err)
	out, err := w.ExportManifest(ctx, cr.ID, "66.0")
	ok(t, err)
	m, err := metadata.ParseManifest(out)
	ok(t, err)
	want := map[string][]string{"ApexClass": {"Alpha", "Beta", "Zeta"}, "CustomLabel": {"*"}, "CustomField": {"Account.Region__c"}}
	for typ, names := range want {
		if !slices.Equal(m.Members[typ], names) {
			t.Errorf("%s: %v, not %v", typ, m.Members[typ], names)
		}
	}
	if len(m.Members) != len(want) || m.Version != "66.0" {
		t.Errorf("%+v", m)
	}
	// Of the same name it takes the place of the old one, and it comes out as
	// it went in.
	if cr, err = w.ImportManifest(ctx, Ana, cr.ID, "package.xml", out); err != nil || len(cr.Manifests) != 1 {
		t.Fatalf("%v, %d manifests", err, len(cr.Manifests))
	}
	again, err := w.ExportManifest(ctx, cr.ID, "66.0")
	ok(t, err)
	if !bytes.Equal(out, again) {
		t.Errorf("%s\n%s", out, again)
	}
	if cr, err = w.ImportManifest(ctx, Ana, cr.ID, "all of it.xml", packageOf(10_000)); err != nil || len(cr.Manifests) != 2 {
		t.Errorf("10,000 members: %v", err)
	}
}

func TestDraftsThatCouldNeverBeDeployed(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	one := func(c governance.Customization) governance.ChangeRequest {
		return governance.ChangeRequest{Name: "x", Customizations: []governance.Customization{c}}
	}
	for name, c := range map[string]struct {
		cr   governance.ChangeRequest
		code string
	}{
		"a Change Type of one's own": {governance.ChangeRequest{Name: "x", Type: "Gigantic"}, "change_type"},
		"a link that runs":           {governance.ChangeRequest{Name: "x", ExternalLink: " JavaScript:alert(1)"}, "link"},
		"an unknown type":            {one(governance.Customization{Change: governance.Add, Type: "ApexKlass", Name: "A"}), "unknown_type"},
		"a path for a name":          {one(governance.Customization{Change: governance.Add, Type: "ApexClass", Name: "../A"}), "bad_name"},
		"no name":                    {one(governance.Customization{Change: governance.Add, Type: "ApexClass"}), "bad_name"},
		"a wildcard":                 {one(governance.Customization{Change: governance.Add, Type: "ApexClass", Name: "*"}), "bad_name"},
		"an unknown action":          {one(governance.Customization{Change: "rename", Type: "ApexClass", Name: "A"}), "action"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.NewChangeRequest(t.Context(), Ana, c.cr)
			wantFault(t, err, c.code)
			draft := w.draftFor(t, Ana)
			_, err = w.EditChangeRequest(t.Context(), Ana, draft.ID, func(cr *governance.ChangeRequest) error {
				id := cr.ID
				*cr = c.cr
				cr.ID = id
				if cr.Type == "" {
					cr.Type = governance.Minor
				}
				return nil
			})
			wantFault(t, err, c.code)
			kept, err := w.Store.ChangeRequest(t.Context(), draft.ID)
			ok(t, err)
			if kept.Name != "Renewal stages" {
				t.Errorf("something of it stayed: %+v", kept)
			}
		})
	}
}

func TestAttachments(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	for _, name := range []string{`C:\Users\ana\plan.pdf`, "/home/ana/plan.pdf", "plan.pdf"} {
		var err error
		cr, err = w.Attach(ctx, Ana, cr.ID, name, strings.NewReader("from "+name))
		ok(t, err)
		if len(cr.Attachments) != 1 || cr.Attachments[0].Name != "plan.pdf" {
			t.Fatalf("%+v", cr.Attachments)
		}
	}
	b, err := w.Store.ReadBlob(cr.Attachments[0].SHA256)
	ok(t, err)
	if string(b) != "from plan.pdf" || cr.Attachments[0].Size != int64(len(b)) {
		t.Errorf("%q, %+v", b, cr.Attachments)
	}
	for _, name := range []string{"", "..", "/", "a\nb", strings.Repeat("x", 300)} {
		_, err := w.Attach(ctx, Ana, cr.ID, name, strings.NewReader("x"))
		wantFault(t, err, "file_name")
	}
	_, err = w.Attach(ctx, Ana, cr.ID, "video.mp4", io.LimitReader(zeros{}, MaxAttachment+1))
	wantFault(t, err, "too_large")
	now, err := w.Store.ChangeRequest(ctx, cr.ID)
	ok(t, err)
	if len(now.Attachments) != 1 {
		t.Errorf("%+v", now.Attachments)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestWhatIsSubmittedCannotBeEditedThroughAnyDoor(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	dr := w.approvedRecord(t)
	id := dr.RequestID
	for name, edit := range map[string]func() error{
		"edit": func() error {
			_, err := w.EditChangeRequest(ctx, Ana, id, func(cr *governance.ChangeRequest) error { cr.Overview = "Something else."; return nil })
			return err
		},
		"import": func() error { _, err := w.ImportManifest(ctx, Ana, id, "package.xml", packageOf(1)); return err },
		"attach": func() error { _, err := w.Attach(ctx, Ana, id, "a.txt", strings.NewReader("a")); return err },
		"status": func() error {
			_, err := w.EditChangeRequest(ctx, Ana, id, func(cr *governance.ChangeRequest) error {
				cr.Status, cr.Round = governance.InProgress, 0
				cr.Name = "Something else"
				return nil
			})
			return err
		},
		"record": func() error {
			_, err := w.EditDeploymentRecord(ctx, Ana, dr.ID, func(dr *governance.DeploymentRecord) error { dr.Deployer = Ana; return nil })
			return err
		},
		"record's package": func() error {
			_, err := w.EditDeploymentRecord(ctx, Ana, dr.ID, func(dr *governance.DeploymentRecord) error { dr.Package = "h1:else"; return nil })
			return err
		},
		"scan": func() error {
			ana, err := w.Author(ctx, Ana)
			ok(t, err)
			_, err = w.Scanner.Run(ctx, ana, dr.ID)
			return err
		},
		"delete": func() error {
			ana, err := w.Author(ctx, Ana)
			ok(t, err)
			return w.Store.DeleteDraft(ctx, id, ana)
		},
	} {
		if code := governance.FaultCode(edit()); code != "locked" && code != "not_for_a_step" {
			t.Errorf("%s: %q", name, code)
		}
	}
	after, err := w.Store.DeploymentRecord(ctx, dr.ID)
	ok(t, err)
	cr, err := w.Store.ChangeRequest(ctx, id)
	ok(t, err)
	if after.Status != governance.Approved || after.Deployer != Dee || after.Package != dr.Package || cr.Overview != "Sales asks for them." || cr.Status != governance.Approved {
		t.Errorf("%+v\n%+v", cr, after)
	}
	report, err := w.VerifyWhole(ctx, nil)
	ok(t, err)
	if len(report.Findings) > 0 {
		t.Error(findings(report.Findings))
	}
}

func TestRecordsThatMakeNoSense(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	ctx := t.Context()
	cr := w.draftFor(t, Ana)
	dr := governance.DeploymentRecord{RequestID: cr.ID, SourceID: DemoSource, TargetID: DemoTarget, Whole: true, Deployer: Dee}
	_, err := w.NewDeploymentRecord(ctx, Ana, dr)
	wantFault(t, err, "not_approved")
	w.mustDo(t, Ana, cr.ID, governance.Submit)
	for _, m := range []string{Bo, Cy} {
		if now, err := w.Store.ChangeRequest(ctx, cr.ID); err == nil && now.Status == governance.Pending {
			w.mustDo(t, m, cr.ID, governance.Approve)
		}
	}
	for code, change := range map[string]func(*governance.DeploymentRecord){
		"same_environment": func(dr *governance.DeploymentRecord) { dr.TargetID = DemoSource },
		"not_found":        func(dr *governance.DeploymentRecord) { dr.TargetID = "nowhere" },
		"test_level":       func(dr *governance.DeploymentRecord) { dr.Options.TestLevel = "RunNoneAtAll" },
	} {
		bad := dr
		change(&bad)
		_, err := w.NewDeploymentRecord(ctx, Ana, bad)
		wantFault(t, err, code)
	}
}
