package ledger_test

import (
	"time"

	"countersign/backend/governance"
)

func honest() []attack {
	validated := func(w *world) { w.approved().attempt(governance.AttemptValidate, 1, governance.ResultSucceeded) }
	return []attack{
		{name: "approved", why: "Not an attack: request and record are approved, in order, by two people.", do: toValidate(approvedAll)},
		{name: "approved-and-validated", why: "Not an attack: the validation that production asks for has succeeded.", do: toDeploy(validated)},
		{name: "quick-deploy", why: "Not an attack: a quick deploy of the recorded validation.", do: func(w *world) governance.Question {
			validated(w)
			return ask(w, governance.AttemptQuick, func(q *governance.Question) { q.Validation = "0Af000000000001AAA" })
		}},
		{name: "after-an-attempt-that-changed-nothing", why: "Not an attack: the deployment before has failed, and said so.", do: toDeploy(func(w *world) {
			validated(w)
			w.attempt(governance.AttemptDeploy, 2, governance.ResultFailed)
		})},
		{name: "reverse-check", why: "Not an attack: the approved reverse package is validated.", do: func(w *world) governance.Question {
			return ask(w.approved(), governance.AttemptReverseCheck, func(q *governance.Question) { q.Package = "h1:reverse" })
		}},
		{name: "tested-first", why: "Not an attack: the same content is completed in a sandbox.", charter: testFirst, do: toDeploy(func(w *world) {
			validated(w)
			w.testedIn("00D000000000003AAA", w.record.Customizations, "max")
		})},
		{name: "demo", why: "Not an attack: the demo deploys to its own organisation.", charter: demoCharter, do: toValidate(func(w *world) {
			w.record.TargetKind = governance.Demo
			w.approved()
		})},
	}
}

func testFirst(c *governance.Charter) { c.Environments[0].TestFirst = true }

