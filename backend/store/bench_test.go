package store_test

import (
	"fmt"
	"testing"
	"time"

	"countersign/backend/governance"
	"countersign/backend/store"
)

// grow adds notes until the audit trail has about n entries.
func (w *world) grow(n int) {
	w.t.Helper()
	type note struct {
		At string `json:"at"`
		N  int64  `json:"n"`
	}
	for i := range n {
		must(w.t, w.s.Note(w.ctx, "connection", note{"2026-03-02T09:00:00Z", int64(i)}))
	}
}

// A door costs the same however long the audit trail is.
func BenchmarkDoor(b *testing.B) {
	for _, n := range []int{0, 2_000, 20_000} {
		b.Run(fmt.Sprintf("log%d", n), func(b *testing.B) {
			w := newWorld(b)
			w.grow(n)
			cr := w.draft("Round amounts")
			b.ResetTimer()
			for i := range b.N {
				_, err := w.s.UpdateChangeRequest(w.ctx, cr.ID, w.by("rita"), func(cr *governance.ChangeRequest, _ governance.Situation) (governance.Intent, error) {
					cr.Overview = fmt.Sprint("Edit ", i)
					return governance.Intent{}, nil
				})
				must(b, err)
			}
		})
	}
}

func BenchmarkSignedDoor(b *testing.B) {
	w := newWorld(b)
	for i := range b.N {
		w.request(w.draft(fmt.Sprint("Change ", i)).ID, "rita", governance.Submit, "", governance.Pending)
	}
}

func BenchmarkScanOf100000(b *testing.B) {
	w := newWorld(b)
	env := w.environment("production", prod)
	items := make([]store.ScanItem, 100_000)
	for i := range items {
		items[i] = store.ScanItem{Type: "CustomField", Name: fmt.Sprintf("Account.Field%d__c", i), FileName: "objects/Account.object", LastModifiedByName: "Rita", LastModifiedAt: time.Now()}
	}
	for b.Loop() {
		must(b, w.s.SaveScan(w.ctx, "rita", &store.Scan{EnvironmentID: env.ID}, items))
	}
}

func BenchmarkListOf10000(b *testing.B) {
	w := newWorld(b)
	for i := range 10_000 {
		w.draft(fmt.Sprint("Change ", i))
	}
	b.ResetTimer()
	for b.Loop() {
		_, total, err := w.s.ChangeRequests(w.ctx, store.Query{Text: "change 99", Limit: 50})
		must(b, err)
		if total == 0 {
			b.Fatal("nothing was found")
		}
	}
}
