package governance

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Role is what a member may do.
type Role string

// The roles. A member can have several.
const (
	Requester      Role = "requester"
	Approver       Role = "approver"
	ReleaseManager Role = "release manager"
	Owner          Role = "owner"
	Auditor        Role = "auditor"
)

// Roles lists every role.
func Roles() []Role { return []Role{Requester, Approver, ReleaseManager, Owner, Auditor} }

// CharterFormat is the number of the charter's form.
const CharterFormat = 1

// A Charter is the roster and the policies of a workspace: one document, one
// version number, one chain. The fields are in the order of canonical JSON.
type Charter struct {
	Demo           bool     `json:"demo"`
	Environments   []Policy `json:"environments"` // for Deployment Records, by target
	Format         int64    `json:"format"`
	Members        []Member `json:"members"`
	Name           string   `json:"name"`
	Nonce          string   `json:"nonce"`         // random, so that two workspaces never have one id
	Organizations  []string `json:"organizations"` // demo only: the organisations that the gate lets through
	OwnerThreshold int64    `json:"ownerThreshold"`
	Predecessor    string   `json:"predecessor"` // the workspace that this one replaces, if any, with its last checkpoint
	Prev           string   `json:"prev"`        // the act that made the version before
	Requests       Policy   `json:"requests"`    // for Change Requests
	Solo           bool     `json:"solo"`        // one person: self-authorised, no separation of duties
	Version        int64    `json:"version"`
	Void           []string `json:"void"` // endorsed successors that the owners declare void, to mend a fork
}

// A Member is one person with one or more keys.
type Member struct {
	ID    string `json:"id"`
	Keys  []Key  `json:"keys"`
	Name  string `json:"name"`
	Roles []Role `json:"roles"`
}

// A Key is a member's public key. Last is empty while it is in use; otherwise
// it names the last act of the key that is trusted, or "none".
type Key struct {
	Last   string `json:"last"`
	Public string `json:"public"` // "ed25519:" and hex
}

// Has reports whether the member holds the role.
func (m *Member) Has(r Role) bool { return m != nil && slices.Contains(m.Roles, r) }

// A Policy says what an approval needs. One rules Change Requests; the others
// rule Deployment Records by the kind or the id of their target.
type Policy struct {
	ApprovalDays      int64           `json:"approvalDays"` // an approval expires after so many days
	ApproverMayDeploy bool            `json:"approverMayDeploy"`
	AuthorMayApprove  bool            `json:"authorMayApprove"`
	AuthorMayDeploy   bool            `json:"authorMayDeploy"`
	DeployerRole      Role            `json:"deployerRole"`
	Kind              EnvironmentKind `json:"kind"` // empty in the request policy
	Levels            []CategoryLevel `json:"levels"`
	Name              string          `json:"name"`
	Organization      string          `json:"organization"` // empty: every org of the kind
	Rules             []SeatRule      `json:"rules"`
	SeveralSeatsEach  bool            `json:"severalSeatsEach"` // one person may fill several seats
	TestFirst         bool            `json:"testFirst"`
	ValidationDays    int64           `json:"validationDays"`
	ValidationFirst   bool            `json:"validationFirst"` // a fresh, succeeded validation comes before Deploy
}

// A CategoryLevel is the Change Level of one category.
type CategoryLevel struct {
	Category Category    `json:"category"`
	Level    ChangeLevel `json:"level"`
}

// A SeatRule says which approval steps one Change Level needs, for one Change
// Type or, if that is empty, for all.
type SeatRule struct {
	ChangeType ChangeType     `json:"changeType"`
	Level      ChangeLevel    `json:"level"`
	Ordered    bool           `json:"ordered"` // each step comes after the one before
	Steps      []ApprovalStep `json:"steps"`
}

// An ApprovalStep needs Quorum different people who hold Role.
type ApprovalStep struct {
	Quorum int64 `json:"quorum"`
	Role   Role  `json:"role"`
}

// MemberByKey returns the member whose key it is, and the key, or nil.
func (c *Charter) MemberByKey(public string) (*Member, *Key) {
	for i := range c.Members {
		for j := range c.Members[i].Keys {
			if c.Members[i].Keys[j].Public == public {
				return &c.Members[i], &c.Members[i].Keys[j]
			}
		}
	}
	return nil, nil
}

// Member returns the member with that id, or nil.
func (c *Charter) Member(id string) *Member {
	for i := range c.Members {
		if c.Members[i].ID == id {
			return &c.Members[i]
		}
	}
	return nil
}

// Live reports whether the member is in the roster with a key in use.
func (c *Charter) Live(id string) bool {
	m := c.Member(id)
	return m != nil && slices.ContainsFunc(m.Keys, func(k Key) bool { return k.Last == "" })
}

// PolicyFor returns the policy for records that target an organisation: the
// one that names it, otherwise the one for its kind, otherwise nil.
func (c *Charter) PolicyFor(kind EnvironmentKind, organization string) *Policy {
	var byKind *Policy
	for i := range c.Environments {
		p := &c.Environments[i]
		if p.Organization != "" && p.Organization == organization {
			return p
		}
		if p.Organization == "" && p.Kind == kind {
			byKind = p
		}
	}
	return byKind
}

// LevelOf returns the policy's Change Level for a category: its own, or the
// strictest of the policy when none is given.
func (p *Policy) LevelOf(c Category) ChangeLevel {
	for _, l := range p.Levels {
		if l.Category == c {
			return l.Level
		}
	}
	return p.strictest()
}

