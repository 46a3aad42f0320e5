package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// timeForm is how an act states its time: UTC, whole seconds.
const timeForm = "2006-01-02T15:04:05Z"

// maxSeen bounds the heads that one act may name.
const maxSeen = 1000

// A Statement is what is signed. Its fields are in the order of canonical JSON.
type Statement struct {
	At   string          `json:"at"`   // the signer's claim; it orders nothing
	Body json.RawMessage `json:"body"` // canonical, by type
	Gov  string          `json:"gov"`  // charter that the signer had seen; empty in the genesis
	Key  string          `json:"key"`  // the signer's public key
	Log  string          `json:"log"`  // head of the signer's audit log, or empty
	Prev string          `json:"prev"` // this key's act before, empty for number 0
	Seen []string        `json:"seen"` // heads of the subject's thread, sorted
	Seq  int64           `json:"seq"`  // this key's own numbering in this workspace
	Subj string          `json:"subj"`
	Type string          `json:"type"`
	Ws   string          `json:"ws"` // workspace; empty in the genesis, whose id it is
}

// A SignedAct is an act as it is stored and exchanged: Payload is what Sig
// signs, and everything else but ReceivedAt and Source repeats the payload.
type SignedAct struct {
	ID         string    `gorm:"primaryKey" json:"id"`
	Workspace  string    `json:"workspace"`
	Subject    string    `json:"subject"`
	Type       string    `json:"type"`
	Key        string    `json:"key"`
	Seq        int64     `json:"seq"`
	Prev       string    `json:"prev"`
	Payload    []byte    `json:"payload"`
	Sig        []byte    `json:"sig"`
	ReceivedAt time.Time `json:"receivedAt" ts_type:"string"` // when this machine stored it
	Source     string    `json:"source"`                      // where this machine has it from
}

// TableName is the table of acts.
func (SignedAct) TableName() string { return "acts" }

// A Position is where in the chains a new act goes.
type Position struct {
	Workspace  string
	Governance string // charter in force, as the signer sees it
	Log        string // head of the signer's audit log
	Prev       string // the key's last act in this workspace, empty before the first
	Seq        int64  // one more than the number of Prev, 0 for the first
	Seen       []string
}

// Sign makes an act of an intent. At is cut to whole seconds.
func (i Identity) Sign(in governance.Intent, p Position, at time.Time) (SignedAct, error) {
	if i.IsZero() {
		return SignedAct{}, governance.Faultf("no_key", "There is no signing key on this machine.").
			WithHint("Unlock the keychain, or ask the owners to add a key for this machine.")
	}
	body, err := Canonical(in.Body)
	if err != nil {
		return SignedAct{}, fmt.Errorf("sign %s: %w", in.Type, err)
	}
	if _, err := decodeBody(string(in.Type), in.Subject, i.Public(), body); err != nil {
		return SignedAct{}, fmt.Errorf("sign %s about %q: %w", in.Type, in.Subject, err)
	}
	seen := slices.Clone(p.Seen)
	slices.Sort(seen)
	st := Statement{At: at.UTC().Format(timeForm), Body: body, Gov: p.Governance, Key: i.Public(), Log: p.Log, Prev: p.Prev,
		Seen: slices.Compact(seen), Seq: p.Seq, Subj: in.Subject, Type: string(in.Type), Ws: p.Workspace}
	if err := st.check(); err != nil {
		return SignedAct{}, fmt.Errorf("sign %s: %w", in.Type, err)
	}
	payload, err := Canonical(st)
	if err != nil {
		return SignedAct{}, fmt.Errorf("sign %s: %w", in.Type, err)
	}
	if len(payload) > maxStatement {
		return SignedAct{}, governance.Faultf("act_too_large", "The statement takes %d bytes; an act has room for %d.", len(payload), maxStatement).
			WithHint("Write a shorter reason.")
	}
	return row(payload, ed25519.Sign(i.key(), PAE(ActMedia, payload)), st), nil
}

