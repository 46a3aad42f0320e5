package app

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

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

func TestTheMenuHasEveryCommandOnceAndStealsNoTextEditing(t *testing.T) {
	wanted := strings.Fields("new-request home requests deployments environments policies trail settings palette back forward reload-data theme guide tour undo redo")
	ids, keys := map[string]bool{}, map[string]bool{}
	for _, part := range menuParts() {
		for _, item := range part.Items {
			if item.ID == "" {
				continue
			}
			if ids[item.ID] || item.Label == "" {
				t.Errorf("%q is there twice or has no label", item.ID)
			}
			ids[item.ID] = true
			if item.Keys == "" {
				continue
			}
			if keys[item.Keys] {
				t.Errorf("%s is taken twice", item.Keys)
			}
			keys[item.Keys] = true
			for _, editing := range strings.Fields("CmdOrCtrl+a CmdOrCtrl+c CmdOrCtrl+v CmdOrCtrl+x CmdOrCtrl+y CmdOrCtrl+z CmdOrCtrl+b CmdOrCtrl+i CmdOrCtrl+left CmdOrCtrl+right") {
				if item.Keys == editing {
					t.Errorf("%s takes %s from text fields", item.ID, editing)
				}
			}
		}
	}
	for _, id := range wanted {
		if !ids[id] {
			t.Errorf("the menu lacks %s", id)
		}
	}
	if len(ids) != len(wanted) {
		t.Errorf("the menu has %d commands, %d are known", len(ids), len(wanted))
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
