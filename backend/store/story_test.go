package store_test

import (
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"countersign/backend/store"
)

// The main job, from a draft to Completed, through the doors with real keys.
func TestARequestFromDraftToCompleted(t *testing.T) {
	w := newWorld(t)
	w.environment("production", prod)
	cr := w.draft("Round amounts")
	if cr.Number != 1 || cr.Label() != "CR-0001" || len(cr.ID) != 32 || !slices.Equal(cr.Authors, []string{"rita"}) {
		t.Fatalf("draft %+v", cr)
	}
	// A colleague edits it and becomes an author.
	edited, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("max"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		cr.Overview = "Amounts are rounded half up, as the law asks."
		return governance.Intent{}, nil
	})
	must(t, err)
	if !slices.Equal(edited.Authors, []string{"max", "rita"}) || !edited.UpdatedAt.After(edited.CreatedAt) {
		t.Fatalf("edited %+v", edited)
	}
	// max is to deploy, and authors do not deploy to production: start anew.
	must(t, w.s.DeleteDraft(w.ctx, cr.ID, w.by("rita")))
	_, err = w.s.ChangeRequest(w.ctx, cr.ID)
	wantFault(t, err, "not_found")

	ok := w.approved("Round amounts properly")
	if ok.Number != 2 || ok.Round != 1 || ok.Revision == "" {
		t.Fatalf("approved %+v", ok)
	}
	dr := w.approvedRecord(ok)
	deployed := w.deployed(dr)
	if deployed.Attempt != 2 || deployed.ResultAct == "" || deployed.StartAct == "" {
		t.Fatalf("log %+v", deployed)
	}
	w.record(dr.ID, "max", governance.Complete, "", governance.Completed)
	w.request(ok.ID, "rita", governance.Complete, "", governance.Completed)

	r := w.sound()
	if r.Requests != 1 || r.Records != 1 || r.Acts != 13 || r.Blobs < 3 {
		t.Fatalf("report %+v", r)
	}
	if w.head != r.Head {
		t.Fatalf("AfterCommit heard of %s, the log is at %s", w.head, r.Head)
	}
	// All of it is there after closing and opening again.
	must(t, w.s.Close())
	w.open()
	if again := w.sound(); again.Head != r.Head {
		t.Fatalf("the log moved from %s to %s", r.Head, again.Head)
	}
	back, err := w.s.DeploymentRecord(w.ctx, dr.ID)
	must(t, err)
	if back.Status != governance.Completed || back.Package != "h1:package" || !back.Whole || !back.Options.RollbackOnError {
		t.Fatalf("record %+v", back)
	}
}

func TestSubmitMayFollowAnEditInOneStep(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	out, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
		cr.Name = "Round amounts up"
		return cr.Do(sit, governance.Deed{Action: governance.Submit})
	})
	must(t, err)
	h, err := w.s.History(w.ctx, cr.ID)
	must(t, err)
	rev := h.Request(out.Revision)
	if out.Status != governance.Pending || rev == nil || rev.Name != "Round amounts up" || rev.Round != 1 {
		t.Fatalf("%+v, revision %+v", out, rev)
	}
	// Rejected, reopened and put forward again: another round, another revision
	// that names the one before.
	w.request(cr.ID, "ann", governance.Reject, "Say which amounts.", governance.Rejected)
	w.request(cr.ID, "rita", governance.Reopen, "", governance.InProgress)
	again := w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	if again.Round != 2 || again.Revision == out.Revision || !slices.Equal(again.Parents, []string{out.Revision}) {
		t.Fatalf("%+v", again)
	}
	w.sound()
}

