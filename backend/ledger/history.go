package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/backend/governance"
)

// Evidence is what is known about a workspace.
type Evidence struct {
	Workspace string
	// Acts are all acts, or every act about the charter and all those about
	// some subjects.
	Acts []SignedAct
	// Links are the places of all acts of the workspace when Acts are only a
	// part; nil when Acts are all. They are taken from columns that nothing
	// verifies here: a wrong one can close the gate, or hide no more than
	// leaving an act out could. Assembling everything finds it.
	Links []Link
	// Places are Links that are arranged already, instead of them.
	// Those after the ends of chains may not be enough: ErrPlaces says so.
	Places *Places
	// Revisions are canonical bytes by digest.
	Revisions map[string][]byte
}

// Assemble verifies evidence and arranges it as a History. See Verifier.
func Assemble(e Evidence) (*governance.History, []string, error) { return NewVerifier().Assemble(e) }

// opened is an act whose signature and columns are good.
type opened struct {
	id   string
	st   Statement
	body governance.Body // nil when it is not understood
	why  string          // why it is not understood
}

// assembly is the work on one piece of evidence.
type assembly struct {
	evidence Evidence
	acts     []*opened
	byID     map[string]*opened
	keys     *keyChains
	chain    *succession
	head     string
	findings []string
	out      governance.Verified

	revisions *read
}

// Assemble verifies every signature, column, key chain and the charter's
// chain, and arranges what holds as a History. What does not verify is left
// out and named in the findings, one sentence each; an act that verifies but
// cannot count is there and says why in Broken. An error means that the
// question makes no sense, such as an empty workspace id.
func (v *Verifier) Assemble(e Evidence) (*governance.History, []string, error) {
	if !isDigest(e.Workspace) {
		return nil, nil, fmt.Errorf("assemble a history: %.80q is not the id of a workspace", e.Workspace)
	}
	as := &assembly{evidence: e, revisions: &v.revisions, byID: map[string]*opened{}, findings: []string{}, out: governance.Verified{
		Workspace: e.Workspace, Missing: []string{}, Requests: map[string]*governance.RequestRevision{}, Records: map[string]*governance.RecordRevision{}}}
	bad := as.take(v.openAll(e.Acts))
	if p := e.Places; p != nil && p.Partial() && !p.holds(as.acts, bad) {
		return nil, nil, ErrPlaces
	}
	as.keys = as.arranged(bad)
	as.chain = newSuccession(as.keys, as.acts)
	as.head, as.out.Trouble = as.chain.resolve(e.Workspace)
	as.out.Head, as.out.Charters = as.head, as.chain.charters
	as.state()
	if as.keys.short {
		return nil, nil, ErrPlaces
	}
	as.takeRevisions()
	slices.Sort(as.findings)
	return governance.AssembleHistory(as.out), as.findings, nil
}

// take sorts what was opened by id and returns the ids of rows that are left
// out.
func (as *assembly) take(opened []*opened, errs []error) (bad map[string]bool) {
	bad = map[string]bool{}
	for i, row := range as.evidence.Acts {
		err := errs[i]
		if err == nil && row.Workspace != as.evidence.Workspace {
			err = errors.New("it belongs to another workspace")
		}
		if err != nil {
			bad[row.ID] = true
			as.find("The act %s does not count: %s.", row.ID, strings.TrimSuffix(err.Error(), "."))
			continue
		}
		if o := opened[i]; as.byID[o.id] == nil {
			as.byID[o.id] = o
			as.acts = append(as.acts, o)
		}
	}
	for id := range as.byID {
		delete(bad, id) // another row holds the act itself
	}
	slices.SortFunc(as.acts, byActID)
	return bad
}

func byActID(a, b *opened) int { return strings.Compare(a.id, b.id) }

func (as *assembly) find(format string, a ...any) {
	as.findings = append(as.findings, fmt.Sprintf(format, a...))
}

// arranged are the chains of all keys.
func (as *assembly) arranged(bad map[string]bool) *keyChains {
	p := as.evidence.Places
	if p != nil && p.holds(as.acts, bad) {
		return chainsAt(p)
	}
	if p != nil {
		as.evidence.Links = p.all()
	}
	return newKeyChains(as.links(bad))
}

// links are the places of all acts: of the acts here, from what was signed; of
// the others, as the evidence tells them.
func (as *assembly) links(bad map[string]bool) []Link {
	out := make([]Link, 0, max(len(as.acts), len(as.evidence.Links)))
	for _, a := range as.acts {
		out = append(out, Link{ID: a.id, Key: a.st.Key, Prev: a.st.Prev, Seq: a.st.Seq})
	}
	for _, l := range as.evidence.Links {
		a := as.byID[l.ID]
		switch {
		case bad[l.ID]:
		case a == nil:
			out = append(out, l)
		case l.Key != a.st.Key || l.Prev != a.st.Prev || l.Seq != a.st.Seq:
			as.find("The place of the act %s in its signer's chain is not the one that was signed.", l.ID)
		}
	}
	return out
}

