package salesforce

import (
	"context"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"
)

const (
	listQueriesPerCall = 3 // Salesforce's own limit
	listCallsAtOnce    = 4
)

// Describe returns the metadata types that the org offers, in its order. There
// is no org without types: an answer without them is the fault bad_answer.
func (c *Client) Describe(ctx context.Context) ([]MetadataType, error) {
	var types []MetadataType
	err := c.soap(ctx, "describe metadata", describeMessage, func(response *node) error {
		types = each(response.child("result"), "metadataObjects", readMetadataType)
		if len(types) == 0 || slices.ContainsFunc(types, func(m MetadataType) bool { return m.XMLName == "" }) {
			return errNotWellMade
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return types, nil
}

func readMetadataType(n *node) MetadataType {
	return MetadataType{
		XMLName:       n.str("xmlName"),
		DirectoryName: n.str("directoryName"),
		Suffix:        n.str("suffix"),
		InFolder:      n.bool("inFolder"),
		MetaFile:      n.bool("metaFile"),
		ChildXMLNames: n.strs("childXmlNames"),
	}
}

// List returns the components of each query, in the order of the queries, never
// nil. Salesforce takes three queries in one call; more are split into calls, of
// which a few run at the same time. One type that the org does not know fails
// all: the fault is invalid_type.
func (c *Client) List(ctx context.Context, queries []ListQuery) ([]FileProperties, error) {
	calls := slices.Collect(slices.Chunk(queries, listQueriesPerCall))
	answers := make([][]FileProperties, len(calls))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listCallsAtOnce)
	for i, call := range calls {
		group.Go(func() error {
			var err error
			answers[i], err = c.listOnce(ctx, call)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if all := slices.Concat(answers...); all != nil {
		return all, nil
	}
	return []FileProperties{}, nil
}

func (c *Client) listOnce(ctx context.Context, queries []ListQuery) ([]FileProperties, error) {
	var found []FileProperties
	message := func(s *Session) []byte { return listMessage(s, queries) }
	err := c.soap(ctx, "list metadata", message, func(response *node) error {
		found = readFileProperties(response.all("result"))
		if slices.ContainsFunc(found, func(p FileProperties) bool { return p.Type == "" || p.FullName == "" }) {
			return errNotWellMade // a component without a name would be lost without a word
		}
		return nil
	})
	return found, err
}

func readFileProperties(nodes []*node) []FileProperties {
	found := make([]FileProperties, 0, len(nodes))
	for _, n := range nodes {
		found = append(found, FileProperties{
			Type:               n.str("type"),
			FullName:           n.str("fullName"),
			FileName:           n.str("fileName"),
			ID:                 n.str("id"),
			NamespacePrefix:    n.str("namespacePrefix"),
			ManageableState:    n.str("manageableState"),
			CreatedByID:        n.str("createdById"),
			CreatedByName:      n.str("createdByName"),
			CreatedDate:        n.time("createdDate"),
			LastModifiedByID:   n.str("lastModifiedById"),
			LastModifiedByName: n.str("lastModifiedByName"),
			LastModifiedDate:   n.time("lastModifiedDate"),
		})
	}
	return found
}

// resultID reads the id of an asynchronous call just accepted. An answer
// without one is not an acceptance.
func resultID(response *node, id *string) error {
	*id = response.at("result").str("id")
	if !isID(*id) {
		return errNotWellMade
	}
	return nil
}

// countingWriter counts what goes through it.
type countingWriter struct {
	out     io.Writer
	written int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.out.Write(p)
	w.written += int64(n)
	return n, err
}