func hostileContent() []attack {
	edit := func(code, name, why string, edit func(w *world)) attack {
		return attack{name: name, code: code, why: why, do: func(w *world) governance.Question {
			w.approved()
			edit(w)
			return ask(w, governance.AttemptValidate)
		}}
	}
	now := func(code, name, why string, edit func(q *governance.Question)) attack {
		return attack{name: name, code: code, why: why, do: toValidate(approvedAll, edit)}
	}
	deployable := func(name, why string, record func(w *world)) attack {
		return attack{name: name, code: "selection", why: why, do: toValidate(func(w *world) {
			w.approvedRequest()
			record(w)
			w.forceRecord("rita", "ann", "ben")
		})}
	}
	return []attack{
		edit("request_content", "request-edited-after-approval", "The request says something else than what was approved.", func(w *world) { w.request.Overview += " And truncated." }),
		edit("record_content", "title-edited-after-approval", "The record has another title than what was approved.", func(w *world) { w.record.Name = "To all" }),
		edit("record_content", "options-edited-after-approval", "The record runs no tests any more.", func(w *world) { w.record.Options.TestLevel = governance.NoTestRun }),
		edit("record_content", "target-edited-after-approval", "The record goes to another organisation than what was approved.", func(w *world) { w.record.TargetOrg = "00D000000000008AAA" }),
		edit("record_content", "deployer-edited-after-approval", "The record names another deployer than what was approved.", func(w *world) { w.record.Deployer = "cleo" }),
		now("request_altered", "request-status-edited", "The column of the request says Completed, its acts say Approved.", func(q *governance.Question) { q.Request.Status = governance.Completed }),
		now("record_content", "digest-of-other-content", "The record is shown with the digest of its request.", func(q *governance.Question) { q.RecordDigest = q.RequestDigest }),
		{name: "record-status-edited", code: "record_altered", why: "The column of the record says Approved, and nobody has approved it.", do: func(w *world) governance.Question {
			w.approvedRequest()
			q := ask(w, governance.AttemptValidate)
			q.Record.Status = governance.Approved
			return q
		}},
		now("package", "package-swapped", "The bytes on disk are not those that were approved.", func(q *governance.Question) { q.Package = "h1:evil" }),
		now("retrieved", "nothing-retrieved", "Nothing was retrieved, so nothing can be compared.", func(q *governance.Question) { q.Package = "" }),
		now("base", "target-drifted", "The target was changed after the approval.", func(q *governance.Question) { q.Base = "h1:drift" }),
		now("target", "other-organisation", "The credentials lead to another organisation.", func(q *governance.Question) { q.Target = "00D000000000008AAA" }),
		now("target", "other-kind", "The organisation is of another kind than the approved one.", func(q *governance.Question) { q.TargetKind = governance.Sandbox }),
		now("deployer", "other-deployer", "Somebody deploys who is not named.", func(q *governance.Question) { q.Deployer = "cleo" }),
		now("deployer", "no-deployer", "Nobody says who deploys.", func(q *governance.Question) { q.Deployer = "" }),
		now("kind", "rollback-of-a-deployment", "A record that deploys is asked for a rollback.", func(q *governance.Question) { q.Kind = governance.AttemptRollback }),
		now("kind", "kind-that-does-not-exist", "The attempt is of a kind that does not exist.", func(q *governance.Question) { q.Kind = "force" }),
		now("reverse", "other-reverse-package", "The reverse package is not the one that was approved.", func(q *governance.Question) {
			q.Kind, q.Package = governance.AttemptReverseCheck, "h1:other"
		}),
		{name: "deploy-of-a-rollback", code: "kind", why: "A record that rolls back is asked for a deployment.", do: toDeploy(func(w *world) {
			w.record.Kind = governance.Rollback
			w.approved().attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
		})},
		{name: "no-rollback-on-error", code: "rollback_on_error", why: "A record for production that would leave it half changed.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.record.Options.RollbackOnError = false
			w.forceRecord("rita", "ann", "ben")
		})},
		deployable("more-than-was-asked-for", "The record carries a class that the request does not name.", func(w *world) {
			w.record.Customizations = append(w.record.Customizations, governance.Customization{Change: governance.Add, Name: "Backdoor", Type: "ApexClass"})
		}),
		deployable("deleted-instead-of-changed", "The record deletes what the request changes.", func(w *world) {
			w.record.Customizations = []governance.Customization{{Change: governance.Delete, Name: "Billing", Type: "ApexClass"}}
		}),
		{name: "whole-with-a-part-left-out", code: "selection", why: "The record says that it is the whole request, and leaves out half.", do: toValidate(func(w *world) {
			w.request.Customizations = append(w.request.Customizations, governance.Customization{Change: governance.Modify, Name: "Guard", Type: "ApexClass"})
			w.approvedRequest()
			w.forceRecord("rita", "ann", "ben")
		})},
		{name: "deployer-lost-the-role", code: "deployer_role", why: "Who is named to deploy is no release manager any more.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Members[4].Roles = []governance.Role{governance.Requester} })
		})},
		{name: "no-policy-for-the-target", code: "record_status", why: "No policy rules the target, so nobody can approve it.", do: toValidate(func(w *world) {
			w.record.TargetKind = governance.Scratch
			w.approvedRequest()
			w.forceRecord("rita", "ann", "ben")
		})},
		{name: "policy-of-the-target-gone", code: "record_seats", why: "The policy of the target is gone from the charter.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Environments = c.Environments[1:] })
		})},
		{name: "demo-to-a-strange-organisation", code: "record_status", why: "The demo would change an organisation that is not its own.", charter: demoCharter, do: toValidate(func(w *world) {
			w.record.TargetKind, w.record.TargetOrg = governance.Demo, "00D000000000009AAA"
			w.approvedRequest()
			w.forceRecord("rita", "ann", "ben")
		})},
		{name: "demo-from-a-strange-organisation", code: "demo_only", why: "The demo brings something from an organisation that is not its own.", charter: demoCharter, do: toValidate(func(w *world) {
			w.record.TargetKind, w.record.SourceOrg = governance.Demo, "00D000000000009AAA"
			w.approved()
		})},
	}
}

