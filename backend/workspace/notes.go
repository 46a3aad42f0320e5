package workspace

import (
	"encoding/json"
	"fmt"
	"time"

	"countersign/backend/ledger"
)

// A note is what the log entries that screens tell of have in them; each kind
// has some of it.
type note struct {
	At      string   `json:"at"`
	By      string   `json:"by"`
	Subject string   `json:"subject"`
	Record  string   `json:"record"`
	What    string   `json:"what"`
	Reason  string   `json:"reason"`
	Reasons []string `json:"reasons"`
	Open    bool     `json:"open"`
	Items   int64    `json:"items"`
	Found   int64    `json:"found"`
	Missing []string `json:"missing"`
	Added   []string `json:"added"`
}

func readNote(e ledger.Entry) (note, error) {
	var n note
	if err := json.Unmarshal(e.Data, &n); err != nil {
		return n, fmt.Errorf("read entry %d of the audit trail: %w", e.Idx, err)
	}
	return n, nil
}

// at is when the entry says that it was made; to the millisecond, or to the
// second. Zero when it does not say.
func (n note) at() time.Time {
	t, err := time.Parse(time.RFC3339Nano, n.At)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

const entryPrefix = "entry-"

func entryID(e ledger.Entry) string { return fmt.Sprintf(entryPrefix+"%d", e.Idx) }
