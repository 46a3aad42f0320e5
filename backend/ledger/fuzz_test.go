package ledger_test

import (
	"bytes"
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// Parsers of the trust core. Keys are of fixed seeds, and signatures are made
// inside: otherwise a fuzzer gets no further than the signature.

// What opens is what it says, in the one form that it has; and nothing opens
// with the signature of other bytes.
func FuzzOpenAct(f *testing.F) {
	w := newWorld(f).approved()
	for _, a := range w.acts {
		f.Add(a.Payload)
	}
	p, good := w.people["ann"], w.acts[len(w.acts)-1]
	f.Fuzz(func(t *testing.T, payload []byte) {
		a, st, err := ledger.Open(payload, signRaw(p.key, payload))
		if err == nil {
			again, err := ledger.Canonical(st)
			if err != nil || !bytes.Equal(again, payload) || a.ID != ledger.Digest(ledger.ActMedia, payload) || st.Key != p.key.Public() {
				t.Fatalf("an act opens that is not in its one form: %s", payload)
			}
		}
		if _, _, err := ledger.Open(payload, good.Sig); err == nil && !bytes.Equal(payload, good.Payload) {
			t.Fatalf("a signature fits other bytes: %s", payload)
		}
	})
}

// Whatever a member signs, of whatever type and about whatever subject, the gate
// of a record that lacks an approval stays closed, in any order of the acts. The
// one who signs has no role that could open it.
func FuzzGate(f *testing.F) {
	w := newWorld(f)
	oneShort(w)
	w.cache()
	q, acts := w.question(governance.AttemptValidate), slices.Clone(w.acts)
	st := q.History.RecordStanding(dr)
	for _, a := range w.acts {
		_, s, err := ledger.Open(a.Payload, a.Sig)
		must(f, err)
		f.Add(string(s.Type), s.Subj, []byte(s.Body))
	}
	p, head, seen := *w.people["rita"], q.History.Head(), q.History.Heads(dr)
	f.Fuzz(func(t *testing.T, typ, subject string, body []byte) {
		payload, err := ledger.Canonical(ledger.Statement{At: "2026-03-02T10:00:00Z", Body: body, Gov: head, Key: p.key.Public(),
			Prev: p.prev, Seen: seen, Seq: p.seq, Subj: subject, Type: typ, Ws: w.ws})
		if err != nil {
			return
		}
		a, _, err := ledger.Open(payload, signRaw(p.key, payload))
		if err != nil {
			return
		}
		for range 2 {
			h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: append([]ledger.SignedAct{a}, acts...), Revisions: w.revs})
			must(t, err)
			now := q
			now.History, now.Findings = h, findings
			if governance.Gate(now).Open || h.RecordStanding(dr).Round > st.Round {
				t.Fatalf("%s about %s opens the gate: %s", typ, subject, body)
			}
			_ = h.Reviews(now.Now)
			_ = h.Joins()
			_ = h.Delegations(now.Now)
			_ = h.Findings(prod)
			slices.Reverse(acts)
		}
	})
}

// A charter that is accepted can be founded with, and comes back as it was.
func FuzzCharter(f *testing.F) {
	w := newWorld(f)
	b, err := ledger.Canonical(*w.history().Charter())
	must(f, err)
	f.Add(b)
	f.Add(bytes.Replace(b, []byte(`"windows"`), []byte(`"zone"`), 1))
	p := *w.people["olga"]
	f.Fuzz(func(t *testing.T, b []byte) {
		var c governance.Charter
		if ledger.Strict(b, &c) != nil {
			return
		}
		again, err := ledger.Canonical(c)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("a charter is accepted that is not in its one form: %s", b)
		}
		g, err := ledger.Genesis(p.key, c, start)
		if err != nil {
			return
		}
		h, findings, err := ledger.Assemble(ledger.Evidence{Workspace: g.ID, Acts: []ledger.SignedAct{g}})
		if err != nil || len(findings) > 0 || h.Trouble() != "" || h.Charter() == nil {
			t.Fatalf("a charter that may found does not: %v, %v", findings, err)
		}
		_ = governance.Relaxations(h.Charter())
	})
}

func FuzzRevision(f *testing.F) {
	w := newWorld(f).approved()
	for _, digest := range []string{w.request.Revision, w.record.Revision} {
		f.Add(w.revs[digest])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var q governance.RequestRevision
		if ledger.StrictRevision(b, &q) == nil {
			if _, again, err := ledger.RequestRevision(q); err != nil || !bytes.Equal(again, b) {
				t.Fatalf("a request is accepted that is not in its one form: %s", b)
			}
		}
		var r governance.RecordRevision
		if ledger.StrictRevision(b, &r) == nil {
			if _, again, err := ledger.RecordRevision(r); err != nil || !bytes.Equal(again, b) {
				t.Fatalf("a record is accepted that is not in its one form: %s", b)
			}
		}
		digest := ledger.Digest(ledger.RequestMedia, b)
		h, _, err := ledger.Assemble(ledger.Evidence{Workspace: w.ws, Acts: w.acts[:1], Revisions: map[string][]byte{digest: b}})
		if err != nil || h.Request(digest) != nil && h.Request(digest).Format != governance.RevisionFormat {
			t.Fatal(err)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add("0:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	f.Add("007:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=")
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := ledger.ParseHead(s); err == nil && h.String() != s {
			t.Fatalf("%q is read as %s", s, h)
		}
		if a, err := ledger.ParseAnchor([]byte(s)); err == nil {
			if b, err := a.Marshal(); err != nil || string(b) != s {
				t.Fatalf("the anchor %q is read as %q", s, b)
			}
		}
		_ = ledger.CheckPublic(s)
	})
}

// A checkpoint opens only as it was signed; what stands in it was checked.
func FuzzCheckpoint(f *testing.F) {
	w := newWorld(f)
	p, origin := w.people["ann"], ledger.Origin(w.ws)
	h, err := ledger.ParseHead("0:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	must(f, err)
	whole, err := ledger.SignCheckpoint(p.key, origin, h)
	must(f, err)
	f.Add(whole, origin+"\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	f.Add("", origin+"\n-1\n\n")
	f.Fuzz(func(t *testing.T, text, content string) {
		if o, got, err := ledger.OpenCheckpoint(text, p.key.Public()); err == nil && (o != origin || got != h) {
			t.Fatalf("a checkpoint that nobody signed: %q", text)
		}
		signed, err := ledger.SignNote(p.key, origin, content)
		if err != nil {
			return
		}
		if o, got, err := ledger.OpenCheckpoint(signed, p.key.Public()); err == nil && (o != origin || got.Size < 0) {
			t.Fatalf("a checkpoint without sense: %q", signed)
		}
	})
}

func FuzzReadEvidence(f *testing.F) {
	w, _, c := audited(f)
	raw := evidence(f, w, c)
	_, err := readEvidence(raw)
	must(f, err)
	f.Add(raw[:4<<10])
	f.Add(packed(f, []entry{{name: "manifest.note", body: "countersign evidence v1\n"}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := readEvidence(b); err != nil && (got != nil || governance.FaultCode(err) == "") {
			t.Fatal(err)
		}
	})
}
