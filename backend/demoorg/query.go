package demoorg

import (
	"encoding/xml"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"countersign/backend/metadata"
)

// A table is one object that can be queried. The first field of a row is its
// id.
type table struct {
	name   string
	fields []string
	types  map[string]string // what is not text: "number", "bool", "time"
	rows   func(o *Org, u user) []map[string]any
	refuse func(q *soqlQuery) *fault
	cap    int // rows that one query gives at most; 0 for no cap
	noID   bool
}

var restTables = []table{organizationTable, userTable, auditTable}

var toolingTables = []table{
	dependencyTable, deployRequestTable, userTable, organizationTable, auditTable, flowTable, flowDefinitionTable,
	componentTable("ApexClass", "Name"), componentTable("ApexTrigger", "Name"), componentTable("ApexPage", "Name"),
	componentTable("CustomField", "DeveloperName"), componentTable("CustomObject", "DeveloperName"),
	componentTable("ApexComponent", "Name"), componentTable("StaticResource", "Name"), componentTable("FlexiPage", "DeveloperName"),
	componentTable("LightningComponentBundle", "DeveloperName"), componentTable("AuraDefinitionBundle", "DeveloperName"),
	componentTable("CompactLayout", "DeveloperName"), componentTable("RecordType", "DeveloperName"), componentTable("WorkflowRule", "Name"),
	componentTable("CustomApplication", "DeveloperName"), componentTable("GlobalValueSet", "DeveloperName"), componentTable("EmailTemplate", "Name"),
	valueSetTable, componentTable("ValidationRule", "ValidationName"), componentTable("Layout", "Name"),
}

// A row of an answer keeps the order of the fields that were asked for.
type queryRow struct {
	names  []string
	values []any
}

type queryAnswer struct {
	object string
	ids    []string
	rows   []queryRow
}

func runQuery(o *Org, u user, tables []table, text string) (*queryAnswer, *fault) {
	q, f := parseSOQL(text)
	if f != nil {
		return nil, f
	}
	i := slices.IndexFunc(tables, func(t table) bool { return strings.EqualFold(t.name, q.object) })
	if i < 0 || hiddenFrom(u.provoked, q.object) {
		return nil, faultf(http.StatusBadRequest, "INVALID_TYPE", "sObject type '%s' is not supported.", q.object)
	}
	t := tables[i]
	if f := t.check(q); f != nil {
		return nil, f
	}
	return t.run(o, u, q)
}

func (t table) field(name string) (string, bool) {
	for _, f := range t.fields {
		if strings.EqualFold(f, name) {
			return f, true
		}
	}
	return "", false
}

func (t table) check(q *soqlQuery) *fault {
	if t.refuse != nil {
		if f := t.refuse(q); f != nil {
			return f
		}
	}
	asked := append(append([]string{}, q.fields...), q.where.fieldsOf()...)
	if q.order != "" {
		asked = append(asked, q.order)
	}
	for _, name := range asked {
		if _, ok := t.field(name); !ok {
			return faultf(http.StatusBadRequest, "INVALID_FIELD", "No such column '%s' on entity '%s'.", name, t.name)
		}
	}
	return q.where.each(func(c *condition) *fault {
		name, _ := t.field(c.field)
		want := t.types[name]
		if want == "" {
			want = "text"
		}
		for _, v := range c.value {
			if v.kind != want && v.kind != "null" {
				return faultf(http.StatusBadRequest, "INVALID_FIELD", "The value %s has not the type of the field %s.", quoteSOQL(v), name)
			}
		}
		return nil
	})
}

func (t table) run(o *Org, u user, q *soqlQuery) (*queryAnswer, *fault) {
	var kept []map[string]any
	for _, row := range t.rows(o, u) {
		folded := make(map[string]any, len(row))
		for name, value := range row {
			folded[strings.ToLower(name)] = value
		}
		ok, f := q.where.holds(folded)
		if f != nil {
			return nil, f
		}
		if ok {
			kept = append(kept, folded)
		}
	}
	if q.order != "" {
		by := strings.ToLower(q.order)
		sort.SliceStable(kept, func(i, j int) bool {
			if q.desc {
				i, j = j, i
			}
			return lessValue(kept[i][by], kept[j][by])
		})
	}
	if q.limit >= 0 && len(kept) > q.limit {
		kept = kept[:q.limit]
	}
	if t.cap > 0 && len(kept) > t.cap {
		kept = kept[:t.cap]
	}
	return t.answer(q, kept), nil
}

func (t table) answer(q *soqlQuery, kept []map[string]any) *queryAnswer {
	a := &queryAnswer{object: t.name}
	for _, row := range kept {
		r := queryRow{}
		for _, asked := range q.fields {
			name, _ := t.field(asked)
			value := row[strings.ToLower(name)]
			if when, ok := value.(time.Time); ok {
				value = when.UTC().Format("2006-01-02T15:04:05.000") + "+0000"
			}
			r.names, r.values = append(r.names, name), append(r.values, value)
		}
		id, _ := row["id"].(string)
		if t.noID || id == "" {
			id = "000000000000000AAA"
		}
		a.ids, a.rows = append(a.ids, id), append(a.rows, r)
	}
	return a
}

