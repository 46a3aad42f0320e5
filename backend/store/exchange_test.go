package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/metadata"
	"countersign/backend/store"
)

// frozenTree is a tree as Run Scan keeps one, and its hashes.
func (w *world) frozenTree(body string) (blob string, tree *metadata.Tree) {
	w.t.Helper()
	tree, err := metadata.NewTree(map[string][]byte{"classes/Billing.cls": []byte(body)})
	must(w.t, err)
	var b bytes.Buffer
	must(w.t, tree.WriteZip(&b, ""))
	return w.blob(b.String()), tree
}

// realRecord is a record whose hashes are those of its trees.
func (w *world) realRecord(cr *governance.ChangeRequest) *governance.DeploymentRecord {
	w.t.Helper()
	pack, packTree := w.frozenTree("public class Billing { /* " + cr.Name + " */ }")
	base, baseTree := w.frozenTree("public class Billing {}")
	dr := &governance.DeploymentRecord{RequestID: cr.ID, Kind: governance.Deployment, Name: "To production", SourceOrg: uat, TargetOrg: prod,
		TargetKind: governance.Demo, Whole: true, Customizations: cr.Customizations,
		Options:    governance.DeployOptions{RollbackOnError: true, TestLevel: governance.RunLocalTests},
		APIVersion: "66.0", Deployer: "max", RequestDigest: cr.Revision, Package: packTree.Hash(), Base: baseTree.Content().NormalHash(), SourceNormal: packTree.NormalHash(),
		Reverse: baseTree.Hash(), NormalForm: metadata.NormalForm, PackageBlob: pack, BaseBlob: base, ReverseBlob: base}
	must(w.t, w.s.CreateDeploymentRecord(w.ctx, w.by("rita"), dr))
	return dr
}

func (w *world) realStart(dr *governance.DeploymentRecord, kind governance.AttemptKind) *governance.DeploymentLog {
	w.t.Helper()
	log := &governance.DeploymentLog{RecordID: dr.ID, Kind: kind}
	dec, err := w.s.StartAttempt(w.ctx, w.by("max"), log, func(*governance.History, *governance.ChangeRequest, *governance.DeploymentRecord) governance.Question {
		log.Marker = "cs-" + log.ID[:8]
		return governance.Question{Package: dr.Package, Base: dr.Base, Target: prod, TargetKind: governance.Demo, Now: w.now}
	})
	must(w.t, err)
	if !dec.Open {
		w.t.Fatalf("the gate is closed: %v", dec.Reasons())
	}
	return log
}

// exported is a bundle by somebody.
func (w *world) exported(who string, sel store.Selection) []byte {
	w.t.Helper()
	var b bytes.Buffer
	_, err := w.s.Export(w.ctx, w.by(who), sel, &b)
	must(w.t, err)
	return b.Bytes()
}

func bundleOf(t testing.TB, raw []byte) *ledger.Bundle {
	t.Helper()
	b, err := ledger.ReadBundle(bytes.NewReader(raw), int64(len(raw)))
	must(t, err)
	return b
}

func (w *world) imported(who string, raw []byte) *store.Delivery {
	w.t.Helper()
	d, err := w.s.Import(w.ctx, who, bundleOf(w.t, raw))
	must(w.t, err)
	return d
}

// machine is another computer, which joins with a bundle of the charter.
func (w *world) machine(t testing.TB) *world {
	t.Helper()
	m := &world{t: t, ctx: t.Context(), dir: filepath.Join(t.TempDir(), "other"), now: w.now}
	m.open()
	d, err := m.s.Join(m.ctx, bundleOf(t, w.exported("ann", store.Selection{})))
	must(t, err)
	if len(d.Requests) > 0 || len(d.Acts) != 1 || d.From != "ann" {
		t.Fatalf("%+v", d)
	}
	return m
}

