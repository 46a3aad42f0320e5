package demoorg

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func manyClasses(n int) map[string]string {
	files := map[string]string{"package.xml": manifest("ApexClass *")}
	for i := range n {
		class(files, fmt.Sprintf("C%03d", i), fmt.Sprintf("public class C%03d {}", i))
	}
	return files
}

func TestADeploymentGoesOnAfterClose(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "org")
	seed := writeFolder(t, shop())
	org := openOrg(t, dir, Options{Seed: seed, Pace: 20 * time.Millisecond})
	w := serve(t, org)
	running := w.deploy(zipOf(t, below("one", manyClasses(20))), allOrNothing)
	waiting := w.deploy(zipOf(t, below("two", class(map[string]string{"package.xml": manifest("ApexClass Late")}, "Late", "public class Late {}"))), allOrNothing)
	w.until(running, func(a string) bool { return strings.Contains(a, "one/classes") })
	before := org.Connection()
	if err := org.Close(); err != nil {
		t.Fatal(err)
	}

	again := openOrg(t, dir, Options{Seed: "not read any more"})
	w = serve(t, again)
	wantStatus(t, w.finish(running), "Succeeded")
	wantStatus(t, w.finish(waiting), "Succeeded")
	got, _ := w.retrieve(unpackaged("ApexClass *"))
	if got["classes/C019.cls"] == "" || got["classes/Late.cls"] == "" || got["classes/Shop.cls"] == "" {
		t.Errorf("after the restart: %d files", len(got))
	}
	after := again.Connection()
	if after.AccessToken != before.AccessToken || after.OrganizationID != before.OrganizationID || after.Password != before.Password {
		t.Error("the org is another one after a restart")
	}
	if n := len(again.Deployments()); n != 2 {
		t.Errorf("%d deployments after the restart", n)
	}
}

// Every step that a power cut could separate from the next leaves a folder
// that opens, in which the deployment has happened or not, and happens once.
func TestACrashAtAnyStepAppliesTheDeploymentOnce(t *testing.T) {
	base := t.TempDir()
	org := openOrg(t, filepath.Join(base, "org"), Options{Seed: writeFolder(t, shop()), Pace: time.Millisecond})
	var copies []string
	org.store.step = func(step string) error {
		to := filepath.Join(base, "crash-"+step)
		copyDir(t, org.dir, to)
		copies = append(copies, to)
		return nil
	}
	w := serve(t, org)
	files := below("mark", manyClasses(5))
	files["mark/classes/Shop.cls"] = "public class Shop { /* new */ public static Integer price() { return 11; } }"
	files["mark/classes/Shop.cls-meta.xml"] = classMeta
	id := w.deploy(zipOf(t, files), allOrNothing)
	accepted := filepath.Join(base, "crash-accepted")
	w.until(id, func(a string) bool { return statusOf(a) != "Pending" })
	wantStatus(t, w.finish(id), "Succeeded")
	if len(copies) != 3 {
		t.Fatalf("%d steps were seen, want 3", len(copies))
	}
	// The moment after deploy answered: the zip and the record, nothing else.
	copyDir(t, copies[0], accepted)
	if err := os.Remove(filepath.Join(accepted, "deployments", id+verdictEnding)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range append(copies, accepted) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			again := openOrg(t, dir, Options{})
			w := serve(t, again)
			wantStatus(t, w.finish(id), "Succeeded")
			if got := len(elements(w.check(id), "componentSuccesses")); got != 7 {
				t.Errorf("%d successes, want 7", got)
			}
			got, _ := w.retrieve(unpackaged("ApexClass *"))
			if !strings.Contains(got["classes/Shop.cls"], "new") || len(got) != 2*(5+2)+1 {
				t.Errorf("%d files, Shop = %q", len(got), got["classes/Shop.cls"])
			}
			again.mu.Lock()
			defer again.mu.Unlock()
			if again.store.index.Generation != 2 || again.store.index.Applied != id {
				t.Errorf("generation %d, applied %s: it was not applied exactly once", again.store.index.Generation, again.store.index.Applied)
			}
		})
	}
}

func TestAWishToCancelSurvivesACrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "org")
	org := openOrg(t, dir, Options{Seed: writeFolder(t, shop()), Pace: 50 * time.Millisecond})
	w := serve(t, org)
	id := w.deploy(zipOf(t, manyClasses(50)), allOrNothing)
	w.until(id, func(a string) bool { return statusOf(a) == "InProgress" })
	w.soap("<cancelDeploy><String>" + id + "</String></cancelDeploy>")
	crashed := filepath.Join(t.TempDir(), "crashed")
	copyDir(t, dir, crashed)

	w = serve(t, openOrg(t, crashed, Options{}))
	wantStatus(t, w.finish(id), "Canceled")
	if got, _ := w.retrieve(unpackaged("ApexClass *")); got["classes/C000.cls"] != "" {
		t.Error("a canceled deployment was applied after the crash")
	}
}

func TestADamagedOrgSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "org")
	org := openOrg(t, dir, Options{Seed: writeFolder(t, shop())})
	if err := org.Close(); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "content", "*.segment"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	data[10] ^= 1
	if err := os.WriteFile(segments[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, Options{Kind: KindUAT})
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a changed byte was not noticed: %v", err)
	}
	if _, err := Open(t.TempDir(), Options{Kind: "staging"}); err == nil {
		t.Error("a kind that does not exist was taken")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "o"), Options{Kind: KindUAT, Seed: t.TempDir()}); err == nil {
		t.Error("an empty seed was taken")
	}
}

func TestTheFolderIsForItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "org")
	w := serve(t, openOrg(t, dir, Options{Seed: writeFolder(t, shop())}))
	w.run(manyClasses(2), allOrNothing)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOldContentIsSweptAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "org")
	w := serve(t, openOrg(t, dir, Options{Seed: writeFolder(t, shop())}))
	for i := range 4 {
		body := fmt.Sprintf("public class Shop { public static Integer price() { return %d; } }", i)
		wantStatus(t, w.run(class(map[string]string{"package.xml": manifest("ApexClass Shop")}, "Shop", body), allOrNothing), "Succeeded")
	}
	segments, err := filepath.Glob(filepath.Join(dir, "content", "*.segment"))
	if err != nil {
		t.Fatal(err)
	}
	if len(segments) != 2 { // the seed's, for what never changed, and the last
		t.Errorf("%d segments are left", len(segments))
	}
	zips, _ := filepath.Glob(filepath.Join(dir, "deployments", "*.zip"))
	if len(zips) != 0 {
		t.Errorf("%d zips of finished deployments are left", len(zips))
	}
}
