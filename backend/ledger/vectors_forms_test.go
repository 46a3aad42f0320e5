package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"time"

	"filippo.io/edwards25519"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// An attack is how a vector is made. Code is empty when the gate must open.
type attack struct {
	name     string
	code     string
	why      string
	charter  func(*governance.Charter)
	do       func(w *world) governance.Question
	database string // what verifying the database found
}

func attacks() []attack {
	return slices.Concat(honest(), hostileForms(), hostileChains(), hostileKeys(), hostileCharters(), hostileContent(), hostileVotes(),
		hostileRounds(), hostileDelegations(), hostileEmergencies(), hostileMoments(), hostileAttempts())
}

// Ways to ask.
func ask(w *world, kind governance.AttemptKind, edit ...func(*governance.Question)) governance.Question {
	w.t.Helper()
	w.cache()
	q := w.question(kind)
	for _, e := range edit {
		e(&q)
	}
	return q
}

func toValidate(do func(w *world), edit ...func(*governance.Question)) func(*world) governance.Question {
	return func(w *world) governance.Question { do(w); return ask(w, governance.AttemptValidate, edit...) }
}

func toDeploy(do func(w *world), edit ...func(*governance.Question)) func(*world) governance.Question {
	return func(w *world) governance.Question { do(w); return ask(w, governance.AttemptDeploy, edit...) }
}

func approvedAll(w *world) { w.approved() }

// asked brings the record of an approved request to where one vote is missing.
func oneShort(w *world) {
	w.approvedRequest()
	w.submitRecord()
	w.onRecord("ann", approve)
}

// missing is the vote that would open the gate, taken away again.
func (w *world) missing() ledger.SignedAct {
	w.t.Helper()
	oneShort(w)
	vote := w.vote(w.people["ben"], dr, 1)
	w.acts = w.acts[:len(w.acts)-1]
	return vote
}

// signedBytes puts bytes there with a good signature of a key over them.
func (w *world) signedBytes(who, media string, payload []byte) {
	key := ed25519.NewKeyFromSeed(w.people[who].key.Seed())
	w.put(payload, ed25519.Sign(key, ledger.PAE(media, payload)))
}

func (w *world) put(payload, sig []byte) {
	w.acts = append(w.acts, ledger.SignedAct{ID: ledger.Digest(ledger.ActMedia, payload), Workspace: w.ws, Payload: payload, Sig: sig})
}

// rewritten is the missing vote with its bytes edited and signed anew.
func rewritten(old, new string) func(w *world) governance.Question {
	return toValidate(func(w *world) {
		vote := w.missing()
		payload := bytes.Replace(vote.Payload, []byte(old), []byte(new), 1)
		if bytes.Equal(payload, vote.Payload) {
			w.t.Fatalf("nothing is rewritten: %q is not there", old)
		}
		w.signedBytes("ben", ledger.ActMedia, payload)
	})
}

