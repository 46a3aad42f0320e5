package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/keychain"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// carry takes everything that one computer has to another, as a file.
func carry(t *testing.T, from *Workspace, to ...*Workspace) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "all"+BundleEnd)
	_, err := from.ExportBundle(t.Context(), from.Acting(), path, store.Selection{All: true}, "")
	ok(t, err)
	for _, w := range to {
		_, err := w.ImportBundle(t.Context(), path, "", "")
		ok(t, err)
	}
}

// newcomer joins with an invitation, asks to be let in and answers with a file.
func newcomer(t *testing.T, owner *Workspace, name string) *Workspace {
	t.Helper()
	path := filepath.Join(t.TempDir(), "invitation"+BundleEnd)
	ok(t, owner.Invite(t.Context(), path, ""))
	w, _, err := Join(t.Context(), path, "", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	ok(t, err)
	closing(t, w)
	v, err := w.AskToJoin(t.Context(), name, "From the service desk.")
	ok(t, err)
	if v.Own == nil || !v.Own.Asked || v.Own.Fingerprint != ledger.Fingerprint(owner.ID(), v.Own.Public) {
		t.Fatalf("%+v", v.Own)
	}
	carry(t, w, owner)
	return w
}

func membersOf(t *testing.T, w *Workspace) Members {
	t.Helper()
	v, err := w.MembersView(t.Context())
	ok(t, err)
	return v
}

func memberNamed(t *testing.T, w *Workspace, name string) MemberView {
	t.Helper()
	for _, m := range membersOf(t, w).Members {
		if m.Person.Name == name {
			return m
		}
	}
	t.Fatalf("no %s on this computer", name)
	return MemberView{}
}

func (w *Workspace) mustPropose(t *testing.T, r RosterChange) Members {
	t.Helper()
	p, err := w.RosterProposal(t.Context(), r)
	ok(t, err)
	if len(p.Diff) == 0 {
		t.Errorf("%+v changes nothing that is said", r)
	}
	v, err := w.ProposeRoster(t.Context(), r, p.Digest)
	ok(t, err)
	return v
}

// admitted lets the one who waits in, on the computer of the only owner.
func admitted(t *testing.T, owner *Workspace, roles ...governance.Role) Members {
	t.Helper()
	waiting := membersOf(t, owner).Waiting
	if len(waiting) != 1 {
		t.Fatalf("%+v", waiting)
	}
	return owner.mustPropose(t, RosterChange{Kind: RosterAdmit, Key: waiting[0].Public, Roles: roles, Compared: true})
}

// teamOfThree are three data folders on one machine that exchange only files: a
// founder who is an owner, a second owner, and a requester.
func teamOfThree(t *testing.T) (kim, lea, rob *Workspace) {
	t.Helper()
	kim = createSolo(t, t.TempDir(), keychain.Memory())
	v := membersOf(t, kim)
	if !v.Solo || v.Admit.Allowed || v.Admit.WhySaid.Code != "why.solo_first" || !v.Team.Allowed || v.Needed != 1 {
		t.Fatalf("%+v", v)
	}
	v = kim.mustPropose(t, RosterChange{Kind: RosterTeam})
	if v.Solo || !v.Admit.Allowed || v.Team.WhySaid.Code != "why.team_already" || v.Version != 1 {
		t.Fatalf("%+v", v)
	}
	lea = newcomer(t, kim, "Lea Owner")
	v = admitted(t, kim, governance.Approver, governance.Owner)
	if v.Needed != 1 || len(v.Pending) != 1 || !v.Waiting[0].Proposed {
		t.Fatalf("%+v", v)
	}
	// Two owners sign together from then on, so the new one shows that she can.
	carry(t, kim, lea)
	change := membersOf(t, lea).Pending[0]
	if _, err := lea.PendingRoster(t.Context(), change.Act); err != nil || !change.CanSign {
		t.Fatalf("%+v %v", change, err)
	}
	v, err := lea.SignRoster(t.Context(), change.Act)
	ok(t, err)
	if v.Needed != 2 || len(v.Waiting)+len(v.Pending) != 0 || v.Own != nil {
		t.Fatalf("%+v", v)
	}
	carry(t, lea, kim)
	rob = newcomer(t, kim, "Rob Requester")
	v = admitted(t, kim, governance.Requester, governance.Approver)
	if len(v.Pending) != 1 || v.Pending[0].CanSign || !v.Waiting[0].Proposed {
		t.Fatalf("one owner was enough: %+v", v)
	}
	carry(t, kim, lea, rob)
	if m := membersOf(t, rob); m.SaveKey.Allowed || m.SaveKey.WhySaid.Code != "why.not_let_in" || m.Propose.WhySaid.Code != "why.roster_owner" {
		t.Errorf("%+v", m)
	}
	v, err = lea.SignRoster(t.Context(), membersOf(t, lea).Pending[0].Act)
	ok(t, err)
	if len(v.Pending)+len(v.Waiting) != 0 {
		t.Fatalf("%+v", v)
	}
	carry(t, lea, kim, rob)
	return kim, lea, rob
}

func TestThreeFoldersBecomeATeam(t *testing.T) {
	t.Parallel()
	kim, lea, rob := teamOfThree(t)
	ctx := t.Context()
	for _, w := range []*Workspace{kim, lea, rob} {
		v := membersOf(t, w)
		if len(v.Members) != 3 || v.Own != nil || v.Owners != 2 {
			t.Fatalf("%+v", v)
		}
		me := slices.IndexFunc(v.Members, func(m MemberView) bool { return m.Me })
		if me < 0 || !v.Members[me].Keys[0].Here || v.Members[me].Keys[0].LastAct == nil || v.Members[me].Keys[0].Since.IsZero() {
			t.Fatalf("%+v", v.Members)
		}
	}
	if m := memberNamed(t, kim, "Rob Requester"); !m.Compared || m.Founder || m.Person.ID != rob.Acting() {
		t.Errorf("%+v, acting %s", m, rob.Acting())
	}
	if m := memberNamed(t, kim, "Kim Admin"); m.Compared || !m.Founder {
		t.Errorf("%+v", m)
	}
	// What each may do is said, and why not.
	says := func(name, code string, allowed bool) {
		t.Helper()
		if !slices.ContainsFunc(memberNamed(t, rob, name).May, func(c Capability) bool { return c.Said.Code == code && c.Allowed == allowed }) {
			t.Errorf("%s: no %s", name, code)
		}
	}
	says("Rob Requester", "members.submit", true)
	says("Rob Requester", "members.deploy_not", false)
	says("Rob Requester", "members.govern_not", false)
	says("Lea Owner", "members.submit_not", false)
	says("Lea Owner", "members.approve", true)
	says("Kim Admin", "members.deploy", true)

	// The new member approves a request that the founder wrote.
	cr := kim.draftFor(t, kim.Acting())
	kim.mustDo(t, kim.Acting(), cr.ID, governance.Submit)
	carry(t, kim, rob, lea)
	rob.mustDo(t, rob.Acting(), cr.ID, governance.Approve)
	carry(t, rob, kim, lea)
	for _, w := range []*Workspace{kim, lea, rob} {
		h, err := w.Store.History(ctx, cr.ID)
		ok(t, err)
		if s := h.RequestStanding(cr.ID).Seating; len(s.Counted) != 1 {
			t.Errorf("%+v", s)
		}
		report, err := w.VerifyWhole(ctx, nil)
		ok(t, err)
		if len(report.Findings) > 0 {
			t.Error(findings(report.Findings))
		}
	}
}

func TestOwnersLetIn(t *testing.T) {
	t.Parallel()
	kim, lea, rob := teamOfThree(t)
	ctx := t.Context()
	wantFault(t, second(rob.ProposeRoster(ctx, RosterChange{Kind: RosterThreshold, Threshold: 1}, "")), "not_owner")
	for code, r := range map[string]RosterChange{
		"roster_change":   {Kind: "promote"},
		"no_join":         {Kind: RosterAdmit, Key: memberNamed(t, kim, "Rob Requester").Keys[0].Public},
		"no_member":       {Kind: RosterRetire, Member: "nobody"},
		"nothing_changed": {Kind: RosterThreshold, Threshold: 2},
		"bad_charter":     {Kind: RosterThreshold, Threshold: 3},
		"foreign_act":     {Kind: RosterRevoke, Key: memberNamed(t, kim, "Rob Requester").Keys[0].Public, Last: kim.ID()},
	} {
		_, err := kim.ProposeRoster(ctx, r, "")
		wantFault(t, err, code)
		_, err = kim.RosterProposal(ctx, r)
		wantFault(t, err, code)
	}
	roles := RosterChange{Kind: RosterRoles, Member: rob.Acting(), Roles: []governance.Role{governance.Auditor, governance.Requester}}
	_, err := kim.ProposeRoster(ctx, roles, strings.Repeat("0", 64))
	wantFault(t, err, "seen_other")
	v := kim.mustPropose(t, roles)
	if d := v.Pending[0].Diff; len(d) != 1 || d[0].What != "members" || !strings.Contains(d[0].After, "auditor") {
		t.Errorf("%+v", d)
	}
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	if m := memberNamed(t, lea, "Rob Requester"); !slices.Equal(m.Person.Roles, []governance.Role{governance.Requester, governance.Auditor}) {
		t.Errorf("%+v", m)
	}
	// Who leaves keeps what was signed, and signs nothing more.
	carry(t, lea, kim, rob)
	v = kim.mustPropose(t, RosterChange{Kind: RosterRetire, Member: rob.Acting()})
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	carry(t, lea, rob)
	m := memberNamed(t, lea, "Rob Requester")
	if m.Live || !m.Keys[0].Ended || m.Keys[0].EndedAt.IsZero() || m.Retire.WhySaid.Code != "why.left_already" || m.May[0].Said.Code != "members.without_key" {
		t.Errorf("%+v", m)
	}
	_, err = rob.NewChangeRequest(ctx, rob.Acting(), governance.ChangeRequest{Name: "Mine"})
	wantFault(t, err, "not_member")
}

func second[T any](_ T, err error) error { return err }

func TestAStolenKey(t *testing.T) {
	t.Parallel()
	kim, lea, rob := teamOfThree(t)
	ctx := t.Context()
	good := kim.draftFor(t, kim.Acting())
	kim.mustDo(t, kim.Acting(), good.ID, governance.Submit)
	bad := kim.draftFor(t, kim.Acting())
	kim.mustDo(t, kim.Acting(), bad.ID, governance.Submit)
	carry(t, kim, rob)
	rob.mustDo(t, rob.Acting(), good.ID, governance.Approve)
	rob.mustDo(t, rob.Acting(), bad.ID, governance.Approve) // the thief, says Rob
	carry(t, rob, kim, lea)
	key := memberNamed(t, kim, "Rob Requester").Keys[0].Public
	acts, err := kim.KeyActs(ctx, key, everyAct)
	ok(t, err)
	if len(acts) != 3 || acts[0].Said.Code != "trail.cr.approve" || acts[1].Text != "Approved "+good.Label()+", round 1." || acts[0].At.IsZero() {
		t.Fatalf("%+v", acts)
	}
	v := kim.mustPropose(t, RosterChange{Kind: RosterRevoke, Key: key, Last: acts[1].Act})
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	carry(t, lea, kim)
	for id, counted := range map[string]int{good.ID: 1, bad.ID: 0} {
		h, err := kim.Store.History(ctx, id)
		ok(t, err)
		if n := len(h.RequestStanding(id).Seating.Counted); n != counted {
			t.Errorf("%d votes count, not %d", n, counted)
		}
	}
	if h, err := lea.Store.History(ctx, bad.ID); err != nil || h.Act(acts[0].Act).Broken == "" {
		t.Error("the act after the named one counts")
	}

	// With a new key Rob signs again; nobody takes one in that he has not proved.
	next, err := rob.AskToJoin(ctx, "Rob Requester", "My laptop was stolen.")
	ok(t, err)
	carry(t, rob, kim)
	waiting := membersOf(t, kim).Waiting
	if len(waiting) != 1 || waiting[0].Fingerprint != next.Own.Fingerprint || waiting[0].Note != "My laptop was stolen." {
		t.Fatalf("%+v", waiting)
	}
	v = kim.mustPropose(t, RosterChange{Kind: RosterAddKey, Member: rob.Acting(), Key: waiting[0].Public})
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	carry(t, lea, kim, rob)
	if m := memberNamed(t, rob, "Rob Requester"); len(m.Keys) != 2 || !m.Keys[1].Here || m.Keys[0].Here || membersOf(t, rob).Own != nil {
		t.Fatalf("%+v", m)
	}
	rob.mustDo(t, rob.Acting(), bad.ID, governance.Approve)
}

func TestALostKey(t *testing.T) {
	t.Parallel()
	kim, lea, rob := teamOfThree(t)
	ctx := t.Context()
	cr := kim.draftFor(t, kim.Acting())
	kim.mustDo(t, kim.Acting(), cr.ID, governance.Submit)
	carry(t, kim, rob)
	rob.mustDo(t, rob.Acting(), cr.ID, governance.Approve)
	carry(t, rob, kim, lea)
	v := kim.mustPropose(t, RosterChange{Kind: RosterRevoke, Key: memberNamed(t, kim, "Rob Requester").Keys[0].Public})
	carry(t, kim, lea)
	_, err := lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	h, err := lea.Store.History(ctx, cr.ID)
	ok(t, err)
	if n := len(h.RequestStanding(cr.ID).Seating.Counted); n != 1 {
		t.Errorf("%d votes of the lost key count", n)
	}
	if k := memberNamed(t, lea, "Rob Requester").Keys[0]; !k.Ended || k.EndedBy != k.LastAct.Act {
		t.Errorf("%+v", k)
	}
	_, err = lea.RosterProposal(ctx, RosterChange{Kind: RosterRevoke, Key: memberNamed(t, lea, "Rob Requester").Keys[0].Public})
	wantFault(t, err, "key_ended")
}

func TestAnOwnerTakesANewKey(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, alone := range []bool{true, false} {
		data, chain := t.TempDir(), keychain.Memory()
		kim := createSolo(t, data, chain)
		others := []*Workspace{}
		if !alone {
			k, lea, _ := teamOfThree(t)
			kim, others = k, append(others, lea)
		}
		name := "Kim Admin"
		old := memberNamed(t, kim, name).Keys[0].Public
		v, err := kim.AskToJoin(ctx, name, "")
		ok(t, err)
		if !v.Waiting[0].Here || v.NewKey.WhySaid.Code != "why.key_waits" {
			t.Fatalf("%+v", v)
		}
		member := kim.Acting()
		v = kim.mustPropose(t, RosterChange{Kind: RosterReplace, Old: old, Key: v.Waiting[0].Public})
		for _, lea := range others { // two owners sign
			if len(v.Pending) != 1 {
				t.Fatalf("%+v", v.Pending)
			}
			carry(t, kim, lea)
			_, err := lea.SignRoster(ctx, v.Pending[0].Act)
			ok(t, err)
			carry(t, lea, kim)
		}
		m := memberNamed(t, kim, name)
		if len(m.Keys) != 2 || !m.Keys[0].Ended || !m.Keys[1].Here || m.Keys[1].Ended || kim.Acting() != member {
			t.Fatalf("alone %v: %+v", alone, m)
		}
		cr := kim.draftFor(t, member)
		kim.mustDo(t, member, cr.ID, governance.Submit)
		if h, err := kim.Store.History(ctx, cr.ID); err != nil || h.RequestStanding(cr.ID).Status != governance.Pending {
			t.Errorf("the new key does not count: %v", err)
		}
		if report, err := kim.VerifyWhole(ctx, nil); err != nil || len(report.Findings) > 0 {
			t.Errorf("%v %v", err, findings(report.Findings))
		}
	}
}

func TestAKeyMovesInAFile(t *testing.T) {
	t.Parallel()
	kim, lea, rob := teamOfThree(t)
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "rob"+KeyEnd)
	wantFault(t, rob.SaveKey(ctx, path, "too short"), "weak_passphrase")
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was left")
	}
	early := filepath.Join(t.TempDir(), "early"+BundleEnd)
	_, err := rob.ExportBundle(ctx, rob.Acting(), early, store.Selection{}, "")
	ok(t, err)
	rob.mustDo(t, rob.Acting(), rob.draftFor(t, rob.Acting()).ID, governance.Submit)
	ok(t, rob.SaveKey(ctx, path, passphrase))
	b, err := os.ReadFile(path)
	ok(t, err)
	seed, err := rob.key(ctx, rob.Acting())
	ok(t, err)
	if !strings.HasPrefix(string(b), "age-encryption.org/v1\n") {
		t.Error("it is not encrypted")
	}
	if found := holding(t, filepath.Dir(path), "", formsOf(seed.Seed())); len(found) > 0 {
		t.Errorf("the key is in %v", found)
	}

	// A new computer: the invitation, then the key.
	bundle := filepath.Join(t.TempDir(), "all"+BundleEnd)
	_, err = rob.ExportBundle(ctx, rob.Acting(), bundle, store.Selection{All: true}, "")
	ok(t, err)
	moved, _, err := Join(ctx, early, "", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	ok(t, err)
	closing(t, moved)
	_, err = moved.RestoreKey(ctx, path, passphrase)
	wantFault(t, err, "key_behind")
	if moved.Acting() == rob.Acting() {
		t.Error("the key was taken")
	}
	_, err = moved.ImportBundle(ctx, bundle, "", "")
	ok(t, err)
	_, err = moved.RestoreKey(ctx, path, "four other words and a comma")
	wantFault(t, err, "bundle_passphrase")
	_, err = moved.RestoreKey(ctx, path, "")
	wantFault(t, err, "bundle_sealed")
	_, err = moved.RestoreKey(ctx, bundle, "")
	wantFault(t, err, "key_file")
	cut := filepath.Join(t.TempDir(), "cut"+KeyEnd)
	ok(t, os.WriteFile(cut, b[:len(b)-1], 0o600))
	_, err = moved.RestoreKey(ctx, cut, passphrase)
	wantFault(t, err, "key_file")
	v, err := moved.RestoreKey(ctx, path, passphrase)
	ok(t, err)
	if moved.Acting() != rob.Acting() || v.Own != nil {
		t.Fatalf("%s acts; %+v", moved.Acting(), v.Own)
	}
	cr := moved.draftFor(t, moved.Acting())
	moved.mustDo(t, moved.Acting(), cr.ID, governance.Submit)
	carry(t, moved, lea)
	if h, err := lea.Store.History(ctx, cr.ID); err != nil || h.RequestStanding(cr.ID).Status != governance.Pending {
		t.Errorf("%v", err)
	}

	_, err = kim.RestoreKey(ctx, path, passphrase)
	wantFault(t, err, "key_here")
	other := createSolo(t, t.TempDir(), keychain.Memory())
	_, err = other.RestoreKey(ctx, path, passphrase)
	wantFault(t, err, "key_file_other")
	v = kim.mustPropose(t, RosterChange{Kind: RosterRevoke, Key: seed.Public()})
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	_, err = lea.RestoreKey(ctx, path, passphrase)
	wantFault(t, err, "key_file_ended")
}

