package demoorg

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

func versionPath(version int) string { return fmt.Sprintf("v%d.0", version) }

func writeJSONAnswer(w http.ResponseWriter, status int, v any) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		writeJSONFault(w, faultf(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred in the demo org."))
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n'))
}

// writeJSONFault writes Salesforce's array of one error.
func writeJSONFault(w http.ResponseWriter, f *fault) {
	type restError struct {
		Message   string `json:"message"`
		ErrorCode string `json:"errorCode"`
	}
	data, _ := json.Marshal([]restError{{f.text, f.code}})
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(f.status)
	_, _ = w.Write(data)
}

// versions answers GET /services/data, which needs no sign-in.
func (o *Org) versions(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	type versionEntry struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	var list []versionEntry
	for v := oldestVersion; v <= newestVersion; v++ {
		list = append(list, versionEntry{versionLabel(v), "/services/data/" + versionPath(v), versionText(v)})
	}
	writeJSONAnswer(w, http.StatusOK, list)
}

// versionLabel names a release: three a year, 68.0 is Winter '27.
func versionLabel(version int) string {
	seasons := []string{"Spring", "Summer", "Winter"}
	n := version - 31 // 31.0 is Summer '14
	year := 14 + (n+1)/3
	season := seasons[(n+1)%3]
	if season == "Winter" {
		year++
	}
	return fmt.Sprintf("%s '%d", season, year)
}

func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m || m == http.MethodGet && r.Method == http.MethodHead {
			return true
		}
	}
	list := strings.Join(methods, ",")
	w.Header().Set("Allow", list)
	writeJSONFault(w, faultf(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '%s' not allowed. Allowed are %s", r.Method, list))
	return false
}

// bearer gives the user of the Authorization header, or answers 401.
func (o *Org) bearer(w http.ResponseWriter, r *http.Request) (user, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "OAuth") {
		if u, ok := o.bySession(strings.TrimSpace(token)); ok {
			return u, true
		}
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="https://login.salesforce.com/"`)
	writeJSONFault(w, faultf(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid"))
	return user{}, false
}

func (o *Org) serveREST(w http.ResponseWriter, r *http.Request, version int, path string) {
	if version < oldestVersion || version > newestVersion {
		writeJSONFault(w, notFoundFault())
		return
	}
	u, ok := o.bearer(w, r)
	if !ok {
		return
	}
	base := "/services/data/" + versionPath(version)
	f := o.refuseCall(u)
	if f == nil && strings.HasPrefix(path, "/metadata/") {
		f = metadataRefusal(u.provoked)
	}
	w.Header().Set("Sforce-Limit-Info", o.limitInfo())
	if f != nil {
		writeJSONFault(w, f)
		return
	}
	switch {
	case path == "":
		o.resources(w, r, base)
	case path == "/query":
		o.query(w, r, u, base+"/sobjects/", restTables, false)
	case path == "/tooling/query":
		o.query(w, r, u, base+"/tooling/sobjects/", toolingTables, true)
	case strings.HasPrefix(path, "/query/"):
		o.nextPage(w, r, base, path, false)
	case strings.HasPrefix(path, "/tooling/query/"):
		o.nextPage(w, r, base, path, true)
	case path == "/limits":
		o.limits(w, r)
	case strings.HasPrefix(path, "/sobjects/User/"), strings.HasPrefix(path, "/sobjects/Organization/"):
		o.record(w, r, u, base, path)
	case path == "/metadata/deployRequest" || strings.HasPrefix(path, "/metadata/deployRequest/"):
		o.deployRequest(w, r, u, version, strings.TrimPrefix(strings.TrimPrefix(path, "/metadata/deployRequest"), "/"))
	default:
		writeJSONFault(w, notFoundFault())
	}
}

func (o *Org) resources(w http.ResponseWriter, r *http.Request, base string) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	o.mu.Lock()
	identity := "http://" + r.Host + "/id/" + o.who.OrganizationID + "/" + o.who.Users[0].ID
	o.mu.Unlock()
	writeJSONAnswer(w, http.StatusOK, map[string]string{
		"identity": identity, "limits": base + "/limits", "metadata": base + "/metadata", "query": base + "/query",
		"sobjects": base + "/sobjects", "tooling": base + "/tooling",
	})
}

func (o *Org) query(w http.ResponseWriter, r *http.Request, u user, recordBase string, tables []table, tooling bool) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	a, f := runQuery(o, u, tables, r.URL.Query().Get("q"))
	if f != nil {
		writeJSONFault(w, f)
		return
	}
	records := make([]json.RawMessage, 0, len(a.rows))
	for i, row := range a.rows {
		records = append(records, row.json(a.object, recordBase+a.object+"/"+a.ids[i]))
	}
	o.answerPage(w, o.keepAnswer(a.object, records, tooling), 0, strings.TrimSuffix(recordBase, "sobjects/"))
}

// json writes a record: its attributes, then the fields in the order in which
// they were asked for.
func (r queryRow) json(object, url string) json.RawMessage {
	var out bytes.Buffer
	attributes, _ := json.Marshal(struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}{object, url})
	out.WriteString(`{"attributes":`)
	out.Write(attributes)
	written := map[string]bool{}
	for i, name := range r.names {
		if parent, _, related := strings.Cut(name, "."); related {
			if !written[parent] {
				written[parent] = true
				fmt.Fprintf(&out, ",%q:%s", parent, r.related(parent))
			}
			continue
		}
		value, _ := json.Marshal(r.values[i])
		fmt.Fprintf(&out, ",%q:%s", name, value)
	}
	out.WriteByte('}')
	return out.Bytes()
}

// related gives the fields of a parent record, "CreatedBy.Name", as the object
// that stands for it. All parents here are users.
func (r queryRow) related(parent string) json.RawMessage {
	child := queryRow{}
	for i, name := range r.names {
		if field, ok := strings.CutPrefix(name, parent+"."); ok {
			child.names, child.values = append(child.names, field), append(child.values, r.values[i])
		}
	}
	return child.json("User", "/services/data/"+versionPath(newestVersion)+"/sobjects/User")
}

func (o *Org) record(w http.ResponseWriter, r *http.Request, u user, base, path string) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	object, id, _ := strings.Cut(strings.TrimPrefix(path, "/sobjects/"), "/")
	for _, t := range restTables {
		if t.name != object {
			continue
		}
		for _, row := range t.rows(o, u) {
			if row["Id"] != id18(id) {
				continue
			}
			q := &soqlQuery{fields: t.fields, limit: -1}
			folded := map[string]any{}
			for name, value := range row {
				folded[strings.ToLower(name)] = value
			}
			a := t.answer(q, []map[string]any{folded})
			writeJSONAnswer(w, http.StatusOK, a.rows[0].json(object, base+path))
			return
		}
	}
	writeJSONFault(w, notFoundFault())
}

func (o *Org) limits(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	type limit struct{ Max, Remaining int }
	o.mu.Lock()
	most, left := o.daily, max(0, o.daily-o.calls)
	o.mu.Unlock()
	writeJSONAnswer(w, http.StatusOK, map[string]limit{"DailyApiRequests": {most, left}})
}

// refuseCall counts a call of a session and says why it is not answered: what
// the session asked for, or no requests left in these 24 hours.
func (o *Org) refuseCall(u user) *fault {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now := o.clock(); now.Sub(o.callsFrom) >= 24*time.Hour {
		o.calls, o.callsFrom = 0, now
	}
	if o.calls >= o.daily {
		return quotaFault()
	}
	o.calls++
	return callRefusal(u.provoked)
}

// limitInfo is the header in which Salesforce tells how many calls are used.
func (o *Org) limitInfo() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("api-usage=%d/%d", o.calls, o.daily)
}
