package governance

import (
	"strings"
	"time"
)

// An ActType says what an act states.
type ActType string

// Acts about Change Requests (cr.) and Deployment Records (dr.) carry the
// lifecycle action's name; the rest are about the workspace and attempts.
const (
	ActGenesis   ActType = "gov.genesis"
	ActCharter   ActType = "gov.change"
	ActEndorse   ActType = "gov.endorse"
	ActStart     ActType = "deploy.start"
	ActValidated ActType = "deploy.validated"
	ActResult    ActType = "deploy.result"
	ActDelegate  ActType = "delegate"
	ActEnd       ActType = "delegate.end"
	ActJoin      ActType = "member.join"
	ActReview    ActType = "cr.review"
	ActFinding   ActType = "recon.finding"
	ActResolve   ActType = "recon.resolve"
)

// GovernanceSubject is the subject of acts about the charter, its members and
// what they delegate.
const GovernanceSubject = "gov"

// OrganizationSubject is the subject of acts about an organisation: what was
// found there.
func OrganizationSubject(organization string) string { return organizations + organization }

const organizations = "org:"

// IsOrganization reports whether a subject is one of OrganizationSubject.
func IsOrganization(subject string) bool { return strings.HasPrefix(subject, organizations) }

// An Act is one signed, immutable statement by one person, as package ledger
// found it to be: signature, canonical form and key chain are checked.
type Act struct {
	ID         string   `json:"id"`
	Workspace  string   `json:"workspace"`
	Subject    string   `json:"subject"` // id of a request or record, GovernanceSubject or an OrganizationSubject
	Type       ActType  `json:"type"`
	Key        string   `json:"key"`
	Seq        int64    `json:"seq"`
	Prev       string   `json:"prev"`
	Seen       []string `json:"seen"`       // heads of the subject's thread that the signer had seen
	Governance string   `json:"governance"` // charter that the signer had seen
	Log        string   `json:"log"`        // size:root of the signer's audit log
	// At is the signer's own claim; it orders nothing.
	At   time.Time `json:"at" ts_type:"string"`
	Body Body      `json:"body"`

	// Member is who held the key under the charter that the signer had seen.
	Member string `json:"member"`
	// Broken says why the act never counts (chain forked, key revoked before
	// it, unknown signer); empty for a good act.
	Broken string `json:"broken"`
}

// A Body is what an act states. Its fields are in the order of canonical JSON.
type Body interface{ body() }

// A Submission opens a round. Emergency repeats what the revision of a request
// says, so that emergencies are found without reading revisions; one that does
// not repeat it is no submission.
type Submission struct {
	Authors   []string `json:"authors"`
	Emergency bool     `json:"emergency,omitempty"`
	Revision  string   `json:"revision"`
	Round     int64    `json:"round"`
}

// A Vote approves or rejects a revision in a round. Step is the approval step
// that an approval counts for. Delegation names the act by which somebody else
// let the signer vote in his place.
type Vote struct {
	Delegation string `json:"delegation,omitempty"`
	Reason     string `json:"reason"`
	Revision   string `json:"revision"`
	Round      int64  `json:"round"`
	Step       int64  `json:"step"`
}

// A Withdrawal takes one's own vote back, and with it every vote that the same
// member gave before it in that round: what is taken back is a person's word,
// not one of two signatures. Act is the last of them.
type Withdrawal struct {
	Act      string `json:"act"`
	Reason   string `json:"reason"`
	Revision string `json:"revision"`
	Round    int64  `json:"round"`
}

// A Closing ends a round: recall, reopen, cancel or complete. Revision is
// empty when nothing was submitted yet.
type Closing struct {
	Reason   string `json:"reason"`
	Revision string `json:"revision"`
	Round    int64  `json:"round"`
}

// An Endorsement supports a change of the charter.
type Endorsement struct {
	Change string `json:"change"`
}

// A Delegation lets another member vote in the signer's place from Since until
// Until, both in the form of an act's time. What is empty limits nothing: Kind
// and Organization are of a record's target, Subject is one request or record,
// Role is the role of a seat.
type Delegation struct {
	Kind         EnvironmentKind `json:"kind"`
	Organization string          `json:"organization"`
	Reason       string          `json:"reason"`
	Role         Role            `json:"role"`
	Since        string          `json:"since"`
	Subject      string          `json:"subject"`
	To           string          `json:"to"`
	Until        string          `json:"until"`
}

