// Package scan looks into environments: what is there (Inventory), what a
// Deployment Record would bring and over what (Run, Compare), what has moved
// since (Current), and what the package needs and does not hold (Dependencies).
// It reads orgs and writes drafts; it never changes an org.
//
// What Run freezes is what approvers approve and what is sent, byte for byte:
// the component files exactly as the source gave them, and the package.xml and
// destructiveChangesPost.xml that are made here.
package scan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/backend/governance"
	"countersign/backend/metadata"
	"countersign/backend/salesforce"
	"countersign/backend/store"
)

// A Scanner scans environments of one workspace. Its methods may run at the
// same time.
type Scanner struct {
	Store *store.Store
	// Session gives a client that is signed in to an environment. The client
	// stays the giver's: it is never closed here.
	Session func(ctx context.Context, env *governance.Environment) (*salesforce.Client, error)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// OnProgress hears how far a scan is, from several goroutines; nil does
	// nothing.
	OnProgress func(Progress)
}

// Progress is how far a scan of one environment is. Total is 0 while it is not
// known; Detail is what was done last.
type Progress struct {
	Environment string `json:"environment"` // id
	Phase       string `json:"phase"`
	Done        int    `json:"done"`
	Total       int    `json:"total"`
	Detail      string `json:"detail"`
}

// Phases of Progress.
const (
	PhaseConnect      = "connect"
	PhaseList         = "list"
	PhaseChangeSets   = "change sets"
	PhaseRetrieve     = "retrieve"
	PhaseCompare      = "compare"
	PhaseDependencies = "dependencies"
	PhaseSave         = "save"
)

// Codes of the faults of this package.
const (
	CodeNotTested       = "not_tested"
	CodeWrongOrg        = salesforce.CodeWrongOrg
	CodeSameOrg         = "same_org"
	CodeLocked          = "locked"
	CodeNotApproved     = "request_not_approved"
	CodeNoEnvironment   = "environment_missing"
	CodeRollbackRecord  = "rollback_record"
	CodeNothingToDeploy = "nothing_to_deploy"
	CodeTooManyMembers  = metadata.CodeTooManyMembers
	CodeTooLarge        = metadata.CodeTooLarge
	CodeMissingInSource = "missing_in_source"
	CodeNotInTarget     = "not_in_target"
	CodeNotInRequest    = "not_in_request"
	CodeUnknownType     = metadata.CodeUnknownType
	CodeChangeSet       = "change_set"
	CodeChangedMean     = "changed_meanwhile"
	CodeNotScanned      = "not_scanned"
	CodeAltered         = "content_altered"
	CodeNothingToAdd    = "nothing_to_add"
	CodeConflict        = "conflicting_change"
)

func (s *Scanner) now() time.Time {
	if s.Now == nil {
		return time.Now().UTC()
	}
	return s.Now().UTC()
}

func (s *Scanner) report(p Progress) {
	if s.OnProgress != nil {
		s.OnProgress(p)
	}
}

// A side is one environment with a session and who the org says it is.
type side struct {
	env      *governance.Environment
	client   *salesforce.Client
	identity salesforce.Identity
}

func (d *side) name() string { return d.env.Name }

// connect signs in and makes sure that the org is the environment's.
func (s *Scanner) connect(ctx context.Context, environmentID string) (*side, error) {
	env, err := s.Store.Environment(ctx, environmentID)
	if err != nil {
		return nil, err
	}
	s.report(Progress{Environment: env.ID, Phase: PhaseConnect})
	if env.OrganizationID == "" {
		return nil, governance.Faultf(CodeNotTested, "It is not known yet which org %s is.", env.Name).WithHint("Press Test Connection first.")
	}
	client, err := s.Session(ctx, env)
	if err != nil {
		return nil, fmt.Errorf("sign in to %s: %w", env.Name, err)
	}
	identity, err := client.Identity(ctx)
	if err != nil {
		return nil, fmt.Errorf("identify %s: %w", env.Name, err)
	}
	if salesforce.ID18(env.OrganizationID) != identity.OrganizationID {
		return nil, governance.Faultf(CodeWrongOrg, "%s is another org than before: %s, not %s.", env.Name, identity.OrganizationID, env.OrganizationID).
			WithHint("Check its address and credentials, or add the other org as an environment of its own.")
	}
	return &side{env: env, client: client, identity: identity}, nil
}

// asFault turns a mistake in metadata into a fault with the same words.
func asFault(err error) error {
	var mistake *metadata.Error
	if !errors.As(err, &mistake) {
		return err
	}
	return (&governance.Fault{Code: mistake.Code, Message: mistake.Message, Hint: mistake.Hint}).Because(err)
}

// keyOf names the component of a customization.
func keyOf(c governance.Customization) metadata.Key {
	return metadata.Key{Type: c.Type, Name: c.Name}
}

func customizationOf(k metadata.Key, change governance.Change) governance.Customization {
	return governance.Customization{Change: change, Name: k.Name, Type: k.Type}
}

// shownNames is how many names a message lists before it counts the rest.
const shownNames = 10

// listed writes names for a sentence: all of a few, the first and a number of
// many.
func listed(names []string) string {
	if len(names) <= shownNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(names[:shownNames], ", "), thousands(len(names)-shownNames))
}

func listedKeys(keys []metadata.Key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.String()
	}
	return listed(names)
}

// thousands writes 10001 as 10,001.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// counted writes "1 file" and "2 files".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
