package workspace

import (
	"os"
	"path/filepath"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
)

func TestTheStateOfTheDemo(t *testing.T) {
	data := t.TempDir()
	w := openTestDemo(t, data)
	s, err := w.State(t.Context())
	ok(t, err)
	if !s.Open || !s.Demo || s.Solo || s.ID != w.ID() || s.Name != "Demo" || s.Folder != w.Dir() || s.Me != Ana || len(s.Members) != 4 || s.Entries < 1 || !s.Keychain.Works || s.Keychain.Where == "" {
		t.Errorf("%+v", s)
	}
	if s.Choices == nil || s.Doubts == nil || s.Preparing != nil || s.Problem != nil {
		t.Errorf("%+v", s)
	}
	if m := s.Members[1]; m.ID != Bo || m.Name != "Bo Approver" || len(m.Roles) != 2 {
		t.Errorf("%+v", m)
	}
	ok(t, w.ActAs(t.Context(), Cy))
	if w.Acting() != Cy {
		t.Errorf("%s acts", w.Acting())
	}
	wantFault(t, w.ActAs(t.Context(), "mallory"), "not_member")
	if w.Acting() != Cy {
		t.Errorf("after a refusal %s acts", w.Acting())
	}
	before := s.Checked
	_, err = w.VerifyWhole(t.Context(), nil)
	ok(t, err)
	if s, err = w.State(t.Context()); err != nil || !s.Checked.After(before) {
		t.Errorf("verified at %v, before at %v, %v", s.Checked, before, err)
	}
}

func TestTheStateOfOnesOwnWorkspace(t *testing.T) {
	data, chain := t.TempDir(), keychain.Memory()
	w := createSolo(t, data, chain)
	s, err := w.State(t.Context())
	ok(t, err)
	if s.Demo || !s.Solo || s.Name != "My orgs" || s.Me != me(t, w) || len(s.Members) != 1 || s.Keychain.Where == "" {
		t.Errorf("%+v", s)
	}
	wantFault(t, w.ActAs(t.Context(), s.Me), "not_a_demo")
	ok(t, w.Close())
	w, err = OpenFolder(t.Context(), s.Folder, Options{Chain: chain})
	ok(t, err)
	closing(t, w)
	if w.Acting() != s.Me || w.Demo() {
		t.Errorf("opened anew %s acts", w.Acting())
	}
}

func TestTheChoicesOfADataFolder(t *testing.T) {
	ctx, data := t.Context(), t.TempDir()
	choices := func() []Choice {
		t.Helper()
		all, err := Choices(data)
		ok(t, err)
		return all
	}
	if all := choices(); all == nil || len(all) != 0 {
		t.Errorf("%+v", all)
	}
	demo := openTestDemo(t, data)
	own := createSolo(t, data, keychain.Memory())
	want := []Choice{{Folder: demo.Dir(), Name: "Demo", Demo: true}, {Folder: own.Dir(), Name: "My orgs"}}
	check := func(want ...Choice) {
		t.Helper()
		all := choices()
		if len(all) != len(want) {
			t.Fatalf("%+v", all)
		}
		for i := range want {
			if all[i] != want[i] {
				t.Errorf("%+v, want %+v", all[i], want[i])
			}
		}
	}
	check(want...)
	// A label that somebody wrote changes no more than a name.
	ok(t, os.WriteFile(filepath.Join(own.Dir(), labelFile), []byte(`{"folder":"/elsewhere","name":"Other","demo":true}`), 0o600))
	want[1].Name = "Other"
	check(want...)
	ok(t, os.WriteFile(filepath.Join(own.Dir(), labelFile), []byte("{"), 0o600))
	want[1].Name = filepath.Base(own.Dir())
	check(want...)

	alone, err := Choices(demo.Dir())
	ok(t, err)
	if len(alone) != 1 || alone[0].Folder != demo.Dir() || DemoDir(demo.Dir()) != demo.Dir() || DemoDir(data) != demo.Dir() {
		t.Errorf("%+v", alone)
	}
	if _, err := OpenFolder(ctx, filepath.Join(data, "nothing"), Options{}); governance.FaultCode(err) != "no_workspace" {
		t.Errorf("a folder without a workspace says %v", err)
	}
}
