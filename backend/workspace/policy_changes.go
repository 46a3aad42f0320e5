package workspace

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"countersign/backend/governance"
	"countersign/backend/ledger"
)

// A PolicyChange is one version of the policies, in force or proposed.
type PolicyChange struct {
	Act      string       `json:"act"` // id of the gov.change act
	Version  int64        `json:"version"`
	By       *Person      `json:"by"`
	At       time.Time    `json:"at" ts_type:"string"`
	Endorsed []Person     `json:"endorsed"`
	Needed   int64        `json:"needed"` // owners who have to sign
	CanSign  bool         `json:"canSign"`
	Why      string       `json:"why"`
	WhySaid  Said         `json:"whySaid,omitempty"` // the same, to be translated by the whole key
	Diff     []PolicyDiff `json:"diff"`              // to the version before it
}

// A PolicyDiff is one thing that a version changed.
type PolicyDiff struct {
	Policy string `json:"policy"` // its name
	What   string `json:"what"`   // as PolicySentence.Code, or name, members
	Before string `json:"before"`
	After  string `json:"after"`
	// Gone and Come are the lines of both, to be translated.
	Gone []Said `json:"gone,omitempty"`
	Come []Said `json:"come,omitempty"`
}

// policyVersions are the versions that were in force, newest first.
func (w *Workspace) policyVersions(h *governance.History) []PolicyChange {
	out := []PolicyChange{}
	for id := h.Head(); id != ""; {
		c := h.CharterAt(id)
		if c == nil {
			break
		}
		out = append(out, w.policyChange(h, id, c, h.CharterAt(c.Prev)))
		id = c.Prev
	}
	return out
}

// pendingPolicies are the proposals that continue the version in force, newest
// first. One for an older version can never come into force.
func (w *Workspace) pendingPolicies(h *governance.History) []PolicyChange {
	out, me := []PolicyChange{}, w.Acting()
	for _, a := range h.Thread(governance.GovernanceSubject) {
		c, proposes := a.Body.(governance.Charter)
		if !proposes || a.Type != governance.ActCharter || a.Broken != "" || c.Prev != h.Head() || h.CharterAt(a.ID) != nil {
			continue
		}
		p := w.policyChange(h, a.ID, &c, h.Charter())
		p.WhySaid = w.whyNotPropose(h, me)
		if slices.ContainsFunc(p.Endorsed, func(o Person) bool { return o.ID == me }) {
			p.WhySaid = w.said("why.signed")
		}
		p.Why = p.WhySaid.Text
		p.CanSign = p.Why == ""
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b PolicyChange) int { return b.At.Compare(a.At) })
	return out
}

func (w *Workspace) policyChange(h *governance.History, id string, c, before *governance.Charter) PolicyChange {
	p := PolicyChange{Act: id, Version: c.Version, Endorsed: []Person{}, Needed: c.OwnerThreshold, Diff: []PolicyDiff{}}
	under := before
	if under == nil {
		under = c
	} else {
		p.Needed, p.Diff = max(before.OwnerThreshold, c.OwnerThreshold), w.policyDiff(before, c)
	}
	people := rosterOf(under)
	if a := h.Act(id); a != nil {
		p.By, p.At = people.person(a.Member), a.At.UTC()
	}
	p.Endorsed = people.people(endorsers(h, id, under))
	return p
}

// endorsers are the owners who signed a version: who proposed it, and who
// endorsed it.
func endorsers(h *governance.History, id string, under *governance.Charter) []string {
	out := []string{}
	for _, a := range h.Thread(governance.GovernanceSubject) {
		e, endorses := a.Body.(governance.Endorsement)
		if a.ID != id && !(endorses && e.Change == id) || a.Broken != "" {
			continue
		}
		if under.Member(a.Member).Endorses() && !slices.Contains(out, a.Member) {
			out = append(out, a.Member)
		}
	}
	return out
}