func hostileDelegations() []attack {
	olga := func(edit func(*governance.Delegation)) func(*world) {
		return func(w *world) {
			oneShort(w)
			d := delegated("olga")
			edit(&d)
			w.voteFor("olga", dr, w.delegates("ben", d), 1)
		}
	}
	same := func(*governance.Delegation) {}
	list := []attack{
		{name: "delegation-not-allowed", why: "The policy lets nobody vote for somebody else.", do: toValidate(olga(same))},
		{name: "delegation-outside-its-period", why: "A vote after the delegation is over.", do: toValidate(olga(func(d *governance.Delegation) { d.Until = d.Since }))},
		{name: "delegation-back-dated", why: "The delegation is over, the vote's signer had seen later acts, and dates it back.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			d := w.delegates("ben", delegated("olga"))
			w.now = w.now.AddDate(0, 0, 16)
			w.onRecord("ann", approve)
			w.now = w.now.AddDate(0, 0, -10)
			w.voteFor("olga", dr, d, 1)
		})},
		{name: "delegation-of-another-role", why: "The delegation is for another role's seat.", do: toValidate(olga(func(d *governance.Delegation) { d.Role = governance.ReleaseManager }))},
		{name: "delegation-for-another-organisation", why: "The delegation is for another target.", do: toValidate(olga(func(d *governance.Delegation) { d.Organization = uat }))},
		{name: "delegation-for-another-kind", why: "The delegation is for sandboxes.", do: toValidate(olga(func(d *governance.Delegation) { d.Kind = governance.Sandbox }))},
		{name: "delegation-for-another-subject", why: "The delegation is for another record.", do: toValidate(olga(func(d *governance.Delegation) { d.Subject = "record-2" }))},
		{name: "delegation-handed-on", why: "Who got a delegation hands it on.", do: toValidate(func(w *world) {
			oneShort(w)
			w.delegates("ben", delegated("olga"))
			w.voteFor("otto", dr, w.delegates("olga", delegated("otto")), 1)
		})},
		{name: "delegation-to-somebody-else", why: "The vote names a delegation to another person.", do: toValidate(func(w *world) {
			oneShort(w)
			w.voteFor("otto", dr, w.delegates("ben", delegated("olga")), 1)
		})},
		{name: "delegation-ended", why: "The principal ended the delegation before the vote.", do: toValidate(func(w *world) {
			oneShort(w)
			d := w.delegates("ben", delegated("olga"))
			w.sign("ben", governance.Intent{Type: governance.ActEnd, Subject: governance.GovernanceSubject, Body: governance.DelegationEnd{Delegation: d, Reason: "Back.", Votes: []string{}}})
			w.voteFor("olga", dr, d, 1)
		})},
		{name: "delegation-to-an-author", why: "An author votes in an approver's place.", do: toValidate(func(w *world) {
			oneShort(w)
			w.voteFor("rita", dr, w.delegates("ben", delegated("rita")), 1)
		})},
		{name: "delegation-to-the-deployer", why: "The deployer votes in an approver's place.", do: toValidate(func(w *world) {
			oneShort(w)
			w.voteFor("max", dr, w.delegates("ben", delegated("max")), 1)
		})},
		{name: "delegation-to-who-sits-already", why: "One approver fills both seats, one for himself and one for another.", do: toValidate(func(w *world) {
			oneShort(w)
			w.voteFor("ann", dr, w.delegates("ben", delegated("ann")), 1)
		})},
		{name: "delegation-of-a-role-not-held", why: "Who delegates is no approver.", do: toValidate(func(w *world) {
			oneShort(w)
			w.voteFor("olga", dr, w.delegates("otto", delegated("olga")), 1)
		})},
	}
	for i := range list {
		list[i].code = "record_status"
		if i > 0 {
			list[i].charter = func(c *governance.Charter) { delegating(c); longApprovals(c) }
		}
	}
	return append(list, attack{name: "delegation", charter: delegating, why: "Not an attack: a vote in the place of somebody on leave, ended after it.", do: toValidate(func(w *world) {
		oneShort(w)
		d := w.delegates("ben", delegated("olga"))
		vote := w.voteFor("olga", dr, d, 1)
		w.sign("ben", governance.Intent{Type: governance.ActEnd, Subject: governance.GovernanceSubject, Body: governance.DelegationEnd{Delegation: d, Reason: "Back.", Votes: []string{vote.ID}}})
	})})
}

