package demoorg

import (
	"fmt"
	"strings"
	"time"
)

// auditTable is SetupAuditTrail (Object Reference): who changed what in the
// org's set-up, by a deployment or by hand. Salesforce keeps 180 days of it.
var auditTable = table{
	name: "SetupAuditTrail",
	fields: []string{"Id", "Action", "Section", "Display", "CreatedDate", "CreatedById", "CreatedBy.Name", "CreatedBy.Username",
		"DelegateUser", "ResponsibleNamespacePrefix", "CreatedByContext", "CreatedByIssuer"},
	types: map[string]string{"CreatedDate": "time"},
	rows: func(o *Org, _ user) []map[string]any {
		from := o.clock().Add(-keptAudit)
		rows := o.clicked(from)
		for _, d := range o.appliedSince(from) {
			rows = append(rows, o.auditOf(d)...)
		}
		return rows
	},
}

const keptAudit = 180 * 24 * time.Hour

// appliedSince gives what a row needs of each deployment that changed the org,
// newest first.
func (o *Org) appliedSince(from time.Time) []deployment {
	o.mu.Lock()
	defer o.mu.Unlock()
	var applied []deployment
	for i := len(o.deployments) - 1; i >= 0; i-- {
		if d := o.deployments[i]; d.Changed && d.Completed.After(from) {
			applied = append(applied, deployment{ID: d.ID, UserID: d.UserID, Completed: d.Completed})
		}
	}
	return applied
}

func (o *Org) auditOf(d deployment) []map[string]any {
	var v verdict
	if _, err := readJSON(o.deploymentFile(d.ID, verdictEnding), &v); err != nil {
		o.log.Error("read the result of a deployment", "id", d.ID, "error", err)
		return nil
	}
	o.mu.Lock()
	by, _ := o.who.user(d.UserID)
	o.mu.Unlock()
	var rows []map[string]any
	for _, m := range v.Details.ComponentSuccesses {
		verb := auditVerb(m)
		if verb == "" || m.ComponentType == "" {
			continue
		}
		rows = append(rows, auditRow(hashID("0Ym", d.ID, m.ComponentType, m.FullName, verb), strings.ToLower(verb)+m.ComponentType, title(spaced(m.ComponentType)),
			fmt.Sprintf("%s %s: %s", verb, spaced(m.ComponentType), m.FullName), d.Completed, by))
	}
	return rows
}

func auditRow(id, action, section, display string, at time.Time, by user) map[string]any {
	return map[string]any{
		"Id": id, "Action": action, "Section": section, "Display": display,
		"CreatedDate": at, "CreatedById": by.ID, "CreatedBy.Name": by.Name, "CreatedBy.Username": by.Username,
		"DelegateUser": nil, "ResponsibleNamespacePrefix": nil, "CreatedByContext": nil, "CreatedByIssuer": nil,
	}
}

func auditVerb(m deployMessage) string {
	switch {
	case m.Deleted:
		return "Deleted"
	case m.Created:
		return "Created"
	case m.Changed:
		return "Changed"
	}
	return ""
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
