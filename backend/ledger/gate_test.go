package ledger_test

import (
	"slices"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

func (w *world) vote(who *person, subject string, step int64, seen ...string) ledger.SignedAct {
	w.t.Helper()
	h := w.history()
	st, typ := h.RequestStanding(subject), "cr.approve"
	if subject == dr {
		st, typ = h.RecordStanding(subject), "dr.approve"
	}
	if seen == nil {
		seen = h.Heads(subject)
	}
	return w.raw(who, governance.Intent{Type: governance.ActType(typ), Subject: subject, Body: governance.Vote{Revision: st.Revision, Round: st.Round, Step: step}}, h.Head(), seen)
}

func (w *world) closing(who, typ string, seen ...string) ledger.SignedAct {
	w.t.Helper()
	h, subject := w.history(), dr
	st := h.RecordStanding(dr)
	if typ[:3] == "cr." {
		subject, st = cr, h.RequestStanding(cr)
	}
	if seen == nil {
		seen = h.Heads(subject)
	}
	return w.raw(w.people[who], governance.Intent{Type: governance.ActType(typ), Subject: subject,
		Body: governance.Closing{Reason: "because", Revision: st.Revision, Round: st.Round}}, h.Head(), seen)
}

// forceRecord submits and approves the record past the lifecycle's own checks,
// as a changed application would.
func (w *world) forceRecord(submitter string, approvers ...string) {
	w.t.Helper()
	w.record.RequestDigest = w.history().RequestStanding(cr).Revision
	w.sign(submitter, governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: w.record.Authors, Revision: w.recordDigest(), Round: 1}})
	for i, a := range approvers {
		w.vote(w.people[a], dr, int64(i))
	}
	w.cache()
}

func (w *world) approvedRequest() {
	w.t.Helper()
	w.submitRequest()
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
}

func (w *world) drop(id string) {
	w.acts = slices.DeleteFunc(w.acts, func(a ledger.SignedAct) bool { return a.ID == id })
	w.cache()
}

// days lets approvals live long enough for what a case is about.
func longApprovals(c *governance.Charter) {
	c.Requests.ApprovalDays = 90
	for i := range c.Environments {
		c.Environments[i].ApprovalDays = 90
	}
}

func demoCharter(c *governance.Charter) { *c = governance.DemoCharter(c.Members, uat, prod, "n-3") }