// A DelegationEnd ends a delegation before its time. Votes are the acts that
// were given under it until then and that go on counting; an id cannot be named
// before its act is signed, so the list is the past of the end, also across
// threads.
type DelegationEnd struct {
	Delegation string   `json:"delegation"`
	Reason     string   `json:"reason"`
	Votes      []string `json:"votes"`
}

// A Join asks to be let in as a member. It is signed by the new key, which
// proves that its holder has it; nothing else it says is proven.
type Join struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Note string `json:"note"`
}

// A Verdict is what a review of an emergency found.
type Verdict string

// The verdicts. Either is a review; an objection is for people to act on.
const (
	Accepted Verdict = "accepted"
	Objected Verdict = "objected"
)

// A Review looks at an emergency after it was deployed. Start is the
// deploy.start that was looked at, so that nobody reviews in advance.
type Review struct {
	Reason   string  `json:"reason"`
	Revision string  `json:"revision"`
	Round    int64   `json:"round"`
	Start    string  `json:"start"`
	Step     int64   `json:"step"`
	Verdict  Verdict `json:"verdict"`
}

// A FindingKind is what was found in an organisation.
type FindingKind string

// The kinds of finding.
const (
	FindingDeployment FindingKind = "deployment" // a deployment that no act accounts for
	FindingSetup      FindingKind = "setup"      // a line of the org's own Setup Audit Trail
	FindingDrift      FindingKind = "drift"      // a customization that is not as it was deployed
)

// A Finding is something in an organisation that nobody here signed for.
type Finding struct {
	Added        []string    `json:"added,omitempty"` // those of the components that are new
	Async        string      `json:"async"`           // Salesforce's id of the deployment, if it was one
	At           string      `json:"at"`              // when it happened, as the org says
	By           string      `json:"by"`              // who did it, as the org says
	Components   []string    `json:"components"`
	Deleted      []string    `json:"deleted,omitempty"` // those of the components that are gone
	Detail       string      `json:"detail"`            // sha256 of the org's full answer, or empty
	Kind         FindingKind `json:"kind"`
	Organization string      `json:"organization"` // 18 characters
	Ref          string      `json:"ref"`          // the org's own id of the row, so that it is found once
	Summary      string      `json:"summary"`
}

// A Resolution says what became of findings: a reason, or the request that
// takes the change over.
type Resolution struct {
	Findings []string `json:"findings"` // ids of their acts
	Reason   string   `json:"reason"`
	Request  string   `json:"request"`
}

// A Start is the deployer's signed intent, stored before anything is sent.
type Start struct {
	Approvals  []string    `json:"approvals"` // acts that were counted
	Attempt    int64       `json:"attempt"`
	Base       string      `json:"base"`
	Kind       AttemptKind `json:"kind"`
	Log        string      `json:"log"` // id of the Deployment Log
	Marker     string      `json:"marker"`
	Package    string      `json:"package"`
	Revision   string      `json:"revision"`
	Target     string      `json:"target"` // 18-character organisation id
	Validation string      `json:"validation"`
}

// An Ending is what the org said at the end of an attempt; of a validation it
// is signed as deploy.validated, of anything else as deploy.result.
type Ending struct {
	AsyncID         string      `json:"asyncId"`
	CompletedAt     string      `json:"completedAt"` // Salesforce's own time, RFC 3339, or empty
	ComponentErrors int64       `json:"componentErrors"`
	Components      int64       `json:"components"`
	Detail          string      `json:"detail"` // sha256 of Salesforce's full answer
	Kind            AttemptKind `json:"kind"`
	Package         string      `json:"package"`
	Result          Result      `json:"result"`
	Revision        string      `json:"revision"`
	Start           string      `json:"start"` // the deploy.start act
	Status          string      `json:"status"`
	TestErrors      int64       `json:"testErrors"`
	Tests           int64       `json:"tests"`
	Unchanged       int64       `json:"unchanged"` // accepted but not as sent
}

func (Charter) body()       {}
func (Submission) body()    {}
func (Vote) body()          {}
func (Withdrawal) body()    {}
func (Closing) body()       {}
func (Endorsement) body()   {}
func (Delegation) body()    {}
func (DelegationEnd) body() {}
func (Join) body()          {}
func (Review) body()        {}
func (Finding) body()       {}
func (Resolution) body()    {}
func (Start) body()         {}
func (Ending) body()        {}

// An Intent is an act before it is signed: what, about what.
type Intent struct {
	Type    ActType
	Subject string
	Body    Body
}