func lessValue(a, b any) bool {
	switch x := a.(type) {
	case string:
		y, ok := b.(string)
		return ok && x < y
	case int:
		y, ok := b.(int)
		return ok && x < y
	case bool:
		y, ok := b.(bool)
		return ok && !x && y
	case time.Time:
		y, ok := b.(time.Time)
		return ok && x.Before(y)
	case nil:
		return b != nil
	}
	return false
}

var organizationTable = table{
	name: "Organization",
	fields: []string{"Id", "Name", "InstanceName", "IsSandbox", "TrialExpirationDate", "NamespacePrefix", "OrganizationType",
		"LanguageLocaleKey", "DefaultLocaleSidKey", "TimeZoneSidKey", "CreatedDate"},
	types: map[string]string{"IsSandbox": "bool", "TrialExpirationDate": "time", "CreatedDate": "time"},
	rows: func(o *Org, _ user) []map[string]any {
		o.mu.Lock()
		defer o.mu.Unlock()
		return []map[string]any{{
			"Id": o.who.OrganizationID, "Name": o.who.Name, "InstanceName": "DEMO1", "IsSandbox": o.who.Kind == KindUAT,
			"TrialExpirationDate": nil, "NamespacePrefix": nil, "OrganizationType": "Enterprise Edition",
			"LanguageLocaleKey": "en_US", "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "Europe/Stockholm", "CreatedDate": o.who.Created,
		}}
	},
}

var userTable = table{
	name:   "User",
	fields: []string{"Id", "Username", "Name", "Email", "IsActive"},
	types:  map[string]string{"IsActive": "bool"},
	rows: func(o *Org, _ user) []map[string]any {
		o.mu.Lock()
		defer o.mu.Unlock()
		var rows []map[string]any
		for _, u := range o.who.Users {
			rows = append(rows, map[string]any{"Id": u.ID, "Username": u.Username, "Name": u.Name, "Email": u.Username, "IsActive": true})
		}
		return rows
	},
}

var deployRequestTable = table{
	name: "DeployRequest",
	fields: []string{"Id", "Status", "CheckOnly", "CreatedById", "CreatedDate", "StartDate", "CompletedDate", "LastModifiedDate",
		"NumberComponentsTotal", "NumberComponentsDeployed", "NumberComponentErrors", "NumberTestsTotal", "NumberTestsCompleted",
		"NumberTestErrors", "RollbackOnError", "IgnoreWarnings", "RunTestsEnabled", "StateDetail", "ErrorMessage", "ErrorStatusCode", "CanceledById", "CreatedBy.Name"},
	types: map[string]string{"CheckOnly": "bool", "RollbackOnError": "bool", "IgnoreWarnings": "bool", "RunTestsEnabled": "bool",
		"CreatedDate": "time", "StartDate": "time", "CompletedDate": "time", "LastModifiedDate": "time",
		"NumberComponentsTotal": "number", "NumberComponentsDeployed": "number", "NumberComponentErrors": "number",
		"NumberTestsTotal": "number", "NumberTestsCompleted": "number", "NumberTestErrors": "number"},
	rows: func(o *Org, _ user) []map[string]any {
		o.mu.Lock()
		defer o.mu.Unlock()
		rows := make([]map[string]any, 0, len(o.deployments))
		for _, d := range o.deployments {
			row := d.row()
			row["CreatedBy.Name"] = o.who.userName(d.UserID)
			rows = append(rows, row)
		}
		return rows
	},
}

func (d *deployment) row() map[string]any {
	p := d.Progress
	return map[string]any{
		"Id": d.ID, "Status": d.Status, "CheckOnly": d.Options.CheckOnly, "CreatedById": d.UserID, "CreatedDate": d.Created,
		"StartDate": when(d.Started), "CompletedDate": when(d.Completed), "LastModifiedDate": latest(d.Created, d.Started, d.Completed),
		"NumberComponentsTotal": p.Components, "NumberComponentsDeployed": p.ComponentsDone, "NumberComponentErrors": p.ComponentErrors,
		"NumberTestsTotal": p.Tests, "NumberTestsCompleted": p.TestsDone, "NumberTestErrors": p.TestErrors,
		"RollbackOnError": d.Options.RollbackOnError, "IgnoreWarnings": d.Options.IgnoreWarnings, "RunTestsEnabled": p.RunsTests,
		"StateDetail": orNil(p.StateDetail), "ErrorMessage": orNil(p.ErrorMessage), "ErrorStatusCode": orNil(p.ErrorStatusCode), "CanceledById": orNil(d.CanceledBy),
	}
}