func TestTheRecoveryKitStandsInForALostOwner(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kim := createSolo(t, t.TempDir(), keychain.Memory())
	path := filepath.Join(t.TempDir(), "kit"+KeyEnd)
	declined := governance.Faultf("declined", "No.")
	_, err := kim.MakeKit(ctx, path, passphrase, func(Proposal) error { return declined })
	wantFault(t, err, "declined")
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was left")
	}
	v, err := kim.MakeKit(ctx, path, passphrase, func(p Proposal) error {
		if len(p.Diff) != 1 || !strings.Contains(p.Diff[0].After, "recovery") {
			t.Errorf("%+v", p.Diff)
		}
		return nil
	})
	ok(t, err)
	if len(v.Members) != 2 || !v.Members[1].Recovery || v.Members[1].May[0].Said.Code != "members.recovery" || me(t, kim) != v.Members[0].Person.ID {
		t.Fatalf("%+v", v.Members)
	}
	// The computer is gone; an old bundle and the kit are left.
	bundle := filepath.Join(t.TempDir(), "all"+BundleEnd)
	_, err = kim.ExportBundle(ctx, kim.Acting(), bundle, store.Selection{All: true}, "")
	ok(t, err)
	lost := v.Members[0].Keys[0].Public
	ok(t, kim.Close())
	again, _, err := Join(ctx, bundle, "", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	ok(t, err)
	closing(t, again)
	_, err = again.AskToJoin(ctx, "Kim Admin", "")
	ok(t, err)
	v, err = again.RestoreKey(ctx, path, passphrase)
	ok(t, err)
	if !v.Propose.Allowed || v.Own == nil {
		t.Fatalf("%+v", v)
	}
	v = again.mustPropose(t, RosterChange{Kind: RosterReplace, Old: lost, Key: v.Own.Public})
	if m := v.Members[0]; !m.Me || !m.Keys[1].Here || !m.Keys[0].Ended || v.Own != nil {
		t.Fatalf("%+v", v)
	}
	cr := again.draftFor(t, again.Acting())
	again.mustDo(t, again.Acting(), cr.ID, governance.Submit)
}

