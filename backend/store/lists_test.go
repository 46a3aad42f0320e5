package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"

	"golang.org/x/sync/errgroup"
)

func TestListsOfChangeRequests(t *testing.T) {
	w := newWorld(t)
	for _, n := range []string{"apple", "Banana", "cherry 100%", "Date"} {
		w.draft(n)
	}
	w.request(w.find("Date").ID, "rita", governance.Submit, "", governance.Pending)
	_, err := w.s.UpdateChangeRequest(w.ctx, w.find("apple").ID, w.by("max"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		cr.ExternalNumber = "JIRA-7"
		return governance.Intent{}, nil
	})
	must(t, err)
	for _, tc := range []struct {
		name  string
		q     store.Query
		want  string
		total int64
	}{
		{"last changed first", store.Query{}, "apple Date cherry 100% Banana", 4},
		{"by name", store.Query{Sort: "name"}, "apple Banana cherry 100% Date", 4},
		{"by number, last first", store.Query{Sort: "-number"}, "Date cherry 100% Banana apple", 4},
		{"a sort that is not there", store.Query{Sort: "id; DROP TABLE acts"}, "apple Date cherry 100% Banana", 4},
		{"text in any case", store.Query{Text: "BANAN"}, "Banana", 1},
		{"a percent sign is a percent sign", store.Query{Text: "0%"}, "cherry 100%", 1},
		{"label", store.Query{Text: "cr-0002"}, "Banana", 1},
		{"external number", store.Query{Text: "jira"}, "apple", 1},
		{"status", store.Query{Status: []governance.Status{governance.Pending}}, "Date", 1},
		{"author", store.Query{Author: "max"}, "apple", 1},
		{"a page", store.Query{Sort: "name", Limit: 2, Offset: 1}, "Banana cherry 100%", 4},
		{"from an offset on", store.Query{Sort: "name", Offset: 3}, "Date", 4},
		{"none", store.Query{Text: "nothing like it"}, "", 0},
	} {
		got, total, err := w.s.ChangeRequests(w.ctx, tc.q)
		must(t, err)
		names := []string{}
		for _, cr := range got {
			names = append(names, cr.Name)
		}
		if strings.Join(names, " ") != tc.want || total != tc.total || got == nil {
			t.Errorf("%s: %q of %d, want %q of %d", tc.name, names, total, tc.want, tc.total)
		}
	}
}

// SQLite takes 32,766 variables.
func TestTheHistoryOfVeryManyRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("40,000 requests; the whole run does it")
	}
	w := newWorld(t)
	ids := []string{w.approved("Round amounts").ID}
	for i := range 40_000 {
		ids = append(ids, fmt.Sprint("another", i))
	}
	h, err := w.s.History(w.ctx, ids...)
	must(t, err)
	if n := len(h.Thread(ids[0])); n != 3 {
		t.Errorf("%d acts", n)
	}
}

func (w *world) find(name string) governance.ChangeRequest {
	w.t.Helper()
	got, _, err := w.s.ChangeRequests(w.ctx, store.Query{Text: name})
	must(w.t, err)
	if len(got) != 1 {
		w.t.Fatalf("%d requests are called %s", len(got), name)
	}
	return got[0]
}

