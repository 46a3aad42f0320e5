package scan

import (
	"context"
	"errors"
	"fmt"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
)

// untold are the types of which MetadataComponentDependency is known to have no
// rows, or too few to count on: reports by its documentation (Tooling API,
// "MetadataComponentDependency"), the others by what its users report.
var untold = map[string]bool{
	"CustomMetadata": true, "CustomObjectTranslation": true, "Dashboard": true, "EmailTemplate": true, "Group": true,
	"ListView": true, "MutingPermissionSet": true, "PermissionSet": true, "PermissionSetGroup": true, "Profile": true,
	"Queue": true, "Report": true, "Role": true, "SharingRules": true, "Translations": true,
}

// told asks the source's own list of dependencies for what the components
// need. Names in that list are often without their object, so its ids count.
func (q *search) told(ctx context.Context, keys []metadata.Key) ([]Dependency, error) {
	for _, k := range keys {
		if untold[k.Type] {
			q.uncovered[k.Type] = true
		}
	}
	if err := q.source.load(ctx, keys); err != nil {
		return nil, err
	}
	ids := q.source.ids(keys)
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := q.source.side.client.Dependencies(ctx, ids)
	if err = q.survivable(q.source, err); err != nil {
		return nil, err
	}
	return q.readRows(ctx, q.source, rows)
}

// survivable notes what cuts the org's answer short and lets the check go on
// with what was read from the files.
func (q *search) survivable(c *catalogue, err error) error {
	var fault *governance.Fault
	switch {
	case err == nil:
		return nil
	case governance.FaultCode(err) == salesforce.CodeTooManyDeps && errors.As(err, &fault):
		q.cut("%s", fault.Message)
		return nil
	case isRefused(err) || governance.FaultCode(err) == salesforce.CodeInvalidQuery:
		q.cut("%s does not give its list of dependencies; only the files of the package were read.", c.side.name())
		return nil
	}
	return err
}

// stillUsed asks the target what there needs a component that the record
// deletes, and is neither deleted with it nor replaced by the package.
func (q *search) stillUsed(ctx context.Context) error {
	gone := sortedKeys(q.deleted)
	if err := q.target.load(ctx, gone); err != nil {
		return err
	}
	ids := q.target.ids(gone)
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.target.side.client.Dependents(ctx, ids)
	if err = q.survivable(q.target, err); err != nil {
		return err
	}
	users, err := q.readRows(ctx, q.target, rows)
	if err != nil {
		return err
	}
	for _, d := range users {
		if d.In = Deleted; !q.deleted[d.From] && !q.inPackage[d.From] {
			q.note(d)
		}
	}
	return nil
}

// readRows turns rows of an org's list into dependencies.
func (q *search) readRows(ctx context.Context, c *catalogue, rows []salesforce.Dependency) ([]Dependency, error) {
	types := []metadata.Key{}
	for _, r := range rows {
		for _, name := range []string{r.ComponentType, r.RefComponentType} {
			if t, known := metadata.TypeOf(name); known && !t.InFolder {
				types = append(types, metadata.Key{Type: t.Name})
			}
		}
	}
	if err := c.load(ctx, types); err != nil {
		return nil, err
	}
	found, unmatched := []Dependency{}, 0
	for _, r := range rows {
		from, hasFrom := c.match(r.ComponentID, r.ComponentType, r.ComponentNamespace, r.ComponentName)
		to, hasTo := c.match(r.RefComponentID, r.RefComponentType, r.RefComponentNamespace, r.RefComponentName)
		switch {
		case r.RefComponentType == "StandardEntity":
		case !hasFrom || !hasTo:
			unmatched++
		case !to.IsStandard() && from != to:
			found = append(found, Dependency{From: from, To: to, Found: []string{FoundByOrg}})
		}
	}
	if unmatched > 0 {
		q.notes = append(q.notes, fmt.Sprintf("%s that %s lists could not be matched to a component.", counted(unmatched, "dependency", "dependencies"), c.side.name()))
	}
	return found, nil
}

// match finds the component that a row means: by its id, or by a name that is
// a whole one.
func (c *catalogue) match(id, typeName, namespace, name string) (metadata.Key, bool) {
	if k, ok := c.byID[id]; ok {
		return k, true
	}
	k := metadata.Key{Type: typeName, Name: qualified(namespace, name)}
	return k, c.has(k)
}

func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "__" + name
}
