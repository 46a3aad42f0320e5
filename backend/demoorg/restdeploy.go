package demoorg

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// A restDeployment is what the deployRequest resource answers.
type restDeployment struct {
	ID            string         `json:"id"`
	URL           string         `json:"url"`
	DeployOptions *deployOptions `json:"deployOptions,omitempty"`
	DeployResult  *deployResult  `json:"deployResult,omitempty"`
}

func (o *Org) deployRequest(w http.ResponseWriter, r *http.Request, u user, version int, id string) {
	base := "/services/data/" + versionPath(version)
	answer := func(status int, id string, options *deployOptions, result *deployResult) {
		if result != nil {
			result.Details.fill()
			*result = result.inVersion(version)
		}
		writeJSONAnswer(w, status, restDeployment{ID: id, URL: "http://" + r.Host + base + "/metadata/deployRequest/" + id, DeployOptions: options, DeployResult: result})
	}
	switch r.Method {
	case http.MethodPost:
		d, f := o.restDeploy(w, r, u, version)
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
		answer(http.StatusOK, result.ID, o.optionsOf(result.ID), &result)
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

// optionsOf gives the options of a deployment that is there.
func (o *Org) optionsOf(id string) *deployOptions {
	o.mu.Lock()
	defer o.mu.Unlock()
	options := o.byID[id].Options
	return &options
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
func (o *Org) restDeploy(w http.ResponseWriter, r *http.Request, u user, version int) (*deployment, *fault) {
	body := http.MaxBytesReader(w, r.Body, maxSOAPBody)
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		var wish struct {
			Validation string `json:"validatedDeployRequestId"`
		}
		if err := json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&wish); err != nil {
			return nil, jsonFault(err)
		}
		return o.quick(wish.Validation, u)
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
	f := knownLevel(options.TestLevel, version)
	if f == nil {
		var d *deployment
		if d, f = o.accept(file, u, options, ""); f == nil {
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
