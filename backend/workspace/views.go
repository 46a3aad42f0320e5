package workspace

import (
	"sync"

	"countersign/backend/metadata"
	"countersign/backend/scan"
)

// views is what was computed for screens and can be shown again as long as it
// is about the same content. Nothing is decided by it.
type views struct {
	mu       sync.Mutex
	compared map[string]comparedRecord   // by record
	trees    *frozenTrees                // of the record that was looked at last
	has      map[string]bool             // environments with credentials on this computer
	secrets  map[string]SecretState      // of environments that are signed in to with the browser
	counted  map[string]InventorySummary // by scan
	ahead    map[string]bool             // scans that were read ahead
	proof    TrailProof
	queued   map[string]queued // by log
	trail    countedTrail
}

// keptViews bounds each of the maps of views.
const keptViews = 200

// A comparedRecord counts a comparison of one content.
type comparedRecord struct {
	content string
	counts  comparedCounts
}

type comparedCounts struct{ total, fresh, changed, same, deleted int64 }

func countsOf(c *scan.Comparison) comparedCounts {
	return comparedCounts{total: int64(len(c.Items)), fresh: int64(c.New), changed: int64(c.Changed), same: int64(c.Same), deleted: int64(c.Deleted)}
}

// frozenTrees are the two sides of one scanned content.
type frozenTrees struct {
	content       string
	before, after *metadata.Tree
}

// remember keeps a value, and lets go of all when there are too many.
func remember[T any](m *map[string]T, key string, v T) {
	if *m == nil || len(*m) >= keptViews {
		*m = map[string]T{}
	}
	(*m)[key] = v
}
