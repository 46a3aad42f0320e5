package governance

import (
	"reflect"
	"slices"
)

// A Role is what a member may do.
type Role string

// The roles. A member can have several. Recovery is a spare key that endorses
// the charter as an owner does and can do nothing else; who has it has no other
// role.
const (
	Requester      Role = "requester"
	Approver       Role = "approver"
	ReleaseManager Role = "release manager"
	Owner          Role = "owner"
	Auditor        Role = "auditor"
	Recovery       Role = "recovery"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{Requester, Approver, ReleaseManager, Owner, Auditor, Recovery}
}

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
	// Compared: an owner and the member compared the fingerprint of the key by
	// voice before it was let in.
	Compared bool   `json:"compared,omitempty"`
	ID       string `json:"id"`
	Keys     []Key  `json:"keys"`
	Name     string `json:"name"`
	Roles    []Role `json:"roles"`
}

// A Key is a member's public key. Last is empty while it is in use; otherwise
// it names the last act of the key that is trusted, or "none".
type Key struct {
	Last   string `json:"last"`
	Public string `json:"public"` // "ed25519:" and hex
}

// Has reports whether the member holds the role.
func (m *Member) Has(r Role) bool { return m != nil && slices.Contains(m.Roles, r) }

// Endorses reports whether the member's word counts for a change of the charter.
func (m *Member) Endorses() bool { return m.Has(Owner) || m.Has(Recovery) }

// A Policy says what an approval needs. One rules Change Requests; the others
// rule Deployment Records by the kind or the id of their target.
type Policy struct {
	ApprovalDays      int64 `json:"approvalDays"` // an approval expires after so many days
	ApproverMayDeploy bool  `json:"approverMayDeploy"`
	AuthorMayApprove  bool  `json:"authorMayApprove"`
	AuthorMayDeploy   bool  `json:"authorMayDeploy"`
	Delegation        bool  `json:"delegation,omitempty"` // a member may let another vote in his place
	DeployerRole      Role  `json:"deployerRole"`
	// EmergencyHours is how long the approvals of an Emergency count; 0 is 4.
	EmergencyHours int64 `json:"emergencyHours,omitempty"`
	// EmergencyInFreeze lets an Emergency through in a freeze and outside the
	// windows.
	EmergencyInFreeze bool            `json:"emergencyInFreeze,omitempty"`
	FindingsClose     bool            `json:"findingsClose,omitempty"` // an open finding about the target closes the gate
	Freezes           []Freeze        `json:"freezes,omitempty"`
	Kind              EnvironmentKind `json:"kind"` // empty in the request policy
	Levels            []CategoryLevel `json:"levels"`
	Name              string          `json:"name"`
	Organization      string          `json:"organization"` // empty: every org of the kind
	// OverdueReviews is how many overdue reviews close the gate for all but an
	// Emergency; 0 is 1.
	OverdueReviews int64       `json:"overdueReviews,omitempty"`
	Owners         []Ownership `json:"owners,omitempty"` // of customizations
	// ReviewDays is after how many days the review of an Emergency is overdue; 0
	// is 5. Only the request policy has it.
	ReviewDays       int64      `json:"reviewDays,omitempty"`
	Rules            []SeatRule `json:"rules"`
	SeveralSeatsEach bool       `json:"severalSeatsEach"` // one person may fill several seats
	TestFirst        bool       `json:"testFirst"`
	ValidationDays   int64      `json:"validationDays"`
	ValidationFirst  bool       `json:"validationFirst"`   // a fresh, succeeded validation comes before Deploy
	Windows          []Window   `json:"windows,omitempty"` // when deployments may start; none is always
	Zone             string     `json:"zone,omitempty"`    // IANA name of the time zone of windows and freezes; empty is UTC
}

// Figures that a policy leaves open.
const (
	defaultEmergencyHours = 4
	defaultReviewDays     = 5
	defaultOverdue        = 1
)

func orDefault(n, usual int64) int64 {
	if n == 0 {
		return usual
	}
	return n
}

// EmergencyLife is for how many hours an approval of an Emergency counts.
func (p *Policy) EmergencyLife() int64 { return orDefault(p.EmergencyHours, defaultEmergencyHours) }

// DueAfterDays is in how many days a deployed Emergency is to be reviewed.
func (p *Policy) DueAfterDays() int64 { return orDefault(p.ReviewDays, defaultReviewDays) }

// OverdueLimit is how many overdue reviews close the gate.
func (p *Policy) OverdueLimit() int64 { return orDefault(p.OverdueReviews, defaultOverdue) }

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
// otherwise nil, which closes the gate. An Emergency takes the rules that name
// it before all others, whatever their level: its own or the next stricter one.
// A record has the Change Type of its request.
func (p *Policy) RuleFor(t ChangeType, level ChangeLevel) *SeatRule {
	levels := ChangeLevels()
	for i := max(level.rank(), 0); t == Emergency && i < len(levels); i++ {
		for j := range p.Rules {
			if p.Rules[j].ChangeType == Emergency && p.Rules[j].Level == levels[i] {
				return &p.Rules[j]
			}
		}
	}
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