// standings is what every machine must agree on.
func (w *world) standings() string {
	w.t.Helper()
	h, err := w.s.History(w.ctx)
	must(w.t, err)
	out := []string{h.Head()}
	crs, _, err := w.s.ChangeRequests(w.ctx, store.Query{})
	must(w.t, err)
	for _, cr := range crs {
		st := h.RequestStanding(cr.ID)
		out = append(out, fmt.Sprintf("%s %s %s %d %s %v %s %v", cr.ID, cr.Name, st.Status, st.Round, st.Revision, st.Seating.Filled, cr.Overview, cr.Authors))
		drs, err := w.s.DeploymentRecords(w.ctx, cr.ID)
		must(w.t, err)
		for _, dr := range drs {
			st := h.RecordStanding(dr.ID)
			logs, err := w.s.DeploymentLogs(w.ctx, dr.ID)
			must(w.t, err)
			ends := []string{}
			for _, l := range logs {
				if l.StartAct != "" {
					ends = append(ends, fmt.Sprint(l.Kind, l.Attempt, l.Result, l.AsyncID, l.RawBlob))
				}
			}
			out = append(out, fmt.Sprintf("%s %s %d %s %v %s %v", dr.ID, st.Status, st.Round, st.Revision, st.Seating.Filled, dr.PackageBlob, ends))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// Three machines that exchange nothing but files carry a change from draft to
// completed deployment.
func TestThreeMachinesAndNothingButFiles(t *testing.T) {
	t.Parallel()
	rita := newWorld(t)
	rita.environment("uat", uat)
	boss := rita.machine(t) // ann and ben, the owners
	max := rita.machine(t)
	target := max.environment("production", prod)

	file := rita.blob("a drawing")
	cr := rita.draft("Round amounts")
	_, err := rita.s.UpdateChangeRequest(rita.ctx, cr.ID, rita.by("rita"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		cr.Attachments = []governance.Attachment{{Name: "drawing.png", SHA256: file, Size: 9}}
		return governance.Intent{}, nil
	})
	must(t, err)
	rita.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	one := rita.exported("rita", store.Selection{Requests: []string{cr.ID}})

	head, err := boss.s.Head(boss.ctx)
	must(t, err)
	look, err := boss.s.Preview(boss.ctx, "ann", bundleOf(t, one))
	must(t, err)
	if after, _ := boss.s.Head(boss.ctx); after != head {
		t.Fatal("looking left something")
	}
	if look.From != "rita" || look.FromName != "rita" || len(look.Acts) != 1 || look.Acts[0].Type != "cr.submit" || look.Acts[0].About != "Round amounts" || look.Files != 1 ||
		len(look.Requests) != 1 || !look.Requests[0].New || look.Requests[0].After != string(governance.Pending) || look.Trail != ledger.TrailFirst || len(look.Missing)+len(look.Findings)+len(look.Forks) > 0 {
		t.Fatalf("%+v", look)
	}
	boss.imported("ann", one)
	boss.request(cr.ID, "ann", governance.Approve, "", governance.Pending)
	boss.request(cr.ID, "ben", governance.Approve, "", governance.Approved)
	if got, err := boss.s.ReadBlob(file); err != nil || string(got) != "a drawing" {
		t.Fatal(err)
	}

	d := rita.imported("rita", boss.exported("ann", store.Selection{Requests: []string{cr.ID}}))
	if d.From != "ann" || len(d.Acts) != 2 || len(d.Requests) != 1 || d.Requests[0].Before != string(governance.Pending) || d.Requests[0].After != string(governance.Approved) {
		t.Fatalf("%+v", d)
	}
	now, err := rita.s.ChangeRequest(rita.ctx, cr.ID)
	must(t, err)
	dr := rita.realRecord(now)
	rita.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
	boss.imported("ann", rita.exported("rita", store.Selection{All: true}))
	boss.record(dr.ID, "ann", governance.Approve, "", governance.Pending)
	boss.record(dr.ID, "ben", governance.Approve, "", governance.Approved)

	d = max.imported("max", boss.exported("ben", store.Selection{All: true}))
	if len(d.Records) != 1 || !d.Records[0].New || d.Records[0].After != string(governance.Approved) {
		t.Fatalf("%+v", d)
	}
	there, err := max.s.DeploymentRecord(max.ctx, dr.ID)
	must(t, err)
	if there.TargetID != target.ID || there.SourceID != "" || there.PackageBlob != dr.PackageBlob {
		t.Fatalf("%+v", there)
	}
	source := max.environment("uat", uat)
	if there, err = max.s.DeploymentRecord(max.ctx, dr.ID); err != nil || there.SourceID != source.ID || there.TargetID != target.ID {
		t.Fatalf("%+v %v", there, err)
	}
	// A retrieval of rita's has the number that max's machine will give his.
	must(t, rita.s.CreateDeploymentLog(rita.ctx, rita.by("rita"), &governance.DeploymentLog{RecordID: dr.ID, Kind: governance.AttemptRetrieve}))
	max.finish(max.realStart(there, governance.AttemptValidate).ID, "max", governance.ResultSucceeded)
	last := max.finish(max.realStart(there, governance.AttemptDeploy).ID, "max", governance.ResultSucceeded)
	max.record(dr.ID, "max", governance.Complete, "", governance.Completed)

	all := max.exported("max", store.Selection{All: true})
	d = rita.imported("rita", all)
	if d.Attempts != 2 || len(d.Findings) > 0 || len(d.Missing) > 0 {
		t.Fatalf("%+v", d)
	}
	boss.imported("ann", all)
	rita.request(cr.ID, "rita", governance.Complete, "Done.", governance.Completed)
	end := rita.exported("rita", store.Selection{All: true})
	boss.imported("ann", end)
	max.imported("max", end)
	if rita.standings() != boss.standings() || boss.standings() != max.standings() {
		t.Fatalf("they differ:\n%s\n\n%s\n\n%s", rita.standings(), boss.standings(), max.standings())
	}
	if !strings.Contains(boss.standings(), "0Af"+last.ID[:12]) || !strings.Contains(boss.standings(), string(governance.Completed)) {
		t.Fatal(boss.standings())
	}
	logs, err := rita.s.DeploymentLogs(rita.ctx, dr.ID)
	must(t, err)
	if len(logs) != 3 || logs[0].Kind != governance.AttemptValidate || logs[2].Kind != governance.AttemptRetrieve {
		t.Fatalf("%+v", logs)
	}
	for _, m := range []*world{rita, boss, max} {
		m.sound()
	}
	// All of it again is nothing.
	for _, m := range []*world{rita, boss, max} {
		was, _ := m.s.Head(m.ctx)
		for _, raw := range [][]byte{one, all, end} {
			if d := m.imported("ann", raw); !d.Nothing && !bytes.Equal(raw, one) { // rita's first checkpoint is news to max
				t.Errorf("%+v", d)
			}
		}
		is, _ := m.s.Head(m.ctx)
		for _, raw := range [][]byte{one, all, end} {
			if d := m.imported("ann", raw); !d.Nothing {
				t.Errorf("%+v", d)
			}
		}
		if again, _ := m.s.Head(m.ctx); again != is || is.Size > was.Size+1 {
			t.Error("importing again left something")
		}
	}
}

// Partial exports in any order bring every machine to the same end.
func TestExchangesInAnyOrderEndAlike(t *testing.T) {
	t.Parallel()
	for seed := range int64(2) {
		r := rand.New(rand.NewSource(seed))
		first := newWorld(t)
		machines := []*world{first, first.machine(t), first.machine(t)}
		crs := []string{}
		for i := range 3 {
			cr := machines[i].draft(fmt.Sprintf("Change %d", i))
			machines[i].request(cr.ID, "rita", governance.Submit, "", governance.Pending)
			crs = append(crs, cr.ID)
			for j := range machines { // one key on three machines forks, so rita carries hers along
				if j != i {
					machines[j].imported("rita", machines[i].exported("rita", store.Selection{All: true}))
				}
			}
		}
		// ann, ben and max have one machine each.
		for range 9 {
			a, b := machines[r.Intn(3)], machines[r.Intn(3)]
			who := map[*world]string{machines[0]: "ann", machines[1]: "ben", machines[2]: "max"}
			id := crs[r.Intn(3)]
			do := []governance.Action{governance.Approve, governance.Approve, governance.Reject}[r.Intn(3)]
			_, _ = a.s.UpdateChangeRequest(a.ctx, id, a.by(who[a]), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
				return cr.Do(sit, governance.Deed{Action: do, Reason: "As looked at."})
			})
			if a != b {
				b.imported("max", a.exported(who[a], store.Selection{Requests: []string{id}}))
			}
		}
		for _, a := range machines {
			for _, b := range machines {
				if a != b {
					b.imported("max", a.exported("ann", store.Selection{All: true}))
				}
			}
		}
		if machines[0].standings() != machines[1].standings() || machines[1].standings() != machines[2].standings() {
			t.Fatalf("seed %d:\n%s\n\n%s", seed, machines[0].standings(), machines[1].standings())
		}
		for _, m := range machines {
			m.sound()
		}
	}
}

func (w *world) editOverview(id, who, text string) {
	w.t.Helper()
	_, err := w.s.EditDraft(w.ctx, id, w.by(who), func(cr *governance.ChangeRequest) error { cr.Overview = text; return nil })
	must(w.t, err)
}

func (w *world) overview(id string) string {
	w.t.Helper()
	cr, err := w.s.ChangeRequest(w.ctx, id)
	must(w.t, err)
	return cr.Overview
}

// Acts come before what they are about, because they keep a chain whole; when
// the rest arrives, everything falls into its place.
func TestPiecesInTheWrongOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.approved("Round amounts"), w.approved("Round dates")
	only := func(cr *governance.ChangeRequest) []byte {
		return w.exported("ann", store.Selection{Requests: []string{cr.ID}})
	}
	m := w.machine(t)
	if d := m.imported("max", only(two)); len(d.Requests) != 1 || len(d.Missing) > 0 {
		t.Fatalf("%+v", d)
	}
	m.sound()
	if d := m.imported("max", only(one)); len(d.Requests) != 1 || !d.Requests[0].New || d.Requests[0].After != string(governance.Approved) {
		t.Fatalf("%+v", d)
	}
	w.request(one.ID, "rita", governance.Reopen, "Wrong.", governance.InProgress)
	w.editOverview(one.ID, "rita", "Otherwise.")
	w.request(one.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(two.ID, "rita", governance.Complete, "Not needed.", governance.Completed)
	d := m.imported("max", only(two))
	if h, err := m.s.History(m.ctx, one.ID); err != nil || len(h.RequestStanding(one.ID).Trouble) == 0 {
		t.Fatalf("%+v %v", d, err)
	}
	d = m.imported("max", only(one))
	if now, err := m.s.ChangeRequest(m.ctx, one.ID); err != nil || now.Status != governance.Pending || now.Round != 2 || now.Overview != "Otherwise." {
		t.Fatalf("%+v %+v %v", d, now, err)
	}
	m.sound()

	w.request(one.ID, "ann", governance.Approve, "", governance.Pending)
	one = w.request(one.ID, "ben", governance.Approve, "", governance.Approved)
	dr := w.realRecord(one)
	w.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
	w.record(dr.ID, "ann", governance.Approve, "", governance.Pending)
	w.record(dr.ID, "ben", governance.Approve, "", governance.Approved)
	w.finish(w.realStart(dr, governance.AttemptValidate).ID, "max", governance.ResultSucceeded)
	w.finish(w.realStart(dr, governance.AttemptDeploy).ID, "max", governance.ResultSucceeded)
	three := &governance.ChangeRequest{Name: "By max", Overview: "Another one.", Type: governance.Minor, Customizations: one.Customizations}
	must(t, w.s.CreateChangeRequest(w.ctx, w.by("max"), three))
	w.request(three.ID, "max", governance.Submit, "", governance.Pending)
	m.imported("max", only(three)) // max's chain brings the start and the end, and nothing to hang them on
	m.sound()
	if d = m.imported("max", only(one)); d.Attempts != 2 || len(d.Findings) > 0 {
		t.Fatalf("%+v", d)
	}
	m.imported("max", w.exported("ann", store.Selection{All: true}))
	if m.standings() != w.standings() {
		t.Fatalf("%s\n\n%s", m.standings(), w.standings())
	}
	m.sound()
}

// Two people edit one draft: nobody's words are lost, and a person chooses.
func TestTwoPeopleEditOneDraft(t *testing.T) {
	t.Parallel()
	rita := newWorld(t)
	max := rita.machine(t)
	cr := rita.draft("Round amounts")
	all := store.Selection{All: true}

	d := max.imported("max", rita.exported("rita", all))
	if len(d.Drafts) != 1 || d.Drafts[0].How != store.DraftNew || max.overview(cr.ID) != "Amounts are rounded half up." {
		t.Fatalf("%+v", d)
	}
	// An edit of what was sent takes its place.
	max.editOverview(cr.ID, "max", "Amounts are rounded half even.")
	d = rita.imported("rita", max.exported("max", all))
	if len(d.Drafts) != 1 || d.Drafts[0].How != store.DraftContinues || rita.overview(cr.ID) != "Amounts are rounded half even." {
		t.Fatalf("%+v %s", d, rita.overview(cr.ID))
	}
	// Both edit.
	rita.editOverview(cr.ID, "rita", "Rita's words.")
	max.editOverview(cr.ID, "max", "Max's words.")
	d = rita.imported("rita", max.exported("max", all))
	if len(d.Drafts) != 1 || d.Drafts[0].How != store.DraftWaits || rita.overview(cr.ID) != "Rita's words." {
		t.Fatalf("%+v", d)
	}
	waits, err := rita.s.IncomingDrafts(rita.ctx, cr.ID)
	must(t, err)
	if len(waits) != 1 || waits[0].Own || waits[0].Content.Overview != "Max's words." || !slices.Contains(waits[0].Authors, "max") {
		t.Fatalf("%+v", waits)
	}
	rita.imported("rita", max.exported("max", all))
	if again, _ := rita.s.IncomingDrafts(rita.ctx, ""); len(again) != 1 {
		t.Fatalf("%+v", again)
	}
	merged, err := rita.s.SettleDraft(rita.ctx, cr.ID, waits[0].Digest, rita.by("rita"), func(mine *governance.ChangeRequest, theirs governance.RequestRevision) error {
		mine.Overview += " " + theirs.Overview
		return nil
	})
	must(t, err)
	if merged.Overview != "Rita's words. Max's words." || len(merged.Parents) != 2 || !slices.Equal(merged.Authors, []string{"max", "rita"}) {
		t.Fatalf("%+v", merged)
	}
	if _, err := rita.s.SettleDraft(rita.ctx, cr.ID, waits[0].Digest, rita.by("rita"), store.KeepMine); governance.FaultCode(err) != "not_found" {
		t.Error(err)
	}
	// What came of it continues what max has: he need not choose again.
	d = max.imported("max", rita.exported("rita", all))
	if len(d.Drafts) != 1 || d.Drafts[0].How != store.DraftContinues || max.overview(cr.ID) != merged.Overview {
		t.Fatalf("%+v %s", d, max.overview(cr.ID))
	}
	// The parents are part of what is approved, and travel.
	done := rita.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	h, err := rita.s.History(rita.ctx)
	must(t, err)
	rev := h.Request(done.Revision)
	if len(rev.Parents) != 2 || h.Request(rev.Parents[0]) == nil || h.Request(rev.Parents[1]) == nil {
		t.Fatalf("%+v", rev)
	}
	// Max had gone on editing; what was submitted wins, and his words wait.
	max.editOverview(cr.ID, "max", "Max again.")
	d = max.imported("max", rita.exported("rita", all))
	if max.overview(cr.ID) != merged.Overview || len(d.Findings) != 1 || d.Findings[0].Code != "edit_kept" || d.Findings[0].Params["label"] == "" || !strings.HasPrefix(d.Findings[0].Text, d.Findings[0].Params["label"]+" was submitted elsewhere") {
		t.Fatalf("%+v %s", d, max.overview(cr.ID))
	}
	if waits, _ = max.s.IncomingDrafts(max.ctx, cr.ID); len(waits) != 1 || !waits[0].Own || waits[0].Content.Overview != "Max again." {
		t.Fatalf("%+v", waits)
	}
	_, err = max.s.SettleDraft(max.ctx, cr.ID, waits[0].Digest, max.by("max"), store.TakeTheirs)
	wantFault(t, err, "locked")
	max.request(cr.ID, "max", governance.Recall, "Not yet.", governance.InProgress)
	now, err := max.s.SettleDraft(max.ctx, cr.ID, waits[0].Digest, max.by("max"), store.TakeTheirs)
	must(t, err)
	if now.Overview != "Max again." {
		t.Fatalf("%+v", now)
	}
	again := max.request(cr.ID, "max", governance.Submit, "", governance.Pending)
	h, err = max.s.History(max.ctx)
	must(t, err)
	if p := h.Request(again.Revision).Parents; len(p) < 2 || p[0] != done.Revision {
		t.Fatalf("%+v", p)
	}
	rita.imported("rita", max.exported("max", all))
	if rita.standings() != max.standings() {
		t.Fatalf("%s\n\n%s", rita.standings(), max.standings())
	}
	rita.sound()
	max.sound()
}

// content is every row of every table, and every file beside the database.
func (w *world) content() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	byHand(w.t, w.dir, func(db *sql.DB) {
		tables, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table'")
		must(w.t, err)
		names := []string{}
		for tables.Next() {
			var n string
			must(w.t, tables.Scan(&n))
			names = append(names, n)
		}
		must(w.t, tables.Close())
		for _, n := range names {
			rows, err := db.Query("SELECT * FROM " + n)
			must(w.t, err)
			columns, err := rows.Columns()
			must(w.t, err)
			for rows.Next() {
				values := make([]any, len(columns))
				into := make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				must(w.t, rows.Scan(into...))
				out[n] += fmt.Sprintln(values...)
			}
			must(w.t, rows.Close())
		}
	})
	must(w.t, filepath.WalkDir(filepath.Join(w.dir, "blobs"), func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, readErr := os.ReadFile(p)
			out[p], err = string(b), readErr
		}
		return err
	}))
	return out
}

