package app

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"countersign/backend/governance"
	"countersign/backend/workspace"
)

func TestPreferencesOutliveTheWindow(t *testing.T) {
	data := withDemo(t)
	s := newShell(slog.New(slog.DiscardHandler))
	s.start(workspace.Options{Data: data, Pace: -1})
	settings := &Settings{s}
	if err := settings.Prefer("theme", "dark"); err != nil {
		t.Fatal(err)
	}
	if err := settings.Prefer("big", strings.Repeat("x", 100_000)); governance.FaultCode(err) != "preference_too_large" {
		t.Errorf("100 KB say %v", err)
	}
	for _, key := range []string{lastWorkspace, windowPlace, "acting.somebody"} {
		if err := settings.Prefer(key, "x"); governance.FaultCode(err) != "own_preference" {
			t.Errorf("the page may set %s: %v", key, err)
		}
	}
	s.close()

	s = newShell(slog.New(slog.DiscardHandler))
	s.start(workspace.Options{Data: data, Pace: -1})
	defer s.close()
	if all, err := (&Settings{s}).Preferences(); err != nil || all["theme"] != "dark" {
		t.Errorf("%v, %v", all, err)
	}
}

func TestSettingsWorkWithoutAWorkspace(t *testing.T) {
	s := newShell(slog.New(slog.DiscardHandler))
	s.version = "1.2.3"
	s.start(workspace.Options{Data: t.TempDir()})
	defer s.close()
	settings := &Settings{s}
	about, err := settings.About()
	if err != nil || about.Version != "1.2.3" || about.Data != s.options.Data || !strings.HasPrefix(about.SQLite, "3.") || about.License == "" || about.System == "" {
		t.Errorf("%+v, %v", about, err)
	}
	if all, err := settings.Preferences(); err != nil || all == nil {
		t.Errorf("%v, %v", all, err)
	}
	if err := settings.Copy("text"); governance.FaultCode(err) != "no_window" {
		t.Errorf("copying without a window says %v", err)
	}
	if err := settings.Copy(strings.Repeat("x", maxCopy+1)); governance.FaultCode(err) != "too_large" {
		t.Errorf("copying too much says %v", err)
	}
	if err := settings.OpenFolder(); governance.FaultCode(err) != "no_workspace" {
		t.Errorf("opening no folder says %v", err)
	}
}

// What the system can do is known once the start is over; these calls read it
// beside the start and said that there was no window.
func TestTheSystemIsNotAskedBeforeTheStartIsOver(t *testing.T) {
	s := newShell(slog.New(slog.DiscardHandler))
	settings := &Settings{s}
	calls := map[string]func() error{
		"Copy":        func() error { return settings.Copy("text") },
		"Print":       settings.Print,
		"OpenLink":    func() error { return settings.OpenLink("trust") },
		"OpenAddress": func() error { return settings.OpenAddress("https://example.com/") },
	}
	type answer struct {
		call string
		err  error
	}
	answers := make(chan answer, len(calls))
	for name, call := range calls {
		go func() { answers <- answer{name, call()} }()
	}
	select {
	case a := <-answers:
		t.Fatalf("%s before the start says %v", a.call, a.err)
	case <-time.After(100 * time.Millisecond):
	}
	(&person{yes: true}).at(s)
	done := func(string) error { return nil }
	s.system.copy, s.system.browse, s.system.print = done, done, func() error { return nil }
	s.start(workspace.Options{Data: t.TempDir()})
	defer s.close()
	for range calls {
		if a := <-answers; a.err != nil {
			t.Errorf("%s says %v", a.call, a.err)
		}
	}
}

func TestRestoringSaysWhatItMeansAndOpensTheCopy(t *testing.T) {
	s, p := own(t)
	settings, requests := &Settings{s}, &ChangeRequests{s}
	draft(t, s, "Before")
	backup, err := settings.BackUp()
	if err != nil || backup.Behind != 0 || backup.Warning != "" || backup.Size == 0 {
		t.Fatalf("%+v, %v", backup, err)
	}
	submitted := draft(t, s, "After")
	p.yes = true
	if _, err := requests.Do(submitted.Request.ID, workspace.Wish{Action: governance.Submit, Seen: submitted.Digest}); err != nil {
		t.Fatal(err)
	}
	list, err := settings.Backups()
	if err != nil || len(list) != 1 || list[0].Behind != 3 || list[0].Warning == "" {
		t.Fatalf("%+v, %v", list, err)
	}

	p.yes, p.asked = false, nil
	if _, err := settings.Restore(backup.Name); governance.FaultCode(err) != "declined" || len(p.asked) != 1 || !strings.Contains(p.asked[0].Text, list[0].Warning) {
		t.Fatalf("No says %v after %+v", err, p.asked)
	}
	if rows, err := requests.List(workspace.RequestQuery{}); err != nil || rows.Total != 2 {
		t.Fatalf("after No there are %d requests, %v", rows.Total, err)
	}
	if _, err := settings.Restore("../workspace.db"); governance.FaultCode(err) != "no_backup" {
		t.Errorf("a copy that is none says %v", err)
	}
	p.yes = true
	state, err := settings.Restore(backup.Name)
	if err != nil || !state.Open {
		t.Fatalf("%+v, %v", state, err)
	}
	if len(state.Doubts) == 0 {
		t.Error("nothing says that the database is older than the keychain's head")
	}
	if rows, err := requests.List(workspace.RequestQuery{}); err != nil || rows.Total != 1 {
		t.Errorf("the copy has %d requests, %v", rows.Total, err)
	}
}

