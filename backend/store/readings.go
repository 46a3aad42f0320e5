package store

import (
	"context"
	"encoding/json"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/ledger"
	"gorm.io/gorm"
)

// A Reading is the log entry "reading": how far an org's own lists of changes
// were read. All but At are times of the org's clock, RFC 3339. The next
// reading goes on where the last one of the environment ended; findings are
// signed in the same transaction, so neither comes without the other.
type Reading struct {
	At                string       `json:"at"`
	By                string       `json:"by"`
	Deployments       string       `json:"deployments"`       // the list of deployments was read until here
	DeploymentsUnread string       `json:"deploymentsUnread"` // fault code of why it was not read this time, or empty
	Drift             string       `json:"drift"`             // the newest change that an inventory has shown, or empty
	Environment       string       `json:"environment"`
	Found             int64        `json:"found"` // findings that were signed with it
	Lines             ReadingLines `json:"lines"`
	Organization      string       `json:"organization"`
	Probable          string       `json:"probable"`    // sha256 of what is probably of a deployment, or empty
	Scan              string       `json:"scan"`        // the inventory that was looked at last, or empty
	Seen              []string     `json:"seen"`        // lines of the set-up trail that were judged and will be read again
	Setup             string       `json:"setup"`       // the Setup Audit Trail was read until here, or empty if it never was
	SetupUnread       string       `json:"setupUnread"` // fault code of why it was not read this time, or empty
	Start             string       `json:"start"`       // nothing before this is asked about
}

// ReadingLines says what became of every line of the Setup Audit Trail that a
// reading had and none before it: Deployed, Found, Other and Probable add up to
// Read.
type ReadingLines struct {
	Deployed int64 `json:"deployed"` // a deployment changed what they name
	Found    int64 `json:"found"`    // in a finding
	Other    int64 `json:"other"`    // of people and data, or from before the start
	Probable int64 `json:"probable"` // of the user and the time of a deployment, whose answer does not name it
	Read     int64 `json:"read"`
	Unnamed  int64 `json:"unnamed"` // changes in an inventory that are probably of a deployment
}

const entryReading = "reading"

// Read signs what a reading of an org found, and keeps how far it came, both or
// neither. What is known already by its kind and Ref is passed over. Without
// findings the author needs no key. It returns how many were signed. Faults:
// those of Say.
func (s *Store) Read(ctx context.Context, by Author, r Reading, found []governance.Finding) (signed int64, err error) {
	r.Seen, r.By = append([]string{}, r.Seen...), by.Member
	err = s.write(ctx, func(d *door) error {
		if len(found) > 0 {
			step := func(sit governance.Situation) ([]governance.Intent, error) {
				return unknown(sit, r.Organization, found)
			}
			before, err := d.findings(r.Organization)
			if err != nil {
				return err
			}
			h, err := d.say(by, step, governance.OrganizationSubject(r.Organization))
			if err != nil {
				return err
			}
			signed = int64(len(h.Findings(r.Organization)) - before)
		}
		r.At, r.Found = stamp(d.at), signed
		return d.append(entryReading, r)
	})
	return signed, err
}

func (d *door) findings(organization string) (int, error) {
	h, _, err := d.s.historyOf(d.db, governance.OrganizationSubject(organization))
	if err != nil {
		return 0, err
	}
	return len(h.Findings(organization)), nil
}

// unknown are the acts of those findings that nobody has found before.
func unknown(sit governance.Situation, organization string, found []governance.Finding) ([]governance.Intent, error) {
	type row struct {
		kind governance.FindingKind
		ref  string
	}
	have := map[row]bool{}
	for _, k := range sit.History.Findings(organization) {
		have[row{k.Finding.Kind, k.Finding.Ref}] = true
	}
	intents := []governance.Intent{}
	for _, f := range found {
		if have[row{f.Kind, f.Ref}] {
			continue
		}
		have[row{f.Kind, f.Ref}] = true
		in, err := sit.Find(f)
		if err != nil {
			return nil, err
		}
		intents = append(intents, in)
	}
	return intents, nil
}

// LastReading is how far an environment's org was read; none says that it never
// was.
func (s *Store) LastReading(ctx context.Context, environmentID string) (r Reading, none bool, err error) {
	r, none, err = lastReading(s.query(ctx), environmentID)
	return r, none, s.explained(ctx, err)
}

func lastReading(db *gorm.DB, environmentID string) (r Reading, none bool, err error) {
	list, err := readingsOf(db, "ORDER BY idx DESC LIMIT 1", environmentID)
	if err != nil || len(list) == 0 {
		return Reading{}, true, err
	}
	return list[0], false, nil
}

// ProbableReadings lists the readings of an environment that had something that
// is probably of a deployment, newest first.
func (s *Store) ProbableReadings(ctx context.Context, environmentID string) ([]Reading, error) {
	list, err := readingsOf(s.query(ctx), "AND json_extract(CAST(data AS TEXT), '$.probable') <> '' ORDER BY idx DESC", environmentID)
	return list, s.explained(ctx, err)
}

func readingsOf(db *gorm.DB, which, environmentID string) ([]Reading, error) {
	var es []ledger.Entry
	err := db.Raw(`SELECT idx, kind, data FROM log_entries INDEXED BY log_entries_reading WHERE kind = 'reading'
		AND json_extract(CAST(data AS TEXT), '$.environment') = ? `+which, environmentID).Scan(&es).Error
	out := make([]Reading, len(es))
	for i, e := range es {
		if err := json.Unmarshal(e.Data, &out[i]); err != nil {
			return nil, fmt.Errorf("read entry %d of the audit trail: %w", e.Idx, err)
		}
	}
	return out, err
}