// Bundles by people who mean no good, signed by themselves.
func TestRefusedBundlesLeaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cr := w.approved("Round amounts")
	dr := w.realRecord(cr)
	w.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
	file := w.blob("a drawing")
	other := w.draft("Round dates")
	_, err := w.s.UpdateChangeRequest(w.ctx, other.ID, w.by("rita"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		cr.Attachments = []governance.Attachment{{Name: "drawing.png", SHA256: file, Size: 9}}
		return governance.Intent{}, nil
	})
	must(t, err)
	w.request(other.ID, "rita", governance.Submit, "", governance.Pending)
	whole := bundleOf(t, w.exported("rita", store.Selection{All: true}))
	mallory := person(t, "mallory")

	contents := func() ledger.Contents {
		c := ledger.Contents{Workspace: whole.Workspace, Created: whole.Created, Acts: slices.Clone(whole.Acts), Revisions: maps.Clone(whole.Revisions), Drafts: whole.Drafts}
		for _, f := range whole.Frozen {
			c.Frozen = append(c.Frozen, f)
		}
		for _, b := range whole.Blobs {
			got, err := w.s.ReadBlob(b.SHA256)
			must(t, err)
			c.Blobs = append(c.Blobs, ledger.BytesPart("", got))
		}
		return c
	}
	made := func(who store.Author, c ledger.Contents) *ledger.Bundle {
		note, err := ledger.SignCheckpoint(who.Identity, ledger.Origin(c.Workspace), whole.Head)
		must(t, err)
		c.Checkpoint = note
		var b bytes.Buffer
		_, err = ledger.WriteBundle(&b, who.Identity, c)
		must(t, err)
		return bundleOf(t, b.Bytes())
	}
	foreign := func() *ledger.Bundle {
		g, err := ledger.Genesis(w.by("ann").Identity, governance.SoloCharter("Mine", governance.Member{ID: "ann", Name: "ann", Keys: []governance.Key{{Public: w.by("ann").Identity.Public()}}}, "other nonce"), begin)
		must(t, err)
		return made(w.by("ann"), ledger.Contents{Workspace: g.ID, Created: begin, Acts: []ledger.SignedAct{g}})
	}
	strange := func() *ledger.Bundle {
		c := contents()
		a, err := mallory.Identity.Sign(governance.Intent{Type: "cr.approve", Subject: cr.ID, Body: governance.Vote{Revision: cr.Revision, Round: 1}},
			ledger.Position{Workspace: c.Workspace, Governance: c.Workspace}, begin)
		must(t, err)
		c.Acts = append(c.Acts, a)
		return made(mallory, c)
	}
	lacking := func() *ledger.Bundle {
		c := contents()
		c.Blobs = slices.DeleteFunc(c.Blobs, func(p ledger.Part) bool { return p.SHA256 == file })
		return made(w.by("rita"), c)
	}
	m := w.machine(t)
	for _, h := range []struct {
		name, code string
		make       func() *ledger.Bundle
	}{
		{"of another workspace", "bundle_other_workspace", foreign},
		{"with an act by a stranger", "bundle_stranger", strange},
		{"without a file that it names", "bundle_incomplete", lacking},
	} {
		t.Run(h.name, func(t *testing.T) {
			b := h.make()
			must(t, m.s.Close())
			before := m.content()
			m.open()
			if _, err := m.s.Preview(m.ctx, "max", b); governance.FaultCode(err) != h.code {
				t.Errorf("looking at it: %v", err)
			}
			if _, err := m.s.Import(m.ctx, "max", b); governance.FaultCode(err) != h.code {
				t.Errorf("%v", err)
			}
			must(t, m.s.Close())
			after := m.content()
			delete(before, "meta") // when it was opened last
			delete(after, "meta")
			if !maps.Equal(before, after) {
				t.Error("something was written")
			}
			m.open()
		})
	}
	m.t = t
	m.imported("max", w.exported("rita", store.Selection{All: true}))
	m.sound()
	t.Run("a row that was changed by hand is not built on", func(t *testing.T) {
		w.request(cr.ID, "rita", governance.Reopen, "Wrong.", governance.InProgress)
		w.editOverview(cr.ID, "rita", "Otherwise.")
		w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
		raw := w.exported("rita", store.Selection{All: true})
		must(t, m.s.Close())
		byHand(t, m.dir, func(db *sql.DB) { sqlExec(t, db, "UPDATE change_requests SET overview = 'by hand'") })
		m.open()
		_, err := m.s.Import(m.ctx, "max", bundleOf(t, raw))
		wantFault(t, err, "row_altered")
	})
	t.Run("joining with what founds nothing", func(t *testing.T) {
		c := contents()
		c.Acts = slices.DeleteFunc(c.Acts, func(a ledger.SignedAct) bool { return a.Type == "gov.genesis" })
		b := made(w.by("rita"), c)
		empty := &world{t: t, ctx: t.Context(), dir: t.TempDir(), now: begin}
		empty.open()
		_, err := empty.s.Join(empty.ctx, b)
		wantFault(t, err, "bad_genesis")
		if id, err := empty.s.WorkspaceID(empty.ctx); id != "" || err != nil {
			t.Error("it is founded all the same", err)
		}
		_, err = empty.s.Import(empty.ctx, "max", b)
		wantFault(t, err, "not_founded")
		_, err = w.s.Join(w.ctx, b)
		wantFault(t, err, "founded")
	})
}