func TestTheMenuIsTheOneThatThePageWrote(t *testing.T) {
	written := `[{"id":"file","label":{"en":"File","de":"Datei"},"items":[
		{"id":"new-request","label":{"en":"New Change Request","de":"Neuer Change Request"},"keys":"CmdOrCtrl+n"},
		{"id":"settings","label":{"en":"Settings"},"keys":""}]}]`
	parts, err := readMenu(fstest.MapFS{menuFile: &fstest.MapFile{Data: []byte(written)}})
	if err != nil || len(parts) != 1 || len(parts[0].Items) != 2 {
		t.Fatalf("%+v, %v", parts, err)
	}
	if got := in(parts[0].Label, "de") + ", " + in(parts[0].Items[1].Label, "de"); got != "Datei, Settings" {
		t.Errorf("in German the menu says %s", got)
	}
	if item := parts[0].Items[0]; item.ID != "new-request" || item.Keys != "CmdOrCtrl+n" {
		t.Errorf("the first item is %+v", item)
	}
	if _, err := readMenu(fstest.MapFS{}); err == nil {
		t.Error("a menu that is not there was read")
	}
}

// The built page is there where the frontend was built; its menu names every
// command in both languages, each once.
func TestTheBuiltMenuHasEveryCommandOnce(t *testing.T) {
	parts, err := readMenu(os.DirFS("../frontend/dist"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the page is not built")
	}
	if err != nil {
		t.Fatal(err)
	}
	ids, keys := map[string]bool{}, map[string]bool{}
	for _, part := range parts {
		if part.Label["en"] == "" || part.Label["de"] == "" {
			t.Errorf("the menu %s has no words", part.ID)
		}
		for _, item := range part.Items {
			if ids[item.ID] || item.Label["en"] == "" || item.Label["de"] == "" {
				t.Errorf("%q is there twice or has no words", item.ID)
			}
			ids[item.ID] = true
			if item.Keys != "" && keys[item.Keys] {
				t.Errorf("%s is taken twice", item.Keys)
			}
			keys[item.Keys] = true
		}
	}
	for _, id := range strings.Fields("new-request home trail palette undo redo submit scan deploy mend verify back-up") {
		if !ids[id] {
			t.Errorf("the menu lacks %s", id)
		}
	}
}

func TestAKeptPlaceIsBroughtOntoTheScreen(t *testing.T) {
	for kept, want := range map[string]place{
		"":                               {Width: usualWidth, Height: usualHeight},
		"{":                              {Width: usualWidth, Height: usualHeight},
		`{"width":1,"height":1}`:         {Width: usualWidth, Height: usualHeight},
		`{"width":90000,"height":90000}`: {Width: usualWidth, Height: usualHeight},
		`{"x":5,"y":6,"width":1000,"height":700,"maximised":true}`: {5, 6, 1000, 700, true},
	} {
		got, known := placeOf(kept)
		if got != want || known != got.Maximised {
			t.Errorf("%s is %+v, known %v", kept, got, known)
		}
		if again, _ := placeOf(got.String()); again != got {
			t.Errorf("%+v becomes %+v", got, again)
		}
	}
	for _, c := range []struct{ at, want place }{
		{place{100, 50, 1280, 860, false}, place{100, 50, 1280, 860, false}},
		{place{5000, 5000, 1280, 860, false}, place{640, 220, 1280, 860, false}},
		{place{-300, -20, 1280, 860, false}, place{0, 0, 1280, 860, false}},
		{place{0, 0, 3840, 2100, false}, place{0, 0, 1920, 1080, false}},
	} {
		if got := c.at.clamped(1920, 1080); got != c.want {
			t.Errorf("%+v becomes %+v", c.at, got)
		}
	}
	if at := (place{7, 7, 900, 600, false}); at.clamped(0, 0) != at {
		t.Error("a screen without size moved the window")
	}
}

func TestEventsStaySmall(t *testing.T) {
	for _, data := range []any{change{"request", strings.Repeat("a", 64), 1 << 60}, command{"new-request"},
		(&drops{}).put([]string{strings.Repeat("b", 4000), strings.Repeat("c", 255)})} {
		if b, err := json.Marshal(data); err != nil || len(b) > 4000 {
			t.Errorf("%T has %d bytes, %v", data, len(b), err)
		}
	}
	many := make([]string, 1000)
	for i := range many {
		many[i] = "/folder/" + strings.Repeat("😀", 60)
	}
	if b, err := json.Marshal((&drops{}).put(many)); err != nil || len(b) > 4096 {
		t.Errorf("a drop of 1000 files has %d bytes, %v", len(b), err)
	}
}