// Nothing exported changes what is locked.
func TestLockedRecordsStay(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	dr := w.approvedRecord(cr)
	head := w.head

	for _, tc := range []struct {
		name string
		edit func(*governance.ChangeRequest)
	}{
		{"name", func(c *governance.ChangeRequest) { c.Name = "Another" }},
		{"overview", func(c *governance.ChangeRequest) { c.Overview = "Another" }},
		{"customizations", func(c *governance.ChangeRequest) { c.Customizations = nil }},
		{"link", func(c *governance.ChangeRequest) { c.ExternalLink = "https://example.com" }},
	} {
		_, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(c *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
			tc.edit(c)
			return governance.Intent{}, nil
		})
		if governance.FaultCode(err) != "locked" {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	for _, tc := range []struct {
		name string
		edit func(*governance.DeploymentRecord)
	}{
		{"package", func(r *governance.DeploymentRecord) { r.Package = "h1:other" }},
		{"package blob", func(r *governance.DeploymentRecord) { r.PackageBlob = "" }},
		{"target", func(r *governance.DeploymentRecord) { r.TargetOrg = uat }},
		{"environment", func(r *governance.DeploymentRecord) { r.TargetID = "other" }},
		{"tests", func(r *governance.DeploymentRecord) { r.Options.TestLevel = governance.NoTestRun }},
	} {
		_, err := w.s.UpdateDeploymentRecord(w.ctx, dr.ID, w.by("rita"), func(r *governance.DeploymentRecord, _ governance.Situation) (governance.Intent, error) {
			tc.edit(r)
			return governance.Intent{}, nil
		})
		if governance.FaultCode(err) != "locked" {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	// What the store keeps is put back without a word: nothing happens.
	out, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(c *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
		c.Status, c.Round, c.Revision, c.Number, c.Authors, c.Parents, c.ID = governance.InProgress, 7, "x", 99, []string{"max"}, []string{"y"}, "z"
		return governance.Intent{}, nil
	})
	must(t, err)
	if out.Status != governance.Approved || out.Round != 1 || out.Number != cr.Number || out.ID != cr.ID || !slices.Equal(out.Authors, []string{"rita"}) {
		t.Errorf("%+v", out)
	}
	wantFault(t, w.s.DeleteDraft(w.ctx, cr.ID, w.by("rita")), "locked")
	if w.head != head {
		t.Errorf("a refused door left a trace: %s, before %s", w.head, head)
	}
	w.sound()
}

// The door asks the rules itself: a step cannot make up an act.
func TestAStepCannotMakeUpAnAct(t *testing.T) {
	w := newWorld(t)
	cr := w.draft("Round amounts")
	w.request(cr.ID, "rita", governance.Submit, "", governance.Pending)
	pending, err := w.s.ChangeRequest(w.ctx, cr.ID)
	must(t, err)
	vote := governance.Vote{Revision: pending.Revision, Round: 1, Step: 1}
	for _, tc := range []struct {
		name, who string
		in        governance.Intent
		code      string
	}{
		{"an author approves", "rita", governance.Intent{Type: "cr.approve", Subject: cr.ID, Body: vote}, "not_allowed"},
		{"about another subject", "ann", governance.Intent{Type: "cr.approve", Subject: "other", Body: vote}, ""},
		{"another kind of act", "ann", governance.Intent{Type: "dr.approve", Subject: cr.ID, Body: vote}, ""},
		{"a body of another round", "ann", governance.Intent{Type: "cr.approve", Subject: cr.ID, Body: governance.Vote{Revision: pending.Revision, Round: 2}}, ""},
		{"no member", "mallory", governance.Intent{Type: "cr.approve", Subject: cr.ID, Body: vote}, "not_member"},
	} {
		_, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by(tc.who), func(*governance.ChangeRequest, governance.Situation) (governance.Intent, error) {
			return tc.in, nil
		})
		if err == nil || governance.FaultCode(err) != tc.code {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	// ann's name with ben's key, and no key at all.
	for code, by := range map[string]store.Author{
		"wrong_key": {Member: "ann", Identity: w.by("ben").Identity},
		"no_key":    {Member: "ann"},
	} {
		_, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, by, func(cr *governance.ChangeRequest, sit governance.Situation) (governance.Intent, error) {
			return cr.Do(sit, governance.Deed{Action: governance.Approve})
		})
		wantFault(t, err, code)
	}
	w.sound()
}

func TestFoundingHappensOnce(t *testing.T) {
	w := newWorld(t)
	wantFault(t, w.s.Found(w.ctx, genesis(t)), "founded")
	id, err := w.s.WorkspaceID(w.ctx)
	must(t, err)
	if id != genesis(t).ID {
		t.Fatalf("workspace %s", id)
	}
	empty := &world{t: t, ctx: t.Context(), dir: t.TempDir(), now: begin}
	empty.open()
	wantFault(t, empty.s.CreateChangeRequest(t.Context(), empty.by("rita"), &governance.ChangeRequest{Name: "x"}), "not_founded")
	forged := genesis(t)
	forged.Payload = append([]byte{}, forged.Payload...)
	forged.Payload[20] ^= 1
	wantFault(t, empty.s.Found(t.Context(), forged), "bad_genesis")
	empty.sound()
}

// A revoked key takes its votes back, and the status columns follow.
func TestTheCharterMovesStatuses(t *testing.T) {
	w := newWorld(t)
	cr := w.approved("Round amounts")
	_, err := w.s.UpdateCharter(w.ctx, w.by("ann"), func(h *governance.History) (governance.Intent, error) {
		return ledger.NextCharter(h, func(c *governance.Charter) { c.Members[0].Keys[0].Last = "none" })
	})
	must(t, err)
	change := w.act.ID
	if got, err := w.s.ChangeRequest(w.ctx, cr.ID); err != nil || got.Status != governance.Approved {
		t.Fatalf("a change that only one owner wants moved the request: %+v, %v", got, err)
	}
	h, err := w.s.UpdateCharter(w.ctx, w.by("ben"), func(*governance.History) (governance.Intent, error) { return ledger.Endorse(change), nil })
	must(t, err)
	if h.Head() != change {
		t.Fatalf("the charter in force is %s", h.Head())
	}
	got, err := w.s.ChangeRequest(w.ctx, cr.ID)
	must(t, err)
	if got.Status != governance.InProgress || got.Round != 0 {
		t.Fatalf("nothing that rita submitted counts, but the request is %s in round %d", got.Status, got.Round)
	}
	w.sound()
	_, err = w.s.UpdateCharter(w.ctx, w.by("rita"), func(h *governance.History) (governance.Intent, error) {
		return governance.Intent{}, nil
	})
	wantFault(t, err, "not_owner")
}
