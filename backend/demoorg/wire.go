package demoorg

import (
	"encoding/json"
	"encoding/xml"
	"time"
)

// What the org answers, written from the v66 WSDLs: the fields stand in the
// order of the schema, which XML needs. The same structs make the JSON of the
// REST resources.

const (
	nsEnvelope     = "http://schemas.xmlsoap.org/soap/envelope/"
	nsMetadata     = "http://soap.sforce.com/2006/04/metadata"
	nsPartner      = "urn:partner.soap.sforce.com"
	nsPartnerFault = "urn:fault.partner.soap.sforce.com"
	nsInstance     = "http://www.w3.org/2001/XMLSchema-instance"
)

// A stampTime is a time as Salesforce writes it: UTC with milliseconds.
type stampTime time.Time

const timeLayout = "2006-01-02T15:04:05.000Z"

func (t stampTime) String() string { return time.Time(t).UTC().Format(timeLayout) }

func (t stampTime) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote; results are kept on disk.
func (t *stampTime) UnmarshalText(b []byte) error {
	read, err := time.Parse(timeLayout, string(b))
	*t = stampTime(read)
	return err
}

func at(t time.Time) stampTime { return stampTime(t) }

// maybe gives nil for a time that has not come.
func maybe(t time.Time) *stampTime {
	if t.IsZero() {
		return nil
	}
	s := stampTime(t)
	return &s
}

// A nillable string is xsi:nil, and JSON's null, when it is empty.
type nillable string

// MarshalXML writes the element, or the element that says it is nil.
func (n nillable) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if n != "" {
		return e.EncodeElement(string(n), start)
	}
	start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "xsi:nil"}, Value: "true"})
	return e.EncodeElement("", start)
}

