package scan

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"countersign/backend/governance"
	"countersign/backend/salesforce"
	"golang.org/x/sync/errgroup"
)

const (
	queriesPerCall = 3 // Salesforce's own limit of listMetadata
	callsAtOnce    = 4
)

// refusals are the faults of a type that an org does not list to us; the rest
// of the org can still be listed.
var refusals = []string{salesforce.CodeInvalidType, salesforce.CodeInsufficientAccess, salesforce.CodeSalesforce, salesforce.CodeNotFound}

func isRefused(err error) bool { return slices.Contains(refusals, governance.FaultCode(err)) }

// list lists many types, several calls at a time. A type that the org refuses
// is named in refused, sorted; any other fault ends it all.
func (s *Scanner) list(ctx context.Context, d *side, queries []salesforce.ListQuery) (found []salesforce.FileProperties, refused []string, err error) {
	var mu sync.Mutex
	done := 0
	finished := func(call []salesforce.ListQuery, props []salesforce.FileProperties) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, props...)
		done += len(call)
		s.report(Progress{Environment: d.env.ID, Phase: PhaseList, Done: done, Total: len(queries), Detail: call[len(call)-1].Type})
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(callsAtOnce)
	for call := range slices.Chunk(queries, queriesPerCall) {
		group.Go(func() error {
			props, err := d.client.List(ctx, call)
			if !isRefused(err) {
				if err == nil {
					finished(call, props)
				}
				return err
			}
			// One refused type fails the call for all three.
			for i := range call {
				props, err := d.client.List(ctx, call[i:i+1])
				if isRefused(err) {
					mu.Lock()
					refused = append(refused, call[i].Type)
					mu.Unlock()
				} else if err != nil {
					return err
				}
				finished(call[i:i+1], props)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, fmt.Errorf("list %s: %w", d.name(), err)
	}
	slices.Sort(refused)
	return found, slices.Compact(refused), nil
}