func hostileEmergencies() []attack {
	urgent := func(w *world) { w.urgent().letThrough() }
	late := func(w *world) {
		w.past(governance.ResultSucceeded)
		w.now = start.AddDate(0, 0, 6)
	}
	return []attack{
		{name: "relabelled-emergency", code: "request_content", why: "What was approved as a normal change is called an emergency.", do: func(w *world) governance.Question {
			w.approved().urgent()
			return ask(w, governance.AttemptValidate)
		}},
		{name: "emergency-relabelled-normal", code: "request_content", why: "What one owner let through as an emergency is called a normal change.", do: func(w *world) governance.Question {
			urgent(w)
			w.request.Type = governance.Standard
			return ask(w, governance.AttemptValidate)
		}},
		{name: "emergency-by-an-approver", code: "request_status", why: "An approver lets an emergency through, which takes an owner.", do: toValidate(func(w *world) {
			w.urgent().submitRequest()
			w.vote(w.people["ann"], cr, 0)
		})},
		{name: "emergency-that-the-act-does-not-tell", code: "request_status", why: "The content is an emergency and its submission hides it, so that no review would fall due.", do: toValidate(func(w *world) {
			w.urgent()
			w.submission("rita", w.request.RevisionIn(w.ws, 1), nil, "rita")
			w.sign("olga", governance.Intent{Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: w.digestOf(w.request.RevisionIn(w.ws, 1)), Round: 1}})
		})},
		{name: "emergency-without-an-incident", code: "request_status", why: "An emergency without an incident number.", do: toValidate(func(w *world) {
			w.urgent().request.Incident = ""
			r := w.request.RevisionIn(w.ws, 1)
			w.raw(w.people["rita"], governance.Intent{Type: "cr.submit", Subject: cr,
				Body: governance.Submission{Authors: []string{"rita"}, Emergency: true, Revision: w.digestOf(r), Round: 1}}, w.ws, nil)
		})},
		{name: "invented-change-type", code: "request_status", why: "A Change Type that does not exist has no milder rule.", do: toValidate(func(w *world) {
			w.request.Type = "Tiny"
			w.submission("rita", w.request.RevisionIn(w.ws, 1), nil, "rita")
			w.vote(w.people["ann"], cr, 0)
			w.vote(w.people["ben"], cr, 1)
		})},
		{name: "emergency-expired", code: "request_seats", why: "The approvals of an emergency count for four hours.", do: toValidate(urgent, func(q *governance.Question) { q.Now = q.Now.Add(5 * time.Hour) })},
		{name: "review-overdue", code: "reviews", why: "An emergency was deployed and nobody has reviewed it in time.", do: toValidate(func(w *world) { late(w); w.approved() })},
		{name: "review-by-the-author", code: "reviews", why: "The author reviews the own emergency.", charter: func(c *governance.Charter) { c.Members[0].Roles = append(c.Members[0].Roles, governance.Approver) }, do: toValidate(func(w *world) {
			late(w)
			must(w.t, w.reviewed("ann", "request-e"))
			r := w.history().Reviews(w.now)[0]
			w.sign("rita", governance.Intent{Type: governance.ActReview, Subject: r.Subject, Body: governance.Review{Reason: "Fine.", Revision: r.Revision, Round: r.Round, Start: r.Start, Step: 1, Verdict: governance.Accepted}})
			w.approved()
		})},
		{name: "review-done", why: "Not an attack: the emergency was reviewed by the full quorum.", do: toValidate(func(w *world) {
			late(w)
			must(w.t, w.reviewed("ann", "request-e"))
			must(w.t, w.reviewed("ben", "request-e"))
			w.approved()
		})},
		{name: "emergency", why: "Not an attack: an emergency, let through by one owner each.", do: toValidate(urgent)},
		{name: "emergency-with-a-review-overdue", why: "Not an attack: another emergency is let through.", do: toValidate(func(w *world) { late(w); urgent(w) })},
	}
}

