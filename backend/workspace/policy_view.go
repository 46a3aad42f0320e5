package workspace

import (
	"context"
	"slices"

	"countersign/backend/governance"
	"countersign/backend/metadata"
)

// Policies are the policies in force, what is proposed and what was before.
type Policies struct {
	Version      int64           `json:"version"`
	Requests     PolicyView      `json:"requests"`
	Environments []PolicyView    `json:"environments"`
	Members      []Person        `json:"members"`
	Owners       int64           `json:"owners"` // how many have to sign a change
	Solo         bool            `json:"solo"`
	Pending      []PolicyChange  `json:"pending"`  // proposed, not yet in force
	Versions     []PolicyChange  `json:"versions"` // newest first, the founding one last
	Categories   []CategoryTypes `json:"categories"`
	CanPropose   bool            `json:"canPropose"`
	Why          string          `json:"why"` // why the person at this window cannot
	// WhySaid is Why, to be translated by the whole key.
	WhySaid    Said       `json:"whySaid,omitempty"`
	Vocabulary Vocabulary `json:"vocabulary"`
}

// A Vocabulary is what an editor of policies chooses from.
type Vocabulary struct {
	Roles  []governance.Role        `json:"roles"`
	Levels []governance.ChangeLevel `json:"levels"`
	Types  []governance.ChangeType  `json:"types"`
}

// A PolicyView is one policy and the sentences that say it.
type PolicyView struct {
	Policy    governance.Policy `json:"policy"`
	Sentences []PolicySentence  `json:"sentences"`
}

// CategoryTypes are the metadata types of a category.
type CategoryTypes struct {
	Category governance.Category `json:"category"`
	Types    []string            `json:"types"`
}

// PolicyView are the policies of the workspace. Fault: charter.
func (w *Workspace) PolicyView(ctx context.Context) (Policies, error) {
	h, err := w.Store.History(ctx, noRecords)
	if err != nil {
		return Policies{}, err
	}
	c := h.Charter()
	if c == nil {
		_, err := w.Charter(ctx) // says so
		return Policies{}, err
	}
	v := Policies{Version: c.Version, Requests: w.policyView(c.Requests, rosterOf(c), false), Environments: []PolicyView{}, Members: []Person{}, Owners: c.OwnerThreshold,
		Solo: c.Solo, Categories: categoryTypes(), Vocabulary: Vocabulary{Roles: seatRoles(), Levels: governance.ChangeLevels(), Types: governance.ChangeTypes()}}
	for _, p := range c.Environments {
		v.Environments = append(v.Environments, w.policyView(p, rosterOf(c), true))
	}
	for i := range c.Members {
		v.Members = append(v.Members, personOf(&c.Members[i]))
	}
	v.Pending, v.Versions = w.pendingPolicies(h), w.policyVersions(h)
	v.WhySaid = w.whyNotPropose(h, w.Acting())
	v.Why = v.WhySaid.Text
	v.CanPropose = v.Why == ""
	return v, nil
}

func (w *Workspace) policyView(p governance.Policy, people roster, deployments bool) PolicyView {
	tidyPolicy(&p)
	return PolicyView{Policy: p, Sentences: w.sentences(&p, people, deployments)}
}

// tidyPolicy gives equal policies one form, without nil lists.
func tidyPolicy(p *governance.Policy) {
	p.Levels = append([]governance.CategoryLevel{}, p.Levels...)
	p.Rules = append([]governance.SeatRule{}, p.Rules...)
	for i := range p.Rules {
		p.Rules[i].Steps = append([]governance.ApprovalStep{}, p.Rules[i].Steps...)
	}
}

// seatRoles are the roles that a seat can ask for: a recovery key has none.
func seatRoles() []governance.Role {
	return slices.DeleteFunc(governance.Roles(), func(r governance.Role) bool { return r == governance.Recovery })
}

// categoryTypes are the metadata types of each category.
func categoryTypes() []CategoryTypes {
	types := map[governance.Category][]string{}
	for _, t := range metadata.Types() {
		c := governance.CategoryOf(t.Name)
		types[c] = append(types[c], t.Name)
	}
	out := []CategoryTypes{}
	for _, c := range governance.Categories() {
		names := append([]string{}, types[c]...)
		slices.Sort(names)
		out = append(out, CategoryTypes{Category: c, Types: names})
	}
	return out
}

// whyNotPropose says why a member cannot change the policies, or nothing.
func (w *Workspace) whyNotPropose(h *governance.History, me string) Said {
	switch {
	case h.Trouble() != "":
		return w.said("why.charter_trouble", "message", h.Trouble())
	case !h.Charter().Member(me).Endorses():
		return w.said("why.propose_owner")
	}
	return quoted("", "")
}
