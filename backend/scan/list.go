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

// A listing is one list of many types, asked in several calls at a time.
type listing struct {
	scanner *Scanner
	side    *side
	total   int

	mu      sync.Mutex
	done    int
	found   []salesforce.FileProperties
	refused []string
}

// list lists many types, several calls at a time. A type that the org refuses
// is named in refused, sorted; any other fault ends it all.
func (s *Scanner) list(ctx context.Context, d *side, queries []salesforce.ListQuery) (found []salesforce.FileProperties, refused []string, err error) {
	l := &listing{scanner: s, side: d, total: len(queries)}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(callsAtOnce)
	for call := range slices.Chunk(queries, queriesPerCall) {
		group.Go(func() error { return l.ask(ctx, call) })
	}
	if err := group.Wait(); err != nil {
		return nil, nil, fmt.Errorf("list %s: %w", d.name(), err)
	}
	slices.Sort(l.refused)
	return l.found, slices.Compact(l.refused), nil
}

// ask makes one call, and one for each query when the org refuses it: one
// refused type fails the call for all three.
func (l *listing) ask(ctx context.Context, call []salesforce.ListQuery) error {
	props, err := l.side.client.List(ctx, call)
	if err == nil {
		l.add(call, props)
		return nil
	}
	if !isRefused(err) {
		return err
	}
	if len(call) == 1 {
		l.refuse(call[0].Type)
		return nil
	}
	for i := range call {
		if err := l.ask(ctx, call[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) add(call []salesforce.ListQuery, props []salesforce.FileProperties) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found = append(l.found, props...)
	l.tick(len(call), call[len(call)-1].Type)
}

func (l *listing) refuse(typeName string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused = append(l.refused, typeName)
	l.tick(1, typeName)
}

// tick reports while l is locked, so that progress never goes back.
func (l *listing) tick(queries int, last string) {
	l.done += queries
	l.scanner.report(Progress{Environment: l.side.env.ID, Phase: PhaseList, Done: l.done, Total: l.total, Detail: last})
}