func (p *Policy) strictest() ChangeLevel {
	worst, found := LogChangesOnly, false
	for _, r := range p.Rules {
		worst, found = stricter(worst, r.Level), true
	}
	for _, l := range p.Levels {
		worst, found = stricter(worst, l.Level), true
	}
	if !found {
		return FullLifecycle
	}
	return worst
}

// StrictestLevel is the strictest level over some metadata types; of none it
// is the policy's strictest, because nothing is known.
func (p *Policy) StrictestLevel(types []string) ChangeLevel {
	if len(types) == 0 {
		return p.strictest()
	}
	worst := LogChangesOnly
	for _, t := range types {
		worst = stricter(worst, p.LevelOf(CategoryOf(t)))
	}
	return worst
}

// RuleFor returns the seat rule for a Change Type and level: the exact one,
// otherwise the one for all types, otherwise the mildest that is stricter,
// otherwise nil, which closes the gate.
func (p *Policy) RuleFor(t ChangeType, level ChangeLevel) *SeatRule {
	levels := ChangeLevels()
	for i := max(level.rank(), 0); i < len(levels); i++ {
		var all *SeatRule
		for j := range p.Rules {
			r := &p.Rules[j]
			if r.Level != levels[i] {
				continue
			}
			if t != "" && r.ChangeType == t {
				return r
			}
			if r.ChangeType == "" {
				all = r
			}
		}
		if all != nil {
			return all
		}
	}
	return nil
}

func samePolicy(a, b *Policy) bool {
	return a != nil && b != nil && reflect.DeepEqual(a, b)
}

// Check returns the first thing that makes a charter unusable, as a Fault, or
// nil. An approval never needs nobody outside a solo workspace.
func (c *Charter) Check() error {
	bad := func(format string, a ...any) error { return Faultf("bad_charter", format, a...) }
	if c.Format != CharterFormat {
		return bad("The charter has format %d; this version of Countersign reads format %d.", c.Format, CharterFormat)
	}
	ids, keys, owners := map[string]bool{}, map[string]bool{}, int64(0)
	for _, m := range c.Members {
		if m.ID == "" || ids[m.ID] {
			return bad("Two members have the id %q.", m.ID)
		}
		ids[m.ID] = true
		for _, k := range m.Keys {
			if keys[k.Public] {
				return bad("One key belongs to two members.")
			}
			keys[k.Public] = true
		}
		for _, r := range m.Roles {
			if !slices.Contains(Roles(), r) {
				return bad("%s has the role %q, which does not exist.", m.Name, r)
			}
		}
		if m.Has(Owner) && c.Live(m.ID) {
			owners++
		}
	}
	if c.OwnerThreshold < 1 || owners < c.OwnerThreshold {
		return bad("%d owners must agree to a change of the charter, but only %d can.", c.OwnerThreshold, owners)
	}
	if c.Solo && len(c.Members) != 1 {
		return bad("A solo workspace has one member, not %d.", len(c.Members))
	}
	if len(c.Organizations) > 0 != c.Demo {
		return bad("A demo workspace names its organisations, and no other workspace does.")
	}
	if err := c.Requests.check(c.Solo); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range c.Environments {
		p := &c.Environments[i]
		k := string(p.Kind) + "/" + p.Organization
		if seen[k] {
			return bad("Two policies rule the same environments (%s).", strings.TrimSuffix(k, "/"))
		}
		seen[k] = true
		if err := p.check(c.Solo); err != nil {
			return err
		}
	}
	return nil
}

// maxQuorum bounds how many people one step can ask for.
const maxQuorum = 100

func (p *Policy) check(solo bool) error {
	bad := func(format string, a ...any) error {
		return Faultf("bad_policy", "The policy %q %s", p.Name, fmt.Sprintf(format, a...))
	}
	if p.ApprovalDays < 1 || p.ApprovalDays > 365 {
		return bad("lets approvals live for %d days; choose 1 to 365.", p.ApprovalDays)
	}
	if p.ValidationFirst && (p.ValidationDays < 1 || p.ValidationDays > 10) {
		return bad("accepts validations of %d days; Salesforce keeps them 10 days, so choose 1 to 10.", p.ValidationDays)
	}
	for _, l := range p.Levels {
		if !slices.Contains(Categories(), l.Category) || l.Level.rank() < 0 {
			return bad("gives the level %q to the category %q; one of them does not exist.", l.Level, l.Category)
		}
	}
	if p.DeployerRole != "" && !slices.Contains(Roles(), p.DeployerRole) {
		return bad("names the role %q, which does not exist.", p.DeployerRole)
	}
	for _, r := range p.Rules {
		if r.Level.rank() < 0 {
			return bad("has a rule for the level %q, which does not exist.", r.Level)
		}
		if r.ChangeType != "" && !slices.Contains(ChangeTypes(), r.ChangeType) {
			return bad("has a rule for the Change Type %q, which does not exist.", r.ChangeType)
		}
		if len(r.Steps) == 0 {
			return bad("needs nobody's approval for %s; every level needs at least one seat.", r.Level)
		}
		for _, s := range r.Steps {
			if s.Quorum < 1 || s.Quorum > maxQuorum || !slices.Contains(Roles(), s.Role) {
				return bad("has a step of %d times %q for %s; a step needs at least one person, at most %d, of a role that exists.", s.Quorum, s.Role, r.Level, maxQuorum)
			}
		}
		if solo && (len(r.Steps) != 1 || r.Steps[0].Quorum != 1) {
			return bad("needs several people, but a solo workspace has one member.")
		}
	}
	return nil
}
