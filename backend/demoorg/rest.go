package demoorg

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
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
	switch {
	case path == "":
		o.resources(w, r, base)
	case path == "/query":
		o.query(w, r, u, base+"/sobjects/", restTables, false)
	case path == "/tooling/query":
		o.query(w, r, u, base+"/tooling/sobjects/", toolingTables, true)
	case path == "/limits":
		o.limits(w, r)
	case strings.HasPrefix(path, "/sobjects/User/"), strings.HasPrefix(path, "/sobjects/Organization/"):
		o.record(w, r, u, base, path)
	case path == "/metadata/deployRequest" || strings.HasPrefix(path, "/metadata/deployRequest/"):
		o.deployRequest(w, r, u, base, strings.TrimPrefix(strings.TrimPrefix(path, "/metadata/deployRequest"), "/"))
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
	if !tooling {
		writeJSONAnswer(w, http.StatusOK, struct {
			TotalSize int               `json:"totalSize"`
			Done      bool              `json:"done"`
			Records   []json.RawMessage `json:"records"`
		}{len(records), true, records})
		return
	}
	writeJSONAnswer(w, http.StatusOK, struct {
		Size           int               `json:"size"`
		TotalSize      int               `json:"totalSize"`
		Done           bool              `json:"done"`
		QueryLocator   *string           `json:"queryLocator"`
		EntityTypeName string            `json:"entityTypeName"`
		Records        []json.RawMessage `json:"records"`
	}{len(records), len(records), true, nil, a.object, records})
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
	for i, name := range r.names {
		value, _ := json.Marshal(r.values[i])
		fmt.Fprintf(&out, ",%q:%s", name, value)
	}
	out.WriteByte('}')
	return out.Bytes()
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
	const most = 100_000
	type limit struct{ Max, Remaining int }
	o.mu.Lock()
	left := max(0, most-o.calls)
	o.mu.Unlock()
	writeJSONAnswer(w, http.StatusOK, map[string]limit{"DailyApiRequests": {most, left}})
}

// A restDeployment is what the deployRequest resource answers.
type restDeployment struct {
	ID            string         `json:"id"`
	URL           string         `json:"url"`
	DeployOptions *deployOptions `json:"deployOptions,omitempty"`
	DeployResult  *deployResult  `json:"deployResult,omitempty"`
}

func (o *Org) deployRequest(w http.ResponseWriter, r *http.Request, u user, base, id string) {
	answer := func(status int, id string, options *deployOptions, result *deployResult) {
		if result != nil {
			result.Details.fill()
		}
		writeJSONAnswer(w, status, restDeployment{ID: id, URL: "http://" + r.Host + base + "/metadata/deployRequest/" + id, DeployOptions: options, DeployResult: result})
	}
	switch r.Method {
	case http.MethodPost:
		d, f := o.restDeploy(w, r, u)
		if f != nil {
			writeJSONFault(w, f)
			return
		}
		answer(http.StatusCreated, d.ID, &d.Options, nil)
	case http.MethodGet:
		result, f := o.deployStatus(id, r.URL.Query().Get("includeDetails") == "true")
		if f != nil {
			writeJSONFault(w, f)
			return
		}
		answer(http.StatusOK, result.ID, nil, &result)
	case http.MethodPatch:
		f := o.restCancel(r, id, u)
		if f != nil {
			writeJSONFault(w, f)
			return
		}
		result, f := o.deployStatus(id, false)
		if f != nil {
			writeJSONFault(w, f)
			return
		}
		answer(http.StatusAccepted, result.ID, nil, &result)
	default:
		allowed(w, r, http.MethodGet, http.MethodPost, http.MethodPatch)
	}
}

func (o *Org) restCancel(r *http.Request, id string, u user) *fault {
	var wish struct {
		DeployResult struct {
			Status string `json:"status"`
		} `json:"deployResult"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&wish); err != nil {
		return jsonFault(err)
	}
	if wish.DeployResult.Status != statusCanceling {
		return faultf(http.StatusBadRequest, "INVALID_OPERATION", "A deployment can only be set to Canceling.")
	}
	_, f := o.cancel(id, u.ID)
	return f
}

func jsonFault(err error) *fault {
	return faultf(http.StatusBadRequest, "JSON_PARSER_ERROR", "The JSON can't be read: %s.", err)
}

// restDeploy takes a multipart form with a zip and its options in any order,
// or the JSON that names a validation to deploy.
func (o *Org) restDeploy(w http.ResponseWriter, r *http.Request, u user) (*deployment, *fault) {
	body := http.MaxBytesReader(w, r.Body, maxSOAPBody)
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		var wish struct {
			Validation string `json:"validatedDeployRequestId"`
		}
		if err := json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&wish); err != nil {
			return nil, jsonFault(err)
		}
		return o.quick(wish.Validation, u.ID)
	}
	in, options, err := o.readForm(multipart.NewReader(body, parameters["boundary"]))
	if err != nil {
		if in != nil {
			in.abandon()
		}
		f := soapFault(err)
		f.status = http.StatusBadRequest
		return nil, f
	}
	file, err := in.finish()
	if err != nil {
		return nil, o.diskFault(err)
	}
	f := knownLevel(options.TestLevel)
	if f == nil {
		var d *deployment
		if d, f = o.accept(file, u.ID, options, ""); f == nil {
			return d, nil
		}
	}
	file.discard()
	return nil, f
}

// readForm knows the zip by its content type or its file name, and the options
// by being JSON.
func (o *Org) readForm(form *multipart.Reader) (in *incoming, options deployOptions, err error) {
	options.RollbackOnError = true
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, options, err
		}
		if strings.Contains(part.Header.Get("Content-Type"), "json") || part.FormName() == "json" || part.FormName() == "entity_content" {
			data, err := io.ReadAll(io.LimitReader(part, 1<<20))
			if err != nil {
				return in, options, err
			}
			if options, err = optionsFromJSON(data); err != nil {
				return in, options, err
			}
			continue
		}
		if in != nil {
			return in, options, errors.New("there are two files")
		}
		if in, err = o.receive(); err != nil {
			return nil, options, err
		}
		if _, err := io.Copy(in, part); err != nil {
			return in, options, err
		}
	}
	if in == nil {
		return nil, options, errors.New("there is no zip file in the form")
	}
	return in, options, nil
}

// fill makes empty lists of nil ones: JSON has no other word for them.
func (d *deployDetails) fill() {
	d.ComponentFailures = append([]deployMessage{}, d.ComponentFailures...)
	d.ComponentSuccesses = append([]deployMessage{}, d.ComponentSuccesses...)
	r := d.RunTestResult
	if r == nil {
		return
	}
	r.CodeCoverage = append([]codeCoverage{}, r.CodeCoverage...)
	r.CodeCoverageWarnings = append([]coverageWarning{}, r.CodeCoverageWarnings...)
	r.Failures = append([]testFailure{}, r.Failures...)
	r.Successes = append([]testSuccess{}, r.Successes...)
	r.FlowCoverage, r.FlowCoverageWarnings = []struct{}{}, []struct{}{}
	for i := range r.CodeCoverage {
		r.CodeCoverage[i].LocationsNotCovered = append([]codeLocation{}, r.CodeCoverage[i].LocationsNotCovered...)
	}
}