func TestScans(t *testing.T) {
	w := newWorld(t)
	env := w.environment("production", prod)
	_, err := w.s.LastScan(w.ctx, env.ID)
	wantFault(t, err, "not_found")
	wantFault(t, w.s.SaveScan(w.ctx, "rita", &store.Scan{EnvironmentID: "other"}, nil), "not_found")
	var first store.Scan
	for i := range 3 {
		sc := store.Scan{EnvironmentID: env.ID, OrganizationID: prod}
		items := []store.ScanItem{{Type: "ApexClass", Name: fmt.Sprintf("Billing%d", i), LastModifiedByName: "Rita", LastModifiedAt: begin},
			{Type: "ApexClass", Name: "Account_x"}, {Type: "CustomField", Name: "Account.Region__c"}}
		must(t, w.s.SaveScan(w.ctx, "rita", &sc, items))
		if i == 0 {
			first = sc
		}
	}
	last, err := w.s.LastScan(w.ctx, env.ID)
	must(t, err)
	if last.Count != 3 {
		t.Fatalf("%+v", last)
	}
	items, total, err := w.s.ScanItems(w.ctx, last.ID, store.ItemQuery{Type: "ApexClass", Text: "t_", Limit: 10})
	must(t, err)
	if total != 1 || items[0].Name != "Account_x" {
		t.Fatalf("%+v", items)
	}
	if items, _, err := w.s.ScanItems(w.ctx, last.ID, store.ItemQuery{Text: "billing"}); err != nil || items[0].Name != "Billing2" || !items[0].LastModifiedAt.Equal(begin) {
		t.Fatalf("%+v, %v", items, err)
	}
	if gone, total, err := w.s.ScanItems(w.ctx, first.ID, store.ItemQuery{}); err != nil || total != 0 || gone == nil {
		t.Fatalf("the first of three scans stayed: %v, %v", gone, err)
	}
	types, err := w.s.ScanTypes(w.ctx, last.ID)
	must(t, err)
	if !slices.Equal(types, []store.TypeCount{{Type: "ApexClass", Count: 2}, {Type: "CustomField", Count: 1}}) {
		t.Fatalf("%v", types)
	}
	has, err := w.s.HasItems(w.ctx, env.ID, []governance.Customization{{Type: "ApexClass", Name: "Billing2"}, {Type: "ApexClass", Name: "Billing0"}})
	must(t, err)
	if !has["ApexClass:Billing2"] || has["ApexClass:Billing0"] {
		t.Fatalf("%v", has)
	}
	w.sound()
}

func TestBlobs(t *testing.T) {
	w := newWorld(t)
	content := strings.Repeat("content ", 10_000)
	sum := w.blob(content)
	if again := w.blob(content); again != sum || len(sum) != 64 {
		t.Fatalf("%s, then %s", sum, again)
	}
	got, err := w.s.ReadBlob(sum)
	must(t, err)
	if string(got) != content {
		t.Fatal("other content came back")
	}
	b, err := w.s.OpenBlob(sum)
	must(t, err)
	at := make([]byte, 7)
	if _, err := b.ReadAt(at, 8); err != nil || string(at) != "content" || b.Size() != int64(len(content)) {
		t.Fatalf("%q of %d, %v", at, b.Size(), err)
	}
	must(t, b.Close())
	for _, bad := range []string{"", "abc", strings.Repeat("a", 64), "../../../../etc/passwd", strings.Repeat("A", 64)} {
		_, err := w.s.OpenBlob(bad)
		wantFault(t, err, "blob_missing")
	}
	path := filepath.Join(w.dir, "blobs", sum[:2], sum)
	must(t, os.WriteFile(path, []byte("evil"), 0o600))
	_, err = w.s.ReadBlob(sum)
	wantFault(t, err, "blob_altered")
	w.blob(content) // the same content mends the file
	w.sound()

	// A source that breaks leaves nothing.
	_, _, err = w.s.PutBlob(w.ctx, io.MultiReader(strings.NewReader("half"), broken{}))
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Join(w.dir, "blobs"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("%v", files)
	}
}

