package governance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A ChangeType says how large a change is; policy may ask for other seats.
type ChangeType string

// The Change Types. Minor is the default. An Emergency has seats of its own,
// lives for hours, and is reviewed afterwards.
const (
	Minor     ChangeType = "Minor"
	Standard  ChangeType = "Standard"
	Major     ChangeType = "Major"
	Emergency ChangeType = "Emergency"
)

// ChangeTypes lists every Change Type, mildest first, and the Emergency last.
func ChangeTypes() []ChangeType { return []ChangeType{Minor, Standard, Major, Emergency} }

// A Change is what happens to one customization.
type Change string

// What can happen to a customization.
const (
	Add    Change = "add"
	Modify Change = "change"
	Delete Change = "delete"
)

// A Customization is one metadata component and what is to happen to it.
// Whether it exists already or is only proposed is derived from the last
// inventory and never stored. The fields are in the order of canonical JSON.
type Customization struct {
	Change Change `json:"action"`
	Name   string `json:"name"`
	Type   string `json:"type"`
}

func (c Customization) String() string { return c.Type + ":" + c.Name }

// An Attachment is a file that belongs to a Change Request; its bytes are a
// blob named by SHA256.
type Attachment struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// A PackageManifest is an imported package.xml.
type PackageManifest struct {
	APIVersion string           `json:"apiVersion"`
	Members    []ManifestMember `json:"members"`
	Name       string           `json:"name"`
}

// A ManifestMember is one <types> element; a name may be the wildcard "*".
type ManifestMember struct {
	Names []string `json:"names"`
	Type  string   `json:"type"`
}

// A ChangeRequest says what should change and why. It is the rule, the row and
// the wire. Everything a person can edit is locked from Submit on; Status,
// Round and Revision are a cache of the acts.
type ChangeRequest struct {
	ID       string     `json:"id" gorm:"primaryKey"`
	Number   int64      `json:"number"` // shown as CR-0042; the same on another machine unless it has a CR-0042 already
	Name     string     `json:"name"`
	Overview string     `json:"overview"`
	Type     ChangeType `json:"type"`
	// EmergencyReason and Incident are what an Emergency needs; other types have
	// neither.
	EmergencyReason string `json:"emergencyReason"`
	Incident        string `json:"incident"`
	// AdditionalApprovers are members who approve as well, each in a seat of
	// their own beside those of the policy.
	AdditionalApprovers []string          `json:"additionalApprovers" gorm:"serializer:json"`
	SupportingText      string            `json:"supportingText"`
	ExternalLink        string            `json:"externalLink"`
	ExternalNumber      string            `json:"externalNumber"`
	Attachments         []Attachment      `json:"attachments" gorm:"serializer:json"`
	ChangeSets          []string          `json:"changeSets" gorm:"serializer:json"`
	Manifests           []PackageManifest `json:"manifests" gorm:"serializer:json"`
	Customizations      []Customization   `json:"customizations" gorm:"serializer:json"`
	Authors             []string          `json:"authors" gorm:"serializer:json"` // members whose edits are in it
	Status              Status            `json:"status"`
	Round               int64             `json:"round"`                          // of the last Submit; 0 before the first
	Revision            string            `json:"revision"`                       // digest of what was last submitted
	Parents             []string          `json:"parents" gorm:"serializer:json"` // revisions that this content was made from
	CreatedAt           time.Time         `json:"createdAt" ts_type:"string" gorm:"autoCreateTime:false"`
	UpdatedAt           time.Time         `json:"updatedAt" ts_type:"string" gorm:"autoUpdateTime:false"`
}

// Label is the name of the request on this machine: CR-0042.
func (cr *ChangeRequest) Label() string { return label("CR", cr.Number) }

// Tidy makes slices non-nil, customizations and additional approvers sorted and
// unique, and takes from what is no Emergency the words of one, so that equal
// content has one form.
func (cr *ChangeRequest) Tidy() {
	cr.Attachments = present(cr.Attachments)
	cr.ChangeSets = present(cr.ChangeSets)
	cr.Manifests = present(cr.Manifests)
	cr.Authors = present(cr.Authors)
	cr.Parents = present(cr.Parents)
	cr.AdditionalApprovers = union([]string{}, cr.AdditionalApprovers)
	if cr.Type != Emergency {
		cr.EmergencyReason, cr.Incident = "", ""
	}
	cr.Customizations = TidyCustomizations(cr.Customizations)
	for i := range cr.Manifests {
		cr.Manifests[i].Members = present(cr.Manifests[i].Members)
		for j := range cr.Manifests[i].Members {
			cr.Manifests[i].Members[j].Names = present(cr.Manifests[i].Members[j].Names)
		}
	}
	cr.CreatedAt, cr.UpdatedAt = cr.CreatedAt.UTC(), cr.UpdatedAt.UTC()
}

