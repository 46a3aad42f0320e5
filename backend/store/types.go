package store

import (
	"log/slog"
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// Options are what Open needs beside the folder. The zero value is usable.
type Options struct {
	Now func() time.Time // time.Now if nil
	Log *slog.Logger     // silent if nil
	// ReadOnly opens a folder that must not be touched, for verifying: nothing
	// in it is written or created, and every door is refused.
	ReadOnly bool
	// Ahead verifies signatures that the first lists need while Open checks the
	// database.
	Ahead bool
	// AfterCommit is told after each door that left a trace, outside the
	// transaction; the act is nil when none was signed.
	AfterCommit func(ledger.Head, *ledger.SignedAct)
}

// An Author is a member who acts, with the unlocked key that signs. Doors that
// sign nothing use Member alone.
type Author struct {
	Member   string
	Identity ledger.Identity
}

// A Query asks for Change Requests. The zero value asks for all of them, last
// changed first.
type Query struct {
	Text   string // in name, overview, external number or label, whatever the case
	Status []governance.Status
	Author string // member id
	Limit  int    // 0: no limit
	Offset int
	Sort   string // number, name, status, type, createdAt, updatedAt; "-" before it turns it round
}

// A Scan is a dated inventory of an environment.
type Scan struct {
	ID             string    `json:"id" gorm:"primaryKey"`
	EnvironmentID  string    `json:"environmentId"`
	OrganizationID string    `json:"organizationId"`
	APIVersion     string    `json:"apiVersion"`
	StartedAt      time.Time `json:"startedAt" ts_type:"string"`
	CompletedAt    time.Time `json:"completedAt" ts_type:"string"`
	Count          int64     `json:"count"`
	// Listed are the metadata types that the org listed, in order; of another
	// type the inventory says nothing.
	Listed []string `json:"-" gorm:"serializer:json"`
}

// A ScanItem is one customization of an inventory.
type ScanItem struct {
	ScanID             string    `json:"scanId"`
	Type               string    `json:"type"`
	Name               string    `json:"name"`
	FileName           string    `json:"fileName"`
	MetadataID         string    `json:"metadataId"`
	NamespacePrefix    string    `json:"namespacePrefix"`
	CreatedByName      string    `json:"createdByName"`
	LastModifiedByName string    `json:"lastModifiedByName"`
	LastModifiedAt     time.Time `json:"lastModifiedAt" ts_type:"string"`
	ManageableState    string    `json:"manageableState"`
}

// An ItemQuery asks for items of a scan, by type and name. The zero value asks
// for all of them.
type ItemQuery struct {
	Type   string // one metadata type; empty for all
	Text   string // in the name, whatever the case
	Limit  int    // 0: no limit
	Offset int
	Sort   string // name (the default: type, then name), lastModifiedAt; "-" before it turns it round
}

// VerifyOptions are what Verify needs beside the database.
type VerifyOptions struct {
	Anchor   *ledger.Anchor          // what the keychain remembers, nil if nothing
	Progress func(done, total int64) // told now and then; may be nil
}

// A Finding is one thing that verifying found wrong.
type Finding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// A Report says what was verified and what was found wrong; no Findings means
// that all of it held.
type Report struct {
	Entries  int64       `json:"entries"`
	Acts     int64       `json:"acts"`
	Requests int64       `json:"requests"`
	Records  int64       `json:"records"`
	Blobs    int64       `json:"blobs"`
	Head     ledger.Head `json:"-"`
	Findings []Finding   `json:"findings"`
}
