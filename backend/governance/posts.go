package governance

import (
	"slices"
	"strings"
)

// A post is what an approval asks of people: Quorum holders of a role or, where
// the role is empty, one of some members.
type post struct {
	step    int64
	role    Role
	members []string
	quorum  int64
	after   bool // the step before it comes first
	why     Reason
}

// posts are the steps of a rule, and after them the seats of people who are
// asked by name: additional approvers, and owners of customizations. These wait
// for nobody.
func (b ballot) posts(rule *SeatRule) []post {
	out := []post{}
	for i, s := range rule.Steps {
		out = append(out, post{step: int64(i), role: s.Role, quorum: s.Quorum, after: rule.Ordered && i > 0})
	}
	for _, m := range b.asked {
		out = append(out, post{step: int64(len(out)), members: []string{m}, quorum: 1,
			why: because("seat_additional", "{who} is asked to approve it as well.", "who", b.name(m))})
	}
	for i := range b.policy.Owners {
		if o := &b.policy.Owners[i]; b.touches(o) {
			out = append(out, post{step: int64(len(out)), members: o.Members, quorum: 1,
				why: because("seat_owned", "It changes {name}, so one of its owners approves it as well.", "name", o.Name)})
		}
	}
	return out
}

// takes reports whether one who held a role, or is named, has a seat by his own
// right.
func (p post) takes(member string, holds func(Role) bool) bool {
	if p.role != "" {
		return holds(p.role)
	}
	return slices.Contains(p.members, member)
}

// An Ownership says who answers for some customizations: one of Members
// approves every change of them. Types and Names may hold the wildcard "*";
// neither knows upper and lower case, as Salesforce's names do not.
type Ownership struct {
	Members []string `json:"members"`
	Name    string   `json:"name"`
	Names   []string `json:"names"`
	Types   []string `json:"types"`
}

func (o *Ownership) ownsType(typ string) bool {
	return slices.ContainsFunc(o.Types, func(p string) bool { return matches(p, typ) })
}

func (o *Ownership) owns(typ, name string) bool {
	return o.ownsType(typ) && slices.ContainsFunc(o.Names, func(p string) bool { return matches(p, name) })
}

// matches reports whether a text fits a pattern in which "*" stands for any
// text, without regard to case.
func matches(pattern, text string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	rest, ok := strings.CutPrefix(strings.ToLower(text), parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, p)
		if at < 0 {
			return false
		}
		rest = rest[at+len(p):]
	}
	return strings.HasSuffix(rest, last)
}

// Touches reports whether a request may change what is owned. Of a change set,
// and of a type that a manifest names whole, nobody knows what it holds.
func (r *RequestRevision) Touches(o *Ownership) bool {
	if len(r.ChangeSets) > 0 {
		return true
	}
	for _, m := range r.Manifests {
		for _, t := range m.Members {
			if slices.Contains(t.Names, "*") && o.ownsType(t.Type) {
				return true
			}
		}
	}
	return slices.ContainsFunc(r.content(), func(c Customization) bool { return o.owns(c.Type, c.Name) })
}

// Touches reports whether a record changes what is owned.
func (r *RecordRevision) Touches(o *Ownership) bool { return o.TouchedBy(r.Customizations) }

// TouchedBy reports whether one of some customizations is owned.
func (o *Ownership) TouchedBy(cs []Customization) bool {
	return slices.ContainsFunc(cs, func(c Customization) bool { return o.owns(c.Type, c.Name) })
}

// TouchedByTypes reports whether a customization of one of some types may be
// owned, whatever its name. Of no types nothing is known, so it may.
func (o *Ownership) TouchedByTypes(types []string) bool {
	return len(types) == 0 || slices.ContainsFunc(types, o.ownsType)
}

// NamedSeats are the seats of people asked by name that a change would open
// beside those of its rule: additional approvers, and owners of what it touches.
// They are a look ahead; who may fill one is found when votes are counted.
func (p *Policy) NamedSeats(c *Charter, rule *SeatRule, asked []string, touches func(*Ownership) bool) []SeatState {
	b := ballot{charter: c, policy: p, asked: asked, touches: touches}
	out := []SeatState{}
	for _, named := range b.posts(rule) {
		if named.role == "" {
			out = append(out, SeatState{Step: named.step, May: slices.Clone(named.members), Why: named.why})
		}
	}
	return out
}