func TestGateRefuses(t *testing.T) {
	validate, deploy := governance.AttemptValidate, governance.AttemptDeploy
	for _, c := range []struct {
		name  string
		code  string
		setup func(*governance.Charter)
		ask   func(w *world) governance.Question
	}{
		{"nothing was submitted", "request_status", nil, func(w *world) governance.Question { return w.question(validate) }},
		{"one approval short", "record_status", nil, func(w *world) governance.Question {
			w.approvedRequest()
			w.submitRecord()
			w.onRecord("ann", approve)
			return w.question(validate)
		}},
		{"the request was edited after its approval", "request_content", nil, func(w *world) governance.Question {
			w.approved()
			w.request.Overview += " And truncated."
			return w.question(validate)
		}},
		{"the record was edited after its approval", "record_content", nil, func(w *world) governance.Question {
			w.approved()
			w.record.Options.TestLevel = governance.NoTestRun
			return w.question(validate)
		}},
		{"the digest of other content", "record_content", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.RecordDigest = q.RequestDigest
			return q
		}},
		{"the request's status was set by hand", "request_altered", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.request.Status = governance.Approved
			return w.question(validate)
		}},
		{"the record's status was set by hand", "record_altered", nil, func(w *world) governance.Question {
			w.approvedRequest()
			w.record.Status = governance.Approved
			return w.question(validate)
		}},
		{"an author approves the own change", "request_status", nil, func(w *world) governance.Question {
			w.request.Authors = []string{"cleo", "rita"}
			w.submitRequest()
			w.onRequest("ann", approve)
			w.vote(w.people["cleo"], cr, 1)
			return w.question(validate)
		}},
		{"the deployer approves the record", "record_status", nil, func(w *world) governance.Question {
			w.record.Deployer = "cleo"
			w.approvedRequest()
			w.submitRecord()
			w.onRecord("ann", approve)
			w.vote(w.people["cleo"], dr, 1)
			return w.question(validate)
		}},
		{"the deployer approved the request", "approver_deploys", nil, func(w *world) governance.Question {
			w.record.Deployer = "cleo"
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("cleo", approve)
			w.forceRecord("rita", "ann", "ben")
			return w.question(validate)
		}},
		{"one person takes two seats", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.vote(w.people["ann"], cr, 1)
			return w.question(validate)
		}},
		{"one person takes two seats with two keys", "request_status", nil, func(w *world) governance.Question {
			second := &person{id: "ann", key: identity(w.t, "ann's second key")}
			w.change(func(c *governance.Charter) {
				c.Members[1].Keys = append(c.Members[1].Keys, governance.Key{Public: second.key.Public()})
			})
			w.submitRequest()
			w.onRequest("ann", approve)
			w.vote(second, cr, 1)
			return w.question(validate)
		}},
		{"the second step was signed before the first", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			seen := w.history().Heads(cr)
			w.vote(w.people["ann"], cr, 0, seen...)
			w.vote(w.people["ben"], cr, 1, seen...)
			return w.question(validate)
		}},
		{"a role without a seat votes", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.vote(w.people["max"], cr, 1)
			return w.question(validate)
		}},
		{"an outsider votes", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.vote(w.people["mallory"], cr, 1)
			return w.question(validate)
		}},
		{"votes of the round before", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("rita", governance.Deed{Action: governance.Recall})
			w.submitRequest()
			w.onRequest("ben", approve)
			return w.question(validate)
		}},
		{"an old vote is signed for the new round's number", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			old := w.history().RequestStanding(cr).Revision
			w.onRequest("rita", governance.Deed{Action: governance.Recall})
			w.submitRequest()
			for i, n := range []string{"ann", "ben"} {
				w.sign(n, governance.Intent{Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: old, Round: 2, Step: int64(i)}})
			}
			return w.question(validate)
		}},
		{"a rejection", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("ben", governance.Deed{Action: governance.Reject, Reason: "Round down."})
			return w.question(validate)
		}},
		{"a recall beside the last vote", "request_status", nil, func(w *world) governance.Question {
			w.submitRequest()
			seen := w.history().Heads(cr)
			w.onRequest("ann", approve)
			w.onRequest("ben", approve)
			w.closing("rita", "cr.recall", seen...)
			w.cache()
			return w.question(validate)
		}},
		{"a cancellation beside the completion", "record_status", nil, func(w *world) governance.Question {
			w.approved()
			seen := w.history().Heads(dr)
			w.closing("max", "dr.complete", seen...)
			w.closing("rita", "dr.cancel", seen...)
			w.cache()
			if st := w.history().RecordStanding(dr).Status; st != governance.Cancelled {
				w.t.Errorf("the record is %s", st)
			}
			return w.question(validate)
		}},
		{"the record's approvals expired", "record_seats", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Now = q.Now.AddDate(0, 0, 8)
			return q
		}},
		{"the request's approvals expired", "request_seats", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Now = q.Now.AddDate(0, 0, 31)
			return q
		}},
		{"the clock was set back after they expired", "record_seats", nil, func(w *world) governance.Question {
			w.approved()
			w.now = w.now.AddDate(0, 0, 8)
			w.attempt(validate, 1, governance.ResultFailed)
			q := w.question(validate)
			q.Now = start
			return q
		}},
		{"the policy for requests was changed afterwards", "request_seats", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) { c.Requests.AuthorMayApprove = true })
			w.cache()
			return w.question(validate)
		}},
		{"the policy for production was changed afterwards", "record_seats", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) { c.Environments[0].ValidationFirst = false })
			w.cache()
			return w.question(validate)
		}},
		{"an approver left the team", "request_seats", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) {
				ledger.Retire(c, "ben", func(string) string { return w.people["ben"].prev })
			})
			w.cache()
			return w.question(validate)
		}},
		{"another person deploys", "deployer", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Deployer = "cleo"
			return q
		}},
		{"nobody deploys", "deployer", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Deployer = ""
			return q
		}},
		{"the deployer lost the role", "deployer_role", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) { c.Members[4].Roles = []governance.Role{governance.Requester} })
			w.cache()
			return w.question(validate)
		}},
		{"an author deploys to production", "author_deploys", nil, func(w *world) governance.Question {
			w.record.Authors = []string{"max", "rita"}
			w.approvedRequest()
			w.forceRecord("max", "ann", "ben")
			return w.question(validate)
		}},
		{"nothing was retrieved", "retrieved", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Package = ""
			return q
		}},
		{"another package", "package", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Package = "h1:other"
			return q
		}},
		{"the target has moved", "base", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Base = "h1:moved"
			return q
		}},
		{"another reverse package", "reverse", nil, func(w *world) governance.Question {
			q := w.approved().question(governance.AttemptReverseCheck)
			q.Package = "h1:other"
			return q
		}},
		{"another organisation", "target", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.Target = uat
			return q
		}},
		{"another kind of organisation", "target", nil, func(w *world) governance.Question {
			q := w.approved().question(validate)
			q.TargetKind = governance.Sandbox
			return q
		}},
		{"the demo brings something from a strange organisation", "demo_only", demoCharter, func(w *world) governance.Question {
			w.record.TargetKind, w.record.SourceOrg = governance.Demo, "00D000000000009AAA"
			return w.approved().question(validate)
		}},
		{"the demo deploys to a strange organisation", "record_status", demoCharter, func(w *world) governance.Question {
			w.record.TargetKind, w.record.TargetOrg = governance.Demo, "00D000000000009AAA"
			w.approvedRequest()
			w.forceRecord("rita", "ann", "ben")
			return w.question(validate)
		}},
		{"no policy for the environment", "record_status", nil, func(w *world) governance.Question {
			w.record.TargetKind = governance.Scratch
			w.approvedRequest()
			w.forceRecord("rita", "ann", "ben")
			return w.question(validate)
		}},
		{"the environment's policy is gone", "policy", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) { c.Environments = c.Environments[1:] })
			w.cache()
			return w.question(validate)
		}},
		{"an earlier start has not ended", "once", nil, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			w.started(deploy, 2)
			return w.question(deploy)
		}},
		{"an earlier attempt succeeded in part", "once", nil, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			w.attempt(deploy, 2, governance.ResultPartially)
			return w.question(deploy)
		}},
		{"somebody else says that the earlier attempt failed", "once", nil, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			s := w.started(deploy, 2)
			w.sign("cleo", governance.Intent{Type: governance.ActResult, Subject: dr, Body: governance.Ending{Kind: deploy, Result: governance.ResultFailed, Revision: w.record.Revision, Start: s.ID}})
			return w.question(deploy)
		}},
		{"production without a validation", "validation", nil, func(w *world) governance.Question { return w.approved().question(deploy) }},
		{"the validation failed", "validation", nil, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultFailed)
			return w.question(deploy)
		}},
		{"a quick deploy without a validation", "validation", nil, func(w *world) governance.Question {
			q := w.approved().question(governance.AttemptQuick)
			q.Validation = "0Af000000000001AAA"
			return q
		}},
		{"a quick deploy of another validation", "validation", nil, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			q := w.question(governance.AttemptQuick)
			q.Validation = "0Af000000000002AAA"
			return q
		}},
		{"the validation is too old", "validation", longApprovals, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			q := w.question(deploy)
			q.Now = q.Now.Add(10*24*time.Hour + time.Hour)
			return q
		}},
		{"a test environment comes first", "test_first", func(c *governance.Charter) { c.Environments[0].TestFirst = true }, func(w *world) governance.Question {
			w.approved()
			w.attempt(validate, 1, governance.ResultSucceeded)
			return w.question(deploy)
		}},
		{"a rejection is withheld that a later approver had seen", "request_history", nil, func(w *world) governance.Question {
			w.submitRequest()
			seen := w.history().Heads(cr)
			h := w.history()
			no := w.raw(w.people["cleo"], governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "no", Revision: w.request.Revision, Round: 1}}, h.Head(), seen)
			w.vote(w.people["ann"], cr, 0, seen...)
			w.vote(w.people["ben"], cr, 1)
			w.drop(no.ID)
			return w.question(validate)
		}},
		{"an approver's own rejection is withheld", "request_history", nil, func(w *world) governance.Question {
			w.submitRequest()
			seen := w.history().Heads(cr)
			no := w.raw(w.people["ben"], governance.Intent{Type: "cr.reject", Subject: cr, Body: governance.Vote{Reason: "no", Revision: w.request.Revision, Round: 1}}, w.history().Head(), seen)
			w.vote(w.people["ann"], cr, 0, seen...)
			w.vote(w.people["ben"], cr, 1, append(slices.Clone(seen), w.people["ann"].prev)...)
			w.drop(no.ID)
			return w.question(validate)
		}},
		{"an act was altered", "trail", nil, func(w *world) governance.Question {
			w.approved()
			i := len(w.acts) - 1
			w.acts[i].Payload = slices.Clone(w.acts[i].Payload)
			w.acts[i].Payload[20] ^= 1
			w.cache()
			return w.question(validate)
		}},
		{"the charter forks", "charter", nil, func(w *world) governance.Question {
			w.approved()
			w.fork()
			w.cache()
			return w.question(validate)
		}},
		{"the request was approved again with other content", "same_request", nil, func(w *world) governance.Question {
			w.approved()
			w.onRequest("rita", governance.Deed{Action: governance.Reopen})
			w.request.Overview += " And negative ones down."
			w.approvedRequest()
			return w.question(validate)
		}},
		{"an approver's key was revoked before the vote", "record_status", nil, func(w *world) governance.Question {
			w.approved()
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), w.firstOf("ben")) })
			w.cache()
			return w.question(validate)
		}},
		{"an approver's key was copied", "record_status", nil, func(w *world) governance.Question {
			w.approvedRequest()
			copied := *w.people["ben"]
			w.raw(&copied, governance.Intent{Type: "cr.reject", Subject: "another", Body: governance.Vote{}}, w.history().Head(), nil)
			w.submitRecord()
			w.onRecord("ann", approve)
			w.vote(w.people["ben"], dr, 1)
			w.cache()
			return w.question(validate)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			edit := c.setup
			if edit == nil {
				edit = func(*governance.Charter) {}
			}
			d := governance.Gate(c.ask(newWorld(t, edit)))
			if d.Open || len(d.Counted) > 0 {
				t.Fatal("the gate is open")
			}
			if got := refusedBy(d); !slices.Contains(got, c.code) {
				t.Errorf("refused by %v, not by %s: %v", got, c.code, d.Reasons())
			}
			for _, check := range d.Checks {
				if check.Message == "" || !check.OK && check.Remedy == "" {
					t.Errorf("the check %s says nothing: %+v", check.Code, check)
				}
			}
		})
	}
}

