package workspace

import (
	"testing"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// A retrieve that succeeded was translated as exact and no more, so that what
// else it found in the target was told in English only.
func TestARetrieveKeepsItsWarningInEveryLanguage(t *testing.T) {
	w := openTestDemo(t, t.TempDir())
	const exact = "The package is exactly what was approved."
	for message, want := range map[string]string{
		exact: "told.retrieved",
		exact + " But the target was changed after the approval: classes/A.cls is gone in Demo Production.": toldThen,
	} {
		c := &chronicle{w: w, label: map[string]string{"r": "DR-0001"}, logs: map[string][]store.LogLine{
			"r": {{ID: "l", Kind: governance.AttemptRetrieve, Progress: governance.ProgressDone, Result: governance.ResultSucceeded, Message: message}}}}
		ok(t, c.retrievals(t.Context()))
		if len(c.out) != 1 || c.out[0].Text != "somebody retrieved the customizations of DR-0001. "+message {
			t.Fatalf("%+v", c.out)
		}
		said := c.out[0].Said.Parts["message"].Parts["message"]
		if said.Code != want || want == toldThen && said.Parts["then"].Code != "told.target_moved" {
			t.Errorf("%q is told as %+v", message, said)
		}
	}
}
