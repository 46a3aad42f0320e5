package salesforce

import (
	"context"
	"encoding/json"
	"time"

	"countersign/backend/governance"
)

// A SetupChange is one line of the org's own Setup Audit Trail (SetupAuditTrail,
// Object Reference for the Salesforce Platform). Salesforce keeps 180 days of
// it, and documents neither the sections nor the actions.
type SetupChange struct {
	ID          string    `json:"id"`          // 18 characters
	Action      string    `json:"action"`      // such as changedApexClass
	Section     string    `json:"section"`     // of Setup; may be empty
	Display     string    `json:"display"`     // what a person reads there, in the org's language
	CreatedDate time.Time `json:"createdDate"` // by the org's clock
	CreatedByID string    `json:"createdById"` // 18 characters; empty when the org itself did it
	CreatedBy   string    `json:"createdBy"`   // the user's name, may be empty
	Delegate    string    `json:"delegate"`    // who acted in that user's name, may be empty
}

// SetupAuditTrail returns what was changed in the org's Setup at or after since,
// oldest first, of all pages, never nil. since is the org's time, see
// LastServerTime. It needs the permission View Setup and Configuration.
func (c *Client) SetupAuditTrail(ctx context.Context, since time.Time) ([]SetupChange, error) {
	records, err := c.Query(ctx, "SELECT Id, Action, Section, Display, CreatedDate, CreatedById, CreatedBy.Name, DelegateUser"+
		" FROM SetupAuditTrail WHERE CreatedDate >= "+since.UTC().Format(soqlTime)+" ORDER BY CreatedDate ASC")
	if err != nil {
		return nil, err
	}
	list := make([]SetupChange, 0, len(records))
	for _, record := range records {
		row, err := readSetupChange(record)
		if err != nil {
			return nil, governance.Faultf(CodeBadAnswer, "The Setup Audit Trail of %s cannot be understood.", c.host()).WithHint("%s", changedHint).Because(err)
		}
		list = append(list, row)
	}
	return list, nil
}

func readSetupChange(record json.RawMessage) (SetupChange, error) {
	var row struct {
		ID, Action, Section, Display, CreatedDate, CreatedByID, DelegateUser string
		CreatedBy                                                            *struct{ Name string }
	}
	if err := json.Unmarshal(record, &row); err != nil {
		return SetupChange{}, err
	}
	// Without an id or a date it could be counted twice, or not at all.
	if !isID(row.ID) || parseTime(row.CreatedDate).IsZero() {
		return SetupChange{}, errNotWellMade
	}
	out := SetupChange{ID: ID18(row.ID), Action: row.Action, Section: row.Section, Display: row.Display,
		CreatedDate: parseTime(row.CreatedDate), CreatedByID: ID18(row.CreatedByID), Delegate: row.DelegateUser}
	if row.CreatedBy != nil {
		out.CreatedBy = row.CreatedBy.Name
	}
	return out, nil
}