var errBroken = errors.New("the source broke")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestNotesAndCheckpoints(t *testing.T) {
	w := newWorld(t)
	type note struct {
		At string `json:"at"`
		By string `json:"by"`
	}
	must(t, w.s.Note(w.ctx, "connection", note{"2026-03-02T09:00:00Z", "rita"}))
	for _, kind := range []string{"act", "draft", "gate", "attempt", "rebuild", ""} {
		if err := w.s.Note(w.ctx, kind, note{}); err == nil {
			t.Errorf("%q was taken for a note", kind)
		}
	}
	if err := w.s.Note(w.ctx, "connection", map[string]any{"x": 1.5}); err == nil {
		t.Error("data without a canonical form was taken")
	}
	es, err := w.s.Entries(w.ctx, 1, 5, "connection")
	must(t, err)
	if len(es) != 1 || string(es[0].Data) != `{"at":"2026-03-02T09:00:00Z","by":"rita"}` {
		t.Fatalf("%v", es)
	}
	signed, err := w.s.Checkpoint(w.ctx, w.by("ann").Identity)
	must(t, err)
	again, err := w.s.Checkpoint(w.ctx, w.by("ann").Identity)
	must(t, err)
	head, err := w.s.Head(w.ctx)
	must(t, err)
	ws, err := w.s.WorkspaceID(w.ctx)
	must(t, err)
	origin, h, err := ledger.OpenCheckpoint(signed, w.by("ann").Identity.Public())
	must(t, err)
	if signed != again || origin != ledger.Origin(ws) || h != head || w.head != head {
		t.Fatalf("%s at %s, the log is at %s", origin, h, head)
	}
	w.draft("Round amounts")
	now, err := w.s.Head(w.ctx)
	must(t, err)
	must(t, ledger.CheckConsistent(w.s.HashReader(w.ctx), h, now))
	w.sound()
}

// Doors and readers at once: nobody waits for ever, nothing is lost.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t)
	var tick sync.Mutex
	o := store.Options{Now: func() time.Time { tick.Lock(); defer tick.Unlock(); w.now = w.now.Add(time.Millisecond); return w.now }}
	must(t, w.s.Close())
	s, err := store.Open(t.Context(), w.dir, o)
	must(t, err)
	defer s.Close()
	const people, each = 6, 8
	var all sync.WaitGroup
	errs := make(chan error, people*each*2)
	for i := range people {
		all.Go(func() {
			for j := range each {
				cr := &governance.ChangeRequest{Name: fmt.Sprintf("%d of %d", j, i)}
				errs <- s.CreateChangeRequest(t.Context(), person(t, "rita"), cr)
				_, err := s.Verify(t.Context(), store.VerifyOptions{})
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	r, err := s.Verify(t.Context(), store.VerifyOptions{})
	must(t, err)
	if len(r.Findings) > 0 || r.Requests != people*each {
		t.Fatalf("%+v", r)
	}
}

// A door whose caller gave up leaves nothing, and the next one works.
func TestACancelledDoor(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	ctx, cancel := context.WithCancel(w.ctx)
	head := w.head
	_, err := w.s.UpdateChangeRequest(ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		cancel()
		return cr.Do(sit, governance.Deed{Action: governance.Submit})
	})
	if !errors.Is(err, context.Canceled) || w.head != head {
		t.Fatalf("%v, the log is at %s", err, w.head)
	}
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	// A step that fails, or panics, leaves nothing either.
	boom := errors.New("boom")
	_, err = w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(*governance.ChangeRequest, governance.Situation) (governance.Intent, error) {
		return governance.Intent{}, boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(*governance.ChangeRequest, governance.Situation) (governance.Intent, error) {
			panic(boom)
		})
	}()
	w.request(cr.ID, "rita", governance.Recall, "", governance.InProgress)
	w.sound()
}

// A writer once waited for a connection that was held by readers who waited for
// the writer's lock, and the window stood still.
func TestReadersAndWritersDoNotWaitForEachOther(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Minute) // it stood still for ever
	defer cancel()
	var group errgroup.Group
	for range 16 {
		group.Go(func() error {
			for range 20 {
				if _, err := w.s.History(ctx, cr.ID); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 4 {
		group.Go(func() error {
			for range 20 {
				draft := governance.ChangeRequest{Name: "Another", Type: governance.Minor}
				if err := w.s.CreateChangeRequest(ctx, w.by("ann"), &draft); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(t, group.Wait())
}
