package terminal

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/demoorg"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/scan"
)

// serve runs countersign demo-org until the test ends and returns what it
// printed.
func serve(t *testing.T, args ...string) demoorg.Connection {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		code := Run(ctx, append([]string{"demo-org"}, args...), nil, in, &stderr)
		in.Close()
		ended <- code
	}()
	stopped := sync.OnceFunc(func() {
		stop()
		go func() { _, _ = io.Copy(io.Discard, out) }()
		if code := <-ended; code != exitOK {
			t.Errorf("demo-org ended with %d: %s", code, stderr.String())
		}
	})
	t.Cleanup(stopped)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("demo-org said %q, %v, %s", line, err, stderr.String())
	}
	var c demoorg.Connection
	ok(t, json.Unmarshal([]byte(line), &c))
	return c
}

func TestADemoOrgTellsHowToReachIt(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "org")
	c := serve(t, "--org", "uat", "--data", dir)
	b, err := os.ReadFile(filepath.Join(dir, "connection.json"))
	ok(t, err)
	var fields map[string]string
	ok(t, json.Unmarshal(b, &fields))
	want := map[string]string{"url": c.URL, "username": c.Username, "password": c.Password, "accessToken": c.AccessToken, "organizationId": c.OrganizationID}
	for name, value := range want {
		if fields[name] != value || value == "" {
			t.Errorf("%s is %q in connection.json and %q in the printed line", name, fields[name], value)
		}
	}
	if len(fields) != len(want) || bytes.Count(b, []byte("\n")) != 1 {
		t.Errorf("connection.json: %s", b)
	}
	for _, name := range []string{"connection.json", secondUserFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		ok(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s has %o", name, mode)
		}
	}
	if !strings.HasPrefix(c.URL, "http://127.0.0.1:") {
		t.Error(c.URL)
	}
	client := clientOf(t, c)
	who, err := client.Identity(t.Context())
	ok(t, err)
	if who.OrganizationID != demoorg.UATOrganizationID {
		t.Errorf("%+v", who)
	}
	// The folder and the port are taken now.
	code, _, errs := countersign(t, "demo-org", "--org", "uat", "--data", dir)
	if code != exitWrong || !strings.Contains(errs, "already open") {
		t.Errorf("a second server on the folder: exit %d, %s", code, errs)
	}
	other := t.TempDir()
	code, out, errs := countersign(t, "demo-org", "--org", "uat", "--data", other, "--listen", strings.TrimPrefix(c.URL, "http://"))
	if code != exitWrong || !strings.Contains(errs, "cannot be used. Choose another port") || out != "" {
		t.Errorf("a second server on the port: exit %d, %s", code, errs)
	}
}

func clientOf(t *testing.T, c demoorg.Connection) *salesforce.Client {
	t.Helper()
	o := salesforce.Options{PollInterval: 10 * time.Millisecond}
	s, err := salesforce.LoginPassword(t.Context(), o, c.URL, c.Username, salesforce.NewSecret(c.Password), salesforce.Secret{})
	ok(t, err)
	client := salesforce.NewClient(s, o)
	t.Cleanup(client.Close)
	return client
}

func TestSeedsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	damaged := filepath.Join(t.TempDir(), "seed.zip")
	ok(t, os.WriteFile(damaged, []byte("PK\x03\x04 and nothing more"), 0o600))
	climbing := filepath.Join(t.TempDir(), "seed.zip")
	ok(t, os.WriteFile(climbing, zipOf(t, map[string]string{"../../evil.txt": "x", "package.xml": head + "</Package>"}), 0o600))
	for name, seed := range map[string]string{
		"missing": filepath.Join(t.TempDir(), "none"), "damaged zip": damaged, "climbing out": climbing, "empty folder": t.TempDir(),
		"broken package.xml": writeFiles(t, map[string]string{"package.xml": head + "<types>"}),
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := countersign(t, "demo-org", "--org", "uat", "--data", t.TempDir(), "--seed", seed)
			if code != exitWrong || out != "" || strings.Contains(errs, "Something went wrong") || !strings.Contains(errs, "seed") {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
	dir := t.TempDir()
	serve(t, "--org", "uat", "--data", dir)
	code, _, errs := countersign(t, "demo-org", "--org", "production", "--data", dir)
	if code != exitWrong || strings.Contains(errs, "went wrong") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestTheDemoOnTwoServedOrgs(t *testing.T) {
	t.Parallel()
	uat, production, data := t.TempDir(), t.TempDir(), t.TempDir()
	files := []string{"--source", filepath.Join(uat, "connection.json"), "--target", filepath.Join(production, "connection.json")}
	t.Run("half of it", func(t *testing.T) {
		serve(t, "--org", "uat", "--data", uat)
		serve(t, "--org", "production", "--data", production)
		out := mustRun(t, append([]string{"demo", "--data", data, "--until", "target-moved"}, files...)...)
		if strings.Contains(out, "skipped") {
			t.Errorf("the sample is there, so nothing is to be skipped:\n%s", out)
		}
	})
	t.Run("without the orgs it says what it needs", func(t *testing.T) {
		code, out, errs := countersign(t, "demo", "--data", data)
		if code != exitWrong || !strings.Contains(errs, "Give their connection.json again") {
			t.Errorf("exit %d\n%s%s", code, out, errs)
		}
		code, out, errs = countersign(t, append([]string{"demo", "--data", data}, files...)...)
		if code != exitWrong || strings.Contains(errs, "went wrong") {
			t.Errorf("with orgs that do not run: exit %d\n%s%s", code, out, errs)
		}
		swapped := []string{"demo", "--data", data, "--source", files[3], "--target", files[1]}
		if code, out, errs = countersign(t, swapped...); code != exitWrong || !strings.Contains(errs, "was made with other orgs") {
			t.Errorf("swapped: exit %d\n%s%s", code, out, errs)
		}
	})
	t.Run("the rest, on another port", func(t *testing.T) {
		serve(t, "--org", "uat", "--data", uat)
		target := serve(t, "--org", "production", "--data", production)
		out := mustRun(t, append([]string{"demo", "--data", data}, files...)...)
		if !strings.Contains(out, "All of it held") || strings.Contains(out, "skipped") {
			t.Error(out)
		}
		tree := inOrg(t, target, metadata.Key{Type: "ApexClass", Name: "RenewalService"})
		if _, there := tree.File("classes/RenewalService.cls"); !there {
			t.Errorf("RenewalService is not in the target: %v", tree.Paths())
		}
	})
}

// inOrg retrieves components of an org.
func inOrg(t *testing.T, c demoorg.Connection, keys ...metadata.Key) *metadata.Tree {
	t.Helper()
	tree, _, err := scan.Fetch(t.Context(), clientOf(t, c), metadata.ManifestOf("66.0", keys))
	ok(t, err)
	return tree
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">`

const classMeta = `<?xml version="1.0" encoding="UTF-8"?>
<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><apiVersion>66.0</apiVersion><status>Active</status></ApexClass>`

// project is a small project in metadata format: a class that changed, its
// test, a new object, a label, and a component of a type that nobody knows.
func project() map[string]string {
	return map[string]string{
		"package.xml": head + `<types><members>Hello</members><members>HelloTest</members><members>Same</members><name>ApexClass</name></types>
			<types><members>Thing__c</members><name>CustomObject</name></types><types><members>A</members><name>Flurb</name></types><version>66.0</version></Package>`,
		"classes/Hello.cls":              "public class Hello {\n  public static String greet() {\n    return 'Hello from UAT';\n  }\n}\n",
		"classes/Hello.cls-meta.xml":     classMeta,
		"classes/HelloTest.cls":          "@IsTest\nprivate class HelloTest {\n  @IsTest static void greets() {\n    System.assertEquals('Hello from UAT', Hello.greet());\n  }\n}\n",
		"classes/HelloTest.cls-meta.xml": classMeta,
		"classes/Same.cls":               "public class Same {}\n",
		"classes/Same.cls-meta.xml":      classMeta,
		"objects/Thing__c.object": `<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata"><deploymentStatus>Deployed</deploymentStatus>
<fields><fullName>Size__c</fullName><label>Size</label><precision>4</precision><scale>0</scale><type>Number</type></fields>
<label>Thing</label><nameField><label>Name</label><type>Text</type></nameField><pluralLabel>Things</pluralLabel><sharingModel>ReadWrite</sharingModel></CustomObject>`,
		"flurbs/A.flurb": `<?xml version="1.0" encoding="UTF-8"?><Flurb xmlns="http://soap.sforce.com/2006/04/metadata"><label>x</label></Flurb>`,
	}
}

func older() map[string]string {
	return map[string]string{
		"package.xml":                head + `<types><members>Hello</members><members>Same</members><name>ApexClass</name></types><version>66.0</version></Package>`,
		"classes/Hello.cls":          "public class Hello {\n  public static String greet() {\n    return 'Hello';\n  }\n}\n",
		"classes/Hello.cls-meta.xml": classMeta,
		"classes/Same.cls":           "public class Same {}\n",
		"classes/Same.cls-meta.xml":  classMeta,
	}
}

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		ok(t, err)
		_, err = io.WriteString(w, text)
		ok(t, err)
	}
	ok(t, z.Close())
	return b.Bytes()
}

func TestTheDemoOnSeededOrgs(t *testing.T) {
	t.Parallel()
	uat, production, data := t.TempDir(), t.TempDir(), t.TempDir()
	seed := filepath.Join(t.TempDir(), "older.zip")
	ok(t, os.WriteFile(seed, zipOf(t, older()), 0o600))
	serve(t, "--org", "uat", "--data", uat, "--seed", writeFiles(t, project()))
	target := serve(t, "--org", "production", "--data", production, "--seed", seed)
	files := []string{"--source", filepath.Join(uat, "connection.json"), "--target", filepath.Join(production, "connection.json")}
	out := mustRun(t, append([]string{"demo", "--data", data, "--until", "approve"}, files...)...)
	draft := step(t, out, "Draft a Change Request", 0)
	for _, says := range []string{"4 customizations: 1 in the target already, 3 proposed", "does not know the type: Flurb:A"} {
		if !strings.Contains(draft, says) {
			t.Errorf("%q does not say %q", draft, says)
		}
	}
	out = mustRun(t, append([]string{"demo", "--data", data}, files...)...)
	skipped := []string{}
	for _, l := range steps(out) {
		if strings.HasPrefix(l, "–") {
			if !strings.HasSuffix(l, "skipped: it needs what only the built-in orgs hold") {
				t.Error(l)
			}
			skipped = append(skipped, l)
		}
	}
	needing := 0
	for _, s := range scenes() {
		if s.needsSample {
			needing++
		}
	}
	if len(skipped) != needing || needing != 6 || !strings.Contains(out, "6 steps were skipped, because they need what only the built-in orgs hold.") {
		t.Errorf("%d of %d skipped:\n%s", len(skipped), needing, out)
	}
	for _, refused := range []string{"Deploy without approval", "Set Approved by hand", "Deploy without a validation", "Deploy the same once more", "Forge one byte"} {
		if l := step(t, out, refused, 0); !strings.HasPrefix(l, "⊘") {
			t.Error(l)
		}
	}
	tree := inOrg(t, target, metadata.Key{Type: "ApexClass", Name: "Hello"}, metadata.Key{Type: "ApexClass", Name: "HelloTest"}, metadata.Key{Type: "CustomObject", Name: "Thing__c"})
	for path, text := range project() {
		if !strings.HasPrefix(path, "classes/Hello") || strings.HasSuffix(path, ".xml") {
			continue
		}
		if got, there := tree.File(path); !there || string(got) != text {
			t.Errorf("%s in the target is %q, %v", path, got, there)
		}
	}
	if object, there := tree.File("objects/Thing__c.object"); !there || !bytes.Contains(object, []byte("Size__c")) {
		t.Errorf("the object in the target: %s", object)
	}
}

func TestTwoOrgsThatAreTheSame(t *testing.T) {
	t.Parallel()
	uat, production := t.TempDir(), t.TempDir()
	seed := writeFiles(t, older())
	serve(t, "--org", "uat", "--data", uat, "--seed", seed)
	serve(t, "--org", "production", "--data", production, "--seed", seed)
	source, target := filepath.Join(uat, "connection.json"), filepath.Join(production, "connection.json")
	code, out, _ := countersign(t, "demo", "--source", source, "--target", target)
	if code != exitWrong || !strings.Contains(step(t, out, "Draft a Change Request", 0), "nothing that is new or changed. Seed the two orgs differently.") {
		t.Errorf("exit %d\n%s", code, out)
	}
	code, out, errs := countersign(t, "demo", "--source", source, "--target", source)
	if code != exitWrong || !strings.Contains(errs, "are the same org") {
		t.Errorf("one org as both: exit %d\n%s%s", code, out, errs)
	}
}

// What a real org would refuse is refused, with the org's own words.
func TestASeedThatNeedsWhatNoOrgHas(t *testing.T) {
	t.Parallel()
	uat, production := t.TempDir(), t.TempDir()
	broken := project()
	broken["permissionsets/P.permissionset"] = `<?xml version="1.0" encoding="UTF-8"?><PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"><label>P</label>
<objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete><allowEdit>false</allowEdit><allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Missing__c</object><viewAllRecords>false</viewAllRecords></objectPermissions></PermissionSet>`
	broken["package.xml"] = strings.Replace(broken["package.xml"], "<version>", "<types><members>P</members><name>PermissionSet</name></types><version>", 1)
	serve(t, "--org", "uat", "--data", uat, "--seed", writeFiles(t, broken))
	target := serve(t, "--org", "production", "--data", production, "--seed", writeFiles(t, older()))
	code, out, errs := countersign(t, "demo", "--source", filepath.Join(uat, "connection.json"), "--target", filepath.Join(production, "connection.json"))
	if code != exitWrong || !strings.Contains(step(t, out, "Check Dependencies", 0), "1 in neither org") ||
		!strings.Contains(step(t, out, "Validate Customizations", 0), "PermissionSet P: In field: object - no CustomObject named Missing__c found") || !strings.Contains(errs, `The step "validate" did not hold.`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if tree := inOrg(t, target, metadata.Key{Type: "ApexClass", Name: "HelloTest"}); slices.Contains(tree.Paths(), "classes/HelloTest.cls") {
		t.Error("something was deployed")
	}
}

func TestAPortThatIsTakenByAnotherProgram(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer l.Close()
	dir := t.TempDir()
	code, _, errs := countersign(t, "demo-org", "--org", "uat", "--data", dir, "--listen", l.Addr().String())
	if code != exitWrong || !strings.Contains(errs, "Choose another port") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "connection.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("connection.json describes an org that is not served: %v", err)
	}
}