func hostileForms() []attack {
	const last = "The missing approval is there, signed by its approver, but "
	weak := "ed25519:01" + strings.Repeat("00", 31)
	forms := []attack{
		{name: "form-duplicate-key", why: last + "a key stands in it twice, so that two readers see two acts.", do: rewritten(`{"at":`, `{"at":"2026-01-01T00:00:00Z","at":`)},
		{name: "form-duplicate-last", why: last + "the workspace stands in it twice.", do: rewritten(`,"ws":`, `,"ws":"","ws":`)},
		{name: "form-decimal-number", why: last + "its number is written 2.0.", do: rewritten(`"seq":1`, `"seq":1.0`)},
		{name: "form-exponent", why: last + "its number is written 1e0.", do: rewritten(`"seq":1`, `"seq":1e0`)},
		{name: "form-unknown-field", why: last + "it says something that this version does not read.", do: rewritten(`,"gov":`, `,"extra":true,"gov":`)},
		{name: "form-white-space", why: last + "it has a space.", do: rewritten(`"seq":`, `"seq": `)},
		{name: "form-reordered", why: last + "its fields stand in another order.", do: rewritten(`"seq":1,"subj":"record-1"`, `"subj":"record-1","seq":1`)},
		{name: "form-other-escape", why: last + "a letter is written as an escape.", do: rewritten(`"subj":"record-1"`, `"subj":"\u0072ecord-1"`)},
		{name: "form-key-in-capitals", why: last + "a field is called Seq.", do: rewritten(`"seq":`, `"Seq":`)},
		{name: "form-null", why: last + "it has null for what it saw.", do: rewritten(`"log":""`, `"log":null`)},
		{name: "form-missing-field", why: last + "it leaves out its audit log.", do: rewritten(`"log":"",`, ``)},
		{name: "form-bad-utf8", why: last + "it is not UTF-8.", do: rewritten(`"reason":""`, "\"reason\":\"\xff\"")},
		{name: "form-after-the-end", why: last + "something follows its end.", do: toValidate(func(w *world) {
			w.signedBytes("ben", ledger.ActMedia, append(slices.Clone(w.missing().Payload), '\n'))
		})},
		{name: "form-time-with-offset", why: last + "its time is not in the one form.", do: rewritten(`:00Z","body"`, `:00+00:00","body"`)},
		{name: "form-impossible-date", why: last + "it is dated on the 30th of February.", do: rewritten(`"at":"2026-03-02T`, `"at":"2026-02-30T`)},
		{name: "form-number-without-act-before", why: last + "it says that it is number 0 and names an act before.", do: rewritten(`"seq":1`, `"seq":0`)},
		{name: "form-negative-number", why: last + "its number is negative.", do: rewritten(`"seq":1`, `"seq":-1`)},
		{name: "form-heads-out-of-order", why: last + "it names one head twice.", do: toValidate(func(w *world) {
			vote := w.missing()
			at := bytes.Index(vote.Payload, []byte(`"seen":["`)) + len(`"seen":[`)
			head := string(vote.Payload[at : at+66])
			w.signedBytes("ben", ledger.ActMedia, bytes.Replace(vote.Payload, []byte(head), []byte(head+","+head), 1))
		})},
		{name: "form-log-head-of-words", why: last + "its audit log has no head that can be read.", do: rewritten(`"log":""`, `"log":"5:here"`)},
		{name: "form-not-json", why: "Bytes that are no act lie among the acts.", do: toValidate(func(w *world) { w.approved().put([]byte("approve"), make([]byte, 64)) })},
		{name: "signature-of-another-act", why: "The missing approval carries the signature of another act of its approver.", do: toValidate(func(w *world) {
			vote := w.missing()
			w.put(vote.Payload, w.lastOf("ben").Sig)
		})},
		{name: "signature-by-another-key", why: "The missing approval is signed by somebody else than it says.", do: toValidate(func(w *world) {
			w.signedBytes("mallory", ledger.ActMedia, w.missing().Payload)
		})},
		{name: "signature-cut-short", why: "The signature of the missing approval lacks its last byte.", do: toValidate(func(w *world) {
			vote := w.missing()
			w.put(vote.Payload, vote.Sig[:63])
		})},
		{name: "signature-second-form", why: "To the scalar of a good signature the order of the group is added: a second signature of one act.", do: toValidate(func(w *world) {
			vote := w.missing()
			w.put(vote.Payload, plusOrder(vote.Sig))
		})},
		{name: "signature-without-pae", why: "The bytes are signed as they are, without what tells an act from other things.", do: toValidate(func(w *world) {
			vote := w.missing()
			w.put(vote.Payload, ed25519.Sign(ed25519.NewKeyFromSeed(w.people["ben"].key.Seed()), vote.Payload))
		})},
		{name: "signature-as-a-revision", why: "The approval's bytes are signed as a revision and shown as an act: type confusion.", do: toValidate(func(w *world) {
			w.signedBytes("ben", ledger.RequestMedia, w.missing().Payload)
		})},
		{name: "a-revision-as-an-act", why: "A revision is signed as an act: type confusion.", do: toValidate(func(w *world) {
			w.missing()
			w.signedBytes("ben", ledger.ActMedia, w.revs[w.record.Revision])
		})},
		{name: "one-bit-of-the-target", why: "One letter of a signed approval is another: reject becomes a word that is none.", do: toValidate(func(w *world) {
			last := &w.approved().acts[len(w.acts)-1]
			last.Payload = bytes.Replace(last.Payload, []byte(`"step":1`), []byte(`"step":0`), 1)
		})},
		{name: "weak-public-key", why: "Under the key of the identity point anybody makes a signature that checks.", do: toValidate(func(w *world) {
			vote := w.missing()
			s, err := new(edwards25519.Scalar).SetCanonicalBytes(append([]byte{7}, make([]byte, 31)...))
			must(w.t, err)
			sig := append(new(edwards25519.Point).ScalarBaseMult(s).Bytes(), s.Bytes()...)
			w.put(bytes.Replace(vote.Payload, []byte(w.people["ben"].key.Public()), []byte(weak), 1), sig)
		})},
		{name: "public-key-in-a-second-encoding", why: "The key is written as a point outside the field: one key with two names.", do: toValidate(func(w *world) {
			vote := w.missing()
			second := "ed25519:ee" + strings.Repeat("ff", 30) + "7f" // p + 1: the identity again
			w.put(bytes.Replace(vote.Payload, []byte(w.people["ben"].key.Public()), []byte(second), 1), vote.Sig)
		})},
		{name: "public-key-in-capitals", why: "The key is written in capitals: one key with two names.", do: toValidate(func(w *world) {
			key := w.people["ben"].key.Public()
			w.signedBytes("ben", ledger.ActMedia, bytes.Replace(w.missing().Payload, []byte(key), []byte("ed25519:"+strings.ToUpper(key[8:])), 1))
		})},
		{name: "replay-from-another-workspace", why: "An approval that the same person signed in another workspace is grafted into this one.", do: toValidate(func(w *world) {
			other := newWorld(w.t, func(c *governance.Charter) { c.Nonce = "n-other" }).approved()
			oneShort(w)
			a := *other.lastOf("ben")
			w.put(a.Payload, a.Sig)
		})},
		{name: "genesis-of-another-workspace", why: "A second founding act is put beside the first.", do: toValidate(func(w *world) {
			w.approved()
			a := newWorld(w.t, func(c *governance.Charter) { c.Nonce = "n-other" }).acts[0]
			w.put(a.Payload, a.Sig)
		})},
	}
	for i := range forms {
		forms[i].code = "act"
	}
	const understood = " It opens, and counts for nothing."
	return append(forms,
		attack{name: "body-duplicate-key", code: "record_status", why: last + "its body names the step twice." + understood, do: rewritten(`"step":1`, `"step":1,"step":1`)},
		attack{name: "body-decimal-number", code: "record_status", why: last + "its body has the round 1.0." + understood, do: rewritten(`"round":1`, `"round":1.0`)},
		attack{name: "body-unknown-field", code: "record_status", why: last + "its body says something that this version does not read." + understood, do: rewritten(`"step":1`, `"step":1,"under":"duress"`)},
		attack{name: "body-optional-field-empty", code: "record_status", why: last + "an empty field is written that is left out: a second form." + understood, do: rewritten(`"body":{`, `"body":{"delegation":"",`)},
		attack{name: "body-of-another-type", code: "record_status", why: "A signed withdrawal is called an approval: type confusion.", do: rewritten(`"reason":"","revision"`, `"act":"","reason":"","revision"`)},
		attack{name: "type-unknown", code: "record_status", why: "An act of a type that does not exist takes the place of the approval.", do: rewritten(`"type":"dr.approve"`, `"type":"dr.approved"`)},
		attack{name: "type-of-a-request", code: "record_status", why: "An approval for a request is given on a record.", do: rewritten(`"type":"dr.approve"`, `"type":"cr.approve"`)},
		attack{name: "junk-of-an-outsider", why: "Not an attack that works: an outsider's rejection with heads that nobody has must not close the gate.", do: toValidate(func(w *world) {
			p := w.approved().people["mallory"]
			p.seq, p.prev = 5, w.ws
			w.raw(p, governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Reason: "No.", Revision: w.record.Revision, Round: 1}},
				w.ws, []string{strings.Repeat("f", 64)})
		})},
	)
}