// Content lists the request's customizations with those of its manifests that
// are named without a wildcard.
func (cr *ChangeRequest) Content() []Customization {
	all := slices.Clone(cr.Customizations)
	have := map[string]bool{}
	for _, c := range all {
		have[c.String()] = true
	}
	for _, m := range cr.Manifests {
		for _, t := range m.Members {
			for _, n := range t.Names {
				c := Customization{Change: Modify, Name: n, Type: t.Type}
				if n != "*" && !have[c.String()] {
					have[c.String()] = true
					all = append(all, c)
				}
			}
		}
	}
	return TidyCustomizations(all)
}

// TidyCustomizations sorts by type and name and drops repetitions; of two
// changes to one customization the last stays.
func TidyCustomizations(in []Customization) []Customization {
	if tidy(in) {
		return append([]Customization{}, in...)
	}
	last := map[string]Customization{}
	for _, c := range in {
		last[c.String()] = c
	}
	out := make([]Customization, 0, len(last))
	for _, c := range last {
		out = append(out, c)
	}
	slices.SortFunc(out, byTypeAndName)
	return out
}

// tidy reports whether customizations are in order, none twice: kept content
// always is.
func tidy(in []Customization) bool {
	for i := 1; i < len(in); i++ {
		if byTypeAndName(in[i-1], in[i]) >= 0 {
			return false
		}
	}
	return true
}

func byTypeAndName(a, b Customization) int {
	if n := strings.Compare(a.Type, b.Type); n != 0 {
		return n
	}
	return strings.Compare(a.Name, b.Name)
}

// A TestLevel says which Apex tests a deployment runs, in Salesforce's words
// (Metadata API Developer Guide, deploy()).
type TestLevel string

// The test levels. An empty level leaves the choice to Salesforce.
const (
	NoTestRun         TestLevel = "NoTestRun"
	RunSpecifiedTests TestLevel = "RunSpecifiedTests"
	RunLocalTests     TestLevel = "RunLocalTests"
	RunAllTestsInOrg  TestLevel = "RunAllTestsInOrg"
	RunRelevantTests  TestLevel = "RunRelevantTests" // beta, API 66.0 and later
)

// DeployOptions are the choices of a deployment that approvers see. A
// deployment always rolls back on an error in production.
type DeployOptions struct {
	IgnoreWarnings  bool      `json:"ignoreWarnings"`
	PurgeOnDelete   bool      `json:"purgeOnDelete"`
	RollbackOnError bool      `json:"rollbackOnError"`
	TestLevel       TestLevel `json:"testLevel"`
	Tests           []string  `json:"tests"`
}

// A RecordKind tells a deployment from the record that undoes one.
type RecordKind string

// The kinds of Deployment Record.
const (
	Deployment RecordKind = "deployment"
	Rollback   RecordKind = "rollback"
)

// A DeploymentRecord is one planned move of an approved Change Request from a
// Source to a Target. Package, Base and Reverse are tree hashes (h1) that Run
// Scan and Submit fill in; the blobs hold the bytes.
type DeploymentRecord struct {
	ID             string          `json:"id" gorm:"primaryKey"`
	Number         int64           `json:"number"` // shown as DR-0007
	RequestID      string          `json:"requestId"`
	Kind           RecordKind      `json:"kind"`
	Name           string          `json:"name"`
	SourceID       string          `json:"sourceId"` // Environment.ID
	TargetID       string          `json:"targetId"`
	SourceOrg      string          `json:"sourceOrg"` // 18-character organisation id
	TargetOrg      string          `json:"targetOrg"`
	TargetKind     EnvironmentKind `json:"targetKind"`
	Whole          bool            `json:"whole"` // all of the request, not a selection
	Customizations []Customization `json:"customizations" gorm:"serializer:json"`
	Options        DeployOptions   `json:"options" gorm:"serializer:json"`
	APIVersion     string          `json:"apiVersion"`
	Deployer       string          `json:"deployer"` // member id: the one person who may start it
	RequestDigest  string          `json:"requestDigest"`
	Package        string          `json:"package"`
	Base           string          `json:"base"`
	SourceNormal   string          `json:"sourceNormal"` // h1 of the source's content in normal form, to see that it has not moved
	Reverse        string          `json:"reverse"`
	NormalForm     int64           `json:"normalForm"`
	PackageBlob    string          `json:"packageBlob"` // sha256 of the zip that holds the frozen tree
	BaseBlob       string          `json:"baseBlob"`
	ReverseBlob    string          `json:"reverseBlob"`
	ScannedAt      time.Time       `json:"scannedAt" ts_type:"string"`
	Authors        []string        `json:"authors" gorm:"serializer:json"`
	Status         Status          `json:"status"`
	Round          int64           `json:"round"`
	Revision       string          `json:"revision"`
	Parents        []string        `json:"parents" gorm:"serializer:json"`
	CreatedAt      time.Time       `json:"createdAt" ts_type:"string" gorm:"autoCreateTime:false"`
	UpdatedAt      time.Time       `json:"updatedAt" ts_type:"string" gorm:"autoUpdateTime:false"`
}