// policyDiff says what a version changed, policy by policy.
func (w *Workspace) policyDiff(before, after *governance.Charter) []PolicyDiff {
	people := rosterOf(after)
	out := w.onePolicyDiff(&before.Requests, &after.Requests, people, false)
	byKey := func(c *governance.Charter) map[string]*governance.Policy {
		m := map[string]*governance.Policy{}
		for i := range c.Environments {
			m[string(c.Environments[i].Kind)+"/"+c.Environments[i].Organization] = &c.Environments[i]
		}
		return m
	}
	was, is := byKey(before), byKey(after)
	keys := []string{}
	for k := range was {
		keys = append(keys, k)
	}
	for k := range is {
		if was[k] == nil {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		out = append(out, w.onePolicyDiff(was[k], is[k], people, true)...)
	}
	if people := w.rosterDiff(before, after); people != nil {
		out = append(out, *people)
	}
	return out
}

// onePolicyDiff compares two versions of a policy by the sentences that say
// them. One that is nil was not there, or is not there any more.
func (w *Workspace) onePolicyDiff(before, after *governance.Policy, people roster, deployments bool) []PolicyDiff {
	texts := func(p *governance.Policy) map[string][]Said {
		m := map[string][]Said{}
		if p == nil {
			return m
		}
		m["name"] = []Said{quoted("", p.Name)}
		for _, s := range w.sentences(p, people, deployments) {
			m[s.Code] = append(m[s.Code], s.Said)
		}
		return m
	}
	was, is := texts(before), texts(after)
	name := ""
	for _, p := range []*governance.Policy{before, after} {
		if p != nil {
			name = p.Name
		}
	}
	out := []PolicyDiff{}
	for _, code := range []string{"name", "rules", "owners", "emergencyHours", "approvalDays", "authorMayApprove", "severalSeatsEach", "delegation", "reviewDays", "overdueReviews", "findingsClose", "freezes", "windows", "zone", "emergencyInFreeze", "deployerRole", "approverMayDeploy", "authorMayDeploy", "validationFirst", "testFirst"} {
		gone, come := linesNotIn(was[code], is[code]), linesNotIn(is[code], was[code])
		if len(gone)+len(come) > 0 {
			out = append(out, diffOf(name, code, gone, come))
		}
	}
	return out
}

func diffOf(policy, what string, gone, come []Said) PolicyDiff {
	lines := func(of []Said) string {
		texts := make([]string, len(of))
		for i, s := range of {
			texts[i] = s.Text
		}
		return strings.Join(texts, "\n")
	}
	return PolicyDiff{Policy: policy, What: what, Before: lines(gone), After: lines(come), Gone: append([]Said{}, gone...), Come: append([]Said{}, come...)}
}

func linesNotIn(list, in []Said) []Said {
	return slices.DeleteFunc(slices.Clone(list), func(s Said) bool {
		return slices.ContainsFunc(in, func(other Said) bool { return other.Text == s.Text })
	})
}

// rosterDiff says how the members, their roles and keys, and what owners must
// agree, changed, if they did. A change of keys alone is one that an owner signs
// knowingly.
func (w *Workspace) rosterDiff(before, after *governance.Charter) *PolicyDiff {
	was, is := w.rosterSaid(before), w.rosterSaid(after)
	gone, come := linesNotIn(was, is), linesNotIn(is, was)
	if len(gone)+len(come) == 0 {
		return nil
	}
	d := diffOf(after.Name, "members", gone, come)
	return &d
}

func (w *Workspace) rosterSaid(c *governance.Charter) []Said {
	out := []Said{w.said("policy.threshold", "count", c.OwnerThreshold)}
	for _, m := range c.Members {
		roles := make([]string, len(m.Roles))
		for i, r := range m.Roles {
			roles[i] = string(r)
		}
		out = append(out, w.said("policy.member", "who", m.Name, "roles", strings.Join(roles, ", ")))
		if m.Compared {
			out = append(out, w.said("policy.compared", "who", m.Name))
		}
		for _, k := range m.Keys {
			_, digits, _ := strings.Cut(k.Public, ":")
			if k.Last == "" {
				out = append(out, w.said("policy.key", "who", m.Name, "key", shortDigest(digits)))
			} else {
				out = append(out, w.said("policy.key.ended", "who", m.Name, "key", shortDigest(digits), "act", shortDigest(k.Last)))
			}
		}
	}
	return out
}

// A Proposal is a change of the policies before anybody signed it.
type Proposal struct {
	Digest string // of the whole charter that would be signed
	Diff   []PolicyDiff
}

// ProposalOf is what ProposePolicies would sign now. Faults: those of
// ProposePolicies.
func (w *Workspace) ProposalOf(ctx context.Context, requests governance.Policy, environments []governance.Policy) (Proposal, error) {
	next, err := tidyPolicies(requests, environments)
	if err != nil {
		return Proposal{}, err
	}
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Proposal{}, err
	}
	if err := ownerOf(h.Charter(), w.Acting()); err != nil {
		return Proposal{}, err
	}
	in, digest, err := nextPolicies(h, next)
	if err != nil {
		return Proposal{}, err
	}
	after, _ := in.Body.(governance.Charter)
	return Proposal{Digest: digest, Diff: w.policyDiff(h.Charter(), &after)}, nil
}