func row(payload, sig []byte, st Statement) SignedAct {
	s := columns(Digest(ActMedia, payload), st)
	s.Payload, s.Sig = payload, sig
	return s
}

// columns are what a row repeats of the payload.
func columns(id string, st Statement) SignedAct {
	s := SignedAct{ID: id, Workspace: st.Ws, Subject: st.Subj, Type: st.Type, Key: st.Key, Seq: st.Seq, Prev: st.Prev}
	if st.Type == string(governance.ActGenesis) {
		s.Workspace = id
	}
	return s
}

// Open verifies a signature over the stored bytes, then decodes them strictly.
// What comes back says what the bytes say and nothing else; whether the body
// fits the type is for Assemble to see.
func Open(payload, sig []byte) (SignedAct, Statement, error) {
	refuse := func(err error) (SignedAct, Statement, error) { return SignedAct{}, Statement{}, err }
	if len(payload) > maxStatement {
		return refuse(fmt.Errorf("%w: %d bytes", ErrNotCanonical, len(payload)))
	}
	public := signerOf(payload)
	key, err := parsePublic(public)
	if err != nil {
		return refuse(err)
	}
	pae := PAE(ActMedia, payload)
	if len(sig) != ed25519.SignatureSize || !ed25519.Verify(key, pae, sig) {
		return refuse(errors.New("the signature does not fit"))
	}
	st, err := decodeStatement(payload)
	if err != nil {
		return refuse(err)
	}
	if st.Key != public {
		return refuse(ErrNotCanonical)
	}
	if err := st.check(); err != nil {
		return refuse(err)
	}
	s := columns(digestOf(pae), st)
	s.Payload, s.Sig = payload, sig
	return s, st, nil
}

// signerOf reads the key out of a payload that is not decoded yet. In the
// canonical form only the statement's own key stands like this after the body:
// quotes in texts are escaped. Of another form whatever it gives is refused
// later.
func signerOf(payload []byte) string {
	const name = `,"key":"`
	at := bytes.LastIndex(payload, []byte(name))
	if at < 0 {
		return ""
	}
	public, _, _ := bytes.Cut(payload[at+len(name):], []byte(`"`))
	return string(public)
}

// check holds what a statement must be whatever its type.
func (st *Statement) check() error {
	genesis := st.Type == string(governance.ActGenesis)
	t, err := time.Parse(timeForm, st.At)
	switch {
	case err != nil || t.Format(timeForm) != st.At:
		return fmt.Errorf("the time %.40q is not in the form of an act", st.At)
	case st.Type == "" || st.Subj == "" || len(st.Type) > 100 || len(st.Subj) > 200:
		return errors.New("type or subject is missing or too long")
	case st.Seq < 0 || (st.Seq == 0) != (st.Prev == ""):
		return fmt.Errorf("number %d and the act before do not fit", st.Seq)
	case st.Prev != "" && !isDigest(st.Prev):
		return errors.New("the act before is not named by its id")
	case genesis != (st.Ws == "") || genesis != (st.Gov == ""):
		return errors.New("workspace and charter must be named, except in the founding act")
	case genesis && (st.Seq != 0 || len(st.Seen) > 0):
		return errors.New("the founding act comes first")
	case !genesis && !(isDigest(st.Ws) && isDigest(st.Gov)):
		return errors.New("workspace or charter is not named by its id")
	case len(st.Seen) > maxSeen:
		return fmt.Errorf("%d heads are more than %d", len(st.Seen), maxSeen)
	}
	for i, s := range st.Seen {
		if !isDigest(s) || i > 0 && s <= st.Seen[i-1] {
			return errors.New("the heads seen are not ids in order")
		}
	}
	if st.Log != "" {
		if _, err := ParseHead(st.Log); err != nil {
			return err
		}
	}
	return nil
}