func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// componentTable lists the components of a type by id and name, which is how a
// client maps names to the ids that MetadataComponentDependency speaks of.
func componentTable(typeName, nameField string) table {
	return table{
		name:   typeName,
		fields: []string{"Id", nameField, "FullName", "NamespacePrefix", "CreatedById", "CreatedDate", "LastModifiedById", "LastModifiedDate"},
		types:  map[string]string{"CreatedDate": "time", "LastModifiedDate": "time"},
		rows: func(o *Org, _ user) []map[string]any {
			m := o.current()
			var rows []map[string]any
			for _, key := range m.byType[typeName] {
				st := m.components[key].stamp
				rows = append(rows, map[string]any{
					"Id": o.componentID(key), nameField: shortName(key.Name), "FullName": key.Name, "NamespacePrefix": nil,
					"CreatedById": st.CreatedBy, "CreatedDate": st.Created, "LastModifiedById": st.ModifiedBy, "LastModifiedDate": st.Modified,
				})
			}
			return rows
		},
	}
}

// valueSetTable is how clients read standard value sets, which listMetadata does
// not give: by their label, one by one.
var valueSetTable = table{
	name:   "StandardValueSet",
	fields: []string{"Id", "MasterLabel", "FullName", "Metadata"},
	rows: func(o *Org, _ user) []map[string]any {
		var rows []map[string]any
		m := o.current()
		for _, key := range m.byType["StandardValueSet"] {
			rows = append(rows, map[string]any{"Id": o.componentID(key), "MasterLabel": key.Name, "FullName": key.Name, "Metadata": valueSet(m.body(key))})
		}
		return rows
	},
}

// valueSet gives a standard value set as the Tooling API writes it.
func valueSet(data []byte) any {
	type value struct {
		Default  bool   `xml:"default" json:"default"`
		Label    string `xml:"label" json:"label"`
		FullName string `xml:"fullName" json:"valueName"`
	}
	var set struct {
		Sorted bool    `xml:"sorted" json:"sorted"`
		Values []value `xml:"standardValue" json:"standardValue"`
	}
	if xml.Unmarshal(data, &set) != nil {
		return nil
	}
	return set
}

// shortName is the developer name: without object and without suffix.
func shortName(name string) string {
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	for _, suffix := range []string{"__c", "__mdt", "__e", "__x", "__b"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return name
}

func (o *Org) current() *model {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.model
}

// dependencyTable is MetadataComponentDependency with the gaps and the limits
// of the real one (Tooling API reference; beta): 2,000 rows, no ORDER BY, no
// OFFSET, no functions, no filter on names, only =, != and IN.
var dependencyTable = table{
	name: "MetadataComponentDependency",
	fields: []string{"MetadataComponentId", "MetadataComponentName", "MetadataComponentNamespace", "MetadataComponentType",
		"RefMetadataComponentId", "RefMetadataComponentName", "RefMetadataComponentNamespace", "RefMetadataComponentType"},
	cap:  2000,
	noID: true,
	refuse: func(q *soqlQuery) *fault {
		if q.order != "" {
			return malformed("MetadataComponentDependency does not support ORDER BY.")
		}
		return q.where.each(func(c *condition) *fault {
			switch {
			case strings.HasSuffix(strings.ToLower(c.field), "componentname"):
				return malformed("MetadataComponentDependency does not support a filter on %s.", c.field)
			case c.op != "=" && c.op != "!=" && c.op != "IN":
				return malformed("MetadataComponentDependency does not support the operator %s.", c.op)
			case strings.EqualFold(c.field, "RefMetadataComponentType") && len(c.value) > 0 && c.value[0].text == "StandardEntity":
				return malformed("MetadataComponentDependency does not support the filter RefMetadataComponentType = 'StandardEntity'.")
			}
			return nil
		})
	},
	rows: func(o *Org, _ user) []map[string]any {
		m := o.current()
		var rows []map[string]any
		seen := map[[2]metadata.Key]bool{}
		for _, r := range m.references() {
			pair := [2]metadata.Key{r.From, r.To}
			if seen[pair] || r.From == r.To || dependencyGap(r) || !m.has(r.From) || !m.has(r.To) {
				continue
			}
			seen[pair] = true
			rows = append(rows, map[string]any{
				"MetadataComponentId": o.componentID(r.From), "MetadataComponentName": shortName(r.From.Name),
				"MetadataComponentNamespace": nil, "MetadataComponentType": r.From.Type,
				"RefMetadataComponentId": o.componentID(r.To), "RefMetadataComponentName": shortName(r.To.Name),
				"RefMetadataComponentNamespace": nil, "RefMetadataComponentType": r.To.Type,
			})
		}
		return rows
	},
}

// dependencyGap are the references that the real object does not know:
// everything of permission sets, profiles and reports, names that only stand
// in strings, standard objects, and a child's own object.
func dependencyGap(r metadata.Reference) bool {
	switch r.From.Type {
	case "PermissionSet", "PermissionSetGroup", "MutingPermissionSet", "Profile", "Report", "Dashboard", "CustomMetadata", "SharingRules", "Translations", "CustomObjectTranslation":
		return true
	}
	if r.To.Type == "CustomObject" && isStandardObject(r.To.Name) {
		return true
	}
	return r.Kind == metadata.RefParent
}
