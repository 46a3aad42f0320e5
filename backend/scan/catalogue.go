package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// A catalogue knows what an org has, type by type, listed when first asked
// for.
type catalogue struct {
	scanner *Scanner
	side    *side
	asked   map[salesforce.ListQuery]bool
	refused map[string]bool
	props   map[metadata.Key]salesforce.FileProperties
	byID    map[string]metadata.Key
	known   map[metadata.Key]bool
}

func newCatalogue(s *Scanner, d *side) *catalogue {
	return &catalogue{scanner: s, side: d, asked: map[salesforce.ListQuery]bool{}, refused: map[string]bool{},
		props: map[metadata.Key]salesforce.FileProperties{}, byID: map[string]metadata.Key{}, known: map[metadata.Key]bool{}}
}

// load lists what is needed to know whether the components are there.
func (c *catalogue) load(ctx context.Context, keys []metadata.Key) error {
	var queries []salesforce.ListQuery
	for _, k := range keys {
		for _, query := range queriesOf(k) {
			if !c.asked[query] {
				c.asked[query] = true
				queries = append(queries, query)
			}
		}
	}
	if len(queries) == 0 {
		return nil
	}
	found, refused, err := c.scanner.list(ctx, c.side, queries)
	if err != nil {
		return err
	}
	for _, t := range refused {
		c.refused[t] = true
	}
	for _, p := range found {
		c.learn(p)
	}
	return nil
}

// queriesOf says what to list for a component: its type, or the folder that it
// lies in and the folders there are.
func queriesOf(k metadata.Key) []salesforce.ListQuery {
	t, known := metadata.TypeOf(k.Type)
	if !known {
		return nil
	}
	if !t.InFolder {
		return []salesforce.ListQuery{{Type: k.Type}}
	}
	queries := []salesforce.ListQuery{{Type: folderTypeOf(k.Type)}}
	if i := strings.LastIndex(k.Name, "/"); i > 0 {
		queries = append(queries, salesforce.ListQuery{Type: k.Type, Folder: k.Name[:i]})
	}
	return queries
}

func (c *catalogue) learn(p salesforce.FileProperties) {
	k := metadata.Key{Type: p.Type, Name: p.FullName}
	if inside, ok := typeOfFolder[p.Type]; ok {
		k.Type = inside
	}
	c.props[k], c.known[k] = p, true
	if hasID(p.ID) {
		c.byID[salesforce.ID18(p.ID)] = k
	}
}

// typeOfFolder maps ReportFolder to Report.
var typeOfFolder = func() map[string]string {
	m := map[string]string{}
	for _, t := range metadata.Types() {
		if t.InFolder {
			m[folderTypeOf(t.Name)] = t.Name
		}
	}
	return m
}()

func (c *catalogue) has(k metadata.Key) bool { return c.known[k] }

// keys is everything listed so far; the caller must not change it.
func (c *catalogue) keys() map[metadata.Key]bool { return c.known }

func (c *catalogue) namespace(k metadata.Key) string { return c.props[k].NamespacePrefix }

// ids gives the ids of those components that have one in the org.
func (c *catalogue) ids(keys []metadata.Key) []string {
	ids := []string{}
	for _, k := range keys {
		if id := c.props[k].ID; hasID(id) {
			ids = append(ids, salesforce.ID18(id))
		}
	}
	return ids
}

// hasID tells an id from none, and from the zeros that stand for a standard
// component.
func hasID(id string) bool { return id != "" && !strings.HasPrefix(id, "000000000000000") }

func (c *catalogue) notes() []string {
	if len(c.refused) == 0 {
		return nil
	}
	var types []string
	for t := range c.refused {
		types = append(types, t)
	}
	slices.Sort(types)
	return []string{fmt.Sprintf("%s does not list %s; components of these types may be there although they are shown as missing.", c.side.name(), listed(types))}
}
