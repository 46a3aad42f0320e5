package salesforce

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"countersign/backend/governance"
)

const (
	queryPath   = "/services/data/v{version}/query"
	toolingPath = "/services/data/v{version}/tooling/query"
	limitsPath  = "/services/data/v{version}/limits"

	maxPages = 1000
)

// expand puts the session's API version into a path.
func expand(path string, s *Session) string {
	return strings.ReplaceAll(path, "{version}", s.APIVersion)
}

type queryPage struct {
	TotalSize      int               `json:"totalSize"`
	Done           bool              `json:"done"`
	NextRecordsURL string            `json:"nextRecordsUrl"`
	Records        []json.RawMessage `json:"records"`
}

// Query runs SOQL on the org's data and returns the records of all pages, never
// nil.
func (c *Client) Query(ctx context.Context, soql string) ([]json.RawMessage, error) {
	return c.query(ctx, "query", queryPath, soql)
}

// ToolingQuery runs SOQL on the Tooling API and returns the records of all
// pages, never nil.
func (c *Client) ToolingQuery(ctx context.Context, soql string) ([]json.RawMessage, error) {
	return c.query(ctx, "tooling query", toolingPath, soql)
}

func (c *Client) query(ctx context.Context, op, path, soql string) ([]json.RawMessage, error) {
	records := []json.RawMessage{}
	parameters := url.Values{"q": {soql}}
	for range maxPages {
		var page queryPage
		if err := c.rest(ctx, op, path, parameters, &page); err != nil {
			return nil, err
		}
		records = append(records, page.Records...)
		if page.Done || page.NextRecordsURL == "" {
			return records, nil
		}
		next, err := url.Parse(page.NextRecordsURL)
		if err != nil || next.Host != "" || !strings.HasPrefix(next.Path, "/services/data/") {
			return nil, governance.Faultf(CodeBadAnswer, "%s points to a next page that is not its own.", c.host()).WithHint("%s", changedHint)
		}
		path, parameters = next.Path, next.Query()
	}
	return nil, governance.Faultf(CodeBadAnswer, "The answer of %s is larger than allowed.", c.host()).WithHint("%s", smallerHint)
}

// soqlTime is how SOQL writes a moment.
const soqlTime = "2006-01-02T15:04:05.000Z"

// DeployRequests returns the org's own list of deployments created at or after
// since, oldest first, never nil. since is the org's time, see LastServerTime.
func (c *Client) DeployRequests(ctx context.Context, since time.Time) ([]DeployRequest, error) {
	records, err := c.ToolingQuery(ctx, "SELECT Id, Status, CheckOnly, CreatedById, CreatedDate, StartDate, CompletedDate,"+
		" NumberComponentsTotal, NumberComponentsDeployed, NumberComponentErrors,"+
		" NumberTestsTotal, NumberTestsCompleted, NumberTestErrors, ErrorMessage"+
		" FROM DeployRequest WHERE CreatedDate >= "+since.UTC().Format(soqlTime)+" ORDER BY CreatedDate ASC")
	if err != nil {
		return nil, err
	}
	list := make([]DeployRequest, 0, len(records))
	for _, record := range records {
		row, err := readDeployRequest(record)
		if err != nil {
			return nil, governance.Faultf(CodeBadAnswer, "The list of deployments of %s cannot be understood.", c.host()).WithHint("%s", changedHint).Because(err)
		}
		list = append(list, row)
	}
	return list, nil
}

func readDeployRequest(record json.RawMessage) (DeployRequest, error) {
	var row struct {
		ID, Status, CreatedByID               string
		CheckOnly                             bool
		CreatedDate, StartDate, CompletedDate string
		NumberComponentsTotal                 int
		NumberComponentsDeployed              int
		NumberComponentErrors                 int
		NumberTestsTotal                      int
		NumberTestsCompleted                  int
		NumberTestErrors                      int
		ErrorMessage                          string
	}
	if err := json.Unmarshal(record, &row); err != nil {
		return DeployRequest{}, err
	}
	// A row without an id or a date would be passed over by who looks for it:
	// better no list than a list with holes.
	if !isID(row.ID) || parseTime(row.CreatedDate).IsZero() {
		return DeployRequest{}, errNotWellMade
	}
	return DeployRequest{
		ID: ID18(row.ID), Status: DeployStatus(row.Status), CheckOnly: row.CheckOnly, CreatedByID: ID18(row.CreatedByID),
		CreatedDate: parseTime(row.CreatedDate), StartDate: parseTime(row.StartDate), CompletedDate: parseTime(row.CompletedDate),
		NumberComponentsTotal: row.NumberComponentsTotal, NumberComponentsDeployed: row.NumberComponentsDeployed,
		NumberComponentErrors: row.NumberComponentErrors, NumberTestsTotal: row.NumberTestsTotal,
		NumberTestsCompleted: row.NumberTestsCompleted, NumberTestErrors: row.NumberTestErrors, ErrorMessage: row.ErrorMessage,
	}, nil
}