// lastOf is the last act of a person that is there.
func (w *world) lastOf(who string) *ledger.SignedAct {
	for i := len(w.acts) - 1; i >= 0; i-- {
		if w.acts[i].Key == w.people[who].key.Public() {
			return &w.acts[i]
		}
	}
	w.t.Fatalf("%s has signed nothing", who)
	return nil
}

// plusOrder adds the group's order to a signature's scalar (RFC 8032, 5.1).
func plusOrder(sig []byte) []byte {
	order := []byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10}
	out, carry := slices.Clone(sig), 0
	for i := range 32 {
		carry += int(out[32+i]) + int(order[i])
		out[32+i] = byte(carry)
		carry >>= 8
	}
	return out
}

func hostileChains() []attack {
	reject := func(w *world) governance.Intent {
		return governance.Intent{Type: "dr.reject", Subject: dr, Body: governance.Vote{Reason: "No.", Revision: w.record.Revision, Round: 1}}
	}
	return []attack{
		{name: "chain-gap", code: "request_history", why: "An approver's act is taken away; his later ones show that it is missing.", do: toValidate(func(w *world) {
			w.elsewhere("ben")
			w.approved()
			w.drop(w.firstOf("ben"))
		})},
		{name: "chain-wrong-number", code: "record_history", why: "An approver's act skips a number, as if one before it had been taken away.", do: toValidate(func(w *world) {
			oneShort(w)
			w.people["cleo"].seq, w.people["cleo"].prev = 1, w.ws
			w.vote(w.people["cleo"], dr, 1)
		})},
		{name: "chain-wrong-act-before", code: "request_history", why: "An approval has the right number and names another act before it.", do: toValidate(func(w *world) {
			oneShort(w)
			w.people["ben"].prev = w.ws
			w.vote(w.people["ben"], dr, 1)
		})},
		{name: "chain-forked-key", code: "record_status", why: "A cloned key signs two acts at one place: neither counts.", do: toValidate(func(w *world) {
			oneShort(w)
			copied := *w.people["ben"]
			w.vote(w.people["ben"], dr, 1)
			w.raw(&copied, governance.Intent{Type: "cr.recall", Subject: "another", Body: governance.Closing{Round: 1}}, w.history().Head(), nil)
		})},
		{name: "rejection-hidden", code: "record_history", why: "A rejection is left out that a later approver had seen.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			seen := w.history().Heads(dr)
			no := w.rawReject("cleo", dr)
			w.vote(w.people["ann"], dr, 0, seen...)
			w.vote(w.people["ben"], dr, 1)
			w.drop(no.ID)
		})},
		{name: "own-rejection-hidden", code: "request_history", why: "An approver's rejection is left out, and his approval after it is kept.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.submitRecord()
			seen := w.history().Heads(dr)
			no := w.raw(w.people["ben"], reject(w), w.history().Head(), seen)
			ann := w.vote(w.people["ann"], dr, 0, seen...)
			w.vote(w.people["ben"], dr, 1, append(slices.Clone(seen), ann.ID)...)
			w.drop(no.ID)
		})},
		{name: "submission-missing", code: "record_history", why: "The submission that was approved is missing.", do: toValidate(func(w *world) {
			w.approved()
			for _, a := range w.acts {
				if a.Type == "dr.submit" {
					w.drop(a.ID)
				}
			}
		})},
		{name: "newer-charter-missing", code: "request_history", why: "The charter that an approver had seen is withheld: it may have taken his role away.", do: toValidate(func(w *world) {
			w.approved()
			w.raw(w.people["cleo"], governance.Intent{Type: "cr.approve", Subject: cr, Body: governance.Vote{Revision: w.request.Revision, Round: 1}},
				strings.Repeat("a", 64), w.history().Heads(cr))
		})},
		{name: "revision-bytes-swapped", code: "trail", why: "Under the digest that was approved lie other bytes.", do: toValidate(func(w *world) {
			w.approved()
			w.revs[w.record.Revision] = bytes.Replace(w.revs[w.record.Revision], []byte("h1:package"), []byte("h1:payload"), 1)
		})},
		{name: "revision-missing", code: "record_history", why: "What was submitted is missing, so nobody can say what was approved.", do: toValidate(func(w *world) {
			w.approved()
			delete(w.revs, w.record.Revision)
		})},
		{name: "revision-of-another-workspace", code: "record_history", why: "A revision of another workspace, with its own digest, is submitted and approved here: grafted content.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.record.RequestDigest = w.request.Revision
			d, b, err := ledger.RecordRevision(w.record.RevisionIn(strings.Repeat("b", 64), 1))
			must(w.t, err)
			w.revs[d] = b
			w.sign("rita", governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: []string{"rita"}, Revision: d, Round: 1}})
		})},
		{name: "revision-of-another-record", code: "record_history", why: "The revision of another record is submitted under this one's name.", do: toValidate(func(w *world) {
			w.approvedRequest()
			w.record.RequestDigest = w.request.Revision
			r := w.record.RevisionIn(w.ws, 1)
			r.ID = "record-9"
			d, b, err := ledger.RecordRevision(r)
			must(w.t, err)
			w.revs[d] = b
			w.sign("rita", governance.Intent{Type: "dr.submit", Subject: dr, Body: governance.Submission{Authors: []string{"rita"}, Revision: d, Round: 1}})
		})},
		{name: "revision-not-canonical", code: "trail", why: "A revision has a space and its own digest: a second form of one content.", do: toValidate(func(w *world) {
			w.approved()
			b := bytes.Replace(w.revs[w.record.Revision], []byte(`"base":`), []byte(`"base": `), 1)
			w.revs[ledger.Digest(ledger.RecordMedia, b)] = b
		})},
		{name: "database-found-damaged", code: "trail", database: "The audit trail was cut.", why: "Verifying the database found that its log is not whole.", do: toValidate(approvedAll)},
		{name: "same-acts-twice", why: "Not an attack that works: every act is there twice, as after importing a bundle again.", do: toValidate(func(w *world) {
			w.approved()
			w.acts = append(w.acts, w.acts...)
		})},
	}
}

