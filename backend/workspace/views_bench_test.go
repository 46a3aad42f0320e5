package workspace

import (
	"context"
	"fmt"
	"os"
	"testing"

	"countersign/backend/governance"
)

// benchFolder names a data folder that is filled once and used again, since
// filling it takes minutes: every request is saved and signed by the same doors
// as a person's.
const benchFolder = "COUNTERSIGN_BENCH_DATA"

const benchRequests = 10_000

func openBench(b *testing.B) *Workspace {
	b.Helper()
	data := os.Getenv(benchFolder)
	if data == "" {
		b.Skip(benchFolder + " names no folder")
	}
	w, err := Open(context.Background(), Options{Data: data, Demo: true, Pace: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = w.Close() })
	if err := w.ActAs(b.Context(), Ana); err != nil {
		b.Fatal(err)
	}
	if err := w.fillBench(b.Context()); err != nil {
		b.Fatal(err)
	}
	return w
}

// fillBench makes 10,000 requests: of ten, five are drafts, two wait for an
// approval, two are approved and one is rejected.
func (w *Workspace) fillBench(ctx context.Context) error {
	page, err := w.RequestRows(ctx, RequestQuery{Limit: 1})
	if err != nil {
		return err
	}
	for i := page.Total; i < benchRequests; i++ {
		cr := governance.ChangeRequest{Name: fmt.Sprintf("Change %d of the renewal process", i), Overview: "Sales asks for it. Amounts are rounded half up, and the stages follow the contract.",
			Customizations: []governance.Customization{{Change: governance.Add, Type: "Report", Name: fmt.Sprintf("Sales/Report%d", i)}, {Change: governance.Modify, Type: "Report", Name: fmt.Sprintf("Sales/Report%d", i%97)}}}
		made, err := w.NewChangeRequest(ctx, Ana, cr)
		if err != nil {
			return err
		}
		for _, s := range benchActs[i%10] {
			if _, err := w.Do(ctx, s.by, made.ID, governance.Deed{Action: s.action, Reason: "So it is."}); err != nil {
				return err
			}
		}
	}
	return nil
}

type benchAct struct {
	by     string
	action governance.Action
}

var benchActs = map[int64][]benchAct{
	2: {{Ana, governance.Submit}}, 3: {{Ana, governance.Submit}},
	5: {{Ana, governance.Submit}, {Bo, governance.Approve}}, 6: {{Ana, governance.Submit}, {Bo, governance.Approve}},
	8: {{Ana, governance.Submit}, {Bo, governance.Reject}},
}

func BenchmarkViewsOf10000(b *testing.B) {
	w := openBench(b)
	ctx := b.Context()
	page := func(q RequestQuery) func() error {
		return func() error {
			p, err := w.RequestRows(ctx, q)
			if err == nil && p.Total == 0 {
				err = fmt.Errorf("nothing was found")
			}
			return err
		}
	}
	for _, c := range []struct {
		name string
		me   string
		do   func() error
	}{
		{"first page", Ana, page(RequestQuery{})},
		{"page 50, by name", Ana, page(RequestQuery{Offset: 4900, Sort: "name"})},
		{"search", Ana, page(RequestQuery{Text: "change 99"})},
		{"search without a hit in names", Ana, page(RequestQuery{Text: "half up"})},
		{"mine", Ana, page(RequestQuery{View: "mine"})},
		{"waiting, author", Ana, page(RequestQuery{View: "waiting"})},
		{"waiting, approver", Bo, page(RequestQuery{View: "waiting"})},
		{"today, author", Ana, func() error { _, err := w.Today(ctx); return err }},
		{"today, approver", Bo, func() error { _, err := w.Today(ctx); return err }},
		{"one request", Ana, func() error {
			p, err := w.RequestRows(ctx, RequestQuery{Limit: 1, Status: []governance.Status{governance.Approved}})
			if err == nil {
				_, err = w.RequestView(ctx, p.Items[0].ID)
			}
			return err
		}},
		{"impact", Ana, func() error {
			p, err := w.RequestRows(ctx, RequestQuery{Limit: 1})
			if err == nil {
				_, err = w.RequestImpact(ctx, p.Items[0].ID)
			}
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			if err := w.ActAs(ctx, c.me); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