// MarshalJSON writes the text or null.
func (n nillable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

type asyncResult struct {
	Done  bool   `xml:"done"`
	ID    string `xml:"id"`
	State string `xml:"state"`
}

type cancelDeployResult struct {
	Done bool   `xml:"done"`
	ID   string `xml:"id"`
}

type deployResult struct {
	CanceledBy             string        `xml:"canceledBy,omitempty" json:"canceledBy,omitempty"`
	CanceledByName         string        `xml:"canceledByName,omitempty" json:"canceledByName,omitempty"`
	CheckOnly              bool          `xml:"checkOnly" json:"checkOnly"`
	CompletedDate          *stampTime    `xml:"completedDate,omitempty" json:"completedDate"`
	CreatedBy              string        `xml:"createdBy" json:"createdBy"`
	CreatedByName          string        `xml:"createdByName" json:"createdByName"`
	CreatedDate            stampTime     `xml:"createdDate" json:"createdDate"`
	Details                deployDetails `xml:"details" json:"details"`
	Done                   bool          `xml:"done" json:"done"`
	ErrorMessage           string        `xml:"errorMessage,omitempty" json:"errorMessage,omitempty"`
	ErrorStatusCode        string        `xml:"errorStatusCode,omitempty" json:"errorStatusCode,omitempty"`
	ID                     string        `xml:"id" json:"id"`
	IgnoreWarnings         bool          `xml:"ignoreWarnings" json:"ignoreWarnings"`
	LastModifiedDate       *stampTime    `xml:"lastModifiedDate,omitempty" json:"lastModifiedDate,omitempty"`
	NumberComponentErrors  int           `xml:"numberComponentErrors" json:"numberComponentErrors"`
	NumberComponentsDeploy int           `xml:"numberComponentsDeployed" json:"numberComponentsDeployed"`
	NumberComponentsTotal  int           `xml:"numberComponentsTotal" json:"numberComponentsTotal"`
	NumberFiles            int           `xml:"numberFiles" json:"numberFiles"`
	NumberTestErrors       int           `xml:"numberTestErrors" json:"numberTestErrors"`
	NumberTestsCompleted   int           `xml:"numberTestsCompleted" json:"numberTestsCompleted"`
	NumberTestsTotal       int           `xml:"numberTestsTotal" json:"numberTestsTotal"`
	RollbackOnError        bool          `xml:"rollbackOnError" json:"rollbackOnError"`
	RunTestsEnabled        bool          `xml:"runTestsEnabled" json:"runTestsEnabled"`
	StartDate              *stampTime    `xml:"startDate,omitempty" json:"startDate"`
	StateDetail            string        `xml:"stateDetail,omitempty" json:"stateDetail,omitempty"`
	Status                 string        `xml:"status" json:"status"`
	Success                bool          `xml:"success" json:"success"`
	ZipSize                int64         `xml:"zipSize" json:"zipSize"`
}

type deployDetails struct {
	ComponentFailures  []deployMessage `xml:"componentFailures" json:"componentFailures"`
	ComponentSuccesses []deployMessage `xml:"componentSuccesses" json:"componentSuccesses"`
	RunTestResult      *runTestResult  `xml:"runTestResult,omitempty" json:"runTestResult"`
}

type deployMessage struct {
	Changed       bool      `xml:"changed" json:"changed"`
	ColumnNumber  int       `xml:"columnNumber,omitempty" json:"columnNumber,omitempty"`
	ComponentType string    `xml:"componentType" json:"componentType"`
	Created       bool      `xml:"created" json:"created"`
	CreatedDate   stampTime `xml:"createdDate" json:"createdDate"`
	Deleted       bool      `xml:"deleted" json:"deleted"`
	FileName      string    `xml:"fileName" json:"fileName"`
	FullName      string    `xml:"fullName" json:"fullName"`
	ID            string    `xml:"id,omitempty" json:"id,omitempty"`
	LineNumber    int       `xml:"lineNumber,omitempty" json:"lineNumber,omitempty"`
	Problem       string    `xml:"problem,omitempty" json:"problem,omitempty"`
	ProblemType   string    `xml:"problemType,omitempty" json:"problemType,omitempty"`
	Success       bool      `xml:"success" json:"success"`
}

type runTestResult struct {
	CodeCoverage         []codeCoverage    `xml:"codeCoverage" json:"codeCoverage"`
	CodeCoverageWarnings []coverageWarning `xml:"codeCoverageWarnings" json:"codeCoverageWarnings"`
	Failures             []testFailure     `xml:"failures" json:"failures"`
	FlowCoverage         []struct{}        `xml:"flowCoverage" json:"flowCoverage"`
	FlowCoverageWarnings []struct{}        `xml:"flowCoverageWarnings" json:"flowCoverageWarnings"`
	NumFailures          int               `xml:"numFailures" json:"numFailures"`
	NumTestsRun          int               `xml:"numTestsRun" json:"numTestsRun"`
	Successes            []testSuccess     `xml:"successes" json:"successes"`
	TotalTime            float64           `xml:"totalTime" json:"totalTime"`
}

type testFailure struct {
	ID          string   `xml:"id" json:"id"`
	Message     string   `xml:"message" json:"message"`
	MethodName  nillable `xml:"methodName" json:"methodName"`
	Name        string   `xml:"name" json:"name"`
	Namespace   nillable `xml:"namespace" json:"namespace"`
	PackageName string   `xml:"packageName" json:"packageName"`
	StackTrace  nillable `xml:"stackTrace" json:"stackTrace"`
	Time        float64  `xml:"time" json:"time"`
	Type        string   `xml:"type" json:"type"`
}

type testSuccess struct {
	ID         string   `xml:"id" json:"id"`
	MethodName string   `xml:"methodName" json:"methodName"`
	Name       string   `xml:"name" json:"name"`
	Namespace  nillable `xml:"namespace" json:"namespace"`
	Time       float64  `xml:"time" json:"time"`
}

type codeCoverage struct {
	ID                     string         `xml:"id" json:"id"`
	LocationsNotCovered    []codeLocation `xml:"locationsNotCovered" json:"locationsNotCovered"`
	Name                   string         `xml:"name" json:"name"`
	Namespace              nillable       `xml:"namespace" json:"namespace"`
	NumLocations           int            `xml:"numLocations" json:"numLocations"`
	NumLocationsNotCovered int            `xml:"numLocationsNotCovered" json:"numLocationsNotCovered"`
	Type                   string         `xml:"type" json:"type"`
}

type codeLocation struct {
	Column        int     `xml:"column" json:"column"`
	Line          int     `xml:"line" json:"line"`
	NumExecutions int     `xml:"numExecutions" json:"numExecutions"`
	Time          float64 `xml:"time" json:"time"`
}

type coverageWarning struct {
	ID        string   `xml:"id" json:"id"`
	Message   string   `xml:"message" json:"message"`
	Name      nillable `xml:"name" json:"name"`
	Namespace nillable `xml:"namespace" json:"namespace"`
}

type fileProperties struct {
	CreatedByID        string    `xml:"createdById"`
	CreatedByName      string    `xml:"createdByName"`
	CreatedDate        stampTime `xml:"createdDate"`
	FileName           string    `xml:"fileName"`
	FullName           string    `xml:"fullName"`
	ID                 string    `xml:"id"`
	LastModifiedByID   string    `xml:"lastModifiedById"`
	LastModifiedByName string    `xml:"lastModifiedByName"`
	LastModifiedDate   stampTime `xml:"lastModifiedDate"`
	ManageableState    string    `xml:"manageableState,omitempty"`
	NamespacePrefix    string    `xml:"namespacePrefix"`
	Type               string    `xml:"type"`
}

type retrieveMessage struct {
	FileName string `xml:"fileName"`
	Problem  string `xml:"problem"`
}

// A retrieveResult without its last element, zipFile, which is written as a
// stream.
type retrieveResult struct {
	Done            bool              `xml:"done"`
	ErrorMessage    string            `xml:"errorMessage,omitempty"`
	ErrorStatusCode string            `xml:"errorStatusCode,omitempty"`
	FileProperties  []fileProperties  `xml:"fileProperties"`
	ID              string            `xml:"id"`
	Messages        []retrieveMessage `xml:"messages"`
	Status          string            `xml:"status"`
	Success         bool              `xml:"success"`
}

type describeObject struct {
	ChildXMLNames []string `xml:"childXmlNames"`
	DirectoryName string   `xml:"directoryName"`
	InFolder      bool     `xml:"inFolder"`
	MetaFile      bool     `xml:"metaFile"`
	Suffix        string   `xml:"suffix,omitempty"`
	TypeName      string   `xml:"xmlName"`
}

type describeResult struct {
	Objects               []describeObject `xml:"metadataObjects"`
	OrganizationNamespace string           `xml:"organizationNamespace"`
	PartialSaveAllowed    bool             `xml:"partialSaveAllowed"`
	TestRequired          bool             `xml:"testRequired"`
}

type loginResult struct {
	MetadataServerURL string   `xml:"metadataServerUrl"`
	PasswordExpired   bool     `xml:"passwordExpired"`
	Sandbox           bool     `xml:"sandbox"`
	ServerURL         string   `xml:"serverUrl"`
	SessionID         string   `xml:"sessionId"`
	UserID            string   `xml:"userId"`
	UserInfo          userInfo `xml:"userInfo"`
}

type userInfo struct {
	AccessibilityMode          bool     `xml:"accessibilityMode"`
	ChatterExternal            bool     `xml:"chatterExternal"`
	CurrencySymbol             string   `xml:"currencySymbol"`
	OrgAttachmentFileSizeLimit int      `xml:"orgAttachmentFileSizeLimit"`
	OrgDefaultCurrencyIsoCode  string   `xml:"orgDefaultCurrencyIsoCode"`
	OrgDefaultCurrencyLocale   string   `xml:"orgDefaultCurrencyLocale"`
	OrgDisallowHTMLAttachments bool     `xml:"orgDisallowHtmlAttachments"`
	OrgHasPersonAccounts       bool     `xml:"orgHasPersonAccounts"`
	OrganizationID             string   `xml:"organizationId"`
	OrganizationMultiCurrency  bool     `xml:"organizationMultiCurrency"`
	OrganizationName           string   `xml:"organizationName"`
	ProfileID                  string   `xml:"profileId"`
	RoleID                     nillable `xml:"roleId"`
	SessionSecondsValid        int      `xml:"sessionSecondsValid"`
	UserDefaultCurrencyIsoCode nillable `xml:"userDefaultCurrencyIsoCode"`
	UserEmail                  string   `xml:"userEmail"`
	UserFullName               string   `xml:"userFullName"`
	UserID                     string   `xml:"userId"`
	UserLanguage               string   `xml:"userLanguage"`
	UserLocale                 string   `xml:"userLocale"`
	UserName                   string   `xml:"userName"`
	UserTimeZone               string   `xml:"userTimeZone"`
	UserType                   string   `xml:"userType"`
	UserUISkin                 string   `xml:"userUiSkin"`
}