// firstOf is the first act of a person.
func (w *world) firstOf(who string) string {
	for _, a := range w.acts {
		if a.Key == w.people[who].key.Public() {
			return a.ID
		}
	}
	return ""
}

// fork lets both owners endorse two successors of the charter in force.
func (w *world) fork() (a, b ledger.SignedAct) {
	w.t.Helper()
	h := w.history()
	proposals := []ledger.SignedAct{}
	for _, name := range []string{"Left", "Right"} {
		in, err := ledger.NextCharter(h, func(c *governance.Charter) { c.Name = name })
		must(w.t, err)
		proposals = append(proposals, w.raw(w.people["olga"], in, h.Head(), nil))
	}
	for _, p := range proposals {
		w.raw(w.people["otto"], ledger.Endorse(p.ID), h.Head(), nil)
	}
	return proposals[0], proposals[1]
}

func TestARosterChangeKeepsApprovals(t *testing.T) {
	w := newWorld(t).approved()
	w.change(func(c *governance.Charter) {
		c.Members = append(c.Members, member(w.people["mallory"], governance.Requester))
	})
	w.cache()
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Error(d.Reasons())
	}
}

func TestAVoteCanBeGivenAgainAfterAChangeOfPolicy(t *testing.T) {
	w := newWorld(t)
	w.submitRequest()
	w.onRequest("ann", approve)
	w.change(func(c *governance.Charter) { c.Requests.ApprovalDays = 20 })
	w.onRequest("ann", approve)
	w.onRequest("ben", approve)
	w.submitRecord()
	w.onRecord("ann", approve)
	w.onRecord("ben", approve)
	if d := governance.Gate(w.question(governance.AttemptValidate)); !d.Open {
		t.Error(d.Reasons())
	}
}
