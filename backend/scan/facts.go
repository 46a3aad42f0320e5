package scan

import (
	"context"
	"encoding/json"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// A contentNote is the log entry of one Run. The fields are in the order of
// canonical JSON.
type contentNote struct {
	APIVersion string `json:"apiVersion"`
	At         string `json:"at"`
	Base       string `json:"base"`
	By         string `json:"by"`
	Facts      string `json:"facts"` // blob with who changed what last
	Items      int64  `json:"items"`
	Package    string `json:"package"`
	Record     string `json:"record"`
	Source     string `json:"source"`
	Target     string `json:"target"`
}

// A stampLine is one entry of stamps as it is stored.
type stampLine struct {
	metadata.Key
	stamp
}

// MarshalJSON writes stamps as a sorted list: a JSON object has no room for a
// type and a name.
func (s stamps) MarshalJSON() ([]byte, error) {
	lines := make([]stampLine, 0, len(s))
	for k, v := range s {
		lines = append(lines, stampLine{k, v})
	}
	slices.SortFunc(lines, func(a, b stampLine) int {
		switch {
		case a.Less(b.Key):
			return -1
		case b.Less(a.Key):
			return 1
		}
		return 0
	})
	return json.Marshal(lines)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *stamps) UnmarshalJSON(b []byte) error {
	var lines []stampLine
	if err := json.Unmarshal(b, &lines); err != nil {
		return err
	}
	*s = make(stamps, len(lines))
	for _, l := range lines {
		(*s)[l.Key] = l.stamp
	}
	return nil
}

// facts finds what the record's last Run noted. A scan without a note, such as
// one that came from another machine, has its trees all the same: then nobody's
// name and only the record's own date are known.
func (s *Scanner) facts(ctx context.Context, dr *governance.DeploymentRecord) (facts, error) {
	plain := facts{APIVersion: dr.APIVersion, SourceAt: dr.ScannedAt, TargetAt: dr.ScannedAt}
	note, err := s.lastNote(ctx, dr)
	if err != nil || note == nil {
		return plain, err
	}
	text, err := s.Store.ReadBlob(note.Facts)
	if governance.FaultCode(err) == "blob_missing" {
		return plain, nil
	}
	if err != nil {
		return facts{}, err
	}
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		return plain, nil //nolint:nilerr // notes of a newer version are only left out
	}
	return f, nil
}

// lastNote finds the last scan of the record that froze what it names now.
func (s *Scanner) lastNote(ctx context.Context, dr *governance.DeploymentRecord) (*contentNote, error) {
	const page = 500
	var last *contentNote
	for from := int64(0); ; {
		entries, err := s.Store.Entries(ctx, from, page, noteContent)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			from = e.Idx + 1
			var note contentNote
			if json.Unmarshal(e.Data, &note) == nil && note.Record == dr.ID && note.Package == dr.Package && note.Base == dr.Base && note.Facts != "" {
				last = &note
			}
		}
		if len(entries) < page {
			return last, nil
		}
	}
}
