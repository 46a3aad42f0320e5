package ledger_test

import (
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// everyType is a signed act of each type that there is.
func everyType(t testing.TB) map[governance.ActType]ledger.SignedAct {
	t.Helper()
	w := newWorld(t, delegating, shortCharter).approved()
	vote := w.people["ben"].prev
	w.attempt(governance.AttemptValidate, 1, governance.ResultSucceeded)
	w.attempt(governance.AttemptDeploy, 2, governance.ResultSucceeded)
	w.change(rename)
	w.delegates("ben", delegated("olga"))
	sign := func(who string, typ governance.ActType, subject string, body governance.Body) {
		w.raw(w.people[who], governance.Intent{Type: typ, Subject: subject, Body: body}, w.ws, nil)
	}
	sign("ben", governance.ActEnd, governance.GovernanceSubject, governance.DelegationEnd{Delegation: vote, Reason: "Back."})
	sign("ann", governance.ActReview, cr, governance.Review{Revision: w.request.Revision, Round: 1, Start: vote, Verdict: governance.Accepted})
	sign("ann", governance.ActResolve, governance.OrganizationSubject(prod), governance.Resolution{Findings: []string{w.find("ann", found("0Af1"))}, Reason: "Known."})
	w.sign("mallory", ledger.Join(w.people["mallory"].key, "Mallory", ""))
	for subject, prefix := range map[string]governance.ActType{cr: "cr.", dr: "dr."} {
		sign("cleo", prefix+"reject", subject, governance.Vote{Reason: "No.", Round: 1})
		sign("ben", prefix+"withdraw", subject, governance.Withdrawal{Act: vote, Reason: "No.", Round: 1})
		for _, end := range []governance.Action{governance.Recall, governance.Reopen, governance.Cancel, governance.Complete} {
			sign("rita", prefix+governance.ActType(end), subject, governance.Closing{Reason: "Done.", Round: 1})
		}
	}
	out := map[governance.ActType]ledger.SignedAct{}
	for _, a := range w.acts {
		out[governance.ActType(a.Type)] = a
	}
	return out
}

// shortCharter has one rule, so that the acts that hold it are short.
func shortCharter(c *governance.Charter) {
	c.Environments = c.Environments[:1]
	for _, p := range []*governance.Policy{&c.Requests, &c.Environments[0]} {
		p.Levels, p.Rules = nil, p.Rules[3:4]
	}
}

// No single bit of an act of any type can be flipped: of its payload, of its
// signature. In a short run every seventh is tried.
func TestNoBitOfAnActOfAnyTypeCanBeFlipped(t *testing.T) {
	acts := everyType(t)
	for _, typ := range ledger.ActTypes() {
		a, there := acts[typ]
		if !there {
			t.Errorf("no act of the type %s is tried", typ)
			continue
		}
		t.Run(string(typ), func(t *testing.T) {
			t.Parallel()
			if _, _, err := ledger.Open(a.Payload, a.Sig); err != nil {
				t.Fatal(err)
			}
			both, step := slices.Concat(a.Payload, a.Sig), 1
			if testing.Short() {
				step = 7
			}
			flips := everyChange((len(both)*8+step-1)/step, func(i int) error {
				b := slices.Clone(both)
				b[i*step/8] ^= 1 << (i * step % 8)
				_, _, err := ledger.Open(b[:len(a.Payload)], b[len(a.Payload):])
				return err
			})
			if len(flips) > 0 {
				t.Errorf("it is accepted with these bits flipped: %v", flips)
			}
		})
	}
	if len(acts) != len(ledger.ActTypes()) {
		t.Errorf("%d types are tried of %d", len(acts), len(ledger.ActTypes()))
	}
}
