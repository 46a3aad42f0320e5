package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strconv"

	"countersign/backend/governance"
)

// Identity finds out who the session is and what org it leads to: Test
// Connection. The fault wrong_org says that the org is not the session's.
func (c *Client) Identity(ctx context.Context) (Identity, error) {
	id, err := c.userInfo(ctx)
	if err != nil {
		return Identity{}, err
	}
	if err := c.organization(ctx, &id); err != nil {
		return Identity{}, err
	}
	if known := c.Session().OrganizationID; known != "" && ID18(known) != id.OrganizationID {
		return Identity{}, governance.Faultf(CodeWrongOrg, "%s is another org than the one of this sign-in.", c.host()).
			WithHint("Check the address, and sign in again.")
	}
	if id.DailyAPIRequests, err = c.requestLimit(ctx); err != nil {
		return Identity{}, err
	}
	session := c.Session()
	id.APIVersion, id.InstanceURL = session.APIVersion, session.InstanceURL
	return id, nil
}

// userInfo asks who we are. Sessions that did not come from OAuth may be
// refused here; then the user named by the sign-in is looked up.
func (c *Client) userInfo(ctx context.Context) (Identity, error) {
	var info struct {
		UserID            string `json:"user_id"`
		OrganizationID    string `json:"organization_id"`
		PreferredUsername string `json:"preferred_username"`
		Name              string `json:"name"`
	}
	err := c.rest(ctx, "user info", "/services/oauth2/userinfo", nil, &info)
	known := c.Session()
	if err != nil && isRefusal(err) && isID(known.UserID) {
		return c.userByID(ctx, known.UserID)
	}
	if err != nil {
		return Identity{}, err
	}
	return Identity{UserID: ID18(info.UserID), OrganizationID: ID18(info.OrganizationID), Username: info.PreferredUsername, UserName: info.Name}, nil
}

func (c *Client) userByID(ctx context.Context, id string) (Identity, error) {
	records, err := c.Query(ctx, "SELECT Id, Username, Name FROM User WHERE Id = '"+ID18(id)+"'")
	if err != nil {
		return Identity{}, err
	}
	var user struct{ ID, Username, Name string }
	if err := c.only(records, &user); err != nil {
		return Identity{}, err
	}
	return Identity{UserID: ID18(user.ID), Username: user.Username, UserName: user.Name}, nil
}

func (c *Client) organization(ctx context.Context, id *Identity) error {
	records, err := c.Query(ctx, "SELECT Id, Name, InstanceName, IsSandbox, TrialExpirationDate, NamespacePrefix, OrganizationType FROM Organization")
	if err != nil {
		return err
	}
	var org struct {
		ID, Name, InstanceName, TrialExpirationDate, NamespacePrefix, OrganizationType string
		IsSandbox                                                                      bool
	}
	if err := c.only(records, &org); err != nil {
		return err
	}
	id.OrganizationID, id.OrganizationName, id.OrganizationType = ID18(org.ID), org.Name, org.OrganizationType
	id.Instance, id.Namespace = org.InstanceName, org.NamespacePrefix
	id.Kind = c.kind(org.IsSandbox, org.TrialExpirationDate != "")
	return nil
}

// only reads the one record that there must be.
func (c *Client) only(records []json.RawMessage, out any) error {
	if len(records) == 1 && json.Unmarshal(records[0], out) == nil {
		return nil
	}
	return governance.Faultf(CodeBadAnswer, "%s does not say who it is.", c.host()).WithHint("%s", changedHint)
}

// kind decides what sort of org this is. Plain http is only ever a demo.
func (c *Client) kind(sandbox, expires bool) Kind {
	base, err := url.Parse(c.Session().InstanceURL)
	switch {
	case c.wire.o.Demo, err == nil && base.Scheme == "http":
		return Demo
	case sandbox && expires:
		return Scratch
	case sandbox:
		return Sandbox
	}
	return Production
}

// requestLimit returns nil when the org keeps the number to itself: not every
// user may see it.
func (c *Client) requestLimit(ctx context.Context) (*RequestLimit, error) {
	var limits struct {
		DailyAPIRequests *struct{ Max, Remaining int } `json:"DailyApiRequests"`
	}
	err := c.rest(ctx, "limits", limitsPath, nil, &limits)
	switch code := governance.FaultCode(err); {
	case code == CodeNotFound, code == CodeInsufficientAccess, isNotFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	case limits.DailyAPIRequests == nil:
		return nil, nil
	}
	return &RequestLimit{Max: limits.DailyAPIRequests.Max, Remaining: limits.DailyAPIRequests.Remaining}, nil
}

func isNotFound(err error) bool {
	var refused *APIError
	return errors.As(err, &refused) && refused.Status == 404
}

// NewestAPIVersion is the newest that this code was written for (Winter '27).
// Salesforce keeps offering it for years after newer ones have come.
const NewestAPIVersion = "68.0"

// oldestVersion is the oldest that this code can use: from 31.0 on a
// package.xml's own version counts (Metadata API Developer Guide, "retrieve()").
const oldestVersion = 31

// newestVersion asks which API versions the org offers and returns the newest
// that this code knows too, for example "68.0", but none above most unless that
// is "".
func (w *wire) newestVersion(ctx context.Context, base *url.URL, most string) (string, error) {
	var versions []struct {
		Version string `json:"version"`
	}
	r := request{op: "versions", base: base, path: "/services/data", form: formJSON}
	if err := w.do(ctx, r, func(body io.Reader) error { return readJSON(body, &versions) }); err != nil {
		return "", err
	}
	limit, newest := versionNumber(NewestAPIVersion), ""
	if asked := versionNumber(most); asked > 0 {
		limit = min(limit, asked)
	}
	for _, v := range versions {
		number := versionNumber(v.Version)
		if number > versionNumber(newest) && number >= oldestVersion && number <= limit {
			newest = v.Version
		}
	}
	if newest == "" {
		return "", governance.Faultf(CodeUnsupportedVersion, "%s offers no API version that can be used.", base.Hostname()).
			WithHint("Countersign speaks %d.0 to %s. Check the address, and look for a newer Countersign.", oldestVersion, NewestAPIVersion)
	}
	return newest, nil
}

// versionNumber returns 68 for "68.0", and 0 for what is no version.
func versionNumber(version string) float64 {
	if !versionForm.MatchString(version) {
		return 0
	}
	number, err := strconv.ParseFloat(version, 64)
	if err != nil {
		return 0
	}
	return number
}