// elsewhere lets a person sign something about another request first.
func (w *world) elsewhere(who string) {
	w.raw(w.people[who], governance.Intent{Type: "cr.reject", Subject: "request-2", Body: governance.Vote{Reason: "No.", Round: 1}}, w.ws, nil)
}

func hostileKeys() []attack {
	backDated := func(w *world) {
		seen, old := w.history().Heads(dr), w.history().Head()
		st, last := w.history().RecordStanding(dr), w.people["ben"].prev
		w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
		w.now = start.Add(30 * time.Minute)
		w.raw(w.people["ben"], governance.Intent{Type: "dr.approve", Subject: dr, Body: governance.Vote{Revision: st.Revision, Round: st.Round, Step: 1}}, old, seen)
	}
	return []attack{
		{name: "stolen-key-back-dated", code: "record_status", why: "A thief signs with a revoked key, under the charter from before, and dates it back.", do: toValidate(func(w *world) { oneShort(w); backDated(w) })},
		{name: "stolen-key-before-it-was-known", code: "record_status", why: "The thief signed before the owners revoked the key as of its last good act.", do: toValidate(func(w *world) {
			oneShort(w)
			last := w.people["ben"].prev
			w.vote(w.people["ben"], dr, 1)
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
		})},
		{name: "revoked-key-trusted-for-nothing", code: "request_status", why: "The owners trust no act of a key, and what it approved falls.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), "") })
		})},
		{name: "revoked-at-an-act-behind-a-gap", code: "request_history", why: "A key is revoked at an act whose chain has a hole, so nothing before it is proven.", do: toValidate(func(w *world) {
			w.elsewhere("ben")
			w.approved()
			last, first := w.people["ben"].prev, w.firstOf("ben")
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), last) })
			w.drop(first)
		})},
		{name: "two-keys-of-one-person", code: "record_status", why: "One approver votes for both steps, with the keys of two computers.", do: toValidate(func(w *world) {
			second := &person{id: "ann", key: identity(w.t, "ann's second key")}
			w.change(func(c *governance.Charter) { must(w.t, ledger.AddKey(c, "ann", second.key.Public())) })
			oneShort(w)
			w.vote(second, dr, 1)
		})},
		{name: "recovery-key-approves", code: "record_status", why: "The recovery key, which endorses the charter and can do nothing else, approves.", charter: func(c *governance.Charter) {
			c.Members[2].Roles = []governance.Role{governance.Recovery}
		}, do: toValidate(func(w *world) {
			w.submitRequest()
			w.onRequest("ann", approve)
			w.onRequest("cleo", approve)
			w.submitRecord()
			w.onRecord("ann", approve)
			w.vote(w.people["ben"], dr, 1)
		})},
		{name: "lost-key-keeps-approvals", why: "Not an attack: a key that was lost is revoked at its last act, and what it approved stays.", do: toValidate(func(w *world) {
			w.approved()
			w.change(func(c *governance.Charter) { ledger.RevokeKey(c, w.people["ben"].key.Public(), w.people["ben"].prev) })
		})},
		{name: "rotated-key", why: "Not an attack: an approver's key is replaced, and the new one approves.", do: toValidate(func(w *world) {
			oneShort(w)
			second := &person{id: "ben", key: identity(w.t, "ben's new key")}
			w.change(func(c *governance.Charter) {
				must(w.t, ledger.RotateKey(c, w.people["ben"].key.Public(), w.people["ben"].prev, second.key.Public()))
			})
			w.vote(second, dr, 1)
		})},
	}
}
