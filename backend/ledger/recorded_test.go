package ledger_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// What the first release signed, act by act of each kind that it knew. The file
// is never written anew: it is what lies in people's workspaces.
type recording struct {
	Workspace string             `json:"workspace"`
	Acts      []ledger.SignedAct `json:"acts"`
	Revisions map[string]string  `json:"revisions"`
}

func firstRelease(t *testing.T) (recording, ledger.Evidence) {
	t.Helper()
	b, err := os.ReadFile("testdata/first-release.json")
	must(t, err)
	var r recording
	must(t, json.Unmarshal(b, &r))
	e := ledger.Evidence{Workspace: r.Workspace, Acts: r.Acts, Revisions: map[string][]byte{}}
	for d, body := range r.Revisions {
		e.Revisions[d] = []byte(body)
	}
	return r, e
}

// Later fields of acts, charters and revisions are left out while they are
// empty, so that everything signed before keeps its bytes, digest and meaning.
func TestWhatTheFirstReleaseSignedKeepsItsBytes(t *testing.T) {
	r, e := firstRelease(t)
	h, findings, err := ledger.Assemble(e)
	if err != nil || len(findings) > 0 {
		t.Fatalf("%q, %v", findings, err)
	}
	kinds := map[string]bool{}
	for _, a := range r.Acts {
		kinds[a.Type] = true
		st, err := a.Verify()
		must(t, err)
		act := h.Act(a.ID)
		if act == nil || act.Broken != "" || act.Member == "" {
			t.Fatalf("%s %s does not count any more: %+v", a.Type, a.ID, act)
		}
		again, err := ledger.Canonical(act.Body)
		if err != nil || string(again) != string(st.Body) {
			t.Errorf("%s was %s and would be %s now (%v)", a.Type, st.Body, again, err)
		}
		if ledger.Digest(ledger.ActMedia, a.Payload) != a.ID {
			t.Errorf("%s has another id", a.Type)
		}
	}
	for _, prefix := range []string{"cr.", "dr."} {
		for _, action := range []string{"submit", "approve", "reject", "recall", "reopen", "cancel", "complete"} {
			if !kinds[prefix+action] {
				t.Errorf("the recording has no %s", prefix+action)
			}
		}
	}
	for _, kind := range []string{"gov.genesis", "gov.change", "gov.endorse", "deploy.start", "deploy.validated", "deploy.result"} {
		if !kinds[kind] {
			t.Errorf("the recording has no %s", kind)
		}
	}
}

func TestWhatTheFirstReleaseSignedKeepsItsMeaning(t *testing.T) {
	r, e := firstRelease(t)
	h, _, err := ledger.Assemble(e)
	must(t, err)
	for subject, want := range map[string]governance.Status{cr: governance.Completed, "request-2": governance.Cancelled} {
		if st := h.RequestStanding(subject); st.Status != want || len(st.Trouble) > 0 {
			t.Errorf("%s is %s %v", subject, st.Status, st.Trouble)
		}
	}
	for subject, want := range map[string]governance.Status{dr: governance.Completed, "record-2": governance.Cancelled} {
		if st := h.RecordStanding(subject); st.Status != want || len(st.Trouble) > 0 {
			t.Errorf("%s is %s %v", subject, st.Status, st.Trouble)
		}
	}
	if h.Charter().Name != "Team North" || len(h.Charters()) != 2 {
		t.Errorf("%d charters, the last is %q", len(h.Charters()), h.Charter().Name)
	}
	if reviews := h.Reviews(start.AddDate(1, 0, 0)); len(reviews) > 0 {
		t.Errorf("nothing was an emergency: %+v", reviews)
	}
	for digest, body := range r.Revisions {
		if rev := h.Request(digest); rev != nil {
			d, b, err := ledger.RequestRevision(*rev)
			if err != nil || d != digest || string(b) != body {
				t.Errorf("a request's revision has another digest: %v", err)
			}
			continue
		}
		d, b, err := ledger.RecordRevision(*h.Record(digest))
		if err != nil || d != digest || string(b) != body {
			t.Errorf("a record's revision has another digest: %v", err)
		}
	}
	// The gate counted these approvals when it let them deploy.
	for _, a := range h.Thread(dr) {
		if s, is := a.Body.(governance.Start); is && !slices.Equal(s.Approvals, []string{}) {
			t.Errorf("the start names approvals that it did not name: %v", s.Approvals)
		}
	}
}