func hostileMoments() []attack {
	later := func(days int) func(*governance.Question) {
		return func(q *governance.Question) { q.Now = q.Now.AddDate(0, 0, days) }
	}
	production := func(edit func(*governance.Policy)) func(*governance.Charter) {
		return func(c *governance.Charter) { edit(&c.Environments[0]) }
	}
	validated := func(w *world) { w.approved().attempt(governance.AttemptValidate, 1, governance.ResultSucceeded) }
	night := governance.Window{Days: []int64{1, 2, 3, 4}, From: "22:00", Until: "06:00"}
	freeze := []governance.Freeze{{From: "2026-03-01", Name: "Year end", Until: "2026-03-03"}}
	return []attack{
		{name: "expired-approval-of-the-record", code: "record_seats", why: "Approvals to production count for seven days.", do: toValidate(approvedAll, later(8))},
		{name: "expired-approval-of-the-request", code: "request_seats", why: "Approvals of a request count for thirty days.", do: toValidate(approvedAll, later(31))},
		{name: "clock-set-back", code: "record_seats", why: "The approvals have expired, and the clock is set back; the deployer's own act is later.", do: toValidate(func(w *world) {
			w.approved()
			w.now = w.now.AddDate(0, 0, 8)
			w.attempt(governance.AttemptValidate, 1, governance.ResultFailed)
		}, func(q *governance.Question) { q.Now = start })},
		{name: "approval-from-the-future", code: "request_seats", why: "An approval is dated two years ahead, so that it would not expire.", do: toValidate(func(w *world) {
			w.submitRequest()
			w.onRequest("ann", approve)
			at := w.now
			w.now = w.now.AddDate(2, 0, 0)
			w.onRequest("ben", approve)
			w.now = at
			w.submitRecord()
			w.onRecord("ann", approve)
			w.onRecord("ben", approve)
		})},
		{name: "one-wrong-clock", why: "Not an attack that works: one member dates an act a year ahead.", do: toValidate(func(w *world) {
			at := w.approved().now
			w.now = w.now.AddDate(1, 0, 0)
			w.sign("cleo", governance.Intent{Type: "dr.recall", Subject: dr, Body: governance.Closing{Revision: "none", Round: 9}})
			w.now = at
		})},
		{name: "freeze", code: "freeze", why: "Nothing is deployed in a freeze.", charter: production(func(p *governance.Policy) { p.Freezes = freeze }), do: toDeploy(validated)},
		{name: "freeze-only-validates", why: "Not an attack: in a freeze something may be validated.", charter: production(func(p *governance.Policy) { p.Freezes = freeze }), do: toValidate(approvedAll)},
		{name: "outside-the-window", code: "window", why: "It is morning, and the policy deploys at night.", charter: production(func(p *governance.Policy) { p.Windows = []governance.Window{night} }), do: toDeploy(validated)},
		{name: "window-over-midnight", why: "Not an attack: in the window, after midnight.", charter: production(func(p *governance.Policy) { p.Windows = []governance.Window{night} }),
			do: toDeploy(validated, func(q *governance.Question) { q.Now = time.Date(2026, 3, 4, 3, 0, 0, 0, time.UTC) })},
		{name: "unknown-time-zone", code: "zone", why: "Nobody knows the time zone of the windows, so nobody can say whether it is time.", do: toDeploy(func(w *world) {
			w.forceCharter(func(c *governance.Charter) {
				c.Environments[0].Windows, c.Environments[0].Zone = []governance.Window{night}, "Atlantis/Capital"
			})
			validated(w)
		})},
		{name: "open-finding", code: "findings_open", why: "Something was changed in the target outside the process.", charter: production(func(p *governance.Policy) { p.FindingsClose = true }), do: toValidate(func(w *world) {
			w.approved().find("rita", found("0Af1"))
		})},
		{name: "finding-resolved-without-a-word", code: "findings_open", why: "A finding is resolved without a reason.", charter: production(func(p *governance.Policy) { p.FindingsClose = true }), do: toValidate(func(w *world) {
			id := w.approved().find("rita", found("0Af1"))
			w.sign("rita", governance.Intent{Type: governance.ActResolve, Subject: governance.OrganizationSubject(prod), Body: governance.Resolution{Findings: []string{id}, Reason: " "}})
		})},
		{name: "finding-resolved", why: "Not an attack: what was found is resolved with a reason.", charter: production(func(p *governance.Policy) { p.FindingsClose = true }), do: toValidate(func(w *world) {
			must(w.t, w.resolve("max", "Done by the vendor.", w.approved().find("rita", found("0Af1"))))
		})},
	}
}