// Verify opens the act and holds every column against the payload.
func (s SignedAct) Verify() (Statement, error) {
	o, st, err := Open(s.Payload, s.Sig)
	if err != nil {
		return Statement{}, err
	}
	if err := s.sameColumns(o); err != nil {
		return Statement{}, err
	}
	return st, nil
}

func (s *SignedAct) sameColumns(o SignedAct) error {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"id", s.ID == o.ID}, {"workspace", s.Workspace == o.Workspace}, {"subject", s.Subject == o.Subject}, {"type", s.Type == o.Type},
		{"key", s.Key == o.Key}, {"number", s.Seq == o.Seq}, {"act before", s.Prev == o.Prev},
	} {
		if !c.same {
			return fmt.Errorf("the column %q differs from what was signed", c.name)
		}
	}
	return nil
}

// decodeBody decodes a body by its act's type, and holds that it speaks of the
// act's subject and, when somebody asks to be let in, of the signer's own key.
// The error says that this version does not understand it.
func decodeBody(actType, subject, signer string, body []byte) (governance.Body, error) {
	t := governance.ActType(actType)
	into, known := bodies[t]
	if !known {
		return nil, fmt.Errorf("there is no act type %.100q", actType)
	}
	b, err := into(body)
	if err != nil {
		return nil, err
	}
	fits := subject != governance.GovernanceSubject && !strings.HasPrefix(subject, governance.OrganizationSubject(""))
	switch body := b.(type) {
	case governance.Finding:
		fits = subject == governance.OrganizationSubject(body.Organization)
	case governance.Resolution:
		fits = len(subject) > len(governance.OrganizationSubject("")) && strings.HasPrefix(subject, governance.OrganizationSubject(""))
	case governance.Join:
		fits = subject == governance.GovernanceSubject && body.Key == signer
	default:
		if charterActs[t] {
			fits = subject == governance.GovernanceSubject
		}
	}
	if !fits {
		return nil, fmt.Errorf("%s is not about %.200q", actType, subject)
	}
	return b, nil
}

func as[T governance.Body](b []byte) (governance.Body, error) {
	var v T
	if err := Strict(b, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// charterActs are those about the charter, its members and what they delegate.
var charterActs = map[governance.ActType]bool{governance.ActGenesis: true, governance.ActCharter: true, governance.ActEndorse: true,
	governance.ActDelegate: true, governance.ActEnd: true, governance.ActJoin: true}

// recoveryActs are all that a recovery key can sign.
var recoveryActs = map[string]bool{string(governance.ActCharter): true, string(governance.ActEndorse): true}

// bodies is the table from act type to what its body is.
var bodies = func() map[governance.ActType]func([]byte) (governance.Body, error) {
	t := map[governance.ActType]func([]byte) (governance.Body, error){
		governance.ActGenesis:   as[governance.Charter],
		governance.ActCharter:   as[governance.Charter],
		governance.ActEndorse:   as[governance.Endorsement],
		governance.ActStart:     as[governance.Start],
		governance.ActValidated: as[governance.Ending],
		governance.ActResult:    as[governance.Ending],
		governance.ActDelegate:  as[governance.Delegation],
		governance.ActEnd:       as[governance.DelegationEnd],
		governance.ActJoin:      as[governance.Join],
		governance.ActReview:    as[governance.Review],
		governance.ActFinding:   as[governance.Finding],
		governance.ActResolve:   as[governance.Resolution],
	}
	for _, prefix := range []string{"cr.", "dr."} {
		t[governance.ActType(prefix+string(governance.Submit))] = as[governance.Submission]
		for _, a := range []governance.Action{governance.Approve, governance.Reject} {
			t[governance.ActType(prefix+string(a))] = as[governance.Vote]
		}
		t[governance.ActType(prefix+string(governance.Withdraw))] = as[governance.Withdrawal]
		for _, a := range []governance.Action{governance.Recall, governance.Reopen, governance.Cancel, governance.Complete} {
			t[governance.ActType(prefix+string(a))] = as[governance.Closing]
		}
	}
	return t
}()
