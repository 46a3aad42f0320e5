package ledger

import (
	"maps"
	"slices"

	"countersign/backend/governance"
)

// ActTypes lists every type of act that is understood.
func ActTypes() []governance.ActType { return slices.Sorted(maps.Keys(bodies)) }
