package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/store"
)

func TestARestoredCopyIsOpenedAndFoundToBeOlder(t *testing.T) {
	ctx, data := t.Context(), t.TempDir()
	w := openTestDemo(t, data)
	w.draftFor(t, Ana)
	copied, err := w.BackUp(ctx)
	ok(t, err)
	if copied.Behind != 0 || copied.Warning != "" || copied.At.IsZero() {
		t.Errorf("%+v", copied)
	}
	later := w.draftFor(t, Ana)
	w.mustDo(t, Ana, later.ID, "submit")
	list, err := w.Backups(ctx)
	ok(t, err)
	if len(list) != 1 || list[0].Name != copied.Name || list[0].Behind < 2 || list[0].Warning != RestoredOlder {
		t.Fatalf("%+v", list)
	}

	wantFault(t, Restore(ctx, w.Dir(), copied.Name), "second_instance")
	ok(t, w.Close())
	for _, name := range []string{"", "../workspace.db", "workspace-20260101T000000.000-copy.db", "workspace.db"} {
		wantFault(t, Restore(ctx, w.Dir(), name), "no_backup")
	}
	ok(t, Restore(ctx, w.Dir(), copied.Name))

	w = openTestDemo(t, data)
	if len(w.Doubts()) == 0 {
		t.Error("nothing says that the database is older")
	}
	page, err := w.RequestRows(ctx, RequestQuery{})
	ok(t, err)
	if page.Total != 1 {
		t.Errorf("the copy has %d requests", page.Total)
	}
	report, err := w.VerifyWhole(ctx, nil)
	ok(t, err)
	if len(report.Findings) == 0 {
		t.Error("verification finds nothing")
	}
	ok(t, w.Close())

	// What was there is kept, and can be put back by hand.
	kept, err := filepath.Glob(filepath.Join(w.Dir(), replacedFolder, "*.db"))
	ok(t, err)
	if len(kept) != 1 {
		t.Fatalf("kept aside: %v", kept)
	}
	if _, entries, err := store.Peek(ctx, kept[0]); err != nil || entries < copied.Behind {
		t.Errorf("%d entries, %v", entries, err)
	}
	ok(t, os.Rename(kept[0], filepath.Join(w.Dir(), database)))
	w = openTestDemo(t, data)
	if len(w.Doubts()) > 0 {
		t.Error(findings(w.Doubts()))
	}
	left, err := filepath.Glob(filepath.Join(w.Dir(), "restoring-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestACopyOfNowIsRestoredWithoutADoubt(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	w.draftFor(t, Ana)
	copied, err := w.BackUp(t.Context())
	ok(t, err)
	ok(t, w.Close())
	ok(t, Restore(t.Context(), w.Dir(), copied.Name))
	w = openTestDemo(t, data)
	if len(w.Doubts()) > 0 {
		t.Error(findings(w.Doubts()))
	}
	w.mustDo(t, Ana, w.draftFor(t, Ana).ID, "submit")
}

func TestADamagedOrForeignCopyIsRefusedAndNothingChanges(t *testing.T) {
	ctx := t.Context()
	w, other := openTestDemo(t, t.TempDir()), openTestDemo(t, t.TempDir())
	w.draftFor(t, Ana)
	foreign, err := other.BackUp(ctx)
	ok(t, err)
	b, err := os.ReadFile(filepath.Join(other.Dir(), backupsFolder, foreign.Name))
	ok(t, err)
	const strange, broken, empty = "workspace-20260101T000000.000-copy.db", "workspace-20260102T000000.000-copy.db", "workspace-20260103T000000.000-copy.db"
	for name, content := range map[string][]byte{strange: b, broken: []byte(strings.Repeat("no database", 1000)), empty: {}} {
		ok(t, os.WriteFile(filepath.Join(w.Dir(), backupsFolder, name), content, 0o600))
	}
	list, err := w.Backups(ctx)
	ok(t, err)
	for _, c := range list {
		if !c.Unreadable || c.Behind != 0 || c.Warning == "" || c.Warning == RestoredOlder {
			t.Errorf("%+v", c)
		}
	}
	ok(t, w.Close())
	before, err := os.ReadFile(filepath.Join(w.Dir(), database))
	ok(t, err)
	wantFault(t, Restore(ctx, w.Dir(), strange), "other_workspace")
	wantFault(t, Restore(ctx, w.Dir(), broken), "backup_damaged")
	wantFault(t, Restore(ctx, w.Dir(), empty), "backup_damaged")
	after, err := os.ReadFile(filepath.Join(w.Dir(), database))
	ok(t, err)
	if string(after) != string(before) {
		t.Error("the database was changed")
	}
}

func TestAWholeCopyIsForANewFolderOnly(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	there := t.TempDir()
	wantFault(t, w.BackUpTo(t.Context(), there), "folder_exists")
	wantFault(t, w.BackUpTo(t.Context(), filepath.Join(there, "no", "such")), "data_folder")
	ok(t, w.BackUpTo(t.Context(), filepath.Join(there, "copy")))
	if IsDemo(filepath.Join(there, "copy")) {
		t.Error("the keys were copied")
	}
}

// A program that was killed leaves its last commits in a -wal file. They are in
// the database that is kept aside, and in the one in place until the very last.
func TestRestoringKeepsTheLastCommitsOfADatabaseThatWasNotClosed(t *testing.T) {
	ctx, data := t.Context(), t.TempDir()
	w := openTestDemo(t, data)
	w.draftFor(t, Ana)
	copied, err := w.BackUp(ctx)
	ok(t, err)
	w.mustDo(t, Ana, w.draftFor(t, Ana).ID, "submit")
	head, err := w.Store.Head(ctx)
	ok(t, err)
	killed := t.TempDir()
	ok(t, copyPrivate(w.Dir(), killed)) // as it lies on the disk while it is open
	current := filepath.Join(killed, database)
	if info, err := os.Stat(current + "-wal"); err != nil || info.Size() == 0 {
		t.Fatalf("nothing is in the -wal file: %v", err)
	}
	if _, entries, err := store.Peek(ctx, current); err == nil && entries >= head.Size {
		t.Fatalf("the database is whole without it: %d of %d", entries, head.Size)
	}

	settled := t.TempDir()
	ok(t, copyPrivate(killed, settled))
	ok(t, store.Settle(ctx, filepath.Join(settled, database)))
	if _, entries, err := store.Peek(ctx, filepath.Join(settled, database)); err != nil || entries != head.Size {
		t.Errorf("before the rename it has %d of %d entries, %v", entries, head.Size, err)
	}

	ok(t, Restore(ctx, killed, copied.Name))
	kept, err := filepath.Glob(filepath.Join(killed, replacedFolder, "*"))
	ok(t, err)
	if len(kept) != 1 {
		t.Fatalf("kept aside: %v", kept)
	}
	if _, entries, err := store.Peek(ctx, kept[0]); err != nil || entries != head.Size {
		t.Errorf("kept aside are %d of %d entries, %v", entries, head.Size, err)
	}
	if _, entries, err := store.Peek(ctx, current); err != nil || entries != entriesOf(t, killed, copied.Name) {
		t.Errorf("in place are %d entries, %v", entries, err)
	}
}

func entriesOf(t *testing.T, folder, backup string) int64 {
	t.Helper()
	_, entries, err := store.Peek(t.Context(), filepath.Join(folder, backupsFolder, backup))
	ok(t, err)
	return entries
}

func TestADamagedDatabaseIsReplacedAndKeptAsItIs(t *testing.T) {
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir())
	copied, err := w.BackUp(ctx)
	ok(t, err)
	ok(t, w.Close())
	for name, text := range map[string]string{database: "no database", database + "-wal": "no commits"} {
		ok(t, os.WriteFile(filepath.Join(w.Dir(), name), []byte(text), 0o600))
	}
	ok(t, Restore(ctx, w.Dir(), copied.Name))
	kept, err := filepath.Glob(filepath.Join(w.Dir(), replacedFolder, "*"))
	ok(t, err)
	if len(kept) != 2 {
		t.Errorf("kept aside: %v", kept)
	}
	if _, entries, err := store.Peek(ctx, filepath.Join(w.Dir(), database)); err != nil || entries != entriesOf(t, w.Dir(), copied.Name) {
		t.Errorf("in place are %d entries, %v", entries, err)
	}
}
