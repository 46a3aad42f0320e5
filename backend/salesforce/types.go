package salesforce

import "time"

// Kind is what sort of org an environment is.
type Kind string

const (
	Production Kind = "production" // also Developer Edition: everything that is not one of the others
	Sandbox    Kind = "sandbox"
	Scratch    Kind = "scratch" // a sandbox with an expiration date
	Demo       Kind = "demo"    // one of our own, or anything on plain http
)

// Identity is who we are where: the answer of Test Connection.
type Identity struct {
	Username         string `json:"username"`
	UserID           string `json:"userId"` // 18 characters
	UserName         string `json:"userName"`
	OrganizationName string `json:"organizationName"`
	OrganizationID   string `json:"organizationId"` // 18 characters
	OrganizationType string `json:"organizationType"`
	Namespace        string `json:"namespace"`
	Kind             Kind   `json:"kind"`
	APIVersion       string `json:"apiVersion"`
	Instance         string `json:"instance"` // for example "NA135"
	InstanceURL      string `json:"instanceUrl"`

	// DailyAPIRequests is nil when the org does not tell.
	DailyAPIRequests *RequestLimit `json:"dailyApiRequests"`
}

// RequestLimit is how many API calls an org has and has left, in 24 hours.
type RequestLimit struct {
	Max       int `json:"max"`
	Remaining int `json:"remaining"`
}

// MetadataType is one of the types describeMetadata lists.
type MetadataType struct {
	XMLName       string   `json:"xmlName"`
	DirectoryName string   `json:"directoryName"`
	Suffix        string   `json:"suffix"`
	InFolder      bool     `json:"inFolder"`
	MetaFile      bool     `json:"metaFile"`
	ChildXMLNames []string `json:"childXmlNames"`
}

// ListQuery asks List for the components of one type, in one folder if the
// type is kept in folders.
type ListQuery struct {
	Type   string `json:"type"`
	Folder string `json:"folder"`
}

// FileProperties is what the org knows of one component. Standard components
// have the date 1970-01-01 and no ID.
type FileProperties struct {
	Type               string    `json:"type"`
	FullName           string    `json:"fullName"`
	FileName           string    `json:"fileName"`
	ID                 string    `json:"id"`
	NamespacePrefix    string    `json:"namespacePrefix"`
	ManageableState    string    `json:"manageableState"`
	CreatedByID        string    `json:"createdById"`
	CreatedByName      string    `json:"createdByName"`
	CreatedDate        time.Time `json:"createdDate" ts_type:"string"`
	LastModifiedByID   string    `json:"lastModifiedById"`
	LastModifiedByName string    `json:"lastModifiedByName"`
	LastModifiedDate   time.Time `json:"lastModifiedDate" ts_type:"string"`
}

// RetrieveStatus is how far a retrieve is (enum RetrieveStatus of the WSDL).
type RetrieveStatus string

const (
	RetrievePending    RetrieveStatus = "Pending"
	RetrieveInProgress RetrieveStatus = "InProgress"
	RetrieveSucceeded  RetrieveStatus = "Succeeded"
	RetrieveFailed     RetrieveStatus = "Failed"
)

// TypeMembers names components of one type; "*" is all of them where the type
// allows it.
type TypeMembers struct {
	Type    string
	Members []string
}

// RetrieveRequest says what to retrieve: a package manifest, or types and
// members, or the names of packages and outbound change sets.
type RetrieveRequest struct {
	Manifest      []byte        // a package.xml; used instead of Members
	Members       []TypeMembers // used when there is no Manifest
	PackageNames  []string      // each becomes a folder of the zip
	SinglePackage bool          // the zip has no top folder; for one package only
}

// named is how many components the request names; a wildcard and a manifest
// that cannot be read count as little.
func (r RetrieveRequest) named() int {
	types, count := r.Members, 0
	if len(r.Manifest) > 0 {
		if m, err := readManifest(r.Manifest, NewestAPIVersion); err == nil {
			types = m.types
		}
	}
	for _, t := range types {
		count += len(t.Members)
	}
	return count
}

// RetrieveMessage is a warning of a retrieve, such as a member that does not
// exist in the org.
type RetrieveMessage struct {
	FileName string `json:"fileName"`
	Problem  string `json:"problem"`
}

// RetrieveResult is what a finished retrieve says beside its zip.
type RetrieveResult struct {
	ID              string            `json:"id"`
	Status          RetrieveStatus    `json:"status"`
	Success         bool              `json:"success"`
	ErrorMessage    string            `json:"errorMessage"`
	ErrorStatusCode string            `json:"errorStatusCode"`
	FileProperties  []FileProperties  `json:"fileProperties"`
	Messages        []RetrieveMessage `json:"messages"`
	ZipSize         int64             `json:"zipSize"` // bytes written
}

// DeployRequest is one row of the org's own list of deployments (Tooling object
// DeployRequest).
type DeployRequest struct {
	ID                       string       `json:"id"` // 18 characters
	Status                   DeployStatus `json:"status"`
	CheckOnly                bool         `json:"checkOnly"`
	CreatedByID              string       `json:"createdById"` // 18 characters
	CreatedDate              time.Time    `json:"createdDate" ts_type:"string"`
	StartDate                time.Time    `json:"startDate" ts_type:"string"`     // zero: not started
	CompletedDate            time.Time    `json:"completedDate" ts_type:"string"` // zero: not finished
	NumberComponentsTotal    int          `json:"numberComponentsTotal"`
	NumberComponentsDeployed int          `json:"numberComponentsDeployed"`
	NumberComponentErrors    int          `json:"numberComponentErrors"`
	NumberTestsTotal         int          `json:"numberTestsTotal"`
	NumberTestsCompleted     int          `json:"numberTestsCompleted"`
	NumberTestErrors         int          `json:"numberTestErrors"`
	ErrorMessage             string       `json:"errorMessage"`
}

// Dependency is one row of MetadataComponentDependency: the component needs
// the Ref component. Salesforce documents the object as beta and incomplete, so
// no row never means "safe to leave out".
type Dependency struct {
	ComponentID           string `json:"componentId"`
	ComponentName         string `json:"componentName"`
	ComponentNamespace    string `json:"componentNamespace"`
	ComponentType         string `json:"componentType"`
	RefComponentID        string `json:"refComponentId"`
	RefComponentName      string `json:"refComponentName"`
	RefComponentNamespace string `json:"refComponentNamespace"`
	RefComponentType      string `json:"refComponentType"`
}
