package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// A refusalNote is what the audit trail says of types that an org did not
// list; the inventory itself is the store's entry "scan". The fields are in the
// order of canonical JSON.
type refusalNote struct {
	At          string   `json:"at"`
	By          string   `json:"by"`
	Environment string   `json:"environment"`
	Refused     []string `json:"refused"`
	Scan        string   `json:"scan"`
}

// Kinds of the log entries that this package appends.
const (
	noteContent      = "content" // Run froze the content of a record
	noteRefused      = "refused" // Inventory left types out
	noteDependencies = "dependencies"
	noteExtend       = "extend"
)

// Inventory lists every customization of an environment and saves the list with
// its date. Types that the org refuses to list are left out and named in the
// audit trail and in the last Progress. The faults are not_tested, wrong_org
// and those of package salesforce.
func (s *Scanner) Inventory(ctx context.Context, by string, environmentID string) (*store.Scan, error) {
	d, err := s.connect(ctx, environmentID)
	if err != nil {
		return nil, err
	}
	scan := &store.Scan{EnvironmentID: d.env.ID, OrganizationID: d.identity.OrganizationID, APIVersion: d.identity.APIVersion, StartedAt: s.now()}
	items, refused, err := s.listAll(ctx, d, scan)
	if err != nil {
		return nil, err
	}
	scan.CompletedAt, scan.Count = s.now(), int64(len(items))
	s.report(Progress{Environment: d.env.ID, Phase: PhaseSave, Total: len(items)})
	if err := s.Store.SaveScan(ctx, by, scan, items); err != nil {
		return nil, fmt.Errorf("save the inventory of %s: %w", d.name(), err)
	}
	detail := counted(len(items), "customization", "customizations")
	if len(refused) > 0 {
		detail += ", without " + listed(refused)
		note := refusalNote{At: s.now().Format(time.RFC3339), By: by, Environment: d.env.ID, Refused: refused, Scan: scan.ID}
		if err := s.Store.Note(ctx, noteRefused, note); err != nil {
			return nil, fmt.Errorf("note what %s did not list: %w", d.name(), err)
		}
	}
	s.report(Progress{Environment: d.env.ID, Phase: PhaseSave, Done: len(items), Total: len(items), Detail: detail})
	return scan, nil
}

// listAll lists the types that describeMetadata names, their children, their
// folders and what is in each folder, and notes in the scan which types it was.
func (s *Scanner) listAll(ctx context.Context, d *side, scan *store.Scan) ([]store.ScanItem, []string, error) {
	described, err := d.client.Describe(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("describe %s: %w", d.name(), err)
	}
	queries, folderTypes := queriesFor(described)
	found, refused, err := s.list(ctx, d, queries)
	if err != nil {
		return nil, nil, err
	}
	inFolders, moreRefused, err := s.list(ctx, d, folderQueries(found, folderTypes))
	if err != nil {
		return nil, nil, err
	}
	refused = slices.Compact(slices.Sorted(slices.Values(append(refused, moreRefused...))))
	scan.Listed = listedTypes(queries, folderTypes, refused)
	return scanItems(append(found, inFolders...), folderTypes), present(refused), nil
}

// queriesFor lists what to ask first; folderTypes maps a folder's type to the
// type that lies in such folders: ReportFolder to Report.
func queriesFor(described []salesforce.MetadataType) (queries []salesforce.ListQuery, folderTypes map[string]string) {
	folderTypes = map[string]string{}
	asked := map[string]bool{}
	ask := func(t string) {
		if t != "" && !asked[t] {
			asked[t] = true
			queries = append(queries, salesforce.ListQuery{Type: t})
		}
	}
	for _, t := range described {
		if t.InFolder {
			folderTypes[folderTypeOf(t.XMLName)] = t.XMLName
			ask(folderTypeOf(t.XMLName))
		} else {
			ask(t.XMLName)
		}
		for _, child := range t.ChildXMLNames {
			ask(child)
		}
	}
	return queries, folderTypes
}

// folderTypeOf gives the type under which listMetadata lists the folders of a
// type; for e-mail templates it is EmailFolder.
func folderTypeOf(typeName string) string {
	if t, ok := metadata.TypeOf(typeName); ok && t.FolderType != "" {
		return t.FolderType
	}
	return typeName + "Folder"
}

func folderQueries(found []salesforce.FileProperties, folderTypes map[string]string) []salesforce.ListQuery {
	var queries []salesforce.ListQuery
	for _, p := range found {
		if inside, ok := folderTypes[p.Type]; ok {
			queries = append(queries, salesforce.ListQuery{Type: inside, Folder: p.FullName})
		}
	}
	return queries
}

// listedTypes are the types of the items that an org had to list and did.
func listedTypes(queries []salesforce.ListQuery, folderTypes map[string]string, refused []string) []string {
	typeOf := func(asked string) string {
		if inside, ok := folderTypes[asked]; ok {
			return inside
		}
		return asked
	}
	missing, listed := map[string]bool{}, []string{}
	for _, t := range refused {
		missing[typeOf(t)] = true
	}
	for _, q := range queries {
		if t := typeOf(q.Type); !missing[t] {
			listed = append(listed, t)
		}
	}
	slices.Sort(listed)
	return slices.Compact(listed)
}

// scanItems turns the answers into rows, one for each component. In a package
// manifest a folder is a member of the type that lies in it, so it is one here.
func scanItems(props []salesforce.FileProperties, folderTypes map[string]string) []store.ScanItem {
	items := make([]store.ScanItem, 0, len(props))
	for _, p := range props {
		typeName := p.Type
		if inside, ok := folderTypes[typeName]; ok {
			typeName = inside
		}
		item := store.ScanItem{Type: typeName, Name: p.FullName, FileName: p.FileName, MetadataID: p.ID, NamespacePrefix: p.NamespacePrefix,
			CreatedByName: p.CreatedByName, LastModifiedByName: p.LastModifiedByName, ManageableState: p.ManageableState}
		if !p.LastModifiedDate.Before(epochEnd) {
			item.LastModifiedAt = p.LastModifiedDate.UTC()
		}
		items = append(items, item)
	}
	slices.SortStableFunc(items, func(a, b store.ScanItem) int {
		if c := strings.Compare(a.Type, b.Type); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return slices.CompactFunc(items, func(a, b store.ScanItem) bool { return a.Type == b.Type && a.Name == b.Name })
}

// Existing says of each customization, by its String, whether the last
// inventory of an environment has it: existing or proposed. The Scan is nil and
// nothing exists while there is no inventory.
func (s *Scanner) Existing(ctx context.Context, environmentID string, cs []governance.Customization) (map[string]bool, *store.Scan, error) {
	existing := make(map[string]bool, len(cs))
	for _, c := range cs {
		existing[c.String()] = false
	}
	last, err := s.Store.LastScan(ctx, environmentID)
	if governance.FaultCode(err) == "not_found" || err == nil && last == nil {
		return existing, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found, err := s.Store.HasItems(ctx, environmentID, cs)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cs {
		existing[c.String()] = found[c.String()]
	}
	return existing, last, nil
}

func present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