// What a bundle cannot show is told before it is taken in.
func TestAPreviewTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cr := w.draft("Round amounts")
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	w.request(cr.ID, "ann", governance.Approve, "", governance.Pending)
	w.request(cr.ID, "ben", governance.Approve, "", governance.Approved)
	whole := bundleOf(t, w.exported("rita", store.Selection{All: true}))
	c := ledger.Contents{Workspace: whole.Workspace, Created: whole.Created, Revisions: whole.Revisions}
	lost := ""
	for _, a := range whole.Acts {
		if a.Type == "cr.approve" && a.Key == w.by("ann").Identity.Public() {
			lost = a.ID
			continue
		}
		c.Acts = append(c.Acts, a)
	}
	var err error
	c.Checkpoint, err = ledger.SignCheckpoint(w.by("ben").Identity, ledger.Origin(c.Workspace), whole.Head)
	must(t, err)
	var b bytes.Buffer
	_, err = ledger.WriteBundle(&b, w.by("ben").Identity, c)
	must(t, err)
	m := w.machine(t)
	look, err := m.s.Preview(m.ctx, "max", bundleOf(t, b.Bytes()))
	must(t, err)
	if len(look.Missing) != 1 || look.Missing[0].ID != lost || look.Missing[0].Ask != "ben" || look.Missing[0].About != cr.ID || look.Requests[0].After != string(governance.Pending) {
		t.Fatalf("%+v", look)
	}
	m.imported("max", b.Bytes())
	m.imported("max", w.exported("rita", store.Selection{Requests: []string{cr.ID}}))
	if m.standings() != w.standings() {
		t.Fatalf("%s\n%s", m.standings(), w.standings())
	}
}

