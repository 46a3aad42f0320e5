package salesforce

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"

	"countersign/backend/governance"
)

// maxMessageBytes is Salesforce's limit of a SOAP message: 50 MB, which leaves
// about 39 MB for the zip before base64.
const maxMessageBytes = 50 << 20

// Deploy sends the zip, of size bytes, in one POST that is never repeated, and
// returns the id to ask DeployStatus with. Each error is ErrNotSent or
// ErrUnknownOutcome for errors.Is, and mostly also a fault. If the session has
// expired the error is ErrNotSent and ErrSessionExpired; the next call renews
// it before it sends anything.
func (c *Client) Deploy(ctx context.Context, zip io.Reader, size int64, o DeployOptions) (asyncID string, err error) {
	if err := checkZipSize(size); err != nil {
		return "", notSent(err)
	}
	if err := o.check(c.Session().APIVersion); err != nil {
		return "", notSent(err)
	}
	err = c.callOnce(ctx, func(s *Session) request {
		if c.byREST() {
			return restDeploy(s, zip, size, o)
		}
		head, tail := deployMessage(s, o)
		body, length := deployBody(head, zip, size, tail)
		return request{op: "deploy", path: soapPath(s), once: body, length: length, form: formXML, stream: true}
	}, c.either(
		func(response *node) error { return resultID(response, &asyncID) },
		func(answer *node) error { return restID(answer, &asyncID) }))
	if err != nil {
		return "", err
	}
	return asyncID, nil
}

// relevantTestsSince is the version that brought RunRelevantTests.
const relevantTestsSince = 66

// check refuses options that Salesforce would misread: tests are run with
// RunSpecifiedTests only, and a level that a version lacks is none. The fault is
// invalid_options.
func (o DeployOptions) check(apiVersion string) error {
	switch o.TestLevel {
	case RunSpecifiedTests:
		if len(o.RunTests) == 0 {
			return governance.Faultf(CodeInvalidOptions, "The deployment is to run specified tests, and names none.").
				WithHint("Name at least one test class, or choose another test level.")
		}
		return nil
	case RunRelevantTests:
		if v := versionNumber(apiVersion); v > 0 && v < relevantTestsSince {
			return governance.Faultf(CodeInvalidOptions, "Relevant tests can be run from API version %d.0 on; this org is reached with %s.", relevantTestsSince, apiVersion).
				WithHint("Choose another test level.")
		}
	case "", NoTestRun, RunLocalTests, RunAllTestsInOrg:
	default:
		return governance.Faultf(CodeInvalidOptions, "There is no test level %q.", string(o.TestLevel)).WithHint("Choose another test level.")
	}
	if len(o.RunTests) > 0 {
		return governance.Faultf(CodeInvalidOptions, "The deployment names tests, and its test level does not run them.").
			WithHint("Choose the test level RunSpecifiedTests, or name no tests.")
	}
	return nil
}

func checkZipSize(size int64) error {
	if size <= 0 {
		return governance.Faultf(CodeInvalidZip, "The package to deploy is empty.").
			WithHint("Choose at least one customization, and retrieve the package again.")
	}
	const room = 64 << 10 // the envelope and the options
	if size > maxMessageBytes || base64.StdEncoding.EncodedLen(int(size)) > maxMessageBytes-room {
		return governance.Faultf(CodeZipTooLarge, "The package is larger than the 39 MB that Salesforce accepts.").
			WithHint("Deploy it in parts.")
	}
	return nil
}

// DeployRecentValidation deploys what a succeeded validation of the last ten
// days has checked (quick deploy), and returns the id of the new deployment.
// Its errors follow the same rule as Deploy's.
func (c *Client) DeployRecentValidation(ctx context.Context, validationID string) (newID string, err error) {
	if err := checkID(validationID); err != nil {
		return "", notSent(err)
	}
	err = c.callOnce(ctx, func(s *Session) request {
		if c.byREST() {
			return restQuickDeploy(s, ID18(validationID))
		}
		body, length := onceBytes(recentValidationMessage(s, ID18(validationID)))
		return request{op: "quick deploy", path: soapPath(s), once: body, length: length, form: formXML}
	}, c.either(
		func(response *node) error {
			newID = response.str("result")
			if !isID(newID) {
				return errNotWellMade
			}
			return nil
		},
		func(answer *node) error { return restID(answer, &newID) }))
	if err != nil {
		return "", err
	}
	return newID, nil
}

