package store

import (
	"time"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A Delivery is what a bundle brings, before or after it is taken in.
type Delivery struct {
	Bundle    string `json:"bundle"`    // SHA-256
	Workspace string `json:"workspace"` // id
	Exporter  string `json:"exporter"`  // public key
	From      string `json:"from"`      // member whose key it is; empty if nobody's
	FromName  string `json:"fromName"`
	// Asker is what somebody who asks to be let in calls himself, whose key it is;
	// nobody has proved it. Empty for a member and for a stranger.
	Asker   string            `json:"asker"`
	Created time.Time         `json:"created" ts_type:"string"`
	Trail   ledger.Continuity `json:"trail"` // how the exporter's audit trail goes with what was known of it
	// Nothing: all of it is here already.
	Nothing bool `json:"nothing"`

	Acts      []DeliveredAct   `json:"acts"`      // new ones
	KnownActs int64            `json:"knownActs"` // those that are here already
	Requests  []DeliveredRow   `json:"requests"`  // new, or said more about
	Records   []DeliveredRow   `json:"records"`
	Attempts  int64            `json:"attempts"` // new Deployment Logs
	Drafts    []DeliveredDraft `json:"drafts"`
	Charters  []int64          `json:"charters"` // versions that come into force
	Files     int64            `json:"files"`    // new ones
	Bytes     int64            `json:"bytes"`    // of them
	Missing   []MissingAct     `json:"missing"`  // what is still not here afterwards
	Forks     []ForkedKey      `json:"forks"`
	// Findings say what of it does not count, and why.
	Findings []governance.Reason `json:"findings"`
}

// A DeliveredAct is a new act in a bundle.
type DeliveredAct struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Subject string    `json:"subject"`
	About   string    `json:"about"`  // name of what it is about, as far as it is known
	Member  string    `json:"member"` // empty when the signer is no member
	Name    string    `json:"name"`   // of the member, or what the one who asks calls himself
	Asks    bool      `json:"asks"`   // the signer is no member and asks to become one
	At      time.Time `json:"at" ts_type:"string"`
	Broken  string    `json:"broken"` // why it does not count
}

// A DeliveredRow is a request or a record that a bundle brings or moves.
type DeliveredRow struct {
	ID      string `json:"id"`
	Request string `json:"request"` // that a record belongs to
	Label   string `json:"label"`   // on this machine
	Name    string `json:"name"`
	New     bool   `json:"new"`
	Before  string `json:"before"` // status; empty for a new one
	After   string `json:"after"`
}

// How a draft goes with one's own.
const (
	DraftNew       = "new"       // there was none here
	DraftContinues = "continues" // it was made from what is here, and takes its place
	DraftWaits     = "waits"     // both were edited: a person chooses
)

// A DeliveredDraft is a draft that a bundle brings.
type DeliveredDraft struct {
	Request string `json:"request"`
	Digest  string `json:"digest"`
	Name    string `json:"name"`
	How     string `json:"how"`
}

// A MissingAct is one that others name and that is not here.
type MissingAct struct {
	ID    string `json:"id"`
	By    string `json:"by"`    // act that names it
	Ask   string `json:"ask"`   // member who has it
	Name  string `json:"name"`  // of that member
	About string `json:"about"` // subject; empty when it is the signer's own chain
	Chain bool   `json:"chain"` // it is missing in its signer's own chain
}

// A ForkedKey is one that signed two acts as the same number: it was copied, or
// an old database was put back and signed with.
type ForkedKey struct {
	Key    string `json:"key"`
	Member string `json:"member"`
	Name   string `json:"name"`
	Seq    int64  `json:"seq"`
}

// importEntry is the log entry "import": a bundle was taken in.
type importEntry struct {
	Acts     int64  `json:"acts"`
	At       string `json:"at"`
	Bundle   string `json:"bundle"`
	By       string `json:"by"`
	Drafts   int64  `json:"drafts"`
	Exporter string `json:"exporter"`
	Head     string `json:"head"`
	Records  int64  `json:"records"`
	Requests int64  `json:"requests"`
	Trail    string `json:"trail"`
}