// A key that signs on two machines forks, and everybody is told.
func TestAForkedKeyIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine(t)
	for i, one := range []*world{w, m} {
		cr := one.draft(fmt.Sprintf("Change %d", i))
		one.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	}
	d := m.imported("max", w.exported("ann", store.Selection{All: true}))
	if len(d.Forks) != 1 || d.Forks[0].Member != "rita" || d.Forks[0].Seq != 0 || len(d.Findings) == 0 {
		t.Fatalf("%+v", d)
	}
}

// Who shows another past than before is found out, by a signed contradiction.
func TestARewrittenTrailIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.machine(t)
	must(t, w.s.Close())
	copied := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(copied, os.DirFS(w.dir)))
	w.open()
	w.draft("Round amounts")
	all := store.Selection{All: true}
	if d := m.imported("max", w.exported("ann", all)); d.Trail != ledger.TrailContinues {
		t.Fatalf("%+v", d)
	}
	old := w.exported("ann", all)
	w.draft("Round dates")
	if d := m.imported("max", w.exported("ann", all)); d.Trail != ledger.TrailContinues {
		t.Fatalf("%+v", d)
	}
	if d := m.imported("max", old); d.Trail != ledger.TrailOlder && d.Trail != ledger.TrailContinues {
		t.Fatalf("%+v", d)
	}
	if found, err := m.s.PeerFindings(m.ctx); err != nil || len(found) > 0 {
		t.Fatalf("%+v %v", found, err)
	}
	// The old copy is put back, and goes another way to the same length.
	back := &world{t: t, ctx: t.Context(), dir: copied, now: w.now}
	back.open()
	back.draft("Another one")
	found := []store.Finding{}
	for range 12 {
		back.draft("And one more")
		m.imported("max", back.exported("ann", all))
		var err error
		found, err = m.s.PeerFindings(m.ctx)
		must(t, err)
	}
	if len(found) == 0 {
		t.Fatal("nobody noticed")
	}
	r, err := m.s.Verify(m.ctx, store.VerifyOptions{})
	must(t, err)
	if len(r.Findings) > 0 {
		t.Errorf("another's trail closes our gate: %+v", r.Findings)
	}
	must(t, m.s.Close())
	for what, change := range map[string]string{
		"altered":     "UPDATE peer_checkpoints SET root = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' WHERE note <> '' AND size = (SELECT max(size) FROM peer_checkpoints)",
		"deleted":     "DELETE FROM peer_checkpoints WHERE note <> '' AND size = (SELECT max(size) FROM peer_checkpoints)",
		"made to fit": "UPDATE peer_checkpoints SET continuity = 'continues' WHERE continuity = 'contradicts'",
	} {
		one := &world{t: t, ctx: t.Context(), dir: t.TempDir(), now: w.now}
		must(t, os.CopyFS(one.dir, os.DirFS(m.dir)))
		byHand(t, one.dir, func(db *sql.DB) { unlocked(t, db, func() { sqlExec(t, db, change) }) })
		one.open()
		r, err = one.s.Verify(one.ctx, store.VerifyOptions{})
		must(t, err)
		if !slices.ContainsFunc(r.Findings, func(f store.Finding) bool { return f.Code == "checkpoint" }) {
			t.Errorf("a colleague's checkpoint was %s by hand: %+v", what, r.Findings)
		}
	}
}