// Label is the name of the record on this machine: DR-0007.
func (dr *DeploymentRecord) Label() string { return label("DR", dr.Number) }

// Tidy gives equal content one form.
func (dr *DeploymentRecord) Tidy() {
	dr.Customizations = TidyCustomizations(dr.Customizations)
	dr.Authors = present(dr.Authors)
	dr.Parents = present(dr.Parents)
	dr.Options.Tests = present(dr.Options.Tests)
	dr.CreatedAt, dr.UpdatedAt, dr.ScannedAt = dr.CreatedAt.UTC(), dr.UpdatedAt.UTC(), dr.ScannedAt.UTC()
}

// An EnvironmentKind is what sort of org an environment is.
type EnvironmentKind string

// The kinds of environment. An org reached over plain http on this machine is
// always Demo.
const (
	Production EnvironmentKind = "production"
	Sandbox    EnvironmentKind = "sandbox"
	Scratch    EnvironmentKind = "scratch"
	Demo       EnvironmentKind = "demo"
)

// A DeployTransport is the way on which deployments go to an environment. Both
// do the same; a gateway may let only one through.
type DeployTransport string

// The ways to deploy.
const (
	DeployBySOAP DeployTransport = "soap" // as the sf CLI does unless told otherwise
	DeployByREST DeployTransport = "rest" // the zip as it is, a quarter less to send
)

// A SignInMethod is how an environment's session is obtained.
type SignInMethod string

// The ways to sign in.
const (
	SignInOAuth    SignInMethod = "oauth"    // the browser, with the customer's own External Client App
	SignInCLI      SignInMethod = "sf"       // an org that the sf CLI is signed in to
	SignInPassword SignInMethod = "password" // user name, password and security token through SOAP login(), until Summer '27
)

// An Environment is a Salesforce org. Credentials are in the keychain, by
// workspace, environment and member; nothing secret is here.
type Environment struct {
	ID               string          `json:"id" gorm:"primaryKey"`
	Name             string          `json:"name"`
	Kind             EnvironmentKind `json:"kind"`
	URL              string          `json:"url"` // where to sign in; "demo:uat" and "demo:production" are the embedded orgs
	SignIn           SignInMethod    `json:"signIn"`
	Username         string          `json:"username"`
	ConsumerKey      string          `json:"consumerKey"`    // of the External Client App; only to sign in with the browser
	OrganizationID   string          `json:"organizationId"` // 18 characters; empty until the first Test Connection
	OrganizationName string          `json:"organizationName"`
	APIVersion       string          `json:"apiVersion"`
	DeployBy         DeployTransport `json:"deployBy"`
	TestedAt         time.Time       `json:"testedAt" ts_type:"string"` // last Test Connection that succeeded
	CreatedAt        time.Time       `json:"createdAt" ts_type:"string" gorm:"autoCreateTime:false"`
	UpdatedAt        time.Time       `json:"updatedAt" ts_type:"string" gorm:"autoUpdateTime:false"`
}

func label(prefix string, n int64) string { return fmt.Sprintf("%s-%04d", prefix, n) }

func present[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func include(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	list = append(slices.Clone(list), s)
	slices.Sort(list)
	return list
}

func filter[T any](in []T, keep func(T) bool) []T {
	out := []T{}
	for _, v := range in {
		if keep(v) {
			out = append(out, v)
		}
	}
	return out
}
