package governance

import "time"

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
)

// GovernanceSubject is the subject of acts about the charter.
const GovernanceSubject = "gov"

// An Act is one signed, immutable statement by one person, as package ledger
// found it to be: signature, canonical form and key chain are checked.
type Act struct {
	ID         string   `json:"id"`
	Workspace  string   `json:"workspace"`
	Subject    string   `json:"subject"` // id of a request or record, or GovernanceSubject
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

// A Submission opens a round.
type Submission struct {
	Authors  []string `json:"authors"`
	Revision string   `json:"revision"`
	Round    int64    `json:"round"`
}

// A Vote approves or rejects a revision in a round. Step is the approval step
// that an approval counts for.
type Vote struct {
	Reason   string `json:"reason"`
	Revision string `json:"revision"`
	Round    int64  `json:"round"`
	Step     int64  `json:"step"`
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

func (Charter) body()     {}
func (Submission) body()  {}
func (Vote) body()        {}
func (Closing) body()     {}
func (Endorsement) body() {}
func (Start) body()       {}
func (Ending) body()      {}

// An Intent is an act before it is signed: what, about what.
type Intent struct {
	Type    ActType
	Subject string
	Body    Body
}