func TestAKitSignsWithoutStaying(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kim, lea, rob := teamOfThree(t)
	path := filepath.Join(t.TempDir(), "kit"+KeyEnd)
	v, err := kim.MakeKit(ctx, path, passphrase, func(Proposal) error { return nil })
	ok(t, err)
	carry(t, kim, lea)
	_, err = lea.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	carry(t, lea, kim)
	v = kim.mustPropose(t, RosterChange{Kind: RosterRoles, Member: rob.Acting(), Roles: []governance.Role{governance.Auditor}})
	_, err = kim.SignWithFile(ctx, kim.ID(), path, passphrase)
	wantFault(t, err, "not_found")
	v, err = kim.SignWithFile(ctx, v.Pending[0].Act, path, passphrase)
	ok(t, err)
	if len(v.Pending) != 0 || !slices.Equal(memberNamed(t, kim, "Rob Requester").Person.Roles, []governance.Role{governance.Auditor}) {
		t.Errorf("%+v", v.Pending)
	}
}

func TestTheDemosMembers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := openTestDemo(t, t.TempDir())
	v := membersOf(t, w)
	if len(v.Members) != 4 || v.Needed != 2 || v.Propose.Allowed || v.Invite.WhySaid.Code != "why.demo_stays" || v.Restore.Allowed || v.Kit.Allowed {
		t.Fatalf("%+v", v)
	}
	for _, err := range []error{second(w.AskToJoin(ctx, "Eve", "")), w.Invite(ctx, "x", ""), w.SaveKey(ctx, "x", passphrase), second(w.RestoreKey(ctx, "x", ""))} {
		wantFault(t, err, "demo_stays")
	}
	ok(t, w.ActAs(ctx, Bo))
	_, err := w.MakeKit(ctx, "x", passphrase, nil)
	wantFault(t, err, "demo_stays")
	v = w.mustPropose(t, RosterChange{Kind: RosterRoles, Member: Ana, Roles: []governance.Role{governance.Requester, governance.Auditor}})
	if w.Acting() != Bo || len(v.Pending) != 1 {
		t.Fatalf("%s: %+v", w.Acting(), v.Pending)
	}
	_, err = w.SignRoster(ctx, v.Pending[0].Act)
	wantFault(t, err, "signed_already")
	ok(t, w.ActAs(ctx, Cy))
	v, err = w.SignRoster(ctx, v.Pending[0].Act)
	ok(t, err)
	if len(v.Pending) != 0 || len(v.Members[0].Person.Roles) != 2 || w.Acting() != Cy {
		t.Errorf("%+v", v)
	}
	_, err = w.AskToJoin(ctx, "", "")
	wantFault(t, err, "demo_stays")
	solo := createSolo(t, t.TempDir(), keychain.Memory())
	_, err = solo.AskToJoin(ctx, " ", "")
	wantFault(t, err, "join_name")
	if m := membersOf(t, solo).Members[0]; m.Retire.WhySaid.Code != "why.last_owner" {
		t.Errorf("%+v", m.Retire)
	}
}

