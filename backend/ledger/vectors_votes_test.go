package ledger_test

import (
	"crypto/sha256"
	"slices"
	"strings"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// proposed is a charter that olga proposes and some endorse.
func (w *world) proposed(edit func(*governance.Charter), endorse ...string) ledger.SignedAct {
	w.t.Helper()
	in, err := ledger.NextCharter(w.history(), edit)
	must(w.t, err)
	a := w.sign("olga", in)
	for _, who := range endorse {
		w.sign(who, ledger.Endorse(a.ID))
	}
	return a
}

// underVote votes for the record under a charter of one's own choice.
func (w *world) underVote(who, charter string, step int64) {
	w.t.Helper()
	h := w.history()
	st := h.RecordStanding(dr)
	w.raw(w.people[who], governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: st.Revision, Round: st.Round, Step: step}}, charter, h.Heads(dr))
}

func hostileCharters() []attack {
	friend := func(w *world) func(*governance.Charter) {
		return func(c *governance.Charter) {
			c.Members = append(c.Members, member(w.people["mallory"], governance.Approver, governance.Owner))
		}
	}
	return []attack{
		{name: "lone-owner-promotes-a-friend", code: "record_status", why: "One owner alone lets a friend in, who endorses himself and approves.", do: toValidate(func(w *world) {
			oneShort(w)
			a := w.proposed(friend(w))
			w.raw(w.people["mallory"], ledger.Endorse(a.ID), a.ID, nil)
			w.underVote("mallory", a.ID, 1)
		})},
		{name: "owner-endorses-with-two-keys", code: "record_status", why: "One owner endorses a change with two keys: owners are counted, not keys.", charter: func(c *governance.Charter) {
			c.Members[5].Keys = append(c.Members[5].Keys, governance.Key{Public: olgasSecond()})
		}, do: toValidate(func(w *world) {
			oneShort(w)
			a := w.proposed(friend(w))
			w.raw(&person{id: "olga", key: identity(w.t, "olga's second key")}, ledger.Endorse(a.ID), w.ws, nil)
			w.underVote("mallory", a.ID, 1)
		})},
		{name: "new-owners-do-not-agree", code: "record_status", why: "The old owners agree to a charter, and one of its own owners does not.", do: toValidate(func(w *world) {
			oneShort(w)
			a := w.proposed(func(c *governance.Charter) {
				c.Members[5].Roles, c.Members[6].Roles = []governance.Role{}, []governance.Role{}
				c.Members[3].Roles = append(c.Members[3].Roles, governance.Owner)
				c.Members = append(c.Members, member(w.people["mallory"], governance.Approver, governance.Owner))
			}, "otto")
			w.underVote("mallory", a.ID, 1)
		})},
		{name: "policy-weakened-in-flight", code: "record_seats", why: "The owners take a step out of the policy after the approvals: those given under the old one are void.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Environments[0].Rules[3].Steps = c.Environments[0].Rules[3].Steps[:1] })
		})},
		{name: "request-policy-changed-in-flight", code: "request_seats", why: "The policy for requests is relaxed after the approvals.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Requests.AuthorMayApprove = true })
		})},
		{name: "weakened-by-one-owner", why: "Not an attack that works: what one owner proposes changes nothing.", do: toValidate(func(w *world) {
			w.approved()
			w.proposed(func(c *governance.Charter) { c.Environments[0].ValidationFirst = false })
		})},
		{name: "removed-approver", code: "record_seats", why: "An approver of the record has lost every role before it is deployed.", do: toValidate(func(w *world) {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("cleo", approve)
			w.submitRecord()
			w.onRecord("ann", approve)
			w.onRecord("ben", approve)
			w.change(func(c *governance.Charter) { c.Members[2].Roles = []governance.Role{} })
		})},
		{name: "lost-role-under-an-old-charter", code: "record_status", why: "Who lost a role approves under the charter that still gave it to him, after acts that name the new one.", do: toValidate(func(w *world) {
			w.change(func(c *governance.Charter) { c.Members[2].Roles = []governance.Role{governance.Auditor} })
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("cleo", approve)
			w.submitRecord()
			w.onRecord("ann", approve)
			w.underVote("ben", w.ws, 1)
		})},
		{name: "governance-fork", code: "charter", why: "The owners endorsed two successors of one charter.", do: toValidate(func(w *world) { w.approved().fork() })},
		{name: "fork-voided-by-one-owner", code: "charter", why: "One owner alone declares the other branch of a fork void.", do: toValidate(func(w *world) {
			left, _ := w.approved().fork()
			w.mend(left.ID)
		})},
		{name: "fork-with-two-mendings", code: "charter", why: "Each branch of a fork declares the other void.", do: toValidate(func(w *world) {
			left, right := w.approved().fork()
			h := w.history()
			for _, keep := range []string{left.ID, right.ID} {
				in, err := ledger.Mend(h, keep, func(*governance.Charter) {})
				must(w.t, err)
				m := w.raw(w.people["olga"], in, keep, nil)
				w.raw(w.people["otto"], ledger.Endorse(m.ID), keep, nil)
			}
		})},
		{name: "void-by-stolen-old-keys", code: "charter", why: "With the owners' old keys, revoked since, a thief founds a second line and voids the true one.", do: toValidate(func(w *world) {
			w.approved()
			fresh := map[string]*person{}
			for _, n := range []string{"olga", "otto"} {
				fresh[n] = &person{id: n, key: identity(w.t, n+"'s new key")}
			}
			in, err := ledger.NextCharter(w.history(), func(c *governance.Charter) {
				for _, n := range []string{"olga", "otto"} {
					must(w.t, ledger.AddKey(c, n, fresh[n].key.Public()))
				}
			})
			must(w.t, err)
			a := w.raw(w.people["olga"], in, w.ws, nil)
			w.raw(w.people["otto"], ledger.Endorse(a.ID), w.ws, nil)
			in, err = ledger.NextCharter(w.history(), func(c *governance.Charter) {
				for _, n := range []string{"olga", "otto"} {
					ledger.RevokeKey(c, w.people[n].key.Public(), w.people[n].prev)
				}
			})
			must(w.t, err)
			b := w.raw(fresh["olga"], in, a.ID, nil)
			w.raw(fresh["otto"], ledger.Endorse(b.ID), a.ID, nil)
			thief := *w.history().CharterAt(w.ws)
			thief.Name, thief.Prev, thief.Version = "Thieves", w.ws, 1
			c := w.raw(w.people["olga"], governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: thief}, w.ws, nil)
			w.raw(w.people["otto"], ledger.Endorse(c.ID), w.ws, nil)
			thief.Prev, thief.Version, thief.Void = c.ID, 2, []string{a.ID}
			d := w.raw(w.people["olga"], governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: thief}, c.ID, nil)
			w.raw(w.people["otto"], ledger.Endorse(d.ID), c.ID, nil)
		})},
		{name: "charter-admits-a-weak-key", code: "record_status", why: "The owners endorse a charter with a key that anybody can sign with: it is none.", do: toValidate(func(w *world) {
			oneShort(w)
			next := *w.history().Charter()
			next.Members = append(slices.Clone(next.Members), governance.Member{ID: "eve", Name: "eve", Roles: []governance.Role{governance.Approver},
				Keys: []governance.Key{{Public: "ed25519:01" + strings.Repeat("00", 31)}}}, member(w.people["mallory"], governance.Approver))
			next.Prev, next.Version = w.ws, 1
			a := w.sign("olga", governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: next})
			w.sign("otto", ledger.Endorse(a.ID))
			w.underVote("mallory", a.ID, 1)
		})},
		{name: "charter-becomes-a-demo", code: "record_status", why: "A change makes the workspace a demo, which no change can.", do: toValidate(func(w *world) {
			oneShort(w)
			next := *w.history().Charter()
			next.Demo, next.Organizations, next.Prev, next.Version = true, []string{uat, prod}, w.ws, 1
			next.Members = append(slices.Clone(next.Members), member(w.people["mallory"], governance.Approver))
			a := w.sign("olga", governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: next})
			w.sign("otto", ledger.Endorse(a.ID))
			w.underVote("mallory", a.ID, 1)
		})},
		{name: "charter-needs-nobody", code: "record_status", why: "A charter that needs nobody's approval is none.", do: toValidate(func(w *world) {
			oneShort(w)
			next := *w.history().Charter()
			next.Environments = slices.Clone(next.Environments)
			next.Environments[0].Rules = []governance.SeatRule{{Level: governance.FullLifecycle, Steps: []governance.ApprovalStep{}}}
			next.Prev, next.Version = w.ws, 1
			a := w.sign("olga", governance.Intent{Type: governance.ActCharter, Subject: governance.GovernanceSubject, Body: next})
			w.sign("otto", ledger.Endorse(a.ID))
		})},
		{name: "founding-act-missing", code: "charter", why: "Without the founding act nothing can be trusted.", do: func(w *world) governance.Question {
			q := ask(w.approved(), governance.AttemptValidate)
			w.acts = w.acts[1:]
			q.History, _ = w.assemble()
			return q
		}},
		{name: "roster-only-change", why: "Not an attack: a change of a name keeps the approvals.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { c.Members[0].Name = "Rita B." })
		})},
		{name: "fork-mended", why: "Not an attack: both owners declare the other branch void, and the policies are as they were.", do: toValidate(func(w *world) {
			left, _ := w.approved().fork()
			m := w.mend(left.ID)
			w.raw(w.people["otto"], ledger.Endorse(m.ID), left.ID, nil)
		})},
	}
}

