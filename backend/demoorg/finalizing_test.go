package demoorg

import (
	"net/http"
	"strings"
	"testing"
)

func TestFinalizingIsAWordSince65(t *testing.T) {
	for status, before := range map[string]string{statusFinalizing: statusInProgress, statusFinalizingFailed: statusFailed, statusCanceled: statusCanceled} {
		r := deployResult{Status: status}
		if got := r.inVersion(64).Status; got != before {
			t.Errorf("%s at 64.0: %s", status, got)
		}
		if got := r.inVersion(65).Status; got != status {
			t.Errorf("%s at 65.0: %s", status, got)
		}
	}
}

func TestADeploymentThatIsFinalizedCannotBeCanceled(t *testing.T) {
	w := seeded(t, Options{}, shop())
	validated, deployed := outcome{}, outcome{after: w.org.current()} // only one of them changes the org
	d := &deployment{ID: "0Af000000000001AAA", UserID: w.org.who.Users[0].ID, Status: statusInProgress}
	if err := w.org.play(t.Context(), d, &validated); err != nil || d.Status != statusInProgress {
		t.Errorf("a validation is not finalized: %s %v", d.Status, err)
	}
	if err := w.org.play(t.Context(), d, &deployed); err != nil || d.Status != statusFinalizing {
		t.Errorf("a deployment is: %s %v", d.Status, err)
	}
	w.org.mu.Lock()
	w.org.byID[d.ID] = d
	w.org.mu.Unlock()
	status, answer := w.soap("<cancelDeploy><String>" + d.ID + "</String></cancelDeploy>")
	if status != http.StatusInternalServerError || element(answer, "faultcode") != "sf:INVALID_OPERATION" {
		t.Errorf("%d %s", status, answer)
	}
	if now := w.check(d.ID); statusOf(now) != "Finalizing" || isDone(now) {
		t.Errorf("%s", now)
	}
}

func TestADeploymentCanFailWhileItIsFinalized(t *testing.T) {
	w := seeded(t, Options{}, shop())
	before, _ := w.retrieve(unpackaged("ApexClass *"))
	mine := w.token
	_, answer := login(w, "64.0", withWord(w.org.Connection().Username, "finalizing"), w.org.Connection().Password)
	w.token = element(answer, "sessionId")
	failed := w.run(manyClasses(1), allOrNothing)
	wantStatus(t, failed, "FinalizingFailed")
	failed = failed[strings.LastIndex(failed, "</details>"):]
	if element(failed, "success") != "false" || element(failed, "done") != "true" || element(failed, "errorMessage") == "" || element(failed, "numberComponentsDeployed") != "1" {
		t.Errorf("%s", failed)
	}
	wantStatus(t, w.run(manyClasses(1), allOrNothing+"<checkOnly>true</checkOnly>"), "Succeeded") // nothing is finalized
	after, _ := w.retrieve(unpackaged("ApexClass *"))
	wantFiles(t, "the org", before, after)
	w.token = mine
	wantStatus(t, w.run(manyClasses(1), allOrNothing), "Succeeded")
}