func TestAnAnswerIsNoDoubt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kim := createSolo(t, t.TempDir(), keychain.Memory())
	kim.mustPropose(t, RosterChange{Kind: RosterTeam})
	invitation, answer := filepath.Join(t.TempDir(), "invitation"+BundleEnd), filepath.Join(t.TempDir(), "answer"+BundleEnd)
	ok(t, kim.Invite(ctx, invitation, ""))
	ned, _, err := Join(ctx, invitation, "", Options{Data: t.TempDir(), Chain: keychain.Memory()})
	ok(t, err)
	closing(t, ned)

	// Without a word of his own he is a stranger, whose file is in doubt.
	ok(t, ned.Invite(ctx, answer, ""))
	d, err := kim.PreviewBundle(ctx, answer, "")
	ok(t, err)
	if d.Asker != "" || len(d.Findings) != 1 || d.Findings[0].Code != "stranger" {
		t.Errorf("%+v", d)
	}
	_, err = ned.AskToJoin(ctx, "Ned New", "")
	ok(t, err)
	ok(t, ned.Invite(ctx, answer, ""))
	d, err = kim.ImportBundle(ctx, answer, "", "")
	ok(t, err)
	if d.From != "" || d.Asker != "Ned New" || len(d.Findings) > 0 || len(d.Acts) != 1 || !d.Acts[0].Asks || d.Acts[0].Name != "Ned New" || d.Acts[0].Broken != "" {
		t.Errorf("%+v", d)
	}
	today, err := kim.Today(ctx)
	ok(t, err)
	wantTask(t, today.Waiting, membersOf(t, kim).Waiting[0].Act, "vote", "task.join")
	if nothing, err := ned.Today(ctx); err != nil || len(nothing.Waiting) > 0 {
		t.Errorf("who asks cannot let himself in: %+v %v", nothing.Waiting, err)
	}
}