func hostileAttempts() []attack {
	const deploy, validate = governance.AttemptDeploy, governance.AttemptValidate
	validated := func(w *world) { w.approved().attempt(validate, 1, governance.ResultSucceeded) }
	return []attack{
		{name: "validation-missing", code: "validation", why: "Production asks for a validation first.", do: toDeploy(approvedAll)},
		{name: "validation-failed", code: "validation", why: "The validation has failed.", do: toDeploy(func(w *world) { w.approved().attempt(validate, 1, governance.ResultFailed) })},
		{name: "validation-of-another-package", code: "validation", why: "The validation was of another package.", do: toDeploy(func(w *world) {
			w.approved()
			w.record.Package = "h1:harmless"
			w.attempt(validate, 1, governance.ResultSucceeded)
			w.record.Package = "h1:package"
		})},
		{name: "validation-in-another-organisation", code: "validation", why: "The validation was in another organisation.", do: toDeploy(func(w *world) {
			w.approved()
			w.record.TargetOrg = uat
			w.attempt(validate, 1, governance.ResultSucceeded)
			w.record.TargetOrg = prod
		})},
		{name: "validation-too-old", code: "validation", why: "Salesforce keeps a validation for ten days.", charter: longApprovals, do: toDeploy(validated, func(q *governance.Question) { q.Now = q.Now.AddDate(0, 0, 11) })},
		{name: "validation-by-somebody-else", code: "validation", why: "Somebody who is not the deployer says that it was validated.", do: toDeploy(func(w *world) {
			w.approved()
			s := w.sign("rita", governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: 1, Kind: validate, Package: w.record.Package, Revision: w.record.Revision, Target: prod}})
			w.sign("rita", governance.Intent{Type: governance.ActValidated, Subject: dr, Body: governance.Ending{AsyncID: "0Af000000000001AAA", CompletedAt: w.now.Format(time.RFC3339),
				Kind: validate, Package: w.record.Package, Result: governance.ResultSucceeded, Revision: w.record.Revision, Start: s.ID}})
		})},
		{name: "quick-deploy-of-another-validation", code: "validation", why: "A quick deploy of a validation that no act records.", do: func(w *world) governance.Question {
			validated(w)
			return ask(w, governance.AttemptQuick, func(q *governance.Question) { q.Validation = "0Af000000000002AAA" })
		}},
		{name: "second-deployment", code: "once", why: "This revision was deployed already.", do: toDeploy(func(w *world) {
			validated(w)
			w.attempt(deploy, 2, governance.ResultSucceeded)
		})},
		{name: "earlier-attempt-unknown", code: "once", why: "Nobody knows how the attempt before ended.", do: toDeploy(func(w *world) { validated(w); w.started(deploy, 2) })},
		{name: "earlier-attempt-in-part", code: "once", why: "The attempt before changed a part.", do: toDeploy(func(w *world) { validated(w); w.attempt(deploy, 2, governance.ResultPartially) })},
		{name: "success-taken-back", code: "once", why: "After a success a second word says that it failed.", do: toDeploy(func(w *world) {
			validated(w)
			s := w.started(deploy, 2)
			w.ended(s, deploy, governance.ResultSucceeded, "0Af2")
			w.ended(s, deploy, governance.ResultFailed, "0Af2")
		})},
		{name: "failure-told-by-somebody-else", code: "once", why: "Somebody else says that the attempt before failed.", do: toDeploy(func(w *world) {
			validated(w)
			s := w.started(deploy, 2)
			w.sign("cleo", governance.Intent{Type: governance.ActResult, Subject: dr, Body: governance.Ending{Kind: deploy, Package: w.record.Package, Result: governance.ResultFailed, Revision: w.record.Revision, Start: s.ID}})
		})},
		{name: "second-rollback", code: "once", why: "A rollback is done once.", do: func(w *world) governance.Question {
			w.record.Kind = governance.Rollback
			w.approved().attempt(governance.AttemptRollback, 1, governance.ResultSucceeded)
			return ask(w, governance.AttemptRollback)
		}},
		{name: "rollback", why: "Not an attack: an approved rollback, which needs no validation.", do: func(w *world) governance.Question {
			w.record.Kind = governance.Rollback
			return ask(w.approved(), governance.AttemptRollback)
		}},
		{name: "start-by-somebody-else", why: "Not an attack that works: somebody else claims to have begun a deployment.", do: toDeploy(func(w *world) {
			validated(w)
			w.sign("rita", governance.Intent{Type: governance.ActStart, Subject: dr, Body: governance.Start{Attempt: 2, Kind: deploy, Package: w.record.Package, Revision: w.record.Revision, Target: prod}})
		})},
		{name: "test-environment-left-out", code: "test_first", why: "A test environment comes first, and none was used.", charter: testFirst, do: toDeploy(validated)},
		{name: "tested-by-a-claim", code: "test_first", why: "Somebody who is not the deployer says that it was deployed to a sandbox.", charter: testFirst, do: toDeploy(func(w *world) {
			validated(w)
			w.testedIn("00D000000000003AAA", w.record.Customizations, "rita")
		})},
	}
}