// CancelDeploy wishes the deployment away. done says that it is canceled
// already; else ask DeployStatus until it says so. A deployment that has ended,
// or that is Finalizing, cannot be canceled: the org answers with a fault. It
// is sent once; its errors follow the same rule as Deploy's.
func (c *Client) CancelDeploy(ctx context.Context, id string) (done bool, err error) {
	if err := checkID(id); err != nil {
		return false, notSent(err)
	}
	err = c.callOnce(ctx, func(s *Session) request {
		if c.byREST() {
			return restCancel(s, ID18(id))
		}
		body, length := onceBytes(cancelMessage(s, ID18(id)))
		return request{op: "cancel deploy", path: soapPath(s), once: body, length: length, form: formXML}
	}, c.either(
		func(response *node) error {
			result := response.child("result")
			if result == nil {
				return errNotWellMade
			}
			done = result.bool("done")
			return nil
		},
		func(answer *node) error {
			result := answer.child("deployResult")
			if result == nil {
				return errNotWellMade
			}
			done = DeployStatus(result.str("status")) == DeployCanceled
			return nil
		}))
	return done && err == nil, err
}

// DeployStatus returns what the org says of a deployment, with or without the
// list of components and tests, which can be large. An id that the org has
// forgotten (after about 30 days) is the fault not_found.
func (c *Client) DeployStatus(ctx context.Context, id string, details bool) (*DeployResult, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	var result *DeployResult
	read := func(n *node) error {
		if result = readDeployResult(n); result == nil {
			return errNotWellMade
		}
		return nil
	}
	err := c.call(ctx, func(s *Session) request {
		if c.byREST() {
			return restStatus(s, ID18(id), details)
		}
		return request{op: "check deploy", path: soapPath(s), body: checkDeployMessage(s, ID18(id), details), form: formXML}
	}, func(body io.Reader) error {
		raw, err := readAll(body)
		if err != nil {
			return err
		}
		err = c.either(
			func(response *node) error { return read(response.child("result")) },
			func(answer *node) error { return read(answer.child("deployResult")) })(bytes.NewReader(raw))
		if result != nil {
			result.Raw = raw
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

func readDeployResult(n *node) *DeployResult {
	if n == nil || n.str("id") == "" {
		return nil
	}
	result := &DeployResult{
		ID:                       n.str("id"),
		Status:                   DeployStatus(n.str("status")),
		Done:                     n.bool("done"),
		Success:                  n.bool("success"),
		CheckOnly:                n.bool("checkOnly"),
		IgnoreWarnings:           n.bool("ignoreWarnings"),
		RollbackOnError:          n.bool("rollbackOnError"),
		RunTestsEnabled:          n.bool("runTestsEnabled"),
		ErrorMessage:             n.str("errorMessage"),
		ErrorStatusCode:          n.str("errorStatusCode"),
		StateDetail:              n.str("stateDetail"),
		CreatedBy:                n.str("createdBy"),
		CreatedByName:            n.str("createdByName"),
		CanceledBy:               n.str("canceledBy"),
		CanceledByName:           n.str("canceledByName"),
		CreatedDate:              n.time("createdDate"),
		StartDate:                n.time("startDate"),
		LastModifiedDate:         n.time("lastModifiedDate"),
		CompletedDate:            n.time("completedDate"),
		NumberComponentsTotal:    n.int("numberComponentsTotal"),
		NumberComponentsDeployed: n.int("numberComponentsDeployed"),
		NumberComponentErrors:    n.int("numberComponentErrors"),
		NumberTestsTotal:         n.int("numberTestsTotal"),
		NumberTestsCompleted:     n.int("numberTestsCompleted"),
		NumberTestErrors:         n.int("numberTestErrors"),
		NumberFiles:              n.int("numberFiles"),
		ZipSize:                  n.int64("zipSize"),
		Details:                  readDeployDetails(n),
	}
	return result
}

// readDeployDetails reads the details element, or, in answers of API versions
// before 29, the messages and the test result that stand in its place.
func readDeployDetails(result *node) DeployDetails {
	details := DeployDetails{ComponentFailures: []DeployMessage{}, ComponentSuccesses: []DeployMessage{}}
	n := result.child("details")
	if n == nil {
		n = result
	}
	for _, name := range []string{"componentFailures", "componentSuccesses", "messages"} {
		for _, m := range n.all(name) {
			details.add(readDeployMessage(m))
		}
	}
	details.RunTestResult = readRunTests(n.child("runTestResult"))
	return details
}

func (d *DeployDetails) add(m DeployMessage) {
	if m.Success {
		d.ComponentSuccesses = append(d.ComponentSuccesses, m)
		return
	}
	d.ComponentFailures = append(d.ComponentFailures, m)
}

func readDeployMessage(n *node) DeployMessage {
	return DeployMessage{
		ComponentType: n.str("componentType"),
		FullName:      n.str("fullName"),
		FileName:      n.str("fileName"),
		ID:            n.str("id"),
		Success:       n.bool("success"),
		Changed:       n.bool("changed"),
		Created:       n.bool("created"),
		Deleted:       n.bool("deleted"),
		CreatedDate:   n.time("createdDate"),
		Problem:       n.str("problem"),
		ProblemType:   n.str("problemType"),
		LineNumber:    n.int("lineNumber"),
		ColumnNumber:  n.int("columnNumber"),
	}
}