func ownerOf(c *governance.Charter, me string) error {
	if c.Member(me).Endorses() {
		return nil
	}
	return governance.Faultf("not_owner", "Only an owner can change the charter.").WithHint("Ask an owner of this workspace.")
}

// nextPolicies is the charter with other policies, to be signed, and its digest.
func nextPolicies(h *governance.History, next []governance.Policy) (governance.Intent, string, error) {
	if c := h.Charter(); c != nil && samePolicies(c, next) {
		return governance.Intent{}, "", governance.Faultf("nothing_changed", "These are the policies in force already.").WithHint("Change something first.")
	}
	in, err := ledger.NextCharter(h, func(c *governance.Charter) { c.Requests, c.Environments = next[0], next[1:] })
	if err != nil {
		return in, "", err
	}
	body, err := ledger.Canonical(in.Body)
	if err != nil {
		return in, "", err
	}
	return in, ledger.Digest(string(in.Type), body), nil
}

func tidyPolicies(requests governance.Policy, environments []governance.Policy) ([]governance.Policy, error) {
	next := append([]governance.Policy{requests}, environments...)
	for i := range next {
		tidyPolicy(&next[i])
		next[i].Name = oneLine(next[i].Name)
		if next[i].Name == "" || utf8.RuneCountInString(next[i].Name) > maxName {
			return nil, governance.Faultf("bad_policy", "A policy needs a name of at most %d characters.", maxName).WithHint("Give each policy a name.")
		}
	}
	return next, nil
}

// ProposePolicies signs a change of the policies; it is in force once enough
// owners have signed it. With the digest of a Proposal it signs exactly that.
// Faults: nothing_changed, bad_policy, bad_charter, not_owner, charter_trouble,
// seen_other.
func (w *Workspace) ProposePolicies(ctx context.Context, requests governance.Policy, environments []governance.Policy, seen string) (Policies, error) {
	next, err := tidyPolicies(requests, environments)
	if err != nil {
		return Policies{}, err
	}
	author, err := w.Author(ctx, w.Acting())
	if err != nil {
		return Policies{}, err
	}
	_, err = w.Store.UpdateCharter(ctx, author, func(h *governance.History) (governance.Intent, error) {
		in, digest, err := nextPolicies(h, next)
		if err == nil && seen != "" && seen != digest {
			err = governance.SeenOther("The charter")
		}
		return in, err
	})
	if err != nil {
		return Policies{}, err
	}
	return w.PolicyView(ctx)
}

// samePolicies compares with those in force, in whichever order those of
// environments come.
func samePolicies(c *governance.Charter, next []governance.Policy) bool {
	now := append([]governance.Policy{c.Requests}, c.Environments...)
	if len(now) != len(next) {
		return false
	}
	for i := range now {
		tidyPolicy(&now[i])
	}
	next = slices.Clone(next)
	for _, list := range [][]governance.Policy{now[1:], next[1:]} {
		slices.SortFunc(list, func(a, b governance.Policy) int {
			return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Organization, b.Organization))
		})
	}
	return reflect.DeepEqual(now, next)
}

// SignPolicies endorses a proposed change as the person at this window. Faults:
// not_found, not_owner, signed_already.
func (w *Workspace) SignPolicies(ctx context.Context, change string) (Policies, error) {
	if _, err := w.PendingPolicies(ctx, change); err != nil {
		return Policies{}, err
	}
	if _, err := w.EndorsePolicies(ctx, w.Acting(), change); err != nil {
		return Policies{}, err
	}
	return w.PolicyView(ctx)
}

// PendingPolicies is a proposed change that the person at this window can sign.
// Faults: those of SignPolicies.
func (w *Workspace) PendingPolicies(ctx context.Context, change string) (PolicyChange, error) {
	v, err := w.PolicyView(ctx)
	if err != nil {
		return PolicyChange{}, err
	}
	i := slices.IndexFunc(v.Pending, func(p PolicyChange) bool { return p.Act == change })
	if i < 0 {
		return PolicyChange{}, governance.Faultf("not_found", "This change of the policies does not wait for signatures.").WithHint("Look at the policies as they are now.")
	}
	p := v.Pending[i]
	if slices.ContainsFunc(p.Endorsed, func(by Person) bool { return by.ID == w.Acting() }) {
		return PolicyChange{}, governance.Faultf("signed_already", "You have signed this change already.").WithHint("Another owner signs it now.")
	}
	c, err := w.Charter(ctx)
	if err == nil {
		err = ownerOf(c, w.Acting())
	}
	return p, err
}