// state fills in what each act counts for.
func (as *assembly) state() {
	last := as.lastWords()
	missing := map[string]bool{}
	for _, a := range as.acts {
		act := governance.Act{ID: a.id, Workspace: as.evidence.Workspace, Subject: a.st.Subj, Type: governance.ActType(a.st.Type), Key: a.st.Key,
			Seq: a.st.Seq, Prev: a.st.Prev, Seen: a.st.Seen, Governance: a.st.Gov, Log: a.st.Log, At: claimed(a.st.At), Body: a.body}
		act.Member, act.Broken = as.signer(a)
		if _, listed := last[a.st.Key]; listed && as.unknownCharter(a) {
			missing[a.st.Subj] = true
		}
		if act.Member != "" {
			if act.Broken == "" {
				act.Broken = as.keys.why(a.id, a.st.Key, last[a.st.Key])
			}
			if as.keys.incomplete(a.st.Key, last[a.st.Key]) || act.Broken == "" && as.lacks(a) {
				missing[a.st.Subj] = true
			}
		}
		as.out.Acts = append(as.out.Acts, act)
	}
	for s := range missing {
		as.out.Missing = append(as.out.Missing, s)
	}
	slices.Sort(as.out.Missing)
}

func claimed(at string) time.Time {
	t, _ := time.Parse(timeForm, at) // Open has checked the form
	return t
}

// lastWords says of each key what the newest charter that knows it says. A
// charter that drops a revoked key does not make it good again.
func (as *assembly) lastWords() map[string]string {
	out := map[string]string{}
	for id := as.head; id != ""; {
		c := as.chain.candidate[id]
		for _, m := range c.Members {
			for _, k := range m.Keys {
				if _, told := out[k.Public]; !told {
					out[k.Public] = k.Last
				}
			}
		}
		id = c.Prev
	}
	return out
}

// signer is who held the key under the charter that the act names, and why the
// act cannot count whatever its chain is.
func (as *assembly) signer(a *opened) (member, broken string) {
	under := a.st.Gov
	if a.st.Type == string(governance.ActGenesis) {
		if a.id != as.evidence.Workspace {
			return "", "it founds another workspace"
		}
		under = a.id
	}
	c := as.chain.charters[under]
	if c == nil {
		return "", "it was signed under a charter that is missing here or was never in force"
	}
	m, _ := c.MemberByKey(a.st.Key)
	if m == nil {
		return "", "the signer was not a member of this workspace"
	}
	if a.body == nil {
		return m.ID, "it is not understood: " + a.why
	}
	if m.Has(governance.Recovery) && !recoveryActs[a.st.Type] {
		return m.ID, "a recovery key endorses the charter and can do nothing else"
	}
	return m.ID, ""
}

// unknownCharter reports whether the signer had seen a charter that is not
// here: something is missing, perhaps a charter that is newer than ours.
func (as *assembly) unknownCharter(a *opened) bool {
	return a.st.Type != string(governance.ActGenesis) && as.byID[a.st.Gov] == nil
}

// lacks reports whether the act saw something in its thread that is not here.
func (as *assembly) lacks(a *opened) bool {
	return slices.ContainsFunc(a.st.Seen, func(id string) bool {
		s := as.byID[id]
		return s == nil || s.st.Subj != a.st.Subj
	})
}

func (as *assembly) takeRevisions() {
	for digest, b := range as.evidence.Revisions {
		switch digest {
		case Digest(RequestMedia, b):
			if r := understood[governance.RequestRevision](as, digest, b, func(r *governance.RequestRevision) int64 { return r.Format }); r != nil {
				as.out.Requests[digest] = r
			}
		case Digest(RecordMedia, b):
			if r := understood[governance.RecordRevision](as, digest, b, func(r *governance.RecordRevision) int64 { return r.Format }); r != nil {
				as.out.Records[digest] = r
			}
		default:
			as.find("The content %s is not what was submitted: its digest differs.", digest)
		}
	}
}

// understood is a revision whose bytes have that digest, nil if they are not
// understood.
func understood[T any](as *assembly, digest string, b []byte, format func(*T) int64) *T {
	if kept, ok := as.revisions.recall(digest).(*T); ok {
		return kept
	}
	r := new(T)
	if !as.fits(digest, StrictRevision(b, r), format(r)) {
		return nil
	}
	as.revisions.keep(digest, r, len(b))
	return r
}

func (as *assembly) fits(digest string, err error, format int64) bool {
	if err == nil && format != governance.RevisionFormat {
		err = fmt.Errorf("it has format %d", format)
	}
	if err != nil {
		as.find("The content %s is not understood: %v.", digest, err)
	}
	return err == nil
}
