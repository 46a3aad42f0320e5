package workspace

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

const passphrase = "four words and a comma"

// team founds a workspace of several people on the first of their machines.
// Each has a keychain of his own.
func team(t *testing.T, names ...string) (*Workspace, map[string]keychain.Chain) {
	t.Helper()
	ctx := t.Context()
	roles := map[string][]governance.Role{
		"rita": {governance.Requester}, "ann": {governance.Approver, governance.Owner}, "ben": {governance.Approver, governance.Owner}, "max": {governance.ReleaseManager}}
	keys, chains := map[string]ledger.Identity{}, map[string]keychain.Chain{}
	c := governance.Charter{Format: governance.CharterFormat, Name: "Sales Cloud team", Nonce: "n", OwnerThreshold: 2, Requests: governance.DefaultRequestPolicy(),
		Environments: []governance.Policy{governance.DefaultPolicy(governance.Production), governance.DefaultPolicy(governance.Demo)}}
	for _, n := range names {
		k, err := ledger.NewIdentity()
		ok(t, err)
		keys[n], chains[n] = k, keychain.Memory()
		c.Members = append(c.Members, governance.Member{ID: n, Name: strings.ToUpper(n[:1]) + n[1:], Keys: []governance.Key{{Public: k.Public()}}, Roles: roles[n]})
	}
	w, err := open(ctx, t.TempDir(), Options{}, given(chains[names[0]]))
	ok(t, err)
	closing(t, w)
	g, err := ledger.Genesis(keys["ann"], c, w.now())
	ok(t, err)
	w.id = g.ID
	for _, n := range names {
		w.chain = chains[n]
		ok(t, w.keepKey(ctx, n, keys[n]))
	}
	w.chain = chains[names[0]]
	ok(t, w.Store.Found(ctx, g))
	ok(t, w.settle(ctx))
	return w, chains
}

// joinedOn is another member's machine.
func joinedOn(t *testing.T, path, passphrase string, chain keychain.Chain) *Workspace {
	t.Helper()
	w, _, err := Join(t.Context(), path, passphrase, Options{Data: t.TempDir(), Chain: chain})
	ok(t, err)
	return closing(t, w)
}

func TestAChangeGoesRoundAsFiles(t *testing.T) {
	ctx := context.Background()
	rita, chains := team(t, "rita", "ann", "ben", "max")
	if rita.Acting() != "rita" {
		t.Fatalf("%q acts", rita.Acting())
	}
	file := func(name string) string { return filepath.Join(t.TempDir(), name+BundleEnd) }
	send := func(from *Workspace, sel store.Selection, pass string) string {
		t.Helper()
		path := file("change")
		_, err := from.ExportBundle(ctx, from.Acting(), path, sel, pass)
		ok(t, err)
		return path
	}
	invitation := send(rita, store.Selection{}, passphrase)
	_, _, err := Join(ctx, invitation, "another passphrase", Options{Data: t.TempDir(), Chain: chains["ann"]})
	wantFault(t, err, "bundle_passphrase")
	_, _, err = Join(ctx, invitation, "", Options{Data: t.TempDir(), Chain: chains["ann"]})
	wantFault(t, err, "bundle_sealed") // which costs nothing
	if b, err := os.ReadFile(invitation); err != nil || !strings.HasPrefix(string(b), "age-encryption.org/v1") || strings.Contains(string(b), "Sales Cloud") {
		t.Fatal("it is not encrypted")
	}
	ann := joinedOn(t, invitation, passphrase, chains["ann"])
	ben := joinedOn(t, send(rita, store.Selection{}, ""), "", chains["ben"])
	if ann.Acting() != "ann" || ben.Acting() != "ben" || ann.ID() != rita.ID() {
		t.Fatalf("%q %q", ann.Acting(), ben.Acting())
	}

	cr := rita.draftFor(t, "rita")
	rita.mustDo(t, "rita", cr.ID, governance.Submit)
	sel := store.Selection{Requests: []string{cr.ID}}
	one := send(rita, sel, "")
	look, err := ann.PreviewBundle(ctx, one, "")
	ok(t, err)
	if look.FromName != "Rita" || len(look.Acts) != 1 || len(look.Requests) != 1 || look.Nothing {
		t.Fatalf("%+v", look)
	}
	_, err = ann.ImportBundle(ctx, send(rita, sel, ""), "", look.Bundle)
	wantFault(t, err, "seen_other")
	_, err = ann.ImportBundle(ctx, one, "", look.Bundle)
	ok(t, err)
	ann.mustDo(t, "ann", cr.ID, governance.Approve)
	two := send(ann, sel, "")
	_, err = ben.ImportBundle(ctx, two, "", "")
	ok(t, err)
	for _, w := range []*Workspace{ben, rita} {
		if w == ben {
			if now, err := w.Store.ChangeRequest(ctx, cr.ID); err != nil || now.Status == governance.Pending {
				if now.Status == governance.Pending {
					w.mustDo(t, "ben", cr.ID, governance.Approve)
				}
			}
			continue
		}
		_, err = w.ImportBundle(ctx, send(ben, sel, ""), "", "")
		ok(t, err)
	}
	for _, w := range []*Workspace{rita, ben} {
		if now, err := w.Store.ChangeRequest(ctx, cr.ID); err != nil || now.Status != governance.Approved {
			t.Fatalf("%v %v", now, err)
		}
		report, err := w.VerifyWhole(ctx, nil)
		ok(t, err)
		if len(report.Findings) > 0 {
			t.Error(findings(report.Findings))
		}
	}
	// Nothing of what was written on the way stays.
	if left, _ := filepath.Glob(filepath.Join(rita.Dir(), "exporting-*")); len(left) > 0 {
		t.Errorf("%v", left)
	}
	// The file alone says what it proves.
	rep, err := VerifyFile(ctx, send(ben, sel, ""), "")
	ok(t, err)
	if len(rep.Doubts) > 0 || !strings.Contains(linesOf(rep.Proved), "“Renewal stages” is Approved") || !strings.Contains(rep.Proved[0].Text, "Ben signed it") {
		t.Errorf("%+v", rep)
	}
	page, err := rita.TrailPage(ctx, TrailQuery{Limit: 100})
	ok(t, err)
	lines := []string{}
	for _, e := range page.Items {
		lines = append(lines, e.Text)
	}
	if all := strings.Join(lines, "\n"); !strings.Contains(all, "Imported a bundle with 2 new acts.") && !strings.Contains(all, "Imported a bundle with 1 new act.") || !strings.Contains(all, "Exported a bundle of") {
		t.Error(all)
	}
}

