package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"countersign/backend/governance"
)

// A large revision is read once. What was remembered of it must not stand in
// for other bytes that are put in its place later.
func TestALargeRevisionThatWasRememberedIsFoundWhenItsBytesChange(t *testing.T) {
	w := newWorld(t)
	for i := range 1000 {
		w.request.Customizations = append(w.request.Customizations, governance.Customization{Change: governance.Add, Name: fmt.Sprintf("Report%d", i), Type: "Report"})
	}
	w.request.Tidy()
	w.submitRequest()
	digest := w.history().RequestStanding(cr).Revision
	first, again := w.history().Request(digest), w.history().Request(digest)
	if first == nil || first != again {
		t.Fatal("a large revision was read anew")
	}
	if len(first.Customizations) != 1001 {
		t.Fatalf("%d customizations, not 1001", len(first.Customizations))
	}

	w.revs[digest] = bytes.Replace(w.revs[digest], []byte("Report999"), []byte("Report998"), 1)
	h, findings := w.assemble()
	if h.Request(digest) != nil {
		t.Error("the altered content counts")
	}
	if len(findings) != 1 || !strings.Contains(findings[0], "its digest differs") {
		t.Errorf("findings: %q", findings)
	}
}
