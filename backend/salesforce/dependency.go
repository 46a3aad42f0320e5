package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"countersign/backend/governance"
)

const (
	// dependencyRows is how many rows MetadataComponentDependency returns at
	// most; there is no next page. So exactly this many means: there may be more.
	dependencyRows = 2000

	// idsPerQuery keeps the address of a query far below the 16 KB that
	// Salesforce takes.
	idsPerQuery = 100
)

// Dependencies returns what the components of these ids need. When one
// component alone has 2,000 rows or more, the rows that the org gave are
// returned beside the fault too_many_dependencies.
func (c *Client) Dependencies(ctx context.Context, ids []string) ([]Dependency, error) {
	return c.dependencies(ctx, "MetadataComponentId", ids)
}

// Dependents returns what needs the components of these ids, by the same rules.
func (c *Client) Dependents(ctx context.Context, ids []string) ([]Dependency, error) {
	return c.dependencies(ctx, "RefMetadataComponentId", ids)
}

func (c *Client) dependencies(ctx context.Context, by string, ids []string) ([]Dependency, error) {
	wanted := make([]string, 0, len(ids))
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return nil, err
		}
		wanted = append(wanted, ID18(id))
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	rows := []Dependency{}
	var cut error
	for chunk := range slices.Chunk(wanted, idsPerQuery) {
		some, err := c.dependencyChunk(ctx, by, chunk)
		rows = append(rows, some...)
		if governance.FaultCode(err) == CodeTooManyDeps {
			cut = err
		} else if err != nil {
			return nil, err
		}
	}
	return rows, cut
}

// dependencyChunk asks for some ids, and for each half of them if the answer is
// full or the address too long.
func (c *Client) dependencyChunk(ctx context.Context, by string, ids []string) ([]Dependency, error) {
	rows, err := c.dependencyQuery(ctx, by, ids)
	full := err == nil && len(rows) >= dependencyRows
	if !full && !isTooLong(err) {
		return rows, err
	}
	if len(ids) == 1 {
		if err != nil {
			return nil, err
		}
		return rows, governance.Faultf(CodeTooManyDeps, "%s lists only the first %d dependencies of %s.", c.host(), dependencyRows, ids[0]).
			WithHint("Look at the others in the org's Setup, and validate before deploying.")
	}
	half := len(ids) / 2
	first, firstErr := c.dependencyChunk(ctx, by, ids[:half])
	if firstErr != nil && governance.FaultCode(firstErr) != CodeTooManyDeps {
		return nil, firstErr
	}
	second, secondErr := c.dependencyChunk(ctx, by, ids[half:])
	if secondErr != nil && governance.FaultCode(secondErr) != CodeTooManyDeps {
		return nil, secondErr
	}
	if firstErr == nil {
		firstErr = secondErr
	}
	return append(first, second...), firstErr
}

func isTooLong(err error) bool {
	var refused *APIError
	return errors.As(err, &refused) &&
		(refused.Status == http.StatusRequestURITooLong || refused.Status == http.StatusRequestHeaderFieldsTooLarge)
}

func (c *Client) dependencyQuery(ctx context.Context, by string, ids []string) ([]Dependency, error) {
	records, err := c.ToolingQuery(ctx, "SELECT MetadataComponentId, MetadataComponentName, MetadataComponentNamespace, MetadataComponentType,"+
		" RefMetadataComponentId, RefMetadataComponentName, RefMetadataComponentNamespace, RefMetadataComponentType"+
		" FROM MetadataComponentDependency WHERE "+by+" IN ('"+strings.Join(ids, "','")+"')")
	if err != nil {
		return nil, err
	}
	rows := make([]Dependency, 0, len(records))
	for _, record := range records {
		row, err := readDependency(record)
		if err != nil {
			return nil, governance.Faultf(CodeBadAnswer, "The dependencies that %s lists cannot be understood.", c.host()).WithHint("%s", changedHint).Because(err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func readDependency(record json.RawMessage) (Dependency, error) {
	var row struct {
		MetadataComponentID           string
		MetadataComponentName         string
		MetadataComponentNamespace    string
		MetadataComponentType         string
		RefMetadataComponentID        string
		RefMetadataComponentName      string
		RefMetadataComponentNamespace string
		RefMetadataComponentType      string
	}
	if err := json.Unmarshal(record, &row); err != nil {
		return Dependency{}, err
	}
	return Dependency{
		ComponentID: ID18(row.MetadataComponentID), ComponentName: row.MetadataComponentName,
		ComponentNamespace: row.MetadataComponentNamespace, ComponentType: row.MetadataComponentType,
		RefComponentID: ID18(row.RefMetadataComponentID), RefComponentName: row.RefMetadataComponentName,
		RefComponentNamespace: row.RefMetadataComponentNamespace, RefComponentType: row.RefMetadataComponentType,
	}, nil
}