// People talk about CR-0004: it is the same one on every machine, unless that
// has a CR-0004 already, and then it says so.
func TestNumbersTravel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := store.Selection{All: true}
	m := w.machine(t)
	for _, name := range []string{"Never sent", "Round amounts", "Round dates"} {
		w.draft(name)
	}
	sent, _, err := w.s.ChangeRequests(w.ctx, store.Query{})
	must(t, err)
	one := func(name string) string {
		for _, cr := range sent {
			if cr.Name == name {
				return cr.ID
			}
		}
		t.Fatal(name)
		return ""
	}
	numbers := func() map[string]int64 {
		out := map[string]int64{}
		crs, _, err := m.s.ChangeRequests(m.ctx, store.Query{})
		must(t, err)
		for _, cr := range crs {
			out[cr.Name] = cr.Number
		}
		return out
	}
	m.imported("max", w.exported("ann", store.Selection{Requests: []string{one("Round dates")}}))
	if got := numbers(); !maps.Equal(got, map[string]int64{"Round dates": 3}) {
		t.Fatal(got)
	}
	m.draft("Mine")
	w.draft("Theirs")
	w.draft("And theirs")
	d := m.imported("max", w.exported("ann", all))
	want := map[string]int64{"Never sent": 1, "Round amounts": 2, "Round dates": 3, "Mine": 4, "And theirs": 5, "Theirs": 6}
	if got := numbers(); !maps.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	if len(d.Findings) != 1 || d.Findings[0].Code != "number_taken" || d.Findings[0].Params["theirs"] != "CR-0004" || d.Findings[0].Params["label"] != "CR-0006" {
		t.Errorf("%+v", d.Findings)
	}
	m.draft("Last")
	if got := numbers()["Last"]; got != 7 {
		t.Errorf("the next number is %d", got)
	}
}

func TestAnExportThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cr := w.approved("Round amounts")
	dr := w.realRecord(cr)
	w.record(dr.ID, "rita", governance.Submit, "", governance.Pending)
	_, err := w.s.Export(w.ctx, w.by("rita"), store.Selection{Requests: []string{"nobody's"}}, &bytes.Buffer{})
	wantFault(t, err, "not_found")
	_, err = w.s.Export(w.ctx, store.Author{Member: "rita"}, store.Selection{All: true}, &bytes.Buffer{})
	wantFault(t, err, "no_key")
	must(t, os.WriteFile(filepath.Join(w.dir, "blobs", dr.PackageBlob[:2], dr.PackageBlob), []byte("else"), 0o600))
	_, err = w.s.Export(w.ctx, w.by("rita"), store.Selection{All: true}, &bytes.Buffer{})
	wantFault(t, err, "blob_altered")
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if _, err = w.s.Export(cancelled, w.by("rita"), store.Selection{All: true}, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