func TestJoining(t *testing.T) {
	ctx := context.Background()
	rita, _ := team(t, "rita", "ann", "ben")
	path := filepath.Join(t.TempDir(), "invitation"+BundleEnd)
	_, err := rita.ExportBundle(ctx, "rita", path, store.Selection{}, "")
	ok(t, err)
	data, chain := t.TempDir(), keychain.Memory()
	w, d, err := Join(ctx, path, "", Options{Data: data, Chain: chain})
	ok(t, err)
	j, err := w.Joining(ctx)
	ok(t, err)
	if j == nil || len(j.Member) != 32 || ledger.CheckPublic(j.Public) != nil || len(d.Acts) != 1 {
		t.Fatalf("%+v %+v", j, d)
	}
	if w.Acting() != j.Member {
		t.Errorf("%q acts", w.Acting())
	}
	if st, err := w.State(ctx); err != nil || st.Me != j.Member || st.Name != "Sales Cloud team" {
		t.Errorf("%+v %v", st, err)
	}
	_, err = w.NewChangeRequest(ctx, j.Member, governance.ChangeRequest{Name: "Mine"})
	wantFault(t, err, "not_member")
	ok(t, w.Close())
	again, err := OpenOwn(ctx, w.Dir(), Options{Chain: chain})
	ok(t, err)
	closing(t, again)
	if k, err := again.Joining(ctx); err != nil || *k != *j {
		t.Fatalf("%+v %v", k, err)
	}
	_, _, err = Join(ctx, path, "", Options{Data: data, Chain: chain})
	wantFault(t, err, "second_instance")
	ok(t, again.Close())
	_, _, err = Join(ctx, path, "", Options{Data: data, Chain: chain})
	wantFault(t, err, "workspace_exists")

	demo := openTestDemo(t, t.TempDir())
	_, err = demo.ExportBundle(ctx, Ana, path, store.Selection{All: true}, "")
	ok(t, err)
	_, _, err = Join(ctx, path, "", Options{Data: t.TempDir(), Chain: chain})
	wantFault(t, err, "is_demo")
	_, err = rita.ImportBundle(ctx, path, "", "")
	wantFault(t, err, "bundle_other_workspace")
}

func TestBundlesThatCannotBeWrittenOrRead(t *testing.T) {
	ctx := context.Background()
	w := createSolo(t, t.TempDir(), keychain.Memory())
	all := store.Selection{All: true}
	_, err := w.ExportBundle(ctx, me(t, w), filepath.Join(t.TempDir(), "no", "such", "folder"), all, "")
	wantFault(t, err, "data_folder")
	path := filepath.Join(t.TempDir(), "x"+BundleEnd)
	_, err = w.ExportBundle(ctx, me(t, w), path, all, "short")
	wantFault(t, err, "weak_passphrase")
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("%v stayed", left)
	}
	_, err = w.PreviewBundle(ctx, path, "")
	wantFault(t, err, "file_missing")
	_, err = w.PreviewBundle(ctx, t.TempDir(), "")
	wantFault(t, err, "file_unreadable")
	ok(t, os.WriteFile(path, []byte("Dear diary."), 0o600))
	_, err = w.PreviewBundle(ctx, path, "")
	wantFault(t, err, "bundle_not_one")
	_, err = VerifyFile(ctx, path, "")
	wantFault(t, err, "bundle_not_one")
}