func (w *world) mend(keep string) ledger.SignedAct {
	w.t.Helper()
	in, err := ledger.Mend(w.history(), keep, func(*governance.Charter) {})
	must(w.t, err)
	return w.raw(w.people["olga"], in, keep, nil)
}

func hostileVotes() []attack {
	owned := func(c *governance.Charter) {
		c.Environments[0].Owners = []governance.Ownership{{Members: []string{"olga"}, Name: "Billing", Names: []string{"bill*"}, Types: []string{"Apex*"}}}
	}
	solo := func(c *governance.Charter) {
		*c = governance.SoloCharter("Mine", governance.Member{ID: "olga", Name: "Olga", Keys: c.Members[5].Keys}, "n-2")
	}
	return []attack{
		{name: "nothing-signed", code: "request_status", why: "Nobody has submitted or approved anything.", do: toValidate(func(*world) {})},
		{name: "one-approval-short", code: "record_status", why: "The second step of the record is free.", do: toValidate(oneShort)},
		{name: "author-approves", code: "record_status", why: "An author has the role, and approves the own change.", do: toValidate(func(w *world) {
			oneShort(w)
			w.change(func(c *governance.Charter) { c.Members[0].Roles = append(c.Members[0].Roles, governance.Approver) })
			w.vote(w.people["rita"], dr, 1)
		})},
		{name: "author-of-the-request-approves-the-record", code: "record_status", why: "Who wrote the request approves the record that moves it.", do: toValidate(func(w *world) {
			w.request.Authors = []string{"cleo", "rita"}
			oneShort(w)
			w.vote(w.people["cleo"], dr, 1)
		})},
		{name: "deployer-approves", code: "record_status", why: "Who is named to deploy fills a seat of the record.", do: toValidate(func(w *world) {
			w.record.Deployer = "cleo"
			oneShort(w)
			w.vote(w.people["cleo"], dr, 1)
		})},
		{name: "deployer-approved-the-request", code: "approver_deploys", why: "Who is named to deploy has approved the request.", do: toValidate(func(w *world) {
			w.record.Deployer = "cleo"
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("cleo", approve)
			w.forceRecord("rita", "ann", "ben")
		})},
		{name: "author-deploys", code: "author_deploys", why: "An author is named to deploy to production.", do: toValidate(func(w *world) {
			w.record.Authors = []string{"max", "rita"}
			w.approvedRequest()
			w.forceRecord("max", "ann", "ben")
		})},
		{name: "one-person-votes-twice", code: "record_status", why: "One approver votes for both steps.", do: toValidate(func(w *world) {
			oneShort(w)
			w.vote(w.people["ann"], dr, 1)
		})},
		{name: "one-person-takes-both-steps", code: "record_status", why: "One approver alone fills the first and the second step.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			w.vote(w.people["ben"], dr, 0)
			w.vote(w.people["ben"], dr, 1)
		})},
		{name: "steps-in-the-wrong-order", code: "record_status", why: "The second step was signed before the first was seen.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			seen := w.history().Heads(dr)
			w.vote(w.people["ben"], dr, 1, seen...)
			w.vote(w.people["ann"], dr, 0, seen...)
		})},
		{name: "outsider-approves", code: "record_status", why: "Somebody who is no member approves.", do: toValidate(func(w *world) {
			oneShort(w)
			w.vote(w.people["mallory"], dr, 1)
		})},
		{name: "wrong-role-approves", code: "record_status", why: "An owner, who is no approver, takes an approver's seat.", do: toValidate(func(w *world) {
			oneShort(w)
			w.vote(w.people["olga"], dr, 1)
		})},
		{name: "role-got-after-the-vote", code: "record_status", why: "The role came after the vote.", do: toValidate(func(w *world) {
			oneShort(w)
			w.vote(w.people["olga"], dr, 1)
			w.change(func(c *governance.Charter) { c.Members[5].Roles = append(c.Members[5].Roles, governance.Approver) })
		})},
		{name: "rejected", code: "record_status", why: "Somebody with a seat rejected it after it was approved.", do: toValidate(func(w *world) {
			w.approved()
			w.rawReject("cleo", dr)
		})},
		{name: "vote-without-having-seen", code: "record_status", why: "The first step is a vote for a submission that its signer had not seen.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			st := w.history().RecordStanding(dr)
			w.raw(w.people["cleo"], governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: st.Revision, Round: 1}}, w.ws, nil)
			w.vote(w.people["ben"], dr, 1)
		})},
		{name: "withdrawn-vote", code: "record_status", why: "An approver took his vote back, and it is shown as if he had not.", do: toValidate(func(w *world) {
			w.approved()
			w.rawWithdrawal(w.people["ben"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		})},
		{name: "withdrawn-by-somebody-else", why: "Not an attack that works: a vote is taken back by somebody whose it is not.", do: toValidate(func(w *world) {
			w.approved()
			w.rawWithdrawal(w.people["cleo"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
		})},
		{name: "withdrawn-and-given-again", why: "Not an attack: a vote is taken back and given again.", do: toValidate(func(w *world) {
			w.approved()
			w.rawWithdrawal(w.people["ben"], dr, w.people["ben"].prev, 1, w.history().Heads(dr))
			w.vote(w.people["ben"], dr, 1)
		})},
		{name: "additional-approver-missing", code: "request_status", why: "The request asks for the word of one more person, who has not given it.", do: toValidate(func(w *world) {
			w.request.AdditionalApprovers = []string{"olga"}
			w.approvedRequest()
		})},
		{name: "additional-approver-dropped", code: "request_content", why: "The request asked for one more person; now it does not.", do: func(w *world) governance.Question {
			w.request.AdditionalApprovers = []string{"olga"}
			w.submitRequest()
			for i, who := range []string{"ann", "ben", "olga"} {
				w.vote(w.people[who], cr, int64(i))
			}
			w.cache()
			w.submitRecord()
			w.onRecord("ann", approve)
			w.onRecord("ben", approve)
			w.request.AdditionalApprovers = nil
			return ask(w, governance.AttemptValidate)
		}},
		{name: "owner-of-a-customization-missing", code: "record_status", why: "Who answers for the customization has not approved its change.", charter: owned, do: toValidate(approvedAll)},
		{name: "owner-of-a-customization-approves", why: "Not an attack: with the word of who answers for it.", charter: owned, do: toValidate(func(w *world) {
			w.approved()
			w.vote(w.people["olga"], dr, 2)
		})},
		{name: "solo-of-another-person", code: "record_status", why: "In a solo workspace an outsider approves.", charter: solo, do: toValidate(func(w *world) {
			w.soloRequest()
			w.vote(w.people["ann"], dr, 0)
		})},
		{name: "solo", why: "Not an attack: one person alone, who says so.", charter: solo, do: toValidate(func(w *world) {
			w.soloRequest()
			w.onRecord("olga", approve)
		})},
	}
}

// soloRequest is olga's own approved request, and her submitted record.
func (w *world) soloRequest() {
	w.t.Helper()
	w.request.Authors, w.record.Authors, w.record.Deployer = []string{"olga"}, []string{"olga"}, "olga"
	w.onRequest("olga", governance.Deed{Action: governance.Submit, Revision: w.requestDigest()})
	w.onRequest("olga", approve)
	w.record.RequestDigest = w.request.Revision
	w.onRecord("olga", governance.Deed{Action: governance.Submit, Revision: w.recordDigest()})
}

func hostileRounds() []attack {
	return []attack{
		{name: "votes-of-the-round-before", code: "request_status", why: "One vote of a round that was recalled and one of the next are not two.", do: toValidate(func(w *world) {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("rita", governance.Deed{Action: governance.Recall})
			w.submitRequest()
			w.onRequest("ben", approve)
		})},
		{name: "old-content-under-the-new-round", code: "request_status", why: "Votes for the old content carry the number of the new round.", do: toValidate(func(w *world) {
			w.submitRequest()
			old := w.history().RequestStanding(cr).Revision
			w.onRequest("rita", governance.Deed{Action: governance.Recall})
			w.request.Overview = "Something else."
			w.submitRequest()
			for i, n := range []string{"ann", "ben"} {
				w.sign(n, governance.Intent{Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: old, Round: 2, Step: int64(i)}})
			}
		})},
		{name: "recall-beside-the-last-vote", code: "request_status", why: "The author recalled it while the last approver voted: the recall holds.", do: toValidate(func(w *world) {
			w.submitRequest()
			seen := w.history().Heads(cr)
			w.onRequest("ann", approve)
			w.onRequest("ben", approve)
			w.closing("rita", "cr.recall", seen...)
		})},
		{name: "cancelled-beside-the-completion", code: "record_status", why: "It was cancelled and completed at the same time: cancelled holds.", do: toValidate(func(w *world) {
			w.approved()
			seen := w.history().Heads(dr)
			w.closing("max", "dr.complete", seen...)
			w.closing("rita", "dr.cancel", seen...)
		})},
		{name: "completed-is-final", code: "record_status", why: "A completed record is submitted and approved again.", do: toValidate(func(w *world) {
			w.approved()
			w.closing("max", "dr.complete")
			w.closing("rita", "dr.reopen")
			w.cache()
			r := w.record.RevisionIn(w.ws, 2)
			d, b, err := ledger.RecordRevision(r)
			must(w.t, err)
			w.revs[d] = b
			w.sign("rita", governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: []string{"rita"}, Revision: d, Round: 2}})
			for i, n := range []string{"ann", "ben"} {
				w.sign(n, governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: d, Round: 2, Step: int64(i)}})
			}
		})},
		{name: "two-contents-in-one-round", code: "request_history", why: "Two authors submitted different contents as one round.", do: toValidate(func(w *world) {
			w.request.Authors = []string{"cleo", "rita"}
			one := w.request.RevisionIn(w.ws, 1)
			two := one
			two.Overview = "The other half."
			w.submission("rita", one, nil, "cleo", "rita")
			w.submission("cleo", two, nil, "cleo", "rita")
		})},
		{name: "request-approved-again-with-other-content", code: "same_request", why: "The record was approved for what the request said before.", do: toValidate(func(w *world) {
			w.approved()
			w.onRequest("rita", governance.Deed{Action: governance.Reopen})
			w.request.Overview += " And negative ones down."
			w.approvedRequest()
		})},
		{name: "submitted-over-a-round-that-stands", why: "Not an attack that works: somebody who wrote nothing of it submits other content as the next round.", do: toValidate(func(w *world) {
			w.approved()
			other := w.request.RevisionIn(w.ws, 2)
			other.Overview = "Something else."
			w.submission("cleo", other, w.history().Heads(cr), "cleo")
		})},
	}
}

// olgasSecond is the key of olga's second computer.
func olgasSecond() string {
	seed := sha256.Sum256([]byte("olga's second key"))
	i, _ := ledger.IdentityFromSeed(seed[:]) // 32 bytes are always a seed
	return i.Public()
}
